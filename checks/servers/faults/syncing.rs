//! What has changed since a checkpoint: wherever a sync is harmed, going on from the last stored
//! checkpoint ends with what the server has, and nothing is given twice.

use latchbox::Session;
use latchbox::sync::Way;
use latchbox::types::{Flag, StoreAction, UidSet};

use super::run::{Play, Run};
use super::stage::message;
use crate::sync::follower::{Go, Manner, run};
use crate::sync::mirror::Mirror;

/// A first sync and another, by these extensions.
pub(super) struct Syncing(pub(super) Way);

const MESSAGES: u32 = 7;
const NEW: u32 = 4;

impl Play for Syncing {
    fn name(&self) -> &'static str {
        match self.0 {
            Way::Qresync => "syncing",
            Way::CondStore => "syncing by CONDSTORE",
            _ => "syncing by comparison",
        }
    }

    fn play(&self, run: &mut Run<'_>) {
        let mailbox = run.name("Copy");
        let mut numbers = 1..;
        let mut some = |count: u32| -> Vec<Vec<u8>> {
            let numbers = numbers.by_ref().take(count as usize);
            let name = |number: u32| run.name(&format!("m{number}"));
            numbers.map(|number| message(&name(number), 50)).collect()
        };
        let (old, new) = (some(MESSAGES), some(NEW));
        run.stage.fill(&mailbox, &old);
        let mut mirror = Mirror::default();
        let session = run.open();
        let mut is_well = session.is_some();
        for uid_next in [MESSAGES + 1, MESSAGES + NEW + 1] {
            if let Some(session) = session.as_ref().filter(|_| is_well) {
                let done = self.sync(session, &mailbox, &mut mirror, uid_next);
                is_well = run.note(done).0.is_some();
            }
            if uid_next == MESSAGES + 1 {
                change(&run.stage.direct, &mailbox, &new);
            }
        }
        run.lock_again(session, &mailbox);
        run.settle();
        let uid_next = MESSAGES + NEW + 1;
        let done = self.sync(&run.afterwards(), &mailbox, &mut mirror, uid_next);
        done.unwrap();
        let seen = run.stage.access().seen(&mailbox).unwrap();
        assert_eq!(mirror.messages, seen.messages, "{}", mirror.text());
        let figures = mirror.figures;
        assert_eq!(figures.restarts, 0);
        // Of the old ones some are gone before they are given if nothing was stored before.
        assert!(figures.arrived <= NEW as usize && figures.history <= (MESSAGES + NEW) as usize);
    }
}

impl Syncing {
    fn sync(
        &self,
        session: &Session,
        mailbox: &str,
        mirror: &mut Mirror,
        uid_next: u32,
    ) -> latchbox::Result<()> {
        let checkpoint = mirror.checkpoint();
        let request = session.mailbox(mailbox).read_only();
        let request = match self.0 {
            Way::Comparison => request,
            _ => request.since(checkpoint.as_ref()),
        };
        let first = checkpoint.is_none().then_some(uid_next);
        let manner = Manner::new(self.0, 3);
        let guard = request.lock()?;
        run(guard, mirror, manner, first, || uid_next, |_| Go::On)?;
        Ok(())
    }
}

/// What the second sync has to find out.
fn change(session: &Session, mailbox: &str, new: &[Vec<u8>]) {
    let set = |text: &str| -> UidSet { text.parse().unwrap() };
    let stored = session.append_each(mailbox, new.iter().map(Vec::as_slice));
    stored
        .unwrap()
        .for_each(|stored| assert!(stored.is_ok(), "{stored:?}"));
    let mut guard = session.lock_mailbox(mailbox).unwrap();
    guard
        .store(&set("1:2,4,6,9"), StoreAction::Add, [Flag::Flagged])
        .unwrap();
    guard.delete(&set("3,7,10")).unwrap();
    guard.unselect().unwrap();
}
