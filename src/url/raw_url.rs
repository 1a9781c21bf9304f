//! [`RawUrl`]: a resource URL that is split and not yet decoded. It carries the state of one parse.

use super::byte_classes::ByteClasses;
use super::query::{Options, RawOption};
use super::span::{Span, span};
use crate::error::{Component, Error};
use crate::kind::Kind;
use crate::scheme::{self, Rules, Scheme};

/// The text of a resource URL, what is known about its scheme, and where its parts are.
#[derive(Clone, Copy)]
pub(super) struct RawUrl<'t> {
    pub(super) text: &'t str,
    /// `None` for a scheme that is not in the table.
    pub(super) scheme: Option<&'static Scheme>,
    pub(super) rules: &'static Rules,
    pub(super) parts: Parts,
}

impl<'t> RawUrl<'t> {
    /// Returns a URL of which only the scheme is known.
    pub(super) fn new(text: &'t str, scheme_span: Span, scheme: Option<&'static Scheme>) -> Self {
        let parts = Parts {
            scheme_end: scheme_span.end,
            ..Parts::default()
        };
        Self {
            text,
            scheme,
            rules: scheme::kind_of(scheme).rules(),
            parts,
        }
    }

    pub(super) fn part(&self, part: Span) -> &'t str {
        part.of(self.text)
    }

    /// Returns the list of hosts, as it is written.
    pub(super) fn hosts(&self) -> &'t str {
        self.part(self.parts.hosts())
    }

    /// Returns the path with its first `/`.
    pub(super) fn path(&self) -> Option<&'t str> {
        Some(self.part(self.parts.path()?))
    }

    /// Returns whether there is more to the path than a `/`.
    pub(super) fn has_path(&self) -> bool {
        !matches!(self.path(), None | Some("/"))
    }

    pub(super) fn query(&self) -> Option<&'t str> {
        Some(self.part(self.parts.query()?))
    }

    pub(super) fn fragment(&self) -> Option<&'t str> {
        Some(self.part(self.parts.fragment()?))
    }

    pub(super) fn options(&self) -> Options<'t> {
        Options::of(self.query().unwrap_or_default())
    }

    /// Returns whether one of the options is such.
    pub(super) fn has_option(&self, is_such: &dyn Fn(RawOption<'t>) -> bool) -> bool {
        for option in self.options() {
            if is_such(option) {
                return true;
            }
        }
        false
    }

    /// Returns the name of the database, as it is written.
    pub(super) fn database(&self) -> Option<&'t str> {
        Some(self.part(self.parts.database(self.rules)?))
    }

    /// Returns the names of the options that have the database, in URLs of forms that have it there, unless the path has it.
    pub(super) fn database_options(&self) -> &'static [&'static str] {
        match self.scheme {
            Some(scheme) if self.database().unwrap_or_default().is_empty() => scheme.part_options().database,
            _ => &[],
        }
    }

    pub(super) fn is_jdbc(&self) -> bool {
        self.scheme.is_some_and(Scheme::is_jdbc)
    }

    /// Returns whether a client may take a `\` for a `/`, as the [URL Standard](https://url.spec.whatwg.org/#special-scheme)
    /// says for the schemes that it calls special.
    pub(super) fn reads_backslash_as_slash(&self) -> bool {
        match self.rules.kind {
            Kind::Http | Kind::WebSocket => true,
            _ => matches!(self.scheme, Some(Scheme { spelling: "ftp", .. })),
        }
    }

    /// Returns the spelling of the scheme, if it is one of those whose path is a socket.
    pub(super) fn socket_scheme(&self) -> Option<&'static str> {
        let scheme = self.scheme?;
        scheme.path_is_socket.then_some(scheme.spelling)
    }
}

/// Where each part of a resource URL ends. An absent part ends where the previous part does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    pub(super) scheme_end: usize,
    pub(super) authority_start: usize,
    /// From here to the hosts, there is `:`, the password, and `@`.
    pub(super) username_end: usize,
    pub(super) hosts_start: usize,
    /// The first colon of the hosts, or their end.
    pub(super) port_colon: usize,
    pub(super) authority_end: usize,
    pub(super) path_end: usize,
    pub(super) query_end: usize,
    pub(super) end: usize,
    pub(super) in_user_info: ByteClasses,
    /// If this has an `@`, each host is preceded by its own user information; otherwise the last `@` precedes the first host.
    pub(super) in_hosts: ByteClasses,
    /// Without the path's first `/`.
    pub(super) in_path: ByteClasses,
    pub(super) beyond_path: ByteClasses,
    /// Whether the path is that of a socket, and replaces the host.
    pub(super) path_is_socket: bool,
    /// Whether options that all URLs of the kind may have replace the user name or the password.
    pub(super) has_login_options: bool,
}

impl Parts {
    pub(super) fn scheme(&self) -> Span {
        span(0, self.scheme_end)
    }

    pub(super) fn authority(&self) -> Span {
        span(self.authority_start, self.authority_end)
    }

    /// Returns the text between the scheme and the authority: `://` or `:`.
    pub(super) fn beyond_scheme(&self) -> Span {
        span(self.scheme_end, self.authority_start)
    }

    /// Returns the user information that applies to all hosts, with its `@`; empty if there is none.
    pub(super) fn before_hosts(&self) -> Span {
        span(self.authority().start, self.hosts_start)
    }

    pub(super) fn user_info(&self) -> Option<UserInfo> {
        let Span { start, end } = self.before_hosts();
        let (username, at) = (span(start, self.username_end), end.checked_sub(1)?);
        (start < end).then(|| UserInfo {
            username,
            password: (username.end < at).then(|| span(username.end + 1, at)),
        })
    }

    pub(super) fn hosts(&self) -> Span {
        span(self.hosts_start, self.authority_end)
    }

    /// Returns the path with its first `/`.
    pub(super) fn path(&self) -> Option<Span> {
        (self.authority_end < self.path_end).then(|| span(self.authority_end, self.path_end))
    }

    /// Returns the name of the database. The path of a file keeps its first `/`.
    pub(super) fn database(&self, rules: &Rules) -> Option<Span> {
        let path = self.path()?;
        match rules {
            _ if self.path_is_socket => None,
            Rules { file: true, .. } => Some(path),
            Rules { database: true, .. } => Some(span(path.start + 1, path.end)),
            _ => None,
        }
    }

    pub(super) fn query(&self) -> Option<Span> {
        (self.path_end < self.query_end).then(|| span(self.path_end + 1, self.query_end))
    }

    pub(super) fn fragment(&self) -> Option<Span> {
        (self.query_end < self.end).then(|| span(self.query_end + 1, self.end))
    }

    /// Returns whether each host is preceded by its own user information.
    pub(super) fn has_credentials_per_host(&self) -> bool {
        self.in_hosts.has(ByteClasses::AT)
    }

    pub(super) fn beyond_hosts(&self) -> ByteClasses {
        self.in_path.and(self.beyond_path)
    }

    /// Returns whether there is an `@` after the authority, where this kind of URL allows it.
    pub(super) fn has_at_beyond(&self) -> bool {
        self.beyond_hosts().has(ByteClasses::AT)
    }

    /// Returns whether the hosts may actually be a piece of a password. Such hosts are not shown.
    pub(super) fn hosts_in_doubt(&self) -> bool {
        self.has_at_beyond() || self.has_credentials_per_host() && !self.has_scheme_in_hosts()
    }

    /// Returns whether one of the hosts is preceded by a scheme.
    fn has_scheme_in_hosts(&self) -> bool {
        self.in_hosts.has(ByteClasses::SLASH)
    }
}

/// The user information before an `@`.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserInfo {
    pub(super) username: Span,
    pub(super) password: Option<Span>,
}

impl UserInfo {
    #[inline]
    pub(super) fn split(text: &str, whole: Span) -> Self {
        let (username, password) = whole.split_once(text, b':');
        Self { username, password }
    }

    /// Checks the user name, and then the password. Each parse does, in two ways, so each is compiled in place (measured).
    #[inline(always)]
    pub(super) fn check_each(
        self,
        check: &dyn Fn(Span, Component) -> Result<(), Error>,
    ) -> Result<(), Error> {
        check(self.username, Component::Username)?;
        match self.password {
            Some(password) => check(password, Component::Password),
            None => Ok(()),
        }
    }
}
