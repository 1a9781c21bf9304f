//! What one config var is for.

use super::tables::ROLES;
use secrecy::{ExposeSecret, SecretString};

/// What a config var of an attachment is for, as its name and the form of its value tell.
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
/// assert_eq!(roles, ["private_key", "other", "url"]);
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
    /// A credential of its own: an API key, a token.
    Token,
    /// A certificate, as PEM text.
    Certificate,
    /// A private key, as PEM text.
    PrivateKey,
    /// The name of another config var, in a form that nobody has expanded (`$REDIS_URL`).
    Reference,
    /// Anything else.
    Other,
}

impl Role {
    /// The name, as reports have it: `url`, `servers`, `private_key`, and so on.
    ///
    /// ```
    /// # use config_vars::Role;
    /// assert_eq!(Role::PrivateKey.as_str(), "private_key");
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
            Self::PrivateKey => "private_key",
            Self::Reference => "reference",
            Self::Other => "other",
        }
    }

    /// Whether it helps to let somebody in, or says where.
    pub(crate) fn is_credential(self) -> bool {
        !matches!(self, Self::Other | Self::Reference | Self::Database | Self::Port)
    }

    /// Of a name that speaks of a part of something (`DB_PASSWORD`, `db_user`): what stands before, which is the same for
    /// the other parts.
    pub(crate) fn part_of(name: &str) -> Option<&str> {
        let stem = |ending: &str| {
            let start = name.len().checked_sub(ending.len())?;
            let (stem, last) = (name.get(..start)?, name.get(start..)?);
            let is_it =
                last.eq_ignore_ascii_case(ending) && stem.len() > 1 && stem.ends_with(['_', '-', '.']);
            is_it.then_some(stem)
        };
        let is_part = |role: Role| {
            matches!(
                role,
                Self::Servers | Self::Host | Self::Port | Self::Username | Self::Password | Self::Database
            )
        };
        let endings = ROLES.iter().filter(|(_, role)| is_part(*role));
        endings
            .filter_map(|(ending, _)| stem(ending))
            .min_by_key(|stem| stem.len())
    }

    /// What a config var that is no resource is for.
    pub(crate) fn of(name: &str, value: Option<&SecretString>) -> Self {
        let value = value.map(ExposeSecret::expose_secret).unwrap_or_default();
        match value.strip_prefix("-----BEGIN ") {
            Some(label)
                if label
                    .split("-----")
                    .next()
                    .is_some_and(|label| label.ends_with("PRIVATE KEY")) =>
            {
                return Self::PrivateKey;
            }
            Some(_) => return Self::Certificate,
            None => {}
        }
        let is_reference = value.starts_with("${") && value.ends_with('}')
            || value.strip_prefix('$').is_some_and(is_var_name);
        if is_reference {
            return Self::Reference;
        }
        let ends_in = |suffix: &str| {
            name.strip_suffix(suffix)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
        };
        let by_ending = ROLES.iter().find(|(suffix, _)| ends_in(suffix));
        let by_glued_ending = || super::discover::glued_part(name);
        by_ending
            .map(|(_, role)| *role)
            .or_else(by_glued_ending)
            .unwrap_or(Self::Other)
    }
}

fn is_var_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}
