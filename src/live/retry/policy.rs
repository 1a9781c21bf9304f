//! The policy for refused credentials: which one to use next, when to retry, and when to stop.
//!
//! Many servers count refused logins, and lock the account after a few. The crate only sees the results of *operations*,
//! which are not logins: an operation that succeeds may have used a connection that was opened before the password
//! changed. So a success never clears a refusal. It only shows that one more caller can be served at the same time, by
//! one more open connection. Two budgets limit the number of refused logins:
//!
//! - **By credential.** Callers that are in progress when a credential is first refused cannot be held back. After them,
//!   it is retried by one caller at a time, 1, 5, 21, 85 and 341 s after the first refusal, and every further refusal
//!   counts; but callers on open connections that are refused together count once. Between retries, it is used by as many
//!   callers at once as have succeeded at once ([`Suspect::proven`]).
//! - **By source.** All values of one source share one budget of retries. After the first few in a window, the intervals
//!   grow, whichever credential is retried. This limits a source that returns another credential at each read, or that
//!   alternates between two.
//!
//! A reload sends nothing to a server, so it comes sooner and more often than a retry.

use crate::clock::earlier;
use crate::lock::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Wait before a reload that follows one without a new credential; it doubles with each further one.
const FIRST_RELOAD_WAIT: Duration = Duration::from_millis(50);
/// Maximum number of doublings of [`FIRST_RELOAD_WAIT`], up to 3.2 s.
const MAX_RELOAD_DOUBLINGS: u32 = 6;
/// Wait after the first refusal; after each further retry it is [`GROWTH`] times as long.
const FIRST_RETRY_WAIT: Duration = Duration::from_secs(1);
const GROWTH: u32 = 4;
/// Maximum exponent of [`GROWTH`], for a wait of 256 s.
const MAX_GROWTH_EXPONENT: u32 = 4;
/// How long a connection counts as in use after an operation, once a pool was too slow to take a connection back and
/// opened another one, which was refused. The time doubles with each further refusal of that kind.
const FIRST_REST: Duration = Duration::from_millis(50);
const MAX_REST: Duration = Duration::from_millis(1_600);
/// How long a refused login counts against the budgets.
pub(in crate::live) const WINDOW: Duration = Duration::from_secs(6 * 60);
/// How long a retry without a result counts. It may have been refused, but in most cases the server did not answer.
const UNRESOLVED_WINDOW: Duration = Duration::from_secs(60);
/// Doublings of the reload wait while a credential is tried that was not refused, because a new one is not needed yet.
const TRYING_DOUBLINGS: u32 = 5;
/// Number of retries by all values of a source in one [`WINDOW`], after which the intervals grow.
const RETRIES_BEFORE_GROWTH: u32 = 5;
/// Maximum number of remembered credentials, and of remembered times.
const MAX_REMEMBERED: usize = 64;

/// The refusals of all values of one source.
#[derive(Default)]
pub(in crate::live) struct RefusalPolicy {
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    /// At most [`MAX_REMEMBERED`].
    suspects: Vec<Suspect>,
    /// When retries were refused, within the last [`WINDOW`].
    refused_retries: Vec<Instant>,
    /// When credentials were first refused, within the last [`WINDOW`] and since the last roll that was followed.
    first_refusals: Vec<Instant>,
}

/// A credential that was refused, or that replaced a refused one.
struct Suspect {
    /// The fingerprint.
    credential: u64,
    /// The number of the last reload that had begun before the first refusal; `None` if this credential was not refused.
    refused_after: Option<u64>,
    /// Number of refused retries since.
    refused: u32,
    /// When the retries without a result began, within the last [`UNRESOLVED_WINDOW`].
    unresolved: Vec<Instant>,
    /// When the next retry is due.
    next_retry: Instant,
    /// Until when no other caller may retry.
    busy_until: Option<Instant>,
    /// Number of callers that have succeeded at once since the first refusal, so at least as many connections are open.
    proven: u32,
    /// Number of callers that use these connections now.
    in_use: u32,
    /// How many of them were in progress at the last refusal that counted. They could not be held back, so their refusals
    /// do not count: all of them are refused at once when the password that they use is replaced.
    excused: u32,
    /// When the connections that were used last stop resting.
    resting: Vec<Instant>,
    /// How long a connection rests after its use; `None` if connections do not rest.
    rest: Option<Duration>,
    /// When it was last refused, or became a suspect.
    since: Instant,
    has_succeeded: bool,
    /// Whether the source returned it again after it was refused and replaced.
    was_reinstated: bool,
}

/// Why an attempt was allowed, which decides what its result means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::live) enum Permit {
    /// The credential was not suspect.
    Free,
    /// As many callers have succeeded at once, and the credential was not refused. A refusal would be the first.
    Unrefused,
    /// As many callers have succeeded at once since the credential was refused.
    Proven,
    /// The credential is suspect, and no other caller retries it at the same time.
    Retry,
}

/// The next step of a caller.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::live) enum Step {
    UseCurrent(Permit),
    UsePrevious,
    /// Wait for a reload.
    Reload {
        /// Minimum time between the last reload and this one.
        wait: Duration,
        /// When to choose again even if no reload has ended.
        look_again: Option<Instant>,
    },
}

/// The facts that a [`Step`] depends on.
#[derive(Clone, Copy)]
pub(in crate::live) struct Situation {
    /// The fingerprint of the current credential; two generations may have the same.
    pub(in crate::live) current: u64,
    pub(in crate::live) previous: Option<u64>,
    /// Whether a credential of the same value, current or earlier, was refused within the last [`WINDOW`].
    pub(in crate::live) was_refused_recently: bool,
    /// Whether the reload in progress hangs.
    pub(in crate::live) hangs: bool,
    /// The number of the last reload that ended.
    pub(in crate::live) reloads: u64,
    /// Maximum number of retries of a refused credential.
    pub(in crate::live) max_retries: u32,
}

impl RefusalPolicy {
    pub(in crate::live) fn next_step(&self, situation: Situation, now: Instant) -> Step {
        let mut history = lock(&self.history);
        history.drop_old_times(now);
        history.release(situation.max_retries, now);
        if !situation.was_refused_recently {
            // A credential that replaced a refused one so long ago is no longer suspect.
            match history.place(situation.current) {
                Some(place) if history.suspects[place].refused_after.is_some() => {}
                place => {
                    if let Some(place) = place {
                        history.suspects.swap_remove(place);
                    }
                    return Step::UseCurrent(Permit::Free);
                }
            }
        }
        let is_previous_good = match situation.previous {
            Some(previous) => history.place(previous).is_none(),
            None => false,
        };
        let next_retry = history.next_retry();
        let reload_growth = u32::try_from(history.first_refusals.len()).unwrap_or(u32::MAX);
        let suspect = history.suspect(situation.current, now);
        let futile_reloads = match suspect.refused_after {
            None => TRYING_DOUBLINGS,
            Some(before) => match situation.reloads.checked_sub(before + 1) {
                Some(futile_reloads) => u32::try_from(futile_reloads).unwrap_or(u32::MAX),
                None if situation.hangs && is_previous_good => 0,
                // The first reload follows at once, unless one credential after the other is refused.
                None => {
                    return Step::Reload {
                        wait: reload_wait(reload_growth.checked_sub(2)),
                        look_again: None,
                    };
                }
            },
        };
        match suspect.permit(next_retry, situation.max_retries, now) {
            Some(permit) => Step::UseCurrent(permit),
            None if is_previous_good => Step::UsePrevious,
            None => Step::Reload {
                wait: reload_wait(Some(futile_reloads.max(reload_growth.saturating_sub(1)))),
                look_again: suspect.look_again(next_retry, situation.max_retries),
            },
        }
    }

    /// Records a refusal; `reload` is the number of the last reload that had begun before the attempt.
    pub(in crate::live) fn refused(&self, credential: u64, permit: Permit, reload: u64, now: Instant) {
        let mut history = lock(&self.history);
        history.drop_old_times(now);
        let suspect = history.suspect(credential, now);
        let is_first = suspect.refused_after.is_none();
        suspect.refused_after.get_or_insert(reload);
        suspect.has_succeeded = false;
        suspect.was_reinstated = false;
        suspect.since = now;
        match permit {
            Permit::Free => {}
            // The caller was in progress at the first refusal.
            Permit::Unrefused => {
                suspect.in_use = suspect.in_use.saturating_sub(1);
                suspect.excused = suspect.excused.min(suspect.in_use);
            }
            Permit::Retry => {
                suspect.unresolved.pop();
                suspect.busy_until = None;
                // The first refusal of a credential is not yet a retry.
                suspect.refused += u32::from(!is_first);
            }
            Permit::Proven => {
                suspect.in_use = suspect.in_use.saturating_sub(1);
                if suspect.excused > 0 {
                    suspect.excused -= 1;
                    suspect.proven = suspect.proven.saturating_sub(1);
                    return;
                }
                suspect.excused = suspect.in_use;
                suspect.lengthen_rest();
                suspect.refused += 1;
                suspect.next_retry = suspect.next_retry.max(now + suspect.wait());
            }
        }
        if is_first {
            suspect.unresolved.clear();
            suspect.next_retry = now + FIRST_RETRY_WAIT;
            // The number of connections that are still open is not known yet.
            suspect.proven = 0;
            push_bounded(&mut history.first_refusals, now);
        }
        if matches!(permit, Permit::Retry | Permit::Proven) {
            push_bounded(&mut history.refused_retries, now);
        }
    }

    /// Records a success. Returns how many waiting callers may be served now.
    pub(in crate::live) fn succeeded(&self, credential: u64, permit: Permit, now: Instant) -> usize {
        let mut history = lock(&self.history);
        let Some(suspect) = history.known(credential) else {
            return 0;
        };
        let is_refused = suspect.refused_after.is_some();
        suspect.has_succeeded = true;
        match permit {
            // The caller was in progress when the credential was refused, so it had a connection of its own.
            Permit::Free => suspect.proven += 1,
            // The credential works, so callers need not wait for each other.
            Permit::Unrefused => {
                suspect.end_use(now);
                suspect.proven += 1;
            }
            Permit::Proven => suspect.end_use(now),
            Permit::Retry => {
                suspect.proven += 1;
                suspect.end_retry(now);
                if !is_refused {
                    history.first_refusals.clear();
                }
            }
        }
        2
    }

    /// Records an error other than a refusal, such as a server that is down. It says nothing about the credential.
    pub(in crate::live) fn failed(&self, credential: u64, permit: Permit, now: Instant) {
        if let Some(suspect) = lock(&self.history).known(credential) {
            match permit {
                Permit::Free => {}
                Permit::Unrefused | Permit::Proven => suspect.end_use(now),
                Permit::Retry => suspect.end_retry(now),
            }
        }
    }

    /// Records an attempt without a result, because its future was dropped or it panicked.
    pub(in crate::live) fn abandoned(&self, credential: u64, permit: Permit, now: Instant) {
        if let Some(suspect) = lock(&self.history).known(credential) {
            match permit {
                Permit::Free => {}
                Permit::Unrefused | Permit::Proven => suspect.end_use(now),
                // It may have been refused, so it still counts; but no caller has to wait for it.
                Permit::Retry => suspect.busy_until = None,
            }
        }
    }

    /// Records that a reload put this credential in use, possibly again.
    pub(in crate::live) fn reinstated(&self, credential: u64) {
        if let Some(suspect) = lock(&self.history).known(credential) {
            suspect.was_reinstated = true;
            // Its clients are made anew, with connections of their own.
            suspect.rest = None;
        }
    }
}

impl History {
    fn known(&mut self, credential: u64) -> Option<&mut Suspect> {
        let place = self.place(credential)?;
        Some(&mut self.suspects[place])
    }

    fn place(&self, credential: u64) -> Option<usize> {
        for (place, suspect) in self.suspects.iter().enumerate() {
            if suspect.credential == credential {
                return Some(place);
            }
        }
        None
    }

    fn suspect(&mut self, credential: u64, now: Instant) -> &mut Suspect {
        let known = self.place(credential);
        let place = known.unwrap_or_else(|| self.add(credential, now));
        &mut self.suspects[place]
    }

    /// Adds a suspect, in place of the oldest one if there are too many. Returns its index.
    fn add(&mut self, credential: u64, now: Instant) -> usize {
        if self.suspects.len() >= MAX_REMEMBERED {
            let mut oldest = 0;
            for (place, suspect) in self.suspects.iter().enumerate() {
                if suspect.since < self.suspects[oldest].since {
                    oldest = place;
                }
            }
            self.suspects.swap_remove(oldest);
        }
        self.suspects.push(Suspect {
            credential,
            refused_after: None,
            refused: 0,
            unresolved: Vec::new(),
            next_retry: now,
            busy_until: None,
            proven: 0,
            in_use: 0,
            excused: 0,
            resting: Vec::new(),
            rest: None,
            since: now,
            has_succeeded: false,
            was_reinstated: false,
        });
        self.suspects.len() - 1
    }

    /// Drops the times before the window.
    fn drop_old_times(&mut self, now: Instant) {
        let begin = now.checked_sub(WINDOW);
        remove_until(&mut self.refused_retries, begin);
        remove_until(&mut self.first_refusals, begin);
        for suspect in &mut self.suspects {
            remove_until(&mut suspect.unresolved, now.checked_sub(UNRESOLVED_WINDOW));
        }
    }

    /// Drops the suspects that were last refused before the window, if they have succeeded since or were reinstated.
    /// Others stay refused.
    fn release(&mut self, max_retries: u32, now: Instant) {
        for place in (0..self.suspects.len()).rev() {
            let suspect = &self.suspects[place];
            // A success may come from an open connection, so it does not permit a login if no retry is allowed.
            let has_succeeded = suspect.has_succeeded && max_retries > 0;
            let is_over = now.saturating_duration_since(suspect.since) >= WINDOW;
            if is_over && (has_succeeded || suspect.was_reinstated) {
                self.suspects.swap_remove(place);
            }
        }
    }

    /// When the budget of the source allows the next retry.
    fn next_retry(&self) -> Option<Instant> {
        let mut retries = self.refused_retries.len();
        let mut last = self.refused_retries.last();
        for suspect in &self.suspects {
            retries += suspect.unresolved.len();
            last = last.max(suspect.unresolved.last());
        }
        let beyond = u32::try_from(retries)
            .unwrap_or(u32::MAX)
            .checked_sub(RETRIES_BEFORE_GROWTH)?;
        Some(*last? + retry_wait(beyond))
    }
}

impl Suspect {
    fn permit(&mut self, next_retry: Option<Instant>, max_retries: u32, now: Instant) -> Option<Permit> {
        let is_refused = self.refused_after.is_some();
        // No retry is allowed for servers that count every login.
        if is_refused && max_retries == 0 {
            return None;
        }
        remove_until(&mut self.resting, Some(now));
        let in_use = self.in_use + u32::try_from(self.resting.len()).unwrap_or(u32::MAX);
        if in_use < self.proven {
            self.in_use += 1;
            return Some(if is_refused {
                Permit::Proven
            } else {
                Permit::Unrefused
            });
        }
        // While connections only rest, a retry would use one of them, and show nothing.
        let is_due = self.in_use >= self.proven
            && self.spent() < self.allowed(max_retries)
            && now >= self.next_retry
            && next_retry <= Some(now)
            && self.busy_until <= Some(now);
        if !is_due {
            return None;
        }
        self.unresolved.push(now);
        self.next_retry = now + self.wait();
        self.busy_until = Some(self.next_retry);
        Some(Permit::Retry)
    }

    /// When another caller may be served if no reload ends before.
    fn look_again(&self, next_retry: Option<Instant>, max_retries: u32) -> Option<Instant> {
        if self.allowed(max_retries) == 0 {
            return None;
        }
        let rested = self.resting.first().copied();
        let due = (self.in_use >= self.proven && self.spent() < self.allowed(max_retries))
            .then(|| self.next_retry.max(next_retry.unwrap_or(self.next_retry)));
        earlier(rested, due)
    }

    /// Maximum number of retries. A credential that was not refused has at least one attempt.
    fn allowed(&self, max_retries: u32) -> u32 {
        max_retries.max(u32::from(self.refused_after.is_none()))
    }

    fn end_use(&mut self, now: Instant) {
        self.in_use = self.in_use.saturating_sub(1);
        self.excused = self.excused.min(self.in_use);
        if let Some(rest) = self.rest {
            self.resting.push(now + rest);
        }
    }

    /// The pool had no free connection, and a new one was refused. The first time, the pool may only have been slow to take
    /// a connection back; after that, a connection counts as lost.
    fn lengthen_rest(&mut self) {
        self.rest = Some(match self.rest {
            None => FIRST_REST,
            Some(rest) => {
                self.proven = self.proven.saturating_sub(1);
                (rest * 2).min(MAX_REST)
            }
        });
    }

    /// The latest retry ended without a refusal.
    fn end_retry(&mut self, now: Instant) {
        self.unresolved.pop();
        self.busy_until = None;
        self.next_retry = now;
    }

    fn spent(&self) -> u32 {
        self.refused + u32::try_from(self.unresolved.len()).unwrap_or(u32::MAX)
    }

    /// The wait after its latest retry.
    fn wait(&self) -> Duration {
        let before = u32::from(self.refused_after.is_some());
        retry_wait((before + self.spent()).saturating_sub(1))
    }
}

/// Removes the times up to `end`; none if there is no such time.
fn remove_until(times: &mut Vec<Instant>, end: Option<Instant>) {
    while !times.is_empty() && Some(times[0]) <= end {
        times.remove(0);
    }
}

fn retry_wait(exponent: u32) -> Duration {
    FIRST_RETRY_WAIT * GROWTH.pow(exponent.min(MAX_GROWTH_EXPONENT))
}

fn reload_wait(doublings: Option<u32>) -> Duration {
    match doublings {
        Some(doublings) => FIRST_RELOAD_WAIT * 2_u32.pow(doublings.min(MAX_RELOAD_DOUBLINGS)),
        None => Duration::ZERO,
    }
}

fn push_bounded(times: &mut Vec<Instant>, now: Instant) {
    if times.len() == MAX_REMEMBERED {
        times.remove(0);
    }
    times.push(now);
}

#[cfg(test)]
mod tests;
