//! Reloads for async callers, on a thread of the crate. Callers that come during a reload share the next one.

use super::change::Change;
use super::isolate::isolate;
use super::promise::{Fulfil, Promise, promise};
use super::reloader::Reloader;
use crate::error::Error;
use crate::runtime::spawn_thread;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

#[derive(Default)]
pub(super) struct AsyncReloads {
    state: Mutex<AsyncReloadsState>,
}

#[derive(Default)]
struct AsyncReloadsState {
    is_running: bool,
    /// The thread that reloads, from then until the callbacks of that reload have returned.
    reloading: Option<ThreadId>,
    waiting: Vec<Fulfil<ReloadResult>>,
}

type ReloadResult = Result<Change, Error>;

impl AsyncReloads {
    /// Resolves to the result of a reload that begins after this call, or to `None` if no thread could be started.
    pub(super) fn join(self: &Arc<Self>, reloader: &Arc<Reloader>) -> Promise<ReloadResult> {
        let (fulfil, promise) = promise();
        let must_start = {
            let mut state = self.lock();
            state.waiting.push(fulfil);
            let is_running = std::mem::replace(&mut state.is_running, true);
            // A callback of the reload may wait for this one, which must then run on another thread.
            !is_running || state.reloading == Some(thread::current().id())
        };
        if must_start {
            let (reloads, reloader) = (self.clone(), reloader.clone());
            if spawn_thread(move || reloads.run(&reloader)).is_err() {
                let mut state = self.lock();
                state.is_running = false;
                let waiting = std::mem::take(&mut state.waiting);
                drop(state);
                drop(waiting);
            }
        }
        promise
    }

    fn run(&self, reloader: &Reloader) {
        loop {
            let callers = {
                let mut state = self.lock();
                state.is_running = !state.waiting.is_empty();
                std::mem::take(&mut state.waiting)
            };
            if callers.is_empty() {
                return;
            }
            let this_thread = thread::current().id();
            self.lock().reloading = Some(this_thread);
            let result = isolate(|| reloader.reload());
            self.lock()
                .reloading
                .take_if(|reloading| *reloading == this_thread);
            for caller in callers {
                if let Some(result) = &result {
                    caller.set(result.clone());
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, AsyncReloadsState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
