//! The JSON objects against their schema, `docs/command.schema.json`.

use super::golden::input;
use super::{FIFTEEN, run, stdout};
use serde_json::{Map, Value};

const SCHEMA: &str = include_str!("../../docs/command.schema.json");

/// Returns the first violation. It knows the keywords that the schema uses, and panics at any other.
fn violation(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let empty = Map::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let wrong = |what: &str| Some(format!("{at}: {what} {rule}: {value}"));
        let found = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => None,
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                violation(root, &root["$defs"][name], value, at)
            }
            "const" => (value != rule).then(|| wrong("is not")).flatten(),
            "enum" => (!rule.as_array().unwrap().contains(value))
                .then(|| wrong("is none of"))
                .flatten(),
            "minimum" => value
                .as_u64()
                .filter(|number| *number < rule.as_u64().unwrap())
                .and_then(|_| wrong("is less than")),
            "maximum" => value
                .as_u64()
                .filter(|number| *number > rule.as_u64().unwrap())
                .and_then(|_| wrong("is more than")),
            "type" => {
                let types = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                let is = |name: &Value| match name.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    "null" => value.is_null(),
                    other => panic!("{other}"),
                };
                (!types.iter().any(is)).then(|| wrong("is not of type")).flatten()
            }
            "required" => {
                let missing = |name: &&Value| value.get(name.as_str().unwrap()).is_none();
                rule.as_array()
                    .unwrap()
                    .iter()
                    .find(missing)
                    .and_then(|name| wrong(&format!("lacks {name} of")))
            }
            "properties" => {
                // Users must expect more fields. The schema must have all of today's.
                let mut members = value.as_object().unwrap_or(&empty).iter();
                members.find_map(|(name, member)| match rule.get(name) {
                    Some(rule) => violation(root, rule, member, &format!("{at}/{name}")),
                    None => wrong(&format!("has {name}, which is not among")),
                })
            }
            "pattern" => {
                assert_eq!(rule, "^[a-z]+(-[a-z]+)*$");
                let is_word =
                    |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
                let is_kebab_case = value.as_str().is_none_or(|text| text.split('-').all(is_word));
                (!is_kebab_case).then(|| wrong("does not match")).flatten()
            }
            "items" => {
                let elements = value.as_array().into_iter().flatten().enumerate();
                elements
                    .into_iter()
                    .find_map(|(index, element)| violation(root, rule, element, &format!("{at}/{index}")))
            }
            "oneOf" => {
                let violations: Vec<_> = rule
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|rule| violation(root, rule, value, at))
                    .collect();
                match violations.iter().filter(|violation| violation.is_none()).count() {
                    1 => None,
                    0 => violations.into_iter().next().flatten(),
                    _ => wrong("fits several of"),
                }
            }
            other => panic!("the keyword {other} is not known here"),
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

pub(crate) fn check(text: &str) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert_eq!(violation(&schema, &schema, &value, ""), None, "{text}");
}

#[test]
fn every_object_is_valid() {
    let odd = "A_URL=mysql://%2Ftmp%2Fs.sock\nB_URL=hunter2secret://x\nB_TOKEN=x\nC_URL=postgres://u:1/2@h:3/d@e\n\
         D_URL=sqlite:///tmp/x.db\nE_URL=mongodb://h/?readPreferenceTags=x&w=1\nF_URL='redis://:p w@h'\nG_URL=$A_URL\nH=\n\
         I_TOKEN=${I}\nJ_HOST=h\nJ_USER=u\nJ_PASSWORD=p\nJ_PORT=99999\n";
    for arguments in [
        &["--json"][..],
        &["--json", "--reveal"],
        &[
            "--json",
            "--require",
            "X=redis",
            "--require",
            "sk_live_9Kv3Jh5Gf8Bd77=mysql",
        ],
    ] {
        for text in [FIFTEEN, odd, "{}", "A=1"] {
            check(&stdout(&run(arguments, &[], text)));
        }
    }
    for name in ["secret.json", "terraform.json", "vcap.json", "folder"] {
        check(&stdout(&run(&["--json", "--from", &input(name)], &[], "")));
    }
    for (first, second) in [
        ("heroku.json", "vcap.json"),
        ("heroku.json", "folder"),
        ("folder", "folder"),
    ] {
        check(&stdout(&run(
            &["diff", "--json", &input(first), &input(second)],
            &[],
            "",
        )));
    }
}

/// The validator itself finds what is wrong.
#[test]
fn objects_that_are_not_valid_are_found() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let good: Value = serde_json::from_str(&stdout(&run(&["--json"], &[], FIFTEEN))).unwrap();
    let changes: [fn(&mut Value); 6] = [
        |value| value["schema"] = 2.into(),
        |value| value["more"] = 1.into(),
        |value| value["vars"][0]["role"] = "private_key".into(),
        |value| value["faults"][0]["kind"] = "Unencoded".into(),
        |value| value["attachments"][0]["tls"] = Value::Null,
        |value| _ = value["vars"][0].as_object_mut().unwrap().remove("hosts"),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut value = good.clone();
        change(&mut value);
        assert!(violation(&schema, &schema, &value, "").is_some(), "{index}");
    }
}

#[test]
fn unmet_requirements_are_in_the_object() {
    let report: Value = serde_json::from_str(&stdout(&run(
        &[
            "--json",
            "--require",
            "MYSQL_URL=mysql",
            "--require",
            "A_URL=mysql",
            "--require",
            "postgres://u:hunter2@h=mysql",
        ],
        &[],
        "A_URL=redis://h",
    )))
    .unwrap();
    let faults: Vec<_> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (&fault["var"], &fault["kind"]))
        .collect();
    let text = |text: &str| Value::from(text);
    assert_eq!(
        faults,
        [
            (&text("MYSQL_URL"), &text("missing")),
            (&text("A_URL"), &text("wrong-kind")),
            (&Value::Null, &text("missing")),
        ]
    );
    assert_eq!(
        report["faults"][1]["message"],
        "the value is a redis URL, expected mysql"
    );
}
