//! A Rocket app on Heroku: Rocket's own configuration from `PORT` and the like, and the add-ons from their config vars.
//!
//! ```sh
//! cargo run -p example-figment
//! PORT=9000 MONGODB_URI='mongodb://user:password@localhost/shop' cargo run -p example-figment
//! curl localhost:9000/ready
//! ```
//!
//! Without a database it says which config var it lacks.
//!
//! Kubernetes: in the place of `from_env`, read the folder where the Secret is mounted:
//! `EnvDir::new("/run/config").read()?`. A figment is read once; to follow rolls, let Rocket manage a `Live`, as the
//! documentation's page `frameworks` shows.

use config_vars::{ConfigVars, MongoUrl, SecretString};
use rocket::figment::Figment;
use rocket::http::{CookieJar, Status};
use rocket::{Build, Rocket, State, get, routes};
use std::process::ExitCode;

/// The config vars of the platform that Rocket knows by the same names.
const ROCKET: [&str; 3] = ["PORT", "ADDRESS", "SECRET_KEY"];

#[derive(serde::Deserialize)]
struct Config {
    mongodb_uri: MongoUrl,
    /// A field that is not a URL says that it comes from a config var, so that figment does not see the value.
    #[serde(default, deserialize_with = "config_vars::deserialize_from_str")]
    sendgrid_api_key: Option<SecretString>,
}

#[get("/")]
fn index(config: &State<Config>, cookies: &CookieJar<'_>) -> String {
    let visits = cookies
        .get_private("visits")
        .and_then(|cookie| cookie.value().parse().ok())
        .unwrap_or(0_u32);
    cookies.add_private(("visits", (visits + 1).to_string()));
    let host = config.mongodb_uri.host().unwrap_or("a socket");
    format!("Visit {}; the database is at {host}.", visits + 1)
}

/// An app with a client pings its database here. This one is ready once it has its add-ons.
#[get("/ready")]
fn ready(config: &State<Config>) -> Status {
    match config.sendgrid_api_key {
        Some(_) => Status::Ok,
        None => Status::ServiceUnavailable,
    }
}

fn app(figment: Figment) -> Result<Rocket<Build>, Box<rocket::figment::Error>> {
    let config: Config = figment.extract()?;
    Ok(rocket::custom(figment)
        .manage(config)
        .mount("/", routes![index, ready]))
}

#[rocket::main]
async fn main() -> ExitCode {
    let vars = ConfigVars::from_env();
    // `global`, so that the platform's port counts whatever the profile in Rocket.toml has.
    let figment = rocket::Config::figment().merge(vars.provider().plain(ROCKET).global());
    let app = match app(figment) {
        Ok(app) => app,
        Err(error) => {
            eprintln!("{error}");
            eprintln!("\nThis app wants a MongoDB database as its add-on; any of them sets MONGODB_URI.");
            eprintln!(
                "Here: MONGODB_URI='mongodb://user:password@localhost/shop' cargo run -p example-figment"
            );
            return ExitCode::FAILURE;
        }
    };
    match app.launch().await {
        Ok(_) => ExitCode::SUCCESS,
        // Rocket has said why. Its error must not be dropped unread: that panics.
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
