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
use crate::sorted::{NameSet, find_place, first_equals, sort_by};
use secrecy::ExposeSecret;

/// Discovers the attachments; see [`ConfigVars::attachments`].
pub(crate) fn attachments(vars: &ConfigVars) -> Vec<Attachment<'_>> {
    let mut found = resources(vars);
    // Config vars that are assigned already, in addition to those that begin with an attachment's name.
    let mut placed: Vec<&str> = mapped(&found, |found| &*found.var.name);
    let resources = NameSet::of(placed.clone());
    let mut joined: Vec<(usize, &Var)> = Vec::new();
    let mut bound = bound_attachments(vars);
    separate_unbound(&mut found, &bound);
    sort_by_attachment(&mut found);
    separate_suffixed(&mut found);
    let mut attachments: Vec<Attachment<'_>> = Vec::with_capacity(found.len());
    for found in found {
        let var = found.var;
        if let Some(named) = var.value.bound() {
            if let Some(index) = find_bound(&bound, &named.attachment) {
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
                for var in &own {
                    placed.push(&var.name);
                }
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
        joined[one].1.name.cmp(&joined[other].1.name)
    });
    for (place, first) in firsts.iter().enumerate() {
        if place == *first {
            let (attachment, var) = joined[place];
            attachments[attachment].vars.push(var);
            placed.push(&var.name);
        }
    }
    for attachment in &bound {
        placed.extend(attachment.var_names());
    }
    sort_by(&mut placed, Ord::cmp);
    let mut others = vars_except(vars, &placed);
    assign_vars(&mut others, &mut attachments);
    attachments.extend(bare_credentials(others, &bound));
    attachments.extend(bound);
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

/// Returns the config vars whose names are not `placed`, which are names of config vars, sorted.
fn vars_except<'v>(vars: &'v ConfigVars, placed: &[&str]) -> Vec<&'v Var> {
    // Both are sorted, so one walk finds them. Where a name is tells which it is, without a look at its letters.
    let mut next = 0;
    let mut others: Vec<&Var> = Vec::with_capacity(vars.as_slice().len());
    for var in vars.as_slice() {
        let first = next;
        while next < placed.len() && std::ptr::eq(placed[next], &*var.name) {
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
    let mut bound: Vec<(&str, &Var)> = Vec::new();
    for var in vars.as_slice() {
        if let Some(named) = var.value.bound() {
            bound.push((&named.attachment, var));
        }
    }
    sort_by(&mut bound, |left, right| left.0.cmp(right.0));
    let mut attachments: Vec<Attachment<'_>> = Vec::new();
    for &(name, var) in &bound {
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
fn glued_vars<'v>(vars: &'v ConfigVars, attachment: &str, resources: &NameSet<'_>) -> Vec<&'v Var> {
    let Some(kind) = glued_kind(attachment) else {
        return Vec::new();
    };
    let group = PartGroup {
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
    for (var, _) in &tls_vars(vars, group) {
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
    let is_suffixed =
        |found: &FoundResource<'_>| has_url_suffix(&found.var.name) && found.var.value.bound().is_none();
    let is_plain = |found: &FoundResource<'_>| found.role == Role::Url && !is_suffixed(found);
    for alike in found.chunk_by_mut(|left, right| left.attachment == right.attachment) {
        let lead_to_one_place = alike.windows(2).all(|pair| pair[0].leads_where(&pair[1]));
        if lead_to_one_place || alike.iter().any(is_plain) {
            continue;
        }
        for found in alike.iter_mut().filter(|found| is_suffixed(found)) {
            found.attachment = &found.var.name;
        }
    }
    sort_by_attachment(found);
}

/// The add-ons of which there is but a bare credential, with the config vars that are named alike.
fn bare_credentials<'v>(mut vars: Vec<&'v Var>, bound: &[Attachment<'v>]) -> Vec<Attachment<'v>> {
    let mut names: Vec<&str> = Vec::new();
    for var in &vars {
        if var
            .value
            .secret()
            .is_some_and(|value| !value.expose_secret().is_empty())
        {
            match token_stem(&var.name) {
                Some(name) if find_bound(bound, name).is_none() => names.push(name),
                _ => {}
            }
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    sort_by(&mut names, |left, right| by_prefix(left, right));
    names.dedup();
    let mut attachments = mapped(&names, |name| Attachment::new(name));
    assign_vars(&mut vars, &mut attachments);
    attachments
}

/// Gives each config var to the attachment with the longest name that its own begins with, and leaves those that belong to
/// none. Both are sorted, so the attachments around the current name form a stack, and one walk does.
fn assign_vars<'v>(vars: &mut Vec<&'v Var>, attachments: &mut [Attachment<'v>]) {
    let mut around: Vec<usize> = Vec::new();
    let mut next = 0;
    vars.retain(|var| {
        while let Some(attachment) = attachments.get(next) {
            if precedes_prefixed(&var.name, attachment.name) {
                break;
            }
            leave(&mut around, attachments, attachment.name);
            around.push(next);
            next += 1;
        }
        leave(&mut around, attachments, &var.name);
        if let Some(&innermost) = around.last() {
            attachments[innermost].vars.push(var);
        }
        around.is_empty()
    });
}

/// Leaves the attachments that `name` does not belong to.
fn leave(around: &mut Vec<usize>, attachments: &[Attachment<'_>], name: &str) {
    let belongs_to = |attachment: &str| {
        name.strip_prefix(attachment)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    while around
        .last()
        .is_some_and(|&innermost| !belongs_to(attachments[innermost].name))
    {
        around.pop();
    }
}
