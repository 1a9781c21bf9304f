//! Runs code of the app so that a panic in it does not end a thread or a delivery that others depend on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Runs the closure; returns `None` if it panics. By then, the panic hook has reported the panic.
pub(crate) fn isolate<R>(run: impl FnOnce() -> R) -> Option<R> {
    // The payload of the panic is leaked, because dropping it may panic again.
    catch_unwind(AssertUnwindSafe(run)).map_err(std::mem::forget).ok()
}

/// Wakes a task, even if its executor panics.
pub(super) fn wake(waker: Waker) {
    isolate(|| waker.wake());
}
