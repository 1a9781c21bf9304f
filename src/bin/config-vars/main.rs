//! The command `config-vars`: what an app will see of its add-ons, redacted, and everything that is wrong.

mod input;
mod json;
#[path = "../../shown.rs"]
#[allow(dead_code, reason = "the library has more to show")]
mod shown;
mod table;

use clap::Parser;
use clap::error::ErrorKind;
use config_vars::{ConfigVars, Error, Kind, ResourceUrl};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Shows the add-ons that an app's config vars amount to, with secrets redacted, and every fault with its mend.
///
/// Exit status: 0 all is well, 1 there are faults, 2 the input cannot be read.
#[derive(Parser)]
#[command(version, name = "config-vars")]
struct Arguments {
    /// Read config vars from FILE (`-`: standard input): the output of `heroku config --json` or `heroku config -s`,
    /// or a .env file. Without it: what is piped in, if anything is, else the process environment
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Take it for a fault if config var NAME is not a resource URL of this kind; may be repeated
    #[arg(long, value_name = "NAME=KIND", value_parser = requirement)]
    require: Vec<(String, Kind)>,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
    /// Show secrets in clear
    #[arg(long)]
    reveal: bool,
}

fn requirement(text: &str) -> Result<(String, Kind), String> {
    let (name, kind) = text
        .split_once('=')
        .ok_or("write NAME=KIND, such as DATABASE_URL=postgres")?;
    let kind = kind.parse().map_err(|error: Error| error.to_string())?;
    Ok((name.to_owned(), kind))
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let read = match &arguments.from {
        Some(path) => input::read(path).map(Some),
        None => input::read_piped(),
    };
    let vars = match read.map(|vars| vars.unwrap_or_else(ConfigVars::from_env)) {
        Ok(vars) => vars,
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    if arguments.reveal {
        complain("the output holds secrets in clear");
    }
    let unmet: Vec<Error> = arguments
        .require
        .iter()
        .filter_map(|(name, kind)| unmet_requirement(&vars, name, *kind))
        .collect();
    let faults = faults(&vars, unmet);
    let output = match arguments.json {
        true => json::report(&vars, arguments.reveal) + "\n",
        false => table::report(&vars, &faults, arguments.reveal),
    };
    if let Err(error) = anstream::stdout().write_all(output.as_bytes()) {
        complain(&format!("standard output: {error}"));
        return ExitCode::from(2);
    }
    if arguments.json {
        // A requirement of the command line has no place in the object.
        faults.iter().for_each(|fault| complain(&fault.to_string()));
    }
    match faults.as_slice() {
        [] => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

/// Writes a line to standard error; where that is closed, there is nobody to tell.
fn complain(message: &str) {
    _ = writeln!(anstream::stderr(), "config-vars: {message}");
}

/// Help and version, or what is wrong with the command line. clap would quote the argument, which may be a URL.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return if error.print().is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(2)
        };
    }
    let cause = match error.kind() {
        ErrorKind::ValueValidation => "--require takes NAME=KIND, such as DATABASE_URL=postgres",
        ErrorKind::InvalidValue => "an option lacks its value",
        _ => "there is an argument that it does not know",
    };
    complain(&format!("{cause}; see --help"));
    ExitCode::from(2)
}

fn unmet_requirement(vars: &ConfigVars, name: &str, kind: Kind) -> Option<Error> {
    let url = vars.url::<ResourceUrl>(name);
    url.and_then(|url| url.into_kind(kind))
        .map_err(|error| error.for_var(name))
        .err()
}

/// All faults, each once: those of the attachments, then what was required and is not there.
fn faults(vars: &ConfigVars, unmet: Vec<Error>) -> Vec<Error> {
    let mut faults: Vec<Error> = vars
        .attachments()
        .flat_map(|attachment| attachment.faults().cloned().collect::<Vec<_>>())
        .collect();
    let new: Vec<Error> = unmet
        .into_iter()
        .filter(|fault| !faults.contains(fault))
        .collect();
    faults.extend(new);
    faults
}
