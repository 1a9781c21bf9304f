//! Allocations, by a counting allocator. Here nothing is timed, for counting takes time.
//!
//! `tests/run bench allocations` runs it.

use config_vars::{ConfigVars, Live};
use config_vars_benches::urls::*;
use config_vars_benches::verdict;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ONE_HOST: Option<usize> = Some(6);
const THREE_HOSTS: Option<usize> = Some(9);

fn main() {
    println!("\n### Allocations\n");
    println!("| | | allocations | at most | reallocations | |");
    println!("|---|---|--:|--:|--:|---|");
    for forms in ALL {
        for (form, text) in forms.all() {
            let name = format!("{}, {form}", forms.kind);
            match forms.kind {
                "mysql" => {
                    count(&name, "ours", ONE_HOST, || our_mysql(&text));
                    count(&name, "sqlx", None, || sqlx_mysql(&text));
                    count(&name, "mysql_async", None, || mysql_async(&text));
                }
                "postgres" => {
                    count(&name, "ours", ONE_HOST, || our_postgres(&text));
                    count(&name, "sqlx", None, || sqlx_postgres(&text));
                    count(&name, "tokio-postgres", None, || tokio_postgres(&text));
                }
                "mongo" => {
                    count(&name, "ours", ONE_HOST, || our_mongo(&text));
                    count(&name, "mongodb", None, || mongodb(&text));
                }
                "redis" => {
                    count(&name, "ours", ONE_HOST, || our_redis(&text));
                    count(&name, "redis", None, || redis(&text));
                }
                _ => {
                    count(&name, "ours", ONE_HOST, || our_amqp(&text));
                    count(&name, "amq-protocol-uri", None, || amq_protocol_uri(&text));
                }
            }
            count(&name, "`url::Url`", None, || url_crate(&text));
            count(&name, "the floor", None, || floor(&text));
        }
    }
    count("mongo, 3 hosts", "ours", THREE_HOSTS, || our_mongo(MONGO_CLUSTER));
    count("mongo, 3 hosts", "mongodb", None, || mongodb(MONGO_CLUSTER));
    count("postgres, 3 hosts", "ours", THREE_HOSTS, || {
        our_postgres(POSTGRES_CLUSTER)
    });
    count("postgres, 3 hosts", "tokio-postgres", None, || {
        tokio_postgres(POSTGRES_CLUSTER)
    });
    let live = Live::of_vars(|| Ok(ConfigVars::default())).expect("it can be read");
    count("`Live::load`", "ours", Some(0), || drop(live.load()));
}

fn count<T>(name: &str, who: &str, at_most: Option<usize>, work: impl Fn() -> T) {
    // What is made once, the first time, is not counted.
    drop(work());
    let region = Region::new(ALLOCATOR);
    let made = black_box(work());
    let counted = region.change();
    drop(made);
    let (allocations, reallocations) = (counted.allocations, counted.reallocations);
    let verdict = verdict(at_most.map(|at_most| allocations <= at_most && reallocations == 0));
    let at_most = at_most.map_or(String::new(), |at_most| at_most.to_string());
    println!("| {name} | {who} | {allocations} | {at_most} | {reallocations} | {verdict} |");
}
