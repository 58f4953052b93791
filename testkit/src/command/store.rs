//! STORE (RFC 9051, section 6.4.6; UNCHANGEDSINCE of RFC 7162).

use crate::command::{Chosen, Limited, cut};
use crate::connection::{Answer, Connection, Outcome, no, ok, row};
use crate::grammar::message::{Action, Store};
use crate::names;
use crate::numbers::ranges_text;
use crate::store::flags::Flags;
use crate::store::mailbox::Mailbox;
use crate::store::view::View;

/// What came of it.
#[derive(Default)]
struct Done {
    lines: Vec<String>,
    modified: Vec<u32>,
    /// The highest MODSEQ in the lines.
    mod_seq: u64,
    limited: Option<Limited>,
}

/// How it is done and answered.
#[derive(Clone, Copy)]
struct Form {
    connection: u64,
    mod_seqs: bool,
    uid_only: bool,
    limit: Option<usize>,
    /// All messages get the same mod-sequence.
    shares: bool,
}

impl Connection {
    pub(super) fn store(&mut self, change: &Store) -> Outcome {
        if self.view.as_ref().is_some_and(|view| view.read_only) {
            return no("The mailbox was selected read-only");
        }
        self.condstore |= change.unchanged_since.is_some();
        self.sync_before()?;
        let form = Form {
            connection: self.id,
            mod_seqs: self.condstore && !self.has_no_mod_seq(),
            uid_only: self.uid_only,
            limit: self.message_limit(),
            shares: self.shared.settings.shared_mod_seqs,
        };
        let done = self.selected(|view, mailbox| -> Result<Done, Answer> {
            let chosen = Chosen::new(&change.set, change.uid, view)?;
            Ok(match change.is_labels {
                true => store_labels(view, mailbox, change, &chosen),
                false => store(view, mailbox, change, form, &chosen),
            })
        });
        let done = match done {
            Some(Ok(done)) => done,
            Some(Err(answer)) => return Ok(answer),
            None => return no("The mailbox has gone"),
        };
        self.saw_mod_seq(done.mod_seq);
        for line in done.lines {
            self.wire.say(&line)?;
        }
        let limited = done.limited.map(Limited::code);
        if done.modified.is_empty() {
            let code = limited.map(|code| format!("{code} ")).unwrap_or_default();
            ok(&format!("{code}Stored"))
        } else {
            if let Some(code) = limited {
                self.wire
                    .say(&format!("* NO {code} The others were not looked at"))?;
            }
            let modified = ranges_text(done.modified);
            ok(&format!(
                "[MODIFIED {modified}] Some have changed meanwhile"
            ))
        }
    }
}

fn store(
    view: &mut View,
    mailbox: &mut Mailbox,
    change: &Store,
    form: Form,
    chosen: &Chosen,
) -> Done {
    let uid = change.uid;
    let given: Flags = change.values.iter().cloned().collect();
    let mut done = Done::default();
    let mut changes = Vec::new();
    let mut found: Vec<_> = view.chosen(mailbox, chosen).collect();
    done.limited = cut(&mut found, form.limit);
    for (seq, message) in found {
        if change
            .unchanged_since
            .is_some_and(|mod_seq| mailbox.mod_seq(message) > mod_seq)
        {
            done.modified.push(if uid { message.uid } else { seq });
        } else {
            let flags = message.flags.stored(change.action, &given);
            let is_news = !flags.is_same(&message.flags);
            changes.push((seq, message.uid, is_news, flags));
        }
    }
    let any = changes.iter().any(|(_, _, is_news, _)| *is_news);
    let mut revision = any.then(|| mailbox.history.revise());
    for (seq, message_uid, is_news, flags) in changes {
        let text = view.flags_text(message_uid, &flags);
        if is_news {
            view.show_own(message_uid, &flags);
            let kept = revision.filter(|_| form.shares);
            let own = revision.take().unwrap_or_else(|| mailbox.history.revise());
            mailbox.set_flags_at(own, message_uid, flags, form.connection);
            revision = kept;
        }
        let told = form.mod_seqs && is_news;
        let mut items = Vec::new();
        if !change.silent {
            items.push(format!("FLAGS ({text})"));
        }
        if told {
            done.mod_seq = mailbox.highest_mod_seq();
            items.push(format!("MODSEQ ({})", done.mod_seq));
        }
        if !change.silent || told {
            let numbers = (seq, message_uid);
            done.lines.push(row(form.uid_only, numbers, uid, &items));
        }
    }
    done
}

fn store_labels(view: &View, mailbox: &mut Mailbox, change: &Store, chosen: &Chosen) -> Done {
    let (uid, given) = (change.uid, &change.values);
    let mut done = Done::default();
    let mut changes = Vec::new();
    for (seq, message) in view.chosen(mailbox, chosen) {
        let kept = message.labels.iter().filter(|label| match change.action {
            Action::Add => true,
            Action::Remove => !given.contains(label),
            Action::Replace => false,
        });
        let mut labels: Vec<String> = kept.cloned().collect();
        for label in given {
            if change.action != Action::Remove && !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        changes.push((seq, message.uid, labels));
    }
    for (seq, message_uid, labels) in changes {
        let wire: Vec<String> = labels.iter().map(|label| label_text(label)).collect();
        mailbox.set_labels(message_uid, labels);
        if !change.silent {
            let uid = if uid {
                format!("UID {message_uid} ")
            } else {
                String::new()
            };
            let wire = wire.join(" ");
            done.lines
                .push(format!("* {seq} FETCH ({uid}X-GM-LABELS ({wire}))"));
        }
    }
    done
}

/// A label as it is sent: Gmail's own in quotes with the backslash escaped, as Gmail does.
pub(crate) fn label_text(label: &str) -> String {
    let escaped = names::encode(label)
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    format!("\"{escaped}\"")
}
