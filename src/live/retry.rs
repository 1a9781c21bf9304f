//! What a refused credential sets off: [`Live::retry_on`].

use super::Live;
use super::brake::{Choice, Step};
use super::flight::{Flight, block_on};
use super::node::{Generation, Node};
use crate::error::{Error, Fault};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What stands for a patience that the machine's clock cannot count.
const LONGEST_PATIENCE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why [`Live::retry_on`] came to no result.
///
/// ```
/// use config_vars::RetryError;
///
/// fn status<E>(error: &RetryError<E>) -> u16 {
///     match error {
///         RetryError::Operation(_) => 500,
///         RetryError::Refused(_) => 503, // "try again later" is the truth
///         _ => 500,
///     }
/// }
/// # let _ = status::<()>;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryError<E> {
    /// The operation's own error: the last one, if there were several.
    Operation(E),
    /// The operation was not tried: its credentials were refused before, and trying them again might lock the account.
    Refused(Error),
}

impl<E> RetryError<E> {
    /// The operation's own error; `None` if it was not tried.
    ///
    /// ```
    /// # use config_vars::RetryError;
    /// assert_eq!(RetryError::Operation("no such table").into_operation(), Some("no such table"));
    /// ```
    pub fn into_operation(self) -> Option<E> {
        match self {
            Self::Operation(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operation(error) => error.fmt(f),
            Self::Refused(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error> std::error::Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Operation(error) => error.source(),
            Self::Refused(_) => None,
        }
    }
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Runs an operation, and when the server refuses the credentials, follows the roll that this is a sign of.
    ///
    /// All callers together reload once. Then the operation is run with the new value; if that is refused as well, with the
    /// one before, within its [grace](Self::set_grace). If all are refused, the source is looked at again, at growing
    /// intervals from 50 ms to 3.2 s, for as long as the caller's [patience](Self::set_patience) lasts. A credential that
    /// was refused is tried again by one caller at a time, 1, 5, 21, 85 and 341 s after, and then not any more until it
    /// changes, so that no account is locked; callers that are under way with it already are not held back. A refusal of
    /// what has been replaced meanwhile sets off nothing.
    ///
    /// The operation may run several times, and so must be one that may be repeated. It is handed the value as an `Arc`,
    /// to keep while it runs. Any error for which `is_auth_error` is false comes back as it is.
    ///
    /// While it waits, the reload runs on a short-lived thread, for it may block; no runtime is needed, and none is
    /// blocked.
    ///
    /// ```
    /// use config_vars::{Live, RetryError};
    /// use std::sync::Arc;
    ///
    /// # struct Pool;
    /// # #[derive(Debug)] enum DbError { AccessDenied }
    /// # type Row = ();
    /// async fn query(pool: Arc<Pool>) -> Result<Vec<Row>, DbError> {
    /// # _ = pool;
    ///     // …
    /// # Err(DbError::AccessDenied)
    /// }
    ///
    /// fn is_auth_error(error: &DbError) -> bool {
    ///     matches!(error, DbError::AccessDenied)
    /// }
    ///
    /// async fn handle(pools: &Live<Pool>) -> Result<Vec<Row>, RetryError<DbError>> {
    ///     pools.retry_on(is_auth_error, |pool| query(pool)).await
    /// }
    /// # let _ = handle;
    /// ```
    ///
    /// # Errors
    ///
    /// The operation's last error; or that it was not tried, because the credentials were refused to other callers.
    pub async fn retry_on<R, E, F: Future<Output = Result<R, E>>>(
        &self,
        is_auth_error: impl Fn(&E) -> bool,
        operation: impl Fn(Arc<T>) -> F,
    ) -> Result<R, RetryError<E>> {
        let settings = self.core.settings();
        let now = Instant::now();
        let deadline = now
            .checked_add(settings.patience)
            .unwrap_or(now + LONGEST_PATIENCE);
        let mut last = None;
        loop {
            // Counted before the value is looked at: a reload that ends in between is not taken for one in vain.
            let reloads = self.core.reloads_ended();
            let (step, generation) = self.choose(reloads, settings.most_retries);
            if let Step::Reload(wait) = step {
                // Where the value before may help, a source that hangs is not waited for.
                let until = match self.node.previous() {
                    Some(_) if wait.is_zero() => {
                        deadline.min(Instant::now() + Flight::patience_for_another_way())
                    }
                    _ => deadline,
                };
                match Flight::join(&self.core, wait, until, reloads) {
                    Some(reload) => reload.await,
                    None => return Err(self.give_up(last, &generation)),
                }
                if Instant::now() < deadline {
                    continue;
                }
                return Err(self.give_up(last, &generation));
            }
            let reload = self.core.reloads_begun();
            let attempt = Attempt {
                node: &self.node,
                credential: generation.credential,
                step,
            };
            match operation(generation.value.clone()).await {
                Err(error) if is_auth_error(&error) => {
                    attempt.refused(reload);
                    last = Some(error);
                }
                result => {
                    if result.is_ok() {
                        self.node.brake.accepted(generation.credential);
                    }
                    return result.map_err(RetryError::Operation);
                }
            }
        }
    }

    /// As [`retry_on`](Self::retry_on), for code that blocks.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let port = live.retry_on_blocking(|_: &String| false, |vars| Ok::<_, String>(vars.get("PORT").is_some()));
    /// assert_eq!(port, Ok(true));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`retry_on`](Self::retry_on).
    pub fn retry_on_blocking<R, E>(
        &self,
        is_auth_error: impl Fn(&E) -> bool,
        operation: impl Fn(&T) -> Result<R, E>,
    ) -> Result<R, RetryError<E>> {
        block_on(self.retry_on(is_auth_error, |value| std::future::ready(operation(&value))))
    }

    /// For how long [`retry_on`](Self::retry_on) waits for credentials that are not refused: 10 s unless set. It holds for
    /// all that share this source.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_patience(std::time::Duration::from_secs(2));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_patience(&self, patience: Duration) {
        self.core.set(|settings| settings.patience = patience);
    }

    /// How often [`retry_on`](Self::retry_on) tries a refused credential again, all callers together: 5 times unless set.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_most_retries(0); // the account is locked at the second failure
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_most_retries(&self, retries: u32) {
        self.core.set(|settings| settings.most_retries = retries);
    }

    /// What is to be done now, and with which value.
    fn choose(&self, reloads: u64, most_retries: u32) -> (Step, Arc<Generation<T>>) {
        let current = self.node.current.load_full();
        let previous = self.node.previous();
        let choice = Choice {
            current: current.credential,
            previous: previous.as_ref().map(|previous| previous.credential),
            hangs: self.core.flight.hangs(),
            reloads,
            most_retries,
        };
        match (self.node.brake.next_step(choice, Instant::now()), previous) {
            (Step::TryPrevious, Some(previous)) => (Step::TryPrevious, previous),
            (step, _) => (step, current),
        }
    }

    fn give_up<E>(&self, last: Option<E>, generation: &Generation<T>) -> RetryError<E> {
        last.map_or_else(
            || {
                let inputs = self.node.inputs();
                // Not what the app looked for in vain: nothing comes from there, and its name may be a value by mistake.
                let (vars, ..) = self.core.present();
                let is_set = |name: &&Box<str>| vars.find_var(name).is_some();
                let names = inputs.iter().filter(is_set).map(|name| (&**name, None));
                RetryError::Refused(Error::new(Fault::Refused(generation.number)).with_candidates(names))
            },
            RetryError::Operation,
        )
    }
}

/// An attempt under way. If it comes to no end, for its future is dropped or it panics, another caller may try.
struct Attempt<'n, T: Send + Sync + 'static> {
    node: &'n Node<T>,
    credential: u64,
    step: Step,
}

impl<T: Send + Sync + 'static> Attempt<'_, T> {
    fn refused(&self, reload: u64) {
        // What has been replaced meanwhile is no news, unless it was tried for want of a better one.
        let is_replaced = self.node.current.load().credential != self.credential;
        if self.step == Step::TryPrevious || !is_replaced {
            self.node
                .brake
                .refused(self.credential, self.step, reload, Instant::now());
        }
    }
}

impl<T: Send + Sync + 'static> Drop for Attempt<'_, T> {
    fn drop(&mut self) {
        if self.step == Step::TryAgain {
            self.node.brake.gave_up(self.credential);
        }
    }
}
