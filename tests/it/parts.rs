//! Resources in parts: no part of them is dropped, and a fault is that of the config var that has the part.

use crate::util::{exposed, summary};
use config_vars::{
    Aspect, ConfigVars, Error, ErrorKind, Feed, Kind, Live, MysqlUrl, RedisUrl, ResourceUrl, Tls,
};

const CA: &str = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----\n";

/// Endings of config vars beside the host, with their values.
type More<'t> = &'t [(&'t str, &'t str)];

/// The prefix of a group with its separator: `REDIS_`, or `PG`.
fn group(prefix: &str, more: &[(&str, &str)]) -> ConfigVars {
    let parts = [("HOST", "h.example"), ("USER", "app"), ("PASSWORD", "pw")];
    let is_replaced = |ending: &str| more.iter().any(|(other, _)| *other == ending);
    let parts = parts.iter().filter(|(ending, _)| !is_replaced(ending));
    ConfigVars::from_iter(
        parts
            .chain(more)
            .map(|(ending, value)| (format!("{prefix}{ending}"), (*value).to_owned())),
    )
}

/// As Laravel writes what is not set.
#[test]
fn null_is_not_set() {
    let url = |more| read("REDIS_", more).unwrap().expose_original().to_owned();
    let all = [
        ("USER", "null"),
        ("PASSWORD", "(null)"),
        ("PORT", "NULL"),
        ("DB", "null"),
    ];
    assert_eq!(url(&all), "redis://h.example");
    assert_eq!(url(&[("PASSWORD", "nullable")]), "redis://app:nullable@h.example");
    assert_eq!(
        url(&[("TLS", "null"), ("SSL_CA", "null")]),
        "redis://app:pw@h.example"
    );
    let vars = beside(
        "mysql://u:p@h/d",
        &[("SSL_MODE", "null"), ("ATTR_SSL_CA", "(null)")],
    );
    let url: MysqlUrl = vars.url("SHOP_URL").unwrap();
    assert_eq!(url.expose_original(), "mysql://u:p@h/d");
}

/// `SHOP_URL`, and other config vars with its prefix.
fn beside(url: &str, more: &[(&str, &str)]) -> ConfigVars {
    let vars = [("URL", url)].into_iter().chain(more.iter().copied());
    ConfigVars::from_iter(vars.map(|(ending, value)| (format!("SHOP_{ending}"), value)))
}

fn read(prefix: &str, more: &[(&str, &str)]) -> Result<ResourceUrl, Error> {
    group(prefix, more).url(&format!("{prefix}HOST"))
}

/// The messages of all faults, of which each is that of the config var that it names.
fn faults(vars: &ConfigVars) -> Vec<String> {
    vars.attachments()
        .flat_map(|attachment| attachment.faults().map(ToString::to_string).collect::<Vec<_>>())
        .collect()
}

#[test]
fn tls_is_read_under_any_name() {
    for ending in [
        "SSL",
        "TLS",
        "USE_SSL",
        "USE_TLS",
        "SSL_ENABLED",
        "TLS_ENABLED",
        "ENABLE_SSL",
        "ENABLE_TLS",
        "IS_TLS",
        "WITH_SSL",
        "TLS_ON",
        "SECURE",
        "REQUIRE_SSL",
        "REQUIRE_TLS",
        "FORCE_TLS",
        "SSL_REQUIRED",
        "TLS_REQUIRED",
        "STARTTLS",
        "SSL_MODE",
    ] {
        for (prefix, scheme) in [
            ("REDIS_", Some("rediss")),
            ("RABBITMQ_", Some("amqps")),
            ("MEMCACHED_", Some("memcache+tls")),
            ("MQTT_", Some("mqtts")),
            ("MSSQL_", None),
            ("MONGO_", None),
            ("MYSQL_", None),
            ("POSTGRES_", None),
            ("PG", None),
            ("SMTP_", None),
        ] {
            for value in ["true", "1", "Yes", "on"] {
                let url = read(prefix, &[(ending, value)])
                    .unwrap_or_else(|error| panic!("{prefix}{ending}={value}: {error}"));
                assert!(url.tls().is_required(), "{prefix}{ending}={value}");
                if let Some(scheme) = scheme {
                    assert_eq!(url.scheme(), scheme, "{prefix}{ending}={value}");
                }
            }
        }
    }
}

#[test]
fn tls_var_means_the_same_as_the_option() {
    let rows: &[(&str, More<'_>, Tls)] = &[
        ("MYSQL_", &[("SSL_CA", "/ca.pem")], Tls::VerifiedCa),
        ("MYSQL_", &[("ATTR_SSL_CA", "/ca.pem")], Tls::VerifiedCa),
        ("MYSQL", &[("_SSL_CA", "/ca.pem")], Tls::VerifiedCa),
        ("MYSQL_", &[("SSL_CA", CA)], Tls::VerifiedCa),
        (
            "MYSQL_",
            &[("SSL_CA", "\n-----BEGIN CERTIFICATE-----\n")],
            Tls::VerifiedCa,
        ),
        (
            "MYSQL_",
            &[("CA_CERT", CA), ("SSL_MODE", "REQUIRED")],
            Tls::VerifiedCa,
        ),
        ("MYSQL_", &[("CA_CERT", CA), ("SSL_MODE", "DISABLED")], Tls::Off),
        (
            "MYSQL_",
            &[("SSL_CA", "/ca.pem"), ("SSL_MODE", "DISABLED")],
            Tls::Off,
        ),
        ("REDIS_", &[("CA_CERT", CA)], Tls::Verified),
        ("MYSQL_", &[("SSL", "REQUIRED")], Tls::Unverified),
        ("MYSQL_", &[("TLS", "skip-verify")], Tls::Unverified),
        (
            "MYSQL_",
            &[("SSL", "{\"rejectUnauthorized\":false}")],
            Tls::Unverified,
        ),
        (
            "MYSQL_",
            &[("ATTR_SSL_VERIFY_SERVER_CERT", "1"), ("SSL", "1")],
            Tls::Verified,
        ),
        (
            "POSTGRES_",
            &[("SSL", "true"), ("SSL_CA", "/ca.pem")],
            Tls::VerifiedCa,
        ),
        ("POSTGRES_", &[("SSL", "true"), ("CA_CERT", CA)], Tls::VerifiedCa),
        ("POSTGRES_", &[("SSL_ROOT_CERT", "/ca.pem")], Tls::VerifiedCa),
        ("POSTGRES_", &[("SSL_CA_FILE", "/ca.pem")], Tls::Verified),
        ("POSTGRES_", &[("SSL_CACERTFILE", "/ca.pem")], Tls::VerifiedCa),
        ("RABBITMQ_", &[("SSL_CACERTFILE", "/ca.pem")], Tls::Verified),
        ("POSTGRES_", &[("SSL_ENABLED", "verify-full")], Tls::Verified),
        (
            "POSTGRES_",
            &[("SSL", "true"), ("REJECT_UNAUTHORIZED", "false")],
            Tls::Unverified,
        ),
        // Node's clients check certificates by it, wherever there is TLS.
        (
            "DATABASE_",
            &[
                ("CLIENT", "postgres"),
                ("SSL", "true"),
                ("SSL_REJECT_UNAUTHORIZED", "true"),
            ],
            Tls::Verified,
        ),
        (
            "POSTGRES_",
            &[("SSLMODE", "require"), ("REJECT_UNAUTHORIZED", "1")],
            Tls::Verified,
        ),
        (
            "MYSQL_",
            &[("SSL_MODE", "REQUIRED"), ("TLS_REJECT_UNAUTHORIZED", "true")],
            Tls::Verified,
        ),
        (
            "POSTGRES_",
            &[("SSL", "false"), ("SSL_REJECT_UNAUTHORIZED", "true")],
            Tls::Off,
        ),
        (
            "POSTGRES_",
            &[("SSL_REJECT_UNAUTHORIZED", "true")],
            Tls::Unspecified,
        ),
        ("PG", &[("REQUIRESSL", "1")], Tls::Unverified),
        ("PG", &[("REQUIRESSL", "0")], Tls::Unspecified),
        ("PG", &[("_SSLMODE", "verify-full")], Tls::Verified),
        (
            "PG",
            &[("SSLMODE", "require"), ("SSLROOTCERT", "/a")],
            Tls::VerifiedCa,
        ),
        ("PG", &[("SSLMODE", "prefer"), ("SSLCRL", "/a")], Tls::Preferred),
        // A contradiction is the strictest, until a driver gets the URL, which is an error then.
        (
            "POSTGRES_",
            &[("SSLMODE", "disable"), ("SSL", "true")],
            Tls::Unverified,
        ),
        ("REDIS_", &[("TLS", "no"), ("REQUIRE_TLS", "yes")], Tls::Verified),
        ("REDIS_", &[("SCHEME", "tls"), ("TLS", "no")], Tls::Verified),
        ("PG", &[("SCHEME", "tls"), ("SSL", "no")], Tls::Verified),
        // A no is no more than it is as an option.
        ("REDIS_", &[("TLS_ENABLED", "false")], Tls::Off),
        ("REDIS_", &[("SECURE", "no")], Tls::Off),
        ("REDIS_", &[("DISABLE_TLS", "true")], Tls::Off),
        ("REDIS_", &[("NO_TLS", "false")], Tls::Unspecified),
        ("REDIS_", &[("REQUIRE_TLS", "false")], Tls::Unspecified),
        ("SMTP_", &[("SECURE", "false")], Tls::Unspecified),
        ("REDIS_", &[("TLS_CA", "/ca.pem")], Tls::Verified),
        ("REDIS_", &[("SSL_CERT_REQS", "none")], Tls::Unspecified),
        (
            "REDIS_",
            &[("SSL_CERT_REQS", "none"), ("SSL", "1")],
            Tls::Unverified,
        ),
        ("REDIS_", &[("TLS_PORT", "6380")], Tls::Verified),
        ("REDIS_", &[("TLS_PORT", "6380"), ("PORT", "6380")], Tls::Verified),
        // As Cloud Foundry's Redis gives them: the port for TLS is used, unless TLS is off.
        (
            "REDIS_",
            &[
                ("TLS_PORT", "16379"),
                ("PORT", "6379"),
                ("TLS_VERSIONS", "[\"tlsv1.2\"]"),
            ],
            Tls::Verified,
        ),
        ("REDIS_", &[("TLS_PORT", "6380"), ("PORT", "0")], Tls::Verified),
        ("REDIS_", &[("TLS_PORT", "0"), ("PORT", "6379")], Tls::Unspecified),
        (
            "REDIS_",
            &[("TLS_PORT", "6380"), ("PORT", "6379"), ("TLS", "no")],
            Tls::Off,
        ),
        ("RABBITMQ_", &[("PORT", "5671"), ("SSL", "0")], Tls::Off),
        (
            "RABBITMQ_",
            &[("PORT", "5671"), ("SSL_VERIFY", "0")],
            Tls::Unverified,
        ),
        ("SMTP_", &[("SECURE", "tls")], Tls::Verified),
        ("SMTP_", &[("SECURITY", "starttls")], Tls::Verified),
        ("SMTP_", &[("SECURITY", "tls")], Tls::Verified),
        ("SMTP_", &[("SECURITY", "none")], Tls::Off),
        ("SMTP_", &[("START_TLS", "REQUIRED")], Tls::Verified),
        ("SMTP_", &[("START_TLS", "OPTIONAL")], Tls::Preferred),
        ("SMTP_", &[("START_TLS", "DISABLED")], Tls::Unspecified),
        (
            "SMTP_",
            &[("USE_TLS", "true"), ("OPPORTUNISTIC_TLS", "false")],
            Tls::Verified,
        ),
        ("SMTP_", &[("OPPORTUNISTIC_TLS", "true")], Tls::Preferred),
        // These only say how to use TLS, or ask for less of a check, so they do not turn it on.
        ("SMTP_", &[("TLS_CIPHERS", "HIGH")], Tls::Unspecified),
        ("REDIS_", &[("TLS_SERVERNAME", "c.example")], Tls::Unspecified),
        (
            "REDIS_",
            &[("INSECURE_SKIP_TLS_VERIFY", "true")],
            Tls::Unspecified,
        ),
        (
            "REDIS_",
            &[("SSL", "true"), ("INSECURE_SKIP_TLS_VERIFY", "false")],
            Tls::Verified,
        ),
        (
            "REDIS_",
            &[("SSL", "true"), ("SKIP_TLS_VERIFY", "true")],
            Tls::Unverified,
        ),
        (
            "REDIS_",
            &[("_TLS", "true"), ("_TLS_REQS", "none")],
            Tls::Unverified,
        ),
        (
            "REDIS_",
            &[("TLS", "true"), ("SSL_VERIFY_MODE", "peer")],
            Tls::Verified,
        ),
        (
            "REDIS_",
            &[("TLS", "true"), ("OPENSSL_VERIFY_MODE", "none")],
            Tls::Unverified,
        ),
        (
            "PG",
            &[("_SSL", "on"), ("_SSL_VERSION", "tlsv1_2")],
            Tls::Unverified,
        ),
        ("SMTP_", &[("ENCRYPTION", "ssl")], Tls::Verified),
        ("SMTP_", &[("TLS", "opportunistic")], Tls::Preferred),
        ("SMTP_", &[("ENABLE_STARTTLS_AUTO", "true")], Tls::Preferred),
        (
            "SMTP_",
            &[("ENABLE_STARTTLS_AUTO", "true"), ("STARTTLS", "true")],
            Tls::Verified,
        ),
        ("SMTP_", &[("USE_STARTTLS", "true")], Tls::Verified),
        ("SMTP_", &[("STARTTLS_REQUIRED", "1")], Tls::Verified),
        ("SMTP_", &[("REQUIRE_STARTTLS", "no")], Tls::Unspecified),
        ("SMTP_", &[("ENABLE_STARTTLS", "auto")], Tls::Preferred),
        (
            "SPRING_MAIL_",
            &[("PORT", "587"), ("PROPERTIES_MAIL_SMTP_STARTTLS_ENABLE", "true")],
            Tls::Verified,
        ),
        // Django's, Flask's and FastAPI's: no SSL leaves it to STARTTLS.
        (
            "EMAIL_",
            &[("PORT", "587"), ("USE_TLS", "True"), ("USE_SSL", "False")],
            Tls::Verified,
        ),
        ("SMTP_", &[("TLS", "true"), ("SSL", "false")], Tls::Verified),
        (
            "SMTP_",
            &[("STARTTLS", "True"), ("SSL_TLS", "False")],
            Tls::Verified,
        ),
        ("SMTP_", &[("SSL_TLS", "True")], Tls::Verified),
        // The client's own certificate says nothing.
        (
            "REDIS_",
            &[("TLS_KEY", KEY), ("CLIENT_CERT", CA)],
            Tls::Unspecified,
        ),
        (
            "POSTGRES_",
            &[("SSL_CERT", "/c.pem"), ("SSL_KEY", "/k.pem")],
            Tls::Unspecified,
        ),
    ];
    for (prefix, more, expected) in rows {
        let url = read(prefix, more).unwrap_or_else(|error| panic!("{prefix} {more:?}: {error}"));
        assert_eq!(url.tls(), *expected, "{prefix} {more:?}");
        assert_eq!(exposed(url.password()), Some("pw"));
    }
    // STARTTLS begins without TLS, on the port for that.
    let scheme = |more| read("SMTP_", more).unwrap().scheme().to_owned();
    assert_eq!(scheme(&[("STARTTLS", "true"), ("PORT", "587")]), "smtp");
    assert_eq!(scheme(&[("REQUIRE_TLS", "true")]), "smtp");
    assert_eq!(scheme(&[("TLS", "true"), ("PORT", "587")]), "smtp");
    assert_eq!(scheme(&[("TLS", "true"), ("PORT", "2525")]), "smtps");
    assert_eq!(scheme(&[("ENCRYPTION", "tls"), ("PORT", "465")]), "smtps");
    assert_eq!(scheme(&[("SECURITY", "force_tls"), ("PORT", "465")]), "smtps");
    assert_eq!(scheme(&[("SECURITY", "force_tls"), ("PORT", "2465")]), "smtps");
    assert_eq!(scheme(&[("SECURITY", "ssl"), ("PORT", "2465")]), "smtps");
    assert_eq!(scheme(&[("SECURITY", "starttls"), ("PORT", "2465")]), "smtp");
    let url = read("SMTP_", &[("USE_TLS", "true"), ("PORT", "587")]).unwrap();
    assert_eq!(exposed(url.query("tls").as_ref()), Some("required"));
    assert_eq!(scheme(&[("SECURE", "ssl")]), "smtps");
    assert_eq!(scheme(&[("STARTTLS", "true"), ("SSL", "true")]), "smtps");
    let url = read("PG", &[("CHANNELBINDING", "require")]).unwrap();
    assert_eq!(exposed(url.query("channel_binding").as_ref()), Some("require"));
}

#[test]
fn tls_of_a_list_of_servers_is_read() {
    let rows: &[(&str, More<'_>, &str, Tls)] = &[
        ("KAFKA_BROKERS", &[], "kafka", Tls::Unspecified),
        (
            "KAFKA_BROKERS",
            &[("KAFKA_SSL", "true")],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "KAFKA_BROKERS",
            &[("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "KAFKA_BROKERS",
            &[("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")],
            "kafka",
            Tls::Off,
        ),
        // As Kafka's own clients call the list. The protocol and the login are beside it.
        (
            "KAFKA_BOOTSTRAP_SERVERS",
            &[
                ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"),
                ("KAFKA_SASL_USERNAME", "app"),
                ("KAFKA_SASL_PASSWORD", "pw"),
            ],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "SHOP_KAFKA_BOOTSTRAP_SERVERS",
            &[("SHOP_KAFKA_USE_TLS", "true"), ("SHOP_KAFKA_PASSWORD", "pw")],
            "kafka+ssl",
            Tls::Verified,
        ),
        // As Kubernetes binds a service of this type.
        (
            "EVENTS_BOOTSTRAP_SERVERS",
            &[
                ("EVENTS_SCHEME", "kafka"),
                ("EVENTS_SECURITYPROTOCOL", "SASL_SSL"),
                ("EVENTS_USER", "app"),
                ("EVENTS_PASSWORD", "pw"),
            ],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "KAFKA_BOOTSTRAP_SERVERS",
            &[
                ("KAFKA_SSL_CA_PEM", CA),
                ("KAFKA_SSL_ENABLED_PROTOCOLS", "TLSv1.2,TLSv1.3"),
            ],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "CLOUDKARAFKA_BROKERS",
            &[("CLOUDKARAFKA_CA", CA)],
            "kafka+ssl",
            Tls::Verified,
        ),
        (
            "MEMCACHE_SERVERS",
            &[("MEMCACHE_USE_TLS", "1"), ("MEMCACHE_PASSWORD", "p/?#&=%")],
            "memcache+tls",
            Tls::Verified,
        ),
        (
            "MEMCACHE_SERVERS",
            &[("MEMCACHE_CA_PATH", "/c a.pem")],
            "memcache+tls",
            Tls::Verified,
        ),
        (
            "MEMCACHE_SERVERS",
            &[("MEMCACHE_TLS", "false")],
            "memcache",
            Tls::Off,
        ),
    ];
    for (name, more, scheme, tls) in rows {
        let pairs = [(*name, "b1.example:1,b2.example:2")];
        let vars = ConfigVars::from_iter(pairs.iter().chain(*more).copied());
        let url: ResourceUrl = vars.url(name).unwrap_or_else(|error| panic!("{more:?}: {error}"));
        assert_eq!((url.scheme(), url.tls()), (*scheme, *tls), "{more:?}");
        assert_eq!(url.hosts().len(), 2, "{more:?}");
        let password = more.iter().find(|(name, _)| name.ends_with("PASSWORD"));
        assert_eq!(exposed(url.password()), password.map(|(_, value)| *value));
    }
    for (name, more) in [
        ("KAFKA_BROKERS", ("KAFKA_SSL_ENGINE_FACTORY", "x")),
        ("MEMCACHE_SERVERS", ("MEMCACHE_TLS", "perhaps")),
    ] {
        let vars = ConfigVars::from_iter([(name, "b1.example:1"), more]);
        let error = vars.url::<ResourceUrl>(name).unwrap_err();
        assert_eq!(error.var(), Some(more.0), "{error}");
    }
}

#[test]
fn tls_beside_a_url_is_read() {
    // The URL, config vars with its prefix, and the URL that they form; it is the same if they ask for no TLS, or it does itself.
    let rows: &[(&str, More<'_>, &str)] = &[
        (
            "postgres://u:p@h/d",
            &[("SSL", "true")],
            "postgres://u:p@h/d?ssl=true",
        ),
        (
            "postgres://u:p@h/d?application_name=a",
            &[("SSLMODE", "verify-full"), ("SSL_CA", "/ca.pem")],
            "postgres://u:p@h/d?application_name=a&sslmode=verify-full&sslca=%2Fca.pem",
        ),
        (
            "postgres://u:p@h/d?sslmode=disable",
            &[("SSL", "1")],
            "postgres://u:p@h/d?sslmode=disable&ssl=1",
        ),
        (
            "mysql://u:p@h/d",
            &[("ATTR_SSL_CA", "/ca.pem"), ("SSL_MODE", "REQUIRED")],
            "mysql://u:p@h/d?sslca=%2Fca.pem&ssl-mode=REQUIRED",
        ),
        ("redis://:p@h:6380/1", &[("TLS", "yes")], "rediss://:p@h:6380/1"),
        (
            "mongodb://u:p@h1,h2/d",
            &[("USE_TLS", "true")],
            "mongodb://u:p@h1,h2/d?ssl=true",
        ),
        ("amqp://u:p@h/v", &[("SSL_ENABLED", "on")], "amqps://u:p@h/v"),
        ("smtp://u:p@h", &[("TLS", "true")], "smtps://u:p@h"),
        (
            "smtp://u:p@h:587",
            &[("USE_TLS", "true")],
            "smtp://u:p@h:587?ssl=true&tls=required",
        ),
        // No TLS is asked for.
        ("postgres://u:p@h/d", &[("SSL", "false")], "postgres://u:p@h/d"),
        (
            "postgres://u:p@h/d",
            &[("SSLMODE", "prefer")],
            "postgres://u:p@h/d",
        ),
        ("postgres://u:p@h/d", &[("NAME", "ssl")], "postgres://u:p@h/d"),
        (
            "mysql://u:p@%2Frun%2Fmysqld.sock/d",
            &[("SSL", "true")],
            "mysql://u:p@%2Frun%2Fmysqld.sock/d",
        ),
        (
            "redis://:p@h",
            &[("CA", CA), ("TRUSTED_CERT", "/ca.pem")],
            "redis://:p@h",
        ),
        (
            "postgres://u:p@h/d",
            &[("CA", CA), ("SSL", "true")],
            "postgres://u:p@h/d?ssl=true&ssl-mode=verify-ca",
        ),
        // By the URL.
        (
            "postgres://u:p@h/d?sslmode=require",
            &[("SSL_ODD", "x")],
            "postgres://u:p@h/d?sslmode=require",
        ),
        (
            "postgres://u:p@h/d?sslmode=requird",
            &[("SSL", "true")],
            "postgres://u:p@h/d?sslmode=requird",
        ),
        ("rediss://:p@h", &[("TLS", "false")], "rediss://:p@h"),
        // By the URL of another attachment.
        (
            "redis://:p@h",
            &[("CACHE_URL", "redis://c"), ("CACHE_TLS", "true")],
            "redis://:p@h",
        ),
        ("https://h/hook", &[("SSL", "true")], "https://h/hook"),
    ];
    for (text, more, expected) in rows {
        let vars = beside(text, more);
        let url: ResourceUrl = vars.url("SHOP_URL").unwrap();
        assert_eq!(url.expose_original(), *expected, "{text} {more:?}");
        let shop = vars.attachments().find(|found| found.name() == "SHOP").unwrap();
        assert_eq!(
            shop.url().unwrap().unwrap().expose_original(),
            *expected,
            "{text} {more:?}"
        );
        #[derive(serde::Deserialize)]
        struct Config {
            shop_url: ResourceUrl,
        }
        let config: Config = vars.extract().unwrap();
        assert_eq!(config.shop_url.expose_original(), *expected, "{text} {more:?}");
    }
}

#[test]
fn login_beside_a_url_is_read() {
    // The URL, config vars with its prefix, and the URL that they form.
    let rows: &[(&str, More<'_>, &str)] = &[
        (
            "postgres://h/d",
            &[("USER", "app"), ("PASSWORD", "p@ss:w/rd")],
            "postgres://app:p%40ss%3Aw%2Frd@h/d",
        ),
        (
            "jdbc:postgresql://h/d?x=y",
            &[("USERNAME", "app"), ("PASSWORD", "pw")],
            "jdbc:postgresql://app:pw@h/d?x=y",
        ),
        (
            "mongodb://h1:1,h2:2/d",
            &[("LOGIN", "app"), ("PASS", "pw")],
            "mongodb://app:pw@h1:1,h2:2/d",
        ),
        ("mysql://app@h/d", &[("PASSWORD", "pw")], "mysql://app:pw@h/d"),
        (
            "mysql://app@h/d",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "mysql://app:pw@h/d",
        ),
        ("mysql://h/d", &[("USER", "app")], "mysql://app@h/d"),
        ("redis://h:6380/1", &[("PASSWORD", "pw")], "redis://:pw@h:6380/1"),
        (
            "redis://h",
            &[("PASSWORD", "pw"), ("TLS", "true")],
            "rediss://:pw@h",
        ),
        (
            "amqp://h/v",
            &[("USER", "app"), ("PASSWORD", "pw"), ("SSL", "on")],
            "amqps://app:pw@h/v",
        ),
        (
            "smtp://h:587",
            &[("USERNAME", "app"), ("PASSWORD", "pw")],
            "smtp://app:pw@h:587",
        ),
        // The URL has its own.
        (
            "mysql://a:b@h/d",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "mysql://a:b@h/d",
        ),
        ("redis://:b@h", &[("PASSWORD", "pw")], "redis://:b@h"),
        (
            "postgres://h/d?user=a&password=b",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "postgres://h/d?user=a&password=b",
        ),
        // The password may be another user's.
        (
            "mysql://a@h/d",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "mysql://a@h/d",
        ),
        ("postgres://h/d", &[("PASSWORD", "pw")], "postgres://h/d"),
        (
            "kafka://u:p@h1,kafka://u:q@h2",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "kafka://u:p@h1,kafka://u:q@h2",
        ),
        (
            "memcache://u:p@h1,u:q@h2",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "memcache://u:p@h1,u:q@h2",
        ),
        // There is no place for it.
        (
            "kafka://h1,kafka://h2",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "kafka://h1,kafka://h2",
        ),
        (
            "redis+unix:///run/redis.sock",
            &[("PASSWORD", "pw")],
            "redis+unix:///run/redis.sock",
        ),
        // It takes none.
        (
            "mongodb://h/d?authMechanism=MONGODB-X509&tls=true",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "mongodb://h/d?authMechanism=MONGODB-X509&tls=true",
        ),
        (
            "mongodb://h/d?authMechanism=SCRAM-SHA-256",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "mongodb://app:pw@h/d?authMechanism=SCRAM-SHA-256",
        ),
        // Other resources have those.
        (
            "mysql://h/d",
            &[("CACHE_USER", "app"), ("CACHE_PASSWORD", "pw")],
            "mysql://h/d",
        ),
        (
            "https://h/hook",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "https://h/hook",
        ),
        (
            "sqlite:///d.db",
            &[("USER", "app"), ("PASSWORD", "pw")],
            "sqlite:///d.db",
        ),
        (
            "mysql://h/d",
            &[("USER", ""), ("PASSWORD", "null")],
            "mysql://h/d",
        ),
    ];
    for (text, more, expected) in rows {
        let vars = beside(text, more);
        let url: ResourceUrl = vars.url("SHOP_URL").unwrap();
        assert_eq!(url.expose_original(), *expected, "{text} {more:?}");
    }
}

/// A URL of a variant leads to the same server as the one without, unless it has config vars of its own.
#[test]
fn tls_beside_a_url_is_that_of_its_variants() {
    let rows: &[(&str, More<'_>, bool)] = &[
        ("DATABASE_POOLED_URL", &[("DATABASE_SSL", "true")], true),
        ("DATABASE_URL_PGBOUNCER", &[("DATABASE_SSL", "true")], true),
        ("DB_URL_NON_POOLING", &[("DB_SSLMODE", "require")], true),
        ("DB_NON_POOLING_URI", &[("DB_SSLMODE", "require")], true),
        ("DB_READONLY_URL", &[("DB_READONLY_SSL", "true")], true),
        (
            "DB_READONLY_URL",
            &[("DB_READONLY_SSL", "false"), ("DB_SSL", "true")],
            false,
        ),
        // No variants.
        ("DATABASE_URL_SHOP", &[("DATABASE_SSL", "true")], false),
        ("DATABASE_SHOP_URL", &[("DATABASE_SSL", "true")], false),
        ("POOLED_URL", &[("_SSL", "true"), ("SSL", "true")], false),
        ("DATABASE", &[("_SSL", "true"), ("_TLS", "true")], false),
    ];
    for (name, more, is_tls) in rows {
        let vars = [(*name, "postgres://u:p@h/d")]
            .into_iter()
            .chain(more.iter().copied());
        let vars = ConfigVars::from_iter(vars);
        let url: ResourceUrl = vars.url(name).unwrap();
        assert_eq!(url.is_tls(), *is_tls, "{name} {more:?}");
        let is_tls = |url: &ResourceUrl| url.is_tls() == *is_tls;
        let found = vars
            .attachments()
            .find_map(|found| Some(is_tls(found.url()?.ok()?)));
        assert_eq!(found, Some(true), "{name} {more:?}");
    }
}

/// The config vars that libpq and Laravel's configuration read for all connections, and prefixes that mean the same.
#[test]
fn tls_of_config_vars_that_resources_share_is_read() {
    let laravel = [
        ("DB_CONNECTION", "mysql"),
        ("DB_HOST", "h"),
        ("DB_USERNAME", "u"),
        ("DB_PASSWORD", "p"),
    ];
    let url = |name, text| [(name, text)];
    // Config vars, the one that is read, and the URL that they form, or the config var at fault.
    let rows: &[(More<'_>, More<'_>, Result<&str, &str>)] = &[
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLMODE", "verify-full"), ("PGSSLROOTCERT", "/ca.pem")],
            Ok("postgres://u:p@h/d?sslmode=verify-full&sslrootcert=%2Fca.pem"),
        ),
        (
            &url("LEDGER", "jdbc:postgresql://h/d"),
            &[("PGSSLMODE", "require")],
            Ok("jdbc:postgresql://h/d?sslmode=require"),
        ),
        (
            &[
                ("SHOP_HOST", "h"),
                ("SHOP_PORT", "5432"),
                ("SHOP_USER", "u"),
                ("SHOP_PASSWORD", "p"),
            ],
            &[("PGSSLMODE", "require")],
            Ok("postgres://u:p@h:5432?sslmode=require"),
        ),
        // A default: nearer ones replace it.
        (
            &url("DATABASE_URL", "postgres://u:p@h/d?sslmode=disable"),
            &[("PGSSLMODE", "verify-full")],
            Ok("postgres://u:p@h/d?sslmode=disable"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLMODE", "require"), ("DATABASE_SSLMODE", "verify-full")],
            Ok("postgres://u:p@h/d?sslmode=verify-full"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLMODE", "prefer"), ("DATABASE_SSL", "true")],
            Ok("postgres://u:p@h/d?ssl=true"),
        ),
        // They ask for no TLS.
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLMODE", "prefer")],
            Ok("postgres://u:p@h/d"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLROOTCERT", "/ca.pem"), ("PGSSLMODE", "null")],
            Ok("postgres://u:p@h/d"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("PGSSLMODE", "maybe")],
            Err("PGSSLMODE"),
        ),
        // Of another kind.
        (
            &url("REDIS_URL", "redis://:p@h"),
            &[
                ("PGSSLMODE", "require"),
                ("MYSQL_ATTR_SSL_CA", "/ca.pem"),
                ("DB_SSL", "1"),
            ],
            Ok("redis://:p@h"),
        ),
        (
            &laravel,
            &[("MYSQL_ATTR_SSL_CA", "/ca.pem")],
            Ok("mysql://u:p@h?sslca=%2Fca.pem"),
        ),
        (
            &laravel,
            &[
                ("DB_SSL_MODE", "required"),
                ("MYSQL_ATTR_SSL_CA", "/ca.pem"),
                ("MYSQL_ATTR_SSL_VERIFY_SERVER_CERT", "true"),
            ],
            Ok("mysql://u:p@h?ssl-mode=required&sslca=%2Fca.pem&sslverifyservercert=true"),
        ),
        (
            &laravel,
            &[("MYSQL_ATTR_SSL_CA", CA)],
            Ok("mysql://u:p@h?ssl_mode=VERIFY_CA"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[
                ("DB_SSL", "true"),
                ("DB_SSL_CA", "/ca.pem"),
                ("DB_SSL_NOTES", "x"),
            ],
            Ok("postgres://u:p@h/d?ssl=true&sslca=%2Fca.pem"),
        ),
        (
            &url("DATABASE_POOLED_URL", "mysql://u:p@h/d"),
            &[("DB_SSL", "true")],
            Ok("mysql://u:p@h/d?ssl=true"),
        ),
        (
            &url("DB_URL", "mongodb://u:p@h/d"),
            &[("DATABASE_TLS", "yes")],
            Ok("mongodb://u:p@h/d?ssl=yes"),
        ),
        // Those of another resource.
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("DB_SSL", "true"), ("DB_HOST", "h2")],
            Ok("postgres://u:p@h/d"),
        ),
        (
            &url("DATABASE_URL", "postgres://u:p@h/d"),
            &[("DB_SSL", "true"), ("DB_URI", "mysql://u:p@h2/d")],
            Ok("postgres://u:p@h/d"),
        ),
        (
            &url("DATABASE_SHOP_URL", "postgres://u:p@h/d"),
            &[("DB_SSL", "true")],
            Ok("postgres://u:p@h/d"),
        ),
    ];
    for (vars, more, expected) in rows {
        let name = vars.iter().find(|(name, _)| name.ends_with("_HOST"));
        let name = name.unwrap_or(&vars[0]).0;
        let vars = ConfigVars::from_iter(vars.iter().chain(*more).copied());
        let url = vars.url::<ResourceUrl>(name);
        let read = url.as_ref().map(|url| url.expose_original());
        let read = read.map_err(|error| error.var().unwrap_or_default());
        assert_eq!(read, *expected, "{name} {more:?}");
        let attachment = vars
            .attachments()
            .find(|found| found.roles().any(|(var, _)| var == name));
        let found = attachment
            .as_ref()
            .and_then(|attachment| attachment.url())
            .unwrap();
        let found = found.map(|url| url.expose_original());
        assert_eq!(
            found.map_err(|error| error.var().unwrap_or_default()),
            *expected,
            "{name}"
        );
    }
}

/// The name of the URL does not matter for what belongs together: half of a login is not taken over, and a config var that is
/// shared keeps its last good value as well.
#[test]
fn what_is_beside_a_url_of_any_name_is_of_one_generation() {
    let vars = |text: &str| {
        let pairs = text.split_whitespace().filter_map(|var| var.split_once('='));
        ConfigVars::from_iter(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())))
    };
    let rows = [
        (
            "PG_CONN=postgres://a@h/d PG_PASSWORD=1",
            "PG_CONN=postgres://b@h/d",
            "PG_CONN=postgres://b@h/d PG_PASSWORD=2",
            ["postgres://a:1@h/d", "postgres://b:2@h/d"],
        ),
        (
            "KAFKA_BROKERS=kafka://h1 KAFKA_SASL_USERNAME=a KAFKA_SASL_PASSWORD=1",
            "KAFKA_BROKERS=kafka://h2 KAFKA_SASL_USERNAME=b KAFKA_SASL_PASSWORD=<x>",
            "KAFKA_BROKERS=kafka://h2 KAFKA_SASL_USERNAME=b KAFKA_SASL_PASSWORD=2",
            ["kafka://a:1@h1", "kafka://b:2@h2"],
        ),
        (
            "DB_URL=mysql://u:1@h/d",
            "DB_URL=mysql://u:2@h/d DATABASE_SSL=junk",
            "DB_URL=mysql://u:3@h/d DATABASE_SSL=1",
            ["mysql://u:1@h/d", "mysql://u:3@h/d?ssl=1"],
        ),
        (
            "A_URL=postgres://u:1@h/d PGSSLMODE=require",
            "A_URL=postgres://u:2@h/d PGSSLMODE=junk",
            "A_URL=postgres://u:3@h/d PGSSLMODE=verify-full",
            [
                "postgres://u:1@h/d?sslmode=require",
                "postgres://u:3@h/d?sslmode=verify-full",
            ],
        ),
    ];
    for (first, half, whole, expected) in rows {
        let name = first.split('=').next().unwrap();
        let (feed, source) = Feed::new();
        feed.set(vars(first));
        let live = Live::from_vars(source).unwrap();
        for (state, expected) in [half, whole].into_iter().zip(expected) {
            feed.set(vars(state));
            _ = live.reload();
            let url: ResourceUrl = live.load().url(name).unwrap();
            assert_eq!(url.expose_original(), expected, "{}", live.status());
            assert_eq!(live.status().is_fresh(), state == whole, "{}", live.status());
        }
    }
}

/// The name of the URL does not matter, and a scheme may be in a config var of its own.
#[test]
fn login_and_tls_beside_a_url_are_read_whatever_its_name() {
    for (vars, expected) in [
        (
            "DATABASE=postgres://u:p@h/d DATABASE_SSL=true",
            "postgres://u:p@h/d?ssl=true",
        ),
        ("REDIS=redis://h REDIS_PASSWORD=p REDIS_TLS=1", "rediss://:p@h"),
        (
            "DB_CONNECTION_STRING=mysql://u:p@h/d DB_SSL=1",
            "mysql://u:p@h/d?ssl=1",
        ),
        (
            "PG_CONN=postgres://u@h/d PG_PASSWORD=p PG_SSL=1",
            "postgres://u:p@h/d?ssl=1",
        ),
        (
            "PG_URL=postgres://u:p@h/d PGSSL=true",
            "postgres://u:p@h/d?ssl=true",
        ),
        (
            "MONGODB_URI=mongodb://u:p@h/d MONGO_TLS=true",
            "mongodb://u:p@h/d?ssl=true",
        ),
        (
            "POSTGRES_URL=postgres://u:p@h/d PG_SSL=true",
            "postgres://u:p@h/d?ssl=true",
        ),
        ("AMQP_CONN=amqp://u:p@h AMQP_PROTOCOL=amqps", "amqps://u:p@h"),
        (
            "REDIS_URL=redis://h REDIS_SCHEME=tls REDIS_PASSWORD=p",
            "rediss://:p@h",
        ),
        (
            "REDIS_URL=redis://h REDIS_SCHEME=rediss REDIS_SSL_CERT_REQS=none",
            "rediss://h",
        ),
        // Words that say which URL it is; Metabase's and Quarkus's among them.
        (
            "DB_CONNECTION_URL=postgres://h/d DB_USER=u DB_PASSWORD=p DB_SSL=true",
            "postgres://u:p@h/d?ssl=true",
        ),
        (
            "MB_DB_CONNECTION_URI=jdbc:postgresql://h/d MB_DB_USER=u MB_DB_PASS=p",
            "jdbc:postgresql://u:p@h/d",
        ),
        (
            "SHOP_REACTIVE_URL=mysql://h/d SHOP_USERNAME=u SHOP_PASSWORD=p",
            "mysql://u:p@h/d",
        ),
        (
            "DB_READER_URL=mysql://u:p@h/d DB_SSL_MODE=VERIFY_IDENTITY",
            "mysql://u:p@h/d?ssl-mode=VERIFY_IDENTITY",
        ),
        (
            "DB_PRIMARY_POOLED_URL=mysql://u:p@h/d DB_SSL=1",
            "mysql://u:p@h/d?ssl=1",
        ),
        // Not one of these words.
        ("DB_AUDIT_URL=mysql://u:p@h/d DB_SSL=1", "mysql://u:p@h/d"),
        ("REDIS_URL=redis://h REDIS_PROTOCOL=3", "redis://h"),
        ("REDIS_URL=redis://h REDIS_SCHEME=amqps", "redis://h"),
        ("REDIS_URL=redis+unix:///s REDIS_SCHEME=tls", "redis+unix:///s"),
        (
            "DATABASE=postgres://u:p@h/d DATABASES_SSL=true",
            "postgres://u:p@h/d",
        ),
    ] {
        let pairs = || vars.split_whitespace().filter_map(|var| var.split_once('='));
        let name = pairs().find(|(_, value)| value.contains("://")).unwrap().0;
        let vars = ConfigVars::from_iter(pairs());
        let url: ResourceUrl = vars.url(name).unwrap();
        assert_eq!(url.expose_original(), expected);
        let attachments: Vec<_> = vars.attachments().collect();
        let found = attachments[0].url().unwrap().unwrap();
        assert_eq!(found.expose_original(), expected);
    }
}

/// A config var that several resources share does not make them one: each rolls on its own.
#[test]
fn tls_that_resources_share_is_followed() {
    let state = |shop: &str, ledger: &str, mode: &str| {
        ConfigVars::from_iter([
            ("SHOP_URL", format!("postgres://u:{shop}@h/d")),
            ("LEDGER_URL", format!("postgres://u:{ledger}@h2/d")),
            ("PGSSLMODE", mode.to_owned()),
        ])
    };
    let (feed, source) = Feed::new();
    feed.set(state("1", "1", "require"));
    let live = Live::from_vars(source).unwrap();
    let urls = live
        .map(|vars| {
            let text = |name| Ok::<_, Error>(vars.url::<ResourceUrl>(name)?.expose_original().to_owned());
            Ok([text("SHOP_URL")?, text("LEDGER_URL")?])
        })
        .unwrap();
    for (vars, expected) in [
        (
            state("2", "1", "require"),
            ["2@h/d?sslmode=require", "1@h2/d?sslmode=require"],
        ),
        (
            state("3", "#", "require"),
            ["3@h/d?sslmode=require", "1@h2/d?sslmode=require"],
        ),
        (
            state("3", "2", "verify-full"),
            ["3@h/d?sslmode=verify-full", "2@h2/d?sslmode=verify-full"],
        ),
        // The last good one stays.
        (
            state("3", "2", "maybe"),
            ["3@h/d?sslmode=verify-full", "2@h2/d?sslmode=verify-full"],
        ),
        (state("3", "3", "prefer"), ["3@h/d", "3@h2/d"]),
    ] {
        feed.set(vars);
        _ = live.reload();
        let now = urls.load();
        let now: Vec<_> = now
            .iter()
            .map(|url| url.strip_prefix("postgres://u:").unwrap())
            .collect();
        assert_eq!(now, expected, "{}", live.status());
    }
}

#[test]
fn fault_beside_a_url_is_that_of_its_config_var() {
    let rows: &[(&str, More<'_>, &str)] = &[
        (
            "mysql://h/d",
            &[("USER", "app"), ("PASSWORD", "${PASSWORD}")],
            "SHOP_PASSWORD: the value is a reference",
        ),
        (
            "mysql://h/d",
            &[("USER", "app"), ("USERNAME", "other"), ("PASSWORD", "pw")],
            "SHOP_USERNAME: ",
        ),
        (
            "mysql://h/d",
            &[("USER", "a\0b"), ("PASSWORD", "pw")],
            "SHOP_USER: the user name holds `%00`",
        ),
        (
            "mysql://h/d",
            &[("USER", "app"), ("PASSWORD", "p\0w")],
            "SHOP_PASSWORD: the password holds `%00`",
        ),
        (
            "mysql://u:p@h/d",
            &[("SSL", "true"), ("SSL_CA", "/c\0a.pem")],
            "SHOP_SSL_CA: the query holds `%00`",
        ),
        (
            "redis://h",
            &[("TLS_PORT", "${TLS_PORT}")],
            "SHOP_TLS_PORT: the value is a reference",
        ),
        (
            "postgres://h/d",
            &[("SSL", "perhaps")],
            "SHOP_SSL: the value says of TLS what is not known here",
        ),
        (
            "postgres://h/d",
            &[("TLS_POLICY", "x")],
            "SHOP_TLS_POLICY: has a name that concerns TLS",
        ),
        (
            "redis://h",
            &[("TLS", "yes"), ("USE_TLS", "no")],
            "SHOP_USE_TLS: contradicts another config var about TLS",
        ),
    ];
    for (text, more, expected) in rows {
        let vars = beside(text, more);
        let error = vars.url::<ResourceUrl>("SHOP_URL").unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        let faults = faults(&vars);
        assert!(faults.len() == 1 && faults[0].starts_with(expected), "{faults:?}");
    }
    let vars = ConfigVars::from_iter([("SHOP_URL", "postgres://h:x/d"), ("SHOP_SSL", "true")]);
    let error = vars.url::<RedisUrl>("SHOP_URL").unwrap_err();
    assert_eq!(
        error.to_string(),
        "SHOP_URL: the value is a postgres URL, expected redis"
    );
}

#[test]
fn unknown_tls_is_a_fault_of_its_config_var() {
    let unknown_value = "the value says of TLS what is not known here; write `true`, `false`, or a mode of this \
                         kind's clients";
    let unknown_name = "has a name that concerns TLS and is not known here; ask for TLS by one that ends in \
                        `_TLS`, `_SSLMODE` or `_SSL_CA`, or unset it";
    let reference =
        "the value is a reference to another config var that was not expanded; write the value itself";
    let rows: &[(&str, More<'_>, &str, &str)] = &[
        (
            "REDIS_",
            &[("TLS_ENABLED", "perhaps")],
            "TLS_ENABLED",
            unknown_value,
        ),
        ("REDIS_", &[("SSL_MODE", "required")], "SSL_MODE", unknown_value),
        (
            "POSTGRES_",
            &[("REQUIRE_SSL", "/ca.pem")],
            "REQUIRE_SSL",
            unknown_value,
        ),
        (
            "PG",
            &[("CHANNELBINDING", "always")],
            "CHANNELBINDING",
            unknown_value,
        ),
        ("PG", &[("REQUIRESSL", "2")], "REQUIRESSL", unknown_value),
        ("REDIS_", &[("TLS_POLICY", "strict")], "TLS_POLICY", unknown_name),
        ("REDIS_", &[("MTLS", "true")], "MTLS", unknown_name),
        ("REDIS_", &[("ENCRYPTION", "true")], "ENCRYPTION", unknown_name),
        ("POSTGRES_", &[("ENCRYPT", "true")], "ENCRYPT", unknown_name),
        (
            "POSTGRES_",
            &[("USE_SECURE_CONNECTION", "1")],
            "USE_SECURE_CONNECTION",
            unknown_name,
        ),
        (
            "MONGO_",
            &[("VERIFY_SERVER_CERTIFICATE", "1")],
            "VERIFY_SERVER_CERTIFICATE",
            unknown_name,
        ),
        ("PG", &[("SSLTRUST", "x")], "SSLTRUST", unknown_name),
        (
            "REDIS_",
            &[("TLS_CLIENT_POLICY", "strict")],
            "TLS_CLIENT_POLICY",
            unknown_name,
        ),
        (
            "MONGO_",
            &[("TLS_ALLOW_INVALID_HOSTNAMES", "true"), ("TLS_INSECURE", "true")],
            "TLS_ALLOW_INVALID_HOSTNAMES",
            "the query has `tlsInsecure` and `tlsAllowInvalidHostnames`, which contradict each other; keep one",
        ),
        (
            "MYSQL_",
            &[("SSL_TRUST_BUNDLE", CA)],
            "SSL_TRUST_BUNDLE",
            unknown_name,
        ),
        ("MYSQL_", &[("SSL", "${TLS}")], "SSL", reference),
        (
            "POSTGRES_",
            &[("SSLMODE_FILE", "/run/sslmode")],
            "SSLMODE_FILE",
            unknown_name,
        ),
        (
            "PG",
            &[("CHANNELBINDING", "${BINDING}")],
            "CHANNELBINDING",
            reference,
        ),
        (
            "REDIS_",
            &[("TLS", "no"), ("USE_TLS", "yes")],
            "USE_TLS",
            "contradicts another config var about TLS; keep one of them; the other is REDIS_TLS",
        ),
        (
            "REDIS_",
            &[("SSL_PORT", "6380"), ("TLS_PORT", "6381")],
            "TLS_PORT",
            "contradicts another config var about TLS; keep one of them; the other is REDIS_SSL_PORT",
        ),
        (
            "REDIS_",
            &[("HOST", "rediss://h.example"), ("TLS", "false")],
            "HOST",
            "the host begins with a scheme that asks for TLS, and another config var asks for less; correct one of \
             them",
        ),
        (
            "REDIS_",
            &[("TLS", "true"), ("USE_SSL", "false")],
            "USE_SSL",
            "contradicts another config var about TLS; keep one of them; the other is REDIS_TLS",
        ),
        (
            "REDIS_",
            &[("HOST", "tls://h.example"), ("TLS_ENABLED", "no")],
            "HOST",
            "the host begins with a scheme that asks for TLS, and another config var asks for less; correct one of \
             them",
        ),
    ];
    for (prefix, more, ending, message) in rows {
        let expected = format!("{prefix}{ending}: {message}");
        assert_eq!(read(prefix, more).unwrap_err().to_string(), expected, "{more:?}");
        assert_eq!(faults(&group(prefix, more)), [expected], "{more:?}");
    }
}

#[test]
fn config_vars_of_other_resources_are_ignored() {
    let rows: &[(&str, More<'_>)] = &[
        ("REDIS_", &[("TLS_URL", "rediss://other.example")]),
        (
            "REDIS_",
            &[("CACHE_TLS", "true"), ("CACHE_HOST", "other.example")],
        ),
        (
            "REDIS_",
            &[("CACHE_TLS_PORT", "1"), ("CACHE_URL", "redis://other.example")],
        ),
        // As Kubernetes sets them for a service `redis-tls`.
        (
            "REDIS_",
            &[
                ("PORT", "6379"),
                ("TLS_SERVICE_HOST", "10.0.0.2"),
                ("TLS_SERVICE_PORT", "6380"),
                ("TLS_PORT", "tcp://10.0.0.2:6380"),
                ("TLS_PORT_6380_TCP_ADDR", "10.0.0.2"),
            ],
        ),
        ("SMTP_", &[("VERIFY_EMAIL", "true"), ("SECURE_COOKIES", "true")]),
        ("REDIS_", &[("SERVICE_PORT_TLS", "6380")]),
        (
            "SMTP_",
            &[("CLASSLOADER", "x"), ("PASSLIST", "x"), ("ENCRYPTION_KEY", "x")],
        ),
        ("REDIS_", &[("TLS", ""), ("TLS_POLICY", "")]),
        ("PG", &[("BOUNCER_TLS_POLICY", "x")]),
        ("REDIS_", &[("URL_TLS", "rediss://other.example")]),
        (
            "REDIS_",
            &[("CACHE_TLS", "true"), ("CACHE_SERVERS", "mc.example:1")],
        ),
        (
            "POSTGRES_",
            &[
                ("CONNECTION_HOST", "other.example"),
                ("CONNECTION_OPTIONS", "sslmode=require"),
            ],
        ),
        ("POSTGRES_", &[("CLIENT_CA", "/ca.pem")]),
        // Options of libpq, of which none is of TLS.
        ("POSTGRES_", &[("OPTIONS", "-c search_path=shop ")]),
        ("REDIS_", &[("CHANNEL_BINDING", "always")]),
        // The client's own certificate, and its key.
        ("REDIS_", &[("TLS_CLIENT_BUNDLE", CA)]),
        ("REDIS_", &[("TLS_BUNDLE", KEY)]),
        ("REDIS_", &[("TLS_BUNDLE", "\n-----BEGIN PRIVATE KEY-----\n")]),
    ];
    for (prefix, more) in rows {
        let url = read(prefix, more).unwrap_or_else(|error| panic!("{more:?}: {error}"));
        assert_eq!(url.tls(), Tls::Unspecified, "{more:?}");
    }
    // Without such a resource, nothing says that it is not this one's.
    assert!(read("REDIS_", &[("CACHE_TLS", "true")]).is_err());
}

#[test]
fn tls_parts_belong_to_the_attachment() {
    let vars = group(
        "PG",
        &[
            ("CHANNELBINDING", "require"),
            ("HOSTADDR", "192.0.2.7"),
            ("REQUIRESSL", "1"),
            ("SSLCERT", "/c.pem"),
            ("TARGETSESSIONATTRS", "any"),
            ("DATA", "/var/lib"),
        ],
    );
    let attachment = vars.attachments().next().unwrap();
    let names: Vec<_> = attachment.var_names().collect();
    assert_eq!(
        names,
        [
            "PGCHANNELBINDING",
            "PGHOST",
            "PGHOSTADDR",
            "PGPASSWORD",
            "PGREQUIRESSL",
            "PGSSLCERT",
            "PGTARGETSESSIONATTRS",
            "PGUSER"
        ]
    );
}

/// Azure's names, without a `_`: the port or the driver says the kind.
#[test]
fn names_glued_to_db_are_one_resource() {
    let found = |more: &[(&str, &str)]| {
        // The first is of another group, and the last of none.
        let more = [
            &[("US_SESSION_BUS_ADDRESS", "unix:path=/run"), ("A_TLS", "x")],
            more,
        ]
        .concat();
        let vars = group("DB", &more);
        let attachments: Vec<_> = vars.attachments().collect();
        let [attachment] = &*attachments else {
            return format!("{} attachments", attachments.len());
        };
        let names: Vec<_> = attachment.var_names().collect();
        let url = attachment.url().unwrap().unwrap();
        format!("{}: {} {}", attachment.name(), url.expose_url(), names.join(" "))
    };
    assert_eq!(
        found(&[("NAME", "shop"), ("PORT", "5432"), ("SSLMODE", "require")]),
        "DB: postgres://app:pw@h.example:5432/shop?sslmode=require \
         DBHOST DBNAME DBPASSWORD DBPORT DBSSLMODE DBUSER"
    );
    assert_eq!(
        found(&[("ENGINE", "mysql"), ("TLS", "true")]),
        "DB: mysql://app:pw@h.example?ssl=true DBHOST DBPASSWORD DBTLS DBUSER"
    );
    assert_eq!(found(&[]), "0 attachments");
    assert_eq!(
        group("DB", &[])
            .url::<MysqlUrl>("DBHOST")
            .unwrap_err()
            .to_string(),
        "DBHOST: the host is of an unknown kind, because neither its name nor its port determines one; set the scheme, such \
         as `postgres`, in a config var of its own; looked for DBSCHEME, DBPORT"
    );
}

/// The drivers of Keycloak and Gitea.
#[test]
fn driver_of_any_name_says_the_kind() {
    for (prefix, driver, expected) in [
        ("DB_", ("VENDOR", "mysql"), "mysql://app:pw@h.example"),
        ("DB_", ("VENDOR", "POSTGRES"), "postgres://app:pw@h.example"),
        // `NATS` is a word, and no text within one.
        ("DONATS_", ("TYPE", "mysql"), "mysql://app:pw@h.example"),
        (
            "GITEA__database__",
            ("DB_TYPE", "postgres"),
            "postgres://app:pw@h.example",
        ),
    ] {
        assert_eq!(read(prefix, &[driver]).unwrap().expose_original(), expected);
    }
}

#[test]
fn scheme_var_is_read_or_refused() {
    for (prefix, scheme, expected, tls) in [
        ("REDIS_", "tls", "rediss", Tls::Verified),
        ("REDIS_", "SSL", "rediss", Tls::Verified),
        ("REDIS_", "rediss", "rediss", Tls::Verified),
        ("REDIS_", "rediss://", "rediss", Tls::Verified),
        ("RABBITMQ_", "tls", "amqps", Tls::Verified),
        ("PG", "tls", "postgres", Tls::Unverified),
        ("MONGO_", "ssl", "mongodb", Tls::Verified),
        ("SMTP_", "ssl", "smtps", Tls::Verified),
        ("CACHE_", "valkeys", "valkeys", Tls::Verified),
    ] {
        for ending in ["SCHEME", "PROTOCOL"] {
            let url = read(prefix, &[(ending, scheme)]).unwrap_or_else(|error| panic!("{scheme}: {error}"));
            assert_eq!(
                (url.scheme(), url.tls()),
                (expected, tls),
                "{prefix}{ending}={scheme}"
            );
        }
    }
    for (prefix, scheme) in [("REDIS_", "2"), ("REDIS_", "resp3"), ("MYSQL_", "TCP")] {
        assert!(read(prefix, &[("PROTOCOL", scheme)]).is_ok(), "{scheme}");
    }
    for (prefix, scheme, proposed) in [
        ("REDIS_", "redisss", "rediss"),
        ("REDIS_", "https", "rediss"),
        ("REDIS_", "tls1.2", "rediss"),
        ("REDIS_", "http", "redis"),
        // Over a WebSocket, with TLS.
        ("MQTT_", "wss", "mqtts"),
        ("POSTGRES_", "tcp", "postgres"),
        ("PG", "mysql", "postgres"),
    ] {
        let error = read(prefix, &[("SCHEME", scheme)]).unwrap_err();
        let expected =
            format!("{prefix}SCHEME: the value is not a scheme that fits; write one such as `{proposed}`");
        assert_eq!(error.to_string(), expected, "{scheme}");
        assert_eq!(error.kind(), ErrorKind::UnknownScheme);
    }
}

#[test]
fn parts_that_name_another_place_are_read() {
    let rows: &[(&str, More<'_>, &str)] = &[
        (
            "RABBITMQ_",
            &[("VHOST", "prod")],
            "app:pw | h.example:5672* | /prod | - | -",
        ),
        (
            "AMQP_",
            &[("VIRTUAL_HOST", "/")],
            "app:pw | h.example:5672* | /%2F | - | -",
        ),
        (
            "AMQP_",
            &[("NAME", "rabbit")],
            "app:pw | h.example:5672* | - | - | -",
        ),
        ("REDIS_", &[("DB", "2")], "app:pw | h.example:6379* | /2 | - | -"),
        // Docker Compose's, for other machines.
        (
            "REDIS_",
            &[("HOST_PORT", "6380")],
            "app:pw | h.example:6379* | - | - | -",
        ),
        (
            "REDIS_",
            &[("PORT", "6381"), ("PORT_NUMBER", "6380")],
            "app:pw | h.example:6381 | - | - | -",
        ),
        // Bitnami's, and that of MySQL's clients.
        (
            "REDIS_",
            &[("PORT_NUMBER", "6380")],
            "app:pw | h.example:6380 | - | - | -",
        ),
        (
            "REDIS_",
            &[("TLS_PORT_NUMBER", "6380"), ("TLS_ENABLED", "yes")],
            "app:pw | h.example:6380 | - | - | -",
        ),
        (
            "MYSQL_",
            &[("TCP_PORT", "3307")],
            "app:pw | h.example:3307 | - | - | -",
        ),
        (
            "SMTP_",
            &[("SERVER_PORT", "2525")],
            "app:pw | h.example:2525 | - | - | -",
        ),
        ("NATS_", &[], "app:pw | h.example:4222* | - | - | -"),
        (
            "NATS_",
            &[("TLS", "true")],
            "app:pw | h.example:4222* | - | ssl=true | -",
        ),
        (
            "REDIS_",
            &[("DB_INDEX", "3")],
            "app:pw | h.example:6379* | /3 | - | -",
        ),
        (
            "REDIS_",
            &[("DBINDEX", "4")],
            "app:pw | h.example:6379* | /4 | - | -",
        ),
        // As Laravel reads it; empty and `null` are not set.
        (
            "MYSQL_",
            &[("SOCKET", "/cloudsql/p:r:i"), ("PORT", "3306")],
            "app:pw | socket /cloudsql/p:r:i | - | socket=%2Fcloudsql%2Fp%3Ar%3Ai | -",
        ),
        (
            "MYSQL_",
            &[("SOCKET", "")],
            "app:pw | h.example:3306* | - | - | -",
        ),
        (
            "MYSQL_",
            &[("SOCKET", "null")],
            "app:pw | h.example:3306* | - | - | -",
        ),
        (
            "PG",
            &[("SOCKET", "/run")],
            "app:pw | h.example:5432* | - | - | -",
        ),
        (
            "REDIS_",
            &[("NAME", "my-redis")],
            "app:pw | h.example:6379* | - | - | -",
        ),
        (
            "POSTGRES_",
            &[("NAME", "shop")],
            "app:pw | h.example:5432* | /shop | - | -",
        ),
        (
            "PG",
            &[("HOSTADDR", "192.0.2.1"), ("PORT", "5433")],
            "app:pw | ipv4 192.0.2.1:5433 | - | hostaddr=192.0.2.1 | -",
        ),
        (
            "PG",
            &[("HOST", "b,c"), ("HOSTADDR", "192.0.2.1,192.0.2.2")],
            "app:pw | ipv4 192.0.2.1:5432*, ipv4 192.0.2.2:5432* | - | hostaddr=192%2E0%2E2%2E1%2C192%2E0%2E2%2E2 | -",
        ),
        ("PG", &[("HOST", "b,c")], "app:pw | b:5432*, c:5432* | - | - | -"),
        (
            "PG",
            &[("HOST", "b,c"), ("PORT", "1,2")],
            "app:pw | b:1, c:2 | - | port=1%2C2 | -",
        ),
        (
            "PG",
            &[("HOST", "b,c"), ("PORT", "1")],
            "app:pw | b:1, c:1 | - | port=1 | -",
        ),
        (
            "PG",
            &[("HOST", "b,c"), ("TARGETSESSIONATTRS", "read-write")],
            "app:pw | b:5432*, c:5432* | - | target_session_attrs=read%2Dwrite | -",
        ),
        (
            "MONGO_",
            &[
                ("DATABASE", "shop"),
                ("AUTH_SOURCE", "admin"),
                ("REPLICA_SET", "rs0"),
            ],
            "app:pw | h.example:27017* | /shop | authSource=admin&replicaSet=rs0 | -",
        ),
        (
            "SPRING_DATA_MONGODB_",
            &[("AUTHENTICATION_DATABASE", "admin")],
            "app:pw | h.example:27017* | - | authSource=admin | -",
        ),
        (
            "POSTGRES_",
            &[("USERNAME", "app"), ("PASS", "pw"), ("LOGIN", "")],
            "app:pw | h.example:5432* | - | - | -",
        ),
        (
            "REDIS_",
            &[("TLS_PORT", "16379"), ("PORT", "6379")],
            "app:pw | h.example:16379 | - | - | -",
        ),
        (
            "REDIS_",
            &[("TLS_PORT", "16379"), ("PORT", "6379"), ("TLS", "false")],
            "app:pw | h.example:6379 | - | ssl=false | -",
        ),
        // As Kubernetes sets it for a service of that name.
        (
            "REDIS_",
            &[("PORT", "tcp://10.0.0.1:6380")],
            "app:pw | h.example:6380 | - | - | -",
        ),
        (
            "DB_",
            &[("PORT", "tcp://[fd00::1]:5432")],
            "app:pw | h.example:5432 | - | - | -",
        ),
    ];
    for (prefix, more, expected) in rows {
        let vars = group(prefix, more);
        let url: ResourceUrl = vars
            .url(&format!("{prefix}HOST"))
            .unwrap_or_else(|error| panic!("{more:?}: {error}"));
        let read = summary(&url);
        let plain = |text: &str| text.replace("%2E", ".").replace("%2D", "-");
        assert_eq!(plain(&read), plain(expected), "{more:?}");
        assert!(faults(&vars).is_empty(), "{more:?}");
        assert_eq!(summary(&vars.only::<ResourceUrl>().unwrap()), read);
    }
}

#[test]
fn fault_names_the_config_var_of_the_part() {
    let reference =
        "the value is a reference to another config var that was not expanded; write the value itself";
    let placeholder = "the value is a placeholder; write the value that the add-on gave";
    let index = "the database name is no number of a Redis database; write one from 0 on, as `/0`";
    let nul = "holds `%00`, a NUL, which no server takes; remove it";
    let rows: &[(&str, More<'_>, &str, &str)] = &[
        ("REDIS_", &[("DATABASE", "cache")], "DATABASE", index),
        ("REDIS_", &[("DB", "-1")], "DB", index),
        (
            "MYSQL_",
            &[("DATABASE", "mysql://app:pw@h.example/shop")],
            "DATABASE",
            "the database name is a URL; write the name of the database alone",
        ),
        (
            "MYSQL_",
            &[("UNIX_SOCKET", "mysql.sock")],
            "UNIX_SOCKET",
            "the value names a socket by something that is no path; write one that starts with `/`, or leave it out",
        ),
        ("POSTGRES_", &[("USER", "__U_X__")], "USER", reference),
        ("PG", &[("USER", "a\0b")], "USER", &format!("the user name {nul}")),
        (
            "PG",
            &[("PASSWORD", "p\0w")],
            "PASSWORD",
            &format!("the password {nul}"),
        ),
        (
            "PG",
            &[("SSLROOTCERT", "/c\0a")],
            "SSLROOTCERT",
            &format!("the query {nul}"),
        ),
        (
            "REDIS_",
            &[("PORT", "6379,6380")],
            "PORT",
            "the value is not a number that fits; write one from 1 to 65535",
        ),
        (
            "PG",
            &[("PORT", "5432,5433")],
            "PORT",
            "the port list is not as long as the list of hosts; write one port for each, or one for all",
        ),
        (
            "REDIS_",
            &[("HOST", "b,c"), ("PORT", "6380")],
            "HOST",
            "the host list is not for redis URLs; write a single host",
        ),
        (
            "REDIS_",
            &[("HOST", "[::1]:6380"), ("PORT", "6379")],
            "HOST",
            "the host contains a port, and the port is a config var of its own; write the host alone",
        ),
        (
            "REDIS_",
            &[("HOST", "redis://h.example:6379/2")],
            "HOST",
            "the host begins with a scheme; write the host alone, without `://`",
        ),
        // Not without the scheme, which asks for TLS.
        (
            "REDIS_",
            &[("HOST", "rediss://h.example:6379/2")],
            "HOST",
            "the host holds a character that no host name has; correct it, or percent-encode the password before it",
        ),
        (
            "AMQP_",
            &[("HOST", "/run/amqp.sock")],
            "HOST",
            "the host holds a character that no host name has; correct it, or percent-encode the password before it",
        ),
        ("POSTGRES_", &[("USER", "${U}")], "USER", reference),
        ("POSTGRES_", &[("PASSWORD", "%PASS_X%")], "PASSWORD", reference),
        ("PG", &[("PASSWORD", "<password>")], "PASSWORD", placeholder),
        ("POSTGRES_", &[("PORT", "__DB_PORT__")], "PORT", reference),
        ("DB_", &[("PORT", "${DB_PORT}")], "PORT", reference),
        ("POSTGRES_", &[("DB", "{{ .Values.db }}")], "DB", reference),
        (
            "POSTGRES_",
            &[("HOST", "@Microsoft.KeyVault(SecretUri=x)")],
            "HOST",
            reference,
        ),
        ("REDIS_", &[("SCHEME", "$SCHEME_OF")], "SCHEME", reference),
        (
            "MONGO_",
            &[("DB", "a b")],
            "DB",
            "the database name holds a character that mongodb does not allow in one (`/`, `\\`, `\"`, `$` or a space)",
        ),
        // The user name of one login is not sent with the password of another.
        (
            "POSTGRES_",
            &[("USERNAME", "other"), ("PASS", "of-other")],
            "USERNAME",
            "the user name differs from that of another config var with the same prefix; unset one of them; the other \
             is POSTGRES_USER",
        ),
        (
            "REDIS_",
            &[("PASS", "other")],
            "PASSWORD",
            "the password differs from that of another config var with the same prefix; unset one of them; the other \
             is REDIS_PASS",
        ),
        (
            "REDIS_",
            &[("PORT", "99999")],
            "PORT",
            "the port is out of range; write a number from 1 to 65535",
        ),
        (
            "REDIS_",
            &[("PORT", "udp://10.0.0.1:6379")],
            "PORT",
            "the value is a URL from which no port can be read; write the number alone",
        ),
        (
            "REDIS_",
            &[("PORT", "tcp://redis.example:6379/0")],
            "PORT",
            "the value is a URL from which no port can be read; write the number alone",
        ),
        (
            "PG",
            &[("HOSTADDR", "db.example")],
            "HOSTADDR",
            "the value is not an IP address, or not one for each host; write one for each, or unset it",
        ),
        (
            "MYSQL_",
            &[("HOST", "b,c")],
            "HOST",
            "the host list is not for mysql URLs; write a single host",
        ),
        (
            "MONGO_",
            &[("HOST", "b,c"), ("PORT", "27018")],
            "HOST",
            "the host list has a port in a config var of its own; write the port after each host, as \
             `host1:port,host2:port`, and unset that one",
        ),
    ];
    for (prefix, more, ending, message) in rows {
        let expected = format!("{prefix}{ending}: {message}");
        assert_eq!(read(prefix, more).unwrap_err().to_string(), expected, "{more:?}");
        let is_known = group(prefix, more).attachments().next().is_some();
        if is_known {
            assert_eq!(faults(&group(prefix, more)), [expected], "{more:?}");
        }
    }
    let typed = group("REDIS_", &[("DATABASE", "cache")]).url::<RedisUrl>("REDIS_HOST");
    assert_eq!(typed.unwrap_err().var(), Some("REDIS_DATABASE"));
}

#[test]
fn unknown_kind_names_the_config_vars_that_determine_it() {
    let unknown = "DB_HOST: the host is of an unknown kind, because neither its name nor its port determines one; \
                   set the scheme, such as `postgres`, in a config var of its own; looked for DB_SCHEME, DB_PORT";
    for more in [&[][..], &[("PORT", "25060")]] {
        let error = read("DB_", more).unwrap_err();
        assert_eq!(error.to_string(), unknown);
        assert_eq!(group("DB_", more).attachments().count(), 0);
    }
    let error = read("DB_", &[("SCHEME", "postgrs")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "DB_SCHEME: the value is not a scheme that fits; write one such as `postgres`"
    );
    let url = read("DB_", &[("PORT", "25060"), ("SCHEME", "postgres")]).unwrap();
    assert_eq!(url.kind(), Kind::Postgres);
    for more in [&[("HOST", "the main one")], &[("USER", "")]] {
        let error = read("DB_", more).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MissingScheme, "{more:?}");
    }
    // A text in the place of a URL is none.
    let vars = group("POSTGRES_", &[("URL", "to be set")]);
    assert_eq!(vars.only::<ResourceUrl>().unwrap().kind(), Kind::Postgres);
    // Without parts beside it, a host is no more than a text without a scheme.
    let vars = ConfigVars::from_iter([("DB_HOST", "h.example")]);
    let error = vars.url::<ResourceUrl>("DB_HOST").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingScheme);
}

/// A config var that is set later belongs to the attachment, and so to what the URL is made from.
#[test]
fn tls_that_a_roll_asks_for_is_followed() {
    #[derive(serde::Deserialize)]
    struct Config {
        #[serde(rename = "REDIS_HOST")]
        redis: RedisUrl,
    }
    for more in [
        ("TLS_ENABLED", "true"),
        ("SSL_CA", "/ca.pem"),
        ("SECURE", "1"),
        ("TLS_PORT", "6380"),
    ] {
        let (feed, source) = Feed::new();
        feed.set(group("REDIS_", &[]));
        let live: Live<Config> = Live::new(source).unwrap();
        let before = live.load().redis.expose_original().to_owned();
        feed.set(group("REDIS_", &[more]));
        live.reload().unwrap();
        assert_ne!(live.load().redis.expose_original(), before, "{more:?}");
    }
}

#[test]
fn tls_beside_a_url_is_followed() {
    let url = ("REDIS_URL", "redis://:pw@h.example");
    let (feed, source) = Feed::new();
    feed.set(ConfigVars::from_iter([url]));
    let live = Live::from_vars(source).unwrap();
    let redis = live
        .map(|vars| Ok(vars.url::<RedisUrl>("REDIS_URL")?.expose_original().to_owned()))
        .unwrap();
    for (tls, expected) in [
        ("yes", "rediss://:pw@h.example"),
        // The last good one stays.
        ("perhaps", "rediss://:pw@h.example"),
        ("no", "redis://:pw@h.example"),
    ] {
        feed.set(ConfigVars::from_iter([url, ("REDIS_TLS", tls)]));
        // A fault is in the status.
        _ = live.reload();
        assert_eq!(**redis.load(), *expected, "{tls}");
        assert_eq!(live.status().is_fresh(), tls != "perhaps", "{}", live.status());
    }
}

/// A login beside a URL rolls as one within it does: the old one stays in use while a half of the new one has a fault.
#[test]
fn login_beside_a_url_is_followed() {
    let state = |user, password| beside("mysql://h.example/d", &[("USER", user), ("PASSWORD", password)]);
    let (feed, source) = Feed::new();
    feed.set(state("a", "one"));
    let live: Live<MysqlUrl> = Live::from_fn(source, |vars| vars.url("SHOP_URL")).unwrap();
    for (user, password, expected) in [
        ("a", "two", "mysql://a:two@h.example/d"),
        ("b", "<password>", "mysql://a:two@h.example/d"),
        ("b", "three", "mysql://b:three@h.example/d"),
    ] {
        feed.set(state(user, password));
        _ = live.reload();
        assert_eq!(live.load().expose_original(), expected);
    }
    feed.set(state("b", "four"));
    let change = live.reload().unwrap();
    let aspects = change.attachment("SHOP").unwrap().aspects();
    assert_eq!(aspects, [Aspect::Password]);
}

/// A variant rolls with its login, which by its name is not of the variant's attachment.
#[test]
fn login_of_a_variant_is_of_one_generation() {
    let state = |host: &str, password: &str| {
        ConfigVars::from_iter([
            ("SHOP_POOLED_URL", format!("mysql://{host}/d")),
            ("SHOP_USER", "u".to_owned()),
            ("SHOP_PASSWORD", password.to_owned()),
        ])
    };
    let (feed, source) = Feed::new();
    feed.set(state("one.example", "one"));
    let live = Live::from_vars(source).unwrap();
    let pooled = || {
        let url: MysqlUrl = live.load().url("SHOP_POOLED_URL").unwrap();
        url.expose_original().to_owned()
    };
    assert_eq!(pooled(), "mysql://u:one@one.example/d");
    feed.set(state("two.example", "<password>"));
    _ = live.reload();
    assert_eq!(pooled(), "mysql://u:one@one.example/d");
    feed.set(state("<host>", "two"));
    _ = live.reload();
    assert_eq!(pooled(), "mysql://u:one@one.example/d");
    feed.set(state("two.example", "two"));
    _ = live.reload();
    assert_eq!(pooled(), "mysql://u:two@two.example/d");
}

#[cfg(feature = "redis")]
#[test]
fn redis_is_handed_the_tls_of_its_parts() {
    use redis::{ConnectionAddr, IntoConnectionInfo};
    let address = |more: &[(&str, &str)]| {
        let url: RedisUrl = group("REDIS_", more).url("REDIS_HOST")?;
        let info = url.to_redis()?.into_connection_info().unwrap();
        Ok::<_, Error>(info.addr().clone())
    };
    for more in [
        ("TLS_ENABLED", "true"),
        ("SECURE", "1"),
        ("SCHEME", "tls"),
        ("TLS_PORT", "6380"),
    ] {
        let is_tls = matches!(
            address(&[more]).unwrap(),
            ConnectionAddr::TcpTls { insecure: false, .. }
        );
        assert!(is_tls, "{more:?}");
    }
    let is_insecure = matches!(
        address(&[("SSL", "1"), ("SSL_CERT_REQS", "none")]).unwrap(),
        ConnectionAddr::TcpTls { insecure: true, .. }
    );
    assert!(is_insecure);
    assert!(matches!(address(&[]).unwrap(), ConnectionAddr::Tcp(..)));
    // This driver takes no file of authorities.
    for more in [
        &[("TLS_CA", "/ca.pem")][..],
        &[("TLS", "no"), ("REQUIRE_TLS", "yes")],
        &[("SCHEME", "rediss"), ("TLS", "no")],
    ] {
        assert!(address(more).is_err(), "{more:?}");
    }
}

#[cfg(feature = "tokio-postgres")]
#[test]
fn tokio_postgres_is_handed_the_tls_of_its_parts() {
    use config_vars::PostgresUrl;
    use tokio_postgres::config::{ChannelBinding, SslMode, TargetSessionAttrs};
    let config = |more: &[(&str, &str)]| {
        let url: PostgresUrl = group("PG", more).url("PGHOST")?;
        url.to_tokio_postgres()
    };
    let required = config(&[("CHANNELBINDING", "require"), ("REQUIRESSL", "1")]).unwrap();
    assert_eq!(required.get_channel_binding(), ChannelBinding::Require);
    assert_eq!(required.get_ssl_mode(), SslMode::Require);
    let error = config(&[("SSLMODE", "disable"), ("SSL", "true")]).unwrap_err();
    assert!(error.to_string().contains("contradict each other"), "{error}");
    // As `verify-full`, which is `Require` for the driver, with a check by what connects.
    let checked = config(&[("SSL", "true"), ("SSL_REJECT_UNAUTHORIZED", "true")]).unwrap();
    assert_eq!(checked.get_ssl_mode(), SslMode::Require);
    let writable = config(&[("HOST", "b,c"), ("TARGETSESSIONATTRS", "read-write")]).unwrap();
    assert_eq!(writable.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    let config = config(&[("HOSTADDR", "192.0.2.1"), ("PORT", "5433")]).unwrap();
    assert_eq!(
        config.get_hostaddrs(),
        ["192.0.2.1".parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!(config.get_ports(), [5433]);
}

/// The TLS of the only resource, and the part of its URL before the host.
fn tls_and_start(vars: &[(&str, &str)]) -> (Tls, String) {
    let vars = ConfigVars::from_iter(vars.iter().copied());
    let url: ResourceUrl = vars.only().unwrap_or_else(|error| panic!("{error}"));
    let text = url.expose_url();
    (url.tls(), text[..text.rfind("h.example").unwrap()].to_owned())
}

#[test]
fn port_for_tls_after_the_host_asks_for_tls() {
    for (host, prefix, start) in [
        ("h.example:5671", "RABBITMQ_", "amqps://app:pw@"),
        ("h.example:465", "GF_SMTP_", "smtps://app:pw@"),
        ("h.example:8883", "MQTT_", "mqtts://app:pw@"),
        ("h.example:5672", "RABBITMQ_", "amqp://app:pw@"),
        ("h.example:587", "SMTP_", "smtp://app:pw@"),
    ] {
        let url = read(prefix, &[("HOST", host)]).unwrap();
        let is_tls = start.contains("s://");
        assert_eq!(url.tls().is_verified(), is_tls, "{prefix} {host}");
        assert!(url.expose_url().starts_with(start), "{prefix} {host}");
    }
    // Written beside it, a no counts, as for a port of its own.
    let url = read("RABBITMQ_", &[("HOST", "h.example:5671"), ("TLS", "no")]).unwrap();
    assert_eq!(url.tls(), Tls::Off);
    // TLS begins within a connection to this port.
    let url = read("SMTP_", &[("HOST", "h.example:587"), ("TLS", "yes")]).unwrap();
    assert_eq!((url.scheme(), url.tls()), ("smtp", Tls::Verified));
}

/// Clients refuse some options beside a scheme for TLS, and of two that contradict each other the last would count.
#[test]
fn options_of_tls_are_those_that_the_scheme_leaves_open() {
    let rows: &[(&str, More<'_>, &str)] = &[
        (
            "REDIS_",
            &[("TLS", "on"), ("USE_TLS", "yes")],
            "rediss://app:pw@h.example",
        ),
        (
            "REDIS_",
            &[("TLS", "no"), ("USE_TLS", "false")],
            "redis://app:pw@h.example?ssl=no",
        ),
        (
            "REDIS_",
            &[("SCHEME", "rediss"), ("TLS", "false")],
            "rediss://app:pw@h.example?ssl=false",
        ),
        (
            "REDIS_",
            &[("SSL_PORT", "6380"), ("TLS_PORT", "6380")],
            "rediss://app:pw@h.example:6380",
        ),
        (
            "REDIS_",
            &[("PORT", "6380"), ("TLS_PORT", "6380"), ("TLS", "false")],
            "rediss://app:pw@h.example:6380?ssl=false",
        ),
        (
            "AMQP_",
            &[("TLS", "true"), ("SSL_VERIFY", "true")],
            "amqps://app:pw@h.example?sslverify=true",
        ),
        (
            "SMTP_",
            &[("TLS", "true"), ("PORT", "465")],
            "smtps://app:pw@h.example:465",
        ),
        (
            "SMTP_",
            &[("TLS", "required")],
            "smtp://app:pw@h.example?tls=required",
        ),
        (
            "SMTP_",
            &[("ENCRYPTION", "tls")],
            "smtp://app:pw@h.example?encryption=tls&tls=required",
        ),
        (
            "SMTP_",
            &[("ENCRYPTION", "ssl")],
            "smtps://app:pw@h.example?encryption=ssl",
        ),
        (
            "POSTGRES_",
            &[("PROTOCOL", "tls"), ("SSLMODE", "verify-full")],
            "postgres://app:pw@h.example?sslmode=verify-full",
        ),
        (
            "POSTGRES_",
            &[("CA_FILE", "/ca.pem"), ("SSL_CA", "/ca.pem")],
            "postgres://app:pw@h.example?sslca=%2Fca.pem",
        ),
        (
            "POSTGRES_",
            &[("CA_CERT_PATH", "/ca.pem")],
            "postgres://app:pw@h.example?sslca=%2Fca.pem",
        ),
        (
            "POSTGRES_",
            &[("SSL_CERT_PATH", "/c.pem")],
            "postgres://app:pw@h.example?sslcert=%2Fc.pem",
        ),
    ];
    for (prefix, more, expected) in rows {
        let url = read(prefix, more).unwrap_or_else(|error| panic!("{more:?}: {error}"));
        assert_eq!(url.expose_original(), *expected, "{more:?}");
    }
}

#[test]
fn tls_option_is_read_whoever_owns_it() {
    for name in [
        "SPRING_KAFKA_PROPERTIES_SECURITY_PROTOCOL",
        "SPRING_KAFKA_CONSUMER_SECURITY_PROTOCOL",
        "SPRING_KAFKA_CONSUMER_PROPERTIES_SECURITY_PROTOCOL",
        "SPRING_KAFKA_CLIENT_SSL",
        "SPRING_KAFKA_PROTOCOL",
        "SPRING_KAFKA_SCHEME",
    ] {
        let value = if name.ends_with("SSL") { "true" } else { "SASL_SSL" };
        let vars = [
            ("SPRING_KAFKA_BOOTSTRAP_SERVERS", "h.example:9096"),
            (name, value),
        ];
        assert_eq!(
            tls_and_start(&vars),
            (Tls::Verified, "kafka+ssl://".to_owned()),
            "{name}"
        );
    }
    for (name, value) in [
        ("KAFKA_PROTOCOL", "avro"),
        ("KAFKA_PROTOCOL", "kafka"),
        ("KAFKA_SCHEME", "https"),
        ("KAFKA_PROTOCOL", "PLAINTEXT"),
    ] {
        let vars = [("KAFKA_BROKERS", "h.example:9096"), (name, value)];
        assert_eq!(
            tls_and_start(&vars),
            (Tls::Unspecified, "kafka://".to_owned()),
            "{value}"
        );
    }
    let vars = [
        ("MEMCACHE_SERVERS", "h.example:1"),
        ("MEMCACHE_SCHEME", "memcache+tls"),
    ];
    assert_eq!(
        tls_and_start(&vars),
        (Tls::Verified, "memcache+tls://".to_owned())
    );
    for (name, value) in [("KAFKA_PROTOCOL", "SSL"), ("KAFKA_SCHEME", "kafka+ssl")] {
        let vars = [("KAFKA_BROKERS", "h.example:9096"), (name, value)];
        let expected = (Tls::Verified, "kafka+ssl://".to_owned());
        assert_eq!(tls_and_start(&vars), expected, "{value}");
    }
    let url = read("POSTGRES_", &[("OPTIONS_SSLMODE", "verify-full")]).unwrap();
    assert_eq!(url.tls(), Tls::Verified);
    // Another resource's.
    let url = read(
        "POSTGRES_",
        &[("CLIENT_SSL", "true"), ("CLIENT_HOST", "other.example")],
    )
    .unwrap();
    assert_eq!(url.tls(), Tls::Unspecified);
    let vars = ConfigVars::from_iter([
        ("KAFKA_BROKERS", "h.example:9096"),
        ("KAFKA_CONSUMER_SECURITY_PROTOCOL", "SSL"),
        ("KAFKA_PRODUCER_SECURITY_PROTOCOL", "PLAINTEXT"),
    ]);
    assert_eq!(
        faults(&vars),
        [
            "KAFKA_PRODUCER_SECURITY_PROTOCOL: contradicts another config var about TLS; keep one of them; \
          the other is KAFKA_CONSUMER_SECURITY_PROTOCOL"
        ]
    );
}

#[test]
fn tls_beside_a_url_of_smtp_is_read() {
    for (url, name, start) in [
        ("smtp://app:pw@h.example", "MAIL_TLS", "smtps://app:pw@"),
        ("smtp://app:pw@h.example:587", "MAIL_USE_TLS", "smtp://app:pw@"),
        ("smtp://app:pw@h.example:587", "MAIL_STARTTLS", "smtp://app:pw@"),
        ("smtps://app:pw@h.example", "MAIL_TLS", "smtps://app:pw@"),
    ] {
        let vars = [("MAIL_URL", url), (name, "true")];
        assert_eq!(
            tls_and_start(&vars),
            (Tls::Verified, start.to_owned()),
            "{url} {name}"
        );
    }
    let vars = [("MAIL_URL", "smtp://app:pw@h.example"), ("MAIL_TLS", "false")];
    assert_eq!(tls_and_start(&vars).0, Tls::Unspecified);
}

#[test]
fn tls_among_options_in_a_config_var_of_their_own_is_read() {
    for (prefix, ending, value, tls) in [
        ("POSTGRES_", "OPTIONS", "sslmode=require", Tls::Unverified),
        (
            "POSTGRES_",
            "PARAMS",
            "?connect_timeout=5&sslmode=verify-full",
            Tls::Verified,
        ),
        (
            "MYSQL_",
            "QUERY",
            "charset=utf8mb4;ssl-mode=VERIFY_CA",
            Tls::VerifiedCa,
        ),
        ("MONGO_", "OPTIONS", "retryWrites=true&tls=true", Tls::Verified),
        ("REDIS_", "EXTRA", "ssl=true", Tls::Verified),
        (
            "MYSQL_",
            "OPTIONS",
            "ssl={\"rejectUnauthorized\":true}",
            Tls::Verified,
        ),
        ("POSTGRES_", "OPTIONS", "-c search_path=shop", Tls::Unspecified),
        ("POSTGRES_", "OPTIONS", "connect_timeout=5", Tls::Unspecified),
        ("POSTGRES_", "NOTES", "sslmode=require", Tls::Unspecified),
    ] {
        let url = read(prefix, &[(ending, value)])
            .unwrap_or_else(|error| panic!("{prefix}{ending}={value}: {error}"));
        assert_eq!(url.tls(), tls, "{prefix}{ending}={value}");
    }
    let vars = [
        ("DATABASE_URL", "postgres://app:pw@h.example/shop"),
        ("DATABASE_PARAMS", "sslmode=verify-full"),
    ];
    assert_eq!(tls_and_start(&vars).0, Tls::Verified);
    // Options in another form are refused, and not dropped.
    let unknown = "the value says of TLS what is not known here; write `true`, `false`, or a mode of this kind's clients";
    for (value, message) in [
        ("sslmode=requird", unknown),
        ("{\"sslmode\": \"require\"}", unknown),
        ("{\"ssl\":{\"rejectUnauthorized\":true}}", unknown),
        ("{\"max\":5,\"ssl\":\"require\"}", unknown),
        (
            "\"sslmode=require\"",
            "the value is wrapped in quotes; remove them",
        ),
        (
            "'?sslmode=require'",
            "the value is wrapped in quotes; remove them",
        ),
    ] {
        let expected = format!("POSTGRES_OPTIONS: {message}");
        assert_eq!(
            faults(&group("POSTGRES_", &[("OPTIONS", value)])),
            [expected],
            "{value}"
        );
    }
    let other = read("POSTGRES_", &[("OPTIONS", "{\"max\":5}")]).unwrap();
    assert_eq!(other.tls(), Tls::Unspecified);
}
