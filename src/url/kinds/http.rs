//! Web services: `https://user:password@host/path`, where the path is often the secret.

use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::secret::{Wiped, put_together};
use crate::url::resource::typed_url;
use crate::url::resource_url::ResourceUrl;
use percent_encoding::{AsciiSet, CONTROLS};

/// The resource URL of a web service, `http` or `https`.
///
/// Such URLs carry their secret as a password, as a user name (`https://token@host`), in the path
/// (`http://newrelic.com/accounts/[apitoken]`) or in the query: all four are kept secret.
///
/// An `@` is allowed in the path, and in a query behind a path. It may also be the sign of a raw `/` in a password
/// (`https://user:12/34@host`), so `Debug` does not show the hosts of such a URL.
///
/// ```
/// use config_vars::HttpUrl;
///
/// let api: HttpUrl = "http://newrelic.com/accounts/[apitoken]".parse()?;
/// assert_eq!(api.expose_path(), Some("/accounts/[apitoken]"));
/// assert_eq!(
///     format!("{api:?}"),
///     "HttpUrl { kind: Http, scheme: \"http\", hosts: [newrelic.com], path: [redacted], .. }",
/// );
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct HttpUrl(ResourceUrl);

typed_url!(HttpUrl, Kind::Http);

// The sets that the URL Standard escapes in each place (https://url.spec.whatwg.org/#percent-encoded-bytes), for
// text that is already escaped: `%` stays.
const FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\'');
const PATH: &AsciiSet = &FRAGMENT.add(b'#').add(b'?').add(b'{').add(b'}');
/// For a piece of a path that is not escaped yet.
const PATH_PIECE: &AsciiSet = &PATH.add(b'/').add(b'%').add(b'\\');
const USER_INFO: &AsciiSet = &PATH
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'=')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'|');

impl HttpUrl {
    /// Returns the URL as web clients expect it. It is normalised by the [URL Standard](https://url.spec.whatwg.org), so it may
    /// differ from [`expose_original`](ResourceUrl::expose_original).
    ///
    /// A [`url::Url`] prints its secrets and does not wipe them: keep it no longer than the request needs it. Creating it leaves
    /// no other copy behind, except for one of the host, which the `url` crate makes.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// let api: HttpUrl = "https://api.example".parse()?;
    /// assert_eq!(api.expose_web_url()?.as_str(), "https://api.example/");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the `url` crate rejects the host, although it was checked by the same rules.
    pub fn expose_web_url(&self) -> Result<url::Url, Error> {
        self.web_url_of(&self.normal_text(None)?)
    }

    /// Returns the URL with a longer path: its own, followed by the encoded segments of `path`. Empty segments, `.` and `..` are
    /// skipped.
    #[allow(dead_code, reason = "not for every driver")]
    pub(crate) fn web_url_at(&self, path: &str) -> Result<url::Url, Error> {
        self.web_url_of(&self.normal_text(Some(path))?)
    }

    /// `Url::parse` reserves the length of its input once. Input that is normal already does not outgrow it, and so leaves no
    /// old buffer behind; a `Url` that is changed later would.
    fn web_url_of(&self, normal: &str) -> Result<url::Url, Error> {
        url::Url::parse(normal).map_err(|_| Error::at(Component::Host, Fault::HostCharacter))
    }

    fn normal_text(&self, below: Option<&str>) -> Result<Wiped, Error> {
        let Self(url) = self;
        let text = url.expose_original();
        // No web URL is without a host, or has several.
        let [host] = url.hosts() else {
            return Err(Error::at(Component::Host, Fault::EmptyHost));
        };
        let name = match host.as_str().is_ascii() {
            true => host.bracketed().into_owned(),
            false => url::Host::parse(host.as_str())
                .map_err(|_| Error::at(Component::Host, Fault::HostCharacter))?
                .to_string(),
        };
        let name = Wiped::from(name);
        let port = host.written_port().map(|port| port.to_string());
        Ok(put_together(&|out| {
            out.push(url.scheme());
            out.push("://");
            if let Some(user_info) = url.parts.user_info() {
                out.push_escaped(user_info.username.of(text), USER_INFO);
                if let Some(password) = user_info.password {
                    out.push(":");
                    out.push_escaped(password.of(text), USER_INFO);
                }
                out.push("@");
            }
            out.push(&name);
            if let Some(port) = &port {
                out.push(":");
                out.push(port);
            }
            let path = url.expose_path().unwrap_or("/");
            match below {
                None => out.push_escaped(path, PATH),
                Some(below) => {
                    out.push_escaped(path.strip_suffix(['/', '\\']).unwrap_or(path), PATH);
                    for piece in below.split('/') {
                        if !matches!(piece, "" | "." | "..") {
                            out.push("/");
                            out.push_escaped(piece, PATH_PIECE);
                        }
                    }
                    if below.ends_with('/') {
                        out.push("/");
                    }
                }
            }
            if let Some(query) = url.expose_query() {
                out.push("?");
                out.push_escaped(query, QUERY);
            }
            if let Some(fragment) = url.expose_fragment() {
                out.push("#");
                out.push_escaped(fragment, FRAGMENT);
            }
        }))
    }
}
