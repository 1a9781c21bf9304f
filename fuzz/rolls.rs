//! The properties of a `Live` under any sequence of changes of its source. The fuzz target and `tests/it/rolls.rs` run them.
//!
//! A script is a byte string. Each pair of bytes is a step of the provider, followed by a reload. All values of a generation of
//! an attachment contain its number, so that mixed generations are detected.

use config_vars::{
    ConfigVars, Error, ExposeSecret, Live, MemcacheUrl, MysqlUrl, RedisUrl, SecretString, Source, StaleKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

#[derive(serde::Deserialize)]
struct Config {
    jawsdb_url: MysqlUrl,
    redis_url: Option<RedisUrl>,
    port: Option<u16>,
}

type Vars = BTreeMap<&'static str, String>;

/// The config vars of one generation of an attachment.
fn values(attachment: usize, number: usize) -> Vec<(&'static str, String)> {
    match attachment {
        0 => vec![(
            "JAWSDB_URL",
            format!("mysql://user{number}:word{number}@host{number}.test/name"),
        )],
        1 => vec![
            ("MEMCACHIER_PASSWORD", format!("word{number}")),
            ("MEMCACHIER_SERVERS", format!("host{number}.test:11211")),
            ("MEMCACHIER_USERNAME", format!("user{number}")),
        ],
        2 => vec![(
            "REDIS_URL",
            format!("redis://user{number}:word{number}@host{number}.test"),
        )],
        _ => vec![("PORT", number.to_string())],
    }
}

/// Malformed values.
const BROKEN: [&str; 5] = [
    "",
    "mysql://user:wo#rd@host.test",
    "host.test:no-port",
    "\"",
    "ftp:/x",
];

#[derive(Debug, PartialEq, Eq)]
struct Seen {
    jawsdb: (usize, bool),
    memcachier: Option<(usize, bool)>,
    redis: Option<(usize, bool)>,
    port: Option<u16>,
}

fn number(text: &str, start: &str) -> usize {
    let number = text
        .strip_prefix(start)
        .unwrap_or_else(|| panic!("{text:?} is no value of ours"));
    number
        .parse()
        .unwrap_or_else(|_| panic!("{text:?} is no value of ours"))
}

/// Returns the common number of user, password and host, and whether all three are present.
fn numbered(user: Option<&SecretString>, password: Option<&SecretString>, host: &str) -> (usize, bool) {
    let host = number(host.strip_suffix(".test").expect("a host of ours"), "host");
    // If the URL has a password only, the user name is empty.
    let user = user
        .filter(|user| !user.expose_secret().is_empty())
        .map(|user| number(user.expose_secret(), "user"));
    let password = password.map(|password| number(password.expose_secret(), "word"));
    for other in [user, password].into_iter().flatten() {
        assert_eq!(other, host, "generations are mixed");
    }
    (host, user.is_some() && password.is_some())
}

fn see(live: &Live<Config>) -> Seen {
    let vars = live.vars();
    let config = live.load();
    let db = &config.jawsdb_url;
    let jawsdb = numbered(db.username(), db.password(), db.host().expect("it has one"));
    let exposed = vars
        .require("JAWSDB_URL")
        .expect("it is required")
        .expose_secret();
    assert_eq!(db.expose_original(), exposed);
    let status = live.status();
    let is_usable = |name| {
        let of_name = |stale: &&config_vars::Stale| stale.name().starts_with(name);
        status
            .stale()
            .filter(of_name)
            .all(|stale| stale.kind() != StaleKind::NeverGood)
    };
    let servers = vars
        .get("MEMCACHIER_SERVERS")
        .filter(|servers| !servers.expose_secret().is_empty() && is_usable("MEMCACHIER"));
    let memcachier = servers.map(|_| {
        let cache: MemcacheUrl = vars.url("MEMCACHIER_SERVERS").expect("what is in use is good");
        let server = cache.servers().next().expect("it has one");
        numbered(server.username(), server.password(), server.host())
    });
    let redis = config.redis_url.as_ref();
    Seen {
        jawsdb,
        memcachier,
        redis: redis.map(|url| numbered(url.username(), url.password(), url.host().expect("it has one"))),
        port: config.port,
    }
}

/// Performs one step of the provider.
fn play(vars: &mut Vars, turn: usize, step: &[u8]) {
    let (attachment, action) = (usize::from(step[0] % 4), step[0] / 4 % 5);
    let choice = usize::from(step[1]);
    let new = values(attachment, turn + 1);
    let (name, _) = new[choice % new.len()].clone();
    match action {
        // A roll.
        0 | 1 => vars.extend(new),
        // A roll with one value malformed or missing.
        2 => {
            vars.extend(new);
            let broken = match name {
                // Any text may be a password, except for surrounding characters that are a mistake.
                "MEMCACHIER_PASSWORD" | "MEMCACHIER_USERNAME" => " blank",
                _ => BROKEN[choice / 4 % BROKEN.len()],
            };
            vars.insert(name, broken.to_owned());
        }
        3 => {
            vars.extend(new);
            vars.remove(name);
        }
        _ => vars.retain(|name, _| new.iter().all(|(gone, _)| gone != name)),
    }
}

/// Runs a script, and checks the properties after each step.
pub fn follow(script: &[u8]) {
    let vars: Vars = (0..4).flat_map(|attachment| values(attachment, 0)).collect();
    let source = Arc::new(Mutex::new(vars));
    let is_away = Arc::new(AtomicBool::new(false));
    let read = {
        let (source, is_away) = (source.clone(), is_away.clone());
        move || {
            if is_away.load(SeqCst) {
                return Err(Error::custom("is away").into());
            }
            Ok(ConfigVars::from_iter(
                source.lock().expect("nobody panics").clone(),
            ))
        }
    };
    let live: Live<Config> = Live::new(read).expect("it begins well");
    let made = Arc::new(AtomicUsize::new(0));
    let pools = {
        let made = made.clone();
        live.map(move |config| {
            made.fetch_add(1, SeqCst);
            Ok(config.jawsdb_url.expose_url().to_owned())
        })
        .expect("it is made of anything")
    };
    for (turn, step) in script.chunks_exact(2).take(200).enumerate() {
        let in_source = {
            let mut vars = source.lock().expect("nobody panics");
            play(&mut vars, turn, step);
            ConfigVars::from_iter(vars.clone())
        };
        let state = || {
            (
                see(&live),
                in_clear(&live.vars()),
                live.status().generation(),
                made.load(SeqCst),
            )
        };
        let before = state();
        // A source that cannot be read changes nothing, and is reported.
        if step[1] >= 0x80 {
            is_away.store(true, SeqCst);
            assert!(live.reload().is_err());
            assert_eq!(state(), before);
            assert!(!live.status().is_fresh(), "{}", live.status());
            is_away.store(false, SeqCst);
        }
        let change = live.reload().expect("the source can be read");
        let after = state();

        let is_changed = before.1 != after.1;
        assert_eq!(change.is_empty(), !is_changed, "{change:?}");
        assert_eq!(after.2, before.2 + u64::from(is_changed));
        // Changes are reported under the attachment's name.
        let told = |name: &str| change.attachment(name).is_some();
        assert_eq!(told("JAWSDB"), before.0.jawsdb != after.0.jawsdb);
        assert!(told("MEMCACHIER") || before.0.memcachier == after.0.memcachier);
        assert!(told("REDIS") || before.0.redis == after.0.redis);
        let is_port_told = change.other_vars() > 0;
        assert!(is_port_told || before.0.port == after.0.port);
        // Complete credentials stay complete.
        let is_whole = |seen: &Seen| seen.memcachier.is_none_or(|(_, is_whole)| is_whole);
        assert!(is_whole(&after.0) || before.0.memcachier.is_none() || !is_whole(&before.0));
        // The pool depends on one URL. Another attachment's roll does not rebuild it, unless that attachment appears or
        // disappears.
        if told("JAWSDB") {
            assert_eq!(after.3, before.3 + 1);
        } else if is_changed && told("MEMCACHIER") && change.attachments().count() == 1 && !is_port_told {
            assert_eq!(after.3, before.3);
        }
        assert!(pools.load().contains(&format!("word{}@", after.0.jawsdb.0)));
        // An attachment is stale exactly if it differs from the source.
        let is_taken_over = in_clear(&in_source) == after.1;
        let status = live.status();
        let keeps = status.stale().any(|stale| stale.kind() == StaleKind::LastGood);
        assert!(is_taken_over || !status.is_fresh(), "{status}");
        assert!(!is_taken_over || !keeps, "{status}");
        assert!(
            live.reload().expect("the source can be read").is_empty(),
            "once is enough"
        );
    }
    // A valid configuration at the end clears all faults.
    let last: Vars = (0..4).flat_map(|attachment| values(attachment, 9_999)).collect();
    *source.lock().expect("nobody panics") = last;
    live.reload().expect("the source can be read");
    assert!(live.status().is_fresh(), "{}", live.status());
    let expected = Seen {
        jawsdb: (9_999, true),
        memcachier: Some((9_999, true)),
        redis: Some((9_999, true)),
        port: Some(9_999),
    };
    assert_eq!(see(&live), expected);
}

fn in_clear(vars: &ConfigVars) -> Vec<(String, Option<String>)> {
    let text = |value: &config_vars::ConfigValue| value.secret().map(|text| text.expose_secret().to_owned());
    vars.iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

/// Groups of config vars, under different sorts of names. Each value contains the number of its generation.
const GROUPS: &[&[&str]] = &[
    &["username", "password", "host"],
    &["USERNAME", "PASSWORD"],
    &["db-host", "db-user", "db-password"],
    &["dbHost", "dbPort", "dbUser", "dbPassword"],
    &["mail.url", "mail.username", "mail.password"],
    &["ldapuser", "ldappassword"],
    &["client_id", "client_secret"],
    &["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"],
    &["gitClientId", "gitClientSecret"],
    &["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"],
    &["S3_ACCESS_KEY", "S3_SECRET_KEY"],
    &["accessKeyId", "secretAccessKey", "sessionToken"],
    &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"],
    &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
    &["edge-tls.crt", "edge-tls.key"],
    &["SIGNING_PRIVATE_KEY", "SIGNING_PUBLIC_KEY"],
    &["FTP_LOGIN_1", "FTP_PASSWORD_1"],
    &["PG_HOST", "PG_PORT", "PG_USER", "PG_PASSWORD"],
    &["MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD"],
    &["CLOUDAMQP_URL", "CLOUDAMQP_APIKEY"],
    // Only the app's reads show that these belong together.
    &["left", "right"],
    &["NATS_SEED", "NATS_SUBJECT", "FOO"],
];

/// Index of the first group that is not recognised by names alone.
const FIRST_READ_TOGETHER: usize = 20;

fn text(name: &str, number: usize) -> String {
    match name {
        "PG_PORT" | "dbPort" => "5432".to_owned(),
        name if name.to_lowercase().ends_with("url") => format!("mysql://n{number}z.test/shop"),
        _ => format!("n{number}z"),
    }
}

/// Returns the generation of a value, or `None` if the value is malformed or the same in all generations.
fn generation(text: &str) -> Option<usize> {
    let text = text.strip_prefix("mysql://").unwrap_or(text);
    let text = text.strip_suffix(".test/shop").unwrap_or(text);
    text.strip_prefix('n')?.strip_suffix('z')?.parse().ok()
}

fn is_good(name: &str, value: &str) -> bool {
    value == text(name, generation(value).unwrap_or_default())
}

/// Runs a script of rolls, each of one group and partly written at random, and checks that generations are never mixed within
/// a group. The first byte selects one or two sources, whether the app requires any config vars, and whether the app's closure
/// stops at its first fault.
pub fn follow_groups(script: &[u8]) {
    let Some((flags, steps)) = script.split_first() else {
        return;
    };
    let (has_other, is_required, stops) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
    let groups = match has_other || !is_required {
        true => &GROUPS[..FIRST_READ_TOGETHER],
        false => GROUPS,
    };
    let all = |number: usize| -> BTreeMap<String, String> {
        let names = groups.iter().copied().flatten();
        names
            .map(|name| ((*name).to_owned(), text(name, number)))
            .collect()
    };
    let near = Arc::new(Mutex::new(all(1)));
    let read = {
        let near = near.clone();
        move || {
            let vars = near.lock().expect("nobody panics").clone();
            Ok(ConfigVars::from_iter(vars).with_origin("near"))
        }
    };
    let other = if has_other { all(0) } else { BTreeMap::new() };
    let source = read.or(move || Ok(ConfigVars::from_iter(other.clone()).with_origin("far")));
    let check = move |vars: &ConfigVars| {
        let names = groups.iter().copied().flatten();
        let mut faults = Vec::new();
        for name in names {
            match vars.require(name) {
                Ok(value) if is_good(name, value.expose_secret()) => {}
                Ok(_) => faults.push(Error::custom("is broken").for_var(name)),
                Err(error) => faults.push(error),
            }
            if stops && !faults.is_empty() {
                break;
            }
        }
        faults.into_iter().next().map_or(Ok(()), Err)
    };
    let live = Live::from_fn(source, move |vars| {
        if is_required {
            check(vars)?;
        }
        let copies = vars.iter().map(|(name, value)| (name, value.clone()));
        Ok(ConfigVars::from_iter(copies))
    })
    .expect("it begins well");
    for (turn, step) in steps.chunks_exact(2).take(60).enumerate() {
        let group = groups[usize::from(step[0]) % groups.len()];
        {
            let mut vars = near.lock().expect("nobody panics");
            for (place, name) in group.iter().enumerate() {
                let whole = text(name, turn + 2);
                let value = match step[1] >> (2 * (place % 4)) & 3 {
                    0 => None,
                    1 if step[0] & 0x80 != 0 => Some(String::new()),
                    1 => Some(whole[..whole.len() / 2].to_owned()),
                    _ => Some(whole),
                };
                match value {
                    Some(value) => _ = vars.insert((*name).to_owned(), value),
                    None => _ = vars.remove(*name),
                }
            }
        }
        live.reload().expect("the source can be read");
        let vars = live.load();
        for group in groups {
            let value = |name: &&str| vars.get(name).map(|value| value.expose_secret().to_owned());
            let generations: BTreeSet<usize> = group
                .iter()
                .filter_map(value)
                .filter_map(|value| generation(&value))
                .collect();
            assert!(
                generations.len() < 2,
                "{group:?} are of {generations:?} after {turn}"
            );
            let is_whole = group
                .iter()
                .all(|name| value(name).is_some_and(|value| is_good(name, &value)));
            assert!(is_whole || !is_required, "{group:?} are not whole after {turn}");
        }
    }
    *near.lock().expect("nobody panics") = all(9_999);
    live.reload().expect("the source can be read");
    assert!(live.status().is_fresh(), "{}", live.status());
    let (vars, last) = (live.load(), all(9_999));
    assert!(
        last.iter()
            .all(|(name, text)| vars.get(name).is_some_and(|value| value.expose_secret() == text))
    );
}
