//! SORT and THREAD on Dovecot, and the order that is made here beside Dovecot's own.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::sync::OnceLock;

use latchbox::command::Sort;
use latchbox::types::{
    Capability, DateTime, NewMessage, PartialRange, SearchKey, SearchReturn, Section,
    SortCriterion, SortKey, SortedUids, Thread, ThreadAlgorithm,
};
use latchbox::{Error, MailboxGuard, Session};

use super::{session, session_on, tapped_on};
use crate::support::dovecot::{Dovecot, User, dovecot};

/// A server that can sort and does not say so.
fn silent() -> &'static Dovecot {
    static SILENT: OnceLock<Dovecot> = OnceLock::new();
    SILENT.get_or_init(|| Dovecot::start("imap_capability = IMAP4rev1 LITERAL+").unwrap())
}

const KEYS: [SortKey; 9] = [
    SortKey::Arrival,
    SortKey::Cc,
    SortKey::Date,
    SortKey::From,
    SortKey::Size,
    SortKey::Subject,
    SortKey::To,
    SortKey::DisplayFrom,
    SortKey::DisplayTo,
];

/// What people write, and what they should not.
const SUBJECTS: [&str; 40] = [
    "Subject: Weekly report",
    "Subject: re: weekly report",
    "Subject: RE: Re: Weekly  report",
    "Subject: Fwd: weekly report (fwd)",
    "Subject: [list] weekly report",
    "Subject: Re[2]: [list] Weekly report",
    "Subject: [a] [b]",
    "Subject: [fwd: weekly report]",
    "Subject: Fw: [Fwd: Re: Apfel]",
    "Subject: apfel",
    "Subject: =?utf-8?b?w4RwZmVs?=",
    "Subject: =?iso-8859-1?q?=E4pfel?=",
    "Subject: =?utf-8?q?=C3=84HRE?=",
    "Subject: =?utf-8?q?Stra=C3=9Fe?=",
    "Subject: strasse",
    "Subject: Strast",
    "Subject: =?utf-8?q?=C3=A9lan?=",
    "Subject: Elch",
    "Subject: zebra",
    "Subject: =?utf-8?b?0JbRg9C6?=",
    "Subject: =?utf-8?b?0LnQvtC0?=",
    "Subject: =?utf-8?b?0LjQstCw?=",
    "Subject: =?utf-8?b?zqzOu8+GzrE=?=",
    "Subject: =?utf-8?b?zpHOu8+GzrE=?=",
    // One mark, because Dovecot takes only the last of several off a letter.
    "Subject: =?utf-8?q?=C3=B4ng?=",
    "Subject: ong",
    "Subject: =?utf-8?b?77yh77yi?= wide",
    "Subject: ab wide",
    "Subject: re=?utf-8?q?:_x?=",
    "Subject: =?utf-8?q?Re:_encoded?=",
    "Subject: encoded",
    "Subject:",
    "Subject: Re:",
    "Subject: (fwd)",
    "Subject: 10 things",
    "Subject: 9 things",
    "Subject: ~tilde",
    "Subject: _under",
    "Subject: two\n\tlines",
    "X-No: subject",
];

const FROMS: [&str; 16] = [
    "From: Ann <ann@example.com>",
    "From: ann@zoo.example",
    "From: Zoe <ann2@example.com>",
    "From: \"Bob, the Builder\" <bob@example.com>",
    "From: =?utf-8?q?B=C3=B6b?= <bob2@example.com>",
    "From: BOB@EXAMPLE.COM",
    "From: =?utf-8?q?=C3=89mile?= <emile@example.com>",
    "From: Emil <zzz@example.com>, Ann <ann@example.com>",
    "From: Team: carl@example.com, ann@example.com;",
    "From: undisclosed-recipients:;",
    "From: dan@example.com (Dan the Man)",
    "From: <eve@example.com>",
    "From: \"quoted local\"@example.com",
    "From: nobody",
    "From:",
    "X-No: from",
];

const DATES: [&str; 12] = [
    "Date: Thu, 1 Feb 2024 10:00:00 +0000",
    "Date: Thu, 1 Feb 2024 10:00:00 +0500",
    "Date: Thu, 1 Feb 2024 10:00:00 -0500",
    "Date: 1 Feb 2024 10:00 +0000",
    "Date: Thu, 1 Feb 2024 10:00:30 GMT",
    "Date: Thu, 1 Feb 2024 10:00:00 EST",
    "Date: Thu, 01 Feb 24 11:00:00 +0000",
    "Date: Thu, 1 Feb 2024 12:00:00 +0000 (UTC)",
    "Date: yesterday",
    "Date:",
    "Date: Wed, 31 Dec 1997 23:59:59 +0000",
    "X-No: date",
];

/// Several hundred messages in which everything stands beside everything, always the same.
fn fill(session: &Session) {
    let mut state = 4711_u64;
    let mut any = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    for number in 0..400 {
        let to = FROMS[any(FROMS.len())].replace("From:", "To:");
        let cc = FROMS[any(FROMS.len())].replace("From:", "Cc:");
        let message = format!(
            "{}\n{to}\n{cc}\n{}\n{}\nMessage-ID: <{number}@example.com>\n\n{}\n",
            FROMS[any(FROMS.len())],
            SUBJECTS[any(SUBJECTS.len())],
            DATES[any(DATES.len())],
            "x".repeat(any(20)),
        );
        let since = 1_706_700_000 + i64::try_from(any(100_000)).unwrap();
        let zone = 3600 * i32::try_from(any(5)).unwrap();
        let received = DateTime::from_unix_timestamp(since).and_then(|date| date.to_offset(zone));
        let message = message.replace('\n', "\r\n");
        session
            .append(
                "INBOX",
                NewMessage::new(message.as_bytes()).internal_date(received.unwrap()),
            )
            .unwrap();
    }
}

/// What the server itself says, asked by hand.
fn told(user: &User, commands: &[String]) -> Vec<String> {
    let stream = TcpStream::connect(("127.0.0.1", silent().port())).unwrap();
    let mut stream = BufReader::new(stream);
    let mut ask = |command: &str| {
        let line = format!("t {command}\r\n");
        stream.get_mut().write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            match line.strip_prefix("t ") {
                Some(end) => {
                    assert!(end.starts_with("OK"), "{command}: {end}");
                    return answer;
                }
                None if line.starts_with("* SORT") => line.trim_end().clone_into(&mut answer),
                None => assert!(!line.is_empty(), "{command}: {answer}"),
            }
        }
    };
    ask(&format!("LOGIN {} {}", user.name(), user.password()));
    ask("EXAMINE INBOX");
    commands.iter().map(|command| ask(command)).collect()
}

fn shown(sorted: &SortedUids) -> String {
    let uids = sorted.iter().map(|uid| format!(" {uid}"));
    format!("* SORT{}", uids.collect::<String>())
}

fn first_difference<'s>(here: &'s str, there: &'s str) -> Option<(&'s str, &'s str)> {
    let mut pairs = here.split(' ').zip(there.split(' '));
    let different = pairs.find(|(here, there)| here != there);
    different.or((here != there).then_some(("1", "1")))
}

fn header<A: latchbox::guard::Access>(inbox: &mut MailboxGuard<'_, A>, uid: &str) -> String {
    let header = Section::whole().header();
    let set = uid.parse().unwrap();
    let mut messages = inbox.fetch(&set, [header.clone().into()]).unwrap();
    let message = messages.next().unwrap().unwrap();
    String::from_utf8_lossy(message.body(&header).unwrap()).into_owned()
}

#[test]
fn the_order_made_here_is_that_of_dovecot() {
    let user = silent().user();
    let session = session_on(silent(), &user);
    fill(&session);
    let mut criteria: Vec<Vec<SortCriterion>> = Vec::new();
    criteria.extend(KEYS.map(|key| vec![key.into()]));
    criteria.extend(KEYS.map(|key| vec![key.reverse()]));
    criteria.push(vec![SortKey::Subject.into(), SortKey::Date.reverse()]);
    criteria.push(vec![
        SortKey::From.reverse(),
        SortKey::Size.into(),
        SortKey::Arrival.reverse(),
    ]);
    let written = |criteria: &[SortCriterion]| {
        let words: Vec<String> = criteria.iter().map(ToString::to_string).collect();
        words.join(" ")
    };
    let commands = criteria
        .iter()
        .map(|criteria| format!("UID SORT ({}) UTF-8 ALL", written(criteria)));
    let told = told(&user, &commands.collect::<Vec<_>>());
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut wrong = Vec::new();
    for (criteria, told) in criteria.iter().zip(told) {
        let sorted = inbox
            .sort(criteria.iter().cloned(), SearchKey::All)
            .unwrap();
        assert_eq!(sorted.len(), 400);
        let (here, there) = (shown(&sorted), told);
        if let Some((here, there)) = first_difference(&here, &there) {
            let (here, there) = (header(&mut inbox, here), header(&mut inbox, there));
            let criteria = written(criteria);
            wrong.push(format!("{criteria}\nhere:\n{here}\nthere:\n{there}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn dovecot_sorts_by_itself() {
    let user = dovecot().user();
    let (session, sent) = tapped_on(dovecot(), &user);
    for (number, subject) in [(1, "b"), (2, "Re: a"), (3, "a"), (4, "gr\u{fc}n")] {
        let message = format!("From: x{number}@example.com\r\nSubject: {subject}\r\n\r\n");
        session.append("INBOX", message.as_bytes()).unwrap();
    }
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    sent.take();
    let subject_and_from = [SortKey::Subject.into(), SortKey::From.reverse()];
    let sorted = inbox
        .run(Sort::new(subject_and_from, SearchKey::All).local_limit(0))
        .unwrap();
    assert_eq!(shown(sorted.all().unwrap()), "* SORT 3 2 1 4");
    assert!(
        sent.take()
            .contains("UID SORT (SUBJECT REVERSE FROM) UTF-8 ALL\r\n")
    );
    let green = SearchKey::Subject("gr\u{fc}n".into());
    let sorted = inbox.sort([SortKey::DisplayFrom], &green).unwrap();
    assert_eq!(shown(&sorted), "* SORT 4");
    assert_eq!(sorted.origin().mailbox().as_str(), "INBOX");
    let none = inbox.sort([SortKey::Size], SearchKey::Deleted).unwrap();
    assert!(none.is_empty());
    let copied = inbox.copy(&sorted.to_set(), "INBOX").unwrap();
    assert_eq!(copied.pairs().count(), 1);
}

/// Dovecot has pages of an order too, and does not say so unless it is told to.
#[test]
fn dovecot_returns_a_page_of_an_order() {
    let own = Dovecot::start("imap_capability = +CONTEXT=SORT").unwrap();
    let user = own.user();
    user.fill("INBOX", 9);
    let (session, sent) = tapped_on(&own, &user);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let number = |number| NonZeroU32::new(number).unwrap();
    for (range, expected, asked) in [
        (PartialRange::first(number(3)), "* SORT 9 8 7", true),
        (
            PartialRange::from_start(number(8), number(20)),
            "* SORT 2 1",
            true,
        ),
        (
            PartialRange::from_start(number(10), number(20)),
            "* SORT",
            true,
        ),
        (PartialRange::last(number(2)), "* SORT 2 1", false),
    ] {
        sent.take();
        let newest = [SortKey::Date.reverse()];
        let sorted = inbox
            .run(Sort::new(newest, SearchKey::All).returning(SearchReturn::new().partial(range)))
            .unwrap();
        assert_eq!(shown(sorted.partial().unwrap()), expected, "{range}");
        assert_eq!(sent.take().contains("RETURN (PARTIAL"), asked, "{range}");
    }
}

#[test]
fn what_is_too_much_to_sort_here_is_not_fetched() {
    let user = silent().user();
    user.fill("INBOX", 5);
    let (session, sent) = tapped_on(silent(), &user);
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut sort =
        |limit| inbox.run(Sort::new([SortKey::Date.reverse()], SearchKey::All).local_limit(limit));
    let sorted = sort(5).unwrap();
    assert_eq!(shown(sorted.all().unwrap()), "* SORT 5 4 3 2 1");
    sent.take();
    for limit in [0, 4] {
        match sort(limit) {
            Err(Error::Unsupported(missing)) => {
                assert_eq!(missing.capability(), &Capability::Sort);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(!sent.take().contains("FETCH"));
}

#[test]
fn dovecot_threads() {
    let session = session(&dovecot().user());
    let messages = [
        ("a", "", "lunch"),
        ("b", "<a@x>", "Re: lunch"),
        ("c", "<a@x> <b@x>", "Re: lunch"),
        ("d", "<a@x>", "Re: lunch"),
        ("e", "", "dinner"),
        ("f", "<gone@x>", "Re: breakfast"),
        ("g", "<gone@x>", "Re: breakfast"),
    ];
    for (day, (id, refers_to, subject)) in (1..).zip(messages) {
        let message = format!(
            "Subject: {subject}\r\nMessage-ID: <{id}@x>\r\nReferences: {refers_to}\r\n\
             Date: {day} Feb 2024 10:00:00 +0000\r\n\r\n"
        );
        session.append("INBOX", message.as_bytes()).unwrap();
    }
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let algorithms = [
        (ThreadAlgorithm::References, "1 .2 ..3 .4 | 5 | - .6 .7"),
        (ThreadAlgorithm::Refs, "1 .2 ..3 .4 | 5 | - .6 .7"),
        (ThreadAlgorithm::OrderedSubject, "1 .2 .3 .4 | 5 | 6 .7"),
    ];
    for (algorithm, expected) in algorithms {
        let threads = inbox.thread(algorithm, SearchKey::All).unwrap();
        let threads: Vec<String> = threads.iter().map(|thread| drawn(&thread)).collect();
        assert_eq!(threads.join(" | "), expected);
    }
    let lunch = SearchKey::Subject("lunch".into());
    let threads = inbox.thread(ThreadAlgorithm::References, lunch).unwrap();
    assert_eq!(threads.uids().to_string(), "1:4");
    let none = inbox.thread(ThreadAlgorithm::References, SearchKey::Deleted);
    assert!(none.unwrap().is_empty());
    let unknown = ThreadAlgorithm::Other("x-mood".into());
    match inbox.thread(unknown, SearchKey::All) {
        Err(Error::Unsupported(missing)) => {
            assert_eq!(missing.capability().to_string(), "THREAD=X-MOOD");
        }
        other => panic!("{other:?}"),
    }
}

fn drawn(thread: &Thread<'_>) -> String {
    let messages = thread.messages().map(|message| {
        let uid = message.uid().map_or("-".to_owned(), |uid| uid.to_string());
        format!("{}{uid}", ".".repeat(message.depth()))
    });
    messages.collect::<Vec<_>>().join(" ")
}
