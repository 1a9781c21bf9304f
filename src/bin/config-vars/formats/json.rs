//! JSON text to a [`Node`].
//!
//! serde_json checks the text and finds the ends of its values; the values are copied from there. So each secret has a single
//! copy, of its final size, instead of those in serde_json's growing buffers.

use super::document::{MAX_LEVELS, Node, are_unique};
use config_vars::SecretString;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use zeroize::Zeroizing;

/// Parses JSON. The message has the place of a fault, and nothing of the text: serde_json's own would quote it.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("line {line}, column {column}: is not valid JSON")
    })?;
    node(raw, MAX_LEVELS)
}

/// Returns the text of a member, as it is written.
pub(super) fn raw_member<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let Members(members) = serde_json::from_str(text).ok()?;
    members
        .into_iter()
        .find(|(name, _)| name == key)
        .map(|(_, value)| value.get())
}

fn node(raw: &RawValue, levels: usize) -> Result<Node, String> {
    // The text is valid JSON already.
    let invalid = |_| "is not valid JSON".to_owned();
    if levels == 0 {
        return Err(format!("is nested deeper than {MAX_LEVELS} levels"));
    }
    let text = raw.get();
    Ok(match text.as_bytes() {
        [b'{', ..] => {
            let Members(members) = serde_json::from_str(text).map_err(invalid)?;
            let members = members
                .into_iter()
                .map(|(name, value)| Ok((name, node(value, levels - 1)?)))
                .collect::<Result<Vec<_>, String>>()?;
            if !are_unique(&members) {
                return Err("is a JSON object that has a name twice; keep one of the two".to_owned());
            }
            Node::Object(members)
        }
        [b'[', ..] => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(invalid)?;
            let elements = elements.into_iter().map(|element| node(element, levels - 1));
            Node::List(elements.collect::<Result<_, _>>()?)
        }
        [b'"', ..] => Node::Text(unescaped(text).ok_or("is JSON with half a surrogate pair in a text")?),
        [b'n', ..] => Node::Null,
        _ => Node::Plain(text.into()),
    })
}

/// Returns the text of a JSON string without its quotes and escapes.
fn unescaped(json: &str) -> Option<SecretString> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    // An escape is longer than its character, so the buffer never grows.
    let mut text = Zeroizing::new(String::with_capacity(rest.len()));
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest[at..])?;
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    Some(text.as_str().into())
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

/// The members of an object in their order, including repeated ones.
struct Members<'j>(Vec<(String, &'j RawValue)>);

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
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}
