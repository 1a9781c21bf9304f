//! A generation that nobody holds any more is gone from memory: the process searches its own.
//!
//! The allocator of `tests/wiping.rs` looks at what is freed; this looks at what is not. Linux shows a process its memory
//! as files.
#![cfg(target_os = "linux")]

use config_vars::{ConfigValue, ConfigVars, Error, Live, MysqlUrl};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

const LENGTH: usize = 32;

/// The password of a generation, a byte at a time, so that the search leaves no copy of its own.
fn password(generation: usize) -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9_u32.wrapping_mul(u32::try_from(generation).unwrap() + 1);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + u8::try_from(state >> 28).unwrap()
    })
    .take(LENGTH)
}

/// Of that length from the start, for a `String` that grows leaves copies.
fn url(generation: usize, end: &str) -> ConfigValue {
    let start = "mysql://app:";
    let mut url = String::with_capacity(start.len() + LENGTH + end.len());
    url.push_str(start);
    url.extend(password(generation).map(char::from));
    url.push_str(end);
    ConfigValue::from(url)
}

/// How often the password stands in memory that is not the stack.
fn copies(generation: usize) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut block = vec![0; 1 << 16];
    let here = [&raw const generation as usize, block.as_ptr() as usize];
    let mut count = 0;
    for line in BufReader::new(File::open("/proc/self/maps").unwrap()).lines() {
        let line = line.unwrap();
        let mut columns = line.split_whitespace();
        let (range, rights) = (columns.next().unwrap(), columns.next().unwrap());
        let name = columns.nth(3).unwrap_or_default();
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|text| usize::from_str_radix(text, 16).unwrap());
        // The heap, and what is mapped without a file; but not this thread's stack.
        let is_stack = (start..end).contains(&here[0]);
        if !rights.starts_with("rw") || is_stack || !(name.is_empty() || name == "[heap]") {
            continue;
        }
        let mut at = start;
        while at + LENGTH <= end {
            let length = block.len().min(end - at);
            let read = memory.read_at(&mut block[..length], at as u64).unwrap_or(0);
            if read < LENGTH {
                break;
            }
            let is_own = |offset: usize| {
                let address = at + offset;
                address + LENGTH > here[1] && address < here[1] + (1 << 16)
            };
            let found = block[..read]
                .windows(LENGTH)
                .enumerate()
                .filter(|(offset, window)| {
                    !is_own(*offset) && window.iter().copied().eq(password(generation))
                });
            count += found.count();
            // What was read must not be found as a copy the next time.
            block.fill(0);
            at += read - (LENGTH - 1);
        }
    }
    count
}

#[test]
fn an_old_generation_is_gone_once_nobody_holds_it() {
    let generation = Arc::new(AtomicUsize::new(0));
    let end = Arc::new(std::sync::Mutex::new("@db.example/shop"));
    let source = {
        let (generation, end) = (generation.clone(), end.clone());
        move || {
            let url = url(generation.load(SeqCst), *end.lock().unwrap());
            Ok::<_, Error>(ConfigVars::from_iter([("JAWSDB_URL", url)]))
        }
    };
    let roll = |to: usize| generation.store(to, SeqCst);
    let live: Live<MysqlUrl> = Live::with(source, |vars| vars.url("JAWSDB_URL")).unwrap();
    let clients = live.map(|url| Ok(url.clone())).unwrap();
    assert!(copies(0) > 0, "the search finds nothing at all");
    assert_eq!(copies(99), 0, "the search finds what is not there");

    // Held as long as the grace lasts, and not longer.
    live.set_grace(Duration::from_millis(500));
    roll(1);
    live.reload().unwrap();
    assert!(live.previous().is_some());
    // Nobody lets go of it but who asks for it.
    assert!(copies(0) > 0 && copies(1) > 0);
    let rolled = Instant::now();
    while live.previous().is_some() || clients.previous().is_some() {
        assert!(rolled.elapsed() < Duration::from_secs(60));
    }
    assert_eq!(copies(0), 0, "after the grace");

    // Without a grace, held by whoever has loaded it.
    live.set_grace(Duration::ZERO);
    let held = live.load();
    roll(2);
    live.reload().unwrap();
    assert!(copies(1) > 0, "a guard holds it");
    drop(held);
    assert_eq!(copies(1), 0, "after the guard");
    assert!(copies(2) > 0);

    // What was refused was never held.
    roll(3);
    *end.lock().unwrap() = "@db.example:no-port/shop";
    live.reload().unwrap();
    assert!(!live.status().is_fresh());
    assert_eq!(copies(3), 0, "a malformed value");
    assert!(copies(2) > 0, "the last good");

    drop((live, clients));
    assert_eq!(copies(2), 0, "at the end");
}
