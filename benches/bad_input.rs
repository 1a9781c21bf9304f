//! Hostile values, of 1 MiB beside 64 KiB: the time must grow with the length, not with its square. For one byte it is to
//! stay about the same; what grows with the square takes 16 times as long.
//!
//! `tests/run bench bad_input` runs it.

use config_vars::{ConfigVars, MongoUrl, ResourceUrl};
use config_vars_benches::{Case, Work, table};

const SHORT: usize = 64 << 10;
const LONG: usize = 1 << 20;

/// Caches are left on the way, and of memory for the longer one the allocator gives back to the system what it asks for
/// anew the next time: that alone makes it up to three.
const GROWTH: f64 = 4.0;

/// Texts that replace the password, the hosts, the path and the query.
const FILLINGS: [&str; 14] = [
    "@", "%", ",", "[", "]", ":", "/", "?", "#", "&", "=", "%41", "h,", "é",
];

const PLACES: [&str; 5] = [
    "{}",
    "mongodb://u:{}@h/d",
    "mongodb://{}",
    "mongodb://h/{}",
    "https://u:p@h/a?{}",
];

fn main() {
    table("Bad input: growth, for one byte");
    for place in PLACES {
        for filling in FILLINGS {
            let parse = |length: usize| {
                let text = filled(place, filling, length);
                let read = move || {
                    (
                        text.parse::<ResourceUrl>().is_ok(),
                        text.parse::<MongoUrl>().is_ok(),
                    )
                };
                Work::new(read).per(length)
            };
            grown(
                &format!("`{}`", place.replace("{}", &format!("{filling}…"))),
                parse,
            );
        }
    }
    grown("thousands of hosts", |length| {
        let text = filled("mongodb://u:p@h{}/d", ",h.example:1", length);
        Work::new(move || text.parse::<MongoUrl>().expect("it is well-formed")).per(length)
    });
    grown("thousands of options", |length| {
        let text = filled("mongodb://h/d?w=1{}", "&readPreferenceTags=a:b", length);
        let read = move || text.parse::<MongoUrl>().expect("it is well-formed").warnings();
        Work::new(read).per(length)
    });
    table("Bad input: growth, for one var");
    let within_each_other = |count: usize| {
        let names = (0..count).map(|index| format!("{}{index}_URL", "A_".repeat(index % 50)));
        let vars: ConfigVars = names.map(|name| (name, "redis://h")).collect();
        Work::new(move || vars.attachments().count()).per(count)
    };
    Case::new("16,000 names within each other", within_each_other(16_000))
        .beside("1,000", GROWTH, within_each_other(1_000))
        .run();
}

fn filled(place: &str, filling: &str, length: usize) -> String {
    place.replacen("{}", &filling.repeat(length / filling.len()), 1)
}

fn grown<'w>(name: &str, work: impl Fn(usize) -> Work<'w>) {
    Case::new(format!("{name}, 1 MiB"), work(LONG))
        .beside("64 KiB", GROWTH, work(SHORT))
        .run();
}
