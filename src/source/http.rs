//! A client of one HTTPS server: GET with a bearer token, in bounded time, with an answer of bounded size.
//!
//! HTTP libraries for Rust write what they send and receive to the app's log, at the level of traces, and keep copies in
//! buffers that they do not wipe. An answer here is nothing but secrets, so there is an HTTP/1.1 of the crate's own, on
//! rustls; `http_response.rs` reads the answer. No redirect is followed, so the token goes to no other server.

use super::http_response::{Response, io_fault, read_response};
use crate::error::Fault;
use crate::formats::limit::Limit;
use crate::secret::{Wiped, put_together};
use crate::text::is_all;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use secrecy::{ExposeSecret, SecretString};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Maximum time for a connection to one address.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
#[derive(Clone)]
pub(super) struct HttpServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) timeout: Duration,
    roots: Arc<RootCertStore>,
}

pub(super) struct Request<'r> {
    pub(super) path: &'r str,
    pub(super) token: &'r SecretString,
    pub(super) fields: &'r [(&'static str, &'r str)],
}

impl HttpServer {
    pub(super) fn new(host: &str) -> Self {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Self {
            host: host.to_owned(),
            port: 443,
            timeout: Duration::from_secs(30),
            roots: Arc::new(roots),
        }
    }

    /// Trusts the authorities in a PEM text, in addition to those of Mozilla's list.
    pub(super) fn trust(&mut self, pem: &[u8]) -> Result<(), Fault> {
        let mut certificates = CertificateDer::pem_slice_iter(pem).peekable();
        if certificates.peek().is_none() {
            return Err(Fault::NotCertificates);
        }
        let roots = Arc::make_mut(&mut self.roots);
        for certificate in certificates {
            let certificate = certificate.map_err(|_| Fault::NotCertificates)?;
            roots.add(certificate).map_err(|_| Fault::NotCertificates)?;
        }
        Ok(())
    }

    /// When requests that begin now must be answered.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    pub(super) fn get(
        &self,
        request: &Request<'_>,
        deadline: Instant,
        limit: Limit,
    ) -> Result<Response, Fault> {
        let head = self.head(request)?;
        let name = ServerName::try_from(self.host.clone()).map_err(|_| Fault::HostNotFound)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| Fault::NoTls)?
            .with_root_certificates(self.roots.clone())
            .with_no_client_auth();
        let connection = ClientConnection::new(Arc::new(config), name).map_err(|_| Fault::NoTls)?;
        let mut stream = StreamOwned::new(connection, self.connect(deadline)?);
        stream.write_all(head.as_bytes()).map_err(io_fault)?;
        stream.flush().map_err(io_fault)?;
        read_response(stream, limit)
    }

    fn head(&self, request: &Request<'_>) -> Result<Wiped, Fault> {
        let token = request.token.expose_secret();
        // The characters of a bearer token, by RFC 6750; others could end the field.
        let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if token.is_empty() || !is_all(token, is_of_token) {
            return Err(Fault::BadToken);
        }
        let authority = self.authority();
        Ok(put_together(&|head| {
            for piece in ["GET ", request.path, " HTTP/1.1\r\nHost: ", &authority, "\r\n"] {
                head.push(piece);
            }
            head.push("Accept-Encoding: identity\r\nConnection: close\r\nUser-Agent: config-vars/");
            head.push(env!("CARGO_PKG_VERSION"));
            head.push("\r\nAuthorization: Bearer ");
            head.push(token);
            for (name, value) in request.fields {
                for piece in ["\r\n", name, ": ", value] {
                    head.push(piece);
                }
            }
            head.push("\r\n\r\n");
        }))
    }

    fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        if *port == 443 {
            host
        } else {
            format!("{host}:{port}")
        }
    }

    fn connect(&self, deadline: Instant) -> Result<TimedStream, Fault> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs();
        let mut fault = Fault::HostNotFound;
        for address in addresses.map_err(|_| Fault::HostNotFound)? {
            let timeout = time_left(deadline).map_err(io_fault)?;
            match TcpStream::connect_timeout(&address, timeout.min(CONNECT_TIMEOUT)) {
                Ok(stream) => return Ok(TimedStream { stream, deadline }),
                Err(error) => fault = io_fault(error),
            }
        }
        Err(fault)
    }
}

/// A stream whose reads and writes fail when the deadline has passed, however slowly the other side sends.
struct TimedStream {
    stream: TcpStream,
    deadline: Instant,
}

fn time_left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

impl Read for TimedStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(time_left(self.deadline)?))?;
        self.stream.read(buffer)
    }
}

impl Write for TimedStream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(time_left(self.deadline)?))?;
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
