//! Making, decoding, encoding and comparing secret text without leaving a copy behind.
//!
//! Two rules keep freed memory clean. A buffer is made at its final size, because a growing or shrinking one
//! may move and leave its old self behind; and every buffer is wiped by its owner (`SecretString` or
//! `Zeroizing`) when it goes.

use crate::error::Fault;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::SecretString;
use zeroize::{Zeroize, Zeroizing};

/// What stands unescaped in user info and in links: the unreserved characters of RFC 3986, section 2.3.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Takes over a `String`. `SecretString::from` would shrink one with spare capacity, and so might move it.
pub(crate) fn adopt(mut text: String) -> SecretString {
    if text.len() == text.capacity() {
        return SecretString::from(text);
    }
    let secret = SecretString::from(text.as_str());
    text.zeroize();
    secret
}

/// Decodes `%` escapes, exactly once; `+` stays a plus.
pub(crate) fn decode(raw: &str) -> Result<Zeroizing<String>, Fault> {
    let length = decoded_length(raw)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    bytes.extend(percent_decode_str(raw));
    String::from_utf8(std::mem::take(&mut *bytes))
        .map(Zeroizing::new)
        .map_err(|error| {
            error.into_bytes().zeroize();
            Fault::EscapeNotUtf8
        })
}

/// Decodes `%` escapes into a secret.
pub(crate) fn decode_secret(raw: &str) -> Result<SecretString, Fault> {
    if !raw.contains('%') {
        return Ok(SecretString::from(raw));
    }
    decode(raw).map(|mut text| adopt(std::mem::take(&mut *text)))
}

/// Checks that `decode` would succeed, without a buffer where there is no escape.
pub(crate) fn check_escapes(raw: &str) -> Result<(), Fault> {
    if raw.contains('%') {
        decode(raw)?;
    }
    Ok(())
}

/// The length that `raw` has once decoded; an error where a `%` starts no escape.
fn decoded_length(raw: &str) -> Result<usize, Fault> {
    let mut length = raw.len();
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        match rest.get(at + 1..at + 3) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => length -= 2,
            _ => return Err(Fault::BadEscape),
        }
        rest = &rest[at + 3..];
    }
    Ok(length)
}

/// Appends `text` with everything escaped that user info may not hold. The caller reserves the room.
pub(crate) fn push_encoded(buffer: &mut Zeroizing<String>, text: &str) {
    push_escaped(buffer, text, UNRESERVED);
}

/// Appends `text` with `set` escaped. The caller reserves the room.
pub(crate) fn push_escaped(buffer: &mut Zeroizing<String>, text: &str, set: &'static AsciiSet) {
    // Not `extend`, which reserves by a guess of its own.
    for piece in utf8_percent_encode(text, set) {
        buffer.push_str(piece);
    }
}

/// Runs `read`, and then overwrites the stack that it has used.
///
/// Searching a text leaves pieces of it on the stack. They would travel from there: the unused bytes of an `Option`
/// or of an error are whatever the stack held, and are copied with it to the heap.
pub(crate) fn with_clean_stack<T>(read: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn call<T>(read: impl FnOnce() -> T) -> T {
        read()
    }
    #[inline(never)]
    fn overwrite() {
        // More than the deepest reader takes.
        const REACH: usize = if cfg!(debug_assertions) {
            8 * 1024
        } else {
            2 * 1024
        };
        std::hint::black_box(&mut [0_u8; REACH]);
    }
    let result = call(read);
    overwrite();
    result
}

/// Whether two secrets are equal, in time that depends on their lengths alone.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && std::hint::black_box(
            left.bytes()
                .zip(right.bytes())
                .fold(0, |difference, (left, right)| difference | (left ^ right)),
        ) == 0
}
