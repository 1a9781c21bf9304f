//! The app's own value, which is made from a snapshot of config vars.
//!
//! A reload first prepares it, and puts it in use once it has decided which part of the fresh snapshot is taken over.

use super::context::Context;
use super::diff::Difference;
use super::versions::{Expire, MadeOf, Versions};
use crate::attachment::Role;
use crate::error::Error;
use crate::extract;
use crate::input::{Digest, Fingerprints};
use crate::isolate::{Retired, catch_panic, isolate};
use crate::lock::lock;
use crate::secret;
use crate::snapshot::LookedUp;
use crate::vars::ConfigVars;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The snapshot that a reload takes over, and how it differs from the one in use.
pub(super) struct Snapshot<'s> {
    pub(super) vars: &'s ConfigVars,
    pub(super) difference: &'s Difference,
}

/// A [`Root`] of any type.
pub(super) trait Remake: Expire {
    /// Makes the value again if a config var that it was made from differs. The new value is not visible before
    /// [`commit`](Self::commit).
    fn prepare(&self, snapshot: &Snapshot<'_>) -> Result<(), Error>;
    /// Replaces the value in use by the prepared one, if there is one.
    fn commit(&self, number: u64, vars: &ConfigVars, retired: &mut Retired);
    /// Discards the prepared value or error.
    fn discard(&self);
    /// The config vars that the value in use was made from.
    fn inputs(&self) -> RootInputs;
}

/// The config vars that the app's value is made from.
#[derive(Clone)]
pub(super) enum RootInputs {
    /// Any: a closure of the app received all of them. The names are those that it looked up, and may have kept a copy of.
    All(Arc<HashSet<Box<str>>>),
    /// Those that the app's struct declares.
    Named(Arc<HashSet<Box<str>>>),
}

impl RootInputs {
    pub(super) fn contains(&self, name: &str) -> bool {
        match self {
            Self::All(_) => true,
            Self::Named(names) => names.contains(name),
        }
    }
}

pub(super) struct Root<T> {
    pub(super) versions: Arc<Versions<T>>,
    make: Box<MakeFn<T>>,
    context: Arc<Context>,
    state: Mutex<RootState<T>>,
}

type MakeFn<T> = dyn Fn(&ConfigVars) -> Result<Made<T>, Error> + Send + Sync;

struct Made<T> {
    value: T,
    inputs: RootInputs,
}

struct RootState<T> {
    inputs: RootInputs,
    /// The value that the reload in progress has prepared.
    pending: Option<Made<T>>,
}

/// Makes the app's struct. Its fields are read by name, so the names are known, unless it has a map of a prefix.
pub(super) fn extracted<T: DeserializeOwned>(vars: &ConfigVars) -> Result<(T, RootInputs), Error> {
    let (value, LookedUp { names, is_all }) = vars.with_lookups(|vars| extract::extract(vars, ""));
    let inputs = if is_all {
        RootInputs::All
    } else {
        RootInputs::Named
    };
    Ok((value?, inputs(Arc::new(names))))
}

/// Makes a value by a closure of the app, which may read any config var, and keep a copy of all.
pub(super) fn made<T>(
    vars: &ConfigVars,
    make: impl FnOnce(&ConfigVars) -> Result<T, Error>,
) -> Result<(T, RootInputs), Error> {
    let (value, LookedUp { names, .. }) = vars.with_lookups(make);
    Ok((value?, RootInputs::All(Arc::new(names))))
}

impl<T: Send + Sync + 'static> Root<T> {
    pub(super) fn new(
        context: Arc<Context>,
        vars: &ConfigVars,
        make: impl Fn(&ConfigVars) -> Result<(T, RootInputs), Error> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Error> {
        let make = move |vars: &ConfigVars| make(vars).map(|(value, inputs)| Made { value, inputs });
        let runtime = context.runtime();
        let Made { value, inputs } = runtime.enter(|| catch_panic(|| make(vars)))?;
        let made_of = inputs.made_of(vars);
        Ok(Arc::new(Self {
            versions: Arc::new(Versions::new(context.clone(), runtime, 1, made_of, value)),
            make: Box::new(make),
            context,
            state: Mutex::new(RootState {
                inputs,
                pending: None,
            }),
        }))
    }

    /// Drops the value that was prepared before, which the app may have to do in its runtime, and without a lock.
    fn replace_pending(&self, pending: Option<Made<T>>) {
        let discarded = std::mem::replace(&mut lock(&self.state).pending, pending);
        self.context.runtime().enter(|| isolate(|| drop(discarded)));
    }
}

impl<T: Send + Sync + 'static> Remake for Root<T> {
    fn prepare(&self, snapshot: &Snapshot<'_>) -> Result<(), Error> {
        let inputs = self.inputs();
        let names = snapshot.difference.names();
        if !names.iter().any(|name| inputs.contains(name)) {
            self.discard();
            return Ok(());
        }
        // Not under the lock, because the app's closure may load the value in use.
        let runtime = self.context.runtime();
        let made = runtime.enter(|| catch_panic(|| (self.make)(snapshot.vars)));
        let (pending, result) = match made {
            Ok(made) => (Some(made), Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.replace_pending(pending);
        result
    }

    fn commit(&self, number: u64, vars: &ConfigVars, retired: &mut Retired) {
        let mut state = lock(&self.state);
        if let Some(Made { value, inputs }) = state.pending.take() {
            let made_of = inputs.made_of(vars);
            state.inputs = inputs;
            self.versions.replace(number, made_of, value, retired);
        }
    }

    fn discard(&self) {
        self.replace_pending(None);
    }

    fn inputs(&self) -> RootInputs {
        lock(&self.state).inputs.clone()
    }
}

impl<T: Send + Sync + 'static> Expire for Root<T> {
    fn retire_expired(&self, retired: &mut Retired) {
        self.versions.retire_expired(retired);
    }

    fn grace_period_end(&self) -> Option<std::time::Instant> {
        self.versions.grace_period_end()
    }
}

impl RootInputs {
    fn made_of(&self, vars: &ConfigVars) -> MadeOf {
        let fingerprints: Fingerprints = secret::with_clean_stack(|| {
            let mut digest = Digest::new();
            for var in vars.as_slice().iter().filter(|var| self.contains(&var.name)) {
                let secret = var.value.secret();
                let may_let_in = Role::of(&var.name, secret).may_let_in();
                digest.add_var(&var.name, secret.map(ExposeSecret::expose_secret), may_let_in);
            }
            digest.finish()
        });
        let (Self::All(names) | Self::Named(names)) = self;
        let names = names.clone();
        MadeOf { fingerprints, names }
    }
}
