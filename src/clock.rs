//! The monotonic clock of a `Live`: the system's, or one that a test advances.

#[cfg(feature = "test-util")]
pub use test_clock::TestClock;

#[cfg(feature = "test-util")]
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The clock of all values of one source.
#[derive(Clone, Default)]
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

    /// Returns how long to block before asking again whether `until` has come. It may be shorter than the time left.
    pub(crate) fn wait_until(&self, until: Instant) -> Duration {
        #[cfg(feature = "test-util")]
        if self.test.get().is_some() {
            return TestClock::POLL;
        }
        until.saturating_duration_since(Instant::now())
    }

    /// Lets a test clock skip a wait. The caller makes sure that nothing else is in progress meanwhile.
    pub(crate) fn skip_to(&self, _until: Instant) {
        #[cfg(feature = "test-util")]
        if let Some(test) = self.test.get() {
            test.skip_to(_until);
        }
    }

    /// Only the first call has an effect.
    #[cfg(feature = "test-util")]
    pub(crate) fn replace(&self, clock: TestClock) {
        _ = self.test.set(clock);
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
    /// The grace period, the waits of [`Live::retry_on`](crate::Live::retry_on), and the interval and the delays of a
    /// [`Watch`](crate::Watch) run on it. The debounce of `OnChange` does not, because file changes are real.
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
        pub(crate) const POLL: Duration = Duration::from_millis(1);

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

        /// Advances the clock.
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
            *self.passed() += by;
        }

        pub(crate) fn skip_to(&self, time: Instant) {
            if self.skips {
                let passed = time.saturating_duration_since(self.start);
                let mut now = self.passed();
                *now = passed.max(*now);
            }
        }

        fn passed(&self) -> MutexGuard<'_, Duration> {
            self.passed.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Default for TestClock {
        fn default() -> Self {
            Self::new()
        }
    }
}
