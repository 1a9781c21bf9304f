//! What differs between two snapshots, by attachment: [`Change`].

use super::Stale;
use super::keep::Discovered;
use crate::attachment::{Attachment, Role};
use crate::error::Error;
use crate::kind::Kind;
use crate::reads::{Names, Seen};
use crate::secret::same;
use crate::shown::ShownName;
use crate::url::{Host, Port, ResourceUrl};
use crate::vars::{ConfigValue, ConfigVars};
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a reload changed, attachment by attachment, in names alone.
///
/// ```
/// use config_vars::{Aspect, ConfigVars, Live};
/// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
///
/// static IS_ROLLED: AtomicBool = AtomicBool::new(false);
/// let source = || {
///     let url = if IS_ROLLED.load(SeqCst) { "mysql://app:new@db.example/shop" } else { "mysql://app:old@db.example/shop" };
///     Ok(ConfigVars::from_iter([("JAWSDB_URL", url)]))
/// };
/// let live = Live::from_vars(source)?;
/// IS_ROLLED.store(true, SeqCst);
/// let change = live.reload()?;
/// assert_eq!(change.attachment("JAWSDB").unwrap().aspects(), [Aspect::Password]);
/// assert_eq!(format!("{change:?}"), "Change { generation: 2, JAWSDB: [password] }");
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Change {
    generation: u64,
    attachments: Vec<AttachmentChange>,
    vars: Vec<Box<str>>,
    stale: Vec<Stale>,
    source_error: Option<Error>,
}

/// What changed of one attachment.
///
/// ```
/// # use config_vars::{Aspect, AttachmentChange};
/// fn must_reconnect(change: &AttachmentChange) -> bool {
///     change.has(Aspect::Endpoint) || change.has(Aspect::Removed)
/// }
/// # let _ = must_reconnect;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AttachmentChange {
    name: Box<str>,
    aspects: Vec<Aspect>,
}

/// One way in which an attachment changed.
///
/// ```
/// assert_eq!(config_vars::Aspect::Endpoint.as_str(), "endpoint");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Aspect {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is of another kind.
    Kind,
    /// The user name.
    Username,
    /// The password, or what stands for one: a token, a key, the path or the query of a web URL. Without
    /// [`Username`](Self::Username) beside it, the password alone.
    Password,
    /// Hosts, ports, or the name of the database.
    Endpoint,
    /// What it asks for in the way of TLS.
    Tls,
    /// Something else of its config vars: an option, a setting.
    Other,
}

impl Aspect {
    /// The word for it in messages.
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
    /// The name of the attachment.
    ///
    /// ```
    /// # use config_vars::AttachmentChange;
    /// fn report(change: &AttachmentChange) {
    ///     println!("{}: {:?}", change.name(), change.aspects());
    /// }
    /// # let _ = report;
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// In which ways it changed, sorted, at least one.
    ///
    /// ```
    /// # use config_vars::{Aspect, AttachmentChange};
    /// fn is_new(change: &AttachmentChange) -> bool {
    ///     change.aspects() == [Aspect::Added]
    /// }
    /// # let _ = is_new;
    /// ```
    #[must_use]
    pub fn aspects(&self) -> &[Aspect] {
        &self.aspects
    }

    /// Whether it changed in this way.
    ///
    /// ```
    /// # use config_vars::{Aspect, AttachmentChange};
    /// fn has_moved(change: &AttachmentChange) -> bool {
    ///     change.has(Aspect::Endpoint)
    /// }
    /// # let _ = has_moved;
    /// ```
    #[must_use]
    pub fn has(&self, aspect: Aspect) -> bool {
        self.aspects.contains(&aspect)
    }

    /// What two changes in a row amount to; `None` if that is nothing.
    fn then(self, later: Self) -> Option<Self> {
        let aspects = match (self.has(Aspect::Added), self.has(Aspect::Removed)) {
            (true, _) if later.has(Aspect::Removed) => return None,
            (true, _) => self.aspects,
            // Removed, and there again: whoever had it has to look at all of it.
            (_, true) => later.aspects,
            _ if later.has(Aspect::Removed) => later.aspects,
            _ => BTreeSet::from_iter(self.aspects.into_iter().chain(later.aspects))
                .into_iter()
                .collect(),
        };
        Some(Self {
            name: self.name,
            aspects,
        })
    }
}

impl Change {
    pub(super) fn new(generation: u64, difference: Difference, stale: Vec<Stale>) -> Self {
        Self {
            generation,
            attachments: difference.attachments,
            vars: difference.vars,
            stale,
            source_error: None,
        }
    }

    /// That the source could not be read, and all stays as it is.
    pub(super) fn source_failed(generation: u64, stale: Vec<Stale>, error: Error) -> Self {
        Self {
            generation,
            stale,
            source_error: Some(error),
            ..Self::default()
        }
    }

    /// The number of the generation that it led to.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert_eq!(live.reload()?.generation(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Each attachment that changed, sorted by name.
    ///
    /// ```
    /// # use config_vars::Change;
    /// fn report(change: &Change) {
    ///     change.attachments().for_each(|attachment| println!("{}", attachment.name()));
    /// }
    /// # let _ = report;
    /// ```
    pub fn attachments(&self) -> impl Iterator<Item = &AttachmentChange> {
        self.attachments.iter()
    }

    /// What changed of that attachment; `None` if nothing did.
    ///
    /// ```
    /// # use config_vars::{Aspect, Change};
    /// fn has_rolled(change: &Change) -> bool {
    ///     change.attachment("JAWSDB").is_some_and(|jawsdb| jawsdb.has(Aspect::Password))
    /// }
    /// # let _ = has_rolled;
    /// ```
    #[must_use]
    pub fn attachment(&self, name: &str) -> Option<&AttachmentChange> {
        self.attachments.iter().find(|change| *change.name == *name)
    }

    /// The names of config vars that changed and belong to no attachment, sorted.
    ///
    /// ```
    /// # use config_vars::Change;
    /// fn is_for_the_web_server(change: &Change) -> bool {
    ///     change.other_vars().any(|name| name == "WEB_CONCURRENCY")
    /// }
    /// # let _ = is_for_the_web_server;
    /// ```
    pub fn other_vars(&self) -> impl Iterator<Item = &str> {
        self.vars.iter().map(|name| &**name)
    }

    /// What did not go through, and was kept as it was; see [`Status::stale`](crate::Status::stale).
    ///
    /// ```
    /// # use config_vars::Change;
    /// fn report(change: &Change) {
    ///     change.stale().for_each(|stale| eprintln!("{stale}"));
    /// }
    /// # let _ = report;
    /// ```
    pub fn stale(&self) -> impl Iterator<Item = &Stale> {
        self.stale.iter()
    }

    /// Why the source could not be read, in what subscribers are told; everything is then as it was.
    ///
    /// ```
    /// # use config_vars::Change;
    /// fn report(change: &Change) {
    ///     if let Some(error) = change.source_error() {
    ///         eprintln!("config vars are not fresh: {error}");
    ///     }
    /// }
    /// # let _ = report;
    /// ```
    #[must_use]
    pub fn source_error(&self) -> Option<&Error> {
        self.source_error.as_ref()
    }

    /// Whether nothing changed. What is stale, and was before, is no change.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// assert!(live.reload()?.is_empty());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attachments.is_empty() && self.vars.is_empty()
    }

    /// What two changes in a row amount to.
    pub(super) fn then(self, later: &Self) -> Self {
        let mut attachments: BTreeMap<Box<str>, AttachmentChange> = self
            .attachments
            .into_iter()
            .map(|change| (change.name.clone(), change))
            .collect();
        for change in &later.attachments {
            let both = match attachments.remove(&change.name) {
                Some(earlier) => earlier.then(change.clone()),
                None => Some(change.clone()),
            };
            attachments.extend(both.map(|both| (both.name.clone(), both)));
        }
        let vars: BTreeSet<Box<str>> = self.vars.into_iter().chain(later.vars.iter().cloned()).collect();
        Self {
            generation: later.generation,
            attachments: attachments.into_values().collect(),
            vars: vars.into_iter().collect(),
            stale: later.stale.clone(),
            source_error: later.source_error.clone(),
        }
    }
}

impl fmt::Debug for AttachmentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, aspects } = self;
        f.debug_struct("AttachmentChange")
            .field("name", &ShownName::name(name))
            .field("aspects", aspects)
            .finish()
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            generation,
            attachments,
            vars,
            stale,
            source_error,
        } = self;
        let mut out = f.debug_struct("Change");
        out.field("generation", generation);
        for AttachmentChange { name, aspects } in attachments {
            let words: Vec<_> = aspects.iter().map(|aspect| format_args_of(*aspect)).collect();
            out.field(&ShownName::name(name).to_string(), &words);
        }
        if !vars.is_empty() {
            let names: Vec<_> = vars.iter().map(|name| ShownName::name(name)).collect();
            out.field("other_vars", &names);
        }
        if !stale.is_empty() {
            out.field("stale", stale);
        }
        if let Some(error) = source_error {
            out.field("source_error", error);
        }
        out.finish()
    }
}

/// Shown without quotes.
fn format_args_of(aspect: Aspect) -> impl fmt::Debug {
    struct Word(Aspect);
    impl fmt::Debug for Word {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            fmt::Display::fmt(&self.0, f)
        }
    }
    Word(aspect)
}

/// All that differs between two snapshots.
#[derive(Default)]
pub(super) struct Difference {
    /// The config vars that differ, and those that belong to one attachment with one that does. Whether one came or
    /// went is noted with it.
    names: BTreeMap<Box<str>, CameOrWent>,
    attachments: Vec<AttachmentChange>,
    /// Of those that differ, the names that belong to no attachment.
    vars: Vec<Box<str>>,
}

type CameOrWent = bool;

impl Difference {
    pub(super) fn between(old: &Discovered<'_>, new: &Discovered<'_>) -> Self {
        let mut names = differing(old.vars, new.vars);
        if names.is_empty() {
            return Self::default();
        }
        let (old, new) = (by_name(old), by_name(new));
        let mut attachments = Vec::new();
        let mut of_attachments = BTreeSet::new();
        let all: BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        for name in all {
            let pair = (old.get(name).copied(), new.get(name).copied());
            let vars = || {
                [pair.0, pair.1]
                    .into_iter()
                    .flatten()
                    .flat_map(Attachment::var_names)
            };
            if !vars().any(|var| names.contains_key(var)) {
                continue;
            }
            let aspects = match pair {
                (Some(old), Some(new)) => aspects(old, new, &names),
                (None, _) => vec![Aspect::Added],
                (_, None) => vec![Aspect::Removed],
            };
            attachments.push(AttachmentChange {
                name: name.into(),
                aspects,
            });
            of_attachments.extend(vars());
        }
        let vars = names
            .keys()
            .filter(|name| !of_attachments.contains(&***name))
            .cloned()
            .collect();
        for name in of_attachments {
            names.entry(name.into()).or_insert(false);
        }
        Self {
            names,
            attachments,
            vars,
        }
    }

    /// The same, without a word of attachments.
    pub(super) fn of_names(old: &ConfigVars, new: &ConfigVars) -> Self {
        Self {
            names: differing(old, new),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names of all config vars that have a part in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(|name| &**name)
    }

    /// Whether what was read of the old snapshot may be another in the new one.
    pub(super) fn is_in(&self, names: &Names) -> bool {
        self.names().any(|name| names.has(name))
    }

    /// Whether what was made of what was read may be another now.
    pub(super) fn is_in_values_of(&self, seen: &Seen) -> bool {
        self.names
            .iter()
            .any(|(name, came_or_went)| seen.values.has(name) || *came_or_went && seen.presence.has(name))
    }
}

fn by_name<'d, 'v>(discovered: &'d Discovered<'v>) -> BTreeMap<&'v str, &'d Attachment<'v>> {
    let attachments = discovered.attachments.iter();
    attachments
        .map(|attachment| (attachment.name(), attachment))
        .collect()
}

/// Whether two snapshots are the same.
pub(super) fn is_same_snapshot(old: &ConfigVars, new: &ConfigVars) -> bool {
    differing(old, new).is_empty()
}

/// The config vars of which value or presence differ.
fn differing(old: &ConfigVars, new: &ConfigVars) -> BTreeMap<Box<str>, CameOrWent> {
    let mut names = BTreeMap::new();
    let (mut old, mut new) = (old.as_slice(), new.as_slice());
    loop {
        let (is_old, is_new) = match (old.first(), new.first()) {
            (None, None) => return names,
            (Some(_), None) => (true, false),
            (None, Some(_)) => (false, true),
            (Some(old), Some(new)) => (old.key() <= new.key(), new.key() <= old.key()),
        };
        match (is_old, is_new) {
            (true, true) if is_equal(&old[0].value, &new[0].value) => {}
            // What is set to nothing is as good as not set.
            (true, true) => {
                let came_or_went = is_empty(&old[0].value) != is_empty(&new[0].value);
                names.insert(old[0].name.clone(), came_or_went);
            }
            (true, false) => _ = names.insert(old[0].name.clone(), true),
            (false, _) => _ = names.insert(new[0].name.clone(), true),
        }
        old = &old[usize::from(is_old)..];
        new = &new[usize::from(is_new)..];
    }
}

fn is_empty(value: &ConfigValue) -> bool {
    value.secret().is_some_and(|text| text.expose_secret().is_empty())
}

fn is_equal(old: &ConfigValue, new: &ConfigValue) -> bool {
    is_same(old.secret(), new.secret())
}

fn is_same(old: Option<&SecretString>, new: Option<&SecretString>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => same(old.expose_secret(), new.expose_secret()),
        (None, None) => true,
        _ => false,
    }
}

fn aspects(
    old: &Attachment<'_>,
    new: &Attachment<'_>,
    differing: &BTreeMap<Box<str>, CameOrWent>,
) -> Vec<Aspect> {
    let mut aspects = BTreeSet::new();
    if old.kind() != new.kind() {
        aspects.insert(Aspect::Kind);
    }
    if old.tls() != new.tls() {
        aspects.insert(Aspect::Tls);
    }
    let old_urls: BTreeMap<_, _> = old.urls().collect();
    let new_urls: BTreeMap<_, _> = new.urls().collect();
    for (name, url) in &new_urls {
        match (old_urls.get(name), url) {
            (Some(Ok(old)), Ok(new)) => aspects_of_url(old, new, &mut aspects),
            (Some(Err(_)), Err(_)) => {}
            _ => _ = aspects.insert(Aspect::Other),
        }
    }
    if old_urls.keys().any(|name| !new_urls.contains_key(name)) {
        aspects.insert(Aspect::Other);
    }
    // Of a resource in several vars the URL that they amount to was compared.
    let is_compared = |name: &str| old_urls.contains_key(name) && new_urls.contains_key(name);
    let roles: BTreeMap<_, _> = old.roles().chain(new.roles()).collect();
    for (name, role) in roles {
        if differing.contains_key(name) && !is_compared(name) {
            aspects.insert(match role {
                Role::Username => Aspect::Username,
                Role::Password | Role::Token | Role::PrivateKey | Role::Certificate => Aspect::Password,
                Role::Host | Role::Port | Role::Servers | Role::Database => Aspect::Endpoint,
                _ => Aspect::Other,
            });
        }
    }
    if aspects.is_empty() {
        aspects.insert(Aspect::Other);
    }
    aspects.into_iter().collect()
}

fn aspects_of_url(old: &ResourceUrl, new: &ResourceUrl, aspects: &mut BTreeSet<Aspect>) {
    if same(old.expose_original(), new.expose_original()) {
        return;
    }
    // A kind that changed is told by whoever calls.
    let mut is_told = old.kind() != new.kind();
    let mut note = |aspect, is_same: bool| {
        if !is_same {
            aspects.insert(aspect);
            is_told = true;
        }
    };
    note(Aspect::Username, is_same(old.username(), new.username()));
    note(Aspect::Password, is_same(old.password(), new.password()));
    // A database in the query is not told apart from other options.
    note(Aspect::Endpoint, old.database() == new.database());
    let number = |host: &Host| host.port().map(Port::number);
    let (old_hosts, new_hosts) = (old.hosts(), new.hosts());
    note(Aspect::Endpoint, old_hosts.len() == new_hosts.len());
    for (old, new) in old_hosts.iter().zip(new_hosts) {
        note(
            Aspect::Endpoint,
            old.as_str() == new.as_str() && number(old) == number(new),
        );
        note(Aspect::Username, is_same(old.username(), new.username()));
        note(Aspect::Password, is_same(old.password(), new.password()));
    }
    note(Aspect::Tls, old.tls() == new.tls());
    if new.kind() == Kind::Http {
        let is_same = |old: Option<&str>, new: Option<&str>| match (old, new) {
            (Some(old), Some(new)) => same(old, new),
            (None, None) => true,
            _ => false,
        };
        note(Aspect::Password, is_same(old.expose_path(), new.expose_path()));
        note(Aspect::Password, is_same(old.expose_query(), new.expose_query()));
    }
    if !is_told {
        aspects.insert(Aspect::Other);
    }
}
