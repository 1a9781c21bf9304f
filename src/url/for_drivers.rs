//! What of a URL's options a driver is told, and what it is not to be set up by (features of the drivers).

use super::{ResourceUrl, query};
use crate::error::{Component, DriverFault, Error};
use crate::kind::{Scheme, TlsOption};
use crate::tls::Tls;
use secrecy::{ExposeSecret, SecretString};

impl ResourceUrl {
    /// What [`tls`](Self::tls) says; an error where an option of TLS has a value that means nothing. Such a one reads as
    /// no TLS, as many clients have it, and a driver must not be set up by it.
    #[allow(dead_code, reason = "not for every driver")]
    pub(crate) fn tls_for_drivers(&self) -> Result<Tls, Error> {
        /// Spellings of no, beside those of the table.
        const NO: &[&str] = &[
            "", "0", "f", "false", "n", "no", "none", "off", "disable", "disabled",
        ];
        for option in self.options() {
            let is_tls = |row: &&TlsOption| self.is_named(option, row.name);
            let rows = &mut self.rules.tls_options.iter();
            let Some(row) = rows.find(is_tls).filter(|row| row.otherwise.is_some()) else {
                continue;
            };
            let Some(value) = option.decoded_value() else {
                continue;
            };
            let value = value.expose_secret();
            let is_known = row.values.iter().any(|(text, _)| *text == value)
                || NO.iter().any(|no| no.eq_ignore_ascii_case(value));
            if !is_known {
                return Err(DriverFault::TlsValue.at(Component::Query));
            }
        }
        Ok(self.tls())
    }

    /// The options that a driver is to be told, each with its place in the query, counted from 1. Left out are those
    /// that are read otherwise (TLS, hosts, JDBC's credentials), and those that are not for drivers.
    #[allow(dead_code, reason = "not for every driver")]
    pub(crate) fn options_for_drivers(&self) -> impl Iterator<Item = (usize, SecretString, SecretString)> {
        let is_jdbc = self.scheme.is_some_and(Scheme::is_jdbc) && self.parts.user_info().is_none();
        let are_hosts_in_query = self.rules.hosts_in_query && self.query("host").is_some();
        let is_read_already = move |option: query::RawOption<'_>| {
            let is_one_of = |names: &[&str]| names.iter().any(|name| self.is_named(option, name));
            self.rules
                .tls_options
                .iter()
                .any(|row| self.is_named(option, row.name))
                || is_one_of(self.rules.options_not_for_drivers)
                || is_jdbc && is_one_of(&["user", "password"])
                || are_hosts_in_query && is_one_of(&["host", "port"])
        };
        self.options()
            .enumerate()
            .filter(move |(_, option)| !is_read_already(*option))
            .filter_map(|(index, option)| Some((index + 1, option.decoded_name()?, option.decoded_value()?)))
    }
}
