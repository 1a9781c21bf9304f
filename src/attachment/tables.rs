//! What add-ons call their config vars, as data. To teach discovery a new name, add a row; no logic need be touched.

use super::Role;
use crate::kind::Kind;

/// Endings of names that say "this is a resource URL", in the order in which one is taken for the attachment's own.
pub(super) const URL_SUFFIXES: &[&str] = &["_URL", "_URI", "_DSN"];

/// The same within a name: `DATABASE_URL_PGBOUNCER`, `AWS_ENDPOINT_URL_S3`.
pub(super) const URL_INFIXES: &[&str] = &["_URL_", "_URI_"];

/// Words before the ending that tell one URL of an attachment from another: `REDIS_URL` and `REDIS_TLS_URL`.
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

/// Lists of servers without a scheme.
pub(super) struct ServerList {
    /// The ending of the config var's name.
    pub(super) suffix: &'static str,
    /// What the name before it holds.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

pub(super) const SERVER_LISTS: &[ServerList] = &[
    ServerList {
        suffix: "_SERVERS",
        name: "MEMCACH",
        kind: Kind::Memcache,
    },
    ServerList {
        suffix: "_BROKERS",
        name: "KAFKA",
        kind: Kind::Kafka,
    },
    ServerList {
        suffix: "_BROKERS",
        name: "KARAFKA",
        kind: Kind::Kafka,
    },
    ServerList {
        suffix: "_SERVERS",
        name: "KAFKA",
        kind: Kind::Kafka,
    },
    ServerList {
        suffix: "_SERVERS",
        name: "KARAFKA",
        kind: Kind::Kafka,
    },
];

/// What a name holds whose servers are no resource. Any other list that comes with a user name and a password is
/// memcached's.
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

/// A resource in parts: the kind that a name speaks of.
pub(super) const KIND_WORDS: &[(&str, Kind)] = &[
    ("POSTGRES", Kind::Postgres),
    ("PGSQL", Kind::Postgres),
    ("MYSQL", Kind::Mysql),
    ("MARIA", Kind::Mysql),
    ("MONGO", Kind::Mongo),
    ("REDIS", Kind::Redis),
    ("VALKEY", Kind::Redis),
    ("RABBITMQ", Kind::Amqp),
    ("AMQP", Kind::Amqp),
    ("SMTP", Kind::Smtp),
];

/// Else the kind that its port speaks of.
pub(super) const KIND_PORTS: &[(&str, Kind)] = &[
    ("5432", Kind::Postgres),
    ("3306", Kind::Mysql),
    ("27017", Kind::Mongo),
    ("6379", Kind::Redis),
    ("5672", Kind::Amqp),
    ("5671", Kind::Amqp),
];

/// Names that have their parts without a `_`: libpq's `PGHOST`, and what goes by its example.
pub(super) const GLUED: &[(&str, Kind)] = &[
    ("PG", Kind::Postgres),
    ("MYSQL", Kind::Mysql),
    ("MONGO", Kind::Mongo),
    ("REDIS", Kind::Redis),
];

/// What the last words of a name say of the value. Longer endings stand before those that end them.
pub(super) const ROLES: &[(&str, Role)] = &[
    ("CLIENT_CERT_KEY", Role::PrivateKey),
    ("PRIVATE_KEY", Role::PrivateKey),
    ("CLIENT_KEY", Role::PrivateKey),
    ("TLS_KEY", Role::PrivateKey),
    ("CERT", Role::Certificate),
    ("CERTIFICATE", Role::Certificate),
    ("SERVERS", Role::Servers),
    ("BROKERS", Role::Servers),
    ("HOST", Role::Host),
    ("HOSTNAME", Role::Host),
    ("SMTP_SERVER", Role::Host),
    ("PORT", Role::Port),
    ("USERNAME", Role::Username),
    ("USER", Role::Username),
    ("LOGIN", Role::Username),
    ("PASSWORD", Role::Password),
    ("PASS", Role::Password),
    ("PASSWD", Role::Password),
    ("PASSPHRASE", Role::Password),
    ("PWD", Role::Password),
    ("DATABASE", Role::Database),
    ("DATABASE_NAME", Role::Database),
    ("DB_NAME", Role::Database),
    ("DBNAME", Role::Database),
    ("DB", Role::Database),
    ("APIKEY", Role::Token),
    ("KEY", Role::Token),
    ("KEY_ID", Role::Token),
    ("SECRET", Role::Token),
    ("TOKEN", Role::Token),
    ("CLIENT_ID", Role::Token),
    ("CONNECTION_STRING", Role::Token),
    ("CREDENTIAL", Role::Token),
    ("CREDENTIALS", Role::Token),
    ("JAAS_CONFIG", Role::Token),
    ("SID", Role::Token),
    ("SK", Role::Token),
];

/// Names that end in such a word, and are something else: `PWD` is the working directory.
pub(super) const NO_ROLES: &[&str] = &["PWD"];

/// The parts of a resource, each by the endings that it goes by, the commonest first.
pub(super) const HOST: &[&str] = &["HOST", "HOSTNAME"];
pub(super) const PORT: &[&str] = &["PORT"];
pub(super) const USERNAME: &[&str] = &["USERNAME", "USER", "LOGIN"];
pub(super) const PASSWORD: &[&str] = &["PASSWORD", "PASS"];
pub(super) const DATABASE: &[&str] = &["DATABASE", "DB", "DB_NAME", "DBNAME", "DATABASE_NAME", "NAME"];
pub(super) const SCHEME: &[&str] = &["SCHEME", "PROTOCOL"];

/// What says how a resource in parts is encrypted.
pub(super) const TLS: &[&str] = &[
    "SSLMODE", "SSL_MODE", "TLS_MODE", "SSL", "TLS", "USE_SSL", "USE_TLS",
];

/// The file of authorities, as libpq has it.
pub(super) const TLS_ROOTS: &[&str] = &["SSLROOTCERT"];

/// What before a host stands for TLS, and for no protocol: `tls://cache.example`.
pub(super) const TLS_ALONE: &[&str] = &["tls", "ssl"];

/// The option of a URL that has the same values.
pub(super) const TLS_OPTIONS: &[(Kind, &str)] = &[(Kind::Mysql, "ssl-mode"), (Kind::Postgres, "sslmode")];

/// The schemes that ask for TLS, with the port that the protocol has for it alone.
pub(super) const TLS_SCHEMES: &[(Kind, &str, Option<&str>)] = &[
    (Kind::Amqp, "amqps", Some("5671")),
    (Kind::Redis, "rediss", None),
    (Kind::Smtp, "smtps", Some("465")),
];

/// Kinds that let a client in with a password alone.
pub(super) const NO_USERNAME: &[Kind] = &[Kind::Redis];

/// Endings of bare credentials, from which alone an add-on can be told.
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

/// The words before such an ending that make it the app's own.
pub(super) const OWN_TOKEN_WORDS: &[&str] = &[
    "ADMIN", "APP", "BEARER", "BOS", "CSRF", "DEPLOY", "EOS", "INTERNAL", "JWT", "MAX", "MIN", "PAD",
    "REFRESH", "SECRET", "SESSION", "VERIFY", "WEBHOOK",
];

/// The word before the ending, in names of web URLs that are the app's own, or are settings of tools.
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
    "ERROR",
    "EXTERNAL",
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
    "IMAGE",
    "IMAGES",
    "IMPRINT",
    "INDEX",
    "INSTANCE",
    "INVITE",
    "ISSUER",
    "JWKS",
    "LANDING",
    "LEGAL",
    "LOGIN",
    "LOGO",
    "LOGOUT",
    "MAINTENANCE",
    "MEDIA",
    "MIRROR",
    "NEXTAUTH",
    "ORIGIN",
    "PAGE",
    "PAGES",
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
    "STATIC",
    "STATUS",
    "STOREFRONT",
    "SUCCESS",
    "SUPPORT",
    "TERM",
    "TERMS",
    "THUMBNAIL",
    "TOKEN",
    "TOS",
    "UI",
    "UNSUBSCRIBE",
    "USERINFO",
    "VERIFICATION",
    "VERIFY",
    "WEB",
    "WEBAPP",
    "WEBHOOK",
    "WEBHOOKS",
    "WEBSITE",
    "WIKI",
];

/// What a name has whose `_WEBHOOK_URL` is not the app's own: these services hand one out, with a token in it.
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

/// Beginnings of names that platforms and tools set for themselves.
pub(super) const TOOL_PREFIXES: &[&str] = &[
    "AWS_CONTAINER_",
    "BUILDKITE_",
    "BUNDLE_",
    "CARGO_",
    "CI_",
    "ECS_",
    "EXPO_PUBLIC_",
    "GATSBY_",
    "GF_AUTH_",
    "GH_",
    "GITHUB_",
    "GITLAB_",
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

/// Schemes that lead to no service with credentials.
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

/// What such a name or host has if the key is needed.
pub(super) const KEYED_SERVICES: &[&str] = &["SENTRY", "GLITCHTIP", "BUGSINK", "INGEST"];

/// Endings of names whose URLs have a syntax of their own, by the schemes of datastores: Symfony's Messenger writes the
/// name of a queue where others have the database.
pub(super) const FOREIGN_SYNTAX: &[&str] = &["_TRANSPORT_DSN"];

/// What the name before `_HOST` ends in where that is no add-on's: MySQL's image for containers has such a user.
pub(super) const NO_HOSTS: &[&str] = &["ROOT"];

/// How many variant words may stand before the ending of a name.
pub(super) const MOST_VARIANTS: usize = 3;
