//! SEARCH, and its extended results (RFC 4731).

use imap_codec::imap_types::search::SearchKey;

use crate::connection::{Connection, Outcome, bad, no, ok};
use crate::extension::SearchReturn;
use crate::numbers::ranges_text;
use crate::search::Query;

impl Connection {
    pub(super) fn search(
        &mut self,
        tag: &str,
        charset: Option<&str>,
        criteria: &[SearchKey<'_>],
        uid: bool,
        returns: Option<SearchReturn>,
    ) -> Outcome {
        let saves = returns.is_some_and(|returns| returns.save);
        if saves {
            self.saved.clear();
        }
        let known = ["UTF-8", "US-ASCII"];
        if charset.is_some_and(|name| !known.iter().any(|own| own.eq_ignore_ascii_case(name))) {
            return no("[BADCHARSET (UTF-8 US-ASCII)] This charset is not known");
        }
        let limit = self.message_limit();
        let found = self.selected(|view, mailbox| {
            let mailbox = view.shown(mailbox);
            let query = Query::new(criteria, view, mailbox);
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
        let by_mod_seq = criteria.iter().any(asks_mod_seq);
        self.condstore |= by_mod_seq;
        let mod_seq = found
            .iter()
            .map(|(_, _, mod_seq)| *mod_seq)
            .max()
            .filter(|_| by_mod_seq);
        if saves {
            self.saved = ranges_text(found.iter().map(|(_, uid, _)| *uid));
        }
        let numbers: Vec<u32> = found.into_iter().map(|(number, _, _)| number).collect();
        if self.utf8 && charset.is_some() {
            return bad("No charset is named where UTF-8 is enabled");
        }
        let default = SearchReturn {
            all: true,
            ..SearchReturn::default()
        };
        let line = match returns.or(self.rev2.then_some(default)) {
            Some(returns) => extended(tag, uid, returns, &numbers, mod_seq),
            None => plain(&numbers, mod_seq),
        };
        self.wire.say(&line)?;
        match limited {
            Some(limited) => ok(&format!("{} Done", limited.code())),
            None => ok("Done"),
        }
    }
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

fn extended(
    tag: &str,
    uid: bool,
    returns: SearchReturn,
    numbers: &[u32],
    mod_seq: Option<u64>,
) -> String {
    let mut line = format!("* ESEARCH (TAG \"{tag}\")");
    if uid {
        line.push_str(" UID");
    }
    let mut push = |wanted: bool, name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|_| wanted) {
            line.push_str(&format!(" {name} {value}"));
        }
    };
    push(returns.min, "MIN", numbers.first().map(ToString::to_string));
    push(returns.max, "MAX", numbers.last().map(ToString::to_string));
    push(returns.count, "COUNT", Some(numbers.len().to_string()));
    let all = Some(ranges_text(numbers.iter().copied())).filter(|all| !all.is_empty());
    push(returns.all, "ALL", all);
    let partial = returns.partial.map(|(near, far)| {
        let page = Some(ranges_text(page(numbers, near, far).iter().copied()))
            .filter(|page| !page.is_empty());
        format!("({near}:{far} {})", page.as_deref().unwrap_or("NIL"))
    });
    push(true, "PARTIAL", partial);
    push(true, "MODSEQ", mod_seq.map(|mod_seq| mod_seq.to_string()));
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

pub(super) fn asks_mod_seq(key: &SearchKey<'_>) -> bool {
    match key {
        SearchKey::ModSequence { .. } => true,
        SearchKey::And(keys) => keys.as_ref().iter().any(asks_mod_seq),
        SearchKey::Or(a, b) => asks_mod_seq(a) || asks_mod_seq(b),
        SearchKey::Not(key) => asks_mod_seq(key),
        _ => false,
    }
}
