//! [`EnvFile`]: config vars from one file of `NAME=value` lines.

use super::at_rest;
use super::interface::Source;
use super::place::Place;
use crate::error::{Error, Fault};
use crate::formats::env_file;
use crate::formats::limit::ENV_FILE;
use crate::secret;
use crate::snapshot::ConfigVars;
use std::path::PathBuf;

/// An env file: `NAME=value` lines, in the syntax of [`ConfigVars::parse_env_file`].
///
/// A writer should write a new file beside the old one, and rename it over the old: each read then finds one of the two.
/// A file that is written in place is empty or cut off for a moment. To avoid reading it in this state, a file counts
/// once it was left alone for 100 ms; for 2.1 s if its time has no fraction of a second, because the file system's clock
/// may tick in seconds. A read waits until then, and fails if the file was changed again meanwhile and keeps changing for
/// a second. If the path is a symlink, each read follows it anew. A read never blocks in opening the file.
///
/// ```
/// use config_vars::{EnvFile, ExposeSecret, Source};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("app.env");
/// # std::fs::write(&path, "export JAWSDB_URL='mysql://app:pw@db.example/shop'\n")?;
/// let source = EnvFile::new(&path); // "/run/app.env", say
/// let vars = source.read()?;
/// assert_eq!(vars.require("JAWSDB_URL")?.expose_secret(), "mysql://app:pw@db.example/shop");
/// assert_eq!(vars.origin("JAWSDB_URL"), path.to_str());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A read fails if the file does not exist (unless it is [optional](Self::optional)), may not be read, is not a regular file (a FIFO, a device, a directory), is larger
/// than 4 MiB, is not UTF-8 text, has a line that is not an assignment, or keeps changing.
#[derive(Clone, Debug)]
pub struct EnvFile {
    place: Place,
}

impl EnvFile {
    /// Reads the file at `path`, which is opened for each read. Messages show the path.
    ///
    /// ```
    /// let source = config_vars::EnvFile::new("/run/app.env");
    /// assert_eq!(format!("{source:?}"), r#"EnvFile { place: "/run/app.env" }"#);
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let place = Place::new(path.into());
        Self { place }
    }

    /// Reads the file at `path` if it exists; while it does not, this source has no config vars.
    ///
    /// A file that exists and cannot be read is an error, and so is a symlink that leads nowhere.
    /// A watch by `OnChange` notices when the file appears. If the file is removed, its config vars are no longer set.
    ///
    /// A `.env` file in development, where the environment takes precedence, as in other implementations of dotenv:
    ///
    /// ```
    /// use config_vars::{EnvFile, ProcessEnv, Source};
    ///
    /// let source = ProcessEnv.or(EnvFile::optional(".env"));
    /// let vars = source.read()?;
    /// # drop(vars);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn optional(path: impl Into<PathBuf>) -> Self {
        let place = Place::optional(path.into());
        Self { place }
    }

    fn read_vars(&self) -> Result<ConfigVars, Error> {
        let bytes = at_rest::read_file(self.place.path(), ENV_FILE)?;
        match secret::with_clean_stack(|| std::str::from_utf8(&bytes)) {
            Ok(text) if !text.contains('\0') => env_file::parse(text),
            _ => Err(Error::new(Fault::FileNotText)),
        }
    }
}

impl Source for EnvFile {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.place.read(&|| self.read_vars())
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.place.paths()
    }
}
