//! Framing: what a server can send to hide where a response ends.

use super::*;
use crate::wire::testing::{check_framing, receive};

fn beyond(limit: Limit, allowed: usize) -> FrameError {
    FrameError::Limit(LimitExceeded::new(limit, allowed))
}

const LIMITS: Limits = Limits {
    line: 100,
    literal: 50,
    response: 300,
    depth: 64,
    list: 100,
    ..Limits::DEFAULT
};

fn scan(bytes: &[u8]) -> Result<Step, FrameError> {
    Framer::default().scan(bytes, &LIMITS)
}

/// The rows of a stream, with literals in line.
fn rows(stream: &[u8]) -> Vec<String> {
    let [whole, by_octet] = [usize::MAX, 1].map(|read| {
        let responses = receive(stream, read, usize::MAX, &Limits::DEFAULT).unwrap();
        let text = |row: Vec<u8>| String::from_utf8_lossy(&row).into_owned();
        responses
            .into_iter()
            .map(|response| text(response.row))
            .collect::<Vec<_>>()
    });
    assert_eq!(whole, by_octet);
    whole
}

#[test]
fn responses_end_where_they_end() {
    for response in [
        "A1 OK done\r\n",
        "* 3 EXISTS\r\n",
        "+ go ahead\r\n",
        "+\r\n",
        "* LIST () \"/\" {3}\r\na\r\n\r\n",
        "* LIST () \"/\" ~{3}\r\nabc\r\n",
        "* LIST () \"/\" {3+}\r\nabc\r\n",
        "* 1 FETCH (BODY[] {3}\r\nabc X {0}\r\n)\r\n",
        "* 1 FETCH (BODY[] {3}\r\n)\r\n)\r\n",
        "* 1 fetch (UID 5) \r\n",
        "* LIST () \"/\" {x}\r\n",
        "\r\n",
        "* 3 EXISTS\n",
        "* LIST () \"/\" {3}\nabc\n",
    ] {
        check_framing(response.as_bytes());
    }
}

#[test]
fn responses_follow_one_another() {
    let stream = b"* 1 EXISTS\r\n* 2 FETCH (X {4}\r\n\r\n\r\n)\r\nA1 OK {4}\r\n";
    assert_eq!(
        rows(stream),
        [
            "* 1 EXISTS\r\n",
            "* 2 FETCH (X {4}\r\n\r\n\r\n)\r\n",
            "A1 OK {4}\r\n"
        ]
    );
}

#[test]
fn text_ends_at_its_line_whatever_it_looks_like() {
    for response in [
        "* OK {5}\r\n",
        "* bad [X] {99999999999999999999}\r\n",
        "*  preauth {5}\r\n",
        "a7 NO {-1}\r\n",
        "+ {5}\r\n",
        "* [COPYUID 1 2 3] {5}\r\n",
        "[COPYUID 1 2 3] {5}\r\n",
    ] {
        check_framing(response.as_bytes());
    }
}

#[test]
fn large_literals_are_left_to_the_caller() {
    let stream = b"* 1 FETCH (BODY[1] {4}\r\nabcd BODY[2] {5}\r\nvwxyz UID 7)\r\n* 2 EXISTS\r\n";
    for read in 1..stream.len() {
        let all = receive(stream, read, 4, &LIMITS).unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!(
            all[0].row,
            b"* 1 FETCH (BODY[1] {4}\r\nabcd BODY[2] {5}\r\n UID 7)\r\n"
        );
        assert_eq!(
            all[0].literals,
            [OutOfLine {
                at: 42,
                data: b"vwxyz".to_vec()
            }]
        );
        assert_eq!(all[0].frame().literal_at(42).unwrap().data, b"vwxyz");
        assert!(all[0].frame().literal_at(24).is_none());
    }
}

#[test]
fn a_reported_literal_is_reported_until_it_is_taken() {
    let mut framer = Framer::new(0);
    let step = Ok(Step::Literal { at: 20, len: 3 });
    assert_eq!(framer.scan(b"* LIST () NIL {003}\nabc", &LIMITS), step);
    assert_eq!(framer.scan(b"* LIST () NIL {003}\nabc", &LIMITS), step);
    framer.literal_taken();
    assert_eq!(
        framer.scan(b"* LIST () NIL {003}\n", &LIMITS),
        Ok(Step::More)
    );
    assert_eq!(
        framer.scan(b"* LIST () NIL {003}\n\r\n", &LIMITS),
        Ok(Step::Complete(22))
    );
    assert_eq!(framer.scan(b"A\r\n", &LIMITS), Ok(Step::Complete(3)));
}

#[test]
fn attack_48_a_literal_above_the_limit_is_refused_before_it_comes() {
    let error = scan(b"* 1 FETCH (BODY[] {4294967295}\r\n");
    assert_eq!(error, Err(beyond(Limit::Literal, 50)));
    assert_eq!(scan(b"* 1 FETCH (BODY[] {50}\r\n"), Ok(Step::More));
}

#[test]
fn attack_49_lengths_that_are_no_numbers() {
    for length in [
        "99999999999999999999",
        "18446744073709551616",
        "-1",
        "+5",
        " 5",
        "5 ",
        "",
        "5x",
        "+",
        "5++",
    ] {
        let response = format!("* 1 FETCH (BODY[] {{{length}}}\r\n");
        assert_eq!(
            scan(response.as_bytes()),
            Err(FrameError::BadLiteral),
            "{response}"
        );
    }
    assert_eq!(rows(b"* 1 FETCH (X {012}\r\n0123456789ab)\r\n").len(), 1);
}

#[test]
fn attack_51_many_empty_literals() {
    let response = format!("* 1 FETCH ({})\r\n", "{0}\r\n ".repeat(1_000_000));
    let whole = receive(response.as_bytes(), 4096, 16, &Limits::DEFAULT).unwrap();
    assert_eq!((whole.len(), whole[0].row.len()), (1, response.len()));
    let error = Err(beyond(Limit::Response, 300));
    assert_eq!(receive(response.as_bytes(), 4096, 16, &LIMITS), error);
}

#[test]
fn attack_52_lines_without_an_end() {
    let endless = [b'x'; 101];
    assert_eq!(scan(&endless[..100]), Ok(Step::More));
    assert_eq!(scan(&endless), Err(beyond(Limit::Line, 100)));
    let mut ended = endless.to_vec();
    ended.push(b'\n');
    assert_eq!(scan(&ended), Err(beyond(Limit::Line, 100)));
}

#[test]
fn the_limit_of_a_response_counts_the_literals_outside_it() {
    let response = format!(
        "* 1 FETCH ({})\r\n",
        format!("X {{50}}\r\n{}", "x".repeat(50)).repeat(6)
    );
    for inline in [0, 100] {
        let error = Err(beyond(Limit::Response, 300));
        assert_eq!(receive(response.as_bytes(), 1, inline, &LIMITS), error);
    }
}

#[test]
fn attack_59_odd_line_ends() {
    assert_eq!(rows(b"* A\n* B\r* C\r\r\n* D\0\xff\r\n").len(), 3);
    assert_eq!(rows(b"* 1 FETCH (X {1}\r\r\na)\r\n").len(), 1);
    assert_eq!(rows(b"\r\n\n\r\n"), ["\r\n", "\n", "\r\n"]);
}

#[test]
fn attack_61_a_literal_that_looks_like_a_reply() {
    let stream = b"* 1 FETCH (BODY[] {14}\r\n\r\nA5 OK done\r\n)\r\nA5 OK\r\n";
    assert_eq!(rows(stream).len(), 2);
}

#[test]
fn p16_an_octet_at_a_time_costs_no_more_than_all_at_once() {
    let mut framer = Framer::default();
    let line = [b'x'; 1 << 20];
    for end in 0..line.len() {
        assert_eq!(framer.scan(&line[..end], &Limits::DEFAULT), Ok(Step::More));
        assert_eq!(framer.looked, end);
    }
}

#[test]
fn q20_line_ends_in_quoted_strings() {
    let row = "* 1 FETCH (ENVELOPE (\"a\r\nb\" \"A1 OKAY\r\nA1 OKAY\" NIL) UID 7)\r\n";
    assert_eq!(
        rows(format!("{row}A1 OK\r\n").as_bytes()),
        [row, "A1 OK\r\n"]
    );
    let torn = "* 1 FETCH (X \"a\r\n";
    for next in [
        "* 2 EXISTS\r\n",
        "A1 OK done\r\n",
        "A1 no\r\n",
        "x1 Bad\n",
        "+ go\r\n",
        "+\r\n",
    ] {
        assert_eq!(rows(format!("{torn}{next}").as_bytes()), [torn, next]);
    }
    for next in [
        "\r\n",
        " OK\r\n",
        "A1 OKAY\r\n",
        "A1 \"\r\n",
        "*a\r\n",
        "b OK)\r\n",
        "A1\r\n",
    ] {
        let row = format!("{torn}{next}");
        let stream = format!("{row}* 2 EXISTS\r\n");
        let all = rows(stream.as_bytes());
        assert_eq!(all.concat(), stream);
        assert_eq!(
            all.len(),
            if next.starts_with("b OK)") { 3 } else { 2 },
            "{next}"
        );
    }
}

#[test]
fn q24_a_literal_that_is_announced_too_short() {
    let row = "* 1 FETCH (BODY[] {3}\r\nabc\r\n FLAGS ())\r\n";
    assert_eq!(
        rows(format!("{row}A1 OK\r\n").as_bytes()),
        [row, "A1 OK\r\n"]
    );
    let row = "* 1 FETCH (BODY[] {3}\r\nabc\r\n)\r\n";
    assert_eq!(
        rows(format!("{row}* 2 FETCH (UID 3)\r\n").as_bytes()).len(),
        2
    );
}
