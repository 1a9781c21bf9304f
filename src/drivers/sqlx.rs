//! [sqlx](https://docs.rs/sqlx) 0.9, MySQL and PostgreSQL: [`MysqlUrl::to_sqlx_options`],
//! [`PostgresUrl::to_sqlx_options`], [`roll`] and [`is_auth_error`]. The driver needs Rust 1.94.
//!
//! ```no_run
//! use config_vars::{ConfigVars, PostgresUrl, drivers::sqlx::is_auth_error};
//! use sqlx::{ConnectOptions, Connection};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let db: PostgresUrl = ConfigVars::from_env().url("DATABASE_URL")?;
//! match db.to_sqlx_options()?.connect().await {
//!     Ok(mut conn) => conn.ping().await?,
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - **TLS.** All that a URL can ask for, the driver can do; where the URL says nothing it prefers TLS without checking
//!   the certificate. A file of authorities (`ssl-ca`, `sslrootcert`) is never ignored: without a mode, or with
//!   `sslmode=require`, it comes out as `VerifyCa`, as it does with MySQL's and PostgreSQL's own clients. Without a file
//!   the roots of Mozilla (webpki-roots) are trusted; `sslrootcert=system` stands for them.
//! - **Options** are those of [`MySqlConnectOptions`](https://docs.rs/sqlx/0.9/sqlx/mysql/struct.MySqlConnectOptions.html)
//!   and [`PgConnectOptions`](https://docs.rs/sqlx/0.9/sqlx/postgres/struct.PgConnectOptions.html). Others are left out,
//!   as the driver ignores them; left to itself, it logs PostgreSQL's with their values at level WARN.
//! - **Hosts.** A socket is taken, and an address in IPv6 is set without brackets. A list of hosts is an error: the driver
//!   would take it for the name of one.
//! - **The environment.** For PostgreSQL the driver fills in from `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE` and
//!   their like what the URL leaves out; `.pgpass` is not read. For MySQL it takes the user `root` and the host `localhost`.
//! - **A roll.** [`roll`] tells a pool its new options, for connections to come. Those that are open stay so, as servers let
//!   them; `PoolOptions::max_lifetime` bounds that.
//! - **A host that has moved.** Where nobody listens any more, the pool dials again until its `acquire_timeout` (30 seconds), and
//!   a request that holds the pool of before the move waits for that: set less.
//! - **Secrets.** The driver keeps the password as plain text, and `Debug` of its options prints it.

use super::{
    Driver, POSTGRES_AUTHORITIES, SYSTEM_ROOTS, given, is_mysql_refusal, is_postgres_refusal, mysql_tls,
    postgres_tls,
};
use crate::error::{Component, DriverFault};
use crate::secret::put_together;
use crate::{Error, Host, MysqlUrl, PostgresUrl, ResourceUrl, Tls};
use secrecy::ExposeSecret;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection, Database, Pool};
use std::net::IpAddr;
use std::str::FromStr;

const DRIVER: Driver = Driver("sqlx");

/// The one host; `None` where the URL leaves it to the driver.
fn only_host(url: &ResourceUrl) -> Result<Option<&Host>, Error> {
    match url.hosts() {
        [] => Ok(None),
        [host] => Ok(Some(host)),
        _ => Err(DriverFault::SingleHost(DRIVER.0).at(Component::Host)),
    }
}

impl MysqlUrl {
    /// The options of [sqlx](crate::drivers::sqlx) for this resource.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let db: MysqlUrl = "mariadb://app:p%40ss@[2001:db8::7]/shop?ssl-mode=VERIFY_CA&charset=latin1".parse()?;
    /// let options = db.to_sqlx_options()?;
    /// assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 3306));
    /// assert_eq!((options.get_username(), options.get_database()), ("app", Some("shop")));
    /// assert!(matches!(options.get_ssl_mode(), sqlx::mysql::MySqlSslMode::VerifyCa));
    /// assert_eq!(options.get_charset(), "latin1");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an option has a value that it does not take.
    pub fn to_sqlx_options(&self) -> Result<MySqlConnectOptions, Error> {
        let mut options = MySqlConnectOptions::new();
        if let Some(host) = only_host(self)? {
            options = match host.is_socket() {
                true => options.socket(host.as_str()),
                false => options.host(host.as_str()),
            };
            if let Some(port) = host.port() {
                options = options.port(port.number());
            }
        }
        if let Some(database) = self.database().filter(|name| !name.is_empty()) {
            options = options.database(database);
        }
        options = match mysql_tls(self)? {
            Tls::Unspecified => options,
            Tls::Off => options.ssl_mode(MySqlSslMode::Disabled),
            Tls::Preferred => options.ssl_mode(MySqlSslMode::Preferred),
            Tls::Unverified => options.ssl_mode(MySqlSslMode::Required),
            Tls::VerifiedCa => options.ssl_mode(MySqlSslMode::VerifyCa),
            Tls::Verified => options.ssl_mode(MySqlSslMode::VerifyIdentity),
        };
        for (_, name, value) in self.options_for_drivers() {
            let text = value.expose_secret();
            options = match name.expose_secret() {
                "ssl-ca" | "sslca" => options.ssl_ca(text),
                "ssl-cert" | "sslcert" => options.ssl_client_cert(text),
                "ssl-key" | "sslkey" => options.ssl_client_key(text),
                "charset" => options.charset(text),
                "collation" => options.collation(text),
                "socket" => options.socket(text),
                "timezone" | "time-zone" => options.timezone(Some(text.to_owned())),
                "statement-cache-capacity" => {
                    options.statement_cache_capacity(DRIVER.value("statement-cache-capacity", &value)?)
                }
                _ => options,
            };
        }
        // After all that may fail: the driver wipes nothing.
        if let Some(username) = given(self.username()) {
            options = options.username(username);
        }
        if let Some(password) = self.password() {
            options = options.password(password.expose_secret());
        }
        Ok(options)
    }
}

impl PostgresUrl {
    /// The options of [sqlx](crate::drivers::sqlx) for this resource.
    ///
    /// ```
    /// # use config_vars::PostgresUrl;
    /// let db: PostgresUrl = "postgres://app:p%40ss@[2001:db8::7]/shop?sslmode=require&pool=5".parse()?;
    /// let options = db.to_sqlx_options()?;
    /// assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 5432));
    /// assert_eq!((options.get_username(), options.get_database()), ("app", Some("shop")));
    /// assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the URL lists several hosts, or an option has a value that it does not take.
    pub fn to_sqlx_options(&self) -> Result<PgConnectOptions, Error> {
        let mut options = self.sqlx_base()?;
        let host = only_host(self)?;
        if let Some(host) = host {
            options = match host.is_socket() {
                true => options.socket(host.as_str()),
                false => options.host(host.as_str()),
            };
            if let Some(port) = host.port() {
                options = options.port(port.number());
            }
        }
        if let Some(database) = self.database().filter(|name| !name.is_empty()) {
            options = options.database(database);
        }
        options = match postgres_tls(self)? {
            Tls::Unspecified => options,
            Tls::Off => options.ssl_mode(PgSslMode::Disable),
            Tls::Preferred => options.ssl_mode(PgSslMode::Prefer),
            Tls::Unverified => options.ssl_mode(PgSslMode::Require),
            Tls::VerifiedCa => options.ssl_mode(PgSslMode::VerifyCa),
            Tls::Verified => options.ssl_mode(PgSslMode::VerifyFull),
        };
        for (_, name, value) in self.options_for_drivers() {
            let text = value.expose_secret();
            options = match name.expose_secret() {
                name if POSTGRES_AUTHORITIES.contains(&name) && text == SYSTEM_ROOTS => options,
                name if POSTGRES_AUTHORITIES.contains(&name) => options.ssl_root_cert(text),
                "sslcert" | "ssl-cert" => options.ssl_client_cert(text),
                "sslkey" | "ssl-key" => options.ssl_client_key(text),
                "hostaddr" => match text.parse::<IpAddr>() {
                    Ok(_) => options.host(text),
                    Err(_) => return Err(DRIVER.bad_value("hostaddr")),
                },
                "port" if host.is_none() => options.port(DRIVER.value("port", &value)?),
                "dbname" => options.database(text),
                "user" => options.username(text),
                "password" => options.password(text),
                "application_name" => options.application_name(text),
                "statement-cache-capacity" => {
                    options.statement_cache_capacity(DRIVER.value("statement-cache-capacity", &value)?)
                }
                _ => options,
            };
        }
        // After all that may fail: the driver wipes nothing. What the query names comes before.
        let is_in_query = |name| {
            self.options_for_drivers()
                .any(|option| option.1.expose_secret() == name)
        };
        if let Some(username) = given(self.username()).filter(|_| !is_in_query("user")) {
            options = options.username(username);
        }
        if let Some(password) = self.password().filter(|_| !is_in_query("password")) {
            options = options.password(password.expose_secret());
        }
        Ok(options)
    }

    /// The driver's defaults, with the settings for the server, for which it has no setter but its parser: `options`, and
    /// `options[name]`. A password is there to keep it from `.pgpass`, where the URL has one to replace it.
    fn sqlx_base(&self) -> Result<PgConnectOptions, Error> {
        let is_for_server = |name: &str| name == "options" || name.starts_with("options[");
        let pairs = || {
            self.options_for_drivers()
                .filter(|(_, name, _)| is_for_server(name.expose_secret()))
        };
        if pairs().next().is_none() {
            return Ok(PgConnectOptions::new_without_pgpass());
        }
        let base = match self.password() {
            Some(_) => "postgres:///?password=_&",
            None => "postgres:///?",
        };
        let text = put_together(|text| {
            text.push(base);
            for (_, name, value) in pairs() {
                text.push_encoded(name.expose_secret());
                text.push("=");
                text.push_encoded(value.expose_secret());
                text.push("&");
            }
        });
        PgConnectOptions::from_str(&text).map_err(|_| DRIVER.bad_value("options"))
    }
}

/// Tells a pool the options for all connections to come, so that it follows a roll in place. Connections that are open
/// stay open, and the pool goes on handing them out.
///
/// ```no_run
/// use config_vars::{Error, MysqlUrl, drivers};
///
/// fn on_roll(pool: &sqlx::MySqlPool, db: &MysqlUrl) -> Result<(), Error> {
///     drivers::sqlx::roll(pool, db.to_sqlx_options()?);
///     Ok(())
/// }
/// # _ = on_roll;
/// ```
pub fn roll<DB: Database>(pool: &Pool<DB>, options: <DB::Connection as Connection>::Options) {
    pool.set_connect_options(options);
}

/// Whether the server refused the credentials.
///
/// True for SQLSTATE 28P01 and 28000 (a wrong password, or no such user), for MySQL's expired passwords and locked
/// accounts, and for what PgBouncer of old says. Not for a database or table that is not there, a missing right, or a
/// server that is down. PostgreSQL uses 28000 as well where `pg_hba.conf` has no entry for the connection, and MySQL for
/// a missing `FILE` right, which cannot be told apart.
///
/// ```
/// assert!(!config_vars::drivers::sqlx::is_auth_error(&sqlx::Error::PoolTimedOut));
/// ```
#[must_use]
pub fn is_auth_error(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            let state = error.code().unwrap_or_default();
            match error.try_downcast_ref::<MySqlDatabaseError>() {
                Some(error) => is_mysql_refusal(error.number(), &state),
                None => is_postgres_refusal(&state, error.message()),
            }
        }
        // From the driver that chooses a database by the URL.
        sqlx::Error::AnyDriverError(error) => error.downcast_ref().is_some_and(is_auth_error),
        _ => false,
    }
}
