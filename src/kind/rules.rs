//! How the URLs of each kind are read, as a table.

use super::Kind;
use super::tls_options::{self, TlsOption};

/// How the URLs of a kind are read.
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// The name in messages.
    pub(super) name: &'static str,
    /// The scheme that messages propose.
    pub(crate) example: &'static str,
    /// Whether it is a datastore: its hosts and database name are public, and a URL of it is a resource under
    /// whatever name it stands.
    pub(crate) datastore: bool,
    pub(crate) host_list: bool,
    /// Whether each host of a list may have credentials of its own.
    pub(crate) credentials_per_host: bool,
    /// Whether each host of a list may have the scheme before it.
    pub(crate) scheme_per_host: bool,
    /// Whether a percent-encoded path may stand for a host.
    pub(crate) sockets: bool,
    /// Whether a socket may have a port, which libpq makes a part of the socket's file name.
    pub(crate) socket_ports: bool,
    /// The options of the query that stand for other parts of the URL.
    pub(crate) part_options: &'static PartOptions,
    /// Whether the path is the name of a database, or of what the protocol has in its place.
    pub(crate) database: bool,
    /// Whether that name is the path of a file, with all its `/`.
    pub(crate) file: bool,
    /// Characters that a database name must not have, even encoded.
    pub(crate) not_in_database: &'static [char],
    /// Whether the URL may name no host at all.
    pub(crate) empty_host: bool,
    /// Whether a host name that ends in a number, and is no address, is a name all the same.
    pub(crate) numeric_names: bool,
    /// Whether user information must be encoded to the letter of MongoDB's Connection String specification.
    pub(crate) strict_user_info: bool,
    /// User names that providers write where the protocol of old had none; a server that knows users refuses them.
    pub(crate) dummy_usernames: &'static [&'static str],
    /// Options that drivers of this kind choke on; they are left out of what drivers are handed.
    pub(crate) options_not_for_drivers: &'static [&'static str],
    /// Whether drivers end the user information at the first `@`, so that a raw one in a password must be encoded
    /// for them.
    pub(crate) first_at_for_drivers: bool,
    pub(crate) ignore_case_of_options: bool,
    /// Whether the query belongs to whoever answers, so that no option of it speaks of TLS.
    pub(crate) free_query: bool,
    /// Whether an option may turn off the TLS that the scheme asks for.
    pub(crate) scheme_tls_is_default: bool,
    /// The options that speak of TLS in a way of their own; those of all kinds come after them.
    pub(crate) tls_options: &'static [TlsOption],
}

impl Rules {
    /// Returns whether hosts must be host names or addresses. Those of an unknown scheme may be anything.
    pub(crate) fn has_host_rules(&self) -> bool {
        self.kind != Kind::Other
    }

    /// Returns whether a driver may follow the scheme, as in SQLAlchemy's `postgresql+asyncpg`.
    pub(super) fn takes_driver_in_scheme(&self) -> bool {
        use Kind::{Clickhouse, Mysql, Postgres, Sqlite, Sqlserver};
        matches!(self.kind, Mysql | Postgres | Sqlite | Sqlserver | Clickhouse)
    }

    /// Returns whether a path without a host before it is that of a socket, as the `memcache` crate reads it.
    pub(crate) fn is_socket_in_path(&self) -> bool {
        self.kind == Kind::Memcache
    }

    /// Returns whether a path may contain an `@`. Elsewhere it shows that the password contains a raw `/`.
    pub(crate) fn may_have_at_in_path(&self) -> bool {
        matches!(self.kind, Kind::Http | Kind::Other)
    }

    /// All options that speak of TLS in a URL of this kind, those of its own first.
    pub(crate) fn all_tls_options(&self) -> impl Iterator<Item = &'static TlsOption> {
        let common = match self.free_query {
            true => &[][..],
            false => tls_options::COMMON,
        };
        self.tls_options.iter().chain(common)
    }
}

/// The options that stand for other parts of the URL, each by the names that clients know it by.
pub(crate) struct PartOptions {
    pub(crate) username: &'static [&'static str],
    pub(crate) password: &'static [&'static str],
    pub(crate) database: &'static [&'static str],
    /// Names and sockets, in the place of the hosts.
    pub(crate) hosts: &'static [&'static str],
    /// The addresses to dial in the place of the hosts, whose names then only certificates are checked for.
    pub(crate) addresses: &'static [&'static str],
    pub(crate) ports: &'static [&'static str],
    /// A socket to dial in the place of the host.
    pub(crate) socket: &'static [&'static str],
}

impl PartOptions {
    const NONE: Self = Self {
        username: &[],
        password: &[],
        database: &[],
        hosts: &[],
        addresses: &[],
        ports: &[],
        socket: &[],
    };

    /// libpq's.
    const POSTGRES: Self = Self {
        username: &["user"],
        password: &["password"],
        database: &["dbname"],
        hosts: &["host"],
        addresses: &["hostaddr"],
        ports: &["port"],
        ..Self::NONE
    };

    /// Those of sqlx, mysql_async and Ruby's client; of PyMySQL; of Node's client.
    const MYSQL: Self = Self {
        socket: &["socket", "unix_socket", "socketPath"],
        ..Self::NONE
    };

    #[cfg(feature = "_drivers")]
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static str> {
        let Self {
            username,
            password,
            database,
            hosts,
            addresses,
            ports,
            socket,
        } = *self;
        [username, password, database, hosts, addresses, ports, socket]
            .into_iter()
            .flatten()
            .copied()
    }
}

const DATASTORE: Rules = Rules {
    kind: Kind::Other,
    name: "other",
    example: "https",
    datastore: true,
    host_list: false,
    credentials_per_host: false,
    scheme_per_host: false,
    sockets: true,
    socket_ports: false,
    part_options: &PartOptions::NONE,
    database: true,
    file: false,
    not_in_database: &[],
    empty_host: false,
    numeric_names: false,
    strict_user_info: false,
    dummy_usernames: &[],
    options_not_for_drivers: &[],
    first_at_for_drivers: false,
    ignore_case_of_options: false,
    free_query: false,
    scheme_tls_is_default: false,
    tls_options: &[],
};

/// A datastore without rules of its own.
const fn datastore(kind: Kind, name: &'static str) -> Rules {
    Rules {
        kind,
        name,
        example: name,
        ..DATASTORE
    }
}

/// A service whose path may be a secret, and whose URL is a resource only under a name that says so.
const fn service(kind: Kind, name: &'static str) -> Rules {
    Rules {
        kind,
        name,
        example: name,
        datastore: false,
        database: false,
        sockets: false,
        ..DATASTORE
    }
}

pub(super) const RULES: &[Rules] = &[
    Rules {
        // ClearDB's URLs end in `?reconnect=true`, which mysql_async refuses.
        options_not_for_drivers: &["reconnect"],
        part_options: &PartOptions::MYSQL,
        tls_options: tls_options::MYSQL,
        ..datastore(Kind::Mysql, "mysql")
    },
    Rules {
        host_list: true,
        strict_user_info: true,
        numeric_names: true,
        ignore_case_of_options: true,
        not_in_database: &['/', '\\', ' ', '"', '$'],
        scheme_tls_is_default: true,
        tls_options: tls_options::MONGO,
        ..datastore(Kind::Mongo, "mongodb")
    },
    Rules {
        host_list: true,
        credentials_per_host: true,
        database: false,
        tls_options: tls_options::MEMCACHE,
        ..datastore(Kind::Memcache, "memcache")
    },
    Rules {
        example: "https",
        free_query: true,
        ..service(Kind::Http, "http")
    },
    Rules {
        host_list: true,
        socket_ports: true,
        part_options: &PartOptions::POSTGRES,
        empty_host: true,
        first_at_for_drivers: true,
        tls_options: tls_options::POSTGRES,
        ..datastore(Kind::Postgres, "postgres")
    },
    Rules {
        // Heroku's and RedisToGo's of old, and Redis Cloud's.
        dummy_usernames: &["", "h", "redistogo", "rediscloud"],
        ..datastore(Kind::Redis, "redis")
    },
    Rules {
        // RabbitMQ listens on TCP alone.
        sockets: false,
        tls_options: tls_options::AMQP,
        ..datastore(Kind::Amqp, "amqp")
    },
    Rules {
        host_list: true,
        scheme_per_host: true,
        database: false,
        sockets: false,
        tls_options: tls_options::KAFKA,
        ..datastore(Kind::Kafka, "kafka")
    },
    Rules {
        host_list: true,
        ..datastore(Kind::Cassandra, "cassandra")
    },
    Rules {
        host_list: true,
        tls_options: tls_options::CLICKHOUSE,
        ..datastore(Kind::Clickhouse, "clickhouse")
    },
    service(Kind::Cloudinary, "cloudinary"),
    datastore(Kind::Couchdb, "couchdb"),
    service(Kind::Ftp, "sftp"),
    datastore(Kind::Influxdb, "influxdb"),
    Rules {
        tls_options: tls_options::LDAP,
        ..service(Kind::Ldap, "ldap")
    },
    Rules {
        scheme_tls_is_default: true,
        ..datastore(Kind::Libsql, "libsql")
    },
    datastore(Kind::Mqtt, "mqtt"),
    Rules {
        host_list: true,
        scheme_per_host: true,
        ..datastore(Kind::Nats, "nats")
    },
    datastore(Kind::Neo4j, "neo4j"),
    datastore(Kind::Rethinkdb, "rethinkdb"),
    Rules {
        example: "elasticsearch",
        host_list: true,
        ..datastore(Kind::Search, "search")
    },
    Rules {
        tls_options: tls_options::SMTP,
        ..service(Kind::Smtp, "smtp")
    },
    Rules {
        example: "socks5",
        ..service(Kind::Socks, "socks")
    },
    Rules {
        empty_host: true,
        file: true,
        ..datastore(Kind::Sqlite, "sqlite")
    },
    Rules {
        tls_options: tls_options::SQLSERVER,
        ..datastore(Kind::Sqlserver, "sqlserver")
    },
    service(Kind::Statsd, "statsd"),
    Rules {
        example: "wss",
        free_query: true,
        ..service(Kind::WebSocket, "websocket")
    },
    CUSTOM,
    OTHER,
];

const CUSTOM: Rules = Rules {
    host_list: true,
    ..datastore(Kind::Custom(""), "custom")
};

/// Nothing is known of the hosts of an unknown scheme, which may be tokens: see [`Rules::has_host_rules`].
pub(super) const OTHER: Rules = Rules {
    datastore: false,
    host_list: true,
    database: false,
    empty_host: true,
    socket_ports: true,
    ..DATASTORE
};
