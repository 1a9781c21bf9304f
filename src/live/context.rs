//! The state that all values of one source share: the clock, and the policy for refused credentials.

use super::retry::policy::RefusalPolicy;
use crate::clock::Clock;

#[derive(Default)]
pub(super) struct Context {
    pub(super) clock: Clock,
    pub(super) refusals: RefusalPolicy,
}
