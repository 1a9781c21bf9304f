//! Subscribers to changes: callbacks ([`Subscription`]), receivers ([`Changes`]), and the watches ([`WakeSignal`]).
//!
//! Each subscriber has room for one pending change. Later changes are merged into it until it is delivered, so that nothing
//! grows while a callback does not return.

use super::change::Change;
use crate::isolate::{Retired, isolate, wake};
use crate::list::filter_mapped;
use crate::lock::{lock, poll_locked, unpoisoned};
use crate::sorted::find_place;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Keeps a callback subscribed; see [`Live::subscribe`](crate::Live::subscribe).
///
/// Dropping it unsubscribes: after that, no call begins, except for one that another thread is about to make.
///
/// ```
/// use config_vars::{ConfigVars, Live};
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
///
/// let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
/// let calls = Arc::new(AtomicU32::new(0));
/// let subscription = live.subscribe({
///     let calls = calls.clone();
///     move |_| _ = calls.fetch_add(1, SeqCst)
/// });
/// assert_eq!(calls.load(SeqCst), 1); // with the present state
/// drop(subscription);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[must_use = "dropping it unsubscribes; `detach` keeps the callback subscribed"]
pub struct Subscription {
    number: u64,
    /// Refers to nothing once the subscription is detached.
    subscribers: Weak<Subscribers>,
}

impl Subscription {
    /// Keeps the callback subscribed for as long as there is a `Live`.
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # let live = Live::from_vars(|| Ok(ConfigVars::from_iter([("PORT", "8080")])))?;
    /// live.subscribe(|change| println!("{change}")).detach();
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn detach(mut self) {
        self.subscribers = Weak::new();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            subscribers.remove(self.number);
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}

pub(super) type Callback = Arc<dyn Fn(&Change) + Send + Sync>;

struct Subscriber {
    number: u64,
    callback: Callback,
    /// The change to be delivered.
    pending: Option<Change>,
    /// Whether it is queued. A subscriber that waits for the present state is not, even if a change is pending.
    is_queued: bool,
    /// Whether the present state was queued, or is not wanted.
    has_present: bool,
}

#[derive(Default)]
pub(super) struct Subscribers {
    state: Mutex<SubscribersState>,
}

#[derive(Default)]
struct SubscribersState {
    /// In the order in which they subscribed, which is that of their numbers.
    subscribers: Vec<Subscriber>,
    receivers: Vec<Weak<ChangeReceiver>>,
    wake_signals: Vec<Weak<WakeSignal>>,
    /// The numbers of the subscribers to call.
    queue: Vec<u64>,
    /// The number of the last subscriber.
    last_number: u64,
    /// Whether a thread is currently delivering.
    is_delivering: bool,
    /// The tasks that wait for a change that was pushed.
    to_wake: Vec<Option<Waker>>,
}

impl Subscribers {
    /// Adds a callback. It receives the changes from now on; unless it `has_present`, not before the
    /// [present state](Self::introduce).
    pub(super) fn add(self: &Arc<Self>, callback: Callback, has_present: bool) -> Subscription {
        let mut state = lock(&self.state);
        state.last_number += 1;
        let number = state.last_number;
        state.subscribers.push(Subscriber {
            number,
            callback,
            pending: None,
            is_queued: false,
            has_present,
        });
        Subscription {
            number,
            subscribers: Arc::downgrade(self),
        }
    }

    /// Queues the state at the time of the subscription, which the callback receives first.
    pub(super) fn introduce(&self, subscription: &Subscription, present: Change) {
        // Dropped after the lock is released.
        let mut retired = Retired::default();
        let state = &mut *lock(&self.state);
        if let Some(place) = state.place(subscription.number) {
            let subscriber = &mut state.subscribers[place];
            subscriber.has_present = true;
            subscriber.pending = Some(match subscriber.pending.take() {
                Some(later) => {
                    let both = present.then(&later);
                    retired.push(present);
                    retired.push(later);
                    both
                }
                None => present,
            });
            subscriber.enqueue(&mut state.queue);
        }
    }

    /// Removes a callback and its pending change.
    fn remove(&self, number: u64) {
        let mut state = lock(&self.state);
        let Some(place) = state.place(number) else { return };
        let removed = state.subscribers.remove(place);
        if removed.is_queued {
            if let Some(place) = state.queue.iter().position(|queued| *queued == number) {
                state.queue.remove(place);
            }
        }
        // Not under the lock, because dropping what the callback captured runs code of the app.
        drop(state);
        drop(removed);
    }

    pub(super) fn changes(&self) -> Changes {
        let receiver = Arc::new(ChangeReceiver::default());
        let mut state = lock(&self.state);
        prune(&mut state.receivers);
        state.receivers.push(Arc::downgrade(&receiver));
        drop(state);
        Changes { receiver }
    }

    pub(super) fn add_wake_signal(&self, signal: &Arc<WakeSignal>) {
        let mut state = lock(&self.state);
        prune(&mut state.wake_signals);
        state.wake_signals.push(Arc::downgrade(signal));
    }

    /// Queues a change for all current subscribers, to be delivered by [`deliver`](Self::deliver). What may be the last
    /// reference to something of the app is retired, because the caller holds a lock.
    pub(super) fn push(&self, change: &Change, retired: &mut Retired) {
        let state = &mut *lock(&self.state);
        let live = filter_mapped(&state.receivers, Weak::upgrade);
        remove_dead(&mut state.receivers);
        let mut merged = MergedChanges {
            change: change.clone(),
            after: Vec::new(),
        };
        for receiver in &live {
            let waker = receiver.push(&mut merged);
            if waker.is_some() {
                state.to_wake.push(waker);
            }
        }
        for subscriber in &mut state.subscribers {
            subscriber.pending = Some(merged.after(subscriber.pending.take()));
            subscriber.enqueue(&mut state.queue);
        }
        retired.push((live, merged));
    }

    /// Wakes the watches and all receivers, because there is no `Live` any more.
    pub(super) fn close(&self) {
        self.wake_watches();
        let receivers = std::mem::take(&mut lock(&self.state).receivers);
        for receiver in &receivers {
            if let Some(receiver) = receiver.upgrade() {
                receiver.close();
            }
        }
    }

    pub(super) fn wake_watches(&self) {
        for signal in &lock(&self.state).wake_signals {
            if let Some(signal) = signal.upgrade() {
                signal.send();
            }
        }
    }

    /// Delivers queued changes, in order and one at a time, with no lock held, because a callback may use the `Live` in any
    /// way. Changes that a callback causes are delivered after it, by the thread that is already delivering.
    pub(super) fn deliver(&self) {
        {
            let mut state = lock(&self.state);
            let to_wake = std::mem::take(&mut state.to_wake);
            let is_delivering = std::mem::replace(&mut state.is_delivering, true);
            drop(state);
            for waker in to_wake {
                wake(waker);
            }
            if is_delivering {
                return;
            }
        }
        loop {
            let next = {
                let mut state = lock(&self.state);
                let next = state.next();
                state.is_delivering = next.is_some();
                next
            };
            let Some((callback, change)) = next else { return };
            // The other callbacks must be called even if this one panics.
            isolate(|| callback(&change));
            // These may be the last references to the callback and to errors of the app, whose `Drop` may panic as well.
            isolate(|| drop(callback));
            isolate(|| drop(change));
        }
    }
}

impl Subscriber {
    /// Queues the subscriber, unless it is queued already or does not have the present state yet.
    fn enqueue(&mut self, queue: &mut Vec<u64>) {
        if self.has_present && !std::mem::replace(&mut self.is_queued, true) {
            queue.push(self.number);
        }
    }
}

impl SubscribersState {
    /// The index of a subscriber.
    fn place(&self, number: u64) -> Option<usize> {
        let subscribers = &self.subscribers;
        find_place(subscribers.len(), &|index| subscribers[index].number.cmp(&number)).ok()
    }

    /// The next callback, and the change to call it with.
    fn next(&mut self) -> Option<(Callback, Change)> {
        if self.queue.is_empty() {
            return None;
        }
        let number = self.queue.remove(0);
        let place = self.place(number)?;
        let subscriber = &mut self.subscribers[place];
        subscriber.is_queued = false;
        Some((subscriber.callback.clone(), subscriber.pending.take()?))
    }
}

/// A change, merged with pending ones. Many subscribers have the same change pending, which is merged once.
struct MergedChanges {
    change: Change,
    /// The pending changes, each with the result of the merge.
    after: Vec<(Change, Change)>,
}

impl MergedChanges {
    /// The pending change itself stays in `self`, or another subscriber has it too.
    fn after(&mut self, pending: Option<Change>) -> Change {
        let Some(pending) = pending else {
            return self.change.clone();
        };
        for (known, both) in &self.after {
            if known.is_copy_of(&pending) {
                return both.clone();
            }
        }
        let both = pending.then(&self.change);
        self.after.push((pending, both.clone()));
        both
    }
}

/// Wakes the worker of a watch. Signals that are sent before it waits again count as one.
#[derive(Default)]
pub(crate) struct WakeSignal {
    is_sent: Mutex<bool>,
    sent: Condvar,
}

impl WakeSignal {
    pub(crate) fn send(&self) {
        *lock(&self.is_sent) = true;
        self.sent.notify_one();
    }

    /// Waits for a signal, at most for `limit` if there is one; it may also return before. Returns whether a signal was sent.
    pub(crate) fn wait(&self, limit: Option<Duration>) -> bool {
        let mut is_sent = lock(&self.is_sent);
        if !*is_sent {
            let waited = self.sent.wait_timeout(is_sent, limit.unwrap_or(Duration::MAX));
            is_sent = unpoisoned(waited).0;
        }
        std::mem::take(&mut *is_sent)
    }
}

/// Removes dead items whenever the list is about to grow.
pub(super) fn prune<T: ?Sized>(list: &mut Vec<Weak<T>>) {
    if list.len() == list.capacity() {
        remove_dead(list);
    }
}

pub(super) fn remove_dead<T: ?Sized>(list: &mut Vec<Weak<T>>) {
    *list = filter_mapped(list, |item| (item.strong_count() > 0).then(|| item.clone()));
}

/// Receives changes; see [`Live::changes`](crate::Live::changes).
///
/// No change is lost between two calls: all changes since the last call are received as one.
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
    receiver: Arc<ChangeReceiver>,
}

#[derive(Debug, Default)]
struct ChangeReceiver {
    pending: Mutex<ReceiverState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct ReceiverState {
    change: Option<Change>,
    is_closed: bool,
    waker: Option<Waker>,
}

impl ReceiverState {
    fn is_waiting(&self) -> bool {
        self.change.is_none() && !self.is_closed
    }
}

impl ChangeReceiver {
    fn push(&self, merged: &mut MergedChanges) -> Option<Waker> {
        let mut pending = lock(&self.pending);
        pending.change = Some(merged.after(pending.change.take()));
        self.changed.notify_all();
        pending.waker.take()
    }

    fn close(&self) {
        let mut pending = lock(&self.pending);
        pending.is_closed = true;
        self.changed.notify_all();
        let waker = pending.waker.take();
        drop(pending);
        wake(waker);
    }
}

impl Changes {
    /// Waits for the next change, on any runtime; returns `None` once there is no `Live` any more.
    ///
    /// ```
    /// # use config_vars::Changes;
    /// async fn log_changes(mut changes: Changes) {
    ///     while let Some(change) = changes.changed().await {
    ///         println!("{change:?}");
    ///     }
    /// }
    /// # let _ = log_changes;
    /// ```
    pub async fn changed(&mut self) -> Option<Change> {
        Changed {
            receiver: &self.receiver,
        }
        .await
    }

    /// Blocks until the next change, for at most `timeout`.
    ///
    /// Returns `None` if nothing changed in that time, or if there is no `Live` any more; see [`is_closed`](Self::is_closed).
    ///
    /// ```
    /// # use config_vars::{ConfigVars, Live};
    /// # use std::time::Duration;
    /// let live = Live::from_vars(|| Ok(ConfigVars::default()))?;
    /// let mut changes = live.changes();
    /// drop(live);
    /// assert!(changes.wait(Duration::from_secs(60)).is_none()); // at once
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn wait(&mut self, timeout: Duration) -> Option<Change> {
        let ChangeReceiver { pending, changed } = &*self.receiver;
        let waited = changed.wait_timeout_while(lock(pending), timeout, |pending| pending.is_waiting());
        unpoisoned(waited).0.change.take()
    }

    /// Returns whether there is no `Live` any more and no pending change.
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
        let pending = lock(&self.receiver.pending);
        pending.is_closed && pending.change.is_none()
    }
}

struct Changed<'c> {
    receiver: &'c ChangeReceiver,
}

impl Future for Changed<'_> {
    type Output = Option<Change>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Change>> {
        poll_locked(&self.receiver.pending, context, |pending| {
            match pending.is_waiting() {
                true => Err(&mut pending.waker),
                false => Ok(pending.change.take()),
            }
        })
    }
}

/// Keeps nothing of a task that has given up.
impl Drop for Changed<'_> {
    fn drop(&mut self) {
        let waker = lock(&self.receiver.pending).waker.take();
        drop(waker);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::diff::Difference;

    #[test]
    fn wake_signals_of_ended_watches_are_removed() {
        let subscribers = Subscribers::default();
        let kept = Arc::new(WakeSignal::default());
        subscribers.add_wake_signal(&kept);
        for _ in 0..1_000 {
            subscribers.add_wake_signal(&Arc::new(WakeSignal::default()));
        }
        let state = lock(&subscribers.state);
        let signals = &state.wake_signals;
        assert!(signals.len() < 10, "{}", signals.len());
        assert!(signals.iter().any(|signal| signal.upgrade().is_some()));
    }

    #[test]
    fn watches_are_woken_by_each_reload_and_at_the_end() {
        let subscribers = Subscribers::default();
        let signal = Arc::new(WakeSignal::default());
        let is_woken = || signal.wait(Some(Duration::ZERO));
        subscribers.add_wake_signal(&signal);
        subscribers.wake_watches();
        subscribers.wake_watches();
        assert!(is_woken());
        assert!(!is_woken(), "a pending signal is not sent twice");
        subscribers.close();
        assert!(is_woken());
    }

    #[test]
    fn dead_items_are_pruned() {
        let kept = Arc::new(());
        let mut list = vec![Arc::downgrade(&kept)];
        for _ in 0..1_000 {
            prune(&mut list);
            list.push(Arc::downgrade(&Arc::new(())));
        }
        assert!(list.len() < 10, "{}", list.len());
        assert!(list.iter().any(|item| item.upgrade().is_some()));
    }

    #[test]
    fn receivers_share_a_pending_change() {
        let subscribers = Subscribers::default();
        let receivers = [(); 3].map(|()| subscribers.changes());
        let mut retired = Retired::default();
        let change = |generation| Difference::default().into_change(generation, Arc::default());
        let pending = |changes: &Changes| lock(&changes.receiver.pending).change.clone().unwrap();
        subscribers.push(&change(2), &mut retired);
        assert!(pending(&receivers[0]).is_copy_of(&pending(&receivers[1])));
        let [mut early, one, other] = receivers;
        assert_eq!(
            early.wait(Duration::ZERO).map(|change| change.generation()),
            Some(2)
        );
        subscribers.push(&change(3), &mut retired);
        assert!(pending(&one).is_copy_of(&pending(&other)));
        for mut receiver in [early, one, other] {
            assert_eq!(
                receiver.wait(Duration::ZERO).map(|change| change.generation()),
                Some(3)
            );
        }
    }

    #[test]
    fn dropped_future_leaves_no_waker() {
        let subscribers = Subscribers::default();
        let mut changes = subscribers.changes();
        let mut changed = Box::pin(changes.changed());
        let poll = changed.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        drop(changed);
        assert!(lock(&changes.receiver.pending).waker.is_none());
    }
}
