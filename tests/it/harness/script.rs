//! The scripted server: what does not match must say so.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[cfg(not(windows))]
use super::trusting;
use crate::support::closed_port::ClosedPort;
use crate::support::script::{Script, script};

struct Peer {
    stream: BufReader<TcpStream>,
}

impl Peer {
    fn of(script: &Script) -> Self {
        let stream = TcpStream::connect(script.address()).unwrap();
        Self {
            stream: BufReader::new(stream),
        }
    }

    fn say(&mut self, text: &str) {
        self.stream.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    fn hear_end(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = self.stream.read_to_end(&mut bytes);
        bytes
    }
}

/// What `finish` says of a script that a client did not keep to.
fn complaint(script: Script) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| script.finish())).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn a_script_is_played_and_what_the_client_said_is_kept() {
    let script = script(
        r"
        S: * OK ready
        C: {a} NOOP
        C: {b} APPEND x {5}
        S: + go on
        C-raw: he\x6C\0\xC3\xBC
        C:
        S: {b} OK [APPENDUID 1 {5}] (\Seen)
        # out of order
        S: {a} OK
        C-start: {a} LOGIN
        C-literal: 3
        S-raw: {a} NO\r\n
        S-fill: 3 ab
        close
        ",
    );
    let mut peer = Peer::of(&script);
    assert_eq!(peer.hear(), "* OK ready\r\n");
    peer.say("t1 NOOP\r\nt2 APPEND x {5}\r\n");
    assert_eq!(peer.hear(), "+ go on\r\n");
    peer.say("hel\0ü\r\n");
    assert_eq!(peer.hear(), "t2 OK [APPENDUID 1 {5}] (\\Seen)\r\n");
    assert_eq!(peer.hear(), "t1 OK\r\n");
    peer.say("t3 LOGIN jane secret\r\nabc");
    assert_eq!(peer.hear_end(), b"t3 NO\r\nababab");
    let heard = script.finish();
    assert_eq!(
        heard,
        "t1 NOOP\r\nt2 APPEND x {5}\r\nhel\0ü\r\nt3 LOGIN jane secret\r\nabc"
    );
}

#[test]
fn a_wrong_line_is_shown_beside_the_right_one() {
    let script = script("S: * OK\nC: {a} NOOP\nS: {a} OK\n");
    let mut peer = Peer::of(&script);
    peer.say("t1 NOPE\r\n");
    assert_eq!(peer.hear_end(), b"* OK\r\n", "the connection ends at once");
    let complaint = complaint(script);
    assert!(complaint.contains("line 2: `C: {a} NOOP`"), "{complaint}");
    assert!(complaint.contains("expected  t1 NOOP\\r\\n"), "{complaint}");
    assert!(complaint.contains("got       t1 NOPE\\r\\n"), "{complaint}");
    assert!(complaint.contains("S: * OK\\r\\n"), "{complaint}");
}

#[test]
fn another_tag_a_bare_line_feed_and_a_longer_line_are_wrong() {
    for wrong in [
        "t2 NOOP\r\n",
        "t1 NOOP\n",
        "t1 NOOP \r\n",
        "NOOP\r\n",
        " NOOP\r\n",
    ] {
        let script = script("C: {a} NOOP\nC-raw: {a} NOOP\\r\\n\n");
        let mut peer = Peer::of(&script);
        peer.say(&format!("t1 NOOP\r\n{wrong}"));
        drop(peer);
        assert!(complaint(script).contains("line 2"), "{wrong:?}");
    }
    for wrong in [
        "t1 NOOP\n",
        "t1 NOOP \r\n",
        "NOOP\r\n",
        " NOOP\r\n",
        "t1\r\n",
        "t1 NOO",
    ] {
        let script = script("C: {a} NOOP\n");
        let mut peer = Peer::of(&script);
        peer.say(wrong);
        drop(peer);
        assert!(complaint(script).contains("line 1"), "{wrong:?}");
    }
}

#[test]
fn more_than_the_script_expects_is_wrong() {
    let script = script("S: * OK\n");
    let mut peer = Peer::of(&script);
    peer.hear();
    peer.say("t1 LOGOUT\r\n");
    peer.hear_end();
    assert!(complaint(script).contains("nobody expected: t1 LOGOUT\\r\\n"));
}

#[test]
fn what_is_sent_to_a_client_that_has_closed_is_lost() {
    let script = script("S: one\nC-close\nS-fill: 100000 0123456789\n");
    let mut peer = Peer::of(&script);
    assert_eq!(peer.hear(), "one\r\n");
    drop(peer);
    assert_eq!(script.finish(), "");
}

#[test]
fn another_connection_is_wrong() {
    let script = script("S: * OK\n");
    let _one = Peer::of(&script);
    assert_eq!(Peer::of(&script).hear_end(), b"");
    assert!(complaint(script).contains("1 connections more"));
}

#[test]
fn lines_that_nobody_came_to_are_wrong() {
    let script_of_two = script("S: * OK\nC: {a} NOOP\n");
    drop(Peer::of(&script_of_two));
    assert!(complaint(script_of_two).contains("the connection ended"));

    let never_asked = script("S: * OK\n");
    let panic = catch_unwind(AssertUnwindSafe(|| drop(never_asked))).unwrap_err();
    let complaint = panic.downcast_ref::<String>().unwrap();
    assert!(
        complaint.contains("no connection came"),
        "a drop says it too: {complaint}"
    );
}

#[test]
fn a_script_without_lines_wants_no_connection() {
    script("").finish();
    let unwanted = script("");
    Peer::of(&unwanted).hear_end();
    assert!(complaint(unwanted).contains("1 connections more"));
}

#[test]
fn a_script_that_is_no_script_is_refused() {
    for wrong in [
        "Q: x",
        "S: {a} OK",
        "S-raw: \\q",
        "split: 5 1",
        "C-literal: many",
    ] {
        let panic = catch_unwind(|| drop(script(wrong))).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        assert!(text.contains("line 1"), "{text}");
    }
}

#[test]
fn each_piece_is_a_read_of_its_own() {
    let script = script("bytes\nS: abc\nwhole\nsplit: 1 3\nS: abcdef\nS: end\n");
    let mut stream = TcpStream::connect(script.address()).unwrap();
    let mut reads: Vec<String> = Vec::new();
    let mut buffer = [0; 100];
    while !reads.concat().ends_with("end\r\n") {
        let count = stream.read(&mut buffer).unwrap();
        reads.push(String::from_utf8_lossy(&buffer[..count]).into_owned());
    }
    let pieces = ["a", "b", "c", "\r", "\n"];
    assert_eq!(&reads[..4], &pieces[..4], "{reads:?}");
    assert!(reads.iter().any(|read| read == "bc"), "{reads:?}");
    script.finish();
}

#[test]
fn the_script_and_the_test_wait_for_each_other() {
    let script = script("S: one\ntaken\nsignal: said\nwait: more\nS: two\n");
    let mut peer = Peer::of(&script);
    assert_eq!(peer.hear(), "one\r\n");
    script.reached("said");
    script.go("more");
    assert_eq!(peer.hear(), "two\r\n");
    script.finish();
}

#[test]
fn connections_come_one_after_the_other() {
    let script = script(
        "S: one\nC: {a} NOOP\nreset\naccept\nS: two\nC-close\naccept\nS: three\nstall\naccept\nS: four\n",
    );
    let mut peer = Peer::of(&script);
    peer.hear();
    peer.say("a NOOP\r\n");
    let error = peer.stream.read_line(&mut String::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(Peer::of(&script).hear(), "two\r\n");
    let mut peer = Peer::of(&script);
    assert_eq!(peer.hear(), "three\r\n");
    peer.say("anything");
    drop(peer);
    assert_eq!(Peer::of(&script).hear(), "four\r\n");
    assert_eq!(script.finish(), "a NOOP\r\nanything");
}

#[test]
fn what_comes_too_early_is_seen() {
    let script = script("C: one\nsignal: one\nwait: sent\nsilent\n");
    let mut peer = Peer::of(&script);
    peer.say("one\r\n");
    script.reached("one");
    peer.say("two\r\n");
    script.go("sent");
    peer.hear_end();
    assert!(complaint(script).contains("nobody expected: two"));
}

/// Not on Windows: the client is that of the system's library, which under wine takes a certificate that
/// has expired, and fails without a list of revoked ones.
#[cfg(not(windows))]
#[test]
fn tls_from_the_first_byte_and_later() {
    let script = script("tls\nS: one\nclose\naccept\nS: plain\nC: go\ntls\nS: two\nC: x\n");
    let stream = TcpStream::connect(script.address()).unwrap();
    let mut text = String::new();
    trusting()
        .connect("localhost", stream)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, "one\r\n");

    let mut peer = Peer::of(&script);
    assert_eq!(peer.hear(), "plain\r\n");
    peer.say("go\r\n");
    let mut stream = trusting()
        .connect("127.0.0.1", peer.stream.into_inner())
        .unwrap();
    let mut buffer = [0; 5];
    stream.read_exact(&mut buffer).unwrap();
    assert_eq!(&buffer, b"two\r\n");
    stream.write_all(b"x\r\n").unwrap();
    assert_eq!(script.finish(), "go\r\nx\r\n");
}

/// Not on Windows: the client is that of the system's library, which under wine takes a certificate that
/// has expired, and fails without a list of revoked ones.
#[cfg(not(windows))]
#[test]
fn bad_certificates_are_bad() {
    for leaf in ["expired", "wrong-name", "self-signed"] {
        let script = script(&format!("tls-refused: {leaf}"));
        let stream = TcpStream::connect(script.address()).unwrap();
        assert!(trusting().connect("localhost", stream).is_err(), "{leaf}");
        script.finish();
    }
    let script = script("tls-refused: server");
    let stream = TcpStream::connect(script.address()).unwrap();
    let _taken = trusting().connect("localhost", stream).unwrap();
    assert!(complaint(script).contains("took the certificate"));
}

#[test]
fn a_closed_port_refuses() {
    let port = ClosedPort::new();
    assert!(TcpStream::connect(port.address()).is_err());
}
