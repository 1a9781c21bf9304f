//! [`Every`]: an interval with jitter and back-off.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Reloads at a fixed interval.
///
/// Many processes that start at once do not read at once: the first delay is random, up to the interval, and each later
/// one varies by the [jitter](Self::jitter_percent). Each failed read doubles the delay, up to ten intervals or five
/// minutes, whichever is shorter, but never below the interval. A successful read resets it.
///
/// An interval is at least a millisecond and at most a year.
///
/// ```
/// use config_vars::{ConfigVars, Every, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(Every::seconds(30))?;
/// assert!(watch.next_in().is_some());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    interval: Duration,
    jitter_percent: u32,
}

const MIN_INTERVAL: Duration = Duration::from_millis(1);
const MAX_INTERVAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// Maximum delay after failed reads, in intervals.
const MAX_BACK_OFF_INTERVALS: u32 = 10;
/// Maximum delay after failed reads, unless the interval is longer.
const MAX_BACK_OFF: Duration = Duration::from_secs(5 * 60);

impl Every {
    /// Creates a trigger with this interval.
    ///
    /// ```
    /// # use config_vars::Every;
    /// # use std::time::Duration;
    /// assert_eq!(Every::new(Duration::from_secs(30)), Every::seconds(30));
    /// ```
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self {
            interval: interval.clamp(MIN_INTERVAL, MAX_INTERVAL),
            jitter_percent: 10,
        }
    }

    /// Creates a trigger with an interval in seconds.
    #[must_use]
    pub fn seconds(seconds: u64) -> Self {
        Self::new(Duration::from_secs(seconds))
    }

    /// Sets by how much a delay may be shorter or longer: 10 % by default, 100 % at most.
    ///
    /// ```
    /// # use config_vars::Every;
    /// # use std::time::Duration;
    /// let exact = Every::seconds(30).jitter_percent(0);
    /// assert_eq!(exact.wait_after(0), Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn jitter_percent(mut self, percent: u32) -> Self {
        self.jitter_percent = percent.min(100);
        self
    }

    /// Returns a delay before the first read: a random time up to the interval.
    ///
    /// ```
    /// # use config_vars::Every;
    /// # use std::time::Duration;
    /// assert!(Every::seconds(30).first_wait() <= Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn first_wait(&self) -> Duration {
        self.interval.mul_f64(random_fraction())
    }

    /// Returns a delay after `failures` consecutive failed reads; 0 means that the last read succeeded.
    ///
    /// It is for apps that run a timer of their own and call [`reload`](crate::Live::reload).
    ///
    /// ```
    /// # use config_vars::Every;
    /// let every = Every::seconds(10).jitter_percent(0);
    /// let seconds: Vec<u64> = (0..6).map(|failures| every.wait_after(failures).as_secs()).collect();
    /// assert_eq!(seconds, [10, 20, 40, 80, 100, 100]);
    /// ```
    #[must_use]
    pub fn wait_after(&self, failures: u32) -> Duration {
        let longest = (self.interval * MAX_BACK_OFF_INTERVALS).min(MAX_BACK_OFF.max(self.interval));
        // Four doublings exceed ten intervals.
        let wait = (self.interval * 2_u32.pow(failures.min(4))).min(longest);
        let jitter = f64::from(self.jitter_percent) / 100.0;
        wait.mul_f64(1.0 + jitter * (2.0 * random_fraction() - 1.0))
            .max(MIN_INTERVAL)
    }
}

/// A random number from 0 to 1. The standard library keys each hasher at random.
fn random_fraction() -> f64 {
    let random = RandomState::new().hash_one(());
    f64::from((random >> 32) as u32) / f64::from(u32::MAX)
}
