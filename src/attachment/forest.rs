//! [`Forest`]: sets that are joined, as trees of indexes.

/// Sets of indexes, of which each has a number.
pub(super) struct Forest(Vec<usize>);

impl Forest {
    /// Creates a set for each index below `length`.
    pub(super) fn new(length: usize) -> Self {
        Self((0..length).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the number of the set that an index is in.
    pub(super) fn find(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    /// Makes one set of two.
    pub(super) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[other] = one;
    }
}
