use latchbox::types::{SequenceSet, UidSet};

pub fn case(_numbers: &SequenceSet<'_>, _uids: &UidSet) {
    let _set = SequenceSet::default();
}

fn main() {}
