//! [`ConfigValue`]: the value of one config var.

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::lock::lock;
use crate::secret;
use secrecy::{ExposeSecret, SecretString};
use std::ffi::OsString;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// The value of a config var: secret text, or the fact that it was not text.
///
/// It is created from the types that sources provide, without a copy if possible.
///
/// ```
/// use config_vars::{ConfigValue, ConfigVars, SecretString};
///
/// let from_vault = SecretString::from("hvs.1234");
/// let vars = ConfigVars::from_iter([("TOKEN", ConfigValue::from(from_vault)), ("PORT", "8080".into())]);
/// assert_eq!(vars.len(), 2);
/// ```
#[derive(Clone)]
pub struct ConfigValue {
    /// `None` if the config var's name or value is not Unicode.
    text: Option<SecretString>,
    /// In a box, because most have none, and every config var is moved when it is read.
    details: Option<Box<ValueDetails>>,
}

/// Properties of a config var beside its text, of which some sources know.
#[derive(Clone, Default)]
struct ValueDetails {
    /// Set if the name is not Unicode, so that the app cannot ask for it.
    has_odd_name: bool,
    /// When its file was written, if the source has one file for each config var.
    written: Option<SystemTime>,
    /// The platform's own statement about it, if the source asked.
    bound: Option<Arc<Bound>>,
    /// Set if it comes from a file in which an earlier process kept it.
    mark: Option<Arc<RememberedMark>>,
    /// The kind of the resource whose host it is, as known from an earlier generation.
    known_kind: Option<Kind>,
}

/// The mark of config vars that an earlier process read, while the source itself cannot be read.
#[derive(Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "remembered sources are only on Unix"))]
pub(crate) struct RememberedMark {
    read_at: SystemTime,
    /// Why the source cannot be read; `None` once it could.
    error: Mutex<Option<Error>>,
}

#[cfg_attr(not(unix), allow(dead_code, reason = "remembered sources are only on Unix"))]
impl RememberedMark {
    pub(crate) fn new(read_at: SystemTime) -> Self {
        Self {
            read_at,
            error: Mutex::default(),
        }
    }

    pub(crate) fn read_at(&self) -> SystemTime {
        self.read_at
    }

    pub(crate) fn error(&self) -> Option<Error> {
        lock(&self.error).clone()
    }

    pub(crate) fn set_error(&self, error: Error) {
        *lock(&self.error) = Some(error);
    }

    /// Records that the source was read, so that values with this mark are confirmed or replaced.
    pub(crate) fn end(&self) {
        *lock(&self.error) = None;
    }
}

/// The attachment that a config var belongs to, by the platform's own word.
#[cfg_attr(
    not(any(unix, feature = "heroku")),
    allow(dead_code, reason = "nothing else sets it")
)]
pub(crate) struct Bound {
    pub(crate) attachment: Box<str>,
    /// The id of the add-on. Attachments of one add-on are one resource.
    pub(crate) addon: Box<str>,
}

impl ConfigValue {
    /// Returns the text; `None` if the var's name or value is not Unicode.
    ///
    /// ```
    /// # use config_vars::{ConfigValue, ExposeSecret};
    /// let value = ConfigValue::from("s3cret");
    /// assert_eq!(value.secret().map(|text| text.expose_secret()), Some("s3cret"));
    /// ```
    #[must_use]
    pub fn secret(&self) -> Option<&SecretString> {
        self.text.as_ref()
    }

    /// Reads the content of a file with a single value. Editors and `echo` end it with a line break, which is not part of the
    /// value.
    pub(crate) fn from_file(bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::NOT_UNICODE;
        };
        let line = text.strip_suffix('\n');
        let line = line.map(|line| line.strip_suffix('\r').unwrap_or(line));
        line.unwrap_or(text).into()
    }

    pub(crate) const NOT_UNICODE: Self = Self {
        text: None,
        details: None,
    };

    /// The value of a config var whose name is not Unicode. The app cannot ask for it by its real name.
    pub(super) fn of_odd_name() -> Self {
        let mut value = Self::NOT_UNICODE;
        value.details.get_or_insert_default().has_odd_name = true;
        value
    }

    pub(super) fn has_plain_name(&self) -> bool {
        let details = self.details.as_deref();
        !details.is_some_and(|details| details.has_odd_name)
    }

    /// Returns whether the value is an empty text, which counts as not set.
    pub(crate) fn is_empty(&self) -> bool {
        self.secret().is_some_and(|text| text.expose_secret().is_empty())
    }

    pub(super) fn mark(&self) -> Option<&RememberedMark> {
        self.details.as_ref()?.mark.as_deref()
    }

    #[cfg(unix)]
    pub(super) fn set_mark(&mut self, mark: Arc<RememberedMark>) {
        self.details.get_or_insert_default().mark = Some(mark);
    }

    pub(crate) fn known_kind(&self) -> Option<Kind> {
        self.details.as_ref()?.known_kind
    }

    pub(super) fn set_known_kind(&mut self, kind: Kind) {
        self.details.get_or_insert_default().known_kind = Some(kind);
    }

    pub(crate) fn bound(&self) -> Option<&Bound> {
        self.details.as_ref()?.bound.as_deref()
    }

    pub(crate) fn written(&self) -> Option<SystemTime> {
        self.details.as_ref()?.written
    }

    pub(crate) fn with_written(mut self, written: Option<SystemTime>) -> Self {
        if written != self.written() {
            self.details.get_or_insert_default().written = written;
        }
        self
    }

    #[cfg(any(unix, feature = "heroku"))]
    pub(crate) fn set_bound(&mut self, bound: Option<Arc<Bound>>) {
        if bound.is_some() || self.bound().is_some() {
            self.details.get_or_insert_default().bound = bound;
        }
    }

    /// Returns the text, or an error if there is none or it is empty.
    pub(crate) fn require(&self) -> Result<&SecretString, Error> {
        match &self.text {
            Some(text) if text.expose_secret().is_empty() => Err(Error::new(Fault::Empty)),
            Some(text) => Ok(text),
            None if self.has_plain_name() => Err(Error::at(Component::Value, Fault::NotUnicode)),
            None => Err(Error::new(Fault::NameNotUnicode)),
        }
    }
}

impl From<SecretString> for ConfigValue {
    fn from(text: SecretString) -> Self {
        Self {
            text: Some(text),
            details: None,
        }
    }
}

impl From<&str> for ConfigValue {
    fn from(text: &str) -> Self {
        SecretString::from(text).into()
    }
}

impl From<String> for ConfigValue {
    fn from(text: String) -> Self {
        secret::adopt(text).into()
    }
}

impl From<OsString> for ConfigValue {
    fn from(text: OsString) -> Self {
        match text.into_string() {
            Ok(text) => text.into(),
            Err(text) => {
                drop(Zeroizing::new(text.into_encoded_bytes()));
                Self::NOT_UNICODE
            }
        }
    }
}

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.text {
            Some(_) => "[redacted]",
            None => "[not Unicode]",
        })
    }
}
