//! Names of types, as people write them.

/// Shortens the name of a type that [`std::any::type_name`] returns, by removing the paths of modules.
pub(super) fn short_type_name(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut start = 0;
    for (place, character) in name.char_indices() {
        if !is_in_path(character) {
            short.push_str(last_segments(&name[start..place]));
            short.push(character);
            start = place + character.len_utf8();
        }
    }
    short.push_str(last_segments(&name[start..]));
    short
}

/// Returns whether the character can be part of a path. `{{closure}}` is a segment of a path.
fn is_in_path(character: char) -> bool {
    character.is_alphanumeric() || "_:{}#".contains(character)
}

/// The item of a path: its last segment, or for a closure, the function that contains it as well.
fn last_segments(path: &str) -> &str {
    // The path of an item that belongs to a type in brackets begins with `::`.
    let is_named = |segment: &str| !segment.is_empty() && !segment.starts_with('{');
    let mut start = path.len();
    while let Some(separator) = path[..start].rfind("::") {
        if is_named(&path[separator + 2..start]) {
            return &path[if separator == 0 { 0 } else { separator + 2 }..];
        }
        start = separator;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name;

    #[test]
    fn paths_are_removed_and_everything_else_stays() {
        let rows: &[(&str, &str)] = &[
            (
                "sqlx_core::pool::Pool<sqlx_mysql::database::MySql>",
                "Pool<MySql>",
            ),
            ("shop::Config", "Config"),
            ("u16", "u16"),
            ("", ""),
            ("&str", "&str"),
            ("&mut [alloc::string::String; 4]", "&mut [String; 4]"),
            ("(core::time::Duration, a::b::C)", "(Duration, C)"),
            (
                "alloc::sync::Arc<dyn shop::db::Pool + core::marker::Send>",
                "Arc<dyn Pool + Send>",
            ),
            (
                "core::option::Option<std::collections::hash::map::HashMap<alloc::string::String, shop::r#mod::Row>>",
                "Option<HashMap<String, Row>>",
            ),
            ("<shop::Db as shop::Connect>::Pool", "<Db as Connect>::Pool"),
            ("fn(&shop::Request) -> shop::Response", "fn(&Request) -> Response"),
            ("shop::main::{{closure}}", "main::{{closure}}"),
            (
                "shop::main::{{closure}}::{{closure}}",
                "main::{{closure}}::{{closure}}",
            ),
            ("shop::main::{{closure}}::Local", "Local"),
            ("shop::Größe<'_, 3>", "Größe<'_, 3>"),
            ("{{closure}}", "{{closure}}"),
        ];
        for (name, expected) in rows {
            assert_eq!(short_type_name(name), *expected, "{name}");
        }
    }

    #[test]
    fn names_of_real_types_are_shortened() {
        let closure = || ();
        fn of_value<T>(_: &T) -> &'static str {
            type_name::<T>()
        }
        let rows = [
            (
                type_name::<Option<Vec<std::path::PathBuf>>>(),
                "Option<Vec<PathBuf>>",
            ),
            (
                type_name::<Box<dyn Fn(std::time::Duration) -> bool + Send>>(),
                "Box<dyn Fn(Duration) -> bool + Send>",
            ),
            (
                of_value(&closure),
                "names_of_real_types_are_shortened::{{closure}}",
            ),
        ];
        for (name, expected) in rows {
            assert_eq!(short_type_name(name), expected, "{name}");
        }
    }
}
