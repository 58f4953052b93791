//! `mutt`, driven by keys in a terminal of its own.

use std::fs;

use latchbox_testkit::{PASSWORD, USER};

use super::{assert_no_bad, has_flag, run, server, subjects};

#[test]
fn mutt_reads_flags_copies_and_deletes() {
    let server = server();
    let home = tempfile::tempdir().unwrap();
    let config = format!(
        "set imap_user = \"{USER}\"\nset imap_pass = \"{PASSWORD}\"\nset ssl_starttls = no\n\
         set ssl_force_tls = no\nset folder = \"imap://127.0.0.1:{port}/\"\n\
         set spoolfile = \"imap://127.0.0.1:{port}/INBOX\"\nset imap_authenticators = \"login\"\n\
         set delete = yes\nset quit = yes\nset confirmappend = no\nset confirmcreate = no\n\
         set wait_key = no\nset sleep_time = 0\nset copy = no\nset move = no\nset resolve = no\n\
         set imap_qresync = yes\nset imap_condstore = yes\nset header_cache = \"\"\n",
        port = server.port(),
    );
    fs::write(home.path().join("muttrc"), config).unwrap();
    // The first message is read and flagged, the second copied, the third moved.
    let keys = "<first-entry><display-message><exit><flag-message>\
                <next-entry><copy-message>=Archive<enter>\
                <next-entry><save-message>=Archive<enter>\
                <sync-mailbox><quit>";
    let command = format!("mutt -n -F muttrc -e 'push \"{keys}\"'");
    let arguments = ["30", "script", "-qec", &command, "/dev/null"];
    let arguments = [&["--foreground"][..], &arguments].concat();
    // `script` makes a terminal, so that none of the caller's is needed.
    let arguments = [&["TERM=xterm", "timeout"][..], &arguments].concat();
    run(&server, home.path(), "env", &arguments);
    assert_eq!(subjects(&server, "INBOX"), ["Message 1", "Message 2"]);
    assert!(has_flag(&server, "INBOX", "Message 1", "\\Flagged"));
    assert_eq!(
        subjects(&server, "Archive"),
        ["Message 4", "Message 2", "Message 3"]
    );
    assert_no_bad(&server);
}
