//! Which part of a fresh snapshot the app's value accepts.

use super::diff::{Difference, Discovered, differing_vars};
use super::last_good::{MergedSnapshot, SnapshotMerge};
use super::root::Remake;
use super::status::{StaleEntries, StaleEntry, StaleKind};
use crate::error::{Error, ErrorKind};
use crate::snapshot::ConfigVars;

/// Maximum number of passes in which the config vars that errors name are kept, before the rest is bisected.
const MAX_PASSES: u32 = 16;
/// Maximum number of config vars read in all attempts of a bisection, unless it has fewer than [`MIN_ATTEMPTS`].
const MAX_BISECTED_VARS: usize = 1_000_000;
/// Minimum number of attempts of a bisection.
const MIN_ATTEMPTS: usize = 64;

/// The snapshot to take over.
pub(super) struct Accepted {
    pub(super) vars: ConfigVars,
    pub(super) difference: Difference,
    pub(super) stale: StaleEntries,
}

/// Merges the fresh snapshot into the current one until the app's value accepts the result, and leaves that value
/// prepared.
///
/// Config vars that the app's value rejects keep their last good value; in the worst case, all of them. `first` is the
/// number of the component with which a bisection begins.
pub(super) fn accept(root: &dyn Remake, merge: &SnapshotMerge<'_, '_>, first: u64) -> Accepted {
    let (current, fresh) = (merge.current, merge.fresh);
    let is_set = |name: &str| current.vars.find_var(name).is_some() || fresh.vars.find_var(name).is_some();
    let mut refused = StaleEntries::default();
    let mut passes = 0;
    let mut is_bisected = false;
    loop {
        let MergedSnapshot { vars, stale } = merge.merge(&refused);
        let difference = match &vars {
            None => Difference::between(current, fresh),
            Some(vars) => Difference::between(current, &Discovered::of(vars)),
        };
        if difference.is_empty() {
            return nothing(root, current.vars, stale);
        }
        let vars = vars.unwrap_or_else(|| fresh.vars.clone());
        let Err(error) = root.prepare(&vars, difference.names()) else {
            return Accepted {
                vars,
                difference,
                stale,
            };
        };
        let known = refused.len();
        passes += 1;
        if passes < MAX_PASSES {
            for fault in error.faults() {
                for name in vars_at_fault(fault, difference.names(), fresh.vars) {
                    if is_set(name) && refused.get(name).is_none() {
                        refused.insert(name.into(), last_good(fault));
                    }
                }
            }
        }
        let names_a_var = error.faults().any(|fault| fault.var().is_some());
        if refused.len() == known && names_a_var && !is_bisected {
            is_bisected = true;
            bisect(root, merge, first, &mut refused);
        }
        if refused.len() == known {
            // The app judges the snapshot as a whole, or contradicts itself, so everything that has changed is kept.
            for name in difference.names() {
                refused.insert(name.clone(), last_good(&error));
            }
        }
        if refused.len() == known {
            return nothing(root, current.vars, stale);
        }
    }
}

/// The entry of a config var that keeps its last good value, because the app rejects the new one.
fn last_good(error: &Error) -> StaleEntry {
    StaleEntry::new(StaleKind::LastGood, error.clone())
}

/// Nothing of the fresh snapshot is taken over.
fn nothing(root: &dyn Remake, current: &ConfigVars, stale: StaleEntries) -> Accepted {
    root.discard();
    Accepted {
        vars: current.clone(),
        difference: Difference::default(),
        stale,
    }
}

/// Refuses the components that the app rejects, for a closure that stops at its first fault.
///
/// Each attempt adds a set of components. If the app rejects them, the components that the error names are refused, and
/// the others are split into halves, so that the number of attempts grows with the number of faults.
fn bisect(root: &dyn Remake, merge: &SnapshotMerge<'_, '_>, first: u64, refused: &mut StaleEntries) {
    let (attachments, mut earlier) = merge.candidates(refused);
    // Each reload begins with another component, so that all have their turn although the attempts are limited.
    let mut others = earlier.split_off(first as usize % earlier.len().max(1));
    others.append(&mut earlier);
    let mut is_taken = vec![false; merge.components()];
    // The last set is tried first.
    let mut untried = vec![others, attachments];
    let mut attempts = (MAX_BISECTED_VARS / merge.len().max(1)).max(MIN_ATTEMPTS);
    let mut last_error = None;
    while let Some(set) = untried.pop() {
        if set.is_empty() {
            continue;
        }
        if attempts == 0 {
            if let Some(error) = &last_error {
                for component in set {
                    refused.insert(merge.first_name(component).into(), last_good(error));
                }
            }
            continue;
        }
        attempts -= 1;
        for component in &set {
            is_taken[*component] = true;
        }
        let vars = merge.assemble(&|component| !is_taken[component]);
        let differing = differing_vars(merge.current.vars, &vars);
        let Err(error) = root.prepare(&vars, &differing) else {
            continue;
        };
        let mut is_tried = vec![false; merge.components()];
        for component in &set {
            is_taken[*component] = false;
            is_tried[*component] = true;
        }
        let mut at_fault = Vec::new();
        for fault in error.faults() {
            for name in vars_at_fault(fault, &differing, &vars) {
                match merge.component(name) {
                    Some(component) if is_tried[component] => {
                        refused.insert(name.into(), last_good(fault));
                        at_fault.push(component);
                    }
                    _ => {}
                }
            }
        }
        for component in &at_fault {
            is_tried[*component] = false;
        }
        let mut left = Vec::new();
        for component in set {
            if is_tried[component] {
                left.push(component);
            }
        }
        if at_fault.is_empty() && left.len() == 1 {
            refused.insert(merge.first_name(left[0]).into(), last_good(&error));
        } else {
            let half = left.split_off(left.len() / 2);
            untried.push(half);
            untried.push(left);
            last_error = Some(error);
        }
    }
}

/// The config vars that a fault of the app's value is about.
fn vars_at_fault<'e>(fault: &'e Error, differing: &'e [Box<str>], fresh: &ConfigVars) -> Vec<&'e str> {
    let mut names = Vec::new();
    match (fault.var(), fault.kind()) {
        (Some(name), _) => names.push(name),
        (None, ErrorKind::Ambiguous) => {
            for name in fault.candidates() {
                names.push(name);
            }
        }
        // A search finds nothing any more, so one of the removed config vars is missing.
        (None, ErrorKind::Missing) => {
            for name in differing {
                if fresh.find_var(name).is_none() {
                    names.push(name);
                }
            }
        }
        (None, _) => {}
    }
    names
}
