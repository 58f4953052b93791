//! COPY, MOVE and EXPUNGE.

use crate::command::{Chosen, Limited, cut};
use crate::connection::{Answer, Connection, Outcome, bad, no, ok};
use crate::grammar::message::Copy;
use crate::grammar::sets::Set;
use crate::numbers::ranges_text;
use crate::store::mailbox::Message;

const READ_ONLY: &str = "The mailbox was selected read-only";

impl Connection {
    pub(super) fn copy(&mut self, tag: &str, copy: &Copy) -> Outcome {
        let moves = copy.moves;
        if moves && self.view.as_ref().is_some_and(|view| view.read_only) {
            return no(READ_ONLY);
        }
        let limit = match moves {
            true => self.message_limit(),
            false => self.save_limit(),
        };
        let copied = self.selected(|view, mailbox| -> Result<(Vec<Message>, _), Answer> {
            let chosen = Chosen::new(&copy.set, copy.uid, view)?;
            let mut messages: Vec<_> = view.chosen(mailbox, &chosen).collect();
            let limited = cut(&mut messages, limit);
            if let Some(limited) = limited.filter(|_| !moves) {
                return Err(limited.refusal());
            }
            let messages = messages.into_iter().map(|(_, message)| message.clone());
            Ok((messages.collect(), limited))
        });
        let (messages, limited) = match copied {
            Some(Ok(copied)) => copied,
            Some(Err(answer)) => return Ok(answer),
            None => return no("The mailbox has gone"),
        };
        self.say_progress(tag, messages.len())?;
        let from: Vec<u32> = messages.iter().map(|message| message.uid).collect();
        let account = self.account()?;
        let (uid_validity, to) = {
            let mut mailboxes = account.lock();
            let Some(mailbox) = mailboxes.get_mut(&copy.target) else {
                return no("[TRYCREATE] There is no such mailbox");
            };
            if mailbox.read_only {
                return no("[NOPERM] That mailbox is read-only");
            }
            let to: Vec<u32> = messages.into_iter().map(|m| mailbox.append(m)).collect();
            let (id, uid_validity) = (mailbox.id, mailbox.uid_validity);
            mailboxes.changed(id);
            (uid_validity, to)
        };
        let is_reported = !from.is_empty() || self.reports_empty_copies();
        let code = if self.has("UIDPLUS") && is_reported {
            let (from_text, to) = (ranges_text(from.iter().copied()), ranges_text(to));
            format!("[COPYUID {uid_validity} {from_text} {to}] ")
        } else {
            String::new()
        };
        if !moves {
            return ok(&format!("{code}Copied"));
        }
        if !code.is_empty() {
            self.wire.say(&format!("* OK {code}Moved"))?;
        }
        self.selected(|_, mailbox| mailbox.expunge_uids(&from));
        ok(&with_code(limited, "Moved"))
    }

    /// Takes out what is marked as deleted, or only those of them that have these UIDs.
    pub(super) fn expunge(&mut self, uids: Option<&Set>) -> Outcome {
        if self.view.as_ref().is_some_and(|view| view.read_only) {
            return no(READ_ONLY);
        }
        let limit = self.message_limit().filter(|_| uids.is_some());
        let done = self.selected(|view, mailbox| {
            let uids = uids.map(|uids| Chosen::existing(uids, true, view).numbers);
            let is_named = |uid| uids.as_ref().is_none_or(|uids| uids.contains(uid));
            let messages = mailbox.messages().iter();
            let gone = messages.filter(|m| m.flags.has("\\Deleted") && is_named(m.uid));
            let mut found: Vec<(u32, &Message)> = gone.map(|message| (0, message)).collect();
            let limited = cut(&mut found, limit);
            let gone: Vec<u32> = found.iter().map(|(_, message)| message.uid).collect();
            mailbox.expunge_uids(&gone);
            limited
        });
        match done {
            Some(limited) => ok(&with_code(limited, "Expunged")),
            None => bad("The mailbox has gone"),
        }
    }
}

fn with_code(limited: Option<Limited>, text: &str) -> String {
    match limited {
        Some(limited) => format!("{} {text}", limited.code()),
        None => text.to_owned(),
    }
}
