//! How a status and a change are shown: on one line, on several, and serialized.

use config_vars::test_util::{ScriptedSource, TestClock};
use config_vars::{Change, ConfigVars, Error, ErrorKind, Live, StaleKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

const GOOD: &str = "mysql://app:0ld-Qx7Zk@db.example/shop";
const BROKEN: &str = "mysql://app:n3w#Wv9Yj@db.example/shop";

/// A `Live` whose first read had a fault in two vars of one attachment, and then a roll, a fault and a failed read.
fn troubled() -> (Live<ConfigVars>, Vec<Change>) {
    let script = ScriptedSource::new([
        ("CLOUDAMQP_URL", "amqps://user:pw@mq.example:0/v"),
        ("CLOUDAMQP_APIKEY", "${APIKEY}"),
        ("JAWSDB_URL", GOOD),
        ("PORT", "8080"),
        ("HOME", "/app"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    let changes = Arc::new(std::sync::Mutex::new(Vec::new()));
    let subscription = live.subscribe({
        let changes = changes.clone();
        move |change| changes.lock().unwrap().push(change.clone())
    });
    script.set("JAWSDB_URL", "mysql://app2:pw@db2.example/shop");
    script.set("PORT", "8081");
    live.reload().unwrap();
    script.set("JAWSDB_URL", BROKEN);
    live.reload().unwrap();
    script.fail();
    for _ in 0..3 {
        live.reload().unwrap_err();
    }
    drop(subscription);
    let changes = std::mem::take(&mut *changes.lock().unwrap());
    (live, changes)
}

#[test]
fn status_is_shown_on_one_line_or_with_a_line_for_each_entry() {
    let (live, _) = troubled();
    let entries = [
        "generation 2",
        "the source cannot be read, for 0 s, 3 failed reads: script: ",
        "CLOUDAMQP: was never good, for 0 s: 2 config vars have faults: CLOUDAMQP_",
        "JAWSDB: the last good is in use, for 0 s: JAWSDB_URL: the password holds an unencoded `#`; write `%23`",
    ];
    for (shown, separator) in [
        (format!("{}", live.status()), " | "),
        (format!("{:#}", live.status()), "\n  "),
    ] {
        let parts: Vec<&str> = shown.split(separator).collect();
        assert_eq!(parts.len(), entries.len(), "{shown}");
        for (part, entry) in parts.iter().zip(entries) {
            assert!(part.starts_with(entry), "{part:?} is not {entry:?}");
        }
    }
    let fresh = Live::from_vars(ScriptedSource::new([("PORT", "1")]))
        .unwrap()
        .status();
    assert_eq!(
        format!("{fresh} {fresh:#}"),
        "generation 1, fresh generation 1, fresh"
    );
}

#[test]
fn faults_of_one_attachment_are_separated_on_one_line() {
    let (live, _) = troubled();
    let status = live.status();
    let stale = status.stale().next().unwrap();
    let faults: Vec<String> = stale.error().faults().map(ToString::to_string).collect();
    assert_eq!(faults.len(), 2);
    assert!(stale.to_string().ends_with(&faults.join("; ")), "{stale}");
}

#[test]
fn change_is_shown_on_one_line_or_with_a_line_for_each_entry() {
    let (live, changes) = troubled();
    let rows: &[&[&str]] = &[
        &[
            "generation 1, first",
            "CLOUDAMQP: [added]",
            "JAWSDB: [added]",
            "2 other config vars",
            "CLOUDAMQP: was never good",
        ],
        &[
            "generation 2",
            "JAWSDB: [username, password, endpoint]",
            "1 other config var",
            "CLOUDAMQP: was never good",
        ],
        &[
            "generation 2",
            "CLOUDAMQP: was never good",
            "JAWSDB: the last good is in use",
        ],
        &[
            "generation 2",
            "the source cannot be read: script: ",
            "CLOUDAMQP: was never good",
            "JAWSDB: the last good is in use",
        ],
    ];
    assert_eq!(changes.len(), rows.len());
    for (change, entries) in changes.iter().zip(rows) {
        for (shown, separator) in [(format!("{change}"), " | "), (format!("{change:#}"), "\n  ")] {
            let parts: Vec<&str> = shown.split(separator).collect();
            assert_eq!(parts.len(), entries.len(), "{shown}");
            for (part, entry) in parts.iter().zip(*entries) {
                assert!(part.starts_with(entry), "{part:?} is not {entry:?}");
            }
        }
    }
    let same = Live::from_vars(ScriptedSource::new([("PORT", "1")])).unwrap();
    assert_eq!(
        same.reload().unwrap().to_string(),
        "generation 1, nothing changed"
    );
    drop(live);
}

#[test]
fn ages_run_on_the_clock_of_the_live() {
    let clock = TestClock::new();
    let script = ScriptedSource::new([("JAWSDB_URL", GOOD)]);
    let live = Live::builder(script.clone()).clock(&clock).build_vars().unwrap();
    script.set("JAWSDB_URL", BROKEN);
    live.reload().unwrap();
    let status = live.status();
    clock.advance(Duration::from_secs(600));
    script.fail();
    live.reload().unwrap_err();
    clock.advance(Duration::from_secs(60));
    let stale = status.stale().next().unwrap();
    assert_eq!(stale.age(), Duration::from_secs(660));
    let shown = live.status().to_string();
    assert!(
        shown.contains("cannot be read, for 60 s, 1 failed read: "),
        "{shown}"
    );
    assert!(shown.contains("in use, for 660 s: "), "{shown}");
    let later = live.status().source_failing_since().unwrap();
    let between = later.duration_since(stale.since()).unwrap();
    assert!((600..660).contains(&between.as_secs()), "{between:?}");
}

#[test]
fn clock_that_is_advanced_by_any_time_overflows_nowhere() {
    let clock = TestClock::skipping();
    let script = ScriptedSource::new([("JAWSDB_URL", GOOD)]);
    let live = Live::builder(script.clone()).clock(&clock).build_vars().unwrap();
    let watch = live.watch(config_vars::Every::seconds(30)).unwrap();
    script.set("JAWSDB_URL", BROKEN);
    live.reload().unwrap();
    for _ in 0..2 {
        clock.advance(Duration::MAX);
        assert!(live.previous().is_none());
        assert!(live.status().to_string().contains("in use, for "));
        assert!(
            live.retry_on_blocking(|_| true, |_| Err::<(), _>("refused"))
                .is_err()
        );
    }
    assert!(script.wait_for_reads(3, Duration::from_secs(60)));
    drop(watch);
}

/// The number of seconds is replaced by 0 if it is the present time, and by null otherwise.
fn without_time(mut value: Value) -> Value {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    if let Value::Array(items) = &mut value {
        items
            .iter_mut()
            .for_each(|item| *item = without_time(item.take()));
    }
    if let Value::Object(fields) = &mut value {
        for (name, field) in fields {
            *field = match field.as_u64() {
                Some(seconds) if name.ends_with("since") => {
                    if now.abs_diff(seconds) < 60 {
                        json!(0)
                    } else {
                        Value::Null
                    }
                }
                _ => without_time(field.take()),
            };
        }
    }
    value
}

#[test]
fn status_serializes_by_the_names_of_its_methods() {
    let (live, _) = troubled();
    let status = live.status();
    let errors: Vec<String> = status.stale().map(|stale| stale.error().to_string()).collect();
    let source_error = status.source_error().unwrap().to_string();
    let expected = json!({
        "generation": 2,
        "is_fresh": false,
        "stale": [
            {
                "name": "CLOUDAMQP", "kind": "never-good", "since": 0, "age": 0,
                "error": { "message": errors[0], "kind": "several", "var": null },
            },
            {
                "name": "JAWSDB", "kind": "last-good", "since": 0, "age": 0,
                "error": { "message": errors[1], "kind": "unencoded", "var": "JAWSDB_URL" },
            },
        ],
        "source_error": { "message": source_error, "kind": "custom", "var": null },
        "source_failing_since": 0,
        "source_failures": 3,
        "reload_hangs_since": null,
            "remembered_from": null,
    });
    assert_eq!(without_time(serde_json::to_value(&status).unwrap()), expected);
}

#[test]
fn change_serializes_by_the_names_of_its_methods() {
    let (_, changes) = troubled();
    let mut roll = serde_json::to_value(&changes[1]).unwrap();
    assert_eq!(roll["stale"][0]["name"], "CLOUDAMQP");
    roll["stale"].take();
    let expected = json!({
        "generation": 2,
        "is_first": false,
        "attachments": [{ "name": "JAWSDB", "aspects": ["username", "password", "endpoint"] }],
        "other_vars": 1,
        "stale": null,
        "source_error": null,
    });
    assert_eq!(roll, expected);
    let failed = serde_json::to_value(&changes[3]).unwrap();
    assert_eq!(failed["source_error"]["kind"], "custom");
}

#[test]
fn message_of_several_lines_is_shown_on_one() {
    let was_read = AtomicUsize::new(0);
    let live = Live::from_vars(move || match was_read.fetch_add(1, SeqCst) {
        0 => Ok(ConfigVars::from_iter([("PORT", "1")])),
        _ => Err(Error::custom("is sealed:\n  unseal it\r\n\n  or restart")
            .for_source("line\nbreak")
            .into()),
    });
    let live = live.unwrap();
    live.reload().unwrap_err();
    assert_eq!(
        live.status().to_string(),
        "generation 1 | the source cannot be read, for 0 s, 1 failed read: line\\nbreak: is sealed: unseal it; or restart"
    );
}

#[test]
fn mapped_value_is_named_by_its_short_type() {
    struct Pool<T>(std::marker::PhantomData<T>);
    let fails = Arc::new(AtomicUsize::new(0));
    let script = ScriptedSource::new([("JAWSDB_URL", GOOD)]);
    let live = Live::from_vars(script.clone()).unwrap();
    let make = |fails: Arc<AtomicUsize>| {
        move |vars: &ConfigVars| {
            vars.require("JAWSDB_URL")?;
            match fails.load(SeqCst) {
                0 => Ok(Pool::<Duration>(std::marker::PhantomData)),
                _ => Err(Error::custom("is out of threads").into()),
            }
        }
    };
    let pools = (
        live.map(make(fails.clone())).unwrap(),
        live.map(make(fails.clone())).unwrap(),
    );
    fails.store(1, SeqCst);
    script.set("JAWSDB_URL", "mysql://app:n3w-Wv9Yj@db.example/shop");
    live.reload().unwrap();
    let status = live.status();
    let names: Vec<&str> = status.stale().map(|stale| stale.name()).collect();
    assert_eq!(names, ["Pool<Duration>", "Pool<Duration> (2)"]);
    assert!(status.stale().all(|stale| stale.kind() == StaleKind::Derived));
    drop(pools);
}

#[test]
fn kinds_have_distinct_names_in_kebab_case() {
    use ErrorKind::*;
    let kinds = [
        Missing,
        Empty,
        NotUnicode,
        Several,
        Ambiguous,
        WrongKind,
        UnknownScheme,
        SchemeTaken,
        MissingScheme,
        Surrounded,
        Unexpanded,
        Unencoded,
        BadEscape,
        InvalidHost,
        InvalidPort,
        InvalidPath,
        InvalidOption,
        InvalidCredentials,
        NotText,
        InvalidSource,
        UnreadableSource,
        Unwatchable,
        Refused,
        Custom,
        Unreadable,
        Unsupported,
        NotForDriver,
        MissingField,
        InvalidField,
        BadToken,
        StaleToken,
        FutureToken,
    ];
    let kebab = |kind: ErrorKind| {
        let pascal = format!("{kind:?}");
        let words = pascal
            .split_inclusive(|_: char| true)
            .enumerate()
            .map(|(index, letter)| {
                let dash = if index > 0 && letter.starts_with(char::is_uppercase) {
                    "-"
                } else {
                    ""
                };
                format!("{dash}{}", letter.to_lowercase())
            });
        words.collect::<String>()
    };
    for kind in kinds {
        assert_eq!(kind.as_str(), kebab(kind));
    }
    assert_eq!(
        kinds
            .map(ErrorKind::as_str)
            .into_iter()
            .collect::<BTreeSet<_>>()
            .len(),
        kinds.len()
    );
}
