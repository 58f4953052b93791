//! The commands of the session that are about mailboxes, and the small ones.

use latchbox::types::{
    Capability, MailboxAttribute, ResponseCode, SpecialUse, StatusItem, UidValidity,
};
use latchbox::{Error, Session};

use super::{session, tapped_on};
use crate::support::dovecot::dovecot;

fn names(entries: &[latchbox::types::ListEntry]) -> Vec<&str> {
    let mut names: Vec<_> = entries.iter().map(|entry| entry.name().as_str()).collect();
    names.sort_unstable();
    names
}

#[track_caller]
fn assert_refused(result: latchbox::Result<()>, code: Option<ResponseCode>) {
    match result {
        Err(Error::Refused(refused)) => assert_eq!(refused.code(), code.as_ref()),
        other => panic!("{other:?}"),
    }
}

fn fresh() -> Session {
    session(&dovecot().user())
}

#[test]
fn list_tells_names_delimiters_and_attributes() {
    let session = fresh();
    session.create("Work/2024/May").unwrap();
    let all = session.list("*").unwrap();
    let expected = [
        "Archive",
        "Drafts",
        "INBOX",
        "Junk",
        "Sent",
        "Trash",
        "Work",
        "Work/2024",
        "Work/2024/May",
    ];
    assert_eq!(names(&all), expected);
    let top = session.list("%").unwrap();
    let expected = [
        "Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash", "Work",
    ];
    assert_eq!(names(&top), expected);
    assert_eq!(names(&session.list("Work/%").unwrap()), ["Work/2024"]);
    assert!(session.list("None such").unwrap().is_empty());
    let find = |name: &str| {
        all.iter()
            .find(|entry| entry.name().as_str() == name)
            .unwrap()
    };
    assert_eq!(find("Work/2024/May").delimiter(), Some('/'));
    assert_eq!(find("Work").has_children(), Some(true));
    assert_eq!(find("Work/2024/May").has_children(), Some(false));
    assert!(!find("Work").is_selectable());
    assert!(find("Work/2024/May").is_selectable());
    assert_eq!(find("Trash").special_use(), Some(SpecialUse::Trash));
    assert_eq!(find("Sent").special_use(), Some(SpecialUse::Sent));
    assert!(find("Junk").has(&MailboxAttribute::Junk));
    assert_eq!(find("INBOX").special_use(), None);
    let levels: Vec<_> = find("Work/2024/May").levels().collect();
    assert_eq!(levels, ["Work", "2024", "May"]);
}

#[test]
fn create_rename_and_delete_change_the_list() {
    let session = fresh();
    session.create("One").unwrap();
    session.create("Taken").unwrap();
    assert_refused(session.create("One"), Some(ResponseCode::AlreadyExists));
    session.append("One", b"Subject: kept\r\n\r\n").unwrap();
    session.rename("One", "Other/Two").unwrap();
    assert!(session.list("One").unwrap().is_empty());
    let status = session.status("Other/Two", [StatusItem::Messages]).unwrap();
    assert_eq!(status.messages(), Some(1));
    assert_refused(
        session.rename("One", "Three"),
        Some(ResponseCode::NonExistent),
    );
    assert_refused(
        session.rename("Other/Two", "Taken"),
        Some(ResponseCode::AlreadyExists),
    );
    session.delete("Other/Two").unwrap();
    assert_refused(session.delete("Other/Two"), Some(ResponseCode::NonExistent));
    assert!(session.list("Other/*").unwrap().is_empty());
    let inbox = session.delete("INBOX").unwrap_err();
    assert!(matches!(inbox, Error::Refused(_)), "{inbox}");
}

#[test]
fn a_refusal_tells_its_code_and_changes_nothing() {
    let session = fresh();
    session.append("INBOX", b"Subject: moved\r\n\r\n").unwrap();
    // This Dovecot keeps INBOX where it cannot be renamed.
    let refused = session.rename("INBOX", "Old mail");
    assert_refused(refused, Some(ResponseCode::Cannot));
    assert!(session.list("Old mail").unwrap().is_empty());
    assert_eq!(session.lock_mailbox("INBOX").unwrap().exists(), 1);
}

#[test]
fn subscriptions_are_what_lsub_lists() {
    let session = fresh();
    let before = session.lsub("*").unwrap();
    assert_eq!(names(&before), ["Drafts", "Sent"]);
    session.create("News").unwrap();
    session.subscribe("News").unwrap();
    session.subscribe("Trash").unwrap();
    assert_eq!(
        names(&session.lsub("*").unwrap()),
        ["Drafts", "News", "Sent", "Trash"]
    );
    session.unsubscribe("Trash").unwrap();
    session.delete("News").unwrap();
    // A name may stay subscribed whose mailbox is gone.
    assert_eq!(names(&session.lsub("N*").unwrap()), ["News"]);
    session.unsubscribe("News").unwrap();
    assert_eq!(names(&session.lsub("*").unwrap()), ["Drafts", "Sent"]);
}

#[test]
fn status_tells_each_thing_that_was_asked() {
    let user = dovecot().user();
    user.fill("Filled", 10);
    let session = session(&user);
    let items = [
        StatusItem::Messages,
        StatusItem::Recent,
        StatusItem::UidNext,
        StatusItem::UidValidity,
        StatusItem::Unseen,
        StatusItem::Size,
        StatusItem::HighestModSeq,
    ];
    let status = session.status("Filled", &items).unwrap();
    assert_eq!(status.name().as_str(), "Filled");
    assert_eq!(status.messages(), Some(10));
    assert_eq!(status.recent(), Some(0));
    assert_eq!(status.uid_next().unwrap().value(), 11);
    assert_eq!(status.uid_validity(), UidValidity::new(1_234_567_890));
    assert_eq!(status.unseen(), Some(5));
    assert!(status.size().unwrap() > 1000);
    assert!(status.highest_mod_seq().is_some());
    assert_eq!(status.deleted(), None, "it was not asked");
    let one = session.status("Filled", [StatusItem::Unseen]).unwrap();
    assert_eq!((one.unseen(), one.messages()), (Some(5), None));
    assert!(session.status("None such", &items).is_err());
    let nothing = session.status("Filled", []).unwrap_err();
    assert!(matches!(nothing, Error::Argument(_)), "{nothing}");
    let unknown = session.status("Filled", [StatusItem::MailboxId]);
    let has_ids = session.capabilities().unwrap();
    let has_ids = has_ids.supports(&Capability::ObjectId);
    assert!(
        matches!(unknown, Err(Error::Unsupported(_))) != has_ids,
        "{unknown:?}"
    );
}

#[test]
fn namespace_tells_the_prefix_and_the_delimiter() {
    let namespaces = fresh().namespace().unwrap();
    let [personal] = namespaces.personal() else {
        panic!("{namespaces:?}");
    };
    assert_eq!((personal.prefix(), personal.delimiter()), ("", Some('/')));
    assert!(namespaces.other_users().is_empty() && namespaces.shared().is_empty());
}

#[test]
fn id_introduces_both_ends() {
    let session = fresh();
    let server = session.id(&[("name", "latchbox \"tests\""), ("version", "1.0")]);
    assert_eq!(server.unwrap().name(), Some("Dovecot"));
    assert_eq!(session.id(&[]).unwrap().name(), Some("Dovecot"));
}

#[test]
fn enable_tells_what_was_switched_on() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let enabled = session.enable(&[Capability::CondStore, Capability::Utf8Accept]);
    assert_eq!(enabled.unwrap(), [Capability::CondStore]);
    assert!(sent.take().ends_with(" ENABLE CONDSTORE UTF8=ACCEPT\r\n"));
    assert!(session.enable(&[]).unwrap().is_empty());
    assert_eq!(sent.take(), "");
    let nonsense = session.enable(&[Capability::Other("A B".into())]);
    assert!(matches!(nonsense, Err(Error::Argument(_))), "{nonsense:?}");
    assert_eq!(sent.take(), "");
}

#[test]
fn noop_and_logout() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    sent.take();
    session.noop().unwrap();
    assert!(sent.take().ends_with(" NOOP\r\n"));
    session.logout().unwrap();
    assert!(sent.take().ends_with(" LOGOUT\r\n"));
}

#[test]
fn capabilities_are_asked_for_once_at_most() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    sent.take();
    for _ in 0..3 {
        assert!(session.capabilities().unwrap().contains(&Capability::Idle));
    }
    assert_eq!(sent.take(), "");
}
