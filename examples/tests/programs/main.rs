//! The examples, each run as a process: they print what they promise, and do on a real account
//! what they say and nothing else. `checks/servers` runs them on Dovecot.

// Tests may unwrap and index; what they say when they fail is their purpose.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod keeping;
mod run;
mod tables;
mod urls;
mod watching;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether these tests were built with all features.
const IS_WITH_ALL: bool = cfg!(all(feature = "mio", feature = "rsasl", feature = "sqlite"));

use run::{built, complaint, example, printed, run};

#[test]
fn the_index_names_every_example() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(".");
    let index = fs::read_to_string(directory.join("README.md")).unwrap();
    let rows = index.lines().filter_map(|line| line.strip_prefix("| ["));
    let named = rows.map(|row| row.split_once(']').unwrap().0);
    // Some are built with their features only.
    let named = named.filter(|name| cfg!(feature = "rsasl") || *name != "rsasl");
    let named = named.filter(|name| cfg!(feature = "sqlite") || *name != "sync_sqlite");
    let named = named.filter(|name| cfg!(feature = "mio") || *name != "event_loop");
    let named: BTreeSet<&str> = named.collect();
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
fn without_an_account_nothing_is_copied() {
    assert_eq!(
        printed(&mut example("copy_account")),
        "Archive: 1\nDrafts: 0\nINBOX: 5\nSent: 1\nTrash: 2\n\
         9 messages would be copied; with --copy they are.\n"
    );
}

#[test]
fn attachments_are_saved_under_names_that_stay_in_the_directory() {
    assert_eq!(
        printed(&mut example("attachments")),
        "Last year\n    2-caf\u{e9}.csv\n    3-.._dot.gif\n"
    );
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attachments");
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    let printed = printed(example("attachments").arg(&directory));
    assert!(
        printed.contains("2-caf\u{e9}.csv: 19 octets\n"),
        "{printed}"
    );
    let saved = |name: &str| fs::read(directory.join(name)).unwrap();
    assert_eq!(
        saved("2-caf\u{e9}.csv"),
        "what,price\r\ncaf\u{e9},2".as_bytes()
    );
    assert_eq!(&saved("3-.._dot.gif")[..6], b"GIF89a");
    // What is there is not overwritten.
    let complaint = run(example("attachments").arg(&directory));
    assert!(
        !complaint.0 && complaint.2.contains("exists"),
        "{complaint:?}"
    );
}

#[test]
fn what_is_wrong_with_an_account_is_said_plainly() {
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
    let mut no_file = example("append");
    no_file.env("LATCHBOX_URL", "imaps://jane@localhost:1");
    no_file.env("LATCHBOX_PASSWORD", "secret");
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

#[cfg(feature = "rsasl")]
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
