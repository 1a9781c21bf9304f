//! What everything that follows one source shares, beside the source itself.

use super::refusals::RefusalPolicy;
use crate::clock::Clock;

#[derive(Default)]
pub(super) struct Context {
    pub(super) clock: Clock,
    pub(super) refusals: RefusalPolicy,
}
