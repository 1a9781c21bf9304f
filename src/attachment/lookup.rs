//! Finds a resource by its name, or by its kind alone.

use super::addon::Attachment;
use super::found::{FoundResource, read, resources};
use super::grouping::attachments;
use super::names::{VariantName, plainness};
#[cfg(feature = "figment")]
use super::names::{is_addon_name, url_stem};
use super::role::Role;
use super::shape::{is_assembled, is_in_parts};
use crate::error::{Error, Fault, Wanted};
use crate::kind::Kind;
use crate::list::{filter_mapped, mapped};
use crate::snapshot::ConfigVars;
use crate::sorted::{SortedMap, find_place, sort_by};
use crate::url::{Resource, ResourceUrl};
use secrecy::{ExposeSecret, SecretString};

/// Returns the role of a config var; see [`ConfigVars::role`].
pub(crate) fn role(vars: &ConfigVars, name: &str) -> Option<Role> {
    let value = vars.look_up(name)?;
    Some(Role::of(name, value.secret()))
}

/// Returns whether a name is that of an add-on's URL, whatever the value.
#[cfg(feature = "figment")]
pub(crate) fn is_named_as_url(name: &str) -> bool {
    url_stem(name).is_some_and(|stem| is_addon_name(name, stem))
}

/// Returns the resource of a config var; see [`ConfigVars::url`].
pub(crate) fn url<T: Resource>(vars: &ConfigVars, name: &str) -> Result<T, Error> {
    match vars.look_up(name) {
        Some(value) => read(vars, name, value),
        None => Err(missing(vars, name, T::KIND)),
    }
}

/// Returns the error for a resource that is not set, with the resources of its kind.
fn missing(vars: &ConfigVars, name: &str, kind: Option<Kind>) -> Error {
    let candidates = filter_mapped(&resources(vars), |found| {
        (kind == Some(found.kind)).then_some((&*found.var.name, kind))
    });
    vars.missing(name).with_candidates(&candidates)
}

/// Returns the one resource of a type; see [`ConfigVars::only`].
pub(crate) fn only<T: Resource>(vars: &ConfigVars) -> Result<T, Error> {
    let fits = |found: &FoundResource<'_>| T::KIND.is_none_or(|kind| kind == found.kind);
    let mut candidates: Vec<FoundResource<'_>> = Vec::new();
    let mut others: Vec<FoundResource<'_>> = Vec::new();
    for attachment in attachments(vars) {
        let mut rest = None;
        let known = candidates.len();
        for found in attachment.resources {
            if fits(&found) {
                candidates.push(found);
            } else {
                rest.get_or_insert(found);
            }
        }
        if candidates.len() == known {
            others.extend(rest);
        }
    }
    let mut candidates = without_variants(candidates);
    // A URL comes before parts, whose options are few.
    let rank = |found: &FoundResource<'_>| (found.role != Role::Url, plainness(&found.var.name));
    sort_by(&mut candidates, |left, right| rank(left).cmp(&rank(right)));
    let wanted = Wanted(T::KIND);
    let mut listed = candidate_names(&candidates, T::KIND.is_none());
    sort_by(&mut listed, |left, right| left.0.cmp(right.0));
    let mut candidates = candidates.into_iter();
    let Some(first) = candidates.next() else {
        let mut error = Error::new(Fault::NoResource(wanted));
        let is_left_out = |kind: Option<Kind>| kind.is_some() && (T::KIND.is_none() || kind == T::KIND);
        if let Some(left_out) = vars.left_out().iter().find(|left_out| is_left_out(left_out.kind)) {
            error = error.with_elsewhere(&left_out.elsewhere);
        }
        return Err(error.with_candidates(&candidate_names(&others, true)));
    };
    if candidates.any(|other| !other.is_same(&first)) {
        return Err(Error::new(Fault::SeveralResources(wanted)).with_candidates(&listed));
    }
    vars.note_found(&first.var.name);
    let url = *first.resource?;
    T::from_resource_url(url).map_err(|error| error.for_known_var(&first.var.name))
}

/// Returns fresh config vars, in which the hosts of resources in parts keep their kind if nothing else says it any more: a
/// port that is no longer the kind's own, for example.
pub(crate) fn with_known_kinds(attachments: &[Attachment<'_>], fresh: &ConfigVars) -> ConfigVars {
    let is_unknown = |name: &str| {
        secret_of(fresh, name).is_some_and(|value| !is_in_parts(fresh, name, value.expose_secret()))
    };
    let mut kinds: SortedMap<&str, Kind> = SortedMap::default();
    for attachment in attachments {
        for found in &attachment.resources {
            let name = &*found.var.name;
            if found.role == Role::Host && found.resource.is_ok() && is_unknown(name) {
                kinds.insert(name, found.kind);
            }
        }
    }
    match kinds.is_empty() {
        true => fresh.clone(),
        false => fresh.clone().with_kinds(&kinds),
    }
}

/// The names that are looked up to read a resource from several config vars, whether set or not, sorted.
pub(crate) fn looked_for(vars: &ConfigVars, name: &str) -> Vec<Box<str>> {
    // Most resources are URLs of one var, and need not be read again.
    match secret_of(vars, name) {
        Some(value) if is_assembled(vars, name, value.expose_secret()) => {}
        _ => return Vec::new(),
    }
    let (_, looked_up) = vars.with_lookups(|vars| url::<ResourceUrl>(vars, name).map(drop));
    looked_up.names
}

fn secret_of<'v>(vars: &'v ConfigVars, name: &str) -> Option<&'v SecretString> {
    vars.find_var(name)?.value.secret()
}

fn candidate_names<'v>(found: &[FoundResource<'v>], with_kind: bool) -> Vec<(&'v str, Option<Kind>)> {
    mapped(found, |found| (&*found.var.name, with_kind.then_some(found.kind)))
}

/// Leaves out what is another way to a resource that is there by its plain name: `REDIS_TLS_URL` beside `REDIS_URL`.
fn without_variants(candidates: Vec<FoundResource<'_>>) -> Vec<FoundResource<'_>> {
    let mut plain = filter_mapped(&candidates, |found| {
        let name = VariantName::of(&found.var.name);
        (!name.is_variant).then_some((found.kind, name.without))
    });
    sort_by(&mut plain, Ord::cmp);
    let mut kept = Vec::new();
    for found in candidates {
        let name = VariantName::of(&found.var.name);
        let named = (found.kind, name.without);
        if !name.is_variant || find_place(plain.len(), &|place| plain[place].cmp(&named)).is_err() {
            kept.push(found);
        }
    }
    kept
}
