//! Items that set `\Seen` say so in their names.

use latchbox::types::{FetchItem, SearchKey, Section, UidSet};

use crate::support::dovecot::dovecot;

fn items() -> [FetchItem; 3] {
    let part = Section::part("1").unwrap();
    [
        FetchItem::BodyAndMarkSeen(Section::whole().header()),
        FetchItem::BinaryAndMarkSeen(part.clone()),
        FetchItem::BodyPeek(part),
    ]
}

#[test]
fn fault_70_only_names_with_mark_seen_change_a_real_mailbox() {
    let user = dovecot().user();
    user.fill("INBOX", 2);
    let session = crate::dovecot::session(&user);
    let unseen = |session: &latchbox::Session| {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.search(SearchKey::Unseen).unwrap().to_string()
    };
    assert_eq!(unseen(&session), "2");
    let all = UidSet::all();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_eq!(inbox.fetch(&all, items()).unwrap().into_iter().count(), 2);
    drop(inbox);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let peeks = [FetchItem::from(Section::whole())];
    assert_eq!(inbox.fetch(&all, peeks).unwrap().into_iter().count(), 2);
    let header = Section::whole().header();
    let mut downloads = inbox.download_each(&all, &header).unwrap();
    while let Some(download) = downloads.next().unwrap() {
        download.finish().unwrap();
    }
    drop(inbox);
    assert_eq!(unseen(&session), "2");
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.fetch(&all, items()).unwrap().into_iter().count(), 2);
    drop(inbox);
    assert_eq!(unseen(&session), "");
}
