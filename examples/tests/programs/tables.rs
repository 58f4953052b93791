//! How `two_threads` tells whose a line on the wire is.

#[path = "../../two_threads/timeline.rs"]
mod timeline;

use std::time::{Duration, Instant};

use latchbox_testkit::{Direction, Event};
use timeline::{Moment, Step, Timeline};

/// A run in which the second thread asks `asks` milliseconds after the first one does, which lets
/// go after 40.
fn run(asks: u64) -> Timeline {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let moment = |millis, thread, step| Moment {
        at: at(millis),
        thread,
        step,
        mailbox: ["INBOX", "Trash"][thread].to_owned(),
        note: "done".to_owned(),
    };
    let event = |millis, direction, line: &str| Event {
        at: at(millis),
        connection: 1,
        direction,
        line: line.to_owned(),
    };
    let moments = vec![
        moment(asks, 0, Step::Asks),
        moment(70, 0, Step::Holds),
        moment(90, 0, Step::LetsGo),
        moment(0, 1, Step::Asks),
        moment(5, 1, Step::Holds),
        moment(40, 1, Step::LetsGo),
    ];
    let wire = vec![
        event(10, Direction::Client, "A1 UID EXPUNGE 1"),
        event(40, Direction::Server, "A1 OK Expunged"),
        event(60, Direction::Client, "A2 SELECT INBOX"),
        event(65, Direction::Server, &format!("A2 OK {}", "é".repeat(200))),
    ];
    Timeline::new(["list", "delete"].map(str::to_owned), moments, wire)
}

#[test]
fn a_line_belongs_to_the_thread_that_lets_go_after_it() {
    let run = run(20);
    assert_eq!(run.first(), Some(1));
    let table = run.to_string();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    let expected = [
        ("  0.000", "", "asks for Trash"),
        ("  5.000", "", "holds Trash: selected already"),
        (" 10.000", "", "  C: A1 UID EXPUNGE 1"),
        (" 20.000", "asks for INBOX and waits", ""),
        (" 40.000", "", "lets Trash go: done"),
        (" 40.000", "", "  S: A1 OK Expunged"),
        (" 60.000", "  C: A2 SELECT INBOX", ""),
        (" 65.000", &format!("  S: A2 OK {}...", "é".repeat(29)), ""),
        (" 70.000", "holds INBOX", ""),
        (" 90.000", "lets INBOX go: done", ""),
    ];
    let expected = expected.map(|(time, one, other)| format!("{time} | {one:43} | {other}"));
    let expected: Vec<&str> = expected.iter().map(|row| row.trim_end()).collect();
    assert_eq!(rows, expected, "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn a_thread_waits_only_if_it_asks_while_another_has_not_let_go() {
    assert!(run(20).has_wait() && run(20).to_string().contains("waits"));
    assert!(!run(50).has_wait() && !run(50).to_string().contains("waits"));
}

#[test]
fn a_long_answer_is_shown_by_its_beginning_and_its_end() {
    let start = Instant::now();
    let moment = |step| Moment {
        at: start + Duration::from_millis(60),
        thread: 0,
        step,
        mailbox: "INBOX".to_owned(),
        note: String::new(),
    };
    let said = |number| Event {
        at: start + Duration::from_millis(number),
        connection: 1,
        direction: Direction::Server,
        line: format!("* {number} EXPUNGE"),
    };
    let wire = (1..=50).map(said).collect();
    let titles = ["list", "delete"].map(str::to_owned);
    let table = Timeline::new(titles, vec![moment(Step::LetsGo)], wire).to_string();
    assert!(table.contains("  S: * 12 EXPUNGE"), "{table}");
    assert!(table.contains("  S: ... and 37 more lines"), "{table}");
    assert!(table.contains("  S: * 50 EXPUNGE"), "{table}");
    assert!(
        !table.contains("* 13 ") && !table.contains("* 49 "),
        "{table}"
    );
}
