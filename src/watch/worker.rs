//! The worker: the thread of a watch, which decides when to read.

use super::every::Every;
use crate::clock::{Clock, earlier};
use crate::error::{Error, Fault};
use crate::isolate::isolate;
use crate::live::{Reloader, WakeSignal};
use crate::lock::lock;
use crate::runtime::spawn_named_thread;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

/// The state that the worker, the listener of the trigger and the [`Watch`](super::Watch) share.
pub(super) struct WatchState {
    /// The clock of the schedule.
    pub(super) clock: Clock,
    signal: Arc<WakeSignal>,
    is_stopped: AtomicBool,
    /// The source may have changed, and more changes may follow.
    is_changed: AtomicBool,
    /// A reload was requested.
    is_requested: AtomicBool,
    progress: Mutex<WatchProgress>,
}

/// The progress that the worker reports.
#[derive(Default)]
pub(super) struct WatchProgress {
    /// The next scheduled read.
    pub(super) due: Option<Instant>,
    /// When the worker began what it is doing; `None` while it waits.
    pub(super) busy_since: Option<Instant>,
    /// Why the trigger does not work.
    pub(super) fault: Option<Error>,
}

impl WatchState {
    pub(super) fn new(clock: Clock, signal: Arc<WakeSignal>) -> Self {
        Self {
            clock,
            signal,
            is_stopped: AtomicBool::new(false),
            is_changed: AtomicBool::new(false),
            is_requested: AtomicBool::new(false),
            progress: Mutex::default(),
        }
    }

    pub(super) fn stop(&self) {
        self.set(&self.is_stopped);
    }

    /// Reads the source once nothing has changed for the debounce time.
    #[cfg(feature = "notify")]
    pub(super) fn note_change(&self) {
        self.set(&self.is_changed);
    }

    /// Reads the source at once.
    #[cfg(all(unix, feature = "signal"))]
    pub(super) fn request_reload(&self) {
        self.set(&self.is_requested);
    }

    /// Sets the flag before waking the worker, so that the worker always sees it.
    fn set(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        self.signal.send();
    }

    fn take(flag: &AtomicBool) -> bool {
        flag.swap(false, Ordering::AcqRel)
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, WatchProgress> {
        lock(&self.progress)
    }
}

/// The event listener of a trigger; dropping it stops listening.
pub(super) trait Listener: Send {
    /// Listens to the paths that the source has now. It is called before each read; `is_poll` says that the read is
    /// scheduled, so no event was received.
    fn update(&mut self, _reloader: &Reloader, _is_poll: bool) {}

    /// Returns whether the source has other paths by now. Some are values, which a read finds changed.
    fn is_outdated(&self, _reloader: &Reloader) -> bool {
        false
    }
}

/// No listener: the timer alone starts reads.
impl Listener for () {}

/// When to read without an event.
pub(super) struct Schedule {
    pub(super) every: Every,
    /// Whether to read at that interval; otherwise it is only the delay after a failed read.
    pub(super) polls: bool,
    /// How long nothing must have changed before a read.
    pub(super) debounce: Duration,
    /// The delay of the first read.
    pub(super) first_read: Option<Duration>,
}

/// Why the worker woke.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WakeReason {
    Requested,
    Changed,
    Due,
    /// A previous value may have expired, or another thread has reloaded.
    Other,
}

pub(super) struct Worker {
    reloader: Weak<Reloader>,
    state: Arc<WatchState>,
    listener: Box<dyn Listener>,
    schedule: Schedule,
    /// Number of failed reads in a row.
    failures: u32,
}

impl Worker {
    pub(super) fn new(
        reloader: &Arc<Reloader>,
        state: Arc<WatchState>,
        listener: Box<dyn Listener>,
        schedule: Schedule,
    ) -> Self {
        state.progress().due = schedule.first_read.map(|delay| state.clock.now() + delay);
        Self {
            reloader: Arc::downgrade(reloader),
            state,
            listener,
            schedule,
            failures: 0,
        }
    }

    pub(super) fn spawn(self) -> Result<(), Error> {
        spawn_named_thread("config-vars watch", Box::new(move || self.run()))
            .map_err(|error| Error::new(Fault::NoThread(error.kind())))
    }

    fn run(mut self) {
        loop {
            // The thread survives any panic, of the source or of a `Drop` of the app.
            let next = isolate(|| self.step());
            self.state.progress().busy_since = None;
            match next {
                Some(ControlFlow::Continue(())) => {}
                Some(ControlFlow::Break(())) => return,
                // As after a failed read, not at once, because it may panic each time.
                None => self.schedule_next(false, WakeReason::Due),
            }
        }
    }

    /// Waits for something to do, and does it.
    fn step(&mut self) -> ControlFlow<()> {
        let Some(reloader) = self.reloader.upgrade() else {
            return ControlFlow::Break(());
        };
        let settle_deadline = reloader.settle_deadline();
        let due = {
            let mut progress = self.state.progress();
            progress.due = earlier(progress.due, settle_deadline);
            progress.due
        };
        let wake_up = earlier(due, reloader.next_expiry());
        let is_pushed = reloader.has_unread_push();
        // Waiting, the worker does not keep the `Live` alive.
        drop(reloader);
        if !is_pushed {
            self.wait(wake_up);
        }
        let mut reason = self.wake_reason();
        if reason == WakeReason::Changed {
            self.debounce();
            // The same read answers requests that came meanwhile.
            WatchState::take(&self.state.is_requested);
            if self.is_due() {
                reason = WakeReason::Due;
            }
        }
        if self.state.is_stopped() {
            return ControlFlow::Break(());
        }
        let Some(reloader) = self.reloader.upgrade() else {
            return ControlFlow::Break(());
        };
        if reason == WakeReason::Other && reloader.has_unread_push() {
            reason = WakeReason::Requested;
        }
        self.state.progress().busy_since = Some(self.state.clock.now());
        if reason == WakeReason::Other {
            reloader.drop_expired();
            return ControlFlow::Continue(());
        }
        // Start listening before reading, so that no change in between is missed.
        self.update_listener(&reloader, reason == WakeReason::Due);
        let mut is_read = reloader.reload().is_ok();
        if isolate(|| self.listener.is_outdated(&reloader)) == Some(true) {
            self.update_listener(&reloader, false);
            is_read = reloader.reload().is_ok();
        }
        self.schedule_next(is_read, reason);
        ControlFlow::Continue(())
    }

    /// The source returns its paths, which may panic; it is read all the same.
    fn update_listener(&mut self, reloader: &Reloader, is_poll: bool) {
        isolate(|| self.listener.update(reloader, is_poll));
    }

    /// Waits until that time or the next signal.
    fn wait(&self, until: Option<Instant>) {
        let Some(until) = until else {
            self.state.signal.wait(None);
            return;
        };
        let clock = &self.state.clock;
        while !self.state.signal.wait(Some(clock.wait_until(until))) && clock.now() < until {}
    }

    fn is_due(&self) -> bool {
        let due = self.state.progress().due;
        due.is_some_and(|due| due <= self.state.clock.now())
    }

    fn wake_reason(&self) -> WakeReason {
        if WatchState::take(&self.state.is_requested) {
            WakeReason::Requested
        } else if WatchState::take(&self.state.is_changed) {
            WakeReason::Changed
        } else if self.is_due() {
            WakeReason::Due
        } else {
            WakeReason::Other
        }
    }

    /// Waits until nothing has changed for the debounce time, and for at most ten times as long. A test clock does not apply,
    /// because the changes are real.
    fn debounce(&self) {
        const MAX_DEBOUNCES: u32 = 10;
        let debounce = self.schedule.debounce;
        let begun = Instant::now();
        let mut last = begun + debounce * MAX_DEBOUNCES;
        if let Some(due) = self.state.progress().due {
            last = last.min(begun + due.saturating_duration_since(self.state.clock.now()));
        }
        let mut until = last.min(begun + debounce);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            self.state.signal.wait(Some(left));
            if left.is_zero() || self.state.is_stopped() {
                return;
            }
            if WatchState::take(&self.state.is_changed) {
                until = last.min(Instant::now() + debounce);
            }
        }
    }

    /// Schedules the next read, after a read or an attempt at one.
    fn schedule_next(&mut self, is_read: bool, reason: WakeReason) {
        self.failures = if is_read {
            0
        } else {
            self.failures.saturating_add(1)
        };
        let mut progress = self.state.progress();
        progress.due = if self.schedule.polls || !is_read {
            let next = self.state.clock.now() + self.schedule.every.wait_after(self.failures);
            match (reason, progress.due) {
                // A stream of events must not starve the poll, which catches missed events.
                (WakeReason::Changed, Some(due)) => Some(next.min(due)),
                _ => Some(next),
            }
        } else {
            None
        };
    }
}
