//! PostgreSQL, with the database `app`.

use super::process::{Process, is_root, program, run};
use super::{Certificate, Server};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct Postgres {
    process: Process,
    folder: TempDir,
    is_tls: bool,
}

const PROGRAMS: &str = "/usr/lib/postgresql/*/bin";

impl Postgres {
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// One that encrypts for clients that ask for it.
    pub fn start_tls(certificate: &Certificate) -> Self {
        Self::start_with(Some(certificate))
    }

    fn start_with(certificate: Option<&Certificate>) -> Self {
        let folder = TempDir::new().expect("a folder");
        if let Some(Certificate { certificate, key }) = certificate {
            for (file, name) in [(certificate, "tls.pem"), (key, "tls.key")] {
                // It takes a key that is its own, and nobody else's to read.
                let copy = folder.path().join(name);
                std::fs::copy(file, &copy).expect("a copy");
                run(Command::new("chmod").arg("600").arg(&copy));
                if is_root() {
                    run(Command::new("chown").arg("postgres").arg(&copy));
                }
            }
        }
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let server = Self {
            // An immediate stop.
            process: Process::new("QUIT"),
            folder,
            is_tls: certificate.is_some(),
        };
        run(server
            .command("initdb")
            .args(["-U", "root", "--auth-local=trust", "--auth-host=scram-sha-256"])
            .args(["--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(server.data()));
        server.start_again();
        server.run_in("postgres", "CREATE DATABASE app");
        server
    }

    /// Runs statements as a superuser, in the database `app`.
    pub fn run(&self, sql: &str) -> String {
        self.run_in("app", sql)
    }

    fn run_in(&self, database: &str, sql: &str) -> String {
        run(self.client(database).args(["-c", sql]))
    }

    fn client(&self, database: &str) -> Command {
        let mut command = Command::new(program("psql", PROGRAMS));
        command
            .args(["-X", "-q", "-t", "-A", "-U", "root", "-v", "ON_ERROR_STOP=1"])
            .args(["-d", database, "-p", &self.port().to_string(), "-h"])
            .arg(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A program of the server, which root may not run.
    fn command(&self, name: &str) -> Command {
        let program = program(name, PROGRAMS);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("setpriv");
                command
                    .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"])
                    .arg(program);
                command
            }
            false => Command::new(program),
        };
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn name_of(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

impl Server for Postgres {
    const SCHEME: &'static str = "postgres";
    const PATH: &'static str = "/app";

    fn port(&self) -> u16 {
        self.process.port()
    }

    fn put_user(&self, name: &str, password: &str) {
        let exists = self.run(&format!(
            "SELECT 1 FROM pg_roles WHERE rolname = {}",
            literal(name)
        ));
        let verb = if exists.trim().is_empty() {
            "CREATE"
        } else {
            "ALTER"
        };
        let (name, password) = (name_of(name), literal(password));
        self.run(&format!("{verb} ROLE {name} LOGIN PASSWORD {password}"));
        self.run(&format!("GRANT ALL ON SCHEMA public TO {name}"));
    }

    fn allow_both(&self, _: &str, _: &str, _: &str) -> bool {
        false
    }

    fn cut(&self, name: &str) {
        self.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {}",
            literal(name)
        ));
    }

    fn roll_and_cut(&self, name: &str, password: &str) {
        let (role, name, password) = (name_of(name), literal(name), literal(password));
        self.run(&format!(
            "ALTER ROLE {role} PASSWORD {password}; \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = {name}"
        ));
    }

    fn stop(&self) {
        self.process.stop();
    }

    fn start_again(&self) {
        let folder = self.folder.path().display().to_string();
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port().to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
                "-c",
                "shared_buffers=16MB",
            ])
            .args(["-c", &format!("unix_socket_directories={folder}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if self.is_tls {
            command
                .args(["-c", "ssl=on"])
                .args(["-c", &format!("ssl_cert_file={folder}/tls.pem")])
                .args(["-c", &format!("ssl_key_file={folder}/tls.key")]);
        }
        let is_ready = || {
            let mut client = self.client("postgres");
            client
                .args(["-c", "SELECT 1"])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            client.status().is_ok_and(|status| status.success())
        };
        self.process.start(&mut command, is_ready);
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.process.use_another_port();
        self.start_again();
    }
}
