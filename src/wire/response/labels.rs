//! Lists of Gmail's labels in FETCH.

use std::borrow::Cow;
use std::fmt;

use crate::types::label::Label;
use crate::wire::cursor::{Cursor, ParseError};
use crate::wire::response::flags::is_name_next;
use crate::wire::utf7;

/// Reads a list of labels; returns whether each of its elements can be one.
pub(crate) fn skip(cursor: &mut Cursor<'_>) -> bool {
    cursor.try_byte(b'(');
    let mut depth = 0;
    loop {
        match next_name(cursor, &mut depth) {
            Ok(Some(_)) => {}
            end => return end.is_ok(),
        }
    }
}

/// The next name of a list; `None` after the closing parenthesis. `NIL` is a label, and a backslash
/// within one is a part of it.
fn next_name<'a>(
    cursor: &mut Cursor<'a>,
    depth: &mut u32,
) -> Result<Option<Cow<'a, [u8]>>, ParseError> {
    match is_name_next(cursor, depth) {
        true => cursor.astring().map(Some),
        false => Ok(None),
    }
}

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
    /// The lists in the list that are open.
    depth: u32,
}

impl<'a> Labels<'a> {
    pub(crate) fn new(mut cursor: Cursor<'a>) -> Labels<'a> {
        Labels {
            list: cursor.try_byte(b'(').then_some(cursor),
            depth: 0,
        }
    }
}

impl Iterator for Labels<'_> {
    type Item = Label;

    fn next(&mut self) -> Option<Label> {
        let cursor = self.list.as_mut()?;
        let name = next_name(cursor, &mut self.depth).unwrap_or(None);
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
