//! Readers at work while credentials roll: none ever sees a user, a password and a host of different generations.

use config_vars::{ConfigVars, ExposeSecret, Live, MysqlUrl};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// User, password and host of one generation carry its number.
#[test]
fn readers_never_see_mixed_generations() {
    // Without optimisation it takes minutes; `tests/run` runs it with.
    const SWAPS: usize = if cfg!(debug_assertions) { 2_000 } else { 100_000 };
    let turn = Arc::new(AtomicUsize::new(0));
    let source = {
        let turn = turn.clone();
        move || {
            let turn = turn.load(SeqCst);
            let url = format!("mysql://u{turn}:p{turn}@h{turn}.example/shop");
            Ok(ConfigVars::from_iter([("JAWSDB_URL", url)]))
        }
    };
    let live: Live<MysqlUrl> = Live::from_fn(source, |vars| vars.url("JAWSDB_URL")).unwrap();
    let clients = live.map(|url| Ok(url.expose_url().to_owned())).unwrap();
    let number = |text: &str, start: &str| text.strip_prefix(start).unwrap().parse::<usize>().unwrap();
    let is_done = AtomicBool::new(false);
    let read = |seen: &AtomicUsize| {
        let mut last = 0;
        while !is_done.load(SeqCst) {
            let url = live.load();
            let user = number(url.username().unwrap().expose_secret(), "u");
            let password = number(url.password().unwrap().expose_secret(), "p");
            let host = number(url.host().unwrap().strip_suffix(".example").unwrap(), "h");
            assert_eq!((user, password), (host, host));
            assert!(last <= host, "back from {last} to {host}");
            seen.fetch_add(usize::from(last != host), SeqCst);
            last = host;
            let client = clients.load();
            assert!(client.contains("@h"));
        }
    };
    let seen = [AtomicUsize::new(0), AtomicUsize::new(0)];
    std::thread::scope(|scope| {
        let readers = seen.each_ref().map(|seen| scope.spawn(move || read(seen)));
        let is_seen = || seen.iter().all(|seen| seen.load(SeqCst) > 100);
        let mut next = 0;
        // Further until each reader has seen some, unless it has found a fault.
        while next < SWAPS || !is_seen() && !readers.iter().any(|reader| reader.is_finished()) {
            next += 1;
            turn.store(next, SeqCst);
            assert!(!live.reload().unwrap().is_empty(), "no swap");
        }
        is_done.store(true, SeqCst);
    });
}
