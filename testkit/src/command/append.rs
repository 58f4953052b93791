//! APPEND.

use imap_codec::imap_types::command::CommandBody;
use imap_codec::imap_types::datetime::DateTime;
use imap_codec::imap_types::extensions::binary::LiteralOrLiteral8;
use imap_codec::imap_types::flag::Flag;
use imap_codec::imap_types::mailbox::Mailbox as Name;

use crate::command::BAD_NAME;
use crate::connection::{Connection, Outcome, no, ok};
use crate::names;
use crate::store::flags::Flags;
use crate::store::mailbox::{Message, now};

impl Connection {
    /// `more` are the messages after the first, as commands: all are stored or none.
    pub(super) fn append(
        &mut self,
        name: &Name<'_>,
        flags: &[Flag<'_>],
        date: Option<&DateTime>,
        message: &LiteralOrLiteral8<'_>,
        more: &[CommandBody<'_>],
    ) -> Outcome {
        let mut messages = vec![self.incoming(flags, date, message)];
        for command in more {
            if let CommandBody::Append {
                flags,
                date,
                message,
                ..
            } = command
            {
                messages.push(self.incoming(flags, date.as_ref(), message));
            }
        }
        let messages: Option<Vec<_>> = messages.into_iter().collect();
        let Some(messages) = messages else {
            return no("[UNKNOWN-CTE] BINARY is not advertised");
        };
        if !more.is_empty() && messages.iter().any(|message| message.bytes.is_empty()) {
            return no("The APPEND was called off");
        }
        let limit = self.save_limit().filter(|limit| messages.len() > *limit);
        if let Some(limit) = limit {
            return no(&format!(
                "[MESSAGELIMIT {limit}] These are too many messages"
            ));
        }
        let Some(name) = names::mailbox(name, self.utf8) else {
            return no(BAD_NAME);
        };
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let Some(mailbox) = mailboxes.get_mut(&name) else {
            return no("[TRYCREATE] There is no such mailbox");
        };
        if mailbox.read_only {
            return no("[NOPERM] This mailbox is read-only");
        }
        let before = mailbox.uid_next;
        let mut uids = messages.into_iter().map(|message| mailbox.append(message));
        let first = uids.next().unwrap_or_default();
        let last = uids.last().unwrap_or(first);
        let (id, uid_validity) = (mailbox.id, mailbox.uid_validity);
        if self.has("QUOTA") && mailboxes.is_over_quota() {
            if let Some(mailbox) = mailboxes.get_mut(&name) {
                mailbox.expunge(|message| message.uid >= before);
            }
            return no("[OVERQUOTA] There is no room for it");
        }
        mailboxes.changed(id);
        match self.has("UIDPLUS") {
            true if first == last => ok(&format!("[APPENDUID {uid_validity} {first}] Appended")),
            true => ok(&format!(
                "[APPENDUID {uid_validity} {first}:{last}] Appended"
            )),
            false => ok("Appended"),
        }
    }

    /// A message as it is stored; nothing when it needs what is not advertised.
    fn incoming(
        &self,
        flags: &[Flag<'_>],
        date: Option<&DateTime>,
        message: &LiteralOrLiteral8<'_>,
    ) -> Option<Message> {
        let bytes = match message {
            LiteralOrLiteral8::Literal(literal) => literal.data(),
            LiteralOrLiteral8::Literal8(_) if !self.has("BINARY") => return None,
            LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
        };
        let date = date.map_or_else(now, |date| *date.as_ref());
        Some(Message::incoming(
            Flags::from_command(flags),
            date,
            bytes.into(),
        ))
    }
}
