//! The table: a line for each attachment, then what is wrong, then what is worth a look.

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};
use config_vars::{Attachment, ConfigVars, Error};

const BAD: Style = AnsiColor::Red.on_default().bold();
const ODD: Style = AnsiColor::Yellow.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

pub(crate) fn print(vars: &ConfigVars, faults: &[Error], reveal: bool) {
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
        anstream::println!("{table}");
    }
    if reveal {
        print_secrets(&attachments);
    }
    let ignored = vars.len()
        - attachments
            .iter()
            .map(|attachment| attachment.var_names().count())
            .sum::<usize>();
    anstream::println!(
        "{} attachments; {ignored} other config vars, not looked into",
        attachments.len()
    );
    for line in remarks(&attachments) {
        anstream::println!("{ODD}note{ODD:#}  {line}");
    }
    for fault in faults {
        anstream::println!("{BAD}fault{BAD:#} {fault}");
    }
    if faults.is_empty() {
        anstream::println!("{GOOD}no faults{GOOD:#}");
    }
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
            alias.name(),
            if alias.is_certain() { "" } else { " (inferred)" }
        )
    });
    [
        attachment.name().to_owned(),
        attachment
            .kind()
            .map_or_else(String::new, |kind| kind.to_string()),
        hosts.join("\n"),
        tls.to_owned(),
        attachment.var_names().collect::<Vec<_>>().join("\n"),
        aliases.collect::<Vec<_>>().join("\n"),
    ]
}

fn print_secrets(attachments: &[Attachment<'_>]) {
    for (name, url) in attachments.iter().flat_map(Attachment::urls) {
        if let Ok(url) = url {
            anstream::println!("{name}={}", url.expose_original());
        }
    }
}

/// What is no fault, and that somebody should know of.
fn remarks<'a>(attachments: &'a [Attachment<'_>]) -> impl Iterator<Item = String> + use<'a> {
    attachments.iter().flat_map(|attachment| {
        let name = attachment.name();
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
