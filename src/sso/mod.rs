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

mod form;
mod token;
mod verifier;

pub use form::Form;
pub use verifier::Verifier;

use crate::secret;
use percent_encoding::{PercentEncode, utf8_percent_encode};

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
