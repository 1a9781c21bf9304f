//! Attachments that a reload must keep, because a part of each that was good is malformed or missing in the fresh snapshot.

use super::diff::{Discovered, is_empty, vanished};
use super::unneeded::is_unneeded;
use crate::attachment::{Attachment, is_in_parts, looked_for};
use crate::error::{Error, ErrorKind, Fault};
use crate::snapshot::ConfigVars;
use crate::sorted::{NameMap, NameSet, find_place, insert_in_order, is_among, sort_by};
use crate::url::ResourceUrl;
use secrecy::ExposeSecret;

/// Finds the attachments of the snapshot in use that must be kept. Returns a config var of each, and the error.
pub(super) fn attachment_faults<'v>(
    current: &Discovered<'v>,
    fresh: &Discovered<'v>,
) -> Vec<(&'v str, Error)> {
    let (current, fresh) = (AttachmentSets::of(current), AttachmentSets::of(fresh));
    let mut with_var = Vec::new();
    for (number, set) in fresh.sets.iter().enumerate() {
        for name in &set.vars {
            with_var.push((*name, number));
        }
    }
    let roll = AttachmentRoll {
        current: &current,
        fresh: &fresh,
        with_var: NameMap::of(with_var),
    };
    let mut faults = Vec::new();
    for set in &current.sets {
        if let Some(fault) = roll.fault(set) {
            faults.push((set.vars[0], fault));
        }
    }
    faults
}

/// An attachment, as sets of names.
struct AttachmentSet<'d, 'v> {
    attachment: &'d Attachment<'v>,
    /// At least one.
    vars: Vec<&'v str>,
    /// The vars that hold a resource URL, and whether each is well-formed.
    resources: Vec<(&'v str, bool)>,
    faults: Vec<&'d Error>,
    /// The vars that are named by the faults.
    at_fault: NameSet<'d>,
}

/// The attachments of a snapshot, sorted by name.
struct AttachmentSets<'d, 'v> {
    vars: &'d ConfigVars,
    sets: Vec<AttachmentSet<'d, 'v>>,
    /// The vars that hold a resource URL.
    resources: NameSet<'v>,
}

impl<'d, 'v> AttachmentSets<'d, 'v> {
    fn of(snapshot: &'d Discovered<'v>) -> Self {
        let mut sets = Vec::with_capacity(snapshot.attachments.len());
        let mut all_resources = Vec::new();
        for attachment in &snapshot.attachments {
            let mut resources = Vec::new();
            for (name, url) in attachment.urls() {
                resources.push((name, url.is_ok()));
                all_resources.push(name);
            }
            let mut faults = Vec::new();
            let mut at_fault = Vec::new();
            for fault in attachment.faults() {
                faults.push(fault);
                if let Some(name) = fault.var() {
                    at_fault.push(name);
                }
            }
            sets.push(AttachmentSet {
                attachment,
                vars: attachment.var_names().collect(),
                resources,
                faults,
                at_fault: NameSet::of(at_fault),
            });
        }
        Self {
            vars: snapshot.vars,
            sets,
            resources: NameSet::of(all_resources),
        }
    }

    /// The index of the attachment of this name.
    fn place(&self, name: &str) -> Option<usize> {
        find_place(self.sets.len(), &|index| {
            self.sets[index].attachment.name().cmp(name)
        })
        .ok()
    }
}

/// The attachments of both snapshots.
struct AttachmentRoll<'r, 'd, 'v> {
    current: &'r AttachmentSets<'d, 'v>,
    fresh: &'r AttachmentSets<'d, 'v>,
    /// The indexes of the fresh attachments, by the names of their vars.
    with_var: NameMap<'v>,
}

impl<'d, 'v> AttachmentRoll<'_, 'd, 'v> {
    /// Returns why an attachment must be kept: a part of it that was good is missing or malformed in the fresh snapshot.
    fn fault(&self, set: &AttachmentSet<'d, 'v>) -> Option<Error> {
        let (current, fresh) = (self.current.vars, self.fresh.vars);
        if !set.resources.is_empty() && !set.resources.iter().any(|(_, is_good)| *is_good) {
            // No URL of it was ever well-formed, so there is nothing to keep.
            return None;
        }
        if set.vars.iter().all(|name| is_empty(fresh, name)) {
            // The provider removed the attachment.
            return None;
        }
        let place = self.fresh.place(set.attachment.name());
        let namesake = place.map(|place| &self.fresh.sets[place]);
        // If the attachment has a good resource in another form, that of before is not needed any more.
        let mut replaced: Vec<Box<str>> = Vec::new();
        if namesake.is_some_and(|namesake| self.has_new_form(namesake)) {
            for (name, _) in &set.resources {
                replaced.append(&mut looked_for(current, name));
                replaced.push((*name).into());
            }
            sort_by(&mut replaced, Ord::cmp);
        }
        for name in &set.vars {
            let was_good = !is_empty(current, name) && !set.at_fault.contains(name);
            if !was_good || !is_empty(fresh, name) || is_among(&replaced, name) {
                continue;
            }
            let is_unneeded = match namesake {
                Some(namesake) => is_unneeded(name, current, set.attachment, namesake.attachment),
                None => false,
            };
            if !is_unneeded {
                return Some(vanished(name));
            }
        }
        let mut affected = Vec::new();
        if let Some(place) = place {
            affected.push(place);
        }
        for name in &set.vars {
            if let Some(number) = self.with_var.get(name) {
                insert_in_order(&mut affected, number);
            }
        }
        for number in affected {
            for fault in &self.fresh.sets[number].faults {
                if fault.var().is_none_or(|name| !set.at_fault.contains(name)) {
                    return Some(Error::clone(fault));
                }
            }
        }
        for (name, was_good) in &set.resources {
            if *was_good && !self.is_whole(name, is_among(&replaced, name)) {
                // Without its other parts, a host is only a value that has no scheme.
                let is_of_host =
                    |error: &Error| error.kind() == ErrorKind::MissingScheme && self.is_in_parts(name);
                return match fresh.url::<ResourceUrl>(name) {
                    Err(error) if !is_of_host(&error) => Some(error),
                    _ => Some(Error::new(Fault::Unrecognised).for_known_var(name)),
                };
            }
        }
        None
    }

    /// Returns whether the resource in a config var is there, or is not needed any more.
    fn is_whole(&self, name: &str, is_replaced: bool) -> bool {
        // A URL that is cut off in its scheme is no longer recognised as a URL. Parts are no resource beside a URL.
        self.fresh.resources.contains(name)
            || is_replaced && is_empty(self.fresh.vars, name)
            || self.is_in_parts(name) && (is_replaced || self.fresh.vars.url::<ResourceUrl>(name).is_ok())
    }

    /// Returns whether a fresh attachment has a well-formed resource in a config var that was not a resource before: a URL
    /// instead of parts, parts instead of a URL, or a URL with another ending. A variant (`CACHE_TLS_URL`) replaces nothing.
    fn has_new_form(&self, fresh: &AttachmentSet<'d, 'v>) -> bool {
        let is_plain = |name: &str| match name.strip_prefix(fresh.attachment.name()) {
            Some(ending) => !ending.trim_start_matches('_').contains('_'),
            None => false,
        };
        fresh
            .resources
            .iter()
            .any(|(name, is_good)| *is_good && is_plain(name) && !self.current.resources.contains(name))
    }

    /// Returns whether a config var of the snapshot in use is the host, or the list of servers, of a resource in parts.
    fn is_in_parts(&self, name: &str) -> bool {
        let vars = self.current.vars;
        match vars.find_var(name).and_then(|var| var.value.secret()) {
            Some(value) => is_in_parts(vars, name, value.expose_secret()),
            None => false,
        }
    }
}
