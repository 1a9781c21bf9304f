//! A worker process: it takes jobs from MongoDB one after the other, and counts them in memcached. Both clients follow
//! credential rolls, and a roll loses no job.
//!
//! ```sh
//! MONGODB_URI='mongodb://user:password@localhost/shop' MEMCACHIER_SERVERS='localhost:11211' \
//!   MEMCACHIER_USERNAME=user MEMCACHIER_PASSWORD=password cargo run -p example-worker
//! ```
//!
//! Config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it exists, and from the process environment.
//!
//! On Kubernetes, mount the Secret as for `examples/web`. `terminationGracePeriodSeconds` must be longer than a job.

use config_vars::drivers::{memcache as cache, mongodb as db};
use config_vars::{ConfigVars, EnvDir, Error, Live, MemcacheUrl, MongoUrl, OnChange, ProcessEnv, Source};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use std::time::Duration;

/// The only MongoDB database and the only memcached server, whatever the names of their config vars.
fn urls(vars: &ConfigVars) -> Result<(MongoUrl, MemcacheUrl), Error> {
    match (vars.only(), vars.only()) {
        (Ok(db), Ok(cache)) => Ok((db, cache)),
        // Report both.
        (Err(db), Err(cache)) => Err(db.and(cache)),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    let live = Live::from_fn(EnvDir::optional(folder).or(ProcessEnv), urls).inspect_err(|_| {
        eprintln!("This app wants a MongoDB database and a memcached server as its add-ons.");
    })?;
    live.watch(OnChange::new())?.detach();
    live.subscribe(|change| eprintln!("{change}")).detach();
    // Each client is made again only if its own URL changes.
    let urls = live.select(|(db, _)| db.clone());
    let clients = urls.map_async(async |url: &MongoUrl| {
        let mut options = url.to_mongodb().await?;
        options.server_selection_timeout = Some(Duration::from_secs(5));
        Ok(Client::with_options(options)?)
    });
    let clients = clients.await?;
    let urls = live.select(|(_, cache)| cache.clone());
    let caches =
        urls.map(|url| Ok(url.to_memcache_with(|pool| pool.connection_timeout(Duration::from_secs(2)))?))?;

    let mut stop = std::pin::pin!(stop());
    loop {
        let pause = match work(&clients, &caches).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => Duration::from_secs(1),
            Err(error) => {
                eprintln!("{error}; {}", live.status());
                Duration::from_secs(5)
            }
        };
        // Between two jobs, never during one.
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    // The driver's tasks end before the runtime does.
    Client::clone(&clients.load()).shutdown().await;
    Ok(())
}

/// Takes a job and does it. Returns whether there was one.
async fn work(
    clients: &Live<Client>,
    caches: &Live<memcache::Client>,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let job = clients.retry_on(db::is_auth_error, |client| async move {
        let database = client.default_database();
        let database = database.unwrap_or_else(|| client.database("shop"));
        let jobs = database.collection::<Document>("jobs");
        jobs.find_one_and_delete(doc! {}).await
    });
    let Some(job) = job.await? else { return Ok(false) };
    println!("a job: {job}");
    // This driver blocks.
    let caches = caches.clone();
    let count = tokio::task::spawn_blocking(move || {
        caches.retry_on_blocking(cache::is_auth_error, |client| {
            client.add("jobs", "0", 0).ok();
            client.increment("jobs", 1)
        })
    });
    match count.await? {
        Ok(count) => println!("{count} jobs so far"),
        // A cache may be down; the work goes on.
        Err(error) => eprintln!("the cache: {error}"),
    }
    Ok(true)
}

/// Resolves at SIGTERM, or at Ctrl-C.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        return;
    }
    _ = interrupt.await;
}
