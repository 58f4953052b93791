//! Whole stories on the in-process server.

use latchbox::command::Store;
use latchbox::types::{Flag, SearchKey};
use latchbox_testkit::{Direction, NewMessage, Server, message};

use super::next;
use crate::sessions::plaintext_session;

const MAIL: &str = "Subject: new\r\n\r\nBody\r\n";

fn mail() -> Vec<u8> {
    message("hello", "ann@example.com", "Hi!")
}

/// The names of the commands that came since the record was cleared.
fn commands(server: &Server) -> Vec<String> {
    let events = server.timeline().into_iter();
    let sent = events.filter(|event| event.direction == Direction::Client);
    sent.map(|event| event.line.split(' ').nth(1).unwrap_or_default().to_owned())
        .collect()
}

fn tell(without: &[&str]) {
    let builder = Server::builder()
        .mailbox("INBOX", [mail(), mail()])
        .mailbox("Work/A", [mail()])
        .mailbox("Empty", [] as [Vec<u8>; 0]);
    let server = without
        .iter()
        .fold(builder, |builder, one| builder.without(one));
    let server = server.start().unwrap();
    let (session, other) = (plaintext_session(&server), plaintext_session(&server));
    let has_flags = !without.contains(&"CONDSTORE");
    let quiet = |changed: &[&str]| -> Vec<String> {
        // Without CONDSTORE, each mailbox with messages may have changed.
        let mut all: Vec<String> = changed.iter().map(|&one| one.to_owned()).collect();
        for name in ["INBOX", "Work/A"] {
            let is_told = all.iter().any(|one| one.starts_with(name));
            if !has_flags && !is_told {
                all.push(format!("{name} may"));
            }
        }
        all.sort();
        all
    };
    let mut since = None;
    assert_eq!(
        next(&session, &mut since),
        ["Empty new", "INBOX new", "Work new", "Work/A new"]
    );
    assert_eq!(next(&session, &mut since), quiet(&[]));

    other.append("INBOX", MAIL).unwrap();
    assert_eq!(next(&session, &mut since), quiet(&["INBOX changed"]));
    let mut work = other.lock_mailbox("Work/A").unwrap();
    let all = work.search(SearchKey::All).unwrap();
    work.run(Store::add(&all, &[Flag::Flagged])).unwrap();
    let said = if has_flags {
        "Work/A changed"
    } else {
        "Work/A may"
    };
    assert_eq!(next(&session, &mut since), quiet(&[said]));
    work.run(Store::add(&all, &[Flag::Seen])).unwrap();
    assert_eq!(next(&session, &mut since), quiet(&["Work/A changed"]));
    drop(work);

    other.create("Work/B").unwrap();
    other.delete("Empty").unwrap();
    let said = next(&session, &mut since);
    assert_eq!(said[0], "Empty gone");
    assert_eq!(said[1..], quiet(&["Work/B new"]));
    // The selected mailbox is asked like the others.
    let inbox = session.lock_mailbox("INBOX").unwrap();
    other.append("INBOX", MAIL).unwrap();
    assert_eq!(next(&session, &mut since), quiet(&["INBOX changed"]));
    drop(inbox);

    other.rename("Work/A", "Work/C").unwrap();
    assert_eq!(next(&session, &mut since)[0], "Work/A to Work/C by guess");
    other.delete("Work/C").unwrap();
    other.create("Work/C").unwrap();
    let said = next(&session, &mut since);
    assert!(said.contains(&"Work/C recreated".to_owned()), "{said:?}");
    assert_eq!(since.unwrap().mailboxes().len(), 4);
}

#[test]
fn a_story_with_list_status() {
    tell(&[]);
}

#[test]
fn a_story_without_list_status() {
    tell(&["LIST-STATUS", "LIST-EXTENDED"]);
}

#[test]
fn a_story_without_condstore() {
    tell(&["CONDSTORE"]);
}

#[test]
fn a_thousand_mailboxes_in_which_nothing_changed_are_one_command() {
    let mut builder = Server::builder();
    for number in 0..1000 {
        let unseen = NewMessage::new(mail());
        builder = builder.mailbox(&format!("Box {number}"), [unseen]);
    }
    let server = builder.start().unwrap();
    let session = plaintext_session(&server);
    let mut since = None;
    assert!(next(&session, &mut since).len() >= 1000);
    server.clear_timeline();
    assert!(next(&session, &mut since).is_empty());
    assert_eq!(commands(&server), ["LIST"]);
    let unseen = since
        .unwrap()
        .mailboxes()
        .iter()
        .filter_map(latchbox::sync::MailboxState::unseen)
        .sum::<u32>();
    assert_eq!(unseen, 1000);
}

#[test]
fn without_list_status_a_thousand_mailboxes_are_one_command_each_and_one_more() {
    let mut builder = Server::builder()
        .without("LIST-STATUS")
        .without("LIST-EXTENDED");
    for number in 0..1000 {
        builder = builder.mailbox(&format!("Box {number}"), [mail()]);
    }
    let server = builder.start().unwrap();
    let session = plaintext_session(&server);
    let mut since = None;
    let count = next(&session, &mut since).len();
    server.clear_timeline();
    assert!(next(&session, &mut since).is_empty());
    let sent = commands(&server);
    assert_eq!((sent[0].as_str(), sent.len()), ("LIST", count + 1));
    assert!(sent[1..].iter().all(|command| command == "STATUS"));
}

#[test]
fn a_mailbox_that_could_not_be_read_is_reported_again() {
    let server = Server::builder()
        .mailbox("INBOX", [mail()])
        .mailbox("Work", [mail()])
        .start()
        .unwrap();
    let session = plaintext_session(&server);
    let mut since = None;
    next(&session, &mut since);
    assert!(
        since
            .as_mut()
            .unwrap()
            .report_again(&"Work".parse().unwrap())
    );
    assert_eq!(next(&session, &mut since), ["Work changed"]);
    assert!(next(&session, &mut since).is_empty());
}
