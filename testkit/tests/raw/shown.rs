//! What a failed test shows.

use std::process::Command;

use latchbox_testkit::{Direction, Event, Server, timeline_text};

use crate::client::Client;

#[test]
fn a_table_has_time_connection_and_direction() {
    let server = Server::start().unwrap();
    Client::login(&server).ask("NOOP");
    let text = server.timeline_text();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("        ms  con  line"));
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("     0.000    1  S: * OK [CAPABILITY ")
    );
    assert!(lines.next().unwrap().ends_with("    1  C: a LOGIN ***"));
    assert!(text.ends_with("    1  S: a OK Done\n"), "{text}");
    let at = std::time::Instant::now();
    let event = Event {
        at,
        connection: 0,
        direction: Direction::Kit,
        line: "x".to_owned(),
    };
    assert!(timeline_text(&[event]).ends_with("\n     0.000       -- x\n"));
}

#[test]
fn a_panic_shows_the_timeline() {
    let variable = "TESTKIT_PANICS";
    let name = "shown::a_panic_shows_the_timeline";
    if std::env::var_os(variable).is_some() {
        let server = Server::builder().show_timeline_on_panic().start().unwrap();
        Client::login(&server);
        panic!("as it must");
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again
        .args(["--exact", name])
        .env(variable, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1  C: a LOGIN ***"), "{text}");
}
