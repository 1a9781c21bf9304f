//! Discovery: what is an add-on's resource, what is none, and what belongs together.

mod util;

use config_vars::{
    Attachment, ConfigVars, ErrorKind, HttpUrl, Kind, MemcacheUrl, MongoUrl, MysqlUrl, ResourceUrl,
};
use util::{exposed, summary};

/// Each attachment on a line: its name, kind, and config vars; `!` marks a fault.
fn found(vars: &ConfigVars) -> Vec<String> {
    vars.attachments()
        .map(|attachment| {
            let kind = attachment.kind().map_or("?".to_owned(), |kind| kind.to_string());
            let fault = if attachment.url().is_err() { "!" } else { "" };
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
        ],
        &[
            "DATABASE postgres: DATABASE_URL",
            "DATABASE_URL_PGBOUNCER postgres: DATABASE_URL_PGBOUNCER",
            "MAIN_STORE mongodb: MAIN_STORE",
            "NEXT_PUBLIC redis: NEXT_PUBLIC_URL",
            "X_SERVERS memcache: X_SERVERS",
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
        ],
        &["OMNISCI other: OMNISCI_URL", "REDIS other: REDIS_URL"],
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
            ("TEAM_URL", "mailto:team@shop.example"),
            ("TZ", ":America/New_York"),
            ("URL", "https://shop.example"),
            ("_URL", "https://shop.example"),
            ("EMPTY_URL", ""),
        ],
        &[],
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
        ("MEMCACHE_SERVERS", "mc1.example mc2.example"),
    ]);
    let faults: Vec<_> = vars
        .attachments()
        .map(|a| {
            a.url()
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
    assert_eq!(attachments[0].url().unwrap().host(), Some("h1"));
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
    // What is wrong with a credential is said of its own var.
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
    assert_eq!(found(&vars), [""; 0]);
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
