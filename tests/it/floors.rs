//! The modules of the crate form floors: a module imports only from lower ones.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The top-level modules, the lowest first. A module imports only from modules of lower lines.
const FLOORS: &[&[&str]] = &[
    &[
        "clock", "kind", "list", "lock", "origin", "runtime", "shown", "sorted", "text", "tls",
    ],
    &["error"],
    &["isolate", "secret"],
    &["input"],
    &["placeholder", "scheme"],
    &["snapshot"],
    &["environment", "handle"],
    &["formats", "url"],
    &["attachment"],
    &["extract"],
    &["vars"],
    &["provider", "source", "sso"],
    &["live"],
    &["watch"],
    &["drivers", "global", "test_util"],
];

/// Folders whose `mod.rs` lists the modules in groups, each of which imports only from the groups above it.
const GROUPED: &[&str] = &["attachment", "live", "url", "watch"];

fn source_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// Every Rust file below the folder, by its path relative to `src` without the extension: `url/kinds/amqp`.
fn modules(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(modules(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(source_folder()).unwrap().with_extension("");
            let name = name.to_str().unwrap().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// The lines of code, without comments and without unit tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split("\nmod tests {").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//"))
}

/// The words that follow `prefix` in a text.
fn words_after<'t>(text: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(prefix).skip(1).map(move |rest| {
        let end = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
        &rest[..end]
    })
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn modules_import_only_from_lower_floors() {
    let mut wrong = BTreeSet::new();
    for (name, text) in modules(&source_folder()) {
        let room = name.split('/').next().unwrap();
        if matches!(room, "lib" | "bin" | "docs") {
            continue;
        }
        let Some(own) = floor(room) else {
            wrong.insert(format!("{room} has no floor"));
            continue;
        };
        for line in code(&text) {
            for imported in words_after(line, "crate::").filter(|imported| *imported != room) {
                let is_lower = floor(imported).is_none_or(|other| other < own);
                if !is_lower {
                    wrong.insert(format!("{name} imports {imported}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn folders_import_only_from_groups_above() {
    let mut wrong = BTreeSet::new();
    for folder in GROUPED {
        let facade = fs::read_to_string(source_folder().join(folder).join("mod.rs")).unwrap();
        let groups: Vec<Vec<&str>> = facade
            .split("\n\n")
            .map(|group| {
                let lines = group.lines().filter(|line| line.ends_with(';'));
                lines.flat_map(|line| words_after(line, "mod ")).collect()
            })
            .collect();
        let group = |module: &str| groups.iter().position(|group| group.contains(&module));
        for (name, text) in modules(&source_folder().join(folder)) {
            let module = name.split('/').nth(1).unwrap();
            let Some(own) = group(module) else { continue };
            for line in code(&text) {
                let path = format!("crate::{folder}::");
                let siblings = match name.matches('/').count() {
                    1 => words_after(line, "super::").collect(),
                    _ => Vec::new(),
                };
                let imported = words_after(line, &path).chain(siblings);
                for imported in imported.filter(|imported| *imported != module) {
                    if group(imported).is_some_and(|other| other >= own) {
                        wrong.insert(format!("{name} imports {imported}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `use super::Type` for a type that the parent only re-exports from a sibling hides which file depends on which.
#[test]
fn siblings_are_imported_from_their_own_files() {
    let all = modules(&source_folder());
    let mut wrong = BTreeSet::new();
    for (name, text) in &all {
        let Some((folder, file)) = name.rsplit_once('/') else {
            continue;
        };
        let facade = all.iter().find(|(other, _)| *other == format!("{folder}/mod"));
        let Some((_, facade)) = facade.filter(|_| file != "mod") else {
            continue;
        };
        let facade_imports = imports(facade);
        let is_reexported = |item: &str| {
            let mut from_siblings = facade_imports
                .iter()
                .filter(|import| !import.starts_with("crate"));
            from_siblings.any(|import| words(import).any(|word| word == item))
        };
        for import in imports(text) {
            let Some(path) = import.strip_prefix("super::") else {
                continue;
            };
            let items: Vec<&str> = match path.strip_prefix('{') {
                Some(list) => words(list).collect(),
                None => words(path).take(1).collect(),
            };
            let is_type = |item: &&str| item.starts_with(|first: char| first.is_ascii_uppercase());
            for item in items
                .into_iter()
                .filter(is_type)
                .filter(|item| is_reexported(item))
            {
                wrong.insert(format!("{name} imports {item} through {folder}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The paths of all `use` declarations, each on one line.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = code(text).collect();
    let code = code.join("\n");
    let statements = code.split(';').filter_map(|statement| {
        let from = statement.rfind("use ")?;
        let before = &statement[..from];
        let starts_line = before
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.is_empty() || line.starts_with("pub"));
        starts_line.then(|| statement[from + "use ".len()..].replace('\n', " "))
    });
    statements.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}
