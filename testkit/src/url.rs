//! The URL of a message of this server, or of a part of one (RFC 5092).

use crate::grammar::fetch::{Partial, Section};
use crate::grammar::section;
use crate::names;

/// What a URL names.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Url {
    pub(crate) mailbox: String,
    pub(crate) uid_validity: Option<u32>,
    pub(crate) uid: u32,
    pub(crate) section: Option<Section>,
    pub(crate) partial: Option<Partial>,
}

impl Url {
    /// Reads `/INBOX;UIDVALIDITY=1/;UID=20/;SECTION=1.2/;PARTIAL=0.1024`, with a server's name before
    /// it or not.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let path = match url.strip_prefix("imap://") {
            Some(after) => after.split_once('/')?.1,
            None => url.strip_prefix('/')?,
        };
        let (mailbox, message) = path.split_once("/;UID=")?;
        let (mailbox, uid_validity) = match mailbox.split_once(";UIDVALIDITY=") {
            Some((mailbox, uid_validity)) => (mailbox, Some(uid_validity.parse().ok()?)),
            None => (mailbox, None),
        };
        let mut pieces = message.split("/;");
        let uid = pieces.next()?.parse().ok()?;
        let mut url = Self {
            mailbox: names::canonical(&decoded(mailbox)?),
            uid_validity,
            uid,
            section: None,
            partial: None,
        };
        for piece in pieces {
            match piece.split_once('=')? {
                ("SECTION", of) => url.section = Some(section(&decoded(of)?)?),
                ("PARTIAL", of) => url.partial = Some(partial(of)?),
                _ => return None,
            }
        }
        Some(url)
    }
}

/// `0.1024`, or `1024` for all from there on.
fn partial(text: &str) -> Option<Partial> {
    match text.split_once('.') {
        Some((first, count)) => Some((first.parse().ok()?, count.parse().ok()?)),
        None => Some((text.parse().ok()?, u32::MAX)),
    }
}

/// The text without its percent signs.
fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match first {
            b'%' => {
                let (digits, after) = after.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                octets.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            byte => {
                octets.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::fetch::Of;

    #[test]
    fn urls_in_all_forms() {
        let text = "/Sent%20%C3%BC;UIDVALIDITY=3/;UID=7/;SECTION=1.2/;PARTIAL=2.5";
        let section = Section {
            part: vec![1, 2],
            of: Of::All,
        };
        let url = Url {
            mailbox: "Sent \u{fc}".to_owned(),
            uid_validity: Some(3),
            uid: 7,
            section: Some(section),
            partial: Some((2, 5)),
        };
        assert_eq!(Url::parse(text), Some(url));
        let whole = Url::parse("imap://jane@example.com/inbox/;UID=7").unwrap();
        assert_eq!((whole.mailbox.as_str(), whole.section), ("INBOX", None));
        for wrong in [
            "inbox/;UID=7",
            "/inbox",
            "/inbox/;UID=x",
            "/a%/;UID=7",
            "/a/;UID=7/;X=1",
        ] {
            assert_eq!(Url::parse(wrong), None, "{wrong}");
        }
    }
}
