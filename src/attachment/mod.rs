//! Discovery: which config vars are resources, and which belong together.
//!
//! The platform's naming rule: an add-on is attached to an app under a name, and the names of its config vars begin
//! with that name and a `_` ([Dev Center](https://devcenter.heroku.com/articles/managing-add-ons#using-the-command-line-interface-creating-an-add-on)).
//! What is no resource must not come back as one, nor as a fault: a value of a datastore's scheme always is a
//! resource; any other URL only under a name that says so. The tables below decide, and the code reads them.

mod alias;
mod discover;
pub(crate) mod related;
mod role;
mod tables;

pub use alias::Alias;
pub use role::Role;

use crate::error::{Component, Error, Fault, Wanted};
use crate::kind::Kind;
use crate::placeholder;
use crate::reads::Reads;
use crate::secret;
use crate::shown::ShownName;
use crate::tls::Tls;
use crate::url::{Resource, ResourceUrl, check_edges, check_kind_rules};
use crate::vars::{ConfigVars, Var};
use alias::Endpoint;
use discover::token_stem;
use secrecy::{ExposeSecret, SecretString};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use tables::{URL_SUFFIXES, VARIANTS};

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
/// assert_eq!(rabbit.url().unwrap().unwrap().host(), Some("rabbit.example"));
/// assert_eq!(rabbit.get("APIKEY").map(|key| key.expose_secret()), Some("0123-4567"));
/// ```
pub struct Attachment<'v> {
    name: &'v str,
    /// The first is the attachment's own. None, for an add-on that gives a bare credential.
    resources: Vec<Found<'v>>,
    vars: Vec<&'v Var>,
    /// What is wrong with config vars that are no resources.
    broken: Vec<Error>,
    aliases: alias::Group<'v>,
}

/// A config var that is a resource, or was meant to be one.
struct Found<'v> {
    var: &'v Var,
    attachment: &'v str,
    /// By the scheme alone, so that a URL with a fault has one as well.
    kind: Kind,
    role: Role,
    /// Boxed, so that an error does not leave the room of a URL unused.
    resource: Result<Box<ResourceUrl>, Error>,
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
    /// before `REDIS_URI` and `REDIS_TLS_URL`). `None` for an add-on that gives but a bare credential.
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
    /// What is wrong with the config var that should hold the URL.
    pub fn url(&self) -> Option<Result<&ResourceUrl, &Error>> {
        self.resources.first().map(Found::url)
    }

    fn first_url(&self) -> Option<&ResourceUrl> {
        self.url()?.ok()
    }

    /// The role by the name and the form of the value. In `DATABASE_PASSWORD_SHOP`, the attachment's own suffix comes
    /// after the words that say it.
    fn role_of(&self, var: &Var, value: Option<&SecretString>) -> Role {
        let suffix = discover::split_infix(self.name).map(|(_, suffix)| suffix);
        let without_suffix = suffix
            .and_then(|suffix| var.name.strip_suffix(suffix))
            .and_then(|rest| rest.strip_suffix('_'));
        Role::of(without_suffix.unwrap_or(&var.name), value)
    }

    /// What is wrong with config vars that are not resources, and that no resource has reported as one of its parts.
    fn broken_vars(&self) -> Vec<Error> {
        let is_resource = |var: &Var| self.resources.iter().any(|found| std::ptr::eq(found.var, var));
        let reported: Vec<Option<&str>> = self
            .resources
            .iter()
            .filter_map(|found| found.resource.as_ref().err().map(Error::var))
            .collect();
        let others = self.vars.iter().filter(|var| !is_resource(var));
        others
            .filter(|var| !reported.contains(&Some(&*var.name)))
            .filter_map(|var| {
                let role = match self.role_of(var, var.value.secret()) {
                    // What a reference stands for, its name says.
                    Role::Reference => self.role_of(var, None),
                    role => role,
                };
                let error = secret::with_clean_stack(|| check_credential(var, role)).err()?;
                Some(error.for_known_var(&var.name))
            })
            .collect()
    }

    /// What is wrong with its config vars.
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

    /// The other attachments that are the same resource, for certain or as it seems.
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

    /// Returns what the attachment asks for in the way of TLS, which is what its URL says, or the vars that it is made of. A
    /// client's certificate beside it says nothing of the server's.
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

    /// What each of its config vars is for, by name.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Role};
    /// let vars = ConfigVars::from_iter([("CLOUDAMQP_APIKEY", "0123"), ("CLOUDAMQP_URL", "amqp://mq.example")]);
    /// let rabbit = vars.attachments().next().unwrap();
    /// assert!(rabbit.roles().eq([("CLOUDAMQP_APIKEY", Role::Token), ("CLOUDAMQP_URL", Role::Url)]));
    /// ```
    pub fn roles(&self) -> impl Iterator<Item = (&'v str, Role)> {
        let resources: HashMap<*const Var, &Found<'_>> = self
            .resources
            .iter()
            .map(|found| (std::ptr::from_ref(found.var), found))
            .collect();
        self.vars.iter().map(move |var| {
            let resource = resources.get(&std::ptr::from_ref(*var));
            let role = match resource {
                Some(Found { role, kind, .. }) if *kind != Kind::Other || *role != Role::Url => *role,
                // A reference stands in the place of a URL.
                Some(_) => match self.role_of(var, var.value.secret()) {
                    Role::Reference => Role::Reference,
                    _ => Role::Url,
                },
                None => self.role_of(var, var.value.secret()),
            };
            (&*var.name, role)
        })
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
        self.resources.iter().map(|found| (&*found.var.name, found.url()))
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
        let Found { kind, resource, .. } = self.resources.first()?;
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
            broken: _,
            aliases: _,
        } = self;
        let mut out = f.debug_struct("Attachment");
        out.field("name", &ShownName::name(name));
        for Found { resource, .. } in resources {
            match resource {
                Ok(url) => out.field("url", url),
                Err(error) => out.field("url", error),
            };
        }
        let names: Vec<_> = self.var_names().map(ShownName::name).collect();
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
        self.recorder().note_all_values();
        self.discover()
    }

    pub(crate) fn discover(&self) -> impl Iterator<Item = Attachment<'_>> {
        let mut attachments: Vec<Attachment<'_>> = Vec::new();
        let mut found: Vec<Found<'_>> = self.resources().collect();
        // What has its place already, beside the names that begin with an attachment's.
        let mut placed: Vec<&str> = found.iter().map(|found| &*found.var.name).collect();
        placed.sort_unstable();
        let resources = placed.clone();
        let mut joined: BTreeSet<&str> = BTreeSet::new();
        sort_by_attachment(&mut found);
        separate_suffixed(&mut found);
        for found in found {
            let var = found.var;
            match attachments.last_mut() {
                Some(last) if last.name == found.attachment => {
                    last.resources.push(found);
                    last.vars.push(var);
                }
                _ => {
                    let mut vars = self.glued_vars(found.attachment, &resources);
                    if found.attachment == &*var.name {
                        let with_suffix = self.vars_with_suffix(found.attachment, &resources);
                        vars.extend(with_suffix.into_iter().filter(|var| joined.insert(&*var.name)));
                    }
                    placed.extend(vars.iter().map(|var| &*var.name));
                    vars.push(var);
                    attachments.push(Attachment {
                        name: found.attachment,
                        resources: vec![found],
                        vars,
                        broken: Vec::new(),
                        aliases: alias::Group::default(),
                    });
                }
            }
        }
        placed.sort_unstable();
        // Both are sorted, so one walk finds them.
        let mut placed = placed.into_iter().peekable();
        let is_other = |var: &&Var| {
            while placed.next_if(|name| **name < *var.name).is_some() {}
            placed.peek() != Some(&&*var.name)
        };
        let left = assign_vars(self.as_slice().iter().filter(is_other), &mut attachments);
        attachments.extend(bare_credentials(left));
        for attachment in &mut attachments {
            attachment.broken = attachment.broken_vars();
            attachment.vars.sort_by(|left, right| left.name.cmp(&right.name));
        }
        attachments.sort_by_key(|attachment| attachment.name);
        alias::group(&mut attachments);
        attachments.into_iter()
    }

    /// What a config var is for, by its name and the form of its value, whether or not it belongs to an attachment;
    /// `None` if it is not set.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Role};
    /// let vars = ConfigVars::from_iter([("CA_CERT", "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----")]);
    /// assert_eq!(vars.role("CA_CERT"), Some(Role::Certificate));
    /// ```
    #[must_use]
    pub fn role(&self, name: &str) -> Option<Role> {
        let value = self.find(name)?;
        Some(Role::of(name, value.secret()))
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
        // That there is none is seen without a look into it.
        self.find_url(name)
            .inspect_err(|_| self.recorder().note_value(name))
    }

    fn find_url<T: Resource>(&self, name: &str) -> Result<T, Error> {
        let Some(value) = self.look_up(name) else {
            let candidates = self.resources().filter(|found| T::KIND == Some(found.kind));
            return Err(self
                .missing(name)
                .with_candidates(candidates.map(|found| (&*found.var.name, Some(found.kind)))));
        };
        self.read(name, value)
    }

    /// The one resource of that type, whatever the name and the shape of its config vars.
    ///
    /// Config vars with the same kind, hosts, database and credentials are one resource, and the plainest name counts
    /// (`DATABASE_URL` before `HEROKU_POSTGRESQL_AMBER_URL`). So are the URLs that a platform gives beside a plain one
    /// under names such as `REDIS_TLS_URL` or `DATABASE_PUBLIC_URL`.
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
        self.find_only()
            .inspect_err(|_| self.recorder().note_all_values())
    }

    fn find_only<T: Resource>(&self) -> Result<T, Error> {
        let fits = |found: &Found<'_>| T::KIND.is_none_or(|kind| kind == found.kind);
        self.recorder().note_search();
        let mut candidates: Vec<Found<'_>> = Vec::new();
        let mut others: Vec<Found<'_>> = Vec::new();
        for attachment in self.discover() {
            let (fitting, rest): (Vec<_>, Vec<_>) = attachment.resources.into_iter().partition(fits);
            if fitting.is_empty() {
                others.extend(rest.into_iter().next());
            }
            candidates.extend(fitting);
        }
        leave_out_variants(&mut candidates);
        // A URL comes before parts, which have no options.
        candidates.sort_by_key(|found| (found.role != Role::Url, plainness(&found.var.name)));
        let wanted = Wanted(T::KIND);
        let mut listed = candidate_names(&candidates, T::KIND.is_none());
        listed.sort_unstable_by_key(|(name, _)| *name);
        let mut candidates = candidates.into_iter();
        let Some(first) = candidates.next() else {
            let mut error = Error::new(Fault::NoResource(wanted));
            let mut left_out = self.left_out().iter();
            if let Some(left_out) = left_out
                .find(|left_out| left_out.kind.is_some() && (T::KIND.is_none() || left_out.kind == T::KIND))
            {
                error = error.with_elsewhere(&left_out.elsewhere);
            }
            return Err(error.with_candidates(candidate_names(&others, true)));
        };
        if candidates.any(|other| !other.is_same(&first)) {
            return Err(Error::new(Fault::SeveralResources(wanted)).with_candidates(listed));
        }
        let url = first.resource?.with_mark(self.mark(&first.var.name));
        T::from_resource_url(url).map_err(|error| error.for_known_var(&first.var.name))
    }

    /// Reads a resource by all rules of its kind, as its typed URL would.
    fn read_checked(&self, var: &Var) -> Result<Box<ResourceUrl>, Error> {
        let url: ResourceUrl = self.read(&var.name, &var.value)?;
        check_kind_rules(&url).map_err(|error| error.for_known_var(&var.name))?;
        Ok(Box::new(url))
    }

    /// The names that are looked up to read a resource from several config vars, whether set or not.
    pub(crate) fn looked_for(&self, name: &str) -> Vec<Box<str>> {
        let value = self.find_var(name).and_then(|var| var.value.secret());
        // A URL is read from one var. Most resources are URLs, and need not be read again.
        if value.is_none_or(|value| secret::with_clean_stack(|| value.expose_secret().contains("://"))) {
            return Vec::new();
        }
        let reads = Arc::new(Reads::default());
        let noting = self.noting(reads.clone());
        let (_, seen) = reads.during(|| noting.url::<ResourceUrl>(name).map(drop));
        seen.carried.iter().map(Into::into).collect()
    }

    /// All config vars that are resources, or were meant to be.
    fn resources(&self) -> impl Iterator<Item = Found<'_>> {
        self.as_slice().iter().filter_map(|var| {
            let recognised = self.recognise(var)?;
            Some(Found {
                var,
                attachment: recognised.attachment,
                kind: recognised.kind,
                role: recognised.role,
                resource: self.read_checked(var),
            })
        })
    }
}

/// What is wrong with a config var that is not a resource: blanks or quotes around a credential, or PEM that no library
/// reads.
fn check_credential(var: &Var, role: Role) -> Result<(), Error> {
    let Some(text) = var.value.secret().map(ExposeSecret::expose_secret) else {
        return Ok(());
    };
    let has_pem = text
        .trim_start_matches(|first: char| first.is_whitespace() || matches!(first, '"' | '\'' | '`'))
        .starts_with(PEM_BEGIN);
    let is_secret = matches!(
        role,
        Role::Username | Role::Password | Role::Token | Role::Certificate | Role::PrivateKey
    );
    if has_pem {
        // The last line of a file ends with a line break.
        check_edges(text.trim_end_matches(['\r', '\n']))?;
        check_pem(text).map_err(|fault| Error::at(Component::Value, fault))
    } else if is_secret {
        check_edges(text)?;
        match placeholder::in_credential(text) {
            Some(fault) => Err(Error::at(Component::Value, fault)),
            None => Ok(()),
        }
    } else {
        Ok(())
    }
}

const PEM_BEGIN: &str = "-----BEGIN ";
const PEM_END: &str = "-----END ";

/// Checks that PEM text has what all libraries need: its labels, each on a line of its own.
fn check_pem(text: &str) -> Result<(), Fault> {
    let label = text.strip_prefix(PEM_BEGIN).unwrap_or(text);
    let after_label = label.split_once("-----").map_or("", |(_, rest)| rest);
    if after_label.starts_with("\\n") || after_label.starts_with("\\r\\n") {
        return Err(Fault::EscapedPem);
    }
    let Some((body, _)) = after_label.split_once(PEM_END) else {
        return Err(Fault::CutPem);
    };
    let begins_line = |text: &str| text.starts_with('\n') || text.starts_with("\r\n");
    match begins_line(body) && body.ends_with('\n') {
        true if body.contains("\\n") => Err(Fault::EscapedPem),
        true => Ok(()),
        false => Err(Fault::PemWithoutLines),
    }
}

fn candidate_names<'v>(found: &[Found<'v>], with_kind: bool) -> Vec<(&'v str, Option<Kind>)> {
    found
        .iter()
        .map(|found| (&*found.var.name, with_kind.then_some(found.kind)))
        .collect()
}

impl Found<'_> {
    fn url(&self) -> Result<&ResourceUrl, &Error> {
        self.resource.as_ref().map(|url| &**url)
    }

    /// Returns whether both lead to one place, whoever logs in there.
    fn leads_where(&self, other: &Self) -> bool {
        match (&self.resource, &other.resource) {
            (Ok(one), Ok(other)) => match (Endpoint::of(one), Endpoint::of(other)) {
                (None, None) => secret::same(one.expose_original(), other.expose_original()),
                (one, other) => one == other,
            },
            _ => false,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (&self.resource, &other.resource) {
            (Ok(one), Ok(other)) => alias::is_same_resource(one, other),
            _ => false,
        }
    }
}

fn sort_by_attachment(found: &mut [Found<'_>]) {
    found.sort_by(|left, right| {
        by_prefix(left.attachment, right.attachment)
            .then_with(|| plainness(&left.var.name).cmp(&plainness(&right.var.name)))
    });
}

/// Makes attachments of their own of `DATABASE_URL_SHOP` and `DATABASE_URL_LEDGER`, unless there is a `DATABASE_URL` or
/// all of them lead to one place. `found` is sorted by attachment.
fn separate_suffixed(found: &mut [Found<'_>]) {
    let is_suffixed = |found: &Found<'_>| discover::has_url_suffix(&found.var.name);
    let is_plain = |found: &Found<'_>| found.role == Role::Url && !is_suffixed(found);
    for alike in found.chunk_by_mut(|left, right| left.attachment == right.attachment) {
        let lead_to_one_place = alike.windows(2).all(|pair| pair[0].leads_where(&pair[1]));
        if lead_to_one_place || alike.iter().any(is_plain) {
            continue;
        }
        for found in alike.iter_mut().filter(|found| is_suffixed(found)) {
            found.attachment = &found.var.name;
        }
    }
    sort_by_attachment(found);
}

/// Leaves out what is another way to a resource that is there by its plain name: `REDIS_TLS_URL` beside `REDIS_URL`.
fn leave_out_variants(candidates: &mut Vec<Found<'_>>) {
    let named: Vec<(Kind, VariantName)> = candidates
        .iter()
        .map(|found| (found.kind, VariantName::of(&found.var.name)))
        .collect();
    let plain: HashSet<(Kind, &str)> = named
        .iter()
        .filter(|(_, name)| !name.is_variant)
        .map(|(kind, name)| (*kind, &*name.without))
        .collect();
    let mut named = named.iter();
    candidates.retain(|_| {
        named
            .next()
            .is_none_or(|(kind, name)| !name.is_variant || !plain.contains(&(*kind, &*name.without)))
    });
}

/// A name without the words that tell one URL of a resource from another, in the spelling of config vars.
struct VariantName {
    without: String,
    is_variant: bool,
}

impl VariantName {
    fn of(name: &str) -> Self {
        let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
        // `DATABASE_URL_PGBOUNCER` is a way to what `DATABASE_URL` leads to, under whatever suffix.
        let mut words: Vec<&str> = name.split('_').collect();
        let all = words.len();
        words.retain(|word| !VARIANTS.contains(word));
        let is_variant = words.len() < all;
        for word in &mut words {
            if matches!(*word, "URI" | "DSN") {
                *word = "URL";
            }
        }
        Self {
            without: words.join("_"),
            is_variant,
        }
    }
}

/// The key by which the plainest name comes first: the one of the fewest words.
fn plainness(name: &str) -> (usize, usize) {
    let suffix = URL_SUFFIXES.iter().position(|suffix| name.ends_with(suffix));
    // `REDIS_TLS_URL` comes after `REDIS_DSN`: words count for more than endings.
    (
        name.split(['_', '-', '.']).count(),
        suffix.unwrap_or(URL_SUFFIXES.len()),
    )
}

/// Orders attachments as their config vars are ordered: by the name and the `_` that follows it.
fn by_prefix(left: &str, right: &str) -> std::cmp::Ordering {
    let common = left.len().min(right.len());
    let (left, right) = (left.as_bytes(), right.as_bytes());
    // Only one of the two has more to it.
    let rest = |name: &[u8]| name.get(common).copied().unwrap_or(b'_');
    let lengths = || left.len().cmp(&right.len());
    left[..common]
        .cmp(&right[..common])
        .then_with(|| rest(left).cmp(&rest(right)))
        .then_with(lengths)
}

/// The add-ons of which there is but a bare credential, with the config vars that are named alike.
fn bare_credentials<'v>(vars: Vec<&'v Var>) -> Vec<Attachment<'v>> {
    let is_set = |var: &&&Var| {
        var.value
            .secret()
            .is_some_and(|value| !value.expose_secret().is_empty())
    };
    let mut names: Vec<&str> = vars
        .iter()
        .filter(is_set)
        .filter_map(|var| token_stem(&var.name))
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    names.sort_by(|left, right| by_prefix(left, right));
    names.dedup();
    let attachment = |name| Attachment {
        name,
        resources: Vec::new(),
        vars: Vec::new(),
        broken: Vec::new(),
        aliases: alias::Group::default(),
    };
    let mut attachments: Vec<Attachment<'v>> = names.into_iter().map(attachment).collect();
    assign_vars(vars.into_iter(), &mut attachments);
    attachments
}

/// Gives each config var to the attachment with the longest name that its own begins with, and returns those that
/// belong to none. Both are sorted, so the attachments around the current name form a stack, and one walk does.
fn assign_vars<'v>(vars: impl Iterator<Item = &'v Var>, attachments: &mut [Attachment<'v>]) -> Vec<&'v Var> {
    let mut around: Vec<usize> = Vec::new();
    let mut next = 0;
    let mut left = Vec::with_capacity(vars.size_hint().1.unwrap_or_default());
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
        match around.last() {
            Some(&innermost) => attachments[innermost].vars.push(var),
            None => left.push(var),
        }
    }
    left
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
