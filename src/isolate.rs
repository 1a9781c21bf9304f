//! Runs code of the app so that a panic in it does not end a thread or a delivery that others depend on.

use crate::error::{Error, Fault};
use crate::text::contains_one_of;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Runs the closure; returns `None` if it panics. By then, the panic hook has reported the panic.
pub(crate) fn isolate<R>(run: impl FnOnce() -> R) -> Option<R> {
    // The payload of the panic is leaked, because dropping it may panic again.
    catch_unwind(AssertUnwindSafe(run)).map_err(std::mem::forget).ok()
}

/// Values of the app that were replaced or discarded, to be dropped once no lock is held, because their `Drop` is code of the
/// app and may do anything. A panic in one `Drop` affects no other value.
#[derive(Default)]
pub(crate) struct Retired(Vec<Box<dyn Any + Send + Sync>>);

impl Retired {
    pub(crate) fn push(&mut self, value: impl Any + Send + Sync) {
        self.0.push(Box::new(value));
    }
}

impl Drop for Retired {
    fn drop(&mut self) {
        for value in std::mem::take(&mut self.0) {
            isolate(|| drop(value));
        }
    }
}

/// Turns a panic of the app's closure into an error, so that it does not end the reload.
pub(crate) fn catch_panic<T, E: From<Error>>(make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|payload| {
        let fault = fault_of(&*payload);
        std::mem::forget(payload);
        Err(Error::new(fault).into())
    })
}

/// Texts with which tokio, and clients that are built on it, panic outside of a runtime.
const NO_RUNTIME: &[&str] = &[
    "there is no reactor running",
    "no reactor running",
    "requires a Tokio context",
    "from the context of a Tokio",
    "not currently running on the Tokio",
];

/// Texts with which they panic if one of their runtimes is blocked on within itself.
const NESTED_RUNTIME: &[&str] = &[
    "Cannot start a runtime from within a runtime",
    "Cannot block the current thread from within a runtime",
    "can call blocking only when running on the multi-threaded runtime",
];

/// Texts with which they panic once their runtime has ended.
const ENDED_RUNTIME: &[&str] = &["but it is being shutdown"];

/// Why a closure panicked. The text of the panic is compared and not kept, because it may quote a secret.
fn fault_of(payload: &(dyn Any + Send)) -> Fault {
    let text = match (payload.downcast_ref::<String>(), payload.downcast_ref::<&str>()) {
        (Some(text), _) => text,
        (None, Some(text)) => *text,
        (None, None) => "",
    };
    for (texts, fault) in [
        (NO_RUNTIME, Fault::NoRuntime),
        (NESTED_RUNTIME, Fault::NestedRuntime),
        (ENDED_RUNTIME, Fault::EndedRuntime),
    ] {
        if contains_one_of(text, texts) {
            return fault;
        }
    }
    Fault::Panicked
}

/// Wakes a task, if one waits, even if its executor panics.
pub(crate) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        isolate(|| waker.wake());
    }
}
