//! [`WeakLive`]: a handle that keeps nothing alive.

use super::Live;
use super::core::Core;
use super::node::Node;
use std::fmt;
use std::sync::{Arc, Weak};

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
    core: Weak<Core>,
    node: Weak<Node<T>>,
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
            core: self.core.upgrade()?,
            node: self.node.upgrade()?,
        })
    }
}

impl<T> Clone for WeakLive<T> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            node: self.node.clone(),
        }
    }
}

impl<T> fmt::Debug for WeakLive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakLive").finish_non_exhaustive()
    }
}

impl<T> Live<T> {
    /// Returns a handle that does not keep the `Live` alive: for a callback or a task of the `Live`'s own, which would
    /// otherwise keep its source, its secrets and its watches.
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
    /// let is_gone = live.downgrade();
    /// drop(live);
    /// assert!(is_gone.upgrade().is_none());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakLive<T> {
        WeakLive {
            core: Arc::downgrade(&self.core),
            node: Arc::downgrade(&self.node),
        }
    }
}
