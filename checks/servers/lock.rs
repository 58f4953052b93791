//! What the lock promises, on Dovecot: the functions of `tests/it/lock` that take any server.

#[path = "../../tests/it/lock/ending.rs"]
mod ending;
#[path = "../../tests/it/lock/held.rs"]
mod held;
#[path = "../../tests/it/lock/numbered.rs"]
mod numbered;
#[path = "../../tests/it/lock/order.rs"]
mod order;
#[path = "../../tests/it/lock/place.rs"]
mod place;
#[path = "../../tests/it/lock/selection.rs"]
mod selection;
#[path = "../../tests/it/lock/sets.rs"]
mod sets;
#[path = "../../tests/it/lock/streams.rs"]
mod streams;

use latchbox::Error;
use latchbox::error::CloseReason;

use ending::broken;
use place::{InProcess, Place, commands, count, fill, wait_until_waiting};

use crate::support::dovecot::{User, dovecot};

struct OnDovecot(User);

impl OnDovecot {
    fn new() -> Self {
        Self(dovecot().user())
    }
}

impl Place for OnDovecot {
    fn port(&self) -> u16 {
        dovecot().port()
    }

    fn user(&self) -> &str {
        self.0.name()
    }

    fn password(&self) -> &str {
        self.0.password()
    }
}

/// Makes each of these functions a test on Dovecot.
macro_rules! on_both_servers {
    ($($name:ident),* $(,)?) => {
        mod on_dovecot {
            $(#[test] fn $name() { super::$name(&crate::lock::OnDovecot::new()); })*
        }
    };
}
use on_both_servers;

#[test]
fn a_goodbye_of_the_server_is_told_as_such() {
    let place = OnDovecot::new();
    let session = place.session();
    broken(&place, &session, || {
        dovecot().doveadm(&["kick", place.user()]);
    });
    let Error::Closed(closed) = session.noop().unwrap_err() else {
        panic!("it is closed");
    };
    assert!(
        matches!(closed.reason(), CloseReason::Bye { .. }),
        "{closed:?}"
    );
}

/// Data that Dovecot sends for the old mailbox during SELECT of the next belongs to the old one.
#[test]
fn changing_mailboxes_books_nothing_on_the_wrong_one() {
    let place = OnDovecot::new();
    let (session, other) = (place.session(), place.session());
    fill(&session, "INBOX", 2);
    drop(session.lock_mailbox("INBOX").unwrap());
    fill(&other, "INBOX", 5);
    let mut trash = session.lock_mailbox("Trash").unwrap();
    assert_eq!(trash.exists(), 0);
    assert!(trash.events().is_empty());
    drop(trash);
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 7);
}
