//! Reading messages, and hearing of new ones.

use std::time::{Duration, Instant};

use latchbox::command::IdleOptions;
use latchbox::command::{FetchMessages, RawCommand};
use latchbox::notify::{NotifyEvent, NotifyRequest};
use latchbox::types::{
    Capability, FetchItem, Flag, MailboxEvent, MailboxScope, SearchKey, Section, StoreAction,
    UidSet,
};
use latchbox::{Result, SessionEvent};

use super::{Check, MESSAGE, check, first, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("FETCH of envelope, structure and bodies", &[], fetch),
    check("all flags of a mailbox", &[], flags),
    check("FETCH CHANGEDSINCE", &["CONDSTORE"], changed_since),
    check("messages expunged since (QRESYNC)", &["QRESYNC"], vanished),
    check("FETCH BINARY", &["BINARY"], binary),
    check("downloading a message into a writer", &[], download),
    check("downloading a part, decoded", &["BINARY"], download_part),
    check("PREVIEW", &["PREVIEW"], preview),
    check("SAVEDATE", &["SAVEDATE"], save_date),
    check("EMAILID (OBJECTID)", &["OBJECTID"], email_id),
    check("events of the selected mailbox", &[], events),
    check("IDLE", &["IDLE"], idle),
    check("events of other mailboxes (NOTIFY)", &["NOTIFY"], notify),
    check("a raw command", &[], raw),
];

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

fn flags(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&user.uids("2")?, StoreAction::Add, [Flag::Seen])?;
    let table = inbox.fetch_flags(&UidSet::all())?;
    assert_eq!(table.len(), 3);
    assert_eq!(user.places(&table.with_flag(&Flag::Seen)), "2");
    Ok(())
}

fn changed_since(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let Some(before) = inbox.mailbox()?.highest_mod_seq() else {
        return inbox
            .stream(
                FetchMessages::new(&UidSet::all(), &[FetchItem::Flags])
                    .changed_since(latchbox::types::ModSeq::try_from(1)?),
            )
            .map(drop);
    };
    inbox.store(&user.uids("2")?, StoreAction::Add, [Flag::Seen])?;
    let changed = inbox
        .stream(FetchMessages::new(&UidSet::all(), &[FetchItem::Flags]).changed_since(before))?;
    let changed: Result<Vec<_>> = changed.into_iter().collect();
    let changed = changed?;
    assert_eq!(changed.len(), 1);
    assert!(changed[0].mod_seq().is_some_and(|after| after > before));
    Ok(())
}

fn vanished(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    session.enable(&[Capability::Qresync])?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let before = inbox.mailbox()?.highest_mod_seq();
    let before = before.map_or_else(|| latchbox::types::ModSeq::try_from(1), Ok)?;
    inbox.delete(&user.uids("2")?)?;
    let mut changed = inbox.stream(
        FetchMessages::new(&UidSet::all(), &[FetchItem::Flags]).changed_or_vanished_since(before),
    )?;
    // Some give others too, whose mod-sequence comes late.
    while changed.next()?.is_some() {}
    assert_eq!(user.places(&changed.vanished()), "2");
    Ok(())
}

fn download(user: &User) -> Result<()> {
    let session = user.session()?;
    let large = MESSAGE.repeat(1000);
    session.append("INBOX", large.as_bytes())?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let uid = first(&mut inbox)?.first().unwrap();
    let mut received = Vec::new();
    inbox
        .download(uid, &Section::whole())?
        .copy_to(&mut received)?;
    assert_eq!(received, large.as_bytes());
    assert_eq!(inbox.search(SearchKey::Unseen)?.len(), 1);
    Ok(())
}

fn download_part(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all = UidSet::all();
    let mut messages = inbox.fetch(&all, [FetchItem::BodyStructure])?;
    let message = messages.next()?.unwrap().clone();
    drop(messages);
    let structure = message.body_structure()?;
    let part = structure.part("2").unwrap();
    let mut text = String::new();
    let mut download = inbox.download_text(message.uid(), &part)?;
    std::io::Read::read_to_string(&mut download, &mut text).unwrap();
    assert_eq!(text, "Gr\u{fc}\u{df}e");
    Ok(())
}

fn preview(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Preview])?;
    let preview = messages.next()?.unwrap().preview()?.map(String::from);
    assert!(preview.unwrap().contains("hello"));
    Ok(())
}

fn save_date(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::SaveDate])?;
    assert!(messages.next()?.unwrap().save_date()?.is_some());
    Ok(())
}

fn email_id(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all = UidSet::all();
    let mut messages = inbox.fetch(&all, [FetchItem::EmailId, FetchItem::ThreadId])?;
    let id = messages.next()?.unwrap().email_id().unwrap().to_owned();
    drop(messages);
    let found = inbox.search(SearchKey::EmailId(id))?;
    assert_eq!(found.len(), 1);
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
        assert!(began.elapsed() < user.patience, "no news");
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
    let mut events = idle.timeout_iter(user.patience);
    let is_new = |event: &Result<MailboxEvent>| matches!(event, Ok(MailboxEvent::Exists(2)));
    assert!(events.any(|event| is_new(&event)));
    idle.done()
}

fn notify(user: &User) -> Result<()> {
    let session = user.session()?;
    let archive = user.archive(&session)?;
    let request = NotifyRequest::new().mailboxes(MailboxScope::Personal, NotifyEvent::messages());
    session.notify().set(&request)?;
    user.session()?.append(archive.as_str(), MESSAGE)?;
    let mut news = session.notifications(&IdleOptions::new())?;
    let until = Instant::now() + user.patience;
    while let Some(event) = news.next_until(until)? {
        if matches!(&event, SessionEvent::Status(status) if status.messages() == Some(1)) {
            return Ok(());
        }
    }
    panic!("nothing is told of {archive}")
}

fn raw(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let command = RawCommand::new("STATUS")?.mailbox("INBOX")?;
    let answer = session.raw(&command.list(|items| items.atom("MESSAGES"))?)?;
    let mut names = answer.responses().map(|response| response.name());
    assert!(names.any(|name| name.eq_ignore_ascii_case("STATUS")));
    Ok(())
}
