//! The name of the messages that a server saved from a search (RFC 5182).

use crate::types::message_set::NamesMessages;

/// The result of a [`SavedSearch`](crate::guard::SavedSearch), as the set of its commands.
///
/// It is sent as `$`, or as UIDs if the server lacks SEARCHRES.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::command::Store;
/// use latchbox::types::{Flag, SavedResult, SearchKey};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut unread = inbox.search_saved(SearchKey::Unseen)?;
/// unread.run(Store::add(&SavedResult, &[Flag::Seen]).silent())?;
/// assert!(inbox.search(SearchKey::Unseen)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedResult;

impl NamesMessages for SavedResult {
    const UID: bool = true;
}
