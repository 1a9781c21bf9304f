//! [`Every`]: the times at which a source is read, and how they spread and stretch.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Reads the source every so long.
///
/// Many processes that start at once do not read at once: the first wait is anything up to the interval, and each later
/// one differs from it by the [jitter](Self::jitter_percent). A read that fails doubles the wait, again and again, up to
/// ten intervals or five minutes, whichever is shorter, and never less than the interval; one that succeeds ends that.
///
/// An interval of less than a millisecond counts as a millisecond, one of more than a year as a year.
///
/// ```
/// use config_vars::{ConfigVars, Every, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(Every::seconds(30))?;
/// # drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    interval: Duration,
    jitter_percent: u32,
}

const MIN_INTERVAL: Duration = Duration::from_millis(1);
const MAX_INTERVAL: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The wait after failed reads is so many intervals at most,
const MAX_BACK_OFF_INTERVALS: u32 = 10;
/// and no longer than this, but for an interval that is.
const MAX_BACK_OFF: Duration = Duration::from_secs(5 * 60);

impl Every {
    /// Every so long.
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

    /// Every so many seconds.
    ///
    /// ```
    /// # use config_vars::Every;
    /// let often = Every::seconds(5);
    /// # let _ = often;
    /// ```
    #[must_use]
    pub fn seconds(seconds: u64) -> Self {
        Self::new(Duration::from_secs(seconds))
    }

    /// By how much a wait may be shorter or longer than it would be: 10 % unless set, 100 % at most.
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

    /// A wait before the first read: anything up to the interval.
    ///
    /// ```
    /// # use config_vars::Every;
    /// # use std::time::Duration;
    /// assert!(Every::seconds(30).first_wait() <= Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn first_wait(&self) -> Duration {
        self.interval.mul_f64(fraction())
    }

    /// A wait after a read that was the last of so many failures in a row; 0 if it was none. For those who would rather
    /// keep the time themselves, on a runtime's timer say, and [reload](crate::Live::reload) by hand.
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
        // Four doublings are more than ten intervals.
        let wait = (self.interval * 2_u32.pow(failures.min(4))).min(longest);
        let jitter = f64::from(self.jitter_percent) / 100.0;
        wait.mul_f64(1.0 + jitter * (2.0 * fraction() - 1.0))
            .max(MIN_INTERVAL)
    }
}

/// Something from 0 to 1 that differs from process to process, and from call to call: std keys each hasher at random.
fn fraction() -> f64 {
    let random = RandomState::new().hash_one(());
    f64::from((random >> 32) as u32) / f64::from(u32::MAX)
}
