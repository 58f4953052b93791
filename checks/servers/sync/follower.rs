//! A program that keeps a copy of a mailbox: the loop of a sync, which can be left at any step.

use latchbox::guard::Access;
use latchbox::sync::{ChangeBatch, FetchChanges, History, Way};
use latchbox::{MailboxGuard, Result, Session};

use super::mirror::Mirror;
use super::place::{Place, Wire};
use super::reader::Seen;

/// A copy of one mailbox, and the session that it is kept by.
pub(crate) struct Follower<'p> {
    pub(crate) place: &'p Place,
    pub(crate) session: Session,
    pub(crate) wire: Wire,
    pub(crate) mailbox: String,
    pub(crate) mirror: Mirror,
}

/// How a sync is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) way: Way,
    pub(crate) batch_size: u32,
    pub(crate) read_only: bool,
    /// The lock requests what has changed.
    pub(crate) at_lock: bool,
    pub(crate) history: History,
    pub(crate) older: u32,
}

/// What a program does before the next batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    On,
    /// It ends.
    Stop,
    /// It takes the batch, and ends before that is stored.
    Lose,
}

/// What came of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) way: Way,
    pub(crate) batches: usize,
    pub(crate) is_done: bool,
}

impl Manner {
    pub(crate) fn new(way: Way, batch_size: u32) -> Self {
        Self {
            way,
            batch_size,
            read_only: true,
            at_lock: true,
            history: History::All,
            older: 0,
        }
    }

    /// Another access each second time, and each third time the lock requests nothing.
    pub(crate) fn in_turn(self, number: usize) -> Self {
        Self {
            read_only: number % 4 < 2,
            at_lock: number % 3 > 0,
            ..self
        }
    }
}

impl<'p> Follower<'p> {
    /// Begins a copy of a mailbox.
    #[track_caller]
    pub(crate) fn new(place: &'p Place, mailbox: &str) -> Self {
        let (session, wire) = place.recorded();
        Self {
            place,
            session,
            wire,
            mailbox: mailbox.to_owned(),
            mirror: Mirror::default(),
        }
    }

    /// The program ends, and is started again with what it has stored.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        (self.session, self.wire) = self.place.recorded();
    }

    /// Leaves the mailbox, so that the server has nothing of it open.
    #[track_caller]
    pub(crate) fn leave(&self) {
        let guard = self.session.lock_mailbox(self.mailbox.as_str());
        guard.unwrap().unselect().unwrap();
    }

    /// Syncs to the end, without an error.
    #[track_caller]
    pub(crate) fn synced(&mut self, manner: Manner, when: &str) -> Ran {
        let ran = self.sync(manner);
        ran.unwrap_or_else(|error| panic!("{when}: {error}\n{}", self.wire.text()))
    }

    /// Syncs to the end.
    pub(crate) fn sync(&mut self, manner: Manner) -> Result<Ran> {
        self.sync_while(manner, |_| Go::On)
    }

    /// Syncs as long as the other wants, who is asked before each batch with the number of those
    /// that have been applied.
    pub(crate) fn sync_while(
        &mut self,
        manner: Manner,
        go: impl FnMut(usize) -> Go,
    ) -> Result<Ran> {
        self.wire.take();
        let _shown = ShownOnPanic(self.wire.clone());
        let checkpoint = self.mirror.checkpoint();
        let seen = |place: &Place, name: &str| place.access.uid_next(name);
        let first = checkpoint.is_none();
        let first = first.then(|| seen(self.place, &self.mailbox));
        let request = self.session.mailbox(self.mailbox.as_str());
        let request = match manner.at_lock && manner.way > Way::Comparison {
            true => request.since(checkpoint.as_ref()),
            false => request,
        };
        let (place, mailbox, mirror) = (self.place, &self.mailbox, &mut self.mirror);
        let uid_next = || seen(place, mailbox);
        match manner.read_only {
            true => run(
                request.read_only().lock()?,
                mirror,
                manner,
                first,
                uid_next,
                go,
            ),
            false => run(request.lock()?, mirror, manner, first, uid_next, go),
        }
    }

    /// The copy has what another client sees.
    #[track_caller]
    pub(crate) fn assert_same(&self, when: &str) {
        let seen = self.place.seen(&self.mailbox);
        self.assert_is(&seen, when);
    }

    /// The copy is that.
    #[track_caller]
    pub(crate) fn assert_is(&self, seen: &Seen, when: &str) {
        let checkpoint = self.mirror.checkpoint().unwrap();
        let left_out = checkpoint.unloaded();
        let mut wanted = seen.messages.clone();
        wanted.retain(|uid, _| !left_out.iter().any(|left_out| left_out.value() == *uid));
        assert_eq!(
            self.mirror.messages,
            wanted,
            "{when}: the copy is not what {:?} has; by\n{}\n{}",
            self.place.kind,
            self.wire.text(),
            self.mirror.text()
        );
        assert_eq!(checkpoint.uid_validity().value(), seen.uid_validity);
    }
}

/// Prints what has passed if a check fails in the middle of a sync.
struct ShownOnPanic(Wire);

impl Drop for ShownOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0.text());
        }
    }
}

/// The loop of a sync. `first`: where UIDNEXT was before it if there is no checkpoint yet.
pub(crate) fn run<A: Access>(
    mut guard: MailboxGuard<'_, A>,
    mirror: &mut Mirror,
    manner: Manner,
    first: Option<u32>,
    uid_next: impl Fn() -> u32,
    mut go: impl FnMut(usize) -> Go,
) -> Result<Ran> {
    let checkpoint = mirror.checkpoint();
    let request = FetchChanges::since(checkpoint.as_ref())
        .best_way(manner.way)
        .batch_size(manner.batch_size)
        .history(manner.history)
        .older(manner.older);
    let mut changes = guard.changes(request)?;
    if let Some(first) = first {
        mirror.set_first_new(first..=uid_next());
    }
    let mut ran = Ran {
        way: changes.way(),
        batches: 0,
        is_done: false,
    };
    loop {
        let go = go(ran.batches);
        if go == Go::Stop {
            return Ok(ran);
        }
        let Some(batch) = changes.next()? else {
            ran.is_done = true;
            return Ok(ran);
        };
        if go == Go::Lose {
            return Ok(ran);
        }
        if matches!(batch, ChangeBatch::Restart(_)) {
            let uid_next = uid_next();
            mirror.apply(&batch);
            mirror.set_first_new(uid_next..=uid_next);
        } else {
            mirror.apply(&batch);
        }
        ran.batches += 1;
    }
}
