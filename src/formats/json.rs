//! JSON that contains secrets, read without leaving copies: `serde_json` splits it, and never unescapes a value.

use crate::error::{Error, Fault};
use crate::secret::FixedBuffer;
use crate::snapshot::ConfigValue;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

pub(super) fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// Returns the text of a JSON string without quotes and escapes. serde_json would unescape it in its own buffer.
pub(super) fn string(json: &str) -> ConfigValue {
    let mut rest = json
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'))
        .unwrap_or(json);
    // An escape is longer than its character.
    let mut text = FixedBuffer::<String>::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        let Some((character, length)) = escape(&rest[at..]) else {
            return ConfigValue::NOT_UNICODE;
        };
        text.push_str(&rest[..at]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text.as_str().into()
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
            let first = unit(2)?;
            let second = text
                .get(6..8)
                .filter(|start| *start == "\\u")
                .and_then(|_| unit(8));
            let character = char::decode_utf16([first].into_iter().chain(second))
                .next()?
                .ok()?;
            return Some((character, 6 * character.len_utf16()));
        }
        other => char::from(*other),
    };
    Some((character, 2))
}

/// Returns the members of an object; `malformed` is the fault of anything else, which is not passed to serde_json, because
/// its errors would quote it.
pub(super) fn members(object: &RawValue, malformed: Fault) -> Result<Vec<(String, &RawValue)>, Error> {
    if !object.get().starts_with('{') {
        return Err(Error::new(malformed));
    }
    let JsonMembers(members) = serde_json::from_str(object.get()).map_err(|_| Error::new(malformed))?;
    let mut keys = HashSet::new();
    match members.iter().all(|(key, _)| keys.insert(key)) {
        true => Ok(members),
        false => Err(Error::new(Fault::RepeatedKey)),
    }
}

/// Returns the elements of a list; `malformed` is the fault of anything else.
pub(super) fn elements(list: &RawValue, malformed: Fault) -> Result<Vec<&RawValue>, Error> {
    let is_list = list.get().starts_with('[');
    let elements = || serde_json::from_str(list.get()).ok();
    is_list
        .then(elements)
        .flatten()
        .ok_or_else(|| Error::new(malformed))
}

/// The members in their order, including repeated ones.
struct JsonMembers<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for JsonMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = JsonMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<JsonMembers<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonMembers(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}
