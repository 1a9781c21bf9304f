//! Properties of a config var's value that are needed before it is parsed as a URL.

use super::tables::NO_RESOURCE_SCHEMES;
use crate::error::Fault;
use crate::placeholder;
use crate::scheme::{Scheme, find_scheme};
use crate::secret::{find, split_at_scheme};
use crate::text::{CharacterSet, before_ending, is_listed, is_number, read_switch};

/// Returns the text before `://`, without quotes and blanks before it, which are faults.
pub(super) fn scheme_of(value: &str) -> Option<&str> {
    const LONGEST: usize = 32;
    let is_before: CharacterSet = |first| first.is_whitespace() || "\"'`“”„‘’«\u{FEFF}".contains(first);
    let value = value.trim_start_matches(is_before);
    let start = if is_jdbc(value) { "jdbc:".len() } else { 0 };
    let longest = value.len().min(start + LONGEST);
    let end = find(&value.as_bytes()[..longest], start, b':');
    if end == longest {
        return None;
    }
    // `sqlite:shop.db`: a file needs no `//`.
    let is_file = || matches!(find_scheme(&value[..end]), Some(scheme) if scheme.kind.rules().file);
    (value[end..].starts_with("://") || is_file()).then_some(&value[..end])
}

/// Returns whether PEM text is a private key; `None` if the text is not PEM.
pub(super) fn is_private_key(text: &str) -> Option<bool> {
    let label = text.strip_prefix("-----BEGIN ")?;
    let (label, _) = label.split_once("-----").unwrap_or((label, ""));
    Some(label.ends_with("PRIVATE KEY"))
}

pub(super) fn is_jdbc(text: &str) -> bool {
    matches!(text.get(..5), Some(start) if start.eq_ignore_ascii_case("jdbc:"))
}

/// A host, and the scheme that stands before it by way of saying how to connect.
pub(super) fn split_scheme(host: &str) -> (Option<&str>, &str) {
    match split_at_scheme(host) {
        Some((scheme, host)) => (Some(scheme), host.strip_suffix('/').unwrap_or(host)),
        None => (None, host),
    }
}

/// Whether a value is a host with a scheme before it, and no URL that has its credentials, or the path of a socket, in it.
pub(super) fn is_schemed_host(value: &str) -> bool {
    let (scheme, host) = split_scheme(value);
    let is_of_url = |scheme: &Scheme| scheme.is_jdbc() || scheme.path_is_socket;
    !host.contains('@') && !scheme.and_then(find_scheme).is_some_and(is_of_url)
}

pub(super) fn is_tls_scheme(scheme: &str) -> bool {
    matches!(find_scheme(scheme), Some(scheme) if scheme.tls.is_required())
}

/// `user:password@host`, and not `git@host:path` or an e-mail address.
pub(super) fn has_credentials(value: &str) -> bool {
    matches!(value.split_once('@'), Some((user_info, _)) if user_info.contains(':'))
}

/// `tcp://user:password@host`
pub(super) fn has_login(url: &str) -> bool {
    matches!(split_at_scheme(url), Some((_, rest)) if has_credentials(rest))
}

pub(super) fn is_reference(value: &str) -> bool {
    value.starts_with('$') || placeholder::in_credential(value) == Some(Fault::Reference)
}

/// `mailto:` and the like have no `//`.
pub(super) fn has_no_resource_scheme(value: &str) -> bool {
    matches!(value.split_once(':'), Some((scheme, _)) if is_listed(NO_RESOURCE_SCHEMES, scheme))
}

pub(super) fn is_yes(value: &str) -> bool {
    read_switch(value) == Some(true) || value.eq_ignore_ascii_case("enabled")
}

pub(super) fn is_no(value: &str) -> bool {
    read_switch(value) == Some(false)
}

/// Returns the port of the last host: `5432` of `db.example:5432`. An IPv6 address without brackets has none.
pub(super) fn port_after_host(hosts: &str) -> Option<&str> {
    let (_, last) = hosts.rsplit_once(',').unwrap_or(("", hosts));
    let (host, port) = last.rsplit_once(':')?;
    (!host.contains(':') || host.ends_with(']')).then_some(port)
}

/// Returns a scheme without the `://` that may end it.
pub(super) fn scheme_alone(value: &str) -> &str {
    before_ending(value, &["://", ":"]).unwrap_or(value)
}

/// Returns the number of a port, also from the form that Kubernetes sets for a service: `tcp://10.0.0.1:6379`.
pub(super) fn port_number(value: &str) -> Option<&str> {
    let number = match split_at_scheme(value) {
        None => value,
        Some((scheme, address)) => {
            let (host, port) = address.rsplit_once(':')?;
            let host = host.trim_start_matches('[').trim_end_matches(']');
            if scheme != "tcp" || host.parse::<std::net::IpAddr>().is_err() {
                return None;
            }
            port
        }
    };
    is_number(number).then_some(number)
}
