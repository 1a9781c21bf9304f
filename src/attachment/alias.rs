//! One resource under several names.

use super::Attachment;
use crate::shown::ShownName;
use crate::url::{Host, ResourceUrl};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// Another name of the same resource: `DATABASE` and `HEROKU_POSTGRESQL_AMBER`.
///
/// Attachments with equal values are one resource for certain. Where hosts, ports and database are equal and the
/// credentials are not, it is inferred that they are: one of the names has most likely missed a credential roll.
///
/// ```
/// use config_vars::ConfigVars;
///
/// let vars = ConfigVars::from_iter([
///     ("DATABASE_URL", "postgres://app:old@db.example/shop"),
///     ("HEROKU_POSTGRESQL_AMBER_URL", "postgres://app:new@db.example/shop"),
/// ]);
/// let database = vars.attachments().next().unwrap();
/// let alias = database.aliases().next().unwrap();
/// assert!(!alias.is_certain());
/// assert_eq!(
///     alias.to_string(),
///     "HEROKU_POSTGRESQL_AMBER looks like the same resource, with other credentials; one of the two may be out of date",
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Alias<'v> {
    name: &'v str,
    is_certain: bool,
}

impl<'v> Alias<'v> {
    /// The name of the other attachment.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("A_URL", "redis://h"), ("B_URL", "redis://h")]);
    /// let a = vars.attachments().next().unwrap();
    /// assert_eq!(a.aliases().next().unwrap().name(), "B");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'v str {
        self.name
    }

    /// Whether the values are equal, and not only the hosts, ports and database.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("A_URL", "redis://h"), ("B_URL", "redis://h")]);
    /// let a = vars.attachments().next().unwrap();
    /// assert!(a.aliases().next().unwrap().is_certain());
    /// ```
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.is_certain
    }
}

impl fmt::Display for Alias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ShownName::name(self.name);
        match self.is_certain {
            true => write!(f, "{name} is the same resource"),
            false => write!(
                f,
                "{name} looks like the same resource, with other credentials; one of the two may be out of date"
            ),
        }
    }
}

impl fmt::Debug for Alias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, is_certain } = self;
        f.debug_struct("Alias")
            .field("name", &ShownName::name(name))
            .field("is_certain", is_certain)
            .finish()
    }
}

/// The attachments of one resource, shared by all of them.
#[derive(Clone, Default)]
pub(super) struct Group<'v> {
    members: Arc<[Member<'v>]>,
}

struct Member<'v> {
    name: &'v str,
    /// Members with equal values have equal numbers.
    value: usize,
}

impl<'v> Group<'v> {
    pub(super) fn aliases_of(&self, name: &'v str) -> impl Iterator<Item = Alias<'v>> + use<'_, 'v> {
        let place = self
            .members
            .binary_search_by_key(&name, |member| member.name)
            .ok();
        let value = place.map(|place| self.members[place].value);
        self.members
            .iter()
            .filter(move |member| member.name != name)
            .map(move |member| Alias {
                name: member.name,
                is_certain: Some(member.value) == value,
            })
    }
}

/// Where a resource is, without its credentials.
#[derive(Clone, Copy)]
struct Endpoint<'u>(&'u ResourceUrl);

impl<'u> Endpoint<'u> {
    /// Web addresses are no such place: many accounts share one.
    fn of(url: &'u ResourceUrl) -> Option<Self> {
        (url.kind().rules().datastore && !url.hosts().is_empty()).then_some(Self(url))
    }

    fn compare(self, other: Self) -> Ordering {
        let database = |url: &'u ResourceUrl| url.database().filter(|name| !name.is_empty());
        let place = |host: &'u Host| (host.as_str(), host.port().map(|port| port.number()));
        let (Self(one), Self(other)) = (self, other);
        (one.kind(), database(one))
            .cmp(&(other.kind(), database(other)))
            .then_with(|| one.hosts().iter().map(place).cmp(other.hosts().iter().map(place)))
    }
}

/// Finds the attachments that are one resource, and tells each of them.
pub(super) fn group(attachments: &mut [Attachment<'_>]) {
    let endpoints = attachments.iter().enumerate();
    let endpoints = endpoints.filter_map(|(index, found)| Some((Endpoint::of(found.first_url()?)?, index)));
    let mut endpoints: Vec<(Endpoint<'_>, usize)> = endpoints.collect();
    endpoints.sort_by(|(one, _), (other, _)| one.compare(*other));
    let shared: Vec<Vec<usize>> = endpoints
        .chunk_by(|(one, _), (other, _)| one.compare(*other).is_eq())
        .filter(|same| same.len() > 1)
        .map(|same| same.iter().map(|(_, index)| *index).collect())
        .collect();
    for mut indexes in shared {
        let text = |index: usize| attachments[index].first_url().map_or("", ResourceUrl::expose_url);
        // Equal values side by side, so that one walk numbers them.
        indexes.sort_by(|&left, &right| text(left).cmp(text(right)));
        let mut value = 0;
        let mut members: Vec<Member<'_>> = Vec::with_capacity(indexes.len());
        for (place, &index) in indexes.iter().enumerate() {
            if place > 0 && text(indexes[place - 1]) != text(index) {
                value += 1;
            }
            members.push(Member {
                name: attachments[index].name(),
                value,
            });
        }
        members.sort_by_key(|member| member.name);
        let group = Group {
            members: members.into(),
        };
        for index in indexes {
            attachments[index].aliases = group.clone();
        }
    }
}
