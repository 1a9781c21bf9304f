//! The trait [`Source`], and [`Or`], which combines two sources.

use super::layers::layered;
use crate::error::Error;
use crate::snapshot::ConfigVars;
use std::path::PathBuf;

/// Where config vars come from, to be read more than once.
///
/// A read gives one consistent state, or an error; it never gives half of a state. A closure is a source, for whatever
/// this crate has no source for: a secret store, the platform's API.
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
pub trait Source: Send + Sync {
    /// Reads all config vars, as one consistent state.
    ///
    /// # Errors
    ///
    /// If there is no consistent state to be had: what should be read is not there, not for this process, malformed, or
    /// does not come to rest.
    fn read(&self) -> Result<ConfigVars, Error>;

    /// The files and folders that the config vars are read from, for whoever watches them. A source without files has
    /// none.
    fn paths(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// This source, and behind it another for what this one does not have. Both must be readable.
    ///
    /// An attachment comes as a whole from one source, so that its user, password and host belong together: where this
    /// source has one of its config vars, all others of the attachment in the other source are left out. The same holds
    /// for config vars that are parts of one credential by their names alone, in any spelling: a user name and its
    /// password, an id and its secret, a pair of keys. If one that was left out is then asked for, the error names both
    /// sources. All other config vars are looked up one by one.
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
}

/// A closure is a source. It says in words of its own what went wrong, by [`Error::custom`].
impl<F: Fn() -> Result<ConfigVars, Error> + Send + Sync> Source for F {
    fn read(&self) -> Result<ConfigVars, Error> {
        self()
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
        Ok(layered(&self.nearest.read()?, &self.other.read()?))
    }

    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = self.nearest.paths();
        paths.append(&mut self.other.paths());
        paths
    }
}
