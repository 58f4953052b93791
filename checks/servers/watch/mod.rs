//! Watches on real servers, while another client than ours (Python's imaplib) changes mailboxes: the
//! copies of a program that applies the items become what the server has, and each message arrives once.

mod accounts;
mod client;
mod copies;
mod errors;
mod following;
mod harm;
mod sharing;

use std::time::Duration;

use latchbox::watch::WatchRequest;
use latchbox::{Account, Backoff, ClientBuilder, Credentials};

use crate::sessions::{patient, plaintext};
use crate::sync::place::Kind;
use crate::sync::reader::Access;

/// How long something that has to happen may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// No interval of a watch passes in a check that does not set it.
const NEVER: Duration = Duration::from_secs(3_600);

/// An interval that passes often.
const SOON: Duration = Duration::from_millis(300);

const KINDS: [Kind; 4] = [Kind::Dovecot, Kind::Cyrus, Kind::Courier, Kind::Imap4d];

fn account(access: &Access) -> Account {
    account_by(patient(plaintext(access.port)), access)
}

fn account_by(builder: ClientBuilder, access: &Access) -> Account {
    let (user, password) = (access.user.clone(), access.password.clone());
    Account::new(builder, move |_| {
        Ok(Credentials::login(&user, password.as_str()))
    })
}

/// A request whose only hints are those of the server, if it reports what happens to the mailboxes.
fn request(account: &Account, kind: Kind, are_several: bool) -> WatchRequest {
    let (look, status) = match (kind, are_several) {
        (Kind::Dovecot, _) | (Kind::Cyrus | Kind::Courier, false) => (NEVER, NEVER),
        // Its STATUS has HIGHESTMODSEQ, which shows every change.
        (Kind::Cyrus, true) => (NEVER, SOON),
        // Its STATUS shows no flags: only a look does.
        (Kind::Courier, true) => (SOON, SOON),
        // It reports nothing of what other clients change: neither in IDLE, nor with another command
        // while the mailbox is selected, nor the flags by STATUS. Only a look shows it.
        (Kind::Imap4d, _) => (SOON, SOON),
    };
    let backoff = Backoff::new().initial_delay(Duration::from_millis(10));
    WatchRequest::new(account)
        .look_interval(look)
        .status_interval(status)
        .backoff(backoff)
}
