//! The options that drivers are handed, as their own accessors show them. No server is needed.

#![cfg(feature = "_drivers")]
// With a single driver's feature, a part of this has no use.
#![allow(dead_code, unused_imports)]

use crate::util::read;
use config_vars::*;

/// The hand-over's error for each URL.
#[track_caller]
fn check_errors<U, T>(hand_over: impl Fn(&U) -> Result<T, Error>, rows: &[(&str, &str)])
where
    U: std::str::FromStr<Err = Error>,
{
    for (text, message) in rows {
        match hand_over(&read(text)) {
            Ok(_) => panic!("{text} is handed over"),
            Err(error) => assert_eq!(error.to_string(), *message, "{text}"),
        }
    }
}

/// A password with all that a URL has a meaning for, and its escapes.
const HARD: &str = "p@s:s/w?o#r%d [x]&y=z+é";
const HARD_ENCODED: &str = "p%40s%3As%2Fw%3Fo%23r%25d%20%5Bx%5D%26y%3Dz%2B%C3%A9";

#[cfg(feature = "mysql_async")]
mod mysql_async {
    use super::*;
    use ::mysql_async::{Opts, SslOpts};

    fn opts(text: &str) -> Opts {
        read::<MysqlUrl>(text)
            .to_mysql_async()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn credentials_are_exact() {
        for scheme in ["mysql", "mysql2", "mariadb"] {
            let opts = opts(&format!(
                "{scheme}://us%40er:{HARD_ENCODED}@db.example:3307/my%20shop"
            ));
            assert_eq!(opts.user(), Some("us@er"));
            assert_eq!(opts.pass(), Some(HARD));
            assert_eq!(opts.db_name(), Some("my shop"));
            assert_eq!((opts.ip_or_hostname(), opts.tcp_port()), ("db.example", 3307));
        }
        let opts = opts("mysql://db.example/");
        assert_eq!((opts.user(), opts.pass(), opts.db_name()), (None, None, None));
    }

    #[test]
    fn credentials_from_jdbc() {
        let opts = opts("jdbc:mysql://db.example/shop?user=app&password=p%40ss&useSSL=false");
        assert_eq!((opts.user(), opts.pass()), (Some("app"), Some("p@ss")));
        assert_eq!(opts.ssl_opts(), None);
    }

    #[test]
    fn hosts() {
        let v6 = opts("mysql://app:pw@[2001:db8::7]/shop");
        assert_eq!((v6.ip_or_hostname(), v6.tcp_port()), ("2001:db8::7", 3306));
        let socket = opts("mysql://app:pw@%2Frun%2Fmysqld%2Fmysqld.sock/shop");
        assert_eq!(socket.socket(), Some("/run/mysqld/mysqld.sock"));
        assert_eq!(opts("mysql://h/d?socket=%2Fs").socket(), Some("/s"));
    }

    #[test]
    fn tls() {
        let tls = |text: &str| opts(&format!("mysql://app:pw@h/d{text}")).ssl_opts().cloned();
        let verified = SslOpts::default;
        let ca = || verified().with_danger_skip_domain_validation(true);
        let any = || ca().with_danger_accept_invalid_certs(true);
        let file = |opts: SslOpts| {
            opts.with_root_certs(vec![std::path::PathBuf::from("/ca.pem").into()])
                .with_disable_built_in_roots(true)
        };
        let rows = [
            ("", None),
            ("?ssl-mode=DISABLED", None),
            ("?useSSL=false", None),
            ("?ssl-mode=REQUIRED", Some(any())),
            ("?useSSL=true", Some(any())),
            ("?tls=skip-verify", Some(any())),
            ("?ssl-mode=VERIFY_CA", Some(ca())),
            ("?ssl-mode=VERIFY_IDENTITY", Some(verified())),
            ("?require_ssl=true", Some(verified())),
            ("?require_ssl=true&verify_ca=false", Some(any())),
            ("?require_ssl=true&verify_identity=false", Some(ca())),
            (
                "?ssl-mode=VERIFY_IDENTITY&ssl-ca=%2Fca.pem",
                Some(file(verified())),
            ),
            ("?ssl-ca=%2Fca.pem", Some(file(ca()))),
            (
                "?require_ssl=true&built_in_roots=false",
                Some(verified().with_disable_built_in_roots(true)),
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(tls(text), expected, "{text}");
        }
    }

    #[test]
    fn options() {
        let opts = opts(
            "mysql://h/d?pool_min=2&pool_max=3&conn_ttl=60&tcp_keepalive=500&stmt_cache_size=0&compression=9\
             &prefer_socket=false&wait_timeout=30&abs_conn_ttl=90&reconnect=true",
        );
        assert_eq!(
            (
                opts.pool_opts().constraints().min(),
                opts.pool_opts().constraints().max()
            ),
            (2, 3)
        );
        assert_eq!(opts.conn_ttl().map(|time| time.as_secs()), Some(60));
        assert_eq!(opts.tcp_keepalive().map(|time| time.as_millis()), Some(500));
        assert_eq!(opts.abs_conn_ttl().map(|time| time.as_secs()), Some(90));
        assert_eq!((opts.stmt_cache_size(), opts.prefer_socket()), (0, false));
        assert_eq!(opts.wait_timeout(), Some(30));
        assert!(opts.compression().is_some());
        let constraints = super::mysql_async::opts("mysql://h/d?pool_max=4")
            .pool_opts()
            .constraints();
        assert_eq!((constraints.min(), constraints.max()), (4, 4));
    }

    /// For a URL that needs no help, the hand-over returns the same as the driver's own parser.
    #[test]
    fn as_the_driver_reads_it() {
        let rows = [
            "mysql://app:pw@db.example:3306/shop",
            "mysql://app@db.example/shop?pool_min=1&pool_max=7&inactive_connection_ttl=5&ttl_check_interval=9",
            "mysql://db.example/?max_allowed_packet=5&wait_timeout=99999999&tcp_nodelay=false&secure_auth=false",
            "mysql://db.example/d?enable_cleartext_plugin=true&client_found_rows=true&reset_connection=false",
            "mysql://db.example/d?compression=fast&abs_conn_ttl=9&abs_conn_ttl_jitter=3",
            "mysql://db.example/d?require_ssl=true&verify_ca=false&verify_identity=false",
        ];
        for text in rows {
            let (ours, theirs) = (opts(text), Opts::from_url(text).unwrap());
            assert_eq!(ours.user(), theirs.user(), "{text}");
            assert_eq!(ours.pass(), theirs.pass(), "{text}");
            assert_eq!(ours.db_name(), theirs.db_name(), "{text}");
            assert_eq!(ours.ip_or_hostname(), theirs.ip_or_hostname(), "{text}");
            assert_eq!(ours.tcp_port(), theirs.tcp_port(), "{text}");
            assert_eq!(ours.pool_opts(), theirs.pool_opts(), "{text}");
            assert_eq!(ours.ssl_opts(), theirs.ssl_opts(), "{text}");
            assert_eq!(ours.max_allowed_packet(), theirs.max_allowed_packet(), "{text}");
            assert_eq!(ours.wait_timeout(), theirs.wait_timeout(), "{text}");
            assert_eq!(ours.tcp_nodelay(), theirs.tcp_nodelay(), "{text}");
            assert_eq!(ours.secure_auth(), theirs.secure_auth(), "{text}");
            assert_eq!(ours.client_found_rows(), theirs.client_found_rows(), "{text}");
            assert_eq!(
                ours.enable_cleartext_plugin(),
                theirs.enable_cleartext_plugin(),
                "{text}"
            );
            assert_eq!(ours.compression(), theirs.compression(), "{text}");
        }
    }

    #[test]
    fn errors() {
        check_errors(
            MysqlUrl::to_mysql_async,
            &[
                (
                    "mysql://h/d?ssl-mode=PREFERRED",
                    "the query asks for TLS only where the server offers it, which mysql_async cannot do; ask for TLS in \
                     any case, or for none",
                ),
                (
                    "mysql://h/d?ssl-mode=Requird",
                    "the query has a TLS option with a value that is not known here, option 1; correct it",
                ),
                (
                    "mysql://h/d?pool_max=4&s3cr3t=x",
                    "the query has an option that mysql_async does not take, option 2; remove it",
                ),
                (
                    "mysql://h/d?user=x",
                    "the query has an option that mysql_async does not take, option 1; remove it",
                ),
                (
                    "mysql://h/d?host=x",
                    "the query has an option that mysql_async does not take, option 1; remove it",
                ),
                (
                    "mysql://h/d?port=1",
                    "the query has an option that mysql_async does not take, option 1; remove it",
                ),
                (
                    "jdbc:mysql://u:p@h/d?user=x",
                    "the query has an option that mysql_async does not take, option 1; remove it",
                ),
                (
                    "jdbc:mysql://h/d?user=x&password=y&other=z",
                    "the query has an option that mysql_async does not take, option 3; remove it",
                ),
                (
                    "mysql://h/d?pool_max=s3cr3t",
                    "the query gives `pool_max` a value that mysql_async does not take; correct it, or leave it out",
                ),
                (
                    "mysql://h/d?pool_max=1&pool_min=2",
                    "the query gives `pool_max` a value that mysql_async does not take; correct it, or leave it out",
                ),
                (
                    "mysql://h/d?compression=10",
                    "the query gives `compression` a value that mysql_async does not take; correct it, or leave it out",
                ),
            ],
        );
        let kind = |text: &str| {
            read::<MysqlUrl>(text)
                .to_mysql_async()
                .map(drop)
                .unwrap_err()
                .kind()
        };
        assert_eq!(kind("mysql://h/d?ssl-mode=PREFERRED"), ErrorKind::NotForDriver);
        assert_eq!(kind("mysql://h/d?pool_max=x"), ErrorKind::InvalidOption);
    }
}

#[cfg(feature = "sqlx")]
mod sqlx {
    use super::*;
    use ::sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
    use ::sqlx::postgres::{PgConnectOptions, PgSslMode};

    fn mysql(text: &str) -> MySqlConnectOptions {
        read::<MysqlUrl>(text)
            .to_sqlx()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn postgres(text: &str) -> PgConnectOptions {
        read::<PostgresUrl>(text)
            .to_sqlx()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// The driver has no accessor for the password, and shows it.
    fn shows(options: impl std::fmt::Debug, text: &str) -> bool {
        format!("{options:?}").contains(&format!("{text:?}"))
    }

    #[test]
    fn mysql_fields() {
        let options = mysql(&format!(
            "mysql2://us%40er:{HARD_ENCODED}@[2001:db8::7]:3307/my%20shop"
        ));
        assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 3307));
        assert_eq!(
            (options.get_username(), options.get_database()),
            ("us@er", Some("my shop"))
        );
        assert!(shows(options, HARD));
        let socket = mysql("mysql://app:pw@%2Frun%2Fmysqld.sock/d");
        assert_eq!(
            socket.get_socket().and_then(|path| path.to_str()),
            Some("/run/mysqld.sock")
        );
        let options =
            mysql("mysql://h/d?collation=utf8mb4_bin&timezone=%2B08%3A00&statement-cache-capacity=7");
        assert_eq!(options.get_collation(), Some("utf8mb4_bin"));
    }

    #[test]
    fn mysql_tls() {
        let mode = |text: &str| format!("{:?}", mysql(&format!("mysql://h/d{text}")).get_ssl_mode());
        for (text, expected) in [
            ("", "Preferred"),
            ("?ssl-mode=DISABLED", "Disabled"),
            ("?sslmode=preferred", "Preferred"),
            ("?ssl-mode=REQUIRED", "Required"),
            ("?ssl={\"rejectUnauthorized\":true}", "VerifyIdentity"),
            ("?ssl-mode=VERIFY_CA&ssl-ca=%2Fca.pem", "VerifyCa"),
            ("?ssl-ca=%2Fca.pem", "VerifyCa"),
            ("?require_ssl=true", "VerifyIdentity"),
        ] {
            assert_eq!(mode(text), expected, "{text}");
        }
    }

    #[test]
    fn postgres_fields() {
        let options = postgres(&format!(
            "pgsql://us%40er:{HARD_ENCODED}@[2001:db8::7]:5433/my%20shop"
        ));
        assert_eq!((options.get_host(), options.get_port()), ("2001:db8::7", 5433));
        assert_eq!(
            (options.get_username(), options.get_database()),
            ("us@er", Some("my shop"))
        );
        assert!(shows(options, HARD));
        let raw = postgres("postgres://app:p@ss@db.example/d");
        assert_eq!(raw.get_host(), "db.example");
        assert!(shows(raw, "p@ss"));
        for text in [
            "postgres://app:pw@%2Frun%2Fpg/d",
            "postgres://app:pw@/d?host=/run/pg&port=5433",
        ] {
            let options = postgres(text);
            assert_eq!(
                options.get_socket().and_then(|path| path.to_str()),
                Some("/run/pg"),
                "{text}"
            );
        }
        let options = postgres(
            "postgres://h/d?application_name=shop&options=-c%20a%3Db&options[c]=d&hostaddr=192.0.2.7",
        );
        assert_eq!(options.get_application_name(), Some("shop"));
        assert_eq!(options.get_options(), Some("-c a=b -c c=d"));
        assert_eq!(options.get_host(), "192.0.2.7");
        let options = postgres("postgres://app:pw@h/d?options=endpoint%3Dep-1");
        assert_eq!(options.get_options(), Some("endpoint=ep-1"));
        assert!(shows(options, "pw"));
        // Without a password the driver sends an empty one, whether or not it has parsed the options.
        for text in ["postgres://app@h/d", "postgres://app@h/d?options=endpoint%3Dep-1"] {
            assert!(format!("{:?}", postgres(text)).contains("password: Some(\"\")"));
        }
    }

    #[test]
    fn postgres_tls() {
        let mode = |text: &str| format!("{:?}", postgres(&format!("postgres://h/d{text}")).get_ssl_mode());
        for (text, expected) in [
            ("", "Prefer"),
            ("?sslmode=disable", "Disable"),
            ("?sslmode=allow", "Prefer"),
            ("?sslmode=prefer", "Prefer"),
            ("?sslmode=require", "Require"),
            ("?ssl=true", "Require"),
            ("?sslmode=verify-ca", "VerifyCa"),
            ("?sslmode=verify-full", "VerifyFull"),
            ("?sslmode=require&sslrootcert=%2Fca.pem", "VerifyCa"),
            ("?sslrootcert=%2Fca.pem", "VerifyCa"),
            ("?sslmode=prefer&sslrootcert=%2Fca.pem", "Prefer"),
            ("?sslmode=require&sslrootcert=system", "VerifyFull"),
            // The driver's own spellings: found by comparing with its parser.
            ("?ssl-mode=require", "Require"),
            ("?ssl-mode=verify-full", "VerifyFull"),
            ("?ssl-mode=require&ssl-ca=%2Fca.pem", "VerifyCa"),
            ("?ssl-root-cert=%2Fca.pem", "VerifyCa"),
        ] {
            assert_eq!(mode(text), expected, "{text}");
        }
    }

    /// The driver logs what it does not know; it is not told.
    #[test]
    fn unknown_options_are_left_out() {
        let options = postgres("postgres://h/d?passwrod=s3cr3t");
        assert!(!format!("{options:?}").contains("s3cr3t"));
        let options = mysql("mysql://h/d?passwrod=s3cr3t");
        assert!(!format!("{options:?}").contains("s3cr3t"));
    }

    #[test]
    fn errors() {
        check_errors(
            PostgresUrl::to_sqlx,
            &[
                (
                    "postgres://h1,h2/d",
                    "the host list is not for sqlx, which takes one; write a single host",
                ),
                (
                    "postgres://h/d?sslmode=verify_full",
                    "the query has a TLS option with a value that is not known here, option 1; correct it",
                ),
                (
                    "postgres://h/d?statement-cache-capacity=s3cr3t",
                    "the query gives `statement-cache-capacity` a value that sqlx does not take; correct it, or leave it \
                     out",
                ),
            ],
        );
    }
}

#[cfg(feature = "mongodb")]
mod mongodb {
    use super::*;
    use ::mongodb::options::{ClientOptions, ServerAddress, Tls as DriverTls};

    fn hand_over(url: &MongoUrl) -> Result<ClientOptions, Error> {
        tokio::runtime::Runtime::new().unwrap().block_on(url.to_mongodb())
    }

    fn options(text: &str) -> ClientOptions {
        hand_over(&read(text)).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn fields() {
        let options = options(&format!(
            "mongo://us%40er:{HARD_ENCODED}@db1.example,[2001:db8::7]:27018,%2Ftmp%2Fmongodb-1.sock/shop?authSource=users"
        ));
        let credential = options.credential.unwrap();
        assert_eq!(credential.username.as_deref(), Some("us@er"));
        assert_eq!(credential.password.as_deref(), Some(HARD));
        assert_eq!(credential.source.as_deref(), Some("users"));
        assert_eq!(options.default_database.as_deref(), Some("shop"));
        let hosts: Vec<_> = options
            .hosts
            .iter()
            .map(|host| match host {
                ServerAddress::Tcp { host, port } => format!("{host} {port:?}"),
                other => other.to_string(),
            })
            .collect();
        assert_eq!(
            hosts,
            [
                "db1.example None",
                "2001:db8::7 Some(27018)",
                "/tmp/mongodb-1.sock"
            ]
        );
    }

    #[test]
    fn tls() {
        let tls = |text: &str| match options(&format!("mongodb://h/d{text}")).tls {
            None => "none",
            Some(DriverTls::Disabled) => "off",
            Some(DriverTls::Enabled(options)) => match options.allow_invalid_certificates {
                Some(true) => "unverified",
                _ => "verified",
            },
        };
        assert_eq!(tls(""), "none");
        assert_eq!(tls("?tls=false"), "off");
        assert_eq!(tls("?ssl=true"), "verified");
        assert_eq!(tls("?tls=true&tlsInsecure=true"), "unverified");
        assert_eq!(tls("?tls=true&tlsAllowInvalidCertificates=true"), "unverified");
    }

    #[test]
    fn errors() {
        check_errors(
            hand_over,
            &[
                (
                    "mongodb://app:s3cr3t@h/d?retryWrites=true&s3cr3t=x&w=1",
                    "the query has an option that mongodb does not take, option 2; remove it",
                ),
                (
                    "mongodb://h/d?tls=1",
                    "the query has an option that mongodb does not take, option 1; remove it",
                ),
                (
                    "mongodb://h/d?w=1&socketTimeoutMS=5",
                    "the query has an option that mongodb does not take, option 2; remove it",
                ),
                (
                    "mongodb://h/d?a=1&b=2",
                    "the value is refused by mongodb, whose reason may quote it, and is not told; compare it with mongodb's \
                     documentation",
                ),
                (
                    "mongodb://h/d?tls=true&tlsAllowInvalidHostnames=true",
                    "the query asks for TLS with a certificate for whatever name, which mongodb cannot do; ask for full \
                     verification, or for none",
                ),
            ],
        );
    }

    #[test]
    fn the_future_can_be_sent() {
        fn is_send<T: Send>(_: T) {}
        is_send(read::<MongoUrl>("mongodb://h").to_mongodb());
    }
}

#[cfg(feature = "memcache")]
mod memcache {
    use super::*;

    #[test]
    fn clients_are_made_without_a_server() {
        for text in [
            "memcache://mc.example",
            "memcached://app:pw@mc1.example:11212,[2001:db8::7]",
            "memcache://u1:p1@mc1.example,u2:p2@mc2.example",
            "memcache://%2Frun%2Fmemcached.sock",
            "memcache://mc.example?timeout=1.5&connect_timeout=0&tcp_nodelay=false&protocol=binary&colour=red",
            "memcache://app:p-w_1.2~%21@mc.example?protocol=ascii",
            "memcache://mc.example?udp=true&bind=0.0.0.0%3A0",
            "memcache:///run/memcached.sock",
            "memcache+udp://mc.example",
            "memcache+tls://mc.example",
            "memcache+tls://app:pw@mc.example:12350?verify_mode=none&timeout=1",
            "memcache+tls://mc.example?ca_path=%2Fca.pem&key_path=%2Fk&cert_path=%2Fc",
        ] {
            let client = read::<MemcacheUrl>(text).to_memcache();
            assert!(client.is_ok(), "{text}: {:?}", client.err());
        }
        let hard = format!("memcache://us%40er:{HARD_ENCODED}@mc.example");
        assert!(read::<MemcacheUrl>(&hard).to_memcache().is_ok());
    }

    #[test]
    fn errors() {
        check_errors(
            MemcacheUrl::to_memcache,
            &[
                (
                    "memcache://app:p%40ss@mc.example?protocol=ascii",
                    "the password holds a character that memcache cannot send in this protocol; choose others, or leave \
                     out `protocol=ascii`",
                ),
                (
                    "memcache://a%40b:pw@mc.example?protocol=ascii",
                    "the user name holds a character that memcache cannot send in this protocol; choose others, or leave \
                     out `protocol=ascii`",
                ),
                (
                    "memcache://%2Frun%2Fmy%20cache.sock",
                    "the host is a socket path that memcache cannot take; choose one of letters, digits and `/-._`",
                ),
                (
                    "memcache://mc.example?timeout=-1",
                    "the query gives `timeout` a value that memcache does not take; correct it, or leave it out",
                ),
                (
                    "memcache://mc.example?verify_mode=peer",
                    "the value asks for TLS, which memcache does for `memcache+tls://` alone; write that scheme, or do not \
                     ask for TLS",
                ),
                (
                    "memcache://mc.example?ca_path=%2Fs3cr3t",
                    "the value asks for TLS, which memcache does for `memcache+tls://` alone; write that scheme, or do not \
                     ask for TLS",
                ),
                (
                    "memcache://mc.example?protocol=s3cr3t",
                    "the query gives `protocol` a value that memcache does not take; correct it, or leave it out",
                ),
            ],
        );
    }
}

#[cfg(feature = "redis")]
mod redis {
    use super::*;
    use ::redis::{ConnectionAddr, ConnectionInfo, ProtocolVersion};

    fn info(text: &str) -> ConnectionInfo {
        read::<RedisUrl>(text)
            .to_redis()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn credentials() {
        let rows = [
            ("redis://cache.example", None, None),
            ("redis://:pw@cache.example", None, Some("pw")),
            ("redis://h:pw@cache.example", None, Some("pw")),
            ("redis://default:pw@cache.example", Some("default"), Some("pw")),
            ("redis://app:@cache.example", Some("app"), None),
            ("redis://cache.example?password=pw", None, Some("pw")),
            (
                "redis://cache.example?username=app&password=pw",
                Some("app"),
                Some("pw"),
            ),
        ];
        for (text, username, password) in rows {
            let info = info(text);
            let settings = info.redis_settings();
            assert_eq!(
                (settings.username(), settings.password()),
                (username, password),
                "{text}"
            );
        }
        let info = info(&format!(
            "valkey://us%40er:{HARD_ENCODED}@cache.example/3?protocol=resp3&colour=red"
        ));
        let settings = info.redis_settings();
        assert_eq!(
            (settings.username(), settings.password()),
            (Some("us@er"), Some(HARD))
        );
        assert_eq!((settings.db(), settings.protocol()), (3, ProtocolVersion::RESP3));
    }

    #[test]
    fn addresses() {
        let address = |text: &str| match info(text).addr() {
            ConnectionAddr::Tcp(host, port) => format!("plain {host} {port}"),
            ConnectionAddr::TcpTls {
                host, port, insecure, ..
            } => format!("tls {host} {port} insecure: {insecure}"),
            ConnectionAddr::Unix(path) => format!("socket {}", path.display()),
            _ => "?".to_owned(),
        };
        assert_eq!(address("redis://[2001:db8::7]"), "plain 2001:db8::7 6379");
        assert_eq!(
            address("rediss://cache.example:6380"),
            "tls cache.example 6380 insecure: false"
        );
        assert_eq!(
            address("rediss://cache.example?ssl_cert_reqs=none"),
            "tls cache.example 6379 insecure: true"
        );
        assert_eq!(address("redis://%2Frun%2Fredis.sock"), "socket /run/redis.sock");
        assert_eq!(
            address("rediss://cache.example/0#insecure"),
            "tls cache.example 6379 insecure: true"
        );
        for text in [
            "redis+unix:///run/redis.sock",
            "valkey+unix:///run/redis.sock",
            "unix:///run/redis.sock",
        ] {
            assert_eq!(address(text), "socket /run/redis.sock", "{text}");
            let info = info(&format!("{text}?db=2&user=app&pass=p%40ss"));
            let settings = info.redis_settings();
            assert_eq!(
                (settings.username(), settings.password(), settings.db()),
                (Some("app"), Some("p@ss"), 2)
            );
        }
    }

    #[test]
    fn errors() {
        check_errors(
            RedisUrl::to_redis,
            &[(
                "redis://h?protocol=s3cr3t",
                "the query gives `protocol` a value that redis does not take; correct it, or leave it out",
            )],
        );
    }

    #[test]
    fn credentials_show_nothing() {
        let credentials = drivers::redis::Credentials::new(&read("redis://app:s3cr3t@cache.example"));
        assert!(!format!("{credentials:?}").contains("s3cr3t"));
        fn is_shared<T: Send + Sync + Clone + 'static>(_: T) {}
        is_shared(credentials);
    }
}

#[cfg(feature = "tokio-postgres")]
mod tokio_postgres {
    use super::*;
    use ::tokio_postgres::Config;
    use ::tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

    fn config(text: &str) -> Config {
        read::<PostgresUrl>(text)
            .to_tokio_postgres()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn fields() {
        let config = config(&format!(
            "pgsql://us%40er:{HARD_ENCODED}@db1.example,[2001:db8::7]:5433,%2Frun%2Fpg/my%20shop"
        ));
        assert_eq!(
            (config.get_user(), config.get_dbname()),
            (Some("us@er"), Some("my shop"))
        );
        assert_eq!(config.get_password(), Some(HARD.as_bytes()));
        let hosts = [
            Host::Tcp("db1.example".into()),
            Host::Tcp("2001:db8::7".into()),
            Host::Unix("/run/pg".into()),
        ];
        assert_eq!(config.get_hosts(), hosts);
        assert_eq!(config.get_ports(), [5432, 5433, 5432]);
    }

    #[test]
    fn tls() {
        let rows = [
            ("postgres://h/d", SslMode::Prefer),
            ("postgres://h/d?sslmode=disable", SslMode::Disable),
            ("postgres://h/d?sslmode=allow", SslMode::Prefer),
            ("postgres://h/d?sslmode=require", SslMode::Require),
            ("postgres://h/d?sslmode=verify-ca", SslMode::Require),
            ("postgres://h/d?sslmode=verify-full", SslMode::Require),
            ("postgres://h/d?sslrootcert=system", SslMode::Require),
            ("postgres://%2Frun%2Fpg/d", SslMode::Disable),
        ];
        for (text, mode) in rows {
            assert_eq!(config(text).get_ssl_mode(), mode, "{text}");
            assert!(
                read::<PostgresUrl>(text).to_tokio_postgres_tls().is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn options() {
        let config = config(
            "postgres://h/d?application_name=shop&options=-c%20a%3Db&connect_timeout=7&keepalives=0&keepalives_idle=-1\
             &target_session_attrs=read-write&hostaddr=192.0.2.7&load_balance_hosts=disable",
        );
        assert_eq!(config.get_application_name(), Some("shop"));
        assert_eq!(config.get_options(), Some("-c a=b"));
        assert_eq!(config.get_connect_timeout().map(|time| time.as_secs()), Some(7));
        assert!(!config.get_keepalives());
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        assert_eq!(config.get_hostaddrs().len(), 1);
    }

    #[test]
    fn as_the_driver_reads_it() {
        for text in [
            "postgres://app:pw@db.example/shop",
            "postgres://app@db1.example:5433,db2.example/shop?sslmode=require&application_name=x",
            "postgres://app:p%40ss@[2001:db8::7]:5432/my%20shop?connect_timeout=3&keepalives_retries=2&channel_binding=disable",
        ] {
            assert_eq!(config(text), text.parse::<Config>().unwrap(), "{text}");
        }
    }

    #[test]
    fn errors() {
        check_errors(
            PostgresUrl::to_tokio_postgres,
            &[
                (
                    "postgres:///d",
                    "the host is missing, and none is made up for tokio-postgres; write one",
                ),
                (
                    "postgres://h/d?sslmode=require&s3cr3t=x",
                    "the query has an option that tokio-postgres does not take, option 2; remove it",
                ),
                (
                    "postgres://h/d?target_session_attrs=s3cr3t",
                    "the query gives `target_session_attrs` a value that tokio-postgres does not take; correct it, or leave \
                     it out",
                ),
                (
                    "postgres://h/d?sslmode=verify_full",
                    "the query has a TLS option with a value that is not known here, option 1; correct it",
                ),
            ],
        );
        check_errors(
            PostgresUrl::to_tokio_postgres_tls,
            &[
                (
                    "postgres://h/d?sslmode=require&sslcert=%2Fc.pem",
                    "the query has only one of the client's certificate and its key; give both, or none",
                ),
                (
                    "postgres://h/d?sslmode=require&sslrootcert=%2Fs3cr3t",
                    "the query names a certificate or key file that cannot be read; mount a PEM file there, or correct \
                     the path",
                ),
            ],
        );
    }
}

#[cfg(feature = "reqwest")]
mod reqwest {
    use super::*;
    use ::reqwest::{Client, ClientBuilder, Method};

    /// The examples turn on reqwest's `rustls-no-provider`, which asks for one.
    fn builder() -> ClientBuilder {
        _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
    }

    fn client() -> Client {
        builder().build().unwrap()
    }

    #[test]
    fn requests() {
        let rows = [
            ("https://api.example", "", "https://api.example/", None),
            (
                "https://api.example/v1?k=v",
                "",
                "https://api.example/v1?k=v",
                None,
            ),
            (
                "https://api.example/v1?k=v",
                "a/b",
                "https://api.example/v1/a/b?k=v",
                None,
            ),
            (
                "https://api.example/v1/",
                "/a%2F?/",
                "https://api.example/v1/a%252F%3F/",
                None,
            ),
            (
                "https://token@api.example",
                "",
                "https://api.example/",
                Some("Basic dG9rZW46"),
            ),
            (
                "http://u:p%3A%C3%A9@[2001:db8::7]:81/",
                "x",
                "http://[2001:db8::7]:81/x",
                Some("Basic dTpwOsOp"),
            ),
        ];
        for (text, path, url, authorization) in rows {
            let api: HttpUrl = read(text);
            let request = match path {
                "" => api.to_reqwest(&client(), Method::GET),
                path => api.to_reqwest_at(&client(), Method::GET, path),
            };
            let request = request.unwrap().build().unwrap();
            assert_eq!(request.url().as_str(), url, "{text}");
            let header = request.headers().get("authorization");
            assert_eq!(
                header.map(|value| value.to_str().unwrap()),
                authorization,
                "{text}"
            );
            assert!(header.is_none_or(|value| value.is_sensitive()));
        }
    }

    /// A service and a proxy that refuse, each in a thread of its own.
    fn answer_once(answer: &'static str) -> u16 {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            _ = stream.read(&mut [0; 4096]);
            _ = stream.write_all(answer.as_bytes());
        });
        port
    }

    #[tokio::test]
    async fn refusals() {
        for (answer, is_refusal) in [
            ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", true),
            (
                "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
                true,
            ),
            ("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", false),
            ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", false),
            ("", false),
        ] {
            let api: HttpUrl = read(&format!("http://u:p@127.0.0.1:{}/x", answer_once(answer)));
            let sent = api.to_reqwest(&client(), Method::GET).unwrap().send().await;
            let error = sent.and_then(|answer| answer.error_for_status()).unwrap_err();
            assert_eq!(
                drivers::reqwest::is_auth_error(&error),
                is_refusal,
                "{answer}: {error:?}"
            );
        }
    }

    #[tokio::test]
    async fn a_proxy_is_used_with_its_credentials() {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut text = vec![0; 4096];
            let length = stream.read(&mut text).unwrap();
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            String::from_utf8_lossy(&text[..length]).into_owned()
        });
        let fixie: HttpUrl = read(&format!("http://u:p%3A%C3%A9@127.0.0.1:{port}"));
        let client = builder()
            .proxy(fixie.to_reqwest_proxy().unwrap())
            .build()
            .unwrap();
        client.get("http://service.example/").send().await.unwrap();
        let request = seen.join().unwrap();
        assert!(
            request.contains("proxy-authorization: Basic dTpwOsOp"),
            "{request}"
        );
    }
}

/// The TLS that each driver's options ask for, against that of the URL.
mod tls_is_never_weaker {
    use super::*;

    /// All words of TLS that a driver may meet, of all clients.
    const MYSQL: &[&str] = &[
        "ssl-mode=DISABLED",
        "sslMode=preferred",
        "ssl_mode=REQUIRED",
        "sslmode=VERIFY_CA",
        "SSL-Mode=VERIFY_IDENTITY",
        "sslMode=trust",
        "useSSL=true",
        "useSSL=false",
        "requireSSL=true",
        "require_ssl=true",
        "require_ssl=false",
        "verifyServerCertificate=true",
        "verifyServerCertificate=false",
        "verify_ca=false",
        "verify_identity=false",
        "sslaccept=strict",
        "sslaccept=accept_invalid_certs",
        "ssl=true",
        "ssl=FALSE",
        "ssl={}",
        "ssl={\"rejectUnauthorized\":false}",
        "ssl={\"minVersion\":\"TLSv1.3\"}",
        "tls=skip-verify",
        "tls=preferred",
        "tls=custom",
        "ssl-ca=/ca.pem",
        "ssl_ca=/other.pem",
        "sslfoo=1",
        "encrypt=true",
        "enabledTLSProtocols=TLSv1.3",
        "allowFallbackToPlaintext=true",
        "socket=/tmp/m.sock",
        "prefer_socket=true",
    ];
    const POSTGRES: &[&str] = &[
        "sslmode=disable",
        "sslmode=allow",
        "SSLMODE=prefer",
        "ssl-mode=require",
        "sslmode=no-verify",
        "sslMode=verify-ca",
        "SSL%20Mode=VerifyFull",
        "sslmode=verify_full",
        "ssl=true",
        "ssl=false",
        "ssl=verify-full",
        "requiressl=1",
        "sslaccept=strict",
        "sslaccept=accept_invalid_certs",
        "sslrootcert=/ca.pem",
        "ssl-ca=/other.pem",
        "sslrootcert=system",
        "sslnegotiation=direct",
        "gssencmode=disable",
        "gssencmode=require",
        "ssl_min_protocol_version=TLSv1.3",
        "sslcrl=/crl.pem",
        "trustServerCertificate=true",
        "tls=true",
        "host=/run/postgresql",
        "hostaddr=127.0.0.2",
    ];
    const REDIS: &[&str] = &[
        "ssl=true",
        "ssl=false",
        "tls=true",
        "ssl_cert_reqs=none",
        "ssl_cert_reqs=required",
        "ssl_check_hostname=false",
        "skip_verify=true",
        "ssl_ca_certs=/ca.pem",
        "sslfoo=1",
        "encrypt=true",
    ];
    const MONGO: &[&str] = &[
        "tls=true",
        "tls=false",
        "ssl=true",
        "tlsInsecure=true",
        "tlsAllowInvalidCertificates=true",
        "tlsAllowInvalidHostnames=true",
        "tlsFoo=1",
        "tls=perhaps",
    ];

    /// Each word alone, and each pair in both orders.
    fn for_each(base: &str, words: &[&str], mut check: impl FnMut(&str)) {
        for one in words {
            check(&format!("{base}?{one}"));
            for other in words.iter().filter(|other| *other != one) {
                check(&format!("{base}?{one}&{other}"));
            }
        }
    }

    /// A URL whose options contradict each other is handed to no driver; any other asks for at least what it says.
    #[track_caller]
    fn check(text: &str, tls: Tls, handed: Result<Tls, Error>) {
        let Ok(handed) = handed else { return };
        assert_ne!(tls, Tls::Unknown, "{text}");
        let is_socket = read::<ResourceUrl>(text).hosts()[0].is_socket();
        assert!(!(tls.is_required() && is_socket), "{text} reaches a socket");
        // No driver has a word for "nothing said", and on a socket there is no TLS.
        let asked = match tls {
            Tls::Unspecified => Tls::Off,
            _ if is_socket => Tls::Off,
            tls => tls,
        };
        assert!(
            handed >= asked,
            "{text} asks for {tls:?}, and the driver for {handed:?}"
        );
        // Each option by itself has been heard, the strictest of them too.
        for option in text.split('?').nth(1).unwrap_or_default().split('&') {
            let alone: ResourceUrl = read(&format!("{}?{option}", text.split('?').next().unwrap()));
            let may_weaken = [
                "reqs=none",
                "=false",
                ":false",
                "skip",
                "accept",
                "AllowInvalid",
                "Insecure",
                "trust",
                "no-verify",
                "Trust",
            ]
            .iter()
            .any(|sign| text.contains(sign));
            // Beside a mode that says so, authorities are not asked.
            let is_file = option.ends_with(".pem");
            // If a name is given twice, the last one counts.
            let name = |option: &str| option.split('=').next().unwrap().to_owned();
            let is_replaced = text.matches(&format!("{}=", name(option))).count() > 1;
            assert!(
                may_weaken
                    || is_file
                    || is_replaced
                    || is_socket
                    || handed >= alone.tls()
                    || alone.tls() == Tls::Unspecified,
                "{text}: {option} alone asks for {:?}, and the driver for {handed:?}",
                alone.tls()
            );
        }
    }

    #[cfg(feature = "mysql_async")]
    #[test]
    fn mysql_async() {
        for_each("mysql://app:pw@h/d", MYSQL, |text| {
            let url: MysqlUrl = read(text);
            let handed = url.to_mysql_async().map(|opts| {
                assert_eq!(
                    opts.prefer_socket(),
                    text.contains("prefer_socket=true") && opts.ssl_opts().is_none(),
                    "{text}"
                );
                match opts.ssl_opts() {
                    None => Tls::Off,
                    Some(tls) if tls.accept_invalid_certs() => Tls::Unverified,
                    Some(tls) if tls.skip_domain_validation() => Tls::VerifiedCa,
                    Some(_) => Tls::Verified,
                }
            });
            check(text, url.tls(), handed);
        });
    }

    #[cfg(feature = "sqlx")]
    #[test]
    fn sqlx_mysql() {
        for_each("mysql://app:pw@h/d", MYSQL, |text| {
            let url: MysqlUrl = read(text);
            let handed = url.to_sqlx().map(|options| {
                use ::sqlx::mysql::MySqlSslMode as Mode;
                match options.get_ssl_mode() {
                    Mode::Disabled => Tls::Off,
                    Mode::Preferred => Tls::Preferred,
                    Mode::Required => Tls::Unverified,
                    Mode::VerifyCa => Tls::VerifiedCa,
                    Mode::VerifyIdentity => Tls::Verified,
                }
            });
            check(text, url.tls(), handed);
        });
    }

    #[cfg(feature = "sqlx")]
    #[test]
    fn sqlx_postgres() {
        for_each("postgres://app:pw@h/d", POSTGRES, |text| {
            let url: PostgresUrl = read(text);
            let handed = url.to_sqlx().map(|options| {
                use ::sqlx::postgres::PgSslMode as Mode;
                assert_eq!(
                    options.get_socket().is_some(),
                    url.hosts()[0].is_socket(),
                    "{text}"
                );
                if options.get_socket().is_none() {
                    assert_eq!(Some(options.get_host()), url.host(), "{text}");
                }
                match options.get_ssl_mode() {
                    Mode::Disable => Tls::Off,
                    Mode::Allow | Mode::Prefer => Tls::Preferred,
                    Mode::Require => Tls::Unverified,
                    Mode::VerifyCa => Tls::VerifiedCa,
                    Mode::VerifyFull => Tls::Verified,
                }
            });
            check(text, url.tls(), handed);
        });
    }

    #[cfg(feature = "tokio-postgres")]
    #[test]
    fn tokio_postgres() {
        for_each("postgres://app:pw@h/d", POSTGRES, |text| {
            use ::tokio_postgres::config::SslMode as Mode;
            let url: PostgresUrl = read(text);
            let handed = url.to_tokio_postgres().map(|config| match config.get_ssl_mode() {
                Mode::Disable => Tls::Off,
                Mode::Prefer => Tls::Preferred,
                // `to_tokio_postgres_tls` says what is verified; wire.rs tests it.
                _ => Tls::Verified,
            });
            check(text, url.tls(), handed);
        });
    }

    #[cfg(feature = "redis")]
    #[test]
    fn redis() {
        use ::redis::ConnectionAddr;
        for base in ["redis://:pw@h", "rediss://:pw@h"] {
            for_each(base, REDIS, |text| {
                let url: RedisUrl = read(text);
                let handed = url.to_redis().map(|info| match info.addr() {
                    ConnectionAddr::TcpTls { insecure: true, .. } => Tls::Unverified,
                    ConnectionAddr::TcpTls {
                        tls_params: Some(_), ..
                    } => Tls::VerifiedCa,
                    ConnectionAddr::TcpTls { .. } => Tls::Verified,
                    _ => Tls::Off,
                });
                check(text, url.tls(), handed);
            });
        }
        let socket: RedisUrl = read("rediss://:pw@%2Frun%2Fredis.sock");
        assert!(socket.to_redis().is_err());
    }

    #[cfg(feature = "mongodb")]
    #[test]
    fn mongodb() {
        use ::mongodb::options::Tls as DriverTls;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for_each("mongodb://app:pw@h/d", MONGO, |text| {
            // Pairs that the specification forbids are no URLs.
            let Ok(url) = text.parse::<MongoUrl>() else { return };
            let handed = runtime
                .block_on(url.to_mongodb())
                .map(|options| match options.tls {
                    Some(DriverTls::Enabled(options)) => match options.allow_invalid_certificates {
                        Some(true) => Tls::Unverified,
                        _ => Tls::Verified,
                    },
                    _ => Tls::Off,
                });
            check(text, url.tls(), handed);
        });
        let socket: MongoUrl = read("mongodb://%2Ftmp%2Fm.sock/d?tls=true");
        assert!(runtime.block_on(socket.to_mongodb()).is_err());
    }

    #[cfg(feature = "memcache")]
    #[test]
    fn memcache() {
        for word in [
            "tls=true",
            "ssl=1",
            "sslfoo=1",
            "verify_mode=peer",
            "ca_path=/ca.pem",
            "ssl_cert=/x",
        ] {
            let url: MemcacheUrl = read(&format!("memcache://app:pw@h?{word}"));
            assert!(url.to_memcache().is_err(), "{word}");
        }
    }

    /// Options that contradict each other are refused in both orders, with both names.
    #[cfg(feature = "sqlx")]
    #[test]
    fn contradictions_are_errors() {
        check_errors(
            MysqlUrl::to_sqlx,
            &[
                (
                    "mysql://h/d?ssl-mode=VERIFY_IDENTITY&useSSL=false",
                    "the query has `sslmode` and `usessl`, which contradict each other; keep one",
                ),
                (
                    "mysql://h/d?useSSL=false&ssl-mode=VERIFY_IDENTITY",
                    "the query has `sslmode` and `usessl`, which contradict each other; keep one",
                ),
                (
                    "mysql://h/d?ssl-mode=VERIFY_CA&sslmode=disabled",
                    "the query gives the option `sslmode` twice; keep one",
                ),
                (
                    "mysql://h/d?a=1&sslfoo=1",
                    "the query has an option that speaks of TLS under a name that is not known here, option 2; write the \
                     driver's own, or remove it",
                ),
                (
                    "mysql://h/d?a=1?ssl-mode=REQUIRED",
                    "the query has an option that speaks of TLS in the text of another, option 1; separate options with a `&`",
                ),
                (
                    "mysql://h/d?ssl-ca=/a.pem&sslca=/b.pem",
                    "the query gives the option `sslca` twice; keep one",
                ),
                (
                    "mysql://h/d?ssl-mode=required&enabledTLSProtocols=TLSv1.3",
                    "the query has an option for versions of TLS that drivers here cannot insist on, option 2; remove it",
                ),
                (
                    "mysql://h/d?socket=/tmp/m.sock&ssl-mode=VERIFY_IDENTITY",
                    "the host is a socket, on which nothing is encrypted, and the URL asks for TLS; write a host, or do not \
                     ask for TLS",
                ),
            ],
        );
        #[cfg(feature = "redis")]
        check_errors(
            RedisUrl::to_redis,
            &[(
                "rediss://h?ssl=false",
                "the query has `ssl`, which contradicts the scheme; keep one",
            )],
        );
    }
}
