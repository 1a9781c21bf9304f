//! Combines the config vars of two sources by priority.

use crate::attachment::related::{Groups, Relation, is_setting, related};
use crate::attachment::{Attachment, attachments};
use crate::error::Elsewhere;
use crate::kind::Kind;
use crate::snapshot::{ConfigVars, LeftOut, Var};
use secrecy::ExposeSecret;
use std::collections::{HashMap, HashSet};

/// Returns the config vars of `near`, and those of `far` that do not belong to an attachment with a part in `near`.
pub(super) fn layered(near: &ConfigVars, far: &ConfigVars) -> ConfigVars {
    let is_new = |var: &&Var| near.find_var(&var.name).is_none();
    let added: Vec<&Var> = far.as_slice().iter().filter(is_new).collect();
    // The combination may have attachments that neither source has.
    let all: ConfigVars = near
        .as_slice()
        .iter()
        .chain(added.iter().copied())
        .cloned()
        .collect();
    let (attachments, far_attachments): (Vec<_>, Vec<_>) =
        (attachments(&all).collect(), attachments(far).collect());
    let both = || attachments.iter().chain(&far_attachments);
    let attached: HashSet<&str> = both().flat_map(Attachment::var_names).collect();
    let mut groups = Groups::of(all.as_slice().iter().map(|var| &*var.name));
    groups.join_attachments(&[(&all, &attachments), (far, &far_attachments)]);
    for credential in related(&groups.names(), Relation::Credential, &attached) {
        groups.join(credential);
    }

    let mut part_in_near: HashMap<usize, &Var> = HashMap::new();
    for var in near.as_slice() {
        if let Some(group) = groups.find(&var.name) {
            part_in_near.entry(group).or_insert(var);
        }
    }
    // A config var that only has the prefix of an API key may be a setting of the app: `SHOP_LOG_LEVEL` beside `SHOP_API_KEY`.
    let of_resources: HashSet<&str> = both()
        .filter(|attachment| attachment.url().is_some())
        .flat_map(Attachment::var_names)
        .collect();
    let falls_through = |var: &Var| {
        let text = var.value.secret().map_or("", |text| text.expose_secret());
        !of_resources.contains(&*var.name) && is_setting(&var.name, text)
    };
    let mut taken: Vec<&Var> = near.as_slice().iter().collect();
    let mut left_out: Vec<LeftOut> = [near, far]
        .iter()
        .flat_map(|vars| vars.left_out())
        .cloned()
        .collect();
    let mut kinds: HashMap<&str, Kind> = HashMap::new();
    for attachment in both() {
        if let Some(kind) = attachment.kind() {
            kinds.extend(attachment.var_names().map(|name| (name, kind)));
        }
    }
    for var in added {
        let part = groups.find(&var.name).and_then(|group| part_in_near.get(&group));
        match part.filter(|_| !falls_through(var)) {
            Some(part) => left_out.push(LeftOut {
                elsewhere: Elsewhere {
                    name: var.name.clone(),
                    origin: var.origin.clone(),
                    beside: part.name.clone(),
                    beside_origin: part.origin.clone(),
                },
                kind: kinds.get(&*var.name).copied(),
            }),
            None => taken.push(var),
        }
    }
    let vars: ConfigVars = taken.into_iter().cloned().collect();
    left_out.retain(|left_out| vars.find_var(&left_out.elsewhere.name).is_none());
    vars.with_left_out(left_out.into())
}
