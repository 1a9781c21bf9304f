//! [mongodb](https://docs.rs/mongodb) 3.9: [`MongoUrl::to_mongodb`] and [`is_auth_error`]. The driver needs Rust 1.88.
//!
//! ```no_run
//! use config_vars::{ConfigVars, MongoUrl, drivers::mongodb::is_auth_error};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let db: MongoUrl = ConfigVars::from_env().url("MONGODB_URI")?;
//! let client = mongodb::Client::with_options(db.to_mongodb().await?)?;
//! match client.list_database_names().await {
//!     Ok(names) => println!("{names:?}"),
//!     Err(error) if is_auth_error(&error) => println!("the password was rolled"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! # let _ = run;
//! ```
//!
//! - **The driver's own parser** reads the URL, for only it can follow `mongodb+srv://` and go on asking DNS; that is why the
//!   hand-over is async. It reads hosts, sockets and credentials as the specification has them, which [`MongoUrl`] has checked
//!   before. Its errors quote the URL, and are not passed on.
//! - **Options** that it does not know are errors to it, and so are values that the specification would have ignored with a
//!   warning ([`MongoUrl::warnings`] tells them), options that need a feature of the driver (`compressors`, `proxyHost`), and
//!   `socketTimeoutMS`. The error here tells which option it is, by its place in the query.
//! - **TLS.** With rustls the driver cannot check a certificate and not its name: `tlsAllowInvalidHostnames=true` is an
//!   error. It trusts the roots of Mozilla (webpki-roots), or those of `tlsCAFile`.
//! - **A roll.** The driver cannot change a client's credentials: build a new client, and
//!   [`shutdown`](https://docs.rs/mongodb/3.9/mongodb/struct.Client.html#method.shutdown) the old one. After a roll the old
//!   client may serve some operations and fail others, until all of its connections are gone. How to make clients in
//!   [`Live::map`](crate::Live::map), which is not async, tells the page
//!   [`frameworks`](crate::frameworks#clients-that-need-a-runtime).
//! - **Secrets.** The driver keeps the password as plain text; its `Debug` does not print it.

use super::Driver;
use crate::error::{Component, DriverFault};
use crate::secret::{Wiped, put_together};
use crate::{Error, MongoUrl, Tls};
use mongodb::error::ErrorKind;
use mongodb::options::{ClientOptions, ConnectionString};
use std::error::Error as _;

const DRIVER: Driver = Driver("mongodb");

impl MongoUrl {
    /// The options of [mongodb](crate::drivers::mongodb) for this resource. Of a `mongodb+srv://` URL, DNS is asked for the
    /// hosts.
    ///
    /// ```
    /// # use config_vars::MongoUrl;
    /// # let example = std::pin::pin!(async {
    /// let db: MongoUrl = "mongo://app:p%40ss@db1.example,[2001:db8::7]:27018/shop?tls=true".parse()?;
    /// let options = db.to_mongodb().await?;
    /// assert_eq!(options.credential.and_then(|credential| credential.password).as_deref(), Some("p@ss"));
    /// assert_eq!(options.hosts.len(), 2);
    /// assert_eq!(options.default_database.as_deref(), Some("shop"));
    /// # Ok::<(), config_vars::Error>(())
    /// # });
    /// # // Without a runtime: nothing here waits.
    /// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    /// # assert!(matches!(example.poll(&mut context), std::task::Poll::Ready(Ok(()))));
    /// ```
    ///
    /// # Errors
    ///
    /// If the driver does not take an option, or if DNS does not lead to servers.
    pub async fn to_mongodb(&self) -> Result<ClientOptions, Error> {
        if self.tls_for_drivers()? == Tls::VerifiedCa {
            return Err(DRIVER.tls_ca_only());
        }
        let parsed = ConnectionString::parse(self.expose_url()).map_err(|_| self.find_refused())?;
        match ClientOptions::parse(parsed).await {
            Ok(options) => Ok(options),
            Err(error) if is_dns(&error.kind) => Err(DriverFault::Dns.at(Component::Host)),
            Err(_) => Err(self.refused_beyond_parsing()),
        }
    }

    /// Which option the driver's parser refuses: the one without which it takes the URL.
    fn find_refused(&self) -> Error {
        let count = raw_options(self.expose_query()).count();
        let is_taken =
            |kept: &dyn Fn(usize) -> bool| ConnectionString::parse(&*self.with_options(kept)).is_ok();
        match only_refused(count, is_taken) {
            Some(index) => DRIVER.unknown_option(index + 1),
            None => DriverFault::Refused(DRIVER.0).at(Component::Value),
        }
    }

    fn refused_beyond_parsing(&self) -> Error {
        let is_socket_timeout = |name: &str| name.eq_ignore_ascii_case("socketTimeoutMS");
        let names =
            raw_options(self.expose_query()).map(|option| option.split('=').next().unwrap_or_default());
        match names.into_iter().position(is_socket_timeout) {
            Some(index) => DRIVER.unknown_option(index + 1),
            None => DriverFault::Refused(DRIVER.0).at(Component::Query),
        }
    }

    /// The URL for drivers, with some of its options.
    fn with_options(&self, is_kept: &dyn Fn(usize) -> bool) -> Wiped {
        let url = self.expose_url();
        put_together(&|text| {
            text.push(url.split('?').next().unwrap_or_default());
            let kept = raw_options(self.expose_query())
                .enumerate()
                .filter(|(index, _)| is_kept(*index));
            for (place, (_, option)) in kept.enumerate() {
                text.push(if place == 0 { "?" } else { "&" });
                text.push(option);
            }
        })
    }
}

/// The one option of so many without which the rest is taken.
///
/// Each time the parser reads all that is kept, so it is not asked option by option. From the start, the option sought is the
/// one that the first refused part ends in, unless an option before it is refused only for want of a later one
/// (`readPreferenceTags` of `readPreference`); then it is sought from the end.
fn only_refused(count: usize, is_taken: impl Fn(&dyn Fn(usize) -> bool) -> bool) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let from_start = || most_taken(count, |kept| is_taken(&|index| index < kept));
    let from_end = || last - most_taken(count, |kept| is_taken(&|index| index >= count - kept));
    let is_cause = |sought: &usize| is_taken(&|index| index != *sought);
    Some(from_start())
        .filter(is_cause)
        .or_else(|| Some(from_end()).filter(is_cause))
}

/// A number of options, fewer than all of them, that is taken where one more is refused.
fn most_taken(count: usize, is_taken: impl Fn(usize) -> bool) -> usize {
    let (mut taken, mut refused) = (0, count);
    while refused - taken > 1 {
        let middle = taken.midpoint(refused);
        match is_taken(middle) {
            true => taken = middle,
            false => refused = middle,
        }
    }
    taken
}

fn raw_options(query: Option<&str>) -> impl Iterator<Item = &str> {
    query
        .unwrap_or_default()
        .split('&')
        .filter(|option| !option.is_empty())
}

fn is_dns(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::DnsResolve { .. } | ErrorKind::Io(_))
}

/// Whether the server refused the credentials.
///
/// True for the driver's `Authentication` errors and the server's code 18, also where the driver tells them within another
/// error: after the first refusal it no longer finds a server to ask, and tells so with the refusal in the text. Not for a
/// missing right (code 13), nor for a server that is down.
///
/// ```
/// use mongodb::error::Error;
///
/// let error = Error::custom("the app's own");
/// assert!(!config_vars::drivers::mongodb::is_auth_error(&error));
/// ```
#[must_use]
pub fn is_auth_error(error: &mongodb::error::Error) -> bool {
    const AUTHENTICATION_FAILED: i32 = 18;
    let is_refusal = match &*error.kind {
        ErrorKind::Authentication { .. } => true,
        ErrorKind::Command(error) => error.code == AUTHENTICATION_FAILED,
        ErrorKind::ServerSelection { message, .. } | ErrorKind::ConnectionPoolCleared { message, .. } => {
            tells_refusal(message)
        }
        _ => false,
    };
    let within = || error.source()?.downcast_ref::<mongodb::error::Error>();
    is_refusal || within().is_some_and(is_auth_error)
}

/// The driver's authentication errors as they appear in the text of another error.
fn tells_refusal(message: &str) -> bool {
    ["SCRAM failure", "Authentication failed", "AuthenticationFailed"]
        .iter()
        .any(|sign| message.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// With how many calls the option is found that is refused, given those that are refused without another.
    fn find(count: usize, refused: &[usize], leaning: &[(usize, usize)]) -> (Option<usize>, usize) {
        let calls = Cell::new(0);
        let found = only_refused(count, |is_kept| {
            calls.set(calls.get() + 1);
            !refused.iter().any(|index| is_kept(*index))
                && leaning
                    .iter()
                    .all(|(index, other)| !is_kept(*index) || is_kept(*other))
        });
        (found, calls.get())
    }

    #[test]
    fn refused_option_is_found_in_few_parses() {
        for count in [1_usize, 2, 3, 7, 400, 4_000, 1_000_000] {
            // Each halves what is left, from both ends; and two see whether it was the cause.
            let most = 2 * count.ilog2() as usize + 4;
            for refused in [0, count / 3, count / 2, count - 1] {
                let (found, calls) = find(count, &[refused], &[]);
                assert_eq!(found, Some(refused), "{count}");
                assert!(calls <= most, "{calls} parses of {count} options");
            }
            let (found, calls) = find(count, &[0, count - 1], &[]);
            assert_eq!(found, (count == 1).then_some(0));
            assert!(calls <= most, "{calls} parses of {count} options");
        }
    }

    #[test]
    fn option_that_leans_on_another_is_not_the_cause() {
        for (refused, leaning) in [(3, (0, 1)), (3, (1, 2)), (0, (2, 1)), (0, (3, 2)), (2, (0, 3))] {
            let (found, _) = find(4, &[refused], &[leaning]);
            assert!(
                found.is_none_or(|found| found == refused),
                "{found:?} for {refused}"
            );
        }
        assert_eq!(find(4, &[3], &[(0, 1)]).0, Some(3));
        assert_eq!(find(4, &[0], &[(2, 1)]).0, Some(0));
        assert_eq!(find(0, &[], &[]).0, None);
    }

    #[test]
    fn one_of_thousands_of_options_is_named() {
        let tags = "&readPreferenceTags=dc:ny".repeat(2_000);
        let text = format!("mongodb://db.example/shop?readPreference=nearest{tags}&colour=red{tags}");
        let url: MongoUrl = text.parse().unwrap();
        assert!(ConnectionString::parse(url.expose_url()).is_err());
        let error = url.find_refused();
        assert_eq!(error.to_string(), DRIVER.unknown_option(2_002).to_string());
    }
}
