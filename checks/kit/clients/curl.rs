//! `curl`, which takes URLs.

use super::{assert_no_bad, run, server, subjects};
use latchbox_testkit::{PASSWORD, USER};

#[test]
fn curl_lists_reads_searches_and_appends() {
    let server = server();
    let home = tempfile::tempdir().unwrap();
    let login = format!("{USER}:{PASSWORD}");
    let curl = |path: &str, more: &[&str]| {
        let url = format!("imap://127.0.0.1:{}/{path}", server.port());
        let arguments = ["-sS", "--max-time", "20", "--user", &login, &url];
        let output = run(&server, home.path(), "curl", &[&arguments, more].concat());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(curl("", &[]).lines().count(), 5);
    assert!(curl("INBOX;UID=2", &[]).contains("Subject: Message 2\r\n"));
    assert!(curl("INBOX;UID=2;SECTION=TEXT", &[]).starts_with("The text of message 2."));
    assert_eq!(curl("INBOX?UNSEEN", &[]).trim_end(), "* SEARCH 3");
    let mail = home.path().join("mail");
    std::fs::write(&mail, "Subject: Appended\r\n\r\nText.\r\n").unwrap();
    curl("INBOX", &["-T", mail.to_str().unwrap()]);
    curl("INBOX", &["-X", "STORE 1 +FLAGS \\Deleted"]);
    curl("INBOX", &["-X", "EXPUNGE"]);
    assert_eq!(
        subjects(&server, "INBOX"),
        ["Message 2", "Message 3", "Appended"]
    );
    assert_no_bad(&server);
}
