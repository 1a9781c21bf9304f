//! The registry of URL schemes: which spellings exist, which kind each belongs to, and how the URLs of a kind are read.
//!
//! To add a kind, add a variant to [`Kind`], a row to the table of schemes, and its rules.

mod custom;
mod rules;
mod table;
mod tls_options;

pub use custom::CustomKind;
pub(crate) use rules::{DatabaseForm, PartOptions, Rules};
pub(crate) use table::Scheme;
pub(crate) use tls_options::{Demand, TlsMeaning, TlsOption, Words};

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::sorted::insert_in_order;
use crate::text::{is_all, is_listed};
use custom::{custom_schemes, find_custom};
use std::str::FromStr;
use table::{NOT_DRIVERS, SCHEMES, UNIX_SOCKET_OF_REDIS, find_in_any_case};

/// A kind by its name, or by a spelling of one of its schemes.
///
/// ```
/// # use config_vars::Kind;
/// assert_eq!("mongodb".parse::<Kind>()?, Kind::Mongo);
/// assert_eq!("mysql2".parse::<Kind>()?, Kind::Mysql);
/// # Ok::<(), config_vars::Error>(())
/// ```
impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        for kind in Self::all() {
            if kind.as_str() == name {
                return Ok(kind);
            }
        }
        match find_scheme(name) {
            Some(scheme) => Ok(scheme.kind),
            None => Err(Error::new(Fault::UnknownKind)),
        }
    }
}

impl Kind {
    /// Returns the kinds that this crate knows by itself, in the order of the variants.
    ///
    /// ```
    /// # use config_vars::Kind;
    /// let names: Vec<_> = Kind::all().map(|kind| kind.to_string()).collect();
    /// assert!(names.contains(&"postgres".to_owned()));
    /// assert!(names.iter().all(|name| name.parse::<Kind>().is_ok()));
    /// ```
    pub fn all() -> impl Iterator<Item = Self> {
        // Every kind has a scheme in the table, except for the last two variants.
        let mut kinds = vec![Self::Other];
        for scheme in SCHEMES {
            insert_in_order(&mut kinds, scheme.kind);
        }
        kinds.into_iter()
    }

    /// Returns the scheme that messages propose.
    pub(crate) fn example(self) -> &'static str {
        let Self::Custom(name) = self else {
            return self.rules().example;
        };
        for scheme in &custom_schemes() {
            if scheme.kind == self {
                return scheme.spelling;
            }
        }
        name
    }
}

/// Finds the row of a scheme. Schemes are case-insensitive (RFC 3986, section 3.1).
#[inline]
pub(crate) fn find_scheme(spelling: &str) -> Option<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.spelling == spelling)
        .or_else(|| find_in_any_case(spelling))
        .or_else(|| find_custom(&custom_schemes(), spelling))
        .or_else(|| find_dialect(spelling))
}

/// Returns the kind of URLs with a scheme.
pub(crate) fn kind_of(scheme: Option<&Scheme>) -> Kind {
    match scheme {
        Some(scheme) => scheme.kind,
        None => Kind::Other,
    }
}

/// Finds the row of `dialect+driver`, SQLAlchemy's form, in which the dialect alone names the kind. Celery puts `db+` before it.
fn find_dialect(spelling: &str) -> Option<&'static Scheme> {
    let (before, after) = spelling.split_once('+')?;
    let (dialect, driver) = match before.eq_ignore_ascii_case("db") {
        true => after
            .split_once('+')
            .map_or((after, None), |(dialect, driver)| (dialect, Some(driver))),
        false => (before, Some(after)),
    };
    let is_driver = |driver: &str| {
        !driver.is_empty()
            && is_all(driver, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !is_listed(NOT_DRIVERS, driver)
    };
    let scheme = find_in_any_case(dialect)?;
    (driver.is_none_or(is_driver) && scheme.kind.rules().takes_driver_in_scheme()).then_some(scheme)
}

/// Finds the row of a scheme where a specific kind is expected, which may have spellings that are ambiguous otherwise.
#[inline]
pub(crate) fn find_scheme_of(spelling: &str, expected: Option<Kind>) -> Option<&'static Scheme> {
    find_scheme(spelling).or_else(|| {
        let is_it =
            expected == Some(Kind::Redis) && spelling.eq_ignore_ascii_case(UNIX_SOCKET_OF_REDIS.spelling);
        is_it.then_some(&UNIX_SOCKET_OF_REDIS)
    })
}

/// Returns whether an unknown scheme may be shown. It may be the start of a password that contains `://`, so it must look
/// like a word: lower-case letters, and a digit only in known words.
pub(crate) fn is_public_scheme(scheme: &str) -> bool {
    const MAX_LENGTH: usize = 16;
    const WITH_DIGITS: &[&str] = &["db2", "h2", "neo4j", "neo4j+s", "neo4j+ssc", "s3", "s3a", "s3n"];
    let is_word = |byte: u8| byte.is_ascii_lowercase() || b"+-.".contains(&byte);
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme);
    WITH_DIGITS.contains(&scheme) || scheme.len() <= MAX_LENGTH && is_all(scheme, is_word)
}

/// Returns the error for a URL that is not of the expected kind.
#[cold]
pub(crate) fn wrong_kind(scheme: &str, found: Kind, expected: Kind) -> Error {
    if found != Kind::Other {
        return Error::at(Component::Value, Fault::WrongKind { found, expected });
    }
    let fault = match (expected.rules().tls_form, closest_scheme(scheme)) {
        (Some(form), _) if demands_tls(scheme, expected) => Fault::UnknownTlsScheme(form),
        (_, Some(close)) => Fault::MisspeltScheme(close),
        (_, None) => Fault::UnknownScheme(expected.example()),
    };
    Error::at(Component::Scheme, fault)
}

/// Returns whether an unknown scheme seems to be one of this kind that asks for TLS: `mysqls`, `amqp+ssl`. To propose one
/// without TLS would drop that. So would it for `tls`, which PHP's clients of Redis take. A doubled letter, as in `postgress`, is a
/// typing error.
fn demands_tls(scheme: &str, expected: Kind) -> bool {
    const SUFFIXES: &[&str] = &["ssl", "tls", "https", "s"];
    const ALONE: &[&str] = &["ssl", "tls"];
    if is_listed(ALONE, scheme) {
        return true;
    }
    let base = match scheme.rsplit_once('+') {
        Some((base, suffix)) if is_listed(SUFFIXES, suffix) => base,
        _ => match scheme.strip_suffix(['s', 'S']) {
            Some(base) if !base.ends_with(['s', 'S']) => base,
            _ => return false,
        },
    };
    find_scheme(base).is_some_and(|base| base.kind == expected)
}

/// Returns the known scheme that is one typing error away from `text`.
fn closest_scheme(text: &str) -> Option<&'static str> {
    for scheme in SCHEMES {
        if one_slip_apart(text.as_bytes(), scheme.spelling.as_bytes()) {
            return Some(scheme.spelling);
        }
    }
    None
}

/// Returns whether the texts differ by at most one letter that is missing, added, changed, or swapped with its neighbour.
fn one_slip_apart(left: &[u8], right: &[u8]) -> bool {
    let mut start = 0;
    while start < left.len().min(right.len()) && left[start].eq_ignore_ascii_case(&right[start]) {
        start += 1;
    }
    let (left, right) = (&left[start..], &right[start..]);
    match (left, right) {
        ([], []) => true,
        ([_, left @ ..], right) if left.eq_ignore_ascii_case(right) => true,
        (left, [_, right @ ..]) if left.eq_ignore_ascii_case(right) => true,
        ([_, left @ ..], [_, right @ ..]) if left.eq_ignore_ascii_case(right) => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => {
            a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c) && left.eq_ignore_ascii_case(right)
        }
        _ => false,
    }
}
