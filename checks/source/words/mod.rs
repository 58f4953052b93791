//! Words that the docs do not use, because readers of English as a second language stumble over them
//! or because another word is used for the thing.
//!
//! Reads the pages, and the doc comments of `src` outside tests and fuzzing; of code blocks and code
//! spans only the comments. To see what a file or directory would need:
//!
//! ```text
//! LATCHBOX_WORDS=src/session.rs,src/command cargo test -p latchbox-check-source words
//! ```

mod prose;

use std::fs;
use std::path::{Path, PathBuf};

use prose::{Piece, Word};

/// The files, and the directories with all below them, whose docs are rewritten. At the end this is all of
/// `src`.
const DONE: &[&str] = &[
    "README.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "tests/README.md",
    "examples/README.md",
    "testkit/README.md",
    "testkit/src/lib.rs",
    "benches/README.md",
    "src",
];

/// A phrase in lower case, and what to write instead. `|` separates forms of a word; `*` at the end of
/// a word stands for any ending.
const PHRASES: &[(&str, &str)] = &[
    // The actor has a name.
    (
        "whoever|whomever",
        "name the actor: server, caller, user, thread, holder, attacker",
    ),
    (
        "somebody|someone",
        "name the actor: another thread, another client, an eavesdropper",
    ),
    ("nobody", "no thread, no client, no caller"),
    ("everybody|everyone", "all waiters, all clients, any user"),
    // Programs do not talk.
    (
        "goodbye|farewell",
        "LOGOUT for the client, BYE for the server",
    ),
    ("hear|hears|heard|hearing", "read, receive"),
    ("unasked", "unsolicited"),
    ("news", "events, unsolicited responses"),
    ("vouch*", "is the issuer of, is trusted"),
    // One word for one thing.
    ("in one go", "in one round trip, pipelined"),
    ("under way", "in flight"),
    ("in step", "usable"),
    ("give|gives|gave|giving way", "yield the lock"),
    ("let|lets|letting go", "release"),
    ("hand|hands|handed|handing out", "return, lend"),
    (
        "pass|passes|passed|passing over",
        "discard octets, ignore a response, skip an element",
    ),
    ("sign of life", "probe, response"),
    ("text for people", "human-readable text"),
    ("mend|mends|mended", "fix"),
    ("spoil|spoils|spoiled", "fail, close"),
    // Plain English, as it is written in the United States.
    ("unless set", "by default"),
    ("for ever", "forever, without limit"),
    ("anew", "again, or a verb with re-"),
    ("but for", "except"),
    ("licence", "license"),
    ("colour*", "color"),
    ("behaviour*", "behavior"),
    ("recognis*|normalis*|initialis*", "-ize"),
];

/// What the summary of an item does not begin with, and how it begins.
const BEGINNINGS: &[(&str, &str)] = &[
    (
        "the same",
        "\"Like [`x`], but ..\" or \"[`x`] with ..\", because a summary stands alone in a list",
    ),
    (
        "what|who|how",
        "a noun (\"The number of ..\", \"A ..\") or a verb (\"Returns ..\")",
    ),
];

#[test]
fn the_docs_leave_out_the_words_that_have_a_plainer_one() {
    let chosen = std::env::var("LATCHBOX_WORDS").ok();
    let paths: Vec<&str> = match &chosen {
        Some(chosen) => chosen.split(',').collect(),
        None => DONE.to_vec(),
    };
    let mut found = Vec::new();
    for path in paths {
        let mut files = Vec::new();
        collect(&root().join(path), &mut files);
        assert!(!files.is_empty(), "{path} is not there");
        for file in files {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            let text = fs::read_to_string(&file).unwrap();
            let complaints = complaints_of(&name, &text);
            found.extend(
                complaints
                    .iter()
                    .map(|complaint| format!("{name}:{complaint}")),
            );
        }
    }
    let count = found.len();
    assert!(found.is_empty(), "{count} to change:\n{}", found.join("\n"));
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().unwrap()
}

/// The pages and sources at this path, without tests and fuzzing.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.trim_end_matches(".rs");
    let is_test = matches!(stem, "tests" | "testing" | "fuzzing") || stem.ends_with("_tests");
    if path.is_dir() && !is_test {
        let entries = fs::read_dir(path).unwrap();
        let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for entry in entries {
            collect(&entry, files);
        }
    } else if path.is_file() && !is_test && (name.ends_with(".rs") || name.ends_with(".md")) {
        files.push(path.to_owned());
    }
}

/// The line, the words, and what to write instead.
fn complaints(pieces: &[Piece]) -> impl Iterator<Item = String> {
    pieces.iter().flat_map(|piece| {
        let words = &piece.words;
        let inside = PHRASES.iter().flat_map(move |(phrase, instead)| {
            let places = (0..words.len()).filter(move |at| begins(&words[*at..], phrase));
            places.map(move |at| complaint(&words[at], phrase, instead))
        });
        let beginnings = BEGINNINGS.iter().filter(|_| piece.is_summary);
        let beginnings = beginnings
            .filter(|(phrase, _)| begins(words, phrase))
            .map(|(phrase, instead)| complaint(&words[0], &format!("{phrase} ..."), instead));
        inside.chain(beginnings)
    })
}

fn complaint(word: &Word, phrase: &str, instead: &str) -> String {
    format!("{}: \"{phrase}\": write {instead}", word.line)
}

/// Whether the words begin with this phrase.
fn begins(words: &[Word], phrase: &str) -> bool {
    let mut words = words.iter();
    phrase.split(' ').all(|forms| {
        let word = words.next().map_or("", |word| word.text.as_str());
        forms.split('|').any(|form| match form.strip_suffix('*') {
            Some(stem) => word.starts_with(stem),
            None => word == form,
        })
    })
}

fn complaints_of(name: &str, text: &str) -> Vec<String> {
    complaints(&prose::of(name, text)).collect()
}

#[test]
fn a_phrase_is_found_in_any_case_and_across_lines() {
    let source = "/// Waits. Nobody is\n/// passed\n/// over.\nfn f() {}\n";
    let found = complaints_of("src/a.rs", source);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("1: \"nobody\""), "{found:?}");
    assert!(found[1].starts_with("2: \"pass|"), "{found:?}");
}

#[test]
fn a_phrase_ends_with_its_paragraph() {
    assert!(complaints_of("A.md", "Once in\n\nstep by step\n").is_empty());
    assert!(complaints_of("A.md", "| once in |\n| step |\n").is_empty());
    assert_eq!(complaints_of("A.md", "once in\nstep\n").len(), 1);
}

#[test]
fn code_is_no_prose_but_its_comments_are() {
    let page = "Call `news` now.\n\n```\nlet news = 1; // for ever\n# let anew = 2;\n```\n";
    let found = complaints_of("A.md", page);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("4: \"for ever\""), "{found:?}");
}

#[test]
fn comments_that_are_no_docs_and_tests_are_not_read() {
    let source = "// for ever\nfn f() {}\n#[cfg(test)]\nmod tests {\n    /// for ever\n}\n";
    assert!(complaints_of("src/a.rs", source).is_empty());
    assert_eq!(complaints_of("src/a.rs", "    //! for ever\n").len(), 1);
}

#[test]
fn a_summary_begins_with_a_noun_or_a_verb() {
    let source = "/// The same with options.\n///\n/// How it works.\npub fn f() {}\n\
                  /// What it is.\n#[allow(\n    dead_code\n)]\npub fn g() {}\n\
                  /// What it is.\npub(crate) fn h() {}\nenum E {\n/// How.\nA,\n}\n\
                  struct S {\n/// How.\na: u8,\n/// How.\npub b: u8,\n}\n";
    let found = complaints_of("src/a.rs", source);
    let lines: Vec<_> = found.iter().map(|found| found.split(':').next()).collect();
    assert_eq!(
        lines,
        [Some("1"), Some("5"), Some("13"), Some("19")],
        "{found:?}"
    );
}

#[test]
fn a_summary_is_not_what_follows_an_included_line() {
    let source = "/// Counts.\n///\n/// ```\n#[doc = include_str!(\"a.txt\")]\n/// how();\n/// ```\n\
                  /// How many.\npub fn f() {}\n";
    assert!(complaints_of("src/a.rs", source).is_empty());
}
