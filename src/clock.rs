//! The monotonic clock of a `Live`: the system's, or one that a test advances.

#[cfg(feature = "test-util")]
pub use test_clock::TestClock;

use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The clock of all values of one source.
#[derive(Clone, Default)]
pub(crate) struct Clock {
    #[cfg(feature = "test-util")]
    test: Option<TestClock>,
}

impl Clock {
    pub(crate) fn now(&self) -> Instant {
        #[cfg(feature = "test-util")]
        if let Some(test) = &self.test {
            return test.now();
        }
        Instant::now()
    }

    /// The time to show, and to compare with the times of files: the system's, plus what a test clock was advanced by.
    pub(crate) fn wall_now(&self) -> SystemTime {
        #[cfg(feature = "test-util")]
        if let Some(test) = &self.test {
            return SystemTime::now() + *test.passed();
        }
        SystemTime::now()
    }

    pub(crate) fn elapsed(&self, since: Instant) -> Duration {
        self.now().saturating_duration_since(since)
    }

    /// Blocks for that long, or until a test clock was advanced by as much.
    pub(crate) fn sleep(&self, duration: Duration) {
        #[cfg(feature = "test-util")]
        if let Some(test) = &self.test {
            let until = self.wall_now() + duration;
            test.skip_to(test.now() + duration);
            while self.wall_now() < until {
                thread::sleep(TestClock::POLL);
            }
            return;
        }
        thread::sleep(duration);
    }

    /// Returns how long to block before asking again whether `until` has come. It may be shorter than the time left.
    pub(crate) fn wait_until(&self, until: Instant) -> Duration {
        #[cfg(feature = "test-util")]
        if self.test.is_some() {
            return TestClock::POLL;
        }
        until.saturating_duration_since(Instant::now())
    }

    /// Lets a test clock skip a wait. The caller makes sure that nothing else is in progress meanwhile.
    pub(crate) fn skip_to(&self, _until: Instant) {
        #[cfg(feature = "test-util")]
        if let Some(test) = &self.test {
            test.skip_to(_until);
        }
    }

    #[cfg(feature = "test-util")]
    pub(crate) fn of_test(clock: TestClock) -> Self {
        Self { test: Some(clock) }
    }
}

/// Returns the earlier of two times, of which one or both may never come.
pub(crate) fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(feature = "test-util")]
mod test_clock {
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, Instant};

    /// A clock for a [`Live`](crate::Live) under test; see [`LiveBuilder::clock`](crate::LiveBuilder::clock).
    ///
    /// It stands still until it is advanced. All clones show the same time.
    ///
    /// The grace period, the waits of [`Live::retry_on`](crate::Live::retry_on), the interval and the delays of a
    /// [`Watch`](crate::Watch), the settle time, and the ages in a [`Status`](crate::Status) run on it. The debounce of
    /// `OnChange` does not, because file changes are real.
    ///
    /// ```
    /// use config_vars::test_util::TestClock;
    /// use std::time::Duration;
    ///
    /// let clock = TestClock::new();
    /// let begun = clock.now();
    /// clock.advance(Duration::from_secs(341));
    /// assert_eq!(clock.now() - begun, Duration::from_secs(341));
    /// ```
    #[derive(Clone, Debug)]
    pub struct TestClock {
        start: Instant,
        passed: Arc<Mutex<Duration>>,
        skips: bool,
    }

    impl TestClock {
        /// How long the crate blocks, in real time, before it asks this clock again.
        pub(super) const POLL: Duration = Duration::from_millis(1);
        /// Maximum time by which it is advanced at a time, so that no time on it overflows.
        const MAX_STEP: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

        /// Returns a clock that stands still until it is advanced.
        ///
        /// ```
        /// # use config_vars::test_util::TestClock;
        /// let clock = TestClock::new();
        /// assert_eq!(clock.now(), clock.now());
        /// ```
        #[must_use]
        pub fn new() -> Self {
            Self {
                start: Instant::now(),
                passed: Arc::default(),
                skips: false,
            }
        }

        /// Returns a clock that also jumps to the end of each wait of [`Live::retry_on`](crate::Live::retry_on).
        ///
        /// The call then ends in milliseconds. The clock does not jump while a reload is in progress.
        ///
        /// ```
        /// use config_vars::test_util::TestClock;
        /// use config_vars::{ConfigVars, Live};
        /// use std::time::Duration;
        ///
        /// let clock = TestClock::skipping();
        /// let live = Live::builder(|| Ok(ConfigVars::from([("REDIS_URL", "redis://:pw@cache.example")])))
        ///     .clock(&clock)
        ///     .retry_timeout(Duration::from_secs(600))
        ///     .build_vars()?;
        /// let begun = clock.now();
        /// let seconds = std::sync::Mutex::new(Vec::new());
        /// let connect = |_: &ConfigVars| {
        ///     seconds.lock().unwrap().push((clock.now() - begun).as_secs());
        ///     Err::<(), _>("WRONGPASS")
        /// };
        /// assert!(live.retry_on_blocking(|error| *error == "WRONGPASS", connect).is_err());
        /// assert_eq!(seconds.into_inner().unwrap().len(), 6, "the first, and five retries");
        /// # Ok::<(), config_vars::Error>(())
        /// ```
        #[must_use]
        pub fn skipping() -> Self {
            Self {
                skips: true,
                ..Self::new()
            }
        }

        /// Returns the time of this clock.
        ///
        /// ```
        /// # use config_vars::test_util::TestClock;
        /// let clock = TestClock::new();
        /// assert!(clock.now() <= std::time::Instant::now());
        /// ```
        #[must_use]
        pub fn now(&self) -> Instant {
            self.start + *self.passed()
        }

        /// Advances the clock, by at most a century at a time.
        ///
        /// Waits that are over by then end within about a millisecond of real time.
        ///
        /// ```
        /// # use config_vars::test_util::TestClock;
        /// # use std::time::Duration;
        /// let clock = TestClock::new();
        /// let begun = clock.now();
        /// clock.advance(Duration::from_secs(1));
        /// assert_eq!(clock.now(), begun + Duration::from_secs(1));
        /// ```
        pub fn advance(&self, by: Duration) {
            *self.passed() += by.min(Self::MAX_STEP);
        }

        pub(crate) fn skip_to(&self, time: Instant) {
            if self.skips {
                let passed = time.saturating_duration_since(self.start);
                let mut now = self.passed();
                *now = passed.max(*now);
            }
        }

        pub(super) fn passed(&self) -> MutexGuard<'_, Duration> {
            self.passed.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Default for TestClock {
        fn default() -> Self {
            Self::new()
        }
    }
}
