//! The wire of a real account, which has no server of ours that could tell: out of latchbox's log,
//! which has each line of it at `trace`, and no secrets.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use latchbox_testkit::{Direction, Event};
use log::{LevelFilter, Log, Metadata, Record};

/// Keeps what the log says of the wire.
struct Recorder(Mutex<Vec<Event>>);

static RECORDER: Recorder = Recorder(Mutex::new(Vec::new()));

/// Begins to record.
pub(crate) fn record() -> Result<(), log::SetLoggerError> {
    log::set_logger(&RECORDER)?;
    log::set_max_level(LevelFilter::Trace);
    Ok(())
}

/// What was recorded since the last call.
pub(crate) fn recorded() -> Vec<Event> {
    let mut events = RECORDER.0.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *events)
}

impl Log for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("latchbox")
    }

    fn log(&self, record: &Record<'_>) {
        let at = Instant::now();
        let text = record.args().to_string();
        let (direction, line) = match (text.strip_prefix("C: "), text.strip_prefix("S: ")) {
            (Some(line), _) => (Direction::Client, line),
            (_, Some(line)) => (Direction::Server, line),
            _ => return,
        };
        if self.enabled(record.metadata()) {
            let mut events = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            events.push(Event {
                at,
                connection: 1,
                direction,
                line: line.replace("\\\"", "\"").replace("\\\\", "\\"), // these do no harm
            });
        }
    }

    fn flush(&self) {}
}
