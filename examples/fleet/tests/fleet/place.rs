//! A database for one test.

use std::thread;
use std::time::{Duration, Instant};

/// How long something may take that has to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A database with the tables, which the test looks into beside the workers.
pub(crate) trait Place {
    /// What `FLEET_DATABASE` is for it.
    fn url(&self) -> String;

    fn execute(&self, sql: &str);

    /// The rows of a query as text.
    fn rows(&self, sql: &str) -> Vec<Vec<String>>;

    /// The triggers of [`keep_history`].
    fn history_sql(&self) -> &'static str;

    /// Statements after which the checkpoint `refused` cannot be stored.
    fn refusal_sql(&self) -> &'static str;

    /// Waits until a worker is about to store a change.
    fn wait_for_a_write(&self);

    /// Closes the connections of all workers, if it has such, while one of them stores a change.
    fn disconnect_workers(&self) {}

    fn number(&self, sql: &str) -> i64 {
        self.rows(sql)[0][0].parse().unwrap()
    }

    /// Waits until the number that a query returns is as high as this.
    #[track_caller]
    fn wait_for(&self, sql: &str, number: i64) {
        let waited = self.waits_for(sql, number, PATIENCE);
        assert!(waited, "{sql} is {} and not {number}", self.number(sql));
    }

    fn waits_for(&self, sql: &str, number: i64, patience: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if self.number(sql) >= number {
                return true;
            }
            if begun.elapsed() > patience {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Adds a history to the database: each change of a lease, with whether the worker of before was alive; and what must
/// not be. To store a checkpoint takes some time, so that workers are killed meanwhile. The index that keeps a message from being there twice is dropped, so that it would be seen.
pub(crate) fn keep_history(place: &dyn Place) {
    place.execute("DROP INDEX message_once");
    place.execute(
        "CREATE TABLE lease_history (
            id INTEGER, account INTEGER, worker INTEGER, fence INTEGER,
            worker_before INTEGER, fence_before INTEGER, alive_before INTEGER
        )",
    );
    place.execute("CREATE TABLE violation (what TEXT)");
    place.execute(place.history_sql());
}

/// The history has nothing in it that must not be. Returns how many leases there were.
#[track_caller]
pub(crate) fn check_history(place: &dyn Place) -> usize {
    let violations = place.rows("SELECT what FROM violation");
    assert!(violations.is_empty(), "{violations:?}");
    let leases = place.rows(
        "SELECT account, worker, fence, worker_before, fence_before, alive_before
         FROM lease_history WHERE worker IS NOT NULL ORDER BY id",
    );
    let mut fences = std::collections::BTreeMap::new();
    for lease in &leases {
        let number = |column: usize| lease[column].parse::<i64>().unwrap();
        assert_eq!(number(5), 0, "taken from a living worker: {lease:?}");
        assert_eq!(number(2), number(4) + 1, "the fence: {lease:?}");
        let before = fences.insert(number(0), number(2));
        assert!(
            before < Some(number(2)),
            "the fence after {before:?}: {lease:?}"
        );
    }
    let fell = place.number(
        "SELECT count(*) FROM (
            SELECT fence, lag(fence) OVER (PARTITION BY account ORDER BY id) AS before FROM message
        ) AS pairs WHERE fence < before",
    );
    assert_eq!(fell, 0, "messages under a lower fence than those before");
    leases.len()
}
