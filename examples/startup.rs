//! Reads an app's config vars at start-up, shows what it found, and says what is wrong.
//!
//! ```sh
//! cargo run --example startup
//! JAWSDB_URL='mysql://app:pa#ss@db.example/shop' cargo run --example startup
//! ```
//!
//! It uses the add-ons of its environment. If there are none, it reads `examples/addons.env` in their place, which
//! has one fault put in on purpose. No server is needed: nothing is connected to.

use config_vars::{ConfigVars, ExposeSecret, HttpUrl, MemcacheUrl, MysqlUrl};

fn main() {
    let vars = add_ons();

    println!("The add-ons, redacted:");
    for attachment in vars.attachments() {
        println!("  {attachment:?}");
    }

    // By name, typed. Only `expose_…` hands out what is secret, so that every use of it can be found.
    println!("\nWhat the app asks for:");
    match vars.url::<MysqlUrl>("MYSQL_URL") {
        Ok(db) => println!(
            "  a pool for database {:?}, from a URL of {} bytes",
            db.database(),
            db.expose_url().len()
        ),
        Err(error) => println!("  {error}"),
    }
    match vars.url::<HttpUrl>("NEW_RELIC_URL") {
        Ok(api) => println!("  a client for {:?}", api.host()),
        Err(error) => println!("  {error}"),
    }
    // The one resource of its kind, whatever its name and shape.
    match vars.only::<MemcacheUrl>() {
        Ok(cache) => {
            for server in cache.servers() {
                let password = server
                    .password()
                    .map_or(0, |password| password.expose_secret().len());
                println!(
                    "  a cache at {}, with a password of {password} bytes",
                    server.host()
                );
            }
        }
        Err(error) => println!("  {error}"),
    }

    println!("\nWhat is wrong:");
    let faults: Vec<_> = vars
        .attachments()
        .flat_map(|attachment| attachment.faults().cloned().collect::<Vec<_>>())
        .collect();
    match faults.as_slice() {
        [] => println!("  nothing"),
        faults => faults.iter().for_each(|fault| println!("  {fault}")),
    }
}

/// The environment's add-ons; without any, those of the shipped file.
fn add_ons() -> ConfigVars {
    let vars = ConfigVars::from_env();
    if vars.attachments().next().is_some() {
        println!("From the process environment, {} config vars.\n", vars.len());
        return vars;
    }
    println!("The process environment has no add-on; from examples/addons.env:\n");
    // Enough for this file. Values with quotes or line breaks want a library for such files.
    include_str!("addons.env")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .collect()
}
