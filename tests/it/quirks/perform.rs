//! What a case does, by its first word, and the values that this gives.

use latchbox::types::{
    FetchItem, Flag, ListOptions, SearchKey, Section, StatusItem, StoreAction, ThreadAlgorithm,
    UidSet,
};
use latchbox::{MailboxGuard, Result, Session};

use super::case::Case;
use super::show::{self, Values};
use crate::scripted::{log_in, plain};
use crate::support::script::Script;

/// Does it. What comes next works in each case: it says NOOP, unless it is about the connection.
pub(super) fn perform(case: &Case, server: &Script) -> Vec<(String, String)> {
    let mut values = Values::default();
    if case.is_whole() {
        connection(case, server, &mut values);
        return values.0;
    }
    let session = log_in(plain(server));
    let done = if case.is_in_mailbox() {
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        let done = in_mailbox(case, &mut inbox, &mut values);
        values.all("event", inbox.events());
        values.add("exists", inbox.exists());
        done
    } else {
        outside(case, &session, &mut values)
    };
    failed(done, &mut values);
    session.noop().unwrap();
    values.0
}

fn failed(done: Result<()>, values: &mut Values) {
    let Err(error) = done else { return };
    values.option("code", error.response_code());
    values.add("error", error);
}

fn connection(case: &Case, server: &Script, values: &mut Values) {
    let mut client = match plain(server).connect() {
        Ok(client) => client,
        Err(error) => return values.add("error", error),
    };
    if case.verb() == "connect" {
        values.add("capabilities", client.capabilities().unwrap());
        return;
    }
    let (user, password) = case.argument().split_once(' ').unwrap_or(("ann", "secret"));
    match client.login(user, password) {
        Ok(session) => values.add("capabilities", session.capabilities().unwrap()),
        Err((error, _)) => {
            values.option("hint", error.login_hint());
            values.add("auth", error.is_auth());
            failed(Err(error), values);
        }
    }
}

fn outside(case: &Case, session: &Session, values: &mut Values) -> Result<()> {
    let argument = case.argument();
    match case.verb() {
        "append" => show::appended(&session.append("Box", &b"a: b\r\n\r\n"[..])?, values),
        "capabilities" => values.add("capabilities", session.capabilities()?),
        "create" => session.create(argument)?,
        "id" => {
            let fields: &[(&str, &str)] = match argument {
                "" => &[],
                _ => &[("GUID", "1")],
            };
            for (name, value) in session.id(fields)? {
                values.add(&name, value.as_deref().unwrap_or("NIL"));
            }
        }
        "list" if argument == "children" => {
            let options = ListOptions::new().return_children();
            show::listed(&session.list_with("*", &options)?, values);
        }
        "list" => show::listed(&session.list(argument)?, values),
        "namespace" => show::namespaces(&session.namespace()?, values),
        "examine" => show::mailbox(
            &session.lock_mailbox_read_only(argument)?.mailbox()?,
            values,
        ),
        "quota" => show::quotas(&session.quota_roots("INBOX")?, values),
        "select" => show::mailbox(&session.lock_mailbox(argument)?.mailbox()?, values),
        "status" => {
            let items = [
                StatusItem::Messages,
                StatusItem::UidNext,
                StatusItem::UidValidity,
            ];
            show::status(&session.status(argument, items)?, values);
        }
        other => panic!("nothing is called `{other}`"),
    }
    Ok(())
}

fn in_mailbox(case: &Case, inbox: &mut MailboxGuard<'_>, values: &mut Values) -> Result<()> {
    let one: UidSet = "1".parse().unwrap();
    match case.verb() {
        "copy" => show::copied(&inbox.copy(&one, "Box")?, values),
        "delete" => values.add("gone", inbox.delete(&one)?.count()),
        "fetch" => fetch(case.argument(), inbox, values)?,
        "move" => show::copied(&inbox.move_to(&one, "Box")?, values),
        "noop" => inbox.refresh()?,
        "search" => {
            let key = case.argument().parse::<UidSet>().unwrap();
            values.add("uids", inbox.search(SearchKey::from(key))?);
        }
        "store" => {
            let stored = inbox.store(&one, StoreAction::Add, [Flag::Seen])?;
            values.add("changed", stored.changed().len());
        }
        "thread" => {
            let all = SearchKey::All;
            let threads = inbox.thread(ThreadAlgorithm::References, all)?;
            values.add("uids", threads.uids());
        }
        other => panic!("nothing is called `{other}`"),
    }
    Ok(())
}

fn fetch(argument: &str, inbox: &mut MailboxGuard<'_>, values: &mut Values) -> Result<()> {
    let (set, item) = argument.split_once(' ').unwrap();
    let item = match item {
        "FLAGS" => FetchItem::Flags,
        "ENVELOPE" => FetchItem::Envelope,
        "BODYSTRUCTURE" => FetchItem::BodyStructure,
        "INTERNALDATE" => FetchItem::InternalDate,
        "RFC822.SIZE" => FetchItem::Rfc822Size,
        "MODSEQ" => FetchItem::ModSeq,
        "BODY[]" => Section::whole().into(),
        "BODY[2]" => Section::part("2").unwrap().into(),
        other => panic!("nothing fetches `{other}`"),
    };
    let mut messages = inbox.fetch(&set.parse().unwrap(), [item])?;
    while let Some(message) = messages.next()? {
        show::message(message, values);
    }
    Ok(())
}
