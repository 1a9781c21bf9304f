//! Config vars as a layer of a `figment` or a `config`: typed, exact, and never in an error of theirs.

#![cfg(feature = "figment")]

use config_vars::{
    ConfigVars, ExposeSecret, MemcacheUrl, MysqlUrl, ResourceUrl, SecretString, VarsProvider,
    deserialize_from_str,
};
use figment::providers::Serialized;
use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Profile, Provider};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt::Debug;
use std::net::IpAddr;

const CANARY: &str = "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4";
const URL: &str = "mysql://Zq7Xw9Kv3Jh5:Gf8Bd2Lp6Mn4@db.example/shop";

#[track_caller]
fn assert_clean(output: &str) {
    for piece in CANARY.as_bytes().windows(4) {
        let piece = std::str::from_utf8(piece).unwrap();
        assert!(!output.contains(piece), "{piece}: {output}");
    }
}

/// One config var as a layer, and as a field of type `T`, by both crates. The message, if it is none.
fn field<T: DeserializeOwned>(value: &str) -> Result<T, String> {
    let provider = ConfigVars::from_iter([("FIELD", value)])
        .provider()
        .select(["FIELD"]);
    let figment = Figment::from(&provider);
    assert_clean(&format!("{figment:?} {provider:?} {:?}", figment.data()));
    let config = config::Config::try_from(&provider).unwrap();
    assert_clean(&format!("{config:?}"));
    let from_config = config.get::<T>("field");
    let from_figment = figment
        .extract_inner_lossy::<T>("field")
        .and(figment.extract_inner::<T>("field"));
    if let Err(error) = &from_figment {
        assert_clean(&format!("{error} {error:?} {error:#?}"));
    }
    if let Err(error) = &from_config {
        assert_clean(&format!("{error} {error:?} {error:#?}"));
    }
    assert_eq!(from_figment.is_ok(), from_config.is_ok());
    from_figment.map_err(|error| error.to_string())
}

/// A field with `deserialize_from_str`.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Read<T>(#[serde(deserialize_with = "deserialize_from_str")] T);

#[derive(Debug, Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    redis_url: Option<ResourceUrl>,
    http_url: Option<ResourceUrl>,
    #[serde(deserialize_with = "deserialize_from_str")]
    sendgrid_api_key: SecretString,
    #[serde(default, deserialize_with = "deserialize_from_str")]
    cloudamqp_apikey: Option<SecretString>,
    #[serde(default, deserialize_with = "deserialize_from_str")]
    sentry_key: Option<SecretString>,
    #[serde(deserialize_with = "deserialize_from_str")]
    port: u16,
    #[serde(deserialize_with = "deserialize_from_str")]
    is_debug: bool,
    app_name: String,
}

fn vars() -> ConfigVars {
    ConfigVars::from_iter([
        ("JAWSDB_URL", URL),
        ("REDIS_URL", "redis://:pw@cache.example"),
        ("HTTP_URL", ""),
        ("SENDGRID_API_KEY", "0012345"),
        ("SENTRY_KEY", "1e5"),
        ("PORT", "8080"),
        ("IS_DEBUG", "yes"),
        ("APP_NAME", "0012"),
    ])
}

#[track_caller]
fn assert_arrived(config: &Config) {
    assert_eq!(config.jawsdb_url.expose_url(), URL);
    assert_eq!(
        config.redis_url.as_ref().and_then(|url| url.host()),
        Some("cache.example")
    );
    assert!(config.http_url.is_none());
    assert_eq!(config.sendgrid_api_key.expose_secret(), "0012345");
    assert!(config.cloudamqp_apikey.is_none());
    assert_eq!(
        config.sentry_key.as_ref().map(|key| key.expose_secret()),
        Some("1e5")
    );
    assert_eq!(config.port, 8080);
    assert!(config.is_debug);
    assert_eq!(config.app_name, "0012");
}

#[test]
fn a_struct_is_read_by_either_crate() {
    let provider = vars()
        .provider()
        .also(["SENTRY_KEY", "IS_DEBUG"])
        .plain(["APP_NAME", "PORT"]);
    let figment = Figment::from(&provider);
    assert_arrived(&figment.extract().unwrap());
    let config = config::Config::builder()
        .add_source(config::Config::try_from(&provider).unwrap())
        .build()
        .unwrap();
    assert_arrived(&config.try_deserialize().unwrap());
}

#[test]
fn what_is_declared_for_a_figment_can_be_extracted_as_well() {
    assert_arrived(&vars().extract().unwrap());
}

#[test]
fn values_arrive_exactly() {
    for text in [
        "0012345",
        "true",
        "1e5",
        "[a, b]",
        "{a=1}",
        "\"quoted\"",
        " a ",
        "NaN",
        "-0",
        "é",
        CANARY,
    ] {
        let secret: Read<SecretString> = field(text).unwrap();
        assert_eq!(secret.0.expose_secret(), text);
        assert_eq!(field::<Read<String>>(text).unwrap().0, text);
        let vars = ConfigVars::from_iter([("FIELD", text)]);
        let plain = Figment::from(vars.provider().plain(["FIELD"]));
        match text {
            "true" => assert!(plain.extract_inner::<bool>("field").unwrap()),
            _ => assert_eq!(plain.extract_inner::<String>("field").unwrap(), text),
        }
    }
    assert_eq!(field::<Read<Vec<String>>>("a, 01").unwrap().0, ["a", "01"]);
    assert_eq!(field::<Read<MysqlUrl>>(URL).unwrap().0.expose_url(), URL);
    assert_eq!(field::<ResourceUrl>(URL).unwrap().expose_url(), URL);
}

#[test]
fn a_field_that_reads_no_handles_is_an_error_without_the_value() {
    #[track_caller]
    fn check<T: DeserializeOwned + Debug>() {
        for value in [URL, CANARY, "Zq7Xw9Kv3Jh5://"] {
            assert!(field::<T>(value).is_err());
        }
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[allow(dead_code, reason = "nothing is ever read into it")]
    enum Level {
        Info,
        Debug,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "nothing is ever read into it")]
    struct Inner {
        a: u8,
    }
    check::<u16>();
    check::<i64>();
    check::<f64>();
    check::<bool>();
    check::<char>();
    check::<String>();
    check::<SecretString>();
    check::<Option<String>>();
    check::<Vec<String>>();
    check::<(u8, u8)>();
    check::<IpAddr>();
    check::<Level>();
    check::<Inner>();
    check::<()>();
    check::<HashMap<String, u16>>();
    check::<Read<u16>>();
    check::<Read<bool>>();
    check::<Read<char>>();
    check::<Read<IpAddr>>();
    check::<Read<Level>>();
    check::<Read<Inner>>();
    check::<Read<Vec<u8>>>();
    check::<Read<Option<u64>>>();
    check::<Read<HashMap<String, String>>>();
    assert_eq!(
        field::<u16>(URL).unwrap_err(),
        "invalid type: found map, expected u16 for key \"FIELD\" in config vars",
    );
    // As a map, only the handle can be read.
    for map in field::<HashMap<String, String>>(URL).iter() {
        assert_clean(&format!("{map:?}"));
    }
}

#[test]
fn faults_are_told_in_this_crates_words() {
    let of = |value: &str| field::<MysqlUrl>(value).unwrap_err();
    assert_eq!(
        of("mysql://app:Zq7Xw9Kv#3Jh5@db.example/shop"),
        "FIELD: the password holds an unencoded `#`; write `%23` for key \"FIELD\" in config vars",
    );
    assert_eq!(
        of("postgres://app:Zq7Xw9Kv@db.example/shop"),
        "FIELD: the value is a postgres URL, expected mysql for key \"FIELD\" in config vars",
    );
    assert!(of(CANARY).starts_with("FIELD: the value has no scheme"));
    assert_eq!(
        field::<Read<u16>>(CANARY).unwrap_err(),
        "FIELD: is not a number that fits; write a whole number from 0 to 65535 for key \"FIELD\" in config vars",
    );
    let error = Figment::from(ConfigVars::default().provider()).extract::<Config>();
    assert_eq!(error.unwrap_err().to_string(), "missing field `jawsdb_url`");
}

#[cfg(unix)]
#[test]
fn what_is_not_unicode_is_told_when_it_is_read() {
    use std::os::unix::ffi::OsStringExt;
    let value = std::ffi::OsString::from_vec(b"Zq7X\xff".to_vec());
    let figment = Figment::from(
        ConfigVars::from_iter([("A_URL", value)])
            .provider()
            .plain(["A_URL"]),
    );
    let error = figment
        .extract_inner::<ResourceUrl>("a_url")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("A_URL: the value is not valid UTF-8"),
        "{error}"
    );
    assert_clean(&error);
}

#[test]
fn several_vars_that_make_one_resource_arrive_as_one() {
    let vars = ConfigVars::from_iter([
        ("MEMCACHIER_SERVERS", "mc1.example:11211,mc2.example:11211"),
        ("MEMCACHIER_USERNAME", "app"),
        ("MEMCACHIER_PASSWORD", "p#w"),
    ]);
    let figment = Figment::from(vars.provider());
    let cache: MemcacheUrl = figment.extract_inner("memcachier_servers").unwrap();
    assert_eq!(cache.servers().count(), 2);
    assert_eq!(
        cache.password().map(|password| password.expose_secret()),
        Some("p#w")
    );
}

#[test]
fn layers_take_each_others_place() {
    let defaults = Serialized::defaults(HashMap::from([
        ("jawsdb_url", Value::from("mysql://a:b@default.example/shop")),
        ("redis_url", Value::from("redis://default.example")),
        ("http_url", Value::from("https://default.example")),
        ("sendgrid_api_key", Value::from("default")),
        ("cloudamqp_apikey", Value::from("default")),
        ("port", Value::from(80)),
        ("is_debug", Value::from(false)),
        ("app_name", Value::from("default")),
    ]));
    // An empty config var is as good as none.
    let below: Config = Figment::from(&defaults)
        .merge(vars().provider().also(["IS_DEBUG"]).plain(["APP_NAME", "PORT"]))
        .extract()
        .unwrap();
    assert_eq!(below.jawsdb_url.expose_url(), URL);
    assert_eq!(below.http_url.unwrap().host(), Some("default.example"));
    assert_eq!(below.cloudamqp_apikey.unwrap().expose_secret(), "default");
    assert_eq!(
        (below.port, below.is_debug, &*below.app_name),
        (8080, true, "0012")
    );
    let above: Config = Figment::from(vars().provider())
        .merge(&defaults)
        .extract()
        .unwrap();
    assert_eq!(above.jawsdb_url.host(), Some("default.example"));
    assert_eq!(
        (above.port, above.is_debug, &*above.app_name),
        (80, false, "default")
    );
    // A handle takes another one's place.
    let other = ConfigVars::from_iter([("JAWSDB_URL", "mysql://a:b@other.example/shop")]);
    let figment = Figment::from(vars().provider()).merge(other.provider());
    let url: MysqlUrl = figment.extract_inner("jawsdb_url").unwrap();
    assert_eq!(url.host(), Some("other.example"));
}

#[test]
fn other_layers_are_not_quoted_by_from_var() {
    let of = |value: Value| {
        let figment = Figment::from(Serialized::default("field", value));
        let error = figment.extract_inner::<Read<SecretString>>("field").unwrap_err();
        error.to_string()
    };
    for value in [
        Value::from(47_114_711),
        Value::from(-4711.4711),
        Value::from(vec![4711]),
        Value::from(i128::MAX),
        Value::from(Dict::from([("4711".into(), Value::from("4711"))])),
        Value::from(Dict::from([("config_var_handle".into(), Value::from(4711))])),
        Value::from(Dict::from([(
            "config_var_handle".into(),
            Value::from("4711 4711"),
        )])),
    ] {
        let message = of(value.clone());
        assert!(
            !message.contains("4711") && !message.contains("17014"),
            "{message}"
        );
    }
    let list = Figment::from(Serialized::default("field", [47_114_711]));
    let error = list.extract_inner::<Read<Vec<String>>>("field").unwrap_err();
    assert!(!error.to_string().contains("4711"), "{error}");
    let list = Figment::from(Serialized::default("field", ["a", "b"]));
    assert_eq!(
        list.extract_inner::<Read<Vec<String>>>("field").unwrap().0,
        ["a", "b"]
    );
}

#[test]
fn a_figment_keeps_the_snapshot_and_a_handle_alone_does_not() {
    let figment = Figment::new().merge(Figment::from(vars().provider()));
    let value = figment.find_value("jawsdb_url").unwrap();
    // Others come and go.
    drop((vars().provider(), vars().provider()));
    let copy = figment.clone();
    drop(figment);
    assert!(copy.extract_inner::<MysqlUrl>("jawsdb_url").is_ok());
    assert!(value.deserialize::<MysqlUrl>().is_ok());
    drop(copy);
    assert!(value.deserialize::<MysqlUrl>().unwrap_err().to_string().starts_with(
        "the value is the handle of a config var whose provider is gone; keep the provider until this is read",
    ));
}

#[test]
fn a_handle_cannot_be_made_up() {
    let kept = vars().provider();
    for handle in [
        "JAWSDB_URL",
        " JAWSDB_URL",
        "0 JAWSDB_URL",
        "00000000000000000000000000000000 JAWSDB_URL",
    ] {
        let json = serde_json::json!({ "config_var_handle": handle }).to_string();
        let error = serde_json::from_str::<MysqlUrl>(&json).unwrap_err().to_string();
        assert!(!error.contains("JAWSDB"), "{error}");
    }
    let genuine = serde_json::to_value(&kept).unwrap();
    let url: MysqlUrl = serde_json::from_value(genuine["jawsdb_url"].clone()).unwrap();
    assert_eq!(url.expose_url(), URL);
    let other_key = serde_json::json!({ "other": genuine["jawsdb_url"]["config_var_handle"] });
    assert!(serde_json::from_value::<MysqlUrl>(other_key).is_err());
    assert_ne!(genuine, serde_json::to_value(vars().provider()).unwrap());
}

#[test]
fn names_are_chosen_and_odd_ones_left_out() {
    let vars = ConfigVars::from_iter([
        ("A", "1"),
        ("B", "2"),
        ("_", "3"),
        ("2C", "4"),
        ("F%%", "5"),
        ("x.y", "6"),
        ("Mixed-Case", "7"),
    ]);
    let keys = |provider: &VarsProvider| {
        let data = provider.data().unwrap();
        data[&Profile::Default].keys().cloned().collect::<Vec<_>>()
    };
    let all = ["A", "B", "_", "2C", "F%%", "x.y", "Mixed-Case"];
    assert!(vars.provider().data().unwrap()[&Profile::Default].is_empty());
    assert_eq!(
        keys(&vars.provider().select(all)),
        ["2c", "_", "a", "b", "mixed-case"]
    );
    assert_eq!(
        keys(&vars.provider().plain(all)),
        ["2c", "_", "a", "b", "mixed-case"]
    );
    assert_eq!(keys(&vars.provider().select(["B", "C"])), ["b"]);
    assert_eq!(keys(&vars.provider().also(["B"]).plain(["A"])), ["a", "b"]);
    assert_eq!(
        format!("{:?}", vars.provider().select(["B"])),
        r#"VarsProvider {"B"}"#
    );
    let metadata: Metadata = vars.provider().metadata();
    assert_eq!(metadata.name, "config vars");
    // `config` reads keys as paths; these are none.
    let config = config::Config::try_from(&vars.provider().select(["A"])).unwrap();
    assert!(config.get_table("a").is_ok());
    assert!(config::Config::try_from(&ConfigVars::from_env().provider()).is_ok());
}

#[test]
fn threads_can_share_it() {
    std::thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                for turn in 0..50 {
                    let text = format!("{number}-{turn}");
                    let figment = Figment::from(
                        ConfigVars::from_iter([("FIELD", &*text)])
                            .provider()
                            .also(["FIELD"]),
                    );
                    assert_eq!(figment.extract_inner::<Read<String>>("field").unwrap().0, text);
                }
            });
        }
    });
}

/// A platform sets add-ons, and variables under the names of other layers' fields.
#[test]
fn layer_has_attachments_as_handles_and_nothing_else_by_default() {
    let vars = ConfigVars::from_iter([
        ("MONGODB_URI", "mongodb://app:pw@db.example/shop"),
        ("SENDGRID_API_KEY", "0012345"),
        ("MEMCACHIER_SERVERS", "mc1.example:11211"),
        ("MEMCACHIER_USERNAME", "app"),
        ("MEMCACHIER_PASSWORD", "pw"),
        ("REDIS_URL", "cache.example"),
        ("PORT", "8080"),
        ("ADDRESS", "0.0.0.0"),
        ("SECRET_KEY", "hPRYyVRiMyxpw5sBB1XeCMN1kFsDCqKvBi2QJxBVHQk="),
        ("APP_URL", "https://shop.example"),
        ("DYNO", "web.1"),
        ("PATH", "/app/bin"),
        ("LOG_LEVEL", "normal"),
        ("WORKERS", ""),
    ]);
    let provider = vars.provider();
    assert_eq!(
        format!("{provider:?}"),
        "VarsProvider {\"MEMCACHIER_PASSWORD\", \"MEMCACHIER_SERVERS\", \"MEMCACHIER_USERNAME\", \
         \"MONGODB_URI\", \"REDIS_URL\", \"SENDGRID_API_KEY\"}"
    );
    let figment = Figment::from(&provider);
    assert!(figment.extract_inner::<MysqlUrl>("redis_url").is_err());
    let plain = Figment::from(provider.plain(["PORT", "ADDRESS", "SECRET_KEY", "WORKERS"]));
    assert_eq!(plain.extract_inner::<u16>("port").unwrap(), 8080);
    assert_eq!(
        plain.extract_inner::<IpAddr>("address").unwrap().to_string(),
        "0.0.0.0"
    );
    assert!(plain.extract_inner::<String>("secret_key").is_ok());
    assert!(plain.find_value("workers").is_err() && plain.find_value("dyno").is_err());
}

#[test]
fn plain_values_become_bools_and_numbers_only_in_their_usual_form() {
    let vars = |value: &str| {
        ConfigVars::from_iter([("FIELD", value)])
            .provider()
            .plain(["FIELD"])
    };
    let value = |text: &str| Figment::from(vars(text)).find_value("field").unwrap();
    for text in ["0", "8080", "-5", "18446744073709551615", "-9223372036854775808"] {
        let signed = value(text).deserialize::<i64>().ok();
        let unsigned = value(text).deserialize::<u64>().ok();
        let number = signed.map(i128::from).or(unsigned.map(i128::from));
        assert_eq!(number.unwrap().to_string(), text);
    }
    assert_eq!(value("0.5").deserialize::<f64>().unwrap(), 0.5);
    assert_eq!(
        (value("true").to_bool(), value("false").to_bool()),
        (Some(true), Some(false))
    );
    for text in [
        "0012",
        "+1",
        "-0",
        " 1",
        "1e5",
        "NaN",
        "inf",
        "True",
        "1_000",
        "0x10",
        "18446744073709551616",
        ".5",
        "[1]",
    ] {
        assert_eq!(value(text).as_str(), Some(text));
    }
}
