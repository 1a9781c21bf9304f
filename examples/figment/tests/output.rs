//! The output of the example when it is started without its add-ons.

use std::process::Command;

#[test]
fn without_its_add_ons_it_says_what_is_missing() {
    let output = Command::new(env!("CARGO_BIN_EXE_example-figment"))
        .env_clear()
        .output()
        .unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("missing field `mongodb_uri`"), "{errors}");
    assert!(
        errors.contains("This app wants a MongoDB database as its add-on"),
        "{errors}"
    );
}
