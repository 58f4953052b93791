//! What is asked of a server for a kind of answer, and everything looked at that the answer says.

use std::io;

use latchbox::command::List;
use latchbox::message::{BodyStructure, Envelope, Fetch};
use latchbox::metadata::MetadataScope;
use latchbox::types::{
    Capability, DateTime, FetchItem, Flag, ModSeq, SearchKey, Section, SortKey, StatusItem,
    StoreAction, ThreadAlgorithm, Uid, UidSet,
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
        "UID FETCH mod-sequences" => {
            fetched(inbox, &[FetchItem::Flags, FetchItem::ModSeq], |message| {
                let mod_seq = message.mod_seq().map_or(0, ModSeq::value);
                mod_seq + message.flags().map_or(0, |flags| flags.count() as u64)
            })
        }
        "UID FETCH bodies" | "UID FETCH small bodies" => sections(inbox, &Section::whole()),
        "UID FETCH header fields" => {
            let names = ["Date", "From", "Subject", "Message-ID"];
            let section = Section::header_fields(names).map_err(latchbox::Error::from)?;
            sections(inbox, &section)
        }
        "UID FETCH structures" => fetched(inbox, &[FetchItem::BodyStructure], |message| {
            message.body_structure().map_or(0, of_structure)
        }),
        "UID FETCH untouched" => fetched(inbox, &OVERVIEW, |_| 1),
        "UID FETCH envelopes" => fetched(inbox, &OVERVIEW, looked_at),
        "UID FETCH everything" => fetched(inbox, &OVERVIEW, |message| {
            let date = message.internal_date().ok().flatten();
            let mut sum = date.map_or(0, |date| date.unix_timestamp().unsigned_abs());
            sum += message.flags().map_or(0, |flags| flags.count() as u64);
            sum += message.size().unwrap_or(0);
            sum += message.envelope().map_or(0, of_envelope);
            sum + message.body_structure().map_or(0, of_structure)
        }),
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

/// What a list of messages shows.
const OVERVIEW: [FetchItem; 5] = [
    FetchItem::Flags,
    FetchItem::InternalDate,
    FetchItem::Rfc822Size,
    FetchItem::Envelope,
    FetchItem::BodyStructure,
];

fn sections(inbox: &mut MailboxGuard<'_, ReadOnly>, section: &Section) -> Result<u64> {
    fetched(inbox, &[FetchItem::BodyPeek(section.clone())], |message| {
        message.body(section).map_or(0, |body| body.len() as u64)
    })
}

/// Every field of an envelope, and everything of each address.
fn of_envelope(envelope: Envelope<'_>) -> u64 {
    let Some(date) = envelope.date() else {
        return 0;
    };
    let mut sum = date.instant().map_or(0, DateTime::unix_timestamp);
    let mut add = |octets: usize| sum += octets as i64;
    add(envelope.subject().len());
    let all = [
        envelope.from(),
        envelope.sender(),
        envelope.reply_to(),
        envelope.to(),
        envelope.cc(),
        envelope.bcc(),
    ];
    for address in all.into_iter().flatten() {
        add(address.name().map_or(0, |name| name.len()));
        add(address.mailbox().len());
        add(address.host().map_or(0, |host| host.len()));
    }
    add(envelope.in_reply_to().map_or(0, |id| id.len()));
    add(envelope.message_id().map_or(0, |id| id.len()));
    sum.unsigned_abs()
}

/// Everything of each part, except names of files, which are made when they are asked for.
fn of_structure(structure: BodyStructure<'_>) -> u64 {
    let mut sum = 0;
    for part in structure.parts() {
        sum += part.media_type().len() + part.media_subtype().len() + part.encoding().len();
        sum += part.parameter("charset").map_or(0, |charset| charset.len());
        sum += part.id().map_or(0, |id| id.len());
        sum += part.description().map_or(0, |text| text.len());
        sum += part.disposition().map_or(0, |it| it.kind().len());
        sum += part.octets().map_or(0, |_| 1) + part.lines().map_or(0, |_| 1);
    }
    sum as u64
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
