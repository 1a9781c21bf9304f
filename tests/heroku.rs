//! `Heroku` against a server that answers as Heroku's Platform API is documented to, over TLS, and against servers that do not.

mod api_server;

use api_server::{CANARY, Server, TOKEN, answer, error_body, file, listen};
use config_vars::{ConfigVars, Error, ErrorKind, ExposeSecret, Heroku, Live, MysqlUrl, ProcessEnv, Source};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn source(port: u16) -> Heroku {
    let authority = std::fs::read(file("authority.pem")).unwrap();
    Heroku::app("shop", TOKEN)
        .with_server("127.0.0.1", port)
        .with_root_certificates(&authority)
        .unwrap()
}

/// The message of a read that must fail, in whatever form it is shown.
#[track_caller]
fn failure(source: &Heroku) -> (ErrorKind, String) {
    let error = source.read().map(drop).expect_err("the source can be read");
    let output = format!("{error} {error:?} {error:#?} {source:?} {source:#?}");
    for secret in [CANARY, TOKEN, &TOKEN[5..]] {
        assert!(!output.contains(secret), "{output}");
    }
    (error.kind(), error.to_string())
}

#[test]
fn config_vars_are_read_and_read_again_only_if_they_changed() {
    let number = Arc::new(AtomicU32::new(1));
    let current = number.clone();
    let server = Server::start("right", move |asked, stream| {
        let number = current.load(SeqCst);
        let tag = format!("W/\"{number}\"");
        let text = if asked.field("If-None-Match") == Some(&tag) {
            "HTTP/1.1 304 Not Modified\r\nRateLimit-Remaining: 4499\r\n\r\n".to_owned()
        } else {
            let body = format!(
                r#"{{"JAWSDB_URL": "mysql://app:{CANARY}{number}@db.example/shop", "UNSET": null, "TEXT": "a\"b\\\u20ac\n", "EMPTY": ""}}"#
            );
            answer(
                "200 OK",
                &format!("ETag: {tag}\r\nRateLimit-Remaining: 4499\r\n"),
                &body,
            )
        };
        _ = stream.write_all(text.as_bytes());
    });
    let source = source(server.port);
    let password = |vars: &ConfigVars| {
        let url: MysqlUrl = vars.url("JAWSDB_URL").unwrap();
        url.password().unwrap().expose_secret().to_owned()
    };
    for _ in 0..3 {
        let vars = source.read().unwrap();
        assert_eq!(password(&vars), format!("{CANARY}1"));
        assert_eq!(vars.require("TEXT").unwrap().expose_secret(), "a\"b\\€\n");
        assert!(vars.get("UNSET").is_none());
        assert_eq!(vars.len(), 3);
        assert_eq!(vars.origin("TEXT"), Some("Heroku app shop"));
    }
    number.store(2, SeqCst);
    assert_eq!(password(&source.clone().read().unwrap()), format!("{CANARY}2"));
    assert_eq!(
        password(&source.or(ProcessEnv).read().unwrap()),
        format!("{CANARY}2")
    );

    let asked = server.asked.lock().unwrap();
    let tags: Vec<_> = asked.iter().map(|asked| asked.field("If-None-Match")).collect();
    assert_eq!(
        tags,
        [
            None,
            Some("W/\"1\""),
            Some("W/\"1\""),
            Some("W/\"1\""),
            Some("W/\"2\"")
        ]
    );
    for asked in asked.iter() {
        assert!(asked.head.starts_with("GET /apps/shop/config-vars HTTP/1.1\r\n"));
        assert_eq!(asked.field("Authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert_eq!(
            asked.field("Accept"),
            Some("application/vnd.heroku+json; version=3")
        );
        assert_eq!(asked.field("Host"), Some(&*format!("127.0.0.1:{}", server.port)));
        assert!(asked.field("User-Agent").unwrap().starts_with("config-vars/"));
    }
}

#[test]
fn name_of_the_app_is_one_segment_of_the_path() {
    let server = Server::answering(answer("200 OK", "", "{}"));
    let authority = std::fs::read(file("authority.pem")).unwrap();
    for (app, path) in [
        ("../account", "/apps/..%2Faccount/config-vars"),
        ("a b\r\nX: y", "/apps/a%20b%0D%0AX%3A%20y/config-vars"),
        ("shop?x=#", "/apps/shop%3Fx%3D%23/config-vars"),
    ] {
        let source = Heroku::app(app, TOKEN)
            .with_server("127.0.0.1", server.port)
            .with_root_certificates(&authority)
            .unwrap();
        source.read().unwrap();
        assert_eq!(server.asked.lock().unwrap().pop().unwrap().path(), path);
    }
}

#[test]
fn answers_that_are_errors_have_a_message_and_leak_nothing() {
    let elsewhere = Server::answering(answer("200 OK", "", "{}"));
    let location = format!(
        "Location: https://127.0.0.1:{}/apps/shop/config-vars\r\n",
        elsewhere.port
    );
    let vars = format!(r#"{{"A": "{CANARY}"}}"#);
    let gzip = answer("200 OK", "Content-Encoding: gzip\r\n", CANARY);
    let mut chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    let megabyte = CANARY.repeat((1 << 20) / CANARY.len() + 1);
    for _ in 0..100 {
        _ = write!(chunked, "{:x}\r\n{megabyte}\r\n", megabyte.len());
    }
    let half = &answer("200 OK", "", &vars)[..answer("200 OK", "", &vars).len() - vars.len() / 2];
    let huge = format!("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n{megabyte}");
    let proxy = "check for a proxy on the way";
    let json = "the answer is not the JSON that the API documents; if it comes through a gateway, check what that returns";
    let rows = [
        (answer("401 Unauthorized", "", &error_body("unauthorized")), "the API does not know the token; make a new one, as it may have expired or been revoked".to_owned()),
        (answer("403 Forbidden", "", &error_body("forbidden")), "the token may not read config vars; make one with the scope `read-protected`, for an account that has access to the app".to_owned()),
        (answer("403 Forbidden", "", &error_body("suspended")), "the API answers with status 403 (`suspended`); the platform's documentation says what it means".to_owned()),
        (answer("404 Not Found", "", &error_body("not_found")), "there is no such app for this token; correct the name, or give the token's account access to it".to_owned()),
        (answer("500 Internal Server Error", "", CANARY), "the API answers with status 500; read it again later, or look at the platform's status page".to_owned()),
        (answer("503 Service Unavailable", "", &error_body(CANARY)), "the API answers with status 503; read it again later, or look at the platform's status page".to_owned()),
        (answer("206 Partial Content", "Next-Range: id x\r\n", &vars), "the API answers with status 206; read it again later, or look at the platform's status page".to_owned()),
        (answer("304 Not Modified", "", ""), "the API answers with status 304; read it again later, or look at the platform's status page".to_owned()),
        (answer("302 Found", &location, ""), "the API answers with a redirect, which is not followed, so that the token goes to no other server; if that server is yours, a program passes it to `with_server`".to_owned()),
        (answer("308 Permanent Redirect", &location, ""), "the API answers with a redirect, which is not followed, so that the token goes to no other server; if that server is yours, a program passes it to `with_server`".to_owned()),
        (gzip, format!("the API's answer is compressed, which was not asked for; {proxy}")),
        (huge, format!("the API's answer is larger than 4 MiB, which no app's config vars are; {proxy}")),
        (chunked, format!("the API's answer is larger than 4 MiB, which no app's config vars are; {proxy}")),
        (half.to_owned(), "the API's answer was cut off; read it again".to_owned()),
        (String::new(), "the API's answer was cut off; read it again".to_owned()),
        (format!("{CANARY}\r\n\r\n"), format!("the API's answer is not HTTP/1.1 as expected; {proxy}")),
        (answer("200 OK", "", CANARY), json.to_owned()),
        (answer("200 OK", "", &format!("[{vars}]")), json.to_owned()),
        (answer("200 OK", "", r#"{"A": 1}"#), json.to_owned()),
        (answer("200 OK", "", &format!(r#"{{"https://{CANARY}": "x"}}"#)), json.to_owned()),
        (answer("200 OK", "", &format!(r#"{{"A": "{CANARY}", "A": "x"}}"#)), "gives a key twice; keep one of them".to_owned()),
    ];
    for (text, expected) in rows {
        let start = text[..text.len().min(60)].to_owned();
        let server = Server::answering(text);
        assert_eq!(
            failure(&source(server.port)).1,
            format!("Heroku app shop: {expected}"),
            "{start}"
        );
    }
    assert_eq!(elsewhere.connections.load(SeqCst), 0);
}

#[test]
fn servers_that_are_not_trusted_get_no_token() {
    let certificate = "Heroku app shop: the certificate of the API's server is not trusted or not for its name, so the token was not \
                       sent; check for a proxy on the way, whose authority a program passes to `with_root_certificates`";
    for name in ["stranger", "wrong-name"] {
        let server = Server::start(name, |_, _| ());
        assert_eq!(failure(&source(server.port)).1, certificate);
        assert_eq!((server.requests(), server.connections.load(SeqCst)), (0, 1));
    }
    let server = Server::answering(answer("200 OK", "", "{}"));
    let without_authority = Heroku::app("shop", TOKEN).with_server("127.0.0.1", server.port);
    assert_eq!(failure(&without_authority).1, certificate);
    assert_eq!(server.requests(), 0);

    // In clear.
    let heard = Arc::new(Mutex::new(Vec::new()));
    let log = heard.clone();
    let port = listen(Arc::default(), move |mut stream| {
        _ = stream.write_all(answer("200 OK", "", "{}").as_bytes());
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).unwrap_or(0);
        log.lock().unwrap().extend_from_slice(&bytes[..count]);
    });
    assert_eq!(
        failure(&source(port)).1,
        "Heroku app shop: the API's server does not speak TLS as it should; check for a proxy on the way"
    );
    let heard = String::from_utf8_lossy(&heard.lock().unwrap()).into_owned();
    assert!(!heard.contains(TOKEN) && !heard.contains("GET"));
}

#[test]
fn servers_that_are_not_there_or_slow_are_errors_in_time() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (kind, message) = failure(&source(closed));
    assert_eq!(kind, ErrorKind::UnreadableSource);
    assert_eq!(
        message,
        "Heroku app shop: the API cannot be reached: connection refused; check the network"
    );
    let nowhere = Heroku::app("shop", TOKEN).with_server("no such host", 443);
    assert!(failure(&nowhere).1.contains("the API's host name has no address"));

    let silent = listen(Arc::default(), |_stream| {
        std::thread::sleep(Duration::from_secs(60))
    });
    let drips = Server::start("right", |_, stream| {
        for byte in answer("200 OK", "", "{}").bytes() {
            if stream.write_all(&[byte]).and_then(|()| stream.flush()).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let timeout = Duration::from_millis(400);
    for port in [silent, drips.port] {
        let begun = Instant::now();
        assert_eq!(
            failure(&source(port).with_timeout(timeout)).1,
            "Heroku app shop: the API did not answer in time; check the network; a program can set a longer timeout"
        );
        assert!(begun.elapsed() >= timeout && begun.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn tokens_that_cannot_be_sent_are_refused_without_a_connection() {
    let server = Server::answering(answer("200 OK", "", "{}"));
    let authority = std::fs::read(file("authority.pem")).unwrap();
    for token in [
        "",
        "HRKU-x\n",
        "HRKU-x\r\nHost: y",
        " HRKU-x",
        "HRKU-x\u{e9}",
        "Bearer HRKU-x",
    ] {
        let source = Heroku::app("shop", token)
            .with_server("127.0.0.1", server.port)
            .with_root_certificates(&authority)
            .unwrap();
        assert_eq!(
            failure(&source).1,
            "Heroku app shop: the token is empty, or has a character that is in no token, such as a line break; correct it"
        );
    }
    assert_eq!(server.connections.load(SeqCst), 0);
}

#[test]
fn refusal_for_the_rate_is_waited_out() {
    for (fields, seconds) in [
        ("", 60),
        ("Retry-After: 7\r\n", 7),
        ("Retry-After: 4000000000\r\n", 900),
    ] {
        let server = Server::answering(answer("429 Too Many Requests", fields, &error_body("rate_limit")));
        let source = source(server.port);
        let message = |seconds: u64| {
            format!(
                "Heroku app shop: the account's requests are used up, or almost; the API can be read again in {seconds} s. \
                 Poll it less often, and in one process"
            )
        };
        assert_eq!(failure(&source), (ErrorKind::UnreadableSource, message(seconds)));
        for _ in 0..20 {
            let again = failure(&source.clone()).1;
            assert!(
                (seconds - 2..=seconds).any(|left| again == message(left)),
                "{again}"
            );
        }
        assert_eq!(server.requests(), 1);
    }
    // A short delay is waited for.
    let is_refused = AtomicBool::new(true);
    let server = Server::start("right", move |_, stream| {
        let text = match is_refused.swap(false, SeqCst) {
            true => answer(
                "429 Too Many Requests",
                "Retry-After: 1\r\n",
                &error_body("rate_limit"),
            ),
            false => answer("200 OK", "", "{}"),
        };
        _ = stream.write_all(text.as_bytes());
    });
    let source = source(server.port);
    let begun = Instant::now();
    assert!(source.read().is_err() && source.read().is_ok());
    assert!(begun.elapsed() >= Duration::from_millis(900));
}

/// Polls the API as often as it can, as the app that `POLLED` names, and says which reads fail. It ends when it is killed.
#[test]
#[ignore = "a process of `ten_processes_of_one_token_stay_within_its_rate`"]
fn polling_process() {
    let Ok(polled) = std::env::var(POLLED) else {
        return;
    };
    let (app, port) = polled.split_once(' ').unwrap();
    let authority = std::fs::read(file("authority.pem")).unwrap();
    let source = Heroku::app(app, TOKEN)
        .with_server("127.0.0.1", port.parse().unwrap())
        .with_root_certificates(&authority)
        .unwrap();
    let mut was_read = None;
    loop {
        let is_read = source.read().is_ok();
        if was_read != Some(is_read) {
            println!("\n{}", if is_read { "is read" } else { "has to wait" });
            was_read = Some(is_read);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

const POLLED: &str = "CONFIG_VARS_TEST_POLLED";

/// Ten processes that poll a server.
struct Processes(Vec<(Child, BufReader<std::process::ChildStdout>)>);

impl Processes {
    fn start(port: u16) -> Self {
        let start = |number| {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "polling_process", "--nocapture"])
                .env(POLLED, format!("shop-{number} {port}"))
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let output = BufReader::new(process.stdout.take().unwrap());
            (process, output)
        };
        Self((0..10).map(start).collect())
    }

    /// Waits until each process has printed the line.
    fn wait_for_each(&mut self, expected: &str) {
        for (_, output) in &mut self.0 {
            let mut lines = output.lines().map(Result::unwrap);
            assert!(lines.any(|line| line == expected), "it ended before `{expected}`");
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for (process, _) in &mut self.0 {
            _ = process.kill();
            _ = process.wait();
        }
    }
}

/// The requests of an account: how many are left, and what became of each, by app.
#[derive(Default)]
struct Account {
    left: u32,
    requests: Vec<(String, Instant, bool)>,
}

fn limited_server(left: u32) -> (Server, Arc<Mutex<Account>>) {
    let account = Arc::new(Mutex::new(Account {
        left,
        ..Account::default()
    }));
    let shared = account.clone();
    let server = Server::start("right", move |asked, stream| {
        let mut account = shared.lock().unwrap();
        let left = account.left.checked_sub(1);
        let app = asked.path().split('/').nth(2).unwrap().to_owned();
        account.requests.push((app, asked.at, left.is_some()));
        account.left = left.unwrap_or(0);
        drop(account);
        let text = match left {
            Some(left) => answer("200 OK", &format!("RateLimit-Remaining: {left}\r\n"), "{}"),
            None => answer(
                "429 Too Many Requests",
                "Retry-After: 3\r\n",
                &error_body("rate_limit"),
            ),
        };
        _ = stream.write_all(text.as_bytes());
    });
    (server, account)
}

#[test]
fn ten_processes_of_one_token_stay_within_its_rate() {
    // They poll at full speed, until the account is below its reserve. None takes more than one request after that.
    let (server, account) = limited_server(600);
    let mut processes = Processes::start(server.port);
    processes.wait_for_each("has to wait");
    let requests = |account: &Mutex<Account>| {
        let account = account.lock().unwrap();
        let mut by_app = HashMap::<String, Vec<(Instant, bool)>>::new();
        for (app, at, is_served) in &account.requests {
            by_app.entry(app.clone()).or_default().push((*at, *is_served));
        }
        (account.requests.len(), by_app)
    };
    let (count, by_app) = requests(&account);
    assert_eq!(by_app.len(), 10);
    assert!((151..=160).contains(&count), "{count}");
    assert!(by_app.values().flatten().all(|(_, is_served)| *is_served));
    // Each waits for a minute at least.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(requests(&account).0, count);
    drop(processes);

    // They start when fewer requests are left than there are processes. Those that are refused come back when the API says.
    let (server, account) = limited_server(4);
    let mut processes = Processes::start(server.port);
    let begun = Instant::now();
    while requests(&account).1.len() < 10 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    account.lock().unwrap().left = 100;
    processes.wait_for_each("is read");
    processes.wait_for_each("has to wait");
    let (_, by_app) = requests(&account);
    let refused = by_app.values().filter(|requests| requests.len() > 1).count();
    assert_eq!((refused, by_app.len()), (6, 10), "{by_app:?}");
    for requests in by_app.values() {
        let is_served = requests.iter().map(|(_, is_served)| *is_served);
        assert!(is_served.eq((1..=requests.len()).map(|number| number == requests.len())));
        for pair in requests.windows(2) {
            let waited = pair[1].0 - pair[0].0;
            assert!(waited >= Duration::from_millis(2_900), "{waited:?}");
        }
    }
}

/// Config vars of add-ons, and of the app's own under names that look like theirs.
const GROUPED: &str = r#"{
    "DATABASE_URL": "postgres://app:one@db.example/shop",
    "HEROKU_POSTGRESQL_AMBER_URL": "postgres://other:two@proxy.example/shop",
    "LEDGER_URL": "postgres://app:three@shared.example/one",
    "REPORTS_URL": "postgres://app:four@shared.example/one",
    "DATABASE_URI": "postgres://own.example/x",
    "DATABASE_API_KEY": "own",
    "DATABASE_POOL": "5",
    "MEMCACHIER_SERVERS": "mc.example:11211", "MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "pw",
    "MEMCACHIER_SECRET_KEY": "own",
    "SEARCH_ENDPOINT_FOO": "x",
    "OWN_REDIS_URL": "redis://own.example"
}"#;

/// Each attachment, its add-on, and its config vars.
const ATTACHMENTS: [(&str, &str, &str); 6] = [
    ("DATABASE", "01", r#""DATABASE_URL""#),
    (
        "HEROKU_POSTGRESQL_AMBER",
        "01",
        r#""HEROKU_POSTGRESQL_AMBER_URL""#,
    ),
    ("LEDGER", "02", r#""LEDGER_URL""#),
    (
        "MEMCACHIER",
        "03",
        r#""MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD""#,
    ),
    ("REPORTS", "04", r#""REPORTS_URL", "NOT_SET""#),
    ("SEARCH", "05", r#""SEARCH_ENDPOINT_FOO""#),
];

/// How a server reports the attachments.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Reports {
    Included,
    Pages,
    WithoutInclusion,
    NoSuchVariant,
}

fn grouped(reports: Reports) -> Server {
    let row = |(name, addon, vars): (&str, &str, &str), with_vars: bool| {
        let vars = if with_vars {
            format!(r#", "config_vars": [{vars}]"#)
        } else {
            String::new()
        };
        format!(r#"{{"id": "x", "name": "{name}", "addon": {{"id": "{addon}", "name": "{CANARY}"}}{vars}}}"#)
    };
    Server::start("right", move |asked, stream| {
        let is_variant = asked.field("Accept") == Some("application/vnd.heroku+json; version=3.sdk");
        let rows = |range: std::ops::Range<usize>, with_vars| {
            let rows: Vec<_> = ATTACHMENTS[range].iter().map(|of| row(*of, with_vars)).collect();
            format!("[{}]", rows.join(","))
        };
        let text = match (asked.path(), reports) {
            ("/apps/shop/config-vars", _) if asked.field("If-None-Match").is_some() => {
                "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()
            }
            ("/apps/shop/config-vars", _) => answer("200 OK", "ETag: \"1\"\r\n", GROUPED),
            ("/apps/shop/addons", _) => {
                let addon = |id: &str| {
                    let vars = ATTACHMENTS.iter().filter(|(_, addon, _)| *addon == id);
                    let vars: Vec<_> = vars.map(|(.., vars)| *vars).collect();
                    format!(r#"{{"id": "{id}", "config_vars": [{}]}}"#, vars.join(","))
                };
                let addons: Vec<_> = ["01", "02", "03", "04", "05"].into_iter().map(addon).collect();
                answer("200 OK", "", &format!("[{}]", addons.join(",")))
            }
            (_, Reports::NoSuchVariant) if is_variant => {
                answer("406 Not Acceptable", "", &error_body("not_acceptable"))
            }
            (_, Reports::Pages) => match asked.field("Range") {
                Some("id ..; max=1000") => answer(
                    "206 Partial Content",
                    "Next-Range: id ]x..; max=1000\r\n",
                    &rows(0..2, true),
                ),
                Some("id ]x..; max=1000") => answer("206 Partial Content", "", &rows(2..6, true)),
                other => panic!("{other:?}"),
            },
            (_, reports) => answer(
                "200 OK",
                "",
                &rows(0..6, is_variant && reports == Reports::Included),
            ),
        };
        _ = stream.write_all(text.as_bytes());
    })
}

#[test]
fn attachments_and_aliases_are_those_of_the_platform() {
    for (reports, requests) in [
        (Reports::Included, 2),
        (Reports::Pages, 3),
        (Reports::WithoutInclusion, 4),
        (Reports::NoSuchVariant, 4),
    ] {
        let server = grouped(reports);
        let source = source(server.port).with_attachments();
        let vars = source.read().unwrap();
        assert_eq!(server.requests(), requests, "{reports:?}");
        let attachments: Vec<_> = vars
            .attachments()
            .map(|attachment| {
                let aliases: Vec<_> = attachment
                    .aliases()
                    .map(|alias| (alias.to_string(), alias.is_certain()))
                    .collect();
                (
                    attachment.name().to_owned(),
                    attachment.var_names().collect::<Vec<_>>().join(" "),
                    aliases,
                )
            })
            .collect();
        let same = |name: &str| {
            vec![(
                format!("{name} is the same add-on, with another URL or credential"),
                true,
            )]
        };
        let row = |name: &str, vars: &str, aliases| (name.to_owned(), vars.to_owned(), aliases);
        assert_eq!(
            attachments,
            [
                row("DATABASE", "DATABASE_URL", same("HEROKU_POSTGRESQL_AMBER")),
                row("DATABASE_URI", "DATABASE_URI", vec![]),
                row(
                    "HEROKU_POSTGRESQL_AMBER",
                    "HEROKU_POSTGRESQL_AMBER_URL",
                    same("DATABASE")
                ),
                row("LEDGER", "LEDGER_URL", vec![]),
                row(
                    "MEMCACHIER",
                    "MEMCACHIER_PASSWORD MEMCACHIER_SERVERS MEMCACHIER_USERNAME",
                    vec![]
                ),
                row("OWN_REDIS", "OWN_REDIS_URL", vec![]),
                row("REPORTS", "REPORTS_URL", vec![]),
                row("SEARCH", "SEARCH_ENDPOINT_FOO", vec![]),
            ],
            "{reports:?}"
        );
        assert_eq!(
            vars.only::<config_vars::MemcacheUrl>().unwrap().host(),
            Some("mc.example")
        );
        // Without a change, nothing more is asked for, and the grouping stays; also in a combination.
        let combined = source
            .or(|| Ok(ConfigVars::from_iter([("PORT", "80")])))
            .read()
            .unwrap();
        assert_eq!(server.requests(), requests + 1);
        assert_eq!(combined.attachments().count(), attachments.len());
        let database = combined.attachments().next().unwrap();
        assert!(database.var_names().eq(["DATABASE_URL"]));
    }
    // By names alone, the same config vars are grouped otherwise.
    let vars = source(grouped(Reports::Included).port).read().unwrap();
    let database = vars.attachments().next().unwrap();
    assert!(database.var_names().count() > 1 && database.aliases().count() == 0);
}

#[test]
fn attachments_that_cannot_be_read_are_an_error() {
    for (text, expected) in [
        (
            answer("403 Forbidden", "", &error_body("forbidden")),
            "the token may not read config vars",
        ),
        (
            answer("500 Internal Server Error", "", CANARY),
            "the API answers with status 500",
        ),
        (
            answer("404 Not Found", "", &error_body("not_found")),
            "the answer is not the JSON that the API documents",
        ),
        (
            answer("200 OK", "", &format!("{{\"{CANARY}\": 1}}")),
            "the answer is not the JSON that the API documents",
        ),
        (
            answer("206 Partial Content", "Next-Range: again\r\n", "[]"),
            "the answer is not the JSON that the API documents",
        ),
    ] {
        let server = Server::start("right", move |asked, stream| {
            let text = match asked.path() {
                "/apps/shop/config-vars" => answer("200 OK", "ETag: x\r\n", "{}"),
                _ => text.clone(),
            };
            _ = stream.write_all(text.as_bytes());
        });
        let source = source(server.port).with_attachments();
        for _ in 0..2 {
            let message = failure(&source).1;
            assert!(message.contains(expected), "{message}");
        }
    }
}

/// Drives a future on this thread.
/// Each page is answered in time, and there are many.
#[test]
fn slow_pages_are_an_error_in_time() {
    let server = Server::start("right", |asked, stream| {
        let text = match asked.path() {
            "/apps/shop/config-vars" => answer("200 OK", "", "{}"),
            _ => {
                std::thread::sleep(Duration::from_millis(200));
                answer("206 Partial Content", "Next-Range: again\r\n", "[]")
            }
        };
        _ = stream.write_all(text.as_bytes());
    });
    let timeout = Duration::from_secs(1);
    let begun = Instant::now();
    let message = failure(&source(server.port).with_attachments().with_timeout(timeout)).1;
    assert!(message.contains("the API did not answer in time"), "{message}");
    assert!(begun.elapsed() >= timeout && begun.elapsed() < Duration::from_secs(10));
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut std::task::Context::from_waker(&waker)) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn rolls_under_load_lose_no_request() {
    const ROLLS: u32 = 10;
    let number = Arc::new(AtomicU32::new(0));
    let current = number.clone();
    let server = Server::start("right", move |asked, stream| {
        let number = current.load(SeqCst);
        let tag = format!("\"{number}\"");
        let text = if asked.field("If-None-Match") == Some(&tag) {
            "HTTP/1.1 304 Not Modified\r\n\r\n".to_owned()
        } else {
            let body = format!(r#"{{"JAWSDB_URL": "mysql://app:{number}@db.example/shop"}}"#);
            answer("200 OK", &format!("ETag: {tag}\r\n"), &body)
        };
        _ = stream.write_all(text.as_bytes());
    });
    let live: Live<MysqlUrl> = Live::from_fn(source(server.port), |vars| vars.url("JAWSDB_URL")).unwrap();
    let is_over = AtomicBool::new(false);
    let served = AtomicU32::new(0);
    // A service that accepts the current password alone.
    let request = |url: Arc<MysqlUrl>| {
        let password: u32 = url.password().unwrap().expose_secret().parse().unwrap();
        let result = if password == number.load(SeqCst) {
            Ok(())
        } else {
            Err("refused")
        };
        std::future::ready(result)
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    let answer = wait_for(live.retry_on(|_: &&str| true, request));
                    assert!(answer.is_ok(), "{answer:?}");
                    served.fetch_add(1, SeqCst);
                    std::thread::yield_now();
                }
            });
        }
        for roll in 1..=ROLLS {
            let before = served.load(SeqCst);
            while served.load(SeqCst) < before + 20 {
                std::thread::yield_now();
            }
            number.store(roll, SeqCst);
            let begun = Instant::now();
            while live.load().password().unwrap().expose_secret() != roll.to_string() {
                assert!(
                    begun.elapsed() < Duration::from_secs(60),
                    "roll {roll} is not followed"
                );
                std::thread::yield_now();
            }
        }
        is_over.store(true, SeqCst);
    });
    assert!(
        server.requests() <= 3 * ROLLS as usize + 1,
        "{}",
        server.requests()
    );
}

#[test]
fn last_good_stays_while_the_api_fails() {
    let is_up = Arc::new(AtomicBool::new(true));
    let up = is_up.clone();
    let server = Server::start("right", move |_, stream| {
        let text = match up.load(SeqCst) {
            true => answer(
                "200 OK",
                "",
                &format!(r#"{{"JAWSDB_URL": "mysql://app:{CANARY}@db.example/shop"}}"#),
            ),
            false => answer("503 Service Unavailable", "", &error_body("service_unavailable")),
        };
        _ = stream.write_all(text.as_bytes());
    });
    let live: Live<MysqlUrl> = Live::from_fn(source(server.port), |vars| vars.url("JAWSDB_URL")).unwrap();
    is_up.store(false, SeqCst);
    let error: Error = live.reload().unwrap_err();
    assert_eq!(
        error.to_string(),
        "Heroku app shop: the API answers with status 503 (`service_unavailable`); the platform's documentation says what it means"
    );
    assert_eq!(live.load().host(), Some("db.example"));
    is_up.store(true, SeqCst);
    assert!(live.reload().is_ok());
}
