//! A generation that nobody holds any more is gone from memory: the process searches its own.
//!
//! The allocator of `tests/wiping.rs` looks at what is freed; this looks at what is not. Linux shows a process its memory
//! as files.
#![cfg(target_os = "linux")]

use config_vars::{AsyncSource, ConfigValue, ConfigVars, Error, Feed, Live, MysqlUrl, Source};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const LENGTH: usize = 32;
/// The parts that passwords consist of.
const LETTERS: RangeInclusive<u8> = b'a'..=b'p';

/// The password of a generation, a byte at a time, so that the search leaves no copy of its own.
fn password(generation: usize) -> impl Iterator<Item = u8> {
    let mut state = 0x9E37_79B9_u32.wrapping_mul(u32::try_from(generation).unwrap() + 1);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        LETTERS.start() + u8::try_from(state >> 28).unwrap()
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

/// How often the password is in memory that is not this thread's stack.
fn copies(generation: usize) -> usize {
    copies_in(generation, false)
}

fn copies_in(generation: usize, in_stack: bool) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut block = vec![0; 1 << 16];
    let here = [&raw const generation as usize, block.as_ptr() as usize];
    let first = password(generation).next().unwrap();
    let mut count = 0;
    for line in BufReader::new(File::open("/proc/self/maps").unwrap()).lines() {
        let line = line.unwrap();
        let mut columns = line.split_whitespace();
        let (range, rights) = (columns.next().unwrap(), columns.next().unwrap());
        let name = columns.nth(3).unwrap_or_default();
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|text| usize::from_str_radix(text, 16).unwrap());
        // The heap, and what is mapped without a file; this thread's stack by itself.
        let is_stack = (start..end).contains(&here[0]);
        let is_looked_at = name.is_empty() || name == "[heap]" || is_stack;
        if !rights.starts_with("rw") || is_stack != in_stack || !is_looked_at {
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
            let mut end = LENGTH;
            while end <= read {
                // No password has such a byte, so none that contains this place.
                if !LETTERS.contains(&block[end - 1]) {
                    end += LENGTH;
                    continue;
                }
                let window = &block[end - LENGTH..end];
                if window[0] == first
                    && !is_own(end - LENGTH)
                    && window.iter().copied().eq(password(generation))
                {
                    count += 1;
                }
                end += 1;
            }
            // The next search must not find this block as a copy.
            block.fill(0);
            at += read - (LENGTH - 1);
        }
    }
    count
}

/// To be held by a test from its start to its end: a search copies all memory, so that another search at the same time would
/// find its copies.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn unused_generation_is_wiped() {
    let _alone = alone();
    let generation = Arc::new(AtomicUsize::new(0));
    let end = Arc::new(Mutex::new("@db.example/shop"));
    let source = {
        let (generation, end) = (generation.clone(), end.clone());
        move || {
            let url = url(generation.load(SeqCst), *end.lock().unwrap());
            Ok(ConfigVars::from_iter([("JAWSDB_URL", url)]))
        }
    };
    let roll = |to: usize| generation.store(to, SeqCst);
    let live = Live::builder(source.clone())
        .grace_period(Duration::from_millis(500))
        .build_fn(|vars| vars.url::<MysqlUrl>("JAWSDB_URL"))
        .unwrap();
    let clients = live.select(MysqlUrl::clone).map(|url| Ok(url.clone())).unwrap();
    assert!(copies(0) > 0, "the search finds nothing at all");
    assert_eq!(copies(99), 0, "the search finds what is not there");

    // Held as long as the grace period lasts, and not longer.
    roll(1);
    live.reload().unwrap();
    assert!(live.previous().is_some());
    // It is dropped only by a call that asks for it.
    assert!(copies(0) > 0 && copies(1) > 0);
    let rolled = Instant::now();
    while live.previous().is_some() || clients.previous().is_some() {
        assert!(rolled.elapsed() < Duration::from_secs(60));
    }
    assert_eq!(copies(0), 0, "after the grace period");
    drop((live, clients));
    assert_eq!(copies(1), 0, "at the end");

    // Without a grace period, held by whoever has loaded it.
    let live = Live::builder(source)
        .grace_period(Duration::ZERO)
        .build_fn(|vars| vars.url::<MysqlUrl>("JAWSDB_URL"))
        .unwrap();
    let clients = live.select(MysqlUrl::clone).map(|url| Ok(url.clone())).unwrap();
    let held = live.load();
    roll(2);
    live.reload().unwrap();
    assert!(copies(1) > 0, "a guard holds it");
    drop(held);
    assert_eq!(copies(1), 0, "after the guard");
    assert!(copies(2) > 0);

    // A refused value was never held.
    roll(3);
    *end.lock().unwrap() = "@db.example:no-port/shop";
    live.reload().unwrap();
    assert!(!live.status().is_fresh());
    assert_eq!(copies(3), 0, "a malformed value");
    assert!(copies(2) > 0, "the last good");

    drop((live, clients));
    assert_eq!(copies(2), 0, "at the end");
}

/// Runs a future that needs no runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        std::thread::yield_now();
    }
}

#[test]
fn replaced_values_of_feeds_and_async_sources_are_wiped() {
    let _alone = alone();
    let vars = |number: usize| ConfigVars::from_iter([("JAWSDB_URL", url(number, "@db.example/shop"))]);
    let (feed, pushed) = Feed::new();
    feed.set(vars(200));
    let turn = Arc::new(AtomicUsize::new(300));
    let pulled = {
        let turn = turn.clone();
        async move || {
            std::future::ready(()).await;
            Ok(ConfigVars::from_iter([(
                "JAWSDB_URL",
                url(turn.load(SeqCst), "@db.example/shop"),
            )]))
        }
    };
    for (source, first) in [(pushed.boxed(), 200), (pulled.into_source().boxed(), 300)] {
        turn.store(first, SeqCst);
        let live = Live::builder(source)
            .grace_period(Duration::ZERO)
            .build_fn(|vars| vars.url::<MysqlUrl>("JAWSDB_URL"));
        let live = live.unwrap();
        let urls = live.select(MysqlUrl::clone);
        let clients = block_on(urls.map_async(async |url| Ok(url.clone()))).unwrap();
        assert!(copies(first) > 0, "the search finds nothing at all");
        feed.set(vars(first + 1));
        turn.store(first + 1, SeqCst);
        block_on(live.reload_async()).unwrap();
        assert_eq!(copies(first), 0, "the replaced values");
        assert!(copies(first + 1) > 0);
        feed.set(ConfigVars::default());
        drop((live, urls, clients));
        assert_eq!(copies(first + 1), 0, "at the end");
    }
}

/// Neither the process that writes the file nor the one that starts with it keeps a copy.
#[test]
fn remembered_values_are_wiped() {
    let _alone = alone();
    const FIRST: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let source = || {
        let is_down = is_down.clone();
        let read = move || match is_down.load(SeqCst) {
            true => Err(Error::custom("the store is down").into()),
            false => Ok(ConfigVars::from_iter([(
                "JAWSDB_URL",
                url(FIRST, "@db.example/shop"),
            )])),
        };
        let path = folder.path().join("kept");
        read.remembered(path, Duration::from_secs(3600)).unwrap()
    };
    for down in [false, true] {
        is_down.store(down, SeqCst);
        let source = source();
        let vars = source.read().unwrap();
        assert!(copies(FIRST) > 0, "the search finds nothing at all");
        drop((vars, source));
        assert_eq!(copies(FIRST), 0, "down: {down}");
    }
}

/// The salt of a verifier is digested by a crate that moves its state about.
#[cfg(feature = "sso")]
#[test]
fn salt_of_a_verifier_is_not_left_on_the_stack() {
    let _alone = alone();
    use config_vars::sso::{Form, Verifier};
    use std::time::UNIX_EPOCH;

    const SALT: usize = 1_000;
    fn verifier() -> Verifier {
        Verifier::new(url(SALT, "").secret().unwrap().clone()).unwrap()
    }
    // A short id: the salt is then in one block of the digest.
    let uses: [fn(); 4] = [
        || drop(verifier().token("1", 1_267_597_772)),
        || drop(verifier().user_scoped_token("1", 1_267_597_772, "98d1", "user@example.com")),
        || {
            let form = Form::new([("id", "1"), ("token", "forged"), ("timestamp", "1267597772")]);
            drop(verifier().check(&form.unwrap(), UNIX_EPOCH));
        },
        || {
            let verifier = verifier();
            let token = verifier.token("1", 1_267_597_772);
            let token = secrecy::ExposeSecret::expose_secret(&token);
            let form = Form::new([("id", "1"), ("token", token), ("timestamp", "1267597772")]);
            drop(verifier.clone().check(&form.unwrap(), UNIX_EPOCH));
        },
    ];
    #[inline(never)]
    fn leave_a_copy() {
        let copy: Vec<u8> = password(SALT + 1).collect();
        std::hint::black_box(<[u8; LENGTH]>::try_from(copy).unwrap());
    }
    /// Deeper on the stack than the search reaches, which would overwrite what it looks for.
    #[inline(never)]
    fn deeper(action: impl FnOnce()) {
        let room = std::hint::black_box([0_u8; 64 << 10]);
        action();
        std::hint::black_box(&room);
    }
    // On a thread of its own, whose stack has nothing else on it.
    let found = std::thread::spawn(move || {
        deeper(leave_a_copy);
        let is_seen = copies_in(SALT + 1, true) > 0;
        let found = uses.map(|sign_on| {
            deeper(sign_on);
            copies_in(SALT, true)
        });
        (is_seen, found, copies(SALT))
    });
    let (is_seen, in_stack, elsewhere) = found.join().unwrap();
    assert!(is_seen, "the search finds nothing at all");
    assert_eq!((in_stack, elsewhere), ([0; 4], 0));
}
