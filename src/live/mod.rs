//! [`Live`]: the value that follows config vars through credential rolls.
//!
//! A reload goes through five rooms. `core` reads the source and lets one reload happen at a time; `keep` decides, by
//! attachment, what goes through and what stays as it was; `change` says what that amounts to; each `node` makes its
//! value again, or not; and `hub` tells who wants to know. `refusals` and `flight` are for `retry`, which answers a
//! refused credential.

mod change;
mod context;
mod core;
mod flight;
mod hub;
mod isolate;
mod keep;
mod node;
mod refusals;
mod rest;
mod retry;
mod status;
mod weak;

pub use change::{Aspect, AttachmentChange, Change};
pub use hub::{Changes, Subscription};
pub use retry::RetryError;
pub use status::{Stale, StaleKind, Status};
pub use weak::WeakLive;

pub(crate) use self::core::{Bell, Core};
use crate::error::Error;
use crate::source::Source;
use crate::vars::ConfigVars;
use context::Context;
pub(crate) use isolate::isolate;
use node::{Generation, Node};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// A value that follows its source: the app's struct, the config vars themselves, or a client made of them.
///
/// [`load`](Self::load) gives the value as it is now, without a lock. [`reload`](Self::reload) reads the source again; what
/// calls it is up to the app ([`watch`](Self::watch), a signal, a refused credential). Clones share one value, and so does
/// what is [mapped](Self::map) from it. Without a reload, nothing happens: there is no thread behind a `Live`.
///
/// A reload never leaves the app with less than it had. An attachment that is malformed in the source, or half gone,
/// stays as it was, as a whole, while others go through; [`status`](Self::status) tells which, since when and why. If the
/// source cannot be read, everything stays.
///
/// Load once for a unit of work, and use what was loaded throughout. Loaded twice, user and password may be of two
/// generations:
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
/// // Torn, if a reload comes in between:
/// let torn = (live.load().jawsdb_url.username().cloned(), live.load().jawsdb_url.password().cloned());
/// # drop(torn);
///
/// // Whole:
/// let config = live.load();
/// let (user, password) = (config.jawsdb_url.username(), config.jawsdb_url.password());
/// assert_eq!(user.zip(password).map(|(u, p)| (u.expose_secret(), p.expose_secret())), Some(("app", "pw")));
/// # Ok::<(), config_vars::Error>(())
/// ```
pub struct Live<T> {
    pub(crate) core: Arc<Core>,
    node: Arc<Node<T>>,
}

/// A clone is the same `Live`: whatever one of them reloads, all see.
impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            node: self.node.clone(),
        }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Live<T> {
    /// Follows a source with the app's own struct, as [`ConfigVars::extract`] reads it.
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
    /// The first read must succeed: the source's error, or all faults of the struct's config vars in one error.
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
    /// # drop(db);
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
    /// Follows a source with whatever a closure makes of the config vars. What it cannot be made of does not go through:
    /// it stays as it was, as a malformed value does.
    ///
    /// The closure is run again when what it read has changed. It must not call this `Live`.
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
    /// The first read must succeed: the source's error, or the closure's.
    pub fn from_fn(
        source: impl Source + 'static,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::follow(source, false, make)
    }

    fn follow(
        source: impl Source + 'static,
        notes: bool,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let mut vars = source.read()?;
        let rest = rest::Rest {
            period: rest::REST,
            since: &HashMap::new(),
        };
        if let Some(left) = keep::first_rest(&vars, &rest) {
            std::thread::sleep(left);
            vars = source.read()?;
        }
        let context = Arc::<Context>::default();
        let node = Node::root(context.clone(), &vars, notes, make)?;
        let core = Core::new(context, Box::new(source), vars, node.clone());
        Ok(Self { core, node })
    }

    /// The value as it is now. It takes no lock that a reload holds, and never waits.
    ///
    /// The guard is for a unit of work. One that is kept for long keeps its generation, with its secrets, in memory; take
    /// [`load_full`](Self::load_full) for that, which costs more to get and less to keep.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.load().get("PORT").is_some());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn load(&self) -> Guard<T> {
        Guard(self.node.current.load())
    }

    /// The value as it is now, to be kept.
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
        self.node.current.load().value.clone()
    }

    /// The number of the generation that the value was made of: 1 at first, more after each reload that changed what it
    /// is made of.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.generation(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.node.current.load().number
    }

    /// The value before the one that is in use, for as long as its grace period lasts: the old credential, which many providers
    /// let live on for an hour or two, while the new one may be refused for minutes.
    ///
    /// It is dropped, and wiped, by whatever touches this `Live` first after the grace period: this method, a reload, a
    /// [watch](Self::watch).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.previous().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn previous(&self) -> Option<Arc<T>> {
        self.node.previous().map(|generation| generation.value.clone())
    }

    /// For how long a replaced value stays within reach of [`previous`](Self::previous) and
    /// [`retry_on`](Self::retry_on): 5 minutes unless set. It holds for later reloads, and for all that share this source.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_grace_period(std::time::Duration::ZERO); // nothing is kept
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_grace_period(&self, grace_period: Duration) {
        self.core.set(|settings| settings.grace_period = grace_period);
    }

    /// How long an attachment stays as it was after a part of its files was written, to wait for the others: 2 seconds
    /// unless set.
    ///
    /// This is for folders with a file for each value ([`EnvDir`](crate::EnvDir) and its like) whose writer writes one file
    /// after the other: a new user name is not used with the old password, if the password follows within this time.
    /// As soon as all files of the attachment are written, or after five such times, the attachment goes through. Others do
    /// so at once, as do folders that are swapped and files that hold several values. A [watch](Self::watch) reads again
    /// when the time is over. The first read waits in the same way, by the default, if a file was written just before.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_settle_time(std::time::Duration::ZERO); // each file goes through by itself
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_settle_time(&self, settle_time: Duration) {
        self.core.set(|settings| settings.settle_time = settle_time);
    }

    /// Reads the source again, and takes over what is good of it. Tells what has changed; and what has not gone through,
    /// as [`Change::stale`].
    ///
    /// It waits for a reload that is under way, and for the source. Call it from where that may be done; whoever loads
    /// meanwhile does not wait.
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
        self.core.reload()
    }

    /// Something that is made of the value, a client or a pool, and is made again when what it was made of has changed.
    ///
    /// The closure is run again if it read what has changed. Of a struct that [`new`](Self::new) made, typed URLs note by
    /// themselves when they are looked into, and any other field counts as read; so a pool that is made of one URL is not
    /// made again when another rolls. (A URL in an `Arc` that is cloned is not looked into.) The config vars of
    /// [`from_vars`](Self::from_vars) note by name; of what [`from_fn`](Self::from_fn) made, all counts as read. If the closure fails, what it made before stays in use, [`status`](Self::status) says so, and each reload tries again.
    /// What is replaced is dropped when its grace period is over and nobody uses it any more: requests that are under way on it
    /// finish.
    ///
    /// The closure must not call this `Live`. A reload that is under way is waited for, and with it the source.
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
    /// If the closure fails the first time.
    pub fn map<U: Send + Sync + 'static>(
        &self,
        make: impl Fn(&T) -> Result<U, Error> + Send + Sync + 'static,
    ) -> Result<Live<U>, Error> {
        let turnstile = self.core.enter()?;
        let (vars, _) = self.core.present();
        let node = Node::derived(self.node.clone(), &vars, self.generation(), make)?;
        self.core.add(&node, &turnstile);
        drop(turnstile);
        Ok(Live {
            core: self.core.clone(),
            node,
        })
    }

    /// Calls back at each change, and at once with the present state, in which every attachment is
    /// [added](Aspect::Added). What became stale, and a source that cannot be read, are told as well.
    ///
    /// Callbacks run one after the other, in order, on the thread that reloads; a slow one delays the others, but never a
    /// [`load`](Self::load). Changes that happen before a callback is called reach it as one change. A callback may use the
    /// `Live` in any way, reload included. A panic in it is caught. A reload that hangs calls nobody; see
    /// [`Status::reload_hangs_since`].
    ///
    /// A callback that holds a clone of its own `Live` keeps it alive: after the last other handle is gone, the source, its
    /// secrets and the threads of detached watches stay for as long as the callback is subscribed. Have it hold
    /// a [`WeakLive`] instead.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop")])))?;
    /// let _log = live.subscribe(|change| println!("{change:?}"));
    /// // Change { generation: 1, JAWSDB: [added] }
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn subscribe(&self, callback: impl Fn(&Change) + Send + Sync + 'static) -> Subscription {
        self.core.subscribe(Box::new(callback))
    }

    /// The changes from now on, to be waited for.
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
        self.core.changes()
    }

    /// How well the source is followed: what is stale, since when, and why.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p#w@db.example/shop")])))?;
    /// println!("{}", live.status());
    /// // generation 1
    /// //   JAWSDB: was never good, for 0 s: JAWSDB_URL: the password holds an unencoded `#`; write `%23`
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn status(&self) -> Status {
        self.core.status()
    }

    /// The config vars in use: what is good of the source, and the last good of what is not.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.vars().len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn vars(&self) -> ConfigVars {
        self.core.present().0
    }
}

impl<T> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("status", &self.core.status())
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
    /// The number of its generation.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Guard, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert_eq!(Guard::generation(&live.load()), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    // No method, for `T` may have one of that name.
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
