//! NOTIFY (RFC 5465).

use std::io;
use std::sync::Arc;

use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::fetch::MessageDataItemName as Item;

use crate::command::fetch::{Asked, items_of};
use crate::connection::{Connection, Outcome, no, ok};
use crate::extension;
use crate::notify::news::{Form, Notify};
use crate::notify::request::Request;
use crate::store::account::Watched;
use crate::waker::Waker;

impl Connection {
    pub(super) fn notify(&mut self, request: &Request) -> Outcome {
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
            Notify::begin(request.clone(), &mailboxes, form)
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
        let command = [b"x FETCH 1 ", items, b"\r\n"].concat();
        let Some(prepared) = extension::prepare(command) else {
            return Ok(());
        };
        let command = extension::decode(&prepared.bytes);
        let Some(CommandBody::Fetch {
            macro_or_item_names,
            ..
        }) = command.map(|command| command.body)
        else {
            return Ok(());
        };
        let mut items = items_of(&macro_or_item_names);
        if self.condstore && !items.contains(&Item::ModSeq) {
            items.push(Item::ModSeq);
        }
        let asked = Asked::new(items, &prepared.extension.items);
        self.send_between(first, last, &asked)
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
