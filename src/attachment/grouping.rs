//! Groups config vars into attachments.

use super::addon::Attachment;
use super::alias;
use super::found::{FoundResource, resources};
use super::names::{by_prefix, has_url_suffix, plainness, precedes_prefixed, split_infix, token_stem};
use super::part_group::PartGroup;
use super::part_tls::tls_vars;
use super::role::{ROLES, Role};
use super::tables::{DATABASE, OPTIONS};
use crate::list::mapped;
use crate::snapshot::{ConfigVars, Var};
use crate::sorted::{end_of_run, find_place, sort_by};

/// Discovers the attachments; see [`ConfigVars::attachments`].
pub(crate) fn attachments(vars: &ConfigVars) -> Vec<Attachment<'_>> {
    let mut found = resources(vars);
    // Config vars that belong to no attachment yet, except for those that begin with an attachment's name.
    let mut unassigned = Unassigned::of(vars);
    for found in &found {
        unassigned.is_assigned[found.index] = true;
    }
    let mut bound = bound_attachments(&mut unassigned);
    separate_unbound(&mut found, &bound);
    sort_by_attachment(&mut found);
    separate_suffixed(&mut found);
    let mut attachments: Vec<Attachment<'_>> = Vec::with_capacity(found.len());
    for found in found {
        let var = found.var;
        if let Some(name) = bound_name(var) {
            if let Some(index) = find_bound(&bound, name) {
                bound[index].resources.push(found);
                continue;
            }
        }
        match attachments.last_mut() {
            Some(last) if last.name == found.attachment => {
                last.resources.push(found);
                last.vars.push(var);
            }
            _ => {
                let mut names = glued_names(vars, found.attachment);
                if found.attachment == &*var.name {
                    add_names_with_suffix(found.attachment, &mut names);
                }
                let mut attachment = Attachment::new(found.attachment);
                for name in &names {
                    match vars.find_var(name) {
                        // One with the suffix of several URLs belongs to the first of them.
                        Some(var) if unassigned.remove(var) => attachment.vars.push(var),
                        _ => {}
                    }
                }
                attachment.vars.reserve_exact(1);
                attachment.vars.push(var);
                attachment.resources = vec![found];
                attachments.push(attachment);
            }
        }
    }
    let mut others = unassigned.rest();
    let mut tokens = Vec::new();
    assign_vars(&mut others, &mut attachments, &mut |var| {
        tokens.extend(name_of_token(var, &bound));
    });
    attachments.append(&mut bare_credentials(others, tokens));
    attachments.append(&mut bound);
    for attachment in &mut attachments {
        attachment.broken = attachment.broken_vars();
        sort_by(&mut attachment.vars, |left, right| left.name.cmp(&right.name));
    }
    sort_by(&mut attachments, |left, right| left.name.cmp(right.name));
    let candidates = mapped(&attachments, Attachment::candidate);
    for (indexes, group) in &alias::groups(&candidates) {
        for index in indexes {
            attachments[*index].aliases = group.clone();
        }
    }
    attachments
}

/// The config vars that no attachment has yet.
struct Unassigned<'v> {
    all: &'v [Var],
    is_assigned: Vec<bool>,
}

impl<'v> Unassigned<'v> {
    fn of(vars: &'v ConfigVars) -> Self {
        let all = vars.as_slice();
        Self {
            all,
            is_assigned: vec![false; all.len()],
        }
    }

    /// Removes a config var, and returns whether it was one of them.
    fn remove(&mut self, var: &Var) -> bool {
        let place = find_place(self.all.len(), &|index| {
            self.all[index].address().cmp(&var.address())
        });
        match place {
            Ok(index) => !std::mem::replace(&mut self.is_assigned[index], true),
            Err(_) => false,
        }
    }

    fn rest(&self) -> Vec<&'v Var> {
        let mut rest = Vec::with_capacity(self.all.len());
        for (index, var) in self.all.iter().enumerate() {
            if !self.is_assigned[index] {
                rest.push(var);
            }
        }
        rest
    }
}

/// Returns the attachments that the platform named, sorted, with all their config vars.
fn bound_attachments<'v>(unassigned: &mut Unassigned<'v>) -> Vec<Attachment<'v>> {
    let mut bound = Vec::new();
    for (index, var) in unassigned.all.iter().enumerate() {
        if let Some(name) = bound_name(var) {
            unassigned.is_assigned[index] = true;
            bound.push((name, var));
        }
    }
    sort_by(&mut bound, |(left, _), (right, _)| left.cmp(right));
    let mut attachments: Vec<Attachment<'_>> = Vec::new();
    for (name, var) in bound {
        match attachments.last_mut() {
            Some(last) if last.name == name => last.vars.push(var),
            _ => {
                let mut attachment = Attachment::new(name);
                attachment.vars.push(var);
                attachments.push(attachment);
            }
        }
    }
    attachments
}

/// Returns the name of the attachment that the platform says a config var is of.
fn bound_name(var: &Var) -> Option<&str> {
    Some(&var.value.bound()?.attachment)
}

/// Returns the index of the bound attachment of this name.
fn find_bound(bound: &[Attachment<'_>], name: &str) -> Option<usize> {
    find_place(bound.len(), &|index| bound[index].name.cmp(name)).ok()
}

/// Makes attachments of their own of resources that have a bound attachment's name, and are not the platform's.
fn separate_unbound<'v>(found: &mut [FoundResource<'v>], bound: &[Attachment<'v>]) {
    for found in found {
        if found.var.value.bound().is_none() && find_bound(bound, found.attachment).is_some() {
            found.attachment = &found.var.name;
        }
    }
}

/// Returns the glued names of an attachment, such as `PGUSER`, which do not begin with its own and a `_`.
fn glued_names(vars: &ConfigVars, attachment: &str) -> Vec<String> {
    let mut names = Vec::new();
    let Some(group) = PartGroup::glued(vars, attachment).filter(|group| group.has_glued()) else {
        return names;
    };
    for (ending, _) in ROLES {
        names.push(group.name_of(ending));
    }
    for ending in DATABASE {
        names.push(group.name_of(ending));
    }
    for (of, endings, _) in OPTIONS {
        if *of == group.kind {
            for ending in *endings {
                names.push(group.name_of(ending));
            }
        }
    }
    for (var, _) in &tls_vars(group) {
        if !var.name[attachment.len()..].starts_with('_') {
            names.push((*var.name).to_owned());
        }
    }
    names
}

/// Adds the names with the same suffix as a URL: `DATABASE_PASSWORD_SHOP` for `DATABASE_URL_SHOP`.
fn add_names_with_suffix(name: &str, names: &mut Vec<String>) {
    if let Some((stem, suffix)) = split_infix(name) {
        for (ending, _) in ROLES {
            names.push(format!("{stem}_{ending}_{suffix}"));
        }
    }
}

fn sort_by_attachment(found: &mut [FoundResource<'_>]) {
    sort_by(found, |left, right| {
        by_prefix(left.attachment, right.attachment)
            .then_with(|| plainness(&left.var.name).cmp(&plainness(&right.var.name)))
    });
}

/// Makes attachments of their own of `DATABASE_URL_SHOP` and `DATABASE_URL_LEDGER`, unless there is a `DATABASE_URL` or
/// all of them lead to one place. `found` is sorted by attachment.
fn separate_suffixed(found: &mut [FoundResource<'_>]) {
    let mut start = 0;
    while start < found.len() {
        let name = found[start].attachment;
        let end = end_of_run(start, found.len(), &|index| found[index].attachment == name);
        let alike = &mut found[start..end];
        let is_plain = |found: &FoundResource<'_>| found.role == Role::Url && !is_suffixed(found);
        if !lead_to_one_place(alike) && !alike.iter().any(is_plain) {
            for found in alike {
                if is_suffixed(found) {
                    found.attachment = &found.var.name;
                }
            }
        }
        start = end;
    }
    sort_by_attachment(found);
}

fn is_suffixed(found: &FoundResource<'_>) -> bool {
    has_url_suffix(&found.var.name) && found.var.value.bound().is_none()
}

fn lead_to_one_place(alike: &[FoundResource<'_>]) -> bool {
    for index in 1..alike.len() {
        if !alike[index - 1].leads_where(&alike[index]) {
            return false;
        }
    }
    true
}

/// Returns the name of the add-on of which there is but this bare credential.
fn name_of_token<'v>(var: &'v Var, bound: &[Attachment<'_>]) -> Option<&'v str> {
    if var.value.secret().is_none() || var.value.is_empty() {
        return None;
    }
    let name = token_stem(&var.name)?;
    find_bound(bound, name).is_none().then_some(name)
}

/// Returns the add-ons of these names, with the config vars that are named alike.
fn bare_credentials<'v>(mut vars: Vec<&'v Var>, mut names: Vec<&'v str>) -> Vec<Attachment<'v>> {
    if names.is_empty() {
        return Vec::new();
    }
    sort_by(&mut names, |left, right| by_prefix(left, right));
    names.dedup();
    let mut attachments = Vec::with_capacity(names.len());
    for name in &names {
        attachments.push(Attachment::new(name));
    }
    assign_vars(&mut vars, &mut attachments, &mut |_| {});
    attachments
}

/// Gives each config var to the attachment with the longest name that its own begins with, and leaves those that belong to
/// none. Both are sorted, so the attachments around the current name form a stack, and one walk does. Calls `look_at` for those
/// that it leaves, whose names are in the processor's cache then.
fn assign_vars<'v>(
    vars: &mut Vec<&'v Var>,
    attachments: &mut [Attachment<'v>],
    look_at: &mut dyn FnMut(&'v Var),
) {
    let mut around: Vec<usize> = Vec::new();
    let mut next = 0;
    let mut left = 0;
    for place in 0..vars.len() {
        let var = vars[place];
        while let Some(attachment) = attachments.get(next) {
            if precedes_prefixed(&var.name, attachment.name) {
                break;
            }
            leave(&mut around, attachments, attachment.name);
            around.push(next);
            next += 1;
        }
        leave(&mut around, attachments, &var.name);
        match around.last() {
            Some(&innermost) => attachments[innermost].vars.push(var),
            None => {
                look_at(var);
                vars[left] = var;
                left += 1;
            }
        }
    }
    vars.truncate(left);
}

/// Leaves the attachments that `name` does not belong to.
fn leave(around: &mut Vec<usize>, attachments: &[Attachment<'_>], name: &str) {
    while let Some(&innermost) = around.last() {
        match name.strip_prefix(attachments[innermost].name) {
            Some(rest) if rest.starts_with('_') => return,
            _ => around.pop(),
        };
    }
}
