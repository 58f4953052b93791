//! SEARCH with every key that Dovecot has.

use std::num::NonZeroU32;
use std::time::Duration;

use latchbox::command::Search;
use latchbox::types::{
    Date, DateTime, EntryType, FetchItem, Flag, Keyword, ModSeq, NewMessage, PartialRange,
    SearchKey, SearchReturn, StoreAction, Uid,
};
use latchbox::{Error, MailboxGuard, Session};

use super::{session, session_on, tapped_on, uids};
use crate::support::dovecot::{Dovecot, dovecot};

fn put(session: &Session, message: &str, received: &str, flags: &[&str]) {
    let date: DateTime = format!("{received}T12:00:00+00:00").parse().unwrap();
    let flags = flags.iter().map(|flag| flag.parse::<Flag>().unwrap());
    let message = message.replace('\n', "\r\n");
    session
        .append(
            "INBOX",
            NewMessage::new(message.as_bytes())
                .internal_date(date)
                .flags(flags),
        )
        .unwrap();
}

/// Four messages that differ in everything that can be looked for.
fn fill(session: &Session) {
    put(
        session,
        "From: Ann <ann@example.com>\nTo: jane@example.com\nCc: cc-one@example.com\n\
         Bcc: hidden@example.com\nSubject: Weekly report\nDate: Thu, 1 Feb 2024 10:00:00 +0000\n\n\
         alpha beta\n",
        "2024-02-02",
        &["\\Seen", "\\Answered"],
    );
    put(
        session,
        "From: =?utf-8?q?B=C3=B6b?= <bob@example.com>\nTo: Team: jane@example.com, eve@example.com;\n\
         Subject: =?utf-8?b?R3LDvMOfZQ==?= aus Wien\nDate: Fri, 15 Mar 2024 10:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n\ndie Straße entlang\n",
        "2024-03-16",
        &["\\Flagged", "$Work"],
    );
    let long = "gamma delta epsilon\n".repeat(1000);
    put(
        session,
        &format!(
            "From: list@example.com\nTo: all@example.com\nList-Id: <news.example.com>\n\
             Subject: say \"hi\" \\o/\nDate: Wed, 1 Jan 2020 10:00:00 +0000\n\n{long}"
        ),
        "2020-01-02",
        &["\\Deleted", "\\Draft"],
    );
    put(
        session,
        "From: dan@example.com\nTo: jane@example.com\nSubject: no flags\n\
         Date: Tue, 31 Dec 2024 10:00:00 +0000\n\nthe end\n",
        "2025-01-01",
        &[],
    );
}

#[track_caller]
fn assert_found<A: latchbox::guard::Access>(
    inbox: &mut MailboxGuard<'_, A>,
    table: impl IntoIterator<Item = (SearchKey, &'static str)>,
) {
    for (key, expected) in table {
        let found = inbox.search(&key).unwrap();
        assert_eq!(found.to_string(), expected, "{key}");
        assert_eq!(found.origin().unwrap().mailbox().as_str(), "INBOX");
    }
}

fn keyword(name: &str) -> Keyword {
    Keyword::new(name).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn keys_about_flags() {
    let session = session(&dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    assert_found(
        &mut inbox,
        [
            (SearchKey::All, "1:4"),
            (SearchKey::Answered, "1"),
            (SearchKey::Unanswered, "2:4"),
            (SearchKey::Deleted, "3"),
            (SearchKey::Undeleted, "1:2,4"),
            (SearchKey::Draft, "3"),
            (SearchKey::Undraft, "1:2,4"),
            (SearchKey::Flagged, "2"),
            (SearchKey::Unflagged, "1,3:4"),
            (SearchKey::Seen, "1"),
            (SearchKey::Unseen, "2:4"),
            (SearchKey::Recent, "1:4"),
            (SearchKey::New, "2:4"),
            (SearchKey::Old, ""),
            (SearchKey::Keyword(keyword("$Work")), "2"),
            (SearchKey::Keyword(keyword("$WORK")), "2"),
            (SearchKey::Keyword(keyword("$None")), ""),
            (SearchKey::Unkeyword(keyword("$Work")), "1,3:4"),
        ],
    );
}

#[test]
fn keys_about_text() {
    let session = session(&dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_found(
        &mut inbox,
        [
            (SearchKey::From("ANN".into()), "1"),
            (SearchKey::From("Böb".into()), "2"),
            (SearchKey::To("jane@example.com".into()), "1:2,4"),
            (SearchKey::Cc("cc-one".into()), "1"),
            (SearchKey::Bcc("hidden".into()), "1"),
            (SearchKey::Subject("report".into()), "1"),
            (SearchKey::Subject("Grüße".into()), "2"),
            (SearchKey::Subject("grüsse".into()), ""),
            (SearchKey::Subject("say \"hi\" \\o/".into()), "3"),
            (SearchKey::Body("beta".into()), "1"),
            (SearchKey::Body("Straße".into()), "2"),
            (SearchKey::Body("report".into()), ""),
            (SearchKey::Text("report".into()), "1"),
            (SearchKey::Text("example.com".into()), "1:4"),
            (SearchKey::header("List-Id", "news"), "3"),
            (SearchKey::header("list-id", ""), "3"),
            (SearchKey::header("Subject", "Wien"), "2"),
            (SearchKey::header("X-None", ""), ""),
        ],
    );
}

#[test]
fn keys_about_dates_and_sizes() {
    let session = session(&dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    assert_found(
        &mut inbox,
        [
            (SearchKey::Before(day("2024-02-02")), "3"),
            (SearchKey::On(day("2024-02-02")), "1"),
            (SearchKey::Since(day("2024-02-02")), "1:2,4"),
            (SearchKey::SentBefore(day("2024-02-01")), "3"),
            (SearchKey::SentOn(day("2024-02-01")), "1"),
            (SearchKey::SentSince(day("2024-02-01")), "1:2,4"),
            (SearchKey::Before(day("0001-01-01")), ""),
            (SearchKey::Larger(10_000), "3"),
            (SearchKey::Smaller(10_000), "1:2,4"),
            (SearchKey::Larger(0), "1:4"),
            (SearchKey::Smaller(0), ""),
        ],
    );
}

#[test]
fn keys_put_together() {
    let session = session(&dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let subject = |text: &str| SearchKey::Subject(text.into());
    let seen_or_flagged = SearchKey::Seen.or(SearchKey::Flagged);
    let both = subject("Weekly").and(SearchKey::Answered);
    let numbered = inbox.numbered();
    let one_and_four = SearchKey::from(&numbered.parse("1,4").unwrap());
    let all = SearchKey::from(&numbered.all());
    assert_found(
        &mut inbox,
        [
            (SearchKey::Unseen.and(SearchKey::Undeleted), "2,4"),
            (seen_or_flagged.clone(), "1:2"),
            (!seen_or_flagged.clone(), "3:4"),
            (!SearchKey::Seen, "2:4"),
            (!both.clone(), "2:4"),
            (both.clone().or(SearchKey::Draft), "1,3"),
            (SearchKey::Undeleted.and(!both.or(subject("Grüße"))), "4"),
            (SearchKey::Uid(uids("2:3,99")), "2:3"),
            (SearchKey::Uid(uids("3:*")), "3:4"),
            (one_and_four, "1,4"),
            (all.and(SearchKey::Seen), "1"),
            (!SearchKey::Uid(uids("1")), "2:4"),
        ],
    );
    let mut deep = SearchKey::Seen;
    for _ in 0..20 {
        deep = SearchKey::Flagged.or(deep);
    }
    assert_found(&mut inbox, [(deep, "1:2")]);
}

#[test]
fn mod_sequences_are_searched_for() {
    let session = session(&dovecot().user());
    session
        .enable(&[latchbox::types::Capability::CondStore])
        .unwrap();
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let before = inbox.mailbox().unwrap().highest_mod_seq().unwrap();
    let next = ModSeq::new(before.value() + 1).unwrap();
    assert_found(&mut inbox, [(SearchKey::ModSeq(next), "")]);
    let action = latchbox::types::StoreAction::Add;
    inbox.store(&uids("2,4"), action, [Flag::Seen]).unwrap();
    assert_found(
        &mut inbox,
        [
            (SearchKey::ModSeq(next), "2,4"),
            (SearchKey::ModSeq(ModSeq::new(1).unwrap()), "1:4"),
        ],
    );
}

#[test]
fn utf_8_is_announced_only_for_text_that_needs_it() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    sent.take();
    inbox.search(SearchKey::Subject("ascii".into())).unwrap();
    assert!(!sent.take().contains("CHARSET"));
    inbox.search(!SearchKey::Subject("ß".into())).unwrap();
    assert!(sent.take().contains(" CHARSET UTF-8 NOT SUBJECT "));
}

#[test]
fn a_search_that_says_nothing_is_refused_before_anything_is_sent() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    sent.take();
    for key in [
        SearchKey::And(vec![]),
        SearchKey::Seen.and(SearchKey::And(vec![])),
        !SearchKey::And(vec![]),
        SearchKey::Subject(String::new()),
        SearchKey::Body("a\0b".into()),
        SearchKey::header("Bad name", "x"),
        SearchKey::header("", "x"),
        SearchKey::Uid(uids("1").difference(&uids("1")).unwrap()),
    ] {
        let refused = inbox.search(&key).unwrap_err();
        assert!(matches!(refused, Error::Argument(_)), "{key}: {refused}");
    }
    assert_eq!(sent.take(), "");
}

#[test]
fn line_breaks_in_a_search_text_are_text() {
    let session = session(&dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let injected = SearchKey::Subject("x\r\nA9 STORE 1:* +FLAGS (\\Deleted)".into());
    assert_found(&mut inbox, [(injected, ""), (SearchKey::Deleted, "3")]);
}

#[test]
fn only_what_is_asked_for_is_returned() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    sent.take();
    let everything = SearchReturn::new().min().max().count();
    let unseen = inbox
        .run(Search::new(SearchKey::Unseen).returning(everything))
        .unwrap();
    assert_eq!((unseen.min(), unseen.max()), (Uid::new(2), Uid::new(4)));
    assert_eq!((unseen.count(), unseen.all()), (Some(3), None));
    assert!(
        sent.take()
            .contains(" UID SEARCH RETURN (MIN MAX COUNT) UNSEEN\r\n")
    );
    let none =
        inbox.run(Search::new(SearchKey::Keyword(keyword("$None"))).returning(everything.all()));
    let none = none.unwrap();
    assert_eq!(
        (none.min(), none.max(), none.count()),
        (None, None, Some(0))
    );
    assert!(none.all().unwrap().is_empty());
    assert!(none.all().unwrap().origin().is_some());
    let mut numbered = inbox.numbered();
    let flagged = numbered
        .run(Search::new(SearchKey::Flagged).returning(everything))
        .unwrap();
    assert_eq!(flagged.min(), latchbox::types::SeqNum::new(2));
}

#[test]
fn pages_from_the_start_are_the_servers_and_others_are_cut_out() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let number = |number| NonZeroU32::new(number).unwrap();
    for (range, page, asked) in [
        (PartialRange::first(number(3)), "1:3", "(PARTIAL 1:3)"),
        (
            PartialRange::from_start(number(4), number(9)),
            "4",
            "(PARTIAL 4:9)",
        ),
        (
            PartialRange::from_start(number(5), number(9)),
            "",
            "(PARTIAL 5:9)",
        ),
        (PartialRange::last(number(3)), "2:4", "(ALL)"),
    ] {
        sent.take();
        let returned =
            inbox.run(Search::new(SearchKey::All).returning(SearchReturn::new().partial(range)));
        let returned = returned.unwrap();
        assert_eq!(returned.partial().unwrap().to_string(), page, "{range}");
        assert!(
            sent.take().contains(&format!("RETURN {asked} ALL\r\n")),
            "{range}"
        );
    }
}

#[test]
fn a_result_is_kept_by_the_server_and_used_by_its_sign() {
    let (session, sent) = tapped_on(dovecot(), &dovecot().user());
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    sent.take();
    let unseen = inbox.search_saved(SearchKey::Unseen).unwrap();
    assert_eq!((unseen.count(), unseen.is_on_server()), (3, true));
    let mut small = unseen.narrow(SearchKey::Smaller(10_000)).unwrap();
    assert_eq!(small.count(), 2);
    let found: Vec<_> = small
        .fetch([FetchItem::Flags])
        .unwrap()
        .into_iter()
        .map(|message| message.unwrap().uid().value())
        .collect();
    assert_eq!(found, [2, 4]);
    assert_eq!(small.search(SearchKey::Flagged).unwrap().to_string(), "2");
    assert_eq!(small.uids().unwrap().to_string(), "2,4");
    small.store(StoreAction::Add, [Flag::Answered]).unwrap();
    assert_eq!(small.copy("INBOX").unwrap().pairs().count(), 2);
    let moved = small.move_to("INBOX").unwrap();
    assert_eq!(moved.pairs().count(), 2);
    let lines: Vec<String> = sent
        .take()
        .lines()
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect();
    assert_eq!(
        lines,
        [
            "UID SEARCH RETURN (SAVE COUNT) UNSEEN",
            "UID SEARCH RETURN (SAVE COUNT) $ SMALLER 10000",
            "UID FETCH $ (FLAGS)",
            "UID SEARCH RETURN (ALL) $ FLAGGED",
            "UID SEARCH RETURN (ALL) $",
            "UID STORE $ +FLAGS (\\Answered)",
            "UID COPY $ \"INBOX\"",
            "UID MOVE $ \"INBOX\"",
        ]
    );
    let mut nothing = inbox
        .search_saved(SearchKey::Keyword(keyword("$None")))
        .unwrap();
    assert!(nothing.is_empty());
    sent.take();
    assert_eq!(
        nothing
            .fetch([FetchItem::Flags])
            .unwrap()
            .into_iter()
            .count(),
        0
    );
    nothing.store(StoreAction::Add, [Flag::Seen]).unwrap();
    nothing.delete().unwrap();
    assert_eq!(sent.take(), "");
    let draft = inbox.search_saved(SearchKey::Draft).unwrap();
    assert_eq!(draft.delete().unwrap().count(), 1);
    assert!(inbox.search(SearchKey::Draft).unwrap().is_empty());
}

#[test]
fn keys_of_extensions() {
    let session = session(&dovecot().user());
    session
        .enable(&[latchbox::types::Capability::CondStore])
        .unwrap();
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let day_in_seconds = Duration::from_secs(24 * 3600);
    let one = ModSeq::new(1).unwrap();
    let of_seen = SearchKey::ModSeqOf {
        flag: Flag::Seen,
        entry_type: EntryType::All,
        mod_seq: one,
    };
    let soon = day("2999-01-01");
    assert_found(
        &mut inbox,
        [
            (SearchKey::Older(day_in_seconds), "1:4"),
            (SearchKey::Younger(day_in_seconds), ""),
            (SearchKey::Older(day_in_seconds).and(SearchKey::Seen), "1"),
            (SearchKey::SavedBefore(soon), "1:4"),
            (SearchKey::SavedSince(soon), ""),
            (SearchKey::SavedOn(day("2020-01-02")), ""),
            (SearchKey::SaveDateSupported, "1:4"),
            (of_seen, "1:4"),
        ],
    );
    let key = SearchKey::ModSeq(one).and(SearchKey::Seen);
    let returned = inbox
        .run(Search::new(key).returning(SearchReturn::new().all()))
        .unwrap();
    assert_eq!(returned.all().unwrap().to_string(), "1");
    assert!(returned.mod_seq().is_some());
    for key in [
        SearchKey::EmailId("M1".into()),
        SearchKey::Subject("x".into()).fuzzy(),
        SearchKey::GmailRaw("x".into()),
    ] {
        let refused = inbox.search(&key).unwrap_err();
        assert!(matches!(refused, Error::Unsupported(_)), "{key}: {refused}");
    }
}

/// Dovecot takes FUZZY without a full text index, and does not say so unless it is told to.
#[test]
fn fuzzy_searches_are_taken() {
    let own = Dovecot::start("imap_capability = +SEARCH=FUZZY").unwrap();
    let session = session_on(&own, &own.user());
    fill(&session);
    let mut inbox = session.lock_mailbox("INBOX").unwrap();
    let weekly = SearchKey::Subject("Weekly".into());
    let either = SearchKey::Seen.and(weekly.clone()).fuzzy();
    assert_found(&mut inbox, [(weekly.fuzzy(), "1"), (either, "1")]);
}
