//! STATUS.

use crate::connection::{Connection, Outcome, no, ok};
use crate::grammar::mailboxes::StatusItem;
use crate::reply::Reply;
use crate::store::mailbox::Mailbox;

impl Connection {
    pub(super) fn status(&mut self, name: &str, items: &[StatusItem]) -> Outcome {
        self.condstore |= items.contains(&StatusItem::HighestModSeq);
        let account = self.account()?;
        let reply = account
            .lock()
            .get(name)
            .map(|mailbox| self.status_line(name, mailbox, items));
        let Some(reply) = reply else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        self.wire.send(&reply)?;
        ok("Done")
    }

    /// The whole STATUS response.
    pub(super) fn status_line(&self, name: &str, mailbox: &Mailbox, items: &[StatusItem]) -> Reply {
        let limit = self.shared.settings.append_limit;
        let values = items.iter().map(|item| value(mailbox, *item, limit));
        status_text(name, &values.collect::<Vec<_>>(), self.utf8)
    }
}

/// A STATUS response with these items and their values.
pub(crate) fn status_text(name: &str, values: &[String], utf8: bool) -> Reply {
    let mut reply = Reply::new("* STATUS ");
    reply.mailbox(name, utf8);
    reply.push(&format!(" ({})", values.join(" ")));
    reply
}

fn value(mailbox: &Mailbox, item: StatusItem, append_limit: u32) -> String {
    match item {
        StatusItem::MailboxId => format!("MAILBOXID ({})", mailbox.mailbox_id()),
        StatusItem::AppendLimit => format!("APPENDLIMIT {append_limit}"),
        StatusItem::Messages => format!("MESSAGES {}", mailbox.uids().len()),
        StatusItem::Recent => format!("RECENT {}", mailbox.recent()),
        StatusItem::UidNext => format!("UIDNEXT {}", mailbox.uid_next),
        StatusItem::UidValidity => format!("UIDVALIDITY {}", mailbox.uid_validity),
        StatusItem::Unseen => format!("UNSEEN {}", mailbox.count("\\Seen", false)),
        StatusItem::Deleted => format!("DELETED {}", mailbox.count("\\Deleted", true)),
        StatusItem::DeletedStorage => {
            let octets = mailbox
                .messages()
                .iter()
                .filter(|message| message.flags.has("\\Deleted"))
                .map(|message| message.bytes.len())
                .sum::<usize>();
            format!("DELETED-STORAGE {octets}")
        }
        StatusItem::Size => format!("SIZE {}", mailbox.octets()),
        StatusItem::HighestModSeq if mailbox.no_mod_seq => "HIGHESTMODSEQ 0".to_owned(),
        StatusItem::HighestModSeq => {
            format!("HIGHESTMODSEQ {}", mailbox.highest_mod_seq())
        }
    }
}
