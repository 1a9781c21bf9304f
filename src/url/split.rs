//! The splitter: where the parts of a resource URL begin and end.
//!
//! It reads `scheme://userinfo@host[:port][,host[:port]…][/path][?query][#fragment]`, allocates nothing, decodes
//! nothing and loses nothing: every part is a byte range of the text, and an absent part (`None`) differs from
//! an empty one. It looks at each byte a fixed number of times.
//!
//! A raw `/`, `?` or `#` in a password moves the authority's end, and so turns pieces of the password into "host",
//! "port" and "path". The sign is an `@` after the authority; it is looked for before anything else is believed.

use crate::error::{Component, Error, Fault, Raw};
use crate::kind::{self, Kind, Rules};
use std::ops::Range;

/// A byte range of the text. (`Range` is not `Copy`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    pub(crate) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    pub(crate) fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// Splits at the byte `at`, which belongs to neither half.
    fn split_at(self, at: usize) -> (Self, Self) {
        (span(self.start, at), span(at + 1, self.end))
    }

    /// Splits at the first `byte`, if there is one.
    fn split_once(self, text: &str, byte: u8) -> (Self, Option<Self>) {
        match self.of(text).bytes().position(|b| b == byte) {
            Some(at) => {
                let (before, after) = self.split_at(self.start + at);
                (before, Some(after))
            }
            None => (self, None),
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}

/// Which sorts of bytes a text holds anywhere. What would look for one that is not there at all need not look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sorts(u8);

impl Sorts {
    /// Whatever is no letter, digit or punctuation of ASCII.
    pub(crate) const NOT_GRAPHIC: u8 = 1;
    pub(crate) const PERCENT: u8 = 1 << 1;
    const BRACKET: u8 = 1 << 2;
    const BACKSLASH: u8 = 1 << 3;
    /// What a stand-in for a value is made of: `${…}`, `<…>`, `***`.
    const STAND_IN: u8 = 1 << 4;
    pub(crate) const COMMA: u8 = 1 << 5;

    const OF_BYTES: [u8; 256] = {
        let mut sorts = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            sorts[byte] = match byte as u8 {
                b'%' => Self::PERCENT,
                b'[' | b']' => Self::BRACKET,
                b'\\' => Self::BACKSLASH,
                b'$' | b'<' | b'*' => Self::STAND_IN,
                b',' => Self::COMMA,
                byte if !byte.is_ascii_graphic() => Self::NOT_GRAPHIC,
                _ => 0,
            };
            byte += 1;
        }
        sorts
    };

    pub(crate) fn of(text: &str) -> Self {
        let sort = |byte: u8| Self::OF_BYTES[usize::from(byte)];
        Self(text.bytes().fold(0, |sorts, byte| sorts | sort(byte)))
    }

    /// Whether there is any of these sorts.
    pub(crate) fn has(self, sorts: u8) -> bool {
        self.0 & sorts != 0
    }
}

/// A resource URL, split.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    pub(crate) scheme: Span,
    pub(crate) authority: Span,
    /// The user information that stands once for all hosts.
    pub(crate) user_info: Option<UserInfo>,
    pub(crate) hosts: Span,
    /// Whether each host stands behind user information of its own.
    pub(crate) credentials_per_host: bool,
    /// With its first `/`.
    pub(crate) path: Option<Span>,
    pub(crate) query: Option<Span>,
    pub(crate) fragment: Option<Span>,
    /// Whether an `@` stands after the authority, where this kind of URL allows it.
    pub(crate) at_beyond: bool,
    /// Of the whole text.
    pub(crate) sorts: Sorts,
}

impl Parts {
    /// Whether what was read as hosts may in truth be a piece of a password. Such hosts are not shown.
    pub(crate) fn hosts_in_doubt(&self) -> bool {
        self.at_beyond || self.credentials_per_host
    }

    /// The error to report for a host that cannot be read: with an `@` after it, it was none.
    pub(crate) fn explain(&self, text: &str, error: Error) -> Error {
        if self.at_beyond {
            misplaced_at(text, self)
        } else {
            error
        }
    }
}

/// What stands before an `@`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UserInfo {
    pub(crate) username: Span,
    pub(crate) password: Option<Span>,
}

/// One entry of the list of hosts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostPart {
    pub(crate) user_info: Option<UserInfo>,
    /// Without brackets.
    pub(crate) name: Span,
    pub(crate) bracketed: bool,
    pub(crate) port: Option<Span>,
}

/// The scheme of a value and where the rest begins.
pub(crate) fn scheme(text: &str, expected: &'static str) -> Result<(Span, usize), Error> {
    let at_value = |fault| Error::at(Component::Value, fault);
    // A JDBC URL is another URL behind a prefix.
    let prefix = if text
        .get(..JDBC.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(JDBC))
    {
        JDBC.len()
    } else {
        0
    };
    // A text without a `:` is searched to its end, and all of it may be secret.
    let colon = text[prefix..].bytes().position(|byte| byte == b':');
    let Some(colon) = colon.map(|at| prefix + at) else {
        return Err(at_value(Fault::MissingScheme(expected)));
    };
    let scheme = span(0, colon);
    let name = &text[prefix..colon];
    if !text[colon..].starts_with("://") {
        return Err(at_value(match kind::find_scheme(name) {
            Some(known) => Fault::SchemeWithoutSlashes(known.spelling),
            None => Fault::MissingScheme(expected),
        }));
    }
    if is_scheme(name) {
        Ok((scheme, colon + "://".len()))
    } else if name.is_empty() || name.contains(['@', '/']) {
        Err(at_value(Fault::MissingScheme(expected)))
    } else {
        Err(at_value(Fault::NotAScheme))
    }
}

const JDBC: &str = "jdbc:";

/// RFC 3986, section 3.1.
fn is_scheme(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Splits what follows `scheme://`. `may_hold_at` tells the names of options in whose values an `@` may stand as
/// it is.
pub(crate) fn split(
    text: &str,
    scheme: Span,
    start: usize,
    rules: &Rules,
    may_hold_at: fn(&str) -> bool,
    sorts: Sorts,
) -> Result<Parts, Error> {
    let bytes = text.as_bytes();
    let end = authority_end(bytes, start, rules);
    let authority = span(start, end);
    let path_end = end_of(bytes, end, b"?#");
    let path = (bytes.get(end) == Some(&b'/')).then_some(span(end, path_end));
    let query_end = end_of(bytes, path_end, b"#");
    let query = (bytes.get(path_end) == Some(&b'?')).then(|| span(path_end + 1, query_end));
    let fragment = (bytes.get(query_end) == Some(&b'#')).then(|| span(query_end + 1, text.len()));

    let at_beyond = bytes[end..].contains(&b'@');
    let at_allowed = || match path {
        _ if fragment.is_some_and(|fragment| fragment.of(text).contains('@')) => false,
        Some(path) if rules.datastore && path.of(text).contains('@') => false,
        Some(_) if !rules.datastore => true,
        _ => query.is_some_and(|query| every_at_is_in(text, query, may_hold_at)),
    };
    let parts = Parts {
        scheme,
        authority,
        user_info: None,
        hosts: authority,
        credentials_per_host: false,
        path,
        query,
        fragment,
        at_beyond,
        sorts,
    };
    if at_beyond && !at_allowed() {
        return Err(misplaced_at(text, &parts));
    }
    let parts = split_authority(text, authority, rules, parts)?;
    if let Some(user_info) = parts.user_info {
        user_info.check(text, rules, sorts)?;
    }
    if rules.datastore {
        check_no_fragment(&parts)?;
    }
    Ok(parts)
}

/// Sets user information apart from hosts. The last `@` ends it, as the drivers of most kinds read it. For MongoDB,
/// more than one is refused when the user information is checked; PostgreSQL's drivers are handed `%40`.
fn split_authority(text: &str, authority: Span, rules: &Rules, parts: Parts) -> Result<Parts, Error> {
    let Some(at) = authority.of(text).bytes().rposition(|byte| byte == b'@') else {
        return Ok(parts);
    };
    let has_commas = parts.sorts.has(Sorts::COMMA);
    if rules.credentials_per_host && has_commas && authority.of(text)[..at].contains(',') {
        if !each_host_has_credentials(authority.of(text)) {
            return Err(Error::at(Component::Host, Fault::MixedCredentials));
        }
        return Ok(Parts {
            credentials_per_host: true,
            ..parts
        });
    }
    let (user_info, hosts) = authority.split_at(authority.start + at);
    Ok(Parts {
        user_info: Some(UserInfo::split(text, user_info)),
        hosts,
        ..parts
    })
}

/// `user:password@host,user:password@host`, as memjs documents it for lists of memcached servers.
fn each_host_has_credentials(authority: &str) -> bool {
    let has_credentials = |item: &str| {
        let mut pieces = item.split('@');
        pieces.next().is_some_and(|user_info| user_info.contains(':'))
            && pieces.next().is_some()
            && pieces.next().is_none()
    };
    authority.contains(',') && authority.split(',').all(has_credentials)
}

/// Where the first of `stops` is, from `start` on; else the end.
fn end_of(bytes: &[u8], start: usize, stops: &[u8]) -> usize {
    let mut at = start;
    while at < bytes.len() && !stops.contains(&bytes[at]) {
        at += 1;
    }
    at
}

/// Where the hosts end. In a list whose hosts each have a scheme, the `//` of the next scheme is not the end.
fn authority_end(bytes: &[u8], start: usize, rules: &Rules) -> usize {
    const ENDS: &[u8] = b"/?#";
    let mut end = end_of(bytes, start, ENDS);
    if rules.scheme_per_host {
        let comma = end_of(bytes, start, b",");
        while comma < end && bytes[..end].ends_with(b":") && bytes[end..].starts_with(b"//") {
            end = end_of(bytes, end + "//".len(), ENDS);
        }
    }
    end
}

fn every_at_is_in(text: &str, query: Span, may_hold_at: fn(&str) -> bool) -> bool {
    query
        .of(text)
        .split('&')
        .filter(|option| option.contains('@'))
        .all(|option| option.split_once('=').is_some_and(|(name, _)| may_hold_at(name)))
}

/// The error for an `@` that comes too late. In the value of an option it may be meant; elsewhere the character that
/// ended the authority belongs to the user information.
fn misplaced_at(text: &str, parts: &Parts) -> Error {
    let in_path = parts.path.is_some_and(|path| path.of(text).contains('@'));
    let in_option = parts
        .query
        .is_some_and(|query| every_at_is_in(text, query, |_| true));
    if parts.path.is_some() && !in_path && in_option {
        return Error::at(Component::Query, Fault::Unencoded(Raw::At));
    }
    let raw = match text.as_bytes()[parts.authority.end] {
        b'/' => Raw::Slash,
        b'?' => Raw::QuestionMark,
        _ => Raw::Hash,
    };
    let component = match parts.authority.of(text).contains(':') {
        true => Component::Password,
        false => Component::Username,
    };
    Error::at(component, Fault::Unencoded(raw))
}

/// No datastore's URL has a fragment. Drivers drop what stands there, which is the end of a password or of an
/// option more often than not.
fn check_no_fragment(parts: &Parts) -> Result<(), Error> {
    if parts.fragment.is_none() {
        return Ok(());
    }
    let component = match (parts.query, parts.path) {
        (Some(_), _) => Component::Query,
        (None, Some(_)) => Component::Database,
        (None, None) => Component::Host,
    };
    Err(Error::at(component, Fault::Unencoded(Raw::Hash)))
}

impl UserInfo {
    fn split(text: &str, whole: Span) -> Self {
        let (username, password) = whole.split_once(text, b':');
        Self { username, password }
    }

    fn check(self, text: &str, rules: &Rules, sorts: Sorts) -> Result<(), Error> {
        let is_plain = !sorts.has(Sorts::NOT_GRAPHIC | Sorts::BRACKET | Sorts::BACKSLASH | Sorts::STAND_IN);
        if is_plain && !rules.strict_user_info {
            return Ok(());
        }
        check_user_info(text, self.username, Component::Username, rules)?;
        match self.password {
            Some(password) => check_user_info(text, password, Component::Password, rules),
            None => Ok(()),
        }
    }
}

fn check_user_info(text: &str, part: Span, component: Component, rules: &Rules) -> Result<(), Error> {
    let part = part.of(text);
    check_plain(part, component)?;
    if let Some(fault) = stand_in(part) {
        return Err(Error::at(component, fault));
    }
    for byte in part.bytes() {
        let raw = match byte {
            b'[' => Raw::OpenBracket,
            b']' => Raw::CloseBracket,
            b'@' if rules.strict_user_info => Raw::At,
            b':' if rules.strict_user_info => Raw::Colon,
            // Of the schemes that it knows, the URL Standard reads `\` as `/`.
            b'\\' if matches!(rules.kind, Kind::Http | Kind::WebSocket | Kind::Ftp) => Raw::Backslash,
            _ => continue,
        };
        return Err(Error::at(component, Fault::Unencoded(raw)));
    }
    Ok(())
}

/// What stands where a credential should, until somebody fills it in.
fn stand_in(part: &str) -> Option<Fault> {
    if part.contains('…') {
        Some(Fault::Shortened)
    } else if part.starts_with("${") && part.ends_with('}') {
        Some(Fault::Reference)
    } else if part.starts_with('<') && part.ends_with('>')
        || part.len() > 2 && part.bytes().all(|byte| byte == b'*')
    {
        Some(Fault::Placeholder)
    } else {
        None
    }
}

/// Refuses what no part of a URL may hold as it is: spaces, control characters, and characters that nobody sees.
pub(crate) fn check_plain(part: &str, component: Component) -> Result<(), Error> {
    let suspect = |byte: u8| !byte.is_ascii_graphic();
    if !part.bytes().any(suspect) {
        return Ok(());
    }
    match part.chars().find_map(raw_blank) {
        Some(raw) => Err(Error::at(component, Fault::Unencoded(raw))),
        None => Ok(()),
    }
}

fn raw_blank(character: char) -> Option<Raw> {
    Some(match character {
        ' ' => Raw::Space,
        '\t' => Raw::Tab,
        '\n' => Raw::LineFeed,
        '\r' => Raw::CarriageReturn,
        '\0' => Raw::Nul,
        _ if character.is_control() => Raw::Control,
        _ if is_invisible(character) => Raw::Invisible,
        _ => return None,
    })
}

/// What nobody means to write: blanks, control characters, and characters of no width.
pub(crate) fn is_blank(character: char) -> bool {
    character.is_control() || is_invisible(character)
}

/// Blanks beyond ASCII and characters of no width: what comes along when a value is copied from a page.
pub(crate) fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        )
}

/// The entries of the list of hosts. One that is split wrongly (`[::1`) is an error of its own.
pub(crate) fn hosts<'t>(
    text: &'t str,
    parts: &Parts,
    rules: &'t Rules,
) -> impl Iterator<Item = Result<HostPart, Error>> + use<'t> {
    let Span { mut start, end } = parts.hosts;
    let Parts {
        credentials_per_host,
        sorts,
        ..
    } = *parts;
    let mut done = false;
    std::iter::from_fn(move || {
        if done {
            return None;
        }
        let item_end = end_of(&text.as_bytes()[..end], start, b",");
        let item = span(start, item_end);
        done = item_end == end;
        start = item_end + 1;
        Some(host(text, item, credentials_per_host, rules, sorts))
    })
}

fn host(
    text: &str,
    item: Span,
    credentials_per_host: bool,
    rules: &Rules,
    sorts: Sorts,
) -> Result<HostPart, Error> {
    let at = match credentials_per_host {
        true => item.of(text).rfind('@'),
        false => None,
    };
    let (user_info, item) = match at {
        Some(at) => {
            let (user_info, item) = item.split_at(item.start + at);
            let user_info = UserInfo::split(text, user_info);
            user_info.check(text, rules, sorts)?;
            (Some(user_info), item)
        }
        None => (None, item),
    };
    let item = if rules.scheme_per_host {
        without_scheme(text, item)?
    } else {
        item
    };
    let (name, bracketed, port) = if item.of(text).starts_with('[') {
        let (name, rest) = span(item.start + 1, item.end).split_once(text, b']');
        let rest = rest.ok_or_else(|| Error::at(Component::Host, Fault::UnbalancedBracket))?;
        match rest.of(text).as_bytes() {
            [] => (name, true, None),
            [b':', ..] => (name, true, Some(span(rest.start + 1, rest.end))),
            _ => return Err(Error::at(Component::Host, Fault::AfterBracket)),
        }
    } else if sorts.has(Sorts::BRACKET) && item.of(text).contains(['[', ']']) {
        return Err(Error::at(Component::Host, Fault::UnbalancedBracket));
    } else {
        let (name, port) = item.split_once(text, b':');
        let has_two_colons = port.is_some_and(|port| port.of(text).contains(':'));
        if has_two_colons && item.of(text).parse::<std::net::Ipv6Addr>().is_ok() {
            return Err(Error::at(Component::Host, Fault::BareIpv6));
        }
        (name, false, port)
    };
    Ok(HostPart {
        user_info,
        name,
        bracketed,
        port,
    })
}

/// What follows a host's own scheme, which must be one of the same kind, and alike in TLS.
fn without_scheme(text: &str, item: Span) -> Result<Span, Error> {
    let Some((scheme, host)) = item.of(text).split_once("://") else {
        return Ok(item);
    };
    let first = text.split("://").next().and_then(kind::find_scheme);
    let is_alike = |first: &kind::Scheme, own: &kind::Scheme| first.kind == own.kind && first.tls == own.tls;
    match first.zip(kind::find_scheme(scheme)) {
        Some((first, own)) if is_alike(first, own) => Ok(span(item.end - host.len(), item.end)),
        _ => Err(Error::at(Component::Host, Fault::SchemeInList)),
    }
}
