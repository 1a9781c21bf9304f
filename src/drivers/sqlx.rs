//! [sqlx](https://docs.rs/sqlx) 0.9, MySQL and PostgreSQL: [`MysqlUrl::to_sqlx`],
//! [`PostgresUrl::to_sqlx`], [`update_credentials`] and [`is_auth_error`]. The driver needs Rust 1.94.
//!
//! ```no_run
//! use config_vars::{ConfigVars, PostgresUrl, drivers::sqlx::is_auth_error};
//! use sqlx::{ConnectOptions, Connection};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let db: PostgresUrl = ConfigVars::from_env().url("DATABASE_URL")?;
//! match db.to_sqlx()?.connect().await {
//!     Ok(mut conn) => conn.ping().await?,
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! # let _ = run;
//! ```
//!
//! - **TLS.** All that a URL can ask for, the driver can do; where the URL says nothing it prefers TLS without checking
//!   the certificate. A file of authorities (`ssl-ca`, `sslrootcert`) is never ignored: without a mode, or with
//!   `sslmode=require`, it comes out as `VerifyCa`. The driver trusts it beside the roots of Mozilla (webpki-roots), which it
//!   always trusts; `sslrootcert=system` stands for them. With `hostaddr` the certificate must be for that address.
//! - **Options** are those of [`MySqlConnectOptions`](https://docs.rs/sqlx/0.9/sqlx/mysql/struct.MySqlConnectOptions.html)
//!   and [`PgConnectOptions`](https://docs.rs/sqlx/0.9/sqlx/postgres/struct.PgConnectOptions.html). Others are left out,
//!   as the driver ignores them; left to itself, it logs PostgreSQL's with their values at level WARN. One that speaks of TLS,
//!   and that the driver does not take, is an error.
//! - **Hosts.** A socket is taken, and an address in IPv6 is set without brackets. A list of hosts is an error: the driver
//!   would take it for the name of one.
//! - **The environment.** For PostgreSQL the driver by itself fills in from `PGUSER`, `PGPASSWORD`, `PGSSLMODE` and their like,
//!   and from `.pgpass`, what the URL leaves out. Here it does not: a URL without a host is an error, and so are `PGOPTIONS`,
//!   `PGSSLCERT` and `PGSSLKEY`, and `PGUSER` where the URL has no user, for the driver leaves no way to unset them. Without
//!   a user it takes the process's, and for MySQL `root`.
//! - **A roll.** [`update_credentials`] tells a pool its new options, for connections to come. Those that are open stay so, as servers let
//!   them; `PoolOptions::max_lifetime` bounds that.
//! - **A host that has moved.** Where nobody listens any more, the pool dials again until its `acquire_timeout` (30 seconds), and
//!   a request that holds the pool of before the move waits for that: set less.
//! - **Secrets.** The driver keeps the password as plain text, and `Debug` of its options prints it.

use super::{Driver, SYSTEM_ROOTS, given, is_mysql_refusal, is_postgres_refusal};
use crate::error::{Component, DriverFault};
use crate::secret::put_together;
use crate::url::TlsFile;
use crate::{Error, Host, MysqlUrl, PostgresUrl, ResourceUrl, Tls};
use secrecy::ExposeSecret;
use sqlx::mysql::{MySqlConnectOptions, MySqlDatabaseError, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection, Database, Pool};
use std::env;
use std::str::FromStr;

const DRIVER: Driver = Driver("sqlx");

fn only_host(url: &ResourceUrl) -> Result<&Host, Error> {
    match url.hosts() {
        [] => Err(DriverFault::NoHost(DRIVER.0).at(Component::Host)),
        [host] => Ok(host),
        _ => Err(DriverFault::SingleHost(DRIVER.0).at(Component::Host)),
    }
}

/// Checks the options, and reads the one that is a number. The driver wipes nothing, so it is told nothing before all that
/// may fail is done.
///
/// The driver ignores what it does not know. What speaks of TLS must not be ignored.
fn statement_cache_capacity(url: &ResourceUrl) -> Result<Option<usize>, Error> {
    const NAME: &str = "statement-cache-capacity";
    let mut capacity = None;
    for option in url.options_for_drivers() {
        if option.name() == NAME {
            capacity = Some(DRIVER.value(NAME, &option.value)?);
        } else if option.is_tls() && option.file().is_none() {
            return Err(DRIVER.unknown_option(option.position));
        }
    }
    Ok(capacity)
}

impl MysqlUrl {
    /// The options of [sqlx](crate::drivers::sqlx) for this resource.
    ///
    /// ```
    /// # use config_vars::MysqlUrl;
    /// let db: MysqlUrl = "mariadb://app:p%40ss@[2001:db8::7]/shop?ssl-mode=VERIFY_CA&charset=latin1".parse()?;
    /// let options = db.to_sqlx()?;
    /// assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 3306));
    /// assert_eq!((options.get_username(), options.get_database()), ("app", Some("shop")));
    /// assert!(matches!(options.get_ssl_mode(), sqlx::mysql::MySqlSslMode::VerifyCa));
    /// assert_eq!(options.get_charset(), "latin1");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If an option has a value that it does not take, or asks for what the driver cannot do in the way of TLS.
    pub fn to_sqlx(&self) -> Result<MySqlConnectOptions, Error> {
        let host = only_host(self)?;
        let tls = self.tls_for_drivers()?;
        let capacity = statement_cache_capacity(self)?;
        let mut options = MySqlConnectOptions::new();
        options = match host.is_socket() {
            true => options.socket(host.as_str()),
            false => options.host(host.as_str()),
        };
        if let Some(port) = host.port() {
            options = options.port(port.number());
        }
        if let Some(database) = self.database().filter(|name| !name.is_empty()) {
            options = options.database(database);
        }
        options = options.ssl_mode(match tls {
            Tls::Unspecified | Tls::Preferred => MySqlSslMode::Preferred,
            Tls::Off => MySqlSslMode::Disabled,
            Tls::Unverified => MySqlSslMode::Required,
            Tls::VerifiedCa => MySqlSslMode::VerifyCa,
            Tls::Unknown | Tls::Verified => MySqlSslMode::VerifyIdentity,
        });
        for option in self.options_for_drivers() {
            let text = option.text();
            options = match (option.file(), option.name()) {
                (Some(TlsFile::Roots), _) => options.ssl_ca(text),
                (Some(TlsFile::Certificate), _) => options.ssl_client_cert(text),
                (Some(TlsFile::Key), _) => options.ssl_client_key(text),
                (None, "charset") => options.charset(text),
                (None, "collation") => options.collation(text),
                (None, "timezone" | "time-zone") => options.timezone(Some(text.to_owned())),
                _ => options,
            };
        }
        if let Some(capacity) = capacity {
            options = options.statement_cache_capacity(capacity);
        }
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
    /// let options = db.to_sqlx()?;
    /// assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 5432));
    /// assert_eq!((options.get_username(), options.get_database()), ("app", Some("shop")));
    /// assert!(matches!(options.get_ssl_mode(), sqlx::postgres::PgSslMode::Require));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the URL lists several hosts or none, or an option has a value that it does not take, or asks for what the driver
    /// cannot do in the way of TLS; and if the environment has what the driver would read in any case.
    pub fn to_sqlx(&self) -> Result<PgConnectOptions, Error> {
        let host = only_host(self)?;
        let tls = self.tls_for_drivers()?;
        let username = given(self.username());
        check_environment(tls, username.is_some())?;
        let capacity = statement_cache_capacity(self)?;
        let mut options = self.sqlx_base()?.host("localhost");
        options = match host.is_socket() {
            true => options.socket(host.as_str()),
            false => options.host(host.as_str()),
        };
        options = options.port(host.port().map_or(DEFAULT_PORT, |port| port.number()));
        options = options.ssl_mode(match tls {
            Tls::Unspecified | Tls::Preferred => PgSslMode::Prefer,
            Tls::Off => PgSslMode::Disable,
            Tls::Unverified => PgSslMode::Require,
            Tls::VerifiedCa => PgSslMode::VerifyCa,
            Tls::Unknown | Tls::Verified => PgSslMode::VerifyFull,
        });
        // In the place of those of the environment: none beside the driver's own.
        options = options.ssl_root_cert_from_pem(Vec::new());
        if options.get_application_name().is_some() {
            options = options.application_name("");
        }
        for option in self.options_for_drivers() {
            let text = option.text();
            options = match (option.file(), option.name()) {
                (Some(TlsFile::Roots), _) if text == SYSTEM_ROOTS => options,
                (Some(TlsFile::Roots), _) => options.ssl_root_cert(text),
                (Some(TlsFile::Certificate), _) => options.ssl_client_cert(text),
                (Some(TlsFile::Key), _) => options.ssl_client_key(text),
                (None, "application_name") => options.application_name(text),
                _ => options,
            };
        }
        if let Some(capacity) = capacity {
            options = options.statement_cache_capacity(capacity);
        }
        if let Some(username) = username {
            options = options.username(username);
        }
        // Without a database, the server takes the one that is called as the user.
        let database = self.database().filter(|name| !name.is_empty());
        if database.is_some() || options.get_database().is_some() {
            let database = database.unwrap_or(options.get_username()).to_owned();
            options = options.database(&database);
        }
        // Without a password the driver sends an empty one, if it is asked.
        let password = self.password().map_or("", ExposeSecret::expose_secret);
        Ok(options.password(password))
    }

    /// The driver's defaults, with the settings for the server, for which it has no setter but its parser: `options`, and
    /// `options[name]`. The password, which is replaced later, keeps it from `.pgpass`.
    fn sqlx_base(&self) -> Result<PgConnectOptions, Error> {
        let is_for_server = |name: &str| name == "options" || name.starts_with("options[");
        let text = put_together(&|text| {
            text.push("postgres://localhost/?password=_");
            for option in self
                .options_for_drivers()
                .filter(|option| is_for_server(option.name()))
            {
                text.push("&");
                text.push_encoded(option.name());
                text.push("=");
                text.push_encoded(option.text());
            }
        });
        PgConnectOptions::from_str(&text).map_err(|_| DRIVER.bad_value("options"))
    }
}

const DEFAULT_PORT: u16 = 5432;

/// Refuses what the driver would take from the environment, and leaves no way to unset.
fn check_environment(tls: Tls, has_username: bool) -> Result<(), Error> {
    let is_read = |name: &&str| match *name {
        "PGUSER" => !has_username,
        "PGSSLCERT" | "PGSSLKEY" => tls != Tls::Off,
        _ => true,
    };
    let is_set = |name: &&str| env::var_os(name).is_some();
    let mut names = ["PGUSER", "PGSSLCERT", "PGSSLKEY", "PGOPTIONS"].into_iter();
    match names.find(|name| is_set(name) && is_read(name)) {
        Some(name) => Err(DriverFault::Environment(DRIVER.0)
            .at(Component::Value)
            .for_var(name)),
        None => Ok(()),
    }
}

/// Tells a pool the options for all connections to come, so that it follows a roll in place. Connections that are open
/// stay open, and the pool goes on handing them out.
///
/// ```no_run
/// use config_vars::{Error, MysqlUrl, drivers};
///
/// fn on_roll(pool: &sqlx::MySqlPool, db: &MysqlUrl) -> Result<(), Error> {
///     drivers::sqlx::update_credentials(pool, db.to_sqlx()?);
///     Ok(())
/// }
/// # _ = on_roll;
/// ```
pub fn update_credentials<DB: Database>(pool: &Pool<DB>, options: <DB::Connection as Connection>::Options) {
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
