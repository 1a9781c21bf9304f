//! The names of add-ons' config vars, as data. To teach discovery a new name, add a row; the code does not change.

use crate::kind::Kind;

/// Returns the row of a kind.
pub(super) fn row_of<R: Copy>(rows: &[(Kind, R)], kind: Kind) -> Option<R> {
    for (of, row) in rows {
        if *of == kind {
            return Some(*row);
        }
    }
    None
}

/// Returns the kind in the first row that fits.
pub(super) fn listed_kind(rows: &[(&str, Kind)], fits: &dyn Fn(&str) -> bool) -> Option<Kind> {
    for (text, kind) in rows {
        if fits(text) {
            return Some(*kind);
        }
    }
    None
}

/// Returns the kind whose config vars have glued names with this stem.
pub(super) fn glued_kind(stem: &str) -> Option<Kind> {
    listed_kind(GLUED, &|glued| glued == stem)
}

/// Endings of the names of resource URLs, in the order in which they are preferred as the attachment's own.
pub(super) const URL_SUFFIXES: &[&str] = &["_URL", "_URI", "_DSN"];

/// Other endings of config vars that have a URL. What is named like the rest of the name belongs to the URL: `DB_SSL` to
/// `DB_CONNECTION_STRING`.
pub(super) const STRING_SUFFIXES: &[&str] = &[
    "_CONNECTION_STRING",
    "_CONNECTIONSTRING",
    "_CONNECTION",
    "_CONNSTRING",
    "_CONN_STRING",
    "_CONN_STR",
    "_CONNSTR",
    "_CONN",
    "_STRING",
];

/// Words before the ending that distinguish the URLs of an attachment: `REDIS_URL` and `REDIS_TLS_URL`.
pub(super) const VARIANTS: &[&str] = &[
    "CLI",
    "DIRECT",
    "EXTERNAL",
    "FQDN",
    "INTERNAL",
    "JDBC",
    "NO",
    "NON",
    "PGBOUNCER",
    "POOL",
    "POOLED",
    "POOLER",
    "POOLING",
    "PRISMA",
    "PRIVATE",
    "PUBLIC",
    "READONLY",
    "REPLICA",
    "SSL",
    "TLS",
    "UNPOOLED",
];

/// Other words before the ending of a URL. What is named like the rest of the name belongs to it as well: `DB_SSL` to
/// `DB_CONNECTION_URL`. Beside a `DB_URL`, it may be another resource.
pub(super) const URL_WORDS: &[&str] = &[
    "CONN",
    "CONNECTION",
    "MAIN",
    "MASTER",
    "PRIMARY",
    "READ",
    "READER",
    "REACTIVE",
    "SECONDARY",
    "WRITE",
    "WRITER",
];

/// Lists of servers without a scheme.
pub(super) struct ServerList {
    /// The ending of the config var's name.
    pub(super) suffix: &'static str,
    /// A text that the name before it contains, unless a scheme in a config var of its own says the kind.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

const fn list(suffix: &'static str, name: &'static str, kind: Kind) -> ServerList {
    ServerList { suffix, name, kind }
}

/// Longer endings precede those that they end with.
pub(super) const SERVER_LISTS: &[ServerList] = &[
    list("_BOOTSTRAP_SERVERS", "KAFKA", Kind::Kafka),
    list("_BROKERS", "KAFKA", Kind::Kafka),
    list("_BROKERS", "KARAFKA", Kind::Kafka),
    list("_SERVERS", "MEMCACH", Kind::Memcache),
    list("_SERVERS", "KAFKA", Kind::Kafka),
    list("_SERVERS", "KARAFKA", Kind::Kafka),
    list("_SERVERS", "NATS", Kind::Nats),
    list("_CONTACT_POINTS", "CASSANDRA", Kind::Cassandra),
    list("_CONTACT_POINTS", "SCYLLA", Kind::Cassandra),
    list("_HOSTS", "CASSANDRA", Kind::Cassandra),
    list("_HOSTS", "SCYLLA", Kind::Cassandra),
];

/// The ends of these endings, which every name is compared with.
pub(super) const LIST_ENDINGS: &[&str] = &["_SERVERS", "_BROKERS", "_HOSTS", "_POINTS"];

/// Words in names of lists of servers that are not resources. Any other list with a user name and a password is memcached's.
pub(super) const NO_SERVERS: &[&str] = &[
    "ALLOWED",
    "BOOTSTRAP",
    "DNS",
    "ELASTIC",
    "ICE",
    "LDAP",
    "MAIL",
    "MONGO",
    "NAME",
    "NATS",
    "NTP",
    "REDIS",
    "SMTP",
    "STUN",
    "TURN",
];

/// The kind of a resource in parts, by a text in its name.
pub(super) const KIND_WORDS: &[(&str, Kind)] = &[
    ("POSTGRES", Kind::Postgres),
    ("PGSQL", Kind::Postgres),
    ("TIMESCALE", Kind::Postgres),
    ("COCKROACH", Kind::Postgres),
    ("MYSQL", Kind::Mysql),
    ("MARIA", Kind::Mysql),
    ("MONGO", Kind::Mongo),
    ("MEMCACH", Kind::Memcache),
    ("REDIS", Kind::Redis),
    ("VALKEY", Kind::Redis),
    ("RABBIT", Kind::Amqp),
    ("AMQP", Kind::Amqp),
    ("MSSQL", Kind::Sqlserver),
    ("SQLSERVER", Kind::Sqlserver),
    ("MQTT", Kind::Mqtt),
    ("SMTP", Kind::Smtp),
    ("CASSANDRA", Kind::Cassandra),
    ("SCYLLA", Kind::Cassandra),
];

/// The same, for kinds that are also served by HTTP, if no scheme is given.
pub(super) const KIND_WORDS_OF_WEB: &[(&str, Kind)] = &[
    ("CLICKHOUSE", Kind::Clickhouse),
    ("COUCHDB", Kind::Couchdb),
    ("ELASTICSEARCH", Kind::Search),
    ("OPENSEARCH", Kind::Search),
    ("INFLUX", Kind::Influxdb),
];

/// The same, for texts that are too short to be searched for: a whole word.
pub(super) const KIND_SHORT_WORDS: &[(&str, Kind)] = &[
    ("PG", Kind::Postgres),
    ("PSQL", Kind::Postgres),
    ("NATS", Kind::Nats),
    ("TIDB", Kind::Mysql),
];

/// Endings of the name of a driver: Laravel's, Strapi's, n8n's, Rails's, Django's, Keycloak's and Gitea's.
pub(super) const DRIVER: &[&str] = &[
    "CONNECTION",
    "CLIENT",
    "DIALECT",
    "DRIVER",
    "TYPE",
    "ENGINE",
    "ADAPTER",
    "MAILER",
    "VENDOR",
    "DB_TYPE",
];

/// Names of drivers that are not schemes. What precedes the last `.` does not count: `django.db.backends.mysql`.
pub(super) const DRIVERS: &[(&str, Kind)] = &[
    ("pg", Kind::Postgres),
    ("psql", Kind::Postgres),
    ("postgis", Kind::Postgres),
    ("postgresdb", Kind::Postgres),
    ("pdo_pgsql", Kind::Postgres),
    ("mysqli", Kind::Mysql),
    ("mysqldb", Kind::Mysql),
    ("pdo_mysql", Kind::Mysql),
    ("sqlsrv", Kind::Sqlserver),
    ("rabbitmq", Kind::Amqp),
    ("sqlite3", Kind::Sqlite),
];

/// The kind of a resource in parts, by its port, if no word says it.
pub(super) const KIND_PORTS: &[(&str, Kind)] = &[
    ("5432", Kind::Postgres),
    ("3306", Kind::Mysql),
    ("27017", Kind::Mongo),
    ("6379", Kind::Redis),
    ("5672", Kind::Amqp),
    ("5671", Kind::Amqp),
    ("11211", Kind::Memcache),
    ("26257", Kind::Postgres),
    ("1433", Kind::Sqlserver),
    ("1883", Kind::Mqtt),
    ("8883", Kind::Mqtt),
    ("587", Kind::Smtp),
    ("465", Kind::Smtp),
];

/// Prefixes without a `_`: libpq's `PGHOST`, and names that follow its example.
pub(super) const GLUED: &[(&str, Kind)] = &[
    ("PG", Kind::Postgres),
    ("MYSQL", Kind::Mysql),
    ("MONGO", Kind::Mongo),
    ("REDIS", Kind::Redis),
    // Azure's `DBHOST`. The kind is that of the driver or the port.
    ("DB", Kind::Other),
];

/// The endings of each part of a resource, the most common first.
pub(super) const HOST: &[&str] = &["HOST", "HOSTNAME", "SERVER", "ADDRESS", "ADDR"];

/// Those that always name a host. The others do only if no such one does, and if the value may be a host: `EMAIL_ADDRESS` may be a
/// mailbox.
pub(super) const CERTAIN_HOST: &[&str] = &["HOST", "HOSTNAME"];

/// The last two letters of the endings of hosts and of lists of servers.
pub(super) const HOST_LETTERS: &[[u8; 2]] = &[*b"ST", *b"ME", *b"ER", *b"SS", *b"DR", *b"RS", *b"TS"];

/// Those of Bitnami and of MySQL's clients, and that beside `SMTP_SERVER`. `HOST_PORT` is none of them: in most files it is the port
/// at which the host of a container publishes the service.
pub(super) const PORT: &[&str] = &["PORT", "PORT_NUMBER", "TCP_PORT", "SERVER_PORT"];
pub(super) const USERNAME: &[&str] = &[
    "USERNAME",
    "USER",
    "LOGIN",
    "USER_NAME",
    "HOST_USER",
    "SASL_USERNAME",
];
pub(super) const PASSWORD: &[&str] = &[
    "PASSWORD",
    "PASS",
    "HOST_PASSWORD",
    "PASSWD",
    "SASL_PASSWORD",
    "PWD",
];

/// Endings that a command-line client reads as well, perhaps for another login: `MYSQL_PWD`.
pub(super) const OF_COMMANDS: &[&str] = &["PWD"];

pub(super) const DATABASE: &[&str] = &["DATABASE", "DB", "DB_NAME", "DBNAME", "DATABASE_NAME", "NAME"];
pub(super) const PATH: &[&str] = &["PATH"];
pub(super) const SCHEME: &[&str] = &["SCHEME", "PROTOCOL"];

/// The endings of the database, where a kind has others.
pub(super) const DATABASES: &[(Kind, &[&str])] = &[
    (
        Kind::Amqp,
        &["VHOST", "VIRTUAL_HOST", "VIRTUALHOST", "DATABASE", "DB"],
    ),
    (
        Kind::Cassandra,
        &["KEYSPACE", "KEYSPACE_NAME", "DATABASE", "DB", "DB_NAME"],
    ),
    // A number. `NAME` is that of the server.
    (
        Kind::Redis,
        &[
            "DATABASE",
            "DB",
            "DB_INDEX",
            "DBINDEX",
            "DATABASE_INDEX",
            "DB_NUMBER",
            "DB_NUM",
            "DB_NAME",
            "DBNAME",
            "DATABASE_NAME",
        ],
    ),
];

/// Endings of parts that are options of a URL, with the option's name.
pub(super) const OPTIONS: &[(Kind, &[&str], &str)] = &[
    (Kind::Postgres, ADDRESS, "hostaddr"),
    // Used in place of the host, as Laravel does.
    (Kind::Mysql, SOCKET, "socket"),
    (
        Kind::Postgres,
        &["TARGETSESSIONATTRS", "TARGET_SESSION_ATTRS"],
        "target_session_attrs",
    ),
    // The database that has the user.
    (
        Kind::Mongo,
        &[
            "AUTH_SOURCE",
            "AUTHSOURCE",
            "AUTH_DB",
            "AUTHDB",
            "AUTH_DATABASE",
            "AUTHENTICATION_DATABASE",
        ],
        "authSource",
    ),
    (
        Kind::Mongo,
        &["REPLICA_SET", "REPLICASET", "REPLICA_SET_NAME", "REPLICASET_NAME"],
        "replicaSet",
    ),
];

/// The ending of the address that libpq connects to in place of the host.
pub(super) const ADDRESS: &[&str] = &["HOSTADDR"];

/// The endings of the path of a socket.
pub(super) const SOCKET: &[&str] = &["SOCKET", "UNIX_SOCKET", "SOCKET_PATH", "UNIX_SOCKET_PATH"];

/// The option that has the ports of a list of hosts.
pub(super) const PORTS_OPTION: &str = "port";

/// Values of `PROTOCOL` and `SCHEME` that are not schemes: MySQL's `--protocol`, and the versions of Redis's protocol.
pub(super) const NOT_SCHEMES: &[(Kind, &[&str])] = &[
    (Kind::Mysql, &["tcp"]),
    (Kind::Redis, &["2", "3", "resp2", "resp3"]),
];

/// Kinds whose lists of servers have one port for all, and a database, in config vars of their own.
pub(super) const PARTS_BESIDE_LIST: &[Kind] = &[Kind::Cassandra];

/// Kinds that need no user name for a login.
pub(super) const NO_USERNAME: &[Kind] = &[Kind::Redis];

/// Endings of credentials that identify an add-on by themselves.
pub(super) const TOKEN_SUFFIXES: &[&str] = &[
    "_ACCESS_TOKEN",
    "_API_KEY",
    "_APIKEY",
    "_API_TOKEN",
    "_AUTH_TOKEN",
    "_LICENSE_KEY",
    "_READ_WRITE_TOKEN",
    "_SECRET_ACCESS_KEY",
    "_TOKEN",
];

/// Words before such an ending that mark the app's own credentials.
pub(super) const OWN_TOKEN_WORDS: &[&str] = &[
    "ADMIN", "APP", "BEARER", "BOS", "CSRF", "DEPLOY", "EOS", "INTERNAL", "JWT", "MAX", "MIN", "PAD",
    "REFRESH", "SECRET", "SESSION", "VERIFY", "WEBHOOK",
];

/// Words before the ending of web URLs that are the app's own, or settings of tools.
pub(super) const OWN_URL_WORDS: &[&str] = &[
    "ADMIN",
    "APP",
    "ASSET",
    "ASSETS",
    "AUTH",
    "AUTHORIZATION",
    "AUTHORIZE",
    "AVATAR",
    "BACKEND",
    "BANNER",
    "BASE",
    "BLOG",
    "BUILDPACK",
    "CALLBACK",
    "CANCEL",
    "CANONICAL",
    "CDN",
    "CHANGELOG",
    "CLIENT",
    "CONFIRM",
    "CONFIGURATION",
    "CONFIRMATION",
    "CONSOLE",
    "CONTACT",
    "DASHBOARD",
    "DEFAULT",
    "DEPLOY",
    "DISCOVERY",
    "DOCS",
    "DOCUMENTATION",
    "DOWNLOAD",
    "EDITOR",
    "EMBED",
    "ERROR",
    "EXTERNAL",
    "FACEBOOK",
    "FAILURE",
    "FAVICON",
    "FEEDBACK",
    "FORUM",
    "FRONTEND",
    "GIT",
    "HEALTH",
    "HEALTHCHECK",
    "HELP",
    "HOME",
    "HOMEPAGE",
    "HOST",
    "HOSTNAME",
    "ICON",
    "IFRAME",
    "IMAGE",
    "IMAGES",
    "IMPRINT",
    "INDEX",
    "INSTAGRAM",
    "INSTANCE",
    "INVITE",
    "ISSUER",
    "JWKS",
    "LANDING",
    "LEGAL",
    "LINK",
    "LINKEDIN",
    "LOGIN",
    "LOGO",
    "LOGOUT",
    "MAINTENANCE",
    "MEDIA",
    "METADATA",
    "MIRROR",
    "NEXTAUTH",
    "ORIGIN",
    "PAGE",
    "PAGES",
    "PATTERN",
    "POLICY",
    "PORTAL",
    "PREVIEW",
    "PRIVACY",
    "PROXY",
    "PUBLIC",
    "REDIRECT",
    "REGISTER",
    "REGISTRY",
    "REMOTE",
    "REPO",
    "REPOSITORY",
    "RESET",
    "RETURN",
    "ROOT",
    "SERVER",
    "SHARE",
    "SIGNIN",
    "SIGNOUT",
    "SIGNUP",
    "SITE",
    "SITEMAP",
    "SOURCE",
    "SSO",
    "STATIC",
    "STATUS",
    "STORE",
    "STOREFRONT",
    "SUCCESS",
    "SUPPORT",
    "SURVEY",
    "TEMPLATE",
    "TERM",
    "TERMS",
    "THUMBNAIL",
    "TILE",
    "TILES",
    "TOKEN",
    "TOS",
    "TWITTER",
    "UI",
    "UNSUBSCRIBE",
    "USERINFO",
    "VERIFICATION",
    "VERIFY",
    "VIDEO",
    "WEB",
    "WEBAPP",
    "WEBHOOK",
    "WEBHOOKS",
    "WEBSITE",
    "WIKI",
    "YOUTUBE",
];

/// Endings of names of texts that are made into web URLs.
pub(super) const NO_URL_ENDINGS: &[&str] = &["_FORMAT", "_PATTERN", "_PREFIX", "_SUFFIX", "_TEMPLATE"];

/// Words in names of webhook URLs that belong to a service, and contain a token, rather than to the app.
pub(super) const WEBHOOK_SERVICES: &[&str] = &[
    "CHAT",
    "DISCORD",
    "FEISHU",
    "LARK",
    "MATTERMOST",
    "SLACK",
    "TEAMS",
    "WEBEX",
    "ZAPIER",
];

/// Prefixes of names that platforms and tools set for themselves.
pub(super) const TOOL_PREFIXES: &[&str] = &[
    "AWS_CONTAINER_",
    "BUILDKITE_",
    "BUNDLE_",
    "CARGO_",
    "CI_",
    "DEPLOY_",
    "ECS_",
    "EXPO_PUBLIC_",
    "GATSBY_",
    "GF_AUTH_",
    "GH_",
    "GITHUB_",
    "GITLAB_",
    "GITPOD_",
    "HEROKU_APP_",
    "HOMEBREW_",
    "KUBERNETES_",
    "NEXT_PUBLIC_",
    "NG_APP_",
    "NPM_",
    "NUXT_PUBLIC_",
    "OTEL_",
    "PIP_",
    "PUBLIC_",
    "PYTHON_",
    "RAILWAY_SERVICE_",
    "REACT_APP_",
    "RUSTUP_",
    "STORYBOOK_",
    "UV_",
    "VERCEL_",
    "VITE_",
    "VUE_APP_",
    "npm_",
];

/// Schemes of URLs that are not services with credentials.
pub(super) const NO_RESOURCE_SCHEMES: &[&str] = &[
    "about",
    "data",
    "docker",
    "file",
    "git",
    "git+ssh",
    "javascript",
    "mailto",
    "npipe",
    "sip",
    "sips",
    "ssh",
    "tcp",
    "udp",
    "unix",
    "urn",
    "xmpp",
];

/// The ending of names whose web URL may need a key before its `@`: Sentry's, and any other URL in the words of PHP.
pub(super) const DSN_SUFFIX: &str = "_DSN";

/// Words in such a name or host that require the key.
pub(super) const KEYED_SERVICES: &[&str] = &["SENTRY", "GLITCHTIP", "BUGSINK", "INGEST"];

/// Endings of names whose URLs have a syntax of their own, by the schemes of datastores: Symfony's Messenger writes the
/// name of a queue where others have the database.
pub(super) const FOREIGN_SYNTAX: &[&str] = &["_TRANSPORT_DSN"];

/// Endings of names before `_HOST` that are not add-ons: MySQL's container image has such a user.
pub(super) const NO_HOSTS: &[&str] = &["ROOT"];

/// Maximum number of variant words before the ending of a name.
pub(super) const MAX_VARIANTS: usize = 3;
