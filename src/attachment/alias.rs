//! One resource under several names.

use super::forest::Forest;
use crate::kind::Kind;
use crate::scheme::find_scheme_of;
use crate::secret;
use crate::shown::ShownName;
use crate::sorted::{index_at, sort_by, sorted_indexes};
use crate::tls::Tls;
use crate::url::{Host, ResourceUrl};
use secrecy::{ExposeSecret, SecretString};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Another name of the same resource: `DATABASE` and `HEROKU_POSTGRESQL_AMBER`.
///
/// Attachments with the same kind, hosts, ports, database, user name and password are certainly one resource, in any spelling
/// of their URLs. If an option differs that names a database, a host or a login, they are not. If only the credentials differ, they probably are: one of the two has most likely missed a credential roll.
/// If the source knows the platform's own grouping (`Heroku::with_attachments`), attachments of one add-on are certainly one
/// resource, and those of different add-ons with different credentials are not.
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
    difference: AliasDifference,
}

/// The most important difference between two attachments of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AliasDifference {
    Credentials,
    /// The URLs differ, and the platform says that the add-on is the same.
    Url,
    Options,
    None,
}

impl<'v> Alias<'v> {
    /// Returns the name of the other attachment.
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

    /// Returns whether user name and password are equal as well, and not only kind, hosts, ports and database; or whether the
    /// platform says that the add-on is the same.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("A_URL", "redis://h"), ("B_URL", "redis://h:6379/0")]);
    /// let a = vars.attachments().next().unwrap();
    /// assert!(a.aliases().next().unwrap().is_certain());
    /// ```
    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.difference != AliasDifference::Credentials
    }
}

impl fmt::Display for Alias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = ShownName::name(self.name);
        match self.difference {
            AliasDifference::None => write!(f, "{name} is the same resource"),
            AliasDifference::Options => write!(f, "{name} is the same resource, with other options"),
            AliasDifference::Url => write!(f, "{name} is the same add-on, with another URL or credential"),
            AliasDifference::Credentials => write!(
                f,
                "{name} looks like the same resource, with other credentials; one of the two may be out of date"
            ),
        }
    }
}

impl fmt::Debug for Alias<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, difference } = self;
        f.debug_struct("Alias")
            .field("name", &ShownName::name(name))
            .field("difference", difference)
            .finish()
    }
}

/// The attachments of one resource, shared by all of them.
#[derive(Clone, Default)]
pub(super) struct AliasGroup<'v> {
    /// Sorted by name.
    members: Arc<[AliasMember<'v>]>,
}

#[derive(Clone, Copy)]
struct AliasMember<'v> {
    name: &'v str,
    addon: Option<&'v str>,
    /// Equal for members with equal endpoints; `None` without an endpoint.
    endpoint: Option<usize>,
    /// Equal for members with equal credentials.
    login: usize,
    /// Equal for members with equal credentials and options.
    options: usize,
}

impl AliasMember<'_> {
    /// Returns `None` if the two are not one resource, and both are one with a third.
    fn difference(self, other: Self) -> Option<AliasDifference> {
        let is_same_place = self.endpoint.is_some() && self.endpoint == other.endpoint;
        if is_same_place && self.login == other.login {
            return Some(if self.options == other.options {
                AliasDifference::None
            } else {
                AliasDifference::Options
            });
        }
        match (self.addon, other.addon) {
            (Some(own), Some(other)) => (own == other).then_some(AliasDifference::Url),
            _ => is_same_place.then_some(AliasDifference::Credentials),
        }
    }
}

impl<'v> AliasGroup<'v> {
    pub(super) fn aliases_of(&self, name: &'v str) -> impl Iterator<Item = Alias<'v>> + use<'_, 'v> {
        let place = self.members.binary_search_by_key(&name, |member| member.name);
        let own = place.ok().map(|place| self.members[place]);
        let others = self.members.iter().filter(move |member| member.name != name);
        others.filter_map(move |member| {
            Some(Alias {
                name: member.name,
                difference: own?.difference(*member)?,
            })
        })
    }
}

/// The address of a datastore, without the credentials.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Endpoint<'u> {
    kind: Kind,
    database: Option<&'u str>,
    hosts: SortedHosts<'u>,
    /// The parts that options name in addition, sorted.
    named: Vec<NamedPart>,
}

impl<'u> Endpoint<'u> {
    /// Returns `None` for web addresses, which many accounts share, and for URLs without an address.
    pub(super) fn of(url: &'u ResourceUrl) -> Option<Self> {
        let kind = url.kind();
        let default_database = match kind {
            Kind::Amqp => "/",
            Kind::Redis => "0",
            _ => "",
        };
        let endpoint = Self {
            kind,
            database: url
                .database()
                .filter(|name| !name.is_empty() && *name != default_database),
            hosts: SortedHosts::of(url),
            named: NamedPart::all(url),
        };
        let is_place = kind.rules().datastore && !(url.hosts().is_empty() && endpoint.database.is_none());
        is_place.then_some(endpoint)
    }
}

/// The user name and the password for each host, in the order of the endpoint's hosts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Login<'u>(Vec<(Option<&'u str>, Option<&'u str>)>);

impl<'u> Login<'u> {
    pub(super) fn of(url: &'u ResourceUrl) -> Self {
        let dummies = url.kind().rules().dummy_usernames;
        let login = |username: Option<&'u SecretString>, password: Option<&'u SecretString>| {
            let username = username.map(ExposeSecret::expose_secret);
            (
                username.filter(|name| !name.is_empty() && !dummies.contains(name)),
                password.map(ExposeSecret::expose_secret),
            )
        };
        let own = (url.username(), url.password());
        let of_host = |host: &'u Host| match (host.username(), host.password()) {
            (None, None) => login(own.0, own.1),
            (username, password) => login(username, password),
        };
        match SortedHosts::of(url) {
            hosts if hosts.hosts.is_empty() => Self(vec![login(own.0, own.1)]),
            hosts => {
                let mut logins = Vec::with_capacity(hosts.hosts.len());
                for host in hosts.iter() {
                    logins.push(of_host(host));
                }
                Self(logins)
            }
        }
    }
}

/// The hosts of a URL, compared without regard to their order.
struct SortedHosts<'u> {
    hosts: &'u [Host],
    /// The indexes of the hosts in their order; none if they are in order already, as a single one is.
    order: Vec<usize>,
}

impl<'u> SortedHosts<'u> {
    fn of(url: &'u ResourceUrl) -> Self {
        let hosts = url.hosts();
        let compare = |one: usize, other: usize| compare_hosts(&hosts[one], &hosts[other]);
        Self {
            hosts,
            order: sorted_indexes(hosts.len(), &compare),
        }
    }

    fn iter(&self) -> impl Iterator<Item = &'u Host> {
        (0..self.hosts.len()).map(|place| &self.hosts[index_at(&self.order, place)])
    }
}

impl Ord for SortedHosts<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        for (one, other) in self.iter().zip(other.iter()) {
            match compare_hosts(one, other) {
                Ordering::Equal => {}
                difference => return difference,
            }
        }
        self.hosts.len().cmp(&other.hosts.len())
    }
}

impl PartialOrd for SortedHosts<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SortedHosts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for SortedHosts<'_> {}

/// Compares two hosts and their ports without regard to case, except for the path of a socket. A byte at a time, because a
/// lower-case copy would have to be wiped.
fn compare_hosts(one: &Host, other: &Host) -> Ordering {
    let number = |host: &Host| host.port().map(|port| port.number());
    let is_socket = one.is_socket();
    let order = (is_socket, number(one)).cmp(&(other.is_socket(), number(other)));
    let (one, other) = (one.as_str().as_bytes(), other.as_str().as_bytes());
    if order.is_ne() || is_socket {
        return order.then_with(|| one.cmp(other));
    }
    for (one, other) in one.iter().zip(other) {
        let order = one.to_ascii_lowercase().cmp(&other.to_ascii_lowercase());
        if order.is_ne() {
            return order;
        }
    }
    one.len().cmp(&other.len())
}

/// A database, a host or a login that an option names, and that no accessor of the URL returns.
struct NamedPart {
    option: &'static str,
    value: SecretString,
}

impl NamedPart {
    fn all(url: &ResourceUrl) -> Vec<Self> {
        let rules = url.kind().rules();
        let mut named = Vec::new();
        for (name, value) in url.query_pairs() {
            let (name, text) = (name.expose_secret(), value.expose_secret());
            if is_compared_part(url, name, text) {
                continue;
            }
            if let Some((option, starts)) = rules.identifying_words.iter().find(|(option, _)| *option == name)
            {
                let is_naming = |word: &&str| starts.iter().any(|start| word.starts_with(start));
                named.extend(text.split_whitespace().filter(is_naming).map(|word| Self {
                    option,
                    value: word.into(),
                }));
            } else if let Some(option) = rules.find_identifying_option(name) {
                named.push(Self { option, value });
            }
        }
        sort_by(&mut named, Ord::cmp);
        named
    }

    fn key(&self) -> (&str, &str) {
        (self.option, self.value.expose_secret())
    }
}

impl Ord for NamedPart {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for NamedPart {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for NamedPart {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for NamedPart {}

/// Returns whether an option is a part of the URL that [`Endpoint`] and [`Login`] compare: by the rules of the kind or, with
/// the part's value, by the form of the URL.
fn is_compared_part(url: &ResourceUrl, name: &str, value: &str) -> bool {
    let kind = url.kind();
    if kind.rules().part_options.has(name) {
        return true;
    }
    let Some(scheme) = find_scheme_of(url.scheme(), Some(kind)) else {
        return false;
    };
    let options = scheme.part_options();
    let parts = [
        (options.username, url.username().map(ExposeSecret::expose_secret)),
        (options.password, url.password().map(ExposeSecret::expose_secret)),
        (options.database, url.database()),
    ];
    parts
        .iter()
        .any(|(names, part)| names.contains(&name) && *part == Some(value))
}

/// The options of a URL that concern the driver.
struct ComparedOptions {
    tls: Tls,
    /// Sorted by name.
    pairs: Vec<(SecretString, SecretString)>,
}

impl ComparedOptions {
    fn of(url: &ResourceUrl) -> Self {
        let mut pairs = url.sorted_query_pairs();
        pairs.retain(|(name, value)| !is_compared_part(url, name.expose_secret(), value.expose_secret()));
        Self {
            tls: url.tls(),
            pairs,
        }
    }

    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.pairs.iter();
        pairs.map(|(name, value)| (name.expose_secret(), value.expose_secret()))
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.tls
            .cmp(&other.tls)
            .then_with(|| self.texts().cmp(other.texts()))
    }
}

/// Returns whether two URLs are the same resource, with the same credentials.
pub(super) fn is_same_resource(one: &ResourceUrl, other: &ResourceUrl) -> bool {
    secret::with_clean_stack(|| match (Endpoint::of(one), Endpoint::of(other)) {
        (Some(here), Some(there)) => here == there && Login::of(one) == Login::of(other),
        _ => secret::same(one.expose_original(), other.expose_original()),
    })
}

/// An attachment that may have aliases.
pub(super) struct Candidate<'v, 'u> {
    pub(super) name: &'v str,
    pub(super) url: Option<&'u ResourceUrl>,
    pub(super) addon: Option<&'v str>,
}

/// Finds the attachments that are one resource. Returns each group with the indexes of its attachments.
pub(super) fn groups<'v>(attachments: &[Candidate<'v, '_>]) -> Vec<(Vec<usize>, AliasGroup<'v>)> {
    secret::with_clean_stack(|| {
        let mut located: Vec<(Endpoint<'_>, usize)> = Vec::new();
        for (index, candidate) in attachments.iter().enumerate() {
            let endpoint = candidate.url.and_then(Endpoint::of);
            located.extend(endpoint.map(|endpoint| (endpoint, index)));
        }
        sort_by(&mut located, |left, right| left.0.cmp(&right.0));
        let mut endpoints = vec![None; attachments.len()];
        let mut groups = Forest::new(attachments.len());
        for (number, same) in located.chunk_by(|one, other| one.0 == other.0).enumerate() {
            for (_, index) in same {
                endpoints[*index] = Some(number);
                groups.join(same[0].1, *index);
            }
        }
        let mut first_of: HashMap<&str, usize> = HashMap::new();
        for (index, candidate) in attachments.iter().enumerate() {
            if let Some(addon) = candidate.addon {
                groups.join(*first_of.entry(addon).or_insert(index), index);
            }
        }
        let mut sizes = vec![0; attachments.len()];
        for index in 0..attachments.len() {
            sizes[groups.find(index)] += 1;
        }
        let mut grouped: Vec<Vec<usize>> = vec![Vec::new(); attachments.len()];
        for index in 0..attachments.len() {
            let group = groups.find(index);
            // Most are alone.
            if sizes[group] > 1 {
                grouped[group].push(index);
            }
        }
        let mut found = Vec::new();
        for indexes in grouped {
            if !indexes.is_empty() {
                let members = members(attachments, &endpoints, &indexes);
                found.push((indexes, AliasGroup { members }));
            }
        }
        found
    })
}

/// Numbers the attachments of one resource, with equal numbers for equal credentials and options.
fn members<'v>(
    attachments: &[Candidate<'v, '_>],
    endpoints: &[Option<usize>],
    indexes: &[usize],
) -> Arc<[AliasMember<'v>]> {
    type Compared<'u> = (Option<(Login<'u>, ComparedOptions)>, usize);
    let compare = |(one, _): &Compared<'_>, (other, _): &Compared<'_>| match (one, other) {
        (Some(one), Some(other)) => one.0.cmp(&other.0).then_with(|| one.1.compare(&other.1)),
        (one, other) => one.is_some().cmp(&other.is_some()),
    };
    let mut sorted: Vec<Compared<'_>> = Vec::with_capacity(indexes.len());
    for &index in indexes {
        let url = attachments[index].url;
        sorted.push((url.map(|url| (Login::of(url), ComparedOptions::of(url))), index));
    }
    sort_by(&mut sorted, compare);
    let (mut login, mut options) = (0, 0);
    let mut members: Vec<AliasMember<'v>> = Vec::with_capacity(sorted.len());
    for (place, own) in sorted.iter().enumerate() {
        if let Some(before) = place.checked_sub(1).map(|before| &sorted[before]) {
            let is_same_login = match (&before.0, &own.0) {
                (Some((before, _)), Some((own, _))) => before == own,
                (before, own) => before.is_some() == own.is_some(),
            };
            login += usize::from(!is_same_login);
            options += usize::from(compare(before, own).is_ne());
        }
        members.push(AliasMember {
            name: attachments[own.1].name,
            addon: attachments[own.1].addon,
            endpoint: endpoints[own.1],
            login,
            options,
        });
    }
    sort_by(&mut members, |left, right| left.name.cmp(right.name));
    members.into()
}
