//! Which credential is tried when, by a clock that is set by hand.

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
            lock(&fixture.policy.history).suspects[0].rest,
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
    let history = lock(&fixture.policy.history);
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

/// The callers that are in progress when a roll comes are refused together, whether or not the password was in use before.
#[test]
fn rolls_back_and_forth_do_not_spend_the_budget() {
    const CALLERS: usize = 50;
    for rolls in [&[8, 7, 9][..], &[8, 7, 8], &[8, 9, 7, 8, 10]] {
        let mut fixture = Fixture::new(None);
        let mut in_progress = vec![Permit::Free; CALLERS];
        for (turn, credential) in rolls.iter().enumerate() {
            let second = 40 * turn as u64;
            for permit in in_progress.drain(..) {
                fixture.refused(permit, second);
            }
            fixture.situation.reloads += 1;
            fixture.roll(*credential);
            // One caller finds that the new password is accepted, then two do, and at last all are served at once.
            for _ in 0..CALLERS {
                let served: Vec<Permit> = (0..CALLERS).map_while(|_| fixture.permit(second + 20)).collect();
                served
                    .into_iter()
                    .for_each(|permit| fixture.succeeded(permit, second + 20));
            }
            in_progress.extend((0..CALLERS).map_while(|_| fixture.permit(second + 20)));
            assert_eq!(in_progress.len(), CALLERS, "{rolls:?}: {credential}");
        }
    }
}

/// A caller that begins after a refusal is no longer one of those that were in progress.
#[test]
fn only_callers_in_progress_are_excused() {
    let mut fixture = Fixture::new(None);
    fixture.situation.was_refused_recently = true;
    // Three callers at once, with a new credential.
    for callers in 0..3 {
        let permits: Vec<Permit> = (0..=callers).map_while(|_| fixture.permit(0)).collect();
        permits
            .into_iter()
            .for_each(|permit| fixture.succeeded(permit, 0));
    }
    let permits: Vec<Permit> = (0..3).map_while(|_| fixture.permit(0)).collect();
    assert_eq!(permits, [Permit::Unrefused; 3]);
    fixture.refused(Permit::Unrefused, 0);
    fixture.succeeded(Permit::Unrefused, 0);
    fixture.situation.reloads += 1;
    assert_eq!(fixture.permit(1), Some(Permit::Retry));
    fixture.succeeded(Permit::Retry, 1);
    assert_eq!(fixture.permit(1), Some(Permit::Proven));
    fixture.refused(Permit::Proven, 1);
    // The third of them, and then one that begins only now.
    fixture.refused(Permit::Unrefused, 1);
    assert_eq!(fixture.permit(2), Some(Permit::Proven));
    fixture.refused(Permit::Proven, 2);
    assert_eq!(lock(&fixture.policy.history).suspects[0].refused, 2);
}
