//! One session with one fault, and all sessions of a kind with all their faults.

use std::collections::BTreeSet;
use std::mem;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use latchbox::{Account, ClientBuilder, Session};
use latchbox_testkit::{Fault, FaultPlan, Trigger, Way};

use super::figures::{Figures, Outcome, kind};
use super::stage::{Found, Kind, Over, Stage, Stalls, contents};
use crate::support::fault_proxy::FaultProxy;

/// How long a delay is that no client minds.
const DELAY: Duration = Duration::from_millis(15);

/// How many octets a second are few.
const SLOW: u32 = 200_000;

/// How long one run may take, whatever happens: no run has more than a few deadlines to wait for.
const MOST: Duration = Duration::from_secs(60);

/// What connections suffer.
const FAULTS: [Fault; 6] = [
    Fault::Cut,
    Fault::Reset,
    Fault::Stall,
    Fault::Delay(DELAY),
    Fault::Split(64),
    Fault::Limit(SLOW),
];

/// How many failures are enough.
const ENOUGH: usize = 8;

/// Whether what was asked for was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Done,
    Possible,
    /// Refused or never asked for.
    None,
}

/// A session: what is done, and what has to be so afterwards.
pub(super) trait Play: Sync {
    fn name(&self) -> &'static str;

    fn kind(&self) -> Kind {
        Kind::Rich
    }

    fn play(&self, run: &mut Run<'_>);
}

/// One fault at one octet.
#[derive(Clone, Copy)]
struct Plan {
    way: Way,
    at: u64,
    fault: Fault,
}

/// One session through the proxy.
pub(super) struct Run<'s> {
    pub(super) stage: &'s Stage,
    number: u32,
    fault: Option<Fault>,
    proxy: FaultProxy,
    outcome: Outcome,
    /// What had passed when the session was open, and when all was done that it was for.
    began: [u64; 2],
    ended: Option<[u64; 2]>,
}

impl<'s> Run<'s> {
    fn new(stage: &'s mut Stage, plan: Option<Plan>) -> Self {
        let number = stage.next_run();
        let once = |Plan { way, at, fault }| {
            FaultPlan::new().once(Trigger::octet(way, at).connection(1), fault)
        };
        Self {
            proxy: stage.proxy(plan.map(once).unwrap_or_default()),
            stage,
            number,
            fault: plan.map(|plan| plan.fault),
            outcome: Outcome::default(),
            began: [0, 0],
            ended: None,
        }
    }

    /// A mailbox, or a message, that no other run has.
    pub(super) fn name(&self, what: &str) -> String {
        format!("{what}-{:06}", self.number)
    }

    /// Whether the fault keeps the client waiting for ever.
    pub(super) fn is_stalled(&self) -> bool {
        self.fault == Some(Fault::Stall)
    }

    /// A client that meets the fault while it connects.
    pub(super) fn builder(&self) -> ClientBuilder {
        self.stage
            .builder(&self.proxy, self.stalls(Stalls::Opening))
    }

    fn account(&self) -> Account {
        let builder = self.stage.builder(&self.proxy, self.stalls(Stalls::Open));
        self.stage.account(builder)
    }

    fn stalls(&self, when: Stalls) -> Stalls {
        match self.is_stalled() {
            true => when,
            false => Stalls::Never,
        }
    }

    /// Opens the session, unless the fault is faster.
    pub(super) fn open(&mut self) -> Option<Session> {
        let session = self.account().open();
        self.began = self.passed();
        self.note(session).0
    }

    fn passed(&self) -> [u64; 2] {
        [Way::ToServer, Way::ToClient].map(|way| self.proxy.first().octets(way))
    }

    /// Books what a call came to: its value, or an error that this fault explains.
    #[track_caller]
    pub(super) fn note<T>(&mut self, result: latchbox::Result<T>) -> (Option<T>, Effect) {
        let error = match result {
            Ok(value) => return (Some(value), Effect::Done),
            Err(error) => error,
        };
        let kind = kind(&error).unwrap_or_else(|| panic!("not what a fault does: {error:?}"));
        assert!(
            self.is_stalled() || !error.is_timeout(),
            "nobody is late: {error:?}"
        );
        assert!(!self.is_harmless(), "nothing was lost: {error:?}");
        let may = error.may_have_taken_effect();
        self.outcome.error.get_or_insert((kind, may));
        let effect = match may {
            true => Effect::Possible,
            false => Effect::None,
        };
        (None, effect)
    }

    /// Whether everything comes through, however late.
    fn is_harmless(&self) -> bool {
        use Fault::{Delay, Limit, Split};
        matches!(self.fault, None | Some(Delay(_) | Split(_) | Limit(_)))
    }

    /// The next lock works again, on the session that has met an error or on another: what is there.
    ///
    /// A session that has met none meets it here: the fault comes now, where the octets are not
    /// always as many, or has come after the last answer, and the client cannot know of it before
    /// its socket does. That a lock notices an end that has reached the socket is tested on scripts.
    #[track_caller]
    pub(super) fn lock_again(&mut self, mut session: Option<Session>, mailbox: &str) -> Vec<Found> {
        let began = Instant::now();
        self.is_done();
        let account = self.account();
        let has_met_it = session.is_none() || self.outcome.error.is_some();
        let mut is_spared = has_met_it || self.is_harmless();
        loop {
            let error = match try_again(&mut session, &account, mailbox) {
                Ok(found) => return found,
                Err(error) => error,
            };
            assert!(kind(&error).is_some(), "{error:?}");
            // A short deadline can be over too soon on a busy machine.
            let is_late = self.is_stalled() && error.is_timeout() && began.elapsed() < MOST;
            let is_harmed_now = !mem::replace(&mut is_spared, true);
            assert!(
                is_late || is_harmed_now && self.proxy.first().has_happened(),
                "the next lock does not work: {error:?}"
            );
        }
    }

    /// Another session through the proxy, which nothing harms.
    #[track_caller]
    pub(super) fn afterwards(&self) -> Session {
        let builder = self.stage.builder(&self.proxy, Stalls::Never);
        self.stage.account(builder).open().unwrap()
    }

    fn is_done(&mut self) {
        let passed = self.passed();
        self.ended.get_or_insert(passed);
    }

    /// Waits until the server does nothing more for the session.
    pub(super) fn settle(&mut self) {
        self.is_done();
        self.proxy.first().until_over();
    }
}

fn try_again(
    session: &mut Option<Session>,
    account: &Account,
    mailbox: &str,
) -> latchbox::Result<Vec<Found>> {
    let session = match session {
        Some(session) => session,
        None => session.insert(account.open()?),
    };
    let mut guard = session.lock_mailbox(mailbox)?;
    guard.refresh()?;
    contents(&mut guard)
}

/// Where faults are put.
#[derive(Clone, Copy, Debug)]
pub(super) enum Positions {
    /// Each fault at so many octets of a direction, at the same distance, and at the last.
    Some(u64),
    /// A cut at each octet.
    Cuts,
    /// Each octet, or each of so many, and each time another fault.
    InTurn(u64),
    /// Each fault at each octet.
    All,
}

/// All runs of one play over one way.
pub(super) struct Runs<'a> {
    pub(super) play: &'a dyn Play,
    pub(super) over: Over,
    pub(super) positions: Positions,
    pub(super) figures: &'a Figures,
}

impl Runs<'_> {
    /// Plays them all, as many at a time as it takes to keep the machine busy.
    #[track_caller]
    pub(super) fn play(&self) {
        let [to_server, to_client] = self.lengths();
        let mut plans = self.plans(Way::ToServer, &to_server);
        plans.extend(self.plans(Way::ToClient, &to_client));
        let (busy, waiting): (Vec<Plan>, Vec<Plan>) = plans
            .into_iter()
            .partition(|plan| matches!(plan.fault, Fault::Cut | Fault::Reset));
        let failures = Mutex::new(Vec::new());
        self.play_all(&busy, 4, &failures);
        self.play_all(&waiting, 24, &failures);
        let failures = failures.into_inner().unwrap();
        assert!(
            failures.is_empty(),
            "{} over {:?}:\n{}",
            self.play.name(),
            self.over,
            failures.join("\n")
        );
    }

    /// From where to where faults are put in each direction.
    fn lengths(&self) -> [Range<u64>; 2] {
        let mut stage = Stage::new(self.play.kind(), self.over);
        let mut run = Run::new(&mut stage, None);
        self.play.play(&mut run);
        assert!(run.outcome.error.is_none());
        let (begins, ends) = (run.began, run.ended.unwrap());
        assert!(begins[0] < ends[0] && begins[1] < ends[1]);
        [begins[0]..ends[0] + 1, begins[1]..ends[1] + 1]
    }

    fn plans(&self, way: Way, range: &Range<u64>) -> Vec<Plan> {
        let mut plans = Vec::new();
        for (number, fault) in (0..).zip(FAULTS) {
            let all = FAULTS.len() as u64;
            let (first, stride) = match self.positions {
                Positions::Some(most) => {
                    let stride = (range.end - range.start).div_ceil(most);
                    (number * stride / all, stride)
                }
                Positions::Cuts if fault != Fault::Cut => continue,
                Positions::InTurn(step) => (number * step, all * step),
                Positions::Cuts | Positions::All => (0, 1),
            };
            let positions = (range.start + first..range.end).step_by(stride as usize);
            let last = matches!(self.positions, Positions::Some(_)).then_some(range.end - 1);
            let positions: BTreeSet<u64> = positions.chain(last).collect();
            plans.extend(positions.into_iter().map(|at| Plan { way, at, fault }));
        }
        plans
    }

    fn play_all(&self, plans: &[Plan], threads: usize, failures: &Mutex<Vec<String>>) {
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..threads.min(plans.len()) {
                scope.spawn(|| {
                    let mut stage = None;
                    while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if failures.lock().unwrap().len() >= ENOUGH {
                            return;
                        }
                        let here =
                            stage.get_or_insert_with(|| Stage::new(self.play.kind(), self.over));
                        if let Err(failure) = self.harmed(here, *plan) {
                            failures.lock().unwrap().push(failure);
                            stage = None;
                        }
                    }
                });
            }
        });
    }

    fn harmed(&self, stage: &mut Stage, plan: Plan) -> Result<(), String> {
        let began = Instant::now();
        let played = catch_unwind(AssertUnwindSafe(|| {
            let mut run = Run::new(stage, Some(plan));
            self.play.play(&mut run);
            run.outcome.was_harmed = run.proxy.first().has_happened();
            run.outcome
        }));
        let Plan { way, at, fault } = plan;
        let place = format!("{fault:?} {way:?} at {at}");
        let outcome = played.map_err(|panic| {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("{place}: {}", said.unwrap_or("it panicked"))
        })?;
        if began.elapsed() > MOST {
            return Err(format!("{place}: it took {:?}", began.elapsed()));
        }
        let fault = match fault {
            Fault::Delay(_) => "Delay".to_owned(),
            Fault::Limit(_) => "Limit".to_owned(),
            Fault::Split(_) => "Split".to_owned(),
            other => format!("{other:?}"),
        };
        let row = format!("{} over {:?}, {fault}", self.play.name(), self.over);
        self.figures.count(row, &outcome);
        Ok(())
    }
}
