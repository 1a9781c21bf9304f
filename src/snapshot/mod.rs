//! [`ConfigVars`]: one snapshot of names and secret values. Its public methods are in `vars.rs`.

mod config_value;
mod lookups;

#[cfg(any(unix, feature = "heroku"))]
pub(crate) use config_value::Bound;
pub use config_value::ConfigValue;
#[cfg(unix)]
pub(crate) use config_value::RememberedMark;
pub(crate) use lookups::LookedUp;
use lookups::Lookups;

use crate::error::{Elsewhere, Error, Fault};
use crate::input::{Digest, Input};
use crate::kind::Kind;
use crate::origin::Origin;
use crate::shown::ShownName;
use crate::sorted::{SortedMap, sort_by};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A snapshot of config vars: names and secret values, which are wiped when they are dropped.
///
/// A snapshot never changes, so a user, a password and a host from the same snapshot belong together. Clones share it.
/// `Debug` prints names only.
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
    /// Config vars of a lower-priority source that were left out; see [`Source::or`](crate::Source::or).
    left_out: Arc<[LeftOut]>,
    lookups: Lookups,
}

/// A config var of a lower-priority source that was left out, because a source before it has a part of the same attachment.
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
    /// The name of the source that supplied it.
    pub(crate) origin: Option<Origin>,
}

impl Var {
    pub(crate) fn new(name: OsString, value: ConfigValue) -> Self {
        match name.into_string() {
            Ok(name) => Self {
                name: name.into(),
                value,
                origin: None,
            },
            Err(name) => Self {
                name: name.to_string_lossy().into(),
                value: ConfigValue::of_odd_name(),
                origin: None,
            },
        }
    }

    /// The sort key. Different names that are not Unicode may look the same, and come after the plain one.
    pub(crate) fn key(&self) -> (&str, bool) {
        (&self.name, !self.has_plain_name())
    }

    /// Tells config vars of a snapshot apart, which names that are not Unicode do not. A snapshot is in the order of it.
    pub(crate) fn address(&self) -> *const Self {
        self
    }

    fn has_plain_name(&self) -> bool {
        self.value.has_plain_name()
    }

    fn has_name_of(&self, other: &Self) -> bool {
        self.key() == other.key() && self.has_plain_name()
    }

    /// Sorts config vars by name, and returns whether some have the same one. Those remain in their order.
    fn sort(vars: &mut Vec<Self>) -> bool {
        // Most names differ in their beginnings, which are compared without following a pointer. Below the beginning, a key
        // has the index.
        let mut keys: Vec<u128> = Vec::with_capacity(vars.len());
        for (index, var) in vars.iter().enumerate() {
            keys.push(var.beginning() | index as u128);
        }
        keys.sort_unstable();
        let index = |key: &u128| (key & Self::INDEX) as usize;
        let var = |key: &u128| &vars[index(key)];
        let mut have_same = false;
        for alike in keys.chunk_by_mut(|left, right| left | Self::INDEX == right | Self::INDEX) {
            if alike.len() > 1 {
                sort_by(alike, |left, right| var(left).key().cmp(&var(right).key()));
                for pair in alike.windows(2) {
                    have_same |= var(&pair[0]).has_name_of(var(&pair[1]));
                }
            }
        }
        let mut sorted = Vec::with_capacity(keys.len());
        for key in &keys {
            sorted.push(std::mem::replace(&mut vars[index(key)], Self::vacant()));
        }
        *vars = sorted;
        have_same
    }

    /// Takes the place of a config var that is moved. It allocates nothing.
    fn vacant() -> Self {
        Self {
            name: Box::default(),
            value: ConfigValue::NOT_UNICODE,
            origin: None,
        }
    }

    /// The bits of a sort key that are for the index. Nobody has the memory for more config vars.
    const INDEX: u128 = u32::MAX as u128;

    /// Returns the first twelve bytes of the name as a number with the same order, and zeros for an index.
    fn beginning(&self) -> u128 {
        let mut bytes = [0; 16];
        let length = self.name.len().min(12);
        bytes[..length].copy_from_slice(&self.name.as_bytes()[..length]);
        u128::from_be_bytes(bytes)
    }
}

/// The last of several pairs with the same name counts.
impl<N: Into<OsString>, V: Into<ConfigValue>> FromIterator<(N, V)> for ConfigVars {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| Var::new(name.into(), value.into()))
            .collect()
    }
}

macro_rules! from_pairs {
    ($($(#[$meta:meta])* $pairs:ty $(, $length:ident)?;)*) => {$(
        $(#[$meta])*
        impl<N: Into<OsString>, V: Into<ConfigValue> $(, const $length: usize)?> From<$pairs> for ConfigVars {
            fn from(pairs: $pairs) -> Self {
                pairs.into_iter().collect()
            }
        }
    )*};
}
from_pairs! {
    /// The last of several pairs with the same name counts.
    [(N, V); LENGTH], LENGTH;
    /// The last of several pairs with the same name counts.
    Vec<(N, V)>;
    BTreeMap<N, V>;
    HashMap<N, V>;
}

impl FromIterator<Var> for ConfigVars {
    fn from_iter<I: IntoIterator<Item = Var>>(vars: I) -> Self {
        Self::last_of_each(vars.into_iter().collect())
    }
}

impl ConfigVars {
    /// Creates a snapshot of config vars that are sorted and have different names.
    fn of(vars: Vec<Var>) -> Self {
        Self {
            vars: Arc::new(vars),
            left_out: Arc::default(),
            lookups: Lookups::default(),
        }
    }

    /// Creates a snapshot; of several config vars with the same name, the last one counts.
    pub(crate) fn last_of_each(vars: Vec<Var>) -> Self {
        Self::one_of_each(vars, true)
    }

    /// Creates a snapshot; of several config vars with the same name, the first one counts.
    pub(crate) fn first_of_each(vars: Vec<Var>) -> Self {
        Self::one_of_each(vars, false)
    }

    fn one_of_each(mut vars: Vec<Var>, is_last: bool) -> Self {
        if Var::sort(&mut vars) {
            vars.dedup_by(|later, kept| {
                let is_same = later.has_name_of(kept);
                if is_same && is_last {
                    std::mem::swap(later, kept);
                }
                is_same
            });
        }
        Self::of(vars)
    }

    /// Creates a snapshot, or returns an error if two config vars have the same name.
    pub(crate) fn unique(mut vars: Vec<Var>) -> Result<Self, Error> {
        if Var::sort(&mut vars) {
            for pair in vars.windows(2) {
                if pair[0].has_name_of(&pair[1]) {
                    return Err(Error::new(Fault::TwoEntries).for_known_var(&pair[0].name));
                }
            }
        }
        Ok(Self::of(vars))
    }

    fn map_vars(self, change: &dyn Fn(&mut Var)) -> Self {
        let mut vars = Arc::unwrap_or_clone(self.vars);
        for var in &mut vars {
            change(var);
        }
        Self {
            vars: Arc::new(vars),
            ..self
        }
    }

    /// Returns the error for a config var that is not set.
    pub(crate) fn missing(&self, name: &str) -> Error {
        match self.find_left_out(name) {
            Some(left_out) => Error::new(Fault::Elsewhere)
                .for_known_var(name)
                .with_elsewhere(&left_out.elsewhere),
            None => Error::new(Fault::Missing).for_var(name),
        }
    }

    pub(crate) fn find_left_out(&self, name: &str) -> Option<&LeftOut> {
        let mut left_out = self.left_out.iter();
        left_out.find(|left_out| *left_out.elsewhere.name == *name)
    }

    pub(crate) fn left_out(&self) -> &Arc<[LeftOut]> {
        &self.left_out
    }

    /// Sets the config vars that were left out in favour of these.
    pub(crate) fn with_left_out(mut self, left_out: Arc<[LeftOut]>) -> Self {
        self.left_out = left_out;
        self
    }

    /// Looks up a config var by its name. Everything that is made from a config var, and not from all of them, goes through
    /// here.
    pub(crate) fn look_up(&self, name: &str) -> Option<&ConfigValue> {
        self.lookups.note(name);
        self.find_var(name).map(|var| &var.value)
    }

    /// Notes that something is made from this config var, which was found by other means than its name.
    pub(crate) fn note_found(&self, name: &str) {
        self.lookups.note(name);
    }

    /// Notes that the names of all config vars are looked at.
    pub(crate) fn note_all(&self) {
        self.lookups.note_all();
    }

    /// Runs `read` on these config vars, and returns what it looked up as well.
    pub(crate) fn with_lookups<R>(&self, read: impl FnOnce(&Self) -> R) -> (R, LookedUp) {
        let lookups = Lookups::recording();
        let vars = Self {
            vars: self.vars.clone(),
            left_out: self.left_out.clone(),
            lookups: lookups.clone(),
        };
        (read(&vars), lookups.take())
    }

    pub(crate) fn find_var(&self, name: &str) -> Option<&Var> {
        // The first of several is the plain one; others are names that are not Unicode, and look the same.
        let index = self.vars.partition_point(|var| *var.name < *name);
        self.vars.get(index).filter(|var| *var.name == *name)
    }

    pub(crate) fn as_slice(&self) -> &[Var] {
        &self.vars
    }

    /// Returns the value of a config var that must be set and not be empty.
    pub(crate) fn required(&self, name: &str) -> Result<&SecretString, Error> {
        let value = self.look_up(name).ok_or_else(|| self.missing(name))?;
        value.require().map_err(|error| error.for_known_var(name))
    }

    /// Sets the origin of the config vars that have none.
    pub(crate) fn named_by(self, name: &str) -> Self {
        let origin = Origin::from(name);
        self.map_vars(&|var| {
            if var.origin.is_none() {
                var.origin = Some(origin.clone());
            }
        })
    }

    /// Sets the kinds of resources in parts, by the names of their hosts.
    pub(crate) fn with_kinds(self, kinds: &SortedMap<&str, Kind>) -> Self {
        self.map_vars(&|var| {
            if let Some(kind) = kinds.get(&*var.name) {
                var.value.set_known_kind(*kind);
            }
        })
    }

    /// Sets the attachment of each config var, as the platform says it.
    #[cfg(feature = "heroku")]
    pub(crate) fn bound_by(self, attachment: impl Fn(&str) -> Option<Arc<Bound>>) -> Self {
        self.map_vars(&|var| var.value.set_bound(attachment(&var.name)))
    }

    /// Marks all config vars as remembered.
    #[cfg(unix)]
    pub(crate) fn marked(self, mark: &Arc<RememberedMark>) -> Self {
        self.map_vars(&|var| var.value.set_mark(mark.clone()))
    }

    /// Returns when remembered config vars among these were read, and why their source cannot be read now.
    pub(crate) fn remembered(&self) -> Option<(SystemTime, Error)> {
        self.vars.iter().find_map(|var| {
            let mark = var.value.mark()?;
            Some((mark.read_at(), mark.error()?))
        })
    }

    pub(crate) fn all(&self) -> impl ExactSizeIterator<Item = (&str, &ConfigValue)> {
        self.vars.iter().map(|var| (&*var.name, &var.value))
    }
}

impl Input for ConfigVars {
    fn add_to(&self, digest: &mut Digest) {
        self.vars.len().add_to(digest);
        for var in &*self.vars {
            digest.add_var(
                &var.name,
                var.value.secret().map(ExposeSecret::expose_secret),
                true,
            );
        }
    }
}

impl fmt::Debug for ConfigVars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigVars ")?;
        let mut names = f.debug_set();
        for var in &*self.vars {
            names.entry(&ShownName::name(&var.name));
        }
        names.finish()
    }
}
