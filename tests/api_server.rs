//! A server that answers over TLS, as Heroku's Platform API does, in a test's process.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Instant;

pub const TOKEN: &str = "HRKU-Zq7Xw9Kv3Jh5Gf8B";
/// In every value and in each field of an answer that is not documented.
pub const CANARY: &str = "Nd4Rt6Yp2Ls8";

/// The certificates of `it/wire.rs`. Two packages have this file.
pub fn file(name: &str) -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = [package.join("tests/it/wire"), package.join("it/wire")];
    let folder = tests.into_iter().find(|folder| folder.is_dir());
    folder.unwrap().join(name)
}

/// The request of a client, and when it came.
#[derive(Clone)]
pub struct Asked {
    pub head: String,
    pub at: Instant,
}

impl Asked {
    pub fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1);
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

pub type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A server on a port of its own, and all that it was asked.
pub struct Server {
    pub port: u16,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(certificate: &str, answer: impl Fn(&Asked, &mut Tls) + Send + Sync + 'static) -> Self {
        let key = PrivateKeyDer::from_pem_file(file(&format!("{certificate}.key"))).unwrap();
        let chain = vec![CertificateDer::from_pem_file(file(&format!("{certificate}.pem"))).unwrap()];
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let (config, answer) = (Arc::new(config), Arc::new(answer));
        let (asked, connections) = <(Arc<Mutex<Vec<Asked>>>, Arc<AtomicUsize>)>::default();
        let log = asked.clone();
        let port = listen(connections.clone(), move |stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read(&mut byte) {
                    Ok(1) => head.push(byte[0]),
                    _ => break,
                }
            }
            if head.is_empty() {
                return;
            }
            let head = Asked {
                head: String::from_utf8(head).unwrap(),
                at: Instant::now(),
            };
            // Before the client has its answer, and looks.
            log.lock().unwrap().push(head.clone());
            answer(&head, &mut stream);
            stream.conn.send_close_notify();
            _ = stream.flush();
        });
        Self {
            port,
            asked,
            connections,
        }
    }

    /// A server with the right certificate that always gives the same answer.
    pub fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start("right", move |_, stream| _ = stream.write_all(&answer))
    }

    pub fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

pub fn listen(connections: Arc<AtomicUsize>, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            connections.fetch_add(1, SeqCst);
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    port
}

/// An answer with a canary in fields that nobody asked for.
pub fn answer(status: &str, fields: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nRequest-Id: {CANARY}\r\nSet-Cookie: {CANARY}\r\n{fields}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// As the schema has it: an id, a message, a link; in words that may quote anything.
pub fn error_body(id: &str) -> String {
    format!(r#"{{"id":"{id}","message":"{CANARY} {TOKEN}","url":"https://{CANARY}.example"}}"#)
}
