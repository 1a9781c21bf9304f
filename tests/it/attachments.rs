//! Discovery: what is an add-on's resource, what is none, and what belongs together.

use crate::util::{exposed, summary};
use config_vars::{
    Attachment, ConfigVars, ErrorKind, ExposeSecret, HttpUrl, KafkaUrl, Kind, MemcacheUrl, MongoUrl,
    MysqlUrl, PostgresUrl, RedisUrl, ResourceUrl, Role, Tls,
};

/// Each attachment on a line: its name, kind, and config vars; `!` marks a fault.
fn found(vars: &ConfigVars) -> Vec<String> {
    vars.attachments()
        .map(|attachment| {
            let kind = attachment.kind().map_or("?".to_owned(), |kind| kind.to_string());
            let fault = if attachment.url().is_some_and(|url| url.is_err()) {
                "!"
            } else {
                ""
            };
            let names: Vec<_> = attachment.var_names().collect();
            format!("{} {kind}{fault}: {}", attachment.name(), names.join(" "))
        })
        .collect()
}

#[track_caller]
fn check(pairs: &[(&str, &str)], expected: &[&str]) {
    let vars = ConfigVars::from_iter(pairs.iter().copied());
    assert_eq!(found(&vars), expected);
}

/// Found by fuzzing: it was in two attachments, its own and the one that it would be a part of.
#[test]
fn a_glued_name_that_holds_a_url_is_a_resource_of_its_own() {
    check(
        &[
            ("REDIS_URL", "redis://:p@h"),
            ("REDISLOGIN", "redis://:q@i"),
            ("REDISPORT", "6379"),
        ],
        &["REDIS redis: REDISPORT REDIS_URL", "REDISLOGIN redis: REDISLOGIN"],
    );
}

#[test]
fn zero_one_or_many_vars_an_add_on() {
    check(&[("PATH", "/usr/bin"), ("PORT", "80")], &[]);
    check(
        &[("JAWSDB_URL", "mysql://u:p@h/d")],
        &["JAWSDB mysql: JAWSDB_URL"],
    );
    check(
        &[
            ("CLOUDAMQP_APIKEY", "0123"),
            ("CLOUDAMQP_URL", "amqps://u:p@h/v"),
            ("MEMCACHIER_PASSWORD", "p"),
            ("MEMCACHIER_SERVERS", "mc1.example:11211,mc2.example"),
            ("MEMCACHIER_USERNAME", "u"),
            ("MONGODB_URI", "mongodb+srv://u:p@h.example/d"),
            ("NEW_RELIC_LICENSE_KEY", "k"),
            ("NEW_RELIC_URL", "http://newrelic.com/accounts/[apitoken]"),
            ("SENTRY_DSN", "https://key@sentry.example/1"),
        ],
        &[
            "CLOUDAMQP amqp: CLOUDAMQP_APIKEY CLOUDAMQP_URL",
            "MEMCACHIER memcache: MEMCACHIER_PASSWORD MEMCACHIER_SERVERS MEMCACHIER_USERNAME",
            "MONGODB mongodb: MONGODB_URI",
            "NEW_RELIC http: NEW_RELIC_LICENSE_KEY NEW_RELIC_URL",
            "SENTRY http: SENTRY_DSN",
        ],
    );
}

#[test]
fn the_longest_prefix_owns_a_var() {
    check(
        &[
            ("A2_URL", "mysql://h"),
            ("A_B_C_URL", "mysql://h"),
            ("A_B_KEY", "2"),
            ("A_B_URL", "mysql://h"),
            ("A_BC", "1"),
            ("A_C", "1"),
            ("A_URL", "mysql://h"),
            ("AB", "-"),
            ("A", "-"),
        ],
        &[
            "A mysql: A_BC A_C A_URL",
            "A2 mysql: A2_URL",
            "A_B mysql: A_B_KEY A_B_URL",
            "A_B_C mysql: A_B_C_URL",
        ],
    );
    check(
        &[
            ("JAWSDB_MARIA_URL", "mysql://h"),
            ("JAWSDB_URL", "mysql://h"),
            ("QUOTAGUARDSTATIC_URL", "http://u:p@h.example:9293"),
            ("QUOTAGUARD_URL", "http://u:p@h.example:9292"),
        ],
        &[
            "JAWSDB mysql: JAWSDB_URL",
            "JAWSDB_MARIA mysql: JAWSDB_MARIA_URL",
            "QUOTAGUARD http: QUOTAGUARD_URL",
            "QUOTAGUARDSTATIC http: QUOTAGUARDSTATIC_URL",
        ],
    );
}

#[test]
fn a_datastore_is_found_under_any_name() {
    check(
        &[
            ("MAIN_STORE", "mongodb://h"),
            ("DATABASE_URL_PGBOUNCER", "postgres://u:p@h/d"),
            ("DATABASE_URL", "postgres://u:p@h/d"),
            ("X_SERVERS", "memcached://h1,h2"),
            ("NEXT_PUBLIC_URL", "redis://h"),
            // Auth.js's. So is that of a mail server.
            ("EMAIL_SERVER", "smtp://u:p@h:587"),
        ],
        &[
            "DATABASE postgres: DATABASE_URL DATABASE_URL_PGBOUNCER",
            "EMAIL_SERVER smtp: EMAIL_SERVER",
            "MAIN_STORE mongodb: MAIN_STORE",
            "NEXT_PUBLIC redis: NEXT_PUBLIC_URL",
            "X memcache: X_SERVERS",
        ],
    );
}

#[test]
fn unknown_schemes_are_found_as_such() {
    check(
        &[
            ("OMNISCI_URL", "omnisci://u:p@h:6274/d"),
            ("REDIS_URL", "redis2://:p@h"),
            ("GIT_REPO_URL", "ssh://git@git.example/a.git"),
            // Of MQTT's clients; without a password, it is what Kubernetes sets.
            ("MQTT_URL", "tcp://u:p@h.example:1883"),
            ("SHOP_URL", "tcp://10.0.0.1:80"),
            // The forms of libpq and StackExchange.Redis.
            ("CACHE_URL", "h.example:6379,password=pw,ssl=True"),
            ("DATABASE_URL", "host=h.example user=app password=pw"),
            ("HEALTH_URL", "/health?host=a password"),
        ],
        &[
            "CACHE ?!: CACHE_URL",
            "DATABASE ?!: DATABASE_URL",
            "MQTT other: MQTT_URL",
            "OMNISCI other: OMNISCI_URL",
            "REDIS other: REDIS_URL",
        ],
    );
}

#[test]
fn what_is_no_resource_is_no_fault_either() {
    check(
        &[
            ("ALLOWED_HOSTS", "shop.example,.shop.example"),
            ("ALL_PROXY", "socks5://127.0.0.1:1080"),
            ("API_DOCS_URL", "https://docs.example"),
            ("APP_URL", "https://shop.example"),
            ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/0123"),
            ("_BROKERS", "k1:9092"),
            ("_HOST", "db.example"),
            ("_PASSWORD", "pw"),
            ("_PORT", "5432"),
            ("_PROTOCOL", "kafka"),
            ("_SERVERS", "mc.example:11211"),
            ("_USERNAME", "app"),
            ("MARIADB_ROOT_HOST", "172.17.0.1"),
            ("MARIADB_ROOT_PASSWORD", "pw"),
            ("MARIADB_ROOT_USER", "root"),
            ("NEAR_HOST", "the main one"),
            ("NEAR_PASSWORD", "pw"),
            ("NEAR_USER", "app"),
            ("PLAIN_PASSWORD", "pw"),
            ("PLAIN_SERVERS", "s1.example:1"),
            ("BOOTSTRAP_SERVERS", "k1:9092"),
            ("BUILDPACK_URL", "https://git.example/heroku-buildpack-ruby#v200"),
            ("CORS_ORIGINS", "https://a.example,https://b.example"),
            ("DATABASE_URL_FILE", "/run/secrets/database_url"),
            ("DATA_URI", "data:text/plain;base64,SGVsbG8="),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/user/1000/bus"),
            ("ECS_CONTAINER_METADATA_URI", "http://169.254.170.2/v4/0123"),
            ("GOPROXY", "https://proxy.example,direct"),
            ("HTTP_PROXY", "http://user:pw@proxy.example:3128"),
            ("IMAGE", "redis:7"),
            ("INSTALL_DIR", "C:\\Program Files\\App"),
            ("KUBERNETES_PORT", "tcp://10.0.0.1:443"),
            ("KUBERNETES_SERVICE_URL", "tcp://10.0.0.1:443"),
            ("LESSOPEN", "| /usr/bin/lesspipe %s"),
            ("LOGIN_REDIRECT_URL", "/dashboard"),
            ("NEXT_PUBLIC_API_URL", "https://api.example"),
            ("OAUTH_CALLBACK_URL", "https://shop.example/auth"),
            ("OPENAI_BASE_URL", "https://api.example/v1"),
            ("PATH", "/usr/local/bin:/usr/bin"),
            (
                "PIP_EXTRA_INDEX_URL",
                "https://a.example/simple https://b.example/simple",
            ),
            ("PIP_INDEX_URL", "https://__token__:pypi-1@pypi.example/simple"),
            ("PWD", "/app"),
            ("REDIS_HOST", "redis:6379"),
            ("REDIS_PROVIDER", "REDISCLOUD_URL"),
            ("SENTRY_RELEASE", "shop@1.2.3"),
            ("STATIC_URL", "/static/"),
            ("SUPPORT_URL", "mailto:help@shop.example"),
            ("CHARTS_URL", "git@git.example:org/repo.git"),
            ("JWKS_URI", "https://id.example/jwks"),
            ("MAX_TOKEN", "4096"),
            ("STUN_SERVERS", "n1,n2"),
            ("STUN_USERNAME", "u"),
            ("STUN_PASSWORD", "p"),
            ("EMAIL_ADDRESS", "me@shop.example"),
            ("EMAIL_USER", "me"),
            ("EMAIL_PASSWORD", "p"),
            ("EMAIL_PORT", "587"),
            ("WALLET_ADDRESS", "0x12"),
            ("WALLET_PASSWORD", "p"),
            ("NOREPLY_URL", "noreply@shop.example"),
            ("TEAM_URL", "mailto:team@shop.example"),
            ("TWILIO_SIP_URI", "sip:alice@sip.example"),
            ("TZ", ":America/New_York"),
            ("URL", "https://shop.example"),
            ("_URL", "https://shop.example"),
            ("EMPTY_URL", ""),
            // Pages of the platform, and what frameworks and servers call their own address.
            ("MAINTENANCE_PAGE_URL", "https://s3.example/shop/maintenance.html"),
            ("ERROR_PAGE_URL", "https://s3.example/shop/error.html"),
            ("SCALINGO_STOPPED_PAGE_URL", "https://cdn.example/stopped.html"),
            ("STATUS_PAGE_URL", "https://status.shop.example"),
            ("NEXTAUTH_URL", "http://localhost:3000"),
            ("NEXTAUTH_URL_INTERNAL", "http://127.0.0.1:3000"),
            ("AUTH_URL", "http://localhost:3000"),
            ("BETTER_AUTH_URL", "https://shop.example"),
            ("ASSET_URL", "https://cdn.shop.example"),
            ("DEFAULT_URI", "https://shop.example"),
            ("KC_HOSTNAME_URL", "https://id.shop.example"),
            ("KC_HOSTNAME_ADMIN_URL", "https://id-admin.shop.example"),
            ("GF_SERVER_ROOT_URL", "https://grafana.shop.example"),
            (
                "GF_AUTH_GENERIC_OAUTH_API_URL",
                "https://id.shop.example/userinfo",
            ),
            ("GITEA__server__ROOT_URL", "https://git.shop.example/"),
            ("GITEA_INSTANCE_URL", "https://git.shop.example/"),
            ("N8N_EDITOR_BASE_URL", "https://n8n.shop.example"),
            ("NUXT_PUBLIC_API_URL", "https://api.shop.example"),
            ("VERCEL_PROJECT_PRODUCTION_URL", "https://shop.example"),
            ("CF_PAGES_URL", "https://shop.pages.example"),
            ("WEBAPP_URL", "https://shop.example"),
            ("STRIPE_WEBHOOK_URL", "https://shop.example/webhooks/stripe"),
            ("CHECKOUT_SUCCESS_URL", "https://shop.example/thanks"),
            ("OIDC_ISSUER_URL", "https://id.shop.example"),
            ("EMAIL_LOGO_URL", "https://cdn.shop.example/logo.png"),
            ("DEFAULT_AVATAR_URL", "https://cdn.shop.example/a.png"),
            ("PRIVACY_URL", "https://shop.example/privacy"),
            // Symfony's dialect.
            ("MESSENGER_TRANSPORT_DSN", "redis://localhost:6379/messages"),
            (
                "FAILED_TRANSPORT_DSN",
                "amqp://guest:guest@localhost:5672/%2f/messages",
            ),
        ],
        &[],
    );
    // Their own word is for web URLs; and some webhooks are a service's.
    check(
        &[
            ("AUTH_URL", "redis://h"),
            ("STATUS_PAGE_URL", "postgres://h/d"),
            ("SLACK_WEBHOOK_URL", "https://hooks.slack.example/services/T/B/x"),
        ],
        &[
            "AUTH redis: AUTH_URL",
            "SLACK_WEBHOOK http: SLACK_WEBHOOK_URL",
            "STATUS_PAGE postgres: STATUS_PAGE_URL",
        ],
    );
}

#[test]
fn faults_stand_with_their_attachments() {
    let vars = ConfigVars::from_iter([
        ("A_URL", "mysql://u:p#w@h/d"),
        ("B_URL", "u:p@h/d"),
        ("C_URL", "\"redis://h\""),
        ("D_URL", "$REDIS_URL"),
        ("E_URL", "https://ex ample.com"),
        ("F_URL", "postgres://u:p@h/d"),
        ("G_DSN", "https://sentry.example/1"),
        ("H_URL", "redis://h/-1"),
        ("I_URL", "mongodb://h/?w"),
        ("K_HOST", "mysql://h1,mysql://h2"),
        ("K_PASSWORD", "pw"),
        ("K_USER", "app"),
        ("MEMCACHE_SERVERS", "mc1.example mc2.example"),
    ]);
    let faults: Vec<_> = vars
        .attachments()
        .map(|a| {
            a.url()
                .unwrap()
                .map_or_else(|error| error.to_string(), |_| a.name().to_owned())
        })
        .collect();
    assert_eq!(
        faults,
        [
            "A_URL: the password holds an unencoded `#`; write `%23`",
            "B_URL: the value has no scheme; it must start with one, such as `https://`",
            "C_URL: the value is wrapped in quotes; remove them",
            "D_URL: the value is a reference to another config var that was not expanded; write the value itself",
            "E_URL: the host holds a blank; remove it",
            "F",
            "G_DSN: the user name is missing, and a DSN has the project's public key there; copy the whole DSN",
            "H_URL: the database name is no number of a Redis database; write one from 0 on, as `/0`",
            "I_URL: the query has an option without `=`; write `name=value`",
            "K_HOST: the value is a list of URLs; write a single mysql URL",
            "MEMCACHE_SERVERS: the host list is separated by blanks; write commas between the servers",
        ]
    );
    let kinds: Vec<_> = vars.attachments().map(|attachment| attachment.kind()).collect();
    assert_eq!(
        kinds,
        [
            Some(Kind::Mysql),
            None,
            Some(Kind::Redis),
            None,
            Some(Kind::Http),
            Some(Kind::Postgres),
            Some(Kind::Http),
            Some(Kind::Redis),
            Some(Kind::Mongo),
            Some(Kind::Mysql),
            Some(Kind::Memcache),
        ]
    );
}

#[test]
fn several_urls_of_one_attachment() {
    let vars = ConfigVars::from_iter([
        ("MYSQL_DSN", "mysql://h3"),
        ("MYSQL_URI", "mysql://h2"),
        ("MYSQL_URL", "mysql://h1"),
    ]);
    let attachments: Vec<Attachment<'_>> = vars.attachments().collect();
    assert_eq!(attachments.len(), 1);
    assert_eq!(attachments[0].url().unwrap().unwrap().host(), Some("h1"));
    let names: Vec<_> = attachments[0].urls().map(|(name, _)| name).collect();
    assert_eq!(names, ["MYSQL_URL", "MYSQL_URI", "MYSQL_DSN"]);
}

#[test]
fn other_vars_are_had_by_suffix() {
    let vars = ConfigVars::from_iter([
        ("AMQP_API_KEY", "k"),
        ("AMQP_URL", "amqp://h"),
        ("AMQP_", "nothing"),
    ]);
    let attachment = vars.attachments().next().unwrap();
    assert_eq!(exposed(attachment.get("API_KEY")), Some("k"));
    assert_eq!(exposed(attachment.get("")), Some("nothing"));
    assert!(attachment.get("KEY").is_none());
}

/// Each row: the config vars, and what they form.
#[test]
fn parts_under_other_names_are_one_resource() {
    let rows: &[(&str, &str)] = &[
        (
            "POSTGRES_SERVER=h POSTGRES_USER=u POSTGRES_PASSWORD=p POSTGRES_DB=d POSTGRES_SSL=true",
            "POSTGRES postgres://u:p@h/d?ssl=true",
        ),
        (
            "MAILGUN_SMTP_SERVER=h MAILGUN_SMTP_LOGIN=u MAILGUN_SMTP_PASSWORD=p MAILGUN_SMTP_PORT=587",
            "MAILGUN_SMTP smtp://u:p@h:587",
        ),
        (
            "TIDB_HOST=h TIDB_PORT=4000 TIDB_USER=u TIDB_PASSWORD=p TIDB_DATABASE=d TIDB_ENABLE_SSL=true",
            "TIDB mysql://u:p@h:4000/d?ssl=true",
        ),
        (
            "COCKROACH_HOST=h COCKROACH_USER=u COCKROACH_PASSWORD=p",
            "COCKROACH postgres://u:p@h",
        ),
        (
            "SMTP_ADDRESS=h SMTP_USER_NAME=u SMTP_PASSWORD=p",
            "SMTP smtp://u:p@h",
        ),
        (
            "REDIS_ADDR=h:6380 REDIS_PASSWD=p REDIS_TLS=1",
            "REDIS rediss://:p@h:6380",
        ),
        (
            "REDIS_ADDR=rediss://h:6380 REDIS_PASSWORD=p",
            "REDIS rediss://:p@h:6380",
        ),
        (
            "DB_HOST=h DB_USER=u DB_PWD=p DB_PORT=3306",
            "DB mysql://u:p@h:3306",
        ),
        ("REDIS_URL=redis://h REDIS_PASSWD=p", "REDIS redis://:p@h"),
        // The plainest names come first.
        (
            "MYSQL_SERVER=h2 MYSQL_HOST=h MYSQL_USER=u MYSQL_PASSWORD=p",
            "MYSQL mysql://u:p@h",
        ),
        (
            "MYSQL_HOST=h MYSQL_USER=u MYSQL_PASSWORD=p MYSQL_PWD=root",
            "MYSQL mysql://u:p@h",
        ),
        // Kinds that are known by the name.
        (
            "CASSANDRA_CONTACT_POINTS=h1,h2:1,[::1] CASSANDRA_PORT=9142 CASSANDRA_USERNAME=u CASSANDRA_PASSWORD=p \
             CASSANDRA_KEYSPACE=k CASSANDRA_SSL=true",
            "CASSANDRA cassandra://u:p@h1:9142,h2:1,[::1]:9142/k?ssl=true",
        ),
        (
            "SCYLLA_HOST=h SCYLLA_USERNAME=u SCYLLA_PASSWORD=p SCYLLA_KEYSPACE=k",
            "SCYLLA cassandra://u:p@h/k",
        ),
        (
            "CLICKHOUSE_HOST=h CLICKHOUSE_PORT=9440 CLICKHOUSE_USER=u CLICKHOUSE_PASSWORD=p CLICKHOUSE_SECURE=true",
            "CLICKHOUSE clickhouse://u:p@h:9440?secure=true",
        ),
        (
            "CLICKHOUSE_HOST=h CLICKHOUSE_SCHEME=https CLICKHOUSE_USER=u CLICKHOUSE_PASSWORD=p",
            "CLICKHOUSE https://u:p@h",
        ),
        (
            "ELASTICSEARCH_HOST=h ELASTICSEARCH_USERNAME=u ELASTICSEARCH_PASSWORD=p ELASTICSEARCH_USE_SSL=true",
            "ELASTICSEARCH elasticsearch://u:p@h?ssl=true",
        ),
        (
            "ELASTICACHE_HOST=h ELASTICACHE_PORT=6379 ELASTICACHE_PASSWORD=p",
            "ELASTICACHE redis://:p@h:6379",
        ),
        // Lists of servers, with a scheme or without.
        (
            "NATS_SERVERS=h1,h2 NATS_USER=u NATS_PASSWORD=p NATS_TLS=1",
            "NATS nats://u:p@h1,h2?ssl=1",
        ),
        (
            "NATS_SERVERS=nats://h1,h2 NATS_USER=u NATS_PASSWORD=p",
            "NATS nats://u:p@h1,h2",
        ),
        (
            "KAFKA_BROKERS=kafka://h1,h2 KAFKA_SASL_USERNAME=u KAFKA_SASL_PASSWORD=p KAFKA_SSL=true",
            "KAFKA kafka+ssl://u:p@h1,h2",
        ),
        (
            "KAFKA_BOOTSTRAP_SERVERS=SASL_SSL://h KAFKA_SASL_USERNAME=u KAFKA_SASL_PASSWORD=p",
            "KAFKA SASL_SSL://u:p@h",
        ),
        (
            "MEMCACHIER_SERVERS=memcached://h MEMCACHIER_USERNAME=u MEMCACHIER_PASSWORD=p",
            "MEMCACHIER memcached://u:p@h",
        ),
        // It cannot be added, and so is not ignored.
        (
            "KAFKA_BROKERS=kafka://h1,kafka://h2 KAFKA_SSL=true",
            "KAFKA KAFKA_SSL: the host list has schemes that differ; write the same before each host",
        ),
    ];
    for (vars, expected) in rows {
        let vars = ConfigVars::from_iter(vars.split_whitespace().filter_map(|var| var.split_once('=')));
        let found: Vec<_> = vars
            .attachments()
            .map(|attachment| {
                let url = match attachment.url().unwrap() {
                    Ok(url) => url.expose_original().to_owned(),
                    Err(error) => error.to_string(),
                };
                assert_eq!(attachment.var_names().count(), vars.len(), "{attachment:?}");
                format!("{} {url}", attachment.name())
            })
            .collect();
        assert_eq!(found, [*expected]);
    }
}

#[test]
fn servers_with_credentials_are_one_memcached_resource() {
    let triple = |name: &str| {
        [
            (format!("{name}_SERVERS"), "mc1.example:11212,mc2.example"),
            (format!("{name}_USERNAME"), "us%40er"),
            (format!("{name}_PASSWORD"), "p@:/?#[]% w€"),
        ]
    };
    let expected = "us%40er:p@:/?#[]% w€ | mc1.example:11212, mc2.example:11211* | - | - | -";
    for name in ["MEMCACHIER", "MEMCACHEDCLOUD", "MEMCACHIER_DEV", "STASH"] {
        let vars = ConfigVars::from_iter(triple(name));
        let only: MemcacheUrl = vars.only().unwrap();
        assert_eq!(summary(&only), expected);
        let named: MemcacheUrl = vars.url(&format!("{name}_SERVERS")).unwrap();
        assert_eq!(summary(&named), expected);
        let error = vars.url::<MysqlUrl>(&format!("{name}_SERVERS")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongKind);
    }
    // Without credentials only a name that says memcached will do; empty ones are none.
    check(&[("STASH_SERVERS", "mc1.example")], &[]);
    check(
        &[
            ("STASH_SERVERS", "mc1.example"),
            ("STASH_USERNAME", "u"),
            ("STASH_PASSWORD", ""),
        ],
        &[],
    );
    let vars = ConfigVars::from_iter([("MEMCACHE_SERVERS", "mc.example"), ("MEMCACHE_USERNAME", "")]);
    assert_eq!(
        summary(&vars.only::<MemcacheUrl>().unwrap()),
        "-:- | mc.example:11211* | - | - | -"
    );
    // The fault of a credential names the credential's own var.
    let vars = ConfigVars::from_iter([
        ("MEMCACHIER_PASSWORD", "\"pw\""),
        ("MEMCACHIER_SERVERS", "mc1.example"),
        ("MEMCACHIER_USERNAME", "u"),
    ]);
    assert_eq!(
        vars.only::<MemcacheUrl>().unwrap_err().to_string(),
        "MEMCACHIER_PASSWORD: the value is wrapped in quotes; remove them"
    );
    let vars = ConfigVars::from_iter([
        ("MEMCACHIER_SERVERS", "mc1.example"),
        ("MEMCACHIER_USERNAME", "u\n"),
    ]);
    assert_eq!(
        vars.only::<MemcacheUrl>().unwrap_err().to_string(),
        "MEMCACHIER_USERNAME: the value ends with a line break; remove it"
    );
    // Kafka's servers are not memcached's.
    let vars = ConfigVars::from_iter(triple("CLOUDKARAFKA"));
    assert_eq!(vars.only::<MemcacheUrl>().unwrap_err().kind(), ErrorKind::Missing);
    let kafka: KafkaUrl = vars.only().unwrap();
    assert_eq!(kafka.brokers(), "mc1.example:11212,mc2.example:9092");
    assert_eq!(exposed(kafka.password()), Some("p@:/?#[]% w€"));
    // Credentials within the list come first, for one server as for two.
    let vars = ConfigVars::from_iter([
        ("MEMCACHIER_PASSWORD", "other"),
        ("MEMCACHIER_SERVERS", "u1:p1@mc1.example,u2:p2@mc2.example"),
        ("MEMCACHIER_USERNAME", "other"),
    ]);
    let cache: MemcacheUrl = vars.only().unwrap();
    let passwords: Vec<_> = cache.servers().map(|server| exposed(server.password())).collect();
    assert_eq!(passwords, [Some("p1"), Some("p2")]);
    let cache = MemcacheUrl::from_servers("u1:p1@mc1.example", Some(&"other".into()), None).unwrap();
    assert_eq!(summary(&cache), "u1:p1 | mc1.example:11211* | - | - | -");
    for wrong in [
        "mc1,u2:p2@mc2",
        "u1:p1@mc1,mc2",
        "mc1/x",
        "mc1?x",
        "mc1#x",
        "mc1;mc2",
        "mc1\tmc2",
        "",
        "mc1:0",
    ] {
        assert!(MemcacheUrl::from_servers(wrong, None, None).is_err(), "{wrong}");
    }
}

#[test]
fn the_only_resource_of_its_kind() {
    let vars = ConfigVars::from_iter([
        ("DATABASE_URL", "mysql2://u:p@h/d"),
        ("JAWSDB_URL", "mysql2://u:p@h/d"),
        ("NEW_RELIC_URL", "http://newrelic.com/accounts/[apitoken]"),
        ("SITE_URL", "https://shop.example"),
        ("THING", "mongodb://u:p@h/d"),
    ]);
    // The same value under two names is one resource.
    assert_eq!(vars.only::<MysqlUrl>().unwrap().database(), Some("d"));
    assert_eq!(vars.only::<MongoUrl>().unwrap().database(), Some("d"));
    assert_eq!(vars.only::<HttpUrl>().unwrap().host(), Some("newrelic.com"));
    let error = vars.only::<ResourceUrl>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(error.candidates().count(), 4);
    // One that cannot be read is one all the same.
    let vars = ConfigVars::from_iter([("A_URL", "mysql://h/d"), ("B_URL", "mysql://h:x/d")]);
    assert_eq!(vars.only::<MysqlUrl>().unwrap_err().kind(), ErrorKind::Ambiguous);
}

#[test]
fn several_urls_of_one_resource() {
    check(
        &[
            ("REDIS_TLS_URL", "rediss://:p@h:6380"),
            ("REDIS_URL", "redis://:p@h:6379"),
            ("SEARCHBOX_SSL_URL", "https://u:p@h"),
            ("SEARCHBOX_URL", "http://u:p@h"),
            ("DATABASE_URL", "postgresql://u:p@h/d"),
            ("DATABASE_PUBLIC_UNPOOLED_URL", "postgresql://u:p@h2/d"),
            ("DATABASE_CONNECTION_POOL_URL", "postgres://u:p@h:5433/d"),
            // Another kind is another resource, and a variant of nothing stands by itself.
            ("QUEUE_URL", "amqp://h"),
            ("QUEUE_TLS_URL", "rediss://h"),
            ("LONE_TLS_URL", "rediss://h"),
        ],
        &[
            "DATABASE postgres: DATABASE_PUBLIC_UNPOOLED_URL DATABASE_URL",
            "DATABASE_CONNECTION_POOL postgres: DATABASE_CONNECTION_POOL_URL",
            "LONE_TLS redis: LONE_TLS_URL",
            "QUEUE amqp: QUEUE_URL",
            "QUEUE_TLS redis: QUEUE_TLS_URL",
            "REDIS redis: REDIS_TLS_URL REDIS_URL",
            "SEARCHBOX http: SEARCHBOX_SSL_URL SEARCHBOX_URL",
        ],
    );
    let vars = ConfigVars::from_iter([
        ("REDIS_TLS_URL", "rediss://:p@h:6380"),
        ("REDIS_URL", "redis://:p@h:6379"),
    ]);
    let redis: RedisUrl = vars.only().unwrap();
    assert_eq!(redis.port().map(|port| port.number()), Some(6379));
    let names: Vec<_> = vars
        .attachments()
        .flat_map(|a| a.urls().map(|(name, _)| name.to_owned()).collect::<Vec<_>>())
        .collect();
    assert_eq!(names, ["REDIS_URL", "REDIS_TLS_URL"]);
}

#[test]
fn a_resource_in_parts() {
    type Row = (
        &'static [(&'static str, &'static str)],
        &'static str,
        &'static str,
    );
    let rows: &[Row] = &[
        (
            &[
                ("POSTGRESQL_ADDON_HOST", "h"),
                ("POSTGRESQL_ADDON_USER", "u"),
                ("POSTGRESQL_ADDON_PASSWORD", "p/w@x"),
                ("POSTGRESQL_ADDON_DB", "d/1"),
                ("POSTGRESQL_ADDON_PORT", "50013"),
            ],
            "POSTGRESQL_ADDON postgres",
            "u:p/w@x | h:50013 | /d%2F1 | - | -",
        ),
        // The kind by the port, by a scheme; no user name where the kind needs none.
        (
            &[
                ("DB_HOST", "h"),
                ("DB_USERNAME", "u"),
                ("DB_PASSWORD", "p"),
                ("DB_PORT", "3306"),
                ("DB_DATABASE", "d"),
            ],
            "DB mysql",
            "u:p | h:3306 | /d | - | -",
        ),
        (
            &[
                ("MAIL_HOST", "h"),
                ("MAIL_USER", "u"),
                ("MAIL_PASS", "p"),
                ("MAIL_SCHEME", "smtps"),
            ],
            "MAIL smtp",
            "u:p | h:465* | - | - | -",
        ),
        (
            &[("REDIS_HOST", "2001:db8::7"), ("REDIS_PASSWORD", "p")],
            "REDIS redis",
            "-:p | ipv6 2001:db8::7:6379* | - | - | -",
        ),
        // The kind by the driver, in the spelling of frameworks, and by the port after the host.
        (
            &[
                ("DB_CONNECTION", "pgsql"),
                ("DB_HOST", "h"),
                ("DB_PORT", "6432"),
                ("DB_USERNAME", "u"),
                ("DB_PASSWORD", "p"),
            ],
            "DB postgres",
            "u:p | h:6432 | - | - | -",
        ),
        (
            &[
                ("DATABASE_CLIENT", "pg"),
                ("DATABASE_HOST", "h"),
                ("DATABASE_PASSWORD", "p"),
                ("DATABASE_USER", "u"),
            ],
            "DATABASE postgres",
            "u:p | h:5432* | - | - | -",
        ),
        (
            &[
                ("DB_ENGINE", "django.db.backends.mysql"),
                ("DB_HOST", "h"),
                ("DB_PASSWORD", "p"),
                ("DB_PORT", "5432"),
                ("DB_USER", "u"),
            ],
            "DB mysql",
            "u:p | h:5432 | - | - | -",
        ),
        (
            &[
                ("WORDPRESS_DB_HOST", "h:3306"),
                ("WORDPRESS_DB_NAME", "d"),
                ("WORDPRESS_DB_PASSWORD", "p"),
                ("WORDPRESS_DB_USER", "u"),
            ],
            "WORDPRESS_DB mysql",
            "u:p | h:3306 | /d | - | -",
        ),
        (
            &[
                ("MAIL_ENCRYPTION", "null"),
                ("MAIL_HOST", "h"),
                ("MAIL_MAILER", "smtp"),
                ("MAIL_PASSWORD", "p"),
                ("MAIL_PORT", "2525"),
                ("MAIL_SCHEME", "null"),
                ("MAIL_USERNAME", "u"),
            ],
            "MAIL smtp",
            "u:p | h:2525 | - | - | -",
        ),
        // As Django and Nextcloud call the login.
        (
            &[
                ("EMAIL_HOST", "h"),
                ("EMAIL_HOST_PASSWORD", "p"),
                ("EMAIL_HOST_USER", "u"),
                ("EMAIL_PORT", "587"),
            ],
            "EMAIL smtp",
            "u:p | h:587 | - | - | -",
        ),
        // The kind by the name.
        (
            &[
                ("MEMCACHED_HOST", "h"),
                ("MEMCACHED_PASSWORD", "p"),
                ("MEMCACHED_USERNAME", "u"),
            ],
            "MEMCACHED memcache",
            "u:p | h:11211* | - | - | -",
        ),
        (
            &[("PG_HOST", "h"), ("PG_PASSWORD", "p"), ("PG_USER", "u")],
            "PG postgres",
            "u:p | h:5432* | - | - | -",
        ),
        (
            &[
                ("SHOP_MSSQL_HOST", "h"),
                ("SHOP_MSSQL_PASSWORD", "p"),
                ("SHOP_MSSQL_USER", "u"),
            ],
            "SHOP_MSSQL sqlserver",
            "u:p | h:1433* | - | - | -",
        ),
        (
            &[
                ("BROKER_HOST", "h"),
                ("BROKER_PASSWORD", "p"),
                ("BROKER_PORT", "8883"),
                ("BROKER_USERNAME", "u"),
            ],
            "BROKER mqtt",
            "u:p | h:8883 | - | - | -",
        ),
        // Glued, as libpq has them.
        (
            &[
                ("PGHOST", "h"),
                ("PGUSER", "u"),
                ("PGPASSWORD", "p"),
                ("PGDATABASE", "d"),
                ("PGDATA", "/var/lib"),
            ],
            "PG postgres",
            "u:p | h:5432* | /d | - | -",
        ),
    ];
    for (pairs, name, expected) in rows {
        let vars = ConfigVars::from_iter(pairs.iter().copied());
        let attachments: Vec<_> = vars.attachments().collect();
        assert_eq!(attachments.len(), 1, "{name}");
        let kind = attachments[0].kind().unwrap();
        assert_eq!(format!("{} {kind}", attachments[0].name()), *name);
        let url = attachments[0].url().unwrap().unwrap();
        let read = summary(url).replacen("'':", "-:", 1);
        assert_eq!(read, *expected, "{name}");
        let members = pairs.iter().filter(|(name, _)| *name != "PGDATA").count();
        assert_eq!(attachments[0].var_names().count(), members, "{name}");
    }
    // Incomplete, or of no kind that can be told.
    for pairs in [
        &[("POSTGRES_HOST", "h"), ("POSTGRES_USER", "u")][..],
        &[("POSTGRES_HOST", "h"), ("POSTGRES_PASSWORD", "p")],
        &[("THING_HOST", "h"), ("THING_USER", "u"), ("THING_PASSWORD", "p")],
        // An IPv6 address whose last group looks like a port, and a text that names a driver among other things.
        &[
            ("THING_HOST", "2001:db8::5432"),
            ("THING_USER", "u"),
            ("THING_PASSWORD", "p"),
        ],
        &[
            ("THING_HOST", "h"),
            ("THING_PASSWORD", "p"),
            ("THING_TYPE", "redis-worker"),
            ("THING_USER", "u"),
        ],
        &[
            ("DB_HOST", "h"),
            ("DB_PASSWORD", "p"),
            ("DB_PORT", "5432"),
            ("DB_TYPE", "sqlite"),
            ("DB_USER", "u"),
        ],
        &[
            ("THING_CONNECTION", "Driver=mysql;Password=p"),
            ("THING_HOST", "h"),
            ("THING_PASSWORD", "p"),
            ("THING_USER", "u"),
        ],
        &[("REDIS_SERVICE_HOST", "10.0.0.1"), ("REDIS_SERVICE_PORT", "6379")],
    ] {
        check(pairs, &[]);
    }
    check(
        &[
            ("MYSQL_ROOT_HOST", "%"),
            ("MYSQL_ROOT_USER", "u"),
            ("MYSQL_ROOT_PASSWORD", "p"),
        ],
        &[],
    );
    // One quote surrounds nothing.
    let vars = ConfigVars::from_iter([("PGHOST", "h"), ("PGUSER", "u"), ("PGPASSWORD", "'")]);
    let url = vars.only::<PostgresUrl>().unwrap();
    assert_eq!(exposed(url.password()), Some("'"));
    let vars = ConfigVars::from_iter([("PGHOST", "/var/run/pg"), ("PGUSER", "u"), ("PGPASSWORD", "p")]);
    assert!(vars.attachments().next().unwrap().url().unwrap().unwrap().hosts()[0].is_socket());
    // Beside a URL, the parts are but the same once more.
    check(
        &[
            ("REDIS_HOST", "h"),
            ("REDIS_PASSWORD", "p"),
            ("REDIS_URL", "redis://:p@h"),
        ],
        &["REDIS redis: REDIS_HOST REDIS_PASSWORD REDIS_URL"],
    );
    check(
        &[
            ("MONGOHOST", "h"),
            ("MONGOPASSWORD", "p"),
            ("MONGO_URL", "mongodb://u:p@h"),
        ],
        &["MONGO mongodb: MONGOHOST MONGOPASSWORD MONGO_URL"],
    );
    // The fault of a part names the part's own var.
    let vars = ConfigVars::from_iter([
        ("REDIS_HOST", "h"),
        ("REDIS_PASSWORD", "p\n"),
        ("MYSQL_HOST", "a b"),
        ("MYSQL_USER", "u"),
        ("MYSQL_PASSWORD", "p"),
        ("PGHOST", "h"),
        ("PGUSER", "u"),
        ("PGPASSWORD", "p"),
        ("PGPORT", "x"),
    ]);
    let faults: Vec<_> = vars
        .attachments()
        .flat_map(|a| a.faults().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    assert_eq!(
        faults,
        [
            "MYSQL_HOST: the host holds a blank; remove it",
            "PGPORT: the value is not a number that fits; write one from 1 to 65535",
            "REDIS_PASSWORD: the value ends with a line break; remove it",
        ]
    );
}

#[test]
fn bare_credentials() {
    check(
        &[
            ("SENDGRID_API_KEY", "SG.x"),
            ("LOGENTRIES_TOKEN", "0-0"),
            ("TURSO_AUTH_TOKEN", "ey"),
            ("TURSO_DATABASE_URL", "libsql://db.example"),
            ("POSTMARK_API_TOKEN", "0"),
            ("POSTMARK_INBOUND_ADDRESS", "x@in.example"),
            ("EMPTY_API_KEY", ""),
            // The app's own.
            ("SECRET_KEY_BASE", "x"),
            ("APP_API_KEY", "x"),
            ("SESSION_TOKEN", "x"),
            ("GITHUB_TOKEN", "x"),
            ("NPM_TOKEN", "x"),
        ],
        &[
            "LOGENTRIES ?: LOGENTRIES_TOKEN",
            "POSTMARK ?: POSTMARK_API_TOKEN POSTMARK_INBOUND_ADDRESS",
            "SENDGRID ?: SENDGRID_API_KEY",
            "TURSO ?: TURSO_AUTH_TOKEN",
            "TURSO_DATABASE libsql: TURSO_DATABASE_URL",
        ],
    );
}

#[test]
fn what_each_var_is_for() {
    let vars = ConfigVars::from_iter([
        ("A_API_KEY", "k"),
        (
            "A_CA",
            "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----",
        ),
        ("A_CLIENT_CERT_KEY", "x"),
        ("A_CLIENT_PEM", "-----BEGIN RSA PRIVATE KEY-----\nx"),
        ("A_DB_NAME", "d"),
        ("A_HOST", "h"),
        ("A_KEYBOARD", "x"),
        ("A_MAIN", "${OTHER.URL}"),
        ("A_PASSWORD", "p"),
        ("A_PORT", "1"),
        ("A_PRICE", "$5"),
        ("A_TRUSTED_CERT", "x"),
        ("A_URL", "redis://:p@h"),
        ("A_USER", "u"),
        ("A_VHOST", "v"),
        ("A_VIRTUAL_HOST", "v"),
        ("B_SERVERS", "x"),
        ("MEMCACHE_SERVERS", "h"),
        ("R_URL", "$A_URL"),
        ("T_APIKEY", "x"),
        ("T_APIKEY_", "x"),
    ]);
    let roles: Vec<String> = vars
        .attachments()
        .flat_map(|a| {
            a.roles()
                .map(|(name, role)| format!("{name} {}", role.as_str()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        roles,
        [
            "A_API_KEY token",
            "A_CA certificate",
            "A_CLIENT_CERT_KEY private-key",
            "A_CLIENT_PEM private-key",
            "A_DB_NAME database",
            "A_HOST host",
            "A_KEYBOARD other",
            "A_MAIN reference",
            "A_PASSWORD password",
            "A_PORT port",
            "A_PRICE other",
            "A_TRUSTED_CERT certificate",
            "A_URL url",
            "A_USER username",
            "A_VHOST database",
            "A_VIRTUAL_HOST database",
            "MEMCACHE_SERVERS servers",
            "R_URL reference",
            "T_APIKEY token",
            "T_APIKEY_ other",
        ]
    );
    assert!(
        vars.attachments()
            .all(|attachment| attachment.tls() == Tls::Unspecified)
    );
    // A certificate beside a plain scheme asks for nothing.
    for name in ["K_TRUSTED_CERT", "K_CLIENT_CERT"] {
        let kafka = ConfigVars::from_iter([(name, "x"), ("K_URL", "kafka://b1")]);
        assert_eq!(kafka.attachments().next().unwrap().tls(), Tls::Unspecified);
    }
}

#[test]
fn a_dsn_needs_a_key_where_it_is_an_error_trackers() {
    let rows = [
        ("ELASTICSEARCH_DSN", "http://elasticsearch:9200", false),
        ("SOLR_DSN", "https://solr.example:8983/solr/shop", false),
        ("CLICKHOUSE_DSN", "http://clickhouse:8123/?database=shop", false),
        ("MERCURE_DSN", "https://hub.example/.well-known/mercure", false),
        ("INFLUX_DSN", "http://influx.example", false),
        ("SENTRY_DSN", "https://key@o1.ingest.sentry.example/1", false),
        ("SENTRY_DSN", "https://errors.example/path", true),
        ("SHOP_GLITCHTIP_DSN", "https://errors.example/", true),
        ("ERRORS_DSN", "https://o1.ingest.example/42", true),
        ("ERRORS_DSN", "https://errors.example/42", true),
        ("ERRORS_DSN", "https://sentry.example/a/b", true),
    ];
    for (name, value, is_fault) in rows {
        let vars = ConfigVars::from_iter([(name, value)]);
        let attachment = vars.attachments().next().unwrap();
        let faults: Vec<_> = attachment.faults().map(|fault| fault.kind()).collect();
        let expected: &[ErrorKind] = if is_fault {
            &[ErrorKind::InvalidCredentials]
        } else {
            &[]
        };
        assert_eq!(faults, expected, "{name} {value}");
    }
}

#[test]
fn credentials_and_pem_are_checked_as_parts_of_a_url_are() {
    let escaped = "is PEM text with `\\n` in place of its line breaks; set it with real line breaks";
    let without_lines = "is PEM text without a line break after its label; set it with all its line breaks";
    let cut = "is PEM text without its `-----END` line; set all lines of it";
    let quotes = "is wrapped in quotes; remove them";
    let line_break = "ends with a line break; remove it";
    let rows: &[(&str, &str, Option<&str>)] = &[
        ("A_API_KEY", "SG.abc", None),
        ("A_API_KEY", "\"SG.abc\"", Some(quotes)),
        ("A_API_KEY", "'SG.abc'", Some(quotes)),
        ("A_TOKEN", "abc\n", Some(line_break)),
        ("A_SECRET", " abc", Some("starts with a space; remove it")),
        ("A_PASSWORD", "abc\t", Some("ends with a tab; remove it")),
        ("A_USERNAME", "app\r\n", Some(line_break)),
        ("A_SETTING", "\"text\" ", None),
        ("A_CERT", "-----BEGIN X-----\nMIIC\n-----END X-----", None),
        ("A_CERT", "-----BEGIN X-----\r\nMIIC\r\n-----END X-----\r\n", None),
        (
            "A_CERT",
            "-----BEGIN X-----\nMIIC\n-----END X-----\n-----BEGIN X-----\nMIIC\n-----END X-----",
            None,
        ),
        // NATS's credentials.
        (
            "A_CREDS",
            "-----BEGIN X-----\neyJ\n------END X------\n\n***\n\n-----BEGIN Y-----\nSUA\n------END Y------\n",
            None,
        ),
        (
            "A_CREDS",
            "-----BEGIN X----- eyJ ------END X------",
            Some(without_lines),
        ),
        (
            "A_CERT",
            "-----BEGIN X-----\\nMIIC\\n-----END X-----\\n",
            Some(escaped),
        ),
        (
            "A_CLIENT_KEY",
            "-----BEGIN X-----\\r\\nMIIC\\r\\n-----END X-----",
            Some(escaped),
        ),
        ("A_PRIVATE_KEY", "-----BEGIN X-----\\nMIIC", Some(escaped)),
        (
            "A_CERT",
            "-----BEGIN X-----\nMIIC\\nMIIC\n-----END X-----",
            Some(escaped),
        ),
        (
            "A_CERT",
            "-----BEGIN X----- MIIC -----END X-----",
            Some(without_lines),
        ),
        (
            "A_CERT",
            "-----BEGIN X-----MIIC-----END X-----",
            Some(without_lines),
        ),
        (
            "A_CERT",
            "-----BEGIN X-----\rMIIC\r-----END X-----",
            Some(without_lines),
        ),
        (
            "A_CERT",
            "-----BEGIN X-----\nMIIC-----END X-----",
            Some(without_lines),
        ),
        ("A_CERT", "-----BEGIN X-----", Some(cut)),
        ("A_CERT", "-----BEGIN X-----\nMIIC", Some(cut)),
        (
            "A_CERT",
            "\"-----BEGIN X-----\nMIIC\n-----END X-----\"",
            Some(quotes),
        ),
        (
            "A_BUNDLE",
            "'-----BEGIN X-----\nMIIC\n-----END X-----'\n",
            Some(quotes),
        ),
        (
            "A_BUNDLE",
            " -----BEGIN X-----\nMIIC\n-----END X-----",
            Some("starts with a space; remove it"),
        ),
    ];
    for (name, value, expected) in rows {
        let vars = ConfigVars::from_iter([("A_URL", "kafka+ssl://u:p@b1.example:9096"), (name, value)]);
        let attachment = vars.attachments().next().unwrap();
        let faults: Vec<_> = attachment.faults().map(ToString::to_string).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|fault| format!("{name}: the value {fault}"))
            .collect();
        assert_eq!(faults, expected, "{value:?}");
        assert!(attachment.url().unwrap().is_ok());
    }
    // Also where there is no URL; and once, where a part is at fault.
    let vars = ConfigVars::from_iter([
        ("PGHOST", "h"),
        ("PGPASSWORD", "'p'"),
        ("PGUSER", "u"),
        ("SENDGRID_API_KEY", "\"SG.abc\""),
    ]);
    let attachments: Vec<_> = vars.attachments().collect();
    let faults: Vec<_> = attachments.iter().flat_map(Attachment::faults).collect();
    let named: Vec<_> = faults
        .iter()
        .map(|fault| fault.var().unwrap_or_default())
        .collect();
    assert_eq!(named, ["PGPASSWORD", "SENDGRID_API_KEY"]);
}

#[test]
fn one_resource_under_several_names() {
    let vars = ConfigVars::from_iter([
        ("DATABASE_URL", "postgres://app:old@db.example:5432/shop"),
        (
            "HEROKU_POSTGRESQL_AMBER_URL",
            "postgresql://app:new@db.example/shop",
        ),
        (
            "HEROKU_POSTGRESQL_BLUE_URL",
            "postgres://app:old@db.example:5432/shop",
        ),
        (
            "HEROKU_POSTGRESQL_GREEN_URL",
            "postgres://app:old@db.example:5432/other",
        ),
        (
            "HEROKU_POSTGRESQL_RED_URL",
            "postgres://app:old@db.example:5433/shop",
        ),
        ("API_ONE_URL", "https://key1@api.example/"),
        ("API_TWO_URL", "https://key2@api.example/"),
    ]);
    let aliases: Vec<String> = vars
        .attachments()
        .flat_map(|a| {
            let name = a.name().to_owned();
            a.aliases()
                .map(move |alias| format!("{name} = {} {}", alias.name(), alias.is_certain()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        aliases,
        [
            "DATABASE = HEROKU_POSTGRESQL_AMBER false",
            "DATABASE = HEROKU_POSTGRESQL_BLUE true",
            "HEROKU_POSTGRESQL_AMBER = DATABASE false",
            "HEROKU_POSTGRESQL_AMBER = HEROKU_POSTGRESQL_BLUE false",
            "HEROKU_POSTGRESQL_BLUE = DATABASE true",
            "HEROKU_POSTGRESQL_BLUE = HEROKU_POSTGRESQL_AMBER false",
        ]
    );
    assert_eq!(
        vars.attachments()
            .nth(2)
            .unwrap()
            .aliases()
            .nth(1)
            .unwrap()
            .to_string(),
        "HEROKU_POSTGRESQL_BLUE is the same resource"
    );
}

#[test]
fn several_databases_under_one_stem_are_several_attachments() {
    // A URL to another place is a resource of its own, with the parts of its suffix.
    check(
        &[
            ("DATABASE_URL_SHOP", "postgres://shop.example/shop"),
            ("DATABASE_USER_SHOP", "a"),
            ("DATABASE_PASSWORD_SHOP", "p"),
            ("DATABASE_URL_LEDGER", "postgres://ledger.example/ledger"),
            ("DATABASE_USERNAME_LEDGER", "b"),
            ("DATABASE_PASSWORD_LEDGER", "q"),
        ],
        &[
            "DATABASE_URL_LEDGER postgres: DATABASE_PASSWORD_LEDGER DATABASE_URL_LEDGER DATABASE_USERNAME_LEDGER",
            "DATABASE_URL_SHOP postgres: DATABASE_PASSWORD_SHOP DATABASE_URL_SHOP DATABASE_USER_SHOP",
        ],
    );
    check(
        &[
            ("CACHE_URI_1", "redis://h/1"),
            ("CACHE_URI_2", "redis://h/2"),
            ("STORE_URL_A", "mysql://h/d"),
            ("STORE_URL_B", "mongodb://h/d"),
            ("AWS_ENDPOINT_URL_S3", "https://s3.example"),
            ("AWS_ENDPOINT_URL_SQS", "https://sqs.example"),
            ("MQ_URL_EU", "amqp://u:p@h"),
            ("MQ_URL_US", "amqp://u:p@h:x"),
        ],
        &[
            "AWS_ENDPOINT_URL_S3 http: AWS_ENDPOINT_URL_S3",
            "AWS_ENDPOINT_URL_SQS http: AWS_ENDPOINT_URL_SQS",
            "CACHE_URI_1 redis: CACHE_URI_1",
            "CACHE_URI_2 redis: CACHE_URI_2",
            "MQ_URL_EU amqp: MQ_URL_EU",
            "MQ_URL_US amqp!: MQ_URL_US",
            "STORE_URL_A mysql: STORE_URL_A",
            "STORE_URL_B mongodb: STORE_URL_B",
        ],
    );
    // One place, or a plain URL: one attachment.
    check(
        &[
            ("DATABASE_URL_READ", "postgres://r:p@h/d"),
            ("DATABASE_URL_WRITE", "postgresql://w:p@h:5432/d"),
            ("CACHE_URL", "redis://h/1"),
            ("CACHE_URL_SESSIONS", "redis://h/2"),
            ("AWS_ENDPOINT_URL_S3", "https://s3.example"),
        ],
        &[
            "AWS_ENDPOINT http: AWS_ENDPOINT_URL_S3",
            "CACHE redis: CACHE_URL CACHE_URL_SESSIONS",
            "DATABASE postgres: DATABASE_URL_READ DATABASE_URL_WRITE",
        ],
    );
    // A var that two suffixes claim is in one attachment only.
    check(
        &[
            ("A_URL_USER_B", "redis://h1"),
            ("A_URL_C", "redis://h2"),
            ("A_USER_URL_B", "redis://h3"),
            ("A_USER_URL_C", "redis://h4"),
            ("A_USER_USER_B", "u"),
        ],
        &[
            "A_URL_C redis: A_URL_C",
            "A_URL_USER_B redis: A_URL_USER_B A_USER_USER_B",
            "A_USER_URL_B redis: A_USER_URL_B",
            "A_USER_URL_C redis: A_USER_URL_C",
        ],
    );
}

#[test]
fn suffix_of_a_url_does_not_hide_the_role_of_a_credential() {
    let urls = |rows: &[(&'static str, &'static str)]| rows.to_vec();
    for (urls, credential) in [
        // A single URL, several to one place, and one beside a plain URL: each is one attachment.
        (urls(&[("STORE_URL_EU", "mysql://h/d")]), "STORE_PASSWORD_EU"),
        (
            urls(&[("STORE_URL_EU", "mysql://h/d"), ("STORE_URL_US", "mysql://h/d")]),
            "STORE_PASS_US",
        ),
        (
            urls(&[("STORE_URL", "mysql://h/d"), ("STORE_URI_EU_WEST", "mysql://i/d")]),
            "STORE_USER_EU_WEST",
        ),
        // Several to different places, each an attachment of its own.
        (
            urls(&[("STORE_URL_EU", "mysql://h/d"), ("STORE_URL_US", "mysql://i/d")]),
            "STORE_SECRET_US",
        ),
    ] {
        let with_credential = |value: &'static str| {
            let pairs = urls.iter().copied().chain([(credential, value)]);
            ConfigVars::from_iter(pairs)
        };
        let faults = |vars: &ConfigVars| -> Vec<String> {
            let attachments: Vec<_> = vars.attachments().collect();
            let faults = attachments.iter().flat_map(Attachment::faults);
            faults
                .map(|fault| fault.var().unwrap_or_default().to_owned())
                .collect()
        };
        let good = with_credential("one");
        let roles: Vec<_> = good
            .attachments()
            .flat_map(|attachment| attachment.roles().collect::<Vec<_>>())
            .filter(|(name, _)| *name == credential)
            .collect();
        assert_eq!(roles.len(), 1, "{credential}");
        assert_ne!(roles[0].1, Role::Other, "{credential}");
        assert!(faults(&good).is_empty(), "{credential}");
        assert_eq!(faults(&with_credential("\"two\"")), [credential]);
    }
}

/// The names that `only` lists, or the host that it finds.
fn only<T: config_vars::Resource>(pairs: &[(&str, &str)], host: impl Fn(&T) -> String) -> String {
    match ConfigVars::from_iter(pairs.iter().copied()).only::<T>() {
        Ok(url) => host(&url),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Ambiguous, "{error}");
            error.candidates().collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn only_chooses_none_of_several_resources() {
    let postgres = |pairs: &[(&str, &str)]| {
        only(pairs, |url: &PostgresUrl| {
            url.host().unwrap_or_default().to_owned()
        })
    };
    let redis =
        |pairs: &[(&str, &str)]| only(pairs, |url: &RedisUrl| url.host().unwrap_or_default().to_owned());
    assert_eq!(
        postgres(&[
            ("DATABASE_URL_SHOP", "postgres://a:p@shop.example/shop"),
            ("DATABASE_URL_LEDGER", "postgres://a:p@ledger.example/ledger"),
        ]),
        "DATABASE_URL_LEDGER DATABASE_URL_SHOP"
    );
    assert_eq!(
        postgres(&[
            ("DATABASE_URL", "postgres://a:p@shop.example/shop"),
            ("DATABASE_URL_LEDGER", "postgres://a:p@ledger.example/ledger"),
        ]),
        "DATABASE_URL DATABASE_URL_LEDGER"
    );
    assert_eq!(
        redis(&[("CACHE_URI_1", "redis://h/1"), ("CACHE_URI_2", "redis://h/2")]),
        "CACHE_URI_1 CACHE_URI_2"
    );
    assert_eq!(
        redis(&[("CACHE_URL", "redis://h1"), ("CACHE_URI", "redis://h2")]),
        "CACHE_URI CACHE_URL"
    );
    assert_eq!(
        redis(&[("DB_URL", "postgres://h1"), ("DB_URL_CACHE", "redis://h2")]),
        "h2"
    );
    assert_eq!(
        postgres(&[
            ("MAIN_URL_READ", "postgres://r:p@h/d"),
            ("MAIN_URL_WRITE", "postgres://w:p@h/d"),
        ]),
        "MAIN_URL_READ MAIN_URL_WRITE"
    );
    // Other ways to the same, by names that platforms give.
    for (name, other) in [
        ("DATABASE_URL", "DATABASE_URL_PGBOUNCER"),
        ("DATABASE_URL", "DATABASE_PUBLIC_URL"),
        ("DATABASE_URL", "DATABASE_URL_UNPOOLED"),
        ("POSTGRES_URL", "POSTGRES_URL_NON_POOLING"),
        ("POSTGRES_URL", "POSTGRES_PRISMA_URL"),
        ("uri", "fqdn-jdbc-uri"),
        ("URI", "FQDN_URI"),
        ("SHOP_DB_URL", "SHOP_DB_FQDN_URI"),
    ] {
        let pairs = [
            (name, "postgres://u:p@main.example/d"),
            (other, "postgres://u:p@other.example/d"),
        ];
        assert_eq!(postgres(&pairs), "main.example", "{name} {other}");
    }
    assert_eq!(
        postgres(&[
            ("LONE_TLS_URL", "postgres://h1/d"),
            ("LONE_DIRECT_URL", "postgres://h2/d")
        ]),
        "LONE_DIRECT_URL LONE_TLS_URL"
    );
}

#[test]
fn one_resource_in_two_spellings() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Is {
        Same,
        OtherOptions,
        OtherCredentials,
        Apart,
    }
    use Is::{Apart, OtherCredentials, OtherOptions, Same};
    let rows = [
        ("postgres://u:p@h/d", "postgresql://u:p@h/d", Same),
        ("postgres://u:p@h/d", "postgres://u:p@h:5432/d", Same),
        ("postgres://u:p%2Fw@h/d", "postgres://u:p%2fw@H/d", Same),
        ("postgres://u:p%77@h/d", "postgres://u:pw@h/d", Same),
        (
            "postgres://u:p@h/d",
            "jdbc:postgresql://h:5432/d?user=u&password=p",
            Same,
        ),
        ("mysql://u:p@h/d", "mysql2://u:p@h:3306/d", Same),
        ("mysql://u:p@h/d", "mariadb://u:p@h/d", Same),
        ("amqp://u:p@10.0.0.41/v", "amqp://u:p@10.0.0.41:5672/v", Same),
        ("amqp://u:p@h", "amqp://u:p@h/%2F", Same),
        ("redis://:p@h", "redis://h:p@h:6379/0", Same),
        // Redis's own user, whose password `AUTH` takes without a name.
        ("redis://:p@h", "redis://default:p@h", Same),
        ("redis://default:p@h", "redis://app:p@h", OtherCredentials),
        ("amqp://:p@h", "amqp://default:p@h", OtherCredentials),
        ("mongodb://u:p@b,a/d", "mongodb://u:p@a:27017,b/d", Same),
        ("memcached://u:p@a,b", "memcache://u:p@b:11211,a", Same),
        (
            "postgres://u:p@h/d",
            "postgres://u:p@h/d?sslmode=require",
            OtherOptions,
        ),
        ("postgres://u:p@h/d?a=1&b=2", "postgres://u:p@h/d?b=2&a=1", Same),
        (
            "mongodb://u:p@h/d?w=1",
            "mongodb://u:p@h/d?w=majority",
            OtherOptions,
        ),
        ("rediss://:p@h:6379", "redis://:p@h", OtherOptions),
        ("postgres://u:p@h/d", "postgresql://u:q@h/d", OtherCredentials),
        (
            "postgres://u:p@h/d",
            "postgres://v:p@h/d?sslmode=require",
            OtherCredentials,
        ),
        ("mysql://u:p@h/d", "mysql://u@h/d", OtherCredentials),
        ("redis://:p@h/1", "redis://:p@h/2", Apart),
        ("postgres://u:p@h/d", "postgres://u:p@h:5433/d", Apart),
        ("postgres://u:p@h/d", "mysql://u:p@h/d", Apart),
        ("postgres://u:p@h/d", "postgres://u:p@h/e", Apart),
        ("mongodb://u:p@h/d", "mongodb+srv://u:p@h/d", Apart),
        ("https://u:p@api.example/a", "https://u:p@api.example/b", Apart),
        // Options that replace a part are compared as that part.
        (
            "postgres://u:p@h/d",
            "postgres://x:y@h/e?user=u&password=p&dbname=d",
            Same,
        ),
        (
            "postgres://u:p@h/d",
            "postgres://u:p@x/d?hostaddr=192.0.2.1&host=",
            Apart,
        ),
        ("mysql://u:p@h/d", "jdbc:mysql://h/d?user=u&password=p", Same),
        (
            "mysql://u:p@h/d?socket=/a.sock",
            "mysql://u:p@h/d?unix_socket=/a.sock",
            Same,
        ),
        (
            "mysql://u:p@h/d?socketPath=/a.sock",
            "mysql://u:p@h/d?socket=/b.sock",
            Apart,
        ),
        (
            "redis+unix:///r.sock?db=1&pass=p",
            "redis+socket:///r.sock?virtual_host=1&password=p",
            Same,
        ),
        ("redis+unix:///r.sock?db=1", "redis+unix:///r.sock?db=2", Apart),
        // Others that name a database, a host or a login tell resources apart.
        ("redis://c?password=a", "redis://c?password=b", OtherCredentials),
        ("redis://c?username=a", "redis://c", OtherCredentials),
        ("redis://c?db=1&password=a", "redis://c/1?password=a", Same),
        ("redis://c?db=1", "redis://c?db=2", Apart),
        ("redis://c?timeout=1", "redis://c?timeout=2", OtherOptions),
        ("mysql://h/d?password=a", "mysql://h/d?password=b", Apart),
        ("mysql://h/d?host=a", "mysql://h/d?host=b", Apart),
        ("mongodb://u:p@h/d?user=a", "mongodb://u:p@h/d?user=b", Apart),
        (
            "mongodb://u:p@h/d?authSource=a",
            "mongodb://u:p@h/d?authsource=b",
            Apart,
        ),
        (
            "jdbc:mysql://u:p@h/d?user=a",
            "jdbc:mysql://u:p@h/d?user=b",
            Apart,
        ),
        (
            "sqlserver://u:p@h?database=a",
            "sqlserver://u:p@h?Database=b",
            Apart,
        ),
        (
            "sqlserver://u:p@h?database=a",
            "sqlserver://u:p@h?Database=a",
            Same,
        ),
        (
            "sqlserver://u:p@h/INSTANCE?databaseName=a",
            "sqlserver://u:p@h/INSTANCE?DatabaseName=a",
            OtherOptions,
        ),
        ("libsql://h?authToken=a", "libsql://h?authToken=b", Apart),
        ("clickhouse://h?database=a", "clickhouse://h?database=b", Apart),
        ("neo4j://h?database=a", "neo4j://h", Apart),
        ("influxdb://h?db=a", "influxdb://h?db=b", Apart),
        ("amqp://h?vhost=a", "amqp://h?vhost=b", Apart),
        (
            "postgres://u:p@h/d?options=endpoint%3Dep-a",
            "postgres://u:p@h/d?options=endpoint%3Dep-b",
            Apart,
        ),
        (
            "postgres://u:p@h/d?options=-c%20a%3D1%20endpoint%3Dep-a",
            "postgres://u:p@h/d?options=endpoint%3Dep-a",
            OtherOptions,
        ),
        (
            "postgres://u:p@h/d?options=-c%20search_path%3Da",
            "postgres://u:p@h/d?options=-c%20search_path%3Db",
            OtherOptions,
        ),
    ];
    for (one, other, expected) in rows {
        let vars = ConfigVars::from_iter([("ONE_URL", one), ("THE_OTHER_URL", other)]);
        let attachment = vars.attachments().next().unwrap();
        let alias = attachment.aliases().next();
        let read = match alias.map(|alias| (alias.is_certain(), alias.to_string())) {
            None => Apart,
            Some((false, note)) if note.contains("with other credentials") => OtherCredentials,
            Some((true, note)) if note.ends_with("is the same resource, with other options") => OtherOptions,
            Some((true, note)) if note.ends_with("is the same resource") => Same,
            Some(alias) => panic!("{alias:?}"),
        };
        assert_eq!(read, expected, "{one} {other}");
        let only = vars.only::<ResourceUrl>();
        match expected {
            Same | OtherOptions => assert_eq!(only.unwrap().expose_original(), one),
            OtherCredentials | Apart => assert_eq!(only.unwrap_err().kind(), ErrorKind::Ambiguous),
        }
    }
    // Parts beside a URL are the same resource as well, and the URL counts.
    let parts = [
        ("DATABASE_URL", "postgres://u:p%40@h:5432/d?sslmode=require"),
        ("PGHOST", "h"),
        ("PGUSER", "u"),
        ("PGPASSWORD", "p@"),
        ("PGDATABASE", "d"),
    ];
    let vars = ConfigVars::from_iter(parts);
    let url: PostgresUrl = vars.only().unwrap();
    assert_eq!(exposed(url.query("sslmode").as_ref()), Some("require"));
}

#[test]
fn bare_credentials_that_stand_for_a_value_are_faults() {
    for value in [
        "${SENDGRID_KEY}",
        "$SENDGRID_KEY",
        "{{ .Values.sendgrid }}",
        "<your-api-key>",
        "[YOUR-API-KEY]",
        "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/key/1)",
        "op://prod/sendgrid/key",
        "arn:aws:secretsmanager:eu-west-1:1:secret:key",
        "encrypted:BEq3",
        "********",
    ] {
        let vars = ConfigVars::from_iter([("SENDGRID_API_KEY", value)]);
        let faults: Vec<_> = vars
            .attachments()
            .flat_map(|attachment| attachment.faults().map(ToString::to_string).collect::<Vec<_>>())
            .collect();
        assert_eq!(faults.len(), 1, "{value}: {faults:?}");
        assert!(
            faults[0].starts_with("SENDGRID_API_KEY: the value is a "),
            "{faults:?}"
        );
    }
    for value in ["SG.abc", "$ecret", "a{b}", "pk_live_x=="] {
        let vars = ConfigVars::from_iter([("SENDGRID_API_KEY", value)]);
        assert!(
            vars.attachments()
                .all(|attachment| attachment.faults().next().is_none()),
            "{value}"
        );
    }
}

#[test]
fn a_file_is_found_without_slashes() {
    let vars = ConfigVars::from_iter([("DATABASE_URL", "sqlite:todos.db")]);
    let url: ResourceUrl = vars.only().unwrap();
    assert_eq!((url.kind(), url.database()), (Kind::Sqlite, Some("todos.db")));
    let vars = ConfigVars::from_iter([(
        "DATABASE_URL",
        "@Microsoft.KeyVault(SecretUri=https://vault.example/s)",
    )]);
    assert!(
        vars.only::<ResourceUrl>()
            .unwrap_err()
            .to_string()
            .contains("is a reference")
    );
}

/// TLS that a var of its own asks for, or a port that the protocol has for TLS alone.
#[test]
fn tls_of_parts_is_kept() {
    let tls = |kind: &str, name: &str, value: &str| {
        let stem = if kind == "PG" {
            "PG".to_owned()
        } else {
            format!("{kind}_")
        };
        let vars = ConfigVars::from_iter([
            (format!("{stem}HOST"), "h.example".to_owned()),
            (format!("{stem}USER"), "app".to_owned()),
            (format!("{stem}PASSWORD"), "pw".to_owned()),
            (format!("{stem}{name}"), value.to_owned()),
        ]);
        vars.url::<ResourceUrl>(&format!("{stem}HOST"))
            .map(|url| url.tls())
            .map_err(|error| error.var().map(str::to_owned))
    };
    for (kind, name, value, expected) in [
        ("PG", "SSLMODE", "verify-full", Tls::Verified),
        ("PG", "SSLMODE", "require", Tls::Unverified),
        ("PG", "SSLMODE", "disable", Tls::Off),
        ("POSTGRES", "SSL", "true", Tls::Unverified),
        ("MYSQL", "SSL_MODE", "VERIFY_IDENTITY", Tls::Verified),
        ("MYSQL", "SSL", "false", Tls::Off),
        ("REDIS", "TLS", "true", Tls::Verified),
        ("REDIS", "SSL", "Yes", Tls::Verified),
        ("REDIS", "TLS", "0", Tls::Off),
        ("MONGO", "TLS", "1", Tls::Verified),
        ("RABBITMQ", "PORT", "5671", Tls::Verified),
        ("RABBITMQ", "PORT", "5672", Tls::Unspecified),
        ("SMTP", "PORT", "465", Tls::Verified),
    ] {
        assert_eq!(tls(kind, name, value), Ok(expected), "{kind} {name}={value}");
    }
    assert_eq!(tls("REDIS", "TLS", "maybe"), Err(Some("REDIS_TLS".to_owned())));
    assert_eq!(
        tls("PG", "SSLMODE", "verify_full"),
        Err(Some("PGSSLMODE".to_owned()))
    );
}

/// A scheme before the host says how to connect: it is kept, or is a fault of that var.
#[test]
fn scheme_before_a_host_is_kept_or_refused() {
    let read = |stem: &str, host: &str, more: &[(&str, &str)]| {
        let given = [("HOST", host), ("USER", "app"), ("PASSWORD", "pw")];
        let vars = given.iter().chain(more);
        let vars =
            ConfigVars::from_iter(vars.map(|(name, value)| (format!("{stem}{name}"), (*value).to_owned())));
        let name = format!("{stem}HOST");
        let attachment = vars.attachments().next().map(|found| found.name().to_owned());
        assert_eq!(attachment.as_deref(), Some(stem.trim_end_matches('_')), "{host}");
        vars.url::<ResourceUrl>(&name)
            .map(|url| {
                assert_eq!(
                    url.password().map(|password| password.expose_secret()),
                    Some("pw")
                );
                assert_eq!(url.host(), Some("h.example"));
                (url.scheme().to_owned(), url.tls())
            })
            .map_err(|error| {
                assert_eq!(error.var(), Some(&*name), "{error}");
                error.to_string()
            })
    };
    for (stem, host, more, scheme, tls) in [
        ("REDIS_", "tls://h.example", &[][..], "rediss", Tls::Verified),
        ("REDIS_", "ssl://h.example:6380", &[], "rediss", Tls::Verified),
        ("REDIS_", "TLS://h.example/", &[], "rediss", Tls::Verified),
        ("REDIS_", "rediss://h.example", &[], "rediss", Tls::Verified),
        ("REDIS_", "valkeys://h.example", &[], "valkeys", Tls::Verified),
        ("REDIS_", "redis://h.example", &[], "redis", Tls::Unspecified),
        (
            "REDIS_",
            "redis://h.example",
            &[("TLS", "1")],
            "rediss",
            Tls::Verified,
        ),
        (
            "REDIS_",
            "redis://h.example",
            &[("SCHEME", "rediss")],
            "rediss",
            Tls::Verified,
        ),
        (
            "REDIS_",
            "rediss://h.example",
            &[("SCHEME", "redis")],
            "rediss",
            Tls::Verified,
        ),
        (
            "REDIS_",
            "rediss://h.example",
            &[("TLS", "true")],
            "rediss",
            Tls::Verified,
        ),
        ("CACHE_", "rediss://h.example", &[], "rediss", Tls::Verified),
        ("RABBITMQ_", "amqps://h.example", &[], "amqps", Tls::Verified),
        // The scheme is surer than the name, as it is in a URL.
        ("REDIS_", "amqps://h.example", &[], "amqps", Tls::Verified),
        (
            "RABBITMQ_",
            "amqp://h.example",
            &[("PORT", "5671")],
            "amqps",
            Tls::Verified,
        ),
        (
            "RABBITMQ_",
            "tls://h.example",
            &[("PORT", "5672")],
            "amqps",
            Tls::Verified,
        ),
        ("SMTP_", "ssl://h.example", &[], "smtps", Tls::Verified),
        ("PG", "tls://h.example", &[], "postgres", Tls::Unverified),
        (
            "PG",
            "ssl://h.example",
            &[("SSLMODE", "verify-full")],
            "postgres",
            Tls::Verified,
        ),
        (
            "PG",
            "postgresql://h.example",
            &[("SSLMODE", "require")],
            "postgresql",
            Tls::Unverified,
        ),
        ("DB_", "mysql://h.example", &[], "mysql", Tls::Unspecified),
        (
            "MYSQL_",
            "tls://h.example",
            &[("PORT", "3307")],
            "mysql",
            Tls::Verified,
        ),
        ("MONGO_", "tls://h.example", &[], "mongodb", Tls::Verified),
        (
            "MONGO_",
            "mongodb+srv://h.example",
            &[],
            "mongodb+srv",
            Tls::Verified,
        ),
    ] {
        let expected = Ok((scheme.to_owned(), tls));
        assert_eq!(read(stem, host, more), expected, "{stem}HOST={host} {more:?}");
    }
    for (stem, host, more) in [
        ("REDIS_", "https://h.example", &[][..]),
        ("REDIS_", "tcp://h.example", &[]),
        ("REDIS_", "redisss://h.example", &[]),
        ("REDIS_", "hunter2://h.example", &[]),
        ("PG", "mysql://h.example", &[]),
        ("PG", "tls://h.example", &[("SSLMODE", "disable")]),
        ("PG", "tls://h.example", &[("SSLMODE", "prefer")]),
        ("REDIS_", "tls://h.example", &[("TLS", "false")]),
        ("REDIS_", "tls://h.example/0", &[]),
        ("REDIS_", "tls://h.example:6380", &[("PORT", "6379")]),
        ("REDIS_", "tls://", &[]),
    ] {
        let error = read(stem, host, more).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let error = read("REDIS_", "https://h.example", &[]).unwrap_err();
    assert_eq!(
        error,
        "REDIS_HOST: the host begins with a scheme that is not for redis; write the host alone, or `tls://` before \
         it for TLS"
    );
    // A URL with credentials of its own is one.
    let vars = ConfigVars::from_iter([
        ("REDIS_HOST", "rediss://:own@h.example"),
        ("REDIS_PASSWORD", "pw"),
    ]);
    let url: ResourceUrl = vars.url("REDIS_HOST").unwrap();
    assert_eq!(
        url.password().map(|password| password.expose_secret()),
        Some("own")
    );
}

#[test]
fn authorities_of_libpq_are_kept_and_listed() {
    for (mode, expected) in [
        (None, Tls::VerifiedCa),
        (Some("require"), Tls::VerifiedCa),
        (Some("verify-full"), Tls::Verified),
    ] {
        let given = [
            ("PGHOST", "db.example"),
            ("PGUSER", "app"),
            ("PGPASSWORD", "pw"),
            ("PGSSLROOTCERT", "/etc/ssl/db ca.pem"),
        ];
        let mode = mode.map(|mode| ("PGSSLMODE", mode));
        let vars = ConfigVars::from_iter(given.into_iter().chain(mode));
        let url: ResourceUrl = vars.url("PGHOST").unwrap();
        let file = url.query("sslrootcert").unwrap();
        assert_eq!(
            (url.tls(), file.expose_secret()),
            (expected, "/etc/ssl/db ca.pem")
        );
        let attachments: Vec<_> = vars.attachments().collect();
        assert_eq!(attachments.len(), 1);
        assert_eq!(
            attachments[0].var_names().count(),
            4 + usize::from(mode.is_some())
        );
    }
}
