//! The parts of well-formed URLs of each kind.

use crate::util::{check_readings, check_refusals, exposed, read, refused, summary};
use config_vars::{
    AmqpUrl, Component, CustomKind, ErrorKind, ExposeSecret, HttpUrl, KafkaUrl, Kind, MemcacheUrl, MongoUrl,
    MysqlUrl, Port, PostgresUrl, RedisUrl, ResourceUrl, Tls,
};

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
        // These only resemble a reference or a placeholder.
        (
            "mysql://app:${a@db.example",
            "app:${a | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:$a}@db.example",
            "app:$a} | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:<a@db.example",
            "app:<a | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:<a>b@db.example",
            "app:<a>b | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:**@db.example",
            "app:** | db.example:3306* | - | - | -",
        ),
        (
            "mysql://app:$p@:w@db.example",
            "app:$p@:w | db.example:3306* | - | - | -",
        ),
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
        // Drivers read these as they are.
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
                server.port().map(Port::number),
                exposed(server.username()),
                exposed(server.password()),
            )
        })
        .collect();
    assert_eq!(
        servers,
        [
            ("mc1.example", Some(11211), Some("u1"), Some("p1")),
            ("mc2.example", Some(1), Some("u2"), Some("")),
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
fn postgres() {
    check_readings::<PostgresUrl>(&[
        ("postgres://u:p@h.example/d", "u:p | h.example:5432* | /d | - | -"),
        ("pgsql://u:p@h.example/d", "u:p | h.example:5432* | /d | - | -"),
        // Several hosts.
        (
            "postgresql://u:p@h1.example,h2.example:5433,[::1]/d",
            "u:p | h1.example:5432*, h2.example:5433, ipv6 ::1:5432* | /d | - | -",
        ),
        // No host at all: libpq's default.
        ("postgres:///d", "-:- |  | /d | - | -"),
        ("postgres://u:p@/d", "u:p |  | /d | - | -"),
        // Sockets: percent-encoded, and in an option.
        (
            "postgres://u@%2Frun%2Fpg:5433/d",
            "u:- | socket /run/pg:5433 | /d | - | -",
        ),
        (
            "postgresql://u:p%40ss@/d?host=/cloudsql/my-proj:us-central1:my-db",
            "u:p@ss | socket /cloudsql/my-proj:us-central1:my-db | /d | host=/cloudsql/my-proj:us-central1:my-db | -",
        ),
        (
            "postgres:///d?host=h1,::1&port=5433,",
            "-:- | h1:5433, ipv6 ::1:5432* | /d | host=h1,::1&port=5433, | -",
        ),
        (
            "postgres:///d?host=h1,h2&port=7",
            "-:- | h1:7, h2:7 | /d | host=h1,h2&port=7 | -",
        ),
        // The query counts, as it does for libpq.
        (
            "postgres://h.example/d?user=u&password=p%26w",
            "u:p&w | h.example:5432* | /d | user=u&password=p%26w | -",
        ),
        (
            "postgres://u:old@h.example/d?password=new",
            "u:new | h.example:5432* | /d | password=new | -",
        ),
        (
            "postgres://u:p@localhost/d?host=/cloudsql/proj:region:db",
            "u:p | socket /cloudsql/proj:region:db | /d | host=/cloudsql/proj:region:db | -",
        ),
        (
            "postgres://u@localhost:5433/d?host=/run/postgresql",
            "u:- | socket /run/postgresql:5433 | /d | host=/run/postgresql | -",
        ),
        (
            "postgres://u@:5433/d?host=/run/postgresql",
            "u:- | socket /run/postgresql:5433 | /d | host=/run/postgresql | -",
        ),
        ("postgres://h/d?port=5433", "-:- | h:5433 | /d | port=5433 | -"),
        (
            "postgres://h1,h2:7/d?port=5433,",
            "-:- | h1:5433, h2:7 | /d | port=5433, | -",
        ),
        (
            "postgres://good.example:5433/d?hostaddr=192.0.2.66",
            "-:- | ipv4 192.0.2.66:5433 | /d | hostaddr=192.0.2.66 | -",
        ),
        (
            "postgres:///d?hostaddr=192.0.2.6,2001:db8::7&host=a.example,b.example&port=1,2",
            "-:- | ipv4 192.0.2.6:1, ipv6 2001:db8::7:2 | /d | hostaddr=192.0.2.6,2001:db8::7&host=a.example,b.example&port=1,2 | -",
        ),
        (
            "postgres:///d?hostaddr=8.8.8.8",
            "-:- | ipv4 8.8.8.8:5432* | /d | hostaddr=8.8.8.8 | -",
        ),
        (
            "postgres://u:p@/d?host=/run/postgresql&port=5433&hostaddr=127.0.0.1",
            "u:p | ipv4 127.0.0.1:5433 | /d | host=/run/postgresql&port=5433&hostaddr=127.0.0.1 | -",
        ),
        // JDBC has the credentials in the query.
        (
            "jdbc:postgresql://h.example/d?user=u%40x&password=p%26w&ssl=true",
            "u@x:p&w | h.example:5432* | /d | user=u%40x&password=p%26w&ssl=true | -",
        ),
    ]);
    check_refusals::<PostgresUrl>(&[
        (
            "postgres://h1/d?host=h2",
            "the query has `host`, and hosts stand after `//` as well; keep one",
        ),
        (
            "postgres://localhost/d?host=/run/postgresql,h2",
            "the query has `host`, and hosts stand after `//` as well; keep one",
        ),
        (
            "postgres://h/d?hostaddr=db.example",
            "the query has `hostaddr`, which is no IP address; write one, or leave it out",
        ),
        (
            "postgres://h1,h2/d?hostaddr=192.0.2.1",
            "the query has `hostaddr` for another number of hosts; write one address for each",
        ),
        (
            "postgres://h1,h2/d?port=1,2,3",
            "the port list is not as long as the list of hosts; write one port for each, or one for all",
        ),
        (
            "postgres:///d?host=h%21",
            "the host holds a character that no host name has; correct it, or percent-encode the password before it",
        ),
        (
            "postgres:///d?host=h&port=x",
            "the port is not a number; write one from 1 to 65535",
        ),
        (
            "jdbc:postgresql:d",
            "the value has a scheme without `//`; write `postgresql://`",
        ),
    ]);
}

/// The examples of libpq's documentation, row by row.
#[test]
fn libpq() {
    check_readings::<PostgresUrl>(&[
        ("postgresql://", "-:- |  | - | - | -"),
        ("postgresql://localhost", "-:- | localhost:5432* | - | - | -"),
        ("postgresql://localhost:5433", "-:- | localhost:5433 | - | - | -"),
        (
            "postgresql://localhost/mydb",
            "-:- | localhost:5432* | /mydb | - | -",
        ),
        (
            "postgresql://user@localhost",
            "user:- | localhost:5432* | - | - | -",
        ),
        (
            "postgresql://user:secret@localhost",
            "user:secret | localhost:5432* | - | - | -",
        ),
        (
            "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
            "other:- | localhost:5432* | /otherdb | connect_timeout=10&application_name=myapp | -",
        ),
        (
            "postgresql://host1:123,host2:456/somedb?target_session_attrs=any&application_name=myapp",
            "-:- | host1:123, host2:456 | /somedb | target_session_attrs=any&application_name=myapp | -",
        ),
        (
            "postgresql://user@localhost:5433/mydb?options=-c%20synchronous_commit%3Doff",
            "user:- | localhost:5433 | /mydb | options=-c%20synchronous_commit%3Doff | -",
        ),
        (
            "postgresql:///mydb?host=localhost&port=5433",
            "-:- | localhost:5433 | /mydb | host=localhost&port=5433 | -",
        ),
        (
            "postgresql://[2001:db8::1234]/database",
            "-:- | ipv6 2001:db8::1234:5432* | /database | - | -",
        ),
        (
            "postgresql:///dbname?host=/var/lib/postgresql",
            "-:- | socket /var/lib/postgresql | /dbname | host=/var/lib/postgresql | -",
        ),
        (
            "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
            "-:- | socket /var/lib/postgresql | /dbname | - | -",
        ),
    ]);
}

#[test]
fn redis() {
    check_readings::<RedisUrl>(&[
        (
            "redis://h:pw@cache.example:6380",
            "h:pw | cache.example:6380 | - | - | -",
        ),
        (
            "rediss://:pw@cache.example/15",
            "'':pw | cache.example:6379* | /15 | - | -",
        ),
        (
            "valkey://default:pw@cache.example/",
            "default:pw | cache.example:6379* | / | - | -",
        ),
        (
            "redis://cache.example?protocol=3",
            "-:- | cache.example:6379* | - | protocol=3 | -",
        ),
        // The options of the scheme's registration.
        (
            "redis://cache.example?password=p%23w",
            "-:p#w | cache.example:6379* | - | password=p%23w | -",
        ),
        (
            "rediss://cache.example/?db=2&username=app&password=p@w",
            "app:p@w | cache.example:6379* | / | db=2&username=app&password=p@w | -",
        ),
        (
            "redis://:pw@cache.example?password=other",
            "'':pw | cache.example:6379* | - | password=other | -",
        ),
    ]);
    let index = |text: &str| read::<RedisUrl>(text).index();
    assert_eq!(index("redis://cache.example?db=2"), Some(2));
    assert_eq!(index("redis://:pw@cache.example/?db=2"), Some(2));
    assert_eq!(index("redis://:pw@cache.example/0?db=2"), Some(0));
    assert_eq!(index("valkeys://cache.example/?d%62=2"), Some(2));
    const NOT_AN_INDEX: &str =
        "the database name is no number of a Redis database; write one from 0 on, as `/0`";
    check_refusals::<RedisUrl>(&[
        ("redis://cache.example/-1", NOT_AN_INDEX),
        ("redis://cache.example/shop", NOT_AN_INDEX),
        ("redis://cache.example?db=shop", NOT_AN_INDEX),
        ("redis://cache.example/99999999999", NOT_AN_INDEX),
        (
            "redis://cache.example/0/1",
            "the database name holds an unencoded `/`; write `%2F`",
        ),
    ]);
}

/// The appendix of the AMQP URI specification, row by row, and what differs on purpose.
#[test]
fn amqp() {
    check_readings::<AmqpUrl>(&[
        (
            "amqp://user:pass@host:10000/vhost",
            "user:pass | host:10000 | /vhost | - | -",
        ),
        (
            "amqp://user%61:%61pass@ho%61st:10000/v%2fhost",
            "usera:apass | hoast:10000 | /v%2fhost | - | -",
        ),
        ("amqp://host", "-:- | host:5672* | - | - | -"),
        ("amqp://host/", "-:- | host:5672* | / | - | -"),
        ("amqp://host/%2f", "-:- | host:5672* | /%2f | - | -"),
        ("amqp://[::1]", "-:- | ipv6 ::1:5672* | - | - | -"),
        ("amqps://host", "-:- | host:5671* | - | - | -"),
    ]);
    let vhost = |text: &str| read::<AmqpUrl>(text).vhost().map(str::to_owned);
    assert_eq!(vhost("amqp://host"), None);
    assert_eq!(vhost("amqp://host/").as_deref(), Some(""));
    assert_eq!(vhost("amqp://host/%2f").as_deref(), Some("/"));
    assert_eq!(vhost("amqp://host/v%2fhost").as_deref(), Some("v/host"));
    // Celery's documentation names the virtual host `/` so.
    assert_eq!(vhost("amqp://guest:guest@host:5672//").as_deref(), Some("/"));
    // No host is made up.
    for text in [
        "amqp://",
        "amqp://:@/",
        "amqp://user@",
        "amqp://user:pass@",
        "amqp://:10000",
        "amqp:///vhost",
    ] {
        assert_eq!(refused::<AmqpUrl>(text).kind(), ErrorKind::InvalidHost, "{text}");
    }
    for text in ["amqp://u:p@h/v/host", "amqp://u:p@h///", "amqp://u:p@h//v"] {
        check_refusals::<AmqpUrl>(&[(text, "the database name holds an unencoded `/`; write `%2F`")]);
    }
}

#[test]
fn kafka() {
    check_readings::<KafkaUrl>(&[
        (
            "kafka://b1.example,b2.example:9094",
            "-:- | b1.example:9092*, b2.example:9094 | - | - | -",
        ),
        (
            "kafka+ssl://b1.example:9096,kafka+ssl://b2.example,b3.example:9097",
            "-:- | b1.example:9096, b2.example:9093*, b3.example:9097 | - | - | -",
        ),
        (
            "kafka://u:p@b1.example,kafka://b2.example",
            "u:p | b1.example:9092*, b2.example:9092* | - | - | -",
        ),
    ]);
    check_refusals::<KafkaUrl>(&[
        (
            "kafka://b1,redis://b2",
            "the host list has schemes that differ; write the same before each host",
        ),
        (
            "kafka://b1,,b2",
            "the host is empty in one place of the list; remove the extra comma",
        ),
        (
            "kafka://b1/topic",
            "the path must be empty in a kafka URL; remove it",
        ),
    ]);
}

#[test]
fn mysql_from_jdbc() {
    check_readings::<MysqlUrl>(&[
        (
            "jdbc:mysql://h.example:3307/d?password=p%2Bw&reconnect=true&user=u",
            "u:p+w | h.example:3307 | /d | password=p%2Bw&reconnect=true&user=u | -",
        ),
        (
            "jdbc:mariadb://u:p@h.example/d?user=x",
            "u:p | h.example:3306* | /d | user=x | -",
        ),
        (
            "JDBC:MYSQL://h.example/d?user=u",
            "u:- | h.example:3306* | /d | user=u | -",
        ),
    ]);
    // Azure's names of users have an `@`. Before the host, there is none to mistake it for.
    let url =
        read::<ResourceUrl>("jdbc:postgresql://h.example:5432/d?user=app@my&password=p@w&sslmode=require");
    assert_eq!(
        url.expose_url(),
        "postgresql://app%40my:p%40w@h.example:5432/d?sslmode=require"
    );
    for text in [
        "jdbc:mysql://u:p@h.example/d?user=a@b",
        "jdbc:mysql://h.example/d?option=a@b",
    ] {
        check_refusals::<ResourceUrl>(&[(text, "the query holds an unencoded `@`; write `%40`")]);
    }
}

#[test]
fn the_long_tail() {
    let rows = [
        ("bolt+s://u:p@h", "neo4j", Some(7687), Tls::Verified),
        ("neo4j+ssc://u:p@h", "neo4j", Some(7687), Tls::Unverified),
        (
            "clickhouse://u:p@h/d?secure=true",
            "clickhouse",
            None,
            Tls::Verified,
        ),
        (
            "cloudinary://key:secret@1234567",
            "cloudinary",
            None,
            Tls::Unspecified,
        ),
        (
            "cloudinary://key:secret@cloud",
            "cloudinary",
            None,
            Tls::Unspecified,
        ),
        ("couchdbs://u:p@h/d", "couchdb", Some(6984), Tls::Verified),
        ("elasticsearch://u:p@h", "search", Some(9200), Tls::Unspecified),
        ("influxdb://u:p@h/d", "influxdb", Some(8086), Tls::Unspecified),
        ("ldaps://u:p@h", "ldap", Some(636), Tls::Verified),
        (
            "libsql://h.example?authToken=x",
            "libsql",
            Some(443),
            Tls::Verified,
        ),
        ("libsql://h.example?tls=0", "libsql", Some(443), Tls::Off),
        ("mqtts://u:p@h", "mqtt", Some(8883), Tls::Verified),
        ("nats://u:p@h1,h2", "nats", Some(4222), Tls::Unspecified),
        ("rethinkdb://u:p@h/d", "rethinkdb", Some(28015), Tls::Unspecified),
        ("sftp://u:p@h/in/box", "sftp", Some(22), Tls::Unspecified),
        // In `ftp`, a URL parser of the web would read `\` as `/`.
        (r"sftp://u:p\q@h/in/box", "sftp", Some(22), Tls::Unspecified),
        (r"ftps://dom\u:p@h", "sftp", Some(990), Tls::Verified),
        ("smtps://u:p@h", "smtp", Some(465), Tls::Verified),
        ("smtp+ssl://u:p@h", "smtp", Some(465), Tls::Verified),
        ("smtp+tls://u:p@h", "smtp", Some(587), Tls::Verified),
        ("submission://u:p@h", "smtp", Some(587), Tls::Verified),
        ("submissions://u:p@h", "smtp", Some(465), Tls::Verified),
        ("pyamqp://u:p@h//", "amqp", Some(5672), Tls::Unspecified),
        ("SASL_SSL://u:p@h1,h2", "kafka", Some(9092), Tls::Verified),
        ("socks5://u:p@h", "socks", Some(1080), Tls::Unspecified),
        ("mssql://u:p@h/d", "sqlserver", Some(1433), Tls::Unspecified),
        ("statsd://h", "statsd", Some(8125), Tls::Unspecified),
        ("wss://h/token", "websocket", Some(443), Tls::Verified),
        ("omnisci://u:p@h:6274/d", "other", Some(6274), Tls::Unspecified),
        ("jdbc:oracle://h/d", "other", None, Tls::Unspecified),
    ];
    for (text, kind, port, tls) in rows {
        let url: ResourceUrl = read(text);
        assert_eq!(url.kind().to_string(), kind, "{text}");
        assert_eq!(url.port().map(Port::number), port, "{text}");
        assert_eq!(url.tls(), tls, "{text}");
    }
    let file: ResourceUrl = read("sqlite3:///mnt/volume/production.sqlite3");
    assert_eq!(file.database(), Some("/mnt/volume/production.sqlite3"));
    assert!(file.hosts().is_empty());
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
fn a_kind_of_the_apps_own() {
    let text = "voltdb://app:pw@db1.example,db2.example:1/shop";
    let register = || {
        CustomKind::new("voltdb")
            .scheme("voltdb", Some(21211))
            .tls_scheme("voltdbs", None)
            .register()
    };
    let kind = register().unwrap();
    assert_eq!(register().unwrap(), kind);
    let url: ResourceUrl = read(text);
    assert_eq!((url.kind(), url.kind().to_string().as_str()), (kind, "voltdb"));
    assert_eq!(
        summary(&url),
        "app:pw | db1.example:21211*, db2.example:1 | /shop | - | -"
    );
    assert!(read::<ResourceUrl>("VOLTDBS://h").is_tls());
    let error = read::<ResourceUrl>("mysql://h").into_kind(kind).unwrap_err();
    assert_eq!(error.to_string(), "the value is a mysql URL, expected voltdb");
    let error = read::<ResourceUrl>("mariadbx://h").into_kind(kind).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the scheme is not known; did you mean `mariadb://`?"
    );
    let error = CustomKind::new("mine")
        .scheme("fresh", None)
        .scheme("VoltDB", None)
        .register()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemeTaken);
    assert_eq!(
        error.to_string(),
        "the scheme belongs to voltdb URLs already; choose another for a kind of your own"
    );
    assert_eq!(read::<ResourceUrl>("fresh://u@h").kind(), Kind::Other);
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
        ("mysql2://u:p@s@h", "mysql://u:p@s@h"),
        // JDBC's credentials, encoded anew.
        (
            "jdbc:mysql://h/d?user=u%40x&password=p+%2F&a=b",
            "mysql://u%40x:p%2B%2F@h/d?a=b",
        ),
        ("jdbc:postgresql://h/d?password=p", "postgresql://:p@h/d"),
        ("jdbc:mysql://h/d?us%65r=u", "mysql://u@h/d"),
        // Redis's, which the redis crate reads of a socket's URL alone.
        (
            "rediss://h:1/?protocol=3&db=2&password=p%40&user=a#insecure",
            "rediss://a:p%40@h:1/2?protocol=3#insecure",
        ),
        ("redis://:p@h?db=2&password=x", "redis://:p@h/2?password=x"),
        ("redis://h/1?protocol=3&db=2", "redis://h/1?protocol=3&db=2"),
        ("redis+unix:///s?db=2&pass=p", "redis+unix:///s?db=2&pass=p"),
        // Spellings of clients in other languages.
        ("trilogy://a:p@h/d", "mysql://a:p@h/d"),
        ("postgis://a:p@h/d", "postgres://a:p@h/d"),
        ("rediscache://:p@h/1", "redis://:p@h/1"),
        ("pymemcache://h", "memcache://h"),
        ("psql://a:p@h/d", "postgres://a:p@h/d"),
        ("pyamqp://a:p@h//", "amqp://a:p@h//"),
        ("redis+ssl://h", "rediss://h"),
        ("redis+tls://h", "rediss://h"),
        ("smtp+ssl://h", "smtps://h"),
        ("SASL_SSL://h1:9092", "kafka+ssl://h1:9092"),
        (
            "SASL_SSL://u:p@h1:9092,sasl_ssl://u:p@h2,SASL_SSL://u:p@h3?a=b,SASL_SSL",
            "kafka+ssl://u:p@h1:9092,kafka+ssl://u:p@h2,kafka+ssl://u:p@h3?a=b,SASL_SSL",
        ),
        ("SASL_SSL://h1,h2,é.example", "kafka+ssl://h1,h2,é.example"),
        ("cockroachdb://a:p@h/d", "postgres://a:p@h/d"),
        ("cockroachdb+psycopg2://a:p@h/d", "postgres://a:p@h/d"),
        ("timescale://a:p@h/d", "postgres://a:p@h/d"),
        ("oracle+cx_oracle://a:p@h/d", "oracle+cx_oracle://a:p@h/d"),
        ("jdbc:mysql://u:p@h/d?user=x", "mysql://u:p@h/d?user=x"),
        (
            "kafka+ssl://h1:1,kafka+ssl://h2",
            "kafka+ssl://h1:1,kafka+ssl://h2",
        ),
        // ClearDB's option, wherever it stands.
        ("mysql://h/d?reconnect=true", "mysql://h/d"),
        ("mysql://h/d?a=1&reconnect=true&b=2", "mysql://h/d?a=1&b=2"),
        ("mysql2://h/d?reconnect=true&a", "mysql://h/d?a"),
        ("mongodb://h/?reconnect=true", "mongodb://h/?reconnect=true"),
        ("http://h/[x]", "http://h/[x]"),
        ("https://h/p?a=1&&b#f", "https://h/p?a=1&&b#f"),
    ];
    for (text, expected) in rows {
        let url: ResourceUrl = read(text);
        assert_eq!(url.expose_url(), expected);
        assert_eq!(url.expose_original(), text);
    }
}

#[test]
fn hosts_that_may_be_a_piece_of_a_password_are_in_doubt() {
    let rows = [
        ("https://user:12/34@host.example", true),
        ("memcache://u1:p1@mc1.example,u2:p2@mc2.example", true),
        ("ifttt://token/", true),
        ("ifttt://user@host.example", false),
        ("https://user:pw@host.example", false),
        ("mysql://host.example", false),
    ];
    for (text, in_doubt) in rows {
        assert_eq!(
            read::<ResourceUrl>(text).hosts()[0].is_in_doubt(),
            in_doubt,
            "{text}"
        );
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
    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| exposed(Some(&name)).unwrap().to_owned())
        .collect();
    assert_eq!(names, ["a", "b=", "flag", "a", "A", ""]);
    // MongoDB ignores the case of names.
    let url: MongoUrl = read("mongodb://h/?REPLICASET=rs0");
    assert!(url.query("replicaSet").is_some());
}

#[test]
fn a_database_in_an_option_is_shown_only_if_it_is_plain() {
    let shown = |text: &str| format!("{:?}", read::<PostgresUrl>(text));
    let url: PostgresUrl = read("postgres:///?dbname=some_db");
    assert_eq!(url.database(), Some("some_db"));
    assert!(shown("postgres:///?dbname=some_db").contains("some_db"));
    for name in [
        "postgres%3A%2F%2Fu%3As3cr3t%40h",
        "host%3Dh%20password%3Ds3cr3t",
        "a;s3cr3t",
    ] {
        assert!(!shown(&format!("postgres:///?dbname={name}")).contains("s3cr3t"));
    }
}

#[test]
fn a_socket_of_mysql_in_the_query_is_the_host() {
    check_readings::<MysqlUrl>(&[
        (
            "mysql://u:p@good.example/d?socket=/tmp/m.sock",
            "u:p | socket /tmp/m.sock | /d | socket=/tmp/m.sock | -",
        ),
        (
            "mysql://u@localhost:3307/d?unix_socket=%2Frun%2Fm.sock",
            "u:- | socket /run/m.sock | /d | unix_socket=%2Frun%2Fm.sock | -",
        ),
        (
            "mysql:///d?socket=/tmp/m.sock",
            "-:- | socket /tmp/m.sock | /d | socket=/tmp/m.sock | -",
        ),
    ]);
    const NO_PATH: &str = "the query names a socket by something that is no path; write one that starts with `/`, or leave it out";
    check_refusals::<MysqlUrl>(&[
        ("mysql://h/d?socket=s3cr3t", NO_PATH),
        ("mysql://h/d?unix_socket=run/m.sock", NO_PATH),
    ]);
}

#[test]
fn tls_is_one_intent() {
    let rows = [
        ("https://h", Tls::Verified),
        ("http://h", Tls::Unspecified),
        ("rediss://h", Tls::Verified),
        ("rediss://h/0?ssl_cert_reqs=none", Tls::Unverified),
        ("redis://h/0?ssl_cert_reqs=none", Tls::Unspecified),
        ("amqps://h", Tls::Verified),
        ("amqps://h/v?verify=verify_none", Tls::Unverified),
        ("kafka+ssl://h", Tls::Verified),
        ("SASL_SSL://h", Tls::Verified),
        ("sasl_plaintext://h", Tls::Unspecified),
        ("redis+tls://h", Tls::Verified),
        ("smtp+tls://h", Tls::Verified),
        ("smtp+ssl://h", Tls::Verified),
        ("submission://h", Tls::Verified),
        ("submissions://h", Tls::Verified),
        // MySQL's clients.
        ("mysql://h/d", Tls::Unspecified),
        ("mysql://h/d?ssl-mode=REQUIRED", Tls::Unverified),
        ("mysql://h/d?sslmode=verify_ca", Tls::VerifiedCa),
        ("mysql://h/d?sslMode=VERIFY_IDENTITY", Tls::Verified),
        ("mysql://h/d?ssl-mode=PREFERRED", Tls::Preferred),
        ("mysql://h/d?ssl-mode=DISABLED", Tls::Off),
        ("mysql://h/d?require_ssl=true", Tls::Verified),
        ("mysql://h/d?require_ssl=true&verify_ca=false", Tls::Unverified),
        ("mysql://h/d?verify_ca=false", Tls::Unspecified),
        ("jdbc:mysql://h/d?useSSL=true", Tls::Unverified),
        ("jdbc:mysql://h/d?useSSL=false", Tls::Off),
        ("mysql://h/d?tls=skip-verify", Tls::Unverified),
        // A check, wherever there is TLS.
        ("postgres://h/d?ssl=true&rejectUnauthorized=true", Tls::Verified),
        ("postgres://h/d?sslmode=require&verify=1", Tls::Verified),
        (
            "postgres://h/d?sslmode=prefer&rejectUnauthorized=true",
            Tls::Preferred,
        ),
        ("postgres://h/d?rejectUnauthorized=true", Tls::Unspecified),
        (
            "mongodb://h/?tls=true&tlsInsecure=true&ssl_match_hostname=true",
            Tls::Unverified,
        ),
        ("redis://h?ssl=true&verify_peer=yes", Tls::Verified),
        ("mysql://h/d?ssl={\"rejectUnauthorized\":true}", Tls::Verified),
        ("mysql://h/d?ssl-mode=REQUIRED&ssl-mode=DISABLED", Tls::Off),
        // libpq.
        ("postgres://h/d?sslmode=disable", Tls::Off),
        ("postgres://h/d?sslmode=allow", Tls::Preferred),
        ("postgres://h/d?sslmode=prefer", Tls::Preferred),
        ("postgres://h/d?sslmode=require", Tls::Unverified),
        ("postgres://h/d?sslmode=verify-ca", Tls::VerifiedCa),
        ("postgres://h/d?sslmode=verify-full", Tls::Verified),
        ("postgres://h/d?ssl=true", Tls::Unverified),
        ("postgres://h/d?sslmode=require&sslmode=disable", Tls::Off),
        ("postgres://h/d?sslmode=disable&sslmode=require", Tls::Unverified),
        // MongoDB: its deprecated forms count.
        ("mongodb+srv://h.example", Tls::Verified),
        ("mongodb+srv://h.example/?tls=false", Tls::Off),
        ("mongodb+srv://h.example/?tls=maybe", Tls::Unknown),
        ("mongodb+srv://h.example/?tlsInsecure=true", Tls::Unverified),
        ("mongodb://h/?ssl=true", Tls::Verified),
        (
            "mongodb://h/?TLS=true&tlsAllowInvalidHostnames=true",
            Tls::VerifiedCa,
        ),
        ("mongodb://h/?tls=TRUE", Tls::Verified),
        ("mongodb://h/?tls=t", Tls::Verified),
        ("mongodb://h/?tls=true&tlsCAFile=%2Fca.pem", Tls::Verified),
        // Options that refine each other, in any order.
        ("postgres://h/d?sslmode=verify-full&ssl=true", Tls::Verified),
        ("postgres://h/d?ssl=true&sslmode=verify-full", Tls::Verified),
        (
            "postgres://h/d?sslrootcert=/ca.pem&sslmode=verify-full",
            Tls::Verified,
        ),
        (
            "postgres://h/d?sslrootcert=/ca.pem&sslmode=require",
            Tls::VerifiedCa,
        ),
        ("postgres://h/d?sslrootcert=/ca.pem", Tls::VerifiedCa),
        ("postgres://h/d?sslrootcert=/ca.pem&sslmode=disable", Tls::Off),
        ("postgres://h/d?sslrootcert=system&sslmode=require", Tls::Verified),
        ("mysql://h/d?useSSL=true&ssl-mode=VERIFY_IDENTITY", Tls::Verified),
        ("mysql://h/d?useSSL=true&ssl-ca=/x.pem", Tls::VerifiedCa),
        ("mysql://h/d?ssl-ca=/x.pem&useSSL=true", Tls::VerifiedCa),
        (
            "mysql://h/d?useSSL=true&verifyServerCertificate=true&requireSSL=true",
            Tls::VerifiedCa,
        ),
        // Options that contradict each other: the strictest.
        ("postgres://h/d?sslmode=verify-full&ssl=false", Tls::Verified),
        ("postgres://h/d?ssl=false&sslmode=verify-full", Tls::Verified),
        (
            "postgres://h/d?sslmode=verify-ca&ssl-mode=disable",
            Tls::VerifiedCa,
        ),
        ("mysql://h/d?ssl-mode=VERIFY_IDENTITY&useSSL=false", Tls::Verified),
        (
            "mysql://h/d?require_ssl=false&ssl-mode=VERIFY_IDENTITY",
            Tls::Verified,
        ),
        ("rediss://h?ssl=false", Tls::Verified),
        // Clients of all sorts.
        ("mysql://h/d?sslaccept=strict", Tls::Verified),
        ("mysql://h/d?sslaccept=accept_invalid_certs", Tls::Unverified),
        ("mysql://h/d?ssl_mode=VERIFY_IDENTITY", Tls::Verified),
        ("mysql://h/d?SSLMODE=Verify_Identity", Tls::Verified),
        ("mysql://h/d?SslMode=VerifyCA", Tls::VerifiedCa),
        ("mysql://h/d?sslMode=trust", Tls::Unverified),
        ("mysql://h/d?tls=TRUE", Tls::Verified),
        ("mysql://h/d?tls=my-config", Tls::Unknown),
        ("mysql://h/d?ssl_mode=require", Tls::Unverified),
        ("mysql://h/d?ssl-mode=skip-verify", Tls::Unverified),
        ("mysql://h/d?ssl_disabled=true", Tls::Off),
        ("mysql://h/d?ssl={}", Tls::Verified),
        (
            "mysql://h/d?ssl={\"minVersion\":\"TLSv1.2\",\"rejectUnauthorized\":true}",
            Tls::Verified,
        ),
        (
            "mysql://h/d?ssl={%22minVersion%22%3A%22TLSv1.3%22}",
            Tls::Verified,
        ),
        (
            "mysql://h/d?ssl={\"rejectUnauthorized\":%20false}",
            Tls::Unverified,
        ),
        ("mysql://h/d?ssl={\"rejectUnauthorized\":\"no\"}", Tls::Unknown),
        ("mysql://h/d?ssl={\"ca\":\"x\"}", Tls::Unknown),
        ("mysql://h/d?ssl={", Tls::Unknown),
        (
            "jdbc:mysql://h/d?useSSL=true&enabledTLSProtocols=TLSv1.2",
            Tls::Unverified,
        ),
        ("postgres://h/d?sslmode=no-verify", Tls::Unverified),
        ("postgres://h/d?sslmode=Require", Tls::Unverified),
        ("postgres://h/d?sslmode=verify_full", Tls::Unknown),
        ("postgres://h/d?sslmode=", Tls::Unknown),
        ("postgres://h/d?ssl", Tls::Unknown),
        ("postgres://h/d?requiressl=1", Tls::Unverified),
        (
            "postgres://h/d?sslmode=require&uselibpqcompat=true",
            Tls::Unverified,
        ),
        (
            "postgres://h/d?SSL%20Mode=Require&Trust%20Server%20Certificate=true",
            Tls::Unverified,
        ),
        ("jdbc:postgresql://h/d?ssl=true", Tls::Verified),
        (
            "jdbc:postgresql://h/d?ssl=true&sslfactory=org.postgresql.ssl.NonValidatingFactory",
            Tls::Unverified,
        ),
        ("clickhouse://h/d?secure=True", Tls::Verified),
        ("clickhouse://h/d?protocol=https", Tls::Verified),
        ("clickhouse://h/d?protocol=http", Tls::Unspecified),
        ("postgres://h/d?gssencmode=disable", Tls::Unspecified),
        ("postgres://h/d?gssencmode=require", Tls::Unknown),
        (
            "postgres://h/d?sslmode=require&gssencmode=prefer",
            Tls::Unverified,
        ),
        ("clickhouse://h/d?secure=true&skip_verify=true", Tls::Unverified),
        ("clickhouse://h/d?secure=1&verify=0", Tls::Unverified),
        ("redis://h?ssl=True", Tls::Verified),
        ("redis://h?tls=yes", Tls::Verified),
        ("rediss://h?skip_verify=true", Tls::Unverified),
        ("rediss://h?ssl_cert_reqs=None", Tls::Unverified),
        ("rediss://h?ssl_cert_reqs=required", Tls::Verified),
        ("rediss://h?ssl_check_hostname=false", Tls::VerifiedCa),
        ("amqps://h?verify=verify_none&cacertfile=/ca.pem", Tls::Unverified),
        ("kafka://h?security.protocol=SASL_SSL", Tls::Verified),
        (
            "kafka+ssl://h?ssl.endpoint.identification.algorithm=",
            Tls::VerifiedCa,
        ),
        (
            "sqlserver://h/d?encrypt=true&trustServerCertificate=true",
            Tls::Unverified,
        ),
        ("sqlserver://h/d?encrypt=strict", Tls::Verified),
        ("sqlserver://h/d?Encrypt=DANGER_PLAINTEXT", Tls::Off),
        ("libsql://h?tls=0", Tls::Off),
        ("nats://h?tls=true", Tls::Verified),
        ("smtp://h?tls=required", Tls::Verified),
        ("smtps://h?verify_peer=0", Tls::Unverified),
        ("ldap://h?starttls=true", Tls::Verified),
        // Names that no table has.
        ("postgres://h/d?sslmode=verify-full&sslfoo=1", Tls::Unknown),
        ("rediss://h?tlsFoo=1", Tls::Unknown),
        ("mysql://h/d?Ssl-Bar", Tls::Unknown),
        ("mongodb://h/?verifyEverything=false", Tls::Unknown),
        ("amqps://h?force_encryption=1", Tls::Unknown),
        // In the text of another option, where no driver reads them.
        ("postgres://h/d?schema=public?sslmode=require", Tls::Unknown),
        (
            "postgres://h/d?connect_timeout=5;sslmode=verify-full",
            Tls::Unknown,
        ),
        ("postgres://h/d?pgbouncer?sslmode=require", Tls::Unknown),
        (
            "postgres://h/d?sslrootcert=/ca.pem?sslmode=verify-full",
            Tls::Unknown,
        ),
        (
            "postgres://h/d?connect_timeout=5%26sslmode%3Drequire",
            Tls::Unknown,
        ),
        ("mysql://h/d?charset=utf8mb4;tls=true", Tls::Unknown),
        (
            "mysql://h/d?ssl-mode=DISABLED&charset=utf8?ssl-mode=REQUIRED",
            Tls::Unknown,
        ),
        ("mongodb://h/?retryWrites=true?tls=true", Tls::Unknown),
        ("redis://h/0?timeout=5s;ssl=1", Tls::Unknown),
        ("postgres://h/d?application_name=ssl?yes", Tls::Unspecified),
        ("postgres://h/d?application_name=a?b=c;d=e", Tls::Unspecified),
        (
            "postgres://h/d?sslmode=require&application_name=why%3F",
            Tls::Unverified,
        ),
        // A web URL's query is the service's own.
        ("https://h?verify=0&ssl=false&tls_x=1", Tls::Verified),
        ("https://h?to=/x?ssl=false", Tls::Verified),
        ("wss://h?ssl=false", Tls::Verified),
    ];
    for (text, expected) in rows {
        let url: ResourceUrl = read(text);
        assert_eq!(url.tls(), expected, "{text}");
        assert_eq!(url.is_tls(), expected >= Tls::Unknown, "{text}");
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
    let url: ResourceUrl = read("https://[::1]/");
    assert_eq!(url.span(Component::Port), None);
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

#[test]
fn options_are_found_by_their_decoded_names() {
    let url: ResourceUrl = "redis://h?a%3D1=x&b=1&c%62=y&d%2562=z&e".parse().unwrap();
    for (name, value) in [
        ("a=1", Some("x")),
        ("a", None),
        ("a%3D1", None),
        ("b", Some("1")),
        ("b=1", None),
        ("cb", Some("y")),
        ("c%62", None),
        ("d%62", Some("z")),
        ("d%2562", None),
        ("e", Some("")),
        ("", None),
    ] {
        let found = url.query(name);
        assert_eq!(found.as_ref().map(ExposeSecret::expose_secret), value, "{name}");
    }
}

#[test]
fn hosts_of_unknown_schemes_are_shown_only_if_they_cannot_be_tokens() {
    let shown = [
        ("unknown://user:pw@host.example/v", "host.example"),
        ("unknown://host.example:8080", "host.example"),
        ("solace://localhost", "localhost"),
        ("unknown://user@192.0.2.7:1", "192.0.2.7"),
        ("unknown://user@[2001:db8::7]/x", "2001:db8::7"),
        (
            "omnisci://ep-cool-1234.us-east-2.aws.vendor.example/db",
            "ep-cool-1234.us-east-2.aws.vendor.example",
        ),
    ];
    for (text, host) in shown {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.host(), Some(host), "{text}");
        assert!(!url.hosts()[0].is_in_doubt(), "{text}");
    }
    let hidden = [
        "pover://uUSERKEY@aS3CRETTOKEN",
        "pushover://shoutrrr:apiTOKEN@S3CRETuserKEY/",
        "slack://bot@tokena/tokenb/tokenc",
        "ntfy://user:pw@topic",
        "tgram://123456789:abcdefg_hijkl/12315544/",
        "tgram://123456789/12315544",
        "line://eyJhbGciOi.eyJzdWIi.sig",
        "join://0123456789abcdef0123456789abcdef.example",
        "x://a.b.0123",
        "x://[abc]def",
        "x://999.999.999.999",
        "x://a..b",
        "x://-_-:99999",
        "x://:8080",
        "x://abc%2Fdef%2Bghi",
        "x://user@one,,two",
        "jdbc:sqlserver://db.example:1433;databaseName=shop;password=pw",
    ];
    for text in hidden {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(url.hosts().iter().all(|host| host.is_in_doubt()), "{text}");
        assert!(
            format!("{url:?}").contains("hosts: [[redacted]"),
            "{text}: {url:?}"
        );
    }
}

#[test]
fn an_unknown_scheme_may_leave_the_authority_empty() {
    for text in [
        "dbtype:///path/with/slashes",
        "filecache:///var/tmp/django_cache",
        "locmemcache://",
        "oracle://scott:tiger@/tnsname",
        "abstract:///?user=user&password=passwd&dbname=app",
        "duckdb:///x.db",
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (url.kind(), url.hosts().len(), url.database()),
            (Kind::Other, 0, None),
            "{text}"
        );
    }
}

#[test]
fn a_database_name_that_may_be_more_is_not_shown() {
    for (text, name) in [
        ("mysql://h/shop%3Bpassword%3Dx", "shop;password=x"),
        ("postgres://h/shop%26password%3Dx", "shop&password=x"),
        ("clickhouse://h/a%3Db", "a=b"),
        ("mongodb://h/shop%3Fx", "shop?x"),
        ("amqp://h/v%40x", "v@x"),
        ("mssql://h/my%20shop", "my shop"),
        ("mysql://u:hunter2@h/hunter2", "hunter2"),
        ("amqp://u:%68unter2@h/hunter%32", "hunter2"),
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.database(), Some(name), "{text}");
        assert!(!url.is_database_public(), "{text}");
    }
    for text in [
        "mysql://h/shop",
        "mysql://u:hunter@h/hunter2",
        "amqp://h/%2F",
        "postgres://h/caf%C3%A9-1_2.3",
        "sqlite:///var/x.db",
    ] {
        assert!(
            text.parse::<ResourceUrl>().unwrap().is_database_public(),
            "{text}"
        );
    }
}

fn opened(secret: Option<&config_vars::SecretString>) -> Option<&str> {
    secret.map(|secret| secret.expose_secret())
}

#[test]
fn sockets_of_redis_are_read_as_its_drivers_document_them() {
    // URL, path, user, password, index, what drivers are handed
    let rows = [
        (
            "redis+unix:///run/redis/redis.sock?db=2",
            "/run/redis/redis.sock",
            None,
            None,
            Some(2),
            None,
        ),
        (
            "redis+unix:///r.sock?pass=p%40ss&db=2&user=app",
            "/r.sock",
            Some("app"),
            Some("p@ss"),
            Some(2),
            None,
        ),
        (
            "valkey+unix:///run/valkey.sock",
            "/run/valkey.sock",
            None,
            None,
            None,
            Some("redis+unix:///run/valkey.sock"),
        ),
        (
            "unix:///run/redis.sock",
            "/run/redis.sock",
            None,
            None,
            None,
            Some("redis+unix:///run/redis.sock"),
        ),
        (
            "unix://:mypassword@/socket",
            "/socket",
            Some(""),
            Some("mypassword"),
            None,
            Some("redis+unix://:mypassword@/socket"),
        ),
        (
            "UNIX://app:pw@/my%20socket?db=0",
            "/my socket",
            Some("app"),
            Some("pw"),
            Some(0),
            Some("redis+unix://app:pw@/my%20socket?db=0"),
        ),
        (
            "unix:///s?username=app&password=pw",
            "/s",
            Some("app"),
            Some("pw"),
            None,
            Some("redis+unix:///s?username=app&password=pw"),
        ),
        (
            "redis+socket:///r.sock?virtual_host=3",
            "/r.sock",
            None,
            None,
            Some(3),
            Some("redis+unix:///r.sock?virtual_host=3"),
        ),
        (
            "redis+unix://%2Frun%2Fredis.sock?db=1",
            "/run/redis.sock",
            None,
            None,
            Some(1),
            None,
        ),
    ];
    for (text, path, user, password, index, for_drivers) in rows {
        let url: config_vars::RedisUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((url.host(), url.hosts().len()), (Some(path), 1), "{text}");
        assert!(url.hosts()[0].is_socket() && url.port().is_none(), "{text}");
        assert_eq!(
            (opened(url.username()), opened(url.password())),
            (user, password),
            "{text}"
        );
        assert_eq!(url.index(), index, "{text}");
        assert_eq!(url.expose_url(), for_drivers.unwrap_or(text), "{text}");
        assert_eq!(url.expose_original(), text);
        assert!(!format!("{url:?}").contains("path"), "{url:?}");
    }
    // Docker's, unless Redis is asked for.
    assert_eq!(
        "unix:///var/run/docker.sock"
            .parse::<ResourceUrl>()
            .unwrap()
            .kind(),
        Kind::Other
    );
}

#[test]
fn insecure_of_redis_is_tls_without_a_check() {
    for text in [
        "rediss://:p4ss@cache.example:6380/0#insecure",
        "rediss://cache.example/#insecure",
        "rediss://cache.example#insecure",
        "valkeys://cache.example?protocol=3#insecure",
    ] {
        let url: config_vars::RedisUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(url.tls(), Tls::Unverified, "{text}");
        assert!(url.expose_url().ends_with("#insecure"));
    }
}

#[test]
fn urls_of_the_memcache_crate_are_read() {
    for (text, host, socket, tls) in [
        (
            "memcache:///tmp/memcached.sock",
            "/tmp/memcached.sock",
            true,
            Tls::Unspecified,
        ),
        (
            "memcached:///tmp/my%20cache.sock?timeout=1",
            "/tmp/my cache.sock",
            true,
            Tls::Unspecified,
        ),
        (
            "memcache+tls://localhost:12350?verify_mode=none",
            "localhost",
            false,
            Tls::Unverified,
        ),
        (
            "memcache+tls://mc.example?verify_mode=peer",
            "mc.example",
            false,
            Tls::Verified,
        ),
        (
            "memcache+tls://app:pw@mc.example?ca_path=/ca.pem",
            "mc.example",
            false,
            Tls::Verified,
        ),
        (
            "memcache+tls://mc.example?key_path=/k&cert_path=/c",
            "mc.example",
            false,
            Tls::Verified,
        ),
        (
            "memcache+udp://localhost:22345",
            "localhost",
            false,
            Tls::Unspecified,
        ),
    ] {
        let url: config_vars::MemcacheUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (url.host(), url.hosts()[0].is_socket(), url.tls()),
            (Some(host), socket, tls),
            "{text}"
        );
    }
}

#[test]
fn sqlite_has_a_file_and_never_a_host() {
    for (text, file, for_drivers) in [
        ("sqlite://todos.db", Some("todos.db"), None),
        ("sqlite://data.db?mode=rwc", Some("data.db"), None),
        ("sqlite://data/app.db", Some("data/app.db"), None),
        ("sqlite://./data/app.db", Some("./data/app.db"), None),
        ("sqlite:///var/lib/app.db", Some("/var/lib/app.db"), None),
        ("sqlite:todos.db", Some("todos.db"), None),
        ("sqlite:/todos.db?mode=ro", Some("/todos.db"), None),
        ("sqlite::memory:", Some(":memory:"), None),
        ("sqlite://:memory:", Some(":memory:"), None),
        ("sqlite3:foo_test", Some("foo_test"), Some("sqlite:foo_test")),
        ("sqlite3:/foo_test", Some("/foo_test"), Some("sqlite:/foo_test")),
        ("sqlite3::memory:", Some(":memory:"), Some("sqlite::memory:")),
        (
            "sqlite3:foo?encoding=utf8",
            Some("foo"),
            Some("sqlite:foo?encoding=utf8"),
        ),
        (
            "sqlite+aiosqlite:///./test.db",
            Some("/./test.db"),
            Some("sqlite:///./test.db"),
        ),
        ("sqlite:my%20shop.db", Some("my shop.db"), None),
        ("sqlite://C:/data/app.db", Some("C:/data/app.db"), None),
        (
            "sqlite:file:memdb1?mode=memory&cache=shared",
            Some("file:memdb1"),
            None,
        ),
        ("sqlite://", None, None),
        ("sqlite:", None, None),
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            (url.kind(), url.hosts().len(), url.database()),
            (Kind::Sqlite, 0, file),
            "{text}"
        );
        assert_eq!(url.expose_url(), for_drivers.unwrap_or(text), "{text}");
        let span = url.span(config_vars::Component::Database);
        assert_eq!(span.is_some(), file.is_some(), "{text}");
    }
}

#[test]
fn database_of_sql_server_is_an_option_beside_an_instance() {
    for (text, database) in [
        ("sqlserver://sa:p@h?database=shop", Some("shop")),
        (
            "sqlserver://sa:p@h/SQLExpress?encrypt=true&database=my%20shop",
            Some("my shop"),
        ),
        ("mssql://sa:p@h/?Database=shop", Some("shop")),
        ("sqlserver://sa:p@h/shop?database=", Some("shop")),
        ("sqlserver://sa:p@h?databases=shop", None),
    ] {
        let url: ResourceUrl = read(text);
        assert_eq!(url.database(), database, "{text}");
        assert_eq!(url.expose_url(), text);
    }
}

#[test]
fn a_driver_in_the_scheme_is_left_out_for_drivers() {
    for (text, kind, for_drivers) in [
        (
            "postgresql+asyncpg://app:p@db.example/shop",
            Kind::Postgres,
            "postgresql://app:p@db.example/shop",
        ),
        (
            "postgresql+psycopg2://app:p@db.example/shop",
            Kind::Postgres,
            "postgresql://app:p@db.example/shop",
        ),
        // Celery's.
        (
            "db+postgresql://app:p@db.example/shop",
            Kind::Postgres,
            "postgresql://app:p@db.example/shop",
        ),
        (
            "DB+mysql+pymysql://app:p@db.example/shop",
            Kind::Mysql,
            "mysql://app:p@db.example/shop",
        ),
        (
            "postgresql+psycopg_async://db.example/shop",
            Kind::Postgres,
            "postgresql://db.example/shop",
        ),
        (
            "postgres+pg8000://db.example/shop",
            Kind::Postgres,
            "postgres://db.example/shop",
        ),
        (
            "mysql+pymysql://app:p@db.example/shop",
            Kind::Mysql,
            "mysql://app:p@db.example/shop",
        ),
        (
            "mysql+aiomysql://db.example/shop",
            Kind::Mysql,
            "mysql://db.example/shop",
        ),
        (
            "mariadb+mariadbconnector://db.example/shop",
            Kind::Mysql,
            "mysql://db.example/shop",
        ),
        (
            "MySQL+MySQLdb://db.example/shop",
            Kind::Mysql,
            "mysql://db.example/shop",
        ),
        (
            "mssql+pyodbc://sa:p@db.example/shop?driver=ODBC+Driver",
            Kind::Sqlserver,
            "mssql://sa:p@db.example/shop?driver=ODBC+Driver",
        ),
        (
            "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dp",
            Kind::Sqlserver,
            "mssql:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dp",
        ),
        (
            "clickhouse+native://db.example/shop",
            Kind::Clickhouse,
            "clickhouse://db.example/shop",
        ),
        // These mean something of their own.
        (
            "mongodb+srv://db.example/shop",
            Kind::Mongo,
            "mongodb+srv://db.example/shop",
        ),
        ("kafka+ssl://b1.example", Kind::Kafka, "kafka+ssl://b1.example"),
        ("bolt+s://db.example", Kind::Neo4j, "bolt+s://db.example"),
        // Nothing is left out that may ask for TLS or another transport.
        (
            "postgresql+ssl://db.example/shop",
            Kind::Other,
            "postgresql+ssl://db.example/shop",
        ),
        ("amqp+tls://mq.example", Kind::Other, "amqp+tls://mq.example"),
        (
            "redis+sentinel://db.example/main",
            Kind::Other,
            "redis+sentinel://db.example/main",
        ),
        (
            "mysql+ssh://u@ssh.example/app:p@127.0.0.1/shop",
            Kind::Other,
            "mysql+ssh://u@ssh.example/app:p@127.0.0.1/shop",
        ),
        (
            "sqlite+libsql://db.example?authToken=x",
            Kind::Other,
            "sqlite+libsql://db.example?authToken=x",
        ),
        (
            "postgresql+://db.example/shop",
            Kind::Other,
            "postgresql+://db.example/shop",
        ),
        ("db+redis://db.example", Kind::Other, "db+redis://db.example"),
        (
            "db+db+mysql://db.example/shop",
            Kind::Other,
            "db+db+mysql://db.example/shop",
        ),
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((url.kind(), url.expose_url()), (kind, for_drivers), "{text}");
    }
}

/// A recursion over the text would end the process.
#[test]
fn repetition_needs_no_stack() {
    const PIECES: &[&str] = &[
        "db+", "x+", "jdbc:", "a://", "x=", "[", "(", "tcp(", "{", "\"", "\\", "%25", "%", ":", "@", "/",
        "?", "&a=b", ",", ";a=b", "#", "${", "<", ".", "_",
    ];
    const PLACES: &[&str] = &[
        "*",
        "*mysql://h/d",
        "mysql*://h/d",
        "mysql://u*@h/d",
        "mongodb://h*/d",
        "postgres://h/*",
        "mongodb://h/d?a=*",
        "*@h/d",
    ];
    for piece in PIECES {
        let repeated = piece.repeat(10_000);
        for place in PLACES {
            let text = place.replace('*', &repeated);
            _ = text
                .parse::<ResourceUrl>()
                .map(|url| (url.tls(), url.query_pairs().count()));
            let vars = config_vars::ConfigVars::from([
                ("SHOP_URL", &*text),
                ("DB_HOST", &*text),
                ("DB_TYPE", "mysql"),
                (&*text, "redis://h"),
            ]);
            assert!(vars.attachments().count() <= 4, "{piece} {place}");
        }
    }
}

#[test]
fn each_host_of_a_nats_list_may_have_a_scheme() {
    for (text, hosts, user, password) in [
        ("nats://n1:4222,nats://n2:4222", ["n1", "n2"], None, None),
        ("nats://n1,n2:4223", ["n1", "n2"], None, None),
        (
            "nats://app:p4ss@n1:4222,nats://app:p4ss@n2:4222",
            ["n1", "n2"],
            Some("app"),
            Some("p4ss"),
        ),
        (
            "nats://token@n1.example,nats://token@n2.example",
            ["n1.example", "n2.example"],
            Some("token"),
            None,
        ),
        (
            "nats://app:p4ss@n1,nats://n2",
            ["n1", "n2"],
            Some("app"),
            Some("p4ss"),
        ),
        ("nats://a:p1@n1,nats://b:p2@n2", ["n1", "n2"], None, None),
        (
            "kafka+ssl://a:p@b1:9096,kafka+ssl://a:p@b2:9096",
            ["b1", "b2"],
            Some("a"),
            Some("p"),
        ),
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let found: Vec<_> = url.hosts().iter().map(|host| host.as_str()).collect();
        assert_eq!(found, hosts, "{text}");
        assert_eq!(
            (opened(url.username()), opened(url.password())),
            (user, password),
            "{text}"
        );
        assert!(url.hosts().iter().all(|host| !host.is_in_doubt()), "{text}");
        assert!(!format!("{url:?}").contains("p4ss"), "{url:?}");
    }
    let url: ResourceUrl = "nats://a:p1@n1,nats://b:p2@n2".parse().unwrap();
    assert_eq!(opened(url.hosts()[1].password()), Some("p2"));
}

/// As nats.go and memjs read it. What may also be one password with an `@` and a `,` is not shown.
#[test]
fn each_host_of_a_list_may_have_credentials_without_a_scheme() {
    for (text, common) in [
        ("nats://a:p4ss@n1:4222,a:p4ss@n2", Some("a")),
        ("nats://a:p4ss@n1:4222,b:p4ss@n2:4222", None),
        ("kafka://a:p4ss@n1:9092,a:p4ss@n2:9092", Some("a")),
        ("memcache://a:p4ss@n1,a:p4ss@n2:11212", Some("a")),
    ] {
        let url = read::<ResourceUrl>(text);
        let found: Vec<_> = url.hosts().iter().map(|host| host.as_str()).collect();
        assert_eq!(found, ["n1", "n2"], "{text}");
        assert_eq!(opened(url.username()), common, "{text}");
        assert_eq!(opened(url.password()), common.map(|_| "p4ss"), "{text}");
        assert!(
            url.hosts()
                .iter()
                .all(|host| opened(host.password()) == Some("p4ss")),
            "{text}"
        );
        assert!(url.hosts().iter().all(|host| host.is_in_doubt()), "{text}");
        assert!(!format!("{url:?}").contains("p4ss"), "{url:?}");
    }
    for text in [
        "nats://t0ken@n1,t0ken@n2",
        "nats://a:p,x@n1",
        "kafka://a:p@n1,b@n2",
    ] {
        let error = refused::<ResourceUrl>(text);
        assert!(
            error
                .to_string()
                .starts_with("the host list has credentials for some"),
            "{text}: {error}"
        );
    }
}
