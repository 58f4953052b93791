//! Which commands may be in flight together: the footprint of each, and their sum.

use crate::types::mailbox_name::MailboxName;
use crate::types::number_set::NumberSet;

/// The data that a command reads or changes, as far as commands beside it could be mistaken for it
/// or could change its answer. Those that conflict are sent one after the other.
#[derive(Clone, Copy)]
pub(crate) enum Footprint<'a> {
    /// No data that other commands use.
    Nothing,
    /// Any data: it is in flight alone.
    Everything,
    /// One of a kind at a time, because the answer names no command: ID, NAMESPACE, LIST.
    Kind(&'static str),
    /// The counts of a mailbox.
    Counts(&'a MailboxName),
    /// An additional message in a mailbox.
    Arrival(&'a MailboxName),
    /// The messages of the selected mailbox that meet a condition; `tagged` if the answer names its
    /// command.
    Searches { tagged: bool },
    /// Responses about these messages of the selected mailbox, which are not changed.
    Reads(&'a NumberSet),
    /// These messages of the selected mailbox, and responses about them.
    Messages(&'a NumberSet),
    /// Like [`Messages`](Self::Messages), with a mailbox that gets copies of them.
    Copies(&'a NumberSet, &'a MailboxName),
}

/// The footprints of several commands, added up: whether a command conflicts with one of them costs
/// the same for one as for a hundred.
#[derive(Default)]
pub(super) struct Footprints<'a> {
    /// The number of commands.
    count: usize,
    everything: bool,
    kinds: Vec<&'static str>,
    /// Mailboxes whose counts are read.
    counted: Vec<&'a MailboxName>,
    /// Mailboxes that get messages, from wherever.
    arriving: Vec<&'a MailboxName>,
    /// There is an additional message that is no copy.
    arrivals: bool,
    searches: bool,
    untagged_searches: bool,
    read: Option<NumberSet>,
    changed: Option<NumberSet>,
    copied: Option<NumberSet>,
}

impl Footprint<'_> {
    /// Whether one has to be answered before the other is sent.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        self.comes_before(other) || other.comes_before(self)
    }

    fn comes_before(&self, other: &Self) -> bool {
        use Footprint::{
            Arrival, Copies, Counts, Everything, Kind, Messages, Nothing, Reads, Searches,
        };
        match (self, other) {
            (Everything, _) => true,
            (Nothing | Arrival(_), Nothing | Arrival(_)) => false,
            (Kind(one), Kind(other)) => one == other,
            (Counts(one), Counts(other) | Arrival(other) | Copies(_, other)) => one == other,
            (Counts(_), Messages(_)) => true,
            (Searches { tagged: one }, Searches { tagged: other }) => !(*one && *other),
            (Searches { .. }, Messages(_) | Copies(..) | Arrival(_)) => true,
            (Messages(one) | Reads(one), Messages(other) | Reads(other))
            | (Messages(one), Copies(other, _)) => one.may_overlap(other),
            _ => false,
        }
    }
}

impl<'a> Footprints<'a> {
    /// The number of footprints that were added.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn add(&mut self, footprint: Footprint<'a>) {
        self.count += 1;
        match footprint {
            Footprint::Nothing => {}
            Footprint::Everything => self.everything = true,
            Footprint::Kind(kind) => self.kinds.push(kind),
            Footprint::Counts(name) => add_name(&mut self.counted, name),
            Footprint::Arrival(name) => {
                self.arrivals = true;
                add_name(&mut self.arriving, name);
            }
            Footprint::Searches { tagged } => {
                self.searches = true;
                self.untagged_searches |= !tagged;
            }
            Footprint::Reads(set) => add_set(&mut self.read, set),
            Footprint::Messages(set) => add_set(&mut self.changed, set),
            Footprint::Copies(set, name) => {
                add_set(&mut self.copied, set);
                add_name(&mut self.arriving, name);
            }
        }
    }

    /// Whether one of them has to be answered before this one is sent.
    pub(super) fn conflict_with(&self, next: &Footprint<'_>) -> bool {
        let counts = |name| self.counted.contains(&name);
        let has =
            |sum: &Option<NumberSet>, set| sum.as_ref().is_some_and(|sum| sum.may_overlap(set));
        self.everything
            || match *next {
                Footprint::Nothing => false,
                Footprint::Everything => self.count > 0,
                Footprint::Kind(kind) => self.kinds.contains(&kind),
                Footprint::Counts(name) => {
                    counts(name) || self.arriving.contains(&name) || self.changed.is_some()
                }
                Footprint::Arrival(name) => counts(name) || self.searches,
                Footprint::Searches { tagged } => {
                    self.untagged_searches
                        || self.searches && !tagged
                        || self.arrivals
                        || self.changed.is_some()
                        || self.copied.is_some()
                }
                Footprint::Reads(set) => has(&self.read, set) || has(&self.changed, set),
                Footprint::Messages(set) => {
                    let sums = [&self.read, &self.changed, &self.copied];
                    !self.counted.is_empty()
                        || self.searches
                        || sums.into_iter().any(|sum| has(sum, set))
                }
                Footprint::Copies(set, name) => {
                    counts(name) || self.searches || has(&self.changed, set)
                }
            }
    }
}

/// Most commands name the mailbox that the one before them named.
fn add_name<'a>(names: &mut Vec<&'a MailboxName>, name: &'a MailboxName) {
    if names.last() != Some(&name) {
        names.push(name);
    }
}

fn add_set(sum: &mut Option<NumberSet>, set: &NumberSet) {
    sum.get_or_insert_default().include(set);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The parts of a footprint, which borrows them.
    #[derive(Clone, Debug)]
    struct Parts {
        form: usize,
        name: usize,
        set: &'static str,
        tagged: bool,
    }

    fn parts() -> impl Strategy<Value = Parts> {
        let sets = prop::sample::select(vec!["1", "2:4", "3", "1,5", "6:9", "7:*", "*"]);
        let all = (0_usize..9, 0_usize..2, sets, any::<bool>());
        all.prop_map(|(form, name, set, tagged)| Parts {
            form,
            name,
            set,
            tagged,
        })
    }

    /// What a footprint borrows.
    fn borrowed(of: &Parts) -> (MailboxName, NumberSet) {
        let name = MailboxName::new(["One", "Other"][of.name]).unwrap();
        (name, NumberSet::parse(of.set.as_bytes()).unwrap())
    }

    fn footprint<'a>(of: &Parts, (name, set): &'a (MailboxName, NumberSet)) -> Footprint<'a> {
        match of.form {
            0 => Footprint::Nothing,
            1 => Footprint::Everything,
            2 => Footprint::Kind(["ID", "LIST"][of.name]),
            3 => Footprint::Counts(name),
            4 => Footprint::Arrival(name),
            5 => Footprint::Searches { tagged: of.tagged },
            6 => Footprint::Reads(set),
            7 => Footprint::Messages(set),
            _ => Footprint::Copies(set, name),
        }
    }

    proptest! {
        #[test]
        fn the_sum_conflicts_with_what_one_of_them_conflicts_with(
            of in prop::collection::vec(parts(), 1..6),
        ) {
            let all: Vec<_> = of.iter().map(borrowed).collect();
            let mut all: Vec<_> = of.iter().zip(&all).map(|(of, all)| footprint(of, all)).collect();
            let next = all.pop().unwrap();
            let mut sum = Footprints::default();
            all.iter().for_each(|one| sum.add(*one));
            prop_assert_eq!(sum.count(), all.len());
            let any = all.iter().any(|one| one.conflicts_with(&next));
            prop_assert_eq!(sum.conflict_with(&next), any);
        }
    }
}
