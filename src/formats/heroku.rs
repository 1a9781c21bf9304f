//! The JSON of Heroku's Platform API.

use super::json::{elements, find, is_null, members, string};
use crate::error::{Error, Fault};
use crate::secret;
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::text::is_all;
use secrecy::ExposeSecret;
use serde_json::value::RawValue;

const MALFORMED: Fault = Fault::NotApiAnswer;

/// Reads the answer to `GET /apps/{app}/config-vars`: an object of texts and of `null`, which stands for a var that is not set.
pub(crate) fn config_vars(answer: &[u8]) -> Result<ConfigVars, Error> {
    secret::with_clean_stack(|| {
        let all = raw(answer).ok_or_else(malformed)?;
        let mut vars = Vec::new();
        for (name, value) in members(all, MALFORMED)? {
            if !is_name(&name) {
                return Err(malformed());
            }
            if !is_null(value) {
                vars.push(Var::new(name.as_str().into(), text(value)?));
            }
        }
        ConfigVars::unique(vars)
    })
}

/// An attachment of an add-on to the app.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AddonAttachment {
    pub(crate) name: String,
    pub(crate) addon: String,
    /// `None` if the answer does not include them.
    pub(crate) vars: Option<Vec<String>>,
}

/// Reads a page of the answer to `GET /apps/{app}/addon-attachments`.
pub(crate) fn attachments(answer: &[u8]) -> Result<Vec<AddonAttachment>, Error> {
    let attachment = |attachment: &RawValue| {
        let members = members(attachment, MALFORMED)?;
        let addon = find(&members, "addon").ok_or_else(malformed)?;
        Ok(AddonAttachment {
            name: find(&members, "name").and_then(name).ok_or_else(malformed)?,
            addon: id(addon)?,
            vars: find(&members, "config_vars").map(names).transpose()?,
        })
    };
    secret::with_clean_stack(|| {
        let all = raw(answer).ok_or_else(malformed)?;
        elements(all, MALFORMED)?.into_iter().map(attachment).collect()
    })
}

/// Reads a page of the answer to `GET /apps/{app}/addons`: the id of each add-on, and the names of its config vars.
pub(crate) fn addons(answer: &[u8]) -> Result<Vec<(String, Vec<String>)>, Error> {
    let addon = |addon: &RawValue| {
        let vars = find(&members(addon, MALFORMED)?, "config_vars")
            .map(names)
            .transpose()?;
        Ok((id(addon)?, vars.unwrap_or_default()))
    };
    secret::with_clean_stack(|| {
        let all = raw(answer).ok_or_else(malformed)?;
        elements(all, MALFORMED)?.into_iter().map(addon).collect()
    })
}

fn id(object: &RawValue) -> Result<String, Error> {
    let members = members(object, MALFORMED)?;
    find(&members, "id").and_then(identifier).ok_or_else(malformed)
}

fn names(list: &RawValue) -> Result<Vec<String>, Error> {
    let names = elements(list, MALFORMED)?.into_iter().map(name);
    names.collect::<Option<_>>().ok_or_else(malformed)
}

fn name(value: &RawValue) -> Option<String> {
    word(value, is_name)
}

/// Reads the id of an add-on, which is a UUID.
fn identifier(value: &RawValue) -> Option<String> {
    word(value, |text| {
        is_all(text, |byte| byte.is_ascii_hexdigit() || byte == b'-')
    })
}

/// Returns a text, which may be a value in the wrong place unless it passes the check.
fn word(value: &RawValue, check: impl Fn(&str) -> bool) -> Option<String> {
    let text = text(value).ok()?;
    let text = text.secret()?.expose_secret();
    check(text).then(|| text.to_owned())
}

/// Reads the `id` of an error, if it is a known one. Nothing else of an error's body is read: it may quote a value.
pub(crate) fn error_id(answer: &[u8]) -> Option<&'static str> {
    secret::with_clean_stack(|| {
        let members = members(raw(answer)?, MALFORMED).ok()?;
        let id = find(&members, "id")?;
        ERROR_IDS
            .iter()
            .find(|known| id.get() == format!("\"{known}\""))
            .copied()
    })
}

/// The ids that the API documents.
const ERROR_IDS: &[&str] = &[
    "bad_request",
    "conflict",
    "delinquent",
    "forbidden",
    "internal_server_error",
    "invalid_params",
    "not_acceptable",
    "not_found",
    "rate_limit",
    "requested_range_not_satisfiable",
    "service_unavailable",
    "suspended",
    "unauthorized",
    "unprocessable_entity",
    "verification_needed",
    "verification_required",
];

fn malformed() -> Error {
    Error::new(MALFORMED)
}

fn raw(answer: &[u8]) -> Option<&RawValue> {
    serde_json::from_str(std::str::from_utf8(answer).ok()?).ok()
}

fn text(value: &RawValue) -> Result<ConfigValue, Error> {
    if value.get().starts_with('"') {
        Ok(string(value.get()))
    } else {
        Err(malformed())
    }
}

/// Returns whether a name is one that the API allows, so that no value can be shown as a name.
fn is_name(name: &str) -> bool {
    !name.is_empty() && is_all(name, |byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and values.
    type Vars<'t> = &'t [(&'t str, &'t str)];

    #[test]
    fn answers_are_read_or_refused_as_a_whole() {
        let rows: &[(&str, Option<Vars<'_>>)] = &[
            ("{}", Some(&[])),
            (
                r#"{"B": "x\"y\u00e9\n", "A": "1", "C": null, "D": ""}"#,
                Some(&[("A", "1"), ("B", "x\"y\u{e9}\n"), ("D", "")]),
            ),
            (" {\n  \"PORT\" : \"80\"\n}\n", Some(&[("PORT", "80")])),
            (r#"{"A": 1}"#, None),
            (r#"{"A": true}"#, None),
            (r#"{"A": {"B": "c"}}"#, None),
            (r#"{"A": "1", "A": "2"}"#, None),
            (r#"{"A": "1", "": "2"}"#, None),
            (r#"{"mysql://app:s3cret@h/d": "2"}"#, None),
            (r#"{"A": "1""#, None),
            (r#"{"A": "1"} {}"#, None),
            ("[]", None),
            ("null", None),
            ("", None),
            ("<html>s3cret</html>", None),
        ];
        for (text, expected) in rows {
            let read = config_vars(text.as_bytes());
            let pairs = read.as_ref().ok().map(|vars| {
                let pair = |var: &Var| {
                    (
                        var.name.to_string(),
                        var.value.secret().unwrap().expose_secret().to_owned(),
                    )
                };
                vars.as_slice().iter().map(pair).collect::<Vec<_>>()
            });
            let expected = expected.map(|pairs| {
                let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
                pairs.iter().map(owned).collect::<Vec<_>>()
            });
            assert_eq!(pairs, expected, "{text}");
            if let Err(error) = read {
                assert!(!format!("{error} {error:?}").contains("s3cret"));
            }
        }
        assert!(config_vars(b"{\"A\": \"\xff\"}").is_err());
    }

    #[test]
    fn attachments_are_read_with_and_without_their_config_vars() {
        let row = |vars: Option<&[&str]>| AddonAttachment {
            name: "DATABASE".to_owned(),
            addon: "01-ab".to_owned(),
            vars: vars.map(|vars| vars.iter().map(ToString::to_string).collect()),
        };
        for (text, expected) in [
            ("[]", Some(vec![])),
            (
                r#"[{"name": "DATABASE", "addon": {"id": "01-ab", "name": "x"}, "namespace": null}]"#,
                Some(vec![row(None)]),
            ),
            (
                r#"[{"addon": {"id": "01-ab"}, "config_vars": ["DATABASE_URL"], "name": "DATABASE"}]"#,
                Some(vec![row(Some(&["DATABASE_URL"]))]),
            ),
            (
                r#"[{"name": "DATABASE", "addon": {"id": "01-ab"}, "config_vars": ["a b"]}]"#,
                None,
            ),
            (
                r#"[{"name": "DATABASE", "addon": {"id": "01-ab"}, "config_vars": {}}]"#,
                None,
            ),
            (
                r#"[{"name": "mysql://u:s3cret@h", "addon": {"id": "01-ab"}}]"#,
                None,
            ),
            (r#"[{"name": "DATABASE", "addon": {}}]"#, None),
            (r#"[{"name": "DATABASE"}]"#, None),
            (r#"{"id": "x"}"#, None),
            ("", None),
        ] {
            assert_eq!(attachments(text.as_bytes()).ok(), expected, "{text}");
        }
        let text = r#"[{"id": "01-ab", "config_vars": ["A", "B"]}, {"id": "02"}]"#;
        let expected = [
            ("01-ab".to_owned(), vec!["A".to_owned(), "B".to_owned()]),
            ("02".to_owned(), vec![]),
        ];
        assert_eq!(addons(text.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn only_known_ids_of_errors_are_read() {
        for (text, expected) in [
            (
                r#"{"id": "rate_limit", "message": "s3cret", "url": "x"}"#,
                Some("rate_limit"),
            ),
            (r#"{"message": "x", "id":"forbidden"}"#, Some("forbidden")),
            (r#"{"id": "s3cret"}"#, None),
            (r#"{"id": null}"#, None),
            (r#"{"id": "rate_limit", "id": "forbidden"}"#, None),
            ("Service Unavailable", None),
            ("", None),
        ] {
            assert_eq!(error_id(text.as_bytes()), expected, "{text}");
        }
    }
}
