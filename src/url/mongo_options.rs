//! The options of MongoDB's URLs: the table of the URI Options specification, what the specifications make an
//! error, and what they make a warning.
//!
//! Sources: `source/uri-options/uri-options.md`, `source/connection-string/connection-string-spec.md`,
//! `source/initial-dns-seedlist-discovery`, `source/load-balancers` and `source/socks5-support` of
//! <https://github.com/mongodb/specifications>.

use super::query::{self, RawOption};
use crate::error::{Component, Error, Fault};
use secrecy::ExposeSecret;
use std::fmt;

/// What the value of an option must be.
#[derive(Clone, Copy)]
enum Value {
    Text,
    Bool,
    /// An integer from the first to the second.
    Integer(i64, i64),
    /// Seconds: -1, or at least 90.
    Staleness,
    OneOf(&'static [&'static str]),
    /// `name:value` pairs, separated by commas.
    Pairs,
    /// As `Pairs`, and the option may be repeated, each time for a list entry.
    PairsList,
}

const NON_NEGATIVE: Value = Value::Integer(0, i32::MAX as i64);
const POSITIVE: Value = Value::Integer(1, i32::MAX as i64);

const OPTIONS: &[(&str, Value)] = &[
    ("appName", Value::Text),
    ("authMechanism", Value::Text),
    ("authMechanismProperties", Value::Pairs),
    ("authSource", Value::Text),
    ("compressors", Value::Text),
    ("connectTimeoutMS", NON_NEGATIVE),
    ("directConnection", Value::Bool),
    ("enableOverloadRetargeting", Value::Bool),
    ("heartbeatFrequencyMS", Value::Integer(500, i32::MAX as i64)),
    ("journal", Value::Bool),
    ("loadBalanced", Value::Bool),
    ("localThresholdMS", NON_NEGATIVE),
    ("maxAdaptiveRetries", NON_NEGATIVE),
    ("maxConnecting", POSITIVE),
    ("maxIdleTimeMS", NON_NEGATIVE),
    ("maxPoolSize", NON_NEGATIVE),
    ("maxStalenessSeconds", Value::Staleness),
    ("minPoolSize", NON_NEGATIVE),
    ("proxyHost", Value::Text),
    ("proxyPassword", Value::Text),
    ("proxyPort", Value::Integer(0, u16::MAX as i64)),
    ("proxyUsername", Value::Text),
    ("readConcernLevel", Value::Text),
    ("readPreference", Value::OneOf(READ_PREFERENCES)),
    ("readPreferenceTags", Value::PairsList),
    ("replicaSet", Value::Text),
    ("retryReads", Value::Bool),
    ("retryWrites", Value::Bool),
    ("serverMonitoringMode", Value::OneOf(&["stream", "poll", "auto"])),
    ("serverSelectionTimeoutMS", NON_NEGATIVE),
    ("serverSelectionTryOnce", Value::Bool),
    ("socketTimeoutMS", NON_NEGATIVE),
    ("srvMaxHosts", NON_NEGATIVE),
    ("srvServiceName", Value::Text),
    ("ssl", Value::Bool),
    ("timeoutMS", NON_NEGATIVE),
    ("tls", Value::Bool),
    ("tlsAllowInvalidCertificates", Value::Bool),
    ("tlsAllowInvalidHostnames", Value::Bool),
    ("tlsCAFile", Value::Text),
    ("tlsCertificateKeyFile", Value::Text),
    ("tlsCertificateKeyFilePassword", Value::Text),
    ("tlsDisableCertificateRevocationCheck", Value::Bool),
    ("tlsDisableOCSPEndpointCheck", Value::Bool),
    ("tlsInsecure", Value::Bool),
    ("w", Value::Text),
    ("wTimeoutMS", Value::Integer(0, i64::MAX)),
    ("waitQueueTimeoutMS", POSITIVE),
    ("zlibCompressionLevel", Value::Integer(-1, 9)),
];

const READ_PREFERENCES: &[&str] = &[
    "primary",
    "primaryPreferred",
    "secondary",
    "secondaryPreferred",
    "nearest",
];

/// Names that were replaced, each with its successor.
const RENAMED: &[(&str, &str)] = &[("wtimeout", "wTimeoutMS")];

/// Spellings of yes and no that the specification has drivers take, with a warning.
const DEPRECATED_BOOLS: &[&str] = &["1", "yes", "y", "t", "0", "-1", "no", "n", "f"];

/// Pairs that must not both be given, whatever their values.
const CONFLICTS: &[(&str, &str)] = &[
    ("tlsInsecure", "tlsAllowInvalidCertificates"),
    ("tlsInsecure", "tlsAllowInvalidHostnames"),
    ("tlsInsecure", "tlsDisableOCSPEndpointCheck"),
    ("tlsInsecure", "tlsDisableCertificateRevocationCheck"),
    ("tlsAllowInvalidCertificates", "tlsDisableOCSPEndpointCheck"),
    (
        "tlsAllowInvalidCertificates",
        "tlsDisableCertificateRevocationCheck",
    ),
    (
        "tlsDisableOCSPEndpointCheck",
        "tlsDisableCertificateRevocationCheck",
    ),
];

/// Options that need another one.
const NEEDS: &[(&str, &str)] = &[
    ("proxyPort", "proxyHost"),
    ("proxyUsername", "proxyHost"),
    ("proxyPassword", "proxyHost"),
    ("proxyUsername", "proxyPassword"),
    ("proxyPassword", "proxyUsername"),
];

/// Options whose repetition is an error.
const NEVER_REPEATED: &[&str] = &["proxyHost", "proxyPort", "proxyUsername", "proxyPassword"];

/// Whether an option of that name is in the specification, or was.
pub(super) fn is_known(name: &str) -> bool {
    find(RawOption { name, value: None }).is_some()
        || RENAMED.iter().any(|(old, _)| old.eq_ignore_ascii_case(name))
}

fn find(option: RawOption<'_>) -> Option<&'static (&'static str, Value)> {
    OPTIONS.iter().find(|(name, _)| option.is_named(name, true))
}

/// The options of one URL, looked up by name.
struct Given<'u> {
    query: &'u str,
}

impl<'u> Given<'u> {
    fn all(&self, name: &str) -> impl Iterator<Item = RawOption<'u>> {
        query::options(self.query).filter(move |option| option.is_named(name, true))
    }

    fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|option| {
            option
                .decoded_value()
                .is_some_and(|given| given.expose_secret() == value)
        })
    }

    fn is_positive(&self, name: &str) -> bool {
        self.all(name).any(|option| {
            option
                .decoded_value()
                .is_some_and(|given| given.expose_secret().parse().is_ok_and(|number: i64| number > 0))
        })
    }
}

/// What the specifications make an error.
pub(super) fn check(query: &str, hosts: usize, is_srv: bool) -> Result<(), Error> {
    if query.is_empty() {
        return Ok(());
    }
    match find_fault(query, hosts, is_srv) {
        Some(fault) => Err(Error::at(Component::Query, fault)),
        None => Ok(()),
    }
}

fn find_fault(query: &str, hosts: usize, is_srv: bool) -> Option<Fault> {
    for option in query::options(query) {
        if option.value.is_none() {
            return Some(Fault::OptionWithoutValue);
        }
        if option.name.is_empty() {
            return Some(Fault::OptionWithoutName);
        }
    }
    let given = Given { query };
    let both = |(one, other): &(&'static str, &'static str)| given.has(one) && given.has(other);
    let only_first = |(one, other): &(&'static str, &'static str)| given.has(one) && !given.has(other);

    if let Some((one, other)) = CONFLICTS.iter().find(|pair| both(pair)) {
        return Some(Fault::Conflict(one, other));
    }
    if let Some((one, other)) = NEEDS.iter().find(|pair| only_first(pair)) {
        return Some(Fault::Needs(one, other));
    }
    if let Some(name) = NEVER_REPEATED.iter().find(|name| given.all(name).count() > 1) {
        return Some(Fault::RepeatedOption(name));
    }
    let says = |value| given.is("tls", value) || given.is("ssl", value);
    if says("true") && says("false") {
        return Some(match (given.has("tls"), given.has("ssl")) {
            (true, true) => Fault::Conflict("tls", "ssl"),
            (true, false) => Fault::RepeatedOption("tls"),
            (false, _) => Fault::RepeatedOption("ssl"),
        });
    }
    if given.is("authSource", "") {
        return Some(Fault::EmptyOption("authSource"));
    }
    let direct = given.is("directConnection", "true");
    let balanced = given.is("loadBalanced", "true");
    let limits_srv = given.is_positive("srvMaxHosts");
    let rules = [
        (direct && hosts > 1, Fault::SingleHost("directConnection")),
        (direct && is_srv, Fault::NotSrvOption("directConnection")),
        (balanced && hosts > 1, Fault::SingleHost("loadBalanced")),
        (
            balanced && direct,
            Fault::Conflict("loadBalanced", "directConnection"),
        ),
        (
            balanced && given.has("replicaSet"),
            Fault::Conflict("loadBalanced", "replicaSet"),
        ),
        (
            !is_srv && given.has("srvMaxHosts"),
            Fault::SrvOption("srvMaxHosts"),
        ),
        (
            !is_srv && given.has("srvServiceName"),
            Fault::SrvOption("srvServiceName"),
        ),
        (
            limits_srv && given.has("replicaSet"),
            Fault::Conflict("srvMaxHosts", "replicaSet"),
        ),
        (
            limits_srv && balanced,
            Fault::Conflict("srvMaxHosts", "loadBalanced"),
        ),
    ];
    rules
        .into_iter()
        .find_map(|(is_broken, fault)| is_broken.then_some(fault))
}

/// Something in a URL that is no error, and that somebody should know of.
///
/// The message names the option by its name in the specification, or, where it is not in there, by its position:
/// the name as it is written may be a piece of a secret.
///
/// ```
/// use config_vars::{MongoUrl, WarningKind};
///
/// let url: MongoUrl = "mongodb://db.example/?replicaset=rs0&w=1&retryWrites=perhaps&colour=red".parse()?;
/// let warnings: Vec<_> = url.warnings().iter().map(ToString::to_string).collect();
/// assert_eq!(warnings, [
///     "option 3 of the query, `retryWrites`, has a value that MongoDB does not allow; drivers ignore it",
///     "option 4 of the query is none that MongoDB knows; drivers ignore it",
/// ]);
/// assert_eq!(url.warnings()[1].kind(), WarningKind::UnknownOption);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    kind: WarningKind,
    option: Option<&'static str>,
    position: usize,
}

/// The sorts of [`Warning`]s.
///
/// ```
/// # use config_vars::{MongoUrl, WarningKind};
/// let url: MongoUrl = "mongodb://db.example/?tls=1".parse()?;
/// assert_eq!(url.warnings()[0].kind(), WarningKind::DeprecatedBool);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// The specification has no such option. Drivers ignore it.
    UnknownOption,
    /// The option is given more than once, and takes one value. Which one counts is undefined.
    RepeatedOption,
    /// The value is not of the type or range that the option takes. Drivers ignore it.
    InvalidValue,
    /// A number or a yes-or-no is empty. Drivers ignore it.
    EmptyValue,
    /// The option has a new name.
    RenamedOption,
    /// A yes-or-no is spelt otherwise than `true` or `false`.
    DeprecatedBool,
}

impl Warning {
    /// What sort of thing it is.
    ///
    /// ```
    /// # use config_vars::{MongoUrl, WarningKind};
    /// let url: MongoUrl = "mongodb://db.example/?journal=".parse()?;
    /// assert_eq!(url.warnings()[0].kind(), WarningKind::EmptyValue);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// The option's name in the specification; `None` if it is not in there.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb://db.example/?JOURNAL=&colour=red".parse()?;
    /// assert_eq!(url.warnings()[0].option(), Some("journal"));
    /// assert_eq!(url.warnings()[1].option(), None);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn option(&self) -> Option<&'static str> {
        self.option
    }

    /// Which option of the query it is; the first is 1.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// let url: MongoUrl = "mongodb://db.example/?w=1&colour=red".parse()?;
    /// assert_eq!(url.warnings()[0].position(), 2);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "option {} of the query", self.position)?;
        if let Some(name) = self.option {
            write!(f, ", `{name}`,")?;
        }
        f.write_str(match self.kind {
            WarningKind::UnknownOption => " is none that MongoDB knows; drivers ignore it",
            WarningKind::RepeatedOption => " is given more than once; keep one",
            WarningKind::InvalidValue => " has a value that MongoDB does not allow; drivers ignore it",
            WarningKind::EmptyValue => " is empty; drivers ignore it",
            WarningKind::RenamedOption => " has a new name; write `wTimeoutMS`",
            WarningKind::DeprecatedBool => " should be `true` or `false`",
        })
    }
}

/// What the specifications make a warning, in the order of the query.
pub(super) fn warnings(query: &str) -> Vec<Warning> {
    let mut seen = [false; OPTIONS.len()];
    let mut warnings = Vec::new();
    for (index, option) in query::options(query).enumerate() {
        let (kind, name) = match OPTIONS.iter().position(|(name, _)| option.is_named(name, true)) {
            None => match RENAMED.iter().find(|(old, _)| option.is_named(old, true)) {
                Some((old, _)) => (Some(WarningKind::RenamedOption), Some(*old)),
                None => (Some(WarningKind::UnknownOption), None),
            },
            Some(row) => {
                let (name, value) = OPTIONS[row];
                let is_repeated =
                    std::mem::replace(&mut seen[row], true) && !matches!(value, Value::PairsList);
                let kind = match is_repeated {
                    true => Some(WarningKind::RepeatedOption),
                    false => value.warning(option),
                };
                (kind, Some(name))
            }
        };
        warnings.extend(kind.map(|kind| Warning {
            kind,
            option: name,
            position: index + 1,
        }));
    }
    warnings
}

impl Value {
    fn warning(self, option: RawOption<'_>) -> Option<WarningKind> {
        let value = option.decoded_value()?;
        let value = value.expose_secret();
        let is_in = |list: &[&str]| list.contains(&value);
        let number = || value.parse::<i64>().ok();
        let is_pair = |pair: &str| pair.contains(':');
        let is_valid = match self {
            Self::Text => true,
            Self::Bool | Self::Integer(..) | Self::Staleness if value.is_empty() => {
                return Some(WarningKind::EmptyValue);
            }
            Self::Bool if is_in(DEPRECATED_BOOLS) => return Some(WarningKind::DeprecatedBool),
            Self::Bool => is_in(&["true", "false"]),
            Self::Integer(least, most) => number().is_some_and(|number| (least..=most).contains(&number)),
            Self::Staleness => number().is_some_and(|number| number == -1 || number >= 90),
            Self::OneOf(values) => is_in(values),
            Self::PairsList if value.is_empty() => true,
            Self::Pairs | Self::PairsList => value.split(',').all(is_pair),
        };
        (!is_valid).then_some(WarningKind::InvalidValue)
    }
}
