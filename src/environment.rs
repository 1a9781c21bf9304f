//! The process environment.

use crate::secret;
use crate::snapshot::{ConfigVars, Var};

/// Reads the environment of the process.
pub(crate) fn read() -> ConfigVars {
    // `vars_os`, because `vars` panics at a value that is not Unicode, and prints it.
    let vars = std::env::vars_os().map(|(name, value)| Var::new(name, value.into()));
    // Of several equal names, `std::env::var` and C's `getenv` find the first one.
    ConfigVars::first_of_each(secret::with_clean_stack(|| vars.collect()))
}
