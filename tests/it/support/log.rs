//! What the library tells its log, kept for tests that wait for a line of it.

use std::sync::{Condvar, Mutex, Once, PoisonError};
use std::time::Duration;

use log::{Level, LevelFilter, Log, Metadata, Record};

/// How long a line may take to come.
const DEADLINE: Duration = Duration::from_secs(20);

/// What was told at `warn` and above since the process began.
struct Kept {
    lines: Mutex<Vec<String>>,
    changed: Condvar,
    /// Lines with one of these in them make it panic.
    unbearable: Mutex<Vec<&'static str>>,
}

static KEPT: Kept = Kept {
    lines: Mutex::new(Vec::new()),
    changed: Condvar::new(),
    unbearable: Mutex::new(Vec::new()),
};

/// Begins to keep what is told; does so once in a process.
pub(crate) fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&KEPT).unwrap();
        log::set_max_level(LevelFilter::Warn);
    });
}

/// From now on the logger panics at a line with this text in it, which nobody else's may have.
pub(crate) fn panic_at(text: &'static str) {
    KEPT.unbearable.lock().unwrap().push(text);
}

/// The warnings with this text in them, which nobody else's may have.
pub(crate) fn warnings(text: &str) -> Vec<String> {
    let lines = KEPT.lines.lock().unwrap_or_else(PoisonError::into_inner);
    let with = lines.iter().filter(|line| line.contains(text));
    with.cloned().collect()
}

/// Waits until there is a warning with this text in it.
///
/// # Panics
/// When none comes.
#[track_caller]
pub(crate) fn wait_for_warning(text: &str) {
    let lines = KEPT.lines.lock().unwrap();
    let is_missing = |lines: &mut Vec<String>| !lines.iter().any(|line| line.contains(text));
    let waited = KEPT.changed.wait_timeout_while(lines, DEADLINE, is_missing);
    let is_missing = waited.unwrap().1.timed_out();
    assert!(!is_missing, "nothing was told of {text}");
}

impl Log for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{}: {}", record.level(), record.args());
            let unbearable = self.unbearable.lock().unwrap().clone();
            let panics = unbearable.iter().any(|text| line.contains(text));
            self.lines.lock().unwrap().push(line);
            self.changed.notify_all();
            assert!(!panics, "the logger was asked to panic");
        }
    }

    fn flush(&self) {}
}
