//! The list of features with their minimum Rust versions, which the jobs of `tests/run` go by.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const LIST: &str = include_str!("../jobs/minimum-rust.txt");
const MANIFEST: &str = include_str!("../../Cargo.toml");

/// Each version and its features.
fn list() -> Vec<(&'static str, Vec<&'static str>)> {
    let row = |line: &'static str| {
        let mut words = line.split(' ');
        (words.next().unwrap(), words.collect())
    };
    LIST.lines().map(row).collect()
}

fn minimum() -> &'static str {
    let version = MANIFEST
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \""));
    version.unwrap().trim_end_matches('"')
}

#[test]
fn list_has_each_feature_once_and_begins_with_the_minimum() {
    let features = MANIFEST.split("[features]\n").nth(1).unwrap();
    let features = features.split("\n[").next().unwrap();
    let mut expected: Vec<_> = features
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with(['#', '_']))
        .collect();
    let mut found: Vec<_> = list().into_iter().flat_map(|(_, features)| features).collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(list()[0].0, minimum());
}

#[test]
fn readme_has_the_versions_of_the_list() {
    let readme = include_str!("../../README.md");
    for (version, features) in list() {
        for feature in features {
            let row = readme.lines().find(|line| {
                let mut cells = line.split(" | ");
                line.starts_with('|') && cells.next().unwrap().contains(&format!("`{feature}`"))
            });
            let row = row.unwrap_or_else(|| panic!("{feature} is not in the table"));
            assert!(row.ends_with(&format!("| {version} |")), "{feature}: {row}");
        }
    }
}

/// A driver of another version has other types, and the compiler's words for that do not name the cause.
#[test]
fn readme_and_guide_have_the_versions_of_the_drivers() {
    let pages = [
        include_str!("../../README.md"),
        include_str!("../../src/docs/guide.md"),
    ];
    for driver in [
        "memcache",
        "mongodb",
        "mysql_async",
        "redis",
        "reqwest",
        "sqlx",
        "tokio-postgres",
    ] {
        let start = format!("{driver} = {{ version = \"");
        let version = MANIFEST.lines().find_map(|line| line.strip_prefix(&start));
        let version = version.and_then(|rest| rest.split('"').next()).unwrap();
        let parts: Vec<_> = version.split('.').collect();
        // The part of a version that must be equal for the types to be the same.
        let compatible = if parts[0] == "0" { &parts[..2] } else { &parts[..1] };
        let row = format!("| `{driver}` | for {driver} {}: ", compatible.join("."));
        for page in pages {
            assert!(page.contains(&row), "{row}");
        }
    }
}

/// Whichever toolchain this is built with.
#[test]
fn no_dependency_needs_a_newer_rust() {
    let cargo = |arguments: &[&str]| {
        let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .args(["--manifest-path", manifest, "--features", &list()[0].1.join(",")])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let tree = cargo(&[
        "tree",
        "--package",
        "config-vars",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let used: BTreeSet<_> = tree
        .lines()
        .map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    let metadata = cargo(&["metadata", "--format-version", "1"]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let wanted: BTreeMap<_, _> = packages
        .iter()
        .filter_map(|package| {
            let [name, version] = ["name", "version"].map(|key| package[key].as_str().unwrap());
            Some((format!("{name} v{version}"), package["rust_version"].as_str()?))
        })
        .collect();
    let number = |version: &str| version.split('.').nth(1).unwrap().parse::<u32>().unwrap();
    let newer: Vec<_> = used
        .iter()
        .filter(|package| {
            wanted
                .get(*package)
                .is_some_and(|wanted| number(wanted) > number(minimum()))
        })
        .collect();
    assert!(used.len() > 50, "{used:?}");
    assert!(newer.is_empty(), "{newer:?}");
}
