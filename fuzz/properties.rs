//! The properties that hold for any input. The fuzz targets and `tests/it/properties.rs` run them.

use config_vars::{
    AmqpUrl, Component, ConfigVars, ExposeSecret, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl,
    PostgresUrl, RedisUrl, ResourceUrl,
};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::{Debug, Display, Write};

/// A URL with a password, per kind. `{}` stands for the password.
const TEMPLATES: &[&str] = &[
    "mysql://user:{}@host.test:3306/name?option=1",
    "mysql2://user:{}@host.test/name",
    "mongodb://user:{}@host.test,other.test/name?w=1",
    "mongodb+srv://user:{}@host.test/name",
    "memcache://user:{}@host.test,other.test",
    "memcached://one:1@host.test,user:{}@other.test",
    "http://user:{}@host.test/path?option=1",
    "https://user:{}@host.test:8443",
    "postgres://user:{}@host.test,other.test/name",
    "redis://:{}@host.test/0",
    "rediss://user:{}@host.test",
    "amqp://user:{}@host.test/name",
    "amqps://user:{}@host.test",
    "kafka://user:{}@host.test,other.test",
    "jdbc:mysql://user:{}@host.test/name",
    "unknown://user:{}@host.test/name",
];

/// Other places of secrets, and places where only a mistake puts one.
const OTHER_PLACES: &[&str] = &[
    "https://{}@host.test/",
    "https://host.test/{}",
    "https://host.test/path/{}?x",
    "https://host.test/?{}",
    "https://host.test/?token={}",
    "https://host.test/#{}",
    "redis+unix:///name.sock?db={}",
    "redis+unix:///name.sock;password={}",
    "redis+unix:///name.sock%26password%3D{}",
    "memcache:///name.sock&password={}",
    "postgres:///name?host=/name.sock;password={}",
    "sqlserver://host.test:1433;user=user;password={}",
    "sqlserver://host.test:1433;password=word@{}",
    "redis+unix:///name.sock?pass={}&user={}",
    "unix://:{}@/name.sock",
    "memcache+tls://user:{}@host.test",
    "nats://user:{}@host.test,nats://user:{}@other.test",
    "postgresql+asyncpg://user:{}@host.test/name",
    "sqlite:name.db?key={}",
    "sqlite://user:{}@host.test/name.db",
    "mysql://{}:word@host.test/name",
    "mysql://host.test/name?password={}",
    "jdbc:mysql://host.test/name?user=user&password={}",
    "jdbc:postgresql://host.test/name?user={}",
    "mongodb://host.test/name?{}=1",
    "mongodb://host.test/name?tls={}",
    "unknown://host.test/{}",
    "user:{}@host.test/name",
    "{}@host.test/name",
    "\"mysql://user:{}@host.test\"",
    " redis://:{}@host.test",
    "mysql:user:{}@host.test",
    "mysql//user:{}@host.test",
    "${}",
    "<{}>",
    "{}",
];

/// A scheme of each kind, and unknown schemes.
const SCHEMES: &[&str] = &[
    "mysql",
    "mariadb",
    "jdbc:mysql",
    "mongodb",
    "mongodb+srv",
    "memcache",
    "http",
    "https",
    "postgres",
    "jdbc:postgresql",
    "redis",
    "rediss",
    "valkey",
    "amqp",
    "amqps",
    "kafka",
    "kafka+ssl",
    "bolt",
    "neo4j+s",
    "cassandra",
    "clickhouse",
    "cloudinary",
    "couchdb",
    "ftp",
    "sftp",
    "influxdb",
    "ldap",
    "libsql",
    "mqtt",
    "nats",
    "rethinkdb",
    "elasticsearch",
    "opensearch",
    "solr",
    "smtp",
    "socks5",
    "sqlite",
    "sqlserver",
    "mssql",
    "statsd",
    "wss",
    "unknown",
    "tgram",
];

/// Mistakes that glue parameters to a database name; the scheme is prepended.
const GLUED: &[&str] = &[
    "://host.test/name;password={}",
    "://host.test/name&password={}",
    "://host.test/name/password={}",
    "://host.test/name%3Bpassword={}",
    "://host.test/name%26password%3D{}",
    "://host.test/name%3Fpassword%3D{}",
    "://user@host.test/password={}?x=1",
];

/// Places of tokens in URLs of unknown schemes, where other URLs have hosts.
const TOKENS: &[&str] = &[
    "://{}",
    "://{}/1",
    "://user@{}",
    "://user@{}/name",
    "://user:word@{}:1/name?x",
    "://12345:{}/1",
    "://user@host.test,{}",
    "://eyJ.{}.sig",
];

fn scheme_places() -> impl Iterator<Item = String> + Clone {
    let of_scheme = |scheme: &'static str| {
        let tokens = match scheme {
            "unknown" | "tgram" => TOKENS,
            _ => &[],
        };
        GLUED
            .iter()
            .chain(tokens)
            .map(move |place| format!("{scheme}{place}"))
    };
    SCHEMES.iter().copied().flat_map(of_scheme)
}

fn fixed_places() -> impl Iterator<Item = String> + Clone {
    TEMPLATES
        .iter()
        .chain(OTHER_PLACES)
        .map(|place| (*place).to_owned())
}

/// Checks that parsing never panics, keeps every byte, and reports correct spans.
pub fn parse(text: &str) {
    let Ok(url) = text.parse::<ResourceUrl>() else {
        return;
    };
    assert_eq!(url.expose_original(), text);
    let part = |component| url.span(component).map(|span| &text[span]);
    assert_eq!(part(Component::Value), Some(text));
    assert_eq!(part(Component::Scheme), Some(url.scheme()));
    assert_eq!(part(Component::Path), url.expose_path());
    assert_eq!(part(Component::Query), url.expose_query());
    assert_eq!(part(Component::Fragment), url.expose_fragment());
    // The concatenated parts are the text.
    // The URL of a file may have no `//`: `sqlite:shop.db`.
    let after_scheme = &text[url.scheme().len()..];
    let colon = if after_scheme.starts_with("://") {
        "://"
    } else {
        ":"
    };
    let mut whole = format!("{}{colon}", url.scheme());
    if let Some(username) = part(Component::Username) {
        whole.push_str(username);
        if let Some(password) = part(Component::Password) {
            whole.push(':');
            whole.push_str(password);
        }
        whole.push('@');
    }
    whole.push_str(part(Component::Host).unwrap_or_default());
    whole.push_str(url.expose_path().unwrap_or_default());
    for (mark, rest) in [('?', url.expose_query()), ('#', url.expose_fragment())] {
        if let Some(rest) = rest {
            whole.push(mark);
            whole.push_str(rest);
        }
    }
    assert_eq!(whole, text);
    let in_doubt = url.hosts().iter().filter(|host| host.is_in_doubt()).count();
    assert!(in_doubt == 0 || in_doubt == url.hosts().len());
    // Drivers are handed a URL with the same meaning.
    let again: ResourceUrl = url
        .expose_url()
        .parse()
        .expect("what drivers are handed can be read");
    assert_eq!(again.expose_url(), url.expose_url());
    assert_eq!(again.hosts().len(), url.hosts().len());
    assert_eq!(again.host(), url.host());
    let exposed = |url: &ResourceUrl| url.password().map(|password| password.expose_secret().to_owned());
    assert_eq!(exposed(&again), exposed(&url));
    if let Ok(web) = HttpUrl::try_from(url.clone()) {
        let web = web.expose_web_url().expect("a web URL that was accepted");
        assert_eq!(
            web.password().is_some(),
            url.password().is_some_and(|p| !p.expose_secret().is_empty())
        );
    }
    if let Ok(mongo) = MongoUrl::try_from(url) {
        _ = (mongo.warnings(), mongo.auth_source());
    }
}

/// Checks that parsing takes linear time. 256 KiB take some hundredths of a second; if the time were quadratic, the fuzz
/// target would exceed its limit of ten seconds.
pub fn linear(text: &str, length: usize) {
    const PLACES: [&str; 5] = [
        "{}",
        "mongodb://user:{}@host.test/name",
        "mongodb://{}",
        "mongodb://host.test/{}",
        "https://user:word@host.test/path?{}",
    ];
    let Some(times) = length.checked_div(text.len()) else {
        return;
    };
    let long = text.repeat(times);
    let url = one_of(PLACES.iter(), text).replacen("{}", &long, 1);
    if let Ok(mongo) = url.parse::<MongoUrl>() {
        _ = mongo.warnings();
    }
    let vars = ConfigVars::from_iter(["ADDON_URL", "MEMCACHE_SERVERS"].map(|name| (name, url.as_str())));
    for attachment in vars.attachments() {
        _ = (attachment.url(), attachment.faults().count());
    }
    _ = ConfigVars::parse_env_file(&long);
}

/// Checks that a percent-encoded password is decoded exactly, for every kind, or refused for a NUL.
pub fn round_trip(password: &str) {
    let mut encoded = String::new();
    for byte in password.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").expect("a String takes all"),
        }
    }
    for template in TEMPLATES {
        let text = template.replace("{}", &encoded);
        if password.contains('\0') {
            let error = text.parse::<ResourceUrl>().expect_err("no server takes a NUL");
            assert!(error.to_string().contains("`%00`"), "{template}: {error}");
            continue;
        }
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{template}: {error}"));
        let found = url.password().or_else(|| url.hosts().last()?.password());
        assert_eq!(
            found.map(|found| found.expose_secret()),
            Some(password),
            "{template}"
        );
    }
}

/// Checks that no output contains four consecutive characters of a text in the place of a secret, encoded or not. Characters
/// that may also come from a message are ignored.
pub fn no_leak(raw: &str) {
    for template in fixed_places() {
        no_leak_in(&template, &unmistakable(raw));
    }
    no_leak_in(&one_of(scheme_places(), raw), &unmistakable(raw));
}

/// Like [`no_leak`], in every place of every scheme.
pub fn no_leak_with_any_scheme(raw: &str) {
    for template in scheme_places() {
        no_leak_in(&template, &unmistakable(raw));
    }
}

/// Like [`no_leak`], in one place that depends on the text: all of them would be too slow for a fuzzer.
pub fn no_leak_in_one(raw: &str) {
    no_leak_in(
        &one_of(fixed_places().chain(scheme_places()), raw),
        &unmistakable(raw),
    );
}

fn one_of<P>(mut places: impl Iterator<Item = P> + Clone, text: &str) -> P {
    let choice = text.bytes().map(usize::from).sum::<usize>() % places.clone().count();
    places.nth(choice).expect("it is one of them")
}

fn no_leak_in(template: &str, secret: &str) {
    if template.starts_with("{}") && secret.contains("://") {
        return; // The text is itself a URL, with a public scheme and host.
    }
    if template.ends_with(".sig") && secret.contains('@') {
        return; // What follows the `@` is a host: `tgram://eyJ.secret@1734.sig`.
    }
    let text = template.replacen("{}", secret, 1);
    let output = all_output(&text);
    let told = pieces_in(&output, pieces(secret));
    if told.is_empty() {
        return;
    }
    // The output for a placeholder contains the digits of the templates and tables, for example default ports. Some URLs are
    // malformed if the place is empty.
    let innocent = ["", "QZ"]
        .map(|word| all_output(&template.replacen("{}", word, 1)))
        .concat();
    for piece in told {
        assert!(
            innocent.contains(piece),
            "{piece:?} of {text:?} is in the output:\n{output}"
        );
    }
}

/// Checks, for any environment, that discovery does not panic, shows no value, and assigns each var to at most one attachment.
pub fn discovery(pairs: &[(OsString, OsString)]) {
    let vars = ConfigVars::from_iter(pairs.iter().cloned());
    let mut members = Vec::new();
    for attachment in vars.attachments() {
        for name in attachment.var_names() {
            // `REDIS_USERNAME`, or without a separator, `REDISUSERNAME`.
            let belongs = name.starts_with(attachment.name());
            assert!(belongs, "{name} is in {}", attachment.name());
            members.push(name.to_owned());
        }
    }
    // Names that are not Unicode may have the same lossy form.
    for (name, _) in vars.iter() {
        let count = |names: &mut dyn Iterator<Item = &str>| names.filter(|other| *other == name).count();
        let in_attachments = count(&mut members.iter().map(String::as_str));
        let in_all = count(&mut vars.iter().map(|(name, _)| name));
        assert!(in_attachments <= in_all, "{name} is in two attachments");
    }
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| (name.to_string_lossy(), value.to_string_lossy()))
        .collect();
    let has_mark = |text: &str| text.contains(MARK);
    if pairs
        .iter()
        .any(|(name, value)| has_mark(name) || has_mark(value))
    {
        return; // The mark would be in a public place.
    }
    let marked = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), with_mark(name, value)));
    let vars = ConfigVars::from_iter(marked);
    let attachments: Vec<_> = vars.attachments().collect();
    let faults: Vec<_> = attachments.iter().flat_map(|found| found.faults()).collect();
    let shown = format!("{vars:?} {attachments:?} {faults:?}");
    assert!(!shown.contains(MARK), "a value is shown: {shown}");
}

/// A text that occurs in no name and no message.
const MARK: &str = "\u{2603}QZXJ";

/// Returns the value with a mark in its secret part, or unchanged if all of it may be public.
fn with_mark(name: &str, value: &str) -> String {
    const PUBLIC: [&str; 5] = ["BROKER", "DATABASE", "DB", "HOST", "SERVER"];
    match value.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((user_info, hosts)) => format!("{scheme}://{user_info}{MARK}@{hosts}"),
            None => value.to_owned(),
        },
        None if PUBLIC.iter().any(|word| name.contains(word)) => value.to_owned(),
        None => format!("{value}{MARK}"),
    }
}

/// Letters of which no message and no template contains four in a row.
const MARKS: [char; 4] = ['Z', 'Q', 'X', 'J'];

/// Replaces ASCII letters by [`MARKS`]. Digits and delimiters stay, because they decide how a URL is read.
fn unmistakable(raw: &str) -> String {
    raw.chars()
        .map(|character| match character {
            _ if character.is_ascii_alphabetic() => MARKS[character as usize % 4],
            _ => character,
        })
        .collect()
}

/// Returns all pieces of four characters that are letters or digits, or that contain two characters that are marks or not
/// ASCII. Pieces of delimiters and blanks alone may also be in a message.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |character: &char| MARKS.contains(character) || !character.is_ascii();
    let ends = text.char_indices().map(|(at, _)| at).skip(4).chain([text.len()]);
    text.char_indices()
        .zip(ends)
        .map(|((start, _), end)| &text[start..end])
        .filter(|piece| piece.chars().nth(3).is_some())
        .filter(move |piece| {
            piece.bytes().all(|byte| byte.is_ascii_alphanumeric())
                || piece.chars().filter(is_mark).count() >= 2
        })
}

/// Returns which pieces, of at least four bytes each, a text contains. It reads the text once, and skips places that are in no
/// piece: without optimisation, a search for each piece of each secret takes minutes.
pub fn pieces_in<'p>(text: &str, pieces: impl Iterator<Item = &'p str>) -> HashSet<&'p str> {
    const START: usize = 4;
    let pieces: HashSet<&str> = pieces.collect();
    // The pairs of bytes at the start of a piece.
    let mut pairs = vec![false; 1 << 16];
    let pair = |bytes: &[u8]| (usize::from(bytes[0]) << 8) | usize::from(bytes[1]);
    for piece in &pieces {
        for at in 0..START - 1 {
            pairs[pair(&piece.as_bytes()[at..])] = true;
        }
    }
    let text = text.as_bytes();
    let mut found = HashSet::new();
    let mut end = START;
    while end <= text.len() {
        if !pairs[pair(&text[end - 2..])] {
            // No piece starts where its first four bytes would contain these two.
            end += START - 1;
            continue;
        }
        let rest = &text[end - START..];
        found.extend(pieces.iter().filter(|piece| rest.starts_with(piece.as_bytes())));
        end += 1;
    }
    found
}

/// All output of the crate about a value.
pub fn all_output(text: &str) -> String {
    let mut out = String::new();
    let mut say = |what: &dyn Debug| writeln!(out, "{what:?} {what:#?}").expect("a String takes all");
    fn read<T: std::str::FromStr<Err = config_vars::Error> + Debug>(
        text: &str,
        say: &mut dyn FnMut(&dyn Debug),
    ) {
        match text.parse::<T>() {
            Ok(url) => say(&url),
            Err(error) => {
                say(&error);
                say(&shown(&error));
            }
        }
    }
    read::<ResourceUrl>(text, &mut say);
    read::<MysqlUrl>(text, &mut say);
    read::<PostgresUrl>(text, &mut say);
    read::<MongoUrl>(text, &mut say);
    read::<RedisUrl>(text, &mut say);
    read::<MemcacheUrl>(text, &mut say);
    read::<AmqpUrl>(text, &mut say);
    read::<KafkaUrl>(text, &mut say);
    read::<HttpUrl>(text, &mut say);
    if let Ok(url) = text.parse::<ResourceUrl>() {
        say(&url.hosts());
        say(&(url.kind(), url.query("x"), url.username(), url.password()));
    }
    if let Ok(url) = text.parse::<MongoUrl>() {
        for warning in url.warnings() {
            say(&warning);
            say(&shown(&warning));
        }
    }
    if let Ok(cache) = text.parse::<MemcacheUrl>() {
        say(&cache.servers().collect::<Vec<_>>());
    }
    // A list of servers is public except for the credentials before an `@`, so a bare secret must not be put there.
    let servers = if text.contains("@host.test") || text.contains("@mc1.example") {
        text
    } else {
        ""
    };
    match MemcacheUrl::from_servers(servers, None, None) {
        Ok(cache) => say(&cache),
        Err(error) => say(&shown(&error)),
    }
    let vars = ConfigVars::from_iter([
        ("ADDON_URL", text),
        ("MEMCACHE_SERVERS", servers),
        ("STORE", text),
        ("OTHER_DSN", text),
    ]);
    say(&vars);
    for attachment in vars.attachments() {
        say(&attachment);
        say(&(attachment.name(), attachment.kind(), attachment.url()));
    }
    for name in ["ADDON_URL", "MEMCACHE_SERVERS", "ABSENT"] {
        say(&vars.require(name));
        say(&vars.url::<ResourceUrl>(name));
        say(&vars.url::<MongoUrl>(name));
        say(&vars.url::<MemcacheUrl>(name));
    }
    for (name, value) in vars.iter() {
        say(&(name, value, value.secret()));
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only what is said of it is looked at")]
    struct Config {
        addon_url: MysqlUrl,
        #[serde(rename = "STORE")]
        store: ResourceUrl,
        other_dsn: u16,
        absent: bool,
    }
    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only what is said of it is looked at")]
    struct Secrets {
        addon_url: config_vars::SecretString,
        store: Option<ResourceUrl>,
        other_dsn: Option<HttpUrl>,
    }
    say(&vars.extract::<Config>());
    say(&vars.extract::<Secrets>());
    // The database as a separate config var, with glued parameters.
    if let Some((_, name)) = text
        .split_once("host.test/")
        .filter(|(_, name)| name.starts_with("name"))
    {
        let parts = ConfigVars::from_iter([
            ("PART_SCHEME", "postgres"),
            ("PART_HOST", "host.test"),
            ("PART_USER", "user"),
            ("PART_PASSWORD", "word"),
            ("PART_DB", name),
        ]);
        say(&parts.attachments().collect::<Vec<_>>());
        say(&parts.only::<PostgresUrl>());
    }
    if let Err(error) = vars.extract::<Config>() {
        say(&shown(&error));
    }
    say(&vars.only::<ResourceUrl>());
    say(&vars.only::<MysqlUrl>());
    say(&vars.only::<HttpUrl>());
    out
}

fn shown(what: &dyn Display) -> String {
    format!("{what} {what:#}")
}
