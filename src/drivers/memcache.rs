//! [memcache](https://docs.rs/memcache) 0.21: [`MemcacheUrl::to_memcache`], [`MemcacheUrl::to_memcache_with`] and
//! [`is_auth_error`]. The driver's pools need Rust 1.95, or `scheduled-thread-pool` held at 0.2.7.
//!
//! ```no_run
//! use config_vars::{ConfigVars, MemcacheUrl, drivers::memcache::is_auth_error};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache: MemcacheUrl = ConfigVars::from_env().only()?;
//! let client = cache.to_memcache_with(|pool| pool.max_size(4).connection_timeout(Duration::from_secs(2)))?;
//! match client.get::<String>("greeting") {
//!     Ok(greeting) => println!("{greeting:?}"),
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **Credentials.** The driver does not decode the `%` escapes of a URL, and has no other place for a password. So its
//!   pools are made here without credentials, and each new connection is authenticated, in the hook that the pools have for
//!   that, with user and password as they are. For `protocol=ascii` the driver leaves no way to do so: there a credential
//!   with a character that a URL must escape (a space, `@`, `:`, `/`, `?`, `#`, `[`, `]` and a few more) is an error.
//! - **Connecting** happens when a client is first used, not when it is made. The driver's pools have threads. A refused password then comes after the pool's
//!   `connection_timeout` (30 seconds), for the pool tries again until then: set a shorter one, with
//!   [`to_memcache_with`](MemcacheUrl::to_memcache_with) or the URL's option `connect_timeout`. What the pool's threads meet, r2d2
//!   logs; it is no secret.
//! - **Servers.** A pool for each, in their order, with its own credentials if it has any. An address in IPv6 and a socket
//!   are taken.
//! - **Options** of the driver are applied: `timeout`, `connect_timeout`, `tcp_nodelay`, `protocol`, `udp`, `bind`. Others are
//!   left out, as the driver ignores them.
//! - **TLS.** `memcache+tls://` verifies certificate and name, by the system's roots or those of `ca_path`; `verify_mode=none`
//!   verifies nothing. `key_path` and `cert_path` are the client's own. The app must turn on the driver's feature `tls`;
//!   without it, the driver refuses to connect. Options of TLS without `memcache+tls://` are an error.
//! - **UDP.** `memcache+udp://` is handed over as such.
//! - **A roll.** Build a new client; a server lets connections in that are authenticated.
//! - **Secrets.** For the binary protocol the driver never sees the password. What is sent is wiped; what the client keeps to
//!   authenticate later connections is a `SecretString`.

use super::Driver;
use crate::error::{Component, DriverFault};
use crate::secret::{FixedBuffer, put_together};
use crate::text::is_all;
use crate::url::TlsFile;
use crate::{Error, MemcacheUrl, Server};
use memcache::{Client, ClientError, CommandError, ConnectionManager, MemcacheError, Pool, Stream, Url};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
pub use r2d2;
use r2d2::{CustomizeConnection, ManageConnection};
use secrecy::{ExposeSecret, SecretString};
use std::io::{Read, Write};
use std::time::Duration;

const DRIVER: Driver = Driver("memcache");

/// The driver names neither of them.
type Connection = <ConnectionManager as ManageConnection>::Connection;
type Protocol = <Connection as std::ops::Deref>::Target;

impl MemcacheUrl {
    /// A client of [memcache](crate::drivers::memcache) for this resource. It connects when it is first used.
    ///
    /// ```
    /// # use config_vars::MemcacheUrl;
    /// let cache: MemcacheUrl = "memcache://app:p%40ss@[::1]:11211,mc2.example?connect_timeout=0.5".parse()?;
    /// let client = cache.to_memcache()?;
    /// # _ = client;
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an option has a value that it does not take, or the driver cannot send a credential in the text protocol.
    pub fn to_memcache(&self) -> Result<Client, Error> {
        self.to_memcache_with(|pool| pool)
    }

    /// The same, with pools as the app wants them: their sizes and times. The URL's `connect_timeout` comes before.
    ///
    /// ```
    /// # use config_vars::MemcacheUrl;
    /// # use std::time::Duration;
    /// let cache: MemcacheUrl = "memcache://app:p%40ss@mc1.example".parse()?;
    /// let client = cache.to_memcache_with(|pool| pool.min_idle(Some(0)).connection_timeout(Duration::from_millis(500)))?;
    /// # _ = client;
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`to_memcache`](Self::to_memcache).
    pub fn to_memcache_with(
        &self,
        mut pool: impl FnMut(r2d2::Builder<ConnectionManager>) -> r2d2::Builder<ConnectionManager>,
    ) -> Result<Client, Error> {
        let options = ClientSettings::of(self)?;
        let mut pools = Vec::with_capacity(self.hosts().len());
        for server in self.servers() {
            // Of no connection that is not asked for, so that nothing is dialled before the client is used.
            let mut builder = pool(Pool::builder().min_idle(Some(0)));
            if let Some(timeout) = options.connect_timeout {
                builder = builder.connection_timeout(timeout);
            }
            let credentials = credentials(&server);
            let manager = match credentials {
                Some((username, password)) if options.is_ascii => {
                    options.manager_with(&server, username, password)?
                }
                Some((username, password)) => {
                    builder = builder.connection_customizer(Box::new(Authentication {
                        username: username.clone(),
                        password: password.clone(),
                    }));
                    options.manager(&server)?
                }
                None => options.manager(&server)?,
            };
            pools.push(builder.build_unchecked(manager));
        }
        Client::with_pools(pools).map_err(|_| DriverFault::Refused(DRIVER.0).at(Component::Value))
    }
}

/// User and password; the driver authenticates where there are both, and the user name is not empty.
fn credentials<'u>(server: &Server<'u>) -> Option<(&'u SecretString, &'u SecretString)> {
    let username = server
        .username()
        .filter(|name| !name.expose_secret().is_empty())?;
    Some((username, server.password()?))
}

/// The settings that the driver reads from a URL, besides the server.
struct ClientSettings {
    /// The driver's own: `memcache`, `memcache+tls` or `memcache+udp`.
    scheme: String,
    connect_timeout: Option<Duration>,
    is_ascii: bool,
    /// The options that it is told, as they were written.
    query: String,
}

impl ClientSettings {
    fn of(url: &MemcacheUrl) -> Result<Self, Error> {
        let scheme = url.expose_url().split(':').next().unwrap_or_default();
        let mut options = Self {
            scheme: scheme.to_owned(),
            connect_timeout: None,
            is_ascii: false,
            query: String::new(),
        };
        options.tell_tls(url)?;
        for given in url.options_for_drivers() {
            let value = &given.value;
            let seconds = |option| {
                let seconds = DRIVER.value::<f64>(option, value)?;
                Duration::try_from_secs_f64(seconds).map_err(|_| DRIVER.bad_value(option))
            };
            let text = given.text();
            let told = match given.name() {
                _ if given.is_tls() => {
                    let name = match given.file().filter(|_| options.is_tls()) {
                        Some(TlsFile::Roots) => "ca_path",
                        Some(TlsFile::Certificate) => "cert_path",
                        Some(TlsFile::Key) => "key_path",
                        None => return Err(DRIVER.unknown_option(given.position)),
                    };
                    format!("{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC))
                }
                "connect_timeout" => {
                    options.connect_timeout =
                        Some(seconds("connect_timeout")?).filter(|time| !time.is_zero());
                    continue;
                }
                // Checked, for the driver panics at what is no time.
                "timeout" => format!("timeout={}", seconds("timeout")?.as_secs_f64()),
                "tcp_nodelay" => format!("tcp_nodelay={}", DRIVER.value::<bool>("tcp_nodelay", value)?),
                "udp" => format!("udp={}", DRIVER.value::<bool>("udp", value)?),
                "bind" => match text.parse::<std::net::SocketAddr>() {
                    Ok(address) => format!("bind={address}"),
                    Err(_) => return Err(DRIVER.bad_value("bind")),
                },
                "protocol" => match text {
                    "ascii" => {
                        options.is_ascii = true;
                        "protocol=ascii".to_owned()
                    }
                    "binary" => continue,
                    _ => return Err(DRIVER.bad_value("protocol")),
                },
                _ => continue,
            };
            options.tell(&told);
        }
        Ok(options)
    }

    fn tell(&mut self, option: &str) {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(option);
    }

    /// Tells the driver how far to check certificates; it encrypts with `memcache+tls://` alone.
    fn tell_tls(&mut self, url: &MemcacheUrl) -> Result<(), Error> {
        let tls = url.tls_for_drivers()?;
        match (tls.is_required(), self.is_tls()) {
            (true, true) => {
                self.tell(if tls.is_verified() {
                    "verify_mode=peer"
                } else {
                    "verify_mode=none"
                });
                Ok(())
            }
            (true, false) => Err(DriverFault::NoTls(DRIVER.0).at(Component::Value)),
            (false, _) => Ok(()),
        }
    }

    fn is_tls(&self) -> bool {
        self.scheme.ends_with("+tls")
    }

    /// Connects without credentials.
    fn manager(&self, server: &Server<'_>) -> Result<ConnectionManager, Error> {
        let host = server.host();
        let text = match server.port() {
            None => format!("{}://{host}{}", self.scheme, self.query),
            Some(port) => format!(
                "{}://{}:{}{}",
                self.scheme,
                server.bracketed_host(),
                port.number(),
                self.query
            ),
        };
        let refused = || DriverFault::Refused(DRIVER.0).at(Component::Host);
        let url = Url::parse(&text).map_err(|_| refused())?;
        if server.port().is_none() && url.path() != host {
            return Err(DriverFault::SocketPath(DRIVER.0).at(Component::Host));
        }
        Ok(ConnectionManager::new(url))
    }

    /// Connects with the driver's own authentication, which sends what stands in the URL.
    fn manager_with(
        &self,
        server: &Server<'_>,
        username: &SecretString,
        password: &SecretString,
    ) -> Result<ConnectionManager, Error> {
        let Some(port) = server.port() else {
            return Err(DriverFault::SocketPath(DRIVER.0).at(Component::Host));
        };
        check_plain(username, Component::Username)?;
        check_plain(password, Component::Password)?;
        let (username, password) = (username.expose_secret(), password.expose_secret());
        let host = server.bracketed_host();
        let port = port.number().to_string();
        let pieces = [
            &self.scheme,
            "://",
            username,
            ":",
            password,
            "@",
            &host,
            ":",
            &port,
            &self.query,
        ];
        let text = put_together(&|text| pieces.iter().for_each(|piece| text.push(piece)));
        let url = Url::parse(&text).map_err(|_| DriverFault::Refused(DRIVER.0).at(Component::Host))?;
        Ok(ConnectionManager::new(url))
    }
}

/// Refuses a credential that a `Url` would not hold as it is.
fn check_plain(credential: &SecretString, component: Component) -> Result<(), Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$%&()*+,".contains(&byte);
    match is_all(credential.expose_secret(), is_plain) {
        true => Ok(()),
        false => Err(DriverFault::Credential(DRIVER.0).at(component)),
    }
}

/// Authenticates each new connection of a pool, by [SASL](https://github.com/memcached/memcached/wiki/SASLAuthProtocol) with
/// the mechanism PLAIN.
#[derive(Debug)]
struct Authentication {
    username: SecretString,
    password: SecretString,
}

impl CustomizeConnection<Connection, MemcacheError> for Authentication {
    fn on_acquire(&self, connection: &mut Connection) -> Result<(), MemcacheError> {
        match &mut connection.protocol {
            Protocol::Binary(protocol) => self.authenticate(&mut protocol.stream),
            // Not reached: such pools have the driver's own authentication.
            Protocol::Ascii(_) => Err(CommandError::AuthenticationRequired.into()),
        }
    }
}

const REQUEST: u8 = 0x80;
const RESPONSE: u8 = 0x81;
const SASL_AUTH: u8 = 0x21;
const MECHANISM: &[u8] = b"PLAIN";
const HEADER: usize = 24;

impl Authentication {
    fn authenticate(&self, stream: &mut Stream) -> Result<(), MemcacheError> {
        let (username, password) = (self.username.expose_secret(), self.password.expose_secret());
        let body = MECHANISM.len() + username.len() + password.len() + 2;
        let mut packet = FixedBuffer::<Vec<u8>>::with_capacity(HEADER + body);
        packet.extend_from_slice(&header(body));
        for piece in [MECHANISM, b"\0", username.as_bytes(), b"\0", password.as_bytes()] {
            packet.extend_from_slice(piece);
        }
        stream.write_all(&packet)?;
        stream.flush()?;
        read_answer(stream)
    }
}

/// The header of the request: all its other fields are 0.
fn header(body: usize) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[0] = REQUEST;
    header[1] = SASL_AUTH;
    header[2..4].copy_from_slice(&(MECHANISM.len() as u16).to_be_bytes());
    header[8..12].copy_from_slice(&(body as u32).to_be_bytes());
    header
}

fn read_answer(stream: &mut Stream) -> Result<(), MemcacheError> {
    let mut header = [0; HEADER];
    stream.read_exact(&mut header)?;
    if header[0] != RESPONSE {
        return Err(memcache::ServerError::BadMagic(header[0]).into());
    }
    let status = u16::from_be_bytes([header[6], header[7]]);
    let length = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    std::io::copy(&mut stream.take(length.into()), &mut std::io::sink())?;
    match status {
        0 => Ok(()),
        // 0x20 is a refusal.
        status => Err(CommandError::from(status).into()),
    }
}

/// Whether the server refused the credentials, or asks for some.
///
/// True for the status 0x20 of the binary protocol and for `CLIENT_ERROR authentication failure` of the text protocol; of a
/// pool that ran out of time, if that was its last failure, which it tells as text alone. A wrong password and none cannot be
/// told apart, nor can a connection that the server closed for it from a server that is down.
///
/// ```
/// use config_vars::drivers::memcache::is_auth_error;
/// use memcache::{CommandError, MemcacheError};
///
/// assert!(is_auth_error(&MemcacheError::CommandError(CommandError::AuthenticationRequired)));
/// assert!(!is_auth_error(&MemcacheError::CommandError(CommandError::KeyNotFound)));
/// ```
#[must_use]
pub fn is_auth_error(error: &MemcacheError) -> bool {
    match error {
        MemcacheError::CommandError(error) => *error == CommandError::AuthenticationRequired,
        MemcacheError::ClientError(ClientError::Error(text)) => tells_refusal(text),
        // The pool has the text of its last failure, and nothing else of it.
        MemcacheError::PoolError(error) => {
            let text = error.to_string();
            text.contains(&CommandError::AuthenticationRequired.to_string()) || tells_refusal(&text)
        }
        _ => false,
    }
}

fn tells_refusal(text: &str) -> bool {
    text.contains("CLIENT_ERROR authentication failure") || text.contains("CLIENT_ERROR unauthenticated")
}
