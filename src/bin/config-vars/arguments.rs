//! The command line.

use crate::formats::FORMATS;
use crate::shown::is_like_name;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use config_vars::Kind;
use std::path::PathBuf;

/// Shows the add-ons that an app finds in its config vars, with secrets redacted, and every fault with its fix.
///
/// It reads --from FILE, or what is piped in, or else the environment.
#[derive(Parser)]
#[command(
    version,
    name = "config-vars",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) show: Show,
}

#[derive(Args)]
pub(crate) struct Show {
    /// Read a file or folder; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Read the environment, whatever is piped in
    #[arg(short, long, conflicts_with = "from")]
    pub(crate) env: bool,
    /// Read an app's config vars by Heroku's API; the token is that of HEROKU_API_KEY or ~/.netrc
    #[cfg(feature = "heroku")]
    #[arg(short, long, value_name = "APP", value_parser = crate::heroku::app_name, conflicts_with_all = ["from", "env", "select"])]
    pub(crate) app: Option<String>,
    #[cfg(feature = "heroku")]
    #[arg(skip)]
    pub(crate) loopback: Option<crate::heroku::Loopback>,
    /// Read this one of several services, containers or Secrets
    #[arg(short, long, value_name = "NAME")]
    pub(crate) select: Option<String>,
    /// Fail unless NAME has a URL of this kind; may be repeated
    #[arg(short, long, value_name = "NAME=KIND", value_parser = requirement)]
    pub(crate) require: Vec<(String, Kind)>,
    /// Show secrets in clear text
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args)]
pub(crate) struct Output {
    /// Print a JSON object
    #[arg(short, long)]
    pub(crate) json: bool,
    /// Print what is wrong or differs, and nothing else
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) quiet: bool,
    /// Use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show how two environments differ, without their values
    ///
    /// Exit status: 0 if they do not differ, 1 if they do or have faults, 2 if one cannot be read.
    Diff(DiffArguments),
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, or that of a command
    Man {
        /// The command
        #[arg(value_parser = ["diff", "completions", "man"])]
        command: Option<String>,
    },
}

#[derive(Args)]
pub(crate) struct DiffArguments {
    /// A file or folder; `-` is standard input
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// Another file or folder
    #[arg(value_name = "B")]
    pub(crate) second: PathBuf,
    /// Read this one of several services, containers or Secrets
    #[arg(short, long, value_name = "NAME")]
    pub(crate) select: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Parses the command line. An error is the text to show: clap's own would quote an argument, which may be a URL.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    #[cfg(feature = "heroku")]
    {
        // Not an option of `command`, because completions would offer it although it is hidden.
        let mut matches = command()
            .arg(crate::heroku::loopback_option())
            .try_get_matches()?;
        let loopback = matches.remove_one(crate::heroku::LOOPBACK);
        let mut arguments = Arguments::from_arg_matches(&matches)?;
        arguments.show.loopback = loopback;
        Ok(arguments)
    }
    #[cfg(not(feature = "heroku"))]
    Arguments::from_arg_matches(&command().try_get_matches()?)
}

/// Returns the command line with what takes some code to write.
pub(crate) fn command() -> clap::Command {
    Arguments::command()
        .after_help("`--help` has examples, and lists the formats and the kinds.")
        .after_long_help(format!(
            "Examples:
  heroku config --json -a shop | config-vars
  config-vars --from .env --require DATABASE_URL=postgres
  kubectl get secret shop -o yaml | config-vars
  docker compose config | config-vars --select web
  docker inspect web | config-vars --json
  config-vars diff staging.env production.env
  config-vars completions bash > ~/.local/share/bash-completion/completions/config-vars

Formats (found by content): {FORMATS}.

Kinds: {kinds}.

Exit status: 0 if there are no faults, 1 if there are, 2 if the input cannot be read.",
            kinds = kinds()
        ))
}

fn kinds() -> String {
    let names: Vec<_> = Kind::all().map(|kind| kind.to_string()).collect();
    names.join(", ")
}

fn requirement(text: &str) -> Result<(String, Kind), String> {
    let (name, kind) = text
        .split_once('=')
        .ok_or("takes NAME=KIND, such as DATABASE_URL=postgres")?;
    let kind = kind.parse().map_err(|_| {
        format!(
            "takes NAME=KIND, and there is no kind of that name; the kinds are {}",
            kinds()
        )
    })?;
    Ok((name.to_owned(), kind))
}

/// Returns what is wrong with the command line, without a piece of it that may be a value.
pub(crate) fn complaint(error: &clap::Error) -> String {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    // The name of an option of the program, such as `--require <NAME=KIND>`.
    let option = || {
        let text = context(ContextKind::InvalidArg).unwrap_or_default();
        text.split(' ').next().unwrap_or_default().to_owned()
    };
    let cause = match error.kind() {
        ErrorKind::ValueValidation => match std::error::Error::source(error) {
            Some(cause) => format!("{} {cause}", option()),
            None => format!("{} does not take that value", option()),
        },
        ErrorKind::InvalidValue => {
            let values = context(ContextKind::ValidValue).filter(|values| !values.is_empty());
            let values = values.map(|values| format!("; it takes {values}"));
            let given = context(ContextKind::InvalidValue).unwrap_or_default();
            match given.is_empty() {
                true => format!("{} lacks its value{}", option(), values.unwrap_or_default()),
                false => format!(
                    "{} does not take that value{}",
                    option(),
                    values.unwrap_or_default()
                ),
            }
        }
        ErrorKind::ArgumentConflict => {
            let other = context(ContextKind::PriorArg).unwrap_or_default();
            let other = other.split(' ').next().unwrap_or_default();
            match option() {
                option if option.is_empty() => format!("{other} cannot be combined with a command"),
                option if option == other => format!("{option} is given twice"),
                option => format!("{option} cannot be combined with {other}"),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = context(ContextKind::InvalidArg).unwrap_or_default();
            format!("{missing} must be given")
        }
        ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand => unknown(
            &context(ContextKind::InvalidArg)
                .or_else(|| context(ContextKind::InvalidSubcommand))
                .unwrap_or_default(),
            context(ContextKind::SuggestedArg).or_else(|| context(ContextKind::SuggestedSubcommand)),
        ),
        _ => "the arguments cannot be read".to_owned(),
    };
    match cause.ends_with('?') {
        true => cause,
        false => format!("{cause}; see `config-vars --help`"),
    }
}

/// An argument that is not known. It is quoted if it looks like a misspelt option, because anything else may be a value.
fn unknown(argument: &str, suggestion: Option<String>) -> String {
    let name = argument.trim_start_matches('-');
    let is_option = argument.starts_with('-') && name.len() <= 20 && is_like_name(name);
    let is_word = is_option && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let suggestion = suggestion.map_or_else(String::new, |suggestion| {
        format!("; did you mean `{suggestion}`?")
    });
    match (is_word, argument.starts_with('-')) {
        (true, _) => format!("there is no option `{argument}`{suggestion}"),
        (_, true) => format!("there is no such option{suggestion}"),
        _ if !suggestion.is_empty() => format!("there is no such command{suggestion}"),
        _ => "there is an argument too many; a file is given as `--from FILE`".to_owned(),
    }
}
