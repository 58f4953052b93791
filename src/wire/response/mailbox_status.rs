//! STATUS: the counters of a mailbox that need not be selected (RFC 9051 section 7.3.4).

use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_status::{MailboxStatus, StatusItem};
use crate::types::uid::{ModSeq, Uid, UidValidity};
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::utf7;

/// `mailbox SP "(" [status-att-list] ")"`. A value that makes no sense is as good as none.
pub(crate) fn parse(mut cursor: Cursor<'_>) -> Result<MailboxStatus, ParseError> {
    let mut status = MailboxStatus::new(mailbox(&mut cursor)?);
    cursor.try_sp();
    cursor.byte(b'(', "a list of counters")?;
    loop {
        cursor.skip_blank();
        if cursor.try_byte(b')') {
            return Ok(status);
        }
        let name = cursor.token()?;
        cursor.skip_blank();
        let value = cursor;
        cursor.skip_value()?;
        if let Some(item) = StatusItem::from_server(name) {
            set(&mut status, item, value);
        }
    }
}

/// `mailbox`. Where the quotes were forgotten, all up to the last list is the name.
fn mailbox(cursor: &mut Cursor<'_>) -> Result<MailboxName, ParseError> {
    if matches!(cursor.peek(), Some(b'"' | b'{' | b'~')) {
        return cursor.astring().map(|name| utf7::mailbox_name(&name));
    }
    let start = cursor.position();
    let rest = cursor.rest();
    let Some(list) = memchr::memmem::rfind(rest, b" (").filter(|at| *at > 0) else {
        return Err(cursor.error("the name of a mailbox and a list"));
    };
    // A nested list, as in `MAILBOXID (id)`, is no name's end.
    let before = rest.get(..list).unwrap_or_default();
    let open = before.iter().filter(|byte| **byte == b'(').count();
    let close = before.iter().filter(|byte| **byte == b')').count();
    let list = if open > close {
        memchr::memmem::rfind(before, b" (").unwrap_or(list)
    } else {
        list
    };
    cursor.seek(start + list);
    Ok(utf7::mailbox_name(
        rest.get(..list).unwrap_or_default().trim_ascii_end(),
    ))
}

fn set(status: &mut MailboxStatus, item: StatusItem, mut value: Cursor<'_>) {
    if item == StatusItem::MailboxId {
        let in_list = value.try_byte(b'(');
        let id = if in_list {
            value.astring().ok()
        } else {
            value.nstring().ok().flatten()
        };
        status.mailbox_id = id.map(|id| String::from_utf8_lossy(&id).into_owned());
        return;
    }
    let Ok(number) = value.number64() else { return };
    let count = u32::try_from(number).ok();
    match item {
        StatusItem::Messages => status.messages = count,
        StatusItem::Recent => status.recent = count,
        StatusItem::UidNext => status.uid_next = count.and_then(Uid::new),
        StatusItem::UidValidity => status.uid_validity = count.and_then(UidValidity::new),
        StatusItem::Unseen => status.unseen = count,
        StatusItem::Deleted => status.deleted = count,
        StatusItem::Size => status.size = Some(number),
        StatusItem::HighestModSeq => status.highest_mod_seq = ModSeq::new(number),
        StatusItem::AppendLimit => status.append_limit = Some(number),
        StatusItem::DeletedStorage => status.deleted_storage = Some(number),
        StatusItem::MailboxId => {}
    }
}
