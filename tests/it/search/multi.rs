//! ESEARCH over several mailboxes, which no server known has.

use latchbox::types::{MailboxName, MailboxScope, SearchKey, SearchReturn, UidSet};
use latchbox::{Error, Session};

use super::assert_unsupported;
use crate::scripted::logged_in_with;

fn on<T>(capabilities: &str, script: &str, work: impl FnOnce(&Session) -> T) -> T {
    let (server, session) = logged_in_with(capabilities, script, |builder| builder);
    let result = work(&session);
    drop(session);
    server.finish();
    result
}

fn names(names: &[&str]) -> Vec<MailboxName> {
    names
        .iter()
        .map(|name| MailboxName::new(name).unwrap())
        .collect()
}

#[test]
fn each_mailbox_has_its_own_result_and_its_uids_know_it() {
    let script = r#"
        C: {a} ESEARCH IN (mailboxes ("folder1" "Entw&APw-rfe") subtree ("a b") personal) RETURN (ALL) UNSEEN
        S: * ESEARCH (TAG "{a}" MAILBOX "folder1" UIDVALIDITY 1) UID ALL 4001,4003
        S: * ESEARCH (TAG "{a}" MAILBOX "folder1" UIDVALIDITY 1) UID ALL 4005
        S: * ESEARCH (TAG "other" MAILBOX "folder1" UIDVALIDITY 1) UID ALL 1:9
        S: * ESEARCH (TAG "{a}" MAILBOX "Entw&APw-rfe" UIDVALIDITY 18) UID ALL 1:2
        S: {a} OK done
        C: {s} SELECT "Other"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 1] x
        S: {s} OK done
    "#;
    on("IMAP4rev1 ESEARCH MULTISEARCH", script, |session| {
        let scopes = [
            MailboxScope::Mailboxes(names(&["folder1", "Entw\u{fc}rfe"])),
            MailboxScope::Subtree(names(&["a b"])),
            MailboxScope::Personal,
        ];
        let found = session.search_mailboxes(&scopes, SearchKey::Unseen, SearchReturn::new());
        let found = found.unwrap();
        let shown: Vec<String> = found
            .iter()
            .map(|found| {
                let all = found.result().all().unwrap();
                assert_eq!(all.origin().unwrap().mailbox(), found.mailbox());
                format!(
                    "{} {:?} {all}",
                    found.mailbox(),
                    found.uid_validity().unwrap().value()
                )
            })
            .collect();
        assert_eq!(shown, ["folder1 1 4001,4003,4005", "Entw\u{fc}rfe 18 1:2"]);
        let uids: UidSet = found[0].result().all().unwrap().clone();
        let mut other = session.lock_mailbox("Other").unwrap();
        let stale = other.copy(&uids, "Box").unwrap_err();
        assert!(matches!(stale, Error::StaleUids(_)), "{stale:?}");
    });
}

#[test]
fn counts_alone_are_asked_for_as_such() {
    let script = r#"
        C: {a} ESEARCH IN (inboxes subscribed subtree-one ("x")) RETURN (MIN COUNT) ALL
        S: * ESEARCH (TAG "{a}" MAILBOX x UIDVALIDITY 1) UID MIN 3 COUNT 2
        S: {a} OK done
    "#;
    on("IMAP4rev1 MULTISEARCH", script, |session| {
        let scopes = [
            MailboxScope::Inboxes,
            MailboxScope::Subscribed,
            MailboxScope::SubtreeOne(names(&["x"])),
        ];
        let returns = SearchReturn::new().count().min();
        let found = session
            .search_mailboxes(&scopes, SearchKey::All, returns)
            .unwrap();
        let result = found[0].result();
        assert_eq!(
            (found.len(), result.count(), result.all()),
            (1, Some(2), None)
        );
        assert_eq!(result.min().unwrap().value(), 3);
    });
}

#[test]
fn what_the_server_cannot_or_nobody_means_is_not_sent() {
    on("IMAP4rev1 ESEARCH", "", |session| {
        let personal = [MailboxScope::Personal];
        let found = session.search_mailboxes(&personal, SearchKey::All, SearchReturn::new());
        assert_unsupported(found, "MULTISEARCH");
    });
    on("IMAP4rev1 MULTISEARCH", "", |session| {
        let search = |scopes: &[MailboxScope], key: SearchKey| {
            session.search_mailboxes(scopes, key, SearchReturn::new())
        };
        let personal = [MailboxScope::Personal];
        let older = SearchKey::Older(std::time::Duration::from_secs(5));
        assert_unsupported(search(&personal, older), "WITHIN");
        for refused in [
            search(&[], SearchKey::All),
            search(&[MailboxScope::Mailboxes(vec![])], SearchKey::All),
            search(&personal, SearchKey::And(vec![])),
            search(&personal, SearchKey::Uid("1:5".parse().unwrap())),
        ] {
            assert!(matches!(refused, Err(Error::Argument(_))), "{refused:?}");
        }
    });
}

#[test]
fn an_answer_that_does_not_say_of_which_mailbox_is_none() {
    let script = r#"
        C: {a} ESEARCH IN (personal) RETURN (ALL) ALL
        S: * ESEARCH (TAG "{a}") UID ALL 1:2
        S: {a} OK done
    "#;
    on("IMAP4rev1 MULTISEARCH", script, |session| {
        let personal = [MailboxScope::Personal];
        let found = session.search_mailboxes(&personal, SearchKey::All, SearchReturn::new());
        assert!(matches!(found, Err(Error::Unparsable(_))), "{found:?}");
    });
}
