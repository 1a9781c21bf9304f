//! Notes which config vars are looked up, so that a reload keeps those together that a value was made of, and a message can
//! name them.

use crate::lock::lock;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The config vars that were looked up, whether they are set or not.
#[derive(Default)]
pub(crate) struct LookedUp {
    pub(crate) names: HashSet<Box<str>>,
    /// Whether all names were looked at, for example for those with a prefix.
    pub(crate) is_all: bool,
}

impl LookedUp {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.is_all || self.names.contains(name)
    }
}

/// Collects the lookups in a snapshot and its copies, if they are noted at all.
#[derive(Clone, Default)]
pub(super) struct Lookups(Option<Arc<Notes>>);

/// `None` once the notes were taken: a copy of the snapshot may live on.
type Notes = Mutex<Option<LookedUp>>;

impl Lookups {
    pub(super) fn recording() -> Self {
        Self(Some(Arc::new(Mutex::new(Some(LookedUp::default())))))
    }

    pub(super) fn note(&self, name: &str) {
        self.update(&|looked_up| {
            if !looked_up.names.contains(name) {
                looked_up.names.insert(name.into());
            }
        });
    }

    pub(super) fn note_all(&self) {
        self.update(&|looked_up| looked_up.is_all = true);
    }

    /// Returns what was looked up, and stops to note it.
    pub(super) fn take(&self) -> LookedUp {
        let looked_up = self.0.as_ref().and_then(|notes| lock(notes).take());
        looked_up.unwrap_or_default()
    }

    fn update(&self, update: &dyn Fn(&mut LookedUp)) {
        if let Some(looked_up) = self.0.as_ref().map(|notes| lock(notes)).as_deref_mut() {
            looked_up.as_mut().map(update);
        }
    }
}
