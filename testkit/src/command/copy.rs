//! COPY, MOVE and EXPUNGE.

use imap_codec::imap_types::mailbox::Mailbox as Name;
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::{BAD_NAME, Chosen};
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
        let copied = self.selected(|view, mailbox| -> Result<Vec<Message>, Answer> {
            let chosen = Chosen::new(set, uid, view)?;
            let messages = view.chosen(mailbox, &chosen);
            Ok(messages.map(|(_, message)| message.clone()).collect())
        });
        let messages = match copied {
            Some(Ok(messages)) => messages,
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
        self.selected(|_, mailbox| {
            mailbox.expunge(|message| from.binary_search(&message.uid).is_ok())
        });
        ok("Moved")
    }

    /// Takes out what is marked as deleted, or only those of them that have these UIDs.
    pub(super) fn expunge(&mut self, uids: Option<&SequenceSet>) -> Outcome {
        if self.view.as_ref().is_some_and(|view| view.read_only) {
            return no(READ_ONLY);
        }
        let done = self.selected(|view, mailbox| {
            let uids = uids.map(|uids| Numbers::resolve(uids, view.last_uid()));
            mailbox.expunge(|message| {
                let named = uids.as_ref().is_none_or(|uids| uids.contains(message.uid));
                named && message.flags.has("\\Deleted")
            })
        });
        if done.is_some() {
            ok("Expunged")
        } else {
            bad("The mailbox has gone")
        }
    }
}
