//! The examples, each run as a process, on Dovecot: they do on a real account what they say and nothing
//! else.

#[path = "../../examples/tests/programs/run.rs"]
#[allow(dead_code)]
mod run;

use std::io::Write;
use std::process::Command;

use tempfile::NamedTempFile;

use run::{complaint, example, printed};

use crate::support::certificates::certificates;
use crate::support::dovecot::{User, dovecot};

/// Whether these checks are built with all features.
const IS_WITH_ALL: bool = true;

/// An account on Dovecot, and the file with the authority that vouches for it.
struct Account {
    user: User,
    root: NamedTempFile,
}

impl Account {
    /// Every second of the INBOX's ten messages is unseen; Trash has four.
    fn new() -> Self {
        let user = dovecot().user();
        user.fill("INBOX", 10);
        user.fill("Trash", 4);
        let mut root = NamedTempFile::new().unwrap();
        root.write_all(&certificates().authority).unwrap();
        Self { user, root }
    }

    /// The example on this account, with TLS from the first byte.
    fn example(&self, name: &str) -> Command {
        // The first letter of the user is encoded, because it may be.
        let (user, port) = (
            self.user.name().replacen('u', "%75", 1),
            dovecot().tls_port(),
        );
        let mut command = example(name);
        command
            .env("LATCHBOX_URL", format!("imaps://{user}@localhost:{port}"))
            .env("LATCHBOX_PASSWORD", self.user.password())
            .env("LATCHBOX_ROOT_PEM", self.root.path());
        command
    }

    /// All that is in a mailbox, by the server's own tool.
    fn contents(&self, mailbox: &str) -> String {
        let what = ["fetch", "-u", self.user.name(), "uid flags hdr.subject"];
        dovecot().doveadm(&[&what[..], &["mailbox", mailbox]].concat())
    }
}

#[test]
fn an_account_is_copied_once_however_often_it_is_run() {
    let (from, to) = (Account::new(), dovecot().user());
    let run = |arguments: &[&str]| {
        let url = format!("imaps://{}@localhost:{}", to.name(), dovecot().tls_port());
        let mut command = from.example("copy_account");
        command.env("LATCHBOX_TO_URL", url);
        command.env("LATCHBOX_TO_PASSWORD", to.password());
        printed(command.args(arguments))
    };
    assert!(run(&[]).ends_with("14 messages would be copied; with --copy they are.\n"));
    assert!(run(&["--copy"]).ends_with("14 messages were copied.\n"));
    // What is missing again is copied again, and nothing else.
    let contents = |user: &User, mailbox: &str| {
        let what = [
            "fetch",
            "-u",
            user.name(),
            "flags date.received hdr.subject body",
        ];
        let told = dovecot().doveadm(&[&what[..], &["mailbox", mailbox]].concat());
        // Which session is told first is no property of a message.
        let told = told.replace("\\Recent", "");
        told.lines()
            .map(str::trim_end)
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert_eq!(contents(&to, "INBOX"), contents(&from.user, "INBOX"));
    dovecot().doveadm(&["expunge", "-u", to.name(), "mailbox", "INBOX", "uid", "3"]);
    assert!(run(&["--copy"]).ends_with("1 messages were copied.\n"));
    assert!(run(&["--copy"]).ends_with("0 messages were copied.\n"));
}

#[test]
fn two_threads_only_reads_a_real_account() {
    let account = Account::new();
    let before = ["INBOX", "Trash"].map(|mailbox| account.contents(mailbox));
    assert!(before[0].contains("message 10"), "{}", before[0]);

    let by_start_tls = format!(
        "imap://{}@localhost:{}",
        account.user.name(),
        dovecot().port()
    );
    let mut start_tls = account.example("two_threads");
    start_tls.env("LATCHBOX_URL", by_start_tls);
    for command in [&mut account.example("two_threads"), &mut start_tls] {
        let printed = printed(command);
        assert!(printed.contains("After 3 runs nothing was deleted from INBOX"));
        assert!(printed.contains("| lets INBOX go: 5 unseen "), "{printed}");
        for line in ["|   C: A", " EXAMINE \"", "|   S: * OK [PERMANENTFLAGS ()]"] {
            assert!(printed.contains(line), "no {line}: {printed}");
        }
        for word in ["SELECT", "STORE", "EXPUNGE", account.user.password()] {
            assert!(!printed.contains(word), "{word}: {printed}");
        }
        assert!(
            printed.contains(" | lets Trash go: 4 messages\n"),
            "{printed}"
        );
        assert!(
            printed
                .lines()
                .all(|line| line.starts_with("After") || line.len() <= 100)
        );
    }
    let after = ["INBOX", "Trash"].map(|mailbox| account.contents(mailbox));
    assert_eq!(before, after);
}

#[test]
fn examples_do_their_work_on_a_real_account() {
    let account = Account::new();
    let listed = printed(&mut account.example("list_mailboxes"));
    assert!(listed.contains("      10        5  INBOX\n"), "{listed}");
    assert!(
        listed.contains("       4        2  Trash \\Trash\n"),
        "{listed}"
    );

    let inbox = account.contents("INBOX");
    let unseen = printed(&mut account.example("fetch_unseen"));
    assert!(
        unseen.starts_with("5 of 10 messages are unread\n"),
        "{unseen}"
    );
    assert!(
        unseen.contains("\nmessage 2\n    body of message 2\n"),
        "{unseen}"
    );
    let would_move = printed(&mut account.example("move_to_archive"));
    assert!(would_move.ends_with("5 messages would be moved; with --move they are.\n"));
    assert_eq!(account.contents("INBOX"), inbox, "they only read");

    let appended = printed(&mut account.example("append"));
    assert_eq!(appended, "The draft is in Drafts, with the UID 1.\n");
    let draft = account.contents("Drafts");
    assert!(
        draft.contains("Friday") && draft.contains("\\Draft"),
        "{draft}"
    );

    let moved = printed(account.example("move_to_archive").arg("--move"));
    assert!(moved.contains("5 messages are in Archive now.\nTheir UIDs there: 1:5\n"));
    let (inbox, archive) = (account.contents("INBOX"), account.contents("Archive"));
    assert!(
        !inbox.contains("\\Seen") && inbox.contains("message 10"),
        "{inbox}"
    );
    assert!(
        archive.contains("message 9") && !archive.contains("message 10"),
        "{archive}"
    );
}

#[test]
fn what_is_wrong_with_a_real_account_is_said_plainly() {
    let account = Account::new();
    let mut wrong = account.example("list_mailboxes");
    wrong.env("LATCHBOX_PASSWORD", "wrong");
    let complaint_of_login = complaint(&mut wrong);
    assert!(
        complaint_of_login.contains("AUTHENTICATIONFAILED"),
        "{complaint_of_login}"
    );
    assert!(
        !complaint_of_login.contains("wrong"),
        "{complaint_of_login}"
    );
    let mut rootless = account.example("two_threads");
    rootless.env_remove("LATCHBOX_ROOT_PEM");
    assert!(complaint(&mut rootless).contains("TLS: "));
}
