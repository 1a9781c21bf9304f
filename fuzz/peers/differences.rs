//! The known differences, as a table. A case that differs and is in no row fails.

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

/// The drivers that leave the splitting to the `url` crate, and that crate itself.
const BY_URL_CRATE: &[Peer] = &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, Redis];

const DESIGN: &str = "src/docs/design.md: How ambiguous input is read";
const DIFFERS: &str = "src/docs/design.md: Where it deliberately differs from a specification or a driver";
const STRICT: &str = "src/docs/guide.md: promise 4";
const RFC_3986: &str = "RFC 3986, sections 2.1 and 3.2";
const RFC_1123: &str = "RFC 1123, section 2.1";
const URL_STANDARD: &str = "https://url.spec.whatwg.org";
const MONGODB_SPEC: &str = "MongoDB's Connection String specification";
const MONGODB_OPTIONS: &str = "MongoDB's URI Options specification";

/// What our messages call blanks.
const BLANKS: &[&str] = &[
    "holds an unencoded space",
    "holds an unencoded tab",
    "holds an unencoded line break",
    "holds an unencoded carriage return",
    "holds an unencoded NUL",
    "holds an unencoded control character",
    "holds an invisible character",
    "holds a blank",
];

/// Faults of options that the mongodb driver reports, and MongoDB's specification has as warnings.
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

/// Rules of MongoDB's specifications that the mongodb driver does not check.
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

    /// Where both read the text.
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

    /// Returns whether both readings are alike once the query is reduced to what the peer goes by: the last option with one
    /// of these names, which are case-sensitive.
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

/// Whether the peer's hosts are ours, if each is read anew by `as_ours`, and no port is asked of a socket.
fn hosts_are(ours: &Reading, theirs: &Reading, as_ours: fn(&str) -> String) -> bool {
    let is_same = |(ours, theirs): (&Host, &Host)| {
        canonical(&ours.0) == canonical(&as_ours(&theirs.0)) && (ours.1.is_none() || ours.1 == theirs.1)
    };
    ours.hosts.len() == theirs.hosts.len() && ours.hosts.iter().zip(&theirs.hosts).all(is_same)
}

fn has_credentials_per_host(case: &Case<'_>) -> bool {
    has_raw_at(case) && case.both(|ours, theirs| ours.hosts.len() > 1 && theirs.hosts.len() == 1)
}

/// As a reader of forms would have the hosts.
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

/// Returns whether the scheme is one of these, whatever its case.
fn has_scheme(case: &Case<'_>, schemes: &[&str]) -> bool {
    case.text
        .split_once(':')
        .is_some_and(|(scheme, _)| schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)))
}

fn has_several_schemes(case: &Case<'_>) -> bool {
    case.text.matches("://").count() > 1
}

/// Returns whether the URL is a list that has a scheme before each host.
fn has_scheme_per_host(case: &Case<'_>) -> bool {
    has_several_schemes(case) && case.reads(|ours| ours.hosts.len() > 1)
}

/// Returns whether everything between the scheme and the query is read as the path of a file.
fn is_file(case: &Case<'_>) -> bool {
    let Some((scheme, rest)) = case.text.split_once(':') else {
        return false;
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = decoded(rest.split('?').next().unwrap_or_default());
    let is_sqlite = ["sqlite", "sqlite3"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let ours = case.ours.as_ref();
    is_sqlite
        && ours
            .is_ok_and(|ours| ours.hosts.is_empty() && ours.database.as_deref().unwrap_or_default() == path)
}

/// Returns whether the peer took the address of a Go driver, `tcp(host:port)`, for the name of a host.
fn has_go_address(case: &Case<'_>) -> bool {
    let hosts = case.theirs.as_ref().map_or(&[][..], |theirs| &theirs.hosts);
    let is_name = hosts.iter().any(|(name, _)| name.contains('('));
    case.we_say("of Go's driver") && (is_name || case.has_option(&["host", "hostaddr"]))
}

fn is_url_list(case: &Case<'_>) -> bool {
    (case.we_say("is a list of URLs") || case.we_say("list is separated by")) && has_several_schemes(case)
}

/// Returns whether the peer's TLS is ours, where no TLS asked for is TLS preferred.
fn is_same_tls(ours: &Reading, theirs: &Reading) -> bool {
    match ours.tls {
        Some(Wish::Unspecified) => matches!(theirs.tls, Some(Wish::Unspecified | Wish::Preferred)),
        _ => ours.tls == theirs.tls,
    }
}

fn has_tab_or_line_break(case: &Case<'_>) -> bool {
    case.text.contains(['\t', '\n', '\r'])
}

/// Whether a `\` stands behind a `:` and digits.
fn has_backslash_after_port(case: &Case<'_>) -> bool {
    let mut pieces = case.text.split('\\');
    pieces.next_back();
    pieces.any(|before| {
        before
            .trim_end_matches(|character: char| character.is_ascii_digit())
            .ends_with(':')
    })
}

/// Whether the user information holds an `@` as it is.
fn has_raw_at(case: &Case<'_>) -> bool {
    let rest = case.text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.matches('@').count() > 1
}

pub const DIFFERENCES: &[Difference] = &[
    // What we refuse.
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("holds an unencoded `#`"),
        "h#x",
        "it is the end of a password, mostly",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        |case| case.we_say("holds an unencoded `/`"),
        "u:1/x@h",
        "with an `@` after it, it is a part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Url, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("holds an unencoded `?`"),
        "u:1?x=@h",
        "with an `@` after it, it is a part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync],
        |case| case.we_say("holds an unencoded `?`"),
        "u:1?socket=@h",
        "with an `@` after it, it is a part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("holds an unencoded `/`"),
        "u/?@h",
        "with an `@` after it, it is a part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("holds an unencoded `@`"),
        "h/?socket=a@b",
        "it is the sign of a password with a raw delimiter",
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
        "of a web URL the URL Standard reads a `\\` as `/`, wherever it stands",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| BLANKS.iter().any(|blank| case.we_say(blank)),
        "u: @h",
        "nobody means a blank that is not encoded",
        STRICT,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| case.we_say("the value starts with ") || case.we_say("the value ends with "),
        "h ",
        "a blank around a value came with a copy",
        STRICT,
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
        "nobody's password is `***`",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        has_tab_or_line_break,
        "my\rsql://h",
        "the URL Standard leaves out tabs and line breaks wherever they stand",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, Redis],
        has_tab_or_line_break,
        "h:1\t",
        "the URL Standard leaves out tabs and line breaks wherever they stand",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has a scheme without `//`"),
        "https:h?://",
        "of a web URL the URL Standard wants no slashes",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("the path must be empty"),
        "memcache://h/x",
        "the protocol has nothing that it could name",
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
        "what stands before the last `@` is all user information to the URL Standard, hosts of a list included",
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
        "decoders differ in what they make of it",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("holds a `%` that starts no escape"),
        "h%",
        "decoders differ in what they make of it",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("escapes that are not UTF-8"),
        "h?socket=%FF",
        "no option of text holds such bytes",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("escapes that are not UTF-8"),
        "u:%FF@h",
        "no password of text holds such bytes",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("escapes that are not UTF-8"),
        "h%FF",
        "no host has such bytes",
        STRICT,
    ),
    row(
        OnlyTheirs,
        ALL,
        |case| {
            case.we_say("holds a character that no host name has")
                || case.we_say("has an empty label")
                || case.we_say("is too long")
        },
        "a..b",
        "no such host can be found by DNS",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("looks like an IPv4 address but is none"),
        "0x7f.1",
        "what it reaches would depend on the driver",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| case.we_say("looks like an IPv4 address but is none"),
        "₈",
        "to IDNA it is the digit, and the name an address",
        "https://www.unicode.org/reports/tr46",
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres, Mongodb],
        |case| case.we_say("brackets that do not match"),
        "a[",
        "brackets are for addresses in IPv6",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("in brackets is no IPv6 address"),
        "[a.b]",
        "brackets are for addresses in IPv6",
        RFC_3986,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, Redis],
        |case| case.we_say("the host list is not for"),
        "a,b",
        "a comma is in no host name, and the driver would look for one",
        RFC_1123,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres, TokioPostgres],
        |case| case.we_say("the host is empty in one place of the list"),
        "a,,b",
        "nobody means an empty host between others",
        STRICT,
    ),
    row(
        OnlyOurs,
        &[Url],
        has_unknown_scheme,
        "unknown://a:b",
        "nobody knows what a host of an unknown scheme may be, and it may be a token",
        STRICT,
    ),
    row(
        Hosts,
        &[Url],
        has_unknown_scheme,
        "unknown://a,,b",
        "nobody knows what a host of an unknown scheme may be, and it may be a token",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Mongodb],
        |case| case.we_say("options begin after a `?`"),
        "h/1;x=1",
        "what is glued to a database name may be a password, and names are public",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("options begin after a `?`"),
        "mysql://h/d;x=1",
        "what is glued to a database name may be a password, and names are public",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, SqlxMysql],
        |case| case.we_say("the host is empty"),
        "mysql:///",
        "no host is made up",
        "src/docs/guide.md: promise 3",
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("the host is empty"),
        ":1",
        "no host is made up",
        "src/docs/guide.md: promise 3",
    ),
    row(
        OnlyTheirs,
        BY_URL_CRATE,
        |case| case.we_say("the port is empty"),
        "h:",
        "what stands after the `:` was forgotten",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("the port is empty"),
        "h:",
        "what stands after the `:` was forgotten",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Redis],
        |case| case.we_say("the port is out of range"),
        "h:0",
        "nobody listens on port 0",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres, Mongodb],
        |case| case.we_say("the port is not a number"),
        "h:+1",
        "Rust's numbers may have a sign, and ports not",
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
        "a socket has no port; the peer takes its path for a host name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql, Redis, Mongodb],
        |case| case.we_say("the port cannot be used with a socket"),
        "%2Fx:1",
        "a socket has no port; the peer takes its path for a host name",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[SqlxPostgres, TokioPostgres],
        |case| case.we_say("and hosts stand after `//` as well"),
        "h1/d?host=h2",
        "nobody means both",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("and hosts stand after `//` as well"),
        "postgres://h1/d?host=h2",
        "nobody means both",
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
        "a socket's path ends in `.sock`; the driver takes another for a host name",
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
        &[Mongodb],
        |case| {
            ["`?`", "`/`", "`@`"]
                .iter()
                .any(|raw| case.we_say(&format!("holds an unencoded {raw}")))
        },
        "a..b?w=@",
        "with an `@` after it, what is no host is a part of a password",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        &[TokioPostgres],
        |case| case.we_say("holds an unencoded `@`"),
        "h/d?options=a@b",
        "it is the sign of a password with a raw delimiter",
        DESIGN,
    ),
    row(
        OnlyTheirs,
        ALL,
        has_go_address,
        "unix(x",
        "no host name has a parenthesis; the form is that of Go's MySQL driver",
        "https://github.com/go-sql-driver/mysql#dsn-data-source-name",
    ),
    row(
        OnlyTheirs,
        &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres],
        is_url_list,
        "{}://h;{}://i",
        "several whole URLs are not one; the peer reads the first, with the others in its host or its path",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        is_url_list,
        "{}://a..b?,{}://i",
        "several whole URLs are not one; the peer reads the first, with the others in its query",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        is_url_list,
        "{}://a..b/?w=1,{}://i",
        "several whole URLs are not one; the peer reads the first, with the others in its query",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has `;name=value` properties"),
        "sqlserver://h;user=u",
        "the properties of SQL Server's form may have a password, and are no part of a host",
        DIFFERS,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("and the path is the socket's"),
        "redis+unix://h",
        "the scheme is for sockets, and the path is the socket's",
        "redis-py, Connection.from_url",
    ),
    row(
        OnlyTheirs,
        &[Url, Redis],
        |case| case.we_say("`#insecure` is for `rediss://`"),
        "redis://h#insecure",
        "without TLS there is no certificate to leave unchecked; the peer drops the fragment",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("holds an unencoded `\\`") && has_scheme(case, &["ftps", "sftp"]),
        "sftp://\\@h",
        "`ftps` and `sftp` have the rules of `ftp`, whose `\\` the URL Standard reads as `/`",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Redis],
        |case| case.we_say("options begin after a `?`"),
        "%2Fx;y",
        "what is glued to a socket's path may be a password, and paths of sockets are public",
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
        "libpq refuses it as well; the driver takes a list for the name of one host",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS",
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has `hostaddr`, which is no IP address"),
        "postgres://h?hostaddr=x",
        "libpq refuses it as well, and the URL Standard knows no options that stand for parts",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOSTADDR",
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("the port is not a number") && case.has_option(&["port"]),
        "postgres://h?port=x",
        "the URL Standard knows no options that stand for parts",
        URL_STANDARD,
    ),
    // What they refuse.
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
        "SQLAlchemy has drivers with a `_` in their names, and no scheme has one",
        RFC_3986,
    ),
    row(
        OnlyOurs,
        &[MysqlAsync],
        |case| case.they_say("Unknown connection URL parameter"),
        "h?charset=utf8",
        "the driver refuses what it does not know; the hand-over names the option",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        OnlyOurs,
        &[MysqlAsync],
        |case| case.they_say("for connection URL parameter") || case.they_say("Invalid pool constraints"),
        "h?require_ssl=1",
        "the values of a driver's options are its own to check; the hand-over does",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        OnlyOurs,
        &[SqlxMysql, SqlxPostgres],
        |case| case.they_say("for `ssl_mode`"),
        "h?sslmode=x",
        "the values of a driver's options are its own to check; the hand-over does",
        "sqlx-mysql and sqlx-postgres, src/options/ssl_mode.rs",
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| case.they_say("Invalid protocol version"),
        "h?protocol=0",
        "the values of a driver's options are its own to check; the hand-over does",
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
        "a socket's path may hold what no host name has, and the URL Standard has no sockets",
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
        "a socket's path may hold what no host name has, and the URL Standard has no sockets",
        URL_STANDARD,
    ),
    row(
        OnlyOurs,
        &[Url],
        |case| case.they_say("empty host") && case.reads(|ours| ours.username.is_some()),
        "postgres://u@",
        "libpq has a user without a host, and the URL Standard has not",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| case.they_say("unix sockets cannot be used with"),
        "mongodb+srv://a.sock",
        "the driver takes any name that ends in `.sock` for a socket; here a socket's path has a `/`",
        "mongodb, src/client/options.rs",
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| {
            let hosts = case.theirs.as_ref().map_or(&[][..], |theirs| &theirs.hosts);
            hosts
                .iter()
                .any(|(name, _)| !name.contains('/') && name.ends_with(".sock"))
        },
        ":a.sock",
        "the driver takes any name that ends in `.sock` for a socket; here a socket's path has a `/`",
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
        "the driver takes any name that ends in `.sock` for a socket; here a socket's path has a `/`",
        "mongodb, src/client/options.rs",
    ),
    row(
        OnlyOurs,
        &[Url],
        |case| case.they_say("it has no authority") && is_jdbc(case.text),
        "jdbc:mysql://h",
        "to the URL Standard what follows `jdbc:` has no parts",
        URL_STANDARD,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("has no scheme") && is_jdbc(case.text),
        "jdbc://h",
        "`jdbc:` stands before another URL",
        "JDBC 4.3, section 9.4",
    ),
    row(
        OnlyOurs,
        &[Redis],
        |case| case.they_say("wildcard address"),
        "0.0.0.0",
        "that nobody can be reached there, the driver knows; it is an address all the same",
        "redis, src/connection.rs",
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| MONGODB_OPTION_FAULTS.iter().any(|value| case.they_say(value)),
        "h?x=1",
        "by the specification it is a warning; the hand-over names the option",
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
        "the driver refuses options of TLS beside `tls=false`; by the specification they have no effect, and TLS is off",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyTheirs,
        &[Mongodb],
        |case| MONGODB_RULES.iter().any(|rule| case.we_say(rule)),
        "a,b/?directConnection=true",
        "the specification makes it an error; the driver checks it later, or not at all",
        MONGODB_OPTIONS,
    ),
    row(
        OnlyOurs,
        &[Mongodb],
        |case| case.they_say("feature"),
        "u:p@h/?authMechanism=GSSAPI",
        "the driver was built without it; an app may build it with it",
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
        "the options of a driver are its own to check; the hand-over does",
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
        "the values of a driver's options are its own to check; the hand-over does",
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
        "the values of a driver's options are its own to check; the hand-over does",
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
        "libpq has a user without a host, and the URL Standard has not",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.len() > 1),
        "a:1,b:2",
        "the URL Standard has no lists of hosts; the hand-over says so",
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
    // Empty and absent.
    row(
        Username,
        BY_URL_CRATE,
        |case| case.both(|ours, theirs| ours.username.as_deref() == Some("") && theirs.username.is_none()),
        ":p@h",
        "the url crate tells no empty user name from none",
        URL_STANDARD,
    ),
    row(
        Password,
        BY_URL_CRATE,
        |case| case.both(|ours, theirs| ours.password.as_deref() == Some(b"") && theirs.password.is_none()),
        "u:@h",
        "the url crate tells no empty password from none",
        URL_STANDARD,
    ),
    row(
        Database,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, TokioPostgres, Mongodb],
        |case| case.both(|ours, theirs| ours.database.as_deref() == Some("") && theirs.database.is_none()),
        "h/",
        "an empty database name is none to a driver; here the two can be told apart",
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
        "the driver takes the first database where none is named",
        "redis, src/connection.rs",
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
        "the URL Standard reads it as a step between folders; the hand-over is of what was written",
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
        "the URL Standard takes the steps between folders; here the path is as it was written",
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
        "in a web URL the URL Standard reads `\\` as `/`; here the path is as it was written",
        URL_STANDARD,
    ),
    // Options that stand for parts.
    row(
        Username,
        &[Url],
        |case| case.has_option(&["user", "username"]),
        "postgres://u@h?user=v",
        "the URL Standard knows no options that stand for parts",
        URL_STANDARD,
    ),
    row(
        Password,
        &[Url],
        |case| case.has_option(&["pass", "password"]),
        "postgres://u:p@h?password=q",
        "the URL Standard knows no options that stand for parts",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[Url],
        |case| case.has_option(&["host", "hostaddr", "port", "socket", "unix_socket", "socketPath"]),
        "postgres://h?port=7",
        "the URL Standard knows no options that stand for parts",
        URL_STANDARD,
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| case.has_option(&["port"]),
        "h?port=7",
        "the driver takes the option for the port of a second host; the hand-over has one port",
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
        "the driver dials the hosts of both places, empty ones too; a socket in `host` replaces the host, as libpq has it",
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
        "to the driver a `+` in the query is a space; to libpq and here it is a plus",
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
        "to the driver a `+` in the query is a space; to libpq and here it is a plus",
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
        "to the driver a `+` in the query is a space; to libpq and here it is a plus",
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
        "to the driver a `+` in the query is a space; here it is a plus",
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
        "the driver knows no other client's option for a socket; the hand-over has the socket",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.has_option(&["host"]) && case.both(|_, theirs| theirs.hosts[0].0.is_empty()),
        "h?host=",
        "an empty option says nothing, as libpq has it; the hand-over is without it",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql],
        |case| case.both(|_, theirs| theirs.hosts == [(String::new(), None)]),
        "h?socket=",
        "an empty option says nothing; the hand-over is without it",
        DESIGN,
    ),
    row(
        Database,
        &[SqlxPostgres, TokioPostgres],
        |case| case.has_option(&["dbname"]) && case.both(|_, theirs| theirs.database.as_deref() == Some("")),
        "h/d?dbname=",
        "an empty option says nothing, as libpq has it; the hand-over is without it",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    row(
        OnlyTheirs,
        &[MysqlAsync, SqlxMysql],
        |case| case.we_say("names a socket by something that is no path"),
        "h?socket=x",
        "where it leads would depend on the folder that the app was started in",
        STRICT,
    ),
    row(
        OnlyTheirs,
        &[Url],
        |case| case.we_say("names a socket by something that is no path"),
        "mysql://h?socket=x",
        "where it leads would depend on the folder that the app was started in",
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
        "a socket needs no host beside it; the hand-over names none",
        DESIGN,
    ),
    row(
        OnlyOurs,
        &[SqlxPostgres],
        |case| case.they_say("invalid IP address syntax") && case.has_option(&["hostaddr"]),
        "h?hostaddr=",
        "an empty option says nothing, as libpq has it; the hand-over is without it",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS",
    ),
    // A raw `@` in the user information: the text as it was written; what is handed over has `%40`.
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
        "libpq's hosts may stand in the query",
        "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS",
    ),
    // The path of a file, and of a socket.
    row(
        OnlyOurs,
        &[Url],
        is_file,
        "sqlite:x?://",
        "SQLite's URL has the path of a file, and the URL Standard wants an authority there",
        DESIGN,
    ),
    row(
        Hosts,
        &[Url],
        is_file,
        "sqlite://x",
        "SQLite's URL has the path of a file, and the URL Standard wants an authority there",
        DESIGN,
    ),
    row(
        Database,
        &[Url],
        is_file,
        "sqlite://x/y",
        "SQLite's URL has the path of a file, and the URL Standard wants an authority there",
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
        "the path is the socket's, and the URL Standard has no sockets",
        DESIGN,
    ),
    // Credentials for each host.
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
        "the URL Standard has no lists of hosts, and reads the second one as a path",
        URL_STANDARD,
    ),
    // Hosts.
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.is_empty()),
        "",
        "the driver takes a host of its own where none is named",
        "sqlx-postgres, src/options/mod.rs",
    ),
    row(
        Hosts,
        &[TokioPostgres],
        |case| case.both(|ours, theirs| hosts_are(ours, theirs, str::to_owned)),
        "%2Fx",
        "to the driver a socket has the default port, which libpq makes a part of its file's name",
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
        "to the driver a `+` in the query is a space; to libpq and here it is a plus",
        DESIGN,
    ),
    row(
        Hosts,
        &[SqlxPostgres],
        |case| case.reads(|ours| ours.hosts.len() > 1),
        "a,b",
        "the driver takes a list for the name of one host; the hand-over refuses it",
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
        "in a URL the driver takes a list in the query for the name of one host, though libpq has lists there",
        "tokio-postgres, src/config.rs",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql, SqlxPostgres, Redis, Mongodb],
        |case| case.both(|ours, theirs| hosts_are(ours, theirs, decoded)),
        "%61",
        "the driver does not decode a host; the hand-over is of what was decoded",
        "url, src/host.rs; mongodb, src/client/options.rs",
    ),
    row(
        Hosts,
        &[MysqlAsync, SqlxMysql, SqlxPostgres],
        |case| {
            case.both(|ours, theirs| hosts_are(ours, theirs, |host| host.trim_matches(['[', ']']).to_owned()))
        },
        "[::1]",
        "the driver keeps the brackets, and then finds no such host; the hand-over is without them",
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
        "the driver has no TLS unless it is asked for",
        "mysql_async, src/opts/mod.rs",
    ),
    row(
        Tls,
        &[SqlxMysql, SqlxPostgres],
        |case| case.agree_on_last(&["sslmode", "ssl-mode"], is_same_tls),
        "h?ssl=true",
        "the driver goes by its last mode alone, and the mode's name has a case; the hand-over heeds every option of TLS, or refuses it",
        DESIGN,
    ),
    row(
        Tls,
        &[Redis],
        |case| case.agree_on_last(&[], is_same_tls),
        "h?ssl=false",
        "the driver goes by the scheme alone; the hand-over heeds every option of TLS, or refuses it",
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
        "who wants a certificate checked wants TLS; the driver has none without `require_ssl`, the hand-over has it",
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
        "the driver takes any option of TLS for the wish to have it",
        "mongodb, src/client/options.rs",
    ),
];
