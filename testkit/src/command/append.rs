//! APPEND, and putting messages together (CATENATE, RFC 4469).

use crate::connection::{Answer, Connection, Outcome};
use crate::grammar::append::{Append, Incoming, Piece};
use crate::mime::section;
use crate::store::account::Mailboxes;
use crate::store::flags::Flags;
use crate::store::mailbox::{Message, now};
use crate::url::Url;

impl Connection {
    pub(super) fn append(&mut self, append: Append) -> Outcome {
        let appended = self.store_appended(append)?;
        Ok(match appended {
            Ok(code) => Answer::Ok(code + "Appended"),
            Err(answer) => answer,
        })
    }

    /// Stores all messages or none; returns the response code with their UIDs.
    pub(super) fn store_appended(
        &mut self,
        append: Append,
    ) -> std::io::Result<Result<String, Answer>> {
        let no = |text: &str| Ok(Err(Answer::No(text.to_owned())));
        let count = append.messages.len();
        if let Some(limit) = self.save_limit().filter(|limit| count > *limit) {
            let text = format!("[MESSAGELIMIT {limit}] These are too many messages");
            return no(&text);
        }
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let messages = append.messages.into_iter();
        let messages = messages.map(|incoming| put_together(incoming, &mailboxes));
        let messages = match messages.collect::<Result<Vec<_>, _>>() {
            Ok(messages) => messages,
            Err(url) => return no(&format!("[BADURL \"{url}\"] There is no such message")),
        };
        if count > 1 && messages.iter().any(|message| message.bytes.is_empty()) {
            return no("The APPEND was called off");
        }
        let name = append.mailbox;
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
        Ok(Ok(match self.has("UIDPLUS") {
            true if first == last => format!("[APPENDUID {uid_validity} {first}] "),
            true => format!("[APPENDUID {uid_validity} {first}:{last}] "),
            false => String::new(),
        }))
    }
}

/// A message as it is stored, or the URL of what is not there.
fn put_together(incoming: Incoming, mailboxes: &Mailboxes) -> Result<Message, String> {
    let mut bytes = Vec::new();
    for piece in incoming.pieces {
        match piece {
            Piece::Octets(octets) if bytes.is_empty() => bytes = octets,
            Piece::Octets(octets) => bytes.extend_from_slice(&octets),
            Piece::Url(url) => {
                let octets = of_url(&url, mailboxes).ok_or(url)?;
                bytes.extend_from_slice(&octets);
            }
        }
    }
    let flags: Flags = incoming.flags.into_iter().collect();
    let date = incoming.date.unwrap_or_else(now);
    Ok(Message::incoming(flags, date, bytes.into()))
}

/// The message or the section of one that has a URL.
fn of_url(url: &str, mailboxes: &Mailboxes) -> Option<Vec<u8>> {
    let url = Url::parse(url)?;
    let mailbox = mailboxes.get(&url.mailbox)?;
    let is_same = |uid_validity: u32| uid_validity == mailbox.uid_validity;
    let message = mailbox
        .message(url.uid)
        .filter(|_| url.uid_validity.is_none_or(is_same))?;
    let octets = match &url.section {
        Some(section) => section::content(&message.bytes, section)?.into_owned(),
        None => message.bytes.to_vec(),
    };
    Some(section::partial(&octets, url.partial).to_vec())
}
