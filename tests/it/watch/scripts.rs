//! What servers do that no real one should: a watch neither spins nor waits for ever.

use super::*;
use crate::sessions::plaintext;
use crate::support::script::script;

fn scripted(port: u16) -> WatchRequest {
    let account = Account::new(plaintext(port), |_| Ok(Credentials::login("jane", "pass1")));
    let backoff = Backoff::new().initial_delay(NEVER).max_delay(NEVER);
    WatchRequest::new(&account)
        .look_interval(NEVER)
        .backoff(backoff)
}

const BEGIN: &str = "\
S: * OK [CAPABILITY IMAP4rev1 IDLE] ready
C: {l} LOGIN \"jane\" \"pass1\"
S: {l} OK [CAPABILITY IMAP4rev1 IDLE] done
C: {e} EXAMINE \"INBOX\"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 1] next
S: {e} OK [READ-ONLY] done
";

/// An IDLE that the server ends at once is not begun again without end.
#[test]
fn an_idle_that_ends_at_once_does_not_make_a_loop() {
    let script = script(&format!("{BEGIN}C: {{i}} IDLE\nS: {{i}} OK no\n"));
    let mut watch = scripted(script.port())
        .mailbox("INBOX", None)
        .begin()
        .unwrap();
    let mut items = Vec::new();
    while let Some(item) = watch.next_timeout(Duration::from_millis(300)) {
        items.push(item.to_string());
    }
    assert!(items.len() <= 2, "{items:?}");
    script.finish();
}

/// A server that does not answer a probe is given up.
#[test]
fn a_server_that_does_not_answer_the_probe_is_given_up() {
    let script = script(&format!("{BEGIN}C: {{i}} IDLE\nS: + idling\nC: DONE\n"));
    let request = scripted(script.port()).probe_after(Duration::from_millis(50));
    let mut watch = request.mailbox("INBOX", None).begin().unwrap();
    let deadline = Instant::now() + DEADLINE;
    loop {
        match watch.next_until(deadline) {
            Some(WatchItem::Disconnected { error, .. }) => {
                assert!(error.is_timeout(), "{error}");
                return;
            }
            Some(_) => {}
            None => panic!("the watch {}", watch.state()),
        }
    }
}

/// NOTIFY reports nothing of a mailbox while that is selected, and Dovecot does not report it later.
#[test]
fn what_changes_in_another_mailbox_before_it_is_left_is_not_missed() {
    let script = script(
        r#"
S: * OK [CAPABILITY IMAP4rev1 IDLE NOTIFY] ready
C: {l} LOGIN "jane" "pass1"
S: {l} OK [CAPABILITY IMAP4rev1 IDLE NOTIFY] done
C: {e} EXAMINE "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 1] next
S: {e} OK [READ-ONLY] done
C: {n} NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange)) (mailboxes ("INBOX" "Work") (MessageNew MessageExpunge FlagChange))
S: {n} OK done
C: {s} STATUS "Work" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
S: * STATUS "Work" (UIDVALIDITY 8 UIDNEXT 1 MESSAGES 0 UNSEEN 0)
S: {s} OK done
C: {e} EXAMINE "Work"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 8] valid
S: * OK [UIDNEXT 1] next
S: {e} OK [READ-ONLY] done
C: {e} EXAMINE "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 1] next
S: {e} OK [READ-ONLY] done
C: {s} STATUS "Work" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
S: * STATUS "Work" (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 1)
S: {s} OK done
C: {e} EXAMINE "Work"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 8] valid
S: * OK [UIDNEXT 2] next
S: {e} OK [READ-ONLY] done
C: {f} UID FETCH 1 (FLAGS)
S: * 1 FETCH (UID 1 FLAGS ())
S: {f} OK done
C: {f} UID FETCH 1 (FLAGS)
S: * 1 FETCH (UID 1 FLAGS ())
S: {f} OK done
C: {e} EXAMINE "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 1] next
S: {e} OK [READ-ONLY] done
C: {s} STATUS "Work" (UIDVALIDITY UIDNEXT MESSAGES UNSEEN)
S: * STATUS "Work" (UIDVALIDITY 8 UIDNEXT 2 MESSAGES 1 UNSEEN 1)
S: {s} OK done
C: {i} IDLE
S: + idling
"#
        .trim_start(),
    );
    let request = scripted(script.port()).mailbox("INBOX", None);
    let mut watch = request.mailbox("Work", None).begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert_eq!(copies.mirrors[&name("Work")].arrived.len(), 1);
    script.finish();
}

/// A message that arrives while the server answers the SELECT is not in UIDNEXT: the mailbox is looked at again.
#[test]
fn what_arrives_within_the_answer_to_the_select_is_not_missed() {
    let script = script(
        r#"
S: * OK [CAPABILITY IMAP4rev1 IDLE] ready
C: {l} LOGIN "jane" "pass1"
S: {l} OK [CAPABILITY IMAP4rev1 IDLE] done
C: {e} EXAMINE "INBOX"
S: * 0 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 1] next
S: * 1 EXISTS
S: {e} OK [READ-ONLY] done
C: {e} EXAMINE "INBOX"
S: * 1 EXISTS
S: * OK [UIDVALIDITY 7] valid
S: * OK [UIDNEXT 2] next
S: {e} OK [READ-ONLY] done
C: {f} UID FETCH 1 (FLAGS)
S: * 1 FETCH (UID 1 FLAGS ())
S: {f} OK done
C: {i} IDLE
S: + idling
"#
        .trim_start(),
    );
    let request = scripted(script.port()).mailbox("INBOX", None);
    let mut watch = request.begin().unwrap();
    let mut copies = Copies::default();
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    assert_eq!(copies.mirrors[&name("INBOX")].messages.len(), 1);
    script.finish();
}
