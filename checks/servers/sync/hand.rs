//! The other client, which changes the mailbox.

use std::sync::atomic::{AtomicUsize, Ordering};

use latchbox::types::{Flag, NewMessage, SearchKey, StoreAction, Uid, UidSet};
use latchbox::{Error, MailboxGuard, ReadWrite};

use super::place::{Kind, Place};
use super::reader::Seen;

/// It changes one mailbox.
pub(crate) struct Hand<'p> {
    pub(crate) place: &'p Place,
    pub(crate) mailbox: String,
}

impl<'p> Hand<'p> {
    pub(crate) fn new(place: &'p Place, mailbox: &str) -> Self {
        Self {
            place,
            mailbox: mailbox.to_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn seen(&self) -> Seen {
        self.place.seen(&self.mailbox)
    }

    /// A keyword, or a flag where there are no keywords.
    pub(crate) fn keyword(&self, name: &str) -> Flag {
        match self.place.kind {
            Kind::Imap4d => Flag::Answered,
            _ => Flag::keyword(name).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn append(&self, count: u32, flags: &[Flag]) {
        append(self.place, &self.mailbox, count, flags);
    }

    /// Those that are the first, the second and so on there; from the end if they are below zero.
    #[track_caller]
    pub(crate) fn store(&self, places: &[i32], action: StoreAction, flags: &[Flag]) {
        self.change(|guard| {
            let uids = at(guard, places);
            guard.store(&uids, action, flags).unwrap();
        });
    }

    #[track_caller]
    pub(crate) fn delete(&self, places: &[i32]) {
        self.change(|guard| {
            let uids = at(guard, places);
            delete(guard, &uids);
        });
    }

    #[track_caller]
    pub(crate) fn move_to(&self, places: &[i32], target: &str) {
        self.change(|guard| {
            let uids = at(guard, places);
            move_to(guard, &uids, target);
        });
    }

    #[track_caller]
    fn change(&self, change: impl FnOnce(&mut MailboxGuard<'_, ReadWrite>)) {
        if self.place.kind == Kind::Imap4d {
            // A session shows no changes of others, and stores its own when it ends.
            let session = self.place.session();
            change(&mut session.lock_mailbox(self.mailbox.as_str()).unwrap());
            session.logout().unwrap();
            return;
        }
        let session = self.place.other();
        let mut guard = session.lock_mailbox(self.mailbox.as_str()).unwrap();
        guard.refresh().unwrap();
        change(&mut guard);
        if self.place.kind != Kind::Courier {
            // The mailbox may be renamed next.
            guard.unselect().unwrap();
        }
    }
}

#[track_caller]
pub(crate) fn at(guard: &mut MailboxGuard<'_, ReadWrite>, places: &[i32]) -> UidSet {
    let uids: Vec<Uid> = guard.search(SearchKey::All).unwrap().iter().collect();
    let place = |place: &i32| match (*place, place.unsigned_abs() as usize) {
        (..0, from_the_end) => uids.len() - from_the_end,
        (_, place) => place - 1,
    };
    UidSet::unbound(places.iter().map(|number| uids[place(number)]))
}

/// Removes messages; without UIDPLUS, all that are flagged so.
#[track_caller]
pub(crate) fn delete(guard: &mut MailboxGuard<'_, ReadWrite>, uids: &UidSet) {
    match guard.delete(uids) {
        Err(Error::Unsupported(_)) => {
            let deleted = [Flag::Deleted];
            guard.store(uids, StoreAction::Add, deleted).unwrap();
            guard.expunge_all_deleted().unwrap();
        }
        deleted => drop(deleted.unwrap()),
    }
}

/// Moves messages; by a copy where that is all that there is.
#[track_caller]
fn move_to(guard: &mut MailboxGuard<'_, ReadWrite>, uids: &UidSet, target: &str) {
    match guard.move_to(uids, target) {
        Err(Error::Unsupported(_)) => {
            guard.copy(uids, target).unwrap();
            delete(guard, uids);
        }
        moved => drop(moved.unwrap()),
    }
}

/// A message like no other: Cyrus does not take many that are the same.
pub(crate) fn message() -> Vec<u8> {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("From: a@example.test\r\nSubject: {number}\r\n\r\nhello\r\n").into_bytes()
}

#[track_caller]
pub(crate) fn append(place: &Place, mailbox: &str, count: u32, flags: &[Flag]) {
    let session = place.other();
    for _ in 0..count {
        let message = NewMessage::new(message()).flags(flags.to_vec());
        session.append(mailbox, message).unwrap();
    }
}
