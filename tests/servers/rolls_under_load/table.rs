//! The table of what became of all requests.

use crate::load::Counts;
use std::fmt;
use std::path::Path;
use std::time::Duration;

#[derive(Default)]
pub struct Table(Vec<Row>);

#[derive(Debug)]
pub struct Row {
    pub service: &'static str,
    pub roll: &'static str,
    pub rolls: u32,
    pub with: Counts,
    /// The longest that the app took to follow.
    pub followed_in: Option<Duration>,
    /// `None` where there is no difference: a process that is started anew has the new credential either way.
    pub without: Option<Counts>,
}

impl Table {
    pub fn push(&mut self, row: Row) {
        println!("{}", Shown(&row));
        self.0.push(row);
    }

    /// The rows in which requests failed with the crate.
    pub fn lost(&self) -> Vec<&Row> {
        self.0.iter().filter(|row| row.with.failed > 0).collect()
    }

    /// For who wants it elsewhere than on the terminal.
    pub fn write(&self) {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("rolls.md");
        std::fs::write(&file, self.to_string()).expect("the table is written");
        println!("written to {}", file.display());
    }
}

const HEAD: &str = "\
| service, driver | roll | rolls | requests | failed | repeated | followed in | without: requests | failed |
|---|---|--:|--:|--:|--:|--:|--:|--:|
";

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        self.0.iter().try_for_each(|row| writeln!(f, "{}", Shown(row)))
    }
}

struct Shown<'r>(&'r Row);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row {
            service,
            roll,
            rolls,
            with,
            followed_in,
            without,
        } = self.0;
        let Counts {
            sent,
            failed,
            repeated,
            ..
        } = with;
        write!(
            f,
            "| {service} | {roll} | {rolls} | {sent} | {failed} | {repeated} |"
        )?;
        match followed_in {
            Some(time) => write!(f, " {} ms |", time.as_millis())?,
            None => f.write_str(" |")?,
        }
        match without {
            Some(Counts { sent, failed, .. }) => write!(f, " {sent} | {failed} |"),
            None => f.write_str(" — | — |"),
        }
    }
}
