//! Reading config vars from a file, a folder, standard input or the environment.

use crate::formats::{self, Parsed};
use crate::piped::{self, Piped};
use crate::shown::{self, ShownName};
use config_vars::{ConfigVars, EnvDir, Error, ServiceBindings, Source, VcapServices};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// Maximum size of a text, in bytes: more than any app's config vars, and less than would be noticed if read by mistake.
const MAX_LENGTH: usize = 16 << 20;

/// Config vars, and what the user should know about their source.
pub(crate) struct VarsWithHints {
    pub(crate) vars: ConfigVars,
    pub(crate) hints: Vec<String>,
}

/// Reads what is piped in (`heroku config --json | config-vars`) if anything is, or else the environment.
pub(crate) fn read_piped_or_env(select: Option<&str>) -> Result<VarsWithHints, String> {
    match piped::decide() {
        Piped::Read => read(Path::new("-"), select),
        Piped::Leave(hint) => {
            let mut input = read_env(select)?;
            input.hints.extend(hint);
            Ok(input)
        }
    }
}

pub(crate) fn read_env(select: Option<&str>) -> Result<VarsWithHints, String> {
    if select.is_some() {
        return Err("the environment has nothing to choose from; leave out `--select`".to_owned());
    }
    with_services(ConfigVars::from_env().into()).map_err(|error| error.to_string())
}

/// Reads a file or folder, or standard input for `-`. The message names the file, the cause, and nothing of what was read.
pub(crate) fn read(path: &Path, select: Option<&str>) -> Result<VarsWithHints, String> {
    let is_stdin = path == Path::new("-");
    let name = name_of(path);
    let wrong = |cause: &dyn std::fmt::Display| format!("{name}: {cause}");
    let is_folder = !is_stdin && fs::metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let parsed = if is_folder {
        if select.is_some() {
            return Err(wrong(
                &"is a folder, which has nothing to choose from; leave out `--select`",
            ));
        }
        // The error names the folder, which is no URL if it exists.
        read_folder(path).map_err(|error| error.to_string())?.into()
    } else {
        let text = if is_stdin {
            piped::stdin().and_then(read_text)
        } else {
            File::open(path).and_then(read_text)
        };
        let text = text.map_err(|error| wrong(&cause(&error)))?;
        let mut parsed = formats::parse(&text, select).map_err(|cause| wrong(&cause))?;
        parsed.notes.iter_mut().for_each(|note| *note = wrong(note));
        parsed
    };
    with_services(parsed).map_err(|error| wrong(&error))
}

/// Returns the name of an input for messages. A URL that was given by mistake is not shown.
pub(crate) fn name_of(path: &Path) -> String {
    match path.display().to_string() {
        path if path == "-" => "standard input".to_owned(),
        path if shown::is_value(&path) => "the file".to_owned(),
        path => ShownName::origin(&path).to_string(),
    }
}

pub(crate) fn cause(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "does not exist; correct the path".to_owned(),
        std::io::ErrorKind::IsADirectory => "is a folder, not a file; correct the path".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read by this user; permit it".to_owned(),
        _ => error.to_string(),
    }
}

/// Reads a folder with one file per config var, or one with a folder for each bound service.
fn read_folder(path: &Path) -> Result<ConfigVars, Error> {
    let is_binding = |entry: fs::DirEntry| entry.path().join("type").is_file();
    let has_bindings = fs::read_dir(path).is_ok_and(|entries| entries.flatten().any(is_binding));
    if has_bindings {
        return ServiceBindings::new(path).or(EnvDir::new(path)).read();
    }
    EnvDir::new(path).read()
}

/// Adds the services of Cloud Foundry, which an app there has in `VCAP_SERVICES`.
fn with_services(parsed: Parsed) -> Result<VarsWithHints, Error> {
    let Parsed { vars, notes: hints } = parsed;
    let is_set = |name| vars.require(name).is_ok();
    let vars = if is_set("VCAP_SERVICES") {
        let source = || Ok(vars.clone());
        VcapServices::new(source).or(source).read()?
    } else {
        vars
    };
    Ok(VarsWithHints { vars, hints })
}

/// Reads a text. A buffer that is full is copied into one twice as large, and wiped; a `Vec` that grows by itself is not.
pub(crate) fn read_text(mut input: impl Read) -> std::io::Result<Zeroizing<String>> {
    let invalid = |cause| std::io::Error::new(std::io::ErrorKind::InvalidData, cause);
    let mut bytes = Zeroizing::new(vec![0; 64 << 10]);
    let mut length = 0;
    loop {
        match input.read(&mut bytes[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if length > MAX_LENGTH {
            return Err(invalid("is larger than 16 MiB, which config vars never are"));
        }
        if length == bytes.len() {
            let mut larger = Zeroizing::new(vec![0; 2 * length]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
    }
    if bytes[..length].starts_with(b"\xFF\xFE") || bytes[..length].starts_with(b"\xFE\xFF") {
        return Err(invalid(
            "is UTF-16 text, as PowerShell writes it; save it as UTF-8",
        ));
    }
    let text = std::str::from_utf8(&bytes[..length]).map_err(|_| invalid("is not UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}
