//! Random histories of a mailbox, and a mirror of it that is interrupted at random.

use latchbox::Session;
use latchbox::sync::{FetchChanges, History, Way};
use latchbox_testkit::{Server, USER, message};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use crate::sessions::{builder, log_in_user};
use crate::sync::mirror::Mirror;

const INBOX: &str = "INBOX";

/// What happens to the mailbox, or to the mirror.
#[derive(Clone, Debug)]
enum Step {
    Deliver(u8),
    Expunge(Vec<prop::sample::Index>),
    /// The newest message is expunged.
    ExpungeLast,
    SetFlags(prop::sample::Index, u8),
    SetAllFlags(u8),
    MoveOut(prop::sample::Index),
    MoveIn,
    ResetUidValidity(u8),
    RestartUids,
    ForgetExpunges,
    /// Mod-sequences are lost, and the mirror is synchronized before they have grown again.
    LoseModSeqs,
    /// The program starts again: another session.
    Reconnect,
    Sync(Sync),
}

/// How a sync is done.
#[derive(Clone, Debug)]
struct Sync {
    batch_size: u32,
    /// How many batches are applied.
    most: Option<usize>,
    older: u32,
    /// The lock requests the changes with its SELECT.
    with_lock: bool,
    /// Between batches the guard is used.
    uses_guard: bool,
}

fn sync() -> impl Strategy<Value = Sync> {
    let most = prop_oneof![2 => Just(None), 3 => (0..5_usize).prop_map(Some)];
    let size = prop_oneof![1..5_u32, Just(1000)];
    (size, most, 0..3_u32, any::<bool>(), any::<bool>()).prop_map(
        |(batch_size, most, older, with_lock, uses_guard)| Sync {
            batch_size,
            most,
            older,
            with_lock,
            uses_guard,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (1..6_u8).prop_map(Step::Deliver),
        1 => (70..100_u8).prop_map(Step::Deliver),
        4 => prop::collection::vec(index(), 1..4).prop_map(Step::Expunge),
        2 => Just(Step::ExpungeLast),
        6 => (index(), 0..8_u8).prop_map(|(at, flags)| Step::SetFlags(at, flags)),
        2 => (0..8_u8).prop_map(Step::SetAllFlags),
        2 => index().prop_map(Step::MoveOut),
        2 => Just(Step::MoveIn),
        1 => (0..3_u8).prop_map(Step::ResetUidValidity),
        1 => Just(Step::RestartUids),
        1 => Just(Step::ForgetExpunges),
        1 => Just(Step::LoseModSeqs),
        2 => Just(Step::Reconnect),
        12 => sync().prop_map(Step::Sync),
    ]
}

fn history() -> impl Strategy<Value = History> {
    prop_oneof![
        3 => Just(History::All),
        1 => (0..4_u32).prop_map(History::Newest),
    ]
}

fn flags(bits: u8) -> Vec<&'static str> {
    let all = ["\\Seen", "\\Flagged", "work"];
    let set = |at: &usize| bits & (1 << at) != 0;
    (0..3).filter(set).map(|at| all[at]).collect()
}

struct World {
    server: Server,
    session: Session,
    mirror: Mirror,
    way: Way,
    history: History,
}

impl World {
    fn new(way: Way, history: History) -> Self {
        let server = Server::builder();
        let server = match way {
            Way::Qresync => server.with("QRESYNC"),
            _ => server.without("QRESYNC"),
        };
        let server = match way {
            Way::Comparison => server.without("CONDSTORE"),
            _ => server.with("CONDSTORE"),
        };
        let server = server.start().unwrap();
        let session = log_in_user(builder(server.port()));
        Self {
            session,
            server,
            mirror: Mirror::default(),
            way,
            history,
        }
    }

    fn uids(&self) -> Vec<u32> {
        let messages = self.server.messages(INBOX);
        messages.iter().map(|message| message.uid).collect()
    }

    fn deliver(&mut self, count: u8) {
        for _ in 0..count {
            self.server
                .deliver(USER, INBOX, message("s", "a@example.com", "b"));
        }
    }

    fn step(&mut self, step: &Step) {
        let uids = self.uids();
        let at = |index: &prop::sample::Index| (!uids.is_empty()).then(|| *index.get(&uids));
        match step {
            Step::Deliver(count) => self.deliver(*count),
            Step::Expunge(indexes) => {
                let gone: Vec<u32> = indexes.iter().filter_map(at).collect();
                self.server.expunge(USER, INBOX, gone);
            }
            Step::ExpungeLast => {
                self.server.expunge(USER, INBOX, uids.last().copied());
            }
            Step::SetFlags(index, bits) => {
                if let Some(uid) = at(index) {
                    self.server.set_flags(USER, INBOX, uid, &flags(*bits));
                }
            }
            Step::SetAllFlags(bits) => {
                for uid in uids {
                    self.server.set_flags(USER, INBOX, uid, &flags(*bits));
                }
            }
            Step::MoveOut(index) => {
                if let Some(uid) = at(index) {
                    self.server.move_message(USER, INBOX, uid, "Other");
                }
            }
            Step::MoveIn => {
                let other = self.server.messages("Other");
                if let Some(first) = other.first() {
                    self.server.move_message(USER, "Other", first.uid, INBOX);
                }
            }
            Step::ResetUidValidity(count) => {
                let messages = (0..*count).map(|_| message("n", "a@example.com", "b"));
                self.server.reset_uid_validity(USER, INBOX, messages);
            }
            Step::RestartUids => {
                // With fewer UIDs than before: what has as many cannot be told from the old mailbox.
                let next = self.server.state(USER, INBOX).unwrap().uid_next;
                if next > 2 && self.mirror.checkpoint.is_some() {
                    self.sync_whole();
                    self.server.restart_uids(USER, INBOX, [message("n", "a@example.com", "b")]);
                    self.sync_whole();
                }
            }
            Step::ForgetExpunges => {
                self.server.forget_expunges(USER, INBOX);
            }
            Step::LoseModSeqs => {
                self.sync_whole();
                self.server.expunge(USER, INBOX, uids.first().copied());
                self.server.lose_mod_seqs(USER, INBOX);
                self.sync_whole();
            }
            Step::Reconnect => self.session = log_in_user(builder(self.server.port())),
            Step::Sync(sync) => self.sync(sync),
        }
    }

    fn sync_whole(&mut self) {
        self.sync(&Sync {
            batch_size: 100,
            most: None,
            older: 0,
            with_lock: false,
            uses_guard: false,
        });
    }

    fn sync(&mut self, sync: &Sync) {
        // A connection whose mailbox was made anew has been closed by the server.
        if self.session.noop().is_err() {
            self.session = log_in_user(builder(self.server.port()));
        }
        let checkpoint = self.mirror.checkpoint();
        let request = self.session.mailbox(INBOX).read_only();
        let request = match checkpoint.as_ref().filter(|_| sync.with_lock) {
            Some(checkpoint) => request.since(checkpoint),
            None => request,
        };
        let mut guard = request.lock().unwrap();
        let request = FetchChanges::since(checkpoint.as_ref())
            .batch_size(sync.batch_size)
            .history(self.history)
            .older(sync.older);
        let mut changes = guard.changes(request).unwrap();
        assert!(changes.way() <= self.way);
        match sync.uses_guard {
            false => self.mirror.apply(&mut changes, sync.most).unwrap(),
            true => {
                for _ in 0..sync.most.unwrap_or(10_000) {
                    let Some(batch) = changes.next().unwrap() else {
                        break;
                    };
                    self.mirror.take(&batch);
                    changes.guard().refresh().unwrap();
                }
            }
        }
    }

    /// All of the history, and then the mirror is the mailbox.
    fn finish(&mut self) {
        self.sync(&Sync {
            batch_size: 7,
            most: None,
            older: 10_000,
            with_lock: false,
            uses_guard: false,
        });
        self.mirror.assert_is(&self.server, INBOX);
    }
}

fn play(way: Way, history: History, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(way, history);
    for step in steps {
        world.step(step);
    }
    world.finish();
    Ok(())
}

/// How many histories: more with `LATCHBOX_HISTORIES`.
fn histories() -> u32 {
    let wanted = std::env::var("LATCHBOX_HISTORIES").ok();
    wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(60)
}

proptest! {
    #![proptest_config(Config { cases: histories(), max_shrink_iters: 2000, failure_persistence: None, .. Config::default() })]

    #[test]
    fn a_mirror_is_the_mailbox_by_qresync(
        history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::Qresync, history, &steps)?;
    }

    #[test]
    fn a_mirror_is_the_mailbox_by_condstore(
        history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::CondStore, history, &steps)?;
    }

    #[test]
    fn a_mirror_is_the_mailbox_by_comparison(
        history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::Comparison, history, &steps)?;
    }
}
