//! The process-wide instance.

use crate::error::Error;
use crate::vars::ConfigVars;
use once_cell::sync::OnceCell;

static GLOBAL: OnceCell<ConfigVars> = OnceCell::new();

/// The config vars of this process, the same snapshot wherever it is called. The first call reads the process
/// environment, unless [`global_with`] has put another source in its place.
///
/// ```
/// let vars = config_vars::global()?;
/// println!("{vars:?}");
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// None today, for the environment can always be read. A caller should pass an error on all the same, as it does
/// with [`global_with`].
pub fn global() -> Result<&'static ConfigVars, Error> {
    global_with(|| Ok(ConfigVars::from_env()))
}

/// As [`global`], with a source and requirements of the app's own. If `init` fails, nothing is kept, and the next
/// call tries again; once it has succeeded, later calls return that snapshot and do not run their `init`. Of
/// several threads that call at once, one runs its `init` and the others wait for it.
///
/// ```
/// use config_vars::{ConfigVars, Error};
///
/// let read = || {
///     let vars = ConfigVars::from_iter([("PORT", "8080")]); // a file, say
///     vars.require("PORT")?;
///     Ok::<_, Error>(vars)
/// };
/// let vars = config_vars::global_with(read)?;
/// assert!(std::ptr::eq(vars, config_vars::global()?));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// Whatever `init` returns.
pub fn global_with<E>(init: impl FnOnce() -> Result<ConfigVars, E>) -> Result<&'static ConfigVars, E> {
    GLOBAL.get_or_try_init(init)
}
