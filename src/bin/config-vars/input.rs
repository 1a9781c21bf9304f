//! Reading config vars from a file or standard input, in whatever of the known forms they are.

use crate::shown::{self, ShownName};
use config_vars::{ConfigVars, SecretString};
use std::collections::HashMap;
use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// More than any app's config vars, and little enough to be read by mistake.
const MOST: usize = 16 << 20;

/// Reads what is piped in (`heroku config --json | config-vars`), if anything is.
pub(crate) fn read_piped() -> Result<Option<ConfigVars>, String> {
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let text = read_text(std::io::stdin().lock()).map_err(|error| format!("standard input: {error}"))?;
    if text.trim().is_empty() {
        // A pipe that brings nothing is a command that failed, as `heroku config --json -a typo` does.
        return if is_pipe() {
            Err("standard input: holds nothing".to_owned())
        } else {
            Ok(None)
        };
    }
    parse(&text)
        .map(Some)
        .map_err(|cause| format!("standard input: {cause}"))
}

#[cfg(unix)]
fn is_pipe() -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata("/dev/stdin").is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe() -> bool {
    false
}

/// Reads a file, or standard input for `-`. The message names the file, the cause, and nothing of what was read.
pub(crate) fn read(path: &Path) -> Result<ConfigVars, String> {
    let is_stdin = path == Path::new("-");
    // A URL that was given by mistake is not shown.
    let name = match path.display().to_string() {
        _ if is_stdin => "standard input".to_owned(),
        path if shown::is_value(&path) => "the file".to_owned(),
        path => ShownName::origin(&path).to_string(),
    };
    let wrong = |cause: &dyn std::fmt::Display| format!("{name}: {cause}");
    let text = match is_stdin {
        true => read_text(std::io::stdin().lock()),
        false => File::open(path).and_then(read_text),
    };
    let text = text.map_err(|error| wrong(&error))?;
    parse(&text).map_err(|cause| wrong(&cause))
}

/// A buffer that is full is copied into one twice as large, and wiped; a `Vec` that grows by itself is not.
fn read_text(mut input: impl Read) -> std::io::Result<Zeroizing<String>> {
    let invalid = |cause| std::io::Error::new(std::io::ErrorKind::InvalidData, cause);
    let mut bytes = Zeroizing::new(vec![0; 64 << 10]);
    let mut length = 0;
    loop {
        match input.read(&mut bytes[length..])? {
            0 => break,
            count => length += count,
        }
        if length > MOST {
            return Err(invalid("holds more than 16 MiB, which config vars never do"));
        }
        if length == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; 2 * length]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
    }
    let text = std::str::from_utf8(&bytes[..length]).map_err(|_| invalid("is not UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Tells the forms apart by their first character: JSON begins with a brace.
fn parse(text: &str) -> Result<ConfigVars, String> {
    if text.trim_start().starts_with('{') {
        let vars: HashMap<String, SecretString> = serde_json::from_str(text).map_err(|error| {
            // serde_json's own message quotes what it found.
            format!(
                "line {}, column {}: is no JSON object of names and texts",
                error.line(),
                error.column()
            )
        })?;
        if vars
            .keys()
            .any(|name| name.is_empty() || name.contains([':', '/', '@', '=', '?', '#']))
        {
            return Err("has a name that is none of a config var".to_owned());
        }
        return Ok(vars.into_iter().collect());
    }
    ConfigVars::parse_env_file(text).map_err(|error| error.to_string())
}
