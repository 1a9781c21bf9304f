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
use crate::secret::{self, FixedBuffer};
use percent_encoding::{PercentEncode, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use serde::{de, ser};
use sha1::Sha1;
use sha1::digest::{Digest, Output};
use sha2::Sha256;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use zeroize::Zeroize;

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
/// It must have a `timestamp` and at least one token, with all that the token proves; none of these more than once:
///
/// | token | proves, beside `timestamp` |
/// |---|---|
/// | `user_scoped_resource_token` | `resource_id`, `user_id`, `email` |
/// | `resource_token` | `resource_id` |
/// | `token` (version 1 of the partner API) | `id` |
///
/// All other fields may be there or not, as often as they like: `nav-data`, `app`, the context of a
/// [link](login_url), and what may come.
///
/// **A form is a claim until a [`Verifier`] has checked it, and then the fields in this table are proved for the tokens
/// that the form has, and no other field.** Without a `user_scoped_resource_token`, a customer can change the e-mail
/// address in a form that is genuine. [`get`](Self::get) returns a proved field exactly as it was proved.
///
/// Heroku's tokens do not say which field they are for: `token` and `resource_token` of one id are the same. So that
/// an `id` cannot pass as a `resource_id`, a `resource_id` must be a UUID, as Heroku's are. The reverse cannot be told:
/// look an `id` up only among the ids that the add-on itself has given out.
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
    timestamp: u64,
    fields: Vec<(String, SecretString)>,
}

/// A token, and what it proves: the digest of the first field, the salt, the timestamp, and the other fields.
struct TokenRule {
    token: &'static str,
    id: &'static str,
    others: &'static [&'static str],
    digest: fn(&[&str]) -> SecretString,
}

impl TokenRule {
    /// The fields that it proves, beside the timestamp.
    fn proved(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.id).chain(self.others.iter().copied())
    }
}

const USER_SCOPED: TokenRule = TokenRule {
    token: "user_scoped_resource_token",
    id: "resource_id",
    others: &["user_id", "email"],
    digest: hex_digest::<Sha256>,
};

const TOKEN_RULES: [TokenRule; 3] = [
    TokenRule {
        token: "token",
        id: "id",
        others: &[],
        digest: hex_digest::<Sha1>,
    },
    TokenRule {
        token: "resource_token",
        id: "resource_id",
        others: &[],
        digest: hex_digest::<Sha1>,
    },
    USER_SCOPED,
];

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
    /// If a field that must be there is missing or repeated, or if the timestamp is not a number in plain digits.
    pub fn new<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, Error> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.into());
        Self::read(fields.into_iter().map(owned).collect()).map_err(SignOn::error)
    }

    fn read(fields: Vec<(String, SecretString)>) -> Result<Self, SignOn> {
        let form = Self { timestamp: 0, fields };
        for rule in &TOKEN_RULES {
            form.check_fields(rule)?;
        }
        if form.rules().next().is_none() {
            return Err(SignOn::MissingField("id"));
        }
        let timestamp = form
            .single("timestamp")?
            .ok_or(SignOn::MissingField("timestamp"))?;
        let timestamp = plain_number(timestamp).ok_or(SignOn::Timestamp)?;
        Ok(Self { timestamp, ..form })
    }

    /// Checks that a token and what it proves are there together, each once.
    fn check_fields(&self, rule: &TokenRule) -> Result<(), SignOn> {
        if self.single(rule.token)?.is_none() {
            let is_proved_by = |other: &TokenRule| other.id == rule.id && self.get(other.token).is_some();
            return match self.single(rule.id)? {
                Some(_) if !TOKEN_RULES.iter().any(is_proved_by) => Err(SignOn::MissingField(rule.token)),
                _ => Ok(()),
            };
        }
        for name in rule.proved() {
            self.single(name)?.ok_or(SignOn::MissingField(name))?;
        }
        Ok(())
    }

    /// The value of a field that must not be repeated: one reader takes the first and another one the last, so what was
    /// checked would not be what is used.
    fn single(&self, wanted: &'static str) -> Result<Option<&str>, SignOn> {
        let mut found = self.iter().filter(|(name, _)| *name == wanted);
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err(SignOn::RepeatedField(wanted)),
            (found, _) => Ok(found.map(|(_, value)| value.expose_secret())),
        }
    }

    /// The rules of the tokens that it has.
    fn rules(&self) -> impl Iterator<Item = &'static TokenRule> {
        TOKEN_RULES.iter().filter(|rule| self.get(rule.token).is_some())
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).map_or("", ExposeSecret::expose_secret)
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
        match self.get("id") {
            Some(id) => id.expose_secret(),
            None => self.text("resource_id"),
        }
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

    /// Returns whether the form has a `user_scoped_resource_token`, which proves `user_id` and `email` as well.
    ///
    /// ```
    /// # use config_vars::sso;
    /// let form = sso::Form::new([("id", "123"), ("token", "bb46"), ("timestamp", "1267597772"), ("email", "a@b.example")])?;
    /// assert!(!form.is_user_scoped()); // anybody may have changed the address
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_user_scoped(&self) -> bool {
        self.get(USER_SCOPED.token).is_some()
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

/// A number as it is written by a program: digits alone, and no zero before them. Each number has one such text, so the text
/// of a proved timestamp is proved.
fn plain_number(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

/// Whether a proved field can be read in one way only.
fn is_unambiguous(name: &str, value: &str) -> bool {
    match name {
        // The token of an `id` is right for the same text as a `resource_id`.
        "resource_id" => is_uuid(value),
        // Colons join the fields: with one in the user's id, a piece of the address could pass for a piece of the id.
        "user_id" => !value.contains(':'),
        // The padding by which anybody can extend a digest has such characters.
        "email" => !value.contains(char::is_control),
        _ => true,
    }
}

/// Whether it is a UUID in its usual form: `01234567-89ab-cdef-0123-456789abcdef`.
fn is_uuid(text: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_hex = |group: &str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.split('-').map(str::len).eq(GROUPS) && text.split('-').all(is_hex)
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

/// Any value of a format. If a format is asked for a specific type and has another value, its error quotes that value;
/// therefore it is asked for any type, and unsuitable values are rejected here.
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

/// The digest of parts with colons between them, in hexadecimal digits.
fn hex_digest<D: Digest>(parts: &[&str]) -> SecretString {
    let mut hasher = D::new();
    // Part by part, so that no buffer holds the salt.
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            hasher.update(":");
        }
        hasher.update(part);
    }
    let mut digest = Output::<D>::default();
    hasher.finalize_into(&mut digest);
    let mut token = FixedBuffer::<String>::with_capacity(2 * digest.len());
    for byte in &digest {
        for digit in [byte >> 4, byte & 0xF] {
            token.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    digest.as_mut_slice().zeroize();
    secret::adopt(token.take())
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
    must_be_user_scoped: bool,
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
            must_be_user_scoped: false,
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

    /// Requires that forms have a `user_scoped_resource_token`, so that every form that passes proves who the user is.
    ///
    /// ```
    /// # use config_vars::{SecretString, sso};
    /// # let salt = SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4");
    /// # let token = "bb466eb1d6bc345d11072c3cd25c311f21be130d";
    /// let form = sso::Form::new([("id", "123"), ("token", token), ("timestamp", "1267597772")])?;
    /// let verifier = sso::Verifier::new(salt)?.require_user();
    /// let error = verifier.check_now(&form).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the sign-on form has no `user_scoped_resource_token`; pass on every field of Heroku's POST"
    /// );
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn require_user(self) -> Self {
        Self {
            must_be_user_scoped: true,
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
        self.digest(&TOKEN_RULES[0], id, timestamp, &[])
    }

    /// Returns the `user_scoped_resource_token` for a resource, a timestamp and a user: the SHA-256 of
    /// `resource_id:salt:timestamp:user_id:email`, in 64 hexadecimal digits. For tests, and for a stand-in of Heroku.
    ///
    /// ```
    /// # use config_vars::{ExposeSecret, SecretString, sso};
    /// let verifier = sso::Verifier::new(SecretString::from("2f97bfa52ca102f8874716e2eb1d3b4920ad0be4"))?;
    /// let resource = "01234567-89ab-cdef-0123-456789abcdef";
    /// let token = verifier.user_scoped_token(resource, 1_267_597_772, "98d1", "user@example.com");
    /// assert_eq!(token.expose_secret().len(), 64);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn user_scoped_token(
        &self,
        resource_id: &str,
        timestamp: u64,
        user_id: &str,
        email: &str,
    ) -> SecretString {
        self.digest(&USER_SCOPED, resource_id, timestamp, &[user_id, email])
    }

    fn digest(&self, rule: &TokenRule, id: &str, timestamp: u64, others: &[&str]) -> SecretString {
        let timestamp = timestamp.to_string();
        let parts = [&[id, self.salt.expose_secret(), &timestamp], others].concat();
        // The digest's state is wiped where it ends, and not where it was moved from.
        secret::with_clean_stack(|| (rule.digest)(&parts))
    }

    /// Checks a form at a time that the caller tells, so that a test can set the clock. [`check_now`](Self::check_now)
    /// is for apps.
    ///
    /// Tokens are compared in constant time, and before the timestamp is looked at. A form with several
    /// tokens passes if all are right, so that each field that they prove can be relied on.
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
    /// Returns [`BadToken`](crate::ErrorKind::BadToken) if a token does not match the salt,
    /// [`InvalidField`](crate::ErrorKind::InvalidField) if a `resource_id` is not a UUID, a `user_id` contains a `:`, or an
    /// `email` a control character, [`MissingField`](crate::ErrorKind::MissingField) if a token that was
    /// [required](Self::require_user) is not there,
    /// [`StaleToken`](crate::ErrorKind::StaleToken) if the form is older than the window, and
    /// [`FutureToken`](crate::ErrorKind::FutureToken) if it is further in the future than clocks may differ.
    pub fn check(&self, form: &Form, now: SystemTime) -> Result<(), Error> {
        if self.must_be_user_scoped && !form.is_user_scoped() {
            return Err(SignOn::MissingField(USER_SCOPED.token).error());
        }
        for rule in form.rules() {
            // Hash the timestamp as a number, never as the original text: with SHA-1, anybody can extend a known token to that
            // of a longer text without the salt.
            let others: Vec<_> = rule.others.iter().map(|name| form.text(name)).collect();
            let token = self.digest(rule, form.text(rule.id), form.timestamp, &others);
            if !secret::same(token.expose_secret(), form.text(rule.token)) {
                return Err(SignOn::BadToken(rule.token).error());
            }
            if let Some(name) = rule.proved().find(|name| !is_unambiguous(name, form.text(name))) {
                return Err(SignOn::Field(name).error());
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
