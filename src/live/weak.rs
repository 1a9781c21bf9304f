//! [`WeakLive`]: a handle that does not keep the `Live` alive.

use super::Live;
use super::derived::Rebuild;
use super::reloader::Reloader;
use super::versions::Versions;
use crate::runtime::InRuntime;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Refers to a [`Live`] without keeping it alive; see [`Live::downgrade`].
///
/// ```
/// use config_vars::{ConfigVars, Live, WeakLive};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let weak: WeakLive<ConfigVars> = live.downgrade();
/// assert_eq!(weak.upgrade().map(|live| live.generation()), Some(1));
/// drop(live);
/// assert!(weak.upgrade().is_none());
/// # Ok::<(), config_vars::Error>(())
/// ```
pub struct WeakLive<T> {
    reloader: Weak<Reloader>,
    versions: Weak<Versions<T>>,
    owner: Option<Weak<InRuntime<Box<dyn Rebuild>>>>,
    retry_timeout: Duration,
}

impl<T> WeakLive<T> {
    /// Returns the `Live`; `None` once its last handle is gone.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// assert!(live.downgrade().upgrade().is_some());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Live<T>> {
        Some(Live {
            reloader: self.reloader.upgrade()?,
            versions: self.versions.upgrade()?,
            owner: match &self.owner {
                Some(owner) => Some(owner.upgrade()?),
                None => None,
            },
            retry_timeout: self.retry_timeout,
        })
    }
}

impl<T> Clone for WeakLive<T> {
    fn clone(&self) -> Self {
        Self {
            reloader: self.reloader.clone(),
            versions: self.versions.clone(),
            owner: self.owner.clone(),
            retry_timeout: self.retry_timeout,
        }
    }
}

impl<T> fmt::Debug for WeakLive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakLive").finish_non_exhaustive()
    }
}

impl<T> Live<T> {
    /// Returns a handle that does not keep the `Live` alive.
    ///
    /// Use it in a callback of the `Live`, or in a task that waits for its changes. A clone of the `Live` would keep the
    /// source, its secrets and its watches alive there.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// let weak = live.downgrade();
    /// live.subscribe(move |_| {
    ///     if let Some(live) = weak.upgrade() {
    ///         println!("{}", live.status());
    ///     }
    /// })
    /// .detach();
    /// let weak = live.downgrade();
    /// drop(live);
    /// assert!(weak.upgrade().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakLive<T> {
        WeakLive {
            reloader: Arc::downgrade(&self.reloader),
            versions: Arc::downgrade(&self.versions),
            owner: self.owner.as_ref().map(Arc::downgrade),
            retry_timeout: self.retry_timeout,
        }
    }
}
