//! Snapshots of config vars.

use crate::util::exposed;
use config_vars::{ConfigValue, ConfigVars, ErrorKind, ExposeSecret, SecretString};
use std::ffi::OsString;

#[test]
fn values_are_kept_as_they_are() {
    let rows = [
        "0012345",
        "true",
        "1e5",
        "",
        " padded ",
        "a=b",
        "line\nbreak",
        "€",
        "nul\0",
    ];
    let vars = ConfigVars::from_iter(
        rows.iter()
            .enumerate()
            .map(|(i, value)| (format!("V{i}"), *value)),
    );
    for (index, value) in rows.iter().enumerate() {
        assert_eq!(exposed(vars.get(&format!("V{index}"))), Some(*value));
    }
    assert_eq!(vars.len(), rows.len());
    assert!(ConfigVars::default().is_empty());
}

#[test]
fn any_iterator_of_pairs_will_do() {
    let roomy = {
        let mut text = String::with_capacity(100);
        text.push('2');
        text
    };
    let vars = ConfigVars::from_iter([
        (OsString::from("A"), ConfigValue::from("1")),
        (OsString::from("B"), ConfigValue::from(roomy)),
        (OsString::from("C"), ConfigValue::from(OsString::from("3"))),
        (OsString::from("D"), ConfigValue::from(SecretString::from("4"))),
    ]);
    let all: Vec<_> = vars
        .iter()
        .map(|(name, value)| (name, exposed(value.secret())))
        .collect();
    assert_eq!(
        all,
        [
            ("A", Some("1")),
            ("B", Some("2")),
            ("C", Some("3")),
            ("D", Some("4"))
        ]
    );
}

#[test]
fn the_last_of_equal_names_counts() {
    let vars = ConfigVars::from_iter([("A", "1"), ("B", "x"), ("A", "2"), ("A", "3")]);
    assert_eq!(exposed(vars.get("A")), Some("3"));
    assert_eq!(vars.len(), 2);
}

#[test]
fn names_are_told_apart_to_the_letter() {
    let vars = ConfigVars::from_iter([("A", "1"), ("a", "2"), ("", "3"), ("=C:", "4")]);
    assert_eq!(exposed(vars.get("A")), Some("1"));
    assert_eq!(exposed(vars.get("a")), Some("2"));
    assert_eq!(exposed(vars.get("")), Some("3"));
    assert_eq!(exposed(vars.get("=C:")), Some("4"));
    assert!(vars.get("B").is_none());
}

#[test]
fn require_says_what_is_missing() {
    let vars = ConfigVars::from_iter([("EMPTY", ""), ("SET", "x")]);
    assert_eq!(vars.require("SET").unwrap().expose_secret(), "x");
    let error = vars.require("EMPTY").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Empty);
    assert_eq!(
        error.to_string(),
        "EMPTY: is set but empty; give it a value, or unset it"
    );
    let error = vars.require("UNSET").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert_eq!(
        error.to_string(),
        "UNSET: is not set; set it, or attach the add-on that provides it"
    );
}

#[test]
fn the_process_environment_is_read_whole() {
    let vars = ConfigVars::from_env();
    assert_eq!(vars.len(), std::env::vars_os().count());
    let path = std::env::var("PATH").unwrap();
    assert_eq!(exposed(vars.get("PATH")), Some(path.as_str()));
}

#[test]
fn clones_share_the_snapshot() {
    let vars = ConfigVars::from_iter([("A", "1")]);
    let clone = vars.clone();
    assert!(std::ptr::eq(vars.get("A").unwrap(), clone.get("A").unwrap()));
}

#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_kept_by_name() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let vars = ConfigVars::from_iter([
        (bytes(b"JAWSDB_URL"), bytes(b"mysql://app:s3cr\xFFet@db.example")),
        (bytes(b"CACHE\xFF_URL"), bytes(b"redis://:s3cret@cache.example")),
        (bytes(b"CACHE\xFE_URL"), bytes(b"redis://:s3cret@cache.example")),
        (bytes(b"PORT"), bytes(b"80")),
    ]);
    assert_eq!(vars.len(), 4);
    assert_eq!(
        format!("{vars:?}"),
        "ConfigVars {\"CACHE\u{FFFD}_URL\", \"CACHE\u{FFFD}_URL\", \"JAWSDB_URL\", \"PORT\"}"
    );
    assert!(vars.get("JAWSDB_URL").is_none());
    let error = vars.url::<config_vars::ResourceUrl>("JAWSDB_URL").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnicode);
    assert_eq!(
        error.to_string(),
        "JAWSDB_URL: the value is not valid UTF-8; set it again, as plain text"
    );
    let error = vars.require("CACHE\u{FFFD}_URL").unwrap_err();
    assert_eq!(
        error.to_string(),
        "CACHE\u{FFFD}_URL: has a name that is not valid UTF-8; set it again under a plain name"
    );
    // Discovery reports both as faults of their attachments.
    let faults = vars.attachments().flat_map(|a| {
        a.urls()
            .map(|(_, url)| url.unwrap_err().kind())
            .collect::<Vec<_>>()
    });
    assert_eq!(faults.collect::<Vec<_>>(), [ErrorKind::NotUnicode; 3]);
}
