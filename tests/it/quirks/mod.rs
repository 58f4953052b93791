//! What real servers send: the cases of `tests/quirks`, and the tests that no such case can be.
//!
//! `tests/quirks/README.md` tells how a case is written.

mod case;
mod exchanges;
pub(crate) mod perform;
pub(crate) mod show;

use std::path::Path;
use std::{fs, panic, thread};

use self::case::Case;
use crate::pieces::Pieces;
use crate::support::script::script;

/// Every case of every file, each on a server of its own; all that fail are told together.
#[test]
fn each_case_gives_what_stands_beside_it() {
    assert_all(Pieces::WHOLE);
}

/// The result is the same however the octets are split.
#[test]
fn fault_07_each_case_gives_the_same_in_any_pieces() {
    thread::scope(|scope| {
        for pieces in Pieces::SPLITS {
            scope.spawn(move || assert_all(pieces));
        }
    });
}

fn assert_all(pieces: Pieces) {
    let cases = all();
    let failures = cases.iter().filter_map(|case| failure(case, pieces));
    let failures: Vec<_> = failures.collect();
    assert!(failures.is_empty(), "{pieces:?}\n{}", failures.join("\n"));
}

/// The cases of all files, in the order of their names.
pub(crate) fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/quirks");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|end| end == "txt"))
        .collect();
    files.sort();
    let cases = files.iter().flat_map(|file| {
        let text = fs::read_to_string(file).unwrap();
        case::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    });
    cases.collect()
}

/// What is wrong with the values of this case, if anything is.
fn failure(case: &Case, pieces: Pieces) -> Option<String> {
    let outcome = panic::catch_unwind(|| {
        let server = script(&case.script());
        let values = perform::perform(case, &server, pieces);
        server.finish();
        values
    });
    let values = match outcome {
        Ok(values) => values,
        Err(_) => return Some(format!("{}: panicked, see above", case.name)),
    };
    let wrong = differences(&case.expected, &values);
    (!wrong.is_empty()).then(|| {
        format!(
            "{}\n{}\n  all values: {values:?}",
            case.name,
            wrong.join("\n")
        )
    })
}

/// Where the values are not what is expected: each name that is, with all its values, and an error
/// that nobody expects.
pub(crate) fn differences(
    expected: &[(String, String)],
    values: &[(String, String)],
) -> Vec<String> {
    let mut keys: Vec<_> = expected.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    if !keys.iter().any(|key| ["code", "error"].contains(key)) {
        keys.push("error");
    }
    let differs = |key| {
        let found: Vec<_> = of(values, key).collect();
        let mut due: Vec<_> = of(expected, key).collect();
        due.retain(|value| *value != "-");
        (found != due).then(|| format!("  {key}: expected {due:?}, found {found:?}"))
    };
    keys.into_iter().filter_map(differs).collect()
}

fn of<'v>(values: &'v [(String, String)], key: &str) -> impl Iterator<Item = &'v str> {
    let key = key.to_owned();
    let values = values.iter().filter(move |(name, _)| *name == key);
    values.map(|(_, value)| value.as_str())
}
