//! The table: a line for each attachment, then what is wrong, then what is worth a look.

use crate::shown::ShownName;
use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use config_vars::{Attachment, ConfigVars, Error};
use std::fmt::{self, Write};

const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

pub(crate) fn report(vars: &ConfigVars, faults: &[Error], reveal: bool) -> String {
    let mut out = String::new();
    // Nothing that is written to a `String` can fail.
    _ = write(&mut out, vars, faults, reveal);
    out
}

fn write(out: &mut String, vars: &ConfigVars, faults: &[Error], reveal: bool) -> fmt::Result {
    let attachments: Vec<Attachment<'_>> = vars.attachments().collect();
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["attachment", "kind", "hosts", "TLS", "config vars", "aliases"]);
    for attachment in &attachments {
        table.add_row(row(attachment));
    }
    if !attachments.is_empty() {
        writeln!(out, "{table}")?;
    }
    if reveal {
        write_secrets(out, &attachments)?;
    }
    let ignored = vars.len()
        - attachments
            .iter()
            .map(|attachment| attachment.var_names().count())
            .sum::<usize>();
    let plural = if attachments.len() == 1 { "" } else { "s" };
    writeln!(
        out,
        "{} attachment{plural}; {ignored} other config vars, not looked into",
        attachments.len()
    )?;
    for line in remarks(&attachments) {
        writeln!(out, "{ODD}note{ODD:#}  {line}")?;
    }
    for fault in faults {
        writeln!(out, "{BAD}fault{BAD:#} {fault}")?;
    }
    if faults.is_empty() {
        writeln!(out, "{GOOD}no faults{GOOD:#}")?;
    }
    Ok(())
}

fn shown(name: &str) -> String {
    ShownName::name(name).to_string()
}

fn row(attachment: &Attachment<'_>) -> [String; 6] {
    let url = attachment.url();
    let hosts = match url {
        Some(Ok(url)) => url.hosts().iter().map(|host| format!("{host:?}")).collect(),
        Some(Err(_)) => vec!["(fault)".to_owned()],
        None => Vec::new(),
    };
    let tls = match url {
        Some(Ok(_)) => attachment.tls().as_str(),
        _ => "",
    };
    let aliases = attachment.aliases().map(|alias| {
        format!(
            "{}{}",
            shown(alias.name()),
            if alias.is_certain() { "" } else { " (inferred)" }
        )
    });
    [
        shown(attachment.name()),
        attachment
            .kind()
            .map_or_else(String::new, |kind| kind.to_string()),
        hosts.join("\n"),
        tls.to_owned(),
        attachment.var_names().map(shown).collect::<Vec<_>>().join("\n"),
        aliases.collect::<Vec<_>>().join("\n"),
    ]
}

fn write_secrets(out: &mut String, attachments: &[Attachment<'_>]) -> fmt::Result {
    for (name, url) in attachments.iter().flat_map(Attachment::urls) {
        if let Ok(url) = url {
            writeln!(out, "{}={}", ShownName::name(name), url.expose_original())?;
        }
    }
    Ok(())
}

/// Notes: not faults, but worth knowing.
fn remarks<'a>(attachments: &'a [Attachment<'_>]) -> impl Iterator<Item = String> + use<'a> {
    attachments.iter().flat_map(|attachment| {
        let name = shown(attachment.name());
        let disagreeing = attachment.aliases().filter(|alias| !alias.is_certain());
        let mut remarks: Vec<String> = disagreeing.map(|alias| format!("{name}: {alias}")).collect();
        if attachment.tls() == config_vars::Tls::Unverified {
            remarks.push(format!(
                "{name}: TLS is asked for, and the server's certificate is not verified"
            ));
        }
        remarks
    })
}
