//! What is done by a word of a case or of a transcript, and the values that this gives.

use std::io::Read;
use std::time::Duration;

use latchbox::command::IdleOptions;
use latchbox::command::{DeleteMessages, List, Search};
use latchbox::types::{
    Capability, FetchItem, Flag, SearchKey, SearchReturn, Section, StatusItem, StoreAction,
    ThreadAlgorithm, UidSet,
};
use latchbox::{MailboxGuard, Result, Session};

use super::case::Case;
use super::show::{self, Values};
use crate::pieces::Pieces;
use crate::scripted::plain;
use crate::support::script::Script;

/// How long an event may take: far beyond what a busy machine needs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is stored where nothing else is said.
const MESSAGE: &[u8] = b"a: b\r\n\r\n";

/// Does it. What comes next works in each case: it says NOOP, unless it is about the connection.
pub(super) fn perform(case: &Case, server: &Script, pieces: Pieces) -> Vec<(String, String)> {
    let mut values = Values::default();
    if case.is_whole() {
        connection(case, server, pieces, &mut values);
        return values.0;
    }
    let client = pieces.connect(plain(server), server).unwrap();
    let session = client.login("ann", "secret").map_err(latchbox::Error::from);
    let session = session.unwrap();
    let done = if case.is_in_mailbox() {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        in_mailbox(&case.action, &mut inbox, &mut values)
    } else {
        outside(&case.action, &session, &mut values)
    };
    failed(done, &mut values);
    values.all("said", session.events());
    session.noop().unwrap();
    values.0
}

/// The first word of what is done, and what follows it.
pub(crate) fn words(action: &str) -> (&str, &str) {
    action.split_once(' ').unwrap_or((action, ""))
}

pub(crate) fn failed(done: Result<()>, values: &mut Values) {
    let Err(error) = done else { return };
    values.option("code", error.response_code());
    values.add("error", error);
}

fn connection(case: &Case, server: &Script, pieces: Pieces, values: &mut Values) {
    let mut client = match pieces.connect(plain(server), server) {
        Ok(client) => client,
        Err(error) => return values.add("error", error),
    };
    if case.verb() == "connect" {
        values.add("capabilities", client.capabilities().unwrap());
        return;
    }
    let (user, password) = case.argument().split_once(' ').unwrap_or(("ann", "secret"));
    match client.login(user, password) {
        Ok(session) => {
            values.add("capabilities", session.capabilities().unwrap());
            values.all("said", session.events());
        }
        Err(error) => {
            let (error, mut client) = error.into_parts();
            values.option("hint", error.login_hint());
            values.add("auth", error.is_auth());
            failed(Err(error), values);
            values.all("said", client.events());
        }
    }
}

/// What needs no mailbox.
pub(crate) fn outside(action: &str, session: &Session, values: &mut Values) -> Result<()> {
    let (verb, argument) = words(action);
    let or = |usual| if argument.is_empty() { usual } else { argument };
    match verb {
        "append" => show::appended(&session.append(or("Box"), MESSAGE)?, values),
        "capabilities" => values.add("capabilities", session.capabilities()?),
        "create" => session.create(argument)?,
        "enable" => values.all(
            "on",
            session.enable(&[argument.parse::<Capability>().unwrap()])?,
        ),
        "id" => identify(argument, session, values)?,
        "list" => list(argument, session, values)?,
        "lsub" => show::listed(&session.lsub(argument)?, values),
        "namespace" => show::namespaces(&session.namespace()?, values),
        "noop" => session.noop()?,
        "examine" => {
            let mailbox = session.lock_mailbox_read_only(argument)?;
            show::mailbox(&mailbox.mailbox()?, values);
        }
        "quota" => show::quotas(&session.quota().roots("INBOX")?, values),
        "select" => show::mailbox(&session.lock_mailbox(argument)?.mailbox()?, values),
        "special" => show::special(&session.special_mailboxes()?, values),
        "status" => show::status(&session.status(argument, counts())?, values),
        other => panic!("nothing is called `{other}`"),
    }
    Ok(())
}

/// Whether something is done without a mailbox.
pub(crate) fn is_outside(verb: &str) -> bool {
    const OUTSIDE: [&str; 14] = [
        "append",
        "capabilities",
        "create",
        "enable",
        "examine",
        "id",
        "list",
        "lsub",
        "namespace",
        "quota",
        "select",
        "special",
        "status",
        "login",
    ];
    OUTSIDE.contains(&verb)
}

fn counts() -> Vec<StatusItem> {
    vec![
        StatusItem::Messages,
        StatusItem::UidNext,
        StatusItem::UidValidity,
    ]
}

fn identify(argument: &str, session: &Session, values: &mut Values) -> Result<()> {
    let fields: &[(&str, &str)] = match argument {
        "" => &[],
        _ => &[("GUID", "1")],
    };
    for (name, value) in session.id(fields)?.fields() {
        values.add(name, value.unwrap_or("NIL"));
    }
    Ok(())
}

/// `list pattern`, with more of what can be told: `list children *`, `list uses *`, `list counts *`.
fn list(argument: &str, session: &Session, values: &mut Values) -> Result<()> {
    let (what, pattern) = argument.split_once(' ').unwrap_or(("", argument));
    let list = List::new(pattern)?;
    let list = match what {
        "children" => list.return_children(),
        "uses" => list.return_special_use(),
        "counts" => list.return_status(counts()),
        "subscribed" => list.return_subscribed(),
        _ => {
            show::listed(&session.list(argument)?, values);
            return Ok(());
        }
    };
    show::listed(&session.run(list)?, values);
    Ok(())
}

/// What is done in a mailbox, and what it has told then.
pub(crate) fn in_mailbox(
    action: &str,
    inbox: &mut MailboxGuard<'_>,
    values: &mut Values,
) -> Result<()> {
    let done = inside(action, inbox, values);
    values.all("event", inbox.events());
    values.add("exists", inbox.exists());
    done
}

fn inside(action: &str, inbox: &mut MailboxGuard<'_>, values: &mut Values) -> Result<()> {
    let (verb, argument) = words(action);
    let (set, rest) = words(if argument.is_empty() { "1" } else { argument });
    let target = if rest.is_empty() { "Box" } else { rest };
    let uids = || set.parse::<UidSet>().unwrap();
    match verb {
        "copy" => show::copied(&inbox.copy(&uids(), target)?, values),
        "count" => {
            let returned = inbox
                .run(Search::new(search_key(argument)).returning(SearchReturn::new().count()))?;
            values.option("count", returned.count());
        }
        "delete" => values.add("gone", inbox.delete(&uids())?.count()),
        "delete-and-unflag-others" => {
            values.add(
                "gone",
                inbox
                    .run(DeleteMessages::new(&uids()).unflag_others())?
                    .count(),
            );
        }
        "download" => download(&uids(), rest, inbox, values)?,
        "fetch" => fetch(&uids(), rest, inbox, values)?,
        "idle" => idle(argument.parse().unwrap(), inbox, values)?,
        "keep" => show::appended(&inbox.append(&b"Message-ID: <1@x>\r\n\r\n"[..])?, values),
        "move" => show::copied(&inbox.move_to(&uids(), target)?, values),
        "noop" => inbox.refresh()?,
        "search" => values.add("uids", inbox.search(search_key(argument))?),
        "store" => {
            let flag = if rest.is_empty() {
                Flag::Seen
            } else {
                rest.parse().unwrap()
            };
            let stored = inbox.store(&uids(), StoreAction::Add, [flag])?;
            values.add("changed", stored.changed().len());
        }
        "text" => text(&uids(), inbox, values)?,
        "thread" => {
            let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All)?;
            values.add("uids", threads.uids());
        }
        other => panic!("nothing is called `{other}`"),
    }
    Ok(())
}

/// `1:3`, `ALL`, `UNSEEN`, or a name of a field and a text.
fn search_key(text: &str) -> SearchKey {
    let (name, value) = words(text);
    match name {
        "ALL" => SearchKey::All,
        "UNSEEN" => SearchKey::Unseen,
        "FROM" => SearchKey::From(value.to_owned()),
        "SUBJECT" => SearchKey::Subject(value.to_owned()),
        "TEXT" => SearchKey::Text(value.to_owned()),
        "HEADER" => {
            let (name, value) = words(value);
            SearchKey::header(name, value)
        }
        "X-GM-RAW" => SearchKey::GmailRaw(value.to_owned()),
        _ => SearchKey::from(text.parse::<UidSet>().unwrap()),
    }
}

/// That many events, by IDLE or by NOOP.
fn idle(events: usize, inbox: &mut MailboxGuard<'_>, values: &mut Values) -> Result<()> {
    let options = IdleOptions::new().poll_interval(Duration::from_secs(1));
    let mut idle = inbox.idle_with(&options)?;
    for _ in 0..events {
        match idle.next_timeout(PATIENCE)? {
            Some(event) => values.add("event", event),
            None => break,
        }
    }
    idle.done()
}

fn download(
    uids: &UidSet,
    section: &str,
    inbox: &mut MailboxGuard<'_>,
    values: &mut Values,
) -> Result<()> {
    let uid = uids.iter().next().unwrap();
    let mut octets = Vec::new();
    inbox
        .download(uid, &self::section(section))?
        .copy_to(&mut octets)?;
    values.add("octets", octets.escape_ascii());
    Ok(())
}

/// The text of a message, by what its structure says.
fn text(uids: &UidSet, inbox: &mut MailboxGuard<'_>, values: &mut Values) -> Result<()> {
    let mut messages = Vec::new();
    inbox
        .fetch(uids, [FetchItem::BodyStructure])?
        .collect_into(&mut messages)?;
    let message = &messages[0];
    let structure = message.body_structure().unwrap();
    let part = structure.text_part().unwrap();
    let mut text = String::new();
    let mut part = inbox.download_text(message.uid(), &part)?;
    part.read_to_string(&mut text).unwrap();
    values.add("text", text);
    Ok(())
}

fn fetch(
    uids: &UidSet,
    items: &str,
    inbox: &mut MailboxGuard<'_>,
    values: &mut Values,
) -> Result<()> {
    let names = items.split(' ');
    let sections: Vec<_> = names.clone().filter_map(is_section).collect();
    let items: Vec<_> = names.map(item).collect();
    let mut messages = inbox.fetch(uids, items)?;
    while let Some(message) = messages.next()? {
        show::message(message, &sections, values);
    }
    Ok(())
}

fn item(name: &str) -> FetchItem {
    match name {
        "FLAGS" => FetchItem::Flags,
        "ENVELOPE" => FetchItem::Envelope,
        "BODYSTRUCTURE" => FetchItem::BodyStructure,
        "INTERNALDATE" => FetchItem::InternalDate,
        "RFC822.SIZE" => FetchItem::Rfc822Size,
        "MODSEQ" => FetchItem::ModSeq,
        "EMAILID" => FetchItem::EmailId,
        "THREADID" => FetchItem::ThreadId,
        "PREVIEW" => FetchItem::Preview,
        "X-GM-MSGID" => FetchItem::GmailMessageId,
        "X-GM-THRID" => FetchItem::GmailThreadId,
        "X-GM-LABELS" => FetchItem::GmailLabels,
        name if name.starts_with("BINARY[") => {
            FetchItem::BinaryPeek(section(&name["BINARY[".len()..name.len() - 1]))
        }
        name => match is_section(name) {
            Some(section) => section.into(),
            None => panic!("nothing fetches `{name}`"),
        },
    }
}

/// The section of `BODY[...]`.
fn is_section(name: &str) -> Option<Section> {
    let inside = name.strip_prefix("BODY[")?.strip_suffix(']')?;
    Some(section(inside))
}

/// `HEADER.FIELDS.Subject.Date` stands for `HEADER.FIELDS (Subject Date)`.
fn section(text: &str) -> Section {
    match text {
        "" => Section::whole(),
        "HEADER" => Section::whole().header(),
        "TEXT" => Section::whole().text(),
        text => match text.strip_prefix("HEADER.FIELDS.") {
            Some(names) => Section::header_fields(names.split('.')).unwrap(),
            None => Section::part(text).unwrap(),
        },
    }
}
