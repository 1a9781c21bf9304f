//! When to reload: [`Every`] so long, `OnChange` of a file, `OnHangup`.
//!
//! Whatever tells that a reload is due sets a flag and rings a bell; one thread for each watch waits for the bell or the
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
use crate::live::{Bell, Core, Live, isolate};
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
        start(&self.core, when.into())
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
pub struct Trigger(Kind);

#[derive(Clone)]
enum Kind {
    Every(Every),
    #[cfg(feature = "notify")]
    OnChange(OnChange),
    #[cfg(all(unix, feature = "signal"))]
    OnHangup(OnHangup),
}

impl From<Every> for Trigger {
    fn from(every: Every) -> Self {
        Self(Kind::Every(every))
    }
}

#[cfg(feature = "notify")]
impl From<OnChange> for Trigger {
    fn from(on_change: OnChange) -> Self {
        Self(Kind::OnChange(on_change))
    }
}

#[cfg(all(unix, feature = "signal"))]
impl From<OnHangup> for Trigger {
    fn from(on_hangup: OnHangup) -> Self {
        Self(Kind::OnHangup(on_hangup))
    }
}

impl fmt::Debug for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Every(every) => every.fmt(f),
            #[cfg(feature = "notify")]
            Kind::OnChange(on_change) => on_change.fmt(f),
            #[cfg(all(unix, feature = "signal"))]
            Kind::OnHangup(on_hangup) => on_hangup.fmt(f),
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
    post: Arc<Post>,
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
        let due = self.post.view().due?;
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
        let view = self.post.view();
        let busy = view
            .busy_since
            .map(|since| since.elapsed())
            .filter(|busy| *busy >= HANGS_AFTER);
        let hangs = busy.map(|busy| Error::new(Fault::WatchHangs(busy.as_secs())));
        hangs.or_else(|| view.fault.clone())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.stays {
            self.post.tell(&self.post.is_stopped);
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
struct Post {
    bell: Arc<Bell>,
    is_stopped: AtomicBool,
    /// Something may have changed; there may be more to come.
    is_changed: AtomicBool,
    /// Somebody wants a reload now.
    is_asked: AtomicBool,
    view: Mutex<View>,
}

/// Minimum time after which what a watch does is said to hang.
const HANGS_AFTER: Duration = Duration::from_secs(3);

#[derive(Default)]
struct View {
    due: Option<Instant>,
    /// When the thread began what it is doing, unless it waits.
    busy_since: Option<Instant>,
    fault: Option<Error>,
}

impl Post {
    /// Flags first, and the bell after them: whoever hears it sees them.
    fn tell(&self, flag: &AtomicBool) {
        flag.store(true, Ordering::Release);
        // If it is full, it is about to be heard.
        _ = self.bell.try_send(());
    }

    fn take(flag: &AtomicBool) -> bool {
        flag.swap(false, Ordering::AcqRel)
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Acquire)
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a trigger has set up to be told. It is taken down, by its `Drop`, when the watch ends.
trait Ears: Send {
    /// Before each read: listens to what the source is made of now. `is_poll` tells that nothing has been heard.
    fn follow(&mut self, _core: &Core, _is_poll: bool) {}
}

/// Nobody tells anything.
impl Ears for () {}

/// When to read without being told.
struct Rhythm {
    every: Every,
    /// Whether that is done at all while all is well.
    polls: bool,
    /// How long a change must have settled.
    debounce: Duration,
    first: Option<Duration>,
}

fn start(core: &Arc<Core>, trigger: Trigger) -> Result<Watch, Error> {
    let (bell, heard) = sync_channel(1);
    let bell = Arc::new(bell);
    let post = Arc::new(Post {
        bell: bell.clone(),
        is_stopped: AtomicBool::new(false),
        is_changed: AtomicBool::new(false),
        is_asked: AtomicBool::new(false),
        view: Mutex::default(),
    });
    let (ears, rhythm): (Box<dyn Ears>, _) = match &trigger.0 {
        Kind::Every(every) => (
            Box::new(()),
            Rhythm {
                every: *every,
                polls: true,
                debounce: Duration::ZERO,
                first: Some(every.first_wait()),
            },
        ),
        #[cfg(feature = "notify")]
        Kind::OnChange(on_change) => on_change.set_up(core, &post)?,
        #[cfg(all(unix, feature = "signal"))]
        Kind::OnHangup(on_hangup) => on_hangup.set_up(&post)?,
    };
    let due = rhythm.first.map(|wait| Instant::now() + wait);
    post.view().due = due;
    core.add_bell(&bell);
    let sentry = Sentry {
        core: Arc::downgrade(core),
        post: post.clone(),
        heard,
        ears,
        rhythm,
        due,
        failures: 0,
    };
    thread::Builder::new()
        .name("config-vars watch".to_owned())
        .spawn(move || sentry.run())
        .map_err(|error| Error::new(Fault::NoThread(error.kind())))?;
    Ok(Watch {
        post,
        trigger,
        stays: false,
    })
}

/// What the thread of a watch works with.
struct Sentry {
    core: Weak<Core>,
    post: Arc<Post>,
    heard: Receiver<()>,
    ears: Box<dyn Ears>,
    rhythm: Rhythm,
    due: Option<Instant>,
    /// How many reads in a row have failed.
    failures: u32,
}

/// Why a turn is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    Asked,
    Changed,
    Due,
    /// A grace period may be over, or someone else has reloaded.
    Other,
}

impl Sentry {
    fn run(mut self) {
        loop {
            // The thread goes on whatever panics: a source, or a `Drop` of the app's.
            let turn = isolate(|| self.turn());
            self.post.view().busy_since = None;
            match turn {
                Some(true) => {}
                Some(false) => return,
                // Not at once, because it may panic each time.
                None => self.note(false, Cause::Due),
            }
        }
    }

    /// Waits for something to do, and does it. Returns whether to go on.
    fn turn(&mut self) -> bool {
        let Some((sweep, rest)) = self
            .core
            .upgrade()
            .map(|core| (core.next_sweep(), core.rest_end()))
        else {
            return false;
        };
        self.due = [self.due, rest].into_iter().flatten().min();
        self.wait([self.due, sweep].into_iter().flatten().min());
        let mut cause = self.cause();
        if cause == Cause::Changed {
            self.settle();
            // What was asked for meanwhile is answered by the same read.
            Post::take(&self.post.is_asked);
            if self.due.is_some_and(|due| due <= Instant::now()) {
                cause = Cause::Due;
            }
        }
        if self.post.is_stopped() {
            return false;
        }
        let Some(core) = self.core.upgrade() else {
            return false;
        };
        self.post.view().busy_since = Some(Instant::now());
        if cause == Cause::Other {
            core.sweep();
            return true;
        }
        // Listens before it reads, so that no change in between is missed. It asks the source for its paths, which may
        // panic; the source is read all the same.
        isolate(|| self.ears.follow(&core, cause == Cause::Due));
        let is_read = core.reload().is_ok();
        self.note(is_read, cause);
        true
    }

    /// Until then, or until the bell rings.
    fn wait(&self, until: Option<Instant>) -> bool {
        match until {
            Some(until) => {
                let left = until.saturating_duration_since(Instant::now());
                self.heard.recv_timeout(left) != Err(RecvTimeoutError::Timeout)
            }
            None => self.heard.recv().is_ok(),
        }
    }

    fn cause(&self) -> Cause {
        let is_due = self.due.is_some_and(|due| due <= Instant::now());
        if Post::take(&self.post.is_asked) {
            Cause::Asked
        } else if Post::take(&self.post.is_changed) {
            Cause::Changed
        } else if is_due {
            Cause::Due
        } else {
            Cause::Other
        }
    }

    /// Waits until nothing has changed for a while; but not for ever where changes do not cease.
    fn settle(&self) {
        const MOST: u32 = 10;
        let quiet = self.rhythm.debounce;
        let begun = Instant::now();
        let last = (begun + quiet * MOST).min(self.due.unwrap_or(begun + quiet * MOST));
        let mut until = last.min(begun + quiet);
        while self.wait(Some(until)) && !self.post.is_stopped() {
            if Post::take(&self.post.is_changed) {
                until = last.min(Instant::now() + quiet);
            }
        }
    }

    /// Takes note of a read, and sets the date of the next.
    fn note(&mut self, is_read: bool, cause: Cause) {
        self.failures = if is_read {
            0
        } else {
            self.failures.saturating_add(1)
        };
        let again = self.rhythm.polls || !is_read;
        let next = again.then(|| Instant::now() + self.rhythm.every.wait_after(self.failures));
        self.due = match (cause, self.due) {
            // Changes that do not cease must not put off the poll, which finds what is not told.
            (Cause::Changed, Some(due)) => next.map(|next| next.min(due)),
            _ => next,
        };
        self.post.view().due = self.due;
    }
}
