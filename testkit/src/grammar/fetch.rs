//! FETCH: its items and its modifiers.

use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::sets::{Page, Set};

/// What a FETCH asks for, and of which messages.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) uid: bool,
    pub(crate) set: Set,
    pub(crate) items: Vec<Item>,
    /// Only what changed after this mod-sequence (RFC 7162).
    pub(crate) since: Option<u64>,
    /// And the UIDs that have gone since.
    pub(crate) vanished: bool,
    /// Only a page of it (RFC 9394).
    pub(crate) partial: Option<Page>,
}

/// An item of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Item {
    Uid,
    Flags,
    ModSeq,
    InternalDate,
    Size,
    Envelope,
    Body,
    BodyStructure,
    Rfc822,
    Rfc822Header,
    Rfc822Text,
    Section {
        section: Section,
        partial: Option<Partial>,
        peek: bool,
    },
    Binary {
        part: Vec<u32>,
        partial: Option<Partial>,
        peek: bool,
    },
    BinarySize(Vec<u32>),
    EmailId,
    ThreadId,
    SaveDate,
    Preview,
    GmailMessageId,
    GmailThreadId,
    GmailLabels,
}

/// The first octet, and how many.
pub(crate) type Partial = (u32, u32);

/// What stands in the brackets of `BODY[..]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Section {
    /// The numbers of the part; none for the message.
    pub(crate) part: Vec<u32>,
    pub(crate) of: Of,
}

/// What of a part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Of {
    All,
    Header,
    /// The fields with these names, or all others.
    Fields {
        names: Vec<String>,
        not: bool,
    },
    Text,
    Mime,
}

impl Item {
    /// Whether a FETCH of it sets `\Seen`.
    pub(crate) fn sets_seen(&self) -> bool {
        match self {
            Self::Rfc822 | Self::Rfc822Text => true,
            Self::Section { peek, .. } | Self::Binary { peek, .. } => !peek,
            _ => false,
        }
    }
}

impl Reader<'_> {
    /// What follows FETCH.
    pub(super) fn fetch(&mut self, uid: bool) -> Parsed<Fetch> {
        self.space()?;
        let set = self.set(uid)?;
        self.space()?;
        let mut fetch = Fetch {
            uid,
            set,
            items: self.items()?,
            since: None,
            vanished: false,
            partial: None,
        };
        if self.more()? {
            let at = self.place();
            self.list(|reader| reader.fetch_modifier(&mut fetch))?;
            if fetch.vanished && !(uid && fetch.since.is_some()) {
                return Err(self.wrong_at(at, "VANISHED needs UID FETCH and CHANGEDSINCE"));
            }
        }
        Ok(fetch)
    }

    /// One item, a list of items, or the name of several.
    fn items(&mut self) -> Parsed<Vec<Item>> {
        use Item::{Body, Envelope, Flags, InternalDate, Size};
        let macros = match self.next_word().as_str() {
            "ALL" => vec![Flags, InternalDate, Size, Envelope],
            "FAST" => vec![Flags, InternalDate, Size],
            "FULL" => vec![Flags, InternalDate, Size, Envelope, Body],
            _ if self.peek() == Some(b'(') => return self.item_list(),
            _ => return Ok(vec![self.item()?]),
        };
        self.word();
        Ok(macros)
    }

    /// A list of items.
    pub(super) fn item_list(&mut self) -> Parsed<Vec<Item>> {
        self.list(Self::item)
    }

    fn item(&mut self) -> Parsed<Item> {
        let at = self.place();
        let item = match self.word().as_str() {
            "UID" => Item::Uid,
            "FLAGS" => Item::Flags,
            "INTERNALDATE" => Item::InternalDate,
            "RFC822.SIZE" => Item::Size,
            "ENVELOPE" => Item::Envelope,
            "BODYSTRUCTURE" => Item::BodyStructure,
            "RFC822" => Item::Rfc822,
            "RFC822.HEADER" => Item::Rfc822Header,
            "RFC822.TEXT" => Item::Rfc822Text,
            "BODY" if self.peek() == Some(b'[') => self.section_item(false)?,
            "BODY" => Item::Body,
            "BODY.PEEK" => self.section_item(true)?,
            word => match self.item_of_extension(word, at)? {
                Some(item) => item,
                None => {
                    self.go_back(at);
                    return Err(self.expected("an item of FETCH"));
                }
            },
        };
        Ok(item)
    }

    fn item_of_extension(&mut self, word: &str, at: usize) -> Parsed<Option<Item>> {
        let (item, needed): (_, &[&str]) = match word {
            "MODSEQ" => (Item::ModSeq, &["CONDSTORE"]),
            "EMAILID" => (Item::EmailId, &["OBJECTID"]),
            "THREADID" => (Item::ThreadId, &["OBJECTID"]),
            "SAVEDATE" => (Item::SaveDate, &["SAVEDATE"]),
            "X-GM-MSGID" => (Item::GmailMessageId, &["X-GM-EXT-1"]),
            "X-GM-THRID" => (Item::GmailThreadId, &["X-GM-EXT-1"]),
            "X-GM-LABELS" => (Item::GmailLabels, &["X-GM-EXT-1"]),
            "PREVIEW" => {
                if self.rest().starts_with(b" (") {
                    self.space()?;
                    self.list(|reader| reader.keyword("LAZY"))?;
                }
                (Item::Preview, &["PREVIEW"])
            }
            "BINARY" => (self.binary_item(false)?, &["BINARY"]),
            "BINARY.PEEK" => (self.binary_item(true)?, &["BINARY"]),
            "BINARY.SIZE" => {
                self.octet(b'[', "[")?;
                (Item::BinarySize(self.part_in_brackets()?), &["BINARY"])
            }
            _ => return Ok(None),
        };
        self.needs_at(at, needed);
        Ok(Some(item))
    }

    fn binary_item(&mut self, peek: bool) -> Parsed<Item> {
        self.octet(b'[', "[")?;
        Ok(Item::Binary {
            part: self.part_in_brackets()?,
            partial: self.partial()?,
            peek,
        })
    }

    fn part_in_brackets(&mut self) -> Parsed<Vec<u32>> {
        let mut part = Vec::new();
        if !self.accept(b"]") {
            part.push(self.nz_number("a part number")?);
            while self.accept(b".") {
                part.push(self.nz_number("a part number")?);
            }
            self.octet(b']', ". or ]")?;
        }
        Ok(part)
    }

    fn section_item(&mut self, peek: bool) -> Parsed<Item> {
        self.octet(b'[', "[")?;
        Ok(Item::Section {
            section: self.section()?,
            partial: self.partial()?,
            peek,
        })
    }

    /// A section, to the bracket that closes it.
    pub(super) fn section(&mut self) -> Parsed<Section> {
        let mut part = Vec::new();
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            part.push(self.nz_number("a part number")?);
            if !self.accept(b".") {
                self.octet(b']', ". or ]")?;
                return Ok(Section { part, of: Of::All });
            }
        }
        if part.is_empty() && self.accept(b"]") {
            return Ok(Section { part, of: Of::All });
        }
        let at = self.place();
        let of = match self.word().as_str() {
            "HEADER" => Of::Header,
            "TEXT" => Of::Text,
            "MIME" if !part.is_empty() => Of::Mime,
            word @ ("HEADER.FIELDS" | "HEADER.FIELDS.NOT") => {
                self.space()?;
                let names = self.list(|reader| reader.astring_text("a field name"))?;
                let not = word == "HEADER.FIELDS.NOT";
                Of::Fields { names, not }
            }
            _ => {
                self.go_back(at);
                return Err(self.expected("a section"));
            }
        };
        self.octet(b']', "]")?;
        Ok(Section { part, of })
    }

    /// `<0.1024>`, if it is there.
    fn partial(&mut self) -> Parsed<Option<Partial>> {
        if !self.accept(b"<") {
            return Ok(None);
        }
        let first = self.number("the first octet")?;
        self.octet(b'.', ".")?;
        let count = self.nz_number("a count of octets")?;
        self.octet(b'>', ">")?;
        Ok(Some((first, count)))
    }

    fn fetch_modifier(&mut self, fetch: &mut Fetch) -> Parsed<()> {
        match self.next_word().as_str() {
            "CHANGEDSINCE" => {
                self.needs(&["CONDSTORE"]);
                self.word();
                self.space()?;
                fetch.since = Some(self.mod_seq()?);
            }
            "VANISHED" => {
                self.needs(&["QRESYNC"]);
                self.word();
                fetch.vanished = true;
            }
            "PARTIAL" => {
                self.needs(&["PARTIAL"]);
                self.word();
                self.space()?;
                fetch.partial = Some(self.page()?);
            }
            _ => return Err(self.expected("a modifier of FETCH")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Result<Vec<Item>, String> {
        let text = format!(" 1 {text}");
        let mut reader = Reader::new(text.as_bytes(), false);
        let fetch = reader.fetch(true).map_err(|wrong| wrong.text())?;
        match reader.rest() {
            b"" => Ok(fetch.items),
            rest => Err(String::from_utf8_lossy(rest).into_owned()),
        }
    }

    #[test]
    fn items_in_all_forms() {
        let section = |part: &[u32], of, partial| Item::Section {
            section: Section {
                part: part.to_vec(),
                of,
            },
            partial,
            peek: true,
        };
        let names = vec!["To".to_owned(), "X A".to_owned()];
        for (text, expected) in [
            ("body", Item::Body),
            ("(FLAGS)", Item::Flags),
            ("BODY.PEEK[]", section(&[], Of::All, None)),
            (
                "BODY.PEEK[1.2]<0.5>",
                section(&[1, 2], Of::All, Some((0, 5))),
            ),
            ("BODY.PEEK[1.2.MIME]", section(&[1, 2], Of::Mime, None)),
            ("BODY.PEEK[TEXT]", section(&[], Of::Text, None)),
            (
                "BODY.PEEK[3.HEADER.FIELDS.NOT (To \"X A\")]",
                section(&[3], Of::Fields { names, not: true }, None),
            ),
            ("BINARY.SIZE[]", Item::BinarySize(Vec::new())),
            ("(PREVIEW (LAZY))", Item::Preview),
        ] {
            assert_eq!(items(text), Ok(vec![expected]), "{text}");
        }
        assert_eq!(items("FAST").map(|items| items.len()), Ok(3));
    }

    #[test]
    fn items_that_are_none() {
        for (text, wrong) in [
            ("(ALL)", "Octet 5: an item of FETCH expected, not \"ALL)\""),
            ("BODY[MIME]", "Octet 9: a section expected, not \"MIME]\""),
            ("BODY[1.]", "Octet 11: a section expected, not \"]\""),
            ("BODY[0]", "Octet 9: a part number does not begin with 0"),
            (
                "BODY[]<0.0>",
                "Octet 13: a count of octets does not begin with 0",
            ),
            (
                "BODY[HEADER.FIELDS ()]",
                "Octet 23: a list with something in it expected, not ()",
            ),
            (
                "()",
                "Octet 4: a list with something in it expected, not ()",
            ),
            ("FLAGS UID", "Octet 10: a list expected, not \"UID\""),
            (
                "FLAGS (VANISHED)",
                "Octet 10: VANISHED needs UID FETCH and CHANGEDSINCE",
            ),
            (
                "FLAGS (CHANGEDSINCE 0)",
                "Octet 24: a mod-sequence does not begin with 0",
            ),
        ] {
            assert_eq!(items(text), Err(wrong.to_owned()), "{text}");
        }
    }
}
