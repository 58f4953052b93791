//! What is selected: after a refusal, in which mode, and when others take the mailbox away.

use latchbox::Error;
use latchbox::error::MailboxError;
use latchbox::types::{Capability, Flag, MailboxEvent, SearchKey, StoreAction, UidSet};
use latchbox_testkit::{Server, message};

use super::{InProcess, Place, commands, fill, on_both_servers};

on_both_servers!(
    a_failed_select_selects_nothing,
    a_guard_tells_what_select_said,
    reading_only_and_writing_are_different_selections,
    a_guard_of_a_mailbox_that_another_session_deleted_is_an_error,
    a_name_that_cannot_be_one_costs_no_command,
    release_keeps_the_mailbox_selected_and_unselect_does_not,
    close_removes_what_is_flagged_deleted_and_unselect_does_not,
    counters_and_events_follow_another_session,
);

fn a_failed_select_selects_nothing(place: &dyn Place) {
    let (session, sent) = place.tapped();
    fill(&session, "INBOX", 1);
    drop(session.lock_mailbox("INBOX").unwrap());
    let refused = session.lock_mailbox("No such mailbox").unwrap_err();
    assert!(matches!(refused, Error::Refused(_)), "{refused}");
    assert!(!refused.is_closed() && !refused.may_have_taken_effect());
    sent.take();
    // INBOX is not believed to be selected still: it is selected again.
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(commands(&sent), ["SELECT \"INBOX\""]);
    assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 1);
    drop(inbox);
    session.lock_mailbox_read_only("Nor this").unwrap_err();
    drop(session.try_lock_mailbox("Trash").unwrap());
}

fn a_guard_tells_what_select_said(place: &dyn Place) {
    let session = place.session();
    session.enable(&[Capability::CondStore]).unwrap();
    fill(&session, "INBOX", 3);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let one = UidSet::unbound([inbox.search(SearchKey::All).unwrap().first().unwrap()]);
    inbox.store(&one, StoreAction::Add, [Flag::Seen]).unwrap();
    inbox.unselect().unwrap();
    let inbox = session.lock_mailbox("INBOX").unwrap();
    let mailbox = inbox.mailbox().unwrap();
    assert_eq!(mailbox.name().as_str(), "INBOX");
    assert_eq!((mailbox.exists(), inbox.exists()), (3, 3));
    assert!(mailbox.uid_validity().is_some());
    assert_eq!(mailbox.uid_next().unwrap().value(), 4);
    assert_eq!(mailbox.first_unseen().unwrap().value(), 2);
    assert!(mailbox.highest_mod_seq().is_some());
    assert!(mailbox.flags().contains(&Flag::Deleted));
    assert!(mailbox.permanent_flags().keeps(&Flag::Seen));
    assert!(mailbox.permanent_flags().may_create_keywords());
    assert!(!mailbox.is_read_only());
    drop(inbox);
    let inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert!(inbox.mailbox().unwrap().is_read_only());
}

fn reading_only_and_writing_are_different_selections(place: &dyn Place) {
    let (session, sent) = place.tapped();
    sent.take();
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    assert_eq!(commands(&sent), ["EXAMINE \"INBOX\""]);
    drop(session.lock_mailbox_read_only("INBOX").unwrap());
    assert_eq!(sent.take(), "");
    drop(session.lock_mailbox("INBOX").unwrap());
    assert_eq!(commands(&sent), ["SELECT \"INBOX\""]);
}

/// Servers differ in how they say it; none of its answers may be taken for one of another
/// mailbox, and no command hangs.
fn a_guard_of_a_mailbox_that_another_session_deleted_is_an_error(place: &dyn Place) {
    let (session, other) = (place.session(), place.session());
    session.create("Box").unwrap();
    fill(&session, "Box", 2);
    let mut held = session.lock_mailbox("Box").unwrap();
    let all = held.search(SearchKey::All).unwrap();
    other.delete("Box").unwrap();
    let mut told = None;
    for _ in 0..50 {
        if let Err(error) = held.store(&all, StoreAction::Add, [Flag::Deleted]) {
            told = Some(error);
            break;
        }
    }
    let error = told.expect("the server takes flags for a mailbox that is gone");
    assert!(
        matches!(
            error,
            Error::Closed(_) | Error::Refused(_) | Error::Mailbox(_)
        ),
        "{error}"
    );
    drop(held);
    match session.lock_mailbox("INBOX") {
        Ok(mut inbox) => assert!(inbox.search(SearchKey::All).unwrap().is_empty()),
        Err(error) => assert!(error.is_closed(), "{error}"),
    }
    let again = place.session().lock_mailbox("Box").map(drop).unwrap_err();
    assert!(matches!(again, Error::Refused(_)), "{again}");
}

fn a_name_that_cannot_be_one_costs_no_command(place: &dyn Place) {
    let (session, sent) = place.tapped();
    sent.take();
    for name in ["", "a\rb", "a\nb", "a\0b"] {
        let refused = session.lock_mailbox(name).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{refused}");
        let refused = session.create(name).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{refused}");
    }
    assert_eq!(sent.take(), "");
    assert!(session.try_lock_mailbox("INBOX").is_ok());
}

fn release_keeps_the_mailbox_selected_and_unselect_does_not(place: &dyn Place) {
    let (session, sent) = place.tapped();
    session.lock_mailbox("INBOX").unwrap().release().unwrap();
    sent.take();
    session.lock_mailbox("INBOX").unwrap().release().unwrap();
    assert_eq!(sent.take(), "");
    session.lock_mailbox("INBOX").unwrap().unselect().unwrap();
    assert_eq!(commands(&sent), ["UNSELECT"]);
    let inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    inbox.unselect().unwrap();
    sent.take();
    session.lock_mailbox("INBOX").unwrap().release().unwrap();
    assert_eq!(commands(&sent), ["SELECT \"INBOX\""]);
}

fn close_removes_what_is_flagged_deleted_and_unselect_does_not(place: &dyn Place) {
    let session = place.session();
    fill(&session, "INBOX", 2);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let first = UidSet::unbound([inbox.search(SearchKey::All).unwrap().first().unwrap()]);
    inbox
        .store(&first, StoreAction::Add, [Flag::Deleted])
        .unwrap();
    inbox.unselect().unwrap();
    assert_eq!(super::count(place, "INBOX"), 2);
    let inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.exists(), 2);
    inbox.close_and_expunge().unwrap();
    assert_eq!(super::count(place, "INBOX"), 1);
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
}

fn counters_and_events_follow_another_session(place: &dyn Place) {
    let (session, other) = (place.session(), place.session());
    fill(&session, "INBOX", 3);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let all = inbox.search(SearchKey::All).unwrap();
    inbox.events();
    let mut theirs = other.lock_mailbox("INBOX").unwrap();
    let flagged = UidSet::unbound([all.last().unwrap()]);
    theirs
        .store(&flagged, StoreAction::Add, [Flag::Flagged])
        .unwrap();
    theirs
        .delete(&UidSet::unbound([all.first().unwrap()]))
        .unwrap();
    fill(&other, "INBOX", 2);
    assert_eq!(inbox.exists(), 3, "nothing was read meanwhile");
    inbox.refresh().unwrap();
    assert_eq!(inbox.exists(), 4);
    let events = inbox.events();
    let gone =
        |event: &MailboxEvent| matches!(event, MailboxEvent::Expunged(seq) if seq.value() == 1);
    assert!(events.iter().any(gone), "{events:?}");
    assert!(events.contains(&MailboxEvent::Exists(4)), "{events:?}");
    let changed = |event: &MailboxEvent| matches!(event, MailboxEvent::Flags { flags, .. } if flags.contains(&Flag::Flagged));
    assert!(events.iter().any(changed), "{events:?}");
    assert!(inbox.events().is_empty(), "they are told once");
}

#[test]
fn a_mailbox_that_can_only_be_read_is_refused_to_who_wants_to_write() {
    let server = Server::builder()
        .mailbox("Shared", [message("one", "ann@example.com", "Hi")])
        .read_only("Shared");
    let place = InProcess(server.start().unwrap());
    let session = place.session();
    for _ in 0..2 {
        match session.lock_mailbox("Shared") {
            Err(Error::Mailbox(error)) => assert!(matches!(*error, MailboxError::ReadOnly(_))),
            other => panic!("{other:?}"),
        }
    }
    let mut shared = session.lock_mailbox_read_only("Shared").unwrap();
    assert_eq!(shared.search(SearchKey::All).unwrap().len(), 1);
}
