//! Envelopes as servers write them, and as they should not.

use super::*;

fn envelope(text: &[u8]) -> Envelope<'_> {
    Envelope::parse(Cursor::new(Frame::inline(text))).unwrap()
}

fn shown(addresses: Addresses<'_>) -> Vec<String> {
    addresses.map(|address| address.to_string()).collect()
}

fn bytes(raw: Option<Cow<'_, [u8]>>) -> Option<String> {
    raw.map(|raw| String::from_utf8_lossy(&raw).into_owned())
}

/// An envelope with this in the place of From and nothing else.
fn from(list: &str) -> Vec<String> {
    shown(envelope(format!("(NIL NIL {list} NIL NIL NIL NIL NIL NIL NIL)").as_bytes()).from())
}

#[test]
fn the_example_of_rfc_9051() {
    let envelope = envelope(
        b"(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" \
              ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
              ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
              ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
              ((NIL NIL \"imap\" \"cac.washington.edu\")) \
              ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \
              \"MIT.EDU\")) NIL NIL \"<B27397-0100000@cac.washington.edu>\")",
    );
    assert_eq!(
        envelope.date().unwrap().to_string(),
        "1996-07-17T02:23:25-07:00"
    );
    assert_eq!(envelope.subject(), "IMAP4rev1 WG mtg summary and minutes");
    for addresses in [envelope.from(), envelope.sender(), envelope.reply_to()] {
        assert_eq!(shown(addresses), ["Terry Gray <gray@cac.washington.edu>"]);
    }
    assert_eq!(shown(envelope.to()), ["imap@cac.washington.edu"]);
    let copies = [
        "minutes@CNRI.Reston.VA.US",
        "John Klensin <KLENSIN@MIT.EDU>",
    ];
    assert_eq!(shown(envelope.cc()), copies);
    assert_eq!(shown(envelope.bcc()), [""; 0]);
    assert_eq!(envelope.in_reply_to(), None);
    let id = "<B27397-0100000@cac.washington.edu>";
    assert_eq!(bytes(envelope.message_id()).as_deref(), Some(id));
    assert!(format!("{envelope:?}").contains("KLENSIN@MIT.EDU"));
}

#[test]
fn fields_in_literals_and_with_escapes() {
    let envelope = envelope(
        b"(NIL {11}\r\n=?UTF-8?Q?x ((\"a \\\"b\\\" \\\\\" NIL {3}\r\nx)y \"h\")) \
              NIL NIL NIL NIL NIL NIL NIL)",
    );
    assert_eq!(envelope.subject(), "=?UTF-8?Q?x");
    assert_eq!(shown(envelope.from()), ["a \"b\" \\ <x)y@h>"]);
}

#[test]
fn groups_are_typed() {
    let envelope = envelope(
        b"(NIL NIL NIL NIL NIL ((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL)\
              (NIL NIL \"=?utf-8?q?k=C3=B6?=\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL)\
              (NIL NIL \"c\" \"d\")) NIL NIL NIL NIL)",
    );
    let groups: Vec<_> = envelope.to().map(|to| (to.email(), to.group())).collect();
    assert_eq!(
        groups,
        [
            (Some("a@b".into()), Some("kö".into())),
            (Some("c@d".into()), None)
        ]
    );
    let items: Vec<_> = envelope.to().with_groups().collect();
    assert_eq!(items.len(), 6);
    let AddressListItem::GroupStart(name) = &items[0] else {
        panic!("{items:?}")
    };
    assert_eq!(name.text(), "undisclosed");
    assert_eq!(items[1], AddressListItem::GroupEnd);
}

#[test]
fn fault_64_what_looks_like_a_group_and_is_none() {
    assert_eq!(from("((NIL NIL \"ann@x.org\" NIL))"), ["ann@x.org"]);
    let word = "=?utf-8?B?QW5u?=";
    assert_eq!(from(&format!("((NIL NIL \"{word}\" NIL))")), [word]);
    let two = "((NIL NIL \"ann@x.org\" NIL)(NIL NIL \"bob@x.org\" NIL)(NIL NIL \"c\" \"d\"))";
    assert_eq!(from(two), ["ann@x.org", "bob@x.org", "c@d"]);
    assert_eq!(
        from("((NIL NIL \"root\" \"\")(NIL NIL \"c\" \"d\"))"),
        ["root", "c@d"]
    );
    // What is one, with empty strings for NIL, or an odd name.
    for (list, group) in [
        (
            "((NIL NIL \"undisclosed-recipients\" \"\")(NIL NIL \"\" \"\"))",
            None,
        ),
        (
            "((\"\" NIL \"g\" \"\")(NIL NIL \"a\" \"b\")(\"\" NIL \"\" \"\"))",
            Some("g"),
        ),
        (
            "((NIL NIL \"x@y\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))",
            Some("x@y"),
        ),
        (
            "((NIL NIL \"=?utf-8?B?QW5u?=\" NIL)(NIL NIL NIL NIL))",
            None,
        ),
        (
            "((NIL NIL \"never ends\" NIL)(NIL NIL \"a\" \"b\"))",
            Some("never ends"),
        ),
    ] {
        let text = format!("(NIL NIL {list} NIL NIL NIL NIL NIL NIL NIL)");
        let groups: Vec<_> = envelope(text.as_bytes())
            .from()
            .map(|one| one.group())
            .collect();
        let expected: Vec<_> = group.into_iter().map(|name| Some(name.into())).collect();
        assert_eq!(groups, expected, "{list}");
    }
}

#[test]
fn fault_05_addresses_share_the_name_of_their_group() {
    let name = format!("\\\\{}", "G".repeat(1 << 16));
    let members = "(NIL NIL \"a\" \"b\")".repeat(1 << 12);
    let list = format!("((NIL NIL \"{name}\" NIL){members}(NIL NIL NIL NIL))");
    let text = format!("(NIL NIL {list} NIL NIL NIL NIL NIL NIL NIL)");
    let addresses: Vec<_> = envelope(text.as_bytes()).from().collect();
    assert_eq!(addresses.len(), 1 << 12);
    let name = addresses[0].group_raw().unwrap().as_ptr();
    let same = |address: &Address<'_>| address.group_raw().unwrap().as_ptr() == name;
    assert!(addresses.iter().all(same));
    // And what may be the start of a group is looked at once more, not each time from there on.
    for part in [
        "(NIL NIL \"a@b\" NIL)",
        "(NIL NIL \"a\" \"\")",
        "(NIL NIL \"\" \"\")",
    ] {
        let list = part.repeat(1 << 15);
        let text = format!("(NIL NIL ({list}) NIL NIL NIL NIL NIL NIL NIL)");
        assert_eq!(envelope(text.as_bytes()).from().count(), 1 << 15);
    }
}

#[test]
fn attack_101_display_is_escaped() {
    let shown = from("((\"\x1b[2J\u{202e}\" NIL \"a\" \"b\x07\"))");
    assert_eq!(shown, ["\\u{1b}[2J\\u{202e} <a@b\\u{7}>"]);
}

#[test]
fn q32_spaces_missing_or_extra() {
    let text = b"( \"d\"  \"s\"((NIL  NIL \"a\" \"b\" ) (NIL NIL \"c\" \"d\"))NIL NIL  NIL NIL)";
    let text = String::from_utf8_lossy(text).replace("\"s\"((", "\"s\" ((");
    let envelope = envelope(text.as_bytes());
    assert_eq!(envelope.subject(), "s");
    assert_eq!(shown(envelope.from()), ["a@b", "c@d"]);
}

#[test]
fn q109_extra_parentheses() {
    let text = b"((NIL \"s\" NIL NIL NIL NIL NIL NIL NIL \"<id>\"))";
    assert_eq!(envelope(text).subject(), "s");
    assert_eq!(bytes(envelope(text).message_id()).as_deref(), Some("<id>"));
}

#[test]
fn q112_fewer_fields() {
    let nine = envelope(b"(NIL \"s\" NIL NIL NIL NIL NIL NIL \"<reply>\")");
    assert_eq!(bytes(nine.in_reply_to()).as_deref(), Some("<reply>"));
    assert_eq!(nine.message_id(), None);
    let eight = envelope(b"(NIL \"s\" NIL NIL NIL NIL NIL NIL)");
    assert_eq!((eight.in_reply_to(), eight.message_id()), (None, None));
    assert_eq!(envelope(b"()").subject(), "");
}

#[test]
fn q113_empty_list_and_stray_spaces() {
    assert_eq!(from("()"), [""; 0]);
    assert_eq!(from("( )"), [""; 0]);
    assert_eq!(from("( (NIL NIL \"a\" \"b\") )"), ["a@b"]);
}

#[test]
fn q114_space_between_addresses() {
    assert_eq!(
        from("((NIL NIL \"a\" \"b\") (NIL NIL \"c\" \"d\"))"),
        ["a@b", "c@d"]
    );
}

#[test]
fn q115_nil_among_addresses() {
    assert_eq!(from("(NIL (NIL NIL \"a\" \"b\")NIL)"), ["a@b"]);
}

#[test]
fn q116_name_and_mailbox_swapped() {
    assert_eq!(from("((\"<a@b>\" NIL \"Name\" NIL))"), ["Name <a@b>"]);
    assert_eq!(from("((\"a\\\"@b\" NIL \"Name\" NIL))"), ["Name <a\"@b>"]);
    assert_eq!(from("((\"Name\" NIL \"local\" NIL))"), ["Name <local>"]);
}

/// The name, the address and the raw forms of the first sender.
fn sender(
    address: &str,
) -> (
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
) {
    let text = format!("(NIL NIL (({address})) NIL NIL NIL NIL NIL NIL NIL)");
    let envelope = envelope(text.as_bytes());
    let from = envelope.from().next().unwrap();
    let raw = |raw: Option<&[u8]>| raw.map(|raw| String::from_utf8_lossy(raw).into_owned());
    (
        from.name().map(Cow::into_owned),
        from.email(),
        raw(from.mailbox_raw()),
        raw(from.host_raw()),
    )
}

#[test]
fn fault_37_placeholders_are_no_addresses() {
    let some = |text: &str| Some(text.to_owned()).filter(|text| text != "NIL");
    for (mailbox, host, email) in [
        ("MISSING_MAILBOX", "MISSING_DOMAIN", "NIL"),
        ("MISSING_MAILBOX", "example.com", "NIL"),
        ("MISSING_MAILBOX", "SYNTAX_ERROR", "NIL"),
        ("ann", "SYNTAX_ERROR", "NIL"),
        ("SYNTAX_ERROR", "example.com", "NIL"),
        ("ann", ".SYNTAX-ERROR.", "NIL"),
        ("INVALID_ADDRESS", ".SYNTAX-ERROR.", "NIL"),
        ("MISSING_MAILBOX_TERMINATOR", ".SYNTAX-ERROR", "NIL"),
        ("UNEXPECTED_DATA_AFTER_ADDRESS", ".SYNTAX-ERROR.", "NIL"),
        ("UNKNOWN_MAILBOX", "UNKNOWN_DOMAIN", "NIL"),
        ("unkonwn-name", "unknown-domain", "NIL"),
        ("", "localhost", "NIL"),
        ("", "", "NIL"),
        ("NIL", "example.com", "NIL"),
        // A mailbox without a host is one all the same.
        ("root", "MISSING_DOMAIN", "root"),
        ("root", ".MISSING-HOST-NAME.", "root"),
        ("root", "unspecified-domain", "root"),
        ("root", "missing_domain", "root"),
        ("root", "", "root"),
        // What only looks like one.
        (
            "missing_mailbox",
            "example.com",
            "missing_mailbox@example.com",
        ),
        (
            "UNKNOWN_SENDER",
            "example.com",
            "UNKNOWN_SENDER@example.com",
        ),
        ("ann", "missing.domain", "ann@missing.domain"),
        ("ann", "syntax-error.org", "ann@syntax-error.org"),
    ] {
        let quoted = |text: &str| match text {
            "NIL" => "NIL".to_owned(),
            text => format!("\"{text}\""),
        };
        let (local, domain) = (quoted(mailbox), quoted(host));
        let expected = (None, some(email), some(mailbox), some(host));
        assert_eq!(sender(&format!("NIL NIL {local} {domain}")), expected);
        let shown = from(&format!("((\"Ann\" NIL {local} {domain}))"));
        let with_name = some(email).map_or("Ann".to_owned(), |email| format!("Ann <{email}>"));
        assert_eq!(shown, [with_name]);
    }
    // Not a group of this name.
    let envelope = envelope(
        b"(NIL NIL ((NIL NIL \"MISSING_MAILBOX\" NIL)(NIL NIL \"a\" \"b\")) \
              NIL NIL NIL NIL NIL NIL NIL)",
    );
    let from: Vec<_> = envelope
        .from()
        .map(|from| (from.email(), from.group()))
        .collect();
    assert_eq!(from, [(None, None), (Some("a@b".into()), None)]);
}

#[test]
fn q117_placeholders_for_the_domain() {
    assert_eq!(from("((NIL NIL \"a\" \"MISSING_DOMAIN\"))"), ["a"]);
    assert_eq!(from("((NIL NIL \"a\" \".MISSING-HOST-NAME.\"))"), ["a"]);
}

#[test]
fn q118_a_reply_goes_to_the_authors_where_a_server_fills_nothing_in() {
    let text = b"(NIL NIL ((NIL NIL \"a\" \"b\")) NIL () NIL NIL NIL NIL NIL)";
    assert_eq!(shown(envelope(text).sender()), [""; 0], "as it was sent");
    assert_eq!(shown(envelope(text).reply_to()), [""; 0], "as it was sent");
    assert_eq!(shown(envelope(text).reply_addresses()), ["a@b"]);
    let text = b"(NIL NIL ((NIL NIL \"a\" \"b\")) NIL ((NIL NIL \"c\" \"d\")) NIL NIL NIL NIL NIL)";
    assert_eq!(shown(envelope(text).reply_addresses()), ["c@d"]);
    assert_eq!(from("NIL"), [""; 0]);
}

#[test]
fn q119_message_id_is_raw() {
    let text = b"(NIL NIL NIL NIL NIL NIL NIL NIL \"no brackets\" NIL)";
    assert_eq!(
        bytes(envelope(text).in_reply_to()).as_deref(),
        Some("no brackets")
    );
}

#[test]
fn rubbish_in_a_field_is_an_empty_field() {
    assert_eq!(from("\"a@b\""), [""; 0]);
    assert_eq!(
        from("((\"a\" (x) \"b\" \"c\")(NIL NIL \"a\" \"b\"))"),
        ["a@b"]
    );
    assert_eq!(from("((NIL NIL \"a\" \"b\" \"extra\" (1 2)))"), ["a@b"]);
    assert_eq!(from("((((((x))))))"), [""; 0]);
    assert_eq!(envelope(b"((NIL) (x) NIL)").subject(), "");
}

#[test]
fn what_is_cut_is_an_error() {
    let whole: &[u8] = b"(NIL \"s\" ((NIL NIL {1}\r\na \"b\")) NIL NIL NIL NIL NIL NIL \"i\")";
    for end in 0..whole.len() - 1 {
        let cursor = Cursor::new(Frame::inline(&whole[..end]));
        if let Ok(envelope) = Envelope::parse(cursor) {
            assert!(shown(envelope.from()).iter().all(|from| from == "a@b"));
            assert!(["", "s"].contains(&&*envelope.subject()));
        }
    }
}
