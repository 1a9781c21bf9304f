//! Last good: which config vars of a fresh snapshot are taken over, and which keep the values in use.
//!
//! Config vars that belong together form a component. A component comes as a whole from one snapshot, so that user,
//! password and host are of one generation. Two config vars belong together if an attachment of either snapshot has
//! both, if one was looked up to read the other, if their names say that they are parts of one thing, or if one is the login
//! of a URL that has none. Config vars without an attachment that the app's value was made from also belong together,
//! unless they are ordinary settings.

use super::attachment_faults::attachment_faults;
use super::diff::{Discovered, is_empty, is_same_var, vanished};
use super::settle_time::{FileTimes, SettleRule};
use super::split_login_faults::split_login_faults;
use super::status::{StaleEntries, StaleEntry, StaleKind};
use crate::attachment::name_words::is_setting;
use crate::attachment::related::{Groups, Relation, related};
use crate::attachment::split_login::split_logins;
use crate::attachment::{Attachment, names_in};
use crate::error::{Elsewhere, Error, Fault};
use crate::list::{mapped, pairs};
use crate::snapshot::{ConfigVars, Var};
use crate::sorted::{NameMap, NameSet, insert_in_order};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;

/// The result of a merge.
pub(super) struct MergedSnapshot {
    /// `None` if the whole fresh snapshot is taken over.
    pub(super) vars: Option<ConfigVars>,
    /// The attachments and config vars that keep their last good values, or were never good.
    pub(super) stale: StaleEntries,
}

/// Maximum number of merges. If the last one still mixes components, all are kept.
const MAX_ROUNDS: u32 = 8;

/// The snapshot in use and a fresh one, split into components.
pub(super) struct SnapshotMerge<'d, 'v> {
    pub(super) current: &'d Discovered<'v>,
    pub(super) fresh: &'d Discovered<'v>,
    component_of: NameMap<'v>,
    components: Vec<ConnectedVars<'v>>,
    /// The components that are kept until their other files are written: the first name, and the remaining time.
    pub(super) unsettled: Vec<(&'v str, Duration)>,
}

/// A component: config vars that are taken over or kept together.
#[derive(Default)]
struct ConnectedVars<'v> {
    names: Vec<&'v str>,
    /// Whether its config vars differ between the snapshots.
    has_changed: bool,
    has_attachment: bool,
    /// Why it is kept, whether or not the app accepts it.
    fault: Option<Error>,
}

impl<'d, 'v> SnapshotMerge<'d, 'v> {
    /// `is_read` returns whether the app's value depends on a config var.
    pub(super) fn new(
        current: &'d Discovered<'v>,
        fresh: &'d Discovered<'v>,
        is_read: &dyn Fn(&str) -> bool,
        rule: &SettleRule<'_>,
    ) -> Self {
        // For each name, the var in use or else the fresh one, and both.
        let mut all = Vec::new();
        for (old, new) in &pairs(current.vars.as_slice(), fresh.vars.as_slice(), Var::key) {
            if let Some(var) = old.or(*new) {
                all.push((var, *old, *new));
            }
        }
        let mut attached = names_in(&[&current.attachments, &fresh.attachments]);
        let mut groups = Groups::of(mapped(&all, |(var, ..)| &*var.name));
        groups.join_attachments(&[
            (current.vars, &current.attachments),
            (fresh.vars, &fresh.attachments),
        ]);
        attached.extend(groups.join_unprefixed());
        let attached = NameSet::of(attached);
        let names = groups.names();
        let logins = split_logins(&names, [&current.attachments, &fresh.attachments]);
        let mut things = related(&names, Relation::Thing, &attached);
        for login in &logins {
            things.push(login.names());
        }
        for thing in &things {
            groups.join(thing);
        }
        let mut plain: Vec<&str> = Vec::new();
        for (var, ..) in &all {
            let is_setting = |text: &SecretString| is_setting(&var.name, text.expose_secret());
            if !attached.contains(&var.name)
                && is_read(&var.name)
                && !var.value.secret().is_some_and(is_setting)
            {
                plain.push(&var.name);
            }
        }
        groups.join(&plain);

        let mut number_of: Vec<Option<usize>> = vec![None; groups.len()];
        let mut merge = Self {
            current,
            fresh,
            component_of: NameMap::default(),
            components: Vec::new(),
            unsettled: Vec::new(),
        };
        let mut component_of: Vec<(&str, usize)> = Vec::with_capacity(all.len());
        for (var, old, new) in &all {
            let name = &*var.name;
            let Some(group) = groups.find(name) else {
                continue;
            };
            let number = *number_of[group].get_or_insert(merge.components.len());
            if number == merge.components.len() {
                merge.components.push(ConnectedVars::default());
            }
            component_of.push((name, number));
            let component = &mut merge.components[number];
            component.names.push(name);
            component.has_attachment |= attached.contains(name);
            component.has_changed |= !is_same_var(*old, *new);
        }
        merge.component_of = NameMap::of(component_of);
        let mut faults = attachment_faults(current, fresh);
        for credential in &related(&names, Relation::Credential, &attached) {
            faults.extend(merge.half_gone(credential));
        }
        for thing in &things {
            faults.extend(merge.half_moved(thing));
        }
        faults.append(&mut split_login_faults(&logins, current, fresh));
        merge.note_faults(&faults);
        merge.keep_unsettled(rule);
        merge
    }

    /// Notes the first fault of each component.
    fn note_faults(&mut self, faults: &[(&str, Error)]) {
        for (name, error) in faults {
            if let Some(component) = self.component(name) {
                let fault = &mut self.components[component].fault;
                fault.get_or_insert_with(|| error.clone());
            }
        }
    }

    /// Keeps the components of which some files were written a moment ago and others were not.
    fn keep_unsettled(&mut self, rule: &SettleRule<'_>) {
        for component in &mut self.components {
            if !component.has_changed || component.fault.is_some() {
                continue;
            }
            let mut files: Vec<FileTimes> = Vec::new();
            let mut newest = None;
            for name in &component.names {
                let written = |vars: &ConfigVars| vars.find_var(name)?.value.written();
                let Some(fresh) = written(self.fresh.vars) else {
                    continue;
                };
                files.push(FileTimes {
                    fresh,
                    in_use: written(self.current.vars),
                });
                newest = newest.max(Some((fresh, *name)));
            }
            if let Some(remaining) = rule.remaining(component.names[0], &files) {
                let error = Error::new(Fault::HalfWritten);
                component.fault = newest.map(|(_, name)| error.for_known_var(name));
                self.unsettled.push((component.names[0], remaining));
            }
        }
    }

    /// If a credential without an attachment was removed in part, returns a removed config var of it, and the error.
    fn half_gone(&self, credential: &[&'v str]) -> Option<(&'v str, Error)> {
        let mut gone = None;
        let mut has_left = false;
        for name in credential {
            if !is_empty(self.fresh.vars, name) {
                has_left = true;
            } else if gone.is_none() && !is_empty(self.current.vars, name) {
                gone = Some(*name);
            }
        }
        match gone {
            Some(name) if has_left => Some((name, vanished(name))),
            _ => None,
        }
    }

    /// If a config var now comes from another source than before, although the earlier source still has others that belong
    /// with it, returns that config var, and the error.
    fn half_moved(&self, thing: &[&'v str]) -> Option<(&'v str, Error)> {
        let origin = |vars: &'d ConfigVars, name: &str| vars.find_var(name)?.origin.as_ref();
        let mut still_from: Vec<(&str, usize)> = Vec::new();
        for (place, name) in thing.iter().enumerate() {
            if let Some(origin) = origin(self.fresh.vars, name) {
                still_from.push((origin, place));
            }
        }
        let still_from = NameMap::of(still_from);
        for name in thing {
            let now = origin(self.fresh.vars, name);
            let Some(before) = origin(self.current.vars, name) else {
                continue;
            };
            match still_from.get(before) {
                Some(beside) if now.is_some() && now != Some(before) => {
                    let elsewhere = Elsewhere {
                        name: (*name).into(),
                        origin: now.cloned(),
                        beside: thing[beside].into(),
                        beside_origin: Some(before.clone()),
                    };
                    let error = Error::new(Fault::Elsewhere).for_known_var(name);
                    return Some((*name, error.with_elsewhere(&elsewhere)));
                }
                _ => {}
            }
        }
        None
    }

    /// Merges the fresh snapshot into the current one. Keeps the components with a fault, and those of config vars in
    /// `refused`, which maps each config var that the app rejects (or misses) in the fresh snapshot to the error.
    pub(super) fn merge(&self, refused: &StaleEntries) -> MergedSnapshot {
        let mut kept: Vec<Option<Error>> = mapped(&self.components, |component| component.fault.clone());
        let mut stale = StaleEntries::default();
        for (name, entry) in refused.iter() {
            let component = self.component(name);
            // A component with an attachment is reported under the attachment's name.
            let has_attachment = component.is_some_and(|number| self.components[number].has_attachment);
            if let Some(number) = component {
                keep(&mut kept, number, entry.error.shown());
            }
            if !has_attachment {
                stale.insert(name.clone(), entry.clone());
            }
        }
        if kept.iter().all(Option::is_none) {
            add_faults(self.fresh, &mut stale);
            return MergedSnapshot { vars: None, stale };
        }
        let mut rounds = 0;
        loop {
            let vars = self.assemble(&|component| kept[component].is_some());
            let merged = Discovered::of(&vars);
            let mut mixed = self.mixed(&merged, &kept);
            rounds += 1;
            if rounds == MAX_ROUNDS && !mixed.is_empty() {
                // Each round discovers all attachments again, so a long chain of them must not cost one round per link.
                let error = mixed[0].1.clone();
                for component in 0..kept.len() {
                    mixed.push((component, error.clone()));
                }
            }
            if mixed.is_empty() {
                self.add_stale(&kept, &mut stale);
                add_faults(&merged, &mut stale);
                drop(merged);
                let vars = Some(vars);
                return MergedSnapshot { vars, stale };
            }
            for (component, error) in &mixed {
                keep(&mut kept, *component, error);
            }
        }
    }

    /// Finds further components to keep. A merge can create an attachment that neither snapshot has, from vars of a kept and
    /// of an updated component. Returns the updated ones, each with the error of the kept one.
    fn mixed(&self, merged: &Discovered<'_>, kept: &[Option<Error>]) -> Vec<(usize, Error)> {
        let mut mixed = Vec::new();
        for attachment in &merged.attachments {
            let mut components: Vec<usize> = Vec::new();
            let mut error = None;
            for name in attachment.var_names() {
                match self.component(name) {
                    Some(component) if self.components[component].has_changed => {
                        insert_in_order(&mut components, component);
                    }
                    _ => {}
                }
            }
            for component in &components {
                error = error.or(kept[*component].as_ref());
            }
            let Some(error) = error else { continue };
            for component in components {
                if kept[component].is_none() {
                    mixed.push((component, error.clone()));
                }
            }
        }
        mixed
    }

    /// The vars of kept components from the current snapshot, and all others from the fresh one.
    pub(super) fn assemble(&self, is_kept: &dyn Fn(usize) -> bool) -> ConfigVars {
        let mut vars: Vec<Var> = Vec::new();
        for (snapshot, has_kept) in &[(self.current, true), (self.fresh, false)] {
            for var in snapshot.vars.as_slice() {
                let is_kept = match self.component(&var.name) {
                    Some(component) => is_kept(component),
                    None => false,
                };
                if is_kept == *has_kept {
                    vars.push(var.clone());
                }
            }
        }
        ConfigVars::last_of_each(vars).with_left_out(self.fresh.vars.left_out().clone())
    }

    pub(super) fn components(&self) -> usize {
        self.components.len()
    }

    /// The number of config vars in both snapshots.
    pub(super) fn len(&self) -> usize {
        let mut length = 0;
        for component in &self.components {
            length += component.names.len();
        }
        length
    }

    pub(super) fn component(&self, name: &str) -> Option<usize> {
        self.component_of.get(name)
    }

    /// The config var by whose name a component is identified.
    pub(super) fn first_name(&self, component: usize) -> &'v str {
        self.components[component].names[0]
    }

    /// The components that can still be taken over (they have changed, have no fault, and are not refused): those with
    /// attachments, and the others.
    pub(super) fn candidates(&self, refused: &StaleEntries) -> (Vec<usize>, Vec<usize>) {
        let mut is_refused = vec![false; self.components.len()];
        for (name, _) in refused.iter() {
            if let Some(component) = self.component(name) {
                is_refused[component] = true;
            }
        }
        let (mut with_attachment, mut others) = (Vec::new(), Vec::new());
        for (number, component) in self.components.iter().enumerate() {
            if !component.has_changed || component.fault.is_some() || is_refused[number] {
                continue;
            }
            if component.has_attachment {
                with_attachment.push(number);
            } else {
                others.push(number);
            }
        }
        (with_attachment, others)
    }

    /// Adds the stale entries of kept components: their attachments, or the config var at fault.
    fn add_stale(&self, kept: &[Option<Error>], stale: &mut StaleEntries) {
        let error_of = |attachment: &Attachment<'_>| {
            for name in attachment.var_names() {
                if let Some(component) = self.component(name) {
                    if kept[component].is_some() {
                        return kept[component].clone();
                    }
                }
            }
            None
        };
        let known = NameSet::of(names_in(&[&self.current.attachments]));
        let mut add = |name: &str, kind, error| stale.insert(name.into(), StaleEntry::new(kind, error));
        for attachment in &self.fresh.attachments {
            // Attachments left out because of a kept one are reported under the kept one.
            if attachment.var_names().any(|name| known.contains(name)) {
                continue;
            }
            if let Some(error) = error_of(attachment) {
                add(attachment.name(), StaleKind::NeverGood, error);
            }
        }
        for attachment in &self.current.attachments {
            if let Some(error) = error_of(attachment) {
                add(attachment.name(), StaleKind::LastGood, error);
            }
        }
        for component in &self.components {
            if component.has_attachment {
                continue;
            }
            if let Some(error) = &component.fault {
                if let Some(name) = error.var() {
                    add(name, StaleKind::LastGood, error.clone());
                }
            }
        }
    }
}

/// Adds the attachments of a snapshot that have a fault, unless they are stale for another reason.
fn add_faults(snapshot: &Discovered<'_>, stale: &mut StaleEntries) {
    for (name, fault) in snapshot.faults().into_entries() {
        if stale.get(&*name).is_none() {
            stale.insert(name, fault);
        }
    }
}

/// Keeps a component because of an error, unless it is kept already.
fn keep(kept: &mut [Option<Error>], component: usize, error: &Error) {
    kept[component].get_or_insert_with(|| error.clone());
}

/// Returns how long to wait until the attachments of a first snapshot are complete; `None` if they are.
pub(super) fn first_settle_time(vars: &ConfigVars, rule: &SettleRule<'_>) -> Option<Duration> {
    if vars.as_slice().iter().all(|var| var.value.written().is_none()) {
        return None;
    }
    let none = ConfigVars::default();
    let (none, first) = (Discovered::of(&none), Discovered::of(vars));
    let merge = SnapshotMerge::new(&none, &first, &|_| false, rule);
    let mut longest = None;
    for (_, remaining) in &merge.unsettled {
        longest = longest.max(Some(*remaining));
    }
    longest
}
