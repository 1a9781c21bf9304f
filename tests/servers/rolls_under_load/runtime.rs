//! The runtime of an app, of either kind, on threads of its own.

use std::ops::Deref;
use std::thread::JoinHandle;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

#[derive(Clone, Copy, PartialEq)]
pub enum Flavor {
    MultiThread,
    CurrentThread,
}

/// A runtime that is driven by a thread of its own; with one thread, tasks run on that thread only.
pub struct AppRuntime {
    handle: Handle,
    end: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl AppRuntime {
    pub fn start(flavor: Flavor) -> Self {
        let mut builder = match flavor {
            Flavor::MultiThread => Builder::new_multi_thread(),
            Flavor::CurrentThread => Builder::new_current_thread(),
        };
        let runtime = builder.enable_all().build().expect("a runtime");
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::spawn(move || _ = runtime.block_on(ended));
        Self {
            handle,
            end: Some((end, thread)),
        }
    }

    /// Runs the future as a task on one of the runtime's own threads, and waits for its result.
    pub fn run<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.block_on(self.spawn(future))
            .expect("the task does not panic")
    }
}

impl Deref for AppRuntime {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for AppRuntime {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.end.take() {
            drop(end);
            // A panic of the runtime's end was printed.
            _ = thread.join();
        }
    }
}
