//! Which config vars belong together: those of one attachment, and those that are related by name.
//!
//! Discovery knows the names of add-ons' config vars. An app reads others as well: the files of a mounted secret (`username`
//! and `password`), an id and its secret, a pair of keys, in upper case, lower case or camel case. A name is split into
//! words, and the words at its end that mean a part of a credential or an endpoint are removed. The rest is the thing that
//! the config var is a part of.

use super::addon::Attachment;
use super::lookup::looked_for;
use super::names::split_infix;
use crate::snapshot::ConfigVars;
use crate::sorted::{SortedMap, sort_by};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// The meaning of a word at the end of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Username,
    Password,
    Endpoint,
    /// An id, a key, a secret, a token, a certificate.
    Key,
    /// Says which of several (`ACCESS` of `ACCESS_KEY`); no part by itself.
    Qualifier,
}

const WORDS: &[(&str, Word)] = &[
    ("user", Word::Username),
    ("username", Word::Username),
    ("usr", Word::Username),
    ("uname", Word::Username),
    ("login", Word::Username),
    ("password", Word::Password),
    ("passwd", Word::Password),
    ("passphrase", Word::Password),
    ("passcode", Word::Password),
    ("pass", Word::Password),
    ("pwd", Word::Password),
    ("pw", Word::Password),
    ("pin", Word::Password),
    ("host", Word::Endpoint),
    ("hosts", Word::Endpoint),
    ("hostname", Word::Endpoint),
    ("port", Word::Endpoint),
    ("server", Word::Endpoint),
    ("servers", Word::Endpoint),
    ("broker", Word::Endpoint),
    ("brokers", Word::Endpoint),
    ("address", Word::Endpoint),
    ("addr", Word::Endpoint),
    ("endpoint", Word::Endpoint),
    ("url", Word::Endpoint),
    ("uri", Word::Endpoint),
    ("dsn", Word::Endpoint),
    ("database", Word::Endpoint),
    ("db", Word::Endpoint),
    ("dbname", Word::Endpoint),
    ("name", Word::Endpoint),
    ("vhost", Word::Endpoint),
    ("id", Word::Key),
    ("ids", Word::Key),
    ("sid", Word::Key),
    ("key", Word::Key),
    ("keys", Word::Key),
    ("kid", Word::Key),
    ("secret", Word::Key),
    ("secrets", Word::Key),
    ("token", Word::Key),
    ("tokens", Word::Key),
    ("credential", Word::Key),
    ("credentials", Word::Key),
    ("creds", Word::Key),
    ("cert", Word::Key),
    ("crt", Word::Key),
    ("certificate", Word::Key),
    ("ca", Word::Key),
    ("signature", Word::Key),
    ("salt", Word::Key),
    ("jwt", Word::Key),
    ("sk", Word::Key),
    ("pk", Word::Key),
    ("access", Word::Qualifier),
    ("account", Word::Qualifier),
    ("api", Word::Qualifier),
    ("app", Word::Qualifier),
    ("application", Word::Qualifier),
    ("auth", Word::Qualifier),
    ("bearer", Word::Qualifier),
    ("bootstrap", Word::Qualifier),
    ("client", Word::Qualifier),
    ("consumer", Word::Qualifier),
    ("encryption", Word::Qualifier),
    ("private", Word::Qualifier),
    ("public", Word::Qualifier),
    ("publishable", Word::Qualifier),
    ("refresh", Word::Qualifier),
    ("restricted", Word::Qualifier),
    ("sasl", Word::Qualifier),
    ("session", Word::Qualifier),
    ("shared", Word::Qualifier),
    ("signing", Word::Qualifier),
    ("ssl", Word::Qualifier),
    ("tls", Word::Qualifier),
    ("verification", Word::Qualifier),
    ("webhook", Word::Qualifier),
    ("x509", Word::Qualifier),
];

/// Words that are the thing if no other word is: `DB_PASSWORD` is a part of `DB`.
const THINGS: &[&str] = &["database", "db"];

/// Prefixes that are glued to the word after them: `dbpassword`, `clientid`, `PGUSER`.
const GLUED_TO: &[&str] = &[
    "access", "account", "amqp", "api", "app", "auth", "client", "consumer", "database", "db", "ftp",
    "kafka", "ldap", "login", "mail", "mongo", "mysql", "pg", "postgres", "private", "public", "redis",
    "root", "secret", "session", "smtp", "tls",
];

/// Endings that distinguish versions and files of one config var, and do not say what it is.
const VERSIONS: &[&str] = &[
    "a",
    "active",
    "b",
    "backup",
    "blue",
    "crt",
    "current",
    "file",
    "green",
    "new",
    "next",
    "old",
    "pem",
    "prev",
    "previous",
    "primary",
    "secondary",
    "txt",
    "value",
];

/// The qualifiers that go together: an access key has a secret key, an account id an authentication token.
const PAIRED: &[(&str, &str)] = &[
    ("account", "account"),
    ("api", "app"),
    ("app", "app"),
    ("application", "app"),
    ("auth", "account"),
    ("client", "client"),
    ("consumer", "client"),
    ("ssl", "tls"),
    ("tls", "tls"),
    ("x509", "tls"),
];

/// Words of ordinary settings. A number or a yes or no under such a name, or any, is no credential.
const SETTINGS: &[&str] = &[
    "concurrency",
    "count",
    "debug",
    "enabled",
    "env",
    "environment",
    "feature",
    "features",
    "format",
    "interval",
    "lang",
    "language",
    "level",
    "limit",
    "locale",
    "log",
    "max",
    "min",
    "mode",
    "pool",
    "rate",
    "retries",
    "size",
    "threads",
    "timeout",
    "timezone",
    "ttl",
    "tz",
    "verbose",
    "workers",
];

/// Names without a prefix that an add-on sets beside another of its config vars: Tigris, Fly.io's object storage.
const UNPREFIXED: &[(&str, &str)] = &[("BUCKET_NAME", "AWS_ENDPOINT_URL_S3")];

/// Names that the shell and the container runtime set. `PORT` is the web server's if a platform sets it.
const SET_BY_PLATFORM: &[&str] = &["HOSTNAME", "OLDPWD", "PORT", "PWD"];

/// The words of a name, interpreted.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    /// The words before those of the part; empty for a bare `username`.
    thing: String,
    /// Which of several credentials of the thing; empty if nothing says so.
    which: String,
    word: Word,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        let mut words = split(name);
        let is_version = |word: &String| {
            VERSIONS.contains(&&**word)
                || word
                    .trim_start_matches('v')
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
        };
        while words.len() > 1
            && words.last().is_some_and(is_version)
            && kind_of(&words[words.len() - 1]).is_none()
        {
            words.pop();
        }
        let word = words.last().and_then(|last| kind_of(last))?;
        if word == Word::Qualifier {
            return None;
        }
        let mut stem = words.len();
        while stem > 0 && kind_of(&words[stem - 1]).is_some() {
            stem -= 1;
        }
        if stem == 0 && words.len() > 1 && THINGS.contains(&&*words[0]) {
            stem = 1;
        }
        let qualifiers = &words[stem..words.len() - 1];
        let is_qualifier = |word: &&String| kind_of(word) == Some(Word::Qualifier);
        let which = qualifiers.iter().find(is_qualifier).map_or("", String::as_str);
        let which = match word {
            Word::Key => PAIRED
                .iter()
                .find(|(word, _)| *word == which)
                .map_or("", |(_, pair)| pair),
            _ => which,
        };
        Some(Self {
            thing: words[..stem].join(" "),
            which: which.to_owned(),
            word,
        })
    }

    fn is_bare(&self) -> bool {
        self.thing.is_empty()
    }
}

/// Returns the thing that an attachment is named after, in the words of [`Names::credentials`].
pub(super) fn thing_of_attachment(name: &str) -> String {
    split(name).join(" ")
}

/// Returns the thing that an endpoint is a part of, by its words. The words after `URL` say which of several it is:
/// `AWS_ENDPOINT_URL_S3` is an endpoint of `AWS`.
pub(super) fn thing_of_endpoint(name: &str) -> Option<String> {
    let name = match split_infix(name) {
        Some((_, suffix)) => &name[..name.len() - suffix.len()],
        None => name,
    };
    let part = Part::of(name).filter(|part| part.word == Word::Endpoint && !part.is_bare())?;
    Some(part.thing)
}

fn kind_of(word: &str) -> Option<Word> {
    // A reload asks for each word of each name.
    static PLACES: LazyLock<HashMap<&str, usize>> =
        LazyLock::new(|| WORDS.iter().map(|(word, _)| *word).zip(0..).collect());
    PLACES.get(word).map(|place| WORDS[*place].1)
}

/// The words of credentials that are recognized at the end of any other word, because they are long enough.
static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let is_ending = |(word, kind): &&(&str, Word)| {
        let is_long = word.len() >= 5 || ["user", "pass"].contains(word);
        is_long && !matches!(kind, Word::Qualifier | Word::Endpoint)
    };
    WORDS.iter().filter(is_ending).map(|(word, _)| *word).collect()
});

/// The words of a name, in lower case: `DB_PASSWORD`, `db.password`, `dbPassword` and `dbpassword` have the same.
fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let begins_word = character.is_uppercase()
            && (before.is_lowercase()
                || before.is_ascii_digit()
                || before.is_uppercase() && characters.peek().is_some_and(|next| next.is_lowercase()));
        if !character.is_alphanumeric() || begins_word {
            push(&mut words, std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        before = character;
    }
    push(&mut words, word);
    words
}

/// Adds a word, or the two that it is glued of. The number at its end is a version.
fn push(words: &mut Vec<String>, word: String) {
    if word.is_empty() {
        return;
    }
    let plain = word.trim_end_matches(|last: char| last.is_ascii_digit());
    if plain.is_empty() {
        return words.push(word);
    }
    let known = |word: &str| kind_of(word).is_some();
    let glued = || {
        let mut longest: Option<(&str, &str)> = None;
        for first in GLUED_TO {
            if let Some(rest) = plain.strip_prefix(first).filter(|rest| known(rest)) {
                if longest.is_none_or(|(longest, _)| first.len() > longest.len()) {
                    longest = Some((first, rest));
                }
            }
        }
        longest
    };
    let glued_to_any = || {
        ENDINGS.iter().find_map(|ending| {
            let first = plain.strip_suffix(ending)?;
            (!plain.starts_with(ending)).then_some((first, *ending))
        })
    };
    if known(&word) {
        words.push(word);
    } else if known(plain) {
        words.push(plain.to_owned());
    } else if let Some((first, rest)) = glued().or_else(glued_to_any) {
        words.push(first.to_owned());
        words.push(rest.to_owned());
    } else {
        words.push(word);
    }
}

/// Whether a config var is an ordinary setting, which has no part in any credential, by its name and value.
pub(crate) fn is_setting(name: &str, value: &str) -> bool {
    let words = split(name);
    let is_secret =
        |word: &String| matches!(kind_of(word), Some(Word::Username | Word::Password | Word::Key));
    let is_plain = || {
        let is_number =
            !value.is_empty() && value.len() <= 6 && value.bytes().all(|byte| byte.is_ascii_digit());
        let switches = ["true", "false", "yes", "no", "on", "off"];
        is_number || switches.iter().any(|word| value.eq_ignore_ascii_case(word))
    };
    let is_named = || words.iter().any(|word| SETTINGS.contains(&&**word));
    !words.iter().any(is_secret) && (is_named() || is_plain())
}

/// How much two names must have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Parts of one thing: what one of them may be of no use without.
    Thing,
    /// Parts of one credential, which are useless without each other.
    Credential,
}

/// Sets of names that belong together.
pub(crate) struct Groups<'v> {
    index: HashMap<&'v str, usize>,
    parents: Vec<usize>,
}

impl<'v> Groups<'v> {
    /// Creates one group for each name.
    pub(crate) fn of(names: Vec<&'v str>) -> Self {
        let mut index = HashMap::new();
        for name in names {
            let next = index.len();
            index.entry(name).or_insert(next);
        }
        Self {
            parents: (0..index.len()).collect(),
            index,
        }
    }

    /// Returns the number of names, which is the maximum number of groups.
    pub(crate) fn len(&self) -> usize {
        self.parents.len()
    }

    /// Returns a number that identifies the group of a name; `None` if the name is unknown.
    pub(crate) fn find(&mut self, name: &str) -> Option<usize> {
        let mut place = *self.index.get(name)?;
        while self.parents[place] != place {
            self.parents[place] = self.parents[self.parents[place]];
            place = self.parents[place];
        }
        Some(place)
    }

    /// Joins the groups of all these names.
    pub(crate) fn join(&mut self, names: &[&str]) {
        let mut first = None;
        for name in names {
            let Some(place) = self.find(name) else {
                continue;
            };
            match first {
                Some(first) => self.parents[place] = first,
                None => first = Some(place),
            }
        }
    }

    /// Joins the names without a prefix with those that they are set beside. Returns them.
    pub(crate) fn join_unprefixed(&mut self) -> Vec<&'static str> {
        let mut joined = Vec::new();
        for (name, beside) in UNPREFIXED {
            if [name, beside].iter().all(|name| self.index.contains_key(**name)) {
                self.join(&[*name, *beside]);
                joined.push(*name);
            }
        }
        joined
    }

    /// Joins the config vars of each attachment, in one or several snapshots. Attachments of the same name are joined.
    pub(crate) fn join_attachments(&mut self, snapshots: &[(&ConfigVars, &[Attachment<'v>])]) {
        let mut first_of: HashMap<&str, &str> = HashMap::new();
        for (vars, attachments) in snapshots {
            for attachment in *attachments {
                let names: Vec<&str> = attachment.var_names().collect();
                self.join(&names);
                let Some(first) = names.first() else {
                    continue;
                };
                let known = *first_of.entry(attachment.name()).or_insert(first);
                self.join(&[known, first]);
                for (name, _) in attachment.urls() {
                    // The names that were looked up to read a resource in parts may belong to another attachment.
                    let parts = looked_for(vars, name);
                    let mut parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
                    parts.push(name);
                    self.join(&parts);
                }
            }
        }
    }

    /// Returns the names, interpreted.
    pub(crate) fn names(&self) -> Names<'v> {
        Names::of(self.index.keys().copied())
    }
}

/// Names of config vars, interpreted, those of one thing side by side. A reload groups them in several ways.
pub(crate) struct Names<'v>(Vec<(&'v str, Part)>);

impl<'v> Names<'v> {
    pub(crate) fn of(names: impl Iterator<Item = &'v str>) -> Self {
        let mut parts: Vec<_> = names.filter_map(|name| Some((name, Part::of(name)?))).collect();
        sort_by(&mut parts, |(_, left), (_, right)| left.thing.cmp(&right.thing));
        Self(parts)
    }

    /// Returns those that are parts of a login, each with the thing that it belongs to.
    pub(super) fn credentials(&self) -> impl Iterator<Item = (&'v str, &str)> {
        let is_credential =
            |(_, part): &&(&str, Part)| matches!(part.word, Word::Username | Word::Password | Word::Key);
        let credentials = self.0.iter().filter(is_credential);
        credentials.map(|(name, part)| (*name, &*part.thing))
    }
}

/// The groups of names that belong together by their words alone, each sorted.
///
/// Those in `is_attached` belong to an attachment already, which others may join.
pub(crate) fn related<'v>(
    names: &Names<'v>,
    relation: Relation,
    is_attached: &HashSet<&str>,
) -> Vec<Vec<&'v str>> {
    let mut parts: Vec<(&str, &Part)> = Vec::new();
    for (name, part) in &names.0 {
        let is_placed = is_attached.contains(name);
        // `API_URL` is a resource of its own; a file `url` beside `username` and `password` is a part of theirs.
        let is_own = part.is_bare() && is_placed && split(name).len() > 1;
        let is_platforms =
            part.is_bare() && SET_BY_PLATFORM.contains(name) && relation == Relation::Credential;
        if !is_own && !is_platforms {
            parts.push((name, part));
        }
    }
    let mut groups = Vec::new();
    for parts in parts.chunk_by(|(_, left), (_, right)| left.thing == right.thing) {
        match relation {
            Relation::Thing => groups.push(parts.iter().map(|(name, _)| *name).collect()),
            Relation::Credential => groups.extend(credentials(parts)),
        }
    }
    groups
        .retain(|group: &Vec<&str>| group.len() > 1 && group.iter().any(|name| !is_attached.contains(name)));
    groups.iter_mut().for_each(|group| sort_by(group, Ord::cmp));
    groups
}

/// Groups those parts of one thing that are useless without each other.
fn credentials<'v>(parts: &[(&'v str, &Part)]) -> Vec<Vec<&'v str>> {
    let has = |word: Word| parts.iter().any(|(_, part)| part.word == word);
    let (has_user, has_password) = (has(Word::Username), has(Word::Password));
    let mut groups: SortedMap<(bool, &str), Vec<&str>> = SortedMap::default();
    let mut users = Vec::new();
    for (name, part) in parts {
        let which = if part.is_bare() { &*part.which } else { "" };
        match part.word {
            // A user name that has no password goes with a key.
            Word::Username if !has_password => users.push(*name),
            Word::Key => groups.entry((false, which)).push(name),
            // A host and a port alone are settings, of which each may come from elsewhere.
            _ if has_user || has_password => groups.entry((true, which)).push(name),
            _ => {}
        }
    }
    for group in groups.values_mut() {
        group.extend(&users);
    }
    groups.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&'static str], relation: Relation) -> Vec<Vec<&'static str>> {
        related(&Names::of(names.iter().copied()), relation, &HashSet::new())
    }

    #[test]
    fn parts_of_one_credential_are_related_in_any_spelling() {
        let sets: &[&[&str]] = &[
            &["password", "username"],
            &["host", "password", "username"],
            &["PASSWORD", "USERNAME"],
            &["Login", "Passwd"],
            &["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"],
            &["client-id", "client-secret"],
            &["clientId", "clientSecret"],
            &["clientid", "clientsecret"],
            &["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"],
            &["S3_ACCESS_KEY", "S3_SECRET_KEY"],
            &["access_key", "secret_key"],
            &["accessKeyId", "secretAccessKey", "sessionToken"],
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
            &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
            &["account_sid", "auth_token"],
            &["tls.crt", "tls.key"],
            &["cert", "key"],
            &["ca.crt", "cert.pem", "key.pem"],
            &["private-key", "public-key"],
            &["signing.private.key", "signing.public.key"],
            &["DB_PASSWORD_1", "DB_USER_1"],
            &["TOKEN_V2", "USER_V2"],
            &["dbHost", "dbPassword", "dbUser"],
            &["db.host", "db.password", "db.username"],
            &["dbpassword", "dbuser"],
            &["PGPASSWORD", "PGUSER"],
            &["DB_HOST", "DB_NAME", "DB_PASSWORD", "DB_PORT"],
            &["consumerKey", "consumerSecret"],
            &["api_key", "api_secret"],
            &["TWITTER_API_KEY", "TWITTER_API_SECRET"],
            &["SHOP_API_KEY", "SHOP_USER"],
            &["mail-server", "mail-user", "mail-pass"],
        ];
        for names in sets {
            let mut names = names.to_vec();
            names.sort_unstable();
            for relation in [Relation::Thing, Relation::Credential] {
                assert_eq!(groups(&names, relation), [names.clone()], "{names:?}");
            }
        }
    }

    #[test]
    fn unrelated_names_stay_apart() {
        let sets: &[&[&str]] = &[
            &["ACME_PASSWORD", "BETA_USERNAME"],
            &["PORT", "LOG_LEVEL", "RUST_LOG", "WEB_CONCURRENCY"],
            &["MONKEY", "SUPPORT", "GHOST", "TRANSPORT"],
            &["LIMIT_1", "LIMIT_2"],
            &["username", "db_password"],
            &["PATH", "HOME", "SHELL"],
        ];
        for names in sets {
            assert!(groups(names, Relation::Thing).is_empty(), "{names:?}");
        }
        // Of one thing, perhaps; but each is of use without the other.
        let sets: &[&[&str]] = &[
            &["APP_HOST", "APP_PORT"],
            &["HOST", "PORT", "API_KEY"],
            &["PORT", "HOSTNAME", "PWD", "username"],
            &["api_token", "secret_key"],
        ];
        for names in sets {
            assert!(groups(names, Relation::Credential).is_empty(), "{names:?}");
        }
    }

    #[test]
    fn settings_are_told_by_name_and_value() {
        for (name, value) in [
            ("PORT", "8080"),
            ("LOG_LEVEL", "info"),
            ("LIMIT_3", "1"),
            ("dryRun", "false"),
        ] {
            assert!(is_setting(name, value), "{name}");
        }
        for (name, value) in [
            ("ACME_PIN", "1234"),
            ("token", "42"),
            ("SECRET_MODE_KEY", "x"),
            ("FOO", "word1"),
            ("ADMIN_USER", "on"),
        ] {
            assert!(!is_setting(name, value), "{name}");
        }
    }
}
