//! [`EnvDir`]: config vars from a directory with one file per variable.

use super::at_rest::{Stamp, io_error, io_fault, pause_before_second_look, until_at_rest, wait_for_rest};
use super::interface::Source;
use super::place::Place;
use crate::error::{Error, Fault};
use crate::formats::limit::{Limit, VALUE};
use crate::formats::service::capitals;
use crate::list::mapped;
use crate::secret;
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::sorted::sort_by;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// A directory with one file per variable: the name of the file is the name of the config var.
///
/// Kubernetes mounts Secrets and ConfigMaps in this form, Docker its secrets (`/run/secrets`), and systemd a service's
/// credentials. Only a single line break at the end of a file (`\n` or `\r\n`) is removed. Hidden entries and directories are
/// skipped. A file that is not UTF-8 becomes a config var that is not Unicode, which is reported when it is read.
///
/// All values are of one state. Kubernetes renews a mounted folder in one step: its entries lead through a symlink
/// `..data`, which is [swapped](https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter) for another. A read
/// follows that symlink once, and starts again if it was swapped meanwhile. (A mount by `subPath` is never renewed.) In
/// any other folder, a read finds files that were left alone for 100 ms and did not change during the read, by the rules
/// of [`EnvFile`](crate::EnvFile). Hidden entries and folders may come and go at any time.
///
/// **Several files for one credential.** A writer that writes the user name into one file and the password into another
/// makes a mixed pair for a moment, which looks like any other state. A [`Live`](crate::Live) waits for the second file for
/// [2 seconds](crate::LiveBuilder::settle_time); a `read` by itself, and a writer that takes longer, have no such protection. To be
/// safe at any pace, have the writer put both into one file (a URL, or an [`EnvFile`](crate::EnvFile)), or swap the folder
/// as Kubernetes does.
///
/// ```
/// use config_vars::{EnvDir, MysqlUrl, Source};
///
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("jawsdb-url"), "mysql://app:pw@db.example/shop\n")?;
/// let source = EnvDir::new(folder.path()).with_uppercase_names(); // "/run/secrets", say
/// let vars = source.read()?;
/// assert_eq!(vars.url::<MysqlUrl>("JAWSDB_URL")?.host(), Some("db.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A read fails if the directory does not exist (unless it is [optional](Self::optional)), may not be read, is not a directory, has more than 10,000 entries, or keeps
/// changing; if an entry may not be read, is not a regular file (a FIFO, a device, a dangling symlink), or is larger
/// than 1 MiB, or all together are larger than 64 MiB; if two entries result in the same name.
#[derive(Clone, Debug)]
pub struct EnvDir {
    place: Place,
    capitals: bool,
}

impl EnvDir {
    /// Reads the directory at `path`. Messages show the path.
    ///
    /// ```
    /// let source = config_vars::EnvDir::new("/run/secrets");
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::new(path.into()))
    }

    /// Reads the directory at `path` if it exists; while it does not, this source has no config vars.
    ///
    /// A directory that exists and cannot be read is an error, and so is a symlink that leads nowhere.
    /// A watch by `OnChange` notices when the directory appears. If the directory is removed, its config vars are no
    /// longer set, and those of another source take their place. So never move it away to put another one there: replace the
    /// files, or swap a symlink. A misspelt path looks the same as an absent directory: its config vars are reported as not set.
    ///
    /// ```
    /// use config_vars::{ConfigVars, EnvDir, Live, ProcessEnv, Source};
    ///
    /// // The mounted folder where there is one, and the environment elsewhere, as on a laptop.
    /// let live: Live<ConfigVars> = Live::from_vars(EnvDir::optional("/run/config").or(ProcessEnv))?;
    /// # drop(live);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn optional(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::optional(path.into()))
    }

    /// Reads the credentials that systemd passes to a service (`LoadCredential=`, `SetCredential=`), in the directory that
    /// `$CREDENTIALS_DIRECTORY` [names](https://systemd.io/CREDENTIALS/). They do not change while the service runs.
    ///
    /// ```no_run
    /// use config_vars::{EnvDir, Source};
    ///
    /// let vars = EnvDir::systemd_credentials()?.with_uppercase_names().read()?;
    /// # drop(vars);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if `$CREDENTIALS_DIRECTORY` is not set, or empty.
    pub fn systemd_credentials() -> Result<Self, Error> {
        const FIX: &str = "add `LoadCredential=` or `SetCredential=` to the unit of the service";
        Ok(Self::at(Place::from_env(CREDENTIALS, FIX)?))
    }

    /// Reads the credentials that systemd passes to a service, if it does; outside such a service, this source has no config
    /// vars.
    ///
    /// ```
    /// use config_vars::{EnvDir, ProcessEnv, Source};
    ///
    /// let source = EnvDir::optional_systemd_credentials()?.with_uppercase_names().or(ProcessEnv);
    /// # drop(source);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if `$CREDENTIALS_DIRECTORY` is set but empty.
    pub fn optional_systemd_credentials() -> Result<Self, Error> {
        Ok(Self::at(Place::optional_from_env(CREDENTIALS)?))
    }

    /// Converts the names of config vars to upper case: `jawsdb-url` and `jawsdb.url` become `JAWSDB_URL`. Letters outside ASCII
    /// do not change; other characters except digits become `_`.
    ///
    /// ```
    /// use config_vars::{EnvDir, Source};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// std::fs::write(folder.path().join("db_password"), "s3cret")?;
    /// let vars = EnvDir::new(folder.path()).with_uppercase_names().read()?;
    /// assert!(vars.get("DB_PASSWORD").is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_uppercase_names(mut self) -> Self {
        self.capitals = true;
        self
    }

    fn at(place: Place) -> Self {
        let capitals = false;
        Self { place, capitals }
    }

    fn name(&self, entry: OsString) -> OsString {
        match entry.to_str() {
            Some(name) if self.capitals => capitals(name).into(),
            _ => entry,
        }
    }

    fn read_vars(&self) -> Result<ConfigVars, Error> {
        let contents = read_folder(self.place.path(), None)?;
        let mut vars = Vec::with_capacity(contents.values.len());
        for (entry, value) in contents.values {
            vars.push(Var::new(self.name(entry), value));
        }
        ConfigVars::unique(vars)
    }
}

impl Source for EnvDir {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.place.read(&|| self.read_vars())
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.place.paths()
    }
}

/// The variable in which systemd passes the directory of a service's credentials.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// Maximum number of entries in one folder.
const MOST_ENTRIES: usize = 10_000;
/// Maximum size of all files that a source reads.
pub(super) const ALL_VALUES: Limit = Limit(64);

/// The content of a directory.
pub(super) struct Contents {
    pub(super) values: Vec<(OsString, ConfigValue)>,
    /// The size of all files.
    pub(super) length: u64,
}

/// Reads the values in a folder as one state. Without the entry `needed` the folder is taken for empty.
pub(super) fn read_folder(path: &Path, needed: Option<&str>) -> Result<Contents, Error> {
    until_at_rest(|| {
        let listing = Listing::of(path)?;
        // Kubernetes writes all files before it swaps the directory.
        let is_swapped = listing.data.is_some();
        if !is_swapped {
            wait_for_rest(&listing.stamps()).map_err(|(_, fault)| Error::new(fault))?;
        }
        let is_needed = |name: &OsString| needed.is_none_or(|needed| name == needed);
        let values = if listing.entries.iter().any(|(name, _)| is_needed(name)) {
            listing.read_values()?
        } else {
            Vec::new()
        };
        if !is_swapped {
            // An entry that came or went a moment ago may be one that counts, and may be about to come back.
            if let Some(left) = listing.own.rest_left() {
                std::thread::sleep(left);
            }
            pause_before_second_look(&listing.stamps());
        }
        if Listing::of(path)?.is_same_state(&listing) {
            Ok(Contents {
                values,
                length: listing.length,
            })
        } else {
            Err(Error::new(Fault::Restless))
        }
    })
}

/// Returns whether an entry is hidden by the convention of Unix, which Kubernetes follows.
pub(super) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The entries of a directory, without the values.
struct Listing {
    /// The target of Kubernetes' symlink `..data`.
    data: Option<PathBuf>,
    /// Where the files are.
    folder: PathBuf,
    /// The folder's own stamp, which changes with hidden entries too.
    own: Stamp,
    /// The size of all files that count.
    length: u64,
    /// The entries that count.
    entries: Vec<(OsString, Stamp)>,
}

impl Listing {
    fn of(path: &Path) -> Result<Self, Error> {
        let data = fs::read_link(path.join("..data")).ok();
        let folder = match &data {
            Some(data) => path.join(data),
            None => path.to_owned(),
        };
        let metadata = fs::metadata(&*folder).map_err(io_error)?;
        if !metadata.is_dir() {
            return Err(Error::new(Fault::NotAFolder));
        }
        let mut entries = Vec::new();
        let mut length = 0;
        for entry in fs::read_dir(&*folder).map_err(io_error)? {
            let entry = entry.map_err(io_error)?;
            let name = entry.file_name();
            if is_hidden(&name) {
                continue;
            }
            let Some(stamp) = file_stamp(&entry.path()).map_err(|fault| at_entry(&name, fault))? else {
                continue;
            };
            length += stamp.length();
            ALL_VALUES.check(length).map_err(Error::new)?;
            entries.push((name, stamp));
            if entries.len() > MOST_ENTRIES {
                return Err(Error::new(Fault::TooManyEntries(MOST_ENTRIES)));
            }
        }
        sort_by(&mut entries, |(left, _), (right, _)| left.cmp(right));
        Ok(Self {
            data,
            folder,
            own: Stamp::new(&metadata),
            length,
            entries,
        })
    }

    /// Returns whether no relevant entry differs.
    fn is_same_state(&self, other: &Self) -> bool {
        let is_same_folder = self.folder.as_os_str() == other.folder.as_os_str();
        is_same_folder && self.data.is_some() == other.data.is_some() && self.entries == other.entries
    }

    fn stamps(&self) -> Vec<&Stamp> {
        mapped(&self.entries, |(_, stamp)| stamp)
    }

    fn read_values(&self) -> Result<Vec<(OsString, ConfigValue)>, Error> {
        let mut values = Vec::with_capacity(self.entries.len());
        for (name, stamp) in &self.entries {
            let bytes = stamp
                .read(&self.folder.join(name))
                .map_err(|fault| at_entry(name, fault))?;
            let value = secret::with_clean_stack(|| ConfigValue::from_file(&bytes));
            // A swapped directory changes all at once.
            let written = if self.data.is_none() {
                stamp.written()
            } else {
                None
            };
            values.push((name.clone(), value.with_written(written)));
        }
        Ok(values)
    }
}

/// Returns `None` for a directory.
fn file_stamp(path: &Path) -> Result<Option<Stamp>, Fault> {
    let metadata = fs::metadata(path).map_err(io_fault)?;
    if metadata.is_dir() {
        return Ok(None);
    }
    Stamp::of_file(&metadata, VALUE).map(Some)
}

fn at_entry(name: &OsStr, fault: Fault) -> Error {
    Error::new(fault).for_known_var(&name.to_string_lossy())
}
