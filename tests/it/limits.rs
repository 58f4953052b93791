//! Every limit on what a server may send: what goes beyond it, what the error says of it, and
//! whether the session goes on.

use latchbox::error::Limit;
use latchbox::sasl::{Mechanism, MechanismError, Secret};
use latchbox::types::{FetchItem, MailboxEvent, SearchKey, Section, ThreadAlgorithm, Uid, UidSet};
use latchbox::{ClientBuilder, MailboxGuard, Session};

use crate::pieces::Connect;
use crate::scripted::{log_in, log_in_client, plain, with_login};
use crate::support::script::script;

type Setting = fn(ClientBuilder) -> ClientBuilder;
type Meeting = fn(ClientBuilder) -> String;

/// What happens when a limit is met.
struct Case {
    limit: Limit,
    /// As small as the script needs it.
    set: Setting,
    /// What the server plays, from its greeting on.
    script: String,
    /// Does what meets the limit, and gives the error as text.
    meet: Meeting,
}

/// A server that logs the client in and goes on like this.
fn logged_in(rest: &str) -> String {
    with_login(
        "IMAP4rev1 ID THREAD=REFERENCES",
        &format!("{rest}\nC: {{last}} NOOP\nS: {{last}} OK done\n"),
    )
}

/// The same where the limit ends the connection.
fn until_the_end(rest: &str) -> String {
    with_login("IMAP4rev1 ID", &format!("{rest}\nstall\n"))
}

/// The same with INBOX selected.
fn selected(rest: &str) -> String {
    logged_in(&format!(
        "C: {{s}} SELECT \"INBOX\"\nS: * 1 EXISTS\nS: * OK [UIDVALIDITY 7] since\n\
         S: {{s}} OK [READ-WRITE] selected\n{rest}"
    ))
}

/// The same with INBOX selected.
fn in_selected(rest: &str) -> String {
    with_login(
        "IMAP4rev1",
        &format!(
            "C: {{s}} SELECT \"INBOX\"\nS: * 1 EXISTS\nS: * OK [UIDVALIDITY 7] since\n\
             S: {{s}} OK [READ-WRITE] selected\n{rest}\nstall"
        ),
    )
}

/// Logs in and meets a limit that leaves the connection in step.
fn goes_on(builder: ClientBuilder, meet: impl FnOnce(&Session) -> String) -> String {
    let session = log_in(builder);
    let text = meet(&session);
    session.noop().unwrap();
    text
}

/// Logs in and meets a limit that ends the connection.
fn ends(builder: ClientBuilder, meet: impl FnOnce(&Session) -> latchbox::Error) -> String {
    let session = log_in(builder);
    let error = meet(&session);
    assert!(error.is_closed(), "{error:?}");
    assert!(session.noop().unwrap_err().is_closed());
    error.to_string()
}

fn in_inbox(builder: ClientBuilder, meet: impl FnOnce(&mut MailboxGuard<'_>) -> String) -> String {
    goes_on(builder, |session| {
        meet(&mut session.lock_mailbox("INBOX").unwrap())
    })
}

/// The one error of the items of the one message.
fn item(builder: ClientBuilder) -> String {
    in_inbox(builder, |inbox| {
        let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::BodyStructure]);
        let messages = messages.as_mut().unwrap();
        let message = messages.next().unwrap().unwrap();
        let text = message.errors().next().unwrap().to_string();
        assert!(messages.next().unwrap().is_none());
        text
    })
}

fn row(items: &str) -> String {
    selected(&format!(
        "C: {{f}} UID FETCH 1:* (BODYSTRUCTURE)\nS: * 1 FETCH (UID 1 {items})\nS: {{f}} OK done"
    ))
}

/// Goes on as long as the server does.
struct Endless;

impl Mechanism for Endless {
    fn name(&self) -> &'static str {
        "X-ENDLESS"
    }

    fn exposes_secret(&self) -> bool {
        false
    }

    fn initial(&mut self) -> Result<Option<Secret>, MechanismError> {
        Ok(Some(Secret::from("again and again")))
    }

    fn step(&mut self, _challenge: &[u8]) -> Result<Secret, MechanismError> {
        Ok(Secret::from("again and again"))
    }
}

fn broken_off(builder: ClientBuilder) -> String {
    let client = builder.connect_in_pieces().unwrap();
    let (error, client) = client
        .authenticate(Endless)
        .map(drop)
        .unwrap_err()
        .into_parts();
    assert!(error.is_auth(), "{error:?}");
    log_in_client(client).noop().unwrap();
    error.to_string()
}

/// An exchange that is broken off, after which another login does.
fn exchange(challenges: &str) -> String {
    format!(
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=X-ENDLESS] ready
        C: {{a}} AUTHENTICATE X-ENDLESS YWdhaW4gYW5kIGFnYWlu
        {challenges}
        C: *
        S: {{a}} NO cancelled
        C: {{login}} LOGIN \"ann\" \"secret\"
        S: {{login}} OK [CAPABILITY IMAP4rev1] welcome
        C: {{last}} NOOP
        S: {{last}} OK done"
    )
}

fn noop(rest: &str) -> String {
    until_the_end(&format!("C: {{a}} NOOP\n{rest}"))
}

/// What ends the connection.
fn of_the_octets(limit: Limit) -> Case {
    let meet: Meeting = |builder| ends(builder, |session| session.noop().unwrap_err());
    let (set, script): (Setting, _) = match limit {
        Limit::Line => (|b| b.line_limit(1000), noop("S-fill: 1001 x")),
        Limit::Literal => (|b| b.literal_limit(100), noop("S: * LIST () NIL {101}")),
        Limit::Response => (|b| b.response_limit(1000), noop("S-fill: 1001 x")),
        _ => (
            |b| b.answer_limit(1000),
            noop("S-fill: 100 * OK again\\r\\n"),
        ),
    };
    Case {
        limit,
        set,
        script,
        meet,
    }
}

/// What makes an answer unreadable, or an item of it.
fn of_the_values(limit: Limit) -> Case {
    let part = "(\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1)";
    let (set, script, meet): (Setting, _, Meeting) = match limit {
        Limit::List => (
            |b| b.list_limit(20),
            logged_in(&format!(
                "C: {{a}} ID NIL\nS: * ID ({})\nS: {{a}} OK done",
                "\"k\" \"v\" ".repeat(21)
            )),
            |builder| goes_on(builder, |session| session.id(&[]).unwrap_err().to_string()),
        ),
        Limit::Depth => (
            |b| b.depth_limit(3),
            row(&format!("BODYSTRUCTURE ((({part} \"a\") \"b\") \"c\")")),
            item,
        ),
        Limit::ThreadDepth => (
            |b| b.thread_depth_limit(3),
            selected(
                "C: {t} UID THREAD REFERENCES UTF-8 ALL
                S: * THREAD (1 (2 (3 (4)(5))(6))(7))
                S: {t} OK done",
            ),
            |builder| {
                in_inbox(builder, |inbox| {
                    let threads = inbox.thread(ThreadAlgorithm::References, SearchKey::All);
                    threads.unwrap_err().to_string()
                })
            },
        ),
        Limit::Parts => (
            |b| b.parts_limit(5),
            row(&format!("BODYSTRUCTURE ({} \"mixed\")", part.repeat(5))),
            item,
        ),
        _ => (
            |b| b.items_limit(20),
            row("X-ODD 1 ".repeat(30).trim_end()),
            item,
        ),
    };
    Case {
        limit,
        set,
        script,
        meet,
    }
}

/// What bounds an exchange.
fn of_the_manners(limit: Limit) -> Case {
    let (set, script, meet): (Setting, _, Meeting) = match limit {
        Limit::Greeting => (
            |b| b.greeting_limit(100),
            "S-raw: * OK \nS-fill: 100 x\nstall\n".to_owned(),
            |builder| builder.connect_in_pieces().unwrap_err().to_string(),
        ),
        Limit::Drain => (
            |b| b.drain_limit(1000),
            with_login(
                "IMAP4rev1",
                "C: {s} SELECT \"INBOX\"
                S: * 1 EXISTS
                S: * OK [UIDVALIDITY 7] since
                S: {s} OK [READ-WRITE] selected
                C: {f} UID FETCH 1:* (FLAGS)
                S: * 1 FETCH (UID 1 FLAGS ())
                taken
                S-fill: 100 * 1 FETCH (UID 1 FLAGS ())\\r\\n
                stall",
            ),
            |builder| {
                ends(builder, |session| {
                    let mut inbox = session.lock_mailbox("INBOX").unwrap();
                    let mut messages = inbox.fetch(&UidSet::all(), [FetchItem::Flags]).unwrap();
                    messages.next().unwrap().unwrap();
                    drop(messages);
                    inbox.search(SearchKey::All).unwrap_err()
                })
            },
        ),
        Limit::Rows => (
            |b| b.rows_limit(3),
            in_selected("C: {f} UID FETCH 1 (FLAGS)\nS-fill: 100 * 1 FETCH (UID 1 FLAGS ())\\r\\n"),
            |builder| {
                ends(builder, |session| {
                    let mut inbox = session.lock_mailbox("INBOX").unwrap();
                    let one = UidSet::unbound([Uid::MIN]);
                    let mut messages = inbox.fetch(&one, [FetchItem::Flags]).unwrap();
                    for _ in 0..3 {
                        messages.next().unwrap().unwrap();
                    }
                    messages.next().unwrap_err()
                })
            },
        ),
        Limit::Download => (
            |b| b.download_limit(1000),
            in_selected(
                "C: {f} UID FETCH 1 (UID BODY.PEEK[])\n\
                 S: * 1 FETCH (UID 1 BODY[] {99999999999999}\nS-fill: 100 x",
            ),
            |builder| {
                ends(builder, |session| {
                    let mut inbox = session.lock_mailbox("INBOX").unwrap();
                    inbox.download(Uid::MIN, &Section::whole()).unwrap_err()
                })
            },
        ),
        Limit::Continuations => (
            |b| b.continuations_limit(2),
            noop("S: + a\nS: + b\nS: + c"),
            |builder| ends(builder, |session| session.noop().unwrap_err()),
        ),
        Limit::Rounds => (
            |b| b.sasl_rounds_limit(2),
            exchange("S: + aGk=\nC: YWdhaW4gYW5kIGFnYWlu\nS: + aGk=\nC: YWdhaW4gYW5kIGFnYWlu"),
            broken_off,
        ),
        _ => (
            |b| b.sasl_challenge_limit(10),
            exchange("S: + aGkgaGkgaGk="),
            broken_off,
        ),
    };
    Case {
        limit,
        set,
        script,
        meet,
    }
}

#[cfg(feature = "proxy")]
fn of_the_proxy() -> Case {
    Case {
        limit: Limit::ProxyAnswer,
        set: |builder| builder,
        script: "
            C-start: CONNECT
            C-start: Host
            C:
            S: HTTP/1.1 102 wait
            S: Looking-For: somebody
            S:
            S: HTTP/1.1 200 fine
            S-fill: 100 x
            stall
            "
        .to_owned(),
        meet: |builder| builder.connect_in_pieces().unwrap_err().to_string(),
    }
}

fn case(limit: Limit) -> Case {
    match limit {
        Limit::Line | Limit::Literal | Limit::Response | Limit::Answer => of_the_octets(limit),
        Limit::List | Limit::Depth | Limit::ThreadDepth | Limit::Parts | Limit::Items => {
            of_the_values(limit)
        }
        #[cfg(feature = "proxy")]
        Limit::ProxyAnswer => of_the_proxy(),
        _ => of_the_manners(limit),
    }
}

#[test]
fn each_limit_that_is_met_names_itself_and_its_option() {
    for limit in Limit::ALL {
        let Case {
            limit,
            set,
            script: text,
            meet,
        } = case(limit);
        #[cfg(not(feature = "proxy"))]
        if limit == Limit::ProxyAnswer {
            continue;
        }
        let server = script(&text);
        let builder = set(plain(&server));
        #[cfg(feature = "proxy")]
        let builder = match limit {
            Limit::ProxyAnswer => builder.proxy(
                latchbox::transport::Proxy::http("127.0.0.1", server.port()).answer_limit(100),
            ),
            _ => builder,
        };
        let text = meet(builder);
        assert!(text.contains(&limit.to_string()), "{limit:?}: {text}");
        assert!(text.contains(limit.option()), "{limit:?}: {text}");
        assert!(text.contains(limit.unit()), "{limit:?}: {text}");
        server.finish();
    }
}

#[test]
fn attack_058_more_mailboxes_than_a_list_may_have_end_the_connection() {
    let server = script(&until_the_end(
        "C: {a} LIST \"\" \"*\"\nS-fill: 30 * LIST () \"/\" a\\r\\n",
    ));
    let text = ends(plain(&server).list_limit(20), |session| {
        session.list("*").unwrap_err()
    });
    assert!(text.contains(Limit::List.option()), "{text}");
    server.finish();
}

#[test]
fn attack_104_events_beyond_the_limits_are_counted() {
    for (set, lost) in [
        ((|b| b.events_limit(3)) as Setting, 2),
        (|b| b.event_octets_limit(25), 3),
    ] {
        let server = script(&selected(
            "C: {n} NOOP
            S: * NO warning 01
            S: * NO warning 02
            S: * NO warning 03
            S: * NO warning 04
            S: * NO warning 05
            S: {n} OK done",
        ));
        in_inbox(set(plain(&server)), |inbox| {
            inbox.refresh().unwrap();
            let events = inbox.events();
            assert_eq!(events.first(), Some(&MailboxEvent::Overflow { lost }));
            let text = events[0].to_string();
            for option in ["ClientBuilder::events_limit", "event_octets_limit"] {
                assert!(text.contains(option), "{text}");
            }
            assert_eq!(events.len(), 1 + 5 - usize::try_from(lost).unwrap());
            text
        });
        server.finish();
    }
}
