//! [`ScriptedSource`]: a source that does what a test tells it to.

use crate::error::Error;
use crate::lock::{lock, unpoisoned};
use crate::snapshot::ConfigVars;
use crate::source::Source;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// A scripted source for tests: it returns prepared config vars and errors.
///
/// All clones are one source: give one to a `Live`, and control it by another.
///
/// ```
/// use config_vars::test_util::ScriptedSource;
/// use config_vars::Live;
///
/// let script = ScriptedSource::new([("PORT", "8080")]);
/// let live = Live::from_vars(script.clone())?;
/// script.fail();
/// assert!(live.reload().is_err());
/// assert_eq!(script.read_count(), 2);
/// # Ok::<(), config_vars::Error>(())
/// ```
#[derive(Clone)]
pub struct ScriptedSource {
    shared: Arc<SharedScript>,
}

struct SharedScript {
    state: Mutex<ScriptState>,
    changed: Condvar,
}

struct ScriptState {
    vars: Pairs,
    /// The config vars before each change, the latest last.
    earlier: Vec<Pairs>,
    fault: ReadFault,
    delay: Duration,
    reads: u64,
}

/// Not secret, because these are values of a test.
type Pairs = BTreeMap<String, String>;

#[derive(Clone, Copy)]
enum ReadFault {
    None,
    Fails,
    Hangs,
    /// The text of the env file ends after this number of bytes.
    Truncated(usize),
}

impl ScriptedSource {
    /// Creates a source that has these config vars.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// # drop(script);
    /// ```
    #[must_use]
    pub fn new<N: Into<String>, V: Into<String>>(vars: impl IntoIterator<Item = (N, V)>) -> Self {
        Self {
            shared: Arc::new(SharedScript {
                state: Mutex::new(ScriptState {
                    vars: pairs(vars),
                    earlier: Vec::new(),
                    fault: ReadFault::None,
                    delay: Duration::ZERO,
                    reads: 0,
                }),
                changed: Condvar::new(),
            }),
        }
    }

    /// Sets a config var, for a roll, a new add-on, or a malformed value.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("JAWSDB_URL", "mysql://app:old@db.example/shop")]);
    /// script.set("JAWSDB_URL", "mysql://app:new@db.example/shop");
    /// assert_eq!(script.read()?.len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set(&self, name: &str, value: &str) {
        self.change(|vars| _ = vars.insert(name.to_owned(), value.to_owned()));
    }

    /// Sets all config vars, and removes all others, in one step.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.set_all([("HOST", "::"), ("WEB_CONCURRENCY", "2")]);
    /// assert_eq!(script.read()?.len(), 2);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn set_all<N: Into<String>, V: Into<String>>(&self, vars: impl IntoIterator<Item = (N, V)>) {
        let new = pairs(vars);
        self.change(|vars| *vars = new);
    }

    /// Removes a config var.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.remove("PORT");
    /// assert!(script.read()?.is_empty());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn remove(&self, name: &str) {
        self.change(|vars| _ = vars.remove(name));
    }

    /// Undoes the last change of config vars, for a provider that rolls back to the previous credentials.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.remove("PORT");
    /// script.undo();
    /// assert_eq!(script.read()?.len(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn undo(&self) {
        let mut state = lock(&self.shared.state);
        if let Some(before) = state.earlier.pop() {
            state.vars = before;
        }
        self.set_fault(state, ReadFault::None);
    }

    /// Truncates the text that later reads parse, for a file that is being written.
    ///
    /// The text has a line `NAME='value'` for each config var, sorted by name; `bytes` is its new length.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("HOST", "::"), ("PORT", "8080")]);
    /// script.truncate_at("HOST='::'\nPORT='80".len());
    /// assert_eq!(script.read().unwrap_err().to_string(), "line 2 of the env file opens a quote that nothing closes; close it");
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn truncate_at(&self, bytes: usize) {
        self.set_fault(lock(&self.shared.state), ReadFault::Truncated(bytes));
    }

    /// Makes each read fail until the next change of config vars or [`recover`](Self::recover).
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.fail();
    /// assert!(script.read().is_err());
    /// ```
    pub fn fail(&self) {
        self.set_fault(lock(&self.shared.state), ReadFault::Fails);
    }

    /// Makes each read hang until the next change of config vars or [`recover`](Self::recover).
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Live;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// let live = Live::from_vars(script.clone())?;
    /// script.hang();
    /// let reload = std::thread::spawn({ let live = live.clone(); move || live.reload().is_ok() });
    /// assert!(live.load().get("PORT").is_some()); // does not wait
    /// script.recover();
    /// assert!(reload.join().unwrap());
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    pub fn hang(&self) {
        self.set_fault(lock(&self.shared.state), ReadFault::Hangs);
    }

    /// Sets how long each read takes.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// # use std::time::Duration;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.set_delay(Duration::from_millis(1));
    /// assert!(script.read().is_ok());
    /// ```
    pub fn set_delay(&self, delay: Duration) {
        lock(&self.shared.state).delay = delay;
    }

    /// Ends failing, hanging and truncated reads.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.fail();
    /// script.recover();
    /// assert!(script.read().is_ok());
    /// ```
    pub fn recover(&self) {
        self.set_fault(lock(&self.shared.state), ReadFault::None);
    }

    /// Returns the number of reads.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use config_vars::Source;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// script.read()?;
    /// assert_eq!(script.read_count(), 1);
    /// # Ok::<(), config_vars::Error>(())
    /// ```
    #[must_use]
    pub fn read_count(&self) -> u64 {
        lock(&self.shared.state).reads
    }

    /// Waits until the number of reads is at least `reads`, for at most `timeout`. Returns whether it is.
    ///
    /// ```
    /// # use config_vars::test_util::ScriptedSource;
    /// # use std::time::Duration;
    /// let script = ScriptedSource::new([("PORT", "8080")]);
    /// assert!(!script.wait_for_reads(1, Duration::from_millis(1)));
    /// ```
    #[must_use]
    pub fn wait_for_reads(&self, reads: u64, timeout: Duration) -> bool {
        let waited = self
            .shared
            .changed
            .wait_timeout_while(lock(&self.shared.state), timeout, |state| state.reads < reads);
        unpoisoned(waited).0.reads >= reads
    }

    /// Changes the config vars, which also ends any fault.
    fn change(&self, change: impl FnOnce(&mut Pairs)) {
        let mut state = lock(&self.shared.state);
        let before = state.vars.clone();
        state.earlier.push(before);
        change(&mut state.vars);
        self.set_fault(state, ReadFault::None);
    }

    fn set_fault(&self, mut state: MutexGuard<'_, ScriptState>, fault: ReadFault) {
        state.fault = fault;
        drop(state);
        self.shared.changed.notify_all();
    }
}

fn pairs<N: Into<String>, V: Into<String>>(vars: impl IntoIterator<Item = (N, V)>) -> Pairs {
    vars.into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

impl Source for ScriptedSource {
    fn read(&self) -> Result<ConfigVars, Error> {
        let mut state = lock(&self.shared.state);
        state.reads += 1;
        self.shared.changed.notify_all();
        let delay = state.delay;
        if !delay.is_zero() {
            drop(state);
            std::thread::sleep(delay);
            state = lock(&self.shared.state);
        }
        let hangs = |state: &mut ScriptState| matches!(state.fault, ReadFault::Hangs);
        let waited = self.shared.changed.wait_while(state, hangs);
        let state = unpoisoned(waited);
        match state.fault {
            ReadFault::Fails => {
                Err(Error::custom("the script says that this read fails").for_source("script"))
            }
            ReadFault::Truncated(bytes) => {
                let text = env_file(&state.vars);
                // `str::floor_char_boundary` is newer than the minimum Rust version.
                let is_boundary = |end: &usize| text.is_char_boundary(*end);
                let end = (0..=bytes.min(text.len())).rev().find(is_boundary);
                ConfigVars::parse_env_file(&text[..end.unwrap_or_default()])
            }
            ReadFault::None | ReadFault::Hangs => {
                let pairs = state.vars.iter();
                let vars = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
                Ok(ConfigVars::from_iter(vars).with_origin("script"))
            }
        }
    }
}

fn env_file(vars: &Pairs) -> String {
    let quoted = |value: &str| value.replace('\'', r"'\''");
    vars.iter()
        .map(|(name, value)| format!("{name}='{}'\n", quoted(value)))
        .collect()
}

impl fmt::Debug for ScriptedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = lock(&self.shared.state).vars.keys().cloned().collect();
        f.debug_tuple("ScriptedSource").field(&names).finish()
    }
}
