//! The output of the example when it is started without its add-ons.

use std::process::Command;

#[test]
fn without_its_add_ons_it_says_what_is_missing() {
    let output = Command::new(env!("CARGO_BIN_EXE_example-worker"))
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("no memcache resource among the config vars"),
        "{errors}"
    );
    assert!(
        errors.contains("This app wants a MongoDB database and a memcached server as its add-ons"),
        "{errors}"
    );
}
