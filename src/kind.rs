//! The kinds of resources: names alone, with nothing imported from the crate.

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
    /// `http` and `https`: web services, whose path is often a secret.
    Http,
    /// PostgreSQL and the services that speak its protocol.
    Postgres,
    /// Redis and Valkey.
    Redis,
    /// AMQP 0-9-1, the protocol of RabbitMQ.
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
    /// libSQL, the protocol of Turso.
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
    /// A kind that the app registered, by its name; see [`CustomKind`](crate::CustomKind).
    Custom(&'static str),
    /// Any other scheme; see [`ResourceUrl::scheme`](crate::ResourceUrl::scheme).
    Other,
}

impl Kind {
    /// Returns the name that messages and reports use.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mongo => "mongodb",
            Self::Memcache => "memcache",
            Self::Http => "http",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Amqp => "amqp",
            Self::Kafka => "kafka",
            Self::Cassandra => "cassandra",
            Self::Clickhouse => "clickhouse",
            Self::Cloudinary => "cloudinary",
            Self::Couchdb => "couchdb",
            Self::Ftp => "sftp",
            Self::Influxdb => "influxdb",
            Self::Ldap => "ldap",
            Self::Libsql => "libsql",
            Self::Mqtt => "mqtt",
            Self::Nats => "nats",
            Self::Neo4j => "neo4j",
            Self::Rethinkdb => "rethinkdb",
            Self::Search => "search",
            Self::Smtp => "smtp",
            Self::Socks => "socks",
            Self::Sqlite => "sqlite",
            Self::Sqlserver => "sqlserver",
            Self::Statsd => "statsd",
            Self::WebSocket => "websocket",
            Self::Custom(name) => name,
            Self::Other => "other",
        }
    }

    /// Returns the indefinite article of the name, as it is spoken.
    pub(crate) fn article(self) -> &'static str {
        match self {
            Self::Http
            | Self::Amqp
            | Self::Ftp
            | Self::Influxdb
            | Self::Ldap
            | Self::Mqtt
            | Self::Smtp
            | Self::Other => "an",
            _ => "a",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
