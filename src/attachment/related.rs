//! Config vars that are related by their names, although no discovery knows them: the files of a mounted secret (`username` and
//! `password`), an id and its secret, a pair of keys.

use super::addon::Attachment;
use super::forest::Forest;
use super::lookup::looked_for;
use super::name_words::{NameWords, Word, words_of};
use crate::error::Error;
use crate::list::{filter_mapped, mapped};
use crate::snapshot::ConfigVars;
use crate::sorted::{NameMap, NameSet, end_of_run, sort_by};

/// Names without a prefix that an add-on sets beside another of its config vars: Tigris, Fly.io's object storage.
const UNPREFIXED: &[(&str, &str)] = &[("BUCKET_NAME", "AWS_ENDPOINT_URL_S3")];

/// Names that the shell and the container runtime set. `PORT` is the web server's if a platform sets it.
const SET_BY_PLATFORM: &[&str] = &["HOSTNAME", "OLDPWD", "PORT", "PWD"];

/// How much two names must have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Parts of one thing: what one of them may be of no use without.
    Thing,
    /// Parts of one credential, which are useless without each other.
    Credential,
}

/// Sets of names that belong together.
pub(crate) struct Groups<'v> {
    names: NameSet<'v>,
    /// Sets of indexes of names.
    sets: Forest,
}

impl<'v> Groups<'v> {
    /// Creates one group for each name.
    pub(crate) fn of(names: Vec<&'v str>) -> Self {
        let names = NameSet::of(names);
        Self {
            sets: Forest::new(names.len()),
            names,
        }
    }

    /// Returns the number of names, which is the maximum number of groups.
    pub(crate) fn len(&self) -> usize {
        self.sets.len()
    }

    /// Returns a number that identifies the group of a name; `None` if the name is unknown.
    pub(crate) fn find(&mut self, name: &str) -> Option<usize> {
        let index = self.names.place(name)?;
        Some(self.sets.find(index))
    }

    /// Joins the groups of all these names.
    pub(crate) fn join(&mut self, names: &[&str]) {
        let mut first = None;
        for name in names {
            match (first, self.names.place(name)) {
                (Some(first), Some(index)) => self.sets.join(first, index),
                (None, Some(index)) => first = Some(index),
                (_, None) => {}
            }
        }
    }

    /// Joins the names without a prefix with those that they are set beside. Returns them.
    pub(crate) fn join_unprefixed(&mut self) -> Vec<&'static str> {
        let mut joined = Vec::new();
        for (name, beside) in UNPREFIXED {
            if self.names.contains(name) && self.names.contains(beside) {
                self.join(&[*name, *beside]);
                joined.push(*name);
            }
        }
        joined
    }

    /// Joins the config vars of each attachment, in one or several snapshots. Attachments of the same name are joined.
    pub(crate) fn join_attachments(&mut self, snapshots: &[(&ConfigVars, &[Attachment<'v>])]) {
        let mut first_vars: Vec<(&str, usize)> = Vec::new();
        for (vars, attachments) in snapshots {
            for attachment in *attachments {
                let names: Vec<&str> = attachment.var_names().collect();
                self.join(&names);
                if let Some(first) = names.first().and_then(|first| self.names.place(first)) {
                    first_vars.push((attachment.name(), first));
                }
                for (name, url) in attachment.urls() {
                    // A config var that several resources share is kept with those that cannot be read with it.
                    if let Some(at_fault) = url.err().and_then(Error::var) {
                        self.join(&[name, at_fault]);
                    }
                    // The names that were looked up to read a resource in parts may belong to another attachment.
                    for part in &looked_for(vars, name) {
                        self.join(&[name, part]);
                    }
                }
            }
        }
        let of_namesakes = NameMap::of(first_vars.clone());
        for (name, first) in first_vars {
            if let Some(namesake) = of_namesakes.get(name) {
                self.sets.join(namesake, first);
            }
        }
    }

    /// Returns the names, interpreted.
    pub(crate) fn names(&self) -> Names<'v> {
        Names::of(self.names.as_slice())
    }
}

/// Names of config vars, interpreted, those of one thing side by side. A reload groups them in several ways.
pub(crate) struct Names<'v>(Vec<(&'v str, NameWords)>);

impl<'v> Names<'v> {
    pub(crate) fn of(names: &[&'v str]) -> Self {
        let mut parts = filter_mapped(names, |name| Some((*name, NameWords::of(name)?)));
        sort_by(&mut parts, |(_, left), (_, right)| left.thing.cmp(&right.thing));
        Self(parts)
    }

    /// Returns those that are parts of a login, each with the thing that it belongs to.
    pub(super) fn credentials(&self) -> Vec<(&'v str, &str)> {
        filter_mapped(&self.0, |(name, part)| {
            let is_credential = matches!(part.word, Word::Username | Word::Password | Word::Key);
            is_credential.then_some((*name, &*part.thing))
        })
    }
}

/// The groups of names that belong together by their words alone, each sorted.
///
/// Those in `is_attached` belong to an attachment already, which others may join.
pub(crate) fn related<'v>(
    names: &Names<'v>,
    relation: Relation,
    is_attached: &NameSet<'_>,
) -> Vec<Vec<&'v str>> {
    let mut parts: Vec<(&str, &NameWords)> = Vec::new();
    for (name, part) in &names.0 {
        let is_placed = is_attached.contains(name);
        // `API_URL` is a resource of its own; a file `url` beside `username` and `password` is a part of theirs.
        let is_own = part.is_bare() && is_placed && words_of(name).len() > 1;
        let is_platforms =
            part.is_bare() && SET_BY_PLATFORM.contains(name) && relation == Relation::Credential;
        if !is_own && !is_platforms {
            parts.push((name, part));
        }
    }
    let mut groups = Vec::new();
    let mut start = 0;
    while start < parts.len() {
        let thing = &parts[start].1.thing;
        let end = end_of_run(start, parts.len(), &|index| parts[index].1.thing == *thing);
        let of_thing = match relation {
            Relation::Thing => vec![mapped(&parts[start..end], |(name, _)| *name)],
            Relation::Credential => credentials(&parts[start..end]),
        };
        start = end;
        for mut group in of_thing {
            if group.len() > 1 && !is_attached.contains_all(&group) {
                sort_by(&mut group, Ord::cmp);
                groups.push(group);
            }
        }
    }
    groups
}

/// Groups those parts of one thing that are useless without each other.
fn credentials<'v>(parts: &[(&'v str, &NameWords)]) -> Vec<Vec<&'v str>> {
    let (mut has_user, mut has_password) = (false, false);
    for (_, part) in parts {
        has_user |= part.word == Word::Username;
        has_password |= part.word == Word::Password;
    }
    let (mut keys, mut logins, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for (name, part) in parts {
        let which = if part.is_bare() { &*part.which } else { "" };
        match part.word {
            // A user name that has no password goes with a key.
            Word::Username if !has_password => users.push(*name),
            Word::Key => keys.push((which, *name)),
            // A host and a port alone are settings, of which each may come from elsewhere.
            _ if has_user || has_password => logins.push((which, *name)),
            _ => {}
        }
    }
    let mut groups = Vec::new();
    add_groups(keys, &users, &mut groups);
    add_groups(logins, &users, &mut groups);
    groups
}

/// Adds a group for each first half of the pairs, with their second halves and the users.
fn add_groups<'v>(mut names: Vec<(&str, &'v str)>, users: &[&'v str], groups: &mut Vec<Vec<&'v str>>) {
    sort_by(&mut names, |left, right| left.0.cmp(right.0));
    let mut which_before = None;
    for (which, name) in names {
        if which_before != Some(which) {
            groups.push(users.to_vec());
            which_before = Some(which);
        }
        if let Some(group) = groups.last_mut() {
            group.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(names: &[&'static str], relation: Relation) -> Vec<Vec<&'static str>> {
        related(&Names::of(names), relation, &NameSet::default())
    }

    #[test]
    fn parts_of_one_credential_are_related_in_any_spelling() {
        let sets: &[&[&str]] = &[
            &["password", "username"],
            &["host", "password", "username"],
            &["PASSWORD", "USERNAME"],
            &["Login", "Passwd"],
            &["OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET"],
            &["client-id", "client-secret"],
            &["clientId", "clientSecret"],
            &["clientid", "clientsecret"],
            &["STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY"],
            &["S3_ACCESS_KEY", "S3_SECRET_KEY"],
            &["access_key", "secret_key"],
            &["accessKeyId", "secretAccessKey", "sessionToken"],
            &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
            &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
            &["account_sid", "auth_token"],
            &["tls.crt", "tls.key"],
            &["cert", "key"],
            &["ca.crt", "cert.pem", "key.pem"],
            &["private-key", "public-key"],
            &["signing.private.key", "signing.public.key"],
            &["DB_PASSWORD_1", "DB_USER_1"],
            &["TOKEN_V2", "USER_V2"],
            &["dbHost", "dbPassword", "dbUser"],
            &["db.host", "db.password", "db.username"],
            &["dbpassword", "dbuser"],
            &["PGPASSWORD", "PGUSER"],
            &["DB_HOST", "DB_NAME", "DB_PASSWORD", "DB_PORT"],
            &["consumerKey", "consumerSecret"],
            &["api_key", "api_secret"],
            &["TWITTER_API_KEY", "TWITTER_API_SECRET"],
            &["SHOP_API_KEY", "SHOP_USER"],
            &["mail-server", "mail-user", "mail-pass"],
        ];
        for names in sets {
            let mut names = names.to_vec();
            names.sort_unstable();
            for relation in [Relation::Thing, Relation::Credential] {
                assert_eq!(groups(&names, relation), [names.clone()], "{names:?}");
            }
        }
    }

    #[test]
    fn unrelated_names_stay_apart() {
        let sets: &[&[&str]] = &[
            &["ACME_PASSWORD", "BETA_USERNAME"],
            &["PORT", "LOG_LEVEL", "RUST_LOG", "WEB_CONCURRENCY"],
            &["MONKEY", "SUPPORT", "GHOST", "TRANSPORT"],
            &["LIMIT_1", "LIMIT_2"],
            &["username", "db_password"],
            &["PATH", "HOME", "SHELL"],
        ];
        for names in sets {
            assert!(groups(names, Relation::Thing).is_empty(), "{names:?}");
        }
        // Of one thing, perhaps; but each is of use without the other.
        let sets: &[&[&str]] = &[
            &["APP_HOST", "APP_PORT"],
            &["HOST", "PORT", "API_KEY"],
            &["PORT", "HOSTNAME", "PWD", "username"],
            &["api_token", "secret_key"],
        ];
        for names in sets {
            assert!(groups(names, Relation::Credential).is_empty(), "{names:?}");
        }
    }
}
