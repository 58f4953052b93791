//! Removal by EXPUNGE of only some messages with `\Deleted`: the others lose the flag meanwhile.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use crate::error::{Error, MailboxError, Result, Unfinished};
use crate::mailbox_guard::lease::MailboxLease;
use crate::types::expunged::Expunged;
use crate::types::flag::Flag;
use crate::types::number_set::{NumberSet, NumberSetBuilder};
use crate::types::store::StoreAction;
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;
use crate::wire::response::fetch_responses::Responses;

const FETCH: &str = "UID FETCH";

impl MailboxLease<'_> {
    /// Removes those of these messages that have `\Deleted`. The flags of the others are restored,
    /// whatever fails.
    pub(super) fn remove_sparing_others(
        &mut self,
        call: &'static str,
        uids: &UidSet,
    ) -> Result<Expunged> {
        let others = self.deleted_beside(uids)?;
        if others.is_empty() {
            return self.expunge_only(call, uids);
        }
        self.ready_to_change("UID STORE")?;
        // The other messages have to get their flags again.
        self.ignore_stops();
        let removed = self
            .mark_deleted(&others, StoreAction::Remove)
            .map_err(Error::into_cause)
            .and_then(|()| self.check_unflagged(uids))
            .and_then(|()| self.expunge_only(call, uids));
        // UIDs that do not exist do no harm.
        let restored = self.mark_deleted(&others, StoreAction::Add);
        let Err(cause) = restored.map_err(Error::into_cause) else {
            return removed;
        };
        let mut unfinished = match removed {
            Ok(expunged) => Unfinished {
                expunged: Some(expunged),
                ..Unfinished::new(call, cause)
            },
            Err(error) => error.into_unfinished(call),
        };
        unfinished.deleted_flag_lost = others;
        Err(unfinished.into())
    }

    /// Removes all messages with `\Deleted`, which are only some of these.
    fn expunge_only(&mut self, call: &'static str, uids: &UidSet) -> Result<Expunged> {
        self.expunge_all(call).map_err(|error| {
            let Error::Unfinished(mut unfinished) = error else {
                return error;
            };
            if let Some(gone) = unfinished.expunged.take() {
                let left = uids.as_numbers().difference(gone.vanished.as_numbers());
                unfinished.stop_removal(gone, self.held().mark(left));
            }
            Error::Unfinished(unfinished)
        })
    }

    /// Asks again: the server may have accepted the STORE and ignored it, as far as the user lacks
    /// the right (RFC 4314), or another client may have flagged a message meanwhile.
    fn check_unflagged(&mut self, uids: &UidSet) -> Result<()> {
        let others = self.deleted_beside(uids)?;
        match others.is_empty() {
            true => Ok(()),
            false => Err(Error::mailbox(MailboxError::OthersDeleted {
                mailbox: self.held().name().clone(),
                uids: others,
            })),
        }
    }

    /// The other messages with `\Deleted`. The flags of the whole mailbox are requested, and the
    /// answer has to cover as many messages as there are: a message that a search left out would be
    /// removed, and one that it listed by mistake would get the flag.
    fn deleted_beside(&mut self, uids: &UidSet) -> Result<UidSet> {
        let before = self.exists();
        let (mut told, mut deleted) = (NumberSetBuilder::default(), BTreeSet::new());
        let mut message = Responses::default();
        let mut malformed = None;
        let mut parts = self.parts(&UidSet::all(), " (FLAGS)".len());
        while let Some(part) = parts.take() {
            self.ready(FETCH)?;
            let fetched = self.run(
                FETCH,
                |encoder| {
                    encoder.raw("UID FETCH ").uid_set(&part).raw(" (FLAGS)");
                    Ok(())
                },
                |data| {
                    let Untagged::Fetch(row) = data else {
                        return Some(data);
                    };
                    message.assign(&row);
                    if malformed.is_none() {
                        malformed = message.errors().next();
                    }
                    let flags = message.uid().zip(message.flags());
                    let Some((uid, mut flags)) = flags else {
                        return Some(Untagged::Fetch(row));
                    };
                    told.push(uid.value());
                    match flags.any(|flag| flag == Flag::Deleted) {
                        true => deleted.insert(NonZeroU32::from(uid)),
                        false => deleted.remove(&uid.into()),
                    };
                    None
                },
            );
            fetched.or_else(|cause| parts.go_on_below(&part, cause))?;
        }
        if let Some(malformed) = malformed {
            return Err(malformed.into());
        }
        // Messages may have arrived or been removed meanwhile.
        let now = self.exists();
        let told = told.finish().len().unwrap_or_default();
        let there_are = u64::from(before.min(now))..=u64::from(before.max(now));
        if !there_are.contains(&told) {
            return Err(Error::unreadable(FETCH));
        }
        let deleted = deleted.into_iter().collect::<NumberSet>();
        Ok(self.held().mark(deleted.difference(uids.as_numbers())))
    }
}
