//! What a closure reads of config vars, so that what it made is made again only when that has changed.
//!
//! `Live` hands its closures config vars that carry a [`Reads`]. Two sorts of reading are told apart. A value that is read
//! as it is may end up anywhere in what the closure makes. A resource URL stays a thing of its own: it carries a
//! [`Mark`], which notes when somebody looks into it, and so what is made of a struct with many URLs depends on those
//! alone that were looked into.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The notes, kept while they are switched on.
#[derive(Default)]
pub(crate) struct Reads {
    /// Looked at on each use of a marked URL; noting happens while `Live` runs a closure, and no other time.
    is_on: AtomicBool,
    seen: Mutex<Seen>,
}

/// What has been read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Config vars whose values were read.
    pub(crate) values: Names,
    /// Config vars that went into something that notes by itself when it is read: a URL, a copy of all.
    pub(crate) carried: Names,
    /// Config vars of which it was seen whether they are set: an `Option` of a URL tells without a look into it.
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

    /// The names, as far as they were noted one by one.
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
    /// Runs `make`, and tells what it read.
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

/// What config vars carry: notes to be kept, or none.
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

    /// Notes a search that found at most one URL among all config vars.
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

/// A copy shares the notes, and carries everything.
impl Clone for Recorder {
    fn clone(&self) -> Self {
        self.note(|seen| seen.carried.add_all());
        Self(self.0.clone())
    }
}

/// What a URL carries: the config var whose reading it notes, or none.
#[derive(Default)]
pub(crate) struct Mark(Option<Arc<Marked>>);

struct Marked {
    reads: Arc<Reads>,
    name: Box<str>,
}

impl Mark {
    /// Notes that somebody looks into the URL.
    #[inline]
    pub(crate) fn touch(&self) {
        if let Some(Marked { reads, name }) = self.0.as_deref() {
            reads.note(|seen| seen.values.add(name));
        }
    }

    /// Runs `read`, which makes a URL somewhere within; it takes the mark by [`Mark::take`]. Whether it did, is told.
    pub(crate) fn hand_through<T>(self, read: impl FnOnce() -> T) -> T {
        let before = HANDED_THROUGH.with(|slot| slot.replace(self));
        let result = read();
        HANDED_THROUGH.with(|slot| slot.replace(before));
        result
    }

    /// The mark that was handed through to here, once.
    pub(crate) fn take() -> Self {
        HANDED_THROUGH.with(RefCell::take)
    }
}

/// A copy of a URL may be looked into unseen, so copying counts as looking.
impl Clone for Mark {
    fn clone(&self) -> Self {
        self.touch();
        Self(self.0.clone())
    }
}

thread_local! {
    /// serde has no room for a mark between a field and the URL that it is read as.
    static HANDED_THROUGH: RefCell<Mark> = const { RefCell::new(Mark(None)) };
}
