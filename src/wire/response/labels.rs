//! Lists of Gmail's labels in FETCH.

use std::fmt;

use crate::types::label::Label;
use crate::wire::cursor::Cursor;
use crate::wire::response::flags::next_name;
use crate::wire::utf7;

/// The labels of a message, as Gmail told them: an iterator of [`Label`].
///
/// ```
#[doc = include_str!("../../doc/session.txt")]
/// use latchbox::Error;
/// use latchbox::types::{FetchItem, UidSet};
///
/// let mut inbox = session.lock_mailbox_read_only("INBOX")?;
/// match inbox.fetch(&UidSet::all(), [FetchItem::GmailLabels]) {
///     Ok(messages) => {
///         for message in messages {
///             for label in message?.gmail_labels().into_iter().flatten() {
///                 println!("{label}");
///             }
///         }
///     }
///     Err(Error::Unsupported(_)) => {} // this is not Gmail
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    /// Behind the opening parenthesis; `None` at the end.
    list: Option<Cursor<'a>>,
}

impl<'a> Labels<'a> {
    pub(crate) fn new(mut cursor: Cursor<'a>) -> Labels<'a> {
        Labels {
            list: cursor.try_byte(b'(').then_some(cursor),
        }
    }
}

impl Iterator for Labels<'_> {
    type Item = Label;

    fn next(&mut self) -> Option<Label> {
        let name = next_name(self.list.as_mut()?).unwrap_or(None);
        if name.is_none() {
            self.list = None;
        }
        name.map(|name| utf7::label(&name))
    }
}

impl fmt::Debug for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}
