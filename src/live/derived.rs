//! A value that is rebuilt when config vars change: the app's struct, or a client that was made from it.
//!
//! A reload first prepares all values and commits them afterwards, so that a reload that fails half-way changes nothing.

use super::context::Context;
use super::diff::Difference;
use super::isolate::isolate;
use super::retry::policy;
use crate::attachment::Role;
use crate::error::{Error, Fault};
use crate::reads::{Names, Reads, Seen};
use crate::secret;
use crate::vars::{ConfigVars, Var};
use arc_swap::ArcSwap;
use secrecy::ExposeSecret;
use std::any::Any;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A value, and the number of the generation that it was made from.
pub(super) struct Generation<T> {
    pub(super) number: u64,
    pub(super) fingerprints: Fingerprints,
    pub(super) value: Arc<T>,
}

/// Hashes of the config vars that a value was made from, keyed for this process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprints {
    /// Hash of everything that was read. It decides whether a refused credential has been replaced: a guess by the names
    /// of config vars could miss a change, and the app would never log in again.
    pub(super) inputs: u64,
    /// Hash of everything that may be part of a credential: all but ports and names of databases. It decides whether the
    /// replaced value is kept as the previous one.
    credentials: u64,
}

/// Replaced values, to be dropped once no lock is held, because their `Drop` is code of the app's and may do anything.
#[derive(Default)]
pub(super) struct Retired(Vec<Box<dyn Any + Send + Sync>>);

impl Retired {
    pub(super) fn push(&mut self, value: impl Any + Send + Sync) {
        self.0.push(Box::new(value));
    }
}

/// The snapshot that a reload takes over, and how it differs from the one in use.
pub(super) struct Snapshot<'s> {
    pub(super) vars: &'s ConfigVars,
    pub(super) difference: &'s Difference,
}

/// A [`Derived`] of any type.
pub(super) trait Rebuild: Send + Sync {
    /// Makes the value again if its inputs have changed. The new value is not visible before [`commit`](Self::commit).
    fn prepare(&self, snapshot: &Snapshot<'_>) -> Result<(), Error>;
    /// Replaces the value in use by the prepared one, if there is one.
    fn commit(&self, number: u64, vars: &ConfigVars, grace_period: Duration, retired: &mut Retired);
    /// Discards the prepared value or error.
    fn discard(&self);
    /// Retires the previous value if its grace period is over.
    fn retire_expired(&self, retired: &mut Retired);
    /// The end of the previous value's grace period; `None` if there is no previous value, or if it never expires.
    fn grace_period_end(&self) -> Option<Instant>;
    /// The config vars that were read to make the value in use.
    fn seen(&self) -> Seen;
    /// The name of the value's type, for messages.
    fn type_name(&self) -> &'static str;
}

pub(super) struct Derived<T> {
    pub(super) current: ArcSwap<Generation<T>>,
    context: Arc<Context>,
    /// When a credential of this value was last refused.
    refused_at: Mutex<Option<Instant>>,
    make: Box<MakeFn<T>>,
    state: Mutex<DerivedState<T>>,
}

/// Makes the value; returns `None` if its inputs have not changed. `Seen` is what was read the last time.
type MakeFn<T> = dyn Fn(&Snapshot<'_>, &Seen, RebuildMode) -> Result<Option<Built<T>>, Error> + Send + Sync;

#[derive(Clone, Copy, PartialEq, Eq)]
enum RebuildMode {
    /// Rebuild only if the inputs have changed.
    IfAffected,
    /// Rebuild in any case: there is no value yet, or the last rebuild failed.
    Always,
}

struct Built<T> {
    value: Arc<T>,
    /// The config vars that were read to make it.
    seen: Seen,
    /// Records which parts of the value are read; only for the app's struct.
    reads: Option<Arc<Reads>>,
}

// Derived, it would demand that `T` is `Clone`.
impl<T> Clone for Built<T> {
    fn clone(&self) -> Self {
        Self {
            value: self.value.clone(),
            seen: self.seen.clone(),
            reads: self.reads.clone(),
        }
    }
}

struct DerivedState<T> {
    /// The config vars that were read to make the value in use.
    seen: Seen,
    reads: Option<Arc<Reads>>,
    /// The value that the reload in progress has prepared.
    pending: Option<Built<T>>,
    /// Whether the last rebuild failed.
    has_failed: bool,
    previous: Option<Previous<T>>,
}

/// The value that was replaced last.
struct Previous<T> {
    generation: Arc<Generation<T>>,
    /// The end of its grace period; `None` if that is beyond the range of the clock.
    expires: Option<Instant>,
}

impl<T: Send + Sync + 'static> Derived<T> {
    /// Makes the app's value from config vars.
    ///
    /// With `tracks_reads`, the value itself records which of its parts are read. Nothing in it may then be shared, for
    /// example in an `Arc`, because cloning the `Arc` is not recorded as a read.
    pub(super) fn from_vars(
        context: Arc<Context>,
        vars: &ConfigVars,
        tracks_reads: bool,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let make = move |snapshot: &Snapshot<'_>, seen: &Seen, mode: RebuildMode| {
            let Snapshot { vars, difference } = snapshot;
            let is_affected = || difference.affects(&seen.values) || difference.affects(&seen.carried);
            if mode == RebuildMode::IfAffected && !is_affected() {
                return Ok(None);
            }
            let reads = Arc::new(Reads::default());
            let noting = vars.noting(reads.clone());
            let (value, seen) = reads.during(|| catch_panic(|| make(&noting)));
            Ok(Some(Built {
                value: Arc::new(value?),
                seen,
                reads: tracks_reads.then_some(reads),
            }))
        };
        Self::new(context, Box::new(make), vars, 1)
    }

    /// Makes a value from another derived value.
    pub(super) fn from_parent<P: Send + Sync + 'static>(
        parent: Arc<Derived<P>>,
        vars: &ConfigVars,
        number: u64,
        make: impl Fn(&P) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let context = parent.context.clone();
        let make = move |snapshot: &Snapshot<'_>, seen: &Seen, mode: RebuildMode| {
            let (parent, is_new) = parent.newest();
            let is_affected = || match parent.reads {
                Some(_) => snapshot.difference.affects_values_of(seen),
                // Without tracking, assume that the closure read everything.
                None => true,
            };
            if mode == RebuildMode::IfAffected && !(is_new && is_affected()) {
                return Ok(None);
            }
            let make = || catch_panic(|| make(&parent.value));
            let mut seen = parent.seen;
            let value = match &parent.reads {
                Some(reads) => {
                    let (value, read) = reads.during(make);
                    if read.is_empty() {
                        // The closure moved a URL without inspecting it; treat all of them as read.
                        seen.values.merge(&seen.carried);
                    }
                    seen.values.merge(&read.values);
                    // The new value does not track reads, so whatever it carries counts as read.
                    seen.values.merge(&read.carried);
                    value
                }
                None => make(),
            };
            // URLs that the parent carries and the closure did not inspect are no inputs of this value.
            seen.carried = Names::default();
            Ok(Some(Built {
                value: Arc::new(value?),
                seen,
                reads: None,
            }))
        };
        Self::new(context, Box::new(make), vars, number)
    }

    fn new(
        context: Arc<Context>,
        make: Box<MakeFn<T>>,
        vars: &ConfigVars,
        number: u64,
    ) -> Result<Arc<Self>, Error> {
        let snapshot = Snapshot {
            vars,
            difference: &Difference::default(),
        };
        let built = make(&snapshot, &Seen::default(), RebuildMode::Always)?;
        let Built { value, seen, reads } = built.ok_or_else(|| Error::new(Fault::Panicked))?;
        let fingerprints = Fingerprints::of(vars, &seen);
        Ok(Arc::new(Self {
            current: ArcSwap::from_pointee(Generation {
                number,
                fingerprints,
                value,
            }),
            context,
            refused_at: Mutex::default(),
            make,
            state: Mutex::new(DerivedState {
                seen,
                reads,
                pending: None,
                has_failed: false,
                previous: None,
            }),
        }))
    }
}

impl<T: Send + Sync + 'static> Derived<T> {
    /// The value that was replaced last, within its grace period.
    pub(super) fn previous(&self) -> Option<Arc<Generation<T>>> {
        let (previous, expired) = {
            let mut state = self.lock();
            let expired = state.take_expired(self.context.clock.now());
            let previous = state.previous.as_ref();
            (previous.map(|previous| previous.generation.clone()), expired)
        };
        drop(expired);
        previous
    }

    /// The names of the config vars that the value in use was made from, sorted.
    pub(super) fn inputs(&self) -> BTreeSet<Box<str>> {
        let state = self.lock();
        let Seen { values, carried, .. } = &state.seen;
        values.iter().chain(carried.iter()).map(Into::into).collect()
    }

    /// Records that a credential of this value was refused.
    pub(super) fn note_refusal(&self, now: Instant) {
        *self.refused_at() = Some(now);
    }

    /// Returns whether a credential of this value, current or earlier, was refused within the last [`policy::WINDOW`].
    pub(super) fn was_refused_recently(&self, now: Instant) -> bool {
        let is_recent = |time: Instant| now.saturating_duration_since(time) < policy::WINDOW;
        self.refused_at().is_some_and(is_recent)
    }

    fn refused_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.refused_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The prepared value, or else the one in use; and whether it is the prepared one.
    fn newest(&self) -> (Built<T>, bool) {
        let state = self.lock();
        if let Some(pending) = &state.pending {
            return (pending.clone(), true);
        }
        let in_use = Built {
            value: self.current.load().value.clone(),
            seen: state.seen.clone(),
            reads: state.reads.clone(),
        };
        (in_use, false)
    }

    fn lock(&self) -> MutexGuard<'_, DerivedState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> DerivedState<T> {
    fn take_expired(&mut self, now: Instant) -> Option<Arc<Generation<T>>> {
        let is_over = |previous: &mut Previous<T>| previous.expires.is_some_and(|end| now >= end);
        Some(self.previous.take_if(is_over)?.generation)
    }
}

impl<T: Send + Sync + 'static> Rebuild for Derived<T> {
    fn prepare(&self, snapshot: &Snapshot<'_>) -> Result<(), Error> {
        let (seen, mode) = {
            let state = self.lock();
            let mode = if state.has_failed {
                RebuildMode::Always
            } else {
                RebuildMode::IfAffected
            };
            (state.seen.clone(), mode)
        };
        // Not under the lock, because the app's closure may load the value in use.
        let built = (self.make)(snapshot, &seen, mode);
        let mut state = self.lock();
        state.has_failed = built.is_err();
        let (pending, result) = match built {
            Ok(pending) => (pending, Ok(())),
            Err(error) => (None, Err(error)),
        };
        let discarded = std::mem::replace(&mut state.pending, pending);
        drop(state);
        drop(discarded);
        result
    }

    fn commit(&self, number: u64, vars: &ConfigVars, grace_period: Duration, retired: &mut Retired) {
        let mut state = self.lock();
        let Some(Built { value, seen, reads }) = state.pending.take() else {
            return;
        };
        let fingerprints = Fingerprints::of(vars, &seen);
        state.seen = seen;
        state.reads = reads;
        let replaced = self.current.swap(Arc::new(Generation {
            number,
            fingerprints,
            value,
        }));
        if replaced.fingerprints.inputs != fingerprints.inputs {
            self.context.refusals.reinstated(fingerprints.inputs);
        }
        if replaced.fingerprints.credentials == fingerprints.credentials {
            // A previous value is kept for its credentials, and this one has the same as its successor.
            retired.push(replaced);
            return;
        }
        let previous = (!grace_period.is_zero()).then(|| Previous {
            generation: replaced.clone(),
            expires: self.context.clock.now().checked_add(grace_period),
        });
        if let Some(earlier) = std::mem::replace(&mut state.previous, previous) {
            retired.push(earlier.generation);
        }
        retired.push(replaced);
    }

    fn discard(&self) {
        let mut state = self.lock();
        state.has_failed = false;
        let discarded = state.pending.take();
        drop(state);
        drop(discarded);
    }

    fn retire_expired(&self, retired: &mut Retired) {
        if let Some(expired) = self.lock().take_expired(self.context.clock.now()) {
            retired.push(expired);
        }
    }

    fn grace_period_end(&self) -> Option<Instant> {
        self.lock().previous.as_ref()?.expires
    }

    fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<T>()
    }
}

impl Fingerprints {
    fn of(vars: &ConfigVars, seen: &Seen) -> Self {
        static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let is_read = |name: &str| seen.values.has(name) || seen.carried.has(name);
        secret::with_clean_stack(|| {
            let (mut inputs, mut credentials) = (KEYS.build_hasher(), KEYS.build_hasher());
            for var in vars.as_slice().iter().filter(|var| is_read(&var.name)) {
                hash_var(&mut inputs, var);
                if Role::of(&var.name, var.value.secret()).may_let_in() {
                    hash_var(&mut credentials, var);
                }
            }
            Self {
                inputs: inputs.finish(),
                credentials: credentials.finish(),
            }
        })
    }
}

/// Hashes a config var. The lengths separate adjacent texts, so that `ab`, `c` and `a`, `bc` hash differently.
fn hash_var(hasher: &mut impl Hasher, var: &Var) {
    let text = var.value.secret().map(ExposeSecret::expose_secret);
    for part in [Some(&*var.name), text] {
        hasher.write_usize(part.map_or(usize::MAX, str::len));
        hasher.write(part.unwrap_or_default().as_bytes());
    }
}

/// Turns a panic of the app's closure into an error, so that it does not end the reload.
fn catch_panic<T>(make: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    isolate(make).unwrap_or_else(|| Err(Error::new(Fault::Panicked)))
}
