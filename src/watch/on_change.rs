//! [`OnChange`]: a reload when a file or folder of the source changes.

use super::every::Every;
use super::folders::WatchedFolders;
use super::worker::{Listener, Schedule, WatchState};
use crate::error::{Error, Fault, Obstacle};
use crate::isolate::isolate;
use crate::live::Reloader;
use crate::sorted::sort_by;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Reloads when a file or folder of the source changes (feature `notify`).
///
/// It notices a write in place, a rename over the file, the swap of a symbolic link on the way to the file, as in mounted
/// secrets of Kubernetes, and a folder that replaces a removed one.
///
/// It does not rely on notifications: a slow poll, every 30 seconds by default, catches what they miss. That includes
/// network file systems, where a system reports
/// [only its own changes](https://man7.org/linux/man-pages/man7/inotify.7.html), and a folder further up that is moved away. If the system
/// [limits](https://docs.rs/notify/latest/notify/#linux-bad-file-descriptor--no-space-left-on-device) the number of
/// watchers, [`Live::watch`](crate::Live::watch) does not fail; [`Watch::fault`](crate::Watch::fault) reports it.
///
/// The watch begins with a read, because the source may have changed since the last one.
///
/// When a folder that is watched is replaced, as Kubernetes does at each update, `notify` may log the warning "Unable to remove
/// the path from the watches". The system had already removed that watch; nothing is missed.
///
/// ```
/// use config_vars::{Error, Live, OnChange, Source};
/// # use config_vars::ConfigVars;
/// # struct File;
/// # impl Source for File {
/// #     fn read(&self) -> Result<ConfigVars, Error> { Ok(ConfigVars::from_iter([("PORT", "8080")])) }
/// #     fn paths(&self) -> Vec<std::path::PathBuf> { vec![std::env::temp_dir().join("app.env")] }
/// # }
///
/// # let source = File;
/// let live = Live::from_vars(source)?; // `EnvFile::new("/run/app.env")`, for example
/// let watch = live.watch(OnChange::new())?;
/// # drop(watch);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnChange {
    debounce: Duration,
    poll: Every,
}

impl Default for OnChange {
    fn default() -> Self {
        Self {
            debounce: Duration::from_millis(50),
            poll: Every::seconds(30),
        }
    }
}

impl OnChange {
    /// Creates the trigger with a debounce of 50 milliseconds and a poll every 30 seconds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long nothing must have changed before a read, so that a burst of changes causes one read.
    ///
    /// If changes do not stop, the source is read after ten times as long. Maximum: a tenth of a year.
    ///
    /// ```
    /// # use config_vars::OnChange;
    /// # use std::time::Duration;
    /// let eager = OnChange::new().debounce(Duration::from_millis(5));
    /// assert_ne!(eager, OnChange::new());
    /// ```
    #[must_use]
    pub fn debounce(mut self, debounce: Duration) -> Self {
        self.debounce = debounce.min(Duration::from_secs(36 * 24 * 60 * 60));
        self
    }

    /// Sets the interval of the poll, which is also the delay after a failed read.
    ///
    /// ```
    /// # use config_vars::{Every, OnChange};
    /// let rare = OnChange::new().poll(Every::seconds(300));
    /// assert_ne!(rare, OnChange::new());
    /// ```
    #[must_use]
    pub fn poll(mut self, poll: Every) -> Self {
        self.poll = poll;
        self
    }

    pub(super) fn set_up(
        self,
        reloader: &Reloader,
        state: &Arc<WatchState>,
    ) -> Result<(Box<dyn Listener>, Schedule), Error> {
        if reloader.paths().is_empty() {
            return Err(Error::new(Fault::NoPaths));
        }
        let mut listener = FileListener {
            state: state.clone(),
            paths: Vec::new(),
            folders: WatchedFolders::default(),
            watcher: None,
            must_restart: Arc::default(),
        };
        listener.update(reloader, true);
        let schedule = Schedule {
            every: self.poll,
            polls: true,
            debounce: self.debounce,
            first_read: Some(Duration::ZERO),
        };
        Ok((Box::new(listener), schedule))
    }
}

struct FileListener {
    state: Arc<WatchState>,
    /// The paths of the source.
    paths: Vec<PathBuf>,
    folders: WatchedFolders,
    watcher: Option<RecommendedWatcher>,
    /// Whether a watched folder was removed or renamed, after which the watcher reports nothing more of its path.
    must_restart: Arc<AtomicBool>,
}

impl Listener for FileListener {
    /// Recreates the watcher if it may be dead: a dead watcher looks the same as an idle one, and it watches folders by
    /// path, where another folder may be by now.
    fn update(&mut self, reloader: &Reloader, is_poll: bool) {
        /// Maximum number of attempts if the folders change while they are searched.
        const MAX_ATTEMPTS: u32 = 4;
        let mut must_restart = self.must_restart.swap(false, Ordering::AcqRel) || is_poll;
        self.paths = sorted_paths(reloader);
        for _ in 0..MAX_ATTEMPTS {
            let folders = WatchedFolders::of(&self.paths);
            if !must_restart && folders == self.folders {
                return;
            }
            must_restart = false;
            // Drop the old watcher before creating a new one, because their number may be limited.
            self.watcher = None;
            self.folders = folders;
            // `notify` panics if it cannot start its thread.
            let started = isolate(|| self.start_watcher());
            let (watcher, obstacle) = started.unwrap_or((None, Some(Obstacle::Other)));
            self.watcher = watcher;
            self.state.progress().fault = obstacle.map(|obstacle| Error::new(Fault::NotWatching(obstacle)));
        }
    }

    fn is_outdated(&self, reloader: &Reloader) -> bool {
        sorted_paths(reloader) != self.paths
    }
}

/// Sorted, because a source need not return them in the same order each time.
fn sorted_paths(reloader: &Reloader) -> Vec<PathBuf> {
    let mut paths = reloader.paths();
    sort_by(&mut paths, Ord::cmp);
    paths
}

impl FileListener {
    fn start_watcher(&self) -> (Option<RecommendedWatcher>, Option<Obstacle>) {
        let (folders, state, must_restart) = (
            self.folders.clone(),
            self.state.clone(),
            self.must_restart.clone(),
        );
        let on_event = move |event: notify::Result<Event>| {
            let Some(scope) = EventScope::of(&event, &folders) else {
                return;
            };
            if scope == EventScope::Folder {
                must_restart.store(true, Ordering::Release);
            }
            state.note_change();
        };
        let mut watcher = match notify::recommended_watcher(on_event) {
            Ok(watcher) => watcher,
            Err(error) => return (None, Some(obstacle(&error))),
        };
        // If one folder cannot be watched, the others still are.
        let failures = self
            .folders
            .paths()
            .filter_map(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).err());
        let obstacle = failures.map(|error| obstacle(&error)).last();
        (Some(watcher), obstacle)
    }
}

/// The scope of an event.
#[derive(PartialEq, Eq)]
enum EventScope {
    /// An entry of a watched folder, which may have changed.
    Entry,
    /// A watched folder itself, which may have been removed or replaced.
    Folder,
}

impl EventScope {
    fn of(event: &notify::Result<Event>, folders: &WatchedFolders) -> Option<Self> {
        let Ok(event) = event else {
            return Some(Self::Folder);
        };
        let is_written = event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
        // Ignore access events: our own reads would trigger endless reloads.
        if event.kind.is_access() && !is_written {
            return None;
        }
        if event.need_rescan() || event.paths.iter().any(|path| folders.has(path)) {
            return Some(Self::Folder);
        }
        // On other systems than Linux, a path may be reported in another spelling than the one that was watched.
        let is_exact = cfg!(any(target_os = "linux", target_os = "android"));
        let is_relevant = !is_exact || event.paths.iter().any(|path| folders.has_entry(path));
        is_relevant.then_some(Self::Entry)
    }
}

fn obstacle(error: &notify::Error) -> Obstacle {
    // EMFILE and ENFILE, which `inotify_init(2)` returns at its limit.
    const TOO_MANY: [i32; 2] = [24, 23];
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => Obstacle::Limit,
        notify::ErrorKind::Io(error) => match (error.kind(), error.raw_os_error()) {
            (_, Some(code)) if cfg!(unix) && TOO_MANY.contains(&code) => Obstacle::Limit,
            (io::ErrorKind::PermissionDenied, _) => Obstacle::NoPermission,
            (kind, _) => Obstacle::Io(kind),
        },
        _ => Obstacle::Other,
    }
}
