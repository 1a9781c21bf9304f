//! Checks of the value of a config var as a whole, before it is split.

use super::characters::is_blank;
use crate::error::{Blank, Component, Error, Fault};
use crate::placeholder;
use crate::secret;

/// Refuses blanks at either end of a value, and quotes around the whole value.
#[inline]
pub(crate) fn check_edges(text: &str) -> Result<(), Error> {
    let first = text.chars().next();
    let last = text.chars().next_back();
    let is_quote = |edge: &char| matches!(edge, '"' | '\'' | '`');
    let fault = match (first.and_then(blank), last.and_then(blank)) {
        (Some(blank), _) => Fault::Leading(blank),
        (None, Some(blank)) => Fault::Trailing(blank),
        _ if text.len() > 1 && first == last && first.as_ref().is_some_and(is_quote) => Fault::Quotes,
        _ => return Ok(()),
    };
    Err(Error::at(Component::Value, fault))
}

/// Refuses blanks and quotes around a URL, and a placeholder or a reference instead of one. If the scheme is known, it is
/// neither: an app-defined kind may have the scheme of a reference, such as `vault`.
#[inline]
pub(super) fn check_surroundings(text: &str, has_known_scheme: bool) -> Result<(), Error> {
    // Nearly all URLs: what begins with a scheme can only be wrong at its end.
    if has_known_scheme && matches!(text.as_bytes(), [.., b'a'..=b'z' | b'0'..=b'9' | b'/']) {
        return Ok(());
    }
    check_edges(text)?;
    let fault = match text.chars().next() {
        None => Fault::Empty,
        // No URL starts with a quote, whether or not one ends it.
        Some('"' | '\'' | '`') => Fault::Quotes,
        Some('“' | '”' | '„' | '‘' | '’' | '«' | '»') => Fault::TypographicQuotes,
        Some('$') => Fault::Reference,
        Some('<') if secret::holds_url(text) && text.ends_with('>') => Fault::AngleBrackets,
        Some('<') => Fault::Placeholder,
        Some(_) if has_known_scheme => return Ok(()),
        Some(_) => match placeholder::in_credential(text) {
            Some(fault @ (Fault::Reference | Fault::Placeholder)) => fault,
            _ => return Ok(()),
        },
    };
    Err(Error::at(Component::Value, fault))
}

fn blank(character: char) -> Option<Blank> {
    Some(match character {
        '!'..='~' => return None,
        ' ' => Blank::Space,
        '\t' => Blank::Tab,
        '\n' | '\r' => Blank::LineBreak,
        '\u{FEFF}' => Blank::ByteOrderMark,
        _ if is_blank(character) => Blank::Invisible,
        _ => return None,
    })
}
