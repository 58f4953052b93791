//! Names of mailboxes: modified UTF-7 and UTF-8 in both directions.

use crate::fuzzing::input::Input;
use crate::types::label::Label;
use crate::types::mailbox_name::MailboxName;
use crate::wire::cursor::Cursor;
use crate::wire::encoder::{Abilities, Encoder};
use crate::wire::frame::Frame;
use crate::wire::utf7;

/// What a server sent and what a caller wrote, in turn.
pub fn mailbox_names(data: &[u8]) {
    let mut input = Input::new(data);
    let utf8 = input.octet() & 1 > 0;
    let octets = input.rest();
    heard(octets, utf8);
    let text = String::from_utf8_lossy(octets);
    if let Ok(name) = MailboxName::new(&text) {
        said(&name);
    }
}

/// A name goes back as it came.
fn heard(octets: &[u8], utf8: bool) {
    let frame = Frame {
        utf8,
        ..Frame::inline(octets)
    };
    let name = Cursor::new(frame).mailbox_name(octets);
    utf7::decoded(octets, |text, canonical| {
        assert!(!canonical || utf7::encode(text).as_bytes() == octets);
    });
    if let Some(sent) = sent(&name, utf8) {
        let same = sent == octets || (name.is_inbox() && octets.eq_ignore_ascii_case(b"INBOX"));
        assert!(
            same || octets.is_empty(),
            "{:?} is sent for {name:?}",
            sent.escape_ascii()
        );
    }
    let label = utf7::label(octets);
    let label_again = Label::from_wire(octets, label.as_str(), false);
    assert_eq!(label.as_str(), label_again.as_str());
}

/// A name that a caller wrote is printable ASCII on its way, and means the same to the other side.
fn said(name: &MailboxName) {
    let encoded = utf7::encode(name.as_str());
    assert!(encoded.bytes().all(|octet| (b' '..0x7f).contains(&octet)));
    utf7::decoded(encoded.as_bytes(), |text, canonical| {
        assert_eq!((text, canonical), (name.as_str(), true));
    });
    assert_eq!(utf7::is_itself(name.as_str()), encoded == name.as_str());
    assert_eq!(&utf7::mailbox_name(encoded.as_bytes()), name);
    assert_eq!(&MailboxName::from_utf8(name.as_str().as_bytes()), name);
    assert_eq!(sent(name, false).as_deref(), Some(encoded.as_bytes()));
    assert_eq!(sent(name, true).as_deref(), Some(name.as_str().as_bytes()));
}

/// The octets that an encoder sends for a name, out of their quotes or their literal.
fn sent(name: &MailboxName, utf8: bool) -> Option<Vec<u8>> {
    let abilities = Abilities {
        utf8,
        ..Abilities::default()
    };
    let mut encoder = Encoder::new(Vec::new(), abilities);
    encoder.mailbox(name).ok()?;
    let octets = encoder.parts().flat_map(|part| [part.line, part.body]);
    let octets = octets.chain([encoder.rest()]);
    let mut line = octets.collect::<Vec<_>>().concat();
    line.push(b' ');
    let mut cursor = Cursor::new(Frame::inline(&line));
    let heard = cursor.astring().expect("one string").into_owned();
    assert_eq!(cursor.rest(), b" ", "more than one string");
    Some(heard)
}
