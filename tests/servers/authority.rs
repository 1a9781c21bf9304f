//! An authority that signs certificates for servers.

use super::process::run;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub struct Authority {
    folder: TempDir,
}

/// A server's certificate and its key, as files of the authority's folder.
#[derive(Clone)]
pub struct Certificate {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Authority {
    pub fn create() -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        run(openssl(folder.path())
            .args([
                "req",
                "-x509",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args(["-days", "2", "-subj", "/CN=an authority for tests"])
            .args(["-addext", "keyUsage=critical,keyCertSign", "-keyout"])
            .arg(path("ca.key"))
            .arg("-out")
            .arg(path("ca.pem")));
        Self { folder }
    }

    /// Its own certificate, for those who trust it.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate for a name such as `DNS:db.example` or `IP:127.0.0.1`.
    pub fn sign(&self, name: &str) -> Certificate {
        let file_of = |ending: &str| {
            let plain = name.replace(|character: char| !character.is_ascii_alphanumeric(), "-");
            self.folder.path().join(format!("{plain}.{ending}"))
        };
        let (certificate, key, request) = (file_of("pem"), file_of("key"), file_of("csr"));
        run(openssl(self.folder.path())
            .args([
                "req",
                "-new",
                "-nodes",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
            ])
            .args([
                "-subj",
                "/CN=server",
                "-addext",
                &format!("subjectAltName={name}"),
                "-keyout",
            ])
            .arg(&key)
            .arg("-out")
            .arg(&request));
        run(openssl(self.folder.path())
            .args([
                "x509",
                "-req",
                "-days",
                "2",
                "-copy_extensions",
                "copy",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-in",
            ])
            .arg(&request)
            .arg("-out")
            .arg(&certificate));
        Certificate { certificate, key }
    }
}

fn openssl(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder);
    command
}
