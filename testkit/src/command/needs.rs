//! What a command needs: a state, and what is advertised.

use crate::connection::{Answer, Connection};
use crate::grammar::fetch::Item;
use crate::grammar::search::Key;
use crate::grammar::{Body, Command};

/// What IMAP4rev2 has in it, so that it need not be advertised beside it (RFC 9051, appendix E).
const OF_REV2: [&str; 15] = [
    "BINARY",
    "CHILDREN",
    "ENABLE",
    "ESEARCH",
    "IDLE",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "MOVE",
    "NAMESPACE",
    "SASL-IR",
    "SEARCHRES",
    "SPECIAL-USE",
    "STATUS=SIZE",
    "UIDPLUS",
    "UNSELECT",
];

/// The state that a command needs.
enum Needs {
    Nothing,
    NotAuthenticated,
    Authenticated,
    Selected,
}

fn needs(body: &Body) -> Needs {
    match body {
        Body::Capability | Body::Noop | Body::Logout | Body::Id | Body::Language(_) => {
            Needs::Nothing
        }
        Body::StartTls | Body::Login(..) | Body::Authenticate(..) => Needs::NotAuthenticated,
        Body::Unselect
        | Body::CancelUpdate
        | Body::Close
        | Body::Check
        | Body::Expunge(_)
        | Body::Copy(_)
        | Body::Search(_)
        | Body::Sort(..)
        | Body::Thread(..)
        | Body::Fetch(_)
        | Body::Store(_)
        | Body::Replace(_)
        | Body::Batches(_) => Needs::Selected,
        _ => Needs::Authenticated,
    }
}

/// Whether the command makes no sense without mod-sequences (RFC 7162, section 3.1.2.2).
fn asks_for_mod_seqs(body: &Body) -> bool {
    match body {
        Body::Store(store) => store.unchanged_since.is_some(),
        Body::Search(search) => search.keys.iter().any(asks_mod_seq),
        Body::Fetch(fetch) => {
            fetch.items.contains(&Item::ModSeq) || fetch.since.is_some() || fetch.vanished
        }
        _ => false,
    }
}

/// Whether a search key is about mod-sequences.
pub(super) fn asks_mod_seq(key: &Key) -> bool {
    match key {
        Key::ModSeq(_) => true,
        Key::And(keys) => keys.iter().any(asks_mod_seq),
        Key::Or(one, other) => asks_mod_seq(one) || asks_mod_seq(other),
        Key::Not(key) | Key::Negated(key) => asks_mod_seq(key),
        _ => false,
    }
}

impl Connection {
    /// Why a command is not carried out in this state or with what is advertised.
    pub(crate) fn refusal(&self, command: &Command) -> Option<Answer> {
        let body = &command.body;
        let bad = |text: &str| Some(Answer::Bad(text.to_owned()));
        match (needs(body), &self.account, &self.view) {
            (Needs::NotAuthenticated, Some(_), _) => return bad("You are logged in already"),
            (Needs::Authenticated | Needs::Selected, None, _) => return bad("Log in first"),
            (Needs::Selected, _, None) => return bad("Select a mailbox first"),
            _ => {}
        }
        let waits_for_utf8 = self.has("UTF8=ONLY") && !self.utf8;
        if waits_for_utf8
            && matches!(needs(body), Needs::Authenticated | Needs::Selected)
            && !matches!(body, Body::Enable(_))
        {
            return Some(Answer::No("Enable UTF8=ACCEPT first".to_owned()));
        }
        if self.uid_only && command.has_numbers {
            return bad("[UIDREQUIRED] Message numbers are not allowed with UIDONLY");
        }
        if self.has_no_mod_seq() && asks_for_mod_seqs(body) {
            return bad("This mailbox has no mod-sequences");
        }
        let is_there =
            |any: &&str| self.has(any) || (OF_REV2.contains(any) && self.has("IMAP4rev2"));
        let mut needs = command.needs.iter();
        let missing = needs.find(|need| !need.any.iter().any(&is_there))?;
        Some(Answer::Bad(missing.text()))
    }
}
