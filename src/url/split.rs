//! The splitter: where the parts of a resource URL begin and end.
//!
//! It reads `scheme://userinfo@host[:port][,host[:port]…][/path][?query][#fragment]`, allocates nothing, decodes
//! nothing and loses nothing: every part is a byte range of the text, and an absent part (`None`) differs from
//! an empty one. It looks at each byte a fixed number of times.
//!
//! A raw `/`, `?` or `#` in a password moves the authority's end, and so turns pieces of the password into "host",
//! "port" and "path". The sign is an `@` after the authority; it is looked for before anything else is believed.

use super::sorts::Sorts;
use crate::error::{Component, Error, Fault, Raw};
use crate::kind::Kind;
use crate::scheme::{self, Rules, Scheme};
use crate::{placeholder, secret};
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

    fn bytes(self, text: &str) -> &[u8] {
        &text.as_bytes()[self.start..self.end]
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
        match secret::find(&text.as_bytes()[..self.end], self.start, byte) {
            at if at < self.end => {
                let (before, after) = self.split_at(at);
                (before, Some(after))
            }
            _ => (self, None),
        }
    }
}

fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}

/// A resource URL, split: where each of its parts ends. A part that is absent ends where the one before it does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts {
    scheme_end: usize,
    authority_start: usize,
    /// What stands from here to the hosts is `:`, the password, and `@`.
    username_end: usize,
    hosts_start: usize,
    authority_end: usize,
    path_end: usize,
    query_end: usize,
    end: usize,
    pub(crate) in_user_info: Sorts,
    /// With an `@`, each host stands behind user information of its own; else the last `@` stands before the first host.
    pub(crate) in_hosts: Sorts,
    /// Without its first `/`.
    pub(crate) in_path: Sorts,
    pub(crate) beyond_path: Sorts,
    /// Whether the path is that of a socket, and stands for the host.
    pub(crate) path_is_socket: bool,
}

impl Parts {
    pub(crate) fn scheme(&self) -> Span {
        span(0, self.scheme_end)
    }

    fn authority(&self) -> Span {
        span(self.authority_start, self.authority_end)
    }

    /// What stands between the scheme and the authority: `://`, or `:` alone.
    pub(crate) fn beyond_scheme(&self) -> Span {
        span(self.scheme_end, self.authority_start)
    }

    /// The user information that stands once for all hosts, with its `@`; empty where there is none.
    pub(crate) fn before_hosts(&self) -> Span {
        span(self.authority().start, self.hosts_start)
    }

    pub(crate) fn user_info(&self) -> Option<UserInfo> {
        let Span { start, end } = self.before_hosts();
        let (username, at) = (span(start, self.username_end), end.checked_sub(1)?);
        (start < end).then(|| UserInfo {
            username,
            password: (username.end < at).then(|| span(username.end + 1, at)),
        })
    }

    pub(crate) fn hosts(&self) -> Span {
        span(self.hosts_start, self.authority_end)
    }

    /// With its first `/`.
    pub(crate) fn path(&self) -> Option<Span> {
        (self.authority_end < self.path_end).then(|| span(self.authority_end, self.path_end))
    }

    pub(crate) fn query(&self) -> Option<Span> {
        (self.path_end < self.query_end).then(|| span(self.path_end + 1, self.query_end))
    }

    pub(crate) fn fragment(&self) -> Option<Span> {
        (self.query_end < self.end).then(|| span(self.query_end + 1, self.end))
    }

    /// Whether each host stands behind user information of its own.
    pub(crate) fn has_credentials_per_host(&self) -> bool {
        self.in_hosts.has(Sorts::AT)
    }

    pub(crate) fn beyond_hosts(&self) -> Sorts {
        self.in_path.and(self.beyond_path)
    }

    /// Whether an `@` stands after the authority, where this kind of URL allows it.
    fn has_at_beyond(&self) -> bool {
        self.beyond_hosts().has(Sorts::AT)
    }

    /// Whether what was read as hosts may in truth be a piece of a password. Such hosts are not shown.
    pub(crate) fn hosts_in_doubt(&self) -> bool {
        self.has_at_beyond() || self.has_credentials_per_host() && !self.has_scheme_in_hosts()
    }

    /// Returns whether a scheme stands before one of the hosts.
    pub(crate) fn has_scheme_in_hosts(&self) -> bool {
        self.in_hosts.has(Sorts::SLASH)
    }

    /// The error to report for a host that cannot be read: with an `@` after it, it was none.
    pub(crate) fn explain(&self, text: &str, rules: &Rules, error: Error) -> Error {
        if self.has_at_beyond() {
            return misplaced_at(text, self, rules);
        }
        let hosts = self.hosts().of(text);
        if let Some(fault) = placeholder::within(hosts) {
            let name = hosts.split(':').next().unwrap_or_default();
            let is_name = name.contains(['$', '{', '<', '[', '%', '(', '#', '_']);
            let component = if is_name { Component::Host } else { Component::Port };
            return Error::at(component, fault);
        }
        match ["tcp(", "unix("].iter().any(|form| hosts.contains(form)) {
            true => Error::at(Component::Host, Fault::GoAddress),
            false => error,
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
    /// Not told of what stands in brackets.
    pub(crate) in_name: Sorts,
    pub(crate) bracketed: bool,
    pub(crate) port: Option<Span>,
}

/// The scheme of a value, and its row, if the table has one. `expected` is the one that a message proposes.
#[inline]
pub(crate) fn scheme(text: &str, expected: Option<Kind>) -> Result<(Span, Option<&'static Scheme>), Error> {
    let example = || expected.map_or("https", Kind::example);
    let at_value = |fault| Error::at(Component::Value, command(text, example).unwrap_or(fault));
    // A text without a `:` is searched to its end, and all of it may be secret.
    let (mut name, mut rest) = span(0, text.len()).split_once(text, b':');
    // A JDBC URL is another URL behind a prefix.
    if let Some(after) = rest.filter(|_| name.of(text).eq_ignore_ascii_case(JDBC)) {
        (name, rest) = after.split_once(text, b':');
    }
    if rest.is_none() {
        return Err(at_value(Fault::MissingScheme(example())));
    }
    let (scheme, name) = (span(0, name.end), name.of(text));
    if !text[scheme.end..].starts_with("://") {
        return match scheme::find_scheme(name) {
            // A file has no authority, so it needs no `//` before one.
            Some(known) if known.kind.rules().file && name.len() == scheme.end => Ok((scheme, Some(known))),
            Some(known) => Err(at_value(Fault::SchemeWithoutSlashes(known.spelling))),
            None => Err(at_value(Fault::MissingScheme(example()))),
        };
    }
    let known = scheme::find_scheme_of(scheme.of(text), expected);
    if known.is_some() || is_scheme(name) {
        Ok((scheme, known))
    } else if name.is_empty() || name.contains(['@', '/']) {
        Err(at_value(Fault::MissingScheme(example())))
    } else {
        Err(at_value(Fault::NotAScheme))
    }
}

/// The fault of a value that is a command of a shell, as providers' pages show it.
#[cold]
fn command(text: &str, example: impl Fn() -> &'static str) -> Option<Fault> {
    const COMMANDS: &[&str] = &[
        "$",
        "amqp-get",
        "clickhouse-client",
        "cqlsh",
        "createdb",
        "curl",
        "docker",
        "export",
        "heroku",
        "mariadb",
        "mongo",
        "mongodump",
        "mongosh",
        "mysql",
        "mysqldump",
        "mysqlsh",
        "nats",
        "pg_dump",
        "pg_restore",
        "pgcli",
        "psql",
        "redis-cli",
        "set",
        "sqlcmd",
        "sqlite3",
        "sudo",
        "usql",
        "valkey-cli",
        "wget",
    ];
    let (first, rest) = text.split_once(' ')?;
    let is_command = COMMANDS.iter().any(|command| command.eq_ignore_ascii_case(first));
    is_command.then(|| match rest.contains("://") {
        true => Fault::CommandWithUrl,
        false => Fault::Command(example()),
    })
}

/// Returns whether a text has several whole URLs of one kind, with a `,`, a `;` or a blank between them.
pub(crate) fn is_url_list(text: &str, scheme: &Scheme) -> bool {
    /// Maximum length of a scheme that is looked for.
    const LONGEST: usize = 32;
    let is_separator = |byte: &u8| matches!(byte, b',' | b';' | b' ' | b'\n' | b'\t' | b'|');
    text.match_indices("://").skip(1).any(|(end, _)| {
        let before = &text.as_bytes()[end.saturating_sub(LONGEST)..end];
        before.iter().rposition(is_separator).is_some_and(|at| {
            let start = end - (before.len() - at - 1);
            scheme::find_scheme(&text[start..end]).is_some_and(|next| next.kind == scheme.kind)
        })
    })
}

const JDBC: &str = "jdbc";

/// RFC 3986, section 3.1.
fn is_scheme(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    name.bytes()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && name.bytes().all(is_allowed)
}

/// Splits what follows `scheme://`. `may_hold_at` tells the names of options in whose values an `@` may stand as
/// it is.
#[inline]
pub(crate) fn split(
    text: &str,
    scheme: Span,
    rules: &Rules,
    may_hold_at: fn(&str) -> bool,
) -> Result<Parts, Error> {
    let bytes = text.as_bytes();
    let mut parts = Parts::read_authority(bytes, scheme, rules);
    let end = parts.authority_end;
    parts.path_end = match bytes.get(end) {
        _ if rules.file => parts
            .in_path
            .read_to(bytes, end, Sorts::QUESTION_MARK | Sorts::HASH),
        Some(b'/') => parts
            .in_path
            .read_to(bytes, end + 1, Sorts::QUESTION_MARK | Sorts::HASH),
        _ => end,
    };
    parts.query_end = parts.beyond_path.read_to(bytes, parts.path_end, Sorts::HASH);
    parts.end = parts.beyond_path.read_to(bytes, parts.query_end, 0);
    if parts.has_at_beyond() && !may_have_at_beyond(text, &parts, rules, may_hold_at) {
        return Err(misplaced_at(text, &parts, rules));
    }
    parts.split_authority(text, rules)?;
    if let Some(user_info) = parts.user_info() {
        user_info.check(text, rules, parts.in_user_info)?;
    }
    if rules.datastore {
        check_no_fragment(text, &parts, rules)?;
    }
    Ok(parts)
}

fn may_have_at_beyond(text: &str, parts: &Parts, rules: &Rules, may_hold_at: fn(&str) -> bool) -> bool {
    let has_at = |part: Span| part.of(text).contains('@');
    match parts.path() {
        _ if parts.fragment().is_some_and(has_at) => false,
        Some(path) if !rules.may_have_at_in_path() && has_at(path) => false,
        Some(_) if !rules.datastore => true,
        _ => parts
            .query()
            .is_some_and(|query| every_at_is_in(text, query, may_hold_at)),
    }
}

impl Parts {
    /// Finds the authority and, within it, the hosts. The last `@` begins them, as the drivers of most kinds read it.
    /// For MongoDB, more than one is refused when the user information is checked; PostgreSQL's drivers are handed `%40`.
    #[inline]
    fn read_authority(bytes: &[u8], scheme: Span, rules: &Rules) -> Self {
        const ENDS: u16 = Sorts::AT | Sorts::SLASH | Sorts::QUESTION_MARK | Sorts::HASH;
        let has_authority = bytes[scheme.end..].starts_with(b"://");
        let start = scheme.end + if has_authority { "://".len() } else { ":".len() };
        let (mut in_user_info, mut in_hosts) = (Sorts::default(), Sorts::default());
        let mut hosts_start = start;
        let mut end = match rules.file {
            true => start,
            false => in_hosts.read_to(bytes, start, ENDS),
        };
        loop {
            if rules.file {
                break;
            } else if bytes.get(end) == Some(&b'@') {
                if hosts_start != start {
                    in_user_info.add(Sorts::AT);
                }
                in_user_info = in_user_info.and(std::mem::take(&mut in_hosts));
                hosts_start = end + 1;
                end = in_hosts.read_to(bytes, hosts_start, ENDS);
            } else if rules.scheme_per_host
                && (in_user_info.has(Sorts::COMMA) || in_hosts.has(Sorts::COMMA))
                && bytes[..end].ends_with(b":")
                && bytes[end..].starts_with(b"//")
            {
                // The `//` of the next host's scheme is not the end.
                in_hosts.add(Sorts::SLASH);
                end = in_hosts.read_to(bytes, end + "//".len(), ENDS);
            } else {
                break;
            }
        }
        Self {
            scheme_end: scheme.end,
            authority_start: start,
            username_end: start,
            hosts_start,
            authority_end: end,
            path_end: end,
            query_end: end,
            end,
            in_user_info,
            in_hosts,
            in_path: Sorts::default(),
            beyond_path: Sorts::default(),
            path_is_socket: false,
        }
    }

    /// Sets the user name apart from the password, or all credentials to the hosts that they stand before.
    #[inline]
    fn split_authority(&mut self, text: &str, rules: &Rules) -> Result<(), Error> {
        let Span { start, end } = self.before_hosts();
        if start == end {
            return Ok(());
        }
        let has_schemes = self.in_user_info.has(Sorts::SLASH);
        if has_schemes || rules.credentials_per_host && self.in_user_info.has(Sorts::COMMA) {
            // An item without a scheme among others may be a piece of a password.
            let mut others = self.authority().of(text).split(',').skip(1);
            if has_schemes && !others.all(|item| item.contains("://")) {
                return Err(Error::at(Component::Host, Fault::SchemeInList));
            }
            if !each_host_has_credentials(self.authority().of(text), has_schemes) {
                return Err(Error::at(Component::Host, Fault::MixedCredentials));
            }
            self.hosts_start = start;
            self.in_hosts = self.in_hosts.and(self.in_user_info);
            self.in_hosts.add(Sorts::AT);
        } else {
            self.username_end = UserInfo::split(text, span(start, end - 1)).username.end;
        }
        Ok(())
    }
}

/// `user:password@host,user:password@host`, as memjs documents it for lists of memcached servers; with a scheme before
/// each, a token may stand before the `@`.
fn each_host_has_credentials(authority: &str, has_schemes: bool) -> bool {
    let has_credentials = |item: &str| {
        let mut pieces = item.split('@');
        pieces
            .next()
            .is_some_and(|user_info| has_schemes || user_info.contains(':'))
            && pieces.next().is_some()
            && pieces.next().is_none()
    };
    authority.contains(',') && authority.split(',').all(has_credentials)
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
fn misplaced_at(text: &str, parts: &Parts, rules: &Rules) -> Error {
    if rules.file {
        return Error::at(Component::Database, Fault::Unencoded(Raw::At));
    }
    let in_path = parts.path().is_some_and(|path| path.of(text).contains('@'));
    let in_option = parts
        .query()
        .is_some_and(|query| every_at_is_in(text, query, |_| true));
    if parts.path().is_some() && !in_path && in_option {
        return Error::at(Component::Query, Fault::Unencoded(Raw::At));
    }
    // `#{password}` is a reference, and not a password with a `#`.
    let last_at = text.rfind('@').unwrap_or(text.len());
    let (username, password) = span(parts.authority_start, last_at).split_once(text, b':');
    let stand_in =
        |part: Span, component| Some(Error::at(component, placeholder::in_credential(part.of(text))?));
    let in_password = || stand_in(password?, Component::Password);
    if let Some(error) = stand_in(username, Component::Username).or_else(in_password) {
        return error;
    }
    let raw = match text.as_bytes()[parts.authority_end] {
        b'/' => Raw::Slash,
        b'?' => Raw::QuestionMark,
        _ => Raw::Hash,
    };
    let component = match parts.authority().of(text).contains(':') {
        true => Component::Password,
        false => Component::Username,
    };
    Error::at(component, Fault::Unencoded(raw))
}

/// Refuses a fragment. Drivers of datastores drop it, and it is the end of a password or of an option more often than
/// not. One has a meaning: `rediss://…#insecure`, of the redis crate.
fn check_no_fragment(text: &str, parts: &Parts, rules: &Rules) -> Result<(), Error> {
    let Some(fragment) = parts.fragment() else {
        return Ok(());
    };
    if rules.kind == Kind::Redis && fragment.of(text) == INSECURE {
        let scheme = scheme::find_scheme(parts.scheme().of(text));
        return match scheme.is_some_and(|scheme| scheme.tls.is_required()) {
            true => Ok(()),
            false => Err(Error::at(Component::Fragment, Fault::InsecureWithoutTls)),
        };
    }
    let component = match (parts.query(), parts.path()) {
        (Some(_), _) => Component::Query,
        (None, Some(_)) => Component::Database,
        (None, None) => Component::Host,
    };
    let is_reference = fragment.of(text).starts_with('{') && fragment.of(text).contains('}');
    let fault = match is_reference {
        true => Fault::Reference,
        false => Fault::Unencoded(Raw::Hash),
    };
    Err(Error::at(component, fault))
}

/// The fragment with which the redis crate does not verify certificates.
const INSECURE: &str = "insecure";

impl UserInfo {
    #[inline]
    fn split(text: &str, whole: Span) -> Self {
        let (username, password) = whole.split_once(text, b':');
        Self { username, password }
    }

    #[inline]
    fn check(self, text: &str, rules: &Rules, sorts: Sorts) -> Result<(), Error> {
        let suspect = Sorts::NOT_GRAPHIC | Sorts::BRACKET | Sorts::SUSPECT;
        let suspect = match rules.strict_user_info {
            true => suspect | Sorts::AT,
            false => suspect,
        };
        // The first colon stands between the two, and says nothing.
        let has_colon = |password: Span| password.split_once(text, b':').1.is_some();
        // `vault:…`, `%NAME%`, `__NAME__`.
        let may_be_reference = |part: Span| matches!(part.bytes(text).first(), Some(b'%' | b'_'));
        let has_suspect = self
            .password
            .is_some_and(|password| has_colon(password) || may_be_reference(password))
            || may_be_reference(self.username);
        if !has_suspect && !sorts.has(suspect) {
            return Ok(());
        }
        let check = |part: Span, component| {
            let is_reference = may_be_reference(part);
            let part = part.of(text);
            match is_reference || Sorts::of(part).has(suspect | Sorts::COLON) {
                true => check_user_info(part, component, rules),
                false => Ok(()),
            }
        };
        check(self.username, Component::Username)?;
        self.password
            .map_or(Ok(()), |password| check(password, Component::Password))
    }
}

fn check_user_info(part: &str, component: Component, rules: &Rules) -> Result<(), Error> {
    if let Some(fault) = placeholder::in_credential(part) {
        return Err(Error::at(component, fault));
    }
    check_plain(part, component)?;
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

/// Refuses what no part of a URL may hold as it is: spaces, control characters, and characters that nobody sees.
pub(crate) fn check_plain(part: &str, component: Component) -> Result<(), Error> {
    if !Sorts::of(part).has(Sorts::NOT_GRAPHIC) {
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

/// The entries of the list of hosts.
pub(crate) fn host_items(text: &str, parts: &Parts) -> impl Iterator<Item = Span> {
    let mut rest = Some(parts.hosts());
    std::iter::from_fn(move || {
        let (item, after) = rest?.split_once(text, b',');
        rest = after;
        Some(item)
    })
}

/// Splits one entry of the list, or the only host. One that is split wrongly (`[::1`) is an error of its own.
#[inline]
pub(crate) fn host(text: &str, item: Span, parts: &Parts, rules: &Rules) -> Result<HostPart, Error> {
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
            user_info.check(text, rules, parts.in_hosts)?;
            (Some(user_info), item)
        }
        None => (None, item),
    };
    if !rules.has_host_rules() {
        return Ok(host_without_rules(text, item));
    }
    let mut in_name = Sorts::default();
    let bracketed = item.bytes(text).starts_with(b"[");
    let (name, port) = if bracketed {
        let (name, rest) = span(item.start + 1, item.end).split_once(text, b']');
        match rest.map(|rest| (rest, rest.bytes(text))) {
            Some((_, [])) => (name, None),
            Some((rest, [b':', ..])) => (name, Some(span(rest.start + 1, rest.end))),
            Some(_) => return at_host(Fault::AfterBracket),
            None => return at_host(Fault::UnbalancedBracket),
        }
    } else if parts.in_hosts.has(Sorts::BRACKET) && item.of(text).contains(['[', ']']) {
        return at_host(Fault::UnbalancedBracket);
    } else {
        let (name, port) = item.split_once(text, b':');
        if parts.in_hosts.has(Sorts::NOT_IN_HOSTS | Sorts::NOT_GRAPHIC) {
            in_name = Sorts::of(name.of(text));
        }
        let has_two_colons = port.is_some_and(|port| port.bytes(text).contains(&b':'));
        if has_two_colons && item.of(text).parse::<std::net::Ipv6Addr>().is_ok() {
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

/// Splits a host of an unknown scheme. What does not look like a host and its port is taken as a whole: it may be a token.
fn host_without_rules(text: &str, item: Span) -> HostPart {
    let is_port = |port: &Span| {
        let digits = port.of(text);
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let inner = span(item.start + 1, item.end).split_once(text, b']');
    let (name, port, bracketed) = match (inner, item.split_once(text, b':')) {
        ((address, Some(rest)), _)
            if item.bytes(text).starts_with(b"[")
                && address.of(text).parse::<std::net::Ipv6Addr>().is_ok() =>
        {
            let port = rest
                .bytes(text)
                .starts_with(b":")
                .then(|| span(rest.start + 1, rest.end));
            match port.filter(is_port) {
                None if !rest.is_empty() => (item, None, false),
                port => (address, port, true),
            }
        }
        (_, (name, Some(port))) if !name.is_empty() && is_port(&port) => (name, Some(port), false),
        _ => (item, None, false),
    };
    HostPart {
        user_info: None,
        name,
        in_name: Sorts::of(name.of(text)),
        bracketed,
        port,
    }
}

/// What follows a host's own scheme, which must be one of the same kind, and alike in TLS.
fn without_scheme(text: &str, item: Span) -> Result<Span, Error> {
    let Some((scheme, host)) = item.of(text).split_once("://") else {
        return Ok(item);
    };
    let first = text.split("://").next().and_then(scheme::find_scheme);
    let is_alike = |first: &Scheme, own: &Scheme| first.kind == own.kind && first.tls == own.tls;
    match first.zip(scheme::find_scheme(scheme)) {
        Some((first, own)) if is_alike(first, own) => Ok(span(item.end - host.len(), item.end)),
        _ => Err(Error::at(Component::Host, Fault::SchemeInList)),
    }
}
