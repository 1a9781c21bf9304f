//! Docker: the containers and images of `docker inspect`, and the services of `docker compose config`.

use super::document::Node;
use super::{Candidates, NamedSet, Parsed, collect};
use config_vars::{ConfigValue, ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// Reads the list that `docker inspect` and `docker service inspect` write.
pub(super) fn containers(document: &Node) -> Result<Option<Candidates>, String> {
    let elements = match document {
        Node::List(elements) => elements.as_slice(),
        // `docker inspect --format '{{json .}}'`
        node => std::slice::from_ref(node),
    };
    let sets: Vec<_> = elements
        .iter()
        .filter_map(|element| {
            let name = name(element);
            Some(NamedSet {
                full_name: name.clone(),
                name,
                vars: list(environment(element)?, Dollar::Plain),
            })
        })
        .collect();
    Ok((!sets.is_empty()).then_some(Candidates {
        what: "containers",
        sets,
    }))
}

fn environment(element: &Node) -> Option<&Node> {
    // An element without variables has null here.
    let has_config = element.get("Id").is_some() || element.get("ID").is_some();
    [
        &["Config", "Env"][..],
        &["Spec", "TaskTemplate", "ContainerSpec", "Env"],
    ]
    .into_iter()
    .find_map(|path| element.at(path))
    .filter(|env| has_config || env.elements().is_some())
}

fn name(element: &Node) -> String {
    let name = element.get("Name").or_else(|| element.at(&["Spec", "Name"]));
    let tag = || element.get("RepoTags")?.elements()?.first();
    // An image without a tag has its id alone.
    let id = || element.get("Id").or_else(|| element.get("ID"))?.text();
    let name = name.and_then(Node::text).or_else(|| tag()?.text()).or_else(id);
    let name = name.map(ExposeSecret::expose_secret).unwrap_or_default();
    // Docker shows a container's name without the slash.
    name.strip_prefix('/').unwrap_or(name).to_owned()
}

/// Reads the services of `docker compose config`.
pub(super) fn services(document: &Node) -> Result<Option<Candidates>, String> {
    let Some(services) = document.get("services").and_then(Node::members) else {
        return Ok(None);
    };
    if !services.iter().all(|(_, service)| service.members().is_some()) {
        return Ok(None);
    }
    let sets = services.iter().map(|(name, service)| NamedSet {
        name: name.clone(),
        full_name: name.clone(),
        vars: service_vars(service),
    });
    Ok(Some(Candidates {
        what: "services",
        sets: sets.collect(),
    }))
}

fn service_vars(service: &Node) -> Result<Parsed, String> {
    match service.get("environment") {
        None | Some(Node::Null) => Ok(collect(std::iter::empty())?.into()),
        Some(list_of @ Node::List(_)) => list(list_of, Dollar::Doubled),
        Some(Node::Object(members)) => {
            let is_scalar = |(_, value): &(String, Node)| value.is_null() || value.scalar().is_some();
            if !members.iter().all(is_scalar) {
                return Err("has an `environment` with a value that is not a text".to_owned());
            }
            // Null is a variable that is not set.
            let pairs = members.iter().filter_map(|(name, value)| {
                Some((
                    name.clone(),
                    Dollar::Doubled.value(value.scalar()?.expose_secret()),
                ))
            });
            collect(pairs).map(Parsed::from)
        }
        Some(_) => Err("has an `environment` that is neither an object nor a list".to_owned()),
    }
}

/// Reads a list of `NAME=value`. A name alone is a variable that is not set.
fn list(list: &Node, dollar: Dollar) -> Result<Parsed, String> {
    let mut pairs = Vec::new();
    for element in list.elements().unwrap_or_default() {
        let text = element
            .text()
            .ok_or("has a list of variables with an element that is not a text")?;
        if let Some((name, value)) = text.expose_secret().split_once('=') {
            pairs.push((name.to_owned(), dollar.value(value)));
        }
    }
    collect(pairs.into_iter()).map(Parsed::from)
}

/// How a `$` is written.
#[derive(Clone, Copy)]
enum Dollar {
    Plain,
    /// `docker compose config` writes `$$`, so that its output can be read as a compose file.
    Doubled,
}

impl Dollar {
    fn value(self, written: &str) -> ConfigValue {
        match self {
            Self::Plain => written.into(),
            Self::Doubled => undoubled(written).into(),
        }
    }
}

fn undoubled(written: &str) -> SecretString {
    let mut text = Zeroizing::new(String::with_capacity(written.len()));
    let mut rest = written;
    while let Some(at) = rest.find("$$") {
        text.push_str(&rest[..=at]);
        rest = &rest[at + 2..];
    }
    text.push_str(rest);
    text.as_str().into()
}
