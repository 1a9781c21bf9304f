//! The known differences, as a table. A difference that matches no row fails the target.

use super::Aspect::{Database, Hosts, OnlyOurs, OnlyTheirs, Password, Tls, Username};
use super::Peer::{Mongodb, MysqlAsync, Redis, SqlxMysql, SqlxPostgres, TokioPostgres, Url};
use super::sources::{DESIGN, DIFFERS, MONGODB_OPTIONS, RFC_3986, STRICT, URL_STANDARD};
use super::{Aspect, Case, Difference, Host, Peer, Reading, canonical, readings};
use config_vars::{Kind, ResourceUrl, Tls as Wish};
use percent_encoding::percent_decode_str;

/// The `url` crate, and the drivers that parse with it.
const BY_URL_CRATE: &[Peer] = &[Url, MysqlAsync, SqlxMysql, SqlxPostgres, Redis];

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
    pub(super) fn we_say(&self, fragment: &str) -> bool {
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

/// Returns whether the URL is a host list with a scheme before each host.
fn has_scheme_per_host(case: &Case<'_>) -> bool {
    case.text.matches("://").count() > 1 && case.reads(|ours| ours.hosts.len() > 1)
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
/// Returns whether we read a TLS option in the text of another. Case and `-` do not matter in its name.
fn has_hidden_tls(case: &Case<'_>) -> bool {
    let text = decoded(case.text).to_ascii_lowercase().replace(['-', '_'], "");
    case.reads(|ours| ours.tls == Some(Wish::Unknown)) && (text.contains("ssl") || text.contains("tls"))
}

/// Returns whether both read the same TLS level. Drivers default to `Preferred` where the URL says nothing.
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
        &[Url],
        |case| is_web(case.text) && case.text.contains('\\'),
        "https://u:\\@h",
        "in a web URL the URL Standard reads every `\\` as `/`",
        URL_STANDARD,
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
        |case| has_raw_at(case) && case.text.contains(','),
        "memcache://a:b@h[,c:d@i",
        "the URL Standard takes everything before the last `@` as user information, including hosts of a list",
        URL_STANDARD,
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
