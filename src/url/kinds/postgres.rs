//! PostgreSQL: `postgres://user:password@host:5432,host/database?options`, as libpq has it.

use crate::kind::Kind;
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;

/// A PostgreSQL resource URL, by libpq's
/// [connection URIs](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS): several hosts, sockets
/// as percent-encoded paths, and the options that replace other parts: `user`, `password` and `dbname`, which take precedence,
/// `port`, `host`, and `hostaddr`, the address to connect to instead of a host.
///
/// `postgresql://`, `pgsql://` and `jdbc:postgresql://` are accepted as well. A socket in `host` replaces the host after `//`,
/// which is a dummy for parsers that require one. Deliberately differs from libpq: the last raw `@` ends the user information,
/// while libpq uses the first one and looks up the rest of the password as a host; names both after `//` and in `host` are an
/// error; a missing host or user is not replaced by a default.
///
/// ```
/// use config_vars::{PostgresUrl, Tls};
///
/// let db: PostgresUrl = "postgres://app:pw@db1.example,db2.example:5433/shop?sslmode=verify-full".parse()?;
/// assert_eq!(db.hosts().len(), 2);
/// assert_eq!(db.database(), Some("shop"));
/// assert_eq!(db.tls(), Tls::Verified);
///
/// let db: PostgresUrl = "postgresql://app:pw@/shop?host=/cloudsql/project:region:db".parse()?;
/// assert_eq!(db.host(), Some("/cloudsql/project:region:db"));
/// assert!(db.hosts()[0].is_socket());
///
/// let db: PostgresUrl = "postgres://db.example/shop?user=app&hostaddr=192.0.2.7".parse()?;
/// assert!(db.username().is_some());
/// assert_eq!(db.host(), Some("192.0.2.7"));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct PostgresUrl(ResourceUrl);

typed_url!(PostgresUrl, Kind::Postgres);
