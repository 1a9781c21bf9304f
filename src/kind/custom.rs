//! Kinds that an app registers.

use super::Kind;
use super::schemes::{SCHEMES, Scheme, scheme};
use crate::error::{Error, Fault};
use crate::tls::Tls;
use std::sync::{PoisonError, RwLock};

/// The schemes that the app has registered. They are looked at only for a scheme that the table does not have.
static CUSTOM_SCHEMES: RwLock<Vec<&'static Scheme>> = RwLock::new(Vec::new());

pub(super) fn custom_schemes() -> Vec<&'static Scheme> {
    // A panic while the lock is held leaves the list as it was before or after a push: both are good.
    CUSTOM_SCHEMES
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// A kind of the app's own: a datastore whose schemes this crate does not know.
///
/// Once registered, URLs of its schemes are discovered under any name, are told apart from other kinds, and have
/// their default port. Register at start-up, before config vars are read; it holds for the whole process.
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
    /// A kind of that name, so far without a scheme.
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

    /// Adds a spelling of its scheme, and the port that its protocol has by default.
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

    /// As [`scheme`](Self::scheme), for a spelling that asks for TLS.
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

    /// Makes the kind known to the process. The same kind may be registered again, to no effect.
    ///
    /// ```
    /// # use config_vars::{CustomKind, ErrorKind};
    /// let error = CustomKind::new("mine").scheme("mysql", None).register().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::SchemeTaken);
    /// ```
    ///
    /// # Errors
    ///
    /// If one of its schemes belongs to another kind; then none of them is registered.
    pub fn register(self) -> Result<Kind, Error> {
        let kind = Kind::Custom(self.name);
        let mut known = CUSTOM_SCHEMES.write().unwrap_or_else(PoisonError::into_inner);
        let owner = |spelling: &str| {
            let is_it = |scheme: &&Scheme| scheme.spelling.eq_ignore_ascii_case(spelling);
            SCHEMES
                .iter()
                .find(is_it)
                .or(known.iter().copied().find(is_it))
                .map(|scheme| scheme.kind)
        };
        let taken = self
            .schemes
            .iter()
            .find_map(|(spelling, ..)| owner(spelling).filter(|owner| *owner != kind));
        if let Some(owner) = taken {
            return Err(Error::new(Fault::SchemeTaken(owner)));
        }
        let new: Vec<_> = self
            .schemes
            .into_iter()
            .filter(|(spelling, ..)| owner(spelling).is_none())
            .collect();
        for (spelling, port, tls) in new {
            // Kept for the life of the process, as the tables are: a URL points to its row.
            known.push(Box::leak(Box::new(scheme(spelling, kind, spelling, port, tls))));
        }
        Ok(kind)
    }
}
