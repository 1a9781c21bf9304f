//! Groups config vars into attachments.

use super::addon::Attachment;
use super::alias;
use super::found::{FoundResource, resources};
use super::names::{by_prefix, has_url_suffix, plainness, split_infix, token_stem};
use super::part_group::PartGroup;
use super::part_tls::tls_vars;
use super::role::{ROLES, Role};
use super::tables::{ADDRESS, GLUED};
use crate::snapshot::{ConfigVars, Var};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, HashSet};

/// Discovers the attachments; see [`ConfigVars::attachments`].
pub(crate) fn attachments(vars: &ConfigVars) -> impl Iterator<Item = Attachment<'_>> {
    let mut attachments: Vec<Attachment<'_>> = Vec::new();
    let mut found: Vec<FoundResource<'_>> = resources(vars).collect();
    // Config vars that are assigned already, in addition to those that begin with an attachment's name.
    let mut placed: Vec<&str> = found.iter().map(|found| &*found.var.name).collect();
    placed.sort_unstable();
    let resources = placed.clone();
    let mut joined: HashSet<&str> = HashSet::new();
    let mut bound = bound_attachments(vars);
    separate_unbound(&mut found, &bound);
    sort_by_attachment(&mut found);
    separate_suffixed(&mut found);
    for found in found {
        let var = found.var;
        if let Some(attachment) = bound_of(var, &mut bound) {
            attachment.resources.push(found);
            continue;
        }
        match attachments.last_mut() {
            Some(last) if last.name == found.attachment => {
                last.resources.push(found);
                last.vars.push(var);
            }
            _ => {
                let mut own = glued_vars(vars, found.attachment, &resources);
                if found.attachment == &*var.name {
                    let with_suffix = vars_with_suffix(vars, found.attachment, &resources);
                    own.extend(with_suffix.into_iter().filter(|var| joined.insert(&*var.name)));
                }
                placed.extend(own.iter().map(|var| &*var.name));
                own.push(var);
                let mut attachment = Attachment::new(found.attachment);
                attachment.vars = own;
                attachment.resources.push(found);
                attachments.push(attachment);
            }
        }
    }
    placed.extend(bound.values().flat_map(Attachment::var_names));
    placed.sort_unstable();
    // Both are sorted, so one walk finds them.
    let mut placed = placed.into_iter().peekable();
    let is_other = |var: &&Var| {
        while placed.next_if(|name| **name < *var.name).is_some() {}
        placed.peek() != Some(&&*var.name)
    };
    let left = assign_vars(vars.as_slice().iter().filter(is_other), &mut attachments);
    attachments.extend(bare_credentials(left, &bound));
    attachments.extend(bound.into_values());
    for attachment in &mut attachments {
        attachment.broken = attachment.broken_vars();
        attachment.vars.sort_by(|left, right| left.name.cmp(&right.name));
    }
    attachments.sort_by_key(|attachment| attachment.name);
    let candidates: Vec<_> = attachments.iter().map(Attachment::candidate).collect();
    for (indexes, group) in alias::groups(&candidates) {
        for index in indexes {
            attachments[index].aliases = group.clone();
        }
    }
    attachments.into_iter()
}

type BoundAttachments<'v> = BTreeMap<&'v str, Attachment<'v>>;

/// Returns the attachments that the platform named, with all their config vars.
fn bound_attachments(vars: &ConfigVars) -> BoundAttachments<'_> {
    let mut attachments = BoundAttachments::new();
    for var in vars.as_slice() {
        if let Some(bound) = var.value.bound() {
            let attachment = attachments
                .entry(&*bound.attachment)
                .or_insert_with(|| Attachment::new(&bound.attachment));
            attachment.vars.push(var);
        }
    }
    attachments
}

fn bound_of<'a, 'v>(var: &Var, bound: &'a mut BoundAttachments<'v>) -> Option<&'a mut Attachment<'v>> {
    bound.get_mut(&*var.value.bound()?.attachment)
}

/// Makes attachments of their own of resources that have a bound attachment's name, and are not the platform's.
fn separate_unbound<'v>(found: &mut [FoundResource<'v>], bound: &BoundAttachments<'v>) {
    for found in found {
        if found.var.value.bound().is_none() && bound.contains_key(found.attachment) {
            found.attachment = &found.var.name;
        }
    }
}

/// Returns the glued vars of an attachment, such as `PGUSER`, which do not begin with its name and a `_`. Resources are not
/// among them. `resources` are sorted.
fn glued_vars<'v>(vars: &'v ConfigVars, attachment: &str, resources: &[&str]) -> Vec<&'v Var> {
    let Some((stem, kind)) = GLUED.iter().find(|(stem, _)| *stem == attachment) else {
        return Vec::new();
    };
    let group = PartGroup {
        stem,
        separator: "",
        kind: *kind,
    };
    let endings = ROLES.iter().map(|(ending, _)| ending).chain(ADDRESS);
    let parts = endings.filter_map(|ending| vars.find_var(&group.name_of(ending)));
    let has_separator = |var: &&Var| var.name[stem.len()..].starts_with('_');
    let of_tls = tls_vars(vars, group).filter(|var| !has_separator(var));
    parts
        .chain(of_tls)
        .filter(|var| resources.binary_search(&&*var.name).is_err() && var.value.bound().is_none())
        .collect()
}

/// The config vars with the same suffix as a URL: `DATABASE_PASSWORD_SHOP` for `DATABASE_URL_SHOP`. `resources` are
/// sorted.
fn vars_with_suffix<'v>(vars: &'v ConfigVars, name: &str, resources: &[&str]) -> Vec<&'v Var> {
    let Some((stem, suffix)) = split_infix(name) else {
        return Vec::new();
    };
    let joined = |(ending, _): &(&str, Role)| vars.find_var(&format!("{stem}_{ending}_{suffix}"));
    ROLES
        .iter()
        .filter_map(joined)
        .filter(|var| resources.binary_search(&&*var.name).is_err() && var.value.bound().is_none())
        .collect()
}

fn sort_by_attachment(found: &mut [FoundResource<'_>]) {
    found.sort_by(|left, right| {
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
fn bare_credentials<'v>(vars: Vec<&'v Var>, bound: &BoundAttachments<'v>) -> Vec<Attachment<'v>> {
    let is_set = |var: &&&Var| {
        var.value
            .secret()
            .is_some_and(|value| !value.expose_secret().is_empty())
    };
    let mut names: Vec<&str> = vars
        .iter()
        .filter(is_set)
        .filter_map(|var| token_stem(&var.name))
        .filter(|name| !bound.contains_key(name))
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    names.sort_by(|left, right| by_prefix(left, right));
    names.dedup();
    let mut attachments: Vec<Attachment<'v>> = names.into_iter().map(Attachment::new).collect();
    assign_vars(vars.into_iter(), &mut attachments);
    attachments
}

/// Gives each config var to the attachment with the longest name that its own begins with, and returns those that
/// belong to none. Both are sorted, so the attachments around the current name form a stack, and one walk does.
fn assign_vars<'v>(vars: impl Iterator<Item = &'v Var>, attachments: &mut [Attachment<'v>]) -> Vec<&'v Var> {
    let mut around: Vec<usize> = Vec::new();
    let mut next = 0;
    let mut left = Vec::with_capacity(vars.size_hint().1.unwrap_or_default());
    for var in vars {
        while let Some(attachment) = attachments.get(next) {
            if attachment.name.bytes().chain([b'_']).gt(var.name.bytes()) {
                break;
            }
            leave(&mut around, attachments, attachment.name);
            around.push(next);
            next += 1;
        }
        leave(&mut around, attachments, &var.name);
        match around.last() {
            Some(&innermost) => attachments[innermost].vars.push(var),
            None => left.push(var),
        }
    }
    left
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
