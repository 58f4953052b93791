//! A thread that does everything that can be done with a lock, and checks what it hears.

use std::mem::forget;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use latchbox::error::{CloseReason, LockError};
use latchbox::guard::{Access, Owned};
use latchbox::types::{FetchItem, Flag, Keyword, SearchKey, Section, StoreAction, Uid, UidSet};
use latchbox::{Error, MailboxGuard, OwnedMailboxGuard, ReadOnly, ReadWrite, Result};

use super::Place;
use super::door::Door;
use super::server::ROWS;
use crate::support::chance::Chance;

const MAILBOXES: [&str; 4] = ["A", "B", "C", "D"];

/// The kinds of operations that have a deadline.
const IN_A_HURRY: Range<u64> = 25..30;

pub(super) struct Worker<'a> {
    place: &'a Place,
    chance: Chance,
    /// The number of the last marked command, different from every other worker's.
    serial: u32,
}

/// How a guard was left.
#[derive(PartialEq)]
enum Left {
    InOrder,
    /// With a stream that was leaked.
    Leaky,
}

/// What the caller of the lock may do with its mailbox, as the marks name it.
trait Mode: Access {
    const MARK: &'static str;
    /// Whether the thread that locked is known to hold.
    const HAS_THREAD: bool;
    fn store(guard: &mut MailboxGuard<'_, Self>, keyword: Flag) -> Result<()>
    where
        Self: Sized;
}

impl Mode for ReadWrite {
    const MARK: &'static str = "rw";
    const HAS_THREAD: bool = true;

    fn store(guard: &mut MailboxGuard<'_, Self>, keyword: Flag) -> Result<()> {
        let all = UidSet::all();
        guard.store(&all, StoreAction::Add, [keyword]).map(drop)
    }
}

impl Mode for Owned<ReadWrite> {
    const MARK: &'static str = "rw";
    const HAS_THREAD: bool = false;

    fn store(guard: &mut MailboxGuard<'_, Self>, keyword: Flag) -> Result<()> {
        let all = UidSet::all();
        guard.store(&all, StoreAction::Add, [keyword]).map(drop)
    }
}

impl Mode for ReadOnly {
    const MARK: &'static str = "ro";
    const HAS_THREAD: bool = true;

    fn store(guard: &mut MailboxGuard<'_, Self>, _: Flag) -> Result<()> {
        guard.refresh()
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(place: &'a Place, number: u64, chance: Chance) -> Self {
        let serial = number as u32 * 100_000_000;
        Self {
            place,
            chance,
            serial,
        }
    }

    pub(super) fn run(mut self) {
        while self.place.begin() {
            let session = self.place.door();
            let kind = self.chance.below(40);
            match self.operate(kind, &session) {
                Ok(()) => {}
                // What is left of a short deadline covers a reconnection as well.
                Err(error) if error.is_timeout() => {
                    assert!(
                        IN_A_HURRY.contains(&kind),
                        "nothing is delayed here: {error:?}"
                    );
                }
                Err(Error::Closed(closed)) => {
                    // The server and the close handle end connections, the client has no reason to.
                    use CloseReason::{Bye, Cancelled, Eof, Io};
                    let is_known = matches!(closed.reason(), Bye { .. } | Cancelled | Eof | Io(_));
                    assert!(is_known, "{closed:?}");
                    if session.ends_with(closed.reason()) {
                        self.place.replace(&session);
                    }
                }
                Err(Error::Lock(error)) => assert!(
                    !matches!(*error, LockError::HeldByThisThread { .. }),
                    "{error}"
                ),
                Err(Error::Refused(refused)) => assert!(!refused.is_bad(), "{refused}"),
                Err(Error::Mailbox(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    fn operate(&mut self, kind: u64, session: &Arc<Door>) -> Result<()> {
        let name = self.any_mailbox();
        let soon = Duration::from_micros(self.chance.below(1500));
        match kind {
            0..12 => self.hold(session, session.mailbox(name).lock()?),
            12..22 => self.hold(session, session.mailbox(name).read_only().lock()?),
            22..25 => self.hold(session, session.mailbox(name).try_lock()?),
            25..28 => self.hold(session, session.mailbox(name).timeout(soon).lock()?),
            28..30 => self.hold(
                session,
                session.mailbox(name).read_only().timeout(soon).lock()?,
            ),
            30..33 => {
                let guard = session.mailbox(name).label("owned").lock_owned()?;
                if self.chance.one_in(4) {
                    return self.elsewhere(guard);
                }
                self.hold(session, guard)
            }
            33..35 => session.noop(),
            35..38 => session.status(name),
            38 if self.chance.one_in(100) => {
                session.close_handle().close();
                Ok(())
            }
            _ => self.panic_with(session, name),
        }
    }

    /// An owned guard works and ends on another thread.
    fn elsewhere(&mut self, mut guard: OwnedMailboxGuard) -> Result<()> {
        thread::scope(|scope| {
            let other = scope.spawn(move || self.work(&mut guard).map(drop));
            other.join().unwrap()
        })
    }

    /// A holder that panics, in the middle of a stream.
    fn panic_with(&mut self, session: &Door, name: &str) -> Result<()> {
        let mut guard = session.mailbox(name).lock()?;
        let (set, items) = self.what_to_fetch::<ReadWrite>(guard.name().as_str());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut messages = guard.fetch(&set, items)?;
            messages.next()?;
            // Without the message that `panic!` would write.
            resume_unwind(Box::new("on purpose"));
        }));
        match panicked {
            Ok(done) => done,
            Err(_) => Ok(()),
        }
    }

    fn hold<A: Mode>(&mut self, session: &Door, mut guard: MailboxGuard<'_, A>) -> Result<()> {
        let mut left = Left::InOrder;
        for _ in 0..self.chance.below(4) {
            if self.work(&mut guard)? == Left::Leaky {
                left = Left::Leaky;
            }
        }
        if left == Left::InOrder && A::HAS_THREAD && self.chance.one_in(8) {
            self.inside(session)?;
        }
        if self.chance.one_in(8) {
            guard = guard.switch_to(self.any_mailbox())?;
            self.work(&mut guard)?;
        }
        match self.chance.below(12) {
            0 => guard.release(),
            1 => guard.unselect(),
            _ => Ok(()),
        }
    }

    /// What a thread may do with the session while it holds a guard, and what it may not.
    fn inside(&mut self, session: &Door) -> Result<()> {
        let second = session.mailbox(self.any_mailbox()).lock().err();
        let is_refused = matches!(
            &second,
            Some(Error::Lock(error)) if matches!(**error, LockError::HeldByThisThread { .. })
        );
        let is_closed = second.as_ref().is_some_and(Error::is_closed);
        assert!(is_refused || is_closed, "{second:?}");
        session.status(self.any_mailbox())?;
        session.noop()
    }

    /// One command that says which mailbox it is meant for.
    fn work<A: Mode>(&mut self, guard: &mut MailboxGuard<'_, A>) -> Result<Left> {
        let name = guard.name().to_string();
        match self.chance.below(8) {
            0..3 => {
                let keyword = SearchKey::Keyword(Keyword::new(&self.mark::<A>(&name)).unwrap());
                let own = Uid::new(self.serial).unwrap();
                let found: Vec<_> = guard.search(keyword)?.iter().collect();
                assert_eq!(found, [own], "another command's answer");
            }
            3..5 => {
                let keyword = Flag::keyword(&self.mark::<A>(&name)).unwrap();
                A::store(guard, keyword)?;
            }
            5 => self.read_all(guard, &name)?,
            6 => {
                let (set, items) = self.what_to_fetch::<A>(&name);
                let mut messages = guard.fetch(&set, items)?;
                for _ in 0..self.chance.below(3) {
                    messages.next()?;
                }
            }
            _ => {
                let (set, items) = self.what_to_fetch::<A>(&name);
                let mut messages = guard.fetch(&set, items)?;
                messages.next()?;
                forget(messages);
                return Ok(Left::Leaky);
            }
        }
        Ok(Left::InOrder)
    }

    /// All messages of a FETCH are its own.
    fn read_all<A: Mode>(&mut self, guard: &mut MailboxGuard<'_, A>, name: &str) -> Result<()> {
        let (set, items) = self.what_to_fetch::<A>(name);
        let own = format!("{}-{name}-{}", A::MARK, self.serial);
        let mut messages = guard.fetch(&set, items)?;
        let mut count = 0;
        while let Some(message) = messages.next()? {
            let flags: Vec<_> = message.flags().unwrap().collect();
            assert_eq!(
                flags,
                [Flag::keyword(&own).unwrap()],
                "another command's answer"
            );
            count += 1;
        }
        assert_eq!(count, ROWS);
        Ok(())
    }

    fn what_to_fetch<A: Mode>(&mut self, name: &str) -> (UidSet, [FetchItem; 2]) {
        let field = self.mark::<A>(name);
        let section = Section::header_fields([field.as_str()]).unwrap();
        (
            UidSet::all(),
            [FetchItem::Flags, FetchItem::BodyPeek(section)],
        )
    }

    /// Names the next command and the mailbox that it is meant for.
    fn mark<A: Mode>(&mut self, name: &str) -> String {
        self.serial += 1;
        format!("{}-{name}-{}", A::MARK, self.serial)
    }

    fn any_mailbox(&mut self) -> &'static str {
        MAILBOXES[self.chance.below(4) as usize]
    }
}
