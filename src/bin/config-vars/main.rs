//! The command `config-vars`: an app's add-ons, redacted, and everything that is wrong with them.

mod arguments;
mod diff;
mod formats;
#[cfg(feature = "heroku")]
mod heroku;
mod input;
mod json;
mod layout;
mod piped;
mod report;
#[path = "../../shown.rs"]
#[allow(dead_code, reason = "the library has more to show")]
mod shown;
mod table;

use arguments::{Arguments, Color, Command, Output, Show};
use config_vars::{Error, Kind, ResourceUrl};
use input::VarsWithHints;
use report::Findings;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// The meaning of the exit status.
#[derive(Clone, Copy)]
enum Outcome {
    Good,
    /// There are faults or differences.
    Bad,
    /// The input or the arguments cannot be read.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Good => Self::SUCCESS,
            Outcome::Bad => Self::from(1),
            Outcome::Failed => Self::from(2),
        }
    }
}

fn main() -> ExitCode {
    let outcome = match arguments::parse() {
        Ok(Arguments { command: None, show }) => run_show(&show),
        Ok(Arguments {
            command: Some(command),
            ..
        }) => match command {
            Command::Diff(diff) => run_diff(&diff),
            Command::Completions { shell } => Ok(completions(shell)),
            Command::Man { command } => man_page(command.as_deref()),
        },
        // Help, or the version.
        Err(error) if !error.use_stderr() => Ok(print(&error.render().ansi().to_string(), Outcome::Good)),
        Err(error) => Err(arguments::complaint(&error)),
    };
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(message) => {
            complain(&message);
            Outcome::Failed.into()
        }
    }
}

fn run_show(show: &Show) -> Result<Outcome, String> {
    choose_colors(&show.output);
    let VarsWithHints { vars, hints } = read(show)?;
    hints.iter().for_each(|hint| complain(hint));
    if show.reveal {
        complain("the output has secrets in clear text");
    }
    let unmet = show.require.iter().filter_map(|(name, kind)| {
        let url = vars.url::<ResourceUrl>(name);
        unmet(url, *kind, name)
    });
    let report = Findings::new(&vars, unmet.collect());
    let text = match show.output.json {
        true => json::write(&report, &hints, show.reveal),
        false => table::write(&report, show.reveal, show.output.quiet, layout::width()),
    };
    let outcome = if report.faults.is_empty() {
        Outcome::Good
    } else {
        Outcome::Bad
    };
    Ok(print(&text, outcome))
}

fn read(show: &Show) -> Result<VarsWithHints, String> {
    let select = show.select.as_deref();
    #[cfg(feature = "heroku")]
    if let Some(app) = &show.app {
        return heroku::read(app, show.loopback.as_ref());
    }
    match &show.from {
        Some(path) => input::read(path, select),
        None if show.env => input::read_env(select),
        None => input::read_piped_or_env(select),
    }
}

fn unmet(url: Result<ResourceUrl, Error>, kind: Kind, name: &str) -> Option<Error> {
    let url = url.and_then(|url| url.into_kind(kind));
    url.map_err(|error| error.for_var(name)).err()
}

fn run_diff(arguments: &arguments::DiffArguments) -> Result<Outcome, String> {
    choose_colors(&arguments.output);
    let paths = [&arguments.first, &arguments.second];
    if paths.iter().all(|path| path.as_os_str() == "-") {
        return Err("standard input can be read once; pass a file for the other one".to_owned());
    }
    let [first, second] = paths.map(|path| input::read(path, arguments.select.as_deref()));
    let (first, second) = (first?, second?);
    first
        .hints
        .iter()
        .chain(&second.hints)
        .for_each(|hint| complain(hint));
    let side = |path: &std::path::PathBuf, input| diff::Side {
        name: input::name_of(path),
        report: input,
    };
    let first = side(paths[0], Findings::new(&first.vars, Vec::new()));
    let second = side(paths[1], Findings::new(&second.vars, Vec::new()));
    let diff = diff::Diff::new(&first, &second);
    let text = match arguments.output.json {
        true => diff.json(),
        false => diff.text(arguments.output.quiet, layout::width()),
    };
    let is_good = diff.is_empty() && !diff.has_faults();
    Ok(print(&text, if is_good { Outcome::Good } else { Outcome::Bad }))
}

fn completions(shell: clap_complete::Shell) -> Outcome {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut arguments::command(), "config-vars", &mut text);
    print(&String::from_utf8_lossy(&text), Outcome::Good)
}

fn man_page(of: Option<&str>) -> Result<Outcome, String> {
    let mut command = arguments::command();
    // Gives the commands their full names.
    command.build();
    let command = match of {
        Some(name) => command.find_subcommand(name).cloned().unwrap_or(command),
        None => command,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .source(concat!("config-vars ", env!("CARGO_PKG_VERSION")))
        .render(&mut text)
        .map_err(|error| format!("the man page: {error}"))?;
    Ok(print(&String::from_utf8_lossy(&text), Outcome::Good))
}

fn choose_colors(output: &Output) {
    match output.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Prints to standard output. A reader that has seen enough, as `head` has, is no failure.
fn print(text: &str, outcome: Outcome) -> Outcome {
    let mut stdout = anstream::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            complain(&format!("standard output: {error}"));
            Outcome::Failed
        }
        _ => outcome,
    }
}

/// Writes a line to standard error. If that is closed, there is no other place for it.
fn complain(message: &str) {
    _ = writeln!(anstream::stderr(), "config-vars: {message}");
}
