//! The checks behind the lines of the README's table.

use latchbox::command::StoreOptions;
use latchbox::types::{
    Capability, FetchItem, Flag, MailboxEvent, SearchKey, Section, StatusItem, StoreAction, UidSet,
};
use latchbox::{Result, Session};

use super::Place;

type Check = fn(&Place) -> Result<()>;

/// In the order of the table.
pub(super) const CHECKS: [(&str, Check); 18] = [
    ("TLS from the first byte", implicit_tls),
    ("STARTTLS", start_tls),
    ("LOGIN", login),
    ("SASL PLAIN", sasl_plain),
    ("LIST, LSUB, STATUS, NAMESPACE", lists),
    ("CREATE, RENAME, DELETE, SUBSCRIBE", mailboxes),
    ("mailbox names in any language", names),
    ("APPEND, and the UID of what was appended", append),
    ("SEARCH", search),
    ("FETCH of envelope, structure and bodies", fetch),
    ("FETCH BINARY", binary),
    ("STORE", store),
    ("STORE UNCHANGEDSINCE", unchanged_since),
    ("COPY and MOVE, and the new UIDs", copy_and_move),
    ("deleting by UID", delete),
    ("news of a mailbox as events", events),
    ("IDLE", idle),
    ("ID, ENABLE", id_and_enable),
];

/// A message in two parts; the second is `Grüße` in base64.
const MESSAGE: &str = "From: =?utf-8?q?J=C3=BCrgen?= <j@example.com>\r\n\
    Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\
    \r\n\
    --b\r\n\
    Content-Type: text/plain\r\n\
    \r\n\
    hello\r\n\
    --b\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    R3LDvMOfZQ==\r\n\
    --b--\r\n";

/// A session with this many messages in INBOX.
fn with_messages(place: &Place, count: usize) -> Result<Session> {
    let session = place.session()?;
    for _ in 0..count {
        session.append("INBOX", MESSAGE.as_bytes())?;
    }
    Ok(session)
}

fn is_there(session: &Session, name: &str) -> Result<bool> {
    Ok(session.list("*")?.iter().any(|entry| entry.name() == name))
}

fn implicit_tls(place: &Place) -> Result<()> {
    let client = place.implicit_tls().connect()?;
    assert!(client.is_encrypted());
    place.log_in(client)?.logout()
}

fn start_tls(place: &Place) -> Result<()> {
    let client = place.start_tls().connect()?;
    assert!(client.is_encrypted());
    place.log_in(client)?.logout()
}

fn login(place: &Place) -> Result<()> {
    let client = place.implicit_tls().connect()?;
    let (error, client) = client.login(&place.user, "wrong").unwrap_err();
    assert!(error.is_auth(), "{error}");
    place.log_in(client)?.noop()
}

fn sasl_plain(place: &Place) -> Result<()> {
    place.authenticate(place.implicit_tls().connect()?)?.noop()
}

fn lists(place: &Place) -> Result<()> {
    let session = with_messages(place, 2)?;
    assert!(is_there(&session, "INBOX")? && is_there(&session, "Archive")?);
    session.subscribe("Archive")?;
    assert_eq!(session.lsub("Archive")?.len(), 1);
    let items = [
        StatusItem::Messages,
        StatusItem::Unseen,
        StatusItem::UidNext,
    ];
    let status = session.status("INBOX", items)?;
    assert_eq!((status.messages(), status.unseen()), (Some(2), Some(2)));
    assert_eq!(status.uid_next().map(u32::from), Some(3));
    assert!(!session.namespace()?.personal().is_empty());
    Ok(())
}

fn mailboxes(place: &Place) -> Result<()> {
    let session = place.session()?;
    session.create("One")?;
    session.subscribe("One")?;
    session.unsubscribe("One")?;
    assert!(session.lsub("One")?.is_empty());
    session.rename("One", "Two")?;
    assert!(!is_there(&session, "One")? && is_there(&session, "Two")?);
    session.delete("Two")?;
    assert!(!is_there(&session, "Two")?);
    Ok(())
}

fn names(place: &Place) -> Result<()> {
    let session = place.session()?;
    for name in ["Entwürfe", "R&D", "受信箱", "🎉 party"] {
        session.create(name)?;
        assert!(is_there(&session, name)?, "{name}");
        session.append(name, MESSAGE.as_bytes())?;
        assert_eq!(session.lock_mailbox(name)?.exists(), 1, "{name}");
    }
    Ok(())
}

fn append(place: &Place) -> Result<()> {
    let session = place.session()?;
    let appended = session.append("INBOX", MESSAGE.as_bytes())?;
    let large = format!("Subject: large\r\n\r\n{}", "x\r\n".repeat(1_000_000));
    session.append("INBOX", large.as_bytes())?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    assert_eq!(inbox.exists(), 2);
    let uids = appended.uids().unwrap();
    let subject = SearchKey::Subject("Gr\u{fc}\u{df}e".to_owned());
    assert_eq!(
        inbox.search(SearchKey::Uid(uids.clone()).and(subject))?,
        *uids
    );
    Ok(())
}

fn search(place: &Place) -> Result<()> {
    let session = with_messages(place, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&UidSet::try_from("2")?, StoreAction::Add, [Flag::Seen])?;
    assert_eq!(inbox.search(SearchKey::Unseen)?.to_string(), "1,3");
    let from = SearchKey::From("j@example.com".to_owned());
    assert_eq!(inbox.search(from.and(SearchKey::Seen))?.to_string(), "2");
    assert!(inbox.search(SearchKey::Larger(1_000_000))?.is_empty());
    Ok(())
}

fn fetch(place: &Place) -> Result<()> {
    let session = with_messages(place, 2)?;
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

fn binary(place: &Place) -> Result<()> {
    let session = with_messages(place, 1)?;
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

fn store(place: &Place) -> Result<()> {
    let session = with_messages(place, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let first = UidSet::try_from("1")?;
    inbox.store(&first, StoreAction::Replace, [Flag::Seen, Flag::Flagged])?;
    inbox.store(&first, StoreAction::Remove, [Flag::Flagged])?;
    let stored = inbox.store(&first, StoreAction::Add, [Flag::keyword("$Work")?])?;
    let flags = stored.changed()[0].flags().unwrap();
    assert!(flags.contains(&Flag::Seen) && flags.contains(&Flag::keyword("$Work")?));
    assert!(!flags.contains(&Flag::Flagged));
    assert_eq!(inbox.search(SearchKey::Seen)?.to_string(), "1");
    Ok(())
}

fn unchanged_since(place: &Place) -> Result<()> {
    let session = with_messages(place, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let all = inbox.search(SearchKey::All)?;
    let mut messages = inbox.fetch(&all, [FetchItem::ModSeq])?;
    let mut seen = None;
    while let Some(message) = messages.next()? {
        seen = seen.max(message.mod_seq());
    }
    drop(messages);
    let other = place.session()?;
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

fn copy_and_move(place: &Place) -> Result<()> {
    let session = with_messages(place, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let copied = inbox.copy(&UidSet::try_from("1")?, "Archive")?;
    assert_eq!(copied.copies().unwrap().to_string(), "1");
    let moved = inbox.move_to(&UidSet::try_from("2:3")?, "Archive")?;
    assert_eq!(moved.copies().unwrap().to_string(), "2:3");
    assert_eq!(inbox.search(SearchKey::All)?.to_string(), "1");
    assert_eq!(inbox.switch_to("Archive")?.exists(), 3);
    Ok(())
}

fn delete(place: &Place) -> Result<()> {
    let session = with_messages(place, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&UidSet::try_from("1")?, StoreAction::Add, [Flag::Deleted])?;
    assert_eq!(inbox.delete(&UidSet::try_from("2")?)?.count(), 1);
    assert_eq!(inbox.search(SearchKey::All)?.to_string(), "1,3");
    Ok(())
}

fn events(place: &Place) -> Result<()> {
    let session = with_messages(place, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.events();
    place.session()?.append("INBOX", MESSAGE.as_bytes())?;
    inbox.refresh()?;
    assert_eq!(inbox.exists(), 2);
    let events = inbox.events();
    assert!(events.contains(&MailboxEvent::Exists(2)), "{events:?}");
    Ok(())
}

fn idle(place: &Place) -> Result<()> {
    let session = with_messages(place, 1)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut idle = inbox.idle()?;
    place.session()?.append("INBOX", MESSAGE.as_bytes())?;
    let mut events = idle.timeout_iter(std::time::Duration::from_secs(60));
    let is_new = |event: &Result<MailboxEvent>| matches!(event, Ok(MailboxEvent::Exists(2)));
    assert!(events.any(|event| is_new(&event)));
    idle.done()
}

fn id_and_enable(place: &Place) -> Result<()> {
    let session = place.session()?;
    let server = session.id(&[("name", "latchbox")])?;
    assert!(
        server
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("name"))
    );
    let enabled = session.enable(&[Capability::CondStore])?;
    assert_eq!(enabled, [Capability::CondStore]);
    Ok(())
}
