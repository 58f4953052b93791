//! What a batch of a watch changes in the database.

use latchbox::sync::ChangeBatch;
use latchbox::types::Printable;

/// The rows and the checkpoint of one transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// All messages so far are gone: the mailbox was created again.
    pub is_restart: bool,
    /// The messages that are gone, as ranges of UIDs.
    pub gone: Vec<(i64, i64)>,
    /// The messages that are new.
    pub new: Vec<NewMessage>,
    /// The checkpoint that is true after this.
    pub checkpoint: String,
}

/// A message that is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// UIDVALIDITY of the mailbox.
    pub uid_validity: i64,
    /// The UID.
    pub uid: i64,
    /// The subject, without characters that a database refuses.
    pub subject: String,
}

impl From<&ChangeBatch> for Change {
    fn from(batch: &ChangeBatch) -> Self {
        let checkpoint = batch.checkpoint();
        let change = Self {
            checkpoint: checkpoint.to_string(),
            ..Self::default()
        };
        let messages = match batch {
            ChangeBatch::Restart(_) => {
                return Self {
                    is_restart: true,
                    ..change
                };
            }
            ChangeBatch::Changes(messages) => messages,
        };
        let uid_validity = checkpoint.uid_validity().value().into();
        let ends = |range: std::ops::RangeInclusive<latchbox::types::Uid>| {
            (range.start().value().into(), range.end().value().into())
        };
        let new = messages.messages().map(|message| {
            // A message that cannot be read is a row all the same: it must not stop those after it.
            let envelope = message.items().and_then(|items| items.envelope());
            let subject = envelope.map(|envelope| Printable(envelope.subject()).to_string());
            NewMessage {
                uid_validity,
                uid: message.uid().value().into(),
                subject: subject.unwrap_or_default(),
            }
        });
        Self {
            gone: messages.vanished().ranges().map(ends).collect(),
            new: new.collect(),
            ..change
        }
    }
}
