//! Lists of Gmail's labels in FETCH.

use std::fmt;

use crate::types::label::Label;
use crate::wire::cursor::Cursor;
use crate::wire::response::flags::is_name_next;
use crate::wire::utf7;

/// The labels of a message, as Gmail reported them: an iterator of [`Label`].
///
/// ```
/// # let server = latchbox_testkit::Server::builder()
/// #     .mailbox("INBOX", [latchbox_testkit::message("Hello", "ann@example.com", "Hi!")])
/// #     .with("X-GM-EXT-1").start()?;
/// # let session = latchbox::Client::builder("127.0.0.1").port(server.port()).danger_plaintext()
/// #     .danger_cleartext_login().connect()?
/// #     .login(latchbox_testkit::USER, latchbox_testkit::PASSWORD)?;
/// use latchbox::command::Store;
/// use latchbox::gmail::Label;
/// use latchbox::types::{FetchItem, StoreAction, UidSet};
///
/// let (mut inbox, all) = (session.lock_mailbox("INBOX")?, UidSet::all());
/// inbox.run(Store::labels(&all, StoreAction::Add, &[Label::new("Entwürfe/2025")?]))?;
/// for message in inbox.fetch(&all, [FetchItem::GmailLabels])? {
///     let labels: Vec<Label> = message?.gmail_labels().into_iter().flatten().collect();
///     assert_eq!(labels, [Label::new("Entwürfe/2025")?]);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Labels<'a> {
    /// After the opening parenthesis; `None` at the end.
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
        let cursor = self.list.as_mut()?;
        // `NIL` is a label, and a backslash within one is a part of it.
        let name = is_name_next(cursor)
            .then(|| cursor.astring().ok())
            .flatten();
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
