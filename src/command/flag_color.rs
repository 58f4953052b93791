//! The colours of flagged messages: two STOREs for one colour.

use crate::error::Result;
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::flag::Flag;
use crate::types::flag_color::FlagColor;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;

impl<A: Access> MailboxGuard<'_, A> {
    /// Flags messages in a colour, as Apple's mail programs do: `\Flagged` and the keywords of
    /// [`FlagColor`].
    ///
    /// Sends UID STORE once to take the keywords of other colours away and once to add those of
    /// this one. When the second is refused, the messages keep their flag, and may have lost their
    /// colour; the same call again is safe.
    ///
    /// # Errors
    ///
    /// [`MailboxError::NotPermanent`](crate::error::MailboxError::NotPermanent) before anything is sent when the
    /// mailbox does not keep the keywords (PERMANENTFLAGS); otherwise as for
    /// [`store`](Self::store).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FetchItem, FlagColor, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// inbox.set_flag_color(&UidSet::all(), FlagColor::Green)?;
    /// for message in inbox.fetch(&UidSet::all(), [FetchItem::Flags])? {
    ///     let color = message?.flags().and_then(FlagColor::of);
    ///     assert_eq!(color, Some(FlagColor::Green));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "MailFlagBit")]
    pub fn set_flag_color(&mut self, uids: &UidSet, color: FlagColor) -> Result<()>
    where
        A: WriteAccess,
    {
        let mut lease = self.held.lease("UID STORE")?;
        if !lease.check_set(uids)? {
            return Ok(());
        }
        let mut wanted = color.keywords();
        wanted.push(Flag::Flagged);
        for flag in &wanted {
            lease.check_keeps(flag)?;
        }
        lease.store_kept(uids, StoreAction::Remove, color.other_keywords())?;
        lease.store_kept(uids, StoreAction::Add, wanted)
    }

    /// Takes the flag of messages away, and its colour (UID STORE).
    ///
    /// # Errors
    ///
    /// As for [`store`](Self::store).
    ///
    /// ```
    #[doc = include_str!("../doc/session.txt")]
    /// use latchbox::types::{FlagColor, SearchKey, UidSet};
    ///
    /// let mut inbox = session.lock_mailbox("INBOX")?;
    /// inbox.set_flag_color(&UidSet::all(), FlagColor::Purple)?;
    /// inbox.clear_flag_color(&UidSet::all())?;
    /// assert!(inbox.search(SearchKey::Flagged)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clear_flag_color(&mut self, uids: &UidSet) -> Result<()>
    where
        A: WriteAccess,
    {
        let mut lease = self.held.lease("UID STORE")?;
        if !lease.check_set(uids)? {
            return Ok(());
        }
        let mut all = FlagColor::Red.other_keywords();
        all.push(Flag::Flagged);
        lease.store_kept(uids, StoreAction::Remove, all)
    }
}

impl MailboxLease<'_> {
    /// Stores those of the flags that the mailbox keeps; it can have no others.
    fn store_kept(&mut self, uids: &UidSet, action: StoreAction, flags: Vec<Flag>) -> Result<()> {
        let kept = flags.into_iter();
        let kept: Vec<Flag> = kept.filter(|flag| self.check_keeps(flag).is_ok()).collect();
        match kept.is_empty() {
            true => Ok(()),
            false => self.store_silently(uids, action, &kept),
        }
    }
}
