//! One resource under several names.

use super::forest::Forest;
use crate::kind::Kind;
use crate::list::mapped;
use crate::scheme::find_scheme_of;
use crate::secret;
use crate::shown::ShownName;
use crate::sorted::{find_place, first_equals, index_at, sort_by, sorted_indexes};
use crate::text::begins_with_one_of;
use crate::tls::Tls;
use crate::url::{Host, ResourceUrl};
use secrecy::{ExposeSecret, SecretString};
use std::cmp::Ordering;
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
    /// Equal for members with equal options.
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
        let place = find_place(self.members.len(), &|index| self.members[index].name.cmp(name));
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
struct Endpoint<'u> {
    kind: Kind,
    database: Option<&'u str>,
    hosts: SortedHosts<'u>,
    /// The databases, hosts and logins that options name, and that no accessor of the URL returns, sorted.
    named: Pairs,
}

impl<'u> Endpoint<'u> {
    /// Returns `None` for web addresses, which many accounts share, and for URLs without an address.
    fn of(url: &'u ResourceUrl) -> Option<Self> {
        let kind = url.kind();
        let default_database = match kind {
            Kind::Amqp => "/",
            Kind::Redis => "0",
            _ => "",
        };
        let database = match url.database() {
            Some(name) if !name.is_empty() && name != default_database => Some(name),
            _ => None,
        };
        if !kind.rules().datastore || url.hosts().is_empty() && database.is_none() {
            return None;
        }
        Some(Self {
            kind,
            database,
            hosts: SortedHosts::of(url),
            named: named_parts(url),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        (self.kind, self.database)
            .cmp(&(other.kind, other.database))
            .then_with(|| self.hosts.compare(&other.hosts))
            .then_with(|| compare_pairs(&self.named, &other.named))
    }
}

/// Returns the user name and then the password for each host, in the order of the endpoint's hosts.
fn logins(url: &ResourceUrl) -> Vec<Option<&str>> {
    let rules = url.kind().rules();
    let is_real = |name: &&str| {
        let is_implied = rules.implied_username == Some(*name);
        !name.is_empty() && !is_implied && !rules.dummy_usernames.contains(name)
    };
    let hosts = SortedHosts::of(url);
    let length = hosts.hosts.len().max(1);
    let mut logins = Vec::with_capacity(2 * length);
    for place in 0..length {
        let (username, password) = match hosts.at(place) {
            Some(host) if host.username().is_some() || host.password().is_some() => {
                (host.username(), host.password())
            }
            _ => (url.username(), url.password()),
        };
        logins.push(username.map(ExposeSecret::expose_secret).filter(is_real));
        logins.push(password.map(ExposeSecret::expose_secret));
    }
    logins
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

    /// Returns the host at a place in the order.
    fn at(&self, place: usize) -> Option<&'u Host> {
        self.hosts.get(index_at(&self.order, place))
    }

    fn compare(&self, other: &Self) -> Ordering {
        for place in 0..self.hosts.len().min(other.hosts.len()) {
            if let (Some(one), Some(other)) = (self.at(place), other.at(place)) {
                let order = compare_hosts(one, other);
                if order.is_ne() {
                    return order;
                }
            }
        }
        self.hosts.len().cmp(&other.hosts.len())
    }
}

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

/// Options and their values.
type Pairs = Vec<(SecretString, SecretString)>;

fn compare_pairs(one: &Pairs, other: &Pairs) -> Ordering {
    for (one, other) in one.iter().zip(other) {
        let order = texts(one).cmp(&texts(other));
        if order.is_ne() {
            return order;
        }
    }
    one.len().cmp(&other.len())
}

fn texts((name, value): &(SecretString, SecretString)) -> (&str, &str) {
    (name.expose_secret(), value.expose_secret())
}

/// Returns the databases, hosts and logins that options name, and that no accessor of the URL returns, sorted.
fn named_parts(url: &ResourceUrl) -> Pairs {
    let rules = url.kind().rules();
    let mut named = Vec::new();
    for (name, value) in url.query_pairs() {
        let (name, text) = (name.expose_secret(), value.expose_secret());
        if is_compared_part(url, name, text) {
            continue;
        }
        match rules.identifying_words {
            Some((option, starts)) if option == name => {
                for word in text.split(char::is_whitespace) {
                    if begins_with_one_of(word, starts) {
                        named.push((option.into(), word.into()));
                    }
                }
            }
            _ => {
                if let Some(option) = rules.find_identifying_option(name) {
                    named.push((option.into(), value));
                }
            }
        }
    }
    sort_by(&mut named, |one, other| texts(one).cmp(&texts(other)));
    named
}

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
    let is = |names: &[&str], part: Option<&str>| names.contains(&name) && part == Some(value);
    is(options.username, url.username().map(ExposeSecret::expose_secret))
        || is(options.password, url.password().map(ExposeSecret::expose_secret))
        || is(options.database, url.database())
}

/// Returns the TLS mode of a URL, and the options that concern the driver, sorted by name.
fn compared_options(url: &ResourceUrl) -> (Tls, Pairs) {
    let mut pairs = Vec::new();
    for pair in url.sorted_query_pairs() {
        let (name, value) = texts(&pair);
        if !is_compared_part(url, name, value) {
            pairs.push(pair);
        }
    }
    (url.tls(), pairs)
}

/// Returns whether two URLs have the same endpoint, with any credentials.
pub(super) fn is_same_endpoint(one: &ResourceUrl, other: &ResourceUrl) -> bool {
    match (Endpoint::of(one), Endpoint::of(other)) {
        (Some(one), Some(other)) => one.compare(&other).is_eq(),
        (None, None) => secret::same(one.expose_original(), other.expose_original()),
        _ => false,
    }
}

/// Returns whether two URLs are the same resource, with the same credentials.
pub(super) fn is_same_resource(one: &ResourceUrl, other: &ResourceUrl) -> bool {
    secret::with_clean_stack(|| is_same_endpoint(one, other) && logins(one) == logins(other))
}

/// An attachment that may have aliases.
pub(super) struct Candidate<'v, 'u> {
    pub(super) name: &'v str,
    pub(super) url: Option<&'u ResourceUrl>,
    pub(super) addon: Option<&'v str>,
}

/// Finds the attachments that are one resource, among those sorted by name. Returns each group with the indexes of its
/// attachments.
pub(super) fn groups<'v>(attachments: &[Candidate<'v, '_>]) -> Vec<(Vec<usize>, AliasGroup<'v>)> {
    secret::with_clean_stack(|| {
        let length = attachments.len();
        let located = mapped(attachments, |candidate| candidate.url.and_then(Endpoint::of));
        let endpoints = first_equals(length, &|one, other| match (&located[one], &located[other]) {
            (Some(one), Some(other)) => one.compare(other),
            (one, other) => one.is_some().cmp(&other.is_some()),
        });
        let addons = first_equals(length, &|one, other| {
            attachments[one].addon.cmp(&attachments[other].addon)
        });
        let mut forest = Forest::new(length);
        let mut has_aliases = false;
        for index in 0..length {
            if located[index].is_some() {
                forest.join(endpoints[index], index);
                has_aliases |= endpoints[index] != index;
            }
            if attachments[index].addon.is_some() {
                forest.join(addons[index], index);
                has_aliases |= addons[index] != index;
            }
        }
        // Mostly, each is another resource.
        if !has_aliases {
            return Vec::new();
        }
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); length];
        for index in 0..length {
            groups[forest.find(index)].push(index);
        }
        let endpoint = |index: usize| located[index].is_some().then_some(endpoints[index]);
        let mut found = Vec::new();
        for indexes in groups {
            if indexes.len() > 1 {
                let members = members(attachments, &endpoint, &indexes);
                found.push((indexes, AliasGroup { members }));
            }
        }
        found
    })
}

/// Numbers the attachments of one resource, with equal numbers for equal credentials and options.
fn members<'v>(
    attachments: &[Candidate<'v, '_>],
    endpoint: &dyn Fn(usize) -> Option<usize>,
    indexes: &[usize],
) -> Arc<[AliasMember<'v>]> {
    // Without a URL there is no endpoint, and neither counts.
    let url = |index: &usize| attachments[*index].url;
    let logins_of = mapped(indexes, |index| url(index).map(logins));
    let options_of = mapped(indexes, |index| {
        url(index).map_or((Tls::Unspecified, Vec::new()), compared_options)
    });
    let same_logins = first_equals(indexes.len(), &|one, other| logins_of[one].cmp(&logins_of[other]));
    let same_options = first_equals(indexes.len(), &|one, other| {
        let ((one_tls, one), (other_tls, other)) = (&options_of[one], &options_of[other]);
        one_tls.cmp(other_tls).then_with(|| compare_pairs(one, other))
    });
    let mut members = Vec::with_capacity(indexes.len());
    for (place, &index) in indexes.iter().enumerate() {
        members.push(AliasMember {
            name: attachments[index].name,
            addon: attachments[index].addon,
            endpoint: endpoint(index),
            login: same_logins[place],
            options: same_options[place],
        });
    }
    members.into()
}
