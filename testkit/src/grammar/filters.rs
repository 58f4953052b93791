//! Which mailboxes NOTIFY and ESEARCH are about (RFC 5465, RFC 7377).

use crate::grammar::reader::{Parsed, Reader};
use crate::names::DELIMITER;

/// Mailboxes, as a client names them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Filter {
    Selected,
    Inboxes,
    Personal,
    Subscribed,
    /// These and all below them.
    Subtree(Vec<String>),
    /// These and those one level below them.
    SubtreeOne(Vec<String>),
    Mailboxes(Vec<String>),
}

impl Filter {
    /// Whether a mailbox is one of them; the selected one is known by its state, not its name.
    pub(crate) fn names(&self, name: &str, is_subscribed: bool) -> bool {
        let below = |root: &String| {
            let rest = name.strip_prefix(root.as_str())?;
            (rest.is_empty() || rest.starts_with(DELIMITER)).then_some(rest)
        };
        match self {
            Self::Selected => false,
            Self::Personal => true,
            Self::Inboxes => name == "INBOX",
            Self::Subscribed => is_subscribed,
            Self::Subtree(roots) => roots.iter().any(|root| below(root).is_some()),
            Self::SubtreeOne(roots) => roots
                .iter()
                .filter_map(below)
                .any(|rest| rest.matches(DELIMITER).count() <= 1),
            Self::Mailboxes(all) => all.iter().any(|other| other == name),
        }
    }
}

impl Reader<'_> {
    pub(super) fn filter(&mut self) -> Parsed<Filter> {
        let at = self.place();
        Ok(match self.word().as_str() {
            "SELECTED" | "SELECTED-DELAYED" => Filter::Selected,
            "INBOXES" => Filter::Inboxes,
            "PERSONAL" => Filter::Personal,
            "SUBSCRIBED" => Filter::Subscribed,
            "SUBTREE" => Filter::Subtree(self.named()?),
            "SUBTREE-ONE" => {
                self.needs_at(at, &["MULTISEARCH"]);
                Filter::SubtreeOne(self.named()?)
            }
            "MAILBOXES" => Filter::Mailboxes(self.named()?),
            _ => {
                self.go_back(at);
                return Err(self.expected("which mailboxes"));
            }
        })
    }

    /// One mailbox, or a list of several.
    fn named(&mut self) -> Parsed<Vec<String>> {
        self.space()?;
        match self.peek() {
            Some(b'(') => self.list(Self::mailbox),
            _ => Ok(vec![self.mailbox()?]),
        }
    }
}
