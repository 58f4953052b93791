//! Mails as people get them, in `tests/mails`: appended to real servers, listed, downloaded, and
//! compared with what stands beside each of them.
//!
//! The values beside a mail are what a person would see in a good mail program. They are thought
//! out, not recorded; see `tests/mails/README.md` for their form.

mod compare;
mod expected;
mod seen;

use std::fs;
use std::path::PathBuf;

use latchbox::message::Fetch;
use latchbox::types::{FetchItem, Section, Uid, UidSet};
use latchbox::{Client, Error, MailboxGuard, ReadOnly, Session};

use crate::support::certificates::certificates;
use crate::support::dovecot::dovecot;
use crate::support::servers;

use expected::Expected;
use seen::{Seen, Way};

/// How many mails there are at least.
const LEAST: usize = 100;

/// A mail, and what is to be seen of it.
struct Mail {
    name: String,
    octets: Vec<u8>,
    expected: Expected,
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/mails")
}

/// All mails, in the order of their names, with the values for this server.
fn mails(server: &str) -> Vec<Mail> {
    let mut names: Vec<_> = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
        .collect();
    names.sort();
    let mail = |path: PathBuf| {
        let text = fs::read_to_string(path.with_extension("txt"));
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = Expected::parse(&text, server);
        let expected = expected.unwrap_or_else(|problem| panic!("{name}.txt: {problem}"));
        let octets = fs::read(&path).unwrap();
        Mail {
            name,
            octets,
            expected,
        }
    };
    names.into_iter().map(mail).collect()
}

/// Appends all mails, then looks at each, and gives what is not as it should be.
fn differences(open: &dyn Fn() -> Session, server: &str) -> Vec<String> {
    let mails = mails(server);
    let mut session = open();
    let mut found = Vec::new();
    let stored = append(&session, &mails, &mut found);
    let (messages, whole, first) = list(&session, &stored);
    assert_eq!(messages.len(), stored.len(), "{server}");
    for (place, (message, (uid, mail))) in messages.iter().zip(&stored).enumerate() {
        assert_eq!(message.uid(), *uid, "{server}, {}", mail.name);
        let mut problems = Vec::new();
        let raw = match mail.expected.comes_back_with_crlf {
            true => with_crlf(&mail.octets),
            false => mail.octets.clone(),
        };
        if (whole[place].as_ref() == Some(&raw)) == mail.expected.is_changed {
            problems.push(
                "the raw mail is not what was appended, or is against expectation".to_owned(),
            );
        }
        if message.size() != Some(raw.len() as u64) {
            problems.push(format!("size: {:?}, not {}", message.size(), raw.len()));
        }
        let mut seen = Seen::of(&session, *uid, message, Way::Binary);
        if seen.is_err() {
            session = open();
            if mail.expected.closes_on_binary {
                seen = Seen::of(&session, *uid, message, Way::Body);
            }
        }
        match seen {
            Ok(seen) => {
                if seen.first.as_ref() != first[place].as_ref() {
                    problems.push("download_each gives another part 1".to_owned());
                }
                compare::compare(&mail.expected, &seen, &mut problems);
            }
            Err(Error::Unparsable(_)) if mail.expected.is_unreadable => {}
            Err(error) => problems.push(error.to_string()),
        }
        found.extend(problems.iter().map(|why| format!("{}: {why}", mail.name)));
    }
    found
}

/// Those that were taken, with their UIDs.
fn append<'m>(
    session: &Session,
    mails: &'m [Mail],
    problems: &mut Vec<String>,
) -> Vec<(Uid, &'m Mail)> {
    let mut stored = Vec::new();
    let messages = mails.iter().map(|mail| &mail.octets[..]);
    let mut appending = session.append_each("INBOX", messages).unwrap();
    for mail in mails {
        match (appending.next().unwrap(), mail.expected.is_refused) {
            (Ok(appended), false) => stored.push((appended.uid().unwrap(), mail)),
            (Err(Error::Refused(_)), true) => {}
            (Ok(_), true) => problems.push(format!("{}: was not refused", mail.name)),
            (Err(error), _) => problems.push(format!("{}: {error}", mail.name)),
        }
    }
    assert!(appending.next().is_none());
    stored
}

/// One section of each message; `None` where it has none.
type Contents = Vec<Option<Vec<u8>>>;

/// All messages, and of each the whole and the part 1.
fn list(session: &Session, stored: &[(Uid, &Mail)]) -> (Vec<Fetch>, Contents, Contents) {
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let all = UidSet::unbound(stored.iter().map(|(uid, _)| *uid));
    let items = [
        FetchItem::Envelope,
        FetchItem::BodyStructure,
        FetchItem::Rfc822Size,
    ];
    let mut messages = Vec::new();
    let streamed = inbox.fetch(&all, items).unwrap();
    streamed.collect_into(&mut messages).unwrap();
    let whole = each(&mut inbox, &all, &Section::whole());
    let first = each(&mut inbox, &all, &Section::part("1").unwrap());
    (messages, whole, first)
}

fn each(inbox: &mut MailboxGuard<'_, ReadOnly>, uids: &UidSet, section: &Section) -> Contents {
    let mut contents = Vec::new();
    let mut downloads = inbox.download_each(uids, section).unwrap();
    while let Some(download) = downloads.next().unwrap() {
        let mut octets = Vec::new();
        let done = download.copy_to(&mut octets);
        match done {
            Ok(_) => contents.push(Some(octets)),
            Err(Error::NotFound(_)) => contents.push(None),
            Err(error) => panic!("{section}: {error}"),
        }
    }
    contents
}

/// Each LF without a CR before it gets one.
fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut with = Vec::new();
    for &octet in octets {
        if octet == b'\n' && with.last() != Some(&b'\r') {
            with.push(b'\r');
        }
        with.push(octet);
    }
    with
}

#[track_caller]
fn assert_none(differences: &[String], server: &str) {
    let count = differences.len();
    let shown = differences.join("\n");
    assert!(differences.is_empty(), "{count} on {server}:\n{shown}");
}

#[test]
fn each_mail_on_dovecot_is_what_a_person_sees() {
    let user = dovecot().user();
    let open = || crate::dovecot::session(&user);
    assert_none(&differences(&open, "dovecot"), "Dovecot");
}

#[test]
fn each_mail_on_cyrus_is_what_a_person_sees() {
    let server = servers::cyrus().unwrap();
    let user = server.user();
    let builder = Client::builder("localhost")
        .port(server.running.tls_port())
        .root_certificates_pem(certificates().authority.clone());
    let open = || {
        let session = builder
            .clone()
            .connect()
            .unwrap()
            .login(&user, server.password());
        session.unwrap()
    };
    assert_none(&differences(&open, "cyrus"), "Cyrus");
}

#[test]
fn there_are_many_mails_and_each_says_what_it_stands_for() {
    let mails = mails("dovecot");
    assert!(mails.len() >= LEAST, "{}", mails.len());
    let mut kinds: Vec<_> = mails.iter().map(|mail| &mail.expected.what).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), mails.len(), "two mails stand for the same");
    let texts = fs::read_dir(directory()).unwrap();
    let lone = texts.map(|entry| entry.unwrap().path()).filter(|path| {
        path.extension().is_some_and(|extension| extension == "txt")
            && !path.with_extension("eml").exists()
    });
    assert_eq!(lone.collect::<Vec<_>>(), Vec::<PathBuf>::new());
}
