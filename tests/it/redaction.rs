//! The canary suite: one secret in every place, well-formed and malformed, through everything that can print.

use crate::fuzz_properties::{self as properties, all_output};
use config_vars::{ConfigVars, Error, HttpUrl, MemcacheUrl, MongoUrl, MysqlUrl, ResourceUrl};
use serde::Deserialize;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

const CANARY: &str = "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws";

/// Every place that a secret can stand in; `{}` stands for it.
const PLACES: &[&str] = &[
    "mysql://app:{}@db.example:3306/shop?x=1",
    "mysql://{}:pw@db.example/shop",
    "mysql://{}@db.example/shop",
    "mysql://db.example/shop?{}",
    "mysql://db.example/shop?password={}",
    "mongodb://app:{}@db1.example,db2.example/shop?w=1",
    "mongodb+srv://app:{}@db.example/?tls=true",
    "mongodb://{}:pw@db.example/shop",
    "mongodb://db.example/shop?{}=1",
    "mongodb://db.example/shop?tlsCertificateKeyFilePassword={}",
    "mongodb://db.example/shop?tls={}&w=1&w=2",
    "memcache://app:{}@mc1.example,mc2.example",
    "memcache://u1:{}@mc1.example,u2:p2@mc2.example",
    "memcache://u1:p1@mc1.example,{}:p2@mc2.example",
    "http://newrelic.com/accounts/{}",
    "https://{}@api.example/1",
    "https://app:{}@api.example",
    "https://api.example/a?token={}",
    "https://api.example/a?{}",
    "https://api.example/a#{}",
    "https://api.example/@{}/a@b",
    "postgres://app:{}@db1.example,db2.example:1/shop",
    "redis://:{}@cache.example/0",
    "rediss://app:{}@cache.example",
    "amqp://app:{}@mq.example/v",
    "amqps://{}:pw@mq.example",
    "kafka://app:{}@b1.example,b2.example",
    "unknown://app:{}@host.example/v",
    "unknown://host.example/{}",
    "jdbc:mysql://app:{}@db.example/shop",
    "jdbc:mysql://db.example/shop?user=app&password={}",
    "jdbc:postgresql://db.example/shop?user={}&password=pw",
    // Glued to a socket's path.
    "postgres:///shop?host=/run/pg;password={}",
    "postgres:///shop?host=db.example,/run/pg;password={}",
    "postgres:///shop?host=/run/pg;password={},db.example&port=1,2,3",
    "mysql://db.example/shop?socket=/run/m.sock;password={}",
    // Where a mistake puts it.
    "mysql://app:pw@db.example/a/{}",
    "mongodb://db.example/a${}",
    "memcache://mc.example/{}",
    "mysql:app:{}@db.example/shop",
    "mysql//app:{}@db.example/shop",
    "app:{}@db.example/shop",
    "{}@db.example/shop",
    "{}",
    "${}",
    "<{}>",
    "\"mysql://app:{}@db.example\"",
    " mysql://app:{}@db.example",
    "mysql://app:{}@db.example\n",
];

/// The place of a host, which is public in a well-formed URL, and must not be shown in a malformed one.
const HOST_PLACES: &[&str] = &[
    "mysql://app:pw@{}:x/shop",
    "mysql://app:pw@{}!/shop",
    "mysql://app:pw@{}]/shop",
    "mysql://app:pw@[{}]/shop",
    "mysql://app:pw@db.example:{}/shop",
    "mongodb://db.example,{},/shop",
    "{}:3306/shop",
    // A host and a port where the credentials should be.
    "redis://cache.example:6379@{}",
    "mysql://db.example:3306@{}:3306/shop",
    // Paths that are no names of databases.
    "redis://cache.example/{}",
    "nats://nats.example/{}",
    "libsql://db.example/{}",
    "mqtt://mqtt.example/{}",
];

/// Text within, before or after the secret: each raw delimiter, and text that changes how it is read.
const DELIMITERS: &[&str] = &[
    "",
    "#",
    "/",
    "?",
    "@",
    ":",
    "%",
    "[",
    "]",
    "\\",
    " ",
    "\n",
    "\t",
    "\0",
    ",",
    "&",
    "=",
    "+",
    "%40",
    "%zz",
    "://",
    "12/",
    "12?",
    "12#",
    "?appName=",
    "/?w=",
    "@x/",
    "@x,",
    ",u:",
];

fn secrets() -> impl Iterator<Item = String> {
    DELIMITERS.iter().flat_map(|delimiter| {
        let (start, end) = CANARY.split_at(16);
        [
            format!("{delimiter}{CANARY}"),
            format!("{start}{delimiter}{end}"),
            format!("{CANARY}{delimiter}"),
        ]
    })
}

#[track_caller]
fn assert_no_piece(output: &str, text: &str) {
    let pieces = (0..=CANARY.len() - 4).map(|start| &CANARY[start..start + 4]);
    let found = properties::pieces_in(output, pieces);
    assert!(found.is_empty(), "{found:?} of {text:?} is in:\n{output}");
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let found = |output: &str| catch_unwind(|| assert_no_piece(output, "")).is_err();
    assert!(found("…Zq7X…") && found("…c0Ws") && found(CANARY));
    assert!(!found("…Zq7…"));
}

#[test]
fn glued_parameters_and_tokens_are_not_shown() {
    for delimiter in ["", ":", ",", "%3D"] {
        properties::no_leak_with_any_scheme(&format!("{CANARY}{delimiter}{CANARY}"));
    }
}

#[test]
fn no_output_holds_a_piece() {
    for place in PLACES {
        for secret in secrets() {
            // A bare secret with `://` in it is a URL of another scheme, and that scheme is public.
            if place.starts_with("{}") && secret.contains("://") {
                continue;
            }
            let text = place.replacen("{}", &secret, 1);
            assert_no_piece(&all_output(&text), &text);
        }
    }
    for place in HOST_PLACES {
        let text = place.replacen("{}", CANARY, 1);
        assert_no_piece(&all_output(&text), &text);
    }
}

#[test]
fn no_panic_holds_a_piece() {
    fn message(action: impl FnOnce()) -> String {
        match catch_unwind(AssertUnwindSafe(action)) {
            Ok(()) => String::new(),
            Err(payload) => *payload.downcast::<String>().expect("unwrap panics with a String"),
        }
    }
    let mut panics = 0;
    for place in PLACES {
        let text = place.replacen("{}", CANARY, 1);
        let vars = ConfigVars::from_iter([("A_URL", text.as_str()), ("MEMCACHE_SERVERS", "h:x")]);
        let messages = [
            message(|| drop(text.parse::<ResourceUrl>().unwrap())),
            message(|| drop(text.parse::<MysqlUrl>().unwrap())),
            message(|| drop(text.parse::<MongoUrl>().expect("a URL"))),
            message(|| drop(vars.url::<MemcacheUrl>("A_URL").unwrap())),
            message(|| drop(vars.url::<HttpUrl>("A_URL").unwrap())),
            message(|| drop(vars.only::<MysqlUrl>().unwrap())),
            message(|| drop(vars.url::<ResourceUrl>("A_URL").unwrap_err())),
            message(|| _ = vars.attachments().next().unwrap().url().unwrap().unwrap_err()),
        ];
        for message in messages {
            panics += usize::from(!message.is_empty());
            assert_no_piece(&message, &text);
        }
    }
    assert!(panics > 5 * PLACES.len(), "only {panics} panics were looked at");
}

#[test]
fn no_serde_error_holds_a_piece() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its errors are looked at")]
    struct Config<T> {
        url: T,
    }
    fn errors<T: serde::de::DeserializeOwned + Debug>(json: &str) -> String {
        let one = serde_json::from_str::<Config<T>>(&format!("{{\"url\":{json}}}"));
        let optional = serde_json::from_str::<Config<Option<T>>>(&format!("{{\"url\":{json}}}"));
        let value = serde_json::from_str(json).map(serde_json::from_value::<T>);
        format!("{one:?} {optional:?} {value:?}")
    }
    let strings = PLACES.iter().map(|place| place.replacen("{}", CANARY, 1));
    let strings = strings.map(|text| serde_json::to_string(&text).unwrap());
    let quoted = serde_json::to_string(CANARY).unwrap();
    let others = [
        format!("[{quoted}]"),
        format!("{{{quoted}:{quoted}}}"),
        format!("[{{{quoted}:[{quoted}]}}]"),
    ];
    for json in strings.chain(others) {
        let output = [
            errors::<ResourceUrl>(&json),
            errors::<MysqlUrl>(&json),
            errors::<MongoUrl>(&json),
            errors::<MemcacheUrl>(&json),
            errors::<HttpUrl>(&json),
        ]
        .concat();
        assert_no_piece(&output, &json);
    }
    for number in [
        "7291746382",
        "-7291746382",
        "7291.746382",
        "72917463827291746382729174638272917463",
    ] {
        let output = errors::<MysqlUrl>(number);
        assert!(
            output.contains("the value must be text that holds a resource URL"),
            "{output}"
        );
        assert!(!output.contains("7291"), "{output}");
    }
    for other in ["true", "null"] {
        assert!(errors::<MysqlUrl>(other).contains("must be text"), "{other}");
    }
}

#[test]
fn what_debug_shows() {
    fn shown<T: std::str::FromStr<Err = Error> + Debug>(text: &str) -> String {
        format!("{:?}", text.parse::<T>().unwrap())
    }
    assert_eq!(
        shown::<MysqlUrl>("mysql://app:pw@[::1]:3307/shop?a=b"),
        "MysqlUrl { kind: Mysql, scheme: \"mysql\", username: [redacted], password: [redacted], hosts: [[::1]:3307], \
         database: \"shop\", query: [redacted], .. }"
    );
    assert_eq!(
        shown::<HttpUrl>("https://api.example/a#f"),
        "HttpUrl { kind: Http, scheme: \"https\", hosts: [api.example], path: [redacted], fragment: [redacted], .. }"
    );
    // A database that is named after the user; a host that may be a token.
    assert_eq!(
        shown::<ResourceUrl>("amqp://app:pw@mq.example/app"),
        "ResourceUrl { kind: Amqp, scheme: \"amqp\", username: [redacted], password: [redacted], hosts: [mq.example], \
         path: [redacted], .. }"
    );
    assert_eq!(
        shown::<ResourceUrl>("unknown://token/x"),
        "ResourceUrl { kind: Other, scheme: \"unknown\", hosts: [[redacted]], path: [redacted], .. }"
    );
    // A scheme that may be the start of a password.
    for text in [
        "hunter2secret://x",
        "PassWord://x",
        "jdbc:hunter2://x",
        "abcdefghijklmnopq://x",
    ] {
        assert_eq!(
            shown::<ResourceUrl>(text),
            "ResourceUrl { kind: Other, scheme: [redacted], hosts: [[redacted]], .. }",
            "{text}"
        );
    }
    for text in [
        "s3://x",
        "neo4j+s://x",
        "jdbc:h2://x",
        "bolt+ssc://x",
        "omnisci://x",
    ] {
        assert!(shown::<ResourceUrl>(text).contains("scheme: \""), "{text}");
    }
    // Hosts that may be a piece of a password.
    assert_eq!(
        shown::<HttpUrl>("https://app:12/34@api.example"),
        "HttpUrl { kind: Http, scheme: \"https\", hosts: [[redacted]], path: [redacted], .. }"
    );
    assert_eq!(
        shown::<MemcacheUrl>("memcache://u:p@a,u:p@b"),
        "MemcacheUrl { kind: Memcache, scheme: \"memcache\", username: [redacted], password: [redacted], \
         hosts: [[redacted], [redacted]], .. }"
    );
    // A doubt about one of them is a doubt about all.
    assert_eq!(
        shown::<ResourceUrl>("postgres:///shop?host=db.example,/run/pg;password=a,b"),
        "ResourceUrl { kind: Postgres, scheme: \"postgres\", hosts: [[redacted], [redacted], [redacted]], \
         path: [redacted], query: [redacted], .. }"
    );
    assert!(shown::<ResourceUrl>("unknown://eyJ.,223455.sig").contains("hosts: [[redacted], [redacted]]"));
    assert!(shown::<ResourceUrl>("nats://a.example,b.example").contains("hosts: [a.example, b.example]"));
    let vars = ConfigVars::from_iter([
        ("A_URL", "redis://:p@h:1"),
        ("A_TOKEN", "t"),
        ("B_URL", "redis://:p p@h"),
    ]);
    let attachments: Vec<_> = vars.attachments().collect();
    assert_eq!(
        format!("{attachments:?}"),
        "[Attachment { name: \"A\", url: ResourceUrl { kind: Redis, scheme: \"redis\", username: [redacted], \
         password: [redacted], hosts: [h:1], .. }, vars: [\"A_TOKEN\", \"A_URL\"] }, \
         Attachment { name: \"B\", url: Error(\"B_URL: the password holds an unencoded space; write `%20`\"), \
         vars: [\"B_URL\"] }]"
    );
}

/// Values that were passed where a name is expected. No config var has such a name.
const MISTAKEN_NAMES: &[&str] = &[
    "postgres://app:Zq7Xw9Kv3Jh5@db.example/shop",
    "postgres://app:Zq7Xw9Kv3Jh5@db.example/shop?sslmode",
    "app:Zq7Xw9Kv3Jh5@db.example",
    "Zq7Xw9Kv3Jh5@api.example",
    "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws",
    "zq7xw9kv3jh5gf8bd2lp6mn4rt1yc0ws",
    "01234567-Zq7X-cdef-0123-456789abcdef",
    "b1234567-Zq7X-cdef-0123-456789abcdef",
    "Zq7Xw9Kv correct horse",
    "DB_PASSWORD=Zq7Xw9Kv3Jh5",
    "SG.Zq7Xw9KvQYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
    "sk_live_Zq7X9HqLyjWDarjtT1zdp7dc",
    "Zq7Xw9Kv/Jh+Gf==",
    "-----BEGIN Zq7X KEY-----\nMIIZq7X\n-----END Zq7X KEY-----",
    "{\"password\":\"Zq7X\"}",
    "Zq7Xé",
    "\u{1b}]0;Zq7X\u{7}",
    "QJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQJQZq7X",
];

#[track_caller]
fn assert_no_mistaken_name(output: &str, name: &str) {
    for piece in ["Zq7X", "zq7x"] {
        assert!(!output.contains(piece), "{piece} of {name:?} is in:\n{output}");
    }
}

#[test]
fn value_in_place_of_a_name_is_not_shown() {
    let vars = ConfigVars::from_iter([("A_URL", "mysql://app:pw@db.example/shop")]);
    for name in MISTAKEN_NAMES {
        let malformed = || "redis://h:0".parse::<ResourceUrl>().unwrap_err();
        let errors = [
            vars.require(name).unwrap_err(),
            vars.url::<MysqlUrl>(name).unwrap_err(),
            vars.url::<ResourceUrl>(name).unwrap_err(),
            malformed().for_var(name),
            vars.require(name).unwrap_err().for_var(name),
        ];
        for error in errors {
            let output = format!(
                "{error} {error:?} {error:#?} {:?} {:?}",
                error.var(),
                error.origin()
            );
            assert_no_mistaken_name(&output, name);
        }
        let error = vars.require(name).unwrap_err();
        assert_eq!(error.kind(), config_vars::ErrorKind::Missing);
        assert!(
            error
                .to_string()
                .contains("is not set, and its name is not shown"),
            "{error}"
        );
        // The closure of a live value asks for it, and what is made of that is refused.
        let live = config_vars::Live::builder(|| {
            Ok(ConfigVars::from_iter([(
                "A_URL",
                "mysql://app:pw@db.example/shop",
            )]))
        })
        .retry_timeout(std::time::Duration::ZERO)
        .max_retries(0)
        .build_fn(|vars| Ok((vars.get(name).is_some(), vars.url::<MysqlUrl>("A_URL")?)));
        let live = live.unwrap();
        for _ in 0..3 {
            let result = live.retry_on_blocking(|_: &&str| true, |_| Err::<(), _>("refused"));
            let status = live.status();
            let json = serde_json::to_string(&status).unwrap();
            let shown = format!("{result:?} {status:?} {status} {status:#} {json} {live:?}");
            assert_no_mistaken_name(&shown, name);
        }
    }
    // Text that looks like a name is one.
    for name in [
        "JAWSDB_URL",
        "db-password",
        "dbPassword",
        "tls.crt",
        "_X",
        "DB2_URL",
        "OAUTH2_CLIENT_ID",
        "REDIS_PORT_6379_TCP",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "HEROKU_POSTGRESQL_AMBER_URL",
    ] {
        assert_eq!(vars.require(name).unwrap_err().var(), Some(name));
    }
}

#[test]
fn name_that_exists_and_is_a_value_is_not_shown() {
    const NAMES: [&str; 6] = [
        "postgres://app:Zq7X@db.example/shop",
        "DATABASE_URL:postgres://app:Zq7X@db.example/shop?x_URL",
        "app:Zq7X@db.example_URL",
        "https://Zq7X.example/_PASSWORD",
        "Zq7X@_DSN",
        "mysql://Zq7X_HOST",
    ];
    for name in NAMES {
        let other = format!("{name}_OTHER_URL");
        for value in ["redis://:p w@h", "redis://:pw@h", "", "-----BEGIN X", "${X}"] {
            let vars = ConfigVars::from_iter([(name, value), (other.as_str(), value)]);
            let mut output = format!("{vars:?} {vars:#?}");
            for attachment in vars.attachments() {
                output += &format!("{attachment:?}");
                attachment
                    .aliases()
                    .for_each(|alias| output += &format!("{alias} {alias:?}"));
                attachment
                    .faults()
                    .for_each(|fault| output += &format!("{fault} {fault:?} {:?}", fault.var()));
            }
            for error in [
                vars.require(name).err(),
                vars.url::<MysqlUrl>(name).err(),
                vars.url::<MysqlUrl>("ABSENT").err(),
                vars.only::<ResourceUrl>().err(),
            ] {
                output += &format!(
                    "{error:?} {:?}",
                    error.as_ref().map(|error| error.candidates().collect::<Vec<_>>())
                );
            }
            assert_no_mistaken_name(&output, name);
        }
        assert_no_mistaken_name(&rolled(name), name);
    }
}

/// All that is said of a roll of config vars whose names begin so: changes, states, attachments.
fn rolled(name: &str) -> String {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
    let url = format!("{name}_URL");
    let turn = std::sync::Arc::new(AtomicUsize::new(0));
    let source = {
        let (turn, name, url) = (turn.clone(), name.to_owned(), url.clone());
        move || {
            let value = [
                "redis://:one@h",
                "redis://:two@h",
                "redis://:p w@h",
                "redis://:two@h",
            ][turn.load(SeqCst) % 4];
            match turn.load(SeqCst) {
                4 => Ok(ConfigVars::default()),
                5 => Err(Error::custom("cannot be read")
                    .for_source("https://user:Zq7X@vault.example")
                    .into()),
                turn => Ok(ConfigVars::from_iter([
                    (url.clone(), value.to_owned()),
                    (format!("OTHER_{url}"), value.to_owned()),
                    (format!("{name} X"), turn.to_string()),
                ])
                .with_origin("postgres://app:Zq7X@db.example/config")),
            }
        }
    };
    let live = config_vars::Live::from_vars(source).unwrap();
    let mut changes = live.changes();
    let mut output = String::new();
    for next in 0..6 {
        turn.store(next, SeqCst);
        match live.reload() {
            Ok(change) => {
                output += &format!("{change:?} {change:#?}");
                change
                    .attachments()
                    .for_each(|change| output += &format!("{change:?}"));
                change
                    .stale()
                    .for_each(|stale| output += &format!("{stale} {stale:?}"));
            }
            Err(error) => output += &format!("{error} {error:?} {:?}", error.var()),
        }
        let status = live.status();
        let change = changes.wait(std::time::Duration::ZERO);
        let json = serde_json::to_string(&(&status, &change)).unwrap();
        let lines = status.to_string() + &change.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(!lines.contains('\n'), "{lines}");
        output += &format!("{lines} {status:#} {status:?} {live:?} {json}");
        output.extend(change.map(|change| format!("{change:#} {change:?}")));
        for attachment in live.vars().attachments() {
            output += &format!("{attachment:?}");
            attachment
                .aliases()
                .for_each(|alias| output += &format!("{alias} {alias:?}"));
            attachment
                .faults()
                .for_each(|fault| output += &format!("{fault} {fault:?}"));
        }
    }
    output
}

/// Characters that a terminal obeys, or that nobody sees.
const UNSAFE: &[char] = &[
    '\0',
    '\u{7}',
    '\u{8}',
    '\t',
    '\n',
    '\r',
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{90}',
    '\u{9b}',
    '\u{9d}',
    '\u{a0}',
    '\u{ad}',
    '\u{61c}',
    '\u{115f}',
    '\u{180e}',
    '\u{200b}',
    '\u{200d}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202a}',
    '\u{202d}',
    '\u{202e}',
    '\u{2060}',
    '\u{2066}',
    '\u{2067}',
    '\u{2068}',
    '\u{2069}',
    '\u{206f}',
    '\u{3000}',
    '\u{3164}',
    '\u{fe0f}',
    '\u{feff}',
    '\u{fffb}',
    '\u{e0001}',
    '\u{e0041}',
    '\u{e01ef}',
];

#[test]
fn names_are_escaped_wherever_they_are_shown() {
    for character in UNSAFE {
        for name in [
            format!("X{character}Y"),
            format!("{character}X"),
            format!("X\"{character}\\"),
        ] {
            let output = rolled(&name);
            let raw = UNSAFE
                .iter()
                .find(|character| **character != '\n' && output.contains(**character));
            assert_eq!(raw, None, "{name:?} in:\n{output}");
            // The lines that pretty printing makes are indented or brackets.
            assert!(
                !output.contains("\nY") && !output.contains("\nX"),
                "{name:?} in:\n{output}"
            );
            let origin = Error::custom("cannot be read").for_source(&name);
            let vars = ConfigVars::from_iter([(format!("{name}_URL"), "x")]);
            let output = format!(
                "{origin} {origin:?} {vars:?} {:?}",
                vars.url::<MysqlUrl>(&format!("{name}_URL"))
            );
            assert!(
                !UNSAFE.iter().any(|character| output.contains(*character)),
                "{name:?} in:\n{output}"
            );
            assert!(output.contains("_URL"), "{output}");
        }
    }
}

#[test]
fn origin_is_shown_unless_it_may_hold_credentials() {
    let shown = |origin: &str| Error::custom("cannot be read").for_source(origin).to_string();
    for origin in [
        "/run/config",
        "vault",
        "https://vault.example:8200/v1/shop",
        "/srv/app@2/.env",
        "C: drive",
    ] {
        assert_eq!(shown(origin), format!("{origin}: cannot be read"));
    }
    for origin in [
        "https://app:Zq7X@vault.example",
        "https://vault.example/?token=Zq7X",
        "x://#Zq7X",
    ] {
        assert_eq!(shown(origin), "[redacted]: cannot be read");
    }
}

/// In capitals, a URL loses the characters that tell it from a name.
#[cfg(feature = "cloudfoundry")]
#[test]
fn service_that_is_named_by_a_value_is_refused() {
    let services = |name: &str, key: &str| {
        serde_json::json!({"x": [{"name": name, "credentials": {key: "mysql://u:p w@h", "tls": {key: "x"}}}]})
            .to_string()
    };
    for (name, key) in [
        ("postgres://app:zq7x@db.example", "uri"),
        ("app:zq7x@db.example", "uri"),
        ("https://zq7x", "uri"),
        ("db", "postgres://app:zq7x@db.example"),
        ("db", "zq7x://h"),
    ] {
        let error = ConfigVars::parse_vcap_services(&services(name, key)).unwrap_err();
        assert!(!error.to_string().to_lowercase().contains("zq7x"), "{error}");
    }
    for (name, key) in [("my-db", "uri"), ("db", "@type"), ("db", "jdbc:url")] {
        assert!(
            ConfigVars::parse_vcap_services(&services(name, key)).is_ok(),
            "{name} {key}"
        );
    }
}

#[test]
fn token_in_the_place_of_a_host_is_not_shown() {
    for token in [
        "aB3dE5fG7h",
        "4e5f6a7b-0000-1111-2222-333344445555",
        "0123456789abcdef0123456789abcdef",
    ] {
        for scheme in ["postgres", "redis", "mongodb", "amqp", "https", "nats", "kafka"] {
            for text in [format!("{scheme}://{token}"), format!("{scheme}://{token}:1234")] {
                let url: ResourceUrl = text.parse().unwrap();
                assert!(url.hosts()[0].is_in_doubt(), "{text}");
                assert!(!format!("{url:?}").contains(token), "{text}");
            }
        }
    }
    for host in [
        "dpg-abcdef0123456789-a",
        "SRVSQL01",
        "redis",
        "db1",
        "Db1",
        "aB3dE5fG7h.example",
        "my-release-postgresql-ha-pgpool-0",
    ] {
        let url: ResourceUrl = format!("postgres://{host}/d").parse().unwrap();
        assert!(!url.hosts()[0].is_in_doubt(), "{host}");
    }
    let url: ResourceUrl = "postgres://u:p@aB3dE5fG7h/d".parse().unwrap();
    assert!(!url.hosts()[0].is_in_doubt());
}
