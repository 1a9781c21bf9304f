//! Config vars that an attachment can do without: ordinary settings, and parts that the resource now has from elsewhere.

use crate::attachment::name_words::is_setting;
use crate::attachment::{Attachment, Role, looked_for, tls_names};
use crate::snapshot::ConfigVars;
use crate::sorted::is_among;
use crate::text::has_any_character;
use crate::url::ResourceUrl;
use secrecy::{ExposeSecret, SecretString};

/// Returns whether an attachment is complete without a config var that is gone from the fresh snapshot.
///
/// A doubtful one counts as needed, because it may be the half of a credential.
pub(super) fn is_unneeded(
    name: &str,
    vars: &ConfigVars,
    current: &Attachment<'_>,
    fresh: &Attachment<'_>,
) -> bool {
    let value = vars.find_var(name).and_then(|var| var.value.secret());
    let value = value.map_or("", |value| value.expose_secret());
    // A file of authorities, or their PEM text, is no less than a mode: others would be trusted without it.
    let is_word = !has_any_character(value, "./\\\n");
    let mut is_part = false;
    for (resource, url) in current.urls() {
        if resource == name {
            return false;
        }
        let is_of_tls = tls_names(vars, resource).contains(&name);
        if !is_of_tls && !is_among(&looked_for(vars, resource), name) {
            continue;
        }
        is_part = true;
        let now = fresh.urls().find(|(other, _)| *other == resource);
        match (url, now) {
            (Ok(url), Some((_, Ok(now)))) if has_part(now, name, url, is_of_tls && is_word) => {}
            _ => return false,
        }
    }
    is_part || is_setting(name, value) && !says_tls(name)
}

/// Returns whether the name of a setting speaks of TLS, which the app may read itself.
fn says_tls(name: &str) -> bool {
    const WORDS: [&str; 5] = ["ssl", "tls", "verify", "secure", "crypt"];
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Returns whether a URL has the part that a config var was, although that is gone: `DB_USERNAME` may have replaced `DB_USER`.
fn has_part(now: &ResourceUrl, name: &str, before: &ResourceUrl, is_of_tls: bool) -> bool {
    let is_set = |text: Option<&SecretString>| text.is_some_and(|text| !text.expose_secret().is_empty());
    match Role::of(name, None) {
        Role::Username => is_set(now.username()),
        Role::Password => is_set(now.password()),
        Role::Port => now.port().is_some_and(|port| !port.is_default()),
        Role::Database => now.database().is_some(),
        Role::Other => is_of_tls && now.tls() >= before.tls(),
        _ => false,
    }
}
