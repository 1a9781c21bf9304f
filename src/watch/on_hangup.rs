//! [`OnHangup`]: a reload at SIGHUP.

use super::every::Every;
use super::{Listener, Schedule, WatchState};
use crate::error::{Error, Fault};
use signal_hook::consts::SIGHUP;
use signal_hook::{SigId, low_level};
use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Reads the source when the process is sent SIGHUP, as daemons do for their configuration (feature `signal`, on Unix).
///
/// A read that fails is tried again, as [`Every`] 30 seconds would do it, until one succeeds.
///
/// Without a handler, SIGHUP ends a process. From the first such watch on it does not, and not after the watch either: the
/// handler stays in place, as [signal-hook](https://docs.rs/signal-hook/latest/signal_hook/low_level/fn.unregister.html)
/// has it. Other handlers that are set by way of signal-hook are called as well.
///
/// ```
/// use config_vars::{ConfigVars, Live, OnHangup};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let watch = live.watch(OnHangup::new())?; // kill -HUP
/// # drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnHangup {}

/// How soon a failed read is tried again, first.
const AGAIN: Duration = Duration::from_secs(30);

impl OnHangup {
    /// At SIGHUP.
    ///
    /// ```
    /// let trigger = config_vars::OnHangup::new();
    /// # let _ = trigger;
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {}
    }

    pub(super) fn set_up(self, state: &Arc<WatchState>) -> Result<(Box<dyn Listener>, Schedule), Error> {
        let handler =
            HangupListener::new(state.clone()).map_err(|error| Error::new(Fault::NoSignal(error.kind())))?;
        let schedule = Schedule {
            every: Every::new(AGAIN),
            polls: false,
            debounce: Duration::ZERO,
            first: None,
        };
        Ok((Box::new(handler), schedule))
    }
}

/// A handler may do next to nothing (`signal-safety(7)`), so it writes to a socket, and a thread listens at its other end.
struct HangupListener {
    id: SigId,
}

impl Listener for HangupListener {}

impl HangupListener {
    fn new(state: Arc<WatchState>) -> io::Result<Self> {
        let (mut end, start) = UnixStream::pair()?;
        thread::Builder::new()
            .name("config-vars SIGHUP".to_owned())
            .spawn(move || {
                loop {
                    match end.read(&mut [0; 64]) {
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        // The handler, and with it the other end, is gone.
                        Ok(0) | Err(_) => return,
                        Ok(_) => state.tell(&state.is_asked),
                    }
                }
            })?;
        // If this fails, it drops its end, and the thread is done.
        let id = low_level::pipe::register(SIGHUP, start)?;
        Ok(Self { id })
    }
}

impl Drop for HangupListener {
    fn drop(&mut self) {
        low_level::unregister(self.id);
    }
}
