//! REPLACE (RFC 8508): stores a message and removes the one that it replaces.

use crate::command::Chosen;
use crate::connection::{Answer, Connection, Outcome, no, ok};
use crate::grammar::append::Replace;

impl Connection {
    pub(super) fn replace(&mut self, replace: Replace) -> Outcome {
        if self.view.as_ref().is_some_and(|view| view.read_only) {
            return no("The mailbox was selected read-only");
        }
        let old = self.selected(|view, mailbox| -> Result<_, Answer> {
            let chosen = Chosen::new(&replace.set, replace.uid, view)?;
            let mut found = view.chosen(mailbox, &chosen);
            Ok(found.next().map(|(_, message)| message.uid))
        });
        let old = match old {
            Some(Ok(Some(uid))) => uid,
            Some(Err(answer)) => return Ok(answer),
            Some(Ok(None)) => return no("There is no message to replace"),
            None => return no("The mailbox has gone"),
        };
        let code = match self.store_appended(replace.append)? {
            Ok(code) => code,
            Err(answer) => return Ok(answer),
        };
        // The UID of the new message comes before the old one is reported as expunged.
        if !code.is_empty() {
            self.wire.say(&format!("* OK {code}Replaced"))?;
        }
        self.selected(|_, mailbox| mailbox.expunge_uids(&[old]));
        ok("Replaced")
    }
}
