//! SecantusDB, a server of MongoDB's protocol, with the database `app`. The users are in the database `admin`.

use super::process::Process;
use super::{Server, encoded};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use tempfile::TempDir;

pub struct Mongo {
    process: Process,
    /// The ports of its replica set; the first is the primary's.
    ports: Mutex<Vec<u16>>,
    folder: TempDir,
    talk: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Mongo {
    pub fn start() -> Self {
        let server = Self::new();
        server.start_again();
        server
    }

    fn new() -> Self {
        Self {
            process: Process::new("KILL"),
            ports: Mutex::default(),
            folder: TempDir::new().expect("a folder"),
            talk: Mutex::new(None),
        }
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
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        // Where tests/servers/install puts it.
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| here.join("../../target"));
        let ports = self.ports.lock().expect("nobody panicked here").clone();
        let mut command = Command::new(target.join("servers/venv/bin/python"));
        command
            .arg(here.join("mongo.py"))
            .arg(self.folder.path().join("store"))
            .arg(self.port().to_string())
            .args(ports.iter().map(u16::to_string))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Its errors are shown with the failure of the test.
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

/// A replica set of two: a primary, and a secondary that is read from first. Nothing is replicated, and the users neither.
pub struct MongoSet {
    pub members: [Mongo; 2],
}

impl MongoSet {
    pub fn start() -> Self {
        let members = [Mongo::new(), Mongo::new()];
        let set = Self { members };
        set.start_at_its_ports();
        set
    }

    fn start_at_its_ports(&self) {
        let ports = self.members.each_ref().map(Mongo::port);
        for member in &self.members {
            *member.ports.lock().expect("nobody panicked here") = ports.to_vec();
            member.start_again();
        }
    }
}

/// Every operation is done on both.
impl Server for MongoSet {
    const SCHEME: &'static str = Mongo::SCHEME;
    const PATH: &'static str = "/app?authSource=admin&replicaSet=set&readPreference=secondaryPreferred\
        &heartbeatFrequencyMS=500";

    /// The primary's.
    fn port(&self) -> u16 {
        self.members[0].port()
    }

    fn put_user(&self, name: &str, password: &str) {
        self.members
            .iter()
            .for_each(|member| member.put_user(name, password));
    }

    fn allow_both(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }

    fn cut(&self, name: &str) {
        self.members.iter().for_each(|member| member.cut(name));
    }

    fn stop(&self) {
        self.members.iter().for_each(Mongo::stop);
    }

    fn start_again(&self) {
        self.members.iter().for_each(Mongo::start_again);
    }

    fn move_to_another_port(&self) {
        self.stop();
        for member in &self.members {
            member.process.use_another_port();
        }
        self.start_at_its_ports();
    }

    fn url(&self, name: &str, password: &str) -> String {
        let (name, password) = (encoded(name), encoded(password));
        let [primary, secondary] = self.members.each_ref().map(Mongo::port);
        let (scheme, path) = (Self::SCHEME, Self::PATH);
        format!("{scheme}://{name}:{password}@127.0.0.1:{primary},127.0.0.1:{secondary}{path}")
    }
}
