//! STATUS.

use imap_codec::imap_types::mailbox::Mailbox as Name;
use imap_codec::imap_types::status::StatusDataItemName;

use crate::command::BAD_NAME;
use crate::connection::{Connection, Outcome, no, ok};
use crate::extension::MailboxId;
use crate::names;
use crate::reply::Reply;
use crate::store::mailbox::Mailbox;

impl Connection {
    pub(super) fn status(
        &mut self,
        name: &Name<'_>,
        items: &[StatusDataItemName],
        id: MailboxId,
    ) -> Outcome {
        let Some(name) = names::mailbox(name, self.utf8) else {
            return no(BAD_NAME);
        };
        self.condstore |= items.contains(&StatusDataItemName::HighestModSeq);
        let account = self.account()?;
        let reply = account
            .lock()
            .get(&name)
            .map(|mailbox| status_line(&name, mailbox, (items, id), self.utf8));
        let Some(reply) = reply else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        self.wire.send(&reply)?;
        ok("Done")
    }
}

/// The whole STATUS response.
pub(super) fn status_line(
    name: &str,
    mailbox: &Mailbox,
    (items, id): (&[StatusDataItemName], MailboxId),
    utf8: bool,
) -> Reply {
    let items = items.iter().filter(|_| id != MailboxId::Alone);
    let mut values: Vec<String> = items.map(|item| value(mailbox, item)).collect();
    if id != MailboxId::Unasked {
        values.push(format!("MAILBOXID ({})", mailbox.mailbox_id()));
    }
    status_text(name, &values, utf8)
}

/// A STATUS response with these items and their values.
pub(crate) fn status_text(name: &str, values: &[String], utf8: bool) -> Reply {
    let mut reply = Reply::new("* STATUS ");
    reply.mailbox(name, utf8);
    reply.push(&format!(" ({})", values.join(" ")));
    reply
}

fn value(mailbox: &Mailbox, item: &StatusDataItemName) -> String {
    match item {
        StatusDataItemName::Messages => format!("MESSAGES {}", mailbox.uids().len()),
        StatusDataItemName::Recent => format!("RECENT {}", mailbox.recent()),
        StatusDataItemName::UidNext => format!("UIDNEXT {}", mailbox.uid_next),
        StatusDataItemName::UidValidity => format!("UIDVALIDITY {}", mailbox.uid_validity),
        StatusDataItemName::Unseen => format!("UNSEEN {}", mailbox.count("\\Seen", false)),
        StatusDataItemName::Deleted => format!("DELETED {}", mailbox.count("\\Deleted", true)),
        StatusDataItemName::DeletedStorage => {
            let octets = mailbox
                .messages()
                .iter()
                .filter(|message| message.flags.has("\\Deleted"))
                .map(|message| message.bytes.len())
                .sum::<usize>();
            format!("DELETED-STORAGE {octets}")
        }
        StatusDataItemName::Size => format!("SIZE {}", mailbox.octets()),
        StatusDataItemName::HighestModSeq if mailbox.no_mod_seq => "HIGHESTMODSEQ 0".to_owned(),
        StatusDataItemName::HighestModSeq => {
            format!("HIGHESTMODSEQ {}", mailbox.highest_mod_seq())
        }
    }
}
