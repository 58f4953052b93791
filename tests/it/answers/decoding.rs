//! Parts that a server is to decode (BINARY), and a server that ends the connection over one.

use std::num::NonZeroU32;

use latchbox::types::{FetchItem, Flag, SearchKey, Section, StoreAction, Uid, UidSet};
use latchbox::{Account, Backoff, Client, CloseReason, Credentials, MailboxGuard, Result, Session};

use crate::scripted::{closed, selecting, selecting_with};
use crate::support::dovecot::{User, dovecot};

/// Its base64 is cut off in the middle of four letters.
const CUT_OFF: &str = "\
Subject: cut\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\
\r\n\
--b\r\n\
Content-Type: text/plain\r\n\
\r\n\
text\r\n\
--b\r\n\
Content-Type: multipart/mixed; boundary=c\r\n\
\r\n\
--c\r\n\
Content-Type: text/plain\r\n\
\r\n\
text\r\n\
--c\r\n\
Content-Type: application/octet-stream\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
AAECA/8";

fn uid() -> Uid {
    Uid::new(1).unwrap()
}

/// Part 2.2 of the first message, as a download gives it.
fn part<A: latchbox::Access>(inbox: &mut MailboxGuard<'_, A>) -> Result<Vec<u8>> {
    let set = UidSet::unbound([uid()]);
    let messages = inbox.fetch(&set, [FetchItem::BodyStructure])?;
    let message = messages.into_iter().next().unwrap()?;
    let structure = message.body_structure()?;
    let part = structure.part("2.2").unwrap();
    let mut content = Vec::new();
    inbox.download_part(uid(), &part)?.copy_to(&mut content)?;
    Ok(content)
}

fn account(user: &User) -> Account {
    let builder = Client::builder("127.0.0.1")
        .port(dovecot().port())
        .danger_plaintext()
        .danger_cleartext_login();
    let (name, password) = (user.name().to_owned(), user.password().to_owned());
    Account::new(builder, move |_| {
        Ok(Credentials::login(name.clone(), password.as_str()))
    })
}

/// The connection ends once; from then on the part is fetched as it is and decoded here.
#[test]
fn fault_39_dovecot_ends_the_connection_once() {
    let user = dovecot().user();
    let account = account(&user);
    let read = |session: &Session| part(&mut session.lock_mailbox_read_only("INBOX")?);
    let session = account.open().unwrap();
    session.append("INBOX", CUT_OFF).unwrap();
    match read(&session) {
        Err(error) => {
            assert!(
                matches!(closed(&error).reason(), CloseReason::Bye { .. }),
                "{error}"
            );
            assert!(!error.may_have_taken_effect(), "it only reads: {error}");
        }
        other => panic!("this Dovecot has no such defect: {other:?}"),
    }
    // Another session of the account has learned it too.
    let session = account.open().unwrap();
    let content = read(&session).unwrap();
    assert!(content.starts_with(&[0, 1, 2, 3]), "{content:?}");
    // And one that reconnects.
    let account = self::account(&user);
    let backoff = Backoff::new().first_delay(std::time::Duration::ZERO);
    let session = account.reconnecting(backoff).open().unwrap();
    assert!(read(&session).unwrap_err().is_closed());
    assert_eq!(read(&session).unwrap(), content);
}

#[test]
fn fault_39_binary_can_be_left_out() {
    let user = dovecot().user();
    let builder = Client::builder("127.0.0.1")
        .port(dovecot().port())
        .danger_plaintext()
        .danger_cleartext_login()
        .without_binary();
    let client = builder.connect().unwrap();
    let session = client
        .login(user.name(), user.password())
        .map_err(|(e, _)| e)
        .unwrap();
    session.append("INBOX", CUT_OFF).unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert!(part(&mut inbox).unwrap().starts_with(&[0, 1, 2, 3]));
}

/// A deadline and a refusal say nothing of that kind.
#[test]
fn fault_39_a_refusal_is_no_reason_to_leave_binary_out() {
    let structure =
        r#"S: * 1 FETCH (UID 1 BODYSTRUCTURE ("APPLICATION" "X" NIL NIL NIL "BASE64" 8))"#;
    let lines = format!(
        r#"
        C: {{a}} UID FETCH 1 (BODYSTRUCTURE)
        {structure}
        S: {{a}} OK done
        C: {{b}} UID FETCH 1 (UID BINARY.PEEK[1])
        S: {{b}} NO [UNKNOWN-CTE] no
        C: {{c}} UID FETCH 1 (UID BODY.PEEK[1])
        S: * 1 FETCH (UID 1 BODY[1] "YWJj")
        S: {{c}} OK done
        C: {{d}} UID FETCH 1 (UID BINARY.PEEK[1])
        S: * 1 FETCH (UID 1 BINARY[1] "abc")
        S: {{d}} OK done
        "#
    );
    let (server, session) = selecting_with("IMAP4rev1 BINARY", &lines, |builder| builder);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let set = UidSet::unbound([uid()]);
    let messages = inbox.fetch(&set, [FetchItem::BodyStructure]).unwrap();
    let message = messages.into_iter().next().unwrap().unwrap();
    let structure = message.body_structure().unwrap();
    let part = structure.part("1").unwrap();
    for _ in 0..2 {
        let mut content = Vec::new();
        let mut download = inbox.download_part(uid(), &part).unwrap();
        download.copy_to(&mut content).unwrap();
        assert_eq!(content, b"abc");
    }
    drop(inbox);
    drop(session);
    server.finish();
}

/// What only reads never has; what sets `\Seen` may.
#[test]
fn fault_39_what_only_reads_has_no_effect() {
    let lost = |lines: &str, work: fn(&mut MailboxGuard<'_>) -> Result<()>| {
        let (server, session) = selecting(&format!("{lines}\ncut\n"));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = work(&mut inbox).unwrap_err();
        assert!(error.is_closed(), "{error}");
        drop(inbox);
        drop(session);
        server.finish();
        error.may_have_taken_effect()
    };
    assert!(!lost("C: {a} UID FETCH 1 (BODY.PEEK[1])", |inbox| {
        let mut one = inbox.fetch(&UidSet::unbound([uid()]), [peek()])?;
        one.next().map(drop)
    }));
    assert!(lost("C: {a} UID FETCH 1 (BODY[1])", |inbox| {
        let body = FetchItem::BodyAndMarkSeen(Section::part("1").unwrap());
        inbox
            .fetch(&UidSet::unbound([uid()]), [body])?
            .next()
            .map(drop)
    }));
    assert!(!lost("C: {a} UID SEARCH ALL", |inbox| {
        inbox.search(SearchKey::All).map(drop)
    }));
    assert!(!lost("C: {a} NOOP", |inbox| inbox.refresh().map(drop)));
    assert!(lost("C: {a} UID STORE 1 +FLAGS (\\Seen)", |inbox| {
        let seen = [Flag::Seen];
        let add = StoreAction::Add;
        inbox.store(&UidSet::unbound([uid()]), add, seen).map(drop)
    }));
    assert!(lost("C: {a} UID FETCH 1 (UID BODY[1])", |inbox| {
        let section = Section::part("1").unwrap();
        inbox.download_and_mark_seen(uid(), &section).map(drop)
    }));
    assert!(!lost(
        "C: {a} UID FETCH 1 (UID BODY.PEEK[1]<0.5>)",
        |inbox| {
            let five = NonZeroU32::new(5).unwrap();
            let section = Section::part("1").unwrap().partial(0, five);
            inbox.download(uid(), &section).map(drop)
        }
    ));
}

fn peek() -> FetchItem {
    FetchItem::BodyPeek(Section::part("1").unwrap())
}
