//! The list of what can stand in a batch, as the compiler's note and the docs have it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The public types that implement `of` according to the head of the implementation.
fn members(of: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src");
    let texts = sources(&source);
    for text in &texts {
        for line in text.lines().filter(|line| line.starts_with("impl")) {
            let Some((head, member)) = line.split_once(" for ") else {
                continue;
            };
            let name: String = member.chars().take_while(|c| c.is_alphanumeric()).collect();
            // What only methods execute is private.
            let public = [" ", "<", ";"].map(|end| format!("\npub struct {name}{end}"));
            let is_public = |text: &String| public.iter().any(|public| text.contains(public));
            let is_own = [" ", "<", ";"].map(|end| format!("\nstruct {name}{end}"));
            let is_own = is_own.iter().any(|own| text.contains(own));
            if of(head) && !is_own && texts.iter().any(is_public) {
                members.insert(name);
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
    let is_of_any = |head: &str| head.contains("Batchable<In") || head.ends_with(" Simple");
    let of_a_session = members(is_of_any);
    let of_a_guard = members(|head| !is_of_any(head) && head.contains("Batchable<"));
    assert!(of_a_session.contains("Status") && of_a_guard.contains("Store"));
    assert_eq!(note("note = \"in a batch of a session"), of_a_session);
    assert_eq!(note("note = \"in a batch of a guard"), of_a_guard);
}

#[test]
fn fault_75_the_notes_on_run_name_all_values() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/exchange.rs");
    let text = fs::read_to_string(path).unwrap();
    let note = |start: &str| {
        let line = text.lines().find(|line| line.contains(start));
        named(line.unwrap_or_else(|| panic!("no note begins with {start}")))
    };
    let of_a_session = members(|head| head.contains(" Command<In"));
    let of_a_guard = members(|head| head.contains(": Access> Command<SelectedState<A>"));
    let of_a_guard = of_a_guard.into_iter().filter(|name| name != "Append");
    let of_a_guard: BTreeSet<_> = of_a_guard.collect();
    let for_writing = members(|head| head.contains(": WriteAccess> Command<SelectedState<A>"));
    let append = members(|head| head.contains(" Command<AuthenticatedState>"));
    let of_a_session: BTreeSet<_> = of_a_session.union(&append).cloned().collect();
    assert!(of_a_session.contains("List") && for_writing.contains("Expunge"));
    assert_eq!(note("note = \"on a session"), of_a_session);
    assert_eq!(note("note = \"in a guard: "), of_a_guard);
    assert_eq!(note("note = \"in a guard for writing"), for_writing);
    let doc = text.split("#[diagnostic::on_unimplemented").next().unwrap();
    let doc = doc.rsplit("/// A command as a value").next().unwrap();
    let documented: BTreeSet<_> = named(doc)
        .iter()
        .filter_map(|word| word.split(']').next())
        .filter(|word| word.starts_with(char::is_uppercase) && !word.contains("::"))
        .map(str::to_owned)
        .collect();
    let all = [of_a_session, of_a_guard, for_writing]
        .into_iter()
        .flatten();
    assert_eq!(documented, all.collect());
}
