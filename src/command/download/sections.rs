//! One section of one message or of many (FETCH), read as it arrives.

use std::io::{Read, Write};

use crate::connection::answer::Row;
use crate::connection::download::Piece;
use crate::error::{Effect, Error, NotFound, Result, Truncated, Unparsable};
use crate::mailbox_guard::asking::{Asking, Question};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::parts::Parts;
use crate::types::fetch::FetchItem;
use crate::types::number_set::NumberSet;
use crate::types::section::Section;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::response::fetch_item::Kind;
use crate::wire::response::fetch_responses::Responses;
use crate::wire::response::item_error::{ItemError, ItemErrorKind};

pub(crate) const COMMAND: &str = "UID FETCH";

/// Reads from section to section, and in each from octet to octet.
pub(crate) struct Sections<'g> {
    pub(crate) held: &'g mut Held,
    pub(crate) what: What,
    asking: Asking,
    /// The answer continues with other sections.
    are_many: bool,
    /// The first response about a message that cannot be read, and that lacks what was requested.
    unreadable: Option<Box<Unparsable>>,
    /// The error that came for the one message in place of its section.
    missing: Option<ItemError>,
    /// The server has named the one message, so it exists.
    is_named: bool,
    /// The row as far as it has been read.
    row: Responses,
    is_row_open: bool,
    uid: Option<Uid>,
    source: Source,
    len: u64,
    /// The octets that have not been taken from the source.
    left: u64,
}

/// One section, as it is requested.
pub(crate) struct What {
    item: String,
    kind: Kind,
    section: Section,
    marks_seen: bool,
}

/// The place of the octets.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// A literal that is being received.
    Literal,
    /// The row, as a quoted string.
    Row,
    /// None: the server reports that there is no such section.
    Nil,
}

impl<'g> Sections<'g> {
    /// The section of one message.
    pub(crate) fn one(held: &'g mut Held, uid: Uid, what: What) -> Self {
        let mut sections = Self::each(held, Parts::default(), what);
        sections.are_many = false;
        sections.ask_for(uid);
        sections
    }

    /// The section of each of many messages, requested by one command for each part of the set.
    pub(crate) fn each(held: &'g mut Held, to_ask: Parts, what: What) -> Self {
        Self {
            held,
            what,
            asking: Asking::new(to_ask),
            are_many: true,
            unreadable: None,
            missing: None,
            is_named: false,
            row: Responses::default(),
            is_row_open: false,
            uid: None,
            source: Source::Nil,
            len: 0,
            left: 0,
        }
    }

    /// Requests the section of one message.
    pub(crate) fn ask_for(&mut self, uid: Uid) {
        self.uid = Some(uid);
        self.asking.left.clear();
        let only = UidSet::unbound([uid]);
        self.asking.left.put_back(only.as_numbers().clone());
    }

    /// Reads up to the octets of the requested message.
    pub(crate) fn begin(&mut self) -> Result<()> {
        let uid = self.uid;
        let found = match self.advance() {
            Ok(true) if matches!(self.source, Source::Nil) => Err(self.nil()),
            Ok(true) => Ok(()),
            Ok(false) if self.is_named => Err(self.nil()),
            Ok(false) => Err(uid.map_or(Error::MissingData(COMMAND), |uid| {
                Error::NotFound(Box::new(NotFound::Message(uid)))
            })),
            Err(error) => Err(error),
        };
        if found.is_err() {
            self.leave();
        }
        found
    }

    pub(crate) fn uid(&self) -> Option<Uid> {
        self.uid
    }

    /// The number of octets of the section.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The number of octets that have been taken.
    pub(crate) fn taken(&self) -> u64 {
        self.len - self.left
    }

    /// Writes all octets that have not been taken, and reads the answer to its end.
    pub(crate) fn write_all(&mut self, writer: &mut (impl Write + ?Sized)) -> Result<()> {
        if matches!(self.source, Source::Nil) {
            return Err(self.nil());
        }
        if self.left > 0 {
            let written = match self.source {
                Source::Literal => self.write_literal(writer),
                Source::Row | Source::Nil => self
                    .row_octets()
                    .and_then(|octets| writer.write_all(octets).map_err(Error::Io)),
            };
            written.map_err(|error| self.truncated(error))?;
            self.left = 0;
        }
        self.end()
    }

    /// Discards the remaining octets, and reads the answer to its end.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.end()?;
        self.left = 0;
        Ok(())
    }

    /// Writes the rest of a literal, slice by slice from the connection's buffer.
    fn write_literal(&mut self, writer: &mut (impl Write + ?Sized)) -> Result<()> {
        let mut connection = self.held.in_use(COMMAND)?;
        while self.left > 0 {
            self.held.check_goes_on(COMMAND, self.what.effect())?;
            let octets = connection.literal(COMMAND)?;
            let most = usize::try_from(self.left).unwrap_or(usize::MAX);
            let octets = octets.get(..most).unwrap_or(octets);
            writer.write_all(octets).map_err(Error::Io)?;
            let written = octets.len();
            connection.consume_literal(written);
            let left = self.left;
            self.left = left.saturating_sub(u64::try_from(written).unwrap_or(u64::MAX));
            if connection.is_reporting() && !self.are_many {
                let (before, len) = (self.len - left, self.len);
                connection.report_octets(COMMAND, before, self.len - self.left, len);
            }
        }
        Ok(())
    }

    /// Reads some of the octets; 0 when they and the rest of the answer have been read.
    pub(crate) fn read_some(&mut self, place: &mut [u8]) -> Result<usize> {
        if place.is_empty() {
            return Ok(0);
        }
        if matches!(self.source, Source::Nil) {
            return Err(self.nil());
        }
        if self.left == 0 {
            return self.end().map(|()| 0);
        }
        self.held.check_goes_on(COMMAND, self.what.effect())?;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = place.len().min(most);
        let place = place.get_mut(..most).unwrap_or_default();
        let read = match self.source {
            Source::Literal => self.read_literal(place),
            Source::Row | Source::Nil => self
                .row_octets()
                .and_then(|mut octets| octets.read(place).map_err(Error::Io)),
        };
        self.took(read)
    }

    fn read_literal(&self, place: &mut [u8]) -> Result<usize> {
        let mut connection = self.held.in_use(COMMAND)?;
        let octets = connection.read_literal(COMMAND, place)?;
        if connection.is_reporting() && !self.are_many {
            let before = self.taken();
            let done = before.saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
            connection.report_octets(COMMAND, before, done, self.len);
        }
        Ok(octets)
    }

    /// Counts the octets taken from the source; if the connection ended, adds their number to the
    /// error.
    fn took(&mut self, taken: Result<usize>) -> Result<usize> {
        if let Ok(octets) = &taken {
            let octets = u64::try_from(*octets).unwrap_or(u64::MAX);
            self.left = self.left.saturating_sub(octets);
        }
        taken.map_err(|error| self.truncated(error))
    }

    fn truncated(&self, error: Error) -> Error {
        match error {
            Error::Closed(closed) if self.left > 0 => Error::Truncated(Box::new(Truncated {
                received: self.taken(),
                len: self.len,
                closed: *closed,
            })),
            error => error,
        }
    }

    /// The octets of a row that have not been taken.
    fn row_octets(&self) -> Result<&[u8]> {
        let octets = self.what.found_in(&self.row).flatten().unwrap_or_default();
        let taken = usize::try_from(self.taken()).unwrap_or(usize::MAX);
        octets.get(taken..).ok_or_else(|| self.unreadable())
    }

    /// The row cannot be read.
    fn cannot_be_read(&self) -> Unparsable {
        Unparsable {
            seq: self.row.seq().filter(|_| self.row.uid().is_none()),
            ..Unparsable::of(COMMAND, self.row.answer().response())
        }
    }

    fn unreadable(&self) -> Error {
        Error::Unparsable(Box::new(self.cannot_be_read()))
    }

    fn note_unreadable(&mut self) {
        let unreadable = Box::new(self.cannot_be_read());
        self.unreadable.get_or_insert(unreadable);
    }

    /// Whether the row, which has been read whole, has or may have the section, but the section
    /// cannot be returned.
    fn is_lost(&self) -> bool {
        self.row.is_torn() || self.row.uid().is_none() && self.what.found_in(&self.row).is_some()
    }

    /// Records a row without the section. It is an error if the row has another value in its place
    /// and no section follows.
    fn note_missing(&mut self, is_lost: bool) {
        let is_asked = self.row.uid().is_some() && self.may_be_answer();
        self.is_named |= is_asked && !self.are_many;
        let error = is_asked.then(|| self.what.missing_in(&self.row)).flatten();
        match error {
            Some(error) if !self.are_many => self.missing = Some(error),
            Some(_) => self.note_unreadable(),
            None if is_lost => self.note_unreadable(),
            None => {}
        }
    }

    fn nil(&self) -> Error {
        let section = self.what.section.clone();
        Error::NotFound(Box::new(NotFound::Section(self.uid, section)))
    }

    /// The stream ends here.
    pub(crate) fn leave(&mut self) {
        self.asking.leave(self.held);
    }

    /// Reads on to the next section; whether there is one.
    pub(crate) fn advance(&mut self) -> Result<bool> {
        loop {
            if self.asking.asked.is_none() && !self.ask()? {
                // The caller must not take a message for removed that the server named.
                return match (self.missing.take(), self.unreadable.take()) {
                    (Some(missing), _) => Err(missing.into()),
                    (None, Some(unreadable)) => Err(Error::Unparsable(unreadable)),
                    (None, None) => Ok(false),
                };
            }
            match self.find() {
                Ok(true) => return Ok(true),
                Ok(false) => self.asking.answered(),
                Err(error) => {
                    let connection = self.held.turn().value();
                    self.asking.go_on(error, connection.as_deref(), self.held)?;
                }
            }
        }
    }

    /// Sends the next command; whether there was one to send.
    fn ask(&mut self) -> Result<bool> {
        let Some(numbers) = self.asking.left.take() else {
            return Ok(false);
        };
        let mut connection = self.held.lease(COMMAND)?;
        self.asking
            .ask(&mut connection, self.what.question(), numbers)?;
        connection.hand_out_sections();
        Ok(true)
    }

    /// Reads on to the next section; whether there is one in this answer.
    fn find(&mut self) -> Result<bool> {
        let mut is_torn = false;
        // Unsolicited rows are none of the sections, and are bounded between two of them.
        let mut most_unasked = None;
        loop {
            let piece = self.next_piece(&mut most_unasked)?;
            match piece {
                Piece::Row(Row::End) => return Ok(false),
                Piece::Row(Row::Other | Row::Vanished(_)) => {}
                Piece::End => self.note_missing(std::mem::take(&mut is_torn)),
                Piece::Literal(octets) => {
                    let before = self.what.octets_before(&self.row);
                    if let (Some(before), true) = (before, self.may_be_answer()) {
                        self.begin_answer(Some(octets))?;
                        return self.begin_literal(octets, before).map(|()| true);
                    }
                    is_torn = self.row.answer().is_torn_so_far() && self.may_be_answer();
                }
                Piece::Row(Row::Message) => {
                    if self.row.uid().is_some() && self.may_be_answer() && self.begin_row() {
                        self.begin_answer(None)?;
                        return Ok(true);
                    }
                    is_torn = false;
                    let is_lost = self.is_lost() && self.may_be_answer();
                    self.note_missing(is_lost);
                }
            }
        }
    }

    /// Reads the next piece, unless more octets came before it than an answer may have. A complete
    /// row is processed.
    fn next_piece(&mut self, most: &mut Option<u64>) -> Result<Piece> {
        self.held.check_goes_on(COMMAND, self.what.effect())?;
        let mut connection = self.held.in_use(COMMAND)?;
        let most = *most.get_or_insert_with(|| connection.most_of_an_answer());
        connection.check_answer(most)?;
        let piece = connection.next_piece(&mut self.row)?;
        if let Piece::End | Piece::Row(Row::Message) = &piece {
            connection.state.absorb_fetch(&self.row);
        }
        Ok(piece)
    }

    /// Whether the row may be about a requested message, as far as it has been read.
    fn may_be_answer(&self) -> bool {
        let is_asked =
            |asked: &NumberSet| self.row.uid().is_none_or(|uid| asked.may_name(uid.into()));
        self.asking.asked.as_ref().is_some_and(is_asked)
    }

    /// The requested section begins, as a literal of so many octets or within the row: the deadline
    /// of the answer starts again.
    fn begin_answer(&mut self, octets: Option<u64>) -> Result<()> {
        let mut connection = self.held.in_use(COMMAND)?;
        match self.are_many {
            true => self.asking.give(&mut connection)?,
            false => self.asking.give_unreported(&mut connection)?,
        }
        octets.map_or(Ok(()), |octets| connection.check_download(COMMAND, octets))
    }

    fn begin_literal(&mut self, octets: u64, before: u64) -> Result<()> {
        let before = before.min(octets);
        let most = self.what.section.octets();
        let most = most.map_or(u64::MAX, |partial| u64::from(partial.count().get()));
        self.begin_octets(Source::Literal, (octets - before).min(most));
        self.is_row_open = true;
        let mut before = before;
        while before > 0 {
            let passed = self.pass_over(before);
            let passed = passed.map_err(|error| self.truncated(error))?;
            before = before.saturating_sub(u64::try_from(passed).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    fn pass_over(&mut self, most: u64) -> Result<usize> {
        let mut connection = self.held.in_use(COMMAND)?;
        let octets = connection.literal(COMMAND)?.len();
        let octets = octets.min(usize::try_from(most).unwrap_or(usize::MAX));
        connection.consume_literal(octets);
        Ok(octets)
    }

    /// Whether a whole row has the section, as a quoted string or NIL.
    fn begin_row(&mut self) -> bool {
        let (source, len) = match self.what.found_in(&self.row) {
            None => return false,
            Some(None) => (Source::Nil, 0),
            Some(Some(octets)) => (Source::Row, u64::try_from(octets.len()).unwrap_or(0)),
        };
        self.begin_octets(source, len);
        true
    }

    fn begin_octets(&mut self, source: Source, len: u64) {
        (self.source, self.len, self.left) = (source, len, len);
        self.uid = self.row.uid().or(self.uid.filter(|_| !self.are_many));
    }

    /// Reads the row to its end, and the answer too unless more sections may follow.
    pub(crate) fn end(&mut self) -> Result<()> {
        let mut most = self.held.turn().value().map(|connection| {
            let most = connection.most_of_an_answer();
            most.saturating_add(self.left)
        });
        while self.asking.asked.is_some() && (self.is_row_open || !self.are_many) {
            let ended = self.read_on(&mut most);
            if let Err(Error::Closed(_) | Error::Refused(_) | Error::Throttled(_)) = &ended {
                self.asking.asked = None;
            }
            ended.map_err(|error| self.truncated(error))?;
        }
        Ok(())
    }

    fn read_on(&mut self, most: &mut Option<u64>) -> Result<()> {
        match self.next_piece(most)? {
            Piece::Row(Row::End) => self.asking.answered(),
            Piece::End => {
                let was_open = std::mem::take(&mut self.is_row_open);
                if was_open && self.row.uid().is_none() {
                    return Err(self.unreadable());
                }
            }
            Piece::Row(Row::Message) => {
                if std::mem::take(&mut self.is_row_open) {
                    return self.check_row();
                }
            }
            Piece::Row(Row::Other | Row::Vanished(_)) | Piece::Literal(_) => {}
        }
        Ok(())
    }

    /// The items after the octets must fit those before them.
    fn check_row(&mut self) -> Result<()> {
        if self.row.uid().is_none() || !self.may_be_answer() {
            return Err(self.unreadable());
        }
        self.uid = self.row.uid();
        match self.what.error_in(&self.row) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

impl What {
    /// The effect that the command may have if the rest of its answer is not read.
    fn effect(&self) -> Effect {
        match self.marks_seen {
            true => Effect::Possible,
            false => Effect::None,
        }
    }

    pub(crate) fn body(section: &Section) -> Self {
        Self::of(FetchItem::BodyPeek(section.clone()), section, Kind::Section)
    }

    /// The item as it is written.
    pub(crate) fn item(&self) -> &str {
        &self.item
    }

    fn question(&self) -> Question<'_> {
        Question {
            command: COMMAND,
            by_uid: true,
            items: &self.item,
            marks_seen: self.marks_seen,
            is_decoded: self.kind == Kind::Binary,
        }
    }

    /// The section by BODY, with which the server sets `\Seen`.
    pub(crate) fn body_and_seen(section: &Section) -> Self {
        Self::of(
            FetchItem::BodyAndMarkSeen(section.clone()),
            section,
            Kind::Section,
        )
    }

    pub(crate) fn binary(section: &Section) -> Self {
        Self::of(
            FetchItem::BinaryPeek(section.clone()),
            section,
            Kind::Binary,
        )
    }

    fn of(item: FetchItem, section: &Section, kind: Kind) -> Self {
        Self {
            marks_seen: item.marks_seen(),
            item: format!("(UID {item})"),
            kind,
            section: section.clone(),
        }
    }

    /// The reason why a complete row lacks the section, if it has another value in its place.
    fn missing_in(&self, row: &Responses) -> Option<ItemError> {
        let error = row.answer().section_error(self.kind, &self.section)?;
        (error.kind() != ItemErrorKind::Missing).then_some(error)
    }

    fn found_in<'r>(&self, row: &'r Responses) -> Option<Option<&'r [u8]>> {
        row.answer().nil_or_octets(self.kind, &self.section)
    }

    fn error_in(&self, row: &Responses) -> Option<ItemError> {
        row.answer().error_from(self.kind, &self.section)
    }

    fn octets_before(&self, row: &Responses) -> Option<u64> {
        row.answer().octets_before(self.kind, &self.section)
    }
}
