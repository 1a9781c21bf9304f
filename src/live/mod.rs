//! [`Live`]: a value that follows its source through credential rolls.
//!
//! A reload has these steps, one module each:
//!
//! 1. [`reloader`] takes the reload lock and reads the source.
//! 2. [`last_good`] splits the snapshots into components, and keeps those that are malformed, incomplete or still being
//!    written ([`settle_time`]).
//! 3. [`accept`] keeps the components that the app's value rejects.
//! 4. [`diff`] compares the result with the snapshot in use, by attachment; the public form is a [`change`].
//! 5. [`derived`] rebuilds the values whose inputs changed, and swaps them in.
//! 6. [`status`] has what stayed stale, and [`subscribers`] delivers the change.
//!
//! [`retry_on`] reloads when a server refuses a credential; the parts of that are in [`retry`].

// Each group imports only from the groups above it.

mod isolate;
mod settle_time;
mod status;
mod type_name;

mod change;
mod retry;

mod context;
mod diff;
mod subscribers;

mod derived;
mod last_good;

mod accept;

mod reloader;

mod retry_on;
mod weak;

pub use change::{Aspect, AttachmentChange, Change};
pub use retry_on::RetryError;
pub use status::{Stale, StaleKind, Status};
pub use subscribers::{Changes, Subscription};
pub use weak::WeakLive;

use crate::error::Error;
use crate::source::Source;
use crate::vars::ConfigVars;
use context::Context;
use derived::{Derived, Generation};
pub(crate) use isolate::isolate;
pub(crate) use reloader::Reloader;
use retry::shared_reload::SharedReload;
use serde::de::DeserializeOwned;
use settle_time::{DEFAULT_SETTLE_TIME, SettleRule};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
pub(crate) use subscribers::WakeSignal;

/// A value that follows its source: the app's struct, the config vars themselves, or a client made from them.
///
/// [`load`](Self::load) returns the current value without a lock. [`reload`](Self::reload) reads the source again. Nothing
/// changes until the app calls `reload`, starts a [watch](Self::watch), or uses [`retry_on`](Self::retry_on): a `Live`
/// alone has no thread. Clones share one value, and so do the values that are [mapped](Self::map) from it.
///
/// A reload never leaves the app with less than it had. An attachment that is malformed or incomplete in the source keeps
/// its last good values as a whole, while others are updated; [`status`](Self::status) reports which, since when and why.
/// If the source cannot be read, everything stays as it was.
///
/// Load once for each unit of work. Two loads may return two generations:
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret, Live, MysqlUrl};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     jawsdb_url: MysqlUrl,
/// }
///
/// let source = || Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]));
/// let live: Live<Config> = Live::new(source)?;
///
/// // Wrong: a reload in between mixes two generations.
/// let mixed = (live.load().jawsdb_url.username().cloned(), live.load().jawsdb_url.password().cloned());
/// # drop(mixed);
///
/// // Right: one load.
/// let config = live.load();
/// let (user, password) = (config.jawsdb_url.username(), config.jawsdb_url.password());
/// assert_eq!(user.zip(password).map(|(u, p)| (u.expose_secret(), p.expose_secret())), Some(("app", "pw")));
/// # Ok::<(), config_vars::Error>(())
/// ```
pub struct Live<T> {
    pub(crate) reloader: Arc<Reloader>,
    shared_reload: Arc<SharedReload>,
    derived: Arc<Derived<T>>,
}

/// A clone is a handle to the same `Live`.
impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self {
            reloader: self.reloader.clone(),
            shared_reload: self.shared_reload.clone(),
            derived: self.derived.clone(),
        }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Live<T> {
    /// Follows a source with the app's own struct, as [`ConfigVars::extract`] reads it.
    ///
    /// The first read happens on the calling thread, and so does each [`reload`](Self::reload); a
    /// [watch](Self::watch) reads on a thread of its own.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Live, MysqlUrl};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    /// }
    ///
    /// let source = || Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]));
    /// let live: Live<Config> = Live::new(source)?;
    /// assert_eq!(live.load().jawsdb_url.host(), Some("db.example"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read, or if its config vars do not fit the struct: all faults in one error.
    pub fn new(source: impl Source + 'static) -> Result<Self, Error> {
        Self::follow(source, true, ConfigVars::extract)
    }
}

impl Live<ConfigVars> {
    /// Follows a source with the config vars themselves.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Live, MysqlUrl};
    ///
    /// let source = || Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]));
    /// let live = Live::from_vars(source)?;
    /// let db: MysqlUrl = live.load().only()?;
    /// assert_eq!(db.host(), Some("db.example"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    pub fn from_vars(source: impl Source + 'static) -> Result<Self, Error> {
        Self::follow(source, true, |vars| Ok(vars.clone()))
    }
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Follows a source with a value that a closure makes from the config vars.
    ///
    /// The closure runs again when a config var that it read has changed, on the thread that reloads. If it fails, the
    /// config vars that its error names keep their last good values. It must not call `reload` or `map` of this `Live`.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Live, MongoUrl};
    ///
    /// let source = || Ok(ConfigVars::from_iter([("MONGODB_URI", "mongodb://app:pw@db.example/shop")]));
    /// let live: Live<MongoUrl> = Live::from_fn(source, |vars| vars.only())?;
    /// assert_eq!(live.load().database(), Some("shop"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read, or if the closure fails.
    pub fn from_fn(
        source: impl Source + 'static,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::follow(source, false, make)
    }

    fn follow(
        source: impl Source + 'static,
        tracks_reads: bool,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut vars = source.read()?;
        let rule = SettleRule {
            settle_time: DEFAULT_SETTLE_TIME,
            waiting_since: &HashMap::new(),
        };
        if let Some(remaining) = last_good::first_settle_time(&vars, &rule) {
            std::thread::sleep(remaining);
            vars = source.read()?;
        }
        let context = Arc::<Context>::default();
        let derived = Derived::from_vars(context.clone(), &vars, tracks_reads, make)?;
        let reloader = Reloader::new(context, Box::new(source), vars, derived.clone());
        Ok(Self {
            shared_reload: SharedReload::new(reloader.clone()),
            reloader,
            derived,
        })
    }

    /// Returns the current value. It takes no lock that a reload holds, and never waits.
    ///
    /// The guard is meant for a unit of work. A guard that is kept for long keeps its generation, with its secrets, in
    /// memory; to keep a value, use [`load_full`](Self::load_full), which is slower to get and cheaper to keep.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.load().get("PORT").is_some());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn load(&self) -> Guard<T> {
        Guard(self.derived.current.load())
    }

    /// Returns the current value in an `Arc`, to be kept or sent to another thread.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let vars = live.load_full();
    /// std::thread::spawn(move || assert!(vars.get("PORT").is_some())).join().unwrap();
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn load_full(&self) -> Arc<T> {
        self.derived.current.load().value.clone()
    }

    /// Returns the number of the generation that the value was made from.
    ///
    /// It is 1 at first, and grows with each reload that changes what the value is made from.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.generation(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.derived.current.load().number
    }

    /// Returns the previous value, if its grace period is not over.
    ///
    /// It has the old credential. Many providers accept that for an hour or two after a roll, while the new one may be
    /// refused for minutes.
    ///
    /// An expired value is dropped and wiped by the next call of this method or of [`retry_on`](Self::retry_on), by a
    /// reload, or by a [watch](Self::watch), whichever comes first.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.previous().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn previous(&self) -> Option<Arc<T>> {
        self.derived.previous().map(|generation| generation.value.clone())
    }

    /// Sets how long a replaced value remains available: 5 minutes by default.
    ///
    /// [`previous`](Self::previous) returns that value, and [`retry_on`](Self::retry_on) uses it. The setting applies to
    /// later reloads, and to all values of this source.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_grace_period(std::time::Duration::ZERO); // nothing is kept
    /// assert!(live.previous().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_grace_period(&self, grace_period: Duration) {
        self.reloader.set(|settings| settings.grace_period = grace_period);
    }

    /// Sets how long a reload waits for the other files of an attachment after one was written: 2 seconds by default.
    ///
    /// It is for folders with one file per value ([`EnvDir`](crate::EnvDir) and similar sources) whose writer writes one
    /// file after the other. It prevents a new user name from being used with the old password, if the password follows
    /// within this time. Until then the attachment keeps its last good values.
    ///
    /// The attachment is updated as soon as all its files are written, or after five times the settle time. Other
    /// attachments are updated at once, and so are folders that are swapped and files with several values. A
    /// [watch](Self::watch) reads again when the time is over. The first read waits in the same way, with the default.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_settle_time(std::time::Duration::ZERO); // each file is used at once
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_settle_time(&self, settle_time: Duration) {
        self.reloader.set(|settings| settings.settle_time = settle_time);
    }

    /// Reads the source again, and takes over what is good.
    ///
    /// Returns what changed; [`Change::stale`] has what was rejected.
    ///
    /// This blocks: it reads the source on the calling thread, and waits for a reload in progress. From async code, call it
    /// in `spawn_blocking` or the like. Concurrent [`load`](Self::load)s are not blocked.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let change = live.reload()?;
    /// assert!(change.is_empty());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read. Everything then stays as it was.
    pub fn reload(&self) -> Result<Change, Error> {
        self.reloader.reload()
    }

    /// Builds a value from this one, such as a pool, and rebuilds it when needed.
    ///
    /// The closure first runs on the calling thread, once a reload in progress has ended. Later it runs on the thread that
    /// reloads, which may have no async runtime. It must not call `reload`, `map` or `retry_on` of this `Live`. Use its
    /// argument rather than `load`, which returns the old value until the reload ends.
    ///
    /// If the closure fails or panics in a reload, the earlier value stays in use, [`status`](Self::status) says so, and
    /// each reload tries again. Meanwhile this `Live` has the new generation, and the mapped value the old one.
    ///
    /// If a credential changed, [`previous`](Self::previous) returns the replaced value during the
    /// [grace period](Self::set_grace_period). The value is then dropped once nobody uses it, so requests in progress
    /// finish. After any other change there is no grace period.
    ///
    /// The closure runs again if something that it read has changed:
    ///
    /// - With [`new`](Self::new), the crate records which typed URLs the closure uses, so a pool that is made from one URL
    ///   is not rebuilt when another one rolls. Fields of other types always count as read.
    /// - With [`from_vars`](Self::from_vars), the crate records the names of the config vars that the closure reads.
    /// - With [`from_fn`](Self::from_fn), and for a value that was itself mapped, the closure runs again whenever this value
    ///   was rebuilt.
    ///
    /// # Limitations
    ///
    /// Cloning an `Arc` of a URL is not recorded as a read. If the closure reads one URL and only clones the `Arc` of
    /// another, the result does not follow rolls of the other. Read that URL in the closure too, or clone the URL itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use config_vars::{ConfigVars, Live, MysqlUrl};
    ///
    /// struct Pool(String);
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    /// }
    ///
    /// let source = || Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]));
    /// let live: Live<Config> = Live::new(source)?;
    /// let pools = live.map(|config| Ok(Pool(config.jawsdb_url.expose_url().to_owned())))?;
    /// assert!(pools.load().0.starts_with("mysql://"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the closure fails or panics, or if `map` is called from a closure that builds a value of this
    /// `Live`.
    pub fn map<U: Send + Sync + 'static>(
        &self,
        make: impl Fn(&T) -> Result<U, Error> + Send + Sync + 'static,
    ) -> Result<Live<U>, Error> {
        let guard = self.reloader.lock_reloads()?;
        let vars = self.reloader.vars();
        let derived = Derived::from_parent(self.derived.clone(), &vars, self.generation(), make)?;
        self.reloader.add(&derived, &guard);
        drop(guard);
        Ok(Live {
            reloader: self.reloader.clone(),
            shared_reload: self.shared_reload.clone(),
            derived,
        })
    }

    /// Calls back at each change, and at once with the present state, in which every attachment is
    /// [added](Aspect::Added).
    ///
    /// Callbacks also receive what became stale, and failed reads of the source. They run one after the other, in order, on
    /// the thread that reloads; the first call is on the calling thread. A slow callback delays the others but never a
    /// [`load`](Self::load). All changes that happen before a callback is called reach it as one change. A callback may use
    /// the `Live` in any way, including a reload. A panic in the callback is caught. A reload that hangs calls nobody; see
    /// [`Status::reload_hangs_since`].
    ///
    /// A callback that holds a clone of its own `Live` keeps it alive: after the last other handle is gone, the source, its
    /// secrets and the threads of detached watches stay for as long as the callback is subscribed. Use a [`WeakLive`]
    /// instead.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::sync::mpsc;
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop")])))?;
    /// let (log, lines) = mpsc::channel();
    /// let subscription = live.subscribe(move |change| log.send(change.to_string()).unwrap());
    /// assert_eq!(lines.recv().unwrap(), "generation 1, first | JAWSDB: [added]");
    /// # drop(subscription);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn subscribe(&self, callback: impl Fn(&Change) + Send + Sync + 'static) -> Subscription {
        self.reloader.subscribe(Box::new(callback))
    }

    /// Calls back at each change from now on. It does the same as [`subscribe`](Self::subscribe), without the first call
    /// for the present state.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::sync::mpsc;
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let (log, lines) = mpsc::channel();
    /// let subscription = live.subscribe_changes(move |change| log.send(change.to_string()).unwrap());
    /// live.reload()?;
    /// assert!(lines.try_recv().is_err()); // nothing has changed
    /// # drop(subscription);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn subscribe_changes(&self, callback: impl Fn(&Change) + Send + Sync + 'static) -> Subscription {
        self.reloader.subscribe_changes(Box::new(callback))
    }

    /// Returns a receiver of all changes from now on.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// let mut changes = live.changes();
    /// let change = changes.wait(std::time::Duration::from_millis(1)); // or: changes.changed().await
    /// assert!(change.is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.reloader.changes()
    }

    /// Returns the health of this `Live`: what is stale, since when, and why.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p#w@db.example/shop")])))?;
    /// assert_eq!(
    ///     live.status().to_string(),
    ///     "generation 1 | JAWSDB: was never good, for 0 s: JAWSDB_URL: the password holds an unencoded `#`; write `%23`"
    /// );
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        self.reloader.status()
    }

    /// Returns the config vars in use: the good ones of the source, and the last good values of the others.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.vars().len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn vars(&self) -> ConfigVars {
        self.reloader.vars()
    }
}

impl<T> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("status", &self.reloader.status())
            .finish()
    }
}

/// The value of a [`Live`] as it was when it was loaded; dereferences to it.
///
/// ```
/// use config_vars::{ConfigVars, Guard, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let vars = live.load();
/// assert_eq!(Guard::generation(&vars), 1);
/// # Ok::<(), config_vars::Error>(())
/// ```
pub struct Guard<T>(arc_swap::Guard<Arc<Generation<T>>>);

impl<T> Guard<T> {
    /// Returns the number of the value's generation.
    ///
    /// This is an associated function, so that it does not hide a method of `T`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Guard, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert_eq!(Guard::generation(&live.load()), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(guard: &Self) -> u64 {
        guard.0.number
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Guard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt(self, f)
    }
}
