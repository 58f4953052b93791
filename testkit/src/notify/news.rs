//! What has changed in the mailboxes of a user since a client was told.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::{list_line, status_text};
use crate::grammar::notify::Request;
use crate::reply::Reply;
use crate::store::account::Mailboxes;
use crate::store::mailbox::Mailbox;

/// A NOTIFY that is in force.
#[derive(Debug)]
pub(crate) struct Notify {
    pub(crate) request: Request,
    known: BTreeMap<String, Known>,
    overflows: u64,
}

/// What a client knows of a mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Known {
    id: u64,
    uid_validity: u32,
    messages: usize,
    uid_next: u32,
    unseen: usize,
    mod_seq: u64,
    subscribed: bool,
}

/// How lines are to be written.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) utf8: bool,
    pub(crate) mod_seqs: bool,
    /// The mailbox that is selected; its messages are told in another way.
    pub(crate) selected: Option<u64>,
}

impl Known {
    fn new(name: &str, mailbox: &Mailbox, mailboxes: &Mailboxes) -> Self {
        Self {
            id: mailbox.id,
            uid_validity: mailbox.uid_validity,
            messages: mailbox.uids().len(),
            uid_next: mailbox.uid_next,
            unseen: mailbox.count("\\Seen", false),
            mod_seq: mailbox.highest_mod_seq(),
            subscribed: mailboxes.subscribed.contains(name),
        }
    }
}

fn known(mailboxes: &Mailboxes) -> BTreeMap<String, Known> {
    let all = mailboxes.names().filter_map(|name| {
        let mailbox = mailboxes.get(name)?;
        Some((name.to_owned(), Known::new(name, mailbox, mailboxes)))
    });
    all.collect()
}

impl Notify {
    /// Begins, with what is told at once: the state of each mailbox if that was asked for.
    pub(crate) fn begin(request: Request, mailboxes: &Mailboxes, form: Form) -> (Self, Vec<Reply>) {
        let notify = Self {
            known: known(mailboxes),
            overflows: mailboxes.overflows,
            request,
        };
        let mut lines = Vec::new();
        for (name, known) in &notify.known {
            let events = notify.request.of(name, known.subscribed);
            let is_told = events.is_some_and(|events| events.new || events.expunge || events.flags);
            if notify.request.status && is_told && Some(known.id) != form.selected {
                lines.push(status(name, known, form, None));
            }
        }
        (notify, lines)
    }

    /// Whether more happened than the server has kept for the client.
    pub(crate) fn is_over(&self, mailboxes: &Mailboxes) -> bool {
        mailboxes.overflows > self.overflows
    }

    /// What has changed, and takes it as told.
    pub(crate) fn news(&mut self, mailboxes: &Mailboxes, form: Form) -> Vec<Reply> {
        let now = known(mailboxes);
        let old = std::mem::take(&mut self.known);
        let mut lines = self.gone(&old, &now, form);
        let by_id: BTreeMap<u64, (&String, &Known)> = old
            .iter()
            .map(|(name, known)| (known.id, (name, known)))
            .collect();
        for (name, new) in &now {
            let before = by_id.get(&new.id).copied();
            self.name(&mut lines, (name, new), before, form);
            let before = before.map(|(_, known)| known);
            let told = match before.filter(|_| Some(new.id) == form.selected) {
                // It is told as it changes. What it was before is kept for when it is left.
                Some(before) => Known {
                    subscribed: new.subscribed,
                    ..before.clone()
                },
                None => {
                    lines.extend(self.state(name, new, before, form));
                    new.clone()
                }
            };
            self.known.insert(name.clone(), told);
        }
        lines
    }

    /// The names that are no more.
    fn gone(
        &self,
        old: &BTreeMap<String, Known>,
        now: &BTreeMap<String, Known>,
        form: Form,
    ) -> Vec<Reply> {
        let ids: BTreeSet<u64> = now.values().map(|known| known.id).collect();
        let mut gone = Vec::new();
        for (name, known) in old {
            let events = self.request.of(name, known.subscribed);
            if events.is_some_and(|events| events.names) && !ids.contains(&known.id) {
                gone.push(list_line("\\NonExistent", name, form.utf8));
            }
        }
        gone
    }

    /// A new name, and whether it is subscribed to.
    fn name(
        &self,
        lines: &mut Vec<Reply>,
        (name, new): (&String, &Known),
        before: Option<(&String, &Known)>,
        form: Form,
    ) {
        let Some(events) = self.request.of(name, new.subscribed) else {
            return;
        };
        match before {
            None if events.names => lines.push(list_line("", name, form.utf8)),
            Some((old, _)) if events.names && old != name => {
                lines.push(renamed(name, old, form.utf8));
            }
            Some((_, old)) if events.subscriptions && old.subscribed != new.subscribed => {
                let attribute = if new.subscribed { "\\Subscribed" } else { "" };
                lines.push(list_line(attribute, name, form.utf8));
            }
            _ => {}
        }
    }

    /// The state of a mailbox, when what was asked for has changed.
    fn state(&self, name: &str, new: &Known, before: Option<&Known>, form: Form) -> Option<Reply> {
        let events = self.request.of(name, new.subscribed)?;
        let is_news = match before {
            Some(old) => {
                let counts = old.uid_next != new.uid_next || old.messages != new.messages;
                let others = old.mod_seq != new.mod_seq || old.unseen != new.unseen;
                counts && (events.new || events.expunge) || others && events.flags
            }
            None => new.messages > 0 && events.new,
        };
        is_news.then(|| status(name, new, form, before))
    }
}

/// What is new of a mailbox; all of it when nothing was known.
fn status(name: &str, new: &Known, form: Form, old: Option<&Known>) -> Reply {
    let mut items = Vec::new();
    let counts = |old: &Known| old.uid_next != new.uid_next || old.messages != new.messages;
    let counts = old.is_none_or(counts);
    if counts {
        items.push(format!("MESSAGES {}", new.messages));
        items.push(format!("UIDNEXT {}", new.uid_next));
    }
    if old.is_none_or(|old| old.uid_validity != new.uid_validity) {
        items.push(format!("UIDVALIDITY {}", new.uid_validity));
    }
    if counts || old.is_some_and(|old| old.unseen != new.unseen) {
        items.push(format!("UNSEEN {}", new.unseen));
    }
    if form.mod_seqs {
        items.push(format!("HIGHESTMODSEQ {}", new.mod_seq));
    }
    status_text(name, &items, form.utf8)
}

fn renamed(name: &str, old: &str, utf8: bool) -> Reply {
    let mut reply = list_line("", name, utf8);
    reply.push(" (\"OLDNAME\" (");
    reply.mailbox(old, utf8);
    reply.push("))");
    reply
}
