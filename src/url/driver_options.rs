//! Which query options are passed to a driver, and which are rejected (features of the drivers).

use super::resource_url::ResourceUrl;
use super::tls_reading::{TlsDoubt, TlsReading, find_row};
use crate::error::{Component, DriverFault, Error, Fault};
use crate::scheme::TlsMeaning;
use crate::tls::Tls;
use secrecy::{ExposeSecret, SecretString};

/// An option that a driver must either apply or refuse.
#[allow(dead_code, reason = "not for every driver")]
pub(crate) struct DriverOption {
    /// Its position in the query, from 1.
    pub(crate) position: usize,
    name: SecretString,
    pub(crate) value: SecretString,
    meaning: Option<&'static TlsMeaning>,
}

/// A file that an option names for TLS.
#[derive(Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "not for every driver")]
pub(crate) enum TlsFile {
    Roots,
    Certificate,
    Key,
}

#[allow(dead_code, reason = "not for every driver")]
impl DriverOption {
    pub(crate) fn name(&self) -> &str {
        self.name.expose_secret()
    }

    pub(crate) fn text(&self) -> &str {
        self.value.expose_secret()
    }

    /// Returns whether it is a TLS option. A driver that does not support it must refuse it.
    pub(crate) fn is_tls(&self) -> bool {
        self.meaning.is_some()
    }

    pub(crate) fn file(&self) -> Option<TlsFile> {
        Some(match self.meaning? {
            TlsMeaning::Roots(_) => TlsFile::Roots,
            TlsMeaning::Certificate => TlsFile::Certificate,
            TlsMeaning::Key => TlsFile::Key,
            _ => return None,
        })
    }
}

#[allow(dead_code, reason = "not for every driver")]
impl ResourceUrl {
    /// As [`tls`](Self::tls), but returns an error if it is in doubt what the URL asks for, or if it asks for TLS on a socket,
    /// where drivers do not encrypt.
    pub(crate) fn tls_for_drivers(&self) -> Result<Tls, Error> {
        let TlsReading { level, doubt } = self.tls_reading();
        if let Some(doubt) = doubt {
            return Err(match doubt {
                TlsDoubt::Value(position) => DriverFault::TlsValue(position).at(Component::Query),
                TlsDoubt::Name(position) => DriverFault::TlsName(position).at(Component::Query),
                TlsDoubt::Hidden(position) => DriverFault::TlsHidden(position).at(Component::Query),
                TlsDoubt::Version(position) => DriverFault::TlsVersion(position).at(Component::Query),
                TlsDoubt::Scheme(name) => DriverFault::TlsScheme(name).at(Component::Query),
                TlsDoubt::Conflict(one, other) => Error::at(Component::Query, Fault::Conflict(one, other)),
                TlsDoubt::Twice(name) => Error::at(Component::Query, Fault::RepeatedOption(name)),
            });
        }
        if level.is_required() && self.hosts().iter().any(|host| host.is_socket()) {
            return Err(DriverFault::TlsOnSocket.at(Component::Host));
        }
        Ok(level)
    }

    /// Returns the options for a driver, without those that determine [`tls`](Self::tls), the hosts and the credentials, and
    /// without those that are not for drivers.
    pub(crate) fn options_for_drivers(&self) -> impl Iterator<Item = DriverOption> {
        let jdbc = self
            .scheme
            .filter(|scheme| scheme.is_jdbc() && self.parts.user_info().is_none());
        self.map_options(move |position, option| {
            let meaning = find_row(self.rules, option).map(|row| &row.meaning);
            let is_read_already = match meaning {
                Some(
                    TlsMeaning::Roots(_) | TlsMeaning::Certificate | TlsMeaning::Key | TlsMeaning::Detail,
                ) => false,
                Some(_) => true,
                None => {
                    let is_one_of = |names: &[&str]| names.iter().any(|name| self.is_named(option, name));
                    let is_part = |parts: [&[&str]; 7]| parts.into_iter().any(is_one_of);
                    is_part(self.rules.part_options.all())
                        || jdbc.is_some_and(|scheme| is_part(scheme.part_options().all()))
                        || is_one_of(self.rules.options_not_for_drivers)
                }
            };
            if is_read_already {
                return None;
            }
            Some(DriverOption {
                position,
                name: option.decode_name(),
                value: option.decode_value(),
                meaning,
            })
        })
    }

    /// Returns the file that an option names. The last option of several counts.
    pub(crate) fn tls_file(&self, file: TlsFile) -> Option<SecretString> {
        self.options_for_drivers()
            .filter(|option| option.file() == Some(file))
            .last()
            .map(|option| option.value)
    }
}
