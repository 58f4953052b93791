//! A proxy between the client and Dovecot cuts, stalls, delays, splits or slows down a session at
//! one octet after the other, in both directions: each session ends in the right values or in an
//! error that explains itself, in time; the next lock works again; and what the server has
//! afterwards is what the client was told.
//!
//! A selection of positions. `LATCHBOX_LONG=1` makes it each octet of plaintext, with a cut and with
//! one fault after the other in turn; and each third octet of TLS and of COMPRESS, whose records come
//! whole or not at all, in turn. `LATCHBOX_LONG=all` makes it every fault at each.
//! `LATCHBOX_FAULTS="reading over Plain"` leaves out all others. What came of it is printed
//! (`--nocapture`).

mod appending;
mod changing;
mod crowd;
mod figures;
mod idling;
mod logging_in;
mod reading;
mod run;
mod stage;
mod syncing;

use std::time::Instant;

use latchbox::Error;
use latchbox::error::{CloseReason, Stage as Deadline};
use latchbox::sync::Way;

use appending::{Appending, Batching};
use changing::Changing;
use figures::Figures;
use idling::Idling;
use logging_in::LoggingIn;
use reading::Reading;
use run::{Play, Positions, Runs};
use stage::{Kind, Over, Stage, Stalls};
use syncing::Syncing;

use latchbox_testkit::{Fault, FaultPlan, Trigger};

/// Every kind of session.
const PLAYS: [&dyn Play; 12] = [
    &LoggingIn,
    &Reading,
    &Appending(Kind::Rich),
    &Appending(Kind::Poor),
    &Changing(Kind::Rich),
    &Changing(Kind::Poor),
    &Changing(Kind::Bare),
    &Idling,
    &Batching,
    &Syncing(Way::Qresync),
    &Syncing(Way::CondStore),
    &Syncing(Way::Comparison),
];

/// Plays a session with faults at so many positions of each direction over plaintext, and some
/// over everything else; at all positions when there is time.
#[track_caller]
fn harmed(play: &dyn Play, most: u64) {
    let wanted = wanted();
    let figures = Figures::default();
    for &over in Over::ALL {
        if !is_wanted(play, over, &wanted) {
            continue;
        }
        let positions: &[Positions] = match over {
            _ if is_complete() => &[Positions::All],
            Over::Plain if is_long() => &[Positions::Cuts, Positions::InTurn(1)],
            _ if is_long() => &[Positions::InTurn(3)],
            Over::Plain => &[Positions::Some(most)],
            _ => &[Positions::Some(1)],
        };
        for &positions in positions {
            let runs = Runs {
                play,
                over,
                positions,
                figures: &figures,
            };
            runs.play();
        }
        eprint!("{}", figures.table(&format!("{over:?}")));
    }
    let (runs, harmed) = figures.runs();
    eprintln!("{}: {runs} sessions, {harmed} harmed", play.name());
    let is_left_out = !Over::ALL.iter().any(|&over| is_wanted(play, over, &wanted));
    assert!(
        is_left_out || harmed > runs / 2,
        "{harmed} of {runs} sessions met their fault"
    );
}

/// What `LATCHBOX_FAULTS` leaves over. A text that leaves nothing is a mistake.
#[track_caller]
fn wanted() -> String {
    let wanted = std::env::var("LATCHBOX_FAULTS").unwrap_or_default();
    let leaves_some = PLAYS
        .iter()
        .any(|&play| Over::ALL.iter().any(|&over| is_wanted(play, over, &wanted)));
    assert!(leaves_some, "LATCHBOX_FAULTS={wanted:?} names no session");
    wanted
}

fn is_wanted(play: &dyn Play, over: Over, wanted: &str) -> bool {
    format!("{} over {over:?}", play.name()).contains(wanted)
}

fn is_long() -> bool {
    std::env::var_os("LATCHBOX_LONG").is_some()
}

fn is_complete() -> bool {
    std::env::var_os("LATCHBOX_LONG").is_some_and(|long| long == "all")
}

#[test]
fn a_login_that_is_harmed_at_any_octet() {
    harmed(&LoggingIn, 20);
}

#[test]
fn messages_that_are_read_are_whole_wherever_the_connection_is_harmed() {
    harmed(&Reading, 20);
}

#[test]
fn appended_messages_are_there_once_wherever_the_connection_is_harmed() {
    harmed(&Appending(Kind::Rich), 20);
}

#[test]
fn appended_messages_are_there_once_where_literals_are_asked_for() {
    harmed(&Appending(Kind::Poor), 15);
}

#[test]
fn no_message_is_lost_wherever_the_connection_is_harmed() {
    harmed(&Changing(Kind::Rich), 20);
}

#[test]
fn no_message_is_lost_where_a_move_takes_several_commands() {
    harmed(&Changing(Kind::Poor), 15);
}

#[test]
fn no_message_is_lost_where_removing_takes_several_commands() {
    harmed(&Changing(Kind::Bare), 15);
}

#[test]
fn an_idle_tells_what_is_so_wherever_the_connection_is_harmed() {
    harmed(&Idling, 6);
}

#[test]
fn each_command_of_a_batch_has_its_outcome_wherever_the_connection_is_harmed() {
    harmed(&Batching, 15);
}

#[test]
fn a_sync_goes_on_wherever_the_connection_is_harmed() {
    harmed(&Syncing(Way::Qresync), 5);
}

#[test]
fn a_sync_by_condstore_goes_on_wherever_the_connection_is_harmed() {
    harmed(&Syncing(Way::CondStore), 3);
}

#[test]
fn a_sync_by_comparison_goes_on_wherever_the_connection_is_harmed() {
    harmed(&Syncing(Way::Comparison), 3);
}

#[test]
fn two_threads_know_what_they_stored_while_connections_break() {
    for (&over, seed) in Over::ALL.iter().zip(1..) {
        let connections = match over {
            _ if is_long() => 1000,
            Over::Plain => 30,
            _ => 5,
        };
        eprintln!("{}", crowd::play(over, connections, seed));
    }
}

#[test]
fn an_upload_that_nobody_reads_ends_at_its_deadline() {
    let stage = Stage::new(Kind::Rich, Over::Plain);
    let at = Trigger::octet(latchbox_testkit::Way::ToServer, 100_000).connection(1);
    let proxy = stage.proxy(FaultPlan::new().once(at, Fault::Stall));
    let session = stage
        .account(stage.builder(&proxy, Stalls::Open))
        .open()
        .unwrap();
    let message = stage::message("large", 40 << 20);
    let began = Instant::now();
    let error = session.append("Sent", message.as_slice()).unwrap_err();
    let Error::Closed(closed) = &error else {
        panic!("{error:?}");
    };
    let is_write = matches!(closed.reason(), CloseReason::Timeout(Deadline::Write, _));
    assert!(is_write, "{error:?}");
    assert!(began.elapsed() < stage::LONG);
    assert!(session.lock_mailbox("Sent").is_ok());
    let first = proxy.first();
    drop((session, proxy));
    first.until_over();
    assert!(stage.found("Sent").is_empty());
}
