//! APPEND.

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
    pub(super) fn append(
        &mut self,
        name: &Name<'_>,
        flags: &[Flag<'_>],
        date: Option<&DateTime>,
        message: &LiteralOrLiteral8<'_>,
    ) -> Outcome {
        let bytes = match message {
            LiteralOrLiteral8::Literal(literal) => literal.data(),
            LiteralOrLiteral8::Literal8(_) if !self.has("BINARY") => {
                return no("[UNKNOWN-CTE] BINARY is not advertised");
            }
            LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
        };
        let Some(name) = names::mailbox(name) else {
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
        let date = date.map_or_else(now, |date| *date.as_ref());
        let message = Message::incoming(Flags::from_command(flags), date, bytes.into());
        let uid = mailbox.append(message);
        let uid_validity = mailbox.uid_validity;
        mailboxes.changed(uid_validity);
        if self.has("UIDPLUS") {
            ok(&format!("[APPENDUID {uid_validity} {uid}] Appended"))
        } else {
            ok("Appended")
        }
    }
}
