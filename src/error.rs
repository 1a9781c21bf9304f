//! What can be wrong, and how it is said.
//!
//! Invariant: nothing in this file can hold text of a config var's or a form field's value. An [`Error`] is made of
//! rows of fixed tables, of config var *names*, and of no `String`, `char` or offset that comes from a value.

use crate::kind::Kind;
use std::fmt;

/// Why a config var, or a set of them, could not be read; or, with the feature `sso`, why a sign-on form was refused.
///
/// The message names the config var, the component, the likely cause and its mend, and never a piece of the
/// value: an error has no field that could hold one. `{}` and `{:?}` say the same, so that `unwrap()` reads well,
/// and [`source`](std::error::Error::source) is `None`: there is nothing beneath.
///
/// ```
/// use config_vars::{Component, ConfigVars, ErrorKind, MysqlUrl};
///
/// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:pa#ss@db.example/shop")]);
/// let error = vars.url::<MysqlUrl>("JAWSDB_URL").unwrap_err();
/// assert_eq!(error.to_string(), "JAWSDB_URL: the password holds an unencoded `#`; write `%23`");
/// assert_eq!(error.var(), Some("JAWSDB_URL"));
/// assert_eq!(error.kind(), ErrorKind::Unencoded);
/// assert_eq!(error.component(), Some(Component::Password));
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<Report>);

/// Boxed, so that a `Result` stays small.
#[derive(Clone, PartialEq, Eq)]
struct Report {
    fault: Fault,
    component: Option<Component>,
    var: Option<Box<str>>,
    /// Names of config vars that the message lists, each with the kind of its resource.
    candidates: Vec<(Box<str>, Kind)>,
}

impl Error {
    pub(crate) fn new(fault: Fault) -> Self {
        Self(Box::new(Report {
            fault,
            component: None,
            var: None,
            candidates: Vec::new(),
        }))
    }

    pub(crate) fn at(component: Component, fault: Fault) -> Self {
        let mut error = Self::new(fault);
        error.0.component = Some(component);
        error
    }

    /// Names the config var, unless a nearer one is named already.
    #[must_use]
    pub(crate) fn for_var(mut self, name: &str) -> Self {
        self.0.var.get_or_insert_with(|| name.into());
        self
    }

    #[must_use]
    pub(crate) fn with_candidates<'n>(
        mut self,
        candidates: impl IntoIterator<Item = (&'n str, Kind)>,
    ) -> Self {
        self.0.candidates = candidates
            .into_iter()
            .map(|(name, kind)| (name.into(), kind))
            .collect();
        self
    }

    /// What sort of fault it is.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ErrorKind};
    /// let error = ConfigVars::default().require("SENTRY_DSN").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Missing);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.fault.kind()
    }

    /// The name of the config var at fault; `None` where a value was parsed on its own, or where several vars
    /// are [candidates](Self::candidates).
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let error = ConfigVars::default().require("SENTRY_DSN").unwrap_err();
    /// assert_eq!(error.var(), Some("SENTRY_DSN"));
    /// ```
    #[must_use]
    pub fn var(&self) -> Option<&str> {
        self.0.var.as_deref()
    }

    /// The part of the value that is at fault; `None` where the fault is not in a value.
    ///
    /// ```
    /// # use config_vars::{Component, MysqlUrl};
    /// let error = "mysql://app:pw@db.example:0/shop".parse::<MysqlUrl>().unwrap_err();
    /// assert_eq!(error.component(), Some(Component::Port));
    /// ```
    #[must_use]
    pub fn component(&self) -> Option<Component> {
        self.0.component
    }

    /// The config vars between which a search could not choose, or which it found instead, by name.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, MysqlUrl};
    /// let vars = ConfigVars::from_iter([
    ///     ("DATABASE_URL", "mysql://app:pw@db1.example/shop"),
    ///     ("JAWSDB_URL", "mysql://app:pw@db2.example/shop"),
    /// ]);
    /// let error = vars.only::<MysqlUrl>().unwrap_err();
    /// assert!(error.candidates().eq(["DATABASE_URL", "JAWSDB_URL"]));
    /// ```
    pub fn candidates(&self) -> impl Iterator<Item = &str> {
        self.0.candidates.iter().map(|(name, _)| &**name)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.to_string()).finish()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(var) = &self.var {
            write!(f, "{}: ", var.escape_debug())?;
        }
        if let Some(component) = self.component {
            write!(f, "{component} ")?;
        }
        write!(f, "{}", self.fault)?;
        self.fmt_candidates(f)
    }
}

impl Report {
    /// A message is read by a person: of a long list it tells the start and the length.
    const CANDIDATES_SHOWN: usize = 8;

    fn fmt_candidates(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(introduction) = self.fault.candidates_are() else {
            return Ok(());
        };
        if self.candidates.is_empty() {
            return Ok(());
        }
        f.write_str(introduction)?;
        for (index, (name, kind)) in self.candidates.iter().enumerate() {
            match index {
                0 => {}
                Self::CANDIDATES_SHOWN => {
                    return write!(f, " and {} more", self.candidates.len() - index);
                }
                _ => f.write_str(", ")?,
            }
            write!(f, "{}", name.escape_debug())?;
            if self.fault.kind() != ErrorKind::Ambiguous {
                write!(f, " ({kind})")?;
            }
        }
        Ok(())
    }
}

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
    /// Several resources fit, and which one is meant cannot be told.
    Ambiguous,
    /// The resource is of another kind than the one asked for.
    WrongKind,
    /// The scheme is none that this crate knows, where a kind was asked for.
    UnknownScheme,
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
    /// The value is no text.
    NotText,
    /// The sign-on form lacks a field (feature `sso`).
    MissingField,
    /// A field of the sign-on form is repeated, or is not what it must be (feature `sso`).
    InvalidField,
    /// The token of the sign-on form is not the one that the salt gives (feature `sso`).
    BadToken,
    /// The sign-on form is too old (feature `sso`).
    StaleToken,
    /// The sign-on form was made later than now (feature `sso`).
    FutureToken,
}

/// A part of a config var's value, in the words of the messages.
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
    /// What stands before `://`.
    Scheme,
    /// What stands before the first `:` of the user information.
    Username,
    /// What stands after the first `:` of the user information.
    Password,
    /// A host name, an address or a socket path.
    Host,
    /// What stands after a host's `:`.
    Port,
    /// What stands after the hosts, up to `?` or `#`.
    Path,
    /// The path of a datastore's URL, less its first `/`.
    Database,
    /// What stands after `?`.
    Query,
    /// What stands after `#`.
    Fragment,
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
        })
    }
}

/// Every fault, with its message. The component stands before it: "the password" + "holds an unencoded `#`; …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("is not set; set it, or attach the add-on that provides it")]
    Missing,
    #[error("no {0} among the config vars; attach an add-on that provides one")]
    NoResource(Wanted),
    #[error("more than one {0}; ask for one of them by name")]
    SeveralResources(Wanted),
    #[error("is set but empty; give it a value, or unset it")]
    Empty,
    #[error("is not valid UTF-8; set it again, as plain text")]
    NotUnicode,
    #[error("has a name that is not valid UTF-8; set it again under a plain name")]
    NameNotUnicode,
    #[error("is {} {found} URL, expected {expected}", .found.article())]
    WrongKind { found: Kind, expected: Kind },
    #[error("is not known; expected `{0}://`")]
    UnknownScheme(&'static str),
    #[error("is not known; did you mean `{0}://`?")]
    MisspeltScheme(&'static str),
    #[error("has no scheme; it must start with one, such as `{0}://`")]
    MissingScheme(&'static str),
    #[error("has a scheme without `//`; write `{0}://`")]
    SchemeWithoutSlashes(&'static str),
    #[error(
        "does not start with a scheme; one is made of letters, digits, `+`, `-` and `.`, and ends in `://`"
    )]
    NotAScheme,
    #[error("is wrapped in quotes; remove them")]
    Quotes,
    #[error("is wrapped in typographic quotes; remove them")]
    TypographicQuotes,
    #[error("starts with {0}; remove it")]
    Leading(Blank),
    #[error("ends with {0}; remove it")]
    Trailing(Blank),
    #[error("is a reference to another config var that was not expanded; write the value itself")]
    Reference,
    #[error("is a placeholder; write the value that the add-on gave")]
    Placeholder,
    #[error("holds a `…`; it is a shortened copy, so set the whole value")]
    Shortened,
    #[error("holds {0}")]
    Unencoded(Raw),
    #[error("holds a `%` that starts no escape; write `%25`")]
    BadEscape,
    #[error("has escapes that are not UTF-8; encode it again, as UTF-8")]
    EscapeNotUtf8,
    #[error("is empty; write a host name after `@` or `//`")]
    EmptyHost,
    #[error("is empty; a socket path must be percent-encoded, as `%2Ftmp%2Fserver.sock`")]
    UnencodedSocket,
    #[error("is empty in one place of the list; remove the extra comma")]
    EmptyHostInList,
    #[error(
        "list has credentials for some servers only; write them before each, or `%2C` for a `,` in a password"
    )]
    MixedCredentials,
    #[error("list is separated by blanks; write commas between the servers")]
    BlanksInHostList,
    #[error("list is not for {0} URLs; write a single host")]
    HostList(Kind),
    #[error("list is not for `{0}://`; write the one name that DNS resolves")]
    SrvHostList(&'static str),
    #[error("must be a name with `{0}://`, no address and no socket")]
    SrvNotAName(&'static str),
    #[error("has brackets that do not match; write an IPv6 address as `[::1]`")]
    UnbalancedBracket,
    #[error("in brackets is no IPv6 address; brackets are for those alone")]
    NotIpv6,
    #[error("is an IPv6 address without brackets; write it as `[::1]`")]
    BareIpv6,
    #[error("is followed by something that is neither `:` and a port nor `/`")]
    AfterBracket,
    #[error("looks like an IPv4 address but is none; write four numbers from 0 to 255")]
    NotIpv4,
    #[error("has an empty label; remove the extra dot")]
    EmptyLabel,
    #[error("is too long; a name has at most 253 characters, and 63 between dots")]
    HostTooLong,
    #[error("holds a blank; remove it")]
    BlankInHost,
    #[error("holds a character that no host name has; correct it, or percent-encode the password before it")]
    HostCharacter,
    #[error("is a socket path, which {article} {0} URL cannot have", article = .0.article())]
    SocketHost(Kind),
    #[error("is a socket path that does not end in `.sock`; MongoDB's sockets do")]
    SocketName,
    #[error("is empty; write a number after the `:`, or leave out the `:`")]
    EmptyPort,
    #[error("is not a number; write one from 1 to 65535, or the `@` that is missing after a password")]
    PortNotANumber,
    #[error("is out of range; write a number from 1 to 65535")]
    PortOutOfRange,
    #[error("must not be given with `{0}://`; remove it, for DNS tells it")]
    SrvPort(&'static str),
    #[error("cannot be used with a socket; remove it")]
    SocketPort,
    #[error("must be empty in {article} {0} URL; remove it", article = .0.article())]
    NoPath(Kind),
    #[error("holds a character that {0} does not allow in one (`/`, `\\`, `\"`, `$` or a space)")]
    DatabaseCharacter(Kind),
    #[error("has an option without `=`; write `name=value`")]
    OptionWithoutValue,
    #[error("has an option without a name; write `name=value`")]
    OptionWithoutName,
    #[error("gives the option `{0}` twice; keep one")]
    RepeatedOption(&'static str),
    #[error("has `{0}` and `{1}`, which contradict each other; keep one")]
    Conflict(&'static str, &'static str),
    #[error("has `{0}`, which needs `{1}`; add it")]
    Needs(&'static str, &'static str),
    #[error("has `{0}`, which takes a single host; this URL lists several")]
    SingleHost(&'static str),
    #[error("has `{0}`, which is for `mongodb+srv://` alone; remove it")]
    SrvOption(&'static str),
    #[error("has `{0}`, which is not for `mongodb+srv://`; remove it")]
    NotSrvOption(&'static str),
    #[error("has an empty `{0}`; give it a value, or leave it out")]
    EmptyOption(&'static str),
    #[error("is missing, and `authMechanism={0}` needs one")]
    MechanismNeeds(&'static str),
    #[error("is given, and `authMechanism={0}` takes none; remove it")]
    MechanismForbids(&'static str),
    #[error("has an `authSource` that `authMechanism={0}` does not allow; write `$external`")]
    MechanismSource(&'static str),
    #[error("is empty; write a user name before `@`, or leave out the `@`")]
    EmptyUsername,
    #[error("must be text that holds a resource URL")]
    NotText,
    #[cfg(feature = "sso")]
    #[error("{0}")]
    SignOn(SignOn),
}

impl Fault {
    fn kind(self) -> ErrorKind {
        use ErrorKind as K;
        match self {
            Self::Missing | Self::NoResource(_) => K::Missing,
            Self::SeveralResources(_) => K::Ambiguous,
            Self::Empty => K::Empty,
            Self::NotUnicode | Self::NameNotUnicode => K::NotUnicode,
            Self::WrongKind { .. } => K::WrongKind,
            Self::UnknownScheme(_) | Self::MisspeltScheme(_) => K::UnknownScheme,
            Self::MissingScheme(_) | Self::SchemeWithoutSlashes(_) | Self::NotAScheme => K::MissingScheme,
            Self::Quotes | Self::TypographicQuotes | Self::Leading(_) | Self::Trailing(_) => K::Surrounded,
            Self::Reference | Self::Placeholder | Self::Shortened => K::Unexpanded,
            Self::Unencoded(_) => K::Unencoded,
            Self::BadEscape | Self::EscapeNotUtf8 => K::BadEscape,
            Self::EmptyHost
            | Self::UnencodedSocket
            | Self::EmptyHostInList
            | Self::MixedCredentials
            | Self::BlanksInHostList
            | Self::HostList(_)
            | Self::SrvHostList(_)
            | Self::SrvNotAName(_)
            | Self::UnbalancedBracket
            | Self::NotIpv6
            | Self::BareIpv6
            | Self::AfterBracket
            | Self::NotIpv4
            | Self::EmptyLabel
            | Self::HostTooLong
            | Self::BlankInHost
            | Self::HostCharacter
            | Self::SocketHost(_)
            | Self::SocketName => K::InvalidHost,
            Self::EmptyPort
            | Self::PortNotANumber
            | Self::PortOutOfRange
            | Self::SrvPort(_)
            | Self::SocketPort => K::InvalidPort,
            Self::NoPath(_) | Self::DatabaseCharacter(_) => K::InvalidPath,
            Self::OptionWithoutValue
            | Self::OptionWithoutName
            | Self::RepeatedOption(_)
            | Self::Conflict(..)
            | Self::Needs(..)
            | Self::SingleHost(_)
            | Self::SrvOption(_)
            | Self::NotSrvOption(_)
            | Self::EmptyOption(_)
            | Self::MechanismSource(_) => K::InvalidOption,
            Self::MechanismNeeds(_) | Self::MechanismForbids(_) | Self::EmptyUsername => {
                K::InvalidCredentials
            }
            Self::NotText => K::NotText,
            #[cfg(feature = "sso")]
            Self::SignOn(fault) => fault.kind(),
        }
    }

    /// How the message goes on to its list of candidates.
    fn candidates_are(self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("; of this kind there is "),
            Self::NoResource(_) => Some("; there is "),
            Self::SeveralResources(_) => Some(": "),
            _ => None,
        }
    }
}

/// The faults of the add-on dashboard's login.
#[cfg(feature = "sso")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignOn {
    #[error("the salt is empty; set it to the `sso_salt` of the add-on's manifest")]
    EmptySalt,
    #[error("the sign-on form must be a map from names to texts or whole numbers")]
    NotAForm,
    #[error("the sign-on form has no `{0}`; pass on every field of Heroku's POST")]
    MissingField(&'static str),
    #[error("the sign-on form gives `{0}` more than once; pass on Heroku's own field alone")]
    RepeatedField(&'static str),
    #[error("the sign-on form has a `timestamp` that is no number; pass on Heroku's, in seconds since 1970")]
    Timestamp,
    #[error(
        "the sign-on form has a `{0}` that does not match; sign in again, and check that the salt is the manifest's"
    )]
    BadToken(&'static str),
    #[error("the sign-on form is too old; sign in again, or check this machine's clock")]
    Stale,
    #[error("the sign-on form is from the future; check this machine's clock")]
    Future,
}

#[cfg(feature = "sso")]
impl SignOn {
    fn kind(self) -> ErrorKind {
        match self {
            Self::EmptySalt => ErrorKind::Empty,
            Self::NotAForm => ErrorKind::NotText,
            Self::MissingField(_) => ErrorKind::MissingField,
            Self::RepeatedField(_) | Self::Timestamp => ErrorKind::InvalidField,
            Self::BadToken(_) => ErrorKind::BadToken,
            Self::Stale => ErrorKind::StaleToken,
            Self::Future => ErrorKind::FutureToken,
        }
    }

    /// Not a `From`: with a second one, `?` could not infer the type of a fault in the crate's closures.
    pub(crate) fn error(self) -> Error {
        Error::new(Fault::SignOn(self))
    }
}

/// What a search was for: resources of one kind, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted(pub(crate) Option<Kind>);

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(kind) => write!(f, "{kind} resource"),
            None => f.write_str("resource"),
        }
    }
}

/// Characters that must not stand as they are, each with its mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Raw {
    #[error("an unencoded `#`; write `%23`")]
    Hash,
    #[error("an unencoded `/`; write `%2F`")]
    Slash,
    #[error("an unencoded `?`; write `%3F`")]
    QuestionMark,
    #[error("an unencoded `@`; write `%40`")]
    At,
    #[error("an unencoded `:`; write `%3A`")]
    Colon,
    #[error("an unencoded `[`; write `%5B`")]
    OpenBracket,
    #[error("an unencoded `]`; write `%5D`")]
    CloseBracket,
    #[error("an unencoded `\\`; write `%5C`")]
    Backslash,
    #[error("an unencoded space; write `%20`")]
    Space,
    #[error("an unencoded tab; write `%09`")]
    Tab,
    #[error("an unencoded line break; write `%0A`")]
    LineFeed,
    #[error("an unencoded carriage return; write `%0D`")]
    CarriageReturn,
    #[error("an unencoded NUL; write `%00`")]
    Nul,
    #[error("an unencoded control character; remove it, or write its `%` escape")]
    Control,
    #[error("an invisible character; remove it, or write its `%` escape")]
    Invisible,
}

/// What may stand before or after a value by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Blank {
    #[error("a space")]
    Space,
    #[error("a tab")]
    Tab,
    #[error("a line break")]
    LineBreak,
    #[error("a byte order mark")]
    ByteOrderMark,
    #[error("an invisible character")]
    Invisible,
}
