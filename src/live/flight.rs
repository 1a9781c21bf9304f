//! One reload for all who ask for it at once, on a thread of its own, so that no executor waits for a file.

use super::core::Core;
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The reload that some callers wait for.
#[derive(Default)]
pub(super) struct Flight {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_under_way: bool,
    /// How many have ended.
    round: u64,
    ended: Option<Instant>,
    /// Of a reload that took longer than anybody waited: what tells its end.
    outstanding: Option<Receiver<()>>,
    waiting: Vec<Waker>,
}

impl Flight {
    /// A reload that begins now, or once `wait` has passed since the last one; or the one that is under way. It is
    /// waited for until `deadline`; `None` if it would not begin before that.
    pub(super) fn join(core: &Arc<Core>, wait: Duration, deadline: Instant) -> Option<Joined> {
        let mut state = core.flight.lock();
        if !state.is_under_way {
            let now = Instant::now();
            let begin = state.ended.map_or(now, |ended| ended + wait).max(now);
            if begin >= deadline {
                return None;
            }
            state.is_under_way = true;
            let outstanding = state.outstanding.take();
            let flown = core.clone();
            let fly = move || fly(&flown, begin, deadline, outstanding);
            if spawn(fly).is_err() {
                state.is_under_way = false;
                return None;
            }
        }
        Some(Joined {
            core: core.clone(),
            round: state.round,
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn(run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new()
        .name("config-vars".to_owned())
        .spawn(run)
        .map(drop)
}

/// Reloads, on a further thread, for a source may hang; and those who wait are told in any case.
fn fly(core: &Arc<Core>, begin: Instant, deadline: Instant, outstanding: Option<Receiver<()>>) {
    thread::sleep(begin.saturating_duration_since(Instant::now()));
    let end = outstanding.unwrap_or_else(|| {
        let (sender, end) = sync_channel(1);
        let core = core.clone();
        // Without a thread, `end` is closed, which is an end as well.
        _ = spawn(move || {
            // Its fault stands in the status.
            _ = core.reload();
            _ = sender.send(());
        });
        end
    });
    let left = deadline.saturating_duration_since(Instant::now());
    let hangs = end.recv_timeout(left) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
    let waiting = {
        let mut state = core.flight.lock();
        state.is_under_way = false;
        state.round += 1;
        state.ended = Some(Instant::now());
        state.outstanding = hangs.then_some(end);
        std::mem::take(&mut state.waiting)
    };
    waiting.into_iter().for_each(Waker::wake);
}

/// Waits for the end of a reload.
pub(super) struct Joined {
    core: Arc<Core>,
    round: u64,
}

impl Future for Joined {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.core.flight.lock();
        if state.round != self.round {
            return Poll::Ready(());
        }
        let is_known = state.waiting.iter().any(|waker| waker.will_wake(context.waker()));
        if !is_known {
            state.waiting.push(context.waker().clone());
        }
        Poll::Pending
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
