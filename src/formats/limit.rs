//! Maximum sizes of what is read.

use crate::error::Fault;

/// A maximum size, in MiB.
#[derive(Clone, Copy)]
pub(crate) struct Limit(pub(crate) u64);

/// Maximum size of a file with a single value. Kubernetes allows as much for a whole secret.
pub(crate) const VALUE: Limit = Limit(1);

/// Maximum size of a text with several config vars.
pub(crate) const ENV_FILE: Limit = Limit(4);

impl Limit {
    pub(crate) fn check(self, length: u64) -> Result<(), Fault> {
        if length > self.0 * 1024 * 1024 {
            return Err(Fault::TooLarge(self.0));
        }
        Ok(())
    }
}
