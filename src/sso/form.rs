//! [`Form`]: the fields that Heroku posts.

use super::token::{TOKEN_RULES, TokenRule, USER_SCOPED};
use crate::error::{Error, SignOn};
use crate::secret;
use crate::text::is_number;
use secrecy::{ExposeSecret, SecretString};
use serde::{de, ser};
use std::fmt;

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
/// [link](super::login_url), and what may come.
///
/// **A form is a claim until a [`Verifier`](super::Verifier) has checked it, and then the fields in this table are proved for the tokens
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
    pub(super) timestamp: u64,
    pub(super) fields: Vec<(String, SecretString)>,
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
    /// If a field that must be there is missing or repeated, or if the timestamp is not a number in plain digits.
    pub fn new<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Result<Self, Error> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.into());
        Self::checked(fields.into_iter().map(owned).collect()).map_err(SignOn::error)
    }

    fn checked(fields: Vec<(String, SecretString)>) -> Result<Self, SignOn> {
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
    pub(super) fn rules(&self) -> impl Iterator<Item = &'static TokenRule> {
        TOKEN_RULES.iter().filter(|rule| self.get(rule.token).is_some())
    }

    pub(super) fn text(&self, name: &str) -> &str {
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

    /// A field by its name, such as `email`, `nav-data` or a key of the [link](super::login_url); the first, if there are
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

/// Parses a number as programs write it: only digits, without leading zeros. Each number has one such text, so the text
/// of a proved timestamp is proved.
fn plain_number(text: &str) -> Option<u64> {
    let is_plain = is_number(text) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
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
        match FormValue::deserialize(deserializer)? {
            FormValue::Fields(fields) => {
                Self::checked(fields).map_err(|fault| de::Error::custom(fault.error()))
            }
            FormValue::Text(_) => not_a_form(),
        }
    }
}

fn not_a_form<T, E: de::Error>() -> Result<T, E> {
    Err(E::custom(SignOn::NotAForm.error()))
}

/// Any value of a format. If a format is asked for a specific type and has another value, its error quotes that value;
/// therefore it is asked for any type, and unsuitable values are rejected here.
enum FormValue {
    Text(SecretString),
    Fields(Vec<(String, SecretString)>),
}

struct FormValueVisitor;

impl<'de> de::Deserialize<'de> for FormValue {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormValueVisitor)
    }
}

impl<'de> de::Visitor<'de> for FormValueVisitor {
    type Value = FormValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sign-on form")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<FormValue, E> {
        Ok(FormValue::Text(text.into()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<FormValue, E> {
        Ok(FormValue::Text(secret::adopt(text)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<FormValue, E> {
        self.visit_string(number.to_string())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<FormValue, E> {
        self.visit_string(number.to_string())
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<FormValue, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key()? {
            match map.next_value()? {
                FormValue::Text(value) => fields.push((name, value)),
                FormValue::Fields(_) => return not_a_form(),
            }
        }
        Ok(FormValue::Fields(fields))
    }

    // The types of which serde's own error would hold the value.

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<FormValue, E> {
        not_a_form()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<FormValue, E> {
        not_a_form()
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<FormValue, E> {
        not_a_form()
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<FormValue, E> {
        not_a_form()
    }
}
