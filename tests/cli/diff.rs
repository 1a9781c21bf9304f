//! `config-vars diff`.

use super::golden::{check, input};
use super::{run, stderr, stdout};
use serde_json::{Value, json};
use std::process::Output;

const STAGING: &str = "\
DATABASE_URL=postgres://app:canary1@db-1.example/shop?sslmode=require
KAFKA_PREFIX=canary1
KAFKA_TRUSTED_CERT='-----BEGIN CERTIFICATE-----\nMIIcanary\n-----END CERTIFICATE-----'
KAFKA_URL=kafka+ssl://k1.example:9096,k2.example:9096
LOG_LEVEL=debug-canary
MAIL_URL=smtp://user:canary@mail.example
MONGODB_URI=mongodb+srv://app:canary@cluster.example/shop
PORT=8080
REDIS_URL=redis://:canary@cache.example:6379
SENDGRID_API_KEY=SG.canary1
SENTRY_DSN=https://canary@sentry.example/1
";

const PRODUCTION: &str = "\
DATABASE_URL=postgres://shop:canary2@db-2.example:5433/store?sslmode=verify-full
KAFKA_URL=kafka+ssl://k1.example:9096,k2.example:9096
KAFKA_TRUSTED_CERT='-----BEGIN CERTIFICATE-----\nMIIcanary\n-----END CERTIFICATE-----'
LOG_LEVEL=info-canary
MAIL_URL=amqp://user:canary@mail.example
MEMCACHIER_PASSWORD=canary
MEMCACHIER_SERVERS=mc.example
MEMCACHIER_USERNAME=canary
MONGODB_URI=mongodb+srv://app:canary@cluster.example/shop
PORT=8080
REDIS_URL=redis://:canary#@cache.example:6379
SENDGRID_API_KEY=SG.canary2
SENTRY_DSN=https://canary@sentry.example/2
TRACING=canary
";

/// Runs `diff` on two texts, in files of these names.
fn diff(first: &str, second: &str, arguments: &[&str]) -> Output {
    diff_in(&[], first, second, arguments)
}

fn diff_in(env: &[(&str, &str)], first: &str, second: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let paths = [("staging.env", first), ("production.env", second)].map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let mut output = run(
        &[&["diff", &paths[0], &paths[1]][..], arguments].concat(),
        env,
        "",
    );
    let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    for text in [&mut output.stdout, &mut output.stderr] {
        *text = String::from_utf8(text.clone())
            .unwrap()
            .replace(&folder, "")
            .into_bytes();
    }
    output
}

#[test]
fn differences_are_shown_without_values() {
    for (arguments, name) in [(&[][..], "diff.txt"), (&["--json"], "diff.json")] {
        let output = diff(STAGING, PRODUCTION, arguments);
        assert_eq!(output.status.code(), Some(1));
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains("canary"), "{all}");
        check(name, &stdout(&output));
    }
    let output = run(
        &["diff", &input("heroku.json"), &input("heroku.env")],
        &[("COLUMNS", "60")],
        "",
    );
    assert!(!stdout(&output).contains("canary"));
}

#[test]
fn exit_status_says_whether_anything_differs() {
    let good = "REDIS_URL=redis://:pw@h\n";
    let bad = "REDIS_URL=redis://:p#w@h\n";
    let rows = [
        (good, good, 0),
        (good, "REDIS_URL=redis://:other@h\n", 1),
        (good, "REDIS_URL=redis://:pw@h\nA=1\n", 1),
        ("A=1", "A=2", 1),
        ("A=1", "{\"A\": \"1\"}", 0),
        // Two times the same fault is still one.
        (bad, bad, 1),
        (good, "canary", 2),
        ("", good, 2),
    ];
    for (first, second, code) in rows {
        let output = diff(first, second, &[]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{first} {second}\n{}",
            stdout(&output)
        );
    }
    assert_eq!(
        stdout(&diff(good, good, &[])),
        "--- staging.env\n+++ production.env\nno difference\n"
    );
    assert_eq!(stdout(&diff(good, good, &["--quiet"])), "");
}

/// Credentials, PEM text and parts in config vars of their own.
#[test]
fn each_role_that_differs_is_named() {
    let pem = |label: &str, text: &str| format!("'-----BEGIN {label}-----\n{text}\n-----END {label}-----'");
    let rows = [
        ("A_API_KEY", "one".to_owned(), "two".to_owned(), "token"),
        ("A_PASSWORD", "one".to_owned(), "two".to_owned(), "password"),
        (
            "A_CERT",
            pem("CERTIFICATE", "MIIC"),
            pem("CERTIFICATE", "MIID"),
            "certificate",
        ),
        (
            "A_CERT_KEY",
            pem("PRIVATE KEY", "MIIC"),
            pem("PRIVATE KEY", "MIID"),
            "private-key",
        ),
    ];
    for (name, first, second, expected) in rows {
        let [first, second] = [first, second].map(|value| format!("A_URL=redis://h\n{name}={value}\n"));
        let report: Value = serde_json::from_str(&stdout(&diff(&first, &second, &["--json"]))).unwrap();
        assert_eq!(
            report["attachments"][0]["differs"],
            json!([expected]),
            "{name}\n{report}"
        );
    }
}

/// Each part of a URL by itself.
#[test]
fn each_part_that_differs_is_named() {
    let rows = [
        ("postgres://u:p@h/d", "mysql://u:p@h/d", json!(["kind"])),
        ("postgres://u:p@h/d", "postgres://u:p@i/d", json!(["hosts"])),
        ("postgres://u:p@h/d", "postgres://u:p@h:5432/d", json!([])),
        ("postgres://u:p@h/d", "postgres://u:p@h:5433/d", json!(["hosts"])),
        ("postgres://u:p@h/d", "postgres://u:p@h/e", json!(["database"])),
        (
            "postgres://u:p@h/d",
            "postgres://u:p@h/d?sslmode=require",
            json!(["tls", "options"]),
        ),
        ("postgres://u:p@h/d", "postgres://v:p@h/d", json!(["username"])),
        ("postgres://u:p@h/d", "postgres://u:q@h/d", json!(["password"])),
        ("postgres://u:p@h/d", "postgres://u:%70@h/d", json!([])),
        ("https://h/a", "https://h/b", json!(["path"])),
        ("https://h/?a=b", "https://h/?a=c", json!(["options"])),
        ("redis://:p@h", "redis://:p#@h", json!(["validity"])),
        ("redis://h", "rediss://h", json!(["tls"])),
        ("memcache://a:p@h", "memcache://a:q@h", json!(["password"])),
    ];
    for (first, second, expected) in rows {
        let output = diff(
            &format!("A_URL={first}\n"),
            &format!("A_URL={second}\n"),
            &["--json"],
        );
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let attachment = &report["attachments"][0];
        assert_eq!(attachment["differs"], expected, "{first} {second}\n{report}");
        // A value that is spelled otherwise differs, and in nothing.
        assert_eq!(
            attachment["vars"],
            json!([{"name": "A_URL", "change": "differs"}])
        );
    }
}

#[test]
fn names_are_escaped_and_may_be_no_values() {
    let first = "{\"EVIL\\u001b[2J\\u202e_URL\": \"redis://h\", \"X\\u0007\": \"y\"}";
    let output = diff(first, "{}", &[]);
    let all = stdout(&output) + &stderr(&output);
    assert!(
        all.contains("EVIL\\u{1b}[2J\\u{202e}_URL") && all.contains("X\\u{7}"),
        "{all}"
    );
    let output = run(&["diff", "postgres://u:canary@h", "b"], &[], "");
    assert_eq!(
        stderr(&output),
        "config-vars: the file: does not exist; correct the path\n"
    );
}

#[test]
fn lines_fit_the_width() {
    for width in [40, 60, 80] {
        let text = stdout(&diff_in(
            &[("COLUMNS", &width.to_string())],
            STAGING,
            PRODUCTION,
            &[],
        ));
        // The files have the names of a folder here, and the lines are shorter without it.
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(text.contains("6 attachments differ;"), "{text}");
    }
}

#[test]
fn standard_input_is_one_of_the_two_at_most() {
    let output = run(&["diff", "-", "-"], &[], STAGING);
    assert_eq!(
        (stderr(&output).as_str(), output.status.code()),
        (
            "config-vars: standard input can be read once; pass a file for the other one\n",
            Some(2)
        )
    );
}
