//! NOTIFY (RFC 5465).

use std::io;
use std::sync::Arc;

use crate::connection::{Connection, Outcome, no, ok};
use crate::grammar::fetch::Item;
use crate::grammar::notify::Request;
use crate::notify::news::{Form, Notify};
use crate::store::account::Watched;
use crate::waker::Waker;

impl Connection {
    pub(super) fn notify(&mut self, request: Request) -> Outcome {
        if !request.unknown.is_empty() {
            let names = request.unknown.join(" ");
            return no(&format!("[BADEVENT {names}] Unsupported NOTIFY events"));
        }
        self.stop_notifying();
        if request.is_none {
            return ok("Done");
        }
        let waker = self.waker()?;
        let form = self.form();
        let account = self.account()?;
        let (notify, lines) = {
            let mut mailboxes = account.lock();
            mailboxes.watch(Watched::All, &waker);
            Notify::begin(request, &mailboxes, form)
        };
        self.notify = Some(notify);
        lines.iter().try_for_each(|line| self.wire.send(line))?;
        ok("Done")
    }

    /// Waits for the client while NOTIFY is in force, and tells it what changes meanwhile.
    pub(crate) fn wait_notified(&mut self) -> io::Result<()> {
        while self.notify.is_some() {
            let waker = self.waker()?;
            self.tell_news()?;
            self.wire.flush()?;
            if self.wire.has_input() || self.wire.stream.wait(&waker)? {
                break;
            }
        }
        Ok(())
    }

    /// Tells what NOTIFY asked for.
    pub(crate) fn tell_news(&mut self) -> io::Result<()> {
        let form = self.form();
        let (Some(notify), Some(account)) = (&mut self.notify, &self.account) else {
            return Ok(());
        };
        let mailboxes = account.lock();
        if notify.is_over(&mailboxes) {
            drop(mailboxes);
            self.stop_notifying();
            let text = "* OK [NOTIFICATIONOVERFLOW] There is too much to tell";
            return self.wire.say(text);
        }
        let lines = notify.news(&mailboxes, form);
        drop(mailboxes);
        lines.iter().try_for_each(|line| self.wire.send(line))
    }

    pub(crate) fn stop_notifying(&mut self) {
        self.notify = None;
        if let (Some(waker), Some(account)) = (&self.waker, &self.account) {
            account.lock().unwatch(Watched::All, waker);
        }
    }

    /// Sends the items of new messages in the selected mailbox that NOTIFY asked for.
    pub(crate) fn announce(&mut self, first: u32, last: u32) -> io::Result<()> {
        let items = self
            .notify
            .as_ref()
            .and_then(|n| n.request.selected_items());
        let Some(items) = items else {
            return Ok(());
        };
        let mut items = items.to_vec();
        if self.condstore && !items.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        self.send_between(first, last, &items)
    }

    /// What wakes this connection while it waits.
    pub(super) fn waker(&mut self) -> io::Result<Arc<Waker>> {
        let waker = match &self.waker {
            Some(waker) => Arc::clone(waker),
            None => Arc::new(Waker::new()?),
        };
        self.waker = Some(Arc::clone(&waker));
        Ok(waker)
    }

    fn form(&self) -> Form {
        Form {
            utf8: self.utf8,
            mod_seqs: self.has("CONDSTORE"),
            selected: self.view.as_ref().map(|view| view.id),
        }
    }
}
