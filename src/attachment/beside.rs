//! A URL that config vars beside it complete: `REDIS_URL`, `REDIS_PASSWORD` and `REDIS_TLS`.

use super::part_group::PartGroup;
use super::part_tls::TlsParts;
use super::parts::{
    SchemeAndOptions, begins_within, scheme_and_options, scheme_asks_for_tls, starttls_option,
};
use super::tables::{NO_USERNAME, PASSWORD, USERNAME};
use crate::error::{Component, Error};
use crate::secret;
use crate::tls::Tls;
use crate::url::{Additions, Host, ResourceUrl, check_kind_rules};
use secrecy::{ExposeSecret, SecretString};

/// Reads a URL with the login and the TLS that config vars beside it have, where it has none itself.
pub(super) fn read_beside(group: PartGroup<'_>, text: &str) -> Result<ResourceUrl, Error> {
    let url: ResourceUrl = crate::url::parse(text)?;
    let [username, password] = login_beside(group, &url)?;
    let (tls, separate) = match may_lack_tls(&url) {
        true => (tls_beside(group, &url)?, scheme_asks_for_tls(group)?),
        false => (None, None),
    };
    if username.is_none() && password.is_none() && tls.is_none() && separate.is_none() {
        return Ok(url);
    }
    let (scheme, options) = match &tls {
        Some(tls) => scheme_and_options_beside(&url, tls)?,
        None => (None, Vec::new()),
    };
    let scheme = scheme.or(separate);
    let additions = Additions {
        scheme,
        username,
        password,
        options: &options,
    };
    let tls_var = tls.as_ref().and_then(TlsParts::var);
    url.with(additions)
        .map_err(|error| match (error.component(), tls_var) {
            (Some(Component::Username), _) => group.blame(USERNAME, error),
            (Some(Component::Password), _) => group.blame(PASSWORD, error),
            (_, Some(var)) => error.for_known_var(var),
            _ => error,
        })
}

/// Returns the user name and the password that a URL lacks. If it names a user, the password must be that user's. Nothing is added
/// to a URL whose options forbid a password (`authMechanism=MONGODB-X509`).
fn login_beside<'v>(
    group: PartGroup<'v>,
    url: &'v ResourceUrl,
) -> Result<[Option<&'v SecretString>; 2], Error> {
    const NONE: [Option<&SecretString>; 2] = [None, None];
    if !url.lacks_password() {
        return Ok(NONE);
    }
    let own = url.username();
    let username = group.credential(USERNAME, Component::Username)?;
    let is_of_other = match (own, username) {
        (Some(own), Some(name)) => !secret::same(own.expose_secret(), name.expose_secret()),
        (None, None) => !NO_USERNAME.contains(&group.kind),
        _ => false,
    };
    if is_of_other {
        return Ok(NONE);
    }
    let password = group.credential(PASSWORD, Component::Password)?;
    if own.is_some() && password.is_none() {
        return Ok(NONE);
    }
    let login = [own.or(username), password];
    let [username, password] = login;
    let with = url.with(Additions {
        username,
        password,
        ..Additions::default()
    });
    Ok(match with {
        Ok(with) if check_kind_rules(&with).is_err() => NONE,
        _ => login,
    })
}

/// Returns whether a URL may lack TLS that config vars beside it ask for.
fn may_lack_tls(url: &ResourceUrl) -> bool {
    let is_local = url.hosts().iter().all(Host::is_socket);
    !is_local && !url.is_tls()
}

/// Returns the TLS that a URL lacks.
fn tls_beside<'v>(group: PartGroup<'v>, url: &ResourceUrl) -> Result<Option<TlsParts<'v>>, Error> {
    let mut tls = TlsParts::read(group)?;
    // The TLS of all resources is a default, which the URL's own options replace.
    if url.tls() == Tls::Unspecified {
        tls.add_shared(group)?;
    }
    Ok(tls.ask_for_tls(group.kind)?.then_some(tls))
}

/// Returns the scheme for TLS, if the URL gets another, and the options for it. On some ports, TLS begins within the connection.
fn scheme_and_options_beside<'v>(
    url: &ResourceUrl,
    tls: &TlsParts<'v>,
) -> Result<SchemeAndOptions<'v>, Error> {
    let kind = url.kind();
    let port = url.port().map(|port| port.number().to_string());
    let (scheme, mut options) = match begins_within(kind, port.as_deref()) {
        true => (None, tls.options()),
        false => scheme_and_options(kind, tls)?,
    };
    if scheme.is_none() {
        if let Some(option) = starttls_option(kind, tls) {
            options.push(option);
        }
    }
    Ok((scheme, options))
}
