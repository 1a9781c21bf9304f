//! [`ProcessEnv`]: the process environment as a source.

use super::interface::Source;
use crate::environment;
use crate::error::Error;
use crate::snapshot::ConfigVars;

/// The process environment. A running process never sees it change; use another source to follow credential rolls.
///
/// ```
/// use config_vars::{ProcessEnv, Source};
///
/// let vars = ProcessEnv.read()?;
/// assert!(vars.iter().all(|(name, _)| vars.origin(name) == Some("environment")));
/// # Ok::<(), config_vars::Error>(())
/// ```
// Exhaustive, so that `ProcessEnv` can be written as a value.
#[allow(clippy::exhaustive_structs)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnv;

impl Source for ProcessEnv {
    fn read(&self) -> Result<ConfigVars, Error> {
        Ok(environment::read().named_by("environment"))
    }
}
