//! Kinds of resources, and the one table of schemes. A new kind is one row in each of the tables below.

use std::fmt;

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
    /// PostgreSQL.
    Postgres,
    /// Redis and Valkey.
    Redis,
    /// AMQP 0-9-1, as RabbitMQ speaks it.
    Amqp,
    /// Any other scheme; [`ResourceUrl::scheme`](crate::ResourceUrl::scheme) tells it.
    Other,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rules().name)
    }
}

/// One spelling of a scheme.
pub(crate) struct Scheme {
    pub(crate) spelling: &'static str,
    pub(crate) kind: Kind,
    /// The spelling that drivers take; a URL written in another is handed over in this one.
    pub(crate) for_drivers: &'static str,
    /// The port that the protocol's specification gives; `None` where the port comes from elsewhere (SRV records).
    pub(crate) port: Option<u16>,
    pub(crate) tls: bool,
}

/// Ports: the service names of RFC 6335's registry for `mysql`, `postgresql`, `redis`, `memcache`, `amqp(s)`,
/// `http(s)`; for MongoDB its Connection String specification.
pub(crate) const SCHEMES: &[Scheme] = &[
    scheme("mysql", Kind::Mysql, "mysql", Some(3306), false),
    scheme("mysql2", Kind::Mysql, "mysql", Some(3306), false),
    scheme("mariadb", Kind::Mysql, "mysql", Some(3306), false),
    scheme("mongodb", Kind::Mongo, "mongodb", Some(27017), false),
    scheme("mongodb+srv", Kind::Mongo, "mongodb+srv", None, true),
    scheme("mongo", Kind::Mongo, "mongodb", Some(27017), false),
    scheme("memcache", Kind::Memcache, "memcache", Some(11211), false),
    scheme("memcached", Kind::Memcache, "memcache", Some(11211), false),
    scheme("https", Kind::Http, "https", Some(443), true),
    scheme("http", Kind::Http, "http", Some(80), false),
    scheme("postgres", Kind::Postgres, "postgres", Some(5432), false),
    scheme("postgresql", Kind::Postgres, "postgresql", Some(5432), false),
    scheme("pgsql", Kind::Postgres, "postgres", Some(5432), false),
    scheme("redis", Kind::Redis, "redis", Some(6379), false),
    scheme("rediss", Kind::Redis, "rediss", Some(6379), true),
    scheme("valkey", Kind::Redis, "redis", Some(6379), false),
    scheme("valkeys", Kind::Redis, "rediss", Some(6379), true),
    scheme("amqp", Kind::Amqp, "amqp", Some(5672), false),
    scheme("amqps", Kind::Amqp, "amqps", Some(5671), true),
];

const fn scheme(
    spelling: &'static str,
    kind: Kind,
    for_drivers: &'static str,
    port: Option<u16>,
    tls: bool,
) -> Scheme {
    Scheme {
        spelling,
        kind,
        for_drivers,
        port,
        tls,
    }
}

/// How the URLs of a kind are read.
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// The name in messages.
    pub(crate) name: &'static str,
    /// The scheme that messages propose.
    pub(crate) example: &'static str,
    /// Whether it is a datastore: its hosts and database name are public, and a URL of it is a resource under
    /// whatever name it stands.
    pub(crate) datastore: bool,
    pub(crate) host_list: bool,
    /// Whether each host of a list may have credentials of its own.
    pub(crate) credentials_per_host: bool,
    /// Whether a percent-encoded path may stand for a host.
    pub(crate) sockets: bool,
    /// Whether a socket may have a port, which libpq makes a part of the socket's file name.
    pub(crate) socket_ports: bool,
    /// Whether the path is the name of a database, or of what the protocol has in its place.
    pub(crate) database: bool,
    /// Characters that a database name must not have, even encoded.
    pub(crate) not_in_database: &'static [char],
    /// Whether the URL may name no host at all.
    pub(crate) empty_host: bool,
    /// Whether user information must be encoded to the letter of MongoDB's Connection String specification.
    pub(crate) strict_user_info: bool,
    /// Options that drivers of this kind choke on; they are left out of what drivers are handed.
    pub(crate) options_not_for_drivers: &'static [&'static str],
    /// Whether drivers end the user information at the first `@`, so that a raw one in a password must be encoded
    /// for them.
    pub(crate) first_at_for_drivers: bool,
    pub(crate) tls_options: &'static [TlsOption],
}

/// An option that says whether TLS is asked for.
pub(crate) struct TlsOption {
    pub(crate) name: &'static str,
    pub(crate) yes: &'static [&'static str],
    /// Values that say no. Without any, every value that is not a yes is a no; with some, the rest is ignored.
    pub(crate) no: &'static [&'static str],
}

const fn tls(name: &'static str, yes: &'static [&'static str]) -> TlsOption {
    TlsOption { name, yes, no: &[] }
}

/// By the Connection String specification, which has the short forms deprecated, and other values ignored.
const fn mongo_tls(name: &'static str) -> TlsOption {
    TlsOption {
        name,
        yes: &["true", "1", "yes", "y", "t"],
        no: &["false", "0", "-1", "no", "n", "f"],
    }
}

const DATASTORE: Rules = Rules {
    kind: Kind::Other,
    name: "other",
    example: "https",
    datastore: true,
    host_list: false,
    credentials_per_host: false,
    sockets: true,
    socket_ports: false,
    database: true,
    not_in_database: &[],
    empty_host: false,
    strict_user_info: false,
    options_not_for_drivers: &[],
    first_at_for_drivers: false,
    tls_options: &[],
};

/// Values that mean yes, in the options of most drivers.
const YES: &[&str] = &["true", "TRUE", "True", "1", "yes"];

const MYSQL_SSL_MODES: &[&str] = &[
    "required",
    "REQUIRED",
    "verify_ca",
    "VERIFY_CA",
    "verify_identity",
    "VERIFY_IDENTITY",
];

const RULES: &[Rules] = &[
    Rules {
        kind: Kind::Mysql,
        name: "mysql",
        example: "mysql",
        // ClearDB's URLs end in `?reconnect=true`, which mysql_async refuses.
        options_not_for_drivers: &["reconnect"],
        tls_options: &[
            tls("ssl-mode", MYSQL_SSL_MODES),
            tls("sslmode", MYSQL_SSL_MODES),
            tls("sslMode", MYSQL_SSL_MODES),
            tls("require_ssl", YES),
            tls("useSSL", YES),
            tls("ssl", YES),
            tls("tls", &["true", "skip-verify"]),
        ],
        ..DATASTORE
    },
    Rules {
        kind: Kind::Mongo,
        name: "mongodb",
        example: "mongodb",
        host_list: true,
        strict_user_info: true,
        not_in_database: &['/', '\\', ' ', '"', '$'],
        tls_options: &[mongo_tls("tls"), mongo_tls("ssl")],
        ..DATASTORE
    },
    Rules {
        kind: Kind::Memcache,
        name: "memcache",
        example: "memcache",
        host_list: true,
        credentials_per_host: true,
        database: false,
        ..DATASTORE
    },
    Rules {
        kind: Kind::Http,
        name: "http",
        example: "https",
        datastore: false,
        sockets: false,
        database: false,
        ..DATASTORE
    },
    Rules {
        kind: Kind::Postgres,
        name: "postgres",
        example: "postgres",
        host_list: true,
        socket_ports: true,
        empty_host: true,
        first_at_for_drivers: true,
        // libpq reads `ssl=true` as `sslmode=require`.
        tls_options: &[
            tls("sslmode", &["require", "verify-ca", "verify-full"]),
            tls("ssl", &["true"]),
        ],
        ..DATASTORE
    },
    Rules {
        kind: Kind::Redis,
        name: "redis",
        example: "redis",
        ..DATASTORE
    },
    Rules {
        kind: Kind::Amqp,
        name: "amqp",
        example: "amqp",
        ..DATASTORE
    },
    Rules {
        datastore: false,
        host_list: true,
        database: false,
        ..DATASTORE
    },
];

impl Kind {
    pub(crate) fn rules(self) -> &'static Rules {
        RULES
            .iter()
            .find(|rules| rules.kind == self)
            .unwrap_or(&RULES[RULES.len() - 1])
    }

    /// The article before the name, as it is spoken.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Http | Self::Amqp | Self::Other => "an",
            _ => "a",
        }
    }
}

/// The row of a scheme, however it is capitalised (RFC 3986, section 3.1).
pub(crate) fn find_scheme(spelling: &str) -> Option<&'static Scheme> {
    SCHEMES
        .iter()
        .find(|scheme| scheme.spelling.eq_ignore_ascii_case(spelling))
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
