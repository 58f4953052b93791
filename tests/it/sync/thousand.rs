//! The checkpoints of an account with a thousand mailboxes.

use latchbox::sync::Checkpoint;
use latchbox_testkit::{Server, USER, message};

use crate::sessions::{builder, log_in_user};

const MANY: usize = 1_000;

#[test]
fn a_thousand_checkpoints_are_cheap_to_keep() {
    let mut server = Server::builder().with("QRESYNC");
    let names = (0..MANY).map(|number| format!("Archive {number}"));
    let names: Vec<String> = names.collect();
    for name in &names {
        let three = [(); 3].map(|()| message("x", "a@example.com", "x"));
        server = server.mailbox(name, three);
    }
    let server = server.start().unwrap();
    for name in &names {
        server.expunge(USER, name, [2]);
    }
    let session = log_in_user(builder(server.port()));
    let texts: Vec<String> = (names.iter())
        .map(|name| {
            let mut mailbox = session.lock_mailbox_read_only(name).unwrap();
            let mut changes = mailbox.changes_since(None).unwrap();
            while changes.next().unwrap().is_some() {}
            changes.checkpoint().to_string()
        })
        .collect();
    let longest = texts.iter().map(String::len).max();
    assert!(longest < Some(200), "{longest:?}");
    let (cost, kept) = latchbox_counting::cost(|| {
        let checkpoints = texts.iter().map(|text| text.parse().unwrap());
        checkpoints.collect::<Vec<Checkpoint>>()
    });
    assert_eq!(kept[7].mailbox().as_str(), "Archive 7");
    assert_eq!(kept[7].known().to_string(), "1,3");
    assert!(cost.kept < 1_024 * MANY as i64, "{cost:?}");
}
