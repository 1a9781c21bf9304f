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
    /// Of the current generation and the one before, if they were refused.
    refusals: Mutex<Vec<Refusal>>,
}

struct Refusal {
    generation: u64,
    /// The number of the reload before it.
    reload: u64,
    /// How often it was tried again.
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
    pub(super) current: u64,
    pub(super) previous: Option<u64>,
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
            reloads,
            most_retries,
        } = choice;
        let mut refusals = self.lock();
        refusals.retain(|refusal| [Some(current), previous].contains(&Some(refusal.generation)));
        let is_previous_good =
            previous.is_some_and(|previous| refusals.iter().all(|refusal| refusal.generation != previous));
        let Some(refusal) = refusals.iter_mut().find(|refusal| refusal.generation == current) else {
            return Step::TryCurrent;
        };
        let Some(in_vain) = reloads.checked_sub(refusal.reload + 1) else {
            return Step::Reload(Duration::ZERO);
        };
        let is_due = refusal.retries < most_retries && now >= refusal.next_retry;
        if is_due && !refusal.is_trying {
            refusal.is_trying = true;
            return Step::TryAgain;
        }
        if is_previous_good {
            return Step::TryPrevious;
        }
        let doublings = u32::try_from(in_vain).map_or(RELOAD_DOUBLINGS, |count| count.min(RELOAD_DOUBLINGS));
        Step::Reload(FIRST_RELOAD_WAIT * 2_u32.pow(doublings))
    }

    /// Notes a refusal; `reload` is the number of the last reload that began before it.
    pub(super) fn refused(&self, generation: u64, step: Step, reload: u64, now: Instant) {
        let mut refusals = self.lock();
        let known = refusals
            .iter_mut()
            .find(|refusal| refusal.generation == generation);
        match known {
            Some(refusal) if step == Step::TryAgain => {
                refusal.retries += 1;
                refusal.next_retry = now + FIRST_RETRY_WAIT * 4_u32.saturating_pow(refusal.retries.min(8));
                refusal.is_trying = false;
            }
            // Whoever was under way with it learns nothing new.
            Some(_) => {}
            None => refusals.push(Refusal {
                generation,
                reload,
                retries: 0,
                next_retry: now + FIRST_RETRY_WAIT,
                is_trying: false,
            }),
        }
    }

    /// Notes that a credential was taken.
    pub(super) fn accepted(&self, generation: u64) {
        self.lock().retain(|refusal| refusal.generation != generation);
    }

    /// Notes that whoever was to try again did not come to an end.
    pub(super) fn gave_up(&self, generation: u64) {
        for refusal in self.lock().iter_mut() {
            if refusal.generation == generation {
                refusal.is_trying = false;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Refusal>> {
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
            let generation = match step {
                Step::TryPrevious => self.choice.previous.unwrap_or_default(),
                _ => self.choice.current,
            };
            let now = self.start + Duration::from_secs(seconds);
            self.brake.refused(generation, step, self.choice.reloads, now);
        }
    }

    fn scene(previous: Option<u64>) -> Scene {
        Scene {
            brake: Brake::default(),
            start: Instant::now(),
            choice: Choice {
                current: 7,
                previous,
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
        // Another generation is another matter.
        scene.choice.current = 8;
        assert_eq!(scene.step(341), Step::TryCurrent);
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
        assert_eq!(
            scene.step(0),
            Step::Reload(Duration::ZERO),
            "first it is seen whether there is a newer one"
        );
        scene.choice.reloads = 4;
        assert_eq!(scene.step(0), Step::TryPrevious);
        assert_eq!(scene.step(1), Step::TryAgain);
        assert_eq!(scene.step(1), Step::TryPrevious, "while another tries");
        scene.brake.gave_up(7);
        assert_eq!(scene.step(1), Step::TryAgain);
        scene.refused(Step::TryAgain, 1);
        scene.refused(Step::TryPrevious, 1);
        assert!(matches!(scene.step(1), Step::Reload(_)));
        // Taken at last.
        assert_eq!(scene.step(5), Step::TryAgain);
        scene.brake.accepted(7);
        assert_eq!(scene.step(5), Step::TryCurrent);
    }
}
