//! FETCH in a batch: its rows, and what it is sent beside.

use latchbox::command::{CopyMessages, FetchMessages, Search, Store};
use latchbox::types::{
    FetchItem, Flag, MailboxEvent, ModSeq, PartialRange, SearchKey, Section, SeqNum, Uid, UidSet,
};
use latchbox::{Error, Result};

use crate::scripted::{selecting, selecting_with};

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

fn size(uids: &UidSet) -> FetchMessages<'_> {
    FetchMessages::new(uids, &[FetchItem::Rfc822Size])
}

fn is_argument<T>(outcome: Result<T>, about: &str) {
    match outcome {
        Err(Error::Argument(argument)) => assert!(argument.to_string().contains(about)),
        _ => panic!("not about {about}"),
    }
}

#[test]
fn rows_belong_to_the_fetch_that_asked_and_are_merged() {
    let (server, session) = selecting(
        r#"
        C: {a} UID FETCH 1 (FLAGS RFC822.SIZE)
        C: {b} UID FETCH 2 (RFC822.SIZE)
        C: {c} UID SEARCH UNSEEN
        silent
        S: * 2 FETCH (UID 2 RFC822.SIZE 22)
        S: * 1 FETCH (UID 1 FLAGS (\Seen))
        S: * 3 FETCH (UID 3 FLAGS (\Flagged))
        S: * SEARCH 3
        S: * 1 FETCH (UID 1 RFC822.SIZE 11)
        S: {c} OK done
        S: {b} OK done
        S: {a} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (one, two) = (set("1"), set("2"));
    let batch = (
        FetchMessages::new(&one, &[FetchItem::Flags, FetchItem::Rfc822Size]),
        size(&two),
        Search::new(SearchKey::Unseen),
    );
    let (first, second, unseen) = inbox.pipeline(batch).unwrap();
    let first = first.unwrap();
    assert_eq!(first.len(), 1, "two responses are one message");
    assert_eq!(first[0].size(), Some(11));
    assert_eq!(first[0].flags().unwrap().collect::<Vec<_>>(), [Flag::Seen]);
    assert!(first[0].id().origin().is_some());
    let sizes: Vec<_> = second
        .unwrap()
        .iter()
        .map(latchbox::message::Fetch::size)
        .collect();
    assert_eq!(sizes, [Some(22)]);
    assert_eq!(unseen.unwrap().all().unwrap().to_string(), "3");
    // Flags alone may also have come unasked.
    let changed = inbox.events().into_iter().map(|event| match event {
        MailboxEvent::Flags { uid, .. } => uid.unwrap().value(),
        other => panic!("{other:?}"),
    });
    assert_eq!(changed.collect::<Vec<_>>(), [1, 3]);
    drop(inbox);
    server.finish();
}

#[test]
fn a_fetch_and_a_copy_of_a_message_are_in_flight_together() {
    let (server, session) = selecting(
        r#"
        C: {a} UID FETCH 1:2 (RFC822.SIZE)
        C: {b} UID COPY 1:2 "Box"
        silent
        S: * 1 FETCH (UID 1 RFC822.SIZE 11)
        S: {b} OK done
        S: {a} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let both = set("1:2");
    let batch = (size(&both), CopyMessages::new(&both, "Box").unwrap());
    let (fetched, copied) = inbox.pipeline(batch).unwrap();
    assert_eq!(fetched.unwrap().len(), 1);
    copied.unwrap();
    drop(inbox);
    server.finish();
}

#[test]
fn what_names_the_messages_of_a_fetch_waits_for_it() {
    let (server, session) = selecting(
        r#"
        C: {a} UID FETCH 1:2 (RFC822.SIZE)
        silent
        S: * 1 FETCH (UID 1 RFC822.SIZE 11)
        S: {a} NO [LIMIT] no more
        C: {b} UID STORE 2 +FLAGS (\Seen)
        silent
        S: * 2 FETCH (UID 2 FLAGS (\Seen))
        S: {b} OK done
        C: {c} UID FETCH 2:3 (RFC822.SIZE)
        silent
        S: * 3 FETCH (UID 3 RFC822.SIZE 33)
        S: {c} OK done
        C: {d} UID FETCH 3 (FLAGS)
        S: * 3 FETCH (UID 3 FLAGS ())
        S: {d} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let (first, two, later, three) = (set("1:2"), set("2"), set("2:3"), set("3"));
    let batch = (
        size(&first),
        Store::add(&two, &[Flag::Seen]),
        size(&later),
        FetchMessages::new(&three, &[FetchItem::Flags]),
    );
    let (refused, stored, fetched, flags) = inbox.pipeline(batch).unwrap();
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert_eq!(stored.unwrap().changed().len(), 1);
    assert_eq!(fetched.unwrap().len(), 1);
    assert_eq!(flags.unwrap().len(), 1);
    drop(inbox);
    server.finish();
}

#[test]
fn what_a_batch_cannot_return_is_rejected_and_the_others_are_sent() {
    let (server, session) = selecting_with(
        "IMAP4rev1 ENABLE CONDSTORE QRESYNC PARTIAL",
        r#"
        C: {a} UID FETCH 1:* (RFC822.SIZE) (CHANGEDSINCE 7)
        S: * 1 FETCH (UID 1 RFC822.SIZE 11 MODSEQ (9))
        S: {a} OK done
        C: {b} UID FETCH 1:* (RFC822.SIZE) (PARTIAL -1:-5)
        S: * 3 FETCH (UID 3 RFC822.SIZE 33)
        S: {b} OK done
        "#,
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let since = ModSeq::try_from(7).unwrap();
    let five = std::num::NonZeroU32::new(5).unwrap();
    let (all, none) = (UidSet::all(), inbox.uids([]));
    let odd = (1..10_000).step_by(2);
    let long = UidSet::unbound(odd.map(|uid| Uid::new(uid).unwrap()));
    let body = [FetchItem::BodyAndMarkSeen(Section::whole())];
    let batch = vec![
        FetchMessages::new(&all, &body),
        FetchMessages::new(&all, &[]),
        size(&long),
        size(&none),
        size(&all).changed_or_vanished_since(since),
        size(&all).changed_since(since),
        size(&all).partial(PartialRange::last(five)),
    ];
    let mut outcomes = inbox.pipeline(batch).unwrap().into_iter();
    is_argument(outcomes.next().unwrap(), "Seen");
    is_argument(outcomes.next().unwrap(), "none are given");
    is_argument(outcomes.next().unwrap(), "too long");
    assert!(outcomes.next().unwrap().unwrap().is_empty());
    is_argument(outcomes.next().unwrap(), "use `stream`");
    assert_eq!(outcomes.next().unwrap().unwrap().len(), 1);
    assert_eq!(outcomes.next().unwrap().unwrap()[0].size(), Some(33));
    drop(inbox);
    server.finish();
}

#[test]
fn a_row_without_a_uid_is_not_mistaken_for_a_removed_message() {
    let (server, session) = selecting(
        r#"
        C: {a} UID FETCH 1:3 (RFC822.SIZE)
        S: * 1 FETCH (UID 1 RFC822.SIZE 11)
        S: * 2 FETCH (RFC822.SIZE 22)
        S: {a} OK done
        "#,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = set("1:3");
    let (outcome,) = inbox.pipeline((size(&all),)).unwrap();
    match outcome {
        Err(Error::Unparsable(unreadable)) => {
            assert_eq!(unreadable.seq(), SeqNum::new(2));
        }
        other => panic!("{other:?}"),
    }
    drop(inbox);
    server.finish();
}

#[test]
fn a_read_only_guard_peeks() {
    let server = latchbox_testkit::Server::builder()
        .mailbox(
            "INBOX",
            [
                latchbox_testkit::message("Hello", "ann@example.com", "Hi!"),
                latchbox_testkit::message("Again", "ann@example.com", "Ho!"),
            ],
        )
        .start()
        .unwrap();
    let session = crate::sessions::plaintext_session(&server);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let (one, two) = (set("1"), set("2"));
    let text = Section::whole().text();
    let body = FetchItem::BodyAndMarkSeen(text.clone());
    let body = [body];
    let bodies = [&one, &two].map(|uids| FetchMessages::new(uids, &body));
    let bodies = inbox.pipeline(bodies).unwrap();
    for (outcome, expected) in bodies.into_iter().zip(["Hi!", "Ho!"]) {
        let messages = outcome.unwrap();
        let body = messages[0].body(&text).unwrap();
        assert!(body.starts_with(expected.as_bytes()));
    }
    let all = UidSet::all();
    let flags = FetchMessages::new(&all, &[FetchItem::Flags]);
    let batch = (Search::new(SearchKey::Seen), flags);
    let (found, flags) = inbox.pipeline(batch).unwrap();
    assert!(found.unwrap().all().unwrap().is_empty());
    assert_eq!(flags.unwrap().len(), 2);
}
