//! Parts that a server is to decode (BINARY), and a server that ends the connection over one.

use latchbox::error::CloseReason;
use latchbox::types::{FetchItem, Uid, UidSet};
use latchbox::{Account, Backoff, Credentials, MailboxGuard, Result, Session};

use crate::scripted::closed;
use crate::sessions::{log_in_as, plaintext};
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
fn part<A: latchbox::guard::Access>(inbox: &mut MailboxGuard<'_, A>) -> Result<Vec<u8>> {
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
    let builder = plaintext(dovecot().port());
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
    let back_off = Backoff::new().initial_delay(std::time::Duration::ZERO);
    let session = account.reconnecting(back_off).open().unwrap();
    assert!(read(&session).unwrap_err().is_closed());
    assert_eq!(read(&session).unwrap(), content);
}

#[test]
fn fault_39_binary_can_be_left_out() {
    let user = dovecot().user();
    let builder = plaintext(dovecot().port()).without_binary();
    let session = log_in_as(builder.connect().unwrap(), user.name(), user.password());
    session.append("INBOX", CUT_OFF).unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert!(part(&mut inbox).unwrap().starts_with(&[0, 1, 2, 3]));
}
