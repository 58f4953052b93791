//! What Dovecot answers and what the kit answers to one list of commands.

mod same;
mod values;

use latchbox_testkit::{NewMessage, PASSWORD, Server, USER};

use crate::raw::Raw;
use crate::support::dovecot::{Dovecot, PLUGINS};
use same::same;

/// A command of the list.
struct Step {
    line: usize,
    second: bool,
    octets: Vec<u8>,
    text: String,
    /// Why the answers differ, if they do.
    differs: Option<String>,
}

/// What Dovecot has beside what the kit has by default.
const EXTENSIONS: &[&str] = &[
    "QRESYNC",
    "SAVEDATE",
    "PREVIEW",
    "CATENATE",
    "ESORT",
    "THREAD=REFS",
];

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, line) in (1..).zip(include_str!("commands.txt").lines()) {
        if let Some(why) = line.strip_prefix('~') {
            steps.last_mut().unwrap().differs = Some(why.trim().to_owned());
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (second, text) = match line.strip_prefix("2: ") {
            Some(text) => (true, text),
            None => (false, line),
        };
        steps.push(Step {
            line: number,
            second,
            octets: unescaped(text),
            text: text.to_owned(),
            differs: None,
        });
    }
    steps
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (octet, length) = match rest {
            _ if rest.starts_with("\\r") => (b'\r', 2),
            _ if rest.starts_with("\\n") => (b'\n', 2),
            _ if rest.starts_with("\\x") => (u8::from_str_radix(&rest[2..4], 16).unwrap(), 4),
            _ => (u8::try_from(first).unwrap(), first.len_utf8()),
        };
        octets.push(octet);
        rest = &rest[length..];
    }
    octets
}

/// Two connections to one server, and what it answers to each step.
fn played(port: u16, user: &str, password: &str, steps: &[Step]) -> Vec<Vec<String>> {
    let login = format!("l LOGIN {user} {password}\r\n");
    let mut connections = [Raw::connect(port), Raw::connect(port)];
    for connection in &mut connections {
        let answer = connection.answer("l", login.as_bytes());
        assert!(answer.last().unwrap().starts_with("l OK"), "{answer:?}");
    }
    let answers = steps.iter().map(|step| {
        let command = [b"t ", &step.octets[..], b"\r\n"].concat();
        connections[usize::from(step.second)].answer("t", &command)
    });
    answers.collect()
}

fn kit() -> Server {
    let mut builder = Server::builder();
    for name in ["Archive", "Drafts", "Junk", "Sent", "Trash"] {
        builder = builder.mailbox(name, Vec::<NewMessage>::new());
    }
    let builder = builder.shared_mod_seqs();
    let all = EXTENSIONS.iter();
    all.fold(builder, |builder, name| builder.with(name))
        .start()
        .unwrap()
}

#[test]
fn the_kit_answers_as_dovecot_does() {
    let dovecot = Dovecot::start(PLUGINS).unwrap_or_else(|why| panic!("{why}"));
    let (user, kit) = (dovecot.user(), kit());
    let steps = steps();
    let theirs = played(dovecot.port(), user.name(), user.password(), &steps);
    let ours = played(kit.port(), USER, PASSWORD, &steps);
    let mut wrong = String::new();
    for (step, (theirs, ours)) in steps.iter().zip(theirs.iter().zip(&ours)) {
        let (their, our) = (same(theirs), same(ours));
        let text: String = step.text.chars().take(100).collect();
        let place = format!("{}: {text}", step.line);
        match (&step.differs, their == our) {
            (None, false) => {
                let lines = |answer: &[String]| answer.join("\n    ");
                wrong += &format!(
                    "{place}\n  Dovecot:\n    {}\n  kit:\n    {}\n",
                    lines(&their),
                    lines(&our)
                );
            }
            (Some(why), true) => wrong += &format!("{place}\n  does not differ: {why}\n"),
            _ => {}
        }
    }
    println!("{} commands", steps.len());
    assert!(wrong.is_empty(), "{wrong}");
}
