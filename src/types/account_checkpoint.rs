//! The state of all mailboxes of an account, as one line of text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::types::account_id::AccountId;
use crate::types::invalid_checkpoint::InvalidCheckpoint;
use crate::types::mailbox_name::MailboxName;
use crate::types::mailbox_state::{MailboxState, StateText};
use crate::types::stored_line::{Fields, LineWriter};

const KIND: &str = "account-checkpoint";

const VERSION: u32 = 1;

/// The state of all mailboxes of an account at one moment.
///
/// [`Session::mailboxes_changed_since`](crate::Session::mailboxes_changed_since) returns one, and
/// reports at its next call what has changed since then.
///
/// `Display` and `FromStr` are its text form, one line of printable ASCII without spaces and
/// quotes, which later versions also read. It ends with a checksum, so that a damaged line is an
/// error. It contains the [`AccountId`], the names of the mailboxes and their numbers, about 50
/// octets for each, and no secret. The line of a login that [named no user](AccountId::is_named)
/// cannot be read again, because it would not be known whose mailboxes these are;
/// [`ClientBuilder::account_name`](crate::ClientBuilder::account_name) gives such a login a name.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::sync::AccountCheckpoint;
///
/// let line = session.mailboxes_changed_since(None)?.checkpoint().to_string();
/// # assert!(line.starts_with("account-checkpoint/1;account=imap"), "{line}");
/// # assert!(line.bytes().all(|octet| octet.is_ascii_graphic()));
///
/// // Another day, another run of the program:
/// let stored: AccountCheckpoint = line.parse()?;
/// assert!(session.mailboxes_changed_since(Some(&stored))?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AccountCheckpoint {
    account: Arc<AccountId>,
    /// In the order of their names, each name once.
    mailboxes: Vec<MailboxState>,
}

impl AccountCheckpoint {
    /// The mailboxes, in the order of their names, each name once.
    pub(crate) fn new(account: Arc<AccountId>, mailboxes: Vec<MailboxState>) -> Self {
        Self { account, mailboxes }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    pub(crate) fn shared_account(&self) -> &Arc<AccountId> {
        &self.account
    }

    /// The mailboxes with their numbers, in the order of their names.
    ///
    /// A mailbox whose STATUS failed has the numbers of an earlier call.
    #[must_use]
    pub fn mailboxes(&self) -> &[MailboxState] {
        &self.mailboxes
    }

    /// The numbers of a mailbox; `None` if there is none with this name.
    #[must_use]
    pub fn mailbox(&self, name: &MailboxName) -> Option<&MailboxState> {
        self.mailboxes.get(self.place(name)?)
    }

    /// Makes the next call report a mailbox again, because it could not be read this time.
    ///
    /// Returns `false` and changes nothing if there is no mailbox with this name.
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// let mut checkpoint = session.mailboxes_changed_since(None)?.into_checkpoint();
    /// checkpoint.report_again(&"INBOX".parse()?);
    ///
    /// let changes = session.mailboxes_changed_since(Some(&checkpoint))?;
    /// assert_eq!(changes.iter().map(|change| change.name().as_str()).collect::<Vec<_>>(), ["INBOX"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn report_again(&mut self, name: &MailboxName) -> bool {
        let place = self.place(name);
        let found = place.and_then(|place| self.mailboxes.get_mut(place));
        found.map(|mailbox| mailbox.is_due = true).is_some()
    }

    fn place(&self, name: &MailboxName) -> Option<usize> {
        let found = self
            .mailboxes
            .binary_search_by(|mailbox| mailbox.name.cmp(name));
        found.ok()
    }
}

impl fmt::Display for AccountCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = LineWriter::new(f, KIND, VERSION)?;
        line.text("account", &self.account.to_string())?;
        line.field("mailboxes", All(&self.mailboxes))?;
        line.finish()
    }
}

/// The mailboxes, with a comma between them.
struct All<'m>(&'m [MailboxState]);

impl fmt::Display for All<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, mailbox) in self.0.iter().enumerate() {
            let before = if place > 0 { "," } else { "" };
            write!(f, "{before}{}", StateText(mailbox))?;
        }
        Ok(())
    }
}

impl fmt::Debug for AccountCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, count) = (&self.account, self.mailboxes.len());
        write!(f, "AccountCheckpoint({account}, {count} mailboxes)")
    }
}

impl FromStr for AccountCheckpoint {
    type Err = InvalidCheckpoint;

    fn from_str(text: &str) -> Result<Self, InvalidCheckpoint> {
        let mut fields = Fields::read(text, KIND, VERSION)?;
        let account = fields
            .text("account")?
            .and_then(|account| account.parse().ok());
        let account: AccountId = account.ok_or_else(|| fields.damaged("its account"))?;
        let mailboxes = fields.take("mailboxes").and_then(mailboxes);
        let mailboxes = mailboxes.ok_or_else(|| fields.damaged("its mailboxes"))?;
        fields.finish()?;
        Ok(Self::new(Arc::new(account), mailboxes))
    }
}

/// The mailboxes of a line, if each name is once in it and they are in order.
fn mailboxes(text: &str) -> Option<Vec<MailboxState>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mailboxes: Option<Vec<_>> = text.split(',').map(MailboxState::from_stored).collect();
    mailboxes.filter(|all| all.is_sorted_by(|one, next| one.name < next.name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::types::stored_line::with_check;
    use crate::types::uid::{ModSeq, Uid, UidValidity};

    /// Lines of older versions have to be readable forever: do not change this.
    const LINE: &str = "account-checkpoint/1;account=imap%3A//jane%2540example.com@host%3A993\
        ;mailboxes=Archive:v3:n1:m0:u0:h1,INBOX:v7:n31:m30:u2:h715:iF22,a%20b:d\
        ;check=1c5c22df6789e4ca";

    #[test]
    fn the_text_form_is_settled() {
        let checkpoint: AccountCheckpoint = LINE.parse().unwrap();
        assert_eq!(checkpoint.to_string(), LINE);
        assert_eq!(checkpoint.account().user(), Some("jane@example.com"));
        let names = checkpoint.mailboxes().iter().map(|one| one.name().as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["Archive", "INBOX", "a b"]);
        let inbox = checkpoint.mailbox(&MailboxName::inbox()).unwrap();
        assert_eq!((inbox.messages(), inbox.unseen()), (Some(30), Some(2)));
        assert_eq!(inbox.mailbox_id(), Some("F22"));
        assert_eq!(checkpoint.mailbox(&MailboxName::new("b").unwrap()), None);
        assert_eq!(
            format!("{checkpoint:?}"),
            "AccountCheckpoint(imap://jane%40example.com@host:993, 3 mailboxes)"
        );
    }

    #[test]
    fn each_damage_is_noticed() {
        for end in 0..LINE.len() {
            let error = LINE[..end].parse::<AccountCheckpoint>().unwrap_err();
            assert!(error.is_damaged(), "{end}");
            let changed = format!("{}~{}", &LINE[..end], &LINE[end + 1..]);
            let error = changed.parse::<AccountCheckpoint>().unwrap_err();
            assert!(error.is_damaged(), "{changed}");
        }
    }

    #[test]
    fn what_is_intact_and_no_checkpoint_is_refused() {
        let account = "account=imap%3A//jane@host%3A993";
        let valid = format!("account-checkpoint/1;{account};mailboxes=");
        assert!(with_check(&valid).parse::<AccountCheckpoint>().is_ok());
        for body in [
            "account-checkpoint/1".to_owned(),
            format!("account-checkpoint/1;{account}"),
            "account-checkpoint/1;mailboxes=".to_owned(),
            "account-checkpoint/1;account=x;mailboxes=".to_owned(),
            // A login without a name: it is no other login's account.
            "account-checkpoint/1;account=imap%3A//%3BLOGIN%3D3@host%3A993;mailboxes=".to_owned(),
            format!("{valid};{account}"),
            format!("{valid};more=1"),
            format!("{valid},"),
            format!("{valid}a,"),
            format!("{valid}a,a"),
            format!("{valid}b,a"),
            format!("{valid}a:m1:m1"),
        ] {
            let error = with_check(&body).parse::<AccountCheckpoint>().unwrap_err();
            assert!(error.is_damaged(), "{body}");
        }
        let newer = with_check("account-checkpoint/2;all=other");
        let error = newer.parse::<AccountCheckpoint>().unwrap_err();
        assert_eq!(error.newer_version(), Some(2));
        let other = with_check("checkpoint/1;account=x");
        assert!(
            other
                .parse::<AccountCheckpoint>()
                .unwrap_err()
                .is_other_kind()
        );
    }

    #[test]
    fn a_mailbox_is_reported_again_only_if_it_is_known() {
        let mut checkpoint: AccountCheckpoint = LINE.parse().unwrap();
        assert!(!checkpoint.report_again(&MailboxName::new("b").unwrap()));
        assert_eq!(checkpoint.to_string(), LINE);
        assert!(checkpoint.report_again(&MailboxName::inbox()));
        assert!(checkpoint.to_string().contains("iF22:d,"));
    }

    fn states() -> impl Strategy<Value = MailboxState> {
        let numbers = prop::option::of(any::<u32>());
        let octets = prop::option::of(prop::collection::vec(any::<u8>(), 1..6));
        let names = ("[a-z/ ]{1,4}|\\PC{1,6}|.{1,4}", octets);
        let ids = prop::option::of("[A-Z0-9]{0,4}|.{0,4}");
        let all = (
            names,
            [(); 4].map(|()| numbers.clone()),
            0..u64::MAX,
            ids,
            any::<bool>(),
        );
        all.prop_map(
            |((name, octets), [validity, next, messages, unseen], mod_seq, id, is_due)| {
                let name = match octets {
                    Some(octets) => MailboxName::from_wire(&octets, &name, false),
                    None => MailboxName::from_wire(b"", &name, true),
                };
                MailboxState {
                    name,
                    uid_validity: validity.and_then(UidValidity::new),
                    uid_next: next.and_then(Uid::new),
                    messages,
                    unseen,
                    highest_mod_seq: ModSeq::new(mod_seq),
                    mailbox_id: id.map(Into::into),
                    is_due,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn every_checkpoint_comes_back(mut mailboxes in prop::collection::vec(states(), 0..8)) {
            mailboxes.sort_by(|one, other| one.name.cmp(&other.name));
            mailboxes.dedup_by(|one, other| one.name == other.name);
            let account = "imap://jane;AUTHZID=a%2Fb@host:143".parse().unwrap();
            let checkpoint = AccountCheckpoint::new(Arc::new(account), mailboxes);
            let text = checkpoint.to_string();
            prop_assert!(text.bytes().all(|octet| octet.is_ascii_graphic()), "{}", text);
            prop_assert!(!text.contains(['"', '\'', '\\', ' ']), "{}", text);
            prop_assert_eq!(text.parse::<AccountCheckpoint>(), Ok(checkpoint));
        }

        #[test]
        fn no_text_panics_and_what_is_read_is_written_alike(text in "[A-Za-z%0-9:,]{0,40}|.{0,40}") {
            let body = format!(
                "account-checkpoint/1;account=imap%3A//jane@host%3A993;mailboxes={text}"
            );
            if let Ok(checkpoint) = with_check(&body).parse::<AccountCheckpoint>() {
                prop_assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
            }
        }
    }
}
