//! [redis](https://docs.rs/redis) 1.8: [`RedisUrl::to_redis`], [`Credentials`] that connections follow, and
//! [`is_auth_error`]. The driver needs Rust 1.88.
//!
//! ```no_run
//! use config_vars::{ConfigVars, RedisUrl, drivers::redis::Credentials};
//! use redis::{AsyncCommands, AsyncConnectionConfig};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let cache: RedisUrl = ConfigVars::from_env().url("REDIS_URL")?;
//! let client = redis::Client::open(cache.to_redis()?)?;
//! // The connection authenticates anew, in place, when `credentials.roll(&cache)` is called.
//! let credentials = Credentials::new(&cache);
//! let config = AsyncConnectionConfig::new().set_credentials_provider(credentials.clone());
//! let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
//! let _: Option<String> = connection.get("greeting").await?;
//! # Ok(())
//! # }
//! # let _ = run;
//! ```
//!
//! - **TLS.** `rediss://` verifies certificate and name, by the system's roots; the driver's feature
//!   `tls-rustls-webpki-roots`, if the app turns it on, has those of Mozilla in their place. `ssl_cert_reqs=none` (redis-py's)
//!   verifies nothing, nor does `rediss://…#insecure` (the driver's own). Heroku's Redis has certificates of its own making:
//!   there it is one of those, or `Client::build_with_tls`
//!   with the authority's certificate.
//! - **The user.** A dummy that a provider wrote (`h`) is left out, see [`RedisUrl::acl_username`]; an empty user or password
//!   is none.
//! - **Options.** `protocol` (`2`, `3`, `resp2`, `resp3`) is applied; others are left out, as the driver ignores them.
//! - **Hosts.** A socket is taken, as `redis+unix:///run/redis.sock?db=2&user=app&pass=pw` or percent-encoded in the host's
//!   place, and an address in IPv6. With `rediss://` a socket is an error.
//! - **A roll.** [`Credentials`] is the driver's
//!   [`StreamingCredentialsProvider`](https://docs.rs/redis/1.8/redis/auth/trait.StreamingCredentialsProvider.html): connections
//!   authenticate anew in place, and lose no request. They do not follow a URL of another host or TLS mode, which
//!   [`roll`](Credentials::roll) reports: it needs a new client. If the server refuses the new credentials, the driver logs it and the
//!   connection does not follow any further; open connections outlive a password in any case.
//! - **Secrets.** The driver keeps the password as plain text; its `Debug` does not print it.

use super::{Driver, given};
use crate::error::{Component, DriverFault};
use crate::{Error, RedisUrl, Tls};
use futures_util::stream::{self, Stream};
use redis::auth::{BasicAuth, StreamingCredentialsProvider};
use redis::{
    ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, ProtocolVersion, RedisConnectionInfo,
    RedisError, RedisResult,
};
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;

const DRIVER: Driver = Driver("redis");

impl RedisUrl {
    /// Returns the connection settings for [redis](crate::drivers::redis), for example for `redis::Client::open`.
    ///
    /// ```
    /// # use config_vars::RedisUrl;
    /// let cache: RedisUrl = "rediss://app:p%40ss@[2001:db8::7]:6380/2?protocol=3".parse()?;
    /// let info = cache.to_redis()?;
    /// assert_eq!(info.addr().to_string(), "2001:db8::7:6380");
    /// let settings = info.redis_settings();
    /// assert_eq!((settings.username(), settings.password(), settings.db()), (Some("app"), Some("p@ss"), 2));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If `protocol` has a value that it does not take.
    pub fn to_redis(&self) -> Result<ConnectionInfo, Error> {
        let refused = |_| DriverFault::Refused(DRIVER.0).at(Component::Host);
        let mut settings = RedisConnectionInfo::default();
        if let Some(index) = self.index() {
            settings = settings.set_db(index.into());
        }
        for option in self.options_for_drivers() {
            if option.is_tls() {
                return Err(DRIVER.unknown_option(option.position));
            } else if option.name() == "protocol" {
                settings = settings.set_protocol(match option.text() {
                    "2" | "resp2" => ProtocolVersion::RESP2,
                    "3" | "resp3" => ProtocolVersion::RESP3,
                    _ => return Err(DRIVER.bad_value("protocol")),
                });
            }
        }
        let info = self.address()?.into_connection_info().map_err(refused)?;
        // After all that may fail: the driver wipes nothing.
        if let Some(username) = given(self.acl_username()) {
            settings = settings.set_username(username);
        }
        if let Some(password) = given(self.password()) {
            settings = settings.set_password(password);
        }
        Ok(info.set_redis_settings(settings))
    }

    fn address(&self) -> Result<ConnectionAddr, Error> {
        let tls = self.tls_for_drivers()?;
        let Some(host) = self.hosts().first() else {
            return Err(DriverFault::NoHost(DRIVER.0).at(Component::Host));
        };
        let Some(port) = host.port() else {
            return Ok(ConnectionAddr::Unix(PathBuf::from(host.as_str())));
        };
        let (host, port) = (host.as_str().to_owned(), port.number());
        let encrypted = |host, insecure| ConnectionAddr::TcpTls {
            host,
            port,
            insecure,
            tls_params: None,
        };
        Ok(match tls {
            Tls::Unspecified | Tls::Off => ConnectionAddr::Tcp(host, port),
            Tls::Preferred => return Err(DRIVER.tls_preferred()),
            Tls::Unverified => encrypted(host, true),
            Tls::VerifiedCa => {
                let mut address = encrypted(host, false);
                address.set_danger_accept_invalid_hostnames(true);
                address
            }
            Tls::Unknown | Tls::Verified => encrypted(host, false),
        })
    }
}

/// Credentials that open connections follow: the driver's `StreamingCredentialsProvider`. A clone is the same one.
///
/// ```
/// use config_vars::{RedisUrl, drivers::redis::Credentials};
///
/// let credentials = Credentials::new(&"redis://app:old@cache.example".parse::<RedisUrl>()?);
/// let config = redis::AsyncConnectionConfig::new().set_credentials_provider(credentials.clone());
/// // Later, when the config var has rolled:
/// let is_followed = credentials.roll(&"redis://app:new@cache.example".parse::<RedisUrl>()?);
/// # _ = (config, is_followed);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials(Arc<watch::Sender<RedisUrl>>);

impl Credentials {
    /// Those of a resource. Without a user, the server's user `default` is meant.
    #[must_use]
    pub fn new(url: &RedisUrl) -> Self {
        Self(Arc::new(watch::Sender::new(url.clone())))
    }

    /// Has all connections authenticate anew, with the credentials of this URL. Returns whether they do.
    ///
    /// They do not if the URL has another host, port or TLS mode, because they would send the new credentials to the earlier
    /// host, or without the TLS that the URL asks for. They keep the earlier credentials, and the URL needs a new client, with
    /// `Credentials` of its own.
    ///
    /// ```
    /// # use config_vars::{RedisUrl, drivers::redis::Credentials};
    /// let credentials = Credentials::new(&"redis://app:old@cache.example".parse::<RedisUrl>()?);
    /// assert!(credentials.roll(&"redis://app:new@cache.example".parse::<RedisUrl>()?));
    /// assert!(!credentials.roll(&"rediss://app:new@cache.example".parse::<RedisUrl>()?));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use = "if it is `false`, the URL needs a new client"]
    pub fn roll(&self, url: &RedisUrl) -> bool {
        self.0.send_if_modified(|current| {
            // The driver's addresses are equal also if one of them checks the name in the certificate, and the other does not.
            let server = |url: &RedisUrl| Ok::<_, Error>((url.address()?, url.tls_for_drivers()?));
            let is_same_server = match (server(current), server(url)) {
                (Ok(before), Ok(now)) => before == now,
                _ => false,
            };
            if is_same_server {
                // The old URL is wiped when it goes.
                *current = url.clone();
            }
            is_same_server
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Credentials").field(&*self.0.borrow()).finish()
    }
}

impl StreamingCredentialsProvider for Credentials {
    fn subscribe(&self) -> Pin<Box<dyn Stream<Item = RedisResult<BasicAuth>> + Send + 'static>> {
        let mut changes = self.0.subscribe();
        // The first item is what holds now.
        changes.mark_changed();
        Box::pin(stream::unfold(changes, async |mut changes| {
            changes.changed().await.ok()?;
            let credentials = basic_auth(&changes.borrow_and_update());
            Some((Ok(credentials), changes))
        }))
    }
}

fn basic_auth(url: &RedisUrl) -> BasicAuth {
    let username = given(url.acl_username()).unwrap_or("default");
    let password = given(url.password()).unwrap_or_default();
    BasicAuth::new(username.to_owned(), password.to_owned())
}

/// Whether the server refused the credentials, or asks for some.
///
/// True for the driver's `AuthenticationFailed` and for the server's codes `WRONGPASS` and `NOAUTH`. Not for a command or key
/// that the user may not use (`NOPERM`), nor for a server that is down.
///
/// ```
/// use config_vars::drivers::redis::is_auth_error;
/// use redis::{ErrorKind, RedisError};
///
/// assert!(is_auth_error(&RedisError::from((ErrorKind::AuthenticationFailed, "refused"))));
/// assert!(!is_auth_error(&RedisError::from((ErrorKind::Io, "down"))));
/// ```
#[must_use]
pub fn is_auth_error(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"))
}
