//! Opening files without waiting.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens a file for reading. A FIFO without a writer, and a device that is not ready, do not block.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(NONBLOCK);
    }
    options.open(path)
}

// `O_NONBLOCK`, which std does not export. The values are part of each system's ABI and are listed in its <fcntl.h>; a
// dependency for one number is not worth it. On a system that is missing here, callers rely on looking at the file first.

#[cfg(all(
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "l4re",
        target_os = "emscripten"
    ),
    not(any(
        target_arch = "mips",
        target_arch = "mips32r6",
        target_arch = "mips64",
        target_arch = "mips64r6",
        target_arch = "sparc",
        target_arch = "sparc64",
    ))
))]
const NONBLOCK: i32 = 0o4000;

#[cfg(all(
    target_os = "linux",
    any(
        target_arch = "mips",
        target_arch = "mips32r6",
        target_arch = "mips64",
        target_arch = "mips64r6",
    )
))]
const NONBLOCK: i32 = 0o200;

#[cfg(all(target_os = "linux", any(target_arch = "sparc", target_arch = "sparc64")))]
const NONBLOCK: i32 = 0x4000;

#[cfg(any(
    target_vendor = "apple",
    target_os = "aix",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
))]
const NONBLOCK: i32 = 0x4;

#[cfg(any(
    target_os = "haiku",
    target_os = "illumos",
    target_os = "nto",
    target_os = "solaris"
))]
const NONBLOCK: i32 = 0x80;

#[cfg(all(
    unix,
    not(any(
        target_vendor = "apple",
        target_os = "aix",
        target_os = "android",
        target_os = "dragonfly",
        target_os = "emscripten",
        target_os = "freebsd",
        target_os = "haiku",
        target_os = "illumos",
        target_os = "l4re",
        target_os = "linux",
        target_os = "netbsd",
        target_os = "nto",
        target_os = "openbsd",
        target_os = "solaris",
    ))
))]
const NONBLOCK: i32 = 0;
