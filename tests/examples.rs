//! The output of the crate's own examples: the faults that they show, and no secret.

use std::process::{Command, Output};

/// `cargo test` builds the examples before it runs this.
fn example(name: &str) -> Command {
    let this = std::env::current_exe().unwrap();
    let folder = this.ancestors().nth(2).unwrap().join("examples");
    let mut command = Command::new(folder.join(name).with_extension(std::env::consts::EXE_EXTENSION));
    command.env_clear();
    command
}

#[track_caller]
fn shown(command: &mut Command) -> String {
    let Output { status, stdout, .. } = command
        .output()
        .expect("the example is built: `cargo build --examples`");
    assert!(status.success());
    String::from_utf8(stdout).unwrap()
}

#[track_caller]
fn assert_contains(shown: &str, expected: &[&str]) {
    for text in expected {
        assert!(shown.contains(text), "no {text:?} in:\n{shown}");
    }
}

#[track_caller]
fn assert_silent(shown: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!shown.contains(secret), "a secret, {secret:?}, in:\n{shown}");
    }
}

#[test]
fn startup_without_add_ons_reads_its_file() {
    let shown = shown(&mut example("startup"));
    assert_contains(
        &shown,
        &["JAWSDB_URL: the password holds an unencoded `#`; write `%23`"],
    );
    assert_silent(&shown, &["p@ss", "p%40ss", "apitoken", "bfebc92eb", "pa#ss"]);
}

#[test]
fn startup_reads_the_add_ons_of_its_environment() {
    let shown = shown(example("startup").env("REDIS_URL", "redis://:hunter2 @cache.example"));
    assert_contains(
        &shown,
        &["REDIS_URL: the password holds an unencoded space; write `%20`"],
    );
    assert_silent(&shown, &["hunter2"]);
}

#[test]
fn live_shows_what_stays_in_use_and_what_is_removed() {
    let shown = shown(&mut example("live"));
    assert_contains(&shown, &["JAWSDB: the last good is in use", "MONGODB: [removed]"]);
    assert_silent(&shown, &["-pw", "third"]);
}
