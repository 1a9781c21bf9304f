//! `VCAP_SERVICES`, as Cloud Foundry writes it, and as it does not.
#![cfg(feature = "cloudfoundry")]

use crate::util::exposed;
use config_vars::{AmqpUrl, ConfigVars, ErrorKind, MysqlUrl, PostgresUrl, Source, VcapServices};

const SECRET: &str = "Zq7Xw9Kv3Jh5Gf8B";

#[test]
fn services() {
    let json = r#"{
        "cleardb": [{"name": "cleardb-1", "label": "cleardb", "tags": ["mysql"], "credentials": {
            "name": "ad_1", "hostname": "db.example", "port": "3306", "username": "b5d", "password": "ebf",
            "uri": "mysql://b5d:ebf@db.example:3306/ad_1?reconnect=true",
            "jdbcUrl": "jdbc:mysql://db.example/ad_1?user=b5d&password=ebf"}}],
        "p.rabbitmq": [{"name": "mq", "binding_name": "Orders", "instance_name": "mq", "credentials": {
            "uri": "amqp:\/\/u:p\u0040x@mq.example/v", "uris": ["amqp://u:p@mq.example/v"], "ssl": false,
            "protocols": {"amqp": {"port": 5672, "ttl": 1e5}}, "none": null}}],
        "user-provided": [
            {"instance_name": "ledger.v2", "binding_name": null, "label": "user-provided",
             "tags": ["app", "postgresql"], "credentials": {"hostname": "pg.example", "port": 5433, "username": "app",
             "password": "a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00z", "name": "books"}},
            {"name": "bare", "credentials": {}}, {"name": "barer"}, {"name": "barest", "credentials": null}]
    }"#;
    let vars = ConfigVars::parse_vcap_services(json).unwrap();
    let read: Vec<_> = vars
        .iter()
        .map(|(name, value)| (name, exposed(value.secret()).unwrap()))
        .collect();
    let expected = [
        ("CLEARDB_1_HOSTNAME", "db.example"),
        (
            "CLEARDB_1_JDBC_URL",
            "jdbc:mysql://db.example/ad_1?user=b5d&password=ebf",
        ),
        ("CLEARDB_1_NAME", "ad_1"),
        ("CLEARDB_1_PASSWORD", "ebf"),
        ("CLEARDB_1_PORT", "3306"),
        (
            "CLEARDB_1_URL",
            "mysql://b5d:ebf@db.example:3306/ad_1?reconnect=true",
        ),
        ("CLEARDB_1_USERNAME", "b5d"),
        ("LEDGER_V2_HOSTNAME", "pg.example"),
        ("LEDGER_V2_NAME", "books"),
        ("LEDGER_V2_PASSWORD", "a\"\\/\u{8}\u{c}\n\r\té😀z"),
        ("LEDGER_V2_PORT", "5433"),
        ("LEDGER_V2_SCHEME", "postgresql"),
        ("LEDGER_V2_USERNAME", "app"),
        ("ORDERS_PROTOCOLS_AMQP_PORT", "5672"),
        ("ORDERS_PROTOCOLS_AMQP_TTL", "1e5"),
        ("ORDERS_SSL", "false"),
        ("ORDERS_URIS", r#"["amqp://u:p@mq.example/v"]"#),
        ("ORDERS_URL", "amqp://u:p@x@mq.example/v"),
    ];
    assert_eq!(read, expected);
    assert!(
        vars.iter()
            .all(|(name, _)| vars.origin(name) == Some("VCAP_SERVICES"))
    );
    assert_eq!(
        vars.url::<MysqlUrl>("CLEARDB_1_URL").unwrap().database(),
        Some("ad_1")
    );
    assert_eq!(vars.only::<AmqpUrl>().unwrap().host(), Some("mq.example"));
    // Control characters are no part of a URL as they are.
    let json = json.replace(r#"\b\f\n\r\t"#, "");
    let vars = ConfigVars::parse_vcap_services(&json).unwrap();
    let ledger: PostgresUrl = vars.only().unwrap();
    assert_eq!(
        (ledger.host(), ledger.database()),
        (Some("pg.example"), Some("books"))
    );
    assert_eq!(exposed(ledger.password()), Some("a\"\\/é😀z"));
    // One attachment a service, though it gives its URL twice.
    let names: Vec<_> = vars
        .attachments()
        .map(|attachment| attachment.name().to_owned())
        .collect();
    assert_eq!(names, ["CLEARDB_1", "LEDGER_V2", "ORDERS"]);
}

#[test]
fn kinds_of_services() {
    let rows = [
        (r#""x""#, r#"["redis"]"#, Some("redis")),
        (r#""p.mysql""#, "[]", Some("mysql")),
        (r#""aws-rds-postgresql""#, r#"["sql"]"#, Some("postgresql")),
        (r#""p-rabbitmq""#, r#"["messaging"]"#, Some("amqp")),
        (r#""user-provided""#, "[]", None),
        (r#""user-provided""#, "null", None),
        (r#""web""#, r#"["http", 1, null]"#, None),
    ];
    for (label, tags, scheme) in rows {
        let json = format!(r#"{{{label}: [{{"name": "a", "tags": {tags}, "credentials": {{}}}}]}}"#);
        let vars = ConfigVars::parse_vcap_services(&json).unwrap();
        assert_eq!(exposed(vars.get("A_SCHEME")), scheme, "{label} {tags}");
    }
    let own = r#"{"mysql": [{"name": "a", "credentials": {"scheme": "x", "uri": "y", "url": "z"}}]}"#;
    let vars = ConfigVars::parse_vcap_services(own).unwrap();
    let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["A_SCHEME", "A_URI", "A_URL"]);
}

#[test]
fn what_is_refused() {
    use ErrorKind::{Ambiguous, InvalidSource, UnreadableSource};
    const FORM: &str = "is not the JSON of bound services that Cloud Foundry writes; pass it on unchanged";
    const TWICE: &str = "gives a key twice; keep one of them";
    let nested = format!("{}{}{}", r#"{"a":"#.repeat(9), r#""{}""#, "}".repeat(9));
    let deep = format!(r#"{{"a": [{{"name": "a", "credentials": {nested}}}]}}"#);
    let deeper = "[".repeat(1_000_000);
    let closed = format!("{deeper}{}", "]".repeat(1_000_000));
    let huge = format!(r#"{{"a": "{}"}}"#, "x".repeat(4 << 20));
    let rows: &[(&str, ErrorKind, &str)] = &[
        ("", InvalidSource, FORM),
        ("{}", InvalidSource, FORM),
        (r#""{}""#, InvalidSource, FORM),
        (r#"["{}"]"#, InvalidSource, FORM),
        (r#"{"a": "{}"}"#, InvalidSource, FORM),
        (r#"{"a": ["{}"]}"#, InvalidSource, FORM),
        (
            r#"{"a": [{"name": "a", "credentials": "{}"}]}"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": ["{}"]}]}"#,
            InvalidSource,
            FORM,
        ),
        (r#"{"a": [{"name": "a", "tags": "{}"}]}"#, InvalidSource, FORM),
        (
            r#"{"a": [{"credentials": {"password": "{}"}}]}"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "", "credentials": {"password": "{}"}}]}"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"password": "{}"}}]"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"password": "{}"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"password": "{}\x"}}]}"#,
            InvalidSource,
            FORM,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"password": {}}}]}"#,
            InvalidSource,
            FORM,
        ),
        (r#"{"a": []} {}"#, InvalidSource, FORM),
        (r#"{"a": [], "a": ["{}"]}"#, InvalidSource, TWICE),
        (
            r#"{"a": [{"name": "a", "credentials": {"b": "{}", "b": "{}"}}]}"#,
            InvalidSource,
            TWICE,
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"b": "{}", "\u0062": "{}"}}]}"#,
            InvalidSource,
            TWICE,
        ),
        (
            &deep,
            InvalidSource,
            "has credentials nested deeper than 8 levels; give them flat",
        ),
        (&deeper, InvalidSource, FORM),
        (&closed, InvalidSource, FORM),
        (
            &huge,
            UnreadableSource,
            "is larger than 4 MiB, which no config var needs; correct the path, or move other files away",
        ),
        (
            r#"{"a": [{"name": "a-b"}], "b": [{"name": "a_b", "credentials": {"password": "{}"}}]}"#,
            Ambiguous,
            "A_B: is given by two entries; rename one of them",
        ),
        (
            r#"{"a": [{"name": "a", "credentials": {"b-c": "{}", "b": {"c": "{}"}}}]}"#,
            Ambiguous,
            "A_B_C: is given by two entries; rename one of them",
        ),
    ];
    for (json, kind, message) in rows {
        // `{}` is an empty object as well, and that one is well-formed.
        let json = if json.len() == 2 {
            "{".to_owned()
        } else {
            json.replace("{}", SECRET)
        };
        let error = ConfigVars::parse_vcap_services(&json).unwrap_err();
        let shown: String = json.chars().take(100).collect();
        assert_eq!(
            (error.kind(), error.to_string()),
            (*kind, format!("VCAP_SERVICES: {message}")),
            "{shown}"
        );
        assert!(!format!("{error:?}").contains(&SECRET[..4]));
    }
    assert!(ConfigVars::parse_vcap_services("{}").unwrap().is_empty());
    // Half a surrogate pair is no text.
    for half in [r"\uD83D", r"\uDE00", r"\uD83Dx", r"\uD83D\n", r"\uD83D\u0041"] {
        let json = format!(r#"{{"a": [{{"name": "a", "credentials": {{"b": "{half}"}}}}]}}"#);
        let vars = ConfigVars::parse_vcap_services(&json).unwrap();
        assert_eq!(
            vars.require("A_B").unwrap_err().kind(),
            ErrorKind::NotUnicode,
            "{half}"
        );
    }
}

#[test]
fn the_config_var() {
    let unset = || Ok(ConfigVars::default());
    assert_eq!(VcapServices::optional(unset).read().unwrap().iter().count(), 0);
    assert_eq!(
        VcapServices::new(unset).read().unwrap_err().to_string(),
        "VCAP_SERVICES: is not set; bind a service to the app"
    );
    let empty = || Ok(ConfigVars::from_iter([("VCAP_SERVICES", "")]));
    assert_eq!(
        VcapServices::optional(empty).read().unwrap_err().kind(),
        ErrorKind::Empty
    );
    assert_eq!(
        VcapServices::new(empty).read().unwrap_err().kind(),
        ErrorKind::Empty
    );
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("local.env");
    std::fs::write(
        &path,
        r#"VCAP_SERVICES='{"a": [{"name": "a", "credentials": {"b": "c"}}]}'"#,
    )
    .unwrap();
    let source = VcapServices::new(config_vars::EnvFile::new(&path));
    assert_eq!(source.paths(), [path]);
    assert_eq!(exposed(source.read().unwrap().get("A_B")), Some("c"));
}
