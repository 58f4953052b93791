//! One section of many messages, by one command.

use std::io::{self, Read};

use latchbox::Error;
use latchbox::types::{SearchKey, UidSet};

use super::canned::Canned;
use super::{uid, whole};
use crate::scripted::selecting;

const ANSWER: &str = "\
    * 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n\
    * 7 FETCH (FLAGS (\\Seen))\r\n\
    * 8 FETCH (UID 99 BODY[] {5}\r\nother)\r\n\
    * 2 FETCH (BODY[] {3}\r\ntwo UID 2)\r\n\
    * 3 FETCH (UID 3 BODY[] NIL)\r\n\
    * 4 FETCH (UID 4 BODY[] \"four\")\r\n\
    * 5 FETCH (UID 5 BODY[] {4}\r\nfive overrun)\r\n\
    * 6 FETCH (UID 6 BODY[] {0}\r\n)\r\n\
    {tag} OK done\r\n";

fn set() -> UidSet {
    "1:9".parse().unwrap()
}

#[test]
fn each_comes_with_its_octets_or_its_error() {
    for piece in [1, 3, usize::MAX] {
        let session = Canned::new(ANSWER).in_pieces_of(piece).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut downloads = inbox.download_each(&set(), &whole()).unwrap();
        let mut seen = Vec::new();
        while let Some(download) = downloads.next().unwrap() {
            let mut octets = Vec::new();
            let copied = download.copy_to(&mut octets);
            let text = match &copied {
                Ok(_) => String::from_utf8(octets).unwrap(),
                Err(Error::NotFound(_)) => "none".to_owned(),
                Err(Error::Item(_)) => "torn".to_owned(),
                Err(other) => panic!("{other:?}"),
            };
            seen.push((download.uid().unwrap(), text));
        }
        assert!(downloads.next().unwrap().is_none());
        let texts = ["one", "two", "none", "four", "torn", ""];
        let expected = (1..).map(uid).zip(texts.map(str::to_owned));
        assert!(seen.iter().cloned().eq(expected), "{seen:?}");
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
    }
}

#[test]
fn what_is_not_read_is_passed_over() {
    for piece in [1, usize::MAX] {
        for take in [0, 1, 2] {
            let session = Canned::new(ANSWER).in_pieces_of(piece).session();
            let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
            let mut downloads = inbox.download_each(&set(), &whole()).unwrap();
            let mut lengths = Vec::new();
            while let Some(download) = downloads.next().unwrap() {
                lengths.push(download.len());
                if !download.is_empty() {
                    download.read_exact(&mut [0; 2][..take]).unwrap();
                }
            }
            assert_eq!(lengths, [3, 3, 0, 4, 4, 0]);
        }
    }
}

#[test]
fn left_in_the_middle_the_next_command_hears_its_own_answer() {
    for left_after in 0..6 {
        let session = Canned::new(ANSWER).session();
        let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
        let mut downloads = inbox.download_each(&set(), &whole()).unwrap();
        for _ in 0..left_after {
            downloads.next().unwrap().unwrap();
        }
        assert_eq!(inbox.search(SearchKey::All).unwrap().len(), 2);
    }
}

#[test]
fn an_empty_set_and_long_ones() {
    let (server, session) = selecting(
        "
        C: {s} UID SEARCH DELETED
        S: * SEARCH
        S: {s} OK done
        C-start: {a} UID FETCH 1,3,5,
        S: * 1 FETCH (UID 1 BODY[] \"x\")
        S: {a} OK done
        C-start: {b} UID FETCH 
        S: {b} NO [SERVERBUG] enough
        ",
    );
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let none = inbox.search(SearchKey::Deleted).unwrap();
    assert!(
        inbox
            .download_each(&none, &whole())
            .unwrap()
            .next()
            .unwrap()
            .is_none()
    );
    let error = inbox.download_each(&UidSet::new(), &whole()).unwrap_err();
    assert!(matches!(error, Error::Argument(_)), "{error:?}");
    let odd = UidSet::unbound((1..4000).step_by(2).map(uid));
    let mut downloads = inbox.download_each(&odd, &whole()).unwrap();
    let first = downloads.next().unwrap().unwrap();
    assert_eq!(first.copy_to(&mut io::sink()).unwrap(), 1);
    let error = downloads.next().unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert!(downloads.next().unwrap().is_none());
    drop(inbox);
    drop(session);
    server.finish();
}

#[test]
fn truncated_in_the_second() {
    let cut = ANSWER.find("wo UID 2").unwrap();
    let session = Canned::new(ANSWER).cut_at(cut).session();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut downloads = inbox.download_each(&set(), &whole()).unwrap();
    downloads
        .next()
        .unwrap()
        .unwrap()
        .copy_to(&mut io::sink())
        .unwrap();
    let error = downloads
        .next()
        .unwrap()
        .unwrap()
        .copy_to(&mut io::sink())
        .unwrap_err();
    assert!(matches!(error, Error::Truncated(_)), "{error:?}");
    assert!(downloads.next().unwrap_err().is_closed());
}
