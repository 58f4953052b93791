//! Changes that do not come from a client, and what a test compares its copy of a mailbox with.

use crate::message::{NewMessage, StoredMessage};
use crate::names::DELIMITER;
use crate::server::Server;
use crate::store::account::Account;
use crate::store::mailbox::Mailbox;

/// A mailbox as the server holds it.
#[derive(Clone, Debug)]
pub struct MailboxState {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: u32,
    /// HIGHESTMODSEQ (RFC 7162).
    pub highest_mod_seq: u64,
    /// MAILBOXID (RFC 8474), which the mailbox keeps when it is renamed; empty on a real server.
    pub mailbox_id: String,
    /// The messages in the order of their UIDs.
    pub messages: Vec<StoredMessage>,
}

/// Changes from outside, from any thread. Connected clients see them like the changes of other
/// clients: with their next command, or at once in IDLE. If there is no such user, mailbox or message,
/// each method changes nothing and returns `None`, `false` or 0.
///
/// ```
/// use latchbox_testkit::{Server, USER, message};
///
/// let server = Server::builder().mailbox("INBOX", [message("Hi", "a@example.com", "x")]).start()?;
/// assert!(server.set_flags(USER, "INBOX", 1, &["\\Seen", "$Work"]));
/// assert!(server.create_mailbox(USER, "Done"));
/// assert_eq!(server.move_message(USER, "INBOX", 1, "Done"), Some(1));
/// assert!(server.rename_mailbox(USER, "Done", "Old"));
/// assert_eq!(server.expunge(USER, "Old", [1]), 1);
/// let old = server.state(USER, "Old").unwrap();
/// assert_eq!((old.uid_next, old.messages.len()), (2, 0));
/// # Ok::<(), std::io::Error>(())
/// ```
impl Server {
    /// Returns a mailbox as it is now.
    pub fn state(&self, user: &str, mailbox: &str) -> Option<MailboxState> {
        if let Some(real) = &self.real {
            return real.state(user, mailbox);
        }
        let mailboxes = self.account(user)?.lock();
        let mailbox = mailboxes.get(mailbox)?;
        Some(MailboxState {
            uid_validity: mailbox.uid_validity,
            uid_next: mailbox.uid_next,
            highest_mod_seq: mailbox.highest_mod_seq(),
            mailbox_id: mailbox.mailbox_id(),
            messages: mailbox.stored(),
        })
    }

    /// Expunges the messages with these UIDs, marked as deleted or not. Returns how many there were.
    pub fn expunge(&self, user: &str, mailbox: &str, uids: impl IntoIterator<Item = u32>) -> usize {
        let mut uids: Vec<u32> = uids.into_iter().collect();
        uids.sort_unstable();
        if let Some(real) = &self.real {
            return real.expunge(user, mailbox, &uids);
        }
        let expunge = |mailbox: &mut Mailbox| mailbox.expunge_uids(&uids);
        self.change(user, mailbox, expunge).unwrap_or(0)
    }

    /// Replaces the flags of a message. If it has them already, nothing changes.
    /// Returns whether there is such a message.
    pub fn set_flags(&self, user: &str, mailbox: &str, uid: u32, flags: &[&str]) -> bool {
        if let Some(real) = &self.real {
            return real.set_flags(user, mailbox, uid, flags);
        }
        let flags = flags.iter().map(|flag| (*flag).to_owned()).collect();
        let set = |mailbox: &mut Mailbox| {
            let is_news = !mailbox.message(uid)?.flags.is_same(&flags);
            if is_news {
                mailbox.set_flags(uid, flags, 0);
            }
            Some(())
        };
        self.change(user, mailbox, set).flatten().is_some()
    }

    /// Moves a message to another mailbox, which is created if it does not exist. Returns its UID
    /// there.
    pub fn move_message(&self, user: &str, from: &str, uid: u32, to: &str) -> Option<u32> {
        if let Some(real) = &self.real {
            return real.move_message(user, from, uid, to);
        }
        let mut mailboxes = self.account(user)?.lock();
        let source = mailboxes.get_mut(from)?;
        let message = source.message(uid)?.clone();
        source.expunge_uids(&[uid]);
        let source = source.id;
        let target = mailboxes.create(to);
        let (new, target) = (target.append(message), target.id);
        mailboxes.changed(source);
        mailboxes.changed(target);
        Some(new)
    }

    /// Creates a mailbox, with the levels above it. Returns `false` if there is one of this name.
    pub fn create_mailbox(&self, user: &str, name: &str) -> bool {
        if let Some(real) = &self.real {
            return real.on_name(user, "CREATE", &[name]);
        }
        let Some(account) = self.account(user) else {
            return false;
        };
        let mut mailboxes = account.lock();
        let is_new = mailboxes.get(name).is_none();
        mailboxes.create(name);
        mailboxes.names_changed();
        is_new
    }

    /// Deletes a mailbox. What clients see that have it selected is set by
    /// [`deletion`](crate::Builder::deletion).
    pub fn delete_mailbox(&self, user: &str, name: &str) -> bool {
        if let Some(real) = &self.real {
            return real.on_name(user, "DELETE", &[name]);
        }
        let account = self.account(user);
        account.is_some_and(|account| account.lock().delete(name))
    }

    /// Renames a mailbox, with those below it. It keeps its UIDVALIDITY, unless the server was built
    /// with [`rename_resets_uid_validity`](crate::Builder::rename_resets_uid_validity), and stays
    /// selected where it is. Returns `false` if there is none, or one of the new name.
    pub fn rename_mailbox(&self, user: &str, from: &str, to: &str) -> bool {
        if let Some(real) = &self.real {
            return real.on_name(user, "RENAME", &[from, to]);
        }
        let Some(account) = self.account(user) else {
            return false;
        };
        let mut mailboxes = account.lock();
        if mailboxes.get(to).is_some() || to.starts_with(&format!("{from}{DELIMITER}")) {
            return false;
        }
        let Some(id) = mailboxes.get(from).map(|mailbox| mailbox.id) else {
            return false;
        };
        mailboxes.rename(from, to, self.shared.settings.rename_resets);
        mailboxes.changed(id);
        mailboxes.names_changed();
        true
    }

    /// Deletes a mailbox and creates it again with these messages. Returns the new UIDVALIDITY. What
    /// clients see that have it selected is set by [`deletion`](crate::Builder::deletion).
    pub fn reset_uid_validity<M: Into<NewMessage>>(
        &self,
        user: &str,
        mailbox: &str,
        messages: impl IntoIterator<Item = M>,
    ) -> Option<u32> {
        self.replace(user, mailbox, messages, false)
    }

    /// Like [`reset_uid_validity`](Self::reset_uid_validity), but with **the same** UIDVALIDITY, while
    /// UIDs begin at 1 again. GNU imap4d may do this after DELETE and CREATE; RFC 9051, section
    /// 2.3.1.1, does not allow it.
    pub fn restart_uids<M: Into<NewMessage>>(
        &self,
        user: &str,
        mailbox: &str,
        messages: impl IntoIterator<Item = M>,
    ) -> Option<u32> {
        self.replace(user, mailbox, messages, true)
    }

    /// Raises HIGHESTMODSEQ without a change of a message. Dovecot does this if a mailbox is
    /// subscribed to. Returns whether there is such a mailbox.
    pub fn raise_mod_seq(&self, user: &str, mailbox: &str) -> bool {
        self.only_in_process("raise_mod_seq");
        let raise = |mailbox: &mut Mailbox| mailbox.history.revise();
        self.change(user, mailbox, raise).is_some()
    }

    /// Removes from the log of a mailbox which messages were expunged so far. For a mod-sequence
    /// before this, VANISHED then reports every UID below UIDNEXT that does not exist (RFC 7162,
    /// section 3.2.10), as Dovecot does after its log was rotated.
    pub fn forget_expunges(&self, user: &str, mailbox: &str) -> bool {
        self.only_in_process("forget_expunges");
        let forget = |mailbox: &mut Mailbox| mailbox.history.forget();
        self.change(user, mailbox, forget).is_some()
    }

    /// Loses the log of a mailbox, as Dovecot does without its index: HIGHESTMODSEQ falls back to 2,
    /// and VANISHED **never** reports what was expunged so far.
    pub fn lose_mod_seqs(&self, user: &str, mailbox: &str) -> bool {
        self.only_in_process("lose_mod_seqs");
        let lose = |mailbox: &mut Mailbox| mailbox.history.lose();
        self.change(user, mailbox, lose).is_some()
    }

    /// Sets a user's quota, as [`Builder::quota`](crate::Builder::quota) does. Returns `false` if there
    /// is no such user.
    pub fn set_quota(&self, user: &str, storage: u64, messages: u64) -> bool {
        self.only_in_process("set_quota");
        let set = |account: &Account| account.lock().set_limits(storage, messages);
        self.account(user).map(set).is_some()
    }

    /// Sends NOTIFICATIONOVERFLOW to all clients of a user that have NOTIFY in force, which ends it
    /// (RFC 5465, section 5.8). Returns `false` if there is no such user.
    pub fn overflow_notifications(&self, user: &str) -> bool {
        self.only_in_process("overflow_notifications");
        let Some(account) = self.account(user) else {
            return false;
        };
        let mut mailboxes = account.lock();
        mailboxes.overflows += 1;
        mailboxes.names_changed();
        true
    }

    fn change<R>(
        &self,
        user: &str,
        mailbox: &str,
        change: impl FnOnce(&mut Mailbox) -> R,
    ) -> Option<R> {
        let mut mailboxes = self.account(user)?.lock();
        let mailbox = mailboxes.get_mut(mailbox)?;
        let (id, before) = (mailbox.id, mailbox.history.revision());
        let result = change(mailbox);
        if mailbox.history.revision() > before {
            mailboxes.changed(id);
        }
        Some(result)
    }

    fn replace<M: Into<NewMessage>>(
        &self,
        user: &str,
        mailbox: &str,
        messages: impl IntoIterator<Item = M>,
        keeps_uid_validity: bool,
    ) -> Option<u32> {
        // Before the lock: the caller's iterator may ask the server.
        let messages: Vec<NewMessage> = messages.into_iter().map(Into::into).collect();
        if let Some(real) = &self.real {
            if keeps_uid_validity {
                self.only_in_process("restart_uids");
            }
            return real.replace(user, mailbox, &messages);
        }
        let mut mailboxes = self.account(user)?.lock();
        mailboxes.get(mailbox)?;
        let mailbox = mailboxes.replace(mailbox, keeps_uid_validity);
        for message in messages {
            mailbox.append(message.into());
        }
        let uid_validity = mailbox.uid_validity;
        mailboxes.names_changed();
        Some(uid_validity)
    }
}
