//! The text that a typed URL is parsed from.

use crate::attachment;
use crate::error::Error;
use crate::snapshot::ConfigVars;
use crate::url::ResourceUrl;
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;

/// Returns the text that a typed URL is parsed from. For a resource in several vars, this is the URL that they form.
pub(crate) fn url_text<'v>(vars: &'v ConfigVars, name: &str) -> Result<Cow<'v, SecretString>, Error> {
    let missing = || vars.missing(name);
    let text = vars.look_up(name).ok_or_else(missing)?;
    let text = text.require().map_err(|error| error.for_known_var(name))?;
    if !attachment::is_assembled(vars, name, text.expose_secret()) {
        return Ok(Cow::Borrowed(text));
    }
    let url: ResourceUrl = attachment::url(vars, name)?;
    Ok(Cow::Owned(SecretString::from(url.expose_original())))
}
