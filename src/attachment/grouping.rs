//! Groups config vars into attachments.

use super::addon::Attachment;
use super::alias;
use super::found::{FoundResource, resources};
use super::names::{by_prefix, has_url_suffix, plainness, precedes_prefixed, split_infix, token_stem};
use super::part_group::PartGroup;
use super::part_tls::tls_vars;
use super::role::{ROLES, Role};
use super::tables::{OPTIONS, glued_kind};
use crate::list::mapped;
use crate::snapshot::{ConfigVars, Var};
use crate::sorted::{NameSet, end_of_run, find_place, first_equals, sort_by};

/// Discovers the attachments; see [`ConfigVars::attachments`].
pub(crate) fn attachments(vars: &ConfigVars) -> Vec<Attachment<'_>> {
    let mut found = resources(vars);
    // Config vars that are assigned already, in addition to those that begin with an attachment's name.
    let mut placed: Vec<&Var> = mapped(&found, |found| found.var);
    let resources = NameSet::of(mapped(&placed, |var| &*var.name));
    let mut joined: Vec<(usize, &Var)> = Vec::new();
    let mut bound = bound_attachments(vars);
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
                let mut own = glued_vars(vars, found.attachment, &resources);
                if found.attachment == &*var.name {
                    for var in &vars_with_suffix(vars, found.attachment, &resources) {
                        joined.push((attachments.len(), *var));
                    }
                }
                placed.extend_from_slice(&own);
                own.reserve_exact(1);
                own.push(var);
                let mut attachment = Attachment::new(found.attachment);
                attachment.vars = own;
                attachment.resources = vec![found];
                attachments.push(attachment);
            }
        }
    }
    // A config var with the suffix of several URLs belongs to the first of them.
    let firsts = first_equals(joined.len(), &|one, other| {
        joined[one].1.address().cmp(&joined[other].1.address())
    });
    for (place, &(attachment, var)) in joined.iter().enumerate() {
        if place == firsts[place] {
            attachments[attachment].vars.push(var);
            placed.push(var);
        }
    }
    for attachment in &bound {
        placed.extend_from_slice(&attachment.vars);
    }
    sort_by(&mut placed, |left, right| left.address().cmp(&right.address()));
    let mut others = vars_except(vars, &placed);
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

/// Returns the config vars other than `placed`, which are sorted by address.
fn vars_except<'v>(vars: &'v ConfigVars, placed: &[&Var]) -> Vec<&'v Var> {
    // Both are sorted, so one walk finds them.
    let mut next = 0;
    let mut others: Vec<&Var> = Vec::with_capacity(vars.as_slice().len());
    for var in vars.as_slice() {
        let first = next;
        while next < placed.len() && std::ptr::eq(placed[next], var) {
            next += 1;
        }
        if next == first {
            others.push(var);
        }
    }
    others
}

/// Returns the attachments that the platform named, sorted, with all their config vars.
fn bound_attachments(vars: &ConfigVars) -> Vec<Attachment<'_>> {
    let mut bound: Vec<&Var> = Vec::new();
    for var in vars.as_slice() {
        if var.value.bound().is_some() {
            bound.push(var);
        }
    }
    sort_by(&mut bound, |left, right| bound_name(left).cmp(&bound_name(right)));
    let mut attachments: Vec<Attachment<'_>> = Vec::new();
    for &var in &bound {
        let name = bound_name(var).unwrap_or_default();
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

/// Returns the glued vars of an attachment, such as `PGUSER`, which do not begin with its name and a `_`. Resources are not
/// among them.
fn glued_vars<'v>(vars: &'v ConfigVars, attachment: &'v str, resources: &NameSet<'_>) -> Vec<&'v Var> {
    let Some(kind) = glued_kind(attachment) else {
        return Vec::new();
    };
    let group = PartGroup {
        vars,
        stem: attachment,
        separator: "",
        kind,
    };
    let mut glued: Vec<&Var> = Vec::new();
    let mut add = |var: Option<&'v Var>| match var {
        Some(var) if is_free(var, resources) => glued.push(var),
        _ => {}
    };
    for (ending, _) in ROLES {
        add(vars.find_var(&group.name_of(ending)));
    }
    for (of, endings, _) in OPTIONS {
        if *of == kind {
            for ending in *endings {
                add(vars.find_var(&group.name_of(ending)));
            }
        }
    }
    for (var, _) in &tls_vars(group) {
        if !var.name[attachment.len()..].starts_with('_') {
            add(Some(*var));
        }
    }
    glued
}

/// The config vars with the same suffix as a URL: `DATABASE_PASSWORD_SHOP` for `DATABASE_URL_SHOP`.
fn vars_with_suffix<'v>(vars: &'v ConfigVars, name: &str, resources: &NameSet<'_>) -> Vec<&'v Var> {
    let Some((stem, suffix)) = split_infix(name) else {
        return Vec::new();
    };
    let mut joined = Vec::new();
    for (ending, _) in ROLES {
        match vars.find_var(&format!("{stem}_{ending}_{suffix}")) {
            Some(var) if is_free(var, resources) => joined.push(var),
            _ => {}
        }
    }
    joined
}

/// Returns whether a config var is neither a resource nor the platform's.
fn is_free(var: &Var, resources: &NameSet<'_>) -> bool {
    !resources.contains(&var.name) && var.value.bound().is_none()
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
        if !lead_to_one_place(alike) && !has_plain(alike) {
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

fn has_plain(alike: &[FoundResource<'_>]) -> bool {
    for found in alike {
        if found.role == Role::Url && !is_suffixed(found) {
            return true;
        }
    }
    false
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
