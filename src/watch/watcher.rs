//! The work of one watch, as steps that never wait for news.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::listener::Listener;
use crate::lock::Alarm;
use crate::mailbox_guard::lock_request::LockRequest;
use crate::mailbox_guard::pending_lock::{PendingLock, Taken};
use crate::mailbox_guard::{OwnedMailboxGuard, ReadOnly};
use crate::stop_handle::StopHandle;
use crate::sync::steps::Steps;
use crate::transport::poller::Poller;
use crate::transport::readiness::Awaited;
use crate::types::mailbox_name::MailboxName;
use crate::watch::failure::{Failure, Scope};
use crate::watch::item::WatchItem;
use crate::watch::others::OtherMailboxes;
use crate::watch::settings::Settings;
use crate::watch::source::Source;
use crate::watch::state::{Activity, SharedState};
use crate::watch::watched::Mailboxes;

/// The responses that are read in one step, so that one server cannot occupy the thread.
const RESPONSES_AT_ONCE: usize = 1_000;

/// The time that a watch leaves a session to other threads after they have used it.
const CALM: Duration = Duration::from_millis(100);

/// The longest [`CALM`], if they use it again and again.
const LONGEST_CALM: Duration = Duration::from_secs(3);

/// A connection that has lasted for so long is not counted with those that failed before.
const LASTING: Duration = Duration::from_secs(60);

/// An IDLE that a server ends by itself before that is not begun again at once.
const SHORTEST_IDLE: Duration = Duration::from_secs(10);

type Guard = OwnedMailboxGuard<ReadOnly>;

/// One watch: it acquires the lock, reads what has changed, then listens with the lock released, and
/// begins again when there are news.
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
    looked_at: Instant,
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

/// How often other threads have used the connection, in quick succession.
#[derive(Default)]
struct Displaced {
    times: u32,
    at: Option<Instant>,
}

/// What was read while listening.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heard {
    /// All that has arrived.
    All,
    /// More has arrived.
    More,
    /// The server has ended the IDLE.
    End,
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

/// A time at which something is due. It may be done a little earlier, together with what is due for
/// other watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window {
    pub(super) until: Instant,
    pub(super) from: Instant,
}

enum Phase {
    /// To acquire the lock.
    Unlocked,
    /// The lock was requested, to go on with what it was released for.
    Locking(PendingLock<ReadOnly>, Released),
    /// It reads the changes of a mailbox.
    Reading(Box<Guard>, Box<Steps>),
    /// The lock is released, until there is a reason to go on.
    Released(Released),
    /// It waits before it acquires the lock again.
    Resting(Instant),
    Ended,
}

/// What is gone on with when the lock is acquired.
enum Released {
    Nothing,
    /// The next batch of a mailbox.
    BetweenBatches(MailboxName, Box<Steps>),
    Listening(Box<Listening>),
}

struct Listening {
    mailbox: MailboxName,
    /// Identifies the selection.
    selection: u64,
    listener: Listener,
    began: Instant,
}

impl Window {
    /// A part of the time from now may be saved.
    fn around(until: Instant) -> Self {
        let left = until.saturating_duration_since(Instant::now());
        let early = (left / 8).min(Duration::from_secs(60));
        let from = until.checked_sub(early).unwrap_or(until);
        Self { until, from }
    }
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
            looked_at: Instant::now(),
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

    /// Takes the next step. Waits for answers of the server, but for no news.
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
        let next = self
            .mailboxes
            .next_due()
            .or_else(|| self.mailboxes.primary());
        let Some(name) = next.cloned() else {
            // No mailbox can be selected.
            self.mailboxes.set_unclear_due();
            let until = Instant::now() + self.settings.look_interval;
            return Ok(self.rest(until));
        };
        self.request_for(&name, None, Released::Nothing)
    }

    fn request_again(&mut self, released: Released) -> Result<Step, Failure> {
        match &released {
            Released::Nothing => self.request(),
            Released::BetweenBatches(name, _) => {
                let name = name.clone();
                self.request_for(&name, None, released)
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
        self.take(pending, released)
    }

    fn take(
        &mut self,
        pending: PendingLock<ReadOnly>,
        released: Released,
    ) -> Result<Step, Failure> {
        let name = pending.name().clone();
        let taken = pending.try_take(self.source.locks());
        let guard = match taken.map_err(|error| Failure::of(&name, error))? {
            Taken::Granted(guard) => Box::new(guard),
            Taken::Waiting(pending) => {
                self.tell(Activity::Locking);
                self.phase = Phase::Locking(pending, released);
                return Ok(Step::Wait(None));
            }
        };
        if self.connected_at.is_none() {
            self.connected_at = Some(Instant::now());
            self.parts.state.change(|state| state.connections += 1);
        }
        match released {
            Released::Nothing => self.choose(guard),
            Released::BetweenBatches(_, mut steps) => {
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

    /// Does whatever is next with the lock.
    fn choose(&mut self, mut guard: Box<Guard>) -> Result<Step, Failure> {
        let here = guard.name().clone();
        if !guard.events().is_empty() {
            self.mailboxes.set_due(&here);
        }
        if self.mailboxes.is_due(&here) {
            return self.begin_to_read(guard);
        }
        self.look_at_others(&guard)
            .map_err(Failure::of_connection)?;
        if self.mailboxes.is_due(&here) {
            return self.begin_to_read(guard);
        }
        let is_primary = self.mailboxes.primary() == Some(&here);
        if self.mailboxes.next_due().is_none() && is_primary {
            return self.begin_to_listen(guard);
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
            self.looked_at = now;
        }
        let since = self
            .mailboxes
            .checkpoint(&name)
            .map(|checkpoint| &**checkpoint);
        let steps = Steps::begin(&mut guard, self.settings.changes(since));
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
            return self.choose(guard);
        };
        self.mailboxes
            .set_checkpoint(&name, Arc::clone(batch.shared_checkpoint()));
        self.phase = match self.source.is_own() {
            true => Phase::Reading(guard, steps),
            // The program may need the session for this batch.
            false => Phase::Released(Released::BetweenBatches(name.clone(), steps)),
        };
        Ok(Step::Item(WatchItem::Changes {
            mailbox: name,
            batch,
        }))
    }

    fn begin_to_listen(&mut self, guard: Box<Guard>) -> Result<Step, Failure> {
        let listening = self.listener(&guard);
        let listening = listening.map_err(|error| Failure::of(guard.name(), error))?;
        self.go_on_listening(guard, Box::new(listening))
    }

    fn listener(&self, guard: &Guard) -> Result<Listening> {
        let mut lease = guard.held.lease("IDLE")?;
        let listener = Listener::of_mailbox(&mut lease, self.settings.rhythm)?;
        listener.begin(&mut lease)?;
        Ok(Listening {
            mailbox: guard.name().clone(),
            selection: guard.held.selection(),
            listener,
            began: Instant::now(),
        })
    }

    /// The lock is acquired again, because of news, or of what is due.
    fn resume(&mut self, guard: Box<Guard>, listening: Box<Listening>) -> Result<Step, Failure> {
        let is_untouched = guard.held.turn().unpark(&self.parts.alarm);
        if is_untouched && guard.held.selection() == listening.selection {
            return self.go_on_listening(guard, listening);
        }
        // Another thread has used the connection, and may have taken the news.
        self.mailboxes.set_due(guard.name());
        match self.displaced.note() {
            Some(until) => Ok(self.rest(until)),
            None => self.choose(guard),
        }
    }

    /// Reads what has arrived and does what is due; then releases the lock, unless there are news.
    fn go_on_listening(
        &mut self,
        mut guard: Box<Guard>,
        mut listening: Box<Listening>,
    ) -> Result<Step, Failure> {
        let heard = self.hear(&guard, &mut listening);
        let outcome = heard.map_err(|error| Failure::of(guard.name(), error))?;
        let has_news = !guard.events().is_empty();
        if has_news {
            self.mailboxes.set_due(guard.name());
        }
        while let Some(event) = self.source.take_event() {
            let items = self.others.note_event(event, &mut self.mailboxes);
            self.items.extend(items);
        }
        let horizon = self.horizon();
        let look = self.looked_at + self.settings.look_interval;
        if look <= horizon {
            self.mailboxes.set_due(guard.name());
            self.mailboxes.set_unclear_due();
        }
        let is_over = outcome == Heard::End;
        if is_over && listening.began.elapsed() < SHORTEST_IDLE {
            self.mailboxes.set_due(guard.name());
            return Ok(self.rest(Instant::now() + SHORTEST_IDLE));
        }
        if is_over || self.mailboxes.next_due().is_some() || self.others.is_due(horizon) {
            let ended = self.end(&guard, &listening);
            ended.map_err(|error| Failure::of(guard.name(), error))?;
            return self.choose(guard);
        }
        if outcome == Heard::More {
            self.phase = Phase::Released(Released::Listening(listening));
            guard.held.turn().park(Arc::clone(&self.parts.alarm));
            return Ok(Step::Again);
        }
        self.release(guard, listening, look)
    }

    /// Reads what has arrived, up to a limit, and sends what is due.
    fn hear(&self, guard: &Guard, listening: &mut Listening) -> Result<Heard> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        let listener = &mut listening.listener;
        if listener.due().is_some_and(|due| due <= self.horizon()) {
            listener.on_due(&mut lease)?;
        }
        for _ in 0..RESPONSES_AT_ONCE {
            if !listener.goes_on(&mut lease) {
                return Ok(Heard::End);
            }
            if !listener.on_readable(&mut lease)? {
                return Ok(Heard::All);
            }
        }
        Ok(Heard::More)
    }

    fn end(&self, guard: &Guard, listening: &Listening) -> Result<()> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        listening.listener.end(&mut lease)
    }

    /// Listens with the lock released: the poller reports what arrives, the alarm that another thread
    /// has used the connection.
    fn release(
        &mut self,
        guard: Box<Guard>,
        listening: Box<Listening>,
        look: Instant,
    ) -> Result<Step, Failure> {
        let armed = self.arm(&guard);
        if !armed.map_err(Failure::of_connection)? {
            self.phase = Phase::Released(Released::Listening(listening));
            guard.held.turn().park(Arc::clone(&self.parts.alarm));
            return Ok(Step::Again);
        }
        let due = [listening.listener.due(), Some(look), self.others.due()];
        let due = due.into_iter().flatten().min();
        self.tell(Activity::Listening {
            mailbox: listening.mailbox.clone(),
            by_idle: listening.listener.is_idling(),
        });
        self.phase = Phase::Released(Released::Listening(listening));
        guard.held.turn().park(Arc::clone(&self.parts.alarm));
        drop(guard);
        if !mem::replace(&mut self.is_up_to_date, true) {
            return Ok(Step::Item(WatchItem::UpToDate));
        }
        Ok(Step::Wait(due.map(Window::around)))
    }

    /// Makes the poller report what arrives; `false` if something has arrived already.
    fn arm(&self, guard: &Guard) -> Result<bool> {
        let mut lease = guard.held.lease_as_it_is("IDLE")?;
        match lease.awaited() {
            Awaited::Nothing => return Ok(false),
            Awaited::Readable(descriptor) => {
                let added = self.parts.poller.add(self.parts.number, descriptor);
                added.map_err(Error::Resources)?;
            }
            Awaited::Unknown => {}
        }
        Ok(true)
    }

    fn rest(&mut self, until: Instant) -> Step {
        self.phase = Phase::Resting(until);
        Step::Wait(Some(Window { until, from: until }))
    }

    /// An error has ended what was done; the lock is released.
    fn fail(&mut self, failure: Failure) -> Step {
        self.phase = Phase::Unlocked;
        if self.parts.stop.is_stopped() {
            return Step::Wait(None);
        }
        let Failure { mailbox, error } = failure;
        if let Some(mailbox) = mailbox
            .as_ref()
            .filter(|_| Scope::of(&error) == Scope::Mailbox)
        {
            let is_news = self.mailboxes.note_failure(mailbox);
            self.set_primary_due();
            if !is_news {
                return Step::Again;
            }
        }
        match (Scope::of(&error), mailbox) {
            (Scope::Mailbox, Some(mailbox)) => {
                log::warn!("watch: {mailbox}: {error}");
                Step::Item(WatchItem::MailboxFailed { mailbox, error })
            }
            (Scope::All, _) => {
                log::warn!("watch ended: {error}");
                self.phase = Phase::Ended;
                self.tell(Activity::Ended);
                Step::Item(WatchItem::Ended(error))
            }
            (_, mailbox) => self.lose_connection(mailbox, error),
        }
    }

    fn lose_connection(&mut self, mailbox: Option<MailboxName>, error: Error) -> Step {
        if let Some(mailbox) = mailbox {
            self.mailboxes.note_loss(&mailbox);
        }
        self.set_primary_due();
        self.others.connection_lost();
        if self.connected_at.is_some_and(|at| at.elapsed() >= LASTING) {
            self.failures = 0;
        }
        (self.is_up_to_date, self.connected_at) = (false, None);
        self.failures = self.failures.saturating_add(1);
        let retry_at = Instant::now() + self.settings.backoff.delay(self.failures);
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

impl Displaced {
    /// Another thread has used the connection; the time until which the watch leaves it alone, if
    /// that happens again and again.
    fn note(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let is_again = self
            .at
            .is_some_and(|at| now.duration_since(at) < LONGEST_CALM * 2);
        self.times = if is_again {
            self.times.saturating_add(1)
        } else {
            0
        };
        self.at = Some(now);
        let doubled = 2_u32.saturating_pow(self.times.saturating_sub(1));
        let calm = CALM.saturating_mul(doubled).min(LONGEST_CALM);
        (self.times > 0).then_some(now + calm)
    }
}
