//! How what a platform calls by a name of its own is spelt as a config var.

use crate::error::{Error, Fault};
use crate::scheme;
use crate::snapshot::{ConfigValue, Var};
use std::collections::HashSet;
use std::sync::Arc;

/// The name in capitals, with a `_` for what is neither letter nor digit.
pub(crate) fn capitals(name: &str) -> String {
    let letter = |letter: char| match letter {
        _ if letter.is_ascii_alphanumeric() => letter.to_ascii_uppercase(),
        _ if letter.is_ascii() => '_',
        _ => letter,
    };
    name.chars().map(letter).collect()
}

/// What services are called whose scheme is none of the spellings of it. To teach a new one, add a row.
const SERVICES: &[(&str, &str)] = &[("rabbitmq", "amqp")];

/// The scheme of the datastore that goes by such a name.
pub(crate) fn scheme_of(service: &str) -> Option<&'static str> {
    let alias = SERVICES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(service));
    let scheme = scheme::find_scheme(alias.map_or(service, |(_, scheme)| scheme))?;
    scheme.kind.rules().datastore.then_some(scheme.spelling)
}

/// A service that a platform has bound to the app, as an attachment.
pub(crate) struct Service {
    /// What the names of its config vars begin with.
    pub(crate) name: String,
    /// What those names end in, and the values.
    pub(crate) entries: Vec<(String, ConfigValue)>,
    /// The scheme, as far as it can be told.
    pub(crate) scheme: Option<&'static str>,
    pub(crate) origin: Arc<str>,
}

impl Service {
    fn vars(self) -> impl Iterator<Item = Var> {
        let Self {
            name,
            mut entries,
            scheme,
            origin,
        } = self;
        let is_given =
            |entries: &[(String, ConfigValue)], key: &str| entries.iter().any(|(given, _)| given == key);
        // As add-ons call it. Of a service that gives both, each keeps its name.
        if !is_given(&entries, "URL") {
            entries
                .iter_mut()
                .filter(|(key, _)| key == "URI")
                .for_each(|(key, _)| *key = "URL".to_owned());
        }
        // Without a URL there are parts, of which the scheme tells what they are the parts of.
        let told = ["URL", "SCHEME", "PROTOCOL"]
            .iter()
            .any(|key| is_given(&entries, key));
        if let Some(scheme) = scheme.filter(|_| !told) {
            entries.push(("SCHEME".to_owned(), scheme.into()));
        }
        entries.into_iter().map(move |(key, value)| Var {
            name: format!("{name}_{key}").into(),
            value,
            origin: Some(origin.clone()),
        })
    }
}

/// The config vars of all services. Two of one name are an error: one would be let in with the other's password.
pub(crate) fn service_vars(services: Vec<Service>) -> Result<Vec<Var>, Error> {
    let mut names = HashSet::new();
    if let Some(twin) = services
        .iter()
        .find(|service| !names.insert(service.name.as_str()))
    {
        return Err(Error::new(Fault::TwoEntries).for_known_var(&twin.name));
    }
    Ok(services.into_iter().flat_map(Service::vars).collect())
}
