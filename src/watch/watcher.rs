//! The work of one watch, as steps that never wait for events.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::lock::Alarm;
use crate::mailbox_guard::ReadOnly;
use crate::mailbox_guard::lock_request::LockRequest;
use crate::mailbox_guard::pending_lock::{PendingLock, Taken};
use crate::stop_handle::StopHandle;
use crate::sync::steps::Steps;
use crate::transport::poller::Poller;
use crate::types::mailbox_name::MailboxName;
use crate::watch::failure::{Failure, Scope};
use crate::watch::item::WatchItem;
use crate::watch::listening::{Guard, Heard, Listening};
use crate::watch::others::OtherMailboxes;
use crate::watch::pace::{Displaced, Window, after};
use crate::watch::settings::Settings;
use crate::watch::source::Source;
use crate::watch::state::{Activity, SharedState};
use crate::watch::watched::Mailboxes;

/// A connection that has lasted for so long is not counted with those that failed before.
const LASTING: Duration = Duration::from_secs(60);

/// An IDLE that a server ends by itself before that is not begun again at once.
const SHORTEST_IDLE: Duration = Duration::from_secs(10);

/// The shortest time between two looks at the mailbox that the watch listens to: events that come
/// close together are one look.
const LOOK_GAP: Duration = Duration::from_millis(50);

/// One watch: it acquires the lock, reads what has changed, then listens with the lock released, and
/// begins again when an event comes.
///
/// Its runner calls [`step`](Self::step), again and again until that is to wait. The poller, the alarm
/// and the time then say when the next step is due.
pub(super) struct Watcher {
    parts: Parts,
    source: Source,
    settings: Settings,
    mailboxes: Mailboxes,
    others: OtherMailboxes,
    phase: Phase,
    /// To be returned before the next step.
    items: VecDeque<WatchItem>,
    /// The failures of the connection in a row.
    failures: u32,
    /// All changes so far have been returned since the watch was connected.
    is_up_to_date: bool,
    /// When it had the lock first after the connection was lost.
    connected_at: Option<Instant>,
    /// When the mailbox that it listens to was looked at last.
    looked_at: Option<Instant>,
    displaced: Displaced,
    /// The time that the last step told the runner to wait for.
    window: Option<Window>,
}

/// What a watch and its runner share.
pub(super) struct Parts {
    /// The number of the watch in the poller.
    pub(super) number: u64,
    pub(super) poller: Arc<Poller>,
    /// Makes the runner take a step; it may be called at any time.
    pub(super) alarm: Alarm,
    pub(super) stop: StopHandle,
    pub(super) state: SharedState,
}

/// What a step comes to.
pub(super) enum Step {
    Item(WatchItem),
    /// The next step is due now.
    Again,
    /// The next step is due at that time, or when the poller or the alarm says so.
    Wait(Option<Window>),
    Ended,
}

enum Phase {
    /// To acquire the lock.
    Unlocked,
    /// The lock was requested, to go on with what it was released for.
    Locking(Box<PendingLock<ReadOnly>>, Released),
    /// It reads the changes of a mailbox.
    Reading(Box<Guard>, Box<Steps>),
    /// It has read the changes of the mailbox.
    HasRead(Box<Guard>),
    /// The lock is released, until there is a reason to go on.
    Released(Released),
    /// It waits before it acquires the lock again.
    Resting(Instant),
    Ended,
}

/// What the watch continues with when the lock is acquired.
enum Released {
    Nothing,
    /// The next batch of a mailbox, with this selection.
    BetweenBatches(MailboxName, u64, Box<Steps>),
    Listening(Box<Listening>),
}

impl Watcher {
    pub(super) fn new(
        parts: Parts,
        source: Source,
        settings: Settings,
        mut mailboxes: Mailboxes,
    ) -> Self {
        if let Some(first) = mailboxes.primary().cloned() {
            mailboxes.set_due(&first);
        }
        let others = OtherMailboxes::new(&mailboxes, source.is_own());
        let watcher = Self {
            parts,
            source,
            settings,
            mailboxes,
            others,
            phase: Phase::Unlocked,
            items: VecDeque::new(),
            failures: 0,
            is_up_to_date: false,
            connected_at: None,
            looked_at: None,
            displaced: Displaced::default(),
            window: None,
        };
        watcher.tell(Activity::Locking);
        watcher
    }

    /// Ends the watch: its own connection with LOGOUT, if it can be used.
    pub(super) fn log_out(mut self) {
        self.phase = Phase::Ended;
        self.source.log_out();
    }

    /// Takes the next step. Waits for answers of the server, and for no event.
    pub(super) fn step(&mut self) -> Step {
        if self.parts.stop.is_stopped() {
            self.phase = Phase::Ended;
            return Step::Ended;
        }
        if let Some(item) = self.items.pop_front() {
            return Step::Item(item);
        }
        let step = match mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Ended => Ok(Step::Ended),
            Phase::Resting(until) if self.horizon() < until => Ok(self.rest(until)),
            Phase::Unlocked | Phase::Resting(_) => self.request(),
            Phase::Locking(pending, released) => self.take(pending, released),
            Phase::HasRead(guard) => self.go_on(guard),
            Phase::Reading(guard, steps) => self.read(guard, steps),
            Phase::Released(released) => self.request_again(released),
        };
        let step = match step.unwrap_or_else(|failure| self.fail(failure)) {
            Step::Wait(_) if !self.items.is_empty() => Step::Again,
            step => step,
        };
        self.window = match &step {
            Step::Wait(window) => *window,
            _ => None,
        };
        step
    }

    /// What is due up to this instant is done now.
    fn horizon(&self) -> Instant {
        let now = Instant::now();
        match self.window {
            Some(window) if window.from <= now => window.until.max(now),
            _ => now,
        }
    }

    /// Requests the lock of the mailbox that is to be looked at.
    fn request(&mut self) -> Result<Step, Failure> {
        let next = self.mailboxes.next_due().cloned();
        let Some(name) = next.or_else(|| self.mailboxes.primary().cloned()) else {
            // No mailbox can be selected.
            self.mailboxes.set_unclear_due();
            let until = after(Instant::now(), self.settings.look_interval);
            return Ok(self.rest(until));
        };
        self.request_for(&name, None, Released::Nothing)
    }

    fn request_again(&mut self, released: Released) -> Result<Step, Failure> {
        match &released {
            Released::Nothing => self.request(),
            Released::BetweenBatches(name, selection, _) => {
                let (name, selection) = (name.clone(), *selection);
                self.request_for(&name, Some(selection), released)
            }
            Released::Listening(listening) => {
                let (name, selection) = (listening.mailbox.clone(), listening.selection);
                self.request_for(&name, Some(selection), released)
            }
        }
    }

    /// Requests the lock of a mailbox, to continue this selection if there is one.
    fn request_for(
        &mut self,
        name: &MailboxName,
        continues: Option<u64>,
        released: Released,
    ) -> Result<Step, Failure> {
        let since = self
            .mailboxes
            .checkpoint(name)
            .map(|checkpoint| &**checkpoint);
        let request = LockRequest::new(self.source.locks(), name)
            .read_only()
            .label("watch")
            .stop_handle(&self.parts.stop)
            .since(since)
            .continuing(continues);
        let pending = request.request_owned(Arc::clone(&self.parts.alarm));
        let pending = pending.map_err(|error| Failure::of(name, error))?;
        self.take(Box::new(pending), released)
    }

    fn take(
        &mut self,
        pending: Box<PendingLock<ReadOnly>>,
        released: Released,
    ) -> Result<Step, Failure> {
        let name = pending.name().clone();
        let taken = pending.try_take(self.source.locks());
        let guard = match taken.map_err(|error| Failure::of(&name, error))? {
            Taken::Granted(guard) => Box::new(guard),
            Taken::Waiting(pending) => {
                if let Some(error) = self.source.held_here() {
                    return Err(Failure::of_connection(error));
                }
                self.tell(Activity::Locking);
                self.phase = Phase::Locking(Box::new(pending), released);
                return Ok(Step::Wait(None));
            }
        };
        if self.connected_at.is_none() {
            self.connected_at = Some(Instant::now());
            self.parts.state.change(|state| state.connections += 1);
        }
        match released {
            Released::Nothing => self.choose(guard),
            Released::BetweenBatches(_, _, mut steps) => {
                if !guard.held.turn().unpark(&self.parts.alarm) {
                    // Another thread may have taken events that came after the look.
                    self.mailboxes.set_due(&name);
                }
                if steps.is_of(&guard) {
                    steps.expect_changes();
                    return self.read(guard, steps);
                }
                self.mailboxes.set_due(&name);
                self.choose(guard)
            }
            Released::Listening(listening) => self.resume(guard, listening),
        }
    }

    /// The mailbox has just been read: events that came meanwhile are not looked at one by one.
    fn go_on(&mut self, mut guard: Box<Guard>) -> Result<Step, Failure> {
        let here = guard.name().clone();
        if !guard.events().is_empty() {
            self.mailboxes.set_due(&here);
        }
        let is_again = self.mailboxes.next_due() == Some(&here);
        let is_primary = self.mailboxes.primary() == Some(&here);
        match is_again && is_primary && self.has_just_looked() {
            true => self.begin_to_listen(guard),
            false => self.choose(guard),
        }
    }

    /// Does whatever is next with the lock.
    fn choose(&mut self, mut guard: Box<Guard>) -> Result<Step, Failure> {
        let here = guard.name().clone();
        if !guard.events().is_empty() {
            self.mailboxes.set_due(&here);
            // What they are about is not in the answer to the SELECT of the lock.
            guard.held.take_opened();
        }
        if self.mailboxes.next_due() == Some(&here) {
            return self.begin_to_read(guard);
        }
        self.look_at_others(&guard)
            .map_err(Failure::of_connection)?;
        let is_primary = self.mailboxes.primary() == Some(&here);
        match self.mailboxes.next_due() {
            Some(next) if *next == here => return self.begin_to_read(guard),
            None if is_primary => return self.begin_to_listen(guard),
            _ => {}
        }
        // What changes in it meanwhile is not reported.
        self.set_primary_due();
        if !is_primary {
            self.others.leave(&here);
        }
        drop(guard);
        self.request()
    }

    /// Asks for the numbers of mailboxes that are not selected, if that is due.
    fn look_at_others(&mut self, guard: &Guard) -> Result<()> {
        let horizon = self.horizon();
        let Self {
            others,
            mailboxes,
            settings,
            items,
            source,
            ..
        } = self;
        while let Some(event) = source.take_event() {
            items.extend(others.note_event(event, mailboxes));
        }
        if others.is_due(horizon) {
            let mut lease = guard.held.lease("STATUS")?;
            let found = others.look(&mut lease, guard.name(), mailboxes, settings)?;
            items.extend(found);
        } else if others.has_left() {
            let mut lease = guard.held.lease("STATUS")?;
            items.extend(others.look_at_left(&mut lease, guard.name(), mailboxes)?);
        }
        Ok(())
    }

    fn begin_to_read(&mut self, mut guard: Box<Guard>) -> Result<Step, Failure> {
        let name = guard.name().clone();
        self.tell(Activity::Reading(name.clone()));
        self.mailboxes.begin_look(&name);
        let now = Instant::now();
        if self.mailboxes.primary() == Some(&name) {
            self.looked_at = Some(now);
        }
        let since = self
            .mailboxes
            .checkpoint(&name)
            .map(|checkpoint| &**checkpoint);
        let is_new = self.mailboxes.is_new(&name);
        let steps = Steps::begin(&mut guard, self.settings.changes(since, is_new));
        let steps = steps.map_err(|error| Failure::of(&name, error))?;
        self.parts
            .state
            .change(|state| state.way = Some(steps.way()));
        self.read(guard, Box::new(steps))
    }

    fn read(&mut self, mut guard: Box<Guard>, mut steps: Box<Steps>) -> Result<Step, Failure> {
        let name = guard.name().clone();
        let batch = steps
            .next(&mut guard)
            .map_err(|error| Failure::of(&name, error))?;
        let Some(batch) = batch else {
            self.mailboxes.note_success(&name);
            self.phase = Phase::HasRead(guard);
            return Ok(Step::Again);
        };
        self.mailboxes
            .set_checkpoint(&name, Arc::clone(batch.shared_checkpoint()));
        self.phase = match self.source.is_own() {
            true => Phase::Reading(guard, steps),
            // The program may need the session for this batch.
            false => {
                let selection = guard.held.selection();
                guard.held.turn().park(Arc::clone(&self.parts.alarm));
                Phase::Released(Released::BetweenBatches(name.clone(), selection, steps))
            }
        };
        Ok(Step::Item(WatchItem::Changes {
            mailbox: name,
            batch,
        }))
    }

    fn begin_to_listen(&mut self, guard: Box<Guard>) -> Result<Step, Failure> {
        let listening = Listening::begin(&guard, self.settings.rhythm);
        let listening = listening.map_err(|error| Failure::of(guard.name(), error))?;
        self.go_on_listening(guard, Box::new(listening))
    }

    /// The lock is acquired again, because something has arrived or is due.
    fn resume(&mut self, guard: Box<Guard>, listening: Box<Listening>) -> Result<Step, Failure> {
        let is_untouched = guard.held.turn().unpark(&self.parts.alarm);
        if is_untouched && guard.held.selection() == listening.selection {
            return self.go_on_listening(guard, listening);
        }
        // Another thread has used the connection, and may have taken events.
        self.mailboxes.set_due(guard.name());
        match self.displaced.note() {
            Some(until) => Ok(self.rest(until)),
            None => self.choose(guard),
        }
    }

    /// Reads what has arrived and does what is due; then releases the lock, unless there is something
    /// to look at.
    fn go_on_listening(
        &mut self,
        mut guard: Box<Guard>,
        mut listening: Box<Listening>,
    ) -> Result<Step, Failure> {
        let horizon = self.horizon();
        let heard = listening.hear(&guard, horizon);
        let outcome = heard.map_err(|error| Failure::of(guard.name(), error))?;
        if !guard.events().is_empty() {
            self.mailboxes.set_due(guard.name());
        }
        while let Some(event) = self.source.take_event() {
            let items = self.others.note_event(event, &mut self.mailboxes);
            self.items.extend(items);
        }
        let looked_at = self.looked_at.unwrap_or(listening.began);
        let look = after(looked_at, self.settings.look_interval);
        if look <= horizon {
            self.mailboxes.set_due(guard.name());
            self.mailboxes.set_unclear_due();
        }
        let is_over = outcome == Heard::End;
        if is_over && listening.began.elapsed() < SHORTEST_IDLE {
            self.mailboxes.set_due(guard.name());
            return Ok(self.rest(Instant::now() + SHORTEST_IDLE));
        }
        let is_due = self.mailboxes.next_due().is_some();
        if is_over || is_due && !self.has_just_looked() || self.others.is_due(horizon) {
            let ended = listening.end(&guard);
            ended.map_err(|error| Failure::of(guard.name(), error))?;
            return self.choose(guard);
        }
        if outcome == Heard::More {
            self.phase = Phase::Released(Released::Listening(listening));
            guard.held.turn().park(Arc::clone(&self.parts.alarm));
            return Ok(Step::Again);
        }
        let look = match is_due {
            true => after(looked_at, LOOK_GAP),
            false => look,
        };
        let is_to_be_told = !is_due && !self.is_up_to_date;
        match self.release(guard, listening, look)? {
            Step::Wait(_) if is_to_be_told => {
                self.is_up_to_date = true;
                Ok(Step::Item(WatchItem::UpToDate))
            }
            step => Ok(step),
        }
    }

    /// Whether the mailbox that it listens to was looked at a moment ago.
    fn has_just_looked(&self) -> bool {
        self.looked_at.is_some_and(|at| at.elapsed() < LOOK_GAP)
    }

    /// Listens with the lock released: the poller reports what arrives, the alarm that another thread
    /// has used the connection.
    fn release(
        &mut self,
        guard: Box<Guard>,
        listening: Box<Listening>,
        look: Instant,
    ) -> Result<Step, Failure> {
        let armed = listening.arm(&guard, &self.parts.poller, self.parts.number);
        if !armed.map_err(Failure::of_connection)? {
            self.phase = Phase::Released(Released::Listening(listening));
            guard.held.turn().park(Arc::clone(&self.parts.alarm));
            return Ok(Step::Again);
        }
        let due = [listening.due(), Some(look), self.others.due()];
        let due = due.into_iter().flatten().min();
        self.tell(Activity::Listening {
            mailbox: listening.mailbox.clone(),
            by_idle: listening.is_by_idle(),
        });
        self.phase = Phase::Released(Released::Listening(listening));
        guard.held.turn().park(Arc::clone(&self.parts.alarm));
        Ok(Step::Wait(due.map(Window::around)))
    }

    fn rest(&mut self, until: Instant) -> Step {
        self.phase = Phase::Resting(until);
        Step::Wait(Some(Window::at(until)))
    }

    /// An error has ended what was done; the lock is released.
    fn fail(&mut self, failure: Failure) -> Step {
        self.phase = Phase::Unlocked;
        if self.parts.stop.is_stopped() {
            return Step::Wait(None);
        }
        let Failure { mailbox, error } = failure;
        match (Scope::of(&error), mailbox) {
            (Scope::Selection, Some(mailbox)) => {
                self.mailboxes.set_due(&mailbox);
                match self.displaced.note() {
                    Some(until) => self.rest(until),
                    None => Step::Again,
                }
            }
            (Scope::Mailbox, Some(mailbox)) => self.leave_mailbox(mailbox, error),
            (Scope::All, _) => {
                log::warn!("watch ended: {error}");
                self.phase = Phase::Ended;
                self.tell(Activity::Ended);
                Step::Item(WatchItem::Ended(error))
            }
            (_, mailbox) => self.lose_connection(mailbox, error),
        }
    }

    /// A mailbox cannot be read for now.
    fn leave_mailbox(&mut self, mailbox: MailboxName, error: Error) -> Step {
        let is_known = !self.mailboxes.note_failure(&mailbox, &error);
        self.set_primary_due();
        if is_known {
            return Step::Again;
        }
        log::warn!("watch: {mailbox}: {error}");
        Step::Item(WatchItem::MailboxFailed { mailbox, error })
    }

    fn lose_connection(&mut self, mailbox: Option<MailboxName>, error: Error) -> Step {
        if let Some(mailbox) = mailbox {
            self.mailboxes.note_loss(&mailbox);
        }
        self.set_primary_due();
        self.others.ask_now();
        if self.connected_at.is_some_and(|at| at.elapsed() >= LASTING) {
            self.failures = 0;
        }
        (self.is_up_to_date, self.connected_at) = (false, None);
        self.failures = self.failures.saturating_add(1);
        let retry_at = after(Instant::now(), self.settings.backoff.delay(self.failures));
        log::debug!("watch disconnected: {error}");
        self.phase = Phase::Resting(retry_at);
        self.tell(Activity::Disconnected { retry_at });
        Step::Item(WatchItem::Disconnected { error, retry_at })
    }

    fn set_primary_due(&mut self) {
        if let Some(primary) = self.mailboxes.primary().cloned() {
            self.mailboxes.set_due(&primary);
        }
    }

    fn tell(&self, activity: Activity) {
        let (mailboxes, others) = (self.mailboxes.len(), self.others.way());
        self.parts.state.change(|state| {
            state.activity = activity;
            state.mailboxes = mailboxes;
            state.others = others;
        });
    }
}
