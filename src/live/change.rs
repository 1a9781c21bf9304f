//! [`Change`]: the changes of one reload, in names and without values.

use super::status::{Stale, StaleList, entry_separator};
use crate::error::{Error, OneLine};
use crate::isolate::Retired;
use crate::list::{mapped, pairs};
use crate::shown::ShownName;
use crate::sorted::insert_in_order;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt;
use std::sync::Arc;

/// The changes of one reload, by attachment.
///
/// A change holds names, numbers and errors; it never holds a value of a config var.
///
/// ```
/// use config_vars::{Aspect, ConfigVars, Live};
/// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
///
/// // Each read of this source returns a new password.
/// let password = AtomicU32::new(0);
/// let source = move || {
///     let url = format!("mysql://app:{}@db.example/shop", password.fetch_add(1, SeqCst));
///     Ok(ConfigVars::from_iter([("JAWSDB_URL", url)]))
/// };
/// let live = Live::from_vars(source)?;
/// let change = live.reload()?;
/// assert_eq!(change.attachment("JAWSDB").unwrap().aspects(), [Aspect::Password]);
/// assert_eq!(change.to_string(), "generation 2 | JAWSDB: [password]");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct Change {
    generation: u64,
    is_first: bool,
    /// Shared by all who receive the change, as are the stale entries.
    changed: Arc<ChangedVars>,
    stale: StaleList,
    source_error: Option<Error>,
}

/// The config vars that changed.
#[derive(Default)]
pub(super) struct ChangedVars {
    /// Sorted by name.
    pub(super) attachments: Vec<AttachmentChange>,
    /// Those that belong to no attachment, sorted. Only their number is public, because a first change would otherwise list
    /// the whole environment.
    pub(super) others: Vec<Box<str>>,
}

/// The changes in one attachment; see [`Change::attachments`].
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentChange {
    name: Box<str>,
    aspects: Vec<Aspect>,
}

/// One way in which an attachment changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// The attachment is new.
    Added,
    /// The attachment was removed.
    Removed,
    /// The attachment is of another kind.
    Kind,
    /// The user name changed.
    Username,
    /// The password changed, or another secret in its role: a token, a key, the path or the query of a web URL, or an option
    /// of another URL that carries one (`authToken`).
    Password,
    /// A host, a port, or the name of the database changed.
    Endpoint,
    /// The TLS mode that the attachment asks for changed.
    Tls,
    /// Another config var or option of the attachment changed.
    Other,
}

impl Aspect {
    /// Returns the word for this aspect in messages.
    ///
    /// ```
    /// assert_eq!(config_vars::Aspect::Tls.as_str(), "tls");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Kind => "kind",
            Self::Username => "username",
            Self::Password => "password",
            Self::Endpoint => "endpoint",
            Self::Tls => "tls",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl AttachmentChange {
    pub(super) fn new(name: &str, aspects: Vec<Aspect>) -> Self {
        Self {
            name: name.into(),
            aspects,
        }
    }

    /// Returns the name of the attachment.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ways in which the attachment changed, at least one, sorted.
    #[must_use]
    pub fn aspects(&self) -> &[Aspect] {
        &self.aspects
    }

    /// Returns whether the attachment changed in this way.
    ///
    /// ```
    /// use config_vars::{Aspect, AttachmentChange, ConfigVars, Live};
    ///
    /// fn must_reconnect(change: &AttachmentChange) -> bool {
    ///     change.has(Aspect::Endpoint) || change.has(Aspect::Removed)
    /// }
    /// # use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// # let number = AtomicU32::new(0);
    /// # let source = move || {
    /// #     let url = format!("mysql://app:pw@db{}.example/shop", number.fetch_add(1, SeqCst));
    /// #     Ok(ConfigVars::from_iter([("JAWSDB_URL", url)]))
    /// # };
    /// # let live = Live::from_vars(source)?;
    /// // The source moves the database to another host.
    /// let change = live.reload()?;
    /// assert!(change.attachments().any(must_reconnect));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn has(&self, aspect: Aspect) -> bool {
        self.aspects.contains(&aspect)
    }

    /// Combines two consecutive changes; `None` if they cancel each other.
    fn then(&self, later: &Self) -> Option<Self> {
        match (self.has(Aspect::Added), self.has(Aspect::Removed)) {
            (true, _) if later.has(Aspect::Removed) => None,
            (true, _) => Some(self.clone()),
            // Removed and added again: a subscriber that knew the old attachment must look at all of the new one.
            (_, true) => Some(later.clone()),
            _ if later.has(Aspect::Removed) => Some(later.clone()),
            _ => {
                let mut both = self.clone();
                for aspect in &later.aspects {
                    insert_in_order(&mut both.aspects, *aspect);
                }
                Some(both)
            }
        }
    }
}

impl Change {
    pub(super) fn new(generation: u64, changed: ChangedVars, stale: StaleList) -> Self {
        Self {
            generation,
            is_first: false,
            changed: Arc::new(changed),
            stale,
            source_error: None,
        }
    }

    /// Marks this change as the present state that a subscriber receives first.
    #[must_use]
    pub(super) fn into_first(self) -> Self {
        Self {
            is_first: true,
            ..self
        }
    }

    /// A failed read of the source, after which everything stays as it was.
    pub(super) fn source_failed(generation: u64, stale: StaleList, error: Error) -> Self {
        Self {
            source_error: Some(error),
            ..Self::new(generation, ChangedVars::default(), stale)
        }
    }

    /// Returns the number of the generation after the change.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.reload()?.generation(), 1); // nothing changed
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns whether a subscriber receives this change first: it is the present state, in which every attachment is
    /// [added](Aspect::Added).
    ///
    /// Changes that happen before that first call are part of it.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// # use std::sync::mpsc;
    /// # let port = AtomicU32::new(8080);
    /// // Each read of this source returns another port.
    /// let source = move || Ok(ConfigVars::from_iter([("PORT", port.fetch_add(1, SeqCst).to_string())]));
    /// let live = Live::from_vars(source)?;
    /// let (log, entries) = mpsc::channel();
    /// let subscription = live.subscribe(move |change| log.send(change.is_first()).unwrap());
    /// live.reload()?;
    /// assert!(entries.try_iter().eq([true, false]));
    /// # drop(subscription);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.is_first
    }

    /// Returns the attachments that changed, sorted by name.
    pub fn attachments(&self) -> impl Iterator<Item = &AttachmentChange> {
        self.changed.attachments.iter()
    }

    /// Returns what changed in the attachment of this name; `None` if nothing did.
    #[must_use]
    pub fn attachment(&self, name: &str) -> Option<&AttachmentChange> {
        self.attachments().find(|change| *change.name == *name)
    }

    /// Returns the number of changed config vars that belong to no attachment.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// # let port = AtomicU32::new(8080);
    /// # let source = move || Ok(ConfigVars::from_iter([("PORT", port.fetch_add(1, SeqCst).to_string())]));
    /// let live = Live::from_vars(source)?;
    /// // The source changes `PORT`.
    /// assert_eq!(live.reload()?.other_vars(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn other_vars(&self) -> usize {
        self.changed.others.len()
    }

    /// Returns what the source has in a form that cannot be used; see [`Status::stale`](crate::Status::stale).
    pub fn stale(&self) -> impl Iterator<Item = &Stale> {
        self.stale.iter()
    }

    /// Returns why the source could not be read; `None` if it could.
    ///
    /// Only subscribers receive such a change: [`Live::reload`](crate::Live::reload) returns the error instead.
    ///
    /// ```
    /// use config_vars::{ConfigVars, Error, Live};
    /// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    ///
    /// // The first read succeeds; later ones fail.
    /// let was_read = AtomicBool::new(false);
    /// let live = Live::from_vars(move || {
    ///     if was_read.swap(true, SeqCst) { Err(Error::custom("the vault is sealed").into()) } else { Ok(ConfigVars::default()) }
    /// })?;
    /// let mut changes = live.changes();
    /// assert!(live.reload().is_err());
    /// let change = changes.wait(std::time::Duration::ZERO).unwrap();
    /// assert!(change.source_error().is_some());
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn source_error(&self) -> Option<&Error> {
        self.source_error.as_ref()
    }

    /// Returns whether no config var changed.
    ///
    /// A change can be empty and still have [stale](Self::stale) entries or a [source error](Self::source_error).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.reload()?.is_empty());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.attachments.is_empty() && self.changed.others.is_empty()
    }

    /// Replaces the stale entries by later ones.
    pub(super) fn with_stale(self, stale: StaleList, retired: &mut Retired) -> Self {
        retired.push(self.stale);
        Self { stale, ..self }
    }

    /// Returns whether this is a copy of the other one.
    pub(super) fn is_copy_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.changed, &other.changed) && Arc::ptr_eq(&self.stale, &other.stale)
    }

    /// Combines two consecutive changes.
    pub(super) fn then(&self, later: &Self) -> Self {
        let (before, after) = (&self.changed, &later.changed);
        // Both are sorted by name.
        let mut attachments = Vec::new();
        for pair in &pairs(&before.attachments, &after.attachments, AttachmentChange::name) {
            let change = match pair {
                (Some(earlier), Some(later)) => earlier.then(later),
                (earlier, later) => earlier.or(*later).cloned(),
            };
            if let Some(change) = change {
                attachments.push(change);
            }
        }
        let mut others = Vec::new();
        for (earlier, later) in &pairs(&before.others, &after.others, |name| &**name) {
            if let Some(name) = earlier.or(*later) {
                others.push(name.clone());
            }
        }
        Self {
            generation: later.generation,
            is_first: self.is_first || later.is_first,
            changed: Arc::new(ChangedVars { attachments, others }),
            stale: later.stale.clone(),
            source_error: later.source_error.clone(),
        }
    }
}

/// Shows everything on one line. With `{:#}`, each entry is on a line of its own.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = entry_separator(f);
        write!(f, "generation {}", self.generation)?;
        if self.is_first {
            f.write_str(", first")?;
        }
        if self.is_empty() && self.stale.is_empty() && self.source_error.is_none() {
            return f.write_str(", nothing changed");
        }
        for attachment in self.attachments() {
            write!(f, "{separator}{attachment}")?;
        }
        match self.other_vars() {
            0 => {}
            1 => write!(f, "{separator}1 other config var")?,
            count => write!(f, "{separator}{count} other config vars")?,
        }
        if let Some(error) = &self.source_error {
            write!(f, "{separator}the source cannot be read: {}", OneLine(error))?;
        }
        for stale in &*self.stale {
            write!(f, "{separator}{stale}")?;
        }
        Ok(())
    }
}

impl fmt::Display for AttachmentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [", ShownName::name(&self.name))?;
        for (index, aspect) in self.aspects.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(f, "{comma}{aspect}")?;
        }
        f.write_str("]")
    }
}

/// Serializes as its [word](Aspect::as_str).
impl Serialize for Aspect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Serialize for AttachmentChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("AttachmentChange", 2)?;
        map.serialize_field("name", &ShownName::name(&self.name).to_string())?;
        map.serialize_field("aspects", &self.aspects)?;
        map.end()
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Change", 6)?;
        map.serialize_field("generation", &self.generation)?;
        map.serialize_field("is_first", &self.is_first)?;
        map.serialize_field("attachments", &self.changed.attachments)?;
        map.serialize_field("other_vars", &self.other_vars())?;
        map.serialize_field("stale", &*self.stale)?;
        map.serialize_field("source_error", &self.source_error)?;
        map.end()
    }
}

impl fmt::Debug for AttachmentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttachmentChange")
            .field("name", &ShownName::name(&self.name))
            .field("aspects", &self.aspects)
            .finish()
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Change");
        out.field("generation", &self.generation);
        if self.is_first {
            out.field("is_first", &self.is_first);
        }
        for AttachmentChange { name, aspects } in self.attachments() {
            let words = mapped(aspects, |aspect| Unquoted(*aspect));
            out.field(&ShownName::name(name).to_string(), &words);
        }
        if self.other_vars() > 0 {
            out.field("other_vars", &self.other_vars());
        }
        if !self.stale.is_empty() {
            out.field("stale", &self.stale);
        }
        if let Some(error) = &self.source_error {
            out.field("source_error", error);
        }
        out.finish()
    }
}

/// Shows an aspect in `Debug` output by its word.
struct Unquoted(Aspect);

impl fmt::Debug for Unquoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
