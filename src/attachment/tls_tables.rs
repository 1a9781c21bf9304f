//! The names of config vars beside a host or a URL that concern TLS, as data.

use crate::kind::Kind;

/// Endings of the TLS mode.
pub(super) const TLS_MODES: &[&str] = &["SSLMODE", "SSL_MODE", "TLSMODE", "TLS_MODE"];

/// Config vars whose TLS is that of all resources of a kind, as their clients read them: libpq's, and those of Laravel's
/// configuration for MySQL. The others only count beside the first.
pub(super) const SHARED_TLS: &[(Kind, &[(&str, &str)])] = &[
    (
        Kind::Postgres,
        &[("PGSSLMODE", "sslmode"), ("PGSSLROOTCERT", "sslrootcert")],
    ),
    (
        Kind::Mysql,
        &[
            ("MYSQL_ATTR_SSL_CA", "sslca"),
            ("MYSQL_ATTR_SSL_VERIFY_SERVER_CERT", "sslverifyservercert"),
        ],
    ),
];

/// Prefixes that mean the same: `DB_SSL` beside `DATABASE_URL`.
pub(super) const SAME_PREFIXES: &[(&str, &str)] = &[
    ("DATABASE", "DB"),
    ("DB", "DATABASE"),
    ("MONGO", "MONGODB"),
    ("MONGODB", "MONGO"),
    ("PG", "POSTGRES"),
    ("POSTGRES", "PG"),
    ("POSTGRES", "POSTGRESQL"),
    ("POSTGRESQL", "POSTGRES"),
];

/// Endings of the options of a URL, as in its query.
pub(super) const QUERIES: &[&str] = &[
    "ARGS",
    "CONNECTION_OPTIONS",
    "CONNECTION_PARAMS",
    "EXTRA",
    "EXTRA_PARAMS",
    "OPTIONS",
    "PARAMETERS",
    "PARAMS",
    "QUERY",
    "QUERY_STRING",
    "URL_PARAMS",
];

/// Words before the name of a TLS option that say whose it is, or that it is one: `KAFKA_CONSUMER_SECURITY_PROTOCOL`,
/// `SPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL`, `DB_OPTIONS_SSLMODE`.
pub(super) const OPTION_OWNERS: &[&str] = &[
    "ADMIN",
    "CLIENT",
    "CONFIG",
    "CONNECTION",
    "CONSUMER",
    "EXTRA",
    "OPTIONS",
    "PARAMS",
    "PRODUCER",
    "PROPERTIES",
    "STREAMS",
];

/// Endings that turn TLS on or off.
pub(super) const TLS_SWITCHES: &[&str] = &[
    "SSL",
    "TLS",
    "USE_SSL",
    "USE_TLS",
    "USESSL",
    "USETLS",
    "SSL_ENABLED",
    "TLS_ENABLED",
    "SSL_ENABLE",
    "TLS_ENABLE",
    "ENABLE_SSL",
    "ENABLE_TLS",
    "IS_SSL",
    "IS_TLS",
    "SSL_ON",
    "TLS_ON",
    "WITH_SSL",
    "WITH_TLS",
    "SSL_TLS",
    "PROPERTIES_MAIL_SMTP_SSL_ENABLE",
];

/// Endings of STARTTLS, whose no leaves TLS to others.
pub(super) const TLS_WITHIN: &[&str] = &[
    "USE_STARTTLS",
    "USE_START_TLS",
    "ENABLE_STARTTLS",
    "ENABLE_START_TLS",
    "STARTTLS_ENABLE",
    "STARTTLS_ENABLED",
    "REQUIRE_STARTTLS",
    "FORCE_STARTTLS",
    "STARTTLS_REQUIRE",
    "STARTTLS_REQUIRED",
    // Spring's.
    "PROPERTIES_MAIL_SMTP_STARTTLS_ENABLE",
    "PROPERTIES_MAIL_SMTP_STARTTLS_REQUIRED",
];

/// Kinds for which SSL is TLS from the beginning of a connection, so that no SSL may still be STARTTLS.
pub(super) const SSL_FROM_BEGINNING: &[Kind] = &[Kind::Smtp];

/// Kinds whose URLs ask for STARTTLS by an option, with the spelling that clients know.
pub(super) const STARTTLS_OPTIONS: &[(Kind, (&str, &str))] = &[(Kind::Smtp, ("tls", "required"))];

/// Ports on which TLS begins within a connection, by RFC 6409.
pub(super) const STARTTLS_PORTS: &[(Kind, &str)] = &[(Kind::Smtp, "587")];

/// Endings that turn TLS on, and whose no leaves it to others.
pub(super) const TLS_DEMANDS: &[&str] = &[
    "REQUIRE_SSL",
    "REQUIRE_TLS",
    "REQUIRESSL",
    "REQUIRETLS",
    "SSL_REQUIRED",
    "TLS_REQUIRED",
    "SSL_REQUIRE",
    "TLS_REQUIRE",
    "FORCE_SSL",
    "FORCE_TLS",
    "SSL_ONLY",
    "TLS_ONLY",
];

/// Endings that turn TLS off.
pub(super) const TLS_DENIALS: &[&str] = &[
    "DISABLE_SSL",
    "DISABLE_TLS",
    "SSL_DISABLE",
    "TLS_DISABLE",
    "SSL_DISABLED",
    "TLS_DISABLED",
    "NO_SSL",
    "NO_TLS",
];

/// Endings of the certificate authorities.
pub(super) const TLS_ROOTS: &[&str] = &[
    "SSLROOTCERT",
    "SSL_ROOT_CERT",
    "SSL_CA",
    "SSLCA",
    "SSL_CA_CERT",
    "SSL_CACERTFILE",
    "SSL_CA_FILE",
    "SSL_CERT_AUTHORITY",
    "TLS_CA",
    "TLS_CA_CERT",
    "TLS_CACERTFILE",
    "TLS_CA_FILE",
    "ATTR_SSL_CA",
    "CA",
    "CACERT",
    "CA_CERT",
    "CA_CERTIFICATE",
    "CA_FILE",
    "ROOT_CERT",
    "ROOT_CA",
    "TRUSTED_CERT",
];

/// Endings of a port that is for TLS only.
pub(super) const TLS_PORTS: &[&str] = &["SSL_PORT", "TLS_PORT", "TLS_PORT_NUMBER", "PORT_SSL", "PORT_TLS"];

/// Words that concern TLS in an ending that has no other words than those and [`TLS_COMPANIONS`]. `ENCRYPTION_KEY` may be for
/// the app's own data.
pub(super) const TLS_WORDS: &[&str] = &[
    "ENCRYPT",
    "ENCRYPTED",
    "ENCRYPTION",
    "INSECURE",
    "SECURE",
    "UNVERIFIED",
    "VERIFY",
];

pub(super) const TLS_COMPANIONS: &[&str] = &[
    "ALLOW",
    "CA",
    "CERT",
    "CERTIFICATE",
    "CERTIFICATES",
    "CERTS",
    "CONNECT",
    "CONNECTION",
    "ENABLE",
    "ENABLED",
    "FORCE",
    "FULL",
    "HOST",
    "HOSTNAME",
    "IN",
    "IS",
    "MODE",
    "NO",
    "PEER",
    "REQUIRE",
    "REQUIRED",
    "SERVER",
    "SKIP",
    "TRANSIT",
    "TRANSPORT",
    "USE",
];

/// The ending of the host that Kubernetes sets for a service.
pub(super) const SERVICE_HOST: &str = "_SERVICE_HOST";

/// The beginning of endings that Kubernetes sets for the named ports of a service: `REDIS_SERVICE_PORT_TLS`.
pub(super) const SERVICE_PORT: &str = "SERVICE_PORT_";

/// The beginning of endings that are named after PHP's `PDO::MYSQL_ATTR_SSL_CA`.
pub(super) const PHP_ATTRIBUTE: &str = "ATTR_";

/// Endings that say that the value is the path of a file.
pub(super) const FILE_SUFFIXES: &[&str] = &["_FILE", "_PATH"];

/// The words of libpq's `channel_binding`, and the option's name.
pub(super) const CHANNEL_BINDING: (&str, &[&str]) = ("channel_binding", &["disable", "prefer", "require"]);

/// Options that say of authorities what a file of them would, for PEM text that no option can have.
pub(super) const PEM_ROOTS: &[(Kind, (&str, &str))] = &[
    (Kind::Postgres, ("ssl-mode", "verify-ca")),
    (Kind::Mysql, ("ssl_mode", "VERIFY_CA")),
];

/// Schemes before a host that mean TLS without naming a protocol: `tls://cache.example`.
pub(super) const TLS_ALONE: &[&str] = &["tls", "ssl"];

/// The option of a URL that has the TLS mode.
pub(super) const TLS_OPTIONS: &[(Kind, &str)] = &[
    (Kind::Clickhouse, "sslmode"),
    (Kind::Mysql, "ssl-mode"),
    (Kind::Postgres, "sslmode"),
];

/// The schemes that ask for TLS, with the port that the protocol uses for TLS only.
pub(super) const TLS_SCHEMES: &[(Kind, (&str, Option<&str>))] = &[
    (Kind::Amqp, ("amqps", Some("5671"))),
    (Kind::Kafka, ("kafka+ssl", None)),
    (Kind::Memcache, ("memcache+tls", None)),
    (Kind::Mqtt, ("mqtts", Some("8883"))),
    (Kind::Redis, ("rediss", None)),
    (Kind::Smtp, ("smtps", Some("465"))),
];

/// Kinds that can also turn on TLS within a connection (STARTTLS), with the options and values that mean TLS from its
/// beginning.
pub(super) const TLS_FROM_BEGINNING: &[(Kind, &[&str])] =
    &[(Kind::Smtp, &["ssl", "secure", "encryption", "security"])];
