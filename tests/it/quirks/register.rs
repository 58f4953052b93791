//! That no quirk, attack or fault of the lists is without a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Those that no test can be about, and why.
const NO_QUIRK: [(u32, &str); 1] = [(
    49,
    "a mechanism of one product: whoever needs it writes a `Mechanism`",
)];

#[test]
fn every_quirk_has_a_test() {
    let mut found = named("q");
    found.extend(
        super::all()
            .iter()
            .flat_map(|case| case.numbers().collect::<Vec<_>>()),
    );
    found.extend(NO_QUIRK.iter().map(|(number, _)| *number));
    let missing: Vec<_> = (1..=139).filter(|number| !found.contains(number)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

#[test]
fn every_attack_has_a_test() {
    let found = named("attack_");
    let missing: Vec<_> = (1..=112).filter(|number| !found.contains(number)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

/// What went wrong when it was tried, less one row that is about the public API as a whole.
#[test]
fn every_fault_has_a_test() {
    let found = named("fault_");
    let rows = (1..=16).chain(20..=44).chain(50..=72).chain(74..=75);
    let missing: Vec<_> = rows.filter(|number| !found.contains(number)).collect();
    assert!(missing.is_empty(), "without a test: {missing:?}");
}

/// The numbers at the beginning of the names of tests: `q71_q72_...`, `attack_003_and_004_...`.
fn named(prefix: &str) -> BTreeSet<u32> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in ["src", "tests/it"] {
        numbers_within(&root.join(folder), prefix, &mut found);
    }
    found
}

fn numbers_within(path: &Path, prefix: &str, found: &mut BTreeSet<u32>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            numbers_within(&entry.unwrap().path(), prefix, found);
        }
        return;
    }
    let text = fs::read_to_string(path).unwrap_or_default();
    let names = text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("fn ")?.strip_prefix(prefix));
    for name in names {
        let words = name
            .split('_')
            .filter(|word| *word != "and")
            .map_while(|word| {
                word.strip_prefix(prefix)
                    .unwrap_or(word)
                    .parse::<u32>()
                    .ok()
            });
        found.extend(words);
    }
}
