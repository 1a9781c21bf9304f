//! Properties of a config var's name.

use super::tables::{
    MAX_VARIANTS, NO_URL_ENDINGS, OWN_TOKEN_WORDS, OWN_URL_WORDS, TOKEN_SUFFIXES, TOOL_PREFIXES,
    URL_SUFFIXES, URL_WORDS, VARIANTS, WEBHOOK_SERVICES,
};
use crate::secret::find;
use crate::text::{before_ending, begins_with_one_of};
use std::cmp::Ordering;
use std::iter;

/// Returns the part of the name before an ending such as `_URL`, or before such a word within the name.
pub(super) fn url_stem(name: &str) -> Option<&str> {
    let stem = match before_ending(name, URL_SUFFIXES) {
        Some(stem) => stem,
        None => split_infix(name)?.0,
    };
    not_empty(stem)
}

/// Returns a stem, unless it is empty.
pub(super) fn not_empty(stem: &str) -> Option<&str> {
    (!stem.is_empty()).then_some(stem)
}

/// Returns the stem of a URL's name, and then those without the words of a variant at its end: `DB_NON_POOLING`, `DB_NON`, `DB`.
pub(super) fn stems(stem: &str) -> impl Iterator<Item = &str> {
    stems_without(stem, &|word| VARIANTS.contains(&word))
}

/// Returns the stems under which a URL's name has config vars beside it, in the same order: `DB_CONNECTION`, `DB`.
pub(super) fn stems_beside(stem: &str) -> impl Iterator<Item = &str> {
    stems_without(stem, &|word| {
        VARIANTS.contains(&word) || URL_WORDS.contains(&word)
    })
}

/// Returns a stem, and then those without the words at its end that may be left out.
fn stems_without<'n>(
    stem: &'n str,
    may_be_left_out: &'static dyn Fn(&str) -> bool,
) -> impl Iterator<Item = &'n str> {
    let mut next = Some(stem);
    let mut left_out = 0;
    iter::from_fn(move || {
        let stem = next?;
        next = match stem.rsplit_once('_') {
            Some((before, last)) if left_out < MAX_VARIANTS && may_be_left_out(last) => not_empty(before),
            _ => None,
        };
        left_out += 1;
        Some(stem)
    })
}

/// Returns the last of the [`stems_beside`].
pub(super) fn shortest_stem(stem: &str) -> &str {
    let mut shortest = stem;
    for stem in stems_beside(stem) {
        shortest = stem;
    }
    shortest
}

/// Splits a name at the first `_URL_` or `_URI_` within it: `DATABASE_URL_PGBOUNCER`, `AWS_ENDPOINT_URL_S3`.
pub(super) fn split_infix(name: &str) -> Option<(&str, &str)> {
    // Asked of every name, so it is not searched for by `str`, which takes twice the time; and few names have a `U`.
    let mut at = find(name.as_bytes(), 0, b'U');
    while at < name.len() {
        if let ([.., b'_'], [b'U', b'R', b'L' | b'I', b'_', ..]) = name.as_bytes().split_at(at) {
            return Some((&name[..at - 1], &name[at + "URL_".len()..]));
        }
        at = find(name.as_bytes(), at + 1, b'U');
    }
    None
}

/// Whether a name says "URL" within it, and not at its end: `DATABASE_URL_SHOP`.
pub(super) fn has_url_suffix(name: &str) -> bool {
    let ends_in_url = before_ending(name, URL_SUFFIXES).is_some();
    !ends_in_url && matches!(split_infix(name), Some((stem, _)) if !stem.is_empty())
}

/// The name of an attachment whose bare credential this is.
pub(super) fn token_stem(name: &str) -> Option<&str> {
    // Most names end in another letter, which one look tells.
    if !matches!(name.as_bytes().last(), Some(b'N' | b'Y')) {
        return None;
    }
    let stem = not_empty(before_ending(name, TOKEN_SUFFIXES)?)?;
    (!has_word(stem, OWN_TOKEN_WORDS) && !is_tools(name)).then_some(stem)
}

/// Whether a name that says "URL" speaks of an add-on, rather than of the app itself or of a tool.
pub(super) fn is_addon_name(name: &str, stem: &str) -> bool {
    let last = stem.rsplit('_').next().unwrap_or_default();
    let is_given = matches!(last, "WEBHOOK" | "WEBHOOKS") && has_word(stem, WEBHOOK_SERVICES);
    let is_own = OWN_URL_WORDS.contains(&last) && !is_given;
    let is_incomplete = before_ending(name, NO_URL_ENDINGS).is_some();
    !is_own && !is_incomplete && !is_tools(name)
}

fn is_tools(name: &str) -> bool {
    begins_with_one_of(name, TOOL_PREFIXES)
}

pub(super) fn has_word(name: &str, words: &[&str]) -> bool {
    for word in name.split('_') {
        if words.contains(&word) {
            return true;
        }
    }
    false
}

const WORD_SEPARATORS: &[char] = &['_', '-', '.'];

/// The key by which the plainest name comes first: the one of the fewest words.
pub(super) fn plainness(name: &str) -> (usize, usize) {
    let mut suffix = 0;
    while suffix < URL_SUFFIXES.len() && !name.ends_with(URL_SUFFIXES[suffix]) {
        suffix += 1;
    }
    // `REDIS_TLS_URL` comes after `REDIS_DSN`: words count for more than endings.
    (name.split(WORD_SEPARATORS).count(), suffix)
}

/// Orders attachments as their config vars are ordered: by the name and the `_` that follows it.
pub(super) fn by_prefix(left: &str, right: &str) -> Ordering {
    let common = left.len().min(right.len());
    let (left, right) = (left.as_bytes(), right.as_bytes());
    // Only one of the two has more to it.
    let rest = |name: &[u8]| name.get(common).copied().unwrap_or(b'_');
    let lengths = || left.len().cmp(&right.len());
    left[..common]
        .cmp(&right[..common])
        .then_with(|| rest(left).cmp(&rest(right)))
        .then_with(lengths)
}

/// Returns whether a name precedes all names that begin with `prefix` and a `_`.
pub(super) fn precedes_prefixed(name: &str, prefix: &str) -> bool {
    let (name, prefix) = (name.as_bytes(), prefix.as_bytes());
    match name.get(prefix.len()) {
        Some(after) => (&name[..prefix.len()], *after) < (prefix, b'_'),
        None => name <= prefix,
    }
}

/// A name without the words that tell one URL of a resource from another, in the spelling of config vars.
pub(super) struct VariantName {
    pub(super) without: String,
    pub(super) is_variant: bool,
}

impl VariantName {
    pub(super) fn of(name: &str) -> Self {
        let name = name.to_ascii_uppercase();
        // `DATABASE_URL_PGBOUNCER` is a way to what `DATABASE_URL` leads to, under whatever suffix.
        let mut words: Vec<String> = Vec::new();
        let mut is_variant = false;
        for word in name.split(WORD_SEPARATORS) {
            match word {
                "URI" | "DSN" => words.push("URL".to_owned()),
                _ if VARIANTS.contains(&word) => is_variant = true,
                _ => words.push(word.to_owned()),
            }
        }
        Self {
            without: words.join("_"),
            is_variant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_tokens_are_found_by_their_last_letter() {
        for ending in TOKEN_SUFFIXES {
            let name = format!("MAILER{ending}");
            assert_eq!(token_stem(&name), Some("MAILER"), "{name}");
        }
    }

    #[test]
    fn url_within_a_name_splits_it() {
        for (name, pieces) in [
            ("DATABASE_URL_SHOP", Some(("DATABASE", "SHOP"))),
            ("AWS_ENDPOINT_URI_S3", Some(("AWS_ENDPOINT", "S3"))),
            ("_URL_", Some(("", ""))),
            ("CURL_URL_X", Some(("CURL", "X"))),
            ("URL_X", None),
            ("CURL_X", None),
            ("DATABASE_URL", None),
            ("U", None),
            ("", None),
        ] {
            assert_eq!(split_infix(name), pieces, "{name}");
        }
    }
}
