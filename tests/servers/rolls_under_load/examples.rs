//! The examples `web` and `worker` through rolls, as their users start them: child processes with config vars in their
//! environment, or in a mounted folder. `tests/run` builds them before.
//!
//! A platform takes a process from its router, lets it answer what it has, and then sends SIGTERM. So does this.

use crate::load::{AT_ONCE, Counts, Load, Running, wait_until};
use crate::rolls::{Folder, REVOKED, Rolls, password};
use crate::runtime::{AppRuntime, Flavor};
use crate::table::Row;
use config_vars::{ConfigVars, MemcacheUrl, MongoUrl};
use mongodb::bson::{Document, doc};
use servers::{MariaDb, Memcached, Mongo, Server, free_port};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::RwLock;

/// Two users, of which one is current. (Not every server lets a user in by two passwords.)
const USERS: [&str; 2] = ["app-0", "app-1"];
/// The minimum number of requests with the credential of each roll.
const REQUESTS_A_ROLL: u64 = 8;
/// One worker does them one after the other, and several make them.
const BETWEEN_JOBS: Duration = Duration::from_millis(100);

type Vars = Vec<(&'static str, String)>;

pub fn run(rolls: &mut Rolls<'_>) {
    let runtime = AppRuntime::start(Flavor::MultiThread);
    if rolls.wants(WEB) {
        web(rolls, &runtime);
    }
    if rolls.wants(WORKER) {
        worker(rolls, &runtime);
    }
}

const WEB: &str = "examples/web: MariaDB, sqlx";
const WORKER: &str = "examples/worker: MongoDB's protocol, memcached";

/// The columns that are the same for both, whichever way the roll comes.
fn row(service: &'static str, roll: &'static str, rolls: u32, with: Counts) -> Row {
    Row {
        service,
        roll,
        rolls,
        with,
        followed_in: None,
        without: None,
    }
}

fn web(rolls: &mut Rolls<'_>, runtime: &Handle) {
    let server = MariaDb::start();
    let vars = |user: &str, number| vec![("JAWSDB_URL", server.url(user, &password(number)))];
    let roll = |number: u32| {
        let (user, old) = current_and_old(number);
        server.put_user(user, &password(number));
        (vars(user, number), old)
    };

    // Through the environment.
    let (first, _) = roll(0);
    let mut process = Web::start(&first);
    let route = Arc::new(RwLock::new(process.port));
    let load = requests(runtime, &route);
    for number in 1..=rolls.count {
        let (next, old) = roll(number);
        let next = Web::start(&next);
        *route.blocking_write() = next.port;
        load.wait_for_those_under_way();
        std::mem::replace(&mut process, next).process.stop();
        server.put_user(old, REVOKED);
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    let counts = load.end(runtime).0;
    process.process.stop();
    rolls.table.push(row(WEB, "restart", rolls.count, counts));

    // In a mounted folder, while the old credential lives.
    let (first, _) = roll(0);
    let folder = Folder::new(&first);
    let process = Web::start(&in_folder(&folder));
    let route = Arc::new(RwLock::new(process.port));
    let load = requests(runtime, &route);
    let count = rolls.count;
    for number in 1..=count {
        let (next, old) = roll(number);
        folder.swap(&next);
        let generation = format!("generation {},", number + 1);
        wait_until("the web process follows", || {
            process
                .health(runtime)
                .is_some_and(|health| health.contains(&generation))
        });
        load.wait_for_those_under_way();
        server.put_user(old, REVOKED);
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    let counts = load.end(runtime).0;
    rolls.table.push(row(WEB, "overlap", count, counts));

    // Without overlap. The example repeats what was refused, and not what was cut.
    let (first, _) = roll(0);
    folder.swap(&first);
    let generation = format!("generation {},", count + 2);
    wait_until("the web process follows", || {
        process
            .health(runtime)
            .is_some_and(|health| health.contains(&generation))
    });
    let load = requests(runtime, &route);
    for number in 1..=rolls.count {
        server.roll_and_cut(USERS[0], &password(number));
        folder.swap(&vars(USERS[0], number));
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    let (counts, _) = load.end(runtime);
    println!("{WEB}: no overlap, {} rolls: {counts:?}", rolls.count);
    let most = AT_ONCE as u64 * u64::from(rolls.count);
    assert!(
        counts.failed <= most,
        "more than were under way at the cuts: {counts:?}"
    );
    assert!(counts.answered >= REQUESTS_A_ROLL);
    process.process.stop();
}

fn worker(rolls: &mut Rolls<'_>, runtime: &Handle) {
    let (db, cache) = (Mongo::start(), Memcached::start_sasl());
    let roll = |number: u32| {
        let (user, old) = current_and_old(number);
        let password = password(number);
        db.put_user(user, &password);
        cache.put_user(user, &password);
        let vars = vec![
            ("MONGODB_URI", db.url(user, &password)),
            // The example gives up a job's count after two seconds.
            (
                "MEMCACHEDCLOUD_URL",
                cache.url(user, &password) + "?connect_timeout=20",
            ),
        ];
        (vars, old)
    };
    let revoke = |user: &str| {
        db.put_user(user, REVOKED);
        cache.put_user(user, REVOKED);
    };
    // The producer of jobs, which also counts those done, has credentials that do not roll.
    let producer = ("producer", password(0));
    db.put_user(producer.0, &producer.1);
    cache.put_user(producer.0, &producer.1);
    let vars = ConfigVars::from_iter([
        ("MONGODB_URI", db.url(producer.0, &producer.1)),
        ("MEMCACHEDCLOUD_URL", cache.url(producer.0, &producer.1)),
    ]);
    let jobs = runtime.block_on(async {
        let url: MongoUrl = vars.url("MONGODB_URI").expect("a URL");
        let options = url.to_mongodb().await.expect("options");
        let client = mongodb::Client::with_options(options).expect("a client");
        client.database("app").collection::<Document>("jobs")
    });
    let cache_url: MemcacheUrl = vars.url("MEMCACHEDCLOUD_URL").expect("a URL");
    let counter = cache_url.to_memcache().expect("a client");
    let done = || counter.get::<u64>("jobs").expect("a counter").unwrap_or(0);
    let put = || {
        let jobs = jobs.clone();
        Load::start(runtime, move |_| {
            let jobs = jobs.clone();
            async move {
                tokio::time::sleep(BETWEEN_JOBS).await;
                let put = jobs.insert_one(doc! { "do": "something" }).await;
                put.map(drop).map_err(|error| format!("{error:?}"))
            }
        })
    };
    let all_done = |load: Running, before: u64| {
        let put = load.end(runtime).0;
        assert_eq!(put.failed, 0, "jobs that were not made: {put:?}");
        wait_until("the jobs are done", || {
            runtime
                .block_on(async { jobs.count_documents(doc! {}).await })
                .expect("a count")
                == 0
        });
        // The last may have been taken, and not be counted yet.
        let expected = put.answered;
        for _ in 0..3000 {
            if done() - before >= expected {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let answered = done() - before;
        assert!(answered <= expected, "jobs done twice");
        Counts {
            sent: expected,
            answered,
            failed: expected - answered,
            ..put
        }
    };

    let (first, _) = roll(0);
    let mut process = Process::start("worker", &first);
    let load = put();
    wait_until("the worker works", || done() > 0);
    for number in 1..=rolls.count {
        let (next, old) = roll(number);
        let next = Process::start("worker", &next);
        wait_until("the new worker works", || next.has_said("a job:"));
        std::mem::replace(&mut process, next).stop();
        revoke(old);
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    let counts = all_done(load, 0);
    process.stop();
    rolls.table.push(row(WORKER, "restart", rolls.count, counts));

    let before = done();
    let (first, _) = roll(0);
    let folder = Folder::new(&first);
    let process = Process::start("worker", &in_folder(&folder));
    let load = put();
    let count = rolls.count;
    for number in 1..=count {
        let (next, old) = roll(number);
        folder.swap(&next);
        let told = format!("generation {} |", number + 1);
        wait_until("the worker follows", || process.has_said(&told));
        // The job that was under way has the old credential.
        let so_far = done();
        wait_until("the worker goes on", || done() > so_far + 1);
        revoke(old);
        load.wait_for_more(REQUESTS_A_ROLL);
    }
    let counts = all_done(load, before);
    process.stop();
    rolls.table.push(row(WORKER, "overlap", count, counts));
}

fn current_and_old(number: u32) -> (&'static str, &'static str) {
    let which = number as usize % 2;
    (USERS[which], USERS[1 - which])
}

fn in_folder(folder: &Folder) -> Vars {
    vec![("CONFIG_DIR", folder.path().display().to_string())]
}

fn requests(runtime: &Handle, route: &Arc<RwLock<u16>>) -> Running {
    let route = route.clone();
    Load::start(runtime, move |_| ask(route.clone()))
}

/// One request, by way of the router.
async fn ask(route: Arc<RwLock<u16>>) -> Result<(), String> {
    let stream = {
        let port = route.read().await;
        TcpStream::connect(("127.0.0.1", *port)).await
    };
    let answer = async { get(stream?, "/").await }.await;
    match answer {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        Ok(answer) => Err(answer.lines().next().unwrap_or("an empty answer").to_owned()),
        Err(error) => Err(format!("the web process did not answer: {error}")),
    }
}

async fn get(mut stream: TcpStream, path: &str) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

struct Web {
    process: Process,
    port: u16,
}

impl Web {
    fn start(vars: &Vars) -> Self {
        let port = free_port();
        let mut vars = vars.clone();
        vars.push(("PORT", port.to_string()));
        let process = Process::start("web", &vars);
        wait_until("the web process is ready", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self { process, port }
    }

    fn health(&self, runtime: &Handle) -> Option<String> {
        let answer = async { get(TcpStream::connect(("127.0.0.1", self.port)).await?, "/health").await };
        runtime.block_on(answer).ok()
    }
}

/// One of the examples, and what it says on both streams.
struct Process {
    child: Child,
    output: NamedTempFile,
}

impl Process {
    fn start(name: &str, vars: &Vars) -> Self {
        let folder = std::env::current_exe().expect("this program");
        let program = folder
            .ancestors()
            .nth(2)
            .map(|folder| folder.join(format!("example-{name}")));
        let output = NamedTempFile::new().expect("a file");
        let stream = output.reopen().expect("the file");
        let child = Command::new(program.expect("the folder of programs"))
            .env_clear()
            .envs(vars.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(stream.try_clone().expect("the file"))
            .stderr(stream)
            .spawn();
        Self {
            child: child.expect("the examples are built: `tests/run rolls` does so"),
            output,
        }
    }

    fn has_said(&self, text: &str) -> bool {
        said(self.output.path()).contains(text)
    }

    fn stop(mut self) {
        let id = self.child.id().to_string();
        _ = Command::new("kill").args(["-s", "TERM", &id]).status();
        let mut end = None;
        let child = &std::sync::Mutex::new((&mut self.child, &mut end));
        wait_until("the process ends", || {
            let (child, end) = &mut *crate::load::lock(child);
            **end = child.try_wait().ok().flatten();
            end.is_some()
        });
        let said = said(self.output.path());
        assert!(end.is_some_and(|end| end.success()), "{said}");
        assert!(
            !said.contains(servers::HARD_PASSWORD),
            "an example tells the password"
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn said(file: &Path) -> String {
    std::fs::read_to_string(file).expect("what it said")
}
