//! The faults of logins that are split over several attachments: an endpoint in one, its credentials in another.

use super::diff::{Discovered, is_empty, is_same_var, vanished};
use crate::attachment::split_login::SplitLogin;
use crate::error::Error;
use crate::snapshot::ConfigVars;
use crate::sorted::{NameMap, NameSet};

/// Finds the logins that must be kept, because a part of each is malformed, or gone while the other part is there. Returns a
/// config var of each, and the error.
pub(super) fn split_login_faults<'v>(
    logins: &[SplitLogin<'v>],
    current: &Discovered<'v>,
    fresh: &Discovered<'v>,
) -> Vec<(&'v str, Error)> {
    if logins.is_empty() {
        return Vec::new();
    }
    let (current, fresh) = (KnownFaults::of(current), KnownFaults::of(fresh));
    let mut faults = Vec::new();
    for login in logins {
        let roll = LoginRoll {
            login,
            current: &current,
            fresh: &fresh,
        };
        faults.extend(roll.fault());
    }
    faults
}

struct KnownFaults<'d, 'v> {
    vars: &'v ConfigVars,
    faults: Vec<&'d Error>,
    /// The last fault of each config var.
    fault_of: NameMap<'d>,
    /// The config vars of attachments that have no resource.
    without_resource: NameSet<'v>,
}

impl<'d, 'v> KnownFaults<'d, 'v> {
    fn of(snapshot: &'d Discovered<'v>) -> Self {
        let mut faults = Vec::new();
        let (mut fault_of, mut without_resource) = (Vec::new(), Vec::new());
        for attachment in &snapshot.attachments {
            for fault in attachment.faults() {
                if let Some(name) = fault.var() {
                    fault_of.push((name, faults.len()));
                    faults.push(fault);
                }
            }
            if attachment.url().is_none() {
                without_resource.extend(attachment.var_names());
            }
        }
        Self {
            vars: snapshot.vars,
            faults,
            fault_of: NameMap::of(fault_of),
            without_resource: NameSet::of(without_resource),
        }
    }

    fn fault(&self, name: &str) -> Option<&'d Error> {
        Some(self.faults[self.fault_of.get(name)?])
    }
}

/// One login in two snapshots.
struct LoginRoll<'r, 'd, 'v> {
    login: &'r SplitLogin<'v>,
    current: &'r KnownFaults<'d, 'v>,
    fresh: &'r KnownFaults<'d, 'v>,
}

impl<'v> LoginRoll<'_, '_, 'v> {
    fn fault(&self) -> Option<(&'v str, Error)> {
        let names = self.login.names();
        if !names.iter().any(|name| self.was_good(name)) {
            return None;
        }
        for name in names {
            // Malformed now, and not before.
            if let (None, Some(fault)) = (self.current.fault(name), self.fresh.fault(name)) {
                return Some((name, fault.clone()));
            }
        }
        let name = match self.gone_credential() {
            Some(name) => name,
            None => self.gone_endpoint()?,
        };
        Some((name, vanished(name)))
    }

    /// Returns a credential that is gone, although an endpoint needs it.
    fn gone_credential(&self) -> Option<&'v str> {
        let [_, endpoints] = &self.login.endpoints;
        // The beginning of a name may be that of the app, and a credential without an attachment may be another's, so it
        // takes a new endpoint to see the half of a roll.
        let is_moved = endpoints.iter().any(|name| self.has_changed(name));
        if endpoints.is_empty() || !self.login.is_one_thing && !is_moved {
            return None;
        }
        let credentials = &self.login.credentials;
        let all_count = is_moved && credentials.iter().all(|name| is_empty(self.fresh.vars, name));
        let counts = |name: &str| all_count || self.current.without_resource.contains(name);
        let is_lost = |name: &&&str| self.has_gone(name) && counts(name);
        credentials.iter().find(is_lost).copied()
    }

    /// Returns an endpoint that is gone, although its credentials are there, and no other endpoint is.
    fn gone_endpoint(&self) -> Option<&'v str> {
        let [endpoints, fresh_endpoints] = &self.login.endpoints;
        let is_left = |name: &&str| self.was_good(name) && self.fresh.without_resource.contains(name);
        let must_be_there = self.login.is_one_thing
            && fresh_endpoints.is_empty()
            && self.login.credentials.iter().any(is_left);
        if !must_be_there || !endpoints.iter().all(|name| self.has_gone(name)) {
            return None;
        }
        endpoints.first().copied()
    }

    fn was_good(&self, name: &str) -> bool {
        !is_empty(self.current.vars, name) && self.current.fault(name).is_none()
    }

    fn has_gone(&self, name: &str) -> bool {
        self.was_good(name) && is_empty(self.fresh.vars, name)
    }

    fn has_changed(&self, name: &str) -> bool {
        !is_same_var(self.current.vars.find_var(name), self.fresh.vars.find_var(name))
    }
}
