//! Allocations, by a counting allocator. Here nothing is timed, for counting takes time. It fails where a target is missed.
//!
//! `tests/run bench allocations` runs it; and `.ci/run`, without the drivers.

use config_vars::{ConfigVars, Live, ResourceUrl};
use config_vars_benches::urls::*;
use config_vars_benches::verdict;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The text and the host; user name and password are decoded when they are asked for.
const ONE_HOST: usize = 2;
const LOOKED_INTO: usize = 4;
/// The text, each host, and the list.
const THREE_HOSTS: usize = 5;

fn main() -> ExitCode {
    println!("\n### Allocations\n");
    println!("| | | allocations | at most | reallocations | |");
    println!("|---|---|--:|--:|--:|---|");
    let mut all_met = true;
    for forms in ALL {
        for (form, text) in forms.all() {
            let name = format!("{}, {form}", forms.kind);
            all_met &= match forms.kind {
                "mysql" => ours(&name, ONE_HOST, || our_mysql(&text)),
                "postgres" => ours(&name, ONE_HOST, || our_postgres(&text)),
                "mongo" => ours(&name, ONE_HOST, || our_mongo(&text)),
                "redis" => ours(&name, ONE_HOST, || our_redis(&text)),
                _ => ours(&name, ONE_HOST, || our_amqp(&text)),
            };
            all_met &= ours(&format!("{name}, and used"), LOOKED_INTO, || {
                let url: ResourceUrl = text.parse().expect("it is well-formed");
                black_box((url.username(), url.password(), url.host(), url.database()));
                url
            });
            count_drivers(forms.kind, &name, &text);
            theirs(&name, "`url::Url`", || url_crate(&text));
            theirs(&name, "the floor", || floor(&text));
        }
    }
    all_met &= ours("mongo, 3 hosts", THREE_HOSTS, || our_mongo(MONGO_CLUSTER));
    count_drivers("mongo", "mongo, 3 hosts", MONGO_CLUSTER);
    all_met &= ours("postgres, 3 hosts", THREE_HOSTS, || {
        our_postgres(POSTGRES_CLUSTER)
    });
    #[cfg(feature = "drivers")]
    theirs("postgres, 3 hosts", "tokio-postgres", || {
        drivers::tokio_postgres(POSTGRES_CLUSTER)
    });
    let live = Live::from_vars(|| Ok(ConfigVars::default())).expect("it can be read");
    all_met &= ours("`Live::load`", 0, || drop(live.load()));
    match all_met {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

#[cfg(not(feature = "drivers"))]
fn count_drivers(_: &str, _: &str, _: &str) {}

#[cfg(feature = "drivers")]
fn count_drivers(kind: &str, name: &str, text: &str) {
    use drivers::*;
    match kind {
        "mysql" => {
            theirs(name, "sqlx", || sqlx_mysql(text));
            theirs(name, "mysql_async", || mysql_async(text));
        }
        "postgres" => {
            theirs(name, "sqlx", || sqlx_postgres(text));
            theirs(name, "tokio-postgres", || tokio_postgres(text));
        }
        "mongo" => theirs(name, "mongodb", || mongodb(text)),
        "redis" => theirs(name, "redis", || redis(text)),
        _ => theirs(name, "amq-protocol-uri", || amq_protocol_uri(text)),
    }
}

/// Whether the target is met.
fn ours<T>(name: &str, at_most: usize, work: impl Fn() -> T) -> bool {
    let (allocations, reallocations) = count(work);
    let is_met = allocations <= at_most && reallocations == 0;
    let verdict = verdict(Some(is_met));
    println!("| {name} | ours | {allocations} | {at_most} | {reallocations} | {verdict} |");
    is_met
}

fn theirs<T>(name: &str, who: &str, work: impl Fn() -> T) {
    let (allocations, reallocations) = count(work);
    println!("| {name} | {who} | {allocations} | | {reallocations} | |");
}

fn count<T>(work: impl Fn() -> T) -> (usize, usize) {
    // Allocations that happen only once are not counted.
    drop(work());
    let region = Region::new(ALLOCATOR);
    let made = black_box(work());
    let counted = region.change();
    drop(made);
    (counted.allocations, counted.reallocations)
}
