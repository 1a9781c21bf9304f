//! A web process: axum, and MySQL by sqlx. Its pool follows the credential; a roll loses no request but those under
//! way where the provider cuts connections.
//!
//! ```sh
//! cargo run -p example-web
//! JAWSDB_URL='mysql://user:password@localhost/shop' cargo run -p example-web
//! curl localhost:8080
//! ```
//!
//! Without a database it says which add-on it lacks. Its config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it
//! exists, and from the process environment.
//!
//! Kubernetes: mount the Secret as a folder. (What `envFrom` puts into the
//! environment stays as it was when the process started, and a mount by `subPath` is never renewed.) A changed Secret arrives
//! in the folder within about a minute; let the old password live for longer than that, and `retry_on` has nothing to do.
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

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use config_vars::drivers::sqlx::is_auth_error;
use config_vars::{ConfigVars, EnvDir, Error, Every, Live, MysqlUrl, ProcessEnv, Source};
use sqlx::MySqlPool;
use sqlx::mysql::MySqlPoolOptions;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;

fn source() -> impl Source {
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    EnvDir::optional(folder).or(ProcessEnv)
}

/// The one MySQL database, whatever its config var is called, and a pool for it, that is made again when it rolls.
fn pools() -> Result<Live<MySqlPool>, Error> {
    let live: Live<MysqlUrl> = Live::from_fn(source(), ConfigVars::only)?;
    live.map(|db| {
        let options = MySqlPoolOptions::new()
            .acquire_timeout(Duration::from_secs(10))
            // An open connection outlives its password.
            .max_lifetime(Duration::from_secs(15 * 60));
        Ok(options.connect_lazy_with(db.to_sqlx()?))
    })
}

async fn home(State(pools): State<Live<MySqlPool>>) -> Result<String, (StatusCode, String)> {
    let version = pools.retry_on(is_auth_error, |pool| async move {
        sqlx::query_scalar::<_, String>("SELECT VERSION()")
            .fetch_one(&*pool)
            .await
    });
    match version.await {
        Ok(version) => Ok(format!("The database is of version {version}.\n")),
        Err(error) => {
            eprintln!("/: {error}");
            Err((StatusCode::SERVICE_UNAVAILABLE, "Not now.\n".to_owned()))
        }
    }
}

/// Names, times and causes, and no secret.
async fn health(State(pools): State<Live<MySqlPool>>) -> String {
    format!("{}\n", pools.status())
}

#[tokio::main]
async fn main() -> ExitCode {
    let pools = match pools() {
        Ok(pools) => pools,
        Err(error) => {
            eprintln!("{error}");
            eprintln!(
                "\nThis app wants a MySQL database as its add-on. On Heroku: heroku addons:create jawsdb"
            );
            eprintln!("Here: JAWSDB_URL='mysql://user:password@localhost/shop' cargo run -p example-web");
            return ExitCode::FAILURE;
        }
    };
    let _log = pools.subscribe(|change| eprintln!("{change:?}"));
    // Only the folder can change; to read the environment again does no harm.
    let _watch = pools.watch(Every::seconds(10));

    let app = Router::new()
        .route("/", get(home))
        .route("/health", get(health))
        .with_state(pools);
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let served = async {
        let listener = TcpListener::bind(format!("0.0.0.0:{port}")).await?;
        eprintln!("listening on port {port}");
        axum::serve(listener, app).with_graceful_shutdown(stop()).await
    };
    match served.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A platform's SIGTERM, or Ctrl-C. Requests that are under way end.
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
