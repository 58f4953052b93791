//! What the pages at the root say of the source is so: the house, features, numbers, packages and links.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::house::FLOORS;

#[test]
fn the_floors_are_drawn_as_they_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let face = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let page = fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let mut drawn = BTreeMap::new();
    for line in page.lines().skip_while(|line| *line != "## The house") {
        let (floor, rest) = line.trim_start().split_once(' ').unwrap_or_default();
        let (Ok(floor), Some((rooms, _))) = (floor.parse(), rest.trim_start().split_once("  "))
        else {
            continue;
        };
        for room in rooms.split(", ") {
            drawn.insert(room, floor);
        }
    }
    let modules = face
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "));
    let modules = modules.filter_map(|line| line.strip_suffix(';'));
    let floor_of = |room: &str| FLOORS.iter().find(|(name, _)| *name == room).unwrap().1;
    let floors: BTreeMap<&str, u8> = modules
        .chain(["lib"])
        .map(|room| (room, floor_of(room)))
        .collect();
    assert_eq!(drawn, floors);
}

/// The text of a file, by its path from the root.
fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read_to_string(root.join(path)).unwrap()
}

/// The part of a page from this heading to the next of its level.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap();
    rest.split("\n## ").next().unwrap()
}

#[test]
fn the_readme_names_the_features_of_the_crate() {
    let (page, manifest) = (text("README.md"), text("Cargo.toml"));
    let (_, rest) = manifest.split_once("\n[features]\n").unwrap();
    let features = rest.split("\n[").next().unwrap().lines();
    let features = features.filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    let features: BTreeSet<&str> = features.filter(|name| *name != "default").collect();
    let rows = section(&page, "Features").lines();
    let rows = rows.filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    let named: BTreeSet<&str> = rows
        .flat_map(|names| names.split("`, `"))
        .map(|name| name.trim_end_matches('`'))
        .collect();
    assert_eq!(named, features);
}

#[test]
fn the_readme_names_the_numbers_that_tests_hold_to() {
    let (page, run, manifest) = (text("README.md"), text("tests/run"), text("Cargo.toml"));
    let value = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim_matches('"').to_owned()
    };
    let words = page.split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        format!("at most {} crates", value(&run, "most_crates=")),
        format!(
            "at most {} packages",
            value(&run, "most_crates_of_examples=")
        ),
        format!("Rust {} or later", value(&manifest, "rust-version = ")),
    ] {
        assert!(words.contains(&sentence), "{sentence}");
    }
}

#[test]
fn the_readme_names_what_its_second_command_installs() {
    let (page, run) = (text("README.md"), text("tests/run"));
    let (_, rest) = run.split_once("missing_packages() {").unwrap();
    let list = rest.split("[ $long = yes ]").next().unwrap();
    let installed = list.lines().flat_map(|line| {
        let (_, names) = line.split_once("echo ").unwrap_or_default();
        names.split_whitespace()
    });
    let two_commands = section(&page, "Two commands");
    for package in installed.filter(|package| *package != "libc6-dev") {
        let is_named = two_commands.contains(&format!("`{package}`"));
        assert!(
            is_named,
            "{package} is installed, and the README does not say so"
        );
    }
}

#[test]
fn the_pages_link_to_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for name in [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "examples/README.md",
    ] {
        let page = text(name);
        let directory = root.join(name).parent().unwrap().to_owned();
        let links = page.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            let manual = link.strip_prefix("https://docs.rs/latchbox/latest/latchbox/manual/");
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let is_there = match manual {
                Some(manual) => {
                    let page = manual.split('/').next().unwrap();
                    root.join(format!("src/manual/{page}.rs")).exists()
                }
                None if link.starts_with("https://") => true,
                None if path.is_empty() => {
                    let heading = anchor.replace('-', " ");
                    let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
                    headings.map(str::to_lowercase).any(|it| it == heading)
                }
                None => directory.join(path).exists(),
            };
            assert!(is_there, "{name}: {link}");
        }
    }
}

#[test]
fn the_extension_that_contributing_shows_is_the_one_of_the_source() {
    let page = text("CONTRIBUTING.md");
    let shown = section(&page, "A new extension in three files");
    let blocks = shown.split("```rust,ignore\n// ").skip(1);
    let mut count = 0;
    for block in blocks.filter_map(|rest| rest.split("```").next()) {
        let (path, code) = block.split_once('\n').unwrap();
        let source = text(path);
        let there: BTreeSet<&str> = source.lines().collect();
        for line in code.lines().filter(|line| !line.is_empty()) {
            assert!(
                there.contains(line),
                "{path} does not have this line: {line}"
            );
        }
        count += 1;
    }
    assert_eq!(count, 3);
}
