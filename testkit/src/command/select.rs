//! SELECT, EXAMINE, CLOSE and UNSELECT.

use imap_codec::imap_types::command::SelectParameter;
use imap_codec::imap_types::mailbox::Mailbox as Name;
use imap_codec::imap_types::sequence::SequenceSet;

use crate::command::list::line;
use crate::command::{BAD_NAME, Chosen};
use crate::connection::{Connection, Outcome, bad, no, ok, row};
use crate::names;
use crate::numbers::{Numbers, has_asterisk};
use crate::store::mailbox::{Mailbox, Message};
use crate::store::view::View;

/// What the client may set for good.
const FLAGS: &str = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";

impl Connection {
    pub(super) fn select(
        &mut self,
        name: &Name<'_>,
        examine: bool,
        parameters: &[SelectParameter],
    ) -> Outcome {
        self.saved.clear();
        if self.view.take().is_some() {
            self.wire
                .say("* OK [CLOSED] The previous mailbox is closed")?;
        }
        let Some(name) = names::mailbox(name, self.utf8) else {
            return no(BAD_NAME);
        };
        let known = match Known::new(parameters) {
            Some(_) if !self.qresync => return bad("QRESYNC is not enabled"),
            Some(known) if !known.is_valid() => return bad("Invalid QRESYNC arguments"),
            known => known,
        };
        let account = self.account()?;
        let mut mailboxes = account.lock();
        let Some(mailbox) = mailboxes.get_mut(&name) else {
            return no("[NONEXISTENT] There is no such mailbox");
        };
        self.condstore |= !parameters.is_empty();
        let mut view = View::new(&name, mailbox, examine, self.id);
        if self.shared.settings.frozen_view {
            view.freeze(mailbox);
        }
        let (mut lines, uid_only) = (self.selection(&view, mailbox), self.uid_only);
        lines.extend(
            known
                .iter()
                .flat_map(|known| known.news(&view, mailbox, uid_only)),
        );
        drop(mailboxes);
        for line in lines {
            self.wire.say(&line)?;
        }
        if self.rev2 {
            self.wire.send(&line("LIST", "", &name, self.utf8))?;
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
        let permanent = if view.read_only {
            String::new()
        } else {
            format!("{FLAGS} \\*")
        };
        let keywords = mailbox.flags().into_iter();
        let keywords = keywords.filter(|flag| !FLAGS.contains(flag));
        let keywords: String = keywords.map(|keyword| format!(" {keyword}")).collect();
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

/// What a client knows when it selects with QRESYNC (RFC 7162, section 3.2.5).
struct Known<'a> {
    uid_validity: u32,
    mod_seq: u64,
    uids: Option<&'a SequenceSet>,
    matches: Option<&'a (SequenceSet, SequenceSet)>,
}

impl<'a> Known<'a> {
    fn new(parameters: &'a [SelectParameter]) -> Option<Self> {
        parameters.iter().find_map(|parameter| match parameter {
            SelectParameter::QResync {
                uid_validity,
                mod_sequence_value,
                known_uids,
                seq_match_data,
            } => Some(Self {
                uid_validity: uid_validity.get(),
                mod_seq: mod_sequence_value.get(),
                uids: known_uids.as_ref(),
                matches: seq_match_data.as_ref(),
            }),
            SelectParameter::CondStore => None,
        })
    }

    /// `*` is not allowed anywhere, and the two sets of the last argument have as many numbers.
    fn is_valid(&self) -> bool {
        let both = self.matches.into_iter();
        let sets = self.uids.into_iter().chain(both.flat_map(|(a, b)| [a, b]));
        let length = |set| Numbers::resolve(set, None).len();
        !sets.into_iter().any(has_asterisk)
            && self.matches.is_none_or(|(a, b)| length(a) == length(b))
    }

    /// VANISHED and the messages that changed; nothing when the UIDVALIDITY is another one.
    fn news(&self, view: &View, mailbox: &Mailbox, uid_only: bool) -> Vec<String> {
        if self.uid_validity != mailbox.uid_validity || mailbox.no_mod_seq {
            return Vec::new();
        }
        let since = mailbox.history.since(self.mod_seq);
        let end = mailbox.uid_next.saturating_sub(1);
        let known = match self.uids {
            Some(uids) => Numbers::resolve(uids, None),
            None => Numbers::from_ranges(vec![(1, end)]),
        };
        let mut vanished = mailbox.vanished_since(since, &known);
        if mailbox.history.vanished_since(since).is_none() {
            vanished = vanished.from(self.matched_through(view).saturating_add(1));
        }
        let mut lines = Vec::new();
        if !vanished.is_empty() {
            lines.push(format!("* VANISHED (EARLIER) {vanished}"));
        }
        let known = Chosen {
            numbers: known,
            uid: true,
        };
        for (seq, message) in view.changed(mailbox, Some(&known), since) {
            let flags = view.flags_text(message.uid, &message.flags);
            let (uid, mod_seq) = (message.uid, mailbox.mod_seq(message));
            let items = [format!("FLAGS ({flags})"), format!("MODSEQ ({mod_seq})")];
            lines.push(row(uid_only, (seq, uid), true, &items));
        }
        lines
    }

    /// The highest UID that has the sequence number that the client says. Nothing below it has
    /// gone, as far as the server then knows: where it has forgotten, it believes that.
    fn matched_through(&self, view: &View) -> u32 {
        let members = |set| {
            let ranges = Numbers::resolve(set, None).ranges().to_vec();
            ranges.into_iter().flat_map(|(first, last)| first..=last)
        };
        let Some((seqs, uids)) = self.matches else {
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
}
