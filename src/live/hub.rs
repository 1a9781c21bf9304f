//! Who is told of changes: callbacks ([`Subscription`]), and whoever waits ([`Changes`]).

use super::Change;
use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Keeps a callback subscribed; see [`Live::subscribe`](crate::Live::subscribe). Dropping it unsubscribes: no call
/// begins after that, but for one that another thread is about to make.
///
/// ```
/// use config_vars::{ConfigVars, Live};
///
/// let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let subscription = live.subscribe(|change| println!("{change:?}"));
/// drop(subscription);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "dropping it unsubscribes; `detach` keeps the callback subscribed"]
pub struct Subscription {
    subscriber: Arc<Subscriber>,
    hub: Weak<Hub>,
    stays: bool,
}

struct Subscriber {
    is_subscribed: AtomicBool,
    callback: Box<dyn Fn(&Change) + Send + Sync>,
}

impl Subscription {
    /// Keeps the callback subscribed for as long as there is a `Live`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.subscribe(|change| println!("{change:?}")).detach();
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn detach(mut self) {
        self.stays = true;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if self.stays {
            return;
        }
        self.subscriber.is_subscribed.store(false, Ordering::Release);
        if let Some(hub) = self.hub.upgrade() {
            hub.forget(&self.subscriber);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(super) struct Hub {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    subscribers: Vec<Arc<Subscriber>>,
    receivers: Vec<Weak<Receiver>>,
    /// What is to be delivered, in order.
    queue: VecDeque<(Arc<Subscriber>, Arc<Change>)>,
    /// Whether some thread is at it.
    is_delivering: bool,
    /// Who waits for what has happened.
    to_wake: Vec<Waker>,
}

impl Hub {
    /// Adds a callback, which is told of the present state first.
    pub(super) fn subscribe(
        self: &Arc<Self>,
        callback: Box<dyn Fn(&Change) + Send + Sync>,
        present: Change,
    ) -> Subscription {
        let subscriber = Arc::new(Subscriber {
            is_subscribed: AtomicBool::new(true),
            callback,
        });
        let mut inner = self.lock();
        inner.subscribers.push(subscriber.clone());
        inner.queue.push_back((subscriber.clone(), Arc::new(present)));
        Subscription {
            subscriber,
            hub: Arc::downgrade(self),
            stays: false,
        }
    }

    /// Lets go of a callback, and so of what it has captured.
    fn forget(&self, subscriber: &Arc<Subscriber>) {
        let mut inner = self.lock();
        let place = inner
            .subscribers
            .iter()
            .position(|other| Arc::ptr_eq(other, subscriber));
        let forgotten = place.map(|place| inner.subscribers.swap_remove(place));
        drop(inner);
        drop(forgotten);
    }

    pub(super) fn changes(&self) -> Changes {
        let receiver = Arc::new(Receiver::default());
        let mut inner = self.lock();
        prune(&mut inner.receivers);
        inner.receivers.push(Arc::downgrade(&receiver));
        drop(inner);
        Changes { receiver }
    }

    /// Takes note of a change for all who are subscribed now. [`deliver`](Self::deliver) tells them.
    pub(super) fn push(&self, change: &Change) {
        let mut inner = self.lock();
        let Inner {
            subscribers,
            receivers,
            queue,
            to_wake,
            ..
        } = &mut *inner;
        receivers.retain(|receiver| match receiver.upgrade() {
            Some(receiver) => {
                to_wake.extend(receiver.push(change));
                true
            }
            None => false,
        });
        let change = Arc::new(change.clone());
        queue.extend(
            subscribers
                .iter()
                .map(|subscriber| (subscriber.clone(), change.clone())),
        );
    }

    /// Calls back, in order and one at a time, with no lock held: a callback may use the `Live` in any way. What it
    /// causes is delivered after it, by the thread that is at it already.
    pub(super) fn deliver(&self) {
        {
            let mut inner = self.lock();
            let to_wake = std::mem::take(&mut inner.to_wake);
            let is_at_work = std::mem::replace(&mut inner.is_delivering, true);
            drop(inner);
            to_wake.into_iter().for_each(Waker::wake);
            if is_at_work {
                return;
            }
        }
        loop {
            let next = {
                let mut inner = self.lock();
                let next = inner.queue.pop_front();
                inner.is_delivering = next.is_some();
                next
            };
            let Some((subscriber, change)) = next else { return };
            if subscriber.is_subscribed.load(Ordering::Acquire) {
                // A callback that panics has been heard, by the panic hook; the others are to be told all the same.
                let call = || (subscriber.callback)(&change);
                // What it panics with is not dropped, for that may panic in turn.
                _ = catch_unwind(AssertUnwindSafe(call)).map_err(std::mem::forget);
            }
            // It may be the last to hold what the callback has captured.
            _ = catch_unwind(AssertUnwindSafe(|| drop(subscriber))).map_err(std::mem::forget);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let receivers = std::mem::take(&mut self.lock().receivers);
        receivers
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|receiver| receiver.close());
    }
}

/// Lets go of those that nobody holds any more, each time that the list is about to grow.
pub(super) fn prune<T: ?Sized>(list: &mut Vec<Weak<T>>) {
    if list.len() == list.capacity() {
        list.retain(|item| item.strong_count() > 0);
    }
}

/// Changes to wait for; see [`Live::changes`](crate::Live::changes). What happens between two calls is not lost: it
/// comes with the next one, as one change.
///
/// ```
/// use config_vars::{ConfigVars, Live};
/// use std::time::Duration;
///
/// let live = Live::of_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let mut changes = live.changes();
/// assert!(changes.wait(Duration::from_millis(1)).is_none());
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Debug)]
pub struct Changes {
    receiver: Arc<Receiver>,
}

#[derive(Debug, Default)]
struct Receiver {
    pending: Mutex<Pending>,
    is_news: Condvar,
}

#[derive(Debug, Default)]
struct Pending {
    change: Option<Change>,
    is_closed: bool,
    waker: Option<Waker>,
}

impl Receiver {
    fn push(&self, change: &Change) -> Option<Waker> {
        let mut pending = self.lock();
        pending.change = Some(match pending.change.take() {
            Some(earlier) => earlier.then(change),
            None => change.clone(),
        });
        self.is_news.notify_all();
        pending.waker.take()
    }

    fn close(&self) {
        let mut pending = self.lock();
        pending.is_closed = true;
        self.is_news.notify_all();
        let waker = pending.waker.take();
        drop(pending);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Changes {
    /// Waits for the next change, in any runtime or none; `None` once there is no `Live` any more.
    ///
    /// ```
    /// # use config_vars::Changes;
    /// async fn follow(mut changes: Changes) {
    ///     while let Some(change) = changes.changed().await {
    ///         println!("{change:?}");
    ///     }
    /// }
    /// # let _ = follow;
    /// ```
    pub async fn changed(&mut self) -> Option<Change> {
        Changed {
            receiver: &self.receiver,
        }
        .await
    }

    /// Waits for the next change, for so long at most; `None` if there was none, or there is no `Live` any more.
    ///
    /// ```
    /// # use config_vars::Changes;
    /// # use std::time::Duration;
    /// fn follow(mut changes: Changes) {
    ///     while !changes.is_closed() {
    ///         if let Some(change) = changes.wait(Duration::from_secs(60)) {
    ///             println!("{change:?}");
    ///         }
    ///     }
    /// }
    /// # let _ = follow;
    /// ```
    #[must_use]
    pub fn wait(&mut self, timeout: Duration) -> Option<Change> {
        let deadline = Instant::now().checked_add(timeout);
        let mut pending = self.receiver.lock();
        loop {
            if pending.change.is_some() || pending.is_closed {
                return pending.change.take();
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            pending = match left {
                Some(Duration::ZERO) => return None,
                Some(left) => {
                    let waited = self.receiver.is_news.wait_timeout(pending, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let waited = self.receiver.is_news.wait(pending);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }

    /// Whether there is no `Live` any more, and nothing left to be told.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// let live = Live::of_vars(|| Ok(ConfigVars::default()))?;
    /// let changes = live.changes();
    /// drop(live);
    /// assert!(changes.is_closed());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let pending = self.receiver.lock();
        pending.is_closed && pending.change.is_none()
    }
}

struct Changed<'c> {
    receiver: &'c Receiver,
}

impl Future for Changed<'_> {
    type Output = Option<Change>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Change>> {
        let mut pending = self.receiver.lock();
        if pending.change.is_some() || pending.is_closed {
            return Poll::Ready(pending.change.take());
        }
        pending.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_gone_takes_no_room() {
        let kept = Arc::new(());
        let mut list = vec![Arc::downgrade(&kept)];
        for _ in 0..1_000 {
            prune(&mut list);
            list.push(Arc::downgrade(&Arc::new(())));
        }
        assert!(list.len() < 10, "{}", list.len());
        assert!(list.iter().any(|item| item.upgrade().is_some()));
    }
}
