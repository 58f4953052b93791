//! One thread in IDLE that gives way to fifteen others, and sees every message all the same.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Instant;

use latchbox::command::IdleEnd;
use latchbox::command::IdleOptions;
use latchbox::types::{FetchItem, MailboxEvent, Uid, UidSet};
use latchbox::{Error, MailboxGuard, ReadOnly, StopHandle};

use super::{Crowd, DEADLINE, MAILBOXES, THREADS, number_in};
use crate::sessions::until;
use crate::support::dovecot::Dovecot;

/// A thread that watches the first mailbox: what it has seen.
#[derive(Default)]
pub(super) struct Watcher {
    stop: StopHandle,
    numbers: Mutex<Vec<usize>>,
    is_idling: AtomicBool,
    /// How many messages an IDLE told of.
    pushed: AtomicUsize,
}

/// Lets the watcher end when the test fails, so that the failure is told.
pub(super) struct Stopping<'w>(pub(super) &'w Watcher);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.stop.stop();
    }
}

impl Watcher {
    /// Watches until it is stopped; an error is told to `look_at`, and then it goes on.
    pub(super) fn watch(&self, crowd: &Crowd, look_at: impl Fn(Error)) {
        let mut last = None;
        while !self.stop.is_stopped() {
            let outcome = self.watch_once(crowd, &mut last);
            self.is_idling.store(false, Ordering::SeqCst);
            outcome.unwrap_or_else(&look_at);
        }
    }

    /// Holds the mailbox until another thread wants the lock.
    fn watch_once(&self, crowd: &Crowd, last: &mut Option<Uid>) -> latchbox::Result<()> {
        let options = IdleOptions::new()
            .yield_to_waiters(true)
            .stop_handle(&self.stop);
        let mut guard = crowd.session.lock_mailbox_read_only(MAILBOXES[0])?;
        loop {
            self.read_news(&mut guard, last)?;
            let known = guard.exists();
            let mut idle = guard.idle_with(&options)?;
            self.is_idling
                .store(idle.end_reason().is_none(), Ordering::SeqCst);
            let deadline = Instant::now() + DEADLINE;
            while idle.exists() <= known {
                match idle.next_until(deadline)? {
                    Some(MailboxEvent::Exists(messages)) => {
                        let more = messages.saturating_sub(known) as usize;
                        self.pushed.fetch_add(more, Ordering::SeqCst);
                    }
                    Some(_) => {}
                    None => match idle.end_reason() {
                        Some(IdleEnd::Yielded | IdleEnd::Stopped) => return Ok(()),
                        other => panic!("{other:?}"),
                    },
                }
            }
            self.is_idling.store(false, Ordering::SeqCst);
        }
    }

    /// Reads what has a higher UID than what it has read until now.
    fn read_news(
        &self,
        guard: &mut MailboxGuard<'_, ReadOnly>,
        last: &mut Option<Uid>,
    ) -> latchbox::Result<()> {
        let next = last.map_or(1, |uid| uid.value() + 1);
        let news = UidSet::from_uid(Uid::new(next).unwrap());
        let mut messages = guard.fetch(&news, [FetchItem::Envelope])?;
        while let Some(message) = messages.next()? {
            // `n:*` is the last message too when there is none from n on.
            if Some(message.uid()) > *last {
                *last = Some(message.uid());
                let number = number_in(message, MAILBOXES[0]);
                self.numbers.lock().unwrap().push(number);
            }
        }
        Ok(())
    }

    fn seen(&self) -> usize {
        self.numbers.lock().unwrap().len()
    }

    /// Waits until it has seen so many messages.
    pub(super) fn until_seen(&self, count: usize) {
        until("the watcher does not see every message", || {
            self.seen() >= count
        });
    }

    /// It has seen each of these many messages, and each once.
    pub(super) fn assert_seen_once(&self, count: usize) {
        let mut numbers = self.numbers.lock().unwrap().clone();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    }
}

#[test]
fn an_idle_that_gives_way_to_fifteen_threads_sees_every_message() {
    let server = Dovecot::start("").unwrap();
    let (crowd, watcher) = (Crowd::new(&server), Watcher::default());
    let finished = AtomicUsize::new(0);
    let mut pushes = 0;
    thread::scope(|scope| {
        let mut calls = Vec::new();
        let stopping = Stopping(&watcher);
        scope.spawn(|| watcher.watch(&crowd, |error| panic!("{error}")));
        for thread in 1..THREADS {
            let (call, called) = mpsc::channel::<()>();
            calls.push(call);
            let (crowd, finished) = (&crowd, &finished);
            scope.spawn(move || {
                for () in called {
                    crowd.round(thread).unwrap();
                    finished.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // None, a few or all of the others work while a message comes.
        let mut called = 0;
        for step in 0..24 {
            let busy = [0, 1, 4, THREADS - 1][step % 4];
            if busy == 0 {
                pushes += 1;
                until("the others do not end", || {
                    finished.load(Ordering::SeqCst) == called
                        && watcher.seen() == crowd.number_delivered(0)
                });
                until("nobody idles", || watcher.is_idling.load(Ordering::SeqCst));
            }
            called += busy;
            calls
                .iter()
                .cycle()
                .skip(step)
                .take(busy)
                .for_each(|call| call.send(()).unwrap());
            crowd.deliver(0);
            watcher.until_seen(crowd.number_delivered(0));
        }
        drop(stopping);
    });
    watcher.assert_seen_once(crowd.number_delivered(0));
    // What came while nobody else worked was told by the IDLE itself.
    let pushed = watcher.pushed.load(Ordering::SeqCst);
    assert!(pushed >= pushes, "{pushed} of {pushes}");
    crowd.session.logout().unwrap();
    server.stop();
}
