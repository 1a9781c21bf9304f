//! One resource under several names.

use super::Attachment;
use crate::kind::Kind;
use crate::url::{Host, ResourceUrl};
use std::collections::HashMap;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let name = self.name.escape_debug();
        match self.is_certain {
            true => write!(f, "{name} is the same resource"),
            false => write!(
                f,
                "{name} looks like the same resource, with other credentials; one of the two may be out of date"
            ),
        }
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
type Endpoint<'u> = (Kind, Vec<(&'u str, Option<u16>)>, Option<&'u str>);

/// Web addresses are no such place: many accounts share one.
fn endpoint(url: &ResourceUrl) -> Option<Endpoint<'_>> {
    let place = |host: &Host| host.port().map(|port| port.number());
    let hosts: Vec<_> = url
        .hosts()
        .iter()
        .map(|host| (host.as_str(), place(host)))
        .collect();
    let database = url.database().filter(|name| !name.is_empty());
    (url.kind().rules().datastore && !hosts.is_empty()).then_some((url.kind(), hosts, database))
}

/// Finds the attachments that are one resource, and tells each of them.
pub(super) fn group(attachments: &mut [Attachment<'_>]) {
    let mut endpoints: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, attachment) in attachments.iter().enumerate() {
        if let Some(endpoint) = attachment.first_url().and_then(endpoint) {
            endpoints.entry(endpoint).or_default().push(index);
        }
    }
    let shared: Vec<Vec<usize>> = endpoints
        .into_values()
        .filter(|indexes| indexes.len() > 1)
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
