//! What NOTIFY can ask for (RFC 5465): which events, of which mailboxes.

use std::fmt;

use crate::types::fetch::FetchItem;
use crate::types::mailbox_scope::MailboxScope;

/// Something that a server can be asked to tell (RFC 5465 section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotifyEvent {
    /// A message has come. Of the selected mailbox the server tells these items with it, as
    /// [`SessionEvent::Message`](crate::SessionEvent::Message); of the others it tells none, and the
    /// list has to be empty. If there are items, the UID is requested too.
    MessageNew(Vec<FetchItem>),
    /// A message is gone.
    MessageExpunge,
    /// The flags of a message have changed. Of mailboxes that are not selected this is told as new
    /// counts, if at all.
    FlagChange,
    /// The annotations of a message have changed (RFC 5257).
    AnnotationChange,
    /// A mailbox was created, deleted or renamed.
    MailboxName,
    /// A mailbox was subscribed to, or is so no longer.
    SubscriptionChange,
    /// The metadata of a mailbox has changed (RFC 5464).
    MailboxMetadataChange,
    /// The metadata of the server has changed (RFC 5464).
    ServerMetadataChange,
}

/// What a server is to tell, and of which mailboxes (RFC 5465 section 6); see
/// [`NotifyCommands::set`](crate::notify::NotifyCommands::set).
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

/// What is to be told of the selected mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SelectedEvents {
    pub(crate) events: Vec<NotifyEvent>,
    /// Also that a message is gone, when no command allows for it.
    pub(crate) at_once: bool,
}

impl NotifyEvent {
    /// New messages, messages that are gone, and changed flags: what is told of a selected mailbox
    /// anyway.
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

/// As it is sent.
impl fmt::Display for NotifyEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        let Self::MessageNew(items) = self else {
            return Ok(());
        };
        if items.is_empty() {
            return Ok(());
        }
        // A message is known by its UID.
        let has_uid = items.contains(&FetchItem::Uid);
        f.write_str(if has_uid { " (" } else { " (UID " })?;
        for (place, item) in items.iter().enumerate() {
            write!(f, "{}{item}", if place > 0 { " " } else { "" })?;
        }
        f.write_str(")")
    }
}

impl NotifyRequest {
    /// Nothing but what is told of the selected mailbox anyway.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is to be told of the selected mailbox; unless set, [`NotifyEvent::messages`]. Of
    /// messages that are gone it is told with the answer to a command that allows for it, so that
    /// sequence numbers stay good.
    ///
    /// It is always asked for new messages and for those that are gone, because the counters of the
    /// guards live on them.
    #[must_use]
    pub fn selected_delayed(mut self, events: impl Into<Vec<NotifyEvent>>) -> Self {
        self.selected = Some(SelectedEvents {
            events: events.into(),
            at_once: false,
        });
        self
    }

    /// The same, and messages that are gone are told at once. Sequence numbers can change at any
    /// moment then, so [`numbered`](crate::MailboxGuard::numbered) commands are refused as long as
    /// it is in force.
    #[must_use]
    pub fn selected(mut self, events: impl Into<Vec<NotifyEvent>>) -> Self {
        self.selected = Some(SelectedEvents {
            events: events.into(),
            at_once: true,
        });
        self
    }

    /// What is to be told of these mailboxes as long as they are not selected. Where several groups
    /// fit a mailbox, the first one counts; no events at all take mailboxes out of the groups behind.
    #[must_use]
    pub fn mailboxes(
        mut self,
        mailboxes: MailboxScope,
        events: impl Into<Vec<NotifyEvent>>,
    ) -> Self {
        self.groups.push((mailboxes, events.into()));
        self
    }

    /// The server tells the counts of all these mailboxes now, and from then on what changes. They
    /// come as [`SessionEvent::Status`](crate::SessionEvent::Status), and without it the first that
    /// is told of a mailbox is a change.
    #[must_use]
    pub fn status(mut self) -> Self {
        self.status = true;
        self
    }

    /// Why it cannot be asked, if so.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let mut groups = self.groups.iter();
        let in_groups = groups.find_map(|(scope, events)| {
            let has_items = |event: &NotifyEvent| matches!(event, NotifyEvent::MessageNew(items) if !items.is_empty());
            match scope.parts() {
                ("subtree-one", _) => Some("NOTIFY has no mailboxes directly below others"),
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
                false => Some("of the selected mailbox only events of messages can be told"),
            }
        });
        let lacks_counts = |selected: &SelectedEvents| selected.events.is_empty();
        let counts = self.selected.as_ref().filter(|s| lacks_counts(s));
        in_groups
            .or(selected)
            .or(counts.map(|_| "of the selected mailbox no events are asked for"))
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

/// New messages and those that are gone go together, and changes go with them (RFC 5465 section
/// 5.2 and 5.3).
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
            Some("MessageNew and MessageExpunge go together, and changes of messages go with them")
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
