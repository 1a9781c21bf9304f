//! A client of a web service whose token stands in its URL: it posts one exception, as an app does that has crashed.
//!
//! ```sh
//! cargo run -p example-https-api
//! NEW_RELIC_URL='https://localhost:8443/accounts/[token]' cargo run -p example-https-api
//! ```
//!
//! Without the add-on it says so. Its config vars come from the folder `/run/config` (or `$CONFIG_DIR`), if it exists, and
//! from the process environment.
//!
//! The credentials go with each request, and so no client has to be made again: the request that follows a roll is made of the
//! new URL. Errors of reqwest print the URL, whose path is the secret here; `without_url` takes it out.
//!
//! Kubernetes: as for `examples/web`. A Job or CronJob reads its Secret when it starts, and needs no watch at all; one that
//! runs for hours has `retry_on`, which reads the folder again when the token is refused.

use config_vars::drivers::reqwest::is_auth_error;
use config_vars::{EnvDir, HttpUrl, Live, ProcessEnv, Source};
use reqwest::{Client, Method};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

fn source() -> impl Source {
    let folder = std::env::var_os("CONFIG_DIR").unwrap_or("/run/config".into());
    EnvDir::optional(folder).or(ProcessEnv)
}

/// A service, and what to reach it with.
struct Service {
    client: Client,
    url: HttpUrl,
}

async fn post_exception(service: Arc<Service>, message: &str) -> Result<(), reqwest::Error> {
    let body = serde_json::json!({ "message": message }).to_string();
    let request = service
        .url
        .to_reqwest_at(&service.client, Method::POST, "exceptions");
    let Ok(request) = request else {
        unreachable!("it was made of the same URL at the start");
    };
    let answer = request
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await;
    // A refusal is no error of the driver's until it is asked for.
    answer
        .and_then(reqwest::Response::error_for_status)
        .map(drop)
        .map_err(reqwest::Error::without_url)
}

fn services() -> Result<Live<Service>, Box<dyn std::error::Error>> {
    let client = Client::builder().timeout(Duration::from_secs(10)).build()?;
    let live: Live<HttpUrl> = Live::from_fn(source(), |vars| vars.url("NEW_RELIC_URL"))?;
    let services = live.map(move |url| {
        // A URL that the driver would not take is found here, and then the one before stays in use.
        drop(url.to_reqwest(&client, Method::POST)?);
        Ok(Service {
            client: client.clone(),
            url: url.clone(),
        })
    });
    Ok(services?)
}

#[tokio::main]
async fn main() -> ExitCode {
    // This crate turns on no TLS of reqwest's. The app chooses it; here by reqwest's feature `rustls-no-provider` and this line.
    _ = rustls::crypto::ring::default_provider().install_default();
    let services = match services() {
        Ok(services) => services,
        Err(error) => {
            eprintln!("{error}");
            eprintln!(
                "\nThis app wants a web service as its add-on. On Heroku: heroku addons:create newrelic"
            );
            eprintln!(
                "Here: NEW_RELIC_URL='https://localhost:8443/accounts/[token]' cargo run -p example-https-api"
            );
            return ExitCode::FAILURE;
        }
    };
    let posted = services.retry_on(is_auth_error, |service| {
        post_exception(service, "the printer is on fire")
    });
    match posted.await {
        Ok(()) => println!("posted"),
        Err(error) => {
            eprintln!("not posted: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
