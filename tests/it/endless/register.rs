//! The table of kinds has every response, response code and item of FETCH that the crate knows.

use std::collections::BTreeSet;
use std::path::Path;

use super::kinds::KINDS;

/// The variants of an enum, from its declaration to the brace that ends it.
fn variants(file: &str, declaration: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().skip_while(|line| !line.contains(declaration));
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut lines = lines.peekable();
    let outer = indent(
        lines
            .peek()
            .unwrap_or_else(|| panic!("{declaration} is not in {file}")),
    );
    let inner = lines
        .skip(1)
        .take_while(|line| !(indent(line) == outer && line.trim() == "}"));
    let inner = inner.filter(|line| indent(line) == outer + 4);
    let name = |line: &str| {
        let line = line.trim();
        let name: String = line
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        name.starts_with(|letter: char| letter.is_ascii_uppercase())
            .then_some(name)
    };
    inner.filter_map(name).collect()
}

/// The words of the macro that writes the response codes without values.
fn codes_of_one_word() -> Vec<String> {
    variants("types/response_code.rs", "response_codes! {")
}

#[test]
fn fault_05_every_kind_of_response_is_in_the_table() {
    let untagged = variants("wire/response/mod.rs", "enum Untagged<");
    let codes = variants("types/response_code.rs", "pub enum ResponseCode {");
    let items = variants("wire/response/fetch_item.rs", "enum Kind {");
    assert!(untagged.len() > 20 && codes.len() > 20 && items.len() > 15);
    assert!(codes_of_one_word().len() > 30);
    let all = |of: &str, names: Vec<String>| {
        let names = names.into_iter().map(|name| format!("{of}::{name}"));
        names.collect::<Vec<_>>()
    };
    let known: BTreeSet<String> = [
        all("Untagged", untagged),
        all("ResponseCode", codes),
        all("ResponseCode", codes_of_one_word()),
        all("Item", items),
    ]
    .into_iter()
    .flatten()
    .collect();
    let in_table = KINDS.into_iter().flatten().flat_map(|kind| kind.of.iter());
    let in_table: BTreeSet<String> = in_table.map(|of| (*of).to_owned()).collect();
    let missing: Vec<_> = known.difference(&in_table).collect();
    assert!(
        missing.is_empty(),
        "not in checks/instructions/src/kinds.rs: {missing:?}"
    );
    let unknown: Vec<_> = in_table.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "in the table, and nowhere else: {unknown:?}"
    );
    let mut names = BTreeSet::new();
    for kind in KINDS.into_iter().flatten() {
        assert!(names.insert(kind.name), "{} is there twice", kind.name);
    }
}
