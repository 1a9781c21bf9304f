//! One entry of the list of hosts, split: user information, name, and port.

use super::byte_classes::ByteClasses;
use super::raw_url::{RawUrl, UserInfo};
use super::span::{Span, span};
use crate::error::{Component, Error, Fault};
use crate::scheme;
use crate::secret::split_at_scheme;
use crate::text::{has_any_character, is_number};

/// One entry of the list of hosts.
#[derive(Clone, Copy, Debug)]
pub(super) struct HostPart {
    pub(super) user_info: Option<UserInfo>,
    /// The name without brackets.
    pub(super) name: Span,
    /// Not set for a bracketed (IPv6) host.
    pub(super) in_name: ByteClasses,
    pub(super) bracketed: bool,
    pub(super) port: Option<Span>,
}

/// Returns the entries of the list of hosts.
pub(super) fn host_items(raw: &RawUrl<'_>) -> impl Iterator<Item = Span> {
    let RawUrl { text, .. } = *raw;
    let mut rest = Some(raw.parts.hosts());
    std::iter::from_fn(move || {
        let (item, after) = rest?.split_once(text, b',');
        rest = after;
        Some(item)
    })
}

/// Splits one entry of the list, or the only host.
#[inline]
pub(super) fn split_host(raw: &RawUrl<'_>, item: Span) -> Result<HostPart, Error> {
    let RawUrl {
        text,
        rules,
        ref parts,
        ..
    } = *raw;
    let at_host = |fault| Err(Error::at(Component::Host, fault));
    let item = match rules.scheme_per_host {
        true => without_scheme(text, item)?,
        false => item,
    };
    let at = match parts.has_credentials_per_host() {
        true => item.of(text).rfind('@'),
        false => None,
    };
    let (user_info, item) = match at {
        Some(at) => {
            let (user_info, item) = item.split_at(item.start + at);
            let user_info = UserInfo::split(text, user_info);
            user_info.check(raw, parts.in_hosts)?;
            (Some(user_info), item)
        }
        None => (None, item),
    };
    if !rules.has_host_rules() {
        return Ok(host_without_rules(text, item));
    }
    let mut in_name = ByteClasses::default();
    let bracketed = item.bytes(text).starts_with(b"[");
    let (name, port) = if bracketed {
        let (name, rest) = span(item.start + 1, item.end).split_once(text, b']');
        match rest.map(|rest| (rest, rest.bytes(text))) {
            Some((_, [])) => (name, None),
            Some((rest, [b':', ..])) => (name, Some(span(rest.start + 1, rest.end))),
            Some(_) => return at_host(Fault::AfterBracket),
            None => return at_host(Fault::UnbalancedBracket),
        }
    } else if parts.in_hosts.has(ByteClasses::BRACKET) && has_any_character(item.of(text), "[]") {
        return at_host(Fault::UnbalancedBracket);
    } else {
        let (name, port) = match item.start == parts.hosts_start {
            true if item.end <= parts.port_colon => (item, None),
            true => {
                let (name, port) = item.split_at(parts.port_colon);
                (name, Some(port))
            }
            false => item.split_once(text, b':'),
        };
        if parts
            .in_hosts
            .has(ByteClasses::NOT_IN_HOSTS | ByteClasses::NOT_GRAPHIC)
        {
            in_name = ByteClasses::of(name.of(text));
        }
        if parts.in_hosts.has(ByteClasses::SECOND_COLON)
            && matches!(port, Some(port) if port.bytes(text).contains(&b':'))
            && item.of(text).parse::<std::net::Ipv6Addr>().is_ok()
        {
            return at_host(Fault::BareIpv6);
        }
        (name, port)
    };
    Ok(HostPart {
        user_info,
        name,
        in_name,
        bracketed,
        port,
    })
}

/// Splits a host of an unknown scheme. It may be a token, so it is only split if it looks like a host and a port.
fn host_without_rules(text: &str, item: Span) -> HostPart {
    let is_port = |port: Span| {
        let digits = port.of(text);
        is_number(digits) && matches!(digits.parse::<u16>(), Ok(1..))
    };
    let inner = span(item.start + 1, item.end).split_once(text, b']');
    let (name, port, bracketed) = match (inner, item.split_once(text, b':')) {
        ((address, Some(rest)), _)
            if item.bytes(text).starts_with(b"[")
                && address.of(text).parse::<std::net::Ipv6Addr>().is_ok() =>
        {
            let port = span(rest.start + 1, rest.end);
            match rest.bytes(text) {
                [] => (address, None, true),
                [b':', ..] if is_port(port) => (address, Some(port), true),
                _ => (item, None, false),
            }
        }
        (_, (name, Some(port))) if !name.is_empty() && is_port(port) => (name, Some(port), false),
        _ => (item, None, false),
    };
    HostPart {
        user_info: None,
        name,
        in_name: ByteClasses::of(name.of(text)),
        bracketed,
        port,
    }
}

/// Removes the scheme before a host. It must be of the same kind as the URL's scheme, and agree about TLS.
fn without_scheme(text: &str, item: Span) -> Result<Span, Error> {
    let Some((scheme, host)) = split_at_scheme(item.of(text)) else {
        return Ok(item);
    };
    let (first, _) = split_at_scheme(text).unwrap_or_default();
    match (scheme::find_scheme(first), scheme::find_scheme(scheme)) {
        (Some(first), Some(own)) if first.kind == own.kind && first.tls == own.tls => {
            Ok(span(item.end - host.len(), item.end))
        }
        _ => Err(Error::at(Component::Host, Fault::SchemeInList)),
    }
}
