//! JSON in its parts, which are not copied: `serde_json` checks the text and finds the ends of values. The command has this file, too.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use zeroize::Zeroizing;

/// The members of an object in their order, including repeated ones. A name may be a value that is in the wrong place.
pub(crate) struct Members<'j>(pub(crate) Vec<(Zeroizing<String>, &'j RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, _>()? {
                    members.push((Zeroizing::new(name), value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}

/// Passes the pieces of a JSON string, without its quotes and escapes, to `push`. serde_json would unescape it in a buffer that
/// is not wiped. Together, the pieces are no longer than the string. `None` if it has half a surrogate pair.
pub(crate) fn unescape(json: &str, mut push: impl FnMut(&str)) -> Option<()> {
    let inside = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    let mut rest = inside.unwrap_or(json);
    while let Some(at) = rest.find('\\') {
        push(&rest[..at]);
        let (character, length) = escape(&rest[at..])?;
        push(character.encode_utf8(&mut [0; 4]));
        rest = &rest[at + length..];
    }
    push(rest);
    Some(())
}

/// Returns the character of an escape, and the escape's length; `None` for half a surrogate pair.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u16::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let character = match text.as_bytes().get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let second = text.get(6..8).filter(|start| *start == "\\u");
            let units = [unit(2)?].into_iter().chain(second.and_then(|_| unit(8)));
            let character = char::decode_utf16(units).next()?.ok()?;
            return Some((character, 6 * character.len_utf16()));
        }
        other => char::from(*other),
    };
    Some((character, 2))
}
