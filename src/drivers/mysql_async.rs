//! [mysql_async](https://docs.rs/mysql_async) 0.37: [`MysqlUrl::to_mysql_async`] and [`is_auth_error`]. The driver needs
//! Rust 1.88.
//!
//! ```no_run
//! use config_vars::{ConfigVars, MysqlUrl, drivers::mysql_async::is_auth_error};
//! use mysql_async::prelude::Queryable;
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let db: MysqlUrl = ConfigVars::from_env().url("JAWSDB_URL")?;
//! let pool = mysql_async::Pool::new(db.to_mysql_async()?);
//! match pool.get_conn().await {
//!     Ok(mut conn) => println!("{:?}", conn.query_first::<u32, _>("SELECT 1").await?),
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! # let _ = run;
//! ```
//!
//! - **TLS.** The driver encrypts always or never: `ssl-mode=preferred` is an error, and a URL that says nothing means no
//!   TLS, as the driver has it. It trusts the roots of Mozilla (webpki-roots) and not the system's; `ssl-ca` names a PEM
//!   file to trust in their place. `verify_ca` comes out as strict as `verify_identity`: with current versions of rustls
//!   the driver does not recognise the error that it means to excuse.
//! - **Options** are the driver's own ([`Opts::from_url`](https://docs.rs/mysql_async/0.37/mysql_async/struct.Opts.html)),
//!   the spellings of TLS that this crate knows, and `ssl-ca`. Any other is an error, as it is for the driver.
//! - **Hosts.** An address in IPv6 is set without brackets; the driver's own parser keeps them, and its TLS then fails.
//!   A socket is taken; on it nothing is encrypted. By itself the driver would ask the server for the path of a socket, whatever
//!   the host, and log in once more to whoever listens there, without TLS. Here it does so only if the URL says
//!   `prefer_socket=true` and asks for no TLS.
//! - **A roll.** The driver cannot change a pool's credentials: build a new pool, and
//!   [`disconnect`](https://docs.rs/mysql_async/0.37/mysql_async/struct.Pool.html#method.disconnect) the old one when
//!   its work is done. Open connections outlive a password.
//! - **Secrets.** The driver keeps the password as plain text for the life of the pool, and `Debug` of its `Opts` prints
//!   it.
//! - The feature turns on the driver's `rustls-tls`, beside which its `native-tls-tls` does not compile.

use super::{Driver, given, is_mysql_refusal};
use crate::url::{DriverOption, TlsFile};
use crate::{Error, MysqlUrl, Tls};
use mysql_async::{Compression, Opts, OptsBuilder, PoolConstraints, PoolOpts, SslOpts};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::time::Duration;

const DRIVER: Driver = Driver("mysql_async");

impl MysqlUrl {
    /// The options of [mysql_async](crate::drivers::mysql_async) for this resource.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let db: MysqlUrl = "mysql2://app:p%40ss@[2001:db8::7]/shop?ssl-mode=VERIFY_IDENTITY&pool_max=4".parse()?;
    /// let opts = db.to_mysql_async()?;
    /// assert_eq!((opts.user(), opts.pass(), opts.db_name()), (Some("app"), Some("p@ss"), Some("shop")));
    /// assert_eq!((opts.ip_or_hostname(), opts.tcp_port()), ("2001:db8::7", 3306));
    /// assert!(opts.ssl_opts().is_some_and(|tls| !tls.accept_invalid_certs()));
    /// assert_eq!(opts.pool_opts().constraints().max(), 4);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the URL asks for what the driver cannot do: TLS only if the server offers it, an option that is not the
    /// driver's, or a value that the option does not take.
    pub fn to_mysql_async(&self) -> Result<Opts, Error> {
        let asked = self.tls_for_drivers()?;
        let mut builder = OptsBuilder::default().prefer_socket(false);
        if let Some(host) = self.hosts().first() {
            builder = match host.is_socket() {
                true => builder.socket(Some(host.as_str())),
                false => builder.ip_or_hostname(host.as_str()),
            };
            if let Some(port) = host.port() {
                builder = builder.tcp_port(port.number());
            }
        }
        let mut options = QueryOptions {
            builder,
            pool: PoolOpts::default(),
            pool_size: (None, PoolConstraints::default().max()),
            tls: tls(asked)?,
        };
        for option in self.options_for_drivers() {
            options = options.with(&option)?;
        }
        let (min, max) = options.pool_size;
        // A maximum by itself is no contradiction to the driver's default for the minimum.
        let min = min.unwrap_or(PoolConstraints::default().min().min(max));
        let constraints = PoolConstraints::new(min, max).ok_or_else(|| DRIVER.bad_value("pool_max"))?;
        // After all that may fail: the driver wipes nothing.
        let roots = self.tls_file(TlsFile::Roots);
        let roots = roots.map(|file| vec![PathBuf::from(file.expose_secret()).into()]);
        let tls = options.tls.map(|tls| match roots {
            Some(roots) => tls.with_root_certs(roots),
            None => tls,
        });
        let builder = options
            .builder
            .pool_opts(options.pool.with_constraints(constraints))
            .ssl_opts(tls)
            .db_name(self.database().filter(|name| !name.is_empty()))
            .user(given(self.username()))
            .pass(self.password().map(ExposeSecret::expose_secret));
        Ok(builder.into())
    }
}

fn tls(asked: Tls) -> Result<Option<SslOpts>, Error> {
    let opts = SslOpts::default();
    Ok(match asked {
        Tls::Unspecified | Tls::Off => None,
        Tls::Preferred => return Err(DRIVER.tls_preferred()),
        Tls::Unverified => Some(
            opts.with_danger_accept_invalid_certs(true)
                .with_danger_skip_domain_validation(true),
        ),
        Tls::VerifiedCa => Some(opts.with_danger_skip_domain_validation(true)),
        Tls::Unknown | Tls::Verified => Some(opts),
    })
}

/// Collects the options of a query.
struct QueryOptions {
    builder: OptsBuilder,
    pool: PoolOpts,
    /// At least, at most.
    pool_size: (Option<usize>, usize),
    tls: Option<SslOpts>,
}

impl QueryOptions {
    /// With one more option: the names that `Opts::from_url` takes, less those of TLS.
    fn with(self, given: &DriverOption) -> Result<Self, Error> {
        let Self {
            mut builder,
            mut pool,
            mut pool_size,
            mut tls,
        } = self;
        let value = &given.value;
        let number = |option| DRIVER.value::<usize>(option, value);
        let seconds = |option| DRIVER.value(option, value).map(Duration::from_secs);
        let flag = |option| DRIVER.value::<bool>(option, value);
        let text = given.text();
        match given.name() {
            // The file is told later.
            _ if given.file() == Some(TlsFile::Roots) => {
                tls = tls.map(|tls| tls.with_disable_built_in_roots(true));
            }
            "pool_min" => pool_size.0 = Some(number("pool_min")?),
            "pool_max" => pool_size.1 = number("pool_max")?,
            "inactive_connection_ttl" => {
                pool = pool.with_inactive_connection_ttl(seconds("inactive_connection_ttl")?);
            }
            "ttl_check_interval" => pool = pool.with_ttl_check_interval(seconds("ttl_check_interval")?),
            "abs_conn_ttl" => pool = pool.with_abs_conn_ttl(Some(seconds("abs_conn_ttl")?)),
            "abs_conn_ttl_jitter" => {
                pool = pool.with_abs_conn_ttl_jitter(Some(seconds("abs_conn_ttl_jitter")?));
            }
            "reset_connection" => pool = pool.with_reset_connection(flag("reset_connection")?),
            "conn_ttl" => builder = builder.conn_ttl(seconds("conn_ttl")?),
            "tcp_keepalive" => {
                let milliseconds = DRIVER.value::<u32>("tcp_keepalive", value)?;
                builder = builder.tcp_keepalive(Some(Duration::from_millis(milliseconds.into())));
            }
            "tcp_nodelay" => builder = builder.tcp_nodelay(flag("tcp_nodelay")?),
            "max_allowed_packet" => {
                builder = builder.max_allowed_packet(Some(number("max_allowed_packet")?));
            }
            "wait_timeout" => builder = builder.wait_timeout(Some(number("wait_timeout")?)),
            "enable_cleartext_plugin" => {
                builder = builder.enable_cleartext_plugin(flag("enable_cleartext_plugin")?);
            }
            "stmt_cache_size" => builder = builder.stmt_cache_size(number("stmt_cache_size")?),
            "prefer_socket" => builder = builder.prefer_socket(flag("prefer_socket")? && tls.is_none()),
            "secure_auth" => builder = builder.secure_auth(flag("secure_auth")?),
            "client_found_rows" => builder = builder.client_found_rows(flag("client_found_rows")?),
            "compression" => builder = builder.compression(compression(text)?),
            "built_in_roots" => {
                let is_without = !flag("built_in_roots")?;
                tls = tls.map(|tls| tls.with_disable_built_in_roots(is_without));
            }
            _ => return Err(DRIVER.unknown_option(given.position)),
        }
        Ok(Self {
            builder,
            pool,
            pool_size,
            tls,
        })
    }
}

fn compression(level: &str) -> Result<Compression, Error> {
    Ok(match level {
        "fast" => Compression::fast(),
        "best" => Compression::best(),
        "on" | "true" => Compression::default(),
        _ => match level.parse() {
            Ok(number @ 0..=9) if level.len() == 1 => Compression::new(number),
            _ => return Err(DRIVER.bad_value("compression")),
        },
    })
}

/// Whether the server refused the credentials.
///
/// True for SQLSTATE 28000 (error 1045: a wrong password, or no such user), and for an expired password or a locked
/// account. Not for a database that is not there or is not this user's (1049, 1044), nor for a missing right (1142), nor
/// for a server that is down. MySQL uses 1045 for a missing `FILE` right as well, which cannot be told apart.
///
/// ```
/// use config_vars::drivers::mysql_async::is_auth_error;
/// use mysql_async::{Error, ServerError};
///
/// let refused = ServerError { code: 1045, state: "28000".into(), message: String::new() };
/// assert!(is_auth_error(&Error::Server(refused)));
/// let unknown_database = ServerError { code: 1049, state: "42000".into(), message: String::new() };
/// assert!(!is_auth_error(&Error::Server(unknown_database)));
/// ```
#[must_use]
pub fn is_auth_error(error: &mysql_async::Error) -> bool {
    match error {
        mysql_async::Error::Server(error) => is_mysql_refusal(error.code, &error.state),
        // An error that a callback of the app returned.
        mysql_async::Error::Other(error) => error.downcast_ref().is_some_and(is_auth_error),
        _ => false,
    }
}
