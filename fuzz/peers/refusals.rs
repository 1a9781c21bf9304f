//! The rules by which we refuse what another parser may accept, as a table. A rule is about the text, so it holds whichever
//! the other parser is.

use super::Case;
use super::sources::{
    DESIGN, DIFFERS, MONGODB_OPTIONS, MONGODB_SPEC, RFC_1123, RFC_3986, STRICT, URL_STANDARD,
};

/// A rule of ours.
pub struct Refusal {
    /// Fragments of our messages, each with a text that we refuse with it and that a peer accepts. Without a scheme, that of
    /// each peer is prepended.
    pub messages: &'static [(&'static str, &'static str)],
    pub reason: &'static str,
    pub source: &'static str,
}

impl Refusal {
    pub fn is_of(&self, case: &Case<'_>) -> bool {
        self.messages.iter().any(|(message, _)| case.we_say(message))
    }
}

const fn row(
    messages: &'static [(&'static str, &'static str)],
    reason: &'static str,
    source: &'static str,
) -> Refusal {
    Refusal {
        messages,
        reason,
        source,
    }
}

const LIBPQ_HOSTS: &str = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-MULTIPLE-HOSTS";

pub const REFUSALS: &[Refusal] = &[
    // Delimiters and other characters.
    row(
        &[("holds an unencoded `#`", "h#x")],
        "usually the rest of a password follows it",
        DIFFERS,
    ),
    row(
        &[
            ("holds an unencoded `/`", "u:1/x@h"),
            ("holds an unencoded `?`", "u:1?x=@h"),
            ("holds an unencoded `@`", "h/?socket=a@b"),
        ],
        "before or as an `@`, it indicates a password with an unencoded delimiter",
        DESIGN,
    ),
    row(
        &[
            ("holds an unencoded `[`", "u:[@h"),
            ("holds an unencoded `]`", "u:]@h"),
        ],
        "drivers differ in where a bracket makes an address",
        DIFFERS,
    ),
    row(
        &[("holds an unencoded `:`", "mongodb://u:a:b@h")],
        "it must be encoded",
        MONGODB_SPEC,
    ),
    row(
        &[
            ("holds an unencoded space", "u: @h"),
            ("holds an unencoded tab", "u:a\tb@h"),
            ("holds an unencoded line break", "u:a\nb@h"),
            ("holds an unencoded carriage return", "u:a\rb@h"),
            ("holds a NUL", "u:a\0b@h"),
            ("holds an unencoded control character", "u:a\u{1}b@h"),
            ("holds an invisible character", "u:a\u{200b}b@h"),
            ("holds a blank", "postgres:// h"),
            ("has blanks beside its commas", "mongodb://h, i"),
            ("has a comment after the URL", "h/d # x"),
            ("has another config var after the URL", "h/d MODE=b"),
            ("the value starts with ", " mysql://h"),
            ("the value ends with ", "h "),
        ],
        "an unencoded blank is a mistake, often one of copying",
        STRICT,
    ),
    row(
        &[("holds a `%` that starts no escape", "u:%@h")],
        "decoders read it differently",
        RFC_3986,
    ),
    row(
        &[("holds `%00`", "u:a%00@h")],
        "a NUL ends a text for many servers",
        "RFC 3986, section 7.3",
    ),
    row(
        &[("escapes that are not UTF-8", "h?socket=%FF")],
        "names, passwords and options are text",
        STRICT,
    ),
    row(
        &[("JSON's escape of `&`", "h/?appName=b\\u0026c")],
        "it hides the options after it",
        DESIGN,
    ),
    row(
        &[
            ("is a placeholder", "u:***@h"),
            ("holds a `…`", "u:a…@h"),
            ("is a reference to another", "u:${PASSWORD}@h"),
        ],
        "it stands for a password, and is none",
        STRICT,
    ),
    // The scheme, and more than one URL.
    row(
        &[
            ("has a scheme without `//`", "https:h?://"),
            ("begins with the name of a config var", "https:=mongodb://h"),
        ],
        "the URL Standard does not require the slashes of a web URL",
        URL_STANDARD,
    ),
    row(
        &[("has an extra `/` after `://`", "postgres:///u:p@h")],
        "followed by an `@`, it is a slash too many, and not a URL without a host",
        DESIGN,
    ),
    row(
        &[
            ("has two schemes", "mysql://https://0"),
            ("the host begins with a scheme", "mysql://u:p@tcp://0"),
        ],
        "a URL in place of the host; the peer connects to a host that is called as its scheme",
        STRICT,
    ),
    row(
        &[
            ("is a list of URLs", "mysql://h;mysql://i"),
            ("list is separated by", "mongodb://h;i:1"),
        ],
        "no host name contains a `;`, and a list of URLs is no URL; the peer takes the rest for part of a host, path or query",
        RFC_1123,
    ),
    row(
        &[("list has schemes that differ", "kafka://a,kafka+ssl://b")],
        "the URL Standard has no lists of hosts",
        URL_STANDARD,
    ),
    row(
        &[("`#insecure` is for `rediss://`", "redis://h#insecure")],
        "it skips the check of a certificate, and without TLS there is none; the peer drops the fragment",
        STRICT,
    ),
    // Hosts.
    row(
        &[
            ("holds a character that no host name has", "h_*"),
            ("holds an encoded `@`", "h%40i"),
            ("has an empty label", "a..b"),
            (
                "is too long",
                "a234567890123456789012345678901234567890123456789012345678901234.b",
            ),
        ],
        "DNS cannot resolve such a name",
        RFC_1123,
    ),
    row(
        &[("of Go's driver", "unix(x")],
        "no host name contains a parenthesis; the form belongs to Go's MySQL driver",
        "https://github.com/go-sql-driver/mysql#dsn-data-source-name",
    ),
    row(
        &[("mixes letters of two alphabets", "d\u{435}b.example")],
        "it looks like another host's name",
        DESIGN,
    ),
    row(
        &[("looks like an IPv4 address but is none", "0x7f.1")],
        "the host that it reaches would depend on the driver",
        DIFFERS,
    ),
    row(
        &[
            ("brackets that do not match", "a["),
            ("in brackets is no IPv6 address", "postgres://[a.b]"),
            ("is an IPv6 address with a zone", "postgres://[fe80::1%25eth0]"),
            (
                "is followed by something that is neither `:` and a port nor `/`",
                "mongodb://[::1]a%2Fm.sock",
            ),
        ],
        "brackets are for IPv6 addresses",
        RFC_3986,
    ),
    row(
        &[("the host list is not for", "a,b")],
        "no host name contains a comma, and the driver would look up the list as one name",
        RFC_1123,
    ),
    row(
        &[
            ("the host is empty", "postgres://:1"),
            ("the host is empty in one place of the list", "postgres://a,,b"),
        ],
        "hosts have no default",
        "src/docs/guide.md: promise 3",
    ),
    row(
        &[
            (
                "list has credentials for some servers only",
                "memcache://u:p@h,v@i",
            ),
            ("list has credentials before each host", "postgres://u:p@h,v:q@i"),
        ],
        "the peer takes the first host for a piece of the password",
        STRICT,
    ),
    row(
        &[("and hosts stand after `//` as well", "postgres://h1/d?host=h2")],
        "having both is a mistake",
        DIFFERS,
    ),
    row(
        &[
            (
                "the port list is not as long as the list of hosts",
                "postgres:///d?host=a&port=1,2",
            ),
            (
                "has `hostaddr` for another number of hosts",
                "postgres://h?hostaddr=1.2.3.4,1.2.3.5",
            ),
            (
                "has `hostaddr`, which is no IP address",
                "postgres://h?hostaddr=x",
            ),
        ],
        "libpq refuses it as well",
        LIBPQ_HOSTS,
    ),
    // Ports.
    row(
        &[
            ("the port is empty", "h:"),
            ("the port is out of range", "h:0"),
            ("the port is not a number", "h:+1"),
        ],
        "no server listens there; Rust's integer parser accepts a sign",
        RFC_3986,
    ),
    // Sockets.
    row(
        &[("is a socket path, which", "kafka://%2Fx")],
        "the protocol has no sockets; the peer takes the path for a host name",
        STRICT,
    ),
    row(
        &[("the port cannot be used with a socket", "mysql://%2Fx:1")],
        "a socket has no port; the peer reads its path as a host name",
        STRICT,
    ),
    row(
        &[("does not end in `.sock`", "mongodb://%2Fx")],
        "a socket's path ends in `.sock`; the driver reads any other path as a host name",
        MONGODB_SPEC,
    ),
    row(
        &[("and the path is the socket's", "redis+unix://h")],
        "the scheme is for sockets, whose path is the URL's path",
        "redis-py, Connection.from_url",
    ),
    row(
        &[(
            "names a socket by something that is no path",
            "mysql://h?socket=x",
        )],
        "a relative path would depend on the working directory of the app",
        STRICT,
    ),
    // Paths.
    row(
        &[
            ("begins or ends with a `/`", "h/d/"),
            ("the path must be empty", "memcache://h/x"),
            ("holds a character that mongodb does not allow", "mongodb://h/a$b"),
        ],
        "no database has such a name",
        STRICT,
    ),
    row(
        &[("is no number of a Redis database", "redis://h/-1")],
        "no Redis has such a database",
        "https://www.iana.org/assignments/uri-schemes/prov/redis",
    ),
    row(
        &[
            ("options begin after a `?`", "h/1;x=1"),
            ("has `;name=value` properties", "sqlserver://h;user=u"),
        ],
        "options glued to a name may contain a password, and names are shown",
        DIFFERS,
    ),
    // Options.
    row(
        &[
            ("must be a name with `mongodb+srv://`", "mongodb+srv://1.2.3.4"),
            (
                "which takes a single host",
                "mongodb://a,b/?directConnection=true",
            ),
            (
                "which contradict each other",
                "mongodb://h/?loadBalanced=true&replicaSet=x",
            ),
        ],
        "the specification makes it an error; the driver checks it later or not at all",
        MONGODB_OPTIONS,
    ),
];
