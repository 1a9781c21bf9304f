//! [`Live::retry_on`]: reloads and retries when the server refuses a credential.

use super::Live;
use super::reloader::Reloader;
use super::retry::policy::{Permit, RefusalPolicy, Situation, Step};
use super::retry::shared_reload::{HANGS_AFTER, Reload, ReloadProgress, SharedReload};
use super::versions::{Generation, InUse};
use crate::error::{AppError, Error, Fault};
use crate::runtime::block_on;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Replacement for a retry timeout that would overflow `Instant`.
const MAX_RETRY_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Why [`Live::retry_on`] has no result.
///
/// ```
/// use config_vars::RetryError;
///
/// fn status<E>(error: &RetryError<E>) -> u16 {
///     match error {
///         RetryError::Operation(_) => 500,
///         RetryError::Refused(_) => 503, // it may work later
///         _ => 500,
///     }
/// }
/// assert_eq!(status(&RetryError::Operation("no such table")), 500);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryError<E> {
    /// The operation's own error; the last one if there were several.
    Operation(E),
    /// The operation was not run, because the server has refused logins with its credentials or with others of the same source,
    /// and another attempt might lock the account.
    Refused(Error),
}

impl<E> RetryError<E> {
    /// Returns the operation's own error; `None` if the operation was not run.
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

/// For any error that can be shown, such as an `anyhow::Error` or a boxed one, which are no errors themselves. To follow the
/// chain of causes, use [`into_operation`](RetryError::into_operation).
impl<E: fmt::Debug + fmt::Display> std::error::Error for RetryError<E> {}

/// Keeps what may be shown: the text of the operation's error may quote a secret; see [`AppError`].
impl<E: Into<AppError>> From<RetryError<E>> for Error {
    fn from(error: RetryError<E>) -> Self {
        match error {
            RetryError::Operation(error) => error.into().into(),
            RetryError::Refused(error) => error,
        }
    }
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Runs an operation, and retries it if the server refuses the credentials.
    ///
    /// The operation may run several times, so it must be safe to repeat. It receives the value as an `Arc`, to keep while
    /// it runs. So pass an async closure: the future of `|pool| pool.query()` would borrow an `Arc` that is gone. An error for
    /// which `is_auth_error` returns `false` is returned unchanged.
    ///
    /// When credentials are refused, all callers together reload once. Then the operation runs with the new value and, if
    /// that is refused as well, with the [previous](Self::previous) one, within its grace period. If both are refused, the
    /// source is read again, at intervals that grow from 50 ms to 3.2 s, until the
    /// [retry timeout](crate::LiveBuilder::retry_timeout), measured from the start of this call. The timeout limits these waits; it
    /// does not cancel an operation in progress. If another thread has already replaced a refused value, no reload is
    /// needed.
    ///
    /// Call this on a value that was [mapped](Self::map) from one URL. On the app's whole struct, a refusal by one server
    /// also limits operations on all others, because the limits below hold for all that the value was made from.
    ///
    /// The reload runs on a short-lived thread, because it may block. No runtime is needed, and none is blocked.
    ///
    /// # Refused logins
    ///
    /// Servers lock accounts after a number of refused logins, so retries are limited in two ways. All values that are
    /// mapped from one source share the limits. A *credential* is all config vars that a value was made from, or the selected
    /// part. A success does not reset the limits at once. There are two:
    ///
    /// - A refused **credential** is retried by one caller at a time, 1, 5, 21, 85 and 341 s after the first refusal, and
    ///   then not until it changes. (The number can be [set](crate::LiveBuilder::max_retries). Callers that are in progress at the
    ///   first refusal cannot be held back, and do not count as retries. Later, callers on open connections that are refused
    ///   together count as one retry.) If the credential has succeeded since its last refusal, for example on an open
    ///   connection, or the source has replaced and restored it, the count starts again six minutes after that refusal.
    /// - By **source**: after five retries of all its credentials in six minutes, further retries are 1, 4, 16, 64 and then
    ///   256 s apart. If it returns another credential at each read, the reads are up to 3.2 s apart.
    ///
    /// While a retry is in progress, other callers wait at most until the next one is due. An error other than a refusal,
    /// such as a server that is down, does not count as a retry. If the future is dropped during a retry, for example by a
    /// timeout, that retry counts for one minute.
    ///
    /// Open connections survive a password change, so some operations may succeed while logins are refused. If *n* callers
    /// have succeeded at the same time since the first refusal, *n* callers at a time continue to be served, even when all
    /// retries are spent. The others wait, and get [`RetryError::Refused`] at their retry timeout, or before it if nothing
    /// more can happen by then. When a connection is lost and its replacement is refused, that counts as a retry, and *n*
    /// decreases by one; not at the first such refusal, because the pool may only have been slow to take a connection back.
    /// Callers that are refused together count as one retry, but each of them decreases *n*.
    ///
    /// # Examples
    ///
    /// ```
    /// use config_vars::{Live, RetryError};
    ///
    /// # struct Pool;
    /// # #[derive(Debug, PartialEq)] enum DbError { AccessDenied }
    /// # type Row = ();
    /// # impl Pool {
    /// #     async fn query(&self, customer: u64) -> Result<Vec<Row>, DbError> {
    /// #         if customer == 7 { Ok(vec![()]) } else { Err(DbError::AccessDenied) }
    /// #     }
    /// # }
    /// fn is_auth_error(error: &DbError) -> bool {
    ///     matches!(error, DbError::AccessDenied)
    /// }
    ///
    /// async fn orders(pools: &Live<Pool>, customer: u64) -> Result<Vec<Row>, RetryError<DbError>> {
    ///     pools.retry_on(is_auth_error, async |pool| pool.query(customer).await).await
    /// }
    /// # let live = Live::from_vars(|| Ok([("JAWSDB_URL", "mysql://db.example/shop")].into()))?;
    /// # let pools = live.map(|_| Ok(Pool))?;
    /// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// # assert_eq!(std::pin::pin!(orders(&pools, 7)).poll(&mut context), std::task::Poll::Ready(Ok(vec![()])));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the operation's last error, or [`RetryError::Refused`] if the operation was not run because credentials
    /// of the source were refused in other calls.
    pub async fn retry_on<R, E, F: Future<Output = Result<R, E>>>(
        &self,
        is_auth_error: impl Fn(&E) -> bool,
        operation: impl Fn(Arc<T>) -> F,
    ) -> Result<R, RetryError<E>> {
        let clock = self.reloader.clock();
        let now = clock.now();
        let deadline = now
            .checked_add(self.retry_timeout)
            .unwrap_or(now + MAX_RETRY_TIMEOUT);
        let mut last = None;
        loop {
            // Before the value is loaded, so that a reload that ends in between is noticed.
            let seen = self.reloader.progress();
            let (step, generation) = self.choose(seen.reloads_ended);
            let permit = match step {
                Step::UseCurrent(permit) => permit,
                Step::UsePrevious => Permit::Free,
                Step::Reload { wait, look_again } => {
                    // If the previous value may work, do not wait for a source that hangs.
                    let look_again = match self.previous_generation() {
                        Some(_) if wait.is_zero() => Some(clock.now() + HANGS_AFTER),
                        _ => look_again,
                    };
                    let target = self.reloader.clone();
                    match self
                        .shared_reload()
                        .join(target, wait, look_again, deadline, seen)
                    {
                        Some(reload) => reload.await,
                        None => return Err(self.give_up(last, &generation)),
                    }
                    if clock.now() < deadline {
                        continue;
                    }
                    return Err(self.give_up(last, &generation));
                }
            };
            let mut attempt = Attempt {
                live: self,
                credential: generation.made_of.fingerprints.inputs,
                permit,
                reload: self.reloader.reloads_begun(),
                is_over: false,
            };
            match operation(generation.value.clone()).await {
                Err(error) if is_auth_error(&error) => {
                    attempt.refused();
                    last = Some(error);
                }
                Err(error) => {
                    attempt.failed();
                    return Err(RetryError::Operation(error));
                }
                Ok(result) => {
                    attempt.succeeded();
                    return Ok(result);
                }
            }
        }
    }

    /// Does the same as [`retry_on`](Self::retry_on), for blocking code. The operation runs on the calling thread.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let port = live.retry_on_blocking(|_: &String| false, |vars| Ok::<_, String>(vars.get("PORT").is_some()));
    /// assert_eq!(port, Ok(true));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`retry_on`](Self::retry_on).
    pub fn retry_on_blocking<R, E>(
        &self,
        is_auth_error: impl Fn(&E) -> bool,
        operation: impl Fn(&T) -> Result<R, E>,
    ) -> Result<R, RetryError<E>> {
        block_on(self.retry_on(is_auth_error, |value| std::future::ready(operation(&value))))
    }

    /// Returns a handle to the same value, whose calls of [`retry_on`](Self::retry_on) wait so long for credentials that are not
    /// refused. Other handles keep theirs; see [`LiveBuilder::retry_timeout`](crate::LiveBuilder::retry_timeout).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::time::Duration;
    /// let live = Live::from_vars(|| Ok(ConfigVars::from([("PORT", "8080")])))?;
    /// let for_requests = live.clone().with_retry_timeout(Duration::from_secs(2));
    /// let for_jobs = live.with_retry_timeout(Duration::from_secs(60));
    /// # _ = (for_requests, for_jobs);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn with_retry_timeout(mut self, retry_timeout: Duration) -> Self {
        self.retry_timeout = retry_timeout;
        self
    }

    /// Chooses the next step, and the value for it.
    fn choose(&self, reloads: u64) -> (Step, InUse<'_, T>) {
        let context = &self.reloader.context;
        let now = context.clock.now();
        let current = self.versions.current();
        let previous = self.previous_generation();
        let situation = Situation {
            current: current.made_of.fingerprints.inputs,
            previous: previous
                .as_ref()
                .map(|previous| previous.made_of.fingerprints.inputs),
            was_refused_recently: self.versions.was_refused_recently(now),
            hangs: self.shared_reload().hangs(now),
            reloads,
            max_retries: context.settings.max_retries,
        };
        match (context.refusals.next_step(situation, now), previous) {
            (Step::UsePrevious, Some(previous)) => (Step::UsePrevious, previous),
            (step, _) => (step, current),
        }
    }

    fn shared_reload(&self) -> &Arc<SharedReload> {
        &self.reloader.shared_reload
    }

    fn give_up<E>(&self, last: Option<E>, generation: &Generation<T>) -> RetryError<E> {
        match last {
            Some(error) => RetryError::Operation(error),
            None => RetryError::Refused(self.refusal(generation)),
        }
    }

    /// The error of a caller whose credentials were refused in other calls. It names the config vars that they came from.
    fn refusal(&self, generation: &Generation<T>) -> Error {
        let vars = self.reloader.vars();
        Error::new(Fault::Refused(generation.number)).with_candidates(&generation.made_of.names_in(&vars))
    }
}

impl Reload for Reloader {
    fn reload(&self) {
        self.want_newer();
        // An error is in the status.
        _ = self.reload_silently();
    }

    fn deliver(&self) {
        self.deliver();
    }

    fn progress(&self) -> ReloadProgress {
        ReloadProgress {
            reloads_ended: self.reloads_ended(),
            last_stamp: self.context.last_stamp(),
        }
    }

    fn has_news(&self) -> bool {
        self.has_unread_push()
    }
}

/// An attempt in progress. If its future is dropped, or it panics, it has no result.
struct Attempt<'l, T: Send + Sync + 'static> {
    live: &'l Live<T>,
    credential: u64,
    permit: Permit,
    /// The number of the last reload that had begun before it.
    reload: u64,
    is_over: bool,
}

impl<T: Send + Sync + 'static> Attempt<'_, T> {
    fn refused(&mut self) {
        self.is_over = true;
        let now = self.now();
        self.live.versions.note_refusal(now);
        self.refusals()
            .refused(self.credential, self.permit, self.reload, now);
    }

    fn failed(&mut self) {
        self.is_over = true;
        self.refusals().failed(self.credential, self.permit, self.now());
        self.live.shared_reload().wake_one();
    }

    fn succeeded(&mut self) {
        self.is_over = true;
        let served = self
            .refusals()
            .succeeded(self.credential, self.permit, self.now());
        (0..served).for_each(|_| self.live.shared_reload().wake_one());
    }

    fn refusals(&self) -> &RefusalPolicy {
        &self.live.reloader.context.refusals
    }

    fn now(&self) -> Instant {
        self.live.reloader.clock().now()
    }
}

impl<T: Send + Sync + 'static> Drop for Attempt<'_, T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.refusals()
                .abandoned(self.credential, self.permit, self.now());
            self.live.shared_reload().wake_one();
        }
    }
}
