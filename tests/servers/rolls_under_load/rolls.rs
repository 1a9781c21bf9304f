//! The kinds of rolls, and the app's way through them.

use crate::apps::{App, Visitor, only_client};
use crate::load::{Counts, Load, Running, wait_until};
use crate::restart::{self, Formation};
use crate::runtime::{AppRuntime, Flavor};
use crate::table::{Row, Table};
use config_vars::{
    Aspect, AsyncSource, ConfigVars, EnvDir, Error, Every, Feed, Live, OnChange, RedisUrl, RetryError,
    StaleKind, Watch,
};
use servers::{HARD_PASSWORD, Redis, Server};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// From one roll to the next.
const BETWEEN: Duration = Duration::from_millis(100);
/// The minimum number of requests with the credential of each roll, of those that are sent to a server that answers.
const REQUESTS_A_ROLL: u64 = 8;
/// For how long the app repeats what a closed connection broke, and how long it waits between.
/// It is longer than a server takes to move; without the crate the new port is never known, however long.
const REPEAT_FOR: Duration = Duration::from_secs(60);
const REPEAT_FOR_WITHOUT: Duration = Duration::from_secs(5);
const REPEAT_AFTER: Duration = Duration::from_millis(10);

pub struct Rolls<'r> {
    pub count: u32,
    /// Of services; all of them, if there are none.
    pub names: Vec<&'r str>,
    pub table: Table,
}

impl Rolls<'_> {
    pub fn wants(&self, service: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| service.contains(name))
    }
}

impl Visitor for Rolls<'_> {
    fn visit<A: App>(&mut self) {
        if !self.wants(A::NAME) {
            return;
        }
        let scene = Scene::<A>::start();
        let mut push = |service, roll, rolls, (with, followed_in), without: Option<Counts>| {
            self.table.push(Row {
                service,
                roll,
                rolls,
                with,
                followed_in,
                without,
            });
        };
        push(
            A::NAME,
            "restart",
            self.count,
            (scene.restarts(self.count), None),
            None,
        );
        let without = |outcome: (Counts, _)| Some(outcome.0);
        push(
            A::NAME,
            "overlap",
            self.count,
            scene.overlapping(self.count, With),
            without(scene.overlapping(self.count, Without)),
        );
        push(
            A::NAME,
            "no overlap",
            self.count,
            scene.abrupt(self.count, With),
            without(scene.abrupt(self.count, Without)),
        );
        push(
            A::NAME,
            "plan change",
            1,
            scene.plan_change(With),
            without(scene.plan_change(Without)),
        );
        for variant in A::VARIANTS {
            let scene = Scene::<A> {
                server: scene.server.clone(),
                runtime: AppRuntime::start(variant.flavor),
                delivery: variant.delivery,
            };
            let overlapping = scene.overlapping(self.count, With);
            push(variant.name, "overlap", self.count, overlapping, None);
            let abrupt = scene.abrupt(self.count, With);
            push(variant.name, "no overlap", self.count, abrupt, None);
        }
        scene.removal();
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Crate {
    With,
    Without,
}
use Crate::{With, Without};

/// One more setup of an app.
pub struct Variant {
    pub name: &'static str,
    pub delivery: Delivery,
    pub flavor: Flavor,
}

/// How config vars reach the app.
#[derive(Clone, Copy)]
pub enum Delivery {
    /// In a mounted folder, which is watched.
    Folder,
    /// In a secret store, which an async client polls.
    Store,
    /// By a client that is told of changes, and of refused credentials.
    Feed,
}

/// The server and the runtime of one service.
pub struct Scene<A: App> {
    pub server: Arc<A::Server>,
    pub runtime: AppRuntime,
    pub delivery: Delivery,
}

/// The longest it took to follow is of interest only with the crate.
type Outcome = (Counts, Option<Duration>);

/// A password that is hard to carry, another each time.
pub fn password(number: u32) -> String {
    format!("{HARD_PASSWORD}{number}")
}

/// A credential that no client was ever given.
pub const REVOKED: &str = "nobody knows that it is this";

impl<A: App> Scene<A> {
    pub fn start() -> Self {
        Self {
            server: Arc::new(A::start()),
            runtime: AppRuntime::start(Flavor::MultiThread),
            delivery: Delivery::Folder,
        }
    }

    fn restarts(&self, count: u32) -> Counts {
        let users = ["app-0", "app-1"];
        self.server.put_user(users[0], &password(0));
        let mut formation = Formation::start::<A>(&A::vars(&self.server, users[0], &password(0)));
        let route = formation.route.clone();
        let load = Load::start(&self.runtime, move |_| restart::ask(route.clone()));
        for number in 1..=count {
            let (user, old) = (users[number as usize % 2], users[(number as usize + 1) % 2]);
            self.server.put_user(user, &password(number));
            formation.restart::<A>(&A::vars(&self.server, user, &password(number)));
            self.server.put_user(old, REVOKED);
            load.wait_for_more(REQUESTS_A_ROLL);
        }
        let (mut counts, _) = load.end(&self.runtime);
        counts += formation.stop();
        counts
    }

    fn overlapping(&self, count: u32, which: Crate) -> Outcome {
        let users = ["app-0", "app-1"];
        self.server.put_user(users[0], &password(0));
        let origin = Origin::new(self.delivery, &A::vars(&self.server, users[0], &password(0)));
        let app = InProcess::<A>::start(&origin, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::Never);
        let mut longest = Duration::ZERO;
        for number in 1..=count {
            let (user, old) = (users[number as usize % 2], users[(number as usize + 1) % 2]);
            self.server.put_user(user, &password(number));
            let before = app.clients.generation();
            origin.put(&A::vars(&self.server, user, &password(number)));
            let took = wait_until("the app follows", || app.clients.generation() > before);
            longest = longest.max(took);
            if which == With {
                load.wait_for_those_under_way();
            }
            self.server.put_user(old, REVOKED);
            go_on(&load, which);
        }
        if which == Without {
            load.wait_for_failure();
        }
        let (counts, _) = load.end(&self.runtime);
        (counts, (which == With).then_some(longest))
    }

    fn abrupt(&self, count: u32, which: Crate) -> Outcome {
        self.server.put_user("app", &password(0));
        let origin = Origin::new(self.delivery, &A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::start(&origin, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::WhatWasCut);
        let mut longest = Duration::ZERO;
        for number in 1..=count {
            let before = app.clients.generation();
            self.roll_abruptly(&origin, number);
            let took = wait_until("the app follows", || app.clients.generation() > before);
            longest = longest.max(took);
            go_on(&load, which);
        }
        if which == Without {
            load.wait_for_failure();
        }
        let (counts, _) = load.end(&self.runtime);
        (counts, (which == With).then_some(longest))
    }

    /// The server first; the app hears of it after that.
    pub fn roll_abruptly(&self, origin: &Origin, number: u32) {
        self.server.roll_and_cut("app", &password(number));
        origin.put(&A::vars(&self.server, "app", &password(number)));
    }

    fn plan_change(&self, which: Crate) -> Outcome {
        self.server.put_user("app", &password(0));
        let origin = Origin::new(self.delivery, &A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::start(&origin, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::WhatWasCut);
        load.wait_for_more(REQUESTS_A_ROLL);
        let before = app.clients.generation();
        let old_port = self.server.port();
        self.server.move_to_another_port();
        // Not the number of repeats: a pool that dials until it succeeds needs none.
        assert_ne!(self.server.port(), old_port);
        origin.put(&A::vars(&self.server, "app", &password(0)));
        let took = wait_until("the app follows", || app.clients.generation() > before);
        match which {
            With => load.wait_for_more(4 * REQUESTS_A_ROLL),
            Without => load.wait_for_failure(),
        }
        let (counts, _) = load.end(&self.runtime);
        (counts, (which == With).then_some(took))
    }

    /// The add-on is removed: the app is told, and what it has left serves until the server is gone.
    fn removal(&self) {
        self.server.put_user("app", &password(0));
        let origin = Origin::new(self.delivery, &A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::start(&origin, &self.runtime);
        let removed = Arc::new(Mutex::new(0));
        let _subscription = app.vars.subscribe({
            let removed = removed.clone();
            move |change| {
                let count = change
                    .attachments()
                    .filter(|attachment| attachment.has(Aspect::Removed))
                    .count();
                *crate::load::lock(&removed) += count;
            }
        });
        origin.put(&[]);
        wait_until("the removal is told", || *crate::load::lock(&removed) > 0);
        let status = app.clients.status();
        assert!(
            status.stale().any(|stale| stale.kind() == StaleKind::Derived),
            "{status}"
        );
        let client = app.clients.load_full();
        let answer = self.runtime.block_on(A::request(client.clone()));
        answer.expect("the server is still there");
        self.server.stop();
        let answer = self
            .runtime
            .block_on(async { tokio::time::timeout(REPEAT_FOR, A::request(client)).await });
        let error = answer.expect("in time").expect_err("nobody is there");
        let text = format!("{error:?} {status} {:?}", app.clients);
        assert!(!text.contains(HARD_PASSWORD), "{} tells the password", A::NAME);
        assert!(!A::is_auth_error(&error), "{error:?}");
    }
}

/// Until the next roll.
fn go_on(load: &Running, which: Crate) {
    let next = Instant::now() + BETWEEN;
    // Without the crate nothing is waited for: some drivers take seconds to fail.
    if which == With {
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    std::thread::sleep(next.saturating_duration_since(Instant::now()));
}

/// The app, in this process.
pub struct InProcess<A: App> {
    vars: Live<ConfigVars>,
    pub clients: Live<A::Client>,
    _watch: Watch,
    /// The client of an app without the crate.
    only: Arc<A::Client>,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Repeat {
    Never,
    WhatWasCut,
}

impl<A: App> InProcess<A> {
    pub fn start(origin: &Origin, runtime: &AppRuntime) -> Self {
        let address = origin.address();
        runtime.run(Self::in_task(address)).expect("the app starts")
    }

    /// The start of the app, on a thread of its runtime.
    async fn in_task(address: Address) -> Result<Self, Error> {
        let (vars, watch) = address.follow().await?;
        let configs = vars.map(|vars| Ok(A::read(vars)?))?;
        let clients = A::clients(&configs).await?;
        Ok(Self {
            // As long as what was cut is repeated.
            clients: clients.with_retry_timeout(REPEAT_FOR),
            only: only_client::<A>(vars.vars()).await?,
            vars,
            _watch: watch,
        })
    }

    pub fn load(&self, runtime: &Handle, which: Crate, repeat: Repeat) -> Running {
        let (clients, only) = (self.clients.clone(), self.only.clone());
        Load::start(runtime, move |load| {
            answer::<A>(
                clients.clone(),
                (which == Without).then(|| only.clone()),
                repeat,
                load,
            )
        })
    }

    /// Sends this number of requests at once.
    pub fn once(&self, runtime: &Handle, count: usize) -> Running {
        let clients = self.clients.clone();
        Load::once(runtime, count, move |load| {
            answer::<A>(clients.clone(), None, Repeat::WhatWasCut, load)
        })
    }
}

/// One request of the app, through whatever it takes.
async fn answer<A: App>(
    clients: Live<A::Client>,
    only: Option<Arc<A::Client>>,
    repeat: Repeat,
    load: Arc<Load>,
) -> Result<(), String> {
    let repeat_for = match only {
        Some(_) => REPEAT_FOR_WITHOUT,
        None => REPEAT_FOR,
    };
    let deadline = Instant::now() + repeat_for;
    let mut is_first = true;
    loop {
        let outcome = match (&only, repeat) {
            (Some(only), _) => A::request(only.clone()).await,
            (None, Repeat::Never) => A::request(clients.load_full()).await,
            (None, Repeat::WhatWasCut) => match clients.retry_on(A::is_auth_error, A::request).await {
                Err(RetryError::Operation(error)) => Err(error),
                Ok(()) => Ok(()),
                Err(error) => return Err(format!("{error:?}")),
            },
        };
        let Err(error) = outcome else { return Ok(()) };
        let is_cut = repeat == Repeat::WhatWasCut && !A::is_auth_error(&error);
        if !is_cut || Instant::now() > deadline {
            return Err(format!("{error:?}"));
        }
        if std::mem::take(&mut is_first) {
            load.repeats();
        }
        tokio::time::sleep(REPEAT_AFTER).await;
    }
}

/// The place where an app's config vars are.
pub enum Origin {
    Folder(Folder),
    Store(Redis),
    Feed(watch::Sender<Vars>),
}

/// The settings that the app needs to read its config vars.
enum Address {
    Folder(PathBuf),
    Store(Box<RedisUrl>),
    Feed(watch::Receiver<Vars>),
}

type Vars = Vec<(String, String)>;

/// The user of the store, and the name under which it has the config vars.
const STORE_USER: &str = "shop";

impl Origin {
    fn new(delivery: Delivery, vars: &[(&'static str, String)]) -> Self {
        match delivery {
            Delivery::Folder => Self::folder(vars),
            Delivery::Store => {
                let store = Redis::start();
                store.put_user(STORE_USER, HARD_PASSWORD);
                let origin = Self::Store(store);
                origin.put(vars);
                origin
            }
            Delivery::Feed => Self::Feed(watch::Sender::new(owned(vars))),
        }
    }

    pub fn folder(vars: &[(&'static str, String)]) -> Self {
        Self::Folder(Folder::new(vars))
    }

    /// Puts the config vars of a roll there, all at once.
    pub fn put(&self, vars: &[(&'static str, String)]) {
        match self {
            Self::Folder(folder) => folder.swap(vars),
            Self::Store(store) => {
                let pairs = vars.iter().flat_map(|(name, value)| [*name, value]);
                let command: Vec<_> = ["HSET", STORE_USER].into_iter().chain(pairs).collect();
                store.run(&command);
            }
            Self::Feed(sender) => drop(sender.send_replace(owned(vars))),
        }
    }

    fn address(&self) -> Address {
        match self {
            Self::Folder(folder) => Address::Folder(folder.path().to_owned()),
            Self::Store(store) => {
                let url = store.url(STORE_USER, HARD_PASSWORD);
                Address::Store(Box::new(url.parse().expect("the store's URL")))
            }
            Self::Feed(sender) => Address::Feed(sender.subscribe()),
        }
    }
}

fn owned(vars: &[(&'static str, String)]) -> Vars {
    vars.iter()
        .map(|(name, value)| (name.to_string(), value.clone()))
        .collect()
}

impl Address {
    async fn follow(self) -> Result<(Live<ConfigVars>, Watch), Error> {
        match self {
            Self::Folder(path) => {
                let vars = Live::from_vars(EnvDir::new(path))?;
                let watch = vars.watch(OnChange::new())?;
                Ok((vars, watch))
            }
            Self::Store(url) => {
                let store = redis::Client::open(url.to_redis()?).expect("a client");
                let source = async move || Ok(ConfigVars::from(fetch(&store).await?));
                let vars = Live::builder(source.into_source()).build_vars_async().await?;
                let watch = vars.watch(Every::new(Duration::from_millis(50)))?;
                Ok((vars, watch))
            }
            Self::Feed(mut latest) => {
                let (feed, source) = Feed::new();
                feed.set(latest.borrow_and_update().clone().into());
                let vars = Live::from_vars(source)?;
                // Only a push is followed in time.
                let watch = vars.watch(Every::seconds(3_600))?;
                tokio::spawn(push(feed, latest));
                Ok((vars, watch))
            }
        }
    }
}

/// Reads the config vars from the store, on a connection of its own.
async fn fetch(store: &redis::Client) -> redis::RedisResult<Vars> {
    let mut conn = store.get_multiplexed_async_connection().await?;
    redis::cmd("HGETALL").arg(STORE_USER).query_async(&mut conn).await
}

/// Pushes each change, and what there is when a refused credential asks for something newer, until the app ends.
async fn push(feed: Feed, mut latest: watch::Receiver<Vars>) {
    loop {
        tokio::select! {
            changed = latest.changed() => if changed.is_err() { return },
            is_wanted = feed.wanted() => if !is_wanted { return },
        }
        feed.set(latest.borrow_and_update().clone().into());
    }
}

/// A folder of config vars that is renewed as Kubernetes renews a mounted secret.
pub struct Folder(TempDir, std::sync::atomic::AtomicU32);

impl Folder {
    pub fn new(vars: &[(&'static str, String)]) -> Self {
        let folder = Self(TempDir::new().expect("a folder"), Default::default());
        folder.swap(vars);
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn swap(&self, vars: &[(&'static str, String)]) {
        let number = self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let path = |name: &str| self.path().join(name);
        let data = format!("..data-{number}");
        std::fs::create_dir(path(&data)).expect("a folder");
        for (name, value) in vars {
            std::fs::write(path(&data).join(name), value).expect("a value");
            if path(name).symlink_metadata().is_err() {
                std::os::unix::fs::symlink(format!("..data/{name}"), path(name)).expect("a link");
            }
        }
        std::os::unix::fs::symlink(&data, path("..data-next")).expect("a link");
        std::fs::rename(path("..data-next"), path("..data")).expect("the swap");
        if let Some(old) = number.checked_sub(1) {
            std::fs::remove_dir_all(path(&format!("..data-{old}"))).expect("the old folder goes");
        }
        for entry in std::fs::read_dir(self.path()).expect("the folder").flatten() {
            if entry.path().metadata().is_err() {
                std::fs::remove_file(entry.path()).expect("a link to nothing goes");
            }
        }
    }
}
