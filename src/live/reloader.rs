//! The reload: reads the source and takes over what is good, one reload at a time.

use super::accept::{Accepted, accept};
use super::change::Change;
use super::context::Context;
use super::derived::{Owner, Rebuild};
use super::diff::{Difference, Discovered, is_same_snapshot};
use super::last_good::SnapshotMerge;
use super::promise::Fulfil;
use super::retry::shared_reload::SharedReload;
use super::root::Remake;
use super::settle_time::SettleRule;
use super::status::{
    ActiveReload, Activity, SourceFailure, Stale, StaleEntries, StaleEntry, StaleKind, StaleList, Status,
    Timestamp,
};
use super::subscribers::{Callback, Subscribers, Subscription, WakeSignal, prune, remove_dead};
use crate::attachment::with_known_kinds;
use crate::clock::{Clock, earlier};
use crate::error::{AppError, Error, Fault};
use crate::isolate::{Retired, catch_panic, isolate};
use crate::list::filter_mapped;
use crate::lock::{lock, unpoisoned};
use crate::runtime::{InRuntime, spawn_thread};
use crate::snapshot::ConfigVars;
use crate::sorted::{SortedMap, find_place, insert_in_order};
use crate::source::{NotePush, Source, SourceEvents};
#[cfg(feature = "notify")]
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// The state that all clones of a `Live`, and all values mapped from it, share.
pub(crate) struct Reloader {
    pub(super) context: Arc<Context>,
    source: InRuntime<Box<dyn Source>>,
    /// The app's own value.
    root: InRuntime<Box<dyn Remake>>,
    /// Never locked while code of the app runs. A load never locks it.
    state: Mutex<ReloaderState>,
    /// Notified when the reload lock is released, and when its holder begins or ends driving a future.
    active_changed: Condvar,
    /// The number of the last reload that began.
    begun: AtomicU64,
    /// The number of the last reload that ended.
    ended: AtomicU64,
    /// How often the source has reported a change.
    pushes: AtomicU64,
    /// The same, when the last read began.
    pushes_read: AtomicU64,
    pub(super) subscribers: Arc<Subscribers>,
    /// The reload that callers of `retry_on` wait for.
    pub(super) shared_reload: Arc<SharedReload>,
    pub(super) async_reloads: Mutex<AsyncReloads>,
}

/// The reloads for callers of `reload_async`.
#[derive(Default)]
pub(super) struct AsyncReloads {
    pub(super) is_running: bool,
    /// The thread that reloads, until the values that it replaced are dropped.
    pub(super) reloading: Option<ThreadId>,
    pub(super) waiting: Vec<Fulfil<Change>>,
}

struct ReloaderState {
    /// The reload lock, and the activity of the thread that holds it. It is held while the source is read and values are made.
    active: Option<ActiveReload>,
    generation: u64,
    vars: ConfigVars,
    /// The stale entries of the snapshot itself; the others are values that could not be made again.
    stale_in_snapshot: StaleEntries,
    stale: StaleList,
    source_failure: Option<SourceFailure>,
    /// The values that are made from the app's own, parents before their children.
    derived: Vec<Weak<InRuntime<Box<dyn Rebuild>>>>,
    unsettled: Unsettled,
    /// The present state as subscribers receive it first, once one of them has made it.
    present: Option<Change>,
}

/// The components that wait for their other files to be written.
#[derive(Default)]
struct Unsettled {
    /// Since when each has been waiting, by its first name. Sorted.
    waiting_since: Vec<(Box<str>, Instant)>,
    /// When the source must be read again; `None` if no component waits.
    until: Option<Instant>,
}

/// Holds the reload lock: the right to reload, and to rebuild values.
pub(super) struct ReloadGuard<'r> {
    reloader: &'r Reloader,
}

impl Drop for ReloadGuard<'_> {
    fn drop(&mut self) {
        lock(&self.reloader.state).active = None;
        self.reloader.active_changed.notify_all();
    }
}

impl Reloader {
    pub(super) fn new(
        context: Arc<Context>,
        source: Box<dyn Source>,
        vars: ConfigVars,
        root: Box<dyn Remake>,
    ) -> Arc<Self> {
        let mut state = ReloaderState {
            active: None,
            generation: 1,
            stale_in_snapshot: Discovered::of(&vars).faults(),
            stale: Arc::default(),
            vars,
            source_failure: None,
            derived: Vec::new(),
            unsettled: Unsettled::default(),
            present: None,
        };
        state.refresh_stale(&context.clock, &mut Retired::default());
        let runtime = context.runtime();
        Arc::new(Self {
            shared_reload: SharedReload::new(context.clock.clone()),
            context,
            source: InRuntime::new(runtime.clone(), source),
            root: InRuntime::new(runtime, root),
            state: Mutex::new(state),
            active_changed: Condvar::new(),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            pushes: AtomicU64::new(0),
            pushes_read: AtomicU64::new(0),
            subscribers: Arc::default(),
            async_reloads: Mutex::default(),
        })
    }

    /// Waits for the reload lock. Returns an error if this thread holds it, because the thread would wait for itself. With
    /// `Driving::Sync`, also returns an error while the holder drives a future, which may need this thread.
    fn lock_reloads(&self, driving: Driving) -> Result<ReloadGuard<'_>, Error> {
        let mut state = lock(&self.state);
        while let Some(holder) = &state.active {
            if holder.is_this_thread() {
                return Err(Error::new(Fault::Reentrant));
            }
            if holder.is_driving && driving == Driving::Sync {
                return Err(Error::new(Fault::Driving));
            }
            let waited = self.active_changed.wait(state);
            state = unpoisoned(waited);
        }
        state.active = Some(ActiveReload::new(Activity::Making, self.clock()));
        Ok(ReloadGuard { reloader: self })
    }

    /// Notes what the holder of the reload lock, which is this thread, does now.
    fn note_activity(&self, activity: Activity) {
        lock(&self.state).active = Some(ActiveReload::new(activity, self.clock()));
    }

    /// Notes whether the holder of the reload lock drives a future.
    fn note_driving(&self, is_driving: bool) {
        if let Some(active) = &mut lock(&self.state).active {
            active.is_driving = is_driving;
        }
        self.active_changed.notify_all();
    }

    /// Reloads on this thread, which may block: it drives async sources and closures to their end.
    pub(crate) fn reload(&self) -> Result<Change, Error> {
        let result = self.reload_silently();
        self.deliver();
        result
    }

    /// Reloads, for callers that wait for the result. Afterwards, changes must be [delivered](Self::deliver).
    pub(super) fn reload_silently(&self) -> Result<Change, Error> {
        let (change, _) = self.reload_as(Driving::All)?;
        Ok(change)
    }

    /// Calls the subscribers, which may take long.
    pub(super) fn deliver(&self) {
        self.context.runtime().enter(|| self.subscribers.deliver());
    }

    /// Reloads on a thread of the app's runtime. An async closure may need that thread, so it is driven on another one, and
    /// its value follows later.
    pub(super) fn reload_in_runtime(self: &Arc<Self>) -> Result<Change, Error> {
        if self.source.is_async() {
            return Err(Error::new(Fault::WouldBlock));
        }
        let result = self.reload_as(Driving::Sync);
        if let Ok((_, true)) = result {
            let reloader = self.clone();
            // If no thread can be started, the values are made at the next reload.
            _ = spawn_thread(move || reloader.update_later());
        }
        self.deliver();
        let (change, _) = result?;
        Ok(change)
    }

    /// Returns whether this thread is in a reload.
    pub(super) fn is_reloading_here(&self) -> bool {
        let active = lock(&self.state).active;
        active.is_some_and(|active| active.is_this_thread())
    }

    /// Reloads, and returns whether async values have been skipped.
    fn reload_as(&self, driving: Driving) -> Result<(Change, bool), Error> {
        self.with_reload_lock(driving, |guard, retired| {
            let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            self.note_activity(Activity::Reading);
            // This is the read that unsettled components wait for, whether or not it succeeds.
            lock(&self.state).unsettled.until = None;
            let pushes = self.pushes.load(Ordering::Acquire);
            self.pushes_read.store(pushes, Ordering::Release);
            // A panic of the source counts as a failed read.
            let read = self.source.enter(|source| catch_panic(|| source.read_for_live()));
            self.note_activity(Activity::Making);
            let result = match read {
                Ok(fresh) => {
                    let change = self.take_over(&fresh, guard, retired);
                    let has_skipped = self.update_values(driving, guard, retired);
                    let stale = lock(&self.state).stale.clone();
                    Ok((change.with_stale(stale, retired), has_skipped))
                }
                Err(error) => Err(self.note_failure(error, retired)),
            };
            self.ended.store(number, Ordering::Release);
            result
        })
    }

    /// Makes the values that a reload has skipped.
    fn update_later(&self) {
        // This thread does not hold the lock, so it gets it.
        _ = self.with_reload_lock(Driving::All, |guard, retired| {
            Ok(self.update_values(Driving::All, guard, retired))
        });
        self.deliver();
    }

    /// Runs the closure with the reload lock, drops what it retires, and announces the end.
    fn with_reload_lock<R>(
        &self,
        driving: Driving,
        run: impl FnOnce(&ReloadGuard<'_>, &mut Retired) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.context.runtime().enter(|| {
            let stamp = self.context.last_stamp();
            let mut retired = Retired::default();
            let guard = self.lock_reloads(driving)?;
            let result = run(&guard, &mut retired);
            drop(guard);
            drop(retired);
            // The callers of `retry_on` look again if a value was replaced, and the watches even if nothing changed.
            if self.context.last_stamp() != stamp {
                self.shared_reload.look_again();
            }
            self.subscribers.wake_watches();
            result
        })
    }

    /// The earliest time at which a previous value expires; `None` if none does.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        let mut earliest = self.root.versions().grace_period_end();
        for value in self.derived() {
            earliest = earlier(earliest, value.versions().grace_period_end());
        }
        earliest
    }

    /// When the source must be read again because files that belong together were written in part; `None` if none were.
    pub(crate) fn settle_deadline(&self) -> Option<Instant> {
        lock(&self.state).unsettled.until
    }

    /// Drops the previous values whose grace period is over.
    pub(crate) fn drop_expired(&self) {
        let mut retired = Retired::default();
        self.retire_expired(&mut retired);
        self.context.runtime().enter(|| drop(retired));
    }

    fn retire_expired(&self, retired: &mut Retired) {
        self.root.versions().retire_expired(retired);
        for value in self.derived() {
            value.versions().retire_expired(retired);
            retired.push(value);
        }
    }

    /// The values that are made from the app's own.
    fn derived(&self) -> Vec<Owner> {
        let mut state = lock(&self.state);
        remove_dead(&mut state.derived);
        filter_mapped(&state.derived, Weak::upgrade)
    }

    /// Sends a signal after each reload, which may have replaced a value that will expire, and at the end of the `Live`.
    pub(crate) fn add_wake_signal(&self, signal: &Arc<WakeSignal>) {
        self.subscribers.add_wake_signal(signal);
    }

    /// Takes over what is good of the fresh snapshot.
    fn take_over(&self, fresh: &ConfigVars, _: &ReloadGuard<'_>, retired: &mut Retired) -> Change {
        let current = self.vars();
        let accepted = self.accept(&current, fresh);
        let (vars, difference) = (accepted.vars, accepted.difference);
        let mut state = lock(&self.state);
        if !difference.is_empty() {
            state.generation += 1;
            retired.push(std::mem::take(&mut state.present));
        }
        self.root.commit(state.generation, &vars, retired);
        self.root.versions().retire_expired(retired);
        retired.push(std::mem::replace(&mut state.vars, vars));
        state.stale_in_snapshot = accepted.stale;
        let failure = state.source_failure.take();
        let has_recovered = failure.is_some();
        retired.push(failure);
        let must_notify =
            state.refresh_stale(self.clock(), retired) || has_recovered || !difference.is_empty();
        let change = difference.into_change(state.generation, state.stale.clone());
        if must_notify {
            self.subscribers.push(&change, retired);
        }
        change
    }

    /// Makes the outdated values again, parents before their children, each in use as soon as it is made. Returns whether
    /// an async one was skipped.
    fn update_values(&self, driving: Driving, _: &ReloadGuard<'_>, retired: &mut Retired) -> bool {
        let mut has_skipped = false;
        // By address.
        let mut done: Vec<usize> = Vec::new();
        loop {
            // Values that were added meanwhile may have been made from what is now replaced.
            let mut values: Vec<Owner> = Vec::new();
            for value in self.derived() {
                if insert_in_order(&mut done, Arc::as_ptr(&value).addr()) {
                    values.push(value);
                }
            }
            if values.is_empty() {
                break;
            }
            for value in values {
                value.versions().retire_expired(retired);
                if value.is_outdated() {
                    if value.is_async() && driving == Driving::Sync {
                        has_skipped = true;
                    } else {
                        self.note_driving(value.is_async());
                        self.rebuild(&value, retired);
                        self.note_driving(false);
                    }
                }
                // Its address must not be used again while it is in `done`.
                retired.push(value);
            }
        }
        let mut state = lock(&self.state);
        if state.refresh_stale(self.clock(), retired) {
            let change = Difference::default().into_change(state.generation, state.stale.clone());
            self.subscribers.push(&change, retired);
        }
        has_skipped
    }

    fn rebuild(&self, value: &Owner, retired: &mut Retired) {
        let commit = value.rebuild(&self.vars());
        // Under the lock, so that no value is added meanwhile that was made from the replaced one.
        let state = lock(&self.state);
        commit(retired);
        drop(state);
    }

    /// Finds the part of the fresh snapshot that has no fault and that the app's value accepts.
    fn accept(&self, current: &ConfigVars, fresh: &ConfigVars) -> Accepted {
        let waiting_since = std::mem::take(&mut lock(&self.state).unsettled.waiting_since);
        if is_same_snapshot(current, fresh) {
            // Without a stale entry, the snapshot in use has no fault, and its discovery can be skipped.
            let stale = if lock(&self.state).stale_in_snapshot.is_empty() {
                StaleEntries::default()
            } else {
                Discovered::of(current).faults()
            };
            return Accepted {
                vars: current.clone(),
                difference: Difference::default(),
                stale,
            };
        }
        let rule = SettleRule {
            clock: self.clock(),
            settle_time: self.context.settings.settle_time,
            waiting_since: &waiting_since,
        };
        let current = Discovered::of(current);
        let fresh = with_known_kinds(&current.attachments, fresh);
        let fresh = Discovered::of(&fresh);
        let inputs = self.root.inputs();
        let merge = SnapshotMerge::new(&current, &fresh, &|name| inputs.contains(name), &rule);
        self.note_unsettled(&merge.unsettled, &rule);
        accept(&**self.root, &merge, self.reloads_begun())
    }

    fn note_unsettled(&self, unsettled: &[(&str, Duration)], rule: &SettleRule<'_>) {
        let now = self.clock().now();
        let mut noted = Unsettled::default();
        for (name, remaining) in unsettled {
            let since = rule.waiting_since(name).unwrap_or(now);
            noted.waiting_since.push(((*name).into(), since));
            let deadline = now.checked_add(*remaining);
            noted.until = earlier(noted.until, deadline);
        }
        lock(&self.state).unsettled = noted;
    }

    /// Records that the source could not be read. Everything stays as it is.
    fn note_failure(&self, error: AppError, retired: &mut Retired) -> Error {
        {
            let mut state = lock(&self.state);
            let earlier = state.source_failure.take();
            let must_notify = earlier
                .as_ref()
                .is_none_or(|earlier| earlier.error.shown() != error.shown());
            let (since, failures) = match &earlier {
                Some(earlier) => (earlier.since, earlier.failures),
                None => (Timestamp::now(self.clock()), 0),
            };
            state.source_failure = Some(SourceFailure {
                error: error.clone(),
                since,
                failures: failures.saturating_add(1),
            });
            retired.push(earlier);
            if must_notify {
                let change =
                    Change::source_failed(state.generation, state.stale.clone(), error.shown().clone());
                self.subscribers.push(&change, retired);
            }
        }
        self.retire_expired(retired);
        error.into()
    }

    /// Adds a value, which is rebuilt from now on. On this thread, it is made again until it is up to date.
    ///
    /// The reload lock is not needed, so this does not wait for a source that hangs: a reload commits each value under the
    /// lock of the state, and at its end looks for values that were added meanwhile.
    pub(super) fn add(&self, value: &Owner) -> Result<(), Error> {
        loop {
            {
                let mut state = lock(&self.state);
                if !value.is_outdated() {
                    prune(&mut state.derived);
                    state.derived.push(Arc::downgrade(value));
                    return Ok(());
                }
            }
            let mut retired = Retired::default();
            self.rebuild(value, &mut retired);
            drop(retired);
            if let Some(failure) = value.failure() {
                return Err(failure.into());
            }
        }
    }

    pub(super) fn subscribe(&self, callback: Callback) -> Subscription {
        // Under the lock of the state, so that each change is either part of this state or comes after it.
        let state = lock(&self.state);
        let subscription = self.subscribers.add(callback, false);
        let known = state.present.clone();
        let (vars, generation, stale) = (state.vars.clone(), state.generation, state.stale.clone());
        drop(state);
        let present = match known {
            Some(present) => present,
            None => self.make_present(&vars, generation, stale),
        };
        self.subscribers.introduce(&subscription, present);
        self.subscribers.deliver();
        subscription
    }

    /// Makes the present state as subscribers receive it first. Not under a lock, because discovery may take long.
    fn make_present(&self, vars: &ConfigVars, generation: u64, stale: StaleList) -> Change {
        let nothing = ConfigVars::default();
        let difference = Difference::between(&Discovered::of(&nothing), &Discovered::of(vars));
        let present = difference.into_change(generation, stale.clone()).into_first();
        let mut state = lock(&self.state);
        if state.generation == generation && Arc::ptr_eq(&state.stale, &stale) {
            state.present = Some(present.clone());
        }
        present
    }

    pub(super) fn status(&self) -> Status {
        let state = lock(&self.state);
        Status {
            clock: self.clock().clone(),
            generation: state.generation,
            stale: state.stale.clone(),
            source_failure: state.source_failure.clone(),
            hanging_reload: match state.active {
                Some(active) if active.hangs(self.clock()) => Some(active),
                _ => None,
            },
            remembered: state.vars.remembered(),
        }
    }

    /// The config vars in use.
    pub(super) fn vars(&self) -> ConfigVars {
        lock(&self.state).vars.clone()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.context.clock
    }

    pub(super) fn listen(&self, events: &SourceEvents) {
        isolate(|| self.source.enter(|source| source.listen(events)));
    }

    /// Returns whether the source has reported a change since the last read began.
    pub(crate) fn has_unread_push(&self) -> bool {
        self.pushes.load(Ordering::Acquire) != self.pushes_read.load(Ordering::Acquire)
    }

    /// Asks the source for a newer value, because the one in use was refused.
    pub(super) fn want_newer(&self) {
        isolate(|| self.source.enter(|source| source.want()));
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
}

impl NotePush for Reloader {
    /// Wakes the watches, and begins the reload that callers wait for.
    fn note_push(&self) {
        self.pushes.fetch_add(1, Ordering::AcqRel);
        self.subscribers.wake_watches();
        self.shared_reload.begin_now();
    }
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.subscribers.close();
    }
}

impl ReloaderState {
    /// Collects the stale entries again; those that were stale before keep their `since`. Returns whether any entry is new
    /// or has gone. What may be the last reference to something of the app is retired.
    fn refresh_stale(&mut self, clock: &Clock, retired: &mut Retired) -> bool {
        let mut entries = self.stale_in_snapshot.clone();
        let mut counts = SortedMap::default();
        for value in filter_mapped(&self.derived, Weak::upgrade) {
            if let Some(error) = value.failure() {
                let entry = StaleEntry {
                    kind: StaleKind::Derived,
                    error,
                };
                entries.insert(unused_name(value.name(), &mut counts, &entries), entry);
            }
            retired.push(value);
        }
        let now = Timestamp::now(clock);
        let before = std::mem::take(&mut self.stale);
        let mut stale = Vec::new();
        // Sorted by name.
        let since = |name: &str| {
            let known = find_place(before.len(), &|index| (*before[index].name).cmp(name));
            match known {
                Ok(place) => before[place].since,
                Err(_) => now,
            }
        };
        for (name, entry) in entries.into_entries() {
            stale.push(Stale {
                clock: clock.clone(),
                since: since(&name),
                name,
                entry,
            });
        }
        self.stale = Arc::new(stale);
        if !are_alike(&before, &self.stale, |_| true) {
            retired.push(std::mem::take(&mut self.present));
        }
        // Files that are about to be written are not worth a notification.
        let counts = |stale: &Stale| !matches!(stale.error().fault(), Fault::HalfWritten);
        let is_same = are_alike(&before, &self.stale, counts);
        retired.push(before);
        !is_same
    }
}

/// Returns whether those entries of two lists that count say the same.
fn are_alike(one: &[Stale], other: &[Stale], counts: fn(&Stale) -> bool) -> bool {
    let counts = |stale: &&Stale| counts(stale);
    let mut others = other.iter().filter(counts);
    for stale in one.iter().filter(counts) {
        if !others.next().is_some_and(|other| stale.is_like(other)) {
            return false;
        }
    }
    others.next().is_none()
}

/// Which closures a reload runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Driving {
    All,
    /// Those that are not async.
    Sync,
}

/// A name, numbered if it is taken, because two values may have the same type. `counts` has the number that each name of a type
/// has reached, so that the search does not begin anew for each of many values.
fn unused_name(name: Box<str>, counts: &mut SortedMap<Box<str>, u32>, taken: &StaleEntries) -> Box<str> {
    if taken.get(&*name).is_none() {
        return name;
    }
    let count = counts.entry(name.clone());
    loop {
        *count += 1;
        // The first one has no number.
        let numbered = format!("{name} ({})", *count + 1);
        if taken.get(&*numbered).is_none() {
            return numbered.into();
        }
    }
}
