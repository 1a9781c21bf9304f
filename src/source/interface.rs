//! The trait [`Source`], [`SourceEvents`], and [`Or`], which combines two sources.

use super::layers::layered;
use crate::error::{AppError, Error};
use crate::snapshot::ConfigVars;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

/// A source of config vars, which can be read more than once.
///
/// A read must return one consistent snapshot, or an error. Any closure that returns `Result<ConfigVars, AppError>` is a source:
/// a client of a secret store, or of the platform's API.
///
/// A `Live` never calls [`read`](Self::read) twice at once. A panic in a reload counts as a failed read.
///
/// ```
/// use config_vars::{ConfigVars, Error, ProcessEnv, Source};
///
/// let defaults = || Ok(ConfigVars::from_iter([("WEB_CONCURRENCY", "2")]).with_origin("defaults"));
/// let source = ProcessEnv.or(defaults); // the environment, and then the defaults
/// let vars = source.read()?;
/// println!("{:?}", vars.origin("WEB_CONCURRENCY"));
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a source of config vars",
    note = "for a path, use `EnvDir::new` or `EnvFile::new`; for code, a closure that returns `Ok(vars)`; for async code, \
            `Live::from_async` or `AsyncSource::into_source`"
)]
pub trait Source: Send + Sync {
    /// Reads all config vars, as one consistent state.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no consistent state: the source does not exist, may not be read, is malformed, or keeps
    /// changing.
    fn read(&self) -> Result<ConfigVars, Error>;

    /// Returns the files and directories that the config vars are read from, so that they can be watched.
    ///
    /// A watch calls this before and after each read, and first on the thread that starts it. So it must not read the source. If
    /// a read finds other paths, return those from then on.
    fn paths(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Starts to report changes: from now on, the source calls [`SourceEvents::changed`] when it has new config vars.
    ///
    /// A `Live` calls this once, after the first read. It is for sources that are told of changes, such as [`Feed`](crate::Feed)'s; the default does
    /// nothing.
    fn listen(&self, _events: &SourceEvents) {}

    /// Asks for newer config vars, because a server refused a credential of the present ones.
    ///
    /// [`Live::retry_on`](crate::Live::retry_on) calls this before it reads the source, on a thread of the crate, possibly during
    /// a read. It must not block. The default does nothing.
    fn want(&self) {}

    /// Returns whether reading drives a future to its end, which must not happen on the threads of the future's runtime.
    #[doc(hidden)]
    fn is_async(&self) -> bool {
        false
    }

    /// Reads as [`read`](Self::read) does, and keeps the app's own error.
    #[doc(hidden)]
    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        self.read().map_err(AppError::from)
    }

    /// Combines this source with another one, which supplies the config vars that this source does not have. Both must be
    /// readable.
    ///
    /// All config vars of an attachment come from one source, so that its user, password and host belong together: if this
    /// source has one of them, the others in the other source are left out. The same applies to config vars that are related by
    /// name, in any spelling: a user name and its password, an id and its secret, a pair of keys. If a config var that was left
    /// out is requested, the error names both sources. All other config vars are looked up individually.
    ///
    /// ```
    /// use config_vars::{ConfigVars, ProcessEnv, Source};
    ///
    /// let nearest = || Ok(ConfigVars::from_iter([("PORT", "1")]).with_origin("nearest"));
    /// let vars = nearest.or(ProcessEnv).read()?;
    /// assert_eq!(vars.origin("PORT"), Some("nearest"));
    ///
    /// let mounted = || Ok(ConfigVars::from_iter([("DB_PASSWORD", "pw")]).with_origin("/run/secrets"));
    /// let others = || Ok(ConfigVars::from_iter([("DB_USER", "app"), ("LOG_LEVEL", "info")]).with_origin("defaults"));
    /// let vars = mounted.or(others).read()?;
    /// assert!(vars.get("LOG_LEVEL").is_some());
    /// let error = vars.require("DB_USER").unwrap_err().to_string();
    /// assert!(error.contains("DB_USER is in defaults, but DB_PASSWORD, which belongs with it, comes from /run/secrets"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    fn or<S: Source>(self, other: S) -> Or<Self, S>
    where
        Self: Sized,
    {
        Or { nearest: self, other }
    }

    /// Keeps the config vars of the last successful read in a file, for a start while the source cannot be read.
    ///
    /// Until this source has been read once, a read that fails returns the config vars in the file, if they were read
    /// at most `max_age` ago. [`Status::remembered_age`](crate::Status::remembered_age) reports it, and such a `Live` is not
    /// fresh. Afterwards, a read that fails is an error, and a `Live` keeps its last good values as always.
    ///
    /// The file has mode 0600, and is replaced as a whole. It is not used if it is incomplete or from another source, if
    /// its time is in the future, or if others may read it or could have put it there. It is removed when a server refuses a
    /// credential ([`Live::retry_on`](crate::Live::retry_on)), and when the source refuses this process: such values must not
    /// come back at the next start. [The page on security](mod@crate::security#remembered-config-vars) says what having such
    /// a file means. On Unix only.
    ///
    /// ```
    /// use config_vars::{EnvFile, Source};
    /// use std::time::Duration;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let [file, kept] = ["app.env", "kept"].map(|name| folder.path().join(name));
    /// # std::fs::write(&file, "PORT=8080")?;
    /// let source = || EnvFile::new(&file).remembered(&kept, Duration::from_secs(24 * 60 * 60)); // "/var/lib/shop/config-vars", say
    /// assert!(source()?.read()?.get("PORT").is_some());
    ///
    /// std::fs::remove_file(&file)?; // the next process starts while the source is gone
    /// assert!(source()?.read()?.get("PORT").is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the file's directory does not exist, or if others may write it or a directory above it. If a write
    /// fails later, the read succeeds all the same.
    #[cfg(unix)]
    fn remembered(
        self,
        path: impl Into<PathBuf>,
        max_age: std::time::Duration,
    ) -> Result<super::remembered::Remembered<Self>, Error>
    where
        Self: Sized,
    {
        super::remembered::Remembered::new(self, path.into(), max_age)
    }

    /// Erases the type of this source, so that it can be chosen at run time, or named in a struct.
    ///
    /// ```
    /// use config_vars::{EnvFile, Live, ProcessEnv, Source};
    ///
    /// fn source(is_local: bool) -> Box<dyn Source> {
    ///     if is_local { EnvFile::new(".env").boxed() } else { ProcessEnv.boxed() }
    /// }
    /// let live = Live::from_vars(source(false))?;
    /// # drop(live);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    fn boxed(self) -> Box<dyn Source>
    where
        Self: Sized + 'static,
    {
        Box::new(self)
    }
}

/// Implements [`Source`] for pointers to a source.
macro_rules! pointers {
    ($([$($generics:tt)*] $pointer:ty;)*) => {$(
        impl<$($generics)*> Source for $pointer {
            fn read(&self) -> Result<ConfigVars, Error> {
                (**self).read()
            }

            fn paths(&self) -> Vec<PathBuf> {
                (**self).paths()
            }

            fn listen(&self, events: &SourceEvents) {
                (**self).listen(events);
            }

            fn want(&self) {
                (**self).want();
            }

            fn is_async(&self) -> bool {
                (**self).is_async()
            }

            fn read_for_live(&self) -> Result<ConfigVars, AppError> {
                (**self).read_for_live()
            }
        }
    )*};
}
pointers! {
    // An `impl` for any `Box<S>` would overlap with the one for closures, because a boxed closure is a closure.
    [] Box<dyn Source + '_>;
    [S: Source + ?Sized] Arc<S>;
}

/// A closure is a source. It may return any error with `?`; see [`AppError`].
impl<F: Fn() -> Result<ConfigVars, AppError> + Send + Sync> Source for F {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        self()
    }
}

/// Reports that a source has new config vars; see [`Source::listen`].
#[derive(Clone)]
pub struct SourceEvents(Weak<dyn NotePush>);

/// The part of a `Live` to which a source reports.
pub(crate) trait NotePush: Send + Sync {
    /// Notes that the source has new config vars.
    fn note_push(&self);
}

impl SourceEvents {
    pub(crate) fn new(live: Weak<dyn NotePush>) -> Self {
        Self(live)
    }

    /// Returns whether there is no `Live` any more.
    pub(super) fn is_over(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Wakes the watches of the `Live`, which read the source. If callers of [`Live::retry_on`](crate::Live::retry_on) wait for a new
    /// credential, a reload begins on a thread of the crate.
    ///
    /// It returns at once, and can be called on any thread.
    pub fn changed(&self) {
        if let Some(live) = self.0.upgrade() {
            live.note_push();
        }
    }
}

impl fmt::Debug for SourceEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceEvents").finish_non_exhaustive()
    }
}

/// Two sources in order; see [`Source::or`].
#[derive(Clone, Copy, Debug)]
pub struct Or<A, B> {
    nearest: A,
    other: B,
}

impl<A: Source, B: Source> Source for Or<A, B> {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        Ok(layered(
            &self.nearest.read_for_live()?,
            &self.other.read_for_live()?,
        ))
    }

    fn listen(&self, events: &SourceEvents) {
        self.nearest.listen(events);
        self.other.listen(events);
    }

    fn want(&self) {
        self.nearest.want();
        self.other.want();
    }

    fn is_async(&self) -> bool {
        self.nearest.is_async() || self.other.is_async()
    }

    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = self.nearest.paths();
        paths.append(&mut self.other.paths());
        paths
    }
}
