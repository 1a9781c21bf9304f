//! No piece of a secret is left on the stack when a value has been read: what the crate overwrites is as deep as its
//! readers go. On Linux, where a process can look at its own memory.
#![cfg(target_os = "linux")]

use config_vars::{ConfigVars, Live, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, ResourceUrl, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fs::File;
use std::hint::black_box;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const AREA: usize = 256 * 1024;
const PAGE: usize = 4096;
const PIECE: usize = 8;

/// No piece of it is in any message.
macro_rules! canary {
    () => {
        "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws"
    };
}

const URLS: &[&str] = &[
    concat!(
        "mysql://",
        canary!(),
        ":",
        canary!(),
        "%40@db.example:3306/shop?charset=utf8&ssl-mode=VERIFY_IDENTITY"
    ),
    concat!("mysql://app:p#", canary!(), "@db.example/shop"),
    concat!(
        "mysql://app:",
        canary!(),
        "@bücher.example,[::1]:5,%2Frun%2Fmysql.sock/shop"
    ),
    concat!("mysql://app:${", canary!(), "}@db.example/shop"),
    concat!("mysql://app:12/", canary!(), "@db.example/shop"),
    concat!(
        "postgres://u:p@localhost/d?host=/run/postgresql&user=",
        canary!(),
        "&password=%20",
        canary!(),
        "&sslmode=verify-full"
    ),
    concat!("postgres://h:99999/d?hostaddr=", canary!(), "&port=x"),
    concat!(
        "mongodb+srv://app:",
        canary!(),
        "%25@cluster.example/shop?retryWrites=true&tls=true&authSource=",
        canary!()
    ),
    concat!(
        "mongodb://a:",
        canary!(),
        "@h1.example:1,h2.example:2/shop?readPreferenceTags=",
        canary!(),
        ":b&x=",
        canary!()
    ),
    concat!("redis://:a,", canary!(), "@h.example/0#insecure"),
    concat!(
        "jdbc:mysql://h.example/d?user=a&password=",
        canary!(),
        "&sslMode=",
        canary!()
    ),
    concat!(
        "https://user:",
        canary!(),
        "@api.example/v1/%7B",
        canary!(),
        "%7D?key=",
        canary!()
    ),
    concat!(
        "kafka+ssl://a:",
        canary!(),
        "@a.example:9092,kafka+ssl://b:",
        canary!(),
        "@b.example:9092"
    ),
    concat!("sqlite:///data/app.db?key=", canary!()),
    concat!(
        "unknown://a:",
        canary!(),
        "@c:d@",
        canary!(),
        "/f?g=h#",
        canary!()
    ),
    canary!(),
];

/// Lists, numbers, and what is nearly one of those.
const LISTS: &[&str] = &[
    concat!(canary!(), ",", canary!(), ", ", canary!()),
    concat!("mysql://u:", canary!(), "@h/d,mysql://u:", canary!(), "%@h/d"),
    concat!("https://api.example/?token=", canary!(), "%20,", canary!(), "%zz"),
    concat!("12345678", canary!()),
    concat!("0.25e", canary!()),
    concat!("30s", canary!()),
    concat!("[::", canary!(), "]"),
    concat!("'", canary!(), "'"),
    concat!(canary!(), ":5432"),
    concat!(
        "-----BEGIN PRIVATE KEY-----\n",
        canary!(),
        "\n-----END PRIVATE KEY-----\n"
    ),
    concat!("-----BEGIN PRIVATE KEY-----\\n", canary!()),
    concat!("{{", canary!(), "}}"),
    concat!("é", canary!(), "ß"),
];

const FILES: &[&str] = &[
    concat!("A=", canary!()),
    concat!(
        "export PASSWORD=\"a\\\"",
        canary!(),
        "\"'",
        canary!(),
        " d'\n# comment\nURL='mysql://u:p@h/d'\n"
    ),
    concat!(
        "KEY=\"-----BEGIN PRIVATE KEY-----\n",
        canary!(),
        "\n-----END PRIVATE KEY-----\"\n"
    ),
    concat!("A=\"", canary!()),
    canary!(),
];

/// Clears the stack below the caller. Returns the lowest address that is cleared.
#[inline(never)]
fn clear() -> usize {
    let mut area = [0_u8; AREA];
    black_box(&mut area).as_ptr() as usize
}

/// Returns how deep the deepest piece of the secret is that `action` leaves on the stack, if there is one.
#[inline(never)]
fn deepest_residue(memory: &File, area: &mut [u8], action: &dyn Fn()) -> Option<usize> {
    let lowest = clear();
    // In a frame below this one, also with link-time optimisation.
    black_box(action)();
    memory.read_exact_at(area, lowest as u64).unwrap();
    // Most of it is untouched, which is found out a page at a time.
    let used = area.chunks(PAGE).position(|page| page != [0; PAGE])? * PAGE;
    let is_residue = |window: &[u8]| canary!().as_bytes().windows(PIECE).any(|piece| piece == window);
    area[used..]
        .windows(PIECE)
        .position(|window| window[0] != 0 && is_residue(window))
        .map(|at| AREA - used - at)
}

/// On a thread of its own, whose stack nothing else writes to.
fn check(actions: &'static [fn(&str)], texts: &'static [&'static str]) {
    let measure = move || {
        let memory = File::open("/proc/self/mem").unwrap();
        let mut area = vec![0; AREA];
        // The search finds what is there.
        let copy = || {
            // At the lower end of a frame, so that the read of the memory does not overwrite it.
            let mut frame = [0_u8; 1024];
            frame[..32].copy_from_slice(canary!().as_bytes());
            black_box(&mut frame);
        };
        assert!(deepest_residue(&memory, &mut area, &copy).is_some());
        let mut residues = Vec::new();
        for (number, action) in actions.iter().enumerate() {
            for text in texts {
                if let Some(depth) = deepest_residue(&memory, &mut area, &|| action(text)) {
                    residues.push(format!("action {number}, at {depth}: {text}"));
                }
            }
        }
        assert!(residues.is_empty(), "{}", residues.join("\n"));
    };
    let thread = std::thread::Builder::new().stack_size(4 * AREA);
    thread.spawn(measure).unwrap().join().unwrap();
}

#[test]
fn parsing_a_url_leaves_no_secret_on_the_stack() {
    const ACTIONS: &[fn(&str)] = &[
        |text| drop(black_box(text.parse::<ResourceUrl>())),
        |text| drop(black_box(text.parse::<MysqlUrl>())),
        |text| drop(black_box(text.parse::<PostgresUrl>())),
        |text| drop(black_box(text.parse::<MongoUrl>())),
        |text| drop(black_box(text.parse::<RedisUrl>())),
    ];
    check(ACTIONS, URLS);
}

#[test]
fn parsing_a_file_leaves_no_secret_on_the_stack() {
    const ACTIONS: &[fn(&str)] = &[|text| drop(black_box(ConfigVars::parse_env_file(text)))];
    check(ACTIONS, FILES);
}

/// A value that cannot be read as the field is declared was searched as well.
#[test]
fn reading_typed_configuration_leaves_no_secret_on_the_stack() {
    fn read<T: DeserializeOwned>(text: &str) {
        #[derive(Deserialize)]
        #[allow(dead_code, reason = "what matters is how it is read")]
        struct Config<T> {
            a: T,
        }
        let vars = vars_of(text);
        drop(black_box(vars.extract::<Config<T>>()));
        drop(black_box(vars.parse::<T>("A")));
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        On,
        Off,
    }
    const ACTIONS: &[fn(&str)] = &[
        read::<SecretString>,
        read::<Option<SecretString>>,
        read::<Vec<SecretString>>,
        read::<Vec<ResourceUrl>>,
        read::<(ResourceUrl, SecretString)>,
        read::<HashMap<String, ResourceUrl>>,
        read::<ResourceUrl>,
        read::<MysqlUrl>,
        read::<bool>,
        read::<char>,
        read::<u16>,
        read::<i64>,
        read::<u128>,
        read::<f64>,
        read::<Vec<f64>>,
        read::<Mode>,
        read::<Duration>,
        read::<IpAddr>,
        read::<SocketAddr>,
        read::<()>,
    ];
    check(ACTIONS, URLS);
    check(ACTIONS, LISTS);
}

#[test]
fn discovery_leaves_no_secret_on_the_stack() {
    fn discover(vars: &ConfigVars) {
        for attachment in vars.attachments() {
            drop(black_box(format!("{attachment:?}")));
            _ = black_box(attachment.url());
        }
    }
    const ACTIONS: &[fn(&str)] = &[
        |text| drop(black_box(vars_of(text))),
        |text| discover(&vars_of(text)),
        |text| drop(black_box(vars_of(text).require("A"))),
        |text| drop(black_box(vars_of(text).only::<ResourceUrl>())),
        |text| discover(&ConfigVars::from([(text, "mysql://h/d")])),
        |text| {
            let vars = ConfigVars::from([
                ("REDIS_HOST", text),
                ("REDIS_PORT", text),
                ("REDIS_PASSWORD", text),
            ]);
            discover(&vars);
        },
        |text| {
            let vars = ConfigVars::from([("PGHOST", "h"), ("PGUSER", text), ("PGPASSWORD", text)]);
            discover(&vars);
        },
        |text| {
            let vars = ConfigVars::from([
                ("A_URL", "mysql://h/d"),
                ("A_USER", text),
                ("A_PASSWORD", text),
                ("A_SSL", text),
            ]);
            discover(&vars);
        },
        |text| {
            let vars = ConfigVars::from([("MEMCACHE_SERVERS", text), ("MEMCACHE_PASSWORD", text)]);
            discover(&vars);
        },
        |text| {
            let vars = ConfigVars::from([
                ("POSTGRES_HOST", "h"),
                ("POSTGRES_USER", "u"),
                ("POSTGRES_PASSWORD", text),
                ("POSTGRES_SSL_CA", text),
                ("POSTGRES_DB", text),
            ]);
            discover(&vars);
        },
        |text| {
            for name in [
                "REDIS_TLS",
                "REDIS_SCHEME",
                "REDIS_PORT",
                "REDIS_TLS_PORT",
                "REDIS_DB",
            ] {
                let vars = ConfigVars::from([("REDIS_HOST", "h"), ("REDIS_PASSWORD", "p"), (name, text)]);
                discover(&vars);
            }
        },
        |text| {
            let vars = ConfigVars::from([("DB_HOST", text), ("DB_USER", text), ("DB_PASSWORD", text)]);
            drop(black_box(vars.url::<ResourceUrl>("DB_HOST")));
            discover(&vars);
        },
        |text| {
            let vars = ConfigVars::from([
                ("A_URL", format!("redis://h?password={text}")),
                ("B_URL", format!("postgres://h?options=endpoint%3D{text}")),
                ("C_URL", format!("redis://h?password={text}")),
            ]);
            discover(&vars);
            drop(black_box(vars.only::<ResourceUrl>()));
        },
        |text| {
            let vars = ConfigVars::from([
                ("A_URL", text),
                ("B_URL", text),
                ("C_KEY", text),
                ("D_TLS_CERT", text),
            ]);
            discover(&vars);
        },
    ];
    check(ACTIONS, URLS);
    check(ACTIONS, LISTS);
}

/// Accessors decode, compare and print after the parse.
#[test]
fn using_a_url_leaves_no_secret_on_the_stack() {
    fn with(text: &str, action: fn(&ResourceUrl)) {
        if let Ok(url) = text.parse::<ResourceUrl>() {
            action(&url);
        }
    }
    const ACTIONS: &[fn(&str)] = &[
        |text| with(text, |url| drop(black_box(url.password().cloned()))),
        |text| with(text, |url| drop(black_box(url.username().cloned()))),
        |text| with(text, |url| _ = black_box(url.database().map(str::len))),
        |text| with(text, |url| _ = black_box(url.query("x").is_some())),
        |text| with(text, |url| _ = black_box(url.query_pairs().count())),
        |text| with(text, |url| drop(black_box(url.query_all("authSource").last()))),
        |text| with(text, |url| _ = black_box(url.is_tls())),
        |text| drop(black_box(text.parse::<MongoUrl>().map(|url| url.warnings()))),
        |text| with(text, |url| drop(black_box((url.clone(), format!("{url:?}"))))),
        |text| {
            drop(black_box(
                text.parse::<ResourceUrl>()
                    .map_err(|error| format!("{error} {error:?}")),
            ))
        },
    ];
    check(ACTIONS, URLS);
    check(ACTIONS, LISTS);
}

/// Snapshots are compared var by var, and merged.
#[test]
fn a_reload_leaves_no_secret_on_the_stack() {
    fn reload(text: &str, before: &'static [(&'static str, &'static str)], after: &[(&str, &str)]) {
        let first = ConfigVars::from_iter(before.iter().copied());
        let then = ConfigVars::from_iter(after.iter().copied());
        let reads = AtomicUsize::new(0);
        let source = move || match reads.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(first.clone()),
            _ => Ok(then.clone()),
        };
        let live = Live::from_vars(source).unwrap();
        _ = black_box(live.reload());
        drop(black_box(format!("{:?} {}", live.load(), text.len())));
    }
    const ACTIONS: &[fn(&str)] = &[
        |text| {
            reload(
                text,
                &[("A_URL", "mysql://u:p@h/d")],
                &[("A_URL", text), ("B_URL", text)],
            )
        },
        |text| {
            reload(
                text,
                &[],
                &[
                    ("REDIS_HOST", text),
                    ("REDIS_PASSWORD", text),
                    ("REDIS_USER", text),
                ],
            )
        },
        |text| {
            reload(
                text,
                &[("LIST", "a"), ("KEY", "b")],
                &[("LIST", text), ("KEY", text)],
            )
        },
    ];
    check(ACTIONS, URLS);
    check(ACTIONS, LISTS);
}

/// The digest of an input has passed all of it through the stack.
#[test]
fn selecting_an_input_leaves_no_secret_on_the_stack() {
    const ACTIONS: &[fn(&str)] = &[
        |text| {
            let live = live_of(text);
            drop(live.select(|vars| vars.require("A").ok().cloned()));
        },
        |text| {
            let live = live_of(text);
            drop(live.select(|vars| (vars.require("A").ok().cloned(), vars.url::<ResourceUrl>("A"), 4)));
        },
    ];
    check(ACTIONS, URLS);
}

fn vars_of(text: &str) -> ConfigVars {
    ConfigVars::from([("A", text)])
}

fn live_of(text: &str) -> Live<ConfigVars> {
    let vars = vars_of(text);
    Live::from_vars(move || Ok(vars.clone())).unwrap()
}
