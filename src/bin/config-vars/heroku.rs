//! `--app`: the config vars of an app by Heroku's API, with the token that Heroku's own command uses.

use crate::input::{VarsWithHints, cause, read_text};
use config_vars::{ConfigVars, ExposeSecret, Heroku, SecretString, Source};
use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The environment variable with the token, as in Heroku's own command.
const VAR: &str = "HEROKU_API_KEY";
/// The machine whose entry in a netrc file has the token.
const MACHINE: &str = "api.heroku.com";

/// A server for tests of the command, in place of Heroku's API.
///
/// It is always on this machine, and only an option of the command line names it. An environment variable would let anybody
/// who can set one have the token sent elsewhere, so `HEROKU_HOST` of Heroku's own command is not read.
#[derive(Clone)]
pub(crate) struct Loopback {
    port: u16,
    /// The file with the authority of the server's certificate.
    authority: PathBuf,
}

/// The option's id.
pub(crate) const LOOPBACK: &str = "loopback-api";

/// The option with a [`Loopback`], for use with `--app`.
pub(crate) fn loopback_option() -> clap::Arg {
    clap::Arg::new(LOOPBACK)
        .long(LOOPBACK)
        .value_name("PORT=FILE")
        .value_parser(loopback)
        .requires("app")
        .hide(true)
}

fn loopback(text: &str) -> Result<Loopback, String> {
    let parts = text.split_once('=').and_then(|(port, authority)| {
        Some(Loopback {
            port: port.parse().ok()?,
            authority: authority.into(),
        })
    });
    parts.ok_or_else(|| {
        "takes PORT=FILE: a port of 127.0.0.1, and the authority of its certificate".to_owned()
    })
}

pub(crate) fn read(app: &str, loopback: Option<&Loopback>) -> Result<VarsWithHints, String> {
    let env = ConfigVars::from_env();
    let mut hints = Vec::new();
    let token = match env.get(VAR).filter(|token| !token.expose_secret().is_empty()) {
        Some(token) => token.clone(),
        None => token_of_netrc(&env, &mut hints)?,
    };
    let mut source = Heroku::app(app, token).with_attachments();
    if let Some(Loopback { port, authority }) = loopback {
        let pem = std::fs::read(authority).map_err(|error| format!("--loopback-api: {}", cause(&error)))?;
        source = source
            .with_server("127.0.0.1", *port)
            .with_root_certificates(&pem)
            .map_err(|error| error.to_string())?;
    }
    let vars = source.read().map_err(|error| error.to_string())?;
    Ok(VarsWithHints { vars, hints })
}

/// Checks the name of an app. It is strict, because a token in its place would be shown.
pub(crate) fn app_name(text: &str) -> Result<String, String> {
    const MAX_LENGTH: usize = 30;
    let is_name = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= MAX_LENGTH
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match is_name {
        true => Ok(text.to_owned()),
        false => Err("takes the name of an app: lower-case letters, digits and `-`".to_owned()),
    }
}

/// Returns the token in the user's netrc file. A hint says if other users can read it.
fn token_of_netrc(env: &ConfigVars, hints: &mut Vec<String>) -> Result<SecretString, String> {
    const FIX: &str =
        "set HEROKU_API_KEY, for example to what `heroku auth:token` prints, or log in with `heroku login`";
    let name = if cfg!(windows) { "_netrc" } else { ".netrc" };
    // An empty `HOME` would make the path one of the working directory.
    let home = |var| {
        let home = env.get(var).map(|home| PathBuf::from(home.expose_secret()));
        home.filter(|home| home.is_absolute())
    };
    let path = home("HOME")
        .or_else(|| home("USERPROFILE"))
        .map(|home| home.join(name))
        .ok_or(format!("there is no token for Heroku's API; {FIX}"))?;
    let read = |file| {
        if is_open_to_others(&file) {
            hints.push(format!(
                "~/{name} can be read by other users; run `chmod 600 ~/{name}`"
            ));
        }
        read_text(file)
    };
    let text = match File::open(&path).and_then(read) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(format!(
                "there is no token for Heroku's API, and no ~/{name}; {FIX}"
            ));
        }
        text => text.map_err(|error| format!("~/{name}: {}", cause(&error)))?,
    };
    password(&text, MACHINE).ok_or_else(|| format!("~/{name} has no password for {MACHINE}; {FIX}"))
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_file: &File) -> bool {
    false
}

/// Returns the password of a machine in the text of a netrc file. The first entry of the machine counts.
fn password(text: &str, machine: &str) -> Option<SecretString> {
    let mut is_asked_for = false;
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    while let Some(line) = lines.next() {
        let mut words = line.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                _ if word.starts_with('#') => break,
                "machine" => {
                    if is_asked_for {
                        return None;
                    }
                    is_asked_for = next(&mut words, &mut lines) == Some(machine);
                }
                "default" if is_asked_for => return None,
                "password" => {
                    let password = next(&mut words, &mut lines)?;
                    if is_asked_for {
                        return Some(unquoted(password).into());
                    }
                }
                "login" | "account" => _ = next(&mut words, &mut lines),
                // A macro ends with an empty line.
                "macdef" => {
                    _ = lines.by_ref().find(|line| line.trim().is_empty());
                    break;
                }
                _ => {}
            }
        }
    }
    None
}

/// Returns the next word, which may be on the next line.
fn next<'t>(words: &mut std::str::SplitWhitespace<'t>, lines: &mut std::str::Lines<'t>) -> Option<&'t str> {
    loop {
        if let Some(word) = words.next() {
            return Some(word);
        }
        *words = lines.next()?.split_whitespace();
    }
}

fn unquoted(word: &str) -> &str {
    word.strip_prefix('"')
        .and_then(|word| word.strip_suffix('"'))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::{app_name, password};
    use config_vars::ExposeSecret;

    #[test]
    fn password_of_the_machine_is_found() {
        let rows = [
            (
                "machine api.heroku.com\n  login a@b.example\n  password HRKU-1\n",
                Some("HRKU-1"),
            ),
            (
                "machine api.heroku.com login a password HRKU-1 machine git.heroku.com login a password HRKU-2",
                Some("HRKU-1"),
            ),
            (
                "machine git.heroku.com\n  password HRKU-2\nmachine api.heroku.com\n  password HRKU-1",
                Some("HRKU-1"),
            ),
            (
                "machine\napi.heroku.com\nlogin\nmachine\npassword\nHRKU-1",
                Some("HRKU-1"),
            ),
            ("machine api.heroku.com password \"HRKU-1\"", Some("HRKU-1")),
            (
                "# machine api.heroku.com password x\nmachine api.heroku.com password HRKU-1",
                Some("HRKU-1"),
            ),
            (
                "macdef init\nmachine api.heroku.com password x\n\nmachine api.heroku.com password HRKU-1",
                Some("HRKU-1"),
            ),
            // A password that is a word of the syntax, or has a `#`.
            (
                "machine x password machine\nmachine api.heroku.com password HR#1",
                Some("HR#1"),
            ),
            (
                "machine api.heroku.com\n  login a\nmachine git.heroku.com\n  password HRKU-2\n",
                None,
            ),
            ("machine api.heroku.com login a default password HRKU-2", None),
            ("machine api.heroku.com.evil.example password HRKU-2", None),
            ("default login a password HRKU-2", None),
            ("machine api.heroku.com password", None),
            ("machine", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let found = password(text, "api.heroku.com");
            assert_eq!(
                found.as_ref().map(|found| found.expose_secret()),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn app_is_a_name_and_no_token() {
        for (text, is_name) in [
            ("shop", true),
            ("shop-staging-2", true),
            ("", false),
            ("HRKU-0123abcd", false),
            ("01234567-89ab-cdef-0123-456789abcdef", false),
            ("abcdef01-89ab-cdef-0123-456789abcdef", false),
            ("postgres://u:p@h", false),
            ("shop/../other", false),
        ] {
            assert_eq!(app_name(text).is_ok(), is_name, "{text}");
        }
    }
}
