//! SEARCH, and its extended results (RFC 4731).

use std::io;

use crate::command::needs::asks_mod_seq;
use crate::connection::{Connection, Outcome, no, ok};
use crate::grammar::search::{Returns, Search};
use crate::numbers::{Numbers, ranges_text};
use crate::reply::quoted;
use crate::search::Query;

/// What a SEARCH or a SORT has found.
pub(super) struct Found<'a> {
    pub(super) numbers: &'a [u32],
    /// The highest mod-sequence, if the keys ask for it.
    pub(super) mod_seq: Option<u64>,
    /// They are in the order of a SORT.
    pub(super) is_sorted: bool,
}

impl Connection {
    pub(super) fn search(&mut self, tag: &str, search: &Search) -> Outcome {
        let saves = search.returns.is_some_and(|returns| returns.save);
        if search.is_of_unknown_charset {
            self.save(saves, []);
            return no("[BADCHARSET (UTF-8 US-ASCII)] This charset is not known");
        }
        self.refuse_update(tag, search)?;
        self.say_progress(tag, self.exists())?;
        let (uid, limit) = (search.uid, self.message_limit());
        let found = self.selected(|view, mailbox| {
            let mailbox = view.shown(mailbox);
            let query = Query::new(&search.keys, view, mailbox);
            let (found, limited) = query.found(view, mailbox, limit);
            let numbers = found.into_iter().map(|(seq, message)| {
                let number = if uid { message.uid } else { seq };
                (number, message.uid, mailbox.mod_seq(message))
            });
            (numbers.collect::<Vec<_>>(), limited)
        });
        let Some((found, limited)) = found else {
            return no("The mailbox has gone");
        };
        let by_mod_seq = search.keys.iter().any(asks_mod_seq);
        self.condstore |= by_mod_seq;
        let mod_seqs = found.iter().map(|(_, _, mod_seq)| *mod_seq);
        let mod_seq = mod_seqs.max().filter(|_| by_mod_seq);
        let numbers: Vec<u32> = found.iter().map(|(number, _, _)| *number).collect();
        self.save(saves, kept(search.returns, &found));
        let default = Returns {
            all: true,
            ..Returns::default()
        };
        let line = match search.returns.or(self.rev2.then_some(default)) {
            // A result that is only saved is not returned (RFC 5182, section 2.1).
            Some(returns) if returns.is_saved_alone() => None,
            Some(returns) => {
                let found = Found {
                    numbers: &numbers,
                    mod_seq,
                    is_sorted: false,
                };
                Some(esearch(tag, uid, returns, &found))
            }
            None => Some(plain(&numbers, mod_seq)),
        };
        line.map_or(Ok(()), |line| self.wire.say(&line))?;
        match limited {
            Some(limited) => ok(&format!("{} Done", limited.code())),
            None => ok("Done"),
        }
    }

    /// Tells a client that its search is not kept current, which is allowed (RFC 5267, section 4.3.1).
    pub(super) fn refuse_update(&mut self, tag: &str, search: &Search) -> io::Result<()> {
        if !search.returns.is_some_and(|returns| returns.update) {
            return Ok(());
        }
        let tag = quoted(tag);
        self.wire.say(&format!(
            "* NO [NOUPDATE {tag}] Results are not kept current"
        ))
    }

    /// Saves a result, of which these are the UIDs (RFC 5182).
    pub(super) fn save(&mut self, saves: bool, uids: impl IntoIterator<Item = u32>) {
        if let Some(view) = self.view.as_mut().filter(|_| saves) {
            view.saved = Numbers::of(uids);
        }
    }
}

/// The UIDs that are saved: all, or only those that MIN, MAX and PARTIAL return (RFC 5182, section 2.4).
fn kept(returns: Option<Returns>, found: &[(u32, u32, u64)]) -> Vec<u32> {
    let uids: Vec<u32> = found.iter().map(|(_, uid, _)| *uid).collect();
    let Some(returns) = returns.filter(|returns| !returns.all && !returns.count) else {
        return uids;
    };
    if let Some((near, far)) = returns.partial {
        return page(&uids, near, far).to_vec();
    }
    if !returns.min && !returns.max {
        return uids;
    }
    let first = uids.first().filter(|_| returns.min);
    let last = uids.last().filter(|_| returns.max);
    first.into_iter().chain(last).copied().collect()
}

fn plain(numbers: &[u32], mod_seq: Option<u64>) -> String {
    let mut line = "* SEARCH".to_owned();
    for number in numbers {
        line.push(' ');
        line.push_str(&number.to_string());
    }
    if let Some(mod_seq) = mod_seq {
        line.push_str(&format!(" (MODSEQ {mod_seq})"));
    }
    line
}

/// The whole ESEARCH response.
pub(super) fn esearch(tag: &str, uid: bool, returns: Returns, found: &Found<'_>) -> String {
    let uid = if uid { " UID" } else { "" };
    format!("* ESEARCH (TAG \"{tag}\"){uid}{}", extended(returns, found))
}

/// What is returned, after what it is the answer to.
pub(super) fn extended(returns: Returns, found: &Found<'_>) -> String {
    let numbers = found.numbers;
    let set = |numbers: &[u32]| match found.is_sorted {
        true => numbers
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(","),
        false => ranges_text(numbers.iter().copied()),
    };
    let mut line = String::new();
    let mut push = |wanted: bool, name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| wanted) {
            line.push_str(&format!(" {name} {value}"));
        }
    };
    push(returns.min, "MIN", numbers.first().map(ToString::to_string));
    push(returns.max, "MAX", numbers.last().map(ToString::to_string));
    push(returns.count, "COUNT", Some(numbers.len().to_string()));
    let all = Some(set(numbers)).filter(|all| !all.is_empty());
    push(returns.all, "ALL", all);
    let partial = returns.partial.map(|(near, far)| {
        let page = Some(set(page(numbers, near, far))).filter(|page| !page.is_empty());
        format!("({near}:{far} {})", page.as_deref().unwrap_or("NIL"))
    });
    push(true, "PARTIAL", partial);
    push(
        true,
        "MODSEQ",
        found.mod_seq.map(|mod_seq| mod_seq.to_string()),
    );
    line
}

/// What is at these places, counted from 1, or from -1 at the end.
pub(super) fn page<T>(all: &[T], near: i64, far: i64) -> &[T] {
    let place = |place: i64| usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX);
    let (a, b) = (place(near), place(far));
    let (first, last) = (a.min(b), a.max(b).min(all.len()));
    let range = match near > 0 {
        true => first - 1..last,
        false => all.len() - last..all.len().saturating_sub(first - 1),
    };
    all.get(range).unwrap_or_default()
}
