//! STATUS: the counters of a mailbox, which need not be selected (RFC 9051 section 7.3.4).

use crate::types::extension_name::ExtensionName;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::types::uid::{ModSeq, Uid, UidValidity};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::named::name_before;

/// `mailbox SP "(" [status-att-list] ")"`. A malformed value is kept as that of an unknown item is.
pub(crate) fn parse(mut cursor: Cursor<'_>) -> Result<MailboxStatus, ParseError> {
    let mut status = MailboxStatus::new(mailbox(&mut cursor)?);
    cursor.try_sp();
    cursor.byte(b'(', "a list of counters")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            cursor.skip_blank();
            // The next of several lists, or the end.
            if cursor.try_byte(b'(') {
                continue;
            }
            cursor.end()?;
            return Ok(status);
        }
        let name = cursor.token()?;
        cursor.skip_blank();
        let value_at = cursor.position();
        let count = count(&mut cursor);
        if count.is_none() {
            cursor.skip_value()?;
        }
        let is_set = match (StatusItem::from_server(name), count) {
            (Some(StatusItem::MailboxId), _) => {
                status.mailbox_id = mailbox_id(Cursor::at(cursor.frame(), value_at));
                status.mailbox_id.is_some()
            }
            (Some(item), Some(count)) => set_number(&mut status, &item, count),
            _ => false,
        };
        if !is_set {
            keep(&mut status, name, value_at, cursor);
        }
    }
}

/// Reads a number in any form with nothing behind it, which almost all values are; leaves the cursor
/// where it was otherwise.
fn count(cursor: &mut Cursor<'_>) -> Option<u64> {
    let start = cursor.position();
    let count = cursor.any_number64().ok();
    let ends = matches!(cursor.peek(), Some(b' ' | b'\t' | b')'));
    let count = count.filter(|_| ends);
    if count.is_none() {
        cursor.seek(start);
    }
    count
}

/// `mailbox`, before a list that ends the line.
fn mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    let mut probe = *cursor;
    let name = name_before(&mut probe, |mut cursor| {
        skip_list(&mut cursor) && cursor.try_end()
    });
    if name.is_ok() {
        *cursor = probe;
        return name;
    }
    name_before(cursor, |mut cursor| skip_list(&mut cursor))
}

/// Reads a list with the blanks before it, if there is one here.
fn skip_list(cursor: &mut Cursor<'_>) -> bool {
    cursor.try_sp() && cursor.peek() == Some(b'(') && cursor.skip_value().is_ok()
}

/// Stores the value of an item that is unknown or cannot be read, from an octet up to the cursor.
fn keep(status: &mut MailboxStatus, name: &[u8], from: usize, cursor: Cursor<'_>) {
    let name = std::str::from_utf8(name).ok();
    let name = name.and_then(|name| ExtensionName::new(name).ok());
    let value = cursor.frame().bytes.get(from..cursor.position());
    if let Some((name, value)) = name.zip(value) {
        status.others.push((name, value.into()));
    }
}

fn mailbox_id(mut value: Cursor<'_>) -> Option<String> {
    let in_list = value.try_byte(b'(');
    let id = if in_list {
        value.astring().ok()
    } else {
        value.nstring().ok().flatten()
    };
    id.map(|id| String::from_utf8_lossy(&id).into_owned())
}

/// Stores a number; returns whether it can be one of this item.
fn set_number(status: &mut MailboxStatus, item: &StatusItem, number: u64) -> bool {
    let count = u32::try_from(number).ok();
    match item {
        StatusItem::Messages => put(&mut status.messages, count),
        StatusItem::Recent => put(&mut status.recent, count),
        StatusItem::UidNext => put(&mut status.uid_next, count.and_then(Uid::new)),
        StatusItem::UidValidity => put(&mut status.uid_validity, count.and_then(UidValidity::new)),
        StatusItem::Unseen => put(&mut status.unseen, count),
        StatusItem::Deleted => put(&mut status.deleted, count),
        StatusItem::Size => put(&mut status.size, Some(number)),
        StatusItem::HighestModSeq => put(&mut status.highest_mod_seq, ModSeq::new(number)),
        StatusItem::AppendLimit => put(&mut status.append_limit, Some(number)),
        StatusItem::DeletedStorage => put(&mut status.deleted_storage, Some(number)),
        StatusItem::MailboxId | StatusItem::Other(_) => false,
    }
}

fn put<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::response::Untagged;
    use crate::wire::testing::{is_invalid, untagged};

    fn status(line: &[u8]) -> MailboxStatus {
        match untagged(line) {
            Untagged::MailboxStatus(status) => status,
            other => panic!("{other:?}"),
        }
    }

    fn name(rest: &str) -> String {
        status(format!("* STATUS {rest}\r\n").as_bytes())
            .name()
            .as_str()
            .to_owned()
    }

    #[test]
    fn the_example_of_rfc_9051() {
        let status = status(b"* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\n");
        assert_eq!(status.name().as_str(), "blurdybloop");
        assert_eq!(status.messages(), Some(231));
        assert_eq!(status.uid_next(), Uid::new(44292));
        assert_eq!(status.unseen(), None);
    }

    #[test]
    fn every_item() {
        let status = status(
            b"* STATUS {3}\r\na)b (messages 1 RECENT 2 UIDNEXT 3 UIDVALIDITY 4 UNSEEN 5 DELETED 6 \
              SIZE 5000000000 HIGHESTMODSEQ 8 MAILBOXID (F22) APPENDLIMIT 9 DELETED-STORAGE 10 \
              X-NEW (a (b)))\r\n",
        );
        assert_eq!(status.name().as_str(), "a)b");
        assert_eq!(
            (status.messages(), status.recent(), status.unseen()),
            (Some(1), Some(2), Some(5))
        );
        assert_eq!(status.raw_item("x-new"), Some(&b"(a (b))"[..]));
        assert_eq!(
            (status.raw_item("X-OLD"), status.raw_item("a b")),
            (None, None)
        );
        assert_eq!(
            (status.uid_next(), status.uid_validity()),
            (Uid::new(3), UidValidity::new(4))
        );
        assert_eq!(
            (status.deleted(), status.size()),
            (Some(6), Some(5_000_000_000))
        );
        assert_eq!(
            (status.highest_mod_seq(), status.mailbox_id()),
            (ModSeq::new(8), Some("F22"))
        );
        assert_eq!(
            (status.append_limit(), status.deleted_storage()),
            (Some(9), Some(10))
        );
    }

    #[test]
    fn attack_66_values_that_make_no_sense_are_none() {
        let status = status(b"* STATUS a (MESSAGES 4294967296 UIDNEXT 0 UIDVALIDITY 0 UNSEEN -1 HIGHESTMODSEQ -1 SIZE 9.3736e+06 APPENDLIMIT NIL DELETED 7)\r\n");
        assert_eq!(
            (status.messages(), status.uid_next(), status.uid_validity()),
            (None, None, None)
        );
        assert_eq!(
            (status.unseen(), status.highest_mod_seq(), status.size()),
            (None, None, None)
        );
        assert_eq!((status.append_limit(), status.deleted()), (None, Some(7)));
    }

    #[test]
    fn q28_names_without_quotes() {
        assert_eq!(name("Deleted Items (MESSAGES 1)"), "Deleted Items");
        assert_eq!(
            name("Deleted Items (MESSAGES 1 MAILBOXID (a))"),
            "Deleted Items"
        );
        assert_eq!(name("[Gmail]/All (MESSAGES 1)"), "[Gmail]/All");
        assert_eq!(name("a (b) (MESSAGES 1)"), "a (b)");
    }

    #[test]
    fn q30_a_mailbox_called_nil() {
        assert_eq!(name("NIL (MESSAGES 1)"), "NIL");
    }

    #[test]
    fn q69_no_items_and_stray_spaces() {
        assert_eq!(status(b"* STATUS x ()\r\n").messages(), None);
        assert_eq!(
            status(b"* STATUS  \"x\"  ( MESSAGES  1 ) \r\n").messages(),
            Some(1)
        );
    }

    #[test]
    fn what_is_malformed_is_invalid() {
        for line in [
            "* STATUS\r\n",
            "* STATUS a\r\n",
            "* STATUS a (MESSAGES)\r\n",
            "* STATUS \"a\" (\r\n",
            "* STATUS  (MESSAGES 1\r\n",
        ] {
            assert!(is_invalid(line.as_bytes()), "{line}");
        }
    }
}
