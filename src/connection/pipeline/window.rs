//! The commands of a batch that are in flight, and their sums.

use std::collections::VecDeque;

use crate::connection::pipeline::footprint::{Footprint, Footprints};
use crate::connection::tag::Tag;

/// The most commands in flight; more are sent when half of them are answered.
const MOST: usize = 128;

/// The most octets of command lines in flight: less than the smallest buffers of the systems on
/// both ends hold.
const LINES: usize = 32 << 10;

/// The most octets of literals in flight beside them. A command with a literal is answered in a
/// line or two, so these can be many; a longer literal is sent alone.
const LITERALS: usize = 1 << 20;

/// What is in flight, the oldest first. It is summed up as commands come and go, so that one more
/// command costs the same beside a hundred others as beside one.
#[derive(Default)]
pub(super) struct Window<'a> {
    sent: VecDeque<Sent<'a>>,
    lines: usize,
    literals: usize,
    searches: usize,
    /// Those of all commands in flight, and of some that have been completed.
    footprints: Footprints<'a>,
    /// The newest command with which the next one conflicts.
    blocker: Option<Tag>,
}

/// A command that is in flight.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) tag: Tag,
    /// Its place in the batch.
    pub(super) place: usize,
    /// The octets of its lines, and those of its literals.
    pub(super) octets: (usize, usize),
    pub(super) footprint: Footprint<'a>,
}

impl<'a> Window<'a> {
    /// Has room for a batch of so many commands.
    pub(super) fn of(commands: usize) -> Self {
        Self {
            sent: VecDeque::with_capacity(commands.min(MOST)),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    /// The command that is answered next, if the server answers in order.
    pub(super) fn oldest(&self) -> Option<&Sent<'a>> {
        self.sent.front()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Sent<'a>> {
        self.sent.iter()
    }

    /// The number of searches.
    pub(super) fn searches(&self) -> usize {
        self.searches
    }

    /// Whether no further command may be in flight.
    pub(super) fn is_full(&self) -> bool {
        self.sent.len() >= MOST
    }

    /// Whether it is time to send more: few writes of many commands, and not one for each.
    pub(super) fn wants_more(&self) -> bool {
        self.sent.len() <= MOST / 2 && self.lines <= LINES / 2 && self.literals <= LITERALS / 2
    }

    pub(super) fn has_room_for(&self, (lines, literals): (usize, usize)) -> bool {
        self.sent.is_empty() || self.lines + lines <= LINES && self.literals + literals <= LITERALS
    }

    /// Whether the next command has to wait for one that is in flight.
    pub(super) fn conflicts_with(&mut self, next: &Footprint<'_>) -> bool {
        if self.blocker.is_some() {
            return true;
        }
        if !self.footprints.conflict_with(next) {
            return false;
        }
        let mut newest_first = self.sent.iter().rev();
        let blocker = newest_first.find(|sent| sent.footprint.conflicts_with(next));
        self.blocker = blocker.map(|sent| sent.tag);
        if self.blocker.is_none() {
            self.sum_up();
        }
        self.blocker.is_some()
    }

    pub(super) fn push(&mut self, sent: Sent<'a>) {
        self.lines += sent.octets.0;
        self.literals += sent.octets.1;
        self.searches += usize::from(sent.is_search());
        self.footprints.add(sent.footprint);
        self.sent.push_back(sent);
    }

    /// The command at this place has been completed.
    pub(super) fn remove(&mut self, at: usize) -> Option<Sent<'a>> {
        let sent = self.sent.remove(at)?;
        self.lines -= sent.octets.0;
        self.literals -= sent.octets.1;
        self.searches -= usize::from(sent.is_search());
        self.blocker = self.blocker.filter(|blocker| *blocker != sent.tag);
        if self.footprints.count() > 2 * self.sent.len() + MOST / 2 {
            self.sum_up();
        }
        Some(sent)
    }

    /// Leaves out of the sum what has been completed.
    fn sum_up(&mut self) {
        self.footprints = Footprints::default();
        for sent in &self.sent {
            self.footprints.add(sent.footprint);
        }
    }
}

impl Sent<'_> {
    fn is_search(&self) -> bool {
        matches!(self.footprint, Footprint::Searches { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::number_set::NumberSet;

    fn push<'a>(window: &mut Window<'a>, tag: &mut Tag, footprint: Footprint<'a>) {
        tag.advance();
        window.push(Sent {
            tag: *tag,
            place: 0,
            octets: (10, 1),
            footprint,
        });
    }

    fn sets() -> Vec<NumberSet> {
        let set = |number: u32| NumberSet::parse(number.to_string().as_bytes());
        (1..=9).map(|number| set(number).unwrap()).collect()
    }

    #[test]
    fn a_command_waits_until_none_that_it_conflicts_with_is_in_flight() {
        let (sets, mut tag) = (sets(), Tag::default());
        let mut window = Window::of(9);
        for set in &sets {
            push(&mut window, &mut tag, Footprint::Reads(set));
        }
        let next = NumberSet::parse(b"3,5").unwrap();
        let next = Footprint::Messages(&next);
        for (removed, conflicts) in [(8, true), (0, true), (3, true), (0, true), (0, false)] {
            assert!(window.conflicts_with(&next));
            window.remove(removed).unwrap();
            assert_eq!(window.conflicts_with(&next), conflicts, "after {removed}");
        }
        assert_eq!(window.len(), 4);
        // What is left is in the sum.
        assert!(window.conflicts_with(&Footprint::Messages(&sets[3])));
    }

    #[test]
    fn the_sums_are_those_of_what_is_in_flight() {
        let (sets, mut tag) = (sets(), Tag::default());
        let mut window = Window::of(1000);
        for round in 0..1000 {
            let set = &sets[round % sets.len()];
            assert!(!window.conflicts_with(&Footprint::Messages(set)), "{round}");
            push(&mut window, &mut tag, Footprint::Messages(set));
            push(&mut window, &mut tag, Footprint::Searches { tagged: true });
            assert_eq!((window.lines, window.literals), (20, 2));
            assert_eq!(window.searches(), 1);
            assert!(window.conflicts_with(&Footprint::Messages(set)));
            window.remove(1).unwrap();
            window.remove(0).unwrap();
            assert!(window.footprints.count() <= MOST / 2 + 2);
        }
        assert!(window.is_empty() && window.searches() == 0);
    }

    #[test]
    fn what_is_long_goes_alone() {
        let mut window = Window::of(2);
        assert!(window.has_room_for((10 * LINES, 10 * LITERALS)));
        push(&mut window, &mut Tag::default(), Footprint::Nothing);
        assert!(window.has_room_for((100, LITERALS - 1)));
        assert!(!window.has_room_for((100, LITERALS)));
        assert!(!window.has_room_for((LINES, 0)));
    }
}
