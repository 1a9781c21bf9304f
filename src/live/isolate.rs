//! Running code of the app's, so that a panic in it cannot end a thread or a delivery that others depend on.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Runs the closure; `None` if it panics. The panic hook has reported the panic by then.
pub(crate) fn isolate<R>(run: impl FnOnce() -> R) -> Option<R> {
    // The payload of the panic is not dropped, because its `Drop` may panic in turn.
    catch_unwind(AssertUnwindSafe(run)).map_err(std::mem::forget).ok()
}

/// Wakes a task, whose executor may panic at that.
pub(super) fn wake(waker: Waker) {
    isolate(|| waker.wake());
}
