//! Python's `imaplib`, which says by itself where an answer is not what it should be.

use super::{assert_no_bad, has_flag, run, server, subjects};
use latchbox_testkit::{PASSWORD, USER};

#[test]
fn imaplib_does_a_whole_session() {
    let server = server();
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("session.py");
    std::fs::write(&script, include_str!("imaplib.py")).unwrap();
    let port = server.port().to_string();
    let script = script.to_str().unwrap();
    run(
        &server,
        home.path(),
        "python3",
        &[script, &port, USER, PASSWORD],
    );
    assert_eq!(subjects(&server, "INBOX"), ["Message 1", "Appended"]);
    assert_eq!(
        subjects(&server, "Archive"),
        ["Message 4", "Message 1", "Message 3"]
    );
    assert!(has_flag(&server, "INBOX", "Appended", "\\Flagged"));
    assert!(has_flag(&server, "INBOX", "Message 1", "$Work"));
    assert_eq!(
        server
            .mailboxes()
            .iter()
            .filter(|name| *name == "Renamed")
            .count(),
        1
    );
    assert_no_bad(&server);
}
