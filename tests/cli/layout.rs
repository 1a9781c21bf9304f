//! The layout for terminals of several widths.

use super::golden::check;
use super::{FIFTEEN, SECRETS, run, stdout};

#[test]
fn output_fits_the_width() {
    for width in [40, 60, 100, 160] {
        let columns = width.to_string();
        let text = stdout(&run(&[], &[("COLUMNS", &columns)], FIFTEEN));
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
            assert_eq!(line, line.trim_end(), "{width}");
        }
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}\n{text}");
        }
        check(&format!("fifteen-{width}.txt"), &text);
    }
}

#[test]
fn blocks_are_below_100_columns_and_tables_above() {
    for width in [1, 20, 59, 80, 99, 100, 101, 120, 138, 139, 200] {
        let columns = width.to_string();
        let text = stdout(&run(&[], &[("COLUMNS", &columns)], FIFTEEN));
        assert_eq!(text.contains("  kind     http"), width < 100, "{width}\n{text}");
        // Nothing is left out, whatever the width.
        for name in [
            "KAFKA_CLIENT_CERT_KEY",
            "ec2-2.kafka.example:9096",
            "HEROKU_POSTGRESQL_AMBER_URL",
            "unverified",
        ] {
            assert!(text.contains(name), "{width}: {name}\n{text}");
        }
    }
    // A small set of columns needs no blocks, and a pipe has no width.
    let text = stdout(&run(&[], &[], "REDIS_URL=redis://cache.example\n"));
    assert_eq!(
        text,
        " attachment  kind   hosts          TLS          config vars\n \
         REDIS       redis  cache.example  unspecified  REDIS_URL\n1 attachment\nno faults\n"
    );
    // A width that is none is ignored.
    for columns in ["0", "", "wide", "-5"] {
        assert_eq!(
            stdout(&run(
                &[],
                &[("COLUMNS", columns)],
                "REDIS_URL=redis://cache.example\n"
            )),
            text
        );
    }
}

#[test]
fn a_host_that_is_wider_than_the_terminal_is_not_broken() {
    let host = format!("{}.example", "a".repeat(60)) + &format!(".{}", "b".repeat(60));
    let input = format!("REDIS_URL=redis://{host}\n");
    for columns in ["40", "100", "110"] {
        let text = stdout(&run(&[], &[("COLUMNS", columns)], &input));
        assert!(text.contains(&host), "{columns}\n{text}");
        assert!(text.contains("  hosts"), "{columns}\n{text}");
    }
}

#[test]
fn nouns_have_the_right_number() {
    let rows = [
        ("{}", "no config vars\n"),
        (
            "PORT=1\n",
            "no attachments; 1 other config var, not looked into\n",
        ),
        ("REDIS_URL=redis://h\n", "1 attachment\n"),
        (
            "REDIS_URL=redis://h\nPORT=1\n",
            "1 attachment; 1 other config var, not looked into\n",
        ),
        (
            "REDIS_URL=redis://h\nAMQP_URL=amqp://h\nPORT=1\nA=1\n",
            "2 attachments; 2 other config vars, not looked into\n",
        ),
    ];
    for (input, line) in rows {
        let text = stdout(&run(&[], &[], input));
        assert!(text.contains(line), "{input}\n{text}");
    }
}
