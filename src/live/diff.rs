//! The difference between two snapshots, by attachment.

use super::change::{Aspect, AttachmentChange, Change};
use super::status::{Stale, StaleEntry, StaleKind};
use crate::attachment::{Attachment, Role, option_role};
use crate::error::Error;
use crate::kind::Kind;
use crate::secret::same;
use crate::sorted::insert_in_order;
use crate::url::{Host, Port, ResourceUrl};
use crate::vars::{ConfigValue, ConfigVars, Var};
use secrecy::{ExposeSecret, SecretString};
use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A snapshot, and the attachments in it.
pub(super) struct Discovered<'v> {
    pub(super) vars: &'v ConfigVars,
    pub(super) attachments: Vec<Attachment<'v>>,
}

impl<'v> Discovered<'v> {
    pub(super) fn of(vars: &'v ConfigVars) -> Self {
        Self {
            vars,
            attachments: vars.attachments().collect(),
        }
    }

    /// The attachments that have a fault, as attachments that were never good.
    pub(super) fn faults(&self) -> impl Iterator<Item = (Box<str>, StaleEntry)> {
        self.attachments.iter().filter_map(|attachment| {
            let faults: Vec<Error> = attachment.faults().cloned().collect();
            let entry =
                (!faults.is_empty()).then(|| StaleEntry::new(StaleKind::NeverGood, Error::all(faults)));
            Some((attachment.name().into(), entry?))
        })
    }
}

/// The difference between two snapshots.
#[derive(Default)]
pub(super) struct Difference {
    /// The config vars that differ, and the other config vars of their attachments.
    names: BTreeSet<Box<str>>,
    attachments: Vec<AttachmentChange>,
    /// The config vars that differ and belong to no attachment.
    vars: Vec<Box<str>>,
}

impl Difference {
    pub(super) fn between(old: &Discovered<'_>, new: &Discovered<'_>) -> Self {
        let mut names = differing_vars(old.vars, new.vars);
        if names.is_empty() {
            return Self::default();
        }
        let mut attachments = Vec::new();
        let mut attached: HashSet<&str> = HashSet::new();
        for pair in pairs(&old.attachments, &new.attachments, Attachment::name) {
            let vars = || {
                [pair.0, pair.1]
                    .into_iter()
                    .flatten()
                    .flat_map(Attachment::var_names)
            };
            if !vars().any(|var| names.contains(var)) {
                continue;
            }
            let Some(name) = pair.0.or(pair.1).map(Attachment::name) else {
                continue;
            };
            let aspects = match pair {
                (Some(old), Some(new)) => aspects(old, new, &names),
                (None, _) => vec![Aspect::Added],
                (_, None) => vec![Aspect::Removed],
            };
            attachments.push(AttachmentChange::new(name, aspects));
            attached.extend(vars());
        }
        let vars = names
            .iter()
            .filter(|name| !attached.contains(&***name))
            .cloned()
            .collect();
        names.extend(attached.into_iter().map(Into::into));
        Self {
            names,
            attachments,
            vars,
        }
    }

    /// The differing config vars alone, without a comparison of attachments.
    pub(super) fn of_vars(old: &ConfigVars, new: &ConfigVars) -> Self {
        Self {
            names: differing_vars(old, new),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The config vars that differ, and the other config vars of their attachments.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The public form of the difference.
    pub(super) fn into_change(self, generation: u64, stale: Vec<Stale>) -> Change {
        Change::new(generation, self.attachments, self.vars, stale)
    }
}

/// The items of two lists, both sorted by key, in pairs of the same key.
pub(super) fn pairs<'i, T, K: Ord>(
    mut old: &'i [T],
    mut new: &'i [T],
    key: impl Fn(&'i T) -> K,
) -> impl Iterator<Item = (Option<&'i T>, Option<&'i T>)> {
    std::iter::from_fn(move || {
        let order = match (old.first(), new.first()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => key(old).cmp(&key(new)),
        };
        let of_old = if order.is_le() { take_first(&mut old) } else { None };
        let of_new = if order.is_ge() { take_first(&mut new) } else { None };
        Some((of_old, of_new))
    })
}

fn take_first<'i, T>(items: &mut &'i [T]) -> Option<&'i T> {
    let (first, rest) = items.split_first()?;
    *items = rest;
    Some(first)
}

/// Returns whether two snapshots are the same.
pub(super) fn is_same_snapshot(old: &ConfigVars, new: &ConfigVars) -> bool {
    differing_vars(old, new).is_empty()
}

/// The config vars that differ in value or presence.
fn differing_vars(old: &ConfigVars, new: &ConfigVars) -> BTreeSet<Box<str>> {
    let differ = |(old, new): &(Option<&Var>, Option<&Var>)| {
        !is_same_value(old.map(|var| &var.value), new.map(|var| &var.value))
    };
    pairs(old.as_slice(), new.as_slice(), Var::key)
        .filter(differ)
        .filter_map(|(old, new)| Some(old.or(new)?.name.clone()))
        .collect()
}

/// Returns whether a config var is unset or empty.
pub(super) fn is_empty(vars: &ConfigVars, name: &str) -> bool {
    vars.find_var(name).is_none_or(|var| var.value.is_empty())
}

/// Returns whether two config vars have the same value, or are both unset.
pub(super) fn is_same_value(old: Option<&ConfigValue>, new: Option<&ConfigValue>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => is_same_secret(old.secret(), new.secret()),
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

fn aspects(old: &Attachment<'_>, new: &Attachment<'_>, differing: &BTreeSet<Box<str>>) -> Vec<Aspect> {
    let mut aspects = Vec::new();
    if old.kind() != new.kind() {
        insert_in_order(&mut aspects, Aspect::Kind);
    }
    if old.tls() != new.tls() {
        insert_in_order(&mut aspects, Aspect::Tls);
    }
    let old_urls: HashMap<&str, _> = old.urls().collect();
    let new_urls: HashMap<&str, _> = new.urls().collect();
    for (name, url) in &new_urls {
        match (old_urls.get(name), url) {
            (Some(Ok(old)), Ok(new)) => aspects_of_url(old, new, &mut aspects),
            (Some(Err(_)), Err(_)) => {}
            _ => insert_in_order(&mut aspects, Aspect::Other),
        }
    }
    if old_urls.keys().any(|name| !new_urls.contains_key(name)) {
        insert_in_order(&mut aspects, Aspect::Other);
    }
    // The same resource in another form: a URL instead of parts, for example.
    if let (Some((old_name, Ok(old))), Some((new_name, Ok(new)))) = (old.urls().next(), new.urls().next()) {
        if !new_urls.contains_key(old_name) && !old_urls.contains_key(new_name) {
            aspects_of_url(old, new, &mut aspects);
        }
    }
    // A resource in several vars was compared by the URL that they add up to.
    let is_compared = |name: &str| old_urls.contains_key(name) && new_urls.contains_key(name);
    let roles: HashMap<&str, Role> = old.roles().chain(new.roles()).collect();
    for (name, role) in roles {
        if differing.contains(name) && !is_compared(name) {
            insert_in_order(&mut aspects, aspect_of_role(role).unwrap_or(Aspect::Other));
        }
    }
    if aspects.is_empty() {
        aspects.push(Aspect::Other);
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
        for aspect in aspects_of_options(old, new) {
            note(aspect, false);
        }
    }
    if !is_noted {
        insert_in_order(aspects, Aspect::Other);
    }
}

/// Returns the aspects of the query options that differ. An option that is not known to carry a login or an endpoint only
/// affects how a client works.
fn aspects_of_options(old: &ResourceUrl, new: &ResourceUrl) -> Vec<Aspect> {
    let options = |url: &ResourceUrl| {
        let mut options: Vec<(SecretString, SecretString)> = url.query_pairs().collect();
        // Options of one name remain in their order.
        options.sort_by(|(left, _), (right, _)| left.expose_secret().cmp(right.expose_secret()));
        options
    };
    let (old, new) = (options(old), options(new));
    let mut aspects = Vec::new();
    for (old, new) in pairs(&old, &new, |(name, _)| name.expose_secret()) {
        let is_same = is_same_secret(old.map(|(_, value)| value), new.map(|(_, value)| value));
        let Some((name, _)) = old.or(new).filter(|_| !is_same) else {
            continue;
        };
        aspects.extend(aspect_of_role(option_role(name.expose_secret())));
    }
    aspects
}
