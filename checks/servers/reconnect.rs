//! A real server that goes away and comes back.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use latchbox::types::{FetchItem, SearchKey, UidSet};
use latchbox::{Account, Backoff, Client, Credentials, Error, Session};

use crate::sessions::{Asked, LONG, assert_closed, until, until_hung_up};
use crate::support::certificates::certificates;
use crate::support::dovecot::{Dovecot, User};

/// Over TLS; tries as long as it takes for a server to start.
fn session(server: &Dovecot, user: &User) -> (Session, Asked) {
    let asked = Asked::default();
    let (counting, name) = (asked.clone(), user.name().to_owned());
    let password = user.password().to_owned();
    let builder = Client::builder("127.0.0.1")
        .port(server.tls_port())
        .root_certificates_pem(certificates().authority.clone())
        .read_timeout(LONG)
        .command_timeout(LONG);
    let account = Account::new(builder, move |_| {
        counting.count();
        Ok(Credentials::login(&name, password.as_str()))
    });
    let backoff = Backoff::new()
        .initial_delay(Duration::from_millis(20))
        .max_delay(Duration::from_millis(50))
        .max_attempts(10_000);
    (account.reconnecting(backoff).open().unwrap(), asked)
}

#[test]
fn a_server_that_was_restarted_is_connected_to_again() {
    let mut server = Dovecot::start("").unwrap();
    let user = server.user();
    user.fill("INBOX", 3);
    let (session, asked) = session(&server, &user);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let uids = inbox.search(SearchKey::All).unwrap();
    server.restart();
    until_hung_up(server.tls_port());
    let outcome = inbox.fetch(&uids, [FetchItem::Flags]).map(drop);
    let outcome = outcome.and_then(|()| inbox.refresh());
    assert!(outcome.unwrap_err().is_closed());
    assert_closed(inbox.refresh(), false);
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    // The mailbox kept its UIDVALIDITY, and so the UIDs their meaning.
    assert_eq!(inbox.search(SearchKey::Uid(uids.clone())).unwrap(), uids);
    assert_eq!(asked.times(), 2);
    drop(inbox);

    // Idle this time; nobody is told.
    server.restart();
    until_hung_up(server.tls_port());
    session.lock_mailbox("INBOX").unwrap().refresh().unwrap();
    assert_eq!(asked.times(), 3);
    session.logout().unwrap();
    server.stop();
}

#[test]
fn a_mailbox_made_anew_meanwhile_has_other_uids() {
    let mut server = Dovecot::start("").unwrap();
    let user = server.user();
    user.fill("Box", 3);
    let (session, _) = session(&server, &user);
    let old = {
        let mut held = session.lock_mailbox("Box").unwrap();
        held.search(SearchKey::All).unwrap()
    };
    let stored = old.to_stored().unwrap().to_string();
    session.delete("Box").unwrap();
    session.create("Box").unwrap();
    session
        .append("Box", b"Subject: other\r\n\r\nother\r\n")
        .unwrap();
    server.restart();
    until_hung_up(server.tls_port());
    let mut held = session.lock_mailbox("Box").unwrap();
    assert_eq!(held.exists(), 1);
    let stored = UidSet::from(stored.parse::<latchbox::types::StoredUids>().unwrap());
    for stale in [old, stored] {
        let refused = held.delete(&stale).unwrap_err();
        assert!(matches!(refused, Error::StaleUids(_)), "{refused}");
    }
    held.refresh().unwrap();
    assert_eq!(held.exists(), 1);
    drop(held);
    server.stop();
}

/// Threads at work when the server goes: each may be told that the connection broke, nothing
/// else, and all of them go on with the server that comes back.
#[test]
fn a_restart_in_the_middle_of_everything_costs_nothing_but_errors() {
    const MAILBOXES: [&str; 4] = ["INBOX", "Trash", "Archive", "Sent"];
    let mut server = Dovecot::start("").unwrap();
    let user = server.user();
    let (session, asked) = session(&server, &user);
    let (rounds, is_back) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |thread: usize| -> latchbox::Result<()> {
        let name = MAILBOXES[thread % 4];
        let mut guard = session.lock_mailbox(name)?;
        assert_eq!(guard.mailbox()?.name().as_str(), name);
        assert!(guard.search(SearchKey::All)?.is_empty());
        rounds.fetch_add(1, Ordering::SeqCst);
        Ok(())
    };
    thread::scope(|scope| {
        for thread in 0..8 {
            let (work, is_back) = (&work, &is_back);
            scope.spawn(move || {
                let mut left = 5;
                while left > 0 {
                    match work(thread) {
                        Ok(()) => left -= usize::from(is_back.load(Ordering::SeqCst)),
                        Err(error) => assert!(error.is_closed(), "{error}"),
                    }
                }
            });
        }
        until("nobody works", || rounds.load(Ordering::SeqCst) > 20);
        server.restart();
        let so_far = rounds.load(Ordering::SeqCst);
        until("nobody works again", || {
            rounds.load(Ordering::SeqCst) > so_far + 20
        });
        is_back.store(true, Ordering::SeqCst);
    });
    assert!(asked.times() >= 2);
    session.logout().unwrap();
    server.stop();
}
