//! The URL of a message, or of a section of one, on its server (RFC 5092, RFC 4467).

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::types::account_id::AccountId;
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::percent;
use crate::types::section::Section;
use crate::types::uid::{Uid, UidValidity};
use crate::types::uid_set::UidSet;

/// The address of a message or of a section of one: an IMAP URL without the server's name.
///
/// Create it from a [`UidSet`] that a server sent, which contains the account, the mailbox and its
/// UIDVALIDITY: the server then refuses the address after UIDVALIDITY changed, and in another
/// account it is [`Error::StaleUids`](crate::Error::StaleUids) before anything is sent.
///
/// ```
/// use latchbox::types::{MessageUrl, Section};
///
/// let url = MessageUrl::new("Sent Items".parse()?, "7".parse()?).section(Section::part("1.2")?);
/// assert_eq!(url.to_string(), "/Sent%20Items/;UID=7/;SECTION=1.2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageUrl {
    mailbox: MailboxName,
    uid_validity: Option<UidValidity>,
    uid: Uid,
    section: Option<Section>,
    /// The account, if a server reported the UID.
    account: Option<Arc<AccountId>>,
}

/// An error: a set that is not one message of a known mailbox.
///
/// ```
/// use latchbox::types::{MessageUrl, UidSet};
///
/// let refused = MessageUrl::try_from(&UidSet::all()).unwrap_err();
/// assert_eq!(refused.to_string(), "not one message: 1:*");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidMessageUrl {
    found: Box<str>,
    has_origin: bool,
}

impl MessageUrl {
    /// The message with this UID, whatever the mailbox's UIDVALIDITY is.
    #[must_use]
    pub fn new(mailbox: MailboxName, uid: Uid) -> Self {
        Self {
            mailbox,
            uid_validity: None,
            uid,
            section: None,
            account: None,
        }
    }

    /// Makes the address valid only as long as the mailbox has this UIDVALIDITY.
    #[must_use]
    pub fn uid_validity(mut self, uid_validity: UidValidity) -> Self {
        self.uid_validity = Some(uid_validity);
        self
    }

    /// The origin of the message.
    pub(crate) fn origin(&self) -> Origin {
        Origin::new(self.mailbox.clone(), self.uid_validity).in_account(self.account.clone())
    }

    /// Limits the address to this section of the message.
    #[must_use]
    pub fn section(mut self, section: Section) -> Self {
        self.section = Some(section);
        self
    }
}

/// Takes the only message of a set that a server sent.
impl TryFrom<&UidSet> for MessageUrl {
    type Error = InvalidMessageUrl;

    fn try_from(uids: &UidSet) -> Result<Self, InvalidMessageUrl> {
        let refused = || InvalidMessageUrl {
            found: uids.to_string().into(),
            has_origin: uids.origin().is_some() || uids.as_numbers().len() != Some(1),
        };
        let (Some(1), Some(uid), Some(origin)) =
            (uids.as_numbers().len(), uids.first(), uids.origin())
        else {
            return Err(refused());
        };
        Ok(Self {
            mailbox: origin.mailbox().clone(),
            uid_validity: origin.uid_validity(),
            uid,
            section: None,
            account: origin.shared_account().cloned(),
        })
    }
}

/// The form that is sent.
impl fmt::Display for MessageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        percent::encode(self.mailbox.as_str().as_bytes(), is_plain, f)?;
        if let Some(uid_validity) = self.uid_validity {
            write!(f, ";UIDVALIDITY={uid_validity}")?;
        }
        write!(f, "/;UID={}", self.uid)?;
        let Some(section) = &self.section else {
            return Ok(());
        };
        let text = section.to_string();
        let text = text.rsplit_once(']').map_or("", |(before, _)| before);
        let text = text.strip_prefix('[').unwrap_or(text);
        if !text.is_empty() {
            f.write_str("/;SECTION=")?;
            percent::encode(text.as_bytes(), is_plain, f)?;
        }
        match section.octets() {
            Some(octets) => write!(f, "/;PARTIAL={}.{}", octets.first(), octets.count()),
            None => Ok(()),
        }
    }
}

/// `enc-mailbox` and `enc-section`: octets that could end or change the address are
/// percent-encoded.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~/()".contains(&octet)
}

impl fmt::Display for InvalidMessageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.has_origin {
            true => write!(f, "not one message: {}", self.found),
            false => write!(f, "the mailbox of UID {} is not known", self.found),
        }
    }
}

impl Error for InvalidMessageUrl {}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn inbox(uids: &str) -> UidSet {
        let name = MailboxName::new("INBOX").unwrap();
        let origin = Origin::new(name, UidValidity::new(785_799_047));
        uids.parse::<UidSet>().unwrap().with_origin(origin.into())
    }

    #[test]
    fn a_set_of_one_knows_its_address() {
        let url = MessageUrl::try_from(&inbox("113330")).unwrap();
        assert_eq!(
            url.clone()
                .section(Section::part("1.5.9").unwrap())
                .to_string(),
            "/INBOX;UIDVALIDITY=785799047/;UID=113330/;SECTION=1.5.9"
        );
        let whole = Section::whole().partial(10, NonZeroU32::new(5).unwrap());
        assert_eq!(
            url.clone().section(whole).to_string(),
            "/INBOX;UIDVALIDITY=785799047/;UID=113330/;PARTIAL=10.5"
        );
        let fields = Section::header_fields(["Subject", "To"]).unwrap();
        assert_eq!(
            url.section(fields).to_string(),
            "/INBOX;UIDVALIDITY=785799047/;UID=113330/;SECTION=HEADER.FIELDS%20(Subject%20To)"
        );
    }

    #[test]
    fn other_sets_have_none() {
        for (uids, why) in [
            (inbox("1:2"), "not one message: 1:2"),
            (
                inbox("1").without_origin(),
                "the mailbox of UID 1 is not known",
            ),
            (UidSet::new(), "not one message: "),
        ] {
            assert_eq!(MessageUrl::try_from(&uids).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn nothing_of_a_name_ends_the_address() {
        let name = MailboxName::new("a;UID=1/ü\"%&b").unwrap();
        let url = MessageUrl::new(name, Uid::new(7).unwrap());
        assert_eq!(url.to_string(), "/a%3BUID%3D1/%C3%BC%22%25%26b/;UID=7");
    }
}
