//! Signs of mistakes that explain a fault better than the place where it was found: text around a URL, or an encoding of it.

use crate::error::{Component, Error, Fault};
use crate::scheme::{self, find_scheme};
use crate::secret::{holds, holds_url, split_at_scheme};
use crate::shown::is_like_name;

/// Returns the fault of a value that does not begin with a scheme, if it has a URL after something else, or in another form.
#[cold]
pub(super) fn before_url(text: &str) -> Option<Fault> {
    if has_name_before(text) {
        Some(Fault::NameBefore)
    } else if is_json(text) {
        Some(Fault::JsonOfUrl)
    } else if is_encoded(text) {
        Some(Fault::EncodedUrl)
    } else {
        is_base64(text).then_some(Fault::Base64OfUrl)
    }
}

/// Returns whether a value is a URL in an encoding that is no scheme's.
pub(crate) fn is_encoded_url(text: &str) -> bool {
    is_encoded(text) || is_base64(text)
}

/// Returns whether a URL follows the name of a config var, as in a line of a file (`DATABASE_URL=postgres://…`), or of what
/// `heroku config` prints.
fn has_name_before(text: &str) -> bool {
    let before = split_at_scheme(text).map_or("", |(before, _)| before);
    let is_of_scheme = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
    let scheme = before.trim_start_matches(|character| !is_of_scheme(character));
    let start = scheme.rfind(|character| !is_of_scheme(character));
    let scheme = &scheme[start.map_or(0, |start| {
        start + scheme[start..].chars().next().map_or(1, char::len_utf8)
    })..];
    let before = before.strip_suffix(scheme).unwrap_or_default();
    let name = before.trim_end_matches([' ', '\t', '=', ':', '>', '"', '\'']);
    // A colon alone may separate a user from a password.
    let is_separated = before[name.len()..].contains([' ', '\t', '=']);
    is_separated && is_like_name(name.trim_start_matches(['-', '*', ' '])) && find_scheme(scheme).is_some()
}

fn is_json(text: &str) -> bool {
    let has_text = |rest: &str| rest.trim_start().starts_with('"');
    text.strip_prefix(['{', '[']).is_some_and(has_text) && holds_url(text)
}

/// Returns whether a value is a URL of which every character was encoded that can be.
fn is_encoded(text: &str) -> bool {
    const SEPARATOR: &str = "%3A%2F%2F";
    let Some((scheme, rest)) = text.split_once('%') else {
        return false;
    };
    let separator = rest.as_bytes().get(..SEPARATOR.len() - 1);
    separator.is_some_and(|start| start.eq_ignore_ascii_case(&SEPARATOR.as_bytes()[1..]))
        && scheme::find_scheme(scheme).is_some()
}

/// Returns whether a value is Base64 of a URL, as in the `data` of a Kubernetes Secret.
fn is_base64(text: &str) -> bool {
    /// Number of characters that are looked at: enough for each scheme.
    const LENGTH: usize = 28;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte);
    let mut start = [0; LENGTH / 4 * 3];
    let mut end = 0;
    for group in text.as_bytes().chunks_exact(4).take(LENGTH / 4) {
        let Some(sextets) = sextets(group) else { break };
        start[end] = sextets[0] << 2 | sextets[1] >> 4;
        start[end + 1] = sextets[1] << 4 | sextets[2] >> 2;
        start[end + 2] = sextets[2] << 6 | sextets[3];
        end += 3;
    }
    let decoded = std::str::from_utf8(&start[..end]).unwrap_or_default();
    text.bytes().all(is_allowed)
        && split_at_scheme(decoded).is_some_and(|(scheme, _)| find_scheme(scheme).is_some())
}

fn sextets(group: &[u8]) -> Option<[u8; 4]> {
    let mut sextets = [0; 4];
    for (sextet, byte) in sextets.iter_mut().zip(group) {
        *sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
    }
    Some(sextets)
}

/// Returns the error of a value in which something follows the URL. `error` is the one that was found.
#[cold]
pub(super) fn after_url(text: &str, error: &Error) -> Option<Error> {
    let is_beyond_credentials = !matches!(error.component(), Some(Component::Username | Component::Password));
    let rest = text
        .split_once(char::is_whitespace)
        .map_or("", |(_, rest)| rest.trim_start());
    // An `@` may be that after a password with a blank.
    let fault = if rest.starts_with('#') && !rest.contains('@') {
        Fault::CommentAfter
    } else if begins_with_var(rest) && (!rest.contains('@') || holds_url(rest)) {
        Fault::VarAfter
    } else if is_beyond_credentials && ends_with_quote(text) {
        Fault::ClosingQuote
    } else {
        return None;
    };
    Some(Error::at(Component::Value, fault))
}

/// Returns whether a text begins as `REDIS_URL=…` or `REDIS_URL: …` do.
fn begins_with_var(text: &str) -> bool {
    let text = text.strip_prefix("export ").unwrap_or(text);
    let Some(end) = text.find(['=', ':']) else {
        return false;
    };
    let name = &text[..end];
    let is_of_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_assigned = text[end..].starts_with('=') || text[end + 1..].starts_with(char::is_whitespace);
    is_assigned && name.len() > 2 && name.bytes().all(is_of_name)
}

/// Returns whether a text ends with a quote.
#[inline]
pub(super) fn ends_with_quote(text: &str) -> bool {
    matches!(text.as_bytes().last(), Some(b'"' | b'\'' | b'`'))
}

/// Refuses JSON's escape of `&` after the hosts, because it hides the options after it.
#[cold]
pub(super) fn check_no_json_escape(text: &str) -> Result<(), Error> {
    match holds(text, "\\u0026") {
        true => Err(Error::at(Component::Value, Fault::JsonEscape)),
        false => Ok(()),
    }
}

/// Returns whether a label of a host name mixes ASCII letters with Greek or Cyrillic ones, of which many look the same.
pub(super) fn has_mixed_alphabets(name: &str) -> bool {
    let is_look_alike = |letter: char| matches!(letter, '\u{370}'..='\u{52F}');
    let is_mixed = |label: &str| {
        label.contains(|letter: char| letter.is_ascii_alphabetic()) && label.contains(is_look_alike)
    };
    name.split('.').any(is_mixed)
}
