//! The folders to watch so that no change of a path is missed.
//!
//! A file is replaced by a rename in its folder, and a symbolic link by a rename in the folder that has the link. So the
//! folder is watched and never the file: an inode that was replaced reports its end once, and nothing after that.
//! Kubernetes mounts secrets and config maps in this way: each file is a link to `..data/file`, and `..data` is a link to a
//! folder that is created for each update (<https://github.com/kubernetes/kubernetes/issues/112677>).

use crate::source::identity;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// The folders to watch, by their paths, which hold no links.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct WatchedFolders {
    folders: BTreeMap<PathBuf, WatchedFolder>,
}

#[derive(Clone, PartialEq, Eq)]
struct WatchedFolder {
    /// Tells the folder from another one that replaced it at the same path.
    identity: (u64, u64),
    created: Option<SystemTime>,
    names: RelevantNames,
}

/// Which entries of a watched folder are relevant.
#[derive(Clone, PartialEq, Eq)]
enum RelevantNames {
    These(BTreeSet<OsString>),
    All,
}

/// Maximum number of symlinks followed per path; same limit as Linux (`path_resolution(7)`).
const MAX_LINKS: u32 = 40;
/// Maximum depth of folders below a path: a bindings folder holds one folder per binding, each with its link.
const MAX_DEPTH: u32 = 2;
/// Maximum number of entries examined for one watch. The poll catches changes of the others.
const MAX_ENTRIES: u32 = 1024;

impl WatchedFolders {
    /// The folders that contain the paths, and those that contain a link on the way. For a missing path, the nearest folder
    /// that exists.
    pub(super) fn of(paths: &[PathBuf]) -> Self {
        let mut folders = Self::default();
        // Before any entries, because the entries of one path must not displace another path.
        for path in paths {
            if let Some(end) = folders.follow(path) {
                folders.note(&end, None);
            }
        }
        let mut left = MAX_ENTRIES;
        for path in paths {
            folders.add(path, MAX_DEPTH, &mut left);
        }
        folders
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.folders.keys().map(PathBuf::as_path)
    }

    /// Returns whether the path is one of the folders.
    pub(super) fn has(&self, path: &Path) -> bool {
        self.folders.contains_key(path)
    }

    /// Returns whether the path is a relevant entry of one of the folders.
    pub(super) fn has_entry(&self, path: &Path) -> bool {
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
            // Changes of a regular file are reported by its folder.
            if entry.file_type().is_ok_and(|kind| !kind.is_file()) {
                self.add(&entry.path(), depth - 1, left);
            }
        }
    }

    /// Follows all links, and notes the folders that contain them. Returns the folder at the end of the path, if it is one.
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
            // On macOS, a watch of the root folder would report every change of the system; and its links never change.
            if !cfg!(target_os = "macos") || end.parent().is_some() {
                self.note(&end, Some(&part));
            }
            let Ok(target) = fs::read_link(&next) else {
                return None; // a file, or missing
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

    /// Adds a relevant name in a folder, or all of them.
    fn note(&mut self, folder: &Path, name: Option<&OsStr>) {
        let Ok(metadata) = fs::metadata(folder) else {
            return;
        };
        let noted = self
            .folders
            .entry(folder.to_owned())
            .or_insert_with(|| WatchedFolder {
                identity: identity(&metadata),
                created: metadata.created().ok(),
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
