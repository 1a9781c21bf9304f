//! Hostile values, from 64 KiB to 1 MiB: the time must grow with the length, not with its square.
//!
//! `tests/run bench` runs it. Each row's throughput should be about the same at every length.

use config_vars::{ConfigVars, MongoUrl, ResourceUrl};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

const LENGTHS: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];

/// What fills the place of a password, of the hosts, of the path and of the query.
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
    divan::main();
}

fn filled(place: &str, filling: &str, length: usize) -> String {
    place.replacen("{}", &filling.repeat(length / filling.len()), 1)
}

#[divan::bench(sample_count = 20, args = LENGTHS)]
fn every_filling_in_every_place(bencher: Bencher<'_, '_>, length: usize) {
    let texts: Vec<String> = PLACES
        .iter()
        .flat_map(|place| FILLINGS.iter().map(|filling| filled(place, filling, length)))
        .collect();
    bencher
        .counter(BytesCount::new(texts.len() * length))
        .bench_local(|| {
            for text in &texts {
                _ = black_box(text.parse::<ResourceUrl>());
                _ = black_box(text.parse::<MongoUrl>());
            }
        });
}

#[divan::bench(sample_count = 20, args = LENGTHS)]
fn thousands_of_hosts(bencher: Bencher<'_, '_>, length: usize) {
    let text = filled("mongodb://u:p@h{}/d", ",h.example:1", length);
    assert!(text.parse::<MongoUrl>().is_ok());
    bencher
        .counter(BytesCount::new(length))
        .bench_local(|| black_box(text.parse::<MongoUrl>()));
}

#[divan::bench(sample_count = 20, args = LENGTHS)]
fn thousands_of_options(bencher: Bencher<'_, '_>, length: usize) {
    let text = filled("mongodb://h/d?w=1{}", "&readPreferenceTags=a:b", length);
    let url: MongoUrl = text.parse().expect("it is well-formed");
    bencher.counter(BytesCount::new(length)).bench_local(|| {
        _ = black_box(text.parse::<MongoUrl>());
        black_box(url.warnings())
    });
}

#[divan::bench(sample_count = 20, args = [1_000, 10_000, 100_000])]
fn vars_of_one_name_within_the_other(bencher: Bencher<'_, '_>, count: usize) {
    let names = (0..count).map(|index| format!("{}{index}_URL", "A_".repeat(index % 50)));
    let vars: ConfigVars = names.map(|name| (name, "redis://h")).collect();
    bencher
        .counter(divan::counter::ItemsCount::new(count))
        .bench_local(|| vars.attachments().count());
}
