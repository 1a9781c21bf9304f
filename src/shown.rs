//! How names of config vars, attachments and sources are shown.
//!
//! A name may contain control characters or invisible characters, and it may be a value by mistake. The command includes this
//! file, so it depends on nothing else in the crate.

use std::fmt::{self, Write};

/// Replaces a name that may be a value.
pub(crate) const REDACTED: &str = "[redacted]";

/// A name on one line: escaped, and redacted if it may be a value. `Debug` adds quotes.
#[derive(Clone, Copy)]
pub(crate) struct ShownName<'n>(&'n str);

impl<'n> ShownName<'n> {
    /// The name of a config var that exists, or of an attachment.
    pub(crate) fn name(name: &'n str) -> Self {
        Self(if is_value(name) { REDACTED } else { name })
    }

    /// The name of a source. It may be an address (`https://vault.example/v1`), unless that can contain credentials.
    pub(crate) fn origin(name: &'n str) -> Self {
        const MARKS: &[char] = &['@', '?', '#'];
        let has_credentials = holds_url(name) && name.contains(MARKS);
        Self(if has_credentials { REDACTED } else { name })
    }
}

impl fmt::Display for ShownName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = 0;
        for (at, character) in self.0.char_indices() {
            if character != '\\' && !is_unsafe(character) {
                continue;
            }
            f.write_str(&self.0[written..at])?;
            match character {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                _ => write!(f, "\\u{{{:x}}}", u32::from(character))?,
            }
            written = at + character.len_utf8();
        }
        f.write_str(&self.0[written..])
    }
}

impl fmt::Debug for ShownName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        let mut quote = "";
        for piece in self.0.split('"') {
            write!(f, "{quote}{}", ShownName(piece))?;
            quote = "\\\"";
        }
        f.write_char('"')
    }
}

/// `str::contains` would leave pieces of the name on the stack, which may be a value.
fn holds_url(name: &str) -> bool {
    for three in name.as_bytes().windows(3) {
        if three == b"://" {
            return true;
        }
    }
    false
}

/// Returns whether a name is a URL or credentials. No platform allows such a name.
pub(crate) fn is_value(name: &str) -> bool {
    holds_url(name) || name.contains('@')
}

/// Returns whether a text that is not the name of a config var looks like one. It may be a value by mistake (`--require
/// "$DATABASE_URL=postgres"`), so this is strict: letters, digits, `_`, `-` and `.`, not too long, and without the many
/// digits or the mix of letters and digits of a token.
pub(crate) fn is_like_name(text: &str) -> bool {
    const MAX_LENGTH: usize = 64;
    const MAX_DIGITS: usize = 4;
    const MIN_TOKEN: usize = 16;
    let count = |is: fn(&u8) -> bool| text.bytes().filter(is).count();
    let digits = count(u8::is_ascii_digit);
    let is_mixed = digits > 0 && count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
    matches!(text.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..])
        && text.len() <= MAX_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && digits <= MAX_DIGITS
        && !(is_mixed && text.len() >= MIN_TOKEN)
}

/// Returns whether the character controls a terminal or is invisible: control characters, line and paragraph separators,
/// blanks beyond ASCII, characters of no width, and marks that change the direction of text.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || character.is_whitespace() && character != ' '
        || matches!(
            character,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}
