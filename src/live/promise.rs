//! A result that another thread delivers: the async side of what runs on the crate's own threads.

use crate::isolate::wake;
use crate::lock::{lock, poll_locked};
use crate::runtime::{Runtime, spawn_thread};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// Resolves to the result, or to `None` if there will be none.
pub(super) struct Promise<R>(Arc<Mutex<PromiseState<R>>>);

/// Delivers the result of a [`Promise`]. Dropping it without a result resolves the promise as well.
pub(super) struct Fulfil<R>(Arc<Mutex<PromiseState<R>>>);

struct PromiseState<R> {
    result: Option<R>,
    is_over: bool,
    waker: Option<Waker>,
}

pub(super) fn promise<R>() -> (Fulfil<R>, Promise<R>) {
    let state = Arc::new(Mutex::new(PromiseState {
        result: None,
        is_over: false,
        waker: None,
    }));
    (Fulfil(state.clone()), Promise(state))
}

/// Runs the closure on a thread of its own, in the context of the runtime. Resolves to `None` if it panics, or if no thread
/// can be started.
///
/// If the promise is dropped, the closure still runs to its end, and its result is dropped on that thread.
pub(super) fn in_background<R: Send + 'static>(
    runtime: Runtime,
    run: impl FnOnce() -> R + Send + 'static,
) -> Promise<R> {
    let (fulfil, promise) = promise();
    // If no thread can be started, the closure is dropped, and `fulfil` with it.
    _ = spawn_thread(move || runtime.enter(|| fulfil.set(run())));
    promise
}

impl<R> Fulfil<R> {
    /// Returns whether the promise was not dropped.
    pub(super) fn is_awaited(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(super) fn set(self, result: R) {
        // If nobody waits any more, the result is dropped here, without a lock, because its `Drop` is code of the app.
        if self.is_awaited() {
            lock(&self.0).result = Some(result);
        }
    }
}

impl<R> Drop for Fulfil<R> {
    fn drop(&mut self) {
        let waker = {
            let mut state = lock(&self.0);
            state.is_over = true;
            state.waker.take()
        };
        wake(waker);
    }
}

/// Keeps nothing of a task that has given up.
impl<R> Drop for Promise<R> {
    fn drop(&mut self) {
        let waker = lock(&self.0).waker.take();
        drop(waker);
    }
}

impl<R> Future for Promise<R> {
    type Output = Option<R>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<R>> {
        poll_locked(&self.0, context, |state| match state.is_over {
            true => Ok(state.result.take()),
            false => Err(&mut state.waker),
        })
    }
}
