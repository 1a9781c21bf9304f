//! [reqwest](https://docs.rs/reqwest) 0.13: [`HttpUrl::to_reqwest`], [`HttpUrl::to_reqwest_at`], [`HttpUrl::to_reqwest_proxy`] and
//! [`is_auth_error`].
//!
//! ```no_run
//! use config_vars::{ConfigVars, ExposeSecret, HttpUrl, drivers::reqwest::is_auth_error};
//! use reqwest::{Client, Method};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let vars = ConfigVars::from_env();
//! let client = Client::new();
//!
//! // User and password of the URL are sent as basic authentication.
//! let search: HttpUrl = vars.url("BONSAI_URL")?;
//! let answer = search.to_reqwest_at(&client, Method::GET, "_cluster/health")?.send().await;
//!
//! // A token of its own.
//! let (api, key) = (vars.url::<HttpUrl>("INFERENCE_URL")?, vars.require("INFERENCE_KEY")?);
//! let models = api.to_reqwest_at(&client, Method::GET, "v1/models")?.bearer_auth(key.expose_secret());
//!
//! match answer.and_then(|answer| answer.error_for_status()) {
//!     Ok(answer) => println!("{}", answer.status()),
//!     Err(error) if is_auth_error(&error) => println!("the credentials were rolled"),
//!     Err(error) => return Err(error.without_url().into()),
//! }
//! # _ = models;
//! # Ok(())
//! # }
//! # let _ = run;
//! ```
//!
//! - **Errors of the driver print the URL**, whose path or query often is the secret: call
//!   [`without_url`](https://docs.rs/reqwest/0.13/reqwest/struct.Error.html#method.without_url) on each before it is told
//!   anywhere. User and password are not in there: the driver moves them to a header that is marked as sensitive.
//! - **A refusal is no error** until [`error_for_status`](https://docs.rs/reqwest/0.13/reqwest/struct.Response.html#method.error_for_status)
//!   makes it one.
//! - **TLS** is verified for `https`. How, the app chooses by features of its own `reqwest`: without one, an `https` URL
//!   is an error when it is sent. (This crate turns on none, for each brings a choice that would hold for the whole program.)
//! - **Redirects** to another host go without the credentials; the driver sees to that.
//! - **Proxies** (Fixie, QuotaGuard): [`to_reqwest_proxy`](HttpUrl::to_reqwest_proxy).
//! - **A roll.** Credentials are in each request, and so the next one made from the new URL has the new ones. A proxy's are
//!   in the client: build a new one.
//! - **Secrets.** The driver's requests keep URL and header as plain text while they last.

use crate::error::{Component, DriverFault};
use crate::{Error, HttpUrl};
use reqwest::{Client, Method, Proxy, RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use std::error::Error as _;

const DRIVER: &str = "reqwest";

impl HttpUrl {
    /// A request of [reqwest](crate::drivers::reqwest) to this URL, with its user and password as basic authentication.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// # _ = rustls::crypto::ring::default_provider().install_default();
    /// # fn test() -> Result<(), Box<dyn std::error::Error>> {
    /// let api: HttpUrl = "https://app:p%40ss@api.example/v1?region=eu".parse()?;
    /// let request = api.to_reqwest(&reqwest::Client::new(), reqwest::Method::GET)?.build()?;
    /// assert_eq!(request.url().as_str(), "https://api.example/v1?region=eu");
    /// assert_eq!(request.headers()["authorization"], "Basic YXBwOnBAc3M=");
    /// assert!(request.headers()["authorization"].is_sensitive());
    /// # Ok(())
    /// # }
    /// # test().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`expose_web_url`](Self::expose_web_url).
    pub fn to_reqwest(&self, client: &Client, method: Method) -> Result<RequestBuilder, Error> {
        // The driver takes user and password out of the URL, decodes them, and marks their header as sensitive.
        Ok(client.request(method, self.expose_web_url()?))
    }

    /// The same, to a path below this URL's. Each piece between `/` is encoded, and `.` and `..` are left out; the URL's
    /// query stays.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// # _ = rustls::crypto::ring::default_provider().install_default();
    /// # fn test() -> Result<(), Box<dyn std::error::Error>> {
    /// let api: HttpUrl = "https://api.example/v1/".parse()?;
    /// let request = api.to_reqwest_at(&reqwest::Client::new(), reqwest::Method::GET, "/models/a b")?.build()?;
    /// assert_eq!(request.url().as_str(), "https://api.example/v1/models/a%20b");
    /// # Ok(())
    /// # }
    /// # test().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`expose_web_url`](Self::expose_web_url).
    pub fn to_reqwest_at(
        &self,
        client: &Client,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder, Error> {
        Ok(client.request(method, self.web_url_at(path)?))
    }

    /// This URL as the proxy for all requests of a client, with its user and password.
    ///
    /// ```
    /// # use config_vars::HttpUrl;
    /// # _ = rustls::crypto::ring::default_provider().install_default();
    /// # fn test() -> Result<(), Box<dyn std::error::Error>> {
    /// let fixie: HttpUrl = "http://fixie:p%40ss@velodrome.example:80".parse()?;
    /// let client = reqwest::Client::builder().proxy(fixie.to_reqwest_proxy()?).build()?;
    /// # _ = client;
    /// # Ok(())
    /// # }
    /// # test().unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// If the driver refuses the host, or the URL's scheme.
    pub fn to_reqwest_proxy(&self) -> Result<Proxy, Error> {
        let refused = || DriverFault::Refused(DRIVER).at(Component::Host);
        let host = self.hosts().first().ok_or_else(refused)?;
        let port = host.port().ok_or_else(refused)?.number();
        let text = format!("{}://{}:{port}", self.scheme(), host.bracketed());
        let proxy = Proxy::all(text).map_err(|_| refused())?;
        Ok(match self.username() {
            Some(username) => {
                let password = self.password().map(ExposeSecret::expose_secret);
                proxy.basic_auth(username.expose_secret(), password.unwrap_or_default())
            }
            None => proxy,
        })
    }
}

/// Whether the service, or the proxy, refused the credentials: status 401 or 407. Not for 403, a missing right.
///
/// For a [`Response`](reqwest::Response) that is not an error yet, see [`is_auth_status`].
///
/// ```
/// # fn test(answer: reqwest::Response) -> bool {
/// answer.error_for_status().is_err_and(|error| config_vars::drivers::reqwest::is_auth_error(&error))
/// # }
/// # _ = test;
/// ```
#[must_use]
pub fn is_auth_error(error: &reqwest::Error) -> bool {
    // A proxy's refusal to open a tunnel has no status, and no type that the driver names.
    let mut causes = std::iter::successors(error.source(), |cause| (**cause).source());
    error.status().is_some_and(is_auth_status)
        || causes.any(|cause| cause.to_string() == "proxy authorization required")
}

/// Whether a status refuses the credentials.
///
/// ```
/// use config_vars::drivers::reqwest::is_auth_status;
/// use reqwest::StatusCode;
///
/// assert!(is_auth_status(StatusCode::UNAUTHORIZED) && !is_auth_status(StatusCode::FORBIDDEN));
/// ```
#[must_use]
pub fn is_auth_status(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED
    )
}
