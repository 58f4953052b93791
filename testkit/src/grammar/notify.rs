//! The arguments of NOTIFY (RFC 5465).

use crate::grammar::fetch::Item;
use crate::grammar::filters::Filter;
use crate::grammar::reader::{Parsed, Reader};

/// What a client wants to be told of.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Request {
    /// NOTIFY NONE.
    pub(crate) is_none: bool,
    /// The state of each mailbox is sent at once.
    pub(crate) status: bool,
    groups: Vec<(Filter, Events)>,
    /// Events that this server does not know.
    pub(crate) unknown: Vec<String>,
}

/// What of a mailbox.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Events {
    pub(crate) new: bool,
    pub(crate) expunge: bool,
    pub(crate) flags: bool,
    pub(crate) names: bool,
    pub(crate) subscriptions: bool,
    /// The items of new messages in the selected mailbox.
    items: Option<Vec<Item>>,
}

impl Request {
    /// What is sent of a mailbox that is not selected: the first group that names it decides.
    pub(crate) fn of(&self, name: &str, subscribed: bool) -> Option<&Events> {
        let mut groups = self.groups.iter();
        groups
            .find(|(filter, _)| filter.names(name, subscribed))
            .map(|(_, events)| events)
    }

    /// The items of new messages in the selected mailbox.
    pub(crate) fn selected_items(&self) -> Option<&[Item]> {
        let mut groups = self.groups.iter();
        let selected = groups.find(|(filter, _)| *filter == Filter::Selected)?;
        selected.1.items.as_deref()
    }
}

impl Reader<'_> {
    /// What follows NOTIFY.
    pub(super) fn notify(&mut self) -> Parsed<Request> {
        self.space()?;
        let mut request = Request::default();
        if self.accept_word("NONE") {
            request.is_none = true;
            return Ok(request);
        }
        self.keyword("SET")?;
        self.space()?;
        if self.accept_word("STATUS") {
            request.status = true;
            self.space()?;
        }
        loop {
            self.octet(b'(', "a group of events")?;
            let filter = self.filter()?;
            self.space()?;
            let events = self.events(&filter, &mut request.unknown)?;
            self.octet(b')', ")")?;
            request.groups.push((filter, events));
            if !self.more()? {
                return Ok(request);
            }
        }
    }

    fn events(&mut self, filter: &Filter, unknown: &mut Vec<String>) -> Parsed<Events> {
        let mut events = Events::default();
        if self.accept_word("NONE") {
            return Ok(events);
        }
        let at = self.place();
        let mut needs_messages = false;
        self.octet(b'(', "a list of events or NONE")?;
        loop {
            let event = self.atom("an event")?;
            match event.to_ascii_uppercase().as_str() {
                "MESSAGENEW" => {
                    events.new = true;
                    if self.rest().starts_with(b" (") {
                        self.space()?;
                        if *filter != Filter::Selected {
                            return Err(self.wrong("items are sent of the selected mailbox alone"));
                        }
                        events.items = Some(self.item_list()?);
                    }
                }
                "MESSAGEEXPUNGE" => events.expunge = true,
                "FLAGCHANGE" => (events.flags, needs_messages) = (true, true),
                "MAILBOXNAME" => events.names = true,
                "SUBSCRIPTIONCHANGE" => events.subscriptions = true,
                name => {
                    needs_messages |= name == "ANNOTATIONCHANGE";
                    unknown.push(event);
                }
            }
            if self.accept(b")") {
                break;
            }
            self.space()?;
        }
        needs_messages |= events.new || events.expunge;
        match needs_messages && !(events.new && events.expunge) {
            true => {
                let reason =
                    "MessageNew and MessageExpunge come together, and FlagChange with both";
                Err(self.wrong_at(at, reason))
            }
            false => Ok(events),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Request, String> {
        let text = format!(" {text}");
        let mut reader = Reader::new(text.as_bytes(), false);
        let request = reader.notify().map_err(|wrong| wrong.text())?;
        match reader.rest() {
            b"" => Ok(request),
            rest => Err(String::from_utf8_lossy(rest).into_owned()),
        }
    }

    #[test]
    fn the_first_group_that_names_a_mailbox_decides() {
        let both = "MessageNew MessageExpunge";
        let request = request(&format!(
            "SET STATUS (selected (MessageNew (UID FLAGS) MessageExpunge)) \
             (mailboxes (\"a b\" inbox) NONE) (subtree x (MailboxName ServerMetadataChange)) \
             (subscribed ({both} FlagChange)) (personal ({both}))",
        ))
        .unwrap();
        assert!(request.status && !request.is_none);
        assert_eq!(request.unknown, ["ServerMetadataChange"]);
        assert_eq!(
            request.selected_items(),
            Some(&[Item::Uid, Item::Flags][..])
        );
        let of = |name: &str, subscribed| request.of(name, subscribed).unwrap();
        assert_eq!(*of("a b", true), Events::default());
        assert_eq!(*of("INBOX", false), Events::default());
        assert!(of("x/y", true).names && !of("x/y", true).flags);
        assert!(of("xy", true).flags);
        assert!(of("xy", false).new && !of("xy", false).flags);
    }

    #[test]
    fn what_is_no_request() {
        assert!(request("none").unwrap().is_none);
        for wrong in [
            "",
            "SET",
            "SET STATUS",
            "NONE (personal (MessageNew MessageExpunge))",
            "SET (personal)",
            "SET (nobody (MailboxName))",
            "SET (personal x (MailboxName))",
            "SET (mailboxes (MailboxName))",
            "SET (personal (MailboxName)",
            "SET (personal ())",
            "SET (personal (MessageNew))",
            "SET (personal (FlagChange))",
            "SET (personal (MessageNew (UID) MessageExpunge))",
        ] {
            assert!(request(wrong).is_err(), "{wrong}");
        }
    }
}
