//! A list that is never empty, and whose first element needs no allocation: a lock has a slot, and
//! seldom more.

use std::iter;

pub(super) struct Slots<S> {
    first: S,
    others: Box<[S]>,
}

impl<S> Slots<S> {
    pub(super) fn new(first: S, others: impl IntoIterator<Item = S>) -> Self {
        Self {
            first,
            others: others.into_iter().collect(),
        }
    }

    /// As many others, each made from one of these.
    pub(super) fn map<O>(&self, make: impl Fn(&S) -> O) -> Slots<O> {
        Slots::new(make(&self.first), self.others.iter().map(&make))
    }

    pub(super) fn into_first(self) -> S {
        self.first
    }

    pub(super) fn has_several(&self) -> bool {
        !self.others.is_empty()
    }

    pub(super) fn get(&self, index: usize) -> Option<&S> {
        match index.checked_sub(1) {
            None => Some(&self.first),
            Some(index) => self.others.get(index),
        }
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut S> {
        match index.checked_sub(1) {
            None => Some(&mut self.first),
            Some(index) => self.others.get_mut(index),
        }
    }

    /// The first place where `is_it`, without an iterator's bookkeeping for the usual one slot.
    #[inline]
    pub(super) fn position(&self, is_it: impl Fn(usize, &S) -> bool) -> Option<usize> {
        if is_it(0, &self.first) {
            return Some(0);
        }
        if self.others.is_empty() {
            return None;
        }
        let others = self.others.iter().enumerate();
        let mut others = others.map(|(index, slot)| (index + 1, slot));
        others.find_map(|(index, slot)| is_it(index, slot).then_some(index))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &S> {
        iter::once(&self.first).chain(&self.others)
    }
}
