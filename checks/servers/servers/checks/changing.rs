//! Changing, copying and removing messages.

use latchbox::Result;
use latchbox::command::{CopyMessages, Store};
use latchbox::types::{FetchItem, Flag, SearchKey, StoreAction, UidSet};

use super::{Check, check, first, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("STORE", &[], store),
    check("keywords", &[], keywords),
    check("STORE UNCHANGEDSINCE", &["CONDSTORE"], unchanged_since),
    check("COPY, and the new UIDs", &["UIDPLUS"], copy),
    check("MOVE", &["MOVE"], move_to),
    check("moving to the trash", &["MOVE"], trash),
    check("deleting by UID", &["UIDPLUS"], delete),
    check("STORE and COPY, pipelined", &[], in_one_go),
];

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
    let first = user.uids("1")?;
    other
        .lock_mailbox("INBOX")?
        .store(&first, StoreAction::Add, [Flag::Flagged])?;
    let stored = inbox.run(Store::add(&all, &[Flag::Deleted]).unchanged_since(seen.unwrap()))?;
    assert_eq!(user.places(stored.modified()), "1");
    assert_eq!(user.places(&inbox.search(SearchKey::Deleted)?), "2");
    Ok(())
}

fn copy(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let archive = user.archive(&session)?;
    let first = first(&mut inbox)?;
    let copied = inbox.copy(&first, archive.as_str())?;
    if let Some(copies) = copied.copies() {
        assert_eq!(copies.len(), 1);
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
    assert_eq!(inbox.search(SearchKey::All)?.len(), 2);
    assert!(inbox.search(SearchKey::Uid(first))?.is_empty());
    assert_eq!(inbox.switch_to(archive.as_str())?.exists(), 1);
    Ok(())
}

fn delete(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all: Vec<_> = inbox.search(SearchKey::All)?.iter().collect();
    inbox.store(
        &UidSet::unbound([all[0]]),
        StoreAction::Add,
        [Flag::Deleted],
    )?;
    assert_eq!(inbox.delete(&UidSet::unbound([all[1]]))?.count(), 1);
    let left: Vec<_> = inbox.search(SearchKey::All)?.iter().collect();
    assert_eq!(left, [all[0], all[2]]);
    Ok(())
}

fn trash(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let name = user.mailbox("Trash");
    if session.list(name.as_str())?.is_empty() {
        session.create(name.as_str())?;
    }
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = first(&mut inbox)?;
    let trashed = inbox.move_to_trash(&first)?;
    let name = trashed.trash().mailbox().name().clone();
    assert_eq!(inbox.search(SearchKey::All)?.len(), 2);
    assert_eq!(inbox.switch_to(name)?.exists(), 1);
    Ok(())
}

fn in_one_go(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let archive = user.archive(&session)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all: Vec<_> = inbox
        .search(SearchKey::All)?
        .iter()
        .map(|uid| UidSet::unbound([uid]))
        .collect();
    let seen = Store::add(&all[0], &[Flag::Seen]);
    let flagged = Store::add(&all[1], &[Flag::Flagged]);
    let copy = CopyMessages::new(&all[0], archive.as_str())?;
    let (seen, flagged, copied) = inbox.pipeline((seen, flagged, copy))?;
    assert!(seen?.changed()[0].flags().unwrap().contains(&Flag::Seen));
    assert!(
        flagged?.changed()[0]
            .flags()
            .unwrap()
            .contains(&Flag::Flagged)
    );
    copied?;
    assert_eq!(inbox.switch_to(archive.as_str())?.exists(), 1);
    Ok(())
}
