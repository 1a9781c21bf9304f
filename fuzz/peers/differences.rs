//! The known differences, as a table. A difference that matches no row fails the target.

use super::Aspect::{Database, Hosts, OnlyOurs, OnlyTheirs, Password, Tls, Username};
use super::Peer::{Mongodb, MysqlAsync, Redis, SqlxMysql, SqlxPostgres, TokioPostgres, Url};
use super::{Aspect, Case, Difference, Host, Peer, Reading, canonical, readings};
use config_vars::{Kind, ResourceUrl, Tls as Wish};
use percent_encoding::percent_decode_str;

const ALL: &[Peer] = &[
    Url,
    MysqlAsync,
    SqlxMysql,
    SqlxPostgres,
    TokioPostgres,
    Redis,
    Mongodb,
];

/// The `url` crate, and the drivers that parse with it.
const BY_URL_CRATE: &[Peer] = &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, Redis];

const DESIGN: &str = "src/docs/design.md: How ambiguous input is read";
const DIFFERS: &str = "src/docs/design.md: Where it deliberately differs from a specification or a driver";
const STRICT: &str = "src/docs/guide.md: promise 4";
const RFC_3986: &str = "RFC 3986, sections 2.1 and 3.2";
const RFC_1123: &str = "RFC 1123, section 2.1";
const URL_STANDARD: &str = "https://url.spec.whatwg.org";
const MONGODB_SPEC: &str = "MongoDB's Connection String specification";
const MONGODB_OPTIONS: &str = "MongoDB's URI Options specification";

/// Fragments of our messages about blanks.
const BLANKS: &[&str] = &[
    "holds an unencoded space",
    "holds an unencoded tab",
    "holds an unencoded line break",
    "holds an unencoded carriage return",
    "holds a NUL",
    "holds an unencoded control character",
    "holds an invisible character",
    "holds a blank",
    "has blanks beside its commas",
    "has a comment after the URL",
    "has another config var after the URL",
];

/// Fragments of the mongodb driver's errors about options that MongoDB's specification only warns about.
const MONGODB_OPTION_FAULTS: &[&str] = &[
    "is an invalid option",
    "repeated options are not allowed",
    "connection string `",
    "invalid mechanism string",
    "authMechanismProperties",
    "CANONICALIZE_HOST_NAME",
    "must only be specified through client options",
    "read preference",
    "maxStalenessSeconds",
    "max staleness",
    "server monitoring mode",
    "CompressionLevel",
];

/// Fragments of our messages about rules of MongoDB's specifications that the mongodb driver does not check.
const MONGODB_RULES: &[&str] = &[
    "which contradict each other",
    "which takes a single host",
    "has an option without",
    "twice; keep one",
    "which needs",
    "which is for `mongodb+srv://` alone",
    "which is not for `mongodb+srv://`",
    "has an empty `",
    "is missing, and `authMechanism=",
    "is given, and `authMechanism=",
    "has an `authSource` that",
];

const fn row(
    of: Aspect,
    peers: &'static [Peer],
    is_such: fn(&Case<'_>) -> bool,
    example: &'static str,
    reason: &'static str,
    source: &'static str,
) -> Difference {
    Difference {
        peers,
        of,
        is_such,
        example,
        reason,
        source,
    }
}

impl Case<'_> {
    fn we_say(&self, fragment: &str) -> bool {
        self.ours.as_ref().is_err_and(|said| said.contains(fragment))
    }

    fn they_say(&self, fragment: &str) -> bool {
        self.theirs.as_ref().is_err_and(|said| said.contains(fragment))
    }

    /// Returns whether both accept the text and the two readings satisfy `are_such`.
    fn both(&self, are_such: fn(&Reading, &Reading) -> bool) -> bool {
        self.ours
            .as_ref()
            .is_ok_and(|ours| self.theirs.as_ref().is_ok_and(|theirs| are_such(ours, theirs)))
    }

    fn reads(&self, is_such: fn(&Reading) -> bool) -> bool {
        self.ours.as_ref().is_ok_and(is_such)
    }

    fn has_option(&self, names: &[&str]) -> bool {
        let query = self.text.split_once('?').map_or("", |(_, query)| query);
        url::form_urlencoded::parse(query.as_bytes())
            .any(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
    }

    /// Returns whether our reading is like the peer's once the query is reduced to the one option that the peer uses: the last
    /// option with one of these names, which are case-sensitive.
    fn agree_on_last(&self, known: &[&str], are_alike: fn(&Reading, &Reading) -> bool) -> bool {
        let Some((before, after)) = self.text.split_once('?') else {
            return false;
        };
        let (query, fragment) = match after.split_once('#') {
            Some((query, fragment)) => (query, format!("#{fragment}")),
            None => (after, String::new()),
        };
        let is_known = |option: &&str| {
            let mut pairs = url::form_urlencoded::parse(option.as_bytes());
            pairs.next().is_some_and(|(name, _)| known.contains(&&*name))
        };
        let last = query.split('&').rfind(is_known);
        let reduced = match last {
            Some(option) => format!("{before}?{option}{fragment}"),
            None => format!("{before}{fragment}"),
        };
        let ours = readings::ours(self.peer, &reduced);
        ours.is_ok_and(|ours| self.theirs.as_ref().is_ok_and(|theirs| are_alike(&ours, theirs)))
    }
}

fn is_web(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| readings::is_web(scheme))
}

fn is_jdbc(text: &str) -> bool {
    text.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("jdbc:"))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns whether the hosts are the same after `as_ours` is applied to the peer's, ignoring the ports of sockets.
fn hosts_are(ours: &Reading, theirs: &Reading, as_ours: fn(&str) -> String) -> bool {
    let is_same = |(ours, theirs): (&Host, &Host)| {
        canonical(&ours.0) == canonical(&as_ours(&theirs.0)) && (ours.1.is_none() || ours.1 == theirs.1)
    };
    ours.hosts.len() == theirs.hosts.len() && ours.hosts.iter().zip(&theirs.hosts).all(is_same)
}

fn has_credentials_per_host(case: &Case<'_>) -> bool {
    has_raw_at(case) && case.both(|ours, theirs| ours.hosts.len() > 1 && theirs.hosts.len() == 1)
}

/// Returns our reading with each `+` in a host decoded as a space, as in a form.
fn with_blanks(ours: &Reading) -> Reading {
    let mut read = ours.clone();
    for (name, _) in &mut read.hosts {
        *name = name.replace('+', " ");
    }
    read
}

fn has_unknown_scheme(case: &Case<'_>) -> bool {
    let url = case.text.parse::<ResourceUrl>();
    url.is_ok_and(|url| url.kind() == Kind::Other)
}

fn has_several_schemes(case: &Case<'_>) -> bool {
    case.text.matches("://").count() > 1
}

/// Returns whether the URL is a host list with a scheme before each host.
fn has_scheme_per_host(case: &Case<'_>) -> bool {
    has_several_schemes(case) && case.reads(|ours| ours.hosts.len() > 1)
}

/// Returns whether we read everything between the scheme and the query as the path of a file.
fn is_file(case: &Case<'_>) -> bool {
    let Some((scheme, rest)) = case.text.split_once(':') else {
        return false;
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = decoded(rest.split('?').next().unwrap_or_default());
    // SQLAlchemy's form, with a driver: `sqlite+pysqlite`.
    let dialect = scheme.split('+').next().unwrap_or_default();
    let is_sqlite = ["sqlite", "sqlite3"]
        .iter()
        .any(|known| dialect.eq_ignore_ascii_case(known));
    let ours = case.ours.as_ref();
    is_sqlite
        && ours
            .is_ok_and(|ours| ours.hosts.is_empty() && ours.database.as_deref().unwrap_or_default() == path)
}

/// Returns whether the peer accepted Go's address form, `tcp(host:port)`, as a host name.
fn has_go_address(case: &Case<'_>) -> bool {
    let hosts = case.theirs.as_ref().map_or(&[][..], |theirs| &theirs.hosts);
    let is_name = hosts.iter().any(|(name, _)| name.contains('('));
    case.we_say("of Go's driver") && (is_name || case.has_option(&["host", "hostaddr", "socket"]))
}

fn is_url_list(case: &Case<'_>) -> bool {
    (case.we_say("is a list of URLs") || case.we_say("list is separated by")) && has_several_schemes(case)
}

/// Returns whether both read the same TLS level. Drivers default to `Preferred` where the URL says nothing.
/// Returns whether we read a TLS option in the text of another.
fn has_hidden_tls(case: &Case<'_>) -> bool {
    let text = decoded(case.text);
    case.reads(|ours| ours.tls == Some(Wish::Unknown)) && (text.contains("ssl") || text.contains("tls"))
}

fn is_same_tls(ours: &Reading, theirs: &Reading) -> bool {
    match ours.tls {
        Some(Wish::Unspecified) => matches!(theirs.tls, Some(Wish::Unspecified | Wish::Preferred)),
        _ => ours.tls == theirs.tls,
    }
}

fn has_tab_or_line_break(case: &Case<'_>) -> bool {
    case.text.contains(['\t', '\n', '\r'])
}

/// Returns whether a `\` follows a `:` and digits.
fn has_backslash_after_port(case: &Case<'_>) -> bool {
    let mut pieces = case.text.split('\\');
    pieces.next_back();
    pieces.any(|before| {
        before
            .trim_end_matches(|character: char| character.is_ascii_digit())
            .ends_with(':')
    })
}

/// Returns whether the user information contains an unencoded `@`.
fn has_raw_at(case: &Case<'_>) -> bool {
    let rest = case.text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.matches('@').count() > 1
}

pub const DIFFERENCES: &[Difference] = &[
    // Accepted by the peer only.
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("holds an unencoded `#`"),
        "h#x",
        "usually the rest of a password follows it",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| case.we_say("holds an unencoded `/`"),
        "u:1/x@h",
        "followed by an `@`, it is part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Url, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("holds an unencoded `?`"),
        "u:1?x=@h",
        "followed by an `@`, it is part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync],
        |case| case.we_say("holds an unencoded `?`"),
        "u:1?socket=@h",
        "followed by an `@`, it is part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("holds an unencoded `/`"),
        "u/?@h",
        "followed by an `@`, it is part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("holds an unencoded `@`"),
        "h/?socket=a@b",
        "it indicates a password with an unencoded delimiter",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("holds an unencoded `[`") || case.we_say("holds an unencoded `]`"),
        "u:[@h",
        "drivers differ in where a bracket makes an address",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| is_web(case.text) && case.text.contains('\\'),
        "https://u:\\@h",
        "in a web URL the URL Standard reads every `\\` as `/`",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| BLANKS.iter().any(|blank| case.we_say(blank)),
        "u: @h",
        "an unencoded blank is a mistake",
        STRICT,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("the value starts with ") || case.we_say("the value ends with "),
        "h ",
        "a blank around a value comes from copying it",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| case.we_say("JSON's escape of `&`"),
        "h/d\\u0026c",
        "it hides the options after it",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Redis, Mongodb],
        |case| case.we_say("JSON's escape of `&`"),
        "h/?appName=b\\u0026c",
        "it hides the options after it",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("mixes letters of two alphabets"),
        "d\u{435}b.example",
        "it looks like another host's name",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| {
            case.we_say("is a placeholder")
                || case.we_say("holds a `…`")
                || case.we_say("is a reference to another")
        },
        "u:***@h",
        "`***` is not a password",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        has_tab_or_line_break,
        "my\rsql://h",
        "the URL Standard removes all tabs and line breaks",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, Redis],
        has_tab_or_line_break,
        "h:1\t",
        "the URL Standard removes all tabs and line breaks",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has a scheme without `//`"),
        "https:h?://",
        "the URL Standard does not require the slashes of a web URL",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("the path must be empty"),
        "memcache://h/x",
        "the protocol has nothing that a path could name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("holds a character that mongodb does not allow"),
        "mongodb://h/a$b",
        "no database has such a name",
        MONGODB_SPEC,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("holds an unencoded `:`"),
        "mongodb://u:a:b@h",
        "it must be encoded",
        MONGODB_SPEC,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("list has schemes that differ"),
        "kafka://a,kafka+ssl://b",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| has_raw_at(case) && case.text.contains(','),
        "memcache://a:b@h[,c:d@i",
        "the URL Standard takes everything before the last `@` as user information, including hosts of a list",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("list has credentials for some servers only"),
        "memcache://u:p@h,v@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("is a socket path, which"),
        "kafka://%2Fx",
        "the protocol has no sockets; the peer takes the path for a host name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("holds a `%` that starts no escape"),
        "u:%@h",
        "decoders read it differently",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("holds a `%` that starts no escape"),
        "h%",
        "decoders read it differently",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("holds `%00`"),
        "u:a%00@h",
        "a NUL ends a text for many servers",
        "RFC 3986, section 7.3",
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("escapes that are not UTF-8"),
        "h?socket=%FF",
        "option values are text",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("escapes that are not UTF-8"),
        "u:%FF@h",
        "passwords in a URL are text",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("escapes that are not UTF-8"),
        "h%FF",
        "host names are text",
        STRICT,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| {
            case.we_say("holds a character that no host name has")
                || case.we_say("holds an encoded `@`")
                || case.we_say("has an empty label")
                || case.we_say("is too long")
        },
        "a..b",
        "DNS cannot resolve such a name",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("looks like an IPv4 address but is none"),
        "0x7f.1",
        "the host that it reaches would depend on the driver",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("looks like an IPv4 address but is none"),
        "₈",
        "IDNA maps it to a digit, which makes the name an address",
        "https://www.unicode.org/reports/tr46",
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres, Mongodb],
        |case| case.we_say("brackets that do not match"),
        "a[",
        "brackets are for IPv6 addresses",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("in brackets is no IPv6 address") || case.we_say("is an IPv6 address with a zone"),
        "[a.b]",
        "brackets are for IPv6 addresses",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("is followed by something that is neither `:` and a port nor `/`"),
        "a@b@[c%2Fd]e",
        "brackets are for IPv6 addresses",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, Redis],
        |case| case.we_say("the host list is not for"),
        "a,b",
        "no host name contains a comma, and the driver would look up the list as one name",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres, TokioPostgres],
        |case| case.we_say("the host is empty in one place of the list"),
        "a,,b",
        "an empty host between others is a mistake",
        STRICT,
    ),
    row(
        OnlyOurs,
        &[Url],
        has_unknown_scheme,
        "unknown://a:b",
        "a host of an unknown scheme may be anything, a token for example",
        STRICT,
    ),
    row(
        Hosts,
        &[Url],
        has_unknown_scheme,
        "unknown://a,,b",
        "a host of an unknown scheme may be anything, a token for example",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Mongodb],
        |case| case.we_say("options begin after a `?`"),
        "h/1;x=1",
        "options glued to a database name may contain a password, and names are shown",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("options begin after a `?`"),
        "mysql://h/d;x=1",
        "options glued to a database name may contain a password, and names are shown",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, SqlxMysql],
        |case| case.we_say("the host is empty"),
        "mysql:///",
        "hosts have no default",
        "src/docs/guide.md: promise 3",
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("the host is empty"),
        ":1",
        "hosts have no default",
        "src/docs/guide.md: promise 3",
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("the port is empty"),
        "h:",
        "the port after the `:` is missing",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("the port is empty"),
        "h:",
        "the port after the `:` is missing",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("the port is out of range"),
        "h:0",
        "no server listens on port 0",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres, Mongodb],
        |case| case.we_say("the port is not a number"),
        "h:+1",
        "Rust's integer parser accepts a sign, and a port has none",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres],
        has_backslash_after_port,
        "h:\\",
        "the url crate ends a port at a `\\`, whatever the scheme",
        "url, src/parser.rs",
    ),
    row(
        Database,
        &[Url],
        has_backslash_after_port,
        "unknown://h:\\/@i",
        "the url crate ends a port at a `\\`, whatever the scheme",
        "url, src/parser.rs",
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("the port cannot be used with a socket"),
        "mysql://%2Fx:1",
        "a socket has no port; the peer reads its path as a host name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, Redis, Mongodb],
        |case| case.we_say("the port cannot be used with a socket"),
        "%2Fx:1",
        "a socket has no port; the peer reads its path as a host name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres, TokioPostgres],
        |case| case.we_say("and hosts stand after `//` as well"),
        "h1/d?host=h2",
        "having both is a mistake",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("and hosts stand after `//` as well"),
        "postgres://h1/d?host=h2",
        "having both is a mistake",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url, TokioPostgres],
        |case| case.we_say("the port list is not as long as the list of hosts"),
        "postgres:///d?host=a&port=1,2",
        "libpq refuses it as well",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS",
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("is no number of a Redis database"),
        "h/-1",
        "no Redis has such a database",
        "https://www.iana.org/assignments/uri-schemes/prov/redis",
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("does not end in `.sock`"),
        "%2Fx",
        "a socket's path ends in `.sock`; the driver reads any other path as a host name",
        MONGODB_SPEC,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("must be a name with `mongodb+srv://`"),
        "mongodb+srv://1.2.3.4",
        "DNS has no such name",
        "MongoDB's Initial DNS Seedlist Discovery specification",
    ),
    row(
        OnlyTheirs,
        &[Url, SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| case.we_say("has an extra `/` after `://`"),
        "/u:p@h",
        "followed by an `@`, it is a slash too many, and not a URL without a host",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("has two schemes"),
        "{}://https://0",
        "a URL within a URL; the peer connects to a host that is called as its scheme",
        STRICT,
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("the host begins with a scheme"),
        "{}://u:p@tcp://0",
        "a URL in place of the host; the peer connects to a host that is called as its scheme",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("has two schemes") || case.we_say("the host begins with a scheme"),
        "{}://u:p@tcp://0",
        "a URL in place of the host; the peer connects to a host that is called as its scheme",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| case.we_say("begins or ends with a `/`"),
        "h/d/",
        "no database has such a name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("begins or ends with a `/`"),
        "h/0/",
        "no database has such a name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres],
        |case| case.we_say("list has credentials before each host"),
        "u:p@h,v:q@i",
        "the peer takes the first host for a piece of the password",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| {
            ["`?`", "`/`", "`@`"]
                .iter()
                .any(|raw| case.we_say(&format!("holds an unencoded {raw}")))
        },
        "a..b?w=@",
        "followed by an `@`, an invalid host is part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("holds an unencoded `@`"),
        "h/d?options=a@b",
        "it indicates a password with an unencoded delimiter",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        ALL,
        has_go_address,
        "unix(x",
        "no host name contains a parenthesis; the form belongs to Go's MySQL driver",
        "https://github.com/go-sql-driver/mysql#dsn-data-source-name",
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        is_url_list,
        "{}://h;{}://i",
        "a list of URLs is not a URL; the peer reads the rest of the list as part of the host or the path",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        is_url_list,
        "{}://a..b?,{}://i",
        "a list of URLs is not a URL; the peer reads the rest of the list as part of the query",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        is_url_list,
        "{}://a..b/?w=1,{}://i",
        "a list of URLs is not a URL; the peer reads the rest of the list as part of the query",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres, TokioPostgres, Mongodb],
        |case| case.we_say("list is separated by `;`") && !has_several_schemes(case),
        "h;i:1",
        "no host name contains a `;`; the peer takes the list for one host",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("list is separated by `;`"),
        "mongodb://h;i:1",
        "no host name contains a `;`; the peer takes the list for one opaque host",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has `;name=value` properties"),
        "sqlserver://h;user=u",
        "SQL Server's properties may contain a password, and are not part of a host",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("and the path is the socket's"),
        "redis+unix://h",
        "the scheme is for sockets, whose path is the URL's path",
        "redis-py, Connection.from_url",
    ),
    row(
        OnlyTheirs,
        &[Url, Redis],
        |case| case.we_say("`#insecure` is for `rediss://`"),
        "redis://h#insecure",
        "it skips the check of a certificate, and without TLS there is none; the peer drops the fragment",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("options begin after a `?`"),
        "%2Fx;y",
        "options glued to a socket's path may contain a password, and paths of sockets are shown",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, TokioPostgres],
        |case| case.we_say("has `hostaddr` for another number of hosts"),
        "postgres://h?hostaddr=1.2.3.4,1.2.3.5",
        "libpq refuses it as well",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS",
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres],
        |case| case.we_say("has `hostaddr` for another number of hosts"),
        "a,b?hostaddr=1.2.3.4",
        "libpq refuses it as well; the driver reads a list as one host name",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS",
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has `hostaddr`, which is no IP address"),
        "postgres://h?hostaddr=x",
        "libpq refuses it as well, and the URL Standard has no options that replace parts of the URL",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOSTADDR",
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("the port is not a number") && case.has_option(&["port"]),
        "postgres://h?port=x",
        "the URL Standard has no options that replace parts of the URL",
        URL_STANDARD,
    ),
    // Accepted by us only.
    row(
        OnlyOurs,
        &[Url],
        |case| {
            let scheme = case.text.split("://").next().unwrap_or_default();
            case.they_say("relative URL without a base")
                && scheme
                    .split_once('+')
                    .is_some_and(|(_, driver)| driver.contains('_'))
        },
        "postgresql+psycopg_async://h",
        "the names of SQLAlchemy's drivers may contain a `_`, which RFC 3986 does not allow in a scheme",
        RFC_3986,
    ),
    row(
        OnlyOurs,
        &[MysqlAsync],
        |case| case.they_say("Unknown connection URL parameter"),
        "h?charset=utf8",
        "the driver refuses unknown options; the hand-over names the option",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        OnlyOurs,
        &[MysqlAsync],
        |case| case.they_say("for connection URL parameter") || case.they_say("Invalid pool constraints"),
        "h?require_ssl=1",
        "the driver checks the values of its options, at the hand-over",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        OnlyOurs,
        &[SqlxMysql, SqlxPostgres],
        |case| case.they_say("for `ssl_mode`"),
        "h?sslmode=x",
        "the driver checks the values of its options, at the hand-over",
        "sqlx-mysql and sqlx-postgres, src/options/ssl_mode.rs",
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| case.they_say("Invalid protocol version"),
        "h?protocol=0",
        "the driver checks the values of its options, at the hand-over",
        "redis, src/connection.rs",
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| case.they_say("Invalid database number"),
        "h/%32",
        "the driver does not decode the path",
        "redis, src/connection.rs",
    ),
    row(
        OnlyOurs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres],
        |case| {
            case.they_say("invalid domain character")
                && case.reads(|ours| ours.hosts.iter().any(|(name, _)| name.contains('/')))
        },
        "%2Fa b",
        "a socket's path may contain characters that host names cannot, and the URL Standard has no sockets",
        URL_STANDARD,
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| {
            case.they_say("Redis URL did not parse")
                && case.reads(|ours| ours.hosts.iter().any(|(name, _)| name.contains('/')))
        },
        "%2Fa b",
        "a socket's path may contain characters that host names cannot, and the URL Standard has no sockets",
        URL_STANDARD,
    ),
    row(
        OnlyOurs,
        &[Url],
        |case| case.they_say("empty host") && case.reads(|ours| ours.username.is_some()),
        "postgres://u@",
        "libpq allows a user without a host, and the URL Standard does not",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| case.they_say("unix sockets cannot be used with"),
        "mongodb+srv://a.sock",
        "the driver reads any name that ends in `.sock` as a socket; we require a `/` in a socket's path",
        "mongodb, src/client/options.rs",
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| {
            let hosts = case.theirs.as_ref().map_or(&[][..], |theirs| &theirs.hosts);
            hosts
                .iter()
                .any(|(name, _)| (!name.contains('/') || name.starts_with(':')) && name.ends_with(".sock"))
        },
        ":a.sock",
        "the driver reads any name that ends in `.sock` as a socket; we require a `/` in a socket's path, and a port after a `:`",
        "mongodb, src/client/options.rs",
    ),
    row(
        Hosts,
        &[Mongodb],
        |case| {
            case.reads(|ours| {
                ours.hosts
                    .iter()
                    .any(|(name, _)| !name.contains('/') && name.ends_with(".sock"))
            })
        },
        "a.sock",
        "the driver reads any name that ends in `.sock` as a socket; we require a `/` in a socket's path",
        "mongodb, src/client/options.rs",
    ),
    row(
        OnlyOurs,
        &[Url],
        |case| case.they_say("it has no authority") && is_jdbc(case.text),
        "jdbc:mysql://h",
        "the URL Standard does not split what follows `jdbc:`",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has no scheme") && is_jdbc(case.text),
        "jdbc://h",
        "`jdbc:` is a prefix of another URL",
        "JDBC 4.3, section 9.4",
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| case.they_say("wildcard address"),
        "0.0.0.0",
        "the driver knows that no server is reachable there; it is still a valid address",
        "redis, src/connection.rs",
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| MONGODB_OPTION_FAULTS.iter().any(|value| case.they_say(value)),
        "h?x=1",
        "the specification makes it a warning; the hand-over names the option",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| {
            (case.they_say("if tls=false")
                || case.they_say("when TLS is disabled")
                || case.they_say("other TLS options"))
                && case.reads(|ours| ours.tls == Some(Wish::Off))
        },
        "h/?tls=false&tlsInsecure=true",
        "the driver refuses TLS options beside `tls=false`; the specification allows them, and TLS is off",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| MONGODB_RULES.iter().any(|rule| case.we_say(rule)),
        "a,b/?directConnection=true",
        "the specification makes it an error; the driver checks it later or not at all",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| {
            let query = case.text.split_once('?').map_or("", |(_, query)| query);
            case.they_say("is not a 'key=value' pair") && query.split('&').any(str::is_empty)
        },
        "h?w=1&",
        "we skip empty options; the driver refuses them, at the hand-over",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| case.they_say("feature"),
        "u:p@h/?authMechanism=GSSAPI",
        "the driver was built without the feature; an app may enable it",
        "mongodb, src/client/options.rs",
    ),
    row(
        OnlyOurs,
        &[TokioPostgres],
        |case| {
            case.they_say("unknown option")
                || case.they_say("unterminated parameter")
                || case.they_say("invalid value for option")
        },
        "h?x=1",
        "the driver checks its options, at the hand-over",
        "tokio-postgres, src/config.rs",
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| {
            case.they_say("invalid digit")
                || case.they_say("cannot parse integer")
                || case.they_say("number too large")
        },
        "h?statement-cache-capacity=x",
        "the driver checks the values of its options, at the hand-over",
        "sqlx-postgres, src/options/parse.rs",
    ),
    row(
        OnlyOurs,
        &[SqlxMysql],
        |case| {
            case.they_say("invalid digit")
                || case.they_say("cannot parse integer")
                || case.they_say("number too large")
        },
        "h?statement-cache-capacity=x",
        "the driver checks the values of its options, at the hand-over",
        "sqlx-mysql, src/options/parse.rs",
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| {
            case.they_say("empty host")
                && (case.has_option(&["host"]) || case.reads(|ours| ours.hosts.is_empty()))
        },
        "u@",
        "libpq allows a user without a host, and the URL Standard does not",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.len() > 1),
        "a:1,b:2",
        "the URL Standard has no lists of hosts; the hand-over refuses them",
        URL_STANDARD,
    ),
    row(
        OnlyOurs,
        &[Url],
        |case| case.reads(|ours| ours.hosts.len() > 1),
        "unknown://a:1,b:2",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    // Empty parts and absent parts.
    row(
        Username,
        BY_URL_CRATE,
        |case| case.both(|ours, theirs| ours.username.as_deref() == Some("") && theirs.username.is_none()),
        ":p@h",
        "the url crate does not distinguish an empty user name from none",
        URL_STANDARD,
    ),
    row(
        Password,
        BY_URL_CRATE,
        |case| case.both(|ours, theirs| ours.password.as_deref() == Some(b"") && theirs.password.is_none()),
        "u:@h",
        "the url crate does not distinguish an empty password from none",
        URL_STANDARD,
    ),
    row(
        Database,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Mongodb],
        |case| case.both(|ours, theirs| ours.database.as_deref() == Some("") && theirs.database.is_none()),
        "h/",
        "drivers read an empty database name as none; we distinguish the two",
        DESIGN,
    ),
    row(
        Database,
        &[Redis],
        |case| {
            case.both(|ours, theirs| {
                ours.database.as_deref().unwrap_or_default().is_empty()
                    && theirs.database.as_deref() == Some("0")
            })
        },
        "h",
        "the driver defaults to the first database",
        "redis, src/connection.rs",
    ),
    row(
        Database,
        &[Redis],
        |case| case.has_option(&["db", "virtual_host"]),
        "h?db=2",
        "the driver reads such options of a socket alone; the hand-over sets the database",
        "https://www.iana.org/assignments/uri-schemes/prov/redis",
    ),
    row(
        Username,
        &[Redis],
        |case| case.has_option(&["user", "username"]),
        "h?username=a",
        "the driver reads such options of a socket alone; the hand-over sets the user",
        "redis-py, Connection.from_url",
    ),
    row(
        Password,
        &[Redis],
        |case| case.has_option(&["pass", "password"]),
        "h?password=p",
        "the driver reads such options of a socket alone; the hand-over sets the password",
        "https://www.iana.org/assignments/uri-schemes/prov/redis",
    ),
    row(
        Database,
        &[Url],
        |case| case.both(|ours, theirs| ours.database.is_none() && theirs.database.as_deref() == Some("/")),
        "https://h",
        "the URL Standard gives a web URL the path `/`",
        URL_STANDARD,
    ),
    row(
        Database,
        &[Redis],
        |case| {
            case.both(|ours, theirs| {
                ours.database
                    .as_ref()
                    .and_then(|name| name.parse().ok())
                    .map(|index: u32| index.to_string())
                    == theirs.database
            })
        },
        "h/03",
        "it is the same number",
        "redis, src/connection.rs",
    ),
    row(
        Database,
        &[MysqlAsync, SqlxMysql, SqlxPostgres],
        |case| case.reads(|ours| matches!(ours.database.as_deref(), Some("." | ".."))),
        "h/.",
        "the URL Standard resolves it as a path segment; the hand-over passes on the text as written",
        URL_STANDARD,
    ),
    row(
        Database,
        &[Url],
        |case| {
            case.reads(|ours| {
                ours.database
                    .as_ref()
                    .is_some_and(|path| path.split(['/', '\\']).any(|step| step == "." || step == ".."))
            })
        },
        "https://h/./x",
        "the URL Standard resolves `.` and `..`; we keep the path as written",
        URL_STANDARD,
    ),
    row(
        Database,
        &[Url],
        |case| {
            case.both(|ours, theirs| {
                ours.database.as_ref().map(|path| path.replace('\\', "/")) == theirs.database
            })
        },
        "https://h/a\\b",
        "in a web URL the URL Standard reads `\\` as `/`; we keep the path as written",
        URL_STANDARD,
    ),
    // Options that stand for parts.
    row(
        Username,
        &[Url],
        |case| case.has_option(&["user", "username"]),
        "postgres://u@h?user=v",
        "the URL Standard has no options that replace parts of the URL",
        URL_STANDARD,
    ),
    row(
        Password,
        &[Url],
        |case| case.has_option(&["pass", "password"]),
        "postgres://u:p@h?password=q",
        "the URL Standard has no options that replace parts of the URL",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[Url],
        |case| case.has_option(&["host", "hostaddr", "port", "socket", "unix_socket", "socketPath"]),
        "postgres://h?port=7",
        "the URL Standard has no options that replace parts of the URL",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| case.has_option(&["port"]),
        "h?port=7",
        "the driver adds the option's port to the list of ports; the hand-over sets one port per host",
        DIFFERS,
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| {
            case.has_option(&["host"])
                && case.both(|ours, theirs| {
                    let dials = |name: &str| {
                        theirs
                            .hosts
                            .iter()
                            .any(|host| canonical(&host.0) == canonical(name))
                    };
                    ours.hosts.len() < theirs.hosts.len() && ours.hosts.iter().all(|host| dials(&host.0))
                })
        },
        "u@:1/d?host=x",
        "the driver connects to the hosts of both places, including empty ones; as in libpq, a socket in `host` replaces the host",
        DIFFERS,
    ),
    row(
        Username,
        &[SqlxPostgres],
        |case| {
            let is_blank_there = |ours: &Reading, theirs: &Reading| {
                theirs.username == ours.username.as_ref().map(|name| name.replace('+', " "))
            };
            case.has_option(&["user"]) && case.both(is_blank_there)
        },
        "h?user=a+b",
        "the driver decodes a `+` in the query as a space; libpq and we do not",
        DESIGN,
    ),
    row(
        Password,
        &[SqlxPostgres],
        |case| {
            let is_blank_there = |ours: &Reading, theirs: &Reading| {
                let blank = |byte: &u8| if *byte == b'+' { b' ' } else { *byte };
                theirs.password
                    == ours
                        .password
                        .as_ref()
                        .map(|word| word.iter().map(blank).collect())
            };
            case.has_option(&["password"]) && case.both(is_blank_there)
        },
        "h?password=a+b",
        "the driver decodes a `+` in the query as a space; libpq and we do not",
        DESIGN,
    ),
    row(
        Database,
        &[SqlxPostgres],
        |case| {
            let is_blank_there = |ours: &Reading, theirs: &Reading| {
                theirs.database == ours.database.as_ref().map(|name| name.replace('+', " "))
            };
            case.has_option(&["dbname"]) && case.both(is_blank_there)
        },
        "h?dbname=a+b",
        "the driver decodes a `+` in the query as a space; libpq and we do not",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxMysql, MysqlAsync],
        |case| {
            case.has_option(&["socket"])
                && case.both(|ours, theirs| hosts_are(&with_blanks(ours), theirs, str::to_owned))
        },
        "h?socket=/a+b",
        "the driver decodes a `+` in the query as a space; we do not",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxMysql],
        |case| {
            let is_same = |ours: &Reading, theirs: &Reading| {
                hosts_are(ours, theirs, decoded)
                    || hosts_are(ours, theirs, |host| host.trim_matches(['[', ']']).to_owned())
            };
            case.has_option(&["unix_socket", "socketPath"]) && case.agree_on_last(&["socket"], is_same)
        },
        "h?unix_socket=/x",
        "the driver skips other clients' options for a socket; the hand-over sets the socket",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.has_option(&["host"]) && case.both(|_, theirs| theirs.hosts[0].0.is_empty()),
        "h?host=",
        "as in libpq, an empty option has no effect; the hand-over leaves it out",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql],
        |case| case.both(|_, theirs| theirs.hosts == [(String::new(), None)]),
        "h?socket=",
        "an empty option has no effect; the hand-over leaves it out",
        DESIGN,
    ),
    row(
        Database,
        &[SqlxPostgres, TokioPostgres],
        |case| case.has_option(&["dbname"]) && case.both(|_, theirs| theirs.database.as_deref() == Some("")),
        "h/d?dbname=",
        "as in libpq, an empty option has no effect; the hand-over leaves it out",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql],
        |case| case.we_say("names a socket by something that is no path"),
        "h?socket=x",
        "a relative path would depend on the working directory of the app",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("names a socket by something that is no path"),
        "mysql://h?socket=x",
        "a relative path would depend on the working directory of the app",
        STRICT,
    ),
    row(
        OnlyOurs,
        &[MysqlAsync, SqlxMysql],
        |case| {
            (case.they_say("empty host") || case.they_say("Invalid or incomplete connection URL"))
                && case.has_option(&["socket", "unix_socket", "socketPath"])
        },
        "u@:1/d?socket=/x",
        "a socket needs no host; the hand-over sets the socket alone",
        DESIGN,
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| case.they_say("invalid IP address syntax") && case.has_option(&["hostaddr"]),
        "h?hostaddr=",
        "as in libpq, an empty option has no effect; the hand-over leaves it out",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    // An unencoded `@` in the user information, in the text as written; drivers are handed `%40`.
    row(
        Username,
        &[TokioPostgres],
        has_raw_at,
        "u@v@h",
        "the driver ends the user information at the first `@`",
        DIFFERS,
    ),
    row(
        Password,
        &[TokioPostgres],
        has_raw_at,
        "u:p@q@h",
        "the driver ends the user information at the first `@`",
        DIFFERS,
    ),
    row(
        Hosts,
        &[TokioPostgres],
        has_raw_at,
        "u:p@q@h",
        "the driver ends the user information at the first `@`",
        DIFFERS,
    ),
    row(
        Hosts,
        &[Url],
        |case| case.has_option(&["host"]) && case.both(|_, theirs| theirs.hosts.is_empty()),
        "postgres:///d?host=/x",
        "libpq allows hosts in the query",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    // The path of a file or of a socket.
    row(
        OnlyOurs,
        &[Url],
        is_file,
        "sqlite:x?://",
        "a SQLite URL contains the path of a file, where the URL Standard has an authority",
        DESIGN,
    ),
    row(
        Hosts,
        &[Url],
        is_file,
        "sqlite://x",
        "a SQLite URL contains the path of a file, where the URL Standard has an authority",
        DESIGN,
    ),
    row(
        Database,
        &[Url],
        is_file,
        "sqlite://x/y",
        "a SQLite URL contains the path of a file, where the URL Standard has an authority",
        DESIGN,
    ),
    row(
        Hosts,
        &[Url],
        |case| {
            case.both(|ours, theirs| {
                let path = ours.database.as_deref().unwrap_or_default();
                theirs.hosts.is_empty() && ours.hosts == [(path.to_owned(), None)]
            })
        },
        "redis+unix:///x",
        "the path is that of a socket, and the URL Standard has no sockets",
        DESIGN,
    ),
    // Credentials before each host.
    row(
        Username,
        &[Url],
        has_credentials_per_host,
        "memcache://a:1@h,b:2@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        Password,
        &[Url],
        has_credentials_per_host,
        "memcache://a:1@h,b:2@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[Url],
        has_credentials_per_host,
        "memcache://a:1@h,b:2@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    // A scheme before each host.
    row(
        Username,
        &[Url],
        has_scheme_per_host,
        "nats://a@h,nats://b@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        Password,
        &[Url],
        has_scheme_per_host,
        "nats://u:a@h,nats://u:b@i",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        Database,
        &[Url],
        has_scheme_per_host,
        "nats://h,nats://i",
        "the URL Standard has no lists of hosts, and reads the second host as a path",
        URL_STANDARD,
    ),
    // Hosts.
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.is_empty()),
        "",
        "the driver has a default host",
        "sqlx-postgres, src/options/mod.rs",
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| case.both(|ours, theirs| hosts_are(ours, theirs, str::to_owned)),
        "%2Fx",
        "the driver gives a socket the default port, which libpq makes part of the file's name",
        "tokio-postgres, src/config.rs",
    ),
    row(
        Hosts,
        &[SqlxPostgres],
        |case| {
            case.has_option(&["host"])
                && case.both(|ours, theirs| hosts_are(&with_blanks(ours), theirs, str::to_owned))
        },
        "/d?host=/a+b",
        "the driver decodes a `+` in the query as a space; libpq and we do not",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.len() > 1),
        "a,b",
        "the driver reads a list as one host name; the hand-over refuses it",
        "sqlx-postgres, src/options/parse.rs",
    ),
    row(
        Hosts,
        &[Url],
        |case| case.both(|ours, theirs| ours.hosts.len() > 1 && theirs.hosts.len() == 1),
        "unknown://a,b",
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| case.has_option(&["host"]) && case.reads(|ours| ours.hosts.len() > 1),
        "/?host=a,b",
        "the driver reads a list in the query as one host name, although libpq allows lists there",
        "tokio-postgres, src/config.rs",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, Redis, Mongodb],
        |case| case.both(|ours, theirs| hosts_are(ours, theirs, decoded)),
        "%61",
        "the driver does not decode hosts; the hand-over passes on the decoded host",
        "url, src/host.rs; mongodb, src/client/options.rs",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql, SqlxPostgres],
        |case| {
            case.both(|ours, theirs| hosts_are(ours, theirs, |host| host.trim_matches(['[', ']']).to_owned()))
        },
        "[::1]",
        "the driver keeps the brackets, and cannot resolve the host; the hand-over leaves them out",
        "mysql_async, src/opts/mod.rs; sqlx-mysql and sqlx-postgres, src/options/parse.rs",
    ),
    // TLS.
    row(
        Tls,
        &[SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| {
            case.both(|ours, theirs| {
                ours.tls == Some(Wish::Unspecified) && theirs.tls == Some(Wish::Preferred)
            })
        },
        "h",
        "the driver prefers TLS where the URL says nothing",
        "the drivers' default SSL mode",
    ),
    row(
        Tls,
        &[MysqlAsync],
        |case| case.both(|ours, theirs| ours.tls == Some(Wish::Off) && theirs.tls == Some(Wish::Unspecified)),
        "h?require_ssl=false",
        "the driver defaults to no TLS",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        Tls,
        &[SqlxMysql, SqlxPostgres],
        |case| case.agree_on_last(&["sslmode", "ssl-mode"], is_same_tls),
        "h?ssl=true",
        "the driver reads the last mode only, and option names are case-sensitive; the hand-over applies or refuses every TLS option",
        DESIGN,
    ),
    row(
        Tls,
        &[Redis],
        |case| case.agree_on_last(&[], is_same_tls),
        "h?ssl=false",
        "the driver reads the scheme only; the hand-over applies or refuses every TLS option",
        DESIGN,
    ),
    row(
        Tls,
        &[MysqlAsync],
        |case| {
            case.has_option(&["verify_ca", "verify_identity"])
                && case.both(|ours, theirs| {
                    matches!(ours.tls, Some(Wish::VerifiedCa | Wish::Verified))
                        && theirs.tls == Some(Wish::Unspecified)
                })
        },
        "h?verify_ca=true",
        "asking for a checked certificate asks for TLS; the driver has no TLS without `require_ssl`, and the hand-over sets it",
        DESIGN,
    ),
    row(
        Tls,
        &[TokioPostgres],
        has_hidden_tls,
        "h/?application_name=a?sslmode=require",
        "the driver reads a TLS option in the text of another as a part of that; the hand-over refuses it",
        DESIGN,
    ),
    row(
        Tls,
        &[Mongodb],
        has_hidden_tls,
        "h/?appName=a?tls=true",
        "the driver reads a TLS option in the text of another as a part of that; the hand-over refuses it",
        DESIGN,
    ),
    row(
        Tls,
        &[Mongodb],
        |case| {
            case.both(|ours, theirs| {
                ours.tls == Some(Wish::Unspecified)
                    && matches!(theirs.tls, Some(Wish::Verified | Wish::Unverified))
            })
        },
        "h?tlsInsecure=true",
        "the driver turns TLS on for any TLS option",
        "mongodb, src/client/options.rs",
    ),
];
