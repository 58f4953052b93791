//! The `imap` crate, 3.0.0-alpha.15, as its programs sync: all flags, compared by hand.

use std::collections::BTreeMap;

use imap3::types::Flag;
use sync::{Found, Job, Mirror, PASSWORD, USER};

fn main() {
    sync::run(client);
}

fn client(job: &Job) -> Found {
    let mut client = imap3::Client::new(job.connect());
    client.read_greeting().unwrap();
    let mut session = client.login(USER, PASSWORD).map_err(|(e, _)| e).unwrap();
    let mut mirror = Mirror::load(job);
    let mailbox = session.examine("INBOX").unwrap();
    let uid_validity = mailbox.uid_validity.unwrap();
    if mirror.uid_validity != uid_validity {
        mirror = Mirror {
            uid_validity,
            flags: BTreeMap::new(),
        };
    }
    let mut now = BTreeMap::new();
    for row in session.uid_fetch("1:*", "(UID FLAGS)").unwrap().iter() {
        let flags: Vec<String> = row.flags().iter().map(Flag::to_string).collect();
        now.insert(row.uid.unwrap(), flags.join(" "));
    }
    let found = mirror.compare(now);
    mirror.save(job);
    session.logout().unwrap();
    found
}
