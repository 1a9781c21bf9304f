//! How the URLs of each kind are read, as a table.

use super::Kind;
use crate::tls::Tls;

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
    /// Whether the options `host` and `port` may stand for the hosts, as in libpq's URLs.
    pub(crate) hosts_in_query: bool,
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
    pub(crate) tls_options: &'static [TlsOption],
}

impl Rules {
    /// Returns whether hosts must be host names or addresses. Those of an unknown scheme may be anything.
    pub(crate) fn has_host_rules(&self) -> bool {
        self.kind != Kind::Other
    }

    /// Returns whether a path may contain an `@`. Elsewhere it shows that the password contains a raw `/`.
    pub(crate) fn may_have_at_in_path(&self) -> bool {
        matches!(self.kind, Kind::Http | Kind::Other)
    }
}

/// What an option says of TLS, by its value.
pub(crate) struct TlsOption {
    pub(crate) name: &'static str,
    pub(crate) values: &'static [(&'static str, Tls)],
    /// What any other value says; `None` if drivers ignore it.
    pub(crate) otherwise: Option<Tls>,
    /// Whether it says only how far a certificate is checked, and TLS itself is asked for elsewhere.
    pub(crate) only_weakens: bool,
}

const fn tls(name: &'static str, values: &'static [(&'static str, Tls)]) -> TlsOption {
    TlsOption {
        name,
        values,
        otherwise: Some(Tls::Off),
        only_weakens: false,
    }
}

const fn weakens(name: &'static str, values: &'static [(&'static str, Tls)]) -> TlsOption {
    TlsOption {
        name,
        values,
        otherwise: None,
        only_weakens: true,
    }
}

/// By the Connection String specification, which has the short forms deprecated, and other values ignored.
const fn mongo_tls(name: &'static str) -> TlsOption {
    TlsOption {
        name,
        values: &[
            ("true", Tls::Verified),
            ("1", Tls::Verified),
            ("yes", Tls::Verified),
            ("y", Tls::Verified),
            ("t", Tls::Verified),
            ("false", Tls::Off),
            ("0", Tls::Off),
            ("-1", Tls::Off),
            ("no", Tls::Off),
            ("n", Tls::Off),
            ("f", Tls::Off),
        ],
        otherwise: None,
        only_weakens: false,
    }
}

/// MySQL's `--ssl-mode`, in the spellings of its clients.
const fn mysql_mode(name: &'static str) -> TlsOption {
    tls(
        name,
        &[
            ("disabled", Tls::Off),
            ("preferred", Tls::Preferred),
            ("required", Tls::Unverified),
            ("verify_ca", Tls::VerifiedCa),
            ("verify_identity", Tls::Verified),
            ("DISABLED", Tls::Off),
            ("PREFERRED", Tls::Preferred),
            ("REQUIRED", Tls::Unverified),
            ("VERIFY_CA", Tls::VerifiedCa),
            ("VERIFY_IDENTITY", Tls::Verified),
        ],
    )
}

/// libpq's `sslmode`.
const fn postgres_mode(name: &'static str) -> TlsOption {
    tls(
        name,
        &[
            ("disable", Tls::Off),
            ("allow", Tls::Preferred),
            ("prefer", Tls::Preferred),
            ("require", Tls::Unverified),
            ("verify-ca", Tls::VerifiedCa),
            ("verify-full", Tls::Verified),
        ],
    )
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
    hosts_in_query: false,
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
        tls_options: &[
            mysql_mode("ssl-mode"),
            mysql_mode("sslmode"),
            mysql_mode("sslMode"),
            tls("require_ssl", &[("true", Tls::Verified)]),
            tls("useSSL", &[("true", Tls::Unverified)]),
            // PlanetScale's, for Node's mysql2.
            tls(
                "ssl",
                &[
                    ("true", Tls::Verified),
                    ("{\"rejectUnauthorized\":true}", Tls::Verified),
                    ("{\"rejectUnauthorized\":false}", Tls::Unverified),
                ],
            ),
            // Go's driver.
            tls(
                "tls",
                &[
                    ("true", Tls::Verified),
                    ("skip-verify", Tls::Unverified),
                    ("preferred", Tls::Preferred),
                ],
            ),
            weakens("verify_ca", &[("false", Tls::Unverified)]),
            weakens("verify_identity", &[("false", Tls::VerifiedCa)]),
        ],
        ..datastore(Kind::Mysql, "mysql")
    },
    Rules {
        host_list: true,
        strict_user_info: true,
        numeric_names: true,
        ignore_case_of_options: true,
        not_in_database: &['/', '\\', ' ', '"', '$'],
        tls_options: &[
            mongo_tls("tls"),
            mongo_tls("ssl"),
            weakens("tlsAllowInvalidHostnames", &[("true", Tls::VerifiedCa)]),
            weakens("tlsAllowInvalidCertificates", &[("true", Tls::Unverified)]),
            weakens("tlsInsecure", &[("true", Tls::Unverified)]),
        ],
        ..datastore(Kind::Mongo, "mongodb")
    },
    Rules {
        host_list: true,
        credentials_per_host: true,
        database: false,
        ..datastore(Kind::Memcache, "memcache")
    },
    Rules {
        example: "https",
        ..service(Kind::Http, "http")
    },
    Rules {
        host_list: true,
        socket_ports: true,
        hosts_in_query: true,
        empty_host: true,
        first_at_for_drivers: true,
        tls_options: &[
            postgres_mode("sslmode"),
            // sqlx's other spelling.
            postgres_mode("ssl-mode"),
            // libpq reads `ssl=true` as `sslmode=require`.
            tls("ssl", &[("true", Tls::Unverified)]),
        ],
        ..datastore(Kind::Postgres, "postgres")
    },
    Rules {
        // Heroku's and RedisToGo's of old, and Redis Cloud's.
        dummy_usernames: &["", "h", "redistogo", "rediscloud"],
        tls_options: &[
            // redis-py's.
            weakens(
                "ssl_cert_reqs",
                &[("none", Tls::Unverified), ("CERT_NONE", Tls::Unverified)],
            ),
        ],
        ..datastore(Kind::Redis, "redis")
    },
    Rules {
        // RabbitMQ listens on TCP alone.
        sockets: false,
        // RabbitMQ's URI Query Parameters.
        tls_options: &[weakens("verify", &[("verify_none", Tls::Unverified)])],
        ..datastore(Kind::Amqp, "amqp")
    },
    Rules {
        host_list: true,
        scheme_per_host: true,
        database: false,
        sockets: false,
        ..datastore(Kind::Kafka, "kafka")
    },
    Rules {
        host_list: true,
        ..datastore(Kind::Cassandra, "cassandra")
    },
    Rules {
        host_list: true,
        tls_options: &[tls("secure", &[("true", Tls::Verified), ("1", Tls::Verified)])],
        ..datastore(Kind::Clickhouse, "clickhouse")
    },
    service(Kind::Cloudinary, "cloudinary"),
    datastore(Kind::Couchdb, "couchdb"),
    service(Kind::Ftp, "sftp"),
    datastore(Kind::Influxdb, "influxdb"),
    service(Kind::Ldap, "ldap"),
    Rules {
        tls_options: &[tls("tls", &[("1", Tls::Verified)])],
        ..datastore(Kind::Libsql, "libsql")
    },
    datastore(Kind::Mqtt, "mqtt"),
    Rules {
        host_list: true,
        ..datastore(Kind::Nats, "nats")
    },
    datastore(Kind::Neo4j, "neo4j"),
    datastore(Kind::Rethinkdb, "rethinkdb"),
    Rules {
        example: "elasticsearch",
        host_list: true,
        ..datastore(Kind::Search, "search")
    },
    service(Kind::Smtp, "smtp"),
    Rules {
        example: "socks5",
        ..service(Kind::Socks, "socks")
    },
    Rules {
        empty_host: true,
        file: true,
        ..datastore(Kind::Sqlite, "sqlite")
    },
    datastore(Kind::Sqlserver, "sqlserver"),
    service(Kind::Statsd, "statsd"),
    Rules {
        example: "wss",
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
