//! Reading files that others write: as one state, at rest, of bounded size, into memory that is wiped.
//!
//! A state counts if nothing of it was modified a moment ago, and if it is the same before and after it was read. The
//! first rule is for writers that need more than one step, and for clocks of file systems, which tick in milliseconds
//! and so show two writes as one; the second is for those who write while it is read.

use crate::error::{Error, Fault};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use zeroize::Zeroizing;

/// For so long a file must have been left alone.
const REST: Duration = Duration::from_millis(100);

/// What was modified so lately is looked at once more, after a pause: where the whole machine stood still for a moment,
/// a writer has been at rest without being done. So is what is empty: Linux shortens a file before it says when.
const LATELY: Duration = Duration::from_secs(2);
const SECOND_LOOK: Duration = Duration::from_millis(20);

/// For so long a read waits for that.
const PATIENCE: Duration = Duration::from_secs(1);

/// For so long it looks for what is not there: a writer may have moved it between the look and the read.
const PATIENCE_WITHOUT_FILE: Duration = Duration::from_millis(50);

/// The size of files, in MiB.
#[derive(Clone, Copy)]
pub(super) struct Limit(pub(super) u64);

/// A file that holds one value. Kubernetes allows as much for a whole secret.
pub(super) const VALUE: Limit = Limit(1);

/// A file that holds config vars.
pub(super) const ENV_FILE: Limit = Limit(4);

impl Limit {
    pub(super) fn check(self, length: u64) -> Result<(), Fault> {
        match length > self.0 * 1024 * 1024 {
            true => Err(Fault::TooLarge(self.0)),
            false => Ok(()),
        }
    }
}

/// What tells one state of a file or folder from another.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where there are such.
    identity: (u64, u64),
}

impl Stamp {
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            identity: identity(metadata),
        }
    }

    /// Of a file, before it is opened: to open a FIFO would wait for its writer.
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

    /// Whether it was modified a moment ago.
    pub(super) fn is_young(&self) -> bool {
        self.is_younger(REST)
    }

    /// A time in the future is of another clock, and tells nothing.
    fn is_younger(&self, limit: Duration) -> bool {
        let age = |modified| SystemTime::now().duration_since(modified).ok();
        self.modified.and_then(age).is_some_and(|age| age < limit)
    }

    /// Reads the file, which must still be as the stamp says.
    pub(super) fn read(&self, path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let mut file = File::open(path).map_err(io_fault)?;
        let metadata = file.metadata().map_err(io_fault)?;
        if !metadata.is_file() || Self::new(&metadata) != *self {
            return Err(Fault::Restless);
        }
        // Of its final size, for a buffer that grows leaves a copy behind; the one byte more is to see the file's end.
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
            return Err(Fault::Restless);
        }
        bytes.truncate(length);
        Ok(bytes)
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

pub(super) fn read_file(path: &Path, limit: Limit) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut contents = read_files(&[path], limit, |_, fault| Error::new(fault))?;
    contents.pop().ok_or_else(|| Error::new(Fault::NoFile))
}

/// Reads several files as one state. `error` says which of them is at fault.
pub(super) fn read_files<P: AsRef<Path>>(
    paths: &[P],
    limit: Limit,
    error: impl Fn(usize, Fault) -> Error,
) -> Result<Vec<Zeroizing<Vec<u8>>>, Error> {
    let stamps = || {
        let stamp =
            |(index, path): (usize, &P)| Stamp::at(path.as_ref(), limit).map_err(|fault| error(index, fault));
        paths.iter().enumerate().map(stamp).collect::<Result<Vec<_>, _>>()
    };
    until_at_rest(|| {
        let before = stamps()?;
        if let Some(young) = before.iter().position(Stamp::is_young) {
            return Err(error(young, Fault::Restless));
        }
        let mut contents = Vec::with_capacity(paths.len());
        for (index, (path, stamp)) in paths.iter().zip(&before).enumerate() {
            contents.push(stamp.read(path.as_ref()).map_err(|fault| error(index, fault))?);
        }
        pause_before_second_look(&before);
        let after = stamps()?;
        match (0..paths.len()).find(|&index| before[index] != after[index]) {
            Some(changed) => Err(error(changed, Fault::Restless)),
            None => Ok(contents),
        }
    })
}

pub(super) fn pause_before_second_look<'s>(stamps: impl IntoIterator<Item = &'s Stamp>) {
    let is_doubtful = |stamp: &Stamp| stamp.length == 0 || stamp.is_younger(LATELY);
    if stamps.into_iter().any(is_doubtful) {
        std::thread::sleep(SECOND_LOOK);
    }
}

/// Reads again while what is read keeps changing, up to a bound.
pub(super) fn until_at_rest<T>(read: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        // Before the read: one that took long by itself is followed by another.
        let elapsed = start.elapsed();
        let error = match read() {
            Ok(state) => return Ok(state),
            Err(error) => error,
        };
        let patience = match error.fault() {
            Fault::Restless => PATIENCE,
            Fault::NoFile => PATIENCE_WITHOUT_FILE,
            _ => Duration::ZERO,
        };
        if elapsed >= patience {
            return Err(error);
        }
        std::thread::sleep(pause);
        pause = REST.min(2 * pause);
    }
}

pub(super) fn io_fault(error: io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => Fault::NoFile,
        io::ErrorKind::PermissionDenied => Fault::NoPermission,
        kind => Fault::Io(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
