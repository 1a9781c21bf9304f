//! The versions of one value: the one in use, and the one that it replaced.

use super::context::Context;
use super::retry::policy;
use crate::input::Fingerprints;
use crate::isolate::{Retired, isolate};
use crate::kind::Kind;
use crate::list::filter_mapped;
use crate::lock::lock;
use crate::runtime::{InRuntime, Runtime};
use crate::snapshot::{ConfigVars, LookedUp};
use crate::sorted::is_among;
use arc_swap::ArcSwap;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// A value, and what it was made from.
pub(super) struct Generation<T> {
    /// The number of the snapshot that it was made from.
    pub(super) number: u64,
    /// Differs between all generations of all values of a `Live`.
    pub(super) stamp: u64,
    pub(super) made_of: MadeOf,
    pub(super) value: Arc<T>,
}

/// The input of a value.
#[derive(Clone)]
pub(super) struct MadeOf {
    pub(super) fingerprints: Fingerprints,
    /// The config vars that were looked up to make it, as far as that is known.
    pub(super) inputs: Arc<LookedUp>,
}

impl MadeOf {
    /// Returns the names of the config vars that the value may have been made from.
    pub(super) fn names_in<'v>(&self, vars: &'v ConfigVars) -> Vec<(&'v str, Option<Kind>)> {
        filter_mapped(vars.as_slice(), |var| {
            let is_piece = |value| self.fingerprints.contain(value);
            let may_be = is_among(&self.inputs.names, &var.name) || var.value.secret().is_some_and(is_piece);
            may_be.then_some((&*var.name, None))
        })
    }
}

pub(super) struct Versions<T> {
    pub(super) current: ArcSwap<Generation<T>>,
    past: Mutex<Past<T>>,
    /// The runtime in which the values are made and dropped.
    runtime: Runtime,
    context: Arc<Context>,
}

struct Past<T> {
    /// The value that was replaced last.
    previous: Option<Previous<T>>,
    /// When a credential of this value was last refused.
    refused_at: Option<Instant>,
}

struct Previous<T> {
    generation: Arc<Generation<T>>,
    /// The end of its grace period; `None` if that is beyond the range of the clock.
    expires: Option<Instant>,
}

impl<T: Send + Sync + 'static> Versions<T> {
    pub(super) fn new(
        context: Arc<Context>,
        runtime: Runtime,
        number: u64,
        made_of: MadeOf,
        value: T,
    ) -> Self {
        Self {
            current: ArcSwap::from_pointee(Generation {
                number,
                stamp: context.next_stamp(),
                made_of,
                value: Arc::new(value),
            }),
            past: Mutex::new(Past {
                previous: None,
                refused_at: None,
            }),
            runtime,
            context,
        }
    }

    /// Puts a new value in use. The replaced one remains available for the grace period if it has another credential.
    pub(super) fn replace(&self, number: u64, made_of: MadeOf, value: T, retired: &mut Retired) {
        let (inputs, credentials) = (made_of.fingerprints.inputs, made_of.fingerprints.credentials);
        let replaced = self.current.swap(Arc::new(Generation {
            number,
            stamp: self.context.next_stamp(),
            made_of,
            value: Arc::new(value),
        }));
        let before = &replaced.made_of.fingerprints;
        if before.inputs != inputs {
            self.context.refusals.reinstated(inputs);
        }
        let grace_period = self.context.settings.grace_period;
        // With the same credential as its successor, it could be used for nothing that its successor cannot do.
        if before.credentials != credentials {
            let previous = (!grace_period.is_zero()).then(|| Previous {
                generation: replaced.clone(),
                expires: self.context.clock.now().checked_add(grace_period),
            });
            let earlier = std::mem::replace(&mut lock(&self.past).previous, previous);
            if let Some(earlier) = earlier {
                retired.push(self.in_runtime(earlier.generation));
            }
        }
        retired.push(self.in_runtime(replaced));
    }

    /// The value in use.
    pub(super) fn current(&self) -> InUse<'_, T> {
        self.in_use(self.current.load_full())
    }

    fn in_use(&self, generation: Arc<Generation<T>>) -> InUse<'_, T> {
        InUse {
            versions: self,
            generation: Some(generation),
        }
    }

    fn in_runtime(&self, generation: Arc<Generation<T>>) -> InRuntime<Arc<Generation<T>>> {
        InRuntime::new(self.runtime.clone(), generation)
    }

    /// The value that was replaced last, within its grace period; and whether one was dropped, because that is over.
    pub(super) fn previous(&self) -> (Option<InUse<'_, T>>, bool) {
        let now = self.context.clock.now();
        let (previous, expired) = {
            let mut past = lock(&self.past);
            let expired = past.take_expired(now);
            let previous = past.previous.as_ref();
            (previous.map(|previous| previous.generation.clone()), expired)
        };
        let has_expired = expired.is_some();
        drop(expired.map(|expired| self.in_use(expired)));
        (previous.map(|previous| self.in_use(previous)), has_expired)
    }

    /// Records that a credential of this value was refused.
    pub(super) fn note_refusal(&self, now: Instant) {
        lock(&self.past).refused_at = Some(now);
    }

    /// Returns whether a credential of this value, current or earlier, was refused within the last [`policy::WINDOW`].
    pub(super) fn was_refused_recently(&self, now: Instant) -> bool {
        let refused_at = lock(&self.past).refused_at;
        refused_at.is_some_and(|time| now.saturating_duration_since(time) < policy::WINDOW)
    }
}

/// A generation that a caller uses for a while.
///
/// A roll may leave it the last reference. The value is then dropped in the app's runtime, which need not be the caller's, and
/// a panic of its `Drop` does not take the caller's result away.
pub(super) struct InUse<'v, T: Send + Sync + 'static> {
    versions: &'v Versions<T>,
    /// `None` once it is being dropped.
    generation: Option<Arc<Generation<T>>>,
}

impl<T: Send + Sync + 'static> Deref for InUse<'_, T> {
    type Target = Generation<T>;

    #[allow(clippy::expect_used, reason = "nobody can call it after `drop`")]
    fn deref(&self) -> &Generation<T> {
        self.generation.as_ref().expect("only `drop` takes it")
    }
}

impl<T: Send + Sync + 'static> Drop for InUse<'_, T> {
    fn drop(&mut self) {
        if let Some(last) = self.generation.take().and_then(Arc::into_inner) {
            isolate(|| self.versions.runtime.drop_value(last));
        }
    }
}

impl<T> Past<T> {
    fn take_expired(&mut self, now: Instant) -> Option<Arc<Generation<T>>> {
        let end = self.previous.as_ref()?.expires?;
        if now < end {
            return None;
        }
        Some(self.previous.take()?.generation)
    }
}

/// A [`Versions`] of any type, for what concerns all values alike.
pub(super) trait Expire {
    /// Retires the previous value if its grace period is over.
    fn retire_expired(&self, retired: &mut Retired);
    /// The end of the previous value's grace period; `None` if there is no previous value, or if it never expires.
    fn grace_period_end(&self) -> Option<Instant>;
}

impl<T: Send + Sync + 'static> Expire for Versions<T> {
    fn retire_expired(&self, retired: &mut Retired) {
        let expired = lock(&self.past).take_expired(self.context.clock.now());
        if let Some(expired) = expired {
            retired.push(self.in_runtime(expired));
        }
    }

    fn grace_period_end(&self) -> Option<Instant> {
        lock(&self.past).previous.as_ref()?.expires
    }
}
