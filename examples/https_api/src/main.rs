//! A client of a web service whose token is part of its URL: it posts each line of standard input as an exception.
//!
//! ```sh
//! some-program 2>&1 | NEW_RELIC_URL='https://localhost:8443/accounts/[token]' cargo run -p example-https-api
//! ```
//!
//! Config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it exists, and from the process environment. See
//! `examples/web` for Kubernetes.
//!
//! Each request is made from the current URL, so no client must be made again. Errors of reqwest print the URL, whose path is
//! the secret; `without_url` removes it.

use config_vars::drivers::reqwest::is_auth_error;
use config_vars::{EnvDir, HttpUrl, Live, OnChange, ProcessEnv, Source};
use reqwest::{Client, Method};
use std::time::Duration;
use tokio::task::block_in_place;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

async fn post(client: &Client, url: &HttpUrl, message: &str) -> Result<(), BoxError> {
    let request = url.to_reqwest_at(client, Method::POST, "exceptions")?;
    let body = serde_json::json!({ "message": message }).to_string();
    let answer = request
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await;
    // reqwest returns a refusal as an answer.
    answer
        .and_then(|answer| answer.error_for_status())
        .map_err(reqwest::Error::without_url)?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    // The app chooses the TLS of reqwest, here rustls with ring.
    _ = rustls::crypto::ring::default_provider().install_default();
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    let source = EnvDir::optional(folder).or(ProcessEnv);
    let live: Live<HttpUrl> = Live::from_fn(source, |vars| vars.url("NEW_RELIC_URL")).inspect_err(|_| {
        eprintln!("This app wants a web service as its add-on. On Heroku: heroku addons:create newrelic");
    })?;
    live.watch(OnChange::new())?.detach();
    live.subscribe(|change| eprintln!("{change}")).detach();

    let client = &Client::builder().timeout(Duration::from_secs(10)).build()?;
    let mut lines = std::io::stdin().lines();
    while let Some(message) = block_in_place(|| lines.next()) {
        let message = &message?;
        let posted = live.retry_on(
            |error: &BoxError| error.downcast_ref().is_some_and(is_auth_error),
            |url| async move { post(client, &url, message).await },
        );
        match posted.await {
            Ok(()) => println!("posted"),
            Err(error) => eprintln!("not posted: {error}; {}", live.status()),
        }
    }
    Ok(())
}
