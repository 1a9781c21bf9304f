//! The monotonic clock that a `Live` goes by: the system's, or in tests one that the test advances.

#[cfg(feature = "test-util")]
use crate::test_util::TestClock;
#[cfg(feature = "test-util")]
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The time of one `Live`, and of everything that shares its source.
#[derive(Default)]
pub(crate) struct Clock {
    #[cfg(feature = "test-util")]
    test: OnceLock<TestClock>,
}

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        #[cfg(feature = "test-util")]
        if let Some(test) = self.test.get() {
            return test.now();
        }
        Instant::now()
    }

    /// How long to block, at most, to wait until `until`. It may be shorter than that: look at the clock again.
    pub(crate) fn wait_until(&self, until: Instant) -> Duration {
        #[cfg(feature = "test-util")]
        if self.test.get().is_some() {
            return TestClock::POLL;
        }
        until.saturating_duration_since(Instant::now())
    }

    /// Lets a test clock skip the wait, where nothing else is under way that it would be skipping.
    pub(crate) fn skip_to(&self, _until: Instant) {
        #[cfg(feature = "test-util")]
        if let Some(test) = self.test.get() {
            test.skip_to(_until);
        }
    }

    /// The first call decides.
    #[cfg(feature = "test-util")]
    pub(crate) fn replace(&self, clock: TestClock) {
        _ = self.test.set(clock);
    }
}
