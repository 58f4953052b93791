//! Hostile servers and hostile inputs, each test named after its number in the list of attacks:
//! what the client must answer, what it must not send, and what can be done next.

mod framing;
mod greeting;
mod injection;
mod limits;
mod literal8;
mod literals;
mod login;
mod names;
mod numbers;
mod raw;
mod sasl;
#[cfg(feature = "scram")]
mod scram;
mod secrets;
mod selection;
mod sets;
mod start_tls;
mod streams;
mod tags;
mod values;

use std::process::{Command, Stdio};

use crate::pieces::PIECES;

/// What is left out in pieces because of all that it sends.
const TAKES_LONG: [&str; 4] = [
    "limits::",
    "secrets::",
    "injection::",
    "attack_054_a_server_that_is_lively",
];

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
            .args(["attacks::", "--test-threads=2"])
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
