//! Other sessions on the same mailbox, whom the lock does not keep out.

use latchbox::command::Store;
use latchbox::guard::Access;
use latchbox::types::{FetchItem, Flag, ModSeq, StoreAction, UidSet};
use latchbox::{MailboxGuard, Session};

use crate::support::certificates::certificates;
use crate::support::dovecot::{User, dovecot};

fn on_dovecot(user: &User) -> Session {
    let client = latchbox::Client::builder("127.0.0.1")
        .port(dovecot().tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .connect();
    let session = client.unwrap().login(user.name(), user.password());
    session.unwrap()
}

fn mod_seq<A: Access>(guard: &mut MailboxGuard<'_, A>, uids: &UidSet) -> ModSeq {
    let mut messages = guard.fetch(uids, [FetchItem::ModSeq]).unwrap();
    messages.next().unwrap().unwrap().mod_seq().unwrap()
}

fn has<A: Access>(guard: &mut MailboxGuard<'_, A>, uids: &UidSet, flag: &Flag) -> bool {
    let mut messages = guard.fetch(uids, [FetchItem::Flags]).unwrap();
    let message = messages.next().unwrap().unwrap();
    message.flags().unwrap().contains(flag)
}

/// Two sessions are to each other what two processes are.
#[test]
fn hazard_h25_the_lock_is_of_one_session_and_unchanged_since_is_for_two() {
    let user = dovecot().user();
    user.fill("INBOX", 1);
    let (ours, theirs) = (on_dovecot(&user), on_dovecot(&user));
    let mut held = ours.lock_mailbox("INBOX").unwrap();
    // Neither waits for the other.
    let mut held_too = theirs.try_lock_mailbox("INBOX").unwrap();
    let one: UidSet = "1".parse().unwrap();
    let flag = |held: &mut MailboxGuard<'_>, since: ModSeq| {
        held.run(Store::add(&one, &[Flag::Flagged]).unchanged_since(since))
            .unwrap()
    };
    let before = mod_seq(&mut held, &one);
    // Without a condition, whoever comes last has its way.
    held_too
        .store(&one, StoreAction::Add, [Flag::Answered])
        .unwrap();
    let stored = flag(&mut held, before);
    assert_eq!(stored.modified().to_string(), "1");
    assert!(!has(&mut held_too, &one, &Flag::Flagged));
    // Looked at again, it is as it was seen.
    let now = mod_seq(&mut held, &one);
    assert!(now > before && has(&mut held, &one, &Flag::Answered));
    assert!(flag(&mut held, now).modified().is_empty());
    held_too.refresh().unwrap();
    assert!(has(&mut held_too, &one, &Flag::Flagged));
}
