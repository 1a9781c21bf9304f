//! Env files, as `heroku config -s`, docker and `.env` files have them.

mod util;

use config_vars::ConfigVars;
use util::exposed;

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let vars = ConfigVars::from_env_file(text).unwrap();
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
        check(text, &[("A", expected)]);
        check(
            &format!("# first\n\n{text}\nB=2\n"),
            &[("A", expected), ("B", "2")],
        );
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
            "A=\"s3cret\\",
            "line 1 of the env file opens a quote that nothing closes; close it",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(
            ConfigVars::from_env_file(text).unwrap_err().to_string(),
            expected,
            "{text:?}"
        );
    }
}
