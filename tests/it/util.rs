//! Helpers that several test files share. They point at the row that failed, not at themselves.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use config_vars::{Error, ExposeSecret, Resource, ResourceUrl, SecretString};
use std::fmt::Debug;
use std::str::FromStr;
use std::time::{Duration, Instant};

#[track_caller]
pub fn read<T: FromStr<Err = Error>>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|error: Error| panic!("{text:?} is refused: {error}"))
}

#[track_caller]
pub fn refused<T: FromStr<Err = Error> + Debug>(text: &str) -> Error {
    match text.parse::<T>() {
        Ok(url) => panic!("{text:?} is accepted as {url:?}"),
        Err(error) => error,
    }
}

pub fn exposed(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

/// All that was read, secrets in clear: `user:password | host:port host:port* | path`, where `*` marks a default
/// port, `-` an absent part, `''` an empty one.
pub fn summary(url: &ResourceUrl) -> String {
    let part = |part: Option<&str>| match part {
        None => "-".to_owned(),
        Some("") => "''".to_owned(),
        Some(text) => text.to_owned(),
    };
    let hosts: Vec<String> = url
        .hosts()
        .iter()
        .map(|host| {
            let form = match (host.is_socket(), host.is_ipv6(), host.is_address()) {
                (true, ..) => "socket ",
                (_, true, _) => "ipv6 ",
                (.., true) => "ipv4 ",
                _ => "",
            };
            let port = host.port().map_or_else(String::new, |port| {
                let mark = if port.is_default() { "*" } else { "" };
                format!(":{}{mark}", port.number())
            });
            format!("{form}{}{port}", host.as_str())
        })
        .collect();
    format!(
        "{}:{} | {} | {} | {} | {}",
        part(exposed(url.username())),
        part(exposed(url.password())),
        hosts.join(", "),
        part(url.expose_path()),
        part(url.expose_query()),
        part(url.expose_fragment()),
    )
}

/// Reads each row's URL and compares the summary.
#[track_caller]
pub fn check_readings<T>(rows: &[(&str, &str)])
where
    T: FromStr<Err = Error> + Resource + std::ops::Deref<Target = ResourceUrl>,
{
    for (text, expected) in rows {
        let url: T = read(text);
        assert_eq!(summary(&url), *expected, "{text}");
        assert_eq!(url.expose_original(), *text);
    }
}

/// Reads each row's value and compares the message.
#[track_caller]
pub fn check_refusals<T: FromStr<Err = Error> + Debug>(rows: &[(&str, &str)]) {
    for (text, message) in rows {
        assert_eq!(refused::<T>(text).to_string(), *message, "{text:?}");
    }
}

/// A time that nothing here takes.
pub const BOUND: Duration = Duration::from_secs(30);

#[track_caller]
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < BOUND, "waited in vain: {what}");
        std::thread::yield_now();
    }
}
