//! What goes wrong beside the roll. Nothing hangs, no request is lost that may be repeated, and no error tells a secret.

use crate::api::Api;
use crate::apps::{App, MongoDb, MysqlAsync, RedisApp, Visitor, visit_all};
use crate::load::wait_until;
use crate::rolls::{Crate, Folder, InProcess, Repeat, Scene, password};
use crate::servers::{Authority, HARD_PASSWORD, Server};
use config_vars::RetryError;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub fn run() {
    visit_all(&mut Faults);
    crowd::<MysqlAsync>();
    crowd::<RedisApp>();
    crowd::<MongoDb>();
}

struct Faults;

impl Visitor for Faults {
    fn visit<A: App>(&mut self) {
        let scene = scene::<A>();
        down_at_the_roll(&scene);
        if let Some(service) = (&scene.server as &dyn std::any::Any).downcast_ref::<Api>() {
            another_certificate(&scene, service);
        }
    }
}

fn scene<A: App>() -> Scene<A> {
    let scene = Scene::<A> {
        server: A::start(),
        runtime: Runtime::new().expect("a runtime"),
    };
    scene.server.put_user("app", &password(0));
    scene
}

/// The password is rolled and the server goes down; the app hears of the roll meanwhile; the server comes back.
fn down_at_the_roll<A: App>(scene: &Scene<A>) {
    let folder = Folder::new(&A::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<A>::new(&folder, &scene.runtime);
    let load = app.load(&scene.runtime, Crate::With, Repeat::WhatWasCut);
    load.wait_for_more(4);
    scene.server.roll("app", &password(1));
    scene.server.stop();
    folder.swap(&A::vars(&scene.server, "app", &password(1)));
    wait_until("the app follows", || app.clients.generation() > 1);
    assert!(app.clients.status().is_fresh(), "{}", app.clients.status());
    scene.server.start_again();
    load.wait_for_more(20);
    let (counts, _, failure) = load.end(&scene.runtime);
    println!("{}: down at the roll: {counts:?}", A::NAME);
    assert_eq!(counts.failed, 0, "{failure:?}");
    assert!(counts.answered > 4);
}

/// The service comes back with a certificate of an authority that the app does not know.
fn another_certificate<A: App>(scene: &Scene<A>, service: &Api) {
    let user = "app";
    scene.server.put_user(user, &password(2));
    let folder = Folder::new(&A::vars(&scene.server, user, &password(2)));
    let app = InProcess::<A>::new(&folder, &scene.runtime);
    let ask = || {
        let bound = Duration::from_secs(10);
        let answer = app.clients.retry_on(A::is_auth_error, A::request);
        scene
            .runtime
            .block_on(async { tokio::time::timeout(bound, answer).await })
            .expect("in time")
    };
    ask().expect("an answer");
    let stranger = Authority::new();
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
    let folder = Folder::new(&A::vars(&scene.server, "app", &password(0)));
    let app = InProcess::<A>::new(&folder, &scene.runtime);
    let began = Instant::now();
    let load = app.once(&scene.runtime, CROWD);
    scene.roll_abruptly(&folder, 1);
    let (counts, _, failure) = load.end(&scene.runtime);
    println!(
        "{}: {CROWD} at once: {counts:?}, in {} ms",
        A::NAME,
        began.elapsed().as_millis()
    );
    assert_eq!((counts.failed, counts.answered), (0, CROWD as u64), "{failure:?}");
}
