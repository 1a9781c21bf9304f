//! [`Feed`]: config vars that are pushed, by a client that is told of changes.

use super::interface::{Source, SourceEvents};
use crate::error::{AppError, Error, Fault};
use crate::isolate::wake;
use crate::list::mapped;
use crate::lock::{lock, poll_locked};
use crate::snapshot::ConfigVars;
use crate::sorted::SortedMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Pushes config vars to a `Live`, from any client and any thread.
///
/// [`set`](Self::set) wakes the [watches](crate::Live::watch) of the `Live`, whatever their trigger, and the callers that wait
/// for a new credential in [`retry_on`](crate::Live::retry_on). Once the feed is dropped, reads of its source fail, so the
/// [`Status`](crate::Status) shows since when. To push from several tasks, share the feed in an `Arc`.
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
pub struct Feed(Arc<Mutex<FeedState>>);

/// The source of a [`Feed`].
pub struct FeedSource(Arc<Mutex<FeedState>>);

struct FeedState {
    latest: Result<ConfigVars, AppError>,
    /// Whether the latest was not read yet.
    is_unread: bool,
    listeners: Vec<SourceEvents>,
    is_wanted: bool,
    has_source: bool,
    /// The tasks that wait, by the numbers of their futures.
    waiting: SortedMap<u64, Option<Waker>>,
    last_number: u64,
}

impl Feed {
    /// Returns a feed and its source. Reads of the source fail until the first [`set`](Self::set).
    #[must_use]
    pub fn new() -> (Self, FeedSource) {
        let state = Arc::new(Mutex::new(FeedState {
            latest: Err(Error::new(Fault::FeedEmpty).into()),
            is_unread: false,
            listeners: Vec::new(),
            is_wanted: false,
            has_source: true,
            waiting: SortedMap::default(),
            last_number: 0,
        }));
        (Self(state.clone()), FeedSource(state))
    }

    /// Replaces the config vars, all of them.
    pub fn set(&self, vars: ConfigVars) {
        self.push(Ok(vars));
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
        self.push(Err(error.into()));
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
        let number = {
            let mut state = lock(&self.0);
            state.last_number += 1;
            state.last_number
        };
        let state = &self.0;
        Wanting { state, number }.await
    }

    fn push(&self, latest: Result<ConfigVars, AppError>) {
        let (replaced, listeners) = {
            let mut state = lock(&self.0);
            state.is_unread = true;
            // This answers the request for something newer.
            state.is_wanted = false;
            let replaced = std::mem::replace(&mut state.latest, latest);
            (replaced, mapped(&state.listeners, SourceEvents::clone))
        };
        for listener in &listeners {
            listener.changed();
        }
        // Last, because it may drop an error of the app, whose `Drop` may panic.
        drop(replaced);
    }
}

/// Is ready when newer config vars are wanted, or when there is no source any more.
struct Wanting<'f> {
    state: &'f Mutex<FeedState>,
    number: u64,
}

impl Future for Wanting<'_> {
    type Output = bool;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        poll_locked(self.state, context, |state| {
            if !state.has_source {
                Ok(false)
            } else if std::mem::take(&mut state.is_wanted) {
                Ok(true)
            } else {
                Err(state.waiting.entry(self.number))
            }
        })
    }
}

impl Drop for Wanting<'_> {
    fn drop(&mut self) {
        let waker = lock(self.state).waiting.remove(&self.number);
        drop(waker);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.push(Err(Error::new(Fault::FeedEnded).into()));
    }
}

impl Source for FeedSource {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        let mut state = lock(&self.0);
        state.is_unread = false;
        state.latest.clone()
    }

    fn listen(&self, events: &SourceEvents) {
        let may_be_unread = {
            let mut state = lock(&self.0);
            // One `Live` after the other may have used this source.
            state.listeners.retain(|listener| !listener.is_over());
            // A `Live` beside this one may have read what was pushed since the first read of this one.
            let is_shared = !state.listeners.is_empty();
            state.listeners.push(events.clone());
            state.is_unread || is_shared
        };
        if may_be_unread {
            events.changed();
        }
    }

    fn want(&self) {
        let mut state = lock(&self.0);
        state.is_wanted = true;
        wake_waiting(state);
    }
}

impl Drop for FeedSource {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.has_source = false;
        wake_waiting(state);
    }
}

/// Wakes the tasks that wait, without the lock.
fn wake_waiting(mut state: MutexGuard<'_, FeedState>) {
    let waiting = std::mem::take(&mut state.waiting);
    drop(state);
    for (_, waker) in waiting.into_entries() {
        wake(waker);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::NotePush;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn dropped_futures_leave_no_waker() {
        let (feed, source) = Feed::new();
        for _ in 0..3 {
            let mut wanted = std::pin::pin!(feed.wanted());
            let poll = wanted.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(poll.is_pending());
            assert_eq!(lock(&feed.0).waiting.iter().count(), 1);
        }
        assert!(lock(&feed.0).waiting.is_empty());
        drop(source);
    }

    #[test]
    fn listeners_of_ended_lives_are_removed() {
        let (feed, source) = Feed::new();
        feed.set(ConfigVars::default());
        let source = Arc::new(source);
        for _ in 0..100 {
            drop(crate::Live::from_vars(source.clone()).unwrap());
        }
        let live = crate::Live::from_vars(source).unwrap();
        assert_eq!(lock(&feed.0).listeners.len(), 1);
        drop(live);
    }

    #[test]
    fn error_that_panics_when_dropped_withholds_no_push() {
        struct Counter(AtomicUsize);
        impl NotePush for Counter {
            fn note_push(&self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        #[derive(Debug)]
        struct Fragile;
        impl fmt::Display for Fragile {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fragile")
            }
        }
        impl std::error::Error for Fragile {}
        impl Drop for Fragile {
            fn drop(&mut self) {
                panic!("an error that panics when it is dropped");
            }
        }
        let (feed, source) = Feed::new();
        let counter = Arc::new(Counter(AtomicUsize::new(0)));
        let weak = Arc::downgrade(&counter);
        source.listen(&SourceEvents::new(weak));
        feed.fail(Fragile);
        assert!(catch_unwind(AssertUnwindSafe(|| feed.set(ConfigVars::default()))).is_err());
        assert_eq!(counter.0.load(Ordering::SeqCst), 2);
        assert!(source.read().is_ok());
    }
}
