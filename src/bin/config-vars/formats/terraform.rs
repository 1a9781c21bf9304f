//! Terraform and OpenTofu: `terraform output -json`.

use super::document::Node;
use super::{Parsed, collect};
use config_vars::ConfigValue;

const FIX: &str = "an object of texts can be read from `terraform output -json NAME`";

/// Reads the outputs; `None` if the document is none of `terraform output -json`.
pub(super) fn outputs(document: &Node) -> Option<Result<Parsed, String>> {
    let members = document.members()?;
    let is_output = |(_, output): &(String, Node)| {
        output.get("value").is_some() && (output.get("type").is_some() || output.get("sensitive").is_some())
    };
    if members.is_empty() || !members.iter().all(is_output) {
        return None;
    }
    let (mut pairs, mut others) = (Vec::new(), 0);
    for (name, output) in members {
        match output.get("value") {
            Some(value) if value.scalar().is_some() => {
                let value = value.scalar().map(|text| ConfigValue::from(text.clone()));
                pairs.extend(value.map(|value| (name.clone(), value)));
            }
            Some(Node::Null) | None => {}
            Some(_) => others += 1,
        }
    }
    Some(collect(pairs.into_iter()).map(|vars| Parsed {
        vars,
        notes: match others {
            0 => Vec::new(),
            1 => vec![format!("1 output is a list or an object, and is not read; {FIX}")],
            _ => vec![format!(
                "{others} outputs are lists or objects, and are not read; {FIX}"
            )],
        },
    }))
}
