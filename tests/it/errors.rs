//! Refused input, and the exact message.

use crate::util::{check_refusals, exposed, read, refused};
use config_vars::{
    AmqpUrl, Component, ConfigVars, Error, ErrorKind, HttpUrl, KafkaUrl, MemcacheUrl, MongoUrl, MysqlUrl,
    PostgresUrl, RedisUrl, ResourceUrl,
};

#[test]
fn raw_characters_in_credentials() {
    check_refusals::<MysqlUrl>(&[
        (
            "mysql://app:p#w@db.example/shop",
            "the password holds an unencoded `#`; write `%23`",
        ),
        (
            "mysql://app:p/w@db.example/shop",
            "the password holds an unencoded `/`; write `%2F`",
        ),
        (
            "mysql://app:p?w@db.example/shop",
            "the password holds an unencoded `?`; write `%3F`",
        ),
        (
            "mysql://app:p%w@db.example/shop",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://app:100%@db.example/shop",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://app:p%f@db.example/shop",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://app:p%zz@db.example/shop",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://app:p%+1@db.example/shop",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://app:p[w@db.example/shop",
            "the password holds an unencoded `[`; write `%5B`",
        ),
        (
            "mysql://app:p]w@db.example/shop",
            "the password holds an unencoded `]`; write `%5D`",
        ),
        (
            "mysql://app:p w@db.example/shop",
            "the password holds an unencoded space; write `%20`",
        ),
        (
            "mysql://app:p\nw@db.example/shop",
            "the password holds an unencoded line break; write `%0A`",
        ),
        (
            "mysql://app:p\rw@db.example/shop",
            "the password holds an unencoded carriage return; write `%0D`",
        ),
        (
            "mysql://app:p\tw@db.example/shop",
            "the password holds an unencoded tab; write `%09`",
        ),
        (
            "mysql://app:p\0w@db.example/shop",
            "the password holds a NUL, which no server takes, not even as `%00`; remove it",
        ),
        (
            "mysql://app:p\u{7f}w@db.example/shop",
            "the password holds an unencoded control character; remove it, or write its `%` escape",
        ),
        (
            "mysql://app:p\u{a0}w@db.example/shop",
            "the password holds an invisible character; remove it, or write its `%` escape",
        ),
        (
            "mysql://app:p\u{200b}w@db.example/shop",
            "the password holds an invisible character; remove it, or write its `%` escape",
        ),
        (
            "mysql://app:p%ffw@db.example/shop",
            "the password has escapes that are not UTF-8; encode it again, as UTF-8",
        ),
        (
            "mysql://a#b:pw@db.example/shop",
            "the user name holds an unencoded `#`; write `%23`",
        ),
        (
            "mysql://a/b@db.example/shop",
            "the user name holds an unencoded `/`; write `%2F`",
        ),
        (
            "mysql://a[b:pw@db.example/shop",
            "the user name holds an unencoded `[`; write `%5B`",
        ),
        (
            "mysql://a%:pw@db.example/shop",
            "the user name holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://…@db.example/shop",
            "the user name holds a `…`; it is a shortened copy, so set the whole value",
        ),
        // Where other parsers read host `app`, port 12, and show the rest of the password.
        (
            "mysql://app:12/secret@db.example/shop",
            "the password holds an unencoded `/`; write `%2F`",
        ),
        (
            "mysql://app:12?secret@db.example/shop",
            "the password holds an unencoded `?`; write `%3F`",
        ),
        (
            "mysql://app:12#secret@db.example/shop",
            "the password holds an unencoded `#`; write `%23`",
        ),
        (
            "mysql://app:p@w/x@db.example/shop",
            "the password holds an unencoded `/`; write `%2F`",
        ),
        // An `@` in an option cannot be told for certain from one that comes too late.
        (
            "mysql://db.example/shop?mail=a@b",
            "the query holds an unencoded `@`; write `%40`",
        ),
        (
            "mysql://app:pw@db.example/shop?mail=a@b",
            "the query holds an unencoded `@`; write `%40`",
        ),
        // A placeholder that was not filled in.
        (
            "mysql://${USER}:pw@db.example/shop",
            "the user name is a reference to another config var that was not expanded; write the value itself",
        ),
        (
            "mysql://app:<password>@db.example/shop",
            "the password is a placeholder; write the value that the add-on gave",
        ),
        (
            "mysql://app:****@db.example/shop",
            "the password is a placeholder; write the value that the add-on gave",
        ),
    ]);
    check_refusals::<HttpUrl>(&[(
        "https://app:12/p#w@api.example",
        "the password holds an unencoded `/`; write `%2F`",
    )]);
    check_refusals::<MongoUrl>(&[
        (
            "mongodb://app:12/x@db.example?w=a@b",
            "the password holds an unencoded `/`; write `%2F`",
        ),
        (
            "mongodb://app:p@w@db.example",
            "the password holds an unencoded `@`; write `%40`",
        ),
        (
            "mongodb://a@b:pw@db.example",
            "the user name holds an unencoded `@`; write `%40`",
        ),
        (
            "mongodb://app:p:w@db.example",
            "the password holds an unencoded `:`; write `%3A`",
        ),
        (
            "mongodb://app:12?x=y@db.example",
            "the password holds an unencoded `?`; write `%3F`",
        ),
        (
            "mongodb://app:12/x?y@db.example",
            "the password holds an unencoded `/`; write `%2F`",
        ),
    ]);
    check_refusals::<HttpUrl>(&[
        (
            "https://app:p\\w@api.example/",
            "the password holds an unencoded `\\`; write `%5C`",
        ),
        (
            "https://app:pw/x@api.example/",
            "the password holds an unencoded `/`; write `%2F`",
        ),
        (
            "https://app:12?x@api.example/",
            "the password holds an unencoded `?`; write `%3F`",
        ),
        (
            "https://app:12#x@api.example/",
            "the password holds an unencoded `#`; write `%23`",
        ),
        (
            "https://token#x@api.example/",
            "the user name holds an unencoded `#`; write `%23`",
        ),
    ]);
    // Found by comparing with the url crate, to which `app` is the host.
    check_refusals::<ResourceUrl>(&[
        (
            "wss://app:1\\w@db.example",
            "the password holds an unencoded `\\`; write `%5C`",
        ),
        (
            "ftp://app:1\\w@db.example",
            "the password holds an unencoded `\\`; write `%5C`",
        ),
    ]);
}

#[test]
fn what_surrounds_a_value() {
    check_refusals::<MysqlUrl>(&[
        ("", "the value is set but empty; give it a value, or unset it"),
        (
            "\"mysql://db.example\"",
            "the value is wrapped in quotes; remove them",
        ),
        (
            "'mysql://db.example'",
            "the value is wrapped in quotes; remove them",
        ),
        (
            "`mysql://db.example`",
            "the value is wrapped in quotes; remove them",
        ),
        (
            "“mysql://db.example”",
            "the value is wrapped in typographic quotes; remove them",
        ),
        (" mysql://db.example", "the value starts with a space; remove it"),
        ("mysql://db.example ", "the value ends with a space; remove it"),
        ("\tmysql://db.example", "the value starts with a tab; remove it"),
        (
            "mysql://db.example\n",
            "the value ends with a line break; remove it",
        ),
        (
            "mysql://db.example\r\n",
            "the value ends with a line break; remove it",
        ),
        (
            "\u{feff}mysql://db.example",
            "the value starts with a byte order mark; remove it",
        ),
        (
            "mysql://db.example\u{200b}",
            "the value ends with an invisible character; remove it",
        ),
        (
            "$OTHER_URL",
            "the value is a reference to another config var that was not expanded; write the value itself",
        ),
        (
            "${{Postgres.DATABASE_URL}}",
            "the value is a reference to another config var that was not expanded; write the value itself",
        ),
        (
            "<your-mysql-url>",
            "the value is a placeholder; write the value that the add-on gave",
        ),
    ]);
}

#[test]
fn schemes() {
    const NO_SCHEME: &str = "the value has no scheme; it must start with one, such as `mysql://`";
    const NOT_A_SCHEME: &str = "the value does not start with a scheme; one is made of the letters `a` to `z`, digits, `+`, `-` and `.`, \
                                and ends in `://`";
    check_refusals::<MysqlUrl>(&[
        ("changeme", NO_SCHEME),
        ("app:pw@db.example/shop", NO_SCHEME),
        ("db.example:3306/shop", NO_SCHEME),
        ("app:pw://x@db.example", NO_SCHEME),
        ("://db.example", NO_SCHEME),
        ("//db.example", NO_SCHEME),
        ("app@db.example://", NO_SCHEME),
        ("jdbc:jdbc:mysql://db.example", NO_SCHEME),
        (
            "mysql:app:pw@db.example/shop",
            "the value has a scheme without `//`; write `mysql://`",
        ),
        (
            "mysql:/db.example",
            "the value has a scheme without `//`; write `mysql://`",
        ),
        ("my sql://db.example", NOT_A_SCHEME),
        ("my_sql://db.example", NOT_A_SCHEME),
        ("2mysql://db.example", NOT_A_SCHEME),
        (
            "mysql -u mysql://db.example",
            "the value is a command; it must start with a scheme, so write the URL in it alone, without quotes",
        ),
        (
            "postgres://db.example",
            "the value is a postgres URL, expected mysql",
        ),
        (
            "mongodb+srv://db.example",
            "the value is a mongodb URL, expected mysql",
        ),
        ("https://db.example", "the value is an http URL, expected mysql"),
        (
            "mysq://db.example",
            "the scheme is not known; did you mean `mysql://`?",
        ),
        (
            "mysqll://db.example",
            "the scheme is not known; did you mean `mysql://`?",
        ),
        (
            "mysqk://db.example",
            "the scheme is not known; did you mean `mysql://`?",
        ),
        (
            "msyql://db.example",
            "the scheme is not known; did you mean `mysql://`?",
        ),
        (
            "postgress://db.example",
            "the scheme is not known; did you mean `postgres://`?",
        ),
        (
            "omnisci://db.example",
            "the scheme is not known; expected `mysql://`",
        ),
    ]);
}

#[test]
fn scheme_that_asks_for_tls_is_not_replaced_by_one_without() {
    const MYSQL: &str =
        "the scheme is not known; for TLS, write `mysql://`, and `ssl-mode=VERIFY_IDENTITY` after a `?`";
    check_refusals::<MysqlUrl>(&[
        ("mysqls://db.example", MYSQL),
        ("MySQL+SSL://db.example", MYSQL),
        ("mariadb+tls://db.example", MYSQL),
        (
            "postgresql+ssl://db.example",
            "the scheme is not known; expected `mysql://`",
        ),
    ]);
    let message = |error: Error| error.to_string();
    let rows = [
        (
            message(refused::<PostgresUrl>("postgresqls://db.example")),
            "the scheme is not known; for TLS, write `postgres://`, and `sslmode=verify-full` after a `?`",
        ),
        (
            message(refused::<MongoUrl>("mongodb+ssl://db.example")),
            "the scheme is not known; for TLS, write `mongodb://`, and `tls=true` after a `?`",
        ),
        (
            message(refused::<RedisUrl>("redis+s://cache.example")),
            "the scheme is not known; for TLS, write `rediss://`",
        ),
        (
            message(refused::<RedisUrl>("tls://cache.example")),
            "the scheme is not known; for TLS, write `rediss://`",
        ),
        (
            message(refused::<AmqpUrl>("SSL://mq.example")),
            "the scheme is not known; for TLS, write `amqps://`",
        ),
        (
            message(refused::<AmqpUrl>("amqp+ssl://mq.example")),
            "the scheme is not known; for TLS, write `amqps://`",
        ),
        (
            message(refused::<KafkaUrl>("kafkas://b1.example")),
            "the scheme is not known; for TLS, write `kafka+ssl://`",
        ),
        (
            message(refused::<MemcacheUrl>("memcached+ssl://mc.example")),
            "the scheme is not known; for TLS, write `memcache+tls://`",
        ),
    ];
    for (message, expected) in rows {
        assert_eq!(message, expected);
    }
    // The proposed options ask for TLS.
    for text in [
        "mysql://h?ssl-mode=VERIFY_IDENTITY",
        "postgres://h?sslmode=verify-full",
        "mongodb://h?tls=true",
    ] {
        assert!(read::<ResourceUrl>(text).is_tls(), "{text}");
    }
}

#[test]
fn hosts_and_ports() {
    const NOT_A_NUMBER: &str =
        "the port is not a number; write one from 1 to 65535, or the `@` that is missing after a password";
    const OUT_OF_RANGE: &str = "the port is out of range; write a number from 1 to 65535";
    const MIXED: &str = "the host list has credentials for some servers only; write them before each, or `%2C` for a `,` \
                         in a password";
    const BRACKETS: &str = "the host has brackets that do not match; write an IPv6 address as `[::1]`";
    const CHARACTER: &str = "the host holds a character that no host name has; correct it, or percent-encode the password before it";
    check_refusals::<MysqlUrl>(&[
        (
            "mysql://",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "mysql:///shop",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "mysql://app:pw@/shop",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "mysql://app:pw@:3306/shop",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "mysql:///var/run/mysqld.sock",
            "the host is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`",
        ),
        ("mysql://db.example:0/shop", OUT_OF_RANGE),
        ("mysql://db.example:65536/shop", OUT_OF_RANGE),
        ("mysql://db.example:99999999999999999999/shop", OUT_OF_RANGE),
        (
            "mysql://db.example:/shop",
            "the port is empty; write a number after the `:`, or leave out the `:`",
        ),
        ("mysql://db.example:-1/shop", NOT_A_NUMBER),
        ("mysql://db.example:+80/shop", NOT_A_NUMBER),
        ("mysql://db.example:٣٣٠٦/shop", NOT_A_NUMBER),
        ("mysql://app:pw", NOT_A_NUMBER),
        (
            "mysql://app:pw@db.example:1:2",
            "the port is not a number; write one from 1 to 65535",
        ),
        ("mysql://db.example:33 06", NOT_A_NUMBER),
        (
            "mysql://h1,h2/shop",
            "the host list is not for mysql URLs; write a single host",
        ),
        ("mysql://[::1/shop", BRACKETS),
        ("mysql://::1]/shop", BRACKETS),
        ("mysql://a]/shop", BRACKETS),
        (
            "mysql://[db.example]/shop",
            "the host in brackets is no IPv6 address; brackets are for those alone",
        ),
        (
            "mysql://[::g]/shop",
            "the host in brackets is no IPv6 address; brackets are for those alone",
        ),
        (
            "mysql://[fe80::1%25eth0]/shop",
            "the host is an IPv6 address with a zone, which each machine names its own way; write a name or an address \
             without one",
        ),
        (
            "mysql://[::1]3306/shop",
            "the host is followed by something that is neither `:` and a port nor `/`",
        ),
        (
            "mysql://2001:db8::7/shop",
            "the host is an IPv6 address without brackets; write it as `[::1]`",
        ),
        (
            "mysql://256.256.256.256/shop",
            "the host looks like an IPv4 address but is none; write four numbers from 0 to 255",
        ),
        (
            "mysql://0x7f.1/shop",
            "the host looks like an IPv4 address but is none; write four numbers from 0 to 255",
        ),
        (
            "mysql://a..b/shop",
            "the host has an empty label; remove the extra dot",
        ),
        (
            "mysql://.a/shop",
            "the host has an empty label; remove the extra dot",
        ),
        ("mysql://db example/shop", "the host holds a blank; remove it"),
        (
            "mysql://db\u{200b}.example/shop",
            "the host holds a blank; remove it",
        ),
        (
            "mysql://%2Ftmp%2Fa%0Ab.sock/shop",
            "the host holds a blank; remove it",
        ),
        (
            "mysql://１２７.0.0.1/shop",
            "the host looks like an IPv4 address but is none; write four numbers from 0 to 255",
        ),
        ("mysql://%2541例.example/shop", CHARACTER),
        ("mysql://$例.example/shop", CHARACTER),
        ("mysql://db!.example/shop", CHARACTER),
        ("mysql://db%21.example/shop", CHARACTER),
        ("mysql://xn--zzzzzz\u{fe}/shop", CHARACTER),
        ("mysql://xn--0/shop", CHARACTER),
        ("mysql://db%3Aexample/shop", CHARACTER),
        ("mysql://db%2Cexample/shop", CHARACTER),
        (
            "mysql://db.example/sh%zzop?x=%41",
            "the database name holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://db%zz.example/shop",
            "the host holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://%2Ftmp%2Fs.sock:3306/shop",
            "the port cannot be used with a socket; remove it",
        ),
    ]);
    let long = format!("mysql://{}.example", "é".repeat(64));
    assert_eq!(refused::<MysqlUrl>(&long).kind(), ErrorKind::InvalidHost);
    let labels =
        |length: usize| ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(length)].join(".");
    for longest in [format!("{}.example", "a".repeat(63)), labels(61)] {
        assert!(format!("mysql://{longest}").parse::<MysqlUrl>().is_ok());
    }
    for too_long in [format!("{}.example", "a".repeat(64)), labels(62)] {
        assert_eq!(
            refused::<MysqlUrl>(&format!("mysql://{too_long}")).to_string(),
            "the host is too long; a name has at most 253 characters, and 63 between dots"
        );
    }
    check_refusals::<config_vars::PostgresUrl>(&[
        (
            "postgres:///d?host=h1,",
            "the host is empty in one place of the list; remove the extra comma",
        ),
        (
            "postgres://?host=,",
            "the host is empty in one place of the list; remove the extra comma",
        ),
    ]);
    check_refusals::<MemcacheUrl>(&[
        (
            "memcache://h1,,h2",
            "the host is empty in one place of the list; remove the extra comma",
        ),
        (
            "memcache://h1,",
            "the host is empty in one place of the list; remove the extra comma",
        ),
        (
            "memcache://h1,h2/0",
            "the path must be empty in a memcache URL; remove it",
        ),
        ("memcache://h1,u:p@h2", MIXED),
        ("memcache://u1:p1@h1,h2,u3:p3@h3", MIXED),
        ("memcache://u:p@1@h1,u:p@h2", MIXED),
        ("memcache://u:p,w@h1", MIXED),
        (
            "memcache://u:%zz@h1,u:p@h2",
            "the password holds a `%` that starts no escape; write `%25`",
        ),
        (
            "memcache://u[:p@h1,u:p@h2",
            "the user name holds an unencoded `[`; write `%5B`",
        ),
    ]);
    check_refusals::<HttpUrl>(&[
        (
            "https://%2Ftmp%2Fs.sock/",
            "the host is a socket path, which an http URL cannot have",
        ),
        // Behind what may be a password, a name that is not ASCII is not looked into.
        (
            "https://bücher.example/a@b",
            "the user name holds an unencoded `/`; write `%2F`",
        ),
        (
            "https:///path",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "https://h1,h2/",
            "the host list is not for http URLs; write a single host",
        ),
    ]);
}

#[test]
fn an_encoded_separator_makes_no_host() {
    const AT: &str = "the host holds an encoded `@`; write the `@` between the credentials and the host as it is, not as `%40`";
    const CHARACTER: &str = "the host holds a character that no host name has; correct it, or percent-encode the password before it";
    for (text, message) in [
        ("postgres://app%3AS3C%2FRET%40db.example%3A5432/shop", AT),
        ("mysql://app%3AS3C%2FRET%40db.example/shop", AT),
        ("redis://%3AS3C%2FRET%40cache.example/0", AT),
        ("mongodb://app%3AS3C%2FRET%40db.example/shop", AT),
        ("mongodb://app%3AS3C%2FRET%40db.sock/shop", AT),
        ("https://app%3AS3C%2FRET%40api.example/", AT),
        ("amqps://app%3AS3CRET%40mq.example/v", AT),
        ("kafka://b1.example,S3CRET%40b2.example", AT),
        ("clickhouse://S3C%2FRET", CHARACTER),
        ("memcache://S3C%2FRET:11211", CHARACTER),
        ("postgres:///shop?host=S3C%2FRET", CHARACTER),
    ] {
        let error = refused::<ResourceUrl>(text);
        assert_eq!(error.to_string(), message, "{text}");
    }
    // These are sockets, and the last may be more than that.
    for (text, is_in_doubt) in [
        ("mysql://%2Frun%2Fmysqld.sock/shop", false),
        ("mongodb://rel%2Fmongodb.sock/shop", false),
        ("postgres:///shop?host=/cloudsql/project:region:instance", false),
        ("postgres://%2FS3CRET%40db.example/shop", true),
    ] {
        let url: ResourceUrl = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(url.hosts()[0].is_socket(), "{text}");
        assert_eq!(url.hosts()[0].is_in_doubt(), is_in_doubt, "{text}");
    }
}

#[test]
fn an_encoded_nul_is_refused_in_each_part() {
    for (text, part) in [
        ("mysql://a%00b:pw@db.example/shop", "the user name"),
        ("redis://:p%00w@cache.example", "the password"),
        ("amqp://u:p%c3%a4%00@mq.example", "the password"),
        ("memcache://u1:p1@mc1.example,u2:p%00@mc2.example", "the password"),
        ("postgres://db%00.example/shop", "the host"),
        ("postgres://db.example/sh%00op", "the database name"),
        ("postgres://db.example/shop?password=p%00w", "the query"),
        ("https://api.example/a%00", "the path"),
        ("unknown://a:%00@x", "the password"),
    ] {
        let error = refused::<ResourceUrl>(text);
        assert_eq!(
            error.to_string(),
            format!("{part} holds `%00`, a NUL, which no server takes; remove it"),
            "{text}"
        );
        assert_eq!(error.kind(), ErrorKind::BadEscape, "{text}");
    }
}

#[test]
fn an_at_in_the_query_is_not_the_passwords_if_another_ends_it() {
    for text in [
        "redis://:pw@cache.example:6379?client_name=a@b.example",
        "smtp://u:p@mail.example:587?from=noreply@shop.example",
        "postgres://db.example/shop?user=app@my",
    ] {
        let error = refused::<ResourceUrl>(text);
        assert_eq!(
            error.to_string(),
            "the query holds an unencoded `@`; write `%40`",
            "{text}"
        );
        let encoded = text
            .rsplit_once('@')
            .map(|(before, after)| format!("{before}%40{after}"));
        let url = encoded
            .and_then(|text| text.parse::<ResourceUrl>().ok())
            .expect(text);
        assert!(text.contains(url.host().expect(text)), "{text}");
    }
    let error = refused::<ResourceUrl>("redis://:S3C?a=RET@cache.example");
    assert_eq!(
        error.to_string(),
        "the password holds an unencoded `?`; write `%3F`"
    );
}

#[test]
fn paths_options_and_fragments() {
    check_refusals::<MysqlUrl>(&[
        (
            "mysql://h/a/b",
            "the database name holds an unencoded `/`; write `%2F`",
        ),
        (
            "mysql://h/a b",
            "the database name holds an unencoded space; write `%20`",
        ),
        (
            "mysql://h/a%",
            "the database name holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://h/a%ff",
            "the database name has escapes that are not UTF-8; encode it again, as UTF-8",
        ),
        (
            "mysql://h/a?b=100%",
            "the query holds a `%` that starts no escape; write `%25`",
        ),
        (
            "mysql://h/a?b=c d",
            "the query holds an unencoded space; write `%20`",
        ),
        // No datastore's URL has a fragment.
        (
            "mysql://h/a?password=b#c",
            "the query holds an unencoded `#`; write `%23`",
        ),
        (
            "mysql://h/a#b",
            "the database name holds an unencoded `#`; write `%23`",
        ),
        ("mysql://h#b", "the host holds an unencoded `#`; write `%23`"),
    ]);
    check_refusals::<HttpUrl>(&[
        ("https://h/a b", "the path holds an unencoded space; write `%20`"),
        (
            "https://h/a%zz",
            "the path holds a `%` that starts no escape; write `%25`",
        ),
        (
            "https://h/#\n.",
            "the fragment holds an unencoded line break; write `%0A`",
        ),
    ]);
}

#[test]
fn messages_name_the_config_var() {
    let vars = ConfigVars::from_iter([
        ("BAD_URL", "mysql://app:p#w@db.example/shop"),
        ("EMPTY_URL", ""),
        ("DATABASE_URL", "postgres://app:pw@db.example/shop"),
        ("JAWSDB_URL", "mysql://app:pw@db.example/shop"),
    ]);
    let message = |name| vars.url::<MysqlUrl>(name).unwrap_err().to_string();
    assert_eq!(
        message("BAD_URL"),
        "BAD_URL: the password holds an unencoded `#`; write `%23`"
    );
    assert_eq!(
        message("EMPTY_URL"),
        "EMPTY_URL: is set but empty; give it a value, or unset it"
    );
    assert_eq!(
        message("DATABASE_URL"),
        "DATABASE_URL: the value is a postgres URL, expected mysql"
    );
    assert_eq!(
        message("MYSQL_URL"),
        "MYSQL_URL: is not set; set it, or attach the add-on that provides it; of this kind there is \
         BAD_URL (mysql), JAWSDB_URL (mysql)"
    );
    let error = vars.url::<MongoUrl>("MONGODB_URI").unwrap_err();
    assert_eq!(
        error.to_string(),
        "MONGODB_URI: is not set; set it, or attach the add-on that provides it"
    );
}

#[test]
fn searches_name_the_candidates() {
    let vars = ConfigVars::from_iter([
        ("DATABASE_URL", "mysql://app:pw@db1.example/shop"),
        ("JAWSDB_URL", "mysql://app:pw@db2.example/shop"),
        ("REDIS_URL", "redis://cache.example"),
    ]);
    let error = vars.only::<MysqlUrl>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert_eq!(
        error.to_string(),
        "more than one mysql resource; ask for one of them by name: DATABASE_URL, JAWSDB_URL"
    );
    let error = vars.only::<MongoUrl>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert_eq!(
        error.to_string(),
        "no mongodb resource among the config vars; attach an add-on that provides one; there is \
         DATABASE_URL (mysql), JAWSDB_URL (mysql), REDIS_URL (redis)"
    );
    assert_eq!(
        ConfigVars::default().only::<MongoUrl>().unwrap_err().to_string(),
        "no mongodb resource among the config vars; attach an add-on that provides one"
    );
    let error = vars.only::<ResourceUrl>().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("more than one resource; ask for one of them by name: DATABASE_URL")
    );
    let error = ConfigVars::default().only::<ResourceUrl>().unwrap_err();
    assert!(error.to_string().starts_with("no resource among the config vars"));
    // A name cannot forge a line of a log.
    let vars = ConfigVars::from_iter([("A\nERROR all is lost", "")]);
    let error = vars.require("A\nERROR all is lost").unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("A\\nERROR all is lost: is set but empty"),
        "{error}"
    );
    // A long list is cut.
    let many = ConfigVars::from_iter((0..10).map(|i| (format!("DB{i}_URL"), format!("mysql://h{i}"))));
    let error = many.only::<MysqlUrl>().unwrap_err();
    assert!(
        error.to_string().ends_with("DB6_URL, DB7_URL and 2 more"),
        "{error}"
    );
    assert_eq!(error.candidates().count(), 10);
    // One candidate, with a fault: that fault.
    let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p w@db.example/shop")]);
    assert_eq!(
        vars.only::<MysqlUrl>().unwrap_err().to_string(),
        "JAWSDB_URL: the password holds an unencoded space; write `%20`"
    );
    // One candidate, with a fault that only its typed URL sees.
    let vars = ConfigVars::from_iter([("MYSQL_URL", "mysql://h/a/b")]);
    assert_eq!(
        vars.only::<MysqlUrl>().unwrap_err().to_string(),
        "MYSQL_URL: the database name holds an unencoded `/`; write `%2F`"
    );
}

#[test]
fn errors_can_be_told_apart() {
    let rows = [
        ("", ErrorKind::Empty, Component::Value),
        ("'mysql://h'", ErrorKind::Surrounded, Component::Value),
        ("$X", ErrorKind::Unexpanded, Component::Value),
        ("h", ErrorKind::MissingScheme, Component::Value),
        ("redis://h", ErrorKind::WrongKind, Component::Value),
        ("mysqll://h", ErrorKind::UnknownScheme, Component::Scheme),
        ("mysql://a b@h", ErrorKind::Unencoded, Component::Username),
        ("mysql://u:%@h", ErrorKind::BadEscape, Component::Password),
        ("mysql://u:p@", ErrorKind::InvalidHost, Component::Host),
        ("mysql://h:x", ErrorKind::InvalidPort, Component::Port),
    ];
    for (text, kind, component) in rows {
        let error = refused::<MysqlUrl>(text);
        assert_eq!(
            (error.kind(), error.component()),
            (kind, Some(component)),
            "{text}"
        );
        assert_eq!(error.var(), None);
    }
    let error = refused::<MemcacheUrl>("memcache://h/x");
    assert_eq!(
        (error.kind(), error.component()),
        (ErrorKind::InvalidPath, Some(Component::Path))
    );
    let error = refused::<MongoUrl>("mongodb://h/?x");
    assert_eq!(
        (error.kind(), error.component()),
        (ErrorKind::InvalidOption, Some(Component::Query))
    );
    let error = refused::<MongoUrl>("mongodb://@h");
    assert_eq!(
        (error.kind(), error.component()),
        (ErrorKind::InvalidCredentials, Some(Component::Username))
    );
}

#[test]
fn an_error_is_all_in_its_message() {
    let error: Error = refused::<ResourceUrl>("h");
    assert_eq!(
        format!("{error:?}"),
        "Error(\"the value has no scheme; it must start with one, such as `https://`\")"
    );
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn options_glued_to_a_name_are_refused() {
    const GLUED: &str = "the database name holds an unencoded `;`, `&` or `=`; options begin after a `?`, and in a name \
                         these are `%3B`, `%26`, `%3D`";
    const PROPERTIES: &str = "the value has `;name=value` properties, a form of SQL Server's; write \
                              `sqlserver://user:password@host:1433/database?name=value`";
    check_refusals::<ResourceUrl>(&[
        ("postgres://app@db.example/shop&password=S3CRET", GLUED),
        (
            "mongodb://db.example/shop&authSource=admin&password=S3CRET",
            GLUED,
        ),
        ("amqp://h/vh;password=S3CRET", GLUED),
        ("clickhouse://h/shop&password=S3CRET", GLUED),
        ("sqlite:///x.db;password=S3CRET", GLUED),
        ("influxdb://h/shop/token=S3CRET", GLUED),
        ("redis://h/0;password=S3CRET", GLUED),
        ("nats://h/x=S3CRET", GLUED),
        ("mysql://h/shop;S3CRET", GLUED),
        ("jdbc:mysql://h/shop&user=app", GLUED),
        (
            "sqlserver://db.example:1433;database=shop;user=sa;password=S3CRET;encrypt=true",
            PROPERTIES,
        ),
        ("sqlserver://db.example;database=shop", PROPERTIES),
        ("sqlserver://db.example:1433;user=sa;password=S3@CRET", PROPERTIES),
        ("mssql://db.example:1433/shop;user=sa;password=S3CRET", PROPERTIES),
    ]);
    let vars = ConfigVars::from_iter([
        ("POSTGRES_HOST", "db.example"),
        ("POSTGRES_USER", "app"),
        ("POSTGRES_PASSWORD", "pw"),
        ("POSTGRES_DB", "shop;password=S3CRET"),
    ]);
    assert_eq!(
        vars.only::<ResourceUrl>().unwrap_err().to_string(),
        "POSTGRES_DB: the database name holds a `;`, `&` or `=`; write the name of the database alone"
    );
}

#[test]
fn a_raw_slash_after_digits_is_the_passwords() {
    for text in [
        "smtp://mailer:587/abcSECRET@smtp.example",
        "ldap://app:389/x@ldap.example",
        "cloudinary://1:2/x@cloud",
        "sftp://app:22/x/y@files.example",
        "statsd://app:8125/x@h",
        "wss://app:1/x@h",
        "socks5://app:1080/x@h",
        "amqp://app:1/x@mq.example",
        "rethinkdb://app:1/x@mq.example",
    ] {
        let error = refused::<ResourceUrl>(text);
        assert_eq!(
            error.to_string(),
            "the password holds an unencoded `/`; write `%2F`",
            "{text}"
        );
    }
    for text in ["https://api.example:80/@a", "unknown://a:1/x@y"] {
        assert!(text.parse::<ResourceUrl>().is_ok(), "{text}");
    }
}

#[test]
fn placeholders_and_references_are_named_in_each_part() {
    const REFERENCE: &str =
        "is a reference to another config var that was not expanded; write the value itself";
    const PLACEHOLDER: &str = "is a placeholder; write the value that the add-on gave";
    let rows = [
        // The whole of a value.
        (
            "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/db/123)",
            "the value",
            REFERENCE,
        ),
        ("op://prod/database/url", "the value", REFERENCE),
        ("ref+vault://secret/db#/url", "the value", REFERENCE),
        ("vault:secret/data/db#url", "the value", REFERENCE),
        ("{{ .Values.databaseUrl }}", "the value", REFERENCE),
        ("%DATABASE_URL%", "the value", REFERENCE),
        ("#{DatabaseUrl}", "the value", REFERENCE),
        ("((database-url))", "the value", REFERENCE),
        ("$(DATABASE_URL)", "the value", REFERENCE),
        ("encrypted:BEq3", "the value", REFERENCE),
        ("ENC[AES256_GCM,data:x,type:str]", "the value", REFERENCE),
        ("projects/shop/secrets/db/versions/1", "the value", REFERENCE),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            "the value",
            REFERENCE,
        ),
        ("secretref:db-url", "the value", REFERENCE),
        ("[DATABASE-URL]", "the value", PLACEHOLDER),
        ("{database_url}", "the value", PLACEHOLDER),
        // Credentials.
        (
            "postgresql://postgres.abcd:[YOUR-PASSWORD]@pooler.example:6543/postgres",
            "the password",
            PLACEHOLDER,
        ),
        (
            "postgres://postgres:{password}@db.example/postgres",
            "the password",
            PLACEHOLDER,
        ),
        (
            "mysql://app:<your password>@db.example/shop",
            "the password",
            PLACEHOLDER,
        ),
        ("mysql://app:$DB_PASS@db.example/shop", "the password", REFERENCE),
        (
            "mysql://app:$(DB_PASS)@db.example/shop",
            "the password",
            REFERENCE,
        ),
        (
            "mysql://app:{{ db_pass }}@db.example/shop",
            "the password",
            REFERENCE,
        ),
        ("mysql://app:#{DbPass}@db.example/shop", "the password", REFERENCE),
        (
            "mysql://app:((db_pass))@db.example/shop",
            "the password",
            REFERENCE,
        ),
        ("mysql://app:%DB_PASS%@db.example/shop", "the password", REFERENCE),
        (
            "amqp://app:vault:secret%2Fmq@mq.example/v",
            "the password",
            REFERENCE,
        ),
        ("redis://:ENC[abc]@cache.example", "the password", REFERENCE),
        ("mongodb+srv://${USER}:pw@db.example/", "the user name", REFERENCE),
        ("smtp://[user]:pw@smtp.example", "the user name", PLACEHOLDER),
        ("https://{api_key}@api.example/", "the user name", PLACEHOLDER),
        ("unknown://app:${PASS}@host.example", "the password", REFERENCE),
        // Hosts and ports.
        ("postgres://app:p4ss@${DB_HOST}:5432/shop", "the host", REFERENCE),
        (
            "postgres://app:p4ss@$DB_HOST:$DB_PORT/shop",
            "the host",
            REFERENCE,
        ),
        ("postgres://app:p4ss@{{ db_host }}/shop", "the host", REFERENCE),
        ("mysql://app:p4ss@$(DB_HOST)/shop", "the host", REFERENCE),
        ("mysql://app:p4ss@%DB_HOST%/shop", "the host", REFERENCE),
        ("mysql://app:p4ss@#{DbHost}:3306/shop", "the host", REFERENCE),
        ("mysql://app:p4ss@db.${DOMAIN}/shop", "the host", REFERENCE),
        (
            "mongodb+srv://app:p4ss@<cluster>.mongodb.example/",
            "the host",
            PLACEHOLDER,
        ),
        ("mysql://app:p4ss@[YOUR-HOST]:3306/shop", "the host", PLACEHOLDER),
        ("redis://:pw@{host}:6379", "the host", PLACEHOLDER),
        ("redis://:pw@cache.example:${REDIS_PORT}", "the port", REFERENCE),
        ("redis://:pw@cache.example:<port>", "the port", PLACEHOLDER),
        ("redis://:pw@cache.example:[port]", "the port", PLACEHOLDER),
        ("https://{{ host }}/x", "the host", REFERENCE),
        // Databases and options.
        (
            "postgres://app:p4ss@db.example/$DB_NAME",
            "the database name",
            REFERENCE,
        ),
        (
            "postgres://app:p4ss@db.example/${DB_NAME}",
            "the database name",
            REFERENCE,
        ),
        (
            "postgres://app:p4ss@db.example/shop_${STAGE}",
            "the database name",
            REFERENCE,
        ),
        (
            "sqlite:///%kernel.project_dir%/var/shop.db",
            "the database name",
            REFERENCE,
        ),
        (
            "mysql://app:p4ss@db.example/{{ name }}",
            "the database name",
            REFERENCE,
        ),
        (
            "mysql://app:p4ss@db.example/<dbname>",
            "the database name",
            PLACEHOLDER,
        ),
        (
            "mysql://app:p4ss@db.example/#{DbName}",
            "the database name",
            REFERENCE,
        ),
        (
            "amqp://app:p4ss@mq.example/[vhost]",
            "the database name",
            PLACEHOLDER,
        ),
        (
            "postgres://db.example/shop?sslrootcert=${CA}",
            "the query",
            REFERENCE,
        ),
        (
            "postgres://db.example/shop?user=app&password=<password>",
            "the query",
            PLACEHOLDER,
        ),
        (
            "mysql://db.example/shop?charset={{ charset }}",
            "the query",
            REFERENCE,
        ),
        (
            "mysql://db.example/shop?ssl-ca=%DB_CA%&charset=utf8",
            "the query",
            REFERENCE,
        ),
        (
            "postgres://db.example/shop?sslmode=require&application_name=__APP_NAME__",
            "the query",
            REFERENCE,
        ),
        (
            "postgres://db.example/shop?__DB_OPTIONS__",
            "the query",
            REFERENCE,
        ),
        ("mysql://db.example/shop?a=b&__OPTION__=x", "the query", REFERENCE),
        ("redis://c.example/0?${OPTIONS}", "the query", REFERENCE),
        ("amqp://mq.example/v?<options>", "the query", PLACEHOLDER),
        ("postgres://app:pw@__DB_HOST__/shop", "the host", REFERENCE),
        ("https://__API_HOST__/v1", "the host", REFERENCE),
        (
            "mongodb://db1.example,__DB_HOST_2__:27017/shop",
            "the host",
            REFERENCE,
        ),
        ("redis://:pw@__REGION__.cache.example:6379", "the host", REFERENCE),
        ("amqp://mq_1.example:__MQ_PORT__/v", "the port", REFERENCE),
        ("kafka://__BROKER__:9092", "the host", REFERENCE),
        ("mysql://db.example/__DB_NAME__", "the database name", REFERENCE),
        (
            "postgres://db.example/__DB_NAME__?sslmode=require",
            "the database name",
            REFERENCE,
        ),
        // Of one host among others.
        (
            "memcache://u:__PASS__@mc1.example,u:x@mc2.example",
            "the password",
            REFERENCE,
        ),
        (
            "memcache://u:${PASS}@mc1.example,u:x@mc2.example",
            "the password",
            REFERENCE,
        ),
        (
            "nats://u:p@n1.example,__USER__:p@n2.example",
            "the user name",
            REFERENCE,
        ),
        (
            "memcache://u:p@mc1.example,u:p@__MC_HOST__",
            "the host",
            REFERENCE,
        ),
    ];
    for (text, part, rest) in rows {
        let error = refused::<ResourceUrl>(text);
        assert_eq!(error.to_string(), format!("{part} {rest}"), "{text}");
        assert_eq!(error.kind(), ErrorKind::Unexpanded, "{text}");
    }
    for real in [
        "mysql://app:$ecret@db.example/shop",
        "mysql://app:pa$$w0rd@db.example/shop",
        "mysql://app:a{b}c@db.example/shop",
        "mysql://app:$X7K2Q@db.example/shop",
        "mysql://app:(hunter2)@db.example/shop",
        "mysql://app:__x__@db.example/shop",
        "mysql://app:%24%7BX%7D@db.example/shop",
        "postgres://app:p:q@db.example/shop?options=-c%20a%3Db",
        "postgres://db.example/shop?application_name=__x__&my_option=_a&a__B__=c",
        "postgres://my__db.example/shop__eu__1",
        "redis://_sentinel._tcp.example/0",
        "mysql://db.example/shop?ssl={\"rejectUnauthorized\":true}",
        "redis://[::1]:6379/0",
        "https://api.example/accounts/[apitoken]",
        "https://api.example/{id}?key={{key}}",
        "mongodb://app:pw@[2001:db8::7]/$external?authSource=$external",
    ] {
        if real.starts_with("mongodb") {
            continue;
        }
        assert!(
            real.parse::<ResourceUrl>().is_ok(),
            "{real}: {:?}",
            real.parse::<ResourceUrl>()
        );
    }
}

/// Each message of the URL tables: a bad value, its message, what the message advises, and the host or the file that the
/// result leads to.
#[test]
fn following_the_advice_of_a_message_leads_to_a_good_value() {
    let rows = [
        ("mysql://app:p#w@h/d", "write `%23`", "mysql://app:p%23w@h/d", "h"),
        ("mysql://app:p/w@h/d", "write `%2F`", "mysql://app:p%2Fw@h/d", "h"),
        ("mysql://app:p?w@h/d", "write `%3F`", "mysql://app:p%3Fw@h/d", "h"),
        (
            "mongodb://app:p@w@h/d",
            "write `%40`",
            "mongodb://app:p%40w@h/d",
            "h",
        ),
        (
            "mongodb://app:p:w@h/d",
            "write `%3A`",
            "mongodb://app:p%3Aw@h/d",
            "h",
        ),
        ("mysql://app:p[w@h/d", "write `%5B`", "mysql://app:p%5Bw@h/d", "h"),
        ("mysql://app:p]w@h/d", "write `%5D`", "mysql://app:p%5Dw@h/d", "h"),
        (
            "https://app:p\\w@h/d",
            "write `%5C`",
            "https://app:p%5Cw@h/d",
            "h",
        ),
        ("mysql://app:p w@h/d", "write `%20`", "mysql://app:p%20w@h/d", "h"),
        (
            "mysql://app:p\tw@h/d",
            "write `%09`",
            "mysql://app:p%09w@h/d",
            "h",
        ),
        (
            "mysql://app:p\nw@h/d",
            "write `%0A`",
            "mysql://app:p%0Aw@h/d",
            "h",
        ),
        ("mysql://app:p\u{7f}w@h/d", "remove it", "mysql://app:pw@h/d", "h"),
        (
            "mysql://app:p\u{200b}w@h/d",
            "remove it",
            "mysql://app:pw@h/d",
            "h",
        ),
        (
            "mysql://app:100%@h/d",
            "write `%25`",
            "mysql://app:100%25@h/d",
            "h",
        ),
        (
            "mysql://app:p%ffw@h/d",
            "encode it again, as UTF-8",
            "mysql://app:p%C3%BFw@h/d",
            "h",
        ),
        ("\"mysql://h\"", "remove them", "mysql://h", "h"),
        ("“mysql://h”", "remove them", "mysql://h", "h"),
        (" mysql://h", "remove it", "mysql://h", "h"),
        ("mysql://h\n", "remove it", "mysql://h", "h"),
        ("${DB_URL}", "write the value itself", "mysql://h", "h"),
        ("<url>", "write the value that the add-on gave", "mysql://h", "h"),
        ("mysql://app:…@h", "set the whole value", "mysql://app:pw@h", "h"),
        ("h/d", "start with one, such as `https://`", "https://h/d", "h"),
        ("mysql:h/d", "write `mysql://`", "mysql://h/d", "h"),
        (
            "my_sql://h/d",
            "the letters `a` to `z`, digits",
            "mysql://h/d",
            "h",
        ),
        (
            "psql 'postgres://app:pw@h/d'",
            "write the URL in it alone, without quotes",
            "postgres://app:pw@h/d",
            "h",
        ),
        (
            "redis-cli -u redis://h:1",
            "write the URL in it alone",
            "redis://h:1",
            "h",
        ),
        (
            "mongosh \"mongodb+srv://h.example/d\"",
            "write the URL in it alone",
            "mongodb+srv://h.example/d",
            "h.example",
        ),
        (
            "mysql -h h -u app -p d",
            "write a URL, such as `https://user:password@host/name`",
            "https://user:password@host/name",
            "host",
        ),
        (
            "mysql:///d",
            "write a host name after `@` or `//`",
            "mysql://h/d",
            "h",
        ),
        (
            "mysql:///run/m.sock",
            "percent-encoded, as `%2Ftmp%2Fserver.sock`",
            "mysql://%2Frun%2Fm.sock",
            "/run/m.sock",
        ),
        (
            "redis:///run/r.sock",
            "percent-encoded, as `%2Ftmp%2Fserver.sock`",
            "redis://%2Frun%2Fr.sock",
            "/run/r.sock",
        ),
        (
            "redis+unix://run/r.sock",
            "as `redis+unix:///run/server.sock`",
            "redis+unix:///run/server.sock",
            "/run/server.sock",
        ),
        (
            "redis+unix://",
            "as `redis+unix:///run/server.sock`",
            "redis+unix:///run/server.sock",
            "/run/server.sock",
        ),
        (
            "redis://h/0#insecure",
            "write that scheme",
            "rediss://h/0#insecure",
            "h",
        ),
        (
            "redis://h/0#insecure",
            "or remove the fragment",
            "redis://h/0",
            "h",
        ),
        (
            "postgres://h,,i/d",
            "remove the extra comma",
            "postgres://h,i/d",
            "h",
        ),
        (
            "memcache://u:p@h,i,u:p@j",
            "write them before each",
            "memcache://u:p@h,u:p@i,u:p@j",
            "h",
        ),
        (
            "memcache://u:p,w@h",
            "or `%2C` for a `,` in a password",
            "memcache://u:p%2Cw@h",
            "h",
        ),
        ("mysql://h,i/d", "write a single host", "mysql://h/d", "h"),
        (
            "amqp://a:p@h:1,amqp://a:p@i:2",
            "is a list of URLs; write a single amqp URL",
            "amqp://a:p@h:1",
            "h",
        ),
        (
            "https://a:p@h:1,https://a:p@i:2",
            "is a list of URLs; write a single http URL",
            "https://a:p@h:1",
            "h",
        ),
        (
            "amqp://a:p@h;amqp://a:p@i",
            "is a list of URLs; write a single amqp URL",
            "amqp://a:p@h",
            "h",
        ),
        (
            "mysql://h/d mysql://i/d",
            "is a list of URLs; write a single mysql URL",
            "mysql://h/d",
            "h",
        ),
        (
            "postgres://a:p@h/d,postgres://a:p@i/d",
            "lists the hosts, as `postgres://host1,host2`",
            "postgres://a:p@h,i/d",
            "h",
        ),
        (
            "mongodb://h,mongodb://i",
            "lists the hosts, as `mongodb://host1,host2`",
            "mongodb://h,i",
            "h",
        ),
        (
            "nats://h:1, nats://i:2",
            "separate the servers by commas alone",
            "nats://h:1,nats://i:2",
            "h",
        ),
        (
            "nats://h:1;nats://i:2",
            "write commas between the servers",
            "nats://h:1,nats://i:2",
            "h",
        ),
        (
            "kafka://h,kafka+ssl://i",
            "write the same before each host",
            "kafka+ssl://h,kafka+ssl://i",
            "h",
        ),
        (
            "mysql://::1]/d",
            "write an IPv6 address as `[::1]`",
            "mysql://[::1]/d",
            "::1",
        ),
        (
            "mysql://[::1]x/d",
            "followed by something that is neither",
            "mysql://[::1]:1/d",
            "::1",
        ),
        (
            "mysql://[h.example]/d",
            "brackets are for those alone",
            "mysql://h.example/d",
            "h.example",
        ),
        (
            "mysql://2001:db8::7/d",
            "write it as `[::1]`",
            "mysql://[2001:db8::7]/d",
            "2001:db8::7",
        ),
        (
            "mysql://256.0.0.1/d",
            "write four numbers from 0 to 255",
            "mysql://255.0.0.1/d",
            "255.0.0.1",
        ),
        ("mysql://a..b/d", "remove the extra dot", "mysql://a.b/d", "a.b"),
        ("mysql://d b/d", "remove it", "mysql://db/d", "db"),
        ("mysql://db!/d", "correct it", "mysql://db/d", "db"),
        (
            "mysql://app:p@tcp(h:3306)/d",
            "write what the parentheses contain",
            "mysql://app:p@h:3306/d",
            "h",
        ),
        (
            "mysql://app:p@unix(/run/m.sock)/d",
            "each `/` as `%2F`",
            "mysql://app:p@%2Frun%2Fm.sock/d",
            "/run/m.sock",
        ),
        (
            "mysql://h:/d",
            "write a number after the `:`",
            "mysql://h:3306/d",
            "h",
        ),
        ("mysql://h:/d", "or leave out the `:`", "mysql://h/d", "h"),
        (
            "mysql://a:p@h:x/d",
            "write one from 1 to 65535",
            "mysql://a:p@h:1/d",
            "h",
        ),
        (
            "mysql://app:pw",
            "or the `@` that is missing after a password",
            "mysql://app:pw@h",
            "h",
        ),
        (
            "mysql://h:65536/d",
            "write a number from 1 to 65535",
            "mysql://h:65535/d",
            "h",
        ),
        (
            "amqp://%2Frun%2Fm.sock",
            "is a socket path, which an amqp URL cannot have",
            "amqp://h",
            "h",
        ),
        (
            "mysql://%2Fm.sock:1/d",
            "remove it",
            "mysql://%2Fm.sock/d",
            "/m.sock",
        ),
        ("memcache://h/0", "remove it", "memcache://h", "h"),
        ("mysql://h/a/b", "write `%2F`", "mysql://h/a%2Fb", "h"),
        (
            "mysql://h/d;x=1",
            "options begin after a `?`",
            "mysql://h/d?x=1",
            "h",
        ),
        (
            "mysql://h/d&x",
            "in a name these are `%3B`, `%26`, `%3D`",
            "mysql://h/d%26x",
            "h",
        ),
        (
            "sqlserver://h:1433;database=shop;user=sa;password=pw",
            "write `sqlserver://user:password@host:1433/database?name=value`",
            "sqlserver://sa:pw@h:1433/shop",
            "h",
        ),
        ("redis://h/x", "write one from 0 on, as `/0`", "redis://h/0", "h"),
        ("redis://h/0/", "remove it", "redis://h/0", "h"),
        ("postgres://h//d", "remove it", "postgres://h/d", "h"),
        ("amqp://h//v", "write `%2F`", "amqp://h/%2Fv", "h"),
        (
            "mysql:///app:pw@h/d",
            "has an extra `/` after `://`; remove it",
            "mysql://app:pw@h/d",
            "h",
        ),
        (
            "redis+unix:///app:pw@/r.sock",
            "has an extra `/` after `://`; remove it",
            "redis+unix://app:pw@/r.sock",
            "/r.sock",
        ),
        (
            "redis://https://app:pw@h",
            "has two schemes, one after the other; write one",
            "redis://app:pw@h",
            "h",
        ),
        (
            "redis://https://h",
            "has two schemes, one after the other; write one",
            "redis://h",
            "h",
        ),
        (
            "mysql://app:pw@tcp://h:1/d",
            "write the host alone, without `://`",
            "mysql://app:pw@h:1/d",
            "h",
        ),
        (
            "postgres://app:pw@h,app:pw@i/d",
            "write them once, before the first",
            "postgres://app:pw@h,i/d",
            "h",
        ),
        (
            "mongodb://app:pw@h,app:pw@i/d",
            "write them once, before the first",
            "mongodb://app:pw@h,i/d",
            "h",
        ),
        (
            "kafka://app:pw@h:1;i:2",
            "list is separated by `;`; write commas between the servers",
            "kafka://app:pw@h:1,i:2",
            "h",
        ),
        (
            "mongodb://app:pw@h:1 ,i:2/d",
            "list has blanks beside its commas; separate the servers by commas alone",
            "mongodb://app:pw@h:1,i:2/d",
            "h",
        ),
        (
            "postgres://h:pw;1",
            "or the `@` that is missing after a password",
            "postgres://app:pw;1@h",
            "h",
        ),
        (
            "amqp://app:pw@h,app:pw@i",
            "write a single host",
            "amqp://app:pw@h",
            "h",
        ),
        (
            "mysql://app:pw@h/d,redis://:pw@i",
            "is a list of URLs; write a single mysql URL",
            "mysql://app:pw@h/d",
            "h",
        ),
        (
            "app:pw@tcp(h:3306)/d?parseTime=true",
            "is in the form of Go's driver for MySQL; write `mysql://user:password@host:port/database`",
            "mysql://app:pw@h:3306/d?parseTime=true",
            "h",
        ),
        (
            "host=h user=app password='p w' dbname=d",
            "is in the form `name=value`, as libpq's or ADO.NET's; write `postgres://user:password@host:port/database`",
            "postgres://app:p%20w@h/d",
            "h",
        ),
        (
            "Server=tcp:h,1433;Database=d;User ID=app;Password=p:w",
            "is in the form `name=value`, as libpq's or ADO.NET's; write `postgres://user:password@host:port/database`",
            "sqlserver://app:p%3Aw@h:1433/d",
            "h",
        ),
        (
            "DATABASE_URL=mysql://app:pw@h/d",
            "begins with the name of a config var; write the URL alone",
            "mysql://app:pw@h/d",
            "h",
        ),
        (
            "DATABASE_URL: mysql://app:pw@h/d",
            "begins with the name of a config var; write the URL alone",
            "mysql://app:pw@h/d",
            "h",
        ),
        (
            "<mysql://app:pw@h/d>",
            "is wrapped in `<` and `>`; remove them",
            "mysql://app:pw@h/d",
            "h",
        ),
        // The `@` of a password in the query precedes no host.
        (
            "postgres://h?password=p@w",
            "the query holds an unencoded `@`; write `%40`",
            "postgres://h?password=p%40w",
            "h",
        ),
        ("sqlite://a@b.db", "write `%40`", "sqlite://a%40b.db", ""),
        ("sqlite:my db", "write `%20`", "sqlite:my%20db", ""),
        ("mysql://h/d?m=a@b", "write `%40`", "mysql://h/d?m=a%40b", "h"),
        ("mysql://h/d#x", "write `%23`", "mysql://h/d%23x", "h"),
    ];
    for (bad, advice, good, host) in rows {
        let error = match bad.parse::<ResourceUrl>() {
            Err(error) => error,
            Ok(url) => url.check_by_kind().expect_err(bad),
        };
        assert!(error.to_string().contains(advice), "{bad}: {error}");
        let url: ResourceUrl = good.parse().unwrap_or_else(|error| panic!("{good}: {error}"));
        assert_eq!(url.host().unwrap_or_default(), host, "{good}");
        assert!(url.check_by_kind().is_ok(), "{good}");
    }
}

trait CheckByKind {
    fn check_by_kind(&self) -> Result<(), Error>;
}

impl CheckByKind for ResourceUrl {
    /// By the rules that its typed URL has.
    fn check_by_kind(&self) -> Result<(), Error> {
        match self.kind() {
            config_vars::Kind::Mongo => MongoUrl::try_from(self.clone()).map(drop),
            config_vars::Kind::Redis => config_vars::RedisUrl::try_from(self.clone()).map(drop),
            _ => Ok(()),
        }
    }
}

#[test]
fn messages_about_parts_name_the_cause() {
    let host_with_port = ConfigVars::from_iter([
        ("REDIS_HOST", "cache.example:6380"),
        ("REDIS_PORT", "6380"),
        ("REDIS_PASSWORD", "pw"),
    ]);
    assert_eq!(
        host_with_port
            .url::<ResourceUrl>("REDIS_HOST")
            .unwrap_err()
            .to_string(),
        "REDIS_HOST: the host contains a port, and the port is a config var of its own; write the host alone"
    );
    let message = |servers| {
        MemcacheUrl::from_servers(servers, None, None)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        message("h:1, h:2"),
        "the host list has blanks beside its commas; separate the servers by commas alone"
    );
    assert_eq!(
        message("h:1 h:2"),
        "the host list is separated by blanks; write commas between the servers"
    );
    assert_eq!(
        message("h:1;h:2"),
        "the host list is separated by `;`; write commas between the servers"
    );
    assert_eq!(
        message("h:11211:3"),
        "the port is not a number; write one from 1 to 65535"
    );
    assert!(MemcacheUrl::from_servers("h:1,h:2", None, None).is_ok());
}

/// Cloud SQL's sockets, which have `:` and `/` in their paths.
#[test]
fn socket_of_cloud_sql_is_to_be_encoded() {
    const SOCKET: &str =
        "the host is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`";
    const COLON: &str = "the host holds an unencoded `:`; write `%3A`";
    check_refusals::<PostgresUrl>(&[
        ("postgres://app:pw@/cloudsql/p:r:i/shop", SOCKET),
        ("postgres://app:pw@//cloudsql/p:r:i/shop", SOCKET),
        ("postgres://app:pw@%2Fcloudsql%2Fp:r:i/shop", COLON),
        ("postgres://app:pw@%2fcloudsql%2fp:r:1/shop", COLON),
        (
            "postgres://app:pw@%2Frun:x/shop",
            "the port is not a number; write one from 1 to 65535",
        ),
    ]);
    let url: PostgresUrl = "postgres://app:pw@%2Fcloudsql%2Fp%3Ar%3Ai/shop".parse().unwrap();
    assert_eq!(url.host(), Some("/cloudsql/p:r:i"));
    check_refusals::<MysqlUrl>(&[("mysql://app:pw@%2Fcloudsql%2Fp:r:i/shop", COLON)]);
    // A file has no host.
    assert!("sqlite:///var/shop.db".parse::<ResourceUrl>().is_ok());
    assert!("duckdb:///var/shop.db".parse::<ResourceUrl>().is_ok());
}

#[test]
fn url_in_another_form() {
    const NAME: &str = "the value begins with the name of a config var; write the URL alone";
    const JSON: &str = "the value is JSON; write the URL in it alone";
    const ENCODED: &str = "the value is a URL that was percent-encoded as a whole; decode it once";
    const BASE64: &str = "the value is the Base64 of a URL; decode it";
    const NO_SCHEME: &str = "the value has no scheme; it must start with one, such as `mysql://`";
    const NO_START: &str = "the value does not start with a scheme; one is made of the letters `a` to `z`, digits, `+`, `-` \
                            and `.`, and ends in `://`";
    check_refusals::<MysqlUrl>(&[
        // As `heroku config` prints it, a YAML list, and other notations.
        ("JAWSDB_URL:           mysql://app:pw@db.example/shop", NAME),
        ("JAWSDB_URL  mysql://app:pw@db.example/shop", NAME),
        ("JAWSDB_URL => mysql://app:pw@db.example/shop", NAME),
        ("JAWSDB_URL := \"mysql://app:pw@db.example/shop\"", NAME),
        ("- JAWSDB_URL=mysql://app:pw@db.example/shop", NAME),
        ("JAWSDB_URL=mysql+pymysql://app:pw@db.example/shop", NAME),
        ("SHOP=\u{201c}mysql://app:pw@db.example/shop\u{201d}", NO_START),
        // A connection string of Azure's: the URL alone is not enough.
        ("AccountEndpoint=https://db.example/;AccountKey=pw", NO_START),
        ("app:mysql://x@db.example", NO_SCHEME),
        ("{\"url\": \"mysql://app:pw@db.example/shop\"}", JSON),
        ("[ \"mysql://app:pw@db.example/shop\" ]", JSON),
        ("{mysql://app:pw@db.example/shop}", NO_START),
        ("{\"url\": \"db.example/shop\"}", NO_SCHEME),
        ("mysql%3A%2F%2Fapp%3Apw%40db.example%2Fshop", ENCODED),
        ("mysql%3a%2f%2fapp:pw@db.example/shop", ENCODED),
        ("app%3Apw%40db.example", NO_SCHEME),
        ("mysql%40app%3Apw", NO_SCHEME),
        ("app%3A%2F%2Fpw%40db.example", NO_SCHEME),
        ("bXlzcWw6Ly9hcHA6cHdAZGIuZXhhbXBsZS9zaG9w", BASE64),
        // Without padding, for URLs, and broken into lines.
        ("bXlzcWw6Ly9hcHA6cHdAZGIuZXhhbXBsZS9zaG8", BASE64),
        ("bXlzcWw6Ly9hcHA_cHdAZGIuZXhhbXBsZS9zaG8=", BASE64),
        ("c29tZSB0ZXh0IHdpdGhvdXQgYSBVUkw=", NO_SCHEME),
        // A scheme that has none; what only begins as Base64 does.
        ("YXBwOi8vYXBwOnB3QGRiLmV4YW1wbGUvc2hvcA==", NO_SCHEME),
        ("bXlzcWw6Ly9hcHA6cHdAZGIuZXhhbXBsZS9zaG9w!", NO_SCHEME),
        ("a2Fma2Erc3NsOi8vYTpwQGI", BASE64),
        ("bXlzcWw6Ly9+YTpwd0BkYi5leGFtcGxlL3Nob3A=", BASE64),
        ("bXlzcWw6Ly9-YTpwd0BkYi5leGFtcGxlL3Nob3A=", BASE64),
        ("bXlzcWw6Ly8/YTpwd0BkYi5leGFtcGxlL3Nob3A=", BASE64),
        ("bXlzcWw6Ly8_YTpwd0BkYi5leGFtcGxlL3Nob3A=", BASE64),
    ]);
    // Discovery reports them as well.
    for text in [
        "mysql%3A%2F%2Fapp%3Apw%40h",
        "bXlzcWw6Ly9hcHA6cHdAZGIuZXhhbXBsZS9zaG9w",
    ] {
        let vars = ConfigVars::from_iter([("JAWSDB_URL", text)]);
        assert_eq!(
            vars.attachments()
                .map(|found| found.faults().count())
                .sum::<usize>(),
            1,
            "{text}"
        );
    }
}

#[test]
fn something_after_a_url() {
    const COMMENT: &str = "the value has a comment after the URL; remove it";
    const VAR: &str = "the value has another config var after the URL; set each on its own";
    const QUOTE: &str = "the value ends with a quote that nothing opens; remove it";
    const BLANK: &str = "the database name holds an unencoded space; write `%20`";
    check_refusals::<MysqlUrl>(&[
        ("mysql://app:pw@db.example/shop # the main one", COMMENT),
        ("mysql://app:pw@db.example:3306 #main", COMMENT),
        (
            "mysql://app:p w@db.example/shop # main",
            "the password holds an unencoded space; write `%20`",
        ),
        (
            "mysql://app:pw@db.example/shop REDIS_URL=redis://:pw@cache.example",
            VAR,
        ),
        (
            "mysql://app:pw@db.example/shop\nREDIS_URL:   redis://:pw@cache.example",
            VAR,
        ),
        ("mysql://app:pw@db.example/shop\nexport PORT=8080", VAR),
        (
            "mysql://app:pw@db.example/shop  \n S3_URL=https://s3.example",
            VAR,
        ),
        ("mysql://app:pw@db.example/shop  # main", COMMENT),
        ("mysql://app:pw@db.example/shop\"", QUOTE),
        ("mysql://app:pw@db.example'", QUOTE),
        ("mysql://app:pw@db.example:3306`", QUOTE),
        (
            "mysql://app:p #w@db.example/shop",
            "the password holds an unencoded `#`; write `%23`",
        ),
        (
            "mysql://app:p A=w@db.example/shop",
            "the password holds an unencoded space; write `%20`",
        ),
        (
            "mysql://app:p ABC=w@db.example/shop",
            "the password holds an unencoded space; write `%20`",
        ),
        (
            "mysql://app:p w@db.example/shop'",
            "the password holds an unencoded space; write `%20`",
        ),
        ("mysql://app:pw@db.example/shop AB=1", BLANK),
        ("mysql://app:pw@db.example/shop see=that", BLANK),
        ("mysql://app:pw@db.example/shop HTTP:80", BLANK),
        (
            "mysql://app:p w'@db.example/shop",
            "the password holds an unencoded space; write `%20`",
        ),
        (
            "mysql://app:pw@db.example/shop?a=b\\u0026ssl-mode=REQUIRED",
            "the value holds `\\u0026`, JSON's escape of `&`; write the `&` itself",
        ),
        (
            "mysql://app:pw@db.example/shop\\u0026ssl-mode=REQUIRED",
            "the value holds `\\u0026`, JSON's escape of `&`; write the `&` itself",
        ),
    ]);
    let quoted: MysqlUrl = read("mysql://app:pw\"@db.example/shop");
    assert_eq!(exposed(quoted.password()), Some("pw\""));
}

#[test]
fn hosts_that_no_server_has() {
    const ALPHABETS: &str = "the host mixes letters of two alphabets that look alike; type it again";
    const PLACEHOLDER: &str = "is a placeholder; write the value that the add-on gave";
    check_refusals::<MysqlUrl>(&[
        ("mysql://app:pw@db.\u{435}xample/shop", ALPHABETS),
        ("mysql://app:pw@d\u{3b2}.example/shop", ALPHABETS),
        (
            "mysql://app:pw@[fe80::1%25eth0]/shop",
            "the host is an IPv6 address with a zone, which each machine names its own way; write a name or an address \
             without one",
        ),
        (
            "mysql://app:pw@undefined:undefined/shop",
            &format!("the host {PLACEHOLDER}"),
        ),
        (
            "mysql://app:pw@db.example:None/shop",
            &format!("the port {PLACEHOLDER}"),
        ),
    ]);
    for name in [
        "b\u{fc}cher.example",
        "\u{431}\u{430}\u{437}\u{430}.example",
        "\u{3b2}\u{3ac}\u{3c3}\u{3b7}.example",
    ] {
        read::<MysqlUrl>(&format!("mysql://app:pw@{name}/shop"));
    }
}
