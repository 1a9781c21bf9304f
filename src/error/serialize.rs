//! How an [`Error`] is shown to programs, and on one line.

use super::report::Error;
use crate::shown::ShownName;
use serde::ser::{Serialize, SerializeStruct, Serializer};
use std::fmt;

/// Serializes as a map of the `message`, the `kind` (as of [`ErrorKind::as_str`](crate::ErrorKind::as_str)) and the `var`,
/// which is null if there is none, escaped as in the message. None of them contains a piece of a value.
///
/// ```
/// # use config_vars::MysqlUrl;
/// let error = "mysql://db.example:0".parse::<MysqlUrl>().unwrap_err().for_var("JAWSDB_URL");
/// assert_eq!(
///     serde_json::to_string(&error)?,
///     "{\"message\":\"JAWSDB_URL: the port is out of range; write a number from 1 to 65535\",\
///      \"kind\":\"invalid-port\",\"var\":\"JAWSDB_URL\"}"
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_struct("Error", 3)?;
        map.serialize_field("message", &self.to_string())?;
        map.serialize_field("kind", self.kind().as_str())?;
        let var = self.var().map(|name| ShownName::name(name).to_string());
        map.serialize_field("var", &var)?;
        map.end()
    }
}

/// An error on one line, also if it reports several faults.
pub(crate) struct OneLine<'e>(pub(crate) &'e Error);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let mut separator = "";
        for line in text.lines() {
            let line = line.trim();
            if !line.is_empty() {
                write!(f, "{separator}{line}")?;
                separator = if line.ends_with(':') { " " } else { "; " };
            }
        }
        Ok(())
    }
}
