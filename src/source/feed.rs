//! [`Feed`]: config vars that are pushed, by a client that is told of changes.

use super::interface::{Source, SourceEvents};
use crate::error::{AppError, Error, Fault};
use crate::snapshot::ConfigVars;
use std::fmt;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// Pushes config vars to a `Live`, from any client and any thread.
///
/// [`set`](Self::set) wakes the [watches](crate::Live::watch) of the `Live`, whatever their trigger, and the callers that wait
/// for a new credential in [`retry_on`](crate::Live::retry_on). Once the feed is dropped, reads of its source fail, so the
/// [`Status`](crate::Status) shows since when.
///
/// ```
/// use config_vars::{ConfigVars, Every, Feed, Live, RedisUrl};
/// use std::time::Duration;
///
/// # #[derive(serde::Deserialize)]
/// # struct Config { redis_url: RedisUrl }
/// let (feed, source) = Feed::new();
/// feed.set(ConfigVars::from([("REDIS_URL", "redis://:one@cache.example")]));
/// let live: Live<Config> = Live::new(source)?;
/// let watch = live.watch(Every::seconds(300))?;
/// let mut changes = live.changes();
///
/// feed.set(ConfigVars::from([("REDIS_URL", "redis://:two@cache.example")])); // the watch reads it at once
/// assert!(changes.wait(Duration::from_secs(60)).is_some());
/// assert_eq!(live.load().redis_url.expose_original(), "redis://:two@cache.example");
/// # drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
pub struct Feed(Arc<FeedShared>);

/// The source of a [`Feed`].
pub struct FeedSource(Arc<FeedShared>);

#[derive(Default)]
struct FeedShared {
    state: Mutex<FeedState>,
}

struct FeedState {
    latest: Result<ConfigVars, AppError>,
    /// Whether the latest was not read yet.
    is_unread: bool,
    listeners: Vec<SourceEvents>,
    is_wanted: bool,
    has_source: bool,
    waiting: Vec<Waker>,
}

impl Default for FeedState {
    fn default() -> Self {
        Self {
            latest: Err(Error::new(Fault::FeedEmpty).into()),
            is_unread: false,
            listeners: Vec::new(),
            is_wanted: false,
            has_source: true,
            waiting: Vec::new(),
        }
    }
}

impl Feed {
    /// Returns a feed and its source. Reads of the source fail until the first [`set`](Self::set).
    #[must_use]
    pub fn new() -> (Self, FeedSource) {
        let shared = Arc::<FeedShared>::default();
        (Self(shared.clone()), FeedSource(shared))
    }

    /// Replaces the config vars, all of them.
    pub fn set(&self, vars: ConfigVars) {
        self.0.push(Ok(vars));
    }

    /// Reports that the config vars cannot be had at present. It counts as a failed read: everything stays as it is.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Feed, Live};
    /// let (feed, source) = Feed::new();
    /// feed.set(ConfigVars::from([("PORT", "8080")]));
    /// let live = Live::from_vars(source)?;
    /// feed.fail(std::io::Error::from(std::io::ErrorKind::TimedOut));
    /// assert_eq!(live.reload().unwrap_err().to_string(), "the app's own code failed: timed out");
    /// assert_eq!(live.vars().len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn fail(&self, error: impl Into<AppError>) {
        self.0.push(Err(error.into()));
    }

    /// Waits until a refused credential wants newer config vars. Returns `false` once the `Live` of the source is gone.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Feed};
    ///
    /// # async fn fetch() -> Result<ConfigVars, std::io::Error> { Ok(ConfigVars::default()) }
    /// async fn follow(feed: Feed) {
    ///     while feed.wanted().await {
    ///         match fetch().await {
    ///             Ok(vars) => feed.set(vars),
    ///             Err(error) => feed.fail(error),
    ///         }
    ///     }
    /// }
    /// # _ = follow;
    /// ```
    pub async fn wanted(&self) -> bool {
        poll_fn(|context| {
            // The waker is cloned without the lock, because that runs code of the executor.
            let waker = context.waker().clone();
            let mut state = self.0.lock();
            if !state.has_source {
                return Poll::Ready(false);
            }
            if std::mem::take(&mut state.is_wanted) {
                return Poll::Ready(true);
            }
            if !state.waiting.iter().any(|known| known.will_wake(&waker)) {
                state.waiting.push(waker);
            }
            Poll::Pending
        })
        .await
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.0.push(Err(Error::new(Fault::FeedEnded).into()));
    }
}

impl Source for FeedSource {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        let mut state = self.0.lock();
        state.is_unread = false;
        state.latest.clone()
    }

    fn listen(&self, events: &SourceEvents) {
        let is_unread = {
            let mut state = self.0.lock();
            state.listeners.push(events.clone());
            state.is_unread
        };
        if is_unread {
            events.changed();
        }
    }

    fn want(&self) {
        self.0.wake(|state| state.is_wanted = true);
    }
}

impl Drop for FeedSource {
    fn drop(&mut self) {
        self.0.wake(|state| state.has_source = false);
    }
}

impl FeedShared {
    fn push(&self, latest: Result<ConfigVars, AppError>) {
        let (replaced, listeners) = {
            let mut state = self.lock();
            state.is_unread = true;
            // This answers the request for something newer.
            state.is_wanted = false;
            let replaced = std::mem::replace(&mut state.latest, latest);
            (replaced, state.listeners.clone())
        };
        drop(replaced);
        listeners.iter().for_each(SourceEvents::changed);
    }

    /// Changes the state, and wakes the tasks that wait for it.
    fn wake(&self, change: impl FnOnce(&mut FeedState)) {
        let waiting = {
            let mut state = self.lock();
            change(&mut state);
            std::mem::take(&mut state.waiting)
        };
        for waker in waiting {
            // An executor that panics must not end the reload; dropping the payload may panic again.
            _ = catch_unwind(AssertUnwindSafe(|| waker.wake())).map_err(std::mem::forget);
        }
    }

    fn lock(&self) -> MutexGuard<'_, FeedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl fmt::Debug for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedSource").finish_non_exhaustive()
    }
}
