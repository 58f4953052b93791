//! What the library tells its log, kept for tests that wait for a line of it.

use std::cell::{Cell, RefCell};
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

/// What the logger does on one thread, besides.
type Deed = Box<dyn Fn(Call)>;

/// What the logger was called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Whether it wants to know.
    Enabled,
    /// To be told.
    Log,
}

thread_local! {
    static DEED: RefCell<Option<Deed>> = const { RefCell::new(None) };
    static LINES: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
    static IS_AT_IT: Cell<bool> = const { Cell::new(false) };
}

/// On this thread the logger does this, at every level, whenever it is called while `work` runs;
/// except for calls that it causes itself.
pub(crate) fn doing<T>(deed: impl Fn(Call) + 'static, work: impl FnOnce() -> T) -> T {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            DEED.set(None);
        }
    }
    keep();
    log::set_max_level(LevelFilter::Trace);
    DEED.set(Some(Box::new(deed)));
    let _reset = Reset;
    work()
}

/// What is logged on this thread at `debug` and above while `work` runs.
pub(crate) fn lines_of<T>(work: impl FnOnce() -> T) -> (T, Vec<String>) {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            LINES.set(None);
        }
    }
    keep();
    log::set_max_level(LevelFilter::Trace);
    LINES.set(Some(Vec::new()));
    let _reset = Reset;
    let done = work();
    (done, LINES.take().unwrap_or_default())
}

/// Whether this thread's logger does something.
fn do_deed(call: Call) -> bool {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            IS_AT_IT.set(false);
        }
    }
    if IS_AT_IT.replace(true) {
        return false;
    }
    let _reset = Reset;
    DEED.with_borrow(|deed| {
        if let Some(deed) = deed {
            deed(call);
        }
        deed.is_some()
    })
}

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
        let is_debug = metadata.level() <= Level::Debug;
        do_deed(Call::Enabled)
            || metadata.level() <= Level::Warn
            || (is_debug && LINES.with_borrow(Option::is_some))
    }

    fn log(&self, record: &Record<'_>) {
        do_deed(Call::Log);
        if record.metadata().level() <= Level::Debug {
            LINES.with_borrow_mut(|lines| {
                let line = || format!("{}: {}", record.level(), record.args());
                lines.iter_mut().for_each(|lines| lines.push(line()));
            });
        }
        if record.metadata().level() <= Level::Warn {
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
