//! Kinds that an app registers.

use super::table::{Scheme, find_in_any_case, scheme};
use crate::error::{Error, Fault};
use crate::kind::Kind;
use crate::tls::Tls;
use std::sync::{PoisonError, RwLock};

/// The schemes that the app registered. They are searched only for schemes that are not in the table.
static CUSTOM_SCHEMES: RwLock<Vec<&'static Scheme>> = RwLock::new(Vec::new());

pub(super) fn custom_schemes() -> Vec<&'static Scheme> {
    // A panic while the lock is held cannot leave the list in an invalid state.
    CUSTOM_SCHEMES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Finds a scheme among registered ones, in any case.
pub(super) fn find_custom(schemes: &[&'static Scheme], spelling: &str) -> Option<&'static Scheme> {
    schemes.iter().find(|scheme| scheme.is_spelled(spelling)).copied()
}

/// An app-defined kind: a datastore whose schemes this crate does not know.
///
/// Once the kind is registered, URLs of its schemes are discovered under any name, are distinguished from other kinds, and
/// have their default port. Register it at start-up, before config vars are read; it applies to the whole process.
///
/// ```
/// use config_vars::{ConfigVars, CustomKind, Kind};
///
/// let omnisci = CustomKind::new("omnisci").scheme("omnisci", Some(6274)).register()?;
/// assert_eq!(omnisci, Kind::Custom("omnisci"));
///
/// let vars = ConfigVars::from_iter([("OMNISCI_URL", "omnisci://app:pw@db.example/shop")]);
/// let attachment = vars.attachments().next().unwrap();
/// assert_eq!(attachment.kind(), Some(omnisci));
/// assert_eq!(attachment.url().unwrap().unwrap().port().map(|port| port.number()), Some(6274));
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct CustomKind {
    name: &'static str,
    schemes: Vec<(&'static str, Option<u16>, Tls)>,
}

impl CustomKind {
    /// Creates a kind with that name, without a scheme.
    ///
    /// ```
    /// # use config_vars::CustomKind;
    /// let kind = CustomKind::new("immudb").scheme("immudb", Some(3322)).register()?;
    /// assert_eq!(kind.to_string(), "immudb");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            schemes: Vec::new(),
        }
    }

    /// Adds a spelling of its scheme, and the default port of its protocol.
    ///
    /// ```
    /// # use config_vars::{CustomKind, ResourceUrl};
    /// CustomKind::new("tarantool").scheme("tarantool", Some(3301)).register()?;
    /// let url: ResourceUrl = "tarantool://db.example".parse()?;
    /// assert_eq!(url.port().map(|port| port.number()), Some(3301));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn scheme(mut self, spelling: &'static str, port: Option<u16>) -> Self {
        self.schemes.push((spelling, port, Tls::Unspecified));
        self
    }

    /// Adds a spelling that asks for TLS, like [`scheme`](Self::scheme).
    ///
    /// ```
    /// # use config_vars::{CustomKind, ResourceUrl};
    /// CustomKind::new("dgraph").scheme("dgraph", Some(9080)).tls_scheme("dgraphs", Some(9080)).register()?;
    /// assert!("dgraphs://db.example".parse::<ResourceUrl>()?.is_tls());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn tls_scheme(mut self, spelling: &'static str, port: Option<u16>) -> Self {
        self.schemes.push((spelling, port, Tls::Verified));
        self
    }

    /// Registers the kind with the process. Registering the same kind again has no effect.
    ///
    /// ```
    /// # use config_vars::{CustomKind, ErrorKind};
    /// let error = CustomKind::new("mine").scheme("mysql", None).register().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::SchemeTaken);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if one of its schemes belongs to another kind. Then none of them is registered.
    pub fn register(self) -> Result<Kind, Error> {
        let kind = Kind::Custom(self.name);
        let mut known = CUSTOM_SCHEMES.write().unwrap_or_else(PoisonError::into_inner);
        let mut new = Vec::new();
        for row in &self.schemes {
            match find_in_any_case(row.0).or(find_custom(&known, row.0)) {
                None => new.push(*row),
                Some(owner) if owner.kind != kind => return Err(Error::new(Fault::SchemeTaken(owner.kind))),
                Some(_) => {}
            }
        }
        for &(spelling, port, tls) in &new {
            // A URL refers to its row for the life of the process, as it does to rows of the table.
            known.push(Box::leak(Box::new(scheme(spelling, kind, port, tls))));
        }
        Ok(kind)
    }
}
