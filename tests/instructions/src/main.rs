//! Instructions that answers cost, counted by valgrind, so that no busy machine changes them:
//!
//! - `check` holds the hot paths against what they may cost, and every kind of response against
//!   the rule that a longer one costs in proportion; `check --long` up to 10 MB.
//! - `run WORK SIZE SPLIT` does one piece of work, for the tool that counts.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod served;
mod work;

use std::io;
use std::process::{Command, ExitCode};

use answer::KINDS;

/// What one of many may cost: a message, a number, a command.
const EACH: [(&str, usize, u64); 5] = [
    ("flags", 2_000, 3_300),
    ("envelopes", 1_000, 27_000),
    ("bodies", 200, 25_500),
    ("search", 50_000, 195),
    ("noop", 1_000, 2_600),
];

/// How much more an octet of a long response may cost than one of a short one.
const LINEAR: f64 = 1.2;

/// And the copies that a short one does without, because it lies whole in the read buffer: out of
/// that, and as the room for it grows. The tool counts each octet of a copy as an instruction.
const COPIES: f64 = 2.5;

/// Where counting begins and ends: see `work::counted`. What the server does inside is not ours.
const COUNTED: [&str; 3] = [
    "--toggle-collect=latchbox_instructions::work::counted*",
    "--toggle-collect=*Served as std::io::Read>::read",
    "--toggle-collect=*Served as std::io::Write>::write",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", work, size, split] => match (size.parse(), split.parse()) {
            (Ok(size), Ok(split)) => run(work, size, split),
            _ => usage(),
        },
        ["check"] => check(1_000_000),
        ["check", "--long"] => check(10_000_000),
        _ => usage(),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn usage() -> io::Result<bool> {
    Err(io::Error::other(
        "usage: latchbox-instructions check [--long] | run WORK SIZE SPLIT",
    ))
}

fn run(work: &str, size: usize, split: usize) -> io::Result<bool> {
    let sum = work::run(work, size, split)?;
    println!("{sum}");
    Ok(true)
}

/// Prints both tables; whether everything is within its bound.
fn check(longest: usize) -> io::Result<bool> {
    let each = check_each()?;
    let linear = check_linear(longest)?;
    Ok(each && linear)
}

fn check_each() -> io::Result<bool> {
    println!("| one of | instructions | at most |\n|---|--:|--:|");
    let mut good = true;
    for (work, count, most) in EACH {
        let few = instructions(work, count / 10, usize::MAX)?;
        let many = instructions(work, count, usize::MAX)?;
        let each = many.saturating_sub(few) / (count - count / 10) as u64;
        println!("| {work} | {each} | {most} |{}", verdict(each <= most));
        good &= each <= most;
    }
    Ok(good)
}

fn check_linear(longest: usize) -> io::Result<bool> {
    println!(
        "\n| a response | 10 KB | 100 KB | {longest} octets | 10 KB in single octets | 100 KB |"
    );
    println!("|---|--:|--:|--:|--:|--:|");
    let mut good = true;
    for kind in KINDS {
        let name = kind.name;
        let nothing = instructions(name, 0, usize::MAX)?;
        let octet = |size: usize, split| -> io::Result<f64> {
            let octets = kind.answer(size).octets.len();
            let count = instructions(name, size, split)?.saturating_sub(nothing);
            Ok(count as f64 / octets as f64)
        };
        let [one, ten] = [octet(10_000, usize::MAX)?, octet(100_000, usize::MAX)?];
        let most = octet(longest, usize::MAX)?;
        let [cut, cut_ten] = [octet(10_000, 1)?, octet(100_000, 1)?];
        let bound = one * LINEAR + COPIES;
        let is_linear = ten <= bound && most <= bound && cut_ten <= cut * LINEAR;
        println!(
            "| {name} | {one:.1} | {ten:.1} | {most:.1} | {cut:.0} | {cut_ten:.0} |{}",
            verdict(is_linear)
        );
        good &= is_linear;
    }
    Ok(good)
}

fn verdict(good: bool) -> &'static str {
    if good { "" } else { " TOO MUCH" }
}

/// What valgrind counts of one piece of work.
fn instructions(work: &str, size: usize, split: usize) -> io::Result<u64> {
    let program = std::env::current_exe()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(COUNTED)
        .arg(program)
        .args(["run", work, &size.to_string(), &split.to_string()])
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.split_once("Collected : ").map(|(_, rest)| rest);
    let number = collected.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    match number {
        Some(number) if output.status.success() => Ok(number),
        _ => Err(io::Error::other(format!("{work} {size} {split}: {said}"))),
    }
}
