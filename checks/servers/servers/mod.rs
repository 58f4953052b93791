//! The same checks on every real server and on the in-process one; the README's tables of what works
//! where are written from them.
//!
//! A check that succeeds "works" where the server has what it needs, and "falls back" where not; one
//! that is refused before anything is sent is "unsupported", and only where the server does not have it.
//! Everything else is a failure, unless it is written down in [`defects::DEFECTS`].
//!
//! `LATCHBOX_LONG=1` runs them on the servers that `tests/run --long` installs too,
//! `LATCHBOX_ONLY=in-process` on one server alone, and `LATCHBOX_WRITE_TABLE=1` writes what was found
//! into the README.

mod checks;
mod defects;
mod judge;
mod mechanisms;
mod place;
mod table;

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use latchbox::Error;
use latchbox::types::{Capabilities, Capability};

use checks::{Check, all};
use place::Place;
use table::Told;

/// How long a server may take to tell.
const PATIENCE: Duration = Duration::from_secs(20);

/// The same where it is known that it tells nothing.
const LITTLE_PATIENCE: Duration = Duration::from_secs(1);

/// How many checks run on one server at a time.
const AT_ONCE: usize = 3;

/// What starts a server.
type Start = fn() -> Place;

/// The columns.
const SERVERS: [(&str, Start); 5] = [
    ("Dovecot 2.3", Place::dovecot),
    ("Cyrus 3.6", Place::cyrus),
    ("Courier 5.0", Place::courier),
    ("imap4d 3.15", Place::imap4d),
    ("in-process", Place::in_process),
];

/// The columns of `tests/run --long`.
const MORE_SERVERS: [(&str, Start); 4] = [
    ("Stalwart 0.16", Place::stalwart),
    ("pymap 0.36", Place::pymap),
    ("hoodiecrow 2.1", Place::hoodiecrow),
    ("go-imap 1.2", Place::goimap),
];

/// What became of a check: a word of the table, or why it failed.
type Outcome = Result<&'static str, String>;

#[test]
fn the_readme_tells_what_works_where() {
    let is_long = std::env::var_os("LATCHBOX_LONG").is_some();
    let more = if is_long { &MORE_SERVERS[..] } else { &[] };
    let only = std::env::var("LATCHBOX_ONLY").ok();
    let is_chosen = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let threads: Vec<_> = SERVERS
        .iter()
        .chain(more)
        .filter(|(name, _)| is_chosen(name))
        .map(|&(name, place)| (name, thread::spawn(move || column(name, &place()))))
        .collect();
    let mut told = Told::default();
    let mut failures = Vec::new();
    for (name, thread) in threads {
        for (what, outcome) in thread.join().unwrap() {
            let word = outcome.unwrap_or_else(|why| {
                failures.push(format!("{what} on {name}: {why}"));
                "FAILS"
            });
            told.insert(what, name, word);
        }
    }
    let columns = SERVERS.iter().chain(&MORE_SERVERS);
    let columns: Vec<_> = columns.map(|(name, _)| *name).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let judged = judge::judged();
    assert!(
        judged > 300 || !is_chosen("in-process"),
        "{judged} commands were judged by another grammar"
    );
    table::hold(&told, &columns);
}

/// What becomes of each check on one server.
fn column(name: &str, place: &Place) -> BTreeMap<&'static str, Outcome> {
    let offered = place.capabilities().unwrap();
    let left = Mutex::new(all());
    let next = || left.lock().unwrap().next();
    let work = || {
        let outcomes = std::iter::from_fn(next);
        let outcomes = outcomes.map(|check| (check.what, outcome(name, place, &offered, check)));
        outcomes.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        let outcomes = threads.into_iter().map(|thread| thread.join().unwrap());
        outcomes.flatten().collect()
    })
}

fn outcome(name: &str, place: &Place, offered: &Capabilities, check: &Check) -> Outcome {
    if defects::is_not_tried(name, check.what) {
        return Ok("-");
    }
    let defect = defects::seen(name, check.what);
    let has = check.needs.iter().all(|word| {
        let capability = word.parse::<Capability>().unwrap();
        offered.supports(&capability)
    });
    let mut user = place.user();
    if defect.is_some() {
        user.patience = LITTLE_PATIENCE;
    }
    let done = catch_unwind(AssertUnwindSafe(|| (check.run)(&user)));
    let done = match done {
        Ok(done) => done.map_err(|error| (is_told_at_once(&error), error.to_string())),
        Err(panic) => Err((false, panicked(panic.as_ref()))),
    };
    match (has, done, defect) {
        (true, Ok(()), None) => Ok("works"),
        (false, Ok(()), None) => Ok("falls back"),
        (false, Err((true, _)), None) => Ok("unsupported"),
        (_, Err((_, why)), Some(seen)) if why.contains(seen) => Ok("-"),
        (_, Err((_, why)), Some(seen)) => Err(format!("not the known defect (`{seen}`): {why}")),
        (_, Ok(()), Some(_)) => Err("it works: mend the list of defects".to_owned()),
        (_, Err((_, why)), None) => Err(why),
    }
}

/// The message of a panic, on one line.
fn panicked(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
    let words = message
        .unwrap_or("a panic without a text")
        .split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}

/// Whether an error says, before anything is sent, that the server does not have what is needed.
fn is_told_at_once(error: &Error) -> bool {
    matches!(error, Error::Unsupported(_) | Error::Login(_))
}
