//! CHANGEDSINCE, VANISHED and PARTIAL.

use std::num::NonZeroU32;

use latchbox::command::FetchMessages;
use latchbox::types::{Capability, FetchItem, MailboxEvent, PartialRange, UidSet};
use latchbox::{Error, MailboxGuard};

use super::{assert_unsupported, mod_seq, uids};
use crate::scripted::{assert_limit, log_in, plain, selecting_with, with_login};
use crate::support::script::script;

#[test]
fn changed_since_asks_for_what_has_changed_and_gives_its_mod_sequence() {
    let (server, session) = selecting_with(
        "IMAP4rev1 CONDSTORE",
        r"
        C: {f} UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)
        S: * 1 FETCH (UID 4 MODSEQ (65402) FLAGS (\Seen))
        S: {f} OK done
        C: {g} FETCH 1:3 (UID) (CHANGEDSINCE 12345)
        S: * 2 FETCH (MODSEQ (65403) UID 5)
        S: {g} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let mut messages = inbox
        .stream(
            FetchMessages::new(&UidSet::all(), &[FetchItem::Flags]).changed_since(mod_seq(12345)),
        )
        .unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.mod_seq(), Some(mod_seq(65402)));
    assert!(messages.next().unwrap().is_none());
    assert!(messages.vanished().is_empty());
    let mut numbered = inbox.numbered();
    let all = numbered.last(3);
    let mut messages = numbered
        .stream(FetchMessages::new(&all, &[FetchItem::Uid]).changed_since(mod_seq(12345)))
        .unwrap();
    assert_eq!(
        messages.next().unwrap().unwrap().mod_seq(),
        Some(mod_seq(65403))
    );
    assert!(messages.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

const QRESYNC: &str = "IMAP4rev1 ENABLE CONDSTORE QRESYNC";

const ENABLED: &str = r#"
    C: {e} ENABLE QRESYNC
    S: * ENABLED QRESYNC CONDSTORE
    S: {e} OK done
    C: {s} SELECT "INBOX"
    S: * 3 EXISTS
    S: * OK [UIDVALIDITY 7] since
    S: {s} OK [READ-WRITE] selected
"#;

/// What a script goes on to when QRESYNC is enabled and INBOX is locked.
fn with_qresync(text: &str, test: impl FnOnce(&mut MailboxGuard<'_>)) {
    let server = script(&with_login(QRESYNC, &format!("{ENABLED}{text}")));
    let session = log_in(plain(&server).list_limit(4));
    session.enable(&[Capability::Qresync]).unwrap();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    test(&mut inbox);
    drop(inbox);
    drop(session);
    server.finish();
}

fn since(set: &UidSet) -> FetchMessages<'_> {
    FetchMessages::flags(set).changed_or_vanished_since(mod_seq(12345))
}

#[test]
fn what_has_vanished_comes_out_of_the_stream_and_is_no_event() {
    let text = r"
        C: {f} UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)
        S: * VANISHED (EARLIER) 300:310,405
        S: * 1 FETCH (UID 404 MODSEQ (65402) FLAGS (\Seen))
        S: * VANISHED 411
        S: * VANISHED (EARLIER) 411
        S: {f} OK done
        C: {g} UID FETCH 300:500 (FLAGS)
        S: * VANISHED (EARLIER) 5
        S: {g} OK done
    ";
    with_qresync(text, |inbox| {
        let _ = inbox.events();
        let set = uids("300:500");
        let mut messages = inbox.stream(since(&set)).unwrap();
        assert!(messages.next().unwrap().is_some());
        assert_eq!(messages.vanished().to_string(), "300:310,405");
        assert!(messages.next().unwrap().is_none());
        let vanished = messages.vanished();
        assert_eq!(vanished.to_string(), "411");
        assert_eq!(vanished.origin().unwrap().mailbox(), "INBOX");
        assert!(messages.vanished().is_empty(), "it was taken");
        let gone = |event: &MailboxEvent| matches!(event, MailboxEvent::Vanished { uids, earlier: false } if uids.to_string() == "411");
        let events = inbox.events();
        assert!(matches!(&events[..], [event] if gone(event)), "{events:?}");

        let mut messages = inbox.fetch(&set, [FetchItem::Flags]).unwrap();
        assert!(messages.next().unwrap().is_none());
        assert!(messages.vanished().is_empty(), "it was not asked for");
        let events = inbox.events();
        assert!(
            matches!(events[..], [MailboxEvent::Vanished { earlier: true, .. }]),
            "{events:?}"
        );
    });
}

#[test]
fn what_has_vanished_is_bounded() {
    let text = r"
        C: {f} UID FETCH 1:4294967295 (FLAGS) (CHANGEDSINCE 12345 VANISHED)
        S: * VANISHED (EARLIER) 1,3,5
        S: * VANISHED (EARLIER) 7,9
        C-close
    ";
    with_qresync(text, |inbox| {
        let all = UidSet::all();
        let mut messages = inbox.stream(since(&all)).unwrap();
        let error = messages.next().unwrap_err();
        assert_limit(&error, "list_limit");
    });
}

#[test]
fn a_page_is_asked_for_in_one_command_or_not_at_all() {
    let (server, session) = selecting_with(
        "IMAP4rev1 PARTIAL",
        r"
        C: {f} UID FETCH 25900:26600 (FLAGS) (PARTIAL -1:-30)
        S: * 3 FETCH (UID 25996 FLAGS (\Seen))
        S: {f} OK done
        ",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let page = PartialRange::last(NonZeroU32::new(30).unwrap());
    let mut messages = inbox
        .stream(FetchMessages::new(&uids("25900:26600"), &[FetchItem::Flags]).partial(page))
        .unwrap();
    assert!(messages.next().unwrap().is_some());
    assert!(messages.next().unwrap().is_none());
    let long: Vec<String> = (10_000..14_000).step_by(2).map(|n| n.to_string()).collect();
    let error =
        inbox.stream(FetchMessages::new(&uids(&long.join(",")), &[FetchItem::Flags]).partial(page));
    assert!(matches!(error, Err(Error::Argument(_))), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn modifiers_that_cannot_be_sent_are_refused_before() {
    let all = UidSet::all();
    for (capabilities, fetch, missing) in [
        (
            "IMAP4rev1",
            FetchMessages::flags(&all).changed_since(mod_seq(1)),
            Capability::CondStore,
        ),
        ("IMAP4rev1 CONDSTORE", since(&all), Capability::Qresync),
        (
            "IMAP4rev1",
            FetchMessages::flags(&all).partial(PartialRange::first(NonZeroU32::MIN)),
            Capability::Partial,
        ),
    ] {
        let (server, session) = selecting_with(capabilities, "", |builder| builder);
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let error = inbox.stream(fetch);
        assert_unsupported(&error.unwrap_err(), &missing);
        drop(inbox);
        drop(session);
        server.finish();
    }
    let (server, session) = selecting_with(
        "IMAP4rev1 ENABLE CONDSTORE QRESYNC PARTIAL",
        "",
        |builder| builder,
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.stream(since(&all));
    assert!(
        matches!(error, Err(Error::Argument(_))),
        "not enabled: {error:?}"
    );
    let mut numbered = inbox.numbered();
    let all = numbered.all();
    let flags = FetchMessages::flags(&all);
    let page = flags.partial(PartialRange::first(NonZeroU32::MIN));
    for fetch in [flags.changed_or_vanished_since(mod_seq(1)), page] {
        let error = numbered.stream(fetch);
        assert!(
            matches!(error, Err(Error::Argument(_))),
            "by number: {error:?}"
        );
    }
    drop(inbox);
    drop(session);
    server.finish();
}
