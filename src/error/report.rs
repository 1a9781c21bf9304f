//! [`Error`]: a fault with the config var, the source and the component that it concerns.

#[cfg(feature = "_drivers")]
use super::driver_fault::DriverFault;
use super::error_kind::{Component, ErrorKind};
use super::fault::Fault;
#[cfg(feature = "sso")]
use super::sign_on::SignOn;
use crate::kind::Kind;
use crate::list::mapped;
use crate::origin::Origin;
use crate::shown::{self, ShownName};
use std::fmt;

/// The reason why a config var, or a set of them, could not be read; with the feature `sso`, also why a sign-on form was
/// rejected.
///
/// The message names the config var, the component, the likely cause and the fix, and never contains a piece of the value: an
/// error has no field that could contain one. `{}` and `{:?}` print the same text, so that `unwrap()` is readable, and
/// [`source`](std::error::Error::source) is always `None`.
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
    /// The expectation of the app's type. It is text of the program, and cannot contain a value.
    expected: Option<Box<str>>,
}

/// A config var that is not read from its source, because one that belongs with it comes from another.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Elsewhere {
    pub(crate) name: Box<str>,
    pub(crate) origin: Option<Origin>,
    /// The config var that belongs with it.
    pub(crate) beside: Box<str>,
    pub(crate) beside_origin: Option<Origin>,
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

    /// Combines errors; a single error is returned unchanged.
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

    /// Joins two errors into one that has the faults of both, each once.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Error};
    /// let vars = ConfigVars::from_iter([("PORT", "http")]);
    /// let config = match (vars.parse::<u16>("PORT"), vars.require("SENTRY_DSN")) {
    ///     (Ok(port), Ok(dsn)) => Ok((port, dsn)),
    ///     (Err(one), Err(other)) => Err(one.and(other)),
    ///     (Err(error), _) | (_, Err(error)) => Err(error),
    /// };
    /// let error = config.unwrap_err();
    /// assert!(error.faults().filter_map(Error::var).eq(["PORT", "SENTRY_DSN"]));
    /// ```
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let mut faults = self.fault_list().to_vec();
        for fault in other.faults() {
            if !faults.contains(fault) {
                faults.push(fault.clone());
            }
        }
        Self::all(faults)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn at(component: Component, fault: Fault) -> Self {
        let mut error = Self::new(fault);
        error.0.component = Some(component);
        error
    }

    /// Sets the config var at fault, unless the error has one already. Use it in code that parses a value itself.
    ///
    /// A text that does not look like a name may be a value by mistake, and is ignored.
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

    /// Removes the hint that a port may be the beginning of a password.
    #[must_use]
    pub(crate) fn without_password_hint(mut self) -> Self {
        if self.0.fault == Fault::PortOrPassword {
            self.0.fault = Fault::PortNotANumber;
        }
        self
    }

    /// Sets the config var at fault, which exists or whose name is fixed in the program's text.
    #[must_use]
    pub(crate) fn for_known_var(mut self, name: &str) -> Self {
        if self.0.var.is_none() {
            self.0.var = Some(name_text(name));
        }
        self
    }

    /// Creates an application-defined error, for example of a closure that is a source, or of a client that cannot be built.
    /// The message is `'static`, so that it cannot contain a secret.
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

    /// Sets the name of the source, unless the error has one already. Use it in your own [`Source`](crate::Source). The name
    /// is shown, and must not contain a secret.
    ///
    /// ```
    /// # use config_vars::Error;
    /// let error = Error::custom("the secret store did not answer").for_source("vault");
    /// assert_eq!(error.origin(), Some("vault"));
    /// ```
    #[must_use]
    pub fn for_source(mut self, name: &str) -> Self {
        if self.0.origin.is_none() {
            self.0.origin = Some(name.into());
        }
        self
    }

    #[must_use]
    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = fault;
        self
    }

    /// Sets the item of a list at fault, counted from 1.
    #[must_use]
    pub(crate) fn for_item(mut self, item: usize) -> Self {
        self.0.item = self.0.item.or(Some(item));
        self
    }

    /// Sets the expectation of the app's type, which must be text of the program.
    #[must_use]
    pub(crate) fn with_expected(mut self, expected: &str) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    #[must_use]
    pub(crate) fn with_candidates(mut self, candidates: &[(&str, Option<Kind>)]) -> Self {
        self.0.candidates = mapped(candidates, |(name, kind)| (name_text(name), *kind));
        self
    }

    #[must_use]
    pub(crate) fn with_elsewhere(mut self, elsewhere: &Elsewhere) -> Self {
        self.0.elsewhere = Some(elsewhere.clone());
        self
    }

    /// Returns the kind of the fault.
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

    /// Returns the name of the config var at fault; `None` if a value was parsed on its own, or if several config vars are
    /// [candidates](Self::candidates).
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

    /// Returns the name of the source at fault, for example a path; `None` if no source is at fault.
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

    /// Returns the part of the value that is at fault; `None` if no value is.
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

    /// Returns each fault of an error of several; otherwise this error alone.
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
        self.fault_list().iter()
    }

    fn fault_list(&self) -> &[Error] {
        match &*self.0.faults {
            [] => std::slice::from_ref(self),
            faults => faults,
        }
    }

    /// Returns the names of the config vars that a search could not choose between, or that it found instead.
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

/// Returns the name of a config var, redacted if it may be a value.
fn name_text(name: &str) -> Box<str> {
    match shown::is_value(name) {
        true => shown::REDACTED.into(),
        false => name.into(),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With the line breaks between several faults, because `fn main() -> Result<(), Error>` prints it.
        write!(f, "Error(\"{self}\")")
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
        match (self.item, self.component) {
            (Some(item), Some(component)) => write!(f, "in item {item}, {component} ")?,
            (Some(item), None) => write!(f, "item {item} ")?,
            (None, Some(component)) => write!(f, "{component} ")?,
            (None, None) => {}
        }
        write!(f, "{}", self.fault)?;
        if let Some(expected) = &self.expected {
            write!(f, ": {}", ShownName::origin(expected))?;
        }
        self.fmt_candidates(f)?;
        if let Some(elsewhere) = &self.elsewhere {
            write!(f, "; {elsewhere}")?;
        }
        for fault in &self.faults {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = |origin: &Option<Origin>, unnamed: &str| match origin {
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

#[cfg(feature = "_drivers")]
impl DriverFault {
    pub(crate) fn at(self, component: Component) -> Error {
        Error::at(component, Fault::Driver(self))
    }
}

#[cfg(feature = "sso")]
impl SignOn {
    /// Not a `From`: with a second one, `?` could not infer the type of a fault in the crate's closures.
    pub(crate) fn error(self) -> Error {
        Error::new(Fault::SignOn(self))
    }
}
