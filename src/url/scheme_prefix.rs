//! The beginning of a resource URL: its scheme, or what is wrong with a value that has none.

use super::mistakes;
use super::span::{Span, span};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::scheme::{self, Scheme};
use crate::secret::{holds, holds_url};
use crate::text::{has_any_character, is_all, is_listed};

/// Finds the scheme of a value, and its row in the table, if there is one. Messages propose the scheme of `expected`.
#[inline]
pub(super) fn find(text: &str, expected: Option<Kind>) -> Result<(Span, Option<&'static Scheme>), Error> {
    let at_value = |fault| Err(explained(text, expected, fault));
    let (mut name, mut rest) = span(0, text.len()).split_once(text, b':');
    // A JDBC URL is another URL after a prefix.
    if let Some(after) = rest.filter(|_| name.of(text).eq_ignore_ascii_case(JDBC)) {
        (name, rest) = after.split_once(text, b':');
    }
    if rest.is_none() {
        return at_value(None);
    }
    let (scheme, name) = (span(0, name.end), name.of(text));
    if !text[scheme.end..].starts_with("://") {
        return match scheme::find_scheme(name) {
            // A file has no authority, so it needs no `//`.
            Some(known) if known.kind.rules().file && name.len() == scheme.end => Ok((scheme, Some(known))),
            Some(known) => at_value(Some(Fault::SchemeWithoutSlashes(known.spelling))),
            None => at_value(None),
        };
    }
    let known = scheme::find_scheme_of(scheme.of(text), expected);
    if known.is_some() || is_scheme(name) {
        Ok((scheme, known))
    } else if name.is_empty() || has_any_character(name, "@/") {
        at_value(None)
    } else {
        at_value(Some(Fault::NotAScheme))
    }
}

/// Returns the error of a value that has a fault in place of a scheme, or no scheme. A sign of a mistake explains it better.
#[cold]
fn explained(text: &str, expected: Option<Kind>, fault: Option<Fault>) -> Error {
    let example = expected.map_or("https", Kind::example);
    let fault = match (command(text, example), mistakes::before_url(text), fault) {
        (Some(fault), ..) | (None, Some(fault), _) | (None, None, Some(fault)) => fault,
        _ if is_of_go(text) => Fault::GoForm,
        _ if mistakes::is_in_pairs(text) => Fault::Pairs(expected.map_or("postgres", Kind::example)),
        _ => Fault::MissingScheme(example),
    };
    Error::at(Component::Value, fault)
}

/// Returns the fault of a value that is a shell command, as shown on providers' pages.
#[cold]
fn command(text: &str, example: &'static str) -> Option<Fault> {
    const COMMANDS: &[&str] = &[
        "$",
        "amqp-get",
        "clickhouse-client",
        "cqlsh",
        "createdb",
        "curl",
        "docker",
        "export",
        "heroku",
        "mariadb",
        "mongo",
        "mongodump",
        "mongosh",
        "mysql",
        "mysqldump",
        "mysqlsh",
        "nats",
        "pg_dump",
        "pg_restore",
        "pgcli",
        "psql",
        "redis-cli",
        "set",
        "sqlcmd",
        "sqlite3",
        "sudo",
        "usql",
        "valkey-cli",
        "wget",
    ];
    let (first, rest) = text.split_once(' ')?;
    match is_listed(COMMANDS, first) {
        true if holds_url(rest) => Some(Fault::CommandWithUrl),
        true => Some(Fault::Command(example)),
        false => None,
    }
}

/// Returns whether a text is what Go's driver for MySQL takes: `user:password@tcp(host:3306)/database`.
#[cold]
fn is_of_go(text: &str) -> bool {
    let is_of = |start: &str, within: &str| text.starts_with(start) || holds(text, within);
    is_of("tcp(", "@tcp(") || is_of("unix(", "@unix(")
}

/// Returns whether a text contains several whole URLs, separated by `,`, `;` or blanks.
pub(super) fn is_url_list(text: &str) -> bool {
    /// Maximum length of a scheme, in bytes.
    const MAX_LENGTH: usize = 32;
    let is_separator = |byte: &u8| matches!(byte, b',' | b';' | b' ' | b'\n' | b'\t' | b'|');
    for (end, _) in text.match_indices("://").skip(1) {
        let before = &text.as_bytes()[end.saturating_sub(MAX_LENGTH)..end];
        if let Some(at) = before.iter().rposition(is_separator) {
            let start = end - (before.len() - at - 1);
            if scheme::find_scheme(&text[start..end]).is_some() {
                return true;
            }
        }
    }
    false
}

const JDBC: &str = "jdbc";

/// Returns whether the name is a valid scheme (RFC 3986, section 3.1). A driver after a `+` may have a `_`, as in SQLAlchemy's
/// `oracle+cx_oracle`.
fn is_scheme(name: &str) -> bool {
    let (name, driver) = name.split_once('+').unwrap_or((name, ""));
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && is_all(name, is_of_scheme)
        && is_all(driver, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_')
        })
}
