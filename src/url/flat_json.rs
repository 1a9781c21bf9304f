//! JSON objects without nesting, as options have them: `{"rejectUnauthorized":true}`.
//!
//! `serde_json` is for features alone; and what is not understood here is not to be used in any case.

use crate::text::CharacterSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JsonValue<'t> {
    Bool(bool),
    Text(&'t str),
    /// A number, or `null`.
    Other,
}

/// Returns the members of an object, in their order; `None` if it is malformed, nested, or has escapes.
pub(super) fn read(text: &str) -> Option<Vec<(&str, JsonValue<'_>)>> {
    let mut rest = trim(text).strip_prefix('{')?;
    let mut members = Vec::new();
    if let Some(end) = trim(rest).strip_prefix('}') {
        return trim(end).is_empty().then_some(members);
    }
    loop {
        let (name, after) = string(trim(rest))?;
        let (value, after) = value(trim(trim(after).strip_prefix(':')?))?;
        members.push((name, value));
        let after = trim(after);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return trim(after.strip_prefix('}')?).is_empty().then_some(members),
        }
    }
}

fn trim(text: &str) -> &str {
    const BLANKS: &[char] = &[' ', '\t', '\n', '\r'];
    text.trim_matches(BLANKS)
}

/// A string, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let (string, rest) = text.strip_prefix('"')?.split_once('"')?;
    (!string.contains('\\')).then_some((string, rest))
}

fn value(text: &str) -> Option<(JsonValue<'_>, &str)> {
    if text.starts_with('"') {
        return string(text).map(|(string, rest)| (JsonValue::Text(string), rest));
    }
    let is_end: CharacterSet = |character| ",}".contains(character) || character.is_ascii_whitespace();
    let (word, rest) = text.split_at(text.find(is_end)?);
    let value = match word {
        "true" => JsonValue::Bool(true),
        "false" => JsonValue::Bool(false),
        "null" => JsonValue::Other,
        number if number.parse::<f64>().is_ok() => JsonValue::Other,
        _ => return None,
    };
    Some((value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_objects_are_read_and_others_are_refused() {
        let (yes, no) = (JsonValue::Bool(true), JsonValue::Bool(false));
        for (text, members) in [
            ("{}", Some(vec![])),
            (" { } ", Some(vec![])),
            (r#"{"a":true}"#, Some(vec![("a", yes)])),
            (
                "{ \"a\" : false ,\n\t\"b\":\"x,}\" }",
                Some(vec![("a", no), ("b", JsonValue::Text("x,}"))]),
            ),
            (
                r#"{"a":1.5e3,"b":null}"#,
                Some(vec![("a", JsonValue::Other), ("b", JsonValue::Other)]),
            ),
            ("", None),
            ("{", None),
            ("[]", None),
            ("{}x", None),
            (r#"{"a":true"#, None),
            (r#"{"a":true,}"#, None),
            (r#"{"a" true}"#, None),
            (r#"{a:true}"#, None),
            (r#"{"a":True}"#, None),
            (r#"{"a":{"b":true}}"#, None),
            (r#"{"a":[true]}"#, None),
            (r#"{"a\u0000":true}"#, None),
        ] {
            assert_eq!(read(text), members, "{text}");
        }
    }
}
