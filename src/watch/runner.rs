//! Runs any number of watches on the threads that ask for their items: one of these threads waits for
//! all watches, in one poll; each takes a step of a watch that is ready.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::lock::{Alarm, Wait};
use crate::stop_handle::{Bell, StopHandle};
use crate::transport::poller::Poller;
use crate::watch::item::WatchItem;
use crate::watch::pace::Window;
use crate::watch::state::{SharedState, WatchState};
use crate::watch::watcher::{Parts, Step, Watcher};

/// Timers that are due so soon may be due with others now.
const LONGEST_WINDOW: std::time::Duration = std::time::Duration::from_secs(60);

pub(super) struct Runner {
    poller: Arc<Poller>,
    alarms: Arc<Alarms>,
    stop: StopHandle,
    /// There is one watch, whose end is that of the runner.
    is_of_one: bool,
    tasks: Mutex<Tasks>,
    /// A task has become ready, or no thread polls.
    changed: Condvar,
}

/// The watches whose alarm was called since they were looked at.
struct Alarms {
    numbers: Mutex<Vec<u64>>,
    poller: Arc<Poller>,
}

/// Calls an alarm when a handle is used.
struct StopBell(Alarm);

#[derive(Default)]
struct Tasks {
    watches: BTreeMap<u64, Task>,
    /// Those whose step is due, each once.
    ready: VecDeque<u64>,
    /// When the steps of others are due at the latest.
    timers: BTreeSet<(Instant, u64)>,
    /// A thread waits in the poller.
    is_polled: bool,
    /// When that wait ends by itself; `None` for never.
    polled_until: Option<Instant>,
    last_number: u64,
}

struct Task {
    /// `None` while a thread takes a step of it.
    watcher: Option<Box<Watcher>>,
    state: SharedState,
    /// Calls the alarm when the watch is stopped.
    _stop_bell: Arc<StopBell>,
    is_ready: bool,
    window: Option<Window>,
}

impl Runner {
    pub(super) fn new(stop: StopHandle, is_of_one: bool) -> io::Result<Self> {
        let poller = Arc::new(Poller::new()?);
        stop.rings(&poller);
        Ok(Self {
            alarms: Arc::new(Alarms {
                numbers: Mutex::default(),
                poller: Arc::clone(&poller),
            }),
            poller,
            stop,
            is_of_one,
            tasks: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    pub(super) fn stop_handle(&self) -> &StopHandle {
        &self.stop
    }

    pub(super) fn poller(&self) -> &Poller {
        &self.poller
    }

    /// Adds a watch, whose first step is due now; returns its number.
    pub(super) fn add(&self, stop: &StopHandle, make: impl FnOnce(Parts) -> Watcher) -> u64 {
        let mut tasks = self.tasks();
        tasks.last_number += 1;
        let number = tasks.last_number;
        let alarms = Arc::clone(&self.alarms);
        let alarm: Alarm = Arc::new(move || alarms.call(number));
        let stop_bell = Arc::new(StopBell(Arc::clone(&alarm)));
        stop.rings(&stop_bell);
        let state = SharedState::new();
        let parts = Parts {
            number,
            poller: Arc::clone(&self.poller),
            alarm,
            stop: stop.clone(),
            state: state.clone(),
        };
        let task = Task {
            watcher: Some(Box::new(make(parts))),
            state,
            _stop_bell: stop_bell,
            is_ready: false,
            window: None,
        };
        tasks.watches.insert(number, task);
        tasks.set_ready(number);
        self.poller.ring();
        number
    }

    /// Removes a watch. If a thread takes a step of it, it is dropped after that.
    pub(super) fn remove(&self, number: u64) -> Option<Option<Box<Watcher>>> {
        let mut tasks = self.tasks();
        tasks.set_timer(number, None);
        let task = tasks.watches.remove(&number)?;
        drop(tasks);
        self.poller.forget(number);
        Some(task.watcher)
    }

    pub(super) fn state(&self, number: u64) -> Option<WatchState> {
        Some(self.tasks().watches.get(&number)?.state.now())
    }

    pub(super) fn states(&self) -> Vec<(u64, WatchState)> {
        let tasks = self.tasks();
        let watches = tasks.watches.iter();
        watches
            .map(|(number, task)| (*number, task.state.now()))
            .collect()
    }

    pub(super) fn count(&self) -> usize {
        self.tasks().watches.len()
    }

    /// When a step is due, if nothing is reported before; a past time if one is due now.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let mut tasks = self.tasks();
        self.alarms.take_into(&mut tasks);
        match tasks.ready.is_empty() {
            false => Some(Instant::now()),
            true => tasks.timers.first().map(|(until, _)| *until),
        }
    }

    /// The next item, with the number of its watch; `None` if the time is over, or if the handle was
    /// used.
    pub(super) fn next(&self, wait: Wait) -> io::Result<Option<(u64, WatchItem)>> {
        let mut has_polled = false;
        let mut tasks = self.tasks();
        loop {
            if self.stop.is_stopped() || self.is_of_one && tasks.watches.is_empty() {
                self.changed.notify_all();
                return Ok(None);
            }
            self.alarms.take_into(&mut tasks);
            tasks.take_timers();
            if let Some((number, watcher)) = tasks.take_ready() {
                self.let_others_go_on(&tasks);
                drop(tasks);
                let (back, item) = self.step(number, watcher);
                if let Some(item) = item {
                    self.let_others_go_on(&back);
                    return Ok(Some((number, item)));
                }
                tasks = back;
                continue;
            }
            if wait.is_over() && (has_polled || tasks.is_polled) {
                self.let_another_poll(&tasks);
                return Ok(None);
            }
            tasks = match tasks.is_polled {
                true => self.wait_for_change(tasks, wait.deadline()),
                false => self.poll(tasks, wait)?,
            };
            has_polled = true;
        }
    }

    fn step(
        &self,
        number: u64,
        mut watcher: Box<Watcher>,
    ) -> (MutexGuard<'_, Tasks>, Option<WatchItem>) {
        let step = watcher.step();
        let mut tasks = self.tasks();
        if !tasks.watches.contains_key(&number) {
            // Removed meanwhile. What it has may take time to drop.
            drop(tasks);
            // The step may have added it to the poller once more.
            self.poller.forget(number);
            drop(watcher);
            return (self.tasks(), None);
        }
        let item = match step {
            Step::Ended => {
                tasks.watches.remove(&number);
                drop(tasks);
                self.poller.forget(number);
                drop(watcher);
                return (self.tasks(), None);
            }
            Step::Item(item) => {
                tasks.set_ready(number);
                Some(item)
            }
            Step::Again => {
                tasks.set_ready(number);
                None
            }
            Step::Wait(window) => {
                tasks.set_timer(number, window);
                if tasks.is_polled_for_too_long(window) {
                    self.poller.ring();
                }
                None
            }
        };
        if let Some(task) = tasks.watches.get_mut(&number) {
            task.watcher = Some(watcher);
        }
        (tasks, item)
    }

    /// Waits for all watches.
    fn poll<'r>(
        &'r self,
        mut tasks: MutexGuard<'r, Tasks>,
        wait: Wait,
    ) -> io::Result<MutexGuard<'r, Tasks>> {
        let timer = tasks.timers.first().map(|(until, _)| *until);
        let until = match wait {
            Wait::No => Some(Instant::now()),
            Wait::Until(_) | Wait::Forever => wait.deadline().into_iter().chain(timer).min(),
        };
        (tasks.is_polled, tasks.polled_until) = (true, until);
        drop(tasks);
        let mut ready = Vec::new();
        let polled = self.poller.wait(until, &mut ready);
        let mut tasks = self.tasks();
        tasks.is_polled = false;
        for number in ready {
            tasks.set_ready(number);
        }
        if polled.is_err() {
            self.let_another_poll(&tasks);
        }
        polled?;
        Ok(tasks)
    }

    fn wait_for_change<'r>(
        &'r self,
        tasks: MutexGuard<'r, Tasks>,
        until: Option<Instant>,
    ) -> MutexGuard<'r, Tasks> {
        let Some(until) = until else {
            let waited = self.changed.wait(tasks);
            return waited.unwrap_or_else(PoisonError::into_inner);
        };
        let left = until.saturating_duration_since(Instant::now());
        let waited = self.changed.wait_timeout(tasks, left);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Another thread that waits takes the next ready watch, or waits in the poller.
    fn let_others_go_on(&self, tasks: &Tasks) {
        match tasks.is_polled {
            true => self.poller.ring(),
            false => self.changed.notify_one(),
        }
    }

    /// This thread leaves: if none polls, another one that waits is to poll.
    fn let_another_poll(&self, tasks: &Tasks) {
        if !tasks.is_polled {
            self.changed.notify_one();
        }
    }

    /// A panic of another thread leaves the tasks consistent.
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tasks {
    fn set_ready(&mut self, number: u64) {
        if let Some(task) = self.watches.get_mut(&number) {
            if !std::mem::replace(&mut task.is_ready, true) {
                self.ready.push_back(number);
            }
        }
    }

    fn set_timer(&mut self, number: u64, window: Option<Window>) {
        let Some(task) = self.watches.get_mut(&number) else {
            return;
        };
        let before = std::mem::replace(&mut task.window, window);
        if let Some(before) = before {
            self.timers.remove(&(before.until, number));
        }
        if let Some(window) = window {
            self.timers.insert((window.until, number));
        }
    }

    /// Whether the thread that polls would miss the end of this window.
    fn is_polled_for_too_long(&self, window: Option<Window>) -> bool {
        let Some(window) = window.filter(|_| self.is_polled) else {
            return false;
        };
        self.polled_until.is_none_or(|until| window.until < until)
    }

    /// If the time of a watch has come, that watch and all whose window has begun are ready.
    fn take_timers(&mut self) {
        let now = Instant::now();
        let Some((first, _)) = self.timers.first() else {
            return;
        };
        if *first > now {
            return;
        }
        let last = now.checked_add(LONGEST_WINDOW).unwrap_or(now);
        let due: Vec<u64> = {
            let soon = self.timers.iter().take_while(|(until, _)| *until <= last);
            let has_begun = |number: &u64| {
                let window = self.watches.get(number).and_then(|task| task.window);
                window.is_some_and(|window| window.from <= now)
            };
            soon.map(|(_, number)| *number).filter(has_begun).collect()
        };
        for number in due {
            self.set_timer(number, None);
            self.set_ready(number);
        }
    }

    /// The first watch that is ready and in no thread's hands.
    fn take_ready(&mut self) -> Option<(u64, Box<Watcher>)> {
        for _ in 0..self.ready.len() {
            let number = self.ready.pop_front()?;
            let Some(task) = self.watches.get_mut(&number) else {
                continue;
            };
            let Some(watcher) = task.watcher.take() else {
                // Another thread takes a step of it, and the next one is due after that.
                self.ready.push_back(number);
                continue;
            };
            task.is_ready = false;
            self.set_timer(number, None);
            return Some((number, watcher));
        }
        None
    }
}

impl Bell for StopBell {
    fn ring(&self) {
        (self.0)();
    }
}

impl Alarms {
    fn call(&self, number: u64) {
        self.numbers().push(number);
        self.poller.ring();
    }

    fn take_into(&self, tasks: &mut Tasks) {
        for number in std::mem::take(&mut *self.numbers()) {
            tasks.set_ready(number);
        }
    }

    /// A panic of another thread leaves the list consistent.
    fn numbers(&self) -> MutexGuard<'_, Vec<u64>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
