//! Compares our reading of a URL with the readings of other parsers. Each difference must be a known one.
//!
//! The peers are the `url` crate, which implements the URL Standard, and the drivers that we have hand-overs for. Drivers
//! read both the text as written and the URL that we hand over in its place.

mod differences;
#[cfg(feature = "drivers")]
mod drivers;
mod readings;
mod refusals;

use config_vars::Tls;
pub use differences::DIFFERENCES;
pub use refusals::REFUSALS;
use std::fmt;

/// Where the reasons of the tables are to be read.
mod sources {
    pub const DESIGN: &str = "src/docs/design.md: How ambiguous input is read";
    pub const DIFFERS: &str =
        "src/docs/design.md: Where it deliberately differs from a specification or a driver";
    pub const STRICT: &str = "src/docs/guide.md: promise 4";
    pub const RFC_3986: &str = "RFC 3986, sections 2.1 and 3.2";
    pub const RFC_1123: &str = "RFC 1123, section 2.1";
    pub const URL_STANDARD: &str = "https://url.spec.whatwg.org";
    pub const MONGODB_SPEC: &str = "MongoDB's Connection String specification";
    pub const MONGODB_OPTIONS: &str = "MongoDB's URI Options specification";
}

/// Another parser of URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    Url,
    MysqlAsync,
    SqlxMysql,
    SqlxPostgres,
    TokioPostgres,
    Redis,
    Mongodb,
}

impl Peer {
    pub const ALL: &[Self] = &[
        Self::Url,
        Self::MysqlAsync,
        Self::SqlxMysql,
        Self::SqlxPostgres,
        Self::TokioPostgres,
        Self::Redis,
        Self::Mongodb,
    ];

    /// A scheme that the parser accepts.
    pub fn scheme(self) -> &'static str {
        let row = DRIVERS.iter().find(|(peer, _)| *peer == self);
        row.map_or("mysql", |(_, schemes)| schemes[0])
    }
}

/// How two readings of a text may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// We accept the text, and the peer does not.
    OnlyOurs,
    /// The peer accepts the text, and we do not.
    OnlyTheirs,
    Username,
    Password,
    Hosts,
    /// The database, or the path where there is none.
    Database,
    Query,
    Tls,
}

/// A host name or the path of a socket, and the port.
pub type Host = (String, Option<u16>);

/// The parts that a parser read. A part that the parser cannot distinguish from its default is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub username: Option<String>,
    /// Bytes, because some parsers accept passwords that are not UTF-8.
    pub password: Option<Vec<u8>>,
    pub hosts: Vec<Host>,
    pub database: Option<String>,
    pub query: Option<String>,
    /// `None` if the parser does not report it.
    pub tls: Option<Tls>,
}

/// A text, as we and a peer read it.
pub struct Case<'t> {
    pub peer: Peer,
    pub text: &'t str,
    /// Our reading, or our error.
    pub ours: Result<Reading, String>,
    pub theirs: Result<Reading, String>,
}

impl Case<'_> {
    pub fn differ(&self) -> Vec<Aspect> {
        match (&self.ours, &self.theirs) {
            (Err(_), Err(_)) => Vec::new(),
            (Ok(_), Err(_)) => vec![Aspect::OnlyOurs],
            (Err(_), Ok(_)) => vec![Aspect::OnlyTheirs],
            (Ok(ours), Ok(theirs)) => [
                (Aspect::Username, ours.username == theirs.username),
                (Aspect::Password, ours.password == theirs.password),
                (Aspect::Hosts, are_same_hosts(&ours.hosts, &theirs.hosts)),
                (Aspect::Database, ours.database == theirs.database),
                (Aspect::Query, ours.query == theirs.query),
                (Aspect::Tls, theirs.tls.is_none() || ours.tls == theirs.tls),
            ]
            .into_iter()
            .filter(|(_, is_same)| !is_same)
            .map(|(aspect, _)| aspect)
            .collect(),
        }
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            peer,
            text,
            ours,
            theirs,
        } = self;
        write!(f, "{text:?}\n  we:     {ours:?}\n  {peer:?}: {theirs:?}")
    }
}

/// Lowercases names and normalises IPv6 addresses, so that different spellings of a host are equal.
fn canonical(name: &str) -> String {
    match name.parse::<std::net::Ipv6Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => name.to_lowercase(),
    }
}

fn are_same_hosts(left: &[Host], right: &[Host]) -> bool {
    let is_same =
        |(left, right): (&Host, &Host)| canonical(&left.0) == canonical(&right.0) && left.1 == right.1;
    left.len() == right.len() && left.iter().zip(right).all(is_same)
}

/// A known difference.
pub struct Difference {
    pub peers: &'static [Peer],
    pub of: Aspect,
    /// Returns whether a difference is of this kind.
    pub is_such: fn(&Case<'_>) -> bool,
    /// A text with this difference, by which a test finds rows that are no longer needed. Without a scheme, the peer's is
    /// prepended.
    pub example: &'static str,
    pub reason: &'static str,
    pub source: &'static str,
}

impl Case<'_> {
    /// Returns whether a difference is in one of the tables.
    fn is_known(&self, of: Aspect) -> bool {
        let is_such =
            |row: &Difference| row.of == of && row.peers.contains(&self.peer) && (row.is_such)(self);
        of == Aspect::OnlyTheirs && REFUSALS.iter().any(|rule| rule.is_of(self))
            || DIFFERENCES.iter().any(is_such)
    }
}

fn check(peer: Peer, text: &str) {
    let case = Case::new(peer, text);
    for aspect in case.differ() {
        assert!(
            case.is_known(aspect),
            "an unknown difference, {aspect:?}, in {case}"
        );
    }
}

/// The text without its scheme, if it has one.
fn rest(text: &str) -> &str {
    text.split_once("://").map_or(text, |(_, rest)| rest)
}

/// Checks that the `url` crate reads a URL as we do.
pub fn against_url(text: &str) {
    check(Peer::Url, text);
    for scheme in ["https", "ws", "mysql", "unknown"] {
        check(Peer::Url, &format!("{scheme}://{}", rest(text)));
    }
    let web = format!("http://{}", rest(text));
    if let Ok(url) = web.parse::<config_vars::HttpUrl>() {
        let ours = url.expose_web_url().expect("a web URL that was accepted");
        assert_eq!(Ok(ours), url::Url::parse(&web), "{web:?}");
    }
}

const DRIVERS: &[(Peer, &[&str])] = &[
    (Peer::MysqlAsync, &["mysql"]),
    (Peer::SqlxMysql, &["mysql"]),
    (Peer::SqlxPostgres, &["postgres"]),
    (Peer::TokioPostgres, &["postgres", "postgresql"]),
    (Peer::Redis, &["redis", "rediss"]),
    (Peer::Mongodb, &["mongodb", "mongodb+srv"]),
];

#[cfg(feature = "drivers")]
/// Checks that each driver reads a URL of its kind, and the one that we hand over in its place, as we do.
pub fn against_drivers(text: &str) {
    for (peer, schemes) in DRIVERS {
        for scheme in *schemes {
            let text = format!("{scheme}://{}", rest(text));
            check(*peer, &text);
            if let Ok(url) = text.parse::<config_vars::ResourceUrl>()
                && url.expose_url() != text
            {
                check(*peer, url.expose_url());
            }
        }
    }
}
