//! Whether standard input has config vars, when the command line does not say so.
//!
//! `heroku config --json | config-vars` must read its pipe, which has no data for the first seconds. A pipe that a CI runner, `ssh`
//! or `docker run -i` left open must not be waited for, and the input of a shell loop must not be read:
//!
//! | standard input | what is done |
//! |---|---|
//! | a terminal, a device, a socket, a file | nothing is read; of a file, that is said |
//! | a pipe that the shell which started the command reads itself | nothing is read: the command is in a loop or a script |
//! | a pipe with data | it is read to its end |
//! | a pipe that ended without data | nothing to read, which is said |
//! | a pipe without data that another command of the pipeline will write to | it is waited for, for [`PATIENCE`] |
//! | any other pipe without data | it is not waited for, which is said |
//!
//! The second and the last two rows need Linux's `/proc`. Elsewhere, a pipe with data is always read, and one without is waited
//! for, but for [`PATIENCE_WITHOUT_PROC`].

use std::time::Duration;

/// Maximum time to wait for the first byte of a command in the same pipeline.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum time to wait for the first byte where it is not known who writes.
#[cfg(not(target_os = "linux"))]
const PATIENCE_WITHOUT_PROC: Duration = Duration::from_secs(3);
/// Time after which a wait is announced.
#[cfg(unix)]
const NOTICE: Duration = Duration::from_secs(2);

#[cfg(unix)]
const FILE: &str = "standard input is a file, which was not read: write `--from -` to read it";
#[cfg(target_os = "linux")]
const LOOP: &str = "standard input is a pipe that the calling shell reads too, so it was not read: write `--from -` to read it, or \
     `--env` for the environment without this hint";
#[cfg(unix)]
const EMPTY: &str = "standard input is an empty pipe, so the environment was read: write `--from -` to make that an error, or `--env` \
     for the environment without this hint";
const IDLE: &str = "standard input is a pipe without data, so the environment was read: write `--from -` to wait for data, or \
     `--env` for the environment without this hint";

pub(crate) enum Piped {
    Read,
    /// The environment is read, and the user told why.
    Leave(Option<String>),
}

#[derive(Clone, Copy, PartialEq)]
enum Pipe {
    Data,
    /// Elsewhere, it cannot be told from the null device.
    #[cfg(unix)]
    End,
    Idle,
}

fn of_pipe(pipe: Pipe) -> Piped {
    match pipe {
        Pipe::Data => Piped::Read,
        #[cfg(unix)]
        Pipe::End => Piped::Leave(Some(EMPTY.to_owned())),
        Pipe::Idle => Piped::Leave(Some(IDLE.to_owned())),
    }
}

#[cfg(unix)]
fn announce() {
    crate::complain("waiting for standard input; `--env` reads the environment instead");
}

#[cfg(unix)]
pub(crate) use unix::{decide, stdin};

#[cfg(unix)]
mod unix {
    use super::{FILE, NOTICE, Pipe, Piped, announce};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::fs::File;
    use std::io::{self, IsTerminal, Seek};
    use std::os::fd::AsFd;
    use std::os::unix::fs::FileTypeExt;
    use std::time::Duration;

    /// Returns standard input without the buffer of `std::io::Stdin`, which is not wiped.
    pub(crate) fn stdin() -> io::Result<File> {
        io::stdin().as_fd().try_clone_to_owned().map(File::from)
    }

    pub(crate) fn decide() -> Piped {
        let Ok(mut input) = stdin() else {
            return Piped::Leave(None);
        };
        let Ok(metadata) = input.metadata() else {
            return Piped::Leave(None);
        };
        if metadata.is_file() {
            let has_more = input
                .stream_position()
                .is_ok_and(|position| position < metadata.len());
            return Piped::Leave(has_more.then(|| FILE.to_owned()));
        }
        if input.is_terminal() || !metadata.file_type().is_fifo() {
            return Piped::Leave(None);
        }
        let ready = |patience| wait(&input, patience);
        #[cfg(target_os = "linux")]
        return super::linux::of_fifo(ready);
        #[cfg(not(target_os = "linux"))]
        super::of_pipe(wait_patiently(ready, super::PATIENCE_WITHOUT_PROC))
    }

    /// Waits, and says so after a while.
    pub(super) fn wait_patiently(ready: impl Fn(Duration) -> Pipe, patience: Duration) -> Pipe {
        match ready(NOTICE) {
            Pipe::Idle => {
                announce();
                ready(patience.saturating_sub(NOTICE))
            }
            pipe => pipe,
        }
    }

    fn wait(input: &File, patience: Duration) -> Pipe {
        let mut fds = [PollFd::new(input, PollFlags::IN)];
        let timeout = Timespec {
            tv_sec: i64::try_from(patience.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: patience.subsec_nanos().into(),
        };
        // A signal that interrupts the wait only shortens it.
        _ = poll(&mut fds, Some(&timeout));
        match fds[0].revents() {
            events if events.contains(PollFlags::IN) => Pipe::Data,
            events if events.is_empty() => Pipe::Idle,
            _ => Pipe::End,
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use super::unix::wait_patiently;
    use super::{LOOP, PATIENCE, Pipe, Piped, of_pipe};
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    /// Time for a command that was started at the same moment.
    const BRIEFLY: Duration = Duration::from_millis(50);

    pub(super) fn of_fifo(ready: impl Fn(Duration) -> Pipe) -> Piped {
        let Ok(pipe) = fs::read_link("/proc/self/fd/0") else {
            return of_pipe(ready(BRIEFLY));
        };
        if is_read_by_the_shell(&pipe) {
            let has_data = ready(Duration::ZERO) == Pipe::Data;
            return Piped::Leave(has_data.then(|| LOOP.to_owned()));
        }
        match ready(BRIEFLY) {
            Pipe::Idle if has_other_writer(&pipe) => of_pipe(wait_patiently(ready, PATIENCE)),
            // A writer may have written and ended before it was looked for.
            Pipe::Idle => of_pipe(ready(Duration::ZERO)),
            result => of_pipe(result),
        }
    }

    /// Returns whether the parent process is a shell with the same standard input.
    fn is_read_by_the_shell(pipe: &Path) -> bool {
        const SHELLS: [&str; 11] = [
            "ash", "bash", "busybox", "dash", "fish", "ksh", "mksh", "nu", "pwsh", "sh", "zsh",
        ];
        let Some(parent) = parent(std::process::id()) else {
            return false;
        };
        let folder = PathBuf::from(format!("/proc/{parent}"));
        let command = fs::read_to_string(folder.join("comm")).unwrap_or_default();
        SHELLS.contains(&command.trim())
            && fs::read_link(folder.join("fd/0")).is_ok_and(|input| input == pipe)
    }

    /// Returns whether a process that did not start this one can write to the pipe: another command of the pipeline.
    fn has_other_writer(pipe: &Path) -> bool {
        let mut ancestors = vec![std::process::id()];
        while let Some(parent) = ancestors.last().and_then(|process| parent(*process)) {
            ancestors.push(parent);
        }
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|process: &u32| !ancestors.contains(process))
            .any(|process| is_writer(process, pipe))
    }

    fn is_writer(process: u32, pipe: &Path) -> bool {
        let descriptors = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten();
        descriptors.flatten().any(|descriptor| {
            let is_pipe = || fs::read_link(descriptor.path()).is_ok_and(|target| target == pipe);
            let info = || {
                let number = descriptor.file_name();
                fs::read_to_string(Path::new(&format!("/proc/{process}/fdinfo")).join(number))
                    .unwrap_or_default()
            };
            // In octal; the last digit has the access mode, and 1 and 2 can write.
            let can_write = |info: &str| {
                let mut lines = info.lines();
                let flags = lines.find_map(|line| line.strip_prefix("flags:"));
                flags.is_some_and(|flags| flags.trim_end().ends_with(['1', '2']))
            };
            is_pipe() && can_write(&info())
        })
    }

    fn parent(process: u32) -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
        parent.trim().parse().ok().filter(|parent| *parent != 0)
    }
}

#[cfg(not(unix))]
mod other {
    use super::{PATIENCE_WITHOUT_PROC, Pipe, Piped, of_pipe};
    use std::io::{self, BufRead, IsTerminal, Stdin};
    use std::sync::mpsc;

    pub(crate) fn stdin() -> io::Result<Stdin> {
        Ok(io::stdin())
    }

    pub(crate) fn decide() -> Piped {
        if io::stdin().is_terminal() {
            return Piped::Leave(None);
        }
        let (sender, receiver) = mpsc::channel();
        // Where nothing can be asked about a pipe, a thread waits for its first byte, which stays in the buffer.
        std::thread::spawn(move || sender.send(io::stdin().lock().fill_buf().map(|bytes| !bytes.is_empty())));
        match receiver.recv_timeout(PATIENCE_WITHOUT_PROC) {
            Ok(Ok(true)) => of_pipe(Pipe::Data),
            // It may be the null device.
            Ok(_) => Piped::Leave(None),
            Err(_) => of_pipe(Pipe::Idle),
        }
    }
}
#[cfg(not(unix))]
pub(crate) use other::{decide, stdin};
