//! Records which config vars a closure reads, so that its result is rebuilt only when one of them changes.
//!
//! `Live` passes its closures config vars with a [`Reads`]. Two kinds of reading are distinguished. A value that is read may
//! end up anywhere in the result. A resource URL carries a [`Mark`], which records when the URL is read, so that the result of
//! a closure on a struct with many URLs depends only on those that were read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The record, which is only written while recording is on.
#[derive(Default)]
pub(crate) struct Reads {
    /// Looked at on each use of a marked URL; noting happens while `Live` runs a closure, and no other time.
    is_on: AtomicBool,
    seen: Mutex<Seen>,
}

/// The config vars that were read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Config vars whose values were read.
    pub(crate) values: Names,
    /// Config vars that became part of an object that records by itself when it is read: a URL, or a copy of all config vars.
    pub(crate) carried: Names,
    /// Config vars whose presence was read: an `Option` of a URL reveals it without reading the URL.
    pub(crate) presence: Names,
}

impl Seen {
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.carried.is_empty()
    }
}

/// Names of config vars, or all of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    all: bool,
    names: BTreeSet<Box<str>>,
}

impl Names {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }

    fn is_empty(&self) -> bool {
        !self.all && self.names.is_empty()
    }

    pub(crate) fn add(&mut self, name: &str) {
        if !self.has(name) {
            self.names.insert(name.into());
        }
    }

    pub(crate) fn add_all(&mut self) {
        self.all = true;
        self.names.clear();
    }

    /// Returns the names that were recorded individually.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        match other.all {
            true => self.add_all(),
            false => other.names.iter().for_each(|name| self.add(name)),
        }
    }
}

impl Reads {
    /// Runs `make`, and returns what it read.
    pub(crate) fn during<T>(&self, make: impl FnOnce() -> T) -> (T, Seen) {
        struct Off<'r>(&'r Reads);
        impl Drop for Off<'_> {
            fn drop(&mut self) {
                self.0.is_on.store(false, Ordering::Relaxed);
            }
        }
        *self.lock() = Seen::default();
        let off = Off(self);
        self.is_on.store(true, Ordering::Relaxed);
        let made = make();
        drop(off);
        let seen = std::mem::take(&mut *self.lock());
        (made, seen)
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        if self.is_on.load(Ordering::Relaxed) {
            note(&mut self.lock());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The recorder that config vars carry; `None` if nothing is recorded.
#[derive(Default)]
pub(crate) struct Recorder(Option<Arc<Reads>>);

impl Recorder {
    pub(crate) fn new(reads: Arc<Reads>) -> Self {
        Self(Some(reads))
    }

    pub(crate) fn note_value(&self, name: &str) {
        self.note(|seen| seen.values.add(name));
    }

    pub(crate) fn note_all_values(&self) {
        self.note(|seen| seen.values.add_all());
    }

    pub(crate) fn note_carried(&self, name: &str) {
        self.note(|seen| {
            seen.carried.add(name);
            seen.presence.add(name);
        });
    }

    /// Records a search that returned at most one URL of all config vars.
    pub(crate) fn note_search(&self) {
        self.note(|seen| {
            seen.carried.add_all();
            seen.presence.add_all();
        });
    }

    pub(crate) fn mark(&self, name: &str) -> Mark {
        Mark(self.0.as_ref().map(|reads| {
            Arc::new(Marked {
                reads: reads.clone(),
                name: name.into(),
            })
        }))
    }

    fn note(&self, note: impl FnOnce(&mut Seen)) {
        if let Some(reads) = &self.0 {
            reads.note(note);
        }
    }
}

/// A copy shares the record, and counts as a use of all config vars.
impl Clone for Recorder {
    fn clone(&self) -> Self {
        self.note(|seen| seen.carried.add_all());
        Self(self.0.clone())
    }
}

/// The mark that a URL carries: the config var whose reading it records.
#[derive(Default)]
pub(crate) struct Mark(Option<Arc<Marked>>);

struct Marked {
    reads: Arc<Reads>,
    name: Box<str>,
}

impl Mark {
    /// Records that the URL is read.
    #[inline]
    pub(crate) fn touch(&self) {
        if let Some(Marked { reads, name }) = self.0.as_deref() {
            reads.note(|seen| seen.values.add(name));
        }
    }

    /// Runs `read`, which creates a URL that takes the mark by [`Mark::take`].
    pub(crate) fn hand_through<T>(self, read: impl FnOnce() -> T) -> T {
        let before = HANDED_THROUGH.with(|slot| slot.replace(self));
        let result = read();
        HANDED_THROUGH.with(|slot| slot.replace(before));
        result
    }

    /// Takes the mark that was passed by [`Mark::hand_through`].
    pub(crate) fn take() -> Self {
        HANDED_THROUGH.with(RefCell::take)
    }
}

/// A copy of a URL may be read unnoticed, so copying counts as reading.
impl Clone for Mark {
    fn clone(&self) -> Self {
        self.touch();
        Self(self.0.clone())
    }
}

thread_local! {
    /// Passes a mark through serde, which has no parameter for it.
    static HANDED_THROUGH: RefCell<Mark> = const { RefCell::new(Mark(None)) };
}
