//! No freed block of memory holds a secret: a global allocator scans each one as it is freed.
//!
//! The allocator moves on every `realloc`, as any allocator may, so that a buffer which grows or shrinks over a
//! secret is seen to leave its old self behind. Blocks are handed out zeroed, so what is found was written by the
//! block's owner. The tests run one at a time, in a binary of their own: the allocator sees every thread.

use config_vars::{
    AmqpUrl, ConfigVars, HttpUrl, KafkaUrl, Live, MemcacheUrl, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl,
    Resource, ResourceUrl, SecretString,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as SerdeError, StrDeserializer, StringDeserializer};
use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The secret that is looked for. No 8 bytes of it stand in any message.
macro_rules! canary {
    () => {
        "Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws"
    };
}
/// A secret that the crate computes: the sign-on token of `sign_on` below.
macro_rules! token {
    () => {
        "bb466eb1d6bc345d11072c3cd25c311f21be130d"
    };
}
const PIECE: usize = 8;

#[cfg(feature = "heroku")]
#[allow(dead_code, reason = "other tests use more of it")]
mod api_server;
#[path = "wiping/sources.rs"]
mod sources;

/// The bytes that the allocator looks for, masked: in clear, its own comparison would leave pieces on the stack, and from
/// there they would travel into the unused bytes of other blocks.
const CANARY: [u8; 32] = masked(canary!().as_bytes());
const TOKEN: [u8; 40] = masked(token!().as_bytes());
const MASK: u8 = 0xA5;

/// Which two bytes can stand side by side in a piece: most places need no closer look. A table of pairs holds no piece.
static PAIRS: [[bool; 256]; 256] = {
    let mut pairs = [[false; 256]; 256];
    add_pairs(&mut pairs, &CANARY);
    add_pairs(&mut pairs, &TOKEN);
    pairs
};

const fn add_pairs(pairs: &mut [[bool; 256]; 256], masked: &[u8]) {
    let mut at = 1;
    while at < masked.len() {
        let (first, second) = (masked[at - 1] ^ MASK, masked[at] ^ MASK);
        let (upper_first, upper_second) = (first.to_ascii_uppercase(), second.to_ascii_uppercase());
        pairs[first as usize][second as usize] = true;
        pairs[first as usize][upper_second as usize] = true;
        pairs[upper_first as usize][second as usize] = true;
        pairs[upper_first as usize][upper_second as usize] = true;
        at += 1;
    }
}

/// Looks at the last two bytes of a window first: if they are in no piece, none has them, and the next window that can be
/// a piece begins at the last byte.
fn holds_piece(bytes: &[u8]) -> bool {
    let mut end = PIECE;
    while end <= bytes.len() {
        if !PAIRS[usize::from(bytes[end - 2])][usize::from(bytes[end - 1])] {
            end += PIECE - 1;
        } else if is_piece(&bytes[end - PIECE..end]) {
            return true;
        } else {
            end += 1;
        }
    }
    false
}

const fn masked<const LENGTH: usize>(text: &[u8]) -> [u8; LENGTH] {
    let mut masked = [0; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        masked[at] = text[at].to_ascii_lowercase() ^ MASK;
        at += 1;
    }
    masked
}

/// Ignores case, because some libraries (IDNA, hexadecimal digits) change the case of what they copy.
fn is_piece(window: &[u8]) -> bool {
    let mut pieces = CANARY.windows(PIECE).chain(TOKEN.windows(PIECE));
    // A byte at a time, for the same reason.
    pieces.any(|piece| {
        piece
            .iter()
            .zip(window)
            .all(|(masked, byte)| black_box(*masked) == byte.to_ascii_lowercase() ^ MASK)
    })
}

static ARMED: AtomicBool = AtomicBool::new(false);
static RESIDUES: AtomicUsize = AtomicUsize::new(0);
/// Whether it is found out who frees a residue.
static TRACED: AtomicBool = AtomicBool::new(false);
static OF_RUSTLS: AtomicUsize = AtomicUsize::new(0);

struct Scanning;

#[global_allocator]
static ALLOCATOR: Scanning = Scanning;

// SAFETY: every block comes from and goes back to `System`, with its own layout.
unsafe impl GlobalAlloc for Scanning {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if ARMED.load(SeqCst) {
            let bytes = unsafe { std::slice::from_raw_parts_mut(block, layout.size()) };
            if holds_piece(bytes) {
                RESIDUES.fetch_add(1, SeqCst);
                if TRACED.load(SeqCst) && is_freed_by_rustls() {
                    OF_RUSTLS.fetch_add(1, SeqCst);
                }
            }
            bytes.fill(0);
        }
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let moved = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
        if !moved.is_null() {
            unsafe {
                std::ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
        }
        moved
    }
}

/// To be held by a test from its start to its end.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn residues(action: impl FnOnce()) -> usize {
    let before = RESIDUES.load(SeqCst);
    ARMED.store(true, SeqCst);
    action();
    ARMED.store(false, SeqCst);
    RESIDUES.load(SeqCst) - before
}

/// Counts the residues of this crate, and those of rustls, which wipes nothing of what it decrypts.
#[cfg(feature = "heroku")]
fn owned_residues(action: impl FnOnce()) -> (usize, usize) {
    let before = OF_RUSTLS.load(SeqCst);
    TRACED.store(true, SeqCst);
    let all = residues(action);
    TRACED.store(false, SeqCst);
    let of_rustls = OF_RUSTLS.load(SeqCst) - before;
    (all - of_rustls, of_rustls)
}

/// Returns whether rustls frees the block: of the two crates, it is the one whose function is nearer.
fn is_freed_by_rustls() -> bool {
    // The trace frees blocks itself.
    ARMED.store(false, SeqCst);
    let trace = std::backtrace::Backtrace::force_capture().to_string();
    ARMED.store(true, SeqCst);
    // A generic function has both names. The first one is its own.
    let is_rustls = |frame: &str| match (frame.find("rustls::"), frame.find("config_vars::")) {
        (Some(rustls), Some(own)) => Some(rustls < own),
        (rustls, own) => rustls.map(|_| true).or(own.map(|_| false)),
    };
    trace.lines().find_map(is_rustls).unwrap_or(false)
}

/// Wipes a secret that was handed over in clear, as an app must.
fn wipe(text: String) {
    drop(SecretString::from(text));
}

/// Each place that a secret can have, well-formed and not.
const VALUES: &[&str] = &[
    concat!("mysql://app:", canary!(), "@db.example/shop"),
    concat!(
        "mysql2://app:p%40",
        canary!(),
        "%23@db.example/shop?reconnect=true&x=",
        canary!()
    ),
    concat!("mysql://", canary!(), ":pw@db.example/shop"),
    concat!(
        "mysql://app:",
        canary!(),
        "%C3%A9%C3%A9%C3%A9%C3%A9@db.example/shop"
    ),
    concat!(
        "mongo://app:",
        canary!(),
        "@db1.example,db2.example:1/shop?appName=",
        canary!(),
        "%21"
    ),
    concat!(
        "mongodb://app:pw@db.example/shop?",
        canary!(),
        "=1&tls=",
        canary!()
    ),
    concat!(
        "memcached://u1:",
        canary!(),
        "@mc1.example,u2:%41",
        canary!(),
        "@mc2.example"
    ),
    concat!("http://newrelic.com/accounts/[", canary!(), "]"),
    concat!("https://", canary!(), "@api.example"),
    concat!(
        "https://user:p@ss\"<>",
        canary!(),
        "@api.example?q='",
        canary!(),
        "#",
        canary!()
    ),
    concat!("https://api.example/p/@", canary!()),
    concat!("https://app:", canary!(), "@bücher.example/"),
    concat!("https://", canary!(), ":43847/a@api.example"),
    concat!("https://é", canary!(), "/a@api.example"),
    concat!("mongodb://app:pw@db.example/?authSource=", canary!()),
    concat!("postgres://app:p@", canary!(), "@db.example"),
    concat!(
        "postgres://",
        canary!(),
        "%2F@/shop?host=%2Frun&password=",
        canary!()
    ),
    concat!(
        "jdbc:postgresql://db.example/shop?user=",
        canary!(),
        "&password=%40",
        canary!()
    ),
    concat!("jdbc:mysql://app:", canary!(), "@db.example/shop"),
    concat!("redis://:", canary!(), "@cache.example"),
    concat!("rediss://", canary!(), ":p%21@cache.example/1"),
    concat!("amqps://app:p%21", canary!(), "@mq.example/v%2F"),
    concat!("kafka://app:", canary!(), "@b1.example,b2.example"),
    concat!("x://", canary!(), ":", canary!(), "@h/", canary!()),
    // Malformed.
    concat!("mysql://app:12/", canary!(), "@db.example/shop"),
    concat!("mysql://app:", canary!(), "#x@db.example/shop"),
    concat!("mysql://app:", canary!(), "?x@db.example/shop"),
    concat!("jdbc:mysql://db.example/shop?password=", canary!(), "%"),
    concat!("redis://:", canary!(), "@cache.example/no-number"),
    concat!("amqp://app:", canary!(), "@mq.example/a/b"),
    concat!("kafka://app:", canary!(), "@b1.example,"),
    concat!("mysql://app:", canary!(), "%@db.example/shop"),
    concat!("mysql://app:", canary!(), "%ff@db.example/shop"),
    concat!("mysql://app:%ff", canary!(), "@db.example/shop"),
    concat!("mysql://app:", canary!(), "@db.example:99999/shop"),
    concat!("mysql://app:", canary!(), "@db.example/shop%ff"),
    concat!("mysql://app:pw@", canary!(), "!/shop"),
    concat!("mysql://app:", canary!()),
    concat!("mongodb://app:", canary!(), ":x@db.example"),
    concat!("mongodb://app:", canary!(), "@db.example/?w"),
    concat!("memcache://u1:", canary!(), "@mc1.example,u2:%zz@mc2.example"),
    concat!("https://app:", canary!(), "/x@api.example"),
    concat!("'mysql://app:", canary!(), "@db.example'"),
    concat!("mysql:app:", canary!(), "@db.example"),
    concat!("app:", canary!(), "@db.example"),
    concat!("$", canary!()),
    canary!(),
    // Names that IDNA would have to read, where a secret may hide in the "host" or beside it.
    concat!("ifttt://é", canary!(), "/"),
    concat!("https://é", canary!(), ":pässword"),
    concat!("mysql://ü", canary!(), ":pw/shop"),
    concat!("kafka://ü", canary!(), ":9092,h:badport"),
    concat!("x://xn--", canary!()),
    concat!("redis://xn--", canary!(), ":x"),
    concat!("amqp://", canary!(), "ß:99999/v"),
    concat!("amqps://é", canary!(), "/a/b"),
    concat!("postgres://é", canary!(), "/shop?host=%2Frun"),
    concat!("postgres:///shop?host=é", canary!(), "&port=x"),
    concat!("rediss://é", canary!(), "/0#x"),
    concat!("memcache://u:p@é", canary!(), ",u:p@h:x"),
    concat!("https://%C3%A9", canary!(), ":x"),
    concat!("mysql://é", canary!(), "/sh%zz"),
    concat!("mysql://", canary!(), "．x:pw"),
    concat!("ws://é", canary!(), ".example:0"),
    // In the query of each kind.
    concat!("mysql://db.example/shop?ssl-mode=", canary!()),
    concat!("postgres://db.example/shop?sslmode=", canary!()),
    concat!("postgres://db.example/shop?user=app&password=", canary!(), "%21"),
    concat!(
        "postgres:///shop?host=db.example,é.example&",
        canary!(),
        "=%2F",
        canary!()
    ),
    concat!(
        "redis://cache.example/0?password=",
        canary!(),
        "&x=%41",
        canary!()
    ),
    concat!("memcache://mc.example?password=", canary!(), "%41"),
    concat!("amqp://mq.example/v?auth=%C3%A9", canary!()),
    concat!("kafka://b1.example?sasl.password=%41", canary!(), "&", canary!()),
    concat!(
        "https://api.example/?token=",
        canary!(),
        "%20&",
        canary!(),
        "=%zz"
    ),
    concat!("ws://h.example/?", canary!(), "=%41", canary!()),
    concat!(
        "jdbc:mysql://db.example/shop?user=%41",
        canary!(),
        "&password=",
        canary!(),
        "%41&",
        canary!()
    ),
];

/// Well-formed but for the rules of their kind, so that no more than their error may be shown.
const MALFORMED_FOR_THEIR_KIND: &[&str] = &[
    concat!("mongodb://é", canary!(), ":27017/?w"),
    concat!("mongodb+srv://é", canary!(), "/?tls=true&tls=false"),
    concat!("mongodb://é", canary!(), "/?=1"),
    concat!("redis://é", canary!(), "/no-number"),
    concat!("rediss://xn--", canary!(), "/-1"),
];

fn parse_and_use<T: std::str::FromStr<Err = config_vars::Error> + Clone + std::fmt::Debug>(text: &str) {
    match text.parse::<T>() {
        Ok(url) => drop(format!("{url:?} {:?}", url.clone())),
        Err(error) => drop(format!("{error} {error:?} {:?}", error.clone())),
    }
}

fn deserialize<'de, T: Deserialize<'de>>(text: &'static str) {
    let borrowed: StrDeserializer<'_, SerdeError> = text.into_deserializer();
    drop(T::deserialize(borrowed));
    let owned: StringDeserializer<SerdeError> = text.to_owned().into_deserializer();
    drop(T::deserialize(owned));
}

#[derive(Debug, Deserialize)]
struct Config {
    a_url: SecretString,
    b_url: Option<ResourceUrl>,
    memcache_servers: MemcacheUrl,
    memcache_username: SecretString,
    list: Vec<SecretString>,
}

/// A nested struct, a map, and faults in both.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "wiped when it is dropped")]
struct Nested {
    a: NestedUrl,
    memcache: std::collections::BTreeMap<String, SecretString>,
    #[serde(deserialize_with = "config_vars::deserialize_flat")]
    flat: Option<NestedFaults>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "wiped when it is dropped")]
struct NestedUrl {
    url: SecretString,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "never made")]
struct NestedFaults {
    memcache_username: std::time::Duration,
    memcache_password: u16,
    list: Vec<u8>,
}

fn ask_everything(vars: &ConfigVars) {
    drop(vars.extract::<Nested>().map_err(|error| error.to_string()));
    drop(vars.with_prefix("MEMCACHE_").parse::<SecretString>("PASSWORD"));
    match vars.extract::<Config>() {
        Ok(config) => drop(format!(
            "{:?}",
            (config.a_url, config.b_url, config.memcache_servers, config.list)
        )),
        Err(error) => drop(error.to_string()),
    }
    drop(vars.extract::<Config>().map(|config| config.memcache_username));
    for attachment in vars.attachments() {
        drop(format!("{attachment:?}"));
    }
    for (name, _) in vars.iter() {
        drop(vars.require(name));
        drop(vars.url::<MysqlUrl>(name));
        drop(vars.url::<MemcacheUrl>(name));
        if let Ok(url) = vars.url::<ResourceUrl>(name) {
            drop((
                url.query("x"),
                url.query_pairs().collect::<Vec<_>>(),
                url.is_tls(),
            ));
        }
    }
    fn only<T: Resource>(vars: &ConfigVars) {
        drop(vars.only::<T>());
    }
    only::<ResourceUrl>(vars);
    only::<MysqlUrl>(vars);
    only::<MongoUrl>(vars);
    only::<MemcacheUrl>(vars);
    only::<HttpUrl>(vars);
}

/// A hand-over that fails has given the driver nothing to leave behind; what it gave to one that succeeds is the driver's.
#[cfg(feature = "_drivers")]
#[test]
#[allow(unused_macros, reason = "not for every driver")]
fn nothing_is_left_behind_by_a_hand_over_that_fails() {
    let _alone = alone();
    the_allocator_sees_residues();
    let failures = Mutex::new(Vec::new());
    let check = |what: &str, text: &str, action: &dyn Fn()| match residues(action) {
        0 => {}
        count => failures
            .lock()
            .unwrap()
            .push(format!("{what}: {count} blocks of {text}")),
    };
    macro_rules! fails {
        ($feature:literal, $url:ident, $hand_over:ident, $text:expr) => {
            #[cfg(feature = $feature)]
            check($feature, $text, &|| {
                // Some are refused before a driver has a part in it.
                let Ok(url) = $text.parse::<config_vars::$url>() else {
                    return;
                };
                match url.$hand_over() {
                    Err(error) => drop(error.to_string()),
                    Ok(_) => panic!("{} takes it: {}", $feature, $text),
                }
            });
        };
    }
    macro_rules! url {
        ($scheme:literal, $query:expr) => {
            concat!(
                $scheme,
                "://",
                canary!(),
                ":%21",
                canary!(),
                "@db.example?",
                $query
            )
        };
    }
    fails!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        url!("mysql", concat!("pool_max=", canary!()))
    );
    fails!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        url!("mysql", concat!("pool_max=1&", canary!(), "=1"))
    );
    fails!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        url!("mysql", concat!("ssl-mode=", canary!()))
    );
    fails!(
        "sqlx",
        MysqlUrl,
        to_sqlx,
        url!("mysql", concat!("statement-cache-capacity=", canary!()))
    );
    fails!(
        "sqlx",
        PostgresUrl,
        to_sqlx,
        url!("postgres", concat!("statement-cache-capacity=", canary!()))
    );
    fails!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres,
        url!("postgres", concat!(canary!(), "=1"))
    );
    fails!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres_tls,
        url!("postgres", "sslmode=verify-ca&sslrootcert=/no/such")
    );
    fails!(
        "redis",
        RedisUrl,
        to_redis,
        url!("redis", concat!("protocol=", canary!()))
    );
    fails!(
        "memcache",
        MemcacheUrl,
        to_memcache,
        url!("memcache", concat!("protocol=", canary!()))
    );
    fails!(
        "memcache",
        MemcacheUrl,
        to_memcache,
        concat!("memcache://app:", canary!(), "%40@mc.example?protocol=ascii")
    );
    // In the query, which some kinds have credentials in; what fails comes last.
    macro_rules! in_query {
        ($scheme:literal, $last:expr) => {
            concat!(
                $scheme,
                "://",
                canary!(),
                ":%21",
                canary!(),
                "@db.example/shop?user=",
                canary!(),
                "&password=%41",
                canary!(),
                "&",
                $last
            )
        };
    }
    macro_rules! all_fail {
        ($feature:literal, $url:ident, $hand_over:ident, $scheme:literal, [$($last:expr),* $(,)?]) => {
            $(fails!($feature, $url, $hand_over, in_query!($scheme, $last));)*
        };
    }
    all_fail!(
        "sqlx",
        PostgresUrl,
        to_sqlx,
        "postgres",
        [
            "statement-cache-capacity=x",
            "hostaddr=x",
            concat!("hostaddr=", canary!()),
            concat!("sslmode=", canary!()),
            "connect_timeout=x&statement-cache-capacity=%41",
        ]
    );
    all_fail!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres,
        "postgres",
        [
            "pool=5",
            "hostaddr=x",
            concat!("pool=", canary!()),
            concat!(canary!(), "=%41"),
            "connect_timeout=x",
            "keepalives=x",
            "target_session_attrs=x",
            "channel_binding=x",
            concat!("sslmode=", canary!()),
        ]
    );
    all_fail!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres_tls,
        "postgres",
        [
            "sslmode=verify-full&sslrootcert=/no/such",
            "sslmode=verify-full&sslcert=/no/such",
            "sslmode=verify-full&sslcert=/no/such&sslkey=/no/such",
            concat!("sslmode=", canary!()),
        ]
    );
    macro_rules! in_mysql {
        ($last:expr) => {
            concat!(
                "mysql://",
                canary!(),
                ":%21",
                canary!(),
                "@db.example/shop?",
                $last
            )
        };
    }
    fails!(
        "sqlx",
        MysqlUrl,
        to_sqlx,
        in_mysql!("charset=utf8mb4&statement-cache-capacity=x")
    );
    fails!(
        "sqlx",
        MysqlUrl,
        to_sqlx,
        in_mysql!(concat!("ssl-mode=", canary!()))
    );
    fails!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        in_mysql!(concat!("pool_min=", canary!()))
    );
    fails!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        in_mysql!(concat!("stmt_cache_size=x&compress=", canary!()))
    );
    fails!(
        "redis",
        RedisUrl,
        to_redis,
        concat!(
            "redis://",
            canary!(),
            ":%21",
            canary!(),
            "@cache.example/0?",
            canary!(),
            "=%41&protocol=x"
        )
    );
    fails!(
        "memcache",
        MemcacheUrl,
        to_memcache,
        concat!(
            "memcache://",
            canary!(),
            ":%21",
            canary!(),
            "@mc.example?timeout=",
            canary!()
        )
    );
    // Nor is a text that was set before, or the database.
    macro_rules! all_fail_beside {
        ($feature:literal, $url:ident, $hand_over:ident, $scheme:literal, $last:literal, [$($option:literal),* $(,)?]) => {
            $(fails!(
                $feature, $url, $hand_over,
                concat!($scheme, "://db.example/", canary!(), "?", $option, "=", canary!(), "%41&", $last)
            );)*
        };
    }
    all_fail_beside!(
        "sqlx",
        PostgresUrl,
        to_sqlx,
        "postgres",
        "statement-cache-capacity=x",
        [
            "application_name",
            "options",
            "options[search_path]",
            "sslrootcert",
            "sslcert",
            "sslkey",
            "dbname",
            "user",
            "password"
        ]
    );
    all_fail_beside!(
        "sqlx",
        MysqlUrl,
        to_sqlx,
        "mysql",
        "statement-cache-capacity=x",
        [
            "charset",
            "collation",
            "timezone",
            "ssl-ca",
            "ssl-cert",
            "ssl-key",
            "x"
        ]
    );
    all_fail_beside!(
        "sqlx",
        MysqlUrl,
        to_sqlx,
        "mysql",
        "tls-version=x",
        ["charset", "collation"]
    );
    all_fail_beside!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres,
        "postgres",
        "pool=5",
        [
            "application_name",
            "options",
            "sslrootcert",
            "dbname",
            "user",
            "password"
        ]
    );
    all_fail_beside!(
        "tokio-postgres",
        PostgresUrl,
        to_tokio_postgres,
        "postgres",
        "keepalives=x",
        ["application_name", "options"]
    );
    all_fail_beside!(
        "mysql_async",
        MysqlUrl,
        to_mysql_async,
        "mysql",
        "pool_max=x",
        ["ssl-ca", "pool_min"]
    );
    #[cfg(feature = "redis")]
    check("credentials", "", &|| {
        let url = |text: &str| text.parse::<config_vars::RedisUrl>().expect("a URL");
        let credentials = config_vars::drivers::redis::Credentials::new(&url(url!("redis", "")));
        assert!(credentials.roll(&url(concat!("redis://:", canary!(), "@db.example"))));
        drop(format!("{:?}", credentials.clone()));
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A request to a path below a URL leaves no more behind than one to the URL, of which the driver takes the user and the
/// password.
#[cfg(feature = "reqwest")]
#[test]
fn nothing_is_left_behind_by_a_request_to_a_path_below() {
    use reqwest::{Client, Method};
    let _alone = alone();
    the_allocator_sees_residues();
    _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let long = "piece of a path/".repeat(300);
    for (text, path) in [
        (concat!("https://app:", canary!(), "@api.example"), "v1/models"),
        (
            concat!("https://", canary!(), ":pw@api.example/v1/"),
            "/a b/?#%/ä/",
        ),
        (concat!("https://api.example/", canary!()), "v1"),
        (concat!("https://api.example/", canary!(), "/"), "./../v1/"),
        (concat!("https://api.example/v1?token=", canary!()), "models"),
        (
            concat!(
                "http://app:",
                canary!(),
                "%21@api.example/",
                canary!(),
                "?q='#",
                canary!()
            ),
            &long,
        ),
        ("https://api.example/v1", concat!("a b/", canary!(), "/c")),
    ] {
        let url: HttpUrl = text.parse().unwrap();
        // The request belongs to the driver, and so is not freed here.
        let plain = residues(|| std::mem::forget(url.to_reqwest(&client, Method::GET)));
        let below = residues(|| std::mem::forget(url.to_reqwest_at(&client, Method::GET, path)));
        assert_eq!(below, plain, "{text} {path}");
    }
}

/// All values, as they are and in lower case: some code takes a shorter way with text that is in lower case already.
fn values() -> impl Iterator<Item = &'static str> {
    let lower = VALUES.iter().map(|text| &*text.to_lowercase().leak());
    VALUES.iter().copied().chain(lower)
}

/// The allocator sees what it should see, and nothing else.
fn the_allocator_sees_residues() {
    assert_eq!(residues(|| drop(black_box(canary!().to_owned()))), 1);
    assert_eq!(residues(|| drop(black_box(canary!().to_lowercase()))), 1);
    assert_eq!(residues(|| drop(black_box(canary!().to_uppercase()))), 1);
    assert_eq!(residues(|| drop(black_box(canary!()[4..12].to_owned()))), 1);
    assert_eq!(residues(|| drop(black_box(token!()[4..12].to_owned()))), 1);
    assert_eq!(residues(|| drop(black_box(canary!()[4..11].to_owned()))), 0);
    assert_eq!(residues(|| drop(black_box(SecretString::from(canary!())))), 0);
    let roomy = || {
        let mut text = String::with_capacity(100);
        text.push_str(canary!());
        text
    };
    assert_eq!(
        residues(|| drop(black_box(SecretString::from(black_box(roomy()))))),
        1
    );
    assert_eq!(residues(|| drop(black_box(url::Url::parse(VALUES[0])))), 1);
}

#[test]
fn nothing_is_left_behind() {
    let _alone = alone();
    the_allocator_sees_residues();
    let failures = Mutex::new(Vec::new());
    let check = |what: &str, text: &str, action: &dyn Fn()| match residues(action) {
        0 => {}
        count => failures
            .lock()
            .unwrap()
            .push(format!("{what}: {count} blocks of {text}")),
    };
    for text in values() {
        check("any", text, &|| parse_and_use::<ResourceUrl>(text));
        check("mysql", text, &|| parse_and_use::<MysqlUrl>(text));
        check("postgres", text, &|| parse_and_use::<PostgresUrl>(text));
        check("mongo", text, &|| parse_and_use::<MongoUrl>(text));
        check("redis", text, &|| parse_and_use::<RedisUrl>(text));
        check("memcache", text, &|| parse_and_use::<MemcacheUrl>(text));
        check("amqp", text, &|| parse_and_use::<AmqpUrl>(text));
        check("kafka", text, &|| parse_and_use::<KafkaUrl>(text));
        check("http", text, &|| parse_and_use::<HttpUrl>(text));
        check("deserialize any", text, &|| deserialize::<ResourceUrl>(text));
        check("deserialize mysql", text, &|| deserialize::<MysqlUrl>(text));
        check("warnings", text, &|| {
            drop(
                text.parse::<MongoUrl>()
                    .map(|url| (url.warnings(), url.auth_source().is_some())),
            );
        });
        check("servers", text, &|| {
            let secret = SecretString::from(text);
            drop(MemcacheUrl::from_servers(
                "mc1.example,mc2.example",
                Some(&secret),
                Some(&secret),
            ));
            drop(MemcacheUrl::from_servers(text, None, Some(&secret)));
        });
        let is_host_secret = text
            .parse::<HttpUrl>()
            .is_ok_and(|url| url.host().is_some_and(|host| holds_piece(host.as_bytes())));
        check("web", text, &|| {
            // `url` leaves a copy of the host behind, which is no secret to whoever asks for this.
            let web = text.parse::<HttpUrl>().ok().filter(|_| !is_host_secret);
            if let Some(web) = web.and_then(|url| url.expose_web_url().ok()) {
                wipe(web.into());
            }
        });
        check("vars", text, &|| {
            let mut roomy = String::with_capacity(4 * text.len());
            roomy.push_str(text);
            // A host by itself is no secret.
            let host = Some(text)
                .filter(|text| text.contains("://"))
                .unwrap_or("h.example");
            let vars = ConfigVars::from_iter([
                ("A_URL".to_owned(), text.to_owned()),
                ("B_URL".to_owned(), roomy),
                ("C_URL".to_owned(), "mysql://db.example/shop".to_owned()),
                ("C_USER".to_owned(), text.to_owned()),
                ("C_PASSWORD".to_owned(), text.to_owned()),
                ("LIST".to_owned(), text.to_owned()),
                ("MEMCACHE_SERVERS".to_owned(), "mc.example".to_owned()),
                ("MEMCACHE_USERNAME".to_owned(), text.to_owned()),
                ("MEMCACHE_PASSWORD".to_owned(), text.to_owned()),
                ("PGHOST".to_owned(), "db.example".to_owned()),
                ("PGUSER".to_owned(), text.to_owned()),
                ("PGPASSWORD".to_owned(), text.to_owned()),
                ("REDIS_HOST".to_owned(), host.to_owned()),
                ("REDIS_PASSWORD".to_owned(), text.to_owned()),
                ("SMTP_HOST".to_owned(), format!("tls://{host}")),
                ("SMTP_USER".to_owned(), "app".to_owned()),
                ("SMTP_PASSWORD".to_owned(), text.to_owned()),
            ]);
            ask_everything(&vars);
            ask_everything(&vars.clone());
        });
        #[cfg(feature = "figment")]
        check("layers", text, &|| layers(text));
        let file = format!("A_URL='{text}'\nB_URL=\"{text}\\n\"\nC_URL={text} # {text}\nD='{text}");
        check("env file", text, &|| drop(ConfigVars::parse_env_file(&file)));
        // As a shell writes a text with an apostrophe: in pieces, over several lines.
        let shell = format!(
            "A_URL='it'\\''s {text}\n{text}\n{text}'\nexport B='{text}'\\''\n'\\''{text}'\nC='{text}'\"{text}\n\"\n"
        );
        check("env file of a shell", text, &|| {
            drop(ConfigVars::parse_env_file(&shell))
        });
        check("env file of a shell, cut", text, &|| {
            drop(ConfigVars::parse_env_file(&shell[..shell.trim_end().len() - 1]));
        });
        check("env file", text, &|| {
            drop(ConfigVars::parse_env_file(file.trim_end_matches(text)))
        });
        for file in [
            format!("A='it'\\''s {text}\n{text}\n{text}\n'"),
            format!("A='{text}'\"'\"'\n{text}\n{text}'"),
            format!("A=\"\"'{text}\n'\\\"\"{text}\\n{text}\n\"joined"),
            format!("A='{text}\n{text}' {text}"),
            format!("A='{text}'\\''{text}\n{text}"),
            format!("A={text}\r{text}"),
            format!("export A={text};{text}"),
        ] {
            check("env file of pieces", text, &|| {
                drop(ConfigVars::parse_env_file(&file))
            });
        }
        check("replaced", text, &|| {
            drop(ConfigVars::from_iter([
                ("A_URL", text),
                ("A_URL", "x"),
                ("A_URL", text),
            ]));
        });
    }
    for text in MALFORMED_FOR_THEIR_KIND {
        check("by its kind", text, &|| {
            drop((text.parse::<MongoUrl>(), text.parse::<RedisUrl>()));
            let vars = ConfigVars::from_iter([("A_URL", *text)]);
            let is_malformed =
                vars.url::<MongoUrl>("A_URL").is_err() && vars.url::<RedisUrl>("A_URL").is_err();
            assert!(is_malformed, "{text}");
            for attachment in vars.attachments() {
                drop(format!("{attachment:?}"));
            }
        });
    }
    check("rolls", "", &rolls);
    #[cfg(unix)]
    check("not Unicode", "", &|| {
        use std::os::unix::ffi::OsStringExt;
        let bytes = concat!(canary!(), "\u{0}")
            .as_bytes()
            .iter()
            .map(|&byte| if byte == 0 { 0xFF } else { byte });
        let value = std::ffi::OsString::from_vec(bytes.collect::<Vec<u8>>());
        drop(ConfigVars::from_iter([("A_URL", value)]));
    });
    #[cfg(feature = "sso")]
    check("sign-on", "", &sign_on);
    sources();
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Files, folders, names of files, bindings, and what is refused after it was read in part.
fn sources() {
    use config_vars::{EnvDir, EnvFile, FileVars, ServiceBindings, Source};
    const MALFORMED: &[u8] = concat!("A='", canary!(), "'\nB=\"", canary!()).as_bytes();
    const NOT_UTF8: &[u8] = b"A=Zq7Xw9Kv3Jh5Gf8Bd2Lp6Mn4Rt1Yc0Ws\xFF";
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    let binding = folder.join("bindings/db");
    std::fs::create_dir_all(&binding).unwrap();
    let text = VALUES[0].as_bytes();
    let line = concat!(canary!(), "\r\n").as_bytes();
    let lines = concat!(
        "A_URL='mysql://app:",
        canary!(),
        "@db.example/shop'\nB=",
        canary!(),
        " # ",
        canary!(),
        "\n"
    );
    std::fs::create_dir(folder.join("values")).unwrap();
    for (name, content) in [
        ("app.env", lines.as_bytes()),
        ("malformed.env", MALFORMED),
        (
            "shell.env",
            concat!(
                "A_URL='it'\\''s ",
                canary!(),
                "\n",
                canary!(),
                "\n",
                canary!(),
                "'\nB='x'\\'",
                canary!(),
                "\n"
            )
            .as_bytes(),
        ),
        ("binary.env", NOT_UTF8),
        ("values/A_URL", text),
        ("values/b", line),
        ("values/c", NOT_UTF8),
        ("bindings/db/type", b"mysql"),
        ("bindings/db/uri", text),
        ("bindings/db/password", line),
        ("bindings/db/other", NOT_UTF8),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let path = |name: &str| folder.join(name).into_os_string();
    let files = ["A_URL", "b", "c"].map(|name| (format!("{name}_FILE"), path(&format!("values/{name}"))));
    let named = || Ok(ConfigVars::from_iter(files.clone()));
    let twins = || {
        Ok(ConfigVars::from_iter([
            ("b", canary!().into()),
            ("b_FILE", path("values/b")),
        ]))
    };
    let misplaced = || Ok(ConfigVars::from_iter([("b_FILE", canary!())]));
    let read: [(&str, &dyn Source); 10] = [
        ("env file", &EnvFile::new(folder.join("app.env"))),
        ("env file of a shell", &EnvFile::new(folder.join("shell.env"))),
        ("malformed env file", &EnvFile::new(folder.join("malformed.env"))),
        ("binary env file", &EnvFile::new(folder.join("binary.env"))),
        ("folder", &EnvDir::new(folder.join("values"))),
        (
            "folder in capitals",
            &EnvDir::new(folder.join("values")).with_uppercase_names(),
        ),
        ("names of files", &FileVars::new(named, ["A_URL", "b", "c"])),
        ("names of files, both set", &FileVars::new(twins, ["b"])),
        // A value where a path belongs.
        ("malformed name of a file", &FileVars::new(misplaced, ["b"])),
        ("bindings", &ServiceBindings::new(folder.join("bindings"))),
    ];
    for (what, source) in read {
        // Twice, because a source may keep something until the next read.
        let read = || {
            for _ in 0..2 {
                match source.read() {
                    Ok(vars) => ask_everything(&vars),
                    Err(error) => drop(format!("{error:?}")),
                }
            }
        };
        assert_eq!(residues(read), 0, "{what}");
        let is_refused = what.contains("malformed") || what.contains("binary") || what.contains("both");
        assert_eq!(source.read().is_err(), is_refused, "{what}");
    }
    #[cfg(feature = "cloudfoundry")]
    vcap_services();
}

/// With escapes and without, nested, repeated, and cut off anywhere.
#[cfg(feature = "cloudfoundry")]
fn vcap_services() {
    const JSON: &str = concat!(
        r#"{"p.mysql": [{"name": "db", "credentials": {"uri": "mysql://app:"#,
        canary!(),
        r#"@db.example/shop", "a": ["#,
        r#"""#,
        canary!(),
        r#"\u0041\n"], "tls": {"key": "\n"#,
        canary!(),
        r#"\n"#,
        canary!(),
        r#"\ud83d\ude00", "#,
        r#""half": ""#,
        canary!(),
        r#"\ud83d"}, "b": ""#,
        canary!(),
        r#"\"", "b": ""#,
        canary!(),
        r#""}}]}"#,
    );
    let whole = JSON.replacen(r#""b": "#, r#""c": "#, 1);
    let odd = [
        JSON.to_owned(),
        JSON.replacen(r#"{"uri""#, r#"["uri""#, 1),
        format!("{{\"x\": \"{}\"}}", canary!()),
        format!("{{\"x\": [\"{}\"]}}", canary!()),
        format!("[\"{}\"]", canary!()),
        format!(
            "{{\"x\": [{{\"name\": \"x\", \"credentials\": \"{}\\n\"}}]}}",
            canary!()
        ),
        format!("{{\"x\": [{{\"name\": \"x\", \"tags\": \"{}\"}}]}}", canary!()),
    ];
    let cuts = (0..whole.len())
        .step_by(9)
        .filter(|at| whole.is_char_boundary(*at))
        .map(|at| whole[..at].to_owned());
    for text in odd.into_iter().chain(cuts).chain([whole.clone()]) {
        let read = || match ConfigVars::parse_vcap_services(&text) {
            Ok(vars) => ask_everything(&vars),
            Err(error) => drop(format!("{error:?}")),
        };
        assert_eq!(residues(read), 0, "{text}");
        assert_eq!(
            ConfigVars::parse_vcap_services(&text).is_ok(),
            text == whole,
            "{text}"
        );
    }
}

/// Handles to a value, read by both crates as what it is and as what it is not.
#[cfg(feature = "figment")]
fn layers(text: &str) {
    #[derive(Debug, Deserialize)]
    struct Read<T: serde::de::DeserializeOwned>(
        #[serde(deserialize_with = "config_vars::deserialize_from_str", bound = "")] T,
    );
    fn read<T: serde::de::DeserializeOwned>(figment: &figment::Figment, config: &config::Config) {
        for name in ["field", "memcache_servers"] {
            drop(
                figment
                    .extract_inner::<T>(name)
                    .map_err(|error| error.to_string()),
            );
            drop(config.get::<T>(name).map_err(|error| error.to_string()));
        }
    }
    let provider = ConfigVars::from_iter([
        ("FIELD", text),
        ("MEMCACHE_SERVERS", "mc.example"),
        ("MEMCACHE_USERNAME", text),
        ("MEMCACHE_PASSWORD", text),
    ])
    .provider()
    .also(["FIELD"]);
    let figment = figment::Figment::from(&provider);
    let config = config::Config::try_from(&provider).unwrap();
    read::<ResourceUrl>(&figment, &config);
    read::<MysqlUrl>(&figment, &config);
    read::<MemcacheUrl>(&figment, &config);
    read::<String>(&figment, &config);
    read::<u16>(&figment, &config);
    read::<Read<SecretString>>(&figment, &config);
    read::<Read<Vec<SecretString>>>(&figment, &config);
    read::<Read<u16>>(&figment, &config);
    drop(format!("{provider:?} {figment:?} {config:?}"));
}

/// The salt, the computed token, and the fields of a form: a good one, one that lacks a field, and what is none.
#[cfg(feature = "sso")]
fn sign_on() {
    use config_vars::sso::{Form, Verifier};
    use std::time::{Duration, UNIX_EPOCH};

    let fields = [
        ("id", "123"),
        ("token", "bb466eb1d6bc345d11072c3cd25c311f21be130d"),
        ("timestamp", "1267597772"),
        ("email", canary!()),
    ];
    let now = UNIX_EPOCH + Duration::from_secs(1_267_597_772);
    let genuine = Verifier::new("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4".into()).unwrap();
    let other = Verifier::new(canary!().into()).unwrap();
    let form = Form::new(fields).unwrap();
    genuine.check(&form, now).unwrap();
    drop(other.clone().check(&form, now));
    drop(format!("{form:?} {genuine:?} {other:?}"));
    drop((
        genuine.token("123", 1_267_597_772),
        other.token("123", 0),
        form.clone(),
    ));
    let of_user = [
        ("resource_id", "01234567-89ab-cdef-0123-456789abcdef"),
        ("user_scoped_resource_token", canary!()),
        ("user_id", canary!()),
        ("email", concat!(canary!(), "@example.com")),
        ("timestamp", "1267597772"),
    ];
    let form = Form::new(of_user).unwrap();
    drop((
        other.check(&form, now),
        genuine.clone().require_user().check(&form, now),
    ));
    drop(other.user_scoped_token(canary!(), 0, canary!(), canary!()));
    drop((form.get("email").cloned(), form.is_user_scoped(), form));
    drop(Form::new(of_user.map(|(name, value)| {
        if name == "timestamp" {
            (name, canary!())
        } else {
            (name, value)
        }
    })));
    // A deserializer that hands over what it owns, in a buffer with room to spare.
    for count in 0..=fields.len() {
        let roomy = |(name, value): (&'static str, &str)| {
            let mut text = String::with_capacity(100);
            text.push_str(value);
            (name, text)
        };
        let given = fields.into_iter().take(count).map(roomy);
        let given = serde::de::value::MapDeserializer::<_, SerdeError>::new(given);
        drop(Form::deserialize(given));
    }
    let owned: StringDeserializer<SerdeError> = canary!().to_owned().into_deserializer();
    drop(Form::deserialize(owned));
}

/// A source that has one value after the other: good ones, malformed ones, those of another kind; and all of it gone.
fn rolls() {
    #[derive(Deserialize)]
    struct Config {
        a_url: ResourceUrl,
        token: Option<SecretString>,
        memcache_servers: Option<MemcacheUrl>,
    }
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let source = || {
        let turn = TURN.load(SeqCst);
        let text = VALUES[turn % VALUES.len()];
        let all = [
            ("A_URL", text),
            ("B_URL", VALUES[(turn + 7) % VALUES.len()]),
            ("MEMCACHE_PASSWORD", text),
            ("MEMCACHE_SERVERS", "mc.example"),
            ("MEMCACHE_USERNAME", text),
            ("TOKEN", text),
        ];
        match turn % 5 {
            3 => Err(config_vars::Error::custom("it cannot be read").into()),
            4 => Ok(ConfigVars::from_iter(all.into_iter().skip(4))),
            _ => Ok(ConfigVars::from_iter(all)),
        }
    };
    let roll_through = |live: Live<Config>| {
        let clients = live
            .select(|config| config.a_url.clone())
            .map(|url| Ok(url.clone()))
            .unwrap();
        let failing = live
            .map(|config| match TURN.load(SeqCst) % 2 {
                0 => Ok(config.token.clone()),
                _ => Err(config_vars::Error::custom("it cannot be made").into()),
            })
            .unwrap();
        let subscription = live.subscribe(|change| drop(format!("{change:?}")));
        let mut changes = live.changes();
        for turn in 0..2 * VALUES.len() {
            TURN.store(turn, SeqCst);
            drop(live.reload());
            let config = live.load();
            _ = config
                .memcache_servers
                .as_ref()
                .map(|cache| cache.servers().count());
            drop((live.previous(), clients.previous(), failing.load_full()));
            drop((live.vars(), live.status().to_string(), format!("{live:?}")));
            let result = clients.retry_on_blocking(
                |(): &()| false,
                |url| {
                    drop(url.clone());
                    Err::<(), _>(())
                },
            );
            assert!(result.is_err());
        }
        drop(changes.wait(std::time::Duration::ZERO));
        drop((subscription, changes));
    };
    for grace_period in [0, 1].map(std::time::Duration::from_secs) {
        TURN.store(0, SeqCst);
        roll_through(Live::builder(source).grace_period(grace_period).build().unwrap());
    }
}

#[test]
fn nothing_is_left_of_the_process_environment() {
    let _alone = alone();
    with_secrets_in_the_environment("nothing_is_left_of_the_process_environment", || {
        assert_eq!(residues(|| ask_everything(&ConfigVars::from_env())), 0);
    });
}

/// Has this binary run the test of this name again, as a process with three secrets in its environment: there, and
/// nowhere else, it takes the action.
fn with_secrets_in_the_environment(test: &str, action: impl FnOnce()) {
    if std::env::var_os("CANARY_URL").is_some() {
        action();
        println!("{LOOKED_AT}");
        return;
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("CANARY_URL", VALUES[0])
        .env("CANARY_DSN", VALUES[8])
        .env("CANARY_PASSWORD", canary!())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains(LOOKED_AT),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Printed by the process with secrets in its environment, so that one which runs no test is noticed.
const LOOKED_AT: &str = "the environment was looked at";

/// Residues of other libraries, each beside what this crate does instead.
mod peers {
    use super::*;

    fn roomy(text: &str) -> String {
        let mut roomy = String::with_capacity(4 * text.len());
        roomy.push_str(text);
        roomy
    }

    /// `SecretString` shrinks a `String` that has room to spare, and an allocator may move it.
    #[test]
    fn secrecy_0_10_a_roomy_string() {
        let _alone = alone();
        assert_eq!(residues(|| drop(SecretString::from(roomy(canary!())))), 1);
        let ours = || drop(ConfigVars::from_iter([("A_URL", roomy(VALUES[0]))]));
        assert_eq!(residues(ours), 0);
        // One that is full already is wiped by both.
        assert_eq!(residues(|| drop(SecretString::from(canary!().to_owned()))), 0);
        let ours = || drop(ConfigVars::from_iter([("A_URL", VALUES[0].to_owned())]));
        assert_eq!(residues(ours), 0);
    }

    /// `SecretString::from(&str)` leaves the `String` that it was made of to its owner.
    #[test]
    fn secrecy_0_10_a_borrowed_string() {
        let _alone = alone();
        let theirs = || {
            let text = canary!().to_owned();
            drop(SecretString::from(text.as_str()));
        };
        assert_eq!(residues(theirs), 1);
        // A `String` that is handed over is taken, and wiped.
        let ours = || {
            let owned: StringDeserializer<SerdeError> = VALUES[0].to_owned().into_deserializer();
            drop(MysqlUrl::deserialize(owned));
        };
        assert_eq!(residues(ours), 0);
    }

    /// The decoder's buffers: one too small, one with room to spare.
    #[test]
    fn percent_encoding_2_3_an_escape() {
        let _alone = alone();
        const ENCODED: &str = concat!(canary!(), "%21");
        let theirs = || {
            let decoded = percent_encoding::percent_decode_str(ENCODED)
                .decode_utf8()
                .unwrap();
            drop(SecretString::from(decoded.into_owned()));
        };
        assert!(residues(theirs) >= 1);
        let ours = || {
            let url: MysqlUrl = concat!("mysql://app:", canary!(), "%21@db.example")
                .parse()
                .unwrap();
            assert!(url.password().is_some());
        };
        assert_eq!(residues(ours), 0);
    }

    /// A `Url` is not wiped.
    #[test]
    fn url_2_5_parsed_and_dropped() {
        let _alone = alone();
        assert_eq!(residues(|| drop(url::Url::parse(VALUES[0]))), 1);
        assert_eq!(residues(|| drop(VALUES[0].parse::<ResourceUrl>())), 0);
    }

    /// Nor is a list of the environment's variables.
    #[test]
    fn std_env_vars_collected_and_dropped() {
        let _alone = alone();
        with_secrets_in_the_environment("peers::std_env_vars_collected_and_dropped", || {
            let theirs = || drop(std::env::vars_os().collect::<Vec<_>>());
            assert_eq!(residues(theirs), 3);
            let ours = || {
                let vars = ConfigVars::from_env();
                let url: MysqlUrl = vars.url("CANARY_URL").unwrap();
                assert!(url.password().is_some());
            };
            assert_eq!(residues(ours), 0);
            // The same where the app hands over what `vars_os` gave it.
            let ours = || {
                let vars = ConfigVars::from_iter(std::env::vars_os());
                assert!(vars.require("CANARY_PASSWORD").is_ok());
            };
            assert_eq!(residues(ours), 0);
        });
    }

    /// The `String` of `var` has no spare capacity, and so is taken over without a copy.
    #[test]
    fn std_env_var_straight_into_secret_string() {
        let _alone = alone();
        with_secrets_in_the_environment("peers::std_env_var_straight_into_secret_string", || {
            let var = || std::env::var("CANARY_PASSWORD").expect("a secret in the environment");
            assert_eq!(residues(|| drop(var())), 1);
            assert_eq!(residues(|| drop(SecretString::from(var()))), 0);
            let ours = || {
                let vars = ConfigVars::from_env();
                drop(vars.require("CANARY_PASSWORD").unwrap().clone());
            };
            assert_eq!(residues(ours), 0);
        });
    }

    /// A secret that was made without residue stays so: parsed, printed, cloned and dropped.
    #[test]
    fn secrecy_0_10_parsed_printed_and_dropped() {
        let _alone = alone();
        let secret = SecretString::from(VALUES[0]);
        let ours = || {
            let vars = ConfigVars::from_iter([("A_URL", secret.clone())]);
            let url: MysqlUrl = vars.url("A_URL").unwrap();
            drop(format!("{vars:?} {url:?} {:?}", url.clone()));
        };
        assert_eq!(residues(ours), 0);
    }

    /// A URL that cannot be parsed leaves what was built of it: url, sqlx, mysql_async, redis and mongodb do.
    #[test]
    fn url_2_5_a_failed_parse() {
        let _alone = alone();
        const BAD: &str = concat!("mysql://app:", canary!(), "@db.example:99999/shop");
        assert!(residues(|| drop(url::Url::parse(BAD))) >= 1);
        assert_eq!(residues(|| drop(BAD.parse::<MysqlUrl>())), 0);
        #[cfg(feature = "sqlx")]
        assert!(residues(|| drop(BAD.parse::<sqlx::mysql::MySqlConnectOptions>())) >= 1);
        #[cfg(feature = "mysql_async")]
        assert!(residues(|| drop(mysql_async::Opts::from_url(BAD))) >= 1);
        #[cfg(feature = "redis")]
        {
            const BAD: &str = concat!("redis://app:", canary!(), "@cache.example:99999");
            assert!(residues(|| drop(redis::IntoConnectionInfo::into_connection_info(BAD))) >= 1);
            assert_eq!(residues(|| drop(BAD.parse::<RedisUrl>())), 0);
        }
        #[cfg(feature = "mongodb")]
        {
            const BAD: &str = concat!("mongodb://app:", canary!(), "@db.example:99999/shop");
            assert!(residues(|| drop(mongodb::options::ConnectionString::parse(BAD))) >= 1);
            assert_eq!(residues(|| drop(BAD.parse::<MongoUrl>())), 0);
        }
    }
}
