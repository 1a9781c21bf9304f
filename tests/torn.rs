//! Readers at work while credentials roll: none ever sees a user, a password and a host of different generations.

use config_vars::{ConfigVars, ExposeSecret, Live, MysqlUrl};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

/// User, password and host of one generation carry its number.
#[test]
fn no_reader_sees_a_torn_triple() {
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
    let live: Live<MysqlUrl> = Live::with(source, |vars| vars.url("JAWSDB_URL")).unwrap();
    let clients = live.map(|url| Ok(url.expose_url().to_owned())).unwrap();
    let number = |text: &str, start: &str| text.strip_prefix(start).unwrap().parse::<usize>().unwrap();
    let is_done = AtomicBool::new(false);
    let (seen, swaps) = std::thread::scope(|scope| {
        let read = || {
            let mut last = 0;
            let mut seen = 0_usize;
            while !is_done.load(SeqCst) {
                let url = live.load();
                let user = number(url.username().unwrap().expose_secret(), "u");
                let password = number(url.password().unwrap().expose_secret(), "p");
                let host = number(url.host().unwrap().strip_suffix(".example").unwrap(), "h");
                assert_eq!((user, password), (host, host));
                assert!(last <= host, "back from {last} to {host}");
                seen += usize::from(last != host);
                last = host;
                let client = clients.load();
                assert!(client.contains("@h"));
            }
            seen
        };
        let readers = [scope.spawn(read), scope.spawn(read)];
        let mut swaps = 0;
        for next in 1..=SWAPS {
            turn.store(next, SeqCst);
            swaps += usize::from(!live.reload().unwrap().is_empty());
        }
        is_done.store(true, SeqCst);
        (readers.map(|reader| reader.join().unwrap()), swaps)
    });
    assert_eq!(swaps, SWAPS);
    assert!(
        seen.iter().all(|&seen| seen > 100),
        "the readers saw {seen:?} swaps"
    );
}
