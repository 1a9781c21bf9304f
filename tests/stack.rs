//! No piece of a secret is left on the stack when a value has been read: what the crate overwrites is as deep as its
//! readers go. On Linux, where a process can look at its own memory.
#![cfg(target_os = "linux")]

use config_vars::{ConfigVars, Live, MongoUrl, MysqlUrl, PostgresUrl, RedisUrl, ResourceUrl};
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;

const AREA: usize = 256 * 1024;
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
    action();
    memory.read_exact_at(area, lowest as u64).unwrap();
    let mut pieces = area.windows(PIECE);
    let is_residue = |window: &[u8]| canary!().as_bytes().windows(PIECE).any(|piece| piece == window);
    pieces
        .position(|window| window[0] != 0 && is_residue(window))
        .map(|at| AREA - at)
}

/// On a thread of its own, whose stack nothing else writes to.
fn check(actions: &'static [fn(&str)], texts: &'static [&'static str]) {
    let measure = move || {
        let memory = File::open("/proc/self/mem").unwrap();
        let mut area = vec![0; AREA];
        // The search finds what is there.
        let copy = || {
            black_box(<[u8; 32]>::try_from(canary!().as_bytes()).unwrap());
        };
        assert!(deepest_residue(&memory, &mut area, &copy).is_some());
        for (number, action) in actions.iter().enumerate() {
            for text in texts {
                let residue = deepest_residue(&memory, &mut area, &|| action(text));
                assert_eq!(residue, None, "action {number}, {text}");
            }
        }
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

fn live_of(text: &str) -> Live<ConfigVars> {
    let vars = ConfigVars::from([("A", text)]);
    Live::from_vars(move || Ok(vars.clone())).unwrap()
}
