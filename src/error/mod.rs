//! What can be wrong, and how it is said.
//!
//! Invariant: nothing in this room can hold text of a config var's or a form field's value. An [`Error`] is made of
//! rows of fixed tables, of config var *names*, and of no `String`, `char` or offset that comes from a value.

#[cfg(feature = "_drivers")]
mod driver;
mod fault;

#[cfg(feature = "_drivers")]
pub(crate) use driver::DriverFault;
#[cfg(feature = "notify")]
pub(crate) use fault::Obstacle;
#[cfg(feature = "sso")]
pub(crate) use fault::SignOn;
pub(crate) use fault::{Blank, Choices, Fault, Raw, Wanted};

use crate::kind::Kind;
use crate::shown::{self, ShownName};
use std::fmt;
use std::sync::Arc;

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
    /// The source at fault, as it names itself.
    origin: Option<Box<str>>,
    /// Names of config vars that the message lists, with the kind of each resource where that tells something.
    candidates: Vec<(Box<str>, Option<Kind>)>,
    /// Where there are several faults: each of them.
    faults: Vec<Error>,
    /// Where the config var is set that is not read.
    elsewhere: Option<Elsewhere>,
    /// The item of a list, from 1.
    item: Option<usize>,
    /// What the app's type says it expects: text of the program, which was written before it saw a value.
    expected: Option<Box<str>>,
}

/// A config var that is not read from its source, because one that belongs with it comes from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) name: Box<str>,
    pub(crate) origin: Option<Arc<str>>,
    /// The config var that belongs with it.
    pub(crate) beside: Box<str>,
    pub(crate) beside_origin: Option<Arc<str>>,
}

impl Error {
    #[cold]
    #[inline(never)]
    pub(crate) fn new(fault: Fault) -> Self {
        Self(Box::new(Report {
            fault,
            component: None,
            var: None,
            origin: None,
            candidates: Vec::new(),
            faults: Vec::new(),
            elsewhere: None,
            item: None,
            expected: None,
        }))
    }

    /// All faults in one error. Of a single one, that error.
    pub(crate) fn all(mut faults: Vec<Error>) -> Self {
        match faults.len() {
            1 => faults.remove(0),
            count => {
                let mut error = Self::new(Fault::Several(count));
                error.0.faults = faults;
                error
            }
        }
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn at(component: Component, fault: Fault) -> Self {
        let mut error = Self::new(fault);
        error.0.component = Some(component);
        error
    }

    /// Names the config var at fault, unless the error names one already. For code that parses a value itself.
    ///
    /// A text that does not look like a name may be a value by mistake, and is left out.
    ///
    /// ```
    /// # use config_vars::RedisUrl;
    /// let error = "redis://cache.example:0".parse::<RedisUrl>().unwrap_err().for_var("REDIS_URL");
    /// assert_eq!(error.to_string(), "REDIS_URL: the port is out of range; write a number from 1 to 65535");
    ///
    /// let error = "redis://cache.example:0".parse::<RedisUrl>().unwrap_err().for_var("redis://:s3cret@cache.example:0");
    /// assert_eq!(error.var(), None);
    /// ```
    #[must_use]
    pub fn for_var(mut self, name: &str) -> Self {
        if shown::is_like_name(name) {
            return self.for_known_var(name);
        }
        if self.0.fault == Fault::Missing {
            self.0.fault = Fault::MissingUnnamed;
        }
        self
    }

    /// Leaves out the hint that a port may be the beginning of a password.
    #[must_use]
    pub(crate) fn without_password_hint(mut self) -> Self {
        if self.0.fault == Fault::PortOrPassword {
            self.0.fault = Fault::PortNotANumber;
        }
        self
    }

    /// Names a config var that exists, or whose name is fixed in the program's text.
    #[must_use]
    pub(crate) fn for_known_var(mut self, name: &str) -> Self {
        self.0.var.get_or_insert_with(|| name_text(name));
        self
    }

    /// A fault in words of the app's own: of a source that is a closure, of a client that cannot be built. The words are
    /// fixed in the program's text, so that none of them can come from a value.
    ///
    /// ```
    /// # use config_vars::{Error, ErrorKind};
    /// let error = Error::custom("the secret store did not answer").for_source("vault");
    /// assert_eq!(error.to_string(), "vault: the secret store did not answer");
    /// assert_eq!(error.kind(), ErrorKind::Custom);
    /// ```
    #[must_use]
    pub fn custom(message: &'static str) -> Self {
        Self::new(Fault::Custom(message))
    }

    /// The same error, of that source, unless it names a nearer one already. For a [`Source`](crate::Source) of the
    /// app's own. The name is shown; it must hold no secret.
    ///
    /// ```
    /// # use config_vars::Error;
    /// let error = Error::custom("the secret store did not answer").for_source("vault");
    /// assert_eq!(error.origin(), Some("vault"));
    /// ```
    #[must_use]
    pub fn for_source(mut self, name: &str) -> Self {
        self.0.origin.get_or_insert_with(|| name.into());
        self
    }

    #[must_use]
    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = fault;
        self
    }

    /// The same error, of an item of a list, counted from 1.
    #[must_use]
    pub(crate) fn for_item(mut self, item: usize) -> Self {
        self.0.item.get_or_insert(item);
        self
    }

    /// The same error, with what the app's type says it expects. That must be text of the program.
    #[must_use]
    pub(crate) fn with_expected(mut self, expected: &str) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub(crate) fn with_candidates<'n>(
        mut self,
        candidates: impl IntoIterator<Item = (&'n str, Option<Kind>)>,
    ) -> Self {
        self.0.candidates = candidates
            .into_iter()
            .map(|(name, kind)| (name_text(name), kind))
            .collect();
        self
    }

    #[must_use]
    pub(crate) fn with_elsewhere(mut self, elsewhere: &Elsewhere) -> Self {
        self.0.elsewhere = Some(elsewhere.clone());
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

    pub(crate) fn fault(&self) -> Fault {
        self.0.fault
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

    /// The source at fault: the path of a file or folder, say; `None` where the fault is not a source's.
    ///
    /// ```
    /// # use config_vars::{EnvFile, Source};
    /// let error = EnvFile::new("/no/such/app.env").read().unwrap_err();
    /// assert_eq!(error.origin(), Some("/no/such/app.env"));
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.0.origin.as_deref()
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

    /// Each fault by itself, where the error tells of several; else this one.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, MysqlUrl, RedisUrl};
    /// #[derive(Debug, serde::Deserialize)]
    /// # #[expect(dead_code, reason = "here, nobody reads the fields")]
    /// struct Config { jawsdb_url: MysqlUrl, redis_url: RedisUrl }
    ///
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p w@db.example/shop")]);
    /// let error = vars.extract::<Config>().unwrap_err();
    /// let vars: Vec<_> = error.faults().filter_map(|fault| fault.var()).collect();
    /// assert_eq!(vars, ["JAWSDB_URL", "REDIS_URL"]);
    /// ```
    pub fn faults(&self) -> impl Iterator<Item = &Error> {
        let single = self.0.faults.is_empty().then_some(self);
        self.0.faults.iter().chain(single)
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

/// What an error keeps of the name of a config var: nothing of one that is a value.
fn name_text(name: &str) -> Box<str> {
    match shown::is_value(name) {
        true => shown::REDACTED.into(),
        false => name.into(),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.to_string()).finish()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{}: ", ShownName::origin(origin))?;
        }
        if let Some(var) = &self.var {
            write!(f, "{}: ", ShownName::name(var))?;
        }
        if let Some(item) = self.item {
            f.write_str(match self.component {
                Some(_) => "in ",
                None => "",
            })?;
            write!(f, "item {item}")?;
            f.write_str(match self.component {
                Some(_) => ", ",
                None => " ",
            })?;
        }
        if let Some(component) = self.component {
            write!(f, "{component} ")?;
        }
        write!(f, "{}", self.fault)?;
        if let Some(expected) = &self.expected {
            write!(f, ": {}", ShownName::origin(expected))?;
        }
        self.fmt_candidates(f)?;
        if let Some(elsewhere) = &self.elsewhere {
            write!(f, "; {elsewhere}")?;
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |origin: &Option<Arc<str>>, unnamed: &str| match origin {
            Some(origin) => ShownName::origin(origin).to_string(),
            None => unnamed.to_owned(),
        };
        write!(
            f,
            "{} is in {}, but {}, which belongs with it, comes from {}; config vars that belong together are read from \
             one source, so set them all in one",
            ShownName::name(&self.name),
            source(&self.origin, "the source after it"),
            ShownName::name(&self.beside),
            source(&self.beside_origin, "the source before it"),
        )
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
            write!(f, "{}", ShownName::name(name))?;
            if let Some(kind) = kind {
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
    /// Several config vars have a fault each; see [`Error::faults`].
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
    /// The value is no text, or is PEM text that was cut off.
    NotText,
    /// What config vars should be read from is malformed itself.
    InvalidSource,
    /// What config vars should be read from cannot be read: it is not there, say, or not for this process.
    UnreadableSource,
    /// The source cannot be watched, or not in the way that was asked for.
    Unwatchable,
    /// The server refused the credentials, and they are not tried again for now.
    Refused,
    /// What the app itself said; see [`Error::custom`].
    Custom,
    /// The value is none that the app's own type takes.
    Unreadable,
    /// The app's own type is none that config vars can be extracted into.
    Unsupported,
    /// A driver cannot do what the URL asks for (features of the drivers' names).
    NotForDriver,
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
    /// The file that the value is the path of.
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
