//! What runs have come to, in counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

use latchbox::Error;
use latchbox::error::{CloseReason, ConnectErrorKind, LockError};

/// The counts of all runs of a test.
#[derive(Default)]
pub(super) struct Figures {
    rows: Mutex<BTreeMap<String, Row>>,
}

#[derive(Default)]
struct Row {
    runs: u64,
    /// The fault happened before the session was over.
    harmed: u64,
    whole: u64,
    errors: BTreeMap<&'static str, u64>,
    possible: u64,
    none: u64,
}

/// What one run has come to.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) was_harmed: bool,
    /// The first error, and whether what met it may have taken effect.
    pub(super) error: Option<(&'static str, bool)>,
}

impl Figures {
    pub(super) fn count(&self, row: String, outcome: &Outcome) {
        let mut rows = self.rows.lock().unwrap();
        let row = rows.entry(row).or_default();
        row.runs += 1;
        row.harmed += u64::from(outcome.was_harmed);
        match outcome.error {
            None => row.whole += 1,
            Some((kind, may_have_taken_effect)) => {
                *row.errors.entry(kind).or_default() += 1;
                match may_have_taken_effect {
                    true => row.possible += 1,
                    false => row.none += 1,
                }
            }
        }
    }

    /// How many runs there were, and how many met their fault.
    pub(super) fn runs(&self) -> (u64, u64) {
        let rows = self.rows.lock().unwrap();
        let sum = |(runs, harmed), row: &Row| (runs + row.runs, harmed + row.harmed);
        rows.values().fold((0, 0), sum)
    }

    /// A line for each kind of run over that.
    pub(super) fn table(&self, over: &str) -> String {
        let mut table = String::new();
        let rows = self.rows.lock().unwrap();
        for (name, row) in rows.iter().filter(|(name, _)| name.contains(over)) {
            let errors: Vec<String> = (row.errors.iter())
                .map(|(kind, count)| format!("{kind} {count}"))
                .collect();
            let _ = writeln!(
                table,
                "{name}: {} runs, {} harmed; {} whole; may have taken effect {}, has not {}; {}",
                row.runs,
                row.harmed,
                row.whole,
                row.possible,
                row.none,
                errors.join(", ")
            );
        }
        table
    }
}

/// What kind of an error that is; none that a broken connection can cause.
pub(super) fn kind(error: &Error) -> Option<&'static str> {
    let closed = |reason: &CloseReason| match reason {
        CloseReason::Eof => Some("closed: end"),
        CloseReason::Io(_) => Some("closed: broken"),
        CloseReason::Timeout(..) => Some("closed: timeout"),
        CloseReason::Bye { .. } => Some("closed: BYE"),
        _ => None,
    };
    match error {
        Error::Closed(error) => closed(error.reason()),
        Error::Truncated(error) => match error.closed().reason() {
            CloseReason::Eof | CloseReason::Io(_) => Some("truncated: end"),
            CloseReason::Timeout(..) => Some("truncated: timeout"),
            _ => None,
        },
        Error::Unfinished(unfinished) => match kind(unfinished.cause())? {
            kind if kind.ends_with("timeout") => Some("unfinished: timeout"),
            _ => Some("unfinished: end"),
        },
        Error::Lock(error) => match **error {
            LockError::Timeout { .. } => Some("lock: timeout"),
            _ => None,
        },
        Error::Connect(error) => match error.kind() {
            ConnectErrorKind::Tcp(_) => Some("connect: TCP"),
            ConnectErrorKind::Tls(_) => Some("connect: TLS"),
            ConnectErrorKind::StartTls(_) => Some("connect: STARTTLS"),
            ConnectErrorKind::Timeout(_) => Some("connect: timeout"),
            ConnectErrorKind::Closed(reason) => match closed(reason)? {
                "closed: timeout" => Some("connect: timeout"),
                _ => Some("connect: end"),
            },
            _ => None,
        },
        _ => None,
    }
}
