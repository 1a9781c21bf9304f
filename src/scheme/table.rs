//! The one table of schemes: spellings, kinds, default ports, TLS.

use super::rules::PartOptions;
use crate::kind::Kind;
use crate::tls::Tls;

/// One spelling of a scheme.
pub(crate) struct Scheme {
    pub(crate) spelling: &'static str,
    pub(crate) kind: Kind,
    /// The spelling that drivers accept. It replaces the original one in the URL that a driver receives.
    pub(crate) for_drivers: &'static str,
    /// The port that the protocol's specification gives; `None` if it gives none, or if DNS determines the port.
    pub(crate) port: Option<u16>,
    pub(crate) tls: Tls,
    /// Whether the path is that of a socket; credentials and database are then options of the query.
    pub(crate) path_is_socket: bool,
}

impl Scheme {
    /// Returns whether it is a JDBC scheme. JDBC URLs have their credentials in the query.
    pub(crate) fn is_jdbc(&self) -> bool {
        self.spelling.starts_with("jdbc:")
    }

    /// Returns the options that replace parts in URLs of this form, in addition to those of the kind. Their credentials count
    /// only if there is no user information before the host.
    pub(crate) fn part_options(&self) -> &'static PartOptions {
        if self.is_jdbc() {
            &PartOptions::JDBC
        } else if self.kind == Kind::Redis {
            &PartOptions::REDIS
        } else {
            &PartOptions::NONE
        }
    }

    /// Returns whether drivers need these options in the places that they replace. Of a socket's URL, the redis crate reads them
    /// itself.
    pub(crate) fn moves_part_options(&self) -> bool {
        self.is_jdbc() || self.kind == Kind::Redis && !self.path_is_socket
    }
}

/// Ports are from the registry of service names (RFC 6335), or else from the project's own documentation. ClickHouse has two
/// protocols on two ports, so its scheme has no default port.
pub(super) const SCHEMES: &[Scheme] = &[
    // The commonest first, because a search starts here.
    scheme(
        "postgres",
        Kind::Postgres,
        "postgres",
        Some(5432),
        Tls::Unspecified,
    ),
    scheme("https", Kind::Http, "https", Some(443), Tls::Verified),
    scheme("redis", Kind::Redis, "redis", Some(6379), Tls::Unspecified),
    scheme("mysql", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    scheme("mongodb", Kind::Mongo, "mongodb", Some(27017), Tls::Unspecified),
    scheme("amqp", Kind::Amqp, "amqp", Some(5672), Tls::Unspecified),
    scheme("rediss", Kind::Redis, "rediss", Some(6379), Tls::Verified),
    scheme("mongodb+srv", Kind::Mongo, "mongodb+srv", None, Tls::Verified),
    scheme("amqps", Kind::Amqp, "amqps", Some(5671), Tls::Verified),
    scheme("http", Kind::Http, "http", Some(80), Tls::Unspecified),
    scheme(
        "postgresql",
        Kind::Postgres,
        "postgresql",
        Some(5432),
        Tls::Unspecified,
    ),
    // The others, by kind.
    scheme("mysql2", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    scheme("mariadb", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    scheme("jdbc:mysql", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    scheme("jdbc:mariadb", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    // Rails's.
    scheme("trilogy", Kind::Mysql, "mysql", Some(3306), Tls::Unspecified),
    scheme("mongo", Kind::Mongo, "mongodb", Some(27017), Tls::Unspecified),
    scheme(
        "memcache",
        Kind::Memcache,
        "memcache",
        Some(11211),
        Tls::Unspecified,
    ),
    scheme(
        "memcached",
        Kind::Memcache,
        "memcache",
        Some(11211),
        Tls::Unspecified,
    ),
    // The `memcache` crate's.
    scheme(
        "memcache+tls",
        Kind::Memcache,
        "memcache+tls",
        Some(11211),
        Tls::Verified,
    ),
    scheme(
        "memcache+udp",
        Kind::Memcache,
        "memcache+udp",
        Some(11211),
        Tls::Unspecified,
    ),
    // Django's and Rails's, for PostGIS; Django's.
    scheme(
        "postgis",
        Kind::Postgres,
        "postgres",
        Some(5432),
        Tls::Unspecified,
    ),
    scheme("psql", Kind::Postgres, "postgres", Some(5432), Tls::Unspecified),
    scheme("pgsql", Kind::Postgres, "postgres", Some(5432), Tls::Unspecified),
    scheme(
        "jdbc:postgresql",
        Kind::Postgres,
        "postgresql",
        Some(5432),
        Tls::Unspecified,
    ),
    scheme("valkey", Kind::Redis, "redis", Some(6379), Tls::Unspecified),
    scheme("valkeys", Kind::Redis, "rediss", Some(6379), Tls::Verified),
    // Lettuce's. The second one negotiates TLS on a plain connection.
    scheme("redis+ssl", Kind::Redis, "rediss", Some(6379), Tls::Verified),
    scheme("redis+tls", Kind::Redis, "rediss", Some(6379), Tls::Verified),
    socket_scheme("redis+unix"),
    socket_scheme("valkey+unix"),
    // Celery's.
    socket_scheme("redis+socket"),
    // Celery's.
    scheme("pyamqp", Kind::Amqp, "amqp", Some(5672), Tls::Unspecified),
    scheme("kafka", Kind::Kafka, "kafka", Some(9092), Tls::Unspecified),
    scheme("kafka+ssl", Kind::Kafka, "kafka+ssl", Some(9093), Tls::Verified),
    // librdkafka's, as in the addresses that Confluent Cloud shows.
    scheme(
        "sasl_plaintext",
        Kind::Kafka,
        "kafka",
        Some(9092),
        Tls::Unspecified,
    ),
    scheme("sasl_ssl", Kind::Kafka, "kafka+ssl", Some(9092), Tls::Verified),
    scheme("bolt", Kind::Neo4j, "bolt", Some(7687), Tls::Unspecified),
    scheme("bolt+s", Kind::Neo4j, "bolt+s", Some(7687), Tls::Verified),
    scheme("bolt+ssc", Kind::Neo4j, "bolt+ssc", Some(7687), Tls::Unverified),
    scheme("neo4j", Kind::Neo4j, "neo4j", Some(7687), Tls::Unspecified),
    scheme("neo4j+s", Kind::Neo4j, "neo4j+s", Some(7687), Tls::Verified),
    scheme("neo4j+ssc", Kind::Neo4j, "neo4j+ssc", Some(7687), Tls::Unverified),
    scheme(
        "cassandra",
        Kind::Cassandra,
        "cassandra",
        Some(9042),
        Tls::Unspecified,
    ),
    scheme(
        "clickhouse",
        Kind::Clickhouse,
        "clickhouse",
        None,
        Tls::Unspecified,
    ),
    scheme(
        "clickhouses",
        Kind::Clickhouse,
        "clickhouses",
        None,
        Tls::Verified,
    ),
    scheme(
        "cloudinary",
        Kind::Cloudinary,
        "cloudinary",
        None,
        Tls::Unspecified,
    ),
    scheme("couchdb", Kind::Couchdb, "couchdb", Some(5984), Tls::Unspecified),
    scheme("couchdbs", Kind::Couchdb, "couchdbs", Some(6984), Tls::Verified),
    scheme("ftp", Kind::Ftp, "ftp", Some(21), Tls::Unspecified),
    scheme("ftps", Kind::Ftp, "ftps", Some(990), Tls::Verified),
    scheme("sftp", Kind::Ftp, "sftp", Some(22), Tls::Unspecified),
    scheme("influx", Kind::Influxdb, "influx", Some(8086), Tls::Unspecified),
    scheme(
        "influxdb",
        Kind::Influxdb,
        "influxdb",
        Some(8086),
        Tls::Unspecified,
    ),
    scheme("ldap", Kind::Ldap, "ldap", Some(389), Tls::Unspecified),
    scheme("ldaps", Kind::Ldap, "ldaps", Some(636), Tls::Verified),
    scheme("libsql", Kind::Libsql, "libsql", Some(443), Tls::Verified),
    scheme("mqtt", Kind::Mqtt, "mqtt", Some(1883), Tls::Unspecified),
    scheme("mqtts", Kind::Mqtt, "mqtts", Some(8883), Tls::Verified),
    scheme("mqtt+ssl", Kind::Mqtt, "mqtts", Some(8883), Tls::Verified),
    scheme("nats", Kind::Nats, "nats", Some(4222), Tls::Unspecified),
    scheme(
        "rethinkdb",
        Kind::Rethinkdb,
        "rethinkdb",
        Some(28015),
        Tls::Unspecified,
    ),
    scheme(
        "elasticsearch",
        Kind::Search,
        "elasticsearch",
        Some(9200),
        Tls::Unspecified,
    ),
    scheme(
        "opensearch",
        Kind::Search,
        "opensearch",
        Some(9200),
        Tls::Unspecified,
    ),
    scheme("solr", Kind::Search, "solr", Some(8983), Tls::Unspecified),
    scheme("smtp", Kind::Smtp, "smtp", Some(25), Tls::Unspecified),
    scheme("smtps", Kind::Smtp, "smtps", Some(465), Tls::Verified),
    // Django's.
    scheme("smtp+tls", Kind::Smtp, "smtp+tls", Some(587), Tls::Verified),
    scheme("smtp+ssl", Kind::Smtp, "smtps", Some(465), Tls::Verified),
    // Django's and Authelia's, by the names of the services.
    scheme("submission", Kind::Smtp, "submission", Some(587), Tls::Verified),
    scheme("submissions", Kind::Smtp, "smtps", Some(465), Tls::Verified),
    scheme("socks5", Kind::Socks, "socks5", Some(1080), Tls::Unspecified),
    scheme("socks5h", Kind::Socks, "socks5h", Some(1080), Tls::Unspecified),
    scheme("sqlite", Kind::Sqlite, "sqlite", None, Tls::Unspecified),
    scheme("sqlite3", Kind::Sqlite, "sqlite", None, Tls::Unspecified),
    scheme("mssql", Kind::Sqlserver, "mssql", Some(1433), Tls::Unspecified),
    scheme(
        "sqlserver",
        Kind::Sqlserver,
        "sqlserver",
        Some(1433),
        Tls::Unspecified,
    ),
    scheme("statsd", Kind::Statsd, "statsd", Some(8125), Tls::Unspecified),
    scheme("ws", Kind::WebSocket, "ws", Some(80), Tls::Unspecified),
    scheme("wss", Kind::WebSocket, "wss", Some(443), Tls::Verified),
];

pub(super) const fn scheme(
    spelling: &'static str,
    kind: Kind,
    for_drivers: &'static str,
    port: Option<u16>,
    tls: Tls,
) -> Scheme {
    Scheme {
        spelling,
        kind,
        for_drivers,
        port,
        tls,
        path_is_socket: false,
    }
}

/// A spelling for a Redis socket.
const fn socket_scheme(spelling: &'static str) -> Scheme {
    Scheme {
        path_is_socket: true,
        ..scheme(spelling, Kind::Redis, "redis+unix", None, Tls::Unspecified)
    }
}

/// A Redis socket, where Redis is expected. Elsewhere, `unix://` may belong to another service, such as Docker.
pub(super) static UNIX_SOCKET_OF_REDIS: Scheme = socket_scheme("unix");

/// Suffixes after a `+` that are not names of drivers, because they change what the URL asks for.
pub(super) const NOT_DRIVERS: &[&str] = &[
    "cluster", "file", "https", "libsql", "quic", "s", "sentinel", "socket", "srv", "ssc", "ssh", "ssl",
    "tcp", "tls", "udp", "unix", "ws", "wss",
];
