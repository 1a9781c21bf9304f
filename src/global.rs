//! The process-wide instances.

use crate::error::{Error, Fault};
use crate::live::Live;
use crate::vars::ConfigVars;
use once_cell::sync::OnceCell;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};

static GLOBAL: Instance<ConfigVars> = Instance::new("global");
static GLOBAL_LIVE: Instance<Live<ConfigVars>> = Instance::new("global_live");

/// One value for the process, and the thread that is making it.
struct Instance<T> {
    /// The function that returns it.
    function: &'static str,
    cell: OnceCell<T>,
    maker: Mutex<Option<ThreadId>>,
}

impl<T> Instance<T> {
    const fn new(function: &'static str) -> Self {
        Self {
            function,
            cell: OnceCell::new(),
            maker: Mutex::new(None),
        }
    }

    fn get_or_make<E: From<Error>>(&self, init: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        // The cell would wait for the very thread that waits.
        if *self.maker() == Some(thread::current().id()) {
            return Err(Error::new(Fault::ReentrantGlobal(self.function)).into());
        }
        self.cell.get_or_try_init(|| {
            *self.maker() = Some(thread::current().id());
            let _cleared = ClearedMaker(self);
            init()
        })
    }

    /// The lock is held for an assignment at most, so a panic elsewhere leaves it whole.
    fn maker(&self) -> MutexGuard<'_, Option<ThreadId>> {
        self.maker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets the maker when its closure returns or panics.
struct ClearedMaker<'i, T>(&'i Instance<T>);

impl<T> Drop for ClearedMaker<'_, T> {
    fn drop(&mut self) {
        *self.0.maker() = None;
    }
}

/// The config vars of this process, the same snapshot wherever it is called. The first call reads the process
/// environment, unless [`global_with`] has put another source in its place.
///
/// ```
/// let vars = config_vars::global()?;
/// println!("{vars:?}");
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// If a closure of [`global_with`] calls it. The environment itself can always be read.
pub fn global() -> Result<&'static ConfigVars, Error> {
    global_with(|| Ok(ConfigVars::from_env()))
}

/// As [`global`], with a source and requirements of the app's own. If `init` fails, nothing is kept, and the next
/// call tries again; once it has succeeded, later calls return that snapshot and do not run their `init`. Of
/// several threads that call at once, one runs its `init` and the others wait for it.
///
/// ```
/// use config_vars::{ConfigVars, Error};
///
/// let read = || {
///     let vars = ConfigVars::from_iter([("PORT", "8080")]); // a file, say
///     vars.require("PORT")?;
///     Ok::<_, Error>(vars)
/// };
/// let vars = config_vars::global_with(read)?;
/// assert!(std::ptr::eq(vars, config_vars::global()?));
/// # Ok::<(), Error>(())
/// ```
///
/// # Errors
///
/// Whatever `init` returns. If `init` itself asks for the instance that it is to make, it gets an error; if it waits for
/// another thread that asks for it, both wait forever.
pub fn global_with<E: From<Error>>(
    init: impl FnOnce() -> Result<ConfigVars, E>,
) -> Result<&'static ConfigVars, E> {
    GLOBAL.get_or_make(init)
}

/// The config vars of this process, followed through rolls: the same `Live` wherever it is called. The first call reads
/// the process environment, which never changes, unless [`global_live_with`] has put another source in its place.
///
/// For a process with many workers: the first one that comes sets it up, and all reload and load the same value.
///
/// ```
/// use config_vars::{ConfigVars, Error, MysqlUrl};
///
/// fn worker() -> Result<(), Error> {
///     let live = config_vars::global_live_with(|| {
///         config_vars::Live::of_vars(|| Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop")])))
///     })?;
///     let db: MysqlUrl = live.load().url("JAWSDB_URL")?;
///     # drop(db);
///     Ok(())
/// }
/// # worker().unwrap();
/// ```
///
/// # Forks
///
/// A process that forks inherits the value, and none of the threads: neither a [watch](Live::watch) nor a reload that is
/// under way, which holds its lock for ever in the child. So fork first, and set up afterwards, in each child; or `exec`,
/// as [`std::process::Command`] does, and all begins anew.
///
/// # Errors
///
/// If a closure of [`global_live_with`] calls it. The environment itself can always be read.
pub fn global_live() -> Result<&'static Live<ConfigVars>, Error> {
    global_live_with(|| Live::of_vars(crate::source::ProcessEnv))
}

/// As [`global_live`], with a source of the app's own. If `init` fails, nothing is kept, and the next call tries again;
/// once it has succeeded, later calls return that `Live` and do not run their `init`.
///
/// ```
/// use config_vars::{ConfigVars, Live};
///
/// let source = || Ok(ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop")]));
/// let live = config_vars::global_live_with(|| Live::of_vars(source))?;
/// assert!(std::ptr::eq(live, config_vars::global_live()?));
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// Whatever `init` returns. If `init` itself asks for the instance that it is to make, it gets an error; if it waits for
/// another thread that asks for it, both wait forever.
pub fn global_live_with<E: From<Error>>(
    init: impl FnOnce() -> Result<Live<ConfigVars>, E>,
) -> Result<&'static Live<ConfigVars>, E> {
    GLOBAL_LIVE.get_or_make(init)
}
