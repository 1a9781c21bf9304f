//! An HTTPS service, in this process. It takes `POST …/exceptions` by a bearer token, or by a token in the path
//! (`/accounts/[token]/…`), and answers 401 to any other.

use crate::load::lock;
use servers::{Authority, Certificate, Server};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// By user, as an account of the service may have several.
type Tokens = Arc<Mutex<HashMap<String, Vec<String>>>>;

pub struct Api {
    runtime: Runtime,
    authority: Authority,
    acceptor: Mutex<TlsAcceptor>,
    port: AtomicU16,
    tokens: Tokens,
    connections: Arc<Mutex<JoinSet<()>>>,
    listening: Mutex<Option<AbortHandle>>,
}

impl Api {
    pub fn start() -> Self {
        let authority = Authority::create();
        let acceptor = acceptor(&authority.sign("IP:127.0.0.1"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let service = Self {
            runtime: runtime.expect("a runtime"),
            authority,
            acceptor: Mutex::new(acceptor),
            port: AtomicU16::new(0),
            tokens: Tokens::default(),
            connections: Arc::default(),
            listening: Mutex::default(),
        };
        service.start_again();
        service
    }

    /// The certificate of the authority that signed the service's, as a file.
    pub fn authority(&self) -> String {
        self.authority.file().display().to_string()
    }

    /// The one that it began with is the authority's.
    pub fn use_own_certificate(&self) {
        self.use_certificate(&self.authority.sign("IP:127.0.0.1"));
    }

    /// Connections to come are met by another certificate.
    pub fn use_certificate(&self, certificate: &Certificate) {
        *lock(&self.acceptor) = acceptor(certificate);
        self.stop();
        self.start_again();
    }
}

fn acceptor(Certificate { certificate, key }: &Certificate) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).expect("a certificate")],
            PrivateKeyDer::from_pem_file(key).expect("its key"),
        );
    TlsAcceptor::from(Arc::new(config.expect("they belong together")))
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, tokens: Tokens) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut text = Vec::new();
    let head_length = loop {
        if let Some(place) = text.windows(4).position(|window| window == b"\r\n\r\n") {
            break place + 4;
        }
        if stream.read_buf(&mut text).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&text[..head_length]).into_owned();
    let body_length = header(&head, "content-length").and_then(|value| value.parse().ok());
    while text.len() < head_length + body_length.unwrap_or(0) {
        if stream.read_buf(&mut text).await? == 0 {
            return Ok(());
        }
    }
    let given = token(&head);
    let is_known = lock(&tokens)
        .values()
        .flatten()
        .any(|token| Some(token) == given.as_ref());
    let status = if is_known { "200 OK" } else { "401 Unauthorized" };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// That of the header, or the one in the path.
fn token(head: &str) -> Option<String> {
    if let Some(token) = header(head, "authorization").and_then(|value| value.strip_prefix("Bearer ")) {
        return Some(token.to_owned());
    }
    let path = head.split(' ').nth(1)?;
    let token = path.strip_prefix("/accounts/")?.strip_suffix("/exceptions")?;
    let token = percent_encoding::percent_decode_str(token).decode_utf8().ok()?;
    Some(token.into_owned())
}

impl Server for Api {
    const SCHEME: &'static str = "https";
    const PATH: &'static str = "/v1";

    fn port(&self) -> u16 {
        self.port.load(Ordering::SeqCst)
    }

    fn put_user(&self, name: &str, password: &str) {
        lock(&self.tokens).insert(name.to_owned(), vec![password.to_owned()]);
    }

    fn allow_both(&self, name: &str, old: &str, new: &str) -> bool {
        lock(&self.tokens).insert(name.to_owned(), vec![old.to_owned(), new.to_owned()]);
        true
    }

    /// Everybody's.
    fn cut(&self, _: &str) {
        lock(&self.connections).abort_all();
    }

    fn stop(&self) {
        if let Some(listening) = lock(&self.listening).take() {
            listening.abort();
            // The port is free once the task is gone.
            crate::load::wait_until("the service stops", || listening.is_finished());
        }
        self.cut("");
    }

    fn start_again(&self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port())).expect("the port");
        listener.set_nonblocking(true).expect("a listener");
        self.port.store(
            listener.local_addr().expect("its address").port(),
            Ordering::SeqCst,
        );
        let (acceptor, tokens) = (lock(&self.acceptor).clone(), self.tokens.clone());
        let connections = self.connections.clone();
        let listening = self.runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
            loop {
                // Out of descriptors, say.
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let (acceptor, tokens) = (acceptor.clone(), tokens.clone());
                let mut connections = lock(&connections);
                while connections.try_join_next().is_some() {}
                // A client that goes away is its own affair.
                connections.spawn(async move { _ = serve(stream, acceptor, tokens).await });
            }
        });
        *lock(&self.listening) = Some(listening.abort_handle());
    }

    fn move_to_another_port(&self) {
        self.stop();
        self.port.store(servers::free_port(), Ordering::SeqCst);
        self.start_again();
    }
}
