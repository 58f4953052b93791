//! STORE, COPY, MOVE and EXPUNGE: no message is lost or there twice, none goes that was not named,
//! and what was said to be done is.

use latchbox::command::{Copied, Expunge, MoveMessages};
use latchbox::types::{Flag, StoreAction, Uid, UidSet};
use latchbox::{Error, MailboxGuard, ReadWrite};

use super::run::{Effect, Play, Run};
use super::stage::{Found, Kind, message};

/// On a server with MOVE, without it, and without UIDPLUS.
pub(super) struct Changing(pub(super) Kind);

/// What became of each command; `None` when it was not tried.
#[derive(Default)]
struct Told {
    flagged: Option<Effect>,
    copied: Option<Effect>,
    moved: Option<Effect>,
    deleted: Option<Effect>,
    expunged: Option<Effect>,
    /// What an error said to have left with `\Deleted`, and without the one that it had.
    left_deleted: UidSet,
    deleted_flag_lost: UidSet,
    /// Which UIDs of the source were said to be which of the target.
    pairs: Vec<(Uid, Uid)>,
}

const MESSAGES: usize = 6;

impl Play for Changing {
    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Rich => "changing",
            Kind::Poor => "changing without MOVE",
            Kind::Bare => "changing without MOVE and UIDPLUS",
        }
    }

    fn kind(&self) -> Kind {
        self.0
    }

    fn play(&self, run: &mut Run<'_>) {
        let (source, target) = (run.name("Source"), run.name("Target"));
        let messages: Vec<_> = (1..=MESSAGES)
            .map(|number| message(&run.name(&format!("m{number}")), 100))
            .collect();
        run.stage.fill(&source, &messages);
        run.stage.fill(&target, &[]);
        // The fifth is to be removed, by somebody else and not now.
        mark_deleted(run, &source);
        let mut told = Told::default();
        let session = run.open();
        if let Some(session) = &session {
            let guard = session.lock_mailbox(source.as_str());
            if let Some(mut guard) = run.note(guard).0 {
                change(run, &mut guard, &target, &mut told);
            }
        }
        run.lock_again(session, &source);
        run.settle();
        // In this order: what goes from one to the other meanwhile is seen at least once.
        let left = run.stage.found(&source);
        let there = run.stage.found(&target);
        check(&messages, &left, &there, &told);
    }
}

fn set(text: &str) -> UidSet {
    text.parse().unwrap()
}

fn mark_deleted(run: &Run<'_>, source: &str) {
    let mut guard = run.stage.direct.lock_mailbox(source).unwrap();
    guard
        .store(&set("5"), StoreAction::Add, [Flag::Deleted])
        .unwrap();
    guard.unselect().unwrap();
}

fn change(
    run: &mut Run<'_>,
    guard: &mut MailboxGuard<'_, ReadWrite>,
    target: &str,
    told: &mut Told,
) -> Option<()> {
    let result = guard.store(&set("1:2"), StoreAction::Add, [Flag::Flagged]);
    let (done, effect) = run.note(result);
    told.flagged = Some(effect);
    done?;
    let (done, effect) = run.note(guard.copy(&set("1:2"), target));
    told.copied = Some(effect);
    told.pairs.extend(done?.pairs());
    let result = guard.run(
        MoveMessages::new(&set("3"), target)
            .unwrap()
            .unflag_others(),
    );
    told.hear(&result);
    let (done, effect) = run.note(result);
    told.moved = Some(effect);
    told.pairs.extend(done?.pairs());
    let result = guard.store(&set("4"), StoreAction::Add, [Flag::Deleted]);
    let (done, effect) = run.note(result);
    told.deleted = Some(effect);
    done?;
    let result = guard.run(Expunge::new(&set("4")).unflag_others());
    told.hear(&result);
    let (done, effect) = run.note(result);
    told.expunged = Some(effect);
    done.map(drop)
}

impl Told {
    fn hear<T>(&mut self, result: &latchbox::Result<T>) {
        if let Err(Error::Unfinished(unfinished)) = result {
            self.left_deleted = unfinished.left_deleted().clone();
            self.deleted_flag_lost = unfinished.deleted_flag_lost().clone();
            let pairs = unfinished.copied().into_iter().flat_map(Copied::pairs);
            self.pairs.extend(pairs);
        }
    }
}

#[track_caller]
fn check(messages: &[Vec<u8>], left: &[Found], there: &[Found], told: &Told) {
    let of = |number: usize, place: &[Found]| -> Vec<Found> {
        let is_it = |found: &&Found| found.octets == messages[number - 1];
        place.iter().filter(is_it).cloned().collect()
    };
    let counts = |number: usize| (of(number, left).len(), of(number, there).len());
    for found in left.iter().chain(there) {
        assert!(messages.contains(&found.octets), "a message of its own");
    }
    for number in [1, 2] {
        let (kept, copied) = counts(number);
        assert_eq!(kept, 1, "message {number}");
        assert_effect("COPY", told.copied, copied == 1, copied == 0);
        let flagged = of(number, left)[0].flags.contains(&Flag::Flagged);
        assert_effect("STORE", told.flagged, flagged, !flagged);
    }
    assert_eq!(counts(1).1, counts(2).1, "a COPY is all or nothing");
    let (kept, moved) = counts(3);
    assert!(kept + moved >= 1, "MOVE lost the message");
    assert!(kept <= 1 && moved <= 1);
    assert_effect(
        "MOVE",
        told.moved,
        (kept, moved) == (0, 1),
        (kept, moved) == (1, 0),
    );
    if let [found] = &of(3, left)[..] {
        let is_deleted = found.flags.contains(&Flag::Deleted);
        assert!(
            !is_deleted || told.left_deleted.contains(found.uid),
            "it is left flagged, and nobody says so"
        );
    }
    for (from, to) in &told.pairs {
        let copy = there.iter().find(|found| found.uid == *to);
        let original = &messages[u32::from(*from) as usize - 1];
        assert_eq!(&copy.expect("no copy has that UID").octets, original);
    }
    check_removed(&of(4, left), counts(4).1, told);
    // Not named by anything: the fifth with its flag, unless an error says otherwise.
    assert_eq!((counts(5), counts(6)), ((1, 0), (1, 0)));
    let fifth = &of(5, left)[0];
    let is_deleted = fifth.flags.contains(&Flag::Deleted);
    let may_be_undeleted = told.deleted_flag_lost.contains(fifth.uid);
    assert!(
        is_deleted || may_be_undeleted,
        "another's flag is gone, and nobody says so"
    );
    assert!(of(6, left)[0].flags.is_empty());
}

/// The fourth is flagged and then removed.
fn check_removed(fourth: &[Found], copied: usize, told: &Told) {
    assert_eq!(copied, 0);
    let is_deleted = |found: &Found| found.flags.contains(&Flag::Deleted);
    match fourth {
        [] => assert_effect("EXPUNGE", told.expunged, true, false),
        [found] => {
            assert_effect("EXPUNGE", told.expunged, false, true);
            let deleted = is_deleted(found);
            assert_effect("STORE", told.deleted, deleted, !deleted);
        }
        _ => panic!("it is there twice"),
    }
}

/// Whether that fits what was said of the command.
#[track_caller]
fn assert_effect(command: &str, told: Option<Effect>, is_done: bool, is_as_before: bool) {
    let fits = match told {
        Some(Effect::Done) => is_done,
        Some(Effect::Possible) => true,
        Some(Effect::None) | None => is_as_before,
    };
    assert!(fits, "{command}: {told:?}, but done: {is_done}");
}
