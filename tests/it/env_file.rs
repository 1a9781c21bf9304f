//! Env files, as `heroku config -s`, docker and `.env` files have them.

use crate::util::exposed;
use config_vars::ConfigVars;

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let vars = ConfigVars::parse_env_file(text).unwrap();
    let read: Vec<_> = vars
        .iter()
        .map(|(name, value)| (name, exposed(value.secret()).unwrap()))
        .collect();
    assert_eq!(read, expected, "{text:?}");
}

#[test]
fn values() {
    let rows = [
        // As they are: nothing is expanded, and a `#` needs a blank before it to begin a comment.
        ("A=mysql://u:p$#w@h/d?x='y'", "mysql://u:p$#w@h/d?x='y'"),
        ("A=it's", "it's"),
        ("A=C:\\dir\\new", "C:\\dir\\new"),
        ("A=x # comment", "x"),
        ("A=x\t#comment", "x"),
        ("A=#secret", "#secret"),
        ("A= # comment", ""),
        ("A=", ""),
        ("A= spaced out  ", "spaced out"),
        (" export  A = x", "x"),
        ("A=b=c", "b=c"),
        ("A=x\r\n", "x"),
        ("A=x\u{a0}", "x\u{a0}"),
        ("export\tA=1", "1"),
        ("export \t A=1", "1"),
        ("exportA=1\nA=2", "2"),
        // A `;` belongs to an unquoted value, but for a shell's `export`.
        ("A=Server=db;Password=p;", "Server=db;Password=p;"),
        ("export A=8080;", "8080"),
        ("export A=8080 ; # comment", "8080"),
        // Quotes.
        ("A=''", ""),
        ("A='x # y' # z", "x # y"),
        ("A=\"x # y\" # z", "x # y"),
        ("A='it'\"'\"'s'", "it's"),
        ("A='a\\nb'", "a\\nb"),
        ("A=\"a\\nb\\t\\\"\\\\\\$\\`\\x\"", "a\nb\t\"\\$`\\x"),
        ("A='x'y", "xy"),
        ("A='it'\\''s'", "it's"),
        ("A=\"p\\!w\"", "p!w"),
        (
            "A=\"-----BEGIN X-----\nMIIC\n-----END X-----\"",
            "-----BEGIN X-----\nMIIC\n-----END X-----",
        ),
    ];
    for (text, expected) in rows {
        let vars = ConfigVars::parse_env_file(text).unwrap();
        assert_eq!(exposed(vars.get("A")), Some(expected), "{text:?}");
        let vars = ConfigVars::parse_env_file(&format!("# first\n\n{text}\nB=2\n")).unwrap();
        assert_eq!(exposed(vars.get("A")), Some(expected), "{text:?}");
        assert_eq!(exposed(vars.get("B")), Some("2"), "{text:?}");
    }
    check("\u{feff}A=x", &[("A", "x")]);
    check("", &[]);
    check("# nothing\n  \n", &[]);
    check("A=1\nA=2", &[("A", "2")]);
    check("a.b-c=1", &[("a.b-c", "1")]);
}

#[test]
fn errors_tell_the_line_and_nothing_of_it() {
    let rows = [
        (
            "s3cret",
            "line 1 of the env file has no `NAME=value`; write one, or a `#` before a comment",
        ),
        (
            "A=1\n\n# x\n=s3cret",
            "line 4 of the env file has no `NAME=value`; write one, or a `#` before a comment",
        ),
        (
            "A='x\ny'\ns3cret words=1",
            "line 3 of the env file has no `NAME=value`; write one, or a `#` before a comment",
        ),
        (
            "A=1\nB='s3cret\n\n",
            "line 2 of the env file opens a quote that nothing closes; close it",
        ),
        (
            "A='x'\n# s3cret\n\nB=\"x\ny\" s3cret",
            "line 5 of the env file: something follows the closing quote; remove it, or put the whole value in single quotes",
        ),
        (
            "export A=s3cret;s3cret",
            "line 1 of the env file has an unquoted `;` in a value; put the value in single quotes",
        ),
        (
            "A=1\nexport B=s3cret words C=s3cret",
            "line 2 of the env file exports two config vars; give each a line of its own, or put the whole value in single quotes",
        ),
        (
            "\nA=s3cret\rB=s3cret\r",
            "line 2 of the env file has a carriage return without a line feed; save the file with the line ends LF or CRLF",
        ),
        (
            "# comment\rA=s3cret",
            "line 1 of the env file has a carriage return without a line feed; save the file with the line ends LF or CRLF",
        ),
        (
            "A=\"s3cret\\",
            "line 1 of the env file opens a quote that nothing closes; close it",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(
            ConfigVars::parse_env_file(text).unwrap_err().to_string(),
            expected,
            "{text:?}"
        );
    }
}

/// Lines that a shell reads: the value is the shell's, or the line is an error. `true` where it must be the value.
#[cfg(unix)]
#[test]
fn values_are_those_of_a_shell_or_an_error() {
    let rows = [
        // Nothing, blanks, a comment or a `;` after the closing quote.
        ("export A=\"mysql://app:p4ss@db.example/shop\";", true),
        ("export A='8080';", true),
        ("A=\"8080\" ;", true),
        ("A='x'; # comment", true),
        ("A='x';# comment", true),
        ("A=\"x\"\t# it's", true),
        ("A='' ", true),
        ("export\tA='x'", true),
        ("export  \tA=x", true),
        ("export A=x;", true),
        // Pieces side by side.
        ("A='x'y", true),
        ("A='it's", true),
        ("A='x'y#z", true),
        ("A='it'\\''s'", true),
        ("A='a'\"b\"'c'\\\"d", true),
        ("A=''\\ 'b'", true),
        ("A='x'\\$B", true),
        ("A='a'\\;b", true),
        ("A=\"a\\\nb\"", true),
        ("A='a\\\nb'", true),
        ("A=\"a\\\"b\\\\c\\$d\\`e\\x\"", true),
        ("A='two\nlines'\\''\nmore'", true),
        ("A='a\rb'", true),
        ("A=\"a\rb\r\nc\"", true),
        ("A='p$#w'", true),
        // A shell reads these differently, or rejects them.
        ("A=\"[{\"key\":\"foo\"},{\"key\":\"bar\"}]\"", false),
        ("A=\"a\"b\"c\"", false),
        ("A='x' y", false),
        ("A='x'; B=2", false),
        ("A='x';;", false),
        ("A='x';y", false),
        ("A='x'#y", false),
        ("A='x'$B", false),
        ("A='x'&", false),
        ("A='x'|cat", false),
        ("A='x'`y`", false),
        ("A='x'(y)", false),
        ("A='x'>y", false),
        ("A='x'\\\ny", false),
        ("A=\"x\" B=\"y\"", false),
        ("export A='x' B='y'", false),
        ("export A=x;y", false),
        ("export A=x B=y", false),
        ("export A=x\t B=", false),
        ("export A=x # B=y", true),
        ("export A='x B=y'", true),
        ("A='x'\rB='y'\r", false),
        ("A=x\rB=y\r", false),
        ("# old\rA=x\r", false),
        ("A=\"x\\", false),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("env");
    for (text, is_value) in rows {
        let read = ConfigVars::parse_env_file(text);
        let Ok(vars) = read else {
            assert!(!is_value, "{text:?}: {read:?}");
            continue;
        };
        assert!(is_value, "{text:?} is read as {:?}", exposed(vars.get("A")));
        std::fs::write(&file, text).unwrap();
        let shell = std::process::Command::new("sh")
            .args(["-c", "set +e; . \"$1\" 2>/dev/null; printf %s \"$A\"", "sh"])
            .arg(&file)
            .env_remove("A")
            .output()
            .unwrap();
        let said = String::from_utf8(shell.stdout).unwrap();
        assert_eq!(exposed(vars.get("A")), Some(&*said), "{text:?}");
    }
}
