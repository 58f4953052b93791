//! Modified UTF-7, in which mailbox names are sent (RFC 3501 section 5.1.3) and programs store
//! them.

use std::borrow::Cow;
use std::cell::Cell;

use crate::types::label::{InvalidLabel, Label};
use crate::types::mailbox_name::{InvalidMailboxName, MailboxName};

/// The name that a server sent. Octets that do not decode are kept (see [`MailboxName`]).
pub(crate) fn mailbox_name(bytes: &[u8]) -> MailboxName {
    if let Some(text) = plain(bytes) {
        return MailboxName::from_wire(bytes, text, true);
    }
    decoded(bytes, |text, canonical| {
        MailboxName::from_wire(bytes, text, canonical)
    })
}

/// The text that is sent as these octets, if they are that text: most names are.
fn plain(octets: &[u8]) -> Option<&str> {
    let is_plain = |octet: &u8| matches!(octet, b' '..=b'~') & (*octet != b'&');
    // All octets are looked at, so that the processor looks at many at once.
    let all = octets.iter().fold(true, |all, octet| all & is_plain(octet));
    all.then_some(())?;
    std::str::from_utf8(octets).ok()
}

impl MailboxName {
    /// Rebuilds a name from its [octets](Self::to_octets), such as those that a program has stored.
    ///
    /// Octets that are not modified UTF-7 are kept, and sent to the server unchanged.
    ///
    /// ```
    /// use latchbox::types::MailboxName;
    ///
    /// assert_eq!(MailboxName::from_octets(b"Entw&APw-rfe")?.as_str(), "Entw\u{fc}rfe");
    /// let name = MailboxName::from_octets(b"Entw\xfcrfe")?; // Latin-1: a server broke the rule
    /// assert_eq!(name.as_str(), "Entw\u{fffd}rfe");
    /// assert_eq!(name.to_octets()[..], b"Entw\xfcrfe"[..]);
    /// # Ok::<(), latchbox::types::InvalidMailboxName>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidMailboxName`] if `octets` is empty.
    pub fn from_octets(octets: &[u8]) -> Result<Self, InvalidMailboxName> {
        match octets {
            [] => Self::new(""),
            octets => Ok(mailbox_name(octets)),
        }
    }

    /// The octets of the name, from which [`from_octets`](Self::from_octets) rebuilds the same
    /// name.
    ///
    /// A program can store them, for instance across a restart; the text of a name does not always
    /// suffice. They are modified UTF-7 (RFC 3501 section 5.1.3), or what the server sent if that
    /// is not modified UTF-7 or differs from what the text would be sent as. They are not always
    /// valid UTF-8. [`StoredUids`](crate::types::StoredUids) stores them too.
    pub fn to_octets(&self) -> Cow<'_, [u8]> {
        octets(self.wire(), self.as_str())
    }
}

impl Label {
    /// Rebuilds a label from its [octets](Self::to_octets), such as those that a program has
    /// stored.
    ///
    /// ```
    /// use latchbox::gmail::Label;
    ///
    /// let label = Label::from_octets(b"Entw\xfcrfe")?; // Latin-1: the server broke the rule
    /// assert_eq!(label.to_octets()[..], b"Entw\xfcrfe"[..]);
    /// # Ok::<(), latchbox::gmail::InvalidLabel>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidLabel`] if `octets` is empty.
    pub fn from_octets(octets: &[u8]) -> Result<Self, InvalidLabel> {
        match octets {
            [] => Self::new(""),
            octets => Ok(label(octets)),
        }
    }

    /// The octets of the label, from which [`from_octets`](Self::from_octets) rebuilds the same
    /// label.
    ///
    /// They suffice even if the text does not: as for [`MailboxName::to_octets`].
    pub fn to_octets(&self) -> Cow<'_, [u8]> {
        octets(self.wire(), self.as_str())
    }
}

/// The stored form of a name: the octets to send instead of its encoded text, or else that text.
fn octets<'n>(wire: Option<&'n [u8]>, text: &'n str) -> Cow<'n, [u8]> {
    match wire {
        Some(octets) => Cow::Borrowed(octets),
        None if is_itself(text) => Cow::Borrowed(text.as_bytes()),
        None => Cow::Owned(encode(text).into_bytes()),
    }
}

/// The label that a server sent, in modified UTF-7 or in UTF-8.
pub(crate) fn label(bytes: &[u8]) -> Label {
    decoded(bytes, |text, canonical| {
        let canonical = canonical || (!bytes.is_ascii() && std::str::from_utf8(bytes).is_ok());
        Label::from_wire(bytes, text, canonical)
    })
}

/// Gives the text of a name, and whether encoding the text returns the same octets.
///
/// Names that violate the grammar are given as they were sent. Encoded ASCII is among these: it
/// would let `&AEkATgBCAE8AWA-` pass for INBOX, and `&AC8-` for a delimiter.
pub(crate) fn decoded<T>(bytes: &[u8], take: impl FnOnce(&str, bool) -> T) -> T {
    // Names come by thousands: the memory for their texts is that of the thread.
    thread_local!(static TEXT: Cell<String> = const { Cell::new(String::new()) });
    let mut text = TEXT.try_with(Cell::take).unwrap_or_default();
    text.clear();
    let canonical = decode_strictly(bytes, &mut text);
    let taken = match canonical {
        Some(canonical) => take(&text, canonical),
        None => take(&String::from_utf8_lossy(bytes), false),
    };
    if text.capacity() <= KEPT {
        let _ = TEXT.try_with(|kept| kept.set(text));
    }
    taken
}

/// The most octets that a thread keeps for the texts of names.
const KEPT: usize = 1 << 10;

/// The text of a name in which modified UTF-7 and UTF-8 may be mixed, for a comparison.
///
/// Octets that do not decode stay as they are.
pub(crate) fn decode_loosely(text: &str) -> Cow<'_, str> {
    // All octets are looked at: see `plain`.
    let has_runs = text.bytes().fold(false, |has, octet| has | (octet == b'&'));
    if !has_runs {
        return Cow::Borrowed(text);
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        decoded.push_str(before);
        let length = behind.bytes().take_while(|byte| value(*byte).is_some());
        let (run, after) = behind.split_at_checked(length.count()).unwrap_or_default();
        let start = decoded.len();
        rest = after.strip_prefix('-').unwrap_or(after);
        if run.is_empty() {
            decoded.push('&');
        } else if decode_run(run.as_bytes(), &mut decoded).is_none() {
            decoded.truncate(start);
            decoded.push('&');
            rest = behind;
        }
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Whether a text is sent unchanged.
pub(crate) fn is_itself(text: &str) -> bool {
    plain(text.as_bytes()).is_some()
}

/// The form in which a text is sent; ASCII, without controls.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut shifted = Shifted::default();
    for character in text.chars() {
        if is_direct(character) {
            shifted.finish(&mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            shifted.push(character, &mut encoded);
        }
    }
    shifted.finish(&mut encoded);
    encoded
}

/// The base64 run that is being written: UTF-16, six bits a character, without padding.
#[derive(Default)]
struct Shifted {
    open: bool,
    bits: u32,
    count: u32,
}

impl Shifted {
    fn push(&mut self, character: char, encoded: &mut String) {
        if !self.open {
            encoded.push('&');
            self.open = true;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            self.bits = (self.bits << 16) | u32::from(*unit);
            self.count += 16;
            while self.count >= 6 {
                self.count -= 6;
                encoded.push(digit(self.bits >> self.count));
            }
            self.bits &= (1 << self.count) - 1;
        }
    }

    fn finish(&mut self, encoded: &mut String) {
        if !self.open {
            return;
        }
        if self.count > 0 {
            encoded.push(digit(self.bits << (6 - self.count)));
        }
        encoded.push('-');
        *self = Self::default();
    }
}

/// Appends the text of a name; whether encoding the text returns the same octets.
///
/// Of what is accepted here, only a run that directly follows another is not what would be sent.
fn decode_strictly(bytes: &[u8], text: &mut String) -> Option<bool> {
    let (mut rest, mut canonical, mut after_run) = (bytes, true, false);
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        if *byte != b'&' {
            let character = char::from(*byte);
            text.push(is_direct(character).then_some(character)?);
            after_run = false;
            continue;
        }
        let end = rest.iter().position(|byte| *byte == b'-')?;
        let (run, behind) = rest.split_at_checked(end)?;
        rest = behind.get(1..)?;
        if run.is_empty() {
            text.push('&');
        } else {
            decode_run(run, text)?;
            canonical &= !after_run;
        }
        after_run = !run.is_empty();
    }
    Some(canonical)
}

/// One base64 run; `None` for a foreign digit, bits left over, half a pair, or encoded ASCII.
fn decode_run(run: &[u8], text: &mut String) -> Option<()> {
    let (mut bits, mut count, mut first_half) = (0u32, 0u32, None);
    for octet in run {
        (bits, count) = ((bits << 6) | value(*octet)?, count + 6);
        if count < 16 {
            continue;
        }
        count -= 16;
        let unit = bits >> count;
        bits &= (1 << count) - 1;
        let code = match (first_half.take(), unit) {
            (None, 0xd800..0xdc00) => {
                first_half = Some(unit);
                continue;
            }
            (None, unit) => unit,
            (Some(first), 0xdc00..0xe000) => 0x1_0000 + ((first - 0xd800) << 10 | (unit - 0xdc00)),
            (Some(_), _) => return None,
        };
        let character = char::from_u32(code)?;
        text.push((!is_direct(character)).then_some(character)?);
    }
    (first_half.is_none() && count < 6 && bits == 0).then_some(())
}

/// Printable ASCII stands for itself.
fn is_direct(character: char) -> bool {
    matches!(character, ' '..='~')
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

fn digit(six_bits: u32) -> char {
    let at = usize::try_from(six_bits & 0x3f).unwrap_or_default();
    DIGITS.get(at).copied().map_or('A', char::from)
}

fn value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b',' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// What is sent back to the server for a name that it sent.
    fn sent_back(name: &MailboxName) -> Vec<u8> {
        name.wire()
            .map_or_else(|| encode(name.as_str()).into_bytes(), <[u8]>::to_vec)
    }

    fn decode(bytes: &[u8]) -> (String, bool) {
        decoded(bytes, |text, canonical| (text.to_owned(), canonical))
    }

    const KNOWN: [(&str, &str); 9] = [
        ("INBOX", "INBOX"),
        ("&", "&-"),
        ("a&b-c", "a&-b-c"),
        ("Entwürfe", "Entw&APw-rfe"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("😀", "&2D3eAA-"),
        ("ü&ü", "&APw-&-&APw-"),
        ("a\tb", "a&AAk-b"),
        ("☺!", "&Jjo-!"),
    ];

    #[test]
    fn known_names_go_both_ways() {
        for (text, wire) in KNOWN {
            assert_eq!(encode(text), wire);
            assert_eq!(decode(wire.as_bytes()), (text.to_owned(), true), "{wire}");
        }
    }

    #[test]
    fn a_name_cut_short_is_never_taken_for_another() {
        for (text, wire) in KNOWN {
            for end in 0..wire.len() {
                let (cut, canonical) = decode(&wire.as_bytes()[..end]);
                assert!(!canonical || text.starts_with(&cut), "{wire} cut at {end}");
            }
        }
    }

    #[test]
    fn case_98_a_broken_name_is_kept_and_sent_back() {
        let broken: [&[u8]; 14] = [
            b"&",
            b"&abc",
            b"&AGEAYg-",         // encoded ASCII
            b"&AEkATgBCAE8AWA-", // INBOX in disguise
            b"&AC4ALgAv-",       // ../ in disguise
            b"&2D0-",            // half a pair
            b"&3gA-",            // the other half
            b"&APx-",            // bits left over
            b"&APwA-",           // a digit too many
            b"&APw=-",           // padded
            b"&AP/-",            // the slash of plain base64
            b"&APw-&APw-",       // one run written as two
            b"Entw\xc3\xbcrfe",
            b"\xff\xfe",
        ];
        let mut seen = HashSet::new();
        for bytes in broken {
            let name = mailbox_name(bytes);
            assert_eq!(sent_back(&name), bytes, "{name:?}");
            assert!(!name.is_inbox(), "{name:?}");
            assert_ne!(name, MailboxName::inbox());
            if bytes != b"&APw-&APw-" {
                assert_eq!(
                    name.as_str(),
                    String::from_utf8_lossy(bytes),
                    "shown as it came"
                );
            }
            assert!(seen.insert(name));
        }
    }

    #[test]
    fn case_98_names_that_look_alike_stay_different() {
        let (one, two) = (mailbox_name(b"&APwA9g-"), mailbox_name(b"&APw-&APY-"));
        assert_eq!(one.as_str(), "üö");
        assert_eq!(two.as_str(), "üö");
        assert_ne!(one, two);
        assert_eq!(one, MailboxName::new("üö").unwrap());
    }

    #[test]
    fn case_97_a_hostile_name_is_data() {
        for bytes in [
            &b"../../etc/passwd"[..],
            b"/",
            b"a\0b",
            b"a\r\nb",
            b"&IC4-evil",
        ] {
            let name = mailbox_name(bytes);
            assert_eq!(sent_back(&name), bytes);
            let shown = name.to_string();
            assert!(!shown.contains(['\0', '\r', '\n', '\u{202e}']), "{shown}");
        }
        let long = vec![b'a'; 1 << 20];
        assert_eq!(mailbox_name(&long).as_str().len(), 1 << 20);
    }

    #[test]
    fn case_99_odd_names_are_names() {
        assert_eq!(mailbox_name(b"NIL").as_str(), "NIL");
        assert_eq!(mailbox_name(b"").as_str(), "");
        assert_eq!(mailbox_name(b"Public Folders/").as_str(), "Public Folders/");
        assert!(mailbox_name(b"Inbox").is_inbox());
        assert_eq!(mailbox_name(b"inbox/sub").as_str(), "inbox/sub");
    }

    /// Characters that the encoding treats differently, more often than chance would have them.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("&".to_owned()),
            Just("-".to_owned()),
            "[ -~]{0,4}",
            "[à-ÿ]{0,4}",
            "\\PC{0,4}",
            any::<char>().prop_map(String::from),
        ];
        vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    fn wire() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            "&[A-Za-z0-9+,]{0,12}-".prop_map(String::into_bytes),
            "[&A-D0-3,+-]{0,12}".prop_map(String::into_bytes),
            vec(any::<u8>(), 0..6),
        ];
        vec(piece, 0..4).prop_map(|pieces| pieces.concat())
    }

    #[test]
    fn fault_71_octets_that_do_not_decode_outlive_the_program() {
        for octets in [
            &b"&"[..],
            b"&AGEAYg-",
            b"&APw-&APw-",
            b"Entw\xfcrfe",
            b"\xff\0\r\n",
            b"&2D0-",
        ] {
            let name = mailbox_name(octets);
            assert_eq!(name.to_octets(), octets);
            assert_eq!(MailboxName::from_octets(&name.to_octets()), Ok(name));
        }
        for text in ["INBOX", "a & b", "&APw-", "Entw\u{fc}rfe/\u{1}"] {
            let name = MailboxName::new(text).unwrap();
            assert_eq!(MailboxName::from_octets(&name.to_octets()), Ok(name));
        }
        assert!(MailboxName::from_octets(b"inbox").unwrap().is_inbox());
        assert!(MailboxName::from_octets(b"").is_err());
    }

    proptest! {
        #[test]
        fn fault_71_every_name_comes_back_from_its_octets(text in text(), octets in wire()) {
            let from_text = MailboxName::new(&text).ok();
            let from_server = mailbox_name(&octets);
            let from_utf8 = MailboxName::from_utf8(&octets);
            let labels = [Label::new(&text).ok(), Some(label(&octets))];
            for label in labels.into_iter().flatten().filter(|_| !octets.is_empty()) {
                prop_assert_eq!(Label::from_octets(&label.to_octets()), Ok(label));
            }
            for name in from_text.into_iter().chain([from_server, from_utf8]) {
                prop_assume!(!name.as_str().is_empty());
                prop_assert_eq!(MailboxName::from_octets(&name.to_octets()), Ok(name));
            }
        }

        #[test]
        fn what_is_called_canonical_is_what_would_be_sent(
            pieces in vec(prop::sample::select(
                vec!["&", "-", "&-", "&APw-", "&APwA9g-", "APw", "a", "/", "&2D3eAA-", "&AGE-", "&AAA-"],
            ), 0..8),
            octets in wire(),
        ) {
            for octets in [pieces.concat().into_bytes(), octets] {
                let mut text = String::new();
                if let Some(canonical) = decode_strictly(&octets, &mut text) {
                    prop_assert_eq!(canonical, encode(&text).as_bytes() == octets);
                }
            }
        }

        #[test]
        fn every_text_comes_back(text in text()) {
            let encoded = encode(&text);
            prop_assert!(encoded.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(decode(encoded.as_bytes()), (text, true));
        }

        #[test]
        fn every_name_is_sent_back_as_it_came(bytes in wire()) {
            prop_assume!(!bytes.eq_ignore_ascii_case(b"INBOX"));
            let (text, canonical) = decode(&bytes);
            prop_assert_eq!(canonical, encode(&text).as_bytes() == bytes);
            prop_assert_eq!(sent_back(&mailbox_name(&bytes)), bytes);
        }

        #[test]
        fn different_names_stay_different(one in wire(), other in wire()) {
            prop_assume!(one != other && !one.eq_ignore_ascii_case(&other));
            prop_assert_ne!(mailbox_name(&one), mailbox_name(&other));
        }
    }
}
