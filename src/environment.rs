//! The process environment.

use crate::secret;
use crate::snapshot::{ConfigVars, Var};

/// Reads the environment of the process.
pub(crate) fn read() -> ConfigVars {
    // `vars_os`, because `vars` panics at a value that is not Unicode, and prints it.
    let vars = secret::with_clean_stack(|| {
        let mut vars = Vec::new();
        for (name, value) in std::env::vars_os() {
            vars.push(Var::new(name, value.into()));
        }
        vars
    });
    // Of several equal names, `std::env::var` and C's `getenv` find the first one.
    ConfigVars::first_of_each(vars)
}
