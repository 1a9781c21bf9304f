//! [`OnHangup`]: a reload at SIGHUP.

use super::every::Every;
use super::worker::{Listener, Schedule, WatchState};
use crate::error::{Error, Fault};
use crate::runtime::spawn_named_thread;
use signal_hook::consts::SIGHUP;
use signal_hook::{SigId, low_level};
use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

/// Reloads when the process receives SIGHUP, as daemons do for their configuration (feature `signal`, on Unix).
///
/// A failed read is retried, with the delays of [`Every`] 30 seconds, until a read succeeds.
///
/// Without a handler, SIGHUP ends a process. The first such watch installs a handler, which stays in place after the watch,
/// because [signal-hook](https://docs.rs/signal-hook/latest/signal_hook/low_level/fn.unregister.html) never removes one.
/// Other handlers that are installed with signal-hook are called as well.
///
/// ```
/// use config_vars::{ConfigVars, Live, OnHangup};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(OnHangup::new())?;
/// assert_eq!(watch.next_in(), None); // until `kill -HUP`
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnHangup {}

/// Delay before the first retry of a failed read.
const RETRY_DELAY: Duration = Duration::from_secs(30);

impl OnHangup {
    /// Creates the trigger.
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    pub(super) fn set_up(self, state: &Arc<WatchState>) -> Result<(Box<dyn Listener>, Schedule), Error> {
        let listener =
            HangupListener::new(state.clone()).map_err(|error| Error::new(Fault::NoSignal(error.kind())))?;
        let schedule = Schedule {
            every: Every::new(RETRY_DELAY),
            polls: false,
            debounce: Duration::ZERO,
            first_read: None,
        };
        Ok((Box::new(listener), schedule))
    }
}

/// A signal handler may do next to nothing (`signal-safety(7)`), so it writes to a socket, and a thread reads from the other
/// end.
struct HangupListener {
    id: SigId,
}

impl Listener for HangupListener {}

impl HangupListener {
    fn new(state: Arc<WatchState>) -> io::Result<Self> {
        let (mut reader, writer) = UnixStream::pair()?;
        let run = move || {
            loop {
                match reader.read(&mut [0; 64]) {
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    // The handler was removed, and with it the other end.
                    Ok(0) | Err(_) => return,
                    Ok(_) => state.request_reload(),
                }
            }
        };
        spawn_named_thread("config-vars SIGHUP", Box::new(run))?;
        // If this fails, it drops the writer, and the thread ends.
        let id = low_level::pipe::register(SIGHUP, writer)?;
        Ok(Self { id })
    }
}

impl Drop for HangupListener {
    fn drop(&mut self) {
        low_level::unregister(self.id);
    }
}
