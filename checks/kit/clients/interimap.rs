//! `interimap`, which keeps two servers alike by QRESYNC.

use std::fs;
use std::path::Path;

use latchbox_testkit::{PASSWORD, Server, USER, message};

use super::{assert_no_bad, builder, has_flag, run, subjects};

fn sync(here: &Server, there: &Server, home: &Path) {
    let place = |server: &Server| {
        format!(
            "type = imap\nhost = 127.0.0.1\nport = {}\nusername = {USER}\npassword = {PASSWORD}\n\
             STARTTLS = NO\nauth = PLAIN LOGIN\n",
            server.port()
        )
    };
    let config = format!(
        "database = kit.db\n\n[local]\n{}\n[remote]\n{}\n",
        place(here),
        place(there)
    );
    let directory = home.join("config/interimap");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("config"), config).unwrap();
    fs::create_dir_all(home.join("data/interimap")).unwrap();
    run(there, home, "interimap", &[]);
}

#[test]
fn interimap_keeps_two_servers_alike() {
    let there = builder().start().unwrap();
    let here = Server::builder().with("QRESYNC").start().unwrap();
    let home = tempfile::tempdir().unwrap();
    sync(&here, &there, home.path());
    assert_eq!(subjects(&here, "INBOX"), subjects(&there, "INBOX"));
    assert_eq!(subjects(&here, "Archive"), ["Message 4"]);
    assert!(has_flag(&here, "INBOX", "Message 1", "\\Seen"));

    there.deliver(USER, "INBOX", message("Fourth", "ann@example.com", "Hi!"));
    there.expunge(USER, "INBOX", [1]);
    here.set_flags(USER, "INBOX", 2, &["\\Flagged", "\\Seen"]);
    here.deliver(USER, "Archive", message("Local", "ann@example.com", "Hi!"));
    sync(&here, &there, home.path());
    assert_eq!(
        subjects(&here, "INBOX"),
        ["Message 2", "Message 3", "Fourth"]
    );
    assert_eq!(
        subjects(&there, "INBOX"),
        ["Message 2", "Message 3", "Fourth"]
    );
    assert!(has_flag(&there, "INBOX", "Message 2", "\\Flagged"));
    assert_eq!(subjects(&there, "Archive"), ["Message 4", "Local"]);
    assert_no_bad(&there);
    assert_no_bad(&here);
}
