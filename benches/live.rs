//! `load()` against what one would take instead, alone and with two threads at it; and `reload()`.
//!
//! `tests/run bench` runs it. Compare rows of one run: `load` with `arc_swap_guard`.

use arc_swap::ArcSwap;
use config_vars::{ConfigVars, Live};
use divan::{Bencher, black_box};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, LazyLock, RwLock};

fn main() {
    divan::main();
}

type Value = [u64; 4];
const VALUE: Value = [1, 2, 3, 4];

static LIVE: LazyLock<Live<Value>> = LazyLock::new(|| {
    Live::with(|| Ok(ConfigVars::default()), |_| Ok(VALUE)).expect("an empty source can be read")
});
static ARC_SWAP: LazyLock<ArcSwap<Value>> = LazyLock::new(|| ArcSwap::from_pointee(VALUE));
static RW_LOCK: LazyLock<RwLock<Arc<Value>>> = LazyLock::new(|| RwLock::new(Arc::new(VALUE)));
static WATCH: LazyLock<tokio::sync::watch::Sender<Value>> =
    LazyLock::new(|| tokio::sync::watch::Sender::new(VALUE));

const THREADS: [usize; 2] = [1, 2];

mod load {
    use super::*;

    #[divan::bench(threads = THREADS)]
    fn load(bencher: Bencher<'_, '_>) {
        let live = &*LIVE;
        bencher.bench(|| black_box(live.load())[0]);
    }

    #[divan::bench(threads = THREADS)]
    fn load_full(bencher: Bencher<'_, '_>) {
        let live = &*LIVE;
        bencher.bench(|| black_box(live.load_full())[0]);
    }

    #[divan::bench(threads = THREADS)]
    fn arc_swap_guard(bencher: Bencher<'_, '_>) {
        let cell = &*ARC_SWAP;
        bencher.bench(|| black_box(cell.load())[0]);
    }

    #[divan::bench(threads = THREADS)]
    fn arc_swap_full(bencher: Bencher<'_, '_>) {
        let cell = &*ARC_SWAP;
        bencher.bench(|| black_box(cell.load_full())[0]);
    }

    #[divan::bench(threads = THREADS)]
    fn rw_lock_clone(bencher: Bencher<'_, '_>) {
        let cell = &*RW_LOCK;
        bencher.bench(|| black_box(cell.read().expect("nobody panics").clone())[0]);
    }

    #[divan::bench(threads = THREADS)]
    fn tokio_watch_borrow(bencher: Bencher<'_, '_>) {
        let receiver = WATCH.subscribe();
        bencher.bench(|| black_box(receiver.borrow())[0]);
    }
}

/// While another thread reloads, and each reload changes something.
mod load_beside_a_writer {
    use super::*;

    fn beside<R>(write: impl Fn() + Sync, read: impl FnOnce() -> R) -> R {
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Relaxed) {
                    write();
                }
            });
            let result = read();
            is_done.store(true, Relaxed);
            result
        })
    }

    #[divan::bench]
    fn load(bencher: Bencher<'_, '_>) {
        let turn = Arc::new(AtomicUsize::new(0));
        let source = {
            let turn = turn.clone();
            move || {
                let turn = turn.fetch_add(1, Relaxed).to_string();
                Ok(ConfigVars::from_iter([("PORT", turn)]))
            }
        };
        let live =
            Live::with(source, |vars| Ok(vars.get("PORT").map_or(0, |_| 1_u64))).expect("it can be read");
        beside(
            || drop(live.reload()),
            || bencher.bench_local(|| *black_box(live.load())),
        );
    }

    #[divan::bench]
    fn arc_swap_guard(bencher: Bencher<'_, '_>) {
        let cell = ArcSwap::from_pointee(1_u64);
        beside(
            || cell.store(Arc::new(1)),
            || bencher.bench_local(|| **black_box(cell.load())),
        );
    }
}

/// An app's environment: one add-on in ten vars.
fn environment(vars: usize, password: &str) -> ConfigVars {
    ConfigVars::from_iter((0..vars).map(|index| match index % 10 {
        0 => (
            format!("ADDON{index}_URL"),
            format!("mysql://app:{password}@db{index}.example:3306/shop"),
        ),
        _ => (format!("SETTING_{index}"), format!("value {index}")),
    }))
}

mod reload {
    use super::*;

    const VARS: [usize; 3] = [20, 200, 2_000];

    /// A `Live` whose source copies a snapshot, or one of two in turn. The copy is timed by itself, as `source_alone`.
    fn live(vars: usize, passwords: &'static [&'static str]) -> Live<ConfigVars> {
        let turn = AtomicUsize::new(0);
        let source = move || {
            Ok(environment(
                vars,
                passwords[turn.fetch_add(1, Relaxed) % passwords.len()],
            ))
        };
        Live::of_vars(source).expect("it can be read")
    }

    #[divan::bench(args = VARS)]
    fn nothing_changed(bencher: Bencher<'_, '_>, vars: usize) {
        let live = live(vars, &["pw"]);
        bencher.bench_local(|| live.reload());
    }

    #[divan::bench(args = VARS)]
    fn every_tenth_changed(bencher: Bencher<'_, '_>, vars: usize) {
        let live = live(vars, &["one", "two"]);
        bencher.bench_local(|| live.reload());
    }

    #[divan::bench(args = VARS)]
    fn one_changed(bencher: Bencher<'_, '_>, vars: usize) {
        let turn = AtomicUsize::new(0);
        let source = move || {
            let port = ("SETTING_1", turn.fetch_add(1, Relaxed).to_string());
            let rolled = format!("mysql://app:{}@db0.example:3306/shop", port.1);
            let all = environment(vars, "pw");
            let pairs = all
                .iter()
                .filter(|(name, _)| *name != "ADDON0_URL")
                .map(|(name, value)| (name.to_owned(), value.clone()));
            Ok(pairs.chain([("ADDON0_URL".to_owned(), rolled.into())]).collect())
        };
        let live = Live::of_vars(source).expect("it can be read");
        bencher.bench_local(|| live.reload());
    }

    #[divan::bench(args = VARS)]
    fn source_alone(bencher: Bencher<'_, '_>, vars: usize) {
        bencher.bench_local(|| environment(vars, "pw"));
    }
}
