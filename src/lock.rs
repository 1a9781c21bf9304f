//! Locks that ignore poisoning: nothing is left half done under a lock, so a panic elsewhere does no harm. Futures that wait for a
//! state under a lock keep their wakers by [`poll_locked`].

use std::sync::{LockResult, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

pub(crate) fn unpoisoned<G>(result: LockResult<G>) -> G {
    match result {
        Ok(guard) => guard,
        Err(error) => error.into_inner(),
    }
}

/// Polls a state under a lock. `look` returns what the future resolves to, or where the task's waker is kept until then.
pub(crate) fn poll_locked<S, R>(
    mutex: &Mutex<S>,
    context: &Context<'_>,
    look: impl FnOnce(&mut S) -> Result<R, &mut Option<Waker>>,
) -> Poll<R> {
    // Wakers are cloned and dropped without the lock, because both run code of the executor.
    let mut waker = Some(context.waker().clone());
    let poll = match look(&mut lock(mutex)) {
        Ok(result) => Poll::Ready(result),
        Err(kept) => {
            std::mem::swap(kept, &mut waker);
            Poll::Pending
        }
    };
    drop(waker);
    poll
}
