//! Creates, decodes, encodes and compares secret text without leaving a copy behind.
//!
//! Two rules keep freed memory clean. A buffer is made at its final size, because a growing or shrinking one
//! may move and leave its old self behind; and every buffer is wiped by its owner (`SecretString`,
//! [`Wiped`] or `Zeroizing`) when it goes.

use crate::error::Fault;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use std::ops::{Deref, DerefMut};
use zeroize::Zeroize;

/// Characters that are not escaped in user information and in links: the unreserved characters of RFC 3986, section 2.3.
pub(crate) const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Text that is overwritten when it is dropped, and never shown. It is for text that is not returned as a `SecretString`.
#[derive(Clone)]
pub(crate) struct Wiped(Box<str>);

impl From<&str> for Wiped {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Deref for Wiped {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for Wiped {
    fn drop(&mut self) {
        // To fill nothing takes longer than to fill a short text, if the C library masks the write.
        if self.0.is_empty() {
            return;
        }
        let mut bytes = std::mem::take(&mut self.0).into_boxed_bytes();
        bytes.fill(0);
        // Otherwise, the compiler removes the write, because nobody reads it.
        zeroize::optimization_barrier(&*bytes);
    }
}

impl From<String> for Wiped {
    fn from(text: String) -> Self {
        Self(boxed(text))
    }
}

/// Converts a `String` without a copy if possible, and wipes the original otherwise.
pub(crate) fn adopt(text: String) -> SecretString {
    SecretString::from(boxed(text))
}

/// `into_boxed_str` would shrink a `String` with spare capacity, and so might move it.
fn boxed(mut text: String) -> Box<str> {
    if text.len() == text.capacity() {
        return text.into_boxed_str();
    }
    let boxed = Box::from(text.as_str());
    text.zeroize();
    boxed
}

/// A buffer for a secret, allocated once with its final capacity, and wiped when it is dropped.
///
/// A buffer that grows leaves its old block behind. Debug builds assert that none does.
pub(crate) struct FixedBuffer<B: Buffer> {
    buffer: B,
    capacity: usize,
}

/// The type inside a [`FixedBuffer`]: `String`, or bytes.
pub(crate) trait Buffer: Zeroize + Default {
    fn with_capacity(capacity: usize) -> Self;
    fn capacity(&self) -> usize;
}

impl Buffer for String {
    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }
}

impl Buffer for Vec<u8> {
    fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity(capacity)
    }

    fn capacity(&self) -> usize {
        self.capacity()
    }
}

impl<B: Buffer> FixedBuffer<B> {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        let buffer = B::with_capacity(capacity);
        let capacity = buffer.capacity();
        Self { buffer, capacity }
    }

    /// Returns the content. The caller must wipe it.
    pub(crate) fn take(mut self) -> B {
        self.assert_fixed();
        self.capacity = 0;
        std::mem::take(&mut self.buffer)
    }

    fn assert_fixed(&self) {
        debug_assert_eq!(self.buffer.capacity(), self.capacity, "the buffer has grown");
    }
}

impl<B: Buffer> Deref for FixedBuffer<B> {
    type Target = B;

    fn deref(&self) -> &B {
        &self.buffer
    }
}

impl<B: Buffer> DerefMut for FixedBuffer<B> {
    fn deref_mut(&mut self) -> &mut B {
        &mut self.buffer
    }
}

impl<B: Buffer> Drop for FixedBuffer<B> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.assert_fixed();
        }
        // Nothing is left of a buffer that was taken, and to wipe nothing is slow: see `Wiped`.
        if self.buffer.capacity() > 0 {
            self.buffer.zeroize();
        }
    }
}

/// Decodes `%` escapes, exactly once; `+` stays a plus. The caller must wipe the result.
fn decode(raw: &str) -> Result<String, Fault> {
    let mut decoded = FixedBuffer::<Vec<u8>>::with_capacity(Escapes::of(raw)?.decoded_length);
    let bytes = raw.as_bytes();
    let mut start = 0;
    loop {
        let escape = find(bytes, start, b'%');
        decoded.extend_from_slice(&bytes[start..escape]);
        let Some(digits) = bytes.get(escape + 1..) else {
            break;
        };
        decoded.push(escaped(digits)?);
        start = escape + 3;
    }
    String::from_utf8(decoded.take()).map_err(|error| {
        error.into_bytes().zeroize();
        Fault::EscapeNotUtf8
    })
}

/// Decodes `%` escapes into a secret.
pub(crate) fn decode_secret(raw: &str) -> Result<SecretString, Fault> {
    decode(raw).map(adopt)
}

/// Decodes `%` escapes into text that is not returned as a secret.
pub(crate) fn decode_wiped(raw: &str) -> Result<Wiped, Fault> {
    decode(raw).map(Wiped::from)
}

/// Checks that `raw` can be decoded. Only escapes beyond ASCII can yield invalid UTF-8.
pub(crate) fn check_escapes(raw: &str) -> Result<(), Fault> {
    if !Escapes::of(raw)?.are_ascii {
        decode_wiped(raw)?;
    }
    Ok(())
}

/// Properties of a text's escapes that are needed to decode it.
struct Escapes {
    decoded_length: usize,
    are_ascii: bool,
}

impl Escapes {
    /// Returns an error if a `%` does not start an escape, or if one is a NUL, which RFC 3986, section 7.3, advises to reject.
    fn of(raw: &str) -> Result<Self, Fault> {
        let mut escapes = Self {
            decoded_length: raw.len(),
            are_ascii: true,
        };
        let bytes = raw.as_bytes();
        let mut at = find(bytes, 0, b'%');
        while at < bytes.len() {
            let byte = escaped(&bytes[at + 1..])?;
            if byte == 0 {
                return Err(Fault::EncodedNul);
            }
            escapes.decoded_length -= 2;
            escapes.are_ascii &= byte.is_ascii();
            at = find(bytes, at + 3, b'%');
        }
        Ok(escapes)
    }
}

/// Returns the position of the first `byte` from `start` on, or else the end. Scans eight bytes at a time with the classic
/// zero-byte test `(x - 0x01..) & !x & 0x80..`.
#[inline]
pub(crate) fn find(bytes: &[u8], start: usize, byte: u8) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let mut rest = &bytes[start..];
    while let Some((eight, others)) = rest.split_first_chunk() {
        let left = u64::from_le_bytes(*eight) ^ (ONES * u64::from(byte));
        let zeros = left.wrapping_sub(ONES) & !left & (ONES << 7);
        if zeros != 0 {
            return bytes.len() - rest.len() + zeros.trailing_zeros() as usize / 8;
        }
        rest = others;
    }
    let mut at = bytes.len() - rest.len();
    while at < bytes.len() && bytes[at] != byte {
        at += 1;
    }
    at
}

/// Returns whether a text contains another one. `str::contains` reads sixteen bytes at once for a pattern of several
/// characters, and leaves them on the stack.
pub(crate) fn holds(text: &str, pattern: &str) -> bool {
    let (bytes, pattern) = (text.as_bytes(), pattern.as_bytes());
    let Some((first, rest)) = pattern.split_first() else {
        return true;
    };
    let mut at = find(bytes, 0, *first);
    while at < bytes.len() {
        // Most differ in the next byte, so a comparison of all of them, which is a call, takes longer.
        let after = &bytes[at + 1..];
        if rest.len() <= after.len() && begins_with(after, rest) {
            return true;
        }
        at = find(bytes, at + 1, *first);
    }
    false
}

#[inline]
fn begins_with(bytes: &[u8], start: &[u8]) -> bool {
    for (byte, other) in bytes.iter().zip(start) {
        if byte != other {
            return false;
        }
    }
    true
}

/// Returns the texts before and after the first `://`, which `str::split_once` would search for as `str::contains` does.
pub(crate) fn split_at_scheme(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut colon = find(bytes, 0, b':');
    while colon < bytes.len() {
        if bytes[colon + 1..].starts_with(b"//") {
            return Some((&text[..colon], &text[colon + 3..]));
        }
        colon = find(bytes, colon + 1, b':');
    }
    None
}

/// Returns whether a text contains `://`.
pub(crate) fn holds_url(text: &str) -> bool {
    split_at_scheme(text).is_some()
}

/// Returns the byte of the two digits after a `%`.
fn escaped(digits: &[u8]) -> Result<u8, Fault> {
    let digit = |at| match digits.get(at) {
        Some(digit @ b'0'..=b'9') => Ok(digit - b'0'),
        Some(digit @ b'a'..=b'f') => Ok(digit - b'a' + 10),
        Some(digit @ b'A'..=b'F') => Ok(digit - b'A' + 10),
        _ => Err(Fault::BadEscape),
    };
    Ok((digit(0)? << 4) | digit(1)?)
}

/// Builds text in one exact allocation: runs `pieces` once to measure and once to write.
pub(crate) fn put_together(pieces: &dyn Fn(&mut Pieces)) -> Wiped {
    let mut measured = Pieces::default();
    pieces(&mut measured);
    let mut written = Pieces {
        text: Some(FixedBuffer::with_capacity(measured.length)),
        ..Pieces::default()
    };
    pieces(&mut written);
    Wiped::from(written.text.map(FixedBuffer::take).unwrap_or_default())
}

/// Receives the pieces of [`put_together`]: measures them as long as it has no buffer.
#[derive(Default)]
pub(crate) struct Pieces {
    length: usize,
    text: Option<FixedBuffer<String>>,
}

impl Pieces {
    pub(crate) fn push(&mut self, piece: &str) {
        match &mut self.text {
            Some(text) => text.push_str(piece),
            None => self.length += piece.len(),
        }
    }

    pub(crate) fn push_all(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.push(piece);
        }
    }

    /// Escapes all characters that user information must not contain.
    pub(crate) fn push_encoded(&mut self, text: &str) {
        self.push_escaped(text, UNRESERVED);
    }

    pub(crate) fn push_escaped(&mut self, text: &str, set: &'static AsciiSet) {
        for piece in utf8_percent_encode(text, set) {
            self.push(piece);
        }
    }
}

/// Number of bytes of stack that are overwritten: more than the deepest of the crate's readers takes (tests/stack.rs).
const STACK_REACH: usize = if cfg!(debug_assertions) {
    12 * 1024
} else {
    2 * 1024
};

/// Runs `read`, and then overwrites the stack that it used.
///
/// Searching a text leaves pieces of it on the stack. They could be copied from there to the heap, as the unused bytes of an
/// `Option` or of an error. Therefore it is called for each text that is searched, before anything is allocated for the next.
pub(crate) fn with_clean_stack<T>(read: impl FnOnce() -> T) -> T {
    // In a frame of its own, below the one that is overwritten.
    #[inline(never)]
    fn call<T>(read: impl FnOnce() -> T) -> T {
        read()
    }
    // A guard, so that the result is not moved: to copy what was just written takes a tenth of a parse.
    struct CleanUp;
    impl Drop for CleanUp {
        #[inline(always)]
        fn drop(&mut self) {
            zeroize::zeroize_stack::<STACK_REACH>();
        }
    }
    let _clean_up = CleanUp;
    call(read)
}

/// Returns whether two secrets are equal. The time depends only on their lengths.
pub(crate) fn same(left: &str, right: &str) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut difference = 0;
    for (left, right) in left.as_bytes().iter().zip(right.as_bytes()) {
        difference |= left ^ right;
    }
    std::hint::black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_checked_and_decoded() {
        for (raw, decoded) in [
            ("", Some("")),
            ("plain", Some("plain")),
            ("a+b", Some("a+b")),
            ("%", None),
            ("%%%", None),
            ("a%4", None),
            ("a%4g", None),
            ("%41%6a%6A%2f", Some("Ajj/")),
            ("%c3%A4%41", Some("äA")),
            ("%00", None),
            ("a%00b%4", None),
            ("%ff", None),
            ("%ff%41", None),
            ("%41%ff", None),
            ("%c3", None),
        ] {
            assert_eq!(decode_wiped(raw).ok().as_deref(), decoded, "{raw}");
            assert_eq!(check_escapes(raw).is_ok(), decoded.is_some(), "{raw}");
        }
    }

    #[test]
    fn a_text_in_another_is_found() {
        for (text, pattern, is_in) in [
            ("", "", true),
            ("", "a", false),
            ("a=%b", "=%", true),
            ("=a%=", "=%", false),
            ("a==%", "=%", true),
            ("pool_min=2&__X", "__", true),
            ("a_b_", "__", false),
            ("ä__", "__", true),
            ("reconnec", "reconnect", false),
            ("recreconnect", "reconnect", true),
        ] {
            assert_eq!(holds(text, pattern), is_in, "{text} {pattern}");
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    fn buffer_that_grows_is_noticed() {
        let grow = || {
            let mut buffer = FixedBuffer::<String>::with_capacity(4);
            buffer.push_str("five!");
        };
        assert!(std::panic::catch_unwind(grow).is_err());
        let take = || {
            let mut buffer = FixedBuffer::<Vec<u8>>::with_capacity(4);
            buffer.extend_from_slice(b"five!");
            buffer.take()
        };
        assert!(std::panic::catch_unwind(take).is_err());
        let mut buffer = FixedBuffer::<String>::with_capacity(4);
        buffer.push_str("four");
        assert_eq!(buffer.take(), "four");
    }

    #[test]
    fn equal_is_what_has_the_same_bytes() {
        let texts = ["", "a", "b", "ab", "ba", "cd", "abc"];
        for left in texts {
            for right in texts {
                assert_eq!(same(left, right), left == right, "{left} {right}");
            }
        }
    }
}
