//! Instructions that answers cost, counted by valgrind, so that no busy machine changes them:
//!
//! - `check` holds the hot paths against what they may cost, and every kind of response against
//!   the rule that a longer one, and more of them, cost in proportion; `check --long` up to 10 MB.
//! - `run [WORK SIZE SPLIT]...` does pieces of work, for the tool that counts.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod ask;
mod batched;
mod kinds;
mod served;
mod watched;
mod work;

use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use answer::file_name;
use kinds::{Form, KINDS, Kind};
use work::{CHANGES_AMONG_WATCHES, Place, name_of};

/// What one of many may cost: a message, eight octets of numbers, a command. About 7 in 100 more
/// than was counted, for other compilers and processors.
///
/// - `flags`: 1,190 were counted, and `mod-sequences` (flags and MODSEQ) 1,616. The aims are 750 and 1,000. Finding
///   the items takes 500 (`read_plain` 340 with the list of flags, `assign_plain` 90, `FetchPlace::plain` 66), reading
///   the flags 230. The rest takes the connection for the row (`hand_out_unframed` 78, `in_use` and `Turn::value` 72,
///   `next_row` 33), and decides whether the row belongs to the answer (`advance` 121, `role` 73).
/// - `first sync`: 1,230. What `flags` costs: the messages of a batch are a table, and none has memory of
///   its own.
/// - `sync of nothing` and `sync of one change`: of 1,000,000 messages, by QRESYNC, with the lock and its
///   SELECT: 24,441 and 34,973. A status
///   response may have several codes, in several forms, and the messages that are named are counted.
/// - `envelopes`: 23,879. A file name is looked for under both words, in the media type and in the
///   disposition; encoded words are joined before they are decoded; charsets have many labels.
/// - `untouched`: the same rows, of which nothing is looked at: 7,268. The aim is 3,000. Finding the ends of the
///   strings and lists takes 2,900 in the envelope (`skip_list` 1,770, `simple_end` 560, `read_fields` 550) and 1,670
///   in the structure (`try_plain_list`): about 15 for each eight octets of a string and 20 for its quotes.
/// - `everything`: every field, address and part, of rows of which one subject in five is encoded: 28,575. The aim is
///   12,000. Finding the ends takes 4,500 (`skip_list`, `simple_end`, `read_fields`). Strings are searched for their
///   ends once more when they are read (`plain_quoted` 3,160, `next_parts` 1,960); the text of an address takes 2,500,
///   the parts of the structure 3,500, and their fields as many.
/// - `structures`: BODYSTRUCTURE alone, and all of each part: 12,782. The aim is 6,000. The structure is read in one
///   pass (3,600) once the caller has looked at that of an earlier row; the rest is what is looked at: strings
///   (`plain_quoted` 1,110, `Part::string` 590), parameters (1,700), texts (600).
/// - `header fields`: a section of 243 octets that four names request: 1,609. The aim is 1,200. Finding the
///   items takes 700 (`read_plain` 543), comparing the names 190 (`is_written_as` 142), the octets 190. The rest is
///   that of `flags`.
/// - `small bodies` and `bodies`: of 6,000 and of 20,000 octets: 2,402 and 24,022. The first is one copy in vectors, the
///   second one that the tool counts octet by octet: a row is copied out of the read buffer. The aim is 5,000.
/// - `search`: 178; 164 before the compiler placed the collecting of the numbers elsewhere.
/// - `noop`: 2,402, of an aim of 2,450, and 2,523 if it looks whether something has arrived, by which a command
///   notices that the connection has ended. It does not look at once after the last octets; how many of a
///   thousand look depends on how fast the tool is. Receiving takes some 1,000: the read 300, framing 190,
///   finding its command and completing it 250; its text is not looked at. Sending takes some 600, of which 250
///   are the deadlines: the clock is read for them, and with each read for `Session::stats`. The turn takes 500.
/// - `append`: 4,027 for 1 KiB, of which 2,523 are those of `noop`. The look for a NUL takes 190, the name 200, the
///   head of the command and the literal's 250, and, because the tool's transport takes one piece at a time, the
///   sending of the pieces 300.
/// - `lock`: 1,475 with its release, of the mailbox that is selected. The aim is 600. The name takes 100, the turn
///   550, the look whether something has arrived 180, and whether octets came a moment ago 110; the rest is the moving of the request, the call and the guard.
/// - `list`: 4,021 with a plain name of 26 octets, 5,017 with a name in modified UTF-7, 8,061 with four
///   counts. The aims are 2,400, 3,200 and 5,000. About 600 of each are the room for its name and its place, 270 the
///   look whether a name comes twice, and 330 the framing. The name of the response takes 300 (`Response::parse`), its
///   fields 800 (`list::parse` 270, `next_name` 210, `quoted` 150, `mailbox_name` 140), and moving what was read 260.
///   Decoding a name takes 1,000.
/// - `batched noop`, `batched store`, `batched append`: 1,638, 3,358 and 3,253, in batches of 100. The aim of the
///   first is 1,500. About 550 of each are the receiving of its tagged response, which a command alone has too; 170
///   give it to its command, 250 its outcome to the caller; 315 are its sending, with the look
///   whether it may be sent beside the others.
const EACH: [(&str, usize, u64); 22] = [
    ("flags", 2_000, 1_310),
    ("mod-sequences", 2_000, 1_730),
    ("first sync", 2_000, 1_316),
    ("sync of nothing", 100, 26_150),
    ("sync of one change", 100, 37_400),
    ("envelopes", 1_000, 25_550),
    ("everything", 1_000, 30_570),
    ("untouched", 1_000, 7_770),
    ("structures", 1_000, 13_670),
    ("header fields", 1_000, 1_722),
    ("small bodies", 200, 2_570),
    ("bodies", 200, 25_650),
    ("search", 50_000, 190),
    ("noop", 1_000, 2_700),
    ("append", 1_000, 4_311),
    ("lock", 1_000, 1_595),
    ("list", 2_000, 4_300),
    ("list, other letters", 2_000, 5_370),
    ("list, counts", 2_000, 8_630),
    ("batched noop", 10_000, 1_753),
    ("batched store", 10_000, 3_593),
    ("batched append", 10_000, 3_481),
];

/// The numbers of watches among which one change costs the same, except for the trees in which they
/// are looked up.
const WATCHES: [usize; 2] = [10, 1_000];

/// How much more it may cost among many.
const AMONG_MANY: f64 = 1.03;

/// How much more an octet of a long response may cost than one of a short one.
const LINEAR: f64 = 1.2;

/// How much more where what comes is sorted: the logarithm of ten million is so much larger than
/// that of ten thousand.
const LOGARITHM: f64 = 1.8;

/// And the copies that a short one does without, because it lies whole in the read buffer: out of
/// that, and as the room for it grows. The tool counts each octet of a copy as an instruction.
const COPIES: f64 = 2.5;

/// The longest answers come in reads of so many octets, as they do from far away.
const READ: usize = 1448;

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
        ["check"] => check(200_000),
        ["check", "--each"] => check_each(),
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
        "usage: latchbox-instructions check [--each | --long] | run [WORK SIZE SPLIT]...",
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
    let watches = check_watches()?;
    let linear = check_linear(longest)?;
    Ok(each && watches && linear)
}

/// A change of one mailbox costs no work that grows with the number of watches.
fn check_watches() -> io::Result<bool> {
    let works = WATCHES.map(|watches| (CHANGES_AMONG_WATCHES, watches, WHOLE));
    let counts = instructions(&works, &[])?;
    let [few, many] = counts[..] else {
        return usage();
    };
    let is_same = many as f64 <= few as f64 * AMONG_MANY;
    let [one, other] = WATCHES;
    println!("\n| ten changes among {one} watches | among {other} |\n|--:|--:|");
    println!("| {few} | {many} |{}", verdict(is_same));
    Ok(is_same)
}

fn check_each() -> io::Result<bool> {
    let works = EACH.map(|(work, count, _)| [(work, count / 10, WHOLE), (work, count, WHOLE)]);
    let counts = instructions(works.as_flattened(), &[])?;
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
    println!(
        "\n| a response, or many | 10 KB | 100 KB | {longest} octets | 2 KB by octets | 20 KB | \
         2 KB before TLS | 20 KB |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    let all = KINDS.into_iter().flatten();
    let works = all.flat_map(|kind| [(kind, Form::Long), (kind, Form::Short)]);
    let mut works = works
        .filter(|(kind, form)| kind.has(*form))
        .collect::<Vec<_>>();
    works.reverse();
    let (works, good) = (Mutex::new(works), Mutex::new(true));
    let worker = || -> io::Result<()> {
        loop {
            let next = works.lock().map_err(poisoned)?.pop();
            let Some((kind, form)) = next else {
                return Ok(());
            };
            let (line, is_linear) = measured(kind, form, longest)?;
            let mut good = good.lock().map_err(poisoned)?;
            println!("{line}");
            *good &= is_linear;
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(worker)).collect();
        let ended = workers.into_iter().map(|one| one.join().map_err(poisoned)?);
        ended.collect::<io::Result<()>>()
    })?;
    Ok(*good.lock().map_err(poisoned)?)
}

/// Another worker has failed, and said why.
fn poisoned<E>(_: E) -> io::Error {
    io::Error::other("a worker failed")
}

/// What an octet costs in each way to send a kind; the line of the table, and whether it is linear.
fn measured(kind: &Kind, form: Form, longest: usize) -> io::Result<(String, bool)> {
    let sizes = [
        (0, WHOLE, Place::Session),
        (10_000, WHOLE, Place::Session),
        (100_000, WHOLE, Place::Session),
        (longest, READ, Place::Session),
        (2_000, 1, Place::Session),
        (20_000, 1, Place::Session),
        (0, WHOLE, Place::BeforeTls),
        (2_000, WHOLE, Place::BeforeTls),
        (20_000, WHOLE, Place::BeforeTls),
    ];
    let works = sizes.map(|(size, split, place)| (name_of(kind, form, place), size, split));
    let works = works
        .each_ref()
        .map(|(work, size, split)| (work.as_str(), *size, *split));
    let files = sizes.map(|(size, ..)| (file_name(kind, form, size), kind.octets(form, size)));
    let counts = instructions(&works, &files)?;
    let octets = |at: usize| files.get(at).map_or(1, |(_, octets)| octets.len().max(1));
    let each = |at: usize, nothing: usize| {
        let count = |at: usize| counts.get(at).copied().unwrap_or(0);
        count(at).saturating_sub(count(nothing)) as f64 / octets(at) as f64
    };
    let [one, ten, most] = [1, 2, 3].map(|at| each(at, 0));
    let [cut, cut_ten] = [4, 5].map(|at| each(at, 0));
    let [tls, tls_ten] = [7, 8].map(|at| each(at, 6));
    // One that ends the session costs less than nothing does, which is no less than it costs there.
    let tls = tls.max(cut);
    let linear = if kind.sorted {
        LINEAR * LOGARITHM
    } else {
        LINEAR
    };
    let bound = one * linear + COPIES;
    let is_linear =
        ten <= bound && most <= bound && cut_ten <= cut * linear && tls_ten <= tls * linear;
    let name = match form {
        Form::Long => kind.name.to_owned(),
        Form::Short => format!("{}, many", kind.name),
    };
    let line = format!(
        "| {name} | {one:.1} | {ten:.1} | {most:.1} | {cut:.0} | {cut_ten:.0} | {tls:.0} | \
         {tls_ten:.0} |{}",
        verdict(is_linear)
    );
    Ok((line, is_linear))
}

fn verdict(good: bool) -> &'static str {
    if good { "" } else { " TOO MUCH" }
}

/// What valgrind counts of each of some works, in one process: starting the tool takes longer than
/// most of them.
fn instructions(
    works: &[(&str, usize, usize)],
    files: &[(String, Vec<u8>)],
) -> io::Result<Vec<u64>> {
    static PLACES: AtomicUsize = AtomicUsize::new(0);
    let (process, number) = (std::process::id(), PLACES.fetch_add(1, Ordering::Relaxed));
    let place = std::env::temp_dir().join(format!("latchbox-instructions-{process}-{number}"));
    std::fs::create_dir_all(&place)?;
    for (name, octets) in files {
        std::fs::write(place.join(name), octets)?;
    }
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
