//! MongoDB's URLs, by its Connection String, URI Options, SRV, load balancer, SOCKS5 and Authentication
//! specifications.

use crate::util::{check_readings, check_refusals, exposed, read};
use config_vars::{MongoUrl, WarningKind};

#[test]
fn hosts() {
    check_readings::<MongoUrl>(&[
        ("mongodb://192.0.2.1", "-:- | ipv4 192.0.2.1:27017* | - | - | -"),
        (
            "mongodb://[2001:db8::1]:27018",
            "-:- | ipv6 2001:db8::1:27018 | - | - | -",
        ),
        (
            "mongodb://u:p@a.example,192.0.2.1:27018,[::1]/shop",
            "u:p | a.example:27017*, ipv4 192.0.2.1:27018, ipv6 ::1:27017* | /shop | - | -",
        ),
        // A name that resembles an address is a name.
        ("mongodb://256.0.0.1", "-:- | 256.0.0.1:27017* | - | - | -"),
        (
            "mongodb://bücher.example,umläut.example/",
            "-:- | bücher.example:27017*, umläut.example:27017* | / | - | -",
        ),
        // Sockets: absolute, relative, with blanks, in a list; and a name that ends as they do.
        (
            "mongodb://%2Ftmp%2FMongoDB-27017.sock",
            "-:- | socket /tmp/MongoDB-27017.sock | - | - | -",
        ),
        (
            "mongodb://run%2Fm.sock/shop",
            "-:- | socket run/m.sock | /shop | - | -",
        ),
        (
            "mongodb://%2Ftmp%2F %2Fm.sock",
            "-:- | socket /tmp/ /m.sock | - | - | -",
        ),
        (
            "mongodb://u:p@h.example:1,%2Ftmp%2Fm.sock/shop?w=1",
            "u:p | h.example:1, socket /tmp/m.sock | /shop | w=1 | -",
        ),
        ("mongodb://m.sock", "-:- | m.sock:27017* | - | - | -"),
        // The slash before the options may be missing.
        (
            "mongodb://h.example?tls=true",
            "-:- | h.example:27017* | - | tls=true | -",
        ),
        // Sub-delimiters need no escapes.
        (
            "mongodb://!$&'()*+,;=:!$&'()*+,;=@h.example",
            "!$&'()*+,;=:!$&'()*+,;= | h.example:27017* | - | - | -",
        ),
        // An `@` in an option is not the end of user information.
        (
            "mongodb://u:p@h.example/admin?replicaset=my@rs",
            "u:p | h.example:27017* | /admin | replicaset=my@rs | -",
        ),
        (
            "mongodb+srv://u:p@cluster0.example/shop",
            "u:p | cluster0.example | /shop | - | -",
        ),
    ]);
    for (text, is_srv) in [("mongodb+srv://cluster0.example", true), ("mongodb://h", false)] {
        assert_eq!(read::<MongoUrl>(text).is_srv(), is_srv);
    }
    check_refusals::<MongoUrl>(&[
        (
            "mongodb://",
            "the host is empty; write a host name after `@` or `//`",
        ),
        (
            "mongodb:///tmp/mongodb-27017.sock/",
            "the host is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`",
        ),
        (
            "mongodb://%2Ftmp%2Fmongodb",
            "the host is a socket path that does not end in `.sock`; MongoDB's sockets do",
        ),
        (
            "mongodb://a,,b",
            "the host is empty in one place of the list; remove the extra comma",
        ),
        (
            "mongodb+srv://a.example:27017",
            "the port must not be given with `mongodb+srv://`; remove it, for DNS tells it",
        ),
        (
            "mongodb+srv://a.example,b.example",
            "the host list is not for `mongodb+srv://`; write the one name that DNS resolves",
        ),
        (
            "mongodb+srv://192.0.2.1",
            "the host must be a name with `mongodb+srv://`, no address and no socket",
        ),
    ]);
}

#[test]
fn databases() {
    let database = |text: &str| read::<MongoUrl>(text).database().map(str::to_owned);
    assert_eq!(database("mongodb://h"), None);
    assert_eq!(database("mongodb://h/").as_deref(), Some(""));
    assert_eq!(database("mongodb://h/my%3Ddb").as_deref(), Some("my=db"));
    // A dot is allowed, for namespaces.
    assert_eq!(
        database("mongodb://h/shop.orders").as_deref(),
        Some("shop.orders")
    );
    const CHARACTER: &str = "the database name holds a character that mongodb does not allow in one (`/`, `\\`, `\"`, `$` or a space)";
    const SLASH: &str = "the database name begins or ends with a `/`; remove it";
    check_refusals::<MongoUrl>(&[
        ("mongodb://h//shop", SLASH),
        ("mongodb://h/shop/", SLASH),
        ("mongodb://h/shop/orders", CHARACTER),
        ("mongodb://h/a%2Fb", CHARACTER),
        ("mongodb://h/a\\b", CHARACTER),
        ("mongodb://h/a%20b", CHARACTER),
        ("mongodb://h/a\"b", CHARACTER),
        ("mongodb://h/a$b", CHARACTER),
    ]);
}

#[test]
fn the_database_that_holds_the_user() {
    let rows = [
        ("mongodb://u:p@h", Some("admin")),
        ("mongodb://u:p@h/", Some("admin")),
        ("mongodb://u:p@h/shop", Some("shop")),
        ("mongodb://u:p@h/shop?authSource=users", Some("users")),
        ("mongodb://u:p@h/shop?AUTHSOURCE=us%65rs", Some("users")),
        ("mongodb://h/shop", None),
        ("mongodb://h/?authSource=users", None),
        ("mongodb://u:p@h/?authMechanism=PLAIN", Some("$external")),
        ("mongodb://u:p@h/shop?authMechanism=PLAIN", Some("shop")),
        ("mongodb://h/shop?authMechanism=MONGODB-X509", Some("$external")),
        (
            "mongodb://u@h/?authMechanism=GSSAPI&authSource=$external",
            Some("$external"),
        ),
        ("mongodb://u:p@h/?authMechanism=SCRAM-SHA-256", Some("admin")),
    ];
    for (text, expected) in rows {
        assert_eq!(
            exposed(read::<MongoUrl>(text).auth_source().as_ref()),
            expected,
            "{text}"
        );
    }
}

#[test]
fn credentials_that_the_mechanism_does_not_allow() {
    check_refusals::<MongoUrl>(&[
        (
            "mongodb://@h",
            "the user name is empty; write a user name before `@`, or leave out the `@`",
        ),
        (
            "mongodb://:@h",
            "the user name is empty; write a user name before `@`, or leave out the `@`",
        ),
        (
            "mongodb://h/?authMechanism=SCRAM-SHA-256",
            "the user name is missing, and `authMechanism=SCRAM-SHA-256` needs one",
        ),
        (
            "mongodb://u@h/?authMechanism=PLAIN",
            "the password is missing, and `authMechanism=PLAIN` needs one",
        ),
        (
            "mongodb://u@h/?authMechanism=MONGODB-AWS",
            "the password is missing, and `authMechanism=MONGODB-AWS` needs one",
        ),
        (
            "mongodb://u:p@h/?authMechanism=MONGODB-X509",
            "the password is given, and `authMechanism=MONGODB-X509` takes none; remove it",
        ),
        (
            "mongodb://u@h/?authMechanism=GSSAPI&authSource=shop",
            "the query has an `authSource` that `authMechanism=GSSAPI` does not allow; write `$external`",
        ),
        (
            "mongodb://u:p@h/?authSource=",
            "the query has an empty `authSource`; give it a value, or leave it out",
        ),
    ]);
}

#[test]
fn options_that_are_errors() {
    let cases = [
        ("mongodb://h/?w", "has an option without `=`; write `name=value`"),
        (
            "mongodb://h/?=1",
            "has an option without a name; write `name=value`",
        ),
        (
            "mongodb://h/?tls=true&ssl=false",
            "has `tls` and `ssl`, which contradict each other; keep one",
        ),
        (
            "mongodb://h/?ssl=true&ssl=false",
            "gives the option `ssl` twice; keep one",
        ),
        (
            "mongodb://h/?tls=true&TLS=false",
            "gives the option `tls` twice; keep one",
        ),
        (
            "mongodb://h/?tlsInsecure=false&tlsAllowInvalidCertificates=false",
            "has `tlsInsecure` and `tlsAllowInvalidCertificates`, which contradict each other; keep one",
        ),
        (
            "mongodb://h/?tlsDisableOCSPEndpointCheck=true&tlsInsecure=true",
            "has `tlsInsecure` and `tlsDisableOCSPEndpointCheck`, which contradict each other; keep one",
        ),
        (
            "mongodb://a,b/?directConnection=true",
            "has `directConnection`, which takes a single host; this URL lists several",
        ),
        (
            "mongodb://a,b/?directConnection=tru%65",
            "has `directConnection`, which takes a single host; this URL lists several",
        ),
        (
            "mongodb+srv://a.example/?directConnection=true",
            "has `directConnection`, which is not for `mongodb+srv://`; remove it",
        ),
        (
            "mongodb://a,b/?loadBalanced=true",
            "has `loadBalanced`, which takes a single host; this URL lists several",
        ),
        (
            "mongodb://h/?loadBalanced=true&replicaSet=rs",
            "has `loadBalanced` and `replicaSet`, which contradict each other; keep one",
        ),
        (
            "mongodb://h/?loadBalanced=true&directConnection=true",
            "has `loadBalanced` and `directConnection`, which contradict each other; keep one",
        ),
        (
            "mongodb://h/?srvMaxHosts=2",
            "has `srvMaxHosts`, which is for `mongodb+srv://` alone; remove it",
        ),
        (
            "mongodb://h/?srvServiceName=x",
            "has `srvServiceName`, which is for `mongodb+srv://` alone; remove it",
        ),
        (
            "mongodb+srv://h.example/?srvMaxHosts=2&replicaSet=rs",
            "has `srvMaxHosts` and `replicaSet`, which contradict each other; keep one",
        ),
        (
            "mongodb+srv://h.example/?srvMaxHosts=2&loadBalanced=true",
            "has `srvMaxHosts` and `loadBalanced`, which contradict each other; keep one",
        ),
        (
            "mongodb://h/?proxyPort=1080",
            "has `proxyPort`, which needs `proxyHost`; add it",
        ),
        (
            "mongodb://h/?proxyHost=p&proxyUsername=u",
            "has `proxyUsername`, which needs `proxyPassword`; add it",
        ),
        (
            "mongodb://h/?proxyHost=p&proxyPassword=x",
            "has `proxyPassword`, which needs `proxyUsername`; add it",
        ),
        (
            "mongodb://h/?proxyHost=a&PROXYHOST=b",
            "gives the option `proxyHost` twice; keep one",
        ),
    ];
    for (text, message) in cases {
        check_refusals::<MongoUrl>(&[(text, &format!("the query {message}"))]);
    }
}

#[test]
fn options_that_are_fine() {
    let fine = [
        "mongodb://h/?tls=true&ssl=true",
        "mongodb://h/?tlsCAFile=ca.pem&tlsCertificateKeyFilePassword=x",
        "mongodb://a,b/?directConnection=false",
        "mongodb://h/?loadBalanced=true&directConnection=false",
        "mongodb+srv://h.example/?srvMaxHosts=0&replicaSet=rs",
        "mongodb+srv://h.example/?directConnection=false&srvServiceName=x",
        "mongodb://h/?maxPoolSize=0&minPoolSize=0&maxConnecting=1&maxIdleTimeMS=5",
        "mongodb://h/?maxStalenessSeconds=-1",
        "mongodb://h/?maxStalenessSeconds=90",
        "mongodb://h/?w=2&wTimeoutMS=9223372036854775807",
        "mongodb://h/?w=majority&readConcernLevel=anything",
        "mongodb://h/?zlibCompressionLevel=-1&compressors=snappy,zlib",
        "mongodb://h/?readPreference=nearest&readPreferenceTags=dc:ny,rack:1&readPreferenceTags=",
        "mongodb://h/?authMechanismProperties=TOKEN_RESOURCE:mongodb://foo,ENVIRONMENT:azure",
        "mongodb://h/?proxyHost=p&proxyPort=1&proxyUsername=u&proxyPassword=x",
        "mongodb://h/?serverMonitoringMode=poll&APPNAME=x&",
        "mongodb://h/?authMechanism=MONGODB-AWS",
        "mongodb://u@h/?authMechanism=GSSAPI",
    ];
    for text in fine {
        assert_eq!(read::<MongoUrl>(text).warnings(), [], "{text}");
    }
}

#[test]
fn options_that_are_warnings() {
    use WarningKind as W;
    type Row = (&'static str, &'static [(W, Option<&'static str>, usize)]);
    let rows: &[Row] = &[
        ("foo=bar", &[(W::UnknownOption, None, 1)]),
        ("w=1&fsync=ifPossible", &[(W::UnknownOption, None, 2)]),
        (
            "replicaSet=a&w=1&REPLICASET=a",
            &[(W::RepeatedOption, Some("replicaSet"), 3)],
        ),
        (
            "wtimeout=5&wtimeoutMS=10",
            &[(W::RenamedOption, Some("wtimeout"), 1)],
        ),
        ("maxIdleTimeMS=", &[(W::EmptyValue, Some("maxIdleTimeMS"), 1)]),
        ("journal=", &[(W::EmptyValue, Some("journal"), 1)]),
        ("journal=perhaps", &[(W::InvalidValue, Some("journal"), 1)]),
        ("loadBalanced=1", &[(W::DeprecatedBool, Some("loadBalanced"), 1)]),
        ("retryWrites=no", &[(W::DeprecatedBool, Some("retryWrites"), 1)]),
        (
            "connectTimeoutMS=-2",
            &[(W::InvalidValue, Some("connectTimeoutMS"), 1)],
        ),
        (
            "connectTimeoutMS=soon",
            &[(W::InvalidValue, Some("connectTimeoutMS"), 1)],
        ),
        (
            "connectTimeoutMS=2147483648",
            &[(W::InvalidValue, Some("connectTimeoutMS"), 1)],
        ),
        (
            "heartbeatFrequencyMS=499",
            &[(W::InvalidValue, Some("heartbeatFrequencyMS"), 1)],
        ),
        ("maxConnecting=0", &[(W::InvalidValue, Some("maxConnecting"), 1)]),
        (
            "maxStalenessSeconds=89",
            &[(W::InvalidValue, Some("maxStalenessSeconds"), 1)],
        ),
        ("wTimeoutMS=-1", &[(W::InvalidValue, Some("wTimeoutMS"), 1)]),
        (
            "zlibCompressionLevel=10",
            &[(W::InvalidValue, Some("zlibCompressionLevel"), 1)],
        ),
        (
            "zlibCompressionLevel=-2",
            &[(W::InvalidValue, Some("zlibCompressionLevel"), 1)],
        ),
        (
            "readPreferenceTags=ny",
            &[(W::InvalidValue, Some("readPreferenceTags"), 1)],
        ),
        (
            "serverMonitoringMode=x",
            &[(W::InvalidValue, Some("serverMonitoringMode"), 1)],
        ),
        (
            "readPreference=any",
            &[(W::InvalidValue, Some("readPreference"), 1)],
        ),
        (
            "maxAdaptiveRetries=-5",
            &[(W::InvalidValue, Some("maxAdaptiveRetries"), 1)],
        ),
        (
            "authMechanismProperties=TOKEN_RESOURCE:a%2Cb",
            &[(W::InvalidValue, Some("authMechanismProperties"), 1)],
        ),
        (
            "tls=x&colour=red",
            &[(W::InvalidValue, Some("tls"), 1), (W::UnknownOption, None, 2)],
        ),
    ];
    for (query, expected) in rows {
        let url: MongoUrl = read(&format!("mongodb://h/?{query}"));
        let expected = expected.to_vec();
        let warnings: Vec<_> = url
            .warnings()
            .iter()
            .map(|warning| (warning.kind(), warning.option(), warning.position()))
            .collect();
        assert_eq!(warnings, expected, "{query}");
    }
}

#[test]
fn every_warning_has_its_words() {
    let rows = [
        (
            "x=1",
            "option 1 of the query is none that MongoDB knows; drivers ignore it",
        ),
        (
            "w=1&w=1",
            "option 2 of the query, `w`, is given more than once; keep one",
        ),
        (
            "tls=x",
            "option 1 of the query, `tls`, has a value that MongoDB does not allow; drivers ignore it",
        ),
        (
            "tls=",
            "option 1 of the query, `tls`, is empty; drivers ignore it",
        ),
        (
            "wtimeout=1",
            "option 1 of the query, `wtimeout`, has a new name; write `wTimeoutMS`",
        ),
        (
            "tls=y",
            "option 1 of the query, `tls`, should be `true` or `false`",
        ),
    ];
    for (query, expected) in rows {
        let url: MongoUrl = read(&format!("mongodb://h/?{query}"));
        assert_eq!(url.warnings()[0].to_string(), expected);
    }
}
