//! Requests without end, a few at a time, and what became of them.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// The number of requests in progress at once.
pub const AT_ONCE: usize = 4;
/// Between an answer and the next request of the same worker.
const PAUSE: Duration = Duration::from_millis(4);
/// A request without an answer by then has failed. No driver is given that long.
const LONGEST: Duration = Duration::from_secs(120);
/// Every wait takes a small part of that, also on a busy machine.
const BOUND: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Load {
    is_over: AtomicBool,
    sent: AtomicU64,
    answered: AtomicU64,
    failed: AtomicU64,
    repeated: AtomicU64,
    /// Held by each request that began since it was last exchanged.
    epoch: Mutex<Arc<()>>,
    log: Mutex<Vec<(Instant, bool)>>,
    first_failure: Mutex<Option<String>>,
}

/// The outcome of the requests of one run.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    pub sent: u64,
    pub answered: u64,
    pub failed: u64,
    /// Of those answered: requests that a closed connection broke, and that were sent again.
    pub repeated: u64,
    /// Why the first of those failed that did.
    pub failure: Option<String>,
}

impl Load {
    pub fn start<F>(
        runtime: &Handle,
        request: impl Fn(Arc<Load>) -> F + Clone + Send + Sync + 'static,
    ) -> Running
    where
        F: Future<Output = Result<(), String>> + Send,
    {
        let load = Arc::new(Self::default());
        let workers = (0..AT_ONCE).map(|_| {
            let (load, request) = (load.clone(), request.clone());
            runtime.spawn(async move {
                while !load.is_over.load(Ordering::SeqCst) {
                    let epoch = load.epoch();
                    load.one(request(load.clone())).await;
                    drop(epoch);
                    tokio::time::sleep(PAUSE).await;
                }
            })
        });
        let workers = workers.collect();
        Running { load, workers }
    }

    /// Sends this number of requests at once, and no more.
    pub fn once<F>(
        runtime: &Handle,
        count: usize,
        request: impl Fn(Arc<Load>) -> F + Clone + Send + Sync + 'static,
    ) -> Running
    where
        F: Future<Output = Result<(), String>> + Send,
    {
        let load = Arc::new(Self::default());
        let workers = (0..count).map(|_| {
            let (load, request) = (load.clone(), request.clone());
            runtime.spawn(async move { load.one(request(load.clone())).await })
        });
        let workers = workers.collect();
        Running { load, workers }
    }

    async fn one(&self, request: impl Future<Output = Result<(), String>>) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        let outcome = match tokio::time::timeout(LONGEST, request).await {
            Ok(outcome) => outcome,
            Err(_) => Err("no answer in time".to_owned()),
        };
        let log = &mut *lock(&self.log);
        log.push((Instant::now(), outcome.is_ok()));
        match outcome {
            Ok(()) => self.answered.fetch_add(1, Ordering::SeqCst),
            Err(failure) => {
                lock(&self.first_failure).get_or_insert(failure);
                self.failed.fetch_add(1, Ordering::SeqCst)
            }
        };
    }

    /// Notes that a request is sent again, the first time.
    pub fn repeats(&self) {
        self.repeated.fetch_add(1, Ordering::SeqCst);
    }

    fn epoch(&self) -> Arc<()> {
        lock(&self.epoch).clone()
    }

    fn counts(&self) -> Counts {
        let of = |count: &AtomicU64| count.load(Ordering::SeqCst);
        Counts {
            sent: of(&self.sent),
            answered: of(&self.answered),
            failed: of(&self.failed),
            repeated: of(&self.repeated),
            failure: lock(&self.first_failure).clone(),
        }
    }
}

pub struct Running {
    load: Arc<Load>,
    workers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Waits until all requests have ended that began before.
    pub fn wait_for_those_under_way(&self) {
        let before = std::mem::take(&mut *lock(&self.load.epoch));
        wait_until("requests end", || Arc::strong_count(&before) == 1);
    }

    /// Waits until so many more requests have ended, one way or the other.
    #[track_caller]
    pub fn wait_for_more(&self, count: u64) {
        let ended = || {
            let Counts { answered, failed, .. } = self.load.counts();
            answered + failed
        };
        let enough = ended() + count;
        wait_until("requests end", || ended() >= enough);
    }

    /// Waits until a request has failed.
    #[track_caller]
    pub fn wait_for_failure(&self) {
        wait_until("a request fails", || self.load.counts().failed > 0);
    }

    /// Sends no more, and waits for the answers.
    pub fn end(self, runtime: &Handle) -> (Counts, Vec<(Instant, bool)>) {
        self.load.is_over.store(true, Ordering::SeqCst);
        for worker in self.workers {
            runtime.block_on(worker).expect("a worker does not panic");
        }
        let counts = self.load.counts();
        assert_eq!(counts.sent, counts.answered + counts.failed);
        let log = std::mem::take(&mut *lock(&self.load.log));
        (counts, log)
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked here")
}

/// Looks again and again, with a bound.
#[track_caller]
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) -> Duration {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < BOUND, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
    began.elapsed()
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.answered += other.answered;
        self.failed += other.failed;
        self.repeated += other.repeated;
        self.failure = self.failure.take().or(other.failure);
    }
}
