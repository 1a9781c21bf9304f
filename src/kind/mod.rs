//! Kinds of resources. A new kind is a variant here, a row in the table of schemes, and a row in the table of rules.

mod custom;
mod rules;
mod schemes;
mod tls_options;

pub use custom::CustomKind;
pub(crate) use rules::Rules;
pub(crate) use schemes::Scheme;
pub(crate) use tls_options::{Demand, TlsMeaning, TlsOption, Words};

use crate::error::{Error, Fault};
use custom::custom_schemes;
use rules::{OTHER, RULES};
use schemes::{NO_DRIVERS, SCHEMES, UNIX_SOCKET_OF_REDIS};
use std::fmt;
use std::str::FromStr;

/// The protocol family behind a scheme: `mysql`, `mysql2` and `mariadb` are spellings of one kind.
///
/// ```
/// use config_vars::{Kind, ResourceUrl};
///
/// let url: ResourceUrl = "mysql2://app:pw@db.example/shop".parse()?;
/// assert_eq!(url.kind(), Kind::Mysql);
/// assert_eq!(url.kind().to_string(), "mysql");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// MySQL and MariaDB.
    Mysql,
    /// MongoDB.
    Mongo,
    /// memcached and the services that speak its protocol.
    Memcache,
    /// `http` and `https`: web services, whose path is often the secret.
    Http,
    /// PostgreSQL and the services that speak its protocol.
    Postgres,
    /// Redis and Valkey.
    Redis,
    /// AMQP 0-9-1, as RabbitMQ speaks it.
    Amqp,
    /// Apache Kafka.
    Kafka,
    /// Apache Cassandra and ScyllaDB.
    Cassandra,
    /// ClickHouse.
    Clickhouse,
    /// Cloudinary, whose host is the name of a cloud.
    Cloudinary,
    /// CouchDB.
    Couchdb,
    /// FTP and SFTP.
    Ftp,
    /// InfluxDB.
    Influxdb,
    /// LDAP.
    Ldap,
    /// libSQL, as Turso speaks it.
    Libsql,
    /// MQTT.
    Mqtt,
    /// NATS.
    Nats,
    /// Neo4j's Bolt.
    Neo4j,
    /// RethinkDB.
    Rethinkdb,
    /// Elasticsearch, OpenSearch and Solr, by schemes of their own.
    Search,
    /// SMTP: a mail relay.
    Smtp,
    /// A SOCKS proxy.
    Socks,
    /// SQLite: a file.
    Sqlite,
    /// Microsoft SQL Server.
    Sqlserver,
    /// StatsD.
    Statsd,
    /// `ws` and `wss`.
    WebSocket,
    /// A kind that the app has registered, by its name; see [`CustomKind`].
    Custom(&'static str),
    /// Any other scheme; [`ResourceUrl::scheme`](crate::ResourceUrl::scheme) tells it.
    Other,
}

/// A kind by its name, or by a spelling of one of its schemes.
///
/// ```
/// # use config_vars::Kind;
/// assert_eq!("mongodb".parse::<Kind>()?, Kind::Mongo);
/// assert_eq!("mysql2".parse::<Kind>()?, Kind::Mysql);
/// # Ok::<(), config_vars::Error>(())
/// ```
impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let by_name = RULES
            .iter()
            .find(|rules| rules.name == name && rules.kind != Self::Custom(""));
        by_name
            .map(|rules| rules.kind)
            .or_else(|| find_scheme(name).map(|scheme| scheme.kind))
            .ok_or_else(|| Error::new(Fault::UnknownKind))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Custom(name) => name,
            _ => self.rules().name,
        })
    }
}

impl Kind {
    #[inline]
    pub(crate) fn rules(self) -> &'static Rules {
        let row = match self {
            Self::Custom(_) => Self::Custom(""),
            known => known,
        };
        RULES.iter().find(|rules| rules.kind == row).unwrap_or(&OTHER)
    }

    /// The scheme that messages propose.
    pub(crate) fn example(self) -> &'static str {
        let custom = || {
            custom_schemes()
                .iter()
                .find(|scheme| scheme.kind == self)
                .map(|scheme| scheme.spelling)
        };
        match self {
            Self::Custom(name) => custom().unwrap_or(name),
            _ => self.rules().example,
        }
    }

    /// The article before the name, as it is spoken.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Http | Self::Amqp | Self::Influxdb | Self::Ldap | Self::Mqtt | Self::Smtp | Self::Other => {
                "an"
            }
            _ => "a",
        }
    }
}

/// The row of a scheme, however it is capitalised (RFC 3986, section 3.1).
#[inline]
pub(crate) fn find_scheme(spelling: &str) -> Option<&'static Scheme> {
    let is_it = |scheme: &&Scheme| scheme.spelling.eq_ignore_ascii_case(spelling);
    SCHEMES
        .iter()
        .find(|scheme| scheme.spelling == spelling)
        .or_else(|| SCHEMES.iter().find(is_it))
        .or_else(|| custom_schemes().iter().copied().find(is_it))
        .or_else(|| find_dialect(spelling))
}

/// The row of `dialect+driver`, SQLAlchemy's form, in which the dialect alone names the kind.
fn find_dialect(spelling: &str) -> Option<&'static Scheme> {
    let (dialect, driver) = spelling.split_once('+')?;
    let is_driver = !driver.is_empty()
        && driver
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !NO_DRIVERS.iter().any(|other| other.eq_ignore_ascii_case(driver));
    let is_it = |scheme: &&Scheme| scheme.spelling.eq_ignore_ascii_case(dialect);
    let scheme = SCHEMES.iter().find(is_it).filter(|_| is_driver)?;
    scheme.kind.rules().takes_driver_in_scheme().then_some(scheme)
}

/// The row of a scheme where a kind is asked for: it may have spellings that are ambiguous elsewhere.
#[inline]
pub(crate) fn find_scheme_of(spelling: &str, expected: Option<Kind>) -> Option<&'static Scheme> {
    find_scheme(spelling).or_else(|| {
        let is_it =
            expected == Some(Kind::Redis) && spelling.eq_ignore_ascii_case(UNIX_SOCKET_OF_REDIS.spelling);
        is_it.then_some(&UNIX_SOCKET_OF_REDIS)
    })
}

/// Whether a scheme may be shown that the table does not have. It may be the start of a password with `://` in it, so it
/// must look like a word: lower-case letters, and a digit only in words that are known to have one.
pub(crate) fn is_public_scheme(scheme: &str) -> bool {
    const MAX_LENGTH: usize = 16;
    const WITH_DIGITS: &[&str] = &["db2", "h2", "neo4j", "neo4j+s", "neo4j+ssc", "s3", "s3a", "s3n"];
    let is_word = |byte: u8| byte.is_ascii_lowercase() || b"+-.".contains(&byte);
    let scheme = scheme.strip_prefix("jdbc:").unwrap_or(scheme);
    WITH_DIGITS.contains(&scheme) || scheme.len() <= MAX_LENGTH && scheme.bytes().all(is_word)
}

/// The known scheme that `text` most likely is, if it is one typing error away.
pub(crate) fn closest_scheme(text: &str) -> Option<&'static str> {
    SCHEMES
        .iter()
        .map(|scheme| scheme.spelling)
        .find(|spelling| one_slip_apart(text.as_bytes(), spelling.as_bytes()))
}

/// Whether one letter was left out, put in, changed, or swapped with its neighbour.
fn one_slip_apart(left: &[u8], right: &[u8]) -> bool {
    let same_start = left
        .iter()
        .zip(right)
        .take_while(|(left, right)| left.eq_ignore_ascii_case(right))
        .count();
    let (left, right) = (&left[same_start..], &right[same_start..]);
    match (left, right) {
        ([], []) => true,
        ([_, left @ ..], right) if left.eq_ignore_ascii_case(right) => true,
        (left, [_, right @ ..]) if left.eq_ignore_ascii_case(right) => true,
        ([_, left @ ..], [_, right @ ..]) if left.eq_ignore_ascii_case(right) => true,
        ([a, b, left @ ..], [c, d, right @ ..]) => {
            a.eq_ignore_ascii_case(d) && b.eq_ignore_ascii_case(c) && left.eq_ignore_ascii_case(right)
        }
        _ => false,
    }
}
