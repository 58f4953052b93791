//! Plans at work: which rules of a plan are met on a connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::faults::lane::{Due, Lane, Step, scrambled};
use crate::faults::plan::{Fault, FaultPlan, Place, Repeat, Rule, Way};

/// How many tags are remembered whose commands may be completed.
const MOST_TAGS: usize = 1000;

/// The plan of all connections, which a test replaces while they are open.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Mutex<Arc<Active>>,
    happened: AtomicU64,
}

/// A plan, and how often each of its rules was met.
#[derive(Debug, Default)]
struct Active {
    rules: Vec<(Rule, AtomicU64)>,
    finds_items: bool,
    finds_completions: bool,
}

impl Faults {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        let faults = Self::default();
        faults.set(plan);
        faults
    }

    pub(crate) fn set(&self, plan: FaultPlan) {
        let places = || plan.rules.iter().map(|rule| &rule.trigger.place);
        let active = Active {
            finds_items: places().any(|place| !matches!(place, Place::Octet(..))),
            finds_completions: places().any(|place| matches!(place, Place::Completion(_))),
            rules: plan
                .rules
                .into_iter()
                .map(|rule| (rule, AtomicU64::new(0)))
                .collect(),
        };
        *self.lock() = Arc::new(active);
    }

    /// How many faults have begun.
    pub(crate) fn happened(&self) -> u64 {
        self.happened.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Active {
    /// Counts that a rule is met; says whether its fault happens, and a number of its own.
    fn meets(&self, index: usize) -> Option<u64> {
        let (rule, met) = self.rules.get(index)?;
        let count = met.fetch_add(1, Ordering::SeqCst) + 1;
        let after = count.checked_sub(rule.trigger.nth)?;
        let happens = match rule.repeat {
            Repeat::Once => after == 0,
            Repeat::Always => true,
            Repeat::Random { seed, one_in } => {
                let number = scrambled(scrambled(seed.wrapping_add(count).wrapping_mul(2) + 1));
                (number >> 20) % u64::from(one_in) == 0
            }
        };
        happens.then_some(count)
    }
}

/// The faults of one connection.
#[derive(Debug)]
pub(crate) struct Engine {
    faults: Arc<Faults>,
    active: Arc<Active>,
    connection: u64,
    lanes: [Lane; 2],
    /// The first lines of commands by their tags.
    sent: HashMap<String, String>,
}

impl Engine {
    /// `connection` is 1 for the first.
    pub(crate) fn new(faults: &Arc<Faults>, connection: u64) -> Self {
        let mut engine = Self {
            faults: Arc::clone(faults),
            active: Arc::clone(&faults.lock()),
            connection,
            lanes: [Way::ToServer, Way::ToClient].map(Lane::new),
            sent: HashMap::new(),
        };
        engine.add_octets();
        engine
    }

    /// Whether these octets may pass as they are, because no fault is near.
    pub(crate) fn lets_pass(&mut self, way: Way, octets: &[u8]) -> bool {
        self.renew();
        let finds_items = self.active.finds_items;
        let lane = self.lane(way);
        let passes = lane.is_plain() && !finds_items;
        if passes {
            lane.track(octets);
        }
        passes
    }

    /// What becomes of octets that have arrived in this direction.
    pub(crate) fn pass(&mut self, way: Way, octets: &[u8]) -> Vec<Step> {
        self.renew();
        let active = Arc::clone(&self.active);
        let mut steps = Vec::new();
        self.lane(way).hold(octets);
        loop {
            if active.finds_items {
                self.begin_item(way);
            }
            if !self.happen(way, &mut steps) || self.lane(way).must_wait(active.finds_items) {
                return steps;
            }
            self.lane(way).pass(&mut steps);
        }
    }

    /// Begins the faults that are due here; says whether the connection goes on.
    fn happen(&mut self, way: Way, steps: &mut Vec<Step>) -> bool {
        let active = Arc::clone(&self.active);
        while let Some(due) = self.lane(way).take_due() {
            let met = due.met.or_else(|| active.meets(due.rule));
            let Some((met, (rule, _))) = met.zip(active.rules.get(due.rule)) else {
                continue;
            };
            self.faults.happened.fetch_add(1, Ordering::SeqCst);
            steps.push(Step::Note(rule.to_string()));
            if !self.lane(way).begin(rule.fault, met, steps) {
                return false;
            }
        }
        true
    }

    /// What becomes of octets that were held, when no more arrive in this direction.
    pub(crate) fn end(&mut self, way: Way) -> Vec<Step> {
        let mut steps = Vec::new();
        self.lane(way).finish(&mut steps);
        steps
    }

    /// Takes the plan that is in force now.
    fn renew(&mut self) {
        let now = self.faults.lock();
        if Arc::ptr_eq(&now, &self.active) {
            return;
        }
        self.active = Arc::clone(&now);
        drop(now);
        self.lanes.iter_mut().for_each(Lane::forget);
        self.add_octets();
    }

    /// Finds the places that are known beforehand.
    fn add_octets(&mut self) {
        let active = Arc::clone(&self.active);
        for (index, (rule, _)) in active.rules.iter().enumerate() {
            let Place::Octet(way, at) = rule.trigger.place else {
                continue;
            };
            let due = Due {
                at: at.saturating_add(rule.trigger.offset),
                rule: index,
                met: None,
            };
            let is_ahead = self.lane(way).passed() <= due.at;
            if is_ahead && rule.trigger.looks_at(self.connection) {
                self.lane(way).add(due);
            }
        }
    }

    /// Looks whether the command or response that begins here is a place of the plan.
    fn begin_item(&mut self, way: Way) {
        let Some(line) = self.lane(way).beginning() else {
            return;
        };
        self.lane(way).open(&line);
        let active = Arc::clone(&self.active);
        let completed = self.completed(way, &line);
        for (index, (rule, _)) in active.rules.iter().enumerate() {
            let is_place = match (&rule.trigger.place, way) {
                (Place::Command(matcher), Way::ToServer) => matcher.matches(&line),
                (Place::Response(matcher), Way::ToClient) => matcher.matches(&line),
                (Place::Completion(matcher), Way::ToClient) => {
                    completed.as_ref().is_some_and(|line| matcher.matches(line))
                }
                _ => false,
            };
            if !is_place || !rule.trigger.looks_at(self.connection) {
                continue;
            }
            let offset = match rule.fault {
                Fault::Refuse(_) => 0,
                _ => rule.trigger.offset,
            };
            if let Some(met) = active.meets(index) {
                let at = self.lane(way).passed().saturating_add(offset);
                self.lane(way).add(Due {
                    at,
                    rule: index,
                    met: Some(met),
                });
            }
        }
    }

    /// The command that a tagged response completes. Notes the tags of commands.
    fn completed(&mut self, way: Way, line: &str) -> Option<String> {
        if !self.active.finds_completions {
            return None;
        }
        let tag = line.split(' ').next().unwrap_or_default();
        match way {
            Way::ToServer => {
                if self.sent.len() < MOST_TAGS {
                    self.sent.insert(tag.to_owned(), line.to_owned());
                }
                None
            }
            Way::ToClient => self.sent.remove(tag),
        }
    }

    fn lane(&mut self, way: Way) -> &mut Lane {
        let [to_server, to_client] = &mut self.lanes;
        match way {
            Way::ToServer => to_server,
            Way::ToClient => to_client,
        }
    }
}
