//! Typed configuration: nested structs, prefixes, maps, durations, single values, and what is refused.

use config_vars::{
    ConfigVars, Error, ErrorKind, ExposeSecret, HttpUrl, Live, MemcacheUrl, MongoUrl, MysqlUrl, RedisUrl,
    SecretString, deserialize_flat,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug, Deserialize)]
struct Config {
    name: String,
    http: Http,
    database: Option<Database>,
    #[serde(default)]
    limits: Limits,
}

#[derive(Debug, Deserialize)]
struct Http {
    bind: SocketAddr,
    #[serde(rename = "time-out")]
    time_out: Option<Duration>,
    tls: Option<Tls>,
}

#[derive(Debug, Deserialize)]
struct Tls {
    key: SecretString,
    versions: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Database {
    url: MysqlUrl,
    pool: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(default)]
struct Limits {
    uploads: u32,
    words: BTreeMap<String, String>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            uploads: 7,
            words: BTreeMap::new(),
        }
    }
}

#[track_caller]
fn read<T: DeserializeOwned>(vars: &[(&str, &str)]) -> T {
    ConfigVars::from_iter(vars.iter().copied()).extract().unwrap()
}

#[track_caller]
fn faults<T: DeserializeOwned>(vars: &[(&str, &str)]) -> Vec<String> {
    let error = ConfigVars::from_iter(vars.iter().copied())
        .extract::<T>()
        .err()
        .unwrap();
    error.faults().map(Error::to_string).collect()
}

#[test]
fn nested_structs_are_read_by_their_names() {
    let config: Config = read(&[
        ("NAME", "0012345"),
        ("HTTP_BIND", "[::1]:80"),
        ("HTTP_TIME_OUT", "1m30s"),
        ("HTTP_TLS_KEY", "true"),
        ("HTTP_TLS_VERSIONS", "1, 2"),
        ("DATABASE_URL", "mysql://db.example/shop"),
        ("LIMITS_WORDS_Swear", " 1e5 "),
    ]);
    assert_eq!(config.name, "0012345");
    assert_eq!(config.http.bind.to_string(), "[::1]:80");
    assert_eq!(config.http.time_out, Some(Duration::from_secs(90)));
    let tls = config.http.tls.unwrap();
    assert_eq!((tls.key.expose_secret(), tls.versions), ("true", vec![1, 2]));
    let database = config.database.unwrap();
    assert_eq!((database.url.host(), database.pool), (Some("db.example"), None));
    assert_eq!(config.limits.uploads, 7);
    assert!(
        config
            .limits
            .words
            .iter()
            .eq([(&"swear".to_owned(), &" 1e5 ".to_owned())])
    );

    let small: Config = read(&[
        ("name", "a"),
        ("http_bind", "127.0.0.1:8080"),
        ("DATABASE_URL", ""),
    ]);
    assert!(small.database.is_none() && small.http.tls.is_none());
    assert_eq!(small.limits.uploads, 7);
}

#[test]
fn faults_of_all_levels_come_at_once_in_the_order_of_the_fields() {
    assert_eq!(
        faults::<Config>(&[
            ("HTTP_TIME_OUT", "s3cret"),
            ("HTTP_TLS_VERSIONS", "1,s3cret"),
            ("DATABASE_POOL", "s3cret"),
            ("LIMITS_UPLOADS", "s3cret"),
        ]),
        [
            "NAME: is not set; set it, or attach the add-on that provides it; looked for NAME, name",
            "HTTP_BIND: is not set; set it, or attach the add-on that provides it; looked for HTTP_BIND, http_bind",
            "HTTP_TIME_OUT: is not a duration; write whole numbers with units, as `250ms`, `30s`, `5m` or `1h30m`",
            "HTTP_TLS_KEY: is not set; set it, or attach the add-on that provides it; looked for HTTP_TLS_KEY, http_tls_key",
            "HTTP_TLS_VERSIONS: item 2 is not a number that fits; write a whole number from 0 to 255",
            "DATABASE_URL: is not set; set it, or attach the add-on that provides it; looked for DATABASE_URL, database_url",
            "DATABASE_POOL: is not a number that fits; write a whole number from 0 to 255",
            "LIMITS_UPLOADS: is not a number that fits; write a whole number from 0 on, of 32 bits",
        ]
    );
    assert_eq!(faults::<Config>(&[("NAME", "a")]).len(), 1);
}

/// Fixing each fault as its message says ends at a good configuration.
#[test]
fn fixing_one_fault_after_the_other_leads_to_a_good_configuration() {
    let fixes = [
        ("NAME", "shop"),
        ("HTTP_BIND", "127.0.0.1:1"),
        ("HTTP_TIME_OUT", "5m"),
        ("HTTP_TLS_KEY", "k"),
        ("HTTP_TLS_VERSIONS", "3"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_POOL", "5"),
        ("LIMITS_UPLOADS", "5"),
    ];
    let mut vars = vec![
        ("HTTP_TIME_OUT", "5"),
        ("HTTP_TLS_VERSIONS", ""),
        ("HTTP_TLS_KEY", "${KEY}"),
        ("DATABASE_POOL", "-5"),
        ("LIMITS_UPLOADS", " 5"),
    ];
    for left in (1..=fixes.len()).rev() {
        let error = ConfigVars::from_iter(vars.clone())
            .extract::<Config>()
            .unwrap_err();
        let names: Vec<_> = error.faults().filter_map(Error::var).collect();
        assert_eq!(names.len(), left, "{error}");
        vars.push(*fixes.iter().find(|(name, _)| *name == names[0]).unwrap());
    }
    read::<Config>(&vars);
}

#[test]
fn missing_names_in_a_nested_struct_are_listed_with_their_aliases() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Outer {
        inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Inner {
        before: Option<u8>,
        #[serde(alias = "listen")]
        bind: SocketAddr,
    }
    assert_eq!(
        faults::<Outer>(&[]),
        [
            "INNER_BIND: is not set; set it, or attach the add-on that provides it; \
             looked for INNER_BIND, inner_bind, INNER_LISTEN, inner_listen"
        ]
    );
    assert_eq!(
        faults::<Outer>(&[("INNER_BIND", "h:1"), ("INNER_LISTEN", "h:1")]),
        [
            "INNER_BIND: is not what the app expects: socket address; write an IP address and a port, such as `127.0.0.1:8080`",
            "INNER_LISTEN: is not what the app expects: socket address; write an IP address and a port, such as `127.0.0.1:8080`",
        ]
    );
    assert_eq!(
        faults::<Outer>(&[("INNER_BIND", "127.0.0.1:1"), ("INNER_LISTEN", "127.0.0.1:1")]),
        ["INNER_BIND: is set under two names that the app takes for the same; unset one"]
    );
}

#[test]
fn struct_that_its_own_type_rejects_is_named() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Raw")]
    struct Range;
    #[derive(Deserialize)]
    struct Raw {
        low: u8,
        high: u8,
    }
    impl TryFrom<Raw> for Range {
        type Error = String;
        fn try_from(raw: Raw) -> Result<Self, String> {
            match raw.low < raw.high {
                true => Ok(Self),
                false => Err(format!("{} is not below {}", raw.low, raw.high)),
            }
        }
    }
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its errors are looked at")]
    struct Outer {
        range: Range,
        port: u16,
    }
    let rejected = "the app's own type rejects the config vars that it reads, though each is well-formed; \
                    compare them with the app's documentation";
    let vars = [("RANGE_LOW", "47"), ("RANGE_HIGH", "11")];
    assert_eq!(
        faults::<Outer>(&[vars[0], vars[1], ("PORT", "x")]),
        [
            format!("RANGE_: {rejected}"),
            "PORT: is not a number that fits; write a whole number from 0 to 65535".to_owned(),
        ]
    );
    assert_eq!(faults::<Range>(&[("LOW", "47"), ("HIGH", "11")]), [rejected]);
    assert_eq!(
        faults::<Outer>(&[("RANGE_LOW", "47"), ("PORT", "1")]),
        [
            "RANGE_HIGH: is not set; set it, or attach the add-on that provides it; looked for RANGE_HIGH, range_high"
        ]
    );
    read::<Outer>(&[("RANGE_LOW", "1"), ("RANGE_HIGH", "2"), ("PORT", "1")]);
}

#[test]
fn prefix_stands_before_every_name() {
    let vars = ConfigVars::from_iter([
        ("SHOP_NAME", "s"),
        ("SHOP_HTTP_BIND", "127.0.0.1:1"),
        ("SHOP_LIMITS_WORDS_A", "1"),
        ("LIMITS_WORDS_B", "2"),
        ("NAME", "other"),
        ("SHOP_PORT", "x"),
        ("SHOP_CACHE_URL", "redis://h"),
    ]);
    let shop = vars.with_prefix("SHOP_");
    let config: Config = shop.extract().unwrap();
    assert_eq!((config.name.as_str(), config.limits.words.len()), ("s", 1));
    assert_eq!(shop.parse::<String>("NAME").unwrap(), "s");
    assert_eq!(shop.require("NAME").unwrap().expose_secret(), "s");
    assert!(shop.url::<RedisUrl>("CACHE_URL").is_ok());
    assert_eq!(shop.parse::<u16>("PORT").unwrap_err().var(), Some("SHOP_PORT"));
    assert_eq!(
        vars.with_prefix("BAR_").extract::<Config>().unwrap_err().to_string(),
        "2 config vars have faults:
  BAR_NAME: is not set; set it, or attach the add-on that provides it; looked for BAR_NAME, BAR_name
  BAR_HTTP_BIND: is not set; set it, or attach the add-on that provides it; looked for BAR_HTTP_BIND, BAR_http_bind"
    );
}

#[test]
fn maps_have_the_config_vars_that_begin_with_their_name() {
    #[derive(Debug, Deserialize, PartialEq, Eq, Hash)]
    #[serde(rename_all = "kebab-case")]
    enum Zone {
        Eu,
        Us,
    }
    #[derive(Debug, Deserialize)]
    struct Maps {
        shards: BTreeMap<String, MysqlUrl>,
        zones: Option<HashMap<Zone, u8>>,
        zones_file: Option<String>,
        #[serde(default)]
        keys: HashMap<u8, SecretString>,
    }
    let maps: Maps = read(&[
        ("SHARDS_ONE", "mysql://a/d"),
        ("SHARDS_TWO_A", "mysql://b/d"),
        ("SHARDS_", "mysql://c/d"),
        ("SHARDS_EMPTY", ""),
        ("SHARDSX", "x"),
        ("ZONES_EU", "1"),
        ("ZONES_FILE", "/f"),
        ("KEYS_7", "007"),
    ]);
    assert!(maps.shards.keys().eq(["one", "two_a"]));
    assert_eq!(maps.zones, Some(HashMap::from([(Zone::Eu, 1)])));
    assert_eq!(maps.zones_file.as_deref(), Some("/f"));
    assert_eq!(maps.keys[&7].expose_secret(), "007");
    assert_eq!(
        faults::<Maps>(&[
            ("ZONES_EU", "x"),
            ("ZONES_ASIA", "1"),
            ("ZONES_US", "9"),
            ("zones_us", "9"),
            ("KEYS_A", "s3cret")
        ]),
        [
            "SHARDS_: no config var begins with this name; set one, or attach the add-on that provides it",
            "ZONES_ASIA: has a name that the app does not know; correct it, or unset it",
            "ZONES_EU: is not a number that fits; write a whole number from 0 to 255",
            "zones_us: is set under two names that the app takes for the same; unset one",
            "KEYS_A: has a name that the app does not know; correct it, or unset it",
        ]
    );
    let none: Maps = read(&[("SHARDS_ONE", "mysql://a/d")]);
    assert!(none.zones.is_none() && none.keys.is_empty());
}

/// Each config var is read by one field.
#[test]
fn config_var_of_another_field_is_no_entry_of_a_map() {
    #[derive(Debug, Deserialize)]
    struct Outer {
        limits: BTreeMap<String, u8>,
        limits_words: BTreeMap<String, String>,
        limits_db: Option<Database>,
        #[serde(deserialize_with = "deserialize_flat")]
        flat: Inner,
        inner: Option<Inner>,
        inner_sizes_file: Option<String>,
    }
    #[derive(Debug, Deserialize)]
    struct Inner {
        sizes: Option<BTreeMap<String, u8>>,
        limits_file: Option<String>,
    }
    let outer: Outer = read(&[
        ("LIMITS_A", "1"),
        ("LIMITS_WORDS_A", "a"),
        ("LIMITS_WORDS", "2"),
        ("limits_words_b", "b"),
        ("LIMITS_DB_URL", "mysql://h/d"),
        ("LIMITS_FILE", "f"),
        ("SIZES_A", "3"),
        ("INNER_SIZES_A", "4"),
        ("INNER_SIZES_FILE", "g"),
        ("INNER_LIMITS_FILE", "h"),
    ]);
    let keys = |map: &BTreeMap<String, u8>| map.keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&outer.limits), "a words");
    assert!(outer.limits_words.values().eq(["a", "b"]));
    assert!(outer.limits_db.is_some_and(|db| db.url.host() == Some("h")));
    assert_eq!(outer.flat.sizes.as_ref().map(keys).as_deref(), Some("a"));
    assert_eq!(outer.flat.limits_file.as_deref(), Some("f"));
    let inner = outer.inner.unwrap();
    assert_eq!(inner.sizes.as_ref().map(keys).as_deref(), Some("a"));
    assert_eq!(inner.limits_file.as_deref(), Some("h"));
    assert_eq!(outer.inner_sizes_file.as_deref(), Some("g"));
}

/// Minutes, if each fault were followed by a pass over all entries.
#[test]
fn faults_of_a_large_map_are_found_in_linear_time() {
    #[derive(Debug, Deserialize)]
    struct Large {
        #[allow(dead_code, reason = "only its errors are looked at")]
        shards: BTreeMap<String, u8>,
    }
    let upper = (0..10_000).map(|number| {
        (
            format!("SHARDS_A{number:05}"),
            if number % 2 == 0 { "x" } else { "1" },
        )
    });
    let lower = (0..10_000).map(|number| (format!("shards_a{number:05}"), "1"));
    let vars = ConfigVars::from_iter(upper.chain(lower));
    let start = std::time::Instant::now();
    let error = vars.extract::<Large>().unwrap_err();
    assert_eq!(error.faults().count(), 15_000);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn single_values_are_read_by_the_rules_of_fields() {
    let vars = ConfigVars::from_iter([
        ("PORT", "8080"),
        ("TIMEOUT", "30s"),
        ("ON", "yes"),
        ("LIST", "1,2"),
        ("TEXT", " 0012 "),
        ("EMPTY", ""),
        ("REFERENCE", "${OTHER}"),
        ("DB_HOST", "h"),
        ("DB_USER", "u"),
        ("DB_NAME", "d"),
        ("JAWSDB_URL", "mysql://h/d"),
    ]);
    assert_eq!(vars.parse::<u16>("PORT"), Ok(8080));
    assert_eq!(vars.parse::<Option<u16>>("PORT"), Ok(Some(8080)));
    assert_eq!(vars.parse::<Option<u16>>("EMPTY"), Ok(None));
    assert_eq!(vars.parse::<Option<u16>>("ABSENT"), Ok(None));
    assert_eq!(vars.parse::<Duration>("TIMEOUT"), Ok(Duration::from_secs(30)));
    assert_eq!(vars.parse::<bool>("ON"), Ok(true));
    assert_eq!(vars.parse::<Vec<u8>>("LIST"), Ok(vec![1, 2]));
    assert_eq!(vars.parse::<String>("TEXT").as_deref(), Ok(" 0012 "));
    assert_eq!(
        vars.parse::<MysqlUrl>("JAWSDB_URL").unwrap().database(),
        Some("d")
    );
    for (message, expected) in [
        (
            vars.parse::<u8>("PORT").unwrap_err(),
            "PORT: is not a number that fits; write a whole number from 0 to 255",
        ),
        (
            vars.parse::<u8>("ABSENT").unwrap_err(),
            "ABSENT: is not set; set it, or attach the add-on that provides it",
        ),
        (
            vars.parse::<String>("EMPTY").unwrap_err(),
            "EMPTY: is set but empty; give it a value, or unset it",
        ),
        (
            vars.parse::<String>("REFERENCE").unwrap_err(),
            "REFERENCE: the value is a reference to another config var that was not expanded; write the value itself",
        ),
        (
            vars.parse::<Http>("PORT").unwrap_err(),
            "PORT: is asked for as a struct or a map, which one config var cannot hold; use `extract` for it",
        ),
        (
            vars.parse::<HashMap<String, String>>("PORT").unwrap_err(),
            "PORT: is asked for as a struct or a map, which one config var cannot hold; use `extract` for it",
        ),
        (
            vars.parse::<Vec<Http>>("ABSENT").unwrap_err(),
            "ABSENT: is declared as a list of structs, maps or lists, which one config var cannot hold; \
             declare a field for each, or a `String` that the app parses",
        ),
    ] {
        assert_eq!(message.to_string(), expected);
    }
}

#[test]
fn types_that_config_vars_cannot_fill_are_refused_before_any_value() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    enum Storage {
        None,
        Bucket(String),
    }
    #[derive(Debug, Deserialize)]
    #[serde(tag = "type")]
    #[allow(dead_code, reason = "only its errors are looked at")]
    enum Tagged {
        Bucket { name: String },
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Node {
        next: Option<Box<Node>>,
        other: Option<Box<Node>>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Refused {
        servers: Vec<Http>,
        matrix: Vec<Vec<u8>>,
        pair: (u8, Tls),
        shards: HashMap<String, Http>,
        maps: HashMap<String, HashMap<String, u8>>,
        storage: Option<Storage>,
        tagged: Tagged,
        port: u16,
        inner: Inner,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Inner {
        list: Option<Vec<Http>>,
    }
    let list = "is declared as a list of structs, maps or lists, which one config var cannot hold; \
                declare a field for each, or a `String` that the app parses";
    let map = "is declared as a map of structs, maps or lists of lists; declare a field for each struct, or a map of plain values";
    let expected = [
        format!("SERVERS: {list}"),
        format!("MATRIX: {list}"),
        format!("PAIR: {list}"),
        format!("SHARDS: {map}"),
        format!("MAPS: {map}"),
        "STORAGE: is declared as an enum whose variants have data, which one config var cannot hold; \
         declare an enum without, or a `String` that the app parses"
            .to_owned(),
        "TAGGED: is declared as a type that takes no text, and a config var is text; declare a `String` that the app parses: \
         internally tagged enum Tagged"
            .to_owned(),
        format!("INNER_LIST: {list}"),
    ];
    assert_eq!(faults::<Refused>(&[]), expected);
    assert_eq!(
        faults::<Refused>(&[("PORT", "x"), ("SERVERS", "s3cret")]),
        expected
    );

    let error = ConfigVars::default().extract::<Node>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("as if a type contained itself"),
        "{error}"
    );

    let not_a_struct = "config vars are extracted into a struct with named fields; for one value use `parse`, \
                        and for a map declare a field of that type, which reads the config vars that begin with its name";
    assert_eq!(faults::<HashMap<String, String>>(&[]), [not_a_struct]);
    assert_eq!(faults::<MysqlUrl>(&[]), [not_a_struct]);
    assert_eq!(faults::<u8>(&[]), [not_a_struct]);
    assert_eq!(faults::<(Http, Http)>(&[]), [not_a_struct]);
}

#[test]
fn two_errors_are_joined_with_each_fault_once() {
    let vars = ConfigVars::from_iter([("NAME", "")]);
    let config = vars.extract::<Config>().unwrap_err();
    let port = vars.parse::<u16>("PORT").unwrap_err();
    let both = config.clone().and(port.clone());
    assert!(
        both.faults()
            .filter_map(Error::var)
            .eq(["NAME", "HTTP_BIND", "PORT"])
    );
    assert_eq!(both.kind(), ErrorKind::Several);
    assert_eq!(both.clone().and(config), both);
    assert_eq!(port.clone().and(port.clone()), port);
}

#[derive(Debug, Deserialize)]
struct Flat {
    name: String,
    #[serde(deserialize_with = "deserialize_flat")]
    database: FlatDatabase,
    #[serde(deserialize_with = "deserialize_flat")]
    mail: Option<Mail>,
    port: u16,
}

#[derive(Debug, Deserialize)]
struct FlatDatabase {
    #[serde(alias = "database_url")]
    jawsdb_url: MysqlUrl,
    pool_size: Option<u8>,
    http: Option<Http>,
}

#[derive(Debug, Deserialize)]
struct Mail {
    mail_host: String,
    mail_password: SecretString,
}

#[test]
fn flat_structs_are_read_without_the_name_of_their_field() {
    let flat: Flat = read(&[
        ("NAME", "a"),
        ("JAWSDB_URL", "mysql://h/d"),
        ("POOL_SIZE", "5"),
        ("HTTP_BIND", "127.0.0.1:1"),
        ("PORT", "80"),
    ]);
    assert_eq!(
        (flat.name.as_str(), flat.port, flat.database.pool_size),
        ("a", 80, Some(5))
    );
    assert_eq!(flat.database.jawsdb_url.host(), Some("h"));
    assert!(flat.mail.is_none() && flat.database.http.is_some());

    let vars = [
        ("DATABASE_URL", "mysql://h/d"),
        ("MAIL_HOST", "0012"),
        ("MAIL_PASSWORD", "true"),
        ("PORT", "80"),
        ("NAME", "a"),
    ];
    let mail = read::<Flat>(&vars).mail.unwrap();
    assert_eq!(
        (mail.mail_host.as_str(), mail.mail_password.expose_secret()),
        ("0012", "true")
    );

    assert_eq!(
        faults::<Flat>(&[
            ("MAIL_HOST", "h"),
            ("POOL_SIZE", "s3cret"),
            ("HTTP_TIME_OUT", "s3cret"),
            ("PORT", "s3cret")
        ]),
        [
            "NAME: is not set; set it, or attach the add-on that provides it; looked for NAME, name",
            "JAWSDB_URL: is not set; set it, or attach the add-on that provides it; \
             looked for JAWSDB_URL, jawsdb_url, DATABASE_URL, database_url",
            "POOL_SIZE: is not a number that fits; write a whole number from 0 to 255",
            "HTTP_BIND: is not set; set it, or attach the add-on that provides it; looked for HTTP_BIND, http_bind",
            "HTTP_TIME_OUT: is not a duration; write whole numbers with units, as `250ms`, `30s`, `5m` or `1h30m`",
            "MAIL_PASSWORD: is not set; set it, or attach the add-on that provides it; looked for MAIL_PASSWORD, mail_password",
            "PORT: is not a number that fits; write a whole number from 0 to 65535",
        ]
    );
    // In other formats it is an ordinary struct.
    let json = r#"{"name":"a","database":{"jawsdb_url":"mysql://h/d"},"mail":null,"port":1}"#;
    assert!(serde_json::from_str::<Flat>(json).unwrap().mail.is_none());
}

#[test]
fn flatten_is_refused_with_what_to_write_in_its_place() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Flattened {
        #[serde(flatten)]
        http: Http,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Rest {
        port: u16,
        #[serde(flatten)]
        rest: HashMap<String, String>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Outer {
        inner: Flattened,
        #[serde(deserialize_with = "deserialize_flat")]
        port: u16,
        #[serde(deserialize_with = "deserialize_flat")]
        words: HashMap<String, String>,
    }
    let message = "a field of the struct is declared with `flatten`, which hides names and types; \
                   write `#[serde(deserialize_with = \"config_vars::deserialize_flat\")]` in its place, or, for a map, nothing: \
                   it reads the config vars that begin with its name";
    let value = "is declared with `deserialize_flat`, which is for structs; remove that";
    assert_eq!(faults::<Flattened>(&[("BIND", "127.0.0.1:1")]), [message]);
    assert_eq!(faults::<Rest>(&[("PORT", "1")]), [message]);
    assert_eq!(
        faults::<Outer>(&[]),
        [
            format!("INNER: {message}"),
            format!("PORT: {value}"),
            format!("WORDS: {value}")
        ]
    );
}

/// The start-up program of the design.
#[test]
fn program_that_reads_by_name() -> Result<(), Error> {
    let vars = ConfigVars::from_iter([
        ("JAWSDB_URL", "mysql://app:pw@db.example/shop"),
        ("MEMCACHIER_SERVERS", "mc1.example:11211"),
        ("MEMCACHIER_USERNAME", "app"),
        ("MEMCACHIER_PASSWORD", "s3cret"),
        ("PORT", "8080"),
    ]);
    let db: MysqlUrl = vars.url("JAWSDB_URL")?;
    let cache: MemcacheUrl = vars.only()?;
    let port: u16 = vars.parse("PORT")?;
    for attachment in vars.attachments() {
        assert!(!format!("{attachment:?}").contains("s3cret"));
    }
    assert_eq!(
        (db.host(), cache.servers().count(), port),
        (Some("db.example"), 1, 8080)
    );
    Ok(())
}

/// The declared program of the design.
#[test]
fn program_that_declares_its_struct() -> Result<(), Error> {
    #[derive(serde::Deserialize)]
    struct Config {
        jawsdb_url: MysqlUrl,
        mongodb_uri: Option<MongoUrl>,
        new_relic_url: HttpUrl,
        cloudamqp_apikey: SecretString,
        http: Http,
    }
    let vars = ConfigVars::from_iter([
        ("JAWSDB_URL", "mysql://app:pw@db.example/shop"),
        ("NEW_RELIC_URL", "http://newrelic.com/accounts/[apitoken]"),
        ("CLOUDAMQP_APIKEY", "0012345"),
        ("HTTP_BIND", "0.0.0.0:8080"),
    ]);
    let config: Config = vars.extract()?;
    assert_eq!(config.jawsdb_url.database(), Some("shop"));
    assert!(config.mongodb_uri.is_none() && config.new_relic_url.host() == Some("newrelic.com"));
    assert_eq!(config.cloudamqp_apikey.expose_secret(), "0012345");
    assert_eq!(config.http.bind.port(), 8080);
    Ok(())
}

/// A fault in a nested struct or a map keeps the last good of its own config vars, and no others.
#[test]
fn faults_of_nested_structs_hold_back_no_other_roll() {
    #[derive(Debug, Deserialize)]
    struct App {
        http: Http,
        database: Database,
        shards: BTreeMap<String, MysqlUrl>,
        mail: Option<Sender>,
    }
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Raw")]
    struct Sender(String);
    #[derive(Deserialize)]
    struct Raw {
        from: String,
        to: String,
    }
    impl TryFrom<Raw> for Sender {
        type Error = &'static str;
        fn try_from(raw: Raw) -> Result<Self, &'static str> {
            match raw.from == raw.to {
                true => Err("the sender is the recipient"),
                false => Ok(Self(raw.from)),
            }
        }
    }
    let good = [
        ("HTTP_BIND", "127.0.0.1:1"),
        ("HTTP_TIME_OUT", "30s"),
        ("DATABASE_URL", "mysql://u:one@db.example/shop"),
        ("SHARDS_A", "mysql://a.example/shop"),
        ("MAIL_FROM", "a"),
        ("MAIL_TO", "b"),
    ];
    let vars = Arc::new(Mutex::new(good.to_vec()));
    let source = vars.clone();
    let live: Live<App> =
        Live::new(move || Ok(ConfigVars::from_iter(source.lock().unwrap().iter().copied()))).unwrap();
    for (change, stale) in [
        (("HTTP_TIME_OUT", "30"), "HTTP_TIME_OUT"),
        (("SHARDS_A", ""), "SHARDS_"),
        (("SHARDS_A", "s3cret"), "SHARDS_A"),
        (("MAIL_TO", "a"), "MAIL_"),
        (("HTTP_BIND", ""), "HTTP_BIND"),
    ] {
        let mut rolled = good.to_vec();
        rolled.retain(|(name, _)| *name != change.0 && *name != "DATABASE_URL");
        let password = format!("mysql://u:{stale}@db.example/shop");
        rolled.extend([change, ("DATABASE_URL", &*password.leak())]);
        *vars.lock().unwrap() = rolled;
        live.reload().unwrap();
        let app = live.load();
        let shown = format!("{:?}", live.status());
        assert_eq!(
            app.database
                .url
                .password()
                .map(|password| password.expose_secret()),
            Some(stale),
            "{shown}"
        );
        assert_eq!(app.http.time_out, Some(Duration::from_secs(30)), "{shown}");
        assert_eq!(app.http.bind.port(), 1);
        assert_eq!(app.shards["a"].host(), Some("a.example"));
        assert_eq!(app.mail.as_ref().map(|mail| mail.0.as_str()), Some("a"));
        assert!(!live.status().is_fresh() && shown.contains(stale), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

#[test]
fn config_var_at_which_its_type_panics_holds_back_no_other_roll() {
    #[derive(Debug, Deserialize)]
    struct App {
        initial: Initial,
        redis_url: RedisUrl,
    }
    #[derive(Debug, Deserialize)]
    #[serde(from = "String")]
    struct Initial(char);
    impl From<String> for Initial {
        fn from(text: String) -> Self {
            Self(text.strip_prefix("name:").unwrap().chars().next().unwrap())
        }
    }
    let vars = Arc::new(Mutex::new([
        ("INITIAL", "name:a"),
        ("REDIS_URL", "redis://:one@h"),
    ]));
    let source = vars.clone();
    let live: Live<App> = Live::new(move || Ok(ConfigVars::from_iter(*source.lock().unwrap()))).unwrap();
    *vars.lock().unwrap() = [("INITIAL", "s3cret"), ("REDIS_URL", "redis://:two@h")];
    live.reload().unwrap();
    let app = live.load();
    assert_eq!(
        (app.initial.0, app.redis_url.expose_original()),
        ('a', "redis://:two@h")
    );
    let shown = live.status().to_string();
    assert!(shown.contains("INITIAL") && !shown.contains("REDIS"), "{shown}");
}

/// No piece of any value is in an error, whatever the type that it is malformed for.
#[test]
fn errors_contain_no_piece_of_a_value() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct All {
        number: Inner<u16>,
        duration: Inner<Duration>,
        address: Inner<SocketAddr>,
        nonzero: Inner<std::num::NonZeroU8>,
        list: Inner<Vec<i64>>,
        pair: Inner<(u8, char)>,
        url: Inner<MysqlUrl>,
        on: Inner<bool>,
        map: HashMap<String, f64>,
        #[serde(deserialize_with = "deserialize_flat")]
        flat: Option<Numbers>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Inner<T> {
        value: T,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Numbers {
        one: u8,
        two: Option<i8>,
    }
    let canary = "Zq7Xw9Kv3Jh5";
    for value in [
        canary.to_owned(),
        format!("30{canary}"),
        format!("{canary}s"),
        format!("1,{canary}"),
        format!("mysql://u:{canary}@{canary}@h:{canary}/{canary}"),
        format!("\"{canary}\""),
        format!("[{canary}]"),
        format!(" {canary} "),
        format!("${{{canary}}}"),
    ] {
        let names = [
            "NUMBER_VALUE",
            "DURATION_VALUE",
            "ADDRESS_VALUE",
            "NONZERO_VALUE",
            "LIST_VALUE",
            "PAIR_VALUE",
        ];
        let names = names
            .into_iter()
            .chain(["URL_VALUE", "ON_VALUE", "MAP_A", "MAP_B", "ONE", "TWO"]);
        let vars = ConfigVars::from_iter(names.map(|name| (name, value.as_str())));
        let error = vars.extract::<All>().unwrap_err();
        assert_eq!(error.faults().count(), 12, "{error}");
        let shown = format!("{error} {error:?} {error:#?}");
        for piece in canary.as_bytes().windows(4) {
            let piece = std::str::from_utf8(piece).unwrap();
            assert!(!shown.contains(piece), "{piece}: {shown}");
        }
    }
}
