//! Each format of config vars, and texts that have none.

use super::golden::{check, input};
use super::{run, stderr, stdout};
use base64_of::base64;

pub(crate) const FORMATS: &str = "`heroku config --json` and `heroku config -s`, .env files, Kubernetes Secrets and \
     ConfigMaps as JSON or YAML, `docker inspect`, `docker compose config`, `terraform output -json`, Cloud Foundry's \
     `VCAP_SERVICES`, and folders with one file per config var";

/// Files of `tests/cli/input` with their arguments. All have the same config vars, as far as their format can have them.
const INPUTS: &[(&str, &[&str])] = &[
    ("heroku.json", &[]),
    ("heroku.env", &[]),
    ("dotenv.env", &[]),
    ("secret.json", &[]),
    ("secret.yaml", &[]),
    ("secrets.json", &["--select", "shop"]),
    ("manifest.yaml", &["--select", "shop"]),
    ("docker-inspect.json", &[]),
    ("docker-inspect-two.json", &["-s", "web"]),
    ("docker-service-inspect.json", &[]),
    ("compose.yaml", &["--select", "web"]),
    ("compose.json", &[]),
    ("compose-list.yaml", &[]),
    ("terraform.json", &[]),
    ("vcap.json", &[]),
    ("vcap.env", &[]),
    ("cf-env.json", &[]),
    ("folder", &[]),
    ("bindings", &[]),
];

#[test]
fn each_format_is_found_by_its_content() {
    for (name, select) in INPUTS {
        let path = input(name);
        let arguments = [&["--from", path.as_str()][..], select].concat();
        let table = run(&arguments, &[], "");
        let json = run(&[&arguments[..], &["--json"]].concat(), &[], "");
        for output in [&table, &json] {
            let all = stdout(output) + &stderr(output);
            assert!(!all.contains("canary"), "{name}\n{all}");
            assert_ne!(output.status.code(), Some(2), "{name}\n{all}");
        }
        let hints = stderr(&table)
            .replace(&path, name)
            .replace("config-vars: ", "hint: ");
        check(&format!("{name}.txt"), &(stdout(&table) + &hints));
    }
}

#[test]
fn each_file_is_read_from_a_pipe_as_well() {
    for (name, select) in INPUTS.iter().filter(|(name, _)| name.contains('.')) {
        let path = input(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let from_file = run(&[&["--from", path.as_str()][..], select].concat(), &[], "");
        let piped = run(select, &[], &text);
        let asked = run(&[&["--from", "-"][..], select].concat(), &[], &text);
        assert_eq!(stdout(&piped), stdout(&from_file), "{name}");
        assert_eq!(stdout(&asked), stdout(&from_file), "{name}");
        // With a byte order mark, line breaks of Windows, and blank lines around.
        let text = format!("\u{FEFF}\r\n{}\r\n\r\n", text.replace('\n', "\r\n"));
        let output = run(select, &[], &text);
        assert_eq!(
            output.status.code(),
            from_file.status.code(),
            "{name}\n{}",
            stderr(&output)
        );
    }
}

/// The values that each format has, compared with those of `heroku config --json`.
#[test]
fn values_are_exact() {
    let database = "DATABASE_URL='postgres://app:canary%40pw@db.example/shop?sslmode=require'";
    let database_plain = "=postgres://app:canary%40pw@db.example/shop?sslmode=require";
    for (name, select) in INPUTS {
        let path = input(name);
        let output = stdout(&run(
            &[&["--reveal", "--from", path.as_str()][..], select].concat(),
            &[],
            "",
        ));
        let has_database = output.contains(database) || output.contains(database_plain);
        assert!(has_database || *name == "bindings", "{name}\n{output}");
    }
    let rows: [(&str, String, &str); 9] = [
        (
            "",
            r#"{"A": null, "B": "x"}"#.to_owned(),
            "other config vars:\nB=x\nno attachments; 1 other config var",
        ),
        // Compose doubles each dollar.
        (
            "services: {web: {environment: {A_URL: 'redis://:a$$b$$$$c$d@h'}}}",
            String::new(),
            "A_URL='redis://:a$b$$c$d@h'",
        ),
        (
            "services:\n  web:\n    environment:\n      A_KEY: |-\n        -----BEGIN X-----\n        MII\n        -----END X-----\n",
            String::new(),
            "A_KEY=\"-----BEGIN X-----\\nMII\\n-----END X-----\"",
        ),
        (
            "",
            r#"{"A_URL": "redis:\/\/:\u00e9\ud83d\ude00\\\"\n@h"}"#.to_owned(),
            "A_URL=\"redis://:é😀\\\\\\\"\\n@h\"",
        ),
        (
            "",
            r#"[{"Id": "1", "Config": {"Env": ["A_URL=redis://:p=w==@h", "B"]}}]"#.to_owned(),
            "A_URL=redis://:p=w==@h",
        ),
        (
            "",
            format!(
                r#"{{"apiVersion":"v1","kind":"Secret","data":{{"A_URL":"{}"}}}}"#,
                base64("redis://:p%20w@h")
            ),
            "A_URL=redis://:p%20w@h",
        ),
        // A Secret's plain text replaces the encoded one.
        (
            "apiVersion: v1\nkind: Secret\ndata: {A: eA==}\nstringData: {A: y}",
            String::new(),
            "A=y",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {A: \"1\", B: 'two words'}",
            String::new(),
            "B='two words'",
        ),
        (
            "",
            r#"{"out": {"type": "bool", "value": true}, "n": {"type": "number", "value": 1.50}}"#.to_owned(),
            "n=1.50\nout=true",
        ),
    ];
    for (yaml, json, expected) in rows {
        let text = yaml.to_owned() + &json;
        let output = run(&["--reveal"], &[], &text);
        assert!(
            stdout(&output).contains(expected),
            "{text}\n{}{}",
            stdout(&output),
            stderr(&output)
        );
    }
}

#[test]
fn what_is_none_of_the_formats_is_named() {
    let encoded = base64("canary");
    let rows: &[(&str, &str)] = &[
        (
            "{\"canary\": {\"canary\": 1}}",
            "is a JSON object of another form; config-vars reads",
        ),
        (
            "{\"canary\": null}",
            "is a JSON object of another form; config-vars reads",
        ),
        (
            "{\"A\": \"canary\", \"B\": 1}",
            "is a JSON object of names, not all of which have a text; config-vars reads",
        ),
        (
            "[\"canary\"]",
            "is a JSON list of another form; config-vars reads",
        ),
        ("[]", "is an empty JSON list"),
        ("\"canary\"", "is a JSON text or number; config-vars reads"),
        (
            "{\"A\": \"canary\", \"A\": \"canary\"}",
            "is a JSON object that has a name twice; keep one of the two",
        ),
        ("{\"A\": \"canary\"", "line 1, column 14: is not valid JSON"),
        (
            "{\"A\": \"canary\\ud800\"}",
            "is JSON with half a surrogate pair in a text",
        ),
        (
            "{\"canary://x\": \"y\"}",
            "has a name that no config var can have",
        ),
        (
            "canary: [x]",
            "is a YAML document of another form; config-vars reads",
        ),
        ("apiVersion: v1\nkind: [canary", "is not valid YAML"),
        (
            "apiVersion: v1\nkind: &a Secret\ndata: {A: *a}",
            "has an alias (`*name`), which is not read here",
        ),
        (
            "services:\n  web:\n    environment: {A: canary, A: canary}",
            "line 3: is a YAML mapping that has a name twice",
        ),
        (
            "apiVersion: v1\nkind: Canary",
            "is a Kubernetes object that is neither a Secret nor a ConfigMap",
        ),
        (
            "apiVersion: v1\nkind: Secret\ndata: {DB_URL: 'canary!'}",
            "has DB_URL under `data`, which is not Base64; plain text goes under `stringData`",
        ),
        (
            "apiVersion: v1\nkind: Secret\ndata: {9canary9canary9canary: '!'}",
            "has a value under `data`, which is not Base64",
        ),
        (
            "apiVersion: v1\nkind: Secret\ndata: [canary]",
            "has a `data` that is not an object",
        ),
        (
            "apiVersion: v1\nkind: Secret\ndata: {A: [canary]}",
            "has a value under `data` that is not a text",
        ),
        (
            "services: {web: {environment: {A: [canary]}}}",
            "has an `environment` with a value that is not a text",
        ),
        (
            "services: {web: {environment: canary}}",
            "has an `environment` that is neither an object nor a list",
        ),
        (
            "{\"db\": [{\"credentials\": {\"uri\": \"canary\"}}]}",
            "is not the JSON of bound services",
        ),
        (
            "=== shop Config Vars\nDATABASE_URL: postgres://u:canary@h",
            "is the table of `heroku config`, which is made for people; add `--json`",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\ncanary",
            "is PEM text without the name of a config var",
        ),
        (
            "declare -x A=\"canary\"",
            "is the output of `export -p`; pass that of `env`",
        ),
        ("<html>canary", "is an HTML or XML document"),
        ("[canary]\nurl = \"canary\"", "is an INI or TOML file"),
        ("#!/bin/sh\nA=canary", "is a script"),
        (
            "postgres://u:canary@h/d?a=b",
            "is a URL without the name of a config var",
        ),
        ("A=canary\0", "is binary data"),
        ("canary words", "is text without a `NAME=value` line"),
        (&encoded, "is text without a `NAME=value` line"),
        (" \n\t", "is empty"),
        ("A=1\ncanary", "line 2 of the env file has no `NAME=value`"),
    ];
    for (text, message) in rows {
        for arguments in [&["--from", "-"][..], &["--from", "-", "--json"]] {
            let output = run(arguments, &[], text);
            let all = stdout(&output) + &stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{text}\n{all}");
            assert!(all.contains(message), "{text}\n{all}");
            assert!(!all.to_lowercase().contains("canary"), "{text}\n{all}");
            assert_eq!(all.lines().count(), 1, "{text}\n{all}");
        }
    }
    for (name, message) in [
        ("no/such/file", "no/such/file: does not exist; correct the path"),
        (
            "postgres://u:canary@h",
            "the file: does not exist; correct the path",
        ),
    ] {
        let output = run(&["--from", name], &[], "");
        assert_eq!(stderr(&output), format!("config-vars: {message}\n"));
    }
}

/// `heroku config --json > FILE`, in Windows PowerShell.
#[test]
fn utf_16_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    let path = path.to_str().unwrap();
    let units = || "\u{feff}{\"A\": \"canary\"}".encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        std::fs::write(path, bytes).unwrap();
        let output = run(&["--from", path], &[], "");
        assert!(
            stderr(&output)
                .ends_with("config.json: is UTF-16 text, as PowerShell writes it; save it as UTF-8\n"),
            "{}",
            stderr(&output)
        );
        assert_eq!(output.status.code(), Some(2));
    }
}

/// None of several with one name is chosen silently.
#[test]
fn several_of_one_name_are_told_apart() {
    let object = |kind: &str, namespace: &str, host: &str| {
        format!(
            "---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: shop, namespace: {namespace}}}\n{}: {{A_URL: 'redis://:canary@{host}'}}\n",
            if kind == "Secret" { "stringData" } else { "data" }
        )
    };
    let yaml = object("Secret", "live", "one")
        + &object("Secret", "test", "two")
        + &object("ConfigMap", "live", "three");
    let without_namespaces = yaml
        .replace(", namespace: live", "")
        .replace(", namespace: test", "");
    let of_two_kinds = object("ConfigMap", "x", "one").replace(", namespace: x", "")
        + "---\n"
        + &object("Secret", "x", "two").replace(", namespace: x", "");
    let image = |id: &str, tags: &str, host: &str| {
        format!(
            r#"{{"Id": "{id}", "RepoTags": [{tags}], "Config": {{"Env": ["A_URL=redis://:canary@{host}"]}}}}"#
        )
    };
    let images = format!(
        "[{}, {}]",
        image("sha256:1", "", "one"),
        image("sha256:2", "\"x:1\"", "two")
    );
    let twice = format!(
        "[{}, {}]",
        image("sha256:1", "", "one"),
        image("sha256:1", "", "one")
    );
    let rows: &[(&str, &[&str], Result<&str, &str>)] = &[
        (
            &yaml,
            &[],
            Err(
                "has 3 Secrets and ConfigMaps: live/secret/shop, test/secret/shop, live/configmap/shop; choose one",
            ),
        ),
        (
            &yaml,
            &["-s", "shop"],
            Err(
                "has 3 Secrets and ConfigMaps of that name: live/secret/shop, test/secret/shop, live/configmap/shop; choose one",
            ),
        ),
        (&yaml, &["-s", "test/secret/shop"], Ok("two")),
        (&yaml, &["-s", "live/configmap/shop"], Ok("three")),
        (
            &without_namespaces,
            &["-s", "secret/shop"],
            Err("has 2 Secrets and ConfigMaps of that name: secret/shop, secret/shop; choose one"),
        ),
        (&without_namespaces, &["-s", "configmap/shop"], Ok("three")),
        (
            &of_two_kinds,
            &["-s", "shop"],
            Err("has 2 Secrets and ConfigMaps of that name: configmap/shop, secret/shop; choose one"),
        ),
        (&of_two_kinds, &["-s", "secret/shop"], Ok("two")),
        (&images, &[], Err("has 2 containers: sha256:1, x:1; choose one")),
        (&images, &["-s", "sha256:1"], Ok("one")),
        (&images, &["-s", "x:1"], Ok("two")),
        (
            &twice,
            &["-s", "sha256:1"],
            Err("has 2 containers of that name: sha256:1, sha256:1; choose one"),
        ),
        (
            r#"{"apiVersion": "v1", "kind": "List", "items": [], "metadata": {"resourceVersion": ""}}"#,
            &[],
            Err("has no Secrets and ConfigMaps"),
        ),
        (
            "apiVersion: v1\nkind: SecretList\nitems: []\n",
            &["-s", "shop"],
            Err("has no Secrets and ConfigMaps"),
        ),
    ];
    for (text, select, expected) in rows {
        let output = run(&[&["--from", "-", "--json"][..], select].concat(), &[], text);
        let all = stdout(&output) + &stderr(&output);
        assert!(!all.contains("canary"), "{all}");
        match expected {
            Ok(host) => assert!(all.contains(&format!("\"host\": \"{host}\"")), "{text}\n{all}"),
            Err(message) => {
                assert!(stderr(&output).contains(message), "{text}\n{all}");
                assert_eq!(output.status.code(), Some(2));
            }
        }
    }
}

#[test]
fn one_of_several_is_selected_by_name() {
    let rows: &[(&str, &[&str], &str)] = &[
        (
            "compose.yaml",
            &[],
            "has 2 services: db, web; choose one with `--select NAME`",
        ),
        (
            "compose.yaml",
            &["-s", "canary"],
            "has none of that name among its services: db, web",
        ),
        (
            "secrets.json",
            &[],
            "has 2 Secrets and ConfigMaps: ledger, shop; choose one with `--select NAME`",
        ),
        (
            "manifest.yaml",
            &[],
            "has 2 Secrets and ConfigMaps: shop, settings; choose one",
        ),
        (
            "docker-inspect-two.json",
            &[],
            "has 2 containers: web, worker; choose one",
        ),
        (
            "heroku.json",
            &["-s", "canary"],
            "has nothing to choose from; leave out `--select`",
        ),
        (
            "dotenv.env",
            &["-s", "canary"],
            "has nothing to choose from; leave out `--select`",
        ),
        (
            "folder",
            &["-s", "canary"],
            "is a folder, which has nothing to choose from",
        ),
    ];
    for (name, arguments, message) in rows {
        let path = input(name);
        let output = run(&[&["--from", path.as_str()][..], arguments].concat(), &[], "");
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(stderr(&output).contains(message), "{name}\n{}", stderr(&output));
        assert!(!stderr(&output).contains("canary"), "{name}\n{}", stderr(&output));
    }
    for (name, selected, found) in [
        ("secrets.json", "ledger", "ledger.example"),
        ("manifest.yaml", "settings", "cache.example"),
        ("docker-inspect-two.json", "worker", "mq.example"),
        ("compose.yaml", "db", "no config vars"),
    ] {
        let output = run(&["--from", &input(name), "--select", selected], &[], "");
        assert!(stdout(&output).contains(found), "{name}\n{}", stdout(&output));
    }
}

/// No truncated or damaged text of any format leads to a message with a piece of it, or to a panic.
#[test]
fn damaged_texts_leak_nothing() {
    for (name, select) in INPUTS.iter().filter(|(name, _)| name.contains('.')) {
        let text = std::fs::read_to_string(input(name)).unwrap();
        // Processes are slow to start: a few cuts of each file.
        for part in 1..8 {
            let mut cut = text.len() * part / 8;
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
            for damaged in [
                text[..cut].to_owned(),
                format!("{}\u{0}{}", &text[..cut], &text[cut..]),
                format!("{}\"{}", &text[..cut], &text[cut..]),
            ] {
                let output = run(&[&["--from", "-"][..], select].concat(), &[], &damaged);
                let all = stdout(&output) + &stderr(&output);
                assert!(
                    !all.contains("canary") && !all.contains("panicked"),
                    "{name} {cut}\n{all}"
                );
                assert!(
                    output.status.code().is_some_and(|code| code <= 2),
                    "{name} {cut}\n{all}"
                );
            }
        }
    }
}

mod base64_of {
    /// Encodes text as a Secret has it.
    pub(super) fn base64(text: &str) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let encode = |chunk: &[u8]| {
            let bytes = [0, 1, 2].map(|index| u32::from(chunk.get(index).copied().unwrap_or(0)));
            let bits = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
            let digit = |index: usize| match index <= chunk.len() {
                true => char::from(DIGITS[(bits >> (18 - 6 * index)) as usize & 63]),
                false => '=',
            };
            [0, 1, 2, 3].map(digit)
        };
        text.as_bytes().chunks(3).flat_map(encode).collect()
    }
}
