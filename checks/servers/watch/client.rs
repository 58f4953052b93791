//! Another client that changes mailboxes: Python's imaplib (`client.py`), in a process beside.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::sync::reader::Access;

/// A client that changes the mailboxes of a user, with a new connection for each change.
pub(super) struct OtherClient {
    access: Access,
    /// Ends when its input does.
    _child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl OtherClient {
    pub(super) fn new(access: &Access) -> Self {
        let child = Command::new("python3")
            .args(["-c", include_str!("client.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("python3 changes what the servers have");
        Self {
            access: access.clone(),
            orders: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            _child: child,
        }
    }

    pub(super) fn append(&mut self, mailbox: &str, count: u32, flags: &str) {
        self.act(&["append", mailbox, &count.to_string(), flags]);
    }

    /// Changes flags: `action` is `+FLAGS`, `-FLAGS` or `FLAGS`.
    pub(super) fn store(&mut self, mailbox: &str, places: &str, action: &str, flags: &str) {
        self.act(&["store", mailbox, places, action, flags]);
    }

    pub(super) fn expunge(&mut self, mailbox: &str, places: &str) {
        self.act(&["expunge", mailbox, places]);
    }

    pub(super) fn move_to(&mut self, mailbox: &str, places: &str, target: &str) {
        self.act(&["move", mailbox, places, target]);
    }

    /// Changes something; panics if the server refuses it.
    #[track_caller]
    pub(super) fn act(&mut self, words: &[&str]) {
        let acted = self.try_to_act(words);
        acted.unwrap_or_else(|why| panic!("{words:?}: {why}"));
    }

    /// Changes something, or returns why it may not have been changed.
    #[track_caller]
    pub(super) fn try_to_act(&mut self, words: &[&str]) -> Result<(), String> {
        let Access {
            port,
            user,
            password,
        } = &self.access;
        let words = words.join("\t");
        writeln!(self.orders, "{port}\t{user}\t{password}\t{words}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        match answer.trim_end() {
            "done" => Ok(()),
            failed => Err(failed.to_owned()),
        }
    }
}
