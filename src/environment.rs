//! The process environment.

use crate::secret;
use crate::snapshot::{ConfigVars, Var};

/// Reads the environment of the process.
pub(crate) fn read() -> ConfigVars {
    // `vars_os`, because `vars` panics at a value that is not Unicode, and prints it.
    let vars = secret::with_clean_stack(|| {
        let all = std::env::vars_os();
        let mut vars = Vec::with_capacity(all.size_hint().0);
        for (name, value) in all {
            vars.push(Var::new(name, value.into()));
        }
        vars
    });
    // Of several equal names, `std::env::var` and C's `getenv` find the first one.
    ConfigVars::first_of_each(vars)
}
