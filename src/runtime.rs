//! The async runtime that the app's code runs in, and an executor for futures that need none.
//!
//! The crate runs closures of the app on threads of its own, for example at a reload. With the feature `tokio`, they run in
//! the context of the runtime in which they were handed over, so that they work there as they did at start-up.

use std::future::Future;
use std::io;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// The runtime of the thread on which it was made, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    #[cfg(feature = "tokio")]
    handle: Option<tokio::runtime::Handle>,
}

impl Runtime {
    pub(crate) fn current() -> Self {
        Self {
            #[cfg(feature = "tokio")]
            handle: tokio::runtime::Handle::try_current().ok(),
        }
    }

    /// Returns this runtime, or the other one if this is none.
    pub(crate) fn or(self, other: &Self) -> Self {
        match self.is_known() {
            true => self,
            false => other.clone(),
        }
    }

    /// Returns whether there is a runtime. Without the feature `tokio` this is unknown, and the answer `false`.
    pub(crate) fn is_known(&self) -> bool {
        #[cfg(feature = "tokio")]
        return self.handle.is_some();
        #[cfg(not(feature = "tokio"))]
        false
    }

    /// Runs the closure on this thread, in the context of the runtime, whose own threads drive the timers and connections of a
    /// future.
    pub(crate) fn enter<R>(&self, run: impl FnOnce() -> R) -> R {
        #[cfg(feature = "tokio")]
        let _context = self.handle.as_ref().map(tokio::runtime::Handle::enter);
        run()
    }

    /// Drops a value of the app in the context of the runtime.
    pub(crate) fn drop_value<T>(&self, value: T) {
        // A `thread_local!` may have the last reference. At the end of a thread tokio panics, which would end the process.
        #[cfg(feature = "tokio")]
        if self.is_known() {
            let current = tokio::runtime::Handle::try_current();
            if current.is_err_and(|error| error.is_thread_local_destroyed()) {
                return drop(value);
            }
        }
        self.enter(|| drop(value));
    }
}

/// A value of the app, which is dropped in the context of the runtime in which it was handed over, whatever thread has the
/// last reference.
pub(crate) struct InRuntime<T> {
    runtime: Runtime,
    /// `None` once it is being dropped.
    value: Option<T>,
}

impl<T> InRuntime<T> {
    pub(crate) fn new(runtime: Runtime, value: T) -> Self {
        let value = Some(value);
        Self { runtime, value }
    }

    /// Uses the value in the context of its runtime.
    pub(crate) fn enter<R>(&self, run: impl FnOnce(&T) -> R) -> R {
        self.runtime.enter(|| run(self))
    }
}

impl<T> Deref for InRuntime<T> {
    type Target = T;

    #[allow(clippy::expect_used, reason = "nobody can call it after `drop`")]
    fn deref(&self) -> &T {
        self.value.as_ref().expect("only `drop` takes it")
    }
}

impl<T> Drop for InRuntime<T> {
    fn drop(&mut self) {
        let value = self.value.take();
        self.runtime.drop_value(value);
    }
}

/// Starts a thread that nobody joins.
pub(crate) fn spawn_thread(run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_named_thread("config-vars", Box::new(run))
}

/// Starts a thread of this name, which appears in debuggers.
pub(crate) fn spawn_named_thread(name: &str, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(run).map(drop)
}

/// Runs a future on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark {
        thread: Thread,
        /// The thread's own token is not enough: the future may block as well, on a channel for example, and use it up.
        is_woken: AtomicBool,
    }
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.is_woken.store(true, Ordering::Release);
            self.thread.unpark();
        }
    }
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        is_woken: AtomicBool::new(false),
    });
    let waker = Waker::from(unpark.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => {
                while !unpark.is_woken.swap(false, Ordering::Acquire) {
                    thread::park();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn wake_up_is_not_lost_if_the_future_blocks_its_thread() {
        let (done, is_done) = mpsc::channel();
        let run = move || {
            let mut polls = 0;
            block_on(std::future::poll_fn(|context| {
                polls += 1;
                if polls == 2 {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                thread::park(); // as a channel does
                Poll::Pending
            }));
            _ = done.send(());
        };
        spawn_thread(run).unwrap();
        is_done
            .recv_timeout(Duration::from_secs(10))
            .expect("it sleeps for ever");
    }
}
