//! The kinds of rolls, and the app's way through them.

use crate::apps::{App, Visitor};
use crate::load::{Counts, Load, Running, wait_until};
use crate::restart::{self, Formation};
use crate::table::{Row, Table};
use config_vars::{Aspect, ConfigVars, EnvDir, Live, OnChange, RetryError, StaleKind, Watch};
use servers::{HARD_PASSWORD, Server};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

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
        let runtime = Runtime::new().expect("a runtime");
        let scene = Scene::<A> {
            server: A::start(),
            runtime,
        };
        let mut push = |roll, rolls, (with, followed_in), without: Option<Counts>| {
            self.table.push(Row {
                service: A::NAME,
                roll,
                rolls,
                with,
                followed_in,
                without,
            });
        };
        push("restart", self.count, (scene.restarts(self.count), None), None);
        let without = |outcome: (Counts, _)| Some(outcome.0);
        push(
            "overlap",
            self.count,
            scene.overlapping(self.count, With),
            without(scene.overlapping(self.count, Without)),
        );
        push(
            "no overlap",
            self.count,
            scene.abrupt(self.count, With),
            without(scene.abrupt(self.count, Without)),
        );
        push(
            "plan change",
            1,
            scene.plan_change(With),
            without(scene.plan_change(Without)),
        );
        scene.removal();
    }
}

#[derive(Clone, Copy, PartialEq)]
pub enum Crate {
    With,
    Without,
}
use Crate::{With, Without};

/// The server and the runtime of one service.
pub struct Scene<A: App> {
    pub server: A::Server,
    pub runtime: Runtime,
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
        let folder = Folder::new(&A::vars(&self.server, users[0], &password(0)));
        let app = InProcess::<A>::new(&folder, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::Never);
        let mut longest = Duration::ZERO;
        for number in 1..=count {
            let (user, old) = (users[number as usize % 2], users[(number as usize + 1) % 2]);
            self.server.put_user(user, &password(number));
            let before = app.clients.generation();
            folder.swap(&A::vars(&self.server, user, &password(number)));
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
        let folder = Folder::new(&A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::new(&folder, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::WhatWasCut);
        let mut longest = Duration::ZERO;
        for number in 1..=count {
            let before = app.clients.generation();
            self.roll_abruptly(&folder, number);
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
    pub fn roll_abruptly(&self, folder: &Folder, number: u32) {
        self.server.roll_and_cut("app", &password(number));
        folder.swap(&A::vars(&self.server, "app", &password(number)));
    }

    fn plan_change(&self, which: Crate) -> Outcome {
        self.server.put_user("app", &password(0));
        let folder = Folder::new(&A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::new(&folder, &self.runtime);
        let load = app.load(&self.runtime, which, Repeat::WhatWasCut);
        load.wait_for_more(REQUESTS_A_ROLL);
        let before = app.clients.generation();
        self.server.move_to_another_port();
        folder.swap(&A::vars(&self.server, "app", &password(0)));
        let took = wait_until("the app follows", || app.clients.generation() > before);
        match which {
            With => load.wait_for_more(4 * REQUESTS_A_ROLL),
            Without => load.wait_for_failure(),
        }
        let (counts, _) = load.end(&self.runtime);
        assert!(
            which == Without || counts.repeated > 0,
            "the old port still answers: {counts:?}"
        );
        (counts, (which == With).then_some(took))
    }

    /// The add-on is removed: the app is told, and what it has left serves until the server is gone.
    fn removal(&self) {
        self.server.put_user("app", &password(0));
        let folder = Folder::new(&A::vars(&self.server, "app", &password(0)));
        let app = InProcess::<A>::new(&folder, &self.runtime);
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
        folder.swap(&[]);
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

/// The app, in this process, and the folder that is mounted for it.
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
    pub fn new(folder: &Folder, runtime: &Runtime) -> Self {
        let vars = Live::from_vars(EnvDir::new(folder.path())).expect("the folder");
        let _context = runtime.enter();
        let make = A::maker();
        let clients = vars
            .map(|vars| Ok(A::read(vars)?))
            .and_then(|configs| configs.map(move |config| Ok(make(config)?)))
            .expect("a client")
            // As long as what was cut is repeated.
            .with_retry_timeout(REPEAT_FOR);
        let watch = vars.watch(OnChange::new()).expect("a watch");
        let only = A::read(&vars.load()).and_then(|config| A::maker()(&config));
        Self {
            vars,
            clients,
            _watch: watch,
            only: Arc::new(only.expect("a client")),
        }
    }

    pub fn load(&self, runtime: &Runtime, which: Crate, repeat: Repeat) -> Running {
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
    pub fn once(&self, runtime: &Runtime, count: usize) -> Running {
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
