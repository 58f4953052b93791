//! Closing while a lock reconnects: in whatever step of it the thread is.

use std::thread;

use latchbox::Backoff;

use super::{Line, with_and_without_tls};
use crate::sessions::{LONG, account, assert_cancelled, until_hung_up, until_waiting};

with_and_without_tls!(
    between_two_attempts,
    before_the_greeting,
    in_the_middle_of_the_login,
    in_the_select_afterwards,
);

/// A lock reconnects until the script signals `stuck`; another waits for it.
fn ends(line: Line, script: &str) {
    let server = line.played(&format!("hello\ncut\naccept\n{script}"));
    let (account, asked) = account(line.builder(server.port()));
    let account = account.reconnecting(Backoff::new().initial_delay(LONG));
    let session = account.open().unwrap();
    let close_handle = session.close_handle();
    until_hung_up(server.port());
    thread::scope(|scope| {
        let locking = scope.spawn(|| session.lock_mailbox("INBOX").map(drop));
        server.reached("stuck");
        let waiting = scope.spawn(|| session.noop());
        until_waiting(&session, 1);
        close_handle.close();
        assert_cancelled(locking.join().unwrap());
        assert_cancelled(waiting.join().unwrap());
    });
    assert_cancelled(session.lock_mailbox("INBOX"));
    assert_eq!(asked.times(), 2, "it is not tried again");
    drop(session);
    server.finish();
}

fn between_two_attempts(line: Line) {
    let busy = "S: * BYE too busy\nclose\nsignal: stuck";
    ends(line, &format!("{}{busy}", line.begun()));
}

fn before_the_greeting(line: Line) {
    // With TLS it is the handshake that gets stuck.
    ends(line, "signal: stuck\nstall");
}

fn in_the_middle_of_the_login(line: Line) {
    let login = "S: * OK [CAPABILITY IMAP4rev1] ready\nC-start: {l} LOGIN\nsignal: stuck\nstall";
    ends(line, &format!("{}{login}", line.begun()));
}

fn in_the_select_afterwards(line: Line) {
    let select = "hello: pass2\nC-start: {s} SELECT\nsignal: stuck\nstall";
    ends(line, &format!("{}{select}", line.begun()));
}
