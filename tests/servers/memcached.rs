//! memcached, that speaks the binary protocol with SASL, or the text protocol with authentication of its own.

use super::Server;
use super::process::{Process, run};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Memcached {
    process: Process,
    folder: TempDir,
    protocol: Protocol,
    /// Who is let in, for the text protocol: user and passwords.
    users: Mutex<Vec<(String, Vec<String>)>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Sasl,
    Text,
}

impl Memcached {
    /// The protocol of MemCachier and similar services.
    pub fn start_sasl() -> Self {
        Self::start(Protocol::Sasl)
    }

    /// Passwords may not hold line breaks. A roll is seen after a second.
    pub fn start_text() -> Self {
        Self::start(Protocol::Text)
    }

    fn start(protocol: Protocol) -> Self {
        let folder = TempDir::new().expect("a folder");
        let database = folder.path().join("sasldb2");
        let settings = format!(
            "mech_list: plain\nlog_level: 5\npwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {}\n",
            database.display()
        );
        std::fs::write(folder.path().join("memcached.conf"), settings).expect("settings are written");
        let server = Self {
            process: Process::new("KILL"),
            folder,
            protocol,
            users: Mutex::default(),
        };
        // Without a user there is no file, and memcached wants one.
        server.put_user("nobody", "nothing");
        server
    }

    fn is_running(&self) -> bool {
        TcpStream::connect(("127.0.0.1", self.port())).is_ok()
    }

    fn put_sasl_user(&self, name: &str, password: &str) {
        let host = run(&mut Command::new("hostname"));
        let mut child = Command::new("saslpasswd2")
            .args(["-p", "-c", "-a", "memcached", "-f"])
            .arg(self.folder.path().join("sasldb2"))
            .args(["-u", host.trim(), name])
            .stdin(Stdio::piped())
            .spawn()
            .expect("saslpasswd2: run tests/servers/install");
        let mut stdin = child.stdin.take().expect("its input");
        stdin
            .write_all(password.as_bytes())
            .expect("the password is written");
        drop(stdin);
        assert!(
            child.wait().is_ok_and(|status| status.success()),
            "saslpasswd2 refuses"
        );
    }

    /// By the text protocol.
    fn takes(&self, name: &str, password: &str) -> bool {
        let login = format!("{name} {password}");
        let ask = || -> std::io::Result<String> {
            let stream = TcpStream::connect(("127.0.0.1", self.port()))?;
            stream.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(&stream, "set x 0 0 {}\r\n{login}\r\n", login.len())?;
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line)?;
            Ok(line)
        };
        ask().is_ok_and(|line| line.starts_with("STORED"))
    }

    fn put_text_user(&self, name: &str, passwords: &[&str]) {
        let mut users = self.users.lock().expect("nobody panicked here");
        users.retain(|(other, _)| other != name);
        users.push((
            name.to_owned(),
            passwords.iter().map(|password| (*password).to_owned()).collect(),
        ));
        let lines: String = users
            .iter()
            .flat_map(|(name, passwords)| {
                passwords
                    .iter()
                    .map(move |password| format!("{name}:{password}\n"))
            })
            .collect();
        std::fs::write(self.folder.path().join("users"), lines).expect("users are written");
        self.process.signal("HUP");
        // It looks at the file when its clock ticks.
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.is_running() && !passwords.iter().all(|password| self.takes(name, password)) {
            assert!(Instant::now() < deadline, "memcached does not read its users");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Server for Memcached {
    const SCHEME: &'static str = "memcache";
    const PATH: &'static str = "";

    fn port(&self) -> u16 {
        self.process.port()
    }

    fn put_user(&self, name: &str, password: &str) {
        match self.protocol {
            Protocol::Sasl => self.put_sasl_user(name, password),
            Protocol::Text => self.put_text_user(name, &[password]),
        }
        if !self.is_running() {
            self.start_again();
        }
    }

    fn allow_both(&self, name: &str, old: &str, new: &str) -> bool {
        match self.protocol {
            Protocol::Sasl => false,
            Protocol::Text => {
                self.put_text_user(name, &[old, new]);
                true
            }
        }
    }

    /// Everybody's, and with them what was stored.
    fn cut(&self, _: &str) {
        self.stop();
        self.start_again();
    }

    fn stop(&self) {
        self.process.stop();
    }

    fn start_again(&self) {
        let mut command = Command::new("memcached");
        command
            .args([
                "-l",
                "127.0.0.1",
                "-U",
                "0",
                "-m",
                "16",
                "-p",
                &self.port().to_string(),
            ])
            .env("SASL_CONF_PATH", self.folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        if super::process::is_root() {
            command.args(["-u", "root"]);
        }
        match self.protocol {
            Protocol::Sasl => command.args(["-S", "-B", "binary"]),
            Protocol::Text => command.arg("-Y").arg(self.folder.path().join("users")),
        };
        self.process.start(&mut command, || true);
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.process.use_another_port();
        self.start_again();
    }
}
