//! Following a roll when the server refuses a credential: [`Live::retry_on`].

pub(super) mod policy;
pub(super) mod shared_reload;

use super::Live;
use super::derived::Generation;
use super::reloader::Reloader;
use crate::clock::Clock;
use crate::error::{Error, Fault};
use policy::{Permit, RefusalPolicy, Situation, Step};
use shared_reload::{Reload, SharedReload, block_on};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Replacement for a retry timeout that would overflow `Instant`.
const MAX_RETRY_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

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
    /// The operation was not tried, because its credentials were refused before and trying them again might lock the
    /// account.
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
    /// [previous](Self::previous) one, within its grace period. If all are refused, the source is read again, at growing
    /// intervals from 50 ms to 3.2 s, for as long as the caller's [retry timeout](Self::set_retry_timeout) lasts. A refusal of what
    /// has been replaced meanwhile sets off nothing.
    ///
    /// # Refused logins
    ///
    /// Servers lock accounts after some refused logins. So the number of logins that are tried with a credential that was
    /// refused has two limits. Everything that is mapped from one source shares them, and no success resets them:
    ///
    /// - A **credential** that was refused is tried again by one caller at a time, 1, 5, 21, 85 and 341 s after the first
    ///   refusal, and then not any more until it changes. (Five times unless [set](Self::set_max_retries). Callers that are
    ///   under way at the first refusal cannot be held back.) If it has also succeeded since, by an open connection for
    ///   example, the count starts again six minutes after the last refusal.
    /// - A **source** whose credential is another one at each read, and refused each time: after five tries in six
    ///   minutes, further tries are 1, 4, 16, 64 and then 256 s apart, and the reads between them up to 3.2 s.
    ///
    /// A caller that gets no answer holds up nobody beyond the time of the next try. An error that is no refusal, such as
    /// a server that is down, spends no retry.
    ///
    /// Open connections survive a change of the password, so some operations may succeed while logins are refused. As many
    /// callers at once as have succeeded at once go on being served, also when the retries are spent; the others wait, and
    /// get [`RetryError::Refused`] when their retry timeout ends. When such a connection is lost and its successor refused, one
    /// caller fewer is served; the first time, the pool may only have been slow to take a connection back.
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
        let settings = self.reloader.settings();
        let clock = self.reloader.clock();
        let now = clock.now();
        let deadline = now
            .checked_add(settings.retry_timeout)
            .unwrap_or(now + MAX_RETRY_TIMEOUT);
        let mut last = None;
        loop {
            // Counted before the value is looked at, so that a reload that ends in between is not waited for.
            let reloads = self.reloader.reloads_ended();
            let (step, generation) = self.choose(reloads, settings.max_retries);
            let permit = match step {
                Step::UseCurrent(permit) => permit,
                Step::UsePrevious => Permit::Free,
                Step::Reload { wait, look_again } => {
                    // Where the previous value may help, a source that hangs is not waited for.
                    let look_again = match self.derived.previous() {
                        Some(_) if wait.is_zero() => {
                            Some(clock.now() + SharedReload::max_wait_for_alternative())
                        }
                        _ => look_again,
                    };
                    match self.shared_reload.join(wait, look_again, deadline, reloads) {
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
                credential: generation.fingerprints.inputs,
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

    /// As [`retry_on`](Self::retry_on), for code that blocks.
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
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_retry_timeout(std::time::Duration::from_secs(2));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_retry_timeout(&self, retry_timeout: Duration) {
        self.reloader
            .set(|settings| settings.retry_timeout = retry_timeout);
    }

    /// Sets how often [`retry_on`](Self::retry_on) tries a refused credential again, all callers together: 5 times unless
    /// set. It holds for all that share this source.
    ///
    /// With 0, a credential that was refused is not used again until it changes, not even where open connections would
    /// still serve: for servers that lock an account at the second failure.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.set_max_retries(0); // the account is locked at the second failure
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_max_retries(&self, retries: u32) {
        self.reloader.set(|settings| settings.max_retries = retries);
    }

    /// Makes this `Live`, and all that share its source, go by a clock that a test advances (feature `test-util`): its
    /// retry timeout, grace period, retries and waits between reloads. The first call decides.
    ///
    /// ```
    /// # use config_vars::Live;
    /// # use config_vars::test_util::{ScriptedSource, TestClock};
    /// # use std::time::{Duration, Instant};
    /// let script = ScriptedSource::new([("JAWSDB_URL", "mysql://app:one@db.example/shop")]);
    /// let live = Live::from_vars(script.clone())?;
    /// let clock = TestClock::new();
    /// live.set_clock(&clock);
    /// script.set("JAWSDB_URL", "mysql://app:two@db.example/shop");
    /// live.reload()?;
    /// assert!(live.previous().is_some());
    /// clock.advance(Duration::from_secs(300)); // the grace period
    /// assert!(live.previous().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[cfg(feature = "test-util")]
    pub fn set_clock(&self, clock: &crate::test_util::TestClock) {
        self.reloader.clock().replace(clock.clone());
    }

    /// Chooses the next step, and the value to use.
    fn choose(&self, reloads: u64, max_retries: u32) -> (Step, Arc<Generation<T>>) {
        let now = self.reloader.clock().now();
        let current = self.derived.current.load_full();
        let previous = self.derived.previous();
        let situation = Situation {
            current: current.fingerprints.inputs,
            previous: previous.as_ref().map(|previous| previous.fingerprints.inputs),
            was_refused_recently: self.derived.was_refused_recently(now),
            hangs: self.shared_reload.hangs(now),
            reloads,
            max_retries,
        };
        match (self.reloader.context.refusals.next_step(situation, now), previous) {
            (Step::UsePrevious, Some(previous)) => (Step::UsePrevious, previous),
            (step, _) => (step, current),
        }
    }

    fn give_up<E>(&self, last: Option<E>, generation: &Generation<T>) -> RetryError<E> {
        last.map_or_else(
            || {
                let inputs = self.derived.inputs();
                // Not what the app looked for in vain: nothing comes from there, and its name may be a value by mistake.
                let vars = self.reloader.vars();
                let names = inputs.iter().map(|name| &**name);
                let set = names.filter(|name| vars.find_var(name).is_some());
                let names = set.map(|name| (name, None));
                RetryError::Refused(Error::new(Fault::Refused(generation.number)).with_candidates(names))
            },
            RetryError::Operation,
        )
    }
}

impl Reload for Reloader {
    fn reload(&self) {
        // An error is in the status.
        _ = self.reload();
    }

    fn reloads_ended(&self) -> u64 {
        self.reloads_ended()
    }

    fn clock(&self) -> &Clock {
        self.clock()
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
        self.live.derived.note_refusal(now);
        self.refusals()
            .refused(self.credential, self.permit, self.reload, now);
    }

    fn failed(&mut self) {
        self.is_over = true;
        self.refusals().failed(self.credential, self.permit, self.now());
        self.live.shared_reload.wake_one();
    }

    fn succeeded(&mut self) {
        self.is_over = true;
        let served = self
            .refusals()
            .succeeded(self.credential, self.permit, self.now());
        (0..served).for_each(|_| self.live.shared_reload.wake_one());
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
        }
    }
}
