//! The properties of a `Live` under any sequence of changes of its source. The fuzz target and `tests/it/rolls.rs` run them.
//!
//! A script is a byte string. After the first byte, each pair of bytes is a step of the provider, followed by a reload. All
//! values of a generation of an attachment contain its number, so that mixed generations are detected.

use config_vars::{
    AppError, ConfigVars, Error, ExposeSecret, Feed, Live, MemcacheUrl, MysqlUrl, RedisUrl, SecretString,
    Source, StaleKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    redis_url: Option<RedisUrl>,
    port: Option<u16>,
}

type Vars = BTreeMap<&'static str, String>;

/// The config vars of one generation of an attachment.
fn values(attachment: usize, number: usize) -> Vec<(&'static str, String)> {
    match attachment {
        0 => vec![(
            "JAWSDB_URL",
            format!("mysql://user{number}:word{number}@host{number}.test/name"),
        )],
        1 => vec![
            ("MEMCACHIER_PASSWORD", format!("word{number}")),
            ("MEMCACHIER_SERVERS", format!("host{number}.test:11211")),
            ("MEMCACHIER_USERNAME", format!("user{number}")),
        ],
        2 => vec![(
            "REDIS_URL",
            format!("redis://user{number}:word{number}@host{number}.test"),
        )],
        _ => vec![("PORT", number.to_string())],
    }
}

/// Malformed values.
const BROKEN: [&str; 5] = [
    "",
    "mysql://user:wo#rd@host.test",
    "host.test:no-port",
    "\"",
    "ftp:/x",
];

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    jawsdb: (usize, bool),
    memcachier: Option<(usize, bool)>,
    redis: Option<(usize, bool)>,
    port: Option<u16>,
}

fn number(text: &str, start: &str) -> usize {
    let number = text
        .strip_prefix(start)
        .unwrap_or_else(|| panic!("{text:?} is no value of ours"));
    number
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} is no value of ours"))
}

/// Returns the common number of user, password and host, and whether all three are present.
fn numbered(user: Option<&SecretString>, password: Option<&SecretString>, host: &str) -> (usize, bool) {
    let host = number(host.strip_suffix(".test").expect("a host of ours"), "host");
    // If the URL has a password only, the user name is empty.
    let user = user
        .filter(|user| !user.expose_secret().is_empty())
        .map(|user| number(user.expose_secret(), "user"));
    let password = password.map(|password| number(password.expose_secret(), "word"));
    for other in [user, password].into_iter().flatten() {
        assert_eq!(other, host, "generations are mixed");
    }
    (host, user.is_some() && password.is_some())
}

fn see(live: &Live<Config>) -> Seen {
    let vars = live.vars();
    let config = live.load();
    let db = &config.jawsdb_url;
    let jawsdb = numbered(db.username(), db.password(), db.host().expect("it has one"));
    let exposed = vars
        .require("JAWSDB_URL")
        .expect("it is required")
        .expose_secret();
    assert_eq!(db.expose_original(), exposed);
    let status = live.status();
    let is_usable = |name| {
        let of_name = |stale: &&config_vars::Stale| stale.name().starts_with(name);
        status
            .stale()
            .filter(of_name)
            .all(|stale| stale.kind() != StaleKind::NeverGood)
    };
    let servers = vars
        .get("MEMCACHIER_SERVERS")
        .filter(|servers| !servers.expose_secret().is_empty() && is_usable("MEMCACHIER"));
    let memcachier = servers.map(|_| {
        let cache: MemcacheUrl = vars.url("MEMCACHIER_SERVERS").expect("what is in use is good");
        let server = cache.servers().next().expect("it has one");
        numbered(server.username(), server.password(), server.host())
    });
    let redis = config.redis_url.as_ref();
    Seen {
        jawsdb,
        memcachier,
        redis: redis.map(|url| numbered(url.username(), url.password(), url.host().expect("it has one"))),
        port: config.port,
    }
}

/// Performs one step of the provider.
fn play(vars: &mut Vars, turn: usize, step: &[u8]) {
    let (attachment, action) = (usize::from(step[0] % 4), step[0] / 4 % 5);
    let choice = usize::from(step[1]);
    let new = values(attachment, turn + 1);
    let (name, _) = new[choice % new.len()].clone();
    match action {
        // A roll.
        0 | 1 => vars.extend(new),
        // A roll with one value malformed or missing.
        2 => {
            vars.extend(new);
            let broken = match name {
                // Any text may be a password, except for surrounding characters that are a mistake.
                "MEMCACHIER_PASSWORD" | "MEMCACHIER_USERNAME" => " blank",
                _ => BROKEN[choice / 4 % BROKEN.len()],
            };
            vars.insert(name, broken.to_owned());
        }
        3 => {
            vars.extend(new);
            vars.remove(name);
        }
        _ => vars.retain(|name, _| new.iter().all(|(gone, _)| gone != name)),
    }
}

/// The result of a read: config vars, or one of the app's own errors.
#[derive(Default)]
struct Provided {
    vars: Mutex<Vars>,
    /// The number of the fault, or 0 if there is none.
    fault: AtomicUsize,
}

impl Provided {
    fn read(&self) -> Result<ConfigVars, AppError> {
        match self.fault.load(SeqCst) {
            0 => Ok(self.vars()),
            fault => Err(app_error(fault)),
        }
    }

    fn vars(&self) -> ConfigVars {
        ConfigVars::from_iter(self.vars.lock().expect("nobody panics").clone())
    }
}

/// An error of the app, whose text quotes a value, unless it is one of the crate's.
fn app_error(number: usize) -> AppError {
    #[derive(Debug)]
    struct Refused(#[allow(dead_code, reason = "printed by `Debug`")] &'static str);
    impl fmt::Display for Refused {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Debug::fmt(self, f)
        }
    }
    impl std::error::Error for Refused {}

    const QUOTING: &str = "user7 cannot log in with word7";
    match number % 4 {
        0 => Refused(QUOTING).into(),
        1 => Error::custom("is away").into(),
        2 => io::Error::new(io::ErrorKind::TimedOut, QUOTING).into(),
        _ => Box::<dyn std::error::Error + Send + Sync>::from(QUOTING).into(),
    }
}

/// Whether a text quotes a value of a generation, or a malformed one.
fn quotes_a_value(text: &str) -> bool {
    let is_numbered = |start: &str| {
        let mut found = text.match_indices(start);
        found.any(|(at, _)| text[at + start.len()..].starts_with(|next: char| next.is_ascii_digit()))
    };
    is_numbered("user") || is_numbered("word") || text.contains("wo#rd") || text.contains("no-port")
}

/// Is pending once.
async fn pause() {
    let mut is_polled = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_polled, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// An executor that knows of no runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// The part of a client that its closure shares with the test.
#[derive(Default)]
struct Shared {
    attempts: AtomicUsize,
    /// The number of the fault with which the closure fails, or 0 if it succeeds.
    fault: AtomicUsize,
}

impl Shared {
    fn make(&self, input: String) -> Result<String, AppError> {
        self.attempts.fetch_add(1, SeqCst);
        match self.fault.load(SeqCst) {
            0 => Ok(input),
            fault => Err(app_error(fault)),
        }
    }

    async fn connect(&self, input: String) -> Result<String, AppError> {
        // The future is not `Send`.
        let input = Rc::new(input);
        pause().await;
        self.make(String::clone(&input))
    }
}

/// A client is the text that it was made from.
struct Client {
    name: &'static str,
    live: Live<String>,
    shared: Arc<Shared>,
    input: fn(&Config) -> String,
    /// Whether it is made from the whole value, so that any change makes it again.
    is_of_all: bool,
    attempts: usize,
    is_failed: bool,
    last_input: String,
    last_generation: u64,
}

fn mysql_input(url: &MysqlUrl) -> String {
    url.expose_original().to_owned()
}

fn redis_input(url: Option<&RedisUrl>) -> String {
    url.map_or_else(String::new, |url| url.expose_original().to_owned())
}

fn user_input(user: Option<&SecretString>) -> String {
    user.map_or_else(String::new, |user| user.expose_secret().to_owned())
}

fn port_input(url: &MysqlUrl, port: Option<u16>) -> String {
    format!("{} {port:?}", mysql_input(url))
}

fn whole_input(config: &Config) -> String {
    let redis = redis_input(config.redis_url.as_ref());
    format!("{} {redis}", port_input(&config.jawsdb_url, config.port))
}

impl Client {
    fn new(
        root: &Live<Config>,
        name: &'static str,
        input: fn(&Config) -> String,
        make: impl FnOnce(Arc<Shared>) -> Result<Live<String>, Error>,
    ) -> Self {
        let shared = Arc::<Shared>::default();
        Self {
            name,
            live: make(shared.clone()).expect("it is made of anything").named(name),
            shared,
            input,
            is_of_all: false,
            attempts: 1,
            is_failed: false,
            last_input: input(&root.load()),
            last_generation: root.generation(),
        }
    }

    /// A client for each way of choosing an input, and for each way of making a value from it.
    fn all(root: &Live<Config>) -> Vec<Self> {
        let urls = root.select(|config| config.jawsdb_url.clone());
        let pool = Self::new(
            root,
            "pool",
            |config| mysql_input(&config.jawsdb_url),
            |shared| urls.map(move |url| shared.make(mysql_input(url))),
        );
        let cache = Self::new(
            root,
            "cache",
            |config| redis_input(config.redis_url.as_ref()),
            |shared| {
                let urls = root.select(|config| config.redis_url.clone());
                block_on(urls.map_async(async move |url| shared.connect(redis_input(url.as_ref())).await))
            },
        );
        let of_a_tuple = Self::new(
            root,
            "of a tuple",
            |config| port_input(&config.jawsdb_url, config.port),
            |shared| {
                let inputs = root.select(|config| (Arc::new(config.jawsdb_url.clone()), config.port));
                block_on(
                    inputs.map_async(async move |(url, port)| shared.connect(port_input(url, *port)).await),
                )
            },
        );
        let nested = Self::new(
            root,
            "nested",
            |config| user_input(config.jawsdb_url.username()),
            |shared| {
                let users = urls.select(|url| url.username().cloned());
                users.map(move |user| shared.make(user_input(user.as_ref())))
            },
        );
        let whole = Self::new(root, "whole", whole_input, |shared| {
            root.map(move |config| shared.make(whole_input(config)))
        });
        let is_of_all = true;
        vec![pool, cache, of_a_tuple, nested, Self { is_of_all, ..whole }]
    }

    /// Checks the client after a reload that read the source.
    fn check(&mut self, root: &Live<Config>) {
        let name = self.name;
        let input = (self.input)(&root.load());
        let is_changed = match self.is_of_all {
            true => root.generation() != self.last_generation,
            false => input != self.last_input,
        };
        // It is made again for its own input's change, and for no other one's.
        let is_due = is_changed || self.is_failed;
        self.attempts += usize::from(is_due);
        if is_due {
            self.is_failed = self.shared.fault.load(SeqCst) != 0;
        }
        (self.last_input, self.last_generation) = (input, root.generation());
        self.check_unchanged(root);
        let is_current = *self.live.load() == self.last_input;
        assert!(is_current || self.is_failed, "{name} is not of what is in use");
    }

    /// Checks that nothing was made since the last check.
    fn check_unchanged(&self, root: &Live<Config>) {
        let name = self.name;
        assert_eq!(self.shared.attempts.load(SeqCst), self.attempts, "{name}");
        let status = root.status();
        let mut derived = status.stale().filter(|stale| stale.kind() == StaleKind::Derived);
        let is_reported = derived.any(|stale| stale.name() == name);
        assert_eq!(is_reported, self.is_failed, "{name}: {status}");
    }
}

/// Runs a script, and checks the properties after each step. The first byte selects how the source is read.
pub fn follow(script: &[u8]) {
    let Some((form, steps)) = script.split_first() else {
        return;
    };
    let provided = Arc::new(Provided::default());
    *provided.vars.lock().expect("nobody panics") =
        (0..4).flat_map(|attachment| values(attachment, 0)).collect();
    let mut feed = None;
    let live: Live<Config> = match form % 3 {
        0 => {
            let provided = provided.clone();
            Live::new(move || provided.read())
        }
        1 => {
            let provided = provided.clone();
            block_on(Live::from_async(async move || {
                let held = Rc::new(provided.clone());
                pause().await;
                held.read()
            }))
        }
        _ => {
            let (pushed, source) = Feed::new();
            pushed.set(provided.vars());
            feed = Some(pushed);
            Live::new(source)
        }
    }
    .expect("it begins well");
    let push = || match (&feed, provided.read()) {
        (None, _) => {}
        (Some(feed), Ok(vars)) => feed.set(vars),
        (Some(feed), Err(error)) => feed.fail(error),
    };
    let mut clients = Client::all(&live);
    let printed = Arc::new(Mutex::new(String::new()));
    let subscription = {
        let printed = printed.clone();
        live.subscribe(move |change| {
            *printed.lock().expect("nobody panics") += &format!("{change} {change:?} ");
        })
    };
    for (turn, step) in steps.chunks_exact(2).take(200).enumerate() {
        play(&mut provided.vars.lock().expect("nobody panics"), turn, step);
        let in_source = provided.vars();
        for (place, client) in clients.iter().enumerate() {
            // Faults in closures: none, of all clients, or of some.
            let is_failing = ((step[0] / 20) >> (place % 3)) & 1 != 0;
            let fault = if is_failing { turn % 4 + 1 } else { 0 };
            client.shared.fault.store(fault, SeqCst);
        }
        let reload = || match step[1] & 0x40 {
            0 => live.reload(),
            _ => block_on(live.reload_async()),
        };
        let state = || (see(&live), in_clear(&live.vars()), live.status().generation());
        let before = state();
        // A source that cannot be read changes nothing, and is reported.
        if step[1] >= 0x80 {
            provided.fault.store(turn % 4 + 1, SeqCst);
            push();
            let error = reload().expect_err("the source cannot be read");
            assert_eq!(state(), before);
            let status = live.status();
            assert!(!status.is_fresh(), "{status}");
            clients.iter().for_each(|client| client.check_unchanged(&live));
            let printed = format!("{error} {error:?} {error:#} {status} {status:?} {status:#}");
            assert!(!quotes_a_value(&printed), "{printed}");
            provided.fault.store(0, SeqCst);
        }
        push();
        let change = reload().expect("the source can be read");
        let after = state();

        let is_changed = before.1 != after.1;
        assert_eq!(change.is_empty(), !is_changed, "{change:?}");
        assert_eq!(after.2, before.2 + u64::from(is_changed));
        // Changes are reported under the attachment's name.
        let told = |name: &str| change.attachment(name).is_some();
        assert_eq!(told("JAWSDB"), before.0.jawsdb != after.0.jawsdb);
        assert!(told("MEMCACHIER") || before.0.memcachier == after.0.memcachier);
        assert!(told("REDIS") || before.0.redis == after.0.redis);
        assert!(change.other_vars() > 0 || before.0.port == after.0.port);
        // Complete credentials stay complete.
        let is_whole = |seen: &Seen| seen.memcachier.is_none_or(|(_, is_whole)| is_whole);
        assert!(is_whole(&after.0) || before.0.memcachier.is_none() || !is_whole(&before.0));
        clients.iter_mut().for_each(|client| client.check(&live));
        // An attachment is stale exactly if it differs from the source.
        let is_taken_over = in_clear(&in_source) == after.1;
        let status = live.status();
        let keeps = status.stale().any(|stale| stale.kind() == StaleKind::LastGood);
        assert!(is_taken_over || !status.is_fresh(), "{status}");
        assert!(!is_taken_over || !keeps, "{status}");
        let config = live.load();
        let printed = std::mem::take(&mut *printed.lock().expect("nobody panics"))
            + &format!(
                "{change} {change:?} {status} {status:?} {status:#} {live:?} {:?} ",
                live.vars()
            )
            + &format!("{:?} {:?}", config.jawsdb_url, config.redis_url);
        assert!(!quotes_a_value(&printed), "{printed}");
        drop(config);
        assert!(
            live.reload().expect("the source can be read").is_empty(),
            "once is enough"
        );
        clients.iter_mut().for_each(|client| client.check(&live));
    }
    // A valid configuration at the end clears all faults.
    *provided.vars.lock().expect("nobody panics") =
        (0..4).flat_map(|attachment| values(attachment, 9_999)).collect();
    for client in &clients {
        client.shared.fault.store(0, SeqCst);
    }
    push();
    live.reload().expect("the source can be read");
    assert!(live.status().is_fresh(), "{}", live.status());
    let expected = Seen {
        jawsdb: (9_999, true),
        memcachier: Some((9_999, true)),
        redis: Some((9_999, true)),
        port: Some(9_999),
    };
    assert_eq!(see(&live), expected);
    clients.iter_mut().for_each(|client| client.check(&live));
    // A dropped feed is a source that cannot be read. A feed whose `Live` is gone is not wanted.
    match feed.filter(|_| steps.len() % 2 == 0) {
        Some(feed) => {
            drop((live, clients, subscription));
            assert!(!block_on(feed.wanted()));
        }
        None => {
            let is_feed = form % 3 == 2;
            assert_eq!(live.reload().is_err(), is_feed);
            assert_eq!(see(&live), expected);
            assert_ne!(live.status().is_fresh(), is_feed);
        }
    }
}

fn in_clear(vars: &ConfigVars) -> Vec<(String, Option<String>)> {
    let text = |value: &config_vars::ConfigValue| value.secret().map(|text| text.expose_secret().to_owned());
    vars.iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

/// Groups of config vars, under different sorts of names. Each value contains the number of its generation.
const GROUPS: &[&[&str]] = &[
    &["username", "password", "host"],
    &["USERNAME", "PASSWORD"],
    &["db-host", "db-user", "db-password"],
    &["dbHost", "dbPort", "dbUser", "dbPassword"],
    &["mail.url", "mail.username", "mail.password"],
    &["ldapuser", "ldappassword"],
    &["client_id", "client_secret"],
    &["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"],
    &["gitClientId", "gitClientSecret"],
    &["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"],
    &["S3_ACCESS_KEY", "S3_SECRET_KEY"],
    &["accessKeyId", "secretAccessKey", "sessionToken"],
    &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
    &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
    &["edge-tls.crt", "edge-tls.key"],
    &["SIGNING_PRIVATE_KEY", "SIGNING_PUBLIC_KEY"],
    &["FTP_LOGIN_1", "FTP_PASSWORD_1"],
    &["PG_HOST", "PG_PORT", "PG_USER", "PG_PASSWORD"],
    &["MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD"],
    &["CLOUDAMQP_URL", "CLOUDAMQP_APIKEY"],
    &["TURSO_DATABASE_URL", "TURSO_AUTH_TOKEN"],
    &["FEED_ENDPOINT_URL_EU", "FEED_API_KEY", "FEED_API_SECRET"],
    // Only the app's reads show that these belong together.
    &["left", "right"],
    &["NATS_SEED", "NATS_SUBJECT", "FOO"],
];

/// Index of the first group that is several attachments, which may come from several sources.
const FIRST_SPLIT: usize = 20;

/// Index of the first group that is not recognised by names alone.
const FIRST_READ_TOGETHER: usize = 22;

fn text(name: &str, number: usize) -> String {
    match name {
        "PG_PORT" | "dbPort" => "5432".to_owned(),
        name if name.to_lowercase().contains("url") => format!("mysql://n{number}z.test/shop"),
        _ => format!("n{number}z"),
    }
}

/// Returns the generation of a value, or `None` if the value is malformed or the same in all generations.
fn generation(text: &str) -> Option<usize> {
    let text = text.strip_prefix("mysql://").unwrap_or(text);
    let text = text.strip_suffix(".test/shop").unwrap_or(text);
    text.strip_prefix('n')?.strip_suffix('z')?.parse().ok()
}

fn is_good(name: &str, value: &str) -> bool {
    value == text(name, generation(value).unwrap_or_default())
}

/// Runs a script of rolls, each of one group and partly written at random, and checks that generations are never mixed within
/// a group. The first byte selects one or two sources, whether the app requires any config vars, and whether the app's closure
/// stops at its first fault.
pub fn follow_groups(script: &[u8]) {
    let Some((flags, steps)) = script.split_first() else {
        return;
    };
    let (has_other, is_required, stops) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
    let groups = match (has_other, is_required) {
        (true, _) => &GROUPS[..FIRST_SPLIT],
        (false, false) => &GROUPS[..FIRST_READ_TOGETHER],
        (false, true) => GROUPS,
    };
    let all = |number: usize| -> BTreeMap<String, String> {
        let names = groups.iter().copied().flatten();
        names
            .map(|name| ((*name).to_owned(), text(name, number)))
            .collect()
    };
    let near = Arc::new(Mutex::new(all(1)));
    let read = {
        let near = near.clone();
        move || {
            let vars = near.lock().expect("nobody panics").clone();
            Ok(ConfigVars::from_iter(vars).with_origin("near"))
        }
    };
    let other = if has_other { all(0) } else { BTreeMap::new() };
    let source = read.or(move || Ok(ConfigVars::from_iter(other.clone()).with_origin("far")));
    let check = move |vars: &ConfigVars| {
        let names = groups.iter().copied().flatten();
        let mut faults = Vec::new();
        for name in names {
            match vars.require(name) {
                Ok(value) if is_good(name, value.expose_secret()) => {}
                Ok(_) => faults.push(Error::custom("is broken").for_var(name)),
                Err(error) => faults.push(error),
            }
            if stops && !faults.is_empty() {
                break;
            }
        }
        faults.into_iter().next().map_or(Ok(()), Err)
    };
    let live = Live::from_fn(source, move |vars| {
        if is_required {
            check(vars)?;
        }
        let copies = vars.iter().map(|(name, value)| (name, value.clone()));
        Ok(ConfigVars::from_iter(copies))
    })
    .expect("it begins well");
    for (turn, step) in steps.chunks_exact(2).take(60).enumerate() {
        let group = groups[usize::from(step[0]) % groups.len()];
        {
            let mut vars = near.lock().expect("nobody panics");
            for (place, name) in group.iter().enumerate() {
                let whole = text(name, turn + 2);
                let value = match step[1] >> (2 * (place % 4)) & 3 {
                    0 => None,
                    1 if step[0] & 0x80 != 0 => Some(String::new()),
                    1 => Some(whole[..whole.len() / 2].to_owned()),
                    _ => Some(whole),
                };
                match value {
                    Some(value) => _ = vars.insert((*name).to_owned(), value),
                    None => _ = vars.remove(*name),
                }
            }
        }
        live.reload().expect("the source can be read");
        let vars = live.load();
        for group in groups {
            let value = |name: &&str| vars.get(name).map(|value| value.expose_secret().to_owned());
            let generations: BTreeSet<usize> = group
                .iter()
                .filter_map(value)
                .filter_map(|value| generation(&value))
                .collect();
            assert!(
                generations.len() < 2,
                "{group:?} are of {generations:?} after {turn}"
            );
            let is_whole = group
                .iter()
                .all(|name| value(name).is_some_and(|value| is_good(name, &value)));
            assert!(is_whole || !is_required, "{group:?} are not whole after {turn}");
        }
    }
    *near.lock().expect("nobody panics") = all(9_999);
    live.reload().expect("the source can be read");
    assert!(live.status().is_fresh(), "{}", live.status());
    let (vars, last) = (live.load(), all(9_999));
    assert!(
        last.iter()
            .all(|(name, text)| vars.get(name).is_some_and(|value| value.expose_secret() == text))
    );
}
