//! [`LiveBuilder`]: the settings of a `Live`.

use super::Live;
use super::context::{Context, LiveSettings};
use super::last_good;
use super::promise::in_background;
use super::reloader::Reloader;
use super::root::{MakeRoot, Root, copied, extracted, made};
use super::settle_time::SettleRule;
use crate::clock::Clock;
use crate::error::{Error, Fault};
use crate::isolate::catch_panic;
use crate::runtime::Runtime;
use crate::snapshot::ConfigVars;
use crate::source::{Source, SourceEvents};
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// Builds a [`Live`] with settings of its own; see [`Live::builder`].
///
/// The settings hold for all values that are made from the `Live`.
///
/// ```
/// use config_vars::{ConfigVars, Live, MysqlUrl};
/// use std::time::Duration;
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     jawsdb_url: MysqlUrl,
/// }
///
/// let source = || Ok(ConfigVars::from([("JAWSDB_URL", "mysql://app:pw@db.example/shop")]));
/// let live: Live<Config> = Live::builder(source)
///     .grace_period(Duration::from_secs(3_600)) // the provider accepts the old credential for an hour
///     .max_retries(0) // the account is locked at the second failure
///     .build()?;
/// assert_eq!(live.load().jawsdb_url.database(), Some("shop"));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "`build` makes the `Live`"]
pub struct LiveBuilder<T> {
    source: Box<dyn Source>,
    settings: LiveSettings,
    clock: Clock,
    value: PhantomData<fn() -> T>,
}

impl<T> LiveBuilder<T> {
    pub(super) fn new(source: impl Source + 'static) -> Self {
        Self {
            source: Box::new(source),
            settings: LiveSettings::default(),
            clock: Clock::default(),
            value: PhantomData,
        }
    }

    /// Sets how long a replaced value remains available: 5 minutes by default.
    ///
    /// [`Live::previous`] returns that value, and [`Live::retry_on`] uses it.
    pub fn grace_period(mut self, grace_period: Duration) -> Self {
        self.settings.grace_period = grace_period;
        self
    }

    /// Sets how long [`Live::retry_on`] waits for credentials that are not refused: 10 s by default.
    pub fn retry_timeout(mut self, retry_timeout: Duration) -> Self {
        self.settings.retry_timeout = retry_timeout;
        self
    }

    /// Sets how often [`Live::retry_on`] retries a refused credential, all callers together: 5 times by default.
    ///
    /// With 0, a refused credential is not used again until it changes, even if open connections would still work. Use that
    /// for servers that lock an account at the second failure.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.settings.max_retries = max_retries;
        self
    }

    /// Sets how long a reload waits for the other files of an attachment after one was written: 2 seconds by default.
    ///
    /// It is for folders with one file per value ([`EnvDir`](crate::EnvDir) and similar sources) whose writer writes one
    /// file after the other. It prevents a new user name from being used with the old password, if the password follows
    /// within this time. Until then the attachment keeps its last good values.
    ///
    /// The attachment is updated as soon as all its files are written, or after five times the settle time. Other
    /// attachments are updated at once, and so are folders that are swapped and files with several values. A
    /// [watch](Live::watch) reads again when the time is over. The first read waits once, for at most the settle time.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let source = || Ok(ConfigVars::from([("PORT", "8080")]));
    /// let live = Live::builder(source).settle_time(std::time::Duration::ZERO).build_vars()?; // each file is used at once
    /// assert_eq!(live.vars().len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn settle_time(mut self, settle_time: Duration) -> Self {
        self.settings.settle_time = settle_time;
        self
    }

    /// Sets a clock that a test advances (feature `test-util`). All settings use it.
    ///
    /// ```
    /// # use config_vars::Live;
    /// # use config_vars::test_util::{ScriptedSource, TestClock};
    /// # use std::time::Duration;
    /// let script = ScriptedSource::new([("JAWSDB_URL", "mysql://app:one@db.example/shop")]);
    /// let clock = TestClock::new();
    /// let live = Live::builder(script.clone()).clock(&clock).build_vars()?;
    /// script.set("JAWSDB_URL", "mysql://app:two@db.example/shop");
    /// live.reload()?;
    /// assert!(live.previous().is_some());
    /// clock.advance(Duration::from_secs(300)); // the grace period
    /// assert!(live.previous().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[cfg(feature = "test-util")]
    pub fn clock(mut self, clock: &crate::clock::TestClock) -> Self {
        self.clock = Clock::of_test(clock.clone());
        self
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> LiveBuilder<T> {
    /// Follows the source with the app's own struct; see [`Live::new`].
    ///
    /// # Errors
    ///
    /// Returns an error if the source cannot be read, or if its config vars do not fit the struct.
    pub fn build(self) -> Result<Live<T>, Error> {
        self.build_from(Box::new(extracted))
    }

    /// Does the same as [`build`](Self::build), without blocking the runtime: the first read happens on a thread of the crate.
    ///
    /// # Errors
    ///
    /// See [`build`](Self::build).
    pub async fn build_async(self) -> Result<Live<T>, Error> {
        self.build_in_background(Box::new(extracted)).await
    }
}

impl LiveBuilder<ConfigVars> {
    /// Follows the source with the config vars themselves; see [`Live::from_vars`].
    ///
    /// # Errors
    ///
    /// Returns an error if the source cannot be read.
    // Most apps follow a struct of their own. Only in those that call this is it compiled for config vars.
    #[inline]
    pub fn build_vars(self) -> Result<Live<ConfigVars>, Error> {
        self.build_from(Box::new(copied))
    }

    /// Does the same as [`build_vars`](Self::build_vars), without blocking the runtime.
    ///
    /// # Errors
    ///
    /// See [`build_vars`](Self::build_vars).
    #[inline]
    pub async fn build_vars_async(self) -> Result<Live<ConfigVars>, Error> {
        self.build_in_background(Box::new(copied)).await
    }
}

impl<T: Send + Sync + 'static> LiveBuilder<T> {
    /// Follows the source with a value that a closure makes from the config vars; see [`Live::from_fn`].
    ///
    /// # Errors
    ///
    /// Returns an error if the source cannot be read, or if the closure fails.
    pub fn build_fn(
        self,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Live<T>, Error> {
        self.build_from(Box::new(move |vars| made(vars, &make)))
    }

    /// Does the same as [`build_fn`](Self::build_fn), without blocking the runtime.
    ///
    /// # Errors
    ///
    /// See [`build_fn`](Self::build_fn).
    pub async fn build_fn_async(
        self,
        make: impl Fn(&ConfigVars) -> Result<T, Error> + Send + Sync + 'static,
    ) -> Result<Live<T>, Error> {
        self.build_in_background(Box::new(move |vars| made(vars, &make)))
            .await
    }

    async fn build_in_background(self, make: Box<MakeRoot<T>>) -> Result<Live<T>, Error> {
        let runtime = Runtime::current();
        in_background(runtime.clone(), move || self.read_and_make(runtime, make)).await
    }

    fn build_from(self, make: Box<MakeRoot<T>>) -> Result<Live<T>, Error> {
        let runtime = Runtime::current();
        if self.source.is_async() && runtime.is_known() {
            return Err(Error::new(Fault::WouldBlock));
        }
        catch_panic(|| self.read_and_make(runtime, make))
    }

    /// Reads the source, and makes the value, on this thread.
    fn read_and_make(self, runtime: Runtime, make: Box<MakeRoot<T>>) -> Result<Live<T>, Error> {
        let (source, settings, clock) = (self.source, self.settings, self.clock);
        let mut vars = source.read()?;
        let rule = SettleRule {
            clock: &clock,
            settle_time: settings.settle_time,
            waiting_since: &[],
        };
        if let Some(remaining) = last_good::first_settle_time(&vars, &rule) {
            clock.sleep(remaining);
            vars = source.read()?;
        }
        let context = Arc::new(Context::new(settings, clock, runtime));
        let root = Root::new(context.clone(), &vars, make)?;
        let versions = root.versions.clone();
        let reloader = Reloader::new(context, source, vars, Box::new(root));
        let weak = Arc::downgrade(&reloader);
        reloader.listen(&SourceEvents::new(weak));
        Ok(Live {
            versions,
            owner: None,
            retry_timeout: settings.retry_timeout,
            reloader,
        })
    }
}

impl<T> fmt::Debug for LiveBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
