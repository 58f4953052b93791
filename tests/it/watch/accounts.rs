//! A watch of all mailboxes of an account, as they come and go.

use super::*;

fn server(without: &[&str]) -> Server {
    let mut builder = Server::builder();
    for capability in ["CONDSTORE", "QRESYNC", "NOTIFY", "LIST-STATUS", "OBJECTID"] {
        builder = match without.contains(&capability) {
            true => builder.without(capability),
            false => builder.with(capability),
        };
    }
    let mut builder = builder.mailbox("INBOX", [message("one", "a@example.com", "x")]);
    for number in 0..5 {
        builder = builder.mailbox(
            &format!("Box{number}"),
            [message("old", "a@example.com", "x")],
        );
    }
    builder.start().unwrap()
}

const ALL: [&str; 6] = ["INBOX", "Box0", "Box1", "Box2", "Box3", "Box4"];

#[test]
fn all_mailboxes_are_followed_as_they_are_made_and_removed() {
    for without in [
        &[][..],
        &["NOTIFY"],
        &["NOTIFY", "LIST-STATUS"],
        &["NOTIFY", "CONDSTORE", "QRESYNC"],
        &["OBJECTID"],
    ] {
        let server = server(without);
        let soon = Duration::from_millis(30);
        let request = request(&account(&server))
            .status_interval(soon)
            .look_interval(soon * 4);
        let mut watch = request.all_mailboxes([]).begin().unwrap();
        let mut copies = Copies::default();
        copies.catch_up(&mut watch, &server, &ALL);
        deliver(&server, "Box3", "news");
        copies.catch_up(&mut watch, &server, &ALL);
        assert!(server.create_mailbox(USER, "New"));
        deliver(&server, "New", "first");
        copies.catch_up(&mut watch, &server, &["New"]);
        assert_eq!(copies.mirrors[&name("New")].arrived.len(), 1, "{without:?}");
        assert!(server.delete_mailbox(USER, "Box1"));
        copies.follow(&mut watch, |copies| copies.gone == [name("Box1")]);
        assert!(server.rename_mailbox(USER, "Box2", "Moved"));
        copies.follow(&mut watch, |copies| copies.gone.contains(&name("Box2")));
        copies.catch_up(
            &mut watch,
            &server,
            &["INBOX", "Box0", "Box3", "Box4", "New", "Moved"],
        );
        assert_eq!(watch.state().mailboxes(), 6);
        assert!(copies.failed.is_empty(), "{without:?}");
    }
}

/// An account of many mailboxes in which nothing has changed costs one round trip.
#[test]
fn after_a_restart_only_what_has_changed_is_selected() {
    let server = server(&["NOTIFY"]);
    let mut copies = Copies::default();
    let mut watch = request(&account(&server))
        .all_mailboxes([])
        .begin()
        .unwrap();
    copies.catch_up(&mut watch, &server, &ALL);
    copies.follow(&mut watch, |copies| copies.up_to_date == 1);
    drop(watch);
    deliver(&server, "Box4", "meanwhile");
    server.clear_timeline();
    let stored: Vec<_> = ALL
        .iter()
        .filter_map(|mailbox| copies.checkpoint(mailbox))
        .collect();
    let mut watch = request(&account(&server))
        .all_mailboxes(&stored)
        .begin()
        .unwrap();
    copies.catch_up(&mut watch, &server, &ALL);
    copies.follow(&mut watch, |copies| copies.up_to_date == 2);
    assert_eq!(copies.mirrors[&name("Box4")].arrived.len(), 1);
    let examined = |event: &latchbox_testkit::Event| event.line.contains(" EXAMINE ");
    let lines: Vec<_> = server
        .timeline()
        .into_iter()
        .filter(examined)
        .map(|event| event.line)
        .collect();
    // INBOX, the one that has changed, and INBOX again.
    assert_eq!(lines.len(), 3, "{lines:#?}");
}
