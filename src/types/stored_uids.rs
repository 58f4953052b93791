//! UIDs in a form for permanent storage: with their account, mailbox and UIDVALIDITY, as one line
//! of text.

use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::types::account_id::{AccountId, SCHEME};
use crate::types::mailbox_name::MailboxName;
use crate::types::origin::Origin;
use crate::types::percent;
use crate::types::uid::UidValidity;
use crate::types::uid_set::{MixedOrigins, UidSet};

/// The separator between the mailbox and its UIDVALIDITY, as in the URLs of RFC 5092.
const VALIDITY: &str = ";UIDVALIDITY=";

/// The separator before the UIDs.
const UIDS: &str = "/;UID=";

/// The separator before a name's octets, if its text would be sent as other octets.
const OCTETS: &str = ";OCTETS=";

/// UIDs for permanent storage, with the account, the mailbox and its UIDVALIDITY.
///
/// These determine what UIDs mean (RFC 9051 section 2.3.1.1).
///
/// `Display` and `FromStr` are its text form, one line of printable ASCII without spaces and
/// quotes, which later versions also read. It is written like the URLs of RFC 5092, with a set in
/// place of one UID:
/// `imap://jane@imap.example.com:993/Entw%C3%BCrfe;UIDVALIDITY=385759045/;UID=4:5,9`. It begins
/// with the text form of the [`AccountId`], which contains no secret. The letters and digits of
/// ASCII and `-._~/` are written unencoded in a mailbox name; all other octets of its UTF-8 are `%`
/// and two hexadecimal digits.
///
/// The [`UidSet`] has its origin, so that it is rejected in every other account and mailbox, and in
/// its own mailbox after UIDVALIDITY changed, before anything is sent.
///
/// A line without an account (`INBOX;UIDVALIDITY=1/;UID=4:5`, as earlier versions wrote it) is read
/// too: its account is not known, so it is accepted in any account, and only mailbox and
/// UIDVALIDITY are checked. [`in_account`](Self::in_account) sets the account.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{SearchKey, StoredUids};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let unseen = inbox.search(SearchKey::Unseen)?;
/// let line = unseen.to_stored().ok_or("the server has no UIDVALIDITY")?.to_string();
/// # assert!(line.starts_with("imap://jane%40example.com@127.0.0.1:"), "{line}");
/// # assert!(line.contains("/INBOX;UIDVALIDITY=") && line.ends_with("/;UID=1"));
/// drop(inbox);
///
/// // Another day, another run of the program:
/// let stored: StoredUids = line.parse()?;
/// let request = session.mailbox(stored.mailbox()).uid_validity(stored.uid_validity());
/// let mut inbox = request.lock()?;
/// inbox.delete(stored.uids())?;
/// drop(inbox);
///
/// let mut trash = session.lock_mailbox("Trash")?;
/// let refused = trash.delete(stored.uids()).unwrap_err();
/// assert!(matches!(refused, latchbox::Error::StaleUids(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StoredUids {
    /// With the origin that the other fields form.
    uids: UidSet,
    mailbox: MailboxName,
    uid_validity: UidValidity,
}

/// An error: a text that is not the form of stored UIDs.
///
/// ```
/// use latchbox::types::StoredUids;
///
/// let refused = "INBOX;UIDVALIDITY=0/;UID=1".parse::<StoredUids>().unwrap_err();
/// assert!(refused.to_string().contains("the UIDVALIDITY"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidStoredUids {
    part: &'static str,
}

impl UidSet {
    /// The form of this set for permanent storage; `None` if its origin is not fully known.
    ///
    /// The origin has to name the mailbox, its UIDVALIDITY and the user. Without these, it cannot be
    /// checked later whether the UIDs still are of the same messages. So it is `None` if
    ///
    /// - the set has no [`origin`](Self::origin);
    /// - the mailbox has no UIDVALIDITY;
    /// - the login [named no user](AccountId::is_named);
    ///   [`ClientBuilder::account_name`](crate::ClientBuilder::account_name) gives it a name.
    ///
    /// ```
    /// use latchbox::types::UidSet;
    ///
    /// assert!(UidSet::try_from("1:5")?.to_stored().is_none()); // of which mailbox?
    /// # Ok::<(), latchbox::types::InvalidSet>(())
    /// ```
    #[must_use]
    pub fn to_stored(&self) -> Option<StoredUids> {
        let origin = self.origin()?;
        if origin.account().is_some_and(|account| !account.is_named()) {
            return None;
        }
        Some(StoredUids {
            mailbox: origin.mailbox().clone(),
            uid_validity: origin.uid_validity()?,
            uids: self.clone(),
        })
    }
}

impl StoredUids {
    /// Creates stored UIDs from UIDs that the caller stored in its own form, such as one column
    /// each.
    ///
    /// [`in_account`](Self::in_account) sets their account; without it they are accepted in any
    /// account.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if the set already has another origin.
    ///
    /// ```
    /// use latchbox::types::{MailboxName, StoredUids, UidValidity};
    ///
    /// let (mailbox, validity) = (MailboxName::inbox(), UidValidity::try_from(385_759_045)?);
    /// let stored = StoredUids::new(mailbox, validity, "4:5".parse()?)?
    ///     .in_account("imap://jane@imap.example.com:993".parse()?)?;
    /// assert_eq!(
    ///     stored.to_string(),
    ///     "imap://jane@imap.example.com:993/INBOX;UIDVALIDITY=385759045/;UID=4:5",
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        mailbox: MailboxName,
        uid_validity: UidValidity,
        uids: UidSet,
    ) -> Result<Self, MixedOrigins> {
        let origin = Arc::new(Origin::new(mailbox.clone(), Some(uid_validity)));
        let uids = UidSet::new().with_origin(origin).union(&uids)?;
        Ok(Self {
            uids,
            mailbox,
            uid_validity,
        })
    }

    /// Stored UIDs with the origin that they have.
    pub(crate) fn of(mailbox: MailboxName, uid_validity: UidValidity, uids: UidSet) -> Self {
        Self {
            uids,
            mailbox,
            uid_validity,
        }
    }

    /// Sets the account of the UIDs.
    ///
    /// # Errors
    ///
    /// [`MixedOrigins`] if they are known to be of another account.
    pub fn in_account(self, account: AccountId) -> Result<Self, MixedOrigins> {
        let origin = Origin::new(self.mailbox.clone(), Some(self.uid_validity));
        let origin = Arc::new(origin.in_account(Some(account.into())));
        Ok(Self {
            uids: self.uids.union(&UidSet::new().with_origin(origin))?,
            ..self
        })
    }

    /// The account of the UIDs; `None` if it is not known.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        self.uids.origin()?.account()
    }

    /// The mailbox of the UIDs.
    #[must_use]
    pub fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// The UIDVALIDITY that the mailbox had.
    ///
    /// It can be passed to [`LockRequest::uid_validity`](crate::LockRequest::uid_validity).
    #[must_use]
    pub fn uid_validity(&self) -> UidValidity {
        self.uid_validity
    }

    /// The UIDs, with their origin.
    #[must_use]
    pub fn uids(&self) -> &UidSet {
        &self.uids
    }
}

impl From<StoredUids> for UidSet {
    fn from(stored: StoredUids) -> Self {
        stored.uids
    }
}

impl fmt::Display for StoredUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(account) = self.account() {
            write!(f, "{account}/")?;
        }
        percent::encode(self.mailbox.as_str().as_bytes(), is_plain, f)?;
        if let Some(octets) = self.mailbox.wire() {
            f.write_str(OCTETS)?;
            percent::encode(octets, is_plain, f)?;
        }
        write!(f, "{VALIDITY}{}{UIDS}{}", self.uid_validity, self.uids)
    }
}

impl fmt::Debug for StoredUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredUids({self})")
    }
}

impl FromStr for StoredUids {
    type Err = InvalidStoredUids;

    fn from_str(text: &str) -> Result<Self, InvalidStoredUids> {
        let in_part = |part| InvalidStoredUids { part };
        // A name contains no colon in this form, and an account no slash after the scheme.
        let (account, text) = match text.strip_prefix(SCHEME) {
            Some(rest) => {
                let (_, behind) = rest.split_once('/').ok_or(in_part("the mailbox"))?;
                let end = text.len().saturating_sub(behind.len() + 1);
                let account = text.get(..end).and_then(|account| account.parse().ok());
                (Some(account.ok_or(in_part("the account"))?), behind)
            }
            None => (None, text),
        };
        // A name contains no semicolon in this form.
        let (name, rest) = text.split_once(VALIDITY).ok_or(in_part(VALIDITY))?;
        let (validity, uids) = rest.split_once(UIDS).ok_or(in_part(UIDS))?;
        let uid_validity = (validity.parse().ok())
            .and_then(UidValidity::new)
            .ok_or(in_part("the UIDVALIDITY"))?;
        let uids = match uids {
            "" => UidSet::new(),
            uids => uids.parse().map_err(|_| in_part("the set of UIDs"))?,
        };
        let mailbox = mailbox(name).ok_or(in_part("the mailbox"))?;
        let stored = Self::new(mailbox, uid_validity, uids);
        let stored = stored.map_err(|_| in_part("the mailbox"))?;
        match account {
            Some(account) => stored
                .in_account(account)
                .map_err(|_| in_part("the account")),
            None => Ok(stored),
        }
    }
}

impl fmt::Display for InvalidStoredUids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part;
        write!(
            f,
            "not stored UIDs like `imap://jane@imap.example.com:993/INBOX;UIDVALIDITY=1/;UID=4:5,9`: {part} is missing or wrong"
        )
    }
}

impl Error for InvalidStoredUids {}

fn mailbox(text: &str) -> Option<MailboxName> {
    let (name, octets) = match text.split_once(OCTETS) {
        Some((name, octets)) => (name, Some(percent::decode(octets, is_plain)?)),
        None => (text, None),
    };
    let name = String::from_utf8(percent::decode(name, is_plain)?).ok()?;
    match octets {
        Some(octets) if octets.is_empty() => None,
        Some(octets) => Some(MailboxName::from_wire(&octets, &name, false)),
        // A name from a server may contain characters that a caller's cannot.
        None if name.is_empty() => None,
        None => Some(MailboxName::from_wire(&[], &name, true)),
    }
}

/// Whether an octet is written unencoded; only such octets are accepted unencoded.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::uid::Uid;

    fn stored(mailbox: MailboxName, validity: u32, uids: UidSet) -> StoredUids {
        let validity = UidValidity::new(validity).unwrap();
        StoredUids::new(mailbox, validity, uids).unwrap()
    }

    #[track_caller]
    fn comes_back(stored: &StoredUids) {
        let text = stored.to_string();
        assert!(text.bytes().all(|octet| octet.is_ascii_graphic()), "{text}");
        assert!(!text.contains(['"', '\'', '\\', ' ']), "{text}");
        assert_eq!(text.parse::<StoredUids>().as_ref(), Ok(stored), "{text}");
    }

    /// The texts of older versions have to be readable forever: do not change these.
    #[test]
    fn the_text_form_is_settled() {
        for (mailbox, uids, text) in [
            ("inbox", "5,1:3", "INBOX;UIDVALIDITY=7/;UID=1:3,5"),
            ("INBOX", "9:*", "INBOX;UIDVALIDITY=7/;UID=9:*"),
            (
                "Entwürfe/a b",
                "1",
                "Entw%C3%BCrfe/a%20b;UIDVALIDITY=7/;UID=1",
            ),
            (
                "\"%;UIDVALIDITY=1",
                "1",
                "%22%25%3BUIDVALIDITY%3D1;UIDVALIDITY=7/;UID=1",
            ),
            (
                "../.~-_",
                "4294967295",
                "../.~-_;UIDVALIDITY=7/;UID=4294967295",
            ),
        ] {
            let uids = uids.parse().unwrap();
            let stored = stored(MailboxName::new(mailbox).unwrap(), 7, uids);
            assert_eq!(stored.to_string(), text);
            comes_back(&stored);
        }
        let empty = stored(MailboxName::inbox(), u32::MAX, UidSet::new());
        assert_eq!(empty.to_string(), "INBOX;UIDVALIDITY=4294967295/;UID=");
        comes_back(&empty);
    }

    #[test]
    fn fault_01_the_account_is_kept() {
        for account in [
            "imap://jane@imap.example.com:993",
            "imap://jane%40example.com;AUTHZID=a%2Fb@imap.example.com:143",
            "imap://;AUTH=ANONYMOUS@%3A%3A1:143",
            "imap://jane@;SOCKET=%2Frun%2Fimap",
        ] {
            let text = format!("{account}/a/b%3A;UIDVALIDITY=7/;UID=1:3");
            let stored: StoredUids = text.parse().unwrap();
            assert_eq!(stored.to_string(), text);
            assert_eq!(stored.mailbox().as_str(), "a/b:");
            assert_eq!(stored.account().unwrap().to_string(), account);
            assert_eq!(stored.uids().origin().unwrap().account(), stored.account());
            comes_back(&stored);
            let joe = "imap://joe@imap.example.com:993".parse().unwrap();
            assert!(stored.in_account(joe).is_err());
        }
        for text in [
            "imap://INBOX;UIDVALIDITY=7/;UID=1",
            "imap://jane@host:993;UIDVALIDITY=7/;UID=1",
            "imap://jane@host/INBOX;UIDVALIDITY=7/;UID=1",
            "imap://jane@host:993/;UIDVALIDITY=7/;UID=1",
            "imap://ja/ne@host:993/INBOX;UIDVALIDITY=7/;UID=1",
        ] {
            assert!(text.parse::<StoredUids>().is_err(), "{text}");
        }
    }

    #[test]
    fn fault_01_old_lines_are_of_any_account_until_it_is_said() {
        let old: StoredUids = "INBOX;UIDVALIDITY=7/;UID=1:3".parse().unwrap();
        assert_eq!(old.account(), None);
        let jane = || "imap://jane@host:993".parse().unwrap();
        let known = old.clone().in_account(jane()).unwrap();
        assert_eq!(known.account(), Some(&jane()));
        // They go together, and what comes of it is known.
        for both in [
            old.uids().union(known.uids()),
            known.uids().union(old.uids()),
        ] {
            assert_eq!(both.unwrap().origin().unwrap().account(), Some(&jane()));
        }
    }

    #[test]
    fn a_name_keeps_the_octets_that_the_server_gave_it() {
        let odd = MailboxName::from_wire(b"&AGE-\xff", "a?", false);
        let stored = stored(odd.clone(), 7, "1".parse().unwrap());
        let text = "a%3F;OCTETS=%26AGE-%FF;UIDVALIDITY=7/;UID=1";
        assert_eq!(stored.to_string(), text);
        let back: StoredUids = text.parse().unwrap();
        assert_eq!(back.mailbox(), &odd);
        assert_eq!(back.uids().origin().unwrap().mailbox(), &odd);
    }

    #[test]
    fn a_set_comes_back_with_its_origin() {
        let origin = Origin::new(MailboxName::new("Box").unwrap(), UidValidity::new(3));
        let set = UidSet::try_from("2:4")
            .unwrap()
            .with_origin(Arc::new(origin));
        let stored = set.to_stored().unwrap();
        comes_back(&stored);
        let back: StoredUids = stored.to_string().parse().unwrap();
        assert_eq!(UidSet::from(back), set);
    }

    #[test]
    fn without_origin_or_validity_nothing_is_stored() {
        let set = UidSet::try_from("2:4").unwrap();
        assert_eq!(set.to_stored(), None);
        let origin = Arc::new(Origin::new(MailboxName::inbox(), None));
        assert_eq!(set.clone().with_origin(origin).to_stored(), None);
        let other = Arc::new(Origin::new(MailboxName::inbox(), UidValidity::new(2)));
        let validity = UidValidity::new(3).unwrap();
        let mixed = StoredUids::new(MailboxName::inbox(), validity, set.with_origin(other));
        assert!(mixed.is_err());
    }

    #[test]
    fn what_is_no_such_text_is_refused() {
        for text in [
            "",
            "INBOX",
            "INBOX;UIDVALIDITY=1",
            "INBOX;UIDVALIDITY=1/;UID=0",
            "INBOX;UIDVALIDITY=1/;UID=1,",
            "INBOX;UIDVALIDITY=1/;UID=1\n",
            "INBOX;UIDVALIDITY=0/;UID=1",
            "INBOX;UIDVALIDITY=4294967296/;UID=1",
            "INBOX;UIDVALIDITY=/;UID=1",
            "INBOX;UIDVALIDITY= 1/;UID=1",
            ";UIDVALIDITY=1/;UID=1",
            "a b;UIDVALIDITY=1/;UID=1",
            "a%2;UIDVALIDITY=1/;UID=1",
            "a%FF;UIDVALIDITY=1/;UID=1",
            "a%+1;UIDVALIDITY=1/;UID=1",
            "ü;UIDVALIDITY=1/;UID=1",
            "a;b;UIDVALIDITY=1/;UID=1",
            "a;OCTETS=;UIDVALIDITY=1/;UID=1",
            "a;OCTETS=b;OCTETS=c;UIDVALIDITY=1/;UID=1",
        ] {
            assert!(text.parse::<StoredUids>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_name_and_set_comes_back(
            name in "\\PC{1,20}|[ -~]{1,20}|.{1,8}",
            validity in 1_u32..,
            uids in prop::collection::vec(1_u32.., 0..20),
            octets in prop::option::of(prop::collection::vec(any::<u8>(), 1..12)),
        ) {
            let uids = UidSet::unbound(uids.into_iter().filter_map(Uid::new));
            let mailbox = match octets {
                Some(octets) => MailboxName::from_wire(&octets, &name, false),
                None => MailboxName::from_wire(b"", &name, true),
            };
            comes_back(&stored(mailbox, validity, uids));
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_written_alike(text in "[A-Za-z%0-9;=/:,*-]{0,12}(;UIDVALIDITY=|/;UID=)?.{0,20}|.{0,60}") {
            if let Ok(stored) = text.parse::<StoredUids>() {
                comes_back(&stored);
            }
        }
    }
}
