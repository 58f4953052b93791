//! Tests of hostile servers once more, with a client that reads few octets at a time.

use std::process::{Command, Stdio};

use crate::pieces::PIECES;

/// The modules whose tests are run in pieces.
const MODULES: [&str; 15] = [
    "answers::framing::",
    "answers::numbers::",
    "answers::sets::",
    "answers::tags::",
    "answers::values::",
    "appending::literals::",
    "fetching::streams::",
    "lock::selecting::",
    "logging_in::greeting::",
    "logging_in::login::",
    "logging_in::sasl::",
    "logging_in::scram::",
    "mailboxes::names::",
    "raw_commands::",
    "transport::start_tls::",
];

/// What is left out in pieces because of all that it sends.
const TAKES_LONG: [&str; 1] = ["attack_054_a_server_that_is_lively"];

/// What is about octets that have arrived before a command is sent: with a pause before them they have
/// not.
const NEEDS_ARRIVED: [&str; 3] = [
    "attack_009_an_answer_before_the_command",
    "attack_010_an_answer_to_a_command_that_was_not_sent",
    "attack_072_an_answer_to_nothing",
];

/// The result is the same however the octets are split: the attacks once more, in processes that read
/// in pieces.
#[test]
fn fault_07_each_attack_gives_the_same_in_any_pieces() {
    if std::env::var_os(PIECES).is_some() {
        return;
    }
    let children = ["1", "2", "7", "1p"].map(|pieces| {
        let left_out = TAKES_LONG.iter().chain(match pieces.ends_with('p') {
            true => &NEEDS_ARRIVED[..],
            false => &[],
        });
        let child = Command::new(std::env::current_exe().unwrap())
            .args(MODULES)
            .arg("--test-threads=2")
            .args(left_out.flat_map(|name| ["--skip", name]))
            .env(PIECES, pieces)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        (pieces, child.unwrap())
    });
    let failures: Vec<_> = children
        .into_iter()
        .filter_map(|(pieces, child)| {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            (!output.status.success()).then(|| format!("{pieces} octets a read:\n{said}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
