//! What is asked of a server for a kind of answer, and everything looked at that the answer says.

use std::io;

use latchbox::command::List;
use latchbox::message::Fetch;
use latchbox::metadata::MetadataScope;
use latchbox::types::{
    Capability, FetchItem, Flag, SearchKey, Section, SortKey, StatusItem, StoreAction,
    ThreadAlgorithm, Uid, UidSet,
};
use latchbox::{MailboxGuard, ReadOnly, Result, Session};

/// A command that is about to be sent.
pub(crate) struct Asking<'s> {
    session: &'s Session,
    command: &'s str,
    inbox: Inbox<'s>,
}

enum Inbox<'s> {
    Examined(MailboxGuard<'s, ReadOnly>),
    Selected(MailboxGuard<'s>),
}

impl<'s> Asking<'s> {
    /// Selects what the command needs.
    pub(crate) fn new(session: &'s Session, command: &'s str) -> Result<Self> {
        let inbox = match command {
            "UID EXPUNGE" | "UID STORE" => Inbox::Selected(session.lock_mailbox("INBOX")?),
            _ => Inbox::Examined(session.lock_mailbox_read_only("INBOX")?),
        };
        Ok(Self {
            session,
            command,
            inbox,
        })
    }

    /// Sends it and looks at the answer; a sum of what that says.
    pub(crate) fn ask(&mut self) -> Result<u64> {
        let one = UidSet::unbound([Uid::MIN]);
        match &mut self.inbox {
            Inbox::Selected(inbox) if self.command == "UID EXPUNGE" => {
                Ok(inbox.expunge_uids(&one)?.count())
            }
            Inbox::Selected(inbox) => {
                let stored = inbox.store(&one, StoreAction::Add, [Flag::Seen])?;
                Ok(stored.changed().iter().map(looked_at).sum())
            }
            Inbox::Examined(inbox) => match self.command.starts_with("UID ") {
                true => of_the_mailbox(inbox, self.command),
                false => of_the_session(self.session, self.command),
            },
        }
    }
}

fn of_the_mailbox(inbox: &mut MailboxGuard<'_, ReadOnly>, command: &str) -> Result<u64> {
    let (all, everything) = (SearchKey::All, UidSet::all());
    match command {
        "UID FETCH collected" => {
            let mut messages = Vec::new();
            let fetched = inbox.fetch(&everything, [FetchItem::Rfc822Size])?;
            fetched.collect_into(&mut messages)?;
            Ok(messages.iter().map(looked_at).sum())
        }
        "UID FETCH table" => Ok(inbox.fetch_flags(&everything)?.len() as u64),
        "UID FETCH download" => {
            let mut downloads = inbox.download_each(&everything, &Section::whole())?;
            let mut octets = 0;
            while let Some(download) = downloads.next()? {
                octets += download.copy_to(&mut io::sink())?;
            }
            Ok(octets)
        }
        "UID SEARCH" => Ok(inbox.search(all)?.len()),
        "UID SORT" => Ok(inbox.sort([SortKey::Subject], all)?.len() as u64),
        "UID THREAD" => Ok(inbox.thread(ThreadAlgorithm::References, all)?.len() as u64),
        // Of these, what was asked for is all that is looked at.
        "UID FETCH flags" => fetched(inbox, &[FetchItem::Flags], |message| {
            message.flags().map_or(0, |flags| flags.count() as u64)
        }),
        "UID FETCH bodies" => fetched(inbox, &[FetchItem::BodyPeek(Section::whole())], |message| {
            let body = message.body(&Section::whole());
            body.map_or(0, |body| body.len() as u64)
        }),
        "UID FETCH envelopes" => {
            let items = [
                FetchItem::Flags,
                FetchItem::InternalDate,
                FetchItem::Rfc822Size,
                FetchItem::Envelope,
                FetchItem::BodyStructure,
            ];
            fetched(inbox, &items, looked_at)
        }
        // Many of the answers have other items than these: what comes of a message is then taken
        // for news of it, or for a piece.
        _ => {
            let items = [
                FetchItem::Flags,
                FetchItem::Envelope,
                FetchItem::BodyPeek(Section::whole()),
            ];
            fetched(inbox, &items, looked_at)
        }
    }
}

fn of_the_session(session: &Session, command: &str) -> Result<u64> {
    Ok(match command {
        "LIST RETURN" => session
            .run(List::new("*")?.return_status([StatusItem::Messages]))?
            .len() as u64,
        "LIST" => session.list("*")?.len() as u64,
        "LSUB" => session.lsub("*")?.len() as u64,
        "NAMESPACE" => session.namespace().map(|_| 1)?,
        "ID" => session.id(&[]).map(|_| 1)?,
        "STATUS" => session.status("box", [StatusItem::Messages]).map(|_| 1)?,
        "ENABLE" => session.enable(&[Capability::CondStore])?.len() as u64,
        "LANGUAGE" => session.languages()?.len() as u64,
        "GETQUOTAROOT" => session.quota().roots("box").map(|_| 1)?,
        "GETACL" => session.acl("box").get().map(|_| 1)?,
        "LISTRIGHTS" => session.acl("box").list_rights("ann").map(|_| 1)?,
        "MYRIGHTS" => session.acl("box").my_rights().map(|_| 1)?,
        "GETMETADATA" => {
            let metadata = session.metadata(MetadataScope::Server).get(["/shared/a"]);
            metadata.map(|_| 1)?
        }
        _ => session.noop().map(|()| 1)?,
    })
}

fn fetched(
    inbox: &mut MailboxGuard<'_, ReadOnly>,
    items: &[FetchItem],
    look: impl Fn(&Fetch) -> u64,
) -> Result<u64> {
    let mut messages = inbox.fetch(&UidSet::all(), items)?;
    let mut sum = 0;
    while let Some(message) = messages.next()? {
        sum += look(message);
    }
    Ok(sum)
}

/// Something of everything that the message has.
fn looked_at(message: &Fetch) -> u64 {
    let mut sum = u64::from(message.uid().value());
    sum += message.flags().map_or(0, |flags| flags.count() as u64);
    sum += message.size().unwrap_or(0);
    sum += message
        .body(&Section::whole())
        .map_or(0, |body| body.len() as u64);
    sum += message
        .binary(&Section::whole())
        .map_or(0, |body| body.len() as u64);
    if let Some(labels) = message.gmail_labels() {
        sum += labels.map(|label| label.as_str().len() as u64).sum::<u64>();
    }
    if let Ok(Some(date)) = message.internal_date() {
        sum += date.unix_timestamp().unsigned_abs();
    }
    if let Ok(envelope) = message.envelope() {
        sum += envelope.subject().len() as u64;
        sum += envelope.cc().count() as u64 + envelope.to().count() as u64;
    }
    if let Ok(structure) = message.body_structure() {
        sum += structure
            .parts()
            .filter(|part| !part.is_multipart())
            .count() as u64;
        sum += structure
            .parts()
            .filter_map(|part| part.file_name())
            .count() as u64;
    }
    sum
}
