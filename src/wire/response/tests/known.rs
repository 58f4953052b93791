//! Responses as servers send them: what kind each is, and that none does harm.

use crate::limits::Limits;
use crate::types::capability::Capabilities;
use crate::types::flag::Flag;
use crate::types::response_code::ResponseCode;
use crate::wire::cursor::ParseError;
use crate::wire::frame::Frame;
use crate::wire::response::status::Status;
use crate::wire::response::{Response, Untagged};
use crate::wire::testing::{is_invalid, untagged};

fn parse(line: &[u8]) -> Result<Response<'_>, ParseError> {
    Response::parse(Frame::inline(line), &Limits::DEFAULT)
}

#[test]
fn tagged_responses() {
    for (line, status, text) in [
        ("A1 OK LOGIN completed\r\n", Status::Ok, "LOGIN completed"),
        ("a1 no [ALERT] No\r\n", Status::No, "No"),
        ("A1 Bad\r\n", Status::Bad, ""),
        ("A1  OK \r\n", Status::Ok, ""),
    ] {
        let Ok(Response::Tagged {
            tag,
            status: found,
            text: rest,
        }) = parse(line.as_bytes())
        else {
            panic!("{line}");
        };
        assert_eq!((found, &*rest.text.as_str()), (status, text), "{line}");
        assert!(tag.eq_ignore_ascii_case(b"A1"));
        assert_eq!(
            rest.code,
            line.contains("ALERT").then_some(ResponseCode::Alert)
        );
    }
}

#[test]
fn continuations() {
    for (line, expected) in [
        ("+ go ahead\r\n", "go ahead"),
        ("+\r\n", ""),
        ("+ \r\n", ""),
        ("+ cj1meUtvK2QyTA==\r\n", "cj1meUtvK2QyTA=="),
    ] {
        let Ok(Response::Continue(text)) = parse(line.as_bytes()) else {
            panic!("{line}")
        };
        assert_eq!(
            (text.code, &*text.text.as_str()),
            (None, expected),
            "{line}"
        );
    }
}

#[test]
fn untagged_status_responses() {
    for (line, status) in [
        ("* OK ready\r\n", Status::Ok),
        ("* no ready\r\n", Status::No),
        ("* BAD ready\r\n", Status::Bad),
        ("* PREAUTH ready\r\n", Status::PreAuth),
        ("* Bye ready\r\n", Status::Bye),
    ] {
        let Untagged::Status {
            status: found,
            text,
        } = untagged(line.as_bytes())
        else {
            panic!("{line}");
        };
        assert_eq!(
            (found, text.code, &*text.text.as_str()),
            (status, None, "ready")
        );
    }
}

#[test]
fn numbers_before_words() {
    assert!(matches!(untagged(b"* 23 EXISTS\r\n"), Untagged::Exists(23)));
    assert!(matches!(untagged(b"* 0 recent\r\n"), Untagged::Recent(0)));
    assert!(matches!(
        untagged(b"* 44 EXPUNGE\r\n"),
        Untagged::Expunge(44)
    ));
    assert!(matches!(
        untagged(b"* 4294967295 EXISTS\r\n"),
        Untagged::Exists(u32::MAX)
    ));
    let Untagged::Fetch(row) = untagged(b"* 23 FETCH (FLAGS (\\Seen))\r\n") else {
        panic!()
    };
    assert_eq!((row.place.seq, row.place.items_at), (23, 11));
    assert!(matches!(
        untagged(b"* 5 X-NEW 1\r\n"),
        Untagged::Other(b"* 5 X-NEW 1")
    ));
}

#[test]
fn words() {
    let capabilities = |text: &str| text.parse::<Capabilities>().unwrap();
    for line in [
        "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        "* capability IMAP4rev1  AUTH=PLAIN \r\n",
    ] {
        let Untagged::Capability(found) = untagged(line.as_bytes()) else {
            panic!("{line}")
        };
        assert_eq!(found, capabilities("IMAP4rev1 AUTH=PLAIN"));
    }
    let Untagged::Enabled {
        capabilities: enabled,
        is_asked: false,
    } = untagged(b"* ENABLED CONDSTORE UTF8=ACCEPT\r\n")
    else {
        panic!()
    };
    assert_eq!(enabled.len(), 2);
    assert!(
        matches!(untagged(b"* ENABLED\r\n"), Untagged::Enabled { capabilities: none, .. } if none.is_empty())
    );
    let Untagged::Flags(flags) = untagged(b"* FLAGS (\\Answered $Work)\r\n") else {
        panic!()
    };
    assert_eq!(flags, [Flag::Answered, Flag::keyword("$Work").unwrap()]);
}

#[test]
fn unknown_responses_are_kept() {
    for line in [
        "* X-NEW (a \"b\")",
        "* CONVERTED (TAG \"a\") (2 (3))",
        "* AVERYLONGWORDTHATNOBODYKNOWS 1",
        "*",
        "* ",
        "* \u{fc}",
        "* (a)",
    ] {
        let whole = format!("{line}\r\n");
        let Untagged::Other(bytes) = untagged(whole.as_bytes()) else {
            panic!("{line}")
        };
        assert_eq!(bytes, line.as_bytes());
    }
}

#[test]
fn what_can_be_no_response_is_out_of_step() {
    for line in [
        "A1\r\n",
        "A1 \r\n",
        "A1 YES\r\n",
        "A1 OKAY\r\n",
        "A1 BYE\r\n",
        "HTTP/1.1 400 Bad Request\r\n",
        "SSH-2.0-OpenSSH\r\n",
        "\0\r\n",
    ] {
        assert!(parse(line.as_bytes()).is_err(), "{line}");
    }
}

#[test]
fn q1_a_code_without_a_status() {
    let line = b"[COPYUID 55 31 6]\r\n";
    let Untagged::Status {
        status: Status::Ok,
        text,
    } = untagged(line)
    else {
        panic!()
    };
    assert!(matches!(text.code, Some(ResponseCode::CopyUid(_))));
}

#[test]
fn q2_a_code_behind_the_star() {
    let Untagged::Status {
        status: Status::Ok,
        text,
    } = untagged(b"* [COPYUID 55 31 6]\r\n")
    else {
        panic!();
    };
    assert!(matches!(text.code, Some(ResponseCode::CopyUid(_))));
}

#[test]
fn q6_status_without_text() {
    assert!(matches!(untagged(b"* OK\r\n"), Untagged::Status { .. }));
    assert!(matches!(parse(b"A1 OK\r\n"), Ok(Response::Tagged { .. })));
}

#[test]
fn q8_repeated_spaces() {
    assert!(matches!(
        untagged(b"*  522 EXISTS\r\n"),
        Untagged::Exists(522)
    ));
    assert!(matches!(
        untagged(b"* 522  EXISTS \r\n"),
        Untagged::Exists(522)
    ));
}

#[test]
fn q9_noop_as_a_sign_of_life() {
    assert!(matches!(
        untagged(b"* NOOP\r\n"),
        Untagged::Other(b"* NOOP")
    ));
}

#[test]
fn q10_continuation_without_a_space() {
    assert!(matches!(parse(b"+\r\n"), Ok(Response::Continue(_))));
}

#[test]
fn q13_q14_capabilities_that_are_none() {
    let Untagged::Capability(found) = untagged(b"* CAPABILITY * CAPABILITY IMAP4 LITERAL +\r\n")
    else {
        panic!();
    };
    assert_eq!(found.len(), 2);
}

#[test]
fn q16_numbers_in_the_form_of_floats() {
    assert!(is_invalid(b"* 9.3736e+06 EXISTS\r\n"));
}

#[test]
fn q24_q26_what_is_left_of_a_torn_response() {
    assert!(is_invalid(b"\r\n"));
    assert!(is_invalid(b")\r\n"));
    assert!(is_invalid(b" UID 5)\r\n"));
}

#[test]
fn attack_58_lists_are_limited() {
    let limits = Limits {
        list: 3,
        ..Limits::DEFAULT
    };
    for line in [
        "* FLAGS (a b c d)\r\n",
        "* LIST (a b c d) \"/\" x\r\n",
        "* ID (a b c d e f g h)\r\n",
        "* NAMESPACE ((a b)(a b)(a b)(a b)) NIL NIL\r\n",
    ] {
        let parsed = Response::parse(Frame::inline(line.as_bytes()), &limits);
        assert!(
            matches!(parsed, Ok(Response::Untagged(Untagged::Invalid { .. }))),
            "{line}"
        );
        assert!(!is_invalid(line.as_bytes()), "{line}");
    }
}
