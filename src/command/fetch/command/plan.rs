//! The commands of a FETCH and their items, checked before anything is sent.

use crate::error::{Error, Result};
use crate::mailbox_guard::asking::Question;
use crate::mailbox_guard::lease::MailboxLease;
use crate::mailbox_guard::parts::Parts;
use crate::mailbox_guard::requested_items::RequestedItems;
use crate::types::capability::{Capabilities, Capability};
use crate::types::fetch::FetchItem;
use crate::types::fetch_messages::FetchOptions;
use crate::types::message_set::{MessageSet, NamesMessages};
use crate::types::origin::Numbering;
use crate::types::uid_set::UidSet;

/// The rest of the messages to request, and their items.
pub(in crate::command::fetch) struct Plan {
    pub(in crate::command::fetch) command: &'static str,
    /// The numbering in which sequence numbers are valid; `None` for UIDs.
    pub(in crate::command::fetch) numbering: Option<Numbering>,
    /// Items and modifiers, as they are written.
    pub(in crate::command::fetch) items: String,
    pub(in crate::command::fetch) requested: RequestedItems,
    /// Whether the server has to report removed messages.
    pub(in crate::command::fetch) asks_for_vanished: bool,
    /// The server sets `\Seen`.
    pub(in crate::command::fetch) marks_seen: bool,
    /// The server has to decode parts.
    pub(in crate::command::fetch) is_decoded: bool,
    pub(in crate::command::fetch) left: Parts,
}

impl Plan {
    pub(in crate::command::fetch) fn new<S: MessageSet>(
        lease: &mut MailboxLease<'_>,
        set: &S,
        items: &[FetchItem],
        options: FetchOptions,
    ) -> Result<Self> {
        let command = name::<S>();
        if items.is_empty() {
            return Err(Error::text("items", "none are given"));
        }
        for item in items {
            item.check()?;
            if let Some(problem) = item.problem() {
                return Err(Error::text("items", problem));
            }
        }
        let is_something = lease.check_set(set)?;
        // `*` is the highest that exists: a removed message above it would not be reported.
        let may_close = options.vanished && lease.limit(Capabilities::message_limit).is_none();
        let closed = may_close.then(|| set.numbers().closed_above()).flatten();
        let closed = closed.map(UidSet::from);
        check_support(lease, command, items, options)?;
        check_options::<S>(lease, options)?;
        let marks_seen = marks_seen(lease, items);
        let items_written = format!("{}{options}", written::<S>(items, marks_seen));
        let left = match (&closed, is_something) {
            (Some(closed), _) => lease.parts(closed, items_written.len()),
            (None, true) => lease.parts(set, items_written.len()),
            (None, false) => Parts::default(),
        };
        if options.partial.is_some() && left.len() > 1 {
            let problem = "with a page, it has to fit into one command";
            return Err(Error::text("set of messages", problem));
        }
        Ok(Self {
            command,
            numbering: set.numbering().cloned(),
            items: items_written,
            requested: RequestedItems::new(items, S::UID),
            asks_for_vanished: options.vanished,
            marks_seen,
            is_decoded: items.iter().any(FetchItem::is_decoded),
            left,
        })
    }

    /// The form in which each part is requested.
    pub(in crate::command::fetch) fn question(&self) -> Question<'_> {
        Question {
            command: self.command,
            by_uid: self.numbering.is_none(),
            items: &self.items,
            marks_seen: self.marks_seen,
            is_decoded: self.is_decoded,
        }
    }
}

pub(in crate::command::fetch) fn name<S: NamesMessages>() -> &'static str {
    if S::UID { "UID FETCH" } else { "FETCH" }
}

fn check_support(
    lease: &mut MailboxLease<'_>,
    command: &'static str,
    items: &[FetchItem],
    options: FetchOptions,
) -> Result<()> {
    let needed = items.iter().filter_map(FetchItem::capability);
    let needed: Vec<_> = needed.chain(options.capabilities()).collect();
    if needed.is_empty() {
        return Ok(());
    }
    let capabilities = lease.capabilities()?;
    let is_missing = |needed: &Capability| {
        // IMAP4rev2 includes the FETCH half of BINARY.
        let is_in_rev2 = *needed == Capability::Binary;
        let is_rev2 = capabilities.contains(&Capability::Imap4Rev2);
        !(capabilities.supports(needed) || is_in_rev2 && is_rev2)
    };
    match needed.into_iter().find(is_missing) {
        Some(missing) => Err(Error::unsupported(command, missing)),
        None => Ok(()),
    }
}

fn check_options<S: MessageSet>(lease: &MailboxLease<'_>, options: FetchOptions) -> Result<()> {
    if !S::UID && options.vanished {
        return Err(Error::text(
            "vanished",
            "they are reported by UID; fetch by UID",
        ));
    }
    if !S::UID && options.partial.is_some() {
        return Err(Error::text("partial", "it goes with UIDs; fetch by UID"));
    }
    if options.vanished && !lease.state.has_enabled(&Capability::Qresync) {
        let problem = "QRESYNC has to be enabled before the mailbox is locked";
        return Err(Error::text("vanished", problem));
    }
    Ok(())
}

/// Whether the items set `\Seen`: they do not if the mailbox is held read-only.
fn marks_seen(lease: &MailboxLease<'_>, items: &[FetchItem]) -> bool {
    items.iter().any(FetchItem::marks_seen) && !lease.is_read_only()
}

/// The items in parentheses, in their peeking form if they must not set `\Seen`. By sequence number
/// the UID is requested too, which otherwise comes with each message.
fn written<S: MessageSet>(items: &[FetchItem], marks_seen: bool) -> String {
    let needs_uid = !S::UID && !items.contains(&FetchItem::Uid);
    let uid = needs_uid.then(|| FetchItem::Uid.to_string());
    let words = items
        .iter()
        .map(|item| match marks_seen || !item.marks_seen() {
            true => item.to_string(),
            false => item.peeking().to_string(),
        });
    let words: Vec<_> = uid.into_iter().chain(words).collect();
    format!("({})", words.join(" "))
}
