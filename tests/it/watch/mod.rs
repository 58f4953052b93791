//! Watches: what a program has that applies their items is what the server has, whatever happens to
//! the connection; and what they do to others who use it.

mod accounts;
mod following;
mod histories;
mod many;
mod scripts;
mod sharing;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use latchbox::sync::ChangeBatch;
use latchbox::types::MailboxName;
use latchbox::watch::{Watch, WatchItem, WatchRequest};
use latchbox::{Account, Backoff, Credentials};
use latchbox_testkit::{PASSWORD, Server, USER, message};

use crate::sessions::builder;
use crate::sync::mirror::Mirror;

/// How long something that has to happen may take.
const DEADLINE: Duration = Duration::from_secs(60);

/// No interval of a watch passes in a test that does not set it.
const NEVER: Duration = Duration::from_secs(3_600);

fn account(server: &Server) -> Account {
    Account::new(builder(server.port()), |_| {
        Ok(Credentials::login(USER, PASSWORD))
    })
}

/// A request whose only hints are those of the server.
fn request(account: &Account) -> WatchRequest {
    WatchRequest::new(account)
        .look_interval(NEVER)
        .status_interval(NEVER)
        .backoff(Backoff::new().initial_delay(Duration::from_millis(1)))
}

fn deliver(server: &Server, mailbox: &str, subject: &str) {
    server.deliver(USER, mailbox, message(subject, "a@example.com", "x"));
}

fn name(name: &str) -> MailboxName {
    name.parse().unwrap()
}

/// What a program keeps that applies the items of a watch.
#[derive(Default)]
struct Copies {
    mirrors: BTreeMap<MailboxName, Mirror>,
    up_to_date: usize,
    disconnected: usize,
    failed: Vec<MailboxName>,
    gone: Vec<MailboxName>,
}

impl Copies {
    fn take(&mut self, item: &WatchItem) {
        match item {
            WatchItem::Changes { mailbox, batch } => {
                let mirror = self.mirrors.entry(mailbox.clone()).or_default();
                mirror.uid_next = u32::MAX;
                mirror.take(batch);
            }
            WatchItem::UpToDate => self.up_to_date += 1,
            WatchItem::Disconnected { .. } => self.disconnected += 1,
            WatchItem::MailboxFailed { mailbox, .. } => self.failed.push(mailbox.clone()),
            WatchItem::MailboxGone(mailbox) => {
                self.mirrors.remove(mailbox);
                self.gone.push(mailbox.clone());
            }
            other => panic!("{other}"),
        }
    }

    /// Takes items until a condition holds.
    #[track_caller]
    fn follow(&mut self, watch: &mut Watch, is_reached: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !is_reached(self) {
            match watch.next_until(deadline) {
                Some(item) => self.take(&item),
                None => panic!("the watch {}", watch.state()),
            }
        }
    }

    /// Takes items until the copies are what the server has.
    #[track_caller]
    fn catch_up(&mut self, watch: &mut Watch, server: &Server, mailboxes: &[&str]) {
        self.follow(watch, |copies| copies.are(server, mailboxes));
        for mailbox in mailboxes {
            self.mirrors[&name(mailbox)].assert_is(server, mailbox);
        }
    }

    fn are(&self, server: &Server, mailboxes: &[&str]) -> bool {
        mailboxes.iter().all(|mailbox| {
            let mirror = self.mirrors.get(&name(mailbox));
            mirror.is_some_and(|mirror| is_same(mirror, server, mailbox))
        })
    }

    fn checkpoint(&self, mailbox: &str) -> Option<latchbox::sync::Checkpoint> {
        self.mirrors.get(&name(mailbox))?.checkpoint()
    }
}

fn is_same(mirror: &Mirror, server: &Server, mailbox: &str) -> bool {
    let messages = server.messages_of(USER, mailbox).into_iter();
    let there: BTreeMap<u32, _> = messages
        .map(|message| (message.uid, message.flags.into_iter().collect()))
        .collect();
    mirror.messages == there && mirror.checkpoint.is_some()
}

/// The number of messages that arrived.
fn arrivals(item: &WatchItem) -> usize {
    match item {
        WatchItem::Changes {
            batch: ChangeBatch::Changes(changes),
            ..
        } => changes.arrived().len(),
        _ => 0,
    }
}
