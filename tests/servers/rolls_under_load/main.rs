//! Rolls under load, on real servers: each service through many rolls of each kind, while requests go on; and a table of how
//! many were sent, answered and failed, with this crate and without.
//!
//! | roll | what happens |
//! |---|---|
//! | restart | the app's web process and its worker are started anew with the new environment, one after the other; the old credential lives until both are |
//! | overlap | one process; the new credential arrives in a mounted folder, whose `..data` is swapped; the old one lives until the app has followed and its requests on it have ended |
//! | no overlap | one process; the server refuses the old password and closes its connections, and only then the new one arrives in the folder |
//! | plan change | one process; the server moves to another port, and then the new URL arrives in the folder |
//!
//! With the crate, the app loads its client of a `Live` that watches the folder; where there is no overlap it calls
//! `retry_on`, and repeats what a closed connection broke, for all requests here may be. Without, it has one client made of the
//! first URL, and repeats the same. Every request makes a connection of its own.
//!
//! Some services have more setups, which differ in the runtime (one thread) and in the way of the config vars: from a secret
//! store, by an async source, or by a feed. They run with the crate only.
//!
//! Beside these apps of the test's own there are the examples `web` and `worker`, as users start them.
//!
//! `tests/run servers` installs the servers and runs this. Arguments: a number of rolls (or `ROLLS` in the environment); a
//! word, to run the services whose names hold it; `faults`, for what goes wrong beside the roll; `picture FILE`, to draw one
//! roll.

mod api;
mod apps;
mod examples;
mod faults;
mod load;
mod picture;
mod restart;
mod rolls;
mod runtime;
mod table;

use rolls::Rolls;
use std::time::Instant;
use table::Table;

/// The default number of rolls of each of three kinds, for each service: 51 in all.
const ROLLS: u32 = 17;

fn main() {
    // The driver reqwest asks for it.
    _ = rustls::crypto::ring::default_provider().install_default();
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["child", "clock", file] => faults::run_with_clock(file.as_ref()),
        ["child", kind, name] => restart::run_child(kind, name),
        ["faults"] => faults::run(),
        ["picture", file] => picture::draw(file),
        words => {
            // Of several numbers the last one counts.
            let numbers = words.iter().rev().find_map(|word| word.parse().ok());
            let in_environment = || std::env::var("ROLLS").ok()?.parse().ok();
            let names = words.iter().filter(|word| word.parse::<u32>().is_err());
            let count = numbers.or_else(in_environment).unwrap_or(ROLLS);
            run(count, names.copied().collect());
        }
    }
}

fn run(count: u32, names: Vec<&str>) {
    let began = Instant::now();
    let mut rolls = Rolls {
        count,
        names,
        table: Table::default(),
    };
    apps::visit_all(&mut rolls);
    examples::run(&mut rolls);
    let table = rolls.table;
    println!("\n{table}\nin {} s", began.elapsed().as_secs());
    table.write();
    let lost = table.lost();
    assert!(lost.is_empty(), "with the crate, requests failed: {lost:#?}");
}
