//! A server's process: started on a free port, waited for with a bound, and stopped when dropped.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command};
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Process {
    child: Mutex<Option<Child>>,
    port: AtomicU16,
    /// The signal that has the server stop at once, and by itself.
    signal: &'static str,
}

impl Process {
    /// Not started yet.
    pub(super) fn new(signal: &'static str) -> Self {
        Self {
            child: Mutex::new(None),
            port: AtomicU16::new(free_port()),
            signal,
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port.load(Ordering::SeqCst)
    }

    pub(super) fn use_another_port(&self) {
        self.port.store(free_port(), Ordering::SeqCst);
    }

    /// Starts the server, and waits until `is_ready`.
    pub(super) fn start(&self, command: &mut Command, is_ready: impl Fn() -> bool) {
        let child = command.spawn();
        let child = child.unwrap_or_else(|error| {
            panic!(
                "{:?} does not start ({error}): run tests/servers/install",
                command.get_program()
            )
        });
        *self.child() = Some(child);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port())).is_err() || !is_ready() {
            let ended = self.child().as_mut().and_then(|child| child.try_wait().ok()?);
            assert!(ended.is_none(), "{:?} ended: {ended:?}", command.get_program());
            assert!(
                Instant::now() < deadline,
                "{:?} is not ready in time",
                command.get_program()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Both ends of a conversation with the server's process, once.
    pub(super) fn pipes(&self) -> (ChildStdin, ChildStdout) {
        let mut child = self.child();
        let child = child.as_mut().expect("the server runs");
        (
            child.stdin.take().expect("its input"),
            child.stdout.take().expect("its output"),
        )
    }

    pub(super) fn signal(&self, signal: &str) {
        if let Some(child) = &*self.child() {
            send(signal, child.id());
        }
    }

    pub(super) fn stop(&self) {
        let Some(mut child) = self.child().take() else {
            return;
        };
        send(self.signal, child.id());
        let deadline = Instant::now() + PATIENCE;
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        // For one that does not listen.
        _ = child.kill();
        _ = child.wait();
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        // Also while a test panics.
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn send(signal: &str, id: u32) {
    _ = Command::new("kill")
        .args(["-s", signal, &id.to_string()])
        .status();
}

/// A port that nobody listens on, and that no other test of this process was given. It is below those that a system gives
/// to outgoing connections, or one of them might take it before the server does.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 20_000;
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    loop {
        // Another process begins elsewhere.
        let number = std::process::id().wrapping_mul(100);
        let number = number.wrapping_add(GIVEN.fetch_add(1, Ordering::SeqCst));
        let port = u16::try_from(FIRST + number % COUNT).expect("a port");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Runs a command to its end, and hands back what it says.
#[track_caller]
pub(super) fn run(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{:?} does not run ({error}): run tests/servers/install",
            command.get_program()
        )
    });
    assert!(
        output.status.success(),
        "{:?}: {}",
        command.get_program(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

/// The program, where the distribution keeps it off the path.
pub fn program(name: &str, folders: &str) -> PathBuf {
    let listing =
        run(Command::new("sh").args(["-c", &format!("ls -d {folders}/{name} 2>/dev/null | tail -1")]));
    match listing.trim() {
        "" => PathBuf::from(name),
        path => PathBuf::from(path),
    }
}
