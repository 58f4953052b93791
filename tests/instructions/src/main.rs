//! Instructions that answers cost, counted by valgrind, so that no busy machine changes them:
//!
//! - `check` holds the hot paths against what they may cost, and every kind of response against
//!   the rule that a longer one costs in proportion; `check --long` up to 10 MB.
//! - `run [WORK SIZE SPLIT]...` does pieces of work, for the tool that counts.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod served;
mod work;

use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use answer::KINDS;

/// What one of many may cost: a message, eight octets of numbers, a command. About 7 in 100 more
/// than was counted, for other compilers and processors.
const EACH: [(&str, usize, u64); 5] = [
    ("flags", 2_000, 2_390),
    ("envelopes", 1_000, 26_000),
    ("bodies", 200, 26_900),
    ("search", 50_000, 172),
    ("noop", 1_000, 2_390),
];

/// How much more an octet of a long response may cost than one of a short one.
const LINEAR: f64 = 1.2;

/// And the copies that a short one does without, because it lies whole in the read buffer: out of
/// that, and as the room for it grows. The tool counts each octet of a copy as an instruction.
const COPIES: f64 = 2.5;

/// Everything that there is in one read.
const WHOLE: usize = usize::MAX;

/// Where counting begins and ends: see `work::counted`. What the server does inside is not ours.
const COUNTED: [&str; 4] = [
    "--dump-after=*work::counted*",
    "--toggle-collect=latchbox_instructions::work::counted*",
    "--toggle-collect=*Served as std::io::Read>::read",
    "--toggle-collect=*Served as std::io::Write>::write",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", works @ ..] if works.len() % 3 == 0 => run(works),
        ["check"] => check(300_000),
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

fn usage<T>() -> io::Result<T> {
    Err(io::Error::other(
        "usage: latchbox-instructions check [--long] | run [WORK SIZE SPLIT]...",
    ))
}

fn run(works: &[&str]) -> io::Result<bool> {
    for piece in works.chunks(3) {
        let [work, size, split] = piece else {
            return usage();
        };
        let (Ok(size), Ok(split)) = (size.parse(), split.parse()) else {
            return usage();
        };
        println!("{}", work::run(work, size, split)?);
    }
    Ok(true)
}

/// Prints both tables; whether everything is within its bound.
fn check(longest: usize) -> io::Result<bool> {
    let each = check_each()?;
    let linear = check_linear(longest)?;
    Ok(each && linear)
}

fn check_each() -> io::Result<bool> {
    let works = EACH.map(|(work, count, _)| [(work, count / 10, WHOLE), (work, count, WHOLE)]);
    let counts = instructions(works.as_flattened())?;
    println!("| one of | instructions | at most |\n|---|--:|--:|");
    let mut good = true;
    for ((work, count, most), counts) in EACH.iter().zip(counts.chunks(2)) {
        let [few, many] = counts else { continue };
        let each = many.saturating_sub(*few) / (count - count / 10) as u64;
        println!("| {work} | {each} | {most} |{}", verdict(each <= *most));
        good &= each <= *most;
    }
    Ok(good)
}

fn check_linear(longest: usize) -> io::Result<bool> {
    let sizes = [
        (0, WHOLE),
        (10_000, WHOLE),
        (100_000, WHOLE),
        (longest, WHOLE),
        (10_000, 1),
        (100_000, 1),
    ];
    println!("\n| a response | 10 KB | 100 KB | {longest} octets | 10 KB by octets | 100 KB |");
    println!("|---|--:|--:|--:|--:|--:|");
    let mut good = true;
    for kind in KINDS {
        let counts = instructions(&sizes.map(|(size, split)| (kind.name, size, split)))?;
        let nothing = counts.first().copied().unwrap_or(0);
        let octet = |(count, (size, _)): (&u64, &(usize, usize))| {
            let octets = kind.answer(*size).octets.len().max(1);
            count.saturating_sub(nothing) as f64 / octets as f64
        };
        let each: Vec<f64> = counts.iter().zip(&sizes).map(octet).collect();
        let [_, one, ten, most, cut, cut_ten] = each[..] else {
            continue;
        };
        let bound = one * LINEAR + COPIES;
        let is_linear = ten <= bound && most <= bound && cut_ten <= cut * LINEAR;
        println!(
            "| {} | {one:.1} | {ten:.1} | {most:.1} | {cut:.0} | {cut_ten:.0} |{}",
            kind.name,
            verdict(is_linear)
        );
        good &= is_linear;
    }
    Ok(good)
}

fn verdict(good: bool) -> &'static str {
    if good { "" } else { " TOO MUCH" }
}

/// What valgrind counts of each of some works, in one process: starting the tool takes longer than
/// most of them.
fn instructions(works: &[(&str, usize, usize)]) -> io::Result<Vec<u64>> {
    let place = std::env::temp_dir().join(format!("latchbox-instructions-{}", std::process::id()));
    std::fs::create_dir_all(&place)?;
    let counts = counts_in(&place, works);
    std::fs::remove_dir_all(&place)?;
    counts
}

fn counts_in(place: &Path, works: &[(&str, usize, usize)]) -> io::Result<Vec<u64>> {
    let file = place.join("counts");
    let mut command = Command::new("valgrind");
    command
        .args(["--tool=callgrind", "--callgrind-out-file=counts"])
        .args(COUNTED)
        .current_dir(place)
        .arg(std::env::current_exe()?)
        .arg("run");
    // The first is done twice, so that what is done once in a process is not counted.
    for (work, size, split) in works.iter().take(1).chain(works) {
        command.args([*work, &size.to_string(), &split.to_string()]);
    }
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{works:?}: {said}")));
    }
    let total = |number: usize| {
        let text = std::fs::read_to_string(file.with_extension(number.to_string()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        let total = total.and_then(|total| total.trim().parse().ok());
        total.ok_or_else(|| io::Error::other(format!("{works:?}: no total of {number}")))
    };
    (2..works.len() + 2).map(total).collect()
}
