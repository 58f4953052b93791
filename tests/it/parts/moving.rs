//! A MOVE in several commands on a server that does not say what became of the messages.

use latchbox::command::Pairing;

use super::{halves, many, short, unfinished};

#[test]
fn fault_66_a_move_without_copyuid_that_fails_in_its_second_part_says_what_is_left() {
    let (one, two) = halves(3 * "Archive".len());
    for (answer, is_closed) in [("S: {b} NO [OVERQUOTA] full", false), ("cut", true)] {
        let (server, session) = short(&format!(
            r#"
            C: {{a}} UID MOVE {one} "Archive"
            S: * 1 EXPUNGE
            S: {{a}} OK done
            C: {{b}} UID MOVE {two} "Archive"
            {answer}
            "#
        ));
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let told = unfinished(inbox.move_to(&many(), "Archive"));
        // The first part is gone, though nothing was said of where to.
        assert_eq!(told.remaining().to_string(), two);
        assert_eq!(told.not_done().to_string(), two);
        assert_eq!(told.copied().unwrap().pairing(), Pairing::NotReported);
        assert!(told.left_deleted().is_empty() && told.expunged().is_none());
        assert_eq!(told.cause().is_closed(), is_closed);
        drop(inbox);
        drop(session);
        server.finish();
    }
}

/// Of a first part that is refused, nothing is left to be told.
#[test]
fn fault_66_a_move_without_copyuid_that_fails_at_once_has_moved_nothing() {
    let (one, _) = halves(3 * "Archive".len());
    let (server, session) = short(&format!(
        r#"
        C: {{a}} UID MOVE {one} "Archive"
        S: {{a}} NO [OVERQUOTA] full
        "#
    ));
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let error = inbox.move_to(&many(), "Archive").unwrap_err();
    assert!(matches!(error, latchbox::Error::Refused(_)), "{error:?}");
    drop(inbox);
    drop(session);
    server.finish();
}
