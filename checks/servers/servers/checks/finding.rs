//! SEARCH, SORT, THREAD.

use std::num::NonZeroU32;
use std::time::Duration;

use latchbox::command::{Search, Sort};
use latchbox::types::{
    FetchItem, Flag, MailboxScope, PartialRange, SearchKey, SearchReturn, SortCriterion, SortKey,
    StoreAction, ThreadAlgorithm, Uid,
};
use latchbox::{Result, Session};

use super::{Check, check, with_messages};
use crate::servers::place::User;

pub(super) const CHECKS: &[Check] = &[
    check("SEARCH", &[], search),
    check("SEARCH in any language", &[], charsets),
    check("ESEARCH: MIN, MAX, COUNT", &["ESEARCH"], esearch),
    check("a page of the results", &["PARTIAL"], page),
    check(
        "SEARCHRES: the result stays on the server",
        &["SEARCHRES"],
        saved,
    ),
    check("WITHIN: older, younger", &["WITHIN"], within),
    check("SEARCH by save date", &["SAVEDATE"], by_save_date),
    check("SEARCH=FUZZY", &["SEARCH=FUZZY"], fuzzy),
    check("MULTISEARCH", &["MULTISEARCH"], several_mailboxes),
    check("SORT", &["SORT"], sort),
    check("SORT=DISPLAY", &["SORT", "SORT=DISPLAY"], sort_by_name),
    check(
        "THREAD=ORDEREDSUBJECT",
        &["THREAD=ORDEREDSUBJECT"],
        |user| thread(user, ThreadAlgorithm::OrderedSubject),
    ),
    check("THREAD=REFERENCES", &["THREAD=REFERENCES"], |user| {
        thread(user, ThreadAlgorithm::References)
    }),
    check("THREAD=REFS", &["THREAD=REFS"], |user| {
        thread(user, ThreadAlgorithm::Refs)
    }),
];

/// A talk of three and another message; sent in another order than they are stored.
fn with_a_talk(user: &User) -> Result<Session> {
    let session = user.session()?;
    for (id, from, subject, day, references) in [
        (1, "Zoe <a@example.com>", "lunch", 5, ""),
        (2, "Ann <b@example.com>", "Re: lunch", 6, "<1@x>"),
        (3, "Bob <c@example.com>", "Gr=C3=BC=C3=9Fe", 1, ""),
        (4, "Carl <d@example.com>", "Re: lunch", 7, "<1@x> <2@x>"),
    ] {
        let references = match references {
            "" => String::new(),
            known => format!("References: {known}\r\n"),
        };
        let message = format!(
            "From: {from}\r\nSubject: =?utf-8?q?{}?=\r\nMessage-ID: <{id}@x>\r\n{references}\
             Date: {day} Feb 2024 10:00:00 +0000\r\n\r\nA body.\r\n",
            subject.replace(' ', "_"),
        );
        session.append("INBOX", message.as_bytes())?;
    }
    user.settle(&session)?;
    Ok(session)
}

/// Which of the messages these are, in this order; the first is 1.
fn numbers<'a>(user: &User, uids: impl IntoIterator<Item = &'a Uid>) -> Vec<u32> {
    let uids = uids.into_iter();
    uids.map(|uid| uid.value() + 1 - user.first_uid).collect()
}

fn search(user: &User) -> Result<()> {
    let session = with_messages(user, 3)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    inbox.store(&user.uids("2")?, StoreAction::Add, [Flag::Seen])?;
    let unseen = inbox.search(SearchKey::Unseen)?;
    assert_eq!(user.places(&unseen), "1,3");
    let from = SearchKey::From("j@example.com".to_owned());
    let seen = inbox.search(from.and(SearchKey::Seen))?;
    assert_eq!(user.places(&seen), "2");
    assert!(inbox.search(SearchKey::Larger(1_000_000))?.is_empty());
    Ok(())
}

fn charsets(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let green = SearchKey::Subject("Gr\u{fc}\u{df}e".to_owned());
    assert_eq!(user.places(&inbox.search(green)?), "3");
    Ok(())
}

fn esearch(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let lunch = SearchKey::Subject("lunch".to_owned());
    let found =
        inbox.run(Search::new(&lunch).returning(SearchReturn::new().min().max().count()))?;
    let ends: Vec<_> = [found.min(), found.max()].into_iter().flatten().collect();
    assert_eq!(numbers(user, &ends), [1, 4]);
    assert_eq!(found.count(), Some(3));
    let found = inbox.run(Search::new(&lunch).returning(SearchReturn::new().all()))?;
    assert_eq!(user.places(found.all().unwrap()), "1:2,4");
    Ok(())
}

fn page(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let last_two = PartialRange::last(NonZeroU32::new(2).unwrap());
    let returns = SearchReturn::new().partial(last_two);
    let found = inbox.run(Search::new(SearchKey::All).returning(returns))?;
    assert_eq!(user.places(found.partial().unwrap()), "3:4");
    Ok(())
}

fn saved(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut lunch = inbox.search_saved(SearchKey::Subject("lunch".to_owned()))?;
    assert_eq!(lunch.count(), 3);
    assert_eq!(lunch.fetch([FetchItem::Uid])?.into_iter().count(), 3);
    lunch.store(StoreAction::Add, [Flag::Flagged])?;
    let ann = lunch.narrow(SearchKey::From("b@example.com".to_owned()))?;
    assert_eq!(ann.count(), 1);
    drop(ann);
    let flagged = inbox.search(SearchKey::Flagged)?;
    assert_eq!(user.places(&flagged), "1:2,4");
    Ok(())
}

fn within(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let day = Duration::from_secs(24 * 60 * 60);
    assert_eq!(inbox.search(SearchKey::Younger(day))?.len(), 2);
    assert!(inbox.search(SearchKey::Older(day))?.is_empty());
    Ok(())
}

fn by_save_date(user: &User) -> Result<()> {
    let session = with_messages(user, 2)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let long_ago = "2001-01-01".parse().unwrap();
    let since = inbox.search(SearchKey::SavedSince(long_ago))?;
    assert_eq!(since.len(), 2);
    assert!(inbox.search(SearchKey::SavedBefore(long_ago))?.is_empty());
    Ok(())
}

fn fuzzy(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let lunch = SearchKey::Subject("lunch".to_owned()).fuzzy();
    assert_eq!(user.places(&inbox.search(lunch)?), "1:2,4");
    Ok(())
}

fn several_mailboxes(user: &User) -> Result<()> {
    let session = with_messages(user, 1)?;
    let scopes = [MailboxScope::Personal];
    let found = session.search_mailboxes(&scopes, SearchKey::All, SearchReturn::new())?;
    assert_eq!(found.len(), 1);
    Ok(())
}

fn sort(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let mut sorted = |criteria: &[SortCriterion]| {
        let sorted = inbox.sort(criteria.iter().cloned(), SearchKey::All);
        sorted.map(|sorted| numbers(user, &sorted))
    };
    assert_eq!(sorted(&[SortKey::Date.into()])?, [3, 1, 2, 4]);
    assert_eq!(sorted(&[SortKey::Date.reverse()])?, [4, 2, 1, 3]);
    assert_eq!(sorted(&[SortKey::From.reverse()])?, [4, 3, 2, 1]);
    let by_subject = [SortKey::Subject.into(), SortKey::Date.reverse()];
    assert_eq!(sorted(&by_subject)?, [3, 4, 2, 1]);
    Ok(())
}

fn sort_by_name(user: &User) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let sorted = inbox.run(Sort::new([SortKey::DisplayFrom], SearchKey::All))?;
    assert_eq!(numbers(user, sorted.all().unwrap()), [2, 3, 4, 1]);
    Ok(())
}

fn thread(user: &User, algorithm: ThreadAlgorithm) -> Result<()> {
    let session = with_a_talk(user)?;
    let mut inbox = session.lock_mailbox("INBOX")?;
    let threads = inbox.thread(algorithm, SearchKey::All)?;
    let mut threads: Vec<_> = threads
        .iter()
        .map(|thread| user.places(&thread.uids()))
        .collect();
    threads.sort();
    assert_eq!(threads, ["1:2,4", "3"]);
    Ok(())
}
