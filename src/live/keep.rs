//! The last good: of a fresh snapshot, what goes through, and which attachments stay as they were.
//!
//! An attachment goes through or stays as a whole, so that its user, password and host are of one generation. What belongs
//! together is looked up in both snapshots, for the same config vars may form other attachments in the fresh one.

use super::status::StaleKind;
use crate::attachment::{Attachment, Role};
use crate::error::{Error, Fault};
use crate::reads::Reads;
use crate::url::ResourceUrl;
use crate::vars::ConfigVars;
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

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

    /// The attachments that have a fault, of which none was ever known without.
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

/// An attachment, as a set of names.
struct Unit<'v> {
    name: &'v str,
    vars: Vec<&'v str>,
    /// Those of them that are resources, or were meant to be, and whether each is well-formed.
    resources: Vec<(&'v str, bool)>,
    faults: Vec<Error>,
}

impl Unit<'_> {
    fn is_faulty(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.var() == Some(name))
    }
}

/// Puts a fresh snapshot in the place of the current one, but for what is malformed or half gone in it, and for
/// `refused`: config vars that the app cannot take, or cannot do without.
pub(super) fn merge(
    current: &Discovered<'_>,
    fresh: &Discovered<'_>,
    refused: &BTreeMap<Box<str>, Error>,
) -> Merged {
    let mut split = Split::new(current, fresh);
    for index in 0..split.current.len() {
        if let Some(error) = split.fault(index, current.vars, fresh.vars) {
            split.keep(index, &error);
        }
    }
    let mut stale = BTreeMap::new();
    for (name, error) in refused {
        let is_placed = split.refuse(name, error);
        if !is_placed {
            stale.insert(name.clone(), (StaleKind::LastGood, error.clone()));
        }
    }
    if refused.is_empty() && split.kept.iter().all(Option::is_none) {
        stale.extend(fresh.faults());
        return Merged { vars: None, stale };
    }
    // What was looked for to read what is kept: a part that comes from elsewhere would be a mix.
    let mut joining: BTreeSet<Box<str>> = split
        .kept()
        .flat_map(|unit| {
            unit.resources
                .iter()
                .flat_map(|(name, _)| looked_for(current.vars, name))
        })
        .collect();
    for name in refused.keys() {
        joining.extend(siblings(name, [current.vars, fresh.vars]));
    }
    loop {
        let is_current =
            |name: &str| split.is_kept(name) || refused.contains_key(name) || joining.contains(name);
        let kept = current.vars.as_slice().iter().filter(|var| is_current(&var.name));
        let gone_through = fresh.vars.as_slice().iter().filter(|var| !is_current(&var.name));
        let vars: ConfigVars = kept.chain(gone_through).cloned().collect();
        let merged = Discovered::of(&vars);
        // A fresh config var that belonged to nothing may belong to what is kept: it would be a mix.
        let known = joining.len();
        for attachment in &merged.attachments {
            let is_kept = |name: &str| split.is_kept(name);
            if attachment.var_names().any(is_kept) {
                let others = attachment.var_names().filter(|name| !is_kept(name));
                joining.extend(others.map(Box::<str>::from));
            }
        }
        if joining.len() == known {
            stale.extend(split.stale());
            for (name, fault) in merged.faults() {
                stale.entry(name).or_insert(fault);
            }
            drop(merged);
            return Merged {
                vars: Some(vars),
                stale,
            };
        }
    }
}

/// The attachments of both snapshots, and what stays.
struct Split<'v> {
    current: Vec<Unit<'v>>,
    fresh: Vec<Unit<'v>>,
    current_of: HashMap<&'v str, usize>,
    fresh_of: HashMap<&'v str, usize>,
    /// Of the current attachments: why it stays.
    kept: Vec<Option<Error>>,
    /// Of the fresh attachments: why it does not go through.
    left_out: Vec<Option<Error>>,
}

impl<'v> Split<'v> {
    fn new(current: &Discovered<'v>, fresh: &Discovered<'v>) -> Self {
        let (current, fresh) = (units(current), units(fresh));
        Self {
            current_of: places(&current),
            fresh_of: places(&fresh),
            kept: vec![None; current.len()],
            left_out: vec![None; fresh.len()],
            current,
            fresh,
        }
    }

    /// Why an attachment has to stay as it was: something of it that was good is not any more.
    fn fault(&self, index: usize, current: &ConfigVars, fresh: &ConfigVars) -> Option<Error> {
        let unit = &self.current[index];
        let mut resources = unit.resources.iter();
        if !unit.resources.is_empty() && resources.all(|(_, is_good)| !is_good) {
            // There is no last good.
            return None;
        }
        let was_good = |name: &str| !is_empty(current, name) && !unit.is_faulty(name);
        if unit.vars.iter().all(|name| is_empty(fresh, name)) {
            // Taken away by whoever gave it.
            return None;
        }
        if let Some(name) = unit
            .vars
            .iter()
            .find(|name| was_good(name) && is_empty(fresh, name))
        {
            return Some(Error::new(Fault::Vanished).for_known_var(name));
        }
        let alike = self.fresh.iter().find(|fresh| fresh.name == unit.name);
        let by_vars = unit.vars.iter().filter_map(|name| self.fresh_of.get(name));
        let affected = || by_vars.clone().map(|&index| &self.fresh[index]).chain(alike);
        let mut faults = affected().flat_map(|fresh| &fresh.faults);
        let is_new = |fault: &&Error| fault.var().is_none_or(|name| !unit.is_faulty(name));
        if let Some(fault) = faults.find(is_new) {
            return Some(fault.clone());
        }
        // A URL that is cut off in its scheme is not even seen to be one.
        let is_resource = |name: &str| {
            let is_it = |(other, _): &(&str, bool)| *other == name;
            affected().any(|fresh| fresh.resources.iter().any(is_it))
        };
        let mut good = unit.resources.iter().filter(|(_, is_good)| *is_good);
        let (name, _) = good.find(|(name, _)| !is_resource(name))?;
        let error = fresh.url::<ResourceUrl>(name).err();
        Some(error.unwrap_or_else(|| Error::new(Fault::Unrecognised).for_known_var(name)))
    }

    /// Keeps a current attachment, and with it all that shares a config var with it.
    fn keep(&mut self, index: usize, error: &Error) {
        let mut to_keep = vec![index];
        while let Some(index) = to_keep.pop() {
            if self.kept[index].is_some() {
                continue;
            }
            self.kept[index] = Some(error.clone());
            let Unit { name, vars, .. } = &self.current[index];
            let alike = self.fresh.iter().position(|fresh| fresh.name == *name);
            let by_vars = vars.iter().filter_map(|name| self.fresh_of.get(name)).copied();
            let affected: BTreeSet<usize> = by_vars.chain(alike).collect();
            for fresh in affected {
                to_keep.extend(self.leave_out(fresh, error));
            }
        }
    }

    /// Lets a fresh attachment not go through. Returns the current ones that share a config var with it.
    fn leave_out(&mut self, index: usize, error: &Error) -> Vec<usize> {
        self.left_out[index].get_or_insert_with(|| error.clone());
        let vars = &self.fresh[index].vars;
        vars.iter()
            .filter_map(|name| self.current_of.get(name))
            .copied()
            .collect()
    }

    /// Keeps whatever attachment a config var belongs to. Returns whether it belongs to one.
    fn refuse(&mut self, name: &str, error: &Error) -> bool {
        let current = self.current_of.get(name).copied();
        let fresh = self.fresh_of.get(name).copied();
        let shared = fresh.map_or_else(Vec::new, |fresh| self.leave_out(fresh, error));
        for index in current.into_iter().chain(shared) {
            self.keep(index, error);
        }
        current.is_some() || fresh.is_some()
    }

    fn kept(&self) -> impl Iterator<Item = &Unit<'v>> {
        let units = self.current.iter().zip(&self.kept);
        units.filter_map(|(unit, error)| error.as_ref().map(|_| unit))
    }

    fn is_kept(&self, name: &str) -> bool {
        let is_in = |places: &HashMap<&str, usize>, errors: &[Option<Error>]| {
            places.get(name).is_some_and(|&index| errors[index].is_some())
        };
        is_in(&self.current_of, &self.kept) || is_in(&self.fresh_of, &self.left_out)
    }

    fn stale(self) -> BTreeMap<Box<str>, (StaleKind, Error)> {
        // What was left out for the sake of one that stays is told with that one.
        let is_new = |unit: &&Unit<'_>| unit.vars.iter().all(|name| !self.current_of.contains_key(name));
        let left_out = self.fresh.iter().zip(self.left_out);
        let mut all: BTreeMap<Box<str>, (StaleKind, Error)> = left_out
            .filter(|(unit, _)| is_new(unit))
            .filter_map(|(unit, error)| Some((unit.name.into(), (StaleKind::NeverGood, error?))))
            .collect();
        let kept = self.current.iter().zip(self.kept);
        all.extend(kept.filter_map(|(unit, error)| Some((unit.name.into(), (StaleKind::LastGood, error?)))));
        all
    }
}

fn units<'v>(discovered: &Discovered<'v>) -> Vec<Unit<'v>> {
    let unit = |attachment: &Attachment<'v>| Unit {
        name: attachment.name(),
        vars: attachment.var_names().collect(),
        resources: attachment.urls().map(|(name, url)| (name, url.is_ok())).collect(),
        faults: attachment.faults().cloned().collect(),
    };
    discovered.attachments.iter().map(unit).collect()
}

/// All that is wrong with an attachment.
fn fault(attachment: &Attachment<'_>) -> Option<Error> {
    let faults: Vec<Error> = attachment.faults().cloned().collect();
    (!faults.is_empty()).then(|| Error::all(faults))
}

fn places<'v>(units: &[Unit<'v>]) -> HashMap<&'v str, usize> {
    let of_unit = |(index, unit): (usize, &Unit<'v>)| {
        let vars = unit.vars.clone();
        vars.into_iter().map(move |name| (name, index))
    };
    units.iter().enumerate().flat_map(of_unit).collect()
}

/// The config vars that were looked for to read a resource, set or not.
fn looked_for(vars: &ConfigVars, name: &str) -> Vec<Box<str>> {
    let reads = Arc::new(Reads::default());
    let noting = vars.noting(reads.clone());
    let (_, seen) = reads.during(|| noting.url::<ResourceUrl>(name).map(drop));
    seen.carried.iter().map(Into::into).collect()
}

/// The config vars that are parts of the same thing as that one, by their names, where it is no attachment: of
/// `db_password`, `db_user` and `db_host`.
fn siblings<'v>(name: &str, snapshots: [&'v ConfigVars; 2]) -> impl Iterator<Item = Box<str>> + use<'v> {
    let stem = Role::part_of(name).map(str::to_owned);
    let all = snapshots.into_iter().flat_map(|vars| vars.as_slice());
    all.map(|var| &var.name)
        .filter(move |name| {
            stem.as_ref()
                .zip(Role::part_of(name))
                .is_some_and(|(stem, other)| *stem == other)
        })
        .cloned()
}

/// Not set, or set to nothing.
fn is_empty(vars: &ConfigVars, name: &str) -> bool {
    vars.find_var(name).is_none_or(|var| {
        var.value
            .secret()
            .is_some_and(|text| text.expose_secret().is_empty())
    })
}
