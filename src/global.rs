//! The process-wide snapshot of the environment.

use crate::vars::ConfigVars;
use once_cell::sync::Lazy;

/// Returns the config vars of this process, the same snapshot for every caller.
///
/// The first call reads the process environment, as [`ConfigVars::from_env`] does; later calls return that snapshot.
///
/// ```
/// let vars = config_vars::global();
/// assert!(std::ptr::eq(vars, config_vars::global()));
/// ```
#[must_use]
pub fn global() -> &'static ConfigVars {
    static VARS: Lazy<ConfigVars> = Lazy::new(ConfigVars::from_env);
    &VARS
}
