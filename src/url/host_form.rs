//! [`HostForm`]: whether a host is a name, an address or a socket, and the rules of host names.

use super::byte_classes::ByteClasses;
use super::characters::is_blank;
use crate::error::{Component, Error, Fault};
use crate::scheme::Rules;
use crate::text::{has_any_character, has_doubled, is_all, is_each};
use std::net::Ipv4Addr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HostForm {
    Name,
    /// A name with letters beyond ASCII, or with labels that encode such letters. It is checked by the rules of IDNA, last: see `Host::check_idna`.
    InternationalName,
    Ipv4,
    Ipv6,
    Socket,
}

impl HostForm {
    /// Determines the form of a decoded host, by the rules of its kind.
    #[inline]
    pub(super) fn of(name: &str, classes: ByteClasses, rules: &Rules) -> Result<Self, Error> {
        let fault = if !rules.has_host_rules() {
            return Ok(match name {
                _ if name.parse::<Ipv4Addr>().is_ok() => Self::Ipv4,
                _ if name.contains('/') => Self::Socket,
                _ => Self::Name,
            });
        } else if name.is_empty() {
            Fault::EmptyHost
        } else if classes.has(ByteClasses::NOT_IN_NAME) && is_socket(name, rules) {
            if rules.sockets {
                return Ok(Self::Socket);
            }
            Fault::SocketHost { kind: rules.kind }
        } else if name.starts_with(|first: char| first.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_ok() {
            return Ok(Self::Ipv4);
        } else {
            match Self::of_name(name, classes, rules) {
                Ok(form) => return Ok(form),
                Err(fault) => fault,
            }
        };
        Err(Error::at(Component::Host, fault))
    }

    /// Checks a host name by RFC 1123, section 2.1, but allows `_`, which names of services in clusters contain.
    #[inline]
    fn of_name(name: &str, classes: ByteClasses, rules: &Rules) -> Result<Self, Fault> {
        if classes.has(ByteClasses::NOT_GRAPHIC) && name.contains(is_blank) {
            return Err(Fault::BlankInHost);
        } else if classes.has(ByteClasses::NOT_IN_NAME) {
            return Err(match name.contains('@') {
                true => Fault::AtInHost,
                false => Fault::HostCharacter,
            });
        }
        let labels = Labels::of(name.strip_suffix('.').unwrap_or(name));
        if labels.any_is_empty {
            Err(Fault::EmptyLabel)
        } else if name.len() > 253 || labels.any_is_long {
            Err(Fault::HostTooLong)
        } else if classes.has(ByteClasses::NOT_GRAPHIC) || labels.any_is_encoded {
            Ok(Self::InternationalName)
        } else if !rules.numeric_names && labels.last_is_number {
            // The URL Standard's rule: some drivers read `0x7f.1` as 127.0.0.1, and others do not. In MongoDB's
            // specification, `256.0.0.1` is a name.
            Err(Fault::NotIpv4)
        } else {
            Ok(Self::Name)
        }
    }
}

/// Properties of the labels of a name, which are the pieces between its dots.
#[derive(Default)]
struct Labels {
    any_is_empty: bool,
    any_is_long: bool,
    /// By IDNA, as `xn--…`.
    any_is_encoded: bool,
    last_is_number: bool,
}

impl Labels {
    const MAX_LENGTH: usize = 63;

    #[inline]
    fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let last = match bytes.iter().rposition(|byte| *byte == b'.') {
            Some(dot) => &bytes[dot + 1..],
            None => bytes,
        };
        let mut labels = Self {
            any_is_empty: matches!(bytes, [] | [b'.', ..]),
            last_is_number: is_number(last),
            ..Self::default()
        };
        // Most names have neither, so that most of their labels need not be looked at.
        let has_doubled = has_doubled(name, |byte| byte == b'.' || byte == b'-');
        if has_doubled || name.len() > Self::MAX_LENGTH {
            for label in name.split('.') {
                labels.any_is_empty |= label.is_empty();
                labels.any_is_long |= label.len() > Self::MAX_LENGTH;
                labels.any_is_encoded |=
                    matches!(label.as_bytes(), [b'x' | b'X', b'n' | b'N', b'-', b'-', ..]);
            }
        }
        labels
    }
}

/// Returns whether the name is the path of a socket, by its slashes. One after an `@` belongs to a password.
fn is_socket(name: &str, rules: &Rules) -> bool {
    name.starts_with('/') || rules.relative_sockets && name.contains('/') && !name.contains('@')
}

/// Returns whether options, and possibly a password, may be glued to the path of a socket, or precede it.
pub(super) fn may_be_more_than_socket(path: &str, form: HostForm) -> bool {
    form == HostForm::Socket && has_any_character(path, ";&=?#@")
}

/// Returns whether the host of an unknown scheme cannot be a token: an address, `localhost`, or a name with a dot. Tokens
/// contain dots as well (`eyJhbGciOi.eyJzdWIi.sig`), so each label must look like one of a host name.
pub(super) fn cannot_be_token(name: &str, form: HostForm) -> bool {
    /// Maximum length of a label, in bytes.
    const MAX_LABEL_LENGTH: usize = 24;
    let is_label: fn(&str) -> bool = |label| {
        let is_in_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=MAX_LABEL_LENGTH).contains(&label.len()) && is_all(label, is_in_label)
    };
    match form {
        HostForm::Ipv4 | HostForm::Ipv6 => true,
        HostForm::Socket => false,
        HostForm::Name | HostForm::InternationalName => {
            let (labels, last) = name.rsplit_once('.').unwrap_or(("", name));
            let is_last = last.len() > 1 && is_all(last, |byte| byte.is_ascii_lowercase());
            name == "localhost" || is_last && is_each(labels, '.', is_label)
        }
    }
}

/// Returns whether a name looks like a token or a password, without a user name before it: `postgres://aB3dE5fG7h`. Names of hosts
/// without a dot are short, or are not of mixed case.
pub(super) fn may_be_token(name: &str) -> bool {
    /// Minimum length of a name of mixed case with a digit, in bytes.
    const MIN_MIXED: usize = 8;
    /// Minimum length of any name with several digits, in bytes. That of a key as hexadecimal text.
    const MIN_LONG: usize = 32;
    const MIN_DIGITS: usize = 6;
    if name.len() < MIN_MIXED || name.contains('.') {
        return false;
    }
    let count = |is: fn(&u8) -> bool| name.bytes().filter(is).count();
    let digits = count(u8::is_ascii_digit);
    let is_mixed = digits > 0 && count(u8::is_ascii_uppercase) > 0 && count(u8::is_ascii_lowercase) > 0;
    is_mixed || name.len() >= MIN_LONG && digits >= MIN_DIGITS
}

/// Returns whether a label is a number, as the URL Standard reads those of addresses.
fn is_number(label: &[u8]) -> bool {
    match label {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}
