//! Checks of config vars that are credentials, and not resources.

use super::role::Role;
use crate::error::{Component, Error, Fault};
use crate::placeholder;
use crate::snapshot::Var;
use crate::text::CharacterSet;
use crate::url::check_edges;
use secrecy::ExposeSecret;

/// Checks a config var that is not a resource: for blanks or quotes around a credential, and for PEM text that no library
/// accepts.
pub(super) fn check_credential(var: &Var, role: Role) -> Result<(), Error> {
    let Some(text) = var.value.secret().map(ExposeSecret::expose_secret) else {
        return Ok(());
    };
    let is_before: CharacterSet = |first| first.is_whitespace() || matches!(first, '"' | '\'' | '`');
    let has_pem = text.trim_start_matches(is_before).starts_with(PEM_BEGIN);
    let is_secret = matches!(
        role,
        Role::Username | Role::Password | Role::Token | Role::Certificate | Role::PrivateKey
    );
    if has_pem {
        // The last line of a file ends with a line break.
        check_edges(text.trim_end_matches(LINE_BREAKS))?;
        check_pem(text).map_err(|fault| Error::at(Component::Value, fault))
    } else if is_secret {
        check_edges(text)?;
        match placeholder::in_credential(text) {
            Some(fault) => Err(Error::at(Component::Value, fault)),
            None => Ok(()),
        }
    } else {
        Ok(())
    }
}

const PEM_BEGIN: &str = "-----BEGIN ";

const PEM_END: &str = "-----END ";

const LINE_BREAKS: &[char] = &['\r', '\n'];

/// Checks that PEM text has what all libraries need: its labels, each on a line of its own.
fn check_pem(text: &str) -> Result<(), Fault> {
    let label = text.strip_prefix(PEM_BEGIN).unwrap_or(text);
    let (_, after_label) = label.split_once("-----").unwrap_or_default();
    if after_label.starts_with("\\n") || after_label.starts_with("\\r\\n") {
        return Err(Fault::EscapedPem);
    }
    let Some((body, _)) = after_label.split_once(PEM_END) else {
        return Err(Fault::CutPem);
    };
    // NATS's credentials have a dash more before `END`.
    let body = body.strip_suffix('-').unwrap_or(body);
    let begins_line = |text: &str| text.starts_with('\n') || text.starts_with("\r\n");
    match begins_line(body) && body.ends_with('\n') {
        true if body.contains("\\n") => Err(Fault::EscapedPem),
        true => Ok(()),
        false => Err(Fault::PemWithoutLines),
    }
}
