//! The arguments of LIST and of STATUS.

use imap_codec::imap_types::IntoStatic as _;
use imap_codec::imap_types::command::CommandBody;

use crate::extension::{Extension, ListOptions, MailboxId, Prepared, decode};
use crate::values::{starts_with, text_of, upper, value, values_in, words_in};

pub(super) fn list(tag: &[u8], arguments: &[u8]) -> Option<Prepared> {
    let mut options = ListOptions::default();
    let mut rest = arguments.strip_suffix(b"\r\n")?;
    if rest.first() == Some(&b'(') {
        let (select, after) = value(rest)?;
        options.select = words_in(select)?;
        rest = after.strip_prefix(b" ")?;
    }
    let (reference, after) = value(rest)?;
    let (pattern, after) = value(after.strip_prefix(b" ")?)?;
    if !after.is_empty() {
        let returns = after
            .strip_prefix(b" ")
            .filter(|rest| starts_with(rest, b"RETURN "))?;
        let (returns, rest) = value(returns.get(b"RETURN ".len()..)?)?;
        rest.is_empty().then_some(())?;
        options.read_returns(tag, returns)?;
    }
    let patterns = match pattern.first() {
        Some(b'(') => values_in(pattern)?,
        _ => vec![pattern],
    };
    let command = |pattern: &[u8]| [tag, b" LIST ", reference, b" ", pattern, b"\r\n"].concat();
    let (first, more) = patterns.split_first()?;
    for pattern in more {
        options
            .more
            .push(decode(&command(pattern))?.body.into_static());
    }
    let extension = Extension {
        list: Some(options),
        ..Extension::default()
    };
    Some(Prepared {
        bytes: command(first),
        extension,
    })
}

/// A STATUS that asks for MAILBOXID; `None` for another.
pub(super) fn status(tag: &[u8], arguments: &[u8]) -> Option<Prepared> {
    let (name, items) = value(arguments.strip_suffix(b"\r\n")?)?;
    let (items, mailbox_id) = without_mailbox_id(items.strip_prefix(b" ")?)?;
    if mailbox_id == MailboxId::Unasked {
        return None;
    }
    Some(Prepared {
        bytes: [tag, b" STATUS ", name, b" ", &items, b"\r\n"].concat(),
        extension: Extension {
            mailbox_id,
            ..Extension::default()
        },
    })
}

/// The items of a STATUS without MAILBOXID: another one stands for it when there are none.
fn without_mailbox_id(list: &[u8]) -> Option<(Vec<u8>, MailboxId)> {
    let mut items = values_in(list)?;
    let before = items.len();
    items.retain(|item| !item.eq_ignore_ascii_case(b"MAILBOXID"));
    let mailbox_id = match (items.len() < before, items.is_empty()) {
        (false, _) => MailboxId::Unasked,
        (true, false) => MailboxId::Too,
        (true, true) => MailboxId::Alone,
    };
    if mailbox_id == MailboxId::Alone {
        items.push(b"UIDVALIDITY");
    }
    let list = [b"(", items.join(&b' ').as_slice(), b")"].concat();
    Some((list, mailbox_id))
}

impl ListOptions {
    /// Whether this is to be told too.
    pub(crate) fn returns(&self, option: &str) -> bool {
        self.returns.iter().any(|own| own == option)
    }

    /// Reads `(CHILDREN STATUS (MESSAGES) ..)`.
    fn read_returns(&mut self, tag: &[u8], returns: &[u8]) -> Option<()> {
        for option in values_in(returns)? {
            if option.first() == Some(&b'(')
                && self.returns.last().is_some_and(|last| last == "METADATA")
            {
                let names = values_in(option)?.into_iter().map(text_of);
                let lower = |name: Vec<u8>| String::from_utf8_lossy(&name).to_ascii_lowercase();
                self.metadata = names.map(|name| name.map(lower)).collect::<Option<_>>()?;
            } else if option.first() == Some(&b'(') {
                let (items, mailbox_id) = without_mailbox_id(option)?;
                self.mailbox_id = mailbox_id;
                let status = [tag, b" STATUS x ", &items, b"\r\n"].concat();
                match decode(&status)?.body.into_static() {
                    CommandBody::Status { item_names, .. } => self.status = item_names.into_owned(),
                    _ => return None,
                }
            } else {
                self.returns.push(upper(option));
            }
        }
        Some(())
    }
}
