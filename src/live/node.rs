//! A value that follows the config vars: the app's struct, or what was made of it.
//!
//! Each is prepared first and committed later, so that a reload that fails half-way has changed nothing.

use super::change::Difference;
use super::context::Context;
use super::isolate::isolate;
use super::refusals;
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

/// A value, and the number of the generation that it was made of.
pub(super) struct Generation<T> {
    pub(super) number: u64,
    pub(super) fingerprints: Fingerprints,
    pub(super) value: Arc<T>,
}

/// Hashes, keyed for this process, that tell what one generation was made of from what another was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprints {
    /// Of everything that was read. Whether a refused credential is another one by now is decided by this: a guess by
    /// the name of a config var that misses would keep the app out for good.
    pub(super) inputs: u64,
    /// Of what may let the app in: everything but ports and names of databases. The value before is kept for its sake.
    credentials: u64,
}

/// What is to be dropped once no lock is held, for the `Drop` of a value of the app's may do anything.
pub(super) type Garbage = Vec<Box<dyn Any + Send + Sync>>;

/// What a reload has come to, for those who follow.
pub(super) struct Turn<'t> {
    pub(super) vars: &'t ConfigVars,
    pub(super) difference: &'t Difference,
}

/// A node, whatever it holds.
pub(super) trait Follow: Send + Sync {
    /// Makes the value again if what it was made of has changed. It is not seen before [`commit`](Self::commit).
    fn prepare(&self, turn: &Turn<'_>) -> Result<(), Error>;
    /// Puts what was prepared, if anything was, in the place of what is in use.
    fn commit(&self, number: u64, vars: &ConfigVars, grace_period: Duration, garbage: &mut Garbage);
    /// Forgets what was prepared, or that it could not be.
    fn discard(&self);
    /// Lets go of a previous value whose grace period is over.
    fn sweep(&self, garbage: &mut Garbage);
    /// Until when a previous value stays; `None` if there is none, or for ever.
    fn grace_end(&self) -> Option<Instant>;
    /// What was read to make the value that is in use.
    fn seen(&self) -> Seen;
    /// What it holds, for messages.
    fn name(&self) -> &'static str;
}

pub(super) struct Node<T> {
    pub(super) current: ArcSwap<Generation<T>>,
    context: Arc<Context>,
    /// When a credential of this value was last refused.
    refused_at: Mutex<Option<Instant>>,
    make: Box<Make<T>>,
    work: Mutex<Work<T>>,
}

/// Makes the value; `None` where what it was made of has not changed. `Seen` is what was read the last time.
type Make<T> = dyn Fn(&Turn<'_>, &Seen, Must) -> Result<Option<Made<T>>, Error> + Send + Sync;

/// Whether the value has to be made whatever has changed.
type Must = bool;

#[derive(Clone)]
struct Made<T> {
    value: Arc<T>,
    /// What was read to make it.
    seen: Seen,
    /// What notes are kept of the reading of the value itself; for the app's struct.
    reads: Option<Arc<Reads>>,
}

struct Work<T> {
    /// What is in use.
    seen: Seen,
    reads: Option<Arc<Reads>>,
    /// What a reload has prepared.
    pending: Option<Made<T>>,
    /// Whether it could not be made the last time.
    has_failed: bool,
    /// What was replaced last, and until when it stays; `None` for a grace period beyond what the clock can count.
    previous: Option<(Arc<Generation<T>>, Option<Instant>)>,
}

impl<T: Send + Sync + 'static> Node<T> {
    /// What the app reads of the config vars.
    ///
    /// With `notes`, the value notes by itself when it is looked into: then nothing in it may be shared, in an `Arc` say,
    /// for whoever clones that does not look.
    pub(super) fn root(
        context: Arc<Context>,
        vars: &ConfigVars,
        notes: bool,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let make = move |turn: &Turn<'_>, seen: &Seen, must: Must| {
            let Turn { vars, difference } = turn;
            if !must && !difference.is_in(&seen.values) && !difference.is_in(&seen.carried) {
                return Ok(None);
            }
            let reads = Arc::new(Reads::default());
            let noting = vars.noting(reads.clone());
            let (value, seen) = reads.during(|| guarded(|| make(&noting)));
            Ok(Some(Made {
                value: Arc::new(value?),
                seen,
                reads: notes.then_some(reads),
            }))
        };
        Self::new(context, Box::new(make), vars, 1)
    }

    /// What is made of the value of another node.
    pub(super) fn derived<P: Send + Sync + 'static>(
        parent: Arc<Node<P>>,
        vars: &ConfigVars,
        number: u64,
        make: impl Fn(&P) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let context = parent.context.clone();
        let make = move |turn: &Turn<'_>, seen: &Seen, must: Must| {
            let (parent, is_new) = parent.newest();
            let is_affected = || match parent.reads {
                Some(_) => turn.difference.is_in_values_of(seen),
                // What was read of a value that keeps no notes is unknown.
                None => true,
            };
            if !(must || is_new && is_affected()) {
                return Ok(None);
            }
            let make = || guarded(|| make(&parent.value));
            let mut seen = parent.seen;
            let value = match &parent.reads {
                Some(reads) => {
                    let (value, read) = reads.during(make);
                    if read.is_empty() {
                        // It took something along without a look at it.
                        seen.values.merge(&seen.carried);
                    }
                    seen.values.merge(&read.values);
                    // Of what is made here no more notes are kept.
                    seen.values.merge(&read.carried);
                    value
                }
                None => make(),
            };
            // What the parent carries, and was not looked into, is no part of this.
            seen.carried = Names::default();
            Ok(Some(Made {
                value: Arc::new(value?),
                seen,
                reads: None,
            }))
        };
        Self::new(context, Box::new(make), vars, number)
    }

    fn new(
        context: Arc<Context>,
        make: Box<Make<T>>,
        vars: &ConfigVars,
        number: u64,
    ) -> Result<Arc<Self>, Error> {
        let turn = Turn {
            vars,
            difference: &Difference::default(),
        };
        let made = make(&turn, &Seen::default(), true)?;
        let Made { value, seen, reads } = made.ok_or_else(|| Error::new(Fault::Panicked))?;
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
            work: Mutex::new(Work {
                seen,
                reads,
                pending: None,
                has_failed: false,
                previous: None,
            }),
        }))
    }
}

impl<T: Send + Sync + 'static> Node<T> {
    /// The value that was replaced last, within its grace period.
    pub(super) fn previous(&self) -> Option<Arc<Generation<T>>> {
        let (previous, garbage) = {
            let mut work = self.lock();
            let garbage = work.sweep(self.context.clock.now());
            let previous = work.previous.as_ref().map(|(generation, _)| generation.clone());
            (previous, garbage)
        };
        drop(garbage);
        previous
    }

    /// The names of the config vars that went into the value in use, sorted.
    pub(super) fn inputs(&self) -> BTreeSet<Box<str>> {
        let work = self.lock();
        let Seen { values, carried, .. } = &work.seen;
        values.iter().chain(carried.iter()).map(Into::into).collect()
    }

    /// Records that a credential of this value was refused.
    pub(super) fn note_refusal(&self, now: Instant) {
        *self.refused_at() = Some(now);
    }

    /// Returns whether a credential of this value was refused a short while ago, be it this one or one before.
    pub(super) fn is_wary(&self, now: Instant) -> bool {
        let is_recent = |time: Instant| now.saturating_duration_since(time) < refusals::WINDOW;
        self.refused_at().is_some_and(is_recent)
    }

    fn refused_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.refused_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a reload has prepared, or else what is in use; and whether it is the former.
    fn newest(&self) -> (Made<T>, bool) {
        let work = self.lock();
        match &work.pending {
            Some(Made { value, seen, reads }) => {
                let made = Made {
                    value: value.clone(),
                    seen: seen.clone(),
                    reads: reads.clone(),
                };
                (made, true)
            }
            None => {
                let made = Made {
                    value: self.current.load().value.clone(),
                    seen: work.seen.clone(),
                    reads: work.reads.clone(),
                };
                (made, false)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Work<T>> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Work<T> {
    fn sweep(&mut self, now: Instant) -> Option<Arc<Generation<T>>> {
        let is_over = |until: Instant| now >= until;
        let swept = self.previous.take_if(|(_, until)| until.is_some_and(is_over));
        swept.map(|(generation, _)| generation)
    }
}

impl<T: Send + Sync + 'static> Follow for Node<T> {
    fn prepare(&self, turn: &Turn<'_>) -> Result<(), Error> {
        let (seen, has_failed) = {
            let work = self.lock();
            (work.seen.clone(), work.has_failed)
        };
        // Not under the lock: the app's closure may look at what is in use.
        let made = (self.make)(turn, &seen, has_failed);
        let mut work = self.lock();
        work.has_failed = made.is_err();
        let (pending, result) = match made {
            Ok(pending) => (pending, Ok(())),
            Err(error) => (None, Err(error)),
        };
        let forgotten = std::mem::replace(&mut work.pending, pending);
        drop(work);
        drop(forgotten);
        result
    }

    fn commit(&self, number: u64, vars: &ConfigVars, grace_period: Duration, garbage: &mut Garbage) {
        let mut work = self.lock();
        let Some(Made { value, seen, reads }) = work.pending.take() else {
            return;
        };
        let fingerprints = Fingerprints::of(vars, &seen);
        work.seen = seen;
        work.reads = reads;
        let replaced = self.current.swap(Arc::new(Generation {
            number,
            fingerprints,
            value,
        }));
        if replaced.fingerprints.inputs != fingerprints.inputs {
            self.context.refusals.set_anew(fingerprints.inputs);
        }
        if replaced.fingerprints.credentials == fingerprints.credentials {
            // The value before is kept for the sake of its credentials: these are not the ones before.
            garbage.push(Box::new(replaced));
            return;
        }
        let until = self.context.clock.now().checked_add(grace_period);
        let previous = (!grace_period.is_zero()).then_some((replaced.clone(), until));
        garbage.push(Box::new(std::mem::replace(&mut work.previous, previous)));
        garbage.push(Box::new(replaced));
    }

    fn discard(&self) {
        let mut work = self.lock();
        work.has_failed = false;
        let forgotten = work.pending.take();
        drop(work);
        drop(forgotten);
    }

    fn sweep(&self, garbage: &mut Garbage) {
        if let Some(swept) = self.lock().sweep(self.context.clock.now()) {
            garbage.push(Box::new(swept));
        }
    }

    fn grace_end(&self) -> Option<Instant> {
        self.lock().previous.as_ref().and_then(|(_, until)| *until)
    }

    fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    fn name(&self) -> &'static str {
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
                write(&mut inputs, var);
                if Role::of(&var.name, var.value.secret()).may_let_in() {
                    write(&mut credentials, var);
                }
            }
            Self {
                inputs: inputs.finish(),
                credentials: credentials.finish(),
            }
        })
    }
}

/// Hashes a config var. Lengths keep the end of one text apart from the beginning of the next.
fn write(hasher: &mut impl Hasher, var: &Var) {
    let text = var.value.secret().map(ExposeSecret::expose_secret);
    for part in [Some(&*var.name), text] {
        hasher.write_usize(part.map_or(usize::MAX, str::len));
        hasher.write(part.unwrap_or_default().as_bytes());
    }
}

/// A panic of the app's closure is a fault of that closure, and none of the reload.
fn guarded<T>(make: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    isolate(make).unwrap_or_else(|| Err(Error::new(Fault::Panicked)))
}
