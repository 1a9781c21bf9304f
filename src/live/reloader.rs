//! The reload: reads the source and takes over what is good, one reload at a time.

use super::accept::{Accepted, accept};
use super::change::Change;
use super::context::Context;
use super::derived::{Rebuild, Retired, Snapshot};
use super::diff::{Difference, Discovered, is_same_snapshot};
use super::isolate::isolate;
use super::last_good::SnapshotMerge;
use super::settle_time::{DEFAULT_SETTLE_TIME, SettleRule};
use super::status::{
    ActiveReload, Activity, SourceFailure, Stale, StaleEntries, StaleEntry, StaleKind, Status, Timestamp,
};
use super::subscribers::{Callback, Changes, Subscribers, Subscription, WakeSignal, prune};
use super::type_name::short_type_name;
use crate::clock::Clock;
use crate::error::{Error, Fault};
use crate::source::Source;
use crate::vars::ConfigVars;
use std::collections::HashMap;
#[cfg(feature = "notify")]
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The state that all clones of a `Live`, and all values mapped from it, share.
pub(crate) struct Reloader {
    pub(super) context: Arc<Context>,
    source: Box<dyn Source>,
    /// The app's own value.
    root: Arc<dyn Rebuild>,
    /// Held while the source is read and values are made; never by a load.
    reloading: Mutex<()>,
    /// The activity of the thread that holds that lock.
    active: Mutex<Option<ActiveReload>>,
    /// Never held while code of the app runs.
    state: Mutex<ReloaderState>,
    /// The number of the last reload that began.
    begun: AtomicU64,
    /// The number of the last reload that ended.
    ended: AtomicU64,
    subscribers: Arc<Subscribers>,
}

struct ReloaderState {
    generation: u64,
    vars: ConfigVars,
    stale: Vec<Stale>,
    source_failure: Option<SourceFailure>,
    /// The mapped values, parents before their children.
    derived: Vec<Weak<dyn Rebuild>>,
    settings: LiveSettings,
    unsettled: Unsettled,
    /// The present state as subscribers receive it first. The first of them makes it, and each change replaces the cell.
    present: Arc<OnceLock<Arc<Change>>>,
}

/// The components that wait for their other files to be written.
#[derive(Default)]
struct Unsettled {
    /// Since when each has been waiting, by its first name.
    waiting_since: HashMap<Box<str>, Instant>,
    /// When the source must be read again; `None` if no component waits.
    until: Option<Instant>,
}

#[derive(Clone, Copy)]
pub(super) struct LiveSettings {
    pub(super) grace_period: Duration,
    pub(super) retry_timeout: Duration,
    pub(super) max_retries: u32,
    pub(super) settle_time: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            grace_period: Duration::from_secs(5 * 60),
            retry_timeout: Duration::from_secs(10),
            max_retries: 5,
            settle_time: DEFAULT_SETTLE_TIME,
        }
    }
}

/// Holds the reload lock: the right to reload, or to add a value that reloads rebuild.
pub(super) struct ReloadGuard<'r> {
    reloader: &'r Reloader,
    _lock: MutexGuard<'r, ()>,
}

impl Drop for ReloadGuard<'_> {
    fn drop(&mut self) {
        *lock(&self.reloader.active) = None;
    }
}

impl Reloader {
    pub(super) fn new(
        context: Arc<Context>,
        source: Box<dyn Source>,
        vars: ConfigVars,
        root: Arc<dyn Rebuild>,
    ) -> Arc<Self> {
        let since = Timestamp::now();
        let stale = |(name, StaleEntry { kind, error })| Stale {
            name,
            kind,
            since,
            error,
        };
        let stale = Discovered::of(&vars).faults().map(stale).collect();
        Arc::new(Self {
            context,
            source,
            root,
            reloading: Mutex::default(),
            active: Mutex::default(),
            state: Mutex::new(ReloaderState {
                generation: 1,
                stale,
                vars,
                source_failure: None,
                derived: Vec::new(),
                settings: LiveSettings::default(),
                unsettled: Unsettled::default(),
                present: Arc::default(),
            }),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            subscribers: Arc::default(),
        })
    }

    /// Waits for the reload lock. It is an error if this thread holds it, because the thread would wait for itself.
    pub(super) fn lock_reloads(&self) -> Result<ReloadGuard<'_>, Error> {
        if lock(&self.active).is_some_and(|active| active.is_this_thread()) {
            return Err(Error::new(Fault::Reentrant));
        }
        let reload_lock = lock(&self.reloading);
        *lock(&self.active) = Some(ActiveReload::new(Activity::Making));
        Ok(ReloadGuard {
            reloader: self,
            _lock: reload_lock,
        })
    }

    pub(crate) fn reload(&self) -> Result<Change, Error> {
        let (result, retired) = {
            let guard = self.lock_reloads()?;
            let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            let mut retired = Retired::default();
            *lock(&self.active) = Some(ActiveReload::new(Activity::Reading));
            // This is the read that unsettled components wait for, whether or not it succeeds.
            self.lock().unsettled.until = None;
            // A panic of the source counts as a failed read.
            let read = isolate(|| self.source.read());
            *lock(&self.active) = Some(ActiveReload::new(Activity::Making));
            let result = match read.unwrap_or_else(|| Err(Error::new(Fault::Panicked))) {
                Ok(fresh) => Ok(self.take_over(&fresh, &guard, &mut retired)),
                Err(error) => Err(self.note_failure(error, &mut retired)),
            };
            self.ended.store(number, Ordering::Release);
            (result, retired)
        };
        // The `Drop` of a client may panic; subscribers must be called even then.
        isolate(|| drop(retired));
        self.subscribers.reload_ended();
        result
    }

    /// The earliest time at which a previous value expires; `None` if none does.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let values = self.values();
        values.iter().filter_map(|value| value.grace_period_end()).min()
    }

    /// When the source must be read again because files that belong together were written in part; `None` if none were.
    pub(crate) fn settle_deadline(&self) -> Option<Instant> {
        self.lock().unsettled.until
    }

    /// Drops the previous values whose grace period is over.
    pub(crate) fn drop_expired(&self) {
        let mut retired = Retired::default();
        for value in self.values() {
            value.retire_expired(&mut retired);
        }
    }

    /// The app's value and all mapped values, parents before their children.
    fn values(&self) -> Vec<Arc<dyn Rebuild>> {
        let derived = self.lock().derived.iter().filter_map(Weak::upgrade).collect();
        [vec![self.root.clone()], derived].concat()
    }

    /// Sends a signal after each reload, which may have replaced a value that will expire, and at the end of the `Live`.
    pub(crate) fn add_wake_signal(&self, signal: &Arc<WakeSignal>) {
        self.subscribers.add_wake_signal(signal);
    }

    /// Takes over what is good of the fresh snapshot.
    fn take_over(&self, fresh: &ConfigVars, _: &ReloadGuard<'_>, retired: &mut Retired) -> Change {
        let (current, settings, derived) = {
            let mut state = self.lock();
            state.derived.retain(|value| value.strong_count() > 0);
            let derived: Vec<_> = state.derived.iter().filter_map(Weak::upgrade).collect();
            (state.vars.clone(), state.settings, derived)
        };
        let Accepted {
            vars,
            difference,
            mut stale,
        } = self.accept(&current, fresh, settings.settle_time);
        let snapshot = Snapshot {
            vars: &vars,
            difference: &difference,
        };
        for value in &derived {
            if let Err(error) = value.prepare(&snapshot) {
                let entry = StaleEntry {
                    kind: StaleKind::Derived,
                    error,
                };
                stale.insert(unused_name(&short_type_name(value.type_name()), &stale), entry);
            }
        }
        let mut state = self.lock();
        if !difference.is_empty() {
            state.generation += 1;
            state.present = Arc::default();
        }
        for value in std::iter::once(&self.root).chain(&derived) {
            value.commit(state.generation, &vars, settings.grace_period, retired);
            value.retire_expired(retired);
        }
        retired.push(std::mem::replace(&mut state.vars, vars));
        retired.push(derived);
        let has_recovered = state.source_failure.take().is_some();
        let must_notify = state.set_stale(stale) || has_recovered || !difference.is_empty();
        let change = difference.into_change(state.generation, state.stale.clone());
        if must_notify {
            self.subscribers.push(&change);
        }
        change
    }

    /// Finds the part of the fresh snapshot that has no fault and that the app's value accepts.
    fn accept(&self, current: &ConfigVars, fresh: &ConfigVars, settle_time: Duration) -> Accepted {
        let waiting_since = std::mem::take(&mut self.lock().unsettled.waiting_since);
        if is_same_snapshot(current, fresh) {
            // Without a stale entry, the snapshot in use has no fault, and its discovery can be skipped.
            let stale = if self.lock().stale.is_empty() {
                StaleEntries::new()
            } else {
                Discovered::of(current).faults().collect()
            };
            return Accepted {
                vars: current.clone(),
                difference: Difference::default(),
                stale,
            };
        }
        let rule = SettleRule {
            settle_time,
            waiting_since: &waiting_since,
        };
        let (current, fresh) = (Discovered::of(current), Discovered::of(fresh));
        let seen = self.root.seen();
        let is_read = |name: &str| seen.values.has(name) || seen.carried.has(name);
        let merge = SnapshotMerge::new(&current, &fresh, is_read, &rule);
        self.note_unsettled(&merge.unsettled, &rule);
        accept(&*self.root, &merge, self.reloads_begun())
    }

    fn note_unsettled(&self, unsettled: &[(&str, Duration)], rule: &SettleRule<'_>) {
        let now = Instant::now();
        let since = |name: &str| rule.waiting_since.get(name).copied().unwrap_or(now);
        let waiting_since = unsettled.iter().map(|(name, _)| ((*name).into(), since(name)));
        let deadlines = unsettled
            .iter()
            .filter_map(|(_, remaining)| now.checked_add(*remaining));
        self.lock().unsettled = Unsettled {
            waiting_since: waiting_since.collect(),
            until: deadlines.min(),
        };
    }

    /// Records that the source could not be read. Everything stays as it is.
    fn note_failure(&self, error: Error, retired: &mut Retired) -> Error {
        let derived: Vec<_> = {
            let mut state = self.lock();
            let earlier = state.source_failure.take();
            let must_notify = earlier.as_ref().is_none_or(|earlier| earlier.error != error);
            state.source_failure = Some(SourceFailure {
                error: error.clone(),
                since: earlier
                    .as_ref()
                    .map_or_else(Timestamp::now, |earlier| earlier.since),
                failures: earlier.map_or(0, |earlier| earlier.failures).saturating_add(1),
            });
            if must_notify {
                let change = Change::source_failed(state.generation, state.stale.clone(), error.clone());
                self.subscribers.push(&change);
            }
            state.derived.iter().filter_map(Weak::upgrade).collect()
        };
        for value in std::iter::once(&self.root).chain(&derived) {
            value.retire_expired(retired);
        }
        retired.push(derived);
        error
    }

    /// Adds a mapped value, which each reload rebuilds. The caller holds the reload lock, so that it misses no reload.
    pub(super) fn add(&self, value: &Arc<impl Rebuild + 'static>, _: &ReloadGuard<'_>) {
        let value: Weak<dyn Rebuild> = Arc::<_>::downgrade(value) as Weak<dyn Rebuild>;
        let mut state = self.lock();
        prune(&mut state.derived);
        state.derived.push(value);
    }

    pub(super) fn subscribe(&self, callback: Callback) -> Subscription {
        let (subscription, present, inputs) = {
            // Under the lock of the state, so that each change is either part of this state or comes after it.
            let state = self.lock();
            let inputs = || (state.vars.clone(), state.generation, state.stale.clone());
            (
                self.subscribers.subscribe(callback),
                state.present.clone(),
                state.present.get().is_none().then(inputs),
            )
        };
        // Not under a lock, because discovery may take long.
        let make = |(vars, generation, stale)| {
            let nothing = ConfigVars::default();
            let difference = Difference::between(&Discovered::of(&nothing), &Discovered::of(&vars));
            Arc::new(difference.into_change(generation, stale).into_first())
        };
        let present = present.get_or_init(|| inputs.map(make).unwrap_or_default());
        self.subscribers.introduce(&subscription, present.clone());
        self.subscribers.deliver();
        subscription
    }

    pub(super) fn subscribe_changes(&self, callback: Callback) -> Subscription {
        self.subscribers.subscribe_changes(callback)
    }

    pub(super) fn changes(&self) -> Changes {
        self.subscribers.changes()
    }

    pub(super) fn status(&self) -> Status {
        let active = *lock(&self.active);
        let state = self.lock();
        Status {
            generation: state.generation,
            stale: state.stale.clone(),
            source_failure: state.source_failure.clone(),
            hanging_reload: active.filter(ActiveReload::hangs),
        }
    }

    /// The config vars in use.
    pub(super) fn vars(&self) -> ConfigVars {
        self.lock().vars.clone()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.context.clock
    }

    pub(super) fn settings(&self) -> LiveSettings {
        self.lock().settings
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut LiveSettings)) {
        change(&mut self.lock().settings);
    }

    /// The files and folders of the source.
    #[cfg(feature = "notify")]
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.source.paths()
    }

    pub(super) fn reloads_begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    pub(super) fn reloads_ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    fn lock(&self) -> MutexGuard<'_, ReloaderState> {
        lock(&self.state)
    }
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.subscribers.close();
    }
}

impl ReloaderState {
    /// Replaces the stale entries; those that were stale before keep their `since`. Returns whether any entry is new or
    /// has gone.
    fn set_stale(&mut self, entries: StaleEntries) -> bool {
        let now = Timestamp::now();
        let before = std::mem::take(&mut self.stale);
        let known: HashMap<&str, Timestamp> =
            before.iter().map(|stale| (&*stale.name, stale.since)).collect();
        let since = |name: &str| known.get(name).copied().unwrap_or(now);
        self.stale = entries
            .into_iter()
            .map(|(name, StaleEntry { kind, error })| Stale {
                since: since(&name),
                name,
                kind,
                error,
            })
            .collect();
        let is_same = before.len() == self.stale.len()
            && before
                .iter()
                .zip(&self.stale)
                .all(|(before, now)| before.is_like(now));
        if !is_same {
            self.present = Arc::default();
        }
        // Files that are about to be written are not worth a notification.
        let lasting = |stale: &&Stale| !matches!(stale.error.fault(), Fault::HalfWritten);
        let (before, now) = (before.iter().filter(lasting), self.stale.iter().filter(lasting));
        !(before.clone().count() == now.clone().count()
            && before.zip(now).all(|(before, now)| before.is_like(now)))
    }
}

/// The name of a type, numbered if it is taken, because two mapped values may have the same type.
fn unused_name(type_name: &str, taken: &StaleEntries) -> Box<str> {
    let mut name = type_name.to_owned();
    let mut count = 1;
    while taken.contains_key(name.as_str()) {
        count += 1;
        name = format!("{type_name} ({count})");
    }
    name.into()
}

/// Ignores poisoning: nothing is left half done under a lock, so a panic elsewhere does no harm.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
