//! [`AppError`]: an error of the app's own code.

use super::fault::Fault;
use super::report::Error;
use crate::kind::Kind;
use std::any::type_name;
use std::fmt;
use std::io;
use std::sync::Arc;

/// Any error of the app's own code: the closures of [`Live::map`](crate::Live::map) and of sources return it.
///
/// `?` converts a driver's error, an `anyhow::Error` or a boxed error. Such an error may quote a secret, so its text is never
/// shown: the messages of this crate have the name of its type and, if an [`io::Error`] is it or caused it, the kind of that
/// ("connection refused"). The error itself is returned by [`expose_error`](Self::expose_error), and by methods of the same kind of [`Status`](crate::Status) and
/// [`Stale`](crate::Stale). An [`Error`] of this crate is shown as it is.
///
/// ```
/// use config_vars::{AppError, ConfigVars, Live};
///
/// fn connect(url: &str) -> Result<(), std::io::Error> {
///     Err(std::io::Error::new(std::io::ErrorKind::ConnectionRefused, format!("cannot connect to {url}")))
/// }
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("REDIS_URL", "redis://:s3cret@cache.example")])))?;
/// let error = live.map(|_| Ok(connect("redis://:s3cret@cache.example")?)).err().unwrap();
/// assert_eq!(error.to_string(), "the app's own code failed: connection refused");
///
/// let error = AppError::from(connect("redis://:s3cret@cache.example").unwrap_err());
/// assert!(error.expose_error().unwrap().to_string().contains("s3cret"));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct AppError {
    shown: Error,
    /// The app's own error, which may quote a secret.
    original: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl AppError {
    fn of(error: Box<dyn std::error::Error + Send + Sync>, type_name: &'static str) -> Self {
        match error.downcast::<Error>() {
            Ok(error) => Self {
                shown: *error,
                original: None,
            },
            Err(error) => {
                let fault = match (error.downcast_ref::<io::Error>(), io_cause(&*error)) {
                    (Some(error), _) => Fault::AppIo(error.kind()),
                    (None, Some(kind)) => Fault::AppCausedByIo(kind, short_type_name(type_name)),
                    (None, None) => Fault::App(short_type_name(type_name)),
                };
                Self {
                    shown: Error::new(fault),
                    original: Some(error.into()),
                }
            }
        }
    }

    /// Returns the app's own error, whose text may quote a secret; `None` if it is an [`Error`] of this crate.
    #[must_use]
    pub fn expose_error(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.original.as_deref()
    }

    pub(crate) fn shown(&self) -> &Error {
        &self.shown
    }

    /// Sets the config var of a fault in a value, if the value can have come from one config var only.
    pub(crate) fn for_only<'n>(mut self, candidates: &dyn Fn() -> Vec<(&'n str, Option<Kind>)>) -> Self {
        if self.shown.component().is_some() && self.shown.var().is_none() {
            if let [(name, _)] = *candidates() {
                self.shown = self.shown.for_known_var(name);
            }
        }
        self
    }
}

impl<E: Into<Box<dyn std::error::Error + Send + Sync>>> From<E> for AppError {
    fn from(error: E) -> Self {
        Self::of(error.into(), type_name::<E>())
    }
}

/// Keeps the part that may be shown. The app's own error is dropped.
impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        error.shown
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

impl fmt::Debug for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

/// Maximum number of causes to look at. A foreign error could name itself as its cause.
const MAX_CAUSES: usize = 16;

/// Returns the kind of the first I/O error among the causes, for example why a driver could not connect.
fn io_cause(error: &(dyn std::error::Error + 'static)) -> Option<io::ErrorKind> {
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let error = cause?;
        if let Some(error) = error.downcast_ref::<io::Error>() {
            // Its text, "other error", says nothing.
            return Some(error.kind()).filter(|kind| *kind != io::ErrorKind::Other);
        }
        cause = error.source();
    }
    None
}

/// The name of a type, or a description where that says more.
fn short_type_name(name: &'static str) -> &'static str {
    match name.starts_with("alloc::boxed::Box<dyn ") {
        true => "a boxed error",
        false => name,
    }
}
