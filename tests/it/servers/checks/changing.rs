//! Storing, changing, copying and removing messages.

use latchbox::Result;
use latchbox::command::StoreOptions;
use latchbox::types::{Capability, FetchItem, Flag, SearchKey, StoreAction, UidSet};

use super::{Check, MESSAGE, check, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("APPEND", &[], append),
    check(
        "the UID of what was appended",
        &[Capability::UidPlus],
        append_uid,
    ),
    check("STORE", &[], store),
    check("keywords", &[], keywords),
    check(
        "STORE UNCHANGEDSINCE",
        &[Capability::CondStore],
        unchanged_since,
    ),
    check("COPY, and the new UIDs", &[Capability::UidPlus], copy),
    check("MOVE", &[Capability::Move], move_to),
    check("deleting by UID", &[Capability::UidPlus], delete),
];

fn append(user: &User) -> Result<()> {
    let session = user.session()?;
    session.append("INBOX", MESSAGE.as_bytes())?;
    let large = format!("Subject: large\r\n\r\n{}", "x\r\n".repeat(1_000_000));
    session.append("INBOX", large.as_bytes())?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    assert_eq!(inbox.exists(), 2);
    assert_eq!(inbox.search(SearchKey::Larger(1_000_000))?.len(), Some(1));
    Ok(())
}

fn append_uid(user: &User) -> Result<()> {
    let session = user.session()?;
    let appended = session.append("INBOX", MESSAGE.as_bytes())?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let found = inbox.search(SearchKey::Subject("Gr\u{fc}\u{df}e".to_owned()))?;
    match appended.uids() {
        Some(uids) => assert_eq!(found, *uids),
        None => assert_eq!(found.len(), Some(1)),
    }
    Ok(())
}

fn store(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = first(&mut inbox)?;
    inbox.store(&first, StoreAction::Replace, [Flag::Seen, Flag::Flagged])?;
    let stored = inbox.store(&first, StoreAction::Remove, [Flag::Flagged])?;
    let flags = stored.changed()[0].flags().unwrap();
    assert!(flags.contains(&Flag::Seen));
    let flags = stored.changed()[0].flags().unwrap();
    assert!(!flags.contains(&Flag::Flagged));
    assert_eq!(
        inbox.search(SearchKey::Seen)?.to_string(),
        first.to_string()
    );
    Ok(())
}

fn keywords(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = first(&mut inbox)?;
    let work = Flag::keyword("$Work")?;
    let stored = inbox.store(&first, StoreAction::Add, [work.clone()])?;
    assert!(stored.changed()[0].flags().unwrap().contains(&work));
    Ok(())
}

fn unchanged_since(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all = inbox.search(SearchKey::All)?;
    let mut messages = inbox.fetch(&all, [FetchItem::ModSeq])?;
    let mut seen = None;
    while let Some(message) = messages.next()? {
        seen = seen.max(message.mod_seq());
    }
    drop(messages);
    let other = user.session()?;
    let first = UidSet::try_from("1")?;
    other
        .lock_mailbox("INBOX")?
        .store(&first, StoreAction::Add, [Flag::Flagged])?;
    let options = StoreOptions::new().unchanged_since(seen.unwrap());
    let stored = inbox.store_with(&all, StoreAction::Add, [Flag::Deleted], options)?;
    assert_eq!(stored.modified().to_string(), "1");
    assert_eq!(inbox.search(SearchKey::Deleted)?.to_string(), "2");
    Ok(())
}

fn copy(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let archive = user.archive(&session)?;
    let first = first(&mut inbox)?;
    let copied = inbox.copy(&first, archive.as_str())?;
    if let Some(copies) = copied.copies() {
        assert_eq!(copies.len(), Some(1));
    }
    assert_eq!(inbox.exists(), 2);
    assert_eq!(inbox.switch_to(archive.as_str())?.exists(), 1);
    Ok(())
}

fn move_to(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let archive = user.archive(&session)?;
    let first = first(&mut inbox)?;
    inbox.move_to(&first, archive.as_str())?;
    assert_eq!(inbox.search(SearchKey::All)?.len(), Some(2));
    assert!(inbox.search(SearchKey::Uid(first))?.is_empty());
    assert_eq!(inbox.switch_to(archive.as_str())?.exists(), 1);
    Ok(())
}

fn delete(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all: Vec<_> = inbox.search(SearchKey::All)?.iter().collect();
    inbox.store(&UidSet::from(all[0]), StoreAction::Add, [Flag::Deleted])?;
    assert_eq!(inbox.delete(&UidSet::from(all[1]))?.count(), 1);
    let left: Vec<_> = inbox.search(SearchKey::All)?.iter().collect();
    assert_eq!(left, [all[0], all[2]]);
    Ok(())
}

/// The UID of the first message.
fn first(inbox: &mut latchbox::MailboxGuard<'_>) -> Result<UidSet> {
    let all = inbox.search(SearchKey::All)?;
    Ok(all.first().map(UidSet::from).unwrap())
}
