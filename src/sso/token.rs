//! The tokens of a sign-on form, and what each proves.

use crate::secret::{self, FixedBuffer};
use crate::text::is_all;
use secrecy::SecretString;
use sha1::Sha1;
use sha1::digest::{Digest, Output};
use sha2::Sha256;
use zeroize::Zeroize;

/// A token, and what it proves: the digest of the first field, the salt, the timestamp, and the other fields.
pub(super) struct TokenRule {
    pub(super) token: &'static str,
    pub(super) id: &'static str,
    pub(super) others: &'static [&'static str],
    pub(super) digest: fn(&[&str]) -> SecretString,
}

impl TokenRule {
    /// Returns the fields that it proves, besides the timestamp.
    pub(super) fn proved(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.id).chain(self.others.iter().copied())
    }
}

pub(super) const USER_SCOPED: TokenRule = TokenRule {
    token: "user_scoped_resource_token",
    id: "resource_id",
    others: &["user_id", "email"],
    digest: hex_digest::<Sha256>,
};

pub(super) const TOKEN_RULES: [TokenRule; 3] = [
    TokenRule {
        token: "token",
        id: "id",
        others: &[],
        digest: hex_digest::<Sha1>,
    },
    TokenRule {
        token: "resource_token",
        id: "resource_id",
        others: &[],
        digest: hex_digest::<Sha1>,
    },
    USER_SCOPED,
];

/// Returns the digest of the parts, joined by colons, in hexadecimal digits.
fn hex_digest<D: Digest>(parts: &[&str]) -> SecretString {
    let mut hasher = D::new();
    // Part by part, so that no buffer holds the salt.
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hasher.update(":");
        }
        hasher.update(part);
    }
    let mut digest = Output::<D>::default();
    hasher.finalize_into(&mut digest);
    let mut token = FixedBuffer::<String>::with_capacity(2 * digest.len());
    for byte in &digest {
        for digit in [byte >> 4, byte & 0xF] {
            token.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    digest.as_mut_slice().zeroize();
    secret::adopt(token.take())
}

/// Returns whether a proved field can be interpreted in only one way.
pub(super) fn is_unambiguous(name: &str, value: &str) -> bool {
    match name {
        // The token of an `id` is right for the same text as a `resource_id`.
        "resource_id" => is_uuid(value),
        // Colons join the fields: with one in the user's id, a piece of the address could pass for a piece of the id.
        "user_id" => !value.contains(':'),
        // The padding by which anybody can extend a digest has such characters.
        "email" => !value.contains(char::is_control),
        _ => true,
    }
}

/// Returns whether the text is a UUID in its usual form: `01234567-89ab-cdef-0123-456789abcdef`.
fn is_uuid(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_hex = |group: &str| is_all(group, |byte| byte.is_ascii_hexdigit());
    text.split('-').map(str::len).eq(GROUPS) && text.split('-').all(is_hex)
}
