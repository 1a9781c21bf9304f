//! A value that is made from another one of the same `Live`: a selected input, or a client.

use super::context::Context;
use super::type_name::short_type_name;
use super::versions::{Expire, Generation, MadeOf, Versions};
use crate::error::AppError;
use crate::input::{Fingerprints, Input};
use crate::isolate::{Retired, catch_panic};
use crate::lock::lock;
use crate::runtime::{InRuntime, Runtime, block_on};
use crate::snapshot::ConfigVars;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// A [`Derived`] of any type.
pub(super) trait Rebuild: Send + Sync {
    fn versions(&self) -> &dyn Expire;
    /// Returns whether the value that it is made from has been replaced since, or could not be used the last time.
    fn is_outdated(&self) -> bool;
    /// Returns whether its closure is async.
    fn is_async(&self) -> bool;
    /// Makes the value again, on this thread. The new value is in use once the returned closure has run.
    fn rebuild(&self, vars: &ConfigVars) -> Box<dyn FnOnce(&mut Retired) + '_>;
    /// Why the value could not be made again the last time.
    fn failure(&self) -> Option<AppError>;
    /// The name of the value, for messages.
    fn name(&self) -> Box<str>;
    fn set_name(&self, name: &str);
}

/// A [`Derived`] of any type, with its closure and its values, which are dropped in the app's runtime.
pub(super) type Owner = Arc<InRuntime<Box<dyn Rebuild>>>;

pub(super) struct Derived<P, T> {
    pub(super) versions: Arc<Versions<T>>,
    parent: Parent<P>,
    make: Make<P, T>,
    /// The runtime in which the value was requested.
    runtime: Runtime,
    state: Mutex<DerivedState>,
}

/// The value that another one is made from.
pub(super) struct Parent<P> {
    pub(super) versions: Arc<Versions<P>>,
    /// The part that makes the parent again; `None` for the app's own value. It must not be dropped before its children.
    #[expect(dead_code, reason = "it is only kept alive")]
    pub(super) owner: Option<Owner>,
}

struct DerivedState {
    /// The stamp of the parent's generation that was tried last, with success or not.
    tried: u64,
    failure: Option<AppError>,
    name: Option<Box<str>>,
}

/// How a value is made.
pub(super) enum Make<P, T> {
    /// Part of the parent. A part with the same fingerprints is not replaced.
    Select(Box<Choose<P, T>>),
    Map(Box<MakeSync<P, T>>),
    MapAsync(Box<MakeAsync<P, T>>),
}

type Choose<P, T> = dyn Fn(&P) -> (T, Fingerprints) + Send + Sync;
type MakeSync<P, T> = dyn Fn(&P) -> Result<T, AppError> + Send + Sync;
/// The future runs on the thread that made it, so it need not be `Send`.
type MakeAsync<P, T> =
    dyn for<'p> Fn(&'p P) -> Pin<Box<dyn Future<Output = Result<T, AppError>> + 'p>> + Send + Sync;

impl<P, T> Make<P, T> {
    pub(super) fn select(choose: impl Fn(&P) -> T + Send + Sync + 'static) -> Self
    where
        T: Input,
    {
        Self::Select(Box::new(move |parent| {
            let part = choose(parent);
            let fingerprints = Fingerprints::of(&part);
            (part, fingerprints)
        }))
    }

    pub(super) fn map(make: impl Fn(&P) -> Result<T, AppError> + Send + Sync + 'static) -> Self {
        Self::Map(Box::new(make))
    }

    pub(super) fn map_async<F>(make: F) -> Self
    where
        F: AsyncFn(&P) -> Result<T, AppError> + Send + Sync + 'static,
    {
        let make = Arc::new(make);
        Self::MapAsync(Box::new(move |parent| {
            let make = make.clone();
            Box::pin(async move { make(parent).await })
        }))
    }

    /// Makes the value on this thread. The config vars are those that the parent was made from, and name a fault.
    fn run(
        &self,
        parent: &Generation<P>,
        runtime: &Runtime,
        vars: &ConfigVars,
    ) -> Result<(T, MadeOf), AppError> {
        let value = &*parent.value;
        let named = |made: Result<T, AppError>| {
            let made = made.map_err(|error| error.for_only(&|| parent.made_of.names_in(vars)))?;
            Ok((made, parent.made_of.clone()))
        };
        match self {
            Self::Select(choose) => {
                let (part, fingerprints) = catch_panic(|| Ok::<_, AppError>(choose(value)))?;
                let inputs = Arc::default();
                Ok((part, MadeOf { fingerprints, inputs }))
            }
            Self::Map(make) => named(runtime.enter(|| catch_panic(|| make(value)))),
            Self::MapAsync(make) => named(runtime.enter(|| catch_panic(|| block_on(make(value))))),
        }
    }
}

impl<P: Send + Sync + 'static, T: Send + Sync + 'static> Derived<P, T> {
    /// Makes the value for the first time, on this thread.
    pub(super) fn new(
        context: Arc<Context>,
        parent: Parent<P>,
        runtime: Runtime,
        make: Make<P, T>,
        vars: &ConfigVars,
    ) -> Result<Self, AppError> {
        let generation = parent.versions.current.load_full();
        let (value, made_of) = make.run(&generation, &runtime, vars)?;
        let versions = Versions::new(context, runtime.clone(), generation.number, made_of, value);
        Ok(Self {
            versions: Arc::new(versions),
            parent,
            make,
            runtime,
            state: Mutex::new(DerivedState {
                tried: generation.stamp,
                failure: None,
                name: None,
            }),
        })
    }
}

impl<P: Send + Sync + 'static, T: Send + Sync + 'static> Rebuild for Derived<P, T> {
    fn versions(&self) -> &dyn Expire {
        &*self.versions
    }

    fn is_outdated(&self) -> bool {
        // Loaded without the lock, because this may be the last reference to that value.
        let stamp = self.parent.versions.current.load().stamp;
        let state = lock(&self.state);
        state.failure.is_some() || state.tried != stamp
    }

    fn is_async(&self) -> bool {
        matches!(self.make, Make::MapAsync(_))
    }

    fn rebuild(&self, vars: &ConfigVars) -> Box<dyn FnOnce(&mut Retired) + '_> {
        let generation = self.parent.versions.current.load_full();
        let made = self.make.run(&generation, &self.runtime, vars);
        Box::new(move |retired| {
            let mut state = lock(&self.state);
            state.tried = generation.stamp;
            retired.push(state.failure.take());
            match made {
                Ok((value, made_of)) => {
                    let is_selected = matches!(self.make, Make::Select(_));
                    let before = &self.versions.current.load().made_of;
                    if is_selected && before.fingerprints == made_of.fingerprints {
                        retired.push(value);
                    } else {
                        self.versions.replace(generation.number, made_of, value, retired);
                    }
                }
                Err(error) => state.failure = Some(error),
            }
            drop(state);
            retired.push(generation);
        })
    }

    fn failure(&self) -> Option<AppError> {
        lock(&self.state).failure.clone()
    }

    fn name(&self) -> Box<str> {
        let name = lock(&self.state).name.clone();
        name.unwrap_or_else(|| short_type_name(std::any::type_name::<T>()).into())
    }

    fn set_name(&self, name: &str) {
        lock(&self.state).name = Some(name.into());
    }
}
