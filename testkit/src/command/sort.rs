//! SORT and THREAD (RFC 5256), in a simple way: texts are compared in lower case.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::command::search::{Found, esearch, page};
use crate::connection::{Answer, Connection, Outcome, ok};
use crate::grammar::search::{Algorithm, By, Criterion, Search};
use crate::mime::header::{split, unfold, value};
use crate::mime::{address, decode};
use crate::search::Query;
use crate::store::mailbox::Message;
use chrono::DateTime;

/// What messages are sorted and threaded by.
struct Row {
    number: u32,
    uid: u32,
    arrival: i64,
    sent: i64,
    size: usize,
    subject: String,
    from: String,
    to: String,
    cc: String,
    display_from: String,
    display_to: String,
    id: String,
    answers: Option<String>,
    /// The subject says that it answers or forwards another.
    is_answer: bool,
}

impl Connection {
    pub(super) fn sort(&mut self, tag: &str, criteria: &[Criterion], search: &Search) -> Outcome {
        self.say_progress(tag, self.exists())?;
        let mut rows = match self.rows(search) {
            Ok(rows) => rows,
            Err(refusal) => return Ok(refusal),
        };
        rows.sort_by(|one, other| compare(one, other, criteria));
        let numbers: Vec<u32> = rows.iter().map(|row| row.number).collect();
        self.refuse_update(tag, search)?;
        let line = match search.returns {
            Some(returns) => {
                let found = Found {
                    numbers: &numbers,
                    mod_seq: None,
                    is_sorted: true,
                };
                let uids: Vec<u32> = rows.iter().map(|row| row.uid).collect();
                let kept = match returns.partial {
                    Some((near, far)) => page(&uids, near, far),
                    None => &uids,
                };
                self.save(returns.save, kept.iter().copied());
                Some(esearch(tag, search.uid, returns, &found))
                    .filter(|_| !returns.is_saved_alone())
            }
            None => Some(format!("* SORT{}", spaced(&numbers))),
        };
        line.map_or(Ok(()), |line| self.wire.say(&line))?;
        ok("Done")
    }

    pub(super) fn thread(&mut self, tag: &str, algorithm: Algorithm, search: &Search) -> Outcome {
        self.say_progress(tag, self.exists())?;
        let mut rows = match self.rows(search) {
            Ok(rows) => rows,
            Err(refusal) => return Ok(refusal),
        };
        rows.sort_by_key(|row| row.sent);
        let threads = match algorithm {
            Algorithm::OrderedSubject => by_subject(&rows),
            Algorithm::References | Algorithm::Refs => by_references(&rows, algorithm),
        };
        let space = if threads.is_empty() { "" } else { " " };
        self.wire.say(&format!("* THREAD{space}{threads}"))?;
        ok("Done")
    }

    fn rows(&mut self, search: &Search) -> Result<Vec<Row>, Answer> {
        if search.is_of_unknown_charset {
            let text = "[BADCHARSET (UTF-8 US-ASCII)] This charset is not known";
            return Err(Answer::No(text.to_owned()));
        }
        let uid = search.uid;
        let limit = self.message_limit();
        let rows = self.selected(|view, mailbox| {
            let mailbox = view.shown(mailbox);
            let query = Query::new(&search.keys, view, mailbox);
            let (found, limited) = query.found(view, mailbox, limit);
            if let Some(limited) = limited {
                return Err(limited.refusal());
            }
            let rows = found.into_iter();
            let row = |(seq, message): (u32, &Message)| {
                Row::new(if uid { message.uid } else { seq }, message)
            };
            Ok(rows.map(row).collect())
        });
        rows.unwrap_or_else(|| Err(Answer::No("The mailbox has gone".to_owned())))
    }
}

impl Row {
    fn new(number: u32, message: &Message) -> Self {
        let header = split(&message.bytes).0;
        let text = |name: &str| decode::words(&unfold(&value(header, name).unwrap_or_default()));
        let sent = DateTime::parse_from_rfc2822(&text("Date")).ok();
        let arrival = message.internal_date.timestamp();
        let references = format!("{} {}", text("In-Reply-To"), text("References"));
        Self {
            number,
            uid: message.uid,
            arrival,
            sent: sent.map_or(arrival, |date| date.timestamp()),
            size: message.bytes.len(),
            is_answer: base(&text("Subject")) != text("Subject").trim().to_lowercase(),
            subject: base(&text("Subject")),
            from: mailbox(header, "From"),
            to: mailbox(header, "To"),
            cc: mailbox(header, "Cc"),
            display_from: display(header, "From"),
            display_to: display(header, "To"),
            id: text("Message-ID"),
            answers: references.split_whitespace().last().map(str::to_owned),
        }
    }
}

fn base(subject: &str) -> String {
    let mut rest = subject.trim().to_lowercase();
    while let Some(shorter) = ["re:", "fw:", "fwd:"]
        .iter()
        .find_map(|p| rest.strip_prefix(p))
    {
        rest = shorter.trim().to_owned();
    }
    rest
}

fn first(header: &[u8], name: &str) -> Option<address::Address> {
    let list = value(header, name)?;
    address::parse(&unfold(&list)).into_iter().next()
}

fn mailbox(header: &[u8], name: &str) -> String {
    let mailbox = first(header, name).and_then(|address| address.mailbox);
    String::from_utf8_lossy(&mailbox.unwrap_or_default()).to_lowercase()
}

fn display(header: &[u8], name: &str) -> String {
    let Some(address) = first(header, name) else {
        return String::new();
    };
    let text = match address.name {
        Some(name) => decode::words(&name),
        None => {
            let part = |part: Option<Vec<u8>>| decode::words(&part.unwrap_or_default());
            format!("{}@{}", part(address.mailbox), part(address.host))
        }
    };
    text.to_lowercase()
}

fn compare(one: &Row, other: &Row, criteria: &[Criterion]) -> Ordering {
    let order = |criterion: &Criterion| {
        let order = match criterion.by {
            By::Arrival => one.arrival.cmp(&other.arrival),
            By::Date => one.sent.cmp(&other.sent),
            By::Size => one.size.cmp(&other.size),
            By::Subject => one.subject.cmp(&other.subject),
            By::From => one.from.cmp(&other.from),
            By::To => one.to.cmp(&other.to),
            By::Cc => one.cc.cmp(&other.cc),
            By::DisplayFrom => one.display_from.cmp(&other.display_from),
            By::DisplayTo => one.display_to.cmp(&other.display_to),
        };
        if criterion.reverse {
            order.reverse()
        } else {
            order
        }
    };
    let orders = criteria.iter().map(order);
    orders
        .fold(Ordering::Equal, Ordering::then)
        .then(one.number.cmp(&other.number))
}

/// All messages of one subject hang on the first of them.
fn by_subject(rows: &[Row]) -> String {
    let mut threads: Vec<(&str, Vec<u32>)> = Vec::new();
    for row in rows {
        match threads
            .iter_mut()
            .find(|(subject, _)| *subject == row.subject)
        {
            Some((_, numbers)) => numbers.push(row.number),
            None => threads.push((&row.subject, vec![row.number])),
        }
    }
    let written = threads.iter().map(|(_, numbers)| match numbers.as_slice() {
        [first, rest @ ..] if rest.len() > 1 => {
            let rest: String = rest.iter().map(|number| format!("({number})")).collect();
            format!("({first} {rest})")
        }
        few => format!("({})", join(few)),
    });
    written.collect()
}

fn join(numbers: &[u32]) -> String {
    let words: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    words.join(" ")
}

fn spaced(numbers: &[u32]) -> String {
    numbers.iter().map(|number| format!(" {number}")).collect()
}

/// Each message hangs on the last one that it refers to, if that was found. With REFERENCES, threads of
/// one subject become one, and all are in the order of their first messages; with REFS they are in the
/// order of their latest ones.
fn by_references(rows: &[Row], algorithm: Algorithm) -> String {
    let mut ids: HashMap<&str, u32> = HashMap::new();
    for row in rows {
        // Of several messages with one identifier the first has it.
        ids.entry(&row.id).or_insert(row.number);
    }
    let mut threads = Threads::default();
    for row in rows {
        let parent = row.answers.as_deref().and_then(|id| ids.get(id));
        match parent.filter(|parent| **parent != row.number) {
            Some(parent) => threads.answers.entry(*parent).or_default().push(row.number),
            None => threads.roots.push(row),
        }
    }
    match algorithm {
        Algorithm::Refs => {
            let sent: HashMap<u32, i64> = rows.iter().map(|row| (row.number, row.sent)).collect();
            let answers = &threads.answers;
            let roots = &mut threads.roots;
            roots.sort_by_key(|root| latest(root.number, answers, &sent));
            let roots = threads.roots.iter().map(|root| vec![*root]);
            threads.written(roots)
        }
        _ => threads.written(by_base_subject(&threads.roots).into_iter()),
    }
}

/// Threads while they are put together.
#[derive(Default)]
struct Threads<'a> {
    roots: Vec<&'a Row>,
    /// What hangs on a message.
    answers: HashMap<u32, Vec<u32>>,
}

impl Threads<'_> {
    /// The threads; several roots are one thread whose first message is missing, unless all but one are
    /// answers to that one.
    fn written<'r>(&self, threads: impl Iterator<Item = Vec<&'r Row>>) -> String {
        let written = threads.map(|roots| {
            let first = roots.iter().position(|root| !root.is_answer);
            let others = roots.iter().filter(|root| root.is_answer).count();
            let mut answers = self.answers.clone();
            let mut text = "(".to_owned();
            match (roots.as_slice(), first) {
                ([root], _) => tree(root.number, &answers, &mut text),
                (roots, Some(first)) if others + 1 == roots.len() => {
                    let root = roots.get(first).map_or(0, |root| root.number);
                    let more = roots.iter().filter(|root| root.is_answer);
                    answers
                        .entry(root)
                        .or_default()
                        .extend(more.map(|root| root.number));
                    tree(root, &answers, &mut text);
                }
                (roots, _) => {
                    for root in roots {
                        text.push('(');
                        tree(root.number, &answers, &mut text);
                        text.push(')');
                    }
                }
            }
            text + ")"
        });
        written.collect()
    }
}

/// The roots that have one subject, in the order of the first of them (RFC 5256, step 5).
fn by_base_subject<'a>(roots: &[&'a Row]) -> Vec<Vec<&'a Row>> {
    let mut threads: Vec<Vec<&Row>> = Vec::new();
    for root in roots {
        let is_same = |thread: &&mut Vec<&Row>| {
            let first = thread.first();
            !root.subject.is_empty() && first.is_some_and(|first| first.subject == root.subject)
        };
        match threads.iter_mut().find(is_same) {
            Some(thread) => thread.push(root),
            None => threads.push(vec![root]),
        }
    }
    threads
}

/// When the latest message of a thread was sent.
fn latest(root: u32, answers: &HashMap<u32, Vec<u32>>, sent: &HashMap<u32, i64>) -> Option<i64> {
    let below = answers.get(&root).into_iter().flatten();
    let below = below.filter_map(|answer| latest(*answer, answers, sent));
    below.chain(sent.get(&root).copied()).max()
}

fn tree(number: u32, answers: &HashMap<u32, Vec<u32>>, text: &mut String) {
    text.push_str(&number.to_string());
    match answers.get(&number).map(Vec::as_slice) {
        None | Some([]) => {}
        Some([only]) => {
            text.push(' ');
            tree(*only, answers, text);
        }
        Some(several) => {
            text.push(' ');
            for one in several {
                text.push('(');
                tree(*one, answers, text);
                text.push(')');
            }
        }
    }
}
