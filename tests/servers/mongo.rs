//! SecantusDB, a server of MongoDB's protocol, with the database `app`. The users are in the database `admin`.

use super::Server;
use super::process::Process;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;

pub struct Mongo {
    process: Process,
    folder: TempDir,
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Mongo {
    pub fn start() -> Self {
        let server = Self {
            process: Process::new("KILL"),
            folder: TempDir::new().expect("a folder"),
            talk: Mutex::new(None),
        };
        server.start_again();
        server
    }

    fn tell(&self, command: serde_json::Value) {
        let mut talk = self.talk.lock().expect("nobody panicked here");
        let (input, output) = talk.as_mut().expect("the server runs");
        writeln!(input, "{command}").expect("the server listens");
        let mut line = String::new();
        output.read_line(&mut line).expect("the server answers");
        assert_eq!(line.trim(), "done");
    }
}

impl Server for Mongo {
    const SCHEME: &'static str = "mongodb";
    const PATH: &'static str = "/app?authSource=admin";

    fn port(&self) -> u16 {
        self.process.port()
    }

    fn put_user(&self, name: &str, password: &str) {
        self.tell(serde_json::json!(["user", name, password, "app"]));
    }

    fn allow_both(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }

    /// Everybody's.
    fn cut(&self, _: &str) {
        self.tell(serde_json::json!(["cut"]));
    }

    fn stop(&self) {
        *self.talk.lock().expect("nobody panicked here") = None;
        self.process.stop();
    }

    fn start_again(&self) {
        // Where tests/install-servers puts it.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .parent()
            .expect("the target folder");
        let mut command = Command::new(target.join("servers/venv/bin/python"));
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/mongo.py"))
            .arg(self.folder.path().join("store"))
            .arg(self.port().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it says when it fails is shown with the test's own failure.
            .stderr(Stdio::inherit());
        self.process.start(&mut command, || true);
        let (input, output) = self.process.pipes();
        let mut output = BufReader::new(output);
        let mut line = String::new();
        output
            .read_line(&mut line)
            .expect("the server says that it is ready");
        assert_eq!(line.trim(), "ready");
        *self.talk.lock().expect("nobody panicked here") = Some((input, output));
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.process.use_another_port();
        self.start_again();
    }
}
