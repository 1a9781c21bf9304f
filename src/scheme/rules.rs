//! How the URLs of each kind are read, as data.

use super::tls_options::{self, TlsOption};
use crate::kind::Kind;
use crate::text::find_listed;

/// How the URLs of a kind are read.
pub(crate) struct Rules {
    pub(crate) kind: Kind,
    /// The scheme that messages propose.
    pub(crate) example: &'static str,
    /// Whether it is a datastore: its hosts and database name are public, and its URLs are resources under any name of a
    /// config var.
    pub(crate) datastore: bool,
    /// Whether a URL may list several hosts.
    pub(crate) host_list: bool,
    /// Whether each host of a list may have its own credentials.
    pub(crate) credentials_per_host: bool,
    /// Whether each host of a list may be preceded by the scheme.
    pub(crate) scheme_per_host: bool,
    /// Whether a percent-encoded socket path may replace a host.
    pub(crate) sockets: bool,
    /// Whether the path of a socket may be relative, as in MongoDB's Connection String specification.
    pub(crate) relative_sockets: bool,
    /// Whether a socket may have a port. libpq makes it a part of the socket's file name.
    pub(crate) socket_ports: bool,
    /// The options of the query that replace other parts of the URL.
    pub(crate) part_options: &'static PartOptions,
    /// Options that name a database, a host or a login, in addition to the common ones, and that replace no part of the URL
    /// as it is read here. URLs that differ in one of them are different resources.
    identifying_options: &'static [&'static str],
    /// The option of whose words some name the resource, with the beginnings of those words.
    pub(crate) identifying_words: Option<(&'static str, &'static [&'static str])>,
    /// Whether the path is the name of a database, or of the protocol's equivalent of one.
    pub(crate) database: bool,
    /// Whether the database is a file, whose path may contain `/`.
    pub(crate) file: bool,
    /// Whether a path of two slashes names the database `/`, as in Celery's URL of a RabbitMQ broker.
    pub(crate) slash_is_database: bool,
    /// Characters that a database name must not contain, not even encoded.
    pub(crate) not_in_database: &'static [char],
    /// Whether the URL may have no host.
    pub(crate) empty_host: bool,
    /// Whether a host name may end in a number without being an IPv4 address.
    pub(crate) numeric_names: bool,
    /// Whether user information must be encoded exactly as MongoDB's Connection String specification requires.
    pub(crate) strict_user_info: bool,
    /// Dummy user names of providers, from before the protocol had users. A server with users rejects them.
    pub(crate) dummy_usernames: &'static [&'static str],
    /// The user whose password it is that a URL without a user name has.
    pub(crate) implied_username: Option<&'static str>,
    /// Options that break drivers of this kind, and are not passed to them.
    pub(crate) options_not_for_drivers: &'static [&'static str],
    /// Whether drivers end the user information at the first `@`, so that a raw `@` in a password must be encoded for them.
    pub(crate) first_at_for_drivers: bool,
    /// Whether names of options are case-insensitive.
    pub(crate) ignore_case_of_options: bool,
    /// Whether the query is defined by the server, so that none of its options concerns TLS.
    pub(crate) free_query: bool,
    /// Whether an option may turn off the TLS that the scheme asks for.
    pub(crate) scheme_tls_is_default: bool,
    /// The TLS options that are specific to this kind. They precede the common ones.
    pub(crate) tls_options: &'static [TlsOption],
    /// How a URL of a kind with a type of its own asks for TLS, as messages propose it.
    pub(super) tls_form: Option<&'static str>,
    /// The meaning of the path in the URLs of a datastore.
    pub(crate) database_form: DatabaseForm,
}

/// The form of the names in the paths of a datastore's URLs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatabaseForm {
    /// The name of a database.
    Name,
    /// The number of a database.
    Number,
    /// Nothing that the clients of the kind define, so that it may be a token.
    Undefined,
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

    /// Returns whether the kind is that of datastores with servers, which may have sockets.
    pub(crate) fn is_of_servers(&self) -> bool {
        self.sockets && self.datastore && !self.file
    }

    /// Returns whether a path without a host is that of a socket, as the `memcache` crate reads it.
    pub(crate) fn is_socket_in_path(&self) -> bool {
        self.kind == Kind::Memcache
    }

    /// Returns whether a path may contain an `@`. Elsewhere it shows that the password contains a raw `/`.
    pub(crate) fn may_have_at_in_path(&self) -> bool {
        matches!(self.kind, Kind::Http | Kind::Other)
    }

    /// Returns the first TLS option of URLs of this kind that satisfies `is_it`, its specific ones first.
    pub(crate) fn tls_option(&self, is_it: &dyn Fn(&TlsOption) -> bool) -> Option<&'static TlsOption> {
        let common = match self.free_query {
            true => &[][..],
            false => tls_options::COMMON,
        };
        for options in &[self.tls_options, common] {
            for option in *options {
                if is_it(option) {
                    return Some(option);
                }
            }
        }
        None
    }

    /// Returns the option of this name that identifies the resource, in any case.
    pub(crate) fn find_identifying_option(&self, name: &str) -> Option<&'static str> {
        match find_listed(self.identifying_options, name) {
            Some(option) => Some(option),
            None => find_listed(IDENTIFYING_OPTIONS, name),
        }
    }

    /// Returns the TLS option of this name, in any case and with any separators.
    pub(crate) fn find_tls_option(&self, name: &str) -> Option<&'static TlsOption> {
        self.tls_option(&|option| option.is_spelled(name.bytes()))
    }
}

/// Options of clients of any kind that name a database, a host or a login.
const IDENTIFYING_OPTIONS: &[&str] = &[
    "database",
    "databasename",
    "db",
    "dbname",
    "host",
    "pass",
    "passwd",
    "password",
    "port",
    "pwd",
    "token",
    "uid",
    "user",
    "username",
];

/// The options that replace other parts of the URL, each by the names that clients use.
pub(crate) struct PartOptions {
    pub(crate) username: &'static [&'static str],
    pub(crate) password: &'static [&'static str],
    pub(crate) database: &'static [&'static str],
    /// Names and sockets that replace the hosts.
    pub(crate) hosts: &'static [&'static str],
    /// The addresses to connect to. The names of the hosts then only serve to verify certificates.
    pub(crate) addresses: &'static [&'static str],
    pub(crate) ports: &'static [&'static str],
    /// A socket that replaces the host.
    pub(crate) socket: &'static [&'static str],
}

impl PartOptions {
    pub(crate) const NONE: Self = Self {
        username: &[],
        password: &[],
        database: &[],
        hosts: &[],
        addresses: &[],
        ports: &[],
        socket: &[],
    };

    /// Those of libpq.
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

    /// That of Go's client, whose path is the name of an instance, in the two spellings that users write.
    const SQLSERVER: Self = Self {
        database: &["database", "Database"],
        ..Self::NONE
    };

    /// Those of JDBC, if there is no user information before the host.
    pub(super) const JDBC: Self = Self {
        username: &["user"],
        password: &["password"],
        ..Self::NONE
    };

    /// Those of Redis, if the URL has no user information and no path: of the scheme's registration, the redis crate, redis-py and
    /// Celery.
    pub(super) const REDIS: Self = Self {
        username: &["user", "username"],
        password: &["pass", "password"],
        database: &["db", "virtual_host"],
        ..Self::NONE
    };

    pub(crate) fn has(&self, name: &str) -> bool {
        for names in &self.all() {
            if names.contains(&name) {
                return true;
            }
        }
        false
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all().iter().all(|names| names.is_empty())
    }

    pub(crate) fn all(&self) -> [&'static [&'static str]; 7] {
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
    }
}

const DATASTORE: Rules = Rules {
    kind: Kind::Other,
    example: "https",
    datastore: true,
    host_list: false,
    credentials_per_host: false,
    scheme_per_host: false,
    sockets: true,
    relative_sockets: false,
    socket_ports: false,
    part_options: &PartOptions::NONE,
    identifying_options: &[],
    identifying_words: None,
    database: true,
    file: false,
    slash_is_database: false,
    not_in_database: &[],
    empty_host: false,
    numeric_names: false,
    strict_user_info: false,
    dummy_usernames: &[],
    implied_username: None,
    options_not_for_drivers: &[],
    first_at_for_drivers: false,
    ignore_case_of_options: false,
    free_query: false,
    scheme_tls_is_default: false,
    tls_options: &[],
    tls_form: None,
    database_form: DatabaseForm::Name,
};

/// A datastore without specific rules.
const fn datastore(kind: Kind) -> Rules {
    Rules {
        kind,
        example: kind.as_str(),
        ..DATASTORE
    }
}

/// A service whose path may be a secret, and whose URL is a resource only if the name of the config var says so.
const fn service(kind: Kind) -> Rules {
    Rules {
        kind,
        example: kind.as_str(),
        datastore: false,
        database: false,
        sockets: false,
        ..DATASTORE
    }
}

impl Kind {
    /// Returns how the URLs of this kind are read.
    pub(crate) fn rules(self) -> &'static Rules {
        match self {
            Self::Mysql => &MYSQL,
            Self::Mongo => &MONGO,
            Self::Memcache => &MEMCACHE,
            Self::Http => &HTTP,
            Self::Postgres => &POSTGRES,
            Self::Redis => &REDIS,
            Self::Amqp => &AMQP,
            Self::Kafka => &KAFKA,
            Self::Cassandra => &CASSANDRA,
            Self::Clickhouse => &CLICKHOUSE,
            Self::Cloudinary => &CLOUDINARY,
            Self::Couchdb => &COUCHDB,
            Self::Ftp => &FTP,
            Self::Influxdb => &INFLUXDB,
            Self::Ldap => &LDAP,
            Self::Libsql => &LIBSQL,
            Self::Mqtt => &MQTT,
            Self::Nats => &NATS,
            Self::Neo4j => &NEO4J,
            Self::Rethinkdb => &RETHINKDB,
            Self::Search => &SEARCH,
            Self::Smtp => &SMTP,
            Self::Socks => &SOCKS,
            Self::Sqlite => &SQLITE,
            Self::Sqlserver => &SQLSERVER,
            Self::Statsd => &STATSD,
            Self::WebSocket => &WEB_SOCKET,
            Self::Custom(_) => &CUSTOM,
            Self::Other => &OTHER,
        }
    }
}

static MYSQL: Rules = Rules {
    // ClearDB's URLs end in `?reconnect=true`, which mysql_async refuses.
    options_not_for_drivers: &["reconnect"],
    part_options: &PartOptions::MYSQL,
    tls_options: tls_options::MYSQL,
    tls_form: Some("`mysql://`, and `ssl-mode=VERIFY_IDENTITY` after a `?`"),
    ..datastore(Kind::Mysql)
};

static MONGO: Rules = Rules {
    host_list: true,
    relative_sockets: true,
    strict_user_info: true,
    numeric_names: true,
    ignore_case_of_options: true,
    not_in_database: &['/', '\\', ' ', '"', '$'],
    scheme_tls_is_default: true,
    tls_options: tls_options::MONGO,
    tls_form: Some("`mongodb://`, and `tls=true` after a `?`"),
    identifying_options: &["authSource"],
    ..datastore(Kind::Mongo)
};

static MEMCACHE: Rules = Rules {
    host_list: true,
    credentials_per_host: true,
    database: false,
    tls_options: tls_options::MEMCACHE,
    tls_form: Some("`memcache+tls://`"),
    ..datastore(Kind::Memcache)
};

static HTTP: Rules = Rules {
    example: "https",
    free_query: true,
    tls_form: Some("`https://`"),
    ..service(Kind::Http)
};

static POSTGRES: Rules = Rules {
    host_list: true,
    socket_ports: true,
    part_options: &PartOptions::POSTGRES,
    empty_host: true,
    first_at_for_drivers: true,
    tls_options: tls_options::POSTGRES,
    tls_form: Some("`postgres://`, and `sslmode=verify-full` after a `?`"),
    identifying_options: &["service"],
    // Neon's and CockroachDB's proxies, which serve many databases at one address.
    identifying_words: Some(("options", &["endpoint=", "project=", "reference=", "--cluster="])),
    ..datastore(Kind::Postgres)
};

static REDIS: Rules = Rules {
    // Those of Heroku's and RedisToGo's former plans, and of Redis Cloud.
    dummy_usernames: &["", "h", "redistogo", "rediscloud"],
    implied_username: Some("default"),
    identifying_options: &["virtual_host"],
    database_form: DatabaseForm::Number,
    tls_form: Some("`rediss://`"),
    ..datastore(Kind::Redis)
};

static AMQP: Rules = Rules {
    // RabbitMQ listens on TCP only.
    sockets: false,
    slash_is_database: true,
    tls_options: tls_options::AMQP,
    tls_form: Some("`amqps://`"),
    identifying_options: &["vhost", "virtual_host"],
    ..datastore(Kind::Amqp)
};

static KAFKA: Rules = Rules {
    host_list: true,
    credentials_per_host: true,
    scheme_per_host: true,
    database: false,
    sockets: false,
    tls_options: tls_options::KAFKA,
    tls_form: Some("`kafka+ssl://`"),
    identifying_options: &["sasl.jaas.config", "sasl.password", "sasl.username"],
    ..datastore(Kind::Kafka)
};

static CASSANDRA: Rules = Rules {
    host_list: true,
    identifying_options: &["keyspace"],
    ..datastore(Kind::Cassandra)
};

static CLICKHOUSE: Rules = Rules {
    host_list: true,
    tls_options: tls_options::CLICKHOUSE,
    ..datastore(Kind::Clickhouse)
};

/// A cloud may have a number as its name.
static CLOUDINARY: Rules = Rules {
    numeric_names: true,
    ..service(Kind::Cloudinary)
};

static COUCHDB: Rules = datastore(Kind::Couchdb);

static FTP: Rules = service(Kind::Ftp);

static INFLUXDB: Rules = Rules {
    identifying_options: &["bucket", "org", "p", "u"],
    ..datastore(Kind::Influxdb)
};

static LDAP: Rules = Rules {
    tls_options: tls_options::LDAP,
    ..service(Kind::Ldap)
};

static LIBSQL: Rules = Rules {
    scheme_tls_is_default: true,
    identifying_options: &["authToken", "auth_token", "jwt"],
    database_form: DatabaseForm::Undefined,
    ..datastore(Kind::Libsql)
};

static MQTT: Rules = Rules {
    database_form: DatabaseForm::Undefined,
    ..datastore(Kind::Mqtt)
};

static NATS: Rules = Rules {
    host_list: true,
    credentials_per_host: true,
    scheme_per_host: true,
    identifying_options: &["creds", "jwt", "nkey"],
    database_form: DatabaseForm::Undefined,
    ..datastore(Kind::Nats)
};

static NEO4J: Rules = datastore(Kind::Neo4j);

static RETHINKDB: Rules = Rules {
    identifying_options: &["authKey"],
    ..datastore(Kind::Rethinkdb)
};

static SEARCH: Rules = Rules {
    example: "elasticsearch",
    host_list: true,
    identifying_options: &["api_key", "apikey"],
    ..datastore(Kind::Search)
};

static SMTP: Rules = Rules {
    tls_options: tls_options::SMTP,
    ..service(Kind::Smtp)
};

static SOCKS: Rules = Rules {
    example: "socks5",
    ..service(Kind::Socks)
};

static SQLITE: Rules = Rules {
    empty_host: true,
    file: true,
    ..datastore(Kind::Sqlite)
};

static SQLSERVER: Rules = Rules {
    part_options: &PartOptions::SQLSERVER,
    tls_options: tls_options::SQLSERVER,
    identifying_options: &[
        "addr",
        "address",
        "data source",
        "initial catalog",
        "instance",
        "instancename",
        "odbc_connect",
        "server",
        "user id",
        "userid",
    ],
    ..datastore(Kind::Sqlserver)
};

static STATSD: Rules = service(Kind::Statsd);

static WEB_SOCKET: Rules = Rules {
    example: "wss",
    free_query: true,
    ..service(Kind::WebSocket)
};

static CUSTOM: Rules = Rules {
    host_list: true,
    ..datastore(Kind::Custom("custom"))
};

/// Nothing is known about the hosts of an unknown scheme, which may be tokens: see [`Rules::has_host_rules`].
static OTHER: Rules = Rules {
    datastore: false,
    host_list: true,
    database: false,
    empty_host: true,
    socket_ports: true,
    ..DATASTORE
};
