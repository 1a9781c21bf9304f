//! A refused credential: one reload for all, then the new credential, then the previous one, and a budget for retries.
//!
//! The server is a set of passwords that it accepts, and it counts who comes. The rules of the budget are tested second
//! by second beside them, in `src/live/refusals.rs`.
#![cfg(feature = "test-util")]

use config_vars::test_util::{ScriptedSource, TestClock};
use config_vars::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

#[derive(Debug, PartialEq, Eq)]
enum DbError {
    AccessDenied,
    NoSuchTable,
}

fn is_auth_error(error: &DbError) -> bool {
    *error == DbError::AccessDenied
}

#[derive(Clone, Default)]
struct Server {
    passwords: Arc<Mutex<BTreeSet<String>>>,
    attempts: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Server {
    fn takes(&self, passwords: &[&str]) {
        *self.passwords.lock().unwrap() = passwords.iter().map(|&password| password.into()).collect();
    }

    fn connect(&self, password: &str) -> Result<String, DbError> {
        *self.attempts.lock().unwrap().entry(password.into()).or_default() += 1;
        match self.passwords.lock().unwrap().contains(password) {
            true => Ok(password.to_owned()),
            false => Err(DbError::AccessDenied),
        }
    }

    /// How often it was asked with that password, since the last time of asking.
    fn attempts(&self, password: &str) -> usize {
        self.attempts.lock().unwrap().remove(password).unwrap_or_default()
    }
}

struct Play {
    server: Server,
    script: ScriptedSource,
    pools: Live<String>,
}

/// A server, a provider, and an app whose pools know but the password.
fn play() -> Play {
    play_with(|builder| builder)
}

fn play_with(settings: impl FnOnce(LiveBuilder<MysqlUrl>) -> LiveBuilder<MysqlUrl>) -> Play {
    let url = |password: &str| format!("mysql://app:{password}@db.example/shop");
    let script = ScriptedSource::new([("JAWSDB_URL", url("one"))]);
    let live = settings(Live::builder(script.clone()))
        .build_fn(ConfigVars::only)
        .unwrap();
    let pools = live
        .map(|url| Ok(url.password().unwrap().expose_secret().to_owned()))
        .unwrap();
    let server = Server::default();
    server.takes(&["one"]);
    Play {
        server,
        script,
        pools,
    }
}

impl Play {
    /// The same, on a clock of the test's own.
    fn by(clock: &TestClock) -> Self {
        play_with(|builder| builder.clock(clock))
    }

    fn set_retry_timeout(&mut self, retry_timeout: Duration) {
        self.pools = self.pools.clone().with_retry_timeout(retry_timeout);
    }

    fn roll(&self, password: &str) {
        self.script
            .set("JAWSDB_URL", &format!("mysql://app:{password}@db.example/shop"));
    }

    fn query(&self) -> Result<String, RetryError<DbError>> {
        self.pools
            .retry_on_blocking(is_auth_error, |password| self.server.connect(password))
    }

    /// A query, while which the password rolls once the source was read so often in all.
    fn query_and_roll_after(&self, reads: u64, password: &str) -> Result<String, RetryError<DbError>> {
        std::thread::scope(|scope| {
            let query = scope.spawn(|| self.query());
            assert!(self.script.wait_for_reads(reads, Duration::from_secs(60)));
            self.roll(password);
            query.join().unwrap()
        })
    }

    /// Whether a caller who goes away at once has come to try.
    fn tries_without_end(&self) -> bool {
        let has_tried = std::cell::Cell::new(false);
        let query = self.pools.retry_on(is_auth_error, |_| {
            has_tried.set(true);
            std::future::pending::<Result<(), DbError>>()
        });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        _ = std::pin::pin!(query).poll(&mut context);
        has_tried.get()
    }

    /// As many callers as that, all of which have connected with the old password before one of them reports it.
    fn query_at_once(&self, callers: usize) -> Vec<Result<String, RetryError<DbError>>> {
        let barrier = Barrier::new(callers);
        let query = || {
            let is_first = std::cell::Cell::new(true);
            self.pools.retry_on_blocking(is_auth_error, |password| {
                let result = self.server.connect(password);
                if is_first.replace(false) {
                    barrier.wait();
                }
                result
            })
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..callers).map(|_| scope.spawn(query)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }
}

#[test]
fn other_errors_are_returned_unchanged() {
    let play = play();
    assert_eq!(play.query().unwrap(), "one");
    let result = play
        .pools
        .retry_on_blocking(is_auth_error, |_| Err::<(), _>(DbError::NoSuchTable));
    assert_eq!(result, Err(RetryError::Operation(DbError::NoSuchTable)));
    assert_eq!(play.script.read_count(), 1, "nothing was read again");
}

#[test]
fn simultaneous_refusals_cause_one_reload() {
    let play = play();
    play.server.takes(&["two"]);
    play.roll("two");
    for result in play.query_at_once(100) {
        assert_eq!(result.unwrap(), "two");
    }
    assert_eq!(play.script.read_count(), 2, "the first read, and one reload");
    assert_eq!(
        (play.server.attempts("one"), play.server.attempts("two")),
        (100, 100)
    );
}

#[test]
fn refusals_without_a_new_credential_are_capped() {
    let clock = TestClock::skipping();
    let mut play = Play::by(&clock);
    play.server.takes(&["nobody's"]);
    // The source is read 0, 50, 150, 350, 750 and 1,550 ms after; by the last one of them may try again.
    let retry_timeout = Duration::from_millis(2_500);
    play.set_retry_timeout(retry_timeout);
    let begun = clock.now();
    for result in play.query_at_once(100) {
        assert_eq!(result, Err(RetryError::Operation(DbError::AccessDenied)));
    }
    assert!(clock.now() - begun <= retry_timeout, "every wait has a bound");
    // Those who had come already, and one more: the second try is due after a second, the third after five.
    assert_eq!(play.server.attempts("one"), 101);
    // Reloads harm nobody, and are few all the same.
    assert!(play.script.read_count() <= 8, "{}", play.script.read_count());
    // The next caller gets the error at once, without another attempt.
    play.set_retry_timeout(Duration::ZERO);
    let refused = play.query().unwrap_err();
    let RetryError::Refused(error) = &refused else {
        panic!("{refused:?}")
    };
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(
        error.to_string(),
        "the server has refused logins, and the credentials of generation 1 are not tried for now, so that the \
         account is not locked; roll them, or fix the config var; they come from JAWSDB_URL"
    );
    assert_eq!(play.server.attempts("one"), 0);
    // A roll ends it.
    play.server.takes(&["two"]);
    play.roll("two");
    play.pools.reload().unwrap();
    assert_eq!(play.query().unwrap(), "two");
}

#[test]
fn previous_credential_is_used_while_the_new_one_is_refused() {
    let clock = TestClock::new();
    let play = Play::by(&clock);
    play.roll("two");
    play.pools.reload().unwrap();
    // The provider is slow: it still takes the old one alone.
    assert_eq!(play.query().unwrap(), "one");
    assert_eq!(play.server.attempts("two"), 1);
    // Later callers do not try the new one first, but once in a while.
    for _ in 0..50 {
        assert_eq!(play.query().unwrap(), "one");
    }
    assert_eq!(play.server.attempts("two"), 0);
    play.server.takes(&["one", "two"]);
    play.server.attempts("one");
    assert_eq!(play.query().unwrap(), "one", "the retry is not due yet");
    clock.advance(Duration::from_secs(1));
    for _ in 0..50 {
        assert_eq!(play.query().unwrap(), "two");
    }
    assert_eq!(
        (play.server.attempts("one"), play.server.attempts("two")),
        (1, 50)
    );
}

#[test]
fn expired_previous_credential_is_not_used() {
    let play = play_with(|builder| builder.grace_period(Duration::ZERO).retry_timeout(Duration::ZERO));
    play.roll("two");
    play.pools.reload().unwrap();
    assert_eq!(play.query(), Err(RetryError::Operation(DbError::AccessDenied)));
    assert_eq!(play.server.attempts("one"), 0);
}

#[test]
fn refusal_of_a_replaced_credential_causes_no_reload() {
    let play = play();
    play.server.takes(&["two"]);
    play.roll("two");
    let result = play.pools.retry_on_blocking(is_auth_error, |password| {
        if password == "one" {
            play.pools.reload().unwrap();
        }
        play.server.connect(password)
    });
    assert_eq!(result.unwrap(), "two");
    assert_eq!(
        play.script.read_count(),
        2,
        "the first read, and the reload by hand"
    );
}

#[test]
fn reloads_before_a_refusal_do_not_delay_the_next_one() {
    let mut play = Play::by(&TestClock::skipping());
    for _ in 0..10 {
        play.pools.reload().unwrap();
    }
    // After as many in vain, the next one would be due in 3.2 s.
    play.set_retry_timeout(Duration::from_secs(2));
    // The second time there was a reload just before, from which the wait would be counted.
    for password in ["two", "three"] {
        play.server.takes(&[password]);
        play.roll(password);
        assert_eq!(play.query().unwrap(), password);
    }
}

#[test]
fn reload_comes_before_the_previous_credential() {
    let play = play();
    play.roll("two");
    play.pools.reload().unwrap();
    play.server.takes(&["three"]);
    play.roll("three");
    assert_eq!(play.query().unwrap(), "three");
    let attempts = ["one", "two", "three"].map(|password| play.server.attempts(password));
    assert_eq!(attempts, [0, 1, 1]);
}

#[test]
fn no_retry_is_made_if_none_is_allowed() {
    let settings = |builder: LiveBuilder<_>| builder.clock(&TestClock::skipping()).max_retries(0);
    let play = play_with(|builder| settings(builder).retry_timeout(Duration::from_secs(300)));
    play.server.takes(&["two"]);
    let result = play.query();
    assert_eq!(result, Err(RetryError::Operation(DbError::AccessDenied)));
    assert_eq!(play.server.attempts("one"), 1);
}

#[test]
fn late_roll_is_awaited() {
    let play = play();
    play.server.takes(&["two"]);
    // Only once the reload that the refusal set off has found nothing.
    assert_eq!(play.query_and_roll_after(2, "two").unwrap(), "two");
}

#[test]
fn late_roll_is_awaited_despite_a_previous_credential() {
    let settings = |builder: LiveBuilder<_>| builder.clock(&TestClock::skipping()).max_retries(0);
    let play = play_with(|builder| settings(builder).retry_timeout(Duration::MAX));
    play.roll("two");
    play.pools.reload().unwrap();
    play.server.takes(&["three"]);
    // After six in vain the next one is due in 1.6 s: longer than a source that hangs is waited for.
    assert_eq!(play.query_and_roll_after(8, "three").unwrap(), "three");
}

#[test]
fn no_retry_timeout_is_too_long() {
    let mut play = play();
    play.set_retry_timeout(Duration::MAX);
    play.server.takes(&["two"]);
    play.roll("two");
    assert_eq!(play.query().unwrap(), "two");
}

#[test]
fn hanging_source_is_not_awaited() {
    let clock = TestClock::new();
    let mut play = Play::by(&clock);
    play.server.takes(&["two"]);
    play.script.hang();
    for _ in 0..3 {
        std::thread::scope(|scope| {
            let query = scope.spawn(|| play.query());
            // Otherwise the deadline of the first query might pass before its reload begins.
            assert!(play.script.wait_for_reads(2, Duration::from_secs(60)));
            while !query.is_finished() {
                clock.advance(Duration::from_secs(1));
                std::thread::yield_now();
            }
            assert!(query.join().unwrap().is_err());
        });
    }
    assert_eq!(
        play.script.read_count(),
        2,
        "one reload hangs, and no other is begun"
    );
    play.set_retry_timeout(Duration::from_secs(60));
    play.roll("two");
    assert_eq!(play.query().unwrap(), "two");
}

#[test]
fn future_releases_its_thread_and_leaves_nothing_behind() {
    struct Nobody;
    impl std::task::Wake for Nobody {
        fn wake(self: Arc<Self>) {}
    }
    let play = play();
    play.server.takes(&["two"]);
    play.script.hang();
    let waker = Arc::new(Nobody);
    {
        let connect = |password: Arc<String>| std::future::ready(play.server.connect(&password));
        let mut query = std::pin::pin!(play.pools.retry_on(is_auth_error, connect));
        let given = std::task::Waker::from(waker.clone());
        let poll = query.as_mut().poll(&mut std::task::Context::from_waker(&given));
        assert!(poll.is_pending(), "it waited on this thread: {poll:?}");
        drop(given);
        assert_eq!(Arc::strong_count(&waker), 2, "it would not be woken");
    }
    assert_eq!(Arc::strong_count(&waker), 1, "whoever went away is kept in mind");
}

#[test]
fn dropped_retries_count() {
    let clock = TestClock::new();
    let mut play = Play::by(&clock);
    play.server.takes(&["two"]);
    play.set_retry_timeout(Duration::ZERO);
    assert!(play.query().is_err());
    play.pools.reload().unwrap();
    // Futures that are polled once and dropped, as by a timeout.
    let tries = [0, 1, 3, 1].map(|seconds| {
        clock.advance(Duration::from_secs(seconds));
        (0..100).filter(|_| play.tries_without_end()).count()
    });
    assert_eq!(tries, [0, 1, 0, 1], "after 0, 1, 4 and 5 s");
}

#[test]
fn another_caller_may_retry_after_a_dropped_one() {
    let clock = TestClock::new();
    let mut play = Play::by(&clock);
    play.server.takes(&["two"]);
    play.set_retry_timeout(Duration::ZERO);
    assert!(play.query().is_err());
    play.pools.reload().unwrap();
    clock.advance(Duration::from_secs(1));
    assert!(play.tries_without_end());
    play.server.takes(&["one"]);
    assert!(play.query().is_err(), "the next retry is not due yet");
    clock.advance(Duration::from_secs(4));
    assert_eq!(play.query().unwrap(), "one");
}

#[test]
fn refused_credential_is_recognised_in_another_generation() {
    let play = play_with(|builder| builder.grace_period(Duration::ZERO).retry_timeout(Duration::ZERO));
    play.server.takes(&["nobody's"]);
    for _ in 0..100 {
        for password in ["one", "two"] {
            play.roll(password);
            play.pools.reload().unwrap();
            assert!(play.query().is_err());
        }
    }
    let attempts = play.server.attempts("one") + play.server.attempts("two");
    assert!(attempts <= 6, "{attempts} attempts with two refused credentials");
}

#[test]
fn previous_credential_survives_a_changed_port() {
    let script = ScriptedSource::new([("JAWSDB_URL", "mysql://app:one@db.example/shop"), ("PORT", "1")]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("JAWSDB_URL", "mysql://app:two@db.example/shop");
    live.reload().unwrap();
    script.set("PORT", "2");
    live.reload().unwrap();
    let previous = live.previous().unwrap();
    let db: MysqlUrl = previous.url("JAWSDB_URL").unwrap();
    assert_eq!(db.password().unwrap().expose_secret(), "one");
}

#[test]
fn previous_credential_is_used_while_the_source_hangs() {
    let clock = TestClock::new();
    let mut play = Play::by(&clock);
    play.roll("two");
    play.pools.reload().unwrap();
    play.script.hang();
    std::thread::scope(|scope| {
        let query = scope.spawn(|| play.query());
        assert!(play.script.wait_for_reads(3, Duration::from_secs(60)));
        // The retry timeout is 10 s.
        clock.advance(Duration::from_secs(1));
        assert_eq!(query.join().unwrap().unwrap(), "one");
    });
    // Once more, at once: what is known to hang is not waited for.
    play.set_retry_timeout(Duration::ZERO);
    assert_eq!(play.query().unwrap(), "one");
    play.script.recover();
}

#[test]
fn retry_timeout_is_per_caller() {
    let mut play = play();
    play.server.takes(&["two"]);
    play.script.hang();
    play.set_retry_timeout(Duration::from_secs(20));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| play.query());
        assert!(play.script.wait_for_reads(2, Duration::from_secs(60)));
        let hasty = play.pools.clone().with_retry_timeout(Duration::from_millis(100));
        let begun = Instant::now();
        let query = hasty.retry_on_blocking(is_auth_error, |password| play.server.connect(password));
        assert!(query.is_err());
        assert!(begun.elapsed() < Duration::from_secs(10));
        play.roll("two");
        assert_eq!(waiting.join().unwrap().unwrap(), "two");
    });
}

#[test]
fn operation_error_is_displayed_unchanged() {
    use std::error::Error as StdError;
    #[derive(Debug)]
    struct Broken(std::fmt::Error);
    impl std::fmt::Display for Broken {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("is broken")
        }
    }
    impl StdError for Broken {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }
    let error = RetryError::Operation(Broken(std::fmt::Error));
    assert_eq!(error.to_string(), "is broken");
    assert!(error.into_operation().unwrap().source().is_some());
    let refused = RetryError::<Broken>::Refused(config_vars::Error::custom("is refused"));
    assert!(refused.to_string().contains("is refused") && refused.source().is_none());
    assert!(refused.into_operation().is_none());
}

#[test]
fn futures_are_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    async fn query(password: Arc<String>) -> Result<usize, DbError> {
        std::future::ready(()).await;
        Ok(password.len())
    }
    let play = play();
    let pools = play.pools.clone();
    #[expect(clippy::redundant_closure, reason = "as the README writes it")]
    drop(is_send(async move {
        let length = pools.retry_on(is_auth_error, |password| query(password)).await;
        let held = pools.load();
        std::future::ready(()).await;
        (length, held.len())
    }));
}

/// A client that logs in when none of its connections is idle, as every pool does.
struct Pool {
    password: String,
    idle: Mutex<usize>,
}

impl Pool {
    fn query(&self, server: &Server) -> Result<(), DbError> {
        let is_open = {
            let mut idle = self.idle.lock().unwrap();
            let is_open = *idle > 0;
            *idle -= usize::from(is_open);
            is_open
        };
        if !is_open {
            server.connect(&self.password)?;
        }
        std::thread::yield_now();
        *self.idle.lock().unwrap() += 1;
        Ok(())
    }
}

/// Number of seconds for which the tests of budgets run, on a clock of their own.
const SECONDS: usize = 360;

#[test]
fn open_connections_serve_and_refused_logins_stay_within_the_budget() {
    /// How many seconds the clock is advanced at once. Refused logins come at 1, 6, 30, 120 and 340 s at the earliest.
    const STEP: usize = 3;
    /// How long a step takes at least, and at most.
    const MIN_STEP: Duration = Duration::from_millis(1);
    const MAX_STEP: Duration = Duration::from_millis(100);
    for (callers, open) in [(12, 4), (100, 10), (30, 0), (5, 5)] {
        let clock = TestClock::new();
        let Play {
            server,
            script,
            pools,
        } = Play::by(&clock);
        let clients = pools
            .map(move |password| {
                Ok(Pool {
                    password: password.clone(),
                    idle: Mutex::new(open),
                })
            })
            .unwrap();
        // The password changes, the connections stay open, and nobody writes the new one.
        server.takes(&["two"]);
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let served = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..callers {
                scope.spawn(|| {
                    while !is_over.load(Relaxed) {
                        let result = clients.retry_on_blocking(is_auth_error, |pool| pool.query(&server));
                        served.fetch_add(result.is_ok().into(), Relaxed);
                    }
                });
            }
            for _ in 0..SECONDS / STEP {
                let expected = served.load(Relaxed) + callers / 10 + 1;
                clock.advance(Duration::from_secs(STEP as u64));
                // Those whose wait is over ask the clock within a millisecond; those with an open connection are served.
                let step = Instant::now();
                let is_done = || open == 0 || served.load(Relaxed) >= expected;
                while step.elapsed() < MIN_STEP || (step.elapsed() < MAX_STEP && !is_done()) {
                    std::thread::yield_now();
                }
            }
            is_over.store(true, Relaxed);
            clock.advance(Duration::from_secs(60));
        });
        let refused = server.attempts("one");
        assert!(
            refused <= callers + 5,
            "{callers} callers, {open} open: {refused} refused logins"
        );
        let served = served.into_inner();
        assert_eq!(
            served > 10 * callers,
            open > 0,
            "{callers} callers, {open} open: {served} served"
        );
        drop(script);
    }
}

#[test]
fn ten_clients_of_one_credential_share_its_budget() {
    let timeout = Duration::from_secs(SECONDS as u64 / 10);
    let Play { server, pools, .. } =
        play_with(|builder| builder.clock(&TestClock::skipping()).retry_timeout(timeout));
    server.takes(&["two"]);
    let clients: Vec<_> = (0..10)
        .map(|_| pools.map(|password| Ok(password.clone())).unwrap())
        .collect();
    for client in &clients {
        let result = client.retry_on_blocking(is_auth_error, |password| server.connect(password));
        assert!(result.is_err());
    }
    let refused = server.attempts("one");
    assert!((2..=6).contains(&refused), "{refused} refused logins");
}

#[test]
fn changing_credential_stays_within_the_budget() {
    let reads = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = reads.clone();
    let source = move || {
        let read = counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(ConfigVars::from_iter([(
            "DB_TOKEN",
            format!("token-{read}").as_str(),
        )]))
    };
    let live = Live::builder(source)
        .clock(&TestClock::skipping())
        .retry_timeout(Duration::from_secs(SECONDS as u64))
        .build_fn(|vars| Ok(vars.require("DB_TOKEN")?.expose_secret().to_owned()))
        .unwrap();
    let logins = Mutex::new(0);
    let result = live.retry_on_blocking(is_auth_error, |_| {
        *logins.lock().unwrap() += 1;
        Err::<(), _>(DbError::AccessDenied)
    });
    assert!(result.is_err());
    let logins = logins.into_inner().unwrap();
    assert!((6..=12).contains(&logins), "{logins} refused logins");
    let reads = reads.load(std::sync::atomic::Ordering::Relaxed);
    assert!(reads <= SECONDS, "{reads} reads");
}

#[test]
fn caller_without_an_answer_blocks_others_only_until_the_next_retry() {
    let clock = TestClock::skipping();
    let Play { server, pools, .. } = Play::by(&clock);
    server.takes(&["two"]);
    let query = |timeout| {
        let pools = pools.clone().with_retry_timeout(timeout);
        pools.retry_on_blocking(is_auth_error, |password| server.connect(password))
    };
    assert!(query(Duration::ZERO).is_err());
    clock.advance(Duration::from_secs(1));
    // The retry is held by a caller whose connection is swallowed.
    let has_tried = std::cell::Cell::new(false);
    let hasty = pools.clone().with_retry_timeout(Duration::from_secs(1));
    let hung = hasty.retry_on(is_auth_error, |_| {
        has_tried.set(true);
        std::future::pending::<Result<(), DbError>>()
    });
    let mut hung = std::pin::pin!(hung);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let begun = Instant::now();
    while !has_tried.get() {
        assert!(hung.as_mut().poll(&mut context).is_pending());
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody tries");
    }
    server.takes(&["one"]);
    assert_eq!(query(Duration::from_secs(30)).unwrap(), "one");
}

/// Names under which apps keep what lets them in. The crate must not depend on knowing them.
const CREDENTIALS: &[&str] = &[
    "password",
    "db-password",
    "db.password",
    "dbPassword",
    "token",
    "api-key",
    "client-secret",
    "clientSecret",
    "MYSQL_PWD",
    "DB_PASSWD",
    "PASSPHRASE",
    "CREDENTIALS",
    "CONNECTION_STRING",
    "STRIPE_SK",
    "DB_PASSWORD_1",
    "TOKEN_V2",
    "ACCOUNT_SID",
    "CLIENT_ID",
    "SASL_JAAS_CONFIG",
    "PASSWORD",
    "DB_PASS",
    "API_KEY",
    "KEY_ID",
    "x",
    "Kennwort",
    "mot_de_passe",
    "LDAP_BIND",
    "PGPASSFILE_CONTENT",
    "SIGNING",
    "jwt",
    "zugang",
];

#[test]
fn roll_is_followed_whatever_the_name_of_the_var() {
    for name in CREDENTIALS {
        let script = ScriptedSource::new([(*name, "one")]);
        // Until all retries are spent.
        let live = Live::builder(script.clone())
            .clock(&TestClock::skipping())
            .max_retries(1)
            .retry_timeout(Duration::from_secs(3))
            .build_fn(move |vars| Ok(vars.require(name)?.expose_secret().to_owned()))
            .unwrap();
        let server = Server::default();
        server.takes(&["two"]);
        let query = || live.retry_on_blocking(is_auth_error, |password| server.connect(password));
        assert!(query().is_err(), "{name}");
        assert_eq!(server.attempts("one"), 2, "{name}");
        script.set(name, "two");
        live.reload().unwrap();
        assert!(live.previous().is_some(), "{name}");
        assert_eq!(query().as_deref(), Ok("two"), "{name}");
    }
}

#[test]
fn message_names_each_var_once() {
    let script = ScriptedSource::new([("password", "one"), ("username", "app")]);
    let live = Live::from_fn(script, |vars| {
        let text = |name: &str| Ok::<_, Error>(vars.require(name)?.expose_secret().to_owned());
        Ok((text("username")?, text("password")?, text("password")?))
    });
    let pools = live.unwrap().map(|texts| Ok(texts.clone())).unwrap();
    let pools = pools.with_retry_timeout(Duration::ZERO);
    let query = || pools.retry_on_blocking(is_auth_error, |_| Err::<(), _>(DbError::AccessDenied));
    assert!(query().is_err());
    let message = query().unwrap_err();
    let RetryError::Refused(message) = message else {
        panic!("{message:?}")
    };
    assert!(
        message.to_string().ends_with("they come from password, username"),
        "{message}"
    );
}
