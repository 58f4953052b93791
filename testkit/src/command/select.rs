//! SELECT, EXAMINE, CLOSE and UNSELECT.

use imap_codec::imap_types::mailbox::Mailbox as Name;

use crate::command::BAD_NAME;
use crate::command::list::line;
use crate::connection::{Connection, Outcome, no, ok};
use crate::names;
use crate::store::flags::Flags;
use crate::store::mailbox::Mailbox;
use crate::store::view::View;

/// What the client may set for good.
const FLAGS: &str = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

impl Connection {
    pub(super) fn select(&mut self, name: &Name<'_>, examine: bool, condstore: bool) -> Outcome {
        self.saved.clear();
        if self.view.take().is_some() {
            self.wire
                .say("* OK [CLOSED] The previous mailbox is closed")?;
        }
        let Some(name) = names::mailbox(name, self.utf8) else {
            return no(BAD_NAME);
        };
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let Some(mailbox) = mailboxes.get_mut(&name) else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        self.condstore |= condstore;
        let view = View::new(&name, mailbox, examine, self.id);
        let lines = self.selection(&view, mailbox);
        drop(mailboxes);
        for line in lines {
            self.wire.say(&line)?;
        }
        if self.rev2 {
            self.wire.send(&line("LIST", "", &name, self.utf8))?;
        }
        let mode = if view.read_only {
            "READ-ONLY"
        } else {
            "READ-WRITE"
        };
        self.view = Some(view);
        ok(&format!("[{mode}] Selected"))
    }

    fn selection(&self, view: &View, mailbox: &Mailbox) -> Vec<String> {
        let permanent = if view.read_only {
            String::new()
        } else {
            format!("{FLAGS} \\*")
        };
        let mut flags = Flags::default();
        mailbox
            .messages
            .iter()
            .flat_map(|message| message.flags.iter())
            .for_each(|flag| {
                if !FLAGS.contains(flag) {
                    flags.insert(flag);
                }
            });
        let keywords: String = flags.iter().map(|keyword| format!(" {keyword}")).collect();
        let mut lines = vec![
            format!("* FLAGS ({FLAGS}{keywords})"),
            format!("* OK [PERMANENTFLAGS ({permanent})] What can be set"),
            format!("* {} EXISTS", view.exists()),
        ];
        if !self.rev2 {
            lines.push(format!("* {} RECENT", view.recent()));
        }
        lines.extend([
            format!("* OK [UIDVALIDITY {}] UIDs are valid", mailbox.uid_validity),
            format!("* OK [UIDNEXT {}] The next UID", mailbox.uid_next),
        ]);
        let unseen = mailbox
            .messages
            .iter()
            .position(|message| !message.flags.has("\\Seen"));
        if let Some(at) = unseen.filter(|_| !self.rev2) {
            lines.push(format!("* OK [UNSEEN {}] The first unseen message", at + 1));
        }
        if self.has("CONDSTORE") {
            let mod_seq = mailbox.highest_mod_seq;
            lines.push(format!("* OK [HIGHESTMODSEQ {mod_seq}] The last change"));
        }
        lines
    }

    /// Leaves the selected mailbox; CLOSE takes out what is marked as deleted.
    pub(super) fn close(&mut self, expunge: bool) -> Outcome {
        if expunge && self.view.as_ref().is_some_and(|view| !view.read_only) {
            self.selected(|_, mailbox| mailbox.expunge(|message| message.flags.has("\\Deleted")));
        }
        self.view = None;
        ok("Nothing is selected now")
    }
}
