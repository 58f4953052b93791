//! Finding and reading messages, and hearing of new ones.

use std::time::{Duration, Instant};

use latchbox::Result;
use latchbox::types::{
    Capability, FetchItem, Flag, MailboxEvent, SearchKey, Section, StoreAction, UidSet,
};

use super::{Check, MESSAGE, check, with_messages};
use crate::servers::place::User;

/// How long a server may take to tell.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const CHECKS: &[Check] = &[
    check("SEARCH", &[], search),
    check("FETCH of envelope, structure and bodies", &[], fetch),
    check("FETCH BINARY", &[Capability::Binary], binary),
    check("news of a mailbox as events", &[], events),
    check("IDLE", &[Capability::Idle], idle),
];

fn search(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&UidSet::try_from("2")?, StoreAction::Add, [Flag::Seen])?;
    assert_eq!(inbox.search(SearchKey::Unseen)?.to_string(), "1,3");
    let from = SearchKey::From("j@example.com".to_owned());
    assert_eq!(inbox.search(from.and(SearchKey::Seen))?.to_string(), "2");
    assert!(inbox.search(SearchKey::Larger(1_000_000))?.is_empty());
    Ok(())
}

fn fetch(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let second = Section::part("2")?;
    let items = [
        FetchItem::Flags,
        FetchItem::InternalDate,
        FetchItem::Rfc822Size,
        FetchItem::Envelope,
        FetchItem::BodyStructure,
        FetchItem::BodyPeek(Section::whole()),
        FetchItem::BodyPeek(second.clone()),
    ];
    let mut messages = inbox.fetch(&UidSet::all(), items)?;
    let mut count = 0;
    while let Some(message) = messages.next()? {
        count += 1;
        let envelope = message.envelope()?;
        assert_eq!(envelope.subject(), "Gr\u{fc}\u{df}e");
        let from = envelope.from().next().unwrap();
        assert_eq!(from.name().as_deref(), Some("J\u{fc}rgen"));
        let structure = message.body_structure()?;
        let part = structure.part("2").unwrap();
        assert_eq!(part.parameter("charset").as_deref(), Some("utf-8"));
        assert_eq!(message.body(&Section::whole()), Some(MESSAGE.as_bytes()));
        assert_eq!(message.body(&second), Some(&b"R3LDvMOfZQ=="[..]));
        assert_eq!(message.size(), Some(MESSAGE.len() as u64));
        assert!(message.internal_date()?.is_some());
        assert!(!message.flags().unwrap().contains(&Flag::Seen));
    }
    assert_eq!(count, 2);
    Ok(())
}

fn binary(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let part = Section::part("2")?;
    let items = [
        FetchItem::BinaryPeek(part.clone()),
        FetchItem::BinarySize(part.clone()),
    ];
    let mut messages = inbox.fetch(&UidSet::all(), items)?;
    let message = messages.next()?.unwrap();
    assert_eq!(message.binary(&part), Some("Gr\u{fc}\u{df}e".as_bytes()));
    assert_eq!(message.binary_size(&part), Some(7));
    Ok(())
}

fn events(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.events();
    let other = user.session()?;
    let began = Instant::now();
    let mut more = 0;
    while inbox.exists() == 1 {
        assert!(began.elapsed() < PATIENCE, "no news");
        // Some see a change by its time in seconds, and miss the second within one.
        if began.elapsed() >= Duration::from_secs(more) {
            other.append("INBOX", MESSAGE.as_bytes())?;
            more += 1;
        }
        inbox.refresh()?;
    }
    let events = inbox.events();
    let count = inbox.exists();
    assert!(events.contains(&MailboxEvent::Exists(count)), "{events:?}");
    Ok(())
}

fn idle(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut idle = inbox.idle()?;
    user.session()?.append("INBOX", MESSAGE.as_bytes())?;
    let mut events = idle.timeout_iter(PATIENCE);
    let is_new = |event: &Result<MailboxEvent>| matches!(event, Ok(MailboxEvent::Exists(2)));
    assert!(events.any(|event| is_new(&event)));
    idle.done()
}
