//! The commands of RFC 4314. The user has all rights to every mailbox, and the rest is written down
//! and never asked about.

use std::io;

use crate::connection::{Answer, Connection, Outcome, no, ok};
use crate::grammar::account::{Acl, AclCommand};
use crate::reply::Reply;

/// The letters of RFC 4314.
const ALL: &str = "lrswipkxtea";

impl Connection {
    pub(super) fn acl(&mut self, command: &Acl) -> Outcome {
        let account = self.account()?;
        if account.lock().get(&command.mailbox).is_none() {
            return no("[NONEXISTENT] There is no such mailbox");
        }
        match &command.of {
            AclCommand::MyRights => {
                let reply = rights_line(&command.mailbox, self.utf8);
                self.wire.send(&reply)?;
            }
            AclCommand::Get => self.say_acl(command)?,
            AclCommand::ListRights { identifier } => {
                let mut reply = Reply::new("* LISTRIGHTS ");
                reply.mailbox(&command.mailbox, self.utf8);
                reply.push(" ");
                reply.string(identifier.as_bytes());
                reply.push(" \"\"");
                ALL.chars()
                    .for_each(|right| reply.push(&format!(" {right}")));
                self.wire.send(&reply)?;
            }
            AclCommand::Set { identifier, change } => {
                return self.set_acl(&command.mailbox, identifier, change);
            }
            AclCommand::Delete { identifier } => {
                let mut mailboxes = account.lock();
                if let Some(mailbox) = mailboxes.get_mut(&command.mailbox) {
                    mailbox.acl.remove(identifier);
                }
            }
        }
        ok("Done")
    }

    fn say_acl(&mut self, command: &Acl) -> io::Result<()> {
        let account = self.account()?;
        let mut reply = Reply::new("* ACL ");
        reply.mailbox(&command.mailbox, self.utf8);
        let owner = (account.name.clone(), ALL.to_owned());
        let others = account
            .lock()
            .get(&command.mailbox)
            .map(|mailbox| mailbox.acl.clone());
        for (identifier, rights) in [owner].into_iter().chain(others.unwrap_or_default()) {
            reply.push(" ");
            reply.string(identifier.as_bytes());
            reply.push(" ");
            reply.string(rights.as_bytes());
        }
        self.wire.send(&reply)
    }

    fn set_acl(&mut self, name: &str, identifier: &str, change: &str) -> Outcome {
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let (sign, letters) = match change.split_at_checked(1) {
            Some((sign @ ("+" | "-"), letters)) => (sign, letters),
            _ => ("", change),
        };
        if !letters.chars().all(|letter| ALL.contains(letter)) {
            return Ok(Answer::Bad("There is no such right".to_owned()));
        }
        let Some(mailbox) = mailboxes.get_mut(name) else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        let had = mailbox.acl.get(identifier).cloned().unwrap_or_default();
        let has = |right: &char| match sign {
            "+" => had.contains(*right) || letters.contains(*right),
            "-" => had.contains(*right) && !letters.contains(*right),
            _ => letters.contains(*right),
        };
        let rights: String = ALL.chars().filter(has).collect();
        mailbox.acl.insert(identifier.to_owned(), rights);
        ok("Done")
    }
}

/// The whole MYRIGHTS response.
pub(super) fn rights_line(name: &str, utf8: bool) -> Reply {
    let mut reply = Reply::new("* MYRIGHTS ");
    reply.mailbox(name, utf8);
    reply.push(&format!(" {ALL}"));
    reply
}
