//! The login of an add-on's dashboard: the link to it, the form that arrives, and the check of its token.
//!
//! A customer opens the dashboard from Heroku, or by a [link](login_url) in an e-mail or a message. Heroku knows the
//! customer, and has the browser POST a [`Form`] to the `sso_url` of the add-on's manifest. A [`Verifier`], which
//! holds the manifest's `sso_salt`, tells whether Heroku made that form, and just now. The rules are those of Heroku's
//! page [Add-on Single Sign-on](https://devcenter.heroku.com/articles/add-on-single-sign-on), and of
//! [kensa](https://github.com/heroku/kensa), the tool that tests them.
//!
//! ```
//! use config_vars::{ConfigVars, ErrorKind, ExposeSecret, sso};
//! use std::time::{Duration, UNIX_EPOCH};
//!
//! let vars = ConfigVars::from_iter([("SSO_SALT", "2f97bfa52ca102f8874716e2eb1d3b4920ad0be4")]);
//! let verifier = sso::Verifier::new(vars.require("SSO_SALT")?.clone())?;
//!
//! // A web framework does this: axum's `Form<sso::Form>`, actix-web's `web::Form<sso::Form>`.
//! let body = "id=123&token=bb466eb1d6bc345d11072c3cd25c311f21be130d&timestamp=1267597772&issue_no=42";
//! let form: sso::Form = serde_urlencoded::from_str(body)?;
//!
//! // An app calls `verifier.check_now(&form)`. Answer an error with the status 403.
//! let now = UNIX_EPOCH + Duration::from_secs(1_267_597_800);
//! verifier.check(&form, now)?;
//! assert_eq!(form.id(), "123");
//! assert_eq!(form.get("issue_no").map(|number| number.expose_secret()), Some("42"));
//!
//! let next_day = now + Duration::from_secs(24 * 60 * 60);
//! assert_eq!(verifier.check(&form, next_day).unwrap_err().kind(), ErrorKind::StaleToken);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::error::{Error, SignOn};
use crate::secret;
use percent_encoding::{PercentEncode, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{de, ser};
use sha1::{Digest, Sha1};
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroizing;

/// The link that logs a customer in to the dashboard of an add-on, by way of Heroku.
///
/// `heroku_id` is the app's, as Heroku gave it when the add-on was provisioned; `addon_name` is the manifest's `id`.
/// Heroku hands the `context` on as fields of the [`Form`], and nothing proves it on its way: let it say what to show,
/// not what to allow, and let no key be one of Heroku's own fields.
///
/// All but the unreserved characters of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.3) is
/// percent-encoded; a space is `%20`.
///
/// ```
/// # use config_vars::sso;
/// assert_eq!(
///     sso::login_url("app123@heroku.com", "errorlog", &[("issue_no", "42"), ("tab", "stack & log")]),
///     "https://api.heroku.com/myapps/app123%40heroku.com/addons/errorlog?issue_no=42&tab=stack%20%26%20log"
/// );
/// ```
#[must_use]
pub fn login_url(heroku_id: &str, addon_name: &str, context: &[(&str, &str)]) -> String {
    let mut url = format!(
        "https://api.heroku.com/myapps/{}/addons/{}",
        escaped(heroku_id),
        escaped(addon_name)
    );
    let mut mark = '?';
    for (key, value) in context {
        url.push(mark);
        url.extend(escaped(key));
        url.push('=');
        url.extend(escaped(value));
        mark = '&';
    }
    url
}

fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, secret::UNRESERVED)
}

/// The form that Heroku has the customer's browser POST: all its fields, in their order.
///
/// It must have a `timestamp`, and an `id` with its `token`, or a `resource_id` with its `resource_token` (version 3
/// of the partner API), or both pairs; none of these more than once. All other fields may be there or not, as often as
/// they like: `nav-data`, `email`, `user_id`, `app`, the context of a [link](login_url), and what may come.
///
/// **A form is a claim until a [`Verifier`] has checked it, and then its ids and its timestamp are proved, no other
/// field.** A customer can change the e-mail address in a form that is genuine. (Heroku's page has a further token,
/// `user_scoped_resource_token`, which is computed of them too; it is kept as a field, and not checked here.)
///
/// `Debug` shows the id and the timestamp. [`Deserialize`](serde::Deserialize) reads any self-describing format, with
/// values of text or whole numbers. [`Serialize`](serde::Serialize) **exposes every field, tokens and all**, as text:
/// it is there for tests, and for proxies that hand a form on.
///
/// ```
/// # use config_vars::{ExposeSecret, sso};
/// let body = "id=123&token=bb466eb1d6bc&timestamp=1267597772&email=user%40example.com&issue_no=42";
/// let form: sso::Form = serde_urlencoded::from_str(body)?;
/// assert_eq!(form.get("email").map(|email| email.expose_secret()), Some("user@example.com"));
/// assert_eq!(format!("{form:?}"), r#"Form { id: "123", timestamp: 1267597772, .. }"#);
/// assert_eq!(serde_urlencoded::to_string(&form)?, body);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Form {
    claim: Claim,
    /// Of a form with both pairs, the second.
    further: Option<Claim>,
    timestamp: u64,
    fields: Vec<(String, SecretString)>,
}

/// An id, and what is to prove it.
#[derive(Clone)]
struct Claim {
    id: String,
    token: SecretString,
    token_name: &'static str,
}

impl Form {
    /// A form of fields that were read already.
    ///
    /// ```
    /// # use config_vars::{ErrorKind, sso};
    /// let error = sso::Form::new([("id", "123"), ("timestamp", "1267597772")]).unwrap_err();
    /// assert_eq!(error.to_string(), "the sign-on form has no `token`; pass on every field of Heroku's POST");
    /// assert_eq!(error.kind(), ErrorKind::MissingField);
    /// ```
    ///
    /// # Errors
    ///
    /// If a field that must be there is missing or repeated, or if the timestamp is no number.
    pub fn new<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, Error> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.into());
        Self::read(fields.into_iter().map(owned).collect()).map_err(SignOn::error)
    }

    fn read(fields: Vec<(String, SecretString)>) -> Result<Self, SignOn> {
        // Of a repeated field, one reader takes the first and another one the last: what was checked would not be
        // what is used.
        let find = |wanted: &'static str| {
            let mut found = fields.iter().filter(|(name, _)| name == wanted);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(SignOn::RepeatedField(wanted)),
                (found, _) => Ok(found.map(|(_, value)| value)),
            }
        };
        let claim = |id_name, token_name| match (find(id_name)?, find(token_name)?) {
            (Some(id), Some(token)) => Ok(Some(Claim {
                id: id.expose_secret().to_owned(),
                token: token.clone(),
                token_name,
            })),
            (Some(_), None) => Err(SignOn::MissingField(token_name)),
            (None, Some(_)) => Err(SignOn::MissingField(id_name)),
            (None, None) => Ok(None),
        };
        let (claim, further) = match (claim("id", "token")?, claim("resource_id", "resource_token")?) {
            (Some(claim), further) => (claim, further),
            (None, Some(claim)) => (claim, None),
            (None, None) => return Err(SignOn::MissingField("id")),
        };
        let timestamp = find("timestamp")?.ok_or(SignOn::MissingField("timestamp"))?;
        let timestamp = timestamp.expose_secret().parse();
        let timestamp = timestamp.map_err(|_| SignOn::Timestamp)?;
        Ok(Self {
            claim,
            further,
            timestamp,
            fields,
        })
    }

    /// The add-on's own id of the resource, which it answered when it was provisioned: the field `id`, or
    /// `resource_id` in a form that has no other.
    ///
    /// ```
    /// # use config_vars::sso;
    /// let form = sso::Form::new([("id", "123"), ("token", "bb46"), ("timestamp", "1267597772")])?;
    /// assert_eq!(form.id(), "123");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        &self.claim.id
    }

    /// Heroku's UUID of the resource: the field `resource_id`.
    ///
    /// ```
    /// # use config_vars::sso;
    /// let uuid = "01234567-89ab-cdef-0123-456789abcdef";
    /// let fields = [("resource_id", uuid), ("resource_token", "bb46"), ("timestamp", "1267597772")];
    /// assert_eq!(sso::Form::new(fields)?.resource_id(), Some(uuid));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn resource_id(&self) -> Option<&str> {
        self.get("resource_id").map(ExposeSecret::expose_secret)
    }

    /// When Heroku made the form, in seconds since the start of 1970 (UTC).
    ///
    /// ```
    /// # use config_vars::sso;
    /// let form = sso::Form::new([("id", "123"), ("token", "bb46"), ("timestamp", "1267597772")])?;
    /// assert_eq!(form.timestamp(), 1_267_597_772);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn timestamp(&self) -> u64 {
        self.timestamp
    }

    /// A field by its name, such as `email`, `nav-data` or a key of the [link](login_url); the first, if there are
    /// several. `None` if there is none.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, sso};
    /// # let needed = [("id", "123"), ("token", "bb46"), ("timestamp", "1267597772")];
    /// let form = sso::Form::new(needed.into_iter().chain([("app", "shop")]))?;
    /// assert_eq!(form.get("app").map(|app| app.expose_secret()), Some("shop"));
    /// assert!(form.get("user_id").is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.iter()
            .find(|(field, _)| *field == name)
            .map(|(_, value)| value)
    }

    /// All fields, in their order.
    ///
    /// ```
    /// # use config_vars::sso;
    /// let form = sso::Form::new([("id", "123"), ("token", "bb46"), ("timestamp", "1267597772")])?;
    /// assert!(form.iter().map(|(name, _)| name).eq(["id", "token", "timestamp"]));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// No name of a field: of a form that was put together wrongly, a name may be a piece of a value.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("id", &self.id())
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

impl ser::Serialize for Form {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name, value.expose_secret())))
    }
}

impl<'de> de::Deserialize<'de> for Form {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Given::deserialize(deserializer)? {
            Given::Fields(fields) => Self::read(fields).map_err(|fault| de::Error::custom(fault.error())),
            Given::Text(_) => not_a_form(),
        }
    }
}

/// What a format has in a place. A format that is asked for one type, and finds another, quotes what it found in its
/// error; so it is asked for anything, and what does not fit is refused here.
enum Given {
    Text(SecretString),
    Fields(Vec<(String, SecretString)>),
}

struct GivenVisitor;

fn not_a_form<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom(SignOn::NotAForm.error()))
}

impl<'de> de::Deserialize<'de> for Given {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GivenVisitor)
    }
}

impl<'de> de::Visitor<'de> for GivenVisitor {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sign-on form")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Given, E> {
        Ok(Given::Text(text.into()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Given, E> {
        Ok(Given::Text(secret::adopt(text)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Given, E> {
        self.visit_string(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Given, E> {
        self.visit_string(number.to_string())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key()? {
            match map.next_value()? {
                Given::Text(value) => fields.push((name, value)),
                Given::Fields(_) => return not_a_form(),
            }
        }
        Ok(Given::Fields(fields))
    }

    // The types of which serde's own error would hold the value.

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Given, E> {
        not_a_form()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Given, E> {
        not_a_form()
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Given, E> {
        not_a_form()
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Given, E> {
        not_a_form()
    }
}

/// Checks sign-on forms: that whoever made one knows the salt, and made it just now.
///
/// The check does not remember: within the window, the same form passes again.
///
/// ```
/// # use config_vars::{ErrorKind, SecretString, sso};
/// let verifier = sso::Verifier::new(SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"))?;
/// let forged = sso::Form::new([("id", "123"), ("token", "0000"), ("timestamp", "1267597772")])?;
/// assert_eq!(verifier.check_now(&forged).unwrap_err().kind(), ErrorKind::BadToken);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    salt: SecretString,
    window: Duration,
    clock_allowance: Duration,
}

impl Verifier {
    /// How old a form may be unless [`with_window`](Self::with_window) says otherwise: five minutes. Heroku's test
    /// tool, kensa, sends a form that is six minutes old, and expects that it is refused.
    pub const WINDOW: Duration = Duration::from_secs(5 * 60);

    /// How far in the future a form may have been made unless
    /// [`with_clock_allowance`](Self::with_clock_allowance) says otherwise: 30 seconds, for no two clocks agree.
    pub const CLOCK_ALLOWANCE: Duration = Duration::from_secs(30);

    /// A verifier with the `sso_salt` of the add-on's manifest.
    ///
    /// ```
    /// # use config_vars::{SecretString, sso};
    /// let error = sso::Verifier::new(SecretString::from("")).unwrap_err();
    /// assert_eq!(error.to_string(), "the salt is empty; set it to the `sso_salt` of the add-on's manifest");
    /// ```
    ///
    /// # Errors
    ///
    /// If the salt is empty, for then anybody could compute a token.
    pub fn new(salt: SecretString) -> Result<Self, Error> {
        if salt.expose_secret().is_empty() {
            return Err(SignOn::EmptySalt.error());
        }
        Ok(Self {
            salt,
            window: Self::WINDOW,
            clock_allowance: Self::CLOCK_ALLOWANCE,
        })
    }

    /// Sets how old a form may be; one of just this age passes.
    ///
    /// ```
    /// # use config_vars::{ErrorKind, SecretString, sso};
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// # let salt = SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4");
    /// # let token = "bb466eb1d6bc345d11072c3cd25c311f21be130d";
    /// # let form = sso::Form::new([("id", "123"), ("token", token), ("timestamp", "1267597772")])?;
    /// # let made = UNIX_EPOCH + Duration::from_secs(form.timestamp());
    /// let verifier = sso::Verifier::new(salt)?.with_window(Duration::from_secs(60));
    /// assert_eq!(verifier.check(&form, made + Duration::from_secs(61)).unwrap_err().kind(), ErrorKind::StaleToken);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn with_window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// Sets how far in the future a form may have been made, for clocks that differ.
    ///
    /// ```
    /// # use config_vars::{ErrorKind, SecretString, sso};
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// # let salt = SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4");
    /// # let token = "bb466eb1d6bc345d11072c3cd25c311f21be130d";
    /// # let form = sso::Form::new([("id", "123"), ("token", token), ("timestamp", "1267597772")])?;
    /// # let made = UNIX_EPOCH + Duration::from_secs(form.timestamp());
    /// let verifier = sso::Verifier::new(salt)?.with_clock_allowance(Duration::ZERO);
    /// assert_eq!(verifier.check(&form, made - Duration::from_secs(1)).unwrap_err().kind(), ErrorKind::FutureToken);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn with_clock_allowance(self, clock_allowance: Duration) -> Self {
        Self {
            clock_allowance,
            ..self
        }
    }

    /// The token for a resource's id and a timestamp, in seconds since the start of 1970 (UTC): the SHA-1 of
    /// `id:salt:timestamp`, in 40 hexadecimal digits. For tests, and for a stand-in of Heroku.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, SecretString, sso};
    /// let verifier = sso::Verifier::new(SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"))?;
    /// let token = verifier.token("123", 1_267_597_772);
    /// assert_eq!(token.expose_secret(), "bb466eb1d6bc345d11072c3cd25c311f21be130d");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn token(&self, id: &str, timestamp: u64) -> SecretString {
        let mut hasher = Sha1::new();
        // Part by part, so that no buffer holds the salt.
        for part in [id, ":", self.salt.expose_secret(), ":", &timestamp.to_string()] {
            hasher.update(part);
        }
        let mut digest = Zeroizing::new([0; 20]);
        hasher.finalize_into((&mut *digest).into());
        let mut token = Zeroizing::new(String::with_capacity(2 * digest.len()));
        for byte in *digest {
            for digit in [byte >> 4, byte & 0xF] {
                token.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        secret::adopt(std::mem::take(&mut *token))
    }

    /// Checks a form at a time that the caller tells, so that a test can set the clock. [`check_now`](Self::check_now)
    /// is for apps.
    ///
    /// Tokens are compared in constant time, and before the timestamp is looked at. A form with two tokens passes
    /// if both are right, so that either id can be relied on.
    ///
    /// ```
    /// # use config_vars::{ErrorKind, SecretString, sso};
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// let verifier = sso::Verifier::new(SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"))?;
    /// let token = "bb466eb1d6bc345d11072c3cd25c311f21be130d";
    /// let form = sso::Form::new([("id", "123"), ("token", token), ("timestamp", "1267597772")])?;
    ///
    /// let made = UNIX_EPOCH + Duration::from_secs(form.timestamp());
    /// assert!(verifier.check(&form, made + sso::Verifier::WINDOW).is_ok());
    /// let error = verifier.check(&form, made - Duration::from_secs(60)).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::FutureToken);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Of the kind [`BadToken`](crate::ErrorKind::BadToken) if a token is not the one that the salt gives,
    /// [`StaleToken`](crate::ErrorKind::StaleToken) if the form is older than the window, and
    /// [`FutureToken`](crate::ErrorKind::FutureToken) if it is further in the future than clocks may differ.
    pub fn check(&self, form: &Form, now: SystemTime) -> Result<(), Error> {
        for claim in std::iter::once(&form.claim).chain(&form.further) {
            // Of the timestamp as a number, never as the text that came: from one token, and without the salt, SHA-1
            // lets anybody compute that of a longer text which starts with the same.
            let token = self.token(&claim.id, form.timestamp);
            if !secret::same(token.expose_secret(), claim.token.expose_secret()) {
                return Err(SignOn::BadToken(claim.token_name).error());
            }
        }
        let made = Duration::from_secs(form.timestamp);
        // A clock before 1970 is wrong by so much that every form is from the future.
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        if now.saturating_sub(made) > self.window {
            return Err(SignOn::Stale.error());
        }
        if made.saturating_sub(now) > self.clock_allowance {
            return Err(SignOn::Future.error());
        }
        Ok(())
    }

    /// Checks a form by this machine's clock.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, SecretString, sso};
    /// # use std::time::{SystemTime, UNIX_EPOCH};
    /// let verifier = sso::Verifier::new(SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"))?;
    /// # let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    /// # let (token, now) = (verifier.token("123", now), now.to_string());
    /// # let form = sso::Form::new([("id", "123"), ("token", token.expose_secret()), ("timestamp", &now)])?;
    /// match verifier.check_now(&form) {
    ///     Ok(()) => println!("welcome, {}", form.id()),
    ///     Err(error) => println!("403 Forbidden: {error}"),
    /// }
    /// # verifier.check_now(&form)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    pub fn check_now(&self, form: &Form) -> Result<(), Error> {
        self.check(form, SystemTime::now())
    }
}
