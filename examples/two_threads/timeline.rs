//! What two threads did and what went over their one connection, as a table in order of time.

use std::fmt;
use std::time::Instant;

use latchbox_testkit::{Direction, Event};

/// The columns of the table: the time, and one for each thread.
const TIME: usize = 7;
const COLUMN: usize = 43;

/// How many lines of an answer are shown, besides its last.
const BEGINNING: usize = 12;

/// What a thread does with the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is about to ask for it.
    Asks,
    /// It has just got it, with its mailbox selected.
    Holds,
    /// It is about to let it go.
    LetsGo,
}

/// A step, when it was, and whose: 0 or 1.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: Instant,
    pub(crate) thread: usize,
    pub(crate) step: Step,
    pub(crate) mailbox: String,
    /// What the thread has found out, for the last step.
    pub(crate) note: String,
}

/// One run of the two threads.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    titles: [String; 2],
    moments: Vec<Moment>,
    wire: Vec<Event>,
}

impl Timeline {
    /// Puts the threads' moments together with what the server has recorded meanwhile.
    pub(crate) fn new(titles: [String; 2], mut moments: Vec<Moment>, wire: Vec<Event>) -> Self {
        moments.sort_by_key(|moment| moment.at);
        Self {
            titles,
            moments,
            wire,
        }
    }

    /// The threads in the order in which they had the connection, and when each let it go.
    fn turns(&self) -> impl Iterator<Item = &Moment> {
        self.moments
            .iter()
            .filter(|moment| moment.step == Step::LetsGo)
    }

    /// Which thread had the connection first.
    pub(crate) fn first(&self) -> Option<usize> {
        self.turns().next().map(|moment| moment.thread)
    }

    /// Whose a line on the wire is.
    ///
    /// A thread writes down that it lets go before it does, and by then it has heard the answers
    /// to all that it sent. The next one sends nothing before that. So each line belongs to the
    /// first thread that lets go after it.
    pub(crate) fn owner(&self, line: &Event) -> Option<usize> {
        let turn = self.turns().find(|turn| line.at <= turn.at);
        turn.map(|turn| turn.thread)
    }

    /// Whether one thread asked while another had not let go.
    pub(crate) fn has_wait(&self) -> bool {
        self.moments.iter().any(|moment| self.waits(moment))
    }

    /// Whether a thread that asks has to wait for another.
    fn waits(&self, asking: &Moment) -> bool {
        let first = self.turns().next();
        asking.step == Step::Asks
            && first.is_some_and(|first| first.thread != asking.thread && asking.at < first.at)
    }

    /// Whether a thread has sent something before it got the lock: the SELECT that it takes.
    fn had_to_select(&self, holding: &Moment) -> bool {
        let is_its = |line: &&Event| self.owner(line) == Some(holding.thread);
        let mut before = self.wire.iter().filter(|line| line.at <= holding.at);
        before.any(|line| is_its(&line) && line.direction == Direction::Client)
    }

    fn words(&self, moment: &Moment) -> String {
        let mailbox = &moment.mailbox;
        match moment.step {
            Step::Asks if self.waits(moment) => format!("asks for {mailbox} and waits"),
            Step::Asks => format!("asks for {mailbox}"),
            Step::Holds if self.had_to_select(moment) => format!("holds {mailbox}"),
            Step::Holds => format!("holds {mailbox}: selected already"),
            Step::LetsGo => format!("lets {mailbox} go: {}", moment.note),
        }
    }

    /// All that happened, in order: when, in which column, and what.
    fn rows(&self) -> Vec<(Instant, usize, String)> {
        let moments = self.moments.iter();
        let mut rows: Vec<_> = moments
            .map(|moment| (moment.at, moment.thread, self.words(moment)))
            .collect();
        for (place, line) in self.wire.iter().enumerate() {
            let text = match line.direction {
                Direction::Client => format!("  C: {}", line.line),
                Direction::Kit => continue,
                Direction::Server => match self.place_in_answer(place) {
                    (before, after) if before < BEGINNING || after == 0 => {
                        format!("  S: {}", line.line)
                    }
                    (BEGINNING, after) => format!("  S: ... and {after} more lines"),
                    _ => continue,
                },
            };
            rows.extend(self.owner(line).map(|thread| (line.at, thread, text)));
        }
        rows.sort_by_key(|(at, ..)| *at);
        rows
    }

    /// How many lines the server has said before this one since the client last spoke, and how
    /// many it says after it until the client speaks again.
    fn place_in_answer(&self, place: usize) -> (usize, usize) {
        let is_server = |line: &&Event| line.direction == Direction::Server;
        let before = self.wire.iter().take(place).rev();
        let after = self.wire.iter().skip(place + 1);
        (
            before.take_while(is_server).count(),
            after.take_while(is_server).count(),
        )
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let [one, other] = &self.titles;
        write_row(f, "ms", one, other)?;
        writeln!(f, "{:-<TIME$}-+-{:-<COLUMN$}-+-{:-<COLUMN$}", "", "", "")?;
        let start = rows.first().map(|(at, ..)| *at);
        for (at, thread, text) in &rows {
            let since = start.map(|start| at.duration_since(start));
            let time = format!("{:.3}", since.unwrap_or_default().as_secs_f64() * 1000.0);
            match thread {
                0 => write_row(f, &time, text, "")?,
                _ => write_row(f, &time, "", text)?,
            }
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, time: &str, one: &str, other: &str) -> fmt::Result {
    let row = format!(
        "{time:>TIME$} | {:COLUMN$} | {}",
        shortened(one),
        shortened(other)
    );
    writeln!(f, "{}", row.trim_end())
}

/// What fits into a column.
fn shortened(text: &str) -> String {
    match text.chars().count() {
        0..=COLUMN => text.to_owned(),
        _ => text.chars().take(COLUMN - 3).chain("...".chars()).collect(),
    }
}
