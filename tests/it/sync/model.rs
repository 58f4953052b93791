//! Random histories of a mailbox, and a mirror of it that is interrupted at random.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use latchbox::sync::{FetchChanges, History, Way};
use latchbox::types::{Capability, Flag, StoreAction, Uid, UidSet};
use latchbox::{MailboxGuard, Session};
use latchbox_testkit::{Builder, NewMessage, Server, USER, message};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use crate::sessions::{builder, log_in_user};
use crate::sync::mirror::{self, Mirror};

const INBOX: &str = "INBOX";

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    Change(Change),
    /// Another mailbox takes the place of this one for as long as a sync.
    Rename,
    /// The UIDs begin at 1 again, with the same UIDVALIDITY.
    RestartUids,
    /// Mod-sequences are lost, and the mirror is synchronized before they have grown again.
    LoseModSeqs,
    /// The program starts again: another session.
    Reconnect,
    Own(Own),
    Sync(Sync),
}

/// What the program itself does, in its mailbox and in its mirror.
#[derive(Clone, Debug)]
enum Own {
    Store(prop::sample::Index, u8),
    Delete(prop::sample::Index),
    Append,
    CopyHere(prop::sample::Index),
    MoveAway(prop::sample::Index),
}

/// What happens to the mailbox.
#[derive(Clone, Debug)]
enum Change {
    Deliver(u8),
    Expunge(Vec<prop::sample::Index>),
    /// The newest message is expunged.
    ExpungeLast,
    SetFlags(prop::sample::Index, u8),
    SetAllFlags(u8),
    MoveOut(prop::sample::Index),
    MoveIn,
    ResetUidValidity(u8),
    ForgetExpunges,
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
    /// What others do between batches.
    meanwhile: Vec<Change>,
    /// What others do before each command that the sync sends.
    during: Vec<Option<Change>>,
}

impl Sync {
    fn whole(batch_size: u32, older: u32) -> Self {
        Self {
            batch_size,
            most: None,
            older,
            with_lock: false,
            uses_guard: false,
            meanwhile: Vec::new(),
            during: Vec::new(),
        }
    }
}

fn sync() -> impl Strategy<Value = Sync> {
    let most = prop_oneof![2 => Just(None), 3 => (0..5_usize).prop_map(Some)];
    let size = prop_oneof![1..5_u32, Just(1000)];
    let meanwhile = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(change(), 0..4),
    ];
    let during = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(prop::option::of(change()), 0..6),
    ];
    let flags = (any::<bool>(), any::<bool>());
    (size, most, 0..3_u32, flags, (meanwhile, during)).prop_map(
        |(batch_size, most, older, (with_lock, uses_guard), (meanwhile, during))| Sync {
            batch_size,
            most,
            older,
            with_lock,
            uses_guard,
            meanwhile,
            during,
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        26 => change().prop_map(Step::Change),
        1 => Just(Step::RestartUids),
        1 => Just(Step::Rename),
        1 => Just(Step::LoseModSeqs),
        2 => Just(Step::Reconnect),
        6 => own().prop_map(Step::Own),
        12 => sync().prop_map(Step::Sync),
    ]
}

fn own() -> impl Strategy<Value = Own> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), 0..8_u8).prop_map(|(at, flags)| Own::Store(at, flags)),
        1 => index().prop_map(Own::Delete),
        1 => Just(Own::Append),
        1 => index().prop_map(Own::CopyHere),
        1 => index().prop_map(Own::MoveAway),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (1..6_u8).prop_map(Change::Deliver),
        1 => (70..100_u8).prop_map(Change::Deliver),
        4 => prop::collection::vec(index(), 1..4).prop_map(Change::Expunge),
        2 => Just(Change::ExpungeLast),
        6 => (index(), 0..8_u8).prop_map(|(at, flags)| Change::SetFlags(at, flags)),
        2 => (0..8_u8).prop_map(Change::SetAllFlags),
        2 => index().prop_map(Change::MoveOut),
        2 => Just(Change::MoveIn),
        1 => (0..3_u8).prop_map(Change::ResetUidValidity),
        1 => Just(Change::ForgetExpunges),
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

/// What is unusual about the server.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Usual,
    ObjectId,
    MessageLimit,
    /// A command is for ten messages, and the mailbox is divided into ranges.
    UidBatches,
    UidOnly,
    /// Changes of one command have one mod-sequence.
    SharedModSeqs,
    /// A selected mailbox is a snapshot until NOOP.
    FrozenView,
    /// UIDNEXT is not in the answer to SELECT.
    OmitsUidNext,
}

fn unusual() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Usual),
        1 => Just(Kind::ObjectId),
        1 => Just(Kind::MessageLimit),
        1 => Just(Kind::UidBatches),
        1 => Just(Kind::UidOnly),
        1 => Just(Kind::SharedModSeqs),
        1 => Just(Kind::FrozenView),
        1 => Just(Kind::OmitsUidNext),
    ]
}

impl Kind {
    fn set_up(self, server: Builder) -> Builder {
        match self {
            Self::Usual => server,
            Self::ObjectId => server.with("OBJECTID"),
            Self::MessageLimit => server.without("UIDBATCHES").with("MESSAGELIMIT=10"),
            Self::UidBatches => server.with("UIDBATCHES").with("MESSAGELIMIT=10"),
            Self::UidOnly => server.with("UIDONLY"),
            Self::SharedModSeqs => server.shared_mod_seqs(),
            Self::FrozenView => server.frozen_view(),
            Self::OmitsUidNext => server.omit_uid_next(),
        }
    }
}

/// What happens before each command.
type During = Arc<Mutex<VecDeque<Option<Change>>>>;

struct World {
    server: Server,
    during: During,
    kind: Kind,
    session: Session,
    mirror: Mirror,
    way: Way,
    history: History,
}

fn log_in(server: &Server, kind: Kind) -> Session {
    let session = log_in_user(builder(server.port()));
    if matches!(kind, Kind::UidOnly) {
        session.enable(&[Capability::UidOnly]).unwrap();
    }
    session
}

/// What others do to the mailbox of this server.
fn change_it(server: &Server, change: &Change) {
    let messages = server.messages(INBOX);
    let uids: Vec<u32> = messages.iter().map(|message| message.uid).collect();
    let at = |index: &prop::sample::Index| (!uids.is_empty()).then(|| *index.get(&uids));
    let new = || message("s", "a@example.com", "b");
    match change {
        Change::Deliver(count) => {
            for _ in 0..*count {
                server.deliver(USER, INBOX, new());
            }
        }
        Change::Expunge(indexes) => {
            let gone: Vec<u32> = indexes.iter().filter_map(at).collect();
            server.expunge(USER, INBOX, gone);
        }
        Change::ExpungeLast => {
            server.expunge(USER, INBOX, uids.last().copied());
        }
        Change::SetFlags(index, bits) => {
            if let Some(uid) = at(index) {
                server.set_flags(USER, INBOX, uid, &flags(*bits));
            }
        }
        Change::SetAllFlags(bits) => {
            for uid in uids {
                server.set_flags(USER, INBOX, uid, &flags(*bits));
            }
        }
        Change::MoveOut(index) => {
            if let Some(uid) = at(index) {
                server.move_message(USER, INBOX, uid, "Other");
            }
        }
        Change::MoveIn => {
            if let Some(first) = server.messages("Other").first() {
                server.move_message(USER, "Other", first.uid, INBOX);
            }
        }
        Change::ResetUidValidity(count) => {
            server.reset_uid_validity(USER, INBOX, (0..*count).map(|_| new()));
        }
        Change::ForgetExpunges => {
            server.forget_expunges(USER, INBOX);
        }
    }
}

impl World {
    fn new(way: Way, kind: Kind, history: History) -> Self {
        let server = Server::builder().mailbox("Other", std::iter::empty::<NewMessage>());
        let server = match way {
            Way::Qresync => server.with("QRESYNC"),
            _ => server.without("QRESYNC"),
        };
        let server = match way {
            Way::Comparison => server.without("CONDSTORE"),
            _ => server.with("CONDSTORE"),
        };
        let during = During::default();
        let next = Arc::clone(&during);
        let server = server.on_command(move |server, _| {
            let next = next.lock().unwrap().pop_front();
            if let Some(Some(change)) = next {
                change_it(server, &change);
            }
        });
        let server = kind.set_up(server).start().unwrap();
        let session = log_in(&server, kind);
        Self {
            session,
            server,
            during,
            kind,
            mirror: Mirror::default(),
            way,
            history,
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Change(change) => self.change(change),
            Step::Own(own) => self.own(own),
            Step::Rename => {
                let none = std::iter::empty::<NewMessage>();
                self.server.rename_mailbox(USER, INBOX, "Elsewhere");
                self.server.create_mailbox(USER, INBOX);
                self.server.reset_uid_validity(USER, INBOX, none);
                self.server.rename_mailbox(USER, INBOX, "Nowhere");
                self.server.rename_mailbox(USER, "Elsewhere", INBOX);
                self.server.delete_mailbox(USER, "Nowhere");
            }
            Step::RestartUids => {
                // With fewer UIDs than before: what has as many cannot be told from the old mailbox.
                let next = self.server.state(USER, INBOX).unwrap().uid_next;
                if next > 2 && self.mirror.checkpoint.is_some() {
                    self.sync(&Sync::whole(100, 0));
                    let new = message("n", "a@example.com", "b");
                    self.server.restart_uids(USER, INBOX, [new]);
                    self.sync(&Sync::whole(100, 0));
                }
            }
            Step::LoseModSeqs => {
                self.sync(&Sync::whole(100, 0));
                let messages = self.server.messages(INBOX);
                if let Some(last) = messages.last() {
                    let other = ["\\Answered"];
                    self.server.set_flags(USER, INBOX, last.uid, &other);
                }
                let first = messages.first().map(|first| first.uid);
                self.server.expunge(USER, INBOX, first);
                self.server.lose_mod_seqs(USER, INBOX);
                self.mirror.own.clear();
                self.sync(&Sync::whole(100, 0));
            }
            Step::Reconnect => self.session = log_in(&self.server, self.kind),
            Step::Sync(sync) => self.sync(sync),
        }
    }

    fn change(&mut self, change: &Change) {
        if matches!(change, Change::SetFlags(..) | Change::SetAllFlags(_)) {
            self.mirror.own.clear();
        }
        change_it(&self.server, change);
    }

    /// The program changes something on another session, takes it into its mirror, and notes it.
    fn own(&mut self, own: &Own) {
        let (Some(mut checkpoint), false) =
            (self.mirror.checkpoint(), self.mirror.messages.is_empty())
        else {
            return;
        };
        let session = log_in(&self.server, self.kind);
        let mut inbox = session.lock_mailbox(INBOX).unwrap();
        if inbox.mailbox().unwrap().uid_validity() != Some(checkpoint.uid_validity()) {
            return;
        }
        let known: Vec<u32> = self.mirror.messages.keys().copied().collect();
        let uid = |index: &prop::sample::Index| *index.get(&known);
        let set = |uid: u32| inbox_set(&inbox, uid);
        match own {
            Own::Store(index, bits) => {
                let set = set(uid(index));
                let flags = flags(*bits).into_iter().map(|flag| flag.parse().unwrap());
                let flags: Vec<Flag> = flags.collect();
                let stored = inbox.store(&set, StoreAction::Replace, flags).unwrap();
                for row in stored.changed() {
                    let now = mirror::flags(row.flags().unwrap());
                    self.mirror.messages.insert(row.uid().value(), now);
                    self.mirror.own.insert(row.uid().value());
                }
                checkpoint.note(&stored);
            }
            Own::Delete(index) => {
                let gone = set(uid(index));
                inbox.delete(&gone).unwrap();
                self.mirror.forget(uid(index));
                checkpoint.note_removed(&gone);
            }
            Own::MoveAway(index) => {
                let gone = set(uid(index));
                inbox.move_to(&gone, "Other").unwrap();
                self.mirror.forget(uid(index));
                checkpoint.note_removed(&gone);
            }
            Own::Append => {
                let new = message("s", "a@example.com", "b");
                let appended = inbox.append(new.as_slice()).unwrap();
                let uid = appended.uid().unwrap().value();
                self.mirror.messages.insert(uid, mirror::Flags::new());
                self.mirror.noted(uid);
                checkpoint.note(&appended);
            }
            Own::CopyHere(index) => {
                let set = set(uid(index));
                let copied = inbox.copy(&set, INBOX).unwrap();
                for (from, to) in copied.pairs() {
                    let server = self.server.messages(INBOX);
                    let copy = server.iter().find(|message| message.uid == to.value());
                    let flags = copy.map(|copy| copy.flags.iter().cloned().collect());
                    assert!(from < to);
                    self.mirror.messages.insert(to.value(), flags.unwrap());
                    self.mirror.noted(to.value());
                }
                checkpoint.note(&copied);
            }
        }
        self.mirror.checkpoint = Some(checkpoint.to_string());
    }

    fn sync(&mut self, sync: &Sync) {
        // A connection whose mailbox was made anew has been closed by the server.
        if self.session.noop().is_err() {
            self.session = log_in(&self.server, self.kind);
        }
        if !sync.meanwhile.is_empty() || !sync.during.is_empty() {
            self.mirror.own.clear();
        }
        let synced = self.try_sync(sync);
        self.during.lock().unwrap().clear();
        let is_reset = |change: &Change| matches!(change, Change::ResetUidValidity(_));
        let mut others = sync.meanwhile.iter().chain(sync.during.iter().flatten());
        match synced {
            Ok(()) => {}
            // The mailbox was made anew, and the server has said BYE.
            Err(error) => assert!(others.any(is_reset), "{error}"),
        }
    }

    fn try_sync(&mut self, sync: &Sync) -> latchbox::Result<()> {
        self.mirror.uid_next = match sync.during.is_empty() {
            true => self.server.state(USER, INBOX).unwrap().uid_next,
            false => u32::MAX,
        };
        self.during.lock().unwrap().extend(sync.during.clone());
        let checkpoint = self.mirror.checkpoint();
        let request = self.session.mailbox(INBOX).read_only();
        let request = match sync.with_lock {
            true => request.since(checkpoint.as_ref()),
            false => request,
        };
        let mut guard = request.lock()?;
        let request = FetchChanges::since(checkpoint.as_ref())
            .batch_size(sync.batch_size)
            .history(self.history)
            .older(sync.older);
        let mut changes = guard.changes(request)?;
        assert!(changes.way() <= self.way);
        let mut meanwhile = sync.meanwhile.iter();
        let server = &self.server;
        self.mirror.apply(&mut changes, sync.most, |changes| {
            if let Some(change) = meanwhile.next() {
                change_it(server, change);
            }
            if sync.uses_guard {
                let _ = changes.guard().refresh();
            }
        })
    }

    /// All of the history, and then the mirror is the mailbox.
    fn finish(&mut self) {
        self.sync(&Sync::whole(7, 10_000));
        self.mirror.assert_is(&self.server, INBOX);
        let timeline = self.server.timeline();
        let open = timeline.iter().find(|event| event.line.contains(":*"));
        assert!(open.is_none(), "a set that ends in `*`: {open:?}");
    }
}

fn inbox_set(inbox: &MailboxGuard<'_>, uid: u32) -> UidSet {
    inbox.uids(Uid::new(uid))
}

fn play(way: Way, kind: Kind, history: History, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(way, kind, history);
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
        kind in unusual(), history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::Qresync, kind, history, &steps)?;
    }

    #[test]
    fn a_mirror_is_the_mailbox_by_condstore(
        kind in unusual(), history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::CondStore, kind, history, &steps)?;
    }

    #[test]
    fn a_mirror_is_the_mailbox_by_comparison(
        kind in unusual(), history in history(), steps in prop::collection::vec(step(), 1..25))
    {
        play(Way::Comparison, kind, history, &steps)?;
    }
}
