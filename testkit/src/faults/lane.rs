//! One direction of a connection: where commands or responses begin and end in it, and what faults
//! make of its octets.

use std::io::BufRead as _;
use std::time::Duration;

use crate::faults::plan::{Fault, Way};

/// The longest line that is held until its end has arrived.
const LONGEST_LINE: usize = 1 << 20;

/// So much of a line is kept to see at its end whether it announces a literal.
const TAIL: usize = 32;

/// How long the octets of one piece take that a limit lets pass.
const TICK: Duration = Duration::from_millis(1);

/// What is to be done next in one direction, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// These octets go on.
    Send(Vec<u8>),
    /// These octets go to the side that sends in this direction.
    Reply(Vec<u8>),
    Wait(Duration),
    Stall,
    Cut,
    Reset,
    /// A fault begins here.
    Note(String),
}

/// A rule of the plan that is due when the lane has passed so many octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) at: u64,
    pub(crate) rule: usize,
    /// How often the rule was met, for a place in a command or response: it is due at the end of
    /// that at the latest. `None` for an octet, which is met when it is reached.
    pub(crate) met: Option<u64>,
}

/// A place between two octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// At the beginning of a command or response.
    Start,
    InLine,
    /// Before so many octets of a literal.
    InLiteral(u64),
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Lane {
    way: Way,
    passed: u64,
    held: Vec<u8>,
    place: Place,
    /// The end of the line so far.
    tail: Vec<u8>,
    due: Vec<Due>,
    /// The first word of the command or response, while one is open.
    item: Option<String>,
    swallows: bool,
    split: u32,
    limit: Option<u32>,
    garble: u32,
    chance: u64,
}

impl Lane {
    pub(crate) fn new(way: Way) -> Self {
        Self {
            way,
            passed: 0,
            held: Vec::new(),
            place: Place::Start,
            tail: Vec::new(),
            due: Vec::new(),
            item: None,
            swallows: false,
            split: 0,
            limit: None,
            garble: 0,
            chance: 1,
        }
    }

    pub(crate) fn passed(&self) -> u64 {
        self.passed
    }

    /// Takes faults that another plan had still in this lane out of it.
    pub(crate) fn forget(&mut self) {
        self.due.clear();
        (self.split, self.limit, self.garble) = (0, None, 0);
    }

    pub(crate) fn add(&mut self, due: Due) {
        self.due.push(due);
    }

    /// Whether octets can pass without a look at each.
    pub(crate) fn is_plain(&self) -> bool {
        self.due.is_empty()
            && self.held.is_empty()
            && !self.swallows
            && (self.split, self.limit, self.garble) == (0, None, 0)
    }

    /// Lets octets pass unharmed, and follows where lines and literals end.
    pub(crate) fn track(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let count = self.piece(octets);
            let (piece, rest) = octets.split_at(count);
            self.passed += u64::try_from(count).unwrap_or_default();
            self.follow(piece);
            octets = rest;
        }
    }

    pub(crate) fn hold(&mut self, octets: &[u8]) {
        self.held.extend_from_slice(octets);
    }

    /// The first line of the command or response that begins here, if all of it has arrived.
    pub(crate) fn beginning(&self) -> Option<String> {
        if self.place != Place::Start || self.item.is_some() {
            return None;
        }
        let end = self.held.iter().position(|octet| *octet == b'\n')?;
        let line = self.held.get(..end)?;
        Some(String::from_utf8_lossy(line.trim_ascii_end()).into_owned())
    }

    /// Opens the command or response that begins here.
    pub(crate) fn open(&mut self, line: &str) {
        let word = line.split(' ').next().unwrap_or_default();
        self.item = Some(word.to_owned());
    }

    /// Whether the lane waits for the rest of a first line.
    pub(crate) fn must_wait(&self, finds_items: bool) -> bool {
        self.held.is_empty()
            || (finds_items
                && self.place == Place::Start
                && self.item.is_none()
                && self.held.len() < LONGEST_LINE
                && !self.held.contains(&b'\n'))
    }

    /// Takes a fault out that is due here.
    pub(crate) fn take_due(&mut self) -> Option<Due> {
        let passed = self.passed;
        let at = self.due.iter().position(|due| due.at <= passed)?;
        Some(self.due.remove(at))
    }

    /// Begins a fault; says whether the connection goes on. `seed` makes garbled octets the same
    /// each time.
    pub(crate) fn begin(&mut self, fault: Fault, seed: u64, steps: &mut Vec<Step>) -> bool {
        self.chance = scrambled(seed.wrapping_mul(2).wrapping_add(1));
        let mut goes_on = true;
        match fault {
            Fault::Cut => steps.push(Step::Cut),
            Fault::Reset => steps.push(Step::Reset),
            Fault::Stall => steps.push(Step::Stall),
            Fault::Delay(time) => steps.push(Step::Wait(time)),
            Fault::Split(octets) => self.split = octets,
            Fault::Limit(octets) => self.limit = Some(octets),
            Fault::Garble(octets) => self.garble = octets,
            Fault::Refuse(text) => goes_on = self.refuse(text, steps),
        }
        goes_on &= !matches!(fault, Fault::Cut | Fault::Reset);
        if !goes_on {
            self.held.clear();
        }
        goes_on
    }

    fn refuse(&mut self, text: &str, steps: &mut Vec<Step>) -> bool {
        let word = self.item.as_deref().unwrap_or("* BYE");
        let line = format!("{word} {text}\r\n").into_bytes();
        steps.push(match self.way {
            Way::ToServer => Step::Reply(line),
            Way::ToClient => Step::Send(line),
        });
        self.swallows = self.item.is_some();
        if !self.swallows {
            steps.push(Step::Cut);
        }
        self.swallows
    }

    /// Lets the next octets pass, up to the next fault or the next end of a line or literal.
    pub(crate) fn pass(&mut self, steps: &mut Vec<Step>) {
        let until_due = self.due.iter().map(|due| due.at - self.passed).min();
        let until_due = until_due.and_then(|octets| usize::try_from(octets).ok());
        let count = self.piece(&self.held).min(until_due.unwrap_or(usize::MAX));
        let piece: Vec<u8> = self.held.drain(..count).collect();
        self.passed += u64::try_from(count).unwrap_or_default();
        let was_swallowed = self.swallows;
        self.follow(&piece);
        if !was_swallowed {
            self.emit(piece, steps);
        }
    }

    /// Lets a held part of a line pass after which nothing arrives.
    pub(crate) fn finish(&mut self, steps: &mut Vec<Step>) {
        let rest = std::mem::take(&mut self.held);
        if !rest.is_empty() {
            self.emit(rest, steps);
        }
    }

    /// How many of these octets belong to the line or literal here.
    fn piece(&self, octets: &[u8]) -> usize {
        match self.place {
            Place::InLiteral(left) => {
                usize::try_from(left).map_or(octets.len(), |left| left.min(octets.len()))
            }
            // By the standard library's own search, which is fast in debug builds too.
            _ => (&mut &*octets).skip_until(b'\n').unwrap_or(octets.len()),
        }
    }

    /// Goes to the place behind a piece.
    fn follow(&mut self, piece: &[u8]) {
        if let Place::InLiteral(left) = self.place {
            let left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or_default());
            self.place = match left {
                0 => Place::InLine,
                left => Place::InLiteral(left),
            };
            return;
        }
        let kept = piece.get(piece.len().saturating_sub(TAIL)..);
        self.tail.extend_from_slice(kept.unwrap_or_default());
        let too_much = self.tail.len().saturating_sub(TAIL);
        self.tail.drain(..too_much);
        if !piece.ends_with(b"\n") {
            self.place = Place::InLine;
            return;
        }
        match announced(&std::mem::take(&mut self.tail)) {
            // A client whose command was refused does not send the literal that it asked about.
            Some((_, true)) if self.swallows && self.way == Way::ToServer => self.close(),
            Some((0, _)) => self.place = Place::InLine,
            Some((octets, _)) => self.place = Place::InLiteral(octets),
            None => self.close(),
        }
    }

    /// Ends the command or response; what was to happen in it happens now.
    fn close(&mut self) {
        self.place = Place::Start;
        self.item = None;
        self.swallows = false;
        for due in &mut self.due {
            if due.met.is_some() {
                due.at = due.at.min(self.passed);
            }
        }
    }

    fn emit(&mut self, mut octets: Vec<u8>, steps: &mut Vec<Step>) {
        for octet in &mut octets {
            if self.garble == 0 {
                break;
            }
            self.garble -= 1;
            *octet ^= self.mask();
        }
        let single = usize::try_from(self.split).unwrap_or_default();
        let single = single.min(octets.len());
        self.split -= u32::try_from(single).unwrap_or_default();
        let rest = octets.split_off(single);
        steps.extend(octets.into_iter().map(|octet| Step::Send(vec![octet])));
        let Some(limit) = self.limit else {
            steps.extend((!rest.is_empty()).then_some(Step::Send(rest)));
            return;
        };
        let at_once = usize::try_from(limit / 1000).unwrap_or_default().max(1);
        for piece in rest.chunks(at_once) {
            steps.extend([Step::Send(piece.to_vec()), Step::Wait(TICK)]);
        }
    }

    /// An octet that is not 0.
    fn mask(&mut self) -> u8 {
        self.chance = scrambled(self.chance);
        u8::try_from(self.chance % 255).unwrap_or_default() + 1
    }
}

/// The next number of a simple series (xorshift), never 0 after another.
pub(crate) fn scrambled(mut number: u64) -> u64 {
    number ^= number << 13;
    number ^= number >> 7;
    number ^ (number << 17)
}

/// The literal that a line announces at its end, and whether its sender waits.
pub(crate) fn announced(line: &[u8]) -> Option<(u64, bool)> {
    let line = line.trim_ascii_end().strip_suffix(b"}")?;
    let open = line.iter().rposition(|octet| *octet == b'{')?;
    let number = std::str::from_utf8(line.get(open + 1..)?).ok()?;
    match number.strip_suffix('+') {
        Some(number) => Some((number.parse().ok()?, false)),
        None => Some((number.parse().ok()?, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What arrives of these octets, in pieces of this size.
    fn passed(lane: &mut Lane, octets: &[u8]) -> Vec<u8> {
        lane.hold(octets);
        let mut steps = Vec::new();
        while !lane.must_wait(false) {
            lane.pass(&mut steps);
        }
        let sent = steps.into_iter().filter_map(|step| match step {
            Step::Send(octets) => Some(octets),
            _ => None,
        });
        sent.flatten().collect()
    }

    #[test]
    fn a_literal_belongs_to_its_command() {
        let mut lane = Lane::new(Way::ToServer);
        lane.hold(b"a APPEND x {6}\r\nb NOOP c {2+}\r\nxy\r\n");
        assert_eq!(lane.beginning().as_deref(), Some("a APPEND x {6}"));
        let mut steps = Vec::new();
        for _ in 0..3 {
            assert_eq!(lane.place == Place::Start, steps.is_empty());
            lane.pass(&mut steps);
        }
        lane.pass(&mut steps);
        lane.pass(&mut steps);
        assert_eq!((lane.place, lane.passed()), (Place::Start, 35));
    }

    #[test]
    fn garbled_octets_are_others_and_the_same_each_time() {
        let garbled = || {
            let mut lane = Lane::new(Way::ToClient);
            assert!(lane.begin(Fault::Garble(4), 1, &mut Vec::new()));
            passed(&mut lane, b"* OK fine\r\n")
        };
        assert_eq!(garbled(), garbled());
        let [ours, theirs] = [garbled(), b"* OK fine\r\n".to_vec()];
        assert!(ours.iter().zip(&theirs).take(4).all(|(a, b)| a != b));
        assert_eq!(ours.get(4..), theirs.get(4..));
    }

    #[test]
    fn tracking_and_passing_come_to_the_same_place() {
        let octets = b"a X {3}\r\n{1}\r\n\r\nb Y {0}\r\n\r\nc Z";
        let mut tracked = Lane::new(Way::ToServer);
        octets.iter().for_each(|octet| tracked.track(&[*octet]));
        let mut followed = Lane::new(Way::ToServer);
        assert_eq!(passed(&mut followed, octets), octets);
        assert_eq!(tracked.place, followed.place);
        assert_eq!(tracked.passed(), followed.passed());
    }
}
