//! Lists that are made of other lists.
//!
//! For each pair of types, [`mapped`] is a third of the LLVM IR that `iter().map(..).collect()` is; see `sorted.rs`.

use std::cmp::Ordering;

/// Returns what `map` makes of each item.
pub(crate) fn mapped<'i, T, U>(items: &'i [T], map: impl Fn(&'i T) -> U) -> Vec<U> {
    let mut mapped = Vec::with_capacity(items.len());
    for item in items {
        mapped.push(map(item));
    }
    mapped
}

/// Returns what `map` makes of each item, without `None`.
pub(crate) fn filter_mapped<'i, T, U>(items: &'i [T], map: impl Fn(&'i T) -> Option<U>) -> Vec<U> {
    let mut mapped = Vec::new();
    for item in items {
        if let Some(item) = map(item) {
            mapped.push(item);
        }
    }
    mapped
}

/// An item of an old list, and that of a new list with the same key.
type Pair<'i, T> = (Option<&'i T>, Option<&'i T>);

/// Returns the items of two lists, both sorted by key, in pairs of the same key.
pub(crate) fn pairs<'i, T, K: Ord>(old: &'i [T], new: &'i [T], key: impl Fn(&'i T) -> K) -> Vec<Pair<'i, T>> {
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    let (mut old_place, mut new_place) = (0, 0);
    loop {
        let pair = match (old.get(old_place), new.get(new_place)) {
            (None, None) => return pairs,
            (Some(old), Some(new)) => match key(old).cmp(&key(new)) {
                Ordering::Less => (Some(old), None),
                Ordering::Equal => (Some(old), Some(new)),
                Ordering::Greater => (None, Some(new)),
            },
            one => one,
        };
        old_place += usize::from(pair.0.is_some());
        new_place += usize::from(pair.1.is_some());
        pairs.push(pair);
    }
}
