//! LIST with what RFC 5258 and RFC 5819 add to it, LSUB, and XLIST.

use std::collections::BTreeSet;

use crate::command::acl::rights_line;
use crate::command::metadata::chosen_line;
use crate::connection::{Connection, Outcome, ok};
use crate::grammar::mailboxes::List;
use crate::names::{self, DELIMITER};
use crate::reply::Reply;
use crate::store::account::Mailboxes;

impl Connection {
    pub(super) fn list(&mut self, options: &List) -> Outcome {
        let patterns = options.patterns.iter();
        let patterns: Vec<String> = patterns
            .map(|pattern| full_pattern(&options.reference, pattern))
            .collect();
        if matches!(patterns.as_slice(), [pattern] if pattern.is_empty()) {
            self.wire.say("* LIST (\\Noselect) \"/\" \"\"")?;
            return ok("Done");
        }
        let account = self.account()?;
        let mut replies = Vec::new();
        {
            let mailboxes = account.lock();
            for name in candidates(&mailboxes, options) {
                if !patterns.iter().any(|pattern| matches(pattern, &name)) {
                    continue;
                }
                let attributes = self.attributes(&mailboxes, &name, options);
                replies.push(list_line(&attributes, &name, self.utf8));
                let Some(mailbox) = mailboxes.get(&name) else {
                    continue;
                };
                if !options.status.is_empty() {
                    replies.push(self.status_line(&name, mailbox, &options.status));
                }
                if options.returns("MYRIGHTS") {
                    replies.push(rights_line(&name, self.utf8));
                }
                let has = |wanted: &String| mailbox.metadata.contains_key(wanted);
                if options.metadata.iter().any(has) {
                    replies.push(chosen_line(
                        &name,
                        &mailbox.metadata,
                        &options.metadata,
                        self.utf8,
                    ));
                }
            }
        }
        replies.iter().try_for_each(|reply| self.wire.send(reply))?;
        ok("Done")
    }

    pub(super) fn lsub(&mut self, reference: &str, pattern: &str) -> Outcome {
        let pattern = full_pattern(reference, pattern);
        let account = self.account()?;
        let subscribed = account.lock().subscribed.clone();
        for name in subscribed.iter().filter(|name| matches(&pattern, name)) {
            self.wire.send(&line("LSUB", "", name, self.utf8))?;
        }
        ok("Done")
    }

    /// XLIST, which Gmail had before SPECIAL-USE.
    pub(super) fn xlist(&mut self, reference: &str, pattern: &str) -> Outcome {
        let pattern = full_pattern(reference, pattern);
        let account = self.account()?;
        let mut replies = Vec::new();
        {
            let mailboxes = account.lock();
            for name in candidates(&mailboxes, &List::default()) {
                if !matches(&pattern, &name) {
                    continue;
                }
                let attributes = xlist_attributes(&mailboxes, &name);
                replies.push(line("XLIST", &attributes, &name, self.utf8));
            }
        }
        replies.iter().try_for_each(|reply| self.wire.send(reply))?;
        ok("Done")
    }

    fn attributes(&self, mailboxes: &Mailboxes, name: &str, options: &List) -> String {
        let mut attributes = Vec::new();
        if mailboxes.get(name).is_none() {
            let extended = self.has("LIST-EXTENDED");
            attributes.push(if extended {
                "\\NonExistent"
            } else {
                "\\Noselect"
            });
        }
        if self.has("CHILDREN") {
            attributes.push(if mailboxes.has_children(name) {
                "\\HasChildren"
            } else {
                "\\HasNoChildren"
            });
        }
        if self.has("SPECIAL-USE") || self.lists_special_uses() {
            attributes.extend(mailboxes.special_use(name));
        }
        let mut asked = options.select.iter().chain(&options.returns);
        if asked.any(|option| option == "SUBSCRIBED") && mailboxes.subscribed.contains(name) {
            attributes.push("\\Subscribed");
        }
        attributes.join(" ")
    }
}

/// The attributes of a mailbox in XLIST, which has names of its own for some special uses.
fn xlist_attributes(mailboxes: &Mailboxes, name: &str) -> String {
    let mut attributes = vec![match mailboxes.has_children(name) {
        true => "\\HasChildren",
        false => "\\HasNoChildren",
    }];
    if mailboxes.get(name).is_none() {
        attributes.push("\\Noselect");
    }
    if name == "INBOX" {
        attributes.push("\\Inbox");
    }
    attributes.extend(match mailboxes.special_use(name) {
        Some("\\All") => Some("\\AllMail"),
        Some("\\Junk") => Some("\\Spam"),
        Some("\\Flagged") => Some("\\Starred"),
        other => other.filter(|attribute| !attribute.is_empty()),
    });
    attributes.join(" ")
}

/// The pattern with the reference before it.
fn full_pattern(reference: &str, pattern: &str) -> String {
    names::canonical(&format!("{reference}{pattern}"))
}

/// The names to match: those that are there, and the levels above them that are not.
fn candidates(mailboxes: &Mailboxes, options: &List) -> BTreeSet<String> {
    if options.selects("SUBSCRIBED") {
        return mailboxes.subscribed.clone();
    }
    let mut names = BTreeSet::new();
    for name in mailboxes.names() {
        names.insert(name.to_owned());
        let above = name
            .match_indices(DELIMITER)
            .filter_map(|(at, _)| name.get(..at));
        names.extend(above.map(str::to_owned));
    }
    if options.selects("SPECIAL-USE") {
        names.retain(|name| mailboxes.special_use(name).is_some());
    }
    names
}

/// The whole LIST response.
pub(crate) fn list_line(attributes: &str, name: &str, utf8: bool) -> Reply {
    line("LIST", attributes, name, utf8)
}

pub(super) fn line(word: &str, attributes: &str, name: &str, utf8: bool) -> Reply {
    let mut reply = Reply::new(&format!("* {word} ({attributes}) \"{DELIMITER}\" "));
    reply.mailbox(name, utf8);
    reply
}

/// Whether a name matches a pattern: `*` is any text, `%` any text without the delimiter.
fn matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    // reachable[i]: the pattern so far matches the first i characters.
    let mut reachable = vec![false; name.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for wanted in pattern.chars() {
        let mut carried = false;
        let mut next = Vec::with_capacity(reachable.len());
        let mut before = None;
        for (at, here) in reachable.iter().copied().enumerate() {
            let character = at.checked_sub(1).and_then(|at| name.get(at)).copied();
            next.push(match wanted {
                '*' | '%' => {
                    let stops = wanted == '%' && character == Some(DELIMITER);
                    carried = here || (carried && !stops);
                    carried
                }
                _ => before == Some(true) && character == Some(wanted),
            });
            before = Some(here);
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("*", "a/b", true),
            ("%", "a", true),
            ("%", "a/b", false),
            ("a/%", "a/b", true),
            ("a/%", "a/b/c", false),
            ("%/c", "a/b/c", false),
            ("*c", "a/b/c", true),
            ("a%c*", "abc/d", true),
            ("Entw%", "Entwürfe", true),
            ("", "a", false),
            ("ab", "a", false),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
