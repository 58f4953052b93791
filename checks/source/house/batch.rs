//! The list of what can stand in a batch, as the compiler's note and the docs have it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The types that `files` say can stand in a batch: of a session, or of a guard alone.
fn members(of: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src");
    let rooms = ["command", "mailbox_guard"];
    for text in rooms.iter().flat_map(|room| sources(&source.join(room))) {
        for line in text.lines().filter(|line| line.starts_with("impl")) {
            let Some((head, member)) = line.split_once(" for ") else {
                continue;
            };
            if (head.contains("Command<") || head.ends_with(" Simple")) && of(head) {
                let name: String = member.chars().take_while(|c| c.is_alphanumeric()).collect();
                // What only methods execute is private.
                if text.contains(&format!("pub struct {name}")) {
                    members.insert(name);
                }
            }
        }
    }
    members
}

fn sources(directory: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => texts.extend(sources(&path)),
            false => texts.push(fs::read_to_string(path).unwrap()),
        }
    }
    texts
}

/// The words in backquotes of a text.
fn named(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn fault_75_the_note_of_the_compiler_names_all_members() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/exchange.rs");
    let text = fs::read_to_string(path).unwrap();
    let note = |start: &str| {
        let line = text.lines().find(|line| line.contains(start));
        named(line.unwrap_or_else(|| panic!("no note begins with {start}")))
    };
    let is_of_a_session = |head: &str| head.contains("Command<In") || head.ends_with(" Simple");
    let of_a_session = members(is_of_a_session);
    let of_a_guard = members(|head| !is_of_a_session(head));
    assert!(of_a_session.contains("Status") && of_a_guard.contains("Store"));
    assert_eq!(note("note = \"in a batch of a session"), of_a_session);
    assert_eq!(note("note = \"in a batch of a guard"), of_a_guard);
    let doc = text.split("pub trait Command<In: State>").next().unwrap();
    let doc = doc
        .rsplit("/// A command that can stand in a batch")
        .next()
        .unwrap();
    let documented: BTreeSet<_> = named(doc)
        .iter()
        .filter_map(|word| word.split(']').next())
        .filter(|word| word.starts_with(char::is_uppercase) && !word.contains("::"))
        .map(str::to_owned)
        .collect();
    let all: BTreeSet<_> = of_a_session.union(&of_a_guard).cloned().collect();
    assert_eq!(documented, all);
}
