#![no_main]

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target runs one of the properties")]
mod properties;

libfuzzer_sys::fuzz_target!(|text: &str| properties::round_trip(text));
