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
    /// Returns whether this is the scheme of a URL, in any case (RFC 3986, section 3.1).
    pub(super) fn is_spelled(&self, spelling: &str) -> bool {
        self.spelling.eq_ignore_ascii_case(spelling)
    }

    /// Sets the spelling that drivers take.
    const fn for_drivers(self, for_drivers: &'static str) -> Self {
        Self { for_drivers, ..self }
    }

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
    scheme("postgres", Kind::Postgres, Some(5432), Tls::Unspecified),
    scheme("https", Kind::Http, Some(443), Tls::Verified),
    scheme("redis", Kind::Redis, Some(6379), Tls::Unspecified),
    scheme("mysql", Kind::Mysql, Some(3306), Tls::Unspecified),
    scheme("mongodb", Kind::Mongo, Some(27017), Tls::Unspecified),
    scheme("amqp", Kind::Amqp, Some(5672), Tls::Unspecified),
    scheme("rediss", Kind::Redis, Some(6379), Tls::Verified),
    scheme("mongodb+srv", Kind::Mongo, None, Tls::Verified),
    scheme("amqps", Kind::Amqp, Some(5671), Tls::Verified),
    scheme("http", Kind::Http, Some(80), Tls::Unspecified),
    scheme("postgresql", Kind::Postgres, Some(5432), Tls::Unspecified),
    // The others, by kind.
    scheme("mysql2", Kind::Mysql, Some(3306), Tls::Unspecified).for_drivers("mysql"),
    scheme("mariadb", Kind::Mysql, Some(3306), Tls::Unspecified).for_drivers("mysql"),
    scheme("jdbc:mysql", Kind::Mysql, Some(3306), Tls::Unspecified).for_drivers("mysql"),
    scheme("jdbc:mariadb", Kind::Mysql, Some(3306), Tls::Unspecified).for_drivers("mysql"),
    // Rails's.
    scheme("trilogy", Kind::Mysql, Some(3306), Tls::Unspecified).for_drivers("mysql"),
    scheme("mongo", Kind::Mongo, Some(27017), Tls::Unspecified).for_drivers("mongodb"),
    scheme("memcache", Kind::Memcache, Some(11211), Tls::Unspecified),
    scheme("memcached", Kind::Memcache, Some(11211), Tls::Unspecified).for_drivers("memcache"),
    // The `memcache` crate's.
    scheme("memcache+tls", Kind::Memcache, Some(11211), Tls::Verified),
    scheme("memcache+udp", Kind::Memcache, Some(11211), Tls::Unspecified),
    // Django's and Rails's, for PostGIS; Django's.
    scheme("postgis", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    // Those of Django, Rails and migration tools for servers with PostgreSQL's protocol. The port is that of the drivers.
    scheme("cockroachdb", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    scheme("cockroach", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    scheme("timescale", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    scheme("psql", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    scheme("pgsql", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgres"),
    scheme("jdbc:postgresql", Kind::Postgres, Some(5432), Tls::Unspecified).for_drivers("postgresql"),
    scheme("valkey", Kind::Redis, Some(6379), Tls::Unspecified).for_drivers("redis"),
    scheme("valkeys", Kind::Redis, Some(6379), Tls::Verified).for_drivers("rediss"),
    // Lettuce's. The second one negotiates TLS on a plain connection.
    scheme("redis+ssl", Kind::Redis, Some(6379), Tls::Verified).for_drivers("rediss"),
    scheme("redis+tls", Kind::Redis, Some(6379), Tls::Verified).for_drivers("rediss"),
    socket_scheme("redis+unix"),
    socket_scheme("valkey+unix"),
    // Celery's.
    socket_scheme("redis+socket"),
    // Celery's.
    scheme("pyamqp", Kind::Amqp, Some(5672), Tls::Unspecified).for_drivers("amqp"),
    scheme("kafka", Kind::Kafka, Some(9092), Tls::Unspecified),
    scheme("kafka+ssl", Kind::Kafka, Some(9093), Tls::Verified),
    // librdkafka's, as in the addresses that Confluent Cloud shows.
    scheme("sasl_plaintext", Kind::Kafka, Some(9092), Tls::Unspecified).for_drivers("kafka"),
    scheme("sasl_ssl", Kind::Kafka, Some(9092), Tls::Verified).for_drivers("kafka+ssl"),
    scheme("bolt", Kind::Neo4j, Some(7687), Tls::Unspecified),
    scheme("bolt+s", Kind::Neo4j, Some(7687), Tls::Verified),
    scheme("bolt+ssc", Kind::Neo4j, Some(7687), Tls::Unverified),
    scheme("neo4j", Kind::Neo4j, Some(7687), Tls::Unspecified),
    scheme("neo4j+s", Kind::Neo4j, Some(7687), Tls::Verified),
    scheme("neo4j+ssc", Kind::Neo4j, Some(7687), Tls::Unverified),
    scheme("cassandra", Kind::Cassandra, Some(9042), Tls::Unspecified),
    scheme("clickhouse", Kind::Clickhouse, None, Tls::Unspecified),
    scheme("clickhouses", Kind::Clickhouse, None, Tls::Verified),
    scheme("cloudinary", Kind::Cloudinary, None, Tls::Unspecified),
    scheme("couchdb", Kind::Couchdb, Some(5984), Tls::Unspecified),
    scheme("couchdbs", Kind::Couchdb, Some(6984), Tls::Verified),
    scheme("ftp", Kind::Ftp, Some(21), Tls::Unspecified),
    scheme("ftps", Kind::Ftp, Some(990), Tls::Verified),
    scheme("sftp", Kind::Ftp, Some(22), Tls::Unspecified),
    scheme("influx", Kind::Influxdb, Some(8086), Tls::Unspecified),
    scheme("influxdb", Kind::Influxdb, Some(8086), Tls::Unspecified),
    scheme("ldap", Kind::Ldap, Some(389), Tls::Unspecified),
    scheme("ldaps", Kind::Ldap, Some(636), Tls::Verified),
    scheme("libsql", Kind::Libsql, Some(443), Tls::Verified),
    scheme("mqtt", Kind::Mqtt, Some(1883), Tls::Unspecified),
    scheme("mqtts", Kind::Mqtt, Some(8883), Tls::Verified),
    scheme("mqtt+ssl", Kind::Mqtt, Some(8883), Tls::Verified).for_drivers("mqtts"),
    scheme("nats", Kind::Nats, Some(4222), Tls::Unspecified),
    scheme("rethinkdb", Kind::Rethinkdb, Some(28015), Tls::Unspecified),
    scheme("elasticsearch", Kind::Search, Some(9200), Tls::Unspecified),
    scheme("opensearch", Kind::Search, Some(9200), Tls::Unspecified),
    scheme("solr", Kind::Search, Some(8983), Tls::Unspecified),
    scheme("smtp", Kind::Smtp, Some(25), Tls::Unspecified),
    scheme("smtps", Kind::Smtp, Some(465), Tls::Verified),
    // Django's.
    scheme("smtp+tls", Kind::Smtp, Some(587), Tls::Verified),
    scheme("smtp+ssl", Kind::Smtp, Some(465), Tls::Verified).for_drivers("smtps"),
    // Django's and Authelia's, by the names of the services.
    scheme("submission", Kind::Smtp, Some(587), Tls::Verified),
    scheme("submissions", Kind::Smtp, Some(465), Tls::Verified).for_drivers("smtps"),
    scheme("socks5", Kind::Socks, Some(1080), Tls::Unspecified),
    scheme("socks5h", Kind::Socks, Some(1080), Tls::Unspecified),
    scheme("sqlite", Kind::Sqlite, None, Tls::Unspecified),
    scheme("sqlite3", Kind::Sqlite, None, Tls::Unspecified).for_drivers("sqlite"),
    scheme("mssql", Kind::Sqlserver, Some(1433), Tls::Unspecified),
    scheme("sqlserver", Kind::Sqlserver, Some(1433), Tls::Unspecified),
    // Of django-environ's cache URLs.
    scheme("rediscache", Kind::Redis, Some(6379), Tls::Unspecified).for_drivers("redis"),
    scheme("pymemcache", Kind::Memcache, Some(11211), Tls::Unspecified).for_drivers("memcache"),
    scheme("statsd", Kind::Statsd, Some(8125), Tls::Unspecified),
    scheme("ws", Kind::WebSocket, Some(80), Tls::Unspecified),
    scheme("wss", Kind::WebSocket, Some(443), Tls::Verified),
];

/// Finds the row of a scheme, in any case.
pub(super) fn find_in_any_case(spelling: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|scheme| scheme.is_spelled(spelling))
}

pub(super) const fn scheme(spelling: &'static str, kind: Kind, port: Option<u16>, tls: Tls) -> Scheme {
    Scheme {
        spelling,
        kind,
        for_drivers: spelling,
        port,
        tls,
        path_is_socket: false,
    }
}

/// A spelling for a Redis socket.
const fn socket_scheme(spelling: &'static str) -> Scheme {
    Scheme {
        path_is_socket: true,
        ..scheme(spelling, Kind::Redis, None, Tls::Unspecified).for_drivers("redis+unix")
    }
}

/// A Redis socket, where Redis is expected. Elsewhere, `unix://` may belong to another service, such as Docker.
pub(super) static UNIX_SOCKET_OF_REDIS: Scheme = socket_scheme("unix");

/// Suffixes after a `+` that are not names of drivers, because they change what the URL asks for.
pub(super) const NOT_DRIVERS: &[&str] = &[
    "cluster", "file", "https", "libsql", "quic", "s", "sentinel", "socket", "srv", "ssc", "ssh", "ssl",
    "tcp", "tls", "udp", "unix", "ws", "wss",
];
