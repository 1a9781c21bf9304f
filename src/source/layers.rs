//! Combines the config vars of two sources by priority.

use crate::attachment::name_words::is_setting;
use crate::attachment::related::{Groups, Relation, related};
use crate::attachment::{attachments, names_in};
use crate::error::Elsewhere;
use crate::list::mapped;
use crate::snapshot::{ConfigVars, LeftOut, Var};
use crate::sorted::{NameMap, NameSet};
use secrecy::ExposeSecret;

/// Returns the config vars of `near`, and those of `far` that do not belong to an attachment with a part in `near`.
pub(super) fn layered(near: &ConfigVars, far: &ConfigVars) -> ConfigVars {
    // The combination may have attachments that neither source has.
    let mut all = near.as_slice().to_vec();
    let mut added = Vec::new();
    for var in far.as_slice() {
        if near.find_var(&var.name).is_none() {
            all.push(var.clone());
            added.push(var);
        }
    }
    let all = ConfigVars::last_of_each(all);
    let (mut attachments, mut far_attachments) = (attachments(&all), attachments(far));
    let attached = NameSet::of(names_in(&[&attachments, &far_attachments]));
    let mut groups = Groups::of(mapped(all.as_slice(), |var| &*var.name));
    groups.join_attachments(&[(&all, &attachments), (far, &far_attachments)]);
    for credential in related(&groups.names(), Relation::Credential, &attached) {
        groups.join(&credential);
    }

    let mut part_in_near: Vec<Option<usize>> = vec![None; groups.len()];
    for (index, var) in near.as_slice().iter().enumerate() {
        if let Some(group) = groups.find(&var.name) {
            part_in_near[group].get_or_insert(index);
        }
    }
    // A config var that only has the prefix of an API key may be a setting of the app: `SHOP_LOG_LEVEL` beside `SHOP_API_KEY`.
    let mut of_resources: Vec<&str> = Vec::new();
    let mut with_kind: Vec<(&str, usize)> = Vec::new();
    attachments.append(&mut far_attachments);
    for (index, attachment) in attachments.iter().enumerate() {
        for name in attachment.var_names() {
            if attachment.url().is_some() {
                of_resources.push(name);
            }
            if attachment.kind().is_some() {
                with_kind.push((name, index));
            }
        }
    }
    let (of_resources, with_kind) = (NameSet::of(of_resources), NameMap::of(with_kind));
    let falls_through = |var: &Var| {
        let text = var.value.secret().map_or("", |text| text.expose_secret());
        !of_resources.contains(&var.name) && is_setting(&var.name, text)
    };
    let mut taken = near.as_slice().to_vec();
    let mut beside = Vec::new();
    for var in added {
        let part = match groups.find(&var.name) {
            Some(group) if !falls_through(var) => part_in_near[group],
            _ => None,
        };
        let Some(part) = part else {
            taken.push(var.clone());
            continue;
        };
        let part = &near.as_slice()[part];
        beside.push(LeftOut {
            elsewhere: Elsewhere {
                name: var.name.clone(),
                origin: var.origin.clone(),
                beside: part.name.clone(),
                beside_origin: part.origin.clone(),
            },
            kind: match with_kind.get(&var.name) {
                Some(index) => attachments[index].kind(),
                None => None,
            },
        });
    }
    let vars = ConfigVars::last_of_each(taken);
    let mut left_out = Vec::new();
    for known in &[near.left_out(), far.left_out(), &*beside] {
        for var in *known {
            if vars.find_var(&var.elsewhere.name).is_none() {
                left_out.push(var.clone());
            }
        }
    }
    vars.with_left_out(left_out.into())
}
