//! The arguments of NOTIFY.

use crate::names;
use crate::values::{text_of, upper, value, values_in};

/// What a client wants to hear.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Request {
    /// NOTIFY NONE.
    pub(crate) is_none: bool,
    /// The state of each mailbox is told at once.
    pub(crate) status: bool,
    groups: Vec<(Filter, Events)>,
    /// Events that this server does not know.
    pub(crate) unknown: Vec<String>,
}

/// Which mailboxes.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Filter {
    Selected,
    Inboxes,
    Personal,
    Subscribed,
    Subtree(Vec<String>),
    Mailboxes(Vec<String>),
}

/// What of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Events {
    pub(crate) new: bool,
    pub(crate) expunge: bool,
    pub(crate) flags: bool,
    pub(crate) names: bool,
    pub(crate) subscriptions: bool,
    /// The items of new messages in the selected mailbox.
    items: Option<Vec<u8>>,
}

impl Request {
    /// Reads what follows the verb; `None` when it is not well formed.
    pub(crate) fn parse(arguments: &[u8]) -> Option<Self> {
        let mut request = Self::default();
        if arguments.eq_ignore_ascii_case(b"NONE") {
            request.is_none = true;
            return Some(request);
        }
        let list = [b"(", arguments, b")"].concat();
        let mut words = values_in(&list)?.into_iter().peekable();
        (upper(words.next()?) == "SET").then_some(())?;
        request.status = words
            .next_if(|word| word.eq_ignore_ascii_case(b"STATUS"))
            .is_some();
        for group in words {
            let (filter, events) = filter(group)?;
            let events = Events::parse(events, &mut request.unknown)?;
            request.groups.push((filter, events));
        }
        (!request.groups.is_empty()).then_some(request)
    }

    /// What is to be told of a mailbox that is not selected: the first group that names it says so.
    pub(crate) fn of(&self, name: &str, subscribed: bool) -> Option<&Events> {
        let is_within = |root: &String| {
            let rest = name.strip_prefix(root.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(names::DELIMITER))
        };
        let names = |filter: &Filter| match filter {
            Filter::Selected => false,
            Filter::Personal => true,
            Filter::Inboxes => name == "INBOX",
            Filter::Subscribed => subscribed,
            Filter::Subtree(roots) => roots.iter().any(is_within),
            Filter::Mailboxes(all) => all.iter().any(|other| other == name),
        };
        let mut groups = self.groups.iter();
        groups
            .find(|(filter, _)| names(filter))
            .map(|(_, events)| events)
    }

    /// The items of new messages in the selected mailbox, as a list.
    pub(crate) fn selected_items(&self) -> Option<&[u8]> {
        let mut groups = self.groups.iter();
        let selected = groups.find(|(filter, _)| *filter == Filter::Selected)?;
        selected.1.items.as_deref()
    }
}

impl Events {
    fn parse(list: &[u8], unknown: &mut Vec<String>) -> Option<Self> {
        let mut events = Self::default();
        if list.eq_ignore_ascii_case(b"NONE") {
            return Some(events);
        }
        let mut words = values_in(list)?.into_iter().peekable();
        while let Some(word) = words.next() {
            match upper(word).as_str() {
                "MESSAGENEW" => {
                    events.new = true;
                    let items = words.next_if(|next| next.starts_with(b"("));
                    events.items = items.map(<[u8]>::to_vec);
                }
                "MESSAGEEXPUNGE" => events.expunge = true,
                "FLAGCHANGE" => events.flags = true,
                "MAILBOXNAME" => events.names = true,
                "SUBSCRIPTIONCHANGE" => events.subscriptions = true,
                _ => unknown.push(String::from_utf8_lossy(word).into_owned()),
            }
        }
        Some(events)
    }
}

/// Which mailboxes a group is about, and its events as they came.
fn filter(group: &[u8]) -> Option<(Filter, &[u8])> {
    let words = values_in(group)?;
    let (name, rest) = words.split_first()?;
    let (events, mailboxes) = rest.split_last()?;
    let listed = || {
        let [one] = mailboxes else { return None };
        let names = match one.first()? {
            b'(' => values_in(one)?,
            _ => vec![value(one)?.0],
        };
        let names = names.into_iter().map(|name| {
            let name = names::decode_either(&text_of(name)?)?;
            Some(names::canonical(&name))
        });
        names.collect::<Option<Vec<_>>>()
    };
    let plain = |filter| mailboxes.is_empty().then_some(filter);
    let filter = match upper(name).as_str() {
        "SELECTED" | "SELECTED-DELAYED" => plain(Filter::Selected)?,
        "INBOXES" => plain(Filter::Inboxes)?,
        "PERSONAL" => plain(Filter::Personal)?,
        "SUBSCRIBED" => plain(Filter::Subscribed)?,
        "SUBTREE" => Filter::Subtree(listed()?),
        "MAILBOXES" => Filter::Mailboxes(listed()?),
        _ => return None,
    };
    Some((filter, events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_group_that_names_a_mailbox_decides() {
        let request = Request::parse(
            b"SET STATUS (selected (MessageNew (UID FLAGS) MessageExpunge)) \
              (mailboxes (\"a b\" inbox) NONE) (subtree x (MailboxName AnnotationChange)) \
              (subscribed (FlagChange)) (personal (MessageNew))",
        )
        .unwrap();
        assert!(request.status && !request.is_none);
        assert_eq!(request.unknown, ["AnnotationChange"]);
        assert_eq!(request.selected_items(), Some(&b"(UID FLAGS)"[..]));
        let of = |name: &str, subscribed| request.of(name, subscribed).unwrap();
        assert_eq!(*of("a b", true), Events::default());
        assert_eq!(*of("INBOX", false), Events::default());
        assert!(of("x/y", true).names && !of("x/y", true).flags);
        assert!(of("xy", true).flags && !of("xy", true).new);
        assert!(of("xy", false).new);
    }

    #[test]
    fn what_is_no_request() {
        assert!(Request::parse(b"none").unwrap().is_none);
        for wrong in [
            "",
            "SET",
            "SET STATUS",
            "NONE (personal (MessageNew))",
            "SET (personal)",
            "SET (nobody (MessageNew))",
            "SET (personal x (MessageNew))",
            "SET (mailboxes (MessageNew))",
            "SET (personal (MessageNew)",
        ] {
            assert_eq!(Request::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
