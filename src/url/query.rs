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
    query
        .split('&')
        .filter(|option| !option.is_empty())
        .map(|option| match option.split_once('=') {
            Some((name, value)) => RawOption {
                name,
                value: Some(value),
            },
            None => RawOption {
                name: option,
                value: None,
            },
        })
}

impl RawOption<'_> {
    /// Whether the option, once decoded, has this name.
    pub(super) fn is_named(&self, name: &str, ignore_case: bool) -> bool {
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
