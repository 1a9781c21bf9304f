//! The JSON of `VCAP_SERVICES`, in which Cloud Foundry passes credentials to an app.

use super::json::{elements, find, is_null, members, string};
use super::limit::ENV_FILE;
use super::service::{Service, capitals, scheme_of, service_vars};
use crate::error::{Error, Fault};
use crate::secret::{self, holds_url};
use crate::shown;
use crate::snapshot::{ConfigValue, ConfigVars};
use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

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
    for (label, instances) in members(all, MALFORMED)? {
        for instance in elements(instances, MALFORMED)? {
            services.push(read_service(&label, instance)?);
        }
    }
    ConfigVars::unique(service_vars(services)?)
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

const MALFORMED: Fault = Fault::NotServices;

fn not_services() -> Error {
    Error::new(MALFORMED)
}

fn read_service(label: &str, instance: &RawValue) -> Result<Service, Error> {
    let members = members(instance, MALFORMED)?;
    let find = |key: &str| find(&members, key);
    let name = ["binding_name", "instance_name", "name"]
        .iter()
        .find_map(|key| find(key).and_then(word));
    let tags = find("tags")
        .filter(|tags| !is_null(tags))
        .map_or(Ok(Vec::new()), |tags| elements(tags, MALFORMED))?
        .into_iter()
        .filter_map(word);
    let scheme = tags
        .chain([Zeroizing::new(label.to_owned())])
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
    for (key, value) in members(object, MALFORMED)? {
        if holds_url(&key) {
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

/// Returns a text that is not secret, if it is what it should be, unless it is empty.
fn word(value: &RawValue) -> Option<Zeroizing<String>> {
    let text = value.get().starts_with('"').then(|| string(value.get()))?;
    let text = text.secret()?.expose_secret();
    (!text.is_empty()).then(|| Zeroizing::new(text.to_owned()))
}
