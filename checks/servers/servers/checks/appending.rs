//! Storing messages.

use latchbox::Result;
use latchbox::types::{
    CatenatePart, DateTime, FetchItem, Flag, MessageUrl, NewMessage, SearchKey, Section, UidSet,
};

use super::{Check, MESSAGE, check, first, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("APPEND", &[], append),
    check("the UID of the appended message", &["UIDPLUS"], append_uid),
    check("APPEND with flags and a date", &[], with_flags),
    check("APPEND from a reader", &[], from_reader),
    check("APPEND of many, pipelined", &["LITERAL+"], each),
    check(
        "APPEND of many, atomic (MULTIAPPEND)",
        &["MULTIAPPEND"],
        all_or_none,
    ),
    check("APPEND of binary octets (BINARY)", &["BINARY"], binary),
    check("CATENATE", &["CATENATE"], catenate),
    check("REPLACE", &["REPLACE"], replace),
];

fn append(user: &User) -> Result<()> {
    let session = user.session()?;
    session.append("INBOX", MESSAGE.as_bytes())?;
    let large = format!(
        "From: a@example.com\r\nSubject: large\r\n\r\n{}",
        "x\r\n".repeat(1_000_000)
    );
    session.append("INBOX", large.as_bytes())?;
    user.settle(&session)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    assert_eq!(inbox.exists(), 2);
    assert_eq!(inbox.search(SearchKey::Larger(1_000_000))?.len(), 1);
    Ok(())
}

fn append_uid(user: &User) -> Result<()> {
    let session = user.session()?;
    let appended = session.append("INBOX", MESSAGE.as_bytes())?;
    user.settle(&session)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let found = inbox.search(SearchKey::Subject("Gr\u{fc}\u{df}e".to_owned()))?;
    match appended.uids() {
        Some(uids) => assert_eq!(found, *uids),
        None => assert_eq!(found.len(), 1),
    }
    Ok(())
}

fn with_flags(user: &User) -> Result<()> {
    let session = user.session()?;
    let date: DateTime = "2001-02-03T04:05:06+07:00".parse().unwrap();
    let message = NewMessage::new(MESSAGE.as_bytes());
    let message = message
        .flags([Flag::Seen, Flag::Flagged])
        .internal_date(date);
    session.append("INBOX", message)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let items = [FetchItem::Flags, FetchItem::InternalDate];
    let mut messages = inbox.fetch(&UidSet::all(), items)?;
    let message = messages.next()?.unwrap();
    let flags = message.flags().unwrap();
    let flags: Vec<_> = flags.collect();
    assert!(
        flags.contains(&Flag::Seen) && flags.contains(&Flag::Flagged),
        "{flags:?}"
    );
    assert_eq!(message.internal_date()?, Some(date));
    Ok(())
}

fn from_reader(user: &User) -> Result<()> {
    let session = user.session()?;
    let large = MESSAGE.repeat(1000);
    session.append(
        "INBOX",
        NewMessage::from_reader(large.as_bytes(), large.len() as u64),
    )?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Rfc822Size])?;
    assert_eq!(messages.next()?.unwrap().size(), Some(large.len() as u64));
    Ok(())
}

fn each(user: &User) -> Result<()> {
    let session = user.session()?;
    let messages = (0..20).map(|number| format!("Subject: {number}\r\n\r\n{MESSAGE}").into_bytes());
    for outcome in session.append_each("INBOX", messages)? {
        outcome?;
    }
    assert_eq!(session.lock_mailbox("INBOX")?.exists(), 20);
    Ok(())
}

fn all_or_none(user: &User) -> Result<()> {
    let session = user.session()?;
    let appended = session.append_atomic("INBOX", [MESSAGE, MESSAGE, MESSAGE])?;
    if let Some(uids) = appended.uids() {
        assert_eq!(uids.len(), 3);
    }
    assert_eq!(session.lock_mailbox("INBOX")?.exists(), 3);
    Ok(())
}

fn binary(user: &User) -> Result<()> {
    let session = user.session()?;
    let message = "Subject: b\r\nMIME-Version: 1.0\r\n\
        Content-Type: application/octet-stream\r\n\
        Content-Transfer-Encoding: binary\r\n\r\na\0b\r\n";
    let octets = message.as_bytes();
    session.append(
        "INBOX",
        NewMessage::from_reader(octets, octets.len() as u64).binary(),
    )?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let part = Section::part("1")?;
    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BinaryPeek(part.clone())])?;
    assert_eq!(
        messages.next()?.unwrap().binary(&part),
        Some(&b"a\0b\r\n"[..])
    );
    Ok(())
}

fn catenate(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let archive = user.archive(&session)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let stored = inbox.search(SearchKey::All)?;
    let url = MessageUrl::try_from(&stored).unwrap();
    drop(inbox);
    let parts = [
        CatenatePart::Text(b"Subject: new\r\n\r\n"),
        CatenatePart::Url(url.section(Section::part("1")?)),
    ];
    session.append(archive.as_str(), NewMessage::of_parts(parts))?;
    let mut archive = session.lock_mailbox(archive.as_str())?;
    let whole = Section::whole();
    let mut messages = archive.fetch(&UidSet::all(), [FetchItem::BodyPeek(whole.clone())])?;
    let stored = messages.next()?.unwrap().body(&whole);
    let stored = stored.map(String::from_utf8_lossy);
    assert_eq!(stored.unwrap(), "Subject: new\r\n\r\nhello");
    Ok(())
}

fn replace(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let old = first(&mut inbox)?;
    let new = "From: a@example.com\r\nSubject: new\r\n\r\nBody.\r\n";
    inbox.replace(&old, "INBOX", new)?.removed()?;
    drop(inbox);
    user.settle(&session)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.refresh()?;
    assert_eq!(inbox.exists(), 2);
    let found = inbox.search(SearchKey::Subject("new".to_owned()))?;
    assert_eq!(found.len(), 1);
    Ok(())
}
