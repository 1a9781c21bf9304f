//! The command at a terminal, which `script` of util-linux provides.

use super::golden::input;
use std::process::{Command, Stdio};

/// Runs the command in a terminal of that width; `None` if there is no such `script`.
fn at_terminal(columns: u32, arguments: &str) -> Option<String> {
    let script = Command::new("script")
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let is_known = script.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("util-linux"));
    if !is_known {
        eprintln!("`script` of util-linux is not installed: NOT RUN");
        return None;
    }
    let command = format!(
        "stty rows 40 cols {columns}; '{}' {arguments}",
        env!("CARGO_BIN_EXE_config-vars")
    );
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .env("REDIS_URL", "redis://cache.example")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn width_and_colors_are_those_of_the_terminal() {
    let path = input("docker-inspect.json");
    for (columns, has_blocks) in [(60, true), (99, true), (100, false), (160, false)] {
        let Some(text) = at_terminal(columns, &format!("--from '{path}'")) else {
            return;
        };
        assert_eq!(
            text.contains("  kind     postgres"),
            has_blocks,
            "{columns}\n{text}"
        );
        assert!(
            text.contains("\u{1b}[1m\u{1b}[31mfault\u{1b}[0m REDIS_URL"),
            "{columns}\n{text}"
        );
        assert!(!text.contains("canary"), "{columns}\n{text}");
        let plain = at_terminal(columns, &format!("--color never --from '{path}'")).unwrap();
        assert!(!plain.contains('\u{1b}'), "{columns}\n{plain}");
        for line in plain.lines() {
            assert!(
                line.trim_end().chars().count() <= columns as usize,
                "{columns}: {line}"
            );
        }
    }
}

#[test]
fn a_terminal_as_input_is_not_read() {
    if let Some(text) = at_terminal(120, "") {
        assert!(
            text.contains("cache.example") && !text.contains("standard input"),
            "{text}"
        );
    }
}

#[test]
fn help_is_wrapped_to_the_terminal() {
    if let Some(text) = at_terminal(60, "--help") {
        for line in text
            .lines()
            .filter(|line| !line.contains("config-vars ") && !line.contains("~/.local"))
        {
            assert!(without_escapes(line).trim_end().chars().count() <= 60, "{line:?}");
        }
    }
}

fn without_escapes(line: &str) -> String {
    let mut pieces = line.split('\u{1b}');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    pieces.for_each(|piece| out += piece.split_once('m').map_or("", |(_, rest)| rest));
    out
}
