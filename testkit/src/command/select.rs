//! SELECT, EXAMINE, CLOSE and UNSELECT.

use crate::command::Chosen;
use crate::command::list::line;
use crate::connection::{Connection, Outcome, bad, no, ok, row};
use crate::grammar::mailboxes::{Known, Select};
use crate::numbers::Numbers;
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::View;

/// What the client may set for good.
const FLAGS: &str = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

impl Connection {
    pub(super) fn select(&mut self, select: &Select) -> Outcome {
        if self.view.take().is_some() {
            self.wire
                .say("* OK [CLOSED] The previous mailbox is closed")?;
        }
        let known = match &select.known {
            Some(_) if !self.qresync => return bad("QRESYNC is not enabled"),
            Some(known) if !is_valid(known) => return bad("Invalid QRESYNC arguments"),
            known => known,
        };
        let name = &select.mailbox;
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let Some(mailbox) = mailboxes.get_mut(name) else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        self.condstore |= select.condstore || known.is_some();
        let mut view = View::new(name, mailbox, select.read_only, self.id);
        if self.shared.settings.frozen_view {
            view.freeze(mailbox);
        }
        let (mut lines, uid_only) = (self.selection(&view, mailbox), self.uid_only);
        lines.extend(
            known
                .iter()
                .flat_map(|known| news(known, &view, mailbox, uid_only)),
        );
        drop(mailboxes);
        for line in lines {
            self.wire.say(&line)?;
        }
        if self.rev2 {
            self.wire.send(&line("LIST", "", name, self.utf8))?;
        }
        let mode = if view.read_only {
            "READ-ONLY"
        } else {
            "READ-WRITE"
        };
        self.view = Some(view);
        ok(&format!("[{mode}] Selected"))
    }

    fn selection(&self, view: &View, mailbox: &Mailbox) -> Vec<String> {
        let keywords = mailbox.flags().into_iter();
        let keywords = keywords.filter(|flag| !FLAGS.contains(flag));
        let keywords: String = keywords.map(|keyword| format!(" {keyword}")).collect();
        let permanent = if view.read_only {
            String::new()
        } else {
            format!("{FLAGS}{keywords} \\*")
        };
        let mut lines = vec![
            format!("* FLAGS ({FLAGS}{keywords})"),
            format!("* OK [PERMANENTFLAGS ({permanent})] What can be set"),
            format!("* {} EXISTS", view.exists()),
        ];
        if !self.rev2 {
            lines.push(format!("* {} RECENT", view.recent()));
        }
        let uid_validity = mailbox.uid_validity;
        lines.push(format!("* OK [UIDVALIDITY {uid_validity}] UIDs are valid"));
        if !self.shared.settings.omits_uid_next {
            lines.push(format!("* OK [UIDNEXT {}] The next UID", mailbox.uid_next));
        }
        let is_unseen = |message: &Message| !message.flags.has("\\Seen");
        let any = mailbox.count("\\Seen", false) > 0;
        let unseen = any.then(|| mailbox.messages().iter().position(is_unseen));
        let unseen = unseen.flatten();
        if let Some(at) = unseen.filter(|_| !self.rev2 && !self.uid_only) {
            lines.push(format!("* OK [UNSEEN {}] The first unseen message", at + 1));
        }
        if self.has("OBJECTID") {
            let id = mailbox.mailbox_id();
            lines.push(format!(
                "* OK [MAILBOXID ({id})] The mailbox under any name"
            ));
        }
        if view.no_mod_seq {
            lines.push("* OK [NOMODSEQ] There are no mod-sequences".to_owned());
        } else if self.has("CONDSTORE") {
            let mod_seq = mailbox.highest_mod_seq();
            lines.push(format!("* OK [HIGHESTMODSEQ {mod_seq}] The last change"));
        }
        lines
    }

    /// Leaves the selected mailbox; CLOSE takes out what is marked as deleted.
    pub(super) fn close(&mut self, expunge: bool) -> Outcome {
        if expunge && self.view.as_ref().is_some_and(|view| !view.read_only) {
            self.selected(|_, mailbox| mailbox.expunge(|message| message.flags.has("\\Deleted")));
        }
        self.view = None;
        ok("Nothing is selected now")
    }
}

/// Whether the two sets of the last argument have as many numbers.
fn is_valid(known: &Known) -> bool {
    let length = |set| Numbers::resolve(set, None).len();
    let matches = known.matches.as_ref();
    matches.is_none_or(|(seqs, uids)| length(seqs) == length(uids))
}

/// VANISHED and the messages that changed; nothing when the UIDVALIDITY is another one.
fn news(known: &Known, view: &View, mailbox: &Mailbox, uid_only: bool) -> Vec<String> {
    if known.uid_validity != mailbox.uid_validity || mailbox.no_mod_seq {
        return Vec::new();
    }
    let since = mailbox.history.since(known.mod_seq);
    let end = mailbox.uid_next.saturating_sub(1);
    let uids = match &known.uids {
        Some(uids) => Numbers::resolve(uids, None),
        None => Numbers::from_ranges(vec![(1, end)]),
    };
    let mut vanished = mailbox.vanished_since(since, &uids);
    if mailbox.history.vanished_since(since).is_none() {
        vanished = vanished.from(matched_through(known, view).saturating_add(1));
    }
    let mut lines = Vec::new();
    if !vanished.is_empty() {
        lines.push(format!("* VANISHED (EARLIER) {vanished}"));
    }
    let uids = Chosen {
        numbers: uids,
        uid: true,
    };
    for (seq, message) in view.changed(mailbox, Some(&uids), since) {
        let flags = view.flags_text(message.uid, &message.flags);
        let (uid, mod_seq) = (message.uid, mailbox.mod_seq(message));
        let items = [format!("FLAGS ({flags})"), format!("MODSEQ ({mod_seq})")];
        lines.push(row(uid_only, (seq, uid), true, &items));
    }
    lines
}

/// The highest UID that has the sequence number that the client says. Nothing below it has
/// gone, as far as the server then knows: where it has forgotten, it believes that.
fn matched_through(known: &Known, view: &View) -> u32 {
    let members = |set| {
        let ranges = Numbers::resolve(set, None).ranges().to_vec();
        ranges.into_iter().flat_map(|(first, last)| first..=last)
    };
    let Some((seqs, uids)) = &known.matches else {
        return 0;
    };
    let pairs = members(seqs).zip(members(uids));
    let exist = pairs.take_while(|(seq, _)| *seq <= view.exists());
    exist
        .filter(|(seq, uid)| view.seq(*uid) == Some(*seq))
        .map(|(_, uid)| uid)
        .max()
        .unwrap_or(0)
}
