//! [`PartGroup`]: the config vars that each have a part of one resource.

use super::tables::{OF_COMMANDS, glued_kind};
use crate::error::{Component, Error, Fault};
use crate::kind::Kind;
use crate::placeholder;
use crate::secret::{self, same};
use crate::snapshot::{ConfigValue, ConfigVars, Var};
use crate::text::is_listed;
use crate::url::check_edges;
use secrecy::{ExposeSecret, SecretString};
use std::iter;

/// Config vars of a snapshot with the same prefix: `CACHE_…`, or glued, `PG…`.
#[derive(Clone, Copy)]
pub(super) struct PartGroup<'v> {
    pub(super) vars: &'v ConfigVars,
    pub(super) stem: &'v str,
    pub(super) separator: &'static str,
    pub(super) kind: Kind,
}

impl<'v> PartGroup<'v> {
    /// Creates a group of config vars whose names begin with the stem and a `_`.
    pub(super) fn separate(vars: &'v ConfigVars, stem: &'v str, kind: Kind) -> Self {
        Self {
            vars,
            stem,
            separator: "_",
            kind,
        }
    }

    /// Creates the group of glued names with this stem: `PGHOST`, `PGUSER`.
    pub(super) fn glued(vars: &'v ConfigVars, stem: &'v str) -> Option<Self> {
        Some(Self {
            vars,
            stem,
            separator: "",
            kind: glued_kind(stem)?,
        })
    }

    pub(super) fn name_of(self, ending: &str) -> String {
        [self.stem, self.separator, ending].concat()
    }

    /// Returns the config vars that begin with the prefix, with the rest of their names. Beside glued names there may be
    /// others with a `_`: `MYSQLHOST` and `MYSQL_SSL_CA`.
    pub(super) fn members(self) -> impl Iterator<Item = (&'v Var, &'v str)> {
        let is_glued = glued_kind(self.stem).is_some();
        let all = self.vars.as_slice();
        let mut next = all.partition_point(|var| *var.name < *self.stem);
        iter::from_fn(move || {
            loop {
                let var = all.get(next)?;
                let rest = var.name.strip_prefix(self.stem)?;
                next += 1;
                match rest.strip_prefix('_') {
                    Some("") => {}
                    Some(ending) => return Some((var, ending)),
                    None if is_glued && !rest.is_empty() => return Some((var, rest)),
                    None => {}
                }
            }
        })
    }

    /// Returns whether one of the members is glued to the prefix.
    pub(super) fn has_glued(self) -> bool {
        for (var, _) in self.members() {
            if !var.name[self.stem.len()..].starts_with('_') {
                return true;
            }
        }
        false
    }

    /// Returns whether one of the parts is there, even if only to say that it is not set.
    pub(super) fn has(self, endings: &[&str]) -> bool {
        for ending in endings {
            match self.vars.look_up(&self.name_of(ending)) {
                Some(value) if !value.is_empty() => return true,
                _ => {}
            }
        }
        false
    }

    /// Returns the first of the parts that is set and not empty, with its name.
    pub(super) fn part(self, endings: &[&str]) -> Option<(String, &'v ConfigValue)> {
        for ending in endings {
            let name = self.name_of(ending);
            match self.vars.look_up(&name) {
                Some(value) if is_set(value) => return Some((name, value)),
                _ => {}
            }
        }
        None
    }

    /// Returns the checked text of a part.
    pub(super) fn text(self, endings: &[&str]) -> Result<Option<&'v SecretString>, Error> {
        match self.part(endings) {
            Some((name, value)) => text_of(&name, value).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the checked text of a credential. Several config vars for it must have the same, because otherwise the user name
    /// of one login could be sent with the password of another.
    pub(super) fn credential(
        self,
        endings: &[&str],
        component: Component,
    ) -> Result<Option<&'v SecretString>, Error> {
        let Some((name, value)) = self.part(endings) else {
            return Ok(None);
        };
        let text = text_of(&name, value)?;
        for ending in endings {
            if OF_COMMANDS.contains(ending) {
                continue;
            }
            let other = self.name_of(ending);
            let Some(value) = self.vars.look_up(&other) else {
                continue;
            };
            let is_same = |value: &SecretString| same(value.expose_secret(), text.expose_secret());
            if !value.secret().is_some_and(is_same) && is_set(value) {
                return Err(Error::at(component, Fault::TwoCredentials)
                    .with_candidates(&[(&other, None)])
                    .for_known_var(&name));
            }
        }
        Ok(Some(text))
    }

    /// Sets the config var of a part as the one at fault, if there is one.
    pub(super) fn blame(self, endings: &[&str], error: Error) -> Error {
        match self.part(endings) {
            Some((name, _)) => error.for_known_var(&name),
            None => error,
        }
    }
}

/// Returns whether a part is set. Laravel's `.env` has `null` for one that is not
/// (<https://laravel.com/docs/configuration#environment-variable-types>).
pub(super) fn is_set(value: &ConfigValue) -> bool {
    match value.secret() {
        Some(text) => {
            let text = text.expose_secret();
            !text.is_empty() && !is_listed(&["null", "(null)"], text)
        }
        None => true,
    }
}

/// Returns the text of a part, without blanks and quotes around it, and not a placeholder or a reference.
pub(super) fn text_of<'v>(name: &str, value: &'v ConfigValue) -> Result<&'v SecretString, Error> {
    let checked = |text: &'v SecretString| check_part(text.expose_secret()).map(|()| text);
    let text = value.require().and_then(checked);
    text.map_err(|error| error.for_known_var(name))
}

pub(super) fn check_part(text: &str) -> Result<(), Error> {
    secret::with_clean_stack(|| {
        check_edges(text)?;
        match placeholder::in_credential(text) {
            Some(fault) => Err(at_value(fault)),
            None => Ok(()),
        }
    })
}

pub(super) fn at_value(fault: Fault) -> Error {
    Error::at(Component::Value, fault)
}
