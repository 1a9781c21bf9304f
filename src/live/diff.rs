//! The difference between two snapshots, by attachment.

use super::change::{Aspect, AttachmentChange, Change, ChangedVars};
use super::status::{StaleEntries, StaleEntry, StaleKind, StaleList};
use crate::attachment::{Attachment, Role, attachments, option_role};
use crate::error::{Error, Fault};
use crate::kind::Kind;
use crate::list::pairs;
use crate::secret::same;
use crate::snapshot::{ConfigVars, Var};
use crate::sorted::{NameSet, find_place, insert_in_order, is_among, sort_by};
use crate::url::{Host, Port, ResourceUrl};
use secrecy::{ExposeSecret, SecretString};

/// A snapshot, and the attachments in it.
pub(super) struct Discovered<'v> {
    pub(super) vars: &'v ConfigVars,
    pub(super) attachments: Vec<Attachment<'v>>,
}

impl<'v> Discovered<'v> {
    pub(super) fn of(vars: &'v ConfigVars) -> Self {
        Self {
            vars,
            attachments: attachments(vars),
        }
    }

    /// The attachments that have a fault, as attachments that were never good.
    pub(super) fn faults(&self) -> StaleEntries {
        let mut entries = StaleEntries::default();
        for attachment in &self.attachments {
            let mut faults = Vec::new();
            for fault in attachment.faults() {
                faults.push(fault.clone());
            }
            if !faults.is_empty() {
                let entry = StaleEntry::new(StaleKind::NeverGood, Error::all(faults));
                entries.insert(attachment.name().into(), entry);
            }
        }
        entries
    }
}

/// The difference between two snapshots.
#[derive(Default)]
pub(super) struct Difference {
    /// The config vars that differ, and the other config vars of their attachments.
    names: Vec<Box<str>>,
    changed: ChangedVars,
}

impl Difference {
    pub(super) fn between(old: &Discovered<'_>, new: &Discovered<'_>) -> Self {
        let mut names = differing_vars(old.vars, new.vars);
        if names.is_empty() {
            return Self::default();
        }
        let mut attachments = Vec::new();
        let mut attached: Vec<&str> = Vec::new();
        for pair in &pairs(&old.attachments, &new.attachments, Attachment::name) {
            let mut attached_vars: Vec<&str> = Vec::new();
            if let Some(old) = pair.0 {
                attached_vars.extend(old.var_names());
            }
            if let Some(new) = pair.1 {
                attached_vars.extend(new.var_names());
            }
            if !attached_vars.iter().any(|var| is_among(&names, var)) {
                continue;
            }
            let (name, aspects) = match pair {
                (Some(old), Some(new)) => (old.name(), aspects(old, new, &names)),
                (None, Some(new)) => (new.name(), vec![Aspect::Added]),
                (Some(old), None) => (old.name(), vec![Aspect::Removed]),
                (None, None) => continue,
            };
            attachments.push(AttachmentChange::new(name, aspects));
            attached.append(&mut attached_vars);
        }
        let attached = NameSet::of(attached);
        let mut others: Vec<Box<str>> = Vec::new();
        for name in attached.as_slice() {
            if !is_among(&names, name) {
                others.push((*name).into());
            }
        }
        let mut unattached = Vec::new();
        for name in &names {
            if !attached.contains(name) {
                unattached.push(name.clone());
            }
        }
        names.append(&mut others);
        Self {
            names,
            changed: ChangedVars {
                attachments,
                others: unattached,
            },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The config vars that differ, and the other config vars of their attachments.
    pub(super) fn names(&self) -> &[Box<str>] {
        &self.names
    }

    /// The public form of the difference.
    pub(super) fn into_change(self, generation: u64, stale: StaleList) -> Change {
        Change::new(generation, self.changed, stale)
    }
}

/// Returns whether two snapshots are the same.
pub(super) fn is_same_snapshot(old: &ConfigVars, new: &ConfigVars) -> bool {
    let (old, new) = (old.as_slice(), new.as_slice());
    if old.len() != new.len() {
        return false;
    }
    for (old, new) in old.iter().zip(new) {
        if old.key() != new.key() || !is_same_var(Some(old), Some(new)) {
            return false;
        }
    }
    true
}

/// The config vars that differ in value or presence, sorted.
pub(super) fn differing_vars(old: &ConfigVars, new: &ConfigVars) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = Vec::new();
    for (old, new) in &pairs(old.as_slice(), new.as_slice(), Var::key) {
        if is_same_var(*old, *new) {
            continue;
        }
        if let Some(var) = old.or(*new) {
            // Names that are not Unicode may look the same.
            if names.last() != Some(&var.name) {
                names.push(var.name.clone());
            }
        }
    }
    names
}

/// Returns whether a config var is unset or empty.
pub(super) fn is_empty(vars: &ConfigVars, name: &str) -> bool {
    vars.find_var(name).is_none_or(|var| var.value.is_empty())
}

/// The fault of a config var that is gone, although others that belong with it are there.
pub(super) fn vanished(name: &str) -> Error {
    Error::new(Fault::Vanished).for_known_var(name)
}

/// Returns whether two config vars have the same value, or are both unset.
pub(super) fn is_same_var(old: Option<&Var>, new: Option<&Var>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => is_same_secret(old.value.secret(), new.value.secret()),
        (None, None) => true,
        _ => false,
    }
}

fn is_same_secret(old: Option<&SecretString>, new: Option<&SecretString>) -> bool {
    is_same_text(
        old.map(ExposeSecret::expose_secret),
        new.map(ExposeSecret::expose_secret),
    )
}

fn is_same_text(old: Option<&str>, new: Option<&str>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => same(old, new),
        (None, None) => true,
        _ => false,
    }
}

/// Returns the ways in which an attachment changed, sorted.
fn aspects(old: &Attachment<'_>, new: &Attachment<'_>, differing: &[Box<str>]) -> Vec<Aspect> {
    let mut aspects = Vec::new();
    if old.kind() != new.kind() {
        insert_in_order(&mut aspects, Aspect::Kind);
    }
    if old.tls() != new.tls() {
        insert_in_order(&mut aspects, Aspect::Tls);
    }
    let (old_urls, new_urls) = (sorted_urls(old), sorted_urls(new));
    // A resource in several vars is compared by the URL that they add up to.
    let mut compared: Vec<&str> = Vec::new();
    let mut is_other = old_urls.len() != new_urls.len();
    for (name, old) in &old_urls {
        let Some(new) = find_url(&new_urls, name) else {
            is_other = true;
            continue;
        };
        compared.push(name);
        match (old, new) {
            (Ok(old), Ok(new)) => aspects_of_url(old, new, &mut aspects),
            (Err(_), Err(_)) => {}
            _ => is_other = true,
        }
    }
    if is_other {
        insert_in_order(&mut aspects, Aspect::Other);
    }
    // The same resource in another form: a URL instead of parts, for example.
    if let (Some((old_name, Ok(old))), Some((new_name, Ok(new)))) = (old.urls().next(), new.urls().next()) {
        if find_url(&new_urls, old_name).is_none() && find_url(&old_urls, new_name).is_none() {
            aspects_of_url(old, new, &mut aspects);
        }
    }
    for attachment in &[new, old] {
        let known = NameSet::of(compared.clone());
        for (name, role) in attachment.roles() {
            if is_among(differing, name) && !known.contains(name) {
                insert_in_order(&mut aspects, aspect_of_role(role).unwrap_or(Aspect::Other));
                compared.push(name);
            }
        }
    }
    if aspects.is_empty() {
        insert_in_order(&mut aspects, Aspect::Other);
    }
    aspects
}

fn aspect_of_role(role: Role) -> Option<Aspect> {
    match role {
        Role::Username => Some(Aspect::Username),
        Role::Password | Role::Token | Role::PrivateKey | Role::Certificate => Some(Aspect::Password),
        Role::Host | Role::Port | Role::Servers | Role::Database => Some(Aspect::Endpoint),
        _ => None,
    }
}

/// The URLs of an attachment, sorted by name.
type Urls<'a> = Vec<(&'a str, Result<&'a ResourceUrl, &'a Error>)>;

fn sorted_urls<'a>(attachment: &'a Attachment<'_>) -> Urls<'a> {
    let mut urls = Vec::new();
    for url in attachment.urls() {
        urls.push(url);
    }
    sort_by(&mut urls, |left, right| left.0.cmp(right.0));
    urls
}

fn find_url<'a>(urls: &Urls<'a>, name: &str) -> Option<Result<&'a ResourceUrl, &'a Error>> {
    let place = find_place(urls.len(), &|index| urls[index].0.cmp(name));
    Some(urls[place.ok()?].1)
}

fn aspects_of_url(old: &ResourceUrl, new: &ResourceUrl, aspects: &mut Vec<Aspect>) {
    if same(old.expose_original(), new.expose_original()) {
        return;
    }
    // The caller notes a change of the kind.
    let mut is_noted = old.kind() != new.kind();
    let mut note = |aspect, is_same: bool| {
        if !is_same {
            insert_in_order(aspects, aspect);
            is_noted = true;
        }
    };
    note(Aspect::Username, is_same_secret(old.username(), new.username()));
    note(Aspect::Password, is_same_secret(old.password(), new.password()));
    note(Aspect::Endpoint, old.database() == new.database());
    let number = |host: &Host| host.port().map(Port::number);
    let (old_hosts, new_hosts) = (old.hosts(), new.hosts());
    note(Aspect::Endpoint, old_hosts.len() == new_hosts.len());
    for (old, new) in old_hosts.iter().zip(new_hosts) {
        note(
            Aspect::Endpoint,
            old.as_str() == new.as_str() && number(old) == number(new),
        );
        note(Aspect::Username, is_same_secret(old.username(), new.username()));
        note(Aspect::Password, is_same_secret(old.password(), new.password()));
    }
    note(Aspect::Tls, old.tls() == new.tls());
    let rules = new.kind().rules();
    // Without a database, the path may be a secret: of a web hook, of a service, or of an unknown scheme.
    if !rules.datastore {
        note(
            Aspect::Password,
            is_same_text(old.expose_path(), new.expose_path()),
        );
    }
    let has_same_query = is_same_text(old.expose_query(), new.expose_query());
    if rules.free_query || new.kind() == Kind::Other {
        note(Aspect::Password, has_same_query);
    } else if !has_same_query {
        for aspect in &aspects_of_options(old, new) {
            note(*aspect, false);
        }
    }
    if !is_noted {
        insert_in_order(aspects, Aspect::Other);
    }
}

/// Returns the aspects of the query options that differ. An option that is not known to carry a login or an endpoint only
/// affects how a client works.
fn aspects_of_options(old: &ResourceUrl, new: &ResourceUrl) -> Vec<Aspect> {
    let (old, new) = (old.sorted_query_pairs(), new.sorted_query_pairs());
    let mut aspects = Vec::new();
    for (old, new) in &pairs(&old, &new, |(name, _)| name.expose_secret()) {
        let name = match (old, new) {
            (Some((_, old)), Some((_, new))) if is_same_secret(Some(old), Some(new)) => continue,
            (Some((name, _)), _) | (None, Some((name, _))) => name.expose_secret(),
            (None, None) => continue,
        };
        if let Some(aspect) = aspect_of_role(option_role(name)) {
            aspects.push(aspect);
        }
    }
    aspects
}
