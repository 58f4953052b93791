//! IDLE (RFC 2177).

use std::io;
use std::sync::Arc;

use crate::connection::{Connection, Next, Outcome, bad, ok};
use crate::grammar::session::is_done;
use crate::store::account::Watched;
use crate::waker::Waker;

impl Connection {
    pub(super) fn idle(&mut self) -> Outcome {
        let waker = self.waker()?;
        let mut watched = None;
        let outcome = self.idle_until_done(&waker, &mut watched);
        if let Some(watched) = watched {
            self.account()?.lock().unwatch(watched, &waker);
        }
        outcome
    }

    fn idle_until_done(&mut self, waker: &Arc<Waker>, watched: &mut Option<Watched>) -> Outcome {
        self.wire.say("+ idling")?;
        loop {
            self.watch_selected(waker, watched)?;
            self.sync_idle()?;
            self.tell_news()?;
            self.wire.flush()?;
            if self.next == Next::End {
                return ok("The mailbox has gone");
            }
            let is_another = *watched != self.to_watch();
            if is_another {
                continue;
            }
            if self.wire.has_input() || self.wire.stream.wait(waker)? {
                break;
            }
        }
        let Some(line) = self.wire.answer(false)? else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        match is_done(&line) {
            true => ok("Idled"),
            false => bad("DONE was expected"),
        }
    }

    /// What of the user's mailboxes wakes an IDLE.
    fn to_watch(&self) -> Option<Watched> {
        self.view.as_ref().map(|view| Watched::Mailbox(view.id))
    }

    /// Watches the selected mailbox, which may have become another.
    fn watch_selected(
        &mut self,
        waker: &Arc<Waker>,
        watched: &mut Option<Watched>,
    ) -> io::Result<()> {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let before = std::mem::replace(watched, self.to_watch());
        if let Some(before) = before {
            mailboxes.unwatch(before, waker);
        }
        if let Some(watched) = *watched {
            mailboxes.watch(watched, waker);
        }
        Ok(())
    }
}
