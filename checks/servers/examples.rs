//! The examples, each run as a process, on Dovecot: they do on a real account what they say and nothing
//! else.

#[path = "../../examples/tests/programs/run.rs"]
#[allow(dead_code)]
mod run;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::NamedTempFile;

use run::{complaint, example, printed};

use crate::support::certificates::certificates;
use crate::support::dovecot::{User, dovecot};

/// Whether these checks are built with all features.
const IS_WITH_ALL: bool = true;
const FEATURES: &[(&str, bool)] = &[];

/// An account on Dovecot, and the file with the authority that vouches for it.
struct Account {
    user: User,
    root: NamedTempFile,
}

impl Account {
    /// Every second of the INBOX's ten messages is unseen; Trash has four.
    fn new() -> Self {
        Self::with(10)
    }

    /// With so many messages in the INBOX.
    fn with(messages: usize) -> Self {
        let user = dovecot().user();
        user.fill("INBOX", messages);
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
            .env("SSL_CERT_FILE", self.root.path());
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
fn a_copy_of_a_real_account_follows_it_and_costs_nothing_when_nothing_has_changed() {
    let account = Account::new();
    let name = account.user.name();
    let before = account.contents("INBOX");
    let place = tempfile::tempdir().unwrap();
    let (maildir, file) = (place.path().join("mail"), place.path().join("mail.sqlite"));
    let backup = || printed(account.example("backup").arg("--to").arg(&maildir));
    let sync = || printed(account.example("sync_sqlite").arg(&file));
    assert_eq!(backup(), "INBOX: 10 new, 0 changed, 0 gone\n");
    assert_eq!(sync(), "INBOX: 10 messages of before\n");
    assert_eq!(account.contents("INBOX"), before, "they only read");
    let in_maildir = || {
        let files = fs::read_dir(maildir.join("cur")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut uids: Vec<_> = names
            .map(|name| {
                let (_, rest) = name.split_once('.').unwrap();
                let (uid, flags) = rest.split_once(".backup:2,").unwrap();
                (uid.parse::<u32>().unwrap(), flags.to_owned())
            })
            .collect();
        uids.sort();
        uids
    };
    let seen = |uid: u32| if uid % 2 == 1 { "S" } else { "" };
    let expected: Vec<_> = (1..=10).map(|uid| (uid, seen(uid).to_owned())).collect();
    assert_eq!(in_maildir(), expected);

    assert_eq!(backup(), "INBOX: nothing has changed\n");
    assert_eq!(sync(), "nothing has changed\n");

    dovecot().doveadm(&["expunge", "-u", name, "mailbox", "INBOX", "uid", "4"]);
    let flag = ["flags", "add", "-u", name, "\\Flagged", "mailbox", "INBOX"];
    dovecot().doveadm(&[&flag[..], &["uid", "7"]].concat());
    let mail = b"Subject: later\n\nx\n";
    account.user.deliver("INBOX", mail, "S");
    assert_eq!(backup(), "INBOX: 1 new, 1 changed, 1 gone\n");
    assert_eq!(
        sync(),
        "INBOX: 4 is gone\nINBOX: 7 has changed: \\Flagged \\Seen\nINBOX: 11 is new: later\n"
    );
    let mut expected: Vec<_> = expected.into_iter().filter(|(uid, _)| *uid != 4).collect();
    expected.push((11, "S".to_owned()));
    for (uid, flags) in &mut expected {
        if *uid == 7 {
            *flags = "FS".to_owned();
        }
    }
    assert_eq!(in_maildir(), expected);
    assert_eq!(backup(), "INBOX: nothing has changed\n");
    assert_eq!(sync(), "nothing has changed\n");

    let all =
        printed(
            account
                .example("backup")
                .args(["--all".as_ref(), "--to".as_ref(), place.path()]),
        );
    assert!(all.contains("Trash: 4 new, 0 changed, 0 gone\n"), "{all}");
}

#[test]
fn a_backup_of_a_real_account_that_is_killed_again_and_again_is_complete_in_the_end() {
    let account = Account::with(100);
    let place = tempfile::tempdir().unwrap();
    let cur = place.path().join("cur");
    let files = || fs::read_dir(&cur).map_or(0, Iterator::count);
    let run = || {
        let mut command = account.example("backup");
        command.args(["--batch", "8", "--to"]).arg(place.path());
        command
    };
    // Each run is killed as soon as there are so many files more.
    for step in [1, 5, 9, 20] {
        let most = files() + step;
        let mut child = run().stdout(Stdio::null()).spawn().unwrap();
        while files() < most && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    printed(&mut run());
    assert_eq!(files(), 100);
    assert_eq!(printed(&mut run()), "INBOX: nothing has changed\n");
    let mut numbers: Vec<String> = fs::read_dir(&cur)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .map(|text| {
            text.lines()
                .find(|line| line.starts_with("body of"))
                .unwrap()
                .to_owned()
        })
        .collect();
    numbers.sort();
    let mut expected: Vec<String> = (1..=100)
        .map(|it| format!("body of message {it}"))
        .collect();
    expected.sort();
    assert_eq!(numbers, expected);
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
    rootless.env_remove("SSL_CERT_FILE");
    assert!(complaint(&mut rootless).contains("TLS: "));
}
