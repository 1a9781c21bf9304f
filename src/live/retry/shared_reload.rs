//! One reload for all who ask for it at once, on a thread of its own, so that no executor waits for a file.
//!
//! Two threads at most: one reads, and may hang with the source; the other keeps the time, begins the read when it is due,
//! and wakes whoever has waited for long enough. Both end when there is nothing left to do.

use crate::live::isolate::wake;
use crate::live::reloader::Reloader;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// A read that takes longer is taken for one that hangs.
const HANGS_AFTER: Duration = Duration::from_secs(1);

/// The reload that some callers wait for.
#[derive(Default)]
pub(in crate::live) struct SharedReload {
    state: Mutex<SharedReloadState>,
    is_news: Condvar,
}

#[derive(Default)]
struct SharedReloadState {
    /// When a reload is to begin, if one is.
    due: Option<Instant>,
    /// When the one under way began.
    reading_since: Option<Instant>,
    ended: Option<Instant>,
    /// Whether the thread that keeps the time is there.
    is_timed: bool,
    waiting: BTreeMap<u64, Waiter>,
    next_number: u64,
}

struct Waiter {
    deadline: Instant,
    waker: Option<Waker>,
}

impl SharedReload {
    /// Waits for a reload that begins now, or once `wait` has passed since the last one, or for the one that is under
    /// way; but not beyond `look_again` or `deadline`. `None` if nothing would happen before the deadline. If a reload has
    /// ended since `ended` was the number of the last, there is nothing to wait for.
    pub(super) fn join(
        reloader: &Arc<Reloader>,
        wait: Duration,
        look_again: Option<Instant>,
        deadline: Instant,
        ended: u64,
    ) -> Option<ReloadFuture> {
        let until = look_again.map_or(deadline, |time| time.min(deadline));
        let mut state = reloader.shared_reload.lock();
        let number = state.next_number;
        state.next_number += 1;
        if reloader.reloads_ended() != ended {
            return Some(ReloadFuture {
                reloader: reloader.clone(),
                number,
            });
        }
        if state.reading_since.is_none() {
            let now = reloader.clock().now();
            let begin = state.ended.map_or(now, |ended| ended + wait).max(now);
            let begin = state.due.map_or(begin, |due| due.min(begin));
            if begin < deadline {
                state.due = Some(begin);
            } else if until >= deadline {
                return None;
            }
        }
        if !state.is_timed {
            let timed = reloader.clone();
            if spawn(move || keep_time(&timed)).is_err() {
                return None;
            }
            state.is_timed = true;
        }
        let waker = None;
        state.waiting.insert(
            number,
            Waiter {
                deadline: until,
                waker,
            },
        );
        reloader.shared_reload.is_news.notify_all();
        Some(ReloadFuture {
            reloader: reloader.clone(),
            number,
        })
    }

    /// Whether a reload is under way that takes too long to be waited for where there is another way.
    pub(super) fn hangs(&self, now: Instant) -> bool {
        let since = self.lock().reading_since;
        since.is_some_and(|since| now.saturating_duration_since(since) >= HANGS_AFTER)
    }

    /// For how long a reload is waited for where there is another way.
    pub(super) fn max_wait_for_alternative() -> Duration {
        HANGS_AFTER
    }

    fn lock(&self) -> MutexGuard<'_, SharedReloadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the caller that has waited for longest.
    pub(super) fn wake(&self) {
        let longest = self.lock().waiting.pop_first();
        if let Some(waker) = longest.and_then(|(_, waiting)| waiting.waker) {
            wake(waker);
        }
    }

    /// A reload has ended: whoever waits is woken.
    fn end(&self, now: Instant) {
        let waiting = {
            let mut state = self.lock();
            state.reading_since = None;
            state.ended = Some(now);
            self.is_news.notify_all();
            std::mem::take(&mut state.waiting)
        };
        waiting
            .into_values()
            .filter_map(|waiting| waiting.waker)
            .for_each(wake);
    }
}

fn spawn(run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new()
        .name("config-vars".to_owned())
        .spawn(run)
        .map(drop)
}

fn keep_time(reloader: &Arc<Reloader>) {
    let shared_reload = &reloader.shared_reload;
    loop {
        let mut state = shared_reload.lock();
        let now = reloader.clock().now();
        let is_over = |waiting: &Waiter| waiting.deadline <= now;
        let over: Vec<u64> = state
            .waiting
            .iter()
            .filter(|(_, waiting)| is_over(waiting))
            .map(|(number, _)| *number)
            .collect();
        let wakers: Vec<Waker> = over
            .iter()
            .filter_map(|number| state.waiting.remove(number)?.waker)
            .collect();
        if !wakers.is_empty() {
            drop(state);
            wakers.into_iter().for_each(wake);
            continue;
        }
        if state.waiting.is_empty() {
            state.due = None;
            state.is_timed = false;
            return;
        }
        if state.due.is_some_and(|due| due <= now) {
            state.due = None;
            state.reading_since = Some(now);
            drop(state);
            read(reloader);
            continue;
        }
        let deadlines = state.waiting.values().map(|waiting| waiting.deadline);
        let next = deadlines.chain(state.due).min().unwrap_or(now);
        if state.reading_since.is_none() {
            reloader.clock().skip_to(next);
        }
        let left = reloader.clock().wait_until(next);
        drop(shared_reload.is_news.wait_timeout(state, left));
    }
}

fn read(reloader: &Arc<Reloader>) {
    /// A reload that panics has ended as well.
    struct End(Arc<Reloader>);
    impl Drop for End {
        fn drop(&mut self) {
            self.0.shared_reload.end(self.0.clock().now());
        }
    }
    let end = End(reloader.clone());
    // If there is no thread for it, the closure is dropped, and `end` with it.
    _ = spawn(move || {
        // What went wrong stands in the status.
        _ = end.0.reload();
        drop(end);
    });
}

/// Waits for the end of a reload, or for its deadline.
pub(super) struct ReloadFuture {
    reloader: Arc<Reloader>,
    number: u64,
}

impl Future for ReloadFuture {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // Wakers are cloned and dropped without the lock: both are code of the executor's.
        let waker = context.waker().clone();
        let mut state = self.reloader.shared_reload.lock();
        // It was removed at its deadline, or when a reload ended.
        let Some(waiting) = state.waiting.get_mut(&self.number) else {
            return Poll::Ready(());
        };
        let replaced = waiting.waker.replace(waker);
        drop(state);
        drop(replaced);
        Poll::Pending
    }
}

impl Drop for ReloadFuture {
    fn drop(&mut self) {
        let waiting = self.reloader.shared_reload.lock().waiting.remove(&self.number);
        drop(waiting);
    }
}

/// Runs a future on this thread.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
