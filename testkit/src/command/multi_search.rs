//! ESEARCH over several mailboxes (MULTISEARCH, RFC 7377).

use crate::command::search::{Found, extended};
use crate::connection::{Connection, Outcome, no, ok};
use crate::grammar::filters::Filter;
use crate::grammar::search::{Returns, Search};
use crate::reply::Reply;
use crate::search::Query;
use crate::store::mailbox::Mailbox;
use crate::store::view::View;

impl Connection {
    pub(super) fn multi_search(
        &mut self,
        tag: &str,
        filters: &[Filter],
        search: &Search,
    ) -> Outcome {
        if search.is_of_unknown_charset {
            return no("[BADCHARSET (UTF-8 US-ASCII)] This charset is not known");
        }
        let returns = search.returns.unwrap_or_default();
        let account = self.account()?;
        let selected = self.view.as_ref().map(|view| view.id);
        let mut lines = Vec::new();
        {
            let mailboxes = account.lock();
            for name in mailboxes.names() {
                let Some(mailbox) = mailboxes.get(name) else {
                    continue;
                };
                let is_subscribed = mailboxes.subscribed.contains(name);
                let is_selected = selected == Some(mailbox.id);
                let is_named = filters.iter().any(|filter| match filter {
                    Filter::Selected => is_selected,
                    filter => filter.names(name, is_subscribed),
                });
                if is_named {
                    let mut mailbox = mailbox.clone();
                    lines.extend(self.found_in(tag, name, &mut mailbox, search, returns));
                }
            }
        }
        lines.iter().try_for_each(|line| self.wire.send(line))?;
        ok("Done")
    }

    /// The response about one mailbox; `None` if it has no such messages.
    fn found_in(
        &self,
        tag: &str,
        name: &str,
        mailbox: &mut Mailbox,
        search: &Search,
        returns: Returns,
    ) -> Option<Reply> {
        let view = View::new(name, mailbox, true, self.id);
        let query = Query::new(&search.keys, &view, mailbox);
        let (found, _) = query.found(&view, mailbox, None);
        let found: Vec<u32> = found.into_iter().map(|(_, message)| message.uid).collect();
        if found.is_empty() {
            return None;
        }
        let mut line = Reply::new(&format!("* ESEARCH (TAG \"{tag}\" MAILBOX "));
        line.mailbox(name, self.utf8);
        line.push(&format!(" UIDVALIDITY {}) UID", mailbox.uid_validity));
        let found = Found {
            numbers: &found,
            mod_seq: None,
            is_sorted: false,
        };
        line.push(&extended(returns, &found));
        Some(line)
    }
}
