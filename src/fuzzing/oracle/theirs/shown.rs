//! Names, strings and sets of imap-codec's as text.

use imap_codec::imap_types::core::{AString, NString, NString8};
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};

/// What to ask of a response, and what the answer is.
pub(crate) type Told = Vec<(String, String)>;

pub(super) fn shown(octets: &[u8]) -> String {
    format!("\"{}\"", octets.escape_ascii())
}

pub(super) fn nshown(octets: Option<&[u8]>) -> String {
    octets.map_or("NIL".into(), shown)
}

pub(super) fn plain(set: &SequenceSet) -> String {
    let number = |number: &SeqOrUid| match number {
        SeqOrUid::Value(number) => number.to_string(),
        SeqOrUid::Asterisk => "*".into(),
    };
    let one = |sequence: &Sequence| match sequence {
        Sequence::Single(one) => number(one),
        Sequence::Range(one, other) => format!("{}:{}", number(one), number(other)),
    };
    let all: Vec<_> = set.0.as_ref().iter().map(one).collect();
    all.join(",")
}

pub(super) fn lossy(string: &AString<'_>) -> String {
    String::from_utf8_lossy(string.as_ref()).into_owned()
}

pub(super) fn name(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => shown(b"INBOX"),
        Mailbox::Other(name) => shown(name.as_ref()),
    }
}

pub(super) fn nshown8(string: &NString8<'_>) -> String {
    match string {
        NString8::NString(string) => their_nstring(string),
        NString8::Literal8(literal) => shown(literal.data.as_ref()),
    }
}

pub(super) fn their_nstring(string: &NString<'_>) -> String {
    nshown(string.0.as_ref().map(AsRef::as_ref))
}
