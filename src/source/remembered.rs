//! [`Remembered`]: a source whose last config vars are kept in a file, for a start without it.

use super::at_rest::{io_error, io_fault, read_file};
use super::dir::ALL_VALUES;
use super::interface::{Source, SourceEvents};
use super::place::Place;
use crate::error::{AppError, Error, Fault};
use crate::formats::remembered;
use crate::lock::lock;
use crate::secret;
use crate::snapshot::{ConfigVars, RememberedMark, Var};
use secrecy::ExposeSecret;
use std::fs::{self, File, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

/// A source whose last config vars are kept in a file; see [`Source::remembered`].
#[derive(Debug)]
pub struct Remembered<S> {
    source: S,
    place: Place,
    max_age: Duration,
    state: Mutex<FileState>,
}

#[derive(Default)]
struct FileState {
    /// The config vars in the file, as far as this process knows, and when it wrote them.
    written: Option<(ConfigVars, Instant)>,
    /// The config vars of the last read.
    last: Option<ConfigVars>,
    /// Config vars of which a server refused a credential.
    refused: Option<ConfigVars>,
    /// Whether the source was read in this process.
    has_read: bool,
    /// The mark of the config vars that came from the file.
    mark: Option<Arc<RememberedMark>>,
}

impl std::fmt::Debug for FileState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileState").finish_non_exhaustive()
    }
}

/// The file is written anew, without a change, after this part of the maximum age.
const REFRESHES: u32 = 10;
/// Mode of the file.
const OWNER_ALONE: u32 = 0o600;
/// Bits of a mode that let others write.
const OTHERS_WRITE: u32 = 0o022;
/// The bit of a directory whose entries only their owners may replace.
const STICKY: u32 = 0o1000;

impl<S: Source> Remembered<S> {
    pub(super) fn new(source: S, path: PathBuf, max_age: Duration) -> Result<Self, Error> {
        let place = Place::new(path);
        check_folder(place.path()).map_err(|fault| Error::new(fault).for_source(place.shown()))?;
        Ok(Self {
            source,
            place,
            max_age,
            state: Mutex::default(),
        })
    }

    /// The program's name of the source's type.
    fn source_name() -> &'static str {
        std::any::type_name::<S>()
    }

    /// Keeps config vars that were read. If that fails, it is tried again at the next read: the app has what it needs.
    fn remember(&self, vars: &ConfigVars) {
        let mut state = lock(&self.state);
        state.has_read = true;
        state.last = Some(vars.clone());
        if let Some(mark) = state.mark.take() {
            mark.end();
        }
        if state.refused.as_ref().is_some_and(|refused| same(refused, vars)) {
            return;
        }
        state.refused = None;
        let is_kept = |(written, at): &(ConfigVars, Instant)| {
            at.elapsed() < self.max_age / REFRESHES && same(written, vars)
        };
        if !state.written.as_ref().is_some_and(is_kept) {
            let text = remembered::write(vars, Self::source_name(), SystemTime::now());
            let is_written = write(self.place.path(), text.as_bytes()).is_ok();
            state.written = is_written.then(|| (vars.clone(), Instant::now()));
        }
    }

    /// Returns the config vars in the file, if they may be used in place of a read that failed.
    fn recall(&self, error: &Error) -> Option<ConfigVars> {
        let mut state = lock(&self.state);
        if error.fault().is_refusal() {
            self.forget(&mut state);
            return None;
        }
        if state.has_read || state.refused.is_some() {
            return None;
        }
        let bytes = read(self.place.path()).ok()?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let (vars, read_at) = remembered::parse(text, Self::source_name())?;
        if !is_current(read_at, SystemTime::now(), self.max_age) || !is_of(&vars, error) {
            return None;
        }
        let mark = match state.mark.take().filter(|mark| mark.read_at() == read_at) {
            Some(mark) => mark,
            None => Arc::new(RememberedMark::new(read_at)),
        };
        mark.set_error(error.clone());
        let vars = vars.marked(&mark);
        state.last = Some(vars.clone());
        state.mark = Some(mark);
        Some(vars)
    }

    /// Removes the file, because its config vars must not be used again.
    fn forget(&self, state: &mut FileState) {
        state.written = None;
        state.refused = Some(state.last.clone().unwrap_or_default());
        if check_folder(self.place.path()).is_ok() {
            _ = fs::remove_file(self.place.path());
        }
    }
}

impl<S: Source> Source for Remembered<S> {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        match self.source.read_for_live() {
            Ok(vars) => {
                self.remember(&vars);
                Ok(vars)
            }
            Err(error) => self.recall(error.shown()).ok_or(error),
        }
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.source.paths()
    }

    fn listen(&self, events: &SourceEvents) {
        self.source.listen(events);
    }

    fn want(&self) {
        self.forget(&mut lock(&self.state));
        self.source.want();
    }

    fn is_async(&self) -> bool {
        self.source.is_async()
    }
}

/// Returns whether two snapshots have the same config vars, from the same sources.
fn same(one: &ConfigVars, other: &ConfigVars) -> bool {
    let (one, other) = (one.as_slice(), other.as_slice());
    let is_same = |(one, other): (&Var, &Var)| {
        let is_same_value = match (one.value.secret(), other.value.secret()) {
            (Some(one), Some(other)) => secret::same(one.expose_secret(), other.expose_secret()),
            (one, other) => one.is_none() && other.is_none(),
        };
        one.name == other.name && one.origin == other.origin && is_same_value
    };
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

/// Returns whether the config vars were read at most `max_age` ago. A time in the future says nothing about their age.
fn is_current(read_at: SystemTime, now: SystemTime, max_age: Duration) -> bool {
    now.duration_since(read_at).is_ok_and(|age| age <= max_age)
}

/// Returns whether the part of the source that failed supplied some of the config vars. If it has another name than all of
/// them, the file is another source's.
fn is_of(vars: &ConfigVars, error: &Error) -> bool {
    let Some(failed) = error.origin() else {
        return true;
    };
    let is_in = |origin: &str| {
        let rest = origin.strip_prefix(failed);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let is_of = |var: &Var| var.origin.as_deref().is_some_and(is_in);
    vars.as_slice().is_empty() || vars.as_slice().iter().any(is_of)
}

/// The user whom this process writes files as, where the system says it.
fn own_user() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|metadata| metadata.uid())
}

fn is_own(metadata: &Metadata) -> bool {
    own_user().is_none_or(|user| user == metadata.uid())
}

/// The directory that contains the file, without symlinks.
fn folder_of(path: &Path) -> Result<PathBuf, Fault> {
    let parent = path.parent().ok_or(Fault::NotAFile)?;
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    parent.canonicalize().map_err(io_fault)
}

/// Checks that no other user can put a file at the path: not in its directory, nor by replacing a directory above.
fn check_folder(path: &Path) -> Result<(), Fault> {
    let folder = folder_of(path)?;
    for directory in folder.ancestors() {
        let metadata = fs::metadata(directory).map_err(io_fault)?;
        if !metadata.is_dir() {
            return Err(Fault::NotAFolder);
        }
        let is_protected = directory.as_os_str() != folder.as_os_str() && metadata.mode() & STICKY != 0;
        let is_trusted = is_own(&metadata) || metadata.uid() == 0;
        if !is_trusted || metadata.mode() & OTHERS_WRITE != 0 && !is_protected {
            return Err(Fault::OthersMayWrite);
        }
    }
    Ok(())
}

fn check_file(metadata: &Metadata) -> Result<(), Fault> {
    if !metadata.is_file() {
        return Err(Fault::NotAFile);
    }
    let is_shared = metadata.mode() & 0o077 != 0 || metadata.nlink() != 1;
    if is_shared || !is_own(metadata) {
        return Err(Fault::OthersMayWrite);
    }
    Ok(())
}

fn read(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, Error> {
    check_folder(path).map_err(Error::new)?;
    // Not through a symlink.
    let metadata = fs::symlink_metadata(path).map_err(io_error)?;
    check_file(&metadata).map_err(Error::new)?;
    read_file(path, ALL_VALUES)
}

/// Writes the file beside, and renames it over the old one, so that the path always has one whole file.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    ALL_VALUES.check(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
    check_folder(path)?;
    let name = path.file_name().ok_or(Fault::NotAFile)?.to_string_lossy();
    let random = RandomState::new().hash_one(name.as_ref());
    let beside = path.with_file_name(format!(".{name}.{random:016x}.new"));
    let written = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    written.map_err(io_fault)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(OWNER_ALONE)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_bounded_and_the_future_is_no_age() {
        let read_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let hour = Duration::from_secs(3_600);
        for (now, expected) in [
            (read_at, true),
            (read_at + hour, true),
            (read_at + hour + Duration::from_nanos(1), false),
            (read_at - Duration::from_secs(1), false),
            (SystemTime::UNIX_EPOCH, false),
        ] {
            assert_eq!(is_current(read_at, now, hour), expected, "{now:?}");
        }
    }

    #[test]
    fn directories_that_others_may_change_are_refused() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("above/folder");
        fs::create_dir_all(&folder).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        let above = root.path().join("above");
        for (mode, mode_above, expected) in [
            (0o700, 0o755, Ok(())),
            (0o755, 0o755, Ok(())),
            (0o700, 0o1777, Ok(())),
            (0o770, 0o755, Err(Fault::OthersMayWrite)),
            (0o702, 0o755, Err(Fault::OthersMayWrite)),
            (0o1777, 0o755, Err(Fault::OthersMayWrite)),
            (0o700, 0o777, Err(Fault::OthersMayWrite)),
            (0o700, 0o775, Err(Fault::OthersMayWrite)),
        ] {
            set(&folder, mode);
            set(&above, mode_above);
            assert_eq!(
                check_folder(&folder.join("file")),
                expected,
                "{mode:o} in {mode_above:o}"
            );
        }
        assert_eq!(check_folder(&root.path().join("gone/file")), Err(Fault::NoFile));
        assert_eq!(check_folder(Path::new("/")), Err(Fault::NotAFile));
    }
}
