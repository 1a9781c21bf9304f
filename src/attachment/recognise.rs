//! Recognises the config vars that are resources.

use super::names::{is_addon_name, stems, url_stem};
use super::part_group::look_up_text;
use super::role::Role;
use super::shape::{Beside, Shape, find_shape, has_url, other_stem};
use super::tables::{
    FOREIGN_SYNTAX, HOST, HOST_LETTERS, LIST_ENDINGS, NO_RESOURCE_SCHEMES, URL_SUFFIXES, glued_kind,
};
use super::values::{has_credentials, has_no_resource_scheme, is_jdbc, is_reference, scheme_of};
use crate::kind::Kind;
use crate::scheme::{find_scheme, kind_of};
use crate::secret::{self, holds_url};
use crate::snapshot::{ConfigVars, Var};
use crate::text::{before_ending, is_listed};
use crate::url::is_encoded_url;
use secrecy::ExposeSecret;

/// A config var that is a resource, or was intended to be one.
pub(super) struct Recognised<'v> {
    /// The name of the attachment.
    pub(super) attachment: &'v str,
    /// Determined by the scheme or the name alone, so that a URL with a fault has a kind as well.
    pub(super) kind: Kind,
    pub(super) role: Role,
    pub(super) shape: Shape<'v>,
}

/// Returns how a config var is a resource, if it is one or was intended to be one.
///
/// `has_shared_tls` says whether there may be config vars for the TLS of all URLs of a kind.
pub(super) fn recognise(vars: &ConfigVars, index: usize, has_shared_tls: bool) -> Option<Recognised<'_>> {
    // Most are not, which is found out without a search that leaves something on the stack.
    match may_be_resource(&vars.as_slice()[index]) {
        true => secret::with_clean_stack(|| look_into(vars, index, has_shared_tls)),
        false => None,
    }
}

fn look_into(vars: &ConfigVars, index: usize, has_shared_tls: bool) -> Option<Recognised<'_>> {
    let var = &vars.as_slice()[index];
    let name = &*var.name;
    if before_ending(name, FOREIGN_SYNTAX).is_some() {
        return None;
    }
    let stem = url_stem(name);
    let resource = |attachment, kind| {
        Some(Recognised {
            attachment,
            kind,
            role: Role::Url,
            shape: Shape::Url,
        })
    };
    let Some(value) = var.value.secret() else {
        return stem
            .filter(|stem| is_addon_name(name, stem))
            .and_then(|stem| resource(stem, Kind::Other));
    };
    let value = value.expose_secret();
    if value.is_empty() {
        return None;
    }
    let shortest = stem
        .or_else(|| other_stem(name))
        .and_then(|stem| stems(stem).last());
    let beside = Beside {
        own: !shortest.is_some_and(|stem| is_alone(vars, index, stem)),
        shared: has_shared_tls,
    };
    let scheme = scheme_of(value);
    let kind = kind_of(scheme.and_then(find_scheme));
    let shape = find_shape(vars, name, value, kind, beside);
    match shape {
        Shape::Servers(parts) => {
            return Some(Recognised {
                attachment: parts.stem,
                kind: parts.kind,
                role: Role::Servers,
                shape: Shape::Servers(parts),
            });
        }
        // If there is a URL as well, the parts repeat it.
        Shape::Host(parts) if !has_url(vars, parts.stem) => {
            return Some(Recognised {
                attachment: parts.stem,
                kind: parts.kind,
                role: Role::Host,
                shape: Shape::Host(parts),
            });
        }
        Shape::Host(_) => return None,
        Shape::Url | Shape::UrlBeside(_) => {}
    }
    if kind.rules().datastore {
        let stem = stem.or_else(|| other_stem(name));
        return Some(Recognised {
            attachment: stem.map_or(name, |stem| main_stem(vars, stem, kind)),
            kind,
            role: Role::Url,
            shape,
        });
    }
    let is_meant = match scheme {
        // A JDBC URL of an unknown kind has its own syntax.
        Some(scheme) if kind == Kind::Other && is_jdbc(scheme) => false,
        Some(scheme) => !is_listed(NO_RESOURCE_SCHEMES, scheme),
        None => {
            is_reference(value)
                || has_credentials(value) && !has_no_resource_scheme(value) && !is_jdbc(value)
                || is_encoded_url(value)
        }
    };
    let stem = stem.filter(|stem| is_meant && is_addon_name(name, stem))?;
    Some(Recognised {
        attachment: main_stem(vars, stem, kind),
        kind,
        role: Role::Url,
        shape,
    })
}

/// Returns whether no other config var begins with the stem of a name and a `_`. If there is one, one is beside it, because
/// they are sorted.
fn is_alone(vars: &ConfigVars, index: usize, stem: &str) -> bool {
    let is_glued = glued_kind(stem).is_some();
    let begins_with_stem = |var: Option<&Var>| {
        let rest = var.and_then(|var| var.name.strip_prefix(stem));
        rest.is_some_and(|rest| is_glued || rest.starts_with('_'))
    };
    let vars = vars.as_slice();
    let before = index.checked_sub(1).and_then(|before| vars.get(before));
    !begins_with_stem(before) && !begins_with_stem(vars.get(index + 1))
}

/// Returns the attachment that a variant belongs to: `REDIS` for `REDIS_TLS`, if there is a `REDIS_URL` of that kind.
fn main_stem<'n>(vars: &ConfigVars, stem: &'n str, kind: Kind) -> &'n str {
    let mut main = stem;
    for stem in stems(stem).skip(1) {
        let is_same_kind = |suffix: &str| {
            let value = look_up_text(vars, &format!("{stem}{suffix}"));
            let scheme = value
                .and_then(|value| scheme_of(value.expose_secret()))
                .and_then(find_scheme);
            scheme.is_some_and(|scheme| scheme.kind == kind)
        };
        if URL_SUFFIXES.iter().any(|suffix| is_same_kind(suffix)) {
            main = stem;
        }
    }
    main
}

/// Returns whether a config var contains a URL, or has the name of a URL or of a part of one.
fn may_be_resource(var: &Var) -> bool {
    let name = &*var.name;
    let is_named = || {
        let has_one_of = |endings| before_ending(name, endings).is_some();
        // Most names end in other letters, which one look tells.
        let last = || name.as_bytes().last_chunk::<2>();
        let may_be_host = || last().is_some_and(|last| HOST_LETTERS.contains(last));
        url_stem(name).is_some() || may_be_host() && (has_one_of(LIST_ENDINGS) || has_one_of(HOST))
    };
    let value = var.value.secret().map_or("", |value| value.expose_secret());
    holds_url(value) || is_named()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_hosts_are_found_by_their_last_letters() {
        for ending in HOST.iter().chain(LIST_ENDINGS) {
            let last = ending.as_bytes().last_chunk::<2>().unwrap();
            assert!(HOST_LETTERS.contains(last), "{ending}");
        }
    }
}
