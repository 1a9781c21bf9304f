//! Faults beside the roll. Nothing hangs, no request is lost that may be repeated, and no error contains a secret.

use crate::api::Api;
use crate::apps::{App, Bearer, MongoDb, MysqlAsync, RedisApp, Visitor, visit_all};
use crate::load::wait_until;
use crate::rolls::{Crate, InProcess, Origin, Repeat, Scene, password};
use config_vars::{ConfigVars, Error, Live, MongoUrl, RetryError};
use servers::{Authority, HARD_PASSWORD, MongoSet, Server, program};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

pub fn run() {
    visit_all(&mut Faults);
    crowd::<MysqlAsync>();
    crowd::<RedisApp>();
    crowd::<MongoDb>();
    crowd::<Bearer>();
    half_refuses();
    clock_jumps();
}

struct Faults;

impl Visitor for Faults {
    fn visit<A: App>(&mut self) {
        let scene = scene::<A>();
        down_at_the_roll(&scene);
        if let Some(service) = (&*scene.server as &dyn std::any::Any).downcast_ref::<Api>() {
            another_certificate(&scene, service);
        }
    }
}

fn scene<A: App>() -> Scene<A> {
    let scene = Scene::<A>::start();
    scene.server.put_user("app", &password(0));
    scene
}

/// The password is rolled and the server goes down; the app hears of the roll meanwhile; the server comes back.
fn down_at_the_roll<A: App>(scene: &Scene<A>) {
    let folder = Origin::folder(&A::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<A>::start(&folder, &scene.runtime);
    let load = app.load(&scene.runtime, Crate::With, Repeat::WhatWasCut);
    load.wait_for_more(4);
    scene.server.roll("app", &password(1));
    scene.server.stop();
    folder.put(&A::vars(&scene.server, "app", &password(1)));
    wait_until("the app follows", || app.clients.generation() > 1);
    assert!(app.clients.status().is_fresh(), "{}", app.clients.status());
    scene.server.start_again();
    load.wait_for_more(20);
    let (counts, _) = load.end(&scene.runtime);
    println!("{}: down at the roll: {counts:?}", A::NAME);
    assert_eq!(counts.failed, 0, "{counts:?}");
    assert!(counts.answered > 4);
}

/// The service comes back with a certificate of an authority that the app does not know.
fn another_certificate<A: App>(scene: &Scene<A>, service: &Api) {
    let user = "app";
    scene.server.put_user(user, &password(2));
    let folder = Origin::folder(&A::vars(&scene.server, user, &password(2)));
    let app = InProcess::<A>::start(&folder, &scene.runtime);
    let ask = || {
        let bound = Duration::from_secs(60);
        let answer = app.clients.retry_on(A::is_auth_error, A::request);
        scene
            .runtime
            .block_on(async { tokio::time::timeout(bound, answer).await })
            .expect("in time")
    };
    ask().expect("an answer");
    let stranger = Authority::create();
    service.use_certificate(&stranger.sign("IP:127.0.0.1"));
    let error = ask().expect_err("an unknown authority");
    assert!(
        matches!(&error, RetryError::Operation(error) if !A::is_auth_error(error)),
        "the credentials were not even sent: {error:?}"
    );
    assert!(!format!("{error:?}").contains(HARD_PASSWORD));
    service.use_own_certificate();
    ask().expect("an answer again");
    println!("{}: another certificate: an error, and no reload", A::NAME);
}

/// A thousand requests at once, each on a connection of its own, and a roll without overlap in their midst.
fn crowd<A: App>() {
    const CROWD: usize = 1000;
    let scene = scene::<A>();
    let folder = Origin::folder(&A::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<A>::start(&folder, &scene.runtime);
    let began = Instant::now();
    let load = app.once(&scene.runtime, CROWD);
    scene.roll_abruptly(&folder, 1);
    let rolled = Instant::now();
    let (counts, log) = load.end(&scene.runtime);
    println!(
        "{}: {CROWD} at once: {counts:?}, in {} ms",
        A::NAME,
        began.elapsed().as_millis()
    );
    assert_eq!((counts.failed, counts.answered), (0, CROWD as u64), "{counts:?}");
    assert!(
        log.iter().any(|(ended, _)| *ended > rolled),
        "all ended before the roll"
    );
}

/// The driver as it is for one server, with a set of two that is read from its secondary first.
struct ReplicaSet;

impl App for ReplicaSet {
    type Server = MongoSet;
    type Config = MongoUrl;
    type Client = mongodb::Client;
    type Error = mongodb::error::Error;

    const NAME: &'static str = "a replica set of MongoDB's protocol, mongodb";

    fn start() -> MongoSet {
        MongoSet::start()
    }

    fn vars(server: &MongoSet, user: &str, password: &str) -> Vec<(&'static str, String)> {
        vec![("MONGODB_URI", server.url(user, password))]
    }

    fn read(vars: &ConfigVars) -> Result<MongoUrl, Error> {
        MongoDb::read(vars)
    }

    async fn clients(urls: &Live<MongoUrl>) -> Result<Live<mongodb::Client>, Error> {
        MongoDb::clients(urls).await
    }

    async fn request(client: Arc<mongodb::Client>) -> Result<(), mongodb::error::Error> {
        MongoDb::request(client).await
    }

    fn is_auth_error(error: &mongodb::error::Error) -> bool {
        let is_refused = MongoDb::is_auth_error(error);
        REFUSED.fetch_add(u64::from(is_refused), Ordering::SeqCst);
        is_refused
    }
}

/// How often a member of the set refused a password.
static REFUSED: AtomicU64 = AtomicU64::new(0);

/// Half of a replica set refuses: first connections, then the new password, which it learns late.
fn half_refuses() {
    let scene = scene::<ReplicaSet>();
    let [primary, secondary] = &scene.server.members;
    let vars = |number| ReplicaSet::vars(&scene.server, "app", &password(number));
    let folder = Origin::folder(&vars(0));
    let app = InProcess::<ReplicaSet>::start(&folder, &scene.runtime);
    let load = app.load(&scene.runtime, Crate::With, Repeat::WhatWasCut);
    load.wait_for_more(20);
    secondary.stop();
    load.wait_for_more(20);
    primary.roll_and_cut("app", &password(1));
    folder.put(&vars(1));
    load.wait_for_more(20);
    // It comes back with the old password.
    let before = REFUSED.load(Ordering::SeqCst);
    secondary.start_again();
    // For as long as it does, all requests may wait, for it is read from first.
    wait_until("it refuses", || REFUSED.load(Ordering::SeqCst) > before);
    secondary.put_user("app", &password(1));
    load.wait_for_more(20);
    let (counts, _) = load.end(&scene.runtime);
    println!(
        "{}: half of it refuses, {REFUSED:?} times: {counts:?}",
        ReplicaSet::NAME
    );
    assert_eq!(counts.failed, 0, "{counts:?}");
    assert!(counts.answered >= 80);
}

/// The clock of the servers and of the app jumps between rolls: a child process has one of its own.
fn clock_jumps() {
    let clock = tempfile::NamedTempFile::new().expect("a file");
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["child", "clock"])
        .arg(clock.path())
        .env("LD_PRELOAD", program("libfaketimeMT.so.1", "/usr/lib/*/faketime"))
        .env("FAKETIME_TIMESTAMP_FILE", clock.path())
        .env("FAKETIME_NO_CACHE", "1")
        // As in a real machine: the monotonic clock does not jump, and files have the time of the kernel.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("NO_FAKE_STAT", "1")
        .status();
    assert!(status.expect("a process").success());
}

/// In the child.
pub fn run_with_clock(clock: &Path) {
    let set_clock = |days: i64| std::fs::write(clock, format!("{days:+}d\n")).expect("the clock is set");
    set_clock(0);
    let scene = scene::<MysqlAsync>();
    let folder = Origin::folder(&MysqlAsync::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<MysqlAsync>::start(&folder, &scene.runtime);
    let load = app.load(&scene.runtime, Crate::With, Repeat::WhatWasCut);
    for (number, days) in (1..).zip([-2, 400, -400, 0]) {
        let (time, instant) = (SystemTime::now(), Instant::now());
        set_clock(days);
        assert_ne!(
            days_between(time, SystemTime::now()),
            0,
            "the clock has not jumped"
        );
        assert!(instant.elapsed() < Duration::from_secs(60));
        let before = app.clients.generation();
        scene.roll_abruptly(&folder, number);
        wait_until("the app follows", || app.clients.generation() > before);
        load.wait_for_more(20);
    }
    let (counts, _) = load.end(&scene.runtime);
    println!("{}: the clock jumps by days: {counts:?}", MysqlAsync::NAME);
    assert_eq!(counts.failed, 0, "{counts:?}");
    assert!(counts.answered >= 80);
}

fn days_between(one: SystemTime, other: SystemTime) -> u64 {
    let between = other.duration_since(one).unwrap_or_else(|error| error.duration());
    between.as_secs() / 86_400
}
