//! The command line: help, messages, completions and the man page.

use super::{FIFTEEN, run, stderr, stdout};
use std::process::{Command, Stdio};

#[test]
fn messages_name_the_fault_of_the_command_line_and_quote_no_value() {
    let rows: &[(&[&str], &str)] = &[
        (&["--jsn"], "there is no option `--jsn`; did you mean `--json`?"),
        (
            &["--wide"],
            "there is no option `--wide`; see `config-vars --help`",
        ),
        (
            &["--hunter2secret"],
            "there is no such option; see `config-vars --help`",
        ),
        (
            &["--token=hunter2"],
            "there is no option `--token`; see `config-vars --help`",
        ),
        (
            &["postgres://u:hunter2@h"],
            "there is an argument too many; a file is given as `--from FILE`; see `config-vars --help`",
        ),
        (
            &["dif", "a", "b"],
            "there is no such command; did you mean `diff`?",
        ),
        (
            &["--json", "--json"],
            "--json is given twice; see `config-vars --help`",
        ),
        (
            &["--env", "--from", "a"],
            "--env cannot be combined with --from; see `config-vars --help`",
        ),
        (
            &["--json", "-q"],
            "--json cannot be combined with --quiet; see `config-vars --help`",
        ),
        (
            &["--json", "diff", "a", "b"],
            "--json cannot be combined with a command; see `config-vars --help`",
        ),
        (&["--from"], "--from lacks its value; see `config-vars --help`"),
        (
            &["--require", "hunter2"],
            "--require takes NAME=KIND, such as DATABASE_URL=postgres; see `config-vars --help`",
        ),
        (
            &["--color", "hunter2"],
            "--color does not take that value; it takes auto, always, never; see `config-vars --help`",
        ),
        (
            &["diff", "hunter2"],
            "<B> must be given; see `config-vars --help`",
        ),
        (
            &["completions", "hunter2"],
            "<SHELL> does not take that value; it takes bash, elvish, fish, powershell, zsh; see `config-vars --help`",
        ),
        (
            &["man", "hunter2"],
            "[COMMAND] does not take that value; it takes diff, completions, man; see `config-vars --help`",
        ),
        (
            &["--select", "hunter2", "--env"],
            "the environment has nothing to choose from; leave out `--select`",
        ),
    ];
    for (arguments, message) in rows {
        let output = run(arguments, &[], "");
        assert_eq!(
            stderr(&output),
            format!("config-vars: {message}\n"),
            "{arguments:?}"
        );
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let message = stderr(&run(&["--require", "DATABASE_URL=hunter2"], &[], ""));
    for word in [
        "there is no kind of that name",
        "mysql, mongodb, memcache, http, postgres, redis",
        "websocket",
    ] {
        assert!(
            message.contains(word) && !message.contains("hunter2"),
            "{message}"
        );
    }
}

#[test]
fn help_has_examples_formats_and_kinds_and_is_wrapped() {
    let help = stdout(&run(&["--help"], &[], ""));
    for word in [
        "heroku config --json -a shop | config-vars",
        "config-vars diff staging.env production.env",
        "terraform output",
        "Kinds: mysql, mongodb",
        "Exit status: 0",
        "-f, --from <FILE>",
        "-j, --json",
        "-r, --require <NAME=KIND>",
    ] {
        assert!(help.contains(word), "{word}\n{help}");
    }
    for text in [help, stdout(&run(&["-h"], &[], ""))] {
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn short_options_are_the_long_ones() {
    let input = "REDIS_URL=redis://h\nPORT=1\n";
    for (short, long) in [
        (&["-j"][..], &["--json"][..]),
        (&["-f", "-"], &["--from", "-"]),
        (&["-r", "PORT=redis"], &["--require", "PORT=redis"]),
        (&["-q"], &["--quiet"]),
        (&["-e"], &["--env"]),
    ] {
        assert_eq!(
            stdout(&run(short, &[], input)),
            stdout(&run(long, &[], input)),
            "{short:?}"
        );
    }
}

#[test]
fn quiet_prints_faults_only() {
    let output = run(&["--quiet"], &[], "REDIS_URL=redis://:hunter2@h\n");
    assert_eq!((stdout(&output).as_str(), output.status.code()), ("", Some(0)));
    let output = run(&["--quiet", "--require", "A_URL=redis"], &[], FIFTEEN);
    assert_eq!(
        stdout(&output),
        "fault JAWSDB_URL: the password holds an unencoded `#`; write `%23`\n\
         fault A_URL: is not set; set it, or attach the add-on that provides it; of this kind there is REDIS_TLS_URL (redis), \
         REDIS_URL (redis)\n"
            .replace("; of this kind there is REDIS_TLS_URL (redis), REDIS_URL (redis)", "")
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn colors_follow_the_option() {
    let input = "REDIS_URL=redis://h\n";
    for (arguments, env, is_colored) in [
        (&[][..], &[][..], false),
        (&["--color", "always"], &[], true),
        (&["--color=always"], &[("NO_COLOR", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&["--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
    ] {
        let text = stdout(&run(arguments, env, input));
        assert_eq!(text.contains('\u{1b}'), is_colored, "{arguments:?} {env:?}");
    }
}

#[test]
fn completions_and_the_man_page_are_printed() {
    for (shell, word) in [
        ("bash", "complete -F _config"),
        ("zsh", "#compdef config-vars"),
        ("fish", "complete -c config-vars"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer"),
    ] {
        let output = run(&["completions", shell], &[], "");
        let text = stdout(&output);
        assert!(text.contains(word) && text.contains("require"), "{shell}\n{text}");
        assert_eq!(output.status.code(), Some(0));
    }
    let man = stdout(&run(&["man"], &[], ""));
    for word in [
        ".TH config-vars 1",
        ".SH OPTIONS",
        "NAME=KIND",
        "config\\-vars diff staging.env",
    ] {
        assert!(man.contains(word), "{word}\n{man}");
    }
    // The commands to which that page refers.
    for (name, word) in [
        ("diff", "Another file or folder"),
        ("completions", "<SHELL>"),
        ("man", "<COMMAND>"),
    ] {
        assert!(
            man.contains(&format!("config\\-vars\\-{name}(1)")),
            "{name}\n{man}"
        );
        let output = run(&["man", name], &[], "");
        let page = stdout(&output);
        for word in [
            &format!(".TH config-vars-{name} 1 "),
            &format!("config\\-vars {name}"),
            word,
        ] {
            assert!(page.contains(&word.replace(['<', '>'], "")), "{word}\n{page}");
        }
        assert!(page.contains(env!("CARGO_PKG_VERSION")), "{page}");
        assert_eq!(output.status.code(), Some(0));
    }
}

/// groff reads the pages without a warning, where there is one.
#[test]
fn man_pages_are_valid() {
    for page in [&["man"][..], &["man", "diff"]] {
        let text = stdout(&run(page, &[], ""));
        let groff = Command::new("groff")
            .args(["-man", "-ww", "-z", "-Tutf8"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut groff) = groff else {
            eprintln!("groff is not installed: NOT RUN");
            return;
        };
        std::io::Write::write_all(&mut groff.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let output = groff.wait_with_output().unwrap();
        assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(0)));
    }
}

/// bash itself reads the script, where there is one.
#[test]
fn completions_work_in_bash() {
    let script = stdout(&run(&["completions", "bash"], &[], ""));
    let check = "COMP_WORDS=(config-vars --js); COMP_CWORD=1; _config__vars config-vars --js config-vars; echo \"${COMPREPLY[@]}\"";
    let Ok(output) = Command::new("bash")
        .args(["-c", &format!("{script}\n{check}")])
        .stdin(Stdio::null())
        .output()
    else {
        eprintln!("bash is not installed: NOT RUN");
        return;
    };
    assert_eq!(stdout(&output).trim(), "--json", "{}", stderr(&output));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    for (input, code) in [("REDIS_URL=redis://h\n", 0), (FIFTEEN, 1)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_config-vars"))
            .args(["--from", "-"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(writer.try_clone().unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((stderr(&output).as_str(), output.status.code()), ("", Some(code)));
    }
}

/// Where no request is sent, because there is no token.
#[cfg(feature = "heroku")]
#[test]
fn an_app_needs_a_name_and_a_token() {
    let home = tempfile::tempdir().unwrap();
    let file = if cfg!(windows) { "_netrc" } else { ".netrc" };
    let home_path = home.path().to_str().unwrap();
    let message = |arguments: &[&str], env: &[(&str, &str)]| {
        let output = run(arguments, env, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!stderr(&output).contains("hunter2"), "{}", stderr(&output));
        stderr(&output)
    };
    let fix =
        "set HEROKU_API_KEY, for example to what `heroku auth:token` prints, or log in with `heroku login`";
    let home = [("HOME", home_path), ("HEROKU_API_KEY", "")];
    assert_eq!(
        message(&["--app", "shop"], &home),
        format!("config-vars: there is no token for Heroku's API, and no ~/{file}; {fix}\n")
    );
    std::fs::write(
        std::path::Path::new(home_path).join(file),
        "machine git.heroku.com password hunter2",
    )
    .unwrap();
    assert_eq!(
        message(&["-a", "shop"], &home),
        format!("config-vars: ~/{file} has no password for api.heroku.com; {fix}\n")
    );
    assert_eq!(
        message(&["--app", "HRKU-hunter2"], &home),
        "config-vars: --app takes the name of an app: lower-case letters, digits and `-`; see `config-vars --help`\n"
    );
    assert_eq!(
        message(&["--app", "shop", "--from", "hunter2"], &home),
        "config-vars: --app cannot be combined with --from; see `config-vars --help`\n"
    );
}
