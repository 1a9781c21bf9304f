//! Reloads for async callers, on a thread of the crate. Callers that come during a reload share the next one.

use super::change::Change;
use super::promise::{Fulfil, Promise, promise};
use super::reloader::Reloader;
use crate::isolate::{catch_panic, isolate};
use crate::lock::lock;
use crate::runtime::spawn_thread;
use std::sync::Arc;
use std::thread;

impl Reloader {
    /// Resolves to the result of a reload that begins after this call, or to an error if no thread could be started.
    pub(super) fn join_async(self: &Arc<Self>) -> Promise<Change> {
        let (fulfil, promise) = promise();
        let must_start = {
            let mut state = lock(&self.async_reloads);
            // A reload that hangs must not keep a list of all callers that have given up meanwhile.
            if state.waiting.len() == state.waiting.capacity() {
                state.waiting.retain(Fulfil::is_awaited);
            }
            state.waiting.push(fulfil);
            let is_running = std::mem::replace(&mut state.is_running, true);
            // The `Drop` of a replaced value may wait for this one, which must then run on another thread.
            !is_running || state.reloading == Some(thread::current().id())
        };
        if must_start {
            self.start_async();
        }
        promise
    }

    fn start_async(self: &Arc<Self>) {
        let reloader = self.clone();
        if spawn_thread(move || reloader.run_async()).is_err() {
            let mut state = lock(&self.async_reloads);
            state.is_running = false;
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            drop(waiting);
        }
    }

    /// Reloads once, for all callers that wait at its beginning.
    fn run_async(self: &Arc<Self>) {
        let this_thread = thread::current().id();
        let callers = {
            let mut state = lock(&self.async_reloads);
            state.reloading = Some(this_thread);
            std::mem::take(&mut state.waiting)
        };
        let result = catch_panic(|| self.reload_silently());
        let must_start = {
            let mut state = lock(&self.async_reloads);
            if state.reloading == Some(this_thread) {
                state.reloading = None;
            }
            state.is_running = !state.waiting.is_empty();
            state.is_running
        };
        for caller in callers {
            caller.set(result.clone());
        }
        // On another thread, because the callbacks of this reload may take long.
        if must_start {
            self.start_async();
        }
        self.context.runtime().enter(|| {
            // It may have the last reference to an error of the app, whose `Drop` may panic.
            isolate(|| drop(result));
        });
        self.deliver();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Live;
    use crate::snapshot::ConfigVars;
    use std::future::Future;
    use std::sync::{Mutex, mpsc};
    use std::task::{Context, Waker};

    #[test]
    fn callers_that_gave_up_during_a_hanging_reload_are_forgotten() {
        let (end, has_ended) = mpsc::channel::<()>();
        let (began, has_begun) = mpsc::channel();
        let (has_ended, reads) = (Mutex::new(has_ended), Mutex::new(0));
        let source = move || {
            let reads = std::mem::replace(&mut *lock(&reads), 1);
            if reads > 0 {
                _ = began.send(());
                _ = lock(&has_ended).recv();
            }
            Ok(ConfigVars::default())
        };
        let live = Live::from_vars(source).unwrap();
        let waker = Arc::new(CountsReferences);
        let task = Waker::from(waker.clone());
        let poll = |_| {
            let mut reload = Box::pin(live.reload_async());
            assert!(reload.as_mut().poll(&mut Context::from_waker(&task)).is_pending());
            reload
        };
        let first = poll(0);
        has_begun.recv().unwrap();
        let kept = [(); 3].map(|()| poll(0));
        (0..1_000).map(poll).for_each(drop);
        assert!(lock(&live.reloader.async_reloads).waiting.len() < 16);
        assert_eq!(Arc::strong_count(&waker), 2 + 1 + kept.len(), "no waker is left");
        drop(end);
        for reload in std::iter::once(first).chain(kept) {
            assert!(crate::runtime::block_on(reload).is_ok());
        }
    }

    struct CountsReferences;

    impl std::task::Wake for CountsReferences {
        fn wake(self: Arc<Self>) {}
    }
}
