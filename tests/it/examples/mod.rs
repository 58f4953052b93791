//! The examples, each run as a process: they print what they promise, and do on a real account
//! what they say and nothing else.

mod tables;
mod urls;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::NamedTempFile;

use crate::support::certificates::certificates;
use crate::support::dovecot::{User, dovecot};

/// Where each example is, built as it stands now.
fn built() -> &'static BTreeMap<String, PathBuf> {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "build",
                "-p",
                "latchbox-examples",
                "--examples",
                "--all-features",
            ])
            .arg("--message-format=json")
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let output = cargo.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo build --examples: {errors}");
        let messages = String::from_utf8(output.stdout).unwrap();
        let examples = messages
            .lines()
            .filter(|line| line.contains(r#""kind":["example"]"#));
        let executables = examples.filter_map(|line| {
            let (_, rest) = line.split_once(r#""executable":""#)?;
            Some(PathBuf::from(rest.split_once('"')?.0))
        });
        executables
            .map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap();
                (name.to_owned(), path)
            })
            .collect()
    })
}

/// An example as a command that knows no account.
fn example(name: &str) -> Command {
    let path = built().get(name).unwrap_or_else(|| panic!("no {name}"));
    let mut command = Command::new(path);
    for variable in ["LATCHBOX_URL", "LATCHBOX_PASSWORD", "LATCHBOX_ROOT_PEM"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// What it prints, when it ends well and complains of nothing.
#[track_caller]
fn printed(command: &mut Command) -> String {
    let (status, printed, complaint) = run(command);
    assert!(status && complaint.is_empty(), "{printed}{complaint}");
    printed
}

/// What it complains of, when it fails and prints nothing.
#[track_caller]
fn complaint(command: &mut Command) -> String {
    let (status, printed, complaint) = run(command);
    assert!(!status && printed.is_empty(), "{printed}{complaint}");
    complaint
}

fn run(command: &mut Command) -> (bool, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

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
fn the_index_names_every_example() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let index = fs::read_to_string(directory.join("README.md")).unwrap();
    let rows = index.lines().filter_map(|line| line.strip_prefix("| ["));
    let named: BTreeSet<&str> = rows.map(|row| row.split_once(']').unwrap().0).collect();
    let built: BTreeSet<&str> = built().keys().map(String::as_str).collect();
    assert_eq!(named, built);
    for row in index.lines().filter(|line| line.starts_with("| [")) {
        let (_, link) = row.split_once("](").unwrap();
        let file = directory.join(link.split_once(')').unwrap().0);
        assert!(file.exists(), "{}", file.display());
    }
}

#[test]
fn two_threads_prints_one_run_as_a_table_and_what_came_of_all() {
    let printed = printed(example("two_threads").arg("60"));
    let (table, words) = printed.split_once("\n\n").unwrap();
    assert!(words.starts_with("After 60 runs, "), "{words}");
    assert!(
        words.contains("nothing was deleted from INBOX: its 5 messages are as they were."),
        "{words}"
    );
    let mut lines = table.lines();
    let title = lines.next().unwrap();
    assert!(title.contains("| list what is unseen in INBOX "), "{title}");
    assert!(title.ends_with("| delete everything in Trash"), "{title}");
    assert!(lines.next().unwrap().starts_with("----"));

    // Each row is one thread's; what they sent is only what each of them has to send.
    let (mut list, mut delete, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for line in lines {
        assert!(line.chars().count() <= 100, "{line}");
        let mut columns = line.splitn(3, " | ");
        let time = columns.next().unwrap().trim();
        times.push(time.parse::<f64>().unwrap_or_else(|_| panic!("{line}")));
        let (one, other) = (columns.next().unwrap().trim_end(), columns.next());
        match (one, other) {
            ("", Some(other)) => delete.push(other),
            (one, None | Some("")) => list.push(one.trim_end_matches(" |").trim_end()),
            _ => panic!("two threads at the same time: {line}"),
        }
    }
    assert!(times.is_sorted(), "{table}");
    let sent = |column: &[&str]| -> Vec<String> {
        let sent = column.iter().filter_map(|row| row.strip_prefix("  C: "));
        let commands = sent.map(|row| row.split_once(' ').unwrap().1.to_owned());
        commands.filter(|it| !it.starts_with("SELECT")).collect()
    };
    assert_eq!(
        sent(&list),
        [
            "NOOP",
            "UID SEARCH RETURN (ALL) UNSEEN",
            "UID FETCH 1:3 (ENVELOPE)"
        ],
        "{table}"
    );
    let deleting = sent(&delete);
    assert_eq!(deleting.len(), 4, "{table}");
    assert_eq!(deleting[..2], ["NOOP", "UID SEARCH RETURN (ALL) ALL"]);
    assert!(deleting[2].contains("+FLAGS.SILENT (") && deleting[3].starts_with("UID EXPUNGE"));
    assert!(
        !list
            .iter()
            .any(|row| row.contains("Trash") || row.contains("EXPUNGE"))
    );
    assert!(!delete.iter().any(|row| row.contains("INBOX")), "{table}");
    assert_eq!(list.last(), Some(&"lets INBOX go: 3 unseen"), "{table}");
    assert!(delete.last().unwrap().starts_with("lets Trash go: "));
    for column in [&list, &delete] {
        assert!(column.iter().any(|row| row.starts_with("asks for")));
        assert!(column.iter().any(|row| row.starts_with("holds")));
    }
}

#[test]
fn the_others_run_without_an_account() {
    assert_eq!(
        printed(&mut example("list_mailboxes")),
        "messages   unseen  mailbox\n       \
         1        0  Archive \\Archive\n       \
         0        0  Drafts \\Drafts\n       \
         5        3  INBOX\n       \
         1        0  Sent \\Sent\n       \
         2        0  Trash \\Trash\n"
    );
    assert_eq!(
        printed(&mut example("fetch_unseen")),
        "3 of 5 messages are unread\n\n\
         2025-01-06 12:00\nAnn <ann@example.com>\nLunch on Friday?\n    At one?\n\n\
         2025-01-06 12:00\nBob <bob@example.com>\nMinutes\n    As attached.\n\n\
         2025-01-06 12:00\nEve <eve@example.com>\nCafé crème\n    Two, please.\n"
    );
    assert_eq!(
        printed(&mut example("append")),
        "The draft is in Drafts, with the UID 1.\n"
    );
    assert_eq!(
        printed(&mut example("move_to_archive")),
        "Last week\nThe week before\n2 messages are in Archive now.\nTheir UIDs there: 2:3\n"
    );
}

#[test]
fn cleaning_up_moves_what_is_old_and_only_when_told_to() {
    assert_eq!(
        printed(&mut example("clean_up")),
        "0 messages would be moved; with --move they are.\n"
    );
    assert_eq!(
        printed(example("clean_up").arg("10")),
        "The week before\n1 messages would be moved; with --move they are.\n"
    );
    assert_eq!(
        printed(example("clean_up").args(["--move", "5"])),
        "Last week\nThe week before\n2 messages are in Trash now.\n"
    );
    let complaint = complaint(example("clean_up").arg("old"));
    assert_eq!(complaint, "usage: clean_up [--move] [DAYS [MAILBOX]]\n");
}

#[test]
fn an_account_is_copied_once_however_often_it_is_run() {
    assert_eq!(
        printed(&mut example("copy_account")),
        "Archive: 1\nDrafts: 0\nINBOX: 5\nSent: 1\nTrash: 2\n\
         9 messages would be copied; with --copy they are.\n"
    );
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
fn attachments_are_saved_under_names_that_stay_in_the_directory() {
    assert_eq!(
        printed(&mut example("attachments")),
        "Last year\n    2-caf\u{e9}.csv\n    3-.._dot.gif\n"
    );
    let directory = tempfile::tempdir().unwrap();
    let printed = printed(example("attachments").arg(directory.path()));
    assert!(
        printed.contains("2-caf\u{e9}.csv: 19 octets\n"),
        "{printed}"
    );
    let saved = |name: &str| fs::read(directory.path().join(name)).unwrap();
    assert_eq!(
        saved("2-caf\u{e9}.csv"),
        "what,price\r\ncaf\u{e9},2".as_bytes()
    );
    assert_eq!(&saved("3-.._dot.gif")[..6], b"GIF89a");
    // What is there is not overwritten.
    let complaint = run(example("attachments").arg(directory.path()));
    assert!(
        !complaint.0 && complaint.2.contains("exists"),
        "{complaint:?}"
    );
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
fn what_is_wrong_with_an_account_is_said_plainly() {
    let account = Account::new();
    let mut bad = example("list_mailboxes");
    bad.env("LATCHBOX_URL", "imaps://jane:geheim@imap.example.com");
    assert_eq!(
        complaint(&mut bad),
        "LATCHBOX_URL has to be imaps://user@host[:port]: a password does not belong there: set \
         LATCHBOX_PASSWORD\n"
    );
    // In a session of its own it has no terminal to ask on.
    let mut unasked = Command::new("setsid");
    unasked.args(["--wait".as_ref(), built()["append"].as_os_str()]);
    unasked.env("LATCHBOX_URL", "imaps://jane@localhost:1");
    unasked.env_remove("LATCHBOX_PASSWORD").stdin(Stdio::null());
    let why = complaint(&mut unasked);
    assert!(
        why.starts_with("LATCHBOX_PASSWORD is not set, and nobody can be asked"),
        "{why}"
    );
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
    let mut no_file = account.example("append");
    no_file.env("LATCHBOX_ROOT_PEM", "/nowhere/ca.pem");
    assert!(complaint(&mut no_file).starts_with("LATCHBOX_ROOT_PEM: "));
    let mut no_number = example("two_threads");
    assert_eq!(complaint(no_number.arg("0")), "usage: two_threads [runs]\n");
}

#[test]
fn oauth_renews_a_token_that_has_expired() {
    let printed = printed(&mut example("oauth"));
    let mut lines = printed.lines();
    let refusal = lines.next().unwrap();
    assert!(
        refusal.contains("AUTHENTICATE") && refusal.contains("401"),
        "{printed}"
    );
    assert!(lines.next().unwrap().contains("fresh token"), "{printed}");
    let expected = "Logged in by a fresh token: INBOX has 1 message.";
    assert_eq!(lines.next(), Some(expected), "{printed}");
    assert!(!printed.contains("one-that-has-expired"), "{printed}");
}

#[test]
fn rsasl_logs_in_by_either_mechanism() {
    let printed = printed(&mut example("rsasl"));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert!(
        lines[0].starts_with("Where AUTH=SCRAM-SHA-256 is offered"),
        "{printed}"
    );
    assert!(
        lines[1].starts_with("Where AUTH=PLAIN is offered"),
        "{printed}"
    );
}
