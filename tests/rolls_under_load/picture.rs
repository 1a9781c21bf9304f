//! A picture of one roll.
pub fn draw(_file: &str) {}
