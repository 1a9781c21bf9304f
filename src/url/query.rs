//! The options of a query: `name=value`, separated by `&`.

use crate::secret;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// One option, as it is written: `name=value`, or only a name.
#[derive(Clone, Copy)]
pub(super) struct RawOption<'t>(&'t str);

/// The options of a query in their order, without empty ones (`a=1&&b=2`).
#[derive(Clone)]
pub(super) struct Options<'t> {
    rest: &'t str,
}

impl<'t> Options<'t> {
    pub(super) fn of(query: &'t str) -> Self {
        Self { rest: query }
    }
}

impl<'t> Iterator for Options<'t> {
    type Item = RawOption<'t>;

    #[inline]
    fn next(&mut self) -> Option<RawOption<'t>> {
        while !self.rest.is_empty() {
            let end = secret::find(self.rest.as_bytes(), 0, b'&');
            let item = &self.rest[..end];
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            if !item.is_empty() {
                return Some(RawOption(item));
            }
        }
        None
    }
}

/// The first letters of names, as bits: most options differ from all of the names in their first letter.
#[derive(Clone, Copy)]
pub(super) struct Initials(u32);

impl Initials {
    pub(super) fn of(lists: &[&[&str]]) -> Self {
        let mut initials = 0;
        for names in lists {
            for name in *names {
                if let Some(initial) = name.bytes().next() {
                    initials |= Self::bit(initial);
                }
            }
        }
        Self(initials)
    }

    /// Returns `false` if the option has none of the names.
    pub(super) fn may_be_of(self, option: RawOption<'_>) -> bool {
        match option.0.bytes().next() {
            Some(b'%') => true,
            Some(initial) => self.0 & Self::bit(initial) != 0,
            None => false,
        }
    }

    /// Both cases of a letter have the same bit.
    fn bit(initial: u8) -> u32 {
        1 << (initial & 0x1f)
    }
}

impl<'t> RawOption<'t> {
    /// Returns the whole option.
    pub(super) fn text(self) -> &'t str {
        self.0
    }

    pub(super) fn name(self) -> &'t str {
        &self.0[..secret::find(self.0.as_bytes(), 0, b'=')]
    }

    /// Returns the first letter of the name, counted from `a`, in any case; `None` if the name begins with another character.
    pub(super) fn first_letter(self) -> Option<usize> {
        let first = self.0.bytes().next()?.to_ascii_lowercase();
        first
            .is_ascii_lowercase()
            .then_some(usize::from(first.wrapping_sub(b'a')))
    }

    /// Returns `None` if there is no `=`.
    pub(super) fn value(self) -> Option<&'t str> {
        self.split().1
    }

    /// Returns the name, and the value if there is a `=`.
    pub(super) fn split(self) -> (&'t str, Option<&'t str>) {
        let name = self.name();
        (name, self.0.get(name.len() + 1..))
    }

    /// Returns whether the decoded option has this name.
    #[inline]
    pub(super) fn is_named(self, name: &str, ignore_case: bool) -> bool {
        let own = self.0.as_bytes();
        let is_same = |own: u8, other: u8| own == other || ignore_case && own.eq_ignore_ascii_case(&other);
        // The first byte alone tells most names apart.
        if let (Some(first), Some(other)) = (own.first(), name.as_bytes().first()) {
            if *first != b'%' && !is_same(*first, *other) {
                return false;
            }
        }
        let mut common = 0;
        for (own, other) in own.iter().zip(name.as_bytes()) {
            // The requested name may contain both characters itself.
            if matches!(own, b'%' | b'=') || !is_same(*own, *other) {
                break;
            }
            common += 1;
        }
        match own.get(common) {
            None | Some(b'=') => common == name.len(),
            // The escaped character may be the same.
            Some(b'%') => self.is_named_in_full(name, ignore_case),
            Some(_) => false,
        }
    }

    fn is_named_in_full(self, name: &str, ignore_case: bool) -> bool {
        let mut others = name.bytes();
        for own in percent_decode_str(self.name()) {
            match others.next() {
                Some(other) if own == other || ignore_case && own.eq_ignore_ascii_case(&other) => {}
                _ => return false,
            }
        }
        others.next().is_none()
    }

    /// Decodes the value; empty if there is no `=`.
    pub(super) fn decode_value(self) -> SecretString {
        decode(self.value().unwrap_or_default())
    }

    pub(super) fn decode_name(self) -> SecretString {
        decode(self.name())
    }

    /// Decodes the whole option.
    pub(super) fn decode_text(self) -> SecretString {
        decode(self.0)
    }
}

/// Decodes a part of a query. Its escapes were checked before, so this cannot fail. The caller cleans the stack.
fn decode(part: &str) -> SecretString {
    secret::decode_secret(part).unwrap_or_default()
}
