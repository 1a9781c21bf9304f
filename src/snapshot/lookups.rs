//! Notes which config vars are looked up, so that a reload keeps those together that a value was made of, and a message can
//! name them.

use crate::lock::lock;
use crate::sorted::{is_among, sort_by};
use std::sync::{Arc, Mutex};

/// The config vars that were looked up, whether they are set or not.
#[derive(Default)]
pub(crate) struct LookedUp {
    /// Sorted.
    pub(crate) names: Vec<Box<str>>,
    /// Whether all names were looked at, for example for those with a prefix.
    pub(crate) is_all: bool,
}

impl LookedUp {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.is_all || is_among(&self.names, name)
    }
}

/// Collects the lookups in a snapshot and its copies, if they are noted at all.
#[derive(Clone, Default)]
pub(super) struct Lookups(Option<Arc<Notes>>);

/// `None` once the notes were taken: a copy of the snapshot may live on.
type Notes = Mutex<Option<Noted>>;

/// The lookups so far.
#[derive(Default)]
struct Noted {
    /// Those up to the last sort.
    looked_up: LookedUp,
    /// The names that are not among those, in the order of their lookups. Some may be there several times.
    more: Vec<Box<str>>,
}

impl Noted {
    /// Minimum number of names that are sorted at once.
    const MIN_SORTED: usize = 16;

    fn add(&mut self, name: &str) {
        if is_among(&self.looked_up.names, name) {
            return;
        }
        self.more.push(name.into());
        // A name that is looked up again and again must not take up more and more memory.
        if self.more.len() >= Self::MIN_SORTED.max(self.looked_up.names.len()) {
            self.sort();
        }
    }

    fn sort(&mut self) {
        let names = &mut self.looked_up.names;
        names.append(&mut self.more);
        sort_by(names, Ord::cmp);
        names.dedup();
    }
}

impl Lookups {
    pub(super) fn recording() -> Self {
        Self(Some(Arc::new(Mutex::new(Some(Noted::default())))))
    }

    pub(super) fn note(&self, name: &str) {
        self.update(&|noted| noted.add(name));
    }

    pub(super) fn note_all(&self) {
        self.update(&|noted| noted.looked_up.is_all = true);
    }

    /// Returns what was looked up, and stops to note it.
    pub(super) fn take(&self) -> LookedUp {
        let noted = self.0.as_ref().and_then(|notes| lock(notes).take());
        let mut noted = noted.unwrap_or_default();
        noted.sort();
        noted.looked_up
    }

    fn update(&self, update: &dyn Fn(&mut Noted)) {
        if let Some(noted) = self.0.as_ref().map(|notes| lock(notes)).as_deref_mut() {
            noted.as_mut().map(update);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_noted_once_and_sorted() {
        let lookups = Lookups::recording();
        for name in ["B", "A", "B", "C"].repeat(20) {
            lookups.note(name);
        }
        let looked_up = lookups.take();
        assert!(looked_up.names.iter().map(|name| &**name).eq(["A", "B", "C"]));
        assert!(looked_up.contains("C") && !looked_up.contains("D"));
        lookups.note("D");
        assert!(lookups.take().names.is_empty());
    }

    #[test]
    fn repeated_lookups_take_no_more_memory() {
        let mut noted = Noted::default();
        for count in 0..10_000 {
            noted.add(["A", "B", "C"][count % 3]);
            assert!(noted.looked_up.names.len() + noted.more.len() < 2 * Noted::MIN_SORTED);
        }
    }
}
