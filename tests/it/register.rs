//! That no quirk, attack, hazard or fault of the lists is without a test: each test has its number at the
//! beginning of its name, wherever it stands.

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
        crate::quirks::all()
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

/// Rows that are about what latchbox does; the others are about programs on top of it. Some are kept
/// by the compiler, each by a file of its name.
#[test]
fn every_hazard_has_a_test() {
    let mut found = named("hazard_");
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/compiler/tests/compile_fail");
    for case in fs::read_dir(cases).unwrap() {
        let name = case.unwrap().file_name().into_string().unwrap();
        found.extend(numbers_of(&name, "h"));
    }
    let missing: Vec<_> = (1..=34).filter(|number| !found.contains(number)).collect();
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
    for folder in ["src", "tests/it", "checks", "examples/tests", "testkit"] {
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
    found.extend(names.flat_map(|name| numbers_of(name, prefix)));
}

/// Those of one name, behind its prefix; a hazard's have an `h` before them.
fn numbers_of<'n>(name: &'n str, prefix: &'n str) -> impl Iterator<Item = u32> + 'n {
    let words = name.split('_').filter(|word| *word != "and");
    words.map_while(move |word| {
        let word = word.strip_prefix(prefix).unwrap_or(word);
        word.strip_prefix('h').unwrap_or(word).parse::<u32>().ok()
    })
}
