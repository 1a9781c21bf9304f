//! The environments of real apps: how much of each is read as it should be.
//!
//! `cargo test --test it corpus -- --nocapture` prints the figures.

use crate::util::summary;
use config_vars::{AmqpUrl, ConfigVars, Kind, MongoUrl, PostgresUrl, RedisUrl};

/// A block of `data/addons.txt`.
struct Record {
    name: &'static str,
    vars: ConfigVars,
    expected: Vec<(&'static str, &'static str)>,
}

fn records() -> Vec<Record> {
    include_str!("data/addons.txt")
        .split("\n## ")
        .skip(1)
        .map(|block| {
            let (name, lines) = block.split_once('\n').unwrap_or((block, ""));
            let lines = lines.lines().filter(|line| !line.is_empty());
            let (expected, vars): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("= "));
            Record {
                name,
                vars: vars
                    .into_iter()
                    .map(|line| line.split_once('=').unwrap())
                    .collect(),
                expected: expected
                    .into_iter()
                    .map(|line| line[2..].split_once(' ').unwrap())
                    .collect(),
            }
        })
        .collect()
}

/// Returns how a config var is read, in the words of the file.
fn reading(vars: &ConfigVars, name: &str) -> String {
    for attachment in vars.attachments() {
        if let Some((_, Ok(url))) = attachment.urls().find(|(url, _)| *url == name) {
            let parts = summary(url);
            let read: Vec<&str> = parts.split(" | ").take(3).collect();
            return format!("{} {} {}", attachment.name(), url.kind(), read.join(" | "));
        }
        if let Some((_, role)) = attachment.roles().find(|(var, _)| *var == name) {
            return role.as_str().to_owned();
        }
    }
    vars.role(name).map_or("not set", |role| role.as_str()).to_owned()
}

#[test]
fn add_ons_are_read_as_they_should_be() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let records = records();
    for Record { name, vars, expected } in &records {
        for (var, expected) in expected {
            count += 1;
            let read = reading(vars, var);
            if read != *expected {
                wrong.push(format!("{name}: {var} is read as {read}, expected {expected}"));
            }
        }
    }
    println!(
        "{} of {count} config vars of {} add-ons are read as expected",
        count - wrong.len(),
        records.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 70, "only {count}");
}

#[test]
fn what_is_no_resource_is_not_taken_for_one() {
    let pairs = include_str!("data/no_resources.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let pairs: Vec<_> = pairs.map(|line| line.split_once('=').unwrap()).collect();
    // Each by itself, and all at once.
    let mut found: Vec<String> = Vec::new();
    for vars in pairs
        .iter()
        .map(|pair| ConfigVars::from_iter([*pair]))
        .chain([pairs.iter().copied().collect()])
    {
        found.extend(vars.attachments().map(|attachment| format!("{attachment:?}")));
    }
    println!(
        "{} of {} config vars are taken for an add-on's",
        found.len(),
        pairs.len()
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every kind of mistake is refused, and its message names the cause. (The messages themselves: `tests/errors.rs`.)
#[test]
fn what_is_invalid_is_refused() {
    let rows = [
        ("changeme", "no scheme"),
        ("$SCALINGO_POSTGRESQL_URL", "reference"),
        ("${{Postgres.DATABASE_URL}}", "reference"),
        ("<your-redis-url>", "placeholder"),
        ("undefined", "no scheme"),
        ("db.shop.example:5432/app", "no scheme"),
        ("postgres:u:p@h/d", "without `//`"),
        ("post_gres://h/d", "scheme"),
        ("post gres://h/d", "scheme"),
        ("jdbc:jdbc:postgresql://h/d", "scheme"),
        ("jdbc:postgresql:db.shop.example/app", "without `//`"),
        ("redis-cli -u redis://default:pw@h:6379", "command"),
        ("“postgres://u:p@h/d”", "quotes"),
        ("\"postgres://u:p@h/d\"", "quotes"),
        ("postgres://u:p@h/d\n", "line break"),
        ("postgres://…@h/d", "shortened"),
        ("postgres://u:pass#word@h/d", "`%23`"),
        ("postgres://u:pass/word@h/d", "`%2F`"),
        ("postgres://u:p w@h/d", "`%20`"),
        ("postgres://u:p\nw@h/d", "`%0A`"),
        ("postgres://u:p\0w@h/d", "`%00`"),
        ("postgres://u:100%@h/d", "`%25`"),
        ("mongodb://u:foo:bar@h", "`%3A`"),
        ("mongodb://u@foo:bar@h", "`%40`"),
        ("mongodb://alice/@localhost/db", "`%2F`"),
        ("mongodb://user%20%:pw@localhost", "`%25`"),
        ("postgres://[db.example]:5432/d", "IPv6"),
        ("postgres://[::g]/d", "IPv6"),
        ("postgres://[::1]5432/d", "neither"),
        ("redis://cache shop.example:6379", "blank"),
        ("redis://a..b:6379", "dot"),
        ("redis://0x7f.1:6379", "IPv4"),
        ("redis://256.256.256.256:6379", "IPv4"),
        ("mongodb://a.example,,b.example/d", "comma"),
        ("mongodb://localhost,localhost::", "port"),
        ("mongodb://localhost:foo", "port"),
        ("mongodb://localhost:-1", "port"),
        ("mongodb://localhost:0/", "port"),
        ("postgres://u:p@h:99999999999999999999/d", "port"),
        ("postgres://u:p@h:٥٤٣٢/d", "port"),
        ("mongodb+srv://h.example:27018", "port"),
        ("mongodb:///tmp/mongodb-27017.sock/", "socket"),
        ("mongodb://example.com/?w", "option"),
        ("amqp://u:p@h/v/host", "`%2F`"),
        ("redis://h:6379/-1", "database"),
    ];
    let mut refused = 0;
    for (value, cause) in rows {
        // Under a name that makes it a resource, whatever it is; typed, as an app asks for it.
        let vars = ConfigVars::from_iter([("A_URL", value)]);
        let scheme = value.split("://").next().unwrap_or_default();
        let error = match scheme.parse() {
            Ok(Kind::Mongo) => vars.url::<MongoUrl>("A_URL").err(),
            Ok(Kind::Redis) => vars.url::<RedisUrl>("A_URL").err(),
            Ok(Kind::Amqp) => vars.url::<AmqpUrl>("A_URL").err(),
            _ => vars.url::<PostgresUrl>("A_URL").err(),
        };
        let error = error.unwrap_or_else(|| panic!("{value:?} is accepted"));
        assert!(error.to_string().contains(cause), "{value:?}: {error}");
        refused += 1;
    }
    println!(
        "{refused} of {} invalid values are refused, with their cause",
        rows.len()
    );
}
