//! What the compiler refuses: each case of `tests/compile_fail` beside its twin of
//! `tests/compile_pass`, which differs only in the forbidden line.

// Tests may unwrap, index and print; what they say when they fail is their purpose.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation,
    clippy::print_stderr
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn the_compiler_keeps_the_promises() {
    let (refused, taken) = (cases("compile_fail"), cases("compile_pass"));
    assert!(!refused.is_empty(), "tests/compile_fail has no case");
    assert_eq!(
        refused, taken,
        "each case that fails needs a twin of its name that compiles"
    );
    let compiler = trybuild::TestCases::new();
    compiler.compile_fail("tests/compile_fail/*.rs");
    compiler.pass("tests/compile_pass/*.rs");
}

/// A message that points into `std` shows its source where the component `rust-src` is installed, and
/// does not where it is not, so no recorded one may.
#[test]
fn fault_69_no_recorded_message_depends_on_the_sources_of_std() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail");
    for case in cases("compile_fail") {
        let recorded = directory.join(case).with_extension("stderr");
        let message = fs::read_to_string(&recorded).unwrap();
        assert!(!message.contains("$RUST"), "{}", recorded.display());
    }
}

fn cases(directory: &str) -> BTreeSet<String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(directory);
    fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".rs"))
        .collect()
}
