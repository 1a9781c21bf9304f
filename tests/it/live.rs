//! `Live`: what goes through, what stays, who is told. The source is the test kit's script.
#![cfg(feature = "test-util")]

use crate::util::wait_until;
use config_vars::test_util::{ScriptedSource, TestClock};
use config_vars::*;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    mongodb_uri: Option<MongoUrl>,
    #[serde(default)]
    web_concurrency: Option<u16>,
}

const OLD: &str = "mysql://app:0ld-Qx7Zk@db.example/shop";
const NEW: &str = "mysql://app:n3w-Wv9Yj@db.example/shop";
const MONGO: &str = "mongodb://app:m0ngo-1@m.example/shop";
const MONGO_NEW: &str = "mongodb://app:m0ngo-2@m.example/shop";

fn script() -> ScriptedSource {
    ScriptedSource::new([
        ("JAWSDB_URL", OLD),
        ("MONGODB_URI", MONGO),
        ("WEB_CONCURRENCY", "2"),
    ])
}

fn live(script: &ScriptedSource) -> Live<Config> {
    Live::new(script.clone()).unwrap()
}

fn live_with(
    script: &ScriptedSource,
    settings: impl FnOnce(LiveBuilder<Config>) -> LiveBuilder<Config>,
) -> Live<Config> {
    settings(Live::builder(script.clone())).build().unwrap()
}

fn password(url: &ResourceUrl) -> String {
    url.password().unwrap().expose_secret().to_owned()
}

/// How a change reads: `JAWSDB: [password]; MONGODB: [added]; 1 others; stale JAWSDB`.
fn summary(change: &Change) -> String {
    let attachments = change
        .attachments()
        .map(|attachment| format!("{}: {:?}", attachment.name(), attachment.aspects()));
    let stale = change.stale().map(|stale| format!("stale {}", stale.name()));
    let others = (change.other_vars() > 0).then(|| format!("{} others", change.other_vars()));
    let all: Vec<_> = attachments.chain(others).chain(stale).collect();
    all.join("; ")
}

#[test]
fn first_read_must_succeed() {
    let missing = Live::<Config>::new(ScriptedSource::new([("MONGODB_URI", MONGO)])).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Missing);
    assert_eq!(missing.var(), Some("JAWSDB_URL"));
    let broken = Live::<Config>::new(ScriptedSource::new([
        ("JAWSDB_URL", "mysql://app:p#w@db.example/shop"),
        ("WEB_CONCURRENCY", "two"),
    ]));
    assert_eq!(broken.unwrap_err().faults().count(), 2);
    let failing = script();
    failing.fail();
    assert_eq!(Live::<Config>::new(failing).unwrap_err().origin(), Some("script"));
}

#[test]
fn debug_shows_the_status_and_the_value() {
    let script = script();
    let live = live(&script);
    let shown = format!("{live:?}");
    assert!(
        shown.starts_with("Live { status: ") && shown.contains("generation 1"),
        "{shown}"
    );
    let nothing = live.reload().unwrap();
    assert_eq!(format!("{nothing:?}"), "Change { generation: 1 }");
    script.set("JAWSDB_URL", NEW);
    script.set("PORT", "8080");
    script.set("MONGODB_URI", "mongodb://app:pw@");
    let change = format!("{:?}", live.reload().unwrap());
    let expected = "Change { generation: 2, JAWSDB: [password], other_vars: 1, stale: [";
    assert!(
        change.starts_with(expected) && change.contains("MONGODB"),
        "{change}"
    );
    let vars = live.map(|config| Ok(config.web_concurrency)).unwrap();
    assert_eq!(format!("{:?}", vars.load()), "Some(2)");
}

#[test]
fn roll_is_visible_to_all_clones() {
    let script = script();
    let live = live(&script);
    let clone = live.clone();
    let before = live.load();
    script.set("JAWSDB_URL", NEW);
    let change = live.reload().unwrap();
    assert_eq!(summary(&change), "JAWSDB: [Password]");
    assert_eq!(change.generation(), 2);
    assert_eq!(password(&clone.load().jawsdb_url), "n3w-Wv9Yj");
    assert_eq!((clone.generation(), Guard::generation(&clone.load())), (2, 2));
    // The value that was loaded before is still whole.
    assert_eq!(
        (password(&before.jawsdb_url), Guard::generation(&before)),
        ("0ld-Qx7Zk".to_owned(), 1)
    );
    assert!(live.reload().unwrap().is_empty());
    assert_eq!(live.generation(), 2);
}

#[test]
fn changes_are_reported_by_attachment_and_aspect() {
    let start: &[(&str, &str)] = &[
        ("CLOUDAMQP_APIKEY", "0123"),
        ("CLOUDAMQP_URL", "amqps://u:p@mq.example/v"),
        ("JAWSDB_URL", OLD),
        ("MEMCACHIER_PASSWORD", "pw"),
        ("MEMCACHIER_SERVERS", "mc1.example:11211"),
        ("MEMCACHIER_USERNAME", "user"),
        ("NEW_RELIC_URL", "http://newrelic.com/accounts/t0ken"),
        ("PORT", "8080"),
    ];
    // The vars to set (or, with `-`, to remove), and the text of the change.
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[], ""),
        (&[("JAWSDB_URL", NEW)], "JAWSDB: [Password]"),
        (
            &[("JAWSDB_URL", "mysql://app2:0ld-Qx7Zk@db.example/shop")],
            "JAWSDB: [Username]",
        ),
        (
            &[("JAWSDB_URL", "mysql://app2:x@db.example/shop")],
            "JAWSDB: [Username, Password]",
        ),
        (
            &[("JAWSDB_URL", "mysql://app:0ld-Qx7Zk@db2.example/shop")],
            "JAWSDB: [Endpoint]",
        ),
        (
            &[("JAWSDB_URL", "mysql://app:0ld-Qx7Zk@db.example:3307/shop")],
            "JAWSDB: [Endpoint]",
        ),
        (
            &[("JAWSDB_URL", "mysql://app:0ld-Qx7Zk@db.example/shop2")],
            "JAWSDB: [Endpoint]",
        ),
        (
            &[(
                "JAWSDB_URL",
                "mysql://app:0ld-Qx7Zk@db.example/shop?ssl-mode=REQUIRED",
            )],
            "JAWSDB: [Tls]",
        ),
        (
            &[("JAWSDB_URL", "mysql://app:0ld-Qx7Zk@db.example/shop?x=1")],
            "JAWSDB: [Other]",
        ),
        (
            &[("JAWSDB_URL", "postgres://app:0ld-Qx7Zk@db.example:3306/shop")],
            "JAWSDB: [Kind]",
        ),
        (&[("JAWSDB_URL", "-")], "JAWSDB: [Removed]"),
        (&[("REDIS_URL", "redis://h:pw@r.example")], "REDIS: [Added]"),
        (&[("CLOUDAMQP_APIKEY", "4567")], "CLOUDAMQP: [Password]"),
        (&[("CLOUDAMQP_REGION", "eu")], "CLOUDAMQP: [Other]"),
        (&[("MEMCACHIER_PASSWORD", "pw2")], "MEMCACHIER: [Password]"),
        (
            &[("MEMCACHIER_SERVERS", "mc2.example:11211")],
            "MEMCACHIER: [Endpoint]",
        ),
        (
            &[("NEW_RELIC_URL", "http://newrelic.com/accounts/t0ken2")],
            "NEW_RELIC: [Password]",
        ),
        (&[("PORT", "8081"), ("HOSTNAME", "x")], "2 others"),
    ];
    for (steps, expected) in rows {
        let script = ScriptedSource::new(start.iter().copied());
        let live = Live::from_vars(script.clone()).unwrap();
        for (name, value) in *steps {
            match *value {
                "-" => script.remove(name),
                value => script.set(name, value),
            }
        }
        assert_eq!(summary(&live.reload().unwrap()), *expected, "{steps:?}");
        assert_eq!(
            live.generation(),
            if expected.is_empty() { 1 } else { 2 },
            "{steps:?}"
        );
    }
}

#[test]
fn malformed_attachments_keep_their_values_while_others_roll() {
    // The damage to the source besides a good roll of MongoDB, and the kind of fault that JAWSDB has.
    type Damage = (&'static str, fn(&ScriptedSource), ErrorKind);
    let rows: &[Damage] = &[
        (
            "malformed",
            |script| script.set("JAWSDB_URL", "mysql://app:n#w@db2.example/shop"),
            ErrorKind::Unencoded,
        ),
        (
            "of another kind",
            |script| script.set("JAWSDB_URL", "postgres://app:new@db2.example/shop"),
            ErrorKind::WrongKind,
        ),
        ("emptied", |script| script.set("JAWSDB_URL", ""), ErrorKind::Empty),
        (
            "removed",
            |script| script.remove("JAWSDB_URL"),
            ErrorKind::Missing,
        ),
        (
            "no URL",
            |script| script.set("JAWSDB_URL", "app:new@db2.example"),
            ErrorKind::MissingScheme,
        ),
    ];
    for (name, damage, kind) in rows {
        let script = script();
        let live = live(&script);
        damage(&script);
        script.set("MONGODB_URI", MONGO_NEW);
        let change = live.reload().unwrap();
        assert_eq!(summary(&change), "MONGODB: [Password]; stale JAWSDB", "{name}");
        let config = live.load();
        assert_eq!(config.jawsdb_url.expose_original(), OLD, "{name}");
        assert_eq!(
            password(config.mongodb_uri.as_ref().unwrap()),
            "m0ngo-2",
            "{name}"
        );
        let status = live.status();
        let stale = status.stale().next().unwrap();
        assert_eq!(
            (stale.kind(), stale.error().kind()),
            (StaleKind::LastGood, *kind),
            "{name}"
        );
        assert_eq!(stale.error().var(), Some("JAWSDB_URL"), "{name}");
        let since = stale.since();
        // It stays stale since then, and for the same reason.
        assert!(live.reload().unwrap().is_empty(), "{name}");
        assert_eq!(live.status().stale().next().unwrap().since(), since, "{name}");
        // And goes through once it is mended.
        script.set("JAWSDB_URL", NEW);
        assert_eq!(summary(&live.reload().unwrap()), "JAWSDB: [Password]", "{name}");
        assert!(live.status().is_fresh(), "{name}");
    }
}

#[test]
fn truncated_value_keeps_the_last_good_one() {
    let whole = "mysql://u:new@h2.example/shop";
    for length in 0..whole.len() {
        let script = ScriptedSource::new([("JAWSDB_URL", OLD), ("PORT", "1")]);
        let live = Live::from_vars(script.clone()).unwrap();
        script.set("JAWSDB_URL", &whole[..length]);
        let change = live.reload().unwrap();
        let is_kept = live
            .vars()
            .require("JAWSDB_URL")
            .is_ok_and(|url| url.expose_secret() == OLD);
        // Of an attachment with a single var, none is as good as removed; and a cut may leave a whole URL.
        let is_removed = length == 0
            && change
                .attachment("JAWSDB")
                .is_some_and(|c| c.has(Aspect::Removed));
        let is_whole = whole[..length].parse::<ResourceUrl>().is_ok();
        assert!(is_kept || is_removed || is_whole, "{length}: {change:?}");
    }
}

#[test]
fn fault_in_another_var_does_not_discard_the_last_good_value() {
    let script = ScriptedSource::new([
        ("REDIS_URL", "redis://u:good@r.example"),
        ("REDIS_TLS_URL", "rediss://u:ba#d@r.example"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("REDIS_URL", "redis://u:ne#w@r.example");
    let change = live.reload().unwrap();
    assert_eq!(summary(&change), "stale REDIS");
    assert_eq!(
        live.vars().require("REDIS_URL").unwrap().expose_secret(),
        "redis://u:good@r.example"
    );
}

#[test]
fn parts_without_an_attachment_stay_together() {
    #[derive(serde::Deserialize)]
    struct Parts {
        db_host: String,
        db_user: String,
        db_password: SecretString,
    }
    let parts = |host, user, password| [("DB_HOST", host), ("DB_USER", user), ("DB_PASSWORD", password)];
    let script = ScriptedSource::new(parts("old.example", "old", "0ld"));
    let live: Live<Parts> = Live::new(script.clone()).unwrap();
    script.set_all(parts("new.example", "new", ""));
    live.reload().unwrap();
    let Parts {
        db_host,
        db_user,
        db_password,
    } = &*live.load();
    assert_eq!((&**db_host, &**db_user), ("old.example", "old"));
    assert_eq!(db_password.expose_secret(), "0ld");
    script.set_all(parts("new.example", "new", "n3w"));
    live.reload().unwrap();
    assert_eq!(live.load().db_host, "new.example");
    assert!(live.status().is_fresh());
}

/// Config vars that an app reads together, and no attachment has.
const READ_TOGETHER: &[&[&str]] = &[
    &["username", "password"],
    &["USERNAME", "PASSWORD"],
    &["host", "port", "username", "password"],
    &["Login", "Passwd"],
    &["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"],
    &["client-id", "client-secret"],
    &["clientId", "clientSecret"],
    &["client_id", "client_secret", "token_url"],
    &["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"],
    &["S3_ACCESS_KEY", "S3_SECRET_KEY"],
    &["access_key", "secret_key"],
    &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    &["awsAccessKeyId", "awsSecretAccessKey", "awsSessionToken"],
    &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
    &["account.sid", "auth.token"],
    &["tls.crt", "tls.key"],
    &["private-key", "public-key"],
    &["DB_PASSWORD_1", "DB_USER_1", "DB_HOST_1"],
    &["TOKEN_V2", "LOGIN_V2"],
    &["dbHost", "dbUser", "dbPassword"],
    &["db.host", "db.username", "db.password"],
    &["dbuser", "dbpassword"],
    &["mail-server", "mail-user", "mail-pass"],
    &["TWITTER_API_KEY", "TWITTER_API_SECRET"],
];

/// Names that say nothing of each other.
const READ_TOGETHER_UNDER_ANY_NAME: &[&[&str]] = &[
    &["FOO", "BAR"],
    &["left", "right", "middle"],
    &["ACME_WHO", "ACME_WHAT"],
    &["SASL_JAAS_CONFIG", "KEYTAB_PRINCIPAL"],
    &["signer", "verifier"],
    &["nats-seed", "nats-subject"],
];

fn values_of(names: &[&str], generation: usize) -> Vec<(String, String)> {
    let pair = |name: &&str| ((*name).to_owned(), format!("{name} of {generation}"));
    names.iter().map(pair).collect()
}

/// The one generation that all these values are of, as far as they are set.
#[track_caller]
fn generation_of(vars: &ConfigVars, names: &[&str]) -> usize {
    let number = |name: &&str| {
        let text = vars.get(name)?.expose_secret();
        text.rsplit_once(" of ")
            .map(|(_, number)| number.parse().unwrap())
    };
    let numbers: std::collections::BTreeSet<usize> = names.iter().filter_map(number).collect();
    assert_eq!(numbers.len(), 1, "{names:?} are of {numbers:?}");
    *numbers.first().unwrap()
}

/// A roll to generation 2, and one to generation 3 of which one value is broken, in each way and for each value.
fn roll_halfway(
    names: &'static [&'static str],
    damage: fn(&ScriptedSource, &str),
    live: impl Fn(ScriptedSource) -> Live<ConfigVars>,
) {
    for victim in names {
        let with_mysql = |generation, url: &str| {
            let mut values = values_of(names, generation);
            values.push(("JAWSDB_URL".to_owned(), url.to_owned()));
            values
        };
        let script = ScriptedSource::new(with_mysql(1, OLD));
        let live = live(script.clone());
        script.set_all(with_mysql(2, OLD));
        live.reload().unwrap();
        assert_eq!(generation_of(&live.load(), names), 2);
        script.set_all(with_mysql(3, NEW));
        damage(&script, victim);
        let change = live.reload().unwrap();
        assert_eq!(generation_of(&live.load(), names), 2, "{victim}: {change:?}");
        assert!(!live.status().is_fresh(), "{victim}");
        // The attachment beside them rolls.
        assert_eq!(live.load().require("JAWSDB_URL").unwrap().expose_secret(), NEW);
        script.set_all(with_mysql(3, NEW));
        live.reload().unwrap();
        assert_eq!(generation_of(&live.load(), names), 3);
        assert!(live.status().is_fresh(), "{victim}: {}", live.status());
    }
}

/// A closure that needs all of `names`, and takes no value that is malformed.
fn requiring(names: &'static [&'static str]) -> impl Fn(ScriptedSource) -> Live<ConfigVars> {
    move |script| {
        let make = move |vars: &ConfigVars| {
            for name in names {
                if !vars.require(name)?.expose_secret().contains(" of ") {
                    return Err(Error::custom("is malformed").for_var(name));
                }
            }
            Ok(ConfigVars::from_iter(
                vars.iter().map(|(name, value)| (name, value.clone())),
            ))
        };
        Live::from_fn(script, make).unwrap()
    }
}

#[test]
fn vars_that_are_read_together_are_of_one_generation() {
    let damages: [fn(&ScriptedSource, &str); 3] = [
        |script, name| script.set(name, ""),
        |script, name| script.remove(name),
        |script, name| script.set(name, "cut o"),
    ];
    for damage in damages {
        for names in READ_TOGETHER.iter().chain(READ_TOGETHER_UNDER_ANY_NAME) {
            roll_halfway(names, damage, requiring(names));
        }
    }
}

#[test]
fn half_of_an_optional_credential_is_not_taken_over() {
    for damage in [
        (|script, name| script.set(name, "")) as fn(&ScriptedSource, &str),
        |script, name| script.remove(name),
    ] {
        for names in READ_TOGETHER {
            // A host alone may come and go.
            if !names.contains(&"token_url") {
                roll_halfway(names, damage, |script| Live::from_vars(script).unwrap());
            }
        }
    }
}

#[test]
fn credential_that_is_removed_as_a_whole_is_gone() {
    for names in READ_TOGETHER {
        let script = ScriptedSource::new(values_of(names, 1));
        let live = Live::from_vars(script.clone()).unwrap();
        names.iter().for_each(|name| script.remove(name));
        live.reload().unwrap();
        assert_eq!(
            (live.load().len(), live.status().is_fresh()),
            (0, true),
            "{names:?}"
        );
    }
}

#[test]
fn malformed_setting_does_not_block_a_credential() {
    #[derive(serde::Deserialize)]
    struct App {
        db_user: String,
        db_password: SecretString,
        jawsdb_url: MysqlUrl,
        port: u16,
        log_level: Level,
        dry_run: bool,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Level {
        Info,
        Debug,
    }
    let broken = [
        ("PORT", "eighty"),
        ("LOG_LEVEL", "loud"),
        ("DRY_RUN", "maybe"),
        ("PORT", ""),
    ];
    for (name, value) in broken {
        let script = ScriptedSource::new([
            ("DB_USER", "user-1"),
            ("DB_PASSWORD", "pw-1"),
            ("JAWSDB_URL", OLD),
            ("PORT", "80"),
            ("LOG_LEVEL", "info"),
            ("DRY_RUN", "no"),
        ]);
        let live: Live<App> = Live::new(script.clone()).unwrap();
        script.set("DB_USER", "user-2");
        script.set("DB_PASSWORD", "pw-2");
        script.set("JAWSDB_URL", NEW);
        script.set(name, value);
        live.reload().unwrap();
        let app = live.load();
        assert_eq!(
            (&*app.db_user, app.db_password.expose_secret()),
            ("user-2", "pw-2"),
            "{name}"
        );
        assert_eq!(app.jawsdb_url.expose_original(), NEW, "{name}");
        assert_eq!(
            (app.port, app.dry_run, matches!(app.log_level, Level::Info)),
            (80, false, true)
        );
        assert!(!matches!(app.log_level, Level::Debug) && !live.status().is_fresh());
    }
}

/// The nearer source rolls half-way, and the farther one has the values of the start.
#[test]
fn half_of_a_roll_is_not_completed_from_another_source() {
    const DB: &[&str] = &["DB_HOST", "DB_NAME", "DB_PASSWORD", "DB_PORT", "DB_USER"];
    for names in READ_TOGETHER.iter().chain([&DB]) {
        for victim in *names {
            let near = ScriptedSource::new(values_of(names, 1));
            let far = || Ok(ConfigVars::from_iter(values_of(names, 0)).with_origin("start"));
            let source = near.clone().or(far).or(far);
            let live = Live::from_vars(source).unwrap();
            near.set_all(values_of(names, 2));
            live.reload().unwrap();
            assert_eq!(generation_of(&live.load(), names), 2);
            near.set_all(values_of(names, 3));
            near.remove(victim);
            live.reload().unwrap();
            assert_eq!(generation_of(&live.load(), names), 2, "{victim}");
            assert!(!live.status().is_fresh(), "{victim}");
            near.set_all(values_of(names, 3));
            live.reload().unwrap();
            assert_eq!(generation_of(&live.load(), names), 3);
            // Taken away from the nearer source as a whole, it comes as a whole from the other.
            near.set_all::<&str, &str>([]);
            live.reload().unwrap();
            assert_eq!(generation_of(&live.load(), names), 0);
        }
    }
}

#[test]
fn presence_of_a_var_counts_as_read() {
    #[derive(serde::Deserialize)]
    struct Options {
        port: Option<u16>,
        redis_url: Option<RedisUrl>,
    }
    let script = ScriptedSource::new([
        ("PORT", ""),
        ("REDIS_URL", "redis://r.example"),
        ("X_URL", "mysql://h:no-port"),
    ]);
    let live: Live<Options> = Live::new(script.clone()).unwrap();
    let port = live.map(|options| Ok(options.port)).unwrap();
    let tls = live
        .map(|options| Ok(options.redis_url.as_ref().map(|url| url.is_tls())))
        .unwrap();
    let all = Live::from_vars(script.clone()).unwrap();
    let x = all
        .map(|vars| Ok(vars.url::<MysqlUrl>("X_URL").ok().is_some()))
        .unwrap();
    let shared: Live<Arc<MongoUrl>> = {
        script.set("MONGODB_URI", MONGO);
        Live::from_fn(script.clone(), |vars| vars.only().map(Arc::new)).unwrap()
    };
    let cloned = shared.map(|url| Ok(url.clone())).unwrap();
    assert_eq!((*port.load(), *tls.load(), *x.load()), (None, Some(false), false));
    script.set("PORT", "8080");
    script.set("REDIS_URL", "rediss://r.example");
    script.set("X_URL", "mysql://h");
    script.set("MONGODB_URI", MONGO_NEW);
    for reload in [live.reload(), all.reload(), shared.reload()] {
        reload.unwrap();
    }
    assert_eq!(
        (*port.load(), *tls.load(), *x.load()),
        (Some(8080), Some(true), true)
    );
    assert_eq!(password(&cloned.load()), "m0ngo-2");
    script.set("REDIS_URL", "");
    script.set("PORT", "");
    live.reload().unwrap();
    assert_eq!((*port.load(), *tls.load()), (None, None));
}

#[test]
fn closure_that_blames_a_new_name_each_time_terminates() {
    let script = script();
    let count = AtomicUsize::new(0);
    let live = Live::from_fn(script.clone(), move |vars| match vars.get("MONGODB_URI") {
        Some(url) if url.expose_secret() == MONGO => Ok(()),
        _ => Err(Error::custom("no").for_var(&format!("NAME_{}", count.fetch_add(1, SeqCst)))),
    })
    .unwrap();
    script.set("MONGODB_URI", MONGO_NEW);
    assert!(live.reload().unwrap().is_empty());
    assert!(!live.status().is_fresh());
}

#[test]
fn closure_that_stops_at_its_first_fault_blocks_no_good_roll() {
    fn number(vars: &ConfigVars, name: &str) -> Result<u16, Error> {
        let number = vars.require(name)?.expose_secret().parse();
        number.map_err(|_| Error::custom("is no number").for_var(name))
    }
    for faults in [1, 15, 16, 17, 40, 300] {
        let names: Vec<_> = (0..faults).map(|number| format!("LIMIT_{number}")).collect();
        let script = ScriptedSource::new(
            names
                .iter()
                .map(|name| (name.as_str(), "1"))
                .chain([("PORT", "1"), ("JAWSDB_URL", OLD)]),
        );
        let live = Live::from_fn(script.clone(), {
            let names = names.clone();
            move |vars| {
                names.iter().try_for_each(|name| number(vars, name).map(drop))?;
                Ok((number(vars, "PORT")?, vars.url::<MysqlUrl>("JAWSDB_URL")?))
            }
        })
        .unwrap();
        names.iter().for_each(|name| script.set(name, "none"));
        script.set("PORT", "2");
        script.set("JAWSDB_URL", NEW);
        live.reload().unwrap();
        assert_eq!(live.load().0, 2, "{faults} faults");
        assert_eq!(live.load().1.expose_original(), NEW, "{faults} faults");
        assert_eq!(live.status().stale().count(), faults);
    }
}

#[test]
fn attachment_is_kept_as_a_whole() {
    let parts = |user, password, servers| {
        [
            ("MEMCACHIER_PASSWORD", password),
            ("MEMCACHIER_SERVERS", servers),
            ("MEMCACHIER_USERNAME", user),
            ("REDIS_URL", "redis://h:pw@r.example"),
            ("REDIS_TLS_URL", "rediss://h:pw@r.example"),
        ]
    };
    let script = ScriptedSource::new(parts("user1", "pw1", "mc1.example:11211"));
    let live = Live::from_vars(script.clone()).unwrap();
    let triple = || {
        let cache: MemcacheUrl = live.load().url("MEMCACHIER_SERVERS").unwrap();
        let server = cache.servers().next().unwrap();
        let secret = |secret: Option<&SecretString>| secret.unwrap().expose_secret().to_owned();
        (
            secret(server.username()),
            secret(server.password()),
            server.host().to_owned(),
        )
    };
    let first = ("user1".to_owned(), "pw1".to_owned(), "mc1.example".to_owned());
    assert_eq!(triple(), first);
    // One of three is gone, and the others are new: nothing of them goes through.
    script.set_all(parts("user2", "pw2", "mc2.example:11211"));
    script.remove("MEMCACHIER_USERNAME");
    assert_eq!(summary(&live.reload().unwrap()), "stale MEMCACHIER");
    assert_eq!(triple(), first);
    script.set_all(parts("user2", "pw2", "mc2.example:no-port"));
    assert_eq!(summary(&live.reload().unwrap()), "stale MEMCACHIER");
    assert_eq!(triple(), first);
    // The URL that holds an attachment together is gone: what is left forms another one, and does not go through.
    script.set_all(parts("user1", "pw1", "mc1.example:11211"));
    script.remove("REDIS_URL");
    script.set("REDIS_TLS_URL", "rediss://h:pw2@r2.example");
    assert_eq!(summary(&live.reload().unwrap()), "stale REDIS");
    assert_eq!(
        live.vars().require("REDIS_TLS_URL").unwrap().expose_secret(),
        "rediss://h:pw@r.example"
    );
    script.remove("REDIS_TLS_URL");
    assert_eq!(summary(&live.reload().unwrap()), "REDIS: [Removed]");
    assert!(live.vars().get("REDIS_TLS_URL").is_none());
}

#[test]
fn optional_attachment_may_come_and_go() {
    let script = script();
    let live = live(&script);
    script.remove("MONGODB_URI");
    assert_eq!(summary(&live.reload().unwrap()), "MONGODB: [Removed]");
    assert!(live.load().mongodb_uri.is_none());
    script.set("MONGODB_URI", "mongodb://app:p#w@m.example");
    // It was never good, as far as is known now, and nothing requires it; but it cannot be read.
    assert_eq!(summary(&live.reload().unwrap()), "stale MONGODB");
    assert_eq!(live.status().stale().next().unwrap().kind(), StaleKind::NeverGood);
    assert!(live.load().mongodb_uri.is_none());
    script.set("MONGODB_URI", MONGO_NEW);
    assert_eq!(summary(&live.reload().unwrap()), "MONGODB: [Added]");
    assert!(live.load().mongodb_uri.is_some());
}

#[test]
fn other_vars_have_a_last_good_value() {
    let script = script();
    let live = live(&script);
    script.set("WEB_CONCURRENCY", "two");
    script.set("JAWSDB_URL", NEW);
    assert_eq!(
        summary(&live.reload().unwrap()),
        "JAWSDB: [Password]; stale WEB_CONCURRENCY"
    );
    assert_eq!(live.load().web_concurrency, Some(2));
    assert_eq!(
        live.vars().require("WEB_CONCURRENCY").unwrap().expose_secret(),
        "2"
    );
    script.set("WEB_CONCURRENCY", "3");
    assert_eq!(summary(&live.reload().unwrap()), "1 others");
    assert_eq!(live.load().web_concurrency, Some(3));
}

#[test]
fn search_that_becomes_ambiguous_keeps_its_result() {
    let script = script();
    let live: Live<MysqlUrl> = Live::from_fn(script.clone(), ConfigVars::only).unwrap();
    script.set("CLEARDB_DATABASE_URL", "mysql://b:c@cleardb.example/heroku");
    script.set("MONGODB_URI", MONGO_NEW);
    let change = live.reload().unwrap();
    assert!(change.attachment("MONGODB").is_some(), "{change:?}");
    assert_eq!(live.load().expose_original(), OLD);
    assert!(!live.status().is_fresh());
    // None is left: the one that was found stays.
    let script = self::script();
    let live: Live<MysqlUrl> = Live::from_fn(script.clone(), ConfigVars::only).unwrap();
    script.remove("JAWSDB_URL");
    script.set("MONGODB_URI", MONGO_NEW);
    assert_eq!(
        summary(&live.reload().unwrap()),
        "MONGODB: [Password]; stale JAWSDB"
    );
    assert_eq!(live.load().expose_original(), OLD);
}

#[test]
fn closure_error_without_a_var_keeps_everything() {
    let script = script();
    let live = Live::from_fn(script.clone(), |vars| match vars.get("MONGODB_URI") {
        Some(url) if url.expose_secret() == MONGO_NEW => Err(Error::custom("this app does not like it")),
        _ => Ok(()),
    })
    .unwrap();
    script.set("MONGODB_URI", MONGO_NEW);
    script.set("JAWSDB_URL", NEW);
    let change = live.reload().unwrap();
    assert!(change.is_empty(), "{change:?}");
    assert_eq!(live.generation(), 1);
    let status = live.status();
    let names: Vec<_> = status.stale().map(Stale::name).collect();
    assert_eq!(names, ["JAWSDB", "MONGODB"]);
    assert_eq!(
        status.stale().next().unwrap().error().to_string(),
        "this app does not like it"
    );
}

#[test]
fn every_scripted_fault_keeps_the_last_good_value() {
    let text_before = |script: &ScriptedSource, end: &str| {
        drop(script.read());
        let text = format!("JAWSDB_URL='{NEW}'\nMONGODB_URI='{MONGO}'\nWEB_CONCURRENCY='2'\n");
        text.find(end).unwrap() + end.len()
    };
    type Step<'s> = (&'s str, &'s dyn Fn(&ScriptedSource));
    let steps: &[Step<'_>] = &[
        ("fails", &ScriptedSource::fail),
        ("half-written in the value", &|script| {
            script.set("JAWSDB_URL", NEW);
            script.truncate_at(text_before(script, "mysql://app:n3w"));
        }),
        ("half-written in a name", &|script| {
            script.set("JAWSDB_URL", NEW);
            script.truncate_at(text_before(script, "JAWSD"));
        }),
        ("broken value", &|script| {
            script.set("JAWSDB_URL", "mysql://app:n3w")
        }),
        ("removed", &|script| script.remove("JAWSDB_URL")),
        ("emptied", &|script| script.set_all::<&str, &str>([])),
    ];
    for (name, step) in steps {
        let script = script();
        let live = live(&script);
        let before = live.load_full();
        step(&script);
        _ = live.reload();
        assert_eq!(live.load().jawsdb_url.expose_original(), OLD, "{name}");
        assert_eq!(before.jawsdb_url.expose_original(), OLD, "{name}");
        assert!(!live.status().is_fresh(), "{name}");
        assert_no_leak!(live.status(), "n3w-Wv9Yj");
        script.set_all([("JAWSDB_URL", NEW)]);
        live.reload().unwrap();
        assert_eq!(live.load().jawsdb_url.expose_original(), NEW, "{name}");
        assert!(live.status().is_fresh(), "{name}: {}", live.status());
        script.set("JAWSDB_URL", OLD);
        assert_eq!(summary(&live.reload().unwrap()), "JAWSDB: [Password]", "{name}");
    }
}

#[test]
fn source_failure_is_reported_once_and_counted() {
    let script = script();
    let live = live(&script);
    let told = Arc::new(Mutex::new(Vec::new()));
    let _subscription = live.subscribe({
        let told = told.clone();
        move |change| {
            let stale: Vec<_> = change.stale().map(|stale| stale.name().to_owned()).collect();
            let error = change.source_error().map(ToString::to_string);
            told.lock().unwrap().push((change.generation(), stale, error))
        }
    });
    script.set("JAWSDB_URL", "mysql://app:pw@");
    live.reload().unwrap();
    script.set("JAWSDB_URL", OLD);
    script.fail();
    for _ in 0..3 {
        assert_eq!(live.reload().unwrap_err().kind(), ErrorKind::Custom);
    }
    let status = live.status();
    assert_eq!(status.source_failures(), 3);
    assert!(status.source_failing_since().is_some() && !status.is_fresh());
    script.recover();
    live.reload().unwrap();
    assert!(live.status().is_fresh());
    let told = told.lock().unwrap();
    let none = Vec::new;
    let stale = || vec!["JAWSDB".to_owned()];
    let error = "script: the script says that this read fails".to_owned();
    assert_eq!(
        *told,
        [
            (1, none(), None),
            (1, stale(), None),
            (1, stale(), Some(error)),
            (1, none(), None)
        ]
    );
}

/// A client of each selection, and how often it was made.
struct Counts(Vec<(Box<dyn std::any::Any>, Arc<AtomicUsize>)>);

impl Counts {
    fn add<P: Send + Sync + 'static>(&mut self, live: &Live<P>) -> &mut Self {
        let made = Arc::new(AtomicUsize::new(0));
        let counted = made.clone();
        let client = live.map(move |_| {
            counted.fetch_add(1, SeqCst);
            Ok(())
        });
        self.0.push((Box::new(client.unwrap()), made));
        self
    }

    fn get(&self) -> Vec<usize> {
        self.0.iter().map(|(_, made)| made.load(SeqCst)).collect()
    }
}

#[test]
fn client_is_made_again_only_when_its_selection_changes() {
    #[derive(Clone)]
    struct Parts(MysqlUrl, u16);
    impl Input for Parts {
        fn add_to(&self, digest: &mut Digest) {
            self.0.add_to(digest);
            self.1.add_to(digest);
        }
    }
    let script = script();
    let live = live(&script);
    let vars = Live::from_vars(script.clone()).unwrap();
    let named = Live::from_fn(script.clone(), |vars| {
        Ok((
            vars.url::<MysqlUrl>("JAWSDB_URL")?,
            vars.url::<MongoUrl>("MONGODB_URI").ok().map(Arc::new),
        ))
    })
    .unwrap();
    let mysql = live.select(|config| config.jawsdb_url.clone());
    let both = live.select(|config| (config.jawsdb_url.clone(), config.mongodb_uri.clone()));
    let mut counts = Counts(Vec::new());
    counts
        .add(&mysql)
        .add(&mysql.select(|url| url.password().cloned()))
        .add(&live.select(|config| config.mongodb_uri.clone()))
        .add(&live.select(|config| {
            config
                .mongodb_uri
                .as_ref()
                .map(|url| url.host().map(str::to_owned))
        }))
        .add(&both)
        .add(&both.select(|(_, mongo)| mongo.is_some()))
        .add(&live.select(|config| Arc::new(config.jawsdb_url.clone())))
        .add(&live.select(|config| Parts(config.jawsdb_url.clone(), config.web_concurrency.unwrap_or(1))))
        .add(&live)
        .add(&vars.select(|vars| vars.url::<MysqlUrl>("JAWSDB_URL")))
        .add(&vars.select(|vars| vars.get("WEB_CONCURRENCY").cloned()))
        .add(&vars)
        .add(&named.select(|(mysql, _)| mysql.clone()))
        .add(&named.select(|(_, mongo)| mongo.clone()));
    let mut expected = vec![1; 14];
    let mut expect = |changed: &[usize], why: &str| {
        for source in [live.reload(), vars.reload(), named.reload()] {
            source.unwrap();
        }
        changed.iter().for_each(|client| expected[*client] += 1);
        assert_eq!(counts.get(), expected, "{why}");
    };
    expect(&[], "nothing");
    script.set("JAWSDB_URL", NEW);
    expect(&[0, 1, 4, 6, 7, 8, 9, 11, 12], "MySQL's password");
    script.set("MONGODB_URI", MONGO_NEW);
    expect(&[2, 4, 8, 11, 13], "MongoDB's password");
    script.remove("MONGODB_URI");
    expect(&[2, 3, 4, 5, 8, 11, 13], "no MongoDB");
    script.set("WEB_CONCURRENCY", "3");
    expect(&[7, 8, 10, 11], "a setting");
    script.set("PORT", "8080");
    expect(&[11], "a config var that the struct does not have");
    script.set("JAWSDB_URL", "mysql://app:p w@h/shop");
    expect(&[], "a malformed value");
}

#[test]
fn selection_outlives_the_handle_that_it_was_made_from() {
    let script = script();
    let live = live(&script);
    let clients = live
        .select(|config| (config.jawsdb_url.clone(), config.web_concurrency))
        .select(|(url, _)| url.clone())
        .map(|url| Ok(password(url)))
        .unwrap();
    drop(live);
    script.set("JAWSDB_URL", NEW);
    clients.reload().unwrap();
    assert_eq!(*clients.load(), "n3w-Wv9Yj");
}

#[test]
fn panicking_selection_is_reported_and_stays_as_it_was() {
    let script = script();
    let live = live(&script);
    let selected = live
        .select(|config| {
            assert_ne!(password(&config.jawsdb_url), "n3w-Wv9Yj", "as it is meant to");
            config.jawsdb_url.clone()
        })
        .named("orders");
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    assert_eq!(selected.load().expose_original(), OLD);
    assert_eq!(
        live.status().stale().map(Stale::name).collect::<Vec<_>>(),
        ["orders"]
    );
    script.set("JAWSDB_URL", OLD);
    live.reload().unwrap();
    assert!(live.status().is_fresh());
}

#[test]
fn closure_of_all_config_vars_runs_at_each_change() {
    let script = script();
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let live = Live::from_fn(script.clone(), move |vars| {
        counted.fetch_add(1, SeqCst);
        let count = vars.require("WEB_CONCURRENCY")?;
        match count.expose_secret() {
            "none" => Err(Error::custom("is no number").for_var("WEB_CONCURRENCY")),
            _ => Ok((count.clone(), vars.clone())),
        }
    });
    let live = live.unwrap();
    script.set("PORT", "8080");
    assert!(!live.reload().unwrap().is_empty());
    assert_eq!(
        live.load().1.require("PORT").unwrap().expose_secret(),
        "8080",
        "a copy is current"
    );
    script.set("WEB_CONCURRENCY", "3");
    live.reload().unwrap();
    assert_eq!((made.load(SeqCst), live.load().0.expose_secret()), (3, "3"));
    // Once it cannot be made, what was good stays; and nothing runs if nothing changed.
    script.set("WEB_CONCURRENCY", "none");
    live.reload().unwrap();
    assert_eq!(live.load().0.expose_secret(), "3");
    script.set("WEB_CONCURRENCY", "3");
    live.reload().unwrap();
    let before = made.load(SeqCst);
    live.reload().unwrap();
    assert_eq!((made.load(SeqCst), live.status().is_fresh()), (before, true));
}

/// A field may take apart what it is given.
#[derive(serde::Deserialize)]
struct Apart {
    #[serde(deserialize_with = "only_the_host")]
    jawsdb_url: String,
    mongodb_uri: MongoUrl,
}

fn only_the_host<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let url: MysqlUrl = serde::Deserialize::deserialize(deserializer)?;
    Ok(url.host().unwrap_or_default().to_owned())
}

#[test]
fn field_that_keeps_a_part_of_a_url_follows_it() {
    let script = script();
    let live: Live<Apart> = Live::new(script.clone()).unwrap();
    let mut counts = Counts(Vec::new());
    counts
        .add(&live.select(|config| config.jawsdb_url.clone()))
        .add(&live.select(|config| config.mongodb_uri.clone()));
    script.set("JAWSDB_URL", "mysql://app:pw@db2.example/shop");
    live.reload().unwrap();
    assert_eq!(counts.get(), [2, 1]);
    script.set("MONGODB_URI", MONGO_NEW);
    live.reload().unwrap();
    assert_eq!(counts.get(), [2, 2]);
}

#[test]
fn failed_rebuild_keeps_the_client_and_is_retried() {
    let script = script();
    let live = live(&script);
    let clients = live
        .map(|config| match password(&config.jawsdb_url) {
            password if password.starts_with("bad") => Err(Error::custom("the pool cannot be opened").into()),
            password if password.starts_with("panic") => panic!("as it is meant to"),
            password => Ok(password),
        })
        .unwrap();
    for bad in ["bad", "panic"] {
        script.set("JAWSDB_URL", &format!("mysql://app:{bad}@db.example/shop"));
        let change = live.reload().unwrap();
        assert_eq!(password(&live.load().jawsdb_url), bad);
        assert!(clients.load().ends_with("-Qx7Zk") || clients.load().ends_with("-Wv9Yj"));
        let stale: Vec<_> = change.stale().cloned().collect();
        assert_eq!(
            (stale.len(), stale[0].kind()),
            (1, StaleKind::Derived),
            "{change:?}"
        );
        assert!(stale[0].name().contains("String"));
        // It is tried again, though nothing has changed.
        assert!(live.reload().unwrap().is_empty());
        assert!(!live.status().is_fresh());
        script.set("JAWSDB_URL", NEW);
        live.reload().unwrap();
        assert!(live.status().is_fresh());
        assert_eq!(*clients.load(), "n3w-Wv9Yj");
    }
    assert!(
        live.map(|_| Err::<(), _>(Error::custom("not even once").into()))
            .is_err()
    );
}

/// Vars that no URL is made of, beside one that is broken: all of an attachment is of one generation.
#[test]
fn vars_of_a_malformed_resource_wait_with_it() {
    let script = ScriptedSource::new([
        ("CLOUDAMQP_URL", "amqps://app:one@mq.example/v"),
        ("CLOUDAMQP_APIKEY", "key-one"),
        ("PORT", "1"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    let value = |name: &str| {
        live.vars()
            .get(name)
            .map(|value| value.expose_secret().to_owned())
    };
    script.set("CLOUDAMQP_URL", "amqps://app:t#o@mq.example/v");
    script.set("CLOUDAMQP_APIKEY", "key-two");
    script.set("CLOUDAMQP_REGION", "two");
    script.set("PORT", "2");
    assert_eq!(summary(&live.reload().unwrap()), "1 others; stale CLOUDAMQP");
    assert_eq!(value("CLOUDAMQP_APIKEY").as_deref(), Some("key-one"));
    assert_eq!(value("CLOUDAMQP_REGION"), None);
    script.set("CLOUDAMQP_URL", "amqps://app:two@mq.example/v");
    live.reload().unwrap();
    assert_eq!(value("CLOUDAMQP_APIKEY").as_deref(), Some("key-two"));
    assert_eq!(value("CLOUDAMQP_REGION").as_deref(), Some("two"));
}

#[test]
fn vars_of_an_emptied_resource_wait_with_it() {
    let script = ScriptedSource::new([
        ("SHOP_URL", "mysql://app:one@db.example/shop"),
        ("SHOP_MODE", "one"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("SHOP_URL", "");
    script.set("SHOP_REGION", "two");
    assert_eq!(summary(&live.reload().unwrap()), "stale SHOP");
    assert!(live.vars().get("SHOP_REGION").is_none());
}

/// Endpoints without a login, and the credentials of them, which are in another attachment or in none. Each `{}` is the
/// generation.
const SPLIT_LOGINS: &[&[(&str, &str)]] = &[
    &[
        ("TURSO_DATABASE_URL", "libsql://db{}.example"),
        ("TURSO_AUTH_TOKEN", "t{}"),
    ],
    &[
        ("AWS_ENDPOINT_URL_S3", "https://s{}.example"),
        ("AWS_ACCESS_KEY_ID", "i{}"),
        ("AWS_REGION", "r{}"),
        ("AWS_SECRET_ACCESS_KEY", "k{}"),
        ("BUCKET_NAME", "b{}"),
    ],
    &[
        ("AWS_ENDPOINT_URL_S3", "https://s{}.example"),
        ("AWS_ENDPOINT_URL_SQS", "https://q{}.example"),
        ("AWS_SECRET_ACCESS_KEY", "k{}"),
    ],
    &[
        ("LEDGER_DB_URI", "libsql://db{}.example"),
        ("LEDGER_READ_WRITE_TOKEN", "t{}"),
    ],
    &[
        ("JOBS_SERVER_URL", "nats://n{}.example"),
        ("JOBS_API_TOKEN", "t{}"),
        ("JOBS_USER", "u{}"),
    ],
    &[
        ("STORE_HOST_URL", "postgres://app@db{}.example/store"),
        ("STORE_TOKEN", "t{}"),
    ],
    &[
        ("NOTES_URL", "https://d{}.example"),
        ("NOTES_DATABASE_URL", "libsql://db{}.example"),
        ("NOTES_APIKEY", "t{}"),
    ],
    &[
        ("FEED_ENDPOINT_URL_EU", "https://f{}.example"),
        ("FEED_ACCESS_KEY", "i{}"),
        ("FEED_SECRET_KEY", "k{}"),
    ],
    // Only the beginning of the names is the same.
    &[
        ("WEAVIATE_CLUSTER_URL", "https://w{}.example"),
        ("WEAVIATE_API_KEY", "k{}"),
    ],
    &[
        ("KAFKA_BOOTSTRAP_SERVERS", "b{}.example:9092"),
        ("KAFKA_API_KEY", "k{}"),
        ("KAFKA_API_SECRET", "s{}"),
    ],
];

fn of_generation(pairs: &[(&'static str, &str)], generation: u32) -> Vec<(&'static str, String)> {
    let of_generation =
        |(name, value): &(&'static str, &str)| (*name, value.replace("{}", &generation.to_string()));
    pairs.iter().map(of_generation).collect()
}

/// Rolls from generation 1 to a damaged generation 2, which must not be taken over, and then to a whole one.
#[track_caller]
fn roll_with_damage(pairs: &[(&'static str, &str)], damage: impl Fn(&ScriptedSource)) {
    let script = ScriptedSource::new(of_generation(pairs, 1));
    let live = Live::from_vars(script.clone()).unwrap();
    for generation in [2, 3] {
        script.set_all(of_generation(pairs, generation));
        script.set("JAWSDB_URL", NEW);
        damage(&script);
        live.reload().unwrap();
        for (name, value) in of_generation(pairs, 1) {
            assert_eq!(
                live.vars().require(name).unwrap().expose_secret(),
                value,
                "{name}"
            );
        }
        assert!(!live.status().is_fresh(), "{pairs:?}");
        assert_eq!(live.vars().require("JAWSDB_URL").unwrap().expose_secret(), NEW);
    }
    script.set_all(of_generation(pairs, 4));
    live.reload().unwrap();
    assert_eq!(
        in_use(&live.vars()),
        in_use(&ConfigVars::from_iter(of_generation(pairs, 4)))
    );
    assert!(live.status().is_fresh(), "{pairs:?}: {}", live.status());
}

#[test]
fn endpoint_and_its_credentials_are_of_one_generation() {
    for pairs in SPLIT_LOGINS {
        let all = ConfigVars::from_iter(of_generation(pairs, 1));
        let attachments: Vec<_> = all.attachments().collect();
        let is_resource = |name: &str| all.url::<ResourceUrl>(name).is_ok();
        let is_bare = |name: &str| {
            let of_name = |attachment: &&Attachment<'_>| attachment.var_names().any(|var| var == name);
            attachments
                .iter()
                .find(of_name)
                .is_some_and(|attachment| attachment.url().is_none())
        };
        for (name, _) in pairs.iter().filter(|(name, _)| is_resource(name)) {
            roll_with_damage(pairs, |script| script.set(name, "https://u:p#w@h.example"));
        }
        let credentials: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        let credentials = credentials
            .into_iter()
            .filter(|name| !is_resource(name) && *name != "BUCKET_NAME");
        for name in credentials.clone() {
            if is_bare(name) && name != "AWS_REGION" {
                roll_with_damage(pairs, |script| script.set(name, "\"quoted\""));
            }
            roll_with_damage(pairs, |script| script.set(name, ""));
        }
        roll_with_damage(pairs, |script| {
            credentials.clone().for_each(|name| script.remove(name));
        });
    }
}

#[test]
fn credentials_are_not_left_without_their_endpoint() {
    for pairs in SPLIT_LOGINS.iter().take(6) {
        roll_with_damage(pairs, |script| {
            let is_endpoint = |name: &str| name.contains("_UR");
            let endpoints = pairs.iter().map(|(name, _)| *name);
            endpoints
                .filter(|name| is_endpoint(name))
                .for_each(|name| script.remove(name));
        });
    }
}

#[test]
fn parts_of_a_broker_login_are_of_one_generation() {
    let pairs = [
        ("KAFKA_BOOTSTRAP_SERVERS", "b{}.example:9092"),
        ("KAFKA_SASL_USERNAME", "u{}"),
        ("KAFKA_SASL_PASSWORD", "p{}"),
    ];
    for name in ["KAFKA_SASL_USERNAME", "KAFKA_SASL_PASSWORD"] {
        roll_with_damage(&pairs, |script| script.set(name, ""));
        roll_with_damage(&pairs, |script| script.remove(name));
    }
}

#[test]
fn credential_is_not_taken_from_another_source_than_its_endpoint() {
    for pairs in SPLIT_LOGINS {
        let near = ScriptedSource::new(of_generation(pairs, 1));
        let far = of_generation(pairs, 0);
        let far = move || Ok(ConfigVars::from_iter(far.clone()).with_origin("start"));
        let live = Live::from_vars(near.clone().or(far)).unwrap();
        near.set_all(of_generation(pairs, 2));
        let is_endpoint = |name: &str| name.contains("_UR") || name.ends_with("_SERVERS");
        for (name, _) in pairs.iter().filter(|(name, _)| !is_endpoint(name)) {
            near.remove(name);
        }
        live.reload().unwrap();
        let first = ConfigVars::from_iter(of_generation(pairs, 1));
        assert_eq!(in_use(&live.vars()), in_use(&first));
        assert!(!live.status().is_fresh());
    }
}

#[test]
fn new_credential_that_is_malformed_does_not_join_a_new_endpoint() {
    let script = ScriptedSource::new([("TURSO_DATABASE_URL", "libsql://a.example")]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("TURSO_DATABASE_URL", "libsql://b.example");
    script.set("TURSO_AUTH_TOKEN", "'two'");
    assert_eq!(
        summary(&live.reload().unwrap()),
        "stale TURSO; stale TURSO_DATABASE"
    );
    assert!(live.vars().get("TURSO_AUTH_TOKEN").is_none());
    script.set("TURSO_AUTH_TOKEN", "two");
    assert_eq!(
        summary(&live.reload().unwrap()),
        "TURSO: [Added]; TURSO_DATABASE: [Endpoint]"
    );
}

#[test]
fn split_login_is_reported_under_both_names() {
    let pairs = SPLIT_LOGINS[0];
    let script = ScriptedSource::new(of_generation(pairs, 1));
    let live = Live::from_vars(script.clone()).unwrap();
    script.set_all(of_generation(pairs, 2));
    script.remove("TURSO_AUTH_TOKEN");
    assert_eq!(
        summary(&live.reload().unwrap()),
        "stale TURSO; stale TURSO_DATABASE"
    );
    let status = live.status();
    for stale in status.stale() {
        assert_eq!(
            (stale.kind(), stale.error().var()),
            (StaleKind::LastGood, Some("TURSO_AUTH_TOKEN"))
        );
    }
}

#[test]
fn bucket_of_a_kept_endpoint_keeps_no_other_var() {
    let pairs = SPLIT_LOGINS[1];
    let with_greeting = |generation| {
        let greeting = [("GREETING", format!("hello {generation}"))];
        of_generation(pairs, generation).into_iter().chain(greeting)
    };
    let script = ScriptedSource::new(with_greeting(1));
    let live = Live::from_fn(script.clone(), |vars| {
        let value = |name| vars.require(name).map(|value| value.expose_secret().to_owned());
        Ok((value("BUCKET_NAME")?, value("GREETING")?))
    })
    .unwrap();
    script.set_all(with_greeting(2));
    script.set("AWS_SECRET_ACCESS_KEY", "'k2'");
    live.reload().unwrap();
    assert_eq!(*live.load(), ("b1".to_owned(), "hello 2".to_owned()));
}

/// A token may look like that of an endpoint, and be another service's.
#[test]
fn distinct_add_ons_roll_on_their_own() {
    for [first, second] in [
        // The URL has a login of its own.
        [
            ("SHOP_DATABASE_URL", "postgres://a:p{}@h.example/d"),
            ("SHOP_AUTH_TOKEN", "t{}"),
        ],
        [
            ("TURSO_DATABASE_URL", "libsql://h.example?authToken=u{}"),
            ("TURSO_AUTH_TOKEN", "t{}"),
        ],
        [
            ("ACME_CACHE_URL", "redis://:p{}@h.example"),
            ("ACME_API_KEY", "t{}"),
        ],
        [
            ("ACME_ERRORS_URL", "https://k{}@h.example/1"),
            ("ACME_TOKEN", "t{}"),
        ],
        // The names have nothing in common.
        [("DATABASE_URL", "libsql://h{}.example"), ("AUTH_TOKEN", "t{}")],
        [
            ("DATABASE_URL", "libsql://h{}.example"),
            ("MAIL_AUTH_TOKEN", "t{}"),
        ],
        [
            ("TURSO_DATABASE_URL", "libsql://h{}.example"),
            ("TURSOPAY_API_KEY", "t{}"),
        ],
        [
            ("AWS_ENDPOINT_URL_S3", "https://h{}.example"),
            ("AWS_COGNITO_API_KEY", "t{}"),
        ],
        [("STORE_URL_EU", "libsql://h{}.example"), ("EU_API_KEY", "t{}")],
    ] {
        for [rolls, breaks] in [[first, second], [second, first]] {
            let pairs = [rolls, breaks];
            let script = ScriptedSource::new(of_generation(&pairs, 1));
            let live = Live::from_vars(script.clone()).unwrap();
            script.set_all(of_generation(&pairs, 2));
            let is_url = breaks.0.contains("_URL");
            script.set(breaks.0, if is_url { "redis://u:p#w@h.example" } else { "'" });
            live.reload().unwrap();
            let value = of_generation(&[rolls], 2).remove(0).1;
            assert_eq!(
                live.vars().require(rolls.0).unwrap().expose_secret(),
                value,
                "{pairs:?}"
            );
        }
    }
}

#[test]
fn split_login_may_change_its_form() {
    type Pairs = &'static [(&'static str, &'static str)];
    let rows: &[(Pairs, Pairs)] = &[
        // Gone as a whole.
        (SPLIT_LOGINS[0], &[]),
        (SPLIT_LOGINS[1], &[("BUCKET_NAME", "b")]),
        // The URL has the token, and the token is gone, or stays for other clients.
        (
            SPLIT_LOGINS[0],
            &[("TURSO_DATABASE_URL", "libsql://a.example?authToken=t2")],
        ),
        (
            SPLIT_LOGINS[0],
            &[
                ("TURSO_AUTH_TOKEN", "t2"),
                ("TURSO_DATABASE_URL", "libsql://a.example?authToken=t2"),
            ],
        ),
        // The URL has another name.
        (
            SPLIT_LOGINS[0],
            &[("TURSO_AUTH_TOKEN", "t2"), ("TURSO_URL", "libsql://a.example")],
        ),
        (
            SPLIT_LOGINS[0],
            &[("TURSO_AUTH_TOKEN", "t2"), ("TURSO_DB_URL", "libsql://a.example")],
        ),
        // One of several endpoints is gone.
        (
            SPLIT_LOGINS[2],
            &[
                ("AWS_ENDPOINT_URL_S3", "https://s.example"),
                ("AWS_SECRET_ACCESS_KEY", "k"),
            ],
        ),
        // A common beginning may be the name of the app.
        (
            &[("SHOP_API_KEY", "k"), ("SHOP_PARTNER_URL", "https://p.example")],
            &[("SHOP_API_KEY", "k")],
        ),
        (
            &[("SHOP_API_KEY", "k"), ("SHOP_PARTNER_URL", "https://p.example")],
            &[("SHOP_PARTNER_URL", "https://p.example")],
        ),
    ];
    for (old, new) in rows {
        let script = ScriptedSource::new(of_generation(old, 1));
        let live = Live::from_vars(script.clone()).unwrap();
        script.set_all(new.iter().copied());
        let change = live.reload().unwrap();
        assert!(live.status().is_fresh(), "{new:?}: {change:?}");
        assert_eq!(
            in_use(&live.vars()),
            in_use(&ConfigVars::from_iter(new.iter().copied()))
        );
    }
}

/// The config vars that are set, with their values.
fn in_use(vars: &ConfigVars) -> Vec<(String, String)> {
    let text = |value: &ConfigValue| value.secret().unwrap().expose_secret().to_owned();
    vars.iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

#[test]
fn resource_may_move_between_parts_and_a_url() {
    type Pairs = &'static [(&'static str, &'static str)];
    let rows: &[(Pairs, Pairs, &str)] = &[
        // A URL beside the parts, and instead of them.
        (
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "one"),
            ],
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "two"),
                ("CACHE_URL", "redis://:two@h"),
            ],
            "CACHE: [Password, Other]",
        ),
        (
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "one"),
            ],
            &[("CACHE_URI", "redis://:two@i")],
            "CACHE: [Password, Endpoint, Other]",
        ),
        (
            &[
                ("MYSQL_HOST", "h"),
                ("MYSQL_USER", "a"),
                ("MYSQL_PASS", "one"),
                ("MYSQL_DATABASE", "d"),
            ],
            &[("MYSQL_URL", "mysql://b:one@h/d"), ("MYSQL_POOL", "5")],
            "MYSQL: [Username, Password, Endpoint, Other]",
        ),
        (
            &[("PGHOST", "h"), ("PGUSER", "a"), ("PGPASSWORD", "one")],
            &[("PG_URL", "postgres://a:one@h")],
            "PG: [Username, Password, Endpoint, Other]",
        ),
        // Parts instead of a URL, and a URL under another ending.
        (
            &[("CACHE_URL", "redis://:one@h")],
            &[
                ("CACHE_HOSTNAME", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "two"),
            ],
            "CACHE: [Password, Endpoint, Other]",
        ),
        (
            &[("DOCS_URI", "mongodb://a:one@h/d"), ("DOCS_REGION", "eu")],
            &[("DOCS_URL", "mongodb://a:two@h/d"), ("DOCS_REGION", "eu")],
            "DOCS: [Password, Other]",
        ),
        // A link of a container runtime is no resource, and hides the parts.
        (
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "one"),
            ],
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "two"),
                ("CACHE_URL", "tcp://10.0.0.1:6379"),
            ],
            "CACHE: [Removed]; 1 others",
        ),
        // A host that is not needed any more may be anything.
        (
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "one"),
            ],
            &[
                ("CACHE_HOST", "\"h\""),
                ("CACHE_PORT", "6379"),
                ("CACHE_PASSWORD", "two"),
                ("CACHE_URL", "redis://:two@h"),
            ],
            "CACHE: [Password, Endpoint, Other]",
        ),
    ];
    for (old, new, expected) in rows {
        let script = ScriptedSource::new(old.iter().copied());
        let live = Live::from_vars(script.clone()).unwrap();
        script.set_all(new.iter().copied());
        assert_eq!(summary(&live.reload().unwrap()), *expected, "{new:?}");
        assert_eq!(
            in_use(&live.vars()),
            in_use(&ConfigVars::from_iter(new.iter().copied()))
        );
        assert!(live.reload().unwrap().is_empty(), "{new:?}");
        assert!(live.status().is_fresh(), "{new:?}");
    }
}

#[test]
fn half_of_a_move_between_parts_and_a_url_is_not_taken_over() {
    type Pairs = &'static [(&'static str, &'static str)];
    const PARTS: Pairs = &[
        ("CACHE_HOST", "h"),
        ("CACHE_PORT", "6379"),
        ("CACHE_PASSWORD", "one"),
    ];
    const URL: Pairs = &[
        ("CACHE_URL", "redis://:one@h"),
        ("CACHE_APIKEY", "one"),
        ("CACHE_REGION", "eu"),
    ];
    let rows: &[(Pairs, Pairs)] = &[
        (PARTS, &[("CACHE_HOST", "h"), ("CACHE_PORT", "6379")]),
        (
            PARTS,
            &[("CACHE_PASSWORD", "two"), ("CACHE_URL", "redis://:t#wo@h")],
        ),
        (
            PARTS,
            &[
                ("CACHE_HOST", "h"),
                ("CACHE_PASSWORD", "\"two\""),
                ("CACHE_URL", "redis://:two@h"),
            ],
        ),
        // A variant replaces nothing.
        (
            PARTS,
            &[("CACHE_PORT", "6379"), ("CACHE_TLS_URL", "rediss://:two@h")],
        ),
        (
            URL,
            &[("CACHE_APIKEY", "two"), ("CACHE_URL_SESSIONS", "redis://:two@h")],
        ),
        // The key has no other form.
        (URL, &[("CACHE_REGION", "eu"), ("CACHE_URI", "redis://:two@h")]),
    ];
    for (old, new) in rows {
        let script = ScriptedSource::new(old.iter().copied());
        let live = Live::from_vars(script.clone()).unwrap();
        script.set_all(new.iter().copied());
        let change = live.reload().unwrap();
        assert!(
            change.attachment("CACHE").is_none() && !live.status().is_fresh(),
            "{new:?}: {change:?}"
        );
        for (name, value) in *old {
            assert_eq!(
                live.vars().require(name).unwrap().expose_secret(),
                *value,
                "{new:?}"
            );
        }
    }
}

#[test]
fn parts_keep_their_kind_when_only_the_port_showed_it() {
    let parts = |port, user, password, host| {
        [
            ("SHOP_HOST", host),
            ("SHOP_PASSWORD", password),
            ("SHOP_PORT", port),
            ("SHOP_USER", user),
        ]
    };
    for (port, kind) in [
        ("5432", Kind::Postgres),
        ("3306", Kind::Mysql),
        ("27017", Kind::Mongo),
        ("6379", Kind::Redis),
        ("5672", Kind::Amqp),
    ] {
        let script = ScriptedSource::new(parts(port, "a", "one", "h1"));
        let live = Live::from_vars(script.clone()).unwrap();
        let url = |vars: &ConfigVars| vars.url::<ResourceUrl>("SHOP_HOST").unwrap();
        script.set_all(parts("25060", "a", "two", "h1"));
        assert_eq!(
            summary(&live.reload().unwrap()),
            "SHOP: [Password, Endpoint]",
            "{kind}"
        );
        let of_plan = url(&live.load());
        assert_eq!((of_plan.kind(), of_plan.port().unwrap().number()), (kind, 25060));
        assert_eq!(password(&of_plan), "two");
        // It is known in each generation after it, whatever else changes.
        script.set("PATH", "/bin");
        assert_eq!(summary(&live.reload().unwrap()), "1 others", "{kind}");
        script.set_all(parts("25061", "b", "three", "h2"));
        assert_eq!(
            summary(&live.reload().unwrap()),
            "SHOP: [Username, Password, Endpoint]; 1 others"
        );
        assert_eq!(url(&live.load()).kind(), kind);
        // And it is checked as one of its kind.
        script.set("SHOP_PASSWORD", "'four'");
        assert_eq!(summary(&live.reload().unwrap()), "stale SHOP", "{kind}");
        assert_eq!(password(&url(&live.load())), "three");
        script.set("SHOP_PASSWORD", "four");
        script.set("SHOP_PORT", port);
        assert_eq!(
            summary(&live.reload().unwrap()),
            "SHOP: [Password, Endpoint]",
            "{kind}"
        );
        assert!(live.status().is_fresh());
    }
    // A port that shows another kind is not overruled.
    let script = ScriptedSource::new(parts("5432", "a", "one", "h1"));
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("SHOP_PORT", "3306");
    assert_eq!(summary(&live.reload().unwrap()), "SHOP: [Kind, Endpoint]");
}

#[test]
fn malformed_password_with_a_suffix_is_kept_when_urls_merge() {
    let script = ScriptedSource::new([
        ("STORE_URL_EU", "postgres://app@eu.example/store"),
        ("STORE_URL_US", "postgres://app@us.example/store"),
        ("STORE_PASSWORD_EU", "one"),
        ("STORE_PASSWORD_US", "one"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    // Both now lead to one place, and are one attachment.
    script.set("STORE_URL_US", "postgres://app@eu.example/store");
    script.set("STORE_PASSWORD_US", "'two'");
    live.reload().unwrap();
    let value = |name: &str| live.vars().require(name).unwrap().expose_secret().to_owned();
    assert_eq!(value("STORE_PASSWORD_US"), "one");
    assert_eq!(value("STORE_URL_US"), "postgres://app@us.example/store");
    script.set("STORE_PASSWORD_US", "two");
    live.reload().unwrap();
    assert_eq!(value("STORE_PASSWORD_US"), "two");
    assert!(live.status().is_fresh());
    // From now on it is one attachment from the beginning.
    script.set("STORE_PASSWORD_EU", "\"three\"");
    assert_eq!(summary(&live.reload().unwrap()), "stale STORE");
    assert_eq!(value("STORE_PASSWORD_EU"), "one");
}

#[test]
fn emptied_bare_credential_keeps_its_value() {
    let script = ScriptedSource::new([("SENDGRID_API_KEY", "SG.one"), ("SENDGRID_USERNAME", "app")]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("SENDGRID_API_KEY", "");
    assert_eq!(summary(&live.reload().unwrap()), "stale SENDGRID");
    let vars = live.vars();
    assert_eq!(
        vars.require("SENDGRID_API_KEY").unwrap().expose_secret(),
        "SG.one"
    );
}

/// Only what was good is waited for.
#[test]
fn attachment_that_was_never_good_may_be_removed() {
    let script = ScriptedSource::new([
        ("REDIS_URL", "rediss://:one@r.example"),
        ("REDIS_CA_CERT", "-----BEGIN CERTIFICATE-----"),
    ]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("REDIS_URL", "rediss://:two@r.example");
    script.remove("REDIS_CA_CERT");
    assert_eq!(summary(&live.reload().unwrap()), "REDIS: [Password]");
    assert!(live.status().is_fresh());
}

#[test]
fn failed_rebuilds_of_one_type_have_distinct_names() {
    let script = script();
    let live = live(&script);
    let pool = || {
        live.map(|config| match password(&config.jawsdb_url) == "n3w-Wv9Yj" {
            true => Err(Error::custom("the pool cannot be opened").into()),
            false => Ok(1_u8),
        })
    };
    let _pools = [pool().unwrap(), pool().unwrap(), pool().unwrap()];
    script.set("JAWSDB_URL", NEW);
    let change = live.reload().unwrap();
    let names: Vec<_> = change.stale().map(Stale::name).collect();
    assert_eq!(names, ["u8", "u8 (2)", "u8 (3)"]);
}

#[test]
fn reload_from_a_closure_of_the_reload_is_an_error() {
    let script = script();
    let live = live(&script);
    let inner = live.clone();
    let _client = live.map(move |_| Ok(inner.reload()?.is_empty())).unwrap();
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    let error = live.status().stale().next().unwrap().error().to_string();
    assert!(error.contains("it must use its argument instead"), "{error}");
}

#[test]
fn previous_is_kept_for_its_grace_period() {
    let script = script();
    let live = live(&script);
    let urls = live.select(|config| config.jawsdb_url.clone());
    let pools = urls.map(|url| Ok(password(url))).unwrap();
    assert!(live.previous().is_none());
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    assert_eq!(live.previous().unwrap().jawsdb_url.expose_original(), OLD);
    assert_eq!(*pools.previous().unwrap(), "0ld-Qx7Zk");
    // A roll of another attachment does not take it from who did not roll.
    script.set("MONGODB_URI", MONGO_NEW);
    live.reload().unwrap();
    assert_eq!(*pools.previous().unwrap(), "0ld-Qx7Zk");
}

#[test]
fn nothing_is_kept_without_a_grace_period() {
    let script = script();
    let live = live_with(&script, |builder| builder.grace_period(Duration::ZERO));
    let pools = live.map(|config| Ok(password(&config.jawsdb_url))).unwrap();
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    assert!(live.previous().is_none() && pools.previous().is_none());
}

#[test]
fn grace_period_ends() {
    let script = script();
    let live = live_with(&script, |builder| builder.grace_period(Duration::from_millis(20)));
    let weak = Arc::downgrade(&live.load_full());
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    let rolled = std::time::Instant::now();
    while live.previous().is_some() {
        assert!(
            rolled.elapsed() < Duration::from_secs(30),
            "the grace period does not end"
        );
        std::thread::yield_now();
    }
    assert!(weak.upgrade().is_none(), "somebody keeps the old generation");
}

#[test]
fn subscribers_receive_the_present_state_and_then_each_change_in_order() {
    let script = script();
    let live = live(&script);
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let subscription = live.subscribe({
        let told = told.clone();
        move |change| told.lock().unwrap().push(summary(change))
    });
    script.set("MONGODB_URI", MONGO_NEW);
    live.reload().unwrap();
    live.reload().unwrap();
    script.remove("MONGODB_URI");
    live.reload().unwrap();
    drop(subscription);
    script.set("JAWSDB_URL", OLD);
    live.reload().unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        [
            "JAWSDB: [Added]; MONGODB: [Added]; 1 others",
            "MONGODB: [Password]",
            "MONGODB: [Removed]"
        ]
    );
}

#[test]
fn subscriber_to_changes_is_not_called_with_the_present_state() {
    let script = script();
    let live = live(&script);
    let told = Arc::new(Mutex::new(Vec::new()));
    let note = |name: &'static str| {
        let told = told.clone();
        move |change: &Change| {
            told.lock()
                .unwrap()
                .push((name, change.is_first(), summary(change)));
        }
    };
    let _changes = live.subscribe_changes(note("changes"));
    let _all = live.subscribe(note("all"));
    script.set("MONGODB_URI", MONGO_NEW);
    assert!(!live.reload().unwrap().is_first());
    let roll = || "MONGODB: [Password]".to_owned();
    assert_eq!(
        *told.lock().unwrap(),
        [
            (
                "all",
                true,
                "JAWSDB: [Added]; MONGODB: [Added]; 1 others".to_owned()
            ),
            ("changes", false, roll()),
            ("all", false, roll()),
        ]
    );
}

/// The present state is made once for all subscribers, and must be made again whenever it differs.
#[test]
fn each_subscriber_receives_the_present_state_of_its_time() {
    let script = script();
    let live = live(&script);
    let present = || {
        let (told, first) = std::sync::mpsc::channel();
        drop(live.subscribe(move |change| told.send(change.clone()).unwrap()));
        first.recv().unwrap()
    };
    let broken = "mongodb://app:p#w@db.example/shop";
    // The var to set (or, with no value, to remove), and the summary of the present state.
    let rows: &[(&str, Option<&str>, &str)] = &[
        (
            "JAWSDB_URL",
            Some(NEW),
            "JAWSDB: [Added]; MONGODB: [Added]; 1 others",
        ),
        (
            "PORT",
            Some("8080"),
            "JAWSDB: [Added]; MONGODB: [Added]; 2 others",
        ),
        (
            "MONGODB_URI",
            Some(broken),
            "JAWSDB: [Added]; MONGODB: [Added]; 2 others; stale MONGODB",
        ),
        // Another fault of the same attachment.
        (
            "MONGODB_URI",
            Some("mongodb://app:pw@"),
            "JAWSDB: [Added]; MONGODB: [Added]; 2 others; stale MONGODB",
        ),
        (
            "MONGODB_URI",
            Some(MONGO),
            "JAWSDB: [Added]; MONGODB: [Added]; 2 others",
        ),
        ("MONGODB_URI", None, "JAWSDB: [Added]; 2 others"),
    ];
    for (name, value, expected) in rows {
        match value {
            Some(value) => script.set(name, value),
            None => script.remove(name),
        }
        live.reload().unwrap();
        for change in [present(), present()] {
            assert_eq!(summary(&change), *expected);
            let generation = live.status().generation();
            assert_eq!((change.is_first(), change.generation()), (true, generation));
            let errors = change.stale().map(|stale| stale.error().clone());
            assert!(errors.eq(live.status().stale().map(|stale| stale.error().clone())));
        }
        script.fail();
        live.reload().unwrap_err();
        assert_eq!(summary(&present()), *expected);
        script.recover();
    }
}

#[test]
fn panicking_or_reloading_subscriber_is_isolated() {
    let script = script();
    let live = live(&script);
    let told = Arc::new(Mutex::new(Vec::new()));
    let _panics = live.subscribe(|_| panic!("as it is meant to"));
    let _reloads = live.subscribe({
        let (live, script) = (live.clone(), script.clone());
        move |change| {
            if change
                .attachment("MONGODB")
                .is_some_and(|change| change.has(Aspect::Password))
            {
                script.set("JAWSDB_URL", NEW);
                live.reload().unwrap();
            }
        }
    });
    let _told = live.subscribe({
        let told = told.clone();
        move |change| told.lock().unwrap().push((change.generation(), summary(change)))
    });
    script.set("MONGODB_URI", MONGO_NEW);
    live.reload().unwrap();
    // The second reload comes before the first is told to this one, so that both are one change.
    let told = told.lock().unwrap();
    let both = (3, "JAWSDB: [Password]; MONGODB: [Password]".to_owned());
    assert_eq!((told.len(), told.last()), (2, Some(&both)));
    assert_eq!(live.load().jawsdb_url.expose_original(), NEW);
}

/// A client whose `Drop` panics.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "as it is meant to");
    }
}

/// Clients that are made anew at each roll of the URL.
fn fragile_clients(live: &Live<Config>) -> Live<Fragile> {
    let clients = live.map(|config| {
        _ = config.jawsdb_url.host();
        Ok(Fragile)
    });
    clients.unwrap()
}

#[test]
fn panicking_drop_of_a_client_is_isolated() {
    let script = script();
    let live = live_with(&script, |builder| builder.grace_period(Duration::ZERO));
    let clients = fragile_clients(&live);
    let told = Arc::new(AtomicUsize::new(0));
    let counted = told.clone();
    let _subscription = live.subscribe(move |_| _ = counted.fetch_add(1, SeqCst));
    for (turn, url) in [NEW, OLD, NEW].into_iter().enumerate() {
        script.set("JAWSDB_URL", url);
        live.reload().unwrap();
        assert_eq!(told.load(SeqCst), turn + 2);
    }
    std::mem::forget(clients);
}

/// A roll during the operation leaves the caller the last reference.
#[test]
fn panicking_drop_after_an_operation_loses_no_result() {
    let script = script();
    let live = live_with(&script, |builder| builder.grace_period(Duration::ZERO));
    let clients = fragile_clients(&live);
    for (turn, url) in [NEW, OLD].into_iter().enumerate() {
        let operation = |_: &Fragile| {
            script.set("JAWSDB_URL", url);
            live.reload().unwrap();
            Ok::<_, ()>(turn)
        };
        assert_eq!(clients.retry_on_blocking(|()| true, operation), Ok(turn));
    }
    std::mem::forget(clients);
}

#[test]
fn panicking_drop_of_an_expired_client_is_isolated() {
    let (script, clock) = (script(), TestClock::new());
    let live = live_with(&script, |builder| builder.clock(&clock));
    let clients = fragile_clients(&live);
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    assert!(clients.previous().is_some());
    clock.advance(Duration::from_secs(300));
    assert!(clients.previous().is_none());
    std::mem::forget(clients);
}

#[test]
fn dropping_a_subscription_drops_its_callback() {
    let live = live(&script());
    let captured = Arc::new(());
    let subscription = live.subscribe({
        let captured = captured.clone();
        move |_| _ = &captured
    });
    assert_eq!(Arc::strong_count(&captured), 2);
    drop(subscription);
    assert_eq!(Arc::strong_count(&captured), 1);
    let detached = captured.clone();
    live.subscribe(move |_| _ = &detached).detach();
    assert_eq!(Arc::strong_count(&captured), 2);
    drop(live);
    assert_eq!(
        Arc::strong_count(&captured),
        1,
        "and so does the end of the `Live`"
    );
}

#[test]
fn changes_between_two_waits_are_merged() {
    let script = script();
    let live = live(&script);
    let mut changes = live.changes();
    assert!(changes.wait(Duration::ZERO).is_none());
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    script.set("JAWSDB_URL", "mysql://app2:n3w@db2.example/shop");
    live.reload().unwrap();
    script.set("REDIS_URL", "redis://r.example");
    live.reload().unwrap();
    script.remove("REDIS_URL");
    script.remove("MONGODB_URI");
    live.reload().unwrap();
    let change = changes.wait(Duration::MAX).unwrap();
    assert_eq!(
        summary(&change),
        "JAWSDB: [Username, Password, Endpoint]; MONGODB: [Removed]"
    );
    assert_eq!(change.generation(), 5);
    assert!(!changes.is_closed());
    script.set("PORT", "1");
    live.reload().unwrap();
    drop(live);
    assert!(!changes.is_closed(), "there is one left to be told");
    assert_eq!(summary(&changes.wait(Duration::MAX).unwrap()), "1 others");
    assert!(changes.wait(Duration::MAX).is_none() && changes.is_closed());
}

#[test]
fn two_changes_of_an_attachment_are_combined() {
    let moved = "redis://u:n3w-Rd5@r2.example";
    let rows: [(&[Option<&str>], &str); 6] = [
        (&[None, Some("redis://u:pw@r.example")], "REDIS: [Added]"),
        (
            &[None, Some("redis://u:pw@r.example"), Some(moved)],
            "REDIS: [Added]",
        ),
        (&[None, Some(moved), None], ""),
        (
            &[Some(moved), Some("redis://u:n3w-Rd5@r.example"), None],
            "REDIS: [Removed]",
        ),
        (&[Some(moved), None, Some(moved)], "REDIS: [Added]"),
        (
            &[
                Some(moved),
                Some("redis://u:pw@r2.example"),
                Some("redis://u:pw@r3.example"),
            ],
            "REDIS: [Password, Endpoint]",
        ),
    ];
    for (values, expected) in rows {
        let script = script();
        let put = |value: &Option<&str>| match value {
            Some(value) => script.set("REDIS_URL", value),
            None => script.remove("REDIS_URL"),
        };
        put(&values[0]);
        let live = Live::from_vars(script.clone()).unwrap();
        let mut changes = live.changes();
        for value in &values[1..] {
            put(value);
            live.reload().unwrap();
        }
        let change = changes.wait(Duration::ZERO);
        assert_eq!(
            change.as_ref().map_or(String::new(), summary),
            expected,
            "{values:?}"
        );
    }
}

#[test]
fn waiting_wakes_threads_and_tasks() {
    let script = script();
    let live = live(&script);
    let (sender, received) = mpsc::channel();
    for is_async in [false, true] {
        let mut changes = live.changes();
        let sender = sender.clone();
        std::thread::spawn(move || {
            let wait = |changes: &mut Changes| match is_async {
                true => util_block_on(changes.changed()),
                false => changes.wait(Duration::MAX),
            };
            let first = wait(&mut changes).map(|change| summary(&change));
            let second = wait(&mut changes).map(|change| summary(&change));
            sender.send([first, second]).unwrap();
        });
    }
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    drop(live);
    for _ in 0..2 {
        let told = received.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(told, [Some("JAWSDB: [Password]".to_owned()), None]);
    }
}

/// Runs a future on this thread, parked while it waits.
fn util_block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(output) => return output,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn load_never_waits_for_a_hanging_source() {
    let script = script();
    let live = live(&script);
    script.hang();
    let reload = std::thread::spawn({
        let live = live.clone();
        move || live.reload().map(|change| summary(&change))
    });
    assert!(script.wait_for_reads(2, Duration::from_secs(60)));
    assert_eq!(live.load().jawsdb_url.expose_original(), OLD);
    assert_eq!((live.status().generation(), live.vars().len()), (1, 3));
    assert!(live.previous().is_none());
    let _subscription = live.subscribe(|_| ());
    script.set("JAWSDB_URL", NEW);
    assert_eq!(reload.join().unwrap(), Ok("JAWSDB: [Password]".to_owned()));
}

/// No step takes as long, on however slow a machine.
const BOUND: Duration = Duration::from_secs(60);

/// A callback that waits, at its second call, until it is released.
struct Stuck {
    entered: mpsc::Receiver<()>,
    release: mpsc::Sender<()>,
    calls: Arc<Mutex<Vec<String>>>,
    _subscription: Subscription,
}

fn stuck<T: Send + Sync + 'static>(live: &Live<T>) -> Stuck {
    let (enter, entered) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let calls: Arc<Mutex<Vec<String>>> = Arc::default();
    let subscription = live.subscribe({
        let calls = calls.clone();
        move |change| {
            calls.lock().unwrap().push(summary(change));
            if calls.lock().unwrap().len() == 2 {
                enter.send(()).unwrap();
                _ = released.lock().unwrap().recv_timeout(BOUND);
            }
        }
    });
    Stuck {
        entered,
        release,
        calls,
        _subscription: subscription,
    }
}

#[test]
fn slow_subscribers_get_one_merged_change() {
    let script = script();
    let live = live(&script);
    let stuck = stuck(&live);
    let behind: Arc<Mutex<Vec<String>>> = Arc::default();
    let _behind = live.subscribe({
        let behind = behind.clone();
        move |change| behind.lock().unwrap().push(summary(change))
    });
    script.set("JAWSDB_URL", NEW);
    let delivering = std::thread::spawn({
        let live = live.clone();
        move || live.reload().map(drop)
    });
    stuck.entered.recv_timeout(BOUND).unwrap();
    for number in 0..100 {
        script.set("MONGODB_URI", &MONGO.replace("m0ngo", &number.to_string()));
        script.set(&format!("SETTING_{number}"), "x");
        live.reload().unwrap();
    }
    // One that comes meanwhile is behind from the start.
    let late: Arc<Mutex<Vec<String>>> = Arc::default();
    let _late = live.subscribe({
        let late = late.clone();
        move |change| late.lock().unwrap().push(summary(change))
    });
    script.remove("MONGODB_URI");
    live.reload().unwrap();
    stuck.release.send(()).unwrap();
    delivering.join().unwrap().unwrap();
    assert_eq!(
        *stuck.calls.lock().unwrap(),
        [
            "JAWSDB: [Added]; MONGODB: [Added]; 1 others".to_owned(),
            "JAWSDB: [Password]".to_owned(),
            "MONGODB: [Removed]; 100 others".to_owned(),
        ]
    );
    assert_eq!(
        *behind.lock().unwrap(),
        [
            "JAWSDB: [Added]; MONGODB: [Added]; 1 others".to_owned(),
            "JAWSDB: [Password]; MONGODB: [Removed]; 100 others".to_owned(),
        ]
    );
    assert_eq!(*late.lock().unwrap(), ["JAWSDB: [Added]; 101 others"]);
}

#[test]
fn subscriptions_dropped_behind_a_stuck_callback_are_freed() {
    let script = script();
    let live = live(&script);
    let stuck = stuck(&live);
    script.set("JAWSDB_URL", NEW);
    let delivering = std::thread::spawn({
        let live = live.clone();
        move || live.reload().map(drop)
    });
    stuck.entered.recv_timeout(BOUND).unwrap();
    let captured = Arc::new(());
    let subscriptions: Vec<Subscription> = (0..100)
        .map(|_| {
            let captured = captured.clone();
            live.subscribe(move |_| drop(captured.clone()))
        })
        .collect();
    script.set("JAWSDB_URL", OLD);
    live.reload().unwrap();
    drop(subscriptions);
    assert_eq!(Arc::strong_count(&captured), 1);
    stuck.release.send(()).unwrap();
    delivering.join().unwrap().unwrap();
}

/// While one subscribes, whatever is added is told to it, with the present or after it.
#[test]
fn no_change_is_lost_during_a_subscription() {
    const ROLLS: usize = 200;
    let script = ScriptedSource::new([("A0_URL", "mysql://h0.example/d")]);
    let live = Live::from_vars(script.clone()).unwrap();
    type Told = (Subscription, Arc<Mutex<Vec<String>>>);
    let told: Mutex<Vec<Told>> = Mutex::default();
    let rolled = AtomicUsize::new(1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..ROLLS {
                script.set(&format!("A{number}_URL"), &format!("mysql://h{number}.example/d"));
                live.reload().unwrap();
                rolled.store(number + 1, SeqCst);
            }
        });
        scope.spawn(|| {
            // One in each roll: many would slow the rolls down.
            for count in 0_usize.. {
                while count > rolled.load(SeqCst) {
                    std::thread::yield_now();
                }
                if rolled.load(SeqCst) == ROLLS {
                    return;
                }
                let names: Arc<Mutex<Vec<String>>> = Arc::default();
                let subscription = live.subscribe({
                    let names = names.clone();
                    move |change| {
                        let added = change
                            .attachments()
                            .map(|attachment| attachment.name().to_owned());
                        names.lock().unwrap().extend(added);
                    }
                });
                told.lock().unwrap().push((subscription, names));
            }
        });
    });
    let mut expected: Vec<String> = (0..ROLLS).map(|number| format!("A{number}")).collect();
    expected.sort();
    for (_, names) in told.into_inner().unwrap() {
        let mut names = names.lock().unwrap().clone();
        names.sort();
        // Each exactly once.
        assert_eq!(names, expected);
    }
}

/// Discovery of many attachments takes a while, in which nobody else may have to wait.
#[test]
fn subscribing_to_many_attachments_does_not_delay_loads() {
    let vars = (0..5_000).map(|number| (format!("A{number}_URL"), format!("mysql://h{number}.example/d")));
    let script = ScriptedSource::new(vars);
    let live = Live::from_vars(script.clone()).unwrap();
    let mut delays = (0..10).map(|turn| {
        // Otherwise the present state is known from the last turn.
        script.set("PORT", &turn.to_string());
        live.reload().unwrap();
        let state = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let others = scope.spawn(|| {
                let mut longest = Duration::ZERO;
                while state.load(SeqCst) < 2 {
                    let begun = Instant::now();
                    _ = live.status();
                    longest = longest.max(begun.elapsed());
                    state.fetch_max(1, SeqCst);
                }
                longest
            });
            while state.load(SeqCst) < 1 {
                std::thread::yield_now();
            }
            let begun = Instant::now();
            let subscription = live.subscribe(|_| {});
            let whole = begun.elapsed();
            state.store(2, SeqCst);
            drop(subscription);
            (others.join().unwrap(), whole)
        })
    });
    // Where the machine is busy, a thread may not get its turn by chance; but not each time.
    let mut seen = Vec::new();
    let is_prompt = delays.any(|(longest, whole)| {
        seen.push((longest, whole));
        longest < whole / 2
    });
    assert!(is_prompt, "{seen:?}");
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("this panic is part of a test");
    }
}

/// Polls a future once, with a waker that panics; it must be pending.
fn poll_with_panicking_waker<F: Future>(future: std::pin::Pin<&mut F>) {
    let waker = Waker::from(Arc::new(PanickingWaker));
    let poll = future.poll(&mut Context::from_waker(&waker));
    assert!(matches!(poll, Poll::Pending));
}

#[test]
fn waker_panic_at_a_deadline_does_not_affect_other_callers() {
    let script = script();
    let live = live(&script).with_retry_timeout(Duration::from_millis(50));
    script.hang();
    let refused = |_: Arc<Config>| std::future::ready(Err::<(), _>("refused"));
    let mut first = Box::pin(live.retry_on(|_| true, refused));
    poll_with_panicking_waker(first.as_mut());
    let (done, is_done) = mpsc::channel();
    for _ in 0..2 {
        let (live, done) = (live.clone(), done.clone());
        std::thread::spawn(move || {
            let result = live.retry_on_blocking(|_| true, |_| Err::<(), _>("refused"));
            done.send(result.is_err()).unwrap();
        });
        assert!(is_done.recv_timeout(BOUND).expect("a caller waits for ever"));
    }
    script.recover();
}

#[test]
fn waker_panic_after_a_reload_does_not_affect_other_callers() {
    let script = script();
    let live = live(&script);
    script.hang();
    let refused = |_: Arc<Config>| std::future::ready(Err::<(), _>("refused"));
    let mut first = Box::pin(live.retry_on(|_| true, refused));
    poll_with_panicking_waker(first.as_mut());
    assert!(script.wait_for_reads(2, BOUND));
    let (done, is_done) = mpsc::channel();
    std::thread::spawn({
        let live = live.clone();
        move || {
            let accepts_new = |config: &Config| match password(&config.jawsdb_url).as_str() {
                "n3w-Wv9Yj" => Ok(()),
                _ => Err("refused"),
            };
            done.send(live.retry_on_blocking(|_| true, accepts_new).is_ok())
                .unwrap();
        }
    });
    script.set("JAWSDB_URL", NEW);
    assert!(is_done.recv_timeout(BOUND).expect("a caller waits for ever"));
}

#[test]
fn waker_panic_does_not_withhold_a_change() {
    let script = script();
    let live = live(&script);
    let (mut first, mut second) = (live.changes(), live.changes());
    let mut pending = Box::pin(first.changed());
    poll_with_panicking_waker(pending.as_mut());
    let calls = Arc::new(AtomicUsize::new(0));
    let _subscription = live.subscribe({
        let calls = calls.clone();
        move |_| _ = calls.fetch_add(1, SeqCst)
    });
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    assert_eq!(calls.load(SeqCst), 2);
    assert!(second.wait(BOUND).is_some());
    drop(pending);
    let mut pending = Box::pin(first.changed());
    assert!(
        pending
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    );
    drop(pending);
    let mut pending = Box::pin(first.changed());
    poll_with_panicking_waker(pending.as_mut());
    drop(live);
    assert!(second.is_closed());
}

/// A panic may carry a value whose `Drop` panics in turn.
struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("this panic is part of a test");
        }
    }
}

#[test]
fn panic_payload_whose_drop_panics_is_isolated() {
    let step = Arc::new(AtomicUsize::new(0));
    let source = {
        let step = step.clone();
        move || {
            if step.load(SeqCst) == 1 {
                std::panic::panic_any(PanicsInDrop);
            }
            Ok(ConfigVars::from_iter([("PORT", step.load(SeqCst).to_string())]))
        }
    };
    let live = Live::from_vars(source).unwrap();
    let doubled = live
        .map(|vars| {
            let port = vars.require("PORT")?.expose_secret().to_owned();
            if port == "2" {
                std::panic::panic_any(PanicsInDrop);
            }
            Ok(port.repeat(2))
        })
        .unwrap();
    let _watch = live.watch(Every::new(Duration::from_millis(1))).unwrap();
    step.store(1, SeqCst);
    let failed = live.reload();
    // The watch may have moved on, but the source panics each time.
    assert_eq!(
        failed.unwrap_err().to_string(),
        "a closure of the app's own panicked"
    );
    step.store(2, SeqCst);
    live.reload().unwrap();
    assert_eq!(live.status().stale().count(), 1);
    step.store(3, SeqCst);
    let begun = Instant::now();
    while *doubled.load() != "33" {
        assert!(begun.elapsed() < BOUND, "the watch has ended: {}", live.status());
        std::thread::yield_now();
    }
}

#[test]
fn hanging_reload_is_not_fresh_and_has_an_age() {
    let script = script();
    let clock = TestClock::new();
    let live: Live<Config> = Live::builder(script.clone()).clock(&clock).build().unwrap();
    let hangs = Arc::new(AtomicUsize::new(0));
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    let _mapped = live
        .map({
            let hangs = hangs.clone();
            move |config| {
                if hangs.load(SeqCst) == 1 {
                    hangs.store(2, SeqCst);
                    _ = released.lock().unwrap().recv_timeout(BOUND);
                }
                Ok(password(&config.jawsdb_url))
            }
        })
        .unwrap();
    let reload = |live: &Live<Config>| {
        let live = live.clone();
        std::thread::spawn(move || live.reload().map(drop))
    };
    let is_told = |what: &str| {
        let begun = std::time::SystemTime::now();
        clock.advance(Duration::from_millis(2_999));
        let status = live.status();
        assert!(
            status.is_fresh() && status.reload_hangs_since().is_none(),
            "{status}"
        );
        clock.advance(Duration::from_millis(1));
        let status = live.status();
        assert!(status.reload_hangs_since().unwrap() <= begun + BOUND);
        let told = format!(" | {what} has not returned for 3 s; until it does, nothing is reloaded");
        assert!(status.to_string().ends_with(&told), "{status}");
        assert!(!status.is_fresh() && !status.to_string().contains("fresh"));
    };
    script.hang();
    let reading = reload(&live);
    assert!(script.wait_for_reads(2, BOUND));
    is_told("a read of the source");
    script.recover();
    reading.join().unwrap().unwrap();
    assert!(live.status().is_fresh() && live.status().reload_hangs_since().is_none());

    hangs.store(1, SeqCst);
    script.set("JAWSDB_URL", NEW);
    let making = reload(&live);
    wait_until("the closure runs", || hangs.load(SeqCst) == 2);
    is_told("a closure of the app's that makes a value");
    release.send(()).unwrap();
    making.join().unwrap().unwrap();
    assert!(live.status().is_fresh());
}

#[test]
fn weak_handle_in_a_callback_does_not_keep_the_live_alive() {
    let captured = Arc::new(());
    let source = {
        let captured = captured.clone();
        move || {
            _ = &captured;
            Ok(ConfigVars::from_iter([("PORT", "8080")]))
        }
    };
    let live = Live::from_vars(source).unwrap();
    let weak = live.downgrade();
    let calls = Arc::new(AtomicUsize::new(0));
    live.subscribe({
        let calls = calls.clone();
        move |_| calls.store(weak.upgrade().map_or(0, |live| live.vars().len()), SeqCst)
    })
    .detach();
    assert_eq!(calls.load(SeqCst), 1);
    let other = live.downgrade();
    assert!(format!("{other:?}").starts_with("WeakLive"));
    drop(live);
    assert!(other.upgrade().is_none() && other.clone().upgrade().is_none());
    assert_eq!(Arc::strong_count(&captured), 1);
}

/// Credentials and places in the query are what they are in the other parts of a URL.
#[test]
fn change_in_the_query_is_reported_by_its_meaning() {
    use Aspect::{Endpoint, Other, Password, Tls, Username};
    const PG: &str = "postgres://app:pw@db.example/shop?";
    const PG_BARE: &str = "postgres://db.example/shop?";
    const MYSQL: &str = "mysql://app:pw@db.example/shop?";
    for (start, old, new, expected) in [
        (PG_BARE, "user=app", "user=ledger", &[Username][..]),
        (PG_BARE, "user=app", "", &[Username]),
        (PG_BARE, "password=0ld", "password=n3w", &[Password]),
        (PG_BARE, "password=0ld", "password=n3w%21&x=1", &[Password]),
        (
            PG,
            "user=app&password=0ld",
            "user=ledger&password=n3w",
            &[Username, Password],
        ),
        (PG, "user=a", "user=b", &[Username]),
        (PG, "password=a", "password=b", &[Password]),
        (PG, "", "password=b", &[Password]),
        (PG, "hostaddr=192.0.2.1", "hostaddr=192.0.2.2", &[Endpoint]),
        (PG, "", "hostaddr=192.0.2.2", &[Endpoint]),
        (PG, "port=5433", "port=5434", &[Endpoint]),
        (PG, "dbname=shop", "dbname=ledger", &[Endpoint]),
        (PG, "host=/run/a", "host=/run/b", &[Endpoint]),
        (
            "postgres:///shop?",
            "host=db1.example",
            "host=db2.example",
            &[Endpoint],
        ),
        (
            "postgres:///shop?",
            "host=/socket",
            "host=db2.example",
            &[Endpoint],
        ),
        (
            "postgres:///shop?",
            "host=a.example&user=a",
            "host=b.example&user=b",
            &[Username, Endpoint],
        ),
        (
            "jdbc:postgresql://db.example/shop?",
            "user=a&password=a",
            "user=a&password=b",
            &[Password],
        ),
        (
            "jdbc:mysql://db.example/shop?",
            "user=a&password=a",
            "user=b&password=a",
            &[Username],
        ),
        (MYSQL, "socket=/run/a.sock", "socket=/run/b.sock", &[Endpoint]),
        (
            MYSQL,
            "unix_socket=/run/a.sock",
            "unix_socket=/run/b.sock",
            &[Endpoint],
        ),
        (MYSQL, "socketPath=/run/a.sock", "", &[Endpoint]),
        (MYSQL, "ssl-mode=REQUIRED", "ssl-mode=VERIFY_CA", &[Tls]),
        (PG, "application_name=a", "application_name=b", &[Other]),
        // Options of other clients, in any spelling.
        ("libsql://db.example?", "authToken=a", "authToken=b", &[Password]),
        ("libsql://db.example?", "", "auth_token=b", &[Password]),
        ("libsql://db.example?", "tls=1&jwt=a", "jwt=b&tls=1", &[Password]),
        ("redis://h.example?", "password=a", "password=b", &[Password]),
        (
            "redis://h.example?",
            "username=a&password=a",
            "password=b&username=b",
            &[Username, Password],
        ),
        ("redis://h.example?", "db=1", "db=2", &[Endpoint]),
        ("influxdb://h.example?", "Database=a", "Database=b", &[Endpoint]),
        ("cassandra://h.example?", "keyspace=a", "", &[Endpoint]),
        ("mqtt://h.example?", "api_key=a", "api_key=b", &[Password]),
        (
            "kafka://h.example?",
            "sasl.password=a",
            "sasl.password=b",
            &[Password],
        ),
        (
            "mongodb://a:p@h.example/shop?",
            "authSource=a",
            "authsource=b",
            &[Username],
        ),
        (
            "sqlserver://h.example?",
            "pass=a&pass=b",
            "pass=a&pass=c",
            &[Password],
        ),
        ("redis://h.example?", "protocol=2", "protocol=3", &[Other]),
        (
            "redis://h.example?",
            "token=a&protocol=2",
            "protocol=2&token=a",
            &[Other],
        ),
        // Any option of these may be a secret.
        ("wss://h.example/feed?", "token=a", "token=b", &[Password]),
        ("wss://h.example/feed?", "v=1", "v=2", &[Password]),
        ("wss://h.example/", "a", "b", &[Password]),
        ("https://h.example/?", "v=1", "v=2", &[Password]),
        ("acme://h.example/?", "v=1", "v=2", &[Password]),
        ("acme://h.example/", "a", "b", &[Password]),
        ("cloudinary://k:s@h.example/", "a", "b", &[Password]),
    ] {
        let script = ScriptedSource::new([("SHOP_URL", &*format!("{start}{old}"))]);
        let live: Live<ConfigVars> = Live::from_vars(script.clone()).unwrap();
        script.set("SHOP_URL", &format!("{start}{new}"));
        let change = live.reload().unwrap();
        let mut aspects = change.attachment("SHOP").unwrap().aspects().to_vec();
        let mut expected = expected.to_vec();
        aspects.sort();
        expected.sort();
        assert_eq!(aspects, expected, "{start}: {old} -> {new}");
        assert!(change.stale().next().is_none(), "{start}: {old} -> {new}");
    }
}

#[test]
fn an_attachment_rolls_without_what_it_does_not_need() {
    // Before; after; whether the roll goes through.
    let rolls: &[(&str, &str, bool)] = &[
        // Ordinary settings.
        (
            "A_URL=mysql://u:1@h/d A_POOL_SIZE=5",
            "A_URL=mysql://u:2@h/d",
            true,
        ),
        (
            "A_URL=mysql://u:1@h/d A_TIMEOUT=5s A_DEBUG=on",
            "A_URL=mysql://u:2@h/d A_TIMEOUT=",
            true,
        ),
        (
            "SENTRY_DSN=https://1@s.example/1 SENTRY_ENVIRONMENT=live",
            "SENTRY_DSN=https://2@s.example/1",
            true,
        ),
        ("A_API_KEY=1 A_LOG_LEVEL=info", "A_API_KEY=2", true),
        // The same part by another name.
        (
            "A_HOST=h A_PORT=5432 A_USER=u A_PASS=1",
            "A_HOST=h A_PORT=5432 A_USERNAME=v A_PASSWORD=2",
            true,
        ),
        (
            "A_HOST=h A_PORT=5432 A_USER=u A_PASSWORD=1",
            "A_HOST=h:5433 A_TYPE=pg A_USER=u A_PASSWORD=2",
            true,
        ),
        (
            "MYSQL_HOST=h MYSQL_DB=d MYSQL_USER=u MYSQL_PASSWORD=1",
            "MYSQL_HOST=h MYSQL_DATABASE=e MYSQL_USER=u MYSQL_PASSWORD=2",
            true,
        ),
        // TLS that is as strict as before.
        (
            "REDIS_HOST=h REDIS_PASSWORD=1 REDIS_TLS=true",
            "REDIS_HOST=h REDIS_PASSWORD=2 REDIS_SSL=yes",
            true,
        ),
        (
            "REDIS_URL=redis://:1@h REDIS_TLS=true",
            "REDIS_URL=rediss://:2@h",
            true,
        ),
        (
            "REDIS_URL=redis://:1@h REDIS_TLS=false",
            "REDIS_URL=redis://:2@h",
            true,
        ),
        (
            "PGHOST=h PGUSER=u PGPASSWORD=1 PGSSLMODE=require",
            "PGHOST=h PGUSER=u PGPASSWORD=2 PGSSLMODE=verify-full",
            true,
        ),
        // Config vars that were never set, or never good.
        (
            "A_URL=mysql://u:1@h/d A_SOMETHING=",
            "A_URL=mysql://u:2@h/d",
            true,
        ),
        (
            "A_URL=mysql://u:p#1@h/d A_SOMETHING=word",
            "A_URL=mysql://u:2@h/d",
            true,
        ),
        (
            "A_URL=mysql://u:1@h/d A_REPLICA_URL=mysql://u:p#1@h/d",
            "A_URL=mysql://u:2@h/d",
            true,
        ),
        // The resource in another form.
        (
            "DB_HOST=h DB_PORT=5432 DB_USER=u DB_PASSWORD=1 DB_REGION=eu",
            "DB_URL=postgres://u:2@h/d DB_REGION=eu",
            true,
        ),
        (
            "REDIS_HOST=h REDIS_PASSWORD=1 REDIS_TLS=true REDIS_REGION=eu",
            "REDIS_URL=rediss://:2@h REDIS_REGION=eu",
            true,
        ),
        (
            "DB_HOST=h DB_PORT=5432 DB_USER=u DB_PASSWORD=1",
            "DB_URL=postgres://u:2@h/d DB_HOST=h DB_PORT=5432 DB_USER=u DB_PASSWORD=2",
            true,
        ),
        // Settings beside credentials that are an endpoint's.
        (
            "WEAVIATE_CLUSTER_URL=https://a.example WEAVIATE_API_KEY=1 WEAVIATE_LOG_LEVEL=info",
            "WEAVIATE_CLUSTER_URL=https://b.example WEAVIATE_API_KEY=2",
            true,
        ),
        (
            "TURSO_DATABASE_URL=libsql://a.example TURSO_AUTH_TOKEN=1 TURSO_LOG_LEVEL=info",
            "TURSO_DATABASE_URL=libsql://b.example TURSO_AUTH_TOKEN=2",
            true,
        ),
        // Credentials that were never good, or are of another attachment, which is gone.
        (
            "TURSO_DATABASE_URL=libsql://a.example TURSO_AUTH_TOKEN='x'",
            "TURSO_DATABASE_URL=libsql://b.example",
            true,
        ),
        (
            "TURSO_DATABASE_URL=libsql://a.example TURSO_AUTH_TOKEN=",
            "TURSO_DATABASE_URL=libsql://b.example",
            true,
        ),
        (
            "TURSO_DATABASE_URL=libsql://a.example",
            "TURSO_AUTH_TOKEN=1",
            true,
        ),
        (
            "TURSO_URL=https://u.example TURSO_AUTH_TOKEN=1 TURSO_DATABASE_URL=libsql://a.example",
            "TURSO_DATABASE_URL=libsql://a.example",
            true,
        ),
        (
            "TURSO_URL=https://k@u.example TURSO_AUTH_TOKEN=1 TURSO_DATABASE_URL=libsql://a.example",
            "TURSO_DATABASE_URL=libsql://b.example",
            true,
        ),
        (
            "ACME_CACHE_URL=redis://:1@a.example ACME_CACHE_TLS=true ACME_API_KEY=1",
            "ACME_CACHE_URL=redis://:2@a.example ACME_CACHE_TLS=true",
            true,
        ),
        (
            "JOBS_SERVER_URL=memcache://u:p@a.example,v:q@b.example JOBS_API_TOKEN=1",
            "JOBS_SERVER_URL=memcache://u:r@a.example,v:q@b.example",
            true,
        ),
        // TLS that is weaker; a part, or what may be one, that is gone.
        (
            "REDIS_URL=redis://:1@h REDIS_TLS=true",
            "REDIS_URL=redis://:2@h",
            false,
        ),
        (
            "REDIS_HOST=h REDIS_PASSWORD=1 REDIS_TLS=true",
            "REDIS_HOST=h REDIS_PASSWORD=2",
            false,
        ),
        (
            "PGHOST=h PGUSER=u PGPASSWORD=1 PGSSLMODE=verify-full",
            "PGHOST=h PGUSER=u PGPASSWORD=2 PGSSL=true",
            false,
        ),
        (
            "MYSQL_HOST=h MYSQL_PORT=3307 MYSQL_USER=u MYSQL_PASSWORD=1",
            "MYSQL_HOST=h MYSQL_USER=u MYSQL_PASSWORD=2",
            false,
        ),
        (
            "MYSQL_HOST=h MYSQL_DB=d MYSQL_USER=u MYSQL_PASSWORD=1",
            "MYSQL_HOST=h MYSQL_USER=u MYSQL_PASSWORD=2",
            false,
        ),
        (
            "REDIS_HOST=h REDIS_USER=u REDIS_PASSWORD=1",
            "REDIS_HOST=h REDIS_PASSWORD=2",
            false,
        ),
        (
            "A_URL=mysql://u:1@h/d A_CLIENT_CERT=c A_CLIENT_KEY=k",
            "A_URL=mysql://u:2@h/d A_CLIENT_CERT=c",
            false,
        ),
        (
            "PGHOST=h PGUSER=u PGPASSWORD=1 PGSSLMODE=verify-full PGSSLROOTCERT=/ca.pem",
            "PGHOST=h PGUSER=u PGPASSWORD=2 PGSSLMODE=verify-full",
            false,
        ),
        (
            "A_URL=https://h A_API_KEY=1 A_TLS_VERIFY=true",
            "A_URL=https://h A_API_KEY=2",
            false,
        ),
        (
            "A_URL=mysql://u:1@h/d A_SOMETHING=word",
            "A_URL=mysql://u:2@h/d",
            false,
        ),
        ("A_URL=mysql://u:1@h/d A_PIN=1234", "A_URL=mysql://u:2@h/d", false),
        (
            "REDIS_URL=redis://:1@h REDIS_TLS_URL=rediss://:1@h",
            "REDIS_URL=redis://:2@h",
            false,
        ),
        // A variant replaces nothing.
        (
            "A_URL=redis://:1@h A_DSN=redis://:1@h",
            "A_DSN=redis://:2@h A_TLS_URL=rediss://:2@h",
            false,
        ),
        // An option that is neither of TLS nor a part that has another place.
        (
            "MONGO_HOST=h MONGO_USER=u MONGO_PASSWORD=1 MONGO_AUTH_SOURCE=admin",
            "MONGO_HOST=h MONGO_USER=u MONGO_PASSWORD=2",
            false,
        ),
        // One key of two; an endpoint whose options are no login.
        (
            "WEAVIATE_URL=https://a.example WEAVIATE_KEY_ID=1 WEAVIATE_API_KEY=1",
            "WEAVIATE_URL=https://b.example WEAVIATE_API_KEY=2",
            false,
        ),
        (
            "TURSO_DATABASE_URL=libsql://a.example?tls=1 TURSO_AUTH_TOKEN=1",
            "TURSO_DATABASE_URL=libsql://b.example?tls=1",
            false,
        ),
        (
            "TURSO_DATABASE_URL=libsql://a.example?authToken= TURSO_AUTH_TOKEN=1",
            "TURSO_DATABASE_URL=libsql://b.example?authToken=",
            false,
        ),
        (
            "WEAVIATE_CLUSTER_URL=https://:@a.example WEAVIATE_API_KEY=1",
            "WEAVIATE_CLUSTER_URL=https://:@b.example",
            false,
        ),
        (
            "ACME_CACHE_URL=redis://a.example ACME_CACHE_TLS=true ACME_API_KEY=1",
            "ACME_CACHE_URL=redis://b.example ACME_CACHE_TLS=true",
            false,
        ),
        (
            "ACME_CACHE_URL=redis://a.example ACME_CACHE_PASSWORD=1 ACME_API_KEY=1",
            "ACME_CACHE_URL=redis://b.example ACME_CACHE_PASSWORD=2",
            false,
        ),
        // The credentials of an endpoint that stays, or whose name is longer.
        (
            "TURSO_DATABASE_URL=libsql://a.example TURSO_AUTH_TOKEN=1",
            "TURSO_DATABASE_URL=libsql://a.example",
            false,
        ),
        (
            "WEAVIATE_EU_CLUSTER_URL=https://a.example WEAVIATE_API_KEY=1",
            "WEAVIATE_EU_CLUSTER_URL=https://b.example",
            false,
        ),
        (
            "WEAVIATE_EU_CLUSTER_URL=https://a.example WEAVIATE_EU_URL=https://u.example WEAVIATE_API_KEY=1",
            "WEAVIATE_EU_CLUSTER_URL=https://b.example WEAVIATE_EU_URL=https://u.example",
            false,
        ),
    ];
    let pairs = |text: &str| -> Vec<(String, String)> {
        let pair = |text: &str| {
            text.split_once('=')
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        text.split(' ').filter_map(pair).collect()
    };
    for (before, after, goes_through) in rolls {
        let script = ScriptedSource::new(pairs(before));
        let live = Live::from_fn(script.clone(), |vars| Ok(vars.clone())).unwrap();
        script.set_all(pairs(after));
        live.reload().unwrap();
        let now = if *goes_through { after } else { before };
        for (name, value) in pairs(now) {
            let vars = live.load();
            let in_use = vars.get(&name).map_or("", |text| text.expose_secret());
            assert_eq!(
                in_use,
                value,
                "{name} after {before} became {after}: {}",
                live.status()
            );
        }
        assert_eq!(
            live.status().is_fresh(),
            *goes_through,
            "{before} to {after}: {}",
            live.status()
        );
    }
}

#[test]
fn url_that_is_cut_off_in_its_scheme_is_said_to_have_none() {
    let script = ScriptedSource::new([("A_URL", "mysql://u:1@h/d")]);
    let live = Live::from_fn(script.clone(), |vars| Ok(vars.clone())).unwrap();
    script.set("A_URL", "mysq");
    live.reload().unwrap();
    let status = live.status().to_string();
    assert!(status.contains("A_URL: the value has no scheme"), "{status}");
    assert_eq!(
        live.load().require("A_URL").unwrap().expose_secret(),
        "mysql://u:1@h/d"
    );
}

#[test]
fn new_login_with_a_fault_holds_no_endpoint_back() {
    let script = ScriptedSource::new([("PORT", "1")]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("TURSO_DATABASE_URL", "libsql://a.example");
    script.set("TURSO_AUTH_TOKEN", "'one'");
    live.reload().unwrap();
    assert!(
        live.vars().get("TURSO_DATABASE_URL").is_some(),
        "{}",
        live.status()
    );
}

#[test]
fn new_endpoint_is_not_joined_with_the_credential_before() {
    let script = ScriptedSource::new([("TURSO_AUTH_TOKEN", "one")]);
    let live = Live::from_vars(script.clone()).unwrap();
    script.set("TURSO_DATABASE_URL", "libsql://a.example");
    script.set("TURSO_AUTH_TOKEN", "'two'");
    live.reload().unwrap();
    let vars = live.vars();
    assert_eq!(vars.require("TURSO_AUTH_TOKEN").unwrap().expose_secret(), "one");
    assert!(vars.get("TURSO_DATABASE_URL").is_none(), "{}", live.status());
}

#[test]
fn url_that_was_never_good_does_not_hold_a_roll_back() {
    let pairs = |password: &str| {
        [
            ("A_URL", format!("mysql://u:{password}@h/d")),
            ("A_REPLICA_URL", "mysql://u:p#w@h/d".to_owned()),
        ]
    };
    let script = ScriptedSource::new(pairs("1"));
    let live = Live::from_fn(script.clone(), |vars| Ok(vars.clone())).unwrap();
    script.set_all(pairs("2"));
    live.reload().unwrap();
    let vars = live.load();
    assert_eq!(vars.require("A_URL").unwrap().expose_secret(), "mysql://u:2@h/d");
    let status = live.status();
    let stale: Vec<_> = status
        .stale()
        .map(|stale| (stale.kind(), stale.error().var()))
        .collect();
    assert_eq!(stale, [(StaleKind::NeverGood, Some("A_REPLICA_URL"))]);
}

#[test]
fn host_that_is_none_any_more_is_no_url_without_a_scheme() {
    let parts = |host| {
        [
            ("DB_HOST", host),
            ("DB_PORT", "5432"),
            ("DB_USER", "app"),
            ("DB_PASSWORD", "pw"),
        ]
    };
    let script = ScriptedSource::new(parts("h"));
    let live = Live::from_fn(script.clone(), |vars| Ok(vars.clone())).unwrap();
    script.set_all(parts("h%"));
    live.reload().unwrap();
    let status = live.status().to_string();
    assert!(
        status.contains("DB_HOST: is no longer the resource that it was"),
        "{status}"
    );
    assert_eq!(live.load().require("DB_HOST").unwrap().expose_secret(), "h");
}

#[test]
fn fault_in_the_selected_url_names_its_config_var() {
    /// Fails as the hand-over to a driver does.
    fn hand_over<T>(_: &T) -> Result<MysqlUrl, AppError> {
        Ok("mysql://db.example:0/shop".parse()?)
    }
    let script = script();
    let live = live(&script);
    let urls = live.select(|config| config.jawsdb_url.clone());
    let error = urls.map(hand_over).err().unwrap();
    assert_eq!(error.var(), Some("JAWSDB_URL"));
    assert_eq!(
        error.to_string(),
        "JAWSDB_URL: the port is out of range; write a number from 1 to 65535"
    );
    // A number beside it has no config var's name.
    let inputs = live.select(|config| (config.jawsdb_url.clone(), config.web_concurrency));
    assert_eq!(inputs.map(hand_over).err().unwrap().var(), Some("JAWSDB_URL"));

    // Likewise at a roll.
    let of_old = urls.map(|url| match url.expose_url() {
        OLD => Ok(()),
        _ => hand_over(&()).map(drop),
    });
    let of_old = of_old.unwrap().named("pool");
    script.set("JAWSDB_URL", NEW);
    live.reload().unwrap();
    let status = live.status();
    let stale: Vec<_> = status
        .stale()
        .map(|stale| (stale.name(), stale.error().var()))
        .collect();
    assert_eq!(stale, [("pool", Some("JAWSDB_URL"))]);
    drop(of_old);

    // Neither a fault in no value, nor one that may be in several, names any.
    let full = urls.map(|_| Err::<(), _>(Error::custom("the pool is full").into()));
    assert_eq!(full.err().unwrap().to_string(), "the pool is full");
    assert_eq!(live.map(hand_over).err().unwrap().var(), None);
    script.set("DATABASE_URL", NEW);
    live.reload().unwrap();
    assert_eq!(urls.map(hand_over).err().unwrap().var(), None);
}
