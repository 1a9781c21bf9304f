//! Redis, with access control by user.

use super::process::{Process, free_port};
use super::{Certificate, Server};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Redis {
    process: Process,
    folder: TempDir,
    certificate: Option<Certificate>,
    tls_port: u16,
}

const ADMIN_PASSWORD: &str = "rootpw";

impl Redis {
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// One that encrypts on a port of its own, [`tls_port`](Self::tls_port).
    pub fn start_tls(certificate: Certificate) -> Self {
        Self::start_with(Some(certificate))
    }

    fn start_with(certificate: Option<Certificate>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let users = format!("user default off\nuser root on >{ADMIN_PASSWORD} ~* &* +@all\n");
        std::fs::write(folder.path().join("users.acl"), users).expect("users are written");
        let server = Self {
            process: Process::new("KILL"),
            folder,
            certificate,
            tls_port: free_port(),
        };
        server.start_again();
        server
    }

    /// The path of the socket on which it listens as well.
    pub fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub fn tls_port(&self) -> u16 {
        self.tls_port
    }

    /// Runs a command as an administrator, and hands back the first line of the answer.
    pub fn run(&self, command: &[&str]) -> String {
        let stream = TcpStream::connect(("127.0.0.1", self.port())).expect("the server listens");
        let mut answers = BufReader::new(stream.try_clone().expect("its other half"));
        let mut ask = |command: &[&str]| {
            let mut text = format!("*{}\r\n", command.len());
            for word in command {
                text += &format!("${}\r\n{word}\r\n", word.len());
            }
            (&stream).write_all(text.as_bytes()).expect("the server reads");
            let mut line = String::new();
            answers.read_line(&mut line).expect("the server answers");
            assert!(!line.starts_with('-'), "{line}");
            line
        };
        ask(&["AUTH", "root", ADMIN_PASSWORD]);
        ask(command)
    }

    fn set_user(&self, name: &str, rules: &[&str]) {
        self.run(
            &[
                &["ACL", "SETUSER", name, "on", "~*", "&*", "+@all", "-@admin"],
                rules,
            ]
            .concat(),
        );
        // So that a restart knows it.
        self.run(&["ACL", "SAVE"]);
    }
}

impl Server for Redis {
    const SCHEME: &'static str = "redis";
    const PATH: &'static str = "/0";

    fn port(&self) -> u16 {
        self.process.port()
    }

    fn put_user(&self, name: &str, password: &str) {
        self.set_user(name, &["resetpass", &format!(">{password}")]);
    }

    fn allow_both(&self, name: &str, old: &str, new: &str) -> bool {
        self.set_user(name, &["resetpass", &format!(">{old}"), &format!(">{new}")]);
        true
    }

    fn cut(&self, name: &str) {
        self.run(&["CLIENT", "KILL", "USER", name]);
    }

    fn stop(&self) {
        self.process.stop();
    }

    fn start_again(&self) {
        let mut command = Command::new("redis-server");
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--daemonize",
                "no",
            ])
            .args(["--port", &self.port().to_string(), "--dir"])
            .arg(self.folder.path())
            .arg("--unixsocket")
            .arg(self.socket())
            .arg("--aclfile")
            .arg(self.folder.path().join("users.acl"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some(Certificate { certificate, key }) = &self.certificate {
            command
                .args([
                    "--tls-auth-clients",
                    "no",
                    "--tls-port",
                    &self.tls_port.to_string(),
                ])
                .arg("--tls-cert-file")
                .arg(certificate)
                .arg("--tls-key-file")
                .arg(key)
                .arg("--tls-ca-cert-file")
                .arg(certificate);
        }
        self.process.start(&mut command, || true);
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.process.use_another_port();
        self.start_again();
    }
}
