//! Standard input that nobody asked for. The rules for pipes without data need Linux's `/proc`.

use super::golden::input;
use super::{stderr, stdout};
use std::process::{Command, Output, Stdio};

const COMMAND: &str = env!("CARGO_BIN_EXE_config-vars");

/// Runs a script in which `$0` is the command, and `$1` a file with config vars. The environment has one attachment, the file
/// three.
fn shell(script: &str) -> Output {
    Command::new("sh")
        .args(["-c", script, COMMAND, &input("heroku.json")])
        .env("REDIS_URL", "redis://cache.example")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn is_of_the_file(output: &Output) -> bool {
    stdout(output).contains("3 attachments")
}

fn is_of_the_environment(text: &str) -> bool {
    text.contains("1 attachment") && text.contains("cache.example")
}

#[test]
fn pipelines_are_read() {
    for script in [
        "cat \"$1\" | \"$0\"",
        "cat \"$1\" | env LANG=C \"$0\"",
        "cat \"$1\" | cat | \"$0\" --json | grep -c attachment | sed 's/.*/3 attachments/'",
        "\"$0\" --from - < \"$1\"",
        "cat \"$1\" | \"$0\" --from -",
        "cat \"$1\" | { \"$0\" --from -; }",
        "\"$0\" --from \"$1\"",
    ] {
        let output = shell(script);
        assert!(
            is_of_the_file(&output),
            "{script}\n{}{}",
            stdout(&output),
            stderr(&output)
        );
        assert_eq!(stderr(&output), "", "{script}");
    }
}

#[test]
fn the_environment_is_read_where_no_pipe_has_config_vars() {
    for (script, hint) in [
        ("\"$0\"", ""),
        ("\"$0\" < /dev/null", ""),
        ("cat \"$1\" | \"$0\" --env", ""),
        ("\"$0\" --env < \"$1\"", ""),
        (
            "\"$0\" < \"$1\"",
            "standard input is a file, which was not read: write `--from -` to read it",
        ),
        (
            ": | \"$0\"",
            "standard input is an empty pipe, so the environment was read",
        ),
    ] {
        let output = shell(script);
        let all = stdout(&output) + &stderr(&output);
        assert!(is_of_the_environment(&stdout(&output)), "{script}\n{all}");
        assert_eq!(stderr(&output).is_empty(), hint.is_empty(), "{script}\n{all}");
        assert!(stderr(&output).contains(hint), "{script}\n{all}");
        assert!(!all.contains("canary"), "{script}\n{all}");
    }
}

#[test]
fn the_input_of_a_loop_is_not_swallowed() {
    let lines = "printf 'one\\ntwo\\nthree\\n'";
    let mut scripts = vec![format!(
        "{lines} > \"${{TMPDIR:-/tmp}}/loop.$$\"; while read -r line; do echo \"line $line\"; \"$0\"; done < \"${{TMPDIR:-/tmp}}/loop.$$\"; \
         rm \"${{TMPDIR:-/tmp}}/loop.$$\""
    )];
    if cfg!(target_os = "linux") {
        scripts.push(format!(
            "{lines} | while read -r line; do echo \"line $line\"; \"$0\"; done"
        ));
        // Lines that look like config vars.
        scripts.push(
            "printf 'A=one\\nB=two\\nC=three\\n' | while read -r line; do echo \"line ${line#*=}\"; \"$0\" --json; done".to_owned(),
        );
    }
    for script in scripts {
        let output = shell(&script);
        let text = stdout(&output);
        let read: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("line "))
            .collect();
        assert_eq!(read, ["one", "two", "three"], "{script}\n{text}");
        assert_eq!(text.matches("cache.example").count(), 3, "{script}\n{text}");
        assert!(
            stderr(&output).contains("write `--from -` to read it"),
            "{script}\n{}",
            stderr(&output)
        );
    }
}

#[cfg(target_os = "linux")]
mod without_data {
    use super::super::{stderr, stdout};
    use super::{COMMAND, is_of_the_environment};
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    /// A wait takes longer than this. Without one, a slow machine may take some of it.
    const AT_ONCE: Duration = Duration::from_secs(5);

    fn spawn(stdin: impl Into<Stdio>) -> Child {
        Command::new(COMMAND)
            .env_clear()
            .env("REDIS_URL", "redis://cache.example")
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// As a CI runner, `ssh` and `docker run -i` leave it.
    #[test]
    fn a_pipe_that_a_parent_left_open_is_not_waited_for() {
        let start = Instant::now();
        let mut child = spawn(Stdio::piped());
        let open = child.stdin.take();
        let output = child.wait_with_output().unwrap();
        assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
        drop(open);
        assert!(is_of_the_environment(&stdout(&output)), "{}", stdout(&output));
        assert_eq!(
            stderr(&output),
            "config-vars: standard input is a pipe without data, so the environment was read: write `--from -` to wait for data, \
         or `--env` for the environment without this hint\n"
        );
    }

    /// As `heroku config --json` is, which answers after some seconds. `cat` stands in for it, and writes when it is told to.
    #[test]
    fn a_slow_command_of_the_pipeline_is_waited_for() {
        for text in ["{\"AMQP_URL\": \"amqp://mq.example\"}", ""] {
            let (reader, writer) = std::io::pipe().unwrap();
            let mut producer = Command::new("cat")
                .stdin(Stdio::piped())
                .stdout(writer)
                .spawn()
                .unwrap();
            let mut child = spawn(reader);
            let mut messages = BufReader::new(child.stderr.take().unwrap());
            let mut message = String::new();
            messages.read_line(&mut message).unwrap();
            assert_eq!(
                message,
                "config-vars: waiting for standard input; `--env` reads the environment instead\n"
            );
            producer.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            producer.wait().unwrap();
            message.clear();
            messages.read_line(&mut message).unwrap();
            if text.is_empty() {
                assert!(is_of_the_environment(&stdout(&output)), "{}", stdout(&output));
                assert!(
                    message.starts_with("config-vars: standard input is an empty pipe"),
                    "{message}"
                );
            } else {
                assert!(stdout(&output).contains("mq.example"), "{}", stdout(&output));
                assert_eq!(message, "");
            }
        }
    }
}
