//! The README's tables of what works where.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::checks::SUBJECTS;

/// The heading above the tables.
const HEADING: &str = "\n## What works where\n";

/// What was found, by the check and the server.
#[derive(Default)]
pub(super) struct Told {
    cells: BTreeMap<(String, String), String>,
}

impl Told {
    pub(super) fn insert(&mut self, what: &str, server: &str, word: &str) {
        let place = (what.to_owned(), server.to_owned());
        self.cells.insert(place, word.to_owned());
    }

    /// What tables say.
    fn read(tables: &str) -> Self {
        let (mut told, mut servers) = (Self::default(), Vec::new());
        for line in tables.lines().filter(|line| line.starts_with("| ")) {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            match cells.next() {
                Some("what") => servers = cells.collect(),
                Some(what) => cells
                    .zip(&servers)
                    .for_each(|(word, server)| told.insert(what, server, word)),
                None => {}
            }
        }
        told
    }

    fn word(&self, what: &str, server: &str) -> Option<&str> {
        let place = (what.to_owned(), server.to_owned());
        self.cells.get(&place).map(String::as_str)
    }
}

/// The tables, a subject each, with what was written before where a server was not asked.
fn tables(told: &Told, before: &Told, servers: &[&str]) -> String {
    let mut tables = String::new();
    for (subject, checks) in SUBJECTS {
        let _ = writeln!(
            tables,
            "### {subject}\n\n| what | {} |",
            servers.join(" | ")
        );
        let _ = writeln!(tables, "|---{}|", "|---".repeat(servers.len()));
        for what in checks.iter().map(|check| check.what) {
            let words = servers.iter().map(|server| {
                let word = told.word(what, server).or(before.word(what, server));
                word.unwrap_or("-")
            });
            let words: Vec<_> = words.collect();
            let _ = writeln!(tables, "| {what} | {} |", words.join(" | "));
        }
        tables.push('\n');
    }
    tables
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")
}

/// Holds the README's tables against what was found, or writes them.
pub(super) fn hold(told: &Told, servers: &[&str]) {
    let readme = fs::read_to_string(path()).unwrap();
    let (above, rest) = readme.split_once(HEADING).unwrap();
    let (section, below) = rest.split_once("\n## ").unwrap();
    let start = section.find("\n### ").map_or(section.len(), |at| at + 1);
    let (text, before) = section.split_at(start);
    let tables = tables(told, &Told::read(before), servers);
    let tables = tables.trim_end();
    if std::env::var_os("LATCHBOX_WRITE_TABLE").is_some() {
        let text = text.trim_end();
        let new = format!("{above}{HEADING}{text}\n\n{tables}\n\n## {below}");
        return fs::write(path(), new).unwrap();
    }
    assert!(
        before.trim_end() == tables,
        "LATCHBOX_WRITE_TABLE=1 writes this into the README:\n\n{tables}"
    );
}
