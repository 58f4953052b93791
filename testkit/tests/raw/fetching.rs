//! FETCH and SEARCH.

use latchbox_testkit::{NewMessage, Server, message};

use crate::client::Client;

const NESTED: &[u8] = b"From: \"Doe, J.\" <j@example.org>\r\n\
    To: Team: a@example.com, b@example.com;\r\n\
    Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\
    Date: Tue, 01 Apr 2025 08:00:00 +0200\r\n\
    Message-ID: <1@example.org>\r\n\
    Content-Type: multipart/mixed; boundary=\"b\"\r\n\
    \r\n\
    preamble\r\n\
    --b\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Transfer-Encoding: base64\r\n\
    \r\n\
    R3LDvMOfZQ==\r\n\
    --b\r\n\
    Content-Type: message/rfc822\r\n\
    Content-Disposition: attachment; filename=\"in.eml\"\r\n\
    \r\n\
    Subject: inner\r\n\
    \r\n\
    Inside.\r\n\
    --b--\r\n";

fn nested() -> (Server, Client<std::net::TcpStream>) {
    let server = Server::builder()
        .mailbox("INBOX", [NESTED])
        .start()
        .unwrap();
    let client = Client::select(&server, "INBOX");
    (server, client)
}

#[test]
fn envelope_and_structure() {
    let (_server, mut client) = nested();
    assert_eq!(
        client.ask("FETCH 1 (UID RFC822.SIZE ENVELOPE)"),
        [format!(
            "* 1 FETCH (UID 1 RFC822.SIZE {} ENVELOPE (\
             \"Tue, 01 Apr 2025 08:00:00 +0200\" \"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=\" \
             ((\"Doe, J.\" NIL \"j\" \"example.org\")) ((\"Doe, J.\" NIL \"j\" \"example.org\")) \
             ((\"Doe, J.\" NIL \"j\" \"example.org\")) \
             ((NIL NIL \"Team\" NIL)(NIL NIL \"a\" \"example.com\")\
             (NIL NIL \"b\" \"example.com\")(NIL NIL NIL NIL)) \
             NIL NIL NIL \"<1@example.org>\"))",
            NESTED.len()
        )]
    );
    assert_eq!(
        client.ask("FETCH 1 BODYSTRUCTURE"),
        ["* 1 FETCH (BODYSTRUCTURE (\
          (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"BASE64\" 12 1 NIL NIL NIL NIL)\
          (\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 25 \
          (NIL \"inner\" NIL NIL NIL NIL NIL NIL NIL NIL) \
          (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 7 1 NIL NIL NIL NIL) \
          3 NIL (\"ATTACHMENT\" (\"FILENAME\" \"in.eml\")) NIL NIL) \
          \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL))"]
    );
}

#[test]
fn sections() {
    let (server, mut client) = nested();
    for (item, name, expected) in [
        ("BODY.PEEK[1]", "BODY[1]", "R3LDvMOfZQ=="),
        ("BODY.PEEK[2.1]", "BODY[2.1]", "Inside."),
        ("BODY.PEEK[2.TEXT]", "BODY[2.TEXT]", "Inside."),
        (
            "BODY.PEEK[2.HEADER]",
            "BODY[2.HEADER]",
            "Subject: inner\r\n\r\n",
        ),
        ("BODY.PEEK[]<0.5>", "BODY[]<0>", "From:"),
        ("BODY.PEEK[]<99999.5>", "BODY[]<99999>", ""),
        ("BINARY.PEEK[1]", "BINARY[1]", "Grüße"),
        (
            "BODY.PEEK[HEADER.FIELDS (Message-id X)]",
            "BODY[HEADER.FIELDS (Message-id X)]",
            "Message-ID: <1@example.org>\r\n\r\n",
        ),
        (
            "BODY.PEEK[2.HEADER.FIELDS.NOT (SUBJECT)]",
            "BODY[2.HEADER.FIELDS.NOT (SUBJECT)]",
            "\r\n",
        ),
        (
            "BODY.PEEK[1.MIME]",
            "BODY[1.MIME]",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        ),
    ] {
        client.send(format!("a FETCH 1 {item}\r\n"));
        assert_eq!(
            client.line(),
            format!("* 1 FETCH ({name} {{{}}}", expected.len())
        );
        let mut bytes = vec![0; expected.len()];
        std::io::Read::read_exact(&mut client.stream, &mut bytes).unwrap();
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert_eq!(client.line(), ")");
        assert_eq!(client.line(), "a OK Fetched");
    }
    assert_eq!(
        client.ask("FETCH 1 BODY.PEEK[3]"),
        ["* 1 FETCH (BODY[3] NIL)"]
    );
    assert!(server.messages("INBOX")[0].flags.is_empty());
    client.ask("FETCH 1 BODY[1]");
    assert_eq!(server.messages("INBOX")[0].flags, ["\\Seen"]);
}

#[test]
fn numbers_that_are_not_there() {
    let (_server, mut client) = nested();
    assert_eq!(
        client.tagged("FETCH 2 UID"),
        "a BAD There is no message with this number"
    );
    assert_eq!(client.ask("UID FETCH 7 UID"), [] as [&str; 0]);
    assert_eq!(client.ask("UID FETCH 7:* UID"), ["* 1 FETCH (UID 1)"]);
}

#[test]
fn search_keys() {
    let date = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    let second = message("Lunch", "Ann <ann@example.com>", "At one?");
    let server = Server::builder()
        .mailbox(
            "INBOX",
            [
                NewMessage::new(NESTED).internal_date(date("2025-04-01T08:00:00+02:00")),
                NewMessage::new(second)
                    .flag("\\Seen")
                    .flag("$Work")
                    .internal_date(date("2025-01-06T12:00:00+00:00")),
            ],
        )
        .start()
        .unwrap();
    let mut client = Client::select(&server, "INBOX");
    for (keys, expected) in [
        ("ALL", " 1 2"),
        ("UNSEEN", " 1"),
        ("SEEN KEYWORD $work", " 2"),
        ("NOT KEYWORD $Work", " 1"),
        ("OR SEEN SUBJECT gr", " 1 2"),
        ("FROM ann", " 2"),
        ("TO TEAM", " 1"),
        ("HEADER Message-ID \"\"", " 1 2"),
        ("BODY \"AT ONE\"", " 2"),
        ("TEXT inner", " 1"),
        ("SINCE 1-Feb-2025", " 1"),
        ("ON 6-Jan-2025", " 2"),
        ("BEFORE 6-Jan-2025", ""),
        ("SENTSINCE 1-Apr-2025", " 1"),
        ("SENTBEFORE 1-Apr-2025", " 2"),
        ("LARGER 10 SMALLER 20", ""),
        ("(1 UID 1:2)", " 1"),
        ("UID 9:*", " 2"),
        ("NEW", " 1"),
        ("RECENT", " 1 2"),
        ("OLD", ""),
        ("UNANSWERED UNDELETED UNDRAFT UNFLAGGED", " 1 2"),
    ] {
        assert_eq!(
            client.ask(&format!("SEARCH {keys}")),
            [format!("* SEARCH{expected}")],
            "{keys}"
        );
    }
    client.send("a UID SEARCH CHARSET UTF-8 SUBJECT {6+}\r\nGR\u{dc}SS\r\n");
    assert_eq!(client.answer(), ["* SEARCH", "a OK Done"]);
    client.send("a UID SEARCH CHARSET UTF-8 SUBJECT {4+}\r\nGR\u{dc}\r\n");
    assert_eq!(client.answer(), ["* SEARCH 1", "a OK Done"]);
    assert_eq!(
        client.ask("UID SEARCH RETURN (MIN MAX COUNT ALL) ALL"),
        ["* ESEARCH (TAG \"a\") UID MIN 1 MAX 2 COUNT 2 ALL 1:2"]
    );
    assert_eq!(
        client.ask("SEARCH RETURN () DRAFT"),
        ["* ESEARCH (TAG \"a\")"]
    );
    assert!(
        client
            .tagged("SEARCH CHARSET KOI8-R ALL")
            .starts_with("a NO [BADCHARSET (UTF-8")
    );
}
