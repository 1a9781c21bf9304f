//! The options of a query: `name=value`, separated by `&`.

use crate::secret;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// One option, as it is written: `name=value`, or a name alone.
#[derive(Clone, Copy)]
pub(super) struct RawOption<'t>(&'t str);

/// The options in their order. Empty places (`a=1&&b=2`) hold none.
#[inline]
pub(super) fn options(query: &str) -> impl Iterator<Item = RawOption<'_>> {
    let mut start = 0;
    let items = std::iter::from_fn(move || {
        let end = secret::find(query.as_bytes().get(start..)?, 0, b'&');
        let item = &query[start..start + end];
        start += end + 1;
        Some(RawOption(item))
    });
    items.filter(|option| !option.0.is_empty())
}

impl<'t> RawOption<'t> {
    pub(super) fn name(self) -> &'t str {
        &self.0[..secret::find(self.0.as_bytes(), 0, b'=')]
    }

    /// The first letter of the name, counted from `a`, whatever its case; `None` where there is none, or an escape.
    pub(super) fn first_letter(self) -> Option<usize> {
        let first = self.0.bytes().next()?;
        first
            .is_ascii_alphabetic()
            .then(|| usize::from(first.to_ascii_lowercase() - b'a'))
    }

    /// `None` where there is no `=`.
    pub(super) fn value(self) -> Option<&'t str> {
        self.0.get(self.name().len() + 1..)
    }

    /// Whether the option, once decoded, has this name.
    #[inline]
    pub(super) fn is_named(self, name: &str, ignore_case: bool) -> bool {
        let own = self.0.as_bytes();
        let is_same = |own: u8, other: u8| own == other || ignore_case && own.eq_ignore_ascii_case(&other);
        // A name that is asked for may hold both itself.
        let is_end = |byte: u8| matches!(byte, b'%' | b'=');
        let pairs = own.iter().zip(name.bytes());
        let common = pairs
            .take_while(|(own, other)| !is_end(**own) && is_same(**own, *other))
            .count();
        match own.get(common) {
            None | Some(b'=') => common == name.len(),
            // What it stands for may be the same.
            Some(b'%') => self.is_named_in_full(name, ignore_case),
            Some(_) => false,
        }
    }

    fn is_named_in_full(self, name: &str, ignore_case: bool) -> bool {
        let decoded = percent_decode_str(self.name());
        match ignore_case {
            true => decoded
                .map(|byte| byte.to_ascii_lowercase())
                .eq(name.bytes().map(|byte| byte.to_ascii_lowercase())),
            false => decoded.eq(name.bytes()),
        }
    }

    /// Returns whether the name, once decoded, is a spelling of this one, which is in lower case: whatever its own case, and,
    /// where this one has no separators, with any.
    pub(super) fn is_spelling_of(self, name: &str) -> bool {
        let is_separator = |byte: &u8| matches!(byte, b'-' | b'_' | b'.' | b' ');
        let keeps_separators = name.bytes().any(|byte| is_separator(&byte));
        percent_decode_str(self.name())
            .filter(|byte| keeps_separators || !is_separator(byte))
            .map(|byte| byte.to_ascii_lowercase())
            .eq(name.bytes())
    }

    /// Whether the value, once decoded, is this one, which has no escapes.
    pub(super) fn is(self, value: &str) -> bool {
        let own = self.value().unwrap_or_default();
        secret::with_clean_stack(|| own == value || percent_decode_str(own).eq(value.bytes()))
    }

    /// The value, decoded; empty where there is no `=`. `None` cannot happen: the escapes of a query are checked
    /// before a `ResourceUrl` is made.
    pub(super) fn decoded_value(self) -> Option<SecretString> {
        secret::with_clean_stack(|| secret::decode_secret(self.value().unwrap_or_default())).ok()
    }

    /// The name, decoded. `None` cannot happen, as above.
    pub(super) fn decoded_name(self) -> Option<SecretString> {
        secret::with_clean_stack(|| secret::decode_secret(self.name())).ok()
    }
}
