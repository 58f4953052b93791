//! Whole sessions with real servers, as the files in `tests/transcripts` tell them: each is played
//! by the scripted server, and one program is the client of all of them.
//!
//! `tests/transcripts/README.md` tells how a transcript is written.

mod client;
mod transcript;

use std::path::Path;
use std::{fs, panic, thread};

use self::transcript::Transcript;
use crate::pieces::Pieces;
use crate::support::script::script;

#[test]
fn each_session_gives_what_stands_beside_it() {
    assert_all(|_| {}, Pieces::WHOLE);
}

/// What a server calls itself makes no difference: neither its greeting nor its ID is looked at.
#[test]
fn a_server_without_a_name_gives_the_same() {
    assert_all(Transcript::take_names_away, Pieces::WHOLE);
}

#[test]
fn a_session_whose_lines_come_in_pieces_gives_the_same() {
    assert_all(Transcript::break_lines, Pieces::WHOLE);
}

/// The result is the same however the octets are split.
#[test]
fn fault_07_each_session_gives_the_same_in_any_pieces() {
    thread::scope(|scope| {
        for pieces in Pieces::SPLITS {
            scope.spawn(move || assert_all(|_| {}, pieces));
        }
    });
}

#[test]
fn the_servers_that_most_mail_is_kept_on_are_all_there() {
    let names: Vec<_> = all().into_iter().map(|(name, _)| name).collect();
    for server in [
        "163",
        "courier",
        "cyrus",
        "davmail",
        "domino",
        "gmail",
        "hmailserver",
        "icloud",
        "microsoft-365",
        "proton-bridge",
        "qq",
        "yahoo",
        "yandex",
        "zimbra",
    ] {
        assert!(
            names.iter().any(|name| name == server),
            "{server}: {names:?}"
        );
    }
}

/// Plays all of them, changed in this way; all that fail are told together.
#[track_caller]
fn assert_all(change: fn(&mut Transcript), pieces: Pieces) {
    let failures: Vec<_> = all()
        .into_iter()
        .filter_map(|(name, mut transcript)| {
            change(&mut transcript);
            let why = failure(&transcript, pieces)?;
            Some(format!("{name}:\n{why}"))
        })
        .collect();
    assert!(failures.is_empty(), "{pieces:?}\n{}", failures.join("\n"));
}

/// All transcripts, with the names of their files.
fn all() -> Vec<(String, Transcript)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|end| end == "txt"))
        .collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let transcript = Transcript::parse(&fs::read_to_string(file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (name, transcript)
    };
    files.iter().map(read).collect()
}

/// What is wrong with the values of this session, if anything is.
fn failure(transcript: &Transcript, pieces: Pieces) -> Option<String> {
    let outcome = panic::catch_unwind(|| {
        let server = script(&transcript.script);
        let wrong = client::play(transcript, &server, pieces);
        server.finish();
        wrong
    });
    match outcome {
        Ok(wrong) if wrong.is_empty() => None,
        Ok(wrong) => Some(wrong.join("\n")),
        Err(_) => Some("  panicked, see above".to_owned()),
    }
}
