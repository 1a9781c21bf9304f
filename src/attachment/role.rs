//! [`Role`]: the purpose of one config var.

use super::tables::glued_kind;
use super::values::is_private_key;
use crate::error::Fault;
use crate::placeholder;
use crate::text::{is_all, is_number};
use secrecy::{ExposeSecret, SecretString};

/// The purpose of a config var, according to its name and the form of its value.
///
/// ```
/// use config_vars::ConfigVars;
///
/// let vars = ConfigVars::from_iter([
///     ("KAFKA_CLIENT_CERT_KEY", "-----BEGIN PRIVATE KEY-----\nMIIC\n-----END PRIVATE KEY-----"),
///     ("KAFKA_PREFIX", "shop-"),
///     ("KAFKA_URL", "kafka+ssl://b1.example:9096,kafka+ssl://b2.example:9096"),
/// ]);
/// let kafka = vars.attachments().next().unwrap();
/// let roles: Vec<_> = kafka.roles().map(|(_, role)| role.as_str()).collect();
/// assert_eq!(roles, ["private-key", "other", "url"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// A resource URL.
    Url,
    /// A list of servers without a scheme.
    Servers,
    /// A host.
    Host,
    /// A port.
    Port,
    /// A user name.
    Username,
    /// A password.
    Password,
    /// The name of a database.
    Database,
    /// A standalone credential: an API key, a token.
    Token,
    /// A certificate, as PEM text.
    Certificate,
    /// A private key, as PEM text.
    PrivateKey,
    /// A reference to another config var that was not expanded (`$REDIS_URL`).
    Reference,
    /// Anything else.
    Other,
}

impl Role {
    /// Returns the name that reports use: `url`, `servers`, `private-key`, and so on.
    ///
    /// ```
    /// # use config_vars::Role;
    /// assert_eq!(Role::PrivateKey.as_str(), "private-key");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Servers => "servers",
            Self::Host => "host",
            Self::Port => "port",
            Self::Username => "username",
            Self::Password => "password",
            Self::Database => "database",
            Self::Token => "token",
            Self::Certificate => "certificate",
            Self::PrivateKey => "private-key",
            Self::Reference => "reference",
            Self::Other => "other",
        }
    }

    /// Returns whether a value of this role may be a credential or an address. An unknown role may be.
    pub(crate) fn may_let_in(self) -> bool {
        !matches!(self, Self::Database | Self::Port)
    }

    /// Returns the role of a config var that is not a resource.
    pub(crate) fn of(name: &str, value: Option<&SecretString>) -> Self {
        let value = value.map(ExposeSecret::expose_secret).unwrap_or_default();
        match is_private_key(value) {
            Some(true) => return Self::PrivateKey,
            Some(false) => return Self::Certificate,
            None => {}
        }
        let is_reference = value.starts_with("${") && value.ends_with('}')
            || value.strip_prefix('$').is_some_and(is_var_name)
            || placeholder::in_plain_value(value) == Some(Fault::Reference);
        if is_reference {
            return Self::Reference;
        }
        let name = in_capitals(name);
        let words = without_version(&name);
        let by_words = match NO_ROLES.contains(&words) {
            true => None,
            false => role_by_ending(words, &|before| before.is_empty() || before.ends_with('_')),
        };
        let by_glue = || role_by_ending(words, &|before| glued_kind(before).is_some());
        by_words.or_else(by_glue).unwrap_or(Self::Other)
    }
}

/// The role that the last words of a name indicate. Longer endings precede those that they end with.
pub(super) const ROLES: &[(&str, Role)] = &[
    ("CLIENT_CERT_KEY", Role::PrivateKey),
    ("PRIVATE_KEY", Role::PrivateKey),
    ("CLIENT_KEY", Role::PrivateKey),
    ("TLS_KEY", Role::PrivateKey),
    ("CERT", Role::Certificate),
    ("CERTIFICATE", Role::Certificate),
    ("SERVERS", Role::Servers),
    ("BROKERS", Role::Servers),
    // Cassandra's.
    ("KEYSPACE", Role::Database),
    // RabbitMQ's, within a server.
    ("VHOST", Role::Database),
    ("VIRTUAL_HOST", Role::Database),
    ("HOST", Role::Host),
    ("HOSTNAME", Role::Host),
    ("SMTP_SERVER", Role::Host),
    ("PORT", Role::Port),
    ("USERNAME", Role::Username),
    ("USER_NAME", Role::Username),
    ("USER", Role::Username),
    ("LOGIN", Role::Username),
    ("PASSWORD", Role::Password),
    ("PASS", Role::Password),
    ("PASSWD", Role::Password),
    ("PASSPHRASE", Role::Password),
    ("PWD", Role::Password),
    ("DATABASE", Role::Database),
    ("DATABASE_NAME", Role::Database),
    ("DB_NAME", Role::Database),
    ("DBNAME", Role::Database),
    ("DB", Role::Database),
    ("APIKEY", Role::Token),
    ("KEY", Role::Token),
    ("KEY_ID", Role::Token),
    ("SECRET", Role::Token),
    ("TOKEN", Role::Token),
    ("CLIENT_ID", Role::Token),
    ("CONNECTION_STRING", Role::Token),
    ("CREDENTIAL", Role::Token),
    ("CREDENTIALS", Role::Token),
    ("JAAS_CONFIG", Role::Token),
    ("SID", Role::Token),
    ("SK", Role::Token),
];

/// Names that end in such a word, and are something else: `PWD` is the working directory.
const NO_ROLES: &[&str] = &["PWD"];

/// Returns the role of the first ending of a name that what precedes it fits: `DB_` of `DB_PASSWORD`, `PG` of `PGPASSWORD`.
fn role_by_ending(name: &str, fits: &dyn Fn(&str) -> bool) -> Option<Role> {
    for (ending, role) in ROLES {
        match name.strip_suffix(ending) {
            Some(before) if fits(before) => return Some(*role),
            _ => {}
        }
    }
    None
}

/// Returns a name in the spelling of environments: `DB_PASSWORD` for `dbPassword`, `db-password` and `db.password`.
fn in_capitals(name: &str) -> String {
    let mut spelled = String::with_capacity(name.len() + 4);
    let mut letters = name.chars().peekable();
    let mut before = '_';
    while let Some(letter) = letters.next() {
        let is_next_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins_word = letter.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_uppercase() && is_next_small);
        if begins_word {
            spelled.push('_');
        }
        spelled.push(match letter {
            '-' | '.' => '_',
            letter => letter.to_ascii_uppercase(),
        });
        before = letter;
    }
    spelled
}

/// Returns a name without the number at its end: `DB_PASSWORD` for `DB_PASSWORD_1`, `TOKEN` for `TOKEN_V2`.
fn without_version(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((words, last)) if is_number(last.strip_prefix('V').unwrap_or(last)) => words,
        _ => name,
    }
}

fn is_var_name(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', ..])
        && is_all(text, |byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_known_in_every_spelling() {
        for (role, names) in [
            (
                Role::Password,
                "password Password DB_PASSWORD db-password db.password dbPassword DBPassword DB_PASSWORD_1 \
                 db-password-v2 MYSQL_PWD DB_PASSWD PGPASSWORD SSH_PASSPHRASE smtpPass",
            ),
            (
                Role::Token,
                "token api-key apiKey APIKey API_KEY client-secret clientSecret TOKEN_V2 ACCOUNT_SID CLIENT_ID \
                 client_id SASL_JAAS_CONFIG GOOGLE_CREDENTIALS CONNECTION_STRING STRIPE_SK authToken",
            ),
            (Role::Username, "username DB_USER db-user dbUser login PGUSER"),
            (Role::Host, "host db-host dbHost DB_HOSTNAME PGHOST"),
            (Role::Port, "port PORT db-port dbPort"),
            (
                Role::Other,
                "PWD LOG_LEVEL monkey keyboard compass PATH web-concurrency v2 _1",
            ),
        ] {
            for name in names.split_whitespace() {
                assert_eq!(Role::of(name, None), role, "{name}");
            }
        }
    }
}
