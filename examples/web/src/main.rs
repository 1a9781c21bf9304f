//! A web process: axum, and MySQL by sqlx. Its pool follows credential rolls. A roll loses no request, except those in
//! progress if the provider closes connections.
//!
//! ```sh
//! JAWSDB_URL='mysql://user:password@localhost/shop' cargo run -p example-web
//! curl localhost:8080/health
//! ```
//!
//! Config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it exists, and from the process environment.
//!
//! On Kubernetes, mount the Secret as that folder (not by `subPath`, which is never updated). A changed Secret arrives within
//! about a minute.
//!
//! ```yaml
//! spec:
//!   containers:
//!     - name: web
//!       volumeMounts: [{ name: config, mountPath: /run/config, readOnly: true }]
//!       readinessProbe: { httpGet: { path: /health, port: 8080 } }
//!   volumes:
//!     - name: config
//!       secret: { secretName: shop-config }   # kubectl create secret generic shop-config --from-literal=JAWSDB_URL=…
//! ```

use axum::{Router, extract::State, http::StatusCode, routing::get};
use config_vars::drivers::sqlx::is_auth_error;
use config_vars::{ConfigVars, EnvDir, Error, Live, MysqlUrl, OnChange, ProcessEnv, Source};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use std::time::Duration;

/// The pool of the only MySQL database, whatever the name of its config var. It is made again when that config var changes.
fn pools() -> Result<Live<MySqlPool>, Error> {
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    let source = EnvDir::optional(folder).or(ProcessEnv);
    let live = Live::from_fn(source, ConfigVars::only::<MysqlUrl>)?;
    live.watch(OnChange::new())?.detach();
    live.subscribe(|change| eprintln!("{change}")).detach();
    live.map(|db| {
        let options = MySqlPoolOptions::new()
            .acquire_timeout(Duration::from_secs(10))
            .max_lifetime(Duration::from_secs(15 * 60)); // an open connection outlives its password
        Ok(options.connect_lazy_with(db.to_sqlx()?))
    })
}

async fn home(State(pools): State<Live<MySqlPool>>) -> Result<String, StatusCode> {
    let version = pools.retry_on(is_auth_error, |pool| async move {
        let query = sqlx::query_scalar("SELECT VERSION()");
        query.fetch_one(&*pool).await
    });
    let version: String = version.await.map_err(|error| {
        eprintln!("/: {error}");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    Ok(format!("The database is of version {version}.\n"))
}

/// Names, times and causes, and no secret.
async fn health(State(pools): State<Live<MySqlPool>>) -> String {
    format!("{:#}\n", pools.status())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pools = pools().inspect_err(|_| {
        eprintln!("This app wants a MySQL database as its add-on. On Heroku: heroku addons:create jawsdb");
    })?;
    let app = Router::new()
        .route("/", get(home))
        .route("/health", get(health))
        .with_state(pools);
    let port: Option<u16> = ConfigVars::from_env().parse("PORT")?;
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", port.unwrap_or(8080))).await?;
    eprintln!("listening on {}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(stop()).await?;
    Ok(())
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
