//! Reads the config vars that are resources.

use super::alias;
use super::beside::read_beside;
use super::names::has_word;
use super::part_tls::has_shared_tls;
use super::parts::{read_parts, read_servers};
use super::recognise::recognise;
use super::role::Role;
use super::shape::{Shape, fault_of_kind, shape};
use super::tables::{DSN_SUFFIX, KEYED_SERVICES};
use crate::error::{Component, Error, ErrorKind, Fault};
use crate::kind::Kind;
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::text::{is_listed, is_number};
use crate::url::{self, Resource, ResourceUrl, check_kind_rules};
use secrecy::{ExposeSecret, SecretString};

/// A config var that is a resource, or was intended to be one.
pub(super) struct FoundResource<'v> {
    /// The place of the config var in its snapshot.
    pub(super) index: usize,
    pub(super) var: &'v Var,
    pub(super) attachment: &'v str,
    /// Determined by the scheme alone, so that a URL with a fault has a kind as well.
    pub(super) kind: Kind,
    pub(super) role: Role,
    /// Boxed, because an error is much smaller than a URL.
    pub(super) resource: Result<Box<ResourceUrl>, Error>,
}

impl FoundResource<'_> {
    pub(super) fn url(&self) -> Result<&ResourceUrl, &Error> {
        self.resource.as_ref().map(|url| &**url)
    }

    /// Returns whether both have the same endpoint, with any credentials.
    pub(super) fn leads_where(&self, other: &Self) -> bool {
        matches!((self.url(), other.url()), (Ok(one), Ok(other)) if alias::is_same_endpoint(one, other))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        matches!((self.url(), other.url()), (Ok(one), Ok(other)) if alias::is_same_resource(one, other))
    }
}

/// Returns all config vars that are resources, or were intended to be.
pub(super) fn resources(vars: &ConfigVars) -> Vec<FoundResource<'_>> {
    let has_shared_tls = has_shared_tls(vars);
    let mut found = Vec::new();
    for (index, var) in vars.as_slice().iter().enumerate() {
        let Some(recognised) = recognise(vars, index, has_shared_tls) else {
            continue;
        };
        let bound = var.value.bound().map(|bound| &*bound.attachment);
        found.push(FoundResource {
            index,
            var,
            attachment: bound.unwrap_or(recognised.attachment),
            kind: recognised.kind,
            role: recognised.shape.role(),
            resource: read_checked(vars, var, recognised.shape),
        });
    }
    found
}

/// Reads a resource by all rules of its kind, as its typed URL would.
fn read_checked(vars: &ConfigVars, var: &Var, shape: Shape<'_>) -> Result<Box<ResourceUrl>, Error> {
    let url: ResourceUrl = read_shaped(vars, &var.name, &var.value, Some(shape))?;
    check_kind_rules(&url).map_err(|error| error.for_known_var(&var.name))?;
    Ok(Box::new(url))
}

/// Reads a config var as a resource.
pub(super) fn read<T: Resource>(vars: &ConfigVars, name: &str, value: &ConfigValue) -> Result<T, Error> {
    read_shaped(vars, name, value, None)
}

/// Reads a config var, whose shape may be known.
fn read_shaped<T: Resource>(
    vars: &ConfigVars,
    name: &str,
    value: &ConfigValue,
    known: Option<Shape<'_>>,
) -> Result<T, Error> {
    let read = |text: &SecretString| {
        let text = text.expose_secret();
        let url = match known.unwrap_or_else(|| shape(vars, name, text)) {
            Shape::Url if name.ends_with(DSN_SUFFIX) => keyed(name, url::parse(text)?)?,
            Shape::Url => return url::parse(text).map_err(|error| explained(vars, name, text, error)),
            // The message that the kind is not the expected one comes first.
            Shape::UrlBeside(parts) if T::KIND.is_some_and(|kind| kind != parts.kind) => {
                return url::parse(text);
            }
            Shape::UrlBeside(parts) => read_beside(parts, text)?,
            Shape::Servers(parts) => read_servers(parts, text)?,
            Shape::Host(parts) => read_parts(parts, text)?,
        };
        T::from_resource_url(url)
    };
    value
        .require()
        .and_then(read)
        .map_err(|error| error.for_known_var(name))
}

/// Returns the fault of the config vars beside a host in place of "has no scheme", which a host need not have.
fn explained(vars: &ConfigVars, name: &str, text: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::MissingScheme => fault_of_kind(vars, name, text).unwrap_or(error),
        _ => error,
    }
}

/// Refuses the web URL of an error tracker without its key.
fn keyed(name: &str, url: ResourceUrl) -> Result<ResourceUrl, Error> {
    let is_keyless = url.kind() == Kind::Http && url.username().is_none();
    if is_keyless && (has_word(name, KEYED_SERVICES) || is_project(&url)) {
        return Err(Error::at(Component::Username, Fault::NoKey));
    }
    Ok(url)
}

/// Returns whether a web URL looks like Sentry's: one of its hosts, or the number of a project as its path.
fn is_project(url: &ResourceUrl) -> bool {
    match url.expose_path().and_then(|path| path.get(1..)) {
        Some(path) if is_number(path) => return true,
        _ => {}
    }
    const SEPARATORS: &[char] = &['.', '-'];
    for label in url.host().unwrap_or_default().split(SEPARATORS) {
        if is_listed(KEYED_SERVICES, label) {
            return true;
        }
    }
    false
}
