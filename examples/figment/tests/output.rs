//! The example as an app on Heroku, and its output when it is started without its add-ons.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

fn example() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-figment"));
    command.env_clear();
    command
}

/// The app with the config vars that Heroku sets.
struct App {
    process: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl App {
    /// Starts the app on a free port, and waits until it listens.
    fn start(vars: &[(&str, &str)], folder: &std::path::Path) -> Self {
        let mut process = example()
            .current_dir(folder)
            .envs([
                ("DYNO", "web.1"),
                ("HOME", "/app"),
                ("PATH", "/app/bin:/usr/bin"),
                ("PS1", "\\[\\033[01;34m\\]\\w\\[\\033[00m\\] $ "),
                ("WEB_CONCURRENCY", "2"),
                ("ROCKET_LOG_LEVEL", "normal"),
                ("ROCKET_CLI_COLORS", "false"),
                ("ADDRESS", "127.0.0.1"),
                // The system chooses a free one.
                ("PORT", "0"),
                ("SECRET_KEY", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="),
                ("MONGODB_URI", "mongodb://app:hunter2@db.example/shop"),
            ])
            .envs(vars.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut shown = String::new();
        let port = loop {
            let start = shown.len();
            let length = output.read_line(&mut shown).unwrap();
            assert_ne!(length, 0, "the app has ended: {shown}");
            let line = shown[start..].trim_end();
            if let Some((_, port)) = line.split_once("launched from http://127.0.0.1:") {
                break port.parse().unwrap();
            }
        };
        assert!(!shown.contains("hunter2") && !shown.contains("hPRYy"), "{shown}");
        Self {
            process,
            output,
            port,
        }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        if !std::thread::panicking() {
            assert!(!rest.contains("hunter2"), "{rest}");
        }
    }
}

#[test]
fn app_launches_with_the_config_vars_of_the_platform() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start(&[("SENDGRID_API_KEY", "0012345")], folder.path());
    let answer = app.get("/");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.ends_with("Visit 1; the database is at db.example."),
        "{answer}"
    );
    assert!(app.get("/ready").starts_with("HTTP/1.1 200"));
}

#[test]
fn port_of_the_platform_counts_whatever_the_file_has() {
    let folder = tempfile::tempdir().unwrap();
    let file = "[default]\nport = 1\naddress = \"192.0.2.1\"\n[debug]\nport = 1\n[release]\nport = 1\n";
    std::fs::write(folder.path().join("Rocket.toml"), file).unwrap();
    let app = App::start(&[], folder.path());
    assert!(app.get("/").starts_with("HTTP/1.1 200"));
    assert!(app.get("/ready").starts_with("HTTP/1.1 503"));
}

#[test]
fn secret_key_of_the_platform_signs_the_cookies() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = example()
        .current_dir(folder.path())
        .envs([
            ("SECRET_KEY", "short"),
            ("MONGODB_URI", "mongodb://db.example/shop"),
        ])
        .output()
        .unwrap();
    assert!(!wrong.status.success());
}

#[test]
fn malformed_add_on_is_named_without_its_value() {
    let output = example()
        .env("MONGODB_URI", "mongodb://app:hunter2#@db.example/shop")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.contains("MONGODB_URI: the password holds an unencoded `#`"),
        "{errors}"
    );
    assert!(!errors.contains("hunter2"), "{errors}");
}

#[test]
fn without_its_add_ons_it_says_what_is_missing() {
    let output = example().output().unwrap();
    assert!(!output.status.success());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("missing field `mongodb_uri`"), "{errors}");
    assert!(
        errors.contains("This app wants a MongoDB database as its add-on"),
        "{errors}"
    );
}
