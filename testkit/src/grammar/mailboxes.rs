//! The commands about mailboxes: SELECT, CREATE, RENAME, LIST, STATUS and their kin.

use crate::grammar::reader::{Parsed, Reader};
use crate::grammar::sets::Set;

/// A SELECT or an EXAMINE.
#[derive(Debug)]
pub(crate) struct Select {
    pub(crate) mailbox: String,
    pub(crate) read_only: bool,
    /// The client wants MODSEQ in flag changes (RFC 7162).
    pub(crate) condstore: bool,
    pub(crate) known: Option<Known>,
}

/// What a client knows when it selects with QRESYNC (RFC 7162, section 3.2.5).
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) uid_validity: u32,
    pub(crate) mod_seq: u64,
    pub(crate) uids: Option<Set>,
    /// Sequence numbers, and the UIDs that they had.
    pub(crate) matches: Option<(Set, Set)>,
}

/// A LIST, with what RFC 5258 adds to it.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) reference: String,
    pub(crate) patterns: Vec<String>,
    pub(crate) select: Vec<String>,
    pub(crate) returns: Vec<String>,
    pub(crate) status: Vec<StatusItem>,
    /// Names of metadata, in small letters (RFC 9590).
    pub(crate) metadata: Vec<String>,
}

/// An item of STATUS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum StatusItem {
    Messages,
    Recent,
    UidNext,
    UidValidity,
    Unseen,
    Deleted,
    DeletedStorage,
    Size,
    HighestModSeq,
    MailboxId,
    AppendLimit,
}

impl List {
    /// Whether an option is among those that select.
    pub(crate) fn selects(&self, option: &str) -> bool {
        self.select.iter().any(|own| own == option)
    }

    /// Whether this is to be returned too.
    pub(crate) fn returns(&self, option: &str) -> bool {
        self.returns.iter().any(|own| own == option)
    }
}

impl Reader<'_> {
    /// A space and a mailbox.
    pub(super) fn of_mailbox(&mut self) -> Parsed<String> {
        self.space()?;
        self.mailbox()
    }

    /// What follows SELECT or EXAMINE.
    pub(super) fn select(&mut self, read_only: bool) -> Parsed<Select> {
        let mut select = Select {
            mailbox: self.of_mailbox()?,
            read_only,
            condstore: false,
            known: None,
        };
        if self.more()? {
            self.list(|reader| match reader.next_word().as_str() {
                "CONDSTORE" => {
                    reader.needs(&["CONDSTORE"]);
                    reader.word();
                    select.condstore = true;
                    Ok(())
                }
                "QRESYNC" => {
                    reader.needs(&["QRESYNC"]);
                    reader.word();
                    reader.space()?;
                    select.known = Some(reader.known()?);
                    Ok(())
                }
                _ => Err(reader.expected("a parameter of SELECT")),
            })?;
        }
        Ok(select)
    }

    /// `(67890007 20050715194045000 41,43:211 (1,3 41,45))`
    fn known(&mut self) -> Parsed<Known> {
        self.octet(b'(', "a list")?;
        let uid_validity = self.nz_number("a UIDVALIDITY")?;
        self.space()?;
        let mut known = Known {
            uid_validity,
            mod_seq: self.mod_seq()?,
            uids: None,
            matches: None,
        };
        let mut more = self.more()?;
        if more && self.peek() != Some(b'(') {
            known.uids = Some(self.known_set()?);
            more = self.more()?;
        }
        if more {
            self.octet(b'(', "a list of two sets")?;
            let seqs = self.known_set()?;
            self.space()?;
            known.matches = Some((seqs, self.known_set()?));
            self.octet(b')', ")")?;
        }
        self.octet(b')', ")")?;
        Ok(known)
    }

    /// What follows CREATE: the name, and its special uses (RFC 6154).
    pub(super) fn create(&mut self) -> Parsed<(String, Vec<String>)> {
        let name = self.of_mailbox()?;
        let mut uses = Vec::new();
        if self.more()? {
            self.list(|reader| {
                reader.needs(&["CREATE-SPECIAL-USE"]);
                reader.keyword("USE")?;
                reader.space()?;
                uses = reader.list_or_none(Self::special_use)?;
                Ok(())
            })?;
        }
        Ok((name, uses))
    }

    fn special_use(&mut self) -> Parsed<String> {
        self.octet(b'\\', "an attribute such as \\Sent")?;
        Ok(format!("\\{}", self.atom("an attribute")?))
    }

    /// What follows RENAME.
    pub(super) fn rename(&mut self) -> Parsed<(String, String)> {
        let from = self.of_mailbox()?;
        Ok((from, self.of_mailbox()?))
    }

    /// What follows LSUB.
    pub(super) fn lsub(&mut self) -> Parsed<(String, String)> {
        let reference = self.of_mailbox()?;
        self.space()?;
        Ok((reference, self.pattern()?))
    }

    /// What follows LIST.
    pub(super) fn list_command(&mut self) -> Parsed<List> {
        let mut list = List::default();
        self.space()?;
        if self.peek() == Some(b'(') {
            let at = self.place();
            self.needs(&["LIST-EXTENDED"]);
            list.select = self.list_or_none(Self::select_option)?;
            let of_own = |option: &String| !["RECURSIVEMATCH", "REMOTE"].contains(&option.as_str());
            if list.selects("RECURSIVEMATCH") && !list.select.iter().any(of_own) {
                return Err(self.wrong_at(at, "RECURSIVEMATCH needs another option"));
            }
            self.space()?;
        }
        list.reference = self.mailbox()?;
        self.space()?;
        list.patterns = match self.peek() {
            Some(b'(') => {
                self.needs(&["LIST-EXTENDED"]);
                self.list(Self::pattern)?
            }
            _ => vec![self.pattern()?],
        };
        if self.more()? {
            self.needs(&["LIST-EXTENDED"]);
            self.keyword("RETURN")?;
            self.space()?;
            self.list_or_none(|reader| reader.return_option(&mut list))?;
        }
        Ok(list)
    }

    fn select_option(&mut self) -> Parsed<String> {
        match self.next_word().as_str() {
            "SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" => {}
            "SPECIAL-USE" => self.needs(&["SPECIAL-USE"]),
            _ => return Err(self.expected("an option that selects mailboxes")),
        }
        Ok(self.word())
    }

    fn return_option(&mut self, list: &mut List) -> Parsed<()> {
        match self.next_word().as_str() {
            "SUBSCRIBED" | "CHILDREN" => {}
            "SPECIAL-USE" => self.needs(&["SPECIAL-USE"]),
            "MYRIGHTS" => self.needs(&["LIST-MYRIGHTS"]),
            "STATUS" => {
                self.needs(&["LIST-STATUS"]);
                self.word();
                self.space()?;
                list.status = self.list(Self::status_item)?;
                return Ok(());
            }
            "METADATA" => {
                self.needs(&["LIST-METADATA"]);
                list.returns.push(self.word());
                self.space()?;
                list.metadata = self.list(Self::entry)?;
                return Ok(());
            }
            _ => return Err(self.expected("an option of what LIST returns")),
        }
        list.returns.push(self.word());
        Ok(())
    }

    /// What follows STATUS.
    pub(super) fn status(&mut self) -> Parsed<(String, Vec<StatusItem>)> {
        let name = self.of_mailbox()?;
        self.space()?;
        Ok((name, self.list(Self::status_item)?))
    }

    fn status_item(&mut self) -> Parsed<StatusItem> {
        let (item, needed): (_, &[&str]) = match self.next_word().as_str() {
            "MESSAGES" => (StatusItem::Messages, &[]),
            "RECENT" => (StatusItem::Recent, &[]),
            "UIDNEXT" => (StatusItem::UidNext, &[]),
            "UIDVALIDITY" => (StatusItem::UidValidity, &[]),
            "UNSEEN" => (StatusItem::Unseen, &[]),
            "DELETED" => (StatusItem::Deleted, &["IMAP4rev2", "QUOTA=RES-MESSAGE"]),
            "DELETED-STORAGE" => (StatusItem::DeletedStorage, &["QUOTA=RES-STORAGE"]),
            "SIZE" => (StatusItem::Size, &["STATUS=SIZE"]),
            "HIGHESTMODSEQ" => (StatusItem::HighestModSeq, &["CONDSTORE"]),
            "MAILBOXID" => (StatusItem::MailboxId, &["OBJECTID"]),
            "APPENDLIMIT" => (StatusItem::AppendLimit, &["APPENDLIMIT"]),
            _ => return Err(self.expected("an item of STATUS")),
        };
        if !needed.is_empty() {
            self.needs(needed);
        }
        self.word();
        Ok(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<List, String> {
        let mut reader = Reader::new(text.as_bytes(), false);
        let list = reader.list_command().map_err(|wrong| wrong.text())?;
        Ok(list)
    }

    #[test]
    fn lists_with_options() {
        let text = " (SUBSCRIBED) \"\" (\"a b\" {1}\r\n%) RETURN (CHILDREN STATUS (UNSEEN) \
                    METADATA (/Shared/Comment))";
        let found = list(text).unwrap();
        assert!(found.selects("SUBSCRIBED") && found.returns("CHILDREN"));
        assert_eq!(found.patterns, ["a b", "%"]);
        assert_eq!(found.status, [StatusItem::Unseen]);
        assert_eq!(found.metadata, ["/shared/comment"]);
        let plain = list(" \"\" %").unwrap();
        assert_eq!(
            (plain.reference.as_str(), plain.patterns),
            ("", vec!["%".to_owned()])
        );
        for (text, wrong) in [
            (
                " (RECURSIVEMATCH) \"\" *",
                "Octet 2: RECURSIVEMATCH needs another option",
            ),
            (
                " \"\"",
                "Octet 4: a space expected, not the end of the command",
            ),
            (
                " \"\" () RETURN (X)",
                "Octet 5: a list with something in it expected, not ()",
            ),
            (
                " \"\" * RETURN (X)",
                "Octet 15: an option of what LIST returns expected, not \"X)\"",
            ),
        ] {
            assert_eq!(list(text).map(|_| ()), Err(wrong.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_a_client_knows() {
        let known = |text: &str| {
            let mut reader = Reader::new(text.as_bytes(), false);
            let select = reader.select(false).map_err(|wrong| wrong.text())?;
            let known = select.known.ok_or("nothing")?;
            Ok::<_, String>((known.uids.is_some(), known.matches.is_some()))
        };
        assert_eq!(known(" a (QRESYNC (1 2))"), Ok((false, false)));
        assert_eq!(known(" a (QRESYNC (1 2 3:4))"), Ok((true, false)));
        assert_eq!(known(" a (QRESYNC (1 2 (1 3)))"), Ok((false, true)));
        assert_eq!(known(" a (QRESYNC (1 2 3:4 (1 3)))"), Ok((true, true)));
        for wrong in ["(0 2)", "(1 0)", "(1 2 1:*)", "(1 2 (1))", "(1)", "1 2"] {
            assert!(known(&format!(" a (QRESYNC {wrong})")).is_err(), "{wrong}");
        }
    }
}
