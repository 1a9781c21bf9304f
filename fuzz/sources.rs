//! The properties of env files and folders with any content. The fuzz targets and `tests/it/properties.rs` run them.

#[path = "../src/shown.rs"]
#[allow(dead_code, reason = "the library has more to show")]
mod shown;

use config_vars::{ConfigVars, EnvDir, EnvFile, Error, ExposeSecret, FileVars, ServiceBindings, Source};
use shown::ShownName;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Checks, for any bytes as an env file, that parsing does not panic, shows no value, and reads the same from a file as from
/// memory.
pub fn env_file(bytes: &[u8]) {
    let folder = scratch();
    let path = folder.path().join("env");
    write(&path, bytes);
    let from_file = EnvFile::new(&path).read();
    let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains('\0'))
    else {
        let error = from_file.expect_err("it is no text");
        assert_eq!(
            error.to_string(),
            format!(
                "{}: is not UTF-8 text; write it again, as `NAME=value` lines",
                path.display()
            )
        );
        return;
    };
    match (ConfigVars::parse_env_file(text), from_file) {
        (Ok(vars), Ok(from_file)) => assert_eq!(in_clear(&vars), in_clear(&from_file)),
        (Err(error), Err(from_file)) => {
            assert_eq!(format!("{}: {error}", path.display()), from_file.to_string());
            check_env_file_error(&error, text);
        }
        (from_text, from_file) => panic!("{from_text:?} of the text, {from_file:?} of the file"),
    }
    for style in STYLES {
        written(text, style);
    }
    // Letters that occur in no message, so that each piece of a value can be searched for.
    let text: String = text.chars().map(unmistakable).collect();
    match ConfigVars::parse_env_file(&text) {
        Ok(vars) => check_output(&vars),
        Err(error) => check_env_file_error(&error, &text),
    }
}

/// Checks that an error of an env file consists of fixed text and of the number of one of its lines.
fn check_env_file_error(error: &Error, text: &str) {
    let message = error.to_string();
    let number = message
        .strip_prefix("line ")
        .and_then(|rest| rest.split(' ').next());
    let number: usize = number.expect("it tells the line").parse().expect("a number");
    let fixed = [
        "has no `NAME=value`; write one, or a `#` before a comment",
        "opens a quote that nothing closes; close it",
        "has an unquoted `;` in a value; put the value in single quotes",
        "exports two config vars; give each a line of its own, or put the whole value in single quotes",
        "has a carriage return without a line feed; save the file with the line ends LF or CRLF",
    ];
    let after_quote =
        "something follows the closing quote; remove it, or put the whole value in single quotes";
    assert!(
        fixed
            .iter()
            .any(|fixed| message == format!("line {number} of the env file {fixed}"))
            || message == format!("line {number} of the env file: {after_quote}"),
        "{message}"
    );
    assert!((1..=text.split('\n').count()).contains(&number), "{message}");
    assert_eq!(format!("{error:?}"), format!("Error({message:?})"));
}

/// Writes a value in a style of env files, or returns `None` if the style cannot represent the value.
type Style = fn(&str) -> Option<String>;

const STYLES: [Style; 4] = [
    // Quoted as by a shell's `printf %q` and `heroku config -s`, except for backslashes.
    |value| Some(format!("'{}'", value.replace('\'', "'\\''"))),
    |value| Some(format!("'{}'", value.replace('\'', "'\"'\"'"))),
    |value| {
        let escape = |character| match character {
            '"' | '\\' | '$' | '`' => format!("\\{character}"),
            '\n' => "\\n".to_owned(),
            _ => character.to_string(),
        };
        Some(format!("\"{}\"", value.chars().map(escape).collect::<String>()))
    },
    // Unquoted, if the value contains no character with a meaning.
    |value| {
        let is_bare = !value.contains(|character: char| character.is_whitespace())
            && !value.starts_with(['\'', '"', '=']);
        is_bare.then(|| value.to_owned())
    },
];

/// Checks that a correctly written value and its neighbours are read back exactly.
fn written(value: &str, style: Style) {
    let Some(raw) = style(value) else { return };
    for (begin, end, others) in [
        ("", "", 0),
        ("export ", "\n", 0),
        ("# it's\n\n", " # \"comment\n", 0),
        ("B=1\nA=old\n", "\r\nB=1", 1),
    ] {
        if begin == "export " && raw == value && value.contains(';') {
            continue; // The end of a command, or an error.
        }
        let text = format!("{begin}A={raw}{end}");
        let vars = ConfigVars::parse_env_file(&text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(
            vars.get("A").map(|read| read.expose_secret()),
            Some(value),
            "{text:?}"
        );
        assert_eq!(vars.len(), 1 + others, "{text:?}");
    }
}

/// Checks that files with any names and contents are read back exactly, as a folder of values, as a service binding, and one
/// by one.
pub fn folder(files: &[(Vec<u8>, Vec<u8>)], is_kubernetes: bool) {
    let root = scratch();
    let binding = root.path().join("my-db");
    let home = match is_kubernetes {
        true => binding.join("..generation"),
        false => binding.clone(),
    };
    fs::create_dir_all(&home).expect("a scratch folder");
    // The contents of the folder, by file name.
    let mut held = BTreeMap::new();
    for (name, contents) in files {
        let is_possible =
            !name.is_empty() && name.len() < 200 && !name.iter().any(|byte| matches!(byte, b'/' | b'\0'));
        let name = OsStr::from_bytes(name);
        if is_possible
            && name != "."
            && name != ".."
            && held.len() < 12
            && !name.as_bytes().starts_with(b"..data")
        {
            write(&home.join(name), contents);
            held.insert(name.to_owned(), contents.clone());
        }
    }
    age(&home);
    if is_kubernetes {
        std::os::unix::fs::symlink("..generation", binding.join("..data")).expect("a scratch folder");
    }
    one_by_one(&home, &held);
    held.retain(|name, _| !name.as_bytes().starts_with(b"."));
    as_folder(&binding, &held);
    as_binding(root.path(), &held);
}

fn one_by_one(home: &Path, held: &BTreeMap<OsString, Vec<u8>>) {
    // Only a path that is UTF-8 can be in a config var.
    let named: Vec<_> = held
        .iter()
        .filter_map(|(name, contents)| Some((name.to_str()?, contents)))
        .collect();
    let names = (0..named.len()).map(|index| format!("VALUE{index}"));
    let paths: ConfigVars = names
        .clone()
        .zip(&named)
        .map(|(var, (name, _))| (format!("{var}_FILE"), home.join(name).display().to_string()))
        .collect();
    let vars = FileVars::new(move || Ok(paths.clone()), names.clone())
        .read()
        .expect("the files are at rest");
    let expected: Vec<_> = names
        .zip(&named)
        .map(|(var, (_, contents))| (var, value(contents)))
        .collect();
    assert_eq!(in_clear(&vars), sorted(expected));
}

fn as_folder(path: &Path, held: &BTreeMap<OsString, Vec<u8>>) {
    let vars = EnvDir::new(path).read().expect("the folder is at rest");
    let var = |(name, contents): (&OsString, &Vec<u8>)| match name.to_str() {
        Some(name) => (name.to_owned(), value(contents)),
        None => (name.to_string_lossy().into_owned(), None),
    };
    let expected: Vec<_> = held.iter().map(var).collect();
    assert_eq!(in_clear(&vars), sorted(expected.clone()));
    let shown = format!("{vars:?}");
    assert_eq!(shown, format!("ConfigVars {}", listed(&sorted(expected))));

    let mut names: Vec<_> = held
        .keys()
        .filter_map(|name| name.to_str())
        .map(capitals)
        .collect();
    names.sort();
    let count = names.len();
    names.dedup();
    let is_unique = names.len() == count;
    let in_capitals = EnvDir::new(path).with_uppercase_names().read();
    assert_eq!(in_capitals.is_ok(), is_unique, "{in_capitals:?}");
    if let Ok(vars) = in_capitals {
        assert!(
            names
                .iter()
                .all(|name| vars.iter().any(|(found, _)| found == name))
        );
    }
}

fn listed(vars: &[(String, Option<String>)]) -> String {
    let names = vars
        .iter()
        .map(|(name, _)| format!("{:?}", ShownName::name(name)));
    format!("{{{}}}", names.collect::<Vec<_>>().join(", "))
}

fn as_binding(root: &Path, held: &BTreeMap<OsString, Vec<u8>>) {
    let vars = match ServiceBindings::new(root).read() {
        Ok(vars) => vars,
        Err(error) => {
            assert!(
                error
                    .to_string()
                    .ends_with("is given by two entries; rename one of them"),
                "{error}"
            );
            return;
        }
    };
    if !held.contains_key(OsStr::new("type")) {
        assert!(vars.is_empty(), "{vars:?}");
        return;
    }
    // Each value is present, under its own name or another, and nothing else except the scheme.
    let read = in_clear(&vars);
    assert!(
        read.iter().all(|(name, _)| name.starts_with("MY_DB_")),
        "{vars:?}"
    );
    for contents in held.values() {
        assert!(read.iter().any(|(_, read)| *read == value(contents)), "{vars:?}");
    }
    assert!((held.len()..=held.len() + 1).contains(&read.len()), "{vars:?}");
    for attachment in vars.attachments() {
        assert!(attachment.name().starts_with("MY_DB"), "{attachment:?}");
    }
}

/// Returns the value of a file: its contents without one line break at the end.
fn value(contents: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(contents).ok()?;
    let line = text.strip_suffix("\r\n").or(text.strip_suffix('\n'));
    Some(line.unwrap_or(text).to_owned())
}

fn capitals(name: &str) -> String {
    let letter = |letter: char| match letter.is_ascii() && !letter.is_ascii_alphanumeric() {
        true => '_',
        false => letter.to_ascii_uppercase(),
    };
    name.chars().map(letter).collect()
}

fn sorted(mut vars: Vec<(String, Option<String>)>) -> Vec<(String, Option<String>)> {
    vars.sort_by(|left, right| left.0.cmp(&right.0));
    vars
}

fn in_clear(vars: &ConfigVars) -> Vec<(String, Option<String>)> {
    let text = |value: &config_vars::ConfigValue| value.secret().map(|text| text.expose_secret().to_owned());
    vars.iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

/// Replaces letters by some of which no message contains four in a row. Other characters decide how the text is read, and stay.
fn unmistakable(character: char) -> char {
    match character.is_ascii_alphabetic() {
        true => ['Z', 'Q', 'X', 'J'][character as usize % 4],
        false => character,
    }
}

/// Checks that no output contains four consecutive letters or digits of a value, except those that are in a name.
fn check_output(vars: &ConfigVars) {
    let attachments: Vec<_> = vars.attachments().collect();
    let output = format!("{vars:?} {vars:#?} {attachments:?}");
    let names: Vec<_> = vars.iter().map(|(name, _)| name).collect();
    for (_, value) in vars.iter() {
        let value = value.secret().map_or("", |value| value.expose_secret());
        // URLs have public parts, which `no_leak` handles.
        if value.contains("://") || value.contains([':', '.', ',']) {
            continue;
        }
        for start in 0..value.len().saturating_sub(3) {
            let Some(piece) = value.get(start..start + 4) else {
                continue;
            };
            let is_told = piece.bytes().all(|byte| byte.is_ascii_alphanumeric()) && output.contains(piece);
            assert!(
                !is_told || names.iter().any(|name| name.contains(piece)),
                "{piece:?} is in {output}"
            );
        }
    }
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// Writes a file with an old modification time. A read may still wait for it, because its change time is new.
fn write(path: &Path, contents: &[u8]) {
    fs::write(path, contents).expect("a scratch file");
    age(path);
}

fn age(path: &Path) {
    let long_ago = SystemTime::now() - Duration::from_secs(3_600);
    File::open(path)
        .and_then(|file| file.set_modified(long_ago))
        .expect("a scratch file of ours");
}
