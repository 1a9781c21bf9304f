#![no_main]

#[path = "../rolls.rs"]
mod rolls;

libfuzzer_sys::fuzz_target!(|script: &[u8]| rolls::follow(script));
