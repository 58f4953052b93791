//! CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE.

use crate::connection::{Connection, Outcome, no, ok};
use crate::names::DELIMITER;

/// The refusal of a name that no mailbox can have.
const BAD_NAME: &str = "[CANNOT] This is no mailbox name";

impl Connection {
    pub(super) fn create(&mut self, name: &str, uses: &[String]) -> Outcome {
        let name = name.strip_suffix(DELIMITER).unwrap_or(name);
        if name.is_empty() || name.split(DELIMITER).any(str::is_empty) {
            return no(BAD_NAME);
        }
        let known = [
            "\\Archive",
            "\\Drafts",
            "\\Important",
            "\\Junk",
            "\\Sent",
            "\\Trash",
        ];
        if uses
            .iter()
            .any(|own| !known.iter().any(|known| own.eq_ignore_ascii_case(known)))
        {
            return no("[USEATTR] No mailbox can be made for this");
        }
        let account = self.account()?;
        let mut mailboxes = account.lock();
        if mailboxes.get(name).is_some() {
            return no("[ALREADYEXISTS] There is such a mailbox");
        }
        let id = mailboxes.create(name).mailbox_id();
        for attribute in uses {
            mailboxes.set_special_use(name, attribute);
        }
        mailboxes.names_changed();
        match self.has("OBJECTID") {
            true => ok(&format!("[MAILBOXID ({id})] Created")),
            false => ok("Created"),
        }
    }

    pub(super) fn delete(&mut self, name: &str) -> Outcome {
        if name == "INBOX" {
            return no("[CANNOT] INBOX stays");
        }
        if self.account()?.lock().delete(name) {
            ok("Deleted")
        } else {
            no("[NONEXISTENT] There is no such mailbox")
        }
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> Outcome {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        if to.is_empty() || to.starts_with(&format!("{from}{DELIMITER}")) {
            return no(BAD_NAME);
        }
        if mailboxes.get(to).is_some() {
            return no("[ALREADYEXISTS] There is such a mailbox");
        }
        let Some(source) = mailboxes.get(from) else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        let id = source.id;
        let resets = self.shared.settings.rename_resets;
        mailboxes.rename(from, to, resets);
        mailboxes.changed(id);
        mailboxes.names_changed();
        ok("Renamed")
    }

    pub(super) fn subscribe(&mut self, name: String, subscribe: bool) -> Outcome {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        if subscribe {
            mailboxes.subscribed.insert(name);
        } else {
            mailboxes.subscribed.remove(&name);
        }
        mailboxes.names_changed();
        ok("Done")
    }
}
