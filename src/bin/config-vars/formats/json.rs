//! JSON text to a [`Node`].
//!
//! serde_json checks the text and finds the ends of its values; the values are copied from there. So each secret has a single
//! copy, of its final size, instead of those in serde_json's growing buffers.

use super::document::{MAX_LEVELS, Node, are_unique};
use super::raw_json::{Members, unescape};
use config_vars::SecretString;
use serde_json::value::RawValue;
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
        .find(|(name, _)| name.as_str() == key)
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
                .map(|(mut name, value)| Ok((std::mem::take(&mut *name), node(value, levels - 1)?)))
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
    let mut text = Zeroizing::new(String::with_capacity(json.len()));
    unescape(json, |piece| text.push_str(piece))?;
    Some(text.as_str().into())
}
