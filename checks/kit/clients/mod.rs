//! Whole sessions of other clients: what they see and what they leave behind.

mod crate_imap;
mod curl;
mod imaplib;
mod interimap;
mod mbsync;
mod mutt;
mod offlineimap;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use latchbox_testkit::{Builder, Direction, NewMessage, Server, message};

/// A server whose INBOX has three messages, and which has more mailboxes.
fn server() -> Server {
    builder().start().unwrap()
}

fn builder() -> Builder {
    let mail = |number: u32| {
        let subject = format!("Message {number}");
        let text = format!("The text of message {number}.\r\n");
        NewMessage::new(message(&subject, "ann@example.com", &text))
    };
    Server::builder()
        .mailbox("INBOX", [mail(1).flag("\\Seen"), mail(2), mail(3)])
        .mailbox("Archive", [mail(4)])
        .mailbox("Entw\u{fc}rfe/2026", Vec::<NewMessage>::new())
        .mailbox("Trash", Vec::<NewMessage>::new())
        .with("QRESYNC")
}

/// The subjects of the messages in a mailbox, in order.
fn subjects(server: &Server, mailbox: &str) -> Vec<String> {
    let messages = server.messages(mailbox).into_iter();
    let subject = |octets: &[u8]| {
        let text = String::from_utf8_lossy(octets).into_owned();
        let mut lines = text.lines();
        let line = lines.find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned));
        line.unwrap_or_default()
    };
    messages.map(|message| subject(&message.bytes)).collect()
}

/// Whether a message with this subject has a flag.
fn has_flag(server: &Server, mailbox: &str, subject: &str, flag: &str) -> bool {
    let at = subjects(server, mailbox)
        .iter()
        .position(|own| own == subject)
        .unwrap_or_else(|| panic!("no {subject} in {mailbox}"));
    server.messages(mailbox)[at]
        .flags
        .iter()
        .any(|own| own == flag)
}

/// Fails if the server has refused a command for its form: these clients know how to write one, so that
/// the refusal would be wrong.
fn assert_no_bad(server: &Server) {
    let events = server.timeline();
    let is_bad = |line: &str| line.split(' ').nth(1) == Some("BAD");
    let bad = events
        .iter()
        .any(|event| event.direction == Direction::Server && is_bad(&event.line));
    assert!(!bad, "{}", shown(server));
}

/// What went over the wire.
fn shown(server: &Server) -> String {
    server.timeline_text()
}

/// Runs a program in a directory, which is its home too; fails with what it said and what went over the
/// wire if it fails.
fn run(server: &Server, home: &Path, program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_DATA_HOME", home.join("data"))
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}, which tests/run installs: {error}"));
    assert!(
        output.status.success(),
        "{program} ended with {}:\n{}{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        shown(server)
    );
    output
}
