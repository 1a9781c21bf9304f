//! Characters that a URL must not contain unencoded, and characters that a reader cannot see.

use super::byte_classes::ByteClasses;
use crate::error::{Component, Error, Fault, Raw};
use crate::text::has_any_character;

/// Returns whether a text contains a delimiter of options. If the name of a database does, unencoded, options are glued to it.
pub(super) fn has_option_mark(text: &str) -> bool {
    has_any_character(text, ";&=")
}

/// Refuses characters that must be encoded in every part of a URL: spaces, control characters, and invisible characters.
pub(super) fn check_plain(part: &str, component: Component) -> Result<(), Error> {
    if !ByteClasses::of(part).has(ByteClasses::NOT_GRAPHIC) {
        return Ok(());
    }
    for character in part.chars() {
        if let Some(raw) = raw_blank(character) {
            return Err(Error::at(component, Fault::Unencoded(raw)));
        }
    }
    Ok(())
}

fn raw_blank(character: char) -> Option<Raw> {
    Some(match character {
        ' ' => Raw::Space,
        '\t' => Raw::Tab,
        '\n' => Raw::LineFeed,
        '\r' => Raw::CarriageReturn,
        '\0' => Raw::Nul,
        _ if character.is_control() => Raw::Control,
        _ if is_invisible(character) => Raw::Invisible,
        _ => return None,
    })
}

/// Returns whether a text contains a blank that is not a space. Only paths of sockets may contain spaces.
pub(super) fn has_blank_but_space(text: &str) -> bool {
    for character in text.chars() {
        if character != ' ' && is_blank(character) {
            return true;
        }
    }
    false
}

/// Returns whether the character is blank, a control character, or has no width.
pub(super) fn is_blank(character: char) -> bool {
    character.is_control() || is_invisible(character)
}

/// Returns whether the character is white space or has no width. Such characters are often copied from a web page along with
/// a value.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        )
}
