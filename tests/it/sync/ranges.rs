//! The first sync of a large mailbox: a search for its UIDs, or ranges of UIDs.

use latchbox::sync::{ChangeBatch, Checkpoint, FetchChanges};
use latchbox::types::Uid;
use latchbox_testkit::{Builder, Direction, Server, USER, message};

use crate::sessions::{builder, log_in_user};

const INBOX: &str = "INBOX";

/// 2,500 messages, and the UIDs of a hundred others.
fn with_gaps(server: Builder) -> Server {
    let text = message("x", "a@example.com", "x");
    let server = server.with("QRESYNC").fill(INBOX, 2600, text);
    let server = server.start().unwrap();
    assert_eq!(server.expunge(USER, INBOX, (1..=100).map(|n| n * 25)), 100);
    server
}

/// The commands of the first sync, which ends and goes on after each batch if `is_interrupted`; the
/// sizes of the batches.
fn first_sync(server: &Server, is_interrupted: bool) -> (Vec<String>, Vec<usize>) {
    let session = log_in_user(builder(server.port()));
    server.clear_timeline();
    let mut stored: Option<Checkpoint> = None;
    let mut sizes = Vec::new();
    loop {
        let before = sizes.len();
        let request = session.mailbox(INBOX).read_only().since(stored.as_ref());
        let mut inbox = request.lock().unwrap();
        let since = stored.clone();
        let mut changes = inbox.changes_since(since.as_ref()).unwrap();
        while let Some(batch) = changes.next().unwrap() {
            stored = Some(batch.checkpoint().clone());
            let ChangeBatch::Changes(batch) = &batch else {
                panic!("{batch:?}");
            };
            sizes.push(batch.history().len());
            assert!(batch.arrived().is_empty() && batch.vanished().is_empty());
            if is_interrupted {
                break;
            }
        }
        if sizes.len() == before || !is_interrupted {
            break;
        }
    }
    let known = stored.unwrap().known();
    let uids = server
        .messages(INBOX)
        .into_iter()
        .map(|message| message.uid);
    let known: Vec<u32> = known.iter().map(Uid::value).collect();
    assert_eq!(known, uids.collect::<Vec<_>>());
    let lines = server.timeline().into_iter();
    let lines = lines.filter(|event| event.direction == Direction::Client);
    let lines = lines.filter_map(|event| Some(event.line.split_once(' ')?.1.to_owned()));
    let others = ["ENABLE", "EXAMINE", "LOGIN"];
    let lines = lines.filter(|line| !others.iter().any(|other| line.starts_with(other)));
    (lines.collect(), sizes)
}

#[test]
fn a_mailbox_without_gaps_is_not_searched() {
    let text = message("x", "a@example.com", "x");
    let server = Server::builder().with("QRESYNC").fill(INBOX, 2500, text);
    let server = server.start().unwrap();
    for is_interrupted in [false, true] {
        let (sent, sizes) = first_sync(&server, is_interrupted);
        let fetched = ["1501:2500", "501:1500", "1:500"];
        assert_eq!(sent, fetched.map(|set| format!("UID FETCH {set} (FLAGS)")));
        assert_eq!(sizes.iter().sum::<usize>(), 2500);
    }
}

#[test]
fn a_mailbox_with_gaps_is_searched_if_one_command_is_enough() {
    let server = with_gaps(Server::builder().with("UIDBATCHES"));
    let (sent, _) = first_sync(&server, false);
    assert_eq!(sent[0], "UID SEARCH RETURN (ALL) UID 1:2600");
    assert_eq!(sent.len(), 4, "{sent:?}");
}

#[test]
fn ranges_take_the_place_of_searches_that_are_limited() {
    let limited = || Server::builder().with("MESSAGELIMIT=1000");
    let server = with_gaps(limited().with("UIDBATCHES"));
    for is_interrupted in [false, true] {
        let (sent, sizes) = first_sync(&server, is_interrupted);
        let is_search = |line: &&String| line.contains("SEARCH");
        let searches: Vec<_> = sent.iter().filter(is_search).collect();
        assert!(searches.is_empty(), "{sent:?}");
        let is_fetch = |line: &&String| line.starts_with("UID FETCH");
        assert_eq!(sent.iter().filter(is_fetch).count(), 3, "{sent:?}");
        assert_eq!(sent[0], "UIDBATCHES 899 1:111");
        assert!(sizes.iter().all(|size| *size <= 1000), "{sizes:?}");
    }
    let server = with_gaps(limited().without("UIDBATCHES"));
    let (sent, _) = first_sync(&server, false);
    let searches = sent.iter().filter(|line| line.contains("SEARCH"));
    assert!(searches.count() >= 3, "{sent:?}");
}

/// Also where there are no ranges any more: the UIDs of the checkpoint are more than messages.
#[test]
fn a_sync_that_began_with_ranges_goes_on_without_them() {
    let text = message("x", "a@example.com", "x");
    let server = Server::builder().with("QRESYNC").with("UIDBATCHES");
    let server = server.with("MESSAGELIMIT=1000").fill(INBOX, 8000, text);
    let server = server.start().unwrap();
    server.expunge(USER, INBOX, (1..=8000).filter(|uid| uid % 4 != 0));
    let session = log_in_user(builder(server.port()));
    let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
    let mut changes = inbox.changes_since(None).unwrap();
    let first = changes.next().unwrap().unwrap();
    let stored = first.checkpoint().clone();
    assert_eq!(stored.known().len(), 899);
    drop(inbox);
    let mut inbox = session.lock_mailbox_read_only(INBOX).unwrap();
    // Smaller batches than the server has ranges for.
    let request = FetchChanges::since(Some(&stored)).batch_size(400);
    let mut changes = inbox.changes(request).unwrap();
    server.clear_timeline();
    let mut sizes = Vec::new();
    while let Some(batch) = changes.next().unwrap() {
        let ChangeBatch::Changes(batch) = &batch else {
            panic!("{batch:?}");
        };
        sizes.push(batch.messages().len());
        assert!(batch.vanished().is_empty());
    }
    assert_eq!(sizes, [400, 400, 301]);
    assert_eq!(changes.checkpoint().known().len(), 2000);
}
