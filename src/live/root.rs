//! The app's own value, which is made from a snapshot of config vars.
//!
//! A reload first prepares it, and puts it in use once it has decided which part of the fresh snapshot is taken over.

use super::context::Context;
use super::versions::{Expire, MadeOf, Versions};
use crate::attachment::Role;
use crate::error::Error;
use crate::extract;
use crate::input::Digest;
use crate::isolate::{Retired, catch_panic, isolate};
use crate::lock::lock;
use crate::secret;
use crate::snapshot::{ConfigVars, LookedUp};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex};

/// A [`Root`] of any type.
pub(super) trait Remake: Send + Sync {
    fn versions(&self) -> &dyn Expire;
    /// Makes the value again if it was made from a config var that differs. The new value is not visible before
    /// [`commit`](Self::commit).
    fn prepare(&self, vars: &ConfigVars, differing: &[Box<str>]) -> Result<(), Error>;
    /// Replaces the value in use by the prepared one, if there is one.
    fn commit(&self, number: u64, vars: &ConfigVars, retired: &mut Retired);
    /// Discards the prepared value or error.
    fn discard(&self);
    /// The config vars that the value in use was made from.
    fn inputs(&self) -> Arc<LookedUp>;
}

pub(super) struct Root<T> {
    pub(super) versions: Arc<Versions<T>>,
    make: Box<MakeRoot<T>>,
    context: Arc<Context>,
    /// The value that the reload in progress has prepared.
    pending: Mutex<Option<Made<T>>>,
}

/// Makes the app's value. The config vars that it may depend on are its inputs, whether they are set or not.
pub(super) type MakeRoot<T> = dyn Fn(&ConfigVars) -> Result<Made<T>, Error> + Send + Sync;

pub(super) struct Made<T> {
    pub(super) value: T,
    pub(super) inputs: LookedUp,
}

/// Makes the app's struct. Its fields are read by name, so the names are known, unless it has a map of a prefix.
pub(super) fn extracted<T: DeserializeOwned>(vars: &ConfigVars) -> Result<Made<T>, Error> {
    let (value, inputs) = vars.with_lookups(|vars| extract::extract(vars, ""));
    let value = value?;
    Ok(Made { value, inputs })
}

/// The config vars themselves.
pub(super) fn copied(vars: &ConfigVars) -> Result<Made<ConfigVars>, Error> {
    made(vars, |_| Ok(vars.clone()))
}

/// Makes a value by a closure of the app, which may read any config var, and keep a copy of all.
pub(super) fn made<T>(
    vars: &ConfigVars,
    make: impl FnOnce(&ConfigVars) -> Result<T, Error>,
) -> Result<Made<T>, Error> {
    let (value, mut inputs) = vars.with_lookups(make);
    inputs.is_all = true;
    let value = value?;
    Ok(Made { value, inputs })
}

impl<T: Send + Sync + 'static> Root<T> {
    pub(super) fn new(
        context: Arc<Context>,
        vars: &ConfigVars,
        make: Box<MakeRoot<T>>,
    ) -> Result<Self, Error> {
        let runtime = context.runtime();
        let Made { value, inputs } = runtime.enter(|| catch_panic(|| make(vars)))?;
        let made_of = made_of(inputs, vars);
        Ok(Self {
            versions: Arc::new(Versions::new(context.clone(), runtime, 1, made_of, value)),
            make,
            context,
            pending: Mutex::new(None),
        })
    }

    /// Drops the value that was prepared before, which the app may have to do in its runtime, and without a lock.
    fn replace_pending(&self, pending: Option<Made<T>>) {
        let discarded = std::mem::replace(&mut *lock(&self.pending), pending);
        self.context.runtime().enter(|| isolate(|| drop(discarded)));
    }
}

impl<T: Send + Sync + 'static> Remake for Root<T> {
    fn versions(&self) -> &dyn Expire {
        &*self.versions
    }

    fn prepare(&self, vars: &ConfigVars, differing: &[Box<str>]) -> Result<(), Error> {
        let inputs = self.inputs();
        if !differing.iter().any(|name| inputs.contains(name)) {
            self.discard();
            return Ok(());
        }
        // Not under the lock, because the app's closure may load the value in use.
        let runtime = self.context.runtime();
        let made = runtime.enter(|| catch_panic(|| (self.make)(vars)));
        let (pending, result) = match made {
            Ok(made) => (Some(made), Ok(())),
            Err(error) => (None, Err(error)),
        };
        self.replace_pending(pending);
        result
    }

    fn commit(&self, number: u64, vars: &ConfigVars, retired: &mut Retired) {
        if let Some(Made { value, inputs }) = lock(&self.pending).take() {
            let made_of = made_of(inputs, vars);
            self.versions.replace(number, made_of, value, retired);
        }
    }

    fn discard(&self) {
        self.replace_pending(None);
    }

    fn inputs(&self) -> Arc<LookedUp> {
        self.versions.current.load().made_of.inputs.clone()
    }
}

fn made_of(inputs: LookedUp, vars: &ConfigVars) -> MadeOf {
    let fingerprints = secret::with_clean_stack(|| {
        let mut digest = Digest::default();
        for var in vars.as_slice() {
            if inputs.contains(&var.name) {
                let secret = var.value.secret();
                let may_let_in = Role::of(&var.name, secret).may_let_in();
                digest.add_var(&var.name, secret.map(ExposeSecret::expose_secret), may_let_in);
            }
        }
        digest.finish()
    });
    MadeOf {
        fingerprints,
        inputs: Arc::new(inputs),
    }
}
