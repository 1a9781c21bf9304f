//! [`Status`]: the health of a [`Live`](crate::Live), and its [`Stale`] entries.

use crate::clock::Clock;
use crate::error::{AppError, Error, OneLine};
use crate::shown::ShownName;
use crate::sorted::SortedMap;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, SystemTime};

/// The health of a [`Live`](crate::Live): names, times and errors, and no value.
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
///
/// It serializes as a map, and so do [`Stale`] and [`Change`](crate::Change): each field has the name of the method that
/// returns it, absent ones are null, times are whole seconds since the Unix epoch, ages are whole seconds, and kinds are in
/// kebab-case.
///
/// ```
/// # use config_vars::{ConfigVars, Live};
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let report = serde_json::to_value(live.status())?;
/// assert_eq!((&report["is_fresh"], &report["generation"]), (&true.into(), &1.into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Status {
    pub(super) clock: Clock,
    pub(super) generation: u64,
    pub(super) stale: StaleList,
    pub(super) source_failure: Option<SourceFailure>,
    pub(super) hanging_reload: Option<ActiveReload>,
    /// When remembered values that are in use were read, and why the source cannot be read now.
    pub(super) remembered: Option<(SystemTime, Error)>,
}

/// An attachment, config var or value that differs from what the source has now.
///
/// ```
/// use config_vars::{ConfigVars, Live, StaleKind};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p#w@db.example/shop")])))?;
/// let status = live.status();
/// let stale = status.stale().next().unwrap();
/// assert_eq!((stale.name(), stale.kind()), ("JAWSDB", StaleKind::NeverGood));
/// assert_eq!(stale.error().var(), Some("JAWSDB_URL"));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct Stale {
    pub(super) clock: Clock,
    pub(super) name: Box<str>,
    pub(super) since: Timestamp,
    pub(super) entry: StaleEntry,
}

/// The value in use instead of a stale entry's new value; see [`Stale::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StaleKind {
    /// The last good values of an attachment, or of a config var that belongs to no attachment, all of one generation.
    LastGood,
    /// Nothing: the attachment has had a fault since the first read, and the app does not require it.
    NeverGood,
    /// The earlier value of a [`Live::map`](crate::Live::map) whose closure failed.
    Derived,
}

/// The stale entries of a `Live`, sorted by name. They are shared by its state, its status and its changes.
pub(super) type StaleList = Arc<Vec<Stale>>;

/// The stale entries after a reload, by name.
pub(super) type StaleEntries = SortedMap<Box<str>, StaleEntry>;

#[derive(Clone)]
pub(super) struct StaleEntry {
    pub(super) kind: StaleKind,
    pub(super) error: AppError,
}

impl StaleEntry {
    pub(super) fn new(kind: StaleKind, error: Error) -> Self {
        Self {
            kind,
            error: error.into(),
        }
    }
}

/// When something began: by the system's clock, to be shown, and by the monotonic clock, for its age.
#[derive(Clone, Copy)]
pub(super) struct Timestamp {
    wall: SystemTime,
    instant: Instant,
}

impl Timestamp {
    pub(super) fn now(clock: &Clock) -> Self {
        Self {
            wall: clock.wall_now(),
            instant: clock.now(),
        }
    }

    fn age(self, clock: &Clock) -> Duration {
        clock.elapsed(self.instant)
    }
}

/// Minimum time after which a reload counts as hanging.
const HANGS_AFTER: Duration = Duration::from_secs(3);

/// The activity of the thread that holds the reload lock.
#[derive(Clone, Copy)]
pub(super) struct ActiveReload {
    thread: ThreadId,
    activity: Activity,
    since: Timestamp,
    /// Whether it drives a future of the app, which may need the threads of the app's runtime.
    pub(super) is_driving: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Activity {
    /// Reading the source.
    Reading,
    /// Running closures of the app that make values.
    Making,
}

impl ActiveReload {
    /// The current thread begins this activity now.
    pub(super) fn new(activity: Activity, clock: &Clock) -> Self {
        Self {
            thread: thread::current().id(),
            activity,
            since: Timestamp::now(clock),
            is_driving: false,
        }
    }

    pub(super) fn is_this_thread(&self) -> bool {
        self.thread == thread::current().id()
    }

    pub(super) fn hangs(&self, clock: &Clock) -> bool {
        self.since.age(clock) >= HANGS_AFTER
    }
}

/// Consecutive failed reads of the source.
#[derive(Clone)]
pub(super) struct SourceFailure {
    pub(super) error: AppError,
    pub(super) since: Timestamp,
    /// Number of failed reads in a row.
    pub(super) failures: u32,
}

impl Status {
    /// Returns the number of the generation in use; the first is 1.
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

    /// Returns everything that differs from what the source has now, sorted by name.
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

    /// Returns why the last read of the source failed; `None` if it succeeded.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().source_error().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_error(&self) -> Option<&Error> {
        match (&self.source_failure, &self.remembered) {
            (Some(failure), _) => Some(failure.error.shown()),
            (None, Some((_, error))) => Some(error),
            (None, None) => None,
        }
    }

    /// Returns when the values in use were read, if they come from the file of a
    /// [remembered](crate::Source::remembered) source, which could not be read since this process started.
    /// [`source_error`](Self::source_error) returns why.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().remembered_from().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn remembered_from(&self) -> Option<SystemTime> {
        let (read_at, _) = self.remembered.as_ref()?;
        Some(*read_at)
    }

    /// Returns the age of remembered values that are in use, by the system's clock.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().remembered_age().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn remembered_age(&self) -> Option<Duration> {
        let read_at = self.remembered_from()?;
        Some(read_at.elapsed().unwrap_or_default())
    }

    /// Returns the app's own error of the last read, whose text may quote a secret; `None` if the last read succeeded, or
    /// failed with an error of this crate.
    #[must_use]
    pub fn expose_source_app_error(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.source_failure.as_ref()?.error.expose_error()
    }

    /// Returns when the reads of the source began to fail; `None` if the last one succeeded.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().source_failing_since().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_failing_since(&self) -> Option<SystemTime> {
        Some(self.source_failure.as_ref()?.since.wall)
    }

    /// Returns the number of failed reads of the source in a row.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert_eq!(live.status().source_failures(), 0);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn source_failures(&self) -> u32 {
        match &self.source_failure {
            Some(failure) => failure.failures,
            None => 0,
        }
    }

    /// Returns since when a reload hangs; `None` if none does.
    ///
    /// A reload hangs if a read of the source, or a closure that makes a value, has not returned for 3 seconds. Until it
    /// returns, everything stays as it is, and each [`reload`](crate::Live::reload) and [`map`](crate::Live::map) waits.
    ///
    /// Subscribers do not hear of a hanging reload, because they are called when a reload ends. A health check must ask for
    /// the status. [`Watch::fault`](crate::Watch::fault) reports the same for a watch.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.status().reload_hangs_since().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn reload_hangs_since(&self) -> Option<SystemTime> {
        Some(self.hanging_reload?.since.wall)
    }

    /// Returns whether nothing is stale, the last read succeeded, no value is [remembered](Self::remembered_from), and no reload
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
        self.stale.is_empty()
            && self.source_failure.is_none()
            && self.hanging_reload.is_none()
            && self.remembered.is_none()
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Status").field(&self.to_string()).finish()
    }
}

/// Shows everything on one line. With `{:#}`, each entry is on a line of its own.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = entry_separator(f);
        write!(f, "generation {}", self.generation)?;
        if self.is_fresh() {
            return f.write_str(", fresh");
        }
        if let Some(failure) = &self.source_failure {
            let age = failure.since.age(&self.clock).as_secs();
            let failures = failure.failures;
            let reads = if failures == 1 { "read" } else { "reads" };
            write!(
                f,
                "{separator}the source cannot be read, for {age} s, {failures} failed {reads}: {}",
                OneLine(failure.error.shown())
            )?;
        }
        if let Some((_, error)) = &self.remembered {
            let age = self.remembered_age().unwrap_or_default().as_secs();
            write!(
                f,
                "{separator}values that were remembered {age} s ago are in use, because the source cannot be read: {}",
                OneLine(error)
            )?;
        }
        if let Some(ActiveReload { activity, since, .. }) = self.hanging_reload {
            let age = since.age(&self.clock).as_secs();
            let activity = match activity {
                Activity::Reading => "a read of the source",
                Activity::Making => "a closure of the app's that makes a value",
            };
            write!(
                f,
                "{separator}{activity} has not returned for {age} s; until it does, nothing is reloaded"
            )?;
        }
        for stale in &*self.stale {
            write!(f, "{separator}{stale}")?;
        }
        Ok(())
    }
}

/// The separator between the entries of a status or a change.
pub(super) fn entry_separator(f: &fmt::Formatter<'_>) -> &'static str {
    if f.alternate() { "\n  " } else { " | " }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Status", 8)?;
        map.serialize_field("generation", &self.generation)?;
        map.serialize_field("is_fresh", &self.is_fresh())?;
        map.serialize_field("stale", &*self.stale)?;
        map.serialize_field("source_error", &self.source_error())?;
        let failing_since = self.source_failing_since().map(unix_seconds);
        map.serialize_field("source_failing_since", &failing_since)?;
        map.serialize_field("source_failures", &self.source_failures())?;
        let hangs_since = self.reload_hangs_since().map(unix_seconds);
        map.serialize_field("reload_hangs_since", &hangs_since)?;
        let remembered_from = self.remembered_from().map(unix_seconds);
        map.serialize_field("remembered_from", &remembered_from)?;
        map.end()
    }
}

/// Seconds since the Unix epoch.
fn unix_seconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.unwrap_or_default().as_secs()
}

impl StaleKind {
    /// Returns the name of this kind in kebab-case, for logs and reports.
    ///
    /// ```
    /// assert_eq!(config_vars::StaleKind::LastGood.as_str(), "last-good");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LastGood => "last-good",
            Self::NeverGood => "never-good",
            Self::Derived => "derived",
        }
    }
}

/// Serializes as its [name](StaleKind::as_str).
impl Serialize for StaleKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Stale {
    /// Returns the name of the attachment, of the config var that belongs to none, or of the type that
    /// [`Live::map`](crate::Live::map) makes.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what is in use instead.
    #[must_use]
    pub fn kind(&self) -> StaleKind {
        self.entry.kind
    }

    /// Returns when it became stale, by the system's clock.
    #[must_use]
    pub fn since(&self) -> SystemTime {
        self.since.wall
    }

    /// Returns how long it has been stale, by the monotonic clock.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::time::Duration;
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p#w@db.example/shop")])))?;
    /// let status = live.status();
    /// let must_alert = status.stale().any(|stale| stale.age() > Duration::from_secs(600));
    /// assert!(!must_alert);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn age(&self) -> Duration {
        self.since.age(&self.clock)
    }

    /// Returns why it is stale.
    #[must_use]
    pub fn error(&self) -> &Error {
        self.entry.error.shown()
    }

    /// Returns the app's own error, whose text may quote a secret; `None` if it is an error of this crate.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Live, StaleKind};
    /// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    ///
    /// static IS_DOWN: AtomicBool = AtomicBool::new(false);
    /// let source = || Ok(ConfigVars::from([("PORT", if IS_DOWN.load(SeqCst) { "1" } else { "2" })]));
    /// let live = Live::from_vars(source)?;
    /// let clients = live.map(|_| if IS_DOWN.load(SeqCst) { Err("no route to 10.1.2.3".into()) } else { Ok(()) })?.named("client");
    /// IS_DOWN.store(true, SeqCst);
    /// live.reload()?;
    /// let status = live.status();
    /// let stale = status.stale().next().unwrap();
    /// assert_eq!((stale.name(), stale.kind()), ("client", StaleKind::Derived));
    /// assert!(!status.to_string().contains("10.1.2.3"));
    /// assert_eq!(stale.expose_app_error().unwrap().to_string(), "no route to 10.1.2.3");
    /// # drop(clients);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn expose_app_error(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.entry.error.expose_error()
    }

    /// Returns whether both entries say the same, apart from when they became stale.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.name == other.name && self.kind() == other.kind() && self.error() == other.error()
    }
}

/// Shows everything on one line.
impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_use = match self.kind() {
            StaleKind::LastGood => "the last good is in use",
            StaleKind::NeverGood => "was never good",
            StaleKind::Derived => "could not be made again, the one before is in use",
        };
        let age = self.age().as_secs();
        let (name, error) = (ShownName::name(&self.name), OneLine(self.error()));
        write!(f, "{name}: {in_use}, for {age} s: {error}")
    }
}

impl Serialize for Stale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Stale", 5)?;
        map.serialize_field("name", &ShownName::name(&self.name).to_string())?;
        map.serialize_field("kind", &self.kind())?;
        map.serialize_field("since", &unix_seconds(self.since()))?;
        map.serialize_field("age", &self.age().as_secs())?;
        map.serialize_field("error", self.error())?;
        map.end()
    }
}

impl fmt::Debug for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stale").field(&self.to_string()).finish()
    }
}
