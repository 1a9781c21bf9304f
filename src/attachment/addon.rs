//! [`Attachment`]: an add-on bound to the app.

use super::alias::{self, Alias};
use super::credential::check_credential;
use super::found::FoundResource;
use super::names::split_infix;
use super::role::Role;
use crate::error::Error;
use crate::kind::Kind;
use crate::list::{filter_mapped, mapped};
use crate::secret;
use crate::shown::ShownName;
use crate::snapshot::{Bound, Var};
use crate::sorted::{NameSet, find_place, index_at, sorted_indexes};
use crate::tls::Tls;
use crate::url::ResourceUrl;
use secrecy::SecretString;
use std::fmt;

/// An add-on bound to the app: its name, its resource URL or the fault of it, and its other config vars.
///
/// `Debug` is redacted.
///
/// ```
/// use config_vars::{ConfigVars, ExposeSecret, Kind};
///
/// let vars = ConfigVars::from_iter([
///     ("CLOUDAMQP_APIKEY", "0123-4567"),
///     ("CLOUDAMQP_URL", "amqps://app:pw@rabbit.example/app"),
///     ("PATH", "/usr/bin"),
/// ]);
/// let attachments: Vec<_> = vars.attachments().collect();
/// assert_eq!(attachments.len(), 1);
/// let rabbit = &attachments[0];
/// assert_eq!(rabbit.name(), "CLOUDAMQP");
/// assert_eq!(rabbit.kind(), Some(Kind::Amqp));
/// assert_eq!(rabbit.url().unwrap().unwrap().host(), Some("rabbit.example"));
/// assert_eq!(rabbit.get("APIKEY").map(|key| key.expose_secret()), Some("0123-4567"));
/// ```
pub struct Attachment<'v> {
    pub(super) name: &'v str,
    /// The first is the attachment's own. Empty for an add-on that provides only a credential.
    pub(super) resources: Vec<FoundResource<'v>>,
    pub(super) vars: Vec<&'v Var>,
    /// The faults of config vars that are not resources.
    pub(super) broken: Vec<Error>,
    pub(super) aliases: alias::AliasGroup<'v>,
}

impl<'v> Attachment<'v> {
    pub(super) fn new(name: &'v str) -> Self {
        Self {
            name,
            resources: Vec::new(),
            vars: Vec::new(),
            broken: Vec::new(),
            aliases: alias::AliasGroup::default(),
        }
    }

    pub(super) fn candidate(&self) -> alias::Candidate<'v, '_> {
        alias::Candidate {
            name: self.name,
            url: self.first_url(),
            addon: self.bound().map(|bound| &*bound.addon),
        }
    }

    /// Returns the platform's own grouping, if it says that the config vars belong to the attachment.
    pub(super) fn bound(&self) -> Option<&'v Bound> {
        self.vars.first()?.value.bound()
    }

    /// Returns the name of the attachment, which is the prefix of its config vars' names.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example/shop")]);
    /// assert_eq!(vars.attachments().next().unwrap().name(), "JAWSDB");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'v str {
        self.name
    }

    /// Returns the resource URL, or the fault of it. Of several, this is the one with the plainest name (`REDIS_URL`
    /// before `REDIS_URI` and `REDIS_TLS_URL`). `None` for an add-on that provides only a credential.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p?w@db.example/shop")]);
    /// let attachment = vars.attachments().next().unwrap();
    /// assert_eq!(
    ///     attachment.url().unwrap().unwrap_err().to_string(),
    ///     "JAWSDB_URL: the password holds an unencoded `?`; write `%3F`",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the fault of the config var that should contain the URL.
    pub fn url(&self) -> Option<Result<&ResourceUrl, &Error>> {
        self.resources.first().map(FoundResource::url)
    }

    fn first_url(&self) -> Option<&ResourceUrl> {
        self.url()?.ok()
    }

    /// Returns the suffixes of its URLs: `SHOP` of `DATABASE_URL_SHOP`.
    fn suffixes(&self) -> NameSet<'v> {
        NameSet::of(filter_mapped(&self.resources, |found| {
            Some(split_infix(&found.var.name)?.1)
        }))
    }

    /// Returns the faults of config vars that are not resources, unless a resource reported them as those of its parts.
    pub(super) fn broken_vars(&self) -> Vec<Error> {
        // Most attachments have but the config vars of their resources.
        if self.vars.len() == self.resources.len() {
            return Vec::new();
        }
        let mut reported: Vec<&str> = Vec::new();
        for found in &self.resources {
            reported.push(&found.var.name);
            // The fault of a resource may be that of another config var, which has a part of it.
            reported.extend(found.url().err().and_then(Error::var));
        }
        let reported = NameSet::of(reported);
        let suffixes = self.suffixes();
        let mut broken = Vec::new();
        for var in &self.vars {
            if reported.contains(&var.name) {
                continue;
            }
            let role = match role_of(var, var.value.secret(), &suffixes) {
                // The name says what a reference refers to.
                Role::Reference => role_of(var, None, &suffixes),
                role => role,
            };
            if let Err(error) = secret::with_clean_stack(|| check_credential(var, role)) {
                broken.push(error.for_known_var(&var.name));
            }
        }
        broken
    }

    /// Returns the faults of its config vars.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p?w@db.example/shop")]);
    /// let faults: Vec<_> = vars.attachments().flat_map(|a| a.faults().map(ToString::to_string).collect::<Vec<_>>()).collect();
    /// assert_eq!(faults, ["JAWSDB_URL: the password holds an unencoded `?`; write `%3F`"]);
    /// ```
    pub fn faults(&self) -> impl Iterator<Item = &Error> {
        let of_resources = self
            .resources
            .iter()
            .filter_map(|found| found.resource.as_ref().err());
        of_resources.chain(&self.broken)
    }

    /// Returns the other attachments that are the same resource, certainly or probably.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([
    ///     ("DATABASE_URL", "postgres://app:pw@db.example/shop"),
    ///     ("HEROKU_POSTGRESQL_AMBER_URL", "postgres://app:pw@db.example/shop"),
    /// ]);
    /// let database = vars.attachments().next().unwrap();
    /// let aliases: Vec<_> = database.aliases().map(|alias| alias.name()).collect();
    /// assert_eq!(aliases, ["HEROKU_POSTGRESQL_AMBER"]);
    /// ```
    pub fn aliases(&self) -> impl Iterator<Item = Alias<'v>> {
        self.aliases.aliases_of(self.name)
    }

    /// Returns the TLS mode that the attachment requests, by its URL or by the vars that form it. A client certificate among
    /// its config vars does not count: it says nothing about verifying the server.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Tls};
    /// let vars = ConfigVars::from_iter([("REDIS_URL", "rediss://cache.example")]);
    /// assert_eq!(vars.attachments().next().unwrap().tls(), Tls::Verified);
    /// ```
    #[must_use]
    pub fn tls(&self) -> Tls {
        self.first_url().map_or(Tls::Unspecified, ResourceUrl::tls)
    }

    /// Returns the role of each of its config vars, by name.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Role};
    /// let vars = ConfigVars::from_iter([("CLOUDAMQP_APIKEY", "0123"), ("CLOUDAMQP_URL", "amqp://mq.example")]);
    /// let rabbit = vars.attachments().next().unwrap();
    /// assert!(rabbit.roles().eq([("CLOUDAMQP_APIKEY", Role::Token), ("CLOUDAMQP_URL", Role::Url)]));
    /// ```
    pub fn roles(&self) -> impl Iterator<Item = (&'v str, Role)> {
        let address = |index: usize| self.resources[index].var.address();
        let order = sorted_indexes(self.resources.len(), &|one, other| {
            address(one).cmp(&address(other))
        });
        let suffixes = self.suffixes();
        self.vars.iter().map(move |var| {
            let place = find_place(self.resources.len(), &|place| {
                address(index_at(&order, place)).cmp(&var.address())
            });
            let by_name = || role_of(var, var.value.secret(), &suffixes);
            let role = match place {
                Ok(place) => match self.resources[index_at(&order, place)] {
                    FoundResource { role, kind, .. } if kind != Kind::Other || role != Role::Url => role,
                    // A reference instead of a URL.
                    _ if by_name() == Role::Reference => Role::Reference,
                    _ => Role::Url,
                },
                Err(_) => by_name(),
            };
            (&*var.name, role)
        })
    }

    /// Returns all resource URLs of the attachment, each with the name of its config var.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([
    ///     ("MYSQL_URL", "mysql://app:pw@db.example/shop"),
    ///     ("MYSQL_URI", "mysql://app:pw@replica.example/shop"),
    /// ]);
    /// let mysql = vars.attachments().next().unwrap();
    /// let names: Vec<_> = mysql.urls().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["MYSQL_URL", "MYSQL_URI"]);
    /// ```
    pub fn urls(&self) -> impl Iterator<Item = (&'v str, Result<&ResourceUrl, &Error>)> {
        self.resources.iter().map(|found| (&*found.var.name, found.url()))
    }

    /// Returns the kind of the resource, even if its URL has a fault; `None` if the scheme cannot be determined.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Kind};
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example:no-port/shop")]);
    /// assert_eq!(vars.attachments().next().unwrap().kind(), Some(Kind::Mysql));
    /// ```
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let FoundResource { kind, resource, .. } = self.resources.first()?;
        (*kind != Kind::Other || resource.is_ok()).then_some(*kind)
    }

    /// Returns the value of one of its config vars, by the part of the name after the attachment's name and `_`; `None` if it
    /// is not set, or not Unicode.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ExposeSecret};
    /// let vars = ConfigVars::from_iter([("CLOUDAMQP_APIKEY", "0123"), ("CLOUDAMQP_URL", "amqp://mq.example")]);
    /// let rabbit = vars.attachments().next().unwrap();
    /// assert_eq!(rabbit.get("APIKEY").map(|key| key.expose_secret()), Some("0123"));
    /// ```
    #[must_use]
    pub fn get(&self, suffix: &str) -> Option<&'v SecretString> {
        for var in &self.vars {
            if let Some(rest) = var.name.strip_prefix(self.name) {
                if rest.strip_prefix('_') == Some(suffix) {
                    return var.value.secret();
                }
            }
        }
        None
    }

    /// Returns the names of all its config vars, sorted.
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("CLOUDAMQP_APIKEY", "0123"), ("CLOUDAMQP_URL", "amqp://mq.example")]);
    /// let rabbit = vars.attachments().next().unwrap();
    /// assert!(rabbit.var_names().eq(["CLOUDAMQP_APIKEY", "CLOUDAMQP_URL"]));
    /// ```
    pub fn var_names(&self) -> impl Iterator<Item = &'v str> {
        self.vars.iter().map(|var| &*var.name)
    }
}

/// Returns the role by the name and the form of the value. In `DATABASE_PASSWORD_SHOP`, the suffix of the attachment's URL
/// follows the words that determine the role.
fn role_of(var: &Var, value: Option<&SecretString>, suffixes: &NameSet<'_>) -> Role {
    let name = &*var.name;
    if !suffixes.is_empty() {
        for (end, _) in name.match_indices('_') {
            if suffixes.contains(&name[end + 1..]) {
                return Role::of(&name[..end], value);
            }
        }
    }
    Role::of(name, value)
}

/// Returns the names of all config vars of the attachments in these lists.
pub(crate) fn names_in<'v>(lists: &[&[Attachment<'v>]]) -> Vec<&'v str> {
    let mut names = Vec::new();
    for attachments in lists {
        for attachment in *attachments {
            names.extend(attachment.var_names());
        }
    }
    names
}

impl fmt::Debug for Attachment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            resources,
            vars: _,
            broken: _,
            aliases: _,
        } = self;
        let mut out = f.debug_struct("Attachment");
        out.field("name", &ShownName::name(name));
        for FoundResource { resource, .. } in resources {
            match resource {
                Ok(url) => out.field("url", url),
                Err(error) => out.field("url", error),
            };
        }
        let names = mapped(&self.vars, |var| ShownName::name(&var.name));
        out.field("vars", &names).finish()
    }
}
