//! One item of a list of addresses: a name and an address, in the order in which they stand there.

use std::borrow::Cow;
use std::mem::take;

use crate::wire::response::envelope::address::Address;
use crate::wire::response::envelope::group::Group;

/// What was read of an item: the words, of which some are its address.
#[derive(Default)]
pub(super) struct Item {
    /// The words as they are shown, except an address in angle brackets.
    words: Vec<u8>,
    /// The last comment: the name of an address that has no other.
    comment: Vec<u8>,
    /// Whether a blank or a comment stands before what comes next.
    has_blank: bool,
    /// The last words, if they can be an address without angle brackets.
    run: Run,
    /// Inside angle brackets, what was read of them.
    angle: Option<Run>,
    /// The address, unless what comes next shows that it is a part of the name.
    found: Option<Found>,
    /// An address that another one follows without a comma.
    complete: Option<Parts>,
}

/// Words with signs between them: an address, if one of them is an `@`.
#[derive(Default)]
struct Run {
    octets: Vec<u8>,
    /// The place of the last `@`.
    at: Option<usize>,
    /// The place of the last word that a blank separates from the one before.
    word: usize,
    /// The sign that it ends with.
    last_sign: Option<u8>,
    is_quoted: bool,
    /// Whether it begins the item, so that blanks may stand around the dots before its `@`: after
    /// other words, they separate an abbreviation.
    is_first: bool,
    /// Its place in the words of the item.
    start: usize,
}

struct Found {
    run: Run,
    /// The last comment that directly follows it, or precedes it.
    comment: Vec<u8>,
    /// Its place in the words of the item, which is empty for an address in angle brackets.
    start: usize,
    end: usize,
}

/// A name and an address.
pub(super) struct Parts {
    name: Vec<u8>,
    address: Run,
}

impl Run {
    /// Whether a word after the last sign belongs to it.
    fn joins_word(&self, has_blank: bool) -> bool {
        self.last_sign
            .is_some_and(|sign| !has_blank || self.joins_over_blank(sign))
    }

    fn joins_sign(&self, sign: u8, has_blank: bool) -> bool {
        !self.octets.is_empty() && (!has_blank || self.joins_over_blank(sign))
    }

    fn joins_over_blank(&self, sign: u8) -> bool {
        match sign {
            b'@' => true,
            b'.' => self.is_first || self.at.is_some(),
            _ => false,
        }
    }

    fn push_word(&mut self, octets: &[u8], is_quoted: bool) {
        self.octets.extend_from_slice(octets);
        self.is_quoted |= is_quoted;
        self.last_sign = None;
    }

    fn push_sign(&mut self, sign: u8) {
        if sign == b'@' {
            self.at = Some(self.octets.len());
        }
        self.octets.push(sign);
        self.last_sign = Some(sign);
    }

    /// Whether it is `mailto` or begins with a bracket, so that a colon belongs to it.
    fn is_scheme(&self) -> bool {
        self.octets.starts_with(b"[") || self.octets.eq_ignore_ascii_case(b"mailto")
    }
}

impl Item {
    pub(super) fn blank(&mut self) {
        self.has_blank = true;
    }

    pub(super) fn comment(&mut self, content: Vec<u8>) {
        self.comment = content;
        self.has_blank = true;
    }

    /// Reads an atom, an encoded word or the content of a quoted string.
    pub(super) fn word(&mut self, octets: &[u8], is_quoted: bool) {
        let has_blank = take(&mut self.has_blank);
        if let Some(angle) = &mut self.angle {
            if angle.last_sign.is_none() && !angle.octets.is_empty() {
                // No sign joins them; such an address is not made into one that is valid.
                angle.octets.push(b' ');
                angle.word = angle.octets.len();
            }
            angle.push_word(octets, is_quoted);
            return;
        }
        if !self.run.joins_word(has_blank) {
            self.begin_run();
        }
        self.show(has_blank, octets);
        self.run.push_word(octets, is_quoted);
    }

    /// Reads a sign between words.
    pub(super) fn sign(&mut self, sign: u8) {
        let has_blank = take(&mut self.has_blank);
        if let Some(angle) = &mut self.angle {
            if sign == b'@' && angle.at.is_some_and(|at| at < angle.word) {
                self.split_angle();
            }
            if let Some(angle) = &mut self.angle {
                angle.push_sign(sign);
            }
            return;
        }
        if !self.run.joins_sign(sign, has_blank) {
            self.begin_run();
        }
        self.show(has_blank, &[sign]);
        self.run.push_sign(sign);
    }

    /// Reads `<`. An address in angle brackets before it is complete; other words are a name.
    pub(super) fn open(&mut self) {
        if self.angle.as_ref().is_some_and(|run| run.octets.is_empty()) {
            return;
        }
        self.close_all();
        let is_complete = |found: &Found| found.start == found.end && found.run.at.is_some();
        if let Some(found) = self.found.take().filter(is_complete) {
            let comment = take(&mut self.comment);
            self.complete(found, comment);
        }
        self.angle = Some(Run {
            is_first: true,
            ..Run::default()
        });
    }

    /// Reads `>`, which means nothing outside angle brackets.
    pub(super) fn close(&mut self) {
        let Some(run) = self.angle.take() else {
            return;
        };
        let start = self.words.len();
        if run.at.is_none() {
            // It may be a part of the name.
            self.show(true, &run.octets);
        }
        let end = self.words.len();
        self.found = Some(Found::new(run, start, end));
    }

    /// Ends the words that are being read.
    pub(super) fn close_all(&mut self) {
        self.close();
        self.close_run();
    }

    /// Drops what was read of a route (`<@a,@b:ann@c>`) before a comma or a colon; `false` if it is
    /// none.
    pub(super) fn ends_route(&mut self) -> bool {
        match &mut self.angle {
            Some(run) if run.at == Some(0) => {
                *run = Run {
                    is_first: true,
                    ..Run::default()
                };
                true
            }
            _ => false,
        }
    }

    /// Whether a colon after the words makes them the name of a group.
    pub(super) fn can_name_group(&self) -> bool {
        let is_name = self.angle.is_none() && self.found.is_none();
        is_name && self.run.at.is_none() && !self.run.is_scheme()
    }

    /// Takes the words as a name.
    pub(super) fn take_name(&mut self) -> Vec<u8> {
        take(self).words
    }

    /// Takes the address that another one follows.
    pub(super) fn take_complete(&mut self) -> Option<Parts> {
        self.complete.take()
    }

    /// Takes all that was read; `None` if it is at most a comment.
    ///
    /// Words without an address are a mailbox without a host.
    pub(super) fn take(&mut self) -> Option<Parts> {
        let Item {
            words,
            comment,
            found,
            ..
        } = take(self);
        let Some(found) = found else {
            let address = Run {
                octets: words,
                ..Run::default()
            };
            let name = comment;
            return (!address.octets.is_empty()).then_some(Parts { name, address });
        };
        let before = words.get(..found.start).unwrap_or_default().trim_ascii();
        let behind = words.get(found.end..).unwrap_or_default().trim_ascii();
        if before.is_empty() && behind.is_empty() && found.run.octets.is_empty() {
            return None;
        }
        Some(found.into_parts([before, behind, &comment]))
    }

    /// Adds to the words.
    fn show(&mut self, has_blank: bool, octets: &[u8]) {
        if has_blank && !self.words.is_empty() && !octets.is_empty() {
            self.words.push(b' ');
        }
        self.words.extend_from_slice(octets);
    }

    fn begin_run(&mut self) {
        self.close_run();
        self.run.start = self.words.len();
        let begin = self.found.as_ref().map_or(0, |found| found.end);
        self.run.is_first = self.run.start == begin;
        if let Some(found) = self.found.as_mut().filter(|_| !self.comment.is_empty()) {
            // Another address may follow, to which later comments belong.
            if self.run.is_first {
                found.comment = take(&mut self.comment);
            }
        }
    }

    /// Ends the run: if it is an address, the one before is complete.
    fn close_run(&mut self) {
        let run = take(&mut self.run);
        if run.at.is_none() {
            return;
        }
        let (mut start, mut end) = (run.start, self.words.len());
        if let Some(before) = self.found.take().filter(|found| found.run.at.is_some()) {
            (start, end) = (start - before.end, end - before.end);
            self.complete(before, Vec::new());
        }
        self.found = Some(Found::new(run, start, end));
    }

    /// Ends the first address in angle brackets: another one begins with the last word.
    fn split_angle(&mut self) {
        let Some(angle) = &mut self.angle else {
            return;
        };
        let behind = angle.octets.split_off(angle.word);
        let next = Run {
            octets: behind,
            is_first: true,
            ..Run::default()
        };
        let run = std::mem::replace(angle, next);
        let end = self.words.len();
        let comment = take(&mut self.comment);
        self.complete(Found::new(run, end, end), comment);
    }

    /// Separates an address, with the name before it, from the words behind it.
    fn complete(&mut self, found: Found, comment: Vec<u8>) {
        let behind = self.words.split_off(found.end);
        let words = std::mem::replace(&mut self.words, behind);
        let name = words.get(..found.start).unwrap_or_default().trim_ascii();
        self.complete = Some(found.into_parts([name, &comment]));
    }
}

impl Found {
    fn new(run: Run, start: usize, end: usize) -> Self {
        Self {
            run,
            comment: Vec::new(),
            start,
            end,
        }
    }

    /// With the first of these names that is not empty, or else the comment.
    fn into_parts<const NAMES: usize>(self, names: [&[u8]; NAMES]) -> Parts {
        let mut names = names.into_iter().filter(|name| !name.is_empty());
        Parts {
            name: names.next().map_or(self.comment, <[u8]>::to_vec),
            address: self.run,
        }
    }
}

impl Parts {
    pub(super) fn into_address(self, group: Option<Group<'static>>) -> Address<'static> {
        let Run {
            octets,
            at,
            is_quoted,
            ..
        } = self.address;
        let place = at.or_else(|| memchr::memrchr(b'@', &octets));
        let place = place.unwrap_or(octets.len());
        let (mut mailbox, host) = octets.split_at_checked(place).unwrap_or((&octets, &[]));
        let mut host = host.strip_prefix(b"@").unwrap_or(host);
        if at.is_some() && !is_quoted {
            // `[mailto:ann@example.com]`
            mailbox = mailbox.strip_prefix(b"[").unwrap_or(mailbox);
            mailbox = match mailbox.split_first_chunk::<7>() {
                Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"mailto:") => rest,
                _ => mailbox,
            };
            host = match host {
                [b'[', ..] => host,
                _ => host.strip_suffix(b"]").unwrap_or(host),
            };
        }
        let owned = |octets: &[u8]| (!octets.is_empty()).then(|| Cow::Owned(octets.to_vec()));
        let name = (!self.name.is_empty()).then_some(Cow::Owned(self.name));
        Address::new(name, owned(mailbox), owned(host.trim_ascii()), group)
    }
}
