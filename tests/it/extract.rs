//! Config vars into the app's own struct.

use crate::util::summary;
use config_vars::{
    AmqpUrl, ConfigVars, ErrorKind, ExposeSecret, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl,
    PostgresUrl, RedisUrl, ResourceUrl, SecretString,
};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Debug,
    Info,
}

#[derive(Debug, Deserialize)]
struct Secret(SecretString);

#[test]
fn every_type_of_field() {
    #[derive(Debug, Deserialize)]
    struct Config {
        any_url: ResourceUrl,
        amqp_url: AmqpUrl,
        api_url: HttpUrl,
        cache_servers: MemcacheUrl,
        kafka_url: KafkaUrl,
        mongodb_uri: MongoUrl,
        jawsdb_url: MysqlUrl,
        database_url: PostgresUrl,
        redis_url: RedisUrl,
        key: SecretString,
        wrapped: Secret,
        text: String,
        port: u16,
        offset: i8,
        ratio: f32,
        on: bool,
        off: bool,
        letter: char,
        level: Level,
        list: Vec<String>,
        ports: Vec<u16>,
        pair: (String, u8),
        option: Option<u8>,
        absent: Option<MysqlUrl>,
        empty: Option<String>,
        #[serde(default)]
        default: u8,
        #[serde(default = "seven")]
        seven: u8,
        #[serde(rename = "Exact-Name")]
        exact: String,
        kebab_case: String,
    }
    fn seven() -> u8 {
        7
    }
    let vars = ConfigVars::from_iter([
        ("ANY_URL", "omnisci://u:p@h/d"),
        ("AMQP_URL", "amqp://h/v"),
        ("API_URL", "https://h/x"),
        ("CACHE_SERVERS", "mc1,mc2:1"),
        ("CACHE_USERNAME", "u@"),
        ("CACHE_PASSWORD", "p/w"),
        ("KAFKA_URL", "kafka://b1,b2"),
        ("MONGODB_URI", "mongodb://h/d"),
        ("JAWSDB_URL", "mysql://u:p@h/d"),
        ("DATABASE_URL", "postgres://u:p@h/d"),
        ("REDIS_URL", "redis://h/3"),
        ("KEY", "k"),
        ("WRAPPED", "w"),
        ("TEXT", " t "),
        ("PORT", "8080"),
        ("OFFSET", "-3"),
        ("RATIO", "0.5"),
        ("ON", "Yes"),
        ("OFF", "0"),
        ("LETTER", "é"),
        ("LEVEL", "info"),
        ("LIST", "a, b,c"),
        ("PORTS", "1,2"),
        ("PAIR", "x,9"),
        ("OPTION", "5"),
        ("EMPTY", ""),
        ("SEVEN", ""),
        ("Exact-Name", "e"),
        ("KEBAB_CASE", "k"),
    ]);
    let config: Config = vars.extract().unwrap();
    assert_eq!(config.any_url.scheme(), "omnisci");
    assert_eq!(config.amqp_url.vhost(), Some("v"));
    assert_eq!(config.api_url.expose_path(), Some("/x"));
    assert_eq!(
        summary(&config.cache_servers),
        "u@:p/w | mc1:11211*, mc2:1 | - | - | -"
    );
    assert_eq!(config.kafka_url.brokers(), "b1:9092,b2:9092");
    assert_eq!(config.mongodb_uri.database(), Some("d"));
    assert_eq!(config.jawsdb_url.database(), Some("d"));
    assert_eq!(config.database_url.host(), Some("h"));
    assert_eq!(config.redis_url.index(), Some(3));
    assert_eq!(config.key.expose_secret(), "k");
    assert_eq!(config.wrapped.0.expose_secret(), "w");
    assert_eq!(
        (config.text.as_str(), config.port, config.offset, config.ratio),
        (" t ", 8080, -3, 0.5)
    );
    assert_eq!(
        (config.on, config.off, config.letter, config.level),
        (true, false, 'é', Level::Info)
    );
    assert_eq!(
        (config.list, config.ports),
        (vec!["a".into(), "b".into(), "c".into()], vec![1, 2])
    );
    assert_eq!((config.pair, config.option), (("x".into(), 9), Some(5)));
    assert!(config.absent.is_none() && config.empty.is_none());
    assert_eq!((config.default, config.seven), (0, 7));
    assert_eq!((config.exact.as_str(), config.kebab_case.as_str()), ("e", "k"));
}

/// Where figment and config-rs make numbers of them.
#[test]
fn a_string_stays_the_string_that_it_is() {
    #[derive(Deserialize)]
    struct Config {
        text: String,
        secret: SecretString,
    }
    let forty_digits = "1234567890123456789012345678901234567890";
    for value in [
        "0012345",
        "true",
        "1e5",
        forty_digits,
        "null",
        "[1]",
        "{\"a\":1}",
        "\"q\"",
        " x ",
        "a,b",
        "+1",
        "0x10",
    ] {
        let vars = ConfigVars::from_iter([("TEXT", value), ("SECRET", value)]);
        let config: Config = vars.extract().unwrap();
        assert_eq!(config.text, value);
        assert_eq!(config.secret.expose_secret(), value);
    }
}

#[test]
fn all_faults_come_at_once_in_the_order_of_the_fields() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        zero_url: MysqlUrl,
        jawsdb_url: MysqlUrl,
        database_url: MysqlUrl,
        fine_url: MysqlUrl,
        optional_url: Option<MongoUrl>,
        absent_url: Option<MongoUrl>,
        port: u16,
        verbose: bool,
        letter: char,
        level: Level,
        empty: SecretString,
        labels: HashMap<String, u8>,
        address: std::net::IpAddr,
        ports: Vec<u8>,
        #[serde(default)]
        retries: i8,
        key: SecretString,
    }
    let vars = ConfigVars::from_iter([
        ("JAWSDB_URL", "mysql://app:p#w@h/d"),
        ("DATABASE_URL", "postgres://h/d"),
        ("FINE_URL", "mysql://h/d"),
        ("OPTIONAL_URL", "mongodb://h:x"),
        ("PORT", "99999"),
        ("VERBOSE", "maybe"),
        ("LETTER", "ab"),
        ("LEVEL", "s3cret"),
        ("EMPTY", ""),
        ("LABELS_A", "s3cret"),
        ("LABELS_B", "1"),
        ("LABELS_C", "s3cret"),
        ("ADDRESS", "s3cret"),
        ("PORTS", "1,s3cret"),
        ("RETRIES", "+1"),
    ]);
    let error = vars.extract::<Config>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Several);
    assert_eq!(
        error.to_string(),
        "15 config vars have faults:
  ZERO_URL: is not set; set it, or attach the add-on that provides it; looked for ZERO_URL, zero_url
  JAWSDB_URL: the password holds an unencoded `#`; write `%23`
  DATABASE_URL: the value is a postgres URL, expected mysql
  OPTIONAL_URL: the port is not a number; write one from 1 to 65535, or the `@` that is missing after a password
  PORT: is not a number that fits; write a whole number from 0 to 65535
  VERBOSE: is neither yes nor no; write `true` or `false`
  LETTER: is not one character
  LEVEL: is not among the values that the app knows: `debug`, `info`
  EMPTY: is set but empty; give it a value, or unset it
  LABELS_A: is not a number that fits; write a whole number from 0 to 255
  LABELS_C: is not a number that fits; write a whole number from 0 to 255
  ADDRESS: is not what the app expects: IP address; write one such as `127.0.0.1`
  PORTS: item 2 is not a number that fits; write a whole number from 0 to 255
  RETRIES: is not a number that fits; write a whole number from -128 to 127
  KEY: is not set; set it, or attach the add-on that provides it; looked for KEY, key"
    );
    assert_eq!(error.faults().count(), 15);
    assert!(!format!("{error:?} {error:#?}").contains("s3cret"));
}

/// Only a typed URL is made of several config vars; the password does not get into a plain field beside it.
#[test]
fn a_plain_field_gets_its_own_text_alone() {
    #[derive(Deserialize)]
    struct Config {
        mysql_host: String,
        mysql_port: u16,
        pghost: std::net::IpAddr,
        memcachier_servers: Vec<String>,
        #[serde(rename = "MYSQL_HOST")]
        db: MysqlUrl,
    }
    let vars = ConfigVars::from_iter([
        ("MYSQL_HOST", "db.example"),
        ("MYSQL_PORT", "3306"),
        ("MYSQL_USER", "app"),
        ("MYSQL_PASSWORD", "hunter2"),
        ("PGHOST", "192.0.2.7"),
        ("PGUSER", "app"),
        ("PGPASSWORD", "hunter2"),
        ("MEMCACHIER_SERVERS", "mc1,mc2"),
        ("MEMCACHIER_USERNAME", "u"),
        ("MEMCACHIER_PASSWORD", "hunter2"),
    ]);
    let config: Config = vars.extract().unwrap();
    assert_eq!(
        (config.mysql_host.as_str(), config.mysql_port),
        ("db.example", 3306)
    );
    assert_eq!(config.pghost.to_string(), "192.0.2.7");
    assert_eq!(config.memcachier_servers, ["mc1", "mc2"]);
    assert_eq!(config.db.expose_url(), "mysql://app:hunter2@db.example:3306");
}

/// For some types no stand-in will do. The faults beyond such a field are found all the same.
#[test]
fn a_type_that_takes_one_value_alone_hides_no_fault() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Picky;
    impl TryFrom<String> for Picky {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            if text == "picky" {
                Ok(Self)
            } else {
                Err(format!("{text} is not picky"))
            }
        }
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        before: String,
        first: Picky,
        missing: Picky,
        port: u16,
        second: Picky,
        fine: Picky,
    }
    let vars = ConfigVars::from_iter([
        ("FIRST", "s3cret"),
        ("PORT", "x"),
        ("SECOND", "s3cret"),
        ("FINE", "picky"),
    ]);
    let error = vars.extract::<Config>().unwrap_err();
    let found: Vec<_> = error.faults().filter_map(|fault| fault.var()).collect();
    assert_eq!(found, ["BEFORE", "FIRST", "PORT", "SECOND"]);
    assert!(!error.to_string().contains("s3cret"));
}

#[test]
fn a_single_fault_is_that_fault() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        a_url: MysqlUrl,
        b: Option<u8>,
    }
    let error = ConfigVars::default().extract::<Config>().unwrap_err();
    assert_eq!((error.kind(), error.var()), (ErrorKind::Missing, Some("A_URL")));
    assert_eq!(error.faults().count(), 1);
    assert!(error.candidates().eq(["A_URL", "a_url"]));
}

#[test]
fn aliases_are_looked_for() {
    #[derive(Debug, Deserialize)]
    struct Config {
        #[serde(alias = "mongolab_uri", alias = "MONGO_URL")]
        mongodb_uri: MongoUrl,
    }
    for name in ["MONGODB_URI", "mongodb_uri", "MONGOLAB_URI", "MONGO_URL"] {
        let vars = ConfigVars::from_iter([(name, "mongodb://h/d")]);
        let config: Config = vars.extract().unwrap();
        assert_eq!(config.mongodb_uri.database(), Some("d"), "{name}");
    }
    let both = ConfigVars::from_iter([("MONGODB_URI", "mongodb://h"), ("MONGO_URL", "mongodb://h")]);
    assert_eq!(
        both.extract::<Config>().unwrap_err().to_string(),
        "MONGODB_URI: is set under two names that the app takes for the same; unset one"
    );
}

#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_a_fault_like_others() {
    use std::os::unix::ffi::OsStringExt;
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        key: Option<String>,
    }
    let value = std::ffi::OsString::from_vec(b"s3cr\xFFet".to_vec());
    let vars = ConfigVars::from_iter([("KEY", value)]);
    assert_eq!(
        vars.extract::<Config>().unwrap_err().to_string(),
        "KEY: the value is not valid UTF-8; set it again, as plain text"
    );
}

/// The message of the one fault of a field of that type, or the value.
fn read<T: for<'de> Deserialize<'de> + std::fmt::Debug>(value: &str) -> String {
    #[derive(Debug, Deserialize)]
    struct Config<T> {
        x: T,
    }
    match ConfigVars::from_iter([("X", value)]).extract::<Config<T>>() {
        Ok(config) => format!("{:?}", config.x),
        Err(error) => error.to_string(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
enum Stage {
    Production,
    Staging,
    #[serde(alias = "QA")]
    Qa,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u32")]
struct Even(#[allow(dead_code, reason = "printed")] u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match number % 2 {
            0 => Ok(Self(number)),
            _ => Err(format!("{number} is odd")),
        }
    }
}

#[test]
fn values_of_each_type_are_read_or_their_fault_says_why() {
    use std::net::{IpAddr, SocketAddr};
    use std::num::NonZeroU32;
    let bracketed = "X: is a list in brackets; write it without them and without quotes, as `a,b`";
    type Row = (fn(&str) -> String, &'static str, &'static str);
    let rows: &[Row] = &[
        // Lists.
        (read::<Vec<String>>, "a, b,c", "[\"a\", \"b\", \"c\"]"),
        (read::<Vec<String>>, "a.example", "[\"a.example\"]"),
        (read::<Vec<String>>, "[\"a.example\",\"b.example\"]", bracketed),
        (read::<Vec<u8>>, " [1, 2] ", bracketed),
        (read::<Vec<String>>, "[]", bracketed),
        (read::<(u8, u8)>, "[1,2]", bracketed),
        (read::<Vec<String>>, "[::1]", "[\"[::1]\"]"),
        (
            read::<Vec<SocketAddr>>,
            "[::1]:80,[2001:db8::1]:80",
            "[[::1]:80, [2001:db8::1]:80]",
        ),
        (
            read::<Vec<String>>,
            "a,,b",
            "X: item 2 is empty; remove the extra comma",
        ),
        (
            read::<Vec<String>>,
            "a,b,",
            "X: item 3 is empty; remove the extra comma",
        ),
        (
            read::<Vec<u8>>,
            ",1",
            "X: item 1 is empty; remove the extra comma",
        ),
        (
            read::<Vec<String>>,
            " ",
            "X: item 1 is empty; remove the extra comma",
        ),
        (
            read::<Vec<String>>,
            "\"a,b\"",
            "X: the value is wrapped in quotes; remove them",
        ),
        (
            read::<Vec<String>>,
            "'a','b'",
            "X: in item 1, the value is wrapped in quotes; remove them",
        ),
        (
            read::<Vec<u8>>,
            "1,300",
            "X: item 2 is not a number that fits; write a whole number from 0 to 255",
        ),
        (
            read::<Vec<IpAddr>>,
            "127.0.0.1,s3cret",
            "X: item 2 is not what the app expects: IP address; write one such as `127.0.0.1`",
        ),
        (
            read::<Vec<RedisUrl>>,
            "redis://h,redis://h:x",
            "X: in item 2, the port is not a number; write one from 1 to 65535, or the `@` that is missing after a password",
        ),
        (
            read::<Vec<RedisUrl>>,
            "redis://:s3c,ret@h",
            "X: item 1 ends at a comma, and what comes next is no URL; write `%2C` for a `,` in a URL, and the scheme of each URL",
        ),
        (
            read::<Vec<RedisUrl>>,
            "redis://h,redis://h/1,2,redis://h",
            "X: item 2 ends at a comma, and what comes next is no URL; write `%2C` for a `,` in a URL, and the scheme of each URL",
        ),
        (
            read::<Vec<RedisUrl>>,
            "redis://h,redis://h:x,h",
            "X: item 2 ends at a comma, and what comes next is no URL; write `%2C` for a `,` in a URL, and the scheme of each URL",
        ),
        (
            read::<(RedisUrl, RedisUrl)>,
            "redis://:s3c,ret@h",
            "X: item 1 ends at a comma, and what comes next is no URL; write `%2C` for a `,` in a URL, and the scheme of each URL",
        ),
        (
            read::<Vec<RedisUrl>>,
            "h,redis://h",
            "X: in item 1, the value has no scheme; it must start with one, such as `redis://`",
        ),
        (
            read::<Vec<String>>,
            "https://a.example/b,c",
            "[\"https://a.example/b\", \"c\"]",
        ),
        // Tuples and arrays.
        (read::<(String, u16)>, "a,2", "(\"a\", 2)"),
        (
            read::<(String, u16)>,
            "a,2,3",
            "X: is not a list of 2; write 2, with a comma between two",
        ),
        (
            read::<(String, u16)>,
            "a",
            "X: is not a list of 2; write 2, with a comma between two",
        ),
        (
            read::<[u8; 3]>,
            "1,2",
            "X: is not a list of 3; write 3, with a comma between two",
        ),
        (read::<[u8; 2]>, "1,2", "[1, 2]"),
        // Texts that the type expects.
        (
            read::<IpAddr>,
            "local",
            "X: is not what the app expects: IP address; write one such as `127.0.0.1`",
        ),
        (
            read::<SocketAddr>,
            "s3cret",
            "X: is not what the app expects: socket address; write an IP address and a port, such as `127.0.0.1:8080`",
        ),
        (
            read::<NonZeroU32>,
            "0",
            "X: is not what the app expects: a nonzero u32",
        ),
        (read::<std::path::PathBuf>, "a", "\"a\""),
        // The words of the app's own error may quote the value.
        (
            read::<Even>,
            "3",
            "X: cannot be read as what the app declares for it; compare the value with the app's documentation",
        ),
        // Enums, in any case.
        (read::<Stage>, "production", "Production"),
        (read::<Stage>, "STAGING", "Staging"),
        // Two names are alike, so only the exact ones count.
        (
            read::<Stage>,
            "qa",
            "X: is not among the values that the app knows: `Production`, `Staging`, `QA`, `Qa`",
        ),
        (read::<Stage>, "Qa", "Qa"),
        (read::<Stage>, "QA", "Qa"),
        (
            read::<Stage>,
            "s3cret",
            "X: is not among the values that the app knows: `Production`, `Staging`, `QA`, `Qa`",
        ),
        // Text around a plain value.
        (
            read::<bool>,
            " true",
            "X: the value starts with a space; remove it",
        ),
        (
            read::<bool>,
            "\"true\"",
            "X: the value is wrapped in quotes; remove them",
        ),
        (
            read::<u16>,
            "\"8080\"",
            "X: the value is wrapped in quotes; remove them",
        ),
        (
            read::<u16>,
            "8080\n",
            "X: the value ends with a line break; remove it",
        ),
        (
            read::<f32>,
            "1e39",
            "X: is not a number that fits; write a number such as `0.5`",
        ),
        (
            read::<f64>,
            "-1e400",
            "X: is not a number that fits; write a number such as `0.5`",
        ),
        (read::<f64>, "1e39", "1e39"),
        (read::<f64>, "-inf", "-inf"),
        (read::<f64>, "0.5\t", "X: the value ends with a tab; remove it"),
        (
            read::<char>,
            "'a'",
            "X: the value is wrapped in quotes; remove them",
        ),
        (read::<char>, " ", "' '"),
        (
            read::<Stage>,
            "Production ",
            "X: the value ends with a space; remove it",
        ),
        (
            read::<IpAddr>,
            "'127.0.0.1'",
            "X: the value is wrapped in quotes; remove them",
        ),
        (
            read::<NonZeroU32>,
            " 1",
            "X: the value starts with a space; remove it",
        ),
        (read::<String>, " \"t\" ", "\" \\\"t\\\" \""),
    ];
    for (read, value, expected) in rows {
        assert_eq!(read(value), *expected, "{value:?}");
    }
}

#[test]
fn a_missing_field_is_looked_for_under_its_aliases() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        before: Option<String>,
        #[serde(alias = "jawsdb_url", alias = "CLEARDB_URL")]
        database_url: MysqlUrl,
        #[serde(alias = "address")]
        bind: std::net::IpAddr,
        #[serde(alias = "PORTS")]
        port: u16,
    }
    let vars = ConfigVars::from_iter([("PORTS", "")]);
    assert_eq!(
        vars.extract::<Config>().unwrap_err().to_string(),
        "3 config vars have faults:
  DATABASE_URL: is not set; set it, or attach the add-on that provides it; looked for DATABASE_URL, database_url, CLEARDB_URL, JAWSDB_URL, jawsdb_url
  BIND: is not set; set it, or attach the add-on that provides it; looked for BIND, bind, ADDRESS, address
  PORTS: is set but empty; give it a value, or unset it"
    );
}

/// Types whose `Deserialize` is written by hand, in every way that serde allows.
mod by_hand {
    use super::read;
    use config_vars::ConfigVars;
    use serde::Deserialize;
    use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
    use std::fmt;

    const UNREADABLE: &str =
        "cannot be read as what the app declares for it; compare the value with the app's documentation";

    /// A list of a name and a number, which quotes the name where it expects the number.
    #[derive(Debug)]
    struct Quoting;

    struct NumberFor(String);

    impl<'de> DeserializeSeed<'de> for NumberFor {
        type Value = ();

        fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
            deserializer.deserialize_u8(self)
        }
    }

    impl Visitor<'_> for NumberFor {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a number for {}", self.0)
        }
    }

    impl<'de> Deserialize<'de> for Quoting {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Items;

            impl<'de> Visitor<'de> for Items {
                type Value = Quoting;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a name and a number")
                }

                fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Quoting, A::Error> {
                    let name: Option<String> = items.next_element()?;
                    items.next_element_seed(NumberFor(name.unwrap_or_default()))?;
                    Ok(Quoting)
                }
            }
            deserializer.deserialize_seq(Items)
        }
    }

    /// Two numbers of a list, however long it is.
    #[derive(Debug)]
    #[expect(dead_code, reason = "printed")]
    struct Two(u8, u8);

    impl<'de> Deserialize<'de> for Two {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Items;

            impl<'de> Visitor<'de> for Items {
                type Value = Two;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("two numbers")
                }

                fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Two, A::Error> {
                    let mut next = || {
                        let item: Option<u8> = items.next_element()?;
                        item.ok_or_else(|| A::Error::custom("too few"))
                    };
                    Ok(Two(next()?, next()?))
                }
            }
            deserializer.deserialize_seq(Items)
        }
    }

    /// A number from 2 on, or a text that is one. It takes a text, and says of a wrong one that it takes none.
    #[derive(Debug)]
    #[expect(dead_code, reason = "printed")]
    struct NumberOrText(u32);

    impl<'de> Deserialize<'de> for NumberOrText {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Any;

            impl Visitor<'_> for Any {
                type Value = NumberOrText;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a number, or a text that is one")
                }

                fn visit_u64<E>(self, number: u64) -> Result<NumberOrText, E> {
                    Ok(NumberOrText(u32::try_from(number).unwrap_or_default()))
                }

                fn visit_str<E: Error>(self, text: &str) -> Result<NumberOrText, E> {
                    let number = text.parse().map(NumberOrText);
                    number.map_err(|_| E::invalid_type(Unexpected::Str(text), &self))
                }
            }
            deserializer.deserialize_any(Any)
        }
    }

    /// A text whose type says nothing of what it expects, and fails at it.
    #[derive(Debug)]
    struct Silent;

    impl<'de> Deserialize<'de> for Silent {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Failing;

            impl Visitor<'_> for Failing {
                type Value = Silent;

                fn expecting(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                    Err(fmt::Error)
                }
            }
            deserializer.deserialize_str(Failing)
        }
    }

    #[test]
    fn errors_of_each_type_quote_no_value() {
        type Row = (fn(&str) -> String, &'static str, String);
        let rows: [Row; 7] = [
            (read::<Quoting>, "s3cret,1", format!("X: item 2 {UNREADABLE}")),
            (
                read::<Quoting>,
                "s3cret,x",
                "X: item 2 is not a number that fits; write a whole number from 0 to 255".to_owned(),
            ),
            (read::<Two>, "1,2", "Two(1, 2)".to_owned()),
            (
                read::<Two>,
                "1,2,s3cret,",
                "X: is not a list of 2; write 2, with a comma between two".to_owned(),
            ),
            (read::<NumberOrText>, "80", "NumberOrText(80)".to_owned()),
            (
                read::<NumberOrText>,
                "s3cret",
                "X: is not what the app expects: a number, or a text that is one".to_owned(),
            ),
            (read::<Silent>, "s3cret", format!("X: {UNREADABLE}")),
        ];
        for (read, value, expected) in rows {
            assert_eq!(read(value), expected, "{value:?}");
        }
    }

    /// The first entry of a map, however large it is.
    #[derive(Debug)]
    #[expect(dead_code, reason = "printed")]
    struct FirstEntry(Option<(String, u8)>);

    impl<'de> Deserialize<'de> for FirstEntry {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Entries;

            impl<'de> Visitor<'de> for Entries {
                type Value = FirstEntry;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("an entry")
                }

                fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<FirstEntry, A::Error> {
                    entries.next_entry().map(FirstEntry)
                }
            }
            deserializer.deserialize_map(Entries)
        }
    }

    #[test]
    fn first_entry_that_a_type_leaves_unread_is_a_fault() {
        #[derive(Debug, Deserialize)]
        struct Config {
            entry: FirstEntry,
        }
        let extract = |vars: &[(&'static str, &'static str)]| {
            let config = ConfigVars::from_iter(vars.iter().copied()).extract::<Config>();
            config.map(|config| format!("{:?}", config.entry))
        };
        let one = extract(&[("ENTRY_A", "1"), ("ENTRY_B", "")]);
        assert_eq!(one.as_deref(), Ok("FirstEntry(Some((\"a\", 1)))"));
        assert_eq!(
            extract(&[("ENTRY_A", "1"), ("ENTRY_B", "s3cret"), ("ENTRY_C", "3")])
                .unwrap_err()
                .to_string(),
            "ENTRY_B: has a name that the app does not know; correct it, or unset it"
        );
    }

    /// As an app may write it: a config var is never empty, and the app's other values are sound.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Initial(char);

    impl TryFrom<String> for Initial {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            assert_ne!(text, "panic");
            text.split_once(':').unwrap();
            Ok(Self(text.chars().next().unwrap()))
        }
    }

    /// The same, by a type that takes anything.
    #[derive(Debug)]
    #[expect(dead_code, reason = "printed")]
    struct AnyInitial(char);

    impl<'de> Deserialize<'de> for AnyInitial {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Any;

            impl Visitor<'_> for Any {
                type Value = AnyInitial;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a text")
                }

                fn visit_str<E>(self, text: &str) -> Result<AnyInitial, E> {
                    let (name, _) = text.split_once(':').unwrap();
                    Ok(AnyInitial(name.chars().next().unwrap()))
                }
            }
            deserializer.deserialize_any(Any)
        }
    }

    #[derive(Debug, Deserialize)]
    struct Raw {
        low: u8,
        high: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(from = "Raw")]
    struct Range;

    impl From<Raw> for Range {
        fn from(raw: Raw) -> Self {
            assert!(raw.low < raw.high);
            Self
        }
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config {
        range: Range,
        initial: Initial,
        any: AnyInitial,
        #[serde(alias = "other")]
        port: u16,
    }

    #[test]
    fn type_that_panics_at_a_stand_in_hides_no_fault() {
        let extract = |vars: &[(&'static str, &'static str)]| {
            ConfigVars::from_iter(vars.iter().copied()).extract::<Config>()
        };
        let range = [("RANGE_LOW", "0"), ("RANGE_HIGH", "1")];
        let good = [("INITIAL", "a:b"), ("ANY", "c:d"), ("PORT", "80")];
        assert_eq!(
            extract(&[range, [good[0], good[1]]].concat()).unwrap_err().var(),
            Some("PORT")
        );
        let all = [&range[..], &good].concat();
        let config = extract(&all).unwrap();
        assert_eq!((config.initial.0, config.port), ('a', 80));
        for (changed, faults) in [
            (&[("INITIAL", ""), ("PORT", "x")][..], &["INITIAL", "PORT"][..]),
            (&[("ANY", ""), ("INITIAL", "")], &["INITIAL", "ANY"]),
            (&[("RANGE_LOW", "x"), ("PORT", "x")], &["RANGE_LOW", "PORT"]),
        ] {
            let error = extract(&[&all, changed].concat()).unwrap_err();
            assert!(
                error
                    .faults()
                    .filter_map(|fault| fault.var())
                    .eq(faults.iter().copied()),
                "{error}"
            );
        }
        // A panic at a value is the fault of that config var.
        let error = extract(
            &[
                &all[..],
                &[("INITIAL", "panic"), ("ANY", "s3cret"), ("PORT", "x")],
            ]
            .concat(),
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "3 config vars have faults:
  INITIAL: makes the app's own type panic; compare the value with the app's documentation
  ANY: makes the app's own type panic; compare the value with the app's documentation
  PORT: is not a number that fits; write a whole number from 0 to 65535"
        );
        let vars = ConfigVars::from_iter([("INITIAL", "panic"), ("MAP_A", "a:b"), ("MAP_B", "panic")]);
        assert_eq!(
            vars.parse::<Initial>("INITIAL").unwrap_err().to_string(),
            "INITIAL: makes the app's own type panic; compare the value with the app's documentation"
        );
        #[derive(Debug, Deserialize)]
        struct Map {
            #[allow(dead_code, reason = "only its errors are looked at")]
            map: std::collections::BTreeMap<String, Initial>,
        }
        assert_eq!(vars.extract::<Map>().unwrap_err().var(), Some("MAP_B"));
        // A struct is judged as a whole, so no config var is at fault.
        let whole = [("RANGE_LOW", "1"), ("RANGE_HIGH", "1")];
        assert!(std::panic::catch_unwind(|| extract(&[&all[..], &whole].concat())).is_err());
    }

    /// A type without an end.
    #[derive(Debug, Deserialize)]
    struct Chain(#[expect(dead_code, reason = "only its errors are looked at")] Option<Box<Chain>>);

    #[test]
    fn newtype_that_contains_itself_is_refused() {
        let endless =
            "X: is a struct within 8 others, as if a type contained itself; declare it with fewer levels";
        assert_eq!(read::<Chain>("1"), endless);
        assert_eq!(read::<Vec<Chain>>("1"), endless);
        assert!(ConfigVars::default().parse::<Chain>("X").is_err());
        assert_eq!(
            read::<Option<Option<Option<Option<u8>>>>>("1"),
            "Some(Some(Some(Some(1))))"
        );
    }
}
