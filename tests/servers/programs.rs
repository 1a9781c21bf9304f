//! The programs for async apps in the documentation, with real clients: at start-up and at each roll, on both kinds of runtime,
//! no request is lost.

use config_vars::drivers::{mongodb as mongo, redis as cache, sqlx as db};
use config_vars::{
    AppError, EnvDir, Error, Every, Feed, Live, MongoUrl, MysqlUrl, OnChange, ProcessEnv, RedisUrl, Source,
};
use servers::{HARD_PASSWORD, MariaDb, Mongo, Redis, Server};
use sqlx::mysql::{MySqlConnectOptions, MySqlPool};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    mongodb_uri: Option<MongoUrl>,
    redis_url: RedisUrl,
}

type Pairs = HashMap<String, String>;

/// Rolls on each runtime.
const ROLLS: u32 = 3;
/// The minimum number of requests of each kind after each roll.
const REQUESTS_A_ROLL: u64 = 5;
/// How long anything may take before the test fails.
const BOUND: Duration = Duration::from_secs(60);

// The functions that the programs call.

fn pool(options: MySqlConnectOptions) -> MySqlPool {
    let settings = sqlx::pool::PoolOptions::new().acquire_timeout(Duration::from_secs(5));
    settings.connect_lazy_with(options)
}

async fn query(pool: Arc<MySqlPool>) -> Result<i64, sqlx::Error> {
    // A connection of its own, because an open one outlives its password.
    let mut conn = pool.acquire().await?;
    let row = sqlx::query_scalar("SELECT 7").fetch_one(&mut *conn).await?;
    _ = conn.close().await;
    Ok(row)
}

async fn client(uri: &Option<MongoUrl>) -> Result<Option<mongodb::Client>, AppError> {
    let Some(uri) = uri else { return Ok(None) };
    let mut options = uri.to_mongodb().await?;
    options.max_idle_time = Some(Duration::from_millis(1));
    options.server_selection_timeout = Some(Duration::from_secs(5));
    Ok(Some(mongodb::Client::with_options(options)?))
}

async fn find(client: Arc<Option<mongodb::Client>>) -> Result<(), mongodb::error::Error> {
    let client = Option::as_ref(&client).expect("the app has a database");
    let things = client
        .database("app")
        .collection::<mongodb::bson::Document>("things");
    things.find_one(mongodb::bson::doc! {}).await.map(drop)
}

async fn ping(client: Arc<redis::Client>) -> Result<(), redis::RedisError> {
    let mut conn = client.get_multiplexed_async_connection().await?;
    redis::cmd("PING").exec_async(&mut conn).await
}

fn is_auth_error(error: &sqlx::Error) -> bool {
    db::is_auth_error(error)
}

/// A secret store with an async client.
struct Vault(OnceLock<redis::Client>);

static VAULT: Vault = Vault(OnceLock::new());

impl Vault {
    async fn read(&self, name: &str) -> redis::RedisResult<Pairs> {
        let client = self.0.get().expect("the store is there");
        let mut conn = client.get_multiplexed_async_connection().await?;
        redis::cmd("HGETALL").arg(name).query_async(&mut conn).await
    }
}

// The programs, as users write them.

#[allow(clippy::redundant_closure)]
async fn live_program(folder: PathBuf, work: &Work) -> Result<(), Error> {
    let live: Live<Config> = Live::new(EnvDir::optional(folder).or(ProcessEnv))?;
    let pools = live
        .select(|config| config.jawsdb_url.clone())
        .map(|url| Ok(pool(url.to_sqlx()?)))?;
    let clients = live
        .select(|config| config.mongodb_uri.clone())
        .map_async(async |uri| client(uri).await)
        .await?;
    let caches = live
        .select(|config| config.redis_url.clone())
        .map(|url| Ok(redis::Client::open(url.to_redis()?)?))?;
    let watch = live.watch(OnChange::new())?;
    live.subscribe(|change| tracing::info!(%change)).detach();
    while work.goes_on() {
        let row = pools.retry_on(is_auth_error, |pool| query(pool)).await?;
        clients.retry_on(mongo::is_auth_error, find).await?;
        caches.retry_on(cache::is_auth_error, ping).await?;
        work.done(row);
    }
    assert!(live.status().is_fresh(), "{}", live.status());
    drop(watch);
    Ok(())
}

async fn pulled_program(_: PathBuf, work: &Work) -> Result<(), Error> {
    let live: Live<Config> = Live::from_async(async || Ok(VAULT.read("shop").await?.into())).await?;
    work.serve(&live, Every::new(Duration::from_millis(100))).await
}

async fn pushed_program(_: PathBuf, work: &Work) -> Result<(), Error> {
    let (feed, source) = Feed::new();
    feed.set(VAULT.read("shop").await.map_err(AppError::from)?.into());
    let live: Live<Config> = Live::new(source)?;
    let agent = tokio::spawn(async move {
        let mut times = 0;
        while feed.wanted().await {
            times += 1;
            match VAULT.read("shop").await {
                Ok(vars) => feed.set(vars.into()),
                Err(error) => feed.fail(error),
            }
        }
        times
    });
    // Only what is pushed arrives in time.
    work.serve(&live, Every::seconds(3_600)).await?;
    drop(live);
    let times = agent.await.expect("no panic");
    assert!(
        times >= ROLLS,
        "a refused credential asked for a new one {times} times"
    );
    Ok(())
}

/// The state that a test shares with its program.
#[derive(Default)]
struct Work {
    requests: AtomicU64,
    is_over: AtomicBool,
}

impl Work {
    fn goes_on(&self) -> bool {
        !self.is_over.load(SeqCst)
    }

    fn done(&self, row: i64) {
        assert_eq!(row, 7);
        self.requests.fetch_add(1, SeqCst);
    }

    async fn serve(&self, live: &Live<Config>, trigger: Every) -> Result<(), Error> {
        let pools = live
            .select(|config| config.jawsdb_url.clone())
            .map(|url| Ok(pool(url.to_sqlx()?)))?;
        let clients = live
            .select(|config| config.mongodb_uri.clone())
            .map_async(client)
            .await?;
        let caches = live
            .select(|config| config.redis_url.clone())
            .map(|url| Ok(redis::Client::open(url.to_redis()?)?))?;
        let watch = live.watch(trigger)?;
        while self.goes_on() {
            let row = pools.retry_on(is_auth_error, query).await?;
            clients.retry_on(mongo::is_auth_error, find).await?;
            caches.retry_on(cache::is_auth_error, ping).await?;
            self.done(row);
        }
        assert!(live.status().is_fresh(), "{}", live.status());
        drop(watch);
        Ok(())
    }

    fn wait_for_more(&self, app: &std::thread::JoinHandle<()>) {
        let (begun, before) = (Instant::now(), self.requests.load(SeqCst));
        while self.requests.load(SeqCst) < before + REQUESTS_A_ROLL {
            assert!(!app.is_finished(), "the program ended");
            assert!(begun.elapsed() < BOUND, "no answer in time");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The databases of the app, and the places where its config vars are: a folder, and the store.
struct Scene {
    maria: MariaDb,
    mongo: Mongo,
    redis: Redis,
    store: Redis,
    folder: tempfile::TempDir,
    rolls: AtomicU32,
}

impl Scene {
    fn start() -> Self {
        let store = Redis::start();
        store.put_user("shop", HARD_PASSWORD);
        let url: RedisUrl = store.url("shop", HARD_PASSWORD).parse().expect("a URL");
        let client = redis::Client::open(url.to_redis().expect("options")).expect("a client");
        VAULT.0.set(client).map_err(drop).expect("there is one store");
        let scene = Self {
            maria: MariaDb::start(),
            mongo: Mongo::start(),
            redis: Redis::start(),
            store,
            folder: tempfile::TempDir::new().expect("a folder"),
            rolls: AtomicU32::new(0),
        };
        scene.roll();
        scene
    }

    /// Every server refuses the old password, and then the new one is written.
    fn roll(&self) {
        let password = format!("{HARD_PASSWORD}{}", self.rolls.fetch_add(1, SeqCst));
        self.maria.roll("app", &password);
        self.mongo.roll("app", &password);
        self.redis.roll("app", &password);
        let vars = [
            ("JAWSDB_URL", self.maria.url("app", &password)),
            ("MONGODB_URI", self.mongo.url("app", &password)),
            ("REDIS_URL", self.redis.url("app", &password)),
        ];
        let pairs = vars.iter().flat_map(|(name, value)| [*name, value]);
        self.store
            .run(&["HSET", "shop"].into_iter().chain(pairs).collect::<Vec<_>>());
        for (name, value) in &vars {
            std::fs::write(self.folder.path().join("new"), value).expect("a file");
            std::fs::rename(self.folder.path().join("new"), self.folder.path().join(name)).expect("a file");
        }
    }

    fn run(
        &self,
        name: &str,
        runtime: Runtime,
        program: impl AsyncFn(PathBuf, &Work) -> Result<(), Error> + Send + 'static,
    ) {
        let work = Arc::new(Work::default());
        let app = std::thread::spawn({
            let (work, folder) = (work.clone(), self.folder.path().to_owned());
            move || {
                let outcome = runtime.block_on(program(folder, &work));
                outcome.expect("no request is lost");
                // Tasks of mongodb's may panic at the runtime's end.
                runtime.shutdown_background();
            }
        });
        work.wait_for_more(&app);
        for _ in 0..ROLLS {
            self.roll();
            work.wait_for_more(&app);
        }
        work.is_over.store(true, SeqCst);
        app.join().expect("the program ends well");
        println!("{name}: {ROLLS} rolls, {:?} rounds of requests", work.requests);
    }
}

#[test]
fn programs_lose_no_request_at_any_roll() {
    let scene = Scene::start();
    for (kind, mut builder) in [
        ("many threads", Builder::new_multi_thread()),
        ("one thread", Builder::new_current_thread()),
    ] {
        let mut runtime = || builder.enable_all().build().expect("a runtime");
        scene.run(&format!("folder, {kind}"), runtime(), live_program);
        scene.run(&format!("pulled, {kind}"), runtime(), pulled_program);
        scene.run(&format!("pushed, {kind}"), runtime(), pushed_program);
    }
}
