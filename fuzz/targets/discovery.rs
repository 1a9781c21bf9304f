#![no_main]

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target runs one of the properties")]
mod properties;

// Lines of `NAME=value`.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let pairs: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    properties::discovery(&pairs);
});
