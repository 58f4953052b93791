//! COPY, MOVE and EXPUNGE.

use imap_codec::imap_types::mailbox::Mailbox as Name;
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::{BAD_NAME, Chosen, Limited, cut};
use crate::connection::{Answer, Connection, Outcome, bad, no, ok};
use crate::names;
use crate::numbers::{Numbers, ranges_text};
use crate::store::mailbox::Message;

const READ_ONLY: &str = "The mailbox was selected read-only";

impl Connection {
    pub(super) fn copy(
        &mut self,
        set: &SequenceSet,
        uid: bool,
        target: &Name<'_>,
        moves: bool,
    ) -> Outcome {
        if moves && self.view.as_ref().is_some_and(|view| view.read_only) {
            return no(READ_ONLY);
        }
        let Some(target) = names::mailbox(target, self.utf8) else {
            return no(BAD_NAME);
        };
        let limit = match moves {
            true => self.message_limit(),
            false => self.save_limit(),
        };
        let copied = self.selected(|view, mailbox| -> Result<(Vec<Message>, _), Answer> {
            let chosen = Chosen::new(set, uid, view)?;
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
        let from: Vec<u32> = messages.iter().map(|message| message.uid).collect();
        let account = self.account()?;
        let (uid_validity, to) = {
            let mut mailboxes = account.lock();
            let Some(mailbox) = mailboxes.get_mut(&target) else {
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
        let code = if self.has("UIDPLUS") && !from.is_empty() {
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
    pub(super) fn expunge(&mut self, uids: Option<&SequenceSet>) -> Outcome {
        if self.view.as_ref().is_some_and(|view| view.read_only) {
            return no(READ_ONLY);
        }
        let limit = self.message_limit().filter(|_| uids.is_some());
        let done = self.selected(|view, mailbox| {
            let uids = uids.map(|uids| Numbers::resolve(uids, view.last_uid()));
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
