//! Which folders to watch, so that no change of a path goes unseen.
//!
//! A file is replaced by a rename in its folder, and a symbolic link by one in the folder that holds the link. So the
//! folder is watched, never the file: an inode that was replaced tells of its end, once, and of nothing after it. Secrets
//! and config maps in Kubernetes are such: each file is a link to `..data/file`, and `..data` is a link to a folder that is
//! made anew for each update (<https://github.com/kubernetes/kubernetes/issues/112677>).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The folders to watch, by their paths, which hold no links.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct WatchedFolders {
    folders: BTreeMap<PathBuf, WatchedFolder>,
}

#[derive(Clone, PartialEq, Eq)]
struct WatchedFolder {
    identity: FolderIdentity,
    names: RelevantNames,
}

/// What a folder has that another in its place has not.
type FolderIdentity = (u64, u64, Option<SystemTime>);

/// What of a folder matters.
#[derive(Clone, PartialEq, Eq)]
enum RelevantNames {
    These(BTreeSet<OsString>),
    All,
}

/// So many links are followed for one path, as Linux does (`path_resolution(7)`).
const MAX_LINKS: u32 = 40;
/// Of a folder's entries, their own entries are looked into, and no more: a folder of bindings, each one with its link.
const MAX_DEPTH: u32 = 2;
/// So many entries are looked at for one watch. Beyond that, the slow poll has to do.
const MAX_ENTRIES: u32 = 1024;

impl WatchedFolders {
    /// The folders that hold the paths, and those that hold a link on the way; of what is not there, the nearest folder
    /// that is.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut folders = Self::default();
        let mut left = MAX_ENTRIES;
        for path in paths {
            folders.add(path, MAX_DEPTH, &mut left);
        }
        folders
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.folders.keys().map(PathBuf::as_path)
    }

    /// Whether it is one of the folders itself.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.folders.contains_key(path)
    }

    /// Whether it is something in one of the folders that matters.
    pub(super) fn concern(&self, path: &Path) -> bool {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return true;
        };
        match self.folders.get(folder).map(|folder| &folder.names) {
            Some(RelevantNames::These(names)) => names.contains(name),
            Some(RelevantNames::All) => true,
            None => false,
        }
    }

    fn add(&mut self, path: &Path, depth: u32, left: &mut u32) {
        let Some(entries) = left.checked_sub(1) else {
            return;
        };
        *left = entries;
        let Some(end) = self.follow(path) else { return };
        self.note(&end, None);
        if depth == 0 {
            return;
        }
        for entry in fs::read_dir(&end).into_iter().flatten().flatten() {
            // Of a plain file its folder tells everything.
            if entry.file_type().is_ok_and(|kind| !kind.is_file()) {
                self.add(&entry.path(), depth - 1, left);
            }
        }
    }

    /// Follows all links, and notes where they are. Returns the folder that the path leads to, if it is one.
    fn follow(&mut self, path: &Path) -> Option<PathBuf> {
        let mut end = PathBuf::new();
        let mut rest = parts(&std::path::absolute(path).ok()?);
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            let next = end.join(&part);
            match Path::new(&part).components().next() {
                Some(Component::ParentDir) => {
                    end.pop();
                    continue;
                }
                Some(Component::CurDir) | None => continue,
                Some(Component::Prefix(_) | Component::RootDir) => {
                    end = next;
                    continue;
                }
                Some(Component::Normal(_)) => {}
            }
            let kind = fs::symlink_metadata(&next).map(|metadata| metadata.file_type());
            if kind.as_ref().is_ok_and(|kind| kind.is_dir()) {
                end = next;
                continue;
            }
            // On macOS, to watch the root folder is to be told of everything there is; and its links stay.
            if !cfg!(target_os = "macos") || end.parent().is_some() {
                self.note(&end, Some(&part));
            }
            let Ok(target) = fs::read_link(&next) else {
                return None; // a file, or not there
            };
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            let before = parts(&target);
            rest = before.into_iter().chain(rest).collect();
        }
        Some(end)
    }

    /// A name in a folder matters, or all of them do.
    fn note(&mut self, folder: &Path, name: Option<&OsStr>) {
        let Ok(metadata) = fs::metadata(folder) else {
            return;
        };
        let noted = self
            .folders
            .entry(folder.to_owned())
            .or_insert_with(|| WatchedFolder {
                identity: identity(&metadata),
                names: RelevantNames::These(BTreeSet::new()),
            });
        match (&mut noted.names, name) {
            (RelevantNames::These(names), Some(name)) => _ = names.insert(name.to_owned()),
            (names, None) => *names = RelevantNames::All,
            (RelevantNames::All, _) => {}
        }
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .map(|part| part.as_os_str().to_owned())
        .collect()
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> FolderIdentity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino(), metadata.created().ok())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> FolderIdentity {
    (0, 0, metadata.created().ok())
}
