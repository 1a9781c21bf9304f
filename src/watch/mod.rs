//! When to reload: [`Every`] so long, `OnChange` of a file, `OnHangup`.
//!
//! Whatever tells that a reload is due sets a flag and rings a wake_signal; one thread for each watch waits for the wake_signal or the
//! next date, and reloads. It holds the `Live` only while it works, so that it does not keep it alive.

mod every;
#[cfg(feature = "notify")]
mod folders;
#[cfg(feature = "notify")]
mod on_change;
#[cfg(all(unix, feature = "signal"))]
mod on_hangup;

pub use every::Every;
#[cfg(feature = "notify")]
pub use on_change::OnChange;
#[cfg(all(unix, feature = "signal"))]
pub use on_hangup::OnHangup;

use crate::error::{Error, Fault};
use crate::live::{Live, Reloader, WakeSignal, isolate};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

impl<T> Live<T> {
    /// Reloads whenever the trigger says so, on a thread of its own, until the [`Watch`] is dropped or there is no `Live`
    /// any more: [`Every`] so long, `OnChange` of a file (feature `notify`), `OnHangup` (feature `signal`). A `Live` can
    /// have several watches.
    ///
    /// A read that fails is tried again, after longer and longer waits; see [`Every`]. Meanwhile everything stays as it
    /// was, and [`status`](Self::status) tells why and for how long. A watch also drops
    /// [previous](Self::previous) values as their grace period ends, unless it is in a read that hangs.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Every, Live};
    ///
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let watch = live.watch(Every::seconds(30))?; // dropping it stops it
    /// # drop(watch);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no thread to be had; if `OnChange` is asked for and the source has no paths; if the handler of a
    /// signal cannot be set.
    pub fn watch(&self, when: impl Into<Trigger>) -> Result<Watch, Error> {
        start(&self.reloader, when.into())
    }
}

/// When to reload; see [`Live::watch`]. It is made of any of them, so that it can be chosen at run time.
///
/// ```
/// use config_vars::{Every, Trigger};
///
/// let trigger = Trigger::from(Every::seconds(30));
/// assert_eq!(format!("{trigger:?}"), "Every { interval: 30s, jitter_percent: 10 }");
/// ```
#[derive(Clone)]
pub struct Trigger(TriggerKind);

#[derive(Clone)]
enum TriggerKind {
    Every(Every),
    #[cfg(feature = "notify")]
    OnChange(OnChange),
    #[cfg(all(unix, feature = "signal"))]
    OnHangup(OnHangup),
}

impl From<Every> for Trigger {
    fn from(every: Every) -> Self {
        Self(TriggerKind::Every(every))
    }
}

#[cfg(feature = "notify")]
impl From<OnChange> for Trigger {
    fn from(on_change: OnChange) -> Self {
        Self(TriggerKind::OnChange(on_change))
    }
}

#[cfg(all(unix, feature = "signal"))]
impl From<OnHangup> for Trigger {
    fn from(on_hangup: OnHangup) -> Self {
        Self(TriggerKind::OnHangup(on_hangup))
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            TriggerKind::Every(every) => every.fmt(f),
            #[cfg(feature = "notify")]
            TriggerKind::OnChange(on_change) => on_change.fmt(f),
            #[cfg(all(unix, feature = "signal"))]
            TriggerKind::OnHangup(on_hangup) => on_hangup.fmt(f),
        }
    }
}

/// A watch that goes on; see [`Live::watch`]. Dropping it stops it, from wherever that is done, and waits for nothing:
/// of a read that is under way the watch ends after it.
///
/// ```
/// use config_vars::{ConfigVars, Every, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(Every::seconds(30))?;
/// println!("{watch:?}"); // Watch { trigger: Every { .. }, next_in: Some(12.3s), .. }
/// drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "dropping it stops the watch; `detach` lets it go on"]
pub struct Watch {
    state: Arc<WatchState>,
    trigger: Trigger,
    stays: bool,
}

impl Watch {
    /// Lets the watch go on for as long as there is a `Live`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Every, Live};
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.watch(Every::seconds(30))?.detach();
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn detach(mut self) {
        self.stays = true;
    }

    /// In how long the source is read next, if nothing happens before that: the wait that is left, which grows while reads
    /// fail. Zero if it is about to be read, or is being read; `None` if it is read only when something happens.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Every, Live};
    /// # use std::time::Duration;
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let watch = live.watch(Every::seconds(30))?;
    /// assert!(watch.next_in() <= Some(Duration::from_secs(30)));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn next_in(&self) -> Option<Duration> {
        let due = self.state.progress().due?;
        Some(due.saturating_duration_since(Instant::now()))
    }

    /// Why the watch is slower than was asked for; `None` if all is well.
    ///
    /// Where the system does not report changes to `OnChange`, they are seen by its slow poll, at which it also tries again.
    /// A read of the source, or a closure or callback of the app's, that has not returned for more than 3 seconds is a
    /// fault of any watch, because it reads nothing meanwhile; see also
    /// [`Status::reload_hangs_since`](crate::Status::reload_hangs_since).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Every, Live};
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let watch = live.watch(Every::seconds(30))?;
    /// assert!(watch.fault().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn fault(&self) -> Option<Error> {
        let progress = self.state.progress();
        let busy = progress
            .busy_since
            .map(|since| since.elapsed())
            .filter(|busy| *busy >= HANGS_AFTER);
        let hangs = busy.map(|busy| Error::new(Fault::WatchHangs(busy.as_secs())));
        hangs.or_else(|| progress.fault.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.stays {
            self.state.tell(&self.state.is_stopped);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("trigger", &self.trigger)
            .field("next_in", &self.next_in())
            .field("fault", &self.fault())
            .finish()
    }
}

/// Where news for the thread of a watch is left, and where it leaves its own.
struct WatchState {
    wake_signal: Arc<WakeSignal>,
    is_stopped: AtomicBool,
    /// Something may have changed; there may be more to come.
    is_changed: AtomicBool,
    /// Somebody wants a reload now.
    is_asked: AtomicBool,
    progress: Mutex<WatchProgress>,
}

/// Minimum time after which what a watch does is said to hang.
const HANGS_AFTER: Duration = Duration::from_secs(3);

#[derive(Default)]
struct WatchProgress {
    due: Option<Instant>,
    /// When the thread began what it is doing, unless it waits.
    busy_since: Option<Instant>,
    fault: Option<Error>,
}

impl WatchState {
    /// Flags first, and the wake_signal after them: whoever hears it sees them.
    fn tell(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        // If it is full, it is about to be heard.
        _ = self.wake_signal.try_send(());
    }

    fn take(flag: &AtomicBool) -> bool {
        flag.swap(false, Ordering::AcqRel)
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    fn progress(&self) -> MutexGuard<'_, WatchProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a trigger has set up to be told. It is taken down, by its `Drop`, when the watch ends.
trait Listener: Send {
    /// Before each read: listens to what the source is made of now. `is_poll` tells that nothing has been heard.
    fn follow(&mut self, _core: &Reloader, _is_poll: bool) {}
}

/// Nobody tells anything.
impl Listener for () {}

/// When to read without being told.
struct Schedule {
    every: Every,
    /// Whether that is done at all while all is well.
    polls: bool,
    /// How long a change must have settled.
    debounce: Duration,
    first: Option<Duration>,
}

fn start(reloader: &Arc<Reloader>, trigger: Trigger) -> Result<Watch, Error> {
    let (wake_signal, heard) = sync_channel(1);
    let wake_signal = Arc::new(wake_signal);
    let state = Arc::new(WatchState {
        wake_signal: wake_signal.clone(),
        is_stopped: AtomicBool::new(false),
        is_changed: AtomicBool::new(false),
        is_asked: AtomicBool::new(false),
        progress: Mutex::default(),
    });
    let (listener, schedule): (Box<dyn Listener>, _) = match &trigger.0 {
        TriggerKind::Every(every) => (
            Box::new(()),
            Schedule {
                every: *every,
                polls: true,
                debounce: Duration::ZERO,
                first: Some(every.first_wait()),
            },
        ),
        #[cfg(feature = "notify")]
        TriggerKind::OnChange(on_change) => on_change.set_up(reloader, &state)?,
        #[cfg(all(unix, feature = "signal"))]
        TriggerKind::OnHangup(on_hangup) => on_hangup.set_up(&state)?,
    };
    let due = schedule.first.map(|wait| Instant::now() + wait);
    state.progress().due = due;
    reloader.add_wake_signal(&wake_signal);
    let worker = Worker {
        reloader: Arc::downgrade(reloader),
        state: state.clone(),
        heard,
        listener,
        schedule,
        due,
        failures: 0,
    };
    thread::Builder::new()
        .name("config-vars watch".to_owned())
        .spawn(move || worker.run())
        .map_err(|error| Error::new(Fault::NoThread(error.kind())))?;
    Ok(Watch {
        state,
        trigger,
        stays: false,
    })
}

/// What the thread of a watch works with.
struct Worker {
    reloader: Weak<Reloader>,
    state: Arc<WatchState>,
    heard: Receiver<()>,
    listener: Box<dyn Listener>,
    schedule: Schedule,
    due: Option<Instant>,
    /// How many reads in a row have failed.
    failures: u32,
}

/// Why a turn is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WakeReason {
    Asked,
    Changed,
    Due,
    /// A grace period may be over, or someone else has reloaded.
    Other,
}

impl Worker {
    fn run(mut self) {
        loop {
            // The thread goes on whatever panics: a source, or a `Drop` of the app's.
            let turn = isolate(|| self.turn());
            self.state.progress().busy_since = None;
            match turn {
                Some(true) => {}
                Some(false) => return,
                // Not at once, because it may panic each time.
                None => self.note(false, WakeReason::Due),
            }
        }
    }

    /// Waits for something to do, and does it. Returns whether to go on.
    fn turn(&mut self) -> bool {
        let Some((sweep, rest)) = self
            .reloader
            .upgrade()
            .map(|reloader| (reloader.next_expiry(), reloader.settle_deadline()))
        else {
            return false;
        };
        self.due = [self.due, rest].into_iter().flatten().min();
        self.wait([self.due, sweep].into_iter().flatten().min());
        let mut cause = self.cause();
        if cause == WakeReason::Changed {
            self.settle();
            // What was asked for meanwhile is answered by the same read.
            WatchState::take(&self.state.is_asked);
            if self.due.is_some_and(|due| due <= Instant::now()) {
                cause = WakeReason::Due;
            }
        }
        if self.state.is_stopped() {
            return false;
        }
        let Some(reloader) = self.reloader.upgrade() else {
            return false;
        };
        self.state.progress().busy_since = Some(Instant::now());
        if cause == WakeReason::Other {
            reloader.drop_expired();
            return true;
        }
        // Listens before it reads, so that no change in between is missed. It asks the source for its paths, which may
        // panic; the source is read all the same.
        isolate(|| self.listener.follow(&reloader, cause == WakeReason::Due));
        let is_read = reloader.reload().is_ok();
        self.note(is_read, cause);
        true
    }

    /// Until then, or until the wake_signal rings.
    fn wait(&self, until: Option<Instant>) -> bool {
        match until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                self.heard.recv_timeout(left) != Err(RecvTimeoutError::Timeout)
            }
            None => self.heard.recv().is_ok(),
        }
    }

    fn cause(&self) -> WakeReason {
        let is_due = self.due.is_some_and(|due| due <= Instant::now());
        if WatchState::take(&self.state.is_asked) {
            WakeReason::Asked
        } else if WatchState::take(&self.state.is_changed) {
            WakeReason::Changed
        } else if is_due {
            WakeReason::Due
        } else {
            WakeReason::Other
        }
    }

    /// Waits until nothing has changed for a while; but not for ever where changes do not cease.
    fn settle(&self) {
        const MOST: u32 = 10;
        let quiet = self.schedule.debounce;
        let begun = Instant::now();
        let last = (begun + quiet * MOST).min(self.due.unwrap_or(begun + quiet * MOST));
        let mut until = last.min(begun + quiet);
        while self.wait(Some(until)) && !self.state.is_stopped() {
            if WatchState::take(&self.state.is_changed) {
                until = last.min(Instant::now() + quiet);
            }
        }
    }

    /// Takes note of a read, and sets the date of the next.
    fn note(&mut self, is_read: bool, cause: WakeReason) {
        self.failures = if is_read {
            0
        } else {
            self.failures.saturating_add(1)
        };
        let again = self.schedule.polls || !is_read;
        let next = again.then(|| Instant::now() + self.schedule.every.wait_after(self.failures));
        self.due = match (cause, self.due) {
            // Changes that do not cease must not put off the poll, which finds what is not told.
            (WakeReason::Changed, Some(due)) => next.map(|next| next.min(due)),
            _ => next,
        };
        self.state.progress().due = self.due;
    }
}
