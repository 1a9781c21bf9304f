//! The command, run as a user runs it.

#![cfg(feature = "cli")]

mod arguments;
mod diff;
mod formats;
mod golden;
#[cfg(all(unix, feature = "heroku"))]
mod heroku;
mod layout;
#[cfg(unix)]
mod piped;
mod schema;
#[cfg(unix)]
mod terminal;

use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

const FIFTEEN: &str = include_str!("../it/data/fifteen.json");

/// Pieces of the secrets in `it/data/fifteen.json`.
const SECRETS: &[&str] = &[
    "3nqcxwys",
    "01234567-89ab",
    "iW_zth1g",
    "8293e471",
    "QYe5zjFl",
    "er7ppxz2",
    "old8a7sd",
    "pa#ss",
    "MIIC",
    "MIIE",
    "3333-4444",
    "bfebc92e",
    "5S7jG0iV",
    "c0ffee01",
    "apitoken",
    "p17a8715",
    "EXAMPLE-not",
    "5b3de273",
    "1234567",
    "ssruk",
    "ufeb",
    "appuser",
    "a1b2c3",
];

/// Runs the command in an empty environment but for `env`, with `input` piped in.
fn run(arguments: &[&str], env: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_config-vars"))
        .args(arguments)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input has closed it: no fault of this test's.
    _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn fifteen_add_ons_at_once() {
    let output = run(&[], &[], FIFTEEN);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for name in [
        "BONSAI",
        "CLOUDAMQP",
        "DATABASE",
        "FIXIE",
        "HEROKU_POSTGRESQL_AMBER",
        "INFERENCE",
        "JAWSDB",
        "JAWSDB_MARIA",
        "KAFKA",
        "LOGENTRIES",
        "MEMCACHIER",
        "MONGODB",
        "NEW_RELIC",
        "REDIS",
        "SENDGRID",
        "SENTRY",
    ] {
        assert!(
            text.lines()
                .any(|line| line.trim_start().starts_with(&format!("{name} "))),
            "{name}\n{text}"
        );
    }
    assert!(
        text.contains("16 attachments; 3 other config vars, not looked into"),
        "{text}"
    );
    assert!(
        text.contains("fault JAWSDB_URL: the password holds an unencoded `#`; write `%23`\n"),
        "{text}"
    );
    assert!(
        text.contains("note  DATABASE: TLS is asked for, and the server's certificate is not verified"),
        "{text}"
    );
    assert_eq!(
        text.matches("fault").count(),
        2,
        "the row's and the line's\n{text}"
    );
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    // Not a terminal: no colours.
    assert!(!text.contains('\u{1b}'));
    assert_eq!(stderr(&output), "");
}

#[test]
fn page_of_the_command_shows_its_output() {
    let page = include_str!("../../docs/command.md");
    let table = stdout(&run(&[], &[], FIFTEEN));
    for output in [&table, include_str!("golden/diff.txt")] {
        assert!(
            page.replace("\r\n", "\n").contains(output),
            "not on the page:\n{output}"
        );
    }
}

#[test]
fn exit_codes() {
    let good = "REDIS_URL=redis://cache.example\n";
    let bad = "REDIS_URL='redis://:p w@cache.example'\n";
    let rows: &[(&[&str], &str, i32)] = &[
        (&[], good, 0),
        (&[], bad, 1),
        (&["--require", "REDIS_URL=redis"], good, 0),
        (
            &["--require", "REDIS_URL=rediss", "--require", "REDIS_URL=redis"],
            good,
            0,
        ),
        (&["--require", "REDIS_URL=mysql"], good, 1),
        (&["--require", "MYSQL_URL=mysql"], good, 1),
        (&["--from", "-"], good, 0),
        (&["--from", "no/such/file"], "", 2),
        (&[], "{\"A\": 12345678}", 2),
        (&[], "not an env file", 2),
        (&[], "A='open", 2),
        (&["--require", "X"], good, 2),
        (&["--require", "X=nonsense"], good, 2),
        (&["--nonsense"], good, 2),
    ];
    for (arguments, input, code) in rows {
        let output = run(arguments, &[], input);
        assert_eq!(
            output.status.code(),
            Some(*code),
            "{arguments:?} {input:?}\n{}{}",
            stdout(&output),
            stderr(&output)
        );
    }
    let output = run(
        &["--require", "MYSQL_URL=mysql", "--require", "REDIS_URL=mysql"],
        &[],
        good,
    );
    let text = stdout(&output);
    assert!(
        text.contains("fault MYSQL_URL: is not set; set it, or attach the add-on that provides it\n"),
        "{text}"
    );
    assert!(
        text.contains("fault REDIS_URL: the value is a redis URL, expected mysql\n"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_read_is_told_without_a_piece_of_it() {
    let rows = [
        (
            "{\"A\": 12345678}",
            "config-vars: standard input: is a JSON object of another form; config-vars reads FORMATS\n",
        ),
        (
            "{\"A\": \"s3cret",
            "config-vars: standard input: line 1, column 13: is not valid JSON\n",
        ),
        (
            "A=1\ns3cret\n",
            "config-vars: standard input: line 2 of the env file has no `NAME=value`; write one, or a `#` before a comment\n",
        ),
        (
            "A=1\n\nB='s3cret",
            "config-vars: standard input: line 3 of the env file opens a quote that nothing closes; close it\n",
        ),
    ];
    for (input, message) in rows {
        let output = run(&[], &[], input);
        let message = message.replace("FORMATS", formats::FORMATS);
        assert_eq!(
            (stdout(&output).as_str(), stderr(&output).as_str()),
            ("", message.as_str()),
            "{input}"
        );
    }
}

/// clap quotes what it does not understand; a URL may be in it.
#[test]
fn no_complaint_quotes_the_command_line() {
    let url = "postgres://u:hunter2secret@h/d";
    let require = format!("DATABASE_URL={url}");
    for arguments in [
        &["--require", require.as_str()][..],
        &[url],
        &["--from", url],
        &["--from"],
    ] {
        let output = run(arguments, &[], "A=1");
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr(&output).starts_with("config-vars: "),
            "{}",
            stderr(&output)
        );
        assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
    }
    assert_eq!(run(&["--help"], &[], "").status.code(), Some(0));
    // Nor does a name that holds a value, or commands for the terminal.
    for input in [
        format!("{url}?sslmode=require"),
        format!("{{\"{url}\": \"x\"}}"),
        format!("DATABASE_URL:{url}?a_URL=b@c"),
    ] {
        let output = run(&[], &[], &input);
        assert_eq!(output.status.code(), Some(2), "{input}");
        assert!(
            !format!("{}{}", stdout(&output), stderr(&output)).contains("hunter2"),
            "{input}"
        );
    }
    let text = stdout(&run(
        &[],
        &[],
        "{\"EVIL\\u001b[2J\\nno faults_URL\": \"redis://h\"}",
    ));
    assert!(text.contains("EVIL\\u{1b}[2J\\nno faults_URL"), "{text}");
}

#[test]
fn the_forms_of_input_are_told_apart() {
    let shell = "CACHE_URL=redis://:it\\'s@h\nexport JAWSDB_URL='mysql://u:p@h/d?a=$b'\n";
    let env = "# comment\n\nREDIS_URL = \"redis://:p@h\" # the cache\nPORT=8080\n";
    let json = "\n { \"REDIS_URL\": \"redis://:p@h\" }";
    for (input, attachments) in [(shell, 2), (env, 1), (json, 1)] {
        let text = stdout(&run(&[], &[], input));
        assert!(
            text.contains(&format!("{attachments} attachment")),
            "{input}\n{text}"
        );
        assert!(text.contains("no faults"), "{input}\n{text}");
    }
    // Nothing piped in: the process environment. A pipe that brings nothing: a command that failed.
    let output = Command::new(env!("CARGO_BIN_EXE_config-vars"))
        .env_clear()
        .envs([("REDIS_URL", "redis://:p@h"), ("HOME", "/")])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        stdout(&output).contains("1 attachment; 1 other config var, not"),
        "{}",
        stdout(&output)
    );
    // An empty pipe is an error only where it was asked for.
    let environment = [("REDIS_URL", "redis://:p@h")];
    let output = run(&[], &environment, "");
    assert!(stdout(&output).contains("1 attachment\n"), "{}", stdout(&output));
    assert!(stderr(&output).starts_with("config-vars: standard input is an empty pipe"));
    let output = run(&["--from", "-"], &environment, "");
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(2), "config-vars: standard input: is empty\n")
    );
}

#[test]
fn the_json_object() {
    let output = run(&["--json"], &[], FIFTEEN);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
    let report: Value = serde_json::from_str(&text).unwrap();
    let find = |list: &str, name: &str| {
        report[list]
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(report["vars"].as_array().unwrap().len(), 28);
    assert_eq!(
        find("attachments", "DATABASE"),
        serde_json::json!({
            "name": "DATABASE", "kind": "postgres", "vars": ["DATABASE_URL"], "tls": "unverified",
            "aliases": [{"name": "HEROKU_POSTGRESQL_AMBER", "certain": true}],
        })
    );
    assert_eq!(
        find("vars", "DATABASE_URL"),
        serde_json::json!({
            "name": "DATABASE_URL", "attachment": "DATABASE", "role": "url", "status": "ok", "kind": "postgres",
            "scheme": "postgres", "tls": "unverified",
            "hosts": [{"host": "db-1.compute.example", "port": 5432, "port_is_default": false}],
            "username": "[redacted]", "password": "[redacted]", "database": "dz505", "path": "/dz505",
            "query": [["[redacted]", "[redacted]"]], "warnings": [], "error": null, "value": null,
        })
    );
    let jawsdb = find("vars", "JAWSDB_URL");
    assert_eq!(
        (&jawsdb["status"], &jawsdb["kind"], &jawsdb["scheme"]),
        (&"invalid".into(), &"mysql".into(), &Value::Null)
    );
    assert_eq!(
        jawsdb["error"],
        serde_json::json!({
            "kind": "unencoded", "component": "password",
            "message": "the password holds an unencoded `#`; write `%23`",
        })
    );
    assert_eq!(
        report["faults"],
        serde_json::json!([{
            "var": "JAWSDB_URL", "kind": "unencoded", "component": "password",
            "message": "the password holds an unencoded `#`; write `%23`",
        }])
    );
    assert_eq!(
        report["notes"][0],
        serde_json::json!({
            "attachment": "DATABASE",
            "message": "TLS is asked for, and the server's certificate is not verified",
        })
    );
    assert_eq!((&report["schema"], stderr(&output).as_str()), (&1.into(), ""));
    assert_eq!(find("vars", "REDIS_URL")["username"], "");
    assert_eq!(find("vars", "REDIS_TLS_URL")["attachment"], "REDIS");
    assert_eq!(find("vars", "NEW_RELIC_URL")["path"], "[redacted]");
    assert_eq!(find("vars", "NEW_RELIC_URL")["username"], Value::Null);
    assert_eq!(find("vars", "CLOUDAMQP_URL")["database"], "[redacted]");
    assert_eq!(find("vars", "KAFKA_CLIENT_CERT_KEY")["role"], "private-key");
    assert_eq!(find("vars", "MEMCACHIER_SERVERS")["role"], "servers");
    assert_eq!(
        find("vars", "MEMCACHIER_SERVERS")["hosts"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(find("vars", "MONGODB_URI")["hosts"][0]["port"], Value::Null);
    assert_eq!(find("vars", "PATH")["status"], "ignored");
    assert_eq!(find("vars", "PATH")["attachment"], Value::Null);
}

#[test]
fn secrets_are_revealed_on_request_and_with_a_warning() {
    let output = run(
        &["--json", "--reveal"],
        &[],
        "A_URL=redis://u:p%40w@h/0?x=y\nB_URL=mysql://%2Ftmp%2Fs.sock\n",
    );
    assert_eq!(
        stderr(&output),
        "config-vars: the output has secrets in clear text\n"
    );
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let a = &report["vars"][0];
    assert_eq!((&a["username"], &a["password"]), (&"u".into(), &"p@w".into()));
    assert_eq!(a["query"], serde_json::json!([["x", "y"]]));
    assert_eq!(
        report["vars"][1]["hosts"],
        serde_json::json!([{"socket": "/tmp/s.sock"}])
    );
    let output = run(&["--reveal"], &[], "A_URL=redis://u:p%40w@h\n");
    assert!(stdout(&output).contains("A_URL=redis://u:p%40w@h\n"));
    // Of every kind of config var: credentials, PEM, and what belongs to no attachment.
    let input = "SENDGRID_API_KEY=SG.key\nKAFKA_CLIENT_CERT='-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----'\n\
         KAFKA_URL=kafka://h\nPORT=8080\nNAME='a b'\n";
    let output = run(&["--reveal"], &[], input);
    let expected = "secrets of the attachments:\n\
         KAFKA_CLIENT_CERT=\"-----BEGIN CERTIFICATE-----\\nMIIC\\n-----END CERTIFICATE-----\"\n\
         KAFKA_URL=kafka://h\nSENDGRID_API_KEY=SG.key\nother config vars:\nNAME='a b'\nPORT=8080\n2 attachments";
    assert!(stdout(&output).contains(expected), "{}", stdout(&output));
    let report: Value = serde_json::from_str(&stdout(&run(&["--reveal", "--json"], &[], input))).unwrap();
    let values: Vec<_> = report["vars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|var| &var["value"])
        .collect();
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----";
    assert_eq!(values, [certificate, "kafka://h", "a b", "8080", "SG.key"]);
}

#[test]
fn value_in_place_of_a_required_name_is_not_shown() {
    let values = [
        "postgres://app:hunter2secret@db.example/shop",
        "app:hunter2secret@db.example",
        "hunter2secret with spaces",
        "DB_PASSWORD:hunter2secret",
        "HQ1Whunter2secret9Kv3Jh5Gf8Bd",
        "hunter2secret/9Kv3+Jh5",
        "sk_live_hunter2HqLyjWDarj",
        "{\"hunter2secret\":1}",
        "\u{1b}]0;hunter2secret\u{7}",
        "hunter2sécret",
    ];
    for value in values {
        for json in [&[][..], &["--json"]] {
            let require = format!("{value}=postgres");
            let output = run(
                &[&["--require", require.as_str()], json].concat(),
                &[],
                "REDIS_URL=redis://h",
            );
            let all = stdout(&output) + &stderr(&output);
            assert!(!all.contains("hunter2"), "{value}\n{all}");
            assert!(!all.contains('\u{1b}'), "{value}\n{all}");
            assert_eq!(output.status.code(), Some(1), "{value}\n{all}");
            assert!(
                all.contains("its name is not shown because it may be a value"),
                "{all}"
            );
        }
    }
    let output = run(
        &["--require", "DATABASE_URL=postgres"],
        &[],
        "REDIS_URL=redis://h",
    );
    assert!(
        stdout(&output).contains("fault DATABASE_URL: is not set"),
        "{}",
        stdout(&output)
    );
}

/// Names, aliases, messages and origins, as the table and as JSON.
#[test]
fn names_are_escaped_in_the_table_and_in_json() {
    let unsafe_characters = [
        '\u{1b}',
        '\u{7}',
        '\n',
        '\r',
        '\t',
        '\u{7f}',
        '\u{80}',
        '\u{85}',
        '\u{9b}',
        '\u{9d}',
        '\u{9f}',
        '\u{ad}',
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{e0041}',
    ];
    for character in unsafe_characters {
        let evil = format!("EVIL{character}16 attachments; all is well");
        let pairs = [
            (format!("{evil}_URL"), "redis://:pw@h"),
            ("PLAIN_URL".to_owned(), "redis://:pw@h"),
            (format!("{evil}_OTHER_URL"), "redis://:other@h"),
            (format!("{evil}_BAD_URL"), "redis://:p w@h"),
            (format!("IGNORED{character}"), "x"),
        ];
        let input =
            serde_json::to_string(&pairs.iter().cloned().collect::<std::collections::HashMap<_, _>>())
                .unwrap();
        let from = format!("no such\u{9b}{character}file");
        for arguments in [
            &[][..],
            &["--json"],
            &["--reveal"],
            &["--json", "--reveal"],
            &["--from", &from],
        ] {
            let output = run(arguments, &[], &input);
            let all = stdout(&output) + &stderr(&output);
            let raw = unsafe_characters
                .iter()
                .find(|raw| **raw != '\n' && all.contains(**raw));
            assert_eq!(raw, None, "{character:?} {arguments:?}\n{all}");
            assert!(
                all.lines().all(|line| !line.starts_with("16 attachments")),
                "{all}"
            );
            if arguments.first() == Some(&"--json") {
                // A program reads the names as they are.
                let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
                let names: Vec<_> = report["vars"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|var| &var["name"])
                    .collect();
                assert!(
                    pairs
                        .iter()
                        .all(|(name, _)| names.contains(&&Value::from(name.as_str()))),
                    "{all}"
                );
            }
        }
    }
}

#[test]
fn name_that_exists_and_is_a_value_is_not_shown() {
    for (name, value) in [
        ("postgres://app:hunter2@db.example/shop", "redis://:p w@h"),
        ("app:hunter2@db_URL", "redis://:p w@h"),
        ("app:hunter2@db_URL", "redis://:pw@h"),
        ("https://hunter2.example/_PASSWORD", "-----BEGIN X"),
        ("hunter2@x", ""),
    ] {
        for arguments in [&[][..], &["--json"], &["--reveal"]] {
            let output = Command::new(env!("CARGO_BIN_EXE_config-vars"))
                .args(arguments)
                .env_clear()
                .envs([(name, value), ("B_URL", value)])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let all = stdout(&output) + &stderr(&output);
            assert!(!all.contains("hunter2"), "{name}\n{all}");
        }
    }
}

#[test]
fn scheme_that_may_be_a_password_is_not_shown() {
    for (value, is_shown) in [
        ("hunter2secret://x", false),
        ("Hunter://x", false),
        ("hunterhunterhunterhunter://x", false),
        ("h1://hunter", false),
        ("s3://bucket.example", true),
        ("nats://mq.example", true),
        ("bolt+ssc://db.example", true),
    ] {
        let scheme = value.split_once("://").unwrap().0;
        let input = format!("PARTNER_URL={value}\nPARTNER_TOKEN=x\n");
        let json = stdout(&run(&["--json"], &[], &input));
        let table = stdout(&run(&[], &[], &input));
        assert!(
            json.contains("PARTNER_URL") && table.contains("PARTNER_URL"),
            "{table}{json}"
        );
        assert!(is_shown || !table.contains(scheme), "{table}");
        assert_eq!(json.contains(&format!("\"{scheme}\"")), is_shown, "{json}");
        let revealed = stdout(&run(&["--json", "--reveal"], &[], &input));
        assert!(revealed.contains(&format!("\"{scheme}\"")), "{revealed}");
    }
}
