//! The canary suite: one secret in every place, well-formed and malformed, through everything that can print.

#[path = "../fuzz/properties.rs"]
#[allow(dead_code, reason = "the other properties have a file of their own")]
mod properties;

use config_vars::{ConfigVars, Error, HttpUrl, MemcacheUrl, MongoUrl, MysqlUrl, ResourceUrl};
use properties::all_output;
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
];

/// What may stand within, before or after the secret: each raw delimiter, and what opens the way past it.
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
    for start in 0..=CANARY.len() - 4 {
        let piece = &CANARY[start..start + 4];
        assert!(!output.contains(piece), "{piece} of {text:?} is in:\n{output}");
    }
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let found = |output: &str| catch_unwind(|| assert_no_piece(output, "")).is_err();
    assert!(found("…Zq7X…") && found("…c0Ws") && found(CANARY));
    assert!(!found("…Zq7…"));
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
    // Hosts that may be a piece of a password.
    assert_eq!(
        shown::<HttpUrl>("https://app:12/34@api.example"),
        "HttpUrl { kind: Http, scheme: \"https\", hosts: [[redacted]], path: [redacted], .. }"
    );
    assert_eq!(
        shown::<MemcacheUrl>("memcache://u:p@a,u:p@b"),
        "MemcacheUrl { kind: Memcache, scheme: \"memcache\", hosts: [[redacted], [redacted]], .. }"
    );
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
