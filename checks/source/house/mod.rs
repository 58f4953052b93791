//! The house: on which floor each room stands, and that imports only go down.

mod batch;
mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use source::Source;

/// Each room, a file or a directory of `src`, and its floor. A room knows itself and the floors
/// below it; nobody but the doors knows `lib.rs`.
pub(crate) const FLOORS: [(&str, u8); 31] = [
    ("limits", 0),
    ("printable", 0),
    ("stop_handle", 0),
    ("types", 1),
    ("transport", 1),
    ("lock", 1),
    ("wire", 2),
    ("client_builder", 2),
    ("sasl", 2),
    ("error", 3),
    ("events", 3),
    ("connection", 4),
    ("exchange", 5),
    ("idle_options", 5),
    ("reconnect", 5),
    ("close_handle", 6),
    ("listener", 6),
    ("pipeline", 6),
    ("mailbox_guard", 7),
    ("set_up", 7),
    ("session", 8),
    ("client", 9),
    ("connect", 10),
    ("command", 10),
    ("account", 11),
    ("pool", 12),
    ("sync", 12),
    ("fuzzing", 12),
    ("watch", 13),
    ("manual", 14),
    ("lib", 15),
];

/// Neighbours on a floor who may know each other all the same: who, whom, and why.
const NEIGHBOURS: [(&str, &str, &str); 1] = [(
    "client_builder",
    "wire",
    "the framer's limits are settings of the builder",
)];

/// Rooms whose files do not know each other.
const STRANGERS: [&str; 1] = ["command"];

/// Words that only some rooms may say: the word, who may say it (or, with `!`, who may not), why.
const WORDS: [(&str, &str, &str); 2] = [
    (
        "parking_lot",
        "lock",
        "only the lock knows how threads wait",
    ),
    ("std::net", "!wire", "bytes become values without a socket"),
];

/// How long a file may be beside its unit tests, and a function.
const LONGEST_FILE: usize = 600;
const LONGEST_FUNCTION: usize = 70;

#[test]
fn imports_go_down_and_rooms_are_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    read(&root.join("src"), &root, &mut files);
    assert!(files.len() > 3, "no source was found in {}", root.display());
    let offences = offences(&files);
    assert!(
        offences.is_empty(),
        "the house is out of order:\n{}",
        offences.join("\n")
    );
}

fn read(directory: &Path, root: &Path, files: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/");
            files.push(Source::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

/// What is wrong, a sentence each, with file and line.
fn offences(files: &[Source]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| file.module.clone()).collect();
    let mut offences = Vec::new();
    let mut known: Graph = BTreeMap::new();
    for file in files {
        look_at_file(file, &mut offences);
        for import in file.imports(&modules) {
            let place = format!("{}:{}", file.name, import.line);
            let Some(target) = home(&import.path, &modules) else {
                if !file.is_face() && !import.in_tests {
                    let path = import.path.join("::");
                    offences.push(format!(
                        "{place}: imports `crate::{path}` through lib.rs: name its module"
                    ));
                }
                continue;
            };
            if target == file.module || file.is_face() {
                continue;
            }
            offences.extend(forbidden(file, &target).map(|why| format!("{place}: {why}")));
            if !import.in_tests {
                known
                    .entry(file.module.clone())
                    .or_default()
                    .entry(target)
                    .or_insert(place);
            }
        }
    }
    offences.extend(circle(&known));
    offences
}

/// Who knows whom, and where it says so.
type Graph = BTreeMap<Vec<String>, BTreeMap<Vec<String>, String>>;

fn look_at_file(file: &Source, offences: &mut Vec<String>) {
    let name = &file.name;
    if floor(&file.module).is_none() {
        offences.push(format!(
            "{name}:1: stands on no floor: give its room one in FLOORS"
        ));
    }
    if !file.text.trim_start().starts_with("//!") {
        offences.push(format!(
            "{name}:1: does not begin with a `//!` that says what belongs there"
        ));
    }
    let length = file.lines_beside_tests();
    if length > LONGEST_FILE {
        offences.push(format!(
            "{name}:{LONGEST_FILE}: has {length} lines, over {LONGEST_FILE}"
        ));
    }
    for function in file.functions() {
        if function.lines > LONGEST_FUNCTION && !function.in_tests {
            let (line, lines) = (function.line, function.lines);
            let function = function.name;
            offences.push(format!(
                "{name}:{line}: `{function}` has {lines} lines, over {LONGEST_FUNCTION}"
            ));
        }
    }
    for (word, who, why) in WORDS {
        let (room, may) = match who.strip_prefix('!') {
            Some(room) => (room, false),
            None => (who, true),
        };
        if (file.room() == room) != may {
            offences.extend(
                file.lines_with(word)
                    .map(|line| format!("{name}:{line}: says `{word}`, but {why}")),
            );
        }
    }
}

/// The module of a file that a path leads into, unless it ends in lib.rs.
fn home(path: &[String], modules: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    (1..=path.len())
        .rev()
        .map(|length| path[..length].to_vec())
        .find(|path| modules.contains(path))
}

fn floor(module: &[String]) -> Option<u8> {
    let room = module.first().map_or("lib", String::as_str);
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

fn forbidden(file: &Source, target: &[String]) -> Option<String> {
    let (own, other) = (file.room(), target[0].as_str());
    let shown = target.join("::");
    if own == other {
        let children = file.module.len() == 1 || target.len() == 1;
        // A file may have files of its own, in a directory of its name.
        let own_file = target.starts_with(&file.module) || file.module.starts_with(target);
        let strangers = STRANGERS.contains(&own) && !children && !own_file;
        return strangers
            .then(|| format!("imports `{shown}`: files of `{own}` do not know each other"));
    }
    if NEIGHBOURS
        .iter()
        .any(|(who, whom, _)| (*who, *whom) == (own, other))
    {
        return None;
    }
    let (from, to) = (floor(&file.module)?, floor(target)?);
    (to >= from).then(|| {
        format!("imports `{shown}`: floor {from} (`{own}`) may not know floor {to} (`{other}`)")
    })
}

/// One circle, if there is any.
fn circle(known: &Graph) -> Option<String> {
    let mut done = BTreeSet::new();
    known
        .keys()
        .find_map(|module| walk(module, known, &mut Vec::new(), &mut done))
}

fn walk<'g>(
    module: &'g Vec<String>,
    known: &'g Graph,
    path: &mut Vec<&'g Vec<String>>,
    done: &mut BTreeSet<&'g Vec<String>>,
) -> Option<String> {
    if let Some(start) = path.iter().position(|earlier| *earlier == module) {
        let round = path[start..].iter().chain([&module]);
        let round: Vec<String> = round.map(|module| module.join("::")).collect();
        let place = known.get(*path.last()?)?.get(module)?;
        return Some(format!("{place}: closes a circle: {}", round.join(" -> ")));
    }
    if done.contains(module) {
        return None;
    }
    path.push(module);
    let next = known.get(module).into_iter().flat_map(BTreeMap::keys);
    let found = next
        .into_iter()
        .find_map(|next| walk(next, known, path, done));
    path.pop();
    done.insert(module);
    found
}

/// The offences of a house made of these files.
#[cfg(test)]
fn found(files: &[(&str, &str)]) -> String {
    let doc = |(name, text): &(&str, &str)| Source::new(name, &format!("//! A room.\n{text}"));
    offences(&files.iter().map(doc).collect::<Vec<_>>()).join("\n")
}

#[test]
fn a_house_in_order_has_no_offence() {
    let found = found(&[
        (
            "src/lib.rs",
            "mod wire;\nmod types;\npub use types::uid::Uid;\npub use crate::wire::x::Y;",
        ),
        ("src/types/mod.rs", "pub mod uid;\npub mod set;"),
        (
            "src/types/uid.rs",
            "// use crate::wire::x;\nconst S: &str = \"crate::wire::x\";",
        ),
        (
            "src/types/set.rs",
            "use super::uid::Uid;\nuse crate::types::{uid};",
        ),
        ("src/wire/mod.rs", "mod x;"),
        (
            "src/wire/x.rs",
            "use crate::types::{set::{Set, Other}, uid::*};\npub(in crate::wire) fn f<'a>() {}\nmod tests { use super::*; use crate::Face; }",
        ),
        ("src/client_builder.rs", "use crate::wire::x::Limits;"),
        ("src/lock.rs", "use parking_lot::Mutex;"),
        // What a door shows, it does not know.
        (
            "src/transport/mod.rs",
            "mod tcp;\npub use self::tcp::Tcp;\npub trait Transport {}",
        ),
        ("src/transport/tcp.rs", "use crate::transport::Transport;"),
    ]);
    assert_eq!(found, "");
}

#[test]
fn each_offence_is_found_with_its_place() {
    let uid = ("src/types/uid.rs", "");
    let set = ("src/types/set.rs", "");
    let frame = ("src/wire/frame.rs", "");
    let copy = ("src/command/copy.rs", "");
    let cases: [(&[(&str, &str)], &str); 14] = [
        (
            &[
                (
                    "src/types/x.rs",
                    "use std::fmt;\nuse crate::wire::frame::Frame;",
                ),
                frame,
            ],
            "src/types/x.rs:3: imports `wire::frame`: floor 1 (`types`) may not know floor 2 (`wire`)",
        ),
        (
            &[
                (
                    "src/wire/x.rs",
                    "fn f() { let _ = crate::session::Session; }",
                ),
                ("src/session.rs", ""),
            ],
            "src/wire/x.rs:2: imports `session`: floor 2",
        ),
        (
            &[
                (
                    "src/connection.rs",
                    "use crate::{\n    types::uid::Uid,\n    session::Turn,\n};",
                ),
                ("src/session.rs", ""),
                uid,
            ],
            "src/connection.rs:4: imports `session`: floor 4 (`connection`) may not know floor 8 (`session`)",
        ),
        (
            &[
                (
                    "src/types/x.rs",
                    "mod inner {\n    use super::super::super::lock::Lock;\n}",
                ),
                ("src/lock.rs", ""),
            ],
            "src/types/x.rs:3: imports `lock`",
        ),
        (
            &[
                ("src/session.rs", "use crate::{Error, types::uid::Uid};"),
                uid,
            ],
            "src/session.rs:2: imports `crate::Error` through lib.rs: name its module",
        ),
        (
            &[("src/command/fetch.rs", "use super::copy::Copied;"), copy],
            "src/command/fetch.rs:2: imports `command::copy`: files of `command` do not know each other",
        ),
        (
            &[
                ("src/types/uid.rs", "use super::set::Set;"),
                ("src/types/set.rs", "use crate::types::uid::Uid;"),
            ],
            "closes a circle: types::set -> types::uid -> types::set",
        ),
        (
            &[
                ("src/wire/mod.rs", "mod frame;\nuse frame::Frame;"),
                ("src/wire/frame.rs", "use super::Step;"),
            ],
            "closes a circle: wire -> wire::frame -> wire",
        ),
        (
            &[
                (
                    "src/wire/mod.rs",
                    "mod frame;\npub use self::frame::Frame;\nfn f(_: Frame) {}",
                ),
                ("src/wire/frame.rs", "use super::Step;"),
            ],
            "closes a circle: wire -> wire::frame -> wire",
        ),
        (
            &[("src/tools.rs", "")],
            "src/tools.rs:1: stands on no floor",
        ),
        (
            &[("src/session.rs", "fn f() {}\nuse parking_lot::Mutex;")],
            "src/session.rs:3: says `parking_lot`",
        ),
        (
            &[("src/wire/x.rs", "use std::net::TcpStream;")],
            "src/wire/x.rs:2: says `std::net`",
        ),
        (
            &[
                set,
                (
                    "src/types/x.rs",
                    "use crate::types::set::Set;\nuse crate::wire::frame::F;",
                ),
                frame,
            ],
            "x.rs:3:",
        ),
        (
            &[("src/transport/x.rs", "use crate::types::uid::Uid;"), uid],
            "floor 1 (`transport`)",
        ),
    ];
    for (files, offence) in cases {
        let found = found(files);
        assert!(found.contains(offence), "wanted: {offence}\nfound: {found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
}

#[test]
fn what_is_long_or_without_a_word_is_found() {
    let undocumented = Source::new("src/lock.rs", "// no doc\nstruct Lock;");
    assert!(offences(&[undocumented])[0].contains("src/lock.rs:1: does not begin with a `//!`"));
    let body = "    f();\n".repeat(69);
    assert_eq!(
        found(&[("src/lock.rs", &format!("fn good() {{\n{}}}\n", &body[9..]))]),
        ""
    );
    let long = found(&[(
        "src/lock.rs",
        &format!("\nfn long(a: [u8; 2]) {{\n{body}}}\n"),
    )]);
    assert_eq!(long, "src/lock.rs:3: `long` has 71 lines, over 70");
    let lines = "//\n".repeat(600);
    let tests = format!(
        "{}#[cfg(test)]\nmod tests {{\n{lines}}}\n",
        &lines[..lines.len() - 3]
    );
    assert_eq!(found(&[("src/lock.rs", &tests)]), "");
    assert!(found(&[("src/lock.rs", &lines)]).contains("has 601 lines, over 600"));
}
