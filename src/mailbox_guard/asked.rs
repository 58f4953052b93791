//! Which messages the answers to a command on this mailbox may name, and the messages of a set by
//! their UIDs.

use crate::error::{Error, Result};
use crate::mailbox_guard::lease::Held;
use crate::mailbox_guard::lease::MailboxLease;
use crate::types::asked_for::AskedFor;
use crate::types::message_set::MessageSet;
use crate::types::message_uid::MessageUid;
use crate::types::number_set::NumberSetBuilder;
use crate::types::search::SearchKey;
use crate::types::uid::Uid;
use crate::types::uid_set::UidSet;
use crate::wire::response::Untagged;
use crate::wire::response::fetch_responses::Responses;

const FETCH: &str = "FETCH";

impl Held {
    /// The UID of one message; rejects a UID of another mailbox or UIDVALIDITY.
    pub(crate) fn uid_of(&self, message: impl Into<MessageUid>) -> Result<Uid> {
        let message = message.into();
        self.check_origin(message.shared_origin())?;
        Ok(message.uid())
    }
}

impl MailboxLease<'_> {
    /// The messages that an answer by UID to a command with this set may name. Of sequence numbers
    /// only the server knows the UIDs; their count is known.
    pub(crate) fn asked_for<S: MessageSet>(&self, set: &S) -> AskedFor {
        if S::UID {
            return AskedFor::set(set.numbers());
        }
        let exists = u64::from(self.exists());
        let most = set.numbers().len().map_or(exists, |len| len.min(exists));
        AskedFor::anything().at_most(most)
    }

    /// The messages of a set that exist, by their UIDs, for the later steps of a call of several
    /// commands. UIDs are searched for; of each sequence number the UID is requested.
    pub(crate) fn uids_of<S: MessageSet>(&mut self, set: &S) -> Result<UidSet>
    where
        for<'s> SearchKey: From<&'s S>,
    {
        if S::UID {
            return self.search_uids(&SearchKey::from(set));
        }
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        let mut parts = self.parts(set, " (UID)".len());
        while let Some(part) = parts.take() {
            self.ready(FETCH)?;
            self.confirm_numbering(FETCH, set.numbering())?;
            let asked_for = AskedFor::set(&part);
            let mut message = Responses::default();
            self.run(
                FETCH,
                |encoder| {
                    encoder.raw("FETCH ").sequence_set(&part).raw(" (UID)");
                    Ok(())
                },
                |data| {
                    let Untagged::Fetch(row) = data else {
                        return Some(data);
                    };
                    message.assign(&row);
                    match (message.seq(), message.uid()) {
                        (Some(seq), Some(uid)) if asked_for.allows(seq.into()) => {
                            pairs.push((seq.value(), uid.value()));
                            None
                        }
                        _ => Some(Untagged::Fetch(row)),
                    }
                },
            )?;
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut uids = NumberSetBuilder::default();
        pairs.iter().for_each(|(_, uid)| uids.push(*uid));
        let uids = self.held().mark(uids.finish());
        let is_once = pairs.windows(2).all(|pair| match pair {
            [(one, _), (other, _)] => one != other,
            _ => true,
        });
        // Two messages with one UID, or one with two.
        let count = u64::try_from(pairs.len()).unwrap_or(u64::MAX);
        match is_once && uids.len() == count {
            true => Ok(uids),
            false => Err(Error::unreadable(FETCH)),
        }
    }
}
