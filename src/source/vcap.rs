//! [`VcapServices`]: the services that Cloud Foundry binds to an app.

use super::interface::Source;
use super::process_env::ProcessEnv;
use crate::error::{Error, Fault};
use crate::formats::vcap::VAR;
use crate::snapshot::ConfigVars;
use secrecy::ExposeSecret;
use std::path::PathBuf;

/// The services that Cloud Foundry binds to an app, from `VCAP_SERVICES` (feature `cloudfoundry`).
///
/// Each service becomes an attachment; see [`ConfigVars::parse_vcap_services`]. Other config vars of the source are not
/// read: combine this source with them by [`Source::or`].
///
/// ```
/// use config_vars::{ConfigVars, MysqlUrl, Source, VcapServices};
///
/// # let json = r#"{"p.mysql": [{"name": "shop-db", "credentials": {"uri": "mysql://app:pw@db.example/shop"}}]}"#;
/// let environment = || Ok(ConfigVars::from_iter([("VCAP_SERVICES", json)])); // what `from_env` takes by itself
/// let vars = VcapServices::new(environment).read()?;
/// assert_eq!(vars.url::<MysqlUrl>("SHOP_DB_URL")?.host(), Some("db.example"));
/// assert_eq!(vars.origin("SHOP_DB_URL"), Some("VCAP_SERVICES"));
/// # Ok::<(), config_vars::Error>(())
/// ```
///
/// # Errors
///
/// A read fails if the source does, if it has no `VCAP_SERVICES`, and as [`ConfigVars::parse_vcap_services`] does.
#[derive(Clone, Copy, Debug)]
pub struct VcapServices<S = ProcessEnv> {
    source: S,
}

impl VcapServices {
    /// Reads the services in the process environment.
    ///
    /// ```
    /// use config_vars::{ProcessEnv, Source, VcapServices};
    ///
    /// let source = VcapServices::from_env().or(ProcessEnv);
    /// println!("{source:?}");
    /// ```
    #[must_use]
    pub fn from_env() -> Self {
        Self { source: ProcessEnv }
    }
}

impl<S: Source> VcapServices<S> {
    /// Reads the services in `VCAP_SERVICES` of another source, for example an env file.
    ///
    /// ```
    /// use config_vars::{EnvFile, VcapServices};
    ///
    /// let source = VcapServices::new(EnvFile::new("local.env"));
    /// # drop(source);
    /// ```
    #[must_use]
    pub fn new(source: S) -> Self {
        Self { source }
    }
}

impl<S: Source> Source for VcapServices<S> {
    fn read(&self) -> Result<ConfigVars, Error> {
        let vars = self.source.read()?;
        let Some(value) = vars.find(VAR) else {
            let unset = Fault::Unset("bind a service to the app");
            return Err(Error::new(unset).for_known_var(VAR));
        };
        let text = value.require().map_err(|error| error.for_known_var(VAR))?;
        ConfigVars::parse_vcap_services(text.expose_secret())
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.source.paths()
    }
}
