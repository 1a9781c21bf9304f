//! [`Heroku`]: an app's config vars from Heroku's Platform API.

use super::http::{HttpServer, Request};
use super::http_response::Response;
use super::interface::Source;
use crate::error::{Error, Fault};
use crate::formats::heroku::{self, AddonAttachment};
use crate::formats::limit::ENV_FILE;
use crate::lock::lock;
use crate::secret;
use crate::shown::ShownName;
use crate::snapshot::{Bound, ConfigVars};
use secrecy::SecretString;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The config vars of an app, from Heroku's Platform API (feature `heroku`).
///
/// An app on Heroku needs only [`ProcessEnv`](crate::ProcessEnv). This source is for programs that use the app's add-ons from
/// elsewhere: Heroku [asks](https://devcenter.heroku.com/articles/connecting-to-heroku-postgres-databases-from-outside-of-heroku)
/// them to fetch the config vars at each start instead of keeping a copy, because the provider may change them at any time.
/// A [`Live`](crate::Live) that is watched follows such changes.
///
/// ```no_run
/// use config_vars::{Every, Heroku, Live, PostgresUrl, SecretString};
///
/// # fn token() -> SecretString { SecretString::from("HRKU-0123") }
/// let live: Live<PostgresUrl> = Live::from_fn(Heroku::app("shop", token()), |vars| vars.url("DATABASE_URL"))?;
/// let watch = live.watch(Every::seconds(60))?;
/// # drop(watch);
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// The token needs the scope `read-protected`: `heroku authorizations:create --scope read-protected`.
///
/// **Requests.** A read sends one GET over TLS, and blocks until it is answered, for [30 seconds](Self::with_timeout) at most
/// (beside the system's resolution of the host name). If the config vars have not changed, the API answers without them
/// (`ETag`). No redirect is followed, no proxy is used, and nothing is logged.
///
/// **Attachments.** With [`with_attachments`](Self::with_attachments), attachments and their aliases are those that the platform
/// reports, instead of being inferred from names. If the config vars have changed, such a read sends more requests, within the
/// same time.
///
/// **Rate limit.** The API allows an account 4,500 requests, and about 75 more for each minute. As fewer remain (below 450), this
/// source spaces its requests by a minute and more, so that all processes of one account together stay within the limit. A
/// read that comes too early waits for up to 2 seconds; otherwise it returns an error that says when the API can be read again,
/// and a `Live` keeps its last good values. Clones share this state. Poll once a minute at most, and
/// in few processes.
///
/// **Secrets.** The token and all answers are wiped from the memory of this crate. rustls, which encrypts them, does not wipe its
/// buffers. `Debug` shows the app's name only.
///
/// # Errors
///
/// A read fails if the API cannot be reached in time; if its certificate is not trusted, in which case the token was not sent;
/// if it refuses the token, has no such app, or answers with another error, of which only the documented `id` is shown; if the
/// answer is larger than 4 MiB, cut off, compressed, or not the documented JSON.
#[derive(Clone)]
pub struct Heroku {
    app: String,
    token: SecretString,
    server: HttpServer,
    with_attachments: bool,
    state: Arc<Mutex<ApiState>>,
}

#[derive(Default)]
struct ApiState {
    /// The last answer, and its tag.
    last: Option<(String, ConfigVars)>,
    /// When the next request may be sent.
    next: Option<Instant>,
}

/// Maximum time that a read waits for the rate limit.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// The delay after a refusal without a `Retry-After`.
const REFUSED_DELAY: Duration = Duration::from_secs(60);
/// Maximum delay between two requests.
const MAX_DELAY: Duration = Duration::from_secs(15 * 60);
/// Maximum number of pages of a list.
const MAX_PAGES: usize = 100;
/// The number of remaining requests below which requests are spaced.
const RESERVE: u32 = 450;

impl Heroku {
    /// Reads the config vars of the app with this name or id. Messages show the name.
    ///
    /// ```
    /// use config_vars::Heroku;
    ///
    /// let source = Heroku::app("shop", "HRKU-0123");
    /// assert_eq!(format!("{source:?}"), r#"Heroku("shop")"#);
    /// ```
    #[must_use]
    pub fn app(app: impl Into<String>, token: impl Into<SecretString>) -> Self {
        Self {
            app: app.into(),
            token: token.into(),
            server: HttpServer::new("api.heroku.com"),
            with_attachments: false,
            state: Arc::default(),
        }
    }

    /// Asks the platform which config vars belong to which attachment, and which attachments to one add-on.
    ///
    /// [`attachments`](ConfigVars::attachments) then returns the platform's grouping for the config vars of add-ons; other config
    /// vars are grouped by their names as ever. Two attachments of one add-on are [aliases](crate::Alias), certainly, whatever
    /// their URLs are.
    ///
    /// If the config vars have changed, a read sends one more request, and three more where the platform does not report the
    /// config vars of each attachment but only of each add-on.
    ///
    /// ```
    /// use config_vars::Heroku;
    ///
    /// let source = Heroku::app("shop", "HRKU-0123").with_attachments();
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn with_attachments(mut self) -> Self {
        self.with_attachments = true;
        self.state = Arc::default();
        self
    }

    /// Sets the maximum duration of a read, of all its requests together. Default: 30 seconds.
    ///
    /// ```
    /// use config_vars::Heroku;
    /// use std::time::Duration;
    ///
    /// let source = Heroku::app("shop", "HRKU-0123").with_timeout(Duration::from_secs(5));
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.server.timeout = timeout.min(MAX_DELAY);
        self
    }

    /// Sends the requests, with the token, to another server that speaks the same API over TLS: a gateway, or one in a test.
    ///
    /// ```
    /// use config_vars::Heroku;
    ///
    /// let source = Heroku::app("shop", "HRKU-0123").with_server("heroku.gateway.example", 443);
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn with_server(mut self, host: impl Into<String>, port: u16) -> Self {
        self.server.host = host.into();
        self.server.port = port;
        self
    }

    /// Trusts the authorities in a PEM text, in addition to [Mozilla's](https://docs.rs/webpki-roots): that of a gateway, or of
    /// a proxy that decrypts TLS.
    ///
    /// ```
    /// use config_vars::Heroku;
    ///
    /// let error = Heroku::app("shop", "HRKU-0123").with_root_certificates(b"no PEM").unwrap_err();
    /// assert_eq!(error.to_string(), "the root certificates are not PEM text with certificates; pass the authority's file");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the text has no certificate, or one that cannot be read.
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, Error> {
        self.server.trust(pem).map_err(Error::new)?;
        Ok(self)
    }

    fn read_vars(&self) -> Result<ConfigVars, Error> {
        self.wait_for_limit().map_err(Error::new)?;
        let last = lock(&self.state).last.clone();
        let mut fields = vec![("Accept", ACCEPT)];
        fields.extend(last.as_ref().map(|(tag, _)| ("If-None-Match", tag.as_str())));
        let deadline = self.server.deadline();
        let response = self.get("config-vars", &fields, deadline)?;
        match (response.status, last) {
            (200, _) => {
                let mut vars = heroku::config_vars(&response.body)?;
                if self.with_attachments {
                    let bound = self.bound(deadline)?;
                    vars = vars.bound_by(|name| bound.get(name).cloned());
                }
                let tag = response.field("etag").map(str::to_owned);
                lock(&self.state).last = tag.map(|tag| (tag, vars.clone()));
                Ok(vars)
            }
            (304, Some((_, vars))) => Ok(vars),
            (status, _) => Err(Error::new(refusal(status, &response.body))),
        }
    }

    /// Sends a request below the app's path.
    fn get(&self, path: &str, fields: &[(&'static str, &str)], deadline: Instant) -> Result<Response, Error> {
        let path = secret::put_together(&|text| {
            text.push("/apps/");
            text.push_encoded(&self.app);
            text.push("/");
            text.push(path);
        });
        let request = Request {
            path: &path,
            token: &self.token,
            fields,
        };
        let response = self
            .server
            .get(&request, deadline, ENV_FILE)
            .map_err(Error::new)?;
        let delay = delay_after(&response);
        lock(&self.state).next = Instant::now().checked_add(delay).filter(|_| !delay.is_zero());
        if response.status == 429 {
            return Err(Error::new(Fault::RateLimited(delay.as_secs())));
        }
        Ok(response)
    }

    /// Reads all pages of a list. `None` if the platform does not know the request.
    fn list<T>(
        &self,
        path: &str,
        fields: &[(&'static str, &str)],
        deadline: Instant,
        read: impl Fn(&[u8]) -> Result<Vec<T>, Error>,
    ) -> Result<Option<Vec<T>>, Error> {
        let mut range = "id ..; max=1000".to_owned();
        let mut all = Vec::new();
        for _ in 0..MAX_PAGES {
            let mut fields = fields.to_vec();
            fields.push(("Range", &range));
            let response = self.get(path, &fields, deadline)?;
            match response.status {
                200 | 206 => all.append(&mut read(&response.body)?),
                400 | 404..=428 => return Ok(None),
                status => return Err(Error::new(refusal(status, &response.body))),
            }
            match response.field("next-range") {
                Some(next) if response.status == 206 => next.clone_into(&mut range),
                _ => return Ok(Some(all)),
            }
        }
        Err(Error::new(Fault::NotApiAnswer))
    }

    /// Returns the attachment of each config var of an add-on.
    fn bound(&self, deadline: Instant) -> Result<HashMap<String, Arc<Bound>>, Error> {
        const PATH: &str = "addon-attachments";
        // The variant that Heroku's command line uses: each attachment with its config vars.
        let included = [
            ("Accept", "application/vnd.heroku+json; version=3.sdk"),
            ("Accept-Inclusion", "addon:plan,config_vars"),
        ];
        let attachments = self.list(PATH, &included, deadline, heroku::attachments)?;
        let has_vars = |attachments: &Vec<AddonAttachment>| attachments.iter().all(|row| row.vars.is_some());
        let unknown = || Error::new(Fault::NotApiAnswer);
        if let Some(attachments) = attachments.filter(has_vars) {
            return Ok(bound_by_attachment(attachments));
        }
        let plain = [("Accept", ACCEPT)];
        let attachments = self.list(PATH, &plain, deadline, heroku::attachments)?;
        let addons = self.list("addons", &plain, deadline, heroku::addons)?;
        Ok(bound_by_addon(
            &attachments.ok_or_else(unknown)?,
            addons.ok_or_else(unknown)?,
        ))
    }

    fn wait_for_limit(&self) -> Result<(), Fault> {
        let next = lock(&self.state).next;
        let left = next.map_or(Duration::ZERO, |next| {
            next.saturating_duration_since(Instant::now())
        });
        if left > MAX_WAIT {
            return Err(Fault::RateLimited(left.as_secs() + 1));
        }
        std::thread::sleep(left);
        Ok(())
    }
}

const ACCEPT: &str = "application/vnd.heroku+json; version=3";

fn bound(attachment: &AddonAttachment) -> Arc<Bound> {
    Arc::new(Bound {
        attachment: attachment.name.as_str().into(),
        addon: attachment.addon.as_str().into(),
    })
}

fn bound_by_attachment(attachments: Vec<AddonAttachment>) -> HashMap<String, Arc<Bound>> {
    let vars = attachments.into_iter().flat_map(|attachment| {
        let bound = bound(&attachment);
        let vars = attachment.vars.unwrap_or_default().into_iter();
        vars.map(move |name| (name, bound.clone()))
    });
    vars.collect()
}

/// Gives each config var of an add-on to its attachment with the longest name that the var's name begins with.
fn bound_by_addon(
    attachments: &[AddonAttachment],
    addons: Vec<(String, Vec<String>)>,
) -> HashMap<String, Arc<Bound>> {
    let mut all = HashMap::new();
    for (id, vars) in addons {
        let own: Vec<&AddonAttachment> = attachments.iter().filter(|row| row.addon == id).collect();
        for name in vars {
            let is_prefix = |row: &&&AddonAttachment| {
                name.strip_prefix(&*row.name)
                    .is_some_and(|rest| rest.starts_with('_'))
            };
            let named = own.iter().filter(is_prefix).max_by_key(|row| row.name.len());
            if let Some(attachment) = named.or(own.first()) {
                all.insert(name, bound(attachment));
            }
        }
    }
    all
}

/// Returns the delay before the next request.
fn delay_after(response: &Response) -> Duration {
    let number = |name| response.field(name).and_then(|text| text.parse::<u32>().ok());
    let spacing = number("ratelimit-remaining").map_or(Duration::ZERO, spacing);
    if response.status == 429 {
        let delay = number("retry-after").map(|seconds| Duration::from_secs(seconds.into()));
        return delay.unwrap_or(REFUSED_DELAY).max(spacing).min(MAX_DELAY);
    }
    spacing
}

/// Returns the delay between two requests if this many remain: it grows as they become fewer. N processes of one account settle
/// where the delay is N times what the API takes to allow one more.
fn spacing(remaining: u32) -> Duration {
    if remaining >= RESERVE {
        return Duration::ZERO;
    }
    (Duration::from_secs(60) * RESERVE / (remaining + 1)).min(MAX_DELAY)
}

/// Returns the fault of an answer without config vars.
fn refusal(status: u16, body: &[u8]) -> Fault {
    let id = heroku::error_id(body);
    match (status, id) {
        (300..=303 | 305..=399, _) => Fault::Redirected,
        (401, _) => Fault::TokenRefused,
        (403, None | Some("forbidden")) => Fault::TokenWithoutScope,
        (404, _) => Fault::NoApp,
        (status, None) => Fault::Answered(status),
        (status, Some(id)) => Fault::AnsweredWithId(status, id),
    }
}

impl Source for Heroku {
    fn read(&self) -> Result<ConfigVars, Error> {
        let origin = format!("Heroku app {}", self.app);
        self.read_vars()
            .map(|vars| vars.named_by(&origin))
            .map_err(|error| error.for_source(&origin))
    }
}

impl fmt::Debug for Heroku {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Heroku")
            .field(&ShownName::origin(&self.app))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_of_one_account_settle_within_its_limit() {
        for processes in [1, 10, 75, 300] {
            // The account's tokens, by the second; each process asks as often as it may.
            let mut tokens = 4_500.0_f64;
            let mut next = vec![0_u64; processes];
            for second in 0..2 * 60 * 60 {
                tokens = (tokens + 75.0 / 60.0).min(4_500.0);
                for next in next.iter_mut().filter(|next| **next <= second) {
                    tokens -= 1.0;
                    assert!(tokens >= 0.0, "{processes} processes at {second} s");
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    let delay = spacing(tokens as u32);
                    *next = second + delay.as_secs().max(1);
                }
            }
        }
    }

    #[test]
    fn spacing_grows_as_requests_become_fewer() {
        assert_eq!(spacing(4_500), Duration::ZERO);
        assert_eq!(spacing(RESERVE), Duration::ZERO);
        assert_eq!(spacing(RESERVE - 1), Duration::from_secs(60));
        assert_eq!(spacing(0), MAX_DELAY);
        assert!((1..RESERVE).all(|remaining| spacing(remaining - 1) >= spacing(remaining)));
    }
}
