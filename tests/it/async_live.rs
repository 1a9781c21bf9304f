//! `Live` in async apps: whatever is called, and wherever, works at the start and at each roll, and blocks no runtime.
//!
//! Each test runs on a runtime of several threads and on one of a single thread, where anything that blocks shows.
#![cfg(all(feature = "tokio", feature = "test-util"))]

use config_vars::test_util::{ScriptedSource, TestClock};
use config_vars::*;
use std::cell::RefCell;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    redis_url: Option<RedisUrl>,
}

type AppResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How long something may take before the test fails.
const BOUND: Duration = Duration::from_secs(60);

fn url(password: &str) -> String {
    format!("mysql://app:{password}@db.example/shop")
}

fn script() -> ScriptedSource {
    ScriptedSource::new([
        ("JAWSDB_URL", url("one")),
        ("REDIS_URL", "redis://:first@cache.example".to_owned()),
    ])
}

fn password(url: &MysqlUrl) -> String {
    url.password().unwrap().expose_secret().to_owned()
}

fn runtimes() -> [Runtime; 2] {
    [Builder::new_multi_thread(), Builder::new_current_thread()]
        .map(|mut builder| builder.enable_all().build().unwrap())
}

fn on_each_runtime<F: Future<Output = ()>>(test: impl Fn() -> F) {
    for runtime in runtimes() {
        let test = async { tokio::time::timeout(BOUND, test()).await.expect("it hangs") };
        runtime.block_on(test);
    }
}

/// Waits, in a task, until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < BOUND, "it never happens that {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A client with a task of its own, as pools have. It cannot be made without a runtime.
struct Client {
    password: String,
    _task: tokio::task::JoinHandle<()>,
}

impl Client {
    fn new(url: &MysqlUrl) -> Result<Self, io::Error> {
        Ok(Self {
            password: password(url),
            _task: tokio::spawn(async {}),
        })
    }

    /// Needs the runtime's timer, and is not `Send`.
    async fn connect(url: &MysqlUrl) -> Result<Self, io::Error> {
        let connected = Rc::new(RefCell::new(0));
        tokio::time::sleep(Duration::from_millis(1)).await;
        *connected.borrow_mut() += 1;
        tokio::task::yield_now().await;
        assert_eq!(*connected.borrow(), 1);
        Self::new(url)
    }
}

#[test]
fn closures_have_the_runtime_at_the_start_and_at_each_roll() {
    on_each_runtime(async || {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let urls = live.select(|config| config.jawsdb_url.clone());
        let pools = urls.map(|url| Ok(Client::new(url)?)).unwrap();
        let clients = urls
            .map_async(async |url| Ok(Client::connect(url).await?))
            .await
            .unwrap();
        let subscribed = Arc::new(AtomicUsize::new(0));
        let counted = subscribed.clone();
        let _log = live.subscribe(move |_| {
            drop(tokio::spawn(async {}));
            counted.fetch_add(1, SeqCst);
        });
        let is_at = |password: &str| {
            let both = [pools.load_full(), clients.load_full()];
            both.iter().all(|client| client.password == password)
        };
        assert!(is_at("one"));

        script.set("JAWSDB_URL", &url("two"));
        live.reload_async().await.unwrap();
        assert!(is_at("two"), "both are made before it is ready");

        script.set("JAWSDB_URL", &url("three"));
        let change = live.reload().unwrap();
        assert!(change.stale().next().is_none(), "{change}");
        until("the async client follows", || is_at("three")).await;

        script.set("JAWSDB_URL", &url("four"));
        let other = live.clone();
        tokio::task::spawn_blocking(move || other.reload().unwrap())
            .await
            .unwrap();
        until("the async client follows", || is_at("four")).await;

        let watch = live.watch(Every::new(Duration::from_millis(5))).unwrap();
        script.set("JAWSDB_URL", &url("five"));
        until("the watch reads", || is_at("five")).await;
        drop(watch);

        script.set("JAWSDB_URL", &url("six"));
        let refuse = |client: Arc<Client>| {
            std::future::ready(match &*client.password {
                "six" => Ok(()),
                _ => Err("refused"),
            })
        };
        assert_eq!(clients.retry_on(|_| true, refuse).await, Ok(()));
        assert!(is_at("six") && live.status().is_fresh(), "{}", live.status());
        // They may be called after the reload has ended, with several changes as one.
        until("no subscriber panicked", || subscribed.load(SeqCst) > 3).await;
    });
}

#[test]
fn async_source_is_read_without_blocking_the_runtime() {
    on_each_runtime(async || {
        let turn = Arc::new(AtomicUsize::new(1));
        let counted = turn.clone();
        // As the design has it: any async client.
        let fetch = async move || {
            let held = Rc::new(counted.load(SeqCst));
            tokio::time::sleep(Duration::from_millis(1)).await;
            match *held {
                3 => Err(io::Error::new(io::ErrorKind::TimedOut, "s3cret")),
                turn => Ok(vec![("JAWSDB_URL".to_owned(), url(&turn.to_string()))]),
            }
        };
        let source = async move || Ok(fetch().await?.into());
        let live: Live<Config> = Live::from_async(source).await.unwrap();
        let clients = live
            .select(|config| config.jawsdb_url.clone())
            .map_async(async |url| Ok(Client::connect(url).await?))
            .await
            .unwrap();
        turn.store(2, SeqCst);
        live.reload_async().await.unwrap();
        assert_eq!(clients.load().password, "2");

        // It would wait for a future that may need this thread.
        let error = live.reload().unwrap_err();
        assert!(error.to_string().contains("`reload_async`"), "{error}");
        let _watch = live.watch(Every::new(Duration::from_millis(5))).unwrap();
        turn.store(3, SeqCst);
        until("the read fails", || !live.status().is_fresh()).await;
        let status = live.status();
        assert!(status.to_string().contains("timed out"), "{status}");
        assert!(!format!("{status:?} {status} {status:#}").contains("s3cret"));
        assert_eq!(status.expose_source_app_error().unwrap().to_string(), "s3cret");
        turn.store(4, SeqCst);
        until("the client follows", || clients.load().password == "4").await;
    });
}

#[test]
fn async_source_is_combined_with_others() {
    on_each_runtime(async || {
        let store = async || {
            tokio::task::yield_now().await;
            Ok(ConfigVars::from([("JAWSDB_URL", url("one"))]))
        };
        let source = || store.into_source().or(|| Ok(ConfigVars::from([("PORT", "1")])));
        let error = Live::from_vars(source()).map(drop).unwrap_err();
        assert!(error.to_string().contains("`build_async`"), "{error}");
        let live = Live::builder(source()).build_vars_async().await.unwrap();
        assert_eq!(live.vars().len(), 2);
    });
}

#[test]
fn without_a_runtime_futures_run_on_the_crates_own_executor() {
    let script = script();
    let source = {
        let script = script.clone();
        async move || {
            let held = Rc::new(script.clone());
            std::future::ready(()).await;
            Ok(held.read()?)
        }
    };
    let started = futures_block_on(async {
        let live: Live<Config> = Live::from_async(source).await.unwrap();
        let clients = live
            .map_async(async |config| Ok(password(&config.jawsdb_url)))
            .await
            .unwrap();
        (live, clients)
    });
    let (live, clients) = started;
    script.set("JAWSDB_URL", &url("two"));
    live.reload().unwrap();
    assert_eq!(*clients.load_full(), "two");
    script.set("JAWSDB_URL", &url("three"));
    futures_block_on(live.reload_async()).unwrap();
    assert_eq!(*clients.load_full(), "three");
}

/// An executor that knows nothing of tokio.
fn futures_block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park_timeout(BOUND);
    }
}

#[test]
fn named_files_of_an_async_source_are_an_async_source() {
    let source = async || Ok(ConfigVars::from([("PORT", "8080")]));
    assert!(FileVars::new(source.into_source(), ["PORT"]).is_async());
    assert!(!FileVars::new(|| Ok(ConfigVars::default()), ["PORT"]).is_async());
}

/// Only a read drives the future of an async source, and it needs this thread.
#[cfg(feature = "notify")]
#[test]
fn watch_of_named_files_drives_no_async_source_on_the_runtimes_thread() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("url");
    std::fs::write(&file, url("one")).unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        on_each_runtime(|| async {
            let file = file.clone();
            let source = async move || {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok(ConfigVars::from([("JAWSDB_URL_FILE", file.to_str().unwrap())]))
            };
            let source = FileVars::new(source.into_source(), ["JAWSDB_URL"]);
            let live: Live<Config> = Live::builder(source).build_async().await.unwrap();
            let watch = live.watch(OnChange::new()).unwrap();
            assert_eq!(password(&live.load().jawsdb_url), "one");
            drop(watch);
        });
        _ = done.send(());
    });
    is_done.recv_timeout(2 * BOUND).expect("it hangs");
}

#[test]
fn feed_wakes_the_watch_and_the_callers_that_wait() {
    on_each_runtime(async || {
        let (feed, source) = Feed::new();
        assert!(
            source
                .read()
                .unwrap_err()
                .to_string()
                .contains("call `set` first")
        );
        let vars = |password: &str| ConfigVars::from([("JAWSDB_URL", url(password))]);
        feed.set(vars("one"));
        // The clock stands still, so that only a push can end a wait.
        let clock = TestClock::new();
        let live: Live<Config> = Live::builder(source).clock(&clock).build().unwrap();
        let pools = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
        feed.set(vars("two")); // before there is a watch
        let watch = live.watch(Every::seconds(3_600)).unwrap();
        until("the watch reads", || *pools.load_full() == "two").await;
        feed.set(vars("three"));
        until("the watch reads", || *pools.load_full() == "three").await;
        drop(watch);

        let feed = Arc::new(feed);
        let agent = tokio::spawn({
            let feed = feed.clone();
            async move {
                let mut wanted = 0;
                while feed.wanted().await {
                    wanted += 1;
                    if wanted == 1 {
                        feed.set(ConfigVars::from([("JAWSDB_URL", url("four"))]));
                    }
                }
                wanted
            }
        });
        let refuse = |password: Arc<String>| {
            std::future::ready(if *password == "four" {
                Ok(())
            } else {
                Err("refused")
            })
        };
        assert_eq!(pools.retry_on(|_| true, refuse).await, Ok(()));

        feed.fail(io::Error::new(io::ErrorKind::PermissionDenied, "s3cret"));
        let error = live.reload_async().await.unwrap_err();
        assert_eq!(error.to_string(), "the app's own code failed: permission denied");
        assert_eq!(*pools.load_full(), "four");
        feed.set(vars("four"));
        live.reload_async().await.unwrap();
        assert!(live.status().is_fresh());

        drop((live, pools));
        assert!(agent.await.unwrap() >= 1, "it ends with the `Live`");
    });
}

/// The other one reads, for both, what is pushed between the first read of this one and the moment when it begins to listen.
#[test]
fn push_that_another_live_has_read_still_wakes_the_watch() {
    on_each_runtime(async || {
        let (feed, source) = Feed::new();
        let source = Arc::new(source);
        let vars = |password: &str| ConfigVars::from([("JAWSDB_URL", url(password))]);
        feed.set(vars("one"));
        let other: Live<Config> = Live::new(source.clone()).unwrap();
        let reader = other.clone();
        let is_pushed = AtomicUsize::new(0);
        let live = Live::builder(source)
            .clock(&TestClock::new())
            .build_fn(move |read| {
                if is_pushed.fetch_add(1, SeqCst) == 0 {
                    feed.set(vars("two"));
                    reader.reload()?;
                }
                Ok(password(&read.only::<MysqlUrl>()?))
            })
            .unwrap();
        assert_eq!(*live.load_full(), "one");
        // The clock stands still, so that only a push can begin a read.
        let watch = live.watch(Every::seconds(3_600)).unwrap();
        until("the watch reads", || *live.load_full() == "two").await;
        drop((watch, other));
    });
}

#[test]
fn dropped_feed_is_a_stale_source() {
    on_each_runtime(async || {
        let (feed, source) = Feed::new();
        feed.set(ConfigVars::from([("PORT", "1")]));
        let live = Live::from_vars(source).unwrap();
        let _watch = live.watch(Every::seconds(3_600)).unwrap();
        drop(feed);
        until("the status says so", || {
            live.status().source_failing_since().is_some()
        })
        .await;
        let error = live.status().source_error().unwrap().to_string();
        assert!(error.contains("was dropped"), "{error}");
        assert_eq!(live.vars().len(), 1);
    });
}

#[test]
fn reload_within_its_own_closure_is_an_error_and_no_deadlock() {
    on_each_runtime(async || {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let inner = live.clone();
        let client = live
            .map_async(async move |config| {
                inner.reload_async().await?;
                Ok(password(&config.jawsdb_url))
            })
            .await
            .unwrap();
        script.set("JAWSDB_URL", &url("two"));
        live.reload_async().await.unwrap();
        let status = live.status();
        let error = status.stale().next().unwrap().error().to_string();
        assert!(error.contains("it must use its argument instead"), "{error}");
        assert_eq!(*client.load_full(), "one");
    });
}

#[test]
fn panic_for_want_of_a_runtime_says_so() {
    let live: Live<Config> = Live::new(script()).unwrap();
    let error = live
        .map(|config| Ok(Client::new(&config.jawsdb_url)?))
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("tokio runtime") && error.contains("hand the closure over within the runtime"),
        "{error}"
    );
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let handle = Handle::current();
        let error = live
            .map(move |_| Ok(handle.block_on(async { 1 })))
            .map(drop)
            .unwrap_err()
            .to_string();
        assert!(error.contains("`map_async`"), "{error}");
    });
}

#[test]
fn runtime_that_has_ended_leaves_the_last_client() {
    let script = script();
    let live: Live<Config> = Live::new(script.clone()).unwrap();
    for runtime in runtimes() {
        script.set("JAWSDB_URL", &url("one"));
        live.reload().unwrap();
        let clients = runtime
            .block_on(live.map_async(async |config| Ok(Client::connect(&config.jawsdb_url).await?)))
            .unwrap();
        drop(runtime);
        script.set("JAWSDB_URL", &url("two"));
        live.reload().unwrap();
        assert_eq!(clients.load().password, "one");
        assert!(!live.status().is_fresh());
    }
}

/// A test of the app makes its own runtime, and a `static` has the `Live` of an earlier test.
#[test]
fn panic_for_want_of_a_runtime_that_has_ended_says_so() {
    async fn connect(url: &MysqlUrl) -> io::Result<String> {
        tokio::time::sleep(Duration::ZERO).await;
        Ok(password(url))
    }
    let script = script();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let live: Live<Config> = Live::new(script.clone()).unwrap();
    let clients = runtime
        .block_on(live.map_async(async |config| Ok(connect(&config.jawsdb_url).await?)))
        .unwrap();
    drop(runtime);
    script.set("JAWSDB_URL", &url("two"));
    live.reload().unwrap();
    assert_eq!(*clients.load_full(), "one");
    let status = live.status().to_string();
    assert!(
        status.contains("tokio runtime in which it was handed over has ended"),
        "{status}"
    );
}

/// tokio's own `thread_local!` is gone by then, and a panic there ends the process.
#[test]
fn last_reference_in_a_thread_local_is_dropped_at_the_end_of_the_thread() {
    struct Client(Sender<()>);
    impl Drop for Client {
        fn drop(&mut self) {
            _ = self.0.send(());
        }
    }
    type Clients = (Live<Client>, Subscription, Option<Arc<Client>>);
    thread_local! {
        static CLIENTS: RefCell<Option<Clients>> = const { RefCell::new(None) };
    }
    let runtime = Builder::new_current_thread().build().unwrap();
    let (dropped, is_dropped) = channel();
    let script = script();
    let clients = runtime.block_on(async {
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        live.map(move |_| Ok(Client(dropped.clone()))).unwrap()
    });
    let in_thread = move || {
        // Registered before tokio's, so dropped after it.
        CLIENTS.with(|_| ());
        CLIENTS.set(None);
        script.set("JAWSDB_URL", &url("two"));
        clients.reload().unwrap();
        let subscription = clients.subscribe(|_| ());
        let previous = clients.previous();
        CLIENTS.set(Some((clients, subscription, previous)));
    };
    std::thread::spawn(in_thread).join().unwrap();
    for _ in 0..2 {
        is_dropped.recv_timeout(BOUND).expect("both clients are dropped");
    }
}

/// The longest time by which a timer of 1 ms was late on this runtime's only thread, while something went on.
async fn lateness(during: impl Future<Output = ()>) -> Duration {
    let ticking = tokio::spawn(async {
        let mut latest = Duration::ZERO;
        loop {
            let begun = Instant::now();
            tokio::time::sleep(Duration::from_millis(1)).await;
            latest = latest.max(begun.elapsed());
            tokio::task::yield_now().await;
            LATEST.with(|cell| cell.set(latest));
        }
    });
    thread_local! {
        static LATEST: std::cell::Cell<Duration> = const { std::cell::Cell::new(Duration::ZERO) };
    }
    LATEST.with(|cell| cell.set(Duration::ZERO));
    tokio::task::yield_now().await;
    during.await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    ticking.abort();
    LATEST.with(std::cell::Cell::get)
}

#[test]
fn nothing_delays_a_timer_of_the_only_thread() {
    /// Far less than anything below takes if it blocks: hanging reads, retries 50 ms apart.
    const LIMIT: Duration = Duration::from_millis(20);
    let attempt = || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(lateness(async {
            let script = script();
            let builder = Live::builder(script.clone()).retry_timeout(Duration::from_millis(300));
            let live: Live<Config> = builder.build_async().await.unwrap();
            let urls = live.select(|config| config.jawsdb_url.clone());
            let pools = urls
                .map_async(async |url| {
                    // A client that blocks its thread.
                    std::thread::sleep(Duration::from_millis(100));
                    Ok(Client::connect(url).await?)
                })
                .await
                .unwrap();
            script.set("JAWSDB_URL", &url("two"));
            live.reload_async().await.unwrap();
            // Refused, and nothing new.
            let refuse = |_: Arc<Client>| std::future::ready(Err::<(), _>("refused"));
            assert!(pools.retry_on(|_| true, refuse).await.is_err());
            // A failed read.
            script.fail();
            assert!(live.reload_async().await.is_err());
            script.recover();
            // A source that hangs: nothing waits for it but the reload.
            script.hang();
            let reload = tokio::spawn({
                let live = live.clone();
                async move { live.reload_async().await }
            });
            tokio::time::sleep(Duration::from_millis(20)).await;
            let others = live.select(|config| config.redis_url.clone());
            let caches = others.map(|url| Ok(url.is_some())).unwrap();
            assert!(*caches.load());
            let _subscription = live.subscribe(|_| ());
            let status = live.status();
            drop((
                live.changes(),
                live.previous(),
                live.vars(),
                status,
                live.load_full(),
            ));
            assert!(pools.retry_on(|_| true, refuse).await.is_err());
            script.recover();
            reload.await.unwrap().unwrap();
        }))
    };
    // A busy machine may delay any thread. What blocks does so in every attempt.
    let latest: Vec<Duration> = (0..10)
        .map(|_| attempt())
        .take_while_inclusive(|latest| *latest > LIMIT)
        .collect();
    assert!(latest.last().is_some_and(|latest| *latest <= LIMIT), "{latest:?}");
}

/// `take_while`, with the first item that ends it.
trait TakeWhileInclusive: Iterator + Sized {
    fn take_while_inclusive(
        self,
        mut goes_on: impl FnMut(&Self::Item) -> bool,
    ) -> impl Iterator<Item = Self::Item> {
        let mut is_over = false;
        self.map_while(move |item| {
            if is_over {
                return None;
            }
            is_over = !goes_on(&item);
            Some(item)
        })
    }
}

impl<I: Iterator> TakeWhileInclusive for I {}

/// Polls a future up to this many times, and drops it.
fn poll_and_drop(future: impl Future, polls: usize) {
    let mut future = std::pin::pin!(future);
    for _ in 0..polls {
        if future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
        {
            return;
        }
        std::thread::yield_now();
    }
}

/// Polls a future until something has happened, and drops it.
fn poll_until(future: impl Future, has_happened: impl Fn() -> bool) {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let begun = Instant::now();
    while !has_happened() && future.as_mut().poll(&mut context).is_pending() {
        assert!(begun.elapsed() < BOUND, "it never happens");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn dropped_futures_leave_nothing_behind() {
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let _context = runtime.enter();
    let (feed, source) = Feed::new();
    let vars = |turn: usize| ConfigVars::from([("JAWSDB_URL", url(&turn.to_string()))]);
    feed.set(vars(0));
    let live: Live<Config> = Live::builder(source)
        .retry_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let clients = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
    let mut changes = live.changes();
    let watch = live.watch(Every::seconds(3_600)).unwrap();
    let times = if cfg!(debug_assertions) { 1_000 } else { 10_000 };
    for turn in 0..times {
        let polls = turn % 4;
        feed.set(vars(turn + 1));
        poll_and_drop(live.reload_async(), polls);
        poll_and_drop(
            live.map_async(async |config| Ok(password(&config.jawsdb_url))),
            polls,
        );
        poll_and_drop(changes.changed(), polls);
        poll_and_drop(feed.wanted(), polls);
        let refuse = |_: Arc<String>| async {
            tokio::task::yield_now().await;
            Err::<(), _>("refused")
        };
        poll_and_drop(clients.retry_on(|_| true, refuse), polls);
        poll_and_drop(
            clients.retry_on(|_| true, |_| std::future::pending::<Result<(), ()>>()),
            polls,
        );
    }
    drop(watch);
    feed.set(vars(usize::MAX));
    runtime.block_on(async {
        tokio::time::timeout(BOUND, live.reload_async())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(*clients.load_full(), usize::MAX.to_string());
        assert!(live.status().is_fresh(), "{}", live.status());
        let made = live.map_async(async |_| Ok(7));
        assert_eq!(
            *tokio::time::timeout(BOUND, made).await.unwrap().unwrap().load(),
            7
        );
        let change = tokio::time::timeout(BOUND, changes.changed()).await.unwrap();
        assert!(change.is_some());
    });
}

#[test]
fn value_made_during_a_roll_is_current() {
    on_each_runtime(async || {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let rolled = Arc::new(Mutex::new(Some((live.clone(), script.clone()))));
        // While it is made for the first time, the credential rolls.
        let clients = live
            .map(move |config| {
                if let Some((live, script)) = rolled.lock().unwrap().take() {
                    script.set("JAWSDB_URL", &url("two"));
                    live.reload()?;
                }
                Ok(password(&config.jawsdb_url))
            })
            .unwrap();
        assert_eq!(*clients.load_full(), "two");
        script.set("JAWSDB_URL", &url("three"));
        live.reload_async().await.unwrap();
        assert_eq!(*clients.load_full(), "three");
    });
}

#[test]
fn errors_of_the_app_are_kept_and_not_shown() {
    #[derive(Debug)]
    struct DriverError(&'static str);
    impl std::fmt::Display for DriverError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }
    impl std::error::Error for DriverError {}
    /// As tokio-postgres has it: the cause is in `source` alone.
    #[derive(Debug)]
    struct ConnectError(io::Error);
    impl std::fmt::Display for ConnectError {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("s3cret")
        }
    }
    impl std::error::Error for ConnectError {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    fn boxed() -> AppResult<()> {
        Err(Box::new(io::Error::new(io::ErrorKind::NotFound, "s3cret")))
    }
    type Make = fn(&str) -> Result<String, AppError>;
    let rows: [(Make, &str); 7] = [
        (|_| Err(DriverError("s3cret"))?, "DriverError"),
        (
            |_| {
                Err(ConnectError(io::Error::new(
                    io::ErrorKind::ConnectionRefused,
                    "s3cret",
                )))?
            },
            "code failed: connection refused, in an error whose text may quote a secret: it::async_live::",
        ),
        (
            |_| Err(ConnectError(io::Error::other("s3cret")))?,
            "code failed with an error whose text may quote a secret: it::async_live::",
        ),
        (
            |_| Err(io::Error::new(io::ErrorKind::BrokenPipe, "s3cret"))?,
            "broken pipe",
        ),
        (|_| Ok(boxed().map(|()| String::new())?), "entity not found"),
        (|_| Err("s3cret".to_owned())?, "alloc::string::String"),
        (|_| Err(Error::custom("the pool is full"))?, "the pool is full"),
    ];
    for (fails, shown) in rows {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let clients = live
            .map(move |config| match &*password(&config.jawsdb_url) {
                "two" => fails("two"),
                password => Ok(password.to_owned()),
            })
            .unwrap()
            .named("orders pool");
        script.set("JAWSDB_URL", &url("two"));
        let change = live.reload().unwrap();
        let status = live.status();
        let text = format!("{change} {change:?} {status} {status:#} {status:?}");
        assert!(text.contains("orders pool") && text.contains(shown), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
        let stale = status.stale().next().unwrap();
        let original = stale.expose_app_error().map(ToString::to_string);
        assert_eq!(original.is_some(), shown != "the pool is full", "{original:?}");
        assert!(original.is_none_or(|original| original == "s3cret"));
        assert_eq!(*clients.load_full(), "one");
        let error = live.map(move |_| fails("")).map(drop).unwrap_err();
        assert!(error.to_string().contains(shown) && !error.to_string().contains("s3cret"));
    }
}

#[test]
fn retry_on_composes_with_question_mark() {
    async fn with_boxed(pools: &Live<String>) -> AppResult<usize> {
        let query = async |password: Arc<String>| -> AppResult<usize> { Ok(password.len()) };
        Ok(pools.retry_on(|_| false, query).await?)
    }
    async fn with_driver(pools: &Live<String>) -> AppResult<usize> {
        let query = async |password: Arc<String>| Ok::<_, io::Error>(password.len());
        Ok(pools.retry_on(|_| false, query).await?)
    }
    async fn with_ours(pools: &Live<String>) -> Result<usize, Error> {
        let query = async |_: Arc<String>| Err::<usize, _>(io::Error::new(io::ErrorKind::NotFound, "s3cret"));
        Ok(pools.retry_on(|_| false, query).await?)
    }
    on_each_runtime(async || {
        let live: Live<Config> = Live::new(script()).unwrap();
        let pools = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
        assert_eq!(with_boxed(&pools).await.unwrap(), 3);
        assert_eq!(with_driver(&pools).await.unwrap(), 3);
        let error = with_ours(&pools).await.unwrap_err().to_string();
        assert_eq!(error, "the app's own code failed: entity not found");
    });
}

/// Runs a test on a thread of its own, so that a runtime that is blocked for ever fails it.
fn within_bound(what: &str, test: impl FnOnce() + Send + 'static) {
    let (done, is_done) = channel();
    let thread = std::thread::spawn(move || {
        test();
        _ = done.send(());
    });
    match is_done.recv_timeout(BOUND) {
        Err(RecvTimeoutError::Timeout) => panic!("{what}"),
        _ => thread.join().unwrap(),
    }
}

#[test]
fn reload_on_the_only_thread_does_not_wait_for_a_closure_that_needs_it() {
    within_bound("the runtime is blocked for ever", || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let script = script();
            let live: Live<Config> = Live::new(script.clone()).unwrap();
            let begun = Arc::new(AtomicUsize::new(0));
            let counted = begun.clone();
            let clients = live
                .map_async(async move |config| {
                    counted.fetch_add(1, SeqCst);
                    Ok(Client::connect(&config.jawsdb_url).await?)
                })
                .await
                .unwrap();
            script.set("JAWSDB_URL", &url("two"));
            live.reload().unwrap();
            // The client is now being made on a thread of the crate, and needs the timer of this one.
            while begun.load(SeqCst) < 2 {
                std::thread::yield_now();
            }
            script.set("JAWSDB_URL", &url("three"));
            let error = live.reload().unwrap_err().to_string();
            assert!(error.contains("`reload_async`"), "{error}");
            live.reload_async().await.unwrap();
            assert_eq!(clients.load().password, "three");
            live.reload().unwrap();
        });
    });
}

#[test]
fn callback_may_wait_for_a_reload() {
    on_each_runtime(async || {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let reloads = Arc::new(AtomicUsize::new(0));
        let (weak, counted) = (live.downgrade(), reloads.clone());
        let _subscription = live.subscribe_changes(move |_| {
            if let Some(live) = weak.upgrade() {
                futures_block_on(live.reload_async()).unwrap();
                counted.fetch_add(1, SeqCst);
            }
        });
        for (number, password) in ["two", "three"].into_iter().enumerate() {
            script.set("JAWSDB_URL", &url(password));
            live.reload_async().await.unwrap();
            until("the callback returns", || reloads.load(SeqCst) == number + 1).await;
        }
    });
}

#[test]
fn callbacks_of_changes_have_the_runtime_in_which_they_were_subscribed() {
    let script = script();
    let live: Live<Config> = Live::new(script.clone()).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    let called = Arc::new(AtomicUsize::new(0));
    let counted = called.clone();
    let subscription = runtime.block_on(async {
        live.subscribe_changes(move |_| {
            drop(tokio::spawn(async {}));
            counted.fetch_add(1, SeqCst);
        })
    });
    script.set("JAWSDB_URL", &url("two"));
    live.reload().unwrap();
    assert_eq!(called.load(SeqCst), 1);
    drop(subscription);
}

#[test]
fn part_that_moves_between_config_vars_is_another_one() {
    let script = ScriptedSource::new([("ORDERS_TOKEN", "one")]);
    let live = Live::from_vars(script.clone()).unwrap();
    let pick = |vars: &ConfigVars, prefix: &str| -> ConfigVars {
        let token = vars.get(&format!("{prefix}_TOKEN"));
        token
            .map(|token| ("TOKEN", token.expose_secret().to_owned()))
            .into_iter()
            .collect()
    };
    let both = live.select(move |vars| (pick(vars, "ORDERS"), pick(vars, "USERS")));
    let counts = both
        .map(|(orders, users)| Ok((orders.len(), users.len())))
        .unwrap();
    assert_eq!(*counts.load(), (1, 0));
    script.remove("ORDERS_TOKEN");
    script.set("USERS_TOKEN", "one");
    live.reload().unwrap();
    assert_eq!(*counts.load(), (0, 1));
}

/// A future that is given up hands its turn on: one open connection still works, and two callers want it.
#[test]
fn caller_that_gives_up_lets_the_next_one_have_its_turn() {
    use std::pin::Pin;
    use std::sync::atomic::AtomicBool;
    use std::task::{Poll, Wake};

    type Caller<'l> = Pin<Box<dyn Future<Output = Result<(), RetryError<&'static str>>> + 'l>>;
    type Answer = Option<Result<(), &'static str>>;
    struct Woken(AtomicBool);
    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.store(true, SeqCst);
        }
    }
    // The clock stands still, so that only a turn that is handed on wakes anybody.
    let clock = TestClock::new();
    let live: Live<Config> = Live::builder(script()).clock(&clock).build().unwrap();
    let pools = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
    let woken = [0; 4].map(|_| Arc::new(Woken(AtomicBool::new(false))));
    let answers: Arc<Mutex<[Answer; 4]>> = Arc::default();
    let caller = |number: usize| {
        let answers = answers.clone();
        pools.retry_on(
            |_| true,
            move |_| {
                let answers = answers.clone();
                std::future::poll_fn(move |_| {
                    answers.lock().unwrap()[number]
                        .take()
                        .map_or(Poll::Pending, Poll::Ready)
                })
            },
        )
    };
    let mut callers: Vec<Option<Caller<'_>>> = Vec::new();
    for number in 0..4 {
        callers.push(Some(Box::pin(caller(number))));
    }
    let step = |callers: &mut [Option<Caller<'_>>], number: usize| {
        let waker = Waker::from(woken[number].clone());
        let caller = callers[number].as_mut().unwrap().as_mut();
        caller.poll(&mut Context::from_waker(&waker))
    };
    // The first two begin. One succeeds on its open connection after the other was refused.
    assert!(step(&mut callers, 0).is_pending() && step(&mut callers, 1).is_pending());
    answers.lock().unwrap()[1] = Some(Err("refused"));
    assert!(step(&mut callers, 1).is_pending());
    answers.lock().unwrap()[0] = Some(Ok(()));
    assert!(step(&mut callers, 0).is_ready());
    // Its reload has found nothing new.
    let wait_for = |number: usize| {
        let begun = Instant::now();
        while !woken[number].0.swap(false, SeqCst) {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "caller {number} is not woken"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    for _ in 0..3 {
        wait_for(1);
        assert!(step(&mut callers, 1).is_pending());
        if live.status().is_fresh() && pools.generation() == 1 {
            break;
        }
    }
    // The second has the connection, and the others wait.
    assert!(step(&mut callers, 2).is_pending() && step(&mut callers, 3).is_pending());
    callers[1] = None;
    wait_for(2);
    // It is given up as well before it runs.
    callers[2] = None;
    wait_for(3);
}

/// The `Live` that values of the app use, once it is made.
type WeakCell = Arc<Mutex<Option<WeakLive<Config>>>>;

/// An error that uses the `Live` when it is dropped.
struct Nosy(WeakLive<Config>, Arc<AtomicUsize>);

impl Nosy {
    fn new(weak: &WeakCell, dropped: &Arc<AtomicUsize>) -> Self {
        Self(weak.lock().unwrap().clone().unwrap(), dropped.clone())
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        if let Some(live) = self.0.upgrade() {
            drop((live.status(), live.select(|_| 1_u8), live.changes()));
            drop((live.subscribe(|_| ()), live.subscribe_changes(|_| ())));
        }
        self.1.fetch_add(1, SeqCst);
    }
}

impl std::fmt::Debug for Nosy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nosy")
    }
}

impl std::fmt::Display for Nosy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nosy")
    }
}

impl std::error::Error for Nosy {}

#[test]
fn errors_and_clients_are_dropped_without_a_lock() {
    within_bound("a reload waits for itself", || {
        let dropped = Arc::new(AtomicUsize::new(0));
        let weak = WeakCell::default();
        let script = script();
        let source = {
            let (script, weak, dropped) = (script.clone(), weak.clone(), dropped.clone());
            move || match script.read() {
                Ok(vars) => Ok(vars),
                Err(_) => Err(Nosy::new(&weak, &dropped).into()),
            }
        };
        let live: Live<Config> = Live::new(source).unwrap();
        *weak.lock().unwrap() = Some(live.downgrade());
        let client = {
            let (weak, dropped) = (weak.clone(), dropped.clone());
            live.map(move |config| match &*password(&config.jawsdb_url) {
                "bad" | "worse" => Err(Nosy::new(&weak, &dropped).into()),
                password => Ok(password.to_owned()),
            })
            .unwrap()
        };
        for password in ["bad", "worse", "good"] {
            script.set("JAWSDB_URL", &url(password));
            live.reload().unwrap();
        }
        assert_eq!((client.load().as_str(), dropped.load(SeqCst)), ("good", 2));
        script.fail();
        assert!(live.reload().is_err() && live.reload().is_err());
        script.recover();
        live.reload().unwrap();
        assert_eq!(dropped.load(SeqCst), 4);
    });
}

/// Each has the only reference to the error of the first reload when the third one replaces it.
#[test]
fn errors_in_changes_that_are_merged_are_dropped_without_a_lock() {
    // Says that it runs, and then waits.
    fn callback(live: &Live<Config>, begun: Sender<()>, gate: Receiver<()>) -> Subscription {
        let gate = Mutex::new(gate);
        live.subscribe_changes(move |_| {
            _ = begun.send(());
            _ = gate.lock().unwrap().recv();
        })
    }
    for keeper in ["callback", "receiver", "present state", "dropped receiver"] {
        within_bound(keeper, move || {
            let dropped = Arc::new(AtomicUsize::new(0));
            let weak = WeakCell::default();
            let script = script();
            let live: Live<Config> = Live::new(script.clone()).unwrap();
            *weak.lock().unwrap() = Some(live.downgrade());
            let client = {
                let dropped = dropped.clone();
                live.map(move |config| match &*password(&config.jawsdb_url) {
                    "bad" | "worse" => Err(Nosy::new(&weak, &dropped).into()),
                    password => Ok(password.to_owned()),
                })
                .unwrap()
            };
            let (release, gate) = channel();
            let blocked = (keeper == "callback").then(|| {
                let (begun, has_begun) = channel();
                let subscription = callback(&live, begun, gate);
                let (live, script) = (live.clone(), script.clone());
                let thread = std::thread::spawn(move || {
                    script.set("REDIS_URL", "redis://:second@cache.example");
                    live.reload().unwrap()
                });
                // If this thread ran the callback instead, it would wait for itself.
                has_begun.recv_timeout(BOUND).unwrap();
                (subscription, thread)
            });
            let mut receiver = keeper.ends_with("receiver").then(|| live.changes());
            for password in ["bad", "worse", "good"] {
                script.set("JAWSDB_URL", &url(password));
                live.reload().unwrap();
                if password == "bad" && keeper == "present state" {
                    drop(live.subscribe(|_| ()));
                }
                if password == "worse" && keeper == "dropped receiver" {
                    receiver = None;
                }
            }
            drop((release, receiver));
            if let Some((subscription, thread)) = blocked {
                thread.join().unwrap();
                drop(subscription);
            }
            live.reload().unwrap();
            assert_eq!((client.load().as_str(), dropped.load(SeqCst)), ("good", 2));
        });
    }
}

#[test]
fn values_that_panic_when_dropped_affect_no_other_value() {
    struct Fragile(String, Arc<AtomicUsize>);
    impl Drop for Fragile {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                self.1.fetch_add(1, SeqCst);
                panic!("a client that panics when it is dropped");
            }
        }
    }
    within_bound("a reload waits for itself", || {
        let dropped = Arc::new(AtomicUsize::new(0));
        let script = script();
        let builder = Live::builder(script.clone()).grace_period(Duration::ZERO);
        let live: Live<Config> = builder.build().unwrap();
        let clients = [0; 3].map(|_| {
            let dropped = dropped.clone();
            let made = live.map(move |config| Ok(Fragile(password(&config.jawsdb_url), dropped.clone())));
            made.unwrap()
        });
        let called = Arc::new(AtomicUsize::new(0));
        let counted = called.clone();
        live.subscribe_changes(move |_| _ = counted.fetch_add(1, SeqCst))
            .detach();
        script.set("JAWSDB_URL", &url("two"));
        live.reload().unwrap();
        assert_eq!((dropped.load(SeqCst), called.load(SeqCst)), (3, 1));
        script.set("JAWSDB_URL", &url("three"));
        futures_block_on(live.reload_async()).unwrap();
        assert_eq!(dropped.load(SeqCst), 6);
        for client in clients {
            assert_eq!(client.load().0, "three");
            std::mem::forget(client);
        }
    });
}

/// A closure that stops at its first fault makes many values, of which a reload discards all but one.
#[test]
fn discarded_values_may_panic_and_use_the_live_when_dropped() {
    type Weak = Arc<Mutex<Option<WeakLive<Attempt>>>>;
    struct Attempt(Weak, Arc<AtomicUsize>);
    impl Drop for Attempt {
        fn drop(&mut self) {
            let live = self.0.lock().unwrap().as_ref().and_then(WeakLive::upgrade);
            let Some(live) = live else { return };
            drop((live.status(), live.load_full(), live.subscribe(|_| ())));
            assert!(live.reload().is_err(), "it would wait for itself");
            self.1.fetch_add(1, SeqCst);
            panic!("a value that panics when it is dropped");
        }
    }
    within_bound("a reload waits for itself", || {
        let names: Vec<String> = (0..40).map(|number| format!("LIMIT_{number}")).collect();
        let script = ScriptedSource::new(names.iter().map(|name| (name.as_str(), "1")));
        let (weak, dropped) = (Weak::default(), Arc::new(AtomicUsize::new(0)));
        let live = Live::from_fn(script.clone(), {
            let (weak, dropped, names) = (weak.clone(), dropped.clone(), names.clone());
            move |vars| {
                let is_bad = |name: &&String| {
                    vars.require(name)
                        .is_ok_and(|value| value.expose_secret() == "none")
                };
                match names.iter().find(is_bad) {
                    Some(name) => Err(Error::custom("is no number").for_var(name)),
                    None => Ok(Attempt(weak.clone(), dropped.clone())),
                }
            }
        })
        .unwrap();
        *weak.lock().unwrap() = Some(live.downgrade());
        for name in names.iter().skip(10) {
            script.set(name, "none");
        }
        names.iter().take(10).for_each(|name| script.set(name, "2"));
        live.reload().unwrap();
        assert!(dropped.load(SeqCst) > 0, "nothing was discarded");
        assert_eq!(live.status().stale().count(), 30);
        assert_eq!(live.load().1.load(SeqCst), dropped.load(SeqCst));
        *weak.lock().unwrap() = None;
    });
}

#[test]
fn callback_that_does_not_return_delays_no_caller_that_waits_for_the_reload() {
    on_each_runtime(async || {
        let script = script();
        let live: Live<Config> = Live::new(script.clone()).unwrap();
        let pools = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
        let (release, gate) = channel::<()>();
        let (gate, generations) = (Mutex::new(gate), Arc::new(Mutex::new(Vec::new())));
        let log = generations.clone();
        let _subscription = live.subscribe_changes(move |change| {
            _ = gate.lock().unwrap().recv();
            log.lock().unwrap().push(change.generation());
        });
        let refuse_all_but = |good: &'static str| {
            move |password: Arc<String>| {
                std::future::ready(match &**password {
                    password if password == good => Ok(()),
                    _ => Err("refused"),
                })
            }
        };
        script.set("JAWSDB_URL", &url("two"));
        assert_eq!(pools.retry_on(|_| true, refuse_all_but("two")).await, Ok(()));
        for password in ["three", "four"] {
            script.set("JAWSDB_URL", &url(password));
            live.reload_async().await.unwrap();
            assert_eq!(*pools.load_full(), password);
        }
        script.set("JAWSDB_URL", &url("five"));
        assert_eq!(pools.retry_on(|_| true, refuse_all_but("five")).await, Ok(()));
        assert!(generations.lock().unwrap().is_empty());
        drop(release);
        until("all changes are delivered, in order", || {
            let generations = generations.lock().unwrap();
            assert!(generations.is_sorted(), "{generations:?}");
            generations.last() == Some(&5)
        })
        .await;
    });
}

#[test]
fn value_that_follows_later_wakes_the_callers_that_wait() {
    on_each_runtime(async || {
        let script = script();
        // The clock stands still, so that the next read of the source never comes.
        let clock = TestClock::new();
        let live: Live<Config> = Live::builder(script.clone()).clock(&clock).build().unwrap();
        let clients = live
            .map_async(async |config| Ok(Client::connect(&config.jawsdb_url).await?))
            .await
            .unwrap();
        let refused = Arc::new(AtomicUsize::new(0));
        // Counted first, because the caller may read at once.
        let reads = script.read_count();
        let caller = tokio::spawn({
            let (clients, refused) = (clients.clone(), refused.clone());
            async move {
                let query = |client: Arc<Client>| {
                    let is_good = client.password == "two";
                    refused.fetch_add(usize::from(!is_good), SeqCst);
                    std::future::ready(if is_good { Ok(()) } else { Err("refused") })
                };
                clients.retry_on(|_| true, query).await
            }
        });
        until(
            "the credential is refused, and the source has nothing new",
            || refused.load(SeqCst) == 1 && script.read_count() > reads,
        )
        .await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        script.set("JAWSDB_URL", &url("two"));
        live.reload().unwrap();
        assert_eq!(caller.await.unwrap(), Ok(()));
    });
}

#[test]
fn last_reference_on_a_thread_of_the_crate_is_dropped_in_its_runtime() {
    /// Notes the runtime in which it is dropped.
    #[derive(Clone)]
    struct Noted(
        &'static str,
        Arc<Mutex<Vec<(&'static str, bool)>>>,
        tokio::runtime::Id,
    );
    impl Drop for Noted {
        fn drop(&mut self) {
            let is_in_it = Handle::try_current().is_ok_and(|handle| handle.id() == self.2);
            self.1.lock().unwrap().push((self.0, is_in_it));
        }
    }
    struct NotedSource(ScriptedSource, #[expect(dead_code)] Noted);
    impl Source for NotedSource {
        fn read(&self) -> Result<ConfigVars, Error> {
            self.0.read()
        }
    }
    for way in ["watch", "reload_async", "retry_on"] {
        let [ours, others] = runtimes();
        let log = Arc::new(Mutex::new(Vec::new()));
        let noted = |name, runtime: &Runtime| Noted(name, log.clone(), runtime.handle().id());
        let script = script();
        let (value, source) = (noted("value", &ours), noted("source", &ours));
        let live = ours.block_on(async {
            let source = NotedSource(script.clone(), source);
            Live::from_fn(source, move |_| Ok(value.clone())).unwrap()
        });
        let (client, closure) = (noted("client", &others), noted("closure", &others));
        let callback = noted("callback", &others);
        let clients = others.block_on(async {
            live.subscribe_changes(move |_| _ = &callback).detach();
            live.map(move |_| {
                _ = &closure;
                Ok(client.clone())
            })
            .unwrap()
        });
        // The thread hangs in a read, while all other references are dropped.
        let reads = script.read_count();
        script.hang();
        let watch = (way == "watch").then(|| live.watch(Every::new(Duration::from_millis(1))).unwrap());
        let has_begun = || script.read_count() > reads;
        ours.block_on(async {
            match way {
                "reload_async" => poll_until(live.reload_async(), has_begun),
                "retry_on" => poll_until(
                    live.retry_on(|_| true, async |_| Err::<(), _>("refused")),
                    has_begun,
                ),
                _ => {}
            }
        });
        assert!(script.wait_for_reads(reads + 1, BOUND), "{way}");
        drop((live, clients, watch));
        script.recover();
        let begun = Instant::now();
        let is_done = || {
            let log = log.lock().unwrap();
            ["value", "source", "callback"]
                .iter()
                .all(|name| log.iter().any(|(dropped, _)| dropped == name))
        };
        while !is_done() {
            assert!(begun.elapsed() < BOUND, "{way}: it is never dropped");
            std::thread::sleep(Duration::from_millis(1));
        }
        let log = log.lock().unwrap();
        for name in ["value", "source", "callback"] {
            let mut drops = log.iter().filter(|(dropped, _)| *dropped == name);
            assert!(drops.all(|(_, is_in_it)| *is_in_it), "{way}: {log:?}");
        }
    }
}

/// The last handle of a client goes while a thread of the crate makes it again.
/// The caller has no runtime, and a roll during its operation leaves it the last reference.
#[test]
fn last_reference_of_a_blocking_caller_is_dropped_in_its_runtime() {
    struct Client(String);
    impl Drop for Client {
        fn drop(&mut self) {
            _ = Handle::current().spawn(async {});
        }
    }
    let runtime = Builder::new_multi_thread().build().unwrap();
    let script = script();
    let live: Live<Config> = Live::builder(script.clone())
        .grace_period(Duration::ZERO)
        .build()
        .unwrap();
    let clients = runtime
        .block_on(async { live.map(|config| Ok(Client(password(&config.jawsdb_url)))) })
        .unwrap();
    let served = clients.retry_on_blocking(
        |()| true,
        |client| {
            script.set("JAWSDB_URL", &url("two"));
            live.reload().unwrap();
            Ok(client.0.clone())
        },
    );
    assert_eq!(served, Ok("one".into()));
    assert_eq!(clients.load().0, "two");
}

#[test]
fn client_that_goes_during_a_reload_is_dropped_in_its_runtime() {
    struct Noted(Arc<Mutex<Vec<bool>>>, tokio::runtime::Id);
    impl Drop for Noted {
        fn drop(&mut self) {
            let is_in_it = Handle::try_current().is_ok_and(|handle| handle.id() == self.1);
            self.0.lock().unwrap().push(is_in_it);
        }
    }
    let [ours, others] = runtimes();
    let log = Arc::new(Mutex::new(Vec::new()));
    let script = script();
    let live: Live<Config> = ours.block_on(async { Live::new(script.clone()).unwrap() });
    let (begin, has_begun) = channel();
    let (go_on, gate) = channel::<()>();
    let (gate, id, noted) = (Mutex::new(gate), others.handle().id(), log.clone());
    let clients = others.block_on(async {
        live.map(move |config| {
            if password(&config.jawsdb_url) == "two" {
                begin.send(()).unwrap();
                _ = gate.lock().unwrap().recv();
            }
            Ok(Noted(noted.clone(), id))
        })
        .unwrap()
    });
    script.set("JAWSDB_URL", &url("two"));
    let reloading = ours.spawn({
        let live = live.clone();
        async move { live.reload_async().await.map(drop) }
    });
    let _context = ours.enter();
    has_begun.recv_timeout(BOUND).unwrap();
    drop(clients);
    drop(go_on);
    futures_block_on(reloading).unwrap().unwrap();
    let log = log.lock().unwrap();
    assert_eq!(*log, [true, true], "the replaced client and the last one");
}

/// A developer who tries the roll by hand rolls back and forth. Each time all callers are refused at once, which is no
/// reason to wait with a password that was not refused.
#[test]
fn rolls_back_and_forth_are_followed() {
    const CALLERS: usize = 8;
    on_each_runtime(|| async {
        let server = Arc::new(Mutex::new("one"));
        let script = script();
        let live: Live<MysqlUrl> = Live::from_fn(script.clone(), |vars| vars.url("JAWSDB_URL")).unwrap();
        let served = Arc::new(Mutex::new(vec![("", 0); CALLERS]));
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..CALLERS {
            let (live, server, served) = (live.clone(), server.clone(), served.clone());
            callers.spawn(async move {
                loop {
                    let login = |url: Arc<MysqlUrl>| {
                        let server = server.clone();
                        async move {
                            tokio::time::sleep(Duration::from_millis(2)).await;
                            let accepted = *server.lock().unwrap();
                            if password(&url) == accepted {
                                Ok(accepted)
                            } else {
                                Err("refused")
                            }
                        }
                    };
                    if let Ok(accepted) = live.retry_on(|error| *error == "refused", login).await {
                        let mut served = served.lock().unwrap();
                        let (last, times) = served[caller];
                        served[caller] = (accepted, if last == accepted { times + 1 } else { 1 });
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            });
        }
        for now in ["one", "two", "one", "three"] {
            *server.lock().unwrap() = now;
            // All callers meet the refusal before the source has the new password.
            tokio::time::sleep(Duration::from_millis(100)).await;
            script.set("JAWSDB_URL", &url(now));
            live.reload_async().await.unwrap();
            // Often enough to be served all at once.
            let is_served = |(last, times): &(&str, usize)| *last == now && *times >= 50;
            until("all are served", || served.lock().unwrap().iter().all(is_served)).await;
        }
        callers.shutdown().await;
    });
}

#[test]
fn source_that_panics_at_the_first_read_is_an_error_of_its_own() {
    on_each_runtime(|| async {
        fn read() -> Result<ConfigVars, AppError> {
            panic!("in the source")
        }
        let in_background = Live::builder(read).build_vars_async().await;
        for built in [in_background, Live::builder(read).build_vars()] {
            assert_eq!(
                built.err().unwrap().to_string(),
                "a closure of the app's own panicked"
            );
        }
    });
}
