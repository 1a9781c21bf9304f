//! [`Span`]: a byte range of a text.

use crate::secret;
use std::ops::Range;

/// A byte range of the text. Unlike `Range`, it is `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    pub(super) fn bytes(self, text: &str) -> &[u8] {
        &text.as_bytes()[self.start..self.end]
    }

    pub(super) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Splits at the byte `at`, which belongs to neither half.
    pub(super) fn split_at(self, at: usize) -> (Self, Self) {
        (span(self.start, at), span(at + 1, self.end))
    }

    /// Splits at the first `byte`, if there is one.
    pub(super) fn split_once(self, text: &str, byte: u8) -> (Self, Option<Self>) {
        match secret::find(&text.as_bytes()[..self.end], self.start, byte) {
            at if at < self.end => {
                let (before, after) = self.split_at(at);
                (before, Some(after))
            }
            _ => (self, None),
        }
    }
}

pub(super) fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}
