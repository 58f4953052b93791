//! Counts, UIDs and sizes that cannot be: nothing wraps, nothing is set aside for them.

use latchbox::types::{
    FetchItem, Flag, MailboxEvent, ModSeq, SearchKey, SeqNum, Uid, UidSet, UidValidity,
};
use latchbox::{Error, Session};

use crate::scripted::{logged_in, selecting};
use crate::support::script::Script;

/// INBOX after this answer to SELECT, and then NOOP with this answer.
fn selected(select: &str, noop: &str) -> (Script, Session) {
    logged_in(&format!(
        "
        C: {{select}} SELECT \"INBOX\"
        {select}
        S: {{select}} OK [READ-WRITE] selected
        C: {{a}} NOOP
        {noop}
        S: {{a}} OK done
        "
    ))
}

#[test]
fn attack_064_a_mailbox_of_all_messages_there_can_be() {
    let (server, session) = selected("S: * 4294967295 EXISTS", "S: * 4294967294 EXISTS");
    // Nothing is set aside for them.
    let (cost, inbox) = latchbox_counting::cost(|| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        assert_eq!(inbox.exists(), u32::MAX);
        inbox.refresh().unwrap();
        assert_eq!(inbox.exists(), u32::MAX - 1);
        inbox
    });
    assert!(cost.peak < 64 << 10, "{cost:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_064_fewer_messages_without_an_expunge_are_told() {
    let (server, session) = selected("S: * 17 EXISTS", "S: * 5 EXISTS");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let _ = inbox.events();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 5);
    assert_eq!(inbox.events(), [MailboxEvent::Exists(5)]);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_065_expunges_of_what_is_not_there_are_ignored() {
    let (server, session) = selected(
        "S: * 2 EXISTS",
        r"S-raw: * 0 EXPUNGE\r\n* 3 EXPUNGE\r\n* 4294967295 EXPUNGE\r\n* 4294967296 EXPUNGE\r\n
        S-raw: * 2 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let _ = inbox.events();
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 0);
    let gone = |number| MailboxEvent::Expunged(SeqNum::new(number).unwrap());
    let octets = b"* 4294967296 EXPUNGE"[..].into();
    let unread = MailboxEvent::Unparsable { octets };
    assert_eq!(inbox.events(), [unread, gone(2), gone(1)]);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_065_fetches_of_what_cannot_be_are_no_messages() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:* (FLAGS)
        S: * 0 FETCH (UID 1 FLAGS (\Seen))
        S: * 4294967296 FETCH (UID 2 FLAGS (\Seen))
        S: * 1 FETCH (UID 0 FLAGS (\Seen))
        S: * 1 FETCH (UID 4294967296 FLAGS (\Seen))
        S: * 1 FETCH (UID -1 FLAGS (\Seen))
        S: * 1 FETCH (UID 9.3736e+06 FLAGS (\Seen))
        S: * 2 FETCH (UID 4294967295 FLAGS (\Seen))
        S: {f} OK done
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
    // Those without a usable UID are an error at the end.
    let (messages, errors): (Vec<_>, Vec<_>) = messages.into_iter().partition(Result::is_ok);
    assert!(matches!(&errors[..], [Err(latchbox::Error::Unparsable(_))]));
    let uids: Vec<_> = messages
        .into_iter()
        .map(|message| message.unwrap())
        .filter(|message| message.seq().is_some())
        .map(|message| message.uid().value())
        .collect();
    assert_eq!(uids, [u32::MAX]);
    assert_eq!(inbox.exists(), 3);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_066_impossible_codes_of_a_mailbox_are_not_known() {
    for (select, validity, next, mod_seq) in [
        ("UIDVALIDITY 0", None, None, None),
        ("UIDVALIDITY 4294967296", None, None, None),
        ("UIDNEXT 0", None, None, None),
        ("UIDNEXT -1", None, None, None),
        ("UIDNEXT 9.3736e+06", None, None, None),
        ("HIGHESTMODSEQ -1", None, None, None),
        ("HIGHESTMODSEQ 9223372036854775808", None, None, None),
        ("UNSEEN 0", None, None, None),
        ("UIDVALIDITY 4294967295", Some(u32::MAX), None, None),
        ("UIDNEXT 4294967295", None, Some(u32::MAX), None),
        (
            "HIGHESTMODSEQ 9223372036854775807",
            None,
            None,
            Some(i64::MAX as u64),
        ),
    ] {
        let select = format!("S: * 2 EXISTS\nS: * OK [{select}] x");
        let (server, session) = selected(&select, "");
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let mailbox = inbox.mailbox().unwrap();
        assert_eq!(
            mailbox.uid_validity().map(UidValidity::value),
            validity,
            "{select}"
        );
        assert_eq!(mailbox.uid_next().map(Uid::value), next, "{select}");
        assert_eq!(
            mailbox.highest_mod_seq().map(ModSeq::value),
            mod_seq,
            "{select}"
        );
        assert_eq!(mailbox.first_unseen(), None);
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// They spoil themselves, not their message and not the stream.
#[test]
fn attack_066_impossible_numbers_of_a_message_are_errors_of_their_items() {
    let (server, session) = selecting(
        r"
        C: {f} UID FETCH 1:* (FLAGS RFC822.SIZE MODSEQ)
        S: * 1 FETCH (UID 1 FLAGS (\Seen) RFC822.SIZE 4294967297 MODSEQ (1))
        S: * 1 FETCH (UID 2 FLAGS (\Seen) RFC822.SIZE -1 MODSEQ (-1))
        S: * 1 FETCH (UID 3 FLAGS (\Seen) RFC822.SIZE 9.3736e+06 MODSEQ (9223372036854775808))
        S: * 1 FETCH (UID 4 FLAGS (\Seen) RFC822.SIZE 99999999999999999999 MODSEQ (0))
        S: * 1 FETCH (UID 5 FLAGS (\Seen) RFC822.SIZE 7 MODSEQ (9223372036854775807))
        S: {f} OK done
        ",
    );
    let items = [FetchItem::Flags, FetchItem::Rfc822Size, FetchItem::ModSeq];
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let messages = inbox.fetch(&UidSet::all(), items).unwrap();
    let found: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let message = message.unwrap();
            let flags: Vec<_> = message.flags().into_iter().flatten().collect();
            assert_eq!(flags, [Flag::Seen]);
            let mod_seq = message.mod_seq().map(ModSeq::value);
            (message.uid().value(), message.size(), mod_seq)
        })
        .collect();
    let highest = Some(i64::MAX as u64);
    let expected = [
        (1, Some(4_294_967_297), Some(1)),
        (2, None, None),
        (3, None, None),
        (4, None, None),
        (5, Some(7), highest),
    ];
    assert_eq!(found, expected);
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn attack_066_a_search_with_impossible_numbers_finds_none_of_them() {
    for numbers in ["0", "-1", "4294967296", "1 0 2", "9.3736e+06", "1 2 x"] {
        let (server, session) = selecting(&format!(
            "
            C: {{a}} UID SEARCH ALL
            S: * SEARCH {numbers}
            S: {{a}} OK done
            C: {{b}} NOOP
            S: {{b}} OK done
            "
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        match inbox.search(SearchKey::All) {
            Ok(found) => {
                let possible = found.iter().all(|uid| matches!(uid.value(), 1 | 2));
                assert!(possible, "{numbers}: {found}");
            }
            Err(error) => assert!(matches!(error, Error::Unparsable(_)), "{error:?}"),
        }
        inbox.refresh().unwrap();
        drop(inbox);
        drop(session);
        server.finish();
    }
}
