//! One reload for all callers that ask for one at the same time, on a thread of its own, so that no executor is blocked.
//!
//! At most two threads run. One reloads, and may hang with the source. The other is the timer: it starts the reload when
//! that is due, and wakes callers whose deadline has passed. Both end when no caller waits any more.

use crate::clock::{Clock, earlier};
use crate::isolate::wake;
use crate::lock::{lock, poll_locked};
use crate::runtime::spawn_thread;
use crate::sorted::find_place;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Minimum time after which a shared reload counts as hanging, for callers that can do something else meanwhile.
pub(in crate::live) const HANGS_AFTER: Duration = Duration::from_secs(1);

/// Wait before the next attempt if no thread can be started for a reload.
const WAIT_FOR_THREAD: Duration = Duration::from_secs(1);

/// The reload that is shared.
pub(in crate::live) trait Reload: Send + Sync {
    /// Reloads, on the calling thread.
    fn reload(&self);
    /// Calls the subscribers, which may take long.
    fn deliver(&self);
    /// Returns the number of reloads that ended, shared ones and others, and the stamp of the value in use.
    fn progress(&self) -> ReloadProgress;
    /// Returns whether the source has something new, so that no reload needs to wait.
    fn has_news(&self) -> bool;
    /// Starts a thread.
    fn spawn(&self, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        spawn_thread(run)
    }
}

/// The reloads that ended, and the value that is in use.
#[derive(PartialEq, Eq)]
pub(in crate::live) struct ReloadProgress {
    /// The number of the last reload that ended.
    pub(in crate::live) reloads_ended: u64,
    /// The stamp of the value that was put in use last, in a reload or after it.
    pub(in crate::live) last_stamp: u64,
}

/// Runs a reload for the callers that wait for one.
pub(in crate::live) struct SharedReload {
    /// The clock of the deadlines.
    clock: Clock,
    state: Mutex<SharedReloadState>,
    /// Wakes the timer thread.
    changed: Condvar,
}

#[derive(Default)]
struct SharedReloadState {
    /// When the next reload begins, if a caller asked for one.
    due: Option<Instant>,
    /// When the reload in progress began.
    running_since: Option<Instant>,
    /// When the last shared reload ended. Other reloads do not count: a watch that polls must not put off this one.
    last_ended: Option<Instant>,
    has_timer: bool,
    /// The waiting callers, in the order of their numbers: the one that has waited longest first.
    waiters: Vec<Waiter>,
    next_number: u64,
}

struct Waiter {
    number: u64,
    deadline: Instant,
    waker: Option<Waker>,
}

impl SharedReload {
    pub(in crate::live) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            clock,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Waits for the reload in progress, or for one that begins once `wait` has passed since the last one.
    ///
    /// The future is ready when that reload ends or a value is put in use, and at `look_again` or `deadline` at the latest. It
    /// is ready at once if one of these has happened since the progress was `seen`. Returns `None` if nothing would happen
    /// before the deadline.
    pub(in crate::live) fn join(
        self: &Arc<Self>,
        target: Arc<dyn Reload>,
        wait: Duration,
        look_again: Option<Instant>,
        deadline: Instant,
        seen: ReloadProgress,
    ) -> Option<ReloadFuture> {
        let until = look_again.unwrap_or(deadline).min(deadline);
        let mut state = lock(&self.state);
        let number = state.next_number;
        state.next_number += 1;
        let future = |is_waiting| ReloadFuture {
            shared: self.clone(),
            number,
            is_waiting,
        };
        if target.progress() != seen {
            return Some(future(false));
        }
        if state.running_since.is_none() {
            let now = self.clock.now();
            let wait = if target.has_news() { Duration::ZERO } else { wait };
            let mut begin = now;
            if let Some(ended) = state.last_ended {
                begin = begin.max(ended + wait);
            }
            let begin = state.due.unwrap_or(begin).min(begin);
            if begin < deadline {
                state.due = Some(begin);
            } else if until >= deadline {
                return None;
            }
        }
        if !state.has_timer {
            // Weak, so that the timer thread keeps no secret in memory that nobody waits for.
            let (shared, weak) = (self.clone(), Arc::downgrade(&target));
            if target.spawn(Box::new(move || shared.run_timer(&weak))).is_err() {
                return None;
            }
            state.has_timer = true;
        }
        state.waiters.push(Waiter {
            number,
            deadline: until,
            waker: None,
        });
        self.changed.notify_all();
        Some(future(true))
    }

    /// Returns whether a shared reload hangs, so that callers should do something else if they can.
    pub(in crate::live) fn hangs(&self, now: Instant) -> bool {
        let since = lock(&self.state).running_since;
        since.is_some_and(|since| now.saturating_duration_since(since) >= HANGS_AFTER)
    }

    /// Begins the reload that callers wait for at once, because the source has something new.
    pub(in crate::live) fn begin_now(&self) {
        let now = self.clock.now();
        let mut state = lock(&self.state);
        // The callers look again at the end of a reload in progress, and then see that there is something new.
        if !state.waiters.is_empty() && state.running_since.is_none() {
            state.due = Some(now);
            self.changed.notify_all();
        }
    }

    /// Wakes the caller that has waited longest.
    pub(in crate::live) fn wake_one(&self) {
        let mut state = lock(&self.state);
        if !state.waiters.is_empty() {
            let longest = state.waiters.remove(0);
            drop(state);
            wake(longest.waker);
        }
    }

    /// Runs until no caller waits any more.
    fn run_timer(self: &Arc<Self>, target: &Weak<dyn Reload>) {
        let clock = &self.clock;
        loop {
            let mut state = lock(&self.state);
            let now = clock.now();
            let expired = state.take_expired(now);
            if !expired.is_empty() {
                drop(state);
                wake_all(expired);
                continue;
            }
            if state.waiters.is_empty() {
                state.due = None;
                state.has_timer = false;
                return;
            }
            if matches!(state.due, Some(due) if due <= now) {
                state.due = None;
                state.running_since = Some(now);
                drop(state);
                self.start_reload(target);
                continue;
            }
            let mut next = state.due;
            for waiter in &state.waiters {
                next = earlier(next, Some(waiter.deadline));
            }
            let next = next.unwrap_or(now);
            if state.running_since.is_none() {
                clock.skip_to(next);
            }
            let left = clock.wait_until(next);
            drop(self.changed.wait_timeout(state, left));
        }
    }

    /// Reloads on another thread.
    fn start_reload(self: &Arc<Self>, weak: &Weak<dyn Reload>) {
        /// Ends the reload even if it panics.
        struct EndOnDrop(Arc<SharedReload>);
        impl Drop for EndOnDrop {
            fn drop(&mut self) {
                self.0.end_reload();
            }
        }
        let Some(target) = weak.upgrade() else {
            return self.end_reload();
        };
        let (shared, weak) = (self.clone(), weak.clone());
        let reload = move || {
            let end = EndOnDrop(shared);
            let Some(target) = weak.upgrade() else { return };
            target.reload();
            drop(end);
            target.deliver();
        };
        if target.spawn(Box::new(reload)).is_err() {
            // The callers wait for the next attempt, because without a pause they would all try again at once.
            let mut state = lock(&self.state);
            state.running_since = None;
            state.due = Some(self.clock.now() + WAIT_FOR_THREAD);
        }
    }

    /// Wakes all callers, because the reload has ended.
    fn end_reload(&self) {
        let now = self.clock.now();
        let waiters = {
            let mut state = lock(&self.state);
            state.running_since = None;
            state.last_ended = Some(now);
            self.changed.notify_all();
            std::mem::take(&mut state.waiters)
        };
        wake_all(waiters);
    }

    /// Wakes all callers, because values have changed.
    pub(in crate::live) fn look_again(&self) {
        let waiters = std::mem::take(&mut lock(&self.state).waiters);
        wake_all(waiters);
    }
}

fn wake_all(waiters: Vec<Waiter>) {
    for waiter in waiters {
        wake(waiter.waker);
    }
}

impl SharedReloadState {
    /// Removes the callers whose deadline has passed. A caller that was not polled yet finds itself removed.
    fn take_expired(&mut self, now: Instant) -> Vec<Waiter> {
        let waiters = std::mem::take(&mut self.waiters);
        let (expired, waiting) = waiters.into_iter().partition(|waiter| waiter.deadline <= now);
        self.waiters = waiting;
        expired
    }

    /// The index of a caller that waits.
    fn place(&self, number: u64) -> Option<usize> {
        let waiters = &self.waiters;
        find_place(waiters.len(), &|index| waiters[index].number.cmp(&number)).ok()
    }
}

/// Is ready at the end of a reload, when a value was put in use, or at its deadline.
pub(in crate::live) struct ReloadFuture {
    shared: Arc<SharedReload>,
    number: u64,
    /// Whether the caller waits and does not know of its wake-up yet.
    is_waiting: bool,
}

impl Future for ReloadFuture {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let poll = poll_locked(&self.shared.state, context, |state| {
            match state.place(self.number) {
                Some(place) => Err(&mut state.waiters[place].waker),
                // The caller was removed at its deadline, when a reload ended, or when it was its turn.
                None => Ok(()),
            }
        });
        self.is_waiting = poll.is_pending();
        poll
    }
}

impl Drop for ReloadFuture {
    fn drop(&mut self) {
        let waiter = {
            let mut state = lock(&self.shared.state);
            let place = state.place(self.number);
            let waiter = place.map(|place| state.waiters.remove(place));
            if state.waiters.is_empty() {
                // The timer thread has nothing to wait for.
                self.shared.changed.notify_all();
            }
            waiter
        };
        if waiter.is_none() && self.is_waiting {
            // It was woken because it was its turn, perhaps, and makes no use of it.
            self.shared.wake_one();
        }
        drop(waiter);
    }
}

#[cfg(all(test, feature = "test-util"))]
mod tests;
