//! `--app`, against a server in place of Heroku's API.

#[path = "../api_server.rs"]
#[allow(dead_code, reason = "other tests use more of it")]
mod api_server;

use super::{run, stderr, stdout};
use api_server::{CANARY, Server, TOKEN, answer, error_body, file, listen};
use std::io::Write;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Runs the command for the app `shop`, with a server in place of the API. Neither a value nor the token is in its output.
#[track_caller]
fn run_app(port: u16, arguments: &[&str], env: &[(&str, &str)]) -> Output {
    let server = format!("{port}={}", file("authority.pem").display());
    let all = [&["--app", "shop", "--loopback-api", &server], arguments].concat();
    let output = run(&all, env, "");
    for secret in [CANARY, TOKEN, &TOKEN[5..]] {
        for text in [stdout(&output), stderr(&output)] {
            assert!(!text.contains(secret), "{arguments:?}\n{text}");
        }
    }
    output
}

/// A server with an app whose three config vars have secrets.
fn shop() -> Server {
    Server::start("right", |asked, stream| {
        let text = if asked.path() == "/apps/shop/config-vars" {
            let body = format!(
                r#"{{"LEDGER_URL": "postgres://app:{CANARY}@db.example/shop", "DATABASE_URL": "postgres://app:{CANARY}@db.example/shop",
                     "SECRET_KEY_BASE": "{CANARY}", "JAWSDB_URL": "mysql://app:{CANARY}#@db.example/shop"}}"#
            );
            answer("200 OK", "ETag: \"1\"\r\n", &body)
        } else {
            let row = |name: &str, addon: &str| {
                format!(
                    r#"{{"id": "{CANARY}", "name": "{name}", "addon": {{"id": "{addon}"}}, "config_vars": ["{name}_URL"]}}"#
                )
            };
            let rows = [row("LEDGER", "1"), row("DATABASE", "2"), row("JAWSDB", "3")];
            answer("200 OK", "", &format!("[{}]", rows.join(",")))
        };
        _ = stream.write_all(text.as_bytes());
    })
}

#[test]
fn app_is_shown_with_the_attachments_of_the_platform() {
    let server = shop();
    let token = [("HEROKU_API_KEY", TOKEN)];
    let output = run_app(server.port, &[], &token);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let text = stdout(&output);
    for line in [
        "3 attachments; 1 other config var, not looked into",
        "fault JAWSDB_URL: the password holds an unencoded `#`; write `%23`",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for asked in server.asked.lock().unwrap().iter() {
        assert_eq!(asked.field("Authorization"), Some(&*format!("Bearer {TOKEN}")));
    }
    assert_eq!(server.requests(), 2);

    let text = stdout(&run_app(
        server.port,
        &["--json", "-r", "LEDGER_URL=mysql"],
        &token,
    ));
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let names: Vec<_> = report["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["DATABASE", "JAWSDB", "LEDGER"]);
    assert_eq!(report["faults"].as_array().unwrap().len(), 2, "{text}");
    super::schema::check(&text);

    // With `--reveal`, the values are shown, but never the token.
    let server_option = format!("{}={}", server.port, file("authority.pem").display());
    let output = run(
        &["--app", "shop", "--loopback-api", &server_option, "--reveal"],
        &token,
        "",
    );
    assert_eq!(
        stderr(&output),
        "config-vars: the output has secrets in clear text\n"
    );
    assert_eq!(stdout(&output).matches(CANARY).count(), 4, "{}", stdout(&output));
    assert!(!stdout(&output).contains(TOKEN));
}

#[test]
fn answers_that_are_errors_end_with_status_2_and_one_line() {
    let rows = [
        (
            answer("401 Unauthorized", "", &error_body("unauthorized")),
            "the API does not know the token; make a new one, as it may have expired or been revoked",
        ),
        (
            answer("403 Forbidden", "", &error_body("forbidden")),
            "the token may not read config vars; make one with the scope `read-protected`, for an account that has access to the app",
        ),
        (
            answer("404 Not Found", "", &error_body("not_found")),
            "there is no such app for this token; correct the name, or give the token's account access to it",
        ),
        (
            answer(
                "429 Too Many Requests",
                "Retry-After: 7\r\n",
                &error_body("rate_limit"),
            ),
            "the account's requests are used up, or almost; the API can be read again in 7 s. Poll it less often, and in one process",
        ),
        (
            answer("500 Internal Server Error", "", CANARY),
            "the API answers with status 500; read it again later, or look at the platform's status page",
        ),
        (
            answer("200 OK", "", &format!(r#"{{"A": ["{CANARY}"]}}"#)),
            "the answer is not the JSON that the API documents; if it comes through a gateway, check what that returns",
        ),
        (String::new(), "the API's answer was cut off; read it again"),
    ];
    for (text, message) in rows {
        let server = Server::answering(text);
        for arguments in [&[][..], &["--json"], &["--reveal"]] {
            let output = run_app(server.port, arguments, &[("HEROKU_API_KEY", TOKEN)]);
            assert_eq!(
                stderr(&output),
                format!("config-vars: Heroku app shop: {message}\n")
            );
            assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(2)));
        }
        assert_eq!(server.requests(), 3);
    }
}

#[test]
fn server_with_a_wrong_certificate_gets_no_token() {
    for name in ["stranger", "wrong-name"] {
        let server = Server::start(name, |_, _| ());
        // Nor does the environment make it trusted.
        let certificate = file(&format!("{name}.pem")).display().to_string();
        let env = [("HEROKU_API_KEY", TOKEN), ("SSL_CERT_FILE", &certificate)];
        let output = run_app(server.port, &[], &env);
        let message = stderr(&output);
        assert!(
            message.contains("the certificate of the API's server is not trusted or not for its name"),
            "{message}"
        );
        assert_eq!(output.status.code(), Some(2));
        assert_eq!((server.requests(), server.connections.load(SeqCst)), (0, 1));
    }
}

/// A variable that anybody can set must not have the token sent elsewhere.
#[test]
fn environment_sends_the_token_to_no_other_server() {
    let elsewhere = Arc::new(AtomicUsize::new(0));
    let port = listen(elsewhere.clone(), |_| ());
    let server = shop();
    let urls = [
        format!("https://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{port}"),
        format!("127.0.0.1:{port}"),
    ];
    let names = [
        "HEROKU_HOST",
        "HEROKU_API_URL",
        "HEROKU_URL",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "ALL_PROXY",
    ];
    for url in &urls {
        let hostile = names.map(|name| (name, url.as_str()));
        let env = [&[("HEROKU_API_KEY", TOKEN)], &hostile[..]].concat();
        assert_eq!(run_app(server.port, &[], &env).status.code(), Some(1));
    }
    assert_eq!((server.requests(), elsewhere.load(SeqCst)), (2 * urls.len(), 0));
}

#[test]
fn option_of_the_tests_names_a_port_of_this_machine_and_is_not_advertised() {
    let takes = "--loopback-api takes PORT=FILE: a port of 127.0.0.1, and the authority of its certificate; see `config-vars --help`";
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let lacking = format!("{closed}=no/such/file");
    let empty = format!("{closed}={}", file("right.key").display());
    let rows: &[(&[&str], &str)] = &[
        (
            &["--app", "shop", "--loopback-api", "evil.example:443=a.pem"],
            takes,
        ),
        (&["--app", "shop", "--loopback-api", "hunter2"], takes),
        (&["--app", "shop", "--loopback-api", "99999=a.pem"], takes),
        (
            &["--loopback-api", &lacking],
            "--app <APP> must be given; see `config-vars --help`",
        ),
        (
            &["--app", "shop", "--loopback-api", &lacking],
            "--loopback-api: does not exist; correct the path",
        ),
        (
            &["--app", "shop", "--loopback-api", &empty],
            "the root certificates are not PEM text with certificates; pass the authority's file",
        ),
    ];
    for (arguments, message) in rows {
        let output = run(arguments, &[("HEROKU_API_KEY", TOKEN)], "");
        assert_eq!(
            stderr(&output),
            format!("config-vars: {message}\n"),
            "{arguments:?}"
        );
        assert_eq!(output.status.code(), Some(2));
    }
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["man"],
        &["completions", "bash"],
        &["completions", "elvish"],
        &["completions", "fish"],
        &["completions", "powershell"],
        &["completions", "zsh"],
    ] {
        let text = stdout(&run(arguments, &[], ""));
        assert!(
            text.contains("app") && !text.contains("loopback"),
            "{arguments:?}\n{text}"
        );
    }
}

const FIX: &str =
    "set HEROKU_API_KEY, for example to what `heroku auth:token` prints, or log in with `heroku login`";

/// A token of another machine, which must not be sent.
const OTHER: &str = "HRKU-Vb3Nm6Xc8Lk1";

#[test]
fn token_of_the_netrc_file_is_found() {
    let server = shop();
    let right = format!("machine api.heroku.com\n  login a@b.example\n  password {TOKEN}\n");
    let others = format!("machine git.heroku.com\n  login a\n  password {OTHER}\n");
    let texts = [
        right.clone(),
        others.clone() + &right,
        right.clone() + &others,
        right.clone() + &right.replace(TOKEN, OTHER),
        format!("default login a password {OTHER}\n") + &right,
        format!("# a note: don't\n\nmacdef init\ncd /\nmachine api.heroku.com password {OTHER}\n\n{right}"),
        right.replace('\n', "\r\n"),
        format!("\u{feff}{right}"),
        right.replace('\n', " "),
        format!("machine api.heroku.com password \"{TOKEN}\""),
    ];
    for text in texts {
        let home = home(&text);
        let output = run_app(server.port, &[], &[("HOME", home.path().to_str().unwrap())]);
        assert_eq!(
            (stderr(&output).as_str(), output.status.code()),
            ("", Some(1)),
            "{text}"
        );
    }
    // The variable goes first, unless it is empty.
    let home = home(&right);
    let home = home.path().to_str().unwrap();
    run_app(server.port, &[], &[("HOME", home), ("HEROKU_API_KEY", "")]);
    let asked = server.asked.lock().unwrap();
    for asked in asked.iter() {
        assert_eq!(asked.field("Authorization"), Some(&*format!("Bearer {TOKEN}")));
    }
    drop(asked);
    run(
        &[
            "--app",
            "shop",
            "--loopback-api",
            &format!("{}={}", server.port, file("authority.pem").display()),
        ],
        &[("HOME", home), ("HEROKU_API_KEY", OTHER)],
        "",
    );
    let asked = server.asked.lock().unwrap();
    assert_eq!(
        asked.last().unwrap().field("Authorization"),
        Some(&*format!("Bearer {OTHER}"))
    );
}

#[test]
fn lack_of_a_token_is_an_error_that_says_how_to_get_one() {
    let server = shop();
    let lacks = |file: &str| format!("~/.netrc {file}");
    let no_password = format!("has no password for api.heroku.com; {FIX}");
    let texts = [
        (String::new(), lacks(&no_password)),
        ("machine".to_owned(), lacks(&no_password)),
        ("machine api.heroku.com password".to_owned(), lacks(&no_password)),
        (format!("password {OTHER}"), lacks(&no_password)),
        (format!("machine api.heroku.com.evil.example password {OTHER}"), lacks(&no_password)),
        (format!("default login a password {OTHER}"), lacks(&no_password)),
        (
            format!("machine api.heroku.com login a\nmachine git.heroku.com password {OTHER}"),
            lacks(&no_password),
        ),
        (
            format!("{{\"api.heroku.com\": {{\"password\": \"{OTHER}\"}}}}"),
            lacks(&no_password),
        ),
        (
            format!("machine api.heroku.com password HRKU-\u{e9}{OTHER}"),
            "Heroku app shop: the token is empty, or has a character that is in no token, such as a line break; correct it".to_owned(),
        ),
    ];
    for (text, message) in texts {
        let home = home(&text);
        let output = run_app(server.port, &[], &[("HOME", home.path().to_str().unwrap())]);
        assert_eq!(stderr(&output), format!("config-vars: {message}\n"), "{text}");
        assert_eq!(output.status.code(), Some(2));
        assert!(!stderr(&output).contains(OTHER));
    }
    let not_text = home("");
    std::fs::write(
        not_text.path().join(".netrc"),
        b"machine api.heroku.com password \xff",
    )
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".netrc")).unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let none = format!("there is no token for Heroku's API; {FIX}");
    let no_file = format!("there is no token for Heroku's API, and no ~/.netrc; {FIX}");
    for (path, message) in [
        (not_text.path(), "~/.netrc: is not UTF-8 text"),
        (
            folder.path(),
            "~/.netrc: is a folder, not a file; correct the path",
        ),
        (nothing.path(), &no_file),
        (Path::new(""), &none),
        (Path::new("relative"), &none),
    ] {
        let output = run_app(server.port, &[], &[("HOME", path.to_str().unwrap())]);
        assert_eq!(stderr(&output), format!("config-vars: {message}\n"));
    }
    assert_eq!(
        stderr(&run_app(server.port, &[], &[])),
        format!("config-vars: {none}\n")
    );
    assert_eq!(server.connections.load(SeqCst), 0);
}

#[test]
fn netrc_file_that_other_users_can_read_is_reported() {
    let server = shop();
    let home = home(&format!("machine api.heroku.com password {TOKEN}"));
    let hint = "config-vars: ~/.netrc can be read by other users; run `chmod 600 ~/.netrc`\n";
    for (mode, expected) in [(0o600, ""), (0o400, ""), (0o644, hint), (0o640, hint)] {
        set_mode(&home.path().join(".netrc"), mode);
        let output = run_app(server.port, &[], &[("HOME", home.path().to_str().unwrap())]);
        assert_eq!(stderr(&output), expected, "{mode:o}");
        assert_eq!(output.status.code(), Some(1));
    }
}

fn home(netrc: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".netrc");
    std::fs::write(&path, netrc).unwrap();
    set_mode(&path, 0o600);
    folder
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
