//! [`ConfigVars`]: one snapshot of names and secret values.

use crate::error::{Component, Elsewhere, Error, Fault};
use crate::kind::Kind;
use crate::reads::{Mark, Reads, Recorder};
use crate::secret;
use crate::shown::ShownName;
use secrecy::{ExposeSecret, SecretString};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;
use zeroize::Zeroizing;

/// A snapshot of config vars: names, and values that are kept secret and wiped in the end.
///
/// A snapshot never changes, and so the user, the password and the host that are read from one belong together.
/// Clones share it. `Debug` prints names only.
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret};
///
/// // In an app: ConfigVars::from_env(). In a test, or from any other source:
/// let vars = ConfigVars::from_iter([("SENTRY_DSN", "https://key@sentry.example/1"), ("PORT", "8080")]);
/// assert_eq!(vars.require("PORT")?.expose_secret(), "8080");
/// assert!(vars.get("CLOUDAMQP_URL").is_none());
/// assert_eq!(format!("{vars:?}"), r#"ConfigVars {"PORT", "SENTRY_DSN"}"#);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ConfigVars {
    /// Sorted by name.
    vars: Arc<Vec<Var>>,
    /// Config vars of a farther source that were left out; see [`Source::or`](crate::Source::or).
    left_out: Arc<[LeftOut]>,
    /// Notes what is read, for `Live`.
    recorder: Recorder,
}

/// A config var of a farther source that was left out, because a nearer one has a part of what it belongs to.
#[derive(Clone)]
pub(crate) struct LeftOut {
    pub(crate) elsewhere: Elsewhere,
    /// The kind of the resource that it belongs to.
    pub(crate) kind: Option<Kind>,
}

#[derive(Clone)]
pub(crate) struct Var {
    pub(crate) name: Box<str>,
    pub(crate) value: ConfigValue,
    /// The source that gave it, as it names itself.
    pub(crate) origin: Option<Arc<str>>,
}

/// The value of a config var: secret text, or a note that it was no text.
///
/// It is made from whatever a source has, and takes over what can be taken over without a copy.
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
    text: Text,
    /// When its file was written, if others of the same attachment have files that are written before or after it.
    written: Option<SystemTime>,
}

#[derive(Clone)]
enum Text {
    Unicode(SecretString),
    NotUnicode,
    NameNotUnicode,
}

impl ConfigValue {
    /// The text; `None` where the var's name or value is not Unicode.
    ///
    /// ```
    /// # use config_vars::{ConfigValue, ExposeSecret};
    /// let value = ConfigValue::from("s3cret");
    /// assert_eq!(value.secret().map(|text| text.expose_secret()), Some("s3cret"));
    /// ```
    #[must_use]
    pub fn secret(&self) -> Option<&SecretString> {
        match &self.text {
            Text::Unicode(text) => Some(text),
            Text::NotUnicode | Text::NameNotUnicode => None,
        }
    }

    /// The content of a file that holds one value. Editors and `echo` end it with a line break, which is no part of it.
    pub(crate) fn from_file(bytes: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Self::NOT_UNICODE;
        };
        let line = text.strip_suffix('\n');
        let line = line.map(|line| line.strip_suffix('\r').unwrap_or(line));
        line.unwrap_or(text).into()
    }

    pub(crate) const NOT_UNICODE: Self = Self::of(Text::NotUnicode);

    const fn of(text: Text) -> Self {
        Self { text, written: None }
    }

    pub(crate) fn written(&self) -> Option<SystemTime> {
        self.written
    }

    pub(crate) fn with_written(self, written: Option<SystemTime>) -> Self {
        Self { written, ..self }
    }

    /// The text, which must be there and not be empty.
    pub(crate) fn require(&self) -> Result<&SecretString, Error> {
        match &self.text {
            Text::Unicode(text) if text.expose_secret().is_empty() => Err(Error::new(Fault::Empty)),
            Text::Unicode(text) => Ok(text),
            Text::NotUnicode => Err(Error::at(Component::Value, Fault::NotUnicode)),
            Text::NameNotUnicode => Err(Error::new(Fault::NameNotUnicode)),
        }
    }
}

impl From<SecretString> for ConfigValue {
    fn from(text: SecretString) -> Self {
        Self::of(Text::Unicode(text))
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
                Self::of(Text::NotUnicode)
            }
        }
    }
}

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.text {
            Text::Unicode(_) => "[redacted]",
            Text::NotUnicode | Text::NameNotUnicode => "[not Unicode]",
        })
    }
}

impl Var {
    pub(crate) fn new(name: OsString, value: ConfigValue) -> Self {
        match name.into_string() {
            Ok(name) => Self {
                name: name.into(),
                value,
                origin: None,
            },
            // Nobody can ask for it by its true name, so the value is of no use.
            Err(name) => Self {
                name: name.to_string_lossy().into(),
                value: ConfigValue::of(Text::NameNotUnicode),
                origin: None,
            },
        }
    }

    /// Vars are sorted by this. Names that are not Unicode may look alike and yet differ; they stand last.
    pub(crate) fn key(&self) -> (&str, bool) {
        (&self.name, !self.has_plain_name())
    }

    fn has_plain_name(&self) -> bool {
        !matches!(self.value.text, Text::NameNotUnicode)
    }

    fn has_name_of(&self, other: &Self) -> bool {
        self.key() == other.key() && self.has_plain_name()
    }

    fn sorted(vars: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut vars: Vec<Self> = vars.into_iter().collect();
        // Most comparisons are of the beginnings alone, which are at hand.
        vars.sort_by_cached_key(Self::beginning);
        for alike in vars.chunk_by_mut(|left, right| left.beginning() == right.beginning()) {
            alike.sort_by(|left, right| left.key().cmp(&right.key()));
        }
        vars
    }

    /// The first bytes of the name, as a number in their order.
    fn beginning(&self) -> u128 {
        let mut bytes = [0; 16];
        let length = self.name.len().min(bytes.len());
        bytes[..length].copy_from_slice(&self.name.as_bytes()[..length]);
        u128::from_be_bytes(bytes)
    }
}

/// Of pairs with the same name, the last one counts.
impl<N: Into<OsString>, V: Into<ConfigValue>> FromIterator<(N, V)> for ConfigVars {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| Var::new(name.into(), value.into()))
            .collect()
    }
}

impl FromIterator<Var> for ConfigVars {
    fn from_iter<I: IntoIterator<Item = Var>>(vars: I) -> Self {
        let mut vars = Var::sorted(vars);
        vars.dedup_by(|later, earlier| {
            let same = later.has_name_of(earlier);
            if same {
                std::mem::swap(later, earlier);
            }
            same
        });
        Self::of(vars)
    }
}

impl ConfigVars {
    /// Config vars that are sorted, and of which no two have the same name.
    fn of(vars: Vec<Var>) -> Self {
        Self {
            vars: Arc::new(vars),
            left_out: Arc::default(),
            recorder: Recorder::default(),
        }
    }

    /// Config vars of names that must differ.
    pub(crate) fn unique(vars: impl IntoIterator<Item = Var>) -> Result<Self, Error> {
        let vars = Var::sorted(vars);
        match vars.windows(2).find(|pair| pair[1].has_name_of(&pair[0])) {
            Some(pair) => Err(Error::new(Fault::TwoEntries).for_known_var(&pair[0].name)),
            None => Ok(Self::of(vars)),
        }
    }

    /// The process environment, as it is now. It cannot fail: names and values that are not Unicode are kept by
    /// name, and reported when they are asked for.
    ///
    /// A running process never sees its environment change: on Heroku a credential roll restarts the dyno. Nothing
    /// in this crate writes the environment, and the environment block itself, which the operating system made,
    /// cannot be wiped.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_env();
    /// for (name, _) in vars.iter() {
    ///     println!("{name} is set");
    /// }
    /// ```
    #[must_use]
    pub fn from_env() -> Self {
        // `vars_os`, for `vars` panics at a value that is not Unicode, and prints it. Backwards, for of equal names
        // the first one is what `std::env::var` and C's `getenv` find.
        let vars = std::env::vars_os().map(|(name, value)| Var::new(name, value.into()));
        let mut vars: Vec<Var> = secret::with_clean_stack(|| vars.collect());
        vars.reverse();
        vars.into_iter().collect()
    }

    /// The value of a config var; `None` if it is not set, or not Unicode. An empty value is `Some("")`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ExposeSecret};
    /// let vars = ConfigVars::from_iter([("PORT", "8080")]);
    /// assert_eq!(vars.get("PORT").map(|port| port.expose_secret()), Some("8080"));
    /// assert!(vars.get("HOST").is_none());
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.find(name)?.secret()
    }

    /// The value of a config var that the app cannot do without.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("SENDGRID_API_KEY", "")]);
    /// let error = vars.require("SENDGRID_API_KEY").unwrap_err();
    /// assert_eq!(error.to_string(), "SENDGRID_API_KEY: is set but empty; give it a value, or unset it");
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not set, set but empty, or not Unicode.
    pub fn require(&self, name: &str) -> Result<&SecretString, Error> {
        let value = self.find(name).ok_or_else(|| self.missing(name))?;
        value.require().map_err(|error| error.for_known_var(name))
    }

    /// All config vars, sorted by name.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("B", "2"), ("A", "1")]);
    /// let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["A", "B"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ConfigValue)> {
        self.recorder.note_all_values();
        self.vars.iter().map(|var| (&*var.name, &var.value))
    }

    /// How many there are.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// assert_eq!(ConfigVars::from_iter([("A", "1"), ("B", "2")]).len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.recorder.note_all_values();
        self.vars.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// assert!(ConfigVars::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The source that gave a config var, as it names itself: a path, say. `None` if the var is not set, or its source
    /// has no name.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("PORT", "8080")]).with_origin("defaults");
    /// assert_eq!(vars.origin("PORT"), Some("defaults"));
    /// ```
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&str> {
        self.recorder.note_value(name);
        self.find_var(name)?.origin.as_deref()
    }

    /// The same config vars, with a name for the source of those that have none yet. For a [`Source`](crate::Source)
    /// of the app's own. The name is shown; it must hold no secret.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("TOKEN", "hvs.1234")]).with_origin("vault");
    /// assert_eq!(vars.origin("TOKEN"), Some("vault"));
    /// ```
    #[must_use]
    pub fn with_origin(self, name: &str) -> Self {
        let origin: Arc<str> = name.into();
        self.map_vars(|var| _ = var.origin.get_or_insert_with(|| origin.clone()))
    }

    fn map_vars(mut self, change: impl Fn(&mut Var)) -> Self {
        match Arc::get_mut(&mut self.vars) {
            Some(vars) => vars.iter_mut().for_each(change),
            None => {
                let mut vars = self.vars.to_vec();
                vars.iter_mut().for_each(change);
                self.vars = Arc::new(vars);
            }
        }
        self
    }

    /// The error for a config var that is not set.
    pub(crate) fn missing(&self, name: &str) -> Error {
        let mut left_out = self.left_out.iter().map(|left_out| &left_out.elsewhere);
        match left_out.find(|elsewhere| *elsewhere.name == *name) {
            Some(elsewhere) => Error::new(Fault::Elsewhere)
                .for_known_var(name)
                .with_elsewhere(elsewhere),
            None => Error::new(Fault::Missing).for_var(name),
        }
    }

    pub(crate) fn is_left_out(&self, name: &str) -> bool {
        self.left_out
            .iter()
            .any(|left_out| *left_out.elsewhere.name == *name)
    }

    pub(crate) fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// The same config vars, with those that were left out for their sake.
    pub(crate) fn with_left_out(mut self, left_out: Arc<[LeftOut]>) -> Self {
        self.left_out = left_out;
        self
    }

    pub(crate) fn find(&self, name: &str) -> Option<&ConfigValue> {
        self.recorder.note_value(name);
        self.look_up(name)
    }

    /// The value of a config var, for a URL to be made of it, which notes by itself when it is read.
    pub(crate) fn look_up(&self, name: &str) -> Option<&ConfigValue> {
        self.recorder.note_carried(name);
        self.find_var(name).map(|var| &var.value)
    }

    /// What a URL that is made of a config var has to carry.
    pub(crate) fn mark(&self, name: &str) -> Mark {
        self.recorder.mark(name)
    }

    pub(crate) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The same config vars, noting what is read of them.
    pub(crate) fn noting(&self, reads: Arc<Reads>) -> Self {
        Self {
            vars: self.vars.clone(),
            left_out: self.left_out.clone(),
            recorder: Recorder::new(reads),
        }
    }

    pub(crate) fn find_var(&self, name: &str) -> Option<&Var> {
        // The first of that name: the plain one, if names that are not Unicode look the same.
        let index = self.vars.partition_point(|var| *var.name < *name);
        self.vars.get(index).filter(|var| *var.name == *name)
    }

    pub(crate) fn as_slice(&self) -> &[Var] {
        &self.vars
    }
}

impl fmt::Debug for ConfigVars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigVars ")?;
        f.debug_set()
            .entries(self.iter().map(|(name, _)| ShownName::name(name)))
            .finish()
    }
}
