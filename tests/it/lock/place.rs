//! An account on some server, and what tests of the lock do with it.

use std::thread;

use latchbox::types::StatusItem;
use latchbox::{Client, ClientBuilder, Session};
use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::sessions::{log_in_as, plaintext};
use crate::support::tap::{Sent, Tap};

/// An account on some server, with INBOX, Trash and Archive, all empty at first.
pub(super) trait Place: Sync {
    fn port(&self) -> u16;
    fn user(&self) -> &str;
    fn password(&self) -> &str;

    fn builder(&self) -> ClientBuilder {
        plaintext(self.port())
    }

    fn session(&self) -> Session {
        self.log_in(self.builder().connect().unwrap())
    }

    /// A session whose commands are recorded.
    fn tapped(&self) -> (Session, Sent) {
        let (tap, sent) = Tap::connect(self.port());
        let session = self.log_in(self.builder().connect_stream(tap).unwrap());
        (session, sent)
    }

    fn log_in(&self, client: Client) -> Session {
        log_in_as(client, self.user(), self.password())
    }
}

pub(super) struct InProcess(pub(super) Server);

impl InProcess {
    pub(super) fn new() -> Self {
        let none = Vec::<Vec<u8>>::new;
        let server = Server::builder()
            .mailbox("INBOX", none())
            .mailbox("Trash", none())
            .mailbox("Archive", none());
        Self(server.start().unwrap())
    }
}

impl Place for InProcess {
    fn port(&self) -> u16 {
        self.0.port()
    }

    fn user(&self) -> &str {
        USER
    }

    fn password(&self) -> &str {
        PASSWORD
    }
}

/// Puts `count` messages into a mailbox, with the subjects `message 1` and so on.
pub(super) fn fill(session: &Session, mailbox: &str, count: usize) {
    for number in 1..=count {
        let subject = format!("message {number}");
        let message = message(&subject, "ann@example.com", "Hello!");
        session.append(mailbox, &message).unwrap();
    }
}

/// How many messages a mailbox has, as another session sees it.
pub(super) fn count(place: &dyn Place, mailbox: &str) -> u32 {
    let status = place.session().status(mailbox, [StatusItem::Messages]);
    status.unwrap().messages().unwrap()
}

/// The commands that were sent since the last look, without their tags.
pub(super) fn commands(sent: &Sent) -> Vec<String> {
    let lines = sent.take();
    let lines = lines.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(_tag, command)| command.to_owned()).collect()
}

/// Waits until so many threads wait for the lock.
pub(super) fn wait_until_waiting(session: &Session, wanted: usize) {
    while session.lock_state().waiting() < wanted {
        thread::yield_now();
    }
}
