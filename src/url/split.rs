//! The splitter: where the parts of a resource URL begin and end.
//!
//! It reads `scheme://userinfo@host[:port][,host[:port]…][/path][?query][#fragment]`. It allocates nothing and decodes
//! nothing: every part is a byte range of the text, and an absent part (`None`) differs from an empty one. It reads each byte
//! a fixed number of times.
//!
//! A raw `/`, `?` or `#` in a password moves the end of the authority, and so turns pieces of the password into "host",
//! "port" and "path". An `@` after the authority reveals that; it is checked first.

use super::byte_classes::ByteClasses;
use super::raw_url::{RawUrl, UserInfo};
use super::span::{Span, span};
use crate::error::{Component, Error, Fault, Raw};
use crate::kind::Kind;
use crate::placeholder;
use crate::scheme::{self, Rules};
use crate::secret::{self, holds_url};
use crate::text::{has_any_character, is_all, is_each};

/// Splits the text after the scheme. `may_hold_at` returns whether the value of an option may contain an unencoded `@`.
#[inline]
pub(super) fn split(raw: &mut RawUrl<'_>, may_hold_at: fn(&str) -> bool) -> Result<(), Error> {
    read_authority(raw);
    read_beyond_authority(raw);
    if raw.parts.has_at_beyond() && !may_have_at_beyond(raw, may_hold_at) {
        return Err(misplaced_at(raw));
    }
    split_authority(raw)?;
    if let Some(user_info) = raw.parts.user_info() {
        user_info.check(raw, raw.parts.in_user_info)?;
    }
    if raw.rules.datastore {
        check_no_fragment(raw)?;
    }
    raw.parts.path_is_socket = is_socket_in_path(raw);
    Ok(())
}

/// Finds the authority and, within it, the hosts, which begin after the last `@`, as in the drivers of most kinds. For MongoDB,
/// a second `@` is refused when the user information is checked; drivers of PostgreSQL receive `%40`.
#[inline]
fn read_authority(raw: &mut RawUrl<'_>) {
    const ENDS: u16 = ByteClasses::COLON
        | ByteClasses::AT
        | ByteClasses::SLASH
        | ByteClasses::QUESTION_MARK
        | ByteClasses::HASH;
    let RawUrl { rules, .. } = *raw;
    let bytes = raw.text.as_bytes();
    let parts = &mut raw.parts;
    let has_authority = bytes[parts.scheme_end..].starts_with(b"://");
    let start = parts.scheme_end + if has_authority { "://".len() } else { ":".len() };
    let (mut in_user_info, mut in_hosts) = (ByteClasses::default(), ByteClasses::default());
    let (mut username_end, mut first_colon) = (None, None);
    let mut hosts_start = start;
    let mut end = start;
    // A file has no authority.
    loop {
        if rules.file {
            break;
        }
        end = in_hosts.scan_to(bytes, end, ENDS);
        match bytes.get(end) {
            Some(b':') => {
                match first_colon {
                    None => first_colon = Some(end),
                    Some(_) => in_hosts.add(ByteClasses::SECOND_COLON),
                }
                in_hosts.add(ByteClasses::COLON);
                end += 1;
            }
            Some(b'@') => {
                if hosts_start != start {
                    in_user_info.add(ByteClasses::AT);
                }
                in_user_info = in_user_info.and(std::mem::take(&mut in_hosts));
                username_end = username_end.or(first_colon.take());
                end += 1;
                hosts_start = end;
            }
            // The `//` of the next host's scheme is not the end.
            Some(b'/')
                if rules.scheme_per_host
                    && (in_user_info.has(ByteClasses::COMMA) || in_hosts.has(ByteClasses::COMMA))
                    && bytes[..end].ends_with(b":")
                    && bytes[end..].starts_with(b"//") =>
            {
                in_hosts.add(ByteClasses::SLASH);
                end += "//".len();
            }
            _ => break,
        }
    }
    parts.authority_start = start;
    parts.username_end = username_end.unwrap_or(hosts_start.saturating_sub(1).max(start));
    parts.hosts_start = hosts_start;
    parts.port_colon = first_colon.unwrap_or(end);
    parts.authority_end = end;
    parts.in_user_info = in_user_info;
    parts.in_hosts = in_hosts;
}

/// Finds the path, the query and the fragment.
#[inline]
fn read_beyond_authority(raw: &mut RawUrl<'_>) {
    const PATH_ENDS: u16 = ByteClasses::QUESTION_MARK | ByteClasses::HASH;
    let bytes = raw.text.as_bytes();
    let parts = &mut raw.parts;
    let end = parts.authority_end;
    parts.path_end = match bytes.get(end) {
        _ if raw.rules.file => parts.in_path.scan_to(bytes, end, PATH_ENDS),
        Some(b'/') => parts.in_path.scan_to(bytes, end + 1, PATH_ENDS),
        _ => end,
    };
    parts.end = bytes.len();
    parts.beyond_path = ByteClasses::of_bytes(&bytes[parts.path_end..]);
    parts.query_end = match parts.beyond_path.has(ByteClasses::HASH) {
        true => secret::find(bytes, parts.path_end, b'#'),
        false => parts.end,
    };
}

fn may_have_at_beyond(raw: &RawUrl<'_>, may_hold_at: fn(&str) -> bool) -> bool {
    let has_at = |part: Option<&str>| part.unwrap_or_default().contains('@');
    if has_at(raw.fragment()) || !raw.rules.may_have_at_in_path() && has_at(raw.path()) {
        return false;
    }
    if !raw.rules.datastore && raw.path().is_some() {
        return true;
    }
    let may_hold_at = |name: &str| match raw.scheme {
        _ if may_hold_at(name) => true,
        // URLs of JDBC and Redis may have their credentials there, and no `@` before their host.
        Some(scheme) if raw.parts.before_hosts().is_empty() => scheme.part_options().has(name),
        _ => false,
    };
    raw.parts.query().is_some() && every_at_is_in(raw, &may_hold_at)
}

/// Returns whether each `@` of the query is in the value of an option with such a name.
fn every_at_is_in(raw: &RawUrl<'_>, may_hold_at: &dyn Fn(&str) -> bool) -> bool {
    !raw.has_option(&|option| {
        let (name, value) = option.split();
        option.text().contains('@') && !(value.is_some() && may_hold_at(name))
    })
}

/// Separates the user name from the password, or assigns the user information to the hosts that it precedes.
#[inline]
fn split_authority(raw: &mut RawUrl<'_>) -> Result<(), Error> {
    let RawUrl { text, rules, .. } = *raw;
    let parts = &mut raw.parts;
    let Span { start, end } = parts.before_hosts();
    if start == end {
        return Ok(());
    }
    if parts.in_user_info.has(ByteClasses::AT) && parts.in_user_info.has(ByteClasses::COMMA) {
        check_no_repeated_credentials(rules, parts.authority().of(text))?;
    }
    let has_schemes = parts.in_user_info.has(ByteClasses::SLASH);
    if has_schemes || rules.credentials_per_host && parts.in_user_info.has(ByteClasses::COMMA) {
        // An entry without a scheme among others may be a piece of a password.
        for other in parts.authority().of(text).split(',').skip(1) {
            if has_schemes && !holds_url(other) {
                return Err(Error::at(Component::Host, Fault::SchemeInList));
            }
        }
        if !each_host_has_credentials(parts.authority().of(text), has_schemes) {
            return Err(Error::at(Component::Host, Fault::MixedCredentials));
        }
        parts.hosts_start = start;
        parts.username_end = start;
        parts.in_hosts = parts.in_hosts.and(parts.in_user_info);
        parts.in_hosts.add(ByteClasses::AT);
    }
    Ok(())
}

/// Refuses a list with credentials before each host, where the kind has them once, or has no lists. The first hosts would be
/// taken for a piece of the password, and sent to the last one.
#[cold]
fn check_no_repeated_credentials(rules: &Rules, authority: &str) -> Result<(), Error> {
    let may_repeat = rules.credentials_per_host || !rules.has_host_rules();
    if may_repeat || !each_host_has_credentials(authority, false) {
        return Ok(());
    }
    let fault = match rules.host_list {
        true => Fault::RepeatedCredentials,
        false => Fault::HostList(rules.kind),
    };
    Err(Error::at(Component::Host, fault))
}

/// Returns whether the list is `user:password@host,user:password@host`, as memjs documents it for lists of memcached servers.
/// With a scheme before each host, a token may precede the `@`.
fn each_host_has_credentials(authority: &str, has_schemes: bool) -> bool {
    for item in authority.split(',') {
        match item.split_once('@') {
            Some((_, host)) if host.contains('@') => return false,
            Some((user_info, _)) if has_schemes || user_info.contains(':') => {}
            _ => return false,
        }
    }
    authority.contains(',')
}

/// Returns whether the path replaces the host, as in `redis+unix:///run/redis.sock`.
fn is_socket_in_path(raw: &RawUrl<'_>) -> bool {
    (raw.rules.is_socket_in_path() || raw.socket_scheme().is_some())
        && raw.parts.hosts().is_empty()
        && raw.has_path()
}

/// Returns the error for a host that cannot be read. If an `@` follows it, it is not a host.
pub(super) fn explain_host(raw: &RawUrl<'_>, error: Error) -> Error {
    // The credentials before one host of a list have their own message.
    if matches!(error.component(), Some(Component::Username | Component::Password)) {
        return error;
    }
    if raw.parts.has_at_beyond() {
        return misplaced_at(raw);
    }
    let hosts = raw.hosts();
    if let Some(error) = stand_in_among_hosts(raw).or_else(|| extra_scheme(raw)) {
        return error;
    }
    let fault = if hosts.contains("tcp(") || hosts.contains("unix(") {
        Fault::GoAddress
    } else if raw.rules.sockets && hosts.starts_with('%') && hosts.matches(':').count() > 1 {
        // Cloud SQL's `%2Fcloudsql%2Fproject:region:instance`.
        Fault::Unencoded(Raw::Colon)
    } else if raw.rules.host_list && hosts.contains(';') && is_each(hosts, ';', may_be_host) {
        Fault::SemicolonsInHostList
    } else if raw.rules.host_list && hosts.contains(',') && hosts.contains(' ') {
        Fault::BlanksAtCommas
    } else {
        return error;
    };
    Error::at(Component::Host, fault)
}

/// Returns whether a text looks like a name, perhaps with a number as its port, rather than a piece of a password.
fn may_be_host(text: &str) -> bool {
    let (name, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let in_name = ByteClasses::of(name);
    let is_name = !name.is_empty() && !in_name.has(ByteClasses::NOT_IN_NAME | ByteClasses::NOT_GRAPHIC);
    is_name && is_all(port, |byte| byte.is_ascii_digit())
}

/// Returns the error for a host or a port that is a placeholder or a reference, if there is one.
pub(super) fn stand_in_among_hosts(raw: &RawUrl<'_>) -> Option<Error> {
    if !raw.rules.has_host_rules() {
        return None;
    }
    if !raw.parts.has_credentials_per_host() {
        return stand_in_of_host(raw.hosts());
    }
    for item in raw.hosts().split(',') {
        let (_, host) = item.rsplit_once('@').unwrap_or(("", item));
        if let Some(error) = stand_in_of_host(host) {
            return Some(error);
        }
    }
    None
}

fn stand_in_of_host(host: &str) -> Option<Error> {
    // Templates make these of a variable that is not set.
    let is_set = |part: &str| !matches!(part, "undefined" | "null" | "None" | "nil");
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let fault = match placeholder::within(host) {
        Some(fault) => fault,
        None if !is_set(name) || !is_each(port, ':', is_set) => Fault::Placeholder,
        None => return None,
    };
    let is_name = has_any_character(name, "${<[%(#*") || secret::holds(name, "__") || !is_set(name);
    let component = if is_name { Component::Host } else { Component::Port };
    Some(Error::at(component, fault))
}

/// Returns the error for an `@` after the authority. In the value of an option it may be intended; elsewhere, the character
/// that ended the authority belongs to the user information.
fn misplaced_at(raw: &RawUrl<'_>) -> Error {
    let RawUrl { text, ref parts, .. } = *raw;
    if raw.rules.file {
        return Error::at(Component::Database, Fault::Unencoded(Raw::At));
    }
    let has_path = raw.parts.path().is_some();
    let in_path = raw.path().unwrap_or_default().contains('@');
    let has_user_info = parts.authority_start < parts.hosts_start;
    // `postgres://h?password=p@w`; without a path, an option of another name may be a piece of a password.
    let may_be_any = has_path || has_user_info;
    let is_option = |name: &str| may_be_any || raw.rules.find_identifying_option(name).is_some();
    if !in_path && parts.query().is_some() && every_at_is_in(raw, &is_option) {
        return Error::at(Component::Query, Fault::Unencoded(Raw::At));
    }
    if parts.authority().is_empty() && has_path {
        return Error::at(Component::Value, Fault::ExtraSlash);
    }
    if let Some(error) = extra_scheme(raw) {
        return error;
    }
    // `#{password}` is a reference, and not a password with a `#`.
    let last_at = text.rfind('@').unwrap_or(text.len());
    let user_info = UserInfo::split(text, span(parts.authority_start, last_at));
    let check = |part: Span, component| match placeholder::in_credential(part.of(text)) {
        Some(fault) => Err(Error::at(component, fault)),
        None => Ok(()),
    };
    if let Err(error) = user_info.check_each(&check) {
        return error;
    }
    let character = match text.as_bytes()[parts.authority_end] {
        b'/' => Raw::Slash,
        b'?' => Raw::QuestionMark,
        _ => Raw::Hash,
    };
    let component = match parts.authority().of(text).contains(':') {
        true => Component::Password,
        false => Component::Username,
    };
    Error::at(component, Fault::Unencoded(character))
}

/// Returns the error for a second scheme, as of a URL that was pasted in place of a host. Otherwise, its `:` would be explained
/// as the start of a port or a password.
fn extra_scheme(raw: &RawUrl<'_>) -> Option<Error> {
    let name = raw.hosts().strip_suffix(':')?;
    // Some services put the transport before an address.
    let is_of_transport = matches!(name, "tcp" | "udp" | "tls" | "ssl" | "unix");
    let is_followed = raw.path()?.starts_with("//");
    if !is_followed || !is_of_transport && scheme::find_scheme(name).is_none() {
        return None;
    }
    Some(match raw.parts.before_hosts().is_empty() {
        true => Error::at(Component::Value, Fault::TwoSchemes),
        false => Error::at(Component::Host, Fault::SchemeBeforeHost),
    })
}

/// Refuses a fragment. Drivers of datastores ignore it, and it is more often the end of a password or of an option. One
/// fragment has a meaning: `rediss://…#insecure`, of the redis crate.
fn check_no_fragment(raw: &RawUrl<'_>) -> Result<(), Error> {
    let Some(fragment) = raw.fragment() else {
        return Ok(());
    };
    if raw.rules.kind == Kind::Redis && fragment == INSECURE {
        return match raw.scheme {
            Some(scheme) if scheme.tls.is_required() => Ok(()),
            _ => Err(Error::at(Component::Fragment, Fault::InsecureWithoutTls)),
        };
    }
    let component = match (raw.query(), raw.path()) {
        (Some(_), _) => Component::Query,
        (None, Some(_)) => Component::Database,
        (None, None) => Component::Host,
    };
    let is_reference = fragment.starts_with('{') && fragment.contains('}');
    let fault = match is_reference {
        true => Fault::Reference,
        false => Fault::Unencoded(Raw::Hash),
    };
    Err(Error::at(component, fault))
}

/// The fragment with which the redis crate does not verify certificates.
pub(super) const INSECURE: &str = "insecure";
