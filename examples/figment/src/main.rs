//! An app that is configured by figment, as those of Rocket are: defaults, a file, and the config vars on top.
//!
//! ```sh
//! cargo run -p example-figment
//! ROCKET_PORT=9000 MONGODB_URI='mongodb://user:password@localhost/shop' cargo run -p example-figment
//! ```
//!
//! Without a database it says which config var it lacks. It has no server: with Rocket, the same figment goes to
//! `rocket::custom(figment)`, and the `Config` below to its `manage`.
//!
//! Kubernetes: in the place of `from_env`, read the folder where the Secret is mounted:
//! `EnvDir::new("/run/config").read()?`. A figment is read once; to follow rolls, give Rocket a `Live` to manage, as the
//! documentation's page `frameworks` shows.

use config_vars::{ConfigVars, MongoUrl, SecretString};
use figment::Figment;
use figment::providers::Serialized;
use std::process::ExitCode;

#[derive(serde::Deserialize)]
struct Config {
    mongodb_uri: MongoUrl,
    /// A field that is not a URL says that it comes from a config var, so that figment does not see the value.
    #[serde(default, deserialize_with = "config_vars::deserialize_from_str")]
    sendgrid_api_key: Option<SecretString>,
    #[serde(deserialize_with = "config_vars::deserialize_from_str")]
    rocket_port: u16,
}

fn main() -> ExitCode {
    let vars = ConfigVars::from_env();
    // Rocket's own layers would be here: `rocket::Config::figment()`.
    let figment = Figment::from(Serialized::default("rocket_port", 8000)).merge(vars.provider());
    match figment.extract::<Config>() {
        Ok(config) => {
            println!("port {}", config.rocket_port);
            println!("a client for {:?}", config.mongodb_uri);
            println!(
                "mail: {}",
                if config.sendgrid_api_key.is_some() {
                    "yes"
                } else {
                    "no"
                }
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            eprintln!("\nThis app wants a MongoDB database as its add-on; any of them sets MONGODB_URI.");
            eprintln!(
                "Here: MONGODB_URI='mongodb://user:password@localhost/shop' cargo run -p example-figment"
            );
            ExitCode::FAILURE
        }
    }
}
