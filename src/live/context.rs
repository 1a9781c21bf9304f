//! The clock and the refusals that everything mapped from one source shares.

use super::refusals::RefusalPolicy;
use crate::clock::Clock;

#[derive(Default)]
pub(super) struct Context {
    pub(super) clock: Clock,
    pub(super) refusals: RefusalPolicy,
}
