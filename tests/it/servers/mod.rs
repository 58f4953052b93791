//! The same checks on every real server and on the in-process one; the README's table of what works
//! where is written from them.
//!
//! A check that succeeds "works" where the server has what it needs, and "falls back" where not; one
//! that ends in `Error::Unsupported` is "unsupported", and only where the server does not have it.
//! Everything else is a failure, unless it is written down in [`DEFECTS`].

mod checks;
mod mechanisms;
mod place;

use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread;

use latchbox::Error;

use checks::{Check, all};
use place::Place;

/// What a server says it has, and has not, or not as the standard has it.
const DEFECTS: &[(&str, &str, &str)] = &[
    (
        "imap4d 3.15",
        "keywords",
        "refuses flags that it does not know",
    ),
    (
        "imap4d 3.15",
        "IDLE",
        "accepts it, and never tells anything",
    ),
];

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

#[test]
fn the_readme_tells_what_works_where() {
    let columns: Vec<_> = SERVERS
        .map(|(name, place)| thread::spawn(move || column(name, &place())))
        .into_iter()
        .map(|column| column.join().unwrap())
        .collect();
    let names: Vec<_> = SERVERS.iter().map(|(name, _)| *name).collect();
    let mut table = format!("| what | {} |\n", names.join(" | "));
    let _ = writeln!(table, "|---{}|", "|---".repeat(names.len()));
    let mut failures = Vec::new();
    for (row, check) in all().enumerate() {
        let _ = write!(table, "| {} |", check.what);
        for (column, name) in columns.iter().zip(names.iter()) {
            let cell = match &column[row] {
                Ok(cell) => cell,
                Err(why) => {
                    failures.push(format!("{} on {name}: {why}", check.what));
                    "FAILS"
                }
            };
            let _ = write!(table, " {cell} |");
        }
        table.push('\n');
    }
    assert!(failures.is_empty(), "{}\n{table}", failures.join("\n"));
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    assert!(readme.contains(&table), "what works where:\n\n{table}");
}

/// What becomes of each check on one server.
fn column(name: &str, place: &Place) -> Vec<Result<&'static str, String>> {
    all().map(|check| outcome(name, place, check)).collect()
}

fn outcome(name: &str, place: &Place, check: &Check) -> Result<&'static str, String> {
    let defect = DEFECTS
        .iter()
        .find(|(server, what, _)| *server == name && *what == check.what);
    let has = place.has(check.needs).map_err(|error| error.to_string())?;
    let done = catch_unwind(AssertUnwindSafe(|| (check.run)(&place.user())));
    let done = match done {
        Ok(done) => {
            done.map_err(|error| (matches!(error, Error::Unsupported(_)), error.to_string()))
        }
        Err(_) => Err((false, "it panicked (see above)".to_owned())),
    };
    match (has, done, defect) {
        (true, Ok(()), None) => Ok("works"),
        (false, Ok(()), None) => Ok("falls back"),
        (false, Err((true, _)), None) => Ok("unsupported"),
        (_, Err(_), Some(_)) => Ok("fails there"),
        (_, Ok(()), Some(_)) => Err("it works: mend the list of defects".to_owned()),
        (_, Err((_, why)), None) => Err(why),
    }
}
