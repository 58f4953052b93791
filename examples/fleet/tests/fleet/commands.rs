//! The commands of the program.

use std::process::{Command, Output};

use crate::place::Place;
use crate::sqlite::File;

fn fleet(place: &File, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fleet"))
        .args(arguments)
        .env("FLEET_DATABASE", place.url())
        .output()
        .unwrap()
}

#[test]
fn the_demonstration_ends_with_each_message_once() {
    let output = Command::new(env!("CARGO_BIN_EXE_fleet")).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}{complaint}");
    let last = printed.lines().last();
    assert_eq!(
        last,
        Some("24 messages delivered, 24 rows, 24 different"),
        "{printed}"
    );
    assert!(printed.contains("leased, fence 2"), "{printed}");
}

#[test]
fn accounts_are_added_by_commands() {
    let place = File::new();
    place.execute("DROP TABLE message; DROP TABLE account; DROP TABLE worker");
    let url = "imaps://jane@imap.example.com";
    assert!(fleet(&place, &["create"]).status.success());
    assert!(fleet(&place, &["create"]).status.success());
    assert!(fleet(&place, &["add", url, "env:JANE"]).status.success());
    assert!(
        fleet(&place, &["add", url, "file:/run/jane", "Lists"])
            .status
            .success()
    );
    assert!(!fleet(&place, &["add", url, "env:JANE"]).status.success()); // it is there
    assert!(!fleet(&place, &["remove", url]).status.success());
    let rows = place.rows("SELECT url, secret, mailbox FROM account ORDER BY id");
    let expected = [[url, "env:JANE", "INBOX"], [url, "file:/run/jane", "Lists"]];
    assert_eq!(rows, expected);
}
