//! Sorting, and collections in the order of their keys, for few entries, or for many that come in order or all at once.
//!
//! A `BTreeMap` is several thousand lines of LLVM IR for each type that it is used with, a `HashMap` is 1,500, and a sort of
//! the standard library is 1,500 for each type and comparison; see `tests/jobs/llvm_lines`.

use std::borrow::Borrow;
use std::cmp::Ordering;

/// A map in the order of its keys.
#[derive(Clone)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The index of a key, or the one where it would be inserted.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        find_place(self.0.len(), &|index| self.0[index].0.borrow().cmp(key))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(&self.0[place].1)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(&mut self.0[place].1)
    }

    /// Returns the value of a key, which is the default value if the key is new.
    pub(crate) fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let place = self.place::<K>(&key).unwrap_or_else(|place| {
            self.0.insert(place, (key, V::default()));
            place
        });
        &mut self.0[place].1
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.place::<K>(&key) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => self.0.insert(place, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.place(key).ok()?;
        Some(self.0.remove(place).1)
    }
}

impl<K, V> SortedMap<K, V> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_entries(self) -> Vec<(K, V)> {
        self.0
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_iter().map(|(_, value)| value)
    }
}

/// A set of names.
#[derive(Default)]
pub(crate) struct NameSet<'n>(Vec<&'n str>);

impl<'n> NameSet<'n> {
    pub(crate) fn of(mut names: Vec<&'n str>) -> Self {
        sort_by(&mut names, Ord::cmp);
        names.dedup();
        Self(names)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    pub(crate) fn contains_all(&self, names: &[&str]) -> bool {
        for name in names {
            if !self.contains(name) {
                return false;
            }
        }
        true
    }

    /// Returns the index of a name in the sorted list of all.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        find_place(self.0.len(), &|index| self.0[index].cmp(name)).ok()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names, sorted.
    pub(crate) fn as_slice(&self) -> &[&'n str] {
        &self.0
    }
}

/// Names, each with a number. Of several numbers of one name, the last one counts.
#[derive(Default)]
pub(crate) struct NameMap<'n>(Vec<(&'n str, usize)>);

impl<'n> NameMap<'n> {
    pub(crate) fn of(mut entries: Vec<(&'n str, usize)>) -> Self {
        sort_by(&mut entries, |left, right| left.0.cmp(right.0));
        Self(entries)
    }

    pub(crate) fn get(&self, name: &str) -> Option<usize> {
        // The entries of an equal name count as less, so the place is the one after the last of them.
        let after = find_place(self.0.len(), &|index| {
            self.0[index].0.cmp(name).then(Ordering::Less)
        });
        let last = after.unwrap_or_else(|after| after).checked_sub(1)?;
        let (found, number) = self.0[last];
        (found == name).then_some(number)
    }
}

/// Returns whether a name is among these, which are sorted.
pub(crate) fn is_among(names: &[Box<str>], name: &str) -> bool {
    find_place(names.len(), &|index| (*names[index]).cmp(name)).is_ok()
}

/// Returns the index of an item in a sorted list, or the one where it would be inserted. `compare` compares the item at an
/// index with the one that is searched.
pub(crate) fn find_place(length: usize, compare: &dyn Fn(usize) -> Ordering) -> Result<usize, usize> {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low.midpoint(high);
        match compare(middle) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

/// Adds an item to a sorted list, unless the list has it already. Returns whether the item is new.
pub(crate) fn insert_in_order<T: Ord>(items: &mut Vec<T>, item: T) -> bool {
    let place = find_place(items.len(), &|index| items[index].cmp(&item));
    if let Err(place) = place {
        items.insert(place, item);
    }
    place.is_err()
}

/// Sorts items. Equal ones keep their order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let order = sorted_indexes(items.len(), &|one, other| compare(&items[one], &items[other]));
    put_in_order(order, &mut |one, other| items.swap(one, other));
}

/// Moves each item to the place that its index has in the order, by swaps of two.
fn put_in_order(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    // One cycle of the permutation after another.
    for start in 0..order.len() {
        let mut place = start;
        loop {
            let from = std::mem::replace(&mut order[place], place);
            if from == start {
                break;
            }
            swap(place, from);
            place = from;
        }
    }
}

/// Returns the index of the item at a place in the order of [`sorted_indexes`].
pub(crate) fn index_at(order: &[usize], place: usize) -> usize {
    order.get(place).copied().unwrap_or(place)
}

/// Returns the indexes of items in their order; none if the items are in order already, as they often are.
///
/// Indexes are sorted instead of items, so that the standard library's sort is compiled for one type only.
pub(crate) fn sorted_indexes(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    if is_in_order(length, compare) {
        return Vec::new();
    }
    let mut indexes: Vec<usize> = (0..length).collect();
    indexes.sort_by(|one, other| compare(*one, *other));
    indexes
}

fn is_in_order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> bool {
    for index in 1..length {
        if compare(index - 1, index).is_gt() {
            return false;
        }
    }
    true
}

/// Returns the index after the items that follow the one at `start` and belong with it.
pub(crate) fn end_of_run(start: usize, length: usize, belongs: &dyn Fn(usize) -> bool) -> usize {
    let mut end = start + 1;
    while end < length && belongs(end) {
        end += 1;
    }
    end
}

/// Returns, for each item, the index of the first one that is equal.
pub(crate) fn first_equals(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let order = sorted_indexes(length, compare);
    let mut firsts: Vec<usize> = (0..length).collect();
    for place in 1..length {
        let (before, index) = (index_at(&order, place - 1), index_at(&order, place));
        if compare(before, index).is_eq() {
            firsts[index] = firsts[before];
        }
    }
    firsts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_is_in_the_order_of_its_keys() {
        let mut map = SortedMap::default();
        for key in [3, 1, 2, 3] {
            map.insert(key, key * 10);
        }
        *map.entry(0) += 5;
        map.insert(1, 11);
        assert_eq!((map.get(&2), map.get(&4)), (Some(&20), None));
        assert_eq!((map.remove(&2), map.remove(&2)), (Some(20), None));
        assert!(map.iter().eq(&[(0, 5), (1, 11), (3, 30)]));
        assert_eq!(map.get_mut(&0), Some(&mut 5));
        assert_eq!(map.get(&2), None);
        assert!(!map.is_empty() && map.into_values().eq([5, 11, 30]));
    }

    #[test]
    fn names_are_found_in_any_order() {
        let set = NameSet::of(vec!["b", "a", "c", "a"]);
        assert_eq!(set.as_slice(), ["a", "b", "c"]);
        assert_eq!((set.place("c"), set.place("d")), (Some(2), None));
        assert!(set.contains("a") && !set.contains(""));
        assert!(set.contains_all(&["a", "c"]) && !set.contains_all(&["a", "d"]));
        assert!(is_among(&["a".into(), "c".into()], "c") && !is_among(&["a".into()], "b"));
    }

    #[test]
    fn last_number_of_a_name_counts() {
        let map = NameMap::of(vec![("b", 1), ("a", 5), ("b", 3), ("a", 4)]);
        assert_eq!(
            (map.get("a"), map.get("b"), map.get("c")),
            (Some(4), Some(3), None)
        );
    }

    #[test]
    fn equal_items_keep_their_order() {
        let mut items: Vec<(u32, u32)> = (0..100).map(|number| (number * 37 % 10, number)).collect();
        let mut expected = items.clone();
        sort_by(&mut items, |left, right| left.0.cmp(&right.0));
        expected.sort_unstable();
        assert_eq!(items, expected);
    }

    #[test]
    fn equal_items_have_the_index_of_the_first() {
        let items = ["b", "a", "b", "c", "a", "b"];
        let firsts = first_equals(items.len(), &|one, other| items[one].cmp(items[other]));
        assert_eq!(firsts, [0, 1, 0, 3, 1, 0]);
        assert!(first_equals(0, &|_, _| Ordering::Equal).is_empty());
    }

    #[test]
    fn run_ends_before_the_first_item_that_does_not_belong() {
        let items = [1, 1, 2, 1];
        let end = |start: usize| end_of_run(start, items.len(), &|index| items[index] == items[start]);
        assert_eq!((end(0), end(2), end(3)), (2, 3, 4));
    }

    #[test]
    fn items_are_inserted_once_and_in_order() {
        let mut items = Vec::new();
        for item in ["b", "a", "c", "a"] {
            _ = insert_in_order(&mut items, item);
        }
        assert_eq!(items, ["a", "b", "c"]);
    }
}
