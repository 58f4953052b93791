//! The work that is counted.

use std::io;

use latchbox::command::List;
use latchbox::sync::{FetchChanges, History};
use latchbox::types::{Capability, StatusItem, Uid};
use latchbox::{Client, ClientBuilder, Session};

use crate::answer::{Answer, mailboxes, of_kind, rows};
use crate::ask::Asking;
use crate::batched;
use crate::kinds::{Form, Kind, kind_of_name};
use crate::served::Served;
use crate::watched;

/// The work whose size is the number of watches.
pub(crate) const CHANGES_AMONG_WATCHES: &str = "changes among watches";

/// Does a kind of work on an answer of a size, and nothing else inside [`counted`].
///
/// The work is a path of [`EACH`](crate::EACH), or the name of a kind with its form and place before
/// it: see [`name_of`].
pub(crate) fn run(work: &str, size: usize, split: usize) -> io::Result<u64> {
    let done = match work {
        "noop" => many_noops(size, split),
        "append" => nothing_but(split).and_then(|it| appends(&it, size)),
        "lock" => nothing_but(split).and_then(|it| locks(&it, size)),
        "batched noop" => nothing_but(split).and_then(|it| batched::noops(&it, size)),
        "batched store" => nothing_but(split).and_then(|it| batched::stores(&it, size)),
        "batched append" => nothing_but(split).and_then(|it| batched::appends(&it, size)),
        "list" | "list, other letters" | "list, counts" => listed(work, size, split),
        "search" => {
            let answer = named("SEARCH apart")?;
            let answer = of_kind(answer, Form::Long, size * 8)?;
            answered("UID SEARCH", answer, split)
        }
        "flags" | "mod-sequences" | "untouched" | "envelopes" | "everything" | "structures"
        | "header fields" | "small bodies" | "bodies" => {
            answered(&format!("UID FETCH {work}"), rows(work, size), split)
        }
        "first sync" => first_sync(size, split),
        "sync of nothing" => next_syncs(size, split, None),
        "sync of one change" => next_syncs(size, split, Some(500_000)),
        CHANGES_AMONG_WATCHES => watched::changes(size, |work| counted(work)),
        work => {
            let (form, place, name) = parts_of(work)?;
            let kind = named(name)?;
            let answer = of_kind(kind, form, size)?;
            let done = match place {
                Place::Session => answered(kind.command, answer, split),
                Place::BeforeTls => before_tls(answer, split),
            };
            match done {
                // Some kinds make no answer, which is told after everything was done. What ends the
                // connection ends the work.
                Err(error) if !error.is_closed() => Ok(0),
                // The rest is not read once the server has said that it goes.
                Err(_) if name == "BYE" => Ok(0),
                done => done,
            }
        }
    };
    done.map_err(io::Error::other)
}

/// Where a response comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Session,
    BeforeTls,
}

/// How this work is called.
pub(crate) fn name_of(kind: &Kind, form: Form, place: Place) -> String {
    format!("{form:?}/{place:?}/{}", kind.name)
}

fn parts_of(work: &str) -> io::Result<(Form, Place, &str)> {
    let unknown = || io::Error::other(format!("no such work: {work}"));
    let mut parts = work.splitn(3, '/');
    let form = match parts.next() {
        Some("Long") => Form::Long,
        Some("Short") => Form::Short,
        _ => return Err(unknown()),
    };
    let place = match parts.next() {
        Some("Session") => Place::Session,
        Some("BeforeTls") => Place::BeforeTls,
        _ => return Err(unknown()),
    };
    Ok((form, place, parts.next().ok_or_else(unknown)?))
}

fn named(name: &str) -> io::Result<&'static Kind> {
    kind_of_name(name).ok_or_else(|| io::Error::other(format!("no such kind: {name}")))
}

/// The flags of all messages, by the first sync of a mailbox, in one batch.
fn first_sync(count: usize, split: usize) -> latchbox::Result<u64> {
    let session = session(Served::new(rows("flags", count), split))?;
    let mut inbox = session.lock_mailbox_read_only("INBOX")?;
    let size = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    counted(|| {
        let mut changes = inbox.changes(FetchChanges::since(None).batch_size(size))?;
        let mut messages = 0;
        while let Some(batch) = changes.next()? {
            messages += batch.checkpoint().known().len();
        }
        Ok(messages)
    })
}

/// All mailboxes.
fn listed(work: &str, count: usize, split: usize) -> latchbox::Result<u64> {
    let session = session(Served::new(mailboxes(work, count), split))?;
    let mut list = List::new("*")?;
    if work == "list, counts" {
        list = list.return_status([StatusItem::Messages, StatusItem::Unseen]);
    }
    counted(|| Ok(session.run(list)?.len() as u64))
}

/// So many syncs of a mailbox with a million messages, each from the same checkpoint.
fn next_syncs(count: usize, split: usize, changed: Option<u32>) -> latchbox::Result<u64> {
    let answer = Answer {
        exists: 1_000_000,
        ..rows("flags", 0)
    };
    let served = Served::new(answer, split);
    let session = session(match changed {
        Some(uid) => served.with_change(uid),
        None => served,
    })?;
    session.enable(&[Capability::Qresync])?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let none = FetchChanges::since(None).history(History::Newest(0));
    let mut changes = inbox.changes(none)?;
    while changes.next()?.is_some() {}
    let mut checkpoint = changes.checkpoint().clone();
    // In place of a first sync, the program has all messages because it has copied them there.
    let all = inbox.uids_in(Uid::MIN..=Uid::try_from(1_000_000)?);
    checkpoint.note(&inbox.copy(&all, "INBOX")?);
    drop(inbox);
    counted(|| {
        let mut messages = 0;
        for _ in 0..count {
            let request = session.mailbox("INBOX").since(Some(&checkpoint));
            let mut inbox = request.lock()?;
            let mut changes = inbox.changes_since(Some(&checkpoint))?;
            while let Some(batch) = changes.next()? {
                messages += batch.checkpoint().known().len();
            }
        }
        Ok(messages)
    })
}

/// A session of a server that prepares no answer.
fn nothing_but(split: usize) -> latchbox::Result<Session> {
    session(Served::new(rows("flags", 0), split))
}

/// So many APPENDs of 1 KiB, one at a time.
fn appends(session: &Session, count: usize) -> latchbox::Result<u64> {
    let message = [b'x'; 1024];
    let mut append = |_| session.append("INBOX", &message[..]).map(|_| ());
    counted(|| (0..count).try_for_each(&mut append)).map(|()| 0)
}

/// So many locks of the mailbox that is selected, each released at once.
fn locks(session: &Session, count: usize) -> latchbox::Result<u64> {
    let lock = |_| session.lock_mailbox("INBOX").map(drop);
    lock(0)?;
    counted(|| (0..count).try_for_each(lock)).map(|()| 0)
}

fn many_noops(count: usize, split: usize) -> latchbox::Result<u64> {
    let session = nothing_but(split)?;
    session.noop()?;
    counted(|| (0..count).try_for_each(|_| session.noop())).map(|()| 0)
}

/// Limits that no answer here meets: what is measured is what it costs to go on.
fn builder() -> ClientBuilder {
    const MANY: usize = 100_000_000;
    Client::builder("localhost")
        .list_limit(MANY)
        .parts_limit(MANY)
        .items_limit(MANY)
        .rows_limit(u64::MAX)
}

fn session(served: Served) -> latchbox::Result<Session> {
    let client = builder()
        .danger_plaintext()
        .danger_cleartext_login()
        .connect_transport(served)?;
    client.login("me", "secret").map_err(latchbox::Error::from)
}

/// The answer comes to the CAPABILITY before STARTTLS, which is then refused.
fn before_tls(answer: Answer, split: usize) -> latchbox::Result<u64> {
    let answer = Answer {
        command: "CAPABILITY",
        ..answer
    };
    let served = Served::new(answer, split).without_capabilities();
    counted(|| builder().start_tls().connect_transport(served)).map(|_| 1)
}

fn answered(command: &str, answer: Answer, split: usize) -> latchbox::Result<u64> {
    let session = session(Served::new(answer, split))?;
    let mut asking = Asking::new(&session, command)?;
    counted(|| asking.ask())
}

/// Named, so that the tool that counts knows where to begin and to end.
#[inline(never)]
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> T {
    work()
}
