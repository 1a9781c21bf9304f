//! The options of a query: `name=value`, separated by `&`.

use crate::secret;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// One option, as it is written.
#[derive(Clone, Copy)]
pub(super) struct RawOption<'t> {
    pub(super) name: &'t str,
    /// `None` where there is no `=`.
    pub(super) value: Option<&'t str>,
}

/// The options in their order. Empty places (`a=1&&b=2`) hold none.
pub(super) fn options(query: &str) -> impl Iterator<Item = RawOption<'_>> {
    let bytes = query.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        start = find(bytes, start, |byte| byte != b'&');
        let name_end = find(bytes, start, |byte| byte == b'=' || byte == b'&');
        let end = find(bytes, name_end, |byte| byte == b'&');
        let option = RawOption {
            name: &query[start..name_end],
            value: query.get(name_end + 1..end),
        };
        let is_there = start < end;
        start = end;
        is_there.then_some(option)
    })
}

/// Where the first such byte is, from `start` on; else the end.
fn find(bytes: &[u8], start: usize, is_it: impl Fn(u8) -> bool) -> usize {
    let found = bytes[start..].iter().position(|&byte| is_it(byte));
    found.map_or(bytes.len(), |at| start + at)
}

impl RawOption<'_> {
    /// Whether the option, once decoded, has this name.
    #[inline]
    pub(super) fn is_named(&self, name: &str, ignore_case: bool) -> bool {
        // Most names are told apart by their first letters.
        let may_start = |own: u8, other: u8| own == b'%' || own.eq_ignore_ascii_case(&other);
        let starts = self.name.bytes().next().zip(name.bytes().next());
        match starts {
            Some((own, other)) => may_start(own, other) && self.is_named_in_full(name, ignore_case),
            None => self.name.len() == name.len(),
        }
    }

    fn is_named_in_full(&self, name: &str, ignore_case: bool) -> bool {
        if !self.name.bytes().any(|byte| byte == b'%') {
            return match ignore_case {
                true => self.name.eq_ignore_ascii_case(name),
                false => self.name == name,
            };
        }
        let decoded = percent_decode_str(self.name);
        match ignore_case {
            true => decoded
                .map(|byte| byte.to_ascii_lowercase())
                .eq(name.bytes().map(|byte| byte.to_ascii_lowercase())),
            false => decoded.eq(name.bytes()),
        }
    }

    /// The value, decoded; empty where there is no `=`. `None` cannot happen: the escapes of a query are checked
    /// before a `ResourceUrl` is made.
    pub(super) fn decoded_value(&self) -> Option<SecretString> {
        secret::with_clean_stack(|| secret::decode_secret(self.value.unwrap_or_default())).ok()
    }

    /// The name, decoded. `None` cannot happen, as above.
    pub(super) fn decoded_name(&self) -> Option<SecretString> {
        secret::with_clean_stack(|| secret::decode_secret(self.name)).ok()
    }
}
