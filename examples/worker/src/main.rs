//! A worker process: it takes jobs from MongoDB one after the other, and counts them in memcached. Both clients follow their
//! credentials, and a roll loses no job.
//!
//! ```sh
//! cargo run -p example-worker
//! MONGODB_URI='mongodb://user:password@localhost/shop' MEMCACHIER_SERVERS='localhost:11211' \
//!   MEMCACHIER_USERNAME=user MEMCACHIER_PASSWORD=password cargo run -p example-worker
//! ```
//!
//! Without its add-ons it says which ones it lacks. Its config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it
//! exists, and from the process environment.
//!
//! Kubernetes: as for the web process (`examples/web`), and the same Secret may be mounted in both. A worker often lives
//! for days, so that it meets more rolls than a web process. `terminationGracePeriodSeconds` has to be longer than a job.

use config_vars::drivers::{memcache as cache, mongodb as db};
use config_vars::{EnvDir, Error, Every, Live, MemcacheUrl, MongoUrl, ProcessEnv, RetryError, Source};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};

fn source() -> impl Source {
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    EnvDir::optional(folder).or(ProcessEnv)
}

/// The clients of the worker.
struct AddOns {
    db: Live<Client>,
    cache: Live<memcache::Client>,
}

impl AddOns {
    /// To be called on a thread that is none of the runtime's.
    fn new(runtime: &Handle) -> Result<Self, Vec<Error>> {
        let one = |error| vec![error];
        let live = Live::from_vars(source()).map_err(one)?;
        // All that is lacking, and not the first of it.
        let lacking = [
            live.load().only::<MongoUrl>().err(),
            live.load().only::<MemcacheUrl>().err(),
        ];
        let lacking: Vec<_> = lacking.into_iter().flatten().collect();
        if !lacking.is_empty() {
            return Err(lacking);
        }

        // The hand-over is async, for it may ask DNS, and the client has tasks. It is made again on the thread that reloads,
        // which may wait for it.
        let runtime = runtime.clone();
        let db = live.map(|vars| vars.only::<MongoUrl>()).and_then(|urls| {
            urls.map(move |url| {
                let _context = runtime.enter();
                let mut options = runtime.block_on(url.to_mongodb())?;
                options.server_selection_timeout = Some(Duration::from_secs(5));
                Client::with_options(options)
                    .map_err(|_| Error::custom("the driver does not take the options"))
            })
        });
        let cache = live.map(|vars| vars.only::<MemcacheUrl>()).and_then(|urls| {
            urls.map(|url| url.to_memcache_with(|pool| pool.connection_timeout(Duration::from_secs(2))))
        });
        let add_ons = Self {
            db: db.map_err(one)?,
            cache: cache.map_err(one)?,
        };
        let log = live.subscribe(|change| eprintln!("{change:?}"));
        log.detach();
        // Only the folder can change; to read the environment again does no harm.
        live.watch(Every::seconds(10)).map_err(one)?.detach();
        Ok(add_ons)
    }

    /// Takes a job and does it. Whether there was one.
    async fn work(&self) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        let job = self.db.retry_on(db::is_auth_error, |client| async move {
            let database = client
                .default_database()
                .unwrap_or_else(|| client.database("shop"));
            let jobs = database.collection::<Document>("jobs");
            jobs.find_one_and_delete(doc! {}).await
        });
        let Some(job) = job.await? else { return Ok(false) };
        println!("a job: {job}");

        // This driver blocks.
        let cache = self.cache.clone();
        let count = move || {
            cache.retry_on_blocking(cache::is_auth_error, |client| {
                client.add("jobs", "0", 0).ok();
                client.increment("jobs", 1)
            })
        };
        match tokio::task::spawn_blocking(count).await? {
            Ok(count) => println!("{count} jobs so far"),
            // A cache may be down; the work goes on.
            Err(RetryError::Operation(error)) => eprintln!("the cache: {error}"),
            Err(error) => eprintln!("the cache: {error}"),
        }
        Ok(true)
    }
}

fn main() -> ExitCode {
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match AddOns::new(runtime.handle()) {
        Ok(add_ons) => runtime.block_on(run(&add_ons)),
        Err(errors) => {
            errors.iter().for_each(|error| eprintln!("{error}"));
            eprintln!("\nThis app wants a MongoDB database and a memcached server as its add-ons.");
            eprintln!(
                "On Heroku: heroku addons:create memcachier, and a database of ObjectRocket's or Atlas'."
            );
            eprintln!(
                "Here: set MONGODB_URI and MEMCACHIER_SERVERS, as the head of examples/worker/src/main.rs has it."
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

async fn run(add_ons: &AddOns) {
    let mut stop = std::pin::pin!(stop());
    loop {
        let pause = match add_ons.work().await {
            Ok(true) => Duration::ZERO,
            Ok(false) => Duration::from_secs(1),
            Err(error) => {
                eprintln!("{error}");
                Duration::from_secs(5)
            }
        };
        // Between two jobs, and never within one.
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    // The driver's tasks end before the runtime does.
    let client = Client::clone(&add_ons.db.load());
    client.shutdown().await;
}

/// A platform's SIGTERM, or Ctrl-C.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    _ = interrupt.await;
}
