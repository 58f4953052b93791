//! SEARCH, SORT, THREAD and ESEARCH: their options and keys.

use chrono::NaiveDate;

use crate::grammar::filters::Filter;
use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::sets::{Page, Set};

/// How deep keys may be nested.
const DEEPEST: usize = 100;

/// The names of the charsets that this server knows.
const CHARSETS: [&str; 2] = ["UTF-8", "US-ASCII"];

/// What is looked for, and what of the result is returned.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) uid: bool,
    /// `RETURN (..)` (RFC 4731).
    pub(crate) returns: Option<Returns>,
    /// A charset was named, which this server does not know.
    pub(crate) is_of_unknown_charset: bool,
    pub(crate) keys: Vec<Key>,
}

/// What is advertised for searches that are kept current (RFC 5267).
const CONTEXT: &[&str] = &["CONTEXT=SEARCH", "CONTEXT=SORT"];

/// What a SEARCH shall return.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Returns {
    pub(crate) min: bool,
    pub(crate) max: bool,
    pub(crate) count: bool,
    pub(crate) all: bool,
    /// The result is to be kept (RFC 5182).
    pub(crate) save: bool,
    /// A page of the result (RFC 9394).
    pub(crate) partial: Option<Page>,
    /// The client is to be told of later changes (RFC 5267).
    pub(crate) update: bool,
}

/// How results are sorted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Criterion {
    pub(crate) by: By,
    pub(crate) reverse: bool,
}

/// What results are sorted by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    Arrival,
    Cc,
    Date,
    DisplayFrom,
    DisplayTo,
    From,
    Size,
    Subject,
    To,
}

/// How messages are put into threads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Algorithm {
    OrderedSubject,
    References,
    Refs,
}

/// One key of a search.
#[derive(Debug, PartialEq)]
pub(crate) enum Key {
    All,
    And(Vec<Key>),
    Or(Box<Key>, Box<Key>),
    Not(Box<Key>),
    /// Negated by the word NOT; a key such as UNSEEN is `Not`.
    Negated(Box<Key>),
    Seqs(Set),
    Uids(Set),
    /// A stored search, by its name.
    Filter(String),
    Flag(String),
    Recent,
    Header(String, Vec<u8>),
    /// BCC, CC, FROM or TO.
    Address(String, Vec<u8>),
    /// As `Address`, but only the display names count.
    Name(String, Vec<u8>),
    Body(Vec<u8>),
    Text(Vec<u8>),
    Received(When, NaiveDate),
    Sent(When, NaiveDate),
    Saved(When, NaiveDate),
    SaveDateSupported,
    Larger(u64),
    Smaller(u64),
    ModSeq(u64),
    Younger(u32),
    EmailId(String),
    ThreadId(String),
    GmailMessageId(u64),
    GmailThreadId(u64),
    GmailLabel(Vec<u8>),
}

/// How a date is compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum When {
    Before,
    On,
    Since,
}

impl Returns {
    /// Whether the result is kept, and nothing of it is returned.
    pub(crate) fn is_saved_alone(self) -> bool {
        let saved = Self {
            save: true,
            ..Self::default()
        };
        self == saved
    }
}

impl Key {
    /// Changes the key, and then those in it.
    pub(crate) fn change(&mut self, change: &impl Fn(&mut Self)) {
        change(self);
        match self {
            Self::And(keys) => keys.iter_mut().for_each(|key| key.change(change)),
            Self::Or(one, other) => {
                one.change(change);
                other.change(change);
            }
            Self::Not(key) | Self::Negated(key) => key.change(change),
            _ => {}
        }
    }

    fn not(key: Self) -> Self {
        Self::Not(Box::new(key))
    }

    /// Whether it has numbers of messages in it.
    fn is_of_one_mailbox(&self) -> bool {
        match self {
            Self::Seqs(_) | Self::Uids(_) => true,
            Self::And(keys) => keys.iter().any(Self::is_of_one_mailbox),
            Self::Or(one, other) => one.is_of_one_mailbox() || other.is_of_one_mailbox(),
            Self::Not(key) => key.is_of_one_mailbox(),
            _ => false,
        }
    }

    fn flag(name: &str) -> Self {
        Self::Flag(name.to_owned())
    }
}

impl Reader<'_> {
    /// What follows SEARCH.
    pub(super) fn search(&mut self, uid: bool) -> Parsed<Search> {
        if !uid {
            self.has_numbers();
        }
        self.space()?;
        let returns = self.returns(&["ESEARCH"])?;
        let is_of_unknown_charset = self.charset()?;
        Ok(Search {
            uid,
            returns,
            is_of_unknown_charset,
            keys: self.keys()?,
        })
    }

    /// What follows SORT (RFC 5256, RFC 5267).
    pub(super) fn sort(&mut self, uid: bool) -> Parsed<(Vec<Criterion>, Search)> {
        self.space()?;
        let returns = self.returns(&["ESORT"])?;
        let criteria = self.list(Self::criterion)?;
        self.space()?;
        let search = self.charset_and_keys(uid)?;
        Ok((criteria, Search { returns, ..search }))
    }

    /// What follows THREAD (RFC 5256).
    pub(super) fn thread(&mut self, uid: bool) -> Parsed<(Algorithm, Search)> {
        self.space()?;
        let (algorithm, needed): (_, &[&str]) = match self.next_word().as_str() {
            "ORDEREDSUBJECT" => (Algorithm::OrderedSubject, &["THREAD=ORDEREDSUBJECT"]),
            "REFERENCES" => (Algorithm::References, &["THREAD=REFERENCES"]),
            "REFS" => (Algorithm::Refs, &["THREAD=REFS"]),
            _ => return Err(self.expected("a threading algorithm that is advertised")),
        };
        self.needs(needed);
        self.word();
        self.space()?;
        Ok((algorithm, self.charset_and_keys(uid)?))
    }

    /// What follows ESEARCH (RFC 7377).
    pub(super) fn multi_search(&mut self) -> Parsed<(Vec<Filter>, Search)> {
        self.space()?;
        let mut filters = vec![Filter::Selected];
        if self.accept_word("IN") {
            self.space()?;
            self.octet(b'(', "a list of mailboxes")?;
            filters = vec![self.filter()?];
            while self.more()? {
                filters.push(self.filter()?);
            }
            self.octet(b')', "a space or )")?;
            self.space()?;
        }
        let at = self.place();
        let returns = self.returns(&["MULTISEARCH"])?;
        let is_of_unknown_charset = self.charset()?;
        let keys = self.keys()?;
        if keys.iter().any(Key::is_of_one_mailbox) {
            return Err(self.wrong_at(at, "message numbers are those of one mailbox"));
        }
        let search = Search {
            uid: true,
            returns: Some(returns.unwrap_or(Returns {
                all: true,
                ..Returns::default()
            })),
            is_of_unknown_charset,
            keys,
        };
        Ok((filters, search))
    }

    /// The charset, which SORT and THREAD have always, and the keys.
    fn charset_and_keys(&mut self, uid: bool) -> Parsed<Search> {
        if !uid {
            self.has_numbers();
        }
        let is_of_unknown_charset = self.charset_name()?;
        self.space()?;
        Ok(Search {
            uid,
            returns: None,
            is_of_unknown_charset,
            keys: self.keys()?,
        })
    }

    /// `CHARSET UTF-8 `, if it is there; whether it is an unknown one.
    fn charset(&mut self) -> Parsed<bool> {
        if self.next_word() != "CHARSET" {
            return Ok(false);
        }
        if self.utf8 && !self.rev2 {
            return Err(self.wrong("no charset is named after UTF8=ACCEPT was enabled"));
        }
        self.word();
        self.space()?;
        let is_unknown = self.charset_name()?;
        self.space()?;
        Ok(is_unknown)
    }

    fn charset_name(&mut self) -> Parsed<bool> {
        let name = match self.peek() {
            Some(b'"') => self.string("a charset")?,
            _ => self.atom("a charset")?.into_bytes(),
        };
        self.has_charset = !name.eq_ignore_ascii_case(b"US-ASCII");
        let mut known = CHARSETS.iter();
        Ok(!known.any(|own| name.eq_ignore_ascii_case(own.as_bytes())))
    }

    /// What follows CANCELUPDATE: the tags of searches, none of which is kept current.
    pub(super) fn cancel_update(&mut self) -> Parsed<()> {
        self.needs(CONTEXT);
        self.space()?;
        self.string("the tag of a search in quotes")?;
        while self.more()? {
            self.string("the tag of a search in quotes")?;
        }
        Ok(())
    }

    /// `RETURN (..) `, if it is there.
    fn returns(&mut self, needed: &'static [&'static str]) -> Parsed<Option<Returns>> {
        if self.next_word() != "RETURN" {
            return Ok(None);
        }
        self.needs(needed);
        self.word();
        self.space()?;
        let mut returns = Returns::default();
        let at = self.place();
        self.list_or_none(|reader| reader.returned(&mut returns))?;
        if returns.all && returns.partial.is_some() {
            return Err(self.wrong_at(at, "ALL and PARTIAL are not returned together"));
        }
        let is_part = returns.partial.is_some() || returns.save;
        if !(returns.min || returns.max || returns.count || is_part) {
            returns.all = true;
        }
        self.space()?;
        Ok(Some(returns))
    }

    fn returned(&mut self, returns: &mut Returns) -> Parsed<()> {
        match self.next_word().as_str() {
            "MIN" => returns.min = true,
            "MAX" => returns.max = true,
            "COUNT" => returns.count = true,
            "ALL" => returns.all = true,
            "SAVE" => {
                self.needs(&["SEARCHRES"]);
                returns.save = true;
            }
            // A hint, which changes nothing.
            "CONTEXT" => self.needs(CONTEXT),
            "UPDATE" => {
                self.needs(CONTEXT);
                returns.update = true;
            }
            "PARTIAL" => {
                self.needs(&["PARTIAL", "CONTEXT=SEARCH", "CONTEXT=SORT"]);
                self.word();
                self.space()?;
                returns.partial = Some(self.page()?);
                return Ok(());
            }
            _ => return Err(self.expected("what a SEARCH can return")),
        }
        self.word();
        Ok(())
    }

    fn criterion(&mut self) -> Parsed<Criterion> {
        let reverse = self.accept_word("REVERSE");
        if reverse {
            self.space()?;
        }
        let by = match self.next_word().as_str() {
            "ARRIVAL" => By::Arrival,
            "CC" => By::Cc,
            "DATE" => By::Date,
            "FROM" => By::From,
            "SIZE" => By::Size,
            "SUBJECT" => By::Subject,
            "TO" => By::To,
            name @ ("DISPLAYFROM" | "DISPLAYTO") => {
                self.needs(&["SORT=DISPLAY"]);
                match name {
                    "DISPLAYFROM" => By::DisplayFrom,
                    _ => By::DisplayTo,
                }
            }
            _ => return Err(self.expected("a sort criterion")),
        };
        self.word();
        Ok(Criterion { by, reverse })
    }

    /// Keys with spaces between them, to the end of the command.
    pub(super) fn keys(&mut self) -> Parsed<Vec<Key>> {
        let mut keys = vec![self.key(0)?];
        while self.more()? {
            keys.push(self.key(0)?);
        }
        Ok(keys)
    }

    fn key(&mut self, depth: usize) -> Parsed<Key> {
        if depth > DEEPEST {
            return Err(self.wrong("search keys are nested too deeply"));
        }
        let at = self.place();
        match self.peek() {
            Some(b'(') => return Ok(Key::And(self.list(|reader| reader.key(depth + 1))?)),
            Some(b'0'..=b'9' | b'*' | b'$') => return Ok(Key::Seqs(self.set(false)?)),
            _ => {}
        }
        let word = self.word();
        let key = match word.as_str() {
            "NOT" => {
                self.space()?;
                Key::Negated(Box::new(self.key(depth + 1)?))
            }
            "OR" => {
                self.space()?;
                let one = self.key(depth + 1)?;
                self.space()?;
                Key::Or(Box::new(one), Box::new(self.key(depth + 1)?))
            }
            "FUZZY" => {
                self.go_back(at);
                self.needs(&["SEARCH=FUZZY"]);
                self.word();
                self.space()?;
                self.key(depth + 1)?
            }
            "UID" => {
                self.space()?;
                Key::Uids(self.set(true)?)
            }
            word => match self.flag_key(word)? {
                Some(key) => key,
                None => self.text_key(word, at)?,
            },
        };
        Ok(key)
    }

    /// Keys about flags.
    fn flag_key(&mut self, word: &str) -> Parsed<Option<Key>> {
        let not = Key::not;
        Ok(Some(match word {
            "ALL" => Key::All,
            "ANSWERED" => Key::flag("\\Answered"),
            "DELETED" => Key::flag("\\Deleted"),
            "DRAFT" => Key::flag("\\Draft"),
            "FLAGGED" => Key::flag("\\Flagged"),
            "SEEN" => Key::flag("\\Seen"),
            "UNANSWERED" => not(Key::flag("\\Answered")),
            "UNDELETED" => not(Key::flag("\\Deleted")),
            "UNDRAFT" => not(Key::flag("\\Draft")),
            "UNFLAGGED" => not(Key::flag("\\Flagged")),
            "UNSEEN" => not(Key::flag("\\Seen")),
            "RECENT" => Key::Recent,
            "OLD" => not(Key::Recent),
            "NEW" => Key::And(vec![Key::Recent, not(Key::flag("\\Seen"))]),
            "KEYWORD" | "UNKEYWORD" => {
                self.space()?;
                let flag = Key::Flag(self.atom("a keyword")?);
                match word {
                    "KEYWORD" => flag,
                    _ => not(flag),
                }
            }
            _ => return Ok(None),
        }))
    }

    /// Keys about texts; `at` is where the key began.
    fn text_key(&mut self, word: &str, at: usize) -> Parsed<Key> {
        Ok(match word {
            "BCC" | "CC" | "FROM" | "TO" => {
                self.space()?;
                Key::Address(word.to_owned(), self.searched()?)
            }
            "SUBJECT" => {
                self.space()?;
                Key::Header(word.to_owned(), self.searched()?)
            }
            "HEADER" => {
                self.space()?;
                let name = self.astring_text("a field name")?;
                self.space()?;
                Key::Header(name, self.searched()?)
            }
            "FILTER" => {
                self.needs_at(at, &["FILTERS"]);
                self.space()?;
                Key::Filter(self.astring_text("the name of a stored search")?)
            }
            "BODY" => {
                self.space()?;
                Key::Body(self.searched()?)
            }
            "TEXT" => {
                self.space()?;
                Key::Text(self.searched()?)
            }
            word => match self.date_key(word, at)? {
                Some(key) => key,
                None => self.number_key(word, at)?,
            },
        })
    }

    /// The text of a key, in the charset that was named.
    fn searched(&mut self) -> Parsed<Vec<u8>> {
        let at = self.place();
        let text = self.astring("a text to search for")?;
        if self.has_charset || self.utf8 {
            return match std::str::from_utf8(&text) {
                Ok(_) => Ok(text),
                Err(_) => Err(self.wrong_at(at, "this is not UTF-8")),
            };
        }
        if text.is_ascii() {
            return Ok(text);
        }
        Err(self.wrong_at(at, "octets beyond ASCII need CHARSET UTF-8"))
    }

    /// Keys about dates.
    fn date_key(&mut self, word: &str, at: usize) -> Parsed<Option<Key>> {
        let (when, key): (_, fn(When, NaiveDate) -> Key) = match word {
            "BEFORE" => (When::Before, Key::Received),
            "ON" => (When::On, Key::Received),
            "SINCE" => (When::Since, Key::Received),
            "SENTBEFORE" => (When::Before, Key::Sent),
            "SENTON" => (When::On, Key::Sent),
            "SENTSINCE" => (When::Since, Key::Sent),
            "SAVEDBEFORE" => (When::Before, Key::Saved),
            "SAVEDON" => (When::On, Key::Saved),
            "SAVEDSINCE" => (When::Since, Key::Saved),
            _ => return Ok(None),
        };
        if word.starts_with("SAVED") {
            self.needs_at(at, &["SAVEDATE"]);
        }
        self.space()?;
        Ok(Some(key(when, self.date()?)))
    }

    /// Keys about numbers, and those of extensions.
    fn number_key(&mut self, word: &str, at: usize) -> Parsed<Key> {
        Ok(match word {
            "LARGER" | "SMALLER" => {
                self.space()?;
                let octets = self.number64("a size")?;
                match word {
                    "LARGER" => Key::Larger(octets),
                    _ => Key::Smaller(octets),
                }
            }
            "OLDER" | "YOUNGER" => {
                self.needs_at(at, &["WITHIN"]);
                self.space()?;
                let younger = Key::Younger(self.nz_number("an age in seconds")?);
                match word {
                    "YOUNGER" => younger,
                    _ => Key::not(younger),
                }
            }
            "MODSEQ" => {
                self.needs_at(at, &["CONDSTORE"]);
                self.space()?;
                self.mod_seq_key()?
            }
            "SAVEDATESUPPORTED" => {
                self.needs_at(at, &["SAVEDATE"]);
                Key::SaveDateSupported
            }
            "EMAILID" | "THREADID" => {
                self.needs_at(at, &["OBJECTID"]);
                self.space()?;
                let id = self.object_id()?;
                match word {
                    "EMAILID" => Key::EmailId(id),
                    _ => Key::ThreadId(id),
                }
            }
            "X-GM-MSGID" | "X-GM-THRID" | "X-GM-RAW" | "X-GM-LABELS" => {
                self.needs_at(at, &["X-GM-EXT-1"]);
                self.space()?;
                self.gmail_key(word)?
            }
            _ => {
                self.go_back(at);
                return Err(self.expected("a search key"));
            }
        })
    }

    /// `MODSEQ [entry-name entry-type] mod-sequence` (RFC 7162, section 3.1.5).
    fn mod_seq_key(&mut self) -> Parsed<Key> {
        if self.peek() == Some(b'"') {
            self.string("an entry")?;
            self.space()?;
            match self.word().as_str() {
                "PRIV" | "SHARED" | "ALL" => self.space()?,
                _ => return Err(self.expected("priv, shared or all")),
            }
        }
        Ok(Key::ModSeq(self.mod_seq_or_zero()?))
    }

    /// An identifier of RFC 8474.
    fn object_id(&mut self) -> Parsed<String> {
        let at = self.place();
        let id = self.astring_text("an identifier")?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        match (1..=255).contains(&id.len()) && id.chars().all(is_part) {
            true => Ok(id),
            false => Err(self.wrong_at(at, "identifiers are letters, digits, _ and -")),
        }
    }

    fn gmail_key(&mut self, word: &str) -> Parsed<Key> {
        Ok(match word {
            "X-GM-MSGID" => Key::GmailMessageId(self.number64("a number")?),
            "X-GM-THRID" => Key::GmailThreadId(self.number64("a number")?),
            "X-GM-LABELS" => Key::GmailLabel(self.label()?),
            // Gmail's own language; the words of it are looked for here.
            _ => Key::Text(self.searched()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Vec<Key>, String> {
        let mut reader = Reader::new(text.as_bytes(), false);
        let keys = reader.keys().map_err(|wrong| wrong.text())?;
        Ok(keys)
    }

    #[test]
    fn keys_in_all_forms() {
        let seen = || Key::flag("\\Seen");
        for (text, expected) in [
            ("SEEN", seen()),
            ("unseen", Key::not(seen())),
            ("(SEEN)", Key::And(vec![seen()])),
            (
                "OR SEEN NOT ALL",
                Key::Or(Box::new(seen()), Box::new(Key::Negated(Box::new(Key::All)))),
            ),
            (
                "SUBJECT \"a b\"",
                Key::Header("SUBJECT".into(), b"a b".to_vec()),
            ),
            ("HEADER X-A \"\"", Key::Header("X-A".into(), Vec::new())),
            ("LARGER 10", Key::Larger(10)),
            ("MODSEQ \"/flags/\\\\draft\" all 5", Key::ModSeq(5)),
            ("KEYWORD $Work", Key::flag("$Work")),
            ("X-GM-RAW {1}\r\nx", Key::Text(b"x".to_vec())),
            ("OLDER 60", Key::not(Key::Younger(60))),
        ] {
            assert_eq!(keys(text), Ok(vec![expected]), "{text}");
        }
    }

    #[test]
    fn keys_that_are_none() {
        for (text, wrong) in [
            ("SEEM", "Octet 1: a search key expected, not \"SEEM\""),
            ("SEEN ", "Octet 6: nothing follows the space"),
            (
                "SUBJECT",
                "Octet 8: a space expected, not the end of the command",
            ),
            (
                "()",
                "Octet 1: a list with something in it expected, not ()",
            ),
            (
                "OR SEEN",
                "Octet 8: a space expected, not the end of the command",
            ),
            ("SINCE 2026-02-01", "Octet 9: - expected"),
            (
                "FROM {2}\r\n\u{fc}",
                "Octet 6: octets beyond ASCII need CHARSET UTF-8",
            ),
            (
                "KEYWORD \\Seen",
                "Octet 9: a keyword expected, not \"\\\\Seen\"",
            ),
            (
                "YOUNGER 0",
                "Octet 9: an age in seconds does not begin with 0",
            ),
            (
                "EMAILID a.b",
                "Octet 9: identifiers are letters, digits, _ and -",
            ),
        ] {
            let found = keys(text).unwrap_err();
            assert!(found.starts_with(wrong), "{text}: {found}");
        }
        let deep = "NOT ".repeat(DEEPEST + 1) + "ALL";
        assert!(keys(&deep).is_err());
    }
}
