//! [`Node`]: a JSON or YAML document.

use config_vars::SecretString;
use std::collections::HashSet;

/// A value of a document. Each scalar is a secret as soon as it is read, because it may be a config var's value.
pub(super) enum Node {
    Null,
    Text(SecretString),
    /// A number or a boolean in JSON, as it is spelled. YAML has texts instead.
    Plain(SecretString),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

/// Maximum nesting depth of a document.
pub(super) const MAX_LEVELS: usize = 32;

impl Node {
    /// Returns the member of this name, if this is an object that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        let mut members = self.members()?.iter();
        members.find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Returns the node at the end of a path of names.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(super) fn members(&self) -> Option<&[(String, Node)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    pub(super) fn elements(&self) -> Option<&[Node]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&SecretString> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the text of any scalar but null.
    pub(super) fn scalar(&self) -> Option<&SecretString> {
        match self {
            Self::Text(text) | Self::Plain(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// Returns whether all names of an object differ.
pub(super) fn are_unique(members: &[(String, Node)]) -> bool {
    let mut names = HashSet::new();
    members.iter().all(|(name, _)| names.insert(name))
}
