//! The work that is counted: a command, and everything looked at that its answer says.

use std::io;

use latchbox::message::Fetch;
use latchbox::types::{
    FetchItem, SearchKey, Section, SortKey, StatusItem, ThreadAlgorithm, Uid, UidSet,
};
use latchbox::{Client, MailboxGuard, ReadOnly, Session};

use crate::answer::{Answer, KINDS, rows};
use crate::served::Served;

/// Does a kind of work on an answer of a size, and nothing else inside [`counted`].
pub(crate) fn run(work: &str, size: usize, split: usize) -> io::Result<u64> {
    let kind = |name: &str| KINDS.iter().find(|kind| kind.name == name);
    let answer = match work {
        "noop" => return many_noops(size, split).map_err(io::Error::other),
        "search" => kind("SEARCH apart").map(|kind| kind.answer(size * 8)),
        "flags" | "envelopes" | "bodies" => Some(rows(work, size)),
        name => kind(name).map(|kind| kind.answer(size)),
    };
    let answer = answer.ok_or_else(|| io::Error::other(format!("no such work: {work}")))?;
    match asked(work, answer, split) {
        // Without the data that a command is for it fails, after everything else was done.
        Err(_) if size == 0 => Ok(0),
        sum => sum.map_err(io::Error::other),
    }
}

fn many_noops(count: usize, split: usize) -> latchbox::Result<u64> {
    let session = session(Served::new(rows("flags", 0), split))?;
    session.noop()?;
    counted(|| (0..count).try_for_each(|_| session.noop())).map(|()| 0)
}

fn session(served: Served) -> latchbox::Result<Session> {
    let client = Client::builder("localhost")
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_transport(served)?;
    client.login("me", "secret").map_err(|(error, _)| error)
}

fn asked(work: &str, answer: Answer, split: usize) -> latchbox::Result<u64> {
    let command = answer.command;
    let session = session(Served::new(answer, split))?;
    if command == "UID EXPUNGE" {
        let mut inbox = session.lock_mailbox("INBOX")?;
        let uid = UidSet::unbound([Uid::MIN]);
        return counted(|| Ok(inbox.expunge_uids(&uid)?.count()));
    }
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let all = SearchKey::All;
    counted(|| match command {
        "UID FETCH" => fetched(&mut inbox),
        "UID SEARCH" => Ok(inbox.search(all)?.len().unwrap_or(0)),
        "UID SORT" => Ok(inbox.sort([SortKey::Subject], all)?.len() as u64),
        "UID THREAD" => Ok(inbox.thread(ThreadAlgorithm::References, all)?.len() as u64),
        "LIST" if work == "LIST STATUS" => {
            let entries = session.list_status("*", [StatusItem::Messages])?;
            Ok(entries.len() as u64)
        }
        "LIST" => Ok(session.list("*")?.len() as u64),
        "NAMESPACE" => session.namespace().map(|_| 1),
        "ID" => session.id(&[]).map(|_| 1),
        "STATUS" => session.status("box", [StatusItem::Messages]).map(|_| 1),
        _ => session.noop().map(|()| 1),
    })
}

fn fetched(inbox: &mut MailboxGuard<'_, ReadOnly>) -> latchbox::Result<u64> {
    let items = [
        FetchItem::Flags,
        FetchItem::Envelope,
        FetchItem::BodyPeek(Section::whole()),
    ];
    let mut messages = inbox.fetch(&UidSet::all(), items)?;
    let mut sum = 0;
    while let Some(message) = messages.next()? {
        sum += looked_at(message);
    }
    Ok(sum)
}

/// Something of everything that the message has.
fn looked_at(message: &Fetch) -> u64 {
    let mut sum = message.uid().map_or(0, |uid| u64::from(uid.value()));
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
        sum += date.timestamp().unsigned_abs();
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

/// Named, so that the tool that counts knows where to begin and to end.
#[inline(never)]
fn counted<T>(work: impl FnOnce() -> T) -> T {
    work()
}
