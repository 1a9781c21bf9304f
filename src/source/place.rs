//! A path, and the name under which it is shown.

use crate::error::{Error, Fault};
use crate::shown::ShownName;
use crate::snapshot::ConfigVars;
use std::fmt;
use std::path::{Path, PathBuf};

/// A path from the app's code is shown; a path from an environment variable is a value, and the variable's name is shown.
#[derive(Clone)]
pub(super) struct Place {
    path: PathBuf,
    shown: String,
}

impl Place {
    pub(super) fn new(path: PathBuf) -> Self {
        let shown = path.to_string_lossy().into_owned();
        Self { path, shown }
    }

    /// The path in a variable of the process environment. `mend` says what sets it.
    pub(super) fn from_env(var: &str, mend: &'static str) -> Result<Self, Error> {
        let error = |fault| Err(Error::new(fault).for_known_var(var));
        match std::env::var_os(var) {
            None => error(Fault::Unset(mend)),
            Some(path) if path.is_empty() => error(Fault::Empty),
            Some(path) => Ok(Self {
                path: path.into(),
                shown: format!("${var}"),
            }),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Records this place as the origin of the vars, or of the error.
    pub(super) fn name(&self, vars: Result<ConfigVars, Error>) -> Result<ConfigVars, Error> {
        vars.map(|vars| vars.with_origin(&self.shown))
            .map_err(|error| error.for_source(&self.shown))
    }

    /// A directory in it.
    pub(super) fn join(&self, name: &str) -> Self {
        Self {
            path: self.path.join(name),
            shown: format!("{}/{name}", self.shown),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownName::origin(&self.shown).fmt(f)
    }
}
