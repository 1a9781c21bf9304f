//! `--app`: the config vars of an app by Heroku's API, with the token that Heroku's own command uses.

use config_vars::{ConfigVars, ExposeSecret, Heroku, SecretString, Source};
use std::fs::File;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The environment variable with the token, as in Heroku's own command.
const VAR: &str = "HEROKU_API_KEY";
/// The machine whose entry in a netrc file has the token.
const MACHINE: &str = "api.heroku.com";

pub(crate) fn read(app: &str) -> Result<ConfigVars, String> {
    let env = ConfigVars::from_env();
    let token = match env.get(VAR).filter(|token| !token.expose_secret().is_empty()) {
        Some(token) => token.clone(),
        None => token_of_netrc(&env)?,
    };
    let source = Heroku::app(app, token).with_attachments();
    source.read().map_err(|error| error.to_string())
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

fn token_of_netrc(env: &ConfigVars) -> Result<SecretString, String> {
    const FIX: &str = "set HEROKU_API_KEY, or log in with `heroku login`";
    let file = if cfg!(windows) { "_netrc" } else { ".netrc" };
    let home = |name| env.get(name).map(|home| PathBuf::from(home.expose_secret()));
    let home = home("HOME").or_else(|| home("USERPROFILE"));
    let path = home
        .map(|home| home.join(file))
        .ok_or(format!("there is no token for Heroku's API; {FIX}"))?;
    let text = match File::open(&path).and_then(crate::input::read_text) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(format!(
                "there is no token for Heroku's API, and no ~/{file}; {FIX}"
            ));
        }
        text => text.map_err(|error| format!("~/{file}: {}", crate::input::cause(&error)))?,
    };
    password(&text, MACHINE).ok_or_else(|| format!("~/{file} has no password for {MACHINE}; {FIX}"))
}

/// Returns the password of a machine in the text of a netrc file. The first entry of the machine counts.
fn password(text: &str, machine: &str) -> Option<SecretString> {
    let mut is_asked_for = false;
    let mut lines = text.lines();
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
