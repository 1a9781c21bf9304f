//! What is refused, and the exact message.

mod util;

use config_vars::{
    Component, ConfigVars, Error, ErrorKind, HttpUrl, MemcacheUrl, MongoUrl, MysqlUrl, ResourceUrl,
};
use util::{check_refusals, refused};

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
            "the password holds an unencoded NUL; write `%00`",
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
        // Nobody has filled it in.
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
    const NOT_A_SCHEME: &str = "the value does not start with a scheme; one is made of letters, digits, `+`, `-` and `.`, \
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
        ("mysql -u mysql://db.example", NOT_A_SCHEME),
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
        ("mysql://app:pw@db.example:1:2", NOT_A_NUMBER),
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
            "the host in brackets is no IPv6 address; brackets are for those alone",
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
