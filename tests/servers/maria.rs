//! MariaDB, with the database `app`.

use super::process::{Process, program, run};
use super::{Certificate, Server};
use std::process::{Command, Stdio};
use tempfile::TempDir;

pub struct MariaDb {
    // Stopped before its folder goes.
    process: Process,
    folder: TempDir,
    certificate: Option<Certificate>,
}

impl MariaDb {
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// One that encrypts for clients that ask for it.
    pub fn start_tls(certificate: Certificate) -> Self {
        Self::start_with(Some(certificate))
    }

    fn start_with(certificate: Option<Certificate>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let user = run(Command::new("id").arg("-un"));
        // A starting server takes all temporary tables that it finds for its own, and removes them.
        run(Command::new("mariadb-install-db")
            .env("TMPDIR", folder.path())
            .args(["--no-defaults", "--skip-test-db", "--skip-name-resolve"])
            .arg("--auth-root-authentication-method=normal")
            .arg(format!("--user={}", user.trim()))
            .arg(format!("--datadir={}", folder.path().join("data").display())));
        let server = Self {
            process: Process::new("KILL"),
            folder,
            certificate,
        };
        server.start_again();
        server.run("CREATE DATABASE app");
        server
    }

    /// Runs statements as root.
    pub fn run(&self, sql: &str) -> String {
        run(self.client().args(["-N", "-B", "-e", sql]))
    }

    fn client(&self) -> Command {
        let mut command = Command::new("mariadb");
        command
            .args(["--no-defaults", "--default-character-set=utf8mb4", "-uroot", "-S"])
            .arg(self.folder.path().join("s"))
            .stdin(Stdio::null());
        command
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl Server for MariaDb {
    const SCHEME: &'static str = "mysql";
    const PATH: &'static str = "/app";

    fn port(&self) -> u16 {
        self.process.port()
    }

    fn put_user(&self, name: &str, password: &str) {
        let (name, password) = (quoted(name), quoted(password));
        self.run(&format!(
            "CREATE USER IF NOT EXISTS {name}@'127.0.0.1'; GRANT ALL ON app.* TO {name}@'127.0.0.1'; \
             ALTER USER {name}@'127.0.0.1' IDENTIFIED BY {password}"
        ));
    }

    fn allow_both(&self, name: &str, old: &str, new: &str) -> bool {
        let (name, old, new) = (quoted(name), quoted(old), quoted(new));
        self.run("INSTALL SONAME 'auth_ed25519'");
        // The new one first: a client that does not speak ed25519 is let in by it.
        self.run(&format!(
            "ALTER USER {name}@'127.0.0.1' IDENTIFIED VIA mysql_native_password USING PASSWORD({new}) \
             OR ed25519 USING PASSWORD({old})"
        ));
        true
    }

    fn cut(&self, name: &str) {
        self.run(&format!("KILL USER {}", quoted(name)));
    }

    fn roll_and_cut(&self, name: &str, password: &str) {
        let (name, password) = (quoted(name), quoted(password));
        self.run(&format!(
            "ALTER USER {name}@'127.0.0.1' IDENTIFIED BY {password}; KILL USER {name}"
        ));
    }

    fn stop(&self) {
        self.process.stop();
    }

    fn start_again(&self) {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let user = run(Command::new("id").arg("-un"));
        let mut command = Command::new(program("mariadbd", "/usr/sbin"));
        command
            .env("TMPDIR", self.folder.path())
            .args([
                "--no-defaults",
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--skip-log-bin",
            ])
            .args([
                "--innodb-buffer-pool-size=32M",
                "--innodb-log-file-size=8M",
                "--performance-schema=OFF",
            ])
            .arg(format!("--user={}", user.trim()))
            .arg(format!("--datadir={}", path("data")))
            .arg(format!("--socket={}", path("s")))
            .arg(format!("--port={}", self.port()))
            .arg(format!("--pid-file={}", path("pid")))
            .arg(format!("--log-error={}", path("log")))
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        if let Some(Certificate { certificate, key }) = &self.certificate {
            command
                .arg(format!("--ssl-cert={}", certificate.display()))
                .arg(format!("--ssl-key={}", key.display()));
        }
        let is_ready = || {
            let status = self
                .client()
                .args(["-e", "SELECT 1"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            status.is_ok_and(|status| status.success())
        };
        self.process.start(&mut command, is_ready);
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.process.use_another_port();
        self.start_again();
    }
}
