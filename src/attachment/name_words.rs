//! The words of config vars' names, in upper case, lower case or camel case: what a config var is a part of.
//!
//! The words at the end of a name that mean a part of a credential or an endpoint are removed. The rest is the thing that the
//! config var is a part of.

use super::names::split_infix;
use crate::list::filter_mapped;
use crate::sorted::NameMap;
use crate::text::{CharacterSet, is_all, is_number, read_switch};
use std::sync::LazyLock;

/// The meaning of a word at the end of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
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

/// The words of a name, interpreted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NameWords {
    /// The words before those of the part; empty for a bare `username`.
    pub(super) thing: String,
    /// Which of several credentials of the thing; empty if nothing says so.
    pub(super) which: String,
    pub(super) word: Word,
}

impl NameWords {
    pub(super) fn of(name: &str) -> Option<Self> {
        let mut words = words_of(name);
        while words.len() > 1 && is_version(&words[words.len() - 1]) {
            words.pop();
        }
        let word = kind_of(words.last()?)?;
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
        let mut which = first_qualifier(qualifiers);
        if word == Word::Key {
            which = pair_of(which);
        }
        Some(Self {
            thing: words[..stem].join(" "),
            which: which.to_owned(),
            word,
        })
    }

    pub(super) fn is_bare(&self) -> bool {
        self.thing.is_empty()
    }
}

fn is_version(word: &str) -> bool {
    let is_listed =
        VERSIONS.contains(&word) || is_all(word.trim_start_matches('v'), |byte| byte.is_ascii_digit());
    is_listed && kind_of(word).is_none()
}

/// Returns the first word that says which of several, or `""`.
fn first_qualifier(words: &[String]) -> &str {
    for word in words {
        if kind_of(word) == Some(Word::Qualifier) {
            return word;
        }
    }
    ""
}

fn pair_of(qualifier: &str) -> &'static str {
    for (word, pair) in PAIRED {
        if *word == qualifier {
            return pair;
        }
    }
    ""
}

/// Returns the thing that an attachment is named after, in the words of [`Names::credentials`].
pub(super) fn thing_of_attachment(name: &str) -> String {
    words_of(name).join(" ")
}

/// Returns the thing that an endpoint is a part of, by its words. The words after `URL` say which of several it is:
/// `AWS_ENDPOINT_URL_S3` is an endpoint of `AWS`.
pub(super) fn thing_of_endpoint(name: &str) -> Option<String> {
    let (_, suffix) = split_infix(name).unwrap_or_default();
    let name = &name[..name.len() - suffix.len()];
    let part = NameWords::of(name)?;
    (part.word == Word::Endpoint && !part.is_bare()).then_some(part.thing)
}

fn kind_of(word: &str) -> Option<Word> {
    // A reload asks for each word of each name.
    static PLACES: LazyLock<NameMap<'_>> = LazyLock::new(|| {
        let mut places = Vec::with_capacity(WORDS.len());
        for (word, _) in WORDS {
            places.push((*word, places.len()));
        }
        NameMap::of(places)
    });
    Some(WORDS[PLACES.get(word)?].1)
}

/// The words of credentials that are recognized at the end of any other word, because they are long enough.
static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    filter_mapped(WORDS, |(word, kind)| {
        let is_long = word.len() >= 5 || ["user", "pass"].contains(word);
        (is_long && !matches!(kind, Word::Qualifier | Word::Endpoint)).then_some(*word)
    })
});

/// The words of a name, in lower case: `DB_PASSWORD`, `db.password`, `dbPassword` and `dbpassword` have the same.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let begins_word = character.is_uppercase()
            && (before.is_lowercase()
                || before.is_ascii_digit()
                || before.is_uppercase() && matches!(characters.peek(), Some(next) if next.is_lowercase()));
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
    let plain = without_number(&word);
    if plain.is_empty() || kind_of(&word).is_some() {
        words.push(word);
    } else if kind_of(plain).is_some() {
        words.push(plain.to_owned());
    } else if let Some(at) = place_of_glue(plain) {
        words.push(plain[..at].to_owned());
        words.push(plain[at..].to_owned());
    } else {
        words.push(word);
    }
}

/// Returns a word without the number at its end.
fn without_number(word: &str) -> &str {
    let is_digit: CharacterSet = |character| character.is_ascii_digit();
    word.trim_end_matches(is_digit)
}

/// Returns where the second of two glued words begins.
fn place_of_glue(word: &str) -> Option<usize> {
    let mut longest = 0;
    for first in GLUED_TO {
        match word.strip_prefix(first) {
            Some(rest) if kind_of(rest).is_some() => longest = longest.max(first.len()),
            _ => {}
        }
    }
    if longest > 0 {
        return Some(longest);
    }
    for ending in &*ENDINGS {
        if word.ends_with(ending) && !word.starts_with(ending) {
            return Some(word.len() - ending.len());
        }
    }
    None
}

/// Whether a config var is an ordinary setting, which has no part in any credential, by its name and value.
pub(crate) fn is_setting(name: &str, value: &str) -> bool {
    let words = words_of(name);
    let mut is_named = false;
    for word in &words {
        if matches!(kind_of(word), Some(Word::Username | Word::Password | Word::Key)) {
            return false;
        }
        is_named |= SETTINGS.contains(&&**word);
    }
    is_named || is_number(value) && value.len() <= 6 || read_switch(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

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
