//! The faults that other libraries were seen to have, or that their users reported: what this crate answers to each, a
//! right reading or a typed error. A test is named after the thread, or after the library and the version that it was
//! seen in. What follows rolls is in `peers_rolls.rs`; what is left in memory, in `wiping.rs`; what no test of ours can
//! show stands at the end.

use crate::util::{check_readings, exposed, read, refused, summary};
use config_vars::*;
use std::fmt::Debug;
use std::str::FromStr;

/// The password of this file, of which no output may hold four characters in a row.
const SECRET: &str = "Zq7Xw9Kv3Jh5";

#[track_caller]
fn assert_silent(output: &str) {
    for start in 0..=SECRET.len() - 4 {
        assert!(!output.contains(&SECRET[start..start + 4]), "{output}");
    }
}

/// All that an error shows: its text, its debug text, and those of its causes.
fn all_of(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        shown += &format!("{error} {error:?}");
        cause = error.source();
    }
    shown
}

/// The value is refused: at the password, as the kind and the words say, and silently.
#[track_caller]
fn refused_at_the_password<T: FromStr<Err = Error> + Debug>(text: &str, words: &str) {
    let error = refused::<T>(text);
    assert_eq!(error.component(), Some(Component::Password), "{text}: {error}");
    assert_eq!(error.to_string(), format!("the password {words}"), "{text}");
    assert_silent(&all_of(&error));
}

/// The same password in a URL of every kind that has a user.
#[track_caller]
fn refused_in_every_kind(password: &str, words: &str) {
    let rest = format!("app:{password}@db.example");
    refused_at_the_password::<MysqlUrl>(&format!("mysql://{rest}:3306/shop"), words);
    refused_at_the_password::<PostgresUrl>(&format!("postgres://{rest}/shop"), words);
    refused_at_the_password::<RedisUrl>(&format!("redis://{rest}/0"), words);
    refused_at_the_password::<MongoUrl>(&format!("mongodb://{rest}/shop"), words);
    refused_at_the_password::<AmqpUrl>(&format!("amqp://{rest}/vhost"), words);
    refused_at_the_password::<MemcacheUrl>(&format!("memcached://{rest}"), words);
    refused_at_the_password::<HttpUrl>(&format!("https://{rest}/"), words);
}

/// All that this thread logs meanwhile, at any level. A line of code that is first run by a thread whose log nobody
/// collects may be remembered as silent, so no test has sqlx parse an option that it does not know but in here.
#[cfg(feature = "sqlx")]
fn logged(action: impl FnOnce()) -> String {
    use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};
    let log = Log::default();
    let lines = log.0.clone();
    let collector = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || log.clone())
        .set_default();
    action();
    drop(collector);
    String::from_utf8(lines.lock().unwrap().clone()).unwrap()
}

#[cfg(feature = "sqlx")]
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(feature = "sqlx")]
impl std::io::Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(line)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn vars(pairs: &[(&str, &str)]) -> ConfigVars {
    ConfigVars::from_iter(pairs.iter().copied())
}

/// Special characters in a password.
mod passwords {
    use super::*;

    /// sqlx answers "InvalidPort" to a `#`: <https://github.com/transact-rs/sqlx/issues/1624>, and
    /// <https://github.com/transact-rs/sqlx/issues/2835>
    #[test]
    fn sqlx_1624_a_hash() {
        refused_in_every_kind(
            &format!("{SECRET}#{SECRET}"),
            "holds an unencoded `#`; write `%23`",
        );
    }

    /// sqlx reads what follows a `?` as an option, and logs it: <https://github.com/transact-rs/sqlx/issues/3323>
    #[test]
    fn sqlx_3323_a_question_mark() {
        refused_in_every_kind(
            &format!("{SECRET}?{SECRET}"),
            "holds an unencoded `?`; write `%3F`",
        );
        // As in the thread, where a `/` comes before it, and sqlx has no error for that.
        let text = format!("postgres://app:/x?{SECRET}@db.example/shop");
        #[cfg(feature = "sqlx")]
        {
            let theirs = logged(|| drop(text.parse::<sqlx::postgres::PgConnectOptions>()));
            assert!(theirs.contains("WARN") && theirs.contains(SECRET), "{theirs}");
        }
        refused_at_the_password::<PostgresUrl>(&text, "holds an unencoded `/`; write `%2F`");
    }

    /// Spring Cloud Connectors finds no host after a `/`, and its masked text shows most of the password:
    /// <https://github.com/spring-cloud/spring-cloud-connectors/issues/163>
    #[test]
    fn spring_cloud_connectors_163_a_slash() {
        refused_in_every_kind(
            &format!("{SECRET}/{SECRET}"),
            "holds an unencoded `/`; write `%2F`",
        );
    }

    /// django-environ reads host `user` and port 123, and says nothing:
    /// <https://github.com/joke2k/django-environ/issues/288>
    #[test]
    fn django_environ_288_digits_before_a_hash() {
        refused_in_every_kind(&format!("123#{SECRET}"), "holds an unencoded `#`; write `%23`");
    }

    /// A password that begins as a port does, before a `/`, is a port to url, sqlx and mysql_async, and its rest the
    /// database's name: <https://github.com/mongodb/mongo-java-driver/pull/1467>
    #[test]
    fn mongo_java_driver_1467_a_port_before_a_slash() {
        let rest = format!("app:1234/{SECRET}@db.example/shop");
        let words = "holds an unencoded `/`; write `%2F`";
        refused_at_the_password::<MysqlUrl>(&format!("mysql://{rest}"), words);
        refused_at_the_password::<PostgresUrl>(&format!("postgres://{rest}"), words);
        refused_at_the_password::<RedisUrl>(&format!("redis://{rest}"), words);
        refused_at_the_password::<MongoUrl>(&format!("mongodb://{rest}"), words);
        refused_at_the_password::<AmqpUrl>(&format!("amqp://{rest}"), words);
        refused_at_the_password::<MemcacheUrl>(&format!("memcached://{rest}"), words);
        // A web URL may have an `@` in its path. Its host is in doubt then, and not shown.
        let url: HttpUrl = read(&format!("https://{rest}"));
        assert!(url.hosts()[0].is_in_doubt());
        assert_eq!(
            format!("{url:?}"),
            "HttpUrl { kind: Http, scheme: \"https\", hosts: [[redacted]], path: [redacted], .. }"
        );
    }

    /// dj-database-url's error names the port, and shows a part of the password:
    /// <https://github.com/jazzband/dj-database-url/issues/224>
    #[test]
    fn dj_database_url_224_the_port_is_blamed() {
        for mark in ["#", "/", "?", "%", " ", "[", "]"] {
            let error = refused::<PostgresUrl>(&format!("postgres://app:{SECRET}{mark}x@h:5432/d"));
            assert_eq!(error.component(), Some(Component::Password), "{mark}");
            assert!(!error.to_string().contains("port"), "{error}");
            assert_silent(&all_of(&error));
        }
    }

    /// Each character has words of its own, and its escape; readyset made such hints:
    /// <https://github.com/readysettech/readyset/pull/392>
    #[test]
    fn readyset_392_a_hint_for_each_character() {
        let hints = ["#", "/", "?", "[", "]", "%", " ", "\n", "\t"]
            .map(|mark| refused::<MysqlUrl>(&format!("mysql://app:a{mark}b@h/d")).to_string());
        let distinct: std::collections::BTreeSet<&String> = hints.iter().collect();
        assert_eq!(distinct.len(), hints.len(), "{hints:?}");
        assert!(hints.iter().all(|hint| hint.contains("write `%")), "{hints:?}");
    }

    /// Its users' logins broke when Spring Cloud Connectors encoded what was encoded already:
    /// <https://github.com/spring-cloud/spring-cloud-connectors/issues/213>
    #[test]
    fn spring_cloud_connectors_213_decoded_once_and_kept_as_it_was() {
        let text = "mysql://app:100%2525+%2B%40@db.example/shop";
        let url: MysqlUrl = read(text);
        assert_eq!(exposed(url.password()), Some("100%25++@"));
        assert_eq!((url.expose_url(), url.expose_original()), (text, text));
    }

    /// sqlx 0.9.0, tokio-postgres 0.7.18, mysql_async 0.37.1, redis 1.8.1 and amq-protocol-uri 10.6.3 keep an escape that
    /// is none as it stands, so that what a password means hangs on the characters that happen to follow.
    #[test]
    fn sqlx_0_9_an_escape_that_is_none() {
        let words = "holds a `%` that starts no escape; write `%25`";
        refused_in_every_kind(&format!("{SECRET}%zz"), words);
        refused_in_every_kind(&format!("100%{SECRET}"), words);
    }

    /// tokio-postgres 0.7.18 ends the password at the first `@`, and looks the rest up as a host.
    #[test]
    fn tokio_postgres_0_7_a_raw_at() {
        let text = format!("postgres://app:p@{SECRET}@db.example/shop");
        let url: PostgresUrl = read(&text);
        assert_eq!(
            summary(&url),
            format!("app:p@{SECRET} | db.example:5432* | /shop | - | -")
        );
        assert_eq!(
            url.expose_url(),
            format!("postgres://app:p%40{SECRET}@db.example/shop")
        );
        assert_silent(&format!("{url:?}"));
        for text in [
            format!("mysql://app:p@{SECRET}@db.example/shop"),
            format!("redis://app:p@{SECRET}@db.example/0"),
            format!("amqp://app:p@{SECRET}@db.example/v"),
        ] {
            let url: ResourceUrl = read(&text);
            assert_eq!(exposed(url.password()), Some(&*format!("p@{SECRET}")), "{text}");
            assert_eq!(url.host(), Some("db.example"), "{text}");
            assert_silent(&format!("{url:?}"));
        }
        // By MongoDB's specification.
        let text = format!("mongodb://app:p@{SECRET}@db.example/shop");
        refused_at_the_password::<MongoUrl>(&text, "holds an unencoded `@`; write `%40`");
    }

    #[cfg(feature = "tokio-postgres")]
    #[test]
    fn tokio_postgres_0_7_a_raw_at_is_handed_over_right() {
        let url: PostgresUrl = read("postgres://app:p@ss@db.example/shop");
        let config = url.to_tokio_postgres().unwrap();
        assert_eq!(config.get_password(), Some(b"p@ss".as_slice()));
        let hosts = [::tokio_postgres::config::Host::Tcp("db.example".into())];
        assert_eq!(config.get_hosts(), hosts);
    }

    /// java-cfenv splits the user information at every `:`, and fails if there are two.
    #[test]
    fn java_cfenv_a_colon() {
        let url: MysqlUrl = read("mysql://app:p:w:@db.example/shop");
        assert_eq!(
            (exposed(url.username()), exposed(url.password())),
            (Some("app"), Some("p:w:"))
        );
    }

    /// django-environ 0.14.0 decodes the password of a database, and not that of a cache; what is encoded for one of them is
    /// wrong for the other: <https://github.com/kobotoolbox/kobo-install/pull/182>
    #[test]
    fn kobo_install_182_decoded_in_one_place_alone() {
        let vars = vars(&[("CACHE_URL", "memcached://app:p%40ss@mc.example")]);
        let by_name: ResourceUrl = vars.url("CACHE_URL").unwrap();
        let by_kind: MemcacheUrl = vars.only().unwrap();
        let attachment = vars.attachments().next().unwrap();
        let found = attachment.url().unwrap().unwrap();
        let server = by_kind.servers().next().unwrap();
        for password in [
            by_name.password(),
            by_kind.password(),
            found.password(),
            server.password(),
        ] {
            assert_eq!(exposed(password), Some("p@ss"));
        }
    }

    /// RFC 3986 allows an `@` in a query. Behind the authority of a datastore's URL it is more likely the end of a
    /// password with a raw delimiter, of which a redactor would show the rest as "path"; so it is refused.
    #[test]
    fn rfc_3986_an_at_behind_the_authority() {
        for text in [
            format!("mysql://app:1/{SECRET}@h/d"),
            format!("mysql://h:1/{SECRET}@h2/d"),
            "mysql://h/d?mail=a@b".to_owned(),
        ] {
            let error = refused::<MysqlUrl>(&text);
            assert_eq!(error.kind(), ErrorKind::Unencoded, "{text}: {error}");
            assert_silent(&all_of(&error));
        }
    }

    /// django-environ took a `+` from passwords: <https://github.com/joke2k/django-environ/issues/194>
    #[test]
    fn django_environ_194_a_plus() {
        let url: RedisUrl = read("redis://:a+b%2Bc@cache.example");
        assert_eq!(exposed(url.password()), Some("a+b+c"));
    }
}

/// Text that appears in logs.
mod leaks {
    use super::*;

    /// The kinds, each with the secret where a secret can be.
    fn shown<T: FromStr<Err = Error> + Debug>(text: &str) {
        let text = text.replace('*', SECRET);
        assert_silent(&format!("{0:?} {0:#?}", read::<T>(&text)));
    }

    /// A `Url` prints its password, and so do `http::Uri` and `fluent_uri::Uri`:
    /// <https://github.com/servo/rust-url/issues/714>
    #[test]
    fn rust_url_714_the_debug_text_of_a_url() {
        for text in [
            "mysql://*:*@db.example/shop?x=*&*=1",
            "postgres://*:*@db.example/shop?sslmode=require&password=*",
            "mongodb://*:*@db.example/shop?appName=*",
            "redis://*:*@cache.example",
            "amqps://*:*@mq.example/vhost",
            "memcached://*:*@mc.example",
            "https://*:*@api.example/*?*#*",
            "foo://*:*@h.example/*?*",
        ] {
            shown::<ResourceUrl>(text);
        }
        shown::<HttpUrl>("https://api.example/accounts/[*]");
        let url: HttpUrl = read("https://u:pw@api.example/");
        assert!(
            format!("{url:?}").contains("api.example"),
            "what is public is shown"
        );
    }

    /// The options of sqlx 0.9.0 and mysql_async 0.37.1, the connection info of redis 0.32.7 and the URI of
    /// amq-protocol-uri 10.6.3 print the password. (What is made of a URL for one of them prints it too; it is theirs.)
    #[test]
    fn sqlx_0_9_the_debug_text_of_options() {
        shown::<MysqlUrl>("mysql://app:*@db.example/shop");
        shown::<PostgresUrl>("postgres://app:*@db.example/shop");
        shown::<MongoUrl>("mongodb://app:*@db.example/shop");
        shown::<RedisUrl>("rediss://app:*@cache.example/0");
        shown::<AmqpUrl>("amqp://app:*@mq.example/v");
        shown::<KafkaUrl>("kafka://b1.example,b2.example?sasl=*");
        shown::<MemcacheUrl>("memcached://app:*@mc.example");
        let vars = vars(&[("A_URL", &format!("mysql://app:{SECRET}@db.example/shop"))]);
        let shown: Vec<String> = vars.attachments().map(|one| format!("{one:?}")).collect();
        assert_silent(&format!("{vars:?} {shown:?}"));
    }

    /// mongodb redacts the credentials, and quotes the password as "server address" and as "port":
    /// <https://github.com/mongodb/mongo-rust-driver/issues/1592>
    #[test]
    fn mongo_rust_driver_1592_the_error_quotes_what_is_no_address() {
        for text in [
            format!("mongodb://user:{SECRET}?x@h/app"),
            format!("mongodb://user:{SECRET}"),
            format!("mongodb://user:12?{SECRET}@h"),
            format!("mongodb://h/?{SECRET}"),
            format!("mongodb://h:{SECRET}/app"),
        ] {
            assert_silent(&all_of(&refused::<MongoUrl>(&text)));
            let vars = vars(&[("A_URL", &text)]);
            assert_silent(&all_of(&vars.url::<MongoUrl>("A_URL").unwrap_err()));
        }
    }

    /// Go's parser quotes the URL; a line break at its end is enough: <https://github.com/golang/go/issues/53993>
    #[test]
    fn go_53993_a_line_break_at_the_end() {
        let error = refused::<PostgresUrl>(&format!("postgres://app:{SECRET}@h/d\n"));
        assert_eq!(error.kind(), ErrorKind::Surrounded);
        assert_silent(&all_of(&error));
    }

    /// amq-protocol-uri 10.6.3, lapin's parser, prints the whole value when the scheme is forgotten; stellar-cli redacts
    /// URLs, and prints as it is whatever is none: <https://github.com/stellar/stellar-cli/pull/2578>
    #[test]
    fn stellar_cli_2578_what_cannot_be_parsed() {
        for text in [
            format!("user:{SECRET}@host/app"),
            format!("amqp:user:{SECRET}@host"),
            format!("host={SECRET}"),
            SECRET.to_owned(),
        ] {
            assert_silent(&all_of(&refused::<AmqpUrl>(&text)));
            assert_silent(&all_of(&refused::<ResourceUrl>(&text)));
            let vars = vars(&[("A_URL", &text)]);
            assert_silent(&all_of(&vars.url::<AmqpUrl>("A_URL").unwrap_err()));
            assert_silent(&format!("{vars:?}"));
        }
    }

    /// A redactor that looks for the `@` shows the password when that holds what ends the authority:
    /// <https://github.com/bug-ops/deps-lsp/issues/826>
    #[test]
    fn deps_lsp_826_the_redactor_itself() {
        for mark in ["?", "#", "/", "@"] {
            for password in [format!("{SECRET}{mark}x"), format!("x{mark}{SECRET}")] {
                for scheme in ["mysql", "postgres", "mongodb", "redis", "https", "foo"] {
                    let vars = vars(&[("A_URL", &format!("{scheme}://app:{password}@h.example/d"))]);
                    let attachments: Vec<_> = vars.attachments().collect();
                    assert_silent(&format!("{vars:?} {attachments:?}"));
                    match vars.url::<ResourceUrl>("A_URL") {
                        Ok(url) => assert_silent(&format!("{url:?}")),
                        Err(error) => assert_silent(&all_of(&error)),
                    }
                }
            }
        }
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "read for the error")]
    struct Wrong {
        port: u16,
    }

    /// envy 0.4.2, figment 0.10.19 and config 0.15.27 quote a value of the wrong type; go-envconfig was asked not to:
    /// <https://github.com/sethvargo/go-envconfig/issues/125>
    #[test]
    fn go_envconfig_125_a_value_of_the_wrong_type() {
        let vars = vars(&[("PORT", SECRET)]);
        let error = vars.extract::<Wrong>().unwrap_err();
        assert_eq!(error.var(), Some("PORT"));
        assert_silent(&all_of(&error));
        #[cfg(feature = "figment")]
        {
            let figment = figment::Figment::from(vars.provider().also(["PORT"]));
            let error = figment.extract::<Wrong>().unwrap_err();
            assert_silent(&format!("{error} {error:?}"));
            let config = config::Config::try_from(&vars.provider().also(["PORT"])).unwrap();
            let error = config.try_deserialize::<Wrong>().unwrap_err();
            assert_silent(&format!("{error} {error:?}"));
        }
    }

    /// The error of fluent-uri 0.4.1 that comes of an owned `String` hands the input back, and shows it.
    #[test]
    fn fluent_uri_0_4_the_error_of_an_owned_string() {
        use serde::Deserialize;
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error as SerdeError, StringDeserializer};
        let text = format!("mysql://app:{SECRET}@h:x/d");
        let owned: StringDeserializer<SerdeError> = text.clone().into_deserializer();
        let error = MysqlUrl::deserialize(owned).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the port is not a number; write one from 1 to 65535"
        );
        assert_silent(&format!("{error:?} {error:#?}"));
        let vars = ConfigVars::from_iter([("A_URL".to_owned(), text)]);
        assert_silent(&all_of(&vars.url::<MysqlUrl>("A_URL").unwrap_err()));
    }

    /// `std::env::VarError` quotes a value that is not Unicode, and `std::env::vars()` panics with it.
    #[cfg(unix)]
    #[test]
    fn std_env_what_is_not_unicode() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        const NAME: &str = "A_URL_THAT_IS_NOT_UNICODE";
        let Some(_) = std::env::var_os(NAME) else {
            let value = [SECRET.as_bytes(), &[0xFF]].concat();
            let child = std::process::Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "peers_faults::leaks::std_env_what_is_not_unicode",
                    "--nocapture",
                ])
                .env(NAME, OsStr::from_bytes(&value))
                .output()
                .unwrap();
            assert!(child.status.success(), "{child:?}");
            let said = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
            assert!(said.contains(NAME), "{said}");
            assert_silent(&said);
            return;
        };
        // In the child, whose environment holds the value.
        let vars = ConfigVars::from_env();
        let error = vars.require(NAME).unwrap_err();
        assert_eq!((error.kind(), error.var()), (ErrorKind::NotUnicode, Some(NAME)));
        println!("{vars:?} {} {:?}", all_of(&error), vars.extract::<Wrong>());
    }

    /// An error about a mistyped name printed environs' settings, with all variables and their values:
    /// <https://github.com/sloria/environs/issues/292>
    #[test]
    fn environs_292_the_debug_text_of_all_vars() {
        let vars = vars(&[("API_KEY", SECRET), ("PORT", "8080")]);
        let shown = format!("{vars:?} {vars:#?}");
        assert!(shown.contains("API_KEY"), "names are public: {shown}");
        assert_silent(&shown);
    }
}

/// Which resource a name stands for.
mod names {
    use super::*;

    /// After a roll, two names of one database had different credentials: <https://github.com/heroku/legacy-cli/pull/629>
    #[test]
    fn heroku_legacy_cli_629_two_names_that_disagree() {
        let vars = vars(&[
            ("DATABASE_URL", "postgres://u1:old@ec2-54.example:5432/dcvgo"),
            (
                "HEROKU_POSTGRESQL_BLACK_URL",
                "postgres://u2:new@ec2-54.example:5432/dcvgo",
            ),
        ]);
        for attachment in vars.attachments() {
            let aliases: Vec<_> = attachment.aliases().collect();
            assert_eq!(aliases.len(), 1, "{attachment:?}");
            assert!(!aliases[0].is_certain(), "{attachment:?}");
        }
        // Which one is meant is not guessed.
        let error = vars.only::<PostgresUrl>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        let candidates: Vec<&str> = error.candidates().collect();
        assert_eq!(candidates, ["DATABASE_URL", "HEROKU_POSTGRESQL_BLACK_URL"]);
    }

    /// A copy of `HEROKU_POSTGRESQL_NAVY_URL` in `DATABASE_URL` goes stale at the next roll:
    /// <https://github.com/umami-software/umami/issues/511>
    #[test]
    fn umami_511_a_copied_url() {
        let url = |password: &str| format!("postgres://app:{password}@ec2-54.example/d");
        let with = |copy: &str, original: &str| {
            vars(&[("DATABASE_URL", copy), ("HEROKU_POSTGRESQL_NAVY_URL", original)])
        };
        let same = with(&url("one"), &url("one"));
        let alias = |vars: &ConfigVars| {
            let attachment = vars.attachments().next().unwrap();
            let alias = attachment.aliases().next().unwrap();
            (alias.name().to_owned(), alias.is_certain())
        };
        assert_eq!(alias(&same), ("HEROKU_POSTGRESQL_NAVY".to_owned(), true));
        assert_eq!(same.only::<PostgresUrl>().unwrap().host(), Some("ec2-54.example"));
        // After the roll the copy is told apart, and still known for the same database.
        let rolled = with(&url("one"), &url("two"));
        assert_eq!(alias(&rolled), ("HEROKU_POSTGRESQL_NAVY".to_owned(), false));
    }

    /// mLab's `MONGOLAB_URI` became `MONGODB_URI`, and the library had to be released anew:
    /// <https://github.com/spring-cloud/spring-cloud-connectors/issues/204>
    #[test]
    fn spring_cloud_connectors_204_a_renamed_var() {
        for name in [
            "MONGOLAB_URI",
            "MONGODB_URI",
            "MONGOHQ_URL",
            "A_NAME_OF_NEXT_YEAR",
        ] {
            let url: MongoUrl = vars(&[(name, "mongodb://app:pw@m.example/shop")]).only().unwrap();
            assert_eq!(url.host(), Some("m.example"), "{name}");
        }
    }

    /// A service fits more than once by its tags, and so none is found: <https://github.com/pivotal-cf/java-cfenv/issues/84>;
    /// of several databases, which one does `DATABASE_URL` mean: <https://github.com/rails/rails/issues/36736>
    #[test]
    fn java_cfenv_84_more_than_one_fits() {
        let vars = vars(&[
            ("DATABASE_URL", "mysql://app:pw@db1.example/shop"),
            ("JAWSDB_URL", "mysql://app:pw@db2.example/shop"),
        ]);
        let error = vars.only::<MysqlUrl>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous);
        assert_eq!(
            error.candidates().collect::<Vec<_>>(),
            ["DATABASE_URL", "JAWSDB_URL"]
        );
        let url: MysqlUrl = vars.url("JAWSDB_URL").unwrap();
        assert_eq!(url.host(), Some("db2.example"));
    }

    /// Of several servers, each may have credentials of its own: <https://github.com/memcachier/memjs/issues/28>; or they
    /// come in three config vars.
    #[test]
    fn memjs_28_servers_with_credentials() {
        let triple = vars(&[
            ("MEMCACHIER_SERVERS", "mc1.example:11211,mc2.example"),
            ("MEMCACHIER_USERNAME", "app"),
            ("MEMCACHIER_PASSWORD", "p/w"),
        ]);
        let all = |url: &MemcacheUrl| -> Vec<String> {
            url.servers()
                .map(|server| {
                    let user = exposed(server.username()).unwrap_or("-");
                    let password = exposed(server.password()).unwrap_or("-");
                    format!("{user}:{password}@{}", server.host())
                })
                .collect()
        };
        assert_eq!(
            all(&triple.only().unwrap()),
            ["app:p/w@mc1.example", "app:p/w@mc2.example"]
        );
        let each: MemcacheUrl = read("memcached://u1:p1@mc1.example,u2:p2@mc2.example");
        assert_eq!(all(&each), ["u1:p1@mc1.example", "u2:p2@mc2.example"]);
    }

    /// Tests that set the environment of the process are unsafe in Rust 2024:
    /// <https://github.com/rust-lang/rust/issues/58391>. Here the environment is a value.
    #[test]
    fn rust_58391_an_environment_for_a_test() {
        let one = vars(&[("PORT", "1")]);
        let other = vars(&[("PORT", "2")]);
        let port = |vars: &ConfigVars| exposed(vars.get("PORT")).map(str::to_owned);
        assert_eq!(
            (port(&one).as_deref(), port(&other).as_deref()),
            (Some("1"), Some("2"))
        );
    }

    /// A secret that looks like a number is one, and none for a `String`:
    /// <https://github.com/SergioBenitez/Figment/issues/42>. config 0.15.27 rounds long ones, with `try_parsing`.
    #[test]
    fn figment_42_a_secret_that_looks_like_a_number() {
        #[derive(serde::Deserialize)]
        struct Config {
            key: String,
            token: SecretString,
        }
        for value in ["0012345", "true", "1e5", "12345678901234567890123", "null", "[1]"] {
            let vars = vars(&[("KEY", value), ("TOKEN", value)]);
            let config: Config = vars.extract().unwrap();
            assert_eq!(
                (config.key.as_str(), config.token.expose_secret()),
                (value, value)
            );
        }
    }
}

/// Which protocol a value speaks.
mod schemes {
    use super::*;

    /// `postgres://` was dropped, and the apps cannot change what their platform sets:
    /// <https://github.com/sqlalchemy/sqlalchemy/issues/6083>
    #[test]
    fn sqlalchemy_6083_all_spellings_of_a_scheme() {
        for (kind, schemes) in [
            (Kind::Postgres, ["postgres", "postgresql", "pgsql"].as_slice()),
            (Kind::Mysql, &["mysql", "mysql2", "mariadb"]),
            (Kind::Mongo, &["mongodb", "mongo", "mongodb+srv"]),
            (Kind::Redis, &["redis", "rediss", "valkey", "valkeys"]),
            (Kind::Memcache, &["memcache", "memcached"]),
            (Kind::Amqp, &["amqp", "amqps"]),
        ] {
            for scheme in schemes {
                let url: ResourceUrl = read(&format!("{scheme}://u:p@db.example.com"));
                assert_eq!((url.kind(), url.scheme()), (kind, *scheme));
            }
        }
    }

    /// A framework that wants JDBC's spelling has only `DATABASE_URL`: <https://github.com/quarkusio/quarkus/issues/38009>.
    /// And sqlx 0.9.0 takes JDBC's for host `localhost`, no password, and a database named as the whole URL.
    #[test]
    fn quarkus_38009_jdbc() {
        check_readings::<PostgresUrl>(&[
            (
                "jdbc:postgresql://db.example:5433/shop?user=app&password=p%23w",
                "app:p#w | db.example:5433 | /shop | user=app&password=p%23w | -",
            ),
            (
                "jdbc:postgresql://app:pw@db.example/shop",
                "app:pw | db.example:5432* | /shop | - | -",
            ),
        ]);
        check_readings::<MysqlUrl>(&[(
            "jdbc:mysql://db.example/shop?user=app&password=pw",
            "app:pw | db.example:3306* | /shop | user=app&password=pw | -",
        )]);
        // Those of other kinds are that, and no others; the `url` crate and lapin 4.11.0 print the whole URL.
        let error = refused::<PostgresUrl>("jdbc:mysql://db.example/shop");
        assert_eq!(error.kind(), ErrorKind::WrongKind);
        let error = refused::<AmqpUrl>(&format!("jdbc:mysql://app:{SECRET}@db.example/shop"));
        assert_eq!(error.kind(), ErrorKind::WrongKind);
        assert_silent(&all_of(&error));
        #[cfg(feature = "sqlx")]
        {
            let url: PostgresUrl = read("jdbc:postgresql://db.example:5433/shop?user=app&password=pw");
            let options = url.to_sqlx().unwrap();
            assert_eq!(
                (
                    options.get_host(),
                    options.get_port(),
                    options.get_username(),
                    options.get_database()
                ),
                ("db.example", 5433, "app", Some("shop"))
            );
        }
    }

    /// The options of sqlx 0.9.0 take any scheme, for PostgreSQL and for MySQL.
    #[test]
    fn sqlx_0_9_a_wrong_scheme() {
        for scheme in [
            "mysql", "redis", "mongodb", "amqp", "https", "memcache", "kafka", "foo",
        ] {
            let text = format!("{scheme}://app:{SECRET}@db.example/shop");
            let error = refused::<PostgresUrl>(&text);
            let kinds = [ErrorKind::WrongKind, ErrorKind::UnknownScheme];
            assert!(kinds.contains(&error.kind()), "{scheme}: {error}");
            assert_silent(&all_of(&error));
        }
        let error = refused::<MysqlUrl>(&format!("postgres://app:{SECRET}@db.example/shop"));
        assert_eq!(error.kind(), ErrorKind::WrongKind);
        // django-environ 0.14.0 takes an unknown scheme for a database engine; here it is a kind of its own.
        assert_eq!(read::<ResourceUrl>("foo://h").kind(), Kind::Other);
        let url: PostgresUrl = read("pgsql://app:pw@db.example/shop");
        assert_eq!(url.expose_url(), "postgres://app:pw@db.example/shop");
    }

    /// redix refused the user `h` that Heroku wrote, and apps broke as their URL was replaced:
    /// <https://github.com/whatyouhide/redix/issues/145>
    #[test]
    fn redix_145_the_user_h() {
        let url: RedisUrl = read("redis://h:pw@host.compute.example:18639");
        assert_eq!(
            (exposed(url.username()), exposed(url.acl_username())),
            (Some("h"), None)
        );
        assert_eq!(exposed(url.password()), Some("pw"));
        let url: RedisUrl = read("redis://app:pw@host.compute.example:18639");
        assert_eq!(exposed(url.acl_username()), Some("app"));
    }

    /// mysql_async 0.37.1 refuses ClearDB's own URL.
    #[test]
    fn mysql_async_0_37_reconnect() {
        let text = "mysql://app:pw@us-cdbr.cleardb.example/heroku_0?reconnect=true";
        let url: MysqlUrl = read(text);
        assert_eq!(
            url.expose_url(),
            "mysql://app:pw@us-cdbr.cleardb.example/heroku_0"
        );
        assert_eq!(url.expose_original(), text);
        #[cfg(feature = "mysql_async")]
        assert_eq!(url.to_mysql_async().unwrap().db_name(), Some("heroku_0"));
    }

    /// A mistyped `passwrod=` lands in the log, for sqlx says what it does not know, with its value:
    /// <https://github.com/transact-rs/sqlx/issues/3323>
    #[test]
    fn sqlx_3323_an_unknown_option() {
        let text = format!("postgres://app@db.example/shop?passwrod={SECRET}");
        let url: PostgresUrl = read(&text);
        assert_silent(&format!("{url:?}"));
        assert_eq!(exposed(url.query("passwrod").as_ref()), Some(SECRET));
        // MongoDB's options are known; what is none of them is a warning by its place.
        let url: MongoUrl = read(&format!("mongodb://db.example/?{SECRET}={SECRET}"));
        let warnings = url.warnings();
        assert_eq!(
            (warnings.len(), warnings[0].kind()),
            (1, WarningKind::UnknownOption)
        );
        assert_silent(&format!("{} {warnings:?}", warnings[0]));
        #[cfg(feature = "sqlx")]
        {
            let theirs = logged(|| drop(text.parse::<sqlx::postgres::PgConnectOptions>()));
            assert!(theirs.contains("WARN") && theirs.contains(SECRET), "{theirs}");
            // Settings for the server take the way through sqlx's parser, without what stands beside them.
            for text in [text.clone(), format!("{text}&options=-c%20a%3Db")] {
                let ours = logged(|| {
                    let options = read::<PostgresUrl>(&text).to_sqlx().unwrap();
                    assert_silent(&format!("{options:?}"));
                });
                assert_silent(&ours);
            }
        }
        #[cfg(feature = "tokio-postgres")]
        {
            let error = read::<PostgresUrl>(&text).to_tokio_postgres().unwrap_err();
            assert_silent(&all_of(&error));
        }
    }
}

/// How to speak so that nobody listens.
mod tls {
    use super::*;

    /// The certificate of Heroku's Redis is self-signed, and everybody turns verification off:
    /// <https://github.com/heroku/roadmap/issues/148>. That it is off is a state of its own, and can be seen.
    #[test]
    fn heroku_roadmap_148_not_verified() {
        let vars = vars(&[
            ("DATABASE_URL", "postgres://u:p@db.example/d?sslmode=require"),
            ("REDIS_URL", "rediss://:p@r.example"),
        ]);
        let tls: Vec<_> = vars.attachments().map(|one| (one.name(), one.tls())).collect();
        assert_eq!(tls, [("DATABASE", Tls::Unverified), ("REDIS", Tls::Verified)]);
        let url: RedisUrl = read("rediss://:p@r.example?ssl_cert_reqs=none");
        assert_eq!(url.tls(), Tls::Unverified);
        assert!(url.is_tls() && !url.tls().is_verified());
    }

    /// libpq's `sslmode` was pushed at MySQL: <https://github.com/jazzband/dj-database-url/issues/107>
    #[test]
    fn dj_database_url_107_each_kind_has_its_own_option() {
        let tls = |text: &str| read::<ResourceUrl>(text).tls();
        assert_eq!(tls("postgres://h/d?sslmode=require"), Tls::Unverified);
        assert_eq!(tls("mysql://h/d?ssl-mode=REQUIRED"), Tls::Unverified);
        // Its meaning there is unknown: it is not dropped, and no driver is set up by it.
        assert_eq!(tls("redis://h/0?sslmode=require"), Tls::Unknown);
        let text = "mysql://h/d?ssl-mode=REQUIRED";
        assert_eq!(read::<MysqlUrl>(text).expose_url(), text, "nothing is added");
    }

    /// tokio-postgres has no `verify-full`: <https://github.com/rust-postgres/rust-postgres/pull/988>, and MySQL's drivers
    /// have another word for it.
    #[test]
    fn rust_postgres_988_verify_full() {
        let url: PostgresUrl = read("postgres://u:p@h/d?sslmode=verify-full");
        assert_eq!(url.tls(), Tls::Verified);
        #[cfg(feature = "tokio-postgres")]
        {
            let config = url.to_tokio_postgres().unwrap();
            let mode = ::tokio_postgres::config::SslMode::Require;
            assert_eq!(config.get_ssl_mode(), mode, "and the certificate is checked by:");
            assert!(url.to_tokio_postgres_tls().is_ok());
        }
        // Of MySQL's clients it is MariaDB's for Java that has this word.
        let url: MysqlUrl = read("mysql://u:p@h/d?sslmode=verify-full");
        assert_eq!(url.tls(), Tls::Verified);
        // A word that no client has is not "no TLS", and no driver is set up by it.
        let url: MysqlUrl = read("mysql://u:p@h/d?sslmode=verify_full");
        assert_eq!(url.tls(), Tls::Unknown);
        #[cfg(feature = "mysql_async")]
        assert_eq!(url.to_mysql_async().unwrap_err().kind(), ErrorKind::InvalidOption);
        #[cfg(feature = "sqlx")]
        assert_eq!(url.to_sqlx().unwrap_err().kind(), ErrorKind::InvalidOption);
    }
}

/// Where the server is.
mod hosts {
    use super::*;

    const BOTH: [&str; 2] = ["h1.example:1,h2.example:2", "h1.example,h2.example"];

    /// Several hosts are "invalid port number" to sqlx, or one host `h1,h2`:
    /// <https://github.com/transact-rs/sqlx/issues/179>
    #[test]
    fn sqlx_179_several_hosts() {
        for hosts in BOTH {
            let names = |url: &ResourceUrl| -> Vec<String> {
                url.hosts().iter().map(|host| host.as_str().to_owned()).collect()
            };
            for scheme in ["postgres", "mongodb", "memcached", "kafka"] {
                let url: ResourceUrl = read(&format!("{scheme}://{hosts}"));
                assert_eq!(names(&url), ["h1.example", "h2.example"], "{scheme}://{hosts}");
            }
            let one_alone = |scheme: &str, error: Error| {
                assert_eq!(
                    error.kind(),
                    ErrorKind::InvalidHost,
                    "{scheme}://{hosts}: {error}"
                );
                assert_silent(&all_of(&error));
            };
            for scheme in ["mysql", "redis", "amqp", "https"] {
                one_alone(
                    scheme,
                    refused::<ResourceUrl>(&format!("{scheme}://u:{SECRET}@{hosts}")),
                );
            }
            one_alone(
                "mongodb+srv",
                refused::<MongoUrl>(&format!("mongodb+srv://u:{SECRET}@{hosts}")),
            );
        }
        let url: PostgresUrl = read("postgres://u:p@h1.example:1,h2.example/d");
        assert_eq!(summary(&url), "u:p | h1.example:1, h2.example:5432* | /d | - | -");
        #[cfg(feature = "sqlx")]
        {
            let error = url.to_sqlx().unwrap_err();
            assert_eq!(error.component(), Some(Component::Host), "{error}");
        }
        #[cfg(feature = "tokio-postgres")]
        assert_eq!(url.to_tokio_postgres().unwrap().get_ports(), [1, 5432]);
    }

    /// A URI of several hosts stopped the staging of an app, and was printed:
    /// <https://github.com/cloudfoundry-attic/dea_ng/issues/123>
    #[test]
    fn dea_ng_123_a_uri_of_several_hosts_in_the_environment() {
        let text = format!("mongodb://u:{SECRET}@h1.example:1,h2.example:2/d?replicaSet=r");
        let vars = vars(&[("MONGODB_URI", &text)]);
        let shown: Vec<String> = vars.attachments().map(|one| format!("{one:?}")).collect();
        assert_silent(&format!("{vars:?} {shown:?}"));
        assert_eq!(vars.only::<MongoUrl>().unwrap().hosts().len(), 2);
    }

    /// The brackets of an IPv6 address stay on the host, and names in certificates are compared with them:
    /// <https://github.com/transact-rs/sqlx/issues/1739>, <https://github.com/SeaQL/sea-orm/issues/2579>
    #[test]
    fn sqlx_1739_brackets() {
        for scheme in [
            "postgres",
            "mysql",
            "redis",
            "mongodb",
            "amqp",
            "memcached",
            "https",
        ] {
            let url: ResourceUrl = read(&format!("{scheme}://u:p@[2001:db8::7]:1234"));
            let host = &url.hosts()[0];
            assert_eq!((host.as_str(), host.is_ipv6()), ("2001:db8::7", true), "{scheme}");
            assert_eq!(host.port().map(Port::number), Some(1234), "{scheme}");
        }
        #[cfg(feature = "sqlx")]
        {
            let url: PostgresUrl = read("postgres://u:p@[2001:db8::7]/d");
            assert_eq!(url.to_sqlx().unwrap().get_host(), "2001:db8::7");
            let url: MysqlUrl = read("mysql://u:p@[2001:db8::7]/d");
            assert_eq!(url.to_sqlx().unwrap().get_host(), "2001:db8::7");
        }
        #[cfg(feature = "mysql_async")]
        {
            let url: MysqlUrl = read("mysql://u:p@[2001:db8::7]/d");
            assert_eq!(url.to_mysql_async().unwrap().ip_or_hostname(), "2001:db8::7");
        }
    }

    /// amq-protocol-uri 10.6.3, lapin's parser, makes `localhost` of any IPv6 address.
    #[test]
    fn amq_protocol_uri_10_6_no_localhost_is_made_up() {
        let url: AmqpUrl = read("amqp://u:p@[2001:db8::7]/v");
        assert_eq!(url.host(), Some("2001:db8::7"));
        for text in [
            "amqp:///v",
            "amqp://u:p@/v",
            "mysql:///d",
            "redis://:p@",
            "mongodb://u:p@/d",
        ] {
            let error = refused::<ResourceUrl>(text);
            assert_eq!(error.component(), Some(Component::Host), "{text}: {error}");
        }
    }

    /// No host means the default socket to libpq; sqlx refused it: <https://github.com/transact-rs/sqlx/issues/2781>. Here no
    /// host is read where none is.
    #[test]
    fn sqlx_2781_no_host() {
        let url: PostgresUrl = read("postgres:///database");
        assert_eq!((url.hosts().len(), url.database()), (0, Some("database")));
        assert_eq!(url.port().map(Port::number), None);
    }

    /// A socket's path was taken for a host, and a release that looked for sockets elsewhere was an outage:
    /// <https://github.com/transact-rs/sqlx/issues/3740>
    #[test]
    fn sqlx_3740_the_path_of_a_socket() {
        for scheme in ["postgres", "mysql", "redis", "mongodb", "memcached"] {
            let url: ResourceUrl = read(&format!("{scheme}://u:p@%2Fvar%2FRun%2Fs.sock"));
            let host = &url.hosts()[0];
            assert_eq!(
                (host.as_str(), host.is_socket()),
                ("/var/Run/s.sock", true),
                "{scheme}"
            );
            assert_eq!(host.port().filter(|port| !port.is_default()), None, "{scheme}");
        }
        // AMQP has none. lapin 4.11.0 looks up the path as a name.
        let error = refused::<AmqpUrl>("amqp://u:p@%2Fvar%2FRun%2Fs.sock");
        assert!(error.to_string().starts_with("the host is a socket"), "{error}");
        #[cfg(feature = "sqlx")]
        {
            let socket = std::path::PathBuf::from("/run/s");
            let url: PostgresUrl = read("postgres://u:p@%2Frun%2Fs/d");
            assert_eq!(url.to_sqlx().unwrap().get_socket(), Some(&socket));
            let url: MysqlUrl = read("mysql://u:p@%2Frun%2Fs/d");
            assert_eq!(url.to_sqlx().unwrap().get_socket(), Some(&socket));
        }
        #[cfg(feature = "mysql_async")]
        {
            let url: MysqlUrl = read("mysql://u:p@%2Frun%2Fs/d");
            assert_eq!(url.to_mysql_async().unwrap().socket(), Some("/run/s"));
        }
    }
}

// Faults that no test of ours shows, and why:
//
// - The options that a driver was handed print the password (sqlx, mysql_async): their type is the driver's. The page
//   `security` says so.
// - Certificates that a client is to load anew while it runs (librdkafka, <https://github.com/confluentinc/librdkafka/issues/2868>):
//   a certificate is a config var like others here, and its roll is told; what a client of Kafka makes of it is its own.
// - AMQP's clients can change no credential in place (lapin): there is no hand-over for them, and a client is made again by
//   `Live::map`, which `peers_rolls.rs` shows.
// - Peers that were found to do it right (tokio-postgres, mongodb, secrecy and pki-types, whose debug texts show nothing)
//   have no fault to answer.
