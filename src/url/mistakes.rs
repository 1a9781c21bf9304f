//! Signs of mistakes that explain a fault better than the place where it was found: text around a URL, or an encoding of it.

use crate::error::{Component, Error, Fault};
use crate::scheme::find_scheme;
use crate::secret::{holds, holds_url, split_at_scheme};
use crate::shown::is_like_name;
use crate::text::{CharacterSet, has_any_character, has_pair, is_all};

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

/// Returns whether a value says what a URL does, in another form.
pub(crate) fn is_in_other_form(text: &str) -> bool {
    is_encoded(text) || is_base64(text) || is_in_pairs(text)
}

/// Returns whether a value has the parts of a URL as `name=value`, as libpq, ADO.NET and StackExchange.Redis take them.
pub(super) fn is_in_pairs(text: &str) -> bool {
    has_pair(text, &["host", "hostaddr", "password", "pwd", "server", "source"])
}

/// Returns whether a URL follows the name of a config var, as in a line of a file (`DATABASE_URL=postgres://…`), or of what
/// `heroku config` prints.
fn has_name_before(text: &str) -> bool {
    let (before, rest) = split_at_scheme(text).unwrap_or_default();
    let is_of_scheme: CharacterSet =
        |character| character.is_ascii_alphanumeric() || "+-.".contains(character);
    let is_separator: CharacterSet = |character| " \t=:>\"'".contains(character);
    let is_of_list: CharacterSet = |character| "-* ".contains(character);
    let (before, scheme) = before.split_at(before.trim_end_matches(is_of_scheme).len());
    let name = before.trim_end_matches(is_separator);
    // A colon alone may separate a user from a password.
    let is_separated = has_any_character(&before[name.len()..], " \t=");
    let name = name.trim_start_matches(is_of_list);
    // `AccountEndpoint=https://h/;AccountKey=k`, of Azure's services, is no URL.
    is_separated && is_like_name(name) && find_scheme(scheme).is_some() && !rest.contains(';')
}

fn is_json(text: &str) -> bool {
    let is_opened = text.starts_with('{') || text.starts_with('[');
    is_opened && text[1..].trim_start().starts_with('"') && holds_url(text)
}

/// Returns whether a value is a URL of which every character was encoded that can be.
fn is_encoded(text: &str) -> bool {
    const SEPARATOR: &str = "%3A%2F%2F";
    let Some((scheme, rest)) = text.split_once('%') else {
        return false;
    };
    let separator = rest.as_bytes().get(..SEPARATOR.len() - 1).unwrap_or_default();
    separator.eq_ignore_ascii_case(&SEPARATOR.as_bytes()[1..]) && find_scheme(scheme).is_some()
}

/// Returns whether a value is Base64 of a URL, as in the `data` of a Kubernetes Secret.
fn is_base64(text: &str) -> bool {
    /// Number of characters that are looked at: enough for each scheme.
    const LENGTH: usize = 28;
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
    let (scheme, _) = split_at_scheme(decoded).unwrap_or_default();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte);
    is_all(text, is_allowed) && find_scheme(scheme).is_some()
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
    let (_, rest) = text.split_once(char::is_whitespace).unwrap_or_default();
    let rest = rest.trim_start();
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
    let is_of_name: CharacterSet = |character| matches!(character, 'A'..='Z' | '0'..='9' | '_');
    let rest = text.trim_start_matches(is_of_name);
    let is_assigned = match rest.strip_prefix(':') {
        Some(rest) => rest.starts_with(char::is_whitespace),
        None => rest.starts_with('='),
    };
    is_assigned && text.len() - rest.len() > 2
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
    let (mut has_ascii, mut has_look_alike) = (false, false);
    for letter in name.chars() {
        match letter {
            '.' => (has_ascii, has_look_alike) = (false, false),
            'a'..='z' | 'A'..='Z' => has_ascii = true,
            '\u{370}'..='\u{52F}' => has_look_alike = true,
            _ => {}
        }
        if has_ascii && has_look_alike {
            return true;
        }
    }
    false
}
