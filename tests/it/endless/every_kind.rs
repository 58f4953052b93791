//! The deadline and the close handle end an answer of every kind that goes on without end, also before
//! TLS.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use latchbox::command::IdleEnd;
use latchbox::{Client, ClientBuilder, Error, Result, Session};

use super::ask::Asking;
use super::kinds::{Form, KINDS, kind_of_name};
use super::server::{Flood, Place};

/// How long the step at stake has.
const DEADLINE: Duration = Duration::from_millis(150);

/// How much later it may have ended: half a second, ten times over for a machine that is busy. What
/// takes more than linear time takes more than that within a second or two of such an answer.
const LATER: Duration = Duration::from_secs(5);

/// What a literal is announced with: less than may be held in memory.
const LITERAL: u64 = 60_000_000;

fn builder(port: u16) -> ClientBuilder {
    Client::builder("127.0.0.1").port(port).without_utf8()
}

fn session(builder: ClientBuilder) -> Result<Session> {
    let client = builder.danger_plaintext().accept_preauth().connect()?;
    client
        .into_preauthenticated()
        .map_err(latchbox::Error::from)
}

/// Every kind in each form that it has.
fn floods(place: Place) -> Vec<Flood> {
    let kinds = KINDS.into_iter().flatten();
    let forms = kinds.flat_map(|kind| [(kind, Form::Long), (kind, Form::Short)]);
    let forms = forms.filter(|(kind, form)| kind.has(*form));
    let flood = |(kind, form)| Flood {
        kind,
        form,
        place,
        literal: LITERAL,
    };
    forms.map(flood).collect()
}

/// Checks all of them, some at a time; `check` returns by how much one was late, or what was wrong.
fn check_all(floods: Vec<Flood>, check: impl Fn(Flood) -> std::result::Result<(), String> + Sync) {
    let (left, wrong) = (Mutex::new(floods), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(flood) = left.lock().unwrap().pop() else {
                        break;
                    };
                    if let Err(problem) = check(flood) {
                        let (name, form) = (flood.kind.name, flood.form);
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{name} ({form:?}): {problem}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn in_time<T>(
    began: Instant,
    allowed: Duration,
    done: Result<T>,
) -> std::result::Result<(), String> {
    let took = began.elapsed();
    match done {
        Ok(_) => Err("it came to an end".to_owned()),
        Err(error) if took > allowed + LATER => Err(format!("{error}, after {took:?}")),
        Err(error) if !error.is_closed() && !matches!(error, Error::Connect(_)) => {
            Err(format!("{error:?}"))
        }
        Err(_) => Ok(()),
    }
}

#[test]
fn fault_05_the_deadline_ends_an_answer_of_every_kind() {
    check_all(floods(Place::Answer), |flood| {
        let server = flood.start();
        // What comes before the step at stake may take longer on a busy machine.
        for times in 1..=6 {
            let allowed = DEADLINE * 2_u32.pow(times - 1);
            let builder = builder(server.port)
                .command_timeout(allowed)
                .stream_timeout(allowed);
            let Ok(session) = session(builder) else {
                continue;
            };
            let Ok(mut asking) = Asking::new(&session, flood.kind.command) else {
                continue;
            };
            let began = Instant::now();
            return in_time(began, allowed, asking.ask());
        }
        Err("it did not begin".to_owned())
    });
}

#[test]
fn fault_05_the_close_handle_ends_an_answer_of_every_kind() {
    check_all(floods(Place::Answer), |flood| {
        let mut server = flood.start();
        let begun = server.begun.take().unwrap();
        let session = session(builder(server.port)).map_err(|error| error.to_string())?;
        let close_handle = session.close_handle();
        let mut asking = Asking::new(&session, flood.kind.command).map_err(|e| e.to_string())?;
        thread::scope(|scope| {
            let closing = scope.spawn(move || {
                let begun = begun.recv_timeout(Duration::from_secs(60));
                let began = Instant::now();
                close_handle.close();
                begun.map(|()| began).map_err(|error| error.to_string())
            });
            let done = asking.ask();
            let ended = Instant::now();
            let began = closing.join().unwrap()?;
            // It may have met a limit before it was closed.
            let late = ended.saturating_duration_since(began);
            in_time(
                Instant::now().checked_sub(late).unwrap(),
                Duration::ZERO,
                done,
            )
        })
    });
}

#[test]
fn fault_05_the_deadline_ends_an_answer_of_every_kind_before_tls() {
    check_all(floods(Place::BeforeTls), |flood| {
        let server = flood.start();
        let builder = builder(server.port).start_tls().command_timeout(DEADLINE);
        let began = Instant::now();
        in_time(began, DEADLINE, builder.connect())
    });
}

#[test]
fn fault_06_an_idle_that_is_flooded_has_a_bound() {
    let idling = Flood {
        kind: kind_of_name("OK").unwrap(),
        form: Form::Short,
        place: Place::Idle,
        literal: LITERAL,
    };
    let server = idling.start();
    let session = session(builder(server.port).answer_limit(1 << 20)).unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let error = idle.next().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("ClientBuilder::answer_limit"), "{text}");
    assert!(!error.may_have_taken_effect(), "{text}");
    assert!(idle.next().unwrap().is_none());
}

/// One response that never ends arrives faster than it is looked at.
#[test]
fn fault_06_an_idle_in_the_middle_of_an_endless_response_stops_when_it_is_told_to() {
    let idling = Flood {
        kind: kind_of_name("OK").unwrap(),
        form: Form::Long,
        place: Place::Idle,
        literal: LITERAL,
    };
    let server = idling.start();
    let session = session(
        builder(server.port)
            .line_limit(1 << 30)
            .response_limit(1 << 30),
    );
    let session = session.unwrap();
    let mut inbox = session.lock_mailbox_read_only("INBOX").unwrap();
    let mut idle = inbox.idle().unwrap();
    let began = Instant::now();
    assert!(idle.next_timeout(DEADLINE).unwrap().is_none());
    assert_eq!(idle.end_reason(), Some(IdleEnd::Deadline));
    assert!(began.elapsed() < DEADLINE + LATER, "{:?}", began.elapsed());
}
