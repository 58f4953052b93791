//! The UID of one message, with its mailbox.

use std::fmt;
use std::sync::Arc;

use crate::types::origin::Origin;
use crate::types::uid::Uid;

/// The UID of a message with its [`Origin`], as in [`Fetch::id`](crate::message::Fetch::id).
///
/// Several are collected into a [`UidSet`](crate::types::UidSet), which has their origin.
///
/// ```
#[doc = include_str!("../doc/session.txt")]
/// use latchbox::types::{FetchItem, MessageUid, MixedOrigins, UidSet};
///
/// let mut inbox = session.lock_mailbox("INBOX")?;
/// let mut ids: Vec<MessageUid> = Vec::new();
/// for message in inbox.fetch(&UidSet::all(), [FetchItem::Envelope])? {
///     ids.push(message?.id());
/// }
/// let set = ids.into_iter().collect::<Result<UidSet, MixedOrigins>>()?;
/// drop(inbox);
/// let mut trash = session.lock_mailbox("Trash")?;
/// assert!(trash.delete(&set).is_err()); // they are of INBOX
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
/// A bare UID is collected into no set, since nothing would keep that from another mailbox;
/// [`UidSet::unbound`](crate::types::UidSet::unbound) says so in its name.
///
/// ```compile_fail
/// use latchbox::message::Fetch;
/// use latchbox::types::UidSet;
///
/// fn of(rows: &[Fetch]) -> UidSet {
///     rows.iter().map(|row| row.uid()).collect() // error: of which mailbox?
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageUid {
    uid: Uid,
    origin: Option<Arc<Origin>>,
}

impl MessageUid {
    pub(crate) fn new(uid: Uid, origin: Option<&Arc<Origin>>) -> Self {
        let origin = origin.cloned();
        Self { uid, origin }
    }

    /// The UID alone.
    #[must_use]
    pub fn uid(&self) -> Uid {
        self.uid
    }

    /// The origin of the UID; `None` if it is not known.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    pub(crate) fn shared_origin(&self) -> Option<&Arc<Origin>> {
        self.origin.as_ref()
    }
}

/// Creates a UID without origin, for methods that take one message and accept a bare UID.
impl From<Uid> for MessageUid {
    fn from(uid: Uid) -> Self {
        Self { uid, origin: None }
    }
}

impl From<&MessageUid> for MessageUid {
    fn from(message: &MessageUid) -> Self {
        message.clone()
    }
}

impl fmt::Display for MessageUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uid.fmt(f)
    }
}
