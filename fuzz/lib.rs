//! The properties of `config-vars`, as fuzz targets. cargo-fuzz runs them on a nightly toolchain; ordinary programs and tests
//! run them on stored inputs with any toolchain.

#[path = "peers/mod.rs"]
pub mod peers;
pub mod properties;
pub mod rolls;
pub mod sources;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// A property and its seed inputs.
pub struct Target {
    pub name: &'static str,
    /// Panics if the property does not hold.
    pub run: fn(&[u8]),
    /// Stored inputs, one per line.
    pub seeds: &'static [&'static str],
}

/// Length in bytes of the texts of `linear`. Without optimisation and without a time limit, shorter texts suffice.
const LONG: usize = if cfg!(fuzzing) { 256 << 10 } else { 32 << 10 };

const URLS: &str = include_str!("seeds/urls.txt");
const PASSWORDS: &str = include_str!("seeds/password.txt");
const ENV_FILES: &str = include_str!("seeds/env_file.txt");
const FOLDERS: &str = include_str!("seeds/folder.txt");
const ROLLS: &str = include_str!("seeds/rolls.txt");

pub const TARGETS: &[Target] = &[
    Target {
        name: "parse",
        run: |bytes| text(bytes, properties::parse),
        seeds: &[URLS],
    },
    Target {
        name: "linear",
        run: |bytes| text(bytes, |text| properties::linear(text, LONG)),
        seeds: &[URLS, PASSWORDS],
    },
    Target {
        name: "round_trip",
        run: |bytes| text(bytes, properties::round_trip),
        seeds: &[PASSWORDS],
    },
    Target {
        name: "no_leak",
        run: |bytes| text(bytes, properties::no_leak_in_one),
        seeds: &[PASSWORDS],
    },
    Target {
        name: "against_url",
        run: |bytes| text(bytes, peers::against_url),
        seeds: &[URLS, PASSWORDS],
    },
    #[cfg(feature = "drivers")]
    Target {
        name: "against_drivers",
        run: |bytes| text(bytes, peers::against_drivers),
        seeds: &[URLS, PASSWORDS],
    },
    Target {
        name: "discovery",
        run: discovery,
        seeds: &[ENV_FILES],
    },
    Target {
        name: "env_file",
        run: sources::env_file,
        seeds: &[ENV_FILES],
    },
    Target {
        name: "folder",
        run: folder,
        seeds: &[FOLDERS],
    },
    Target {
        name: "rolls",
        run: |bytes| {
            rolls::follow(bytes);
            rolls::follow_groups(bytes);
        },
        seeds: &[ROLLS],
    },
];

fn text(bytes: &[u8], run: fn(&str)) {
    if let Ok(text) = str::from_utf8(bytes) {
        run(text);
    }
}

/// Runs `discovery` on lines of `NAME=value`, which may contain any bytes.
fn discovery(bytes: &[u8]) {
    let pairs: Vec<_> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let equals = line.iter().position(|byte| *byte == b'=')?;
            let [name, value] = [&line[..equals], &line[equals + 1..]];
            Some((
                OsStr::from_bytes(name).to_owned(),
                OsStr::from_bytes(value).to_owned(),
            ))
        })
        .collect();
    properties::discovery(&pairs);
}

/// Runs `folder` on alternating names and contents, each terminated by a NUL. Inputs of odd length make a folder like those
/// of Kubernetes.
fn folder(bytes: &[u8]) {
    let mut pieces = bytes.split(|byte| *byte == 0);
    let mut files = Vec::new();
    while let (Some(name), Some(contents)) = (pieces.next(), pieces.next()) {
        files.push((name.to_owned(), contents.to_owned()));
    }
    sources::folder(&files, bytes.len() % 2 == 1);
}

impl Target {
    pub fn find(name: &str) -> &'static Self {
        let target = TARGETS.iter().find(|target| target.name == name);
        target.unwrap_or_else(|| panic!("there is no target {name}"))
    }

    /// The seeds, and the inputs that once made the target panic.
    pub fn kept(&self) -> impl Iterator<Item = Vec<u8>> {
        let seeds = self.seeds.iter().flat_map(|seeds| seeds.lines()).map(unescaped);
        let of_this = |regression: &Regression| regression.target == self.name;
        seeds.chain(regressions().filter(of_this).map(|regression| regression.input))
    }
}

/// An input that once made a target panic.
pub struct Regression {
    /// The name of its test.
    pub name: &'static str,
    pub target: &'static str,
    pub input: Vec<u8>,
}

pub fn regressions() -> impl Iterator<Item = Regression> {
    include_str!("regressions.txt").lines().map(|line| {
        let mut fields = line.splitn(3, ' ');
        let mut field = || {
            fields
                .next()
                .unwrap_or_else(|| panic!("{line:?} is no regression"))
        };
        Regression {
            name: field(),
            target: field(),
            input: unescaped(field()),
        }
    })
}

/// Decodes a line of the stored files. Lines are escaped as by `escape_ascii`; other characters may be left as they are.
fn unescaped(line: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = line.as_bytes();
    while let [first, after @ ..] = rest {
        let hexadecimal = after
            .get(1..3)
            .and_then(|digits| u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok());
        let (byte, length) = match (first, after.first(), hexadecimal) {
            (b'\\', Some(b'x'), Some(byte)) => (byte, 4),
            (b'\\', Some(b'n'), _) => (b'\n', 2),
            (b'\\', Some(b'r'), _) => (b'\r', 2),
            (b'\\', Some(b't'), _) => (b'\t', 2),
            (b'\\', Some(b'\\'), _) => (b'\\', 2),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes
}

/// Runs a target without cargo-fuzz, on the given files (one input each) or else on the stored inputs.
pub fn replay(name: &str) {
    let target = Target::find(name);
    let files: Vec<_> = std::env::args_os().skip(1).collect();
    let of_files = files
        .iter()
        .map(|file| std::fs::read(file).expect("the file can be read"));
    let inputs: Vec<_> = match files.is_empty() {
        true => target.kept().collect(),
        false => of_files.collect(),
    };
    for input in &inputs {
        (target.run)(input);
    }
    println!("{name}: {} inputs passed", inputs.len());
}

/// Defines the `main` function of a target.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ($crate::Target::find($name).run)(bytes));

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::replay($name);
        }
    };
}
