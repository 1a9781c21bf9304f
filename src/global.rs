//! The process-wide snapshot of the environment.

use crate::error::Error;
use crate::snapshot::ConfigVars;
use once_cell::sync::OnceCell;

/// Returns the config vars of this process, the same snapshot for every caller.
///
/// The first call reads the process environment, as [`ConfigVars::from_env`] does; later calls return that snapshot.
///
/// ```
/// let vars = config_vars::global()?;
/// assert!(std::ptr::eq(vars, config_vars::global()?));
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// None at present, because the process environment can always be read.
pub fn global() -> Result<&'static ConfigVars, Error> {
    static VARS: OnceCell<ConfigVars> = OnceCell::new();
    VARS.get_or_try_init(|| Ok(ConfigVars::from_env()))
}
