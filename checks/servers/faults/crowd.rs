//! Two threads at work on one session that reconnects, while one connection after the other is
//! harmed: what each was told of each message is so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::types::UidSet;
use latchbox::{Error, Session};
use latchbox_testkit::{Fault, FaultPlan, Trigger, Way};

use super::figures::kind;
use super::run::Effect;
use super::stage::{Kind, Over, Stage, Stalls, message};
use crate::support::chance::Chance;

const PLACES: [&str; 2] = ["One", "Two"];

/// How long a crowd may take for one connection, at the very most.
const MOST: Duration = Duration::from_secs(20);

/// A message, and what was said of it.
struct Told {
    message: Vec<u8>,
    place: &'static str,
    stored: Effect,
    moved: Effect,
}

/// What both threads have to do.
struct Work<'a> {
    session: &'a Session,
    told: Mutex<Vec<Told>>,
    errors: AtomicUsize,
    is_over: AtomicBool,
}

/// So many connections are harmed, one after the other; what came of it.
#[track_caller]
pub(super) fn play(over: Over, connections: usize, seed: u64) -> String {
    let stage = Stage::new(Kind::Rich, over);
    PLACES
        .iter()
        .chain(&["Kept"])
        .for_each(|name| stage.fill(name, &[]));
    let mut chance = Chance::new(seed);
    // The first is not harmed before it is open.
    let harm = |plan, number| harmed(plan, &mut chance, number);
    let proxy = stage.proxy((1..=connections as u64).fold(FaultPlan::new(), harm));
    let session = stage
        .account(stage.builder(&proxy, Stalls::Opening))
        .open()
        .unwrap();
    let work = Work {
        session: &session,
        told: Mutex::default(),
        errors: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
    };
    let began = Instant::now();
    thread::scope(|scope| {
        let work = &work;
        let working: Vec<_> = (0..2)
            .map(|number| scope.spawn(move || work.run(number)))
            .collect();
        // The last connections are not harmed, and both threads go on with one.
        while proxy.passages().len() <= connections
            && !working.iter().any(thread::ScopedJoinHandle::is_finished)
        {
            let most = MOST * u32::try_from(connections).unwrap();
            let is_in_time = began.elapsed() < most;
            if !is_in_time {
                work.is_over.store(true, Ordering::SeqCst);
            }
            assert!(is_in_time, "it hangs: {:?}", session.lock_state());
            thread::park_timeout(Duration::from_millis(5));
        }
        work.is_over.store(true, Ordering::SeqCst);
    });
    let (told, errors) = (work.told.into_inner().unwrap(), work.errors.into_inner());
    drop(session);
    let passages = proxy.passages();
    passages.iter().for_each(|passage| passage.until_over());
    check(&stage, &told);
    let harmed = passages.iter().filter(|passage| passage.has_happened());
    let count = |effect: Effect| told.iter().filter(|told| told.stored == effect).count();
    format!(
        "crowd over {over:?}: {} connections, {} harmed; {} messages stored, {} perhaps, {} not; {errors} errors",
        passages.len(),
        harmed.count(),
        count(Effect::Done),
        count(Effect::Possible),
        count(Effect::None),
    )
}

/// One more connection that is harmed once.
fn harmed(plan: FaultPlan, chance: &mut Chance, number: u64) -> FaultPlan {
    let fault = match chance.below(8) {
        0..3 => Fault::Cut,
        3..6 => Fault::Reset,
        _ => Fault::Stall,
    };
    let (way, longest) = match chance.one_in(2) {
        true => (Way::ToServer, 6000),
        false => (Way::ToClient, 9000),
    };
    let shortest = if number == 1 { 5900 } else { 0 };
    let at = shortest + chance.below(longest - shortest);
    plan.once(Trigger::octet(way, at).connection(number), fault)
}

impl Work<'_> {
    fn run(&self, number: usize) {
        for round in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let place = PLACES[(number + round) % 2];
            let message = message(&format!("t{number}-{round}"), 300);
            let mut told = Told {
                message,
                place,
                stored: Effect::None,
                moved: Effect::None,
            };
            if let Err(error) = self.store_and_move(&mut told) {
                assert!(kind(&error).is_some(), "{error:?}");
                self.errors.fetch_add(1, Ordering::SeqCst);
            }
            self.told.lock().unwrap().push(told);
        }
    }

    fn store_and_move(&self, told: &mut Told) -> latchbox::Result<()> {
        let mut guard = self.session.lock_mailbox(told.place)?;
        let stored = guard.append(told.message.as_slice());
        told.stored = effect(&stored);
        let uid = stored?.uid().unwrap();
        let moved = guard.move_to(&UidSet::unbound([uid]), "Kept");
        told.moved = effect(&moved);
        moved.map(drop)
    }
}

fn effect<T>(result: &Result<T, Error>) -> Effect {
    match result {
        Ok(_) => Effect::Done,
        Err(error) if error.may_have_taken_effect() => Effect::Possible,
        Err(_) => Effect::None,
    }
}

#[track_caller]
fn check(stage: &Stage, told: &[Told]) {
    let places = PLACES.map(|place| (place, stage.found(place)));
    let kept = stage.found("Kept");
    let all = kept.len() + places.iter().map(|(_, found)| found.len()).sum::<usize>();
    let mut seen = 0;
    for told in told {
        let of = |found: &[super::stage::Found]| {
            found
                .iter()
                .filter(|found| found.octets == told.message)
                .count()
        };
        let there = places.iter().find(|(place, _)| *place == told.place);
        let (there, kept) = (of(&there.unwrap().1), of(&kept));
        let is_right = match (told.stored, told.moved) {
            (Effect::None, _) => (there, kept) == (0, 0),
            (Effect::Possible, _) => there <= 1 && kept == 0,
            (Effect::Done, Effect::None) => (there, kept) == (1, 0),
            (Effect::Done, Effect::Done) => (there, kept) == (0, 1),
            (Effect::Done, Effect::Possible) => there <= 1 && kept <= 1 && there + kept >= 1,
        };
        assert!(
            is_right,
            "stored: {:?}, moved: {:?}, there {there} times, moved {kept} times",
            told.stored, told.moved
        );
        seen += there + kept;
    }
    assert_eq!(seen, all, "messages that nobody stored");
}
