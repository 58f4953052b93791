//! Which mailboxes have changed, as Dovecot, Cyrus, Courier and GNU imap4d have it.

use latchbox::Session;
use latchbox::command::Store;
use latchbox::sync::{AccountCheckpoint, MailboxChange, MailboxChangeKind};
use latchbox::types::{Capability, Flag, SearchKey};

use crate::dovecot::session as log_in_to_dovecot;
use crate::logged_in::log_in_as;
use crate::sessions;
use crate::support::dovecot::{Dovecot, dovecot};
use crate::support::servers::{courier, cyrus, imap4d};

const MESSAGE: &str = "From: a@x\r\nSubject: plain\r\n\r\nBody.\r\n";

/// What a server makes of it.
struct Expected {
    /// The first part of names.
    prefix: &'static str,
    /// What a flag is.
    flag: &'static str,
    /// What a mailbox is in which nothing changed.
    unchanged: Option<&'static str>,
    /// What a rename is.
    renamed: &'static [&'static str],
    /// How many commands a call takes if nothing is new: one, or one for each mailbox and one more.
    is_one_command: bool,
    /// What another mailbox under the same name is; nothing where that depends on the time.
    recreated: Option<&'static str>,
}

fn shown(change: &MailboxChange) -> String {
    let name = change.name();
    match change.kind() {
        MailboxChangeKind::New => format!("{name} new"),
        MailboxChangeKind::Gone => format!("{name} gone"),
        MailboxChangeKind::Recreated => format!("{name} recreated"),
        MailboxChangeKind::Changed => format!("{name} changed"),
        MailboxChangeKind::MayHaveChanged => format!("{name} may"),
        MailboxChangeKind::Failed(error) => format!("{name} failed: {error}"),
        MailboxChangeKind::Renamed { from, is_guess, .. } => {
            format!(
                "{from} to {name}{}",
                if *is_guess { " by guess" } else { "" }
            )
        }
        other => panic!("{other:?}"),
    }
}

/// A program that looks now and then.
struct Reader<'s> {
    session: &'s Session,
    since: Option<AccountCheckpoint>,
}

impl Reader<'_> {
    /// The changes of these mailboxes, without their prefix.
    fn look(&mut self, prefix: &str) -> Vec<String> {
        let changes = self
            .session
            .mailboxes_changed_since(self.since.as_ref())
            .unwrap();
        self.since = Some(changes.checkpoint().to_string().parse().unwrap());
        let all = changes
            .iter()
            .map(|change| shown(change).replace(prefix, ""));
        let (boxes, others): (Vec<_>, Vec<_>) = all.partition(|line| line.contains("Box"));
        let inbox = others.into_iter().filter(|line| line.starts_with("INBOX "));
        boxes.into_iter().chain(inbox).collect()
    }

    /// The number of commands of one more call.
    fn commands(&mut self, prefix: &str) -> u64 {
        let before = self.session.stats().commands;
        self.look(prefix);
        self.session.stats().commands - before
    }
}

/// Leaves whatever other mailbox was selected.
fn select_inbox(session: &Session) {
    drop(session.lock_mailbox("INBOX").unwrap());
}

fn tell(session: &Session, other: &Session, expected: &Expected) {
    let prefix = expected.prefix;
    let name = |name: &str| format!("{prefix}{name}");
    let since = None;
    let mut reader = Reader { session, since };
    let unchanged = |names: &[&str]| -> Vec<String> {
        let line = |name: &&str| Some(format!("{name} {}", expected.unchanged?));
        names.iter().filter_map(line).collect()
    };
    other.create(name("BoxA")).unwrap();
    other.append(name("BoxA"), MESSAGE).unwrap();
    other.append("INBOX", MESSAGE).unwrap();
    assert_eq!(reader.look(prefix), ["BoxA new", "INBOX new"]);
    assert_eq!(reader.look(prefix), unchanged(&["BoxA", "INBOX"]));
    let count = reader.since.as_ref().unwrap().mailboxes().len() as u64;
    let commands = if expected.is_one_command {
        1
    } else {
        count + 1
    };
    assert_eq!(reader.commands(prefix), commands);

    other.append(name("BoxA"), MESSAGE).unwrap();
    let said = reader.look(prefix);
    assert_eq!(said[0], "BoxA changed");
    assert_eq!(said[1..], unchanged(&["INBOX"]));
    let mut guard = other.lock_mailbox(name("BoxA")).unwrap();
    let all = guard.search(SearchKey::All).unwrap();
    guard.run(Store::add(&all, &[Flag::Flagged])).unwrap();
    drop(guard);
    select_inbox(other);
    assert_eq!(reader.look(prefix)[0], format!("BoxA {}", expected.flag));
    let mut guard = other.lock_mailbox(name("BoxA")).unwrap();
    guard.run(Store::add(&all, &[Flag::Seen])).unwrap();
    drop(guard);
    select_inbox(other);
    assert_eq!(reader.look(prefix)[0], "BoxA changed");

    // The selected mailbox is asked like the others.
    let guard = session.lock_mailbox(name("BoxA")).unwrap();
    other.append(name("BoxA"), MESSAGE).unwrap();
    assert_eq!(reader.look(prefix)[0], "BoxA changed");
    let box_a = name("BoxA").parse().unwrap();
    let counted = reader.since.as_ref().unwrap().mailbox(&box_a).unwrap();
    assert_eq!((counted.messages(), counted.unseen()), (Some(3), Some(1)));
    drop(guard);
    select_inbox(session);

    other.rename(name("BoxA"), name("BoxB")).unwrap();
    let said = reader.look(prefix);
    assert_eq!(said[..expected.renamed.len()], *expected.renamed);
    other.delete(name("BoxB")).unwrap();
    other.create(name("BoxB")).unwrap();
    let said = reader.look(prefix);
    if let Some(recreated) = expected.recreated {
        assert_eq!(said[0], recreated);
    }
    other.delete(name("BoxB")).unwrap();
    assert_eq!(reader.look(prefix)[0], "BoxB gone");
}

/// LIST-STATUS and CONDSTORE, no ids.
#[test]
fn dovecot_tells_of_each_change_in_one_command() {
    let user = dovecot().user();
    let (session, other) = (log_in_to_dovecot(&user), log_in_to_dovecot(&user));
    let expected = Expected {
        prefix: "",
        flag: "changed",
        unchanged: None,
        renamed: &["BoxA to BoxB by guess"],
        is_one_command: true,
        recreated: Some("BoxB recreated"),
    };
    tell(&session, &other, &expected);
}

/// The same server without what it has beyond RFC 3501.
#[test]
fn dovecot_without_extensions_is_asked_by_status() {
    let server = Dovecot::start("imap_capability = IMAP4rev1").unwrap();
    let user = server.user();
    let log_in = || {
        let client = sessions::plaintext(server.port()).connect().unwrap();
        sessions::log_in_as(client, user.name(), user.password())
    };
    let expected = Expected {
        prefix: "",
        flag: "may",
        unchanged: Some("may"),
        renamed: &["BoxA to BoxB by guess"],
        is_one_command: false,
        recreated: Some("BoxB recreated"),
    };
    tell(&log_in(), &log_in(), &expected);
    server.stop();
}

/// LIST-STATUS, CONDSTORE, and ids that are right only when they are asked for alone.
#[test]
fn cyrus_tells_of_each_change_and_recognizes_a_rename_by_its_id() {
    let server = cyrus().unwrap();
    let user = server.user();
    let (session, other) = (log_in_as(&server, &user), log_in_as(&server, &user));
    assert!(
        session
            .capabilities()
            .unwrap()
            .supports(&Capability::ObjectId)
    );
    let expected = Expected {
        prefix: "",
        flag: "changed",
        unchanged: None,
        renamed: &["BoxA to BoxB"],
        is_one_command: true,
        recreated: Some("BoxB recreated"),
    };
    tell(&session, &other, &expected);
    drop((session, other));
    server.running.stop();
}

/// STATUS for each, and a renamed mailbox has new UIDs.
#[test]
fn courier_is_asked_by_status_and_a_renamed_mailbox_is_a_new_one() {
    let server = courier().unwrap();
    let user = server.user();
    let (session, other) = (log_in_as(&server, &user), log_in_as(&server, &user));
    let expected = Expected {
        prefix: "INBOX.",
        flag: "may",
        unchanged: Some("may"),
        renamed: &["BoxA gone", "BoxB new"],
        is_one_command: false,
        recreated: None,
    };
    tell(&session, &other, &expected);
    drop((session, other));
    server.running.stop();
}

/// STATUS for each. UIDs are not always kept, so a change is often a mailbox with new UIDs; none is
/// left out.
#[test]
fn imap4d_is_asked_by_status_and_leaves_no_change_out() {
    let server = imap4d().unwrap();
    let user = server.user();
    let (session, other) = (log_in_as(&server, &user), log_in_as(&server, &user));
    let since = None;
    let mut reader = Reader {
        session: &session,
        since,
    };
    other.create("BoxA").unwrap();
    other.append("BoxA", MESSAGE).unwrap();
    assert_eq!(reader.look("")[0], "BoxA new");
    other.append("BoxA", MESSAGE).unwrap();
    let said = reader.look("");
    assert!(
        ["BoxA changed", "BoxA recreated"].contains(&&*said[0]),
        "{said:?}"
    );
    // UIDs are kept from when it was selected.
    let mut guard = other.lock_mailbox("BoxA").unwrap();
    let all = guard.search(SearchKey::All).unwrap();
    guard.run(Store::add(&all, &[Flag::Seen])).unwrap();
    drop(guard);
    select_inbox(&other);
    let said = reader.look("");
    assert!(
        ["BoxA changed", "BoxA recreated"].contains(&&*said[0]),
        "{said:?}"
    );
    assert_eq!(reader.look("")[0], "BoxA may");
    let commands = reader.commands("");
    assert_eq!(
        commands,
        1 + reader.since.as_ref().unwrap().mailboxes().len() as u64
    );

    // The selected mailbox is asked like the others.
    drop(session.lock_mailbox("BoxA").unwrap());
    other.append("BoxA", MESSAGE).unwrap();
    assert_eq!(reader.look("")[0], "BoxA changed");
    select_inbox(&session);
    reader.look("");
    other.rename("BoxA", "BoxB").unwrap();
    // The guess needs equal numbers, and this server moves UIDNEXT, and at times UIDVALIDITY, by itself.
    let said = reader.look("");
    let has = |change: &str| said.iter().any(|said| said == change);
    assert!(
        has("BoxA to BoxB by guess") || has("BoxA gone") && has("BoxB new"),
        "{said:?}"
    );
    other.delete("BoxB").unwrap();
    assert_eq!(reader.look("")[0], "BoxB gone");
    drop((session, other));
    server.running.stop();
}
