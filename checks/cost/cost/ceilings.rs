//! The most memory that a server can make a client hold, for each thing that it can say without
//! end: what the limits promise, and a little.

use latchbox::types::{FetchItem, SearchKey, SortKey, StatusItem, ThreadAlgorithm, UidSet};
use latchbox::{ClientBuilder, Error, MailboxGuard, ReadWrite, Session};
use latchbox_counting::cost;

use crate::flooded::{flood, session_with};

const LINE: usize = 256 << 10;
const LITERAL: usize = 512 << 10;
const RESPONSE: usize = 1 << 20;
const ANSWER: u64 = 2 << 20;
const LIST: usize = 5_000;

/// What a connection holds beside answers: its buffer, and two queues of a thousand events.
const BESIDE: u64 = 768 << 10;

fn limited(builder: ClientBuilder) -> ClientBuilder {
    builder
        .line_limit(LINE)
        .literal_limit(LITERAL)
        .response_limit(RESPONSE)
        .answer_limit(ANSWER)
        .list_limit(LIST)
        .depth_limit(50)
}

/// What is asked, and what is held of the answer.
enum Asks {
    Session(fn(&Session) -> Result<(), Error>),
    Guard(fn(&mut MailboxGuard<'_, ReadWrite>) -> Result<(), Error>),
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With an error, and the connection with it.
    Closed,
    /// With an error of the command's, or none: the connection goes on.
    GoesOn,
}

use Asks::{Guard, Session as On};
use End::{Closed, GoesOn};

fn done<T>(result: Result<T, Error>) -> Result<(), Error> {
    result.map(drop)
}

fn noop(session: &Session) -> Result<(), Error> {
    session.noop()
}

fn read(guard: &mut MailboxGuard<'_, ReadWrite>) -> Result<(), Error> {
    let items = [
        FetchItem::Flags,
        FetchItem::Envelope,
        FetchItem::BodyStructure,
    ];
    let mut messages = guard.fetch(&UidSet::all(), items)?;
    while let Some(message) = messages.next()? {
        let _ = message.flags().map(Iterator::count);
        let _ = message.envelope().map(|envelope| envelope.to().count());
        let _ = message
            .body_structure()
            .map(|structure| structure.parts().count());
    }
    Ok(())
}

/// One response without an end: the room for it doubles while it comes.
const ONE: u64 = 2 * RESPONSE as u64 + BESIDE;

/// What is collected of one command: its octets, as values.
const ALL: u64 = 3 * ANSWER + BESIDE;

/// So many mailboxes at most, while the room for them doubles.
const MAILBOXES: u64 = 3 * 320 * LIST as u64 + BESIDE;

/// Name, command, what is said: start, piece, times (0: without end), end; how it ends, and the most
/// that is held.
type Case = (
    &'static str,
    &'static str,
    [&'static str; 3],
    u32,
    Asks,
    End,
    u64,
);

fn cases() -> Vec<Case> {
    const MANY: u32 = 20_000;
    vec![
        // Without an end, or beyond a limit: the connection ends.
        (
            "a line",
            "NOOP",
            ["* X ", "more and more ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a string",
            "NOOP",
            ["* X \"", "more and more ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a tagged line",
            "NOOP",
            ["A OK ", "more and more ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a goodbye",
            "NOOP",
            ["* BYE ", "more and more ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a code",
            "NOOP",
            ["* OK [X", " more and more", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        ("no line", "NOOP", ["", "\0", ""], 0, On(noop), Closed, ONE),
        (
            "empty lines",
            "NOOP",
            ["", "\r\n", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a literal announced",
            "NOOP",
            ["* X {4294967295}\r\n", "more ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "a literal",
            "NOOP",
            ["* X {500000}\r\n", "x", "{500000}\r\n"],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "literals",
            "NOOP",
            ["* X (", "{0}\r\n ", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "parentheses",
            "NOOP",
            ["* X ", "(", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "continuations",
            "NOOP",
            ["", "+ more\r\n", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "responses to nothing",
            "NOOP",
            ["", "* OK still here\r\n", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "unknown responses",
            "NOOP",
            ["", "* X (a b c)\r\n", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "answers to others",
            "NOOP",
            ["", "Z# OK done\r\n", ""],
            0,
            On(noop),
            Closed,
            ONE,
        ),
        (
            "mailboxes",
            "LIST",
            ["", "* LIST () \"/\" a/long/enough/name/of/a/box/#\r\n", ""],
            0,
            On(|s| done(s.list("*"))),
            Closed,
            MAILBOXES,
        ),
        (
            "short mailboxes",
            "LIST",
            ["", "* LIST () / #\r\n", ""],
            0,
            On(|s| done(s.list("*"))),
            Closed,
            MAILBOXES,
        ),
        (
            "numbers found",
            "UID SEARCH",
            ["* SEARCH", " #", ""],
            0,
            Guard(|g| done(g.search(SearchKey::All))),
            Closed,
            ONE,
        ),
        (
            "lines of numbers",
            "UID SEARCH",
            ["", "* SEARCH # #7 #3\r\n", ""],
            0,
            Guard(|g| done(g.search(SearchKey::All))),
            Closed,
            ALL,
        ),
        (
            "ranges",
            "UID SEARCH",
            ["* ESEARCH (TAG \"x\") UID ALL 1", ",1:4294967295", ""],
            0,
            Guard(|g| done(g.search(SearchKey::All))),
            Closed,
            ONE,
        ),
        (
            "an order",
            "UID SORT",
            ["* SORT", " #", ""],
            0,
            Guard(|g| done(g.sort([SortKey::Date], SearchKey::All))),
            Closed,
            ONE,
        ),
        (
            "a thread",
            "UID THREAD",
            ["* THREAD (", "(1 2)", ""],
            0,
            Guard(|g| done(g.thread(ThreadAlgorithm::References, SearchKey::All))),
            Closed,
            ONE,
        ),
        (
            "rows",
            "UID FETCH",
            ["", "* # FETCH (X-NEWS (a b c))\r\n", ""],
            0,
            Guard(read),
            Closed,
            ONE,
        ),
        (
            "a row",
            "UID FETCH",
            ["* 1 FETCH (UID 1 FLAGS (", "a# ", ""],
            0,
            Guard(read),
            Closed,
            ONE,
        ),
        (
            "a structure",
            "UID FETCH",
            [
                "* 1 FETCH (UID 1 BODYSTRUCTURE (",
                "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1 1)",
                "",
            ],
            0,
            Guard(read),
            Closed,
            ONE,
        ),
        (
            "a table of flags",
            "UID FETCH",
            ["", "* # FETCH (UID # FLAGS ($k#))\r\n", ""],
            0,
            Guard(|g| done(g.fetch_flags(&UidSet::all()))),
            Closed,
            4 * ANSWER + BESIDE,
        ),
        // What ends, and is large: a value of its own is refused or kept as it is, and no more.
        (
            "deep nesting",
            "NOOP",
            ["* X ", "(", "\r\n"],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
        (
            "capabilities",
            "CAPABILITY",
            ["* CAPABILITY IMAP4rev1", " X#", "\r\n"],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
        (
            "unasked capabilities",
            "NOOP",
            ["* CAPABILITY IMAP4rev1", " X#", "\r\n"],
            MANY,
            On(noop),
            GoesOn,
            4 * ONE,
        ),
        (
            "flags of a mailbox",
            "NOOP",
            ["* FLAGS (", "a# ", ")\r\n"],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
        (
            "a copy without pairs",
            "UID COPY",
            ["* OK [COPYUID 1 1:4294967295 ", "1:4294967295,", "1] x\r\n"],
            MANY,
            Guard(|g| done(g.copy(&"1".parse().unwrap(), "x"))),
            GoesOn,
            ONE,
        ),
        (
            "a copy of all numbers",
            "UID COPY",
            ["", "* OK [COPYUID 1 1:4294967295 1:4294967295] #\r\n", ""],
            MANY,
            Guard(|g| done(g.copy(&"1".parse().unwrap(), "x"))),
            GoesOn,
            ONE,
        ),
        (
            "vanished",
            "NOOP",
            ["* VANISHED 1", ",1:4294967295", "\r\n"],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
        (
            "vanished again and again",
            "NOOP",
            ["", "* VANISHED 1:4294967295\r\n", ""],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
        (
            "a search of all numbers",
            "UID SEARCH",
            ["", "* ESEARCH UID ALL 1:4294967295\r\n", ""],
            MANY,
            Guard(|g| done(g.search(SearchKey::All))),
            Closed,
            ONE,
        ),
        (
            "a deep thread",
            "UID THREAD",
            ["* THREAD ", "(", "\r\n"],
            MANY,
            Guard(|g| done(g.thread(ThreadAlgorithm::References, SearchKey::All))),
            GoesOn,
            ONE,
        ),
        (
            "a long thread",
            "UID THREAD",
            ["* THREAD (1", " #", ")\r\n"],
            MANY,
            Guard(|g| done(g.thread(ThreadAlgorithm::References, SearchKey::All))),
            GoesOn,
            ONE,
        ),
        (
            "a deep structure",
            "UID FETCH",
            ["* 1 FETCH (UID 1 BODYSTRUCTURE ", "(", ")\r\n"],
            MANY,
            Guard(read),
            GoesOn,
            ONE,
        ),
        (
            "a wide structure",
            "UID FETCH",
            [
                "* 1 FETCH (UID 1 BODYSTRUCTURE (",
                "(\"a\" \"b\" NIL NIL NIL \"7bit\" 1 1)",
                " \"mixed\"))\r\n",
            ],
            6_000,
            Guard(read),
            GoesOn,
            ONE,
        ),
        (
            "addresses",
            "UID FETCH",
            [
                "* 1 FETCH (UID 1 ENVELOPE (NIL NIL NIL NIL NIL (",
                "(NIL NIL \"a\" \"b\")",
                ") NIL NIL NIL NIL))\r\n",
            ],
            10_000,
            Guard(read),
            GoesOn,
            ONE,
        ),
        (
            "an identity",
            "ID",
            ["* ID (", "\"k#\" \"v\" ", ")\r\n"],
            15_000,
            On(|s| done(s.id(&[]))),
            GoesOn,
            ONE,
        ),
        (
            "namespaces",
            "NAMESPACE",
            ["* NAMESPACE (", "(\"a#\" \"/\")", ") NIL NIL\r\n"],
            15_000,
            On(|s| done(s.namespace())),
            GoesOn,
            ONE,
        ),
        (
            "rights",
            "GETACL",
            ["* ACL x", " u# lrs", "\r\n"],
            15_000,
            On(|s| done(s.acl("x").get())),
            GoesOn,
            ONE,
        ),
        (
            "resources",
            "GETQUOTA",
            ["* QUOTA x (", "R# 1 2 ", ")\r\n"],
            15_000,
            On(|s| done(s.quota().get("x"))),
            GoesOn,
            ONE,
        ),
        (
            "metadata",
            "GETMETADATA",
            ["* METADATA x (", "/private/a# \"v\" ", ")\r\n"],
            10_000,
            On(|s| done(s.metadata("x").get(["/private/a"]))),
            GoesOn,
            ONE,
        ),
        (
            "counts",
            "STATUS",
            ["* STATUS x (", "MESSAGES # ", ")\r\n"],
            10_000,
            On(|s| done(s.status("x", [StatusItem::Messages]))),
            GoesOn,
            ONE,
        ),
        (
            "alerts",
            "NOOP",
            ["", "* OK [ALERT] look at this, and at this\r\n", ""],
            MANY,
            On(noop),
            GoesOn,
            ONE,
        ),
    ]
}

#[test]
fn whatever_a_server_says_without_end_takes_no_more_than_the_limits_promise() {
    let mut wrong = Vec::new();
    let all = cases();
    let count = all.len();
    for (name, command, pieces, times, asks, end, ceiling) in all {
        let times = if times == 0 { u32::MAX } else { times };
        let session = session_with(flood(command, pieces, times), limited);
        let (cost, result) = match asks {
            On(ask) => cost(|| ask(&session)),
            Guard(ask) => {
                let mut guard = session.lock_mailbox("INBOX").unwrap();
                cost(|| ask(&mut guard))
            }
        };
        let is_closed = result.as_ref().is_err_and(Error::is_closed);
        if is_closed != (end == Closed) {
            wrong.push(format!("{name} ends with {result:?}"));
        }
        if cost.peak > ceiling {
            wrong.push(format!("{name} takes {} and not {ceiling}", cost.peak));
        }
        if end == GoesOn {
            let next = session.noop();
            if next.as_ref().is_err_and(Error::is_closed) {
                wrong.push(format!("{name} goes on with {next:?}"));
            }
        }
        drop(session);
    }
    assert!(wrong.is_empty(), "of {count}: {wrong:#?}");
}
