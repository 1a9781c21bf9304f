//! The reload: from the source to all who follow, in one order, one at a time.

use super::change::{self, Difference};
use super::context::Context;
use super::flight::Flight;
use super::hub::{Callback, Hub, prune};
use super::isolate::isolate;
use super::keep::{Discovered, Merge, Merged};
use super::node::{Follow, Garbage, Turn};
use super::rest::{self, Rest};
use super::status::{Activity, Holder, Moment, Stale, StaleKind, Status, Trouble};
use super::{Change, Changes, Subscription};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Fault};
use crate::source::Source;
use crate::vars::ConfigVars;
use std::collections::{BTreeMap, BTreeSet, HashMap};
#[cfg(feature = "notify")]
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Wakes a thread that waits for something to do. A bell that was rung already need not be rung again, so it holds one.
pub(crate) type Bell = SyncSender<()>;

/// What all clones of a `Live`, and all that are mapped from it, share.
pub(crate) struct Core {
    pub(super) context: Arc<Context>,
    source: Box<dyn Source>,
    root: Arc<dyn Follow>,
    /// Held while the source is read and values are made; never by whoever loads.
    reloading: Mutex<()>,
    /// Who holds it.
    holder: Mutex<Option<Holder>>,
    /// Held for moments only.
    state: Mutex<State>,
    /// The numbers of the last reload that began, and of the last that ended.
    begun: AtomicU64,
    ended: AtomicU64,
    pub(super) flight: Flight,
    /// Rung after each reload, and at the end.
    bells: Mutex<Vec<Weak<Bell>>>,
    // Last, for its end is what those who wait are told.
    hub: Arc<Hub>,
}

struct State {
    generation: u64,
    vars: ConfigVars,
    stale: Vec<Stale>,
    trouble: Option<Trouble>,
    /// In the order in which they were made, parents first.
    derived: Vec<Weak<dyn Follow>>,
    settings: Settings,
    resting: Resting,
}

/// The config vars that wait for others of their attachment to be written.
#[derive(Default)]
struct Resting {
    /// Since when, by the first name of what belongs together.
    since: HashMap<Box<str>, Instant>,
    /// When the source is to be read again; `None` if nothing waits.
    until: Option<Instant>,
}

#[derive(Clone, Copy)]
pub(super) struct Settings {
    pub(super) grace_period: Duration,
    pub(super) retry_timeout: Duration,
    pub(super) max_retries: u32,
    pub(super) settle_time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            grace_period: Duration::from_secs(5 * 60),
            retry_timeout: Duration::from_secs(10),
            max_retries: 5,
            settle_time: rest::REST,
        }
    }
}

/// The right to reload, or to add what a reload makes again.
pub(super) struct Turnstile<'c> {
    core: &'c Core,
    _one_at_a_time: MutexGuard<'c, ()>,
}

impl Drop for Turnstile<'_> {
    fn drop(&mut self) {
        *lock(&self.core.holder) = None;
    }
}

impl Core {
    pub(super) fn new(
        context: Arc<Context>,
        source: Box<dyn Source>,
        vars: ConfigVars,
        root: Arc<dyn Follow>,
    ) -> Arc<Self> {
        let now = Moment::now();
        let stale = |(name, (kind, error))| Stale {
            name,
            kind,
            since: now,
            error,
        };
        let stale = Discovered::of(&vars).faults().map(stale).collect();
        Arc::new(Self {
            context,
            source,
            root,
            reloading: Mutex::default(),
            holder: Mutex::default(),
            state: Mutex::new(State {
                generation: 1,
                stale,
                vars,
                trouble: None,
                derived: Vec::new(),
                settings: Settings::default(),
                resting: Resting::default(),
            }),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            flight: Flight::default(),
            bells: Mutex::default(),
            hub: Arc::default(),
        })
    }

    /// Waits for its turn.
    pub(super) fn enter(&self) -> Result<Turnstile<'_>, Error> {
        // It would wait for itself.
        if lock(&self.holder).is_some_and(|holder| holder.is_this_thread()) {
            return Err(Error::new(Fault::Reentrant));
        }
        let one_at_a_time = lock(&self.reloading);
        *lock(&self.holder) = Some(Holder::new(Activity::Making));
        Ok(Turnstile {
            core: self,
            _one_at_a_time: one_at_a_time,
        })
    }

    pub(crate) fn reload(&self) -> Result<Change, Error> {
        let (result, garbage) = {
            let turnstile = self.enter()?;
            let number = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            let mut garbage = Garbage::new();
            *lock(&self.holder) = Some(Holder::new(Activity::Reading));
            // This read is the one that was waited for, whatever comes of it.
            self.lock().resting.until = None;
            // A source that panics counts as one that cannot be read.
            let read = isolate(|| self.source.read());
            *lock(&self.holder) = Some(Holder::new(Activity::Making));
            let result = match read.unwrap_or_else(|| Err(Error::new(Fault::Panicked))) {
                Ok(fresh) => Ok(self.follow(&fresh, &turnstile, &mut garbage)),
                Err(error) => Err(self.stay(error, &mut garbage)),
            };
            self.ended.store(number, Ordering::Release);
            (result, garbage)
        };
        // The `Drop` of a client may panic, and subscribers must be told even then.
        isolate(|| drop(garbage));
        self.ring();
        self.hub.deliver();
        result
    }

    /// The earliest time at which a previous value expires, if any, or at which to look again.
    pub(crate) fn next_sweep(&self) -> Option<Instant> {
        let followers = self.followers();
        let expiry = followers
            .iter()
            .filter_map(|follower| follower.grace_end())
            .min()?;
        Some(Instant::now() + self.clock().wait_until(expiry))
    }

    /// When the source is to be read again, because files that belong together were not all written.
    pub(crate) fn rest_end(&self) -> Option<Instant> {
        self.lock().resting.until
    }

    /// Lets go of the previous values whose grace period is over.
    pub(crate) fn sweep(&self) {
        let mut garbage = Garbage::new();
        self.followers()
            .iter()
            .for_each(|follower| follower.sweep(&mut garbage));
    }

    fn followers(&self) -> Vec<Arc<dyn Follow>> {
        let derived = self.lock().derived.iter().filter_map(Weak::upgrade).collect();
        [vec![self.root.clone()], derived].concat()
    }

    /// Rings a bell after each reload, which may have left something to be swept, and when the last `Live` is gone.
    pub(crate) fn add_bell(&self, bell: &Arc<Bell>) {
        let mut bells = lock(&self.bells);
        prune(&mut bells);
        bells.push(Arc::downgrade(bell));
    }

    fn ring(&self) {
        // A bell that is full was rung already.
        lock(&self.bells)
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|bell| _ = bell.try_send(()));
    }

    /// Goes from the current snapshot to the fresh one, as far as that is good.
    fn follow(&self, fresh: &ConfigVars, _: &Turnstile<'_>, garbage: &mut Garbage) -> Change {
        let (current, settings, followers) = {
            let mut state = self.lock();
            state.derived.retain(|follower| follower.strong_count() > 0);
            let followers: Vec<_> = state.derived.iter().filter_map(Weak::upgrade).collect();
            (state.vars.clone(), state.settings, followers)
        };
        let resting = std::mem::take(&mut self.lock().resting);
        let rest = Rest {
            period: settings.settle_time,
            since: &resting.since,
        };
        let (vars, difference, mut found) = self.settle(&current, fresh, &rest);
        let turn = Turn {
            vars: &vars,
            difference: &difference,
        };
        for follower in &followers {
            if let Err(error) = follower.prepare(&turn) {
                // Two may be of one type.
                let mut name = follower.name().to_owned();
                let mut count = 1;
                while found.contains_key(name.as_str()) {
                    count += 1;
                    name = format!("{} ({count})", follower.name());
                }
                found.insert(name.into(), (StaleKind::Derived, error));
            }
        }
        let mut state = self.lock();
        state.generation += u64::from(!difference.is_empty());
        for follower in std::iter::once(&self.root).chain(&followers) {
            follower.commit(state.generation, &vars, settings.grace_period, garbage);
            follower.sweep(garbage);
        }
        garbage.push(Box::new(std::mem::replace(&mut state.vars, vars)));
        garbage.push(Box::new(followers));
        let has_recovered = state.trouble.take().is_some();
        let is_news = state.note_stale(found) || has_recovered || !difference.is_empty();
        let change = Change::new(state.generation, difference, state.stale.clone());
        if is_news {
            self.hub.push(&change);
        }
        change
    }

    /// Merges the fresh snapshot into the current one until the app's own value can be made of it. What it cannot be
    /// made of stays as it was; in the end that is everything, of which it was made before.
    fn settle(
        &self,
        current: &ConfigVars,
        fresh: &ConfigVars,
        rest: &Rest<'_>,
    ) -> (ConfigVars, Difference, Found) {
        if change::is_same_snapshot(current, fresh) {
            // What has a fault is looked for again only if there was one.
            let stale = match self.lock().stale.is_empty() {
                true => Found::new(),
                false => Discovered::of(current).faults().collect(),
            };
            return (current.clone(), Difference::default(), stale);
        }
        let old = Discovered::of(current);
        let new = Discovered::of(fresh);
        let read = self.root.seen();
        let merge = Merge::new(
            &old,
            &new,
            |name| read.values.has(name) || read.carried.has(name),
            rest,
        );
        self.note_resting(&merge.resting, rest);
        let mut refused = BTreeMap::new();
        let mut passes = 0;
        let mut is_sifted = false;
        loop {
            let Merged { vars, stale } = merge.merge(&refused);
            let difference = match &vars {
                None => Difference::between(&old, &new),
                Some(vars) => Difference::between(&old, &Discovered::of(vars)),
            };
            if difference.is_empty() {
                self.root.discard();
                return (current.clone(), difference, stale);
            }
            let vars = vars.unwrap_or_else(|| fresh.clone());
            let turn = Turn {
                vars: &vars,
                difference: &difference,
            };
            let Err(error) = self.root.prepare(&turn) else {
                return (vars, difference, stale);
            };
            let known = refused.len();
            passes += 1;
            if passes < MOST_PASSES {
                let is_known =
                    |name: &&str| [current, fresh].iter().any(|vars| vars.find_var(name).is_some());
                for fault in error.faults() {
                    for name in to_blame(fault, &difference, fresh).into_iter().filter(is_known) {
                        refused.entry(name.into()).or_insert_with(|| fault.clone());
                    }
                }
            }
            let names_a_var = error.faults().any(|fault| fault.var().is_some());
            if refused.len() == known && names_a_var && !is_sifted {
                is_sifted = true;
                self.sift(&merge, &mut refused);
            }
            if refused.len() == known {
                // The app judges the whole, or is not of one mind; so everything stays that has changed.
                let names = difference.names();
                refused.extend(names.map(|name| (name.into(), error.clone())));
            }
            if refused.len() == known {
                self.root.discard();
                return (current.clone(), Difference::default(), stale);
            }
        }
    }

    /// Tries the components of the fresh snapshot by halves, for an app whose closure stops at its first fault. Each
    /// failure refuses what it names, and what is left is halved, so that the number of tries grows with that of faults.
    fn sift(&self, merge: &Merge<'_, '_>, refused: &mut BTreeMap<Box<str>, Error>) {
        let (attachments, mut others) = merge.open(refused);
        let start = self.reloads_begun() as usize % others.len().max(1);
        // What is left when the tries are used up has its turn at another reload, which starts elsewhere.
        others.rotate_left(start);
        let mut taken = BTreeSet::new();
        // The last is tried first.
        let mut untried = vec![others, attachments];
        let mut tries = (MOST_SIFTED / merge.len().max(1)).max(FEWEST_TRIES);
        let mut last_error = None;
        while let Some(mut set) = untried.pop() {
            if set.is_empty() {
                continue;
            }
            if tries == 0 {
                let names = set.iter().map(|component| merge.first_name(*component).into());
                refused.extend(names.zip(last_error.clone().into_iter().cycle()));
                continue;
            }
            tries -= 1;
            taken.extend(&set);
            let vars = merge.taking(&taken);
            let difference = Difference::of_names(merge.current(), &vars);
            let turn = Turn {
                vars: &vars,
                difference: &difference,
            };
            let Err(error) = self.root.prepare(&turn) else {
                continue;
            };
            set.iter().for_each(|component| _ = taken.remove(component));
            let tried: BTreeSet<usize> = set.iter().copied().collect();
            let mut blamed = BTreeSet::new();
            for fault in error.faults() {
                for name in to_blame(fault, &difference, &vars) {
                    if let Some(component) = merge
                        .component(name)
                        .filter(|component| tried.contains(component))
                    {
                        refused.insert(name.into(), fault.clone());
                        blamed.insert(component);
                    }
                }
            }
            set.retain(|component| !blamed.contains(component));
            if blamed.is_empty() && set.len() == 1 {
                refused.insert(merge.first_name(set[0]).into(), error);
            } else {
                let half = set.split_off(set.len() / 2);
                untried.extend([half, set]);
                last_error = Some(error);
            }
        }
    }

    fn note_resting(&self, resting: &[(&str, Duration)], rest: &Rest<'_>) {
        let now = Instant::now();
        let since = |name: &str| rest.since.get(name).copied().unwrap_or(now);
        let resting = Resting {
            since: resting
                .iter()
                .map(|(name, _)| ((*name).into(), since(name)))
                .collect(),
            until: resting
                .iter()
                .filter_map(|(_, left)| now.checked_add(*left))
                .min(),
        };
        self.lock().resting = resting;
    }

    /// Takes note that the source cannot be read. Everything stays as it is.
    fn stay(&self, error: Error, garbage: &mut Garbage) -> Error {
        let followers: Vec<_> = {
            let mut state = self.lock();
            let trouble = state.trouble.take();
            let is_news = trouble.as_ref().is_none_or(|trouble| trouble.error != error);
            state.trouble = Some(Trouble {
                error: error.clone(),
                since: trouble.as_ref().map_or_else(Moment::now, |trouble| trouble.since),
                failures: trouble.map_or(0, |trouble| trouble.failures).saturating_add(1),
            });
            if is_news {
                let change = Change::source_failed(state.generation, state.stale.clone(), error.clone());
                self.hub.push(&change);
            }
            state.derived.iter().filter_map(Weak::upgrade).collect()
        };
        std::iter::once(&self.root)
            .chain(&followers)
            .for_each(|follower| follower.sweep(garbage));
        garbage.push(Box::new(followers));
        error
    }

    /// Adds what is made again when the config vars change. The caller holds the turnstile, so that no reload is missed.
    pub(super) fn add(&self, follower: &Arc<impl Follow + 'static>, _: &Turnstile<'_>) {
        let follower: Weak<dyn Follow> = Arc::<_>::downgrade(follower) as Weak<dyn Follow>;
        let mut state = self.lock();
        prune(&mut state.derived);
        state.derived.push(follower);
    }

    pub(super) fn subscribe(&self, callback: Callback) -> Subscription {
        let (subscription, vars, generation, stale) = {
            // Under the lock of the state, so that each change is either in this state or comes after it.
            let state = self.lock();
            let subscription = self.hub.subscribe(callback);
            (
                subscription,
                state.vars.clone(),
                state.generation,
                state.stale.clone(),
            )
        };
        // Not under a lock, because discovery may take long.
        let nothing = ConfigVars::default();
        let present = Difference::between(&Discovered::of(&nothing), &Discovered::of(&vars));
        self.hub
            .introduce(&subscription, Change::new(generation, present, stale));
        self.hub.deliver();
        subscription
    }

    pub(super) fn changes(&self) -> Changes {
        self.hub.changes()
    }

    pub(super) fn status(&self) -> Status {
        let holder = *lock(&self.holder);
        let state = self.lock();
        Status {
            generation: state.generation,
            stale: state.stale.clone(),
            source: state.trouble.clone(),
            hang: holder.filter(Holder::hangs),
        }
    }

    pub(super) fn present(&self) -> (ConfigVars, u64) {
        let state = self.lock();
        (state.vars.clone(), state.generation)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.context.clock
    }

    pub(super) fn settings(&self) -> Settings {
        self.lock().settings
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Settings)) {
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

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.ring();
    }
}

/// The config vars that a fault of the app's own value is about.
fn to_blame<'e>(fault: &'e Error, difference: &'e Difference, fresh: &ConfigVars) -> Vec<&'e str> {
    match (fault.var(), fault.kind()) {
        (Some(name), _) => vec![name],
        (None, ErrorKind::Ambiguous) => fault.candidates().collect(),
        // A search found nothing any more.
        (None, ErrorKind::Missing) => {
            let is_gone = |name: &&str| fresh.find_var(name).is_none();
            difference.names().filter(is_gone).collect()
        }
        (None, _) => Vec::new(),
    }
}

/// Maximum number of times that what an error names is refused before the rest is tried by halves.
const MOST_PASSES: u32 = 16;

/// Maximum number of config vars that are looked at in all tries by halves, but for the [`FEWEST_TRIES`].
const MOST_SIFTED: usize = 1_000_000;

/// Minimum number of tries by halves.
const FEWEST_TRIES: usize = 64;

/// What is not as the source has it, and why.
type Found = BTreeMap<Box<str>, (StaleKind, Error)>;

impl State {
    /// What was stale before is so since then. Returns whether there is anything new in it.
    fn note_stale(&mut self, found: Found) -> bool {
        let now = Moment::now();
        let before = std::mem::take(&mut self.stale);
        let known: HashMap<&str, Moment> = before.iter().map(|stale| (&*stale.name, stale.since)).collect();
        let since = |name: &str| known.get(name).copied().unwrap_or(now);
        self.stale = found
            .into_iter()
            .map(|(name, (kind, error))| Stale {
                since: since(&name),
                name,
                kind,
                error,
            })
            .collect();
        // Files that are about to be written are no news.
        let lasting = |stale: &&Stale| !matches!(stale.error.fault(), Fault::HalfWritten);
        let (before, now) = (before.iter().filter(lasting), self.stale.iter().filter(lasting));
        !(before.clone().count() == now.clone().count()
            && before.zip(now).all(|(before, now)| before.is_like(now)))
    }
}

/// Nothing that is kept under a lock is ever left half done, so a panic of somebody else's is no reason to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use crate::Live;
    use crate::vars::ConfigVars;
    use std::sync::Arc;
    use std::sync::mpsc::sync_channel;

    #[test]
    fn bells_of_watches_that_ended_take_no_room() {
        let live = Live::from_vars(|| Ok(ConfigVars::default())).unwrap();
        let kept = Arc::new(sync_channel(1).0);
        live.core.add_bell(&kept);
        for _ in 0..1_000 {
            live.core.add_bell(&Arc::new(sync_channel(1).0));
        }
        let bells = super::lock(&live.core.bells);
        assert!(bells.len() < 10, "{}", bells.len());
        assert!(bells.iter().any(|bell| bell.upgrade().is_some()));
    }
}
