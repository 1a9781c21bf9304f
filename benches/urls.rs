//! The URLs that are parsed, and who parses them.

use config_vars::{AmqpUrl, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, SecretString};
use percent_encoding::percent_decode_str;
use std::hint::black_box;

/// A URL in three forms, and of which kind it is. The options are those that the kind's drivers know.
pub struct Forms {
    pub kind: &'static str,
    scheme: &'static str,
    path: &'static str,
    options: &'static str,
}

impl Forms {
    /// Each form by its name.
    #[must_use]
    pub fn all(&self) -> [(&'static str, String); 3] {
        let Self {
            scheme,
            path,
            options,
            ..
        } = self;
        [
            (
                "short",
                format!("{scheme}://app:s3cr3t-Pw@db.example.com:3306/{path}"),
            ),
            (
                "10 options",
                format!("{scheme}://app:s3cr3t-Pw@db-1.eu-west-1.compute.example.com:3306/{path}?{options}"),
            ),
            (
                "escaped",
                format!("{scheme}://app%40shop:p%40ss%2Fw%3Fo%23rd%25%20%5B%5D@db.example.com:3306/{path}"),
            ),
        ]
    }
}

pub const MYSQL: Forms = Forms {
    kind: "mysql",
    scheme: "mysql",
    path: "shop",
    options: "pool_min=2&pool_max=20&tcp_keepalive=10000&tcp_nodelay=true&wait_timeout=300&stmt_cache_size=100&\
        conn_ttl=60&ttl_check_interval=30&client_found_rows=true&secure_auth=true",
};

pub const POSTGRES: Forms = Forms {
    kind: "postgres",
    scheme: "postgres",
    path: "shop",
    options: "sslmode=require&application_name=shop%2Fweb&connect_timeout=10&keepalives=1&keepalives_idle=60&\
        keepalives_interval=10&keepalives_retries=3&target_session_attrs=read-write&channel_binding=prefer&\
        load_balance_hosts=random",
};

pub const MONGO: Forms = Forms {
    kind: "mongo",
    scheme: "mongodb",
    path: "shop",
    options: "authSource=admin&replicaSet=rs0&retryWrites=true&w=majority&maxPoolSize=20&minPoolSize=2&\
        connectTimeoutMS=10000&appName=shop%2Fweb&readPreference=secondaryPreferred&tls=true",
};

pub const REDIS: Forms = Forms {
    kind: "redis",
    scheme: "redis",
    path: "2",
    options: "protocol=resp3&timeout=5&db=2&max_connections=20&socket_timeout=3&retry_on_timeout=true&\
        health_check_interval=30&client_name=shop%2Fweb&encoding=utf-8&decode_responses=true",
};

pub const AMQP: Forms = Forms {
    kind: "amqp",
    scheme: "amqp",
    path: "shop",
    options: "heartbeat=30&connection_timeout=10000&channel_max=100&frame_max=131072&auth_mechanism=plain&\
        cacertfile=ca.pem&verify=verify_peer&server_name_indication=mq.example.com&locale=en_US&connection_attempts=3",
};

pub const ALL: [&Forms; 5] = [&MYSQL, &POSTGRES, &MONGO, &REDIS, &AMQP];

/// Three hosts.
pub const MONGO_CLUSTER: &str = "mongodb://app:s3cr3t-Pw@db1.example.com:27017,db2.example.com:27017,db3.example.com:27017/shop?replicaSet=rs0";
pub const POSTGRES_CLUSTER: &str = "postgres://app:s3cr3t-Pw@db1.example.com:5432,db2.example.com:5432,db3.example.com:5432/shop?sslmode=require";

macro_rules! parsers {
    ($($name:ident: $made:ty = |$text:ident| $parse:expr;)*) => {
        $(
            #[must_use]
            pub fn $name(text: &str) -> $made {
                let $text = black_box(text);
                $parse
            }
        )*
    };
}

// Each must take the URL, so that nobody is timed at a refusal.
parsers! {
    our_mysql: MysqlUrl = |text| text.parse().expect("it is well-formed");
    our_postgres: PostgresUrl = |text| text.parse().expect("it is well-formed");
    our_mongo: MongoUrl = |text| text.parse().expect("it is well-formed");
    our_redis: RedisUrl = |text| text.parse().expect("it is well-formed");
    our_amqp: AmqpUrl = |text| text.parse().expect("it is well-formed");
    url_crate: url::Url = |text| url::Url::parse(text).expect("it is well-formed");
    url_crate_used: UsedUrl = |text| UsedUrl::parse(text);
    floor: Floor = |text| Floor::parse(text);
}

#[cfg(feature = "drivers")]
pub mod drivers {
    use std::hint::black_box;

    parsers! {
        sqlx_mysql: sqlx::mysql::MySqlConnectOptions = |text| text.parse().expect("it is well-formed");
        sqlx_postgres: sqlx::postgres::PgConnectOptions = |text| text.parse().expect("it is well-formed");
        mysql_async: mysql_async::Opts = |text| mysql_async::Opts::from_url(text).expect("it is well-formed");
        mongodb: mongodb::options::ConnectionString =
            |text| mongodb::options::ConnectionString::parse(text).expect("it is well-formed");
        redis: redis::ConnectionInfo =
            |text| redis::IntoConnectionInfo::into_connection_info(text).expect("it is well-formed");
        tokio_postgres: tokio_postgres::Config = |text| text.parse().expect("it is well-formed");
        amq_protocol_uri: amq_protocol_uri::AMQPUri = |text| text.parse().expect("it is well-formed");
    }
}

/// A URL of the `url` crate, from which an app has taken what it connects with, decoded into secrets.
pub struct UsedUrl {
    pub url: url::Url,
    pub username: SecretString,
    pub password: Option<SecretString>,
    pub database: SecretString,
}

impl UsedUrl {
    fn parse(text: &str) -> Self {
        let decoded = |text: &str| {
            let decoded = percent_decode_str(text).decode_utf8().expect("it is text");
            SecretString::from(&*decoded)
        };
        let url = url::Url::parse(text).expect("it is well-formed");
        black_box((url.host_str(), url.port()));
        Self {
            username: decoded(url.username()),
            password: url.password().map(decoded),
            database: decoded(url.path()),
            url,
        }
    }
}

/// The minimum that every parser needs: a parse without a copy, plus owned parts, plus one secret.
pub struct Floor {
    pub scheme: String,
    pub username: String,
    pub password: SecretString,
    pub host: String,
    pub port: Option<u16>,
    pub path: String,
    pub query: Option<String>,
}

impl Floor {
    fn parse(text: &str) -> Self {
        let uri = fluent_uri::Uri::parse(text).expect("it is well-formed");
        let authority = uri.authority().expect("it has one");
        let user_info = authority.userinfo().map(|info| info.as_str());
        let (username, password) = user_info
            .and_then(|info| info.split_once(':'))
            .expect("it has credentials");
        Self {
            scheme: uri.scheme().as_str().to_owned(),
            username: username.to_owned(),
            password: SecretString::from(password),
            host: authority.host().to_owned(),
            port: authority.port_to_u16().ok().flatten(),
            path: uri.path().as_str().to_owned(),
            query: uri.query().map(|query| query.as_str().to_owned()),
        }
    }
}
