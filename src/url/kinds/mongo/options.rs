//! The options of MongoDB's URLs: the table of the URI Options specification, and the errors and warnings that the
//! specifications define.
//!
//! Sources: `source/uri-options/uri-options.md`, `source/connection-string/connection-string-spec.md`,
//! `source/initial-dns-seedlist-discovery`, `source/load-balancers` and `source/socks5-support` of
//! <https://github.com/mongodb/specifications>.

use crate::error::{Component, Error, Fault};
use crate::secret;
use crate::text::is_each;
use crate::url::ResourceUrl;
use crate::url::query::{Options, RawOption};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use std::fmt;

/// The type of an option's value.
#[derive(Clone, Copy)]
enum OptionType {
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

const NON_NEGATIVE: OptionType = OptionType::Integer(0, i32::MAX as i64);
const POSITIVE: OptionType = OptionType::Integer(1, i32::MAX as i64);

const OPTIONS: &[(&str, OptionType)] = &[
    ("appName", OptionType::Text),
    ("authMechanism", OptionType::Text),
    ("authMechanismProperties", OptionType::Pairs),
    ("authSource", OptionType::Text),
    ("compressors", OptionType::Text),
    ("connectTimeoutMS", NON_NEGATIVE),
    ("directConnection", OptionType::Bool),
    ("enableOverloadRetargeting", OptionType::Bool),
    ("heartbeatFrequencyMS", OptionType::Integer(500, i32::MAX as i64)),
    ("journal", OptionType::Bool),
    ("loadBalanced", OptionType::Bool),
    ("localThresholdMS", NON_NEGATIVE),
    ("maxAdaptiveRetries", NON_NEGATIVE),
    ("maxConnecting", POSITIVE),
    ("maxIdleTimeMS", NON_NEGATIVE),
    ("maxPoolSize", NON_NEGATIVE),
    ("maxStalenessSeconds", OptionType::Staleness),
    ("minPoolSize", NON_NEGATIVE),
    ("proxyHost", OptionType::Text),
    ("proxyPassword", OptionType::Text),
    ("proxyPort", OptionType::Integer(0, u16::MAX as i64)),
    ("proxyUsername", OptionType::Text),
    ("readConcernLevel", OptionType::Text),
    ("readPreference", OptionType::OneOf(READ_PREFERENCES)),
    ("readPreferenceTags", OptionType::PairsList),
    ("replicaSet", OptionType::Text),
    ("retryReads", OptionType::Bool),
    ("retryWrites", OptionType::Bool),
    (
        "serverMonitoringMode",
        OptionType::OneOf(&["stream", "poll", "auto"]),
    ),
    ("serverSelectionTimeoutMS", NON_NEGATIVE),
    ("serverSelectionTryOnce", OptionType::Bool),
    ("socketTimeoutMS", NON_NEGATIVE),
    ("srvMaxHosts", NON_NEGATIVE),
    ("srvServiceName", OptionType::Text),
    ("ssl", OptionType::Bool),
    ("timeoutMS", NON_NEGATIVE),
    ("tls", OptionType::Bool),
    ("tlsAllowInvalidCertificates", OptionType::Bool),
    ("tlsAllowInvalidHostnames", OptionType::Bool),
    ("tlsCAFile", OptionType::Text),
    ("tlsCertificateKeyFile", OptionType::Text),
    ("tlsCertificateKeyFilePassword", OptionType::Text),
    ("tlsDisableCertificateRevocationCheck", OptionType::Bool),
    ("tlsDisableOCSPEndpointCheck", OptionType::Bool),
    ("tlsInsecure", OptionType::Bool),
    ("w", OptionType::Text),
    ("wTimeoutMS", OptionType::Integer(0, i64::MAX)),
    ("waitQueueTimeoutMS", POSITIVE),
    ("zlibCompressionLevel", OptionType::Integer(-1, 9)),
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

/// One of `OPTIONS`, as a member of a set of them.
#[derive(Clone, Copy)]
struct OptionBit {
    name: &'static str,
    bit: u64,
}

/// Returns the row of that name. An unknown name does not compile.
const fn member(name: &'static str) -> OptionBit {
    let mut row = 0;
    while !is_same(OPTIONS[row].0, name) {
        row += 1;
    }
    OptionBit { name, bit: 1 << row }
}

const fn is_same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}

const AUTH_MECHANISM: OptionBit = member("authMechanism");
const AUTH_SOURCE: OptionBit = member("authSource");
const DIRECT_CONNECTION: OptionBit = member("directConnection");
const LOAD_BALANCED: OptionBit = member("loadBalanced");
const PROXY_HOST: OptionBit = member("proxyHost");
const PROXY_PASSWORD: OptionBit = member("proxyPassword");
const PROXY_PORT: OptionBit = member("proxyPort");
const PROXY_USERNAME: OptionBit = member("proxyUsername");
const REPLICA_SET: OptionBit = member("replicaSet");
const SRV_MAX_HOSTS: OptionBit = member("srvMaxHosts");
const SRV_SERVICE_NAME: OptionBit = member("srvServiceName");
const SSL: OptionBit = member("ssl");
const TLS: OptionBit = member("tls");
const ANY_CERTIFICATE: OptionBit = member("tlsAllowInvalidCertificates");
const ANY_HOSTNAME: OptionBit = member("tlsAllowInvalidHostnames");
const NO_REVOCATION_CHECK: OptionBit = member("tlsDisableCertificateRevocationCheck");
const NO_OCSP_CHECK: OptionBit = member("tlsDisableOCSPEndpointCheck");
const TLS_INSECURE: OptionBit = member("tlsInsecure");

/// Pairs that must not both be given, whatever their values.
const CONFLICTS: &[(OptionBit, OptionBit)] = &[
    (TLS_INSECURE, ANY_CERTIFICATE),
    (TLS_INSECURE, ANY_HOSTNAME),
    (TLS_INSECURE, NO_OCSP_CHECK),
    (TLS_INSECURE, NO_REVOCATION_CHECK),
    (ANY_CERTIFICATE, NO_OCSP_CHECK),
    (ANY_CERTIFICATE, NO_REVOCATION_CHECK),
    (NO_OCSP_CHECK, NO_REVOCATION_CHECK),
];

/// Options that need another one.
const NEEDS: &[(OptionBit, OptionBit)] = &[
    (PROXY_PORT, PROXY_HOST),
    (PROXY_USERNAME, PROXY_HOST),
    (PROXY_PASSWORD, PROXY_HOST),
    (PROXY_USERNAME, PROXY_PASSWORD),
    (PROXY_PASSWORD, PROXY_USERNAME),
];

/// Options whose repetition is an error.
const NEVER_REPEATED: &[OptionBit] = &[PROXY_HOST, PROXY_PORT, PROXY_USERNAME, PROXY_PASSWORD];

/// Returns whether an option of that name is, or was, in the specification.
pub(in crate::url::kinds) fn is_known(name: &str) -> bool {
    match Options::of(name).next() {
        Some(option) => find(option, option.name()).is_some() || renamed(option).is_some(),
        None => false,
    }
}

/// Returns the old name of an option that has one.
fn renamed(option: RawOption<'_>) -> Option<&'static str> {
    let is_it = |(old, _): &&(&str, &str)| option.is_named(old, true);
    Some(RENAMED.iter().find(is_it)?.0)
}

/// Returns the row of an option with that name, as it is written.
fn find(option: RawOption<'_>, name: &str) -> Option<usize> {
    let mut rows = match option.first_letter() {
        Some(letter) => FIRST_ROWS[letter]..FIRST_ROWS[letter + 1],
        None => 0..OPTIONS.len(),
    };
    // Nearly all are written as in the table.
    for row in rows.clone() {
        if OPTIONS[row].0 == name {
            return Some(row);
        }
    }
    rows.find(|&row| option.is_named(OPTIONS[row].0, true))
}

/// The number of rows before the first row of each letter. A table that is not sorted by its first letters does not compile.
const FIRST_ROWS: [usize; 27] = {
    let mut first_rows = [0; 27];
    let mut row = 0;
    let mut letter = 0;
    while letter < first_rows.len() {
        let before = b'a' + letter as u8;
        while row < OPTIONS.len() && OPTIONS[row].0.as_bytes()[0] < before {
            assert!(OPTIONS[row].0.as_bytes()[0] == before - 1);
            row += 1;
        }
        first_rows[letter] = row;
        letter += 1;
    }
    first_rows
};

/// The options that are given, collected in one pass.
#[derive(Default)]
pub(super) struct GivenOptions {
    any: u64,
    repeated: u64,
    /// Whether an option of TLS says yes.
    tls: bool,
    /// Whether an option of TLS says no.
    no_tls: bool,
    empty_source: bool,
    is_direct: bool,
    is_balanced: bool,
    limits_srv: bool,
}

impl GivenOptions {
    fn of(query: &str) -> Result<Self, Fault> {
        let mut given = Self::default();
        for option in Options::of(query) {
            let (name, value) = option.split();
            let Some(value) = value else {
                return Err(Fault::OptionWithoutValue);
            };
            if name.is_empty() {
                return Err(Fault::OptionWithoutName);
            }
            let Some(row) = find(option, name) else { continue };
            let bit = 1 << row;
            given.repeated |= given.any & bit;
            given.any |= bit;
            given.read_value(bit, value);
        }
        Ok(given)
    }

    fn read_value(&mut self, bit: u64, value: &str) {
        if bit & (TLS.bit | SSL.bit) != 0 {
            self.tls |= is(value, "true");
            self.no_tls |= is(value, "false");
        } else if bit == AUTH_SOURCE.bit {
            self.empty_source |= is(value, "");
        } else if bit == DIRECT_CONNECTION.bit {
            self.is_direct |= is(value, "true");
        } else if bit == LOAD_BALANCED.bit {
            self.is_balanced |= is(value, "true");
        } else if bit == SRV_MAX_HOSTS.bit {
            let decoded = secret::with_clean_stack(|| secret::decode_secret(value));
            let number = decoded.map(|value| value.expose_secret().parse());
            self.limits_srv |= matches!(number, Ok(Ok(1..=i64::MAX)));
        }
    }

    pub(super) fn has_mechanism(&self) -> bool {
        self.has(AUTH_MECHANISM)
    }

    fn has(&self, option: OptionBit) -> bool {
        self.any & option.bit != 0
    }
}

/// Returns whether a value, as it is written, is `other`, which has no escapes.
fn is(written: &str, other: &str) -> bool {
    let is_decoded = || secret::with_clean_stack(|| percent_decode_str(written).eq(other.bytes()));
    written == other || written.contains('%') && is_decoded()
}

/// Checks the options for what the specifications define as an error.
pub(super) fn check(query: &str, hosts: usize, is_srv: bool) -> Result<GivenOptions, Error> {
    let at_query = |fault| Error::at(Component::Query, fault);
    let given = GivenOptions::of(query).map_err(at_query)?;
    match find_fault(&given, hosts, is_srv) {
        None => Ok(given),
        Some(fault) => Err(at_query(fault)),
    }
}

fn find_fault(given: &GivenOptions, hosts: usize, is_srv: bool) -> Option<Fault> {
    for (one, other) in CONFLICTS {
        if given.has(*one) && given.has(*other) {
            return Some(Fault::Conflict(one.name, other.name));
        }
    }
    for (one, other) in NEEDS {
        if given.has(*one) && !given.has(*other) {
            return Some(Fault::Needs(one.name, other.name));
        }
    }
    for option in NEVER_REPEATED {
        if given.repeated & option.bit != 0 {
            return Some(Fault::RepeatedOption(option.name));
        }
    }
    if given.tls && given.no_tls {
        return Some(match (given.has(TLS), given.has(SSL)) {
            (true, true) => Fault::Conflict(TLS.name, SSL.name),
            (true, false) => Fault::RepeatedOption(TLS.name),
            (false, _) => Fault::RepeatedOption(SSL.name),
        });
    }
    if given.empty_source {
        return Some(Fault::EmptyOption(AUTH_SOURCE.name));
    }
    let conflict = |one: OptionBit, other: OptionBit| Fault::Conflict(one.name, other.name);
    if given.is_direct && hosts > 1 {
        Some(Fault::SingleHost(DIRECT_CONNECTION.name))
    } else if given.is_direct && is_srv {
        Some(Fault::NotSrvOption(DIRECT_CONNECTION.name))
    } else if given.is_balanced && hosts > 1 {
        Some(Fault::SingleHost(LOAD_BALANCED.name))
    } else if given.is_balanced && given.is_direct {
        Some(conflict(LOAD_BALANCED, DIRECT_CONNECTION))
    } else if given.is_balanced && given.has(REPLICA_SET) {
        Some(conflict(LOAD_BALANCED, REPLICA_SET))
    } else if !is_srv && given.has(SRV_MAX_HOSTS) {
        Some(Fault::SrvOption(SRV_MAX_HOSTS.name))
    } else if !is_srv && given.has(SRV_SERVICE_NAME) {
        Some(Fault::SrvOption(SRV_SERVICE_NAME.name))
    } else if given.limits_srv && given.has(REPLICA_SET) {
        Some(conflict(SRV_MAX_HOSTS, REPLICA_SET))
    } else if given.limits_srv && given.is_balanced {
        Some(conflict(SRV_MAX_HOSTS, LOAD_BALANCED))
    } else {
        None
    }
}

/// A problem of a URL that is not an error.
///
/// The message names the option by its name in the specification or, if it is not in there, by its position, because the
/// written name may be a piece of a secret.
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

/// The kinds of [`Warning`]s.
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
    /// The option is given more than once, but takes one value. It is undefined which one counts.
    RepeatedOption,
    /// The value is not of the type or range that the option takes. Drivers ignore it.
    InvalidValue,
    /// A number or a boolean is empty. Drivers ignore it.
    EmptyValue,
    /// The option has a new name.
    RenamedOption,
    /// A boolean is spelt other than `true` or `false`.
    DeprecatedBool,
}

impl Warning {
    /// Returns the kind of the warning.
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

    /// Returns the option's name in the specification; `None` if it is not in there.
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

    /// Returns the position of the option in the query, from 1.
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

/// Returns what the specifications define as a warning, in the order of the query.
pub(super) fn warnings(url: &ResourceUrl) -> Vec<Warning> {
    let mut seen = [false; OPTIONS.len()];
    let warnings = url.map_options(|position, option| {
        let (kind, name) = match find(option, option.name()) {
            None => match renamed(option) {
                Some(old) => (Some(WarningKind::RenamedOption), Some(old)),
                None => (Some(WarningKind::UnknownOption), None),
            },
            Some(row) => {
                let (name, value) = OPTIONS[row];
                let is_repeated =
                    std::mem::replace(&mut seen[row], true) && !matches!(value, OptionType::PairsList);
                let kind = match is_repeated {
                    true => Some(WarningKind::RepeatedOption),
                    false => value.warning(option),
                };
                (kind, Some(name))
            }
        };
        Some(Warning {
            kind: kind?,
            option: name,
            position,
        })
    });
    warnings.collect()
}

impl OptionType {
    fn warning(self, option: RawOption<'_>) -> Option<WarningKind> {
        let value = option.decode_value();
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
            Self::Integer(least, most) => {
                matches!(number(), Some(number) if least <= number && number <= most)
            }
            Self::Staleness => matches!(number(), Some(-1 | 90..)),
            Self::OneOf(values) => is_in(values),
            Self::PairsList if value.is_empty() => true,
            Self::Pairs | Self::PairsList => is_each(value, ',', is_pair),
        };
        (!is_valid).then_some(WarningKind::InvalidValue)
    }
}
