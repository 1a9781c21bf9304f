//! The state that all values of one source share: settings, clock, runtime, and the policy for refused credentials.

use super::retry::policy::RefusalPolicy;
use super::settle_time::DEFAULT_SETTLE_TIME;
use crate::clock::Clock;
use crate::lock::lock;
use crate::runtime::Runtime;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub(super) struct Context {
    pub(super) settings: LiveSettings,
    pub(super) clock: Clock,
    pub(super) refusals: RefusalPolicy,
    /// The first runtime in which the `Live`, or a value of it, was made.
    runtime: Mutex<Runtime>,
    last_stamp: AtomicU64,
}

/// The settings of a `Live`; see [`LiveBuilder`](super::LiveBuilder).
#[derive(Clone, Copy, Debug)]
pub(super) struct LiveSettings {
    pub(super) grace_period: Duration,
    pub(super) retry_timeout: Duration,
    pub(super) max_retries: u32,
    pub(super) settle_time: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            grace_period: Duration::from_secs(5 * 60),
            retry_timeout: Duration::from_secs(10),
            max_retries: 5,
            settle_time: DEFAULT_SETTLE_TIME,
        }
    }
}

impl Context {
    pub(super) fn new(settings: LiveSettings, clock: Clock, runtime: Runtime) -> Self {
        Self {
            settings,
            clock,
            refusals: RefusalPolicy::default(),
            runtime: Mutex::new(runtime),
            last_stamp: AtomicU64::new(0),
        }
    }

    /// The runtime in whose context code of the app runs that brings none of its own.
    pub(super) fn runtime(&self) -> Runtime {
        lock(&self.runtime).clone()
    }

    pub(super) fn note_runtime(&self, runtime: &Runtime) {
        let mut known = lock(&self.runtime);
        *known = known.clone().or(runtime);
    }

    /// Differs from an earlier one if a value was put in use since, or is about to be.
    pub(super) fn last_stamp(&self) -> u64 {
        self.last_stamp.load(Ordering::Acquire)
    }

    pub(super) fn next_stamp(&self) -> u64 {
        self.last_stamp.fetch_add(1, Ordering::AcqRel) + 1
    }
}
