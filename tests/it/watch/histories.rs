//! Random changes by other clients, kicks of the server and restarts of the program: the copies are
//! what the server has whenever it rests, and no message is new twice.

use super::*;
use crate::support::chance::Chance;

const MAILBOXES: [&str; 3] = ["INBOX", "Work", "Lists"];

/// One random change of a mailbox.
fn change(server: &Server, chance: &mut Chance) {
    let mailbox = MAILBOXES[chance.below(3) as usize];
    let uids: Vec<u32> = server
        .messages(mailbox)
        .iter()
        .map(|message| message.uid)
        .collect();
    let some = (!uids.is_empty()).then(|| uids[chance.below(uids.len() as u64) as usize]);
    match (chance.below(5), some) {
        (0 | 1, _) | (_, None) => deliver(server, mailbox, "random"),
        (2, Some(uid)) => {
            server.expunge(USER, mailbox, [uid]);
        }
        (3, Some(uid)) => {
            let to = MAILBOXES[chance.below(3) as usize];
            if to != mailbox {
                server.move_message(USER, mailbox, uid, to);
            }
        }
        (_, Some(uid)) => {
            let flags: &[&str] = match chance.below(3) {
                0 => &[],
                1 => &["\\Seen"],
                _ => &["\\Flagged", "$Work"],
            };
            server.set_flags(USER, mailbox, uid, flags);
        }
    }
}

fn begin(server: &Server, copies: &Copies, are_all: bool) -> Watch {
    let soon = Duration::from_millis(20);
    let request = request(&account(server))
        .status_interval(soon)
        .look_interval(soon * 4)
        .batch_size(2);
    let stored = MAILBOXES.map(|mailbox| (mailbox, copies.checkpoint(mailbox)));
    if are_all {
        let stored: Vec<_> = stored
            .into_iter()
            .filter_map(|(_, checkpoint)| checkpoint)
            .collect();
        return request.all_mailboxes(&stored).begin().unwrap();
    }
    let add = |request: WatchRequest, (mailbox, checkpoint): &(&str, Option<_>)| {
        request.mailbox(*mailbox, checkpoint.as_ref())
    };
    stored.iter().fold(request, add).begin().unwrap()
}

fn play(seed: u64) {
    let mut chance = Chance::new(seed);
    let mut builder = Server::builder();
    for capability in ["CONDSTORE", "QRESYNC", "NOTIFY", "LIST-STATUS", "IDLE"] {
        builder = match chance.one_in(3) {
            true => builder.without(capability),
            false => builder.with(capability),
        };
    }
    for mailbox in MAILBOXES {
        builder = builder.mailbox(mailbox, [message("old", "a@example.com", "x")]);
    }
    let server = builder.start().unwrap();
    let are_all = chance.one_in(2);
    let mut copies = Copies::default();
    let mut watch = begin(&server, &copies, are_all);
    for _ in 0..6 {
        for _ in 0..chance.below(6) {
            change(&server, &mut chance);
        }
        match chance.below(4) {
            0 => server.kick(),
            1 => watch = begin(&server, &copies, are_all),
            _ => {}
        }
        for _ in 0..chance.below(8) {
            if let Some(item) = watch.next_timeout(Duration::from_millis(5)) {
                copies.take(&item);
            }
            if chance.one_in(3) {
                change(&server, &mut chance);
            }
        }
        copies.catch_up(&mut watch, &server, &MAILBOXES);
    }
    assert!(copies.gone.is_empty() && copies.failed.is_empty(), "{seed}");
}

/// `LATCHBOX_HISTORIES` plays more of them.
#[test]
fn whatever_happens_the_copies_are_what_the_server_has() {
    let count = std::env::var("LATCHBOX_HISTORIES")
        .ok()
        .and_then(|count| count.parse().ok());
    for seed in 0..count.unwrap_or(20) {
        play(seed);
    }
}
