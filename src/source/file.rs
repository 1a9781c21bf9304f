//! [`EnvFile`]: config vars from one file of `NAME=value` lines.

use super::Source;
use crate::error::{Error, Fault};
use crate::vars::ConfigVars;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// An env file: `NAME=value` lines, in the syntax of [`ConfigVars::from_env_file`].
///
/// ```no_run
/// use config_vars::{EnvFile, Source};
///
/// let vars = EnvFile::new("/run/app.env").read()?;
/// println!("{vars:?}");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EnvFile {
    path: PathBuf,
}

impl EnvFile {
    /// The file at `path`. It is opened anew for each read.
    ///
    /// ```
    /// let source = config_vars::EnvFile::new("/run/app.env");
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Source for EnvFile {
    fn read(&self) -> Result<ConfigVars, Error> {
        let origin = self.path.to_string_lossy();
        read_text(&self.path)
            .and_then(|text| ConfigVars::from_env_file(&text))
            .map(|vars| vars.with_origin(&origin))
            .map_err(|error| error.for_source(&origin))
    }

    fn paths(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }
}

fn read_text(path: &Path) -> Result<Zeroizing<String>, Error> {
    std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(io_error)
}

fn io_error(error: io::Error) -> Error {
    Error::new(match error.kind() {
        io::ErrorKind::NotFound => Fault::NoFile,
        io::ErrorKind::PermissionDenied => Fault::NoPermission,
        kind => Fault::Io(kind),
    })
}
