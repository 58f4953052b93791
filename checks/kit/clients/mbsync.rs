//! `mbsync` of isync: both sides are the same after each run, whichever side has changed.

use std::fs;
use std::path::{Path, PathBuf};

use latchbox_testkit::{PASSWORD, Server, USER, message};

use super::{assert_no_bad, has_flag, run, server, subjects};

/// The mail of a maildir, with the flags that its file names have, sorted.
fn maildir(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for part in ["cur", "new"] {
        let entries = fs::read_dir(directory.join(part)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    files.sort();
    files
}

fn find(directory: &Path, subject: &str) -> PathBuf {
    let line = format!("Subject: {subject}");
    let has = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().any(|own| own == line)
    };
    let mut files = maildir(directory).into_iter();
    files.find(has).unwrap_or_else(|| panic!("no {subject}"))
}

fn sync(server: &Server, home: &Path) {
    let config = format!(
        "IMAPAccount kit\nHost 127.0.0.1\nPort {}\nUser {USER}\nPass {PASSWORD}\nSSLType None\n\
         AuthMechs LOGIN PLAIN\n\n\
         IMAPStore far\nAccount kit\n\n\
         MaildirStore near\nPath {home}/mail/\nInbox {home}/mail/INBOX\nSubFolders Verbatim\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n",
        server.port(),
        home = home.display()
    );
    let file = home.join("mbsyncrc");
    fs::create_dir_all(home.join("mail")).unwrap();
    fs::write(&file, config).unwrap();
    run(
        server,
        home,
        "mbsync",
        &["-c", file.to_str().unwrap(), "all"],
    );
}

#[test]
fn mbsync_keeps_both_sides_alike() {
    let server = server();
    let home = tempfile::tempdir().unwrap();
    let inbox = home.path().join("mail/INBOX");
    sync(&server, home.path());
    assert_eq!(maildir(&inbox).len(), 3);
    assert_eq!(maildir(&home.path().join("mail/Archive")).len(), 1);

    // Changes on both sides.
    server.deliver(USER, "INBOX", message("Fourth", "ann@example.com", "Hi!"));
    server.expunge(USER, "INBOX", [1]);
    server.set_flags(USER, "INBOX", 2, &["\\Flagged"]);
    let third = find(&inbox, "Message 3");
    let seen = third.to_str().unwrap().replace("/new/", "/cur/");
    let seen = format!("{}:2,S", seen.split(":2,").next().unwrap());
    fs::rename(&third, &seen).unwrap();
    fs::write(
        home.path().join("mail/Archive/new/1.M1P1.host"),
        "Subject: Local\n\nText.\n",
    )
    .unwrap();
    sync(&server, home.path());
    assert_eq!(maildir(&inbox).len(), 3);
    let flagged = find(&inbox, "Message 2");
    assert!(flagged.to_str().unwrap().contains(":2,F"), "{flagged:?}");
    assert!(has_flag(&server, "INBOX", "Message 3", "\\Seen"));
    assert_eq!(subjects(&server, "Archive"), ["Message 4", "Local"]);
    find(&inbox, "Fourth");
    assert_no_bad(&server);
}
