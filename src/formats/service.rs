//! Services that a platform binds to an app, as config vars.

use crate::error::{Error, Fault};
use crate::origin::Origin;
use crate::scheme;
use crate::snapshot::{ConfigValue, Var};
use crate::sorted::first_equals;

/// Returns the name in upper case, with a `_` for every character that is neither a letter nor a digit.
pub(crate) fn capitals(name: &str) -> String {
    let mut capitals = String::with_capacity(name.len());
    for letter in name.chars() {
        capitals.push(match letter {
            _ if letter.is_ascii_alphanumeric() => letter.to_ascii_uppercase(),
            _ if letter.is_ascii() => '_',
            _ => letter,
        });
    }
    capitals
}

/// Service names that differ from the URL scheme. To support another one, add a row.
const SERVICES: &[(&str, &str)] = &[("rabbitmq", "amqp")];

/// Returns the scheme of the datastore with such a name.
pub(crate) fn scheme_of(service: &str) -> Option<&'static str> {
    let mut spelling = service;
    for (name, scheme) in SERVICES {
        if name.eq_ignore_ascii_case(service) {
            spelling = scheme;
        }
    }
    let scheme = scheme::find_scheme(spelling)?;
    scheme.kind.rules().datastore.then_some(scheme.spelling)
}

/// A service that a platform bound to the app, as an attachment.
pub(crate) struct Service {
    /// The prefix of its config vars' names.
    pub(crate) name: String,
    /// The rest of those names, and the values.
    pub(crate) entries: Vec<(String, ConfigValue)>,
    /// The scheme, if it is known.
    pub(crate) scheme: Option<&'static str>,
    pub(crate) origin: Origin,
}

impl Service {
    fn add_to(self, vars: &mut Vec<Var>) {
        let Self {
            name,
            mut entries,
            scheme,
            origin,
        } = self;
        // The name that add-ons use. If a service has both, each keeps its name.
        if !has_key(&entries, "URL") {
            for (key, _) in &mut entries {
                if key == "URI" {
                    "URL".clone_into(key);
                }
            }
        }
        // Without a URL, the scheme determines the kind of the resource that the parts form.
        let is_told =
            has_key(&entries, "URL") || has_key(&entries, "SCHEME") || has_key(&entries, "PROTOCOL");
        match scheme {
            Some(scheme) if !is_told => entries.push(("SCHEME".to_owned(), scheme.into())),
            _ => {}
        }
        for (key, value) in entries {
            vars.push(Var {
                name: format!("{name}_{key}").into(),
                value,
                origin: Some(origin.clone()),
            });
        }
    }
}

fn has_key(entries: &[(String, ConfigValue)], key: &str) -> bool {
    for (given, _) in entries {
        if given == key {
            return true;
        }
    }
    false
}

/// Returns the config vars of all services. Two services with one name are an error, because their credentials would be mixed.
pub(crate) fn service_vars(services: Vec<Service>) -> Result<Vec<Var>, Error> {
    let firsts = first_equals(services.len(), &|one, other| {
        services[one].name.cmp(&services[other].name)
    });
    for (index, first) in firsts.iter().enumerate() {
        if index != *first {
            return Err(Error::new(Fault::TwoEntries).for_known_var(&services[index].name));
        }
    }
    let mut vars = Vec::new();
    for service in services {
        service.add_to(&mut vars);
    }
    Ok(vars)
}
