//! Files with the expected output, in `tests/cli/golden`.

use std::path::PathBuf;

/// Compares an output with its file. With `UPDATE_GOLDEN=1`, the file is written instead.
pub(crate) fn check(name: &str, output: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, output).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert_eq!(
        output,
        expected,
        "{} differs; if it should: UPDATE_GOLDEN=1 cargo test --features cli --test cli",
        path.display()
    );
}

/// Returns the path of an input file.
pub(crate) fn input(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/input")
        .join(name);
    path.to_str().unwrap().to_owned()
}
