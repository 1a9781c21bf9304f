//! Comparisons of a text with a list of words, or of its bytes with a set: compiled once, not at each place that needs one.

/// A set of characters. Searches of the standard library are compiled for each type of pattern, so this is the one for sets.
pub(crate) type CharacterSet = fn(char) -> bool;

/// Returns whether the list has the text, in any case.
pub(crate) fn is_listed(list: &[&str], text: &str) -> bool {
    find_listed(list, text).is_some()
}

/// Returns the item of the list that is the text, in any case.
pub(crate) fn find_listed<'l>(list: &[&'l str], text: &str) -> Option<&'l str> {
    list.iter()
        .find(|listed| listed.eq_ignore_ascii_case(text))
        .copied()
}

/// Returns whether the text begins with an item of the list.
pub(crate) fn begins_with_one_of(text: &str, list: &[&str]) -> bool {
    for start in list {
        if text.starts_with(start) {
            return true;
        }
    }
    false
}

/// Returns whether the text contains an item of the list.
pub(crate) fn contains_one_of(text: &str, list: &[&str]) -> bool {
    for part in list {
        if text.contains(part) {
            return true;
        }
    }
    false
}

/// Returns whether each piece between separators is in the set.
pub(crate) fn is_each(text: &str, separator: char, is_in_set: fn(&str) -> bool) -> bool {
    for piece in text.split(separator) {
        if !is_in_set(piece) {
            return false;
        }
    }
    true
}

/// Returns whether a text has a `name=value` pair of one of the names, in any case.
pub(crate) fn has_pair(text: &str, names: &[&str]) -> bool {
    let is_between_pairs: CharacterSet = |character| character.is_whitespace() || ";,".contains(character);
    for pair in text.split(is_between_pairs) {
        if matches!(pair.split_once('='), Some((name, _)) if is_listed(names, name)) {
            return true;
        }
    }
    false
}

/// Returns the text before the first of the endings that it has.
///
/// Discovery asks this of every name. Only if it is inlined are the comparisons with a table unrolled, which makes discovery 5 %
/// faster (measured in instructions).
#[inline(always)]
pub(crate) fn before_ending<'t>(text: &'t str, endings: &[&str]) -> Option<&'t str> {
    for ending in endings {
        if let Some(before) = text.strip_suffix(ending) {
            return Some(before);
        }
    }
    None
}

/// Returns whether a byte separates the words of an option's name.
pub(crate) fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'_' | b'.' | b' ')
}

/// Returns whether a text contains one of the characters, which are ASCII.
pub(crate) fn has_any_character(text: &str, characters: &str) -> bool {
    for byte in text.as_bytes() {
        if characters.as_bytes().contains(byte) {
            return true;
        }
    }
    false
}

/// Returns whether all bytes are in the set, as those of an empty text are.
#[inline]
pub(crate) fn is_all(text: &str, is_in_set: fn(u8) -> bool) -> bool {
    for byte in text.as_bytes() {
        if !is_in_set(*byte) {
            return false;
        }
    }
    true
}

/// Returns whether a byte of the set is followed by the same byte. Without a way out of the loop, the compiler compares many at
/// once: a search for `__` among options, most of which have a `_`, takes a fifth of the time.
#[inline]
pub(crate) fn has_doubled(text: &str, is_in_set: impl Fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let pairs = bytes.iter().zip(bytes.get(1..).unwrap_or_default());
    pairs.fold(false, |has, (byte, next)| has | (byte == next) & is_in_set(*byte))
}

/// Returns whether the text is a whole number without a sign, of any length.
#[inline]
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && is_all(text, |byte| byte.is_ascii_digit())
}

/// Returns the meaning of a config var that turns something on or off.
pub(crate) fn read_switch(text: &str) -> Option<bool> {
    if is_listed(&["1", "true", "yes", "on"], text) {
        return Some(true);
    }
    is_listed(&["0", "false", "no", "off"], text).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_in_any_case() {
        for (text, meaning) in [
            ("1", Some(true)),
            ("True", Some(true)),
            ("YES", Some(true)),
            ("on", Some(true)),
            ("0", Some(false)),
            ("false", Some(false)),
            ("No", Some(false)),
            ("OFF", Some(false)),
            ("", None),
            ("2", None),
            ("enabled", None),
        ] {
            assert_eq!(read_switch(text), meaning, "{text}");
        }
    }

    #[test]
    fn number_has_digits_only() {
        for text in ["", "-1", "+1", "1.0", "٣"] {
            assert!(!is_number(text), "{text}");
        }
        assert!(is_number("007"));
    }

    #[test]
    fn doubled_bytes_of_the_set_are_found() {
        for (text, is_doubled) in [
            ("", false),
            ("_", false),
            ("__", true),
            ("_a_", false),
            ("aabb", false),
            ("pool_min_size=1&max_lifetime=2&__", true),
            ("_äö_ü__ü", true),
        ] {
            assert_eq!(has_doubled(text, |byte| byte == b'_'), is_doubled, "{text}");
        }
        assert!(!has_doubled("._._", |byte| matches!(byte, b'.' | b'_')));
    }

    #[test]
    fn text_before_the_first_ending_is_returned() {
        assert_eq!(before_ending("A_URL", &["_URI", "_URL", "L"]), Some("A"));
        assert_eq!(before_ending("A", &["_URL"]), None);
    }
}
