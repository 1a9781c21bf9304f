//! `load()` beside what one would take instead: alone, and with another reader and a writer at work; the accessors of a URL
//! of a `Live`; `reload()`; and `subscribe`.
//!
//! `tests/run bench live` runs it.

use arc_swap::ArcSwap;
use config_vars::{ConfigVars, Live, MysqlUrl};
use config_vars_benches::{Case, Work, table};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, RwLock};
use std::thread;

type Value = [u64; 4];
const VALUE: Value = [1, 2, 3, 4];

/// The target, relative to `ArcSwap::load`.
const OF_ARC_SWAP: f64 = 1.1;
/// "No slower" than a free URL; what is beyond 1 is the room that two equal ones need.
const OF_FREE: f64 = 1.1;

fn main() {
    load();
    accessors();
    reload();
    reload_of_many();
    subscribe();
}

fn load() {
    let turn = AtomicUsize::new(0);
    // Each read is another `PORT`, so each reload changes something.
    let source = move || {
        let port = turn.fetch_add(1, Relaxed).to_string();
        Ok(ConfigVars::from_iter([("PORT", port)]))
    };
    let live = Live::from_fn(source, |vars| {
        let is_set = vars.get("PORT").is_some();
        Ok(if is_set { VALUE } else { [0; 4] })
    });
    let live = live.expect("it can be read");
    let cell = ArcSwap::from_pointee(VALUE);
    let lock = RwLock::new(Arc::new(VALUE));
    let watch = tokio::sync::watch::Sender::new(VALUE);
    let receiver = watch.subscribe();

    let ours = || Work::new(|| black_box(live.load())[0]);
    let arc_swap = || Work::new(|| black_box(cell.load())[0]);
    table("`load()`");
    Case::new(
        "alone, not looked into",
        Work::new(|| drop(black_box(live.load()))),
    )
    .beside(
        "`ArcSwap::load`",
        OF_ARC_SWAP,
        Work::new(|| drop(black_box(cell.load()))),
    )
    .run();
    Case::new("alone", ours())
        .beside("`ArcSwap::load`", OF_ARC_SWAP, arc_swap())
        .beside(
            "`RwLock<Arc>`, cloned",
            None,
            Work::new(|| black_box(lock.read().expect("nobody panics").clone())[0]),
        )
        .beside(
            "tokio's `watch`, borrowed",
            None,
            Work::new(|| black_box(receiver.borrow())[0]),
        )
        .run();
    Case::new("`load_full`, alone", Work::new(|| black_box(live.load_full())[0]))
        .beside(
            "`ArcSwap::load_full`",
            None,
            Work::new(|| black_box(cell.load_full())[0]),
        )
        .run();

    let company = Company::default();
    let read = || {
        for _ in 0..1_000 {
            _ = black_box((live.load()[0], cell.load()[0]));
        }
    };
    let write = || {
        assert!(!live.reload().expect("it can be read").is_empty());
        cell.store(Arc::new(VALUE));
    };
    thread::scope(|scope| {
        scope.spawn(|| company.work(read));
        scope.spawn(|| company.work(write));
        Case::new("two readers and a writer", ours().after(|| company.call()))
            .beside(
                "`ArcSwap::load` likewise",
                OF_ARC_SWAP,
                arc_swap().after(|| company.call()),
            )
            // Without a target: it measures what a writer costs the processor's cache.
            .beside("`load()` alone", None, ours().after(|| company.send_away()))
            .run();
        company.dismiss();
    });
}

/// The accessors of a URL of a `Live`, and of one that was selected from it, beside those of a free URL.
fn accessors() {
    const TEXT: &str = "mysql://app:s3cr3t-Pw@db.example.com:3306/shop";
    table("Accessors of a URL");
    fn read(url: &MysqlUrl) -> Work<'_> {
        Work::new(move || {
            let url = black_box(url);
            (
                url.username().is_some(),
                url.password().is_some(),
                url.host().map(str::len),
                url.port(),
            )
        })
    }
    let source = || Ok(ConfigVars::from([("JAWSDB_URL", TEXT)]));
    let live = Live::from_fn(source, |vars| vars.url::<MysqlUrl>("JAWSDB_URL")).expect("it can be read");
    let urls = live.select(MysqlUrl::clone);
    let (loaded, selected) = (live.load(), urls.load());
    let free: MysqlUrl = TEXT.parse().expect("it is well-formed");
    for (name, url) in [("of a `Live`", &loaded), ("of a selected input", &selected)] {
        Case::new(name, read(url))
            .beside("of a free URL", OF_FREE, read(&free))
            .run();
    }
}

/// Two threads that work only when they are called.
#[derive(Default)]
struct Company {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Default)]
struct State {
    is_called: bool,
    is_dismissed: bool,
    at_work: usize,
}

impl Company {
    /// Runs a thread until it is dismissed.
    fn work(&self, step: impl Fn()) {
        loop {
            let is_away = |state: &mut State| !state.is_called && !state.is_dismissed;
            let state = self.news.wait_while(self.lock(), is_away);
            let mut state = state.expect("nobody panics");
            if state.is_dismissed {
                return;
            }
            state.at_work += 1;
            drop(state);
            self.news.notify_all();
            while self.lock().is_called {
                step();
            }
            self.lock().at_work -= 1;
            self.news.notify_all();
        }
    }

    /// Returns when both are at work.
    fn call(&self) {
        self.order(|state| state.is_called = true, |state| state.at_work < 2);
    }

    /// Returns when both are at rest.
    fn send_away(&self) {
        self.order(|state| state.is_called = false, |state| state.at_work > 0);
    }

    fn dismiss(&self) {
        self.send_away();
        self.order(|state| state.is_dismissed = true, |_| false);
    }

    fn order(&self, order: impl FnOnce(&mut State), is_to_do: impl Fn(&mut State) -> bool) {
        let mut state = self.lock();
        order(&mut state);
        self.news.notify_all();
        drop(
            self.news
                .wait_while(state, |state| is_to_do(state))
                .expect("nobody panics"),
        );
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics")
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

/// Beside its source, which makes all config vars anew.
fn reload() {
    table("`reload()`, the source included");
    for size in [20, 200, 2_000] {
        let reload = |passwords: &'static [&'static str]| {
            let turn = AtomicUsize::new(0);
            let source = move || {
                let turn = turn.fetch_add(1, Relaxed) % passwords.len();
                Ok(environment(size, passwords[turn]))
            };
            let live = Live::from_vars(source).expect("it can be read");
            Work::new(move || live.reload())
        };
        let cases = [
            ("nothing changed", reload(&["pw"])),
            ("each add-on changed", reload(&["one", "two"])),
        ];
        for (name, ours) in cases {
            Case::new(format!("{size} vars, {name}"), ours)
                .beside("the source alone", None, Work::new(|| environment(size, "pw")))
                .run();
        }
    }
}

/// `subscribe` with many config vars, beside few: the present state is made once for all subscribers.
fn subscribe() {
    const AT_MOST: f64 = 1.5;
    table("`subscribe`, and the drop of the subscription");
    let subscribe = |size| {
        let live = Live::from_vars(move || Ok(environment(size, "pw"))).expect("it can be read");
        Work::new(move || drop(live.subscribe(|_| ())))
    };
    for size in [200, 2_000, 20_000] {
        Case::new(format!("{size} vars"), subscribe(size))
            .beside("20 vars", AT_MOST, subscribe(20))
            .run();
    }
}

/// Maximum growth of the cost per attachment, relative to 200 attachments: more of them do not fit into the caches.
const GROWTH: f64 = 4.0;

/// The time of a reload for each attachment, which must not grow with their number.
fn reload_of_many() {
    table("`reload()`, for one attachment");
    // The value of each URL: without the host's number, all of them are one resource.
    type Value = fn(usize, usize) -> String;
    let kinds: [(&str, Value); 3] = [
        ("all roll", |index, turn| {
            format!("mysql://app:pw{turn}@db{index}.example/shop")
        }),
        ("all become malformed", |index, turn| match turn % 2 {
            0 => format!("mysql://app:pw@db{index}.example/shop"),
            _ => format!("mysql://app:p#{turn}@db{index}.example/shop"),
        }),
        ("all are one resource, and roll", |_, turn| {
            format!("mysql://app:pw{turn}@db.example/shop")
        }),
    ];
    for (name, url) in kinds {
        let reload = |count: usize| {
            let turn = AtomicUsize::new(0);
            let source = move || {
                let turn = turn.fetch_add(1, Relaxed);
                let var = |index| (format!("ADDON{index}_URL"), url(index, turn));
                Ok((0..count).map(var).collect::<ConfigVars>())
            };
            let live = Live::from_vars(source).expect("it can be read");
            Work::new(move || live.reload()).per(count)
        };
        for count in [2_000, 32_000] {
            Case::new(format!("{name}, {count} attachments"), reload(count))
                .beside("200", GROWTH, reload(200))
                .run();
        }
    }
}
