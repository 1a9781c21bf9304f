//! Triggers for a reload: a fixed interval ([`Every`]), a file change (`OnChange`), or SIGHUP (`OnHangup`).
//!
//! Each watch has a thread, the worker. It waits for the next scheduled read or a wake signal, and reloads. A trigger sets
//! a flag and sends the signal. The worker holds the `Live` only while it works, so it does not keep the `Live` alive.

// Each group imports only from the groups above it.

mod every;
#[cfg(feature = "notify")]
mod folders;

mod worker;

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
use crate::live::{Live, Reloader, WakeSignal};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use worker::{Listener, Schedule, WatchState, Worker};

impl<T> Live<T> {
    /// Reloads whenever the trigger fires, until the [`Watch`] is dropped or there is no `Live` any more.
    ///
    /// Triggers are [`Every`], `OnChange` (feature `notify`) and `OnHangup` (feature `signal`). A `Live` can have several
    /// watches. Each watch has a thread of its own, which reads the source and runs the closures and callbacks of the
    /// `Live`.
    ///
    /// A failed read is retried with growing delays; see [`Every`]. Meanwhile everything stays as it was, and
    /// [`status`](Self::status) reports why and for how long. A watch also drops [previous](Self::previous) values when
    /// their grace period ends, unless it is in a read that hangs.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Every, Live};
    /// use std::time::Duration;
    ///
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let watch = live.watch(Every::seconds(30))?;
    /// assert!(watch.next_in() <= Some(Duration::from_secs(30)));
    /// drop(watch); // stops it
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If no thread can be started; for `OnChange`, if the source has no paths; for `OnHangup`, if the signal handler cannot
    /// be installed.
    pub fn watch(&self, when: impl Into<Trigger>) -> Result<Watch, Error> {
        start(&self.reloader, when.into())
    }
}

/// When to reload; see [`Live::watch`].
///
/// It holds any of the triggers, so that the trigger can be chosen at run time.
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

/// A running watch; see [`Live::watch`].
///
/// Dropping it stops the watch without waiting. A read in progress is allowed to finish.
///
/// ```
/// use config_vars::{ConfigVars, Every, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(Every::seconds(30))?;
/// assert!(format!("{watch:?}").starts_with("Watch { trigger: Every { interval: 30s"));
/// drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "dropping it stops the watch; `detach` lets it go on"]
pub struct Watch {
    state: Arc<WatchState>,
    trigger: Trigger,
    is_detached: bool,
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
        self.is_detached = true;
    }

    /// Returns the time until the next scheduled read.
    ///
    /// It grows while reads fail. It is zero if a read is due or in progress, and `None` if the source is read only when
    /// something happens.
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
        Some(due.saturating_duration_since(self.state.clock.now()))
    }

    /// Returns why the watch is slower than it should be; `None` if all is well.
    ///
    /// If the system refuses file notifications, `OnChange` falls back to polling, and tries again at each poll.
    ///
    /// For any watch, it is a fault if a read of the source, or a closure or callback of the app, has not returned for 3
    /// seconds, because the watch reads nothing meanwhile; see also
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
        /// Minimum time after which the worker counts as hanging.
        const HANGS_AFTER: Duration = Duration::from_secs(3);
        let now = self.state.clock.now();
        let progress = self.state.progress();
        if let Some(since) = progress.busy_since {
            let busy = now.saturating_duration_since(since);
            if busy >= HANGS_AFTER {
                return Some(Error::new(Fault::WatchHangs(busy.as_secs())));
            }
        }
        progress.fault.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_detached {
            self.state.stop();
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

fn start(reloader: &Arc<Reloader>, trigger: Trigger) -> Result<Watch, Error> {
    let signal = Arc::new(WakeSignal::default());
    let state = Arc::new(WatchState::new(reloader.clock().clone(), signal.clone()));
    let (listener, schedule): (Box<dyn Listener>, Schedule) = match &trigger.0 {
        TriggerKind::Every(every) => (
            Box::new(()),
            Schedule {
                every: *every,
                polls: true,
                debounce: Duration::ZERO,
                first_read: Some(every.first_wait()),
            },
        ),
        #[cfg(feature = "notify")]
        TriggerKind::OnChange(on_change) => on_change.set_up(reloader, &state)?,
        #[cfg(all(unix, feature = "signal"))]
        TriggerKind::OnHangup(on_hangup) => on_hangup.set_up(&state)?,
    };
    reloader.add_wake_signal(&signal);
    Worker::new(reloader, state.clone(), listener, schedule).spawn()?;
    Ok(Watch {
        state,
        trigger,
        is_detached: false,
    })
}
