//! [`Live`]: a value that follows its source through credential rolls.
//!
//! A reload has these steps, one module each:
//!
//! 1. [`reloader`] takes the reload lock and reads the source.
//! 2. [`last_good`] splits the snapshots into components, and keeps those that are malformed or incomplete
//!    ([`attachment_faults`], [`split_login_faults`]), or still being written ([`settle_time`]).
//! 3. [`diff`] compares the result with the snapshot in use, by attachment; the public form is a [`change`].
//! 4. [`accept`] keeps the components that the app's value ([`root`]) rejects.
//! 5. The app's value is swapped in ([`versions`]), and then each [`derived`] value whose input changed.
//! 6. [`status`] has what stayed stale, and [`subscribers`] delivers the change.
//!
//! [`retry_on`] reloads when a server refuses a credential; the parts of that are in [`retry`]. [`async_reloads`] and
//! [`promise`] let async callers wait for what runs on the crate's threads.

// Each group imports only from the groups above it.

mod settle_time;
mod status;
mod type_name;

mod change;
mod promise;
mod retry;

mod context;
mod diff;
mod subscribers;

mod split_login_faults;
mod unneeded;
mod versions;

mod attachment_faults;
mod derived;

mod last_good;
mod root;

mod accept;

mod reloader;

mod async_reloads;

mod builder;
mod retry_on;
mod weak;

pub use builder::LiveBuilder;
pub use change::{Aspect, AttachmentChange, Change};
pub use retry_on::RetryError;
pub use status::{Stale, StaleKind, Status};
pub use subscribers::{Changes, Subscription};
pub use weak::WeakLive;

use crate::error::{AppError, Error, Fault};
use crate::input::Input;
use crate::runtime::{InRuntime, Runtime};
use crate::snapshot::ConfigVars;
use crate::source::{AsyncSource, Source};
use derived::{Derived, Make, Owner, Parent, Rebuild};
use promise::in_background;
pub(crate) use reloader::Reloader;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use subscribers::Callback;
pub(crate) use subscribers::WakeSignal;
use versions::{Generation, InUse, Versions};

/// A value that follows its source: the app's struct, the config vars themselves, or a client made from them.
///
/// [`load`](Self::load) returns the current value without a lock. [`reload`](Self::reload) reads the source again. Nothing
/// changes until the app calls `reload`, starts a [watch](Self::watch), or uses [`retry_on`](Self::retry_on): a `Live`
/// alone has no thread. Clones share one value. Values that are [mapped](Self::map) from it share its source: a reload through
/// any of them updates all.
///
/// An attachment that is malformed or incomplete in the source keeps its last good values as a whole, while others are
/// updated; [`status`](Self::status) reports which, since when and why. An attachment whose config vars are all removed is
/// removed, unless the app's struct requires it. If the source cannot be read, all values in use stay as they were.
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
    versions: Arc<Versions<T>>,
    /// The part that makes the value again; `None` for the app's own value.
    owner: Option<Owner>,
    retry_timeout: Duration,
}

/// A clone is a handle to the same `Live`.
impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self {
            reloader: self.reloader.clone(),
            versions: self.versions.clone(),
            owner: self.owner.clone(),
            retry_timeout: self.retry_timeout,
        }
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Live<T> {
    /// Follows a source with the app's own struct, as [`ConfigVars::extract`] reads it.
    ///
    /// The first read happens on the calling thread. [`reload`](Self::reload) also reads on the thread that calls it. A
    /// [watch](Self::watch), [`reload_async`](Self::reload_async) and [`retry_on`](Self::retry_on) read on threads of the crate.
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
    /// If the source cannot be read or panics, or if its config vars do not fit the struct: all faults in one error.
    pub fn new(source: impl Source + 'static) -> Result<Self, Error> {
        Self::builder(source).build()
    }

    /// Follows an async source with the app's own struct.
    ///
    /// The crate drives the future of each read on a thread that is not one of the runtime's: a thread of the crate, or one that
    /// calls [`reload`](Self::reload). So it need not be `Send`, and no thread of the runtime is blocked. With the feature
    /// `tokio` this happens in the context of the runtime in which this method was called. To set more than the source, use
    /// [`builder`](Self::builder) with [`AsyncSource::into_source`] and [`build_async`](LiveBuilder::build_async).
    ///
    /// ```
    /// use config_vars::{Live, MysqlUrl};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    /// }
    ///
    /// async fn fetch() -> Result<Vec<(String, String)>, std::io::Error> {
    ///     Ok(vec![("JAWSDB_URL".into(), "mysql://app:pw@db.example/shop".into())])
    /// }
    ///
    /// async fn start() -> Result<(), config_vars::Error> {
    ///     let live: Live<Config> = Live::from_async(async || Ok(fetch().await?.into())).await?;
    ///     assert_eq!(live.load().jawsdb_url.host(), Some("db.example"));
    ///     live.reload_async().await?;
    ///     Ok(())
    /// }
    /// # _ = start;
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read, or if its config vars do not fit the struct: all faults in one error.
    pub async fn from_async(source: impl AsyncSource + 'static) -> Result<Self, Error> {
        Self::builder(source.into_source()).build_async().await
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
        Self::builder(source).build_vars()
    }
}

impl<T> Live<T> {
    /// Returns a builder, for settings other than the defaults.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::time::Duration;
    /// let source = || Ok(ConfigVars::from([("PORT", "8080")]));
    /// let live = Live::builder(source).retry_timeout(Duration::from_secs(2)).build_vars()?;
    /// assert_eq!(live.vars().len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn builder(source: impl Source + 'static) -> LiveBuilder<T> {
        LiveBuilder::new(source)
    }
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Follows a source with a value that a closure makes from the config vars.
    ///
    /// The closure runs again when any config var has changed, on the thread that reloads. If it fails, the config vars that
    /// its error names keep their last good values; if its error names none, all that have changed do. To find those that it
    /// accepts, it may run many times in one reload. In a reload, a call of `reload` of this `Live` returns an error.
    ///
    /// An error that is not of this crate becomes one by [`AppError`]; `for_var` says which config var it is about:
    ///
    /// ```
    /// use config_vars::{AppError, ConfigVars, Error, Live};
    ///
    /// let source = || Ok(ConfigVars::from([("WORKER_IDS", "1-x")]));
    /// let live: Result<Live<Vec<u32>>, Error> = Live::from_fn(source, |vars| {
    ///     let ids = vars.parse::<String>("WORKER_IDS")?;
    ///     let ids: Result<Vec<u32>, _> = ids.split('-').map(str::parse).collect();
    ///     ids.map_err(|error| Error::from(AppError::from(error)).for_var("WORKER_IDS"))
    /// });
    /// let message = live.err().unwrap().to_string();
    /// assert!(message.starts_with("WORKER_IDS: the app's own code failed"), "{message}");
    /// ```
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
        Self::builder(source).build_fn(make)
    }

    /// Returns the current value. It takes no lock that a reload holds, and never waits.
    ///
    /// The guard is meant for a unit of work. A guard that is kept for long keeps its generation, with its secrets, in
    /// memory. To keep a value, use [`load_full`](Self::load_full): it is slower, and its `Arc` can be kept and sent.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.load().get("PORT").is_some());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn load(&self) -> Guard<T> {
        Guard(self.versions.current.load())
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
        self.versions.current.load().value.clone()
    }

    /// Returns the number of the generation that the value was made from.
    ///
    /// It is 1 at first (of a mapped value, the number of the value that it is made from), and grows with each reload that
    /// changes what the value is made from.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.generation(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.versions.current.load().number
    }

    /// Returns the value before the last change of a credential, if its grace period is not over.
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
        self.previous_generation()
            .map(|generation| generation.value.clone())
    }

    fn previous_generation(&self) -> Option<InUse<'_, T>> {
        let (previous, has_expired) = self.versions.previous();
        if has_expired {
            // The values that this one is made from have expired as well, and may have no handle left that asks for them.
            self.reloader.drop_expired();
        }
        previous
    }

    /// Reads the source again, and takes over what is good.
    ///
    /// Returns what changed; [`Change::stale`] has what was rejected.
    ///
    /// This blocks: it reads the source on the calling thread, and waits for a reload in progress. In async code, use
    /// [`reload_async`](Self::reload_async). Within a tokio runtime (feature `tokio`), this method does not wait for the closures
    /// of [`map_async`](Self::map_async), which may need the calling thread; their values follow shortly after.
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
    /// If the source cannot be read. All values in use then stay as they were. It is also an error to call this in a closure
    /// that makes a value of this `Live`, or in its source. With the feature `tokio`, so it is on a thread of a tokio runtime if
    /// the source is [async](Self::from_async), which may need that thread, or while another thread drives a closure of
    /// [`map_async`](Self::map_async).
    pub fn reload(&self) -> Result<Change, Error> {
        match Runtime::current().is_known() {
            true => self.reloader.reload_in_runtime(),
            false => self.reloader.reload(),
        }
    }

    /// Reads the source again on a thread of the crate, takes over what is good, and makes all values again whose input
    /// changed.
    ///
    /// Callers that come during a reload share the next one. If the future is dropped, the reload still runs to its end.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Error, Live};
    /// async fn handle_webhook(live: &Live<ConfigVars>) -> Result<(), Error> {
    ///     let change = live.reload_async().await?;
    ///     println!("{change:?}");
    ///     Ok(())
    /// }
    /// # _ = handle_webhook;
    /// ```
    ///
    /// # Errors
    ///
    /// If the source cannot be read, if no thread can be started, or if a closure that makes a value of this `Live` calls this
    /// method, which would wait for itself.
    pub async fn reload_async(&self) -> Result<Change, Error> {
        if self.reloader.is_reloading_here() {
            return Err(Error::new(Fault::Reentrant));
        }
        self.reloader.join_async().await
    }

    /// Selects the part of this value that a client is made from.
    ///
    /// The `Live` of that part changes only when the part does: parts are compared [by value](Input), and secrets in a time
    /// that depends on their lengths alone. So a pool that is [mapped](Self::map) from one URL is not made again when another
    /// URL rolls. A credential that a server refuses does not stop other pools, whose credentials are accepted; retries of refused
    /// credentials share one budget, see [`retry_on`](Self::retry_on).
    ///
    /// The closure runs on the calling thread first, and then at each change of this value, on the thread that reloads.
    ///
    /// ```
    /// use config_vars::{Feed, Live, MysqlUrl, RedisUrl};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    ///     redis_url: RedisUrl,
    /// }
    ///
    /// let (feed, source) = Feed::new();
    /// let mysql = ("JAWSDB_URL", "mysql://app:one@db.example/shop");
    /// feed.set([mysql, ("REDIS_URL", "redis://:one@cache.example")].into());
    /// let live: Live<Config> = Live::new(source)?;
    /// let pools = live.select(|config| config.jawsdb_url.clone()).map(|url| Ok(url.expose_url().to_owned()))?;
    /// let pool = pools.load_full();
    ///
    /// feed.set([mysql, ("REDIS_URL", "redis://:two@cache.example")].into());
    /// live.reload()?;
    /// assert!(std::sync::Arc::ptr_eq(&pool, &pools.load_full()), "the pool is still the same one");
    ///
    /// let mysql = ("JAWSDB_URL", "mysql://app:two@db.example/shop");
    /// feed.set([mysql, ("REDIS_URL", "redis://:two@cache.example")].into());
    /// live.reload()?;
    /// assert_eq!(*pools.load_full(), "mysql://app:two@db.example/shop");
    /// assert_eq!(live.load().redis_url.host(), Some("cache.example"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// Select all that the client is made from: `|config| (config.jawsdb_url.clone(), config.pool_size)`.
    ///
    /// # Panics
    ///
    /// If the closure panics at its first run. Later, a panic is reported in the [`status`](Self::status), and the selected part
    /// stays as it was.
    pub fn select<U: Input + Send + Sync + 'static>(
        &self,
        choose: impl Fn(&T) -> U + Send + Sync + 'static,
    ) -> Live<U> {
        let made = self.derive(Make::select(choose));
        // The panic was reported when it happened.
        made.unwrap_or_else(|error| std::panic::resume_unwind(Box::new(error.to_string())))
    }

    /// Makes a value from this one, such as a pool, and makes it again whenever this value changes.
    ///
    /// To make it from a part of this value only, [`select`](Self::select) that part first.
    ///
    /// The closure runs on the calling thread first, and later on the thread that reloads, which is one of the crate's own
    /// unless the app calls [`reload`](Self::reload). With the feature `tokio` (every async driver's feature turns it on), it runs in
    /// the context of the runtime in which `map` was called, every time. It must not block on a future; for that, use
    /// [`map_async`](Self::map_async). In a reload, a call of `reload` of this `Live` returns an error.
    ///
    /// The value is made again for as long as a handle of it exists. To act on changes without a value, use
    /// [`subscribe_changes`](Self::subscribe_changes).
    ///
    /// If the closure fails or panics in a reload, the earlier value stays in use, [`status`](Self::status) says so, and
    /// each reload that can read the source tries again. Meanwhile the value that it is made from has the new generation, and
    /// the mapped value the old one.
    ///
    /// If a credential changed, [`previous`](Self::previous) returns the replaced value during the
    /// [grace period](LiveBuilder::grace_period). The value is then dropped once nobody uses it, so requests in progress
    /// finish. After any other change there is no grace period.
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
    /// let urls = live.select(|config| config.jawsdb_url.clone());
    /// let pools = urls.map(|url| Ok(Pool(url.expose_url().to_owned())))?.named("orders pool");
    /// assert!(pools.load().0.starts_with("mysql://"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the closure fails or panics. Any error can be returned with `?`; see [`AppError`]. If the hand-over of
    /// a selected URL to a driver fails, the error names its config var, here and in the [`status`](Self::status).
    pub fn map<U: Send + Sync + 'static>(
        &self,
        make: impl Fn(&T) -> Result<U, AppError> + Send + Sync + 'static,
    ) -> Result<Live<U>, Error> {
        self.derive(Make::map(make))
    }

    /// Makes a value from this one with an async closure, and makes it again whenever this value changes.
    ///
    /// The crate drives the closure's future on a thread that is not one of the runtime's, the first time as well: a thread of the
    /// crate, or one that calls [`reload`](Self::reload). So the future need not be `Send`, and no thread of the runtime is
    /// blocked. With the feature `tokio` this happens in the context of the runtime in which
    /// `map_async` was called. A future that never completes holds up later reloads; give it a timeout. Otherwise this is
    /// [`map`](Self::map).
    ///
    /// Pass an `async` closure or an `async fn`. For a closure that returns an `async` block, `|url| async move { … }`, the
    /// compiler reports that "implementation of `AsyncFn` is not general enough", because the block borrows the argument.
    ///
    /// ```
    /// use config_vars::{Error, Live, MongoUrl};
    ///
    /// struct Client;
    /// async fn connect(url: &MongoUrl) -> Result<Client, std::io::Error> {
    ///     // …
    /// #   _ = url;
    /// #   Ok(Client)
    /// }
    ///
    /// async fn start(urls: &Live<MongoUrl>) -> Result<Live<Client>, Error> {
    ///     urls.map_async(async |url| Ok(connect(url).await?)).await
    /// }
    /// # _ = start;
    /// ```
    ///
    /// If the future of `map_async` is dropped, the value is dropped once it is made.
    ///
    /// # Errors
    ///
    /// Returns an error if the closure fails or panics.
    pub async fn map_async<U, F>(&self, make: F) -> Result<Live<U>, Error>
    where
        U: Send + Sync + 'static,
        F: AsyncFn(&T) -> Result<U, AppError> + Send + Sync + 'static,
    {
        let (live, make) = (self.clone(), Make::map_async(make));
        let runtime = Runtime::current();
        in_background(runtime.clone(), move || live.derive_in(runtime, make)).await
    }

    fn derive<U: Send + Sync + 'static>(&self, make: Make<T, U>) -> Result<Live<U>, Error> {
        self.derive_in(Runtime::current(), make)
    }

    fn derive_in<U: Send + Sync + 'static>(
        &self,
        runtime: Runtime,
        make: Make<T, U>,
    ) -> Result<Live<U>, Error> {
        let context = self.reloader.context.clone();
        context.note_runtime(&runtime);
        let runtime = runtime.or(&context.runtime());
        let parent = Parent {
            versions: self.versions.clone(),
            owner: self.owner.clone(),
        };
        let derived = Derived::new(context, parent, runtime.clone(), make, &self.reloader.vars())?;
        let versions = derived.versions.clone();
        let derived: Box<dyn Rebuild> = Box::new(derived);
        let owner = Arc::new(InRuntime::new(runtime, derived));
        self.reloader.add(&owner)?;
        Ok(Live {
            reloader: self.reloader.clone(),
            versions,
            owner: Some(owner),
            retry_timeout: self.retry_timeout,
        })
    }

    /// Sets the name of a value that [`map`](Self::map), [`map_async`](Self::map_async) or [`select`](Self::select) has made,
    /// which is shown in the [`status`](Self::status) if it cannot be made again. By default, that is the name of its type.
    ///
    /// The name must not contain a secret. It has no effect on a `Live` of a whole source.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from([("PORT", "8080")])))?;
    /// let pools = live.map(|_| Ok("a pool"))?.named("orders pool");
    /// assert_eq!(*pools.load(), "a pool");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        if let Some(owner) = &self.owner {
            owner.set_name(name);
        }
        self
    }

    /// Calls back at each change, and at once with the present state, in which every attachment is
    /// [added](Aspect::Added).
    ///
    /// Callbacks also receive what became stale, and the first of several equal failures to read the source. They run one after
    /// the other, in order, on the thread that reloads; the first call is on the calling thread. If another thread is already
    /// calling back, that thread makes the calls, and `reload` may return before them.
    /// A slow callback delays the others, and the [`reload`](Self::reload) or the [watch](Self::watch) on whose thread it
    /// runs. It never delays a [`load`](Self::load), nor callers of [`reload_async`](Self::reload_async) and
    /// [`retry_on`](Self::retry_on), which may go on before the callbacks are called. All changes that happen before a
    /// callback is called reach it as one change. A callback may use the `Live` in any way, including a reload (in a runtime, by a
    /// task that calls [`reload_async`](Self::reload_async)). A panic in the callback is caught. A reload that hangs calls nobody; see
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
        self.reloader.subscribe(self.in_runtime(callback))
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
        let subscribers = &self.reloader.subscribers;
        subscribers.add(self.in_runtime(callback), true)
    }

    /// Returns a callback that runs, and is dropped, in the runtime of this thread, or else in that of the `Live`.
    fn in_runtime(&self, callback: impl Fn(&Change) + Send + Sync + 'static) -> Callback {
        let runtime = Runtime::current().or(&self.reloader.context.runtime());
        let callback = InRuntime::new(runtime, callback);
        Arc::new(move |change| callback.enter(|callback| callback(change)))
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
        self.reloader.subscribers.changes()
    }

    /// Returns the health of the source and of all values that are made from it: what is stale, since when, and why.
    ///
    /// A credential that a server refuses is not stale if the source has no other one. [`retry_on`](Self::retry_on) returns the
    /// driver's error for it, or [`RetryError::Refused`](crate::RetryError::Refused); an alert should count both.
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
