//! Everything that the client does, on a real Dovecot.

mod a_hundred_thousand;
mod appending;
mod appending_more;
mod connecting;
mod copying;
mod downloading;
mod expunging;
mod fetching;
mod fetching_changes;
mod fetching_parts;
mod limits_and_rights;
mod listing;
mod logging_in;
mod mailboxes;
mod many;
pub(crate) mod mechanisms;
mod names;
mod removing;
mod rev1;
mod searching;
mod sorting;
mod storing;

use latchbox::types::{FetchItem, Section, Uid, UidSet};
use latchbox::{Client, ClientBuilder, MailboxGuard, Session};

use crate::support::dovecot::{Dovecot, User, dovecot};
use crate::support::tap::{Sent, Tap};

/// A builder for the cleartext port.
fn plaintext(server: &Dovecot) -> ClientBuilder {
    crate::sessions::plaintext(server.port())
}

/// A session of this user on the shared server.
pub(crate) fn session(user: &User) -> Session {
    session_on(dovecot(), user)
}

fn session_on(server: &Dovecot, user: &User) -> Session {
    log_in(plaintext(server).connect().unwrap(), user)
}

/// A session whose commands are recorded.
fn tapped_on(server: &Dovecot, user: &User) -> (Session, Sent) {
    let (tap, sent) = Tap::connect(server.port());
    let client = plaintext(server).connect_stream(tap).unwrap();
    (log_in(client, user), sent)
}

fn log_in(client: Client, user: &User) -> Session {
    crate::sessions::log_in_as(client, user.name(), user.password())
}

fn uid(number: u32) -> Uid {
    Uid::new(number).unwrap()
}

fn uids(text: &str) -> UidSet {
    text.parse().unwrap()
}

/// The whole of a message, which stays unread.
fn whole<A: latchbox::guard::Access>(guard: &mut MailboxGuard<'_, A>, uid: Uid) -> Vec<u8> {
    let items = [FetchItem::BodyPeek(Section::whole())];
    let set = UidSet::unbound([uid]);
    let mut messages = guard.fetch(&set, items).unwrap();
    let message = messages.next().unwrap().unwrap();
    assert_eq!(message.uid(), uid);
    message.body(&Section::whole()).unwrap().to_vec()
}
