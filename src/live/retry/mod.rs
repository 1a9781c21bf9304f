//! The parts of [`Live::retry_on`](super::Live::retry_on): the policy for refused credentials, and the shared reload.

pub(super) mod policy;
pub(super) mod shared_reload;
