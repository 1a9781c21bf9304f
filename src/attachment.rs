//! Discovery: which config vars are resources, and which belong together.
//!
//! The platform's naming rule: an add-on is attached to an app under a name, and the names of its config vars begin
//! with that name and a `_` ([Dev Center](https://devcenter.heroku.com/articles/managing-add-ons#using-the-command-line-interface-creating-an-add-on)).
//! What is no resource must not come back as one, nor as a fault: a value of a datastore's scheme always is a
//! resource; any other URL only under a name that says so. The tables below decide, and the code reads them.

use crate::error::{Error, Fault, Wanted};
use crate::kind::{self, Kind};
use crate::secret;
use crate::url::{self, MemcacheUrl, Resource, ResourceUrl};
use crate::vars::{ConfigValue, ConfigVars, Var};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// Endings of names that say "this is a resource URL", in the order in which one is taken for the attachment's own.
const URL_SUFFIXES: &[&str] = &["_URL", "_URI", "_DSN"];

/// The ending of names whose value is a list of servers, without a scheme.
const SERVERS_SUFFIX: &str = "_SERVERS";

/// What a name holds whose servers are memcached's, though nothing else says so.
const MEMCACHE_NAME: &str = "MEMCACH";

/// What a name holds whose servers are another system's.
const OTHER_SERVERS: &[&str] = &["KAFKA", "KARAFKA", "BOOTSTRAP", "NAME"];

/// The word before the ending, in names of web URLs that are the app's own, or are settings of tools.
const OWN_URL_WORDS: &[&str] = &[
    "APP",
    "ASSET",
    "ASSETS",
    "AVATAR",
    "BACKEND",
    "BASE",
    "BUILDPACK",
    "CALLBACK",
    "CDN",
    "CLIENT",
    "DOCS",
    "EXTERNAL",
    "FRONTEND",
    "GIT",
    "HELP",
    "HOME",
    "HOMEPAGE",
    "HOST",
    "IMAGE",
    "INDEX",
    "LOGIN",
    "LOGO",
    "LOGOUT",
    "MEDIA",
    "MIRROR",
    "PROXY",
    "PUBLIC",
    "REDIRECT",
    "REGISTRY",
    "REPO",
    "REPOSITORY",
    "RETURN",
    "ROOT",
    "SERVER",
    "SITE",
    "SOURCE",
    "STATIC",
    "SUPPORT",
    "WEB",
    "WEBSITE",
];

/// Beginnings of names that platforms and tools set for themselves.
const TOOL_PREFIXES: &[&str] = &[
    "AWS_CONTAINER_",
    "BUNDLE_",
    "CARGO_",
    "CI_",
    "ECS_",
    "GITHUB_",
    "GITLAB_",
    "HEROKU_APP_",
    "KUBERNETES_",
    "NEXT_PUBLIC_",
    "NPM_CONFIG_",
    "OTEL_",
    "PIP_",
    "REACT_APP_",
    "RUSTUP_",
    "UV_",
    "VITE_",
    "npm_",
];

/// Schemes that lead to no service with credentials.
const NO_RESOURCE_SCHEMES: &[&str] = &[
    "about",
    "data",
    "docker",
    "file",
    "git",
    "git+ssh",
    "javascript",
    "mailto",
    "npipe",
    "ssh",
    "tcp",
    "udp",
    "unix",
];

/// An add-on bound to the app: its name, its resource URL or what is wrong with it, and its other config vars.
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
/// assert_eq!(rabbit.url().unwrap().host(), Some("rabbit.example"));
/// assert_eq!(rabbit.get("APIKEY").map(|key| key.expose_secret()), Some("0123-4567"));
/// ```
pub struct Attachment<'v> {
    name: &'v str,
    /// At least one; the first is the attachment's own.
    resources: Vec<Found<'v>>,
    vars: Vec<&'v Var>,
}

/// A config var that is a resource, or was meant to be one.
struct Found<'v> {
    var: &'v Var,
    attachment: &'v str,
    /// By the scheme alone, so that a URL with a fault has one as well.
    kind: Kind,
    resource: Result<ResourceUrl, Error>,
}

impl<'v> Attachment<'v> {
    /// The name of the attachment, which is the beginning of its config vars' names.
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

    /// The resource URL, or what is wrong with it. Of several, the one whose name is the plainest (`REDIS_URL`
    /// before `REDIS_URI`).
    ///
    /// ```
    /// # use config_vars::ConfigVars;
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://app:p?w@db.example/shop")]);
    /// let attachment = vars.attachments().next().unwrap();
    /// assert_eq!(
    ///     attachment.url().unwrap_err().to_string(),
    ///     "JAWSDB_URL: the password holds an unencoded `?`; write `%3F`",
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the config var that should hold the URL.
    pub fn url(&self) -> Result<&ResourceUrl, &Error> {
        self.resources[0].resource.as_ref()
    }

    /// All resource URLs of the attachment, each by the name of its config var.
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
        self.resources
            .iter()
            .map(|found| (&*found.var.name, found.resource.as_ref()))
    }

    /// The kind of the resource, also where its URL has a fault; `None` where not even the scheme can be told.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Kind};
    /// let vars = ConfigVars::from_iter([("JAWSDB_URL", "mysql://db.example:no-port/shop")]);
    /// assert_eq!(vars.attachments().next().unwrap().kind(), Some(Kind::Mysql));
    /// ```
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let Found { kind, resource, .. } = &self.resources[0];
        (*kind != Kind::Other || resource.is_ok()).then_some(*kind)
    }

    /// The value of one of its config vars, by what follows the attachment's name and `_`; `None` if it is not
    /// set, or not Unicode.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, ExposeSecret};
    /// let vars = ConfigVars::from_iter([("CLOUDAMQP_APIKEY", "0123"), ("CLOUDAMQP_URL", "amqp://mq.example")]);
    /// let rabbit = vars.attachments().next().unwrap();
    /// assert_eq!(rabbit.get("APIKEY").map(|key| key.expose_secret()), Some("0123"));
    /// ```
    #[must_use]
    pub fn get(&self, suffix: &str) -> Option<&'v SecretString> {
        let is_asked_for = |var: &&&Var| {
            var.name
                .strip_prefix(self.name)
                .and_then(|rest| rest.strip_prefix('_'))
                .is_some_and(|rest| rest == suffix)
        };
        self.vars.iter().find(is_asked_for)?.value.secret()
    }

    /// The names of all its config vars, sorted.
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

impl fmt::Debug for Attachment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            resources,
            vars: _,
        } = self;
        let mut out = f.debug_struct("Attachment");
        out.field("name", name);
        for Found { resource, .. } in resources {
            match resource {
                Ok(url) => out.field("url", url),
                Err(error) => out.field("url", error),
            };
        }
        let names: Vec<_> = self.var_names().collect();
        out.field("vars", &names).finish()
    }
}

impl ConfigVars {
    /// The add-ons that are bound to the app, as far as their config vars tell, sorted by name.
    ///
    /// A config var belongs to the attachment whose name is the longest beginning of its own. Faults are not
    /// errors here: each stands with its attachment.
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
        let mut attachments: Vec<Attachment<'_>> = Vec::new();
        let mut found: Vec<Found<'_>> = self.resources().collect();
        let resources: Vec<&str> = found.iter().map(|found| &*found.var.name).collect();
        found.sort_by(|left, right| {
            by_prefix(left.attachment, right.attachment)
                .then_with(|| suffix_rank(&left.var.name).cmp(&suffix_rank(&right.var.name)))
        });
        for found in found {
            let var = found.var;
            match attachments.last_mut() {
                Some(last) if last.name == found.attachment => {
                    last.resources.push(found);
                    last.vars.push(var);
                }
                _ => attachments.push(Attachment {
                    name: found.attachment,
                    resources: vec![found],
                    vars: vec![var],
                }),
            }
        }
        let is_other = |var: &&Var| resources.binary_search(&&*var.name).is_err();
        assign_vars(self.as_slice().iter().filter(is_other), &mut attachments);
        for attachment in &mut attachments {
            attachment.vars.sort_by(|left, right| left.name.cmp(&right.name));
        }
        attachments.sort_by_key(|attachment| attachment.name);
        attachments.into_iter()
    }

    /// The resource that a config var holds, typed.
    ///
    /// For a memcached resource it may also be the name of its list of servers (`MEMCACHIER_SERVERS`).
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
    /// If it is not set, set but empty, or no well-formed URL of that type; see [`ErrorKind`](crate::ErrorKind). If it
    /// is not set, the error names the config vars that hold such a resource.
    pub fn url<T: Resource>(&self, name: &str) -> Result<T, Error> {
        let Some(value) = self.find(name) else {
            let candidates = self.resources().filter(|found| T::KIND == Some(found.kind));
            return Err(Error::new(Fault::Missing)
                .for_var(name)
                .with_candidates(candidates.map(|found| (&*found.var.name, Some(found.kind)))));
        };
        self.read(name, value)
    }

    /// The one resource of that type, whatever the name and the shape of its config vars. The same URL under two
    /// names is one resource.
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
    /// If there is none, or more than one: the error names the candidates. If there is one and it has a fault, the
    /// error tells that.
    pub fn only<T: Resource>(&self) -> Result<T, Error> {
        let fits = |found: &Found<'_>| T::KIND.is_none_or(|kind| kind == found.kind);
        let (candidates, others): (Vec<_>, Vec<_>) = self.resources().partition(fits);
        let wanted = Wanted(T::KIND);
        let listed = candidate_names(&candidates, T::KIND.is_none());
        let mut candidates = candidates.into_iter();
        let Some(first) = candidates.next() else {
            return Err(Error::new(Fault::NoResource(wanted)).with_candidates(candidate_names(&others, true)));
        };
        if candidates.any(|other| !other.is_same(&first)) {
            return Err(Error::new(Fault::SeveralResources(wanted)).with_candidates(listed));
        }
        first
            .resource
            .and_then(|url| T::from_resource_url(url).map_err(|error| error.for_var(&first.var.name)))
    }

    /// All config vars that are resources, or were meant to be.
    fn resources(&self) -> impl Iterator<Item = Found<'_>> {
        self.as_slice().iter().filter_map(|var| {
            let (attachment, kind) = self.recognise(var)?;
            Some(Found {
                var,
                attachment,
                kind,
                resource: self.read(&var.name, &var.value),
            })
        })
    }

    /// Whether a config var is a resource, or was meant to be: the name of its attachment, and the kind.
    fn recognise<'v>(&self, var: &'v Var) -> Option<(&'v str, Kind)> {
        let name = &*var.name;
        let stem = URL_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix));
        let stem = stem.filter(|stem| !stem.is_empty());
        let Some(value) = var.value.secret() else {
            return stem
                .filter(|_| is_addon_name(name, stem))
                .map(|stem| (stem, Kind::Other));
        };
        let value = value.expose_secret();
        if value.is_empty() {
            return None;
        }
        if let Some(stem) = self.names_servers(name) {
            if !value.contains("://") {
                return Some((stem, Kind::Memcache));
            }
        }
        let scheme = scheme_of(value);
        let kind = scheme
            .and_then(kind::find_scheme)
            .map_or(Kind::Other, |scheme| scheme.kind);
        if kind.rules().datastore {
            return Some((stem.unwrap_or(name), kind));
        }
        let is_meant = match scheme {
            Some(scheme) => !NO_RESOURCE_SCHEMES
                .iter()
                .any(|other| other.eq_ignore_ascii_case(scheme)),
            None => value.starts_with('$') || value.contains('@') && !has_no_resource_scheme(value),
        };
        stem.filter(|_| is_meant && is_addon_name(name, stem))
            .map(|stem| (stem, kind))
    }

    /// The beginning of the name of a list of memcached servers.
    pub(crate) fn names_servers<'v>(&self, name: &'v str) -> Option<&'v str> {
        let stem = name
            .strip_suffix(SERVERS_SUFFIX)
            .filter(|stem| !stem.is_empty())?;
        let is_another = OTHER_SERVERS.iter().any(|word| stem.contains(word));
        let has = |suffix| self.companion(stem, suffix).is_some();
        let is_memcache = stem.contains(MEMCACHE_NAME) || has("_USERNAME") && has("_PASSWORD") && !is_another;
        is_memcache.then_some(stem)
    }

    /// Another config var of the same attachment, by name, if it is set to something.
    fn companion(&self, stem: &str, suffix: &str) -> Option<(String, &ConfigValue)> {
        let name = format!("{stem}{suffix}");
        let value = self.find(&name)?;
        let is_empty = value.secret().is_some_and(|text| text.expose_secret().is_empty());
        (!is_empty).then_some((name, value))
    }

    /// A credential that has a config var of its own. An empty one is none.
    fn credential(&self, stem: &str, suffix: &str) -> Result<Option<&SecretString>, Error> {
        let Some((name, value)) = self.companion(stem, suffix) else {
            return Ok(None);
        };
        value
            .require()
            .and_then(|text| url::check_edges(text.expose_secret()).map(|()| Some(text)))
            .map_err(|error| error.for_var(&name))
    }

    /// Reads a config var as a resource.
    pub(crate) fn read<T: Resource>(&self, name: &str, value: &ConfigValue) -> Result<T, Error> {
        let read = |text: &SecretString| {
            let text = text.expose_secret();
            match self.names_servers(name) {
                Some(stem) if !text.contains("://") => {
                    let username = self.credential(stem, "_USERNAME")?;
                    let password = self.credential(stem, "_PASSWORD")?;
                    MemcacheUrl::from_servers(text, username, password)
                        .and_then(|servers| T::from_resource_url(servers.into()))
                }
                _ => url::parse(text),
            }
        };
        value
            .require()
            .and_then(read)
            .map_err(|error| error.for_var(name))
    }
}

fn candidate_names<'v>(found: &[Found<'v>], with_kind: bool) -> Vec<(&'v str, Option<Kind>)> {
    found
        .iter()
        .map(|found| (&*found.var.name, with_kind.then_some(found.kind)))
        .collect()
}

impl Found<'_> {
    fn is_same(&self, other: &Self) -> bool {
        match (&self.resource, &other.resource) {
            (Ok(one), Ok(other)) => secret::same(one.expose_original(), other.expose_original()),
            _ => false,
        }
    }
}

/// What stands before `://`, past quotes and blanks that should not be there.
fn scheme_of(value: &str) -> Option<&str> {
    const LONGEST: usize = 32;
    let value =
        value.trim_start_matches(|first: char| first.is_whitespace() || "\"'`“”„‘’«\u{FEFF}".contains(first));
    let end = value.bytes().take(LONGEST).position(|byte| byte == b':')?;
    value[end..].starts_with("://").then(|| &value[..end])
}

/// `mailto:` and the like have no `//`.
fn has_no_resource_scheme(value: &str) -> bool {
    value
        .split_once(':')
        .is_some_and(|(scheme, _)| NO_RESOURCE_SCHEMES.contains(&scheme))
}

/// Whether a name ending in `_URL` speaks of an add-on, rather than of the app itself or of a tool.
fn is_addon_name(name: &str, stem: Option<&str>) -> bool {
    let last_word = stem.and_then(|stem| stem.rsplit('_').next());
    !last_word.is_some_and(|word| OWN_URL_WORDS.contains(&word))
        && !TOOL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn suffix_rank(name: &str) -> usize {
    URL_SUFFIXES
        .iter()
        .position(|suffix| name.ends_with(suffix))
        .unwrap_or(URL_SUFFIXES.len())
}

/// Orders attachments as their config vars are ordered: by the name and the `_` that follows it.
fn by_prefix(left: &str, right: &str) -> std::cmp::Ordering {
    left.bytes().chain([b'_']).cmp(right.bytes().chain([b'_']))
}

/// Gives each config var to the attachment with the longest name that its own begins with. Both are sorted, so the
/// attachments around the current name form a stack, and one walk does.
fn assign_vars<'v>(vars: impl Iterator<Item = &'v Var>, attachments: &mut [Attachment<'v>]) {
    let mut around: Vec<usize> = Vec::new();
    let mut next = 0;
    for var in vars {
        while let Some(attachment) = attachments.get(next) {
            if attachment.name.bytes().chain([b'_']).gt(var.name.bytes()) {
                break;
            }
            leave(&mut around, attachments, attachment.name);
            around.push(next);
            next += 1;
        }
        leave(&mut around, attachments, &var.name);
        if let Some(&innermost) = around.last() {
            attachments[innermost].vars.push(var);
        }
    }
}

/// Leaves the attachments that `name` does not belong to.
fn leave(around: &mut Vec<usize>, attachments: &[Attachment<'_>], name: &str) {
    let belongs_to = |attachment: &str| {
        name.strip_prefix(attachment)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    while around
        .last()
        .is_some_and(|&innermost| !belongs_to(attachments[innermost].name))
    {
        around.pop();
    }
}
