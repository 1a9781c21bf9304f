//! [`OnChange`]: a reload when a file or folder of the source changes.

use super::every::Every;
use super::folders::WatchedFolders;
use super::{Listener, Schedule, WatchState};
use crate::error::{Error, Fault, Obstacle};
use crate::live::{Reloader, isolate};
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Reads the source when a file or folder of its changes (feature `notify`): in place, by a rename over it, by the swap of
/// a link on the way to it, as Kubernetes does for mounted secrets, or by a new folder in the place of one that was removed.
///
/// It watches the folders in which such things happen, whichever they are at the time, and it does not rely on being
/// told: a slow poll, every 30 seconds unless set, finds what was not. So it does on network file systems, of which a
/// system tells [only what it does itself](https://man7.org/linux/man-pages/man7/inotify.7.html), and where the system
/// [limits](https://docs.rs/notify/latest/notify/#linux-bad-file-descriptor--no-space-left-on-device) how many may watch:
/// that is no failure of [`Live::watch`](crate::Live::watch), and [`Watch::fault`](crate::Watch::fault) tells it.
///
/// The source is also read at once when the watch begins, for it may have changed since its first read.
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
/// let live = Live::from_vars(source)?; // EnvFile::new("/run/app.env"), say
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
    /// With a debounce of 50 milliseconds, and a poll every 30 seconds.
    ///
    /// ```
    /// let trigger = config_vars::OnChange::new();
    /// # let _ = trigger;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// For how long nothing must have changed before the source is read, so that a burst of changes is one; a tenth of a
    /// year at most. Where changes do not cease, it is read after ten times as long.
    ///
    /// ```
    /// # use config_vars::OnChange;
    /// let eager = OnChange::new().debounce(std::time::Duration::from_millis(5));
    /// # let _ = eager;
    /// ```
    #[must_use]
    pub fn debounce(mut self, debounce: Duration) -> Self {
        self.debounce = debounce.min(Duration::from_secs(36 * 24 * 60 * 60));
        self
    }

    /// How often the source is read though nothing was told, and how failed reads are tried again.
    ///
    /// ```
    /// # use config_vars::{Every, OnChange};
    /// let trigger = OnChange::new().poll(Every::seconds(300));
    /// # let _ = trigger;
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
            folders: WatchedFolders::default(),
            watcher: None,
            is_moved: Arc::default(),
        };
        listener.follow(reloader, true);
        let schedule = Schedule {
            every: self.poll,
            polls: true,
            debounce: self.debounce,
            first: Some(Duration::ZERO),
        };
        Ok((Box::new(listener), schedule))
    }
}

/// The watched folders.
struct FileListener {
    state: Arc<WatchState>,
    folders: WatchedFolders,
    watcher: Option<RecommendedWatcher>,
    /// Whether a watched folder was itself removed or renamed, so that nothing more is told of its path.
    is_moved: Arc<AtomicBool>,
}

impl Listener for FileListener {
    /// The watcher is made anew whenever it may be deaf: it cannot be told apart from one of which nothing is to be heard,
    /// and it keeps its folders by path, of which there may be another by now.
    fn follow(&mut self, reloader: &Reloader, is_poll: bool) {
        /// How often, where the folders change while they are looked for.
        const TRIES: u32 = 4;
        let is_moved = self.is_moved.swap(false, Ordering::AcqRel);
        let mut must_listen = is_poll || is_moved;
        let paths = reloader.paths();
        for _ in 0..TRIES {
            let folders = WatchedFolders::of(&paths);
            if !must_listen && folders == self.folders {
                return;
            }
            must_listen = false;
            // Before the next one, for there may be a limit.
            self.watcher = None;
            self.folders = folders;
            // The crate panics where its thread could not be started.
            let listening = isolate(|| self.listen());
            let (watcher, obstacle) = listening.unwrap_or((None, Some(Obstacle::Other)));
            self.watcher = watcher;
            self.state.progress().fault = obstacle.map(|obstacle| Error::new(Fault::NotWatching(obstacle)));
        }
    }
}

impl FileListener {
    fn listen(&self) -> (Option<RecommendedWatcher>, Option<Obstacle>) {
        let (folders, state, is_moved) = (self.folders.clone(), self.state.clone(), self.is_moved.clone());
        let hear = move |event: notify::Result<Event>| {
            let Some(scope) = EventScope::of(&event, &folders) else {
                return;
            };
            if scope == EventScope::Folder {
                is_moved.store(true, Ordering::Release);
            }
            state.tell(&state.is_changed);
        };
        let mut watcher = match notify::recommended_watcher(hear) {
            Ok(watcher) => watcher,
            Err(error) => return (None, Some(obstacle(&error))),
        };
        // All that can be watched are, though one cannot.
        let failures = self
            .folders
            .paths()
            .filter_map(|folder| watcher.watch(folder, RecursiveMode::NonRecursive).err());
        let obstacle = failures.map(|error| obstacle(&error)).last();
        (Some(watcher), obstacle)
    }
}

/// What an event comes to.
#[derive(PartialEq, Eq)]
enum EventScope {
    /// Something may have changed.
    Entry,
    /// And a watched folder itself is not what it was.
    Folder,
}

impl EventScope {
    fn of(event: &notify::Result<Event>, folders: &WatchedFolders) -> Option<Self> {
        let Ok(event) = event else {
            return Some(Self::Folder);
        };
        let is_written = event.kind == EventKind::Access(AccessKind::Close(AccessMode::Write));
        // To be told of one's own reads would be to read for ever.
        if event.kind.is_access() && !is_written {
            return None;
        }
        if event.need_rescan() || event.paths.iter().any(|path| folders.has(path)) {
            return Some(Self::Folder);
        }
        // Elsewhere than on Linux, a path may be told in another spelling than it was asked for.
        let is_exact = cfg!(any(target_os = "linux", target_os = "android"));
        let concerns = !is_exact || event.paths.iter().any(|path| folders.concern(path));
        concerns.then_some(Self::Entry)
    }
}

fn obstacle(error: &notify::Error) -> Obstacle {
    // EMFILE and ENFILE: what `inotify_init(2)` gives at its limit.
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
