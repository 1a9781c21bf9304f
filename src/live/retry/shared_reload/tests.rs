//! Callers at the same time share one reload, and each may go away.

use super::*;
use crate::clock::TestClock;
use crate::runtime::block_on;
use std::thread;

/// Counts reloads, and lets them hang.
#[derive(Default)]
struct FakeReload {
    counts: Mutex<Counts>,
    changed: Condvar,
}

#[derive(Default)]
struct Counts {
    begun: u64,
    ended: u64,
    hangs: bool,
    has_news: bool,
    has_timer: bool,
    /// How many reloads get no thread.
    threads_missing: u64,
}

impl FakeReload {
    fn set_hanging(&self, hangs: bool) {
        lock(&self.counts).hangs = hangs;
        self.changed.notify_all();
    }

    fn wait_until_begun(&self, begun: u64) {
        let is_early = |counts: &mut Counts| counts.begun < begun;
        drop(self.changed.wait_while(lock(&self.counts), is_early));
    }
}

impl Reload for FakeReload {
    fn reload(&self) {
        let mut counts = lock(&self.counts);
        counts.begun += 1;
        self.changed.notify_all();
        let mut counts = self.changed.wait_while(counts, |counts| counts.hangs).unwrap();
        counts.ended += 1;
    }

    fn deliver(&self) {}

    fn progress(&self) -> ReloadProgress {
        seen(lock(&self.counts).ended)
    }

    fn has_news(&self) -> bool {
        lock(&self.counts).has_news
    }

    fn spawn(&self, run: Box<dyn FnOnce() + Send>) -> io::Result<()> {
        let mut counts = lock(&self.counts);
        // The timer thread is there already.
        if counts.threads_missing > 0 && counts.has_timer {
            counts.threads_missing -= 1;
            return Err(io::ErrorKind::WouldBlock.into());
        }
        counts.has_timer = true;
        spawn_thread(run)
    }
}

fn seen(reloads_ended: u64) -> ReloadProgress {
    ReloadProgress {
        reloads_ended,
        last_stamp: 0,
    }
}

fn fake(clock: &TestClock) -> (Arc<FakeReload>, Arc<SharedReload>) {
    let fake = Arc::new(FakeReload::default());
    let shared = SharedReload::new(Clock::of_test(clock.clone()));
    (fake, shared)
}

const MINUTE: Duration = Duration::from_secs(60);

/// Waits for a reload, for at most a minute.
fn join(shared: &Arc<SharedReload>, fake: &Arc<FakeReload>, wait: Duration, ended: u64) -> ReloadFuture {
    let deadline = shared.clock.now() + MINUTE;
    shared
        .join(fake.clone(), wait, None, deadline, seen(ended))
        .unwrap()
}

#[test]
fn callers_at_the_same_time_share_one_reload() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    fake.set_hanging(true);
    let join = || join(&shared, &fake, Duration::ZERO, 0);
    let waiting: Vec<_> = (0..10)
        .map(|_| join())
        .map(|future| thread::spawn(|| block_on(future)))
        .collect();
    fake.wait_until_begun(1);
    fake.set_hanging(false);
    waiting.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(lock(&fake.counts).begun, 1);
    // It has ended since, so there is nothing to wait for.
    block_on(join());
    assert_eq!(lock(&fake.counts).begun, 1);
}

#[test]
fn reload_begins_when_the_wait_since_the_last_one_is_over() {
    let clock = TestClock::skipping();
    let (fake, shared) = fake(&clock);
    let wait = Duration::from_millis(3_200);
    block_on(join(&shared, &fake, wait, 0));
    let ended = clock.now();
    block_on(join(&shared, &fake, wait, 1));
    assert_eq!(clock.now() - ended, wait);
    assert_eq!(lock(&fake.counts).begun, 2);
}

#[test]
fn caller_is_woken_at_its_deadline_while_the_reload_hangs() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    fake.set_hanging(true);
    let deadline = clock.now() + MINUTE;
    let future = join(&shared, &fake, Duration::ZERO, 0);
    let looks_again = shared
        .join(
            fake.clone(),
            Duration::ZERO,
            Some(clock.now() + HANGS_AFTER),
            deadline,
            seen(0),
        )
        .unwrap();
    fake.wait_until_begun(1);
    assert!(!shared.hangs(clock.now()));
    clock.advance(HANGS_AFTER);
    assert!(shared.hangs(clock.now()));
    block_on(looks_again);
    let waiting = thread::spawn(|| block_on(future));
    assert!(!waiting.is_finished());
    clock.advance(MINUTE);
    waiting.join().unwrap();
    assert_eq!(lock(&fake.counts).ended, 0);
    fake.set_hanging(false);
}

#[test]
fn news_end_the_wait_whenever_they_come() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    let wait = Duration::from_millis(3_200);
    let join = |ended| join(&shared, &fake, wait, ended);
    block_on(join(0));
    // Before a caller waits, and while one does. The clock stands still.
    lock(&fake.counts).has_news = true;
    block_on(join(1));
    lock(&fake.counts).has_news = false;
    let waiting = join(2);
    shared.begin_now();
    block_on(waiting);
    assert_eq!(lock(&fake.counts).begun, 3);
}

#[test]
fn news_during_a_reload_start_no_other_at_the_same_time() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    fake.set_hanging(true);
    let waiting = join(&shared, &fake, Duration::ZERO, 0);
    fake.wait_until_begun(1);
    for _ in 0..10 {
        shared.begin_now();
        thread::yield_now();
    }
    let is_alone = |counts: &mut Counts| counts.begun == 1;
    let (counts, _) = fake
        .changed
        .wait_timeout_while(lock(&fake.counts), Duration::from_millis(100), is_alone)
        .unwrap();
    assert_eq!(counts.begun, 1);
    drop(counts);
    fake.set_hanging(false);
    block_on(waiting);
}

#[test]
fn nothing_is_waited_for_if_the_reload_would_begin_after_the_deadline() {
    let clock = TestClock::skipping();
    let (fake, shared) = fake(&clock);
    block_on(join(&shared, &fake, Duration::ZERO, 0));
    let deadline = clock.now() + Duration::from_secs(1);
    assert!(
        shared
            .join(fake.clone(), MINUTE, None, deadline, seen(1))
            .is_none()
    );
    assert_eq!(lock(&fake.counts).begun, 1);
}

#[test]
fn caller_that_has_waited_longest_is_woken_first() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    fake.set_hanging(true);
    let mut futures = [0; 2].map(|_| join(&shared, &fake, Duration::ZERO, 0));
    let mut context = Context::from_waker(Waker::noop());
    let mut poll = |future: &mut ReloadFuture| Pin::new(future).poll(&mut context).is_ready();
    assert_eq!(futures.each_mut().map(&mut poll), [false, false]);
    shared.wake_one();
    assert_eq!(futures.each_mut().map(&mut poll), [true, false]);
    fake.set_hanging(false);
}

#[test]
fn value_that_is_put_in_use_wakes_all_callers() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    fake.set_hanging(true);
    let join = || join(&shared, &fake, Duration::ZERO, 0);
    let waiting = [join(), join()];
    fake.wait_until_begun(1);
    shared.look_again();
    waiting.into_iter().for_each(block_on);
    assert_eq!(lock(&fake.counts).ended, 0);
    fake.set_hanging(false);
}

#[test]
fn reload_without_a_thread_is_tried_again_after_a_pause() {
    let clock = TestClock::skipping();
    let (fake, shared) = fake(&clock);
    lock(&fake.counts).threads_missing = 3;
    let begun = clock.now();
    block_on(join(&shared, &fake, Duration::ZERO, 0));
    let counts = lock(&fake.counts);
    assert_eq!((counts.begun, counts.threads_missing), (1, 0));
    assert_eq!(clock.now() - begun, 3 * WAIT_FOR_THREAD);
}

#[test]
fn timer_ends_and_keeps_nothing_once_no_caller_waits() {
    let clock = TestClock::new();
    let (fake, shared) = fake(&clock);
    block_on(join(&shared, &fake, Duration::ZERO, 0));
    // The clock stands still, so the next reload is never due.
    let waiting = join(&shared, &fake, MINUTE / 2, 1);
    let kept = Arc::downgrade(&fake);
    drop(fake);
    let begun = Instant::now();
    // The thread of the first reload may have the last reference for a moment.
    while kept.strong_count() > 0 {
        assert!(begun.elapsed() < MINUTE, "the timer keeps the target");
        thread::yield_now();
    }
    drop(waiting);
    while lock(&shared.state).has_timer {
        assert!(begun.elapsed() < MINUTE, "the timer does not end");
        thread::yield_now();
    }
}
