//! The report for people: the attachments as a table or as blocks, then secrets if they are asked for, notes and faults.

use crate::layout::{count, wrapped};
use crate::report::{Findings, hosts, quoted, shown};
use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use config_vars::{Attachment, ConfigValue, ExposeSecret};
use std::fmt::{self, Write};

pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const ODD: Style = AnsiColor::Yellow.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const NAME: Style = Style::new().bold();

/// Minimum width for a table.
const MIN_TABLE_WIDTH: usize = 100;

pub(crate) fn write(report: &Findings<'_>, reveal: bool, quiet: bool, width: Option<usize>) -> String {
    let mut out = String::new();
    // Nothing that is written to a `String` can fail.
    if !quiet {
        _ = write_attachments(&mut out, report, reveal, width);
    }
    for fault in &report.faults {
        wrapped(
            &mut out,
            &format!("{BAD}fault{BAD:#} "),
            6,
            &fault.to_string(),
            width,
        );
    }
    if report.faults.is_empty() && !quiet {
        _ = writeln!(out, "{GOOD}no faults{GOOD:#}");
    }
    out
}

fn write_attachments(
    out: &mut String,
    report: &Findings<'_>,
    reveal: bool,
    width: Option<usize>,
) -> fmt::Result {
    let rows: Vec<Row> = report.attachments.iter().map(Row::new).collect();
    if !rows.is_empty() {
        out.push_str(&fitting(&rows, width));
    }
    if reveal {
        write_secrets(out, report)?;
    }
    wrapped(out, "", 2, &summary(report), width);
    for note in &report.notes {
        wrapped(out, &format!("{ODD}note{ODD:#}  "), 6, &note.to_string(), width);
    }
    Ok(())
}

fn summary(report: &Findings<'_>) -> String {
    let others = match report.others {
        0 => String::new(),
        others => format!("; {}, not looked into", count(others, "other config var")),
    };
    match (report.attachments.len(), report.others) {
        (0, 0) => "no config vars".to_owned(),
        (0, _) => format!("no attachments{others}"),
        (number, _) => format!("{}{others}", count(number, "attachment")),
    }
}

/// The cells of one attachment.
struct Row {
    name: String,
    kind: String,
    hosts: Vec<String>,
    tls: String,
    vars: Vec<String>,
    aliases: Vec<String>,
}

impl Row {
    fn new(attachment: &Attachment<'_>) -> Self {
        let url = attachment.url();
        let inferred = |is_certain| if is_certain { "" } else { " (inferred)" };
        Self {
            name: shown(attachment.name()),
            kind: attachment
                .kind()
                .map_or_else(String::new, |kind| kind.to_string()),
            hosts: match url {
                Some(Ok(url)) => hosts(url),
                Some(Err(_)) => vec!["(fault)".to_owned()],
                None => Vec::new(),
            },
            tls: match url {
                Some(Ok(_)) => attachment.tls().as_str().to_owned(),
                _ => String::new(),
            },
            vars: attachment.var_names().map(shown).collect(),
            aliases: attachment
                .aliases()
                .map(|alias| format!("{}{}", shown(alias.name()), inferred(alias.is_certain())))
                .collect(),
        }
    }

    fn wide(&self) -> [String; 6] {
        let [hosts, vars, aliases] = [&self.hosts, &self.vars, &self.aliases].map(|lines| lines.join("\n"));
        [
            self.name.clone(),
            self.kind.clone(),
            hosts,
            self.tls.clone(),
            vars,
            aliases,
        ]
    }

    /// Config vars and aliases are below the name.
    fn compact(&self) -> [String; 4] {
        let mut name = self.name.clone();
        self.vars.iter().for_each(|var| name += &format!("\n  {var}"));
        self.aliases
            .iter()
            .for_each(|alias| name += &format!("\n  = {alias}"));
        [name, self.kind.clone(), self.hosts.join("\n"), self.tls.clone()]
    }

    fn block(&self) -> String {
        let mut out = format!("{NAME}{}{NAME:#}\n", self.name);
        let single = |text: &String| {
            if text.is_empty() {
                Vec::new()
            } else {
                vec![text.clone()]
            }
        };
        for (label, lines) in [
            ("kind", &single(&self.kind)),
            ("hosts", &self.hosts),
            ("TLS", &single(&self.tls)),
            ("vars", &self.vars),
            ("aliases", &self.aliases),
        ] {
            for (index, line) in lines.iter().enumerate() {
                let label = if index == 0 { label } else { "" };
                out += &format!("  {label:7}  {line}\n");
            }
        }
        out
    }
}

/// Returns the widest form that fits: a table with all columns, one with fewer, or a block for each attachment.
fn fitting(rows: &[Row], width: Option<usize>) -> String {
    let fits = |text: &str| width.is_none_or(|width| text.lines().all(|line| line.chars().count() <= width));
    if width.is_none_or(|width| width >= MIN_TABLE_WIDTH) {
        let wide = table(
            &["attachment", "kind", "hosts", "TLS", "config vars", "aliases"],
            rows.iter().map(Row::wide),
        );
        if fits(&wide) {
            return wide;
        }
        let compact = table(
            &["attachment, config vars, = aliases", "kind", "hosts", "TLS"],
            rows.iter().map(Row::compact),
        );
        if fits(&compact) {
            return compact;
        }
    }
    rows.iter().map(Row::block).collect()
}

/// Returns the table without its empty columns.
fn table<const COLUMNS: usize>(
    header: &[&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let rows: Vec<_> = rows.collect();
    let is_used = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
    let columns: Vec<usize> = (0..COLUMNS).filter(is_used).collect();
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(columns.iter().map(|column| header[*column]));
    for row in &rows {
        table.add_row(columns.iter().map(|column| &row[*column]));
    }
    let mut out = String::new();
    for line in table.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn write_secrets(out: &mut String, report: &Findings<'_>) -> fmt::Result {
    let line = |out: &mut String, name: &str, value: &ConfigValue| match value.secret() {
        Some(value) => writeln!(out, "{}={}", shown(name), quoted(value.expose_secret())),
        None => writeln!(out, "{} is not Unicode", shown(name)),
    };
    let (others, members): (Vec<_>, Vec<_>) = report.vars.iter().partition(|(name, _)| report.is_other(name));
    for (heading, vars) in [
        ("secrets of the attachments:", members),
        ("other config vars:", others),
    ] {
        if !vars.is_empty() {
            writeln!(out, "{heading}")?;
            vars.into_iter()
                .try_for_each(|(name, value)| line(out, name, value))?;
        }
    }
    Ok(())
}
