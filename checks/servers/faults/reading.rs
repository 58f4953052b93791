//! Locking, searching, fetching and downloading: what is read is what is there, or an error.

use std::io::Read;

use latchbox::types::{FetchItem, SearchKey, Section, Uid, UidSet};
use latchbox::{Error, MailboxGuard, ReadOnly};

use super::run::{Play, Run};
use super::stage::{contents, message};

pub(super) struct Reading;

const SIZES: [usize; 4] = [200, 900, 1500, 400];

impl Play for Reading {
    fn name(&self) -> &'static str {
        "reading"
    }

    fn play(&self, run: &mut Run<'_>) {
        let letters = run.name("Letters");
        let there: Vec<Vec<u8>> = SIZES
            .iter()
            .map(|&size| message(&run.name(&format!("letter{size}")), size))
            .collect();
        run.stage.fill(&letters, &there);
        let session = run.open();
        if let Some(session) = &session {
            let guard = session.lock_mailbox_read_only(letters.as_str());
            if let Some(mut guard) = run.note(guard).0 {
                read(run, &mut guard, &there);
            }
        }
        let again = run.lock_again(session, &letters);
        assert!(again.iter().map(|found| &found.octets).eq(&there));
        run.settle();
        let after = run.stage.found(&letters);
        assert!(after.iter().map(|found| &found.octets).eq(&there));
        assert!(after.iter().all(|found| found.flags.is_empty()));
    }
}

fn read(
    run: &mut Run<'_>,
    guard: &mut MailboxGuard<'_, ReadOnly>,
    there: &[Vec<u8>],
) -> Option<()> {
    assert_eq!(guard.exists(), 4);
    let all = run.note(guard.search(SearchKey::All)).0?;
    assert_eq!(all.to_string(), "1:4");
    let found = run.note(contents(guard)).0?;
    assert!(found.iter().map(|found| &found.octets).eq(there));
    let described = describe(guard, &all);
    let subjects = run.note(described).0?;
    assert_eq!(subjects.len(), 4);
    for (subject, message) in subjects.iter().zip(there) {
        assert!(message.starts_with(format!("Subject: {subject}\r\n").as_bytes()));
    }
    let uid = Uid::new(3).unwrap();
    let mut octets = Vec::new();
    let read = guard
        .download(uid, &Section::whole())
        .and_then(|mut download| download.read_to_end(&mut octets).map_err(Error::from));
    // What came before the end is what is there.
    assert!(there[2].starts_with(&octets));
    run.note(read).0?;
    assert_eq!(octets, there[2]);
    let mut text = Vec::new();
    let copied = guard
        .download(uid, &Section::whole().text())
        .and_then(|mut download| download.copy_to(&mut text));
    assert!(text.is_empty() || there[2].windows(text.len()).any(|part| part == text));
    run.note(copied).0?;
    assert!(there[2].ends_with(&text) && text.len() > 1400);
    Some(())
}

/// The subjects, by envelopes and structures.
fn describe(guard: &mut MailboxGuard<'_, ReadOnly>, all: &UidSet) -> latchbox::Result<Vec<String>> {
    let items = [
        FetchItem::Envelope,
        FetchItem::BodyStructure,
        FetchItem::Rfc822Size,
    ];
    let mut subjects = Vec::new();
    let mut messages = guard.fetch(all, items)?;
    while let Some(message) = messages.next()? {
        let size = message.size().unwrap();
        let wanted = SIZES[subjects.len()] as u64;
        assert!(size >= wanted && size < wanted + 100, "{size}");
        assert!(message.body_structure()?.parts().count() > 0);
        subjects.push(message.envelope()?.subject().into_owned());
    }
    Ok(subjects)
}
