//! Keywords with a registered meaning (RFC 9051, RFC 9979 and others).

use std::fmt;

/// A keyword with a registered meaning (RFC 9051 section 2.3.2, RFC 8457, RFC 9979 and others).
///
/// The color of a flagged message is [`FlagColor`](crate::types::FlagColor).
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{RegisteredKeyword, StoreAction, UidSet};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// inbox.store(&UidSet::all(), StoreAction::Add, [RegisteredKeyword::Muted.into()])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RegisteredKeyword {
    /// `$autosent`: the server sent the message for the user, such as a vacation reply.
    AutoSent,
    /// `$canunsubscribe`: the message has a List-Unsubscribe field for one click (RFC 8058), and the
    /// server trusts it.
    CanUnsubscribe,
    /// `$followed`: the user wants to see new messages of the thread, also if one of its messages is
    /// [`Muted`](Self::Muted).
    Followed,
    /// `$Forwarded`: the message was forwarded (RFC 5550).
    Forwarded,
    /// `$hasattachment`: the message has an attachment. Without it and
    /// [`HasNoAttachment`](Self::HasNoAttachment) it is not known whether it has one.
    HasAttachment,
    /// `$hasmemo`: the user has written a [`Memo`](Self::Memo) about the message.
    HasMemo,
    /// `$hasnoattachment`: the message has no attachment.
    HasNoAttachment,
    /// `$imported`: the message was imported from another mail system or a file, not delivered.
    Imported,
    /// `$Important`: the message is likely important to the user (RFC 8457).
    Important,
    /// `$istrusted`: the server has verified the name and the address of the sender, by more than SPF,
    /// DKIM or DMARC; usually the provider itself sent the message.
    IsTrusted,
    /// `$Junk`: the message is spam (RFC 9051 section 2.3.2).
    Junk,
    /// `$maskedemail`: the message was received through an alias that was made for its sender.
    MaskedEmail,
    /// `$MDNSent`: a disposition notification was sent (RFC 3503).
    MdnSent,
    /// `$memo`: the message is a note of the user about another message of its thread, which has
    /// [`HasMemo`](Self::HasMemo).
    Memo,
    /// `$muted`: the user is not interested in new messages of the thread.
    Muted,
    /// `$new`: the message is to be shown as new although it is older, such as after a snooze. Clients
    /// remove it when the user opens the message.
    New,
    /// `$NotJunk`: the message is no spam (RFC 9051 section 2.3.2).
    NotJunk,
    /// `$notify`: clients should notify the user of the message.
    Notify,
    /// `$Phishing`: the message is likely phishing (RFC 9051 section 2.3.2).
    Phishing,
    /// `$unsubscribed`: the user has tried to unsubscribe from the list of the message.
    Unsubscribed,
}

const NAMES: [(RegisteredKeyword, &str); 20] = [
    (RegisteredKeyword::AutoSent, "$autosent"),
    (RegisteredKeyword::CanUnsubscribe, "$canunsubscribe"),
    (RegisteredKeyword::Followed, "$followed"),
    (RegisteredKeyword::Forwarded, "$Forwarded"),
    (RegisteredKeyword::HasAttachment, "$hasattachment"),
    (RegisteredKeyword::HasMemo, "$hasmemo"),
    (RegisteredKeyword::HasNoAttachment, "$hasnoattachment"),
    (RegisteredKeyword::Imported, "$imported"),
    (RegisteredKeyword::Important, "$Important"),
    (RegisteredKeyword::IsTrusted, "$istrusted"),
    (RegisteredKeyword::Junk, "$Junk"),
    (RegisteredKeyword::MaskedEmail, "$maskedemail"),
    (RegisteredKeyword::MdnSent, "$MDNSent"),
    (RegisteredKeyword::Memo, "$memo"),
    (RegisteredKeyword::Muted, "$muted"),
    (RegisteredKeyword::New, "$new"),
    (RegisteredKeyword::NotJunk, "$NotJunk"),
    (RegisteredKeyword::Notify, "$notify"),
    (RegisteredKeyword::Phishing, "$Phishing"),
    (RegisteredKeyword::Unsubscribed, "$unsubscribed"),
];

impl RegisteredKeyword {
    /// The keyword, as it is registered.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let found = NAMES.iter().find(|(keyword, _)| *keyword == self);
        found.map_or("", |(_, name)| name)
    }

    /// The registered keyword with this name, in any case; `None` if there is none.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut names = NAMES.iter();
        let found = names.find(|(_, known)| known.eq_ignore_ascii_case(name));
        found.map(|(keyword, _)| *keyword)
    }
}

impl fmt::Display for RegisteredKeyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::flag::{Flag, Keyword};

    #[test]
    fn each_has_one_name_that_is_known_in_any_case() {
        for (keyword, name) in NAMES {
            assert_eq!(keyword.as_str(), name);
            let flag: Flag = name.to_uppercase().parse().unwrap();
            assert_eq!(flag, Flag::from(keyword));
            let Flag::Keyword(parsed) = flag else {
                panic!("{flag}");
            };
            assert_eq!(parsed.registered(), Some(keyword));
            assert!(parsed.check().is_ok());
        }
        assert_eq!(Keyword::new("$Work").unwrap().registered(), None);
    }
}
