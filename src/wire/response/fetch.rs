//! FETCH: one message's answer, indexed once and parsed as it is asked (RFC 9051 section 7.5.2).

use std::fmt;

use chrono::{DateTime, FixedOffset};

use crate::types::section::Section;
use crate::types::uid::{ModSeq, SeqNum, Uid};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::frame::{Frame, OutOfLine};
use crate::wire::limits::Limits;
use crate::wire::response::body_structure::BodyStructure;
use crate::wire::response::date_time;
use crate::wire::response::envelope::Envelope;
use crate::wire::response::fetch_item::{Item, Kind, Shapes, Span};
use crate::wire::response::flags::Flags;
use crate::wire::response::item_error::ItemError;

/// A FETCH response that has been told from others and not parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchRow<'a> {
    /// As the server wrote it: may be 0.
    pub(crate) seq: u32,
    pub(crate) frame: Frame<'a>,
    /// The octet of the frame at which the list of items begins.
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

/// What a [`FetchRow`] knows of its frame, without borrowing it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FetchPlace {
    pub(crate) seq: u32,
    pub(crate) items_at: usize,
    pub(crate) limits: Limits,
}

impl<'a> FetchRow<'a> {
    /// A row that begins to the letter as the standard has it. There may be a million of them, so
    /// they are told before all else; the others are found by the general way.
    pub(crate) fn plain(frame: Frame<'a>, limits: &Limits) -> Option<FetchRow<'a>> {
        let rest = frame.bytes.strip_prefix(b"* ")?;
        let (mut seq, mut digits) = (0u32, 0usize);
        for byte in rest {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            seq = seq.checked_mul(10)?.checked_add(u32::from(digit))?;
            digits += 1;
        }
        let is_row = digits > 0 && rest.get(digits..)?.starts_with(b" FETCH (");
        is_row.then(|| FetchRow {
            seq,
            frame,
            items_at: digits + b"*  FETCH ".len(),
            limits: *limits,
        })
    }

    pub(crate) fn place(&self) -> FetchPlace {
        FetchPlace {
            seq: self.seq,
            items_at: self.items_at,
            limits: self.limits,
        }
    }
}

/// What the server said about one message in one FETCH response.
///
/// Holds the octets as they came and parses an item when it is asked for. An item that was not
/// sent is `None` or [`ItemError`] with [`ItemProblem::Missing`]; one that cannot be understood
/// does no harm to the others.
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::types::{FetchItem, SearchKey};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// let all = inbox.search(SearchKey::All)?;
/// let mut messages = inbox.fetch(&all, [FetchItem::Rfc822Size, FetchItem::Envelope])?;
/// while let Some(message) = messages.next()? {
///     if let (Some(uid), Some(size)) = (message.uid(), message.size()) {
///         println!("{uid}: {size} octets, {}", message.envelope()?.subject());
///     }
///     assert!(message.body_structure().is_err()); // was not asked for
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`ItemProblem::Missing`]: crate::message::ItemProblem::Missing
#[derive(Clone)]
pub struct Fetch {
    seq: u32,
    uid: Option<Uid>,
    bytes: Vec<u8>,
    literals: Vec<OutOfLine>,
    items: Vec<Item>,
    shapes: Shapes,
}

impl Fetch {
    /// An answer without items, to be filled by [`assign`](Self::assign).
    pub(crate) fn empty() -> Fetch {
        Fetch {
            seq: 0,
            uid: None,
            bytes: Vec::new(),
            literals: Vec::new(),
            items: Vec::new(),
            shapes: Shapes::default(),
        }
    }

    /// Becomes a copy of this row. Keeps its buffers, so that in the long run it allocates only
    /// for large literals.
    pub(crate) fn assign(&mut self, row: &FetchRow<'_>) {
        let mut literals = row.frame.literals.to_vec();
        self.assign_taking(row.place(), row.frame.bytes, &mut literals);
    }

    /// Like [`assign`](Self::assign), but takes the large literals instead of copying them, and
    /// leaves an empty vector that may be used again.
    pub(crate) fn assign_taking(
        &mut self,
        place: FetchPlace,
        bytes: &[u8],
        literals: &mut Vec<OutOfLine>,
    ) {
        self.bytes.clear();
        self.bytes.extend_from_slice(bytes);
        self.literals.clear();
        std::mem::swap(&mut self.literals, literals);
        (self.seq, self.uid) = (place.seq, None);
        self.index(place.items_at, &place.limits);
    }

    /// The message's sequence number at the time of the answer.
    pub fn seq(&self) -> Option<SeqNum> {
        SeqNum::new(self.seq)
    }

    /// The message's unique identifier.
    pub fn uid(&self) -> Option<Uid> {
        self.uid
    }

    /// The message's flags.
    pub fn flags(&self) -> Option<Flags<'_>> {
        self.value(Kind::Flags).map(Flags::new)
    }

    /// When the server received the message.
    ///
    /// `Ok(None)` where the server has no date, which some write as NIL or as a day 0.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if INTERNALDATE was not sent or is no string.
    pub fn internal_date(&self) -> Result<Option<DateTime<FixedOffset>>, ItemError> {
        let item = self.sound(Kind::InternalDate, "INTERNALDATE")?;
        match self.cursor(item.value).nstring() {
            Ok(date) => Ok(date.and_then(|date| date_time::internal_date(&date))),
            Err(_) => Err(self.malformed(item)),
        }
    }

    /// The size of the message in octets (RFC822.SIZE).
    pub fn size(&self) -> Option<u64> {
        self.value(Kind::Size)?.number64().ok()
    }

    /// The mod-sequence of the message (RFC 7162).
    pub fn mod_seq(&self) -> Option<ModSeq> {
        let mut cursor = self.value(Kind::ModSeq)?;
        cursor.try_byte(b'(');
        cursor.try_sp();
        cursor.number64().ok().and_then(ModSeq::new)
    }

    /// The header of the message as the server parsed it.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if ENVELOPE was not sent or is no list.
    pub fn envelope(&self) -> Result<Envelope<'_>, ItemError> {
        let item = self.sound(Kind::Envelope, "ENVELOPE")?;
        let fields = self.shapes.envelope.ok_or_else(|| self.malformed(item))?;
        Ok(Envelope::new(self.frame(), fields))
    }

    /// The parts of the message, from BODYSTRUCTURE or from BODY without extension data.
    ///
    /// # Errors
    ///
    /// [`ItemError`] if it was not sent, does not follow the grammar, or has more levels or parts
    /// than the limits allow.
    pub fn body_structure(&self) -> Result<BodyStructure<'_>, ItemError> {
        let item = self
            .sound(Kind::BodyStructure, "BODYSTRUCTURE")
            .or_else(|error| self.sound(Kind::Body, "BODY").map_err(|_| error))?;
        match self.shapes.nodes.as_slice() {
            [] => Err(self.malformed(item)),
            nodes => Ok(BodyStructure::new(self.frame(), nodes)),
        }
    }

    /// The octets of a section of the message, asked for by `BODY[...]` or `BODY.PEEK[...]`.
    ///
    /// `None` if the server did not send this section, or sent NIL for it.
    ///
    /// ```
    #[doc = include_str!("../../doc/session.txt")]
    /// use latchbox::types::{FetchItem, Section, UidSet};
    ///
    /// let text = Section::whole().text();
    /// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    /// let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyPeek(text.clone())])?;
    /// while let Some(message) = messages.next()? {
    ///     assert_eq!(message.body(&text), Some(&b"Hi!\r\n"[..]));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn body(&self, section: &Section) -> Option<&[u8]> {
        self.octets(Kind::Section, section)
    }

    /// The octets of a part with its transfer encoding taken off, asked for by `BINARY[...]` or
    /// `BINARY.PEEK[...]`.
    ///
    /// `None` if the server did not send this part, or could not decode it and sent NIL.
    pub fn binary(&self, section: &Section) -> Option<&[u8]> {
        self.octets(Kind::Binary, section)
    }

    /// The size in octets of a part with its transfer encoding taken off (`BINARY.SIZE[...]`).
    pub fn binary_size(&self, section: &Section) -> Option<u64> {
        let item = self.find_section(Kind::BinarySize, section)?;
        self.cursor(item.value).number64().ok()
    }

    /// Like [`body`](Self::body), but hands the octets over: a large body is not copied. Afterwards
    /// this answer has the section no more.
    pub fn take_body(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Section, section)
    }

    /// Like [`binary`](Self::binary), but hands the octets over as
    /// [`take_body`](Self::take_body) does.
    pub fn take_binary(&mut self, section: &Section) -> Option<Vec<u8>> {
        self.take(Kind::Binary, section)
    }

    /// The value of any item as the server wrote it, by the item's name without a section.
    ///
    /// For items of extensions, such as `X-GM-MSGID`.
    pub fn raw_item(&self, name: &str) -> Option<&[u8]> {
        let mut items = self.items.iter().filter(|item| !item.broken);
        let item = items.find(|item| {
            self.bytes_at(item.name)
                .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        })?;
        self.bytes_at(item.value)
    }

    /// The items that were sent and make no sense, each with its octets.
    ///
    /// ENVELOPE and BODYSTRUCTURE are looked into only by the methods that return them.
    pub fn errors(&self) -> impl Iterator<Item = ItemError> {
        self.items
            .iter()
            .filter(|item| item.broken)
            .map(|item| self.malformed(item))
    }

    /// Whether it holds nothing but what servers tell unasked when it changes.
    pub(crate) fn is_only_news(&self) -> bool {
        let is_news = |item: &Item| matches!(item.kind, Kind::Uid | Kind::Flags | Kind::ModSeq);
        self.items.iter().all(is_news)
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            bytes: &self.bytes,
            literals: &self.literals,
        }
    }

    fn cursor(&self, span: Span) -> Cursor<'_> {
        Cursor::within(self.frame(), span.start(), span.end())
    }

    fn bytes_at(&self, span: Span) -> Option<&[u8]> {
        self.bytes.get(span.start()..span.end())
    }

    fn find(&self, kind: Kind) -> Option<&Item> {
        self.items.iter().find(|item| item.kind == kind)
    }

    fn value(&self, kind: Kind) -> Option<Cursor<'_>> {
        self.find(kind)
            .filter(|item| !item.broken)
            .map(|item| self.cursor(item.value))
    }

    /// The item if it is there, is no NIL and is not broken.
    fn sound(&self, kind: Kind, name: &str) -> Result<&Item, ItemError> {
        let item = self.find(kind).ok_or_else(|| ItemError::missing(name))?;
        if item.broken {
            return Err(self.malformed(item));
        }
        if kind != Kind::InternalDate && self.cursor(item.value).try_nil() {
            return Err(ItemError::missing(name));
        }
        Ok(item)
    }

    fn malformed(&self, item: &Item) -> ItemError {
        let name = String::from_utf8_lossy(self.bytes_at(item.name).unwrap_or_default());
        let name = if name.is_empty() { "FETCH" } else { &name };
        ItemError::malformed(name, self.bytes_at(item.value).unwrap_or_default())
    }

    fn find_section(&self, kind: Kind, section: &Section) -> Option<&Item> {
        let asked = |item: &&Item| {
            item.kind == kind && !item.broken && item.matches(self.cursor(item.name), section)
        };
        self.items.iter().find(asked)
    }

    fn octets(&self, kind: Kind, section: &Section) -> Option<&[u8]> {
        let item = self.find_section(kind, section)?;
        let octets = if item.unquoted {
            self.bytes_at(item.value)?
        } else if self.cursor(item.value).try_nil() {
            return None;
        } else {
            self.cursor(item.value).literal().ok()?
        };
        Some(item.asked_octets(octets, section))
    }

    fn take(&mut self, kind: Kind, section: &Section) -> Option<Vec<u8>> {
        let octets = self.octets(kind, section)?;
        let item = *self.find_section(kind, section)?;
        let at = item.value.end();
        let literal = self
            .literals
            .binary_search_by_key(&at, |literal| literal.at)
            .ok();
        let literal = literal.and_then(|index| self.literals.get(index));
        let whole = literal.is_some_and(|literal| literal.data.len() == octets.len());
        let taken = if whole { None } else { Some(octets.to_vec()) };
        self.items.retain(|other| other.name != item.name);
        taken.or_else(|| {
            let literal = self.literals.iter_mut().find(|literal| literal.at == at)?;
            Some(std::mem::take(&mut literal.data))
        })
    }

    /// Finds the items of the row.
    fn index(&mut self, items_at: usize, limits: &Limits) {
        let mut items = std::mem::take(&mut self.items);
        let mut shapes = std::mem::take(&mut self.shapes);
        items.clear();
        shapes.clear();
        let mut cursor = Cursor::at(self.frame(), items_at);
        if read_items(&mut cursor, &mut items, &mut shapes, limits).is_err() {
            items.push(Item::rest(&cursor));
        }
        self.uid = shapes.uid;
        for item in &mut items {
            item.unquote(&mut self.bytes);
        }
        (self.items, self.shapes) = (items, shapes);
    }
}

/// `"(" [msg-att *(SP msg-att)] ")"`; on an error the cursor stands where the trouble begins.
fn read_items(
    cursor: &mut Cursor<'_>,
    items: &mut Vec<Item>,
    shapes: &mut Shapes,
    limits: &Limits,
) -> Result<(), ParseError> {
    cursor.byte(b'(', "a list of items")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            cursor.skip_blank();
            return cursor.end();
        }
        if items.len() >= MAX_ITEMS.min(limits.list) {
            return Err(cursor.error("fewer items"));
        }
        let start = cursor.position();
        match Item::read(cursor, limits, shapes) {
            Ok(item) => items.push(item),
            Err(error) => {
                cursor.seek(start);
                return Err(error);
            }
        }
    }
}

/// No command asks for as many about one message.
const MAX_ITEMS: usize = 4096;

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |item: &Item| {
            self.bytes_at(item.name)
                .unwrap_or_default()
                .escape_ascii()
                .to_string()
        };
        let items: Vec<String> = self.items.iter().map(name).collect();
        f.debug_struct("Fetch")
            .field("seq", &self.seq)
            .field("uid", &self.uid)
            .field("items", &items)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::types::flag::Flag;
    use crate::wire::response::item_error::ItemProblem;
    use crate::wire::testing::{assign, fetch, summary};

    /// An answer with these items.
    fn items(items: &str) -> Fetch {
        fetch(format!("* 12 FETCH ({items})\r\n").as_bytes())
    }

    fn errors(fetch: &Fetch) -> Vec<(String, String)> {
        let shown = |error: ItemError| {
            assert_eq!(error.problem(), ItemProblem::Malformed);
            let bytes = String::from_utf8_lossy(error.bytes()).into_owned();
            (error.item().to_owned(), bytes)
        };
        fetch.errors().map(shown).collect()
    }

    fn part(number: &str) -> Section {
        Section::part(number).unwrap()
    }

    fn text(octets: Option<&[u8]>) -> Option<&str> {
        octets.map(|octets| std::str::from_utf8(octets).unwrap())
    }

    #[test]
    fn the_example_of_rfc_9051() {
        let fetch = items(
            "FLAGS (\\Seen $Work) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 \
             ENVELOPE (NIL \"IMAP4\" NIL NIL NIL NIL NIL NIL NIL NIL) \
             BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92) UID 7 \
             MODSEQ (624140003)",
        );
        assert_eq!((fetch.seq(), fetch.uid()), (SeqNum::new(12), Uid::new(7)));
        let flags: Vec<Flag> = fetch.flags().unwrap().collect();
        assert_eq!(flags, [Flag::Seen, Flag::keyword("$work").unwrap()]);
        let date = fetch.internal_date().unwrap().unwrap();
        assert_eq!(date.to_rfc3339(), "1996-07-17T02:44:25-07:00");
        assert_eq!(
            (fetch.size(), fetch.mod_seq()),
            (Some(4286), ModSeq::new(624_140_003))
        );
        assert_eq!(fetch.envelope().unwrap().subject(), "IMAP4");
        assert_eq!(fetch.body_structure().unwrap().root().lines(), Some(92));
        assert_eq!(errors(&fetch), []);
    }

    #[test]
    fn rows_in_another_form_are_the_same() {
        let plain = summary(&fetch(b"* 12 FETCH (UID 5 FLAGS (\\Seen))\r\n"));
        for row in [
            "*  12 FETCH (UID 5 FLAGS (\\Seen))\r\n",
            "* 012 fetch  ( uid  5 Flags (\\seen) ) \r\n",
        ] {
            assert_eq!(summary(&fetch(row.as_bytes())), plain, "{row}");
        }
        let too_large = Frame::inline(b"* 4294967296 FETCH (UID 5)\r\n");
        assert!(assign(too_large).is_none());
    }

    #[test]
    fn what_was_not_sent_is_missing() {
        let fetch = items("");
        assert_eq!(
            (fetch.uid(), fetch.size(), fetch.mod_seq()),
            (None, None, None)
        );
        assert!(fetch.flags().is_none());
        assert_eq!(
            fetch.internal_date(),
            Err(ItemError::missing("INTERNALDATE"))
        );
        assert_eq!(
            fetch.envelope().unwrap_err(),
            ItemError::missing("ENVELOPE")
        );
        let error = fetch.body_structure().unwrap_err();
        assert_eq!(error, ItemError::missing("BODYSTRUCTURE"));
        assert_eq!(error.to_string(), "the server sent no BODYSTRUCTURE");
        let nil = items("ENVELOPE NIL BODYSTRUCTURE nil BODY[] NIL");
        assert_eq!(nil.envelope().unwrap_err().problem(), ItemProblem::Missing);
        assert_eq!(
            nil.body_structure().unwrap_err().problem(),
            ItemProblem::Missing
        );
        assert_eq!(nil.body(&Section::whole()), None);
    }

    #[test]
    fn flags_can_be_asked_without_a_list() {
        let fetch = items("FLAGS (\\Seen \\Odd Work)");
        let flags = fetch.flags().unwrap();
        for flag in ["\\SEEN", "\\odd", "work"] {
            assert!(flags.contains(&flag.parse().unwrap()), "{flag}");
        }
        for flag in ["\\Recent", "Seen", "odd", "\\work", "\\Odd2"] {
            assert!(!flags.contains(&flag.parse().unwrap()), "{flag}");
        }
    }

    #[test]
    fn sections() {
        let fetch = items(
            "BODY[] {3}\r\na\r\n BODY[HEADER] \"b\" BODY[1] \"\" BODY[1.2.MIME] {0}\r\n \
             BODY[1.2.HEADER.FIELDS (SUBJECT \"X-[A]\" {3}\r\nX-B)] {1}\r\nc body[text]<5> \"d\" \
             BODY[HEADER.FIELDS.NOT (X)] \"e\"",
        );
        assert_eq!(text(fetch.body(&Section::whole())), Some("a\r\n"));
        assert_eq!(text(fetch.body(&Section::whole().header())), Some("b"));
        assert_eq!(text(fetch.body(&part("1"))), Some(""));
        assert_eq!(text(fetch.body(&part("1.2").mime())), Some(""));
        let fields = Section::header_fields(["x-b", "Subject", "X-[A]"]).unwrap();
        assert_eq!(
            text(fetch.body(&fields.clone().in_part("1.2").unwrap())),
            Some("c")
        );
        let count = NonZeroU32::new(10).unwrap();
        assert_eq!(
            text(fetch.body(&Section::whole().text().partial(5, count))),
            Some("d")
        );
        let fields_not = Section::header_fields_not(["X"]).unwrap();
        assert_eq!(text(fetch.body(&fields_not)), Some("e"));
        for section in [
            part("2"),
            part("1.2"),
            part("1.1"),
            part("1").text(),
            fields,
            Section::whole().text(),
            Section::whole().text().partial(6, count),
            Section::header_fields(["X"]).unwrap(),
            Section::header_fields_not(["X", "Y"]).unwrap(),
            Section::header_fields(["x-b", "Subject"])
                .unwrap()
                .in_part("1.2")
                .unwrap(),
        ] {
            assert_eq!(fetch.body(&section), None, "{section}");
            assert_eq!(fetch.binary(&section), None, "{section}");
        }
    }

    #[test]
    fn binary() {
        let fetch =
            items("BINARY[1] ~{3}\r\na\0b BINARY[2]<3> {1}\r\nc BINARY.SIZE[3] 4096 BINARY[4] NIL");
        assert_eq!(text(fetch.binary(&part("1"))), Some("a\0b"));
        let partial = part("2").partial(3, NonZeroU32::MIN);
        assert_eq!(text(fetch.binary(&partial)), Some("c"));
        assert_eq!(fetch.binary_size(&part("3")), Some(4096));
        assert_eq!(
            (fetch.binary_size(&part("1")), fetch.binary(&part("4"))),
            (None, None)
        );
    }

    #[test]
    fn quoted_bodies_lose_their_escapes() {
        let fetch = items(r#"BODY[1] "\\a\"b\c\\" BODY[2] "x" UID 7"#);
        assert_eq!(text(fetch.body(&part("1"))), Some(r#"\a"b\c\"#));
        assert_eq!(text(fetch.body(&part("2"))), Some("x"));
        assert_eq!(fetch.uid(), Uid::new(7));
    }

    #[test]
    fn the_old_names_of_sections() {
        let fetch = items("RFC822 \"a\" RFC822.HEADER \"b\" RFC822.TEXT \"c\"");
        assert_eq!(text(fetch.body(&Section::whole())), Some("a"));
        assert_eq!(text(fetch.body(&Section::whole().header())), Some("b"));
        assert_eq!(text(fetch.body(&Section::whole().text())), Some("c"));
    }

    #[test]
    fn a_large_body_is_handed_over_and_not_copied() {
        let bytes = b"* 1 FETCH (BODY[] {5}\r\n BODY[1] {1}\r\nx)\r\n";
        let mut literals = vec![OutOfLine {
            at: 23,
            data: b"hello".to_vec(),
        }];
        let address = literals[0].data.as_ptr();
        let place = FetchPlace {
            seq: 1,
            items_at: 10,
            limits: Limits::DEFAULT,
        };
        let mut fetch = Fetch::empty();
        fetch.assign_taking(place, bytes, &mut literals);
        assert!(literals.is_empty());
        let body = fetch.take_body(&Section::whole()).unwrap();
        assert_eq!((body.as_slice(), body.as_ptr()), (&b"hello"[..], address));
        assert_eq!(fetch.take_body(&Section::whole()), None);
        assert_eq!(fetch.take_body(&part("1")).unwrap(), b"x");
    }

    #[test]
    fn nothing_of_one_message_is_left_in_the_next() {
        let mut fetch = items("UID 5 FLAGS (\\Seen) BODY[] {3}\r\nabc X (");
        fetch.assign(&FetchRow {
            seq: 13,
            frame: Frame::inline(b"* 13 FETCH ()\r\n"),
            items_at: 11,
            limits: Limits::DEFAULT,
        });
        assert_eq!((fetch.seq(), fetch.uid()), (SeqNum::new(13), None));
        assert!(fetch.flags().is_none() && fetch.errors().next().is_none());
        assert!(fetch.body(&Section::whole()).is_none());
    }

    #[test]
    fn broken_items_leave_the_others_alone() {
        let fetch =
            items("UID x FLAGS 5 RFC822.SIZE -1 ENVELOPE \"a\" BODYSTRUCTURE 7 MODSEQ x X 1");
        let expected = [
            ("UID", "x"),
            ("FLAGS", "5"),
            ("RFC822.SIZE", "-1"),
            ("ENVELOPE", "\"a\""),
            ("BODYSTRUCTURE", "7"),
            ("MODSEQ", "x"),
        ];
        assert_eq!(
            errors(&fetch),
            expected.map(|(name, bytes)| (name.into(), bytes.into()))
        );
        assert_eq!(fetch.raw_item("x"), Some(&b"1"[..]));
        let error = fetch.envelope().unwrap_err();
        assert_eq!(
            (error.problem(), error.bytes()),
            (ItemProblem::Malformed, &b"\"a\""[..])
        );
        let torn = items("UID 5 ENVELOPE (\"a FLAGS (\\Seen)");
        assert_eq!(torn.uid(), Uid::new(5));
        assert_eq!(errors(&torn)[0].0, "FETCH");
        assert!(errors(&torn)[0].1.starts_with("ENVELOPE ("));
        for row in [
            "",
            "x",
            "(",
            "(UID 5",
            "(UID",
            "(BODY[ {3}\r\nab",
            "(BODY[] {3}\r\nab",
        ] {
            let line = format!("* 1 FETCH {row}\r\n");
            let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
            assert!(fetch.errors().count() > 0, "{row}");
        }
    }

    #[test]
    fn attack_56_57_depth_spoils_one_item_only() {
        let (open, close) = ("(".repeat(100_000), ")".repeat(100_000));
        let line = format!(
            "* 1 FETCH (BODYSTRUCTURE {open}{close} X {open}{close} ENVELOPE {open}{close} UID 5)\r\n"
        );
        let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
        assert_eq!((fetch.uid(), fetch.errors().count()), (Uid::new(5), 3));
        assert_eq!(
            fetch.body_structure().unwrap_err().problem(),
            ItemProblem::Malformed
        );
        assert!(format!("{fetch:?}").len() < 1000);
        let flags = items("FLAGS (\\Seen ((a)) b)");
        assert_eq!(flags.flags().unwrap().collect::<Vec<_>>(), [Flag::Seen]);
    }

    #[test]
    fn attack_58_items_are_limited() {
        let line = format!("* 1 FETCH ({})\r\n", "UID 5 ".repeat(5000));
        let fetch = assign(Frame::inline(line.as_bytes())).unwrap();
        assert_eq!((fetch.uid(), fetch.errors().count()), (Uid::new(5), 1));
    }

    #[test]
    fn attack_65_66_numbers() {
        for (row, uid) in [
            ("UID 0", None),
            ("UID 4294967296", None),
            ("UID 4294967295", Uid::new(u32::MAX)),
        ] {
            assert_eq!(items(row).uid(), uid, "{row}");
        }
        assert_eq!(items("RFC822.SIZE 5000000000").size(), Some(5_000_000_000));
        assert_eq!(items("RFC822.SIZE 9.3736e+06").size(), None);
        for row in [
            "MODSEQ (0)",
            "MODSEQ (-1)",
            "MODSEQ (9223372036854775808)",
            "MODSEQ ()",
        ] {
            assert_eq!(items(row).mod_seq(), None, "{row}");
        }
        assert_eq!(items("MODSEQ 5").mod_seq(), ModSeq::new(5));
    }

    #[test]
    fn q23_a_literal_that_counts_characters() {
        let fetch = items("UID 5 BODY[1] {3}\r\n\u{e4}\u{f6}\u{fc} FLAGS ()");
        assert_eq!((fetch.uid(), fetch.body(&part("1"))), (Uid::new(5), None));
        assert_eq!(errors(&fetch)[0].0, "BODY[1]");
    }

    #[test]
    fn q24_line_ends_between_items() {
        let fetch = items("BODY[1] {3}\r\nabc\r\n UID 5");
        assert_eq!(
            (fetch.uid(), text(fetch.body(&part("1")))),
            (Uid::new(5), Some("abc"))
        );
    }

    #[test]
    fn q26_items_behind_the_closing_parenthesis() {
        let fetch = items("BODY[1] {3}\r\nabc) UID 5");
        assert_eq!(text(fetch.body(&part("1"))), Some("abc"));
        assert_eq!(errors(&fetch), [("FETCH".into(), "UID 5)".into())]);
    }

    #[test]
    fn q93_number_0() {
        let fetch = fetch(b"* 0 FETCH (UID 5)\r\n");
        assert_eq!((fetch.seq(), fetch.uid()), (None, Uid::new(5)));
    }

    #[test]
    fn q100_no_items() {
        assert_eq!(items("").errors().count(), 0);
    }

    #[test]
    fn q103_a_value_that_is_not_there() {
        let fetch = items("BODY[2] UID 5 BODY[3] ");
        assert_eq!(
            (fetch.uid(), fetch.body(&part("2")), fetch.body(&part("3"))),
            (Uid::new(5), None, None)
        );
        assert_eq!(errors(&fetch), []);
    }

    #[test]
    fn q106_all_where_a_part_was_asked_for() {
        let fetch = items("BODY[] \"0123456789\" BODY[1]<2> \"abcdef\"");
        let partial =
            |first, count| Section::whole().partial(first, NonZeroU32::new(count).unwrap());
        assert_eq!(text(fetch.body(&partial(2, 3))), Some("234"));
        assert_eq!(text(fetch.body(&partial(8, 3))), Some("89"));
        assert_eq!(text(fetch.body(&partial(11, 3))), Some(""));
        let longer = part("1").partial(2, NonZeroU32::new(4).unwrap());
        assert_eq!(text(fetch.body(&longer)), Some("abcd"));
    }

    #[test]
    fn q108_unknown_items() {
        let fetch = items("XAOL.SPAM.REASON x XAOL-MSGID (1 (2)) X[A B]<3> {1}\r\n) UID 5");
        assert_eq!((fetch.uid(), errors(&fetch)), (Uid::new(5), vec![]));
        assert_eq!(fetch.raw_item("XAOL-MSGID"), Some(&b"(1 (2))"[..]));
    }

    #[test]
    fn q110_dates_that_are_none() {
        for date in ["\"00-Jan-0000 00:00:00 +0000\"", "NIL", "\"\""] {
            assert_eq!(
                items(&format!("INTERNALDATE {date}")).internal_date(),
                Ok(None),
                "{date}"
            );
        }
        assert!(items("INTERNALDATE (a)").internal_date().is_err());
    }

    #[test]
    fn q111_header_names_in_any_form() {
        let fetch = items("BODY[HEADER.FIELDS ( {1}\r\nb \"A\")] \"x\"");
        assert_eq!(
            text(fetch.body(&Section::header_fields(["a", "B"]).unwrap())),
            Some("x")
        );
    }
}
