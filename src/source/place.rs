//! A path, and the name under which it is shown.

use super::at_rest::parent_of_absent;
use crate::error::{Error, Fault};
use crate::shown::ShownName;
use crate::snapshot::ConfigVars;
use std::fmt;
use std::path::{Path, PathBuf};

/// A path from the app's code is shown; a path from an environment variable is a value, and the variable's name is shown.
#[derive(Clone)]
pub(super) struct Place {
    /// Empty if an optional place has no path, because its environment variable is not set.
    path: PathBuf,
    shown: String,
    /// Whether an absent file or directory is read as an empty one.
    is_optional: bool,
}

impl Place {
    pub(super) fn new(path: PathBuf) -> Self {
        let shown = path.to_string_lossy().into_owned();
        Self {
            path,
            shown,
            is_optional: false,
        }
    }

    pub(super) fn optional(path: PathBuf) -> Self {
        Self {
            is_optional: true,
            ..Self::new(path)
        }
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
                is_optional: false,
            }),
        }
    }

    /// The same, if the variable is set; otherwise a place that is always absent.
    pub(super) fn optional_from_env(var: &str) -> Result<Self, Error> {
        let mut place = Self {
            path: PathBuf::new(),
            shown: format!("${var}"),
            is_optional: true,
        };
        if std::env::var_os(var).is_some() {
            place.path = Self::from_env(var, "")?.path;
        }
        Ok(place)
    }

    /// The path to watch, unless there is none.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        if self.path.as_os_str().is_empty() {
            return Vec::new();
        }
        vec![self.path.clone()]
    }

    /// Reads what is here, with this place as the origin of the vars, or of the error. An optional place where nothing exists
    /// has no config vars.
    pub(super) fn read(&self, read: &dyn Fn() -> Result<ConfigVars, Error>) -> Result<ConfigVars, Error> {
        let vars = if self.is_optional {
            self.read_if_present(read)
        } else {
            read()
        };
        vars.map(|vars| vars.named_by(&self.shown))
            .map_err(|error| error.for_source(&self.shown))
    }

    fn read_if_present(&self, read: &dyn Fn() -> Result<ConfigVars, Error>) -> Result<ConfigVars, Error> {
        // If the directory changed a moment ago, the file may be about to be replaced, and `read` waits for it.
        let is_absent = match parent_of_absent(&self.path) {
            Some(parent) => parent.rest_left().is_none(),
            None => self.path.as_os_str().is_empty(),
        };
        if is_absent {
            return Ok(ConfigVars::default());
        }
        match read() {
            Err(error) if error.fault() == Fault::NoFile && parent_of_absent(&self.path).is_some() => {
                Ok(ConfigVars::default())
            }
            vars => vars,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// A directory in it.
    pub(super) fn join(&self, name: &str) -> Self {
        Self {
            path: self.path.join(name),
            shown: format!("{}/{name}", self.shown),
            is_optional: false,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        ShownName::origin(&self.shown).fmt(f)
    }
}
