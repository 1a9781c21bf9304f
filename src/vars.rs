//! The public methods of [`ConfigVars`], each with the module that does the work.

use crate::attachment::{self, Attachment, Role};
use crate::environment;
use crate::error::Error;
use crate::extract;
use crate::formats::env_file;
use crate::snapshot::{ConfigValue, ConfigVars};
use crate::url::Resource;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

impl ConfigVars {
    /// Reads the environment of the process. This cannot fail: names and values that are not Unicode are kept, and reported
    /// when they are asked for.
    ///
    /// A running process never sees its environment change: on Heroku a credential roll (rotation) restarts the dyno. This
    /// crate never writes the environment. It cannot wipe the environment block, which belongs to the operating system.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_env();
    /// for (name, _) in vars.iter() {
    ///     println!("{name} is set");
    /// }
    /// ```
    #[must_use]
    pub fn from_env() -> Self {
        environment::read()
    }

    /// Parses the text of an env file: a `NAME=value` on each line, with or without `export` before it.
    ///
    /// A value may be quoted, as a whole or in adjacent pieces, as in a shell. Within `'…'` every character is
    /// literal; within `"…"`, `\n`, `\r`, `\t`, `\"`, `\\`, `\$`, `` \` `` and `\!` are escapes, and a `\` at the end of a line joins it
    /// with the next. Quoted values may span lines, as PEM text does. After the closing quote there may be an unquoted
    /// piece that is joined to the value (`'a'b` is `ab`), a `;`, and a comment; anything else is an error.
    ///
    /// An unquoted value ends with the line, or at a blank before a `#`. A `;` is part of the value, except after `export`,
    /// which is shell syntax: there, a `;` at the end is ignored, and one before the end is an error, as is a second
    /// `NAME=value`. Nothing is expanded: a `$` is a `$`. A name consists of letters, digits, `_`, `.` and `-`. Lines end with LF or CRLF.
    ///
    /// `heroku config -s` doubles a backslash within `'…'`, which no shell reverts. If a value may contain one, use
    /// `heroku config --json`.
    ///
    /// ```
    /// use config_vars::{ConfigVars, ExposeSecret};
    ///
    /// let vars = ConfigVars::parse_env_file(
    ///     "# Written by heroku config -s\n\
    ///      export JAWSDB_URL='mysql://app:p$#w@db.example/shop'\n\
    ///      PORT=8080 # the web's\n",
    /// )?;
    /// assert_eq!(vars.require("JAWSDB_URL")?.expose_secret(), "mysql://app:p$#w@db.example/shop");
    /// assert_eq!(vars.require("PORT")?.expose_secret(), "8080");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a line is not an assignment, a quote is not closed, something follows a closing quote, or a
    /// carriage return is not followed by a line feed. The error contains the line's number, and nothing of its text.
    pub fn parse_env_file(text: &str) -> Result<Self, Error> {
        env_file::parse(text)
    }

    /// Returns the value of a config var; `None` if it is not set, or not Unicode. An empty value is `Some("")`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ExposeSecret};
    /// let vars = ConfigVars::from_iter([("PORT", "8080")]);
    /// assert_eq!(vars.get("PORT").map(|port| port.expose_secret()), Some("8080"));
    /// assert!(vars.get("HOST").is_none());
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SecretString> {
        self.look_up(name)?.secret()
    }

    /// Returns the value of a required config var.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("SENDGRID_API_KEY", "")]);
    /// let error = vars.require("SENDGRID_API_KEY").unwrap_err();
    /// assert_eq!(error.to_string(), "SENDGRID_API_KEY: is set but empty; give it a value, or unset it");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the config var is not set, set but empty, or not Unicode.
    pub fn require(&self, name: &str) -> Result<&SecretString, Error> {
        self.required(name)
    }

    /// Parses the resource URL of a config var.
    ///
    /// For a memcached resource, `name` may also be that of its list of servers (`MEMCACHIER_SERVERS`). To the URL of a
    /// datastore or of SMTP, config vars with its prefix add a login, if it has none, and TLS, if it asks for none:
    ///
    /// ```
    /// use config_vars::{ConfigVars, ExposeSecret, RedisUrl};
    ///
    /// let vars = ConfigVars::from_iter([
    ///     ("REDIS_URL", "redis://cache.example"),
    ///     ("REDIS_PASSWORD", "pw"),
    ///     ("REDIS_TLS", "yes"),
    /// ]);
    /// let cache: RedisUrl = vars.url("REDIS_URL")?;
    /// assert_eq!(cache.password().map(|password| password.expose_secret()), Some("pw"));
    /// assert!(cache.is_tls());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// The kind is checked:
    ///
    /// ```
    /// use config_vars::{ConfigVars, MysqlUrl};
    ///
    /// let vars = ConfigVars::from_iter([("DATABASE_URL", "postgres://app:pw@db.example/shop")]);
    /// let error = vars.url::<MysqlUrl>("DATABASE_URL").unwrap_err();
    /// assert_eq!(error.to_string(), "DATABASE_URL: the value is a postgres URL, expected mysql");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the config var is not set, set but empty, or not a well-formed URL of that type; see
    /// [`ErrorKind`](crate::ErrorKind). If it is not set, the error names the config vars that contain such a resource.
    pub fn url<T: Resource>(&self, name: &str) -> Result<T, Error> {
        attachment::url(self, name)
    }

    /// Returns the only resource of a type.
    ///
    /// The names of the variables do not matter, nor whether it is a URL or separate parts. Config vars with the same kind,
    /// hosts, ports, database and credentials count as one resource; the URL with the plainest name is returned
    /// (`DATABASE_URL` before `HEROKU_POSTGRESQL_AMBER_URL`). A variant such as `REDIS_TLS_URL` or `DATABASE_PUBLIC_URL` is
    /// ignored if there is one of the same kind with the plain name.
    ///
    /// ```
    /// use config_vars::{ConfigVars, MysqlUrl};
    ///
    /// let vars = ConfigVars::from_iter([
    ///     ("DATABASE_URL", "mysql://app:pw@db.example/shop"),
    ///     ("JAWSDB_URL", "mysql://app:pw@db.example/shop"),
    /// ]);
    /// let db: MysqlUrl = vars.only()?;
    /// assert_eq!(db.database(), Some("shop"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such resource, or more than one; the error names the candidates. A malformed URL
    /// counts as a candidate. If the only one has a fault, the error is that fault.
    pub fn only<T: Resource>(&self) -> Result<T, Error> {
        attachment::only(self)
    }

    /// Returns the attachments that the config vars reveal, sorted by name.
    ///
    /// A URL with the scheme of a datastore or of SMTP always makes an attachment; a web URL or a bare credential only if its
    /// name suggests an add-on (`NEW_RELIC_URL` and `SENDGRID_API_KEY`, but not `APP_URL`). Other config vars belong to the
    /// attachment with the longest name that, followed by `_`, begins theirs; a few conventional names, such as `PGUSER`, are
    /// also recognized. An add-on with two attachments is returned twice; see [`Attachment::aliases`]. Malformed values are
    /// not errors here; see [`Attachment::faults`].
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([
    ///     ("JAWSDB_MARIA_URL", "mysql://app:pw@maria.example/shop"),
    ///     ("JAWSDB_URL", "mysql://app:pw@db.example/shop"),
    ///     ("APP_URL", "https://shop.example"),
    /// ]);
    /// let names: Vec<_> = vars.attachments().map(|attachment| attachment.name()).collect();
    /// assert_eq!(names, ["JAWSDB", "JAWSDB_MARIA"]);
    /// ```
    pub fn attachments(&self) -> impl Iterator<Item = Attachment<'_>> {
        attachment::attachments(self).into_iter()
    }

    /// Returns the role of a config var by its name and the form of its value, even if it belongs to no attachment; `None` if
    /// it is not set.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Role};
    /// let vars = ConfigVars::from_iter([("CA_CERT", "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----")]);
    /// assert_eq!(vars.role("CA_CERT"), Some(Role::Certificate));
    /// ```
    #[must_use]
    pub fn role(&self, name: &str) -> Option<Role> {
        attachment::role(self, name)
    }

    /// Reads the value of one config var as a plain type: a number, `bool`, [`Duration`](std::time::Duration), a list, or any other
    /// type that a field of [`extract`](Self::extract) may have, by the same rules.
    ///
    /// An `Option` is `None` if the config var is not set, or set but empty.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// use std::time::Duration;
    ///
    /// let vars = ConfigVars::from_iter([("PORT", "8080"), ("TIMEOUT", "30s"), ("WORKERS", "two")]);
    /// let port: u16 = vars.parse("PORT")?;
    /// assert_eq!(port, 8080);
    /// assert_eq!(vars.parse::<Duration>("TIMEOUT")?, Duration::from_secs(30));
    /// assert_eq!(vars.parse::<Option<u8>>("RETRIES")?, None);
    /// assert_eq!(
    ///     vars.parse::<u8>("WORKERS").unwrap_err().to_string(),
    ///     "WORKERS: is not a number that fits; write a whole number from 0 to 255",
    /// );
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the config var is not set, set but empty, or not of that type, or if the type cannot be read from one
    /// config var.
    pub fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        extract::parse(self, name)
    }

    /// Returns the config vars whose names begin with a prefix, to be read without it.
    ///
    /// ```
    /// use config_vars::{ConfigVars, MysqlUrl};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Config {
    ///     database_url: MysqlUrl,
    ///     port: u16,
    /// }
    ///
    /// let vars = ConfigVars::from_iter([("SHOP_DATABASE_URL", "mysql://db.example/shop"), ("SHOP_PORT", "8080")]);
    /// let config: Config = vars.with_prefix("SHOP_").extract()?;
    /// assert_eq!((config.database_url.host(), config.port), (Some("db.example"), 8080));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn with_prefix<'v>(&'v self, prefix: &'v str) -> PrefixedVars<'v> {
        PrefixedVars { vars: self, prefix }
    }

    /// Deserializes config vars into the app's own struct.
    ///
    /// A field is read from the config var with its exact name if that is set, or else from its name in upper case, with `-`
    /// as `_` (`jawsdb_url`: `JAWSDB_URL`). Fields may be typed URLs, [`SecretString`], `String`, numbers, `bool`, [`Duration`](std::time::Duration)
    /// (`30s`), unit enums, addresses, paths, and lists of these (`a,b`). A field that is a struct itself reads the config vars
    /// that begin with its name: a field `http` with a field `port` reads `HTTP_PORT`. `Option` and `#[serde(default)]` make a field
    /// optional. Strings are never reinterpreted: `0012345`, `true` and `1e5` arrive unchanged. A config var that is set but
    /// empty counts as missing, and the error says so. A value that is a placeholder, such as `${PASSWORD}` or `<password>`,
    /// is an error. The page [`typed`](mod@crate::typed) has all rules in one table.
    ///
    /// **For a secret, declare a [`SecretString`].** A `String` is shown by a derived `Debug` and is not wiped. If any field
    /// has a fault, `extract` deserializes the struct several times, and each pass leaves a copy behind.
    ///
    /// ```
    /// use config_vars::{ConfigVars, HttpUrl, MongoUrl, MysqlUrl, SecretString};
    ///
    /// #[derive(serde::Deserialize)]
    /// # #[expect(dead_code, reason = "here, nobody reads the fields")]
    /// struct Config {
    ///     jawsdb_url: MysqlUrl,
    ///     mongodb_uri: Option<MongoUrl>,
    ///     new_relic_url: HttpUrl,
    ///     cloudamqp_apikey: SecretString,
    ///     #[serde(default)]
    ///     web_concurrency: u16,
    /// }
    ///
    /// let vars = ConfigVars::from_iter([
    ///     ("JAWSDB_URL", "mysql://app:p#w@db.example/shop"),
    ///     ("NEW_RELIC_URL", "http://newrelic.com/accounts/[apitoken]"),
    ///     ("CLOUDAMQP_APIKEY", ""),
    ///     ("WEB_CONCURRENCY", "two"),
    /// ]);
    /// assert_eq!(
    ///     vars.extract::<Config>().err().unwrap().to_string(),
    ///     "3 config vars have faults:\n  \
    ///      JAWSDB_URL: the password holds an unencoded `#`; write `%23`\n  \
    ///      CLOUDAMQP_APIKEY: is set but empty; give it a value, or unset it\n  \
    ///      WEB_CONCURRENCY: is not a number that fits; write a whole number from 0 to 65535",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if a field is declared as a type that config vars cannot fill; that is found before any value is looked at.
    ///
    /// Otherwise returns one error with all faults, in the order of the fields: config vars that are not set, set but empty, malformed, of
    /// the wrong kind, or not of the declared type. [`Error::faults`] returns each of them.
    ///
    /// To find them all, the struct is deserialized again with a stand-in for each field at fault, so a type's `Deserialize` may
    /// see values that no config var has. If a type accepts none of the stand-ins, fields that are missing after it are not
    /// reported until it is fixed. A panic of a type at its value is a fault of that config var.
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T, Error> {
        extract::extract(self, "")
    }

    /// Returns all config vars, sorted by name.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("B", "2"), ("A", "1")]);
    /// let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["A", "B"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ConfigValue)> {
        self.all()
    }

    /// Returns the number of config vars.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// assert_eq!(ConfigVars::from_iter([("A", "1"), ("B", "2")]).len(), 2);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.all().len()
    }

    /// Returns whether there are no config vars.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// assert!(ConfigVars::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the name of the source that supplied a config var, for example a path; `None` if the var is not set, or its
    /// source has no name.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("PORT", "8080")]).with_origin("defaults");
    /// assert_eq!(vars.origin("PORT"), Some("defaults"));
    /// ```
    #[must_use]
    pub fn origin(&self, name: &str) -> Option<&str> {
        self.find_var(name)?.origin.as_deref()
    }

    /// Sets the name of the source for config vars that have none yet. Use it in your own [`Source`](crate::Source). The name is
    /// shown, and must not contain a secret.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("TOKEN", "hvs.1234")]).with_origin("vault");
    /// assert_eq!(vars.origin("TOKEN"), Some("vault"));
    /// ```
    #[must_use]
    pub fn with_origin(self, name: &str) -> Self {
        self.named_by(name)
    }
}

/// The config vars whose names begin with a prefix; see [`ConfigVars::with_prefix`].
///
/// Errors contain the full names.
///
/// ```
/// # use config_vars::ConfigVars;
/// let vars = ConfigVars::from_iter([("SHOP_PORT", "http")]);
/// let error = vars.with_prefix("SHOP_").parse::<u16>("PORT").unwrap_err();
/// assert_eq!(error.var(), Some("SHOP_PORT"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PrefixedVars<'v> {
    vars: &'v ConfigVars,
    prefix: &'v str,
}

impl PrefixedVars<'_> {
    /// Deserializes the config vars into the app's own struct; see [`ConfigVars::extract`].
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// #[derive(serde::Deserialize)]
    /// struct Config { port: u16 }
    ///
    /// let vars = ConfigVars::from_iter([("SHOP_PORT", "8080"), ("PORT", "80")]);
    /// let config: Config = vars.with_prefix("SHOP_").extract()?;
    /// assert_eq!(config.port, 8080);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`ConfigVars::extract`].
    pub fn extract<T: DeserializeOwned>(&self) -> Result<T, Error> {
        extract::extract(self.vars, self.prefix)
    }

    /// Reads the value of one config var; see [`ConfigVars::parse`].
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("SHOP_PORT", "8080")]);
    /// assert_eq!(vars.with_prefix("SHOP_").parse::<u16>("PORT")?, 8080);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`ConfigVars::parse`].
    pub fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<T, Error> {
        extract::parse(self.vars, &self.full(name))
    }

    /// Parses the resource URL of a config var; see [`ConfigVars::url`].
    ///
    /// ```
    /// # use config_vars::{ConfigVars, RedisUrl};
    /// let vars = ConfigVars::from_iter([("SHOP_REDIS_URL", "redis://cache.example")]);
    /// let cache: RedisUrl = vars.with_prefix("SHOP_").url("REDIS_URL")?;
    /// assert_eq!(cache.host(), Some("cache.example"));
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`ConfigVars::url`].
    pub fn url<T: Resource>(&self, name: &str) -> Result<T, Error> {
        self.vars.url(&self.full(name))
    }

    /// Returns the value of a required config var; see [`ConfigVars::require`].
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ExposeSecret};
    /// let vars = ConfigVars::from_iter([("SHOP_API_KEY", "s3cret")]);
    /// assert_eq!(vars.with_prefix("SHOP_").require("API_KEY")?.expose_secret(), "s3cret");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`ConfigVars::require`].
    pub fn require(&self, name: &str) -> Result<&SecretString, Error> {
        self.vars.require(&self.full(name))
    }

    fn full(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
