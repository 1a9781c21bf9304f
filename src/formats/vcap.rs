//! The JSON of `VCAP_SERVICES`, in which Cloud Foundry passes credentials to an app.

use super::limit::ENV_FILE;
use super::service::{Service, capitals, scheme_of, service_vars};
use crate::error::{Error, Fault};
use crate::secret::{self, FixedBuffer};
use crate::shown;
use crate::snapshot::{ConfigValue, ConfigVars};
use secrecy::ExposeSecret;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;

/// The config var that has the JSON.
pub(crate) const VAR: &str = "VCAP_SERVICES";

impl ConfigVars {
    /// Parses the JSON of `VCAP_SERVICES`, in which Cloud Foundry
    /// [passes](https://docs.cloudfoundry.org/devguide/deploy-apps/environment-variable.html#VCAP-SERVICES) an app the
    /// credentials of its services (feature `cloudfoundry`).
    ///
    /// Each service becomes an attachment by its `binding_name`, or else its `instance_name` or `name`, in upper case,
    /// and each of its credentials a config var:
    ///
    /// | of the service `shop-db` | config var |
    /// |---|---|
    /// | `"uri": "…"` | `SHOP_DB_URL`; if there is a `url` as well, `SHOP_DB_URI` |
    /// | `"hostname": "…"`, `"port": 3306`, `"jdbcUrl": "…"` | `SHOP_DB_HOSTNAME`, `SHOP_DB_PORT`, `SHOP_DB_JDBC_URL` |
    /// | `"tls": {"cert": "…"}` | `SHOP_DB_TLS_CERT` |
    /// | `"hosts": […]` | `SHOP_DB_HOSTS`, the list as JSON |
    /// | `null` | none |
    /// | a known kind among `tags` or in `label`, without a `uri` | `SHOP_DB_SCHEME` |
    ///
    /// ```
    /// use config_vars::{ConfigVars, PostgresUrl};
    ///
    /// let vars = ConfigVars::parse_vcap_services(
    ///     r#"{"user-provided": [{"instance_name": "ledger", "tags": ["postgresql"], "credentials":
    ///         {"host": "db.example", "port": 5432, "username": "app", "password": "p\"w", "database": "shop"}}]}"#,
    /// )?;
    /// assert_eq!(vars.only::<PostgresUrl>()?.host(), Some("db.example"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not valid `VCAP_SERVICES` JSON, is larger than 4 MiB, repeats a key, has a service without
    /// a name or credentials nested deeper than 8 levels, or if two services or two credentials have the same name. The error
    /// contains no piece of the text.
    pub fn parse_vcap_services(text: &str) -> Result<Self, Error> {
        secret::with_clean_stack(|| read_services(text)).map_err(|error| error.for_source(VAR))
    }
}

fn read_services(text: &str) -> Result<ConfigVars, Error> {
    ENV_FILE.check(length(text)).map_err(Error::new)?;
    let all: &RawValue = serde_json::from_str(text).map_err(|_| not_services())?;
    let mut services = Vec::new();
    for (label, instances) in members(all)? {
        for instance in elements(instances)? {
            services.push(read_service(&label, instance)?);
        }
    }
    ConfigVars::unique(service_vars(services)?)
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn not_services() -> Error {
    Error::new(Fault::NotServices)
}

fn read_service(label: &str, instance: &RawValue) -> Result<Service, Error> {
    let members = members(instance)?;
    let find = |key: &str| {
        members
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| *value)
    };
    let name = ["binding_name", "instance_name", "name"]
        .iter()
        .find_map(|key| find(key).and_then(word));
    let tags = find("tags")
        .map_or(Ok(Vec::new()), elements)?
        .into_iter()
        .filter_map(word);
    let scheme = tags
        .chain([label.to_owned()])
        .find_map(|words| scheme_among(&words));
    let mut entries = Vec::new();
    if let Some(credentials) = find("credentials").filter(|credentials| !is_null(credentials)) {
        flatten("", credentials, MAX_LEVELS, &mut entries)?;
    }
    Ok(Service {
        // Names are public, so a URL or credentials must not become one.
        name: capitals(
            &name
                .filter(|name| !shown::is_value(name))
                .ok_or_else(not_services)?,
        ),
        entries,
        scheme,
        origin: VAR.into(),
    })
}

/// Returns the scheme of `mysql`, and of `p.mysql`.
fn scheme_among(words: &str) -> Option<&'static str> {
    let is_between = |letter: char| !letter.is_ascii_alphanumeric();
    scheme_of(words).or_else(|| words.split(is_between).find_map(scheme_of))
}

/// Maximum nesting depth of credentials.
const MAX_LEVELS: usize = 8;

fn flatten(
    prefix: &str,
    object: &RawValue,
    levels: usize,
    entries: &mut Vec<(String, ConfigValue)>,
) -> Result<(), Error> {
    if levels == 0 {
        return Err(Error::new(Fault::TooDeep(MAX_LEVELS)));
    }
    for (key, value) in members(object)? {
        if key.contains("://") {
            return Err(not_services());
        }
        let name = format!("{prefix}{}", key_in_capitals(&key));
        match value.get().as_bytes() {
            [b'{', ..] => flatten(&format!("{name}_"), value, levels - 1, entries)?,
            [b'"', ..] => entries.push((name, string(value.get()))),
            _ if is_null(value) => {}
            // Numbers and booleans keep their spelling.
            _ => entries.push((name, value.get().into())),
        }
    }
    Ok(())
}

/// Returns the key in upper case, with `_` between words: `JDBC_URL` for `jdbcUrl`.
fn key_in_capitals(key: &str) -> String {
    let mut words = String::with_capacity(key.len());
    for letter in key.chars() {
        if letter.is_ascii_uppercase() && words.ends_with(|last: char| last.is_ascii_lowercase()) {
            words.push('_');
        }
        words.push(letter);
    }
    capitals(&words)
}

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

/// Returns a text that is not secret, unless it is empty.
fn word(value: &RawValue) -> Option<String> {
    let text = value.get().starts_with('"').then(|| string(value.get()))?;
    let text = text.secret()?.expose_secret();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the text of a JSON string without quotes and escapes. serde_json would unescape it in its own buffer.
fn string(json: &str) -> ConfigValue {
    let mut rest = json
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'))
        .unwrap_or(json);
    // An escape is longer than its character.
    let mut text = FixedBuffer::<String>::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        let Some((character, length)) = escape(&rest[at..]) else {
            return ConfigValue::NOT_UNICODE;
        };
        text.push_str(&rest[..at]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text.as_str().into()
}

/// Returns the character of an escape, and the escape's length; `None` for half a surrogate pair.
fn escape(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u16::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let character = match text.as_bytes().get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let first = unit(2)?;
            let second = text
                .get(6..8)
                .filter(|start| *start == "\\u")
                .and_then(|_| unit(8));
            let character = char::decode_utf16([first].into_iter().chain(second))
                .next()?
                .ok()?;
            return Some((character, 6 * character.len_utf16()));
        }
        other => char::from(*other),
    };
    Some((character, 2))
}

/// Returns the members of an object. Anything else is not passed to serde_json, because its errors would quote it.
fn members(object: &RawValue) -> Result<Vec<(String, &RawValue)>, Error> {
    if !object.get().starts_with('{') {
        return Err(not_services());
    }
    let JsonMembers(members) = serde_json::from_str(object.get()).map_err(|_| not_services())?;
    let mut keys = HashSet::new();
    match members.iter().all(|(key, _)| keys.insert(key)) {
        true => Ok(members),
        false => Err(Error::new(Fault::RepeatedKey)),
    }
}

fn elements(list: &RawValue) -> Result<Vec<&RawValue>, Error> {
    let is_list = list.get().starts_with('[');
    let elements = || serde_json::from_str(list.get()).ok();
    is_list.then(elements).flatten().ok_or_else(not_services)
}

/// The members in their order, including repeated ones.
struct JsonMembers<'j>(Vec<(String, &'j RawValue)>);

impl<'de> Deserialize<'de> for JsonMembers<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = JsonMembers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<JsonMembers<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonMembers(members))
            }
        }
        deserializer.deserialize_map(Visit)
    }
}
