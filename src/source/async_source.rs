//! [`AsyncSource`]: a source that is read by a future, such as an async client of a secret store.

use super::interface::Source;
use crate::error::{AppError, Error};
use crate::runtime::{InRuntime, Runtime, block_on};
use crate::snapshot::ConfigVars;
use std::fmt;
use std::future::Future;

/// A source of config vars that is read by a future; see [`Live::from_async`](crate::Live::from_async).
///
/// Any async closure that returns `Result<ConfigVars, AppError>` is one. The future is driven to its end on one thread, mostly one of the
/// crate's own, so it need not be `Send`; with the feature `tokio`, in the context of the runtime in which the source was handed over.
///
/// ```
/// use config_vars::{AsyncSource, ConfigVars, ProcessEnv, Source};
///
/// async fn fetch() -> Result<Vec<(String, String)>, std::io::Error> {
///     Ok(vec![("REDIS_URL".into(), "redis://:pw@cache.example".into())])
/// }
///
/// let store = async || Ok(ConfigVars::from(fetch().await?));
/// let source = store.into_source().or(ProcessEnv); // on a thread without a runtime, it can be read like any other
/// assert!(source.read()?.get("REDIS_URL").is_some());
/// # Ok::<(), config_vars::Error>(())
/// ```
pub trait AsyncSource: Send + Sync {
    /// Reads all config vars, as one consistent state.
    ///
    /// The future may be dropped at any point.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no consistent state.
    fn read(&self) -> impl Future<Output = Result<ConfigVars, AppError>>;

    /// Converts this source into a [`Source`], to be combined with others.
    ///
    /// A read then blocks its thread until the future is ready, so it must not happen on a thread of the runtime: use
    /// [`LiveBuilder::build_async`](crate::LiveBuilder::build_async) and [`Live::reload_async`](crate::Live::reload_async).
    fn into_source(self) -> Driven<Self>
    where
        Self: Sized,
    {
        Driven {
            source: InRuntime::new(Runtime::current(), self),
        }
    }
}

impl<F: AsyncFn() -> Result<ConfigVars, AppError> + Send + Sync> AsyncSource for F {
    fn read(&self) -> impl Future<Output = Result<ConfigVars, AppError>> {
        self()
    }
}

/// An [`AsyncSource`] as a [`Source`]; see [`AsyncSource::into_source`].
pub struct Driven<S> {
    source: InRuntime<S>,
}

impl<S: AsyncSource> Source for Driven<S> {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        self.source.enter(|source| block_on(source.read()))
    }

    fn is_async(&self) -> bool {
        true
    }
}

impl<S> fmt::Debug for Driven<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driven").finish_non_exhaustive()
    }
}
