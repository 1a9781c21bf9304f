//! Subscribers to changes: callbacks ([`Subscription`]), and receivers that are waited on ([`Changes`]).
//!
//! Each has room for one change. What happens before that one is delivered is merged into it, so that nothing grows behind
//! a callback that does not return.

use super::Change;
use super::isolate::{isolate, wake};
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Keeps a callback subscribed; see [`Live::subscribe`](crate::Live::subscribe). Dropping it unsubscribes: no call
/// begins after that, except for one that another thread is about to make.
///
/// ```
/// use config_vars::{ConfigVars, Live};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let subscription = live.subscribe(|change| println!("{change:?}"));
/// drop(subscription);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "dropping it unsubscribes; `detach` keeps the callback subscribed"]
pub struct Subscription {
    number: u64,
    hub: Weak<Hub>,
    stays: bool,
}

impl Subscription {
    /// Keeps the callback subscribed for as long as there is a `Live`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
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
        if let Some(hub) = self.hub.upgrade() {
            hub.forget(self.number);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

pub(super) type Callback = Box<dyn Fn(&Change) + Send + Sync>;

struct Subscriber {
    callback: Arc<Callback>,
    /// What the callback has not been told yet.
    pending: Option<Arc<Change>>,
    /// The key in the queue. A subscriber without the present state is not in the queue, whatever is pending.
    turn: Option<u64>,
    has_present: bool,
}

#[derive(Default)]
pub(super) struct Hub {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By number, in the order in which they subscribed.
    subscribers: BTreeMap<u64, Subscriber>,
    receivers: Vec<Weak<Receiver>>,
    /// The numbers of the subscribers to be called, in order.
    queue: BTreeMap<u64, u64>,
    /// The last number of a subscriber or turn that was given out.
    last_number: u64,
    /// Whether a thread is currently delivering.
    is_delivering: bool,
    /// The tasks that wait for what has happened.
    to_wake: Vec<Waker>,
}

impl Hub {
    /// Adds a callback. Changes wait until it [has the present state](Self::introduce).
    pub(super) fn subscribe(self: &Arc<Self>, callback: Callback) -> Subscription {
        let mut inner = self.lock();
        let number = inner.next_number();
        let subscriber = Subscriber {
            callback: Arc::new(callback),
            pending: None,
            turn: None,
            has_present: false,
        };
        inner.subscribers.insert(number, subscriber);
        Subscription {
            number,
            hub: Arc::downgrade(self),
            stays: false,
        }
    }

    /// Takes note of the state at the time of the subscription, to be told first.
    pub(super) fn introduce(&self, subscription: &Subscription, present: Change) {
        let mut inner = self.lock();
        if let Some(subscriber) = inner.subscribers.get_mut(&subscription.number) {
            subscriber.has_present = true;
            subscriber.pending = Some(Arc::new(match subscriber.pending.take() {
                Some(later) => present.then(&later),
                None => present,
            }));
            inner.enqueue(subscription.number);
        }
    }

    /// Drops a callback, and so what it has captured, and what it has not been told.
    fn forget(&self, number: u64) {
        let mut inner = self.lock();
        let forgotten = inner.subscribers.remove(&number);
        if let Some(turn) = forgotten.as_ref().and_then(|subscriber| subscriber.turn) {
            inner.queue.remove(&turn);
        }
        // Not under the lock, because the `Drop` of what was captured may do anything.
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

    /// Takes note of a change for all current subscribers. [`deliver`](Self::deliver) tells them.
    pub(super) fn push(&self, change: &Change) {
        let mut inner = self.lock();
        let Inner {
            subscribers,
            receivers,
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
        let mut merged = Merged::new(change);
        for subscriber in subscribers.values_mut() {
            subscriber.pending = Some(merged.after(subscriber.pending.take()));
        }
        let numbers: Vec<u64> = subscribers.keys().copied().collect();
        for number in numbers {
            inner.enqueue(number);
        }
    }

    /// Calls back, in order and one at a time, with no lock held: a callback may use the `Live` in any way. What it
    /// causes is delivered after it, by the thread that is already delivering.
    pub(super) fn deliver(&self) {
        {
            let mut inner = self.lock();
            let to_wake = std::mem::take(&mut inner.to_wake);
            let is_at_work = std::mem::replace(&mut inner.is_delivering, true);
            drop(inner);
            to_wake.into_iter().for_each(wake);
            if is_at_work {
                return;
            }
        }
        loop {
            let next = {
                let mut inner = self.lock();
                let next = inner.next();
                inner.is_delivering = next.is_some();
                next
            };
            let Some((callback, change)) = next else { return };
            // The others must be told even if this callback panics.
            isolate(|| callback(&change));
            // This may be the last to hold what the callback has captured.
            isolate(|| drop(callback));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn next_number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Has a subscriber called, unless it is to be called anyway, or does not have the present state yet.
    fn enqueue(&mut self, number: u64) {
        let turn = self.next_number();
        let Some(subscriber) = self.subscribers.get_mut(&number) else {
            return;
        };
        if subscriber.has_present && subscriber.turn.is_none() {
            subscriber.turn = Some(turn);
            self.queue.insert(turn, number);
        }
    }

    /// Whom to call next, and with what.
    fn next(&mut self) -> Option<(Arc<Callback>, Arc<Change>)> {
        let (_, number) = self.queue.pop_first()?;
        let subscriber = self.subscribers.get_mut(&number)?;
        subscriber.turn = None;
        Some((subscriber.callback.clone(), subscriber.pending.take()?))
    }
}

/// A change, merged with what is pending. Many subscribers have the same change pending, which is merged once.
struct Merged {
    change: Arc<Change>,
    /// By the address of the pending change, which is kept so that no other gets its address.
    after: HashMap<*const Change, (Arc<Change>, Arc<Change>)>,
}

impl Merged {
    fn new(change: &Change) -> Self {
        Self {
            change: Arc::new(change.clone()),
            after: HashMap::new(),
        }
    }

    fn after(&mut self, pending: Option<Arc<Change>>) -> Arc<Change> {
        let Some(pending) = pending else {
            return self.change.clone();
        };
        let merge = || {
            (
                pending.clone(),
                Arc::new(Change::clone(&pending).then(&self.change)),
            )
        };
        self.after
            .entry(Arc::as_ptr(&pending))
            .or_insert_with(merge)
            .1
            .clone()
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

/// Removes the items that nobody holds any more, each time that the list is about to grow.
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
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
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
        waker.into_iter().for_each(wake);
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
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
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
        // Wakers are cloned and dropped without the lock: both are code of the executor's.
        let waker = context.waker().clone();
        let mut pending = self.receiver.lock();
        if pending.change.is_some() || pending.is_closed {
            return Poll::Ready(pending.change.take());
        }
        let replaced = pending.waker.replace(waker);
        drop(pending);
        drop(replaced);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_are_gone_take_no_room() {
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
