//! The colors of flagged messages: two STOREs for one color.

use crate::error::Result;
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::{Access, MailboxGuard, WriteAccess};
use crate::types::flag::Flag;
use crate::types::flag_color::FlagColor;
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;

impl<A: Access> MailboxGuard<'_, A> {
    /// Flags messages in a color, as Apple's mail programs do (UID STORE).
    ///
    /// Sets `\Flagged` and the keywords of [`FlagColor`]. Sends UID STORE twice: to remove the
    /// keywords of other colors, and to add those of this one. If the second is refused, the
    /// messages keep their flag, and may have lost their color; the same call can be repeated
    /// safely.
    ///
    /// # Errors
    ///
    /// Before anything is sent:
    /// [`MailboxError::NotPermanent`](crate::error::MailboxError::NotPermanent) if the keywords are
    /// not permanent in the mailbox (PERMANENTFLAGS). Otherwise as for [`store`](Self::store).
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

    /// Removes the flag of messages and its color (UID STORE).
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
    /// Stores those of the flags that are permanent in the mailbox; messages can have no others.
    fn store_kept(&mut self, uids: &UidSet, action: StoreAction, flags: Vec<Flag>) -> Result<()> {
        let kept = flags.into_iter();
        let kept: Vec<Flag> = kept.filter(|flag| self.check_keeps(flag).is_ok()).collect();
        match kept.is_empty() {
            true => Ok(()),
            false => self.store_silently(uids, action, &kept),
        }
    }
}
