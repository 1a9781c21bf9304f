//! Attachments that a reload must keep, because a part of each that was good is malformed or missing in the fresh snapshot.

use super::diff::{Discovered, faults_of, is_empty, vanished};
use super::unneeded::is_unneeded;
use crate::attachment::{Attachment, is_in_parts, looked_for};
use crate::error::{Error, ErrorKind, Fault};
use crate::list::{filter_mapped, mapped};
use crate::sorted::insert_in_order;
use crate::url::ResourceUrl;
use crate::vars::ConfigVars;
use secrecy::ExposeSecret;
use std::collections::{HashMap, HashSet};

/// Finds the attachments of the snapshot in use that must be kept. Returns a config var of each, and the error.
pub(super) fn attachment_faults<'v>(
    current: &Discovered<'v>,
    fresh: &Discovered<'v>,
) -> Vec<(&'v str, Error)> {
    AttachmentSets::new(current, fresh).faults()
}

/// An attachment, as sets of names.
struct AttachmentSet<'v> {
    name: &'v str,
    vars: Vec<&'v str>,
    /// The vars that hold a resource URL, and whether each is well-formed.
    resources: Vec<(&'v str, bool)>,
    faults: Vec<Error>,
    /// The vars that are named by the faults.
    at_fault: HashSet<Box<str>>,
}

impl<'v> AttachmentSet<'v> {
    fn of(attachment: &Attachment<'v>) -> Self {
        let faults = faults_of(attachment);
        let mut at_fault = HashSet::new();
        for name in faults.iter().filter_map(Error::var) {
            at_fault.insert(name.into());
        }
        let mut resources = Vec::new();
        for (name, url) in attachment.urls() {
            resources.push((name, url.is_ok()));
        }
        Self {
            name: attachment.name(),
            vars: attachment.var_names().collect(),
            resources,
            at_fault,
            faults,
        }
    }

    fn is_faulty(&self, name: &str) -> bool {
        self.at_fault.contains(name)
    }
}

/// The attachments of both snapshots.
struct AttachmentSets<'d, 'v> {
    current: &'d ConfigVars,
    fresh: &'d ConfigVars,
    /// Sorted by name, as are the fresh ones.
    current_attachments: &'d [Attachment<'v>],
    fresh_attachments: &'d [Attachment<'v>],
    current_sets: Vec<AttachmentSet<'v>>,
    fresh_sets: Vec<AttachmentSet<'v>>,
    /// The fresh attachments, by the names of their vars, and by their own.
    with_var: HashMap<&'v str, usize>,
    with_name: HashMap<&'v str, usize>,
    current_resources: HashSet<&'v str>,
    fresh_resources: HashSet<&'v str>,
}

impl<'d, 'v> AttachmentSets<'d, 'v> {
    fn new(current: &'d Discovered<'v>, fresh: &'d Discovered<'v>) -> Self
    where
        'v: 'd,
    {
        let sets = |snapshot: &Discovered<'v>| mapped(&snapshot.attachments, AttachmentSet::of);
        let (current_sets, fresh_sets) = (sets(current), sets(fresh));
        let resources = |sets: &[AttachmentSet<'v>]| {
            let mut names = HashSet::new();
            for set in sets {
                for (name, _) in &set.resources {
                    names.insert(*name);
                }
            }
            names
        };
        let (mut with_var, mut with_name) = (HashMap::new(), HashMap::new());
        for (number, set) in fresh_sets.iter().enumerate() {
            with_name.insert(set.name, number);
            for name in &set.vars {
                with_var.insert(*name, number);
            }
        }
        Self {
            current: current.vars,
            fresh: fresh.vars,
            current_attachments: &current.attachments,
            fresh_attachments: &fresh.attachments,
            current_resources: resources(&current_sets),
            fresh_resources: resources(&fresh_sets),
            current_sets,
            fresh_sets,
            with_var,
            with_name,
        }
    }

    /// The current attachments that must be kept: a var of each, and the reason.
    fn faults(&self) -> Vec<(&'v str, Error)> {
        let fault = |set: &AttachmentSet<'v>| Some((*set.vars.first()?, self.fault(set)?));
        filter_mapped(&self.current_sets, fault)
    }

    /// Returns why an attachment must be kept: a part of it that was good is missing or malformed in the fresh snapshot.
    fn fault(&self, set: &AttachmentSet<'v>) -> Option<Error> {
        let mut resources = set.resources.iter();
        if !set.resources.is_empty() && resources.all(|(_, is_good)| !is_good) {
            // No URL of it was ever well-formed, so there is nothing to keep.
            return None;
        }
        let was_good = |name: &str| !is_empty(self.current, name) && !set.is_faulty(name);
        // If the attachment has a good resource in another form, that of before is not needed any more.
        let replaced = if self.has_new_form(set) {
            self.forms(set)
        } else {
            HashSet::new()
        };
        let is_replaced = |name: &str| replaced.contains(name);
        if set.vars.iter().all(|name| is_empty(self.fresh, name)) {
            // The provider removed the attachment.
            return None;
        }
        let has_gone = |name: &&&str| {
            was_good(name)
                && is_empty(self.fresh, name)
                && !is_replaced(name)
                && !self.is_unneeded(set.name, name)
        };
        if let Some(name) = set.vars.iter().find(has_gone) {
            return Some(vanished(name));
        }
        let mut affected: Vec<usize> = Vec::new();
        if let Some(number) = self.with_name.get(set.name) {
            affected.push(*number);
        }
        for name in &set.vars {
            if let Some(number) = self.with_var.get(*name) {
                insert_in_order(&mut affected, *number);
            }
        }
        let is_new = |fault: &&Error| fault.var().is_none_or(|name| !set.is_faulty(name));
        for number in affected {
            if let Some(fault) = self.fresh_sets[number].faults.iter().find(is_new) {
                return Some(fault.clone());
            }
        }
        // A URL that is cut off in its scheme is no longer recognised as a URL. Parts are no resource beside a URL.
        let is_whole = |name: &str| {
            let is_replaced = is_replaced(name);
            self.fresh_resources.contains(name)
                || is_replaced && is_empty(self.fresh, name)
                || self.is_in_parts(name) && (is_replaced || self.fresh.url::<ResourceUrl>(name).is_ok())
        };
        let is_lost = |(name, is_good): &&(&str, bool)| *is_good && !is_whole(name);
        let (name, _) = set.resources.iter().find(is_lost)?;
        // Without its other parts, a host is only a value that has no scheme.
        let is_of_host = |error: &Error| error.kind() == ErrorKind::MissingScheme && self.is_in_parts(name);
        let error = self.fresh.url::<ResourceUrl>(name).err();
        let error = error.filter(|error| !is_of_host(error));
        Some(error.unwrap_or_else(|| Error::new(Fault::Unrecognised).for_known_var(name)))
    }

    /// Returns whether an attachment is complete without a config var that is gone.
    fn is_unneeded(&self, attachment: &str, name: &str) -> bool {
        let find = |attachments: &'d [Attachment<'v>]| {
            let place = attachments.binary_search_by(|other| other.name().cmp(attachment));
            place.ok().map(|place| &attachments[place])
        };
        match (find(self.current_attachments), find(self.fresh_attachments)) {
            (Some(current), Some(fresh)) => is_unneeded(name, self.current, current, fresh),
            _ => false,
        }
    }

    /// Returns whether the fresh attachment of the same name has a well-formed resource in a config var that was not a
    /// resource before: a URL instead of parts, parts instead of a URL, or a URL with another ending. A variant
    /// (`CACHE_TLS_URL`) replaces nothing.
    fn has_new_form(&self, set: &AttachmentSet<'v>) -> bool {
        let is_plain = |name: &str| {
            let ending = name.strip_prefix(set.name);
            ending.is_some_and(|ending| !ending.trim_start_matches('_').contains('_'))
        };
        let is_new = |(name, is_good): &(&str, bool)| {
            *is_good && is_plain(name) && !self.current_resources.contains(name)
        };
        let fresh = self.with_name.get(set.name);
        fresh.is_some_and(|fresh| self.fresh_sets[*fresh].resources.iter().any(is_new))
    }

    /// The config vars that the resources of an attachment in use are read from.
    fn forms(&self, set: &AttachmentSet<'v>) -> HashSet<Box<str>> {
        let mut forms = HashSet::new();
        for (name, _) in &set.resources {
            for part in looked_for(self.current, name) {
                forms.insert(part);
            }
            forms.insert((*name).into());
        }
        forms
    }

    /// Returns whether a config var of the snapshot in use is the host, or the list of servers, of a resource in parts.
    fn is_in_parts(&self, name: &str) -> bool {
        let value = self.current.find_var(name).and_then(|var| var.value.secret());
        value.is_some_and(|value| is_in_parts(self.current, name, value.expose_secret()))
    }
}
