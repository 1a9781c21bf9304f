//! [`ServiceBindings`]: the directories in which Kubernetes passes services to a workload.

use super::at_rest::{io_error, until_at_rest};
use super::dir::{ALL_VALUES, Contents, is_hidden, read_folder};
use super::interface::Source;
use super::place::Place;
use crate::error::{Error, Fault};
use crate::formats::service::{Service, capitals, scheme_of, service_vars};
use crate::snapshot::ConfigVars;
use crate::sorted::sort_by;
use secrecy::ExposeSecret;
use std::fs;
use std::path::PathBuf;

/// The services that are bound to a workload in Kubernetes: `$SERVICE_BINDING_ROOT` contains a directory for each.
///
/// The [specification](https://servicebinding.io/spec/core/1.1.0/#workload-projection): a directory contains a file `type`,
/// optionally `provider`, and one file for each credential; the files may change at any time. A directory without `type` is
/// ignored, and so is a hidden one. Each binding becomes an attachment by its name in upper case, each file a config var:
///
/// | of the binding `account-db` | config var |
/// |---|---|
/// | `uri` | `ACCOUNT_DB_URL`; if there is a `url` as well, `ACCOUNT_DB_URI` |
/// | `certificates` | `ACCOUNT_DB_CERT` |
/// | `private-key` | `ACCOUNT_DB_PRIVATE_KEY` |
/// | `host`, `port`, `username`, `password`, `database`, `type`, any other | `ACCOUNT_DB_HOST`, and so on |
/// | a known `type`, without a `uri` | `ACCOUNT_DB_SCHEME` |
///
/// Each binding is read as one consistent state, by the rules of [`EnvDir`](crate::EnvDir).
///
/// ```
/// use config_vars::{PostgresUrl, ServiceBindings, Source};
///
/// # let root = tempfile::tempdir()?;
/// # let binding = root.path().join("account-db");
/// # std::fs::create_dir(&binding)?;
/// for (entry, value) in [
///     ("type", "postgresql"), ("host", "db.example"), ("username", "app"), ("password", "p@ss"), ("database", "shop"),
/// ] {
///     std::fs::write(binding.join(entry), value)?;
/// }
/// let vars = ServiceBindings::new(root.path()).read()?; // or ServiceBindings::from_env()?
/// let db: PostgresUrl = vars.only()?;
/// assert_eq!(db.expose_url(), "postgresql://app:p%40ss@db.example/shop");
/// assert_eq!(vars.attachments().next().map(|attachment| attachment.name().to_owned()), Some("ACCOUNT_DB".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A read fails if the directory (unless it is [optional](Self::optional) and does not exist), or a binding in it, cannot be
/// read (see [`EnvDir`](crate::EnvDir)), and if two entries
/// result in the same name.
#[derive(Clone, Debug)]
pub struct ServiceBindings {
    root: Place,
}

/// The variable in which Kubernetes passes the directory.
const ROOT: &str = "SERVICE_BINDING_ROOT";

/// The file that identifies a binding.
const TYPE: &str = "type";

/// Names in the specification that differ from those of add-ons. To support another one, add a row.
const NAMES: &[(&str, &str)] = &[
    ("certificates", "CERT"),
    // Strimzi's.
    ("bootstrapServers", "BOOTSTRAP_SERVERS"),
];

/// Maximum number of bindings.
const MOST_BINDINGS: usize = 1_000;

impl ServiceBindings {
    /// Reads the directory that `$SERVICE_BINDING_ROOT` names.
    ///
    /// ```no_run
    /// use config_vars::{ProcessEnv, ServiceBindings, Source};
    ///
    /// let vars = ServiceBindings::from_env()?.or(ProcessEnv).read()?;
    /// # drop(vars);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if `$SERVICE_BINDING_ROOT` is not set, or empty.
    pub fn from_env() -> Result<Self, Error> {
        const FIX: &str = "bind a service to the workload";
        let root = Place::from_env(ROOT, FIX)?;
        Ok(Self { root })
    }

    /// Reads the directory that `$SERVICE_BINDING_ROOT` names, if it is set and the directory exists; otherwise, this source has
    /// no config vars.
    ///
    /// ```
    /// use config_vars::{ProcessEnv, ServiceBindings, Source};
    ///
    /// let source = ServiceBindings::optional_from_env()?.or(ProcessEnv); // in a cluster and on a laptop
    /// # drop(source);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if `$SERVICE_BINDING_ROOT` is set but empty.
    pub fn optional_from_env() -> Result<Self, Error> {
        let root = Place::optional_from_env(ROOT)?;
        Ok(Self { root })
    }

    /// Reads the directory at `path`. Messages show the path.
    ///
    /// ```
    /// let source = config_vars::ServiceBindings::new("/bindings");
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let root = Place::new(path.into());
        Self { root }
    }

    /// Reads the directory at `path` if it exists; while it does not, this source has no config vars. See
    /// [`EnvDir::optional`](crate::EnvDir::optional).
    ///
    /// ```
    /// let source = config_vars::ServiceBindings::optional("/bindings");
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn optional(path: impl Into<PathBuf>) -> Self {
        let root = Place::optional(path.into());
        Self { root }
    }

    /// Returns the names of all bindings, sorted.
    fn bindings(&self) -> Result<Vec<String>, Error> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.root.path()).map_err(io_error)? {
            let entry = entry.map_err(io_error)?;
            let name = entry.file_name();
            // A directory that was removed in the meantime is not a binding either.
            if is_hidden(&name) || !entry.path().is_dir() {
                continue;
            }
            let name = name
                .into_string()
                .map_err(|name| Error::new(Fault::NameNotUnicode).for_known_var(&name.to_string_lossy()))?;
            names.push(name);
            if names.len() > MOST_BINDINGS {
                return Err(Error::new(Fault::TooManyEntries(MOST_BINDINGS)));
            }
        }
        sort_by(&mut names, String::cmp);
        Ok(names)
    }

    fn read_vars(&self) -> Result<ConfigVars, Error> {
        let services = until_at_rest(|| {
            let before = self.bindings()?;
            let services = self.read_bindings(&before)?;
            if self.bindings()? == before {
                Ok(services)
            } else {
                Err(Error::new(Fault::Restless))
            }
        })?;
        ConfigVars::unique(service_vars(services)?)
    }

    fn read_bindings(&self, names: &[String]) -> Result<Vec<Service>, Error> {
        let mut services = Vec::new();
        let mut length = 0;
        for name in names {
            let place = self.root.join(name);
            let contents =
                read_folder(place.path(), Some(TYPE)).map_err(|error| error.for_source(place.shown()))?;
            length += contents.length;
            ALL_VALUES.check(length).map_err(Error::new)?;
            if let Some(service) = service(name, place.shown(), contents) {
                services.push(service);
            }
        }
        Ok(services)
    }
}

/// Returns `None` for a directory without a type, which is not a binding.
fn service(name: &str, shown: &str, contents: Contents) -> Option<Service> {
    let (_, kind) = contents.values.iter().find(|(entry, _)| entry == TYPE)?;
    let scheme = kind.secret().and_then(|kind| scheme_of(kind.expose_secret()));
    let mut entries = Vec::with_capacity(contents.values.len());
    for (entry, value) in contents.values {
        entries.push((spelt(&entry.to_string_lossy()), value));
    }
    Some(Service {
        name: capitals(name),
        scheme,
        entries,
        origin: shown.into(),
    })
}

fn spelt(entry: &str) -> String {
    for (name, spelling) in NAMES {
        if *name == entry {
            return (*spelling).to_owned();
        }
    }
    capitals(entry)
}

impl Source for ServiceBindings {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.root.read(&|| self.read_vars())
    }

    /// The directory itself, and that of each binding.
    fn paths(&self) -> Vec<PathBuf> {
        let mut paths = self.root.paths();
        for name in &self.bindings().unwrap_or_default() {
            paths.push(self.root.path().join(name));
        }
        paths
    }
}
