//! Endpoints whose credentials are in another attachment: `TURSO_DATABASE_URL` and `TURSO_AUTH_TOKEN`.
//!
//! The name of an attachment is what precedes the ending of a URL or of a credential, so an endpoint with a longer name is an
//! attachment of its own. It belongs with the credentials if its URL has no login. A URL with a login needs no other config
//! var.

use super::addon::Attachment;
use super::found::FoundResource;
use super::name_words::{thing_of_attachment, thing_of_endpoint};
use super::option_role::option_role;
use super::related::Names;
use super::role::Role;
use crate::list::mapped;
use crate::secret;
use crate::sorted::{NameSet, SortedMap};
use crate::url::ResourceUrl;
use secrecy::{ExposeSecret, SecretString};

/// Maximum number of words that are removed from the end of an attachment's name in search of one that it begins with.
const MAX_WORDS: usize = 16;

/// Endpoints without a login, and the credentials that are named alike.
#[derive(Default)]
pub(crate) struct SplitLogin<'v> {
    /// The endpoints in each of the two snapshots.
    pub(crate) endpoints: [Vec<&'v str>; 2],
    /// The credentials in either snapshot.
    pub(crate) credentials: Vec<&'v str>,
    /// Whether the names are of one thing by their words: `TURSO` of `TURSO_DATABASE_URL`. Otherwise the endpoints' names only
    /// begin with the name of the credentials' attachment: `WEAVIATE_CLUSTER_URL` and `WEAVIATE_API_KEY`.
    pub(crate) is_one_thing: bool,
}

impl<'v> SplitLogin<'v> {
    pub(crate) fn names(&self) -> Vec<&'v str> {
        let [current, fresh] = &self.endpoints;
        let mut names = current.clone();
        names.extend_from_slice(fresh);
        names.extend_from_slice(&self.credentials);
        names
    }
}

/// Logins by the name, or by the thing, that their credentials have in common.
type Logins<'n, 'v> = SortedMap<&'n str, SplitLogin<'v>>;

/// Finds the split logins in two snapshots, the one in use and a fresh one. `names` are those of both.
pub(crate) fn split_logins<'v>(names: &Names<'v>, snapshots: [&[Attachment<'v>]; 2]) -> Vec<SplitLogin<'v>> {
    let all = NameSet::of(mapped(&names.credentials(), |(name, _)| *name));
    let mut by_name = Logins::default();
    let (mut free, mut taken): (Vec<&str>, Vec<&str>) = Default::default();
    for attachments in &snapshots {
        for attachment in *attachments {
            let mut credentials = Vec::new();
            for name in attachment.var_names() {
                if all.contains(name) {
                    credentials.push(name);
                }
            }
            if credentials.is_empty() {
                continue;
            }
            // A URL with a login needs the credentials beside it for itself.
            let is_free = attachment.bound().is_none() && attachment.resources.iter().all(lacks_login);
            (if is_free { &mut free } else { &mut taken }).extend(&credentials);
            if is_free {
                let login = by_name.entry(attachment.name());
                login.credentials.append(&mut credentials);
            }
        }
    }
    let (free, taken) = (NameSet::of(free), NameSet::of(taken));
    let mut things: Vec<String> = Vec::new();
    for (name, _) in by_name.iter() {
        things.push(thing_of_attachment(name));
    }
    let mut by_thing = Logins::default();
    for (name, thing) in names.credentials() {
        if free.contains(name) || !taken.contains(name) {
            by_thing.entry(thing).credentials.push(name);
        }
    }
    for (place, (_, login)) in by_name.iter().enumerate() {
        let of_thing = by_thing.entry(&things[place]);
        of_thing.credentials.extend(&login.credentials);
    }
    add_endpoints(0, snapshots[0], &mut by_name, &mut by_thing);
    add_endpoints(1, snapshots[1], &mut by_name, &mut by_thing);
    let mut found = Vec::new();
    add_logins(by_name, false, &mut found);
    add_logins(by_thing, true, &mut found);
    found
}

/// Adds the logins that have an endpoint.
fn add_logins<'v>(logins: Logins<'_, 'v>, is_one_thing: bool, found: &mut Vec<SplitLogin<'v>>) {
    for mut login in logins.into_values() {
        let [current, fresh] = &login.endpoints;
        if !current.is_empty() || !fresh.is_empty() {
            login.is_one_thing = is_one_thing;
            found.push(login);
        }
    }
}

/// Adds the URLs without a login of one of the snapshots to the logins that are named alike.
fn add_endpoints<'v>(
    index: usize,
    attachments: &[Attachment<'v>],
    by_name: &mut Logins<'_, 'v>,
    by_thing: &mut Logins<'_, 'v>,
) {
    for attachment in attachments {
        // The platform says what belongs to the attachment, so its name says nothing more.
        if attachment.bound().is_some() {
            continue;
        }
        let around = name_around(attachment.name(), &|name| by_name.get(name).is_some());
        for resource in &attachment.resources {
            let name = &*resource.var.name;
            let around = around.and_then(|around| by_name.get_mut(around));
            let thing = thing_of_endpoint(name).and_then(|thing| by_thing.get_mut(&*thing));
            if around.is_none() && thing.is_none() || !lacks_login(resource) {
                continue;
            }
            if let Some(login) = around {
                login.endpoints[index].push(name);
            }
            if let Some(login) = thing {
                login.endpoints[index].push(name);
            }
        }
    }
}

/// Returns the longest known name that this one begins with, followed by a `_`.
fn name_around<'n>(name: &'n str, is_known: &dyn Fn(&str) -> bool) -> Option<&'n str> {
    let mut around = name;
    for _ in 0..MAX_WORDS {
        (around, _) = around.rsplit_once('_')?;
        if is_known(around) {
            return Some(around);
        }
    }
    None
}

/// Returns whether a resource is a URL without a login, to which config vars beside it may add one.
fn lacks_login(found: &FoundResource<'_>) -> bool {
    let Ok(url) = found.url() else {
        return false;
    };
    match found.var.value.secret() {
        // Config vars beside the URL may have added the login that it has now.
        Some(written)
            if found.role == Role::Url && !secret::same(written.expose_secret(), url.expose_original()) =>
        {
            match written.expose_secret().parse() {
                Ok(own) => !has_login(&own),
                Err(_) => false,
            }
        }
        _ => !has_login(url),
    }
}

/// Returns whether a URL has all that a login needs: a password or a token. The key of a web URL may be its user name.
fn has_login(url: &ResourceUrl) -> bool {
    let is_set = |text: Option<&SecretString>| matches!(text, Some(text) if !text.expose_secret().is_empty());
    let of_hosts = || url.hosts().iter().any(|host| is_set(host.password()));
    if is_set(url.password()) || !url.kind().rules().datastore && is_set(url.username()) || of_hosts() {
        return true;
    }
    for (name, value) in url.query_pairs() {
        if option_role(name.expose_secret()) == Role::Password && is_set(Some(&value)) {
            return true;
        }
    }
    false
}
