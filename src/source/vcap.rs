//! [`VcapServices`]: the services that Cloud Foundry binds to an app.

use super::interface::{Source, SourceEvents};
use super::process_env::ProcessEnv;
use crate::error::{AppError, Error, Fault};
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
/// A read fails if the source does, if it has no `VCAP_SERVICES` (unless it is
/// [optional](Self::optional)), and as [`ConfigVars::parse_vcap_services`] does.
#[derive(Clone, Copy, Debug)]
pub struct VcapServices<S = ProcessEnv> {
    source: S,
    /// Whether a source without `VCAP_SERVICES` has no services.
    is_optional: bool,
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
        Self::new(ProcessEnv)
    }

    /// Reads the services in the process environment, if it has `VCAP_SERVICES`; otherwise, this source has no config vars.
    ///
    /// ```
    /// use config_vars::{ProcessEnv, Source, VcapServices};
    ///
    /// let vars = VcapServices::optional_from_env().or(ProcessEnv).read()?; // on Cloud Foundry and on a laptop
    /// # drop(vars);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn optional_from_env() -> Self {
        Self::optional(ProcessEnv)
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
        Self {
            source,
            is_optional: false,
        }
    }

    /// Reads the services in `VCAP_SERVICES` of another source, if it has that config var; otherwise, this source has no config
    /// vars. The other source must be readable.
    ///
    /// ```
    /// use config_vars::{EnvFile, Source, VcapServices};
    ///
    /// let source = VcapServices::optional(EnvFile::optional("local.env"));
    /// assert_eq!(source.read()?.iter().count(), 0);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn optional(source: S) -> Self {
        Self {
            source,
            is_optional: true,
        }
    }
}

impl<S: Source> VcapServices<S> {
    /// Converts the config vars of the source.
    fn convert(&self, vars: &ConfigVars) -> Result<ConfigVars, Error> {
        let Some(value) = vars.look_up(VAR) else {
            if self.is_optional {
                return Ok(ConfigVars::default());
            }
            let unset = Fault::Unset("bind a service to the app");
            return Err(Error::new(unset).for_known_var(VAR));
        };
        let text = value.require().map_err(|error| error.for_known_var(VAR))?;
        ConfigVars::parse_vcap_services(text.expose_secret())
    }
}

impl<S: Source> Source for VcapServices<S> {
    fn read(&self) -> Result<ConfigVars, Error> {
        self.read_for_live().map_err(Error::from)
    }

    fn read_for_live(&self) -> Result<ConfigVars, AppError> {
        Ok(self.convert(&self.source.read_for_live()?)?)
    }

    fn listen(&self, events: &SourceEvents) {
        self.source.listen(events);
    }

    fn want(&self) {
        self.source.want();
    }

    fn is_async(&self) -> bool {
        self.source.is_async()
    }

    fn paths(&self) -> Vec<PathBuf> {
        self.source.paths()
    }
}
