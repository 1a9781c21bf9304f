//! The properties of the fuzz targets, which hold for any input, on generated input and on the kept seeds.

#[cfg(unix)]
#[path = "../../fuzz/sources.rs"]
mod sources;

use crate::fuzz_properties as properties;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// The number of generated cases of a property: a tenth without optimisation, with which all of them take minutes.
/// `tests/run drivers` and `tests/run all` run all of them, optimised.
pub const fn cases(all: u32) -> u32 {
    if cfg!(debug_assertions) { all / 10 } else { all }
}

/// Text made of what decides how a URL is read, and of some that does not.
fn tricky() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,6}".boxed(),
        3 => "[0-9]{1,5}".boxed(),
        6 => "[/?#@:%,\\[\\]\\\\&=+;. \"'$<>]".boxed(),
        1 => "%[0-9a-fA-F]{2}".boxed(),
        1 => "\\PC".boxed(),
        1 => Just("://".to_owned()).boxed(),
        1 => Just("?appName=".to_owned()).boxed(),
        1 => "\\p{Cc}".boxed(),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn scheme() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "mysql",
        "mysql2",
        "mongodb",
        "mongo",
        "mongodb+srv",
        "memcache",
        "https",
        "http",
        "postgres",
        "redis",
        "amqp",
        "x",
    ])
    .prop_map(|scheme| format!("{scheme}://"))
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[AB_]{0,6}(_URL|_URI|_DSN|_SERVERS|_USERNAME|_PASSWORD|_KEY|)".boxed(),
        "\\PC{0,4}".boxed(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(2_000), failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn parsing_keeps_every_byte((scheme, rest) in (scheme(), tricky())) {
        properties::parse(&rest);
        properties::parse(&format!("{scheme}{rest}"));
        properties::parse(&format!("{scheme}user:{rest}@host.test/"));
    }

    #[test]
    fn passwords_come_back_exact(password in any::<String>()) {
        properties::round_trip(&password);
    }

    #[test]
    fn any_environment_is_grouped(
        pairs in prop::collection::vec((name(), prop_oneof![tricky(), (scheme(), tricky()).prop_map(|(s, t)| s + &t)]), 0..12)
    ) {
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        properties::discovery(&pairs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(100), failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn no_output_holds_a_piece_of_a_secret(raw in tricky()) {
        properties::no_leak(&raw);
        properties::no_leak_in_one(&raw);
    }

    #[test]
    fn long_texts_are_read(raw in tricky()) {
        properties::linear(&raw, 8 << 10);
    }
}

/// Lines of an env file, whole and broken.
#[cfg(unix)]
fn env_file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[A-Z_]{1,6}=".boxed(),
        4 => tricky().boxed(),
        3 => "['\"\\\\# \t]{1,2}".boxed(),
        2 => Just("\n".to_owned()).boxed(),
        1 => Just("export ".to_owned()).boxed(),
    ];
    let text = prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![9 => text.boxed(), 1 => prop::collection::vec(any::<u8>(), 0..40).boxed()]
}

#[cfg(unix)]
fn file() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let name = prop_oneof![
        2 => prop::sample::select(vec!["type", "uri", "host", "Type", ".hidden", "a-b", "a.b"])
            .prop_map(|name| name.as_bytes().to_owned())
            .boxed(),
        2 => "[A-Za-z_.-]{1,8}".prop_map(String::into_bytes).boxed(),
        1 => prop::collection::vec(any::<u8>(), 1..6).boxed(),
    ];
    let contents = prop_oneof![
        3 => "(mysql|redis|[a-z]{1,8})(\r?\n){0,2}".prop_map(String::into_bytes).boxed(),
        1 => prop::collection::vec(any::<u8>(), 1..9).boxed(),
    ];
    (name, contents)
}

#[cfg(unix)]
proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn env_files_are_read_as_they_are_written(bytes in env_file()) {
        sources::env_file(&bytes);
    }

    #[test]
    fn folders_are_read_as_they_are_written(
        files in prop::collection::vec(file(), 0..6), is_kubernetes in any::<bool>()
    ) {
        sources::folder(&files, is_kubernetes);
    }
}

/// Inputs that fuzzing or a review found to matter, one a line.
#[test]
fn kept_seeds_hold() {
    for line in include_str!("../../fuzz/seeds/urls.txt").lines() {
        properties::parse(line);
    }
    for line in include_str!("../../fuzz/seeds/password.txt").lines() {
        properties::round_trip(line);
        properties::no_leak(line);
    }
}

#[test]
fn no_scheme_shows_a_token() {
    properties::no_leak_with_any_scheme("t0ken.Wv9Yj");
}
