//! [`FileVars`]: the convention that `DB_PASSWORD_FILE` is the path of a file with the value of `DB_PASSWORD`.

use super::at_rest::read_files;
use super::interface::{Source, SourceEvents};
use crate::error::{AppError, Component, Error, Fault};
use crate::formats::limit::VALUE;
use crate::list::mapped;
use crate::lock::lock;
use crate::secret;
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::sorted::NameSet;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A source in which `DB_PASSWORD_FILE` may replace `DB_PASSWORD`: it is the path of a file with the value.
///
/// Docker's official images [do this](https://github.com/docker-library/docs/tree/master/mysql#docker-secrets), so that
/// no secret need stand in the environment. The names for which it holds are given: many a config var ends in `_FILE`
/// and means something else (`LOG_FILE`). The value loses the one line break that may end the file, and nothing else.
/// The var with the path is replaced by the var with the value, whose origin is the name of the former.
///
/// The files are read after the source, as one consistent state, by the rules of [`EnvFile`](crate::EnvFile). Their paths
/// are values, and are not shown. [`paths`](Source::paths) has those that the last read found.
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret, FileVars, Source};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("db_password");
/// # std::fs::write(&path, "s3cret\n")?;
/// let environment = move || Ok(ConfigVars::from_iter([("DB_PASSWORD_FILE", path.clone().into_os_string())])); // or ProcessEnv
/// let vars = FileVars::new(environment, ["DB_PASSWORD", "JAWSDB_URL"]).read()?;
/// assert_eq!(vars.require("DB_PASSWORD")?.expose_secret(), "s3cret");
/// assert_eq!(vars.origin("DB_PASSWORD"), Some("DB_PASSWORD_FILE"));
/// assert!(vars.get("DB_PASSWORD_FILE").is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// To apply the convention to all names, take them from the source:
///
/// ```
/// # use config_vars::{FileVars, ProcessEnv, Source};
/// let vars = ProcessEnv.read()?;
/// let names: Vec<_> = vars.iter().filter_map(|(name, _)| name.strip_suffix("_FILE")).collect();
/// let source = FileVars::new(ProcessEnv, names);
/// # drop(source);
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// A read fails if the source does; if a config var is set in both forms; if a file does not exist, may not be read, is not a
/// regular file, is larger than 1 MiB, or keeps changing. The error names the config var.
#[derive(Clone)]
pub struct FileVars<S> {
    source: S,
    /// Each name, and the same with `_FILE`.
    names: Vec<(String, String)>,
    /// The files that the last read found named. [`paths`](Source::paths) must not read the source again: that may block,
    /// drive a future on a thread of its runtime, or make another account.
    named_files: Arc<Mutex<Vec<SecretString>>>,
}

impl<S: Source> FileVars<S> {
    /// Creates a source in which each of `names` may be supplied by a file.
    ///
    /// ```
    /// use config_vars::{FileVars, ProcessEnv};
    ///
    /// let source = FileVars::new(ProcessEnv, ["DB_PASSWORD", "JAWSDB_URL"]);
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn new<N: Into<String>>(source: S, names: impl IntoIterator<Item = N>) -> Self {
        let pair = |name: N| {
            let name = name.into();
            let file = format!("{name}_FILE");
            (name, file)
        };
        Self {
            source,
            names: names.into_iter().map(pair).collect(),
            named_files: Arc::default(),
        }
    }

    /// Converts the config vars of the source.
    fn convert(&self, vars: &ConfigVars) -> Result<ConfigVars, Error> {
        // As in Docker's images, an empty var counts as not set.
        let is_set = |name| vars.look_up(name).is_some_and(|value| !value.is_empty());
        let (mut pairs, mut paths) = (Vec::new(), Vec::new());
        let mut replaced: Vec<&str> = Vec::new();
        for (name, file) in &self.names {
            if !is_set(file) {
                continue;
            }
            if is_set(name) {
                return Err(Error::new(Fault::FileAndValue).for_known_var(name));
            }
            paths.push(Path::new(vars.require(file)?.expose_secret()));
            pairs.push((name, file));
            replaced.extend([name.as_str(), file]);
        }
        // Also if they cannot be read, because a watch must notice when that is corrected.
        *lock(&self.named_files) = mapped(&paths, |path| path.to_string_lossy().as_ref().into());
        let error = |index: usize, fault| Error::at(Component::File, fault).for_known_var(pairs[index].1);
        let contents = read_files(&paths, VALUE, &error)?;
        let replaced = NameSet::of(replaced);
        let mut all = Vec::new();
        for var in vars.as_slice() {
            if !replaced.contains(&var.name) {
                all.push(var.clone());
            }
        }
        for ((name, file), content) in pairs.iter().zip(&contents) {
            let value = secret::with_clean_stack(|| ConfigValue::from_file(&content.bytes));
            all.push(Var {
                name: name.as_str().into(),
                value: value.with_written(content.written),
                origin: Some(file.as_str().into()),
            });
        }
        Ok(ConfigVars::last_of_each(all))
    }
}

impl<S: Source> Source for FileVars<S> {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        Ok(self.convert(&self.source.read_for_live()?)?)
    }

    fn listen(&self, events: &SourceEvents) {
        self.source.listen(events);
    }

    fn want(&self) {
        self.source.want();
    }

    fn is_async(&self) -> bool {
        self.source.is_async()
    }

    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = self.source.paths();
        for path in lock(&self.named_files).iter() {
            paths.push(path.expose_secret().into());
        }
        paths
    }
}

/// Without the files that are named: their paths are values.
impl<S: fmt::Debug> fmt::Debug for FileVars<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileVars")
            .field("source", &self.source)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
