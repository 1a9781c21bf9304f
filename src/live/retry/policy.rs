//! The policy for refused credentials: which one to use next, when to retry, and when to stop.
//!
//! Many servers count refused logins, and lock the account after a few. The crate only sees the results of *operations*,
//! which are not logins: an operation that succeeds may have used a connection that was opened before the password
//! changed. So a success never clears a refusal. It only shows that one more caller can be served at the same time, by
//! one more open connection. Two budgets limit the number of refused logins:
//!
//! - **By credential.** Callers that are in progress when a credential is first refused cannot be held back. After them,
//!   it is retried by one caller at a time, 1, 5, 21, 85 and 341 s after the first refusal, and every further refusal
//!   counts. Between retries, it is used by as many callers at once as have succeeded at once ([`Suspect::proven`]).
//! - **By source.** All values of one source share one budget of retries. After the first few in a window, the intervals
//!   grow, whichever credential is retried. This limits a source that returns another credential at each read, or that
//!   alternates between two.
//!
//! A reload sends nothing to a server, so it comes sooner and more often than a retry.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
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
    /// By fingerprint.
    suspects: HashMap<u64, Suspect>,
    /// When retries were refused, within the last [`WINDOW`].
    refused_retries: VecDeque<Instant>,
    /// When credentials were first refused, within the last [`WINDOW`] and since the last roll that was followed.
    first_refusals: VecDeque<Instant>,
}

/// A credential that was refused, or that replaced a refused one.
struct Suspect {
    /// The number of the last reload that had begun before the first refusal; `None` if this credential was not refused.
    refused_after: Option<u64>,
    /// Number of refused retries since.
    refused: u32,
    /// When the retries without a result began, within the last [`UNRESOLVED_WINDOW`].
    unresolved: VecDeque<Instant>,
    /// When the next retry is due.
    next_retry: Instant,
    /// Until when no other caller may retry.
    busy_until: Option<Instant>,
    /// Number of callers that have succeeded at once since the first refusal, so at least as many connections are open.
    proven: u32,
    /// Number of callers that use these connections now.
    in_use: u32,
    /// When the connections that were used last stop resting.
    resting: VecDeque<Instant>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
        let Situation {
            current,
            previous,
            was_refused_recently,
            hangs,
            reloads,
            max_retries,
        } = situation;
        let mut history = self.lock();
        history.drop_old_times(now);
        history.release(max_retries, now);
        if !was_refused_recently {
            // A credential that replaced a refused one so long ago is no longer suspect.
            let is_refused = |suspect: &Suspect| suspect.refused_after.is_some();
            if !history.suspects.get(&current).is_some_and(is_refused) {
                history.suspects.remove(&current);
                return Step::UseCurrent(Permit::Free);
            }
        }
        let is_previous_good = previous.is_some_and(|previous| !history.suspects.contains_key(&previous));
        let next_retry = history.next_retry();
        let reload_growth = u32::try_from(history.first_refusals.len()).unwrap_or(u32::MAX);
        let suspect = history.suspect(current, now);
        let futile_reloads = match suspect.refused_after {
            None => TRYING_DOUBLINGS,
            Some(before) => match reloads.checked_sub(before + 1) {
                Some(futile_reloads) => u32::try_from(futile_reloads).unwrap_or(u32::MAX),
                None if hangs && is_previous_good => 0,
                // The first reload follows at once, unless one credential after the other is refused.
                None => {
                    return Step::Reload {
                        wait: reload_wait(reload_growth.checked_sub(2)),
                        look_again: None,
                    };
                }
            },
        };
        match suspect.permit(next_retry, max_retries, now) {
            Some(permit) => Step::UseCurrent(permit),
            None if is_previous_good => Step::UsePrevious,
            None => Step::Reload {
                wait: reload_wait(Some(futile_reloads.max(reload_growth.saturating_sub(1)))),
                look_again: suspect.look_again(next_retry, max_retries),
            },
        }
    }

    /// Records a refusal; `reload` is the number of the last reload that had begun before the attempt.
    pub(in crate::live) fn refused(&self, credential: u64, permit: Permit, reload: u64, now: Instant) {
        let mut history = self.lock();
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
            Permit::Unrefused => suspect.in_use = suspect.in_use.saturating_sub(1),
            Permit::Retry => {
                suspect.unresolved.pop_back();
                suspect.busy_until = None;
                // The first refusal of a credential is not yet a retry.
                suspect.refused += u32::from(!is_first);
            }
            Permit::Proven => {
                suspect.in_use = suspect.in_use.saturating_sub(1);
                suspect.refused += 1;
                suspect.lengthen_rest();
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
        let mut history = self.lock();
        let Some(suspect) = history.suspects.get_mut(&credential) else {
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
        if let Some(suspect) = self.lock().suspects.get_mut(&credential) {
            match permit {
                Permit::Free => {}
                Permit::Unrefused | Permit::Proven => suspect.end_use(now),
                Permit::Retry => suspect.end_retry(now),
            }
        }
    }

    /// Records an attempt without a result, because its future was dropped or it panicked.
    pub(in crate::live) fn abandoned(&self, credential: u64, permit: Permit, now: Instant) {
        if let Some(suspect) = self.lock().suspects.get_mut(&credential) {
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
        if let Some(suspect) = self.lock().suspects.get_mut(&credential) {
            suspect.was_reinstated = true;
        }
    }

    fn lock(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn suspect(&mut self, credential: u64, now: Instant) -> &mut Suspect {
        if self.suspects.len() >= MAX_REMEMBERED && !self.suspects.contains_key(&credential) {
            let oldest = self.suspects.iter().min_by_key(|(_, suspect)| suspect.since);
            if let Some(oldest) = oldest.map(|(credential, _)| *credential) {
                self.suspects.remove(&oldest);
            }
        }
        self.suspects.entry(credential).or_insert_with(|| Suspect {
            refused_after: None,
            refused: 0,
            unresolved: VecDeque::new(),
            next_retry: now,
            busy_until: None,
            proven: 0,
            in_use: 0,
            resting: VecDeque::new(),
            rest: None,
            since: now,
            has_succeeded: false,
            was_reinstated: false,
        })
    }

    /// Drops the times before the window.
    fn drop_old_times(&mut self, now: Instant) {
        for times in [&mut self.refused_retries, &mut self.first_refusals] {
            drop_old(times, WINDOW, now);
        }
        for suspect in self.suspects.values_mut() {
            drop_old(&mut suspect.unresolved, UNRESOLVED_WINDOW, now);
        }
    }

    /// Drops the suspects that were last refused before the window, if they have succeeded since or were reinstated.
    /// Others stay refused.
    fn release(&mut self, max_retries: u32, now: Instant) {
        self.suspects.retain(|_, suspect| {
            // A success may come from an open connection, so it does not permit a login if no retry is allowed.
            let has_succeeded = suspect.has_succeeded && max_retries > 0;
            let is_over = now.saturating_duration_since(suspect.since) >= WINDOW;
            !(is_over && (has_succeeded || suspect.was_reinstated))
        });
    }

    /// When the budget of the source allows the next retry.
    fn next_retry(&self) -> Option<Instant> {
        let unresolved = || self.suspects.values().map(|suspect| &suspect.unresolved);
        let retries = self.refused_retries.len() + unresolved().map(VecDeque::len).sum::<usize>();
        let beyond = u32::try_from(retries)
            .unwrap_or(u32::MAX)
            .checked_sub(RETRIES_BEFORE_GROWTH)?;
        let last = unresolved()
            .chain([&self.refused_retries])
            .filter_map(VecDeque::back)
            .max()?;
        Some(*last + retry_wait(beyond))
    }
}

impl Suspect {
    fn permit(&mut self, next_retry: Option<Instant>, max_retries: u32, now: Instant) -> Option<Permit> {
        let is_refused = self.refused_after.is_some();
        // No retry is allowed for servers that count every login.
        if is_refused && max_retries == 0 {
            return None;
        }
        while self.resting.front().is_some_and(|until| *until <= now) {
            self.resting.pop_front();
        }
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
            && next_retry.is_none_or(|due| now >= due)
            && self.busy_until.is_none_or(|until| now >= until);
        if !is_due {
            return None;
        }
        self.unresolved.push_back(now);
        self.next_retry = now + self.wait();
        self.busy_until = Some(self.next_retry);
        Some(Permit::Retry)
    }

    /// When another caller may be served if no reload ends before.
    fn look_again(&self, next_retry: Option<Instant>, max_retries: u32) -> Option<Instant> {
        if self.allowed(max_retries) == 0 {
            return None;
        }
        let rested = self.resting.front().copied();
        let due = (self.in_use >= self.proven && self.spent() < self.allowed(max_retries))
            .then(|| self.next_retry.max(next_retry.unwrap_or(self.next_retry)));
        rested.into_iter().chain(due).min()
    }

    /// Maximum number of retries. A credential that was not refused has at least one attempt.
    fn allowed(&self, max_retries: u32) -> u32 {
        max_retries.max(u32::from(self.refused_after.is_none()))
    }

    fn end_use(&mut self, now: Instant) {
        self.in_use = self.in_use.saturating_sub(1);
        if let Some(rest) = self.rest {
            self.resting.push_back(now + rest);
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
        self.unresolved.pop_back();
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

fn drop_old(times: &mut VecDeque<Instant>, window: Duration, now: Instant) {
    let is_over = |time: &Instant| now.saturating_duration_since(*time) >= window;
    while times.front().is_some_and(is_over) {
        times.pop_front();
    }
}

fn retry_wait(exponent: u32) -> Duration {
    FIRST_RETRY_WAIT * GROWTH.pow(exponent.min(MAX_GROWTH_EXPONENT))
}

fn reload_wait(doublings: Option<u32>) -> Duration {
    doublings.map_or(Duration::ZERO, |doublings| {
        FIRST_RELOAD_WAIT * 2_u32.pow(doublings.min(MAX_RELOAD_DOUBLINGS))
    })
}

fn push_bounded(times: &mut VecDeque<Instant>, now: Instant) {
    if times.len() == MAX_REMEMBERED {
        times.pop_front();
    }
    times.push_back(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy with a manual clock.
    struct Fixture {
        policy: RefusalPolicy,
        start: Instant,
        situation: Situation,
    }

    impl Fixture {
        fn new(previous: Option<u64>) -> Self {
            Self {
                policy: RefusalPolicy::default(),
                start: Instant::now(),
                situation: Situation {
                    current: 7,
                    previous,
                    was_refused_recently: false,
                    hangs: false,
                    reloads: 3,
                    max_retries: 5,
                },
            }
        }

        /// The current credential was refused at 0 s, and the reload after that returned the same one.
        fn refused_once(previous: Option<u64>) -> Self {
            let mut fixture = Self::new(previous);
            fixture.refused(Permit::Free, 0);
            fixture.situation.reloads = 4;
            fixture
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        /// The next step, without `look_again`.
        fn step(&self, seconds: u64) -> Step {
            match self.policy.next_step(self.situation, self.at(seconds)) {
                Step::Reload { wait, .. } => Step::Reload {
                    wait,
                    look_again: None,
                },
                step => step,
            }
        }

        fn permit(&self, seconds: u64) -> Option<Permit> {
            match self.step(seconds) {
                Step::UseCurrent(permit) => Some(permit),
                _ => None,
            }
        }

        fn refused(&mut self, permit: Permit, seconds: u64) {
            let Situation { current, reloads, .. } = self.situation;
            self.policy.refused(current, permit, reloads, self.at(seconds));
            self.situation.was_refused_recently = true;
        }

        fn succeeded(&self, permit: Permit, seconds: u64) {
            _ = self
                .policy
                .succeeded(self.situation.current, permit, self.at(seconds))
        }

        fn roll(&mut self, credential: u64) {
            self.situation.current = credential;
            self.policy.reinstated(credential);
        }
    }

    /// A reload after this wait, without `look_again`.
    fn reload_in(milliseconds: u64) -> Step {
        Step::Reload {
            wait: Duration::from_millis(milliseconds),
            look_again: None,
        }
    }

    const RETRY: Step = Step::UseCurrent(Permit::Retry);
    const FREE: Step = Step::UseCurrent(Permit::Free);

    #[test]
    fn refused_credential_is_retried_at_growing_intervals_and_then_never() {
        let mut fixture = Fixture::new(None);
        assert_eq!(fixture.step(0), FREE);
        fixture.refused(Permit::Free, 0);
        assert_eq!(fixture.step(0), reload_in(0));
        fixture.situation.reloads = 4;
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(fixture.permit(due - 1), None, "{due}");
            assert_eq!(fixture.step(due), RETRY, "{due}");
            assert_eq!(fixture.permit(due), None, "one at a time: {due}");
            fixture.refused(Permit::Retry, due);
        }
        assert_eq!(fixture.permit(1_000_000), None);
        // Another credential is used at once, although its predecessor was refused.
        fixture.roll(8);
        assert_eq!(fixture.step(1_000_000), RETRY);
    }

    #[test]
    fn reinstated_credential_is_used_after_the_window() {
        let mut fixture = Fixture::refused_once(None);
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(fixture.step(due), RETRY);
            fixture.refused(Permit::Retry, due);
        }
        fixture.roll(8);
        fixture.roll(7);
        assert_eq!(fixture.permit(341 + 359), None);
        fixture.situation.was_refused_recently = false;
        assert_eq!(fixture.step(341 + 360), FREE);
    }

    #[test]
    fn success_does_not_restore_the_budget_within_the_window() {
        let mut fixture = Fixture::refused_once(None);
        let mut refused = 0;
        for second in 1..=360 {
            let permits: Vec<_> = (0..3).map_while(|_| fixture.permit(second)).collect();
            for permit in permits {
                if permit == Permit::Proven {
                    fixture.succeeded(permit, second);
                } else {
                    refused += 1;
                    fixture.refused(permit, second);
                }
            }
            // A caller that was in progress for long.
            if second == 2 {
                fixture.succeeded(Permit::Free, second);
            }
        }
        assert_eq!(refused, 5);
    }

    #[test]
    fn open_connections_serve_when_the_retries_are_spent() {
        let mut fixture = Fixture::refused_once(None);
        // Two callers were in progress on open connections.
        fixture.succeeded(Permit::Free, 0);
        fixture.succeeded(Permit::Free, 0);
        for due in [1, 5, 21, 85, 341] {
            let permits: Vec<_> = (0..4).map_while(|_| fixture.permit(due)).collect();
            assert_eq!(permits, [Permit::Proven, Permit::Proven, Permit::Retry], "{due}");
            fixture.refused(Permit::Retry, due);
            fixture.succeeded(Permit::Proven, due);
            fixture.succeeded(Permit::Proven, due);
        }
        let spent = [342, 600].map(|second| {
            let permits: Vec<_> = (0..4).map_while(|_| fixture.permit(second)).collect();
            fixture.policy.abandoned(7, Permit::Proven, fixture.at(second));
            fixture.policy.abandoned(7, Permit::Proven, fixture.at(second));
            permits
        });
        assert_eq!(spent, [vec![Permit::Proven; 2], vec![Permit::Proven; 2]]);
        // The pool was too slow once; then a connection is lost, and the login of its successor is refused.
        for second in [601, 602] {
            assert_eq!(fixture.permit(second), Some(Permit::Proven));
            fixture.refused(Permit::Proven, second);
        }
        assert_eq!(fixture.permit(603), Some(Permit::Proven));
        assert_eq!(fixture.permit(603), None);
    }

    #[test]
    fn each_successful_retry_admits_one_more_caller() {
        let fixture = Fixture::refused_once(None);
        for second in 1..=20 {
            let permits: Vec<_> = (0..50).map_while(|_| fixture.permit(second)).collect();
            assert_eq!(permits.len(), usize::try_from(second).unwrap());
            for permit in permits {
                fixture.succeeded(permit, second);
            }
        }
    }

    #[test]
    fn connections_rest_after_the_pool_had_none_free() {
        let mut fixture = Fixture::refused_once(None);
        for _ in 0..3 {
            fixture.succeeded(Permit::Free, 0);
        }
        for _ in 0..10 {
            assert_eq!(fixture.permit(0), Some(Permit::Proven));
            fixture.succeeded(Permit::Proven, 0);
        }
        assert_eq!(fixture.permit(0), Some(Permit::Proven));
        fixture.refused(Permit::Proven, 0);
        for permit in [
            Some(Permit::Proven),
            Some(Permit::Proven),
            Some(Permit::Proven),
            None,
        ] {
            assert_eq!(fixture.permit(0), permit);
            fixture.policy.failed(7, Permit::Proven, fixture.at(0));
        }
        assert_eq!(fixture.permit(1), Some(Permit::Proven));
    }

    #[test]
    fn connections_rest_longer_after_each_refusal() {
        let mut fixture = Fixture::refused_once(None);
        for _ in 0..4 {
            fixture.succeeded(Permit::Free, 0);
        }
        for (left, rest) in [(4, 50), (4, 100), (3, 200), (2, 400), (1, 800)] {
            for _ in 0..left {
                assert_eq!(fixture.permit(10), Some(Permit::Proven), "{left}");
            }
            fixture.refused(Permit::Proven, 10);
            assert_eq!(
                fixture.policy.lock().suspects[&7].rest,
                Some(Duration::from_millis(rest))
            );
            (1..left).for_each(|_| fixture.policy.abandoned(7, Permit::Proven, fixture.at(0)));
        }
        assert_eq!(fixture.permit(20), None, "no connection is left");
    }

    #[test]
    fn consecutive_rolls_do_not_spend_the_budget_of_the_source() {
        let mut fixture = Fixture::refused_once(None);
        for roll in 10..60 {
            fixture.roll(roll);
            let mut under_way = Vec::new();
            for _ in 0..6 {
                under_way.extend((0..100).map_while(|_| fixture.permit(1)));
                assert!(!under_way.is_empty(), "{roll}");
                under_way
                    .drain(..)
                    .for_each(|permit| fixture.succeeded(permit, 1));
            }
            // The next roll affects all callers at once.
            let under_way: Vec<_> = (0..20).map_while(|_| fixture.permit(1)).collect();
            assert!(under_way.len() >= 20, "{roll}: {}", under_way.len());
            under_way
                .into_iter()
                .for_each(|permit| fixture.refused(permit, 1));
            fixture.situation.reloads += 1;
            assert_eq!(fixture.permit(1), None, "{roll}");
        }
    }

    #[test]
    fn callers_of_a_new_credential_do_not_wait_for_each_other() {
        let mut fixture = Fixture::refused_once(None);
        fixture.roll(8);
        let mut served = 0;
        for round in 0..8 {
            let permits: Vec<_> = (0..1_000).map_while(|_| fixture.permit(0)).collect();
            assert!(permits.len() >= 1 << round, "{round}: {}", permits.len());
            for permit in permits {
                served += 1;
                fixture.succeeded(permit, 0);
            }
        }
        assert!(served > 200, "{served}");
        // Meanwhile no caller reloads.
        fixture.roll(9);
        assert_eq!(fixture.step(0), RETRY);
        assert_eq!(fixture.step(0), reload_in(1_600));
    }

    #[test]
    fn successful_credential_is_unrestricted_after_the_window() {
        let mut fixture = Fixture::refused_once(None);
        assert_eq!(fixture.step(1), RETRY);
        fixture.succeeded(Permit::Retry, 1);
        fixture.situation.was_refused_recently = false;
        assert_ne!(fixture.step(359), FREE);
        assert_eq!(fixture.step(360), FREE);
    }

    #[test]
    fn refused_credential_is_not_used_if_no_retry_is_allowed() {
        let mut fixture = Fixture::refused_once(None);
        fixture.situation.max_retries = 0;
        fixture.succeeded(Permit::Free, 0);
        assert_eq!([1, 400, 1_000].map(|second| fixture.permit(second)), [None; 3]);
        fixture.roll(8);
        assert_eq!(fixture.step(1_000), RETRY, "a new one has its first try");
        fixture.refused(Permit::Retry, 1_000);
        fixture.situation.reloads = 5;
        assert_eq!(fixture.permit(1_001), None);
    }

    #[test]
    fn hanging_retry_blocks_others_until_the_next_one_is_due() {
        let fixture = Fixture::refused_once(None);
        assert_eq!(fixture.step(1), RETRY);
        assert_eq!(fixture.permit(4), None);
        assert_eq!(fixture.step(5), RETRY);
        assert_eq!(fixture.permit(20), None);
        assert_eq!(fixture.step(21), RETRY);
        // Retries without a result count for a minute, so that a server that answers again is used soon.
        let tries = (22..=600)
            .filter(|second| fixture.permit(*second).is_some())
            .count();
        assert!((8..=40).contains(&tries), "{tries}");
    }

    #[test]
    fn errors_other_than_refusals_spend_no_retry() {
        for is_refused in [true, false] {
            let mut fixture = Fixture::refused_once(None);
            if !is_refused {
                fixture.roll(8);
            }
            // The server is down for a minute.
            for second in 1..=60 {
                assert_eq!(fixture.step(second), RETRY, "{second}");
                let now = fixture.at(second);
                fixture
                    .policy
                    .failed(fixture.situation.current, Permit::Retry, now);
            }
            assert_eq!(fixture.step(61), RETRY);
        }
    }

    #[test]
    fn followed_roll_resets_the_waits_between_reloads() {
        let mut fixture = Fixture::new(None);
        for credential in 10..100 {
            fixture.refused(Permit::Free, credential);
            assert_eq!(fixture.step(credential), reload_in(0), "{credential}");
            fixture.situation.reloads += 1;
            fixture.roll(credential);
            assert_eq!(fixture.step(credential), RETRY);
            fixture.succeeded(Permit::Retry, credential);
        }
    }

    #[test]
    fn credential_that_differs_at_each_read_is_retried_less_and_less_often() {
        let mut fixture = Fixture::new(None);
        let mut tries = Vec::new();
        for second in 0..=360 {
            fixture.situation.reloads += 1;
            fixture.roll(100 + second);
            // Eight callers.
            let permits: Vec<_> = (0..8).map_while(|_| fixture.permit(second)).collect();
            for permit in permits {
                tries.push(second);
                fixture.refused(permit, second);
            }
        }
        // Eight callers are in progress at the first refusal; then come five retries, and others at growing intervals.
        assert_eq!(tries[..8], [0; 8]);
        assert_eq!(tries[8..], [1, 2, 3, 4, 5, 6, 10, 26, 90, 346]);
    }

    #[test]
    fn alternating_source_gets_no_additional_retries() {
        let mut fixture = Fixture::new(None);
        let mut tries = 0;
        for second in 0..=360 {
            fixture.situation.reloads += 1;
            fixture.roll(second % 2);
            while let Some(permit) = fixture.permit(second) {
                tries += 1;
                fixture.refused(permit, second);
                fixture.situation.reloads += 1;
            }
        }
        assert!(tries <= 12, "{tries}");
    }

    #[test]
    fn refusals_of_one_credential_do_not_affect_others() {
        let mut fixture = Fixture::refused_once(None);
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(fixture.step(due), RETRY);
            fixture.refused(Permit::Retry, due);
        }
        fixture.situation.current = 99;
        fixture.situation.was_refused_recently = false;
        assert_eq!(fixture.step(341), FREE);
    }

    #[test]
    fn waits_between_reloads_grow() {
        let mut fixture = Fixture::new(None);
        fixture.refused(Permit::Free, 0);
        for (reloads, wait) in [(4, 50), (5, 100), (6, 200), (7, 400), (10, 3_200), (1_000, 3_200)] {
            fixture.situation.reloads = reloads;
            assert_eq!(fixture.step(0), reload_in(wait), "{reloads}");
        }
        // The same for reloads that return one refused credential after the other.
        for (credential, wait) in [(8, 50), (9, 100), (10, 200), (11, 400)] {
            fixture.roll(credential);
            assert_eq!(fixture.step(0), RETRY, "{credential}");
            fixture.refused(Permit::Retry, 0);
            assert_eq!(fixture.step(0), reload_in(wait), "{credential}");
            fixture.situation.reloads += 1;
        }
    }

    #[test]
    fn previous_credential_is_used_until_it_is_refused() {
        let mut fixture = Fixture::new(Some(6));
        fixture.refused(Permit::Free, 0);
        fixture.situation.hangs = true;
        assert_eq!(
            fixture.step(0),
            Step::UsePrevious,
            "a reload that hangs is not waited for"
        );
        fixture.situation.hangs = false;
        assert_eq!(fixture.step(0), reload_in(0), "there may be a newer one");
        fixture.situation.reloads = 4;
        assert_eq!(fixture.step(0), Step::UsePrevious);
        assert_eq!(fixture.step(1), RETRY);
        assert_eq!(fixture.step(1), Step::UsePrevious, "while another tries");
        // A retry without a result counts, because it may have been refused.
        fixture.policy.abandoned(7, Permit::Retry, fixture.at(1));
        assert_eq!(fixture.step(4), Step::UsePrevious);
        assert_eq!(fixture.step(5), RETRY);
        fixture.refused(Permit::Retry, 5);
        let now = fixture.at(5);
        fixture.policy.refused(6, Permit::Free, 4, now);
        assert!(matches!(fixture.step(5), Step::Reload { .. }));
    }

    #[test]
    fn history_is_bounded() {
        let mut fixture = Fixture::new(None);
        for second in 0..1_000 {
            fixture.roll(second);
            fixture.refused(Permit::Free, second / 100);
        }
        let history = fixture.policy.lock();
        let lengths = [
            history.suspects.len(),
            history.first_refusals.len(),
            history.refused_retries.len(),
        ];
        assert!(
            lengths.iter().all(|length| *length <= MAX_REMEMBERED),
            "{lengths:?}"
        );
    }
}
