//! [`ErrorKind`] and [`Component`]: what an error is about, for programs.

use std::fmt;

/// The sorts of faults, for code that reacts to them. For people there is the message.
///
/// ```
/// # use config_vars::{ErrorKind, ResourceUrl};
/// let error = "db.example:3306/shop".parse::<ResourceUrl>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::MissingScheme);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No config var has that name, or no resource is of that kind.
    Missing,
    /// The config var, or the salt, is set to nothing.
    Empty,
    /// The config var's name or value is not Unicode.
    NotUnicode,
    /// Several config vars have a fault each; see [`Error::faults`](crate::Error::faults).
    Several,
    /// Several resources fit, and which one is meant cannot be told.
    Ambiguous,
    /// The resource is of another kind than the one asked for.
    WrongKind,
    /// The scheme is none that this crate knows, where a kind was asked for.
    UnknownScheme,
    /// A kind of the app's own is to have a scheme that belongs to another.
    SchemeTaken,
    /// There is no scheme, or what stands in its place is none.
    MissingScheme,
    /// Quotes, blanks, line breaks or a byte order mark surround the value.
    Surrounded,
    /// The value is a reference to another config var, a placeholder, or a shortened copy: not the real thing.
    Unexpanded,
    /// A character stands as it is where it must be percent-encoded.
    Unencoded,
    /// A `%` starts no escape, or escapes are not UTF-8.
    BadEscape,
    /// A host is empty, misspelt, or one too many.
    InvalidHost,
    /// A port is no number from 1 to 65535, or may not be given.
    InvalidPort,
    /// The database name, or what stands in its place, is not allowed.
    InvalidPath,
    /// An option of the query is incomplete, repeated, or contradicts another.
    InvalidOption,
    /// Credentials are missing where the URL asks for them, or given where it forbids them.
    InvalidCredentials,
    /// The value is not text, or is PEM text that was cut off.
    NotText,
    /// The text or file with the config vars is malformed.
    InvalidSource,
    /// The source cannot be read; for example, it does not exist, or permission is denied.
    UnreadableSource,
    /// The source cannot be watched, or not by the requested trigger.
    Unwatchable,
    /// The server rejected the credentials, and they are not tried again for now.
    Refused,
    /// An application-defined error; see [`Error::custom`](crate::Error::custom).
    Custom,
    /// The value cannot be parsed as the field's type.
    Unreadable,
    /// The type cannot be deserialized from config vars.
    Unsupported,
    /// A driver cannot do what the URL asks for (features of the drivers' names).
    NotForDriver,
    /// The sign-on form lacks a field (feature `sso`).
    MissingField,
    /// A field of the sign-on form is repeated or malformed (feature `sso`).
    InvalidField,
    /// The token of the sign-on form does not match the salt (feature `sso`).
    BadToken,
    /// The sign-on form is too old (feature `sso`).
    StaleToken,
    /// The sign-on form is from the future (feature `sso`).
    FutureToken,
}

impl ErrorKind {
    /// Returns the name of this kind in kebab-case, for logs and reports.
    ///
    /// ```
    /// assert_eq!(config_vars::ErrorKind::MissingScheme.as_str(), "missing-scheme");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::NotUnicode => "not-unicode",
            Self::Several => "several",
            Self::Ambiguous => "ambiguous",
            Self::WrongKind => "wrong-kind",
            Self::UnknownScheme => "unknown-scheme",
            Self::SchemeTaken => "scheme-taken",
            Self::MissingScheme => "missing-scheme",
            Self::Surrounded => "surrounded",
            Self::Unexpanded => "unexpanded",
            Self::Unencoded => "unencoded",
            Self::BadEscape => "bad-escape",
            Self::InvalidHost => "invalid-host",
            Self::InvalidPort => "invalid-port",
            Self::InvalidPath => "invalid-path",
            Self::InvalidOption => "invalid-option",
            Self::InvalidCredentials => "invalid-credentials",
            Self::NotText => "not-text",
            Self::InvalidSource => "invalid-source",
            Self::UnreadableSource => "unreadable-source",
            Self::Unwatchable => "unwatchable",
            Self::Refused => "refused",
            Self::Custom => "custom",
            Self::Unreadable => "unreadable",
            Self::Unsupported => "unsupported",
            Self::NotForDriver => "not-for-driver",
            Self::MissingField => "missing-field",
            Self::InvalidField => "invalid-field",
            Self::BadToken => "bad-token",
            Self::StaleToken => "stale-token",
            Self::FutureToken => "future-token",
        }
    }
}

/// A part of a config var's value, as messages call it.
///
/// ```
/// # use config_vars::{Component, MongoUrl};
/// let error = "mongodb://us/er:pw@db.example".parse::<MongoUrl>().unwrap_err();
/// assert_eq!(error.component(), Some(Component::Username));
/// assert_eq!(Component::Username.to_string(), "the user name");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Component {
    /// The value as a whole.
    Value,
    /// The text before `://`.
    Scheme,
    /// The text before the first `:` of the user information.
    Username,
    /// The text after the first `:` of the user information.
    Password,
    /// A host name, an address or a socket path.
    Host,
    /// The text after a host's `:`.
    Port,
    /// The text after the hosts, up to `?` or `#`.
    Path,
    /// The path of a datastore's URL, without its first `/`.
    Database,
    /// The text after `?`.
    Query,
    /// The text after `#`.
    Fragment,
    /// The file whose path is the value.
    File,
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value => "the value",
            Self::Scheme => "the scheme",
            Self::Username => "the user name",
            Self::Password => "the password",
            Self::Host => "the host",
            Self::Port => "the port",
            Self::Path => "the path",
            Self::Database => "the database name",
            Self::Query => "the query",
            Self::Fragment => "the fragment",
            Self::File => "the file",
        })
    }
}
