//! [`Verifier`]: checks the tokens of a form.

use super::form::Form;
use super::token::{TOKEN_RULES, TokenRule, USER_SCOPED, is_unambiguous};
use crate::error::{Error, SignOn};
use crate::secret;
use secrecy::{ExposeSecret, SecretString};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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
