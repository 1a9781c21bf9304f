//! What well-formed URLs of each kind are read as.

mod util;

use config_vars::{Component, HttpUrl, Kind, MemcacheUrl, MongoUrl, MysqlUrl, ResourceUrl};
use util::{check_readings, exposed, read, summary};

#[test]
fn mysql() {
    check_readings::<MysqlUrl>(&[
        (
            "mysql://app:pw@db.example/shop",
            "app:pw | db.example:3306* | /shop | - | -",
        ),
        (
            "mysql://app:pw@db.example:3306/shop",
            "app:pw | db.example:3306 | /shop | - | -",
        ),
        // Spellings.
        (
            "mysql2://app:pw@db.example/shop",
            "app:pw | db.example:3306* | /shop | - | -",
        ),
        (
            "mariadb://app:pw@db.example/shop",
            "app:pw | db.example:3306* | /shop | - | -",
        ),
        (
            "MySQL://app:pw@db.example/shop",
            "app:pw | db.example:3306* | /shop | - | -",
        ),
        // Empty is not absent.
        ("mysql://db.example", "-:- | db.example:3306* | - | - | -"),
        ("mysql://@db.example/", "'':- | db.example:3306* | / | - | -"),
        (
            "mysql://app@db.example/?",
            "app:- | db.example:3306* | / | '' | -",
        ),
        (
            "mysql://app:@db.example?",
            "app:'' | db.example:3306* | - | '' | -",
        ),
        ("mysql://:pw@db.example", "'':pw | db.example:3306* | - | - | -"),
        // The last `@` ends the user information, the first `:` the user name.
        (
            "mysql://app:p@s@s@db.example",
            "app:p@s@s | db.example:3306* | - | - | -",
        ),
        (
            "mysql://a@b:pw@db.example",
            "a@b:pw | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:p:w:@db.example",
            "app:p:w: | db.example:3306* | - | - | -",
        ),
        // Decoded once; a plus is a plus.
        (
            "mysql://a%40b:p%2525+%E2%82%AC@db.example",
            "a@b:p%25+€ | db.example:3306* | - | - | -",
        ),
        // What drivers read as it is.
        (
            "mysql://app:^{|}~\"<>`\\!$&'()*+,;=é@db.example",
            "app:^{|}~\"<>`\\!$&'()*+,;=é | db.example:3306* | - | - | -",
        ),
        // Hosts.
        (
            "mysql://app:pw@[2001:db8::7]:3307/shop",
            "app:pw | ipv6 2001:db8::7:3307 | /shop | - | -",
        ),
        (
            "mysql://app:pw@192.0.2.10/shop",
            "app:pw | ipv4 192.0.2.10:3306* | /shop | - | -",
        ),
        (
            "mysql://app:pw@%2Fvar%2Frun%2Fmysqld.sock/shop",
            "app:pw | socket /var/run/mysqld.sock | /shop | - | -",
        ),
        (
            "mysql://app:pw@my_db-1.internal./shop",
            "app:pw | my_db-1.internal.:3306* | /shop | - | -",
        ),
        (
            "mysql://app:pw@bücher.example/shop",
            "app:pw | bücher.example:3306* | /shop | - | -",
        ),
        (
            "mysql://app:pw@db.example:65535/shop",
            "app:pw | db.example:65535 | /shop | - | -",
        ),
        // Options.
        (
            "mysql://u:p@aws.connect.psdb.example/name?ssl={\"rejectUnauthorized\":true}",
            "u:p | aws.connect.psdb.example:3306* | /name | ssl={\"rejectUnauthorized\":true} | -",
        ),
    ]);
    let database = |text: &str| read::<MysqlUrl>(text).database().map(str::to_owned);
    assert_eq!(
        database("mysql://db.example/my%2Fshop").as_deref(),
        Some("my/shop")
    );
    assert_eq!(database("mysql://db.example/").as_deref(), Some(""));
    assert_eq!(database("mysql://db.example"), None);
}

#[test]
fn http() {
    check_readings::<HttpUrl>(&[
        // The path is the secret, and holds raw brackets.
        (
            "http://newrelic.com/accounts/[apitoken]",
            "-:- | newrelic.com:80* | /accounts/[apitoken] | - | -",
        ),
        ("https://api.example", "-:- | api.example:443* | - | - | -"),
        (
            "https://key@o1.ingest.sentry.example/1234",
            "key:- | o1.ingest.sentry.example:443* | /1234 | - | -",
        ),
        (
            "http://:master@search:7700",
            "'':master | search:7700 | - | - | -",
        ),
        (
            "https://api.example:8443/a//b/?x=1&y#f",
            "-:- | api.example:8443 | /a//b/ | x=1&y | f",
        ),
        (
            "https://api.example/@scope/pkg?to=a@b",
            "-:- | api.example:443* | /@scope/pkg | to=a@b | -",
        ),
        (
            "https://u:p@ss@api.example/",
            "u:p@ss | api.example:443* | / | - | -",
        ),
        ("https://[::1]/", "-:- | ipv6 ::1:443* | / | - | -"),
    ]);
}

#[test]
fn memcache() {
    check_readings::<MemcacheUrl>(&[
        ("memcache://mc.example", "-:- | mc.example:11211* | - | - | -"),
        (
            "memcached://u:p%2Cw@mc1.example:11212,mc2.example/",
            "u:p,w | mc1.example:11212, mc2.example:11211* | / | - | -",
        ),
        (
            "memcache://%2Ftmp%2Fmc.sock",
            "-:- | socket /tmp/mc.sock | - | - | -",
        ),
        // Credentials for each server.
        (
            "memcache://u1:p1@mc1.example,u2:p2@mc2.example",
            "-:- | mc1.example:11211*, mc2.example:11211* | - | - | -",
        ),
    ]);
    let cache: MemcacheUrl = read("memcache://u1:p%31@mc1.example,u2:@mc2.example:1");
    let servers: Vec<_> = cache
        .servers()
        .map(|server| {
            (
                server.host(),
                exposed(server.username()),
                exposed(server.password()),
            )
        })
        .collect();
    assert_eq!(
        servers,
        [
            ("mc1.example", Some("u1"), Some("p1")),
            ("mc2.example", Some("u2"), Some("")),
        ]
    );
    let cache: MemcacheUrl = read("memcache://u:p@mc1.example,mc2.example");
    assert!(
        cache
            .servers()
            .all(|server| exposed(server.password()) == Some("p"))
    );
}

#[test]
fn other_kinds() {
    let rows = [
        (
            "postgres://u:p@h1.example,h2.example:5433/d",
            Kind::Postgres,
            "u:p | h1.example:5432*, h2.example:5433 | /d | - | -",
        ),
        (
            "postgresql://u:p@/d?host=/cloudsql/x",
            Kind::Postgres,
            "u:p |  | /d | host=/cloudsql/x | -",
        ),
        (
            "postgres://u@%2Frun%2Fpg:5433/d",
            Kind::Postgres,
            "u:- | socket /run/pg:5433 | /d | - | -",
        ),
        (
            "rediss://:p@cache.example:6380",
            Kind::Redis,
            "'':p | cache.example:6380 | - | - | -",
        ),
        (
            "valkeys://default:p@cache.example",
            Kind::Redis,
            "default:p | cache.example:6379* | - | - | -",
        ),
        (
            "amqps://u:p@mq.example/v",
            Kind::Amqp,
            "u:p | mq.example:5671* | /v | - | -",
        ),
        (
            "omnisci://u:p@db.example:6274/d#f",
            Kind::Other,
            "u:p | db.example:6274 | /d | - | f",
        ),
        (
            "jdbc:oracle://db.example/d",
            Kind::Other,
            "-:- | db.example | /d | - | -",
        ),
    ];
    for (text, kind, expected) in rows {
        let url: ResourceUrl = read(text);
        assert_eq!((url.kind(), summary(&url).as_str()), (kind, expected), "{text}");
    }
    assert_eq!(
        read::<ResourceUrl>("jdbc:oracle://db.example").scheme(),
        "jdbc:oracle"
    );
    assert_eq!(
        read::<ResourceUrl>("JDBC:oracle://db.example").kind(),
        Kind::Other
    );
}

#[test]
fn drivers_get_the_exact_bytes_save_the_normalisations() {
    let rows = [
        ("mysql://a:p%40@h/d?x=1", "mysql://a:p%40@h/d?x=1"),
        ("MYSQL://h", "mysql://h"),
        ("mysql2://a:p@h/d", "mysql://a:p@h/d"),
        ("mariadb://a:p@h/d", "mysql://a:p@h/d"),
        ("mongo://a:p@h/d?w=1", "mongodb://a:p@h/d?w=1"),
        ("memcached://h1,h2", "memcache://h1,h2"),
        ("pgsql://h/d", "postgres://h/d"),
        ("postgresql://h/d", "postgresql://h/d"),
        ("valkeys://h", "rediss://h"),
        // libpq and tokio-postgres would end the user information at the first `@`.
        ("postgres://u@x:p@s@@h/d", "postgres://u%40x:p%40s%40@h/d"),
        ("pgsql://u:p@@h1,h2", "postgres://u:p%40@h1,h2"),
        ("mysql://u:p@s@h", "mysql://u:p@s@h"),
        // ClearDB's option, wherever it stands.
        ("mysql://h/d?reconnect=true", "mysql://h/d"),
        ("mysql://h/d?a=1&reconnect=true&b=2", "mysql://h/d?a=1&b=2"),
        ("mysql2://h/d?reconnect=true&a", "mysql://h/d?a"),
        ("mongodb://h/?reconnect=true", "mongodb://h/?reconnect=true"),
        ("http://h/[x]", "http://h/[x]"),
    ];
    for (text, expected) in rows {
        let url: ResourceUrl = read(text);
        assert_eq!(url.expose_url(), expected);
        assert_eq!(url.expose_original(), text);
    }
}

#[test]
fn web_clients_get_what_the_url_crate_reads() {
    let rows = [
        "http://newrelic.com/accounts/[apitoken]",
        "https://user:p@ss;w=^|{}@api.example:443/a/../b",
        "https://us%20er:p%40ss@api.example:8443/päth?q='x\"y<z>&a=@#fr`ag",
        "https://api.example",
        "https://bücher.example/",
        "HTTPS://API.example/X",
        "http://[2001:DB8::0:7]/",
    ];
    for text in rows {
        let url: HttpUrl = read(text);
        let expected = url::Url::parse(text).unwrap();
        assert_eq!(url.expose_web_url().unwrap(), expected, "{text}");
    }
}

#[test]
fn options_are_decoded_by_name() {
    let url: ResourceUrl = read("postgres://h/d?a=1&b%3D=x+y%2By&flag&a=2&A=3&=none&");
    let get = |name| {
        url.query(name)
            .map(|value| exposed(Some(&value)).unwrap().to_owned())
    };
    assert_eq!(get("a").as_deref(), Some("1"));
    assert_eq!(get("b=").as_deref(), Some("x+y+y"));
    assert_eq!(get("flag").as_deref(), Some(""));
    assert_eq!(get("").as_deref(), Some("none"));
    assert_eq!(get("c"), None);
    assert_eq!(url.query_all("a").count(), 2);
    assert_eq!(url.query_pairs().count(), 6);
    // MongoDB ignores the case of names.
    let url: MongoUrl = read("mongodb://h/?REPLICASET=rs0");
    assert!(url.query("replicaSet").is_some());
}

#[test]
fn tls_is_asked_for_by_scheme_or_option() {
    let rows = [
        ("https://h", true),
        ("http://h", false),
        ("rediss://h", true),
        ("amqps://h", true),
        ("mongodb+srv://h.example", true),
        ("mongodb+srv://h.example/?tls=false", false),
        ("mongodb://h/?ssl=true", true),
        ("mongodb://h/?TLS=true", true),
        ("mongodb://h", false),
        ("mysql://h/d?ssl-mode=REQUIRED", true),
        ("mysql://h/d?ssl-mode=DISABLED", false),
        ("mysql://h/d?require_ssl=true", true),
        ("mysql://h/d?sslMode=VERIFY_IDENTITY", true),
        ("mysql://h/d?tls=true", true),
        ("mysql://h/d?ssl-mode=REQUIRED&ssl-mode=DISABLED", false),
        ("postgres://h/d?sslmode=require&sslmode=disable", false),
        ("postgres://h/d?sslmode=disable&sslmode=require", true),
        ("postgres://h/d?ssl=true", true),
        // MongoDB: what its specification ignores says nothing, and its deprecated forms count.
        ("mongodb://h/?tls=TRUE", false),
        ("mongodb://h/?tls=&ssl=true", true),
        ("mongodb://h/?tls=t", true),
        ("mongodb+srv://h.example/?tls=maybe", true),
        ("mongodb+srv://h.example/?tls=n", false),
        ("postgres://h/d?sslmode=verify-full", true),
        ("postgres://h/d?sslmode=prefer", false),
    ];
    for (text, expected) in rows {
        assert_eq!(read::<ResourceUrl>(text).is_tls(), expected, "{text}");
    }
}

#[test]
fn every_component_has_its_span() {
    let text = "mysql://us%65r:p%40ss@db.example:3307/shop?a=1";
    let url: ResourceUrl = read(text);
    let rows = [
        (Component::Value, Some(text)),
        (Component::Scheme, Some("mysql")),
        (Component::Username, Some("us%65r")),
        (Component::Password, Some("p%40ss")),
        (Component::Host, Some("db.example:3307")),
        (Component::Port, Some("3307")),
        (Component::Path, Some("/shop")),
        (Component::Database, Some("shop")),
        (Component::Query, Some("a=1")),
        (Component::Fragment, None),
    ];
    for (component, expected) in rows {
        assert_eq!(
            url.span(component).map(|span| &text[span]),
            expected,
            "{component}"
        );
    }
    let url: ResourceUrl = read("https://[::1]:8/#");
    assert_eq!(url.span(Component::Port), Some(14..15));
    assert_eq!(url.span(Component::Fragment), Some(17..17));
    assert_eq!(url.span(Component::Database), None);
    assert_eq!(url.span(Component::Username), None);
}

#[test]
fn typed_urls_convert_both_ways() {
    let any: ResourceUrl = read("mysql://app:pw@db.example/shop");
    let typed = MysqlUrl::try_from(any).unwrap();
    let any = ResourceUrl::from(typed);
    assert!(MongoUrl::try_from(any).is_err());
    let typed: MysqlUrl = serde_json::from_str("\"mysql:\\/\\/app:pw@db.example\\/shop\"").unwrap();
    assert_eq!(typed.database(), Some("shop"));
}
