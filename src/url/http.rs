//! Web services: `https://user:password@host/path`, where the path is often the secret.

use super::ResourceUrl;
use super::typed::typed_url;
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::secret::push_escaped;
use percent_encoding::{AsciiSet, CONTROLS};
use std::fmt::Write;
use zeroize::Zeroizing;

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

typed_url!(HttpUrl, Kind::Http, "an http or https URL", |_: &ResourceUrl| Ok(
    ()
));

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
    /// The URL as web clients take it. It is normalised by the [URL Standard](https://url.spec.whatwg.org), so it need
    /// not be the same bytes as [`expose_original`](ResourceUrl::expose_original).
    ///
    /// A [`url::Url`] prints its secrets and does not wipe them: keep it no longer than the request needs it. Until it
    /// is handed out, no copy is left behind.
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
    /// If the `url` crate refuses the host, which was checked by its own rules before.
    pub fn expose_web_url(&self) -> Result<url::Url, Error> {
        // `Url::parse` reserves the length of its input once. Input that is normal already does not outgrow it,
        // and so leaves no old buffer behind.
        let normal = self.normal_text()?;
        url::Url::parse(&normal).map_err(|_| Error::at(Component::Host, Fault::HostCharacter))
    }

    fn normal_text(&self) -> Result<Zeroizing<String>, Error> {
        let Self(url) = self;
        let text = url.expose_original();
        // An escape takes three bytes for one, Punycode in a host less than four for one, and `/` may be added.
        let mut out = Zeroizing::new(String::with_capacity(4 * text.len() + 1));
        out.push_str(url.scheme());
        out.push_str("://");
        if let Some(user_info) = url.parts.user_info() {
            push_escaped(&mut out, user_info.username.of(text), USER_INFO);
            if let Some(password) = user_info.password {
                out.push(':');
                push_escaped(&mut out, password.of(text), USER_INFO);
            }
            out.push('@');
        }
        for host in url.hosts() {
            let is_ascii = host.as_str().is_ascii();
            let host_text = match (host.is_ipv6(), is_ascii) {
                (true, _) => format!("[{}]", host.as_str()),
                (false, true) => host.as_str().to_owned(),
                (false, false) => url::Host::parse(host.as_str())
                    .map_err(|_| Error::at(Component::Host, Fault::HostCharacter))?
                    .to_string(),
            };
            out.push_str(&Zeroizing::new(host_text));
            if let Some(port) = host.port().filter(|port| !port.is_default()) {
                // No `format!`: a port may be a piece of a password.
                _ = write!(out, ":{}", port.number());
            }
        }
        push_escaped(&mut out, url.expose_path().unwrap_or("/"), PATH);
        if let Some(query) = url.expose_query() {
            out.push('?');
            push_escaped(&mut out, query, QUERY);
        }
        if let Some(fragment) = url.expose_fragment() {
            out.push('#');
            push_escaped(&mut out, fragment, FRAGMENT);
        }
        Ok(out)
    }
}
