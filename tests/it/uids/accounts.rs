//! UIDs of one account are refused in another, before a byte is sent.

use std::sync::atomic::{AtomicUsize, Ordering};

use latchbox::command::{FetchMessages, Search};
use latchbox::sasl::{External, Identity, Mechanism, MechanismError, Plain, Secret};
use latchbox::types::{
    CatenatePart, FetchItem, Flag, MessageUrl, NewMessage, SearchKey, SearchReturn, StoreAction,
};
use latchbox::{Account, Backoff, Client, Credentials, MailboxGuard, Session};
use latchbox_testkit::Server;

use super::{assert_stale, log_in, two_users};
use crate::scripted::plain;
use crate::sessions::{builder, log_in_as, plaintext, until_hung_up};
use crate::support::script::script;

fn all_of(session: &Session) -> latchbox::types::UidSet {
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    inbox.search(SearchKey::All).unwrap()
}

/// Whatever takes UIDs refuses these, and nothing is sent.
#[track_caller]
fn refuses_all(server: &Server, inbox: &mut MailboxGuard<'_>, uids: &latchbox::types::UidSet) {
    let one = set_of_one(uids);
    server.clear_timeline();
    assert_stale(inbox.delete(uids));
    assert_stale(inbox.expunge_uids(uids));
    assert_stale(inbox.store(uids, StoreAction::Add, [Flag::Deleted]));
    assert_stale(inbox.copy(uids, "Archive"));
    assert_stale(inbox.move_to(uids, "Archive"));
    assert_stale(inbox.move_to_trash(uids));
    assert_stale(inbox.replace(&one, "INBOX", "Subject: new\r\n\r\n"));
    assert_stale(inbox.set_flag_color(uids, latchbox::types::FlagColor::Red));
    assert_stale(inbox.fetch(uids, [FetchItem::Flags]));
    assert_stale(inbox.fetch_flags(uids));
    assert_stale(inbox.batches(uids, [FetchItem::Flags], 10));
    assert_stale(inbox.search(SearchKey::Uid(uids.clone())));
    assert_stale(inbox.search(!SearchKey::Uid(uids.clone())));
    let count = SearchReturn::new().count();
    assert_stale(inbox.run(Search::new(SearchKey::Uid(uids.clone())).returning(count)));
    assert_stale(inbox.search_saved(SearchKey::Uid(uids.clone())));
    for outcome in inbox
        .pipeline([latchbox::command::CopyMessages::new(uids, "Archive").unwrap()])
        .unwrap()
    {
        assert_stale(outcome);
    }
    assert!(server.timeline().is_empty(), "{:?}", server.timeline());
}

fn set_of_one(uids: &latchbox::types::UidSet) -> latchbox::types::UidSet {
    uids.chunks(1).next().unwrap();
    let first = uids.first().unwrap();
    let by_hand = first.to_string().parse().unwrap();
    uids.intersection(&by_hand).unwrap()
}

/// Moved by mistake: UIDs of the source used on the target, as when a program copies an account.
#[test]
fn fault_01_uids_of_one_user_are_refused_in_the_mailbox_of_another() {
    let server = two_users();
    let (jane, joe) = (log_in(&server, "jane"), log_in(&server, "joe"));
    let uids = all_of(&jane);
    let mut inbox = joe.lock_mailbox("INBOX").unwrap();
    let theirs = inbox.search(SearchKey::All).unwrap();
    let (one, other) = (uids.origin().unwrap(), theirs.origin().unwrap());
    assert_eq!(one.uid_validity(), other.uid_validity());
    assert_eq!(one.mailbox(), other.mailbox());
    assert_ne!(one, other);
    refuses_all(&server, &mut inbox, &uids);
    let stale = assert_stale(inbox.delete(&uids));
    assert_eq!(stale.account().unwrap().user(), Some("joe"));
    let text = stale.to_string();
    assert!(
        text.contains("jane at 127.0.0.1") && text.contains("joe at 127.0.0.1"),
        "{text}"
    );
    assert!(uids.union(&theirs).is_err());
    drop(inbox);
    assert_eq!(server.messages_of("joe", "INBOX").len(), 3);
    // They are still good where they come from, also in another session of the same user.
    let again = log_in(&server, "jane");
    let mut inbox = again.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.delete(&uids).unwrap().count(), 3);
}

#[test]
fn fault_01_another_server_is_another_account() {
    let (here, there) = (two_users(), two_users());
    let (jane, also_jane) = (log_in(&here, "jane"), log_in(&there, "jane"));
    let uids = all_of(&jane);
    let mut inbox = also_jane.lock_mailbox("INBOX").unwrap();
    refuses_all(&there, &mut inbox, &uids);
    drop(inbox);
    // The same by another name of the host is not looked up, and by another way to log in is.
    let by_name = Client::builder("localhost")
        .port(here.port())
        .danger_plaintext()
        .danger_cleartext_login();
    let by_name = log_in_as(by_name.connect().unwrap(), "jane", "secret");
    assert_stale(by_name.lock_mailbox("INBOX").unwrap().delete(&uids));
    let client = plaintext(here.port()).connect().unwrap();
    let by_plain = client.authenticate(Plain::new("jane", "secret"));
    let by_plain = by_plain.unwrap();
    let mut inbox = by_plain.lock_mailbox("INBOX").unwrap();
    assert_eq!(inbox.delete(&uids).unwrap().count(), 3);
}

/// The results of COPY, APPEND and what a message is addressed by know whose they are, too.
#[test]
fn fault_01_all_that_a_server_gives_knows_whose_it_is() {
    let server = two_users();
    let (jane, joe) = (log_in(&server, "jane"), log_in(&server, "joe"));
    let appended = jane.append("INBOX", "Subject: 4\r\n\r\n").unwrap();
    let uid = appended.uids().unwrap().clone();
    let batch = [latchbox::command::Append::new("INBOX", "Subject: 5\r\n\r\n").unwrap()];
    let [batched] = jane.pipeline(batch).unwrap();
    let mut inbox = jane.lock_mailbox("INBOX").unwrap();
    let copied = inbox.copy(&uid, "INBOX").unwrap();
    let sorted = inbox.thread(latchbox::types::ThreadAlgorithm::References, SearchKey::All);
    let table = inbox.fetch_flags(&uid).unwrap();
    let unread = table.without_flag(&Flag::Seen);
    let given = [
        uid.clone(),
        batched.unwrap().uids().unwrap().clone(),
        copied.copies().unwrap().clone(),
        sorted.unwrap().uids(),
        unread,
    ];
    drop(inbox);
    let mut inbox = joe.lock_mailbox("INBOX").unwrap();
    for uids in &given {
        let account = uids.origin().unwrap().account().unwrap();
        assert_eq!(account.user(), Some("jane"));
        assert_stale(inbox.delete(uids));
    }
    let mut table = table;
    assert_stale(inbox.fetch_flags_into(&mut table, FetchMessages::flags(&super::set("1"))));
    drop(inbox);
    let url = MessageUrl::try_from(&uid).unwrap();
    server.clear_timeline();
    let message = || NewMessage::of_parts([CatenatePart::Url(url.clone())]);
    assert_stale(joe.append("INBOX", message()));
    assert!(server.timeline().is_empty());
    // In its own account it is the server that has no CATENATE.
    assert!(matches!(
        jane.append("INBOX", message()),
        Err(latchbox::Error::Unsupported(_))
    ));
}

/// One session whose provider gives another user after the connection was lost.
#[test]
fn hazard_h34_and_fault_01_a_reconnection_as_another_user_makes_uids_stale() {
    for (second, is_same) in [("jane", true), ("joe", false)] {
        let server = two_users();
        let logins = AtomicUsize::new(0);
        let account = Account::new(plaintext(server.port()), move |_| {
            let first = logins.fetch_add(1, Ordering::SeqCst) == 0;
            let user = if first { "jane" } else { second };
            Ok(Credentials::login(user, "secret"))
        });
        let session = account.reconnecting(Backoff::new()).open().unwrap();
        let uids = all_of(&session);
        server.kick();
        until_hung_up(server.port());
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        match is_same {
            true => assert_eq!(inbox.delete(&uids).unwrap().count(), 3),
            false => refuses_all(&server, &mut inbox, &uids),
        }
        drop(inbox);
        assert_eq!(server.messages_of("joe", "INBOX").len(), 3);
    }
}

/// PLAIN that does not say who it is, or says it in its own way.
struct Own(Plain, Option<Identity>);

impl Mechanism for Own {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn exposes_secret(&self) -> bool {
        true
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        self.0.initial()
    }

    fn step(&mut self, challenge: &[u8]) -> Result<Secret, MechanismError> {
        self.0.step(challenge)
    }

    fn identity(&self) -> Option<Identity> {
        self.1.clone()
    }
}

#[test]
fn fault_01_a_mechanism_says_who_it_is_or_its_uids_stay_in_its_connection() {
    let server = two_users();
    let log_in = |identity: Option<&str>, name: Option<&str>| {
        let plain = Plain::new("jane", "secret");
        let own = Own(plain, identity.map(Identity::user));
        let builder = match name {
            Some(name) => plaintext(server.port()).account_name(name),
            None => plaintext(server.port()),
        };
        let session = builder.connect().unwrap().authenticate(own);
        session.unwrap()
    };
    let unnamed = log_in(None, None);
    let uids = all_of(&unnamed);
    assert!(uids.to_stored().is_none());
    unnamed
        .lock_mailbox("INBOX")
        .unwrap()
        .store(&uids, StoreAction::Add, [Flag::Seen])
        .unwrap();
    let other = log_in(None, None);
    let mut inbox = other.lock_mailbox("INBOX").unwrap();
    refuses_all(&server, &mut inbox, &uids);
    drop(inbox);
    for (identity, name) in [(Some("jane"), None), (None, Some("jane"))] {
        let uids = all_of(&log_in(identity, name));
        assert!(uids.to_stored().is_some());
        let session = super::log_in(&server, "jane");
        let mut inbox = session.lock_mailbox("INBOX").unwrap();
        inbox.store(&uids, StoreAction::Add, [Flag::Seen]).unwrap();
    }
}

/// Without a certificate only the server knows whom EXTERNAL logs in: two logins may be two users.
#[test]
fn fault_01_uids_of_an_external_login_without_a_certificate_stay_in_its_connection() {
    let external = "
        S: * OK [CAPABILITY IMAP4rev1 UIDPLUS SASL-IR AUTH=EXTERNAL] ready
        C: {a} AUTHENTICATE EXTERNAL =
        S: {a} OK [CAPABILITY IMAP4rev1 UIDPLUS] in
        C: {s} SELECT \"INBOX\"
        S: * 3 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: {s} OK [READ-WRITE] done
        ";
    let server = script(&format!(
        "{external}
        C: {{u}} UID SEARCH ALL
        S: * SEARCH 1 2
        S: {{u}} OK done
        accept
        {external}
        "
    ));
    let log_in = || {
        let client = builder(server.port()).connect().unwrap();
        client.authenticate(External::new()).unwrap()
    };
    let uids = all_of(&log_in());
    assert!(uids.to_stored().is_none());
    let session = log_in();
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_stale(inbox.delete(&uids));
    assert_stale(inbox.store(&uids, StoreAction::Add, [Flag::Deleted]));
    server.finish();
}

#[test]
fn fault_01_a_connection_that_is_given_to_another_user_is_another_account() {
    let select = r#"
        C: {s} SELECT "INBOX"
        S: * 1 EXISTS
        S: * OK [UIDVALIDITY 7] valid
        S: {s} OK [READ-WRITE] done
    "#;
    let gives_up = r#"
        C: {u} UNAUTHENTICATE
        S: {u} OK [CAPABILITY IMAP4rev1] who now
    "#;
    let login_of = |user: &str| {
        format!(
            r#"
            C: {{l}} LOGIN "{user}" "secret"
            S: {{l}} OK [CAPABILITY IMAP4rev1 UIDPLUS UNAUTHENTICATE] done
            "#
        )
    };
    let server = script(&format!(
        r"
        S: * OK [CAPABILITY IMAP4rev1] ready
        {jane}{select}
        C: {{a}} UID SEARCH ALL
        S: * SEARCH 5
        S: {{a}} OK done
        {gives_up}{joe}{select}{gives_up}{jane}{select}
        C: {{e}} UID EXPUNGE 5
        S: {{e}} OK done
        ",
        jane = login_of("jane"),
        joe = login_of("joe"),
    ));
    let session = log_in_as(plain(&server).connect().unwrap(), "jane", "secret");
    let uids = all_of(&session);
    let client = session.unauthenticate().unwrap();
    let session = log_in_as(client, "joe", "secret");
    assert_stale(session.lock_mailbox("INBOX").unwrap().delete(&uids));
    let client = session.unauthenticate().unwrap();
    let session = log_in_as(client, "jane", "secret");
    session
        .lock_mailbox("INBOX")
        .unwrap()
        .expunge_uids(&uids)
        .unwrap();
    drop(session);
    server.finish();
}
