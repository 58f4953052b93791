//! NOTIFY requests (RFC 5465): the events, and the mailboxes that they are requested for.

use std::fmt;

use crate::types::fetch::FetchItem;
use crate::types::mailbox_scope::MailboxScope;

/// An event that NOTIFY can request (RFC 5465 section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotifyEvent {
    /// A message was added.
    ///
    /// For the selected mailbox the server sends these items with it, as
    /// [`SessionEvent::Message`](crate::SessionEvent::Message). For other mailboxes it sends none,
    /// and the list has to be empty. If there are items, the UID is requested too.
    MessageNew(Vec<FetchItem>),
    /// A message was expunged.
    MessageExpunge,
    /// The flags of a message have changed.
    ///
    /// For mailboxes that are not selected, this is reported as new counts, if at all.
    FlagChange,
    /// The annotations of a message have changed (RFC 5257).
    AnnotationChange,
    /// A mailbox was created, deleted or renamed.
    MailboxName,
    /// The user subscribed to a mailbox, or unsubscribed from it.
    SubscriptionChange,
    /// The metadata of a mailbox has changed (RFC 5464).
    MailboxMetadataChange,
    /// The metadata of the server has changed (RFC 5464).
    ServerMetadataChange,
}

/// A NOTIFY request: the events, and the mailboxes that they are requested for.
///
/// See [`NotifyCommands::set`](crate::notify::NotifyCommands::set) (RFC 5465 section 6).
///
/// ```
/// use latchbox::notify::{NotifyEvent, NotifyRequest};
/// use latchbox::types::MailboxScope;
///
/// let request = NotifyRequest::new()
///     .mailboxes(MailboxScope::Inboxes, NotifyEvent::messages())
///     .mailboxes(MailboxScope::Personal, [NotifyEvent::MailboxName])
///     .status();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotifyRequest {
    pub(crate) selected: Option<SelectedEvents>,
    pub(crate) groups: Vec<(MailboxScope, Vec<NotifyEvent>)>,
    pub(crate) status: bool,
}

/// The events of the selected mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SelectedEvents {
    pub(crate) events: Vec<NotifyEvent>,
    /// Also expunged messages during a command that does not allow for it.
    pub(crate) at_once: bool,
}

impl NotifyEvent {
    /// New messages, expunged messages, and changed flags.
    ///
    /// A server reports these for a selected mailbox without NOTIFY too.
    #[must_use]
    pub fn messages() -> Vec<Self> {
        vec![
            Self::MessageNew(Vec::new()),
            Self::MessageExpunge,
            Self::FlagChange,
        ]
    }

    fn word(&self) -> &'static str {
        match self {
            Self::MessageNew(_) => "MessageNew",
            Self::MessageExpunge => "MessageExpunge",
            Self::FlagChange => "FlagChange",
            Self::AnnotationChange => "AnnotationChange",
            Self::MailboxName => "MailboxName",
            Self::SubscriptionChange => "SubscriptionChange",
            Self::MailboxMetadataChange => "MailboxMetadataChange",
            Self::ServerMetadataChange => "ServerMetadataChange",
        }
    }

    fn is_of_messages(&self) -> bool {
        matches!(
            self,
            Self::MessageNew(_) | Self::MessageExpunge | Self::FlagChange | Self::AnnotationChange
        )
    }
}

/// The form that is sent.
impl fmt::Display for NotifyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        let Self::MessageNew(items) = self else {
            return Ok(());
        };
        if items.is_empty() {
            return Ok(());
        }
        // A message is identified by its UID.
        let has_uid = items.contains(&FetchItem::Uid);
        f.write_str(if has_uid { " (" } else { " (UID " })?;
        for (place, item) in items.iter().enumerate() {
            write!(f, "{}{item}", if place > 0 { " " } else { "" })?;
        }
        f.write_str(")")
    }
}

impl NotifyRequest {
    /// Creates a request for the events that the server reports for the selected mailbox anyway.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the events for the selected mailbox; [`NotifyEvent::messages`] by default.
    ///
    /// Expunged messages are reported in the answer to a command that allows it, so that sequence
    /// numbers stay valid.
    ///
    /// The events have to include [`NotifyEvent::MessageNew`] and [`NotifyEvent::MessageExpunge`],
    /// because the counters of the guards depend on them.
    #[must_use]
    pub fn selected_delayed(mut self, events: impl Into<Vec<NotifyEvent>>) -> Self {
        self.selected = Some(SelectedEvents {
            events: events.into(),
            at_once: false,
        });
        self
    }

    /// Like [`selected_delayed`](Self::selected_delayed), but expunged messages are reported at
    /// once.
    ///
    /// Sequence numbers can then change at any moment, so
    /// [`numbered`](crate::MailboxGuard::numbered) commands are rejected while the request is in
    /// force.
    #[must_use]
    pub fn selected(mut self, events: impl Into<Vec<NotifyEvent>>) -> Self {
        self.selected = Some(SelectedEvents {
            events: events.into(),
            at_once: true,
        });
        self
    }

    /// Sets the events for these mailboxes while they are not selected.
    ///
    /// If a mailbox is in several groups, the first one counts; an empty list of events excludes
    /// mailboxes from later groups.
    #[must_use]
    pub fn mailboxes(
        mut self,
        mailboxes: MailboxScope,
        events: impl Into<Vec<NotifyEvent>>,
    ) -> Self {
        self.groups.push((mailboxes, events.into()));
        self
    }

    /// Requests the counts of all these mailboxes at once, before later changes.
    ///
    /// They are reported as [`SessionEvent::Status`](crate::SessionEvent::Status). Without this,
    /// the first report about a mailbox is a change.
    #[must_use]
    pub fn status(mut self) -> Self {
        self.status = true;
        self
    }

    /// The reason why it cannot be requested, if there is one.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let mut groups = self.groups.iter();
        let in_groups = groups.find_map(|(scope, events)| {
            let has_items = |event: &NotifyEvent| matches!(event, NotifyEvent::MessageNew(items) if !items.is_empty());
            match scope.parts() {
                ("subtree-one", _) => Some("NOTIFY does not support MailboxScope::SubtreeOne"),
                (_, Some([])) => Some("a group names no mailboxes"),
                _ if events.iter().any(has_items) => {
                    Some("items of new messages are for the selected mailbox only")
                }
                _ => incomplete(events),
            }
        });
        let selected = self.selected.as_ref().and_then(|selected| {
            match selected.events.iter().all(NotifyEvent::is_of_messages) {
                true => incomplete(&selected.events),
                false => Some("only events of messages can be requested for the selected mailbox"),
            }
        });
        let lacks_counts = |selected: &SelectedEvents| selected.events.is_empty();
        let counts = self.selected.as_ref().filter(|s| lacks_counts(s));
        in_groups
            .or(selected)
            .or(counts.map(|_| "no events are requested for the selected mailbox"))
    }

    pub(crate) fn fetch_items(&self) -> &[FetchItem] {
        let events = self.selected.iter().flat_map(|selected| &selected.events);
        let mut items = events.filter_map(|event| match event {
            NotifyEvent::MessageNew(items) => Some(items.as_slice()),
            _ => None,
        });
        items.next().unwrap_or_default()
    }
}

/// New and expunged messages are requested together, and flag changes only with them (RFC 5465
/// section 5.2 and 5.3).
fn incomplete(events: &[NotifyEvent]) -> Option<&'static str> {
    let has = |word: &str| events.iter().any(|event| event.word() == word);
    let (new, gone) = (has("MessageNew"), has("MessageExpunge"));
    let needs_both = new || gone || has("FlagChange") || has("AnnotationChange");
    let twice = events.iter().enumerate().any(|(place, event)| {
        let mut earlier = events.iter().take(place);
        earlier.any(|other| other.word() == event.word())
    });
    match () {
        () if twice => Some("an event is named twice"),
        () if needs_both && !(new && gone) => {
            Some("MessageNew and MessageExpunge need each other, and changes of messages need both")
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_written_as_the_grammar_has_them() {
        let new = NotifyEvent::MessageNew(vec![FetchItem::Uid, FetchItem::Envelope]);
        assert_eq!(new.to_string(), "MessageNew (UID ENVELOPE)");
        let new = NotifyEvent::MessageNew(vec![FetchItem::Flags, FetchItem::Envelope]);
        assert_eq!(new.to_string(), "MessageNew (UID FLAGS ENVELOPE)");
        assert_eq!(NotifyEvent::messages()[0].to_string(), "MessageNew");
    }

    #[test]
    fn what_the_grammar_does_not_allow_is_refused() {
        let request = NotifyRequest::new;
        let personal = MailboxScope::Personal;
        assert_eq!(request().problem(), None);
        let all = NotifyEvent::messages();
        assert_eq!(request().selected(all.clone()).problem(), None);
        assert_eq!(request().mailboxes(personal.clone(), all).problem(), None);
        let items = NotifyEvent::MessageNew(vec![FetchItem::Uid]);
        for bad in [
            request().selected_delayed([]),
            request().selected_delayed([NotifyEvent::FlagChange]),
            request().selected([NotifyEvent::MailboxName]),
            request().mailboxes(personal.clone(), [NotifyEvent::MessageExpunge]),
            request().mailboxes(personal.clone(), [items, NotifyEvent::MessageExpunge]),
            request().mailboxes(personal, vec![NotifyEvent::MailboxName; 2]),
            request().mailboxes(MailboxScope::Subtree(vec![]), []),
            request().mailboxes(MailboxScope::SubtreeOne(vec![]), []),
        ] {
            assert!(bad.problem().is_some(), "{bad:?}");
        }
    }
}
