//! The crate `imap` 2.4.1, which parses every response.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use latchbox_testkit::{PASSWORD, Server, USER, message};

use super::{assert_no_bad, has_flag, server, subjects};

type Session = imap::Session<TcpStream>;

fn session(server: &Server) -> Session {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    let mut client = imap::Client::new(stream);
    client.read_greeting().unwrap();
    client
        .login(USER, PASSWORD)
        .map_err(|(error, _)| error)
        .unwrap()
}

#[test]
fn the_crate_imap_does_a_whole_session() {
    let server = server();
    let mut session = session(&server);
    let names = session.list(Some(""), Some("*")).unwrap();
    let names: Vec<_> = names.iter().map(|name| name.name().to_owned()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(session.capabilities().unwrap().has_str("QRESYNC"));

    let inbox = session.select("INBOX").unwrap();
    assert_eq!(
        (inbox.exists, inbox.uid_next, inbox.unseen),
        (3, Some(4), Some(2))
    );
    assert_eq!(session.uid_search("UNSEEN").unwrap(), [2, 3].into());
    reads_messages(&mut session);
    changes_messages(&mut session);
    assert_eq!(subjects(&server, "INBOX"), ["Message 1", "Appended"]);
    assert_eq!(
        subjects(&server, "Archive"),
        ["Message 4", "Message 1", "Message 3"]
    );
    assert!(has_flag(&server, "INBOX", "Message 1", "\\Flagged"));
    idles(&mut session, &server);

    session.create("New").unwrap();
    session.rename("New", "Newer").unwrap();
    // This version reads the response and keeps nothing of it.
    session.status("Archive", "(MESSAGES UNSEEN)").unwrap();
    session.delete("Newer").unwrap();
    session.logout().unwrap();
    assert_no_bad(&server);
}

fn reads_messages(session: &mut Session) {
    let rows = session
        .fetch(
            "1:*",
            "(UID FLAGS ENVELOPE INTERNALDATE RFC822.SIZE BODYSTRUCTURE)",
        )
        .unwrap();
    let subjects: Vec<_> = rows
        .iter()
        .map(|row| row.envelope().unwrap().subject.as_ref().unwrap().to_vec())
        .collect();
    assert_eq!(subjects, [b"Message 1", b"Message 2", b"Message 3"]);
    assert!(rows.iter().all(|row| row.internal_date().is_some()));
    assert!(rows.iter().all(|row| row.bodystructure().is_some()));
    assert!(rows[0].flags().contains(&imap::types::Flag::Seen));
    let rows = session
        .uid_fetch("2", "(BODY.PEEK[HEADER] BODY.PEEK[TEXT])")
        .unwrap();
    let row = rows.iter().next().unwrap();
    assert!(row.header().unwrap().starts_with(b"From: ") || !row.header().unwrap().is_empty());
    assert!(row.text().unwrap().starts_with(b"The text of message 2."));
}

fn changes_messages(session: &mut Session) {
    let rows = session.uid_store("1", "+FLAGS (\\Flagged)").unwrap();
    assert_eq!(rows.len(), 1);
    session.uid_copy("1", "Archive").unwrap();
    session.uid_mv("3", "Archive").unwrap();
    session.store("2", "+FLAGS.SILENT (\\Deleted)").unwrap();
    assert_eq!(session.expunge().unwrap(), [2]);
    session
        .append("INBOX", "Subject: Appended\r\n\r\nText.\r\n")
        .unwrap();
    session.noop().unwrap();
}

/// What is delivered ends the wait.
fn idles(session: &mut Session, server: &Server) {
    thread::scope(|scope| {
        scope.spawn(|| {
            let idles = |event: &latchbox_testkit::Event| event.line.ends_with(" IDLE");
            assert!(server.wait_for(Duration::from_secs(20), idles));
            server.deliver(USER, "INBOX", message("New", "ann@example.com", "Hi!"));
        });
        session.idle().unwrap().wait().unwrap();
    });
    session.noop().unwrap();
    assert_eq!(session.search("SUBJECT New").unwrap(), [3].into());
}
