//! Reloads for async callers, on a thread of the crate. Callers that come during a reload share the next one.

use super::change::Change;
use super::isolate::isolate;
use super::promise::{Fulfil, Promise, promise};
use super::reloader::Reloader;
use crate::error::Error;
use crate::lock::lock;
use crate::runtime::spawn_thread;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

#[derive(Default)]
pub(super) struct AsyncReloads {
    state: Mutex<AsyncReloadsState>,
}

#[derive(Default)]
struct AsyncReloadsState {
    is_running: bool,
    /// The thread that reloads, until the values that it replaced are dropped.
    reloading: Option<ThreadId>,
    waiting: Vec<Fulfil<ReloadResult>>,
}

type ReloadResult = Result<Change, Error>;

impl AsyncReloads {
    /// Resolves to the result of a reload that begins after this call, or to `None` if no thread could be started.
    pub(super) fn join(self: &Arc<Self>, reloader: &Arc<Reloader>) -> Promise<ReloadResult> {
        let (fulfil, promise) = promise();
        let must_start = {
            let mut state = lock(&self.state);
            state.waiting.push(fulfil);
            let is_running = std::mem::replace(&mut state.is_running, true);
            // The `Drop` of a replaced value may wait for this one, which must then run on another thread.
            !is_running || state.reloading == Some(thread::current().id())
        };
        if must_start {
            self.start(reloader);
        }
        promise
    }

    fn start(self: &Arc<Self>, reloader: &Arc<Reloader>) {
        let (reloads, reloader) = (self.clone(), reloader.clone());
        if spawn_thread(move || reloads.run(&reloader)).is_err() {
            let mut state = lock(&self.state);
            state.is_running = false;
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            drop(waiting);
        }
    }

    /// Reloads once, for all callers that wait at its beginning.
    fn run(self: &Arc<Self>, reloader: &Arc<Reloader>) {
        let this_thread = thread::current().id();
        let callers = {
            let mut state = lock(&self.state);
            state.reloading = Some(this_thread);
            std::mem::take(&mut state.waiting)
        };
        let result = isolate(|| reloader.reload_silently());
        let must_start = {
            let mut state = lock(&self.state);
            state.reloading.take_if(|reloading| *reloading == this_thread);
            state.is_running = !state.waiting.is_empty();
            state.is_running
        };
        for caller in callers {
            if let Some(result) = &result {
                caller.set(result.clone());
            }
        }
        // On another thread, because the callbacks of this reload may take long.
        if must_start {
            self.start(reloader);
        }
        reloader.context.runtime().enter(|| {
            // It may have the last reference to an error of the app, whose `Drop` may panic.
            isolate(|| drop(result));
        });
        reloader.deliver();
    }
}
