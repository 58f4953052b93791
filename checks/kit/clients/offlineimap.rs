//! `offlineimap`, which brings its own client.

use std::fs;
use std::path::Path;

use latchbox_testkit::{PASSWORD, Server, USER, message};

use super::{assert_no_bad, run, server, subjects};

fn sync(server: &Server, home: &Path) {
    let config = format!(
        "[general]\naccounts = kit\nmetadata = {home}/state\nui = quiet\n\n\
         [Account kit]\nlocalrepository = near\nremoterepository = far\n\n\
         [Repository near]\ntype = Maildir\nlocalfolders = {home}/mail\n\n\
         [Repository far]\ntype = IMAP\nremotehost = 127.0.0.1\nremoteport = {port}\n\
         remoteuser = {USER}\nremotepass = {PASSWORD}\nssl = no\nstarttls = no\n",
        home = home.display(),
        port = server.port(),
    );
    let file = home.join("offlineimaprc");
    fs::write(&file, config).unwrap();
    run(
        server,
        home,
        "offlineimap",
        &["-o", "-c", file.to_str().unwrap()],
    );
}

fn count(directory: &Path) -> usize {
    let parts = ["cur", "new"].map(|part| fs::read_dir(directory.join(part)).unwrap().count());
    parts.iter().sum()
}

#[test]
fn offlineimap_keeps_both_sides_alike() {
    let server = server();
    let home = tempfile::tempdir().unwrap();
    let inbox = home.path().join("mail/INBOX");
    sync(&server, home.path());
    assert_eq!(count(&inbox), 3);
    server.deliver(USER, "INBOX", message("Fourth", "ann@example.com", "Hi!"));
    server.expunge(USER, "INBOX", [1, 2]);
    fs::write(inbox.join("new/1.M1P1.host"), "Subject: Local\n\nText.\n").unwrap();
    sync(&server, home.path());
    assert_eq!(count(&inbox), 3);
    assert_eq!(subjects(&server, "INBOX"), ["Message 3", "Fourth", "Local"]);
    assert_no_bad(&server);
}
