//! Hand-over to drivers: a typed URL as the driver's own options, and whether the driver's error says that the
//! credentials were refused. Each driver is behind a feature of its name.
//!
//! ```
//! # #[cfg(feature = "mysql_async")] {
//! use config_vars::{ConfigVars, MysqlUrl, drivers};
//!
//! let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p%40ss@db.example/shop")]);
//! let db: MysqlUrl = vars.only()?;
//! assert_eq!(db.to_mysql_async()?.pass(), Some("p@ss"));
//! let refused: fn(&mysql_async::Error) -> bool = drivers::mysql_async::is_auth_error;
//! # _ = refused;
//! # }
//! # Ok::<(), config_vars::Error>(())
//! ```
//!
//! All hand-overs have this in common:
//!
//! - **The kind is checked before the driver sees anything**, because a typed URL is of one kind. Hosts, ports, user,
//!   password and database are set one by one, decoded; of the drivers, only MongoDB's parses the URL again.
//! - **TLS is never weaker than the URL asks for.** It is an [`Error`] if the driver cannot do it, or if it is unclear: a value
//!   that no client knows (`sslmode=verify_full` for PostgreSQL), a name about TLS that no client knows, options
//!   that contradict each other (see [`Tls`](crate::Tls)), and a socket in a URL that asks for TLS, because drivers do not
//!   encrypt on sockets. If the URL says nothing about TLS, the driver's own default applies.
//! - **The driver dials what [`hosts`](crate::ResourceUrl::hosts) says.** `host`, `hostaddr`, `port` and `socket` in the query
//!   are read there, and user, password and database of PostgreSQL's query by their own methods.
//! - **The environment is not used.** The drivers do not fill in anything from `PGPASSWORD`, `.pgpass` and the like.
//! - **Options in the query** that the driver knows are applied. Others are handled as the driver does: mysql_async,
//!   mongodb and tokio-postgres refuse them, and so do their hand-overs; sqlx, redis and memcache ignore them. They are not
//!   passed to sqlx, because it would log them with their values.
//! - **No error of a driver is passed on**, because most quote the URL.
//! - **No copy of a secret is left behind by the hand-over.** The driver's own copies live as long as its options and
//!   pools do, and no driver wipes them. The `Debug` of sqlx's and mysql_async's options prints the password.
//!
//! A URL does not know the name of its config var, so an error of the hand-over does not name it. A `Live` that
//! [selects](crate::Live::select) the URL and [maps](crate::Live::map) it adds the name; elsewhere, use [`Error::for_var`]:
//!
//! ```
//! # #[cfg(feature = "tokio-postgres")] {
//! use config_vars::{ConfigVars, PostgresUrl};
//!
//! let vars = ConfigVars::from([("DATABASE_URL", "postgres://app:pw@db.example/shop?sslmode=verify-ful")]);
//! let db: PostgresUrl = vars.url("DATABASE_URL")?;
//! let error = db.to_tokio_postgres().map_err(|error| error.for_var("DATABASE_URL")).unwrap_err();
//! let message = "DATABASE_URL: the query has a TLS option with a value that is not known here, option 1; correct it";
//! assert_eq!(error.to_string(), message);
//! # }
//! # Ok::<(), config_vars::Error>(())
//! ```
//!
//! `is_auth_error` returns whether the server refused the credentials (a wrong or expired password, a user that is gone or
//! locked). It returns `false` for a server that is down, a database or table that does not exist, or a missing privilege.
//! Pass it to [`retry_on`](crate::Live::retry_on): an authentication failure is the usual sign of a roll.
//!
//! Cargo unites the features that all packages of a program ask a driver for. Those of this crate are `rustls-tls` of mysql_async and
//! mongodb, `tls-rustls-ring-webpki` of sqlx (Mozilla's roots, unless the app turns on the system's), and
//! `tokio-rustls-comp` of redis; of memcache and reqwest none.
//!
//! All drivers encrypt with rustls and ring here. If another crate of the program turns on rustls's aws-lc-rs as well,
//! rustls cannot choose by itself, and panics; call `rustls::crypto::ring::default_provider().install_default()` at
//! start-up.

#[cfg(feature = "memcache")]
pub mod memcache;
#[cfg(feature = "mongodb")]
pub mod mongodb;
#[cfg(feature = "mysql_async")]
pub mod mysql_async;
#[cfg(feature = "redis")]
pub mod redis;
#[cfg(feature = "reqwest")]
pub mod reqwest;
#[cfg(feature = "sqlx")]
pub mod sqlx;
#[cfg(feature = "tokio-postgres")]
pub mod tokio_postgres;

use crate::error::{Component, DriverFault, Error};
use secrecy::{ExposeSecret, SecretString};
use std::str::FromStr;

/// The text, if there is any. Most drivers take an empty user or database name for one to log in as.
#[allow(dead_code, reason = "not for every driver")]
fn given(secret: Option<&SecretString>) -> Option<&str> {
    secret
        .map(ExposeSecret::expose_secret)
        .filter(|text| !text.is_empty())
}

/// The driver of this hand-over, by its name in messages.
struct Driver(&'static str);

#[allow(dead_code, reason = "each driver has use for a part of it")]
impl Driver {
    fn unknown_option(&self, position: usize) -> Error {
        let driver = self.0;
        DriverFault::UnknownOption { driver, position }.at(Component::Query)
    }

    fn bad_value(&self, option: &'static str) -> Error {
        let driver = self.0;
        DriverFault::OptionValue { driver, option }.at(Component::Query)
    }

    /// Reads the value of an option.
    fn value<T: FromStr>(&self, option: &'static str, value: &SecretString) -> Result<T, Error> {
        value.expose_secret().parse().map_err(|_| self.bad_value(option))
    }

    fn tls_preferred(&self) -> Error {
        DriverFault::TlsPreferred(self.0).at(Component::Query)
    }

    fn tls_ca_only(&self) -> Error {
        DriverFault::TlsCaOnly(self.0).at(Component::Query)
    }
}

/// Whether an error of a MySQL or MariaDB server refuses the credentials. The numbers are those of servers that have
/// no SQLSTATE for it: the password has expired, the account is locked (MySQL, MariaDB).
#[cfg(any(feature = "mysql_async", feature = "sqlx"))]
fn is_mysql_refusal(code: u16, state: &str) -> bool {
    const PASSWORD_EXPIRED: u16 = 1862;
    const LOCKED: u16 = 3118;
    const LOCKED_MARIADB: u16 = 4151;
    state == "28000" || matches!(code, PASSWORD_EXPIRED | LOCKED | LOCKED_MARIADB)
}

/// The `sslrootcert` that is no file.
#[cfg(any(feature = "sqlx", feature = "tokio-postgres"))]
const SYSTEM_ROOTS: &str = "system";

/// Whether an error of a PostgreSQL server refuses the credentials. PgBouncer of old says so under the code of a
/// protocol violation, and its messages are not translated.
#[cfg(any(feature = "sqlx", feature = "tokio-postgres"))]
fn is_postgres_refusal(state: &str, message: &str) -> bool {
    const PGBOUNCER: &[&str] = &[
        "auth failed",
        "no such user",
        "password authentication failed",
        "SASL authentication failed",
    ];
    matches!(state, "28000" | "28P01") || state == "08P01" && PGBOUNCER.contains(&message)
}
