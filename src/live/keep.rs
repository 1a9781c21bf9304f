//! The last good: which config vars of a fresh snapshot go through, and which stay as they were.
//!
//! Config vars that belong together form a component, and a component comes as a whole from one snapshot, so that user,
//! password and host are of one generation. Two config vars belong together if an attachment of either snapshot has
//! both, if one was looked up to read the other, or if their names are those of parts of one thing. Config vars that no
//! attachment has, and that the app's value was made of, belong together as well, unless they are ordinary settings.

use super::rest::{Rest, Written};
use super::status::StaleKind;
use crate::attachment::Attachment;
use crate::attachment::related::{Groups, Relation, is_setting, related};
use crate::error::{Elsewhere, Error, Fault};
use crate::secret;
use crate::url::ResourceUrl;
use crate::vars::{ConfigValue, ConfigVars, Var};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// A snapshot, and the attachments in it.
pub(super) struct Discovered<'v> {
    pub(super) vars: &'v ConfigVars,
    pub(super) attachments: Vec<Attachment<'v>>,
}

impl<'v> Discovered<'v> {
    pub(super) fn of(vars: &'v ConfigVars) -> Self {
        Self {
            vars,
            attachments: vars.discover().collect(),
        }
    }

    /// The attachments that have a fault, and were never known without one.
    pub(super) fn faults(&self) -> impl Iterator<Item = (Box<str>, (StaleKind, Error))> {
        let fault = |attachment: &Attachment<'_>| Some((StaleKind::NeverGood, fault(attachment)?));
        self.attachments
            .iter()
            .filter_map(move |attachment| Some((attachment.name().into(), fault(attachment)?)))
    }
}

/// What becomes of a fresh snapshot.
pub(super) struct Merged {
    /// `None` if all of it goes through.
    pub(super) vars: Option<ConfigVars>,
    /// By name: what did not go through, and why.
    pub(super) stale: BTreeMap<Box<str>, (StaleKind, Error)>,
}

/// Maximum number of times that a merged snapshot is searched for attachments that neither snapshot has. After that,
/// everything stays as it was.
const MOST_ROUNDS: u32 = 8;

/// Two snapshots, taken apart into components.
pub(super) struct Merge<'d, 'v> {
    current: &'d Discovered<'v>,
    fresh: &'d Discovered<'v>,
    component_of: HashMap<&'v str, usize>,
    components: Vec<Component<'v>>,
    /// The components that stay until their other files are written, by their first names, and for how long at most.
    pub(super) resting: Vec<(&'v str, Duration)>,
}

#[derive(Default)]
struct Component<'v> {
    names: Vec<&'v str>,
    /// Whether the two snapshots differ in it.
    has_changed: bool,
    has_attachment: bool,
    /// Why it stays as it was, whatever the app says of it.
    fault: Option<Error>,
}

impl<'d, 'v> Merge<'d, 'v> {
    /// `is_read` is whether the app's value was made of a config var.
    pub(super) fn new(
        current: &'d Discovered<'v>,
        fresh: &'d Discovered<'v>,
        is_read: impl Fn(&str) -> bool,
        rest: &Rest<'_>,
    ) -> Self {
        let all_vars = || current.vars.as_slice().iter().chain(fresh.vars.as_slice());
        let attached: HashSet<&str> = [current, fresh]
            .into_iter()
            .flat_map(|snapshot| &snapshot.attachments)
            .flat_map(Attachment::var_names)
            .collect();
        let mut groups = Groups::of(all_vars().map(|var| &*var.name));
        groups.join_attachments(&[
            (current.vars, &current.attachments),
            (fresh.vars, &fresh.attachments),
        ]);
        groups.join_related(Relation::Thing, &attached);
        let is_plain = |var: &&Var| {
            let text = |value: &ConfigValue| {
                value
                    .secret()
                    .is_some_and(|text| is_setting(&var.name, text.expose_secret()))
            };
            let value = current.vars.find_var(&var.name).unwrap_or(var);
            !attached.contains(&*var.name) && is_read(&var.name) && !text(&value.value)
        };
        groups.join(all_vars().filter(is_plain).map(|var| &*var.name));

        let mut number_of: HashMap<usize, usize> = HashMap::new();
        let mut merge = Self {
            current,
            fresh,
            component_of: HashMap::with_capacity(groups.len()),
            components: Vec::new(),
            resting: Vec::new(),
        };
        for name in all_vars().map(|var| &*var.name) {
            let Some(group) = groups.find(name) else {
                continue;
            };
            let number = *number_of.entry(group).or_insert(merge.components.len());
            if number == merge.components.len() {
                merge.components.push(Component::default());
            }
            if merge.component_of.insert(name, number).is_none() {
                let component = &mut merge.components[number];
                component.names.push(name);
                component.has_attachment |= attached.contains(name);
                component.has_changed |= !is_same(current.vars.find_var(name), fresh.vars.find_var(name));
            }
        }
        merge.find_faults(&attached);
        merge.let_rest(rest);
        merge
    }

    fn find_faults(&mut self, attached: &HashSet<&'v str>) {
        let of_attachments = Units::new(self.current, self.fresh).faults();
        let names: Vec<&str> = self.component_of.keys().copied().collect();
        let half_gone = self.half_gone(&related(&names, Relation::Credential, attached));
        let moved = self.half_moved(&related(&names, Relation::Thing, attached));
        for (name, error) in of_attachments.into_iter().chain(half_gone).chain(moved) {
            let component = self.component_of.get(name).copied();
            if let Some(component) = component {
                self.components[component].fault.get_or_insert(error);
            }
        }
    }

    /// Keeps the components of which some files were written a moment ago and others were not.
    fn let_rest(&mut self, rest: &Rest<'_>) {
        for component in &mut self.components {
            if !component.has_changed || component.fault.is_some() {
                continue;
            }
            let written = |name: &&'v str| {
                let written = |vars: &ConfigVars| vars.find_var(name)?.value.written();
                Some((*name, (written(self.fresh.vars)?, written(self.current.vars))))
            };
            let files: Vec<(&str, Written)> = component.names.iter().filter_map(written).collect();
            let times: Vec<Written> = files.iter().map(|(_, times)| *times).collect();
            if let Some(left) = rest.left(component.names[0], &times) {
                let newest = files.iter().max_by_key(|(_, (written, _))| *written);
                let error = Error::new(Fault::HalfWritten);
                component.fault = newest.map(|(name, _)| error.for_known_var(name));
                self.resting.push((component.names[0], left));
            }
        }
    }

    /// What has gone from the credentials that no attachment has, while other parts of them are still set.
    fn half_gone(&self, groups: &[Vec<&'v str>]) -> Vec<(&'v str, Error)> {
        let (current, fresh) = (self.current.vars, self.fresh.vars);
        let has_gone = |name: &&str| !is_empty(current, name) && is_empty(fresh, name);
        let mut gone = Vec::new();
        for group in groups
            .iter()
            .filter(|group| group.iter().any(|name| !is_empty(fresh, name)))
        {
            if let Some(name) = group.iter().copied().find(has_gone) {
                gone.push((name, Error::new(Fault::Vanished).for_known_var(name)));
            }
        }
        gone
    }

    /// What comes from another source now, while that of before still has other parts of the same thing.
    fn half_moved(&self, groups: &[Vec<&'v str>]) -> Vec<(&'v str, Error)> {
        let origin = |vars: &'d ConfigVars, name: &str| vars.find_var(name)?.origin.clone();
        let mut moved = Vec::new();
        for group in groups {
            let fresh = group.iter().copied();
            let still_from: HashMap<_, &str> = fresh
                .filter_map(|name| Some((origin(self.fresh.vars, name)?, name)))
                .collect();
            let mut split = group.iter().filter_map(|name| {
                let (before, now) = (origin(self.current.vars, name)?, origin(self.fresh.vars, name)?);
                let beside = *still_from.get(&before).filter(|_| before != now)?;
                let elsewhere = Elsewhere {
                    name: (*name).into(),
                    origin: Some(now),
                    beside: beside.into(),
                    beside_origin: Some(before),
                };
                let error = Error::new(Fault::Elsewhere).for_known_var(name);
                Some((*name, error.with_elsewhere(&elsewhere)))
            });
            moved.extend(split.next());
        }
        moved
    }

    /// Puts the fresh snapshot in the place of the current one, except for components with a fault, and those of
    /// `refused`: config vars that the app cannot take, or cannot do without.
    pub(super) fn merge(&self, refused: &BTreeMap<Box<str>, Error>) -> Merged {
        let mut kept: Vec<Option<Error>> = self
            .components
            .iter()
            .map(|component| component.fault.clone())
            .collect();
        let mut stale = BTreeMap::new();
        for (name, error) in refused {
            let component = self.component_of.get(&**name).copied();
            let is_told = component.is_some_and(|number| self.components[number].has_attachment);
            if let Some(number) = component {
                kept[number].get_or_insert_with(|| error.clone());
            }
            if !is_told {
                stale.insert(name.clone(), (StaleKind::LastGood, error.clone()));
            }
        }
        if kept.iter().all(Option::is_none) {
            stale.extend(self.fresh.faults());
            return Merged { vars: None, stale };
        }
        let mut rounds = 0;
        loop {
            let vars = self.assemble(|component| kept[component].is_some());
            let merged = Discovered::of(&vars);
            let mut mixed = self.mixed(&merged, &kept);
            rounds += 1;
            if rounds == MOST_ROUNDS && !mixed.is_empty() {
                // Each round discovers all attachments, so a chain of them must not take as many rounds.
                let error = mixed[0].1.clone();
                mixed = (0..kept.len())
                    .map(|component| (component, error.clone()))
                    .collect();
            }
            if mixed.is_empty() {
                stale.extend(self.stale(&kept));
                for (name, fault) in merged.faults() {
                    stale.entry(name).or_insert(fault);
                }
                drop(merged);
                return Merged {
                    vars: Some(vars),
                    stale,
                };
            }
            for (component, error) in mixed {
                kept[component].get_or_insert(error);
            }
        }
    }

    /// The components that have to stay because an attachment of the merged snapshot has vars of them beside vars of a
    /// component that stays. That attachment is in neither snapshot.
    fn mixed(&self, merged: &Discovered<'_>, kept: &[Option<Error>]) -> Vec<(usize, Error)> {
        let mut mixed = Vec::new();
        for attachment in &merged.attachments {
            let components: BTreeSet<usize> = attachment
                .var_names()
                .filter_map(|name| self.component_of.get(name).copied())
                .filter(|component| self.components[*component].has_changed)
                .collect();
            let error = components.iter().find_map(|component| kept[*component].as_ref());
            if let Some(error) = error {
                let goes_through = components.iter().filter(|component| kept[**component].is_none());
                mixed.extend(goes_through.map(|component| (*component, error.clone())));
            }
        }
        mixed
    }

    /// The vars of the components that stay from the current snapshot, and all others from the fresh one.
    fn assemble(&self, stays: impl Fn(usize) -> bool) -> ConfigVars {
        let is_kept = |var: &&Var| {
            self.component_of
                .get(&*var.name)
                .is_some_and(|component| stays(*component))
        };
        let kept = self.current.vars.as_slice().iter().filter(is_kept);
        let gone_through = self.fresh.vars.as_slice().iter().filter(|var| !is_kept(var));
        let vars: ConfigVars = kept.chain(gone_through).cloned().collect();
        vars.with_left_out(self.fresh.vars.left_out().into())
    }

    pub(super) fn current(&self) -> &ConfigVars {
        self.current.vars
    }

    /// The number of config vars in both snapshots.
    pub(super) fn len(&self) -> usize {
        self.component_of.len()
    }

    pub(super) fn component(&self, name: &str) -> Option<usize> {
        self.component_of.get(name).copied()
    }

    /// A name that stands for a component.
    pub(super) fn first_name(&self, component: usize) -> &'v str {
        self.components[component]
            .names
            .first()
            .copied()
            .unwrap_or_default()
    }

    /// The components that may go through, because they have changed, have no fault, and are not refused: those with
    /// attachments, and the others.
    pub(super) fn open(&self, refused: &BTreeMap<Box<str>, Error>) -> (Vec<usize>, Vec<usize>) {
        let refused: HashSet<usize> = refused.keys().filter_map(|name| self.component(name)).collect();
        let is_open = |number: &usize| {
            let Component {
                has_changed, fault, ..
            } = &self.components[*number];
            *has_changed && fault.is_none() && !refused.contains(number)
        };
        let open = (0..self.components.len()).filter(is_open);
        open.partition(|number| self.components[*number].has_attachment)
    }

    /// The current snapshot, with these components of the fresh one.
    pub(super) fn taking(&self, components: &BTreeSet<usize>) -> ConfigVars {
        self.assemble(|component| !components.contains(&component))
    }

    /// What is told of the components that stay: their attachments, or the config var at fault.
    fn stale(&self, kept: &[Option<Error>]) -> BTreeMap<Box<str>, (StaleKind, Error)> {
        let error_of = |attachment: &Attachment<'_>| {
            let mut components = attachment
                .var_names()
                .filter_map(|name| self.component_of.get(name));
            components.find_map(|component| kept[*component].clone())
        };
        let known: HashSet<&str> = self
            .current
            .attachments
            .iter()
            .flat_map(Attachment::var_names)
            .collect();
        let mut stale = BTreeMap::new();
        for attachment in &self.fresh.attachments {
            // Attachments left out because of a kept one are reported under the kept one.
            let is_new = attachment.var_names().all(|name| !known.contains(name));
            if let Some(error) = error_of(attachment).filter(|_| is_new) {
                stale.insert(attachment.name().into(), (StaleKind::NeverGood, error));
            }
        }
        for attachment in &self.current.attachments {
            if let Some(error) = error_of(attachment) {
                stale.insert(attachment.name().into(), (StaleKind::LastGood, error));
            }
        }
        for component in self
            .components
            .iter()
            .filter(|component| !component.has_attachment)
        {
            if let Some((name, error)) = component
                .fault
                .as_ref()
                .and_then(|error| Some((error.var()?, error)))
            {
                stale.insert(name.into(), (StaleKind::LastGood, error.clone()));
            }
        }
        stale
    }
}

/// How long to wait until what belongs together is complete in a first snapshot; `None` if it is.
pub(super) fn first_rest(vars: &ConfigVars, rest: &Rest<'_>) -> Option<Duration> {
    if vars.as_slice().iter().all(|var| var.value.written().is_none()) {
        return None;
    }
    let none = ConfigVars::default();
    let (none, first) = (Discovered::of(&none), Discovered::of(vars));
    let merge = Merge::new(&none, &first, |_| false, rest);
    merge.resting.iter().map(|(_, left)| *left).max()
}

/// An attachment, as a set of names.
struct Unit<'v> {
    name: &'v str,
    vars: Vec<&'v str>,
    /// The vars that are resources, or were meant to be, and whether each is well-formed.
    resources: Vec<(&'v str, bool)>,
    faults: Vec<Error>,
    /// The vars that the faults name.
    at_fault: HashSet<Box<str>>,
}

impl<'v> Unit<'v> {
    fn of(attachment: &Attachment<'v>) -> Self {
        let faults: Vec<Error> = attachment.faults().cloned().collect();
        Self {
            name: attachment.name(),
            vars: attachment.var_names().collect(),
            resources: attachment.urls().map(|(name, url)| (name, url.is_ok())).collect(),
            at_fault: faults
                .iter()
                .filter_map(|fault| fault.var())
                .map(Into::into)
                .collect(),
            faults,
        }
    }

    fn is_faulty(&self, name: &str) -> bool {
        self.at_fault.contains(name)
    }
}

/// The attachments of both snapshots.
struct Units<'d, 'v> {
    current: &'d ConfigVars,
    fresh: &'d ConfigVars,
    current_units: Vec<Unit<'v>>,
    fresh_units: Vec<Unit<'v>>,
    /// The fresh attachments, by the names of their vars, and by their own.
    with_var: HashMap<&'v str, usize>,
    with_name: HashMap<&'v str, usize>,
    fresh_resources: HashSet<&'v str>,
}

impl<'d, 'v> Units<'d, 'v> {
    fn new(current: &Discovered<'v>, fresh: &'d Discovered<'v>) -> Self
    where
        'v: 'd,
    {
        let units = |snapshot: &Discovered<'v>| -> Vec<Unit<'v>> {
            snapshot.attachments.iter().map(Unit::of).collect()
        };
        let fresh_units = units(fresh);
        let numbered = || fresh_units.iter().enumerate();
        let of_unit = |(number, unit): (usize, &Unit<'v>)| {
            let vars = unit.vars.clone();
            vars.into_iter().map(move |name| (name, number))
        };
        Self {
            current: current.vars,
            fresh: fresh.vars,
            current_units: units(current),
            with_var: numbered().flat_map(of_unit).collect(),
            with_name: numbered().map(|(number, unit)| (unit.name, number)).collect(),
            fresh_resources: numbered()
                .flat_map(|(_, unit)| &unit.resources)
                .map(|(name, _)| *name)
                .collect(),
            fresh_units,
        }
    }

    /// The current attachments that have to stay: a var of each, and the reason.
    fn faults(&self) -> Vec<(&'v str, Error)> {
        let fault = |unit: &Unit<'v>| Some((*unit.vars.first()?, self.fault(unit)?));
        self.current_units.iter().filter_map(fault).collect()
    }

    /// Why an attachment has to stay as it was: something of it that was good is not any more.
    fn fault(&self, unit: &Unit<'v>) -> Option<Error> {
        let mut resources = unit.resources.iter();
        if !unit.resources.is_empty() && resources.all(|(_, is_good)| !is_good) {
            // There is no last good.
            return None;
        }
        let was_good = |name: &str| !is_empty(self.current, name) && !unit.is_faulty(name);
        if unit.vars.iter().all(|name| is_empty(self.fresh, name)) {
            // The provider took it away.
            return None;
        }
        let has_gone = |name: &&&str| was_good(name) && is_empty(self.fresh, name);
        if let Some(name) = unit.vars.iter().find(has_gone) {
            return Some(Error::new(Fault::Vanished).for_known_var(name));
        }
        let by_vars = unit.vars.iter().filter_map(|name| self.with_var.get(name));
        let affected: BTreeSet<usize> = by_vars.chain(self.with_name.get(unit.name)).copied().collect();
        let mut faults = affected
            .iter()
            .flat_map(|number| &self.fresh_units[*number].faults);
        let is_new = |fault: &&Error| fault.var().is_none_or(|name| !unit.is_faulty(name));
        if let Some(fault) = faults.find(is_new) {
            return Some(fault.clone());
        }
        // A URL that is cut off in its scheme is not even seen to be one.
        let mut good = unit.resources.iter().filter(|(_, is_good)| *is_good);
        let (name, _) = good.find(|(name, _)| !self.fresh_resources.contains(name))?;
        let error = self.fresh.url::<ResourceUrl>(name).err();
        Some(error.unwrap_or_else(|| Error::new(Fault::Unrecognised).for_known_var(name)))
    }
}

/// All that is wrong with an attachment.
fn fault(attachment: &Attachment<'_>) -> Option<Error> {
    let faults: Vec<Error> = attachment.faults().cloned().collect();
    (!faults.is_empty()).then(|| Error::all(faults))
}

fn is_same(one: Option<&Var>, other: Option<&Var>) -> bool {
    match (
        one.map(|var| var.value.secret()),
        other.map(|var| var.value.secret()),
    ) {
        (Some(Some(one)), Some(Some(other))) => secret::same(one.expose_secret(), other.expose_secret()),
        (Some(None), Some(None)) | (None, None) => true,
        _ => false,
    }
}

/// Not set, or set to nothing.
fn is_empty(vars: &ConfigVars, name: &str) -> bool {
    vars.find_var(name).is_none_or(|var| {
        var.value
            .secret()
            .is_some_and(|text| text.expose_secret().is_empty())
    })
}
