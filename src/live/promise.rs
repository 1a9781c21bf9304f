//! A result that another thread delivers: the async side of what runs on the crate's own threads.

use crate::error::{Error, Fault};
use crate::isolate::{catch_panic, wake};
use crate::lock::{lock, poll_locked};
use crate::runtime::{Runtime, spawn_thread};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// Resolves to the result, or to an error if no thread could be started.
pub(super) struct Promise<T>(Arc<Mutex<PromiseState<T>>>);

/// Delivers the result of a [`Promise`]. Dropping it without a result resolves the promise to the error.
pub(super) struct Fulfil<T>(Arc<Mutex<PromiseState<T>>>);

struct PromiseState<T> {
    result: Option<Result<T, Error>>,
    waker: Option<Waker>,
}

pub(super) fn promise<T>() -> (Fulfil<T>, Promise<T>) {
    let state = Arc::new(Mutex::new(PromiseState {
        result: None,
        waker: None,
    }));
    (Fulfil(state.clone()), Promise(state))
}

/// Runs the closure on a thread of its own, in the context of the runtime. A panic of it is an error.
///
/// If the promise is dropped, the closure still runs to its end, and its result is dropped on that thread.
pub(super) fn in_background<T: Send + 'static>(
    runtime: Runtime,
    run: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Promise<T> {
    let (fulfil, promise) = promise();
    // If no thread can be started, the closure is dropped, and `fulfil` with it.
    _ = spawn_thread(move || runtime.enter(|| fulfil.set(catch_panic(run))));
    promise
}

impl<T> Fulfil<T> {
    /// Returns whether the promise was not dropped.
    pub(super) fn is_awaited(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    pub(super) fn set(self, result: Result<T, Error>) {
        // If nobody waits any more, the result is dropped here, without a lock, because its `Drop` is code of the app.
        if self.is_awaited() {
            lock(&self.0).result = Some(result);
        }
    }
}

impl<T> Drop for Fulfil<T> {
    fn drop(&mut self) {
        let waker = {
            let mut state = lock(&self.0);
            let no_thread = || Err(Error::new(Fault::NoBackground));
            state.result.get_or_insert_with(no_thread);
            state.waker.take()
        };
        wake(waker);
    }
}

/// Keeps nothing of a task that has given up.
impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let waker = lock(&self.0).waker.take();
        drop(waker);
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        poll_locked(&self.0, context, |state| match state.result.take() {
            Some(result) => Ok(result),
            None => Err(&mut state.waker),
        })
    }
}
