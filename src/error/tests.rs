//! What errors answer about themselves.

use super::*;

#[test]
fn an_error_is_three_words() {
    assert!(size_of::<Error>() <= 3 * size_of::<usize>());
}

#[test]
fn terminal_escapes_of_a_server_are_shown_not_obeyed() {
    let refused = Refused {
        command: "NOOP",
        bad: false,
        code: None,
        text: "\x1b[2J".into(),
        oauth: None,
        partly: None,
        is_remembered: false,
        known: refused::Known::default(),
    };
    assert_eq!(
        refused.to_string(),
        "NOOP: the server answered NO \\u{1b}[2J"
    );
}

#[test]
fn it_says_what_is_done_and_what_is_left() {
    let mut unfinished = Unfinished::new("move_to", Error::MissingData("UID STORE"));
    unfinished.copied = Some(Copied::nothing());
    unfinished.remaining = "1:3".parse().unwrap();
    unfinished.left_deleted = "2".parse().unwrap();
    assert_eq!(
        unfinished.to_string(),
        "move_to is not finished: UID STORE: the server answered OK without the expected data; \
         the messages were copied; still there: 1:3; left flagged \\Deleted: 2"
    );
}
