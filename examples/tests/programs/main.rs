//! The examples, each run as a process: they print what they promise, and do on a real account
//! what they say and nothing else. `checks/servers` runs them on Dovecot.

// Tests may unwrap and index; what they say when they fail is their purpose.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod keeping;
// OpenSSL alone takes the authority of these tests from a variable.
#[cfg(not(any(windows, target_vendor = "apple")))]
mod outputs;
mod run;
mod tables;
mod watching;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The features of the examples, and which of them these tests were built with.
const FEATURES: &[(&str, bool)] = &[
    ("mio", cfg!(feature = "mio")),
    ("rsasl", cfg!(feature = "rsasl")),
    ("sqlite", cfg!(feature = "sqlite")),
    ("web", cfg!(feature = "web")),
];

/// Whether these tests were built with all features.
const IS_WITH_ALL: bool = cfg!(all(
    feature = "mio",
    feature = "rsasl",
    feature = "sqlite",
    feature = "web"
));

use run::{built, complaint, example, printed};

#[test]
fn the_index_names_every_example() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(".");
    let index = fs::read_to_string(directory.join("README.md")).unwrap();
    let rows = index.lines().filter_map(|line| line.strip_prefix("| ["));
    let named = rows.map(|row| row.split_once(']').unwrap().0);
    // A package by itself.
    let named = named.filter(|name| *name != "fleet");
    // Some are built with their features only.
    let named = named.filter(|name| cfg!(feature = "rsasl") || *name != "rsasl");
    let named = named.filter(|name| cfg!(feature = "sqlite") || *name != "sync_sqlite");
    let named = named.filter(|name| cfg!(feature = "mio") || *name != "event_loop");
    let named = named.filter(|name| cfg!(feature = "web") || *name != "web");
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
    // The README's picture is such a run, without what the threads ask for first.
    let drawn = picture_of_the_readme();
    for (thread, column) in [&list, &delete].into_iter().enumerate() {
        let run = sent(column).into_iter().skip(1).map(verb);
        let drawn = drawn.iter().filter(|(of, _)| *of == thread);
        let drawn = drawn.map(|(_, command)| verb(command.clone()));
        assert_eq!(
            run.collect::<Vec<_>>(),
            drawn.collect::<Vec<_>>(),
            "{table}"
        );
    }
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
fn what_is_wrong_with_an_account_is_said_plainly() {
    assert_eq!(
        complaint(&mut example("list_mailboxes")),
        "set LATCHBOX_URL to imaps://user@host\n"
    );
    let mut bad = example("list_mailboxes");
    bad.env("LATCHBOX_URL", "imaps://jane:geheim@imap.example.com");
    assert_eq!(
        complaint(&mut bad),
        "not a server URL: a password is not allowed\n"
    );
    let mut no_number = example("two_threads");
    assert_eq!(complaint(no_number.arg("0")), "usage: two_threads [runs]\n");
}

#[test]
fn the_script_names_the_version_that_is_here() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = fs::read_to_string(directory.join("script.rs")).unwrap();
    assert!(
        script.starts_with("#!/usr/bin/env rust-script\n"),
        "{script}"
    );
    let (_, header) = script.split_once("//! ```cargo\n").unwrap();
    let manifest = fs::read_to_string(directory.join("../Cargo.toml")).unwrap();
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("version = \""));
    let version = version.unwrap().rsplit_once('.').unwrap().0;
    let dependency = format!("//! latchbox = \"{version}\"\n");
    assert!(header.contains(&dependency), "{dependency}");
}

/// The commands in the README's picture except SELECT, each with the column that it stands in.
fn picture_of_the_readme() -> Vec<(usize, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(directory.join("../README.md")).unwrap();
    let (_, picture) = page.split_once("```text\none thread").unwrap();
    let picture = picture.split("```").next().unwrap().lines();
    let cells = picture.flat_map(|line| line.splitn(2, '|').enumerate());
    let commands = cells.filter_map(|(column, cell)| {
        let command = cell.trim().strip_prefix("C: ")?;
        Some((column, command.to_owned()))
    });
    commands
        .filter(|(_, it)| !it.starts_with("SELECT"))
        .collect()
}

/// The first two words of a command, which are its name.
fn verb(command: String) -> String {
    command.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
