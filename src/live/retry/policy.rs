//! The policy for refused credentials: which one to try next, when, and when to stop.
//!
//! Many servers count refused logins, and lock the account after a few. What the crate sees is the result of
//! *operations*, and the two differ: an operation that succeeds may have used a connection that was opened before the
//! password changed. So a success never clears a refusal. It only shows that one more caller can be served at the same
//! time, by one more connection. The number of refused logins is bounded by two budgets:
//!
//! - **By credential.** Callers that are under way when a credential is first refused cannot be held back. After them,
//!   it is tried again by one caller at a time, 1, 5, 21, 85 and 341 s after the first refusal, and every further
//!   refusal counts. Between those tries, as many callers at once use it as have succeeded at once ([`Suspect::proven`]).
//! - **By source.** All that is mapped from one source shares one budget of tries: after the first few in a window,
//!   they grow apart, whichever credential they are made with. A source whose credential is another one at each read
//!   is bounded by it, and so is one that goes back and forth between two.
//!
//! A reload sends nothing to a server and is tried sooner and more often.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The wait before the first reload that follows one that brought nothing; each next one is twice as long.
const FIRST_RELOAD_WAIT: Duration = Duration::from_millis(50);
/// Maximum number of doublings of [`FIRST_RELOAD_WAIT`]: 3.2 s.
const MAX_RELOAD_DOUBLINGS: u32 = 6;
/// The wait after the first refusal; after each further try it is [`GROWTH`] times as long.
const FIRST_RETRY_WAIT: Duration = Duration::from_secs(1);
const GROWTH: u32 = 4;
/// Maximum exponent of [`GROWTH`]: the longest wait is 256 s.
const MAX_GROWTH_EXPONENT: u32 = 4;
/// How long a connection rests after an operation, once a pool did not have one at hand in time and opened another one,
/// which was refused. It is twice as long after each further such refusal.
const FIRST_REST: Duration = Duration::from_millis(50);
const MAX_REST: Duration = Duration::from_millis(1_600);
/// How long a refused login counts.
pub(in crate::live) const WINDOW: Duration = Duration::from_secs(6 * 60);
/// How long a try counts whose result never came. It may have been refused, but most are connections that got no answer.
const UNRESOLVED_WINDOW: Duration = Duration::from_secs(60);
/// Doublings of the wait for a reload while a credential is tried that was not refused: there is nothing to read yet.
const TRYING_DOUBLINGS: u32 = 5;
/// Number of tries in a [`WINDOW`], by all that share a source, after which they grow apart.
const TRIES_BEFORE_GROWTH: u32 = 5;
/// Maximum number of credentials, and of times, that are remembered.
const MAX_REMEMBERED: usize = 64;

/// The refusals of all that is mapped from one source.
#[derive(Default)]
pub(in crate::live) struct RefusalPolicy {
    history: Mutex<History>,
}

#[derive(Default)]
struct History {
    /// By fingerprint.
    suspects: HashMap<u64, Suspect>,
    /// When a suspect was tried and refused, within the last [`WINDOW`].
    refused_tries: VecDeque<Instant>,
    /// When a credential was refused for the first time, within the last [`WINDOW`], since a roll was last followed.
    first_refusals: VecDeque<Instant>,
}

/// A credential that was refused, or that took the place of one that was.
struct Suspect {
    /// The number of the last reload that had begun before the first refusal; `None` if it was not refused itself.
    refused_after: Option<u64>,
    /// How many tries were refused since.
    refused: u32,
    /// When the tries began whose result is not known, within the last [`UNRESOLVED_WINDOW`].
    unresolved: VecDeque<Instant>,
    /// When the next try is due.
    next_try: Instant,
    /// Until when nobody else may try.
    busy_until: Option<Instant>,
    /// How many callers have succeeded at once since the first refusal: so many connections are open.
    proven: u32,
    /// How many callers use those now.
    in_use: u32,
    /// Until when those rest that were used last.
    resting: VecDeque<Instant>,
    /// How long each rests, once it has to.
    rest: Option<Duration>,
    /// When it was last refused, or else first suspected.
    since: Instant,
    has_succeeded: bool,
    /// Whether it was put in place again after it was refused.
    was_reinstated: bool,
}

/// How an attempt came about, and so what its result means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permit {
    /// Nothing was known against the credential.
    Free,
    /// As many succeeded at once before, and it was not refused itself. A refusal is the first.
    Unrefused,
    /// As many succeeded at once since it was refused.
    Proven,
    /// It was refused before, and nobody else tries.
    Try,
}

/// The next step of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    UseCurrent(Permit),
    UsePrevious,
    /// Wait.
    Reload {
        /// For a reload, which must not begin before this much time has passed since the last one.
        wait: Duration,
        /// Or until then, when there may be something else to do.
        look_again: Option<Instant>,
    },
}

/// The facts that a [`Step`] depends on.
#[derive(Clone, Copy)]
pub(super) struct Situation {
    /// Credentials are told apart by their fingerprints; two generations may have the same.
    pub(super) current: u64,
    pub(super) previous: Option<u64>,
    /// Whether a credential of the same value was refused within the last [`WINDOW`].
    pub(super) was_refused_recently: bool,
    /// Whether a reload is under way that takes too long to be waited for.
    pub(super) hangs: bool,
    /// The number of the last finished reload.
    pub(super) reloads: u64,
    /// Maximum number of times that a refused credential is tried again.
    pub(super) max_retries: u32,
}

impl RefusalPolicy {
    pub(super) fn next_step(&self, situation: Situation, now: Instant) -> Step {
        let Situation {
            current,
            previous,
            was_refused_recently,
            hangs,
            reloads,
            max_retries,
        } = situation;
        let mut history = self.lock();
        history.forget_times(now);
        history.release(max_retries, now);
        if !was_refused_recently {
            // It took the place of a refused one so long ago that this says nothing any more.
            let is_refused = |suspect: &Suspect| suspect.refused_after.is_some();
            if !history.suspects.get(&current).is_some_and(is_refused) {
                history.suspects.remove(&current);
                return Step::UseCurrent(Permit::Free);
            }
        }
        let is_previous_good = previous.is_some_and(|previous| !history.suspects.contains_key(&previous));
        let next_try = history.next_try();
        let reload_growth = u32::try_from(history.first_refusals.len()).unwrap_or(u32::MAX);
        let suspect = history.suspect(current, now);
        let in_vain = match suspect.refused_after {
            None => TRYING_DOUBLINGS,
            Some(before) => match reloads.checked_sub(before + 1) {
                Some(in_vain) => u32::try_from(in_vain).unwrap_or(u32::MAX),
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
        match suspect.permit(next_try, max_retries, now) {
            Some(permit) => Step::UseCurrent(permit),
            None if is_previous_good => Step::UsePrevious,
            None => Step::Reload {
                wait: reload_wait(Some(in_vain.max(reload_growth.saturating_sub(1)))),
                look_again: suspect.look_again(next_try, max_retries),
            },
        }
    }

    /// Records a refusal; `reload` is the number of the last reload that had begun before the attempt.
    pub(super) fn refused(&self, credential: u64, permit: Permit, reload: u64, now: Instant) {
        let mut history = self.lock();
        history.forget_times(now);
        let suspect = history.suspect(credential, now);
        let is_first = suspect.refused_after.is_none();
        suspect.refused_after.get_or_insert(reload);
        suspect.has_succeeded = false;
        suspect.was_reinstated = false;
        suspect.since = now;
        match permit {
            Permit::Free => {}
            // Callers that were under way when it was first refused, as those that are free.
            Permit::Unrefused => suspect.in_use = suspect.in_use.saturating_sub(1),
            Permit::Try => {
                suspect.unresolved.pop_back();
                suspect.busy_until = None;
                // The first refusal of a credential is not yet a retry.
                suspect.refused += u32::from(!is_first);
            }
            Permit::Proven => {
                suspect.in_use = suspect.in_use.saturating_sub(1);
                suspect.refused += 1;
                suspect.lengthen_rest();
                suspect.next_try = suspect.next_try.max(now + suspect.wait());
            }
        }
        if is_first {
            suspect.unresolved.clear();
            suspect.next_try = now + FIRST_RETRY_WAIT;
            // How many connections are still open is not known yet.
            suspect.proven = 0;
            remember(&mut history.first_refusals, now);
        }
        if matches!(permit, Permit::Try | Permit::Proven) {
            remember(&mut history.refused_tries, now);
        }
    }

    /// Records a success. Returns how many callers that wait may be served now.
    pub(super) fn succeeded(&self, credential: u64, permit: Permit, now: Instant) -> usize {
        let mut history = self.lock();
        let Some(suspect) = history.suspects.get_mut(&credential) else {
            return 0;
        };
        let is_refused = suspect.refused_after.is_some();
        suspect.has_succeeded = true;
        match permit {
            // It was under way when the credential was refused, so it had a connection of its own.
            Permit::Free => suspect.proven += 1,
            // Nothing speaks against it, so that all callers need not wait for one another; or it was under way, as above.
            Permit::Unrefused => {
                suspect.end_use(now);
                suspect.proven += 1;
            }
            Permit::Proven => suspect.end_use(now),
            Permit::Try => {
                suspect.proven += 1;
                suspect.end_try(now);
                if !is_refused {
                    history.first_refusals.clear();
                }
            }
        }
        2
    }

    /// Records an error that was no refusal, such as a server that is down. It says nothing of the credential.
    pub(super) fn failed(&self, credential: u64, permit: Permit, now: Instant) {
        if let Some(suspect) = self.lock().suspects.get_mut(&credential) {
            match permit {
                Permit::Free => {}
                Permit::Unrefused | Permit::Proven => suspect.end_use(now),
                Permit::Try => suspect.end_try(now),
            }
        }
    }

    /// Records that an attempt came to no result, because its future was dropped or it panicked.
    pub(super) fn abandoned(&self, credential: u64, permit: Permit, now: Instant) {
        if let Some(suspect) = self.lock().suspects.get_mut(&credential) {
            match permit {
                Permit::Free => {}
                Permit::Unrefused | Permit::Proven => suspect.end_use(now),
                // It may have been refused, so it still counts; but nobody has to wait for it.
                Permit::Try => suspect.busy_until = None,
            }
        }
    }

    /// Records that a credential was put in place, again perhaps.
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
            next_try: now,
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

    /// Drops the times that are beyond the window.
    fn forget_times(&mut self, now: Instant) {
        for times in [&mut self.refused_tries, &mut self.first_refusals] {
            forget(times, WINDOW, now);
        }
        for suspect in self.suspects.values_mut() {
            forget(&mut suspect.unresolved, UNRESOLVED_WINDOW, now);
        }
    }

    /// Drops the suspects that are above suspicion: the window has passed since they were refused, and they have
    /// succeeded since, or somebody put them in place again. Others stay refused.
    fn release(&mut self, max_retries: u32, now: Instant) {
        self.suspects.retain(|_, suspect| {
            // A success may be one of an open connection, so it is no reason to log in where no retry is allowed.
            let has_succeeded = suspect.has_succeeded && max_retries > 0;
            let is_over = now.saturating_duration_since(suspect.since) >= WINDOW;
            !(is_over && (has_succeeded || suspect.was_reinstated))
        });
    }

    /// When the budget of the source allows the next try.
    fn next_try(&self) -> Option<Instant> {
        let unresolved = || self.suspects.values().map(|suspect| &suspect.unresolved);
        let tries = self.refused_tries.len() + unresolved().map(VecDeque::len).sum::<usize>();
        let beyond = u32::try_from(tries)
            .unwrap_or(u32::MAX)
            .checked_sub(TRIES_BEFORE_GROWTH)?;
        let last = unresolved()
            .chain([&self.refused_tries])
            .filter_map(VecDeque::back)
            .max()?;
        Some(*last + growing(beyond))
    }
}

impl Suspect {
    fn permit(&mut self, next_try: Option<Instant>, max_retries: u32, now: Instant) -> Option<Permit> {
        let is_refused = self.refused_after.is_some();
        // Who allows no retry has a server that counts every login.
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
        // Where connections only rest, a try would find one of those, and show nothing.
        let is_due = self.in_use >= self.proven
            && self.spent() < self.allowed(max_retries)
            && now >= self.next_try
            && next_try.is_none_or(|due| now >= due)
            && self.busy_until.is_none_or(|until| now >= until);
        if !is_due {
            return None;
        }
        self.unresolved.push_back(now);
        self.next_try = now + self.wait();
        self.busy_until = Some(self.next_try);
        Some(Permit::Try)
    }

    /// When another caller may be served, if nothing else happens.
    fn look_again(&self, next_try: Option<Instant>, max_retries: u32) -> Option<Instant> {
        if self.allowed(max_retries) == 0 {
            return None;
        }
        let rested = self.resting.front().copied();
        let due = (self.in_use >= self.proven && self.spent() < self.allowed(max_retries))
            .then(|| self.next_try.max(next_try.unwrap_or(self.next_try)));
        rested.into_iter().chain(due).min()
    }

    /// Maximum number of tries. A credential that was not refused itself has at least one.
    fn allowed(&self, max_retries: u32) -> u32 {
        max_retries.max(u32::from(self.refused_after.is_none()))
    }

    fn end_use(&mut self, now: Instant) {
        self.in_use = self.in_use.saturating_sub(1);
        if let Some(rest) = self.rest {
            self.resting.push_back(now + rest);
        }
    }

    /// A connection was not at hand, and a new one was refused. The first time the pool was perhaps only too slow; after
    /// that, a connection is taken to be lost.
    fn lengthen_rest(&mut self) {
        self.rest = Some(match self.rest {
            None => FIRST_REST,
            Some(rest) => {
                self.proven = self.proven.saturating_sub(1);
                (rest * 2).min(MAX_REST)
            }
        });
    }

    /// The latest try has ended without a refusal.
    fn end_try(&mut self, now: Instant) {
        self.unresolved.pop_back();
        self.busy_until = None;
        self.next_try = now;
    }

    fn spent(&self) -> u32 {
        self.refused + u32::try_from(self.unresolved.len()).unwrap_or(u32::MAX)
    }

    /// The wait after the latest of its tries.
    fn wait(&self) -> Duration {
        let before = u32::from(self.refused_after.is_some());
        growing((before + self.spent()).saturating_sub(1))
    }
}

fn forget(times: &mut VecDeque<Instant>, window: Duration, now: Instant) {
    let is_over = |time: &Instant| now.saturating_duration_since(*time) >= window;
    while times.front().is_some_and(is_over) {
        times.pop_front();
    }
}

fn growing(exponent: u32) -> Duration {
    FIRST_RETRY_WAIT * GROWTH.pow(exponent.min(MAX_GROWTH_EXPONENT))
}

fn reload_wait(doublings: Option<u32>) -> Duration {
    doublings.map_or(Duration::ZERO, |doublings| {
        FIRST_RELOAD_WAIT * 2_u32.pow(doublings.min(MAX_RELOAD_DOUBLINGS))
    })
}

fn remember(times: &mut VecDeque<Instant>, now: Instant) {
    if times.len() == MAX_REMEMBERED {
        times.pop_front();
    }
    times.push_back(now);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A policy, and a clock that is set by hand.
    struct Scene {
        policy: RefusalPolicy,
        start: Instant,
        situation: Situation,
    }

    impl Scene {
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

        /// A scene in which the current credential was refused at 0 s, and the reload that followed brought nothing.
        fn refused_once(previous: Option<u64>) -> Self {
            let mut scene = Self::new(previous);
            scene.refused(Permit::Free, 0);
            scene.situation.reloads = 4;
            scene
        }

        fn at(&self, seconds: u64) -> Instant {
            self.start + Duration::from_secs(seconds)
        }

        /// What to do, less when to look again.
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

    /// Waits that many milliseconds, whatever else may be waited for.
    fn reload_in(milliseconds: u64) -> Step {
        Step::Reload {
            wait: Duration::from_millis(milliseconds),
            look_again: None,
        }
    }

    const TRY: Step = Step::UseCurrent(Permit::Try);
    const FREE: Step = Step::UseCurrent(Permit::Free);

    #[test]
    fn a_refused_credential_is_tried_again_at_growing_intervals_and_then_no_more() {
        let mut scene = Scene::new(None);
        assert_eq!(scene.step(0), FREE);
        scene.refused(Permit::Free, 0);
        assert_eq!(scene.step(0), reload_in(0));
        scene.situation.reloads = 4;
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(scene.permit(due - 1), None, "{due}");
            assert_eq!(scene.step(due), TRY, "{due}");
            assert_eq!(scene.permit(due), None, "one at a time: {due}");
            scene.refused(Permit::Try, due);
        }
        assert_eq!(scene.permit(1_000_000), None);
        // Another credential is tried at once, although one was refused before it.
        scene.roll(8);
        assert_eq!(scene.step(1_000_000), TRY);
    }

    #[test]
    fn a_credential_that_is_put_in_place_again_is_tried_once_the_window_has_passed() {
        let mut scene = Scene::refused_once(None);
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(scene.step(due), TRY);
            scene.refused(Permit::Try, due);
        }
        scene.roll(8);
        scene.roll(7);
        assert_eq!(scene.permit(341 + 359), None);
        scene.situation.was_refused_recently = false;
        assert_eq!(scene.step(341 + 360), FREE);
    }

    #[test]
    fn no_success_gives_a_try_back_within_the_window() {
        let mut scene = Scene::refused_once(None);
        let mut refused = 0;
        for second in 1..=360 {
            let permits: Vec<_> = (0..3).map_while(|_| scene.permit(second)).collect();
            for permit in permits {
                if permit == Permit::Proven {
                    scene.succeeded(permit, second);
                } else {
                    refused += 1;
                    scene.refused(permit, second);
                }
            }
            // A caller that was under way for long.
            if second == 2 {
                scene.succeeded(Permit::Free, second);
            }
        }
        assert_eq!(refused, 5);
    }

    #[test]
    fn callers_that_succeeded_at_once_go_on_being_served_when_the_retries_are_spent() {
        let mut scene = Scene::refused_once(None);
        // Two were under way on open connections.
        scene.succeeded(Permit::Free, 0);
        scene.succeeded(Permit::Free, 0);
        for due in [1, 5, 21, 85, 341] {
            let permits: Vec<_> = (0..4).map_while(|_| scene.permit(due)).collect();
            assert_eq!(permits, [Permit::Proven, Permit::Proven, Permit::Try], "{due}");
            scene.refused(Permit::Try, due);
            scene.succeeded(Permit::Proven, due);
            scene.succeeded(Permit::Proven, due);
        }
        let spent = [342, 600].map(|second| {
            let permits: Vec<_> = (0..4).map_while(|_| scene.permit(second)).collect();
            scene.policy.abandoned(7, Permit::Proven, scene.at(second));
            scene.policy.abandoned(7, Permit::Proven, scene.at(second));
            permits
        });
        assert_eq!(spent, [vec![Permit::Proven; 2], vec![Permit::Proven; 2]]);
        // The pool was too slow once; then a connection is lost, and the login for its successor refused.
        for second in [601, 602] {
            assert_eq!(scene.permit(second), Some(Permit::Proven));
            scene.refused(Permit::Proven, second);
        }
        assert_eq!(scene.permit(603), Some(Permit::Proven));
        assert_eq!(scene.permit(603), None);
    }

    #[test]
    fn each_success_of_a_try_lets_in_one_more_caller() {
        let scene = Scene::refused_once(None);
        for second in 1..=20 {
            let permits: Vec<_> = (0..50).map_while(|_| scene.permit(second)).collect();
            assert_eq!(permits.len(), usize::try_from(second).unwrap());
            for permit in permits {
                scene.succeeded(permit, second);
            }
        }
    }

    #[test]
    fn connections_rest_once_the_pool_did_not_have_one_at_hand() {
        let mut scene = Scene::refused_once(None);
        for _ in 0..3 {
            scene.succeeded(Permit::Free, 0);
        }
        for _ in 0..10 {
            assert_eq!(scene.permit(0), Some(Permit::Proven));
            scene.succeeded(Permit::Proven, 0);
        }
        assert_eq!(scene.permit(0), Some(Permit::Proven));
        scene.refused(Permit::Proven, 0);
        for permit in [
            Some(Permit::Proven),
            Some(Permit::Proven),
            Some(Permit::Proven),
            None,
        ] {
            assert_eq!(scene.permit(0), permit);
            scene.policy.failed(7, Permit::Proven, scene.at(0));
        }
        assert_eq!(scene.permit(1), Some(Permit::Proven));
    }

    #[test]
    fn connections_rest_longer_after_each_refusal() {
        let mut scene = Scene::refused_once(None);
        for _ in 0..4 {
            scene.succeeded(Permit::Free, 0);
        }
        for (left, rest) in [(4, 50), (4, 100), (3, 200), (2, 400), (1, 800)] {
            for _ in 0..left {
                assert_eq!(scene.permit(10), Some(Permit::Proven), "{left}");
            }
            scene.refused(Permit::Proven, 10);
            assert_eq!(
                scene.policy.lock().suspects[&7].rest,
                Some(Duration::from_millis(rest))
            );
            (1..left).for_each(|_| scene.policy.abandoned(7, Permit::Proven, scene.at(0)));
        }
        assert_eq!(scene.permit(20), None, "no connection is left");
    }

    #[test]
    fn rolls_one_after_the_other_do_not_spend_the_budget_of_the_source() {
        let mut scene = Scene::refused_once(None);
        for roll in 10..60 {
            scene.roll(roll);
            let mut under_way = Vec::new();
            for _ in 0..6 {
                under_way.extend((0..100).map_while(|_| scene.permit(1)));
                assert!(!under_way.is_empty(), "{roll}");
                under_way.drain(..).for_each(|permit| scene.succeeded(permit, 1));
            }
            // The next roll meets all callers at once.
            let under_way: Vec<_> = (0..20).map_while(|_| scene.permit(1)).collect();
            assert!(under_way.len() >= 20, "{roll}: {}", under_way.len());
            under_way.into_iter().for_each(|permit| scene.refused(permit, 1));
            scene.situation.reloads += 1;
            assert_eq!(scene.permit(1), None, "{roll}");
        }
    }

    #[test]
    fn callers_of_a_new_credential_do_not_wait_for_one_another() {
        let mut scene = Scene::refused_once(None);
        scene.roll(8);
        let mut served = 0;
        for round in 0..8 {
            let permits: Vec<_> = (0..1_000).map_while(|_| scene.permit(0)).collect();
            assert!(permits.len() >= 1 << round, "{round}: {}", permits.len());
            for permit in permits {
                served += 1;
                scene.succeeded(permit, 0);
            }
        }
        assert!(served > 200, "{served}");
        // No caller reloads meanwhile.
        scene.roll(9);
        assert_eq!(scene.step(0), TRY);
        assert_eq!(scene.step(0), reload_in(1_600));
    }

    #[test]
    fn a_credential_that_succeeds_is_free_again_once_the_window_has_passed() {
        let mut scene = Scene::refused_once(None);
        assert_eq!(scene.step(1), TRY);
        scene.succeeded(Permit::Try, 1);
        scene.situation.was_refused_recently = false;
        assert_ne!(scene.step(359), FREE);
        assert_eq!(scene.step(360), FREE);
    }

    #[test]
    fn a_refused_credential_is_not_used_again_where_no_retry_is_allowed() {
        let mut scene = Scene::refused_once(None);
        scene.situation.max_retries = 0;
        scene.succeeded(Permit::Free, 0);
        assert_eq!([1, 400, 1_000].map(|second| scene.permit(second)), [None; 3]);
        scene.roll(8);
        assert_eq!(scene.step(1_000), TRY, "a new one has its first try");
        scene.refused(Permit::Try, 1_000);
        scene.situation.reloads = 5;
        assert_eq!(scene.permit(1_001), None);
    }

    #[test]
    fn a_caller_that_hangs_holds_up_others_until_the_next_try_is_due() {
        let scene = Scene::refused_once(None);
        assert_eq!(scene.step(1), TRY);
        assert_eq!(scene.permit(4), None);
        assert_eq!(scene.step(5), TRY);
        assert_eq!(scene.permit(20), None);
        assert_eq!(scene.step(21), TRY);
        // Tries without a result count for a minute, so that a server that answers again is not left alone for long.
        let tries = (22..=600)
            .filter(|second| scene.permit(*second).is_some())
            .count();
        assert!((8..=40).contains(&tries), "{tries}");
    }

    #[test]
    fn errors_other_than_refusals_spend_no_retry() {
        for is_refused in [true, false] {
            let mut scene = Scene::refused_once(None);
            if !is_refused {
                scene.roll(8);
            }
            // The server is down for a minute.
            for second in 1..=60 {
                assert_eq!(scene.step(second), TRY, "{second}");
                let now = scene.at(second);
                scene.policy.failed(scene.situation.current, Permit::Try, now);
            }
            assert_eq!(scene.step(61), TRY);
        }
    }

    #[test]
    fn a_roll_that_is_followed_resets_the_waits_between_reloads() {
        let mut scene = Scene::new(None);
        for credential in 10..100 {
            scene.refused(Permit::Free, credential);
            assert_eq!(scene.step(credential), reload_in(0), "{credential}");
            scene.situation.reloads += 1;
            scene.roll(credential);
            assert_eq!(scene.step(credential), TRY);
            scene.succeeded(Permit::Try, credential);
        }
    }

    #[test]
    fn a_credential_that_differs_at_each_read_is_tried_less_and_less_often() {
        let mut scene = Scene::new(None);
        let mut tries = Vec::new();
        for second in 0..=360 {
            scene.situation.reloads += 1;
            scene.roll(100 + second);
            // Eight callers.
            let permits: Vec<_> = (0..8).map_while(|_| scene.permit(second)).collect();
            for permit in permits {
                tries.push(second);
                scene.refused(permit, second);
            }
        }
        // Eight are under way at the first refusal; then five tries, and others further and further apart.
        assert_eq!(tries[..8], [0; 8]);
        assert_eq!(tries[8..], [1, 2, 3, 4, 5, 6, 10, 26, 90, 346]);
    }

    #[test]
    fn a_source_that_goes_back_and_forth_wins_no_further_tries() {
        let mut scene = Scene::new(None);
        let mut tries = 0;
        for second in 0..=360 {
            scene.situation.reloads += 1;
            scene.roll(second % 2);
            while let Some(permit) = scene.permit(second) {
                tries += 1;
                scene.refused(permit, second);
                scene.situation.reloads += 1;
            }
        }
        assert!(tries <= 12, "{tries}");
    }

    #[test]
    fn trouble_with_one_credential_holds_up_no_other() {
        let mut scene = Scene::refused_once(None);
        for due in [1, 5, 21, 85, 341] {
            assert_eq!(scene.step(due), TRY);
            scene.refused(Permit::Try, due);
        }
        scene.situation.current = 99;
        scene.situation.was_refused_recently = false;
        assert_eq!(scene.step(341), FREE);
    }

    #[test]
    fn reloads_are_further_and_further_apart() {
        let mut scene = Scene::new(None);
        scene.refused(Permit::Free, 0);
        for (reloads, wait) in [(4, 50), (5, 100), (6, 200), (7, 400), (10, 3_200), (1_000, 3_200)] {
            scene.situation.reloads = reloads;
            assert_eq!(scene.step(0), reload_in(wait), "{reloads}");
        }
        // So are those that bring one refused credential after the other.
        for (credential, wait) in [(8, 50), (9, 100), (10, 200), (11, 400)] {
            scene.roll(credential);
            assert_eq!(scene.step(0), TRY, "{credential}");
            scene.refused(Permit::Try, 0);
            assert_eq!(scene.step(0), reload_in(wait), "{credential}");
            scene.situation.reloads += 1;
        }
    }

    #[test]
    fn the_previous_credential_is_used_until_it_is_refused_as_well() {
        let mut scene = Scene::new(Some(6));
        scene.refused(Permit::Free, 0);
        scene.situation.hangs = true;
        assert_eq!(
            scene.step(0),
            Step::UsePrevious,
            "a reload that hangs is not waited for"
        );
        scene.situation.hangs = false;
        assert_eq!(scene.step(0), reload_in(0), "there may be a newer one");
        scene.situation.reloads = 4;
        assert_eq!(scene.step(0), Step::UsePrevious);
        assert_eq!(scene.step(1), TRY);
        assert_eq!(scene.step(1), Step::UsePrevious, "while another tries");
        // A try without a result counts, because nobody knows how it would have ended.
        scene.policy.abandoned(7, Permit::Try, scene.at(1));
        assert_eq!(scene.step(4), Step::UsePrevious);
        assert_eq!(scene.step(5), TRY);
        scene.refused(Permit::Try, 5);
        let now = scene.at(5);
        scene.policy.refused(6, Permit::Free, 4, now);
        assert!(matches!(scene.step(5), Step::Reload { .. }));
    }

    #[test]
    fn no_more_is_remembered_than_the_maximum() {
        let mut scene = Scene::new(None);
        for second in 0..1_000 {
            scene.roll(second);
            scene.refused(Permit::Free, second / 100);
        }
        let history = scene.policy.lock();
        let lengths = [
            history.suspects.len(),
            history.first_refusals.len(),
            history.refused_tries.len(),
        ];
        assert!(
            lengths.iter().all(|length| *length <= MAX_REMEMBERED),
            "{lengths:?}"
        );
    }
}
