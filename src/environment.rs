//! The process environment.

use crate::secret;
use crate::snapshot::{ConfigVars, Var};

/// Reads the environment of the process.
pub(crate) fn read() -> ConfigVars {
    // `vars_os`, because `vars` panics at a value that is not Unicode, and prints it. In reverse order, because
    // `std::env::var` and C's `getenv` find the first of several equal names.
    let vars = std::env::vars_os().map(|(name, value)| Var::new(name, value.into()));
    let mut vars: Vec<Var> = secret::with_clean_stack(|| vars.collect());
    vars.reverse();
    vars.into_iter().collect()
}
