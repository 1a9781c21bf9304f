//! A roll through the environment: the platform starts a new process with the new config vars, and stops the old one when
//! the new one is ready; first the web process, then the worker.

use crate::apps::{App, Visitor, only_client, visit_all};
use crate::load::{Counts, Load, lock, wait_until};
use crate::runtime::{AppRuntime, Flavor};
use config_vars::ConfigVars;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::RwLock;
use tokio::task::JoinSet;

const ANSWERED: u8 = b'+';
const FAILED: u8 = b'-';

/// Two processes of the app, and the way to its web process.
pub struct Formation {
    web: Process,
    worker: Process,
    /// Where requests go. Whoever connects holds it, so that none goes to a process that was told to stop.
    pub route: Arc<RwLock<u16>>,
    /// The counts of the workers that have stopped.
    done: Counts,
}

impl Formation {
    pub fn start<A: App>(vars: &[(&'static str, String)]) -> Self {
        let (web, worker) = (
            Process::start::<A>("web", vars),
            Process::start::<A>("worker", vars),
        );
        Self {
            route: Arc::new(RwLock::new(web.port)),
            web,
            worker,
            done: Counts::default(),
        }
    }

    /// One process after the other.
    pub fn restart<A: App>(&mut self, vars: &[(&'static str, String)]) {
        let web = Process::start::<A>("web", vars);
        *self.route.blocking_write() = web.port;
        std::mem::replace(&mut self.web, web).stop();
        let worker = Process::start::<A>("worker", vars);
        self.done += std::mem::replace(&mut self.worker, worker).stop();
    }

    /// Stops the processes, and returns the counts of the workers.
    pub fn stop(mut self) -> Counts {
        self.web.stop();
        self.done += self.worker.stop();
        self.done
    }
}

/// One request to the web process.
pub async fn ask(route: Arc<RwLock<u16>>) -> Result<(), String> {
    let stream = {
        let port = route.read().await;
        TcpStream::connect(("127.0.0.1", *port)).await
    };
    let answer = async {
        let mut stream = stream?;
        stream.write_u8(b'?').await?;
        stream.read_u8().await
    };
    match answer.await {
        Ok(ANSWERED) => Ok(()),
        Ok(_) => Err("the web process failed".to_owned()),
        Err(error) => Err(format!("the web process did not answer: {error}")),
    }
}

struct Process {
    child: Child,
    output: BufReader<ChildStdout>,
    port: u16,
}

impl Process {
    fn start<A: App>(kind: &str, vars: &[(&'static str, String)]) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["child", kind, A::NAME])
            .env_clear()
            .envs(vars.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = child.stdout.take().expect("its output");
        let mut process = Self {
            child,
            output: BufReader::new(output),
            port: 0,
        };
        // It says its port when it is ready; if it ends before, there is no line.
        process.port = process.line().parse().expect("the process is ready");
        process
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("its output");
        line.trim().to_owned()
    }

    /// As platforms do; the process ends when its requests have.
    fn stop(mut self) -> Counts {
        let id = self.child.id().to_string();
        _ = Command::new("kill").args(["-s", "TERM", &id]).status();
        let counts = self.line();
        let child = &std::sync::Mutex::new(&mut self.child);
        wait_until("the process ends", || {
            matches!(lock(child).try_wait(), Ok(Some(_)))
        });
        let mut numbers = counts.split(' ').map(|number| number.parse().expect("a number"));
        let mut next = || numbers.next().unwrap_or_default();
        Counts {
            sent: next(),
            answered: next(),
            failed: next(),
            ..Counts::default()
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// In the child: what the process does, from its first breath to its last.
pub fn run_child(kind: &str, name: &str) {
    visit_all(&mut Run { kind, name });
}

struct Run<'r> {
    kind: &'r str,
    name: &'r str,
}

impl Visitor for Run<'_> {
    fn visit<A: App>(&mut self) {
        if A::NAME != self.name {
            return;
        }
        let vars = ConfigVars::from_env();
        let runtime = AppRuntime::start(Flavor::MultiThread);
        let client = runtime.block_on(only_client::<A>(vars));
        let client = client.expect("a client of the environment");
        match self.kind {
            "web" => runtime.block_on(web::<A>(client)),
            _ => work::<A>(&runtime, &client),
        }
        // Not by way of the runtime's end, at which tasks of mongodb's panic.
        std::process::exit(0);
    }
}

async fn web<A: App>(client: Arc<A::Client>) {
    let mut terminate = signal(SignalKind::terminate()).expect("a signal");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("{}", listener.local_addr().expect("its address").port());
    let mut requests = JoinSet::new();
    loop {
        tokio::select! {
            Ok((stream, _)) = listener.accept() => {
                requests.spawn(serve::<A>(stream, client.clone()));
            }
            _ = terminate.recv() => break,
        }
        while requests.try_join_next().is_some() {}
    }
    // Requests that came in before the end are served as well.
    let listener = listener.into_std().expect("a listener");
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true).expect("a stream");
        let stream = TcpStream::from_std(stream).expect("a stream");
        requests.spawn(serve::<A>(stream, client.clone()));
    }
    drop(listener);
    requests.join_all().await;
    // Its requests are counted by who sent them.
    println!("0 0 0");
}

async fn serve<A: App>(mut stream: TcpStream, client: Arc<A::Client>) {
    // A connection without a request gets no answer.
    if stream.read_u8().await.is_err() {
        return;
    }
    let answer = match A::request(client).await {
        Ok(()) => ANSWERED,
        Err(error) => {
            eprintln!("web: {error:?}");
            FAILED
        }
    };
    _ = stream.write_u8(answer).await;
}

fn work<A: App>(runtime: &Handle, client: &Arc<A::Client>) {
    let mut terminate = {
        let _context = runtime.enter();
        signal(SignalKind::terminate()).expect("a signal")
    };
    // Ready, and with nothing to listen on.
    println!("0");
    let client = client.clone();
    let running = Load::start(runtime, move |_| {
        let request = A::request(client.clone());
        async { request.await.map_err(|error| format!("{error:?}")) }
    });
    runtime.block_on(terminate.recv());
    let (counts, _) = running.end(runtime);
    if let Some(failure) = &counts.failure {
        eprintln!("worker: {failure}");
    }
    println!("{} {} {}", counts.sent, counts.answered, counts.failed);
}
