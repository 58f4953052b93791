//! Compares the requested mailbox name with the one in a response.
//!
//! Servers respond with another spelling than the client's: in UTF-8 for modified UTF-7, with INBOX
//! in another case. That is the same name. Others respond with another form of it (another case,
//! the delimiter at the end, the prefix of the namespace): that is accepted only if there is a
//! single response, because two mailboxes can differ by no more.

use std::borrow::Cow;

use crate::types::mailbox_name::MailboxName;
use crate::wire::utf7;

/// The similarity of a response's name to the requested one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// A different mailbox.
    Other,
    /// A form in which servers are known to write it; it may still be another mailbox.
    Near,
    /// An equal name, in any spelling.
    Same,
}

/// The similarity of a response's name to the requested one.
pub(crate) fn likeness(told: &MailboxName, asked: &MailboxName) -> Likeness {
    if told == asked {
        return Likeness::Same;
    }
    let (told, asked) = (spelling(told), spelling(asked));
    if told == asked {
        return Likeness::Same;
    }
    match near(&told) == near(&asked) {
        true => Likeness::Near,
        false => Likeness::Other,
    }
}

/// The text of a name, equal for all its encodings.
///
/// INBOX, alone or directly before a delimiter, is in upper case.
pub(crate) fn spelling(name: &MailboxName) -> Cow<'_, str> {
    let text = utf7::decode_loosely(name.as_str());
    match text.get(..INBOX.len()) {
        Some(start) if start != INBOX && start.eq_ignore_ascii_case(INBOX) => {
            let rest = text.get(INBOX.len()..).unwrap_or_default();
            match rest.chars().next() {
                None | Some('/' | '.' | '\\' | '|') => Cow::Owned(format!("{INBOX}{rest}")),
                Some(_) => text,
            }
        }
        _ => text,
    }
}

const INBOX: &str = "INBOX";

/// A name without what servers change in it.
///
/// That is the case, the character between levels, one at the end, quotes that are sent along, and
/// INBOX as the prefix of all names.
fn near(text: &str) -> String {
    let text = text.trim_matches('"').to_lowercase();
    let text = text.replace(['.', '\\', '|'], "/");
    let text = text.strip_suffix('/').unwrap_or(&text);
    let below = text.strip_prefix("inbox/").filter(|rest| !rest.is_empty());
    below.unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::utf7::mailbox_name;

    fn of(told: &str, asked: &str) -> Likeness {
        likeness(
            &mailbox_name(told.as_bytes()),
            &MailboxName::new(asked).unwrap(),
        )
    }

    #[test]
    fn fault_11_the_same_name_in_other_encodings_and_inbox_in_any_case() {
        for (told, asked) in [
            ("a", "a"),
            ("inbox", "INBOX"),
            ("Inbox/a", "INBOX/a"),
            ("inbox.a", "INBOX.a"),
            ("Entw&APw-rfe", "Entwürfe"),
            ("Entwürfe", "Entwürfe"),
            ("Entw&APw-rfe/日本", "Entwürfe/日本"),
            ("Entwürfe/&ZeVnLA-", "Entwürfe/日本"),
            ("R&-D", "R&D"),
            ("R&D", "R&D"),
        ] {
            assert_eq!(of(told, asked), Likeness::Same, "{told} {asked}");
        }
        let written = MailboxName::from_utf8(b"Entw&APw-rfe");
        let asked = MailboxName::new("Entwürfe").unwrap();
        assert_eq!(likeness(&written, &asked), Likeness::Same);
    }

    #[test]
    fn fault_11_forms_that_servers_are_known_for() {
        for (told, asked) in [
            ("ENTWUERFE", "Entwuerfe"),
            ("a/b", "a.b"),
            ("Public Folders/", "Public Folders"),
            ("INBOX.Trash", "Trash"),
            ("Trash", "INBOX.Trash"),
            ("\"a b\"", "a b"),
        ] {
            assert_eq!(of(told, asked), Likeness::Near, "{told} {asked}");
        }
    }

    #[test]
    fn fault_11_other_mailboxes() {
        for (told, asked) in [
            ("B", "A"),
            ("A1", "A"),
            ("A/B", "A"),
            ("B/A", "A"),
            ("INBOX", "A"),
            ("INBOXES", "INBOX"),
            ("inbox/", "A"),
            ("&APw-", "ö"),
        ] {
            assert_eq!(of(told, asked), Likeness::Other, "{told} {asked}");
        }
    }
}
