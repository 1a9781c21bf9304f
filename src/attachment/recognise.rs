//! Recognises the config vars that are resources.

use super::names::{is_addon_name, shortest_stem, stems, url_stem};
use super::shape::{Beside, Shape, find_shape, has_url, other_stem};
use super::tables::{FOREIGN_SYNTAX, HOST, HOST_LETTERS, LIST_ENDINGS, NO_RESOURCE_SCHEMES, glued_kind};
use super::values::{has_credentials, has_login, has_no_resource_scheme, is_jdbc, is_reference, scheme_of};
use crate::kind::Kind;
use crate::scheme::{find_scheme, kind_of};
use crate::secret::{self, holds_url};
use crate::snapshot::{ConfigVars, Var};
use crate::text::{before_ending, is_listed};
use crate::url::is_in_other_form;
use secrecy::ExposeSecret;

/// A config var that is a resource, or was intended to be one.
pub(super) struct Recognised<'v> {
    /// The name of the attachment.
    pub(super) attachment: &'v str,
    /// Determined by the scheme or the name alone, so that a URL with a fault has a kind as well.
    pub(super) kind: Kind,
    pub(super) shape: Shape<'v>,
}

/// Returns how a config var is a resource, if it is one or was intended to be one.
///
/// `has_shared_tls` says whether there may be config vars for the TLS of all URLs of a kind.
///
/// Inlined, because it is asked of every config var (discovery is 1 % faster, measured in instructions).
#[inline]
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
    let Some(value) = var.value.secret() else {
        return match stem {
            Some(attachment) if is_addon_name(name, attachment) => Some(Recognised {
                attachment,
                kind: Kind::Other,
                shape: Shape::Url,
            }),
            _ => None,
        };
    };
    let value = value.expose_secret();
    if value.is_empty() {
        return None;
    }
    let named = stem.or_else(|| other_stem(name));
    let beside = Beside {
        own: !matches!(named, Some(stem) if is_alone(vars, index, shortest_stem(stem))),
        shared: has_shared_tls,
    };
    let scheme = scheme_of(value);
    let kind = kind_of(scheme.and_then(find_scheme));
    let shape = find_shape(vars, name, value, kind, beside);
    match shape {
        // If there is a URL as well, the parts repeat it.
        Shape::Host(parts) if has_url(vars, parts.stem, &|_| true) => return None,
        Shape::Servers(parts) | Shape::Host(parts) => {
            return Some(Recognised {
                attachment: parts.stem,
                kind: parts.kind,
                shape,
            });
        }
        Shape::Url | Shape::UrlBeside(_) => {}
    }
    // Mail servers have credentials as datastores do, and are no pages of the app: Auth.js's `EMAIL_SERVER`.
    let has_any_name = kind.rules().datastore || kind == Kind::Smtp;
    let is_meant = || match scheme {
        // A JDBC URL of an unknown kind has its own syntax.
        Some(scheme) if kind == Kind::Other && is_jdbc(scheme) => false,
        // `tcp://app:pw@mq.example` is no address of Kubernetes's.
        Some(scheme) => !is_listed(NO_RESOURCE_SCHEMES, scheme) || has_login(value),
        None => {
            is_reference(value)
                || has_credentials(value) && !has_no_resource_scheme(value) && !is_jdbc(value)
                || is_in_other_form(value)
        }
    };
    let is_named = || matches!(stem, Some(stem) if is_addon_name(name, stem));
    let is_resource = has_any_name || is_meant() && is_named();
    is_resource.then(|| Recognised {
        attachment: match named {
            Some(stem) => main_stem(vars, stem, kind),
            None => name,
        },
        kind,
        shape,
    })
}

/// Returns whether no other config var begins with the stem of a name and a `_`. If there is one, one is beside it, because
/// they are sorted.
fn is_alone(vars: &ConfigVars, index: usize, stem: &str) -> bool {
    let is_glued = glued_kind(stem).is_some();
    let begins_with_stem = |var: &Var| match var.name.strip_prefix(stem) {
        Some(rest) => is_glued || rest.starts_with('_'),
        None => false,
    };
    let vars = vars.as_slice();
    let is_after_one = index > 0 && begins_with_stem(&vars[index - 1]);
    !is_after_one && !matches!(vars.get(index + 1), Some(next) if begins_with_stem(next))
}

/// Returns the attachment that a variant belongs to: `REDIS` for `REDIS_TLS`, if there is a `REDIS_URL` of that kind.
fn main_stem<'n>(vars: &ConfigVars, stem: &'n str, kind: Kind) -> &'n str {
    let is_of_kind = |scheme: &str| matches!(find_scheme(scheme), Some(scheme) if scheme.kind == kind);
    let mut stems = stems(stem);
    let mut main = stems.next().unwrap_or(stem);
    for shorter in stems {
        if has_url(vars, shorter, &is_of_kind) {
            main = shorter;
        }
    }
    main
}

/// Returns whether a config var contains a URL, or has the name of a URL or of a part of one.
fn may_be_resource(var: &Var) -> bool {
    let name = &*var.name;
    let has_url = match var.value.secret() {
        Some(value) => holds_url(value.expose_secret()),
        None => false,
    };
    if has_url || url_stem(name).is_some() {
        return true;
    }
    // Most names end in other letters, which one look tells.
    match name.as_bytes().last_chunk::<2>() {
        Some(last) if HOST_LETTERS.contains(last) => {
            before_ending(name, LIST_ENDINGS).is_some() || before_ending(name, HOST).is_some()
        }
        _ => false,
    }
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
