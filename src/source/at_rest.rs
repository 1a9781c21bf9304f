//! Reading files that others write: as one state, at rest, of bounded size, into memory that is wiped.
//!
//! A state counts if no file in it was modified a moment ago, and if it is the same before and after the read. The first
//! rule is for writers that need more than one step, and for file systems whose clocks tick in milliseconds or seconds,
//! so that two writes have the same time; the second is for writers that are at work during the read.

use super::open::open;
use crate::error::{Error, Fault};
use crate::formats::limit::Limit;
use crate::list::mapped;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use zeroize::Zeroizing;

/// Minimum time since the last change before a file is read.
const REST: Duration = Duration::from_millis(100);

/// The same where the file system's clock may tick in seconds (ext3, HFS+), or in steps of two (FAT).
const REST_BY_SECONDS: Duration = Duration::from_millis(2_100);

/// A file modified within this time is checked once more after a pause: if the whole machine stalled, the file may look
/// at rest although its writer is not done. An empty file is checked again too: Linux truncates a file before it updates
/// the file's time.
const LATELY: Duration = Duration::from_secs(2);
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// Maximum time since the first attempt after which a read that finds a file in motion is repeated.
const PATIENCE: Duration = Duration::from_secs(1);

/// The same for a missing file, which a writer may have moved between the look and the read.
const PATIENCE_WITHOUT_FILE: Duration = Duration::from_millis(50);

/// The properties that distinguish one state of a file or directory from another.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// When content, name or attributes changed (Unix). Unlike `modified`, no writer can set it back.
    changed: Option<SystemTime>,
    /// Device and inode (Unix).
    identity: (u64, u64),
}

impl Stamp {
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            changed: changed(metadata),
            identity: identity(metadata),
        }
    }

    pub(super) fn of_file(metadata: &Metadata, limit: Limit) -> Result<Self, Fault> {
        if !metadata.is_file() {
            return Err(Fault::NotAFile);
        }
        limit.check(metadata.len())?;
        Ok(Self::new(metadata))
    }

    fn at(path: &Path, limit: Limit) -> Result<Self, Fault> {
        let metadata = fs::metadata(path).map_err(io_fault)?;
        Self::of_file(&metadata, limit)
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How much longer the file must be left alone before it counts; `None` if it has been for long enough.
    pub(super) fn rest_left(&self) -> Option<Duration> {
        let left = |time: Option<SystemTime>| {
            let left = rest(time?).checked_sub(age(time?)?)?;
            (!left.is_zero()).then_some(left)
        };
        left(self.modified).max(left(self.changed))
    }

    /// When it was last written, renamed or changed otherwise.
    pub(super) fn written(&self) -> Option<SystemTime> {
        self.modified.max(self.changed)
    }

    fn is_doubtful(&self) -> bool {
        let is_recent = |time: Option<SystemTime>| matches!(time.and_then(age), Some(age) if age < LATELY);
        self.length == 0 || is_recent(self.modified) || is_recent(self.changed)
    }

    /// Reads the file, which must still be as the stamp says.
    pub(super) fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut file = open(path).map_err(io_fault)?;
        // The file may have been replaced since it was looked at, by one that is no regular file.
        let metadata = file.metadata().map_err(io_fault)?;
        if !metadata.is_file() || Self::new(&metadata) != *self {
            return Err(Fault::Restless);
        }
        // The buffer has its final size, because a buffer that grows leaves a copy behind. One byte more shows whether
        // the file has grown.
        let length = usize::try_from(self.length).map_err(|_| Fault::Restless)?;
        let mut bytes = Zeroizing::new(vec![0; length + 1]);
        let mut filled = 0;
        loop {
            match file.read(&mut bytes[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_fault(error)),
            }
        }
        if filled != length {
            let metadata = file.metadata().map_err(io_fault)?;
            // As in `/proc`, and in some file systems in user space: the length says nothing of the content.
            let has_false_length = filled > length && Self::new(&metadata) == *self;
            return Err(if has_false_length {
                Fault::NotAFile
            } else {
                Fault::Restless
            });
        }
        bytes.truncate(length);
        Ok(bytes)
    }
}

/// `None` for a time in the future: it comes from another clock and says nothing.
fn age(time: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(time).ok()
}

/// A time without a fraction of a second may come from a clock that has none.
fn rest(time: SystemTime) -> Duration {
    let since_epoch = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    if since_epoch.subsec_nanos() == 0 {
        REST_BY_SECONDS
    } else {
        REST
    }
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Option<SystemTime> {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).ok()?;
    let nanoseconds = u32::try_from(metadata.ctime_nsec()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanoseconds))
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> Option<SystemTime> {
    None
}

/// Device and inode.
#[cfg(unix)]
pub(crate) fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

pub(super) fn read_file(path: &Path, limit: Limit) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut contents = read_files(&[path], limit, &|_, fault| Error::new(fault))?;
    let content = contents.pop().ok_or_else(|| Error::new(Fault::NoFile))?;
    Ok(content.bytes)
}

pub(super) struct FileContent {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) written: Option<SystemTime>,
}

/// Reads several files as one state. `error` says which of them is at fault.
pub(super) fn read_files(
    paths: &[&Path],
    limit: Limit,
    error: &dyn Fn(usize, Fault) -> Error,
) -> Result<Vec<FileContent>, Error> {
    let stamps = || -> Result<Vec<Stamp>, Error> {
        let mut stamps = Vec::with_capacity(paths.len());
        for (index, path) in paths.iter().enumerate() {
            stamps.push(Stamp::at(path, limit).map_err(|fault| error(index, fault))?);
        }
        Ok(stamps)
    };
    until_at_rest(|| {
        let before = stamps()?;
        let states = mapped(&before, |stamp| stamp);
        wait_for_rest(&states).map_err(|(index, fault)| error(index, fault))?;
        let mut contents = Vec::with_capacity(paths.len());
        for (index, stamp) in before.iter().enumerate() {
            contents.push(FileContent {
                bytes: stamp.read(paths[index]).map_err(|fault| error(index, fault))?,
                written: stamp.written(),
            });
        }
        pause_before_second_look(&states);
        for (index, stamp) in stamps()?.iter().enumerate() {
            if *stamp != before[index] {
                return Err(error(index, Fault::Restless));
            }
        }
        Ok(contents)
    })
}

/// Waits until the files would be at rest, if some are not. They have to be looked at again then, so it fails, with the
/// index of the last file to come to rest.
pub(super) fn wait_for_rest(stamps: &[&Stamp]) -> Result<(), (usize, Fault)> {
    let mut longest: Option<(Duration, usize)> = None;
    for (index, stamp) in stamps.iter().enumerate() {
        longest = longest.max(stamp.rest_left().map(|left| (left, index)));
    }
    let Some((left, index)) = longest else {
        return Ok(());
    };
    std::thread::sleep(left);
    Err((index, Fault::Restless))
}

pub(super) fn pause_before_second_look(stamps: &[&Stamp]) {
    if stamps.iter().any(|stamp| stamp.is_doubtful()) {
        std::thread::sleep(SECOND_LOOK);
    }
}

/// Repeats a read while what it reads keeps changing, up to a bound.
pub(super) fn until_at_rest<T>(read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        // Taken before the read, so that a read that took long is still followed by another.
        let elapsed = start.elapsed();
        let result = read();
        match &result {
            Err(error) if elapsed < patience(error) => {}
            _ => return result,
        }
        std::thread::sleep(pause);
        pause = REST.min(2 * pause);
    }
}

/// Maximum time for which a read that failed is repeated.
fn patience(error: &Error) -> Duration {
    match error.fault() {
        Fault::Restless => PATIENCE,
        Fault::NoFile => PATIENCE_WITHOUT_FILE,
        _ => Duration::ZERO,
    }
}

/// If nothing exists at the path, returns the stamp of the nearest directory above it. A symlink that leads nowhere, itself or
/// on the way to the path, is not absent: it is broken, or about to be replaced.
pub(super) fn parent_of_absent(path: &Path) -> Option<Stamp> {
    for (steps, part) in path.ancestors().enumerate() {
        // The last ancestor of a relative path.
        let part = if steps > 0 && part.as_os_str().is_empty() {
            Path::new(".")
        } else {
            part
        };
        match fs::symlink_metadata(part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(_) if steps > 0 => {
                let parent = fs::metadata(part).ok().filter(Metadata::is_dir)?;
                return Some(Stamp::new(&parent));
            }
            _ => return None,
        }
    }
    None
}

pub(super) fn io_error(error: io::Error) -> Error {
    Error::new(io_fault(error))
}

pub(super) fn io_fault(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::NoFile,
        io::ErrorKind::PermissionDenied => Fault::NoPermission,
        // A lease that another process must give up first (`fcntl(2)`).
        io::ErrorKind::WouldBlock => Fault::Restless,
        kind => Fault::Io(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::formats::limit::VALUE;
    use std::cell::Cell;

    #[test]
    fn a_read_that_took_long_is_followed_by_another() {
        let reads = Cell::new(0);
        let read = until_at_rest(|| match reads.replace(reads.get() + 1) {
            0 => {
                std::thread::sleep(PATIENCE);
                Err(Error::new(Fault::Restless))
            }
            _ => Ok(()),
        });
        assert_eq!((read, reads.get()), (Ok(()), 2));
    }

    #[cfg(unix)]
    #[test]
    fn fifo_in_place_of_the_file_does_not_block_the_opening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "s3cret").unwrap();
        let stamp = Stamp::at(&path, VALUE)
            .map_err(|fault| fault.to_string())
            .unwrap();
        fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        let (done, is_done) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(stamp.read(&path).map(drop)));
        let read = is_done
            .recv_timeout(Duration::from_secs(60))
            .expect("the opening blocks");
        assert_eq!(read, Err(Fault::Restless));
    }

    #[cfg(unix)]
    #[test]
    fn rewrite_of_the_same_length_with_the_old_time_is_another_state() {
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let stamp = || {
            Stamp::at(&path, VALUE)
                .map_err(|fault| fault.to_string())
                .unwrap()
        };
        let before = stamp();
        // The file system's clock must have ticked.
        std::thread::sleep(SECOND_LOOK);
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.set_modified(before.modified.unwrap()).unwrap();
        assert_eq!(
            (stamp().modified, stamp().length),
            (before.modified, before.length)
        );
        assert!(stamp() != before);
    }

    #[test]
    fn time_without_a_fraction_of_a_second_has_a_longer_rest() {
        let time = |nanoseconds| SystemTime::UNIX_EPOCH + Duration::new(1_800_000_000, nanoseconds);
        assert_eq!(rest(time(0)), REST_BY_SECONDS);
        for nanoseconds in [100, 4_000_000, 500_000_000, 999_999_900] {
            assert_eq!(rest(time(nanoseconds)), REST);
        }
    }
}
