//! What the encoder writes for each value, and what it refuses.

use super::*;

const PLAIN: Abilities = Abilities {
    literal_at_once: 0,
    utf8: false,
    binary: false,
    metadata: false,
    utf8_append: false,
    needs_utf8: false,
};
const PLUS: Abilities = Abilities {
    literal_at_once: u64::MAX,
    utf8: false,
    binary: true,
    metadata: false,
    utf8_append: false,
    needs_utf8: false,
};

fn encoded(abilities: Abilities, encode: impl FnOnce(&mut Encoder<'static>)) -> String {
    let mut encoder = Encoder::new(Vec::new(), abilities);
    encode(&mut encoder);
    let mut text = String::new();
    for part in encoder.parts() {
        text.push_str(&String::from_utf8_lossy(part.line));
        text.push_str(if part.waits { "<wait>" } else { "" });
        text.push_str(&String::from_utf8_lossy(part.body));
    }
    text.push_str(&String::from_utf8_lossy(encoder.rest()));
    text
}

#[test]
fn strings_are_quoted_and_escaped() {
    let text = encoded(PLAIN, |e| {
        e.string("text", "a \"b\" \\c")
            .unwrap()
            .sp()
            .string("text", "")
            .unwrap();
    });
    assert_eq!(text, r#""a \"b\" \\c" """#);
}

#[test]
fn one_special_octet_alone_is_escaped_too() {
    for (text, quoted) in [("\\", r#""\\""#), ("\"", r#""\"""#), ("a\\b", r#""a\\b""#)] {
        let string = encoded(PLAIN, |e| _ = e.string("text", text).unwrap());
        let name = MailboxName::new(text).unwrap();
        let mailbox = encoded(PLAIN, |e| _ = e.mailbox(&name).unwrap());
        assert_eq!((&*string, &*mailbox), (quoted, quoted));
    }
    let name = MailboxName::new("a&b").unwrap();
    assert_eq!(
        encoded(PLAIN, |e| _ = e.mailbox(&name).unwrap()),
        "\"a&-b\""
    );
}

#[test]
fn line_ends_and_8_bit_are_literals() {
    let text = encoded(PLAIN, |e| {
        e.string("text", "a\r\nA1 LOGOUT")
            .unwrap()
            .sp()
            .string("text", "ü")
            .unwrap();
    });
    assert_eq!(text, "{12}\r\n<wait>a\r\nA1 LOGOUT {2}\r\n<wait>ü");
    let text = encoded(PLUS, |e| {
        e.string("text", "ü").unwrap();
    });
    assert_eq!(text, "{2+}\r\nü");
}

#[test]
fn literal_minus_waits_from_4097_octets_on() {
    let minus = Abilities {
        literal_at_once: 4096,
        ..PLAIN
    };
    let of = |length: usize| {
        encoded(minus, |e| {
            e.literal("message", vec![b'x'; length].leak()).unwrap();
        })
    };
    assert!(of(4096).starts_with("{4096+}\r\nxx"));
    assert!(of(4097).starts_with("{4097}\r\n<wait>xx"));
}

#[test]
fn nul_is_refused_in_strings_and_needs_binary_in_messages() {
    assert!(
        Encoder::new(Vec::new(), PLUS)
            .string("text", "a\0b")
            .is_err()
    );
    assert!(
        Encoder::new(Vec::new(), PLAIN)
            .literal("message", b"a\0b")
            .is_err()
    );
    let text = encoded(PLUS, |e| {
        e.literal("message", b"a\0b").unwrap();
    });
    assert_eq!(text, "~{3+}\r\na\0b");
}

#[test]
fn mailbox_names_are_modified_utf_7_unless_utf_8_is_enabled() {
    let name = MailboxName::new("Entwürfe & Co").unwrap();
    let text = encoded(PLAIN, |e| {
        e.mailbox(&name).unwrap();
    });
    assert_eq!(text, "\"Entw&APw-rfe &- Co\"");
    let text = encoded(
        Abilities {
            utf8: true,
            ..PLAIN
        },
        |e| {
            e.mailbox(&name).unwrap();
        },
    );
    assert_eq!(text, "\"Entwürfe & Co\"");
}

#[test]
fn a_name_that_the_server_spelt_oddly_is_sent_back_as_it_came() {
    let odd = utf7::mailbox_name(b"&AGEAYg-");
    let text = encoded(PLAIN, |e| {
        e.mailbox(&odd).unwrap();
    });
    assert_eq!(text, "\"&AGEAYg-\"");
}

#[test]
fn labels_of_gmail_are_atoms_and_the_users_are_mailbox_names() {
    for (label, utf7, utf8) in [
        ("\\Inbox", "\\Inbox", "\\Inbox"),
        ("Two words", "\"Two words\"", "\"Two words\""),
        ("Entw\u{fc}rfe", "\"Entw&APw-rfe\"", "\"Entw\u{fc}rfe\""),
    ] {
        let label = Label::new(label).unwrap();
        let write = |encoder: &mut Encoder<'static>| {
            encoder.label(&label).unwrap();
        };
        assert_eq!(encoded(Abilities::default(), write), utf7);
        let abilities = Abilities {
            utf8: true,
            ..Abilities::default()
        };
        assert_eq!(encoded(abilities, write), utf8);
    }
    for heard in [&b"Entw&APw-rfe"[..], b"Entw\xc3\xbcrfe"] {
        assert_eq!(utf7::label(heard), Label::new("Entw\u{fc}rfe").unwrap());
    }
    assert_eq!(utf7::label(b"\\Inbox"), Label::new("\\inbox").unwrap());
}

#[test]
fn flags_with_specials_are_refused() {
    let mut encoder = Encoder::new(Vec::new(), PLAIN);
    assert!(encoder.flag_list(&[Flag::from_server(b"a b")]).is_err());
    let text = encoded(PLAIN, |e| {
        e.flag_list(&[Flag::Seen, Flag::keyword("$Work").unwrap()])
            .unwrap();
    });
    assert_eq!(text, "(\\Seen $Work)");
}

#[test]
fn lengths_are_written_in_decimal() {
    for length in [0, 7, 10, 4096, 1_234_567_890, u64::MAX] {
        let text = encoded(PLUS, |e| {
            e.digits(length);
        });
        assert_eq!(text, length.to_string());
    }
}
