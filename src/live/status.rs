//! What a [`Live`](crate::Live) says of itself: [`Status`], and what is [`Stale`].

use crate::error::Error;
use crate::shown::ShownName;
use std::fmt;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, SystemTime};

/// How well a [`Live`](crate::Live) follows its source. It holds names, times and errors, and no value.
///
/// ```
/// use config_vars::{ConfigVars, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let status = live.status();
/// assert!(status.is_fresh());
/// assert_eq!(status.to_string(), "generation 1, fresh");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Status {
    pub(super) generation: u64,
    pub(super) stale: Vec<Stale>,
    pub(super) source: Option<Trouble>,
    pub(super) hang: Option<Holder>,
}

/// Something that is not as its source has it now, since when, and why.
///
/// ```
/// # use config_vars::Stale;
/// fn report(stale: &Stale) {
///     eprintln!("{}, for {} s: {}", stale.name(), stale.age().as_secs(), stale.error());
/// }
/// # let _ = report;
/// ```
#[derive(Clone)]
pub struct Stale {
    pub(super) name: Box<str>,
    pub(super) kind: StaleKind,
    pub(super) since: Moment,
    pub(super) error: Error,
}

/// What became of what is stale.
///
/// ```
/// # use config_vars::{Stale, StaleKind};
/// fn is_in_use(stale: &Stale) -> bool {
///     stale.kind() != StaleKind::NeverGood
/// }
/// # let _ = is_in_use;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StaleKind {
    /// An attachment, or a config var of none: its last good values are in use, all of one generation.
    LastGood,
    /// An attachment that has had a fault from the first; nothing that the app requires.
    NeverGood,
    /// What [`Live::map`](crate::Live::map) made: it could not be made again, and the one before is in use.
    Derived,
}

/// When something began: by the system's clock, for people, and by the monotonic clock, for its age.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    wall: SystemTime,
    instant: Instant,
}

impl Moment {
    pub(super) fn now() -> Self {
        Self {
            wall: SystemTime::now(),
            instant: Instant::now(),
        }
    }
}

/// Minimum time after which a reload is said to hang.
const HANGS_AFTER: Duration = Duration::from_secs(3);

/// The thread that reloads, or makes something for the first time, and keeps others from doing so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    thread: ThreadId,
    activity: Activity,
    since: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// The source is read.
    Reading,
    /// Closures of the app's make values.
    Making,
}

impl Holder {
    /// The current thread, which begins with this now.
    pub(super) fn new(activity: Activity) -> Self {
        Self {
            thread: thread::current().id(),
            activity,
            since: Moment::now(),
        }
    }

    pub(super) fn is_this_thread(&self) -> bool {
        self.thread == thread::current().id()
    }

    pub(super) fn hangs(&self) -> bool {
        self.since.instant.elapsed() >= HANGS_AFTER
    }
}

/// A source that cannot be read.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    pub(super) error: Error,
    pub(super) since: Moment,
    /// How often in a row.
    pub(super) failures: u32,
}

impl Status {
    /// The number of the generation in use. The first is 1.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert_eq!(live.status().generation(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What is not as the source has it, sorted by name.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p#w@db.example/shop")])))?;
    /// let status = live.status();
    /// let jawsdb = status.stale().next().unwrap();
    /// assert_eq!(jawsdb.name(), "JAWSDB");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn stale(&self) -> impl Iterator<Item = &Stale> {
        self.stale.iter()
    }

    /// Why the source could not be read the last time; `None` if it could.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().source_error().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_error(&self) -> Option<&Error> {
        self.source.as_ref().map(|trouble| &trouble.error)
    }

    /// Since when the source cannot be read; `None` if it can.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().source_failing_since().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_failing_since(&self) -> Option<SystemTime> {
        self.source.as_ref().map(|trouble| trouble.since.wall)
    }

    /// How often in a row the source could not be read.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert_eq!(live.status().source_failures(), 0);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_failures(&self) -> u32 {
        self.source.as_ref().map_or(0, |trouble| trouble.failures)
    }

    /// Since when a reload hangs: a read of the source, or a closure that makes a value, has taken longer than 3 seconds
    /// and has not returned. `None` otherwise.
    ///
    /// Until it returns, everything stays as it is, and each [`reload`](crate::Live::reload) and
    /// [`map`](crate::Live::map) waits for it. Subscribers are not told of it: without a reload that ends, no thread calls
    /// them. So a health check has to ask for the status; [`Watch::fault`](crate::Watch::fault) reports the same of a watch.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().reload_hangs_since().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn reload_hangs_since(&self) -> Option<SystemTime> {
        self.hang.map(|hang| hang.since.wall)
    }

    /// Returns whether everything is as the source had it when it was last read, the source could be read, and no reload
    /// [hangs](Self::reload_hangs_since).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().is_fresh());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.stale.is_empty() && self.source.is_none() && self.hang.is_none()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}", self.generation)?;
        if self.is_fresh() {
            return f.write_str(", fresh");
        }
        if let Some(Trouble {
            error,
            since,
            failures,
        }) = &self.source
        {
            let age = since.instant.elapsed().as_secs();
            write!(
                f,
                "\n  the source cannot be read, for {age} s, {failures} times in a row: {error}"
            )?;
        }
        if let Some(Holder { activity, since, .. }) = self.hang {
            let age = since.instant.elapsed().as_secs();
            let what = match activity {
                Activity::Reading => "a read of the source",
                Activity::Making => "a closure of the app's that makes a value",
            };
            write!(
                f,
                "\n  {what} has not returned for {age} s; until it does, nothing is reloaded"
            )?;
        }
        self.stale.iter().try_for_each(|stale| write!(f, "\n  {stale}"))
    }
}

impl Stale {
    /// The name of the attachment; or of a config var that belongs to none; or of the type that
    /// [`Live::map`](crate::Live::map) makes.
    ///
    /// ```
    /// # use config_vars::Stale;
    /// fn is_jawsdb(stale: &Stale) -> bool {
    ///     stale.name() == "JAWSDB"
    /// }
    /// # let _ = is_jawsdb;
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What became of it.
    ///
    /// ```
    /// # use config_vars::{Stale, StaleKind};
    /// fn has_last_good(stale: &Stale) -> bool {
    ///     stale.kind() == StaleKind::LastGood
    /// }
    /// # let _ = has_last_good;
    /// ```
    #[must_use]
    pub fn kind(&self) -> StaleKind {
        self.kind
    }

    /// Since when, by the system's clock.
    ///
    /// ```
    /// # use config_vars::Stale;
    /// fn is_in_the_past(stale: &Stale) -> bool {
    ///     stale.since() <= std::time::SystemTime::now()
    /// }
    /// # let _ = is_in_the_past;
    /// ```
    #[must_use]
    pub fn since(&self) -> SystemTime {
        self.since.wall
    }

    /// For how long, by a clock that nobody sets.
    ///
    /// ```
    /// # use config_vars::Stale;
    /// fn is_alarming(stale: &Stale) -> bool {
    ///     stale.age().as_secs() > 600
    /// }
    /// # let _ = is_alarming;
    /// ```
    #[must_use]
    pub fn age(&self) -> Duration {
        self.since.instant.elapsed()
    }

    /// Why.
    ///
    /// ```
    /// # use config_vars::Stale;
    /// fn var_at_fault(stale: &Stale) -> Option<&str> {
    ///     stale.error().var()
    /// }
    /// # let _ = var_at_fault;
    /// ```
    #[must_use]
    pub fn error(&self) -> &Error {
        &self.error
    }

    /// Whether both say the same, whenever they began.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (&self.name, self.kind, &self.error) == (&other.name, other.kind, &other.error)
    }
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            StaleKind::LastGood => "the last good is in use",
            StaleKind::NeverGood => "was never good",
            StaleKind::Derived => "could not be made again, the one before is in use",
        };
        let age = self.age().as_secs();
        let Self { name, error, .. } = self;
        write!(f, "{}: {what}, for {age} s: {error}", ShownName::name(name))
    }
}

impl fmt::Debug for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stale").field(&self.to_string()).finish()
    }
}
