//! What to do about a refused credential: which one to try next, when, and when to stop.
//!
//! A reload harms nobody and is tried soon and often. An attempt with a credential that was refused counts towards the
//! lock that many servers put on an account: after the callers that met the refusal, a single one tries it again from
//! time to time, and after a few times none does, until the credential changes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The wait before the first reload that follows one in vain; each next one is twice as long.
const FIRST_RELOAD_WAIT: Duration = Duration::from_millis(50);
/// Reload waits are doubled so many times at most: to 3.2 s.
const RELOAD_DOUBLINGS: u32 = 6;
/// The wait before a refused credential is tried again; each next one is four times as long.
const FIRST_RETRY_WAIT: Duration = Duration::from_secs(1);

/// What was refused, of one node.
#[derive(Default)]
pub(super) struct Brake {
    refusals: Mutex<Refusals>,
}

#[derive(Default)]
struct Refusals {
    /// The latest last.
    all: Vec<Refusal>,
    /// The credential that was current when somebody last asked.
    current: Option<u64>,
}

/// So many are remembered.
const MOST_REFUSALS: usize = 8;

struct Refusal {
    credential: u64,
    /// The number of the reload before it.
    reload: u64,
    /// How often it was tried again, since it is current.
    retries: u32,
    next_retry: Instant,
    /// Whether somebody is trying.
    is_trying: bool,
}

/// What a caller is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Use the current generation.
    TryCurrent,
    /// Try the current generation though it was refused: nobody else does so now.
    TryAgain,
    /// Use the generation before.
    TryPrevious,
    /// Wait for a reload, which is not to begin before so long.
    Reload(Duration),
}

/// What there is to choose from.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// Credentials are told apart by their fingerprints; two generations may have the same.
    pub(super) current: u64,
    pub(super) previous: Option<u64>,
    /// Whether a reload is under way that takes too long to be waited for.
    pub(super) hangs: bool,
    /// The number of the last finished reload.
    pub(super) reloads: u64,
    /// How often a refused credential is tried again at most.
    pub(super) most_retries: u32,
}

impl Brake {
    pub(super) fn next_step(&self, choice: Choice, now: Instant) -> Step {
        let Choice {
            current,
            previous,
            hangs,
            reloads,
            most_retries,
        } = choice;
        let mut refusals = self.lock();
        let came_back = refusals.current.replace(current) != Some(current);
        let is_refused = |credential: u64| {
            refusals
                .all
                .iter()
                .any(|refusal| refusal.credential == credential)
        };
        let is_previous_good = previous.is_some_and(|previous| !is_refused(previous));
        let Some(refusal) = refusals
            .all
            .iter_mut()
            .find(|refusal| refusal.credential == current)
        else {
            return Step::TryCurrent;
        };
        if came_back {
            // Somebody set it anew, and may know why. The wait goes on.
            refusal.retries = 0;
        }
        let in_vain = match reloads.checked_sub(refusal.reload + 1) {
            Some(in_vain) => in_vain,
            None if hangs && is_previous_good => 0,
            None => return Step::Reload(Duration::ZERO),
        };
        let is_due = refusal.retries < most_retries && now >= refusal.next_retry;
        if is_due && !refusal.is_trying {
            // Counted now, for whoever tries may never come to tell.
            refusal.is_trying = true;
            refusal.retries += 1;
            refusal.next_retry = now + FIRST_RETRY_WAIT * 4_u32.pow(refusal.retries.min(8));
            return Step::TryAgain;
        }
        if is_previous_good {
            return Step::TryPrevious;
        }
        let doublings = u32::try_from(in_vain).map_or(RELOAD_DOUBLINGS, |count| count.min(RELOAD_DOUBLINGS));
        Step::Reload(FIRST_RELOAD_WAIT * 2_u32.pow(doublings))
    }

    /// Notes a refusal; `reload` is the number of the last reload that began before it.
    pub(super) fn refused(&self, credential: u64, step: Step, reload: u64, now: Instant) {
        let mut refusals = self.lock();
        match refusals
            .all
            .iter_mut()
            .find(|refusal| refusal.credential == credential)
        {
            Some(refusal) => refusal.is_trying &= step != Step::TryAgain,
            None => {
                if refusals.all.len() == MOST_REFUSALS {
                    refusals.all.remove(0);
                }
                refusals.all.push(Refusal {
                    credential,
                    reload,
                    retries: 0,
                    next_retry: now + FIRST_RETRY_WAIT,
                    is_trying: false,
                });
            }
        }
    }

    /// Notes that a credential was taken.
    pub(super) fn accepted(&self, credential: u64) {
        self.lock().all.retain(|refusal| refusal.credential != credential);
    }

    /// Notes that whoever was to try again did not come to an end.
    pub(super) fn gave_up(&self, credential: u64) {
        for refusal in &mut self.lock().all {
            refusal.is_trying &= refusal.credential != credential;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A brake, and a clock that is set by hand.
    struct Scene {
        brake: Brake,
        start: Instant,
        choice: Choice,
    }

    impl Scene {
        fn step(&self, seconds: u64) -> Step {
            self.brake
                .next_step(self.choice, self.start + Duration::from_secs(seconds))
        }

        fn refused(&self, step: Step, seconds: u64) {
            let credential = match step {
                Step::TryPrevious => self.choice.previous.unwrap_or_default(),
                _ => self.choice.current,
            };
            let now = self.start + Duration::from_secs(seconds);
            self.brake.refused(credential, step, self.choice.reloads, now);
        }
    }

    fn scene(previous: Option<u64>) -> Scene {
        Scene {
            brake: Brake::default(),
            start: Instant::now(),
            choice: Choice {
                current: 7,
                previous,
                hangs: false,
                reloads: 3,
                most_retries: 5,
            },
        }
    }

    #[test]
    fn a_refused_credential_is_tried_again_at_growing_intervals_and_then_no_more() {
        let mut scene = scene(None);
        assert_eq!(scene.step(0), Step::TryCurrent);
        scene.refused(Step::TryCurrent, 0);
        assert_eq!(scene.step(0), Step::Reload(Duration::ZERO));
        scene.choice.reloads = 4;
        // The seconds at which a try is due, and none is a second before.
        for due in [1, 5, 21, 85, 341] {
            assert!(matches!(scene.step(due - 1), Step::Reload(_)), "{due}");
            assert_eq!(scene.step(due), Step::TryAgain, "{due}");
            assert!(matches!(scene.step(due), Step::Reload(_)), "one at a time: {due}");
            scene.refused(Step::TryAgain, due);
        }
        assert!(matches!(scene.step(1_000_000), Step::Reload(_)));
        // Another credential is another matter.
        scene.choice.current = 8;
        assert_eq!(scene.step(341), Step::TryCurrent);
        // One that comes back is tried again, though not sooner than it would have been.
        scene.choice.current = 7;
        assert!(matches!(scene.step(342), Step::Reload(_)));
        assert_eq!(scene.step(341 + 1_024), Step::TryAgain);
    }

    #[test]
    fn reloads_in_vain_are_further_and_further_apart() {
        let mut scene = scene(None);
        scene.refused(Step::TryCurrent, 0);
        for (reloads, wait) in [(4, 50), (5, 100), (6, 200), (7, 400), (10, 3_200), (1_000, 3_200)] {
            scene.choice.reloads = reloads;
            assert_eq!(
                scene.step(0),
                Step::Reload(Duration::from_millis(wait)),
                "{reloads}"
            );
        }
    }

    #[test]
    fn the_one_before_is_used_until_it_is_refused_as_well() {
        let mut scene = scene(Some(6));
        scene.refused(Step::TryCurrent, 0);
        scene.choice.hangs = true;
        assert_eq!(
            scene.step(0),
            Step::TryPrevious,
            "a reload that hangs is not waited for"
        );
        scene.choice.hangs = false;
        assert_eq!(
            scene.step(0),
            Step::Reload(Duration::ZERO),
            "first it is seen whether there is a newer one"
        );
        scene.choice.reloads = 4;
        assert_eq!(scene.step(0), Step::TryPrevious);
        assert_eq!(scene.step(1), Step::TryAgain);
        assert_eq!(scene.step(1), Step::TryPrevious, "while another tries");
        // A try that came to no end counts, for nobody knows how it would have ended.
        scene.brake.gave_up(7);
        assert_eq!(scene.step(4), Step::TryPrevious);
        assert_eq!(scene.step(5), Step::TryAgain);
        scene.refused(Step::TryAgain, 5);
        scene.refused(Step::TryPrevious, 5);
        assert!(matches!(scene.step(5), Step::Reload(_)));
        // Taken at last.
        assert_eq!(scene.step(21), Step::TryAgain);
        scene.brake.accepted(7);
        assert_eq!(scene.step(21), Step::TryCurrent);
    }
}
