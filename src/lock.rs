//! Locks that ignore poisoning: nothing is left half done under a lock, so a panic elsewhere does no harm.

use std::sync::{LockResult, Mutex, MutexGuard};

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

pub(crate) fn unpoisoned<G>(result: LockResult<G>) -> G {
    match result {
        Ok(guard) => guard,
        Err(error) => error.into_inner(),
    }
}
